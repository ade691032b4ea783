"""The laws of field converters, to be checked for any pair in one call.

    check_converter_laws(YesNo())
    check_converter_laws(registry)

Hypothesis looks for a value that breaks a law; it is imported only here, when a check runs.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.emptiness import emptied, emptied_parts
from wave_pms_sync.mapping.registry import MappingRegistry

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_P = ParamSpec("_P")
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


class _Refused(Exception):
    """The pair does not take the value; that is its right, and no law is broken."""


def check_converter_laws(
    subject: MappingRegistry | Converter | object,
    *,
    wires: SearchStrategy[object] | None = None,
    ours: SearchStrategy[object] | None = None,
    examples: int = 200,
) -> None:
    """Check that a converter, or each converter of a registry, keeps its laws.

    The laws, each up to the comparison form of the pair: writing what was read changes nothing; reading what was
    written gives it back; normalising twice equals once. Besides: the same value in, the same value out, and the value
    given is left alone; the comparison form is plain JSON and its own comparison form; what a value loses is declared;
    a pair that looks at the old value leaves it as it is when nothing changed. A value that the pair refuses (it
    raises) breaks no law, but a pair must take some.

    Args:
        subject: A pair, a converter, or a registry.
        wires: Hypothesis strategy for values of the PMS, in place of a mixture of everything.
        ours: The same for values in our shape.
        examples: How many values of each kind are tried for each converter.

    Raises:
        AssertionError: With the smallest value found that breaks a law.
    """
    if isinstance(subject, MappingRegistry):
        for converter in subject.converters:
            check_converter_laws(converter, wires=wires, ours=ours, examples=examples)
        return
    converter = subject if isinstance(subject, Converter) else Converter.of(type(subject).__name__, subject)
    of_wave, of_pms = converter.takes or (0, 0)
    for what, check, values, count in (
        ("value of the PMS", _check_wire, wires, of_pms),
        ("value in our shape", _check_ours, ours, of_wave),
    ):
        taken = _search(converter, check, _values(count) if values is None else values, examples)
        if values is None:  # a search may miss the few values that a strict pair takes
            taken += sum(_taken(converter, check, value) for value in _TYPICAL)
        if not taken:
            raise AssertionError(f"{converter.name}: took no {what}; give a strategy of values that it takes")


def _taken(converter: Converter, check: Callable[[Converter, object], None], value: object) -> bool:
    """Whether the pair takes the value; a broken law is raised."""
    try:
        check(converter, value)
    except _Refused:
        return False
    return True


def _search(
    converter: Converter,
    check: Callable[[Converter, object], None],
    values: SearchStrategy[object],
    examples: int,
) -> int:
    """Look for a value that breaks a law, and count those that the pair takes."""
    from hypothesis import HealthCheck, given, settings

    taken = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(values)
    def search(value: object) -> None:
        nonlocal taken
        taken += _taken(converter, check, value)

    search()
    return taken


def _values(count: int) -> SearchStrategy[object]:
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


def _check_wire(converter: Converter, wire: object) -> None:
    ours = _ours(_tried(_pure, converter.read, wire))
    if ours is None:
        return
    again = _pure(converter.write_over, ours, wire)
    _same(converter, _ours(_pure(converter.read, again)), ours, f"writing what was read from {wire!r} changes it")
    if converter.uses_old and again != wire:
        raise AssertionError(f"{converter.name}: {wire!r} is rewritten as {again!r} though nothing changed")
    if not converter.loses and again != wire:
        raise AssertionError(f"{converter.name}: {wire!r} comes back as {again!r}; declare in `loses` what is lost")


def _check_ours(converter: Converter, ours: object) -> None:
    key = _tried(_pure, converter.key, ours)
    wire = _tried(_pure, converter.write_over, ours, None)
    _check_key(converter, key)
    if emptied(wire) is None:
        return
    back = _ours(_pure(converter.read, wire))
    _same(converter, back, ours, f"reading what was written for {ours!r} does not give it back")
    if not converter.loses and back != ours:
        raise AssertionError(f"{converter.name}: {ours!r} comes back as {back!r}; declare in `loses` what is lost")
    twice = _ours(_pure(converter.read, _pure(converter.write_over, back, None)))
    if twice != back:
        raise AssertionError(f"{converter.name}: {ours!r} normalised twice is {twice!r}, once it is {back!r}")
    if _pure(converter.adapt, ours, ours) != ours:
        raise AssertionError(f"{converter.name}: {ours!r} laid over itself does not stay as it is")
    _same(converter, _pure(converter.adapt, back, ours), ours, f"laying {back!r} over {ours!r} says something else")


def _check_key(converter: Converter, key: object) -> None:
    if json.loads(json.dumps(key)) != key:
        raise AssertionError(f"{converter.name}: the comparison form {key!r} is not made of plain JSON values")
    try:
        again = converter.key(key)
    except Exception:  # a comparison form need not be a value in our shape
        return
    if again != key:
        raise AssertionError(f"{converter.name}: the comparison form {key!r} has another one, {again!r}")


def _same(converter: Converter, found: object, expected: object, law: str) -> None:
    keys = [None if value is None else _pure(converter.key, value) for value in (found, expected)]
    if keys[0] != keys[1]:
        raise AssertionError(f"{converter.name}: {law}: compared as {keys[0]!r} and {keys[1]!r}")


def _tried(convert: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> object:
    try:
        return convert(*args, **kwargs)
    except AssertionError:
        raise
    except Exception as error:  # as in a run: whatever a pair raises means that it does not take the value
        raise _Refused from error


def _pure(convert: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> object:
    """The result, found to be the same twice, with the arguments left alone."""
    before = copy.deepcopy(args)
    once = convert(*args, **kwargs)
    if convert(*args, **kwargs) != once:
        raise AssertionError(f"the same value {before!r} gives two different results")
    if args != before:
        raise AssertionError(f"the value {before!r} was changed by the converter")
    return once


def _ours(value: object) -> object:
    return emptied_parts(tuple(value)) if isinstance(value, (tuple, list)) else emptied(value)
