"""The connections of one store to one SQLite file: opened when needed, shared by threads, given up after a fork."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from typing import TypeAlias

from attrs import define, field

from wave_pms_sync.stores.sqlite_opening import open_for_reading, open_for_writing, size_of, translated

Lender: TypeAlias = Callable[[], AbstractContextManager["sqlite3.Connection | None"]]
"""Lends a connection for one statement; None stands for a file that was never written."""


@define(eq=False)
class _Connections:
    """What one process holds of the file. `place` tells whether the file at the path is still the one opened."""

    reader: sqlite3.Connection | None = None
    writer: sqlite3.Connection | None = None
    place: tuple[int, int] | None = None
    pid: int = field(factory=os.getpid)
    lock: threading.RLock = field(factory=threading.RLock)

    def close(self) -> None:
        for connection in (self.reader, self.writer):
            if connection is not None:
                connection.close()
        self.reader = self.writer = self.place = None

    def __del__(self) -> None:
        """A store that nobody closed lets go of its file when nobody uses it any more; never in a forked child."""
        if self.pid == os.getpid():
            self.close()


# A forked child may neither use nor close the connections of its parent, so it keeps them, untouched.
_inherited: list[_Connections] = []


class DatabaseFile:
    """One file. Every fault of SQLite or of the file system becomes `StoreUnusable`.

    Args:
        path: The file; absolute, so that it stays the same when the working folder changes.
        busy_timeout_s: How long to wait for another process that writes.
    """

    def __init__(self, path: str, busy_timeout_s: float) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._connections = _Connections()

    @property
    def written(self) -> bool:
        """Whether anything was ever written. Asking opens nothing."""
        with translated(self.path):
            return size_of(self.path) > 0

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection, ours until the block ends, or None if nothing was ever written."""
        with self._ours() as ours, translated(self.path):
            if ours.writer is None and ours.reader is None:
                ours.reader = open_for_reading(self.path, self._busy_timeout_s)
                ours.place = self._place()
            yield ours.writer or ours.reader

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection within a transaction, which the end of the block commits and a failure undoes."""
        with self._ours() as ours, translated(self.path):
            if ours.writer is None:
                ours.writer = open_for_writing(self.path, self._busy_timeout_s)
                ours.place = self._place()
            writer = ours.writer
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield writer
                writer.execute("COMMIT")
            finally:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")

    def rewrite(self) -> None:
        """Write the file anew, so that its free space and the write-ahead log hold nothing of what was there.

        Source: SQLite's documentation of VACUUM and of `PRAGMA wal_checkpoint`.
        """
        with self._ours() as ours, translated(self.path):
            if ours.writer is None:
                ours.writer = open_for_writing(self.path, self._busy_timeout_s)
                ours.place = self._place()
            ours.writer.execute("VACUUM")
            (busy, *_) = ours.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise sqlite3.OperationalError("database is locked: somebody is still reading")

    @contextmanager
    def pinned(self) -> Iterator[Lender]:
        """A connection of its own whose view does not move until the block ends, lent like that of `reading`."""
        with translated(self.path):
            pinned = open_for_reading(self.path, self._busy_timeout_s)
        with nullcontext() if pinned is None else closing(pinned):
            lock = threading.RLock()

            @contextmanager
            def lend() -> Iterator[sqlite3.Connection | None]:
                with lock, translated(self.path):
                    yield pinned

            with lend() as reader:
                if reader is not None:
                    reader.execute("BEGIN")
                    reader.execute("SELECT count(*) FROM tenant").fetchone()  # the first read takes the view
            yield lend

    def close(self) -> None:
        """Close the connections; the next use opens them again."""
        with self._ours() as ours, translated(self.path):
            ours.close()

    @contextmanager
    def _ours(self) -> Iterator[_Connections]:
        if self._connections.pid != os.getpid():
            _inherited.append(self._connections)
            self._connections = _Connections()
        ours = self._connections
        with ours.lock:
            if ours.place != self._place():
                ours.close()  # the file was removed or replaced; what we would write to the old one is lost
            yield ours

    def _place(self) -> tuple[int, int] | None:
        try:
            facts = os.stat(self.path)
        except OSError:
            return None
        return facts.st_dev, facts.st_ino
