"""Wave's schema with answers: what businesses and customers give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import cast

from dateutil.parser import isoparse
from graphql import GraphQLError, GraphQLFieldResolver, GraphQLSchema

from wave_pms_sync.testing.customers import Version
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.listing import shift_rows
from wave_pms_sync.testing.wave_account import Business, Outcome
from wave_pms_sync.testing.wave_listing import Listings, Wish
from wave_pms_sync.testing.wave_references import REFERENCE_RESOLVERS
from wave_pms_sync.testing.wave_schema import checked_values, schema
from wave_pms_sync.testing.wave_visit import Facts, Info, Visit, admitted, coded_error, may, not_found

__all__ = ["executable", "property_of"]


def _owner(facts: Facts, info: Info) -> Facts | None:
    business = info.context.account.holder(str(facts["id"]))
    return None if business is None else _business_facts(business)


def property_of(facts: Facts, info: Info, **_: object) -> object:
    """The property of a mapping; the resolver of every field that has none of its own."""
    return facts.get(info.field_name)


# --- reading ---------------------------------------------------------------------------------------------


def _business(_: object, info: Info, id: str | None = None) -> Facts | None:  # noqa: A002  # its name
    visit = admitted(info)
    nothing = visit.strikes.first(Fault.NULL_BUSINESS)
    if nothing is not None:
        if nothing.code is not None:
            raise coded_error(f"Business '{id}' could not be found.", nothing.code)
        return None
    business = visit.account.main if id is None else visit.account.businesses.get(id)
    if business is None:
        raise not_found("Business", str(id))
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
    info: Info,
    *,
    page: int = 1,
    pageSize: int = 10,  # noqa: N803  # the names of the arguments are Wave's
    isArchived: bool | None = None,  # noqa: N803
) -> Facts:
    found = [] if isArchived else list(admitted(info).account.businesses.values())
    size = max(1, pageSize)
    shown = found[(page - 1) * size : page * size]
    facts = {"currentPage": page, "totalPages": max(1, -(-len(found) // size)), "totalCount": len(found)}
    return {"edges": [{"node": _business_facts(business)} for business in shown], "pageInfo": facts}


def _customer(facts: Facts, info: Info, id: str) -> Facts:  # noqa: A002  # its name in the schema
    visit = admitted(info)
    partial = visit.strikes.first(Fault.PARTIAL_DATA)
    if partial is not None:
        raise _partial(partial.message, partial.code)
    business = visit.account.businesses[str(facts["id"])]
    version = business.customers.get(id, at=visit.lagging())
    gone = version is not None and version.removed and visit.account.options.delete == "gone"
    if version is None or gone:
        raise not_found("Customer", id)
    return visit.account.show(business, version)


def _customers(
    facts: Facts,
    info: Info,
    *,
    page: int = 1,
    pageSize: int = 10,  # noqa: N803  # the names of the arguments are Wave's
    sort: tuple[str, ...] = (),
    email: str | None = None,
    modifiedAtAfter: str | None = None,  # noqa: N803
    modifiedAtBefore: str | None = None,  # noqa: N803
) -> Facts:
    visit = admitted(info)
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
        raise coded_error(f"DateTime cannot represent {text!r}.", "BAD_USER_INPUT") from None
    if moment.tzinfo is None:
        raise coded_error("DateTime needs an offset.", "BAD_USER_INPUT")
    return moment


def _partial(message: str | None, code: str | None) -> GraphQLError:
    return coded_error(message or "Something went wrong.", code or "INTERNAL_SERVER_ERROR")


# --- writing ---------------------------------------------------------------------------------------------


def _created(_: object, info: Info, input: Facts) -> Facts:  # noqa: A002  # its name in the schema
    visit = admitted(info)
    outcome = visit.account.create(input, visit.strikes)
    return _payload(visit, outcome, visit.created)


def _patched(_: object, info: Info, input: Facts) -> Facts:  # noqa: A002  # its name in the schema
    visit = admitted(info)
    return _payload(visit, visit.account.patch(input, visit.strikes), visit.updated, str(input.get("id")))


def _deleted(_: object, info: Info, input: Facts) -> Facts:  # noqa: A002  # its name in the schema
    visit = admitted(info)
    payload = _payload(visit, visit.account.delete(input, visit.strikes), visit.deleted, str(input.get("id")))
    return {name: value for name, value in payload.items() if name != "customer"}


def _payload(visit: Visit, outcome: Outcome, ids: list[str], asked: str = "") -> Facts:
    if outcome.errors:
        return {"didSucceed": False, "inputErrors": outcome.errors, "customer": None}
    if outcome.version is None:
        raise not_found("Customer", asked)
    ids.append(outcome.version.id)
    business = visit.account.holder(outcome.version.id)
    shown: object = None if business is None else visit.account.show(business, outcome.version)
    partial = visit.strikes.first(Fault.PARTIAL_DATA)
    if partial is not None:
        shown = _partial(partial.message, partial.code)
    return {"didSucceed": True, "inputErrors": [], "customer": shown}


def _scoped(scope: str, resolver: GraphQLFieldResolver) -> GraphQLFieldResolver:
    def resolve(facts: object, info: Info, **arguments: object) -> object:
        return resolver(facts, info, **arguments) if may(admitted(info), scope) else None

    return resolve


_RESOLVERS: Mapping[str, Mapping[str, GraphQLFieldResolver]] = {
    "Query": {"business": _scoped("business:read", _business), "businesses": _scoped("business:read", _businesses)},
    "Business": {"customer": _scoped("customer:read", _customer), "customers": _scoped("customer:read", _customers)},
    "Customer": {"business": _owner},
    "Mutation": {
        "customerCreate": _scoped("customer:write", _created),
        "customerPatch": _scoped("customer:write", _patched),
        "customerDelete": _scoped("customer:write", _deleted),
    },
}


@lru_cache(maxsize=8)
def executable(sdl: str | None = None) -> GraphQLSchema:
    """A schema with its resolvers. They find everything they need in the `Visit` of the request.

    Args:
        sdl: The schema, if it is another than the one we know; what it lacks is not resolved.
    """
    known = schema(sdl)
    for resolvers in (REFERENCE_RESOLVERS, _RESOLVERS):
        for name, by_property in resolvers.items():
            fields = getattr(known.type_map.get(name), "fields", {})
            for property_name in by_property.keys() & fields:
                fields[property_name].resolve = by_property[property_name]
    return known
