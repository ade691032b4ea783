"""Asking Wave, and what its answers say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from attrs import field, frozen

from wave_pms_sync.errors import NotFound, SyncError, UnknownOutcome
from wave_pms_sync.http.auth import Auth, Bearer
from wave_pms_sync.http.caller import Caller
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.http.pace import Limiter
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.http.transport import RequestsTransport
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.wave.operations import build, reads, writes
from wave_pms_sync.wave.operations.build import Operation
from wave_pms_sync.wave.operations.encode import WHOLE
from wave_pms_sync.wave.operations.judge import judge
from wave_pms_sync.wave.records import WaveRecord
from wave_pms_sync.wave.settings import WaveSettings

if TYPE_CHECKING:
    import requests

T = TypeVar("T")

_log = logging.getLogger("wave_pms_sync.wave")


@frozen(kw_only=True)
class Calls:
    """The requests of one client; what each method promises is said at `WaveClient`.

    Attributes:
        caller: Signs, paces, sends and repeats.
        url: The endpoint.
        headers: Of every request.
        settings: What Wave does not document.
    """

    caller: Caller
    url: str
    headers: Mapping[str, str] = field(repr=False)
    settings: WaveSettings

    def page(
        self,
        business_id: str,
        number: int,
        size: int,
        modified_after: datetime | None,
        settings: WaveSettings,
        *,
        unread: bool,
    ) -> Page:
        """One page of the listing, asked for by these settings; its rows decoded, or not yet."""
        operation = build.list_customers(business_id, number, size, modified_after=modified_after, settings=settings)
        return self._ask(operation, partial(reads.page, business_id=business_id, unread=unread))

    def customers(self, business_id: str, ids: Sequence[str]) -> dict[str, WaveRecord | None]:
        """Read these customers, several in one request."""
        found: dict[str, WaveRecord | None] = {}
        waiting = list(dict.fromkeys(ids))
        while waiting:
            asked = waiting[: self.settings.bulk_read]
            operation = build.read_customers(business_id, asked, settings=self.settings)
            found |= self._ask(operation, partial(reads.customers, ids=asked, business_id=business_id))
            waiting = [customer_id for customer_id in waiting if customer_id not in found]
        return found

    def businesses(self) -> list[dict[str, object]]:
        """The businesses that the token may see."""
        found: dict[str, dict[str, object]] = {}
        number, more = 1, True
        while more:
            rows, last = self._ask(build.list_businesses(number), reads.businesses)
            known, number = len(found), number + 1
            found |= {str(row.get("id")): row for row in rows}
            more = len(found) > known and not last
        return list(found.values())

    def create(self, business_id: str, values: Mapping[str, object]) -> WaveRecord:
        """Make a customer."""
        return self._ask(build.create_customer(business_id, values, settings=self.settings), writes.created)

    def update(
        self,
        customer_id: str,
        values: Mapping[str, object],
        seen: Record | None,
        read: Callable[[str], WaveRecord | None],
    ) -> WaveRecord:
        """Change a customer, which is read where that is needed."""
        if seen is None and not WHOLE.isdisjoint(values):
            seen = _there(customer_id, read)
        shown = seen.payload if seen is not None else None
        operation = build.update_customer(customer_id, values, seen=shown, settings=self.settings)
        return self._ask(operation, writes.updated) or _read_back(customer_id, read)

    def delete(self, customer_id: str) -> None:
        """Delete a customer; one that is already gone is success."""
        try:
            self._ask(build.delete_customer(customer_id), writes.deleted)
        except NotFound:
            _log.info("already gone operation=delete_customer record=%r", customer_id)

    def execute(self, document: str, variables: Mapping[str, object]) -> Mapping[str, object]:
        """Run a document of the user's own."""
        operation = build.execute(document, variables)
        return self._ask(operation, partial(judge, writes=operation.writes))

    def _ask(self, operation: Operation, judged: Callable[[Response], T]) -> T:
        request = Request(
            method="POST",
            url=self.url,
            side="wave",
            operation=operation.name,
            writes=operation.writes,
            record_id=operation.record_id,
            headers=self.headers,
            body=operation.body(),
        )
        return self.caller.call(request, judged)


def calls(
    *,
    url: str,
    agent: str,
    settings: WaveSettings,
    token: str,
    auth: Auth | None,
    pace: Limiter,
    retry: RetryPolicy | None,
    timeout_s: float,
    max_concurrency: int,
    session: requests.Session | None,
) -> Calls:
    """Put them together; the arguments are those of the client, checked."""
    caller = Caller(
        side=Side.WAVE.value,
        transport=RequestsTransport(session),
        auth=auth or Bearer(token),
        pace=pace,
        retry=retry or RetryPolicy(),
        timeout_s=timeout_s,
        max_concurrency=max_concurrency,
    )
    headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": agent}
    return Calls(caller=caller, url=url, headers=headers, settings=settings)


def _there(customer_id: str, read: Callable[[str], WaveRecord | None]) -> WaveRecord:
    found = read(customer_id)
    if found is None:
        raise NotFound(f"Wave does not have customer {customer_id}", side="wave", record_id=customer_id)
    return found


def _read_back(customer_id: str, read: Callable[[str], WaveRecord | None]) -> WaveRecord:
    try:
        return _there(customer_id, read)
    except SyncError as error:
        raise UnknownOutcome(
            f"Wave accepted the update without showing the customer, and reading it failed ({error.code})",
            side="wave",
            operation="update_customer",
            record_id=customer_id,
        ) from error
