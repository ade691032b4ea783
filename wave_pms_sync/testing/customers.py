"""The records of one sandbox: versions with stamps, thread-safe, remembered as they were."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from attrs import evolve, field, frozen

from wave_pms_sync.testing.nesting import copied

__all__ = ["Customers", "CustomersView", "Version"]

_REMEMBERED = 20


@frozen(kw_only=True)
class Version:
    """One record as it was from one moment on. Its values are never changed in place.

    Attributes:
        id: The side's own id.
        number: Order of creation within the sandbox.
        values: In the side's read names, nested, without id, stamps and archive flag.
        created_at: Stamp.
        modified_at: Stamp.
        archived: Archived.
        removed: Gone.
        revision: Grows with each change of the record.
        since: When this version came about, by the sandbox's time.
    """

    id: str
    number: int
    values: Mapping[str, object] = field(repr=False)
    created_at: datetime
    modified_at: datetime
    archived: bool = False
    removed: bool = False
    revision: int = 1
    since: datetime


class Customers:
    """All records of one account, with their history.

    Args:
        lock: Held during every look and every change; re-entrant.
        now: The sandbox's time.
        name: Makes the id of the record with this number.
        tick: Stamps are cut to this precision.
        first: The number of the first record.
    """

    def __init__(
        self,
        *,
        lock: threading.RLock,
        now: Callable[[], datetime],
        name: Callable[[int], str],
        tick: timedelta,
        first: int = 1,
    ) -> None:
        self._lock = lock
        self._now = now
        self._name = name
        self._tick = tick
        self._next = first
        self._current: dict[str, Version] = {}
        self._earlier: dict[str, list[Version]] = {}
        self.revision = 0

    def stamp(self) -> datetime:
        """The present moment as this side stamps it."""
        return self._cut(self._now())

    def ago(self, seconds: float) -> datetime:
        """So many seconds before the present moment."""
        return self._now() - timedelta(seconds=seconds)

    def create(
        self, values: Mapping[str, object], *, customer_id: str | None = None, created_at: datetime | None = None
    ) -> Version:
        """Make a record. An id may be given; that of a removed record is used again.

        Raises:
            ValueError: A record with this id exists, or the moment has no time zone.
        """
        with self._lock:
            number, self._next = self._next, self._next + 1
            name = self._name(number) if customer_id is None else customer_id
            before = self._current.get(name)
            if before is not None and not before.removed:
                raise ValueError(f"a record with the id {name} exists")
            created = self.stamp() if created_at is None else self._cut(_aware(created_at))
            version = Version(
                id=name,
                number=number,
                values=values,
                created_at=created,
                modified_at=created,
                since=self._now(),
                revision=1 if before is None else before.revision + 1,
            )
            self._put(version)
            return version

    def change(
        self,
        customer_id: str,
        *,
        values: Mapping[str, object] | None = None,
        archived: bool | None = None,
        removed: bool | None = None,
        stamp: bool = True,
    ) -> Version:
        """Make the next version of a record.

        Raises:
            KeyError: There never was such a record.
        """
        with self._lock:
            before = self._current[customer_id]
            version = evolve(
                before,
                values=before.values if values is None else values,
                archived=before.archived if archived is None else archived,
                removed=before.removed if removed is None else removed,
                modified_at=self.stamp() if stamp else before.modified_at,
                revision=before.revision + 1,
                since=self._now(),
            )
            self._put(version)
            return version

    def get(self, customer_id: str, *, at: datetime | None = None) -> Version | None:
        """The record, gone or not, as it is or as it was at a moment; None if there was none."""
        with self._lock:
            current = self._current.get(customer_id)
            return current if at is None or current is None else self._as_of(current, at)

    def all(self, *, at: datetime | None = None) -> list[Version]:
        """Every record, gone or not, in order of creation by number, as it is or as it was at a moment."""
        with self._lock:
            if at is None:
                return list(self._current.values())
            seen = (self._as_of(version, at) for version in self._current.values())
            return [version for version in seen if version is not None]

    def existing(self) -> list[Version]:
        """Records that are not gone."""
        return [version for version in self.all() if not version.removed]

    def _put(self, version: Version) -> None:
        before = self._current.get(version.id)
        if before is not None:
            earlier = self._earlier.setdefault(version.id, [])
            earlier.append(before)
            del earlier[:-_REMEMBERED]
            if before.number != version.number:
                del self._current[version.id]
        self._current[version.id] = version
        self.revision += 1

    def _as_of(self, current: Version, moment: datetime) -> Version | None:
        if current.since <= moment:
            return current
        earlier = self._earlier.get(current.id, ())
        return next((version for version in reversed(earlier) if version.since <= moment), None)

    def _cut(self, moment: datetime) -> datetime:
        return moment - timedelta(microseconds=moment.microsecond % (self._tick // timedelta(microseconds=1)))


class CustomersView(Mapping[str, dict[str, object]]):
    """A read-only, live mapping of id to record, for records that are not gone. What it hands out are copies."""

    def __init__(
        self,
        existing: Callable[[], list[Version]],
        get: Callable[[str], Version | None],
        row: Callable[[Version], Mapping[str, object]],
    ) -> None:
        self._existing = existing
        self._get = get
        self._row = row

    def __getitem__(self, customer_id: str) -> dict[str, object]:
        version = self._get(customer_id)
        if version is None or version.removed:
            raise KeyError(customer_id)
        row = copied(self._row(version))
        assert isinstance(row, dict)  # noqa: S101  # a row is a mapping
        return row

    def __iter__(self) -> Iterator[str]:
        return iter([version.id for version in self._existing()])

    def __len__(self) -> int:
        return len(self._existing())

    def __repr__(self) -> str:
        return f"<{len(self)} customers>"


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the moment has no time zone; give an aware datetime")
    return moment
