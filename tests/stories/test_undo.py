"""A run is taken back: fields are given back where nobody went on from them, and nothing carries them on again."""

from __future__ import annotations

import json

import pytest

from wave_pms_sync import MappingRegistry, Plan, Policy
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.memory import Intent, JournalEntry
from wave_pms_sync.testing import Fault


def carried(world, **more):
    """A pair whose phone number was edited in Wave and carried to the PMS. Returns both ids and the run."""
    wave_id, pms_id = world.pair(phone="000", **more)
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    return wave_id, pms_id, world.run().run_id


def phones(world, wave_id):
    """Both phone numbers."""
    return world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]


def taken_back(world, run_id):
    """The undo, applied."""
    world.later()
    return world.sync.apply(world.sync.undo(run_id))


def test_an_undo_gives_back_what_the_run_replaced(stored_world):
    """The plan writes nothing; applied, it gives back the former value where the run wrote it, and holds the group."""
    world = stored_world
    wave_id, _, run_id = carried(world)
    world.count()

    plan = world.sync.undo(run_id)
    assert world.writes == (0, 0)
    (action,) = plan
    assert (str(action.kind), str(action.side), action.rule) == ("update", "pms", f"undo of run {run_id}")
    assert [(c.name, c.before, c.after) for c in action.fields] == [("phone", "111", "000")]

    report = world.sync.apply(plan)
    assert report.ok
    assert phones(world, wave_id) == ("111", "000")
    (dispute,) = world.sync.disputes()
    assert (str(dispute.reason), dispute.wave, dispute.pms) == ("undone", {"phone": "111"}, {"phone": "000"})
    assert world.sync.history(wave_id=wave_id).entries[-1].rule == f"undo of run {run_id}"


@pytest.mark.parametrize("full", [False, True])
def test_what_was_undone_stays_so(stored_world, full):
    """The runs after an undo are quiet: the former edit is carried neither again nor back."""
    world = stored_world
    wave_id, _, run_id = carried(world)
    taken_back(world, run_id)
    world.count()

    for _ in range(3):
        world.settle()
        report = world.sync.run(full=full)
        assert (report.ok, report.counts.disputed) == (True, 1)

    assert world.writes == (0, 0)
    assert phones(world, wave_id) == ("111", "000")
    assert world.sync.plan(full=True).empty


def test_unrelated_edits_go_on_after_an_undo(world):
    """The hold stops its own group only."""
    wave_id, _, run_id = carried(world)
    taken_back(world, run_id)

    world.later()
    world.wave_box.edit(wave_id, {"fax": "999"})
    world.run()

    assert world.at_pms(wave_id)["fax"] == "999"
    assert phones(world, wave_id) == ("111", "000")


@pytest.mark.parametrize(("choose", "wanted"), [("pms", "000"), ("wave", "111")])
def test_a_person_settles_what_was_undone(world, choose, wanted):
    """Choosing the side that was given back carries its value on; choosing the other carries the edit again."""
    wave_id, _, run_id = carried(world)
    taken_back(world, run_id)

    world.sync.resolve(world.sync.disputes()[0], choose=choose)
    world.run()

    assert phones(world, wave_id) == (wanted, wanted)
    assert world.rest().ok
    assert world.sync.disputes() == []


def test_a_new_edit_on_the_side_given_back_travels(world):
    """A later edit of the group on the side that the undo wrote is an ordinary one and ends the hold."""
    wave_id, pms_id, run_id = carried(world)
    taken_back(world, run_id)

    world.later()
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.run()

    assert phones(world, wave_id) == ("222", "222")
    assert world.rest().counts.disputed == 0


def test_a_new_edit_on_the_other_side_is_a_conflict(world):
    """A later edit of the group on the other side meets what was given back: `newest` cannot tell the later one."""
    wave_id, _, run_id = carried(world)
    taken_back(world, run_id)

    world.later(600)
    world.wave_box.edit(wave_id, {"phone": "333"})
    world.run()

    (dispute,) = world.sync.disputes()
    assert (str(dispute.reason), dispute.wave, dispute.pms) == ("dispute", {"phone": "333"}, {"phone": "000"})


def test_an_undo_that_makes_both_sides_alike_needs_no_hold(world):
    """If the other side has gone back by itself, both agree on the former value."""
    wave_id, _, run_id = carried(world)
    world.later()
    world.wave_box.edit(wave_id, {"phone": "000"})

    taken_back(world, run_id)

    assert world.sync.disputes() == []
    world.count()
    world.settle()
    assert world.sync.run(full=True).ok
    assert world.writes == (0, 0)
    assert phones(world, wave_id) == ("000", "000")


def test_what_moved_since_is_left_alone(world):
    """A value that somebody edited after the run is not taken back; the plan says so in words, without values."""
    _, pms_id, run_id = carried(world)
    world.later()
    world.pms_box.edit(pms_id, {"phone": "somebody's"})

    plan = world.sync.undo(run_id)

    assert plan.empty
    assert [(str(s.side), s.id, s.reason) for s in plan.skipped] == [("pms", pms_id, "phone: moved since")]


def test_a_side_that_the_mapping_no_longer_writes_is_left_alone(world):
    """What has been mapped one way since the run is not given back where today's mapping writes nothing."""
    _, pms_id, run_id = carried(world)
    registry = MappingRegistry.default()
    registry.map("customer", wave="phone", pms="phone", direction="to_wave")
    world.change(mapping=registry)

    plan = world.sync.undo(run_id)

    assert plan.empty
    reason = "phone: the mapping writes it to the PMS no more"
    assert [(str(s.side), s.id, s.reason) for s in plan.skipped] == [("pms", pms_id, reason)]


def test_what_moves_between_plan_and_apply_is_left_alone(world):
    """The plan is bound to what both sides showed when it was made."""
    wave_id, pms_id, run_id = carried(world)
    plan = world.sync.undo(run_id)
    world.later()
    world.pms_box.edit(pms_id, {"phone": "222"})

    report = world.sync.apply(plan)

    assert (report.ok, report.counts.skipped) == (False, 1)
    assert phones(world, wave_id) == ("111", "222")


def test_an_undo_twice_does_nothing_more(stored_world):
    """Applied twice, or made again, an undo finds that what the run wrote is not there any more."""
    world = stored_world
    wave_id, _, run_id = carried(world)
    plan = world.sync.undo(run_id)
    world.sync.apply(plan)
    world.count()

    assert world.sync.apply(plan).counts.updated_pms == 0
    assert world.sync.undo(run_id).empty
    assert world.writes == (0, 0)
    assert phones(world, wave_id) == ("111", "000")


def test_an_undo_of_an_undo_restores_the_run(stored_world):
    """Taking the undo back brings the edit again, and the two sides agree as they did."""
    world = stored_world
    wave_id, _, run_id = carried(world)
    undone = taken_back(world, run_id)

    taken_back(world, undone.run_id)

    assert phones(world, wave_id) == ("111", "111")
    assert world.sync.disputes() == []
    assert world.rest().ok
    world.later()
    world.wave_box.edit(wave_id, {"phone": "444"})
    world.run()
    assert phones(world, wave_id) == ("444", "444")


def test_an_undo_goes_through_json(world):
    """An undo can be saved, approved elsewhere and applied, like any plan."""
    wave_id, _, run_id = carried(world)
    plan = world.sync.undo(run_id)

    again = Plan.from_dict(json.loads(json.dumps(plan.to_dict())))

    assert again.digest == plan.digest
    assert world.sync.apply(again).ok
    assert phones(world, wave_id) == ("111", "000")
    assert [str(d.reason) for d in world.sync.disputes()] == ["undone"]


def test_a_value_written_to_both_sides_is_taken_back_on_both(world):
    """A person's third value went to both sides; each gets back what it had, and they differ as before."""
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.run()
    world.sync.resolve(world.sync.disputes()[0], value="999")
    run_id = world.run().run_id
    assert phones(world, wave_id) == ("999", "999")

    report = taken_back(world, run_id)

    assert report.ok
    assert phones(world, wave_id) == ("111", "222")
    assert world.rest().counts.disputed == 1
    assert phones(world, wave_id) == ("111", "222")


def test_records_that_were_made_stay(world):
    """A creation is told, never taken back; and a cleared value comes back with an address as a whole."""
    address = {"addressLine1": "1 A St", "city": "Toronto", "country": {"code": "CA"}}
    wave_id = world.wave_box.add({"name": "Ada", "address": address})
    made = world.run().run_id
    world.later()
    world.wave_box.edit(wave_id, {"address": {"addressLine1": "2 B St", "country": {"code": "US"}}})
    moved = world.run().run_id

    plan = world.sync.undo(made)
    assert plan.empty
    assert [s.reason for s in plan.skipped] == ["created by the run: an undo deletes no record"]
    assert "an undo deletes no record" in str(plan)

    taken_back(world, moved)
    assert world.at_pms(wave_id)["address"]["line1"] == "1 A St"
    assert world.at_pms(wave_id)["address"]["city"] == "Toronto"
    assert world.at_pms(wave_id)["address"]["country_code"] == "CA"
    assert [d.group for d in world.sync.disputes()] == ["address"]


def test_gone_and_parted_records_are_told(world):
    """Of a record that is gone, or linked otherwise by now, nothing is taken back."""
    wave_id, _, run_id = carried(world)
    world.sync.unlink(wave_id=wave_id)
    assert [s.reason for s in world.sync.undo(run_id).skipped] == ["not linked as it was then"]

    world.wave_box.add({"name": "Bea", "phone": "5"})
    world.run()
    bea = next(i for i, row in world.wave_box.customers.items() if row["name"] == "Bea")
    world.wave_box.edit(bea, {"phone": "6"})
    run_id = world.run().run_id
    world.pms_box.remove(world.linked()[bea])
    assert [s.reason for s in world.sync.undo(run_id).skipped] == ["gone from the PMS"]


def test_an_unknown_run_is_refused(world):
    """A run that the journal does not know cannot be undone; the error says what can."""
    with pytest.raises(ConfigurationError, match="is not in the journal"):
        world.sync.undo("nothing")


def test_an_undo_whose_answer_is_lost_is_held_once_it_shows(world):
    """If nobody knows whether the undo arrived, the next run finds it and holds the group as if it had been told."""
    wave_id, _, run_id = carried(world)
    world.pms_box.faults.add(Fault.LOST_AFTER, on="update")

    report = taken_back(world, run_id)
    assert report.counts.unknown == 1
    world.count()
    world.settle()
    world.sync.run(full=True)

    assert world.writes == (0, 0)
    assert phones(world, wave_id) == ("111", "000")
    assert [str(d.reason) for d in world.sync.disputes()] == ["undone"]
    assert list(world.links.scan(Intent)) == []
    assert world.sync.plan(full=True).empty


def test_an_undo_whose_answer_is_lost_is_told_as_far_as_it_shows(stored_world):
    """What is shown of it is in the journal at once, though the rest may still come."""
    world = stored_world
    wave_id, _ = world.pair(phone="000", fax="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111", "fax": "111"})
    run_id = world.run().run_id
    world.pms_box.faults.add(Fault.LOST_AFTER, on="update")
    world.pms_box.faults.add(Fault.IGNORED_FIELD, on="update", field="fax")
    undone = taken_back(world, run_id).run_id

    shown = []
    for _ in range(2):
        world.later(61)
        world.sync.run(full=True)
        mine = [e for e in world.sync.history(wave_id=wave_id) if e.run_id == undone]
        shown.append([(f.name, f.lost) for e in mine for f in e.fields])
        world.settle()

    assert shown == [[("phone", "111")]] * 2


@pytest.mark.parametrize("choose", ["wave", "pms"])
def test_what_an_undo_emptied_stays_so_where_records_leave_out_what_is_empty(make_world, choose):
    """A property that the PMS shows only while it has a value is held as given back, though nobody shows that."""
    mapping = MappingRegistry.default()
    mapping.map("customer", wave="displayId", pms="number", type="string")
    world = make_world(mapping=mapping)
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"displayId": "0012"})
    run_id = world.run().run_id
    assert world.at_pms(wave_id)["number"] == "0012"
    taken_back(world, run_id)
    assert "number" not in world.at_pms(wave_id)

    for full in (True, False):
        assert world.run(full=full).ok
        (dispute,) = world.sync.disputes()
        assert (str(dispute.reason), dispute.group) == ("undone", "displayId")
    world.sync.resolve(dispute, choose=choose)
    world.run()

    left = "0012" if choose == "wave" else None
    assert (world.at_wave(wave_id)["displayId"], world.at_pms(wave_id).get("number")) == (left, left)
    assert world.sync.disputes() == []
    assert world.sync.verify().ok


@pytest.mark.parametrize("wait_s", [10, 400])
def test_an_undo_waits_for_a_write_that_is_not_settled(make_world, wait_s):
    """An update whose answer is lost is open on the same record: it is settled, and told truly, before all else."""
    world = make_world(policy=Policy(conflicts="pms"))
    wave_id, pms_id = world.pair()
    world.settle()
    world.pms_box.edit(pms_id, {"website": "https://a.example"})
    first = world.run()
    world.settle()
    world.wave_box.edit(wave_id, {"mobile": "555-104"})
    world.later(200)
    world.pms_box.edit(pms_id, {"mobile": "555-105"})
    world.wave_box.faults.add(Fault.LOST_AFTER, on="update")
    world.run()
    world.later(wait_s)

    report = world.sync.apply(world.sync.undo(first.run_id))
    world.pms_box.edit(pms_id, {"mobile": "555-106"})
    world.run()
    world.rest()

    told = [(f.before, f.after) for e in world.links.scan(JournalEntry) for f in e.fields if f.name == "mobile"]
    assert [o.detail for o in report.outcomes] == ["a write to this record is not settled yet; the next run settles it"]
    assert told == [("555-104", "555-105"), ("555-105", "555-106")]
    assert world.at_wave(wave_id)["mobile"] == "555-106"
    assert world.sync.apply(world.sync.undo(first.run_id)).ok
    assert world.at_wave(wave_id)["website"] is None
