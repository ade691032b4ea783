"""How much work the file is: reading goes by indexes, counting by counters, and schemas are brought up to date."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from wave_pms_sync.errors import StoreUnusable
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Entry, Known, Remove
from wave_pms_sync.model.side import Side
from wave_pms_sync.stores.kinds import FOUND_BY, KINDS
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.stores.sqlite_opening import open_for_reading, open_for_writing
from wave_pms_sync.stores.sqlite_schema import CLAIMS, COUNT, IDS_BY_KEY, STEPS
from wave_pms_sync.stores.sqlite_tables import table
from wave_pms_sync.testing.entries import NOON, links, one_of_each, puts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a few entries of each kind."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as store:
        store.commit(puts(*one_of_each(), *links(9)[2:]), store.acquire("one", NOON, 60))
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to it."""
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def steps(connection: sqlite3.Connection, statement: str) -> list[str]:
    """What SQLite would do, step by step."""
    marks = statement.count("?")
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", ["x"] * marks)]


# --- reading goes by indexes -----------------------------------------------------------------------

FINDS = [table(kind).select(by, "?, ?, ?") for kind in KINDS for by in table(kind).keys]
PAGES = [table(kind).page(first=first) for kind in KINDS for first in (True, False)]


@pytest.mark.parametrize("statement", [*FINDS, *PAGES, COUNT, IDS_BY_KEY.format("?, ?")])
def test_reading_goes_by_an_index(connection: sqlite3.Connection, statement: str) -> None:
    """No statement walks a whole table or sorts: the work does not grow with what is not asked for."""
    found = steps(connection, statement)

    assert [step for step in found if step.startswith("SCAN") or "TEMP B-TREE" in step] == []
    assert found


def test_claims_walk_the_tenants_only(connection: sqlite3.Connection) -> None:
    """Looking for claims goes through the tenants of the file, and from each to its links by an index."""
    found = steps(connection, CLAIMS.format("?, ?"))

    assert [step for step in found if step.startswith("SCAN")] == ["SCAN theirs"]
    assert any("link_by_pms_id (tenant=? AND pms_id=?)" in step for step in found)


def test_every_key_has_its_statement() -> None:
    """For each key that a kind can be found by there is SQL, and no other."""
    by_kind = {kind: set(table(kind).keys) for kind in KINDS}

    own = {"wave_key", "pms_key", "loose"}  # other tables take part
    assert {kind: set(FOUND_BY.get(kind, ())) - own for kind in KINDS} == by_kind


def test_counts_are_kept_with_each_commit(path: Path, connection: sqlite3.Connection) -> None:
    """Counting reads the counter, which agrees with the rows after puts, second puts, removals and failures."""
    with SQLiteLinkStore(path) as store:
        lease = store.acquire("one", NOON, 60)
        store.commit(puts(*links(6), *links(12)[9:], *links(3)), lease)
        with pytest.raises(StoreUnusable):
            store.commit(puts(*links(40), Link(wave_id="w1", pms_id="p2")), lease)
        count = store.count(Link)

    assert connection.execute("SELECT count(*) FROM link").fetchone() == (count,)
    assert connection.execute("SELECT entries FROM counted WHERE kind = 'link'").fetchone() == (count,)


def test_the_serial_grows_with_each_commit(path: Path, connection: sqlite3.Connection) -> None:
    """Each commit moves the tenant's serial by one; a commit that fails does not, nor does a lease."""
    (before,) = connection.execute("SELECT serial FROM tenant").fetchone()

    with SQLiteLinkStore(path) as store:
        lease = store.acquire("one", NOON, 60)
        store.commit([], lease)
        store.commit(puts(*links(3)), lease)
        with pytest.raises(StoreUnusable):
            store.commit(puts(Link(wave_id="w1", pms_id="p2")), lease)

    assert connection.execute("SELECT serial FROM tenant").fetchone() == (before + 2,)


# --- schemas are brought up to date ----------------------------------------------------------------

NEXT = {**STEPS, 2: ("ALTER TABLE tenant ADD COLUMN colour TEXT", "UPDATE tenant SET colour = 'blue'")}
BROKEN: Mapping[int, tuple[str, ...]] = {**STEPS, 2: (NEXT[2][0], "UPDATE nothing SET colour = 'blue'")}


def test_f89_an_older_file_is_brought_up_to_date(path: Path) -> None:
    """Opening an older file to write carries out the missing steps, after a backup that opens as it was."""
    with closing(open_for_writing(str(path), 5, NEXT)) as connection:
        facts = (
            connection.execute("PRAGMA user_version").fetchone(),
            connection.execute("SELECT colour FROM tenant").fetchall(),
        )
    backup = Path(f"{path}.v1.bak")

    assert facts == ((2,), [("blue",)])
    assert stat.S_IMODE(backup.stat().st_mode) & 0o077 == 0
    with SQLiteLinkStore(backup) as store:
        assert store.count(Link) == 8


def test_f89_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    """If a step fails, none was carried out, and the file still opens with the version that it had."""
    with pytest.raises(sqlite3.OperationalError):
        open_for_writing(str(path), 5, BROKEN)

    with SQLiteLinkStore(path) as store:
        assert store.count(Link) == 8


def test_f89_a_backup_that_fails_leaves_nothing_behind(path: Path, connection: sqlite3.Connection) -> None:
    """Where the backup cannot be put in its place the file stays as it was, and no half-made copy is left."""
    Path(f"{path}.v1.bak").mkdir()
    before = sorted(path.parent.iterdir())

    with pytest.raises(IsADirectoryError):
        open_for_writing(str(path), 5, {**STEPS, 2: ("CREATE TABLE more (a TEXT)",)})

    assert sorted(path.parent.iterdir()) == before
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_an_older_file_is_not_read_before(path: Path, connection: sqlite3.Connection) -> None:
    """An older file cannot be read as it is, since reading never writes; it says what brings it up to date."""
    connection.execute("PRAGMA user_version = 0")

    with pytest.raises(StoreUnusable, match=f"^Link store {path}: it has the older version 0; the next apply"):
        open_for_reading(str(path), 5)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("busy_timeout", 250), ("synchronous", 2), ("secure_delete", 1), ("cache_size", -32 * 1024)],
)
def test_how_a_connection_that_writes_is_set(tmp_path: Path, setting: str, value: int) -> None:
    """Who writes waits as long as told, syncs each commit, overwrites what it removes, and keeps 32 MiB at hand."""
    with closing(open_for_writing(str(tmp_path / "links.sqlite3"), 0.25)) as connection:
        assert connection.execute(f"PRAGMA {setting}").fetchone() == (value,)


def test_every_kind_has_a_table() -> None:
    """Each kind has a table of its own, which the schema makes."""
    made = " ".join(statement for step in STEPS.values() for statement in step)

    names = [table(kind).name for kind in KINDS]

    assert len(set(names)) == len(KINDS)
    assert all(f"CREATE TABLE {name} (" in made for name in names)


def entry_of(kind: type[Entry]) -> Entry:
    """The one entry of a kind."""
    return next(entry for entry in one_of_each() if isinstance(entry, kind))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_rows_have_the_columns_of_their_table(kind: type[Entry]) -> None:
    """A row begins with the tenant's number and has a value for each column."""
    (row,) = table(kind).write(7, [entry_of(kind)])

    assert (row[0], len(row)) == (7, table(kind).width)


def test_a_removed_record_leaves_no_key(path: Path, connection: sqlite3.Connection) -> None:
    """The key index loses the keys of a record with the record, and the keys that it has no more with each put."""
    with SQLiteLinkStore(path) as store:
        lease = store.acquire("one", NOON, 60)
        before = list(store.scan(Known))
        fewer = [evolve(known, keys=known.keys[:1]) for known in before]
        store.commit(puts(*fewer), lease)
        left = connection.execute("SELECT key FROM known_key ORDER BY key").fetchall()
        store.commit([Remove(known) for known in fewer], lease)

    assert left == sorted((key,) for known in fewer for key in known.keys)
    assert before
    assert connection.execute("SELECT count(*) FROM known_key").fetchone() == (0,)


def test_records_of_both_sides_may_have_the_same_id(tmp_path: Path) -> None:
    """What one side's record is found by is left alone when a record of the same id on the other side moves on."""
    ours, theirs = (Known(side=side, id="7", keys=(f"email:{side}",)) for side in Side)

    with SQLiteLinkStore(tmp_path / "links.sqlite3") as store:
        lease = store.acquire("one", NOON, 60)
        store.commit(puts(ours, theirs), lease)
        store.commit(puts(evolve(ours, keys=("email:new",))), lease)

        assert store.find(Known, "pms_key", ["email:pms"]) == [theirs]
        assert store.find(Known, "wave_key", ["email:wave"]) == []


def test_the_first_lease_is_number_one(tmp_path: Path) -> None:
    """Leases are counted from one, each tenant's for itself."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as store, SQLiteLinkStore(path, tenant="other") as other:
        assert [one.acquire("a run", NOON, 60).token for one in (store, other)] == [1, 1]


@pytest.mark.parametrize(("wave_id", "pms_id"), [("w1", "p999"), ("w999", "p1")])
def test_a_clash_names_both_links(path: Path, wave_id: str, pms_id: str) -> None:
    """A link that shares one id with another is refused, whichever of the two it is, and both are named."""
    with SQLiteLinkStore(path) as store:
        lease = store.acquire("one", NOON, 60)
        said = f"Link '{wave_id}' '{pms_id}' cannot be put, because Link 'w1' 'p1' stands"
        with pytest.raises(StoreUnusable, match=said):
            store.commit(puts(Link(wave_id=wave_id, pms_id=pms_id)), lease)


def test_purging_gives_back_the_room(path: Path, tmp_path: Path) -> None:
    """What was removed takes no room after a purge, and a store that was never written is left unmade."""
    with SQLiteLinkStore(path) as store:
        lease = store.acquire("one", NOON, 60)
        many = links(3000)[20:]
        store.commit(puts(*many), lease)
        store.commit([Remove(one) for one in many], lease)
        store.purge()
        after = path.stat().st_size
    SQLiteLinkStore(tmp_path / "never.sqlite3").purge()

    assert after < 250_000
    assert not (tmp_path / "never.sqlite3").exists()
