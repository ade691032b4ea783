"""The doctor's trials of customers: pages, order, times, ids, single reads, the filter by change, amounts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Protocol

from attrs import frozen

from wave_pms_sync.errors import BadAnswer, NotFound, Refused, Unreachable
from wave_pms_sync.findings import Finding, assumed, tried, works, wrong
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.wave.records import WaveRecord
from wave_pms_sync.wave.settings import WaveSettings

_LONG_AGO = datetime(1990, 1, 1, tzinfo=timezone.utc)
_FAR_AHEAD = datetime(2990, 1, 1, tzinfo=timezone.utc)
_CLOCKS_APART = timedelta(minutes=10)


class ReadPage(Protocol):
    """Reads one page of a listing."""

    def __call__(
        self, number: int, modified_after: datetime | None = None, *, settings: WaveSettings | None = None
    ) -> Page:
        """Page so much, from 1; with other settings than the client's, if any are given."""
        ...


@frozen(kw_only=True)
class Bench:
    """What customers are read with.

    Attributes:
        settings: What is assumed of Wave.
        page: Reads one page.
        many: Reads customers by id.
    """

    settings: WaveSettings
    page: ReadPage
    many: Callable[[Sequence[str]], Mapping[str, WaveRecord | None]]


def try_customers(bench: Bench, first: Page, business_id: str) -> list[Finding]:
    """What the first page and a handful of further reads tell.

    Args:
        bench: Reads.
        first: The first page of all customers.
        business_id: Whose customers they are.
    """
    found = [works("listing", _listed(first))]
    found += tried("pages", lambda: _pages(bench, first))
    found += tried("order", lambda: _order(bench, first))
    if not first.records:
        found.append(assumed("customers", "there is none to look at, so times, ids, reads and filter are not tried"))
        return found
    found += [_stamps(first, "createdAt", "created_at"), _stamps(first, "modifiedAt", "modified_at")]
    found.append(_ids(first, business_id))
    found.append(_amounts(bench, first))
    found += tried("one record", lambda: _one(bench, first.records[0]))
    found += tried("missing record", lambda: _missing(bench, business_id))
    found += tried("since-filter", lambda: _since(bench, first))
    return found


def _listed(page: Page) -> str:
    total = "no total is given" if page.total is None else f"{page.total} in all"
    more = "which is the last" if page.last else "more follow"
    return f"{len(page.records)} customers on the first page, {more}; {total}"


def _pages(bench: Bench, first: Page) -> Iterator[Finding]:
    if first.last and first.total not in {None, len(first.records)}:
        yield wrong("total", f"{first.total} are said, {len(first.records)} are listed in all", "page_size")
    shown = {record.id for record in first.records}
    if len(shown) < len(first.records):
        yield wrong("pages", "the first page shows somebody twice", "sort")
    if first.last:
        yield assumed("pages", "one holds everything, so going on could not be tried")
        yield _past_the_end(bench, 2)
        return
    if any(record.id in shown for record in bench.page(2).records):
        yield wrong("pages", "the second page shows somebody of the first again", "sort")
    else:
        yield works("pages", "the second page shows others")
    if first.total is not None:
        yield _past_the_end(bench, first.total // max(1, len(first.records)) + 2)


def _past_the_end(bench: Bench, number: int) -> Finding:
    subject = "past the end"
    try:
        page = bench.page(number)
    except (BadAnswer, NotFound, Refused, Unreachable) as error:
        return assumed(subject, f"there is no page {number}: {error}")
    if page.records:
        return wrong(subject, f"page {number}, behind the last, shows customers: no listing can be known to be whole")
    return works(subject, "a page behind the last is empty")


def _order(bench: Bench, first: Page) -> Iterator[Finding]:
    """Whether customers come by creation, and in the same order again."""
    if bench.settings.sort[0] != "CREATED_AT_ASC":
        yield assumed("order", "it is not asked to be that of creation, so edits may move rows while one lists", "sort")
    else:
        made = [record.created_at for record in first.records if record.created_at is not None]
        if any(earlier > later for earlier, later in pairwise(made)):
            yield wrong("order", "it is not that of creation, though that is asked for", "sort")
        elif len(made) > 1:
            yield works("order", "it is that of creation")
        else:
            yield assumed("order", "there are too few customers to tell")
    if [record.id for record in bench.page(1).records] != [record.id for record in first.records]:
        text = "it was another one when asked again: unless somebody deletes just now, add a second, such as NAME_ASC"
        yield wrong("order", text, "sort")


def _stamps(page: Page, name: str, attribute: str) -> Finding:
    stamps: list[datetime | None] = [getattr(record, attribute) for record in page.records]
    subject, unread, now = f"times in `{name}`", stamps.count(None), page.server_time
    if unread:
        return wrong(subject, f"{unread} of {len(stamps)} could not be read as a moment with its zone")
    if now is not None and any(stamp is not None and stamp > now + _CLOCKS_APART for stamp in stamps):
        return wrong(subject, "some lie ahead of Wave's own time")
    return works(subject, "all are read, and have a zone")


def _ids(page: Page, business_id: str) -> Finding:
    """Source: ids are the base64 of `Business:UUID;Customer:INTEGER`; seen in clients, promised by nobody."""
    business = _decoded(business_id)
    ids = [_decoded(record.id) for record in page.records]
    if not business or not all(";Customer:" in text for text in ids):
        return assumed("ids", "they have another form than the one known, and are taken as they are")
    strangers = sum(not text.startswith(f"{business};") for text in ids)
    if strangers:
        return wrong("ids", f"{strangers} of {len(ids)} are of another business", "business_id")
    return works("ids", "all are of this business")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def _amounts(bench: Bench, page: Page) -> Finding:
    if not bench.settings.amounts:
        return assumed("amounts", "they are not asked for", "amounts")
    shown = [record.typed() for record in page.records if isinstance(record, WaveRecord)]
    amounts = [amount for one in shown for amount in (one.outstanding_amount, one.overdue_amount)]
    unread = sum(amount is None or amount.value is None for amount in amounts)
    if unread:
        return wrong("amounts", f"{unread} of {len(amounts)} could not be read as a number", "amounts")
    return works("amounts", "all are read")


def _one(bench: Bench, listed: Record) -> Iterator[Finding]:
    found = bench.many([listed.id])[listed.id]
    if found is None or found.id != listed.id:
        other = "nothing" if found is None else "another"
        yield wrong("one record", f"{listed.id} is listed, but reading it by that id finds {other}")
    else:
        yield works("one record", f"{listed.id} is read by its id")


def _missing(bench: Bench, business_id: str) -> Iterator[Finding]:
    nobody = base64.b64encode(f"{_decoded(business_id) or 'Business:0'};Customer:0".encode()).decode()
    if bench.many([nobody])[nobody] is None:
        yield works("missing record", "it is said to be missing")
    else:
        yield wrong("missing record", "an id that nobody has finds a customer")


def _since(bench: Bench, first: Page) -> Iterator[Finding]:
    old, ahead = bench.page(1, _LONG_AGO), bench.page(1, _FAR_AHEAD)
    if not old.records:
        yield wrong("since-filter", "a date long ago gives no customer: changes would not be seen")
    elif ahead.records:
        yield wrong("since-filter", "a date far ahead still gives customers: it is ignored, and every scan is full")
    elif None not in {old.total, first.total} and old.total != first.total:
        text = f"a date long ago gives {old.total} customers of {first.total}; perhaps some were just added"
        yield assumed("since-filter", text)
    else:
        yield works("since-filter", "it is honoured")
