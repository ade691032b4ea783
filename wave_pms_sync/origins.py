"""What the marker in a PMS record says about its origin; the form of a Wave id is only a hint."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence

from wave_pms_sync.model.digests import digest_of_texts
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Seen


def origins_of(shape: Shape, records: Iterable[Seen]) -> dict[str, str]:
    """The Wave id noted in PMS records, by PMS id; records without a marker are left out."""
    if shape.marker is None:
        return {}
    marked = ((seen.id, seen.raws[-1]) for seen in records if seen.raws)
    return {
        record_id: str(raw).strip() for record_id, raw in marked if isinstance(raw, (str, int)) and str(raw).strip()
    }


def index_keys(shape: Shape, side: Side, seen: Seen, names: Sequence[str], account: str) -> tuple[str, ...]:
    """The strong keys of a record as the key index keeps them: `"email:DIGEST"`, never a value.

    Args:
        shape: The mapping.
        side: Whose record.
        seen: What it shows.
        names: The keys wanted; the name is always indexed, too, for it tells doubles.
        account: The identity of the Wave account; its business salts the digests, and outlives a moved URL.
    """
    wanted = tuple(dict.fromkeys((*names, "name")))
    found = shape.keys(side, seen.id, seen.raws or (), wanted)
    salt = account.rpartition("#")[2]
    return tuple(f"{name}:{digest_of_texts((name, value), salt)}" for name, value in found.items())


def belongs(wave_id: str, account: str) -> bool:
    """Whether a Wave id, by its form alone, is of this account's business.

    Source: seen in clients: the base64 of `Business:UUID;Customer:INTEGER`, and `Business:UUID` for a business.

    Args:
        wave_id: The id in question.
        account: The identity of the Wave account, which ends in `#` and the business id.
    """
    business = _decoded(account.rpartition("#")[2])
    return bool(business) and _decoded(wave_id).startswith(f"{business};Customer:")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
