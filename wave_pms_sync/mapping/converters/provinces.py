"""Provinces: a code with its country in Wave (ISO 3166-2); a code or a name in the PMS. Compared by the present code.

A code is taken by its form, because nobody has published which provinces Wave knows; its country must be known.
A retired code (`IN-OR`) of a province that goes on is compared as its successor (`IN-OD`), and each side keeps its own.

What the PMS holds stays as it is written there for as long as it means the same province.
"""

from __future__ import annotations

import re
from typing import ClassVar

from attrs import frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.converters.kept import kept, not_among, refuse, upper_code
from wave_pms_sync.mapping.converters.text import text_of
from wave_pms_sync.mapping.places.province_names import name_of, named, present
from wave_pms_sync.mapping.places.tables import LANGUAGES, countries

_FORM = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_COUNTRY = "a country code of two letters, ISO 3166-1 alpha-2"


def province_key(ours: object) -> str:
    """The present code of a province that Wave shows (ISO 3166-2), in upper case; a retired one as its successor.

    Raises:
        ConversionError: If it does not have the form of such a code, or names no country.
    """
    code = upper_code(ours)
    if not _FORM.fullmatch(code) or code[:2] not in countries():
        raise ConversionError("is not a province code with its country (ISO 3166-2, such as XX-YYY)")
    return present(code)


def within(country: str, ours: object) -> str:
    """The present code of a province of that country.

    Raises:
        ConversionError: If it is not one.
    """
    code = province_key(ours)
    if not code.startswith(f"{country}-"):
        raise ConversionError(f"is not a province of {country}")
    return code


@frozen
class ProvinceCode:
    """A province code with its country on both sides, such as `CA-ON`; a retired code is compared as its successor."""

    version: ClassVar[str] = "2"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "how the code is written, and retired codes of provinces that go on"

    def read(self, wire: object) -> object:
        """The code in upper case."""
        return province_key(wire)

    def write(self, ours: object, old: object = None) -> object:
        """The code in upper case."""
        code = province_key(ours)
        return kept(self.read, old, code, code)

    def key(self, ours: object) -> object:
        """The present code."""
        return province_key(ours)

    def adapt(self, ours: object, old: object) -> object:
        """The code; the one that Wave shows if it means the same province."""
        return kept(self.key, old, province_key(ours), ours)


@frozen(kw_only=True)
class ProvinceShort:
    """A province code in Wave, its part after the country in the PMS, whose customers are all in one country.

    Attributes:
        country: The alpha-2 code of that country.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "how the code is written, and retired codes of provinces that go on"

    country: str

    def __attrs_post_init__(self) -> None:
        refuse(not_among("country", self.country, countries(), _COUNTRY))

    def read(self, wire: object) -> object:
        """The whole code; one that is given whole is taken as well."""
        return within(self.country, f"{self.country}-{upper_code(wire).removeprefix(f'{self.country}-')}")

    def write(self, ours: object, old: object = None) -> object:
        """The code without its country."""
        code = within(self.country, ours)
        return kept(self.read, old, code, code[3:])

    def key(self, ours: object) -> object:
        """The present code."""
        return within(self.country, ours)

    def adapt(self, ours: object, old: object) -> object:
        """The code; the one that Wave shows if it means the same province."""
        return kept(self.key, old, self.key(ours), ours)


@frozen(kw_only=True)
class ProvinceName:
    """A province code in Wave, a name in the PMS, whose customers are all in one country: `Ontario` for `CA-ON`.

    It writes the name in the language, or in English where the language has none. It reads names in any language,
    those of its own first, and codes. A name that two provinces of the country share is refused.

    Attributes:
        country: The alpha-2 code of that country.
        language: A BCP 47 tag, one of `wave_pms_sync.mapping.places.tables.LANGUAGES`.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "which of its names the province is called by, and retired codes of provinces that go on"

    country: str
    language: str = "en"

    def __attrs_post_init__(self) -> None:
        refuse(
            not_among("country", self.country, countries(), _COUNTRY) + not_among("language", self.language, LANGUAGES)
        )

    def read(self, wire: object) -> object:
        """The code."""
        found = named(text_of(wire), self.country, self.language)
        if len(found) > 1:
            raise ConversionError(f"names more than one province of {self.country}")
        if not found:
            raise ConversionError(f"is not a known name of a province of {self.country}")
        return next(iter(found))

    def write(self, ours: object, old: object = None) -> object:
        """The name."""
        code = within(self.country, ours)
        name = name_of(code, self.language)
        if name is None:
            raise ConversionError(f"is a province of {self.country} without a known name of its own")
        return kept(self.read, old, code, name)

    def key(self, ours: object) -> object:
        """The present code."""
        return within(self.country, ours)

    def adapt(self, ours: object, old: object) -> object:
        """The code; the one that Wave shows if it means the same province."""
        return kept(self.key, old, self.key(ours), ours)
