"""The mapping changes between two runs over the same records: nothing is written by surprise, and nothing is lost."""

from __future__ import annotations

import pytest
from attrs import frozen

from wave_pms_sync import MappingRegistry, PmsProfile, Policy
from wave_pms_sync.errors import ConversionError
from wave_pms_sync.model.links import Agreement
from wave_pms_sync.model.memory import Intent, JournalEntry
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import Fault

NO_KEYS = PmsProfile.from_dict({"record": {"marker": False}, "create": {"headers": {}}})
SIDES = pytest.mark.parametrize("side", ["wave", "pms"])


@frozen
class Prefixed:
    """The PMS writes texts behind a prefix; one without it cannot be read."""

    prefix: str
    version: str = "1"

    def read(self, wire):
        """Without the prefix."""
        if not str(wire).startswith(self.prefix):
            raise ConversionError(f"does not begin with {self.prefix}")
        return str(wire)[len(self.prefix) :]

    def write(self, ours):
        """With the prefix."""
        return f"{self.prefix}{ours}"


@frozen
class Letters:
    """The PMS keeps the first letters only."""

    count: int

    def read(self, wire):
        """As it is."""
        return wire

    def write(self, ours):
        """As it is."""
        return ours

    def key(self, ours):
        """The first letters."""
        return ours[: self.count]


def remap(world, *names, **changes):
    """Go on with the default mapping in which these maps are off, and one is said anew."""
    registry = MappingRegistry.default()
    for name in names:
        registry.unmap(name)
    if changes:
        registry.map("customer", **changes)
    world.change(mapping=registry)
    return registry


def full(plan):
    """Whether a plan rests on full listings."""
    return [plan.notes.listings[side].full for side in Side]


def many(world, count, **values):
    """So many linked customers."""
    ids = [world.wave_box.add({"name": f"N{n}", "email": f"{n}@example.com", **values}) for n in range(count)]
    world.run()
    return ids


def disputes(world):
    """The groups that wait for a person."""
    return [d.group for d in world.sync.disputes()]


def box_of(world, side):
    """One of the sandboxes."""
    return world.wave_box if side == "wave" else world.pms_box


# --- the run after a change ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"wave": "internalNotes", "pms": "notes"},
        {"wave": "fax", "pms": "fax", "converter": "text"},
        {"wave": "fax", "pms": "fax", "converter": Prefixed("", version="2")},
        {"wave": "fax", "pms": "fax", "direction": "to_pms"},
        {"wave": "fax", "pms": "fax", "group": "phone"},
        {"wave": "fax", "pms": "fax", "empty": "blank"},
        {"wave": "fax", "pms": "fax", "max_length": 3},
        {"wave": "fax", "pms": "fax", "type": "integer", "converter": "text"},
        {"wave": "fax", "pms": "fax", "required": True},
        {"wave": "id", "pms": "external_id"},
    ],
    ids=lambda change: "-".join(str(v) for v in list(change.values())[1:]),
)
def test_a_change_that_keeps_every_value_writes_nothing(stored_world, change):
    """The run after a change of the mapping looks at everything and writes nothing; the next one is as usual."""
    world = stored_world
    world.pair(fax="555 0100", phone="555 0199")
    world.rest()
    remap(world, **change)
    world.count()
    same = change["wave"] == "id"
    first = world.sync.plan()

    assert full(first) == [not same, not same]
    assert world.run().ok
    assert world.writes == (0, 0)
    assert disputes(world) == []
    world.later()
    plan = world.sync.plan()
    assert plan.empty
    assert full(plan) == [False, False]


def test_planning_under_another_mapping_changes_nothing(stored_world):
    """Somebody who only tries a mapping with `plan` leaves no trace: the old one goes on incrementally."""
    world = stored_world
    world.pair(fax="555 0100")
    world.rest()
    old = world.sync
    remap(world, "fax", wave="internalNotes", pms="notes")

    world.sync.plan()

    plan = old.plan()
    assert plan.empty
    assert full(plan) == [False, False]


# --- a field is dropped ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["unmap", "disable"])
def test_a_field_that_is_dropped_and_mapped_again_meets_anew(stored_world, how):
    """Edits made on both sides while a property was not mapped are no edits of an agreed value: they are held."""
    world = stored_world
    wave_id, pms_id = world.pair(phone="000")
    registry = MappingRegistry.default()
    getattr(registry, how)("phone")
    world.change(mapping=registry)
    world.count()
    world.run()
    assert world.writes == (0, 0)
    assert world.at_pms(wave_id)["phone"] == "000"
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.later(1000)
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.run()

    world.change(mapping=MappingRegistry.default())
    world.run()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "222")
    assert disputes(world) == ["phone"]


@SIDES
def test_a_clear_made_while_a_field_was_not_mapped_does_not_travel(world, side):
    """A value cleared while its property was not mapped is filled again from the other side, like any empty one."""
    wave_id, pms_id = world.pair(phone="000")
    remap(world, "phone")
    world.run()
    box_of(world, side).edit(wave_id if side == "wave" else pms_id, {"phone": None})
    world.run()

    world.change(mapping=MappingRegistry.default())
    world.run()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("000", "000")


def test_a_field_dropped_and_back_between_two_runs_was_never_away(world):
    """A change of the mapping that no run has seen is none: edits travel as ever."""
    wave_id, _ = world.pair(phone="000")
    remap(world, "phone")
    world.sync.plan()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})

    world.change(mapping=MappingRegistry.default())
    world.run()

    assert world.at_pms(wave_id)["phone"] == "111"


def test_what_was_agreed_on_a_dropped_field_is_forgotten_for_records_that_cannot_be_read_too(make_world):
    """A pair that is out of scope while a property is dropped does not remember its value afterwards, either."""
    from wave_pms_sync import Scope

    world = make_world()
    wave_id, pms_id = world.pair(phone="000")
    remap(world, "phone")
    world.change(scope=Scope(id="nobody", wave=lambda record: False))
    world.run()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.later(1000)
    world.pms_box.edit(pms_id, {"phone": "222"})

    world.change(scope=None, mapping=MappingRegistry.default())
    world.run()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "222")


# --- a field is added ------------------------------------------------------------------------------


@pytest.mark.parametrize("backfill", ["fill_empty", "wave", "pms", "hold"])
@pytest.mark.parametrize("direction", ["both", "to_pms", "to_wave"])
@pytest.mark.parametrize("values", [("a", "a"), ("a", None), (None, "a"), ("a", "b")], ids=str)
def test_a_field_that_is_added_follows_its_backfill(world, backfill, direction, values):
    """A new field fills what is empty, where it may write; of two values its `backfill` chooses, one-way or not."""
    wave_id, pms_id = world.pair(internalNotes=values[0])
    world.pms_box.edit(pms_id, {"notes": values[1]})
    world.run()
    remap(world, wave="internalNotes", pms="notes", backfill=backfill, direction=direction)

    world.run()
    world.rest()

    wave, pms = values
    receivers = {"both": {"wave", "pms"}, "to_pms": {"pms"}, "to_wave": {"wave"}}[direction]
    if None in values:
        wave, pms = (wave or pms if "wave" in receivers else wave), (pms or wave if "pms" in receivers else pms)
    elif backfill == "wave" and "pms" in receivers:
        pms = wave or pms
    elif backfill == "pms" and "wave" in receivers:
        wave = pms or wave
    assert (world.at_wave(wave_id)["internalNotes"], world.at_pms(wave_id)["notes"]) == (wave, pms)
    waits = values == ("a", "b") and (backfill == "hold" or (backfill == "fill_empty" and direction == "both"))
    assert disputes(world) == (["internalNotes"] if waits else [])


@pytest.mark.parametrize("choose", ["wave", "pms"])
def test_a_dispute_of_a_one_way_field_never_writes_to_its_origin(world, choose):
    """Whoever chooses the receiver's value for a one-way field accepts it; the origin is not written."""
    wave_id, pms_id = world.pair(internalNotes="a")
    world.pms_box.edit(pms_id, {"notes": "b"})
    remap(world, wave="internalNotes", pms="notes", backfill="hold", direction="to_pms")
    world.run()
    (dispute,) = world.sync.disputes()
    world.sync.resolve(dispute, choose=choose)

    world.rest()

    assert world.at_wave(wave_id)["internalNotes"] == "a"
    assert world.at_pms(wave_id)["notes"] == ("a" if choose == "wave" else "b")
    assert disputes(world) == []


ADDRESS = {"addressLine1": "1 Main St", "city": "Toronto"}


def _without_line2(make_world, **wave):
    """A pair with an address whose second line is not mapped yet."""
    registry = MappingRegistry.default()
    registry.unmap("address.addressLine2")
    world = make_world(mapping=registry)
    wave_id, pms_id = world.pair(address={**ADDRESS, **wave})
    world.rest()
    return world, wave_id, pms_id


@pytest.mark.parametrize(
    ("lines", "expected", "waits"),
    [
        (("Suite 5", None), ("Suite 5", "Suite 5"), False),
        ((None, "Suite 5"), ("Suite 5", "Suite 5"), False),
        (("Suite 5", "Suite 5"), ("Suite 5", "Suite 5"), False),
        (("Suite 5", "Suite 6"), ("Suite 5", "Suite 6"), True),
    ],
)
def test_a_group_that_gains_a_member_fills_it(make_world, lines, expected, waits):
    """A property added to an address is filled from the side that has it; two values hold the address."""
    world, wave_id, pms_id = _without_line2(make_world, addressLine2=lines[0])
    world.pms_box.edit(pms_id, {"address": {"line2": lines[1]}})
    world.change(mapping=MappingRegistry.default())

    world.run()
    world.rest()

    shown = (world.at_wave(wave_id)["address"]["addressLine2"], world.at_pms(wave_id)["address"]["line2"])
    assert shown == expected
    assert disputes(world) == (["address"] if waits else [])
    assert world.at_wave(wave_id)["address"]["city"] == world.at_pms(wave_id)["address"]["city"] == "Toronto"


@SIDES
@pytest.mark.parametrize("city", ["Ottawa", None])
def test_an_edit_of_a_group_that_gains_a_member_still_travels(make_world, side, city):
    """A city edited, or cleared, just before the address gained a line reaches the other side, and is not undone."""
    world, wave_id, pms_id = _without_line2(make_world, addressLine2="Suite 5")
    world.pms_box.edit(pms_id, {"address": {"line2": "Suite 5"}})
    if side == "wave":
        world.wave_box.edit(wave_id, {"address": {**ADDRESS, "addressLine2": "Suite 5", "city": city}})
    else:
        world.pms_box.edit(pms_id, {"address": {"city": city}})
    world.change(mapping=MappingRegistry.default())

    world.run()

    assert world.at_wave(wave_id)["address"]["city"] == world.at_pms(wave_id)["address"]["city"] == city
    assert disputes(world) == []


def test_an_edit_does_not_take_another_new_value_with_it(make_world):
    """Where the sides differ in the new line, an edit of the city waits with it: no line is overwritten."""
    world, wave_id, pms_id = _without_line2(make_world, addressLine2="Suite 5")
    world.pms_box.edit(pms_id, {"address": {"line2": "Suite 6", "city": "Ottawa"}})
    world.change(mapping=MappingRegistry.default())

    world.run()

    assert world.at_wave(wave_id)["address"]["city"] == "Toronto"
    assert world.at_pms(wave_id)["address"]["line2"] == "Suite 6"
    assert disputes(world) == ["address"]


def test_a_member_that_is_added_brings_its_own_backfill(make_world):
    """The rule of the new member counts, not that of the members that were agreed on long ago."""
    world, wave_id, pms_id = _without_line2(make_world, addressLine2="Suite 5")
    world.pms_box.edit(pms_id, {"address": {"line2": "Suite 6"}})
    remap(world, wave="address.addressLine2", pms="address.line2", backfill="wave")

    world.run()

    assert world.at_pms(wave_id)["address"]["line2"] == "Suite 5"


def test_an_edit_of_a_one_way_group_that_gains_a_member_is_not_swallowed(make_world):
    """A one-way address edited just before it gained a line arrives, and is not taken for an accepted difference."""
    one_way = {"direction": "to_pms", "group": "place"}
    registry = MappingRegistry.default()
    for name in ("addressLine1", "addressLine2", "province.code", "postalCode", "country.code", "city"):
        registry.unmap(f"address.{name}")
    registry.map("organisation", wave="address.city", pms="address.city", **one_way)
    world = make_world(mapping=registry, policy=Policy(match_on="email"))
    wave_id, pms_id = world.pair(address=ADDRESS)
    world.pms_box.edit(pms_id, {"address": {"line1": "1 Main St"}})
    world.wave_box.edit(wave_id, {"address": {**ADDRESS, "city": "Ottawa"}})
    registry.map("organisation", wave="address.addressLine1", pms="address.line1", **one_way)
    world.change(mapping=registry)

    world.run()

    assert world.at_pms(wave_id)["address"]["city"] == "Ottawa"


def test_a_required_field_that_is_added(world):
    """A new required field fills the side that lacks it; a pair without any value rests in peace, a newcomer waits."""
    full_id, _ = world.pair(internalNotes="a")
    blank_id = world.wave_box.add({"name": "Grace"})
    world.run()
    remap(world, wave="internalNotes", pms="notes", required=True)
    new_id = world.wave_box.add({"name": "Mary"})

    report = world.run()

    assert report.ok
    assert world.at_pms(full_id)["notes"] == "a"
    assert disputes(world) == []
    assert blank_id in world.linked()
    assert [q.id for q in world.sync.quarantine()] == [new_id]


# --- a path changes --------------------------------------------------------------------------------


def test_another_path_in_the_pms_is_an_old_field_dropped_and_a_new_one_added(stored_world):
    """The new property of the PMS is filled, the old one keeps what it has, and edits travel to the new one only."""
    world = stored_world
    wave_id, pms_id = world.pair(phone="000")
    remap(world, wave="phone", pms="tel")

    world.run()

    assert (world.at_pms(wave_id)["phone"], world.at_pms(wave_id)["tel"]) == ("000", "000")
    world.later()
    world.pms_box.edit(pms_id, {"phone": "111"})
    world.run()
    assert world.at_wave(wave_id)["phone"] == "000"
    world.later()
    world.pms_box.edit(pms_id, {"tel": "222"})
    world.run()
    assert world.at_wave(wave_id)["phone"] == "222"
    assert world.at_pms(wave_id)["phone"] == "111"


def test_another_path_in_wave_does_not_move_values_between_properties(world):
    """A property of the PMS that is mapped to another property of Wave meets there for the first time."""
    wave_id, _ = world.pair(phone="000", tollFree="999")
    registry = MappingRegistry.default()
    registry.unmap("tollFree")
    registry.unmap("phone")
    registry.map("customer", wave="tollFree", pms="phone", converter="phone")
    world.change(mapping=registry)

    world.run()

    assert world.at_wave(wave_id)["phone"] == "000"
    assert (world.at_wave(wave_id)["tollFree"], world.at_pms(wave_id)["phone"]) == ("999", "000")
    assert disputes(world) == ["tollFree"]


def test_a_mapping_whose_every_path_changes(world):
    """A PMS with all new property names is filled anew, by `backfill`, and nothing there counts as a first meeting."""
    registry = MappingRegistry()
    registry.map("customer", wave="name", pms="name")
    registry.map("customer", wave="phone", pms="phone")
    world.change(mapping=registry, policy=Policy(match_on=("name",), first_meeting="pms"))
    wave_id, pms_id = world.pair(phone="000")
    world.pms_box.edit(pms_id, {"title": "Somebody", "tel": None})
    other = MappingRegistry()
    other.map("customer", wave="name", pms="title")
    other.map("customer", wave="phone", pms="tel")
    world.change(mapping=other)

    world.run()

    assert world.at_wave(wave_id)["name"] == "Ada Lovelace"
    assert world.at_pms(wave_id)["tel"] == "000"
    assert disputes(world) == ["name"]


# --- a converter changes ---------------------------------------------------------------------------


def _fax(world, converter, **facts):
    remap(world, wave="fax", pms="fax", converter=converter, **facts)


@pytest.mark.parametrize(
    ("backfill", "expected", "waits"),
    [
        ("fill_empty", ("X-123", "X-X-123"), True),
        ("hold", ("X-123", "X-X-123"), True),
        ("wave", ("X-123", "X-123"), False),
        ("pms", ("X-X-123", "X-X-123"), False),
    ],
)
def test_a_changed_converter_whose_values_no_longer_correspond(make_world, make_links, backfill, expected, waits):
    """What nobody agreed on in this form meets anew, by `backfill`, and is not left apart without a word."""
    world = make_world(make_links())
    _fax(world, Prefixed("X-"))
    wave_id, _ = world.pair(fax="X-123")
    world.rest()
    _fax(world, Prefixed(""), backfill=backfill)

    world.run()

    assert (world.at_wave(wave_id)["fax"], world.at_pms(wave_id)["fax"]) == expected
    assert disputes(world) == (["fax"] if waits else [])
    world.rest()
    assert disputes(world) == (["fax"] if waits else [])


def test_a_changed_converter_does_not_overwrite_what_was_edited_meanwhile(world):
    """Though Wave is to win where a changed converter no longer fits, an edit of the PMS that nobody saw is held."""
    _fax(world, Prefixed("X-"))
    wave_id, pms_id = world.pair(fax="X-123")
    world.rest()
    world.pms_box.edit(pms_id, {"fax": "777"})
    _fax(world, Prefixed(""), backfill="wave")

    world.run()

    assert world.at_pms(wave_id)["fax"] == "777"
    assert disputes(world) == ["fax"]


def test_a_converter_that_starts_to_raise_holds_its_group_and_nothing_else(make_world, make_links):
    """A stored value that the new converter cannot read is held with the reason; the rest of the pair travels."""
    world = make_world(make_links())
    wave_id, _ = world.pair(fax="123", phone="000")
    world.wave_box.edit(wave_id, {"phone": "111"})
    _fax(world, Prefixed("X-"))

    report = world.run()

    assert report.ok
    assert world.at_pms(wave_id)["phone"] == "111"
    (dispute,) = world.sync.disputes()
    assert (dispute.group, dispute.reason.value) == ("fax", "conversion")
    assert "does not begin with" in dispute.detail
    world.rest()
    assert disputes(world) == ["fax"]
    world.change(mapping=MappingRegistry.default())
    world.rest()
    assert disputes(world) == []


@pytest.mark.parametrize("backfill", ["fill_empty", "pms"])
def test_a_new_field_that_cannot_be_read_keeps_to_its_backfill(stored_world, backfill):
    """Who wins among customers that meet says nothing of a new field, at later looks at what is held no more."""
    world = stored_world
    world.change(policy=Policy(first_meeting="wave"))
    remap(world, "fax")
    wave_id, pms_id = world.pair(fax="123")
    world.pms_box.edit(pms_id, {"fax": "777"})
    world.rest()
    _fax(world, Prefixed("X-"), backfill=backfill)

    for _ in range(2):
        world.run(full=True)
        assert (world.at_wave(wave_id)["fax"], world.at_pms(wave_id)["fax"]) == ("123", "777")
        (dispute,) = world.sync.disputes()
        assert dispute.reason.value == "conversion"
        assert "does not begin with X-" in dispute.detail


def test_a_changed_converter_is_remembered_though_its_writes_were_put_off(world):
    """The PMS was down when the new form was to be written: later runs still know that it never arrived."""
    _fax(world, Prefixed("X-"))
    wave_id, _ = world.pair(fax="X-123")
    world.rest()
    _fax(world, Prefixed(""), backfill="wave")
    world.pms_box.faults.add(Fault.SERVER_ERROR, on="update", times=None)
    world.run()
    assert world.at_pms(wave_id)["fax"] == "X-X-123"
    world.pms_box.faults.clear()

    world.rest()

    assert world.at_pms(wave_id)["fax"] == "X-123"


def test_a_direction_there_and_back(world):
    """What was accepted while a property travelled one way only is held when it travels both ways again."""
    wave_id, pms_id = world.pair(fax="000")
    remap(world, wave="fax", pms="fax", direction="to_pms")
    world.run()
    world.later()
    world.pms_box.edit(pms_id, {"fax": "111"})
    world.run()
    assert world.at_wave(wave_id)["fax"] == "000"
    assert disputes(world) == []

    world.change(mapping=MappingRegistry.default())
    world.run()

    assert (world.at_wave(wave_id)["fax"], world.at_pms(wave_id)["fax"]) == ("000", "111")
    assert disputes(world) == ["fax"]


def test_a_mapping_that_changes_before_any_run_has_seen_everything_leaves_nothing_apart(stored_world):
    """What was agreed on before the first complete run is judged anew, too, when it is mapped otherwise by then."""
    world = stored_world
    wave_id = world.wave_box.add({"name": "Ada", "website": "ada.example"})
    pms_id = world.pms_box.add({"name": "Ada"})
    remap(world, wave="website", pms="website", direction="to_wave")
    world.sync.link(wave_id, pms_id)
    world.sync.run(only=[wave_id])
    assert world.at_pms(wave_id).get("website") is None

    world.change(mapping=MappingRegistry.default())
    world.run()

    assert world.at_pms(wave_id)["website"] == "ada.example"


def test_an_edit_on_the_day_of_the_change_travels(world):
    """An edit made since the last run is an edit under the new converter, too, where what was agreed on still fits."""
    wave_id, _ = world.pair(fax="555 0100")
    world.later()
    world.wave_box.edit(wave_id, {"fax": "555 0111"})
    _fax(world, "text")

    world.run()

    assert world.at_pms(wave_id)["fax"] == "555 0111"


# --- the brake -------------------------------------------------------------------------------------


@SIDES
@pytest.mark.parametrize(
    ("edits", "others", "held"), [(21, 0, True), (20, 0, False), (21, 84, False), (21, 83, True)], ids=str
)
def test_one_field_that_looks_changed_everywhere_is_held(make_world, side, edits, others, held):
    """One field changed on one side in more than 20 links and a fifth of all holds the plan until it is released."""
    world = make_world(page_size=200)
    ids = many(world, edits + others, phone="000")
    world.rest()
    pms_ids = world.linked()
    for n, wave_id in enumerate(ids[:edits]):
        if side == "wave":
            world.wave_box.edit(wave_id, {"phone": f"1{n}"})
        else:
            world.pms_box.edit(pms_ids[wave_id], {"phone": f"1{n}"})
    world.later()
    plan = world.sync.plan()

    report = world.sync.apply(plan)

    brake = [why for why in plan.held if why.startswith("phone looks edited in")]
    assert bool(brake) is held
    assert (report.status == "held") is bool(plan.held)
    if plan.held:
        assert world.at_wave(ids[0])["phone"] == "000" or world.at_pms(ids[0])["phone"] == "000"
        assert world.sync.apply(plan, accept=plan.digest).ok
    assert world.at_wave(ids[0])["phone"] == world.at_pms(ids[0])["phone"] == "10"
    world.settle()
    assert world.sync.plan(full=True).empty


@pytest.mark.parametrize("backfill", ["wave", "fill_empty"])
def test_a_converter_that_fits_nobody_any_more_is_held(make_world, backfill):
    """A changed converter under which very many pairs no longer correspond holds the plan and names the field."""
    world = make_world()
    _fax(world, Prefixed("X-"))
    ids = many(world, 21, fax="X-123")
    world.rest()
    _fax(world, Prefixed(""), backfill=backfill)
    world.count()

    report = world.run()

    assert report.status == "held"
    plan = world.sync.plan()
    assert [why for why in plan.held if why.startswith("fax no longer corresponds for 21 of 21")]
    assert world.writes == (0, 0)
    assert disputes(world) == []
    assert world.sync.apply(plan, accept=plan.digest).ok
    assert world.at_pms(ids[0])["fax"] == ("X-123" if backfill == "wave" else "X-X-123")
    world.rest()


def test_a_one_way_field_that_a_server_renders_otherwise_is_held_too(make_world, mapping):
    """A PMS that shows another form of a one-way field everywhere is asked about, though nothing would be written."""
    world = make_world()
    many(world, 21)
    world.rest()
    for pms_id in world.linked().values():
        world.pms_box.edit(pms_id, {"currency_code": "XXX"})
    world.later()

    plan = world.sync.plan()

    assert [why for why in plan.held if why.startswith("currency.code looks edited in the PMS")]


def test_the_brake_counts_fields_not_records(make_world):
    """Forty customers edited at once, no field in more than twenty of them: people work, nothing is held."""
    world = make_world(page_size=200)
    ids = many(world, 60, phone="000", fax="000")
    world.rest()
    for n, wave_id in enumerate(ids[:40]):
        world.wave_box.edit(wave_id, {"phone" if n < 20 else "fax": "111"})
    world.later()

    plan = world.sync.plan()

    assert [why for why in plan.held if "looks edited" in why] == []


def test_a_new_field_that_fills_empty_ones_is_not_held(make_world):
    """A field added for all customers fills the empty side in one run, as on the first day."""
    world = make_world()
    ids = many(world, 21, internalNotes="likes tea")
    remap(world, wave="internalNotes", pms="notes")

    assert world.run().ok
    assert {world.at_pms(i)["notes"] for i in ids} == {"likes tea"}


# --- what stands at the moment of the change -------------------------------------------------------


def _disputed(world, **values):
    """A pair whose phone number is disputed."""
    wave_id, pms_id = world.pair(phone="000", **values)
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.run()
    assert disputes(world) == ["phone"]
    return wave_id, pms_id


def test_a_hold_on_a_dropped_field_ends_with_a_word(stored_world):
    """A dispute about a property that is not mapped any more is over, and the plan says so."""
    world = stored_world
    _disputed(world)
    remap(world, "phone")
    world.later()

    plan = world.sync.plan()

    assert "the field is not mapped any more" in plan.to_text()
    assert world.sync.apply(plan).ok
    assert disputes(world) == []


def test_a_dispute_of_another_map_is_decided_anew(world):
    """A dispute, and what a person chose for it, was about other values: with another property it starts afresh."""
    world.change(policy=Policy(first_meeting="wave"))
    wave_id, pms_id = _disputed(world)
    (dispute,) = world.sync.disputes()
    world.sync.resolve(dispute, choose="pms")
    world.pms_box.edit(pms_id, {"tel": "333"})
    remap(world, wave="phone", pms="tel")

    world.run()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["tel"]) == ("111", "333")
    (dispute,) = world.sync.disputes()
    assert (dispute.wave, dispute.pms, dispute.chosen) == ({"phone": "111"}, {"phone": "333"}, False)


def test_a_value_given_for_an_address_that_is_mapped_otherwise_is_not_written(world):
    """A value that a person gave for a group counts no more when a part of the group moved; the run does not fail."""
    wave_id, pms_id = world.pair(address={**ADDRESS})
    world.later()
    world.wave_box.edit(wave_id, {"address": {**ADDRESS, "city": "Ottawa"}})
    world.pms_box.edit(pms_id, {"address": {"city": "Montreal"}})
    world.run()
    (dispute,) = world.sync.disputes()
    world.sync.resolve(dispute, value={"address.city": "Quebec"})
    remap(world, wave="address.city", pms="address.town")

    report = world.run()

    assert report.ok
    assert world.at_wave(wave_id)["address"]["city"] != "Quebec"


def test_a_choice_survives_a_change_elsewhere(world):
    """What a person chose is carried out, though another property was mapped meanwhile."""
    wave_id, _ = _disputed(world)
    (dispute,) = world.sync.disputes()
    world.sync.resolve(dispute, choose="pms")
    remap(world, wave="internalNotes", pms="notes")

    world.run()

    assert world.at_wave(wave_id)["phone"] == "222"


@SIDES
@pytest.mark.parametrize("when", ["edit", "create"])
def test_what_was_not_kept_is_sent_again_when_its_map_changes(make_world, side, when):
    """A value that a side did not keep is sent to that side again, once, when the property is mapped otherwise."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    box = box_of(world, side)
    box.faults.add(Fault.IGNORED_FIELD, field="fax")
    other = world.pms_box if side == "wave" else world.wave_box
    if when == "create":
        other.add({"name": "Ada Lovelace", "fax": "111"})
        world.run()
        ((wave_id, pms_id),) = world.linked().items()
    else:
        wave_id, pms_id = world.pair()
        world.later()
        other.edit(pms_id if side == "wave" else wave_id, {"fax": "111"})
        world.run()
    world.rest()
    box.faults.clear()
    assert [a.not_kept for a in world.links.scan(Agreement)] == [("fax",)]
    world.rest()
    there = world.at_wave if side == "wave" else world.at_pms
    assert there(wave_id)["fax"] is None

    _fax(world, "text")
    world.run()

    assert there(wave_id)["fax"] == "111"
    assert [a.not_kept for a in world.links.scan(Agreement)] == [()]
    world.rest()


@SIDES
def test_a_rendering_that_was_not_kept_is_written_over_by_its_origin(world, side):
    """A side that made something else of a value gets it again under the new converter; the origin is not touched."""
    box = box_of(world, side)
    wave_id, pms_id = world.pair(fax="abc")
    world.later()
    box.faults.add(Fault.NORMALISED, field="fax", how=lambda text: text[:2])
    (world.pms_box if side == "wave" else world.wave_box).edit(pms_id if side == "wave" else wave_id, {"fax": "xyz"})
    world.run()
    world.rest()
    box.faults.clear()
    there = world.at_wave if side == "wave" else world.at_pms
    assert there(wave_id)["fax"] == "xy"

    remap(world, wave="fax", pms="fax", converter=Prefixed(""))
    world.rest()

    assert world.at_wave(wave_id)["fax"] == world.at_pms(wave_id)["fax"] == "xyz"


def test_a_rendering_at_create_is_written_over_by_its_origin(world):
    """What the PMS made of a value when the customer was created is sent again, to the PMS, under the new converter."""
    world.pms_box.faults.add(Fault.NORMALISED, field="fax", how=lambda text: text[:2])
    wave_id, _ = world.pair(fax="xyz")
    world.rest()
    world.pms_box.faults.clear()
    assert world.at_pms(wave_id)["fax"] == "xy"

    _fax(world, Prefixed(""))
    world.rest()

    assert world.at_wave(wave_id)["fax"] == world.at_pms(wave_id)["fax"] == "xyz"


def test_an_edit_in_place_of_what_was_not_kept_is_not_overwritten(world):
    """Somebody entered a value where ours was not kept: it is not written over on the day its map changes."""
    wave_id, pms_id = world.pair()
    world.later()
    world.pms_box.faults.add(Fault.IGNORED_FIELD, field="fax")
    world.wave_box.edit(wave_id, {"fax": "111"})
    world.rest()
    world.pms_box.faults.clear()
    world.pms_box.edit(pms_id, {"fax": "222"})

    _fax(world, "text")
    world.run()

    assert (world.at_wave(wave_id)["fax"], world.at_pms(wave_id)["fax"]) == ("111", "222")
    assert disputes(world) == ["fax"]


def test_what_was_not_kept_rests_when_it_corresponds_now(world):
    """If the new converter knows that the side keeps two letters only, both correspond, and nothing is sent."""
    wave_id, _ = world.pair(website="abc")
    world.later()
    world.pms_box.faults.add(Fault.NORMALISED, field="website", how=lambda text: text[:2])
    world.wave_box.edit(wave_id, {"website": "xyz"})
    world.rest()
    world.count()

    remap(world, wave="website", pms="website", converter=Letters(2))
    world.rest()

    assert world.writes == (0, 0)
    assert [a.not_kept for a in world.links.scan(Agreement)] == [()]


def test_a_record_that_lacked_a_required_value_is_freed_when_it_is_no_longer_required(world):
    """What rested for a missing required value gets its counterpart in the next run, not only in the daily one."""
    remap(world, wave="fax", pms="fax", required=True)
    world.pair(fax="000")
    wave_id = world.wave_box.add({"name": "Grace"})
    world.run()
    world.rest()
    assert [q.id for q in world.sync.quarantine()] == [wave_id]

    world.change(mapping=MappingRegistry.default())
    world.run()

    assert wave_id in world.linked()
    assert world.sync.quarantine() == []


# --- writes that were under way --------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
@pytest.mark.parametrize("marker", [True, False])
def test_a_lost_create_is_settled_under_another_mapping(make_world, make_links, kind, marker):
    """A create cut in the middle ends with exactly one record, and with all values, though the maps moved meanwhile."""
    world = make_world(make_links(), profile=None if marker else NO_KEYS)
    world.pair()
    wave_id = world.wave_box.add({"name": "Grace", "fax": "111", "phone": "222", "internalNotes": "likes tea"})
    world.pms_box.faults.add(kind, on="create")
    world.run()
    registry = MappingRegistry.default()
    registry.enable("internalNotes")
    registry.map("customer", wave="fax", pms="telefax")
    registry.unmap("phone")
    world.change(mapping=registry)

    for _ in range(5):
        world.settle()
        world.sync.run()
    world.rest()

    assert not list(world.links.scan(Intent))
    assert world.pms_box.ledger.creates == 2
    shown = world.at_pms(wave_id)
    assert (shown["name"], shown["telefax"], shown["notes"]) == ("Grace", "111", "likes tea")


def test_a_lost_create_whose_mark_is_refused_under_another_mapping_is_sent_as_it_was_announced(world):
    """Of what was announced only the mark is left out, whatever is mapped by now; the run used to break off."""
    world.pair()
    wave_id = world.wave_box.add({"name": "Grace", "phone": "222"})
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="create")
    world.run()
    registry = MappingRegistry.default()
    registry.unmap("phone")
    world.change(mapping=registry)
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="external_id", times=None)

    for _ in range(5):
        world.settle()
        report = world.sync.run()

    assert report.ok
    assert world.pms_box.ledger.creates == 2
    shown = world.at_pms(wave_id)
    assert (shown["phone"], shown["external_id"]) == ("222", None)


@pytest.mark.parametrize("kind", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
def test_what_a_lost_create_says_by_a_former_map_is_met_as_a_new_field_is(make_world, make_links, kind):
    """Wave's property comes from another one of the PMS by now; what the create said of it fills that, too."""
    world = make_world(make_links(), policy=Policy(create_in=("pms", "wave")))
    world.pair()
    pms_id = world.pms_box.add({"name": "Grace", "customer_number": "12"})
    world.wave_box.faults.add(kind, on="create")
    world.run()
    remap(world, wave="displayId", pms="number")

    for _ in range(5):
        world.settle()
        world.sync.run()
    world.rest()

    (wave_id,) = (wave for wave, pms in world.linked().items() if pms == pms_id)
    assert (world.at_wave(wave_id)["displayId"], world.at_pms(wave_id)["number"]) == ("12", "12")
    assert world.sync.verify().ok


@pytest.mark.parametrize("kind", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
def test_what_a_lost_create_kept_back_by_a_former_map_travels_by_a_new_one(make_world, make_links, kind):
    """A property went one way when the create was sent, and goes both ways by now: its value arrives, too."""
    one_way = MappingRegistry.default()
    one_way.map("customer", wave="website", pms="website", direction="to_pms")
    world = make_world(make_links(), policy=Policy(create_in=("pms", "wave")), mapping=one_way)
    world.pair()
    pms_id = world.pms_box.add({"name": "Grace", "website": "https://grace.example"})
    world.wave_box.faults.add(kind, on="create")
    world.run()
    world.change(mapping=MappingRegistry.default())

    for _ in range(5):
        world.settle()
        world.sync.run()
    world.rest()

    (wave_id,) = (wave for wave, pms in world.linked().items() if pms == pms_id)
    assert world.at_wave(wave_id)["website"] == "https://grace.example"
    assert world.sync.verify().ok


def test_a_found_create_fills_a_field_that_nobody_mapped_when_it_was_sent(world):
    """What the PMS itself put into a property that is mapped since then is filled in Wave, by `backfill`."""
    world.pair()
    wave_id = world.wave_box.add({"name": "Grace"})
    world.pms_box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    (pms_id,) = (i for i, row in world.pms_box.customers.items() if row["name"] == "Grace")
    world.pms_box.edit(pms_id, {"notes": "by default"}, stamp=False)
    remap(world, wave="internalNotes", pms="notes")

    world.rest()

    assert world.at_wave(wave_id)["internalNotes"] == "by default"


def test_a_found_create_whose_converter_changed_is_held(world):
    """What was sent in another form than the mapping has now is held, and not left apart without a word."""
    _fax(world, Prefixed("X-"))
    world.pair()
    world.wave_box.add({"name": "Grace", "fax": "X-1"})
    world.pms_box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    _fax(world, Prefixed(""))

    world.rest()

    assert disputes(world) == ["fax"]


def _explained(world):
    """Nothing stands apart without a word, though everything has settled."""
    world.rest()
    assert world.sync.verify().ok, str(world.sync.verify())


@pytest.mark.parametrize("backfill", ["fill_empty", "wave", "pms"])
def test_a_lost_update_found_under_another_mapping_was_agreed_on_by_nobody(stored_world, backfill):
    """A number that says another thing by today's map is met anew, though it is there as it was sent."""
    world = stored_world
    _fax(world, Prefixed("1"))
    _, pms_id = world.pair(fax="222")
    world.pms_box.edit(pms_id, {"fax": "1008"})
    world.wave_box.faults.add(Fault.LOST_AFTER, on="update")
    world.run()
    _fax(world, Prefixed(""), backfill=backfill)

    _explained(world)


@SIDES
def test_an_update_that_was_not_kept_under_a_former_mapping_is_sent_once_more(make_world, side):
    """It was confirmed and not shown when the map changed; what was not kept then is sent by the new map."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    _fax(world, Prefixed("1"))
    wave_id, _ = world.pair(fax="222")
    world.later()
    world.box(side).faults.add(Fault.IGNORED_FIELD, field="fax")
    world.edit_origin(side, wave_id, {"fax": "1008"})
    world.later()
    world.run()
    world.box(side).faults.clear()
    _fax(world, Prefixed(""))

    _explained(world)

    assert world.sync.disputes() == []
    assert (world.at_wave(wave_id)["fax"], world.at_pms(wave_id)["fax"]) == ("1008", "1008")


@SIDES
@pytest.mark.parametrize("late", [False, True], ids=["sent again", "late"])
def test_a_lost_create_under_another_mapping_was_agreed_on_by_nobody(make_world, side, late):
    """However it is settled, and though a run has seen everything since the change, it meets anew."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    _fax(world, Prefixed("1"))
    world.pair()
    (world.pms_box if side == "wave" else world.wave_box).add({"name": "Grace", "fax": "1008"})
    kind, facts = (Fault.LATE_COMMIT, {"seconds": 250}) if late else (Fault.LOST_BEFORE, {})
    world.box(side).faults.add(kind, on="create", **facts)
    world.run()
    _fax(world, Prefixed(""))
    world.run()
    world.settle()

    _explained(world)


def test_what_nobody_had_when_it_was_not_required_proves_nothing(world):
    """A record that was made without a phone number is shown as it was sent, though one is required by now."""
    world.pair()
    world.rest()
    remap(world, wave="phone", pms="phone", required=True)
    world.wave_box.add({"name": "Grace", "phone": "222"})

    assert world.run().status == "complete"


@pytest.mark.parametrize("change", ["dropped", "moved"])
@pytest.mark.parametrize("unlinked", [False, True], ids=["linked", "unlinked"])
def test_what_a_lost_update_replaced_in_a_property_that_is_mapped_no_more_is_told(world, change, unlinked):
    """Nobody can judge it any more, and its outcome is unknown; what it may have replaced is in the journal, once."""
    wave_id, _ = world.pair(fax="000")
    world.later()
    world.wave_box.edit(wave_id, {"fax": "111"})
    world.pms_box.faults.add(Fault.LOST_AFTER, on="update")
    run_id = world.run().run_id
    registry = MappingRegistry.default()
    if change == "dropped":
        registry.unmap("fax")
    else:
        registry.map("customer", wave="fax", pms="telefax")
    world.change(mapping=registry)

    if unlinked:
        world.sync.unlink(wave_id=wave_id)
    world.rest()
    world.run()

    told = [(e.run_id, e.outcome, f.name, f.before, f.after) for e in world.links.scan(JournalEntry) for f in e.fields]
    told = [each for each in told if each[3] == "000"]
    assert [each[2:] for each in told] == [("fax", "000", "111")]
    assert unlinked or [each[:2] for each in told] == [(run_id, "unknown")]


@pytest.mark.parametrize("change", ["dropped", "moved", "converter"])
def test_a_lost_update_is_settled_under_another_mapping(world, change):
    """An update of which nobody knows whether it arrived is settled, though its property is mapped otherwise by now."""
    wave_id, _ = world.pair(fax="000")
    world.later()
    world.wave_box.edit(wave_id, {"fax": "111"})
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="update")
    world.run()
    registry = MappingRegistry.default()
    if change == "dropped":
        registry.unmap("fax")
    else:
        registry.map("customer", wave="fax", pms="telefax" if change == "moved" else "fax", converter="text")
    world.change(mapping=registry)

    world.rest()
    world.run()  # by now, what was overtaken can no longer arrive, and is forgotten

    assert not list(world.links.scan(Intent))
    shown = world.at_pms(wave_id)
    assert shown["fax"] == ("111" if change == "converter" else "000")
    assert shown.get("telefax") == ("111" if change == "moved" else None)


@pytest.mark.parametrize(
    "change", [{"converter": "text"}, {"required": True}, {"backfill": "wave"}, {"on_foreign_edit": "revert"}], ids=str
)
def test_a_plan_of_another_mapping_is_refused(world, change):
    """A plan made before any rule of the mapping changed is refused, and nothing is written."""
    wave_id, _ = world.pair(fax="000")
    world.wave_box.edit(wave_id, {"fax": "111"})
    world.later()
    remap(world, wave="fax", pms="fax")
    plan = world.sync.plan()
    remap(world, wave="fax", pms="fax", **change)

    report = world.sync.apply(plan)

    assert report.status == "refused"
    assert world.at_pms(wave_id)["fax"] == "000"


# --- match keys ------------------------------------------------------------------------------------


def test_customers_are_found_by_an_email_that_moved_to_another_property(stored_world):
    """The e-mail is another property of the PMS now: those who wait there are found by it, and nobody is doubled."""
    world = stored_world
    world.pair()
    pms_id = world.pms_box.add({"name": "G. Hopper", "mail": "grace@example.com", "email": "old@example.com"})
    world.run()
    remap(world, wave="email", pms="mail")
    world.run()
    world.later(100_000)
    world.sync.run(full=False)
    wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    old_id = world.wave_box.add({"name": "Old", "email": "old@example.com"})

    world.later()
    world.sync.run(full=False)

    assert world.linked()[wave_id] == pms_id
    assert world.linked()[old_id] != pms_id
    assert len(world.pms_box.customers) == 3


def test_customers_are_found_by_a_match_key_that_was_added(stored_world):
    """With the phone number among the match keys, those who waited in the PMS since long ago are found by it."""
    world = stored_world
    pms_id = world.pms_box.add({"name": "G. Hopper", "phone": "555 0100"})
    world.later(3600)
    world.pair()
    world.rest()
    world.change(policy=Policy(match_on=("external_id", "email", "phone")))
    world.run()
    world.settle()
    wave_id = world.wave_box.add({"name": "Grace", "phone": "555-0100"})

    world.sync.run(full=False)

    assert world.linked()[wave_id] == pms_id
    assert len(world.pms_box.customers) == 2


def test_match_keys_there_and_back_find_those_who_were_looked_at_in_between(stored_world):
    """Somebody of whom a run for single customers noted other keys is found by the former ones when they return."""
    world = stored_world
    pms_id = world.pms_box.add({"name": "G. Hopper", "email": "grace@example.com"})
    world.later(3600)
    world.pair()
    world.rest()
    world.change(policy=Policy(match_on=("external_id",)))
    world.sync.run(only=[("pms", pms_id)])
    world.change(policy=Policy())
    world.later(100_000)
    wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com"})

    world.sync.run(full=False)

    assert world.linked()[wave_id] == pms_id


def test_a_match_key_that_is_dropped_joins_nobody_any_more(world):
    """Without the e-mail among the match keys, somebody with the same mailbox is another customer."""
    world.pair()
    registry = MappingRegistry.default()
    registry.unmap("email")
    world.change(mapping=registry, policy=Policy(match_on=("external_id",)))
    world.run()
    other = world.wave_box.add({"name": "Grace", "email": "ada@example.com"})

    world.run()

    assert other in world.linked()
    assert world.sync.quarantine() == []


# --- the marker ------------------------------------------------------------------------------------


def test_the_wave_id_moves_to_another_property(stored_world):
    """Links stay, nobody is doubled, the Wave id is noted where it is missing; what stood elsewhere stays there."""
    world = stored_world
    wave_id, _ = world.pair()
    other, other_pms = world.pair(name="Grace", email="grace@example.com")
    world.pms_box.edit(other_pms, {"ledger": {"ref": "their own"}})
    world.rest()
    remap(world, wave="id", pms="ledger.ref")
    before = world.linked()

    world.run()

    assert world.linked() == before
    assert len(world.pms_box.customers) == 2
    assert world.at_pms(wave_id)["ledger"]["ref"] == world.at_pms(wave_id)["external_id"] == wave_id
    assert world.at_pms(other)["ledger"]["ref"] == "their own"
    world.count()
    world.rest()
    assert world.writes == (0, 0)


def test_the_wave_id_is_noted_where_it_was_again(stored_world):
    """A customer made while the Wave id was noted elsewhere bears it in the former place, too, when that returns."""
    world = stored_world
    world.pair()
    world.rest()
    remap(world, wave="id", pms="ledger.ref")
    other = world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    world.sync.run(only=[other])
    world.change(mapping=MappingRegistry.default())

    world.run()

    assert world.at_pms(other)["external_id"] == world.at_pms(other)["ledger"]["ref"] == other


def test_marks_that_could_not_be_written_follow(world):
    """The PMS was down when the marks were to be noted elsewhere: the next runs note them, and then rest."""
    wave_id, _ = world.pair()
    world.rest()
    remap(world, wave="id", pms="ledger_ref")
    world.pms_box.faults.add(Fault.SERVER_ERROR, on="update", times=None)
    world.run()
    world.pms_box.faults.clear()

    world.rest()

    assert world.at_pms(wave_id)["ledger_ref"] == wave_id


def test_a_lost_memory_is_found_again_by_the_moved_marks(world):
    """After the move the marks of the new property link the same two again, should the memory get lost."""
    from wave_pms_sync import MemoryLinkStore

    wave_id, pms_id = world.pair()
    remap(world, wave="id", pms="ledger_ref")
    world.run()
    world.pms_box.edit(pms_id, {"email": "else@example.com"})
    world.links = MemoryLinkStore()
    world.sync = world.make_sync()

    world.run()

    assert world.linked() == {wave_id: pms_id}
    assert len(world.pms_box.customers) == 1
