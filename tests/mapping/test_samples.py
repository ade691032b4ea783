"""The artificial customers that mappings are tried with."""

from __future__ import annotations

import re

import pytest

from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.mapping.samples import SAMPLES, sample
from wave_pms_sync.mapping.wave_properties import WAVE_PROPERTIES
from wave_pms_sync.model.side import Side

NUMBERS = range(SAMPLES)


def _payload(number: int) -> dict[str, object]:
    payload: dict[str, object] = {}
    for path in WAVE_PROPERTIES:
        *parents, leaf = path.split(".")
        node = payload
        for parent in parents:
            node = node.setdefault(parent, {})  # type: ignore[assignment]  # made here
        node[leaf] = sample((path,), number)
    return payload


@pytest.mark.parametrize("path", [path for path in WAVE_PROPERTIES if path != "isArchived"])
def test_each_property_has_different_values(path: str) -> None:
    """Every property of Wave has values of which no two are compared as the same, so that an edit shows."""
    converter = next(one for one in MappingRegistry().converters if one.name == WAVE_PROPERTIES[path].converter)

    keys = [converter.key(sample((path,), number)) for number in NUMBERS]

    assert len(keys) == len({str(key) for key in keys}) == SAMPLES


def test_archive_flag_has_both_values() -> None:
    """A flag has no third value; both occur."""
    assert {sample(("isArchived",), number) for number in NUMBERS} == {True, False}


@pytest.mark.parametrize("number", NUMBERS)
def test_values_of_one_number_belong_together(number: int) -> None:
    """The values of one number are one customer: the default mapping reads it without a fault, and its groups agree."""
    registry = MappingRegistry.default()
    for row in registry.maps:
        registry.enable(row.wave)
    lens = registry.lens()

    cells = lens.cells(Side.WAVE, lens.raws(Side.WAVE, _payload(number)))

    assert [field_id for field_id, cell in cells.items() if cell.fault is not None or cell.empty] == []
    assert [lens.group_fault(group, cells) for group in lens.groups] == [None] * len(lens.groups)


def test_several_paths_give_their_values_in_order() -> None:
    """A map of several Wave properties is given a tuple of their values, and numbers start again after the last."""
    assert sample(("firstName", "lastName"), 1) == ("Nora", "Rehearsal")
    assert sample(("lastName", "firstName"), 1 + SAMPLES) == ("Rehearsal", "Nora")


@pytest.mark.parametrize("number", NUMBERS)
def test_nobody_real_can_be_reached(number: int) -> None:
    """Addresses on the net end in `.example`, phone numbers are of those kept for fiction, and names say what it is."""
    assert str(sample(("email",), number)).endswith(".example")
    assert re.match(r"https://[a-z.]+\.example(/|\Z)", str(sample(("website",), number)))
    for path in ("phone", "mobile", "fax", "tollFree", "shippingDetails.phone"):
        assert re.search(r" 555 01\d\d\Z", str(sample((path,), number)))
    assert "Rehearsal" in str(sample(("name",), number))


def test_there_are_an_organisation_and_a_person() -> None:
    """The first is an organisation and the others are persons, as the derived kind sees them."""
    kind = next(one for one in MappingRegistry().converters if one.name == "kind")

    kinds = [kind.write_over(sample(("name", "firstName", "lastName"), number), None) for number in NUMBERS]

    assert kinds == ["organisation", "person", "person"]
