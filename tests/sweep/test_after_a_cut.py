"""What a run did and did not live to note: it is told, taken back, marked and known by its keys all the same."""

from __future__ import annotations

import pytest

from wave_pms_sync import Policy
from wave_pms_sync.errors import LeaseLost
from wave_pms_sync.model.memory import Known
from wave_pms_sync.testing import Blade, Cut, CutStore, Fault


def cut_amid_commits(world, number):
    """A run that dies just before its commit of this number. Returns its id, as its intent has it."""

    class AtCommit(Blade):
        def place(self, where):
            super().place(where)
            if self.calls.count("before commit") == number:
                self.blow()

    blade = AtCommit()
    with pytest.raises(Cut):
        world.make_sync(links=CutStore(world.links, blade)).run(full=True)
    world.settle()


def told(world, wave_id):
    """The story of a customer, by kind, side and outcome."""
    return [(e.kind, str(e.side), e.outcome) for e in world.sync.history(wave_id=wave_id)]


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_an_update_that_was_found_done_is_in_the_story_of_its_run(stored_world, side):
    """An update whose run died before noting it is told under that run, with what it replaced, and can be undone."""
    world = stored_world
    wave_id, _ = world.pair(phone="000")
    world.later()
    world.edit_origin(side, wave_id, {"phone": "111"})
    cut_amid_commits(world, 2)

    world.sync.run()

    (entry,) = [e for e in world.sync.history(wave_id=wave_id) if e.kind == "update"]
    ((field,),) = [entry.fields]
    assert (str(entry.side), field.name, field.before, field.after, field.lost) == (side, "phone", "000", "111", "000")
    world.later()
    assert world.sync.apply(world.sync.undo(entry.run_id)).ok
    written, other = (world.at_pms(wave_id), world.at_wave(wave_id))[:: 1 if side == "pms" else -1]
    assert (written["phone"], other["phone"]) == ("000", "111")


def test_an_update_whose_answer_was_lost_is_told_once(world):
    """An update of unknown outcome is told once it is found done, and once only, whatever is written afterwards."""
    wave_id, _ = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.faults.add(Fault.LOST_AFTER, on="update")
    run_id = world.run().run_id
    world.later()
    world.wave_box.edit(wave_id, {"phone": "222"})

    world.rest()

    updates = [e for e in world.sync.history(wave_id=wave_id) if e.kind == "update"]
    assert [(f.before, f.after) for e in updates for f in e.fields] == [("000", "111"), ("111", "222")]
    assert [e.run_id == run_id for e in updates] == [True, False]
    assert world.at_pms(wave_id)["phone"] == "222"


def test_an_update_that_never_arrived_is_told_when_it_is_sent_again(world):
    """An update that was lost on its way is told under the run that carried it out."""
    wave_id, _ = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="update")
    run_id = world.run().run_id

    world.rest()

    (update,) = [e for e in world.sync.history(wave_id=wave_id) if e.kind == "update"]
    assert update.run_id != run_id


@pytest.mark.parametrize("policy", ["archive", "delete"])
def test_a_retirement_that_was_found_done_is_told(stored_world, policy):
    """A record that a run retired before it died is told as retired by that run, not as gone by itself."""
    world = stored_world
    world.change(policy=Policy(deletions=policy))
    world.pair(name="Bystander", email="b@example.com")
    wave_id, _ = world.pair()
    world.wave_box.remove(wave_id)
    cut_amid_commits(world, 2)

    world.sync.run(full=True)

    assert (policy, "pms", "done") in told(world, wave_id)


@pytest.mark.parametrize("commit", [2, 3])
def test_a_mark_that_a_cut_kept_from_being_written_is_written(both_ways, commit):
    """A customer made in Wave by a run that died is noted in the PMS record all the same."""
    world = both_ways
    world.pair(name="Bystander", email="b@example.com")
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com"})
    cut_amid_commits(world, commit + 1)
    assert world.pms_box.customers[pms_id]["external_id"] is None or commit == 3

    world.sync.run(full=True)
    world.rest()

    ((wave_id, _),) = [(w, p) for w, p in world.linked().items() if p == pms_id]
    assert world.pms_box.customers[pms_id]["external_id"] == wave_id
    assert world.wave_box.ledger.creates == 1


@pytest.mark.parametrize("kind", [Fault.LOST_BEFORE, Fault.THROTTLED, Fault.UNAVAILABLE])
def test_a_mark_that_failed_is_written_later(both_ways, kind):
    """A mark that is lost on its way, or put off by the PMS, is written by the next run."""
    world = both_ways
    world.pair(name="Bystander", email="b@example.com")
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com"})
    world.pms_box.faults.add(kind, on="update", times=9)
    world.run()
    assert world.pms_box.customers[pms_id]["external_id"] is None
    world.pms_box.faults.clear()

    world.rest()

    assert world.linked()[world.pms_box.customers[pms_id]["external_id"]] == pms_id


def test_a_mark_that_is_refused_is_let_be(both_ways):
    """A PMS that refuses the mark, in whatever words, is not asked again and again."""
    world = both_ways
    world.pair(name="Bystander", email="b@example.com")
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com"})
    world.pms_box.faults.add(Fault.REFUSED, on="update", record=pms_id, times=None)
    world.run()
    world.count()

    for _ in range(3):
        world.settle()
        assert world.sync.run(full=True).ok

    assert world.pms_box.ledger.count("update") == 0


def test_keys_that_a_run_wrote_are_known_at_once(stored_world):
    """The e-mail that a run carries to a record counts for matching from then on, and the former one does not."""
    world = stored_world
    wave_id, pms_id = world.pair()
    world.later()
    before = {key for k in world.links.find(Known, "pms_id", [pms_id]) for key in k.keys}
    world.wave_box.edit(wave_id, {"email": "new@example.com"})

    world.run()

    by_side = {
        side: world.links.find(Known, f"{side}_id", [i])[0].keys for side, i in (("wave", wave_id), ("pms", pms_id))
    }
    emails = {side: {key for key in keys if key.startswith("email:")} for side, keys in by_side.items()}
    assert emails["pms"] == emails["wave"]
    assert not emails["pms"] & before


def test_keys_that_a_cut_run_saw_are_known(stored_world):
    """What a run had seen of a record before it died is in the key index if the pair was stored as seen."""
    world = stored_world
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"email": "new@example.com"})
    cut_amid_commits(world, 3)

    world.sync.run(full=True)

    keys = [
        k.keys
        for side, i in (("wave", wave_id), ("pms", world.linked()[wave_id]))
        for k in world.links.find(Known, f"{side}_id", [i])
    ]
    ours = [{key for key in found if key.startswith("email:")} for found in keys]
    assert ours[0] == ours[1]


def test_an_owner_that_wakes_up_after_another_is_through_does_nothing_more(stored_world):
    """A run that slept while another one took over, finished and gave the lease back is refused, not let in again."""
    world = stored_world
    wave_id, _ = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    other = world.make_sync()

    def sleep(_arrival):
        world.later(world.sync.policy.lease_s + 10)
        assert other.run().ok
        world.count()

    world.pms_box.faults.add(Fault.CALL_BEFORE, on="list", call=sleep)
    with pytest.raises(LeaseLost, match="given it back since"):
        world.sync.run()

    assert world.writes == (0, 0)
    assert world.at_pms(wave_id)["phone"] == "111"
    assert world.rest().ok
