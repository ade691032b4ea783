"""Numbers and truth values."""

from __future__ import annotations

import math
import re
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
class Float:
    """A number in the PMS, its digits in Wave. What a float cannot give back (`0012`, `12.50`) is refused."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "surrounding blanks"

    def read(self, wire: object) -> object:
        """The digits, without an exponent."""
        if isinstance(wire, bool) or not isinstance(wire, (int, float)) or not math.isfinite(wire):
            raise ConversionError("is not a number")
        number = Decimal(repr(wire))
        as_float(number)
        return decimal_text(number)

    def write(self, ours: object) -> object:
        """The number."""
        return as_float(Decimal(self._digits(ours)))

    def key(self, ours: object) -> object:
        """The digits."""
        return self._digits(ours)

    def _digits(self, ours: object) -> str:
        digits = ours.strip() if isinstance(ours, str) else ""
        if not _PLAIN.fullmatch(digits) or decimal_text(Decimal(digits)) != digits:
            raise ConversionError("is not a number in its shortest writing")
        return digits


@frozen
class DecimalText:
    """A number in text on both sides; compared by its value, carried as written."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)

    def read(self, wire: object) -> object:
        """The text, as written."""
        return self._number(wire)

    def write(self, ours: object) -> object:
        """The text, as written."""
        return self._number(ours)

    def key(self, ours: object) -> object:
        """The shortest writing of the number."""
        return decimal_text(Decimal(self._number(ours).strip()))

    def _number(self, value: object) -> str:
        if not isinstance(value, str) or not _PLAIN.fullmatch(value.strip()):
            raise ConversionError("is not a decimal number in text")
        return value


def truth_of(value: object) -> bool:
    """What a usual spelling of yes or no says: `true`, `1`, `"1"`, `"yes"`, `"y"`, `"on"` and their opposites.

    Raises:
        ConversionError: If it is none.
    """
    word = str(value).strip().lower() if isinstance(value, (bool, int, str)) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ConversionError("is neither yes nor no")


@frozen
class Boolean:
    """A truth value, in whatever way the PMS spells it: `true`, `1`, `"1"`, `"yes"`, `"on"` and their opposites."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "how the PMS spells true and false"

    def read(self, wire: object) -> object:
        """True or False."""
        return truth_of(wire)

    def write(self, ours: object) -> object:
        """True or False."""
        return truth_of(ours)

    def key(self, ours: object) -> object:
        """True or False."""
        return truth_of(ours)
