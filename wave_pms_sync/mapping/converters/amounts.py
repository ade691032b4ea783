"""Amounts of money: as numbers, as decimals in text, and in minor units."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Final

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converters.digits import as_float, decimal_of, decimal_text, whole_json
from wave_pms_sync.mapping.converters.text import text_of

_MOST_PLACES: Final = 20
_BLANKS: Final = re.compile(r"[\s'\u2019]")
_GROUPS: Final = r"[+-]?(?:\d{{1,3}}(?:{other}\d{{3}})+|\d+)(?:{mark}\d+)?"


def _value(ours: object) -> Decimal | None:
    """The value of an amount in Wave's shape.

    Raises:
        ConversionError: If it is no amount.
    """
    if not isinstance(ours, Mapping):
        raise ConversionError("is not an amount of money")
    value = ours.get("value")
    if value is None:
        return None
    if not isinstance(value, str):
        raise ConversionError("is an amount without a value in text")
    return decimal_of(value)


def _key(ours: object) -> str | None:
    number = _value(ours)
    return None if number is None else decimal_text(number)


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
        as_float(number)
        return {"value": decimal_text(number)}

    def write(self, ours: object) -> object:
        """The value as a float."""
        number = _value(ours)
        return None if number is None else as_float(number)

    def key(self, ours: object) -> object:
        """The value in its shortest writing."""
        return _key(ours)


@frozen(kw_only=True)
class DecimalAmount:
    """An amount of money in Wave and decimal text in the PMS (`1234.50`); compared by its value, never rounded.

    Attributes:
        places: How many decimal places are written; an amount that has more is refused. None: as few as it takes.
        mark: The decimal mark of the PMS, `.` or `,`. Where it reads digits in groups, the other one parts them.

    Raises:
        ConfigurationError: With every fault.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "the currency, the minor units, and how the number is written"

    places: int | None = None
    mark: str = "."

    def __attrs_post_init__(self) -> None:
        faults = [] if self.places is None else _places_faults("places", self.places, ", None")
        if self.mark not in (".", ","):
            faults.append(f"mark: {self.mark!r} is no decimal mark (allowed: '.', ',')")
        if faults:
            raise ConfigurationError("mapping", faults)

    def read(self, wire: object) -> object:
        """The number as an amount without a currency."""
        other = "," if self.mark == "." else "."
        plain = _BLANKS.sub("", text_of(wire))
        if not re.fullmatch(_GROUPS.format(other=re.escape(other), mark=re.escape(self.mark)), plain, re.ASCII):
            raise ConversionError("is not a decimal number")
        number = Decimal(plain.replace(other, "").replace(self.mark, "."))
        _placed(number, self.places)
        return {"value": decimal_text(number)}

    def write(self, ours: object) -> object:
        """The value as text, with the PMS's mark and without groups."""
        number = _value(ours)
        return None if number is None else ".".join(_placed(number, self.places)).rstrip(".").replace(".", self.mark)

    def key(self, ours: object) -> object:
        """The value in its shortest writing."""
        return _key(ours)


@frozen(kw_only=True)
class Cents:
    """An amount of money in Wave and a whole number of minor units in the PMS (1234.50 is 123450); never rounded.

    Attributes:
        digits: How many decimal places the minor unit stands for: 2 for cents, 0 for yen, 3 for dinars.

    Raises:
        ConfigurationError: With every fault.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "the currency and how the number is written"

    digits: int = 2

    def __attrs_post_init__(self) -> None:
        faults = _places_faults("digits", self.digits, "")
        if faults:
            raise ConfigurationError("mapping", faults)

    def read(self, wire: object) -> object:
        """The minor units as an amount without a currency."""
        digits = f"{abs(whole_json(wire)):0{self.digits + 1}d}"
        cut = len(digits) - self.digits
        sign = "-" if isinstance(wire, int) and wire < 0 else ""
        return {"value": decimal_text(Decimal(f"{sign}{digits[:cut]}.{digits[cut:]}"))}

    def write(self, ours: object) -> object:
        """The value in minor units."""
        number = _value(ours)
        return None if number is None else _minor_units("".join(_placed(number, self.digits)))

    def key(self, ours: object) -> object:
        """The value in its shortest writing."""
        return _key(ours)


def _placed(number: Decimal, places: int | None) -> tuple[str, str]:
    """What stands before and after the decimal mark, filled up to a number of places.

    Raises:
        ConversionError: If it has more.
    """
    whole, _, rest = decimal_text(number).partition(".")
    if places is not None and len(rest) > places:
        raise ConversionError(f"has more than {places} decimal places")
    return whole, rest.ljust(places or 0, "0")


def _minor_units(digits: str) -> int:
    if len(digits) > 20:  # Python counts long digits slowly, and refuses thousands of them
        raise ConversionError("has more digits than every reader of JSON keeps")
    return whole_json(int(digits))


def _places_faults(name: str, places: object, beside: str) -> list[str]:
    if isinstance(places, int) and not isinstance(places, bool) and 0 <= places <= _MOST_PLACES:
        return []
    return [f"{name}: {places!r} is no count of places (allowed: a whole number from 0 to {_MOST_PLACES}{beside})"]
