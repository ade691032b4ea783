"""How field maps stand in each other's way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.steps import overlap
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.side import Side

if TYPE_CHECKING:
    from wave_pms_sync.mapping.constant import Constant


def first_clash(paths: Sequence[str]) -> tuple[str, str] | None:
    """Two paths that cannot both be written: the same one, or one that is the parent of the other."""
    for at, path in enumerate(paths):
        for other in paths[at + 1 :]:
            if overlap(path, other):
                return path, other
    return None


def replaces(row: FieldMap, old: FieldMap) -> bool:
    """Whether a new map takes the place of an old one: it carries all that the old one does.

    Derived maps, and those that stand beside others, only take the place of their own like.
    """
    if row.beside or old.beside:
        return row.beside and old.beside and (row.wave == old.wave and (row.converter.derived or row.pms == old.pms))
    return set(row.wave) >= set(old.wave)


def torn(row: FieldMap, maps: Sequence[FieldMap]) -> list[str]:
    """Maps of several Wave properties of which a new map would take some and leave others to nobody."""
    return [
        f"{row.name}.wave: {old.name} is carried as a whole by {', '.join(old.pms)}, and would lose"
        f" {', '.join(path for path in old.wave if path not in row.wave)} (allowed: unmap({list(old.wave)!r}) first, or"
        " also=True with direction to_pms)"
        for old in maps
        if not (row.beside or old.beside or replaces(row, old) or set(row.wave).isdisjoint(old.wave))
    ]


def clashes(maps: Sequence[FieldMap]) -> list[str]:
    """Maps in use that would write the same property of the PMS."""
    rows = [row for row in maps if row.enabled]
    faults = []
    for at, row in enumerate(rows):
        for other in rows[at + 1 :]:
            if clash := first_clash((*row.pms, *other.pms)):
                marker = next((one for one in (row, other) if one.marker), None)
                reason = f"; {marker.pms[0]} keeps the Wave id and is written by the engine only" if marker else ""
                faults.append(
                    f"{other.name}.pms: {clash[1]!r} overlaps {clash[0]!r} of {row.name}{reason}"
                    " (allowed: one map for each property of the PMS; unmap or disable the other first)"
                )
    return faults


def mixed_groups(maps: Sequence[FieldMap]) -> list[str]:
    """Groups that would have to travel two ways at once."""
    directions: dict[str, dict[str, str]] = {}
    for row in maps:
        if row.merged:
            directions.setdefault(row.group, {}).setdefault(str(row.direction), row.name)
    return [
        f"{group}.group: "
        + ", ".join(f"{name} goes {direction}" for direction, name in found.items())
        + " (allowed: one direction in each group)"
        for group, found in directions.items()
        if len(found) > 1
    ]


def constant_clashes(maps: Sequence[FieldMap], constants: Sequence[Constant]) -> list[str]:
    """Constants of properties that a map carries, or that another constant says."""
    faults = []
    for at, one in enumerate(constants):
        rows = [row for row in maps if row.enabled and (row.merged or row.marker)]
        writing = (Direction.BOTH, Direction.TO_WAVE if one.side is Side.WAVE else Direction.TO_PMS)
        mapped = [(path, row.name) for row in rows if row.direction in writing for path in row.paths(one.side)]
        told = [(other.path, "another constant") for other in constants[:at] if other.side is one.side]
        faults += [
            f"constant {one.path}: overlaps {path!r} of {name} (allowed: a property that nothing else writes; for a"
            " mapped one use default=)"
            for path, name in (*mapped, *told)
            if overlap(path, one.path)
        ]
    return faults
