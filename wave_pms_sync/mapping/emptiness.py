"""What counts as no value, and which text no side can be trusted to keep."""

from __future__ import annotations

from collections.abc import Mapping


def emptied(value: object) -> object:
    """The value, or None if it is null, blank or white space only. Everything else stays exactly as written."""
    if isinstance(value, str) and (not value or value.isspace()):
        return None
    return value


def emptied_parts(values: tuple[object, ...]) -> tuple[object, ...] | None:
    """The parts of a value of several paths, each after the emptiness rule; None if all of them are empty."""
    parts = tuple(emptied(value) for value in values)
    return None if all(part is None for part in parts) else parts


def flaw(value: object) -> str | None:
    """Why a text cannot travel: NUL and lone surrogates are lost or refused by databases and JSON parsers.

    Args:
        value: Any JSON value; texts inside objects and lists are looked at, too.

    Returns:
        The reason, without the value; None if there is nothing to say.
    """
    if isinstance(value, str):
        return _text_flaw(value)
    if isinstance(value, Mapping):
        value = (*value.keys(), *value.values())
    if isinstance(value, (tuple, list)):
        return next((found for found in map(flaw, value) if found), None)
    return None


def _text_flaw(text: str) -> str | None:
    if "\0" in text:
        return "holds a NUL character"
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        return "holds a lone surrogate"
    return None
