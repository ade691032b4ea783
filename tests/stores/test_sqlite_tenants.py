"""Several tenants in one file."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from wave_pms_sync.errors import LeaseLost
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Claim, Known, Put, Remove, Tenant
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import KEYS, KINDS, NOON, link, one_of_each, puts


def tenant(path: Path, name: str, pms: str, *entries: Link) -> None:
    """Bind a tenant to a PMS and give it links."""
    with SQLiteLinkStore(path, tenant=name) as store:
        bound = Tenant(name=name, wave=f"wave of {name}", pms=pms)
        store.commit(puts(bound, *entries), store.acquire("one", NOON, 60))


def claims(path: Path, name: str, *pms_ids: str) -> set[tuple[str, str, str]]:
    """What other tenants hold of these, where, and who."""
    with SQLiteLinkStore(path, tenant=name) as store:
        return {(c.pms_id, c.tenant, c.pms) for c in store.find(Claim, "pms_id", pms_ids)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file would be."""
    return tmp_path / "links.sqlite3"


def test_tenant_without_a_name_is_called_default(path: Path) -> None:
    """A store that was opened without a name of its own is found again under the name "default", for ever."""
    with SQLiteLinkStore(path) as store:
        store.commit(puts(link(1)), store.acquire("one", NOON, 60))
    with SQLiteLinkStore(path, tenant="default") as same:
        assert same.count(Link) == 1
        assert repr(same) == f"SQLiteLinkStore(path={str(path)!r}, tenant='default', busy_timeout_s=5.0)"


def test_tenants_do_not_see_each_other(path: Path) -> None:
    """The same ids and keys stand in one file once for each tenant; what one removes stays with the other."""
    with SQLiteLinkStore(path, tenant="a") as a, SQLiteLinkStore(path, tenant="b") as b:
        lease_a, lease_b = a.acquire("one", NOON, 60), b.acquire("two", NOON, 60)
        a.commit(puts(*one_of_each()), lease_a)
        empty = [list(b.scan(kind)) for kind in KINDS], [b.count(kind) for kind in KINDS]
        found = [b.find(kind, by, [key]) for kind, keys in KEYS.items() for by, key in keys.items()]
        b.commit(puts(*one_of_each(), link(2)), lease_b)

        a.commit([Remove(entry) for entry in one_of_each()], lease_a)

        assert empty == ([[] for _ in KINDS], [0] * len(KINDS))
        assert [entry for entries in found for entry in entries] == []
        assert [b.count(kind) for kind in KINDS] == [2 if kind is Link else 1 for kind in KINDS]
        assert len(b.find(Known, "wave_key", ["email:d1"])) == 1


def test_a_lease_is_for_one_tenant(path: Path) -> None:
    """Each tenant has a lease of its own, and no tenant writes under that of another."""
    with SQLiteLinkStore(path, tenant="a") as a, SQLiteLinkStore(path, tenant="b") as b:
        lease = a.acquire("one", NOON, 60)
        b.acquire("two", NOON, 60)

        with pytest.raises(LeaseLost):
            b.commit(puts(link(1)), lease)

        a.commit(puts(link(1)), lease)
        assert (a.count(Link), b.count(Link)) == (1, 0)


def test_claims_are_what_others_linked(path: Path) -> None:
    """A claim is a PMS id that another tenant has linked, with that tenant's PMS, whatever the link's status."""
    tenant(path, "ours", "pms one", link(1))
    tenant(path, "theirs", "pms one", link(2), link(3, status=LinkStatus.TOMBSTONE))
    tenant(path, "elsewhere", "pms two", link(4))

    found = claims(path, "ours", "p1", "p2", "p3", "p4", "p5")

    assert found == {("p2", "theirs", "pms one"), ("p3", "theirs", "pms one"), ("p4", "elsewhere", "pms two")}
    assert claims(path, "theirs", "p1", "p2") == {("p1", "ours", "pms one")}


def test_a_tenant_without_accounts_claims_nothing(path: Path) -> None:
    """A tenant that is not bound yet sees the claims of others, and holds nothing against them."""
    tenant(path, "theirs", "pms one", link(1))
    with SQLiteLinkStore(path, tenant="unbound") as store:
        store.commit(puts(link(2)), store.acquire("one", NOON, 60))

    held = {("p1", "theirs", "pms one")}
    assert (claims(path, "unbound", "p1"), claims(path, "never", "p1")) == (held, held)
    assert claims(path, "theirs", "p2") == set()


def test_claims_follow_a_rebound_tenant(path: Path) -> None:
    """When a tenant is rebound to another PMS, its claims say so."""
    tenant(path, "ours", "pms one")
    tenant(path, "theirs", "pms one", link(1))
    before = claims(path, "ours", "p1")

    with SQLiteLinkStore(path, tenant="theirs") as store:
        store.rebind(pms="pms two")

    assert before == {("p1", "theirs", "pms one")}
    assert claims(path, "ours", "p1") == {("p1", "theirs", "pms two")}


def test_tenants_write_side_by_side(path: Path) -> None:
    """Threads that write for tenants of one file, each with its own store, wait for each other and lose nothing."""

    def work(name: str) -> None:
        with closing(SQLiteLinkStore(path, tenant=name, busy_timeout_s=60)) as store:
            for number in range(20):
                store.commit([Put(link(number))], store.acquire("one", NOON, 60))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counts = []
    for name in "abcd":
        with SQLiteLinkStore(path, tenant=name) as store:
            counts.append(store.count(Link))
    assert counts == [20] * 4
