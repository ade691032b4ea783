"""The doctor: looks at a Wave account by reading only, and says what works, what is assumed and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from attrs import evolve

from wave_pms_sync.errors import BadAnswer, NotFound, Refused, SyncError, Unauthorized, Unreachable
from wave_pms_sync.findings import Finding, Findings, assumed, works, wrong
from wave_pms_sync.wave.operations import documents
from wave_pms_sync.wave.operations.drift import drift
from wave_pms_sync.wave.trials import Bench, try_customers

T = TypeVar("T")

_CLOCKS_APART = timedelta(minutes=5)
_NAMED = 20
_ANSWERED = (Unauthorized, BadAnswer, Refused, NotFound)

Businesses = list[dict[str, object]]
Run = Callable[[str], Mapping[str, object]]


def examine(
    bench: Bench,
    business_id: str | None,
    *,
    businesses: Callable[[], Businesses],
    run: Run,
    now: Callable[[], datetime],
) -> Findings:
    """Look at the way there, the token, the business, its customers, the schema and the clocks.

    Args:
        bench: Reads customers.
        business_id: The business, or None if the client was given none.
        businesses: Lists those that the token may see.
        run: Runs a document and returns its data.
        now: Our own time.
    """
    seen, declined = _attempt(businesses)
    if declined is not None and not isinstance(declined, _ANSWERED):
        return Findings([wrong("reachable", str(declined), "url" if isinstance(declined, Unreachable) else "")])
    page, failed = _attempt(lambda: bench.page(1)) if business_id is not None else (None, None)
    here = now()
    found = [works("reachable", "it answers")]
    if isinstance(declined, Unauthorized) and page is None:
        # A token that may do one thing of two is accepted, and lacks a scope.
        found.append(wrong("credentials", str(declined), "token, auth or its scopes"))
        return Findings([*found, *_schema(bench, run)])
    if seen is not None or page is not None:
        found.append(works("credentials", "they are accepted"))
    found += _business(business_id, seen, declined, failed)
    if page is not None:
        found += [*try_customers(bench, page, business_id or ""), _clock(page.server_time, here)]
    elif failed is not None and not isinstance(failed, NotFound):
        found += _unlisted(bench, failed)
    return Findings([*found, *_schema(bench, run)])


def _attempt(read: Callable[[], T]) -> tuple[T | None, SyncError | None]:
    try:
        return read(), None
    except SyncError as error:
        return None, error


def _business(
    business_id: str | None, seen: Businesses | None, declined: SyncError | None, failed: SyncError | None
) -> Iterator[Finding]:
    ids = [str(row.get("id")) for row in seen or ()]
    more = " and more" if len(ids) > _NAMED else ""
    visible = f"the token may see {', '.join(ids[:_NAMED]) or 'none'}{more}"
    if declined is not None:
        visible = "those that the token may see are not listed"
        yield assumed("businesses", f"they are not listed: {declined}", "the scope business:read")
    if business_id is None:
        yield wrong("business", f"none is chosen; {visible}", "business_id")
    elif failed is None:
        yield works("business", "it exists, and the token may see it")
    elif isinstance(failed, NotFound):
        yield wrong("business", f"the token is not shown {business_id}; {visible}", "business_id")
    elif business_id in ids:
        yield works("business", "it is among those that the token may see")


def _unlisted(bench: Bench, failed: SyncError) -> Iterator[Finding]:
    """Why customers are not shown: perhaps for the sake of their amounts alone."""
    if bench.settings.amounts and _attempt(lambda: bench.page(1, settings=evolve(bench.settings, amounts=False)))[0]:
        yield wrong("listing", "customers are shown only if their amounts are not asked for", "amounts")
    else:
        scope = isinstance(failed, Unauthorized | BadAnswer)
        yield wrong("listing", str(failed), "the scope customer:read" if scope else "")


def _schema(bench: Bench, run: Run) -> list[Finding]:
    try:
        return drift(run(documents.introspect()), bench.settings)
    except SyncError as error:
        return [assumed("schema", f"it is not shown, so nothing could be compared: {error}")]


def _clock(there: datetime | None, here: datetime) -> Finding:
    if there is None:
        return assumed("clock", "Wave does not say what time it is")
    apart = here - there
    text = f"this machine is {abs(apart).total_seconds():.0f} s {'ahead of' if apart > timedelta() else 'behind'} Wave"
    return wrong("clock", text, "this machine's time") if abs(apart) > _CLOCKS_APART else works("clock", text)
