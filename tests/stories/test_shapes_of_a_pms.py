"""A PMS keeps things elsewhere: in lists, under names of its own, with values that it requires."""

from __future__ import annotations

import pytest

from wave_pms_sync import MappingRegistry


def listed() -> MappingRegistry:
    """Phones by type, a contact by role, the mark in a custom field."""
    registry = MappingRegistry()
    registry.map("customer", wave="name", pms="name")
    registry.map("customer", wave="id", pms="own[id=7].value")
    registry.map("customer", wave="phone", pms="phones[type=work].number", converter="phone")
    registry.map("customer", wave="mobile", pms="phones[type=mobile].number", converter="phone")
    registry.map("customer", wave="email", pms="contacts[role=billing].mail", converter="email")
    registry.map("customer", wave="website", pms="sites[0]")
    registry.constant(pms="type", value="customer")
    registry.constant(pms="via", value="wave", on="write")
    return registry


@pytest.fixture
def shaped(make_world):
    """A world whose PMS keeps things in lists."""
    return make_world(mapping=listed())


def test_record_is_made_in_the_shape_of_the_pms(shaped):
    """A new counterpart holds one item for each value, the mark, and the constants."""
    wave_id, pms_id = shaped.pair(phone="1", website="a.example")

    assert (
        shaped.pms_box.customers[pms_id].items()
        >= {
            "own": [{"id": 7, "value": wave_id}],
            "phones": [{"type": "work", "number": "1"}],
            "contacts": [{"role": "billing", "mail": "ada@example.com"}],
            "sites": ["a.example"],
            "type": "customer",
            "via": "wave",
        }.items()
    )
    assert shaped.sync.plan(full=True).empty


def test_items_travel_one_by_one_and_the_others_stay(shaped):
    """An edit of one phone on each side meets nothing; an item that is not mapped, and what else is in one, stays."""
    wave_id, pms_id = shaped.pair(phone="1", mobile="2")
    phones = [
        {"type": "home", "number": "0"},
        {"type": "work", "number": "1", "ext": "9"},
        {"type": "mobile", "number": "22"},
    ]
    shaped.pms_box.edit(pms_id, {"phones": phones})
    shaped.wave_box.edit(wave_id, {"phone": "11"})

    report = shaped.run()

    assert report.ok
    assert shaped.at_wave(wave_id)["mobile"] == "22"
    assert shaped.at_pms(wave_id)["phones"] == [phones[0], {**phones[1], "number": "11"}, phones[2]]
    assert shaped.rest().ok


def test_clearing_takes_the_item_out_and_back(shaped):
    """A cleared phone leaves the list; an item that leaves the list clears the phone."""
    wave_id, pms_id = shaped.pair(phone="1", mobile="2")

    shaped.wave_box.edit(wave_id, {"phone": None})
    shaped.run()
    assert shaped.at_pms(wave_id)["phones"] == [{"type": "mobile", "number": "2"}]

    shaped.pms_box.edit(pms_id, {"phones": []})
    shaped.run()
    assert not shaped.at_wave(wave_id)["mobile"]
    assert shaped.rest().ok


def test_mark_in_a_custom_field_matches_after_amnesia(shaped):
    """With the memory lost, the Wave id in a list of custom fields still says who is who."""
    wave_id, pms_id = shaped.pair(phone="1")
    shaped.pms_box.edit(pms_id, {"contacts": None, "name": "Renamed"})
    shaped.change(links=type(shaped.links)())
    shaped.links = shaped.settings["links"]

    shaped.run()

    assert shaped.linked() == {wave_id: pms_id}
    assert len(shaped.pms_box.customers) == 1


def test_mark_is_laid_beside_other_custom_fields(shaped):
    """A record that was linked by its e-mail gets its mark without losing what the list holds already."""
    pms_id = shaped.pms_box.add(
        {
            "name": "Ada Lovelace",
            "own": [{"id": 3, "value": "x"}],
            "contacts": [{"role": "billing", "mail": "ADA@x.example"}],
        }
    )
    wave_id = shaped.wave_box.add({"name": "Ada Lovelace", "email": "ada@x.example"})

    shaped.run()

    assert shaped.linked() == {wave_id: pms_id}
    assert shaped.at_pms(wave_id)["own"] == [{"id": 3, "value": "x"}, {"id": 7, "value": wave_id}]


def test_default_is_given_once_and_stays_where_it_is(make_world):
    """A PMS that requires an e-mail gets the default; it never travels to Wave, and a real value takes its place."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="email", pms="email", default="none@pms.example")
    world = make_world(mapping=registry)
    wave_id, pms_id = world.pair(email=None)

    assert world.at_pms(wave_id)["email"] == "none@pms.example"
    assert world.rest().ok
    assert not world.at_wave(wave_id)["email"]

    world.wave_box.edit(wave_id, {"email": "ada@example.com"})
    world.run()
    assert world.at_pms(wave_id)["email"] == "ada@example.com"
    assert world.pms_box.customers[pms_id]["name"] == "Ada Lovelace"


@pytest.mark.parametrize(("absent", "travels"), [("empty", True), ("unknown", False)])
def test_left_out_means_empty_only_if_the_map_says_so(make_world, absent, travels):
    """A PMS that leaves out what has no value shows a cleared field only where that is declared."""
    registry = MappingRegistry()
    registry.map("customer", wave="name", pms="name")
    registry.map("customer", wave="phone", pms="tel.main", converter="phone", absent=absent)
    world = make_world(mapping=registry)
    wave_id, pms_id = world.pair(phone="1")

    world.pms_box.edit(pms_id, {"tel": {"main": None}})  # the sandbox then shows {"tel": {}}
    report = world.run()

    assert report.ok
    assert world.at_wave(wave_id)["phone"] == (None if travels else "1")
    assert world.rest().ok


def test_clear_counts_as_kept_where_the_answer_leaves_it_out(make_world):
    """A PMS that shows nothing where there is nothing has kept what was cleared."""
    registry = MappingRegistry()
    registry.map("customer", wave="name", pms="name")
    registry.map("customer", wave="phone", pms="tel.main", converter="phone")
    world = make_world(mapping=registry)
    wave_id, _ = world.pair(phone="1")

    world.wave_box.edit(wave_id, {"phone": None})
    report = world.run()

    assert report.counts["not_kept"] == 0
    assert world.at_pms(wave_id)["tel"] == {}
    assert world.rest().ok
    world.wave_box.edit(wave_id, {"phone": "2"})
    assert world.run().ok
    assert world.at_pms(wave_id)["tel"] == {"main": "2"}


def test_default_stands_in_for_a_required_value(make_world):
    """A customer without the e-mail that the PMS requires gets a counterpart all the same, where there is a default."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="email", pms="email", required=True, default="none@pms.example")
    world = make_world(mapping=registry)

    wave_id, _ = world.pair(email=None)

    assert world.at_pms(wave_id)["email"] == "none@pms.example"
    assert world.sync.quarantine() == []


@pytest.mark.parametrize("linked", [False, True])
def test_value_of_another_shape_is_held_and_never_written_over(make_world, linked):
    """A PMS that keeps its address as one text, under a mapping that expects an object, loses none of it."""
    world = make_world()
    shown = {"name": "Ada Lovelace", "email": "ada@example.com", "address": "Lillegata 9, 5003 Bergen"}
    address = {"addressLine1": "1 Main St", "city": "Toronto"}
    if linked:
        wave_id, pms_id = world.pair()
        world.pms_box.edit(pms_id, shown)
        world.run()
        world.wave_box.edit(wave_id, {"address": address})
    else:
        pms_id = world.pms_box.add(shown)
        wave_id = world.wave_box.add({"name": "Ada Lovelace", "email": "ada@example.com", "address": address})

    world.run()

    assert world.linked() == {wave_id: pms_id}
    assert world.at_pms(wave_id)["address"] == "Lillegata 9, 5003 Bergen"
    (dispute,) = world.sync.disputes()
    assert dispute.group == "address"
    assert "Lillegata 9" in str(dispute.pms)
