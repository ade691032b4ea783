"""What a user may say about their PMS, and what is refused at once."""

from __future__ import annotations

import pickle

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.converters.phones import Phone
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.side import Side


def _map(registry: MappingRegistry, name: str) -> FieldMap:
    return next(row for row in registry.maps if row.name == name)


def _faults(registry: MappingRegistry, **changes: object) -> tuple[str, ...]:
    arguments: dict[str, object] = {"facet": "customer", "wave": "phone", "pms": "tel", **changes}
    before = registry.maps
    with pytest.raises(ConfigurationError) as caught:
        registry.map(**arguments)  # type: ignore[arg-type]  # wrong arguments are the point
    assert registry.maps == before
    return caught.value.faults


def test_default_mapping_is_that_of_the_specification() -> None:
    """The default mapping has these rows, these converters, groups and directions, and these are on."""
    registry = MappingRegistry.default()

    rows = [(row.id, row.converter.name, row.group, str(row.direction)) for row in registry.maps if row.merged]

    assert rows[:12] == [
        ("name=name", "name", "name", "both"),
        ("displayId=customer_number", "text", "displayId", "both"),
        ("email=email", "email", "email", "both"),
        ("phone=phone", "phone", "phone", "both"),
        ("mobile=mobile", "phone", "mobile", "both"),
        ("fax=fax", "phone", "fax", "both"),
        ("tollFree=toll_free_phone", "phone", "tollFree", "both"),
        ("website=website", "website", "website", "both"),
        ("currency.code=currency_code", "currency", "currency.code", "to_pms"),
        ("firstName=contact.first_name", "name", "firstName", "both"),
        ("lastName=contact.last_name", "name", "lastName", "both"),
        ("address.addressLine1=address.line1", "text", "address", "both"),
    ]
    assert [row[:3] for row in rows[12:17]] == [
        ("address.addressLine2=address.line2", "text", "address"),
        ("address.city=address.city", "text", "address"),
        ("address.province.code=address.region_code", "region", "address"),
        ("address.postalCode=address.postal_code", "text", "address"),
        ("address.country.code=address.country_code", "country", "address"),
    ]
    assert [row[:3] for row in rows[17:20]] == [
        ("shippingDetails.name=delivery_address.name", "name", "shippingDetails.name"),
        ("shippingDetails.phone=delivery_address.phone", "phone", "shippingDetails.phone"),
        ("shippingDetails.instructions=delivery_address.instructions", "text", "shippingDetails.instructions"),
    ]
    assert {row[2] for row in rows[20:]} == {"shippingDetails.address"}
    assert len(rows) == 26


def test_private_and_derived_rows_are_off_unless_asked_for() -> None:
    """Private notes, balances and the derived kind do not travel by default."""
    registry = MappingRegistry.default()

    off = [row.id for row in registry.maps if not row.enabled]

    assert off == [
        "internalNotes=notes",
        "outstandingAmount=outstanding_amount",
        "overdueAmount=overdue_amount",
        "name+firstName+lastName=kind",
    ]


def test_stamps_are_read_only() -> None:
    """The stamps of Wave feed the conflict policy and are never carried."""
    registry = MappingRegistry.default()

    rows = [row.name for row in registry.maps if row.direction is Direction.READ_ONLY]

    assert rows == ["createdAt", "modifiedAt"]


def test_only_the_name_is_required() -> None:
    """Wave has no customer without a name, so the name is required; nothing else is."""
    registry = MappingRegistry.default()

    assert [row.name for row in registry.maps if row.required] == ["name"]


def test_map_replaces_the_map_of_the_same_wave_property() -> None:
    """A second map of a Wave property takes the place of the first, in whatever facet that was."""
    registry = MappingRegistry.default()
    place = [row.name for row in registry.maps].index("phone")

    registry.map("person", wave="phone", pms="tel.main", type="string", converter="phone")

    assert registry.maps[place].id == "phone=tel.main"
    assert registry.maps[place].facet == "person"
    assert [row.name for row in registry.maps].count("phone") == 1


def test_map_of_several_properties_replaces_their_single_maps() -> None:
    """A full name takes the place of first and last name."""
    registry = MappingRegistry.default()

    registry.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")

    names = [row.name for row in registry.maps]
    assert "firstName+lastName" in names
    assert "firstName" not in names
    assert "lastName" not in names
    assert _map(registry, "firstName+lastName").group == "firstName+lastName"


def test_map_of_several_properties_is_not_torn() -> None:
    """A map of one of them would leave the others to nobody, so it is refused, and says what would be lost."""
    registry = MappingRegistry.default()
    registry.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")
    before = registry.copy()

    with pytest.raises(ConfigurationError, match=r"firstName\+lastName is carried as a whole by full_name, .*lastName"):
        registry.map("person", wave="firstName", pms="given_name")

    assert registry == before
    registry.unmap(("firstName", "lastName"))
    registry.map("person", wave="firstName", pms="given_name")


def test_one_property_may_reach_several_places() -> None:
    """A second map that says so stands beside the first, towards the PMS, in a group of its own."""
    registry = MappingRegistry.default()
    registry.map(
        "customer",
        wave="name",
        pms="short",
        direction="to_pms",
        also=True,
        converter=["name", {"name": "cut", "length": 20}],
    )
    registry.map("customer", wave="name", pms="initial", direction="to_pms", also=True)
    registry.map("customer", wave="name", pms="short", direction="to_pms", also=True)
    registry.map("customer", wave="name", pms="title")

    mine = [row for row in registry.maps if row.wave == ("name",)]
    assert [(row.id, row.group, row.required) for row in mine] == [
        ("name=title", "name", True),
        ("name=short", "short", False),
        ("name=initial", "initial", False),
    ]
    assert MappingRegistry.from_dict(registry.to_dict()) == registry
    registry.lens()


def test_second_map_of_a_property_never_writes_it() -> None:
    """Two sources for one Wave property would fight, so only one map of it may go to Wave."""
    with pytest.raises(ConfigurationError, match="a second map of a property cannot write it"):
        MappingRegistry.default().map("customer", wave="name", pms="short", also=True)


@pytest.mark.parametrize("code", ["+49", "0049", "NO", "", 47, "1234567"])
def test_calling_code_is_checked(code: object) -> None:
    """A calling code that is none would make every number differ."""
    with pytest.raises(ConfigurationError, match=r"calling_code: .*digits only"):
        MappingRegistry.default(calling_code=code)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"phone\.converter\.calling_code"):
        MappingRegistry().map("customer", wave="phone", pms="a", converter={"name": "phone", "calling_code": code})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"converter": "labels"}, "displayId.converter.values: is not given"),
        ({"converter": "cut"}, "displayId.converter.length: is not given"),
        ({"wave": ("firstName", "lastName"), "converter": None}, "(allowed: full_name)"),
        ({"wave": "address.zip", "converter": None}, "nearest: address.postalCode"),
    ],
)
def test_message_helps_on(changes: dict[str, object], complaint: str) -> None:
    """A converter that takes parameters says which; only those that fit are offered."""
    with pytest.raises(ConfigurationError) as caught:
        MappingRegistry().map("customer", **{"wave": "displayId", "pms": "a", **changes})  # type: ignore[arg-type]

    assert complaint in caught.value.faults[0]


def test_unmap_of_nothing_says_that_nothing_is_mapped() -> None:
    """An empty list of what is allowed would help nobody."""
    with pytest.raises(ConfigurationError, match="nothing is mapped yet"):
        MappingRegistry().unmap("fax")


def test_derived_map_stands_beside_those_it_is_derived_from() -> None:
    """The kind is computed from the names and takes nothing away from them."""
    registry = MappingRegistry.default()

    registry.map("customer", wave=("name", "firstName", "lastName"), pms="type", converter="kind", direction="to_pms")
    registry.map("customer", wave="name", pms="title")

    assert [row.id for row in registry.maps if "name" in row.wave] == ["name=title", "name+firstName+lastName=type"]
    assert _map(registry, "name+firstName+lastName").group == "type"


def test_name_made_of_parts_is_the_group_name() -> None:
    """A property of the PMS that is made of name, first and last name belongs to the group `name`."""
    registry = MappingRegistry()
    registry.converter("joined", version="1", read=lambda wire: wire, write=lambda ours: ours)

    registry.map("customer", wave=("name", "firstName"), pms="label", converter="joined")

    assert registry.maps[0].group == "name"


def test_property_that_wave_does_not_take_stays_out_of_the_address() -> None:
    """The name of a country is only read, so it does not travel with the address as one group."""
    registry = MappingRegistry.default()

    registry.map("organisation", wave="address.country.name", pms="country", direction="to_pms")

    assert _map(registry, "address.country.name").group == "address.country.name"
    assert "country" in registry.lens().body(Side.PMS, {"address.country.name=country": "Canada"})


def test_group_may_be_named() -> None:
    """A user may make their own groups."""
    registry = MappingRegistry.default()

    registry.map("customer", wave="email", pms="email", group="contact")
    registry.map("customer", wave="phone", pms="phone", group="contact")

    assert registry.lens().groups["contact"] == ("email=email", "phone=phone")


def test_converter_goes_without_saying_for_known_properties() -> None:
    """A map that names no converter gets the one for its Wave property, or for its type."""
    registry = MappingRegistry()

    registry.map("customer", wave="mobile", pms="cell")
    registry.map("customer", wave="displayId", pms="number", type="integer")
    registry.map("customer", wave="isArchived", pms="hidden", type="boolean", direction="to_pms")
    registry.map("customer", wave="outstandingAmount", pms="owes", type="float", direction="to_pms")

    assert [row.converter.name for row in registry.maps] == ["phone", "integer", "boolean", "amount"]


def test_converter_may_be_given_as_a_pair() -> None:
    """A pair with parameters of its own needs no name."""
    registry = MappingRegistry()

    registry.map("customer", wave="phone", pms="tel", converter=Phone(calling_code="49"))
    registry.map("customer", wave="mobile", pms="cell", converter=registry.maps[0].converter)

    assert registry.maps[0].converter.params == {"calling_code": "49"}
    assert registry.maps[1].converter == registry.maps[0].converter


def test_calling_code_holds_for_all_phones() -> None:
    """With a calling code given, national numbers of all phones correspond to international ones."""
    lens = MappingRegistry.default(calling_code="49").lens()

    ours = lens.cell(Side.WAVE, "mobile=mobile", "030 1234")
    theirs = lens.cell(Side.PMS, "mobile=mobile", "+49 30 1234")

    assert ours.same(theirs)


class _YesNo:
    """Yes and no in Wave, a boolean in the PMS."""

    def read(self, wire: bool) -> str:
        return "yes" if wire else "no"

    def write(self, ours: str) -> bool:
        return ours == "yes"


def test_converter_of_the_user_as_a_class() -> None:
    """A class with read and write becomes a converter, and is still the class."""
    registry = MappingRegistry.default()

    decorated = registry.converter("yes_no", version="3")(_YesNo)
    registry.map("customer", wave="displayId", pms="vip", type="boolean", converter="yes_no")

    lens = registry.lens()
    assert decorated is _YesNo
    assert _map(registry, "displayId").converter.version == "3"
    assert lens.cell(Side.PMS, "displayId=vip", True).value == "yes"
    assert lens.body(Side.PMS, {"displayId=vip": "no"}) == {"vip": False}


def _shout(ours: object) -> object:
    return str(ours).upper()


def test_converter_of_the_user_as_two_functions() -> None:
    """Two pure functions make a converter, too."""
    registry = MappingRegistry.default()

    registry.converter("loud", version="1", read=_shout, write=_shout, key=_shout, loses="lower case")
    registry.map("customer", wave="displayId", pms="code", converter="loud")

    assert registry.lens().body(Side.PMS, {"displayId=code": "a1"}) == {"code": "A1"}
    assert _map(registry, "displayId").converter.loses == "lower case"


def test_converter_defined_again_replaces_itself_in_the_maps() -> None:
    """A notebook cell that runs twice does not leave a map with the old converter."""
    registry = MappingRegistry.default()
    registry.converter("loud", version="1", read=_shout, write=_shout)
    registry.map("customer", wave="displayId", pms="code", converter="loud")

    registry.converter("loud", version="2", read=_shout, write=_shout)

    assert _map(registry, "displayId").converter.version == "2"


def test_half_a_pair_is_refused() -> None:
    """A function to read without one to write is no converter."""
    registry = MappingRegistry()

    with pytest.raises(ConfigurationError, match="lacks one half"):
        registry.converter("half", version="1", read=_shout)  # type: ignore[call-overload]  # the fault is the point


def test_class_that_is_no_pair_is_refused() -> None:
    """A class without read and write is no converter."""
    registry = MappingRegistry()

    with pytest.raises(ConfigurationError, match="converter odd: lacks read and write"):
        registry.converter("odd", version="1")(int)


def test_unmap_takes_a_map_away() -> None:
    """A property that is unmapped is not looked at any more."""
    registry = MappingRegistry.default()

    registry.unmap("fax")

    assert "fax=fax" not in registry.lens().fields


def test_map_is_found_by_any_of_its_names() -> None:
    """A map is found by its Wave properties, by one of several, or by its property of the PMS."""
    registry = MappingRegistry.default()
    registry.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")

    for name in (("firstName", "lastName"), "firstName+lastName", "lastName", "full_name"):
        copy = registry.copy()
        copy.unmap(name)
        assert "firstName+lastName" not in [row.name for row in copy.maps]


@pytest.mark.parametrize("method", ["unmap", "enable", "disable"])
def test_what_is_not_mapped_is_told_with_the_nearest(method: str) -> None:
    """A name that no map has raises, naming the nearest that one has."""
    registry = MappingRegistry.default()

    with pytest.raises(ConfigurationError, match="nearest: internalNotes"):
        getattr(registry, method)("internal_notes")


def test_map_is_switched_on_and_off() -> None:
    """A map that is off can be switched on and off again, any number of times."""
    registry = MappingRegistry.default()

    registry.enable("internalNotes")
    registry.enable("internalNotes")
    registry.enable("kind")
    assert {"internalNotes=notes", "name+firstName+lastName=kind"} <= set(registry.lens().fields)

    registry.disable("internalNotes")
    registry.disable("internalNotes")
    assert "internalNotes=notes" not in registry.lens().fields


def test_property_of_the_pms_is_written_by_one_map_only() -> None:
    """Two maps to one property of the PMS are refused where the second is made, naming both."""
    (fault,) = _faults(MappingRegistry.default(), wave="fax", pms="email")

    assert fault.startswith("fax.pms: 'email' overlaps 'email' of email")


def test_parent_and_child_are_not_both_written() -> None:
    """A property cannot be written as a whole and in parts."""
    faults = _faults(MappingRegistry.default(), wave="displayId", pms="contact")

    assert len(faults) == 2
    assert all("'contact' overlaps" in fault or "overlaps 'contact'" in fault for fault in faults)


def test_property_that_keeps_the_marker_is_the_engines() -> None:
    """The property that keeps the Wave id is written by the engine only."""
    (fault,) = _faults(MappingRegistry.default(), wave="displayId", pms="external_id")

    assert "external_id keeps the Wave id and is written by the engine only" in fault


def test_map_that_is_off_is_in_nobodys_way() -> None:
    """A property of the PMS is free as long as the other map of it is off, and no longer."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="displayId", pms="notes")

    with pytest.raises(ConfigurationError, match="notes"):
        registry.enable("internalNotes")

    assert not _map(registry, "internalNotes").enabled


def test_all_faults_of_a_map_are_told_at_once() -> None:
    """A wrong map raises with every one of its faults, each with its path and what is allowed."""
    faults = _faults(
        MappingRegistry.default(),
        facet="people",
        wave="fone",
        pms="a..b",
        type="text",
        converter="fone",
        direction="sideways",
        on_foreign_edit="ignore",
        backfill="guess",
        max_length=0,
        empty="none",
    )

    paths = [fault.partition(":")[0] for fault in faults]
    assert paths == [
        "fone.wave",
        "fone.pms",
        "fone.facet",
        "fone.type",
        "fone.direction",
        "fone.on_foreign_edit",
        "fone.backfill",
        "fone.empty",
        "fone.max_length",
        "fone.converter",
    ]
    assert all("(allowed: " in fault for fault in faults)
    assert "nearest: phone" in faults[0]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"wave": ()}, "no Wave property given"),
        ({"wave": 7}, "no Wave property given"),
        ({"wave": ("phone", 7)}, "no Wave property given"),
        ({"wave": ("firstName", "firstName"), "converter": "full_name"}, "the same property twice"),
        ({"pms": ()}, "no property of the PMS given"),
        ({"pms": "a\nb"}, "cannot be printed"),
        ({"pms": "a. b"}, "is not made of property names"),
        ({"wave": "name", "pms": ("a", "a.b"), "converter": "name_parts"}, "overlap"),
        ({"max_length": True}, "no length"),
        ({"max_length": "9"}, "no length"),
        ({"converter": 7}, "lacks read and write"),
        ({"converter": Phone}, "is a class"),
        ({"converter": "full_name"}, "does not join 1 of Wave and 1 of the PMS"),
        ({"wave": ("firstName", "lastName")}, "goes without saying"),
        ({"type": "date-time"}, "goes without saying"),
        ({"wave": "outstandingAmount", "type": "boolean", "direction": "to_pms"}, "goes without saying"),
        ({"wave": "id", "type": "integer"}, "noted as it is"),
        ({"wave": "id", "converter": "email"}, "noted as it is"),
        ({"type": "integer", "empty": "blank"}, "'blank' is for strings"),
        ({"wave": "address.country.name"}, "address.country.name cannot be written to Wave"),
        ({"wave": "modifiedAt", "direction": "to_wave"}, "modifiedAt cannot be written to Wave"),
        ({"wave": ("name", "firstName", "lastName"), "converter": "kind"}, "a derived value cannot be written to Wave"),
    ],
)
def test_wrong_map_is_refused(changes: dict[str, object], complaint: str) -> None:
    """A map that cannot work raises where it is made."""
    (fault,) = _faults(MappingRegistry.default(), **changes)

    assert complaint in fault


def test_group_that_would_travel_two_ways_is_refused() -> None:
    """The fields of a group travel together, so they travel one way; the whole is judged when it is used."""
    registry = MappingRegistry.default()
    registry.map("organisation", wave="address.city", pms="address.city", direction="to_pms")

    with pytest.raises(ConfigurationError, match=r"address\.group: .* goes both, address\.city goes to_pms"):
        registry.lens()


def test_copy_is_independent() -> None:
    """A change of a copy does not change the original."""
    registry = MappingRegistry.default()

    copy = registry.copy()
    copy.unmap("fax")
    copy.converter("loud", version="1", read=_shout, write=_shout)

    assert "fax" in [row.name for row in registry.maps]
    assert "loud" not in [converter.name for converter in registry.converters]


def test_lens_is_a_snapshot() -> None:
    """What is changed after the mapping was handed over does not reach the run."""
    registry = MappingRegistry.default()
    lens = registry.lens()

    registry.unmap("fax")

    assert "fax=fax" in lens.fields
    assert lens.fingerprint != registry.lens().fingerprint


def test_registry_is_picklable() -> None:
    """A registry can be sent to another process."""
    registry = MappingRegistry.default()

    copy = pickle.loads(pickle.dumps(registry))  # noqa: S301  # our own pickle

    assert copy.maps == registry.maps
    assert copy.lens().fingerprint == registry.lens().fingerprint


def test_marker_may_be_moved_and_taken_away() -> None:
    """The Wave id may be kept in another property of the PMS, or in none."""
    registry = MappingRegistry.default()

    registry.map("customer", wave="id", pms="meta.wave_id")
    assert registry.lens().marker == "meta.wave_id"

    registry.unmap("id")
    assert registry.lens().marker is None
