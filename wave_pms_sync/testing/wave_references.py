"""What Wave's schema answers about countries, currencies and the user; the least that a client may ask for."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLEnumType, GraphQLFieldResolver

from wave_pms_sync.testing.wave_places import country_name, currency_exponent, currency_of, province_name, provinces_of
from wave_pms_sync.testing.wave_schema import schema
from wave_pms_sync.testing.wave_visit import Facts, Info, admitted

__all__ = ["REFERENCE_RESOLVERS"]


def _members(name: str) -> list[str]:
    kind = schema().type_map[name]
    return list(kind.values) if isinstance(kind, GraphQLEnumType) else []


def _shown(code: str) -> Facts:
    return {"code": code, "name": country_name(code)}


def _countries(_: object, info: Info) -> list[Facts]:
    admitted(info)
    return [_shown(code) for code in _members("CountryCode")]


def _country(_: object, info: Info, code: str) -> Facts:
    admitted(info)
    return _shown(code)


def _currencies(_: object, info: Info) -> list[Facts]:
    admitted(info)
    return [{"code": code} for code in _members("CurrencyCode")]


def _currency(_: object, info: Info, code: str) -> Facts:
    admitted(info)
    return {"code": code}


def _province(_: object, info: Info, code: str) -> Facts | None:
    admitted(info)
    name = province_name(code)
    return None if name is None else {"code": code, "name": name}


def _user(_: object, info: Info) -> Facts:
    admitted(info)
    return {"id": "VXNlcjox", "firstName": "Sand", "lastName": "Box"}


def _application(_: object, info: Info) -> None:
    admitted(info)


def _country_currency(facts: Facts, _: Info) -> Facts | None:
    code = currency_of(str(facts["code"]))
    return None if code is None else {"code": code}


def _country_provinces(facts: Facts, _: Info) -> list[Facts]:
    return [{"code": code, "name": name} for code, name in provinces_of(str(facts["code"])).items()]


def _country_article(facts: Facts, _: Info) -> str:
    return country_name(str(facts["code"]))


def _code(facts: Facts, _: Info) -> object:
    return facts["code"]


def _exponent(facts: Facts, _: Info) -> int:
    return currency_exponent(str(facts["code"]))


REFERENCE_RESOLVERS: Mapping[str, Mapping[str, GraphQLFieldResolver]] = {
    "Query": {
        "countries": _countries,
        "country": _country,
        "currencies": _currencies,
        "currency": _currency,
        "oAuthApplication": _application,
        "province": _province,
        "user": _user,
    },
    "Country": {"nameWithArticle": _country_article, "currency": _country_currency, "provinces": _country_provinces},
    "Currency": {"symbol": _code, "name": _code, "plural": _code, "exponent": _exponent},
}
"""By type and property."""
