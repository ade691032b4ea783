"""Writes of which nobody can say whether they were carried out: in the end there is exactly one record."""

from __future__ import annotations

import json

import pytest

from wave_pms_sync import Plan, PmsProfile, Policy, Scope
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.testing import Fault, ManualClock

SIDES = pytest.mark.parametrize("side", ["wave", "pms"])
LOST = pytest.mark.parametrize(
    ("kind", "details"),
    [
        (Fault.LOST_BEFORE, {}),
        (Fault.LOST_AFTER, {}),
        (Fault.CUT_JSON, {}),
        (Fault.CUT_BODY, {}),
        (Fault.BAD_GATEWAY, {}),
        (Fault.BAD_GATEWAY, {"executed": True}),
        (Fault.SERVER_ERROR, {"executed": True}),
        (Fault.LATE_COMMIT, {"seconds": 60}),
        (Fault.LATE_COMMIT, {"requests": 2}),
    ],
    ids=lambda value: str(value) if isinstance(value, Fault) else "-".join(str(v) for v in value.values()) or "plain",
)
BOTH = Policy(create_in=("pms", "wave"))
NO_KEYS = PmsProfile.from_dict({"record": {"marker": False}, "create": {"headers": {}}})


def box_of(world, side):
    """One of the sandboxes."""
    return world.wave_box if side == "wave" else world.pms_box


def enter(world, side, **values):
    """A customer entered on the other side, so that a counterpart is due on this one."""
    facts = {"name": "Grace", "email": "grace@example.com", **values}
    return world.pms_box.add(facts) if side == "wave" else world.wave_box.add(facts)


def created_unheard(world, side, **values):
    """A customer whose create was carried out on this side, and its answer lost; the ids of origin and newcomer."""
    origin, box = enter(world, side, **values), box_of(world, side)
    before = set(box.customers)
    box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    (newcomer,) = set(box.customers) - before
    return origin, newcomer


def until_quiet(world, runs):
    """Run, a settle time apart, until nothing is open any more; at most so often."""
    for _ in range(runs):
        world.settle()
        report = world.sync.run()
        if report.ok and not list(world.links.scan(Intent)):
            return report
    raise AssertionError(f"still open after {runs} runs: {report}")


@SIDES
@LOST
def test_f61_a_create_whose_answer_is_lost_makes_exactly_one_record(make_world, make_links, side, kind, details):
    """However the answer to a create gets lost, the run says unknown, and later runs end with exactly one record."""
    world = make_world(make_links(), policy=BOTH)
    world.pair()
    enter(world, side)
    fault = box_of(world, side).faults.add(kind, on="create", **details)
    world.count()

    report = world.run()

    assert fault.struck == 1
    assert report.status == "partial"
    assert report.counts.unknown == 1
    assert report.counts.failed == report.counts.quarantined == 0

    until_quiet(world, 5)
    assert box_of(world, side).ledger.creates == 1
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == len(world.linked()) == 2
    assert world.rest().ok


@SIDES
@pytest.mark.parametrize("kind", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_f61_a_lost_create_that_is_out_of_scope_at_once_makes_exactly_one_record(make_world, side, kind):
    """A scope may leave out what a run has just created; it is found all the same, and not made again."""
    scope = Scope(id="faxed", **{side: lambda record: record.payload.get("fax")})
    world = make_world(policy=BOTH, scope=scope, profile=NO_KEYS)
    world.pair(fax="555 0100")
    enter(world, side)
    box_of(world, side).faults.add(kind, on="create")
    world.count()

    world.run()
    until_quiet(world, 5)

    assert len(box_of(world, side).customers) == 2
    assert len(world.linked()) == 2


@SIDES
def test_a_lost_create_is_not_repeated_before_the_settle_time(make_world, side):
    """Nothing is sent again within the settle time, however often it is run."""
    world = make_world(policy=BOTH)
    world.pair()
    enter(world, side)
    box_of(world, side).faults.add(Fault.LOST_BEFORE, on="create")
    for _ in range(4):
        world.run()

    assert box_of(world, side).ledger.count("create") == 1 + (side == "pms")
    assert world.sync.plan().empty


@SIDES
def test_f62_a_very_late_commit_is_adopted(make_world, side):
    """A create that is carried out only minutes later is adopted when it shows, and not repeated."""
    world = make_world(policy=BOTH)
    world.pair()
    enter(world, side)
    box_of(world, side).faults.add(Fault.LATE_COMMIT, on="create", seconds=250)
    world.count()
    for _ in range(3):
        world.run()

    until_quiet(world, 3)

    assert box_of(world, side).ledger.creates == 1
    assert len(world.linked()) == 2


def test_a_lost_create_without_a_mark_is_found_by_its_content(make_world):
    """Where the PMS keeps no mark of ours, a lost create is found again by what was sent."""
    world = make_world(profile=NO_KEYS, pms_options={"idempotency": False})
    world.pair()
    wave_id = enter(world, "pms", phone="111")
    world.pms_box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()

    until_quiet(world, 3)

    assert world.pms_box.ledger.creates == 2
    assert world.at_pms(wave_id)["phone"] == "111"


@pytest.mark.parametrize("saved", [False, True], ids=["at once", "saved"])
def test_what_a_lost_create_did_not_keep_is_told(make_world, make_links, saved):
    """A lost create is found by its mark, without the phone that was sent: not kept, as after any other create."""
    world = make_world(make_links())
    world.pair()
    wave_id = enter(world, "pms", phone="111")
    world.pms_box.faults.add(Fault.IGNORED_FIELD, on="create", field="phone")
    world.pms_box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    world.settle()

    plan = world.sync.plan()
    report = world.sync.apply(Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) if saved else plan)

    assert report.counts.not_kept == 1
    assert [o.detail for o in report.outcomes] == ["not kept: phone"]
    (finding,) = world.sync.verify().of("explained")
    assert finding.kind == "not_kept"
    assert finding.fields == ("phone",)
    assert world.rest().ok
    world.wave_box.edit(wave_id, {"phone": "222"})
    world.run()
    assert world.at_pms(wave_id)["phone"] == "222"
    assert len(world.sync.verify()) == 0


@SIDES
def test_f64_an_edit_between_a_lost_create_and_its_recovery_travels_afterwards(make_world, side):
    """The origin is edited while its create is lost: the newcomer is adopted first, and the edit follows."""
    world = make_world(policy=BOTH)
    world.pair()
    origin = enter(world, side, phone="111")
    box_of(world, side).faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    edit = world.pms_box.edit if side == "wave" else world.wave_box.edit
    edit(origin, {"phone": "222", "email": "hopper@example.com"})

    world.settle()
    world.sync.run()
    world.rest()

    (wave_id,) = [i for i, row in world.wave_box.customers.items() if row["name"] == "Grace"]
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("222", "222")
    assert world.at_wave(wave_id)["email"] == world.at_pms(wave_id)["email"] == "hopper@example.com"
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == 2


@SIDES
def test_an_origin_deleted_while_its_create_is_lost_makes_nobody(make_world, side):
    """The origin is deleted while its create is lost and was never carried out: nothing is sent again."""
    world = make_world(policy=BOTH)
    world.pair()
    origin = enter(world, side)
    box_of(world, side).faults.add(Fault.LOST_BEFORE, on="create")
    world.run()
    (world.pms_box if side == "wave" else world.wave_box).remove(origin)

    for _ in range(4):
        world.settle()
        world.sync.run(full=True)

    assert len(world.wave_box.customers) == len(world.pms_box.customers) == 1
    assert not list(world.links.scan(Intent))


def test_a_create_lost_again_and_again_ends_with_a_person(make_world):
    """A create that never arrives is sent three times in all, then the record rests for a person."""
    world = make_world()
    world.pair()
    wave_id = enter(world, "pms")
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="create", times=None)
    world.count()

    for _ in range(15):
        world.settle()
        world.sync.run()

    assert world.pms_box.ledger.count("create") == 3
    assert [(q.id, q.reason.value) for q in world.sync.quarantine()] == [(wave_id, "unknown_create")]

    world.pms_box.faults.clear()
    world.sync.retry(world.sync.quarantine()[0])
    world.rest()
    assert wave_id in world.linked()
    assert world.pms_box.ledger.creates == 1


def test_a_lost_create_with_a_lookalike_is_for_a_person(make_world):
    """Somebody enters a like customer while our create is lost: which one is ours is for a person to say."""
    world = make_world(profile=NO_KEYS)
    world.pair()
    wave_id = enter(world, "pms", phone="111")
    world.pms_box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    world.pms_box.add({"name": "Grace", "email": "grace@example.com", "phone": "111", "currency_code": "CAD"})

    world.settle()
    world.sync.run()

    (entry,) = world.sync.quarantine()
    assert entry.id == wave_id
    assert world.pms_box.ledger.creates == 2


@SIDES
def test_a_lost_create_is_found_though_a_person_mistyped_its_link(make_world, make_links, side):
    """The link of a record to one that is not there gives way to what became of the record's lost create."""
    world = make_world(make_links(), policy=BOTH)
    world.pair()
    origin, made = created_unheard(world, side)
    pair = {side: f"{made}0", "pms" if side == "wave" else "wave": origin}
    world.sync.link(pair["wave"], pair["pms"])

    world.settle()
    report = world.sync.run()

    assert report.error is None
    assert {made, origin} in [{*ids} for ids in world.linked().items()]
    assert len(world.linked()) == len(world.wave_box.customers) == len(world.pms_box.customers) == 2
    assert world.rest().ok


@SIDES
def test_no_key_answers_for_the_person_who_was_asked_about_a_lost_create(make_world, make_links, side):
    """Who may be a lost create and was edited since rests, run after run, until one of the two moves."""
    world = make_world(make_links(), policy=BOTH, profile=NO_KEYS)
    world.pair()
    box = box_of(world, side)
    origin, made = created_unheard(world, side, phone="111")
    box.edit(made, {"phone": "999"})

    for _ in range(3):
        world.settle()
        assert world.sync.run(full=True).counts.linked == 0
        assert {entry.id for entry in world.sync.quarantine()} == {origin, made}
        assert {str(entry.reason) for entry in world.sync.quarantine()} == {"unknown_create"}

    box.edit(made, {"phone": "111"})
    world.later()
    assert world.sync.run().counts.linked == 1
    assert world.rest().ok


@SIDES
@LOST
def test_an_update_whose_answer_is_lost_is_looked_up_and_finished(make_world, make_links, side, kind, details):
    """However the answer to an update gets lost, the value stands on both sides in the end, and nobody disputes it."""
    world = make_world(make_links(), policy=BOTH)
    wave_id, _ = world.pair(phone="000")
    world.later()
    world.edit_origin(side, wave_id, {"phone": "111"})
    fault = box_of(world, side).faults.add(kind, on="update", **details)

    report = world.run()

    assert fault.struck == 1
    assert report.counts.failed == 0
    until_quiet(world, 3)
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "111")
    assert world.sync.disputes() == []
    assert world.rest().ok


@SIDES
def test_an_update_that_arrived_stands_though_the_next_one_is_lost(world, side):
    """Of two updates the first arrived without an answer, the second never: our own value was taken for an edit."""
    wave_id, _ = world.pair(phone="000")
    world.later()
    for value, fault in (("111", Fault.LOST_AFTER), ("222", Fault.LOST_BEFORE)):
        world.edit_origin(side, wave_id, {"phone": value})
        box_of(world, side).faults.add(fault, on="update")
        world.run()

    until_quiet(world, 3)

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("222", "222")
    assert world.sync.disputes() == []


@SIDES
def test_a_user_who_writes_over_a_lost_update_is_not_overruled_silently(make_world, side):
    """Somebody edits the record after our lost update: their value stays until the conflict is decided."""
    world = make_world()
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    world.edit_origin(side, wave_id, {"phone": "111"})
    box_of(world, side).faults.add(Fault.LOST_AFTER, on="update")
    world.run()
    world.later()
    if side == "pms":
        world.pms_box.edit(pms_id, {"phone": "222"})
    else:
        world.wave_box.edit(wave_id, {"phone": "222"})

    world.settle()
    world.sync.run()

    there = world.at_pms(wave_id) if side == "pms" else world.at_wave(wave_id)
    assert there["phone"] == "222"
    assert [d.group for d in world.sync.disputes()] == ["phone"]


@SIDES
@pytest.mark.parametrize("kind", [Fault.LOST_BEFORE, Fault.LOST_AFTER], ids=str)
def test_what_a_lost_update_may_have_replaced_is_in_the_journal(make_world, make_links, side, kind):
    """Somebody writes over an update before any run has seen it: nobody can say whether it replaced an edit there."""
    world = make_world(make_links(), policy=Policy(conflicts="pms" if side == "wave" else "wave"))
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    edits = {"wave": lambda phone: world.wave_box.edit(wave_id, {"phone": phone})}
    edits["pms"] = lambda phone: world.pms_box.edit(pms_id, {"phone": phone})
    edits[side]("444")
    world.later()
    world.edit_origin(side, wave_id, {"phone": "111"})
    box_of(world, side).faults.add(kind, on="update")
    lost = world.run().run_id
    world.later()
    edits[side]("222")

    world.settle()
    world.sync.run()

    (entry,) = [e for e in world.sync.history(wave_id=wave_id) if e.run_id == lost]
    assert (entry.kind, entry.outcome, entry.rule.split(", ")[-1]) == ("update", "unknown", "and written over since")
    assert [(f.name, f.before, f.after, f.lost) for f in entry.fields] == [("phone", "444", "111", "444")]
    assert "(unknown)" in world.sync.history(wave_id=wave_id).to_text()
    undone = world.sync.undo(lost)
    assert undone.empty
    assert [s.reason.split(";")[0] for s in undone.skipped] == ["somebody wrote over it"]


@SIDES
@LOST
def test_a_deletion_whose_answer_is_lost_is_finished(make_world, side, kind, details):
    """However the answer to a deletion gets lost, the record is gone in the end, and nothing else is touched."""
    world = make_world(policy=Policy(deletions={"pms": "delete", "wave": "delete"}))
    wave_id, pms_id = world.pair()
    world.pair(name="Grace", email="grace@example.com")
    (world.pms_box if side == "wave" else world.wave_box).remove(pms_id if side == "wave" else wave_id)
    fault = box_of(world, side).faults.add(kind, on="delete", **details)
    world.run(full=True)
    assert fault.struck == 1

    for _ in range(3):
        world.settle()
        report = world.sync.run(full=True)

    assert report.ok
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == 1
    assert not list(world.links.scan(Intent))


def test_a_pms_that_answers_a_create_with_nothing_is_read(world):
    """An empty answer to a create (201 without a body) is completed by reading where it points, or found again."""
    world.pair()
    wave_id = enter(world, "pms")
    world.pms_box.faults.add(Fault.EMPTY_BODY, on="create")

    world.run()
    until_quiet(world, 3)

    assert world.pms_box.ledger.creates == 2
    assert wave_id in world.linked()


# --- refusals


def test_f75_a_refusal_that_names_a_property_holds_that_property_and_the_rest_goes(stored_world):
    """A refused update holds the property that was named; the rest of the edit arrives with the next run."""
    world = stored_world
    wave_id, _ = world.pair()
    world.later()
    world.pms_box.faults.add(Fault.REFUSED, on="update", field="website", code="format", times=None)
    world.wave_box.edit(wave_id, {"website": "bad one", "phone": "111"})

    report = world.run()
    world.run()
    world.run(full=True)

    assert report.status == "partial"
    assert world.at_pms(wave_id)["phone"] == "111"
    assert world.at_pms(wave_id)["website"] is None
    (dispute,) = world.sync.disputes()
    assert (dispute.group, dispute.reason.value) == ("website", "refused")
    assert "format" in dispute.detail
    assert world.pms_box.ledger.updates == 1

    world.pms_box.faults.clear()
    world.later()
    world.wave_box.edit(wave_id, {"website": "ada.example"})
    world.run()
    assert world.at_pms(wave_id)["website"] == "ada.example"
    assert world.sync.disputes() == []


def test_f67_a_refusal_of_wave_holds_the_property_that_it_names(world):
    """200 with `didSucceed: false` is a refusal: the named property is held, the rest goes."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.faults.add(Fault.REFUSED, on="update", field="address", code="INVALID", times=None)
    world.pms_box.edit(pms_id, {"address": {"line1": "1 Main St", "country_code": "CA"}, "phone": "111"})

    world.run()
    world.run()

    assert world.at_wave(wave_id)["phone"] == "111"
    assert [(d.group, d.reason.value) for d in world.sync.disputes()] == [("address", "refused")]


def test_a_refusal_that_names_nothing_holds_all_that_was_sent(world):
    """A refused update without a named property holds everything that it would have written; others go on."""
    ada, _ = world.pair()
    grace, _ = world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.pms_box.faults.add(Fault.REFUSED, on="update", record=world.linked()[ada], times=None)
    world.wave_box.edit(ada, {"website": "x", "phone": "111"})
    world.wave_box.edit(grace, {"phone": "222"})

    report = world.run()
    world.run()

    assert {d.group for d in world.sync.disputes()} == {"website", "phone"}
    assert world.at_pms(grace)["phone"] == "222"
    assert report.counts.failed == 1


@SIDES
def test_a_create_lost_after_a_servers_clock_was_set_back_is_found(make_world, side):
    """What was made bears an earlier time than those who were there before: it is found all the same, not repeated."""
    world = make_world(profile=NO_KEYS, policy=BOTH)
    world.crowd(2)
    world.box(side).clock = behind = ManualClock(world.clock.now())
    behind.advance(-3600)
    world.box("pms" if side == "wave" else "wave").add({"name": "Grace", "phone": "111"})
    made = world.box(side).ledger.creates
    world.box(side).faults.add(Fault.LOST_AFTER, on="create")

    for _ in range(5):
        world.run()
        world.settle()
        behind.advance(510)

    assert len(world.linked()) == 3
    assert world.box(side).ledger.creates == made + 1


def test_a_refused_marker_never_undoes_a_create(world):
    """A PMS that refuses our external id gets the customer without it, and the report says so."""
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="external_id", times=None)
    wave_id = world.wave_box.add({"name": "Ada"})

    report = world.run()
    world.run(full=True)

    assert report.ok
    assert "external id" in report.outcomes[0].detail
    assert world.at_pms(wave_id)["external_id"] is None
    assert world.pms_box.ledger.creates == 1


@pytest.mark.parametrize(("kind", "details"), [(Fault.ANSWER, {"status": 409, "body": "{}"}), (Fault.REFUSED, {})])
def test_a_create_that_is_declined_without_its_marker_too_rests_alone(world, kind, details):
    """A PMS that refuses our external id, and then the customer itself, goes on to get all others."""
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="external_id", times=None)
    world.pms_box.faults.add(kind, on="create", field="name", value="Ada", times=None, **details)
    ada = world.wave_box.add({"name": "Ada"})
    world.later()
    bea = world.wave_box.add({"name": "Bea"})

    world.run()
    world.run()

    assert list(world.linked()) == [bea]
    assert [q.id for q in world.sync.quarantine()] == [ada]


def test_f82_a_taken_email_is_for_a_person(make_world):
    """A PMS that allows each e-mail once declines the second customer: it rests, and says why."""
    world = make_world(pms_options={"unique_email": True})
    world.wave_box.add({"name": "Ada", "email": "info@example.com"})
    second = world.wave_box.add({"name": "Grace", "email": "info@example.com"})

    world.run()
    report = world.run(full=True)

    assert len(world.pms_box.customers) == 1
    (entry,) = world.sync.quarantine()
    assert entry.id in world.wave_box.customers
    assert entry.id not in world.linked()
    assert second in {entry.id, *world.linked()}
    assert world.pms_box.ledger.count("create") == 2
    assert report.ok


def test_a_pms_that_wants_versions_gets_them(make_world):
    """A PMS that declines unconditional writes is written with If-Match, without further ado."""
    world = make_world(pms_options={"require_if_match": True})
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})

    assert world.run().ok
    assert world.at_pms(wave_id)["phone"] == "111"


def test_a_create_that_is_not_shown_by_a_listing_holds_the_run(world):
    """A PMS that lists nobody, confirms a create and still lists nobody: the run stops after one, as held."""
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
    world.pms_box.faults.add(Fault.EMPTY_LIST, times=None)

    report = world.run()

    assert report.status == "held"
    assert world.pms_box.ledger.creates == 1
    assert "does not list it" in str(report)


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_create_that_lands_after_its_customer_was_linked_otherwise_is_no_newcomer(make_world, by_hand):
    """Somebody entered the customer there; what was lost on its way lands as a second one, and makes no third."""
    world = make_world(policy=BOTH, profile=NO_KEYS, pms_options={"idempotency": False})
    grace = enter(world, "pms")
    world.pms_box.faults.add(Fault.LATE_COMMIT, on="create", seconds=1000)
    world.run()
    entered = world.pms_box.add({"name": "Grace H.", "email": "grace@example.com"})
    world.settle()
    world.run()
    if by_hand:
        world.sync.link(grace, entered)
    else:
        world.later(10)
        world.pms_box.edit(entered, {"fax": "111"})
    world.run()
    assert world.linked() == {grace: entered}
    world.later(1000)

    world.run(full=True)
    world.wave_box.edit(grace, {"email": "other@example.com"})
    world.run()

    assert world.linked() == {grace: entered}
    assert len(world.pms_box.customers) == 2
    assert len(world.wave_box.customers) == 1
    (late,) = world.sync.quarantine()
    assert late.reason.value == "possible_twin"


def tried_again(make_world, side):
    """A world in which a create was lost so long that a person had it tried again, and its origin; it may land yet."""
    world = make_world(policy=BOTH, profile=NO_KEYS, pms_options={"idempotency": False})
    grace = enter(world, side)
    faults = box_of(world, side).faults
    faults.add(Fault.LATE_COMMIT, on="create", seconds=20_000)
    world.sync.run()
    faults.add(Fault.LOST_BEFORE, on="create", times=2)
    for _ in range(15):
        world.settle()
        world.sync.run()
    (entry,) = world.sync.quarantine()
    world.sync.retry(entry)
    world.run()
    return world, grace


@SIDES
def test_a_create_that_lands_after_its_customer_was_tried_again_is_no_newcomer(make_world, side):
    """A person had a lost create tried again; what was lost on its way lands as a second one, and makes no third."""
    world, grace = tried_again(make_world, side)
    box = box_of(world, side)
    assert len(box.customers) == 1

    world.later(20_000)
    world.run(full=True)

    others = world.pms_box if side == "wave" else world.wave_box
    assert list(others.customers) == [grace]
    assert len(box.customers) == 2
    assert len(world.sync.quarantine()) == 1


@SIDES
def test_a_create_that_lands_beside_a_namesake_is_found(make_world, side):
    """Somebody of the same name was asked about before the settle time was over, and what landed then was doubled."""
    world = make_world(policy=BOTH, profile=NO_KEYS, pms_options={"idempotency": False})
    world.pair()
    box = box_of(world, side)
    grace = enter(world, side, email=None, fax="1")
    box.add({"name": "Grace", "fax": "2"})
    other = world.pms_box if side == "wave" else world.wave_box
    other.faults.add(Fault.REFUSED, on="create", field="fax", times=None)
    box.faults.add(Fault.LATE_COMMIT, on="create", seconds=200)
    world.sync.run()
    world.later(30)
    world.sync.run()

    for _ in range(3):
        world.settle()
        world.sync.run()

    pairs = world.linked() if side == "pms" else {pms: wave for wave, pms in world.linked().items()}
    assert box.customers[pairs[grace]]["fax"] == "1"
    assert len(box.customers) == 3


@SIDES
@pytest.mark.parametrize("hinted", ["the origin", "the newcomer"])
def test_who_may_be_a_lost_create_rests_though_a_hint_names_only_one(make_world, side, hinted):
    """Origin and newcomer are edited, and one is looked at alone: the other is read, too, and neither is doubled."""
    world = make_world(policy=BOTH, profile=NO_KEYS, pms_options={"idempotency": False})
    world.pair()
    box, other = box_of(world, side), box_of(world, "wave" if side == "pms" else "pms")
    grace, newcomer = created_unheard(world, side)
    box.edit(newcomer, {"email": "elsewhere@example.com"})
    world.settle()
    world.sync.run()
    assert {entry.id for entry in world.sync.quarantine()} == {grace, newcomer}
    box.edit(newcomer, {"email": None})
    other.edit(grace, {"email": "hopper@example.com"})
    world.count()

    origin_side = "wave" if side == "pms" else "pms"
    world.run(only=[(origin_side, grace) if hinted == "the origin" else (side, newcomer)])

    assert world.writes == (0, 0)
    assert {entry.id for entry in world.sync.quarantine()} == {grace, newcomer}


@SIDES
@pytest.mark.parametrize("edited", ["the late one", "the linked one"])
@pytest.mark.parametrize("how", [{"full": True}, {"full": False}, {"only": True}])
def test_a_late_create_rests_though_it_shares_nothing_any_more(make_world, side, edited, how):
    """A second record of a customer was found to be one, and is edited beyond recognition: it makes no third."""
    world, grace = tried_again(make_world, side)
    box = box_of(world, side)
    (linked,) = box.customers
    world.later(20_000)
    world.run(full=True)
    (late,) = set(box.customers) - {linked}
    moved = late if edited == "the late one" else linked
    box.edit(moved, {"name": "Xavier", "email": "xavier@example.com"})

    world.run(**(how if "full" in how else {"only": [(side, moved)]}))
    world.run(full=True)

    others = world.pms_box if side == "wave" else world.wave_box
    assert list(others.customers) == [grace]
    assert [entry.id for entry in world.sync.quarantine()] == [late]


@pytest.mark.parametrize("shown", [True, False])
def test_a_create_that_is_accepted_and_not_shown_yet_is_not_sent_again(world, shown):
    """A PMS that queues creates says under which id; whatever it takes it to show the record, there is one."""
    world.pair()
    wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    world.pms_box.faults.add(Fault.ANSWER, on="create", status=202, body='{"id": "c777"}', times=None)
    for _ in range(8):
        report = world.run()
        world.settle()

    assert (report.status, report.counts.unknown) == ("partial", 1)
    assert "accepted it as c777" in str(report)
    assert world.pms_box.ledger.count("create") == 2
    world.pms_box.faults.clear()
    if shown:
        world.pms_box.add({"name": "Grace", "email": "grace@example.com", "external_id": wave_id}, customer_id="c777")
    else:
        world.later(90_000)
    world.run()
    world.run()

    assert world.linked().get(wave_id) == ("c777" if shown else None)
    assert [entry.id for entry in world.sync.quarantine()] == ([] if shown else [wave_id])
    assert world.pms_box.ledger.creates == 1


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_create_that_is_written_over_another_customer_travels_no_further(make_world, side):
    """A side that updates who has the same name, where it was to make a customer: what it lost is not carried on."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    wave_id, pms_id = world.pair(name="Grace", email="grace@example.com", phone="111")
    world.pair(name="Bo", email="bo@example.com")
    world.settle()
    world.run()
    here, there = (world.wave_box, world.pms_box) if side == "wave" else (world.pms_box, world.wave_box)
    victim = wave_id if side == "wave" else pms_id
    new = there.add({"name": "Grace", "email": "other@example.com", "phone": "999"})

    plan = world.sync.plan()
    here.edit(victim, {"email": "other@example.com", "phone": "999"})
    shown = dict(here.customers[victim])
    wrapped = {"data": {"customerCreate": {"didSucceed": True, "inputErrors": [], "customer": shown}}}
    here.faults.add(Fault.ANSWER, on="create", status=200, body=json.dumps(wrapped if side == "wave" else shown))

    reports = [world.sync.apply(plan), world.run(), world.run(full=True)]

    assert reports[0].counts.failed == 1
    kept = world.at_pms(wave_id) if side == "wave" else world.at_wave(wave_id)
    assert (kept["email"], kept["phone"]) == ("grace@example.com", "111")
    assert {dispute.group for dispute in world.sync.disputes()} == {"email", "phone"}
    assert new in [entry.id for entry in world.sync.quarantine()]
    for dispute in world.sync.disputes():
        world.sync.resolve(dispute, choose="pms" if side == "wave" else "wave")
    world.run()
    shown = world.at_wave(wave_id) if side == "wave" else world.at_pms(wave_id)
    assert (shown["email"], shown["phone"]) == ("grace@example.com", "111")


@pytest.mark.parametrize("how", ["cannot be read", "deleted and restored"])
def test_a_lost_create_waits_for_an_origin_that_cannot_be_read(make_world, how):
    """What may have become of it is no newcomer meanwhile; once the origin can be read again, the two are linked."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    world.pms_box.add({"name": "Bystander"})
    world.run()
    world.settle()
    world.run()
    ada = world.pms_box.add({"name": "Ada", "phone": "555"})
    world.later(1000)
    world.pms_box.edit(next(iter(world.pms_box.customers)), {"phone": "1"})
    world.wave_box.faults.add(Fault.LOST_AFTER, on="create")
    assert world.run().counts.unknown == 1
    world.settle()
    if how == "cannot be read":
        world.pms_box.faults.add(Fault.SERVER_ERROR, on="one", record=ada, times=None)
        world.run()
        world.pms_box.faults.clear()
    else:
        world.pms_box.remove(ada)
        world.run()
        world.pms_box.restore(ada)

    world.rest()

    assert (len(world.wave_box.customers), len(world.pms_box.customers)) == (2, 2)
    assert ada in world.linked().values()


def test_edits_after_a_lost_create_are_none_of_its_side_where_no_stamp_tells(make_world):
    """A PMS that says only when a record was made: what it shows beside what was sent may be somebody's edit."""
    profile = {"record": {"updated": ""}, "list": {"query": {"limit": "{limit}", "cursor": "{cursor}"}}}
    world = make_world(profile=PmsProfile.from_dict(profile))
    world.pair()
    wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com", "phone": "555-1"})
    world.pms_box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    pms_id = next(i for i, row in world.pms_box.customers.items() if row["name"] == "Grace")
    world.later(1800)
    world.pms_box.edit(pms_id, {"phone": "555-2", "website": "https://grace.example"})

    world.rest()

    assert world.at_wave(wave_id)["website"] == "https://grace.example"
    assert [(d.group, d.wave["phone"], d.pms["phone"]) for d in world.sync.disputes()] == [("phone", "555-1", "555-2")]


@pytest.mark.parametrize("shown", [{"name": "Grace", "phone": "(555) 1"}, {"name": "Someone Else"}])
def test_a_create_that_was_accepted_is_known_by_its_id(make_world, shown):
    """Without a mark the id tells: what is like the customer is linked; what is not is asked about, never doubled."""
    unmarked = PmsProfile.from_dict({"record": {"marker": False}, "create": {"headers": {}}})
    world = make_world(profile=unmarked, policy=Policy(create_in=("pms", "wave")))
    world.pair()
    wave_id = world.wave_box.add({"name": "Grace", "phone": "555-1"})
    world.pms_box.faults.add(Fault.ANSWER, on="create", status=202, body='{"id": "c777"}', times=None)
    world.run()
    world.pms_box.faults.clear()
    world.settle()
    world.pms_box.add(shown, customer_id="c777")

    for _ in range(3):
        world.run()
        world.settle()

    assert (len(world.wave_box.customers), len(world.pms_box.customers)) == (2, 2)
    assert world.linked().get(wave_id) == ("c777" if shown["name"] == "Grace" else None)
    assert {q.id for q in world.sync.quarantine()} == (set() if shown["name"] == "Grace" else {wave_id, "c777"})


@SIDES
def test_a_lost_create_that_left_the_scope_is_linked_and_not_written(make_world, side):
    """The two belong together; what was edited since travels once both take part again."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    world.pair()
    box, origin = (world.wave_box, world.pms_box) if side == "wave" else (world.pms_box, world.wave_box)
    made = origin.add({"name": "Grace", "email": "grace@example.com"})
    box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    other = "pms" if side == "wave" else "wave"
    world.change(scope=Scope(id="no-grace", **{other: lambda record: "Grace" not in record.payload["name"]}))
    world.settle()
    origin.edit(made, {"phone": "999"})
    for _ in range(3):
        world.run(full=True)
        world.settle()

    (row,) = [row for row in box.customers.values() if row["name"] == "Grace"]
    assert row["phone"] is None
    world.change(scope=None)
    world.rest()
    assert row["phone"] == "999" or box.customers[row["id"]]["phone"] == "999"
    assert (len(world.wave_box.customers), len(world.pms_box.customers)) == (2, 2)


@SIDES
def test_a_side_that_lags_behind_a_create_that_was_found_does_not_make_it_anew(make_world, side):
    """Whoever is adopted as a lost create may be hidden for a moment, as whoever was just made: that is no deletion."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), deletions={side: "recreate"}))
    world.pair()
    world.rest()
    box, origin = (world.wave_box, world.pms_box) if side == "wave" else (world.pms_box, world.wave_box)
    origin.add({"name": "Grace", "email": "grace@example.com"})
    world.later(30)
    box.faults.add(Fault.LOST_AFTER, on="create")
    assert world.sync.run().counts.unknown == 1
    world.later(1)
    world.sync.run()
    world.later(1)
    lag = box.faults.add(Fault.READ_LAG, seconds=30)

    world.sync.run(full=True)
    box.faults.remove(lag)

    assert len(box.customers) == 2
    world.rest()
    assert (len(world.wave_box.customers), len(world.pms_box.customers)) == (2, 2)
