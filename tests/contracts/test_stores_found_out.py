"""A link store that breaks its contract is found out by the test that is named after the obligation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar, cast

import pytest
from attrs import evolve

from wave_pms_sync.errors import LeaseHeld, LeaseLost, StoreUnusable
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Agreement, Link, Trace, trace
from wave_pms_sync.model.memory import Change, Entry, JournalEntry, Known, Lease, Put, Remove, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkReader, LinkStore
from wave_pms_sync.stores.kinds import KINDS, identity
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.testing.entries import one_of_each
from wave_pms_sync.testing.stores import LinkStoreContract

E = TypeVar("E")


class _NeverEmpty(MemoryLinkStore):
    def scan(self, kind: type[E]) -> Iterator[E]:
        found = list(super().scan(kind))
        return iter(found or [one for one in one_of_each() if isinstance(one, kind)])


class _ForgetsReasons(MemoryLinkStore):
    def scan(self, kind: type[E]) -> Iterator[E]:
        return iter([evolve(one, reason="") if isinstance(one, Unfinished) else one for one in super().scan(kind)])


class _FindsTwice(MemoryLinkStore):
    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        return [one for value in values for one in super(_FindsTwice, self).find(kind, by, [value])]


class _MixesSides(MemoryLinkStore):
    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        wanted = list(values)
        other = by.replace("pms", "wave") if by.startswith("pms") else by.replace("wave", "pms")
        found = super().find(kind, by, wanted)
        return found or (super().find(kind, other, wanted) if kind is Known else [])


class _TracesAll(MemoryLinkStore):
    """Has traces of links that are open, too."""

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        wanted = list(values)
        if kind is not Trace or not by.endswith("_id"):
            return super().find(kind, by, wanted)
        side = Side(by.removesuffix("_id"))
        rested = [evolve(link, open=False) for link in super().find(Link, by, wanted)]
        traces = [trace(0, link, side) for link in rested]
        return cast("list[E]", [found for found in traces if found is not None])


class _AllLoose(MemoryLinkStore):
    """Takes every record of the key index for one without a link."""

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        if by != "loose":
            return super().find(kind, by, values)
        wanted = list(values)
        return [one for one in super().scan(kind) if isinstance(one, Known) and one.side.value in wanted]


class _Adds(MemoryLinkStore):
    """Counts puts and removals instead of entries."""

    added = 0

    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        super().commit(changes, lease)
        _Adds.added += sum(isinstance(change, Put) and isinstance(change.entry, Known) for change in changes)

    def count(self, kind: type[E]) -> int:
        return _Adds.added if kind is Known else super().count(kind)


class _Keeps(MemoryLinkStore):
    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        super().commit([one for one in changes if isinstance(one, Put)], lease)


class _MustBeThere(MemoryLinkStore):
    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        for change in changes:
            standing = [identity(one) for one in super().scan(type(change.entry))]
            if isinstance(change, Remove) and identity(change.entry) not in standing:
                raise StoreUnusable("not there")
        super().commit(changes, lease)


class _PutsFirst(MemoryLinkStore):
    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        super().commit(sorted(changes, key=lambda one: isinstance(one, Remove)), lease)


class _RemovesFirst(MemoryLinkStore):
    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        super().commit(sorted(changes, key=lambda one: isinstance(one, Put)), lease)


class _Replaces(MemoryLinkStore):
    """Lets the newer link win."""

    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        for change in changes:
            if isinstance(change, Put) and isinstance(change.entry, Link):
                for by in ("wave_id", "pms_id"):
                    standing = self.find(Link, by, [getattr(change.entry, by)])
                    super().commit([Remove(one) for one in standing], lease)
            super().commit([change], lease)


class _OneByOne(MemoryLinkStore):
    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        super().commit([], lease)
        for change in changes:
            super().commit([change], lease)


class _Trims(MemoryLinkStore):
    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        return super().find(kind, by, [value.split("\x00")[0] for value in values])


class _Plain(MemoryLinkStore):
    """Takes MISSING for null."""

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        found = super().find(kind, by, values)
        return cast("list[E]", [_plain(one) if isinstance(one, Agreement) else one for one in found])


def _plain(agreement: Agreement) -> Agreement:
    baselines = {
        name: evolve(one, wave=None) if one.wave is MISSING else one for name, one in agreement.baselines.items()
    }
    return evolve(agreement, baselines=baselines)


class _WholeSeconds(MemoryLinkStore):
    def scan(self, kind: type[E]) -> Iterator[E]:
        found = super().scan(kind)
        return iter(
            [evolve(one, at=one.at.replace(microsecond=0)) if isinstance(one, JournalEntry) else one for one in found]
        )


class _LiveView(MemoryLinkStore):
    @contextmanager
    def snapshot(self) -> Iterator[LinkReader]:
        yield self


class _LazyScan(MemoryLinkStore):
    """Shows what was changed during a scan a second time."""

    def scan(self, kind: type[E]) -> Iterator[E]:
        seen = list(super().scan(kind))
        yield from seen
        yield from (one for one in super().scan(kind) if one not in seen)


class _Sorts(MemoryLinkStore):
    def scan(self, kind: type[E]) -> Iterator[E]:
        found = cast("list[Entry]", list(super().scan(kind)))
        return cast("Iterator[E]", iter(sorted(found, key=identity)))


class _FindsSome(MemoryLinkStore):
    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        return super().find(kind, by, list(values)[:999])


class _Anonymous(MemoryLinkStore):
    def acquire(self, owner: str, now: datetime, ttl_s: float) -> Lease:
        try:
            return super().acquire(owner, now, ttl_s)
        except LeaseHeld as error:
            raise LeaseHeld("held", owner="somebody", age_s=0) from error


class _Vague(MemoryLinkStore):
    def acquire(self, owner: str, now: datetime, ttl_s: float) -> Lease:
        return evolve(super().acquire(owner, now, ttl_s), dead_owner="nobody")


class _HidesLeases(MemoryLinkStore):
    def scan(self, kind: type[E]) -> Iterator[E]:
        return iter(()) if kind is Lease else super().scan(kind)


class _NewTokens(MemoryLinkStore):
    def acquire(self, owner: str, now: datetime, ttl_s: float) -> Lease:
        self._lease = None
        return super().acquire(owner, now, ttl_s)


class _SameToken(MemoryLinkStore):
    def acquire(self, owner: str, now: datetime, ttl_s: float) -> Lease:
        self._last_token = 0
        return super().acquire(owner, now, ttl_s)


class _PurgesAll(MemoryLinkStore):
    def purge(self) -> None:
        self._content = type(self._content)()


class _FreesAny(MemoryLinkStore):
    def release(self, lease: Lease) -> None:
        self._lease = None


class _ByOwner(MemoryLinkStore):
    """Knows its holder by the name alone."""

    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        if self._lease is None or self._lease.owner != lease.owner:
            raise LeaseLost("lost")
        super().commit(changes, self._lease)


class _Trusts(MemoryLinkStore):
    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        self._lease = lease
        super().commit(changes, lease)


class _Strict(MemoryLinkStore):
    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        if lease.expires_at <= lease.renewed_at:
            raise LeaseLost("expired")
        super().commit(changes, lease)


class _ClosesForGood(MemoryLinkStore):
    def close(self) -> None:
        del self._content


class _Nameless(MemoryLinkStore):
    """Forgets for whom it is."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        object.__setattr__(self, "tenant", "")


class _ShowsHalf(MemoryLinkStore):
    """Lets others look between two changes of a commit."""

    @contextmanager
    def snapshot(self) -> Iterator[LinkReader]:
        with super().snapshot() as view:
            yield _Behind(view)


class _Behind:
    def __init__(self, view: LinkReader) -> None:
        self.find, self.scan, self._view = view.find, view.scan, view

    def count(self, kind: type[E]) -> int:
        return self._view.count(kind) - (kind is Known)


class _Forgets(MemoryLinkStore):
    """Says it is durable, and is not."""


FOUND_OUT = [
    (_NeverEmpty, "test_a_store_never_written_is_empty"),
    (_ForgetsReasons, "test_entries_of_every_kind_are_kept"),
    (_FindsTwice, "test_entries_are_found_by_each_key"),
    (_TracesAll, "test_traces_tell_what_links_last_showed"),
    (_AllLoose, "test_loose_entries_are_those_without_a_link"),
    (_MixesSides, "test_what_nobody_has_is_not_found"),
    (_Adds, "test_a_second_put_replaces"),
    (_Keeps, "test_removal_forgets"),
    (_MustBeThere, "test_removing_what_is_not_there_is_no_error"),
    (_PutsFirst, "test_changes_are_carried_out_in_order"),
    (_Replaces, "test_an_id_is_in_one_link_at_most"),
    (_RemovesFirst, "test_a_link_may_take_the_ids_of_one_removed_before"),
    (_OneByOne, "test_a_commit_is_whole_or_not_at_all"),
    (_Trims, "test_hard_texts_are_kept"),
    (_Plain, "test_values_stay_distinct"),
    (_WholeSeconds, "test_moments_are_exact"),
    (_LiveView, "test_a_snapshot_does_not_move"),
    (_LiveView, "test_a_snapshot_of_an_empty_store_stays_empty"),
    (_LazyScan, "test_a_scan_bears_commits"),
    (_Sorts, "test_the_journal_keeps_its_order"),
    (_FindsSome, "test_many_entries_at_once"),
    (_Vague, "test_a_lease_says_who_and_until_when"),
    (_Anonymous, "test_a_lease_keeps_others_out"),
    (_HidesLeases, "test_the_standing_lease_is_seen"),
    (_NewTokens, "test_renewing_keeps_the_token"),
    (_SameToken, "test_an_expired_lease_can_be_taken_over"),
    (_SameToken, "test_a_released_lease_is_free"),
    (_FreesAny, "test_releasing_anothers_lease_does_nothing"),
    (_ByOwner, "test_an_old_lease_writes_nothing"),
    (_PurgesAll, "test_purging_keeps_what_stands"),
    (_Trusts, "test_a_released_lease_writes_nothing"),
    (_Strict, "test_an_expired_lease_writes_until_taken_over"),
    (_ClosesForGood, "test_closing_twice_is_once"),
    (_Nameless, "test_the_tenant_is_named"),
    (_ShowsHalf, "test_threads_share_a_store"),
    (_Forgets, "test_a_place_keeps_what_was_committed"),
    (_Forgets, "test_stores_on_one_place_see_each_other"),
    (_Forgets, "test_a_place_keeps_its_tokens"),
]


class _Kit(LinkStoreContract):
    durable = True
    kind: type[MemoryLinkStore] = MemoryLinkStore

    def make_store(self) -> LinkStore:
        """A store that breaks the contract."""
        _Adds.added = 0
        return self.kind()

    def reopen(self) -> LinkStore:
        """A store that knows nothing of the first."""
        return self.kind()


@pytest.mark.parametrize(("kind", "test"), FOUND_OUT)
def test_a_store_that_breaks_the_contract_is_found_out(kind: type[MemoryLinkStore], test: str) -> None:
    """A store that breaks an obligation fails the test that is named after it."""
    kit = type("_KitOfALiar", (_Kit,), {"kind": kind})()
    kit.setup_method()

    with pytest.raises((AssertionError, AttributeError, StoreUnusable, LeaseHeld, LeaseLost)):
        getattr(kit, test)()


def test_every_test_of_the_kit_can_fail() -> None:
    """Each test of the kit is failed by at least one of the stores above."""
    tests = {name for name in dir(LinkStoreContract) if name.startswith("test_")}

    assert tests == {test for _, test in FOUND_OUT}


@pytest.mark.parametrize("hook", ["make_store", "reopen"])
def test_a_kit_without_a_store_says_what_is_missing(hook: str) -> None:
    """A subclass that does not say how a store is made or opened again is told so."""
    with pytest.raises(NotImplementedError, match=hook):
        getattr(LinkStoreContract(), hook)()


def test_the_kit_knows_every_kind() -> None:
    """The kit puts one entry of each kind that a store keeps."""
    assert [type(entry) for entry in one_of_each()] == list(KINDS)
