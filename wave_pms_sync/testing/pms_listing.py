"""Pages of customers in the PMS sandbox: in order of creation, behind an opaque cursor."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone

from attrs import frozen
from dateutil.parser import isoparse

from wave_pms_sync.testing.customers import Customers, Version
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.listing import Row, capped_size, listed, reachable, shown_rows, shown_total
from wave_pms_sync.testing.pms_answers import Problem
from wave_pms_sync.testing.switchboard import Strikes

__all__ = ["Asked", "Listings", "asked", "page"]

Key = tuple[datetime, int]
_START: Key = (datetime(1, 1, 1, tzinfo=timezone.utc), 0)


@frozen(kw_only=True)
class Asked:
    """What a listing request asks for.

    Attributes:
        limit: Rows of a page.
        after: Rows after this position, or from the start.
        since: Only records modified at or after this moment.
    """

    limit: int
    after: Key = _START
    since: datetime | None = None


def asked(query: Mapping[str, str], default_limit: int, max_limit: int) -> Asked:
    """Read the query; parameters that are not known are ignored.

    Raises:
        Problem: A parameter cannot be read (400).
    """
    try:
        limit = int(query.get("limit") or default_limit)
    except ValueError:
        raise _unreadable("limit", "a whole number") from None
    if limit < 1:
        raise _unreadable("limit", "at least 1")
    return Asked(limit=min(limit, max_limit), after=_after(query.get("cursor")), since=_since(query))


def _since(query: Mapping[str, str]) -> datetime | None:
    text = query.get("updated_since")
    if not text:
        return None
    try:
        moment = isoparse(text)
    except ValueError:
        raise _unreadable("updated_since", "an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise _unreadable("updated_since", "a time with its offset (is a plus sign sent unescaped?)")
    return moment


def _unreadable(name: str, wanted: str) -> Problem:
    return Problem(400, f"{name} must be {wanted}", [{"field": name, "code": "invalid", "detail": f"must be {wanted}"}])


def _key(version: Version) -> Key:
    return version.created_at, version.number


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(f"{key[0].isoformat()}|{key[1]}".encode()).decode()


def _after(cursor: str | None) -> Key:
    if not cursor:
        return _START
    try:
        moment, number = base64.urlsafe_b64decode(cursor).decode().split("|")
        return datetime.fromisoformat(moment), int(number)
    except (ValueError, binascii.Error):
        raise _unreadable("cursor", "one that this API gave") from None


class Listings:
    """The customers of a PMS in order of creation; remembers the last order as long as nothing changes.

    Args:
        customers: The records.
    """

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._known: tuple[tuple[int, datetime | None, bool], list[Version]] | None = None

    def ordered(self, since: datetime | None, at: datetime | None, *, with_removed: bool) -> Sequence[Version]:
        """The records modified since a moment, as they are or as they were at a moment."""
        if at is not None:
            return self._sorted(since, at, with_removed)
        wish = (self._customers.revision, since, with_removed)
        if self._known is None or self._known[0] != wish:
            self._known = (wish, self._sorted(since, None, with_removed))
        return self._known[1]

    def _sorted(self, since: datetime | None, at: datetime | None, with_removed: bool) -> list[Version]:
        found = [version for version in self._customers.all(at=at) if with_removed or not version.removed]
        return sorted((v for v in found if since is None or v.modified_at >= since), key=_key)


def page(
    ordered: Sequence[Version], wish: Asked, row: Callable[[Version], Row], strikes: Strikes, *, with_total: bool
) -> dict[str, object]:
    """One page of these records, which are all that the listing is about."""
    ordered = listed(ordered, strikes)
    total = shown_total(len(ordered), strikes)
    ordered = reachable(ordered, strikes)
    start = bisect_right(ordered, wish.after, key=_key)
    shown = ordered[start : start + capped_size(wish.limit, strikes)]
    rows = shown_rows(shown, ordered[start - 1] if start else None, row, strikes)
    more = start + len(shown) < len(ordered)
    answer: dict[str, object] = {"items": rows, "next_cursor": _cursor(_key(shown[-1])) if more else None}
    if not more and strikes.first(Fault.LAST_PAGE_REPEATED):
        answer["next_cursor"] = _cursor(wish.after)
    if with_total:
        answer["total"] = total
    return answer
