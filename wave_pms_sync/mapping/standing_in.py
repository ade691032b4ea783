"""What stands for the faulty parts of a mapping file, so that the rest is judged as if they were right.

A file with faults is refused in the end; nothing made here ever carries a value.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from wave_pms_sync.declared.schema import faults_in
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.choosing import chosen
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.data_types import DataType
from wave_pms_sync.mapping.drafting import Draft, field_map, paths_of
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.schema import MAP, PARTS
from wave_pms_sync.model.fields import Direction


def stand_in_converter(name: str) -> Converter:
    """A converter that fits any properties."""
    return Converter(name=name, version="1", read=lambda wire: wire, write=lambda ours: ours)


def stand_in_type(name: str) -> DataType:
    """A data type that carries anything."""
    return DataType(name=name, wire="string", converters={"*": stand_in_converter(name)})


def stand_in_map(draft: Draft, place: str, converters: Mapping[str, Converter]) -> FieldMap:
    """A map of the same properties that goes no way and is in a group of its own, so that it clashes by these alone.

    Raises:
        ConfigurationError: The properties themselves are faulty, or there are several and nobody knows if it derives a
            value from them or carries them all.
    """
    try:
        derived = draft.converter is not None and chosen(place, draft.converter, converters).derived
    except ConfigurationError:
        if len(paths_of(draft.wave)) > 1:
            raise
        derived = False
    rough = Draft(
        facet="customer",
        wave=draft.wave,
        pms=draft.pms,
        converter=evolve(stand_in_converter(place), derived=derived),
        direction=Direction.READ_ONLY,
        group=place,
        also=draft.also is True,
        enabled=draft.enabled is not False,
    )
    return field_map(rough, {}, {"string": stand_in_type("string")})


def sound_form(content: object) -> object:
    """The content of a file without what is wrong in its form. Entries keep their places: None stands for a faulty one.

    Rows stay, but for keys that there are not, since they are judged by what is in them. Where it is not known what a
    file starts from or what it maps, nothing is said of maps that it takes away or switches.
    """
    if not isinstance(content, Mapping):
        return content
    sound = {key: _sound_part(key, part) for key, part in content.items() if key in PARTS}
    kept = {key: part for key, part in sound.items() if part is not None}
    if "extends" in content and "extends" not in kept:
        kept.pop("unmap", None)
    if any(key in content and key not in kept for key in ("extends", "maps")):
        kept = {key: part for key, part in kept.items() if key not in ("enable", "disable")}
    return kept


def _sound_part(key: str, part: object) -> object:
    schema = PARTS[key]
    if not any(faults_in(part, schema)):
        return part
    item, inner = schema.get("items"), schema.get("additionalProperties")
    if isinstance(part, list) and key == "maps":
        return [_sound_row(row) for row in part]
    if isinstance(part, list) and isinstance(item, Mapping):
        return [None if any(faults_in(entry, item)) else entry for entry in part]
    if isinstance(part, Mapping) and isinstance(inner, Mapping):
        return {name: None if any(faults_in(entry, inner)) else entry for name, entry in part.items()}
    return None


def _sound_row(row: object) -> object:
    if not isinstance(row, Mapping):
        return None
    return {"facet": None, "wave": None, "pms": None, **{key: part for key, part in row.items() if key in MAP}}
