"""Rows cut out of a JSON text are those that decoding the whole shows, or there is no cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync.http.cut import cut

TRICKY = st.sampled_from(['},{"id":', '"items":[{"id":1}]', '\\"},{\\"id\\":', "[{", "é\u2028", "", "\\", '"'])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | TRICKY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "items", "node"]), inner),
    max_leaves=8,
)
ROWS = st.lists(VALUES.map(lambda value: {"id": 1, "more": value}), min_size=1, max_size=5)
WRITTEN = st.sampled_from([{}, {"separators": (",", ":")}, {"indent": 2}, {"ensure_ascii": False}])


@given(rows=ROWS, before=VALUES, behind=VALUES, written=WRITTEN)
def test_a_cut_gives_the_rows_of_the_list(rows: list[object], before: object, behind: object, written: dict) -> None:
    """What is cut out is, decoded one by one, the list that lies there, and the rest shows that list empty."""
    body = json.dumps({"before": before, "items": rows, "behind": behind}, **written).encode()

    found = cut(body, "items")

    if found is not None and json.loads(found.rest).get("items") == []:
        try:
            decoded = [json.loads(found.whole(row)) for row in found.rows]
        except ValueError:
            return  # a row holds what lies between rows; whoever reads it falls back to the whole
        assert decoded == rows
        assert json.loads(found.rest) == {"before": before, "items": [], "behind": behind}


@pytest.mark.parametrize("name", ["items", ""])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_plain_rows_are_cut(name: str, separators: tuple[str, str]) -> None:
    """Rows without lists of objects are told apart, objects within them and all."""
    rows = [{"id": i, "name": 'Zoë "}, {"id": 1', "owner": {"id": 7}, "tags": ["a"]} for i in range(3)]
    body = json.dumps({"items": rows, "next": None} if name else rows, separators=separators).encode()

    found = cut(body, name)

    assert found is not None
    assert [json.loads(found.whole(row)) for row in found.rows] == rows
    assert json.loads(found.rest) == ({"items": [], "next": None} if name else [])


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"items": []}', b'{"items": [1, 2]}', b'{"items": [{"id": 1}', b'{"items": {"id": 1}}']
)
def test_what_cannot_be_cut_is_left_whole(body: bytes) -> None:
    """There is no cut where there is no list of objects, or where the text ends before its end."""
    assert cut(body, "items") is None


def test_rows_that_say_the_same_have_the_same_mark() -> None:
    """A mark is that of a row wherever it stands in its list, and another one for another text, name or reading."""
    ada, bob = {"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}

    def marks(rows: list[dict[str, object]], reading: bytes = b"reading") -> list[str]:
        found = cut(json.dumps(rows).encode(), "")
        assert found is not None
        return found.marks(reading)

    first, second = marks([ada, bob])
    assert marks([bob, ada]) == [second, first]
    assert marks([ada]) == [first] != [second]
    others = [marks([{"id": 1, "name": "Eve"}]), marks([{"ID": 1, "name": "Ada"}]), marks([ada], b"another")]
    assert len({first, *(mark for found in others for mark in found)}) == 4
