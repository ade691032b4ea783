"""What the document of the dataflows says, before it is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.document.rules import (
    USUAL,
    Preferences,
    about_edits,
    about_groups,
    about_links,
    about_records,
    one_line,
)
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.model.fields import Direction

TITLE: Final = "Customers of Wave and of the Custom PMS"
INTRODUCTION: Final = (
    "This document says which customers and which of their properties are kept in step between Wave and the Custom PMS."
    " It is printed from the mapping in use and can be worked through as a checklist, one row after the other."
)
# Two dataflows bear the same title: the record as such, and the record seen as a person.
TITLES: Final = {
    "customer": "Wave Customer to Custom PMS Customer",
    "person": "Wave Customer to Custom PMS Customer",
    "organisation": "Wave Customer (organisation data) to Custom PMS Customer",
}
_PMS_COLUMNS: Final = ("Custom PMS Customer Property", "Custom PMS Data Type")
_WAVE_COLUMNS: Final = {
    "customer": "Wave Customer Property",
    "person": "Wave Customer Property",
    "organisation": "Wave Customer (organisation data) Property",
}


@frozen(kw_only=True)
class FlowRow:
    """One row of a table: the paths on both sides, and the data type of the PMS."""

    wave: tuple[str, ...]
    pms: tuple[str, ...]
    type: str


@frozen(kw_only=True)
class Flow:
    """One dataflow: its title, what holds for it, what is out of the ordinary in it, and its table."""

    title: str
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    header: tuple[str, str, str]
    rows: tuple[FlowRow, ...]


@frozen(kw_only=True)
class Content:
    """The whole document; every text is plain, and each layout escapes it for its markup."""

    title: str
    paragraphs: tuple[str, ...]
    flows: tuple[Flow, ...]


def content(
    maps: Sequence[FieldMap], *, generated_at: datetime | None = None, policy: Preferences | None = None
) -> Content:
    """Say what a mapping and a policy mean.

    Args:
        maps: All field maps; those that are off are left out.
        generated_at: An aware moment to be printed, or None.
        policy: The policy in use; None: the careful defaults.

    Raises:
        ConfigurationError: If the moment has no time zone.
    """
    preferences = policy or USUAL
    return Content(
        title=TITLE,
        paragraphs=(*_stamp(generated_at), INTRODUCTION, " ".join(about_records(preferences))),
        flows=tuple(
            _flow(facet, [row for row in maps if row.enabled and row.facet == facet], preferences) for facet in TITLES
        ),
    )


def _stamp(moment: datetime | None) -> tuple[str, ...]:
    if moment is None:
        return ()
    if moment.utcoffset() is None:
        raise ConfigurationError("document", ["generated_at: has no time zone (allowed: an aware datetime)"])
    return (f"Generated at {moment.isoformat(sep=' ', timespec='seconds')}.",)


def _flow(facet: str, maps: Sequence[FieldMap], policy: Preferences) -> Flow:
    groups = dict.fromkeys(row.group for row in maps if row.merged)
    return Flow(
        title=TITLES[facet],
        sentences=(*about_links(policy), *about_edits(policy)),
        notes=(*_notes(maps), *about_groups(policy, groups)),
        header=(_WAVE_COLUMNS[facet], *_PMS_COLUMNS),
        rows=tuple(FlowRow(wave=row.wave, pms=row.pms, type=row.type) for row in maps),
    )


def _notes(maps: Sequence[FieldMap]) -> list[str]:
    """What is out of the ordinary in a dataflow, one line for each kind."""
    merged = [row for row in maps if row.merged]
    groups: dict[str, list[FieldMap]] = {}
    losses: dict[str, list[FieldMap]] = {}
    for row in merged:
        groups.setdefault(row.group, []).append(row)
        losses.setdefault(one_line(row.converter.loses), []).append(row)
    kinds = [
        ("Written by the engine only, as proof of origin", [row for row in maps if row.marker]),
        ("Read only", [row for row in maps if row.direction is Direction.READ_ONLY and not row.marker]),
        ("One way, from Wave to the Custom PMS", [row for row in merged if row.direction is Direction.TO_PMS]),
        ("One way, from the Custom PMS to Wave", [row for row in merged if row.direction is Direction.TO_WAVE]),
        ("Required, never cleared", [row for row in merged if row.required]),
        *((f"Carried as a whole ({one_line(group)})", found) for group, found in groups.items() if len(found) > 1),
        *((f"Lost on the way, {lost}", found) for lost, found in losses.items() if lost),
    ]
    return [f"{kind}: {', '.join(row.name for row in found)}." for kind, found in kinds if found]
