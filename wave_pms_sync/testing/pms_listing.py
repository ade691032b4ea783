"""Which customers a listing of the PMS sandbox is about, and where in it a page begins."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime, timezone

from attrs import frozen

from wave_pms_sync.testing.customers import Customers, Version
from wave_pms_sync.testing.pms_problems import Problem

__all__ = ["Choice", "Key", "Listings", "cursor_of", "key_of", "position_in", "unreadable"]

Key = tuple[float, float]
"""Where a record stands in an order."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@frozen(kw_only=True)
class Choice:
    """Which records a listing is about.

    Attributes:
        since: Only those modified at or after this moment.
        after: Only those modified after it, not at it.
        stamped: Only those that were ever updated.
        removed: Those that are gone, too.
        newest_first: The other way round.
    """

    since: datetime | None = None
    after: bool = False
    stamped: bool = False
    removed: bool = False
    newest_first: bool = False

    def holds(self, version: Version) -> bool:
        """Whether a record is one of them."""
        if version.removed and not self.removed:
            return False
        if self.since is None:
            return True
        moved = version.modified_at > self.since if self.after else version.modified_at >= self.since
        return moved and (version.revision > 1 or not self.stamped)


class Listings:
    """The customers of a PMS in order of creation; remembers the last order as long as nothing changes.

    Args:
        customers: The records.
    """

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._known: tuple[tuple[int, Choice], list[Version]] | None = None

    def ordered(self, choice: Choice, at: datetime | None = None) -> list[Version]:
        """The records of a listing, as they are or as they were at a moment."""
        if at is not None:
            return self._sorted(choice, at)
        wish = (self._customers.revision, choice)
        if self._known is None or self._known[0] != wish:
            self._known = (wish, self._sorted(choice, None))
        return self._known[1]

    def _sorted(self, choice: Choice, at: datetime | None) -> list[Version]:
        found = (version for version in self._customers.all(at=at) if choice.holds(version))
        return sorted(found, key=key_of(newest_first=choice.newest_first))


def key_of(*, newest_first: bool) -> Callable[[Version], Key]:
    """What puts records in order."""
    sign = -1.0 if newest_first else 1.0

    def key(version: Version) -> Key:
        return sign * (version.created_at - _EPOCH).total_seconds(), sign * version.number

    return key


def cursor_of(key: Key, *, plain: bool = False) -> str:
    """A cursor that leads behind a record; opaque, or `plain` with characters that a URL must escape."""
    text = f"{key[0]!r}|{key[1]!r}"
    return f"<{text} []>" if plain else base64.urlsafe_b64encode(text.encode()).decode()


def position_in(cursor: str) -> Key:
    """The place that a cursor leads behind.

    Raises:
        Problem: This API gave no such cursor (400).
    """
    try:
        text = cursor[1:-4] if cursor.startswith("<") else base64.urlsafe_b64decode(cursor).decode()
        moment, number = text.split("|")
        return float(moment), float(number)
    except (ValueError, binascii.Error):
        raise unreadable("cursor", "one that this API gave") from None


def unreadable(name: str, wanted: str) -> Problem:
    """A parameter that cannot be read."""
    return Problem(400, f"{name} must be {wanted}", [{"field": name, "code": "invalid", "detail": f"must be {wanted}"}])
