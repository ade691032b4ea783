"""Taking values out of payloads, and laying them into bodies."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest

from wave_pms_sync.mapping.paths import PathReader, get, lay, misfit, take_out
from wave_pms_sync.mapping.steps import overlap, steps_of
from wave_pms_sync.model.fields import MISSING


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"address": {"city": "Oslo"}}, "Oslo"),
        ({"address": MappingProxyType({"city": "Oslo"})}, "Oslo"),
        ({"address": {"city": None}}, None),
        ({"address": None}, None),
        ({"address": {}}, MISSING),
        ({}, MISSING),
        ({"address": ""}, None),
        ({"address": []}, None),
    ],
)
def test_path_tells_null_from_not_shown(payload: dict[str, object], expected: object) -> None:
    """A null or empty parent has only empty properties; what is not shown is missing."""
    assert get(payload, "address.city") == expected
    assert PathReader((("address.city",),)).read(payload) == (expected,)


def test_null_parent_is_empty_all_the_way_down() -> None:
    """A null address has a null province, and that has a null code."""
    payload = {"address": None}

    assert PathReader((("address.province.code",), ("address.city",))).read(payload) == (None, None)


def test_reader_takes_all_fields_in_order() -> None:
    """The values come in the order of the fields, however their parents are nested."""
    reader = PathReader((("a.b.c",), ("d",), ("a.e",), ("a.b.f",)))

    assert reader.read({"a": {"b": {"c": 1, "f": 2}, "e": 3}, "d": 4}) == (1, 4, 3, 2)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"first": "Ada", "last": "Lovelace"}, ("Ada", "Lovelace")),
        ({"first": "Ada", "last": None}, ("Ada", None)),
        ({"first": "Ada"}, MISSING),
        ({}, MISSING),
    ],
)
def test_field_of_several_paths_is_shown_whole_or_not_at_all(payload: dict[str, object], expected: object) -> None:
    """A part that is not shown is not cleared, so half a value is none."""
    assert PathReader((("first", "last"), ("other",))).read(payload) == (expected, MISSING)


def test_values_are_laid_into_one_nested_body() -> None:
    """Values with a common parent end up in the same object."""
    body: dict[str, object] = {}

    lay(body, "address.city", "Oslo")
    lay(body, "address.country.code", "NO")
    lay(body, "name", "Ada")

    assert body == {"address": {"city": "Oslo", "country": {"code": "NO"}}, "name": "Ada"}


def test_value_is_never_laid_below_another_value() -> None:
    """A path below a value that is no object is a mistake of the program, and says where."""
    body: dict[str, object] = {"address": "1 Main St"}

    with pytest.raises(TypeError, match=r"address\.city"):
        lay(body, "address.city", "Oslo")


PHONES = {"phones": [{"type": "work", "number": "1"}, {"type": "mobile", "number": "2", "primary": True}]}


@pytest.mark.parametrize(
    ("path", "payload", "expected"),
    [
        ("phones[type=mobile].number", PHONES, "2"),
        ("phones[type=mobile,primary=true].number", PHONES, "2"),
        ("phones[type=mobile,primary=false].number", PHONES, None),
        ("phones[type=fax].number", PHONES, None),
        ("phones[type=fax].number", {"phones": None}, None),
        ("phones[type=fax].number", {"phones": []}, None),
        ("phones[type=fax].number", {}, MISSING),
        ("phones[type=fax].number", {"phones": ""}, None),
        ("phones[type=fax].number", {"phones": {}}, None),
        ("phones[0].number", PHONES, "1"),
        ("phones[7].number", PHONES, None),
        ("mails[1]", {"mails": ["a", "b"]}, "b"),
        ("mails[1]", {"mails": ["a"]}, None),
        ("own[id=7].value", {"own": [{"id": "7", "value": "x"}]}, "x"),
        ("own[id='7'].value", {"own": [{"id": 7, "value": "x"}]}, "x"),
        ("own[name='a,b ].c'].value", {"own": [{"name": "a,b ].c", "value": "x"}]}, "x"),
        ("a.own[k=v].deep.er", {"a": {"own": [{"k": "v", "deep": {"er": 1}}]}}, 1),
        ("own[k=v].deep.er", {"own": [{"k": "v"}]}, MISSING),
        ("own[k=v].er", {"own": ["v", None, {"k": "v", "er": 1}, {"k": "v", "er": 2}]}, 1),
    ],
)
def test_items_of_lists_are_found(path: str, payload: dict[str, object], expected: object) -> None:
    """A list that is shown is shown whole, so an item that it lacks is empty; the first item that fits is meant."""
    assert get(payload, path) == expected
    assert PathReader(((path,),)).read(payload) == (expected,)


@pytest.mark.parametrize(
    ("path", "value", "onto", "expected"),
    [
        ("phones[type=mobile].number", "9", PHONES, [PHONES["phones"][0], {**PHONES["phones"][1], "number": "9"}]),
        ("phones[type=fax].number", "9", PHONES, [*PHONES["phones"], {"type": "fax", "number": "9"}]),
        ("phones[type=fax].number", "9", {}, [{"type": "fax", "number": "9"}]),
        ("phones[type=fax].number", "9", {"phones": None}, [{"type": "fax", "number": "9"}]),
        ("phones[type=work].number", None, PHONES, [PHONES["phones"][1]]),
        ("phones[type=mobile].number", None, PHONES, [PHONES["phones"][0], {**PHONES["phones"][1], "number": None}]),
        ("phones[type=mobile].number", MISSING, PHONES, [PHONES["phones"][0], {"type": "mobile", "primary": True}]),
        ("phones[type=fax].number", None, PHONES, PHONES["phones"]),
        ("phones[0]", "9", {"phones": ["1", "2"]}, ["9", "2"]),
        ("phones[2]", "9", {"phones": ["1"]}, ["1", None, "9"]),
        ("phones[0]", None, {"phones": ["1", "2"]}, [None, "2"]),
        ("phones[1]", None, {"phones": ["1", "2"]}, ["1"]),
        ("phones[id=7].deep.er", "x", {}, [{"id": 7, "deep": {"er": "x"}}]),
        ("phones[id='7'].deep.er", "x", {}, [{"id": "7", "deep": {"er": "x"}}]),
    ],
)
def test_lists_are_laid_whole(path: str, value: object, onto: dict[str, object], expected: object) -> None:
    """One item is changed, made or taken out; the others are sent as they are, since a patch replaces lists."""
    body: dict[str, object] = {}
    before = json.dumps(onto)

    lay(body, path, value, onto)

    assert body == {"phones": expected}
    assert json.dumps(onto) == before


@pytest.mark.parametrize(
    ("path", "shown", "laid"),
    [
        ("contact['e.mail']", {"contact": {"e.mail": "a", "e": {"mail": "b"}}}, {"contact": {"e.mail": "z"}}),
        ("['Tel. Nr.']", {"Tel. Nr.": "a"}, {"Tel. Nr.": "z"}),
        ("['a[0].b']['c.d'].e", {"a[0].b": {"c.d": {"e": "a"}}}, {"a[0].b": {"c.d": {"e": "z"}}}),
        ("x['l.s'][k=v]['p.q']", {"x": {"l.s": [{"k": "v", "p.q": "a"}]}}, {"x": {"l.s": [{"k": "v", "p.q": "z"}]}}),
        ("l[0]['p.q']", {"l": [{"p.q": "a"}]}, {"l": [{"p.q": "z"}]}),
        ("['l.s'][0]", {"l.s": ["a"]}, {"l.s": ["z"]}),
        ("['plain']", {"plain": "a"}, {"plain": "z"}),
    ],
)
def test_a_name_in_quotes_may_hold_points(path: str, shown: dict[str, object], laid: dict[str, object]) -> None:
    """What is quoted in brackets is one name, with points and brackets in it, wherever it stands."""
    body: dict[str, object] = {}

    lay(body, path, "z", shown)

    assert (get(shown, path), PathReader(((path,),)).read(shown), body) == ("a", ("a",), laid)


def test_two_items_of_one_list_are_laid_side_by_side() -> None:
    """Each value finds the list as the one before left it."""
    body: dict[str, object] = {}

    lay(body, "phones[type=work].number", "7", PHONES)
    lay(body, "phones[type=fax].number", "8", PHONES)

    assert [item["number"] for item in body["phones"]] == ["7", "2", "8"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("mark", {"name": "Ada", "ids": {"ours": {"wave": "1"}}, "keys": [{"of": "wave", "is": "1"}]}),
        ("ids.ours.wave", {"name": "Ada", "mark": "1", "keys": [{"of": "wave", "is": "1"}]}),
        ("keys[of=wave].is", {"name": "Ada", "mark": "1", "ids": {"ours": {"wave": "1"}}}),
    ],
)
def test_a_value_is_taken_out_with_the_parents_that_held_nothing_else(path: str, left: object) -> None:
    """The body is as it would be without the value; the one that was given stays as it is."""
    body = {"name": "Ada", "mark": "1", "ids": {"ours": {"wave": "1"}}, "keys": [{"of": "wave", "is": "1"}]}
    before = json.dumps(body)

    assert take_out(body, path) == left
    assert json.dumps(body) == before


def test_a_parent_that_holds_something_else_stays() -> None:
    """Only what was emptied goes along."""
    body = {"ids": {"wave": "1", "sap": {}}, "notes": []}

    assert take_out(body, "ids.wave") == {"ids": {"sap": {}}, "notes": []}


def test_nothing_is_laid_for_nothing() -> None:
    """A cleared item of a list that is not there makes no list."""
    body: dict[str, object] = {}

    lay(body, "phones[type=work].number", None, {})

    assert body == {}


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "a.", ".a", "a..b", " a", "a .b", "a[", "a]", "a[]", "a[b]", "a[b=c]", "a[=c].d", "a[b=].c"),
        *(
            "a[b==c].d",
            "$.a",
            'a[?(@.b=="c")].d',
            "a[b=(c)].d",
            "a[01]",
            "a[-1]",
            "a[b=c",
            "a[0][1]",
            "a[b=c,].d",
            "a+b",
            "a\nb",
            "[0]",
            "a[b='c].d",
            "a[0]b",
            "a['']",
            "a['b'",
            "a['b']c",
            "a.['b']",
            "['a'].",
            "a['b'c']",
            'a[0]["b"]',
        ),
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    """A path that cannot be meant is refused with a reason, before any record is looked at."""
    with pytest.raises(ValueError, match=r"is not made of|cannot be printed|names an item|has brackets"):
        steps_of(path)


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("a.b", "a.b.c", True),
        ("a.b", "a.c", False),
        ("a[k=v].b", "a[k=w].b", False),
        ("a[k=v].b", "a[k=v].b", True),
        ("a[k=v].b", "a[k=v].c", False),
        ("a[k=v].b", "a", True),
        ("a[k=v].b", "a[0].b", True),
        ("a[k=v].b", "a[j=v].b", True),
        ("a[0]", "a[1]", False),
        ("a[id=7].b", "a[id='7'].b", True),
        ("a['b.c']", "a.b.c", False),
        ("a['b']", "a.b.c", True),
    ],
)
def test_paths_overlap_where_they_could_mean_the_same_place(one: str, other: str, clash: bool) -> None:
    """Two items of a list are two places only if they can never be the same item."""
    assert overlap(one, other) is overlap(other, one) is clash


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("address.city", {"address": "1 Main St, Oslo"}),
        ("address.city", {"address": ["Oslo"]}),
        ("address.country.code", {"address": "1 Main St, Oslo"}),
        ("phones[type=fax].number", {"phones": "123"}),
        ("phones[type=fax].number", {"phones": {"type": "fax", "number": "1"}}),
        ("a.own[k=v].er", {"a": 7}),
        ("mails[1]", {"mails": "a@b.example"}),
        ("mails[0].address", {"mails": ["a@b.example"]}),
    ],
)
def test_value_of_another_shape_never_passes_for_empty(path: str, payload: dict[str, object]) -> None:
    """What lies where the path does not lead is neither empty nor missing: something is there, of another kind."""
    (raw,) = PathReader(((path,),)).read(payload)

    assert misfit(raw)
    assert get(payload, path) == raw
    assert json.loads(json.dumps(raw)) == raw
