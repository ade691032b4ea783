"""The function that is written out for the fields of a mapping: what it takes, and which records it declines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync.mapping.paths import PathReader, get
from wave_pms_sync.mapping.steps import Pick
from wave_pms_sync.mapping.straight import written_out
from wave_pms_sync.model.fields import MISSING

NAMES = ("a", "b", "it's", 'say "x"', "back\\slash", "n0", "ключ", "{key}", "None", "a b")
PATHS = ("a.b", "a.it's", 'a.say "x".n0', "b", "back\\slash", "n0", "ключ.{key}", "ключ.None", "a b")
LEAVES = st.none() | st.just("") | st.integers(0, 9) | st.text(max_size=3) | st.lists(st.none(), max_size=2)
PAYLOADS = st.dictionaries(
    st.sampled_from(NAMES),
    st.recursive(LEAVES, lambda held: st.dictionaries(st.sampled_from(NAMES), held, max_size=5), max_leaves=8),
)


def whole(payload: dict[str, object]) -> dict[str, object]:
    """A record that shows every property."""
    shown = {"it's": 1, "b": 2, 'say "x"': {"n0": 3}}
    return {**payload, "a": shown, "b": 4, "back\\slash": 5, "n0": None, "ключ": None, "a b": [6]}


def test_a_whole_record_is_read_straight() -> None:
    """Of a record that shows each property all values are taken in order; of a parent that is null they are null."""
    read = written_out([(0, "a", None), (1, "p", None)], [(2, "x", None), (0, "id", None), (1, "y", None)], [1, 1, 1])

    assert read({"a": {"p": {"x": 1}, "y": 2}, "id": 3}) == (1, 3, 2)
    assert read({"a": None, "id": 3}) == (None, 3, None)


def test_a_field_of_several_values_comes_as_a_tuple() -> None:
    """The values of one field stand together, whatever their number; a field without a path is null."""
    leaves = [(0, name, None) for name in "abc"]

    assert written_out([], leaves, [2, 0, 1])({"a": 1, "b": 2, "c": 3}) == ((1, 2), None, 3)
    assert written_out([], [], [])({}) == ()


@pytest.mark.parametrize("payload", [{}, {"a": {}}, {"a": ""}, {"a": []}, {"a": 7}, {"a": "text"}, {"a": [{"x": 1}]}])
def test_other_records_are_declined(payload: dict[str, object]) -> None:
    """Where something is not shown, or a parent is neither an object nor null, no value is made up."""
    with pytest.raises((LookupError, TypeError)):
        written_out([(0, "a", None)], [(1, "x", None)], [1])(payload)


def test_items_of_lists_are_not_taken_straight() -> None:
    """A path that picks an item of a list is left to those who read step by step."""
    with pytest.raises(LookupError):
        written_out([], [(0, "a", Pick(index=0))], [1])({"a": [1]})


@given(PAYLOADS, st.booleans())
def test_both_ways_of_reading_agree(payload: dict[str, object], full: bool) -> None:
    """A reader of many fields takes for each what reading its path alone takes, whatever the keys and the record."""
    shown = whole(payload) if full else payload
    joined = ("b", "n0")

    *single, pair, none = PathReader((*((path,) for path in PATHS), joined, ())).read(shown)

    parts = tuple(get(shown, path) for path in joined)
    assert single == [get(shown, path) for path in PATHS]
    assert pair == (MISSING if MISSING in parts else parts)
    assert none is None
