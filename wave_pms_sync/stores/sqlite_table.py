"""The table of one kind of entry: its statements, and how entries become rows and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeAlias, TypeVar, cast

from attrs import Factory, field, frozen

from wave_pms_sync.model.memory import Entry
from wave_pms_sync.stores.codec import unreadable, unwritable
from wave_pms_sync.stores.sqlite_schema import TENANT

# ruff: noqa: S608  # all SQL below is joined from the constants of `sqlite_tables`; values are always parameters

E = TypeVar("E")

Value: TypeAlias = str | int | None
Row: TypeAlias = tuple[Value, ...]


@frozen(kw_only=True)
class Table(Generic[E]):
    """The table of one kind. The first column of each is the tenant's number, named nowhere else here.

    Attributes:
        kind: Of its entries.
        name: In SQL.
        identity: The columns that tell entries apart.
        rest: The other columns.
        row: An entry as a row: the tenant's number, the identity, the rest.
        entry: A row without the tenant's number as an entry.
        keys: For each key of the kind, the SQL that stands before `IN (...)`.
        unique: The columns of the index that a put goes by.
        order: The columns that a scan goes by.
    """

    kind: type[E]
    name: str
    identity: tuple[str, ...]
    rest: tuple[str, ...]
    row: Callable[[int, E], Row]
    entry: Callable[[Row], E]
    keys: Mapping[str, str] = field(factory=dict)
    unique: tuple[str, ...] = field(default=Factory(lambda self: self.identity, takes_self=True))
    order: tuple[str, ...] = field(default=Factory(lambda self: self.identity, takes_self=True))

    @property
    def columns(self) -> str:
        """All columns but the tenant's number."""
        return ", ".join(self.identity + self.rest)

    @property
    def width(self) -> int:
        """How many values a row has."""
        return 1 + len(self.identity) + len(self.rest)

    def insert(self, rows: int = 1) -> str:
        """Add so many rows; one whose unique columns are there already is passed over."""
        row = f"({', '.join('?' * self.width)})"
        target = ", ".join(("tenant", *self.unique))
        values = ", ".join([row] * rows)
        return f"INSERT INTO {self.name} (tenant, {self.columns}) VALUES {values} ON CONFLICT ({target}) DO NOTHING"

    @property
    def replace(self) -> str:
        """Replace a row of the same identity. A row that shares the unique columns only is not touched."""
        news = ", ".join(f"{column} = excluded.{column}" for column in self.rest)
        same = " AND ".join(f"{self.name}.{column} = excluded.{column}" for column in self.identity) or "TRUE"
        return f"{self.insert().removesuffix('NOTHING')}UPDATE SET {news} WHERE {same}"

    @property
    def delete(self) -> str:
        """Remove the row of an identity."""
        return f"DELETE FROM {self.name} WHERE " + " AND ".join(f"{one} = ?" for one in ("tenant", *self.identity))

    def select(self, by: str, marks: str) -> str:
        """Read the rows whose key is among some values."""
        return f"SELECT {self.columns} FROM {self.name} WHERE tenant = {TENANT} AND {self.keys[by]} IN ({marks})"

    def page(self, *, first: bool) -> str:
        """Read the next rows in order, each with its place in that order before its columns."""
        order = ", ".join(self.order)
        after = "" if first else f" AND ({order}) > ({', '.join('?' * len(self.order))})"
        rows = f"SELECT {order}, {self.columns} FROM {self.name} WHERE tenant = {TENANT}"
        return f"{rows}{after} ORDER BY {order} LIMIT ?"

    def write(self, tenant: int, entries: Iterable[E]) -> list[Row]:
        """Entries as rows.

        Raises:
            StoreUnusable: One holds what cannot be written.
        """
        written, row = list[Row](), self.row
        try:
            for entry in entries:
                written.append(row(tenant, entry))  # the entry at fault is named below
        except (TypeError, ValueError, OverflowError, AttributeError) as fault:
            raise unwritable(cast("Entry", entry), fault) from None
        return written

    def read(self, rows: Iterable[Row]) -> list[E]:
        """Rows as entries.

        Raises:
            StoreUnusable: One cannot be read.
        """
        entries: list[E] = []
        try:
            for row in rows:
                entries.append(self.entry(row))  # the row at fault is named below
        except (TypeError, ValueError, OverflowError, AttributeError):
            raise unreadable(self.kind, *row[: len(self.identity)]) from None
        return entries
