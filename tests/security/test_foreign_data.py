"""What comes from elsewhere is data: it is checked, bounded, and never run."""

from __future__ import annotations

import ast
import copy
import json
from pathlib import Path

import pytest

import wave_pms_sync
from wave_pms_sync import MappingRegistry, Plan, PmsProfile
from wave_pms_sync.errors import BadAnswer, ConfigurationError, SyncError
from wave_pms_sync.mapping.straight import written_out
from wave_pms_sync.testing import Fault

PACKAGE = Path(wave_pms_sync.__file__).parent


# --- Answers ---------------------------------------------------------------------------------------


def nested(levels, opening="[", closing="]", core=""):
    """JSON of so many levels."""
    return opening * levels + core + closing * levels


@pytest.mark.parametrize("levels", [150, 400, 600, 900, 1500, 100_000])
@pytest.mark.parametrize("around", ['{"items": [{"id": "1", "name": "A", "notes": %s}], "next_cursor": null}', "%s"])
@pytest.mark.parametrize("marks", [("[", "]", ""), ('{"a":', "}", "1")], ids=["lists", "objects"])
def test_deep_json_is_a_bad_answer(world, levels, around, marks):
    """JSON of hundreds of levels ended the run with an error of Python's own; it is an answer that cannot be used."""
    world.mapping = MappingRegistry.default()
    world.mapping.enable("internalNotes")
    world.change(mapping=world.mapping)
    world.wave_box.add({"name": "Zed"})
    world.pms_box.faults.add(Fault.ANSWER, body=around.replace("%s", nested(levels, *marks)), on="list", times=None)

    with pytest.raises(BadAnswer):
        world.run()

    assert world.pms_box.customers == {}


def test_deep_json_from_wave_is_a_bad_answer(world):
    """JSON of hundreds of levels from Wave is an answer that cannot be used, too."""
    world.pms_box.add({"name": "Zed"})
    world.wave_box.faults.add(Fault.ANSWER, body=f'{{"data": {{"business": {nested(600)}}}}}', times=None)

    with pytest.raises(BadAnswer):
        world.run()


def test_ordinary_nesting_is_read(world):
    """Hundreds of rows with objects in them are not deep, and neither are fifty levels."""
    rows = [{"id": str(n), "name": "A", "extra": json.loads(nested(50)), "address": {"city": "B"}} for n in range(300)]
    body = json.dumps({"items": rows, "next_cursor": None})
    world.pms_box.faults.add(Fault.ANSWER, body=body, on="list", times=None)

    assert len(list(world.pms.customers())) == 300


HARD = {
    "infinite": "1e999999",
    "long": "1" + "0" * 4000,
    "half a pair": '"\\ud800"',
    "NUL": '"a\\u0000b"',
    "escapes": '"\\u001b[31m\\r\\nred"',
    "quotes": '"\'; DROP TABLE link;-- ../../etc"',
    "a list": "[[]]",
    "an object": '{"$tuple": [1], "$moment": "x"}',
}


@pytest.mark.parametrize("value", HARD)
@pytest.mark.parametrize("name", ["id", "name", "email", "phone", "updated_at", "archived", "address", "external_id"])
def test_hard_values_are_an_outcome_or_a_typed_error(stored_world, name, value):
    """Whatever stands in a row, a run ends with a report or a typed error, and what it says can be printed as JSON."""
    world = stored_world
    world.wave_box.add({"name": "Zed", "email": "zed@example.com"})
    row = {"id": '"1"', "name": '"A"', name: HARD[value]}
    members = ", ".join(f'"{key}": {held}' for key, held in row.items())
    body = f'{{"items": [{{{members}}}], "next_cursor": null}}'
    world.pms_box.faults.add(Fault.ANSWER, body=body, on="list", times=None)

    try:
        plan = world.sync.plan()
        read_back = Plan.from_dict(json.loads(json.dumps(plan.to_dict())))
        report = world.sync.apply(plan)
    except SyncError:
        return

    assert read_back.digest == plan.digest
    assert json.dumps(report.to_dict())
    assert world.sync.plan() is not None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1" + "0" * 100_000])
def test_what_is_no_number_of_json_is_a_bad_answer(world, number):
    """NaN, and a number of a hundred thousand digits, are no JSON that can be read."""
    body = f'{{"items": [{{"id": 1, "amount": {number}}}], "next_cursor": null}}'
    world.pms_box.faults.add(Fault.ANSWER, body=body, on="list", times=None)

    with pytest.raises(BadAnswer):
        list(world.pms.customers())


def test_a_name_that_comes_twice_counts_once(world):
    """Of a property that stands twice in an object the last counts, as in all of Python; nothing is mixed."""
    body = '{"items": [{"id": "1", "id": "2", "name": "A", "name": "B"}], "next_cursor": null}'
    world.pms_box.faults.add(Fault.ANSWER, body=body, on="list", times=None)

    (found,) = world.pms.customers()

    assert (found.id, found.payload["name"]) == ("2", "B")


# --- Saved plans -----------------------------------------------------------------------------------


@pytest.fixture
def saved(world):
    """A saved plan with a link, creates, an update, a hold, and records that wait."""
    for name, email in (("Zed", "z@example.com"), ("Ann", "a@example.com"), ("A", "x@example.com")):
        world.wave_box.add({"name": name, "email": email})
    for name, email in (("Zed 2", "z@example.com"), ("A", "x@example.com"), ("A", "x@example.com")):
        world.pms_box.add({"name": name, "email": email})
    return json.loads(json.dumps(world.sync.plan().to_dict()))


def places(value, path=()):
    """All places in a nested value but the whole."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inner:
        yield (*path, key)
        yield from places(held, (*path, key))


def altered(data, path, value):
    """A copy with another value in one place."""
    data = copy.deepcopy(data)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return data


def deep():
    """A list of ten thousand levels."""
    made: list[object] = []
    for _ in range(10_000):
        made = [made]
    return made


FOREIGN = [None, -1, 10**5000, 1.5, float("nan"), "x", "\ud800", [1], {"a": 1}, {1: 2}, {None: None}, object(), b"x"]
FOREIGN += [
    {"value": object()},
    {"parts": 5},
    {"missing": 1, "value": 2},
    "0001-01-01T00:00:00+23:59",
    "delete",
    deep(),
]


@pytest.mark.parametrize("value", FOREIGN, ids=[f"{n}" for n in range(len(FOREIGN))])
def test_a_saved_plan_with_foreign_data_is_refused(saved, value):
    """A saved plan with something else in any place is refused with a ConfigurationError, or means what it meant."""
    meant = json.dumps(Plan.from_dict(saved).to_dict())

    for path in places(saved):
        try:
            read = Plan.from_dict(altered(saved, path, value))
        except ConfigurationError:
            continue
        assert json.dumps(read.to_dict()) == meant, path


@pytest.mark.parametrize("data", [None, [], "plan", 1, {}, {"format": 2}, {"format": [1]}, {"format": 1}, deep()])
def test_what_is_no_plan_is_refused(data):
    """Anything that is no saved plan is refused."""
    with pytest.raises(ConfigurationError):
        Plan.from_dict(data)


def test_a_plan_with_further_names_is_refused(saved):
    """A name that no plan has, in a plan or in an action, is refused."""
    with pytest.raises(ConfigurationError):
        Plan.from_dict(altered(saved, ("actions", 0, "__class__"), "os.system"))


# --- Settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [MappingRegistry, PmsProfile])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "!!python/object/apply:os.system ['touch pwned']"),
        ("a.yaml", "a: &a [x]\nb: [*a, *a]"),
        ("a.yaml", "- " * 5000 + "x"),
        ("a.json", nested(100_000)),
        ("a.json", "1" + "0" * 100_000),
        ("a.toml", "a = " + nested(5000)),
        ("a.json", '{"a": "canary'),
        ("a.pickle", "cos\nsystem\n(S'touch pwned'\ntR."),
        ("a.py", "raise SystemExit"),
    ],
)
def test_a_hostile_file_of_settings_is_refused(tmp_path, monkeypatch, kind, name, text):
    """A file that would run something, fill memory or go down for ever is refused, and not quoted."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)

    with pytest.raises(ConfigurationError) as caught:
        kind.from_file(tmp_path / name)

    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert "canary" not in repr(caught.value)


@pytest.mark.parametrize(
    "converter", ["os.system", "os:system", "builtins.eval", "__import__", "wave_pms_sync.errors", "../x"]
)
def test_a_converter_named_in_a_file_is_never_imported(converter):
    """A converter is found among those that were registered, or not at all."""
    data = MappingRegistry.default().to_dict()
    changed = json.loads(json.dumps(data).replace('"converter": "phone"', f'"converter": "{converter}"'))
    assert changed != data

    with pytest.raises(ConfigurationError, match="converter"):
        MappingRegistry.from_dict(changed)


@pytest.mark.parametrize(
    "key", ["']+[open('ran','w')]+['", "\\", "x'\n    open('ran', 'w')\n    y['", '"""', "{0!r}", "\u2028", "__class__"]
)
def test_a_path_in_a_mapping_is_a_key_and_nothing_else(tmp_path, monkeypatch, key):
    """Whatever stands in a path, a function that is written out for it takes the property of that very name."""
    monkeypatch.chdir(tmp_path)
    read = written_out([(0, key, None)], [(1, key, None)], [1])

    assert read({key: {key: "Ada"}}) == ("Ada",)
    assert not (tmp_path / "ran").exists()


# --- The package itself ----------------------------------------------------------------------------

FORBIDDEN_CALLS = {"eval", "compile", "__import__", "system", "popen", "spawnv", "fork", "unsafe_load", "full_load"}
FORBIDDEN_MODULES = {"pickle", "shelve", "subprocess", "dill", "joblib", "code", "ctypes", "pty", "imp"}
# The kits for tests pickle their own bytes to show that clients survive it; the paths of a mapping are written out as
# a function, each key in it as a literal.
MAY = {("testing/clients.py", "pickle"), ("mapping/straight.py", "exec")}


def modules():
    """All modules of the package, as their path and their syntax tree."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_marshal_is_only_written():
    """Marshal, which makes bytes for digests, is never read: reading it is as dangerous as a pickle."""
    used = {
        node.attr
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "marshal"
    }

    assert used == {"dumps"}


def called(node):
    """The bare name of what is called."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def test_nothing_is_unpickled_evaluated_or_handed_to_a_shell():
    """The package has no pickle, eval, subprocess or shell, and one exec, of what it has written itself."""
    found = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
                found += [(path, name) for name in names if name.partition(".")[0] in FORBIDDEN_MODULES]
            if isinstance(node, ast.Call):
                own = isinstance(node.func, ast.Attribute) and ast.unparse(node.func).startswith("re.")
                bare = called(node) in FORBIDDEN_CALLS | {"exec"}
                found += [(path, called(node))] if bare and not own else []
                found += [(path, "shell")] if any(word.arg == "shell" for word in node.keywords) else []

    assert set(found) <= MAY


def test_what_is_imported_by_name_is_named_in_the_source():
    """No name of a module to import comes from a file, a mapping or an answer."""
    importers = [
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) == "import_module"
    ]

    assert set(importers) == {
        *("__init__.py", "declared/files.py", "testing/__init__.py"),
        "mapping/converters/stock.py",
    }


def test_yaml_is_loaded_safely():
    """YAML is read with the safe loader only."""
    loaders = {
        ast.unparse(node.func)
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("yaml.")
    }

    assert loaders == {"yaml.parse", "yaml.safe_load"}
