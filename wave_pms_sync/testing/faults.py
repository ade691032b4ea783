"""What can go wrong at a sandbox: the kinds of fault, where each can strike, and what it can be told."""

from __future__ import annotations

from enum import Enum

from attrs import frozen

__all__ = ["OPERATIONS", "RULES", "Fault", "Rule"]

OPERATIONS = {
    "any": {"list", "one", "other", "create", "update", "archive", "delete", "invalid"},
    "read": {"list", "one", "other"},
    "write": {"create", "update", "archive", "delete"},
    "list": {"list"},
    "next_page": {"list"},
    "one": {"one"},
    "other": {"other"},
    "create": {"create"},
    "update": {"update", "archive"},
    "archive": {"archive"},
    "delete": {"delete"},
}
"""What `on` may be, and the operations it stands for. `next_page` is a listing beyond its first page."""


class Fault(Enum):
    """The kinds of fault. Each says what it does and which details `faults.add` takes for it.

    Every kind also takes `record=` (only requests that name this id; for a row of a listing: which row) and, for
    writes, `field=` (only requests that write this property or a part of it, dotted read name) with `value=` (and
    only with this value). `IGNORED_FIELD` and `NORMALISED` strike every write, and `field` says what they change.
    """

    # --- answered without being executed, unless `executed=True`
    THROTTLED = "throttled"
    """429. Details: retry_after (text, number of seconds, or an aware datetime, sent as an HTTP date), executed."""
    UNAUTHORIZED = "unauthorized"
    """401, as if the token were wrong."""
    FORBIDDEN = "forbidden"
    """403."""
    SERVER_ERROR = "server_error"
    """500 with a JSON body. Details: executed."""
    BAD_GATEWAY = "bad_gateway"
    """502 with an HTML page, as a proxy sends it. Details: executed, retry_after."""
    UNAVAILABLE = "unavailable"
    """503. Details: executed, retry_after."""
    REDIRECT = "redirect"
    """301 (or status) to location; without one, to the same address with a slash more."""
    ANSWER = "answer"
    """Any answer of your own. Details: status, body, headers, executed."""
    GRAPHQL_ERRORS = "graphql_errors"
    """Wave: 200 with `errors` and `data: null`. Details: code, message, executed."""
    REFUSED = "refused"
    """Wave: `didSucceed: false` with inputErrors; PMS: 422 (or status) with field errors. Details: code, message."""

    # --- the connection is closed without an answer
    LOST_BEFORE = "lost_before"
    """Nothing is executed."""
    LOST_AFTER = "lost_after"
    """Executed; the answer is lost."""
    LATE_COMMIT = "late_commit"
    """Executed only when the clock has moved by `seconds` (60), or after so many further `requests`."""

    # --- executed, but the answer is damaged
    CUT_JSON = "cut_json"
    """The JSON ends in the middle; the HTTP message is whole."""
    CUT_BODY = "cut_body"
    """The connection ends in the middle of the body."""
    EMPTY_BODY = "empty_body"
    """Status and headers as ever, and no body."""
    BOM = "bom"
    """The JSON begins with a byte order mark."""
    CONTENT_TYPE = "content_type"
    """The JSON is announced as `body` (default text/html)."""
    SLOW_BODY = "slow_body"
    """The body takes so many real `seconds`."""
    PARTIAL_DATA = "partial_data"
    """Wave: `errors` beside data in which one customer is null. Details: code, message."""
    NULL_BUSINESS = "null_business"
    """Wave: `business: null`; with a code, also an error."""

    # --- what is shown is not what is there
    ROW_SHIFT = "row_shift"
    """Before a further page is read, the other user removes the first listed record, or adds `insert` before it."""
    DUPLICATE_ROW = "duplicate_row"
    """The last record of the page before is shown again; with `values`, with these laid over it."""
    CHANGED_ROW = "changed_row"
    """Listings show `record` with `values` laid over it, stamps too; reading it alone shows the truth."""
    HIDDEN_ROW = "hidden_row"
    """Listings (and their totals) leave out `record`; it can be read alone."""
    EMPTY_LIST = "empty_list"
    """200 and no rows, totals of 0."""
    PAGE_CAPPED = "page_capped"
    """No page holds more than `rows`, whatever was asked for."""
    LIST_CAPPED = "list_capped"
    """The listing ends after `rows`; the total tells the truth."""
    LAST_PAGE_REPEATED = "last_page_repeated"
    """After the last page the listing goes on with the last page, for ever."""
    WRONG_TOTAL = "wrong_total"
    """The total is wrong: by `by` (default 1), or it is `total`."""
    READ_LAG = "read_lag"
    """Reads show everything as it was so many `seconds` ago, by the clock."""

    # --- what is stored is not what was sent
    IGNORED_FIELD = "ignored_field"
    """Writes to `field` are dropped silently."""
    NORMALISED = "normalised"
    """Text written to `field` (default: any) is stored changed. `how`: trim, collapse, upper, phone, or a function."""

    # --- timing and hooks
    LATENCY = "latency"
    """The answer takes so many real `seconds` more."""
    CALL_BEFORE = "call_before"
    """`call(arrival)` runs in the server's thread just before the request is executed."""
    CALL_AFTER = "call_after"
    """`call(arrival)` runs just after the request was executed, before it is answered."""

    def __str__(self) -> str:
        return self.value


@frozen
class Rule:
    """Where a kind of fault can strike.

    Attributes:
        within: The operations it can concern; also the default of `on`.
        details: What it can be told, beside `record`.
        needs: Details that it cannot do without.
        lasting: It stays until cleared, unless told how often; others strike once.
        alone: At most one such fault strikes a request, the one added first.
        filtered: `field` and `value` choose requests; otherwise they say what is concerned.
        side: The side that knows it; empty for both.
    """

    within: str = "any"
    details: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    lasting: bool = False
    alone: bool = True
    filtered: bool = True
    side: str = ""


def _answer(*details: str, within: str = "any", side: str = "") -> Rule:
    return Rule(within=within, details=frozenset(details), side=side)


def _view(*details: str, within: str = "list", lasting: bool = False, needs: str = "") -> Rule:
    return Rule(within=within, details=frozenset(details), needs=frozenset(needs.split()), lasting=lasting, alone=False)


def _lasting(*details: str, within: str, needs: str = "") -> Rule:
    return Rule(
        within=within,
        details=frozenset(details),
        needs=frozenset(needs.split()),
        lasting=True,
        alone=False,
        filtered=False,
    )


RULES: dict[Fault, Rule] = {
    Fault.THROTTLED: _answer("retry_after", "executed"),
    Fault.UNAUTHORIZED: _answer(),
    Fault.FORBIDDEN: _answer(),
    Fault.SERVER_ERROR: _answer("executed"),
    Fault.BAD_GATEWAY: _answer("executed", "retry_after"),
    Fault.UNAVAILABLE: _answer("executed", "retry_after"),
    Fault.REDIRECT: _answer("status", "location"),
    Fault.ANSWER: _answer("status", "body", "headers", "executed"),
    Fault.GRAPHQL_ERRORS: _answer("code", "message", "executed", side="wave"),
    Fault.REFUSED: _answer("code", "message", "status", within="write"),
    Fault.LOST_BEFORE: _answer(),
    Fault.LOST_AFTER: _answer(),
    Fault.LATE_COMMIT: _answer("seconds", "requests", within="write"),
    Fault.CUT_JSON: _answer(),
    Fault.CUT_BODY: _answer(),
    Fault.EMPTY_BODY: _answer(),
    Fault.BOM: _answer(),
    Fault.CONTENT_TYPE: _answer("body"),
    Fault.SLOW_BODY: _answer("seconds"),
    Fault.PARTIAL_DATA: _answer("code", "message", side="wave"),
    Fault.NULL_BUSINESS: _answer("code", within="read", side="wave"),
    Fault.ROW_SHIFT: _view("insert", within="next_page"),
    Fault.DUPLICATE_ROW: _view("values", within="next_page"),
    Fault.CHANGED_ROW: _lasting("values", within="list", needs="record values"),
    Fault.HIDDEN_ROW: _lasting(within="list", needs="record"),
    Fault.EMPTY_LIST: _view(),
    Fault.PAGE_CAPPED: _view("rows", lasting=True, needs="rows"),
    Fault.LIST_CAPPED: _view("rows", lasting=True, needs="rows"),
    Fault.LAST_PAGE_REPEATED: _view(lasting=True),
    Fault.WRONG_TOTAL: _view("by", "total"),
    Fault.READ_LAG: _lasting("seconds", within="read", needs="seconds"),
    Fault.IGNORED_FIELD: _lasting(within="write", needs="field"),
    Fault.NORMALISED: _lasting("how", within="write", needs="how"),
    Fault.LATENCY: Rule(details=frozenset({"seconds"}), needs=frozenset({"seconds"}), lasting=True, alone=False),
    Fault.CALL_BEFORE: Rule(details=frozenset({"call"}), needs=frozenset({"call"}), alone=False),
    Fault.CALL_AFTER: Rule(details=frozenset({"call"}), needs=frozenset({"call"}), alone=False),
}
"""How each kind behaves."""
