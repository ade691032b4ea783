"""What a person decides: disputes resolved, records linked and parted by hand, resting records tried again."""

from __future__ import annotations

import pytest

from wave_pms_sync import MappingRegistry, Policy, SQLiteLinkStore, Unlimited, WaveClient
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.links import Agreement
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.testing import Fault, WaveSandbox


def disputed(world, group="phone"):
    """A pair with a dispute."""
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    if group == "phone":
        world.wave_box.edit(wave_id, {"phone": "111"})
        world.pms_box.edit(pms_id, {"phone": "222"})
    else:
        world.wave_box.edit(wave_id, {"address": {"addressLine1": "1 A St", "country": {"code": "CA"}}})
        world.pms_box.edit(pms_id, {"address": {"line1": "2 B St", "country_code": "US"}})
    world.run()
    (dispute,) = world.sync.disputes()
    return wave_id, pms_id, dispute


@pytest.mark.parametrize(("choose", "wanted"), [("wave", "111"), ("pms", "222")])
def test_resolving_for_a_side_carries_its_value_in_the_next_run(stored_world, choose, wanted):
    """A resolved dispute writes nothing at once; the next run carries the chosen value, and the dispute is over."""
    world = stored_world
    wave_id, _, dispute = disputed(world)
    world.count()

    world.sync.resolve(dispute, choose=choose)
    assert world.requests == (0, 0)
    assert [d.chosen for d in world.sync.disputes()] == [True]

    report = world.run()
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == (wanted, wanted)
    assert world.sync.disputes() == []
    assert report.counts.disputed == 0
    assert world.rest().ok


def test_resolving_by_a_third_value_writes_it_to_both_sides(stored_world):
    """A value of the person's own goes to both sides."""
    world = stored_world
    wave_id, _, dispute = disputed(world)

    world.sync.resolve(dispute, value="999")
    report = world.run()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("999", "999")
    assert {c.rule for o in report.outcomes for c in o.action.fields} == {"resolved: a given value"}
    assert world.rest().ok
    assert world.sync.disputes() == []


def test_resolving_by_a_value_that_one_side_has_writes_to_the_other_only(world):
    """A given value that one side shows already is written to the other alone."""
    wave_id, _, dispute = disputed(world)
    world.count()

    world.sync.resolve(dispute, value="222")
    world.run()

    assert world.writes == (1, 0)
    assert world.at_wave(wave_id)["phone"] == "222"
    assert world.sync.disputes() == []


def test_resolving_a_group_takes_a_dict_by_wave_property(world):
    """An address is resolved by a dict; what it leaves out is not invented."""
    wave_id, _, dispute = disputed(world, "address")

    value = {"address.addressLine1": "3 C St", "address.city": "Paris", "address.country.code": "FR"}
    world.sync.resolve(dispute, value=value)
    world.run()

    assert world.at_wave(wave_id)["address"]["addressLine1"] == "3 C St"
    assert world.at_wave(wave_id)["address"]["country"]["code"] == "FR"
    assert world.at_pms(wave_id)["address"]["line1"] == "3 C St"
    assert world.at_pms(wave_id)["address"]["country_code"] == "FR"
    assert world.rest().ok
    assert world.sync.disputes() == []


@pytest.mark.parametrize("value", [{}, {"address.addressLine1": "3 C St"}])
def test_a_value_that_leaves_a_difference_open_is_refused(world, value):
    """A part of a group in which the sides differ must be given, too; it ended the dispute with both as they were."""
    _, _, dispute = disputed(world, "address")

    with pytest.raises(ConfigurationError, match=r"address\.country\.code: is missing, and the sides differ"):
        world.sync.resolve(dispute, value=value)

    assert [d.chosen for d in world.sync.disputes()] == [False]


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_required_value_cannot_be_resolved_away(world, value):
    """A name cannot be cleared by a given value; it was taken, and the dispute stood again after the next run."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"name": "One"})
    world.pms_box.edit(pms_id, {"name": "Two"})
    world.run()
    (dispute,) = world.sync.disputes()

    with pytest.raises(ConfigurationError, match="name: is required"):
        world.sync.resolve(dispute, value={"name": value})


def test_a_value_that_cannot_be_written_is_refused_at_once(world):
    """A given value that a side could not take is refused when it is given, naming the property."""
    _, _, dispute = disputed(world, "address")

    with pytest.raises(ConfigurationError, match=r"country\.code"):
        world.sync.resolve(dispute, value={"address.country.code": "Narnia"})


def one_way(side):
    """The phone number travels to one side only."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="phone", pms="phone", direction=f"to_{side}")
    return registry


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_what_is_mapped_one_way_takes_no_value_of_a_persons_own(world, side):
    """A given value was written to the side that the map never writes."""
    world.wave_box.add({"name": "Ada", "email": "ada@example.com", "internalNotes": "of Wave"})
    world.pms_box.add({"name": "Ada", "email": "ada@example.com", "notes": "of the PMS"})
    world.run(full=True)
    mapping = MappingRegistry.default()
    mapping.map("customer", wave="internalNotes", pms="notes", direction=f"to_{side}", backfill="hold")
    world.change(mapping=mapping)
    world.run()
    (dispute,) = world.sync.disputes()

    with pytest.raises(ConfigurationError, match=r"internalNotes of .*one way.*choose="):
        world.sync.resolve(dispute, value="of mine")
    world.sync.resolve(dispute, choose="wave" if side == "pms" else "pms")
    world.run()

    assert world.sync.disputes() == []
    assert world.rest().ok


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_value_given_while_a_property_travelled_both_ways_is_not_written_against_its_new_direction(world, side):
    """A value given to both sides is given to neither once the map is one-way."""
    wave_id, _, dispute = disputed(world)
    world.sync.resolve(dispute, value="999")

    world.change(mapping=one_way(side))
    world.run()

    shown = {"wave": world.at_wave(wave_id)["phone"], "pms": world.at_pms(wave_id)["phone"]}
    assert "999" not in shown.values()
    assert shown.pop("pms" if side == "wave" else "wave") == ("222" if side == "wave" else "111")


@pytest.mark.parametrize(
    ("how", "named"),
    [
        ({}, "choose= or value="),
        ({"choose": "wave", "value": "1"}, "choose= or value="),
        ({"choose": "both"}, "allowed: wave, pms"),
        ({"value": {"nonsense": 1}}, "phone"),
    ],
)
def test_a_resolution_that_makes_no_sense_is_refused(world, how, named):
    """A resolution must be one of: a side, or a value of that group; anything else is refused and told."""
    _, _, dispute = disputed(world)

    with pytest.raises(ConfigurationError, match=named):
        world.sync.resolve(dispute, **how)


def test_a_resolution_reopens_if_a_value_moved(world):
    """A choice is bound to the values that the person saw: an edit before the next run reopens the dispute."""
    wave_id, pms_id, dispute = disputed(world)
    world.sync.resolve(dispute, choose="wave")
    world.pms_box.edit(pms_id, {"phone": "333"})

    world.run()

    (reopened,) = world.sync.disputes()
    assert not reopened.chosen
    assert reopened.pms == {"phone": "333"}
    assert world.at_pms(wave_id)["phone"] == "333"


def test_a_settled_dispute_cannot_be_resolved_again(world):
    """A dispute that is over, or shows other values by now, is refused."""
    _, pms_id, dispute = disputed(world)
    world.pms_box.edit(pms_id, {"phone": "333"})
    world.run()

    with pytest.raises(ConfigurationError, match="moved"):
        world.sync.resolve(dispute, choose="wave")

    world.sync.resolve(world.sync.disputes()[0], choose="wave")
    world.run()
    with pytest.raises(ConfigurationError, match="not open"):
        world.sync.resolve(dispute, choose="wave")


def test_a_first_meeting_dispute_is_resolved_like_any_other(world):
    """Two different values at first meeting wait for a person, and follow the choice."""
    wave_id = world.wave_box.add({"name": "Ada", "email": "ada@example.com", "phone": "111"})
    world.pms_box.add({"name": "Ada", "email": "ada@example.com", "phone": "222"})
    world.run()
    (dispute,) = world.sync.disputes()

    world.sync.resolve(dispute, choose="pms")
    world.run()

    assert dispute.reason.value == "first_meeting"
    assert world.at_wave(wave_id)["phone"] == "222"
    assert world.rest().ok


def test_a_first_meeting_hold_is_filled_when_one_side_is_cleared(world):
    """A group held at first meeting stays at first meeting: once one side is cleared, the other's value fills it."""
    wave_id = world.wave_box.add({"name": "Ada", "email": "ada@example.com", "phone": "111"})
    pms_id = world.pms_box.add({"name": "Ada", "email": "ada@example.com", "phone": "222"})
    world.run()
    world.later()
    world.pms_box.edit(pms_id, {"phone": None})

    world.run()

    assert world.at_pms(wave_id)["phone"] == "111"
    assert world.sync.disputes() == []


@pytest.mark.parametrize(("first_meeting", "wanted"), [("wave", "111"), ("pms", "222"), ("newest", "222")])
def test_first_meeting_may_be_decided_by_policy(make_world, first_meeting, wanted):
    """A policy for first meetings decides at once."""
    world = make_world(policy=Policy(first_meeting=first_meeting))
    wave_id = world.wave_box.add({"name": "Ada", "email": "ada@example.com", "phone": "111"})
    world.later(200)
    world.pms_box.add({"name": "Ada", "email": "ada@example.com", "phone": "222"})

    world.run()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == (wanted, wanted)


def test_addresses_are_never_mixed_at_first_meeting(world):
    """At first meeting an address is filled only if it is empty or its filled parts agree; otherwise it is held."""
    agrees = world.wave_box.add({"name": "A", "email": "a@example.com", "address": {"city": "Toronto"}})
    world.pms_box.add({"name": "A", "email": "a@example.com", "address": {"city": "Toronto", "line1": "1 Main St"}})
    differs = world.wave_box.add({"name": "B", "email": "b@example.com", "address": {"city": "Ottawa"}})
    world.pms_box.add({"name": "B", "email": "b@example.com", "address": {"line1": "1 Main St"}})

    world.run()

    assert world.at_wave(agrees)["address"]["addressLine1"] == "1 Main St"
    assert [(d.wave_id, d.group) for d in world.sync.disputes()] == [(differs, "address")]
    assert world.at_pms(differs)["address"]["city"] is None


# --- by hand


def test_linking_by_hand_joins_what_no_key_joins(stored_world):
    """Two records linked by hand are merged by the next run as a first meeting, and stay linked."""
    world = stored_world
    wave_id = world.wave_box.add({"name": "Ada Lovelace", "phone": "111"})
    pms_id = world.pms_box.add({"name": "Ada Lovelace", "website": "https://ada.example"})
    world.count()

    world.sync.link(wave_id, pms_id)
    assert world.requests == (0, 0)
    report = world.run()

    assert report.ok
    assert world.linked() == {wave_id: pms_id}
    assert report.counts.created_pms == 0
    assert world.at_pms(wave_id)["phone"] == "111"
    assert world.at_wave(wave_id)["website"] == "https://ada.example"
    assert world.at_pms(wave_id)["external_id"] == wave_id
    assert world.rest().ok


def test_linking_a_resting_twin_frees_it(world):
    """A link by hand ends the quarantine of both records."""
    ids = [world.wave_box.add({"name": name, "email": "ada@example.com"}) for name in ("Ada", "Ada L.")]
    pms_id = world.pms_box.add({"name": "Ada", "email": "ada@example.com"})
    world.run()
    assert len(world.sync.quarantine()) == 2

    world.sync.link(ids[0], pms_id)
    report = world.run()

    assert world.linked()[ids[0]] == pms_id
    assert ids[0] not in {q.id for q in world.sync.quarantine()}
    assert report.ok


def test_many_links_are_made_all_or_none(stored_world):
    """`link_many` makes all links, or none and says what stands in the way; made again, it changes nothing."""
    world = stored_world
    wave_ids = [world.wave_box.add({"name": f"W{n}"}) for n in range(3)]
    pms_ids = [world.pms_box.add({"name": f"P{n}"}) for n in range(3)]

    with pytest.raises(ConfigurationError, match="named twice"):
        world.sync.link_many([(wave_ids[0], pms_ids[0]), (wave_ids[1], pms_ids[0])])
    assert world.linked() == {}

    world.sync.link_many(zip(wave_ids, pms_ids, strict=True))
    world.sync.link_many(zip(wave_ids, pms_ids, strict=True))
    assert world.linked() == dict(zip(wave_ids, pms_ids, strict=True))

    with pytest.raises(ConfigurationError, match="linked already"):
        world.sync.link(wave_ids[0], pms_ids[1])


def test_a_link_to_a_record_that_does_not_exist_does_no_harm(world):
    """A link by hand with a mistyped id creates, deletes and writes nothing; the report says what could not be read."""
    wave_id = world.wave_box.add({"name": "Ada", "phone": "111"})
    world.run()
    grace = world.wave_box.add({"name": "Grace"})
    world.sync.link(grace, "no-such-id")
    world.count()

    report = world.run()
    world.run(full=True)

    assert world.writes == (0, 0)
    assert report.error is None
    assert set(world.wave_box.customers) == {wave_id, grace}


def test_unlinked_records_stay_apart_until_linked_again(stored_world):
    """`unlink` parts two records for good: not matched, not created, not carried, until `link`."""
    world = stored_world
    wave_id, pms_id = world.pair()
    world.sync.unlink(wave_id=wave_id)
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})

    report = world.run()
    world.run(full=True)

    assert world.linked() == {}
    assert report.counts.skipped == 2
    assert len(world.pms_box.customers) == 1
    assert world.pms_box.customers[pms_id]["phone"] is None

    world.sync.link(wave_id, pms_id)
    world.run()
    assert world.at_pms(wave_id)["phone"] == "111"


def test_unlinking_what_is_not_linked_is_refused(world):
    """`unlink` names the id that has no link."""
    with pytest.raises(ConfigurationError, match="no-such-id"):
        world.sync.unlink(wave_id="no-such-id")
    with pytest.raises(ConfigurationError, match="no such link"):
        world.sync.unlink()


# --- quarantine


def test_a_refused_record_rests_until_it_is_edited(stored_world):
    """A refused create is quarantined whole with the field named, costs nothing at rest, and an edit frees it."""
    world = stored_world
    world.pair()
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="phone", value="BAD", code="format", times=None)
    bad = world.wave_box.add({"name": "Grace", "phone": "BAD"})

    report = world.run()

    assert report.status == "partial"
    assert report.counts.failed == 1
    (entry,) = world.sync.quarantine()
    assert (entry.id, entry.reason.value) == (bad, "refused")
    assert "phone" in entry.detail
    assert "format" in entry.detail

    world.count()
    resting = world.run(full=True)
    assert resting.ok
    assert resting.counts.quarantined == 1
    assert world.pms_box.ledger.count("create") == 0

    world.later()
    world.wave_box.edit(bad, {"phone": "555 0100"})
    world.run()
    assert bad in world.linked()
    assert world.sync.quarantine() == []


def test_retry_tries_a_resting_record_again(stored_world):
    """`retry` has the next run try a refused record again, though nothing about it changed."""
    world = stored_world
    world.pair()
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="name", value="Grace")
    grace = world.wave_box.add({"name": "Grace"})
    world.run()
    (entry,) = world.sync.quarantine()

    world.sync.retry(entry)
    world.run()

    assert grace in world.linked()
    assert world.sync.quarantine() == []

    with pytest.raises(ConfigurationError, match="not in quarantine"):
        world.sync.retry(entry)


def test_an_ambiguity_is_settled_when_a_candidate_moves(world):
    """When the other holder of a shared key is given another one, the resting record is looked at again and joined."""
    ada = world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    pms_ids = [world.pms_box.add({"name": name, "email": "ada@example.com"}) for name in ("Ada", "Other")]
    world.run()
    assert {q.id for q in world.sync.quarantine()} == {ada}
    world.later()
    world.pms_box.edit(pms_ids[1], {"email": "other@example.com"})

    world.run()

    assert world.linked() == {ada: pms_ids[0]}
    assert world.sync.quarantine() == []


def test_a_resting_record_that_is_deleted_leaves_the_quarantine(world):
    """A record that rests and is then deleted rests no more."""
    ids = [world.wave_box.add({"name": name, "email": "ada@example.com"}) for name in ("Ada", "Ada L.")]
    pms_id = world.pms_box.add({"name": "Ada", "email": "ada@example.com"})
    world.run()
    world.wave_box.remove(ids[1])

    world.run(full=True)

    assert world.sync.quarantine() == []
    assert world.linked() == {ids[0]: pms_id}


def test_a_customer_without_a_name_rests_and_others_go_on(world):
    """A Wave customer without a name is quarantined; all others are created."""
    nameless = world.wave_box.add({"email": "x@example.com"}, strict=False)
    ada = world.wave_box.add({"name": "Ada"})

    report = world.run()

    assert report.ok
    assert set(world.linked()) == {ada}
    (entry,) = world.sync.quarantine()
    assert (entry.id, entry.reason.value) == (nameless, "invalid")
    assert "name" in entry.detail

    world.later()
    world.wave_box.edit(nameless, {"name": "Grace"})
    world.run()
    assert nameless in world.linked()


@pytest.mark.parametrize("first_meeting", [False, True])
@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_given_value_reaches_both_sides_though_an_answer_is_lost(make_world, first_meeting, side):
    """Half of a resolution that is found done without its answer is no agreement: the other half follows."""
    world = make_world(policy=Policy(first_meeting="hold"))
    if first_meeting:
        wave_id = world.wave_box.add({"name": "Ada", "email": "ada@example.com", "phone": "111"})
        world.pms_box.add({"name": "Ada", "email": "ada@example.com", "phone": "222"})
        world.run()
    else:
        wave_id, _, _ = disputed(world)
    (dispute,) = world.sync.disputes()
    world.sync.resolve(dispute, value="999")
    for box in (world.wave_box, world.pms_box):
        kind = Fault.LOST_AFTER if box is (world.wave_box if side == "wave" else world.pms_box) else Fault.LOST_BEFORE
        box.faults.add(kind, on="update")
    world.run()

    world.settle()
    world.run()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("999", "999")
    assert world.rest().ok
    assert world.sync.disputes() == []


def test_a_pair_that_a_newcomer_leads_to_is_judged_by_both_its_records(world):
    """Who shares a key of a pair has one record of it read; what is held of it is not let go for want of the other."""
    wave_id, _ = world.pair(name="Ada", email="ada@example.com")
    world.later(3600)
    world.wave_box.edit(wave_id, {"email": None})
    world.pms_box.faults.add(Fault.REFUSED, on="update", field="email")
    world.run()
    world.later(3600)
    world.pair(name="Bea", email="bea@example.com")  # so that neither of them is listed any more
    world.later(3600)
    world.run()
    world.wave_box.add({"name": "Ada", "email": "ada@example.com"})

    world.run()

    assert [(d.wave_id, d.group) for d in world.sync.disputes()] == [(wave_id, "email")]


def test_the_mark_of_a_link_by_hand_that_names_a_deleted_customer_leads_nowhere(make_world):
    """Whom a linked record came from before is not looked for, though Wave shows who was deleted by id."""
    world = make_world(wave_options={"delete": "readable"})
    wave_id, pms_id = world.pair()
    world.sync.unlink(wave_id=wave_id)
    other = world.wave_box.add({"name": "Somebody Else"})
    world.sync.link(other, pms_id)
    world.wave_box.remove(wave_id)

    world.run(full=True)
    report = world.run(full=True)

    assert world.linked() == {other: pms_id}
    assert report.ok
    assert world.sync.quarantine() == []
    assert world.sync.plan(full=True).empty


# --- decisions between a plan and its application --------------------------------------------------


def test_a_choice_made_after_planning_stands(world):
    """Somebody prints a plan, settles what it shows waiting, and applies it: the choice was lost with that."""
    wave_id, _, dispute = disputed(world)
    world.wave_box.edit(wave_id, {"website": "acme.example"})
    plan = world.sync.plan()
    world.sync.resolve(dispute, choose="pms")

    world.sync.apply(plan)
    world.run()

    assert world.at_wave(wave_id)["phone"] == world.at_pms(wave_id)["phone"] == "222"
    assert world.at_pms(wave_id)["website"] == "acme.example"


def test_what_was_forgotten_after_planning_stays_forgotten(world):
    """An older plan put the values back that a person had asked to forget."""
    wave_id, _, _ = disputed(world)
    world.wave_box.edit(wave_id, {"website": "acme.example"})
    plan = world.sync.plan()
    world.sync.forget(wave_id=wave_id)

    world.sync.apply(plan)

    (agreement,) = world.links.scan(Agreement)
    assert {type(b.wave).__name__ for n, b in agreement.baselines.items() if n.startswith("email")} == {"Forgotten"}


def test_a_record_asked_for_again_after_planning_is_tried(world):
    """An older plan without a single action put a resting record back to rest."""
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="name")
    wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    world.run()
    world.later()
    plan = world.sync.plan(full=True)
    world.sync.retry(world.sync.quarantine()[0])

    world.sync.apply(plan)
    world.run()

    assert wave_id in world.linked()


def test_an_older_plan_puts_back_no_older_keys(world):
    """The keys that another run had seen since were overwritten by an older plan's, and a customer was doubled."""
    world.pair()
    grace = world.pms_box.add({"name": "Grace", "email": "old@example.com"})
    world.later()
    plan = world.sync.plan()
    world.later(30)
    world.pms_box.edit(grace, {"email": "grace@example.com"})
    world.later()
    world.pms_box.add({"name": "Somebody Later", "email": "later@example.com"})
    for _ in range(2):
        world.later(301)
        world.make_sync().run()

    world.sync.apply(plan)
    wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    world.run()

    assert world.linked()[wave_id] == grace


# --- what cannot be meant --------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_link_to_a_record_that_was_never_seen_retires_nobody(make_world, side):
    """A mistyped id is no deletion: whoever it was linked with stays, whatever the policy."""
    world = make_world(policy=Policy(deletions={"wave": "delete", "pms": "delete"}))
    world.pair()
    if side == "pms":
        grace = world.wave_box.add({"name": "Grace"})
        world.sync.link(grace, "c9999")
    else:
        grace = world.pms_box.add({"name": "Grace"})
        world.sync.link("V2hvPw==", grace)

    for _ in range(2):
        world.run(full=True)

    assert grace in (world.wave_box if side == "pms" else world.pms_box).customers


def test_a_given_value_whose_parts_do_not_fit_is_refused(world):
    """A choice that could not be carried out ended the hold, and the engine then decided by itself."""
    _, _, dispute = disputed(world, "address")

    with pytest.raises(ConfigurationError, match="not a province of the country"):
        world.sync.resolve(dispute, value={"address.country.code": "CA", "address.province.code": "US-NY"})

    assert world.sync.disputes() == [dispute]


def test_a_record_that_another_tenant_has_linked_is_refused(make_world, tmp_path):
    """A link by hand to another tenant's record stopped both tenants' edits."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path, tenant="a") as ours, SQLiteLinkStore(path, tenant="b") as theirs:
        world = make_world(links=ours)
        _, pms_id = world.pair()
        with (
            WaveSandbox(clock=world.clock, seed=5) as box,
            WaveClient(token=box.token, business_id=box.business_id, url=box.url, pace=Unlimited()) as wave,
        ):
            other = world.make_sync(wave=wave, links=theirs)
            with pytest.raises(ConfigurationError, match="another tenant"):
                other.link(box.add({"name": "Bo"}), pms_id)


# --- what goes on afterwards -----------------------------------------------------------------------


def test_a_refused_archiving_ends_nothing(make_world):
    """A customer whose mirrored archiving is refused is there on both sides, and edits travel on."""
    world = make_world(policy=Policy(archives="mirror"))
    wave_id, pms_id = world.pair(phone="111")
    world.later()
    world.pms_box.faults.add(Fault.REFUSED, on="archive")
    world.wave_box.archive(wave_id)
    assert world.sync.run().counts.failed == 1
    world.wave_box.restore(wave_id)
    world.later()
    world.wave_box.edit(wave_id, {"phone": "222"})
    world.pms_box.edit(pms_id, {"website": "acme.example"})

    world.run()

    assert world.at_pms(wave_id)["phone"] == "222"
    assert world.at_wave(wave_id)["website"] == "acme.example"
    assert world.rest().ok


def test_a_deletion_that_is_refused_leaves_no_dispute_behind(make_world):
    """A dispute of a link that rests for good takes no choice that nobody would carry out."""
    world = make_world(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair(phone="111")
    world.wave_box.add({"name": "A Bystander"})
    world.later(3600)
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.wave_box.remove(wave_id)
    world.later(3600)
    world.run(full=True)
    world.sync.resolve(world.sync.disputes()[0], choose="wave")
    world.pms_box.faults.add(Fault.REFUSED, on="delete")

    assert world.sync.run().counts.failed == 1

    assert pms_id in world.pms_box.customers
    assert world.sync.disputes() == []


@pytest.mark.parametrize("kind", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_recreation_under_way_ends_with_its_link(make_world, kind):
    """Unlinked records stay apart, though a lost create was to make one of them again."""
    world = make_world(policy=Policy(deletions={"pms": "recreate"}))
    wave_id, pms_id = world.pair()
    world.wave_box.add({"name": "A Bystander"})
    world.run()
    world.pms_box.remove(pms_id)
    world.pms_box.faults.add(kind, on="create")
    world.later()
    world.sync.run(full=True)
    there = len(world.pms_box.customers)
    world.sync.unlink(wave_id=wave_id)

    for _ in range(4):
        world.settle()
        world.sync.run(full=True)

    assert wave_id not in world.linked()
    assert len(world.pms_box.customers) == there
    assert world.rest().ok


def test_a_mark_that_went_with_values_outlasts_forgetting(world):
    """Of an announced update that is forgotten the mark of origin stays due: it says nothing of the customer."""
    world.pair()
    wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com", "phone": "222"})
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com"})
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="update", record=pms_id)
    world.run()
    world.sync.forget(wave_id=wave_id)
    left = [intent for intent in world.links.scan(Intent) if "222" in str((intent.values, intent.origin, intent.body))]

    for _ in range(2):
        world.settle()
        world.sync.run(full=True)

    assert left == []
    assert world.pms_box.customers[pms_id]["external_id"] == wave_id


def test_a_mark_that_is_due_outlasts_forgetting(make_world):
    """A customer forgotten before its PMS record was marked kept no mark, or that of somebody who is gone."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    world.pair()
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com"})
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="update", field="external_id")
    world.run()
    world.sync.forget(pms_id=pms_id)

    for _ in range(2):
        world.settle()
        world.sync.run(full=True)

    marked = world.pms_box.customers[pms_id]["external_id"]
    assert world.linked()[marked] == pms_id
