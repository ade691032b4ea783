"""What the tests of the stores share: entries of every shape, and a second process."""

from __future__ import annotations

import subprocess
import sys
import typing
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import TypeVar

import attrs
import pytest
from hypothesis import strategies as st

from wave_pms_sync.model.fields import MISSING

T = TypeVar("T")

_LONG = 2**63 - 1

moments = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001  # Hypothesis adds the zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)

_leaves = st.one_of(
    st.none(),
    st.just(MISSING),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.decimals(allow_nan=False),
    st.dates(),
    moments,
)

values = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from(["$missing", "$tuple", "$map", "$date", "$", "a", ""]), inner, max_size=3),
    ),
    max_leaves=6,
)


def entries(kind: type[T]) -> st.SearchStrategy[T]:
    """Entries of a kind (or any value class) with every attribute drawn by its type; `object` is a wire value."""
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{one.name: _by_type(hints[one.name]) for one in attrs.fields(kind)})


_plain: dict[object, st.SearchStrategy[object]] = {
    object: values,
    str: st.text(max_size=8),
    bool: st.booleans(),
    int: st.integers(-_LONG, _LONG),
    datetime: moments,
    type(None): st.none(),
}


def _by_type(hint: object) -> st.SearchStrategy[object]:
    if hint in _plain:
        return _plain[hint]
    if isinstance(hint, type) and attrs.has(hint):
        return entries(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.get_origin(Mapping[str, str]):
        return st.dictionaries(st.text(max_size=4), _by_type(inner[1]), max_size=2)
    if origin is tuple:
        return st.lists(_by_type(inner[0]), max_size=3).map(tuple)
    return st.one_of([_by_type(one) for one in inner])


@pytest.fixture
def entry_strategy() -> Callable[[type[T]], st.SearchStrategy[T]]:
    """Makes the strategy of a kind."""
    return entries


Runner = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def python() -> Runner:
    """Runs a piece of Python in a process of its own and waits for it."""

    def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603  # our own code

    return run
