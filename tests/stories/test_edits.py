"""Once linked, an edit on either side reaches the other, field by field."""

from __future__ import annotations

import pytest

from wave_pms_sync import Policy, Synchronizer
from wave_pms_sync.model.memory import JournalEntry
from wave_pms_sync.testing import Fault

ADDRESS = {
    "addressLine1": "1 Main St",
    "addressLine2": "Suite 5",
    "city": "Toronto",
    "province": {"code": "CA-ON"},
    "country": {"code": "CA"},
    "postalCode": "M5V 1A1",
}


def test_an_edit_in_wave_reaches_the_pms(stored_world):
    """A property changed in Wave is changed in the PMS, and nothing else there."""
    world = stored_world
    wave_id, pms_id = world.pair()
    world.pms_box.edit(pms_id, {"their_own": "kept"})
    world.run()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "555 0100"})

    report = world.run()

    assert (report.counts.updated_pms, report.counts.updated_wave) == (1, 0)
    assert world.at_pms(wave_id)["phone"] == "555 0100"
    assert world.at_pms(wave_id)["their_own"] == "kept"


def test_an_edit_in_the_pms_reaches_wave(stored_world):
    """A property changed in the PMS is changed in Wave, and nothing else there."""
    world = stored_world
    wave_id, pms_id = world.pair(internalNotes="kept")
    world.later()
    world.pms_box.edit(pms_id, {"contact": {"first_name": "Augusta"}})

    report = world.run()

    assert (report.counts.updated_pms, report.counts.updated_wave) == (0, 1)
    assert world.at_wave(wave_id)["firstName"] == "Augusta"
    assert world.at_wave(wave_id)["internalNotes"] == "kept"


def test_different_properties_edited_on_both_sides_both_travel(world):
    """Edits of different properties of one customer are no conflict: both arrive, in one run."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "555 0100"})
    world.pms_box.edit(pms_id, {"website": "https://ada.example"})

    report = world.run()

    assert (report.counts.updated_pms, report.counts.updated_wave) == (1, 1)
    assert world.at_pms(wave_id)["phone"] == "555 0100"
    assert world.at_wave(wave_id)["website"] == "https://ada.example"
    assert world.rest().ok


@pytest.mark.parametrize("newest", ["wave", "pms"])
def test_the_newest_edit_wins_beyond_the_tolerance(world, newest):
    """Of two edits of one property the later wins, beyond the tolerance of the clocks; the journal tells what lost."""
    wave_id, pms_id = world.pair()
    edits = {
        "wave": lambda: world.wave_box.edit(wave_id, {"phone": "111"}),
        "pms": lambda: world.pms_box.edit(pms_id, {"phone": "222"}),
    }
    world.later()
    edits["pms" if newest == "wave" else "wave"]()
    world.later(121)
    edits[newest]()

    report = world.run()

    wanted, lost = ("111", "222") if newest == "wave" else ("222", "111")
    assert report.counts.disputed == 0
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == (wanted, wanted)
    assert lost in {f.lost for e in world.links.scan(JournalEntry) for f in e.fields}


@pytest.mark.parametrize("apart_s", [0, 119])
def test_two_edits_within_the_tolerance_are_a_dispute(world, apart_s):
    """Two edits of one property within the tolerance of the clocks are left as they are, for a person."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.later(apart_s)
    world.pms_box.edit(pms_id, {"phone": "222"})

    report = world.run()

    assert report.ok
    assert report.counts.disputed == 1
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "222")
    (dispute,) = world.sync.disputes()
    assert (dispute.group, dispute.wave, dispute.pms) == ("phone", {"phone": "111"}, {"phone": "222"})
    assert (dispute.wave_id, dispute.pms_id) == (wave_id, pms_id)


def test_a_skewed_clock_decides_within_its_tolerance_only(make_world):
    """A PMS whose clock is a minute ahead does not win for it."""
    world = make_world(pms_options={"clock_skew_s": 60})
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})

    assert world.run().counts.disputed == 1


def test_a_dispute_stops_only_its_own_group(world):
    """While one property is disputed, edits of others go on travelling, both ways."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111", "fax": "333"})
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.run()
    world.later()
    world.pms_box.edit(pms_id, {"mobile": "444"})
    world.run()

    assert world.at_pms(wave_id)["fax"] == "333"
    assert world.at_wave(wave_id)["mobile"] == "444"
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "222")
    assert len(world.sync.disputes()) == 1


def test_an_unrelated_edit_does_not_settle_a_dispute(world):
    """A later edit of another property moves the record's stamp, and does not make the disputed value the newer one."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.run()
    world.later(1000)
    world.wave_box.edit(wave_id, {"fax": "333"})

    report = world.run()

    assert report.counts.disputed == 1
    assert world.at_pms(wave_id)["phone"] == "222"


def test_a_new_edit_settles_a_dispute_by_the_newest(world):
    """A later edit of the disputed property itself is the newest, and wins."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.run()
    world.later(1000)
    world.wave_box.edit(wave_id, {"phone": "777"})

    report = world.run()

    assert report.counts.disputed == 0
    assert world.at_pms(wave_id)["phone"] == "777"
    assert world.sync.disputes() == []


@pytest.mark.parametrize("going_back", ["wave", "pms"])
def test_a_dispute_ends_when_one_side_goes_back(world, going_back):
    """If one side is set back to what both agreed on, the other side's edit is carried."""
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.run()
    world.later()
    if going_back == "wave":
        world.wave_box.edit(wave_id, {"phone": "000"})
    else:
        world.pms_box.edit(pms_id, {"phone": "000"})

    world.run()

    wanted = "222" if going_back == "wave" else "111"
    assert world.sync.disputes() == []
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == (wanted, wanted)


def test_a_dispute_ends_when_both_sides_correspond(world):
    """If people make the disputed values equal, the dispute is over and nothing is written."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.run()
    world.later()
    world.pms_box.edit(pms_id, {"phone": "111"})
    world.count()

    world.run()

    assert world.sync.disputes() == []
    assert world.writes == (0, 0)


def test_the_same_edit_on_both_sides_is_agreement(world):
    """The same edit on both sides, written differently, is no conflict; each side keeps its own spelling."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "+1 (416) 555-0100"})
    world.pms_box.edit(pms_id, {"phone": "+14165550100"})
    world.count()

    report = world.run()

    assert report.counts.disputed == 0
    assert world.writes == (0, 0)
    assert world.at_wave(wave_id)["phone"] == "+1 (416) 555-0100"


@pytest.mark.parametrize(("conflicts", "wanted"), [("wave", "111"), ("pms", "222")])
def test_a_side_that_always_wins(make_world, conflicts, wanted):
    """A conflict policy that names a side carries that side's value."""
    world = make_world(policy=Policy(conflicts=conflicts))
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})

    world.run()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == (wanted, wanted)


def test_a_rule_of_ones_own_decides_with_values_baselines_and_stamps(make_world):
    """A callable is asked with both values, both baselines and both stamps, and its answer is carried out."""
    asked = []

    def longest(values, baselines, stamps):
        asked.append((values, baselines, stamps))
        return "wave" if len(values.wave) > len(values.pms) else "pms"

    world = make_world(policy=Policy(conflicts={"phone": longest, "*": "hold"}))
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "22222"})

    world.run()

    assert world.at_wave(wave_id)["phone"] == "22222"
    values, baselines, stamps = asked[0]
    assert tuple(values) == ("111", "22222")
    assert tuple(baselines) == ("000", "000")
    assert None not in stamps


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_f31_a_cleared_property_is_cleared_on_the_other_side(world, side):
    """Clearing a property is an edit, and travels."""
    wave_id, pms_id = world.pair(phone="555 0100", firstName="Ada")
    world.later()
    if side == "wave":
        world.wave_box.edit(wave_id, {"phone": None, "firstName": None})
    else:
        world.pms_box.edit(pms_id, {"phone": "", "contact": {"first_name": None}})

    world.run()

    assert not world.at_pms(wave_id)["phone"]
    assert not world.at_wave(wave_id)["phone"]
    assert not world.at_wave(wave_id)["firstName"]
    assert not world.at_pms(wave_id)["contact"]["first_name"]
    assert world.rest().ok


def test_f32_a_cleared_name_is_held_never_filled(make_world):
    """A required name that was cleared in the PMS is held; Wave keeps its own, and nothing is invented."""
    world = make_world(pms_options={"require_name": False})
    wave_id, pms_id = world.pair()
    world.later()
    world.pms_box.edit(pms_id, {"name": ""})

    world.run()

    assert [d.reason.value for d in world.sync.disputes()] == ["required"]
    assert world.at_wave(wave_id)["name"] == "Ada Lovelace"
    assert world.at_pms(wave_id)["name"] == ""


def test_f51_a_changed_email_updates_the_link_and_creates_nothing(world):
    """A link is by id: a changed e-mail is an update on the other side, and no new record."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"email": "countess@example.com"})

    world.run()
    world.run(full=True)

    assert world.linked() == {wave_id: pms_id}
    assert world.at_pms(wave_id)["email"] == "countess@example.com"
    assert len(world.pms_box.customers) == 1


def test_f50_swapped_emails_are_two_updates(world):
    """Two linked customers that swap their e-mails stay the customers they are."""
    ada, ada_pms = world.pair()
    grace, grace_pms = world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.wave_box.edit(ada, {"email": "grace@example.com"})
    world.wave_box.edit(grace, {"email": "ada@example.com"})

    world.run()

    assert world.linked() == {ada: ada_pms, grace: grace_pms}
    assert world.at_pms(ada)["email"] == "grace@example.com"
    assert world.at_pms(grace)["email"] == "ada@example.com"


def test_a_changed_name_travels(world):
    """A customer that is renamed on one side is renamed on the other."""
    wave_id, pms_id = world.pair()
    world.later()
    world.pms_box.edit(pms_id, {"name": "Augusta Ada King"})

    world.run()

    assert world.at_wave(wave_id)["name"] == "Augusta Ada King"


def test_an_address_travels_whole(world):
    """An address edited in one line is written whole, and no line of another one remains."""
    wave_id, pms_id = world.pair(address=ADDRESS)
    world.later()
    world.wave_box.edit(
        wave_id,
        {
            "address": {
                "addressLine1": "5 Rue X",
                "addressLine2": None,
                "city": "Paris",
                "province": None,
                "postalCode": "75001",
                "country": {"code": "FR"},
            }
        },
    )

    world.run()

    assert world.at_pms(wave_id)["address"] == {
        "line1": "5 Rue X",
        "line2": None,
        "city": "Paris",
        "region_code": None,
        "postal_code": "75001",
        "country_code": "FR",
    }

    world.later()
    world.pms_box.edit(pms_id, {"address": {"city": "Lyon"}})
    world.run()

    assert world.at_wave(wave_id)["address"]["city"] == "Lyon"
    assert world.at_wave(wave_id)["address"]["addressLine1"] == "5 Rue X"
    assert world.at_wave(wave_id)["address"]["country"]["code"] == "FR"


def test_an_address_edited_on_both_sides_is_one_dispute(world):
    """Two edits in different lines of one address are one dispute: addresses are never mixed."""
    wave_id, pms_id = world.pair(address=ADDRESS)
    world.later()
    world.wave_box.edit(wave_id, {"address": {"city": "Ottawa"}})
    world.pms_box.edit(pms_id, {"address": {"line1": "9 Bay St"}})

    world.run()

    assert [d.group for d in world.sync.disputes()] == ["address"]
    assert world.at_wave(wave_id)["address"]["addressLine1"] == "1 Main St"
    assert world.at_pms(wave_id)["address"]["city"] == "Toronto"


def test_f33_a_province_of_another_country_holds_the_address_only(world):
    """A province that is not of its country holds the address; the rest of the edit travels."""
    wave_id, pms_id = world.pair(address=ADDRESS)
    world.later()
    world.pms_box.edit(pms_id, {"phone": "555 0100", "address": {"country_code": "DE"}})

    world.run()

    assert [(d.group, d.reason.value) for d in world.sync.disputes()] == [("address", "conversion")]
    assert world.at_wave(wave_id)["phone"] == "555 0100"
    assert world.at_wave(wave_id)["address"]["country"]["code"] == "CA"

    world.later()
    world.pms_box.edit(pms_id, {"address": {"region_code": "DE-BE"}})
    world.run()

    assert world.sync.disputes() == []
    assert world.at_wave(wave_id)["address"]["province"]["code"] == "DE-BE"


def test_a_foreign_edit_of_a_one_way_property_is_accepted_by_default(world):
    """A currency edited in the PMS is left as it is and not carried to Wave; Wave's next edit is carried."""
    wave_id, pms_id = world.pair(currency={"code": "CAD"})
    world.later()
    world.pms_box.edit(pms_id, {"currency_code": "USD"})
    world.count()

    world.run()
    report = world.run()

    assert world.writes == (0, 0)
    assert report.counts.disputed == 0
    assert world.at_wave(wave_id)["currency"]["code"] == "CAD"

    world.later()
    world.wave_box.edit(wave_id, {"currency": {"code": "EUR"}})
    world.run()

    assert world.at_pms(wave_id)["currency_code"] == "EUR"


def test_a_foreign_edit_of_a_one_way_property_is_reverted_on_request(make_world, mapping):
    """With `on_foreign_edit="revert"` Wave's value is written back once."""
    mapping.map("customer", wave="currency.code", pms="currency_code", direction="to_pms", on_foreign_edit="revert")
    world = make_world(mapping=mapping)
    wave_id, pms_id = world.pair(currency={"code": "CAD"})
    world.later()
    world.pms_box.edit(pms_id, {"currency_code": "USD"})

    world.run()

    assert world.at_pms(wave_id)["currency_code"] == "CAD"
    assert world.rest().ok


def test_f103_ping_pong_ends_in_a_hold(make_world):
    """A third party that sets a property back after each run does not keep us writing for ever."""
    world = make_world(policy=Policy(max_flips=3))
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    for _ in range(8):
        world.settle()
        world.run()
        world.settle()
        world.pms_box.edit(pms_id, {"phone": "000"})
        world.run()
        world.settle()
        world.wave_box.edit(wave_id, {"phone": "111"})

    world.run()

    assert [d.reason.value for d in world.sync.disputes()] == ["flips"]


def test_f25_a_stamp_that_moves_alone_causes_no_write(world):
    """An invoice that touches the customer moves its stamp only; nothing is written."""
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {})
    world.count()

    report = world.run()

    assert report.ok
    assert world.writes == (0, 0)


def test_f24_an_edit_without_a_stamp_is_found_by_a_full_scan(world):
    """A change that does not move the record's stamp is found when everything is listed, on request or once a day."""
    ada, _ = world.pair()
    world.later(1000)
    world.pair(name="Grace", email="grace@example.com")
    world.later(1000)
    world.wave_box.edit(ada, {"phone": "555 0100"}, stamp=False)
    world.run()
    assert world.at_pms(ada)["phone"] is None

    world.run(full=True)
    assert world.at_pms(ada)["phone"] == "555 0100"

    world.wave_box.edit(ada, {"phone": "555 0200"}, stamp=False)
    world.later(86400)
    world.run()
    assert world.at_pms(ada)["phone"] == "555 0200"


def test_only_looks_at_the_records_named(world):
    """`only` carries the edits of the named records, from either side, and leaves the others for the next run."""
    ada, _ = world.pair()
    grace, grace_pms = world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    world.wave_box.edit(grace, {"phone": "222"})
    world.pms_box.edit(grace_pms, {"fax": "333"})
    world.count()

    world.run(only=[ada])

    assert (world.at_pms(ada)["phone"], world.at_pms(grace)["phone"]) == ("111", None)
    assert world.wave_box.ledger.count("list") == 0

    world.run(only=[("pms", grace_pms)])
    assert world.at_pms(grace)["phone"] == "222"
    assert world.at_wave(grace)["fax"] == "333"


def test_what_only_left_aside_is_found_by_the_next_run(world):
    """A run over named records moves no watermark: what else changed meanwhile is carried by the next run."""
    ada, _ = world.pair()
    grace, _ = world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.wave_box.edit(grace, {"phone": "222"})
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})

    world.run(only=[ada])
    world.later(3600)
    world.run()

    assert world.at_pms(grace)["phone"] == "222"


def test_only_with_a_new_customer_creates_it_once(world):
    """A webhook's hint about a new customer creates its counterpart; the next run does not do so again."""
    world.pair()
    new = world.wave_box.add({"name": "Grace", "email": "grace@example.com"})

    report = world.run(only=[new])
    world.run(full=True)

    assert report.counts.created_pms == 1
    assert len(world.pms_box.customers) == 2


def test_a_scope_leaves_others_alone(make_world):
    """Records out of scope get no counterpart and are listed as skipped; leaving the scope is not disappearing."""
    from wave_pms_sync import Scope

    vip = Scope(id="vip-v1", wave=lambda record: "vip" in str(record.payload.get("website")))
    world = make_world(scope=vip, policy=Policy(deletions="delete"))
    inside = world.wave_box.add({"name": "Ada", "website": "vip.example"})
    world.wave_box.add({"name": "Grace"})

    report = world.run()

    assert set(world.linked()) == {inside}
    assert report.counts.skipped == 1

    world.later()
    world.wave_box.edit(inside, {"website": "other.example"})
    world.run(full=True)
    world.run(full=True)
    assert len(world.pms_box.customers) == 1


def test_a_scope_that_is_widened_brings_the_rest(make_world):
    """Without the scope everything is listed again, and the rest gets its counterparts."""
    from wave_pms_sync import Scope

    world = make_world(scope=Scope(id="none-v1", wave=lambda record: False))
    world.wave_box.add({"name": "Ada"})
    world.run()

    world.change(scope=None)
    world.run()

    assert len(world.pms_box.customers) == 1


@pytest.mark.parametrize("side", ["wave", "pms"])
@pytest.mark.parametrize("when", ["first", "later"])
def test_a_counterpart_out_of_scope_stands_in_the_way_of_a_double(make_world, side, when):
    """A customer whose counterpart is out of scope rests until the scope is widened; it was made a second time."""
    from wave_pms_sync import Scope

    other = "pms" if side == "wave" else "wave"
    scope = Scope(id="not-old", **{other: lambda record: record.payload.get("fax") != "old"})
    world = make_world(scope=scope, policy=Policy(create_in=("pms", "wave")))
    box, old = (world.wave_box, world.pms_box) if side == "wave" else (world.pms_box, world.wave_box)
    old.add({"name": "Ada L.", "email": "ADA@example.com", "fax": "old"})
    world.later()
    old.add({"name": "Grace"})
    if when == "later":
        world.run()
        world.later()
    box.add({"name": "Ada", "email": "ada@example.com"})

    report = world.run()

    assert report.ok
    assert len(old.customers) == 2
    (entry,) = world.sync.quarantine()
    assert (str(entry.side), len(entry.candidates)) == (side, 1)
    assert "that the scope leaves out (by email)" in entry.detail
    assert world.sync.plan().empty

    world.change(scope=None)
    assert world.run().counts.linked == 1
    assert (len(old.customers), len(box.customers)) == (2, 2)


def test_f92_a_new_map_fills_empty_sides_only(world, mapping):
    """A property mapped later fills what is empty; where both sides have another value, it is held."""
    fills, _ = world.pair(internalNotes="likes tea")
    differs, differs_pms = world.pair(name="Grace", email="grace@example.com", internalNotes="wave's")
    world.pms_box.edit(differs_pms, {"notes": "the PMS's"})
    world.run()
    mapping.enable("internalNotes")
    world.change(mapping=mapping)

    world.run()

    assert world.at_pms(fills)["notes"] == "likes tea"
    assert world.at_pms(differs)["notes"] == "the PMS's"
    assert [(d.wave_id, d.group) for d in world.sync.disputes()] == [(differs, "internalNotes")]


def test_f94_a_map_that_is_dropped_clears_nothing(world, mapping):
    """A property that is not mapped any more stays as it is on both sides."""
    wave_id, _ = world.pair(phone="555 0100")
    mapping.unmap("phone")
    world.change(mapping=mapping)
    world.count()

    world.run()

    assert world.writes == (0, 0)
    assert world.at_pms(wave_id)["phone"] == "555 0100"


def test_f93_a_new_version_of_a_converter_writes_nothing_by_itself(make_world, mapping):
    """A converter of a new version that still corresponds causes no write and no dispute."""

    class Plain:
        def read(self, value):
            return value

        def write(self, value):
            return value

    def mapped(version):
        registry = mapping.copy()
        registry.converter("plain", version=version)(Plain)
        registry.map("customer", wave="fax", pms="fax", converter="plain")
        return registry

    world = make_world(mapping=mapped("1"))
    world.pair(fax="555 0100")
    world.change(mapping=mapped("2"))
    world.count()

    report = world.run()

    assert report.ok
    assert world.writes == (0, 0)


def test_a_synchronizer_is_cheap_to_make(world):
    """Making a synchronizer sends nothing and writes nothing."""
    world.count()

    Synchronizer(wave=world.wave, pms=world.pms, links=world.links)

    assert world.requests == (0, 0)


def test_f112_a_record_that_was_read_long_before_it_is_written_is_read_again(make_world):
    """Of many records read at once the last one is written much later; an edit made meanwhile was overwritten."""
    world = make_world(policy=Policy(create_in=("pms",), conflicts="hold"))
    crowd = world.crowd(3)
    world.settle()
    world.rest()
    for wave_id in crowd:
        world.edit("pms", wave_id, {"phone": "111"})

    def meanwhile(arrival):
        world.later(11)
        for wave_id in crowd:
            if world.at_wave(wave_id)["phone"] is None:
                world.wave_box.edit(wave_id, {"phone": "222"})

    world.wave_box.faults.add(Fault.CALL_AFTER, on="update", call=meanwhile)
    report = world.run()

    assert (report.counts.updated_wave, report.counts.skipped) == (1, 2)
    assert sorted(world.at_wave(wave_id)["phone"] for wave_id in crowd) == ["111", "222", "222"]
    assert report.requests["wave"] == 4  # a listing, two reads of many, and one write
    world.run()
    assert len(world.sync.disputes()) == 2


def test_a_record_that_left_the_scope_is_not_written(make_world):
    """An edit of its counterpart does not travel to it, though a run that asks for changes is not shown it."""
    from wave_pms_sync import Scope

    world = make_world()
    wave_id, pms_id = world.pair(name="Vip", email="vip@example.com")
    world.pair(name="Other", email="other@example.com")
    world.settle()
    first = world.run()
    world.change(scope=Scope(id="no-vip", wave=lambda record: record.payload["name"] != "Vip"))
    for _ in range(3):
        world.later(3600)
        world.run()
    world.pms_box.edit(pms_id, {"website": "https://new.example"})
    world.later()

    plan = world.sync.plan()
    report = world.run()

    assert plan.empty
    assert [(skipped.id, skipped.reason) for skipped in plan.skipped] == [(wave_id, "out of scope")]
    assert report.counts.updated_wave == 0
    assert world.at_wave(wave_id)["website"] is None
    world.change(scope=None)
    world.rest()
    assert world.at_wave(wave_id)["website"] == "https://new.example"
    assert first.ok


def test_an_undo_leaves_alone_who_is_out_of_scope(make_world):
    """What a run wrote to a record that takes part no more is not taken back, and it is said why."""
    from wave_pms_sync import Scope

    world = make_world()
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    report = world.run()
    world.change(scope=Scope(id="nobody", pms=lambda record: False))

    plan = world.sync.undo(report.run_id)

    assert plan.empty
    assert [(skipped.id, skipped.reason) for skipped in plan.skipped] == [(pms_id, "out of scope")]
