"""What an answer of an unexpected shape looks like, in words that quote no value of a customer; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Rows that stand under an e-mail address or a number are no properties, and their names are nobody's business here.
_PROPERTY = re.compile(r"[@$_A-Za-z][\w$:.-]{0,39}", re.ASCII)
_NAMED = 8


def outline(value: object) -> str:
    """Its kind, and the names of its properties, at most eight; objects of one kind by name are only counted."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if not isinstance(value, Mapping):
        return "null" if value is None else "a single value"
    if not value:
        return "an empty object"
    if _are_rows(value):
        return f"an object of {len(value)} objects"
    names = [str(name) for name in value if _PROPERTY.fullmatch(str(name))][:_NAMED]
    shown = [f"`{name}`{' (a list)' if isinstance(value[name], list) else ''}" for name in names]
    others = len(value) - len(shown)
    return ", ".join([*shown, *([f"{others} more"] if others else [])])


def _are_rows(value: Mapping[str, object]) -> bool:
    shapes = [frozenset(each) if isinstance(each, Mapping) else None for each in value.values()]
    return len(shapes) > 1 and None not in shapes and len(set(shapes)) == 1
