"""Several processes on one file, killed ones among them."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from wave_pms_sync.errors import LeaseHeld, StoreUnusable
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Known
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import NOON, link, links, puts

Runner = Callable[..., "subprocess.CompletedProcess[str]"]

BATCH = 200

COMMIT_UNTIL_KILLED = f"""
import sys
from wave_pms_sync.model.memory import Known
from wave_pms_sync.model.side import Side
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import NOON, link, puts

store = SQLiteLinkStore(sys.argv[1])
lease = store.acquire("victim", NOON, 60)
def known(number):
    return Known(side=Side.PMS, id=f"p{{number}}", keys=(f"k{{number}}",))

batches = [range(n, n + {BATCH}) for n in range(0, 60 * {BATCH}, {BATCH})]
batches = [puts(*map(link, batch), *map(known, batch)) for batch in batches]
for batch in batches:
    store.commit(batch, lease)
    print("committed", flush=True)
"""

ONE_BY_ONE = """
import sys
from wave_pms_sync.errors import LeaseHeld
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import NOON, link, puts

path, tenant, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with SQLiteLinkStore(path, tenant=tenant, busy_timeout_s=60) as store:
    for number in range(first, first + count):
        store.commit(puts(link(number)), store.acquire("one", NOON, 60))
"""

ONLY_ONE = """
import sys
from wave_pms_sync.errors import LeaseHeld
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import NOON

with SQLiteLinkStore(sys.argv[1], busy_timeout_s=60) as store:
    try:
        print("taken", store.acquire(sys.argv[2], NOON, 60).token)
    except LeaseHeld as error:
        print("held by", error.owner)
"""

WITHOUT_RIGHTS = """
import os, sys
import urllib.parse  # loaded by a path's address
from wave_pms_sync.errors import StoreUnusable
from wave_pms_sync.model.links import Link
from wave_pms_sync.stores import sqlite_writing  # loaded now: nobody may be unable to read Python's own files
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import NOON

if os.geteuid() == 0:
    os.setuid(65534)  # nobody
with SQLiteLinkStore(sys.argv[1]) as store:
    print(store.count(Link))
    try:
        store.acquire("one", NOON, 60)
    except StoreUnusable as error:
        print(error)
"""

DISK_FULL = """
import resource, sys
from wave_pms_sync.errors import StoreUnusable
from wave_pms_sync.model.links import Link
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import NOON, link, puts

with SQLiteLinkStore(sys.argv[1]) as store:
    lease = store.acquire("one", NOON, 60)
    store.commit(puts(link(1)), lease)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    try:
        store.commit(puts(*map(link, range(2, 20_000))), lease)
    except StoreUnusable as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(store.count(Link))
    store.commit(puts(link(2)), lease)
    print(store.count(Link))
"""


FORK = """
import json, os, sys
from wave_pms_sync.model.links import Link
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import NOON, link, puts

with SQLiteLinkStore(sys.argv[1]) as store:
    lease = store.acquire("one", NOON, 60)
    store.commit(puts(link(1)), lease)
    child = os.fork()
    if child == 0:
        store.commit(puts(link(2)), lease)
        store.close()
        os._exit(store.count(Link))
    _, status = os.waitpid(child, 0)
    store.commit(puts(link(3)), lease)
    print(json.dumps([os.waitstatus_to_exitcode(status), store.count(Link), len(list(store.scan(Link)))]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file would be."""
    return tmp_path / "links.sqlite3"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may write to; that of pytest is for its owner only."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@pytest.mark.parametrize("commits", [0, 1, 2, 5, 9, 20])
def test_a_killed_process_leaves_whole_commits(path: Path, commits: int) -> None:
    """A process killed amid its commits leaves each of them whole or not at all, and none that returned is missing."""
    command = [sys.executable, "-c", COMMIT_UNTIL_KILLED, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:  # noqa: S603  # our own code
        assert victim.stdout is not None
        for _ in range(commits):
            victim.stdout.readline()
        victim.kill()
        told = commits + len(victim.stdout.readlines())

    with SQLiteLinkStore(path) as store:
        counts = [store.count(Link), store.count(Known), len(list(store.scan(Link))), len(list(store.scan(Known)))]
        keyed = len(store.find(Known, "pms_key", [f"k{number}" for number in range(60 * BATCH)]))
        store.acquire("victim", NOON, 60)

    assert set(counts) == {keyed}
    assert keyed % BATCH == 0
    assert keyed >= told * BATCH


def test_processes_write_to_one_file(path: Path) -> None:
    """Several processes that write to one file at once, for tenants of their own, all come through with everything."""
    with ExitStack() as running:
        started = [
            running.enter_context(subprocess.Popen([sys.executable, "-c", ONE_BY_ONE, path, tenant, "0", "10"]))  # noqa: S603  # our own code
            for tenant in ("a", "b", "c", "d")
        ]
        codes = [process.wait(timeout=120) for process in started]

    counts = []
    for tenant in ("a", "b", "c", "d"):
        with SQLiteLinkStore(path, tenant=tenant) as store:
            counts.append((store.count(Link), len(list(store.scan(Link)))))
    assert (codes, counts) == ([0] * 4, [(10, 10)] * 4)


def test_one_of_several_processes_gets_the_lease(path: Path) -> None:
    """Of several processes that create the file and ask for its lease at once, one gets it; the others learn who."""
    with ExitStack() as running:
        started = [
            running.enter_context(
                subprocess.Popen([sys.executable, "-c", ONLY_ONE, path, name], stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own code
            )
            for name in ("one", "two", "three", "four")
        ]
        told = [process.communicate(timeout=120)[0].strip() for process in started]

    (winner,) = [number for number, line in enumerate(told) if line == "taken 1"]
    name = ("one", "two", "three", "four")[winner]
    assert sorted(told) == sorted(["taken 1", *[f"held by {name}"] * 3])


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX")
def test_a_file_that_may_not_be_written_is_read_and_says_so(open_folder: Path, python: Runner) -> None:
    """A file that this user may only read is read, and refuses a lease with words on what to do."""
    path = open_folder / "links.sqlite3"
    with SQLiteLinkStore(path) as store:
        store.commit(puts(*links(3)), store.acquire("one", NOON, 60))
    before = path.read_bytes()
    path.chmod(0o444)

    done = python(WITHOUT_RIGHTS, path)

    count, error = done.stdout.splitlines()
    assert count == "3"
    assert "readonly database; let this user write the file" in error
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="limits on the size of files are set as Linux has them")
def test_a_full_disk_leaves_the_last_commit(path: Path, python: Runner) -> None:
    """A commit that finds no room is refused whole; the store works on when there is room again."""
    done = python(DISK_FULL, path)

    error, count, later = done.stdout.splitlines()
    assert str(path) in error
    assert (count, later) == ("1", "2")


def pickled(store: SQLiteLinkStore) -> SQLiteLinkStore:
    """The store as it arrives elsewhere."""
    return pickle.loads(pickle.dumps(store))  # noqa: S301  # our own bytes


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy])
def test_a_store_travels(path: Path, copied: Callable[[SQLiteLinkStore], SQLiteLinkStore]) -> None:
    """A pickled store is the same tenant of the same file elsewhere, and opens it for itself."""
    with SQLiteLinkStore(path, tenant="t", busy_timeout_s=1.5) as store:
        store.commit(puts(link(1)), store.acquire("one", NOON, 60))

        with copied(store) as other:
            found = list(other.scan(Link))
            with pytest.raises(LeaseHeld):
                other.acquire("two", NOON, 60)

        assert found == [link(1)]
        assert (other.path, other.tenant, other.busy_timeout_s) == (str(path), "t", 1.5)
        assert store.count(Link) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_opens_the_file_for_itself(path: Path, python: Runner) -> None:
    """After a fork the child and its parent both go on writing to the file, and neither loses anything."""
    done = python(FORK, path)

    assert json.loads(done.stdout) == [2, 3, 3]
    with SQLiteLinkStore(path) as store:
        assert store.count(Link) == 3


def test_a_snapshot_does_not_stop_a_writer(path: Path) -> None:
    """While somebody looks at a snapshot for long, another store writes, and can even close."""
    with SQLiteLinkStore(path) as store:
        store.commit(puts(*links(10)), store.acquire("one", NOON, 60))

    with SQLiteLinkStore(path) as looking, looking.snapshot() as view:
        with SQLiteLinkStore(path) as writing:
            writing.commit(puts(*links(500)), writing.acquire("one", NOON, 60))
        seen = view.count(Link), len(list(view.scan(Link))), looking.count(Link)

    assert seen == (10, 10, 500)


def test_errors_of_sqlite_stay_inside(path: Path) -> None:
    """A view that outlives its snapshot tells so as the store's own error, not as one of SQLite."""
    with SQLiteLinkStore(path) as store:
        store.commit(puts(link(1)), store.acquire("one", NOON, 60))
        with store.snapshot() as view:
            pass

        with pytest.raises(StoreUnusable, match="closed"):
            view.count(Link)
