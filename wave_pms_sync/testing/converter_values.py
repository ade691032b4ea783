"""Values to judge converters by: typical ones, those that a pair names as its own, and a mixture of everything."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.emptiness import emptied, emptied_parts
from wave_pms_sync.testing.converter_laws import shaped

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_WORDS = (
    "yes",
    "no",
    "true",
    "false",
    "0",
    "1",
    "0012",
    "person",
    "A\u030angstro\u0308m",
    " Ada  King ",
    "CA",
    "CA-ON",
    "CAN",
    "124",
    "Canada",
)
_TYPICAL = (
    *_WORDS,
    True,
    12,
    12.5,
    {"value": "1,234.50", "raw": 123450},
    "2024-02-29T12:34:56.789Z",
    "2024-02-29T00:00:00Z",
    ("Ada", "Lovelace"),
    ("CA-ON", "CA"),
    ("Ada Lovelace", "Ada", "Lovelace"),
)
_TELLING = (
    r"\A[+0]?[0-9 ()/-]{1,12}( ext [0-9]{1,3})?\Z",
    r"\A(HTTPS?://)?[A-Za-z.]{1,8}/{0,2}[a-zA-Z]{0,3}/?\Z",
    r"\A[A-Za-z]{2,3}\Z",
    r"\A[A-Za-z]{2}-[A-Za-z0-9]{1,3}\Z",
    r"\A-?(0|[1-9][0-9]{0,9})\Z",
    r"\A-?[0-9]{1,3}(,[0-9]{3})?\.[0-9]{2}\Z",
)


def seeds(converter: Converter) -> tuple[list[object], list[object]]:
    """Values of the PMS and values in our shape that are worth a try: a search may miss the few that a pair takes.

    To the typical values and the pair's own examples comes what the pair makes of them.
    """
    wires = [*converter.examples_wire, *_TYPICAL]
    ours = [*converter.examples_ours, *_TYPICAL]
    read = _made(converter.read, wires)
    written = _made(lambda value: converter.write_over(value, None), ours)
    return _distinct([*wires, *written]), _distinct([*ours, *read])


def _made(convert: Callable[[object], object], values: list[object]) -> list[object]:
    """What a pair makes of those values that it takes."""
    made = [_result(convert, value) for value in values]
    return [value for value in made if shaped(value) is not None]


def _result(convert: Callable[[object], object], value: object) -> object:
    try:
        return convert(copy.deepcopy(value))
    except Exception:  # it does not take this one; what it takes is judged by the laws
        return None


def _distinct(values: list[object]) -> list[object]:
    return list({repr(value): value for value in values}.values())


def anything(count: int) -> SearchStrategy[object]:
    """Values that are not empty: of one property, of several, or (0) of either."""
    from hypothesis import strategies as st

    texts = st.one_of(st.sampled_from(_WORDS), *(st.from_regex(form) for form in _TELLING), st.text(max_size=20))
    money = st.fixed_dictionaries({"value": st.from_regex(_TELLING[-1]), "raw": st.integers()})
    numbers = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
    single: SearchStrategy[object] = st.one_of(texts, numbers, money).filter(lambda value: emptied(value) is not None)
    if count == 1:
        return single
    part = st.one_of(st.none(), texts).map(emptied)
    sizes = [count] if count else [2, 3]
    several = st.one_of([st.tuples(*[part] * size) for size in sizes])
    whole: SearchStrategy[object] = several.filter(lambda parts: emptied_parts(parts) is not None)
    return whole if count else st.one_of(single, whole)
