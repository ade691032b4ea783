"""Moving a memory into another store, and to accounts that answer elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from attrs import evolve

from wave_pms_sync.errors import ConfigurationError, LeaseHeld, StoreUnusable
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Change, Claim, JournalEntry, Known, Lease, Tenant
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import KINDS, NOON, link, links, one_of_each, puts

Store = MemoryLinkStore | SQLiteLinkStore
Maker = Callable[[str], Store]


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Maker]:
    """Makes stores of one kind, by the name of their tenant."""
    made: list[Store] = []

    def maker(tenant: str) -> Store:
        sqlite = request.param == "sqlite"
        made.append(SQLiteLinkStore(tmp_path / f"{tenant}.db", tenant=tenant) if sqlite else MemoryLinkStore(tenant))
        return made[-1]

    yield maker
    for store in made:
        store.close()


def fill(store: LinkStore) -> None:
    """Give it entries of each kind, and more links than go into one batch."""
    journal = [JournalEntry(run_id=run, number=1, at=NOON, kind="update") for run in ("r9", "r10", "a1")]
    store.commit(puts(*one_of_each(), *links(4500)[2:], *journal), store.acquire("one", NOON, 60))


@pytest.mark.parametrize("other", [lambda path: MemoryLinkStore("b"), lambda path: SQLiteLinkStore(path / "to", "b")])
def test_a_copy_holds_everything(make: Maker, tmp_path: Path, other: Callable[[Path], Store]) -> None:
    """A copy, of any kind, holds every entry in its order and is found by the same keys; only the tenant is renamed."""
    links_of, copy = make("a"), other(tmp_path)
    fill(links_of)

    links_of.copy_to(copy)

    with copy:
        (tenant,) = copy.scan(Tenant)
        assert tenant == evolve(next(links_of.scan(Tenant)), name="b")
        for kind in set(KINDS) - {Tenant}:
            assert sorted(map(repr, copy.scan(kind))) == sorted(map(repr, links_of.scan(kind)))
        assert list(copy.scan(JournalEntry)) == list(links_of.scan(JournalEntry))
        assert copy.find(Known, "wave_key", ["email:d1"]) == links_of.find(Known, "wave_key", ["email:d1"])


def test_a_copy_can_be_written_at_once(make: Maker) -> None:
    """Copying gives back the lease of the copy and takes none of the store, which a run may be holding."""
    links_of, copy = make("a"), make("b")
    fill(links_of)

    links_of.copy_to(copy)

    copy.commit(puts(link(9999)), copy.acquire("run", NOON, 60))
    with pytest.raises(LeaseHeld):
        links_of.acquire("run", NOON, 1)


def test_a_copy_is_made_into_an_empty_store_only(make: Maker) -> None:
    """A store that holds anything is not copied into; it and its lease stay as they are."""
    links_of, copy = make("a"), make("b")
    fill(links_of)
    copy.commit(puts(link(7, reason="mine")), copy.acquire("one", NOON, 60))
    copy.release(copy.acquire("one", NOON, 60))

    with pytest.raises(StoreUnusable, match=r"already holds entries \(Link\)"):
        links_of.copy_to(copy)

    assert (list(copy.scan(Link)), copy.count(Tenant)) == ([link(7, reason="mine")], 0)
    copy.acquire("two", NOON, 60)


def test_an_empty_store_is_copied_too(make: Maker) -> None:
    """A copy of a store that was never written is an empty one."""
    links_of, copy = make("a"), make("b")

    links_of.copy_to(copy)

    assert [copy.count(kind) for kind in KINDS] == [0] * len(KINDS)


class _Loses(MemoryLinkStore):
    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        """Forget the last change."""
        super().commit(changes[:-1], lease)


def test_a_copy_is_counted(make: Maker) -> None:
    """If fewer entries arrive than were sent, the copy is declared useless, and does not pass for bound."""
    links_of, copy = make("a"), _Loses()
    fill(links_of)

    with pytest.raises(StoreUnusable, match="do not use it"):
        links_of.copy_to(copy)

    assert copy.count(Tenant) == 0


def test_rebinding_changes_the_accounts_only(make: Maker) -> None:
    """Rebinding accepts a new identity for either side, or both, and leaves all else and a free lease."""
    store = make("a")
    fill(store)
    store.release(store.acquire("one", NOON, 60))
    (before,) = store.scan(Tenant)

    store.rebind(pms="https://new.example customers")
    (after_pms,) = store.scan(Tenant)
    store.rebind(wave="https://gql.example b2")
    (after_both,) = store.scan(Tenant)

    assert after_pms == evolve(before, pms="https://new.example customers")
    assert after_both == evolve(after_pms, wave="https://gql.example b2")
    store.acquire("two", NOON, 60)


def test_rebinding_waits_for_no_run(make: Maker) -> None:
    """While a run holds the lease nothing is rebound."""
    store = make("a")
    fill(store)
    (before,) = store.scan(Tenant)
    store.acquire("one", NOON, 10**9)

    with pytest.raises(LeaseHeld):
        store.rebind(pms="elsewhere")

    assert list(store.scan(Tenant)) == [before]


def test_a_store_that_is_not_bound_cannot_be_rebound(make: Maker, tmp_path: Path) -> None:
    """A store that no run has bound yet has nothing to rebind, and makes no file over it."""
    with pytest.raises(StoreUnusable, match="not bound to any accounts yet"):
        make("a").rebind(pms="elsewhere")

    assert list(tmp_path.iterdir()) == []


def test_a_memory_has_no_claims() -> None:
    """A memory store holds one tenant, so nobody else claims anything."""
    store = MemoryLinkStore()
    fill(store)

    assert store.find(Claim, "pms_id", ["p1"]) == []


def test_copy_to_what_is_no_store() -> None:
    """A path instead of a store is told."""
    with pytest.raises(ConfigurationError, match=r"copy_to(.|\n)*is no link store"):
        MemoryLinkStore().copy_to("elsewhere.sqlite3")  # type: ignore[arg-type]
