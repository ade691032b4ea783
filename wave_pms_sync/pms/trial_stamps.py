"""The doctor's look at stamps: whether what it wrote just now is stamped so, and is listed as changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from wave_pms_sync.findings import Finding, assumed, works, wrong
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.pms.conventions.shapes import Row
from wave_pms_sync.ports import CustomerClient

CLOCKS_APART: Final = timedelta(minutes=10)
"""How far the clocks of one server may be apart."""

PAGES_LOOKED_AT: Final = 20
"""How many pages are walked through to find one record."""

_FILTER = "since-filter"


def try_age(client: CustomerClient, shape: Row, made: Record) -> Iterator[Finding]:
    """Whether the record that was made just now is stamped so, by the server's own time.

    Args:
        client: Lists, for the server's time.
        shape: Where the stamps lie.
        made: The record as it came.
    """
    now = next(iter(client.pages())).server_time
    for place, stamp in ((shape.created, made.created_at), (shape.updated, made.modified_at)):
        if now is not None and stamp is not None and not _is_a_date(stamp) and now - stamp > CLOCKS_APART:
            minutes = round((now - stamp) / timedelta(minutes=1))
            text = f"the customer made just now is stamped {minutes} minutes before the server's own time"
            yield wrong(f"times in `{place}`", text, "times.zone or times.form")


def try_new(client: CustomerClient, made: Record) -> Iterator[Finding]:
    """Whether the record that was made just now is listed as changed since its own stamp."""
    if client.abilities.since and made.modified_at is not None:
        if shows(client.pages(made.modified_at), made.id):
            yield works(_FILTER, "the new record is listed at its own stamp")
        else:
            text = "the new record is not listed as changed at its own stamp; perhaps that comes late"
            yield assumed(_FILTER, text, "list.since_includes")


def try_changed(client: CustomerClient, changed: Record | None, *, at_once: bool) -> Iterator[Finding]:
    """Whether the record that was changed just now is listed as changed since its own stamp.

    Args:
        client: Lists.
        changed: The record after its change.
        at_once: The listing shows at once what is new.
    """
    stamped = changed is not None and is_edited(changed)
    if changed is None or not stamped or not client.abilities.since or not client.abilities.timed:
        return
    if not shows(client.pages(changed.modified_at), changed.id):
        text = "the changed record is not listed as changed at its own stamp"
        said = wrong if at_once else assumed
        yield said(_FILTER, f"{text}: is the filter one of creation?", "list.query")


def try_gone(client: CustomerClient, deleted: Record) -> Iterator[Finding]:
    """Whether the list of deletions shows the record that was deleted just now, as it was before."""
    if deleted.modified_at is not None:
        pages = islice(client.pages(deleted.modified_at), PAGES_LOOKED_AT)
        if any(record.id == deleted.id and record.deleted for page in pages for record in page.records):
            yield works("list of deletions", "it shows the test customer")
        else:
            text = "it does not show the test customer; perhaps that comes late"
            yield assumed("list of deletions", text, "deletions.path, deletions.rows or deletions.id")


def is_edited(record: Record) -> bool:
    """Whether the stamps of a record say that it was changed after it was made."""
    return record.created_at is not None and record.modified_at is not None and record.modified_at > record.created_at


def shows(pages: Iterable[Page], record_id: str) -> bool:
    """Whether the first pages of a listing show a record."""
    return any(record.id == record_id for page in islice(pages, PAGES_LOOKED_AT) for record in page.records)


def _is_a_date(stamp: datetime) -> bool:
    """Whether this may be a date alone, which reads as midnight in some zone and says nothing of the hour."""
    return stamp.minute % 15 == 0 and stamp.second == stamp.microsecond == 0
