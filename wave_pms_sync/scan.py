"""Read one side's listing, page by page, and say what it is worth as evidence.

A listing is complete only if its counts agree from the first page to the last, or, where a side gives no
totals, if its pages came to their stated end without repeating anything. Otherwise it is read once more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import datetime
from typing import Protocol

from attrs import define, field

from wave_pms_sync.errors import BadAnswer, DeadlineExceeded, SyncError, Throttled, Unreachable
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.reconcile.present import counted
from wave_pms_sync.reconcile.world import Listing

log = logging.getLogger("wave_pms_sync.scan")

PASSES = 2
SPOILT_ANSWERS = 10
SPOILT_REQUESTS = 2


@define(kw_only=True)
class Tally:
    """What a listing showed, in numbers.

    Attributes:
        rows: How many distinct records.
        deleted: How many of them were reported as deleted.
        repeated: Whether one came twice.
        newest: The highest modification stamp.
        newest_created: The highest creation stamp.
    """

    rows: int = 0
    deleted: int = 0
    repeated: bool = False
    newest: datetime | None = None
    newest_created: datetime | None = None

    def count(self, rows: int, distinct: int, stamp: datetime | None, created_at: datetime | None) -> None:
        """Count rows.

        Args:
            rows: How many.
            distinct: How many of them showed a record that no row showed before.
            stamp: The highest modification stamp among them.
            created_at: The highest creation stamp among them.
        """
        self.rows += distinct
        self.repeated = self.repeated or distinct < rows
        if stamp is not None and (self.newest is None or stamp > self.newest):
            self.newest = stamp
        if created_at is not None and (self.newest_created is None or created_at > self.newest_created):
            self.newest_created = created_at


@define(kw_only=True)
class Scan:
    """One pass over a listing; grows as pages come in.

    Attributes:
        tally: What it showed so far.
    """

    side: Side
    full: bool
    tally: Tally = field(factory=Tally)
    first_total: int | None = None
    last_total: int | None = None
    ended: bool = False
    pages: int = 0
    began_at: datetime | None = None
    problem: str = ""
    retry_after_s: float | None = None
    lost: int = 0

    def take(self, page: Page) -> None:
        """Count a page."""
        if not self.pages:
            self.first_total, self.began_at = page.total, page.server_time
        self.pages += 1
        self.last_total, self.ended = page.total, page.last

    def doubt(self) -> str:
        """Why this listing is not complete, in words; empty if it is."""
        if self.problem:
            return self.problem
        if not self.ended:
            return "the pages stopped before a stated end"
        if self.lost:
            return f"{counted(self.lost, 'row')} without an id could not be read"
        if self.first_total is None or self.last_total is None:
            return "a record was listed twice, and the side gives no totals" if self.tally.repeated else ""
        if not self.first_total == self.last_total == self.tally.rows:
            totals = f"{self.first_total} at the start, {self.last_total} at the end"
            return f"the side counted {totals}, and showed {self.tally.rows}"
        return ""

    def listing(self, now: datetime) -> Listing:
        """What the pass is worth."""
        doubt = self.doubt()
        return Listing(
            full=self.full,
            asked=bool(self.pages),
            complete=not doubt,
            counted=self.last_total is not None,
            began_at=self.began_at or now,
            newest=self.tally.newest,
            newest_created=self.tally.newest_created,
            rows=self.tally.rows,
            deleted=self.tally.deleted,
            problem=doubt,
            retry_after_s=self.retry_after_s,
        )


class Taking(Protocol):
    """What becomes of the pages of a listing."""

    def take(self, side: Side, page: Page, tally: Tally) -> None:
        """Take a page; its rows are counted now, or at the end."""

    def end(self, side: Side, tally: Tally) -> None:
        """The listing is over, whole or not: count what was not counted yet."""

    def restart(self, side: Side) -> None:
        """Forget what was taken, for a second pass."""


def read_listing(
    client: CustomerClient,
    side: Side,
    since: datetime | None,
    taking: Taking,
    overdue: Callable[[], bool],
) -> Generator[None, None, Scan]:
    """List one side, once more if the first pass is not complete. It pauses after each page.

    Args:
        client: The side's client.
        side: Which side.
        since: Ask for records stamped at or after this moment; None: for all.
        taking: What becomes of the pages.
        overdue: Whether the run's time is over; the pass then stops where it is.

    Raises:
        SyncError: The first page could not be read; nothing is known of this side.
    """
    scan = yield from _pass(client, side, since, taking, overdue)
    for _ in range(PASSES - 1):
        if not scan.doubt() or overdue():
            break
        log.warning("listing incomplete, reading it again", extra={"side": side.value, "problem": scan.doubt()})
        taking.restart(side)
        scan = yield from _pass(client, side, since, taking, overdue)
    return scan


def _pass(
    client: CustomerClient,
    side: Side,
    since: datetime | None,
    taking: Taking,
    overdue: Callable[[], bool],
) -> Generator[None, None, Scan]:
    scan = Scan(side=side, full=since is None)
    try:
        for page in client.pages(modified_after=since):
            scan.take(page)
            taking.take(side, page, scan.tally)
            scan.lost += page.all_lost
            if overdue() and not page.last:
                scan.problem = "the time for this run was over"
                break
            del page
            yield
    except DeadlineExceeded:
        scan.problem = "the time for this run was over"
    except (Unreachable, Throttled, BadAnswer) as error:
        if not scan.pages:
            raise
        scan.retry_after_s = error.retry_after_s
        asked = f", it asks to wait {error.retry_after_s:g} s" if error.retry_after_s is not None else ""
        scan.problem = f"page {scan.pages + 1} could not be read ({error.code}{asked})"
    taking.end(side, scan.tally)
    return scan


def read_by_id(client: CustomerClient, ids: Iterable[str]) -> dict[str, Record | None]:
    """Read single records, as many in one request as the side allows; None for one that it does not have.

    Raises:
        SyncError: The side could not be read.
    """
    found: dict[str, Record | None] = {}
    for some in _batches(client, ids):
        found.update(client.customers_by_id(some))
    return found


def _batches(client: CustomerClient, ids: Iterable[str]) -> Iterator[list[str]]:
    """As many ids at a time as one request of the side may name, each once."""
    wanted = list(dict.fromkeys(ids))
    size = max(1, client.abilities.bulk_read)
    return (wanted[start : start + size] for start in range(0, len(wanted), size))


@define
class Spoilt:
    """The records of one side that alone could not be read in this run; too many in a row mean the side itself.

    Attributes:
        errors: What happened, by record.
        in_a_row: How many failed since one was read.
    """

    errors: dict[str, SyncError] = field(factory=dict)
    in_a_row: int = 0

    def note(self, record_id: str, error: SyncError) -> None:
        """Count a record that could not be read.

        Raises:
            SyncError: So many in a row cannot be read that it is the side.
        """
        self.in_a_row += 1
        if self.in_a_row > (SPOILT_ANSWERS if isinstance(error, BadAnswer) else SPOILT_REQUESTS):
            raise error
        self.errors[record_id] = error


def read_sound(client: CustomerClient, ids: Iterable[str], spoilt: Spoilt) -> dict[str, Record | None]:
    """Read single records like `read_by_id`; one that alone cannot be read is noted, and harms no other.

    Raises:
        SyncError: The side could not be read.
    """
    found: dict[str, Record | None] = {}
    for some in _batches(client, ids):
        found.update(_sound(client, some, spoilt))
    return found


def _sound(client: CustomerClient, ids: list[str], spoilt: Spoilt) -> dict[str, Record | None]:
    try:
        found = dict(client.customers_by_id(ids))
    except (BadAnswer, Unreachable) as error:
        if len(ids) > 1:
            return {i: record for one in ids for i, record in _sound(client, [one], spoilt).items()}
        spoilt.note(ids[0], error)
        return {}
    spoilt.in_a_row = 0
    return found
