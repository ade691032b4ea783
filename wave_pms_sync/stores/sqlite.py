"""The embedded link store: one SQLite file, which may hold several tenants and serve several processes.

Its rooms, and SQLite itself, are entered with the first use.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar, cast

from attrs import define, field

from wave_pms_sync.later import Later
from wave_pms_sync.stores.arguments import check_store

if TYPE_CHECKING:
    from wave_pms_sync.model.memory import Change, Lease
    from wave_pms_sync.ports import LinkReader, LinkStore
    from wave_pms_sync.stores.sqlite_file import DatabaseFile
    from wave_pms_sync.stores.sqlite_reading import SQLiteReader

E = TypeVar("E")


def _absolute(path: str | os.PathLike[str]) -> str:
    try:
        plain = os.fspath(path)
    except TypeError:
        return cast("str", path)  # it is refused together with all else that is wrong
    return plain if plain in ("", ":memory:") else os.path.abspath(plain)


def _database_file(path: str, busy_timeout_s: float) -> DatabaseFile:
    from wave_pms_sync.stores.sqlite_file import DatabaseFile

    return DatabaseFile(path, busy_timeout_s)


@define(eq=False)
class SQLiteLinkStore:
    """A link store in an SQLite file.

    It fulfils `LinkStore`. Making one touches nothing; the file is created, readable for its owner only, by the first
    lease, and reading never writes to it. It may be used by several threads and after a fork; a pickle carries the
    path and the tenant, and opens the file again. A commit that returned has reached the disk.

    Beside the file SQLite keeps two more while it is in use (`-wal`, `-shm`); they belong to it, also in backups. All
    must be on a local disk: SQLite's locks do not hold on network folders.

    Args:
        path: The file. A relative path is taken from the folder that is current now.
        tenant: Which of the memories in the file; another pair of accounts needs another name.
        busy_timeout_s: How long to wait while another process writes to the file.
    """

    path: str = field(converter=_absolute)
    tenant: str = "default"
    busy_timeout_s: float = 5.0
    _file: Later[DatabaseFile] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_store("SQLiteLinkStore", tenant=self.tenant, path=self.path)
        self._file = Later(partial(_database_file, self.path, self.busy_timeout_s))

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        """The entries of a kind whose key is among these values; see `LinkReader.find`."""
        return self._reader().find(kind, by, values)

    def scan(self, kind: type[E]) -> Iterator[E]:
        """All entries of a kind, a page at a time; see `SQLiteReader.scan`."""
        return self._reader().scan(kind)

    def count(self, kind: type[E]) -> int:
        """How many entries of a kind there are; as quick for a million as for one."""
        return self._reader().count(kind)

    @contextmanager
    def snapshot(self) -> Iterator[LinkReader]:
        """A view that does not move while others commit. It holds back nobody and writes nothing."""
        from wave_pms_sync.stores.sqlite_reading import SQLiteReader

        with self._file().pinned() as lend:
            yield SQLiteReader(self.tenant, lend)

    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        """Carry out all changes in order, or none; see `LinkStore.commit`.

        Raises:
            LeaseLost: The lease was taken over or given back; nothing was written.
            StoreUnusable: The file failed, or a link would join an id that another link holds; nothing was written.
        """
        from wave_pms_sync.stores import leasing
        from wave_pms_sync.stores.sqlite_writing import carry_out

        if not self._file().written:
            raise leasing.lost(lease, self.tenant)
        with self._file().writing() as connection:
            carry_out(connection, self.tenant, changes, lease)

    def acquire(self, owner: str, now: datetime, ttl_s: float) -> Lease:
        """Take the lease, or renew one that this owner holds.

        Raises:
            LeaseHeld: Another owner's lease has not expired.
            StoreUnusable: The file is not ours, newer, damaged or not writable.
        """
        from wave_pms_sync.stores.sqlite_writing import take_lease

        with self._file().writing() as connection:
            return take_lease(connection, self.tenant, owner, now, ttl_s)

    def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that is no longer ours is left alone."""
        from wave_pms_sync.stores.sqlite_writing import give_back_lease

        if self._file().written:
            with self._file().writing() as connection:
                give_back_lease(connection, self.tenant, lease)

    def purge(self) -> None:
        """Rewrite the file without what was removed or replaced, and empty the write-ahead log.

        It takes as long as copying the file. Copies, backups and the disk's own remnants are beyond its reach.

        Raises:
            StoreUnusable: Another process is reading or writing; try again.
        """
        if self._file().written:
            self._file().rewrite()

    def copy_to(self, other: LinkStore) -> None:
        """Copy this tenant into another, empty store of any kind; see `wave_pms_sync.stores.moving.copy`."""
        from wave_pms_sync.stores import moving

        moving.copy(self, other)

    def rebind(self, *, wave: str | None = None, pms: str | None = None) -> None:
        """Accept a moved URL: the same accounts under another identity; see `wave_pms_sync.stores.moving.rebind`."""
        from wave_pms_sync.stores import moving

        moving.rebind(self, wave=wave, pms=pms)

    def close(self) -> None:
        """Let go of the file, now rather than when the store is collected. Twice is once; using it again opens it."""
        if self._file.made:
            self._file().close()

    def __enter__(self) -> SQLiteLinkStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[SQLiteLinkStore], tuple[str, str, float]]:
        return SQLiteLinkStore, (self.path, self.tenant, self.busy_timeout_s)

    def _reader(self) -> SQLiteReader:
        from wave_pms_sync.stores.sqlite_reading import SQLiteReader

        return SQLiteReader(self.tenant, self._file().reading)
