"""The doctor's look at pages: whether a listing shows everybody, and each once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

from wave_pms_sync.errors import Refused, SyncError
from wave_pms_sync.findings import Finding, assumed, works, wrong
from wave_pms_sync.model.records import Page
from wave_pms_sync.pms.conventions.calls import Listing
from wave_pms_sync.pms.conventions.fit import asks
from wave_pms_sync.pms.paging import Pager, Spot, pager_of
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.reading import Reader

_PAGES_WALKED = 10
_AGAIN = 'page 2 is page 1 again: is the parameter\'s name right (or `paging.end` "repeat")?'


def try_pages(reader: Reader) -> Iterator[Finding]:
    """Walk through the first ten pages, through smaller ones if one held everybody, and look before the first.

    Args:
        reader: Reads the listing.
    """
    profile = reader.customers.profile
    rows = reader.asking(list={"partial": False})  # who is listed matters here, not what is shown of each
    looked = list(islice(rows.pages(None), _PAGES_WALKED))
    listed = _ids(looked)
    ended = looked[-1].last
    yield from _said(profile, looked)
    if len(set(listed)) < len(listed):
        yield wrong("pages", "a page shows somebody of another one again", "list.query")
    elif not ended and len(looked) < _PAGES_WALKED:
        yield _broken_off(rows, looked)
    elif sum(bool(page.records) for page in looked) > 1:
        yield works("pages", "the second page shows others")
    else:
        yield _smaller(rows, listed)
    yield from _before_the_first(rows, listed, ended=ended)
    yield from _order(profile, looked)


def _said(profile: PmsProfile, looked: list[Page]) -> Iterator[Finding]:
    """What pages say of their size and of the total."""
    total, largest = looked[0].total, max(len(page.records) for page in looked)
    listed = sum(len(page.records) for page in looked)
    if looked[-1].last and total not in {None, listed}:
        yield wrong("total", f"{total} are said, {listed} are listed in all", "list.total, paging or list.query")
    if total is None and listed and profile.list.total not in {"", Listing().total}:
        yield assumed("total", f"none is seen in `{profile.list.total}`", "list.total")
    if "limit" in asks(profile.list) and largest > profile.paging.size:
        yield wrong("page size", f"more than the {profile.paging.size} asked for: it is ignored", "list.query")


def _broken_off(reader: Reader, looked: list[Page]) -> Finding:
    if len(looked) == 1 and _again(reader):
        return wrong("pages", _AGAIN, "list.query")
    text = f"after page {len(looked)} no further one comes, and none was said to be the last"
    return wrong("pages", text, "paging")


def _smaller(reader: Reader, listed: list[str]) -> Finding:
    """What smaller pages show, where one page held everybody."""
    profile = reader.customers.profile
    if "limit" not in asks(profile.list) or len(listed) < 2:
        at_once = "all {} came at once; if there are more, the server cuts the listing"
        one = "one holds all {}, so going on could not be tried"
        return assumed("pages", (at_once if pager_of(profile) is Pager.URL else one).format(len(listed)))
    size = min(2, len(listed) - 1)
    small = reader.asking(paging={"size": size})
    pages = small.pages(None)
    try:
        first = next(pages)
    except Refused:
        return assumed("pages", f"pages of {size} are refused, so going on could not be tried")
    if len(first.records) > size:
        text = f"{len(first.records)} came where {size} were asked for, so going on could not be tried"
        return assumed("pages", text, "list.query")
    return _second(small, first, pages, listed)


def _second(small: Reader, first: Page, others: Iterator[Page], listed: list[str]) -> Finding:
    """What the page behind a small one shows."""
    size = small.customers.profile.paging.size
    try:
        shown = _ids([first, *islice(others, 1)])
    except SyncError as error:
        return wrong("pages", f"a page of {size} is shown, and the next one fails: {error}", "list.query or paging")
    if len(shown) <= size:
        text = _AGAIN if _again(small) else f"of {len(listed)} a page of {size} is shown, and no further one"
        return wrong("pages", text, "list.query or paging")
    if shown != listed[: len(shown)]:
        return wrong("pages", f"pages of {size} show others, or in another order: sort them", "list.query")
    return works("pages", "the second page shows others")


def _again(reader: Reader) -> bool:
    """Whether the second page shows nobody but those of the first."""
    first, after = reader.page(Spot())
    second = reader.page(after)[0] if after is not None else Page(records=())
    return bool(second.records) and set(_ids([second])) <= set(_ids([first]))


def _before_the_first(reader: Reader, listed: list[str], *, ended: bool) -> Iterator[Finding]:
    profile = reader.customers.profile
    if pager_of(profile) is not Pager.PAGE or profile.paging.first == 0:
        return
    try:
        page, _ = reader.asking(paging={"first": 0}).page(Spot())
    except SyncError:  # a server that counts from one may well refuse page 0
        return
    shown = set(_ids([page]))
    unlisted = shown - set(listed)
    # Where the listing is too long to be walked, page 0 may be anything; but somebody of page 1 would be on it.
    if unlisted and (ended or unlisted == shown):
        text = f"page 0 shows {len(unlisted)} whom the listing does not show: pages are counted from 0"
        yield wrong("first page", text, "paging.first")


def _order(profile: PmsProfile, looked: list[Page]) -> Iterator[Finding]:
    made = [record.created_at for page in looked for record in page.records if record.created_at is not None]
    if profile.list.creation_order and any(earlier > later for earlier, later in pairwise(made)):
        yield wrong("order", "it is not that of creation: sort, or say that it is not", "list.creation_order")


def _ids(pages: list[Page]) -> list[str]:
    return [record.id for page in pages for record in page.records]
