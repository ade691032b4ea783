"""The compiled mapping: what a record shows, what it means, and what is written."""

from __future__ import annotations

import json
import pickle
import unicodedata
from types import MappingProxyType

import pytest

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.fields import MISSING, Cell
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.creation import creation

WAVE = {
    "id": "Q3VzdG9tZXI6MQ==",
    "name": "Ada Lovelace",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "displayId": "0012",
    "email": "ada@example.com",
    "phone": "+44 20 7946 0100",
    "mobile": None,
    "fax": "",
    "tollFree": "  ",
    "website": "https://example.com/",
    "currency": {"code": "GBP", "name": "Pound"},
    "address": {
        "addressLine1": "12 St James's Sq",
        "addressLine2": None,
        "city": "London",
        "province": {"code": "GB-LND", "name": "London"},
        "country": {"code": "GB"},
        "postalCode": "SW1Y 4JH",
    },
    "shippingDetails": None,
}


def _cells(lens: Lens, side: Side, payload: dict[str, object]) -> dict[str, Cell]:
    return lens.cells(side, lens.raws(side, payload))


def _values(cells: dict[str, Cell]) -> dict[str, object]:
    return {field_id: cell.value for field_id, cell in cells.items() if not cell.missing}


def _full_name_lens() -> Lens:
    registry = MappingRegistry.default()
    registry.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")
    return registry.lens()


def test_record_travels_to_the_pms_and_back() -> None:
    """A record written to the PMS reads there as the same customer, and nothing but mapped fields is written."""
    lens = MappingRegistry.default().lens()
    ours = _cells(lens, Side.WAVE, WAVE)

    body = lens.body(Side.PMS, _values(ours))
    theirs = _cells(lens, Side.PMS, body)

    assert body["address"] == {
        "line1": "12 St James's Sq",
        "line2": None,
        "city": "London",
        "region_code": "GB-LND",
        "postal_code": "SW1Y 4JH",
        "country_code": "GB",
    }
    assert "external_id" not in body
    assert all(theirs[field_id].same(cell) for field_id, cell in ours.items())


def test_body_for_wave_is_in_its_read_shape() -> None:
    """What is written to Wave has the names and the nesting in which Wave shows it."""
    lens = MappingRegistry.default().lens()

    body = lens.body(Side.WAVE, {"address.province.code=address.region_code": "GB-LND", "name=name": "Ada"})

    assert body == {"address": {"province": {"code": "GB-LND"}}, "name": "Ada"}


def test_raws_end_with_the_marker() -> None:
    """The last raw value is the Wave id that the PMS keeps; Wave itself has none."""
    lens = MappingRegistry.default().lens()

    assert lens.raws(Side.WAVE, WAVE)[-1] is None
    assert lens.raws(Side.PMS, {"external_id": "Q3Vz"})[-1] == "Q3Vz"
    assert lens.raws(Side.PMS, {})[-1] is MISSING
    assert len(lens.raws(Side.PMS, {})) == len(lens.fields) + 1


def test_raws_without_a_marker_end_with_none() -> None:
    """Without a marker both sides end alike."""
    registry = MappingRegistry.default()
    registry.unmap("id")

    assert registry.lens().raws(Side.PMS, {"external_id": "Q3Vz"})[-1] is None


@pytest.mark.parametrize("shown", [None, "", " "])
def test_f30_null_blank_and_white_space_are_empty(shown: object) -> None:
    """A property shown without a value is empty, and its raw value is kept as it was shown."""
    cell = MappingRegistry.default().lens().cell(Side.PMS, "fax=fax", shown)

    assert cell.empty
    assert not cell.missing
    assert cell.raw == shown


def test_f30_property_that_is_not_shown_is_missing() -> None:
    """A property that an answer does not contain is neither changed nor cleared."""
    lens = MappingRegistry.default().lens()

    cells = _cells(lens, Side.PMS, {"name": "Ada"})

    assert cells["fax=fax"].missing
    assert not cells["name=name"].missing


def test_f27_accents_composed_or_not_correspond() -> None:
    """NFC and NFD are the same name, and each side keeps its own."""
    lens = MappingRegistry.default().lens()
    decomposed = unicodedata.normalize("NFD", "Zoë Ångström")

    ours, theirs = lens.cell(Side.WAVE, "name=name", "Zoë Ångström"), lens.cell(Side.PMS, "name=name", decomposed)

    assert ours.same(theirs)
    assert theirs.value == decomposed


def test_f40_customer_number_keeps_its_zeros() -> None:
    """A customer number is text: its zeros stay, and a number in its place is a fault."""
    lens = MappingRegistry.default().lens()

    assert lens.body(Side.PMS, {"displayId=customer_number": "0012"}) == {"customer_number": "0012"}
    assert lens.cell(Side.PMS, "displayId=customer_number", 12).fault == "is not text"


def test_f39_nul_is_a_fault_of_its_field() -> None:
    """A value that no side could be trusted to keep is a fault, read or written."""
    lens = MappingRegistry.default().lens()

    assert lens.cell(Side.WAVE, "name=name", "Ada\0").fault == "holds a NUL character"
    assert lens.check(Side.PMS, "name=name", "Ada\0") == "holds a NUL character"


class _Picky:
    def read(self, wire: object) -> object:
        raise KeyError(wire)

    def write(self, ours: object) -> object:
        raise RuntimeError(ours)


def _picky_lens() -> Lens:
    registry = MappingRegistry.default()
    registry.map("customer", wave="displayId", pms="code", converter=_Picky())
    return registry.lens()


def test_f46_converter_that_raises_harms_its_value_only() -> None:
    """Whatever a user's converter raises is a fault of that field, told by type and without the value."""
    cells = _cells(_picky_lens(), Side.PMS, {"code": "secret", "name": "Ada"})

    assert cells["displayId=code"].fault == "converter _Picky raised KeyError"
    assert cells["name=name"].fault is None


def test_f46_converter_that_raises_on_writing_is_a_conversion_error() -> None:
    """A user's converter that fails on writing raises nothing of its own, and the value stays untold."""
    with pytest.raises(ConversionError) as caught:
        _picky_lens().body(Side.PMS, {"displayId=code": "secret"})

    assert str(caught.value) == "displayId: converter _Picky raised RuntimeError"
    assert caught.value.field == "displayId"
    assert caught.value.__cause__ is None or "secret" not in str(caught.value.__cause__)


def test_field_of_several_paths_reads_as_one_value() -> None:
    """First and last name are one value with the full name of the PMS."""
    lens = _full_name_lens()
    field_id = "firstName+lastName=full_name"

    ours = _cells(lens, Side.WAVE, WAVE)[field_id]
    theirs = _cells(lens, Side.PMS, {"full_name": "Ada Lovelace"})[field_id]

    assert ours.value == ("Ada", "Lovelace")
    assert ours.same(theirs)
    assert lens.fields[field_id].name == "firstName+lastName"


def test_lists_stand_for_tuples_after_a_way_through_json() -> None:
    """A raw value of several parts that went through JSON reads as before."""
    lens = _full_name_lens()
    field_id = "firstName+lastName=full_name"

    cell = lens.cell(Side.WAVE, field_id, json.loads(json.dumps(("Ada", "Lovelace"))))

    assert cell.value == ("Ada", "Lovelace")
    assert lens.body(Side.PMS, {field_id: ["Ada", "Lovelace"]}) == {"full_name": "Ada Lovelace"}


@pytest.mark.parametrize("raw", ["Ada", ("Ada",), ("Ada", "King", "Lovelace")])
def test_value_of_the_wrong_number_of_parts_is_a_fault(raw: object) -> None:
    """A raw value that does not have the parts of its field is a fault."""
    cell = _full_name_lens().cell(Side.WAVE, "firstName+lastName=full_name", raw)

    assert cell.fault == "is not made of 2 parts"


def test_all_parts_empty_is_empty() -> None:
    """A value of several parts is empty when none of them has a value."""
    lens = _full_name_lens()

    assert lens.cell(Side.WAVE, "firstName+lastName=full_name", ("", None)).empty
    assert lens.cell(Side.WAVE, "firstName+lastName=full_name", None).empty
    assert lens.body(Side.WAVE, {"firstName+lastName=full_name": (None, "")}) == {"firstName": None, "lastName": None}


def test_f36_unchanged_full_name_keeps_the_split_of_wave() -> None:
    """A full name laid over Wave's parts changes only the part that changed."""
    lens = _full_name_lens()
    value = lens.cell(Side.PMS, "firstName+lastName=full_name", "Gabriel Garcia Marquez").value

    body = lens.body(
        Side.WAVE, {"firstName+lastName=full_name": value}, {"firstName": "Gabriel", "lastName": "Garcia Marquez"}
    )

    assert body == {"firstName": "Gabriel", "lastName": "Garcia Marquez"}


def test_f36_one_name_is_spread_over_the_parts_of_the_pms() -> None:
    """A name written over the PMS's parts keeps their split; without any it is split by rule."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="name", pms=("first", "last"), converter="name_parts")
    lens = registry.lens()
    field_id = "name=first+last"

    kept = lens.body(Side.PMS, {field_id: "Ada King Byron"}, {"first": "Ada", "last": "King Lovelace"})
    split = lens.body(Side.PMS, {field_id: "Ada King Byron"}, {})

    assert kept == {"first": "Ada", "last": "King Byron"}
    assert split == {"first": "Ada King", "last": "Byron"}
    assert lens.fields[field_id].required


def test_converter_that_gives_the_wrong_number_of_parts_is_refused() -> None:
    """A converter that does not fill all paths raises rather than write half a value."""
    registry = MappingRegistry.default()
    registry.converter("one", version="1", read=lambda wire: wire, write=lambda ours: ours)
    registry.map("customer", wave="displayId", pms=("a", "b"), converter="one")

    assert registry.lens().check(Side.PMS, "displayId=a+b", "x") == "converter one did not give 2 parts"


@pytest.mark.parametrize(("empty", "body"), [("null", {"fax": None}), ("blank", {"fax": ""}), ("omit", {})])
def test_f31_cleared_value_is_told_as_the_pms_wants_it(empty: str, body: dict[str, object]) -> None:
    """A clear is sent as null, as a blank, or left out, as the map says; Wave always gets null."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="fax", pms="fax", empty=empty)
    lens = registry.lens()

    assert lens.body(Side.PMS, {"fax=fax": None}) == body
    assert lens.body(Side.WAVE, {"fax=fax": " "}) == {"fax": None}


def test_missing_value_is_never_written() -> None:
    """A value that was not shown is neither changed nor cleared on the other side."""
    assert MappingRegistry.default().lens().body(Side.PMS, {"fax=fax": MISSING}) == {}


def test_f35_value_that_is_too_long_is_refused_not_cut() -> None:
    """A text over the declared length is refused with its field and the limit; one at the limit passes."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="name", pms="name", max_length=3)
    lens = registry.lens()

    with pytest.raises(ConversionError, match=r"^name: longer than 3$"):
        lens.body(Side.PMS, {"name=name": "Ada!"})

    assert lens.check(Side.PMS, "name=name", "Ada!") == "longer than 3"
    assert lens.check(Side.PMS, "name=name", "Ada") is None
    assert lens.check(Side.PMS, "name=name", None) is None


def test_value_that_could_never_be_compared_is_not_written_to_wave() -> None:
    """Wave is not sent a value that it could not show in a form we understand."""
    lens = MappingRegistry.default().lens()

    assert lens.check(Side.WAVE, "address.country.code=address.country_code", "Canada") is not None


@pytest.mark.parametrize("method", ["body", "cell"])
def test_field_that_is_not_mapped_any_more_is_told(method: str) -> None:
    """A value kept from before a change of the mapping raises, naming its field."""
    lens = MappingRegistry.default().lens()

    with pytest.raises(ConversionError, match="old=gone: is not mapped"):
        lens.body(Side.PMS, {"old=gone": 1}) if method == "body" else lens.cell(Side.PMS, "old=gone", 1)


def test_digest_tells_missing_from_null() -> None:
    """A property that is not shown and one that is null are two different sights."""
    lens = MappingRegistry.default().lens()

    assert lens.digest((MISSING,)) != lens.digest((None,))


def test_digest_is_stable() -> None:
    """The digest of the same values is the same in every process and on every machine."""
    lens = MappingRegistry.default().lens()

    assert lens.digest(("Ada", None, MISSING, 1, 2.5, ("a", None))) == "56d70e0d9e258384ed6df9532d642567"


def test_digest_takes_whatever_a_client_shows() -> None:
    """A client of the user's own may show values that are no JSON, and half an emoji."""
    lens = MappingRegistry.default().lens()

    assert lens.digest((Side.WAVE, "\ud83d", MISSING)) != lens.digest((Side.PMS, "\ud83d", MISSING))
    assert lens.digest((MappingProxyType({"a": 1}),)) != lens.digest((MappingProxyType({"a": 2}),))


def _group_cells(lens: Lens, side: Side, **address: object) -> dict[str, Cell]:
    paths = {"region": "address.region_code", "country": "address.country_code"}
    nested: dict[str, object] = {paths[name].rpartition(".")[2]: value for name, value in address.items()}
    return _cells(lens, side, {"address": nested})


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ({"region": "CA-ON", "country": "CA"}, None),
        ({"region": "ca-on", "country": "ca"}, None),
        ({"region": None, "country": "CA"}, None),
        ({"region": None, "country": None}, None),
        ({"region": "CA-ON"}, None),
        ({"country": "CA"}, None),
        ({"region": "ON", "country": "CA"}, None),
        ({"region": "CA-ON", "country": "Canada"}, None),
        ({"region": "CA-ON", "country": "US"}, "address.province.code: not a province of the country"),
        ({"region": "CA-ON", "country": None}, "address.province.code: a province without a country"),
    ],
)
def test_f33_province_belongs_to_its_country(address: dict[str, object], fault: str | None) -> None:
    """A province outside its country, or without one, is a fault of the address; other faults speak for themselves."""
    lens = MappingRegistry.default().lens()

    assert lens.group_fault("address", _group_cells(lens, Side.PMS, **address)) == fault


def test_f33_group_without_a_province_has_no_such_fault() -> None:
    """Groups that hold no province and country are never at fault, nor are cells that are not given."""
    lens = MappingRegistry.default().lens()

    assert lens.group_fault("name", {}) is None
    assert lens.group_fault("address", {}) is None


def test_province_of_the_wrong_form_is_a_fault_of_its_field() -> None:
    """A province code that does not name its country cannot be converted."""
    lens = MappingRegistry.default().lens()

    cell = lens.cell(Side.PMS, "address.province.code=address.region_code", "ON")

    assert cell.fault is not None
    assert "XX-YYY" in cell.fault


@pytest.mark.parametrize("name", [None, "", "a\0", MISSING])
def test_required_value_that_is_lacking_is_named(name: object) -> None:
    """A record without a name, or with one that cannot be read, cannot be created."""
    (lacking,) = _lacking({} if name is MISSING else {"name": name})

    assert lacking.startswith("name: ")


def test_required_value_that_is_there_is_not_named() -> None:
    """A record with a name lacks nothing."""
    assert _lacking({"name": "Ada"}) == ()


def _lacking(payload: dict[str, object]) -> tuple[str, ...]:
    lens = MappingRegistry.default().lens()
    return creation(lens, Side.PMS, lens.cells(Side.PMS, lens.raws(Side.PMS, payload))).lacking


def test_fingerprint_tells_what_would_convert_otherwise() -> None:
    """A field's fingerprint changes with its paths, type, converter, direction, group, empty rule and length."""
    registry = MappingRegistry.default()
    before = registry.lens()

    registry.map("customer", wave="fax", pms="fax", max_length=20)
    after = registry.lens()

    changed = [field_id for field_id in before.fields if before.fingerprints[field_id] != after.fingerprints[field_id]]
    assert changed == ["fax=fax"]
    assert before.fingerprint != after.fingerprint


def test_fingerprint_does_not_tell_labels() -> None:
    """The facet is a label, and rules of the engine convert nothing: the fingerprint is the same."""
    registry = MappingRegistry.default()
    before = registry.lens().fingerprint

    registry.map("person", wave="fax", pms="fax", on_foreign_edit="revert", backfill="hold", required=True)

    assert registry.lens().fingerprint == before


def test_f93_fingerprint_tells_the_version_of_a_converter() -> None:
    """A converter of a new version makes its fields be judged anew, and no others."""
    registry = MappingRegistry.default()
    registry.converter("loud", version="1", read=str, write=str)
    registry.map("customer", wave="fax", pms="fax", converter="loud")
    before = registry.lens().fingerprints

    registry.converter("loud", version="2", read=str, write=str)

    after = registry.lens().fingerprints
    assert [field_id for field_id in after if after[field_id] != before[field_id]] == ["fax=fax"]


def test_fingerprint_tells_the_marker() -> None:
    """A mapping that keeps the Wave id elsewhere is another mapping."""
    registry = MappingRegistry.default()
    before = registry.lens().fingerprint

    registry.map("customer", wave="id", pms="wave_id")

    assert registry.lens().fingerprint != before


def test_a_side_that_leaves_out_what_is_empty() -> None:
    """Where the PMS leaves out what is empty, each map reads what is not shown as empty, and is judged anew."""
    registry = MappingRegistry()
    registry.map("customer", wave="name", pms="name")
    registry.map("customer", wave="phone", pms="tel.main")

    plain, told = registry.lens(), registry.lens(omits_empty=True)

    assert plain.raws(Side.PMS, {"name": "Ada"})[1] is MISSING
    assert told.raws(Side.PMS, {"name": "Ada"})[1] is None
    assert plain.fingerprint != told.fingerprint


def test_lens_is_picklable() -> None:
    """A lens can be sent to another process and works there."""
    lens = MappingRegistry.default().lens()

    copy = pickle.loads(pickle.dumps(lens))  # noqa: S301  # our own pickle

    assert copy == lens
    assert copy.fingerprint == lens.fingerprint
    assert copy.raws(Side.WAVE, WAVE) == lens.raws(Side.WAVE, WAVE)


def test_tables_of_a_lens_cannot_be_changed() -> None:
    """A lens is immutable, its tables included."""
    lens = MappingRegistry.default().lens()

    with pytest.raises(TypeError):
        lens.fields["x"] = lens.fields["fax=fax"]  # type: ignore[index]  # that it fails is the point
