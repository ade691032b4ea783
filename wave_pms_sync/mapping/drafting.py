"""Turning what a user typed into a field map, or into all the faults it has."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from wave_pms_sync.declared.schema import unknown
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.choosing import chosen
from wave_pms_sync.mapping.clashes import first_clash
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.data_types import DataType
from wave_pms_sync.mapping.field_map import ABSENTS, BACKFILLS, EMPTIES, FACETS, FOREIGN_EDITS, FieldMap
from wave_pms_sync.mapping.steps import steps_of
from wave_pms_sync.mapping.wave_properties import WAVE_PROPERTIES, default_group
from wave_pms_sync.model.fields import Direction

_DIRECTIONS = tuple(str(direction) for direction in Direction)


@frozen(kw_only=True)
class Draft:
    """The arguments of one `MappingRegistry.map` call, as they were typed."""

    facet: object
    wave: object
    pms: object
    type: object = "string"
    converter: object = None
    direction: object = "both"
    group: object = None
    required: object = False
    on_foreign_edit: object = "accept"
    backfill: object = "fill_empty"
    max_length: object = None
    empty: object = "null"
    absent: object = "unknown"
    default: object = None
    also: object = False
    enabled: object = True


def field_map(draft: Draft, converters: Mapping[str, Converter], types: Mapping[str, DataType]) -> FieldMap:
    """Make the field map.

    Args:
        draft: What was typed.
        converters: Those that may be named.
        types: The data types of the PMS, by name.

    Raises:
        ConfigurationError: With every fault of the draft.
    """
    wave, pms = paths_of(draft.wave), paths_of(draft.pms)
    name = "+".join(wave) or "wave"
    path_faults = [*_wave_faults(wave), *_pms_faults(name, pms)]
    faults = [
        *path_faults,
        *_word_faults(name, draft, types),
        *_value_faults(name, draft, pms),
    ]
    kind = types.get(str(draft.type))
    if draft.empty == "blank" and kind is not None and kind.wire != "string":
        faults.append(f"{name}.empty: 'blank' is for strings (allowed: null, omit)")
    converter, found = _converter(f"{name}.converter", draft, wave, pms, converters, kind)
    faults += found
    if converter is not None and not path_faults:
        faults += _arity_faults(f"{name}.converter", converter, wave, pms)
        faults += _marker_faults(draft, wave, pms)
        faults += _direction_faults(name, str(draft.direction), wave, derived=converter.derived)
    if faults or converter is None:
        raise ConfigurationError("mapping", faults)
    marker = wave == ("id",)
    return FieldMap(
        facet=str(draft.facet),
        wave=wave,
        pms=pms,
        type=str(draft.type),
        converter=converter,
        group=str(draft.group or (pms[0] if converter.derived or draft.also else default_group(wave))),
        direction=Direction.TO_PMS if marker else Direction(str(draft.direction)),
        required=draft.required is True or (wave == ("name",) and not draft.also),  # no customer without a name
        on_foreign_edit=str(draft.on_foreign_edit),
        backfill=str(draft.backfill),
        max_length=draft.max_length if isinstance(draft.max_length, int) else None,
        empty=str(draft.empty),
        absent=str(draft.absent),
        default=draft.default,
        also=draft.also is True,
        enabled=draft.enabled is True,
    )


def paths_of(paths: object) -> tuple[str, ...]:
    """One path or several, as a tuple; empty if it is anything else."""
    if isinstance(paths, str):
        return (paths,)
    several = tuple(paths) if isinstance(paths, (tuple, list)) else ()
    return several if all(isinstance(path, str) for path in several) else ()


def _wave_faults(wave: tuple[str, ...]) -> list[str]:
    if not wave:
        return ["wave: no Wave property given (allowed: its name, or a tuple of names)"]
    faults = [_unknown_property(path) for path in wave if path not in WAVE_PROPERTIES]
    if len(set(wave)) < len(wave):
        faults.append(f"{'+'.join(wave)}.wave: the same property twice (allowed: each once)")
    return faults


def _unknown_property(path: str) -> str:
    from wave_pms_sync.mapping.wave_names import nearest

    near = nearest(path)
    hint = f", nearest: {near}" if near else ""
    return f"{path}.wave: {path!r} is unknown{hint} (allowed: {', '.join(WAVE_PROPERTIES)})"


def _pms_faults(name: str, pms: tuple[str, ...]) -> list[str]:
    if not pms:
        return [f"{name}.pms: no property of the PMS given (allowed: its path, or a tuple of paths)"]
    faults = []
    for path in pms:
        try:
            steps_of(path)
        except ValueError as error:
            faults.append(f"{name}.pms: {path!r} {error} (allowed: such as a.b, a['b.c'], a[kind=main].b, a[0])")
    if not faults and (clash := first_clash(pms)):
        faults.append(f"{name}.pms: {clash[0]!r} and {clash[1]!r} overlap (allowed: separate properties)")
    return faults


def _word_faults(name: str, draft: Draft, types: Mapping[str, DataType]) -> list[str]:
    words = (
        ("facet", draft.facet, FACETS),
        ("type", draft.type, tuple(types)),
        ("direction", str(draft.direction), _DIRECTIONS),
        ("on_foreign_edit", draft.on_foreign_edit, FOREIGN_EDITS),
        ("backfill", draft.backfill, BACKFILLS),
        ("empty", draft.empty, EMPTIES),
        ("absent", draft.absent, ABSENTS),
    )
    return [unknown(f"{name}.{what}", word, allowed) for what, word, allowed in words if word not in allowed]


def _value_faults(name: str, draft: Draft, pms: tuple[str, ...]) -> list[str]:
    """What is wrong with the values that are no words."""
    faults = []
    length, group, default = draft.max_length, draft.group, draft.default
    if length is not None and (type(length) is not int or length < 1):
        faults.append(f"{name}.max_length: {length!r} is no length (allowed: a whole number from 1, None)")
    if not isinstance(draft.required, bool):
        faults.append(f"{name}.required: is neither true nor false (allowed: true, false)")
    if draft.also and str(draft.direction) in (Direction.BOTH, Direction.TO_WAVE):
        faults.append(f"{name}.also: a second map of a property cannot write it (allowed: with direction to_pms)")
    if group is not None and not (isinstance(group, str) and group.strip()):
        faults.append(f"{name}.group: is no name (allowed: text, None)")
    if default is not None and len(pms) > 1:
        faults.append(f"{name}.default: stands for several properties (allowed: for one; use constants)")
    if default is not None and not isinstance(default, (str, int, float, bool, list, dict)):
        faults.append(f"{name}.default: is no JSON value (allowed: text, number, true, false, list, table)")
    return faults


def _converter(
    path: str,
    draft: Draft,
    wave: tuple[str, ...],
    pms: tuple[str, ...],
    converters: Mapping[str, Converter],
    kind: DataType | None,
) -> tuple[Converter | None, list[str]]:
    """The converter meant, or why there is none. Without known paths nothing goes without saying, nor is it a fault."""
    meant = draft.converter
    if meant is None and kind is not None:
        meant = kind.converter(wave) if len(pms) == 1 else None
        if meant is None:
            known = bool(pms and wave and WAVE_PROPERTIES.keys() >= set(wave))
            fit = [name for name, one in converters.items() if one.takes in (None, (len(wave), len(pms)))]
            allowed = ", ".join(sorted(fit)) or "a pair of your own"
            return None, [f"{path}: none goes without saying here (allowed: {allowed})"] if known else []
    if meant is None:
        return None, []
    try:
        return chosen(path, meant, converters), []
    except ConfigurationError as error:
        return None, list(error.faults)


def _arity_faults(path: str, converter: Converter, wave: tuple[str, ...], pms: tuple[str, ...]) -> list[str]:
    takes = converter.takes
    if takes is None or takes == (len(wave), len(pms)):
        return []
    return [
        f"{path}: {converter.name!r} does not join {len(wave)} of Wave and {len(pms)} of the PMS"
        f" (allowed: {takes[0]} and {takes[1]} properties)"
    ]


def _marker_faults(draft: Draft, wave: tuple[str, ...], pms: tuple[str, ...]) -> list[str]:
    if wave != ("id",) or (len(pms) == 1 and draft.type == "string" and draft.converter in (None, "text")):
        return []
    return ["id: the Wave id is noted as it is, in one property (allowed: one path, type string, no converter)"]


def _direction_faults(name: str, direction: str, wave: tuple[str, ...], *, derived: bool) -> list[str]:
    if wave == ("id",):
        return []  # the marker: written by the engine only, whatever was asked for
    only_read = [path for path in wave if not WAVE_PROPERTIES[path].writable]
    if (not only_read and not derived) or direction not in (Direction.BOTH, Direction.TO_WAVE):
        return []
    reason = "a derived value" if derived else only_read[0]
    return [f"{name}.direction: {reason} cannot be written to Wave (allowed: to_pms, read_only)"]
