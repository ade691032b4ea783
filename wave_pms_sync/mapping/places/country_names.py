"""Which country a code or a name means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from wave_pms_sync.mapping.places.naming import plain, writings
from wave_pms_sync.mapping.places.tables import Country, aliases, countries, names

_RESERVED = {"UK": "GB", "EL": "GR"}  # Source: ISO 3166-1, exceptionally reserved; the European Union writes them


def by_alpha2(code: str) -> Country | None:
    """The country of a code of two letters in upper case; `UK` is `GB` and `EL` is `GR`."""
    return countries().get(_RESERVED.get(code, code))


def by_alpha3(code: str) -> Country | None:
    """The country of a code of three letters in upper case."""
    return _by_alpha3().get(code)


def by_number(digits: str) -> Country | None:
    """The country of a numeric code of three digits."""
    return _by_number().get(digits)


def by_name(text: str, language: str) -> Country | None:
    """The country that a text names.

    Tried in this order: the codes of two and three letters; names in the language; names in English; other names.

    Args:
        text: A name or code.
        language: One of `tables.LANGUAGES`.
    """
    code = text.strip().upper()
    # The upper case of some other letters is ASCII.
    found = (by_alpha2(code) or by_alpha3(code)) if text.isascii() else None
    if found is not None:
        return found
    index = _index(language)
    return next((countries()[index[form]] for form in writings(text) if form in index), None)


@cache
def _by_alpha3() -> Mapping[str, Country]:
    return MappingProxyType({country.alpha3: country for country in countries().values()})


@cache
def _by_number() -> Mapping[str, Country]:
    return MappingProxyType({country.numeric: country for country in countries().values()})


@cache
def _index(language: str) -> Mapping[str, str]:
    """The code by plain name; what is tried first is kept."""
    index: dict[str, str] = {}
    for table in (names(language), names("en"), aliases()):
        usual = ((code, found[:1]) for code, found in table.items())
        for code, found in (*usual, *table.items()):
            if code in countries():
                _note(index, code, found)
    return MappingProxyType(index)


def _note(index: dict[str, str], code: str, found: Iterable[str]) -> None:
    for name in found:
        index.setdefault(plain(name), code)
