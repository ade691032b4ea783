"""The memory: lost, shared by tenants, of other accounts, in use by another run, left behind by a dead one."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from wave_pms_sync import MemoryLinkStore, Policy, SQLiteLinkStore
from wave_pms_sync.errors import LeaseHeld, LeaseLost, StoreUnusable, WrongTenant
from wave_pms_sync.model.memory import Intent, Tenant
from wave_pms_sync.testing import Fault


def filled(world):
    """Customers on both sides: linked, met, with and without keys."""
    world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    world.pms_box.add({"name": "Grace", "email": "grace@example.com"})
    world.wave_box.add({"name": "No Key"})
    world.wave_box.add({"name": "Post", "address": {"postalCode": "M5V 1A1"}})
    world.run()
    assert len(world.linked()) == 4


# --- a store that was lost


@pytest.mark.parametrize("create_in", [("pms",), ("pms", "wave")])
def test_f57_with_the_store_lost_nothing_is_deleted_or_doubled(make_world, make_links, create_in):
    """A fresh store finds every pair again, by mark or key; nothing is written but what really differs."""
    world = make_world(make_links(), policy=Policy(create_in=create_in, deletions={"pms": "delete", "wave": "delete"}))
    filled(world)
    known = world.linked()
    world.links = make_links()
    world.change()
    world.count()

    report = world.run()

    assert report.ok
    assert world.linked() == known
    assert world.writes == (0, 0)
    assert report.counts.linked == 4


def test_f57_with_the_store_lost_a_deleted_customer_is_not_made_again(both_ways):
    """A customer deleted in Wave before the store was lost is not created again: its PMS record is marked."""
    world = both_ways
    filled(world)
    gone = next(iter(world.wave_box.customers))
    world.wave_box.remove(gone)
    world.links = MemoryLinkStore()
    world.change()
    world.count()

    world.run()
    world.run(full=True)

    assert world.writes == (0, 0)
    assert [q.reason.value for q in world.sync.quarantine()] == ["orphan"]


def test_f57_edits_made_while_the_store_was_lost_are_disputes_not_losses(world):
    """Without baselines nobody knows which value is newer: both stay, for a person."""
    wave_id, _ = world.pair(phone="000")
    world.links = MemoryLinkStore()
    world.change()
    world.wave_box.edit(wave_id, {"phone": "111"})

    world.run()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "000")
    assert [d.reason.value for d in world.sync.disputes()] == ["first_meeting"]


def test_f91_an_old_copy_of_the_store_deletes_and_doubles_nothing(make_world, tmp_path):
    """A store restored from an older copy meets what it does not know as it meets a stranger; nothing is doubled."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as links:
        world = make_world(links, policy=Policy(deletions={"pms": "delete", "wave": "delete"}))
        first, _ = world.pair()
    backup = path.read_bytes()
    with SQLiteLinkStore(path) as links:
        world.links = links
        world.change()
        second, _ = world.pair(name="Grace", email="grace@example.com")
        world.later()
        world.wave_box.edit(first, {"phone": "111"})
        world.run()
    path.write_bytes(backup)
    with SQLiteLinkStore(path) as links:
        world.links = links
        world.change()
        world.count()

        world.run()
        world.run(full=True)

        assert set(world.linked()) == {first, second}
        assert world.wave_box.ledger.writes + world.pms_box.ledger.writes == 0
        assert world.sync.disputes() == []


# --- tenants


def test_two_tenants_share_a_file(make_world, tmp_path):
    """Two pairs of accounts live in one file under two names, and know nothing of each other."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path, tenant="north") as north, SQLiteLinkStore(path, tenant="south") as south:
        one = make_world(north)
        two = make_world(south, wave_options={"seed": 7}, pms_options={"seed": 7})
        one.wave_box.add({"name": "Ada"})
        two.wave_box.add({"name": "Grace"})

        assert one.run().ok
        assert two.run().ok
        assert one.run().ok

        assert [c["name"] for c in one.pms_box.customers.values()] == ["Ada"]
        assert [c["name"] for c in two.pms_box.customers.values()] == ["Grace"]
        assert not set(one.linked()) & set(two.linked())


def test_two_businesses_share_a_pms(make_world, tmp_path):
    """Two Wave businesses with one PMS: what one has linked is left out by the other, even with the same e-mail."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path, tenant="north") as north, SQLiteLinkStore(path, tenant="south") as south:
        world = make_world(north, wave_options={"more_businesses": ["South"]}, policy=Policy(create_in=("pms", "wave")))
        ada = world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
        world.run()
        other = next(b for b in world.wave_box.business_ids if b != world.wave_box.business_id)
        theirs = world.wave_box.add({"name": "Ada", "email": "ada@example.com"}, business_id=other)
        sync = world.make_sync(wave=world.make_wave(business_id=other), links=south)
        planned = [str(action.kind) for action in sync.plan()]

        sync.run()
        world.settle()
        sync.run(full=True)
        world.run(full=True)

        assert planned == ["create"]

        assert len(world.pms_box.customers) == 2
        assert world.wave_box.ledger.creates == 0
        assert {c["external_id"] for c in world.pms_box.customers.values()} == {ada, theirs}


@pytest.mark.parametrize("what", ["wave", "pms"])
def test_f59_a_store_of_other_accounts_is_refused_before_anything_is_read(stored_world, what):
    """A store bound to other accounts is refused, naming both, before any request; the store stays as it was."""
    world = stored_world
    filled(world)
    if what == "wave":
        moved = {"wave": world.make_wave(business_id="QnVzaW5lc3M6b3RoZXI=")}
    else:
        moved = {"pms": world.make_pms(base_url=f"{world.pms_box.url}/v2")}
    stranger = world.make_sync(**moved)
    before = next(world.links.scan(Tenant))
    world.count()

    for call in (stranger.plan, stranger.run, lambda: stranger.unlink(wave_id="x")):
        with pytest.raises(WrongTenant) as caught:
            call()
        assert world.make_wave().identity in str(caught.value) or world.make_pms().identity in str(caught.value)
        assert "rebind" in str(caught.value)

    assert world.requests == (0, 0)
    assert next(world.links.scan(Tenant)) == before


def test_a_moved_url_is_accepted_by_rebind(stored_world):
    """`links.rebind` says that the same accounts answer elsewhere now; then all goes on."""
    world = stored_world
    filled(world)
    moved = world.make_pms(base_url=world.pms_box.url.replace("127.0.0.1", "localhost"))
    sync = world.make_sync(pms=moved)
    with pytest.raises(WrongTenant):
        sync.plan()

    world.links.rebind(pms=moved.identity)

    assert sync.plan().empty


# --- leases


def test_f86_a_lease_held_by_another_is_refused_with_owner_and_age(stored_world):
    """While another run holds the lease, all but planning is refused, naming owner and age."""
    world = stored_world
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    plan = world.sync.plan()
    world.links.acquire("somebody else", world.clock.now(), 120)
    world.later(30)
    world.count()

    for call in (
        world.sync.run,
        lambda: world.sync.apply(plan),
        lambda: world.sync.unlink(wave_id=wave_id),
        lambda: world.sync.link("a", "b"),
    ):
        with pytest.raises(LeaseHeld, match="somebody else") as caught:
            call()
        assert caught.value.owner == "somebody else"
        assert caught.value.age_s == 30
    assert world.requests == (0, 0)
    assert not world.sync.plan().empty


def test_f87_an_expired_lease_is_taken_over(stored_world):
    """A lease that was never given back is taken over once it has expired."""
    world = stored_world
    wave_id, _ = world.pair()
    world.links.acquire("a dead run", world.clock.now(), 120)
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.later(121)

    assert world.sync.run().ok
    assert world.at_pms(wave_id)["phone"] == "111"


def test_a_run_that_was_taken_over_writes_nothing_more(stored_world):
    """A run that slept while another took its lease stops at its next step, and says so."""
    world = stored_world
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
    world.run()
    world.later()
    for wave_id in world.linked():
        world.wave_box.edit(wave_id, {"phone": "111"})

    def sleep(_):
        world.clock.advance(3600)
        world.links.acquire("the next run", world.clock.now(), 120)

    world.pms_box.faults.add(Fault.CALL_AFTER, on="update", call=sleep)
    world.count()

    report = world.sync.run()

    assert report.status == "partial"
    assert isinstance(report.error, (LeaseLost, LeaseHeld))
    assert world.pms_box.ledger.updates == 1

    world.settle()
    world.rest()
    assert {world.at_pms(i)["phone"] for i in world.linked()} == {"111"}


def test_two_synchronizers_at_once_do_the_work_once(stored_world):
    """Of runs started at once in several threads each works alone or is refused; the work is done once."""
    world = stored_world
    for n in range(5):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
    syncs = [world.make_sync(wave=world.make_wave(), pms=world.make_pms()) for _ in range(4)]
    start = threading.Barrier(4)
    results: list[object] = []

    def work(sync):
        start.wait()
        try:
            results.append(sync.run())
        except LeaseHeld as error:
            results.append(error)

    threads = [threading.Thread(target=work, args=(sync,)) for sync in syncs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    reports = [r for r in results if not isinstance(r, LeaseHeld)]
    assert len(results) == 4
    assert reports
    assert all(r.ok for r in reports)
    assert world.pms_box.ledger.creates == len(world.pms_box.customers) == 5


def test_the_lease_is_given_back_after_every_run_and_every_error(stored_world):
    """A run that ended, well or badly, leaves the lease free."""
    world = stored_world
    world.pair()
    world.wave_box.faults.add(Fault.UNAUTHORIZED, on="list")
    with pytest.raises(Exception, match="token"):
        world.run()

    world.links.release(world.links.acquire("somebody else", world.clock.now(), 120))


# --- cut short


@pytest.mark.parametrize("on", ["list", "create", "update"])
def test_f106_an_interrupted_cell_loses_nothing(stored_world, on):
    """Ctrl-C in the middle of a run reaches the caller, the lease is given back, and the next runs finish the work."""
    world = stored_world
    wave_id, _ = world.pair()
    world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    world.wave_box.add({"name": "Edith", "email": "edith@example.com"})
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    main = threading.main_thread().ident
    world.pms_box.faults.add(Fault.CALL_AFTER, on=on, call=lambda _: signal.pthread_kill(main, signal.SIGINT))

    with pytest.raises(KeyboardInterrupt):
        world.sync.run()

    world.links.release(world.links.acquire("somebody else", world.clock.now(), 120))
    world.rest()
    assert world.at_pms(wave_id)["phone"] == "111"
    assert len(world.pms_box.customers) == world.pms_box.ledger.creates == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_f87_a_killed_process_is_taken_over(make_world, tmp_path):
    """A process that is killed in the middle of a create leaves lease and intent; a later run adopts what it made."""
    path = tmp_path / "links.sqlite3"
    world = make_world(SQLiteLinkStore(path))
    world.pair()
    world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    world.later()
    child: list[int] = []
    world.pms_box.faults.add(Fault.CALL_AFTER, on="create", call=lambda _: os.kill(child[0], signal.SIGKILL))
    world.links.close()
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:  # pragma: no cover  # it is killed
        os.read(ready, 1)
        world.make_sync(wave=world.make_wave(), pms=world.make_pms(), links=SQLiteLinkStore(path)).run()
        os._exit(0)
    child.append(pid)
    os.write(go, b"x")
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status)

    with pytest.raises(LeaseHeld):
        world.sync.run()

    world.settle()
    world.sync.run()
    world.rest()
    assert len(world.pms_box.customers) == world.pms_box.ledger.creates == 2
    assert not list(world.links.scan(Intent))


def test_a_dead_owners_records_are_left_alone_while_others_go_on(stored_world):
    """After a take-over, records in open intents of the dead run rest until it can no longer be writing."""
    world = stored_world
    world.pair()
    world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    world.later()
    main = threading.main_thread().ident
    world.pms_box.faults.add(Fault.CALL_BEFORE, on="create", call=lambda _: signal.pthread_kill(main, signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        world.make_sync(links=Dying(world.links)).run()
    world.wave_box.add({"name": "Edith", "email": "edith@example.com"})
    world.later(200)

    report = world.sync.run()

    assert report.status == "partial"
    assert report.counts.unknown == 1
    assert "Edith" in {c["name"] for c in world.pms_box.customers.values()}
    world.settle()
    world.rest()
    assert len(world.pms_box.customers) == world.pms_box.ledger.creates == 3


class Dying:
    """A store of a run that dies without giving its lease back."""

    def __init__(self, links):
        self._links = links

    def __getattr__(self, name):
        return getattr(self._links, name)

    def release(self, lease):
        """Nobody says goodbye."""


# --- a store that fails


class Failing:
    """A store of which commits begin to fail."""

    def __init__(self, links, after):
        self._links = links
        self.after = after

    def __getattr__(self, name):
        return getattr(self._links, name)

    def commit(self, changes, lease):
        """Fail, once there were enough."""
        self.after -= 1
        if self.after < 0:
            raise StoreUnusable("disk full")
        self._links.commit(changes, lease)


@pytest.mark.parametrize("after", range(9))
def test_f90_a_store_that_fails_stops_all_further_writes(world, after):
    """When the store cannot be written any more, no further remote write happens; a healed store finishes the work."""
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
    failing = world.make_sync(links=Failing(world.links, after))

    if after == 0:
        with pytest.raises(StoreUnusable, match="disk full"):
            failing.run()
        assert world.pms_box.ledger.creates == 0
    else:
        report = failing.run()
        assert report.status == ("partial" if report.error else "complete")
        assert report.error is None or isinstance(report.error, StoreUnusable)
        assert world.pms_box.ledger.creates <= after

    world.settle()
    world.rest()
    assert len(world.pms_box.customers) == world.pms_box.ledger.creates == 3
