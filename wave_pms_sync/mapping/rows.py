"""The field maps of a registry in their order: finding one, and putting one in place of others."""

from __future__ import annotations

from collections.abc import Sequence

from wave_pms_sync.declared.schema import unknown
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.clashes import replaces, torn
from wave_pms_sync.mapping.drafting import paths_of
from wave_pms_sync.mapping.field_map import FieldMap


def with_row(maps: Sequence[FieldMap], row: FieldMap) -> list[FieldMap]:
    """The maps with a new one, in place of the first of those that it replaces.

    Raises:
        ConfigurationError: If another map would lose a part of what it carries.
    """
    faults = torn(row, maps)
    if faults:
        raise ConfigurationError("mapping", faults)
    replaced = [at for at, old in enumerate(maps) if replaces(row, old)]
    rest = [old for at, old in enumerate(maps) if at not in replaced]
    rest.insert(replaced[0] if replaced else len(rest), row)
    return rest


def place_of(maps: Sequence[FieldMap], name: str | Sequence[str]) -> int:
    """Where the map of a property stands.

    Args:
        maps: In order.
        name: The Wave property (several for a map of several), or the property of the PMS.

    Raises:
        ConfigurationError: If there is no such map.
    """
    joined = "+".join(paths_of(name))
    for names in ([row.name for row in maps], ["+".join(row.pms) for row in maps]):
        if joined in names:
            return names.index(joined)
    carriers = [at for at, row in enumerate(maps) if joined in row.wave and not row.beside]
    if not maps:
        raise ConfigurationError("mapping", [f"{joined}: nothing is mapped yet (allowed: what was mapped before)"])
    if not carriers:
        raise ConfigurationError("mapping", [unknown(joined, joined, [row.name for row in maps])])
    return carriers[0]
