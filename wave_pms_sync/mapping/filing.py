"""A registry as plain data, the way it stands in a file: written without loss, read with all its faults at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from wave_pms_sync.declared.schema import faults_in
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.constant import Constant
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.stock import STOCK
from wave_pms_sync.mapping.data_types import DATA_TYPES, DataType
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.schema import SCHEMA
from wave_pms_sync.mapping.standing_in import sound_form
from wave_pms_sync.mapping.wave_properties import default_group

Entry = Mapping[str, object]


@frozen(kw_only=True)
class Filed:
    """The content of a mapping file as far as it is sound in form; None stands for an entry that is not.

    Attributes:
        faults: What is wrong in its form, as `path: problem (allowed: ...)`.
        extends: What it starts from: `nothing` or `default`.
        calling_code: For the phone numbers of the default mapping.
        unmap: Maps to be taken away from the start.
        converters: Names, and what they stand for.
        types: Data types.
        maps: Field maps, as the arguments of `MappingRegistry.map` and `enabled`.
        enable: Maps to be switched on.
        disable: Maps to be switched off.
        constants: The arguments of `MappingRegistry.constant`.
    """

    faults: Sequence[str] = ()
    extends: str = "nothing"
    calling_code: str | None = None
    unmap: Sequence[str | Sequence[str] | None] = ()
    converters: Entry = field(factory=dict)
    types: Mapping[str, Entry | None] = field(factory=dict)
    maps: Sequence[Entry | None] = ()
    enable: Sequence[str | Sequence[str] | None] = ()
    disable: Sequence[str | Sequence[str] | None] = ()
    constants: Sequence[Entry | None] = ()

    def names(self, where: str, fault: str) -> bool:
        """Whether a fault of an entry is about a key of which the form, or that of the table it names, is faulty."""
        key = fault.partition(":")[0].rpartition(".")[2]
        return any(told.startswith((f"{where}.{key}:", f"{where}.{key}[", f"{key}s:")) for told in self.faults)


def filed(content: object) -> Filed:
    """Take the content of a file apart.

    Null stands for a key that is left out.

    Raises:
        ConfigurationError: It is no table at all.
    """
    plain = _without_null(content)
    faults = sorted(faults_in(plain, SCHEMA))
    told = sound_form(plain) if faults else plain
    if not isinstance(told, Mapping):
        raise ConfigurationError("mapping", faults)
    return Filed(faults=faults, **{key: value for key, value in told.items() if key != "$schema"})


def plain(
    maps: Iterable[FieldMap],
    converters: Mapping[str, Converter],
    types: Mapping[str, DataType],
    constants: Iterable[Constant],
) -> dict[str, object]:
    """The content of a file that says all of this.

    Raises:
        ConfigurationError: Naming each converter that is an object without a name.
    """
    nameless: list[str] = []

    def named(where: str, converter: Converter) -> object:
        if converters.get(converter.name) == converter:
            return converter.name
        if converter.spec is None:
            nameless.append(
                f"{where}.converter: {converter.name} has no name that a file could say (allowed: one added"
            )
        return converter.spec

    own = {name: made for name, made in converters.items() if STOCK.get(name) != made and made.spec is not None}
    kinds = {name: kind for name, kind in types.items() if DATA_TYPES.get(name) != kind}
    content = {
        "converters": {name: made.spec for name, made in own.items()},
        "types": {
            name: {"wire": kind.wire, "converter": named(f"type {name}", made)}
            for name, kind in kinds.items()
            if isinstance(made := kind.converters.get("*"), Converter)
        },
        "maps": [_map(row, named(row.name, row.converter)) for row in maps],
        "constants": [{str(one.side): one.path, "value": one.value, "on": one.on} for one in constants],
    }
    if nameless:
        raise ConfigurationError("mapping", [f"{fault} by MappingRegistry.converter)" for fault in nameless])
    return {key: value for key, value in content.items() if value}


def _map(row: FieldMap, converter: object) -> dict[str, object]:
    """A field map without what goes without saying. Type and converter are always said: they carry the values."""
    told: dict[str, object] = {
        "facet": row.facet,
        "wave": _one_or_several(row.wave),
        "pms": _one_or_several(row.pms),
        "type": row.type,
    }
    if not row.marker:  # which takes none
        told["converter"] = converter
    usual: dict[str, object] = {
        "direction": "to_pms" if row.marker else "both",
        "group": row.pms[0] if row.beside else default_group(row.wave),
        "required": row.wave == ("name",) and not row.also,
        "on_foreign_edit": "accept",
        "backfill": "fill_empty",
        "max_length": None,
        "empty": "null",
        "absent": "unknown",
        "default": None,
        "also": False,
        "enabled": True,
    }
    rules = {name: getattr(row, name) for name in usual}
    rules["direction"] = str(row.direction)
    return told | {name: rule for name, rule in rules.items() if rule != usual[name]}


def _one_or_several(paths: tuple[str, ...]) -> object:
    return paths[0] if len(paths) == 1 else list(paths)


def _without_null(content: object) -> object:
    if isinstance(content, Mapping):
        return {str(key): _without_null(value) for key, value in content.items() if value is not None}
    return [_without_null(part) for part in content] if isinstance(content, (list, tuple)) else content
