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
from functools import lru_cache

from attrs import frozen

_DECODER = json.JSONDecoder()


@frozen
class Cut:
    """A list answer taken apart.

    Attributes:
        rows: The text of each row.
        rest: The text without its rows: the list is empty there.
    """

    rows: tuple[bytes, ...]
    rest: bytes


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
    start, mark = begins.start(1), begins[1]
    between = re.compile(rb"\}\s*,\s*" + re.escape(mark)).search(body, start)
    first, *others = body[start:].split(between[0]) if between is not None else [body[start:]]
    pieces = [first, *(mark + piece for piece in others)]
    try:
        last, end = _whole(pieces[-1])
        json.loads(rest := body[:start] + end)
    except (ValueError, RecursionError):
        return None
    return Cut(rows=(*(piece + b"}" for piece in pieces[:-1]), last), rest=rest)


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
