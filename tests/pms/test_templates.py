"""Requests as templates, places in answers, and bodies."""

from __future__ import annotations

import json
import pickle
import re
from urllib.parse import unquote

import pytest

from wave_pms_sync.declared.table import Table
from wave_pms_sync.errors import ConversionError
from wave_pms_sync.pms.conventions.manners import Requests
from wave_pms_sync.pms.encode import emptied, encode, laid_over, query_text, without
from wave_pms_sync.pms.lookup import ABSENT, at, found, is_place, named
from wave_pms_sync.pms.templates import OMIT, branches, fill, filled_table, pattern_of, place_of, placeholders


@pytest.mark.parametrize(
    ("template", "facts", "filled"),
    [
        ("{id}", {"id": 7}, 7),
        ("<{id}>", {"id": 7}, "<7>"),
        ("{a}-{b}", {"a": 1, "b": 0}, "1-0"),
        ("{a}-{b}", {"a": 1}, OMIT),
        ("{id}", {"id": None}, OMIT),
        ("{id}", {"id": ""}, ""),
        ("plain", {}, "plain"),
        ("{{id}}", {"id": 7}, "{id}"),
        ("IS_AFTER({{moved}},'{since}')", {"since": 5}, "IS_AFTER({moved},'5')"),
        ("{{moved}}{since}", {"moved": 1}, OMIT),
        ('{"a": "{id}"}', {"id": 7}, '{"a": "7"}'),
        ({"a": "{x}", "b": 5, "c": None}, {}, {"b": 5, "c": None}),
        ({"a": {"b": "{x}"}}, {}, OMIT),
        ({"a": {}}, {}, {"a": {}}),
        ({}, {}, {}),
        (("{x}", "y", "{z}"), {"z": 1}, ["y", 1]),
        ({"a": ["{x}"], "b": []}, {}, {"b": []}),
        ({"data": "{values}"}, {"values": {"a": "{id}"}}, {"data": {"a": "{id}"}}),
    ],
)
def test_templates(template: object, facts: dict[str, object], filled: object) -> None:
    """Placeholders are filled, a whole one with its type; what has none is left out, and values are never templates."""
    assert fill(template, facts) == filled


def test_a_table_of_which_nothing_is_left_is_empty() -> None:
    """A table whose placeholders all lack a value becomes an empty one."""
    assert filled_table({"a": "{x}"}, {}) == {}


FILTERS = {
    "size": "{limit}",
    "groups": [{"filters": [{"name": "moved", "value": "{since}"}, {"name": "id", "value": "{cursor}"}]}],
}


@pytest.mark.parametrize(
    ("whole", "facts", "filled"),
    [
        ((), {}, {"groups": [{"filters": [{"name": "moved"}, {"name": "id"}]}]}),
        (("groups",), {"limit": 5, "since": 1}, {"size": 5}),
        (("groups[0].filters[0]",), {"cursor": 2}, {"groups": [{"filters": [{"name": "id", "value": 2}]}]}),
        (("groups[0].filters[0]", "groups[0].filters[1]"), {"limit": 5}, {"size": 5}),
    ],
)
def test_a_whole_branch(whole: tuple[str, ...], facts: dict[str, object], filled: object) -> None:
    """A branch that is declared whole is left out wholly if it lacks a value, and no empty list is left of it."""
    assert filled_table(FILTERS, facts, whole) == filled


def test_the_branches_of_a_template() -> None:
    """The places that can be declared whole are those below which something is filled in."""
    assert [*branches({"a": [5, {"b": "{x}"}], "c": "d"})] == ["a", "a[1]", "a[1].b"]


def test_what_a_template_uses() -> None:
    """Placeholders are found at any depth, and where the values go."""
    template = Table({"a": ["{x}", "{{z}}"], "data": {"attributes": "{values}", "n": 5}})

    assert placeholders(template) == {"x", "values"}
    assert place_of(template, "values") == ("data", "attributes")
    assert place_of({"a": "b {values}"}, "values") is None


def test_a_template_finds_its_value_again() -> None:
    """A template that was written out gives back the value of its placeholder."""
    assert re.fullmatch(pattern_of("/C({id})", "id", "[^)]+"), "/C(7)")["id"] == "7"  # type: ignore[index]  # it matches


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("a", {"b": [1, {"c": None}], "x.y": 2}),
        ("a.b[0]", 1),
        ("a.b[-2]", 1),
        ("a.b[1].c", None),
        ("a.x.y", 2),
        ("@odata.count", 3),
        ("list[0][1]", 5),
        ("links[rel=next].url", "/2"),
        ("links[rel=next,type='a.b'].url", "/3"),
        ("links[n=7].url", "/4"),
        ("links[rel=last].url", None),
        ("links[rel=last]", None),
        ("nothing[rel=next].url", ABSENT),
        ("a[rel=next].url", ABSENT),
        ("Last Name", "x"),
        ("a.b[2]", ABSENT),
        ("a.b.c", ABSENT),
        ("a[0]", ABSENT),
        ("z", ABSENT),
        ("a.b[1].c.d", ABSENT),
    ],
)
def test_places(place: str, value: object) -> None:
    """A place leads by names and positions to what lies there; null and nothing are told apart."""
    links = [{"rel": "self"}, {"rel": "next", "url": "/2"}, {"rel": "next", "type": "a.b", "url": "/3"}]
    body = {
        "a": {"b": [1, {"c": None}], "x.y": 2},
        "@odata.count": 3,
        "list": [[4, 5]],
        "links": [*links, "text", {"n": "7", "url": "/4"}],
        "Last Name": "x",
    }

    assert found(body, place) == value
    assert at(body, place) == (None if value is ABSENT else value)


@pytest.mark.parametrize(
    "place",
    ["", "a", "a.b", "[0]", "[-1].a", "a[0][1].b", "[rel=next].url", "a[b='c.d'].e", "Last Name.b", "@odata.count"],
)
def test_what_is_a_place(place: str) -> None:
    """Names, positions and conditions lead to a place."""
    assert is_place(place)


@pytest.mark.parametrize(
    "place",
    ["a..b", "a.", ".a", "a[", "a[]", "a[x]", "a]b", "a.[0]", " a", "a .b", "a[12345]", "a\nb", "a[b=]", "a[?b=1]"],
)
def test_what_is_no_place(place: str) -> None:
    """Anything else is no place, and is refused when a profile is built."""
    assert not is_place(place)


def test_the_place_without_a_name() -> None:
    """The empty place is the whole, or nothing where the API has no such thing; a position may come first."""
    assert found([1], "") == [1]
    assert named([1], "") is None
    assert found([{"a": 1}], "[0].a") == 1


@pytest.mark.parametrize(
    ("old", "new", "both"),
    [
        ({"a": 1, "b": {"c": 1, "d": 2}}, {"b": {"c": None}}, {"a": 1, "b": {"c": None, "d": 2}}),
        ({"a": 1}, {"a": {"b": {"c": 2}}}, {"a": {"b": {"c": 2}}}),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": [1]}),
        (None, {"a": 1}, {"a": 1}),
    ],
)
def test_laying_over(old: object, new: object, both: object) -> None:
    """New values are laid over old ones object by object; everything else is replaced."""
    assert laid_over(old, new) == both


def test_leaving_out() -> None:
    """Properties are left out by their places; what is not there does not matter."""
    assert without({"a": 1, "b": {"c": 1, "d": 2}, "e": 5}, ["a", "b.c", "x.y", "e.f"]) == {"b": {"d": 2}, "e": 5}


@pytest.mark.parametrize(
    ("how", "expected"),
    [("omit", {"b": {"c": 1}}), ("null", {"a": None, "b": {"c": 1}}), ("text", {"a": "", "b": {"c": 1}})],
)
def test_nothing_as_the_api_wants_it(how: str, expected: object) -> None:
    """A property without a value is left out, null or empty text."""
    assert emptied({"a": None, "b": {"c": 1}}, how) == expected


def test_forms() -> None:
    """A form writes nested names in brackets, words for flags, and nothing for null."""
    form = encode(
        {"name": "Zoë & co", "a": {"b": {"c": 1}}, "t": ["x", "y"], "f": True, "n": None},
        "application/x-www-form-urlencoded; charset=utf-8",
    )

    assert form == b"name=Zo%C3%AB%20%26%20co&a[b][c]=1&t[]=x&t[]=y&f=true&n="


@pytest.mark.parametrize("value", [{"a": "\ud83d"}, {"a": {1}}, {"a": object()}])
def test_f39_what_a_form_cannot_hold(value: object) -> None:
    """What cannot be written in a form is refused before it is sent."""
    with pytest.raises(ConversionError):
        encode(value, "application/x-www-form-urlencoded")


def test_tables_are_read_only_and_travel() -> None:
    """A table compares like its dictionary, cannot be changed from outside, and survives pickle and JSON."""
    inner = {"b": [1, 2]}
    table = Table({"a": inner})
    inner["b"].append(3)

    assert table == {"a": {"b": (1, 2)}}
    assert pickle.loads(pickle.dumps(table)) == table  # noqa: S301  # our own bytes
    assert hash(table) == hash(Table({"a": {"b": [1, 2]}}))
    assert json.loads(encode(table)) == {"a": {"b": [1, 2]}}
    assert repr(table) == "{'a': {'b': [1, 2]}}"


def test_tables_and_lists_in_a_query() -> None:
    """What is nested in a query is written as JSON text."""
    query = filled_table(Table({"f": [["moved", ">=", "{since}"]], "w": {"a": "{since}", "b": None}}), {"since": 5})

    assert unquote(query_text(query, Requests())) == 'f=[["moved",">=",5]]&w={"a":5,"b":null}'


def test_parameters_that_come_several_times() -> None:
    """A list under a name that ends in brackets gives its parameter once for each item; other lists are JSON."""
    query = {"fields[]": ["a", 5, {"b": 1}], "other[]": "x", "none[]": [], "list": ["a"]}

    assert unquote(query_text(query, Requests())) == 'fields[]=a&fields[]=5&fields[]={"b":1}&other[]=x&list=["a"]'


def test_a_query_cannot_be_broken_out_of() -> None:
    """Whatever a value holds, it stays the value of its parameter."""
    assert query_text({"a": "x&b=1#?\ud83d"}, Requests()) == "a=x%26b%3D1%23%3F%ED%A0%BD"
