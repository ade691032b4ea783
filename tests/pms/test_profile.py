"""The conventions of a PMS, declared as data."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import jsonschema
import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.pms.conventions.calls import Listing
from wave_pms_sync.pms.conventions.shapes import Paging, Row, Times
from wave_pms_sync.pms.presets import PRESETS
from wave_pms_sync.pms.profile import PmsProfile


def test_nothing_declared_is_the_default() -> None:
    """An empty dictionary declares the default conventions."""
    profile = PmsProfile.from_dict({})

    assert profile == PmsProfile() == PmsProfile.preset("json_rest")
    assert (profile.path, profile.paging.size, profile.list.rows) == ("/customers", 100, "items")


def test_what_is_declared_holds() -> None:
    """A setting that is given replaces the default, and no other of its section."""
    profile = PmsProfile.from_dict({"list": {"rows": "data.rows"}, "paging": {"size": 25}})

    assert profile == PmsProfile(list=Listing(rows="data.rows"), paging=Paging(size=25))
    assert profile.list.query == PmsProfile().list.query


def test_parameters_are_declared_as_a_whole() -> None:
    """Parameters, headers and bodies are not merged with the defaults: what is written is what is sent."""
    profile = PmsProfile.preset("odata_v4").evolve(list={"query": {"top": "{limit}"}})

    assert profile.list.query == {"top": "{limit}"}
    assert profile.list.rows == "value"


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    """A TOML file and a JSON file with the same settings declare the same profile, laid over a preset."""
    (tmp_path / "pms.toml").write_text(
        'preset = "page_number"\npath = "/kunden"\n[list]\nrows = "daten"\nquery = { seite = "{page}" }\n'
    )
    settings = {
        "preset": "page_number",
        "path": "/kunden",
        "list": {"rows": "daten", "query": {"seite": "{page}"}},
    }
    (tmp_path / "pms.json").write_text(json.dumps(settings))

    from_toml = PmsProfile.from_file(tmp_path / "pms.toml")
    from_json = PmsProfile.from_file(str(tmp_path / "pms.json"))

    assert from_toml == from_json == PmsProfile.from_dict(settings)
    assert (from_toml.list.rows, from_toml.paging.pages) == ("daten", "meta.last_page")


@pytest.mark.parametrize("name", PRESETS)
def test_the_published_schema_holds(name: str) -> None:
    """The JSON Schema of profile files takes every profile that is written out, and refuses what is unknown."""
    schema = json.loads((Path(__file__).parents[2] / "docs" / "reference" / "profile.schema.json").read_text("utf-8"))
    judge = jsonschema.Draft202012Validator(schema)

    judge.check_schema(schema)
    judge.validate({"preset": name, **PmsProfile.preset(name).to_dict()})
    for wrong in ({"pagin": {}}, {"paging": {"end": "never"}}, {"list": {"rows": 5}}):
        assert list(judge.iter_errors(wrong))


@pytest.mark.parametrize("name", PRESETS)
def test_profiles_are_plain_data(name: str) -> None:
    """A profile written out, in full or briefly, and read back is the same, and fits JSON."""
    profile = PmsProfile.preset(name)

    for brief in (False, True):
        written = json.loads(json.dumps(profile.to_dict(brief=brief)))
        assert PmsProfile.from_dict(written) == profile
    assert PmsProfile().to_dict(brief=True) == {}


def test_evolve_leaves_the_original() -> None:
    """Evolving makes another profile, changed in the sections given, by data or by a whole section."""
    profile = PmsProfile.preset("cursor")

    other = profile.evolve(paging={"size": 5}, record=Row(id="_id"), path="/c", auth={"login": {"url": "/login"}})

    assert (other.paging.size, other.paging.more, other.record.id, other.path) == (5, "has_more", "_id", "/c")
    assert other.auth.login.url == "/login"
    assert profile == PmsProfile.preset("cursor")


def test_a_profile_shows_what_it_says() -> None:
    """The repr of a profile is how it could be declared, without what is as by default."""
    profile = PmsProfile.from_dict({"list": {"rows": "data"}})

    assert repr(profile) == "PmsProfile.from_dict({'list': {'rows': 'data'}})"
    assert "nearest: paging" in str(faults_of({"pagin": {}}))


def faults_of(settings: dict[str, object]) -> tuple[str, ...]:
    """What is wrong with these settings."""
    with pytest.raises(ConfigurationError) as caught:
        PmsProfile.from_dict(settings)
    return caught.value.faults


def test_an_unknown_preset() -> None:
    """A preset that there is not is refused, with those there are."""
    for name in ("soap", 5, None):
        with pytest.raises(ConfigurationError, match="json_rest, json_api, odata_v4, page_number"):
            PmsProfile.from_dict({"preset": name})


def test_all_faults_at_once() -> None:
    """Unknown settings, wrong types and broken rules are all named in one error, each with its path."""
    with pytest.raises(ConfigurationError) as caught:
        PmsProfile.from_dict(
            {
                "path": None,
                "pagesize": 5,
                "paging": {"size": 0, "sise": 1},
                "list": {"partial": 1, "query": {"limit": "{limits}"}},
                "update": {"clear": "x"},
                "auth": {"login": {"url": "login"}},
                "record": "id",
            }
        )

    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "auth.login.url",
        "list.partial",
        "list.query",
        "pagesize",
        "paging.sise",
        "paging.size",
        "path",
        "record",
        "update.clear",
    ]
    assert all("(allowed: " in fault for fault in caught.value.faults)


def test_what_does_not_fit_is_named_beside_what_is_wrong_by_itself() -> None:
    """One error names a misspelt setting, a zone that there is not, and all else; what hangs on a fault is none."""
    with pytest.raises(ConfigurationError) as caught:
        PmsProfile.from_dict(
            {
                "one_path": "/c/{ID}",
                "times": {"fom": "iso", "zone": "Europe/Belin", "created_form": "%Q", "updated_form": 1},
                "list": {"query": {"page": "{pge}", "a b": "{pages}", "x": None}},
                "paging": {"next": ""},
                "update": {"body": {"a": 1}},
                "read": {"path": "{path}"},
            }
        )

    assert [fault.partition(" (allowed: ")[0] for fault in caught.value.faults] == [
        "list.query: cannot be used: 'page' holds {pge}, the name 'a b', 'x'",
        "one_path: {ID} is no placeholder, so it names no record",
        "read: names no record",
        "times.created_form: '%Q' does not give back the year, month, day and time that it writes",
        "times.fom: 'fom' is unknown, nearest: form",
        "times.updated_form: is a whole number",
        "times.zone: 'Europe/Belin' is unknown",
        "update.body: does not say where the values go",
    ]


def test_a_profile_built_by_hand_names_what_does_not_fit_as_well() -> None:
    """A path that cannot be used and a zone that there is not are told together, without a preset or a dictionary."""
    with pytest.raises(ConfigurationError) as caught:
        PmsProfile(one_path="{path}/{uuid}", times=Times(zone="Europe/Belin"))

    assert [fault.partition(" (allowed: ")[0] for fault in caught.value.faults] == [
        "one_path: cannot be used: holds {uuid}",
        "times.zone: 'Europe/Belin' is unknown",
    ]


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("", "path", "customers"),
        ("", "path", "/customers?x=1"),
        ("", "path", "/../customers"),
        ("", "path", "/.."),
        ("", "path", "/customers/."),
        ("", "path", "/a/../customers"),
        ("", "path", "/{id}/customers"),
        ("", "one_path", "{path}/{name}"),
        ("list", "method", "get"),
        ("list", "method", "FETCH"),
        ("list", "query", {"a=b": "{limit}"}),
        ("list", "query", {"a": "{values}"}),
        ("list", "headers", {"a": {"b": "{limit}"}}),
        ("list", "query", {"a": {"b": "{values}"}}),
        ("list", "query", {"a": None}),
        ("list", "whole", "a"),
        ("list", "absent_is_empty", 1),
        ("", "tenant", "two words"),
        ("record", "only", {"": "customer"}),
        ("record", "only", {"kind": {"is": "customer"}}),
        ("record", "only", {"kind": [1.5]}),
        ("record", "only", {"kind": 1.5}),
        ("record", "absent", "null"),
        ("paging", "next", "link[relation].url"),
        ("paging", "next_from", "root"),
        ("read", "body", {"a": "{version}"}),
        ("delete", "content_type", "form"),
        ("deletions", "method", "get"),
        ("list", "query", {"a": "\n"}),
        ("list", "query", []),
        ("list", "rows", "data..rows"),
        ("list", "rows", "data[x]"),
        ("paging", "size", True),
        ("paging", "size", "100"),
        ("paging", "size", 10_001),
        ("paging", "past_end", [404, "404"]),
        ("paging", "end", "never"),
        ("record", "marker", "yes"),
        ("record", "archived_values", [1.5]),
        ("record", "read_only", "id"),
        ("create", "headers", {"Two Words": "{repeat_key}"}),
        ("create", "content_type", "json"),
        ("create", "location", "CustomerId="),
        ("requests", "headers", {"X-Version": "1\r\nX: y"}),
        ("requests", "unescaped", "&"),
        ("errors", "codes", {"E1": "bad"}),
        ("errors", "missing", [99]),
        ("times", "form", "rfc2822"),
        ("pace", "requests_per_minute", -1),
    ],
)
def test_a_setting_that_cannot_work_is_refused(section: str, name: str, value: object) -> None:
    """A value of the wrong form is refused by its path, and never quoted."""
    where = f"{section}.{name}" if section else name

    with pytest.raises(ConfigurationError) as caught:
        PmsProfile.from_dict({section: {name: value}} if section else {name: value})

    assert [fault.partition(":")[0] for fault in caught.value.faults] == [where]
    assert "(allowed: " in caught.value.faults[0]


def test_sections_built_by_hand_are_checked_as_well() -> None:
    """A section or a profile that is built in code obeys the same rules."""
    with pytest.raises(ConfigurationError, match="Paging: size: "):
        Paging(size=0)
    with pytest.raises(ConfigurationError, match="paging: is a table"):
        PmsProfile(paging={"size": 5})  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(ConfigurationError, match="path: cannot be used"):
        PmsProfile(path="?")


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"list": {"query": {"a": "{page}", "b": "{offset}"}}}, "list: uses {page} and {offset}"),
        ({"paging": {"next": ""}}, "paging.next: is empty"),
        ({"list": {"total": ""}, "paging": {"end": "total"}}, "paging.end: "),
        ({"record": {"only": {"a": 1}}, "paging": {"end": "total"}}, "paging.end: "),
        ({"one_path": "{path}/one"}, "delete: names no record"),
        ({"one_path": "{path}/{ID}"}, "one_path: {ID} is no placeholder"),
        ({"read": {"path": "{path}"}}, "read: names no record"),
        ({"archive": {"path": "{path}/archive"}}, "archive: names no record"),
        ({"create": {"body": {"customer": {}}}}, "create.body: does not say where the values go"),
        ({"update": {"body": {"customer": "x {values}"}}}, "update.body: does not say where the values go"),
        ({"update": {"clear": "omit"}}, "update.clear: "),
        ({"create": {"find_by": "email"}}, "create.find_query: "),
        ({"create": {"find_by": "e", "find_body": {"e": "{value}"}}}, "create.find_body: a GET carries none"),
        (
            {"list": {"body": {"a": ["{limit}"]}, "whole": ["a[0]", "a[1]", "b"]}},
            "list.whole: nothing with a placeholder",
        ),
        ({"record": {"version_header": "", "version_demanded": True}}, "record.version_demanded: "),
        ({"times": {"zone": "Europe/Nowhere"}}, "times.zone: "),
        ({"times": {"filter_form": "%H:%M"}}, "times.filter_form: "),
        ({"times": {"filter_zone": "Europe/Nowhere"}}, "times.filter_zone: "),
    ],
)
def test_settings_that_do_not_fit_together(settings: dict[str, object], fault: str) -> None:
    """Settings that each are well but contradict each other are refused, with what would be allowed."""
    with pytest.raises(ConfigurationError) as caught:
        PmsProfile.from_dict(settings)

    assert any(each.startswith(fault) and "(allowed" in each for each in caught.value.faults)


@pytest.mark.parametrize("call", ["read", "update", "delete"])
def test_an_id_may_stand_elsewhere(call: str) -> None:
    """The id of a record may stand in the query instead of the path."""
    settings = {"path": "{path}", "query": {"id": "{id}"}}

    assert PmsProfile.from_dict({call: settings}).to_dict()[call]["query"] == {"id": "{id}"}


def test_what_is_no_table_is_refused() -> None:
    """A list is no profile, and the error says so."""
    with pytest.raises(ConfigurationError, match="not a table"):
        PmsProfile.from_dict([])  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("pms.toml", "path = ", "not well formed"),
        ("pms.json", '{"path": 1,,}', "not well formed (line 1)"),
        ("pms.json", '"secret', "not well formed"),
        ("pms.ini", "", "unknown kind of file"),
        ("pms.json", "[]", "not a table"),
        ("pms.json", '{"paging": {"size": "a"}}', "paging.size: is text"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, name: str, content: str, problem: str) -> None:
    """A file that is not well formed, of another kind or without settings is refused without being quoted."""
    (tmp_path / name).write_text(content)

    with pytest.raises(ConfigurationError) as caught:
        PmsProfile.from_file(tmp_path / name)

    assert problem in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is a fault of the configuration and names the file."""
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml: cannot be read"):
        PmsProfile.from_file(tmp_path / "nowhere.toml")


def test_toml_without_a_reader_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python cannot read TOML the error names the package to install."""
    (tmp_path / "pms.toml").write_text("")
    monkeypatch.setitem(sys.modules, "tomllib", None)
    monkeypatch.setitem(sys.modules, "tomli", None)

    with pytest.raises(ConfigurationError, match="pip install tomli"):
        PmsProfile.from_file(tmp_path / "pms.toml")


def test_a_profile_survives_pickle() -> None:
    """A profile travels to another process unchanged."""
    profile = PmsProfile.preset("json_api").evolve(paging={"size": 7})

    copy = pickle.loads(pickle.dumps(profile))  # noqa: S301  # our own bytes

    assert copy == profile
    assert hash(copy) == hash(profile)
