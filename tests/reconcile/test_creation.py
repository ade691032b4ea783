"""What a record to be created is made of."""

from __future__ import annotations

import pytest

from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.links import Baseline
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.creation import creation

ADA = {"name": "Ada", "email": "ada@example.com"}


def _made(bench, origin, flat):
    return creation(bench.lens, origin, bench.lens.cells(origin, bench.raws(origin, flat)))


@pytest.mark.parametrize("origin", Side)
def test_fields_carry_what_the_origin_shows(bench, origin):
    """Each field has its value, and the raw value of the origin on the origin's side alone; empty ones are left out."""
    made = _made(bench, origin, {**ADA, "name": " Ada "})

    name = next(c for c in made.fields if c.name == "name")
    assert {c.name for c in made.fields} == {"name", "email"}
    assert name.raw(origin) == " Ada "
    assert name.raw(origin.other) is None
    assert (made.lacking, made.held) == ((), {})


@pytest.mark.parametrize("origin", Side)
def test_one_way_fields_travel_one_way(bench, origin):
    """The currency is sent to the PMS and never to Wave."""
    made = _made(bench, origin, {**ADA, "currency.code" if origin is Side.WAVE else "currency_code": "EUR"})

    assert ("currency.code" in {c.name for c in made.fields}) is (origin is Side.WAVE)


def test_values_that_contradict_each_other_are_held(bench):
    """A province outside its country holds the address, once and with the reason; the rest is created."""
    made = _made(bench, Side.WAVE, {**ADA, "address.country.code": "DE", "address.province.code": "GB-LND"})

    assert list(made.held) == ["address"]
    assert "province" in made.held["address"]
    assert {c.group for c in made.fields} == {"name", "email"}


def test_values_that_do_not_travel_may_contradict_each_other(make_bench):
    """An address that is not carried this way is not looked at, and nothing is held for it."""
    registry = MappingRegistry.default()
    for name, there in (("province.code", "region_code"), ("country.code", "country_code")):
        registry.map("organisation", wave=f"address.{name}", pms=f"address.{there}", direction="to_wave")
    for name in ("addressLine1", "addressLine2", "city", "postalCode"):
        registry.unmap(f"address.{name}")

    made = _made(
        make_bench(registry), Side.WAVE, {**ADA, "address.country.code": "DE", "address.province.code": "GB-LND"}
    )

    assert made.held == {}


def test_values_that_the_other_side_does_not_take_are_held(make_bench):
    """A text that is longer than the PMS takes is held before sending."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="website", pms="website", max_length=20)

    made = _made(make_bench(registry), Side.WAVE, {**ADA, "website": "https://example.com/" + "x" * 30})

    assert list(made.held) == ["website"]
    assert made.held["website"].startswith("website: ")


def test_value_that_cannot_be_read_is_held_with_its_own_reason_alone(bench):
    """A country that nobody knows is held for that; what else might be wrong with it is not asked."""
    made = _made(bench, Side.PMS, {**ADA, "address.country_code": "Atlantis"})

    assert list(made.held) == ["address"]
    assert made.held["address"].startswith("address.country.code: ")
    assert ";" not in made.held["address"]


def test_value_that_is_no_text_is_held_with_its_own_reason_alone(bench):
    """A city that is no text is held for that; that the province is of another country is not told with it."""
    address = {"address.city": {"x": 1}, "address.country_code": "DE", "address.region_code": "GB-LND"}

    made = _made(bench, Side.PMS, {**ADA, **address})

    assert made.held["address"].startswith("address.city: ")
    assert ";" not in made.held["address"]


def test_field_that_was_not_read_does_not_stay_behind(bench):
    """Of a field that does not travel this way and that nobody has read, nothing is remembered."""
    cells = bench.lens.cells(Side.PMS, bench.raws(Side.PMS, ADA))
    del cells[bench.id("currency.code")]

    assert creation(bench.lens, Side.PMS, cells).stays == {}


def test_required_value_that_the_mapping_makes_up_is_not_lacking(make_bench):
    """A default stands in for what Wave does not have; towards Wave nothing is made up."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="displayId", pms="customer_number", required=True, default="none")
    bench = make_bench(registry)

    assert _made(bench, Side.WAVE, ADA).lacking == ()
    assert _made(bench, Side.PMS, ADA).lacking == ("displayId: is empty",)


def test_required_value_that_cannot_be_carried_is_lacking(make_bench):
    """A required value that is there, and cannot be carried, is named with the reason."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="displayId", pms="customer_number", required=True, max_length=3)

    made = _made(make_bench(registry), Side.WAVE, {**ADA, "displayId": "00012"})

    assert len(made.lacking) == 1
    assert made.lacking[0].startswith("displayId: displayId: ")


def test_what_stays_behind_is_known(bench):
    """A value in a field that does not travel this way is remembered as shown, so that it is no edit later."""
    from_pms = _made(bench, Side.PMS, {**ADA, "currency_code": "EUR"})
    from_wave = _made(bench, Side.WAVE, {**ADA, "currency.code": "EUR"})

    assert from_pms.stays == {bench.id("currency.code"): Baseline(wave=None, pms="EUR")}
    assert from_wave.stays == {}
    assert _made(bench, Side.PMS, ADA).stays == {}
