"""Writing to an SQLite file, within a transaction that somebody else begins and ends."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from itertools import chain, groupby, islice
from typing import cast

from wave_pms_sync.errors import StoreUnusable
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Change, Entry, Known, Lease, Put
from wave_pms_sync.model.side import Side
from wave_pms_sync.stores import leasing
from wave_pms_sync.stores.codec import moment_text
from wave_pms_sync.stores.kinds import Identity, identity, twice_linked
from wave_pms_sync.stores.sqlite_reading import SQLiteReader
from wave_pms_sync.stores.sqlite_schema import (
    ADD_TO_COUNT,
    CLASH,
    GRANT,
    LEASE,
    NEXT_SERIAL,
    NUMBER,
    PUT_KEY,
    RELEASE,
    REMOVE_KEY,
)
from wave_pms_sync.stores.sqlite_table import Row, Table
from wave_pms_sync.stores.sqlite_tables import read_lease, table

_BATCH = 5000
_VARIABLES = 999  # in one statement; newer versions of SQLite allow more


def take_lease(connection: sqlite3.Connection, tenant: str, owner: str, now: datetime, ttl_s: float) -> Lease:
    """Grant and note the lease.

    Raises:
        LeaseHeld: Another owner's lease has not expired.
    """
    row = connection.execute(LEASE, (tenant,)).fetchone()
    last_token = row[0] if row is not None else 0
    lease = leasing.grant(read_lease(row), last_token, owner=owner, now=now, ttl_s=ttl_s)
    until = (moment_text(lease.renewed_at), moment_text(lease.expires_at))
    connection.execute(GRANT, (tenant, lease.token, owner, *until))
    return lease


def give_back_lease(connection: sqlite3.Connection, tenant: str, lease: Lease) -> None:
    """Note that nobody holds the lease, unless somebody else does."""
    connection.execute(RELEASE, (tenant, lease.owner, lease.token))


def carry_out(connection: sqlite3.Connection, tenant: str, changes: Sequence[Change], lease: Lease) -> None:
    """Carry out all changes in order.

    Raises:
        LeaseLost: The lease no longer stands.
        StoreUnusable: A link would join an id that another link holds, or an entry cannot be written.
    """
    if not connection.execute(NEXT_SERIAL, (tenant, lease.owner, lease.token)).rowcount:
        raise leasing.lost(lease, tenant)
    (number,) = connection.execute(NUMBER, (tenant,)).fetchone()
    growth: Counter[str] = Counter()
    for putting, kind, entries in _batches(changes):
        stored = table(kind)
        if kind is Known:
            standing = _standing(connection, tenant, cast("Sequence[Known]", entries))
            _index(connection, number, standing, cast("Sequence[Known]", entries) if putting else ())
        if putting:
            growth[stored.name] += _put(connection, number, stored, entries)
        else:
            growth[stored.name] -= _remove(connection, number, stored, entries)
    connection.executemany(ADD_TO_COUNT, [(number, name, by) for name, by in growth.items() if by])


def _batches(changes: Iterable[Change]) -> Iterator[tuple[bool, type[Entry], Sequence[Entry]]]:
    for (change, kind), alike in groupby(changes, key=lambda change: (type(change), type(change.entry))):
        while batch := [one.entry for one in islice(alike, _BATCH)]:
            yield change is Put, kind, batch


def _put(connection: sqlite3.Connection, number: int, stored: Table[Entry], entries: Sequence[Entry]) -> int:
    """Put entries of one kind; how many of them are new.

    New ones are inserted first, which also counts them; only if some were there, all are replaced. A link that
    clashes with another one is stopped by the second index, or finds no row of its own to replace.
    """
    try:
        added = _insert(connection, number, stored, entries)
        if added == len(entries):
            return added
        if connection.executemany(stored.replace, stored.write(number, entries)).rowcount == len(entries):
            return added
    except sqlite3.IntegrityError:
        if stored.kind is not Link:
            raise
    raise _clash(connection, number, stored, stored.write(number, entries))


def _insert(connection: sqlite3.Connection, number: int, stored: Table[Entry], entries: Sequence[Entry]) -> int:
    """Insert what is not there; how many were not. Several rows to a statement, as `executemany` would not do it."""
    at_once = _VARIABLES // stored.width
    statement = stored.insert(at_once)
    added = 0
    for start in range(0, len(entries), at_once):
        rows = stored.write(number, entries[start : start + at_once])
        fitting = statement if len(rows) == at_once else stored.insert(len(rows))
        added += connection.execute(fitting, tuple(chain.from_iterable(rows))).rowcount
    return added


def _clash(connection: sqlite3.Connection, number: int, stored: Table[Entry], rows: Sequence[Row]) -> StoreUnusable:
    """Put the links one by one, until one shares an id with another. The transaction is undone in any case."""
    for row in rows:
        own = cast("Identity", row[1:3])
        other = connection.execute(CLASH, (number, *own, *own)).fetchone()
        if other is not None:
            return twice_linked(own, other)
        connection.execute(stored.insert(), row)
    raise AssertionError("a put neither arrived nor clashed")


def _remove(connection: sqlite3.Connection, number: int, stored: Table[Entry], entries: Sequence[Entry]) -> int:
    """Remove entries of one kind; how many of them were there."""
    return connection.executemany(stored.delete, [(number, *identity(entry)) for entry in entries]).rowcount


def _standing(connection: sqlite3.Connection, tenant: str, entries: Sequence[Known]) -> list[Known]:
    """What the key index says of the same records before the change."""
    reader = SQLiteReader(tenant, lambda: nullcontext(connection))
    return [
        known
        for side in Side
        for known in reader.find(Known, f"{side}_id", [entry.id for entry in entries if entry.side is side])
    ]


def _index(connection: sqlite3.Connection, number: int, before: Iterable[Known], after: Iterable[Known]) -> None:
    """Keep the keys of the key index in step with its entries."""
    old = _key_rows(number, before)
    new = _key_rows(number, {identity(known): known for known in after}.values())
    connection.executemany(REMOVE_KEY, sorted(old - new))
    connection.executemany(PUT_KEY, sorted(new - old))


def _key_rows(number: int, entries: Iterable[Known]) -> set[tuple[int, str, str, str]]:
    return {(number, known.side.value, key, known.id) for known in entries for key in known.keys}
