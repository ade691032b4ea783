"""When the file comes to be, whose it may be, and that looking at it leaves it alone."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from wave_pms_sync.errors import ConfigurationError, LeaseLost, StoreUnusable
from wave_pms_sync.model.links import Link, Sight
from wave_pms_sync.model.memory import Claim, Known, Lease, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.stores.sqlite_file import DatabaseFile
from wave_pms_sync.stores.sqlite_schema import APPLICATION_ID
from wave_pms_sync.testing.entries import KEYS, KINDS, NOON, link, links, one_of_each, puts

NEVER_GIVEN = Lease(owner="one", token=1, renewed_at=NOON, expires_at=NOON)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file would be."""
    return tmp_path / "links.sqlite3"


def fill(path: Path, count: int = 50) -> None:
    """Write so many links there, and close."""
    with SQLiteLinkStore(path) as store:
        store.commit(puts(*one_of_each(), *links(count)[2:]), store.acquire("one", NOON, 60))


def read_all(store: SQLiteLinkStore) -> None:
    """Read in every way there is."""
    for kind in KINDS:
        store.count(kind)
        list(store.scan(kind))
    for kind, keys in KEYS.items():
        for by, key in keys.items():
            store.find(kind, by, [key])
    store.find(Claim, "pms_id", ["p1"])
    with store.snapshot() as view:
        list(view.scan(Link))


# --- when it comes to be ---------------------------------------------------------------------------


def test_a_file_is_opened_once(tmp_path: Path) -> None:
    """A store reads over one connection until it writes, and reads and writes over another one from then on."""
    path = str(tmp_path / "links.sqlite3")
    with SQLiteLinkStore(path) as store:
        store.commit(puts(link(1)), store.acquire("one", NOON, 60))
    file, used = DatabaseFile(path, 5), []

    for opened in (file.reading, file.reading, file.writing, file.reading, file.writing):
        with opened() as connection:
            used.append(connection)
    file.close()
    file.rewrite()
    rewriter = file._connections.writer
    with file.writing() as connection:
        assert connection is rewriter
    file.close()

    assert used[0] is used[1]
    assert used[2] is used[3]
    assert used[3] is used[4]


@pytest.mark.parametrize("how", ["reading", "writing"])
def test_what_nobody_holds_is_closed(path: Path, how: str) -> None:
    """A file that nobody closed lets go of its connection when nobody uses it any more."""
    fill(path)
    file = DatabaseFile(str(path), 5)
    with getattr(file, how)() as connection:
        pass

    del file
    gc.collect()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def held() -> int:
    """How many connections there are."""
    gc.collect()
    return sum(isinstance(one, sqlite3.Connection) for one in gc.get_objects())


def test_who_writes_reads_over_the_same_connection(path: Path) -> None:
    """A store that wrote reads over the connection that it has, and opens no other."""
    file, before = DatabaseFile(str(path), 5), held()

    with file.writing() as writer:
        pass
    with file.reading() as reader:
        pass

    assert reader is writer
    assert held() == before + 1


def test_a_fork_leaves_its_parents_connections_alone(path: Path) -> None:
    """What a process inherited it neither uses nor closes nor lets go of: it opens the file once for itself."""
    fill(path)
    file, before = DatabaseFile(str(path), 5), held()
    with file.writing() as inherited:
        pass
    file._connections.pid += 1  # as it is after a fork

    with file.reading() as first, file.reading() as second:
        assert (first is second, first is inherited) == (True, False)
    file.close()
    inherited.execute("SELECT 1")
    del inherited, first, second

    assert held() == before + 1


@pytest.mark.parametrize("content", [b"", b"x"])
def test_a_file_counts_as_written_from_its_first_byte(path: Path, content: bytes) -> None:
    """An empty file was never written; one of a single byte was, by whomever."""
    path.write_bytes(content)

    assert DatabaseFile(str(path), 5).written is bool(content)


@pytest.mark.parametrize("use", [SQLiteLinkStore.purge, lambda store: store.count(Link)], ids=["purge", "count"])
def test_a_file_that_was_replaced_is_opened_anew(path: Path, use: Callable[[SQLiteLinkStore], object]) -> None:
    """When another file is put in the place of the one that is open, a store that only read or purged sees that one."""
    other = path.with_name("other.sqlite3")
    fill(path)
    fill(other, 20)

    with SQLiteLinkStore(path) as store:
        use(store)
        os.replace(other, path)

        assert store.count(Link) == 19


def test_reading_makes_no_file(path: Path) -> None:
    """Making a store, reading it in every way, releasing and closing leave a folder without a file."""
    with SQLiteLinkStore(path) as store:
        read_all(store)
        store.release(NEVER_GIVEN)

    assert list(path.parent.iterdir()) == []


def test_a_commit_without_a_lease_makes_no_file(path: Path) -> None:
    """A commit where no lease was ever given is refused, and makes no file either."""
    store = SQLiteLinkStore(path)

    with pytest.raises(LeaseLost):
        store.commit(puts(link(1)), NEVER_GIVEN)

    assert not path.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_the_file_is_for_its_owner_only(path: Path) -> None:
    """The first lease makes the file, with the side files of SQLite, readable and writable for its owner only."""
    old = os.umask(0)
    try:
        with SQLiteLinkStore(path) as store:
            store.acquire("one", NOON, 60)
            modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(old)

    assert modes == {0o600}


def test_the_file_says_whose_it_is(path: Path) -> None:
    """The file carries our application id and the version of its schema, and writes ahead, all synced to the disk."""
    fill(path)

    with closing(sqlite3.connect(path)) as connection:
        facts = [connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("application_id", "user_version")]
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]

    assert (facts, mode) == ([APPLICATION_ID, 1], "wal")


def test_an_empty_file_counts_as_never_written(path: Path) -> None:
    """An empty file reads as an empty store and stays empty; the first lease makes it ours."""
    path.touch()

    with SQLiteLinkStore(path) as store:
        read_all(store)
        size = path.stat().st_size
        store.commit(puts(link(1)), store.acquire("one", NOON, 60))

        assert (size, store.count(Link)) == (0, 1)


def test_the_path_is_fixed_when_the_store_is_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is taken from the folder that was current when the store was made."""
    monkeypatch.chdir(path.parent)
    store = SQLiteLinkStore("links.sqlite3")
    (path.parent / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")

    store.acquire("one", NOON, 60)
    store.close()

    assert path.exists()


def test_memory_is_no_file() -> None:
    """SQLite's word for a database without a file is refused: it would be forgotten, or become a file of that name."""
    with pytest.raises(ConfigurationError, match=r"^SQLiteLinkStore: path: .* use MemoryLinkStore"):
        SQLiteLinkStore(":memory:")


@pytest.mark.parametrize("path", [None, 5, ""])
def test_what_is_no_path_is_told_with_all_else(path: object) -> None:
    """Both faults are told at once, and nothing is made."""
    with pytest.raises(ConfigurationError, match=rf"path: {path!r} is none(.|\n)*tenant: '' is no name"):
        SQLiteLinkStore(path, tenant="")  # type: ignore[arg-type]


def test_hard_paths_work(tmp_path: Path) -> None:
    """A path with spaces, question marks, hashes, percent signs and quotes is taken as it is."""
    path = tmp_path / "50%20 of #1? it's \u00e9.db"

    fill(path)

    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    with SQLiteLinkStore(path) as store:
        assert store.count(Link) == 49


# --- that looking leaves it alone ------------------------------------------------------------------


def test_reading_changes_no_byte(path: Path) -> None:
    """Reading in every way, and closing, leave the file as it was, to the byte."""
    fill(path)
    before = path.read_bytes()

    with SQLiteLinkStore(path) as store:
        read_all(store)

    assert path.read_bytes() == before


def test_reading_after_a_crash_changes_no_byte(path: Path) -> None:
    """What a crashed writer left beside the file is read, and left to the next writer."""
    with SQLiteLinkStore(path) as store:
        store.commit(puts(*links(50)), store.acquire("one", NOON, 60))
        crashed = path.with_name("crashed.sqlite3")
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{crashed}{suffix}")
    before = crashed.read_bytes()

    with SQLiteLinkStore(crashed) as store:
        read_all(store)
        count = store.count(Link)

    assert (count, crashed.read_bytes()) == (50, before)


# --- whose it may be -------------------------------------------------------------------------------


def text(path: Path) -> None:
    """A file of somebody's text."""
    path.write_text("dear diary\n" * 500)


def short(path: Path) -> None:
    """A file of a few bytes."""
    path.write_bytes(b"SQLite")


def of_another_program(path: Path) -> None:
    """An SQLite file of another program."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE link (wave_id TEXT)")


def of_another_program_that_crashed(path: Path) -> None:
    """An SQLite file of another program that writes ahead and left work beside the file."""
    made = path.with_name("made")
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE link (wave_id TEXT)")
        for suffix in ("", "-wal"):
            shutil.copy(f"{made}{suffix}", f"{path}{suffix}")


def newer(path: Path) -> None:
    """A file of a later version of this library."""
    fill(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")


def cut_short(path: Path) -> None:
    """A file of ours of which the end is missing."""
    fill(path, 2000)
    path.write_bytes(path.read_bytes()[:8192])


def overwritten(path: Path) -> None:
    """A file of ours with foreign bytes after its header."""
    fill(path, 2000)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:100] + b"\xa5" * (size - 100))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (text, "no SQLite file"),
        (short, "no SQLite file"),
        (of_another_program, "another program"),
        (of_another_program_that_crashed, "another program"),
        (newer, "version 2, this library knows 1"),
        (cut_short, "damaged"),
        (overwritten, "damaged"),
    ],
)
def test_a_file_that_is_not_ours_or_damaged_is_refused(path: Path, make: Callable[[Path], None], said: str) -> None:
    """A file that is no SQLite, not ours, newer or damaged is refused by reading and writing, and not changed."""
    make(path)
    before = path.read_bytes()

    with SQLiteLinkStore(path) as store:
        for use in (lambda: read_all(store), lambda: store.acquire("one", NOON, 60)):
            with pytest.raises(StoreUnusable, match=said) as caught:
                use()
            assert str(caught.value).startswith(f"Link store {path}: ")

    assert path.read_bytes() == before


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A path whose folder is missing is refused by reading and writing; no folder is made."""
    store = SQLiteLinkStore(tmp_path / "missing" / "links.sqlite3")

    for use in (lambda: store.count(Link), lambda: store.acquire("one", NOON, 60), lambda: store.release(NEVER_GIVEN)):
        with pytest.raises(StoreUnusable, match=r"links\.sqlite3.*folder does not exist"):
            use()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A path that is a folder is refused, and says so."""
    with pytest.raises(StoreUnusable, match=f"^Link store {tmp_path}: it is a folder") as caught:
        SQLiteLinkStore(tmp_path).count(Link)

    assert caught.value.path == str(tmp_path)


def test_what_the_file_system_says_is_told_in_words(tmp_path: Path) -> None:
    """What the file system has against a path is told as it says it, without its number, after the path."""
    path = tmp_path / ("x" * 300)

    with pytest.raises(StoreUnusable, match=f"^Link store {path}: File name too long; see to the file"):
        SQLiteLinkStore(path).count(Link)


# --- what may go wrong -----------------------------------------------------------------------------


def test_a_file_that_is_locked_is_worth_another_try(path: Path) -> None:
    """While another process writes for longer than we wait, a lease is refused as retryable; reading goes on."""
    fill(path)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with SQLiteLinkStore(path, busy_timeout_s=0.01) as store:
            count = store.count(Link)
            with pytest.raises(StoreUnusable, match="another process") as caught:
                store.acquire("one", NOON, 60)

    assert (count, caught.value.retryable) == (49, True)
    assert str(caught.value).startswith(f"Link store {path}: ")


def test_a_file_that_was_removed_is_written_anew(path: Path) -> None:
    """When the file is removed under an open store, the store is as never written: nothing goes to a lost file."""
    with SQLiteLinkStore(path) as store:
        lease = store.acquire("one", NOON, 60)
        store.commit(puts(link(1)), lease)
        for file in path.parent.iterdir():
            file.unlink()

        empty = store.count(Link)
        with pytest.raises(LeaseLost):
            store.commit(puts(link(2)), lease)
        made = path.exists()
        store.commit(puts(link(3)), store.acquire("one", NOON, 60))

        assert (empty, made, list(store.scan(Link))) == (0, False, [link(3)])


def test_columns_that_hold_nonsense_are_told_by_key(path: Path) -> None:
    """An entry that cannot be read is named by kind and key; the others are not to blame."""
    fill(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE link SET status = 'secret' WHERE wave_id = 'w7'")
        connection.execute("UPDATE known SET keys = 'secret'")

    with SQLiteLinkStore(path) as store:
        with pytest.raises(StoreUnusable, match="Link 'w7' 'p7' cannot be read") as caught:
            list(store.scan(Link))
        with pytest.raises(StoreUnusable, match="Known 'wave' 'w1' cannot be read"):
            list(store.scan(Known))

        assert "secret" not in str(caught.value)
        assert store.find(Link, "wave_id", ["w8"]) == [link(8)]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            link(1, wave_id="\ud800"),
            r"^Link store [^:]*: an id or another plain column would hold text that is not Unicode",
        ),
        (link(1, revision=2**63), "beyond 64 bits"),
        (link(1, wave=Sight(stamp=NOON.replace(tzinfo=None))), "Link 'w1' 'p1'"),
        (link(1, reason=None), "NOT NULL"),
        (Unfinished(side=Side.PMS, id="p2", reason=None), "NOT NULL"),
    ],
)
def test_what_a_column_cannot_hold_is_refused(path: Path, entry: Link, said: str) -> None:
    """An entry that a column cannot hold is refused with the whole commit, in words."""
    with SQLiteLinkStore(path) as store:
        lease = store.acquire("one", NOON, 60)

        with pytest.raises(StoreUnusable, match=said):
            store.commit(puts(link(2), entry), lease)

        assert store.count(Link) == 0


def test_a_store_that_nobody_closed_lets_go_of_its_file(tmp_path):
    """A store that is dropped without being closed closes its connections, without a warning."""
    path = tmp_path / "links.sqlite3"
    script = """
        import gc, sys, warnings
        from datetime import datetime, timezone
        from wave_pms_sync import SQLiteLinkStore

        warnings.simplefilter("error")
        sys.unraisablehook = lambda fault: print("unraisable:", fault.exc_value)
        store = SQLiteLinkStore(sys.argv[1])
        store.release(store.acquire("me", datetime.now(timezone.utc), 60))
        del store
        gc.collect()
        print("over", len([o for o in gc.get_objects() if type(o).__name__ == "Connection"]))
    """
    done = subprocess.run(  # noqa: S603  # our own lines
        [sys.executable, "-c", textwrap.dedent(script), str(path)], capture_output=True, text=True, check=True
    )

    assert done.stdout == "over 0\n"
    assert not path.with_name("links.sqlite3-wal").exists()
