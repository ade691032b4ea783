"""Pages of the PMS sandbox: where one begins and ends, and how its answer says what follows, as a profile has it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlencode

from attrs import frozen

from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.customers import Version
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.listing import Row, capped_size, listed, reachable, shown_rows, shown_total
from wave_pms_sync.testing.pms_listing import Key, cursor_of, key_of, position_in, unreadable
from wave_pms_sync.testing.pms_problems import Problem
from wave_pms_sync.testing.pms_requests import OWN_PARAMETER, PREFIX, Wish
from wave_pms_sync.testing.pms_templates import placed
from wave_pms_sync.testing.pms_traps import PmsTraps
from wave_pms_sync.testing.server import Call
from wave_pms_sync.testing.switchboard import Strikes

__all__ = ["PageSizes", "Pages", "Window"]

_ELSEWHERE = re.compile(r"\[([^\[\]=]+)=[^\[\]]*\]")


@frozen(kw_only=True)
class PageSizes:
    """How many rows a page holds.

    Attributes:
        default: If no number is asked for.
        most: At most.
    """

    default: int = 100
    most: int = 500


@frozen(kw_only=True)
class Window:
    """One page of a listing.

    Attributes:
        rows: As they are shown.
        ids: Of these rows.
        next: The cursor of the next page; None if there is none.
        last_id: The id of the last record on it.
        pages: How many pages there are.
        total: How many rows there are.
    """

    rows: Sequence[Row]
    ids: Sequence[str]
    next: str | None
    last_id: str | None
    pages: int
    total: int


class Pages:
    """Cuts listings into pages, and says how they go on.

    Args:
        profile: The conventions.
        sizes: How large pages are.
        traps: What is odd here.
        find: A record by its id.
    """

    def __init__(
        self, profile: PmsProfile, sizes: PageSizes, traps: PmsTraps, find: Callable[[str], Version | None]
    ) -> None:
        listing, self._paging = profile.list, profile.paging
        self._profile = profile
        self._sizes = sizes
        self._traps = traps
        self._find = find
        texts = (listing.query, listing.headers, listing.body)
        named = [name for name in ("cursor", "page", "offset") if f"{{{name}}}" in str(texts)]
        self._kind = named[0] if named else "url"
        self._sized = "{limit}" in str(texts)
        self._by_last_row = f"{listing.rows}[-1]." in self._paging.next
        self._key = key_of(newest_first=not listing.creation_order)

    @property
    def counts_rows(self) -> bool:
        """Whether a page begins behind so many rows, whatever they are about."""
        return self._kind == "offset"

    def window(self, ordered: Sequence[Version], wish: Wish, row: Callable[[Version], Row], strikes: Strikes) -> Window:
        """One page of these records, which are all that the listing is about.

        Raises:
            Problem: A parameter cannot be read, or the page does not exist where that is an error.
        """
        ordered = listed(ordered, strikes)
        total = shown_total(len(ordered), strikes)
        ordered = reachable(ordered, strikes)
        size = capped_size(self._size(wish, len(ordered)), strikes)
        endless = strikes.first(Fault.LAST_PAGE_REPEATED) is not None
        start = min(self._start(ordered, wish, size, endless=endless), len(ordered))
        shown = ordered[start : start + size]
        following = None
        if start + len(shown) < len(ordered):
            following = cursor_of(self._key(shown[-1]), plain=self._traps.unescaped_links)
        elif endless:
            following = self._again(ordered, start)
        return Window(
            rows=shown_rows(shown, ordered[start - 1] if start else None, row, strikes),
            ids=[version.id for version in shown],
            next=following,
            last_id=shown[-1].id if shown else None,
            pages=max(1, -(-len(ordered) // size)),
            total=total,
        )

    def said(self, body: object, window: Window, call: Call) -> tuple[object, dict[str, str]]:
        """The body and the headers of an answer, with what they say of further pages."""
        paging, headers = self._paging, dict[str, str]()
        if paging.more:
            body = placed(body, paging.more, window.next is not None)
        if paging.pages:
            body = placed(body, paging.pages, window.pages)
        if paging.pages_header:
            headers[paging.pages_header] = str(window.pages)
        if self._kind in ("cursor", "url") and not self._by_last_row:
            onward = window.next if self._kind == "cursor" else self._link(window.next, call)
            if paging.next_header:
                headers |= self._in_header(onward)
            elif "=" in paging.next:
                # The list is there in any case; the item that leads on only where something follows.
                body = placed(body, _ELSEWHERE.sub(r"[\1=self]", paging.next), call.path)
                body = body if onward is None else placed(body, paging.next, onward)
            elif paging.next and not (onward is None and self._traps.silent_end):
                body = placed(body, paging.next, onward)
        return body, headers

    # --- where a page begins -------------------------------------------------------------------------

    def _size(self, wish: Wish, rows: int) -> int:
        paging = self._paging
        if self._kind == "url" and not paging.next and not paging.next_header and not self._sized:
            return max(1, rows)
        size = _number(wish.facts.get("limit") or self._sizes.default, "limit")
        if size < 1:
            raise unreadable("limit", "at least 1")
        if size > self._sizes.most and self._traps.refuse_large_pages:
            raise unreadable("limit", f"at most {self._sizes.most}")
        return min(size, self._sizes.most)

    def _start(self, ordered: Sequence[Version], wish: Wish, size: int, *, endless: bool) -> int:
        facts, paging = wish.facts, self._paging
        if self._kind in ("cursor", "url"):
            after = facts.get("cursor" if self._kind == "cursor" else OWN_PARAMETER)
            return bisect_right(ordered, self._position(str(after)), key=self._key) if after else 0
        if self._kind == "page":
            start = (_number(facts.get("page", paging.first), "page") - paging.first) * size
        else:
            start = _number(facts.get("offset", 0), "offset")
        if start < 0:
            raise unreadable(self._kind, "no less than the first")
        if start and start >= len(ordered):
            if paging.end == "repeat" or endless:
                return max(0, (len(ordered) - 1) // size * size)
            if paging.past_end:
                raise Problem(paging.past_end[0], "There is no such page.", exactly=True)
        return start

    def _position(self, cursor: str) -> Key:
        if not self._by_last_row:
            return position_in(cursor)
        version = self._find(cursor)
        if version is None:
            raise unreadable("cursor", "the id of a customer")
        return self._key(version)

    def _again(self, ordered: Sequence[Version], start: int) -> str | None:
        """A cursor that leads to the page that begins here."""
        if start:
            return cursor_of(self._key(ordered[start - 1]))
        return cursor_of((float("-inf"), 0.0))

    # --- how an answer goes on -----------------------------------------------------------------------

    def _link(self, cursor: str | None, call: Call) -> str | None:
        if cursor is None:
            return None
        secret = self._profile.auth.query
        kept = [(name, value) for name, value in call.query.items() if name not in (*secret, OWN_PARAMETER)]
        shown = cursor if self._traps.unescaped_links else quote(cursor, safe="")
        query = "&".join(filter(None, (urlencode(kept), f"{OWN_PARAMETER}={shown}")))
        if self._traps.links == "query":
            return f"?{query}"
        if self._traps.links == "path" and self._paging.next_from != "request":
            start = f"{PREFIX}/" if self._paging.next_from == "base" else "/"
            return f"{call.path.removeprefix(start)}?{query}"
        origin = f"http://{call.headers.get('host', '')}" if self._traps.links == "absolute" else ""
        return f"{origin}{call.path}?{query}"

    def _in_header(self, onward: str | None) -> Mapping[str, str]:
        name = self._paging.next_header
        if not name.lower().endswith("link"):
            return {} if onward is None else {name: onward}
        first = '<?page=1>; rel="first"'
        return {name: first if onward is None else f'{first}, <{onward}>; title="next, please"; rel="next"'}


def _number(value: object, name: str) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise unreadable(name, "a whole number") from None
