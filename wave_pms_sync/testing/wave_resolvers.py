"""Wave's schema with answers: what each field of the root gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast

from attrs import define, field
from dateutil.parser import isoparse
from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema

from wave_pms_sync.testing.customers import Version
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.listing import shift_rows
from wave_pms_sync.testing.switchboard import Strikes
from wave_pms_sync.testing.wave_account import Account, Business, Outcome
from wave_pms_sync.testing.wave_listing import Listings, Wish
from wave_pms_sync.testing.wave_places import country_name, currency_exponent, currency_of, province_name, provinces_of
from wave_pms_sync.testing.wave_schema import checked_values, schema

__all__ = ["Visit", "executable", "property_of"]

Facts = Mapping[str, object]


@define
class Visit:
    """One request inside the account, with what it does there.

    Attributes:
        account: The account.
        listings: By business id.
        strikes: What goes wrong.
        authorised: The token is accepted.
        created: Ids of records made.
        updated: Ids of records changed.
        deleted: Ids of records deleted.
    """

    account: Account
    listings: Mapping[str, Listings]
    strikes: Strikes
    authorised: bool
    created: list[str] = field(factory=list)
    updated: list[str] = field(factory=list)
    deleted: list[str] = field(factory=list)

    def lagging(self) -> datetime | None:
        """The moment as of which reads show records, or None for the present."""
        lag = self.strikes.first(Fault.READ_LAG)
        return None if lag is None else self.account.now() - timedelta(seconds=lag.seconds)


def _visit(info: GraphQLResolveInfo) -> Visit:
    visit = cast("Visit", info.context)
    if not visit.authorised:
        raise _error("You must be authenticated to do that.", "UNAUTHENTICATED")
    return visit


def _error(message: str, code: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})


def _not_found(what: str, identity: str) -> GraphQLError:
    return _error(f"{what} '{identity}' could not be found.", "NOT_FOUND")


def property_of(facts: Facts, info: GraphQLResolveInfo, **_: object) -> object:
    """The property of a mapping; the resolver of every field that has none of its own."""
    return facts.get(info.field_name)


# --- reading ---------------------------------------------------------------------------------------------


def _business(_: object, info: GraphQLResolveInfo, id: str | None = None) -> Facts | None:  # noqa: A002  # its name
    visit = _visit(info)
    nothing = visit.strikes.first(Fault.NULL_BUSINESS)
    if nothing is not None:
        if nothing.code is not None:
            raise _error(f"Business '{id}' could not be found.", nothing.code)
        return None
    business = visit.account.main if id is None else visit.account.businesses.get(id)
    if business is None:
        raise _not_found("Business", str(id))
    return _business_facts(business)


def _business_facts(business: Business) -> Facts:
    return {
        "id": business.id,
        "name": business.name,
        "currency": {"code": business.currency},
        "timezone": "America/Toronto",
        "isPersonal": False,
        "isArchived": False,
        "isClassicAccounting": False,
        "isClassicInvoicing": False,
        "emailSendEnabled": True,
        "createdAt": "2020-01-01T00:00:00.000Z",
        "modifiedAt": "2020-01-01T00:00:00.000Z",
    }


def _businesses(
    _: object,
    info: GraphQLResolveInfo,
    page: int = 1,
    pageSize: int = 10,
    isArchived: bool | None = None,  # noqa: N803  # Wave's names
) -> Facts:
    found = [] if isArchived else list(_visit(info).account.businesses.values())
    size = max(1, pageSize)
    shown = found[(page - 1) * size : page * size]
    facts = {"currentPage": page, "totalPages": max(1, -(-len(found) // size)), "totalCount": len(found)}
    return {"edges": [{"node": _business_facts(business)} for business in shown], "pageInfo": facts}


def _customer(facts: Facts, info: GraphQLResolveInfo, id: str) -> Facts:  # noqa: A002  # its name in the schema
    visit = _visit(info)
    partial = visit.strikes.first(Fault.PARTIAL_DATA)
    if partial is not None:
        raise _partial(partial.message, partial.code)
    business = visit.account.businesses[str(facts["id"])]
    version = business.customers.get(id, at=visit.lagging())
    gone = version is not None and version.removed and visit.account.options.delete == "gone"
    if version is None or gone:
        raise _not_found("Customer", id)
    return visit.account.show(business, version)


def _customers(  # the names of the arguments are Wave's
    facts: Facts,
    info: GraphQLResolveInfo,
    page: int = 1,
    pageSize: int = 10,  # noqa: N803
    sort: tuple[str, ...] = (),
    email: str | None = None,
    modifiedAtAfter: str | None = None,  # noqa: N803
    modifiedAtBefore: str | None = None,  # noqa: N803
) -> Facts:
    visit = _visit(info)
    business = visit.account.businesses[str(facts["id"])]
    listings = visit.listings[business.id]
    wish = Wish(sort=tuple(sort), email=email, after=_moment(modifiedAtAfter), before=_moment(modifiedAtBefore))
    _shift(visit, business, listings, wish)
    ordered = listings.ordered(wish, visit.lagging())

    def show(version: Version) -> Facts:
        return visit.account.show(business, version)

    connection = listings.page(ordered, page, pageSize, show, visit.strikes)
    partial = visit.strikes.first(Fault.PARTIAL_DATA)
    edges = cast("list[dict[str, object]]", connection["edges"])
    if partial is not None and edges:
        edges[0]["node"] = _partial(partial.message, partial.code)
    return connection


def _shift(visit: Visit, business: Business, listings: Listings, wish: Wish) -> None:
    def add(values: Facts, created_at: datetime | None) -> object:
        return business.customers.create(checked_values(values), created_at=created_at)

    def remove(customer_id: str) -> object:
        return business.customers.change(customer_id, removed=True)

    shift_rows(lambda: next(iter(listings.ordered(wish)), None), visit.strikes, add, remove)


def _moment(text: str | None) -> datetime | None:
    """Source: clients send ISO 8601 with an offset; that one without is declined is assumed."""
    if text is None:
        return None
    try:
        moment = isoparse(str(text))
    except ValueError:
        raise _error(f"DateTime cannot represent {text!r}.", "BAD_USER_INPUT") from None
    if moment.tzinfo is None:
        raise _error("DateTime needs an offset.", "BAD_USER_INPUT")
    return moment


def _partial(message: str | None, code: str | None) -> GraphQLError:
    return _error(message or "Something went wrong.", code or "INTERNAL_SERVER_ERROR")


# --- writing ---------------------------------------------------------------------------------------------


def _created(_: object, info: GraphQLResolveInfo, input: Facts) -> Facts:  # noqa: A002  # its name in the schema
    visit = _visit(info)
    outcome = visit.account.create(input, visit.strikes)
    return _payload(visit, outcome, visit.created)


def _patched(_: object, info: GraphQLResolveInfo, input: Facts) -> Facts:  # noqa: A002  # its name in the schema
    visit = _visit(info)
    return _payload(visit, visit.account.patch(input, visit.strikes), visit.updated, str(input.get("id")))


def _deleted(_: object, info: GraphQLResolveInfo, input: Facts) -> Facts:  # noqa: A002  # its name in the schema
    visit = _visit(info)
    payload = _payload(visit, visit.account.delete(input, visit.strikes), visit.deleted, str(input.get("id")))
    return {name: value for name, value in payload.items() if name != "customer"}


def _payload(visit: Visit, outcome: Outcome, ids: list[str], asked: str = "") -> Facts:
    if outcome.errors:
        return {"didSucceed": False, "inputErrors": outcome.errors, "customer": None}
    if outcome.version is None:
        raise _not_found("Customer", asked)
    ids.append(outcome.version.id)
    business = visit.account.holder(outcome.version.id)
    shown: object = None if business is None else visit.account.show(business, outcome.version)
    partial = visit.strikes.first(Fault.PARTIAL_DATA)
    if partial is not None:
        shown = _partial(partial.message, partial.code)
    return {"didSucceed": True, "inputErrors": [], "customer": shown}


# --- countries and currencies ----------------------------------------------------------------------------


def _owner(facts: Facts, info: GraphQLResolveInfo) -> Facts | None:
    business = _visit(info).account.holder(str(facts["id"]))
    return None if business is None else _business_facts(business)


def _enum(name: str) -> list[str]:
    return list(getattr(schema().type_map[name], "values", {}))


def _country(code: str) -> Facts:
    return {"code": code, "name": country_name(code)}


def _province(_: object, info: GraphQLResolveInfo, code: str) -> Facts | None:
    _visit(info)
    name = province_name(code)
    return None if name is None else {"code": code, "name": name}


def _countries(_: object, info: GraphQLResolveInfo) -> list[Facts]:
    _visit(info)
    return [_country(code) for code in _enum("CountryCode")]


def _currencies(_: object, info: GraphQLResolveInfo) -> list[Facts]:
    _visit(info)
    return [{"code": code} for code in _enum("CurrencyCode")]


def _one_country(_: object, info: GraphQLResolveInfo, code: str) -> Facts:
    _visit(info)
    return _country(code)


def _one_currency(_: object, info: GraphQLResolveInfo, code: str) -> Facts:
    _visit(info)
    return {"code": code}


def _user(_: object, info: GraphQLResolveInfo) -> Facts:
    _visit(info)
    return {"id": "VXNlcjox", "firstName": "Sand", "lastName": "Box"}


def _nobody(_: object, info: GraphQLResolveInfo) -> None:
    _visit(info)


def _country_currency(facts: Facts, _: GraphQLResolveInfo) -> Facts | None:
    code = currency_of(str(facts["code"]))
    return None if code is None else {"code": code}


def _country_provinces(facts: Facts, _: GraphQLResolveInfo) -> list[Facts]:
    return [{"code": code, "name": name} for code, name in provinces_of(str(facts["code"])).items()]


def _code(facts: Facts, _: GraphQLResolveInfo) -> object:
    return facts["code"]


def _country_article(facts: Facts, _: GraphQLResolveInfo) -> str:
    return country_name(str(facts["code"]))


def _exponent(facts: Facts, _: GraphQLResolveInfo) -> int:
    return currency_exponent(str(facts["code"]))


_RESOLVERS: Mapping[str, Mapping[str, Callable[..., object]]] = {
    "Query": {
        "business": _business,
        "businesses": _businesses,
        "countries": _countries,
        "country": _one_country,
        "currencies": _currencies,
        "currency": _one_currency,
        "oAuthApplication": _nobody,
        "province": _province,
        "user": _user,
    },
    "Business": {"customer": _customer, "customers": _customers},
    "Customer": {"business": _owner},
    "Mutation": {"customerCreate": _created, "customerPatch": _patched, "customerDelete": _deleted},
    "Country": {"nameWithArticle": _country_article, "currency": _country_currency, "provinces": _country_provinces},
    "Currency": {"symbol": _code, "name": _code, "plural": _code, "exponent": _exponent},
}


@lru_cache(maxsize=1)
def executable() -> GraphQLSchema:
    """The schema with its resolvers. They find everything they need in the `Visit` of the request."""
    own = schema()
    for name, resolvers in _RESOLVERS.items():
        kind = own.type_map[name]
        if isinstance(kind, GraphQLObjectType):
            for property_name, resolver in resolvers.items():
                kind.fields[property_name].resolve = resolver
    return own
