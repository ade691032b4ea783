"""What pairs of places share: parameters that are checked, and a side's own writing that is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converters.text import text_of

_T = TypeVar("_T")


def not_among(parameter: str, value: object, allowed: Collection[str], meaning: str = "") -> list[str]:
    """The fault of a parameter that is none of the words allowed, if it is not.

    Args:
        parameter: Its name.
        value: What is given.
        allowed: The words.
        meaning: What to name instead of the words, if they are many.
    """
    if isinstance(value, str) and value in allowed:
        return []
    return [f"{parameter}: {value!r} is unknown (allowed: {meaning or ', '.join(allowed)})"]


def not_boolean(parameter: str, value: object) -> list[str]:
    """The fault of a parameter that is neither true nor false."""
    return [] if isinstance(value, bool) else [f"{parameter}: {value!r} is no boolean (allowed: true, false)"]


def refuse(faults: Sequence[str]) -> None:
    """Raise the faults of all parameters at once.

    Raises:
        ConfigurationError: If there are any.
    """
    if faults:
        raise ConfigurationError("mapping", faults)


def upper_code(value: object) -> str:
    """A code in upper case without surrounding blanks.

    Raises:
        ConversionError: If it is not text, or not of ASCII letters: the upper case of some others is ASCII.
    """
    text = text_of(value).strip()
    if not text.isascii():
        raise ConversionError("is not a code of letters and digits")
    return text.upper()


def kept(meaning: Callable[[object], object], old: object, meant: object, written: _T) -> object | _T:
    """The old writing if it means the same, else the new one.

    Args:
        meaning: What a writing means.
        old: The old writing, None if there is none.
        meant: What is meant now.
        written: The new writing of it.
    """
    if old is None:
        return written
    try:
        return old if meaning(old) == meant else written
    except ConversionError:  # an old value that cannot be read is no guide for the new one
        return written
