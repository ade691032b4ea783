"""The content of a link store in memory: its entries with their keys, and a view of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar, cast

from attrs import define, field

from wave_pms_sync.model.links import Link, Marked, Trace, marked, trace
from wave_pms_sync.model.memory import Change, Entry, Known, Lease, Put
from wave_pms_sync.model.side import Side
from wave_pms_sync.stores import leasing
from wave_pms_sync.stores.kinds import KINDS, Identity, check_key, check_kind, identity, keys, twice_linked

E = TypeVar("E")


def _empty() -> dict[type[object], dict[Identity, Entry]]:
    return {kind: {} for kind in KINDS}


@define(eq=False)
class Content:
    """All entries, and an index for each key. It is changed only while nobody views it."""

    entries: dict[type[object], dict[Identity, Entry]] = field(factory=_empty)
    index: dict[tuple[type[object], str, str], dict[Identity, Entry]] = field(factory=dict)
    numbers: dict[Identity, int] = field(factory=dict)
    viewers: int = 0

    def copy(self) -> Content:
        """The same entries, to be changed by themselves."""
        return Content(
            entries={kind: dict(entries) for kind, entries in self.entries.items()},
            index={key: dict(entries) for key, entries in self.index.items()},
            numbers=dict(self.numbers),
        )

    def carry_out(self, changes: Sequence[Change]) -> None:
        """Carry out changes in order."""
        for change in changes:
            if isinstance(change, Put):
                self._put(change.entry)
            else:
                self._remove(change.entry)

    def _put(self, entry: Entry) -> None:
        kind, own = type(entry), identity(entry)
        self._unlist(kind, own)
        self.entries[kind][own] = entry
        if kind is Link:
            self.numbers.setdefault(own, len(self.numbers))
        for by, value in keys(entry):
            self.index.setdefault((kind, by, value), {})[own] = entry

    def _remove(self, entry: Entry) -> None:
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
class View:
    """A `LinkReader` over whatever content stands at the moment of each call."""

    content: Callable[[], Content]
    lease: Callable[[], Lease | None]
    lock: threading.RLock

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        """The entries of a kind whose key is among these values."""
        check_key(kind, by)
        wanted = tuple(values)
        with self.lock:
            if kind in (Trace, Marked):
                return cast("list[E]", self._traces(kind, by, wanted))
            if by == "loose":
                return cast("list[E]", self._loose(wanted))
            index = self.content().index
            found = {own: entry for value in wanted for own, entry in index.get((kind, by, value), {}).items()}
        return cast("list[E]", list(found.values()))

    def _traces(self, kind: type[object], by: str, wanted: Iterable[str]) -> list[Trace | Marked]:
        content, side = self.content(), Side(by.partition("_")[0])
        make = trace if kind is Trace else marked
        links = {own: link for value in wanted for own, link in content.index.get((Link, by, value), {}).items()}
        found = (make(content.numbers[own], cast("Link", link), side) for own, link in links.items())
        return [each for each in found if each is not None]

    def _loose(self, sides: Iterable[str]) -> list[Known]:
        content = self.content()
        known = cast("Iterable[Known]", content.entries[Known].values())
        return [k for k in known if k.side.value in sides and (Link, f"{k.side}_id", k.id) not in content.index]

    def scan(self, kind: type[E]) -> Iterator[E]:
        """All entries of a kind as they stand now."""
        if kind is Lease:
            return iter(cast("tuple[E, ...]", leasing.standing(self.lease())))
        check_kind(kind)
        with self.lock:
            standing = tuple(self.content().entries[kind].values())
        return iter(cast("tuple[E, ...]", standing))

    def count(self, kind: type[E]) -> int:
        """How many entries of a kind there are."""
        check_kind(kind)
        with self.lock:
            return len(self.content().entries[kind])


def check_links(content: Content, changes: Sequence[Change]) -> None:
    """Follow the link changes in order, without making them, and refuse an id that two links would hold.

    Raises:
        StoreUnusable: Naming the two links.
    """
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
