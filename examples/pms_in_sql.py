"""A PMS that is a table in a database: a client of your own, and a sync with Wave.

    python examples/pms_in_sql.py

No account is needed: Wave is a sandbox on this machine, and the table an SQLite file that is thrown away.
The class is all that a PMS without a REST API needs; it keeps the contract of `wave_pms_sync.testing.clients`.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path

from wave_pms_sync import MappingRegistry, MemoryLinkStore, Synchronizer, Unlimited, WaveClient
from wave_pms_sync.errors import Conflict, FieldFault, NotFound, Refused, Unreachable
from wave_pms_sync.model.records import Abilities, Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import WaveSandbox

# --- the table -------------------------------------------------------------------------------------

COLUMNS = {  # of the table, by the property of Wave that each of them corresponds to
    "id": "wave_id",
    "name": "name",
    "email": "email",
    "phone": "phone",
    "address.addressLine1": "street",
    "address.postalCode": "postal_code",
    "address.city": "city",
    "address.country.code": "country",
}

# Ids are never given out twice, and whoever writes moves stamp and version: the database sees to both.
TABLE = """
CREATE TABLE customers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL, email TEXT, phone TEXT, street TEXT, postal_code TEXT, city TEXT, country TEXT, wave_id TEXT,
  archived INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
  changed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))
);
CREATE TRIGGER changed AFTER UPDATE ON customers BEGIN
  UPDATE customers SET version = old.version + 1, changed_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')
  WHERE id = old.id;
END;
"""


# --- the client ------------------------------------------------------------------------------------


class SqlCustomers:
    """The customers in such a table, as `CustomerClient` wants them. Each call is one transaction."""

    abilities = Abilities(archive=True, marker=True, bulk_read=500)
    page_size = 200

    def __init__(self, path: Path) -> None:
        self.path, self.identity, self.requests = path, f"sqlite:{path}#customers", 0

    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        since = modified_after.astimezone(timezone.utc).isoformat(timespec="milliseconds") if modified_after else ""
        last_id, full = "0", True
        while full:
            found = self._select("id > ? AND changed_at >= ? ORDER BY id LIMIT ?", last_id, since, self.page_size)
            full = len(found) == self.page_size
            yield Page(records=tuple(found), last=not full)
            last_id = found[-1].id if found else last_id

    def customers_by_id(self, ids: Sequence[str]) -> Mapping[str, Record | None]:
        found = {record.id: record for record in self._select(f"id IN ({', '.join('?' * len(ids))})", *ids)}
        return {each: found.get(each) for each in ids}

    def create_customer(self, values: Mapping[str, object], *, repeat_key: str | None = None) -> Record:
        names, marks = ", ".join(_known(values)), ", ".join("?" * len(values))
        with self._table() as table:
            made = table.execute(f"INSERT INTO customers ({names}) VALUES ({marks})", [*values.values()])
        return self._select("id = ?", made.lastrowid)[0]

    def update_customer(self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None) -> Record:
        return self._change(customer_id, {name: values[name] for name in _known(values)}, seen)

    def archive_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        self._change(customer_id, {"archived": 1}, seen)

    def delete_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        with self._table() as table:
            table.execute("DELETE FROM customers WHERE id = ?", [customer_id])

    def _change(self, customer_id: str, values: Mapping[str, object], seen: Record | None) -> Record:
        setting = ", ".join(f"{name} = ?" for name in values)
        where = "id = ? AND version = coalesce(?, version)"
        with self._table() as table:
            told = [*values.values(), customer_id, seen and seen.version]
            done = table.execute(f"UPDATE customers SET {setting} WHERE {where}", told)
        found = self._select("id = ?", customer_id)
        if found and done.rowcount:
            return found[0]
        raise (Conflict if found else NotFound)("changed or gone meanwhile", side="pms", record_id=customer_id)

    def _select(self, where: str, *values: object) -> list[Record]:
        with self._table() as table:
            return [_record(row) for row in table.execute(f"SELECT * FROM customers WHERE {where}", values)]

    @contextmanager
    def _table(self) -> Iterator[sqlite3.Connection]:
        self.requests += 1
        try:
            with closing(sqlite3.connect(self.path)) as table, table:  # committed whole, or not at all
                table.row_factory = sqlite3.Row
                yield table
        except sqlite3.IntegrityError as error:
            raise Refused(f"the table refused it: {error}", side="pms", faults=[FieldFault(path="")]) from error
        except sqlite3.Error as error:
            raise Unreachable(f"the table cannot be used: {error}", side="pms") from error


def _known(values: Mapping[str, object]) -> list[str]:
    if faults := [FieldFault(path=name) for name in values if name not in COLUMNS.values()]:
        raise Refused("the table has no such column", side="pms", faults=faults)
    return list(values)


def _record(row: sqlite3.Row) -> Record:
    return Record(
        side=Side.PMS,
        id=str(row["id"]),
        payload={column: row[column] for column in COLUMNS.values()},
        created_at=datetime.fromisoformat(row["created_at"]),
        modified_at=datetime.fromisoformat(row["changed_at"]),
        archived=bool(row["archived"]),
        version=str(row["version"]),
    )


# --- the story -------------------------------------------------------------------------------------


def main() -> None:
    """Sync a table with a sandbox of Wave, edit on both sides, sync again, and show what is in the table."""
    mapping = MappingRegistry()
    for wave_property, column in COLUMNS.items():
        mapping.map("customer", wave=wave_property, pms=column)

    with tempfile.TemporaryDirectory() as folder, WaveSandbox() as box:
        pms = SqlCustomers(Path(folder) / "pms.sqlite3")
        with pms._table() as table:
            table.executescript(TABLE)
        fill(pms, box)
        wave = WaveClient(token=box.token, business_id=box.business_id, url=box.url, pace=Unlimited())
        sync = Synchronizer(wave=wave, pms=pms, links=MemoryLinkStore(), mapping=mapping)

        print("A plan writes nothing, anywhere:\n")
        print(sync.plan())
        print("\nThe first run:\n")
        print(sync.run())

        with pms._table() as table:
            table.execute("UPDATE customers SET phone = '+44 20 7946 0999' WHERE name = 'Ada Lovelace'")
        zoe = next(found.id for found in wave.customers() if found.payload["name"] == "Zoë Ångström")
        box.edit(zoe, {"address": {"city": "Lund"}})
        print("\nSomebody edits the table, somebody else edits Wave. The second run:\n")
        print(sync.run())
        print("\nThe table now:\n")
        show(pms)
        ada = next(row for row in box.customers.values() if row["name"] == "Ada Lovelace")
        print(f"\nAda in Wave: {ada['phone']}")
        wave.close()


def fill(pms: SqlCustomers, box: WaveSandbox) -> None:
    """Put two customers into Wave and two into the table; Ada is in both."""
    address = {"addressLine1": "Storgatan 1", "postalCode": "211 42", "city": "Malmö", "country": {"code": "SE"}}
    box.add({"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+44 20 7946 0001"})
    box.add({"name": "Zoë Ångström", "email": "zoe@example.org", "address": address})
    pms.create_customer({"name": "Ada Lovelace", "email": "Ada@example.org", "city": "London", "country": "GB"})
    pms.create_customer({"name": "Prospect Ltd", "email": "hello@prospect.example"})


def show(pms: SqlCustomers) -> None:
    """Print the table."""
    for page in pms.pages():
        for record in page.records:
            known = {name: value for name, value in record.payload.items() if value and name != "wave_id"}
            print(f"  {record.id}: {', '.join(map(str, known.values()))}")


if __name__ == "__main__":
    main()
