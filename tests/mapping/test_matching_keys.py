"""The canonical texts by which unlinked records are matched."""

from __future__ import annotations

from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.side import Side

NAMES = ("external_id", "email", "name+postal_code")


def _keys(lens: Lens, side: Side, payload: dict[str, object], *names: str) -> dict[str, str]:
    return lens.keys(side, "Q3VzdG9tZXI6MQ==", lens.raws(side, payload), names or NAMES)


def test_both_sides_give_the_same_keys() -> None:
    """The same customer has the same keys on both sides, whatever the case and the blanks."""
    lens = MappingRegistry.default().lens()

    wave = _keys(
        lens, Side.WAVE, {"name": "Ada  Lovelace", "email": "ADA@x.com", "address": {"postalCode": "sw1y 4jh"}}
    )
    pms = _keys(
        lens,
        Side.PMS,
        {
            "external_id": "Q3VzdG9tZXI6MQ==",
            "name": "ada lovelace ",
            "email": "ada@x.com",
            "address": {"postal_code": "SW1Y4JH"},
        },
    )

    assert wave == pms
    assert set(wave) == set(NAMES)
    assert wave["external_id"] == "Q3VzdG9tZXI6MQ=="


def test_key_with_an_empty_part_does_not_exist() -> None:
    """A key of which a part is empty, missing or at fault is left out."""
    lens = MappingRegistry.default().lens()

    assert _keys(lens, Side.PMS, {"name": "Ada", "email": " ", "address": {"postal_code": ""}}) == {}
    assert _keys(lens, Side.PMS, {"name": "Ada", "email": 7}) == {}


def test_parts_do_not_run_into_each_other() -> None:
    """Parts stay apart, so that two customers with other parts never share a key by accident."""
    lens = MappingRegistry.default().lens()

    one = _keys(lens, Side.PMS, {"name": "Ada 1", "address": {"postal_code": "2"}})
    other = _keys(lens, Side.PMS, {"name": "Ada", "address": {"postal_code": "1 2"}})

    assert one != other


def test_postal_code_is_that_of_the_address() -> None:
    """A postal code means the address; that of the delivery address needs its full name."""
    lens = MappingRegistry.default().lens()
    payload: dict[str, object] = {"delivery_address": {"postal_code": "0150"}, "address": {"postal_code": "0151"}}

    keys = _keys(lens, Side.PMS, payload, "postal_code", "shippingDetails.address.postalCode")

    assert keys == {"postal_code": "0151", "shippingDetails.address.postalCode": "0150"}


def test_delivery_address_is_never_meant_by_a_last_part() -> None:
    """Without a postal code of the address, `postal_code` names nothing rather than that of the delivery address."""
    registry = MappingRegistry.default()
    registry.unmap("address.postalCode")

    assert registry.lens().unknown_keys(("postal_code",)) == ("postal_code",)


def test_part_may_name_the_property_of_the_pms() -> None:
    """A part of a key may be called by the property of the PMS or its last part."""
    lens = MappingRegistry.default().lens()
    payload: dict[str, object] = {"customer_number": "A 1", "contact": {"first_name": "Ada"}}

    keys = _keys(lens, Side.PMS, payload, "customer_number", "contact.first_name", "first_name", "display_id")

    assert keys == {
        "customer_number": "a 1",
        "contact.first_name": "ada",
        "first_name": "ada",
        "display_id": "a 1",
    }


def test_value_of_several_parts_can_be_a_key() -> None:
    """A field that spreads over several properties is one part of a key, and is not called by a part of its own."""
    registry = MappingRegistry.default()
    registry.converter("pair", version="1", read=tuple, write=tuple)
    registry.map("person", wave=("firstName", "lastName"), pms=("a", "b"), converter="pair")

    assert _keys(registry.lens(), Side.PMS, {"a": "Ada", "b": None}, "firstName+lastName") == {
        "firstName+lastName": "ada"
    }
    assert _keys(registry.lens(), Side.PMS, {"a": "Ada", "b": None}, "a+b") == {"a+b": "ada"}
    assert registry.lens().unknown_keys(("a", "last_name")) == ("a", "last_name")


def test_f40_marker_that_is_a_number_is_text() -> None:
    """A PMS that shows the noted id as a number still proves the origin; anything else does not."""
    lens = MappingRegistry.default().lens()

    assert _keys(lens, Side.PMS, {"external_id": 0})["external_id"] == "0"
    for odd in (True, ["x"], {"id": "x"}, " ", None):
        assert "external_id" not in _keys(lens, Side.PMS, {"external_id": odd})


def test_without_a_marker_there_is_no_external_id() -> None:
    """A mapping that notes the Wave id nowhere has no key of that name, on either side."""
    registry = MappingRegistry.default()
    registry.unmap("id")
    lens = registry.lens()

    assert "external_id" not in _keys(lens, Side.WAVE, {"name": "Ada"})
    assert lens.unknown_keys(NAMES) == ("external_id",)


def test_unknown_parts_are_found_at_construction() -> None:
    """A key with a part that no field carries is named, the others are not."""
    lens = MappingRegistry.default().lens()

    assert lens.unknown_keys((*NAMES, "tax_id", "name+iban")) == ("tax_id", "name+iban")
    assert _keys(lens, Side.WAVE, {"name": "Ada"}, "tax_id", "name+iban") == {}
