"""Patterns of `strptime`, for sides that write times in a way of their own."""

from __future__ import annotations

import re
from datetime import datetime, timezone, tzinfo
from typing import Final

_SAMPLE: Final = datetime(2001, 11, 23, 16, 47, 58, 987654, tzinfo=timezone.utc)
_CLOCK: Final = ("hour", "minute", "second", "microsecond")
_OF_THE_MACHINE: Final = re.compile(r"%[cxXZ]")  # its locale and its own zone decide what they mean
_YEAR: Final = re.compile(r"%[YyG]")
_STEPS: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}


def grain_of(pattern: str) -> str | None:
    """The finest that a pattern can say, from `day` to `microsecond`, found by trying it.

    Returns:
        None if it does not give back what it writes, or if it means something else on each machine.
    """
    plain = pattern.replace("%%", "")
    if _OF_THE_MACHINE.search(plain) or not _YEAR.search(plain):
        return None
    try:
        back = _parsed(_SAMPLE.strftime(pattern), pattern).replace(tzinfo=None)
    except (ValueError, re.error):  # an unknown directive, or one that stands there twice
        return None
    return next((grain for grain in ("day", *_CLOCK) if _cut(_SAMPLE, grain) == back), None)


def from_pattern(text: str, pattern: str, zone: tzinfo) -> datetime:
    """Read a text; one that says no offset (`%z`) is in the zone.

    Raises:
        ValueError: It is not written in the pattern; the reason does not quote it.
    """
    found = _parsed(text, pattern)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def to_pattern(local: datetime, pattern: str, grain: str, precision: str) -> str:
    """Write a local time, cut to the precision.

    Raises:
        ValueError: It would be read back as another time (a year of two digits), or not at all.
    """
    step = _STEPS[precision]
    cut = local.replace(microsecond=local.microsecond // step * step)
    text = cut.strftime(pattern)
    if _parsed(text, pattern).replace(tzinfo=None) != _cut(cut, grain):
        raise ValueError("cannot be written in the pattern")
    return text


def _parsed(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007  # its zone is the caller's
    except ValueError:  # its text quotes the value
        raise ValueError("is not written in the pattern") from None


def _cut(moment: datetime, grain: str) -> datetime:
    """The local time down to the grain, without its zone."""
    finer = _CLOCK[_CLOCK.index(grain) + 1 :] if grain in _CLOCK else _CLOCK
    return moment.replace(tzinfo=None, **dict.fromkeys(finer, 0))
