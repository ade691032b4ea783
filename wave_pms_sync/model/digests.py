"""Digests: how values are recognised without being kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from wave_pms_sync.model.fields import MISSING, Cell


def _plain(value: object) -> object:
    return {"missing": True} if value is MISSING else str(value)


_ENCODER: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain)


def canonical(value: object) -> str:
    """The JSON text of a JSON-like value (MISSING, dates and enums allowed): equal values have equal texts.

    Args:
        value: Mappings are taken without their order; tuples and lists are alike.
    """
    return _ENCODER.encode(value)


def digest(value: object, salt: str = "") -> str:
    """Return a stable hex digest of the canonical text of a value, 32 characters long.

    Args:
        value: As for `canonical`.
        salt: Makes digests of short values useless elsewhere.
    """
    return blake2b(canonical(value).encode(), digest_size=16, key=salt.encode()[:64]).hexdigest()


class TextDigest:
    """The digest of a canonical text that comes in pieces."""

    def __init__(self) -> None:
        self._found = blake2b(digest_size=16)

    def add(self, piece: str) -> None:
        """Go on with this piece."""
        self._found.update(piece.encode())

    def __str__(self) -> str:
        return self._found.hexdigest()


def digest_of_texts(texts: Iterable[str], salt: str = "") -> str:
    """What `digest` gives for a list of these texts; quicker."""
    written = ",".join(map(_ENCODER.encode, texts))
    return blake2b(f"[{written}]".encode(), digest_size=16, key=salt.encode()[:64]).hexdigest()


def cell_digest(cell: Cell, salt: str) -> str:
    """Recognises what a cell shows as far as comparison goes: its form if it can be converted, else its raw value."""
    return digest(["fault", cell.raw] if cell.fault is not None else ["key", cell.key], salt)
