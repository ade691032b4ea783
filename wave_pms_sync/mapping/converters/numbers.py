"""Amounts, whole numbers and truth values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from attrs import frozen

from wave_pms_sync.errors import ConversionError

_BLANKS = re.compile(r"[\s'\u2019]")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+", re.ASCII)
_WHOLE = re.compile(r"0|-?[1-9]\d*", re.ASCII)
_TRUE = frozenset({"1", "true", "yes", "y", "on"})
_FALSE = frozenset({"0", "false", "no", "n", "off"})


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
    if not _PLAIN.fullmatch(plain):
        raise ConversionError("is not a decimal number")
    return Decimal(plain)


def decimal_text(number: Decimal) -> str:
    """The shortest plain writing of a decimal: no exponent, no trailing zeros, no negative zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if number == 0 else text


def _as_float(number: Decimal) -> float:
    wire = float(number)
    if not math.isfinite(wire) or Decimal(repr(wire)) != number:
        raise ConversionError("has more digits than a float keeps")
    return wire


@frozen
class Amount:
    """An amount of money in Wave (`raw`, `value`, `currency`) and a float in the PMS; compared by its value."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "the currency and the minor units"

    def read(self, wire: object) -> object:
        """The number as an amount without a currency."""
        if isinstance(wire, bool) or not isinstance(wire, (int, float)) or not math.isfinite(wire):
            raise ConversionError("is not a number")
        number = Decimal(repr(wire))
        _as_float(number)
        return {"value": decimal_text(number)}

    def write(self, ours: object) -> object:
        """The value as a float."""
        number = self._value(ours)
        return None if number is None else _as_float(number)

    def key(self, ours: object) -> object:
        """The value in its shortest writing."""
        number = self._value(ours)
        return None if number is None else decimal_text(number)

    def _value(self, ours: object) -> Decimal | None:
        if not isinstance(ours, Mapping):
            raise ConversionError("is not an amount of money")
        value = ours.get("value")
        if value is None:
            return None
        if not isinstance(value, str):
            raise ConversionError("is an amount without a value in text")
        return decimal_of(value)


@frozen
class Integer:
    """A whole number in the PMS, its digits in Wave. What a number cannot keep (`0012`) is refused, never changed."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "surrounding blanks"

    def read(self, wire: object) -> object:
        """The digits."""
        if isinstance(wire, bool) or not isinstance(wire, int):
            raise ConversionError("is not a whole number")
        return str(wire)

    def write(self, ours: object) -> object:
        """The number."""
        return int(self._digits(ours))

    def key(self, ours: object) -> object:
        """The digits."""
        return self._digits(ours)

    def _digits(self, ours: object) -> str:
        if isinstance(ours, int) and not isinstance(ours, bool):
            return str(ours)
        digits = ours.strip() if isinstance(ours, str) else ""
        if not _WHOLE.fullmatch(digits):
            raise ConversionError("is not a whole number without leading zeros")
        return digits


@frozen
class Boolean:
    """A truth value, in whatever way the PMS spells it: `true`, `1`, `"1"`, `"yes"`, `"on"` and their opposites."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "how the PMS spells true and false"

    def read(self, wire: object) -> object:
        """True or False."""
        return self._truth(wire)

    def write(self, ours: object) -> object:
        """True or False."""
        return self._truth(ours)

    def key(self, ours: object) -> object:
        """True or False."""
        return self._truth(ours)

    def _truth(self, value: object) -> bool:
        word = str(value).strip().lower() if isinstance(value, (bool, int, str)) else ""
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise ConversionError("is neither yes nor no")
