"""Asking a store for what it cannot know."""

from __future__ import annotations

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.links import Agreement, Link, Sight
from wave_pms_sync.model.memory import Claim, Intent, Lease
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.stores.kinds import keys
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.stores.sqlite import SQLiteLinkStore

STORES = pytest.mark.parametrize(
    "links", [MemoryLinkStore(), SQLiteLinkStore("never-written")], ids=["memory", "sqlite"]
)


@STORES
@pytest.mark.parametrize(("kind", "by"), [(Link, "reason"), (Agreement, "pms_id"), (Intent, "key"), (Sight, "stamp")])
def test_a_key_that_a_kind_has_not_is_an_error(links: LinkStore, kind: type[object], by: str) -> None:
    """Finding by a key that the kind does not have is told at once, with the keys that it has."""
    with pytest.raises(ConfigurationError, match=f"^Reading a link store: by: {kind.__name__} has no key '{by}'"):
        links.find(kind, by, ["x"])


@STORES
@pytest.mark.parametrize("kind", [Claim, Sight])
def test_a_kind_that_no_store_keeps_is_an_error(links: LinkStore, kind: type[object]) -> None:
    """Scanning or counting what no store keeps is told at once; a claim is derived and can only be found."""
    with pytest.raises(ConfigurationError, match=f"^Reading a link store: kind: no store keeps {kind.__name__}"):
        links.scan(kind)
    with pytest.raises(ConfigurationError, match=f"^Reading a link store: kind: no store keeps {kind.__name__}"):
        links.count(kind)


@STORES
def test_a_lease_is_only_scanned(links: LinkStore) -> None:
    """A lease is derived: there is one at most, and it is neither found nor counted."""
    assert list(links.scan(Lease)) == []
    with pytest.raises(ConfigurationError, match="no store keeps Lease"):
        links.count(Lease)
    with pytest.raises(ConfigurationError, match="Lease has no key 'owner'"):
        links.find(Lease, "owner", ["x"])


@STORES
def test_the_keys_that_there_are_are_told(links: LinkStore) -> None:
    """The error names the keys of the kind in order, or says that it is to be scanned."""
    with pytest.raises(ConfigurationError, match=r"allowed: open, pms_id, rule, wave_id\)"):
        links.find(Link, "reason", ["x"])
    with pytest.raises(ConfigurationError, match=r"allowed: none; scan it\)"):
        links.find(Intent, "key", ["x"])


@pytest.mark.parametrize(
    ("facts", "more"),
    [
        ({}, set()),
        ({"open": True}, {("open", "yes")}),
        ({"wave": Sight(mark="m")}, {("wave_mark", "m")}),
        ({"pms": Sight(mark="m")}, {("pms_mark", "m")}),
    ],
)
def test_a_link_is_found_by_what_it_has(facts, more: set[tuple[str, str]]) -> None:
    """A link is found by both ids and its rule; by the mark of a side, and as open, only if it has one and is."""
    link = Link(wave_id="W1", pms_id="P1", rule="r", **facts)

    assert set(keys(link)) == {("wave_id", "W1"), ("pms_id", "P1"), ("rule", "r"), *more}
