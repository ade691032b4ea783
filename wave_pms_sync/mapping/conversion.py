"""One value through its converter, either way, with every fault named and no value quoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ParamSpec

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.emptiness import emptied, emptied_parts, flaw
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.paths import get, lay, misfit
from wave_pms_sync.model.fields import MISSING, Cell
from wave_pms_sync.model.side import Side

_P = ParamSpec("_P")
_ABSENT = Cell(raw=MISSING)
_EMPTY = Cell(raw=None)


def cell_of(side: Side, row: FieldMap, raw: object) -> Cell:
    """A raw value of a side as a cell; what cannot be converted is its fault."""
    if raw is MISSING or raw is None:
        return _ABSENT if raw is MISSING else _EMPTY
    try:
        value = _shown(raw, len(row.paths(side)))
        if value is not None and side is Side.PMS:
            value = _ours(_guarded(row, row.converter.read, value))
        key = None if value is None else _guarded(row, row.converter.key, value)
    except ConversionError as fault:
        return Cell(raw=raw, fault=fault.reason)
    return Cell(raw=raw, value=value, key=key)


def body_of(
    body: dict[str, object], side: Side, row: FieldMap, value: object, onto: Mapping[str, object] | None
) -> None:
    """Lay one value of ours into the body for a side.

    Raises:
        ConversionError: If it cannot be written there.
    """
    try:
        wires = _wires(side, row, _ours(value), onto)
    except ConversionError as fault:
        raise ConversionError(fault.reason, field=row.name) from fault
    for path, wire in zip(row.paths(side), wires, strict=True):
        if wire is not None or side is Side.WAVE or row.empty == "null":
            lay(body, path, wire, onto)
        elif row.empty == "blank":
            lay(body, path, "", onto)
        elif onto is not None and "[" in path:  # a list is laid whole, so that leaving out means taking out
            lay(body, path, MISSING, onto)


def as_shown(side: Side, row: FieldMap, raw: object) -> dict[str, object] | None:
    """What a side shows where a field has this raw value; None if it shows none."""
    paths = row.paths(side)
    parts = (raw,) if len(paths) == 1 else raw
    if raw is None or raw is MISSING or not isinstance(parts, (tuple, list)) or len(parts) != len(paths):
        return None
    shown: dict[str, object] = {}
    for path, part in zip(paths, parts, strict=True):
        lay(shown, path, part)
    return shown


def _wires(side: Side, row: FieldMap, ours: object, onto: Mapping[str, object] | None) -> tuple[object, ...]:
    """What goes to each path of that side."""
    count = len(row.paths(side))
    if ours is None:
        return (None,) * count
    old = _present(side, row, onto)
    if side is Side.PMS:
        wire = _guarded(row, row.converter.write_over, ours, old)
    else:
        _guarded(row, row.converter.key, ours)  # a value that cannot be compared could never be seen to have arrived
        wire = ours if old is None else _guarded(row, row.converter.adapt, ours, old)
    parts = (wire,) if count == 1 else wire
    if side is Side.WAVE and isinstance(parts, str):
        raise ConversionError(f"is one text that cannot be split into {count} parts")
    if not isinstance(parts, (tuple, list)) or len(parts) != count:
        raise ConversionError(f"converter {row.converter.name} did not give {count} parts")
    _refuse(parts, row.max_length)
    return tuple(parts)


def _present(side: Side, row: FieldMap, onto: Mapping[str, object] | None) -> object:
    if onto is None or not row.converter.uses_old:
        return None
    shown = tuple(get(onto, path) for path in row.paths(side))
    parts = tuple(None if value is MISSING or misfit(value) else value for value in shown)
    return parts[0] if len(parts) == 1 else emptied_parts(parts)


def _shown(raw: object, count: int) -> object:
    """A raw value that is not null, after the emptiness rule."""
    if misfit(raw) or (isinstance(raw, (tuple, list)) and any(map(misfit, raw))):
        raise ConversionError("lies in something of another kind than its path expects (an object, a list)")
    found = flaw(raw)
    if found is not None:
        raise ConversionError(found)
    if count == 1:
        return emptied(raw)
    if not isinstance(raw, (tuple, list)) or len(raw) != count:
        raise ConversionError(f"is not made of {count} parts")
    return emptied_parts(tuple(raw))


def _ours(value: object) -> object:
    """A value in our shape after the emptiness rule; lists of parts are tuples again after a way through JSON."""
    return emptied_parts(tuple(value)) if isinstance(value, (tuple, list)) else emptied(value)


def _refuse(parts: tuple[object, ...] | list[object], max_length: int | None) -> None:
    found = flaw(parts)
    if found is not None:
        raise ConversionError(found)
    if max_length is not None and any(isinstance(part, str) and len(part) > max_length for part in parts):
        raise ConversionError(f"longer than {max_length}")


def _guarded(row: FieldMap, convert: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> object:
    """Run a converter; whatever a user's converter raises harms this one value only."""
    try:
        return convert(*args, **kwargs)
    except ConversionError:
        raise
    except Exception as error:  # a user's code may raise anything for one record, and must not stop the others
        # Its text may quote the value, so only its type is told.
        raise ConversionError(f"converter {row.converter.name} raised {type(error).__name__}") from None
