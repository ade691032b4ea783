"""Epochs: seconds or milliseconds since the beginning of 1970 in UTC, leap seconds not counted."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fractions import Fraction

MICROSECONDS: Mapping[str, int] = MappingProxyType({"epoch_s": 1_000_000, "epoch_ms": 1_000})
"""The forms, and how long their unit is."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_STEPS: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}
_TEXT: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,30})?", re.ASCII)


def from_epoch(wire: object, form: str) -> datetime:
    """Read a count of units: a number, whole or broken, or its text. What is finer than a microsecond is cut.

    Returns:
        The moment in UTC.

    Raises:
        ValueError: It is no number; the reason does not quote it.
        OverflowError: It lies outside the years 1 to 9999.
    """
    return _EPOCH + timedelta(microseconds=math.floor(_number(wire) * MICROSECONDS[form]))


def _number(wire: object) -> int | Fraction:
    if isinstance(wire, int) and not isinstance(wire, bool):
        return wire
    from fractions import Fraction

    if isinstance(wire, float) and math.isfinite(wire):
        return Fraction(repr(wire))  # the digits that were sent, not the binary fraction nearest to them
    if isinstance(wire, str) and _TEXT.fullmatch(wire.strip()):
        return Fraction(wire.strip())
    raise ValueError("is not a number of units since 1970")


def to_epoch(moment: datetime, form: str, precision: str, *, as_text: bool) -> str | int | float:
    """Count the units up to a moment, cut to the precision: a whole number if the unit is no coarser than that.

    Raises:
        ValueError: A float cannot keep the digits (microseconds after the year 2255 or so).
    """
    unit, step = MICROSECONDS[form], _STEPS[precision]
    count = (moment - _EPOCH) // timedelta(microseconds=step)
    if step >= unit:
        whole = count * (step // unit)
        return str(whole) if as_text else whole
    from decimal import Decimal
    from fractions import Fraction

    text = format(Decimal(count).scaleb(1 - len(str(unit // step))), "f")
    if as_text:
        return text
    if Fraction(repr(float(text))) != Fraction(text):
        raise ValueError("has more digits than a float keeps")
    return float(text)
