"""A PMS that keeps an address as one text: what is certain travels, what is not is held, and nothing is mangled."""

from __future__ import annotations

import pytest

from wave_pms_sync import MappingRegistry
from wave_pms_sync.model.side import Side

PARTS = ("addressLine1", "addressLine2", "city", "province.code", "postalCode", "country.code")
ADDRESS = {"addressLine1": "1 Main St, Suite 5", "city": "Toronto", "country": {"code": "CA"}}


@pytest.fixture
def mapping():
    """The default mapping, with the address as one text."""
    registry = MappingRegistry.default()
    for part in PARTS:
        registry.unmap(f"address.{part}")
    registry.map(
        "organisation",
        wave=[f"address.{part}" for part in PARTS],
        pms="postal_address",
        converter={"name": "address_text", "country": "CA"},
    )
    return registry


def test_address_becomes_one_text(world, mapping):
    """The parts of Wave are written as one text, and a second run has nothing to do."""
    world.change(mapping=mapping)
    wave_id, _ = world.pair(address={**ADDRESS, "province": {"code": "CA-ON"}, "postalCode": "M5V 2T6"})

    assert world.at_pms(wave_id)["postal_address"] == "1 Main St, Suite 5\nToronto, ON M5V 2T6"
    assert world.rest().ok


def test_text_that_the_rule_cannot_split_changes_the_part_that_was_edited(world, mapping):
    """Without a postal code no rule tells the city, but Wave's present address does, if one part was edited."""
    world.change(mapping=mapping)
    wave_id, pms_id = world.pair(address=ADDRESS)
    world.later()
    world.pms_box.edit(pms_id, {"postal_address": "9 Elm St, Rear\nToronto"})

    report = world.run()

    assert report.counts.updated_wave == 1
    assert world.at_wave(wave_id)["address"]["addressLine1"] == "9 Elm St, Rear"
    assert world.at_wave(wave_id)["address"]["city"] == "Toronto"
    assert world.at_pms(wave_id)["postal_address"] == "9 Elm St, Rear\nToronto"
    assert world.rest().ok


def test_text_that_cannot_be_split_is_held_and_left_alone(world, mapping):
    """A text that is no address any more is held, unquoted, and neither side is touched until a person sees to it."""
    world.change(mapping=mapping)
    wave_id, pms_id = world.pair(address=ADDRESS)
    world.later()
    world.pms_box.edit(pms_id, {"postal_address": "call first, ask for Grace, then come", "phone": "555 0100"})

    report = world.run()

    assert world.at_wave(wave_id)["address"]["addressLine1"] == "1 Main St, Suite 5"
    assert world.at_wave(wave_id)["phone"] == "555 0100"
    assert world.at_pms(wave_id)["postal_address"] == "call first, ask for Grace, then come"
    assert "cannot be split into the parts of an address" in str(report.to_dict())
    assert "Grace" not in str(report.to_dict())


def test_newcomer_whose_address_cannot_be_split_says_why(mapping):
    """For a customer that Wave does not have yet, a text that is not split has a reason, not a guess."""
    lens = mapping.lens()
    [field_id] = [name for name in lens.fields if name.endswith("=postal_address")]

    assert lens.check(Side.WAVE, field_id, "call first") == "is one text that cannot be split into 6 parts"
