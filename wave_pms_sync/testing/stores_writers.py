"""Who may write to a link store, and when: half of its contract, to be run through `wave_pms_sync.testing.stores`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial

from attrs import evolve

from wave_pms_sync.errors import LeaseHeld, LeaseLost
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Known, Lease
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing.claims import holds, raises, same
from wave_pms_sync.testing.entries import KINDS, NOON, link, links, one_of_each, puts
from wave_pms_sync.testing.stores_setting import StoreSetting, content

__all__ = ["WritersContract"]

_MINUTE = timedelta(seconds=60)


class WritersContract(StoreSetting):
    """Named tests of leases, of several writers at once, and of opening a place again."""

    # --- the lease ---------------------------------------------------------------------------------

    def test_a_lease_says_who_and_until_when(self) -> None:
        """The first lease names its owner, when it was taken and when it ends, and knows of no dead owner."""
        lease = self.store.acquire("one", NOON, 60)

        wanted = Lease(owner="one", token=lease.token, renewed_at=NOON, expires_at=NOON + _MINUTE)
        same(lease, wanted, "the first lease")

    def test_a_lease_keeps_others_out(self) -> None:
        """While a lease has not expired another owner is refused, and told by whom and since when."""
        lease = self.store.acquire("one", NOON, 60)

        error = self._refusal("two", NOON + _MINUTE - timedelta(seconds=18))

        same((error.owner, error.age_s), ("one", 42.0), "owner and age in the error")
        self.store.commit(puts(link(1)), lease)
        same(self.store.count(Link), 1, "links written by the holder")

    def test_the_standing_lease_is_seen(self) -> None:
        """Anybody sees the lease as it stands, expired or not, until it is given back; a view that was taken stays."""
        seen = [list(self.store.scan(Lease))]
        first = self.store.acquire("one", NOON, 60)
        seen.append(list(self.store.scan(Lease)))
        with self.store.snapshot() as view:
            taken = self.store.acquire("two", NOON + _MINUTE, 60)
            seen += [list(view.scan(Lease)), list(self.store.scan(Lease))]
        self.store.release(taken)
        seen.append(list(self.store.scan(Lease)))

        same(seen, [[], [first], [first], [evolve(taken, dead_owner=None, dead_renewed_at=None)], []], "leases seen")

    def test_renewing_keeps_the_token(self) -> None:
        """The owner renews under the same token, before or after the end; the new end is what counts."""
        lease = self.store.acquire("one", NOON, 60)

        early = self.store.acquire("one", NOON + _MINUTE / 2, 60)
        late = self.store.acquire("one", NOON + 3 * _MINUTE, 60)

        same([early.token, late.token], [lease.token] * 2, "tokens after renewing")
        same(
            (late.dead_owner, late.renewed_at, late.expires_at), (None, NOON + 3 * _MINUTE, NOON + 4 * _MINUTE), "facts"
        )
        self._refusal("two", NOON + 3.5 * _MINUTE)
        self.store.commit([], lease)

    def test_an_expired_lease_can_be_taken_over(self) -> None:
        """From its end on a lease goes to whoever asks, with a greater token and the facts of the dead owner, once."""
        dead = self.store.acquire("one", NOON, 60)

        lease = self.store.acquire("two", NOON + _MINUTE, 60)
        renewed = self.store.acquire("two", NOON + _MINUTE, 60)

        holds(lease.token > dead.token, "the token must grow with a change of owner")
        same((lease.dead_owner, lease.dead_renewed_at), ("one", NOON), "facts of the dead owner")
        same((renewed.token, renewed.dead_owner), (lease.token, None), "the lease renewed after the take-over")

    def test_a_released_lease_is_free(self) -> None:
        """After a release another owner gets the lease at once, with a greater token and no dead owner."""
        first = self.store.acquire("one", NOON, 60)

        self.store.release(first)
        lease = self.store.acquire("two", NOON, 60)

        holds(lease.token > first.token, "the token must grow with a change of owner, also after a release")
        same((lease.dead_owner, lease.dead_renewed_at), (None, None), "facts of a dead owner")

    def test_releasing_anothers_lease_does_nothing(self) -> None:
        """A lease that was taken over, or given back before, can be released and frees nobody's lease."""
        dead = self.store.acquire("one", NOON, 60)
        lease = self.store.acquire("two", NOON + _MINUTE, 60)

        self.store.release(dead)

        self._refusal("three", NOON + _MINUTE)
        self.store.release(lease)
        self.store.release(lease)
        self.store.acquire("three", NOON + _MINUTE, 60)

    def test_an_old_lease_writes_nothing(self) -> None:
        """A commit under a lease that was taken over raises LeaseLost and writes nothing, even for the same owner."""
        dead = self.store.acquire("one", NOON, 60)
        between = self.store.acquire("two", NOON + _MINUTE, 60)
        self.store.release(between)
        again = self.store.acquire("one", NOON + _MINUTE, 60)

        for old in (dead, between):
            raises(LeaseLost, partial(self.store.commit, puts(*one_of_each()), old), "a commit under an old lease")

        same(content(self.store), [[] for _ in KINDS], "entries of each kind")
        self.store.commit(puts(link(1)), again)

    def test_a_released_lease_writes_nothing(self) -> None:
        """A commit under a lease that was given back, or never given, raises LeaseLost and writes nothing."""
        made_up = Lease(owner="one", token=1, renewed_at=NOON, expires_at=NOON + _MINUTE)
        raises(LeaseLost, lambda: self.store.commit(puts(link(1)), made_up), "a commit under no lease")
        lease = self.store.acquire("one", NOON, 60)
        self.store.release(lease)

        raises(LeaseLost, lambda: self.store.commit(puts(link(1)), lease), "a commit under a released lease")

        same(self.store.count(Link), 0, "links")

    def test_an_expired_lease_writes_until_taken_over(self) -> None:
        """A lease that has expired but was not taken over still writes: nobody else did."""
        lease = self.store.acquire("one", NOON, 0)

        self.store.commit(puts(link(1)), lease)

        same(self.store.count(Link), 1, "links")

    # --- the store itself --------------------------------------------------------------------------

    def test_closing_twice_is_once(self) -> None:
        """A store can be closed twice, also before its first use, and works on when it is used again."""
        self.store.close()
        self.store.close()
        self.commit(puts(link(1)))
        self.store.close()

        found = list(self.store.scan(Link))

        same(found, [link(1)], "links after closing")

    def test_the_tenant_is_named(self) -> None:
        """A store says the name of its tenant: text, the same each time."""
        name, again = self.store.tenant, self.store.tenant

        holds(type(name) is str and name, "the tenant's name is text that is not empty")
        same(again, name, "the name asked for twice")

    def test_threads_share_a_store(self) -> None:
        """Several threads may commit and read through one store at once, and each sees its own commit whole."""
        lease = self.store.acquire("one", NOON, 600)

        def work(number: int) -> tuple[int, int]:
            keyed = Known(side=Side.WAVE, id=f"w{number}", keys=("k:shared", f"k:{number}"))
            self.store.commit(puts(link(number), keyed), lease)
            with self.store.snapshot() as view:
                behind = view.count(Link) - view.count(Known)
            return behind, len(self.store.find(Known, "wave_key", [f"k:{number}"]))

        with ThreadPoolExecutor(8) as threads:
            seen = list(threads.map(work, range(40)))

        same(seen, [(0, 1)] * 40, "half commits seen, and entries found after a commit")
        same((self.store.count(Link), len(self.store.find(Known, "wave_key", ["k:shared"]))), (40, 40), "entries")

    # --- a durable place ---------------------------------------------------------------------------

    def test_a_place_keeps_what_was_committed(self) -> None:
        """What one store committed, another one on the same place reads, before and after the first is closed."""
        if not self.durable:
            return
        self.commit(puts(*one_of_each()))

        with closing(self.reopen()) as other:
            beside = content(other)
        self.store.close()
        with closing(self.reopen()) as other:
            after, counts = content(other), [other.count(kind) for kind in KINDS]

        wanted = [[entry] for entry in one_of_each()]
        same((beside, after), (wanted, wanted), "entries read beside the first store and after it")
        same(counts, [1] * len(KINDS), "counts")

    def test_stores_on_one_place_see_each_other(self) -> None:
        """Two stores on one place see each other's commits at once, and never more than one of them holds the lease."""
        if not self.durable:
            return
        with closing(self.reopen()) as other:
            empty = other.count(Link)
            self.commit(puts(link(1)))
            seen = list(other.scan(Link))
            raises(LeaseHeld, lambda: other.acquire("two", NOON, 60), "a lease that another store holds")
            taken = other.acquire("two", NOON + 10 * _MINUTE, 60)
            other.commit(puts(link(2)), taken)
            raises(LeaseHeld, lambda: self.commit(puts(link(3))), "a lease that another store took over")

        same((empty, seen), (0, [link(1)]), "what the other store saw")
        same({one.wave_id for one in self.store.scan(Link)}, {"w1", "w2"}, "what this store sees")

    def test_a_place_keeps_its_tokens(self) -> None:
        """Tokens grow on from store to store, so that a lease from before is refused by the place itself."""
        if not self.durable:
            return
        old = self.store.acquire("one", NOON, 60)
        self.store.release(old)
        self.store.close()

        with closing(self.reopen()) as other:
            lease = other.acquire("two", NOON, 60)
            raises(LeaseLost, lambda: other.commit(puts(*links(3)), old), "a commit under a lease from before")

        holds(lease.token > old.token, "the token must grow across stores on one place")
        same(self.store.count(Link), 0, "links")

    # --- shorthand ---------------------------------------------------------------------------------

    def _refusal(self, owner: str, now: datetime) -> LeaseHeld:
        try:
            self.store.acquire(owner, now, 60)
        except LeaseHeld as error:
            return error
        raise AssertionError("a lease that another owner holds was given away")
