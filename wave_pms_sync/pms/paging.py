"""How a listing goes on from page to page, and what states its end; pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import evolve, frozen

from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.pms.addresses import linked_next, links, next_url
from wave_pms_sync.pms.conventions.fit import PAGERS, asks
from wave_pms_sync.pms.decode import OtherShape, count, identifier, last_number, says_no
from wave_pms_sync.pms.lookup import ABSENT, found, named
from wave_pms_sync.pms.profile import PmsProfile


class Pager(str, Enum):
    """What chooses a page."""

    CURSOR = "cursor"
    PAGE = "page"
    OFFSET = "offset"
    URL = "url"


@frozen(kw_only=True)
class Spot:
    """Where in a listing a page is.

    Attributes:
        cursor: What the page before said, where cursors choose.
        url: What the page before said, where URLs choose.
        page: How many pages were before.
        seen: How many rows were before.
        largest: The rows of the largest page before.
        others: The rows of the page before that are about no customer, as text.
    """

    cursor: str | None = None
    url: str | None = None
    page: int = 0
    seen: int = 0
    largest: int = 0
    others: frozenset[str] = frozenset()

    @property
    def key(self) -> object:
        """What tells this spot from others of the same listing."""
        return self.cursor or self.url or self.page


@frozen(kw_only=True)
class Shown:
    """What a page showed.

    Attributes:
        body: Its JSON.
        rows: How many rows.
        total: How many rows there are in all, if it says so.
        sized: A number of rows was asked for.
        others: Those that are about no customer, as text.
    """

    body: object
    rows: int
    total: int | None
    sized: bool
    others: frozenset[str] = frozenset()


def pager_of(profile: PmsProfile) -> Pager:
    """What chooses pages in this API, by the placeholders of its listing."""
    return next((Pager(name) for name in PAGERS if name in asks(profile.list)), Pager.URL)


def wanted(profile: PmsProfile, spot: Spot) -> Mapping[str, object]:
    """The placeholders of a listing that choose a page."""
    return {
        "limit": profile.paging.size,
        "cursor": spot.cursor,
        "page": profile.paging.first + spot.page,
        "offset": spot.seen,
    }


def onward(
    profile: PmsProfile, spot: Spot, request: Request, response: Response, shown: Shown, base_url: str
) -> tuple[bool, Spot | None]:
    """Whether this page states the end, and where the listing goes on.

    Returns:
        `(True, None)` at the stated end; `(False, None)` where the listing breaks off without one.

    Raises:
        OtherShape: The answer says neither.
    """
    after = Spot(
        page=spot.page + 1,
        seen=spot.seen + shown.rows,
        largest=max(spot.largest, shown.rows),
        others=shown.others,
    )
    more = _more(profile, shown.body)
    if more is False:
        return True, None
    pager = pager_of(profile)
    if pager in {Pager.PAGE, Pager.OFFSET}:
        ended = _numbers_end(profile, spot, response, shown)
        return ended, None if ended else after
    link = _link(profile, response, shown.body)
    if link is None:
        return more is None and not _open(profile, pager, spot, response, shown), None
    if pager is Pager.CURSOR and _nothing_left(profile, spot, shown, more=more):
        return True, None
    if pager is Pager.CURSOR:
        return False, evolve(after, cursor=link)
    return False, evolve(after, url=next_url(link, request_url=request.url, base_url=base_url, profile=profile))


def _more(profile: PmsProfile, body: object) -> bool | None:
    place = profile.paging.more
    if not place:
        return None
    value = found(body, place)
    if value is ABSENT:
        raise OtherShape(f"a word whether more follows in `{place}`", "paging.more", body)
    return not says_no(value)


def page_count(profile: PmsProfile, response: Response, shown: Shown) -> int | None:
    """How many pages the whole listing has, if the answer says so."""
    if profile.paging.pages_header:
        return last_number(response.headers.get(profile.paging.pages_header.lower(), ""))
    return count(named(shown.body, profile.paging.pages))


def _numbers_end(profile: PmsProfile, spot: Spot, response: Response, shown: Shown) -> bool:
    paging, reached = profile.paging, spot.seen + shown.rows
    pages = page_count(profile, response, shown)
    if not shown.rows or (pages is not None and spot.page + 1 >= pages):
        return True
    if paging.end == "short":
        # The server may cut the size asked for, so only another page can tell that one is short.
        return shown.rows < spot.largest
    return paging.end == "total" and shown.total is not None and reached >= shown.total


def _nothing_left(profile: PmsProfile, spot: Spot, shown: Shown, *, more: bool | None) -> bool:
    """Whether an empty page ends a listing whose API gives a cursor for ever."""
    missed = shown.total is not None and shown.total > spot.seen
    return profile.paging.end == "empty" and more is None and not shown.rows and not missed


def _link(profile: PmsProfile, response: Response, body: object) -> str | None:
    paging = profile.paging
    if paging.next_header:
        held = response.headers.get(paging.next_header.lower(), "").strip()
        return (linked_next(held) if paging.next_header.lower() == "link" or links(held) else held) or None
    value = named(body, paging.next)
    if value is None or value == "":
        return None
    link = identifier(value)
    if link is None:
        raise OtherShape(f"text or null in `{paging.next}`", "paging.next", body)
    return link


def _open(profile: PmsProfile, pager: Pager, spot: Spot, response: Response, shown: Shown) -> bool:
    """Whether a full first page that says nothing of a next one leaves open if there is more.

    An earlier page that had a link shows that absence is how this API states the end.
    """
    if spot.page or (shown.total is not None and spot.seen + shown.rows >= shown.total):
        return False
    paging = profile.paging
    if paging.next_header:
        silent = paging.next_header.lower() not in response.headers
    else:
        silent = not paging.next or found(shown.body, paging.next) is ABSENT
    # An API with cursors or links that gave more than was asked for knows no sizes, so it gave all.
    plain = pager is Pager.URL and not paging.next_header
    full = shown.rows >= paging.size if plain else shown.rows == paging.size
    return silent and full and shown.sized
