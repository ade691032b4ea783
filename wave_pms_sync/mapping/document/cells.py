"""What a cell of a table says: one path, several, a data type, or nothing."""

from __future__ import annotations

import re
from typing import Final

_NOTHING: Final = frozenset({"", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "n/a"})
_QUOTES: Final = frozenset(
    "\"'\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}"
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
# An escaped letter is never a separator: so does our own document write a comma within a path.
_PIECE: Final = re.compile(r"\\.|,\s+|\+|[^\\,+]+|.", re.DOTALL)


def says_nothing(cell: str) -> bool:
    """Whether a cell is empty, a dash, or `N/A`."""
    return cell.strip().casefold() in _NOTHING


def plain(markup: str) -> str:
    """A text without its markup: a literal as it is, everything else without backslashes."""
    text = markup.strip()
    for mark in ("``", "`"):
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            return text[len(mark) : -len(mark)]
    return _ESCAPED.sub(lambda found: "" if found[1].isspace() else found[1], text)


def paths(cell: str) -> tuple[str, ...]:
    """The paths in a cell, which stand between plus signs or commas with a blank."""
    parts = [""]
    for piece in _PIECE.findall(cell.strip()):
        if piece == "+" or (piece[0] == "," and len(piece) > 1):
            parts.append("")
        else:
            parts[-1] += piece
    return tuple(plain(part) for part in parts)


def data_type(cell: str) -> str:
    """The data type in a cell, without its quotation marks; empty if there is none."""
    name = "" if says_nothing(cell) else plain(cell)
    if len(name) > 1 and name[0] in _QUOTES and name[-1] in _QUOTES:
        return name[1:-1]
    return name
