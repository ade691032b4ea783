"""A link store that lives and ends with this process (or with its pickle)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import TypeVar, cast

from attrs import define, field

from wave_pms_sync.model.links import Link, Marked, Trace, trace
from wave_pms_sync.model.memory import Change, Entry, Known, Lease, Put
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkReader, LinkStore
from wave_pms_sync.stores import leasing, moving
from wave_pms_sync.stores.kinds import KINDS, Identity, check_key, check_kind, identity, keys, twice_linked

E = TypeVar("E")


def _empty() -> dict[type[object], dict[Identity, Entry]]:
    return {kind: {} for kind in KINDS}


@define(eq=False)
class _Content:
    """All entries, and an index for each key. It is changed only while nobody views it."""

    entries: dict[type[object], dict[Identity, Entry]] = field(factory=_empty)
    index: dict[tuple[type[object], str, str], dict[Identity, Entry]] = field(factory=dict)
    numbers: dict[Identity, int] = field(factory=dict)
    viewers: int = 0

    def copy(self) -> _Content:
        return _Content(
            entries={kind: dict(entries) for kind, entries in self.entries.items()},
            index={key: dict(entries) for key, entries in self.index.items()},
            numbers=dict(self.numbers),
        )

    def put(self, entry: Entry) -> None:
        kind, own = type(entry), identity(entry)
        self._unlist(kind, own)
        self.entries[kind][own] = entry
        if kind is Link:
            self.numbers.setdefault(own, len(self.numbers))
        for by, value in keys(entry):
            self.index.setdefault((kind, by, value), {})[own] = entry

    def remove(self, entry: Entry) -> None:
        kind, own = type(entry), identity(entry)
        self._unlist(kind, own)
        self.entries[kind].pop(own, None)

    def _unlist(self, kind: type[Entry], own: Identity) -> None:
        before = self.entries[kind].get(own)
        if before is None:
            return
        for by, value in keys(before):
            listed = self.index[kind, by, value]
            del listed[own]
            if not listed:
                del self.index[kind, by, value]


@define(eq=False)
class _View:
    """A `LinkReader` over whatever content stands at the moment of each call."""

    content: Callable[[], _Content]
    lease: Callable[[], Lease | None]
    lock: threading.RLock

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        check_key(kind, by)
        wanted = tuple(values)
        with self.lock:
            if kind is Trace:
                return cast("list[E]", self._traces(by, wanted))
            if kind is Marked:
                traces = self._traces(by, wanted)
                return cast("list[E]", [Marked(t.number, t.mark, t.stamp, t.created) for t in traces if t.mark])
            if by == "loose":
                return cast("list[E]", self._loose(wanted))
            index = self.content().index
            found = {own: entry for value in wanted for own, entry in index.get((kind, by, value), {}).items()}
        return cast("list[E]", list(found.values()))

    def _traces(self, by: str, wanted: Iterable[str]) -> list[Trace]:
        content, side = self.content(), Side(by.partition("_")[0])
        links = {own: link for value in wanted for own, link in content.index.get((Link, by, value), {}).items()}
        found = (trace(content.numbers[own], cast("Link", link), side) for own, link in links.items())
        return [each for each in found if each is not None]

    def _loose(self, sides: Iterable[str]) -> list[Known]:
        content = self.content()
        known = cast("Iterable[Known]", content.entries[Known].values())
        return [k for k in known if k.side.value in sides and (Link, f"{k.side}_id", k.id) not in content.index]

    def scan(self, kind: type[E]) -> Iterator[E]:
        if kind is Lease:
            return iter(cast("tuple[E, ...]", leasing.standing(self.lease())))
        check_kind(kind)
        with self.lock:
            standing = tuple(self.content().entries[kind].values())
        return iter(cast("tuple[E, ...]", standing))

    def count(self, kind: type[E]) -> int:
        check_kind(kind)
        with self.lock:
            return len(self.content().entries[kind])


@define(eq=False)
class MemoryLinkStore:
    """A link store without a file: for trying, for tests, and for those who pickle it away themselves.

    It fulfils `LinkStore` and may be used by several threads. Its content is its memory: a pickle or a deep copy
    carries everything along and is independent from then on.

    Args:
        tenant: The name of the one tenant it holds.
    """

    tenant: str = "default"
    _content: _Content = field(factory=_Content, init=False, repr=False)
    _lease: Lease | None = field(default=None, init=False, repr=False)
    _last_token: int = field(default=0, init=False, repr=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False, repr=False)

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        """The entries of a kind whose key is among these values; see `LinkReader.find`."""
        return self._view().find(kind, by, values)

    def scan(self, kind: type[E]) -> Iterator[E]:
        """All entries of a kind as they stand at the call, in the order in which they were first put."""
        return self._view().scan(kind)

    def count(self, kind: type[E]) -> int:
        """How many entries of a kind there are."""
        return self._view().count(kind)

    @contextmanager
    def snapshot(self) -> Iterator[LinkReader]:
        """A view that does not move while others commit; taking one copies nothing."""
        with self._lock:
            seen, held = self._content, self._lease
            seen.viewers += 1
        try:
            yield _View(lambda: seen, lambda: held, self._lock)
        finally:
            with self._lock:
                seen.viewers -= 1

    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        """Carry out all changes in order, or none; see `LinkStore.commit`.

        Raises:
            LeaseLost: The lease was taken over or given back; nothing was written.
            StoreUnusable: A link would join an id that another link holds; nothing was written.
        """
        with self._lock:
            if not leasing.is_current(self._lease, lease):
                raise leasing.lost(lease, self.tenant)
            _check_links(self._content, changes)
            if self._content.viewers:
                self._content = self._content.copy()
            for change in changes:
                if isinstance(change, Put):
                    self._content.put(change.entry)
                else:
                    self._content.remove(change.entry)

    def acquire(self, owner: str, now: datetime, ttl_s: float) -> Lease:
        """Take the lease, or renew one that this owner holds.

        Raises:
            LeaseHeld: Another owner's lease has not expired.
        """
        with self._lock:
            lease = leasing.grant(self._lease, self._last_token, owner=owner, now=now, ttl_s=ttl_s)
            self._lease, self._last_token = lease, lease.token
            return lease

    def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that is no longer ours is left alone."""
        with self._lock:
            if leasing.is_current(self._lease, lease):
                self._lease = None

    def purge(self) -> None:
        """Nothing to do: what is removed is gone."""

    def copy_to(self, other: LinkStore) -> None:
        """Copy everything into another, empty store of any kind; see `wave_pms_sync.stores.moving.copy`."""
        moving.copy(self, other)

    def rebind(self, *, wave: str | None = None, pms: str | None = None) -> None:
        """Accept a moved URL: the same accounts under another identity; see `wave_pms_sync.stores.moving.rebind`."""
        moving.rebind(self, wave=wave, pms=pms)

    def close(self) -> None:
        """Nothing to let go of; the content stays."""

    def __enter__(self) -> MemoryLinkStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> tuple[str, _Content, Lease | None, int]:
        with self._lock:
            return self.tenant, self._content.copy(), self._lease, self._last_token

    def __setstate__(self, state: tuple[str, _Content, Lease | None, int]) -> None:
        self.tenant, self._content, self._lease, self._last_token = state
        self._lock = threading.RLock()

    def _view(self) -> _View:
        return _View(lambda: self._content, lambda: self._lease, self._lock)


def _check_links(content: _Content, changes: Sequence[Change]) -> None:
    """Follow the link changes in order, without making them, and refuse an id that two links would hold."""
    held: dict[tuple[str, str], Identity | None] = {}

    def holder(by: str, value: str) -> Identity | None:
        if (by, value) in held:
            return held[by, value]
        return next(iter(content.index.get((Link, by, value), {})), None)

    for change in changes:
        if not isinstance(change.entry, Link):
            continue
        own = identity(change.entry)
        for by, value in (("wave_id", change.entry.wave_id), ("pms_id", change.entry.pms_id)):
            standing = holder(by, value)
            if isinstance(change, Put):
                if standing is not None and standing != own:
                    raise twice_linked(own, standing)
                held[by, value] = own
            elif standing == own:
                held[by, value] = None
