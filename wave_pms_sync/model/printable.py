"""Text from elsewhere, made fit for a terminal or a notebook: on one line, of a sane length, without commands.

A name may hold line ends, so that it forges a line of a plan; escape sequences, which a terminal obeys; marks that turn
the direction of writing around, so that something else is read; or a million characters.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_NAME: Final = 120
LONGEST_VALUE: Final = 500
LONGEST_LINE: Final = 5000

_COMMANDS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str, most: int = LONGEST_LINE) -> str:
    """A text on one line: what is no writing is shown as an escape, what is too long is cut and told.

    Args:
        text: Any text.
        most: Characters shown at most.
    """
    shown = _COMMANDS.sub(_escaped, text[:most])
    return shown if len(text) <= most else f"{shown}... ({len(text)} characters)"


def quoted(value: object) -> str:
    """A value as it would be typed, on one line and of a sane length; `(empty)` for None."""
    if value is None:
        return "(empty)"
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"{value[:LONGEST_VALUE]!r}... ({len(value)} characters)"
    return one_line(repr(value))


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
