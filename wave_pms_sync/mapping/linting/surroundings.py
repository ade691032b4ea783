"""Rules about what surrounds the maps: constants, the profile of the API, points left open."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.linting.findings import Finding, Severity
from wave_pms_sync.mapping.linting.ground import Ground, goes_to
from wave_pms_sync.model.side import Side

_OF_THE_API: Mapping[str, str] = {
    "id": "the record's id",
    "created": "when the record was made",
    "updated": "when the record was last changed",
    "archived": "whether the record is archived",
    "deleted": "whether the record is gone",
    "version": "the record's version",
}
"""Settings of `PmsProfile.record` that name a property which the API itself keeps, and what it says."""


def group_unknown(ground: Ground) -> Iterator[Finding]:
    """A preference for a group that no field is in would decide nothing; the `Synchronizer` refuses it."""
    groups = sorted({row.group for row in ground.merged})
    by_group = [
        choice for choice in (ground.policy.conflicts, ground.policy.first_meeting) if isinstance(choice, Mapping)
    ]
    for name in dict.fromkeys(str(name) for choice in by_group for name in choice):
        if name not in {*groups, "*"}:
            near = difflib.get_close_matches(name, groups, n=1)
            yield Finding(
                path=f"policy {name}",
                problem="is no field group of this mapping",
                advice=f"say one of {', '.join(near or groups)}, or *",
                severity=Severity.ERROR,
            )


def constant_never_told(ground: Ground) -> Iterator[Finding]:
    """A constant of creation is told where customers are made."""
    for one in ground.constants:
        if one.on == "create" and one.side.value not in ground.policy.create_in:
            yield Finding(
                path=f"constant {one.path}",
                problem=f"is never told: the policy makes no customers in {one.side.words}",
                advice="take it out, say on='write', or say so in Policy(create_in=)",
                severity=Severity.WARNING,
            )


def property_of_the_api(ground: Ground) -> Iterator[Finding]:
    """What the API keeps by itself is not ours to write."""
    inside = ground.profiled("record", "fields")
    front = f"{inside}." if isinstance(inside, str) and inside else ""
    for name, what in _OF_THE_API.items():
        place = ground.profiled("record", name)
        for row in _written(ground):
            path = next((path for path in row.pms if f"{front}{path}" == place), None)
            if path is not None:
                yield Finding(
                    path=row.name,
                    problem=f"is written to {path}, of which the profile says that it tells {what}",
                    advice=f"map another property of the PMS, or mend record.{name} of the profile",
                    severity=Severity.ERROR,
                )


def property_never_sent(ground: Ground) -> Iterator[Finding]:
    """What the profile never sends cannot arrive."""
    never = ground.profiled("record", "read_only")
    for row in _written(ground):
        kept = [path for path in row.pms if isinstance(never, tuple) and path in never]
        if kept:
            yield Finding(
                path=row.name,
                problem=f"goes to {', '.join(kept)}, which the profile never sends (record.read_only)",
                advice="say direction='to_wave' or 'read_only', or take it out of record.read_only",
                severity=Severity.ERROR,
            )


def marker_not_kept(ground: Ground) -> Iterator[Finding]:
    """A marker is of use only where it is kept."""
    if ground.marker is not None and ground.profiled("record", "marker") is False:
        yield Finding(
            path="id",
            problem=f"is mapped to {ground.marker.pms[0]}, but the profile says that the API keeps no such text",
            advice="registry.disable('id'), or say record.marker = true in the profile",
            severity=Severity.WARNING,
        )


def open_points(ground: Ground) -> Iterator[Finding]:
    """What a document left open."""
    for point in ground.open_points:
        yield Finding(
            path="document",
            problem=point,
            advice="settle it by a map, a constant or a default",
            severity=Severity.WARNING,
        )


def _written(ground: Ground) -> list[FieldMap]:
    """The maps whose values are written to the PMS, that of the marker included."""
    rows = [row for row in ground.merged if goes_to(row, Side.PMS)]
    return rows if ground.marker is None else [*rows, ground.marker]
