"""Mappings as plain data and in files."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync import MappingRegistry
from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.field_map import ABSENTS, BACKFILLS, EMPTIES, FACETS
from wave_pms_sync.mapping.schema import SCHEMA

KINDS = (".toml", ".json", ".yaml", ".yml")


def rich() -> MappingRegistry:
    """A mapping that uses what a file can say."""
    registry = MappingRegistry.default(calling_code="49")
    registry.map("customer", wave="phone", pms="phones[type=main].number", max_length=20, empty="omit")
    registry.map("customer", wave="mobile", pms="phones[type='mo\"bile\\'].number", absent="empty")
    registry.map("person", wave=("firstName", "lastName"), pms="ganzer Name", converter="full_name", default="?")
    registry.map("customer", wave="displayId", pms="nr", type="integer", direction="to_wave", on_foreign_edit="revert")
    registry.map("customer", wave="email", pms="mail", group="reach", required=True, backfill="hold", default="a@b.c")
    registry.converter("site", use=["text", "website"])
    registry.map("customer", wave="website", pms="web", converter="site")
    registry.map("customer", wave="fax", pms="fax", converter=["phone", {"name": "phone", "calling_code": "47"}])
    registry.data_type("money", converter="amount", wire="float")
    registry.map("customer", wave="overdueAmount", pms="overdue", type="money", direction="to_pms")
    registry.disable("website")
    registry.constant(pms="type", value="customer")
    registry.constant(pms="tags", value=["wave", 1, 2.5, True, {"a b": "c"}], on="write")
    return registry


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [MappingRegistry, MappingRegistry.default, rich])
def test_file_gives_back_the_mapping_exactly(tmp_path: Path, kind: str, make: type[MappingRegistry]) -> None:
    """What was written is read back as an equal mapping, and written again as the same bytes."""
    registry = make()

    registry.to_file(tmp_path / f"mapping{kind}")
    again = MappingRegistry.from_file(str(tmp_path / f"mapping{kind}"))
    again.to_file(tmp_path / f"again{kind}")

    assert again == registry
    assert again.lens().fingerprint == registry.lens().fingerprint
    assert (tmp_path / f"again{kind}").read_bytes() == (tmp_path / f"mapping{kind}").read_bytes()


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
JSON = st.recursive(
    st.one_of(WORDS, st.integers(-(2**53), 2**53), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(WORDS, inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@given(
    value=JSON,
    facet=st.sampled_from(FACETS),
    empty=st.sampled_from(EMPTIES),
    absent=st.sampled_from(ABSENTS),
    backfill=st.sampled_from(BACKFILLS),
    group=st.one_of(st.none(), WORDS.filter(str.strip)),
    length=st.one_of(st.none(), st.integers(1, 2**31)),
)
def test_any_rule_and_any_constant_survive_all_kinds_of_files(
    tmp_path_factory: pytest.TempPathFactory,
    value: object,
    facet: str,
    empty: str,
    absent: str,
    backfill: str,
    group: str | None,
    length: int | None,
) -> None:
    """No text, number or table that can be said in Python is bent by a file."""
    registry = MappingRegistry()
    registry.map(
        facet,
        wave="phone",
        pms="a b.c",
        default=value,
        empty=empty,
        absent=absent,
        backfill=backfill,
        group=group,
        max_length=length,
    )
    registry.constant(pms="x", value=value)
    folder = tmp_path_factory.mktemp("files")

    for kind in (".toml", ".json"):
        registry.to_file(folder / f"m{kind}")
        assert MappingRegistry.from_file(folder / f"m{kind}") == registry


def test_file_may_start_from_the_default() -> None:
    """A short file changes the default mapping as calls would."""
    written = {
        "extends": "default",
        "calling_code": "47",
        "unmap": ["fax"],
        "enable": ["internalNotes"],
        "disable": ["tollFree"],
        "maps": [{"facet": "customer", "wave": "website", "pms": "url"}],
        "constants": [{"wave": "currency.code", "value": "NOK"}],
    }
    spoken = MappingRegistry.default(calling_code="47")
    spoken.unmap("fax")
    spoken.map("customer", wave="website", pms="url")
    spoken.enable("internalNotes")
    spoken.disable("tollFree")
    spoken.constant(wave="currency.code", value="NOK")

    assert MappingRegistry.from_dict(written) == spoken
    assert MappingRegistry.from_dict(json.loads(json.dumps(written))) == spoken


def test_null_stands_for_a_key_that_is_left_out() -> None:
    """A program that writes every key may write null."""
    written = {"calling_code": None, "maps": [{"facet": "customer", "wave": "fax", "pms": "fax", "max_length": None}]}

    assert MappingRegistry.from_dict(written).maps[0].max_length is None


def test_every_fault_of_a_file_is_named_at_once_with_its_place() -> None:
    """A person corrects a file in one go."""
    written = {
        "extends": "nothing",
        "unmap": ["email"],
        "converters": {"land": {"name": "phone", "calling": "49"}, "no": {"name": "nosuch"}},
        "types": {"money": {"wire": "float", "converter": "amunt"}},
        "maps": [
            {"facet": "customer", "wave": "phone", "pms": "tel", "type": "strin"},
            {"facet": "customer", "wave": "fon", "pms": "a..b"},
            {"facet": "customer", "wave": "fax", "pms": "tel2"},
            {"facet": "customer", "wave": "fax", "pms": "tel3"},
            {"facet": "customer", "wave": "mobile", "pms": "tel2"},
        ],
        "enable": ["nothing"],
        "constants": [{"pms": "tel2", "value": 1}, {"value": 2}, {"pms": "x", "value": 1, "on": "create"}],
    }

    with pytest.raises(ConfigurationError) as caught:
        MappingRegistry.from_dict(written)

    faults = caught.value.faults
    for place in (
        "unmap[0] email",
        "converters converter land.calling",
        "converters converter no.name",
        "types type money.converter",
        "maps[0] phone.type",
        "maps[1] fon.wave",
        "maps[1] fon.pms",
        "maps[3] fax.wave",
        "maps[4] mobile.pms",
        "enable[0] nothing",
        "constants[0] constant tel2",
        "constants[1] constant",
    ):
        assert any(fault.startswith(place) for fault in faults), (place, faults)
    assert all("(allowed: " in fault for fault in faults)
    assert len(faults) == 12


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ({"map": [], "maps": {}}, ["map", "maps"]),
        ({"maps": [{"facet": "people", "wave": [], "pms": 7}]}, ["maps[0].facet", "maps[0].pms", "maps[0].wave"]),
        ({"maps": [{}]}, ["maps[0].facet", "maps[0].pms", "maps[0].wave"]),
        ({"maps": [{"facet": "person", "wave": "", "pms": "a"}]}, ["maps[0].wave"]),
        (
            {"maps": [{"facet": "person", "wave": "fax", "pms": "a", "max_length": 0, "required": 1}]},
            ["maps[0].max_length", "maps[0].required"],
        ),
        ({"constants": [{"pms": "a"}]}, ["constants[0].value"]),
        ({"extends": "defaults"}, ["extends"]),
        ([], ["(whole)"]),
    ],
)
def test_form_is_checked_against_the_published_schema(written: object, places: list[str]) -> None:
    """Unknown keys and values of another kind are refused, with the keys that are allowed."""
    with pytest.raises(ConfigurationError) as caught:
        MappingRegistry.from_dict(written)  # type: ignore[arg-type]  # on purpose

    assert [fault.partition(":")[0] for fault in caught.value.faults] == places
    assert list(jsonschema.Draft202012Validator(dict(SCHEMA)).iter_errors(written))


def faults_of(written: dict[str, object]) -> list[str]:
    """What is wrong with a file, without what would be allowed."""
    with pytest.raises(ConfigurationError) as caught:
        MappingRegistry.from_dict(written)
    return [fault.partition(" (allowed: ")[0] for fault in caught.value.faults]


def test_a_row_that_is_wrong_in_form_is_judged_in_all_else_as_well() -> None:
    """A wrong word hides neither a name that Wave does not have, nor a type or converter that there is not."""
    row = {"facet": "customr", "wave": "nme", "pms": "a..b", "type": "strng", "converter": "nope", "direction": "to"}

    assert faults_of({"maps": [row, {"wave": "fax", "pms": ["a", 5], "typ": "x", "default": "n"}], "unmpa": []}) == [
        "maps[0].direction: 'to' is unknown, nearest: to_pms",
        "maps[0].facet: 'customr' is unknown, nearest: customer",
        "maps[1].facet: is not given",
        "maps[1].pms[1]: is of another kind",
        "maps[1].typ: 'typ' is unknown, nearest: type",
        "unmpa: 'unmpa' is unknown, nearest: unmap",
        "maps[0] nme.wave: 'nme' is unknown, nearest: name",
        "maps[0] nme.pms: 'a..b' is not made of property names joined by points, with items in brackets",
        "maps[0] nme.type: 'strng' is unknown, nearest: string",
        "maps[0] nme.converter: 'nope' is unknown, nearest: name",
    ]


def test_what_hangs_on_a_faulty_entry_is_no_fault_of_its_own() -> None:
    """A row that replaces another does so though a word in it is wrong; a faulty converter or type may be named."""
    written = {
        "extends": "default",
        "converters": {"c1": 5, "c2": "no"},
        "types": {"t1": 5, "t2": {"converter": "no"}},
        "maps": [
            {"facet": "customer", "wave": "mobile", "pms": "cell", "direction": "to"},
            {"facet": "customer", "wave": "email", "pms": "mobile", "type": "t1", "converter": "c1"},
            {"facet": "customer", "wave": "website", "pms": "home", "type": "t2", "converter": "c2"},
            {"facet": "customer", "wave": "fax", "pms": "cell"},
        ],
        "enable": ["cell"],
        "constants": [{"pms": "x", "value": 1, "on": "never"}],
    }

    assert faults_of(written) == [
        "constants[0].on: 'never' is unknown",
        "converters.c1: is of another kind",
        "maps[0].direction: 'to' is unknown, nearest: to_pms",
        "types.t1: is of another kind",
        "converters converter c2: 'no' is unknown, nearest: yes_no",
        "types type t2.converter: 'no' is unknown, nearest: yes_no",
        "maps[3] fax.pms: 'cell' overlaps 'cell' of mobile",
    ]


@pytest.mark.parametrize("wrong", [{"facet": "kind"}, {"type": 5}, {"converter": 5}, {"converter": "kid"}])
def test_a_faulty_row_of_several_properties_takes_none_from_others(wrong: dict[str, object]) -> None:
    """Of a row that derives a value from several properties, or may do so, nobody says that it leaves others torn."""
    names = ["name", "firstName", "lastName"]
    several = {"facet": "customer", "wave": names, "pms": "kind", "converter": "kind", "direction": "to_pms"}
    first = {"facet": "person", "wave": "firstName", "pms": "first"}

    assert len(faults_of({"maps": [{**several, **wrong}, first]})) == 1


@pytest.mark.parametrize("name", ["converters", "types"])
def test_names_of_a_table_that_is_none_may_be_used(name: str) -> None:
    """Where the whole table of converters or types is of another kind, a row that names one is not blamed."""
    row = {"facet": "customer", "wave": "fax", "pms": "fax", name[:-1]: "mine"}

    assert faults_of({name: 5, "maps": [row]}) == [f"{name}: is of another kind"]


@pytest.mark.parametrize("wrong", [{"extends": "defaults"}, {"extends": "default", "maps": {}}])
def test_maps_that_nobody_can_know_are_not_missed(wrong: dict[str, object]) -> None:
    """Where it is open what a file starts from, or what it maps, none of it is called unknown."""
    assert len(faults_of({"unmap": ["fax"], "disable": ["myFax"], **wrong})) == 1


@pytest.mark.parametrize("make", [MappingRegistry, MappingRegistry.default, rich])
def test_published_schema_holds_for_what_is_written(make: type[MappingRegistry]) -> None:
    """The schema is a JSON Schema that other tools understand, and it takes what `to_dict` gives."""
    jsonschema.Draft202012Validator.check_schema(dict(SCHEMA))

    jsonschema.validate(make().to_dict(), dict(SCHEMA))


class Padded:
    """A converter in Python."""

    loses = "leading zeros"

    def read(self, wire: object) -> object:
        """The digits."""
        return self.key(wire)

    def write(self, ours: object) -> object:
        """Eight digits."""
        return str(self.key(ours)).zfill(8)

    def key(self, value: object) -> object:
        """The digits."""
        if not isinstance(value, str) or not value.isdecimal():
            raise ConversionError("is not a number of digits")
        return value.lstrip("0") or "0"


def test_converter_in_python_is_named_in_the_file_and_handed_in_beside_it(tmp_path: Path) -> None:
    """A file cannot hold code: it names the converter, and says so if it is missing."""
    registry = MappingRegistry()
    registry.converter("padded", version="3")(Padded)
    registry.map("customer", wave="displayId", pms="nr", converter="padded")
    registry.to_file(tmp_path / "m.toml")

    assert MappingRegistry.from_file(tmp_path / "m.toml", converters=registry.converters) == registry
    assert MappingRegistry.from_file(tmp_path / "m.toml", converters={"padded": Padded()}).maps[0].name == "displayId"
    with pytest.raises(ConfigurationError, match=r"maps\[0\] displayId\.converter: 'padded' is unknown"):
        MappingRegistry.from_file(tmp_path / "m.toml")


def test_converter_without_a_name_cannot_be_written(tmp_path: Path) -> None:
    """An object that was handed to `map` has to be given a name first; a file that was there stays as it is."""
    registry = MappingRegistry()
    registry.map("customer", wave="displayId", pms="nr", converter=Padded())
    (tmp_path / "m.json").write_text("before")

    with pytest.raises(ConfigurationError, match=r"displayId\.converter: Padded has no name"):
        registry.to_file(tmp_path / "m.json")

    assert (tmp_path / "m.json").read_text() == "before"


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("m.toml", "maps = [", "not well formed"),
        ("m.json", '{"maps": [}', "not well formed (line 1)"),
        ("m.yaml", "maps: [}\n", "not well formed (line 1)"),
        ("m.yaml", "maps: !!python/object:os.system {}\n", "not well formed"),
        ("m.yaml", "a: &a [*a]\n", "not well formed"),
        ("m.ini", "", "unknown kind of file"),
        ("m.json", "[" * 100_000, "not well formed"),
        ("m.json", '"\xff"', "(whole)"),
    ],
)
def test_bad_file_is_named_and_not_quoted(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    """A file that cannot be read says which file, and where, without its content."""
    (tmp_path / name).write_text(content, encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        MappingRegistry.from_file(tmp_path / name)

    assert complaint in caught.value.faults[0]


def test_missing_file_and_missing_folder_are_named(tmp_path: Path) -> None:
    """What cannot be read or written is a fault of the configuration, by the file's name."""
    with pytest.raises(ConfigurationError, match=r"m\.toml: cannot be read: No such file"):
        MappingRegistry.from_file(tmp_path / "m.toml")
    with pytest.raises(ConfigurationError, match=r"m\.toml: cannot be written: No such file"):
        MappingRegistry.default().to_file(tmp_path / "no" / "m.toml")


def test_overlapping_maps_of_a_file_are_refused_in_any_order() -> None:
    """A file in which one map would drop another without a word is refused, whichever comes first."""
    whole = {"facet": "person", "wave": ["firstName", "lastName"], "pms": "whole", "converter": "full_name"}
    part = {"facet": "person", "wave": "firstName", "pms": "first"}

    for maps in ([whole, part], [part, whole]):
        with pytest.raises(ConfigurationError, match=r"maps\[1\] "):
            MappingRegistry.from_dict({"maps": maps})
    names = [row.name for row in MappingRegistry.from_dict({"extends": "default", "maps": [whole]}).maps]
    assert "firstName+lastName" in names
    assert "firstName" not in names
