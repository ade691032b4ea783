"""Numbers and truth values."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import ClassVar

from attrs import frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.converters.digits import PLAIN, as_float, decimal_text

_WHOLE = re.compile(r"0|-?[1-9]\d*", re.ASCII)
_TRUE = frozenset({"1", "true", "yes", "y", "on"})
_FALSE = frozenset({"0", "false", "no", "n", "off"})


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
        if not PLAIN.fullmatch(digits) or decimal_text(Decimal(digits)) != digits:
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
        if not isinstance(value, str) or not PLAIN.fullmatch(value.strip()):
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
