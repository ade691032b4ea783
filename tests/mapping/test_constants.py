"""Constants, defaults and properties that are not shown."""

from __future__ import annotations

import pytest

from wave_pms_sync import MappingRegistry
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.side import Side


def registry() -> MappingRegistry:
    """Two maps, a constant for creation and one for each write."""
    made = MappingRegistry()
    made.map("customer", wave="name", pms="name")
    made.map("customer", wave="email", pms="mail.main", default="none@pms.example")
    made.constant(pms="type", value="customer")
    made.constant(pms="meta.source", value={"app": "wave"}, on="write")
    made.constant(wave="currency.code", value="CAD")
    return made


def test_record_is_made_with_constants_and_defaults() -> None:
    """A PMS that requires what Wave does not have gets it from the mapping, and a value that there is goes first."""
    lens = registry().lens()
    name, email = lens.fields

    made = lens.creation(Side.PMS, {name: "Ada"})
    full = lens.creation(Side.PMS, {name: "Ada", email: "a@b.example"})

    assert made == {
        "name": "Ada",
        "mail": {"main": "none@pms.example"},
        "type": "customer",
        "meta": {"source": {"app": "wave"}},
    }
    assert full["mail"] == {"main": "a@b.example"}
    assert lens.creation(Side.WAVE, {name: "Ada"}) == {"name": "Ada", "currency": {"code": "CAD"}}


def test_update_carries_what_goes_with_each_write_and_nothing_else() -> None:
    """What was given at creation may have been changed since, and stays as it is."""
    lens = registry().lens()
    name, email = lens.fields

    assert lens.update(Side.PMS, {name: "Ada"}, {}) == {"name": "Ada", "meta": {"source": {"app": "wave"}}}
    assert lens.update(Side.PMS, {email: None}, {})["mail"] == {"main": None}
    assert lens.update(Side.WAVE, {name: "Ada"}, {}) == {"name": "Ada"}


def test_constant_is_said_again_in_place_of_the_former() -> None:
    """A notebook cell may run twice."""
    made = registry()
    made.constant(pms="type", value="client")

    assert [one.value for one in made.constants if one.path == "type"] == ["client"]


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"value": 1}, "names no property, or two"),
        ({"value": 1, "pms": "a", "wave": "email"}, "names no property, or two"),
        ({"value": None, "pms": "a"}, "a.value: is null"),
        ({"value": float("nan"), "pms": "a"}, "a.value: is null or no JSON value"),
        ({"value": {1, 2}, "pms": "a"}, "a.value: is null or no JSON value"),
        ({"value": 1, "pms": "a..b"}, "a..b: is not made of property names"),
        ({"value": 1, "wave": "id"}, "constant id: 'id' is unknown"),
        ({"value": 1, "wave": "email"}, "overlaps 'email' of email"),
        ({"value": 1, "pms": "mail"}, "overlaps 'mail.main' of email"),
        ({"value": 1, "pms": "meta.source.app"}, "overlaps 'meta.source' of another constant"),
        ({"value": 1, "pms": "a", "on": "update"}, "a.on: 'update' is unknown"),
        ({"value": 1, "pms": 7}, "is no path"),
    ],
)
def test_wrong_constant_is_refused(said: dict[str, object], complaint: str) -> None:
    """A constant that cannot be meant is refused, and the registry is as before."""
    made = registry()

    with pytest.raises(ConfigurationError) as caught:
        made.constant(**said)  # type: ignore[arg-type]

    assert complaint in caught.value.faults[0]
    assert made == registry()


def test_map_of_a_constant_is_refused() -> None:
    """One property has one source, whichever was said first."""
    made = registry()

    with pytest.raises(ConfigurationError, match="constant type: overlaps"):
        made.map("customer", wave="fax", pms="type")

    assert made == registry()


def test_what_a_side_is_told_counts_for_the_configuration_and_not_for_the_fields() -> None:
    """A plan made with another constant is another plan; the memory of the fields stays good."""
    lens, plain = registry().lens(), MappingRegistry()
    plain.map("customer", wave="name", pms="name")
    plain.map("customer", wave="email", pms="mail.main")

    assert lens.fingerprints == plain.lens().fingerprints
    assert lens.fingerprint != plain.lens().fingerprint


@pytest.mark.parametrize(("absent", "raw"), [("unknown", MISSING), ("empty", None)])
def test_property_that_is_not_shown_is_unknown_or_empty(absent: str, raw: object) -> None:
    """A PMS that leaves out what has no value is believed only if the map says so; Wave always shows all."""
    made = MappingRegistry()
    made.map("customer", wave="email", pms="mail.main", absent=absent)
    made.map("person", wave=("firstName", "lastName"), pms="whole", converter="full_name", absent=absent)
    made.map("customer", wave="name", pms=("first", "last"), converter="name_parts", absent=absent)
    lens = made.lens()

    assert lens.raws(Side.PMS, {"first": "Ada"}) == (
        (raw, raw, MISSING, None) if absent == "unknown" else (raw, raw, ("Ada", None), None)
    )
    assert lens.raws(Side.WAVE, {})[0] is MISSING
