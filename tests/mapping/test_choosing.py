"""Naming converters: with parameters, in a row, by data type, as objects."""

from __future__ import annotations

import pickle

import pytest

from wave_pms_sync import MappingRegistry
from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.chain import chained
from wave_pms_sync.mapping.converters.names import FullName
from wave_pms_sync.mapping.converters.phones import Phone
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing.converters import check_converter_laws


class Upper:
    """Capital letters in the PMS."""

    version = "1"
    loses = "small letters"
    takes = (1, 1)

    def read(self, wire: object) -> object:
        """Small letters."""
        if not isinstance(wire, str) or wire.lower().upper() != wire.upper():
            raise ConversionError("is not text")
        return wire.lower()

    def write(self, ours: object) -> object:
        """Capital letters."""
        if not isinstance(ours, str) or ours.upper().lower() != ours.lower():
            raise ConversionError("is not text")
        return ours.upper()


def one(**rules: object) -> MappingRegistry:
    """A registry with one map."""
    registry = MappingRegistry()
    registry.map("customer", **{"wave": "displayId", "pms": "nr", **rules})  # type: ignore[arg-type]
    return registry


def test_parameters_are_said_beside_the_name() -> None:
    """A mapping with a name and parameters, and the object made of them, are the same converter."""
    said = one(wave="phone", converter={"name": "phone", "calling_code": "49"})
    made = one(wave="phone", converter=Phone(calling_code="49"))

    assert said == made
    assert said.lens().fingerprint == made.lens().fingerprint != one(wave="phone").lens().fingerprint
    assert one(wave="phone", converter={"name": "phone"}) == one(wave="phone", converter="phone")


def test_chain_is_written_through_from_wave_to_the_pms() -> None:
    """What the first writes, the next one writes further; reading goes back the same way."""
    lens = one(wave=("firstName", "lastName"), pms="whole", converter=["full_name", Upper()]).lens()
    (field_id,) = lens.fields

    assert lens.body(Side.PMS, {field_id: ("Ada", "King")}) == {"whole": "ADA KING"}
    assert lens.cell(Side.PMS, field_id, "ADA KING").value == ("ada", "king")
    assert lens.cell(Side.PMS, field_id, "ADA KING").same(lens.cell(Side.WAVE, field_id, ("Ada", "King")))
    assert not lens.cell(Side.PMS, field_id, "ADA QUEEN").same(lens.cell(Side.WAVE, field_id, ("Ada", "King")))


def test_chain_keeps_the_laws() -> None:
    """A chain of lawful converters is lawful, and declares what each of them loses."""
    chain = chained([Converter.of("full_name", FullName()), Converter.of("upper", Upper())])

    check_converter_laws(chain)

    assert chain.takes == (2, 1)
    assert "where the first name ends" in chain.loses
    assert "small letters" in chain.loses


def test_chain_of_one_is_that_one() -> None:
    """A list with one name says nothing else than the name."""
    assert one(wave="phone", converter=["phone"]) == one(wave="phone", converter="phone")


@pytest.mark.parametrize(
    ("converter", "places"),
    [
        ("fone", ["displayId.converter: 'fone' is unknown, nearest: phone"]),
        ({"name": "fone"}, ["displayId.converter.name: 'fone' is unknown, nearest: phone"]),
        ({}, ["displayId.converter.name: None is unknown"]),
        ({"name": ["phone"]}, ["displayId.converter.name: ['phone'] is unknown"]),
        ({"name": "text", "loud": True}, ["displayId.converter: 'text' takes no parameters"]),
        (
            {"name": "phone", "code": 1, "calling_cod": 2},
            ["displayId.converter.code: 'code' is unknown", "displayId.converter.calling_cod: "],
        ),
        ([], ["displayId.converter: names no converter"]),
        (["text", "fone", {"name": "x"}], ["displayId.converter[1]: 'fone'", "displayId.converter[2].name: 'x'"]),
        (["text", "name_parts", "name_parts"], ["displayId.converter: 'name_parts' writes 2 properties"]),
        (7, ["displayId.converter: lacks read and write"]),
    ],
)
def test_what_is_no_converter_is_named(converter: object, places: list[str]) -> None:
    """Each fault of a converter is named with its place and what is allowed."""
    with pytest.raises(ConfigurationError) as caught:
        one(converter=converter)

    assert len(caught.value.faults) == len(places)
    assert all(fault.startswith(place) for fault, place in zip(caught.value.faults, places, strict=True))
    assert all("(allowed: " in fault for fault in caught.value.faults)


def test_name_may_stand_for_a_converter_with_parameters() -> None:
    """What several maps need is said once; said again, it changes in all of them."""
    registry = MappingRegistry()
    registry.converter("home_phone", use={"name": "phone", "calling_code": "49"})
    registry.map("customer", wave="phone", pms="a", converter="home_phone")
    registry.map("customer", wave="mobile", pms="b", converter="home_phone")
    before = registry.lens().fingerprint

    registry.converter("home_phone", use={"name": "phone", "calling_code": "47"})

    assert {row.converter.params["calling_code"] for row in registry.maps} == {"47"}
    assert registry.lens().fingerprint != before


def test_data_type_of_the_user_chooses_the_converter() -> None:
    """A map of that type needs to name none; one that names one has it."""
    registry = MappingRegistry()
    registry.data_type("shout", converter=Upper(), wire="string")
    registry.map("customer", wave="displayId", pms="a", type="shout")
    registry.map("customer", wave="email", pms="b", type="shout", converter="email")

    assert [row.converter.name for row in registry.maps] == ["Upper", "email"]
    assert '"shout"' in registry.to_rst()


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        ({"converter": "nosuch"}, "type x.converter: 'nosuch'"),
        ({"converter": "text", "wire": "number"}, "type x.wire: 'number'"),
        ({"converter": None}, "type x.converter: lacks read and write"),
    ],
)
def test_wrong_data_type_is_refused(rules: dict[str, object], place: str) -> None:
    """A data type that could not work is refused, and the registry is as before."""
    registry = MappingRegistry()

    with pytest.raises(ConfigurationError) as caught:
        registry.data_type("x", **rules)  # type: ignore[arg-type]

    assert caught.value.faults[0].startswith(place)
    assert registry == MappingRegistry()


def test_lens_with_a_chain_is_pickled() -> None:
    """A plan made elsewhere is judged by the same converters."""
    lens = one(wave="phone", converter=["text", {"name": "phone", "calling_code": "49"}]).lens()

    assert pickle.loads(pickle.dumps(lens)).fingerprint == lens.fingerprint  # noqa: S301  # our own


def test_true_is_not_one() -> None:
    """A flag written as true and one written as 1 are two converters, in files, too."""
    ones, trues = ({"name": "flag", "true": true, "false": false} for true, false in ((1, 0), (True, False)))

    said = [one(wave="isArchived", direction="to_pms", type="boolean", converter=flag) for flag in (ones, trues)]

    assert said[0] != said[1]
    assert said[0] == one(wave="isArchived", direction="to_pms", type="boolean", converter="flag")
    assert [MappingRegistry.from_dict(registry.to_dict()) for registry in said] == said
    assert said[0].lens().fingerprint != said[1].lens().fingerprint
