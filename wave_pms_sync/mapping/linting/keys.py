"""Rules about keys: by what customers find each other who are not linked yet."""

from __future__ import annotations

from collections.abc import Iterator

from wave_pms_sync.mapping.document.rules import USUAL
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.linting.findings import Finding, Severity
from wave_pms_sync.mapping.linting.ground import Ground
from wave_pms_sync.mapping.matching_keys import EXTERNAL_ID, canonical, places
from wave_pms_sync.mapping.samples import SAMPLES, sample
from wave_pms_sync.mapping.written import folded
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.side import Side


def key_not_carried(ground: Ground) -> Iterator[Finding]:
    """A key of which no field carries a part is no key; the `Synchronizer` refuses it, unless it is a usual one."""
    chosen_by_nobody = tuple(ground.policy.match_on) == tuple(USUAL.match_on)
    idle = [row for row in ground.maps if not row.merged]
    known, off = places(ground.merged), places(idle)
    for name in _names(ground):
        for part in _parts(name, known):
            if part in known:
                continue
            row = idle[off[part]] if part in off else None
            if row is None:
                problem, advice = "is not mapped", f"map {part}, or leave the key out of Policy(match_on=)"
            elif row.enabled:
                problem, advice = f"is only read (direction='{row.direction}')", "say direction='both'"
            else:
                problem, advice = "is off", f"registry.enable({row.name!r}), or leave the key out of Policy(match_on=)"
            yield Finding(
                path=f"match_on {name}",
                problem=f"{part} {problem}, so that nobody can be found by this key",
                advice=advice,
                severity=Severity.HINT if chosen_by_nobody else Severity.ERROR,
            )


def key_derived(ground: Ground) -> Iterator[Finding]:
    """A derived value is shared by many."""
    for name, row in _key_fields(ground):
        if row.converter.derived:
            yield Finding(
                path=f"match_on {name}",
                problem=f"{row.name} is derived by {row.converter.name}, and shared by many",
                advice="match on a property that is a customer's own",
                severity=Severity.WARNING,
            )


def key_shared(ground: Ground) -> Iterator[Finding]:
    """A key by which different customers look alike finds the wrong one."""
    fields: dict[str, list[FieldMap]] = {}
    for name, row in _key_fields(ground):
        fields.setdefault(name, []).append(row)
    for name, rows in fields.items():
        keys = [tuple(canonical(Side.WAVE, row, sample(row.wave, at)) for row in rows) for at in range(SAMPLES)]
        if len(set(keys)) < len(keys) and not all(row.converter.derived for row in rows):
            yield Finding(
                path=f"match_on {name}",
                problem=f"{' and '.join(row.converter.name for row in rows)} would take different customers for one",
                advice="choose a converter whose key tells customers apart, or match on more or other properties",
                severity=Severity.ERROR,
            )


def key_loses(ground: Ground) -> Iterator[Finding]:
    """What a converter loses cannot tell customers apart; case and blanks never do."""
    for name, row in _key_fields(ground):
        altered = any(_bare(canonical(Side.WAVE, row, value)) != _bare(value) for value in _values(row))
        if row.converter.loses and not row.converter.derived and altered:
            yield Finding(
                path=f"match_on {name}",
                problem=f"{row.converter.name} loses {row.converter.loses}; customers who differ in that only are one",
                advice="look whether that can be, and if so match on another property",
                severity=Severity.HINT,
            )


def key_one_way(ground: Ground) -> Iterator[Finding]:
    """Values that go one way may part."""
    for name, row in _key_fields(ground):
        if row.direction is not Direction.BOTH and not row.converter.derived:
            yield Finding(
                path=f"match_on {name}",
                problem=f"{row.name} goes one way ({row.direction}), so that an edit on the other side parts the keys",
                advice="say direction='both', or on_foreign_edit='revert'",
                severity=Severity.HINT,
            )


def no_marker(ground: Ground) -> Iterator[Finding]:
    """The Wave id in the PMS proves where a record is from."""
    if ground.marker is not None or not ground.merged or ground.profiled("record", "marker") is False:
        return
    off = any(row.marker for row in ground.maps)
    yield Finding(
        path="id",
        problem="no property of the PMS keeps the Wave id, so that a customer whose creation got no answer is found by"
        " content only",
        advice="registry.enable('id')" if off else "map wave='id' to a text property of the PMS that nobody else uses",
        severity=Severity.WARNING,
    )


def _names(ground: Ground) -> list[str]:
    return [name for name in ground.policy.match_on if name != EXTERNAL_ID]


def _parts(name: str, known: dict[str, int]) -> list[str]:
    return [name] if name in known else name.split("+")


def _key_fields(ground: Ground) -> Iterator[tuple[str, FieldMap]]:
    """Each key and each field that carries a part of it."""
    known = places(ground.merged)
    for name in _names(ground):
        for part in _parts(name, known):
            if part in known:
                yield name, ground.merged[known[part]]


def _values(row: FieldMap) -> list[object]:
    return [sample(row.wave, at) for at in range(SAMPLES)]


def _bare(value: object) -> str:
    """A value, or its parts, as text without case and blanks."""
    text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return "".join(folded(text).split())
