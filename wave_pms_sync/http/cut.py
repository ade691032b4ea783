"""Cutting the rows of a list out of a JSON text without decoding them; pure.

Decoding is most of what reading a listing costs, and most rows are, character for character, what they were the last
time. So the rows are told apart by text alone, and each is decoded only if somebody wants to know what it says.

That is sound because a quote within a JSON text is always escaped: what lies between two rows (`},{"id":`) cannot stand
within a value. It can stand within a row, where a list of objects lies in it; then a piece is no JSON by itself. So
whoever decodes a piece that is none must fall back to decoding the whole, and a piece that was decoded once is a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from attrs import frozen

_DECODER = json.JSONDecoder()


@frozen
class Cut:
    """A list answer taken apart.

    Attributes:
        begin: What each row begins with, up to its first value.
        rows: The text of each row, without that and without its last bracket.
        rest: The text without its rows: the list is empty there.
    """

    begin: bytes
    rows: Sequence[bytes]
    rest: bytes

    def whole(self, row: bytes) -> bytes:
        """A row as it stands in the list."""
        return self.begin + row + b"}"

    def marks(self, reading: bytes) -> list[str]:
        """A mark for each row, told by its text alone.

        Args:
            reading: How rows are read; another reading makes other marks of the same text.
        """
        begin = reading + self.begin
        return [sha256(begin + row).hexdigest()[:32] for row in self.rows]


def cut(body: bytes, name: str) -> Cut | None:
    """Take the rows out of the first list of this name.

    Args:
        body: JSON in UTF-8.
        name: Under which the list stands; empty: the text is the list itself.

    Returns:
        None if that does not work here: there is no such list, it is empty, or its rows are no objects that all
        begin alike.
    """
    begins = _beginning(name).search(body)
    if begins is None:
        return None
    start, begin = begins.start(1), begins[1]
    between = re.compile(rb"\}\s*,\s*" + re.escape(begin)).search(body, start)
    text = body[start + len(begin) :]
    rows = text.split(between[0]) if between is not None else [text]
    try:
        last, end = _whole(begin + rows[-1])
        json.loads(rest := body[:start] + end)
    except (ValueError, RecursionError):
        return None
    rows[-1] = last[len(begin) : -1]
    return Cut(begin=begin, rows=rows, rest=rest)


@lru_cache(maxsize=64)
def _beginning(name: str) -> re.Pattern[bytes]:
    """Where the list begins, with what its first row begins with up to its first value."""
    place = rb'"%s"\s*:\s*' % re.escape(json.dumps(name, ensure_ascii=False)[1:-1].encode()) if name else rb"\A\s*"
    return re.compile(place + rb'\[\s*(\{\s*"[^"\\]*"\s*:)')


def _whole(text: bytes) -> tuple[bytes, bytes]:
    """The JSON value with which a text begins, and what follows."""
    shown = text.decode()
    _, end = _DECODER.raw_decode(shown)
    return shown[:end].encode(), shown[end:].encode()
