"""A few names of places and currencies, so that the Wave sandbox can print more than codes.

Source: ISO 3166 and ISO 4217; only Canada and the United States have provinces here, and a country
that is not in the table is called by its code.
"""

from __future__ import annotations

from collections.abc import Mapping

from wave_pms_sync.mapping.places.tables import names

__all__ = ["country_name", "currency_exponent", "currency_of", "province_name", "provinces_of"]

_COUNTRIES: Mapping[str, tuple[str, str]] = {
    "AT": ("Austria", "EUR"),
    "AU": ("Australia", "AUD"),
    "BE": ("Belgium", "EUR"),
    "CA": ("Canada", "CAD"),
    "CH": ("Switzerland", "CHF"),
    "DE": ("Germany", "EUR"),
    "ES": ("Spain", "EUR"),
    "FR": ("France", "EUR"),
    "GB": ("United Kingdom", "GBP"),
    "GR": ("Greece", "EUR"),
    "IE": ("Ireland", "EUR"),
    "IN": ("India", "INR"),
    "IT": ("Italy", "EUR"),
    "JP": ("Japan", "JPY"),
    "MX": ("Mexico", "MXN"),
    "NL": ("Netherlands", "EUR"),
    "NZ": ("New Zealand", "NZD"),
    "US": ("United States", "USD"),
}

_PROVINCES: Mapping[str, str] = {
    "CA-AB": "Alberta",
    "CA-BC": "British Columbia",
    "CA-MB": "Manitoba",
    "CA-NB": "New Brunswick",
    "CA-NL": "Newfoundland and Labrador",
    "CA-NS": "Nova Scotia",
    "CA-NT": "Northwest Territories",
    "CA-NU": "Nunavut",
    "CA-ON": "Ontario",
    "CA-PE": "Prince Edward Island",
    "CA-QC": "Quebec",
    "CA-SK": "Saskatchewan",
    "CA-YT": "Yukon",
    "US-CA": "California",
    "US-FL": "Florida",
    "US-IL": "Illinois",
    "US-MA": "Massachusetts",
    "US-NY": "New York",
    "US-OR": "Oregon",
    "US-TX": "Texas",
    "US-WA": "Washington",
}

_EXPONENTS = dict.fromkeys(("CLP", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0) | dict.fromkeys(
    ("BHD", "JOD", "KWD"), 3
)


def country_name(code: str) -> str:
    """A country's name, or its code."""
    return _COUNTRIES[code][0] if code in _COUNTRIES else names("en").get(code, (code,))[0]


def currency_of(country: str) -> str | None:
    """The code of a country's currency, if the table has it."""
    return _COUNTRIES.get(country, ("", ""))[1] or None


def province_name(code: str) -> str | None:
    """A province's name, if the table has it."""
    return _PROVINCES.get(code)


def provinces_of(country: str) -> dict[str, str]:
    """Name by code of a country's provinces in the table."""
    return {code: name for code, name in _PROVINCES.items() if code.startswith(f"{country}-")}


def currency_exponent(code: str) -> int:
    """How many digits the minor unit has."""
    return _EXPONENTS.get(code, 2)
