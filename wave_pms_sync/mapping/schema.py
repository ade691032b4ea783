"""What a mapping file may say, as the JSON Schema that is published and that checks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wave_pms_sync.declared.schema import Schema
from wave_pms_sync.mapping.constant import MOMENTS
from wave_pms_sync.mapping.data_types import WIRES
from wave_pms_sync.mapping.field_map import ABSENTS, BACKFILLS, EMPTIES, FACETS, FOREIGN_EDITS
from wave_pms_sync.mapping.wave_properties import WAVE_PROPERTIES
from wave_pms_sync.model.fields import Direction

BASES = ("nothing", "default")

_TEXT = {"type": "string", "minLength": 1}
_PATHS = {"type": ["string", "array"], "minLength": 1, "items": _TEXT, "minItems": 1}
_CONVERTER = {"type": ["string", "object", "array"], "minItems": 1}
_NAMES = {"type": "array", "items": _PATHS}


def _table(needed: tuple[str, ...], /, **properties: object) -> dict[str, object]:
    return {"type": "object", "required": list(needed), "additionalProperties": False, "properties": properties}


MAP: Mapping[str, Schema] = {
    "facet": {"enum": list(FACETS)},
    "wave": _PATHS,
    "pms": _PATHS,
    "type": _TEXT,
    "converter": _CONVERTER,
    "direction": {"enum": [str(direction) for direction in Direction]},
    "group": _TEXT,
    "required": {"type": "boolean"},
    "on_foreign_edit": {"enum": list(FOREIGN_EDITS)},
    "backfill": {"enum": list(BACKFILLS)},
    "max_length": {"type": "integer", "minimum": 1},
    "empty": {"enum": list(EMPTIES)},
    "absent": {"enum": list(ABSENTS)},
    "default": {},
    "also": {"type": "boolean"},
    "enabled": {"type": "boolean"},
}
"""What each key of a field map may hold."""

_CONSTANT = _table(("value",), pms=_TEXT, wave={"enum": list(WAVE_PROPERTIES)}, value={}, on={"enum": list(MOMENTS)})
_TYPE = _table(("converter",), wire={"enum": list(WIRES)}, converter=_CONVERTER)

PARTS: Mapping[str, Schema] = {
    "$schema": {"type": "string"},
    "extends": {"enum": list(BASES)},
    "calling_code": {"type": "string", "minLength": 1},
    "unmap": _NAMES,
    "converters": {"type": "object", "additionalProperties": _CONVERTER},
    "types": {"type": "object", "additionalProperties": _TYPE},
    "maps": {"type": "array", "items": _table(("facet", "wave", "pms"), **MAP)},
    "enable": _NAMES,
    "disable": _NAMES,
    "constants": {"type": "array", "items": _CONSTANT},
}
"""What each key of the file may hold."""

SCHEMA: Schema = MappingProxyType(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping of wave_pms_sync",
        **_table((), **PARTS),
    }
)
"""The whole file. `extends` says what it starts from; the rest is carried out in the order of these keys."""
