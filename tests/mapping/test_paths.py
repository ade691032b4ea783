"""Taking values out of payloads, and laying them into bodies."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from wave_pms_sync.mapping.paths import PathReader, get, lay
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
        ({"address": "Oslo"}, MISSING),
        ({"address": ["Oslo"]}, MISSING),
    ],
)
def test_path_tells_null_from_not_shown(payload: dict[str, object], expected: object) -> None:
    """A null parent has only empty properties; what is not shown, or not an object, is missing."""
    assert get(payload, "address.city") == expected
    assert PathReader((("address.city",),)).read(payload) == [expected]


def test_null_parent_is_empty_all_the_way_down() -> None:
    """A null address has a null province, and that has a null code."""
    payload = {"address": None}

    assert PathReader((("address.province.code",), ("address.city",))).read(payload) == [None, None]


def test_reader_takes_all_fields_in_order() -> None:
    """The values come in the order of the fields, however their parents are nested."""
    reader = PathReader((("a.b.c",), ("d",), ("a.e",), ("a.b.f",)))

    assert reader.read({"a": {"b": {"c": 1, "f": 2}, "e": 3}, "d": 4}) == [1, 4, 3, 2]


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
    assert PathReader((("first", "last"), ("other",))).read(payload) == [expected, MISSING]


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
