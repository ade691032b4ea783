"""F-27 to F-32 and F-38 to F-44: what a value is, and what is only another way of writing it."""

from __future__ import annotations

import pytest

from wave_pms_sync import PmsProfile, Policy
from wave_pms_sync.testing import Fault, PmsTraps

TORONTO = {"city": "Toronto", "province": {"code": "CA-ON"}, "postalCode": "M5V 1A1", "country": {"code": "CA"}}
COMPOSED, TAKEN_APART = "Zo\u00eb \u00c5ngstr\u00f6m", "Zoe\u0308 A\u030angstro\u0308m"


def test_f27_accents_taken_apart_are_no_edit(world, side, other):
    """One side writes its accents in the other Unicode form: nothing is written, and a true edit travels as it is."""
    (wave_id,) = world.crowd(1)
    world.edit(other, wave_id, {"name": COMPOSED})
    world.run()
    world.edit(side, wave_id, {"name": TAKEN_APART})
    world.count()

    assert world.run(full=True).ok

    assert world.writes == (0, 0)
    assert (world.at(side, wave_id)["name"], world.at(other, wave_id)["name"]) == (TAKEN_APART, COMPOSED)

    world.edit(side, wave_id, {"name": f"{TAKEN_APART} Ltd"})
    world.run()
    assert world.at(other, wave_id)["name"] == f"{TAKEN_APART} Ltd"


@pytest.mark.parametrize("how", ["trim", "collapse", "upper", "phone"])
def test_f28_what_the_other_side_makes_of_a_value_is_no_edit(world, side, other, how):
    """A side stores what we write in its own way: no echo, then or with another edit, and its next edit travels."""
    (wave_id,) = world.crowd(1)
    world.box(side).faults.add(Fault.NORMALISED, how=how)
    world.edit(other, wave_id, {"phone": " +1 (416)  555-0100 ", "website": "Lovelace.example/About  us "})
    world.run()
    world.settle()
    stored = world.at(side, wave_id)["website"]
    world.count()

    world.run(full=True)
    assert world.writes == (0, 0)

    world.edit(side, wave_id, {"fax": "1"})
    world.run(full=True)
    assert world.writes == ((0, 1) if other == "pms" else (1, 0))
    assert world.at(other, wave_id)["website"] == "Lovelace.example/About  us "
    assert world.at(side, wave_id)["website"] == stored
    assert world.sync.disputes() == []

    world.edit(side, wave_id, {"phone": "+44 20 7946 0001"})
    world.run()
    assert world.at(other, wave_id)["phone"] == "+44 20 7946 0001"


def test_f29_a_poorer_form_does_not_flow_back(world, side, other):
    """A clean-up on one side strips phones and web sites of their form: the richer originals stay."""
    rich = {"phone": "+1 (416) 555-0100", "website": "https://lovelace.example/", "email": "Ada.L@Example.com"}
    (wave_id,) = world.crowd(1)
    world.edit(other, wave_id, rich)
    world.run()
    world.edit(side, wave_id, {"phone": "14165550100", "website": "lovelace.example", "email": "ada.l@example.com"})
    world.count()

    assert world.run(full=True).ok

    assert world.writes == (0, 0)
    assert {name: world.at(other, wave_id)[name] for name in rich} == rich


@pytest.mark.parametrize(("how", "city"), [("upper", "OTTAWA"), ("collapse", "Ottawa")])
def test_f29_lines_that_nobody_edited_keep_their_form(world, how, city):
    """Where one line of an address is edited in a side that simplifies them all, the others stay as they were."""
    world.pms_box.faults.add(Fault.NORMALISED, how=how, times=None)
    lines = {"addressLine1": "1  Main St", "addressLine2": "c/o  Ada Lovelace"}
    wave_id, _ = world.pair(address={**TORONTO, **lines})
    world.rest()
    world.later()
    world.edit("pms", wave_id, {"address": {"city": city}})

    world.run()

    address = world.at_wave(wave_id)["address"]
    assert {name: address[name] for name in (*lines, "city")} == {**lines, "city": city}
    assert world.rest().ok


def test_f29_lines_that_were_not_kept_go_along_with_an_edit_of_another(both_ways):
    """Wave ignored a whole address once: when one line of it is edited, the others arrive with that one."""
    world = both_ways
    world.wave_box.faults.add(Fault.IGNORED_FIELD, on="create", field="address")
    lines = {"line1": "1 Main St", "city": "Toronto", "postal_code": "M5V 1A1", "country_code": "CA"}
    pms_id = world.pms_box.add({"name": "Ada", "address": {**lines, "region_code": "CA-ON"}})
    world.run()
    (wave_id,) = world.linked()
    assert world.at_wave(wave_id)["address"] is None
    world.later()
    world.pms_box.edit(pms_id, {"address": {"city": "Ottawa"}})

    world.run()

    address = world.at_wave(wave_id)["address"]
    assert [address[name] for name in ("addressLine1", "city", "postalCode")] == ["1 Main St", "Ottawa", "M5V 1A1"]
    assert world.rest().ok
    assert world.sync.verify().ok


@pytest.mark.parametrize(
    ("shown", "absent", "wanted"),
    [
        (None, "unknown", None),
        ("", "unknown", None),
        ("  \t", "unknown", None),
        ("left out", "unknown", "555 0100"),
        ("left out", "empty", None),
    ],
)
def test_f30_null_blank_and_left_out_are_told_apart(make_world, mapping, shown, absent, wanted):
    """Null, empty text and white space clear a value; a property that is not shown does so only if the map says it."""
    mapping.map("customer", wave="phone", pms="phone", converter="phone", absent=absent)
    omitting = {"traps": PmsTraps(omit_empty=True)} if shown == "left out" else {}
    world = make_world(mapping=mapping, pms_options=omitting)
    wave_id, pms_id = world.pair(phone="555 0100")
    world.later()
    world.pms_box.edit(pms_id, {"phone": None if shown == "left out" else shown, "fax": "1"})

    assert world.run().ok

    assert world.at_wave(wave_id)["phone"] == wanted
    assert world.at_wave(wave_id)["fax"] == "1"


def test_f31_a_cleared_value_is_cleared_there(world, side, other):
    """Clearing is an edit: it travels, and stays."""
    (wave_id,) = world.crowd(1)
    world.edit(other, wave_id, {"phone": "555 0100"})
    world.run()
    world.edit(side, wave_id, {"phone": None})

    world.run()
    world.count()

    assert not world.at(other, wave_id)["phone"]
    assert world.run(full=True).ok
    assert world.writes == (0, 0)


def test_f31_a_side_that_cannot_clear_is_reported(make_world):
    """Wave ignores null in a patch: the clearing is told as not kept, is not sent for ever, and is not undone."""
    world = make_world(wave_options={"patch_null": "ignored"})
    wave_id, pms_id = world.pair(phone="555 0100")
    world.later()
    world.pms_box.edit(pms_id, {"phone": None})

    reports = [world.run(full=True)]
    world.settle()
    reports.append(world.run(full=True))
    world.count()
    world.settle()
    world.run(full=True)

    assert sum(report.counts.not_kept for report in reports) == 1
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("555 0100", None)
    assert world.writes == (0, 0)


def test_f32_a_record_without_a_name_is_not_given_one(make_world):
    """A nameless PMS record gets no counterpart and no filler; once it has a name, it gets one."""
    world = make_world(policy=Policy(create_in=("wave",)), pms_options={"require_name": False})
    pms_id = world.pms_box.add({"email": "ada@example.com"})

    world.run()

    assert [q.id for q in world.sync.quarantine()] == [pms_id]
    assert world.wave_box.ledger.count("create") == 0

    world.later()
    world.pms_box.edit(pms_id, {"name": "Ada"})
    world.run()
    assert [row["name"] for row in world.wave_box.customers.values()] == ["Ada"]


def test_f32_a_declared_default_is_not_taken_for_a_value(make_world, mapping):
    """What the PMS is given at creation for want of a value does not come back to Wave; an edit of it does."""
    mapping.map("customer", wave="email", pms="email", converter="email", default="unknown@example.com")
    world = make_world(mapping=mapping)
    wave_id = world.wave_box.add({"name": "Ada"})
    assert world.run().ok
    assert world.at_pms(wave_id)["email"] == "unknown@example.com"
    world.count()

    assert world.run(full=True).ok
    assert (world.writes, world.at_wave(wave_id)["email"]) == ((0, 0), None)

    world.edit("pms", wave_id, {"fax": "1"})
    world.run()
    assert (world.at_wave(wave_id)["fax"], world.at_wave(wave_id)["email"]) == ("1", None)

    world.edit("pms", wave_id, {"email": "ada@example.com"})
    world.run()
    assert world.at_wave(wave_id)["email"] == "ada@example.com"


def test_f38_what_a_side_fills_in_by_itself_is_its_own(make_world, mapping):
    """Wave gives a new customer its currency: that is no edit, and reaches the PMS only by a map."""
    mapping.unmap("currency.code")
    world = make_world(mapping=mapping, policy=Policy(create_in=("wave",)))
    pms_id = world.pms_box.add({"name": "Ada"})

    assert world.run().ok
    world.count()
    assert world.run(full=True).ok

    (shown,) = world.wave_box.customers.values()
    assert shown["currency"]["code"] == "CAD"
    assert world.pms_box.customers[pms_id]["currency_code"] is None
    assert world.writes == (0, 0)


def test_f38_what_a_side_filled_in_travels_from_its_first_edit_on(make_world):
    """With the default mapping, too, the currency that Wave gave is no edit; once somebody changes it, it travels."""
    world = make_world(policy=Policy(create_in=("wave",)))
    pms_id = world.pms_box.add({"name": "Ada"})
    world.rest()
    (wave_id,) = world.wave_box.customers
    assert world.pms_box.customers[pms_id]["currency_code"] is None

    world.later(3600)
    world.wave_box.edit(wave_id, {"currency": {"code": "EUR"}})
    world.rest()
    world.count()
    assert world.run(full=True).ok

    assert world.pms_box.customers[pms_id]["currency_code"] == "EUR"
    assert world.writes == (0, 0)


HARD = {
    "a megabyte": "The quick brown fox. " * 50_000,
    "emoji": "👩‍👩‍👧 and 🇨🇦 and 👍🏽",
    "right to left": "\u05e2\u05d1\u05e8\u05d9\u05ea \u200f(\u202eabc\u202c)",
    "control characters": "bell \x07, escape \x1b[31m, next line \x85",
    "line ends": "one\r\ntwo\nthree",
}


@pytest.mark.parametrize("kind", HARD)
def test_f39_hard_text_arrives_as_it_is(make_world, mapping, side, other, kind):
    """Long texts, emoji, writing from the right and control characters arrive whole, and stay quiet."""
    mapping.enable("internalNotes")
    world = make_world(mapping=mapping)
    (wave_id,) = world.crowd(1)
    here, there = {"wave": ("internalNotes", "notes"), "pms": ("notes", "internalNotes")}[side]
    world.edit(side, wave_id, {here: HARD[kind]})

    assert world.run().ok
    world.count()
    assert world.run(full=True).ok

    assert world.at(other, wave_id)[there] == HARD[kind]
    assert world.writes == (0, 0)


@pytest.mark.parametrize("hard", ["NUL \x00 inside", "half a pair \ud83d"])
def test_f39_what_cannot_travel_is_held_with_its_field(world, hard):
    """NUL and half a surrogate pair are refused before anything is sent, by field and reason; the rest travels."""
    (wave_id,) = world.crowd(1)
    world.edit("pms", wave_id, {"website": hard, "fax": "1"})

    report = world.run()

    assert [(d.group, d.reason.value) for d in world.sync.disputes()] == [("website", "conversion")]
    assert (world.at_wave(wave_id)["website"], world.at_wave(wave_id)["fax"]) == (None, "1")
    assert hard not in repr(report) + str(report)


def test_f40_texts_that_look_like_numbers_and_ids_that_look_false(make_world):
    """Leading zeros and long digits stay, ids are text however they are written, and 0 is an id like any other."""
    numbers = PmsProfile.from_dict({"record": {"id_type": "integer"}})
    world = make_world(policy=Policy(create_in=("wave",)), profile=numbers, pms_options={"profile": numbers})
    for pms_id in ("0", "9007199254740993"):
        world.pms_box.add({"name": f"Customer {pms_id}", "customer_number": "0012", "fax": "0"}, customer_id=pms_id)

    assert world.run().ok

    assert set(world.linked().values()) == {"0", "9007199254740993"}
    for row in world.wave_box.customers.values():
        assert (row["displayId"], row["fax"]) == ("0012", "0")

    (zero,) = (wave_id for wave_id, pms_id in world.linked().items() if pms_id == "0")
    world.later()
    world.wave_box.edit(zero, {"displayId": "000"})
    assert world.run().ok
    assert world.pms_box.customers["0"]["customer_number"] == "000"


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        ("Ada@Example.com", " ada@example.COM ", True),
        ("ada@example.com", "ada+wave@example.com", False),
        ("ada@example.com", "ada@example.com.", False),
        ("ada@example.com", "ada@example.com, grace@example.com", False),
        ("ada@b\u00fccher.example", "ADA@b\u00fccher.example", True),
    ],
)
def test_f41_emails_are_compared_by_rule_and_stored_as_they_are(world, here, there, same):
    """As a key an e-mail counts trimmed and without case; a plus tag, a dot or a second address make another one."""
    wave_id = world.wave_box.add({"name": "Ada", "email": here})
    pms_id = world.pms_box.add({"name": "Augusta", "email": there})

    world.run()

    assert (world.linked()[wave_id] == pms_id) is same
    assert world.at_wave(wave_id)["email"] == here
    assert world.pms_box.customers[pms_id]["email"] == there
    assert len(world.pms_box.customers) == (1 if same else 2)


def test_f42_a_shared_mailbox_links_nobody_alone(world):
    """Two customers on each side share info@: none is linked by it, and none is created beside them."""
    for name in ("Ada", "Grace"):
        world.wave_box.add({"name": name, "email": "info@example.com"})
    for name in ("Edsger", "Barbara"):
        world.pms_box.add({"name": name, "email": "info@example.com"})

    report = world.run()

    assert (report.counts.linked, world.linked()) == (0, {})
    assert report.counts.quarantined == 2
    assert len(world.pms_box.customers) == 2


def test_f44_what_is_read_can_be_written(world):
    """Wave shows `province { code }` and takes `provinceCode`: what a record shows, written back, changes nothing."""
    address = {"addressLine1": "1 Main St", "city": "Toronto", "postalCode": "M5V 1A1"}
    places = {"province": {"code": "CA-ON"}, "country": {"code": "CA"}}
    shown = {"name": "Ada", "address": {**address, **places}, "currency": {"code": "CAD"}}
    wave_id = world.wave.create_customer({**shown, "shippingDetails": {"name": "Dock", "address": places}}).id
    before = world.wave.customer(wave_id).payload

    names = ("name", "address", "currency", "shippingDetails")
    after = world.wave.update_customer(wave_id, {name: before[name] for name in names}).payload

    assert {name: after[name] for name in names} == {name: before[name] for name in names}
    assert before["address"]["province"]["code"] == "CA-ON"
    assert before["shippingDetails"]["address"]["country"]["code"] == "CA"
