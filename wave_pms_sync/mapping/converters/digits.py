"""Numbers as they are written: what the converters of numbers and of amounts have in common."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from wave_pms_sync.errors import ConversionError

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
"""A decimal number without separators."""

_BLANKS = re.compile(r"[\s'\u2019]")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+", re.ASCII)


def decimal_of(text: str) -> Decimal:
    """Read a decimal that a program wrote for people, thousands separators and all.

    Where both marks occur the last one is the decimal mark. A lone comma before groups of three digits separates
    thousands; any other lone comma is a decimal mark. A lone point is always a decimal mark.

    Raises:
        ConversionError: If it is no number.
    """
    plain = _BLANKS.sub("", text)
    if "," in plain and "." in plain:
        thousands, mark = (",", ".") if plain.rindex(",") < plain.rindex(".") else (".", ",")
        plain = plain.replace(thousands, "").replace(mark, ".")
    else:
        plain = plain.replace(",", "" if _GROUPED.fullmatch(plain) else ".")
    if not PLAIN.fullmatch(plain):
        raise ConversionError("is not a decimal number")
    return Decimal(plain)


def decimal_text(number: Decimal) -> str:
    """The shortest plain writing of a decimal: no exponent, no trailing zeros, no negative zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if number == 0 else text


def as_float(number: Decimal) -> float:
    """The float that says the same number.

    Raises:
        ConversionError: If none does.
    """
    wire = float(number)
    if not math.isfinite(wire) or Decimal(repr(wire)) != number:
        raise ConversionError("has more digits than a float keeps")
    return wire


def whole_json(number: object) -> int:
    """The value, if it is a whole number that every reader of JSON keeps.

    Raises:
        ConversionError: If it is anything else. Source: RFC 8259, section 6: beyond 2**53 readers round.
    """
    if isinstance(number, bool) or not isinstance(number, int):
        raise ConversionError("is not a whole number")
    if abs(number) >= 2**53:
        raise ConversionError("has more digits than every reader of JSON keeps")
    return number
