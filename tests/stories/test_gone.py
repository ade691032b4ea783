"""Customers that are deleted, archived, restored, or deleted and made again."""

from __future__ import annotations

import pytest

from wave_pms_sync import PmsProfile, Policy
from wave_pms_sync.audit.finding import Kind, Standing
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import JournalEntry
from wave_pms_sync.testing import Fault

BYSTANDER = "Bystander"
UNMARKED = PmsProfile.from_dict({"record": {"marker": False}, "create": {"headers": {}}})


@pytest.fixture
def make_world(make_world):
    """Worlds in which a bystander keeps either side from being empty: that would be held."""

    def make(*args, **options):
        world = make_world(*args, **options)
        world.wave_box.add({"name": BYSTANDER})
        world.run()
        return world

    return make


def left(box):
    """The customers that are left on a side, but for the bystander."""
    return {i: row for i, row in box.customers.items() if row["name"] != BYSTANDER}


def stories(world):
    """The links, but for the bystander's."""
    by = {i for i, row in world.wave_box.customers.items() if row["name"] == BYSTANDER}
    return [link for link in world.links.scan(Link) if link.wave_id not in by]


def statuses(world):
    """What each link is worth."""
    return {link.wave_id: link.status for link in stories(world)}


def linked(world):
    """The PMS id of each linked Wave customer."""
    return {link.wave_id: link.pms_id for link in stories(world)}


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_disappearance_deletes_nothing_by_default(both_ways, side):
    """The survivor of a deletion stays, the link becomes a tombstone, and nothing is created again, on either side."""
    world = both_ways
    wave_id, pms_id = world.pair()
    (world.wave_box if side == "wave" else world.pms_box).remove(wave_id if side == "wave" else pms_id)
    world.count()

    world.run(full=True)
    world.run(full=True)
    report = world.run(full=True)

    assert report.ok
    assert statuses(world) == {wave_id: LinkStatus.TOMBSTONE}
    assert world.writes == (0, 0)
    assert len(left(world.wave_box)) + len(left(world.pms_box)) == 1


def test_a_deletion_is_not_seen_by_an_incremental_run(world):
    """Only a complete listing shows that something is gone; a run that lists changes decides nothing."""
    world.change(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.pair(name="Grace", email="grace@example.com")
    world.wave_box.remove(wave_id)

    world.run()
    assert pms_id in left(world.pms_box)

    world.run(full=True)
    assert pms_id not in left(world.pms_box)


@pytest.mark.parametrize("policy", ["archive", "delete"])
def test_a_customer_gone_from_wave_is_retired_in_the_pms_on_request(stored_world, policy):
    """With a policy for deletions the counterpart in the PMS is archived, or deleted, once."""
    world = stored_world
    world.change(policy=Policy(deletions=policy))
    wave_id, pms_id = world.pair()
    world.wave_box.remove(wave_id)
    world.count()

    report = world.run(full=True)
    world.run(full=True)

    assert report.counts.retired == 1
    assert world.writes == (0, 1)
    if policy == "archive":
        assert left(world.pms_box)[pms_id]["archived"] is True
    else:
        assert not left(world.pms_box)


def test_a_customer_gone_from_the_pms_is_deleted_in_wave_only_if_written_out(make_world):
    """A bare policy concerns the PMS; Wave's customer is deleted only by a policy that names Wave."""
    world = make_world(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.pms_box.remove(pms_id)
    world.run(full=True)
    assert wave_id in left(world.wave_box)

    other = make_world(policy=Policy(deletions={"wave": "delete"}))
    wave_id, pms_id = other.pair()
    other.pms_box.remove(pms_id)
    report = other.run(full=True)
    assert report.counts.retired == 1
    assert not left(other.wave_box)


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_customer_is_made_again_on_request(make_world, side):
    """With the policy `recreate` the gone record is made again from the survivor, linked and marked anew."""
    world = make_world(policy=Policy(deletions={side: "recreate"}))
    wave_id, pms_id = world.pair(phone="111")
    box, gone = (world.wave_box, wave_id) if side == "wave" else (world.pms_box, pms_id)
    box.remove(gone)

    report = world.run(full=True)

    assert report.ok
    (new_wave,), (new_pms,) = left(world.wave_box), left(world.pms_box)
    assert linked(world) == {new_wave: new_pms}
    assert (new_wave if side == "wave" else new_pms) != gone
    assert world.at_wave(new_wave)["phone"] == world.at_pms(new_wave)["phone"] == "111"
    assert world.at_pms(new_wave)["external_id"] == new_wave
    assert world.rest().ok
    assert len(left(world.wave_box)) == len(left(world.pms_box)) == 1


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_customer_that_is_there_again_is_not_made_again(make_world, side):
    """A customer that was restored after the plan was made is left alone, where it was made a second time."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), deletions={side: "recreate"}))
    wave_id, pms_id = world.pair()
    box, gone = (world.wave_box, wave_id) if side == "wave" else (world.pms_box, pms_id)
    world.pair(name="Grace", email="grace@example.com")
    box.remove(gone)
    plan = world.sync.plan(full=True)
    box.restore(gone)

    report = world.sync.apply(plan)

    assert [outcome.detail.endswith("is there again") for outcome in report.outcomes] == [True]
    assert world.run(full=True).ok
    assert linked(world)[wave_id] == pms_id
    assert len(left(world.wave_box)) == len(left(world.pms_box)) == 2


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_customer_that_is_only_not_listed_is_not_made_again(make_world, side):
    """A customer that lists leave out, and that can be read by its id, is there: a second one would double it."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), deletions={side: "recreate"}))
    wave_id, pms_id = world.pair()
    box, hidden = (world.wave_box, wave_id) if side == "wave" else (world.pms_box, pms_id)
    world.pair(name="Grace", email="grace@example.com")
    fault = box.faults.add(Fault.HIDDEN_ROW, record=hidden, times=None)

    for _ in range(3):
        world.run(full=True)
    assert len(left(box)) == 2

    box.faults.remove(fault)
    assert world.run(full=True).ok
    assert linked(world)[wave_id] == pms_id


def test_an_edit_beats_a_deletion(world):
    """A customer edited in the PMS and deleted in Wave stays, as a dispute for a person."""
    world.change(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.remove(wave_id)
    world.pms_box.edit(pms_id, {"phone": "111"})

    report = world.run(full=True)
    world.run(full=True)

    assert report.counts.disputed == 1
    assert pms_id in left(world.pms_box)
    (dispute,) = world.sync.disputes()
    assert (dispute.group, dispute.reason.value) == ("*", "deletion")


@pytest.mark.parametrize("choose", ["wave", "pms"])
def test_an_edit_against_a_deletion_is_resolved(world, choose):
    """Resolved for the gone side, the deletion is accepted; for the survivor, the record is made again."""
    world.change(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.remove(wave_id)
    world.pms_box.edit(pms_id, {"phone": "111"})
    world.run(full=True)

    world.sync.resolve(world.sync.disputes()[0], choose=choose)
    world.run()

    assert world.sync.disputes() == []
    if choose == "wave":
        assert not left(world.pms_box)
    else:
        (new,) = left(world.wave_box)
        assert world.at_wave(new)["phone"] == "111"
        assert linked(world) == {new: pms_id}
    assert world.rest().ok


def test_changes_of_one_way_properties_do_not_beat_a_deletion(world):
    """An edit of a property that would never travel is no reason to keep a record."""
    world.change(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.remove(wave_id)
    world.pms_box.edit(pms_id, {"currency_code": "USD"})

    world.run(full=True)

    assert not left(world.pms_box)


def test_gone_on_both_sides_is_a_tombstone(world):
    """A customer deleted on both sides is remembered as such; nothing is written."""
    wave_id, pms_id = world.pair()
    world.wave_box.remove(wave_id)
    world.pms_box.remove(pms_id)
    world.count()

    report = world.run(full=True)

    assert report.ok
    assert statuses(world) == {wave_id: LinkStatus.TOMBSTONE}
    assert world.writes == (0, 0)


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_f56_a_restored_record_is_linked_again(stored_world, side):
    """A record restored from the bin is linked again on what both agreed on; edits made meanwhile travel."""
    world = stored_world
    wave_id, pms_id = world.pair(phone="000")
    box, gone = (world.wave_box, wave_id) if side == "wave" else (world.pms_box, pms_id)
    box.remove(gone)
    world.run(full=True)
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"}) if side == "pms" else world.pms_box.edit(pms_id, {"phone": "111"})
    world.run(full=True)

    box.restore(gone)
    report = world.run(full=True)

    assert report.ok
    assert statuses(world) == {wave_id: LinkStatus.ACTIVE}
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "111")
    assert len(left(world.wave_box)) == len(left(world.pms_box)) == 1


def test_f53_deleted_and_made_again_under_another_id_is_asked_about(both_ways):
    """A customer deleted in Wave and entered anew is not created a second time in the PMS; a link is proposed."""
    world = both_ways
    wave_id, pms_id = world.pair()
    world.wave_box.remove(wave_id)
    world.run(full=True)
    again = world.wave_box.add({"name": "Ada Lovelace", "email": "ada@example.com"})

    world.run()

    (entry,) = world.sync.quarantine()
    assert (entry.id, entry.reason.value, entry.candidates) == (again, "recreated", (pms_id,))
    assert len(left(world.pms_box)) == 1

    assert "`unlink` that one and `link` the two" in entry.detail
    assert [f.advice for f in world.sync.verify() if f.wave_id == again] == [
        "unlink(...) the survivor and link(...) the two if they are one customer"
    ]
    world.sync.unlink(wave_id=wave_id)
    world.sync.link(again, pms_id)
    report = world.run()
    assert report.ok
    assert linked(world) == {again: pms_id}


@pytest.mark.parametrize("full", [None, True])
def test_f53_deleted_and_made_again_before_any_run_saw_it(world, full):
    """Deleted and entered anew between two runs: the new record is asked about, and nobody is created twice."""
    wave_id, pms_id = world.pair()
    world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.wave_box.remove(wave_id)
    again = world.wave_box.add({"name": "Ada Lovelace", "email": "ada@example.com"})

    world.run(full=full)
    world.run(full=True)

    assert len(left(world.pms_box)) == 2
    assert [q.id for q in world.sync.quarantine()] == [again]
    assert linked(world)[wave_id] == pms_id


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_f54_a_reused_id_suspends_the_link(world, side):
    """An id that was given to another customer carries nothing to the old counterpart: the link is suspended."""
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    box, gone = (world.wave_box, wave_id) if side == "wave" else (world.pms_box, pms_id)
    box.remove(gone)
    world.later()
    box.add({"name": "Somebody Else", "email": "else@example.com"}, customer_id=gone)
    world.count()

    world.run()
    world.run(full=True)

    assert statuses(world) == {wave_id: LinkStatus.SUSPENDED}
    assert world.writes == (0, 0)


def test_many_reused_ids_at_once_are_held(world):
    """Many links that would be suspended at once mean that something else is wrong; a person looks first."""
    ids = [world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"}) for n in range(8)]
    world.run()
    world.later()
    for n, pms_id in enumerate([linked(world)[wave_id] for wave_id in ids[:6]]):
        world.pms_box.remove(pms_id)
        world.later()
        world.pms_box.add({"name": f"Other {n}", "email": f"other{n}@example.com"}, customer_id=pms_id)

    report = world.run(full=True)

    assert report.status == "held"
    assert set(statuses(world).values()) == {LinkStatus.ACTIVE}


def test_archiving_does_not_travel_by_default(world):
    """A customer archived in Wave stays as it is in the PMS, and its edits still travel."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.wave_box.archive(wave_id)

    world.run()

    assert left(world.pms_box)[pms_id]["archived"] is False
    assert world.at_pms(wave_id)["phone"] == "111"


def test_archiving_is_mirrored_on_request_once(make_world):
    """With `archives="mirror"` the PMS record is archived when Wave's is; restored in the PMS, it stays restored."""
    world = make_world(policy=Policy(archives="mirror"))
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.archive(wave_id)

    report = world.run()

    assert report.counts.retired == 1
    assert left(world.pms_box)[pms_id]["archived"] is True

    world.later(600)
    world.pms_box.restore(pms_id)
    world.run()
    world.run(full=True)
    assert left(world.pms_box)[pms_id]["archived"] is False


def test_an_archived_survivor_is_left_alone(make_world):
    """A customer archived in the PMS and deleted in Wave is not touched, whatever the policy."""
    world = make_world(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.later()
    world.pms_box.archive(pms_id)
    world.wave_box.remove(wave_id)
    world.count()

    world.run(full=True)

    assert world.writes == (0, 0)
    assert statuses(world) == {wave_id: LinkStatus.TOMBSTONE}


def test_f55_archived_and_hidden_in_wave_is_not_gone(make_world):
    """Where Wave hides archived customers from listings, an archived one is still not taken for deleted."""
    world = make_world(policy=Policy(deletions="delete"), wave_options={"archived_listed": False})
    wave_id, pms_id = world.pair()
    world.wave_box.archive(wave_id)

    for _ in range(3):
        world.run(full=True)

    assert pms_id in left(world.pms_box)
    assert statuses(world) == {wave_id: LinkStatus.ACTIVE}


def test_a_deleted_customer_that_stays_readable_is_not_gone(make_world):
    """Where a deleted Wave customer stays readable, marked as archived, nothing is retired for it."""
    world = make_world(policy=Policy(deletions="delete"), wave_options={"delete": "readable"})
    wave_id, pms_id = world.pair()
    world.wave_box.remove(wave_id)

    for _ in range(3):
        world.run(full=True)

    assert pms_id in left(world.pms_box)


def test_hidden_but_readable_is_gone_after_two_complete_listings(make_world):
    """A record missing from two complete listings, though readable and not archived, counts as gone; not before."""
    world = make_world(policy=Policy(deletions="archive"))
    wave_id, pms_id = world.pair()
    world.wave_box.faults.add(Fault.HIDDEN_ROW, record=wave_id)

    world.run(full=True)
    assert left(world.pms_box)[pms_id]["archived"] is False

    world.run(full=True)
    assert left(world.pms_box)[pms_id]["archived"] is True


@pytest.mark.parametrize("counted", [True, False])
def test_hidden_but_readable_retires_nobody_where_lists_are_not_counted(make_world, counted):
    """Lists that do not say how many they are may leave out anybody: who can still be read is not deleted for it."""
    world = make_world(policy=Policy(deletions={"wave": "delete"}), pms_options={"show_total": counted})
    wave_id, pms_id = world.pair()
    world.pms_box.faults.add(Fault.HIDDEN_ROW, record=pms_id, times=None)

    for _ in range(3):
        world.run(full=True)

    assert (wave_id in left(world.wave_box)) is not counted
    assert statuses(world) == {wave_id: LinkStatus.TOMBSTONE}


def test_one_missed_listing_means_nothing(make_world):
    """A record that a listing left out once, and the next one shows again, is as it was."""
    world = make_world(policy=Policy(deletions="archive"))
    wave_id, pms_id = world.pair()
    hidden = world.wave_box.faults.add(Fault.HIDDEN_ROW, record=wave_id)
    world.run(full=True)
    world.wave_box.faults.remove(hidden)
    world.run(full=True)
    world.wave_box.faults.add(Fault.HIDDEN_ROW, record=wave_id)

    world.run(full=True)

    assert left(world.pms_box)[pms_id]["archived"] is False


@pytest.mark.parametrize("tombstones", [False, True])
def test_a_deletion_feed_of_the_pms_is_believed_after_a_look(make_world, tombstones):
    """Where the PMS lists deletions, an incremental run learns of them; a record that can be read is not gone."""
    world = make_world(
        policy=Policy(deletions={"wave": "delete"}), pms_options={"tombstones": tombstones, "soft_delete": True}
    )
    wave_id, pms_id = world.pair()
    world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.pms_box.remove(pms_id)

    world.run()

    assert (wave_id in left(world.wave_box)) is not tombstones


def test_f79_an_update_of_a_record_deleted_meanwhile_creates_nothing(world):
    """A record deleted between planning and writing is not made again and nothing else is touched."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.faults.add(Fault.CALL_BEFORE, on="update", call=lambda _: world.pms_box.remove(pms_id))

    report = world.run()

    assert report.status == "partial"
    assert not left(world.pms_box)
    assert wave_id in left(world.wave_box)

    world.run(full=True)
    assert [d.reason.value for d in world.sync.disputes()] == ["deletion"]


def test_f80_deleting_what_is_already_gone_is_success(make_world):
    """A record that somebody deletes just before we do is retired all the same."""
    world = make_world(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.wave_box.remove(wave_id)
    world.pms_box.faults.add(Fault.CALL_BEFORE, on="delete", call=lambda _: world.pms_box.remove(pms_id))

    report = world.run(full=True)

    assert report.counts.failed == 0
    assert world.rest().ok
    assert statuses(world) == {wave_id: LinkStatus.TOMBSTONE}


def test_f81_a_refused_deletion_suspends_the_link_with_the_reason(make_world):
    """A Wave customer with invoices cannot be deleted: it stays, it is said why, and it is not tried for ever."""
    world = make_world(policy=Policy(deletions={"wave": "delete"}))
    wave_id, pms_id = world.pair()
    world.wave_box.invoices.add(wave_id)
    world.pms_box.remove(pms_id)

    report = world.run(full=True)
    world.count()
    world.run(full=True)

    assert report.counts.failed == 1
    assert wave_id in left(world.wave_box)
    (link,) = stories(world)
    assert link.status is LinkStatus.SUSPENDED
    assert "refused" in link.reason
    assert world.wave_box.ledger.count("delete") == 0


def _refused_deletion(world):
    """A PMS customer with projects, whose counterpart in Wave is gone."""
    wave_id, pms_id = world.pair(phone="000")
    world.pair(name="Grace", email="grace@example.com")
    world.wave_box.remove(wave_id)
    world.pms_box.faults.add(Fault.ANSWER, on="delete", status=422, body='{"title": "has projects"}', times=None)
    report = world.run(full=True)
    assert report.counts.failed == 1
    return wave_id, pms_id


@pytest.mark.parametrize("full", [True, False])
def test_f81_a_record_that_comes_back_ends_a_refused_deletion(make_world, full):
    """The deletion was declined and the gone record is restored: the two are in step again, as verify() foretells."""
    world = make_world(policy=Policy(deletions="delete"))
    wave_id, pms_id = _refused_deletion(world)
    world.later()
    world.pms_box.edit(pms_id, {"phone": "111"})
    world.run(full=True)

    world.wave_box.restore(wave_id)
    world.later()
    world.wave_box.edit(wave_id, {"email": "new@example.com"})
    (told,) = [finding for finding in world.sync.verify() if finding.wave_id == wave_id]
    report = world.run(full=full)

    assert (told.kind, told.standing) == (Kind.SUSPENDED, Standing.PENDING)
    assert report.ok
    assert statuses(world)[wave_id] is LinkStatus.ACTIVE
    assert world.at_wave(wave_id)["phone"] == "111"
    assert world.at_pms(wave_id)["email"] == "new@example.com"
    assert len(left(world.pms_box)) == 2


def test_f81_after_a_refused_deletion_a_customer_entered_anew_is_asked_about(make_world):
    """The record that could not be deleted may be the same customer: nothing is made beside it."""
    world = make_world(policy=Policy(deletions="delete"))
    _refused_deletion(world)
    world.later()
    again = world.wave_box.add({"name": "Ada Lovelace", "email": "ada@example.com"})

    world.run()
    world.run(full=True)

    assert len(left(world.pms_box)) == 2
    assert [entry.id for entry in world.sync.quarantine()] == [again]


def test_a_record_edited_just_before_its_retirement_stays(make_world):
    """An edit between planning and retiring saves the record; the next run sees an edit against a deletion."""
    world = make_world(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.wave_box.remove(wave_id)
    world.later()
    plan = world.sync.plan(full=True)
    world.pms_box.edit(pms_id, {"phone": "111"})

    report = world.sync.apply(plan)

    assert report.counts.skipped == 1
    assert pms_id in left(world.pms_box)
    world.run(full=True)
    assert [d.reason.value for d in world.sync.disputes()] == ["deletion"]


def test_a_record_that_is_back_before_its_counterpart_is_retired_saves_it(make_world):
    """A record restored between planning and retiring saves its counterpart."""
    world = make_world(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.wave_box.remove(wave_id)
    world.later()
    plan = world.sync.plan(full=True)
    world.wave_box.restore(wave_id)

    world.sync.apply(plan)

    assert pms_id in left(world.pms_box)
    assert world.rest().ok
    assert statuses(world) == {wave_id: LinkStatus.ACTIVE}


@pytest.mark.parametrize("gone", ["wave", "pms"])
@pytest.mark.parametrize("again", [True, False])
def test_a_record_that_is_refused_when_it_is_made_again_waits_for_a_person(make_world, gone, again):
    """What a server does not take again is not sent at every run, but once a person asks for it."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), deletions={gone: "recreate"}))
    wave_id, pms_id = world.pair(phone="111")
    world.settle()
    box, gone_id, survivor = (world.wave_box, wave_id, "pms") if gone == "wave" else (world.pms_box, pms_id, "wave")
    box.remove(gone_id)
    box.faults.add(Fault.REFUSED, on="create", field="email")
    assert world.sync.run(full=True).counts.failed == 1

    world.settle()
    assert world.sync.plan(full=True).empty
    sent = box.ledger.count("create")
    world.run(full=True)
    assert box.ledger.count("create") == sent

    (dispute,) = world.sync.disputes()
    assert (dispute.wave_id, dispute.pms_id, dispute.reason.value) == (wave_id, pms_id, "refused")
    assert "and not made again: " in dispute.detail
    world.sync.resolve(dispute, choose=survivor if again else gone)
    world.run()

    assert len(left(box)) == again
    assert len(left(world.wave_box)) + len(left(world.pms_box)) == 1 + again
    assert world.sync.disputes() == []
    assert world.rest().ok


@pytest.mark.parametrize("side", ["wave", "pms"])
@pytest.mark.parametrize(("email", "late_s"), [("ada@example.com", 0), ("ada@example.com", 250), (None, 0)])
def test_a_record_that_comes_back_while_it_is_made_again_is_not_doubled(make_world, side, email, late_s):
    """The new one, made by a create of unknown outcome, is a second one of a linked customer: a person is asked."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), deletions={side: "recreate"}), profile=UNMARKED)
    wave_id, pms_id = world.pair(name="Ada Lovelace", email=email, phone="111")
    world.settle()
    box, gone = (world.wave_box, wave_id) if side == "wave" else (world.pms_box, pms_id)
    other = world.pms_box if side == "wave" else world.wave_box
    lost = (Fault.LATE_COMMIT, {"seconds": late_s}) if late_s else (Fault.LOST_AFTER, {})
    box.faults.add(lost[0], on="create", **lost[1])
    box.remove(gone)
    assert world.sync.run(full=True).counts.unknown == 1
    box.restore(gone)
    world.later()
    box.edit(gone, {"phone": "222"})

    for full in (None, True, None, True):
        world.run(full=full)
        world.settle()

    assert len(left(box)) == 2
    (row,) = left(other).values()
    assert row["phone"] == "222"
    (entry,) = world.sync.quarantine()
    assert (entry.id in left(box), entry.id == gone, entry.reason.value) == (True, False, "possible_twin")
    assert world.rest().ok


@pytest.mark.parametrize("side", ["wave", "pms"])
@pytest.mark.parametrize("profile", [UNMARKED, None], ids=["unmarked", "marked"])
def test_a_customer_that_is_deleted_while_a_create_is_lost_stays_deleted(make_world, side, profile):
    """Its counterpart was made, though nobody knows: it is the survivor of a deletion, and not carried back."""
    world = make_world(policy=Policy(create_in=("pms", "wave")), profile=profile)
    box, other = (world.wave_box, world.pms_box) if side == "wave" else (world.pms_box, world.wave_box)
    origin = other.add({"name": "Grace", "email": "grace@example.com"})
    box.faults.add(Fault.LOST_AFTER, on="create")
    assert world.run().counts.unknown == 1
    other.remove(origin)

    for full in (True, None, True):
        world.settle()
        world.run(full=full)

    assert (len(left(box)), len(left(other))) == (1, 0)
    assert [entry.id for entry in world.sync.quarantine()] == list(left(box))
    assert world.rest().ok


def refused_again(make_world):
    """A customer whose PMS record is gone, and was refused when it was to be made again."""
    world = make_world(policy=Policy(deletions={"pms": "recreate"}))
    wave_id, pms_id = world.pair(phone="111")
    world.pms_box.remove(pms_id)
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="email")
    world.run(full=True)
    return world, wave_id, pms_id


def test_a_survivor_that_is_edited_after_a_refusal_still_waits(make_world):
    """An edit says nothing of what was refused: it is shown to the person, and nothing is sent."""
    world, wave_id, _ = refused_again(make_world)
    sent = world.pms_box.ledger.count("create")

    world.wave_box.edit(wave_id, {"phone": "222"})
    world.run()

    assert world.pms_box.ledger.count("create") == sent
    (dispute,) = world.sync.disputes()
    assert dispute.wave["phone"] == "222"
    world.sync.resolve(dispute, choose="wave")
    world.run()
    assert world.at_pms(wave_id)["phone"] == "222"
    assert world.rest().ok


def test_a_record_refused_when_it_was_made_again_is_in_step_once_it_is_back(make_world):
    """That its counterpart could not be made again does not part a customer from the one that is restored."""
    world, wave_id, pms_id = refused_again(make_world)

    world.pms_box.restore(pms_id)
    world.run(full=True)

    assert world.sync.disputes() == []
    assert linked(world) == {wave_id: pms_id}
    assert world.rest().ok


def test_what_cannot_be_carried_is_held_when_a_record_is_made_again(make_world):
    """A record is made again without a property that cannot be read; that is held, as it was before."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), deletions={"pms": "recreate", "wave": "recreate"}))
    world.pair()
    pms_id = world.pms_box.add({"name": "Grace", "phone": 5550100})
    world.run()
    assert [dispute.group for dispute in world.sync.disputes()] == ["phone"]
    (wave_id,) = (wave for wave, pms in world.linked().items() if pms == pms_id)
    world.wave_box.remove(wave_id)

    world.run(full=True)
    world.rest()

    (again,) = (wave for wave, pms in world.linked().items() if pms == pms_id)
    assert again != wave_id
    assert [(dispute.group, str(dispute.reason)) for dispute in world.sync.disputes()] == [("phone", "conversion")]


@pytest.mark.parametrize("gone", ["the record written", "both", "given to another"])
def test_what_a_lost_update_replaced_in_a_record_that_is_gone_is_told(make_world, gone):
    """Nobody can say any more whether it was carried out; what it may have replaced is in the journal."""
    world = make_world()
    wave_id, pms_id = world.pair(website="https://old.example")
    world.settle()
    world.wave_box.edit(wave_id, {"website": "https://new.example"})
    world.pms_box.faults.add(Fault.LOST_AFTER, on="update")
    run_id = world.run().run_id
    world.pms_box.remove(pms_id)
    if gone == "both":
        world.wave_box.remove(wave_id)
    if gone == "given to another":
        world.later(10)
        world.pms_box.add({"name": "Zoe", "email": "zoe@example.com"}, customer_id=pms_id)

    for _ in range(3):
        world.settle()
        world.sync.run(full=True)

    told = [(e.run_id, e.outcome, f.before, f.after) for e in world.links.scan(JournalEntry) for f in e.fields]
    assert (run_id, "unknown", "https://old.example", "https://new.example") in told


def test_an_archiving_before_two_were_linked_by_hand_is_not_mirrored(make_world):
    """Only what happens to a pair travels; a record matched by a key is not archived for it either."""
    world = make_world(policy=Policy(archives="mirror"))
    by_key = world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    by_hand = world.wave_box.add({"name": "Bo"})
    world.wave_box.archive(by_key)
    world.wave_box.archive(by_hand)
    pms_ids = [world.pms_box.add({"name": "Ada", "email": "ada@example.com"}), world.pms_box.add({"name": "Bo"})]
    world.later()
    world.sync.link(by_hand, pms_ids[1])

    world.rest()

    assert [world.pms_box.customers[i]["archived"] for i in pms_ids] == [False, False]
