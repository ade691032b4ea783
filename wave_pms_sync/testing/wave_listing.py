"""Pages of customers in the Wave sandbox: numbered, sorted, filtered, with totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from attrs import frozen

from wave_pms_sync.testing.customers import Customers, Version
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.listing import Row, capped_size, listed, reachable, shown_rows, shown_total
from wave_pms_sync.testing.switchboard import Strikes
from wave_pms_sync.testing.wave_account import WaveOptions

__all__ = ["Listings", "Wish"]

_KEYS: dict[str, Callable[[Version], str | datetime]] = {
    "CREATED_AT": lambda version: version.created_at,
    "MODIFIED_AT": lambda version: version.modified_at,
    "NAME": lambda version: str(version.values.get("name") or "").casefold(),
}
_KEPT = 4


@frozen(kw_only=True)
class Wish:
    """Which customers, in which order."""

    sort: tuple[str, ...]
    email: str | None = None
    after: datetime | None = None
    before: datetime | None = None


class Listings:
    """Sorts and filters the customers of one business, and remembers the last few results.

    Args:
        customers: The records.
        options: How Wave behaves.
    """

    def __init__(self, customers: Customers, options: WaveOptions) -> None:
        self._customers = customers
        self._options = options
        self._known: dict[tuple[int, Wish], Sequence[Version]] = {}
        self._salt = 0

    def ordered(self, wish: Wish, at: datetime | None = None) -> Sequence[Version]:
        """All customers that a wish concerns, as they are or as they were at a moment."""
        if at is not None or self._options.ties == "shuffled":
            return self._sorted(wish, at)
        key = (self._customers.revision, wish)
        if key not in self._known:
            self._known[key] = self._sorted(wish, None)
            for old in list(self._known)[:-_KEPT]:
                del self._known[old]
        return self._known[key]

    def page(
        self, ordered: Sequence[Version], number: int, size: int, row: Callable[[Version], Row], strikes: Strikes
    ) -> dict[str, object]:
        """One page as a CustomerConnection.

        Source: page numbers from 1, currentPage, totalPages and totalCount, Wave developer portal; that a listing
        of nothing has one page is assumed.
        """
        ordered = listed(ordered, strikes)
        total = shown_total(len(ordered), strikes)
        ordered = reachable(ordered, strikes)
        size = capped_size(max(1, min(size, self._options.max_page_size)), strikes)
        pages = max(1, -(-len(ordered) // size))
        shown, stated = max(1, number), pages
        if strikes.first(Fault.LAST_PAGE_REPEATED) and number >= pages:
            shown, stated = pages, number + 1
        start = (shown - 1) * size
        before = ordered[start - 1] if 0 < start <= len(ordered) else None
        rows = shown_rows(ordered[start : start + size], before, row, strikes)
        return {
            "edges": [{"node": node} for node in rows],
            "pageInfo": {"currentPage": max(1, number), "totalPages": stated, "totalCount": total},
        }

    def _sorted(self, wish: Wish, at: datetime | None) -> list[Version]:
        found = [version for version in self._customers.all(at=at) if self._wanted(version, wish)]
        self._salt += 1 if self._options.ties == "shuffled" else 0
        # Wave promises nothing for ties, so they come in an order that has no meaning.
        found.sort(key=lambda version: ((version.number + self._salt) * 2_654_435_761) % 2**32)
        for sort in reversed(wish.sort):
            name, _, direction = sort.rpartition("_")
            found.sort(key=_KEYS[name], reverse=direction == "DESC")
        return found

    def _wanted(self, version: Version, wish: Wish) -> bool:
        if version.removed or (version.archived and not self._options.archived_listed):
            return False
        if wish.email is not None and version.values.get("email") != wish.email:
            return False
        moment, equal = version.modified_at, self._options.filter_inclusive
        after = wish.after is None or moment > wish.after or (equal and moment == wish.after)
        return after and (wish.before is None or moment < wish.before or (equal and moment == wish.before))
