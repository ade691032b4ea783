"""Rules about the settings of a map: those without effect, and those that leave customers waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.linting.findings import Finding, Severity
from wave_pms_sync.mapping.linting.ground import Ground, goes_to
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.side import Side

# Source: Wave's published schema, where these are never null.
_NEVER_EMPTY = {"id", "name", "createdAt", "modifiedAt"}


def _to_pms(row: FieldMap) -> bool:
    return goes_to(row, Side.PMS)


def _one_way(row: FieldMap) -> bool:
    return row.merged and row.direction is not Direction.BOTH


def _merged(row: FieldMap) -> bool:
    return row.merged


_MATTERS: Sequence[tuple[str, object, Callable[[FieldMap], bool], str]] = (
    ("on_foreign_edit", "accept", _one_way, "is for maps of one direction"),
    ("backfill", "fill_empty", _merged, "is for maps that are carried"),
    ("max_length", None, _merged, "is for maps that are carried"),
    ("default", None, _to_pms, "is for maps that go to the PMS"),
    ("empty", "null", _to_pms, "is for maps that go to the PMS"),
    ("absent", "unknown", _merged, "is for maps that are carried"),
)
"""Each setting, what it is where nobody says it, and where it matters."""


def settings_without_effect(ground: Ground) -> Iterator[Finding]:
    """Somebody who says something expects it to matter."""
    for row in ground.maps:
        for name, unsaid, matters, why in _MATTERS if row.enabled and not row.marker else ():
            if getattr(row, name) != unsaid and not matters(row):
                yield Finding(
                    path=row.name,
                    problem=f"{name}={getattr(row, name)!r} has no effect with direction='{row.direction}': it {why}",
                    advice=f"leave {name} out, or say another direction",
                    severity=Severity.WARNING,
                )


def default_never_given(ground: Ground) -> Iterator[Finding]:
    """A default is given when a customer is made in the PMS, where Wave has no value."""
    for row in ground.merged:
        if row.default is None or not goes_to(row, Side.PMS):
            continue
        full = not _NEVER_EMPTY.isdisjoint(row.wave)
        if full or "pms" not in ground.policy.create_in:
            why = "Wave always has a value" if full else "the policy makes no customers in the PMS"
            yield Finding(
                path=row.name,
                problem=f"default= is never given: {why}",
                advice="leave default out" if full else "leave default out, or say Policy(create_in='pms')",
                severity=Severity.HINT,
            )


def required_but_often_empty(ground: Ground) -> Iterator[Finding]:
    """A customer without a required value rests in quarantine."""
    for row in ground.merged:
        origins = [side for side in Side if goes_to(row, side.other) and side.other.value in ground.policy.create_in]
        full = row.default is not None or not _NEVER_EMPTY.isdisjoint(row.wave)
        empty = [side.words for side in origins if side is Side.PMS or not full]
        if row.required and empty and row.name != "name":
            yield Finding(
                path=row.name,
                problem=f"is required, and may be empty in {' and in '.join(empty)}; a customer without it gets no"
                " counterpart",
                advice="say default= for what the PMS is given then, or required=False",
                severity=Severity.WARNING,
            )


def clear_untold(ground: Ground) -> Iterator[Finding]:
    """What is left out stays as it is; also where the whole record is sent, since it is laid over what was there."""
    for row in ground.merged:
        plain = [path for path in row.pms if "[" not in path]  # of a list, the item itself is left out
        if row.empty == "omit" and plain and goes_to(row, Side.PMS) and not row.required:
            yield Finding(
                path=row.name,
                problem=f"empty='omit' leaves {', '.join(plain)} out where Wave has no value, so that a value cleared"
                " in Wave stays in the PMS",
                advice="say empty='null' or 'blank'; an API that clears what it is not sent says so in its profile",
                severity=Severity.WARNING,
            )
