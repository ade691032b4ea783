"""The Wave sandbox's endpoint: from an HTTP request to GraphQL and back."""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from attrs import frozen
from graphql import ExecutionResult, GraphQLError, execute_sync

from wave_pms_sync.testing.exchange import Done
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.ledger import Effects
from wave_pms_sync.testing.server import Call, Reply, json_body
from wave_pms_sync.testing.switchboard import Arrival, Details, Strikes
from wave_pms_sync.testing.wave_account import Account
from wave_pms_sync.testing.wave_documents import arrival_of
from wave_pms_sync.testing.wave_listing import Listings
from wave_pms_sync.testing.wave_resolvers import executable, property_of
from wave_pms_sync.testing.wave_schema import Prepared, prepared
from wave_pms_sync.testing.wave_visit import Visit

__all__ = ["WaveBackend"]

PATH = "/graphql/public"
_CODES = {401: "UNAUTHENTICATED", 403: "FORBIDDEN", 429: "THROTTLED"}
_WORDS = {401: "You must be authenticated to do that.", 403: "You may not do that.", 429: "Request was throttled."}
_NO_PAGE = Reply(
    status=404, body=b"<html><body><h1>Not Found</h1></body></html>", headers=(("Content-Type", "text/html"),)
)

Errors = Sequence[Mapping[str, object]]


@frozen
class _Asked:
    """The JSON body of a request."""

    query: str
    variables: Mapping[str, object]
    operation_name: str | None


class WaveBackend:
    """Answers GraphQL requests out of an account.

    Args:
        account: The businesses and their customers.
        token: Tells the access token that it accepts at the time.
    """

    def __init__(self, account: Account, token: Callable[[], str]) -> None:
        self._token = token
        self._account = account
        self._options = account.options
        self._listings = {b.id: Listings(b.customers, account.options) for b in account.businesses.values()}
        self._errors = 0
        executable(account.options.sdl)

    # --- what the exchange asks ----------------------------------------------------------------------

    def arrival(self, call: Call) -> Arrival:
        """What the request wants."""
        asked = _asked(call)
        known = self._prepared(asked.query) if asked is not None else None
        if asked is None or known is None or known.document is None or known.errors:
            return Arrival(operation="invalid")
        return arrival_of(known.document, asked.variables, asked.operation_name)

    def execute(self, call: Call, strikes: Strikes) -> Done:
        """Carry a request out: validate, coerce, then look at the token, as Wave does.

        Source: the order, seen in clients.
        """
        if call.path != PATH:
            return Done(reply=_NO_PAGE)
        asked = _asked(call)
        if call.method != "POST" or asked is None:
            message = "POST a JSON object with a query."
            return Done(reply=self._reply(400, {"errors": self._marked([_error(message, "BAD_REQUEST")])}))
        known = self._prepared(asked.query)
        if known.document is None or known.errors:
            return Done(reply=self._reply(self._options.invalid_status, {"errors": self._marked(known.errors)}))
        given = call.headers.get("authorization", "")
        authorised = hmac.compare_digest(given.encode(), f"Bearer {self._token()}".encode())
        visit = Visit(self._account, self._listings, strikes, authorised)
        result = execute_sync(
            executable(self._options.sdl),
            known.document,
            context_value=visit,
            variable_values=dict(asked.variables),
            operation_name=asked.operation_name,
            field_resolver=property_of,
        )
        return self._done(result, visit)

    def _prepared(self, query: str) -> Prepared:
        return prepared(query, self._options.sdl, introspection=self._options.introspection)

    def failure(self, status: int) -> Reply:
        """A failure of this status in Wave's shape.

        Source: clients treat these statuses as what they say; the body is assumed.
        """
        error = _error(_WORDS.get(status, "Internal server error."), _CODES.get(status, "INTERNAL_SERVER_ERROR"))
        return self._reply(status, {"errors": self._marked([error])})

    def special(self, kind: Fault, told: Details) -> Reply | None:
        """Errors without data, which only GraphQL knows."""
        if kind is not Fault.GRAPHQL_ERRORS:
            return None
        error = _error(told.message or "Something went wrong.", told.code or "INTERNAL_SERVER_ERROR")
        return self._reply(200, {"data": None, "errors": self._marked([error])})

    # --- answers ---------------------------------------------------------------------------------------

    def _done(self, result: ExecutionResult, visit: Visit) -> Done:
        errors = result.errors or []
        for error in errors:
            cause = error.original_error
            if cause is not None and not isinstance(cause, GraphQLError):
                raise cause
        answer: dict[str, object] = {"data": result.data}
        status = 200
        if errors:
            answer["errors"] = self._marked([self._coded(error) for error in errors])
            if all(error.path is None for error in errors):
                del answer["data"]
                status = self._options.invalid_status
            if not visit.authorised:
                status = self._options.unauthorized_status
        writes = Effects(
            executed=True, created=tuple(visit.created), updated=tuple(visit.updated), deleted=tuple(visit.deleted)
        )
        served = visit.authorised and "data" in answer and not _refused(result.data)
        effects = writes if writes.writes or served else Effects()
        return Done(reply=self._reply(status, answer), effects=effects)

    def _coded(self, error: GraphQLError) -> Mapping[str, object]:
        """An error with a code; one without a path and a code concerns the variables."""
        shown: dict[str, object] = dict(error.formatted)
        if "extensions" not in shown:
            code = self._options.variable_error_code if error.path is None else "INTERNAL_SERVER_ERROR"
            shown["extensions"] = {"code": code}
        return shown

    def _marked(self, errors: Errors) -> list[Mapping[str, object]]:
        """Errors with the id under which Wave's support finds them. Source: Wave developer portal, Errors."""
        result: list[Mapping[str, object]] = []
        for error in errors:
            self._errors += 1
            extensions = error.get("extensions")
            marks = dict(extensions) if isinstance(extensions, Mapping) else {}
            result.append({**error, "extensions": {"id": str(uuid.UUID(int=self._errors, version=4)), **marks}})
        return result

    def _reply(self, status: int, answer: Mapping[str, object]) -> Reply:
        return Reply(
            status=status, body=json_body(answer), headers=(("Content-Type", "application/json; charset=utf-8"),)
        )


def _error(message: str, code: str) -> Mapping[str, object]:
    return {"message": message, "extensions": {"code": code}}


def _refused(data: Mapping[str, object] | None) -> bool:
    """Whether a whole answer is made of refused or failed mutations."""
    payloads = list((data or {}).values())
    return all(p is None or (isinstance(p, Mapping) and p.get("didSucceed") is False) for p in payloads)


@lru_cache(maxsize=64)
def _read(body: bytes) -> _Asked | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("query"), str):
        return None
    variables, name = value.get("variables"), value.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        return None
    return _Asked(value["query"], variables or {}, name)


def _asked(call: Call) -> _Asked | None:
    """What a request asks, or None if its body cannot be read."""
    return _read(call.body)
