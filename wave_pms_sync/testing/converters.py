"""The laws of field converters, to be checked for any pair in one call.

    check_converter_laws(YesNo())
    check_converter_laws(registry)

Hypothesis looks for a value that breaks a law; it is imported only here, when a check runs.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.data_types import WIRES
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.testing.converter_laws import BrokenLaw, Laws, Refused, WireType
from wave_pms_sync.testing.converter_values import anything, seeds

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    Values: TypeAlias = SearchStrategy[object] | Mapping[str, SearchStrategy[object]] | None

__all__ = ["BrokenLaw", "check_converter_laws"]


def check_converter_laws(
    subject: MappingRegistry | Converter | object,
    *,
    wires: Values = None,
    ours: Values = None,
    examples: int = 50,
) -> None:
    """Check that a converter, or each converter that a registry names or uses, keeps its laws.

    The laws, each up to the comparison form of the pair: writing what was read changes nothing; reading what was
    written gives it back; normalising twice equals once. Besides: the same value in, the same value out, and the value
    given is left alone; the comparison form is plain JSON and its own comparison form; what a value loses is declared;
    a pair that looks at the old value leaves it as it is when nothing changed; what it has made itself it takes; what a
    map writes is of the map's data type. A value that the pair refuses breaks no law, but a pair must take some. It
    should refuse by `ConversionError`: anything else it raises harms that one value only, and a warning tells of it.

    Args:
        subject: A pair, a converter, or a registry.
        wires: Hypothesis strategy for values of the PMS, in place of the pair's own examples (`examples_wire`) and a
            mixture of everything; with a registry also a mapping from names of converters to strategies.
        ours: The same for values in our shape (`examples_ours`).
        examples: How many values of each kind are tried for each converter.

    Raises:
        BrokenLaw: An `AssertionError` with the converter, the law, and the smallest value found that breaks it.
        ImportError: Without Hypothesis.
        ValueError: If `wires` or `ours` name a converter that is not checked.
    """
    try:
        import hypothesis  # noqa: F401  # its absence is told before anything is tried
    except ImportError as error:
        raise ImportError("checking the laws of converters needs Hypothesis: pip install hypothesis") from error
    checked = list(_subjects(subject))
    _known("wires", wires, checked)
    _known("ours", ours, checked)
    for laws in checked:
        _check(laws, _of(wires, laws), _of(ours, laws), examples)


def _subjects(subject: object) -> Iterator[Laws]:
    """What is to be checked: each converter once for each data type that it is used with."""
    if not isinstance(subject, MappingRegistry):
        yield Laws(subject if isinstance(subject, Converter) else Converter.of(type(subject).__name__, subject))
        return
    types = {kind.name: kind for kind in subject.data_types}
    uses = [
        (row.converter, WireType(field=row.name, name=row.type, types=WIRES[types[row.type].wire], count=len(row.pms)))
        for row in subject.maps
    ]
    for kind in types.values():
        told = WireType(field="any map", name=kind.name, types=WIRES[kind.wire], count=1)
        uses += [(converter, told) for converter in kind.converters.values() if isinstance(converter, Converter)]
    seen: set[tuple[int, tuple[type, ...], int]] = set()
    for converter, told in uses:
        use = (id(converter), told.types, told.count)
        if use not in seen:
            seen.add(use)
            yield Laws(converter, told)
    used = {one for one, *_ in seen}
    yield from (Laws(converter) for converter in subject.converters if id(converter) not in used)


def _known(what: str, values: Values, checked: list[Laws]) -> None:
    names = {laws.converter.name for laws in checked}
    unknown = sorted(set(values) - names) if isinstance(values, Mapping) else []
    if unknown:
        raise ValueError(f"{what}: no converter is called {', '.join(unknown)} (there are {', '.join(sorted(names))})")


def _of(values: Values, laws: Laws) -> SearchStrategy[object] | None:
    return values.get(laws.converter.name) if isinstance(values, Mapping) else values


def _check(
    laws: Laws, wires: SearchStrategy[object] | None, ours: SearchStrategy[object] | None, examples: int
) -> None:
    of_wave, of_pms = laws.converter.takes or (0, 0)
    typical_wires, typical_ours = seeds(laws.converter) if wires is None or ours is None else ([], [])
    for what, check, values, typical, count in (
        ("value of the PMS", laws.check_wire, wires, typical_wires, of_pms),
        ("value in our shape", laws.check_ours, ours, typical_ours, of_wave),
    ):
        tried = [] if values is not None else typical
        taken = _search(laws, check, _mixture(count, typical) if values is None else values, examples)
        taken += sum(_taken(check, value) for value in tried)
        if not taken:
            raise BrokenLaw(f"{laws.name}: took no {what}; give a strategy of values that it takes, or examples")
    for method, (raised, value) in laws.strange.items():
        reason = "a ConversionError would tell a person what is wrong with it"
        warnings.warn(f"{laws.name}: {method} raised {raised} for {value!r}; {reason}", stacklevel=3)


def _mixture(count: int, typical: list[object]) -> SearchStrategy[object]:
    from hypothesis import strategies as st

    return st.one_of(anything(count), st.sampled_from(typical))


def _taken(check: Callable[[object], None], value: object) -> bool:
    """Whether the pair takes the value; a broken law is raised."""
    try:
        check(copy.deepcopy(value))
    except Refused:
        return False
    return True


def _search(laws: Laws, check: Callable[[object], None], values: SearchStrategy[object], examples: int) -> int:
    """Look for the smallest value that breaks a law, and count those that the pair takes."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.errors import Flaky

    taken = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(values)
    def search(value: object) -> None:
        nonlocal taken
        taken += _taken(check, value)

    try:
        search()
    except Flaky as error:
        raise BrokenLaw(f"{laws.name}: the same value gives two different results, now and then") from error
    return taken
