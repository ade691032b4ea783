"""What arrived at a sandbox, and what became of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from attrs import evolve, frozen

__all__ = ["NOTHING", "Effects", "Entry", "Ledger"]


@frozen(kw_only=True)
class Effects:
    """What one request did to the records.

    Attributes:
        executed: The request was carried out: a write took place, or a read was served.
        created: Ids of records that it really made.
        updated: Ids of records that it changed, archiving included.
        deleted: Ids of records that it deleted.
    """

    executed: bool = False
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    @property
    def writes(self) -> int:
        """How many writes were executed."""
        return len(self.created) + len(self.updated) + len(self.deleted)


NOTHING: Final = Effects()
"""The effects of a request that was not carried out."""


@frozen(kw_only=True)
class Entry:
    """One request.

    Attributes:
        number: Counted from 1, in order of arrival.
        at: When it was answered, by the sandbox's time.
        operation: `list`, `one`, `create`, `update`, `archive`, `delete`, `other` or `invalid`.
        ids: The records that it named, and those it made.
        executed: It was carried out; a late commit turns this to True when it lands.
        status: The HTTP status answered; 0 if the connection was closed without an answer.
        fault: The names of the faults that struck it, joined by `+`; empty if none did.
        effects: What it did to the records.
    """

    number: int
    at: datetime
    operation: str
    ids: tuple[str, ...] = ()
    executed: bool = False
    status: int = 200
    fault: str = ""
    effects: Effects = NOTHING


class Ledger:
    """Counts the requests that arrived at a sandbox. What `add`, `edit` and their like do is not in it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrived = 0
        self._offset = 0
        self._busy = 0
        self._most_at_once = 0
        self._entries: dict[int, Entry] = {}

    @property
    def requests(self) -> int:
        """Requests that arrived, whatever became of them."""
        with self._lock:
            return self._arrived - self._offset

    @property
    def reads(self) -> int:
        """Answered or unanswered requests that wanted to read (`list`, `one`, `other`)."""
        return sum(e.operation in ("list", "one", "other") for e in self.entries)

    @property
    def writes(self) -> int:
        """Writes that were executed. One request may hold several."""
        return sum(e.effects.writes for e in self.entries)

    @property
    def creates(self) -> int:
        """Records really made. A repeated request that was answered from memory made none."""
        return sum(len(e.effects.created) for e in self.entries)

    @property
    def updates(self) -> int:
        """Updates executed, archiving included."""
        return sum(len(e.effects.updated) for e in self.entries)

    @property
    def deletes(self) -> int:
        """Deletions executed."""
        return sum(len(e.effects.deleted) for e in self.entries)

    @property
    def by_operation(self) -> Mapping[str, int]:
        """Requests by operation, executed or not."""
        return MappingProxyType(Counter(e.operation for e in self.entries))

    @property
    def most_at_once(self) -> int:
        """The largest number of requests that were being answered at the same time."""
        with self._lock:
            return self._most_at_once

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All requests that were answered (or dropped), in order of arrival."""
        with self._lock:
            return tuple(self._entries[number] for number in sorted(self._entries))

    def count(self, operation: str) -> int:
        """How many requests of this operation arrived."""
        return sum(e.operation == operation for e in self.entries)

    def reset(self) -> None:
        """Forget everything counted so far. Numbers go on."""
        with self._lock:
            self._offset = self._arrived
            self._most_at_once = self._busy
            self._entries.clear()

    # --- for the sandbox itself --------------------------------------------------------------------

    def arrive(self) -> int:
        """Count a request and return its number."""
        with self._lock:
            self._arrived += 1
            self._busy += 1
            self._most_at_once = max(self._most_at_once, self._busy)
            return self._arrived

    def leave(self) -> None:
        """The request is answered."""
        with self._lock:
            self._busy -= 1

    def note(self, entry: Entry) -> None:
        """Keep what became of a request, unless it arrived before the last reset."""
        with self._lock:
            if entry.number > self._offset:
                self._entries[entry.number] = entry

    def note_late(self, number: int, effects: Effects) -> None:
        """A request whose connection was closed has been executed after all."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is not None:
                ids = tuple(dict.fromkeys(entry.ids + effects.created))
                self._entries[number] = evolve(entry, executed=effects.executed, effects=effects, ids=ids)
