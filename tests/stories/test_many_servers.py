"""One life with servers of many kinds: nobody outside knows how each behaves, and all come to rest in agreement."""

from __future__ import annotations

import pytest

from wave_pms_sync import PmsProfile, Policy
from wave_pms_sync.wave.settings import WaveSettings

WAVES = {
    "as documented": {},
    "blank for nothing": {"unset": "empty"},
    "merging addresses": {"patch_nested": "merged"},
    "exclusive filter": {"filter_inclusive": False},
    "small pages": {"max_page_size": 2},
    "hiding archived": {"archived_listed": False},
    "errors for missing": {"write_missing": "error"},
    "401 and 400": {"unauthorized_status": 401, "invalid_status": 400},
    "shuffling ties": {"ties": "shuffled"},
    "ahead": {"clock_skew_s": 90},
}
PMSES = {
    "whole seconds": {"stamp_digits": 0},
    "counting": {"show_total": True},
    "soft deletes": {"soft_delete": True, "tombstones": True},
    "wanting versions": {"require_if_match": True},
    "plain": {"etags": False, "idempotency": False},
    "small pages": {"max_limit": 2},
    "behind": {"clock_skew_s": -90},
}
PLAIN = PmsProfile.from_dict(
    {
        "list": {"query": {"limit": "{limit}", "cursor": "{cursor}"}},
        "record": {"archived": "", "updated": "none", "marker": False},
        "create": {"headers": {}},
        "update": {"headers": {}},
        "delete": {"headers": {}},
    }
)


def life(world):
    """Customers come, change on both sides, lose values, and go."""
    for n in range(3):
        world.wave_box.add({"name": f"W{n}", "email": f"w{n}@example.com", "phone": "000", "fax": "000"})
        world.later(1)
    world.pms_box.add({"name": "P", "email": "p@example.com", "address": {"line1": "1 P St", "country_code": "CA"}})
    world.rest()
    world.later(300)
    first, second, third = list(world.linked())[:3]
    ids = world.linked()
    world.wave_box.edit(first, {"phone": "111", "fax": None, "address": {"city": "Bonn", "country": {"code": "DE"}}})
    world.pms_box.edit(ids[first], {"website": "first.example"})
    world.pms_box.edit(ids[second], {"fax": None, "address": {"line1": "2 S St", "country_code": "US"}})
    world.later(300)
    world.pms_box.edit(ids[second], {"address": {"city": "Boston", "region_code": "US-MA"}})
    world.rest()
    world.wave_box.edit(second, {"address": {"city": "Salem"}})
    world.wave_box.edit(third, {"name": "Renamed"})
    world.rest()
    world.pms_box.remove(ids[third])
    for _ in range(2):
        world.settle()
        world.sync.run(full=True)
    return first, second, third


def check(world, first, second, third):
    """Both sides agree, and nothing is left to do."""
    wave, pms = world.at_wave(first), world.at_pms(first)
    assert (wave["phone"], pms["phone"]) == ("111", "111")
    assert not wave["fax"]
    assert not pms["fax"]
    assert (wave["website"], pms["website"]) == ("first.example", "first.example")
    assert (pms["address"]["city"], pms["address"]["country_code"]) == ("Bonn", "DE")
    wave, pms = world.at_wave(second), world.at_pms(second)
    assert (wave["address"]["addressLine1"], pms["address"]["city"]) == ("2 S St", "Salem")
    assert wave["address"]["province"]["code"] == "US-MA"
    assert not wave["fax"]
    assert third not in world.wave_box.customers
    assert world.sync.disputes() == []
    assert world.sync.quarantine() == []
    assert world.sync.plan(full=True).empty
    assert world.wave_box.ledger.creates == 1
    assert world.pms_box.ledger.creates == 3


POLICY = Policy(create_in=("pms", "wave"), deletions={"wave": "delete"})


@pytest.mark.parametrize("kind", WAVES)
def test_a_life_with_waves_of_many_kinds(make_world, kind):
    """However Wave behaves where nobody knows, both sides end in agreement, and nobody is doubled."""
    world = make_world(policy=POLICY, wave_options=WAVES[kind])

    check(world, *life(world))


@pytest.mark.parametrize("kind", PMSES)
def test_a_life_with_pmses_of_many_kinds(make_world, kind):
    """Whatever a PMS can or cannot do, both sides end in agreement, and nobody is doubled."""
    world = make_world(policy=POLICY, pms_options=PMSES[kind])

    check(world, *life(world))


def test_a_life_with_a_pms_that_can_do_nothing(make_world):
    """A PMS without stamps, filter, marks, versions and keys is still kept in step."""
    world = make_world(policy=POLICY, profile=PLAIN, pms_options={"etags": False, "idempotency": False})

    check(world, *life(world))


def test_a_wave_that_ignores_null_is_cleared_by_blank_text(make_world):
    """Where null clears nothing, the setting `clear_with` clears with blank text."""
    world = make_world(wave_options={"patch_null": "ignored"})
    world.wave = world.make_wave(settings=WaveSettings(clear_with=""))
    world.change()
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    world.pms_box.edit(pms_id, {"phone": None})

    world.run()

    assert not world.at_wave(wave_id)["phone"]
    assert world.rest().ok


@pytest.mark.parametrize("patch_null", ["ignored", "refused"])
def test_a_wave_that_cannot_be_cleared_says_so_and_keeps_its_peace(make_world, patch_null):
    """Where a value cannot be cleared, the PMS is not filled again, and nothing is sent for ever."""
    world = make_world(wave_options={"patch_null": patch_null})
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    world.pms_box.edit(pms_id, {"phone": None})
    for _ in range(3):
        world.run()
        world.settle()
    world.count()

    for _ in range(2):
        world.run(full=True)
        world.settle()

    assert world.writes == (0, 0)
    assert world.at_wave(wave_id)["phone"] == "000"
    assert not world.at_pms(wave_id)["phone"]


def test_a_currency_that_wave_locks_is_left_alone(make_world):
    """A currency is never written to Wave, so one that is locked by invoices disturbs nobody."""
    world = make_world(wave_options={"currency_locked": True})
    wave_id, pms_id = world.pair()
    world.wave_box.invoices.add(wave_id)
    world.later()
    world.pms_box.edit(pms_id, {"currency_code": "USD", "phone": "111"})

    assert world.run().ok
    assert world.at_wave(wave_id)["phone"] == "111"
    assert world.at_wave(wave_id)["currency"]["code"] == "CAD"
