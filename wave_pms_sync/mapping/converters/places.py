"""Province and country together, so that the name of a province is looked up within its country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.converters.countries import (
    CountryAlpha2,
    CountryAlpha3,
    CountryName,
    CountryNumeric,
    country_key,
)
from wave_pms_sync.mapping.converters.kept import kept, not_among, refuse
from wave_pms_sync.mapping.converters.provinces import ProvinceCode, ProvinceName, ProvinceShort, within
from wave_pms_sync.mapping.places.tables import LANGUAGES

_COUNTRY_CODES: Mapping[str, CountryAlpha2 | CountryAlpha3 | CountryNumeric] = {
    "alpha2": CountryAlpha2(),
    "alpha3": CountryAlpha3(),
    "numeric": CountryNumeric(),
}
_COUNTRY_FORMS = (*_COUNTRY_CODES, "name")
_PROVINCE_FORMS = ("name", "code", "short")


@frozen(kw_only=True)
class Place:
    """Province and country together: codes in Wave, each code or name in the PMS; in this order on both sides.

    A province name is looked up within its country. Either may be empty, but a province needs its country.

    Attributes:
        province: How the PMS says the province: `"name"`, `"code"` (`CA-ON`) or `"short"` (`ON`).
        country: How it says the country: `"alpha2"`, `"alpha3"`, `"numeric"` or `"name"`.
        language: The language of names, a BCP 47 tag, one of `wave_pms_sync.mapping.places.tables.LANGUAGES`.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (2, 2)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "how province and country are written, and retired codes of provinces that go on"

    province: str = "name"
    country: str = "alpha2"
    language: str = "en"

    def __attrs_post_init__(self) -> None:
        refuse(
            not_among("province", self.province, _PROVINCE_FORMS)
            + not_among("country", self.country, _COUNTRY_FORMS)
            + not_among("language", self.language, LANGUAGES)
        )

    def read(self, wire: object) -> object:
        """The codes of province and country."""
        province, country = _parts(wire)
        if country is None:
            return self._codes((province, None))
        code = str(self._country().read(country))
        return self._codes((None if province is None else self._province(code).read(province), code))

    def write(self, ours: object, old: object = None) -> object:
        """Province and country as the PMS says them; each as it is written there if it means the same."""
        province, country = self._codes(ours)
        old_province, old_country = (None, None) if old is None else _parts(old)
        if country is None:
            return None, None
        said = None if province is None else self._province(country).write(province, old_province)
        return said, self._country().write(country, old_country)

    def key(self, ours: object) -> object:
        """The present codes."""
        return list(self._codes(ours))

    def adapt(self, ours: object, old: object) -> object:
        """The codes; those that Wave shows if they mean the same place."""
        return kept(self.key, old, self.key(ours), ours)

    def _codes(self, ours: object) -> tuple[str | None, str | None]:
        """The present codes of a place in our shape."""
        province, country = _parts(ours)
        if country is None:
            if province is not None:
                raise ConversionError("is a province without a country")
            return None, None
        code = country_key(country)
        return (None if province is None else within(code, province)), code

    def _country(self) -> CountryAlpha2 | CountryAlpha3 | CountryNumeric | CountryName:
        return CountryName(language=self.language) if self.country == "name" else _COUNTRY_CODES[self.country]

    def _province(self, country: str) -> ProvinceName | ProvinceCode | ProvinceShort:
        """The pair for the provinces of a country."""
        if self.province == "name":
            return ProvinceName(country=country, language=self.language)
        return ProvinceShort(country=country) if self.province == "short" else ProvinceCode()


def _parts(value: object) -> tuple[object, object]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ConversionError("is not a province and a country")
    return value[0], value[1]
