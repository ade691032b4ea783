"""The conventions of a PMS, declared as data."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.pms.profile import PmsProfile


def test_nothing_declared_is_the_default() -> None:
    """An empty dictionary declares the default conventions."""
    profile = PmsProfile.from_dict({})

    assert profile == PmsProfile()
    assert (profile.customers_path, profile.page_size, profile.since_param) == ("/customers", 100, "updated_since")


def test_what_is_declared_holds() -> None:
    """A setting that is given replaces the default, and no other."""
    profile = PmsProfile.from_dict({"items_path": "data.rows", "page_size": 25, "if_match": False})

    assert profile == PmsProfile(items_path="data.rows", page_size=25, if_match=False)


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    """A TOML file and a JSON file with the same settings declare the same profile."""
    (tmp_path / "pms.toml").write_text('customers_path = "/kunden"\nsince_param = ""\nmarker = false\n')
    (tmp_path / "pms.json").write_text(json.dumps({"customers_path": "/kunden", "since_param": "", "marker": False}))

    from_toml = PmsProfile.from_file(tmp_path / "pms.toml")
    from_json = PmsProfile.from_file(str(tmp_path / "pms.json"))

    assert from_toml == from_json == PmsProfile(customers_path="/kunden", since_param="", marker=False)


def test_all_faults_at_once() -> None:
    """Unknown settings, wrong types and broken rules are all named in one error, each with its path."""
    with pytest.raises(ConfigurationError) as caught:
        PmsProfile.from_dict({"page_size": 0, "pagesize": 5, "if_match": 1, "customers_path": None, "clear_with": "x"})

    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "clear_with",
        "customers_path",
        "if_match",
        "page_size",
        "pagesize",
    ]
    assert all("(allowed: " in fault for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("customers_path", "customers"),
        ("customers_path", "/customers/"),
        ("customers_path", "/customers?x=1"),
        ("customers_path", "/../customers"),
        ("cursor_param", ""),
        ("since_param", "a=b"),
        ("page_size", True),
        ("page_size", "100"),
        ("page_size", 10_001),
        ("items_path", "data..rows"),
        ("idempotency_header", "Two Words"),
        ("marker", "yes"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(name: str, value: object) -> None:
    """A value of the wrong form is refused by name, built from data or by hand, and never quoted."""
    with pytest.raises(ConfigurationError) as from_data:
        PmsProfile.from_dict({name: value})
    with pytest.raises(ConfigurationError) as by_hand:
        PmsProfile(**{name: value})

    assert from_data.value.faults == by_hand.value.faults
    assert from_data.value.faults[0].startswith(f"{name}: ")


def test_what_is_no_table_is_refused() -> None:
    """A list is no profile, and the error says so."""
    with pytest.raises(ConfigurationError, match="not a table"):
        PmsProfile.from_dict([])  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("pms.toml", "page_size = ", "not well formed"),
        ("pms.json", '{"page_size": 1,,}', "not well formed (line 1)"),
        ("pms.json", '"secret', "not well formed"),
        ("pms.ini", "", "unknown kind of file"),
        ("pms.json", "[]", "not a table"),
        ("pms.json", '{"page_size": "a"}', "page_size: is text"),
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
    profile = PmsProfile(page_size=7)

    copy = pickle.loads(pickle.dumps(profile))  # noqa: S301  # our own bytes

    assert copy == profile
