"""Countries: a code of two letters in Wave; a code, a number or a name in the PMS. Compared by Wave's code.

Wave takes the codes of its own list only and refuses a whole customer for another one. Therefore a code that is in no
table is refused here, on either side: it holds its one group, and the rest of the customer is carried.
Source: CountryCode of Wave's published schema has the 249 countries of ISO 3166-1.

What the PMS holds stays as it is written there for as long as it means the same country.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.converters.kept import kept, not_among, not_boolean, refuse, upper_code
from wave_pms_sync.mapping.converters.text import text_of
from wave_pms_sync.mapping.places.country_names import by_alpha2, by_alpha3, by_name, by_number
from wave_pms_sync.mapping.places.tables import LANGUAGES, Country, countries, names


def country_key(ours: object) -> str:
    """The alpha-2 code of a country that Wave shows, in upper case.

    Raises:
        ConversionError: If it is not the code of a country.
    """
    return _found(by_alpha2(upper_code(ours)), "a country code of two letters (ISO 3166-1 alpha-2)")


@frozen
class CountryAlpha2:
    """A country code of two letters on both sides, such as `CA`; `UK` and `EL` are read as `GB` and `GR`."""

    version: ClassVar[str] = "2"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "how the code is written"

    def read(self, wire: object) -> object:
        """The code in upper case."""
        return country_key(wire)

    def write(self, ours: object, old: object = None) -> object:
        """The code in upper case."""
        code = country_key(ours)
        return kept(self.read, old, code, code)

    def key(self, ours: object) -> object:
        """The code in upper case."""
        return country_key(ours)


@frozen
class CountryAlpha3:
    """A country code of two letters in Wave, of three in the PMS: `DEU` for `DE`."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "how the code is written"

    def read(self, wire: object) -> object:
        """The alpha-2 code."""
        return _found(by_alpha3(upper_code(wire)), "a country code of three letters (ISO 3166-1 alpha-3)")

    def write(self, ours: object, old: object = None) -> object:
        """The alpha-3 code."""
        code = country_key(ours)
        return kept(self.read, old, code, countries()[code].alpha3)

    def key(self, ours: object) -> object:
        """The alpha-2 code."""
        return country_key(ours)


@frozen(kw_only=True)
class CountryNumeric:
    """A country code of two letters in Wave, a number in the PMS: `"040"` or 40 for `AT`; either is read.

    Attributes:
        as_number: Whether an integer is written; else a text of three digits.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "how the number is written"

    as_number: bool = False

    def __attrs_post_init__(self) -> None:
        refuse(not_boolean("as_number", self.as_number))

    def read(self, wire: object) -> object:
        """The alpha-2 code."""
        text = str(wire) if isinstance(wire, int) and not isinstance(wire, bool) else text_of(wire).strip()
        return _found(by_number(text.zfill(3)), "a country number (ISO 3166-1 numeric)")

    def write(self, ours: object, old: object = None) -> object:
        """The number."""
        code = country_key(ours)
        digits = countries()[code].numeric
        return kept(self.read, old, code, int(digits) if self.as_number else digits)

    def key(self, ours: object) -> object:
        """The alpha-2 code."""
        return country_key(ours)


@frozen(kw_only=True)
class CountryName:
    """A country code of two letters in Wave, a name in the PMS: `Deutschland` for `DE`.

    It writes the usual name in the language. It reads names in the language and in English, older and official names,
    and codes of two or three letters, without regard to case, accents and punctuation. A part of the United Kingdom
    (`Scotland`) is read as the country that Wave has a code for.

    Attributes:
        language: A BCP 47 tag, one of `wave_pms_sync.mapping.places.tables.LANGUAGES`.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "which of its names the country is called by"

    language: str = "en"

    def __attrs_post_init__(self) -> None:
        refuse(not_among("language", self.language, LANGUAGES))

    def read(self, wire: object) -> object:
        """The alpha-2 code."""
        return _found(by_name(text_of(wire), self.language), f"a known name of a country (language {self.language})")

    def write(self, ours: object, old: object = None) -> object:
        """The usual name in the language."""
        code = country_key(ours)
        return kept(self.read, old, code, names(self.language)[code][0])

    def key(self, ours: object) -> object:
        """The alpha-2 code."""
        return country_key(ours)


def _found(country: Country | None, meaning: str) -> str:
    """The alpha-2 code.

    Raises:
        ConversionError: If there is no country.
    """
    if country is None:
        raise ConversionError(f"is not {meaning}")
    return country.alpha2
