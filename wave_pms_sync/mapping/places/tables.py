"""The tables of places, each read from the package when it is first asked for.

Source: Unicode CLDR, as said in the head of each file of `data`; its licence lies beside them. `aliases.txt` is ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from attrs import frozen

_LANGUAGES = (
    "ar bg ca cs da de el en es et fi fr ga he hr hu id is it ja ko lt lv mt nb nl nn pl pt ro ru sk sl sr sv "
    "tr uk zh zh-Hant"
)
LANGUAGES = tuple(_LANGUAGES.split())
"""The languages in which places have names, as BCP 47 tags."""


@frozen(kw_only=True)
class Country:
    """The codes of a country. Source: ISO 3166-1.

    Attributes:
        alpha2: Two letters.
        alpha3: Three letters.
        numeric: Three digits, leading zeros included.
    """

    alpha2: str
    alpha3: str
    numeric: str


@cache
def countries() -> Mapping[str, Country]:
    """The countries by alpha-2 code: the 249 of ISO 3166-1, which are those that Wave knows."""
    rows = (Country(alpha2=alpha2, alpha3=alpha3, numeric=numeric) for alpha2, alpha3, numeric in _rows("countries"))
    return MappingProxyType({country.alpha2: country for country in rows})


@cache
def minor_digits() -> Mapping[str, int]:
    """How many digits an amount has after the point, by currency code (ISO 4217), retired ones of Wave included."""
    return MappingProxyType({code: int(digits) for code, digits in _rows("currencies")})


@cache
def retired() -> Mapping[str, str | None]:
    """The retired codes of provinces, each with the present code, or None if the province itself is no more."""
    return MappingProxyType({old: new[0] if new else None for old, *new in _rows("retired")})


@cache
def names(language: str) -> Mapping[str, tuple[str, ...]]:
    """The names by code of country (`DE`) or province (`DE-BY`) in a language: the usual one first.

    All countries have names in every language, all provinces in English. In another language, provinces have names
    where it is spoken officially, in Canada and in the United States, if they differ from the English ones.

    Args:
        language: One of `LANGUAGES`.
    """
    return MappingProxyType({code: tuple(found) for code, *found in _rows(f"names/{language}")})


@cache
def aliases() -> Mapping[str, tuple[str, ...]]:
    """Further names by code, in several languages."""
    return MappingProxyType({code: tuple(found) for code, *found in _rows("aliases", "|")})


def _rows(table: str, parted_by: str = "\t") -> Iterator[list[str]]:
    """The lines of a table without its head."""
    from importlib.resources import files

    text = (files("wave_pms_sync.mapping.places") / "data" / f"{table}.txt").read_text(encoding="utf-8")
    return (line.split(parted_by) for line in text.splitlines() if not line.startswith("#"))
