"""What is special to a store without a file."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

from wave_pms_sync.errors import ConfigurationError, LeaseHeld
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Known
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.testing.entries import KINDS, NOON, link, links, one_of_each, puts


def pickled(store: MemoryLinkStore) -> MemoryLinkStore:
    """The store as it arrives elsewhere."""
    return pickle.loads(pickle.dumps(store))  # noqa: S301  # our own bytes


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy, copy.copy])
def test_a_copy_carries_everything(copied: Callable[[MemoryLinkStore], MemoryLinkStore]) -> None:
    """A pickle or a copy holds all entries, found by their keys, with the lease; MISSING stays what it is."""
    store = MemoryLinkStore("t")
    lease = store.acquire("one", NOON, 60)
    store.commit(puts(*one_of_each()), lease)

    other = copied(store)

    assert other.tenant == "t"
    assert [list(other.scan(kind)) for kind in KINDS] == [[entry] for entry in one_of_each()]
    assert repr(list(other.scan(Agreement))) == repr(list(store.scan(Agreement)))
    assert len(other.find(Known, "wave_key", ["email:d1"])) == 1
    with pytest.raises(LeaseHeld):
        other.acquire("two", NOON, 60)
    other.commit(puts(link(2)), lease)


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy, copy.copy])
def test_a_copy_is_independent(copied: Callable[[MemoryLinkStore], MemoryLinkStore]) -> None:
    """After copying, neither store sees what the other one is given."""
    store = MemoryLinkStore()
    lease = store.acquire("one", NOON, 60)
    store.commit(puts(link(1)), lease)

    other = copied(store)
    store.commit(puts(link(2)), lease)
    other.commit(puts(link(3)), lease)

    assert [one.wave_id for one in store.scan(Link)] == ["w1", "w2"]
    assert [one.wave_id for one in other.scan(Link)] == ["w1", "w3"]


def test_the_content_stays_when_closed() -> None:
    """Closing, or leaving a `with` block, forgets nothing: there is no file that would remember."""
    with MemoryLinkStore() as store:
        store.commit(puts(*links(3)), store.acquire("one", NOON, 60))

    assert store.count(Link) == 3


def test_the_repr_shows_no_customer() -> None:
    """The repr tells the tenant and nothing of what is remembered."""
    store = MemoryLinkStore("t")
    store.commit(puts(*one_of_each()), store.acquire("one", NOON, 60))

    assert repr(store) == "MemoryLinkStore(tenant='t')"


def test_snapshots_of_one_moment_share_their_content() -> None:
    """A commit copies what is being looked at, once; without a look there is nothing to copy."""
    store = MemoryLinkStore()
    lease = store.acquire("one", NOON, 60)
    store.commit(puts(link(1)), lease)

    with store.snapshot() as first, store.snapshot() as second:
        store.commit(puts(link(2)), lease)
        with store.snapshot() as third:
            store.commit(puts(link(3)), lease)
            seen = [view.count(Link) for view in (first, second, third)]

    assert (seen, store.count(Link)) == ([1, 1, 2], 3)


@pytest.mark.parametrize("tenant", ["", 3, None])
def test_tenant_must_have_a_name(tenant: object) -> None:
    """A store of nobody is refused when it is made."""
    with pytest.raises(ConfigurationError, match=r"tenant: .* is no name"):
        MemoryLinkStore(tenant)  # type: ignore[arg-type]
