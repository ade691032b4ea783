"""Reading a tenant's entries from an SQLite file: by key, streamed, counted. It never writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TypeVar, cast

from attrs import frozen

from wave_pms_sync.model.links import Marked, Trace
from wave_pms_sync.model.memory import Claim, Lease
from wave_pms_sync.model.side import Side
from wave_pms_sync.stores import leasing
from wave_pms_sync.stores.kinds import check_key
from wave_pms_sync.stores.sqlite_file import Lender
from wave_pms_sync.stores.sqlite_schema import CLAIMS, COUNT, IDS_BY_KEY, LEASE, LOOSE, MARKED, TRACES
from wave_pms_sync.stores.sqlite_table import Row, Table, Value
from wave_pms_sync.stores.sqlite_tables import read_lease, table

E = TypeVar("E")

_VALUES = 500
_PAGE = 1000
_SURROGATES = re.compile("[\ud800-\udfff]")
_SIDES = frozenset(side.value for side in Side)


@frozen
class SQLiteReader:
    """A `LinkReader` over whatever connection it is lent for each statement.

    Args:
        tenant: Whose entries.
        lend: Where the connection comes from; without one (a file that was never written) all reads as empty.
    """

    tenant: str
    lend: Lender

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        """The entries of a kind whose key is among these values; see `LinkReader.find`."""
        check_key(kind, by)
        wanted = _storable(tuple(dict.fromkeys(values)))
        if kind is Claim:
            rows = self._among(CLAIMS.format, (self.tenant,), wanted)
            return cast("list[E]", [Claim(pms_id=str(row[0]), tenant=str(row[1]), pms=str(row[2])) for row in rows])
        if by.endswith("_key"):
            side = by.removesuffix("_key")
            ids = self._among(IDS_BY_KEY.format, (self.tenant, side), wanted)
            return self.find(kind, f"{side}_id", [cast("str", id_) for (id_,) in ids])
        side = by.partition("_")[0]
        if kind is Trace:
            traces = self._among(TRACES.format(side=side).format, (self.tenant,), wanted)
            return cast("list[E]", list(map(Trace._make, traces)))
        if kind is Marked:
            marked = self._among(MARKED.format(side=side).format, (self.tenant,), wanted)
            return cast("list[E]", list(map(Marked._make, marked)))
        stored = table(kind)
        if by == "loose":
            loose = (self._rows(LOOSE.format(side=side), (self.tenant,) * 3) for side in wanted if side in _SIDES)
            return stored.read(chain.from_iterable(loose))
        return stored.read(self._among(partial(stored.select, by), (self.tenant,), wanted))

    def scan(self, kind: type[E]) -> Iterator[E]:
        """All entries of a kind, a page at a time, in the order of their identity (the journal: as written).

        What is committed meanwhile may or may not be seen; every entry that stays is seen exactly once.
        """
        if kind is Lease:
            row = next(iter(self._rows(LEASE, (self.tenant,))), None)
            return iter(cast("tuple[E, ...]", leasing.standing(read_lease(row))))
        return self._scan(table(kind))

    def count(self, kind: type[E]) -> int:
        """How many entries of a kind there are; as quick for a million as for one."""
        rows = self._rows(COUNT, (self.tenant, table(kind).name))
        return cast("int", rows[0][0]) if rows else 0

    def _scan(self, stored: Table[E]) -> Iterator[E]:
        width = len(stored.order)
        page = self._rows(stored.page(first=True), (self.tenant, _PAGE))
        while page:
            yield from stored.read(row[width:] for row in page)
            page = self._rows(stored.page(first=False), (self.tenant, *page[-1][:width], _PAGE))

    def _among(self, sql: Callable[[str], str], before: Row, values: Sequence[Value]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(values), _VALUES):
            some = values[start : start + _VALUES]
            found += self._rows(sql(", ".join("?" * len(some))), (*before, *some))
        return found

    def _rows(self, sql: str, values: Row) -> list[Row]:
        with self.lend() as connection:
            return [] if connection is None else connection.execute(sql, values).fetchall()


def _storable(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values without those that the file cannot hold at all; they are not found, and are no fault of the file."""
    if "".join(values).isascii():
        return values
    return tuple(value for value in values if not _SURROGATES.search(value))
