"""Which province of a country a name or a short code means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from wave_pms_sync.mapping.places.naming import plain, writings
from wave_pms_sync.mapping.places.tables import LANGUAGES, aliases, names, retired


def present(code: str) -> str:
    """The present code of a province whose code was changed (`IN-OD` for `IN-OR`); any other as it is."""
    return retired().get(code) or code


def named(text: str, country: str, language: str) -> frozenset[str]:
    """The codes of the provinces of a country that a text names: none, one, or several of the same name.

    Tried in this order: names in the language; in English; other names; names in any language; names of provinces that
    are no more; the code, with the country or without.

    Args:
        text: A name or code.
        country: The alpha-2 code.
        language: One of `tables.LANGUAGES`.
    """
    for index in _indices(country, language):
        for form in writings(text):
            if form in index:
                return index[form]
    code = text.strip().upper().removeprefix(f"{country}-")
    full = present(f"{country}-{code}")
    return frozenset({full}) if full in names("en") else frozenset()


@cache
def name_of(code: str, language: str) -> str | None:
    """The name of a province in a language, else in English.

    None if it has no name, or shares it with another province of its country, so that it could not be found again.
    """
    found = _in(language).get(code)
    return found[0] if found and named(found[0], code[:2], language) == {code} else None


@cache
def _in(language: str) -> Mapping[str, tuple[str, ...]]:
    """The names by code in a language; a province that has none there has its English ones."""
    return {**names("en"), **names(language)}


@cache
def _indices(country: str, language: str) -> tuple[Mapping[str, frozenset[str]], ...]:
    """The codes by plain name, one table after the other."""
    every = [names(other) for other in LANGUAGES]
    current = [[_in(language)], [names("en")], [aliases()], every]
    return (*(_index(country, tables, gone=False) for tables in current), _index(country, every, gone=True))


def _index(country: str, tables: list[Mapping[str, tuple[str, ...]]], *, gone: bool) -> Mapping[str, frozenset[str]]:
    """The codes by plain name of the provinces that are no more, or of the others."""
    index: dict[str, frozenset[str]] = {}
    for code, found in (row for table in tables for row in table.items()):
        if code.startswith(f"{country}-") and (code in retired()) == gone:
            for form in map(plain, found):
                index[form] = index.get(form, frozenset()) | {code}
    return index
