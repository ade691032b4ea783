"""One GraphQL request on its visit to the account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from attrs import define, field
from graphql import GraphQLError

from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.switchboard import Strikes
from wave_pms_sync.testing.wave_account import Account
from wave_pms_sync.testing.wave_listing import Listings

__all__ = ["Facts", "Info", "Visit", "admitted", "coded_error", "may", "not_found"]

Facts: TypeAlias = Mapping[str, object]


@define
class Visit:
    """One request inside the account, with what it does there; the context of every resolver.

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


class Info(Protocol):
    """What a resolver is told: graphql-core's GraphQLResolveInfo, as far as it matters here."""

    @property
    def field_name(self) -> str:
        """The property asked for."""
        ...

    @property
    def context(self) -> Visit:
        """The request."""
        ...


def admitted(info: Info) -> Visit:
    """The visit, if its token is accepted.

    Raises:
        GraphQLError: UNAUTHENTICATED.
    """
    if not info.context.authorised:
        raise coded_error("You must be authenticated to do that.", "UNAUTHENTICATED")
    return info.context


def may(visit: Visit, scope: str) -> bool:
    """Whether the token has a scope, or all scopes of its family.

    Raises:
        GraphQLError: FORBIDDEN, if it has not and the sandbox says so with an error.
    """
    scopes = visit.account.options.scopes
    if scopes is None or not scopes.isdisjoint((scope, f"{scope.partition(':')[0]}:*")):
        return True
    if visit.account.options.missing_scope == "error":
        raise coded_error("You do not have permission to do that.", "FORBIDDEN")
    return False


def coded_error(message: str, code: str) -> GraphQLError:
    """An error as Wave codes it."""
    return GraphQLError(message, extensions={"code": code})


def not_found(what: str, identity: str) -> GraphQLError:
    """Source: Wave developer portal, Errors: the message names type and id."""
    return coded_error(f"{what} '{identity}' could not be found.", "NOT_FOUND")
