"""The catalogue of failure modes: memory, several runs, and what happens to a run in the course of years."""

from __future__ import annotations

import json
import logging

import pytest

from wave_pms_sync import Guards, MappingRegistry, Policy, SQLiteLinkStore
from wave_pms_sync.errors import LeaseLost, RunIncomplete, StoreUnusable
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.testing import Fault


def filled(world, count):
    """So many linked customers, and their Wave ids."""
    ids = [world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"}) for n in range(count)]
    assert world.run().ok
    return ids


# --- several runs


def test_f86_a_run_that_lost_its_lease_stores_and_sends_nothing_more(stored_world):
    """Each write to the store is checked against the lease: a run that was overtaken ends at its next step."""
    world = stored_world
    ids = filled(world, 3)
    world.later()
    for wave_id in ids:
        world.wave_box.edit(wave_id, {"phone": "111"})

    def overtaken(_):
        world.later(3600)
        world.links.acquire("the next run", world.clock.now(), 120)

    world.pms_box.faults.add(Fault.CALL_AFTER, on="update", call=overtaken)
    world.count()

    report = world.sync.run()

    assert isinstance(report.error, LeaseLost)
    assert world.pms_box.ledger.updates == 1
    assert len(list(world.links.scan(Intent))) == 1


def test_f87_a_take_over_is_logged_with_the_dead_owner(stored_world, caplog):
    """Whoever takes over the lease of a run that was killed says so in the log, with the dead owner's name."""
    world = stored_world
    world.pair()
    world.links.acquire("a dead run", world.clock.now(), 120)
    world.later(1000)

    with caplog.at_level(logging.WARNING, logger="wave_pms_sync"):
        assert world.sync.run().ok

    assert [r for r in caplog.records if "a dead run" in r.getMessage() + str(vars(r))]


# --- the store


def test_f88_half_a_file_is_refused_and_kept_and_a_new_one_rebuilds(make_world, tmp_path):
    """A file that was cut is refused before anything is written, and left as it is; a new one finds everybody."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as links:
        world = make_world(links)
        filled(world, 40)
        known = world.linked()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    world.count()

    with SQLiteLinkStore(path) as cut:
        world.links = cut
        world.change()
        with pytest.raises(StoreUnusable, match="restore a backup, or start with a new file"):
            world.run()

    assert path.read_bytes() == whole[: len(whole) // 2]
    assert world.writes == (0, 0)
    with SQLiteLinkStore(tmp_path / "new.sqlite3") as fresh:
        world.links = fresh
        world.change()
        assert world.run().ok
        assert world.linked() == known
    assert world.writes == (0, 0)


def restore(world, side, moment):
    """From now on a side shows everything as it was then: somebody restored a backup."""
    seconds = (world.clock.now() - moment).total_seconds()
    world.box(side).faults.clear()
    world.box(side).faults.add(Fault.READ_LAG, seconds=seconds, times=None)


def test_f91_a_side_restored_from_an_old_backup_does_not_undo_what_came_after(make_world, side, other):
    """Values that went back in time under older stamps overwrite nothing: both are shown to a person."""
    world = make_world()
    wave_id, _ = world.pair(phone="000")
    world.later()
    backup = world.clock.now()
    world.later(86400)
    world.edit(other, wave_id, {"phone": "111"})
    world.run()
    world.later(86400)
    world.count()

    for _ in range(3):
        restore(world, side, backup)
        world.sync.run(full=True)
        world.settle()

    assert world.writes == (0, 0)
    (dispute,) = world.sync.disputes()
    assert (dispute.group, {*dispute.wave.values(), *dispute.pms.values()}) == ("phone", {"000", "111"})
    assert "backup" in dispute.detail


def test_f91_what_a_restored_backup_does_not_have_is_not_deleted_elsewhere(make_world, side):
    """Records that are younger than the backup are missing in it; no policy deletes their counterparts for that."""
    world = make_world(policy=Policy(deletions={"pms": "delete", "wave": "delete"}))
    wave_id, _ = world.pair(phone="000")
    world.later()
    backup = world.clock.now()
    world.later(86400)
    world.edit(side, wave_id, {"phone": "111"})
    world.pair(name="Grace", email="grace@example.com")
    world.later(86400)
    restore(world, side, backup)
    world.count()

    report = world.sync.run(full=True)

    assert report.status == "held"
    assert "was a backup restored?" in str(report)
    assert world.writes == (0, 0)


# --- the mapping changes


@pytest.mark.parametrize(
    ("backfill", "values"),
    [("fill_empty", ("w", "p")), ("wave", ("w", "w")), ("pms", ("p", "p")), ("hold", ("w", "p"))],
)
def test_f92_a_property_that_is_mapped_later_follows_its_own_rule(make_world, mapping, backfill, values):
    """A new property fills what is empty and never empties what is full; of two values its `backfill` decides."""
    mapping.unmap("fax")
    world = make_world(mapping=mapping)
    one, one_pms = world.pair(fax="w")
    world.pms_box.edit(one_pms, {"fax": "p"})
    only, _ = world.pair(name="Grace", email="grace@example.com", fax="only")
    later = mapping.copy()
    later.map("customer", wave="fax", pms="fax", type="string", backfill=backfill)
    world.change(mapping=later)

    world.run()

    assert (world.at_wave(one)["fax"], world.at_pms(one)["fax"]) == values
    assert (world.at_wave(only)["fax"], world.at_pms(only)["fax"]) == ("only", "only")
    assert [d.wave_id for d in world.sync.disputes()] == ([one] if values == ("w", "p") else [])


# --- much at once


def test_f95_a_mass_edit_is_held_in_per_cent_and_by_side(make_world):
    """A bulk edit of most customers is held with side and share; the same number among many more goes through."""
    world = make_world()
    ids = filled(world, 24)
    world.later()
    for n, wave_id in enumerate(ids[:21]):
        world.wave_box.edit(wave_id, {["phone", "fax", "mobile", "website"][n % 4]: f"{n}00"})
    world.count()

    report = world.run()

    assert report.status == "held"
    assert "21 updates in the PMS of 24 linked pairs (max_updates_pct is 50)" in report.reasons
    assert world.writes == (0, 0)
    world.change(policy=Policy(guards=Guards(max_updates_pct=None)))
    assert world.run().counts.updated_pms == 21


@pytest.mark.parametrize(
    ("guards", "reason"),
    [
        (Guards(max_retirements=5, max_retirements_pct=None), "6 retirements in {} (max_retirements is 5)"),
        (
            Guards(max_retirements=None, max_retirements_pct=50),
            "6 retirements in {} of 10 linked pairs (max_retirements_pct is 50)",
        ),
    ],
    ids=["by number", "by share"],
)
def test_f95_mass_deletions_are_held_by_number_and_by_share(make_world, side, other, guards, reason):
    """Six of ten are gone from one side: held with number and share, and one fewer goes through."""
    world = make_world(policy=Policy(deletions={"pms": "delete", "wave": "delete"}, guards=guards))
    ids = filled(world, 10)
    pms_ids = world.linked()
    world.later()
    for wave_id in ids[:6]:
        world.box(side).remove(wave_id if side == "wave" else pms_ids[wave_id])
    world.count()

    report = world.run(full=True)

    assert report.status == "held"
    assert reason.format({"wave": "Wave", "pms": "the PMS"}[other]) in report.reasons
    assert world.writes == (0, 0)
    world.box(side).restore(ids[0] if side == "wave" else pms_ids[ids[0]])
    assert world.run(full=True).counts.retired == 5


def test_f95_a_mass_create_is_held_by_number(make_world, other, side):
    """More creates than are allowed are held; as many as are allowed go through."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), guards=Guards(max_creates=3)))
    for n in range(4):
        last = world.box(side).add({"name": f"Customer {n}"})

    report = world.run()

    assert report.status == "held"
    assert f"4 creates in {({'wave': 'Wave', 'pms': 'the PMS'})[other]} (max_creates is 3)" in report.reasons
    world.box(side).remove(last)
    assert world.run().ok
    assert len(world.linked()) == 3


def test_f96_guards_count_what_would_be_written_there(make_world):
    """Renamed customers, and customers that are gone where survivors are kept, are no deletions to a guard."""
    world = make_world(policy=Policy(guards=Guards(max_retirements=0, max_retirements_pct=0)))
    ids = filled(world, 16)
    world.later()
    for wave_id in ids[:8]:
        world.wave_box.edit(wave_id, {"name": f"Renamed {wave_id[-4:]}"})
    for wave_id in ids[8:]:
        world.wave_box.remove(wave_id)

    report = world.run(full=True)

    assert report.ok
    assert (report.counts.updated_pms, report.counts.retired) == (8, 0)
    assert len(world.pms_box.customers) == 16


def test_f99_an_old_plan_does_only_what_still_stands(make_world):
    """Of a plan applied a day later the actions whose records moved are skipped and reported; the others are done."""
    world = make_world()
    ids = filled(world, 3)
    world.later()
    for wave_id in ids:
        world.wave_box.edit(wave_id, {"phone": "111"})
    plan = world.sync.plan()
    world.later(86400)
    world.wave_box.edit(ids[0], {"phone": "222"})
    world.pms_box.edit(world.linked()[ids[1]], {"phone": "333"})

    report = world.sync.apply(plan)

    assert (report.status, report.counts.skipped, report.counts.updated_pms) == ("partial", 2, 1)
    assert [world.at_pms(i)["phone"] for i in ids] == [None, "333", "111"]


# --- bad records


def test_f100_one_bad_record_in_front_stops_nobody_behind_it(world):
    """The first of many creates and updates fails in every way; all others are carried out in the same run."""
    ids = filled(world, 3)
    world.later()
    for wave_id in ids:
        world.wave_box.edit(wave_id, {"phone": "111"})
    new = [world.wave_box.add({"name": f"New {n}"}) for n in range(3)]
    world.pms_box.faults.add(Fault.SERVER_ERROR, on="update", record=world.linked()[ids[0]])
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="name", value="New 0", times=None)

    report = world.run()

    assert (report.counts.updated_pms, report.counts.created_pms) == (2, 2)
    assert [q.id for q in world.sync.quarantine()] == [new[0]]


def test_f101_a_poisonous_record_costs_nothing_while_it_rests(make_world, mapping):
    """A refused record is sent again after an edit, a change of the mapping or `retry`, and at no other time."""
    world = make_world(mapping=mapping)
    world.pair()
    poison = world.wave_box.add({"name": "Poison"})
    refused = world.pms_box.faults.add(Fault.REFUSED, on="create", times=None)
    sent = []
    for _ in range(3):
        world.run(full=True)
        sent.append(refused.struck)

    world.wave_box.edit(poison, {"phone": "111"})
    world.run()
    sent.append(refused.struck)
    world.sync.retry(world.sync.quarantine()[0])
    world.run()
    sent.append(refused.struck)
    mapping.unmap("fax")
    world.change(mapping=mapping)
    world.run()
    sent.append(refused.struck)

    assert sent == [1, 1, 1, 2, 3, 4]


def test_f101_an_update_that_is_never_answered_rests_in_the_end(world):
    """A record on which the server fails each time, while all others work, is not written for ever."""
    poison, _ = world.pair()
    world.later()
    world.wave_box.edit(poison, {"phone": "111"})
    failing = world.pms_box.faults.add(Fault.SERVER_ERROR, on="update", record=world.linked()[poison], times=None)
    for n in range(12):
        world.settle()
        world.wave_box.add({"name": f"Customer {n}"})
        world.sync.run()
    sent = failing.struck

    world.settle()
    world.sync.run()

    assert failing.struck == sent


def test_f102_a_report_says_how_whole_the_run_was(make_world, mapping):
    """Complete, partial, held and refused are told apart; only complete is ok, and the others raise on request."""
    world = make_world(policy=Policy(guards=Guards(max_creates=2)))
    ada, _ = world.pair()
    complete = world.run()
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    world.pms_box.faults.add(Fault.REFUSED, on="update")
    partial = world.run()
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
    held = world.run()
    plan = world.sync.plan()
    mapping.unmap("fax")
    refused = world.make_sync(mapping=mapping).apply(plan)

    assert [r.status for r in (complete, partial, held, refused)] == ["complete", "partial", "held", "refused"]
    assert [r.ok for r in (complete, partial, held, refused)] == [True, False, False, False]
    complete.raise_for_status()
    for report in (partial, held, refused):
        with pytest.raises(RunIncomplete) as raised:
            report.raise_for_status()
        assert raised.value.status == report.status
        assert report.reasons


# --- others who write


def test_f104_a_third_integration_that_writes_too_is_detected_and_the_field_named(make_world):
    """Against a program that sets a value back after each of our writes we stop: the field is held, with both."""
    world = make_world(policy=Policy(max_flips=2))
    wave_id, pms_id = world.pair(phone="000")

    def elsewhere():
        """What the other program thinks: Wave has 111, the PMS has 000."""
        if world.at_wave(wave_id)["phone"] != "111":
            world.wave_box.edit(wave_id, {"phone": "111"})
        if world.at_pms(wave_id)["phone"] != "000":
            world.pms_box.edit(pms_id, {"phone": "000"})

    for _ in range(12):
        world.settle()
        elsewhere()
        world.sync.run()
    world.count()
    for _ in range(3):
        world.settle()
        elsewhere()
        world.sync.run()

    assert world.writes == (0, 0)
    (dispute,) = world.sync.disputes()
    assert dispute.group == "phone"
    assert (dispute.wave["phone"], dispute.pms["phone"]) == ("111", "000")


@pytest.mark.parametrize("order", ["hint first", "poll first", "hint twice", "late hint"])
def test_f105_hints_and_polls_in_any_order_write_a_change_once(world, order):
    """A webhook's hint only says where to look: whatever comes first, twice or late, one edit is written once."""
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.count()
    hint, poll = (lambda: world.run(only=[wave_id])), world.run
    steps = {"hint first": [hint, poll], "poll first": [poll, hint], "hint twice": [hint, hint, poll]}
    for step in steps.get(order, [poll]):
        step()
    if order == "late hint":
        world.wave_box.edit(wave_id, {"phone": "222"})
        world.run()
        hint()
        hint()

    assert world.at_pms(wave_id)["phone"] == ("222" if order == "late hint" else "111")
    assert world.writes == (0, 2 if order == "late hint" else 1)
    assert world.sync.disputes() == []


def test_f105_a_hint_proves_nothing(make_world):
    """A hint about a record that is gone, or that there never was, retires nobody: only what is read counts."""
    world = make_world(policy=Policy(deletions={"pms": "delete", "wave": "delete"}))
    gone, gone_pms = world.pair()
    here, _ = world.pair(name="Grace", email="grace@example.com")
    world.wave_box.remove(gone)
    world.wave_box.faults.add(Fault.HIDDEN_ROW, record=here)
    world.count()

    world.run(only=[gone, here, ("pms", gone_pms), ("pms", "nobody"), "nobody"])

    assert world.writes == (0, 0)
    assert world.sync.disputes() == world.sync.quarantine() == []


# --- secrets, size, rights


def test_f107_a_saved_plan_holds_no_secret_and_a_masked_one_no_person(world):
    """A plan that goes to a file carries values, since it must, and no token; what is logged of it carries neither."""
    world.wave_box.add({"name": "Canary Person", "email": "canary@example.com"})

    plan = world.sync.plan()

    saved = json.dumps(plan.to_dict())
    assert "Canary Person" in saved
    assert world.wave_box.token not in saved
    assert world.pms_box.token not in saved
    assert "anary" not in repr(plan) + plan.to_text(mask=True) + str(plan.to_rows(mask=True))


def test_f108_a_quiet_run_loads_no_more_for_more_customers(make_world):
    """What did not change is neither listed nor loaded: a quiet run reads as much among 150 customers as among 10."""
    costs = []
    for count in (10, 150):
        world = make_world()
        filled(world, count)
        world.later(3600)
        world.pair()
        world.later(3600)
        world.run()
        counting = Counting(world.links)
        sync = world.make_sync(links=counting)
        world.count()
        assert sync.run().ok
        costs.append((counting.handed_out, world.requests))

    assert costs[0] == costs[1]


class Counting:
    """A store that counts the entries that it hands out."""

    def __init__(self, links):
        self._links, self.handed_out = links, 0

    def __getattr__(self, name):
        return getattr(self._links, name)

    def find(self, kind, by, values):
        """Count what is found."""
        found = self._links.find(kind, by, values)
        self.handed_out += len(found)
        return found

    def scan(self, kind):
        """Count what is taken."""
        for entry in self._links.scan(kind):
            self.handed_out += 1
            yield entry


def test_f109_rights_to_read_without_rights_to_write_are_said_and_the_other_direction_goes_on(make_world):
    """With a Wave token that may only read, edits towards the PMS travel in every run, and the report says why."""
    world = make_world(wave_options={"scopes": ["business:read", "customer:read"]})
    _, pms_id = world.pair()
    other, _ = world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.pms_box.edit(pms_id, {"phone": "111"})
    world.wave_box.edit(other, {"phone": "222"})

    reports = [world.run() for _ in range(3)]

    assert world.at_pms(other)["phone"] == "222"
    assert all("scopes" in str(report) for report in reports)
    assert all(not report.ok for report in reports)
    assert world.sync.disputes() == world.sync.quarantine() == []


def test_f109_a_pms_that_is_only_read_still_feeds_wave(world):
    """Where the PMS forbids every write, its edits reach Wave all the same, and each report says why the rest waits."""
    wave_id, pms_id = world.pair()
    other, _ = world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.wave_box.edit(other, {"phone": "222"})
    world.pms_box.edit(pms_id, {"phone": "111"})
    world.pms_box.faults.add(Fault.FORBIDDEN, on="write", times=None)

    reports = [world.run() for _ in range(2)]

    assert world.at_wave(wave_id)["phone"] == "111"
    assert world.at_pms(other)["phone"] is None
    assert all("may not do this" in str(report) and not report.ok for report in reports)
    assert world.sync.disputes() == world.sync.quarantine() == []
    world.pms_box.faults.clear()
    assert world.run().ok
    assert world.at_pms(other)["phone"] == "222"


def test_f110_what_leaves_quarantine_is_read_anew(make_world, mapping):
    """A record that rested, and was edited meanwhile, is created as it stands once the mapping fits."""
    mapping.map("customer", wave="fax", pms="fax", type="string", required=True)
    world = make_world(mapping=mapping)
    world.pair(fax="1")
    wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com", "phone": "old"})
    world.run()
    assert [q.id for q in world.sync.quarantine()] == [wave_id]
    world.later()
    world.wave_box.edit(wave_id, {"phone": "new", "email": "hopper@example.com"})
    world.change(mapping=MappingRegistry.default())

    world.run()

    assert (world.at_pms(wave_id)["phone"], world.at_pms(wave_id)["email"]) == ("new", "hopper@example.com")
    assert world.sync.quarantine() == []
