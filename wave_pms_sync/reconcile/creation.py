"""What a new record is made of: the values of its origin that may travel, and the groups that may not yet."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from wave_pms_sync.model.fields import Cell, Direction, Field
from wave_pms_sync.model.links import Baseline, HoldReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.shape import Shape


@frozen(kw_only=True)
class Creation:
    """The fields of a record to be created.

    Attributes:
        fields: What it is made of; empty values are left out.
        lacking: Required properties that the origin does not have, with the reason; then nothing is created.
        held: Groups whose values cannot be carried, with the reason.
        stays: What the origin shows in fields that do not travel this way; it is no edit later.
    """

    fields: tuple[FieldChange, ...]
    lacking: tuple[str, ...] = ()
    held: Mapping[str, str]
    stays: Mapping[str, Baseline]


def creation(shape: Shape, origin: Side, cells: Mapping[str, Cell]) -> Creation:
    """Choose what a record on the other side is made of."""
    held: dict[str, str] = {}
    lacking: list[str] = []
    changes: list[FieldChange] = []
    for group, names in shape.groups.items():
        fields = [shape.fields[name] for name in names if travels(shape.fields[name], origin)]
        why = _fault(shape, group, fields, origin, cells)
        needs = [f.name for f in fields if f.required and (why or (cells[f.id].empty and not _made_up(f, origin)))]
        lacking += [f"{name}: {why or 'is empty'}" for name in needs]
        if why:
            held[group] = why
        else:
            changes += [_change(f, origin, cells[f.id]) for f in fields if not cells[f.id].empty]
    stays = {
        name: Baseline(**{origin.value: cells[name].raw, origin.other.value: None})
        for name, rules in shape.fields.items()
        if name in cells and not (travels(rules, origin) or cells[name].empty)
    }
    return Creation(fields=tuple(changes), lacking=tuple(lacking), held=held, stays=stays)


def holds(made: Creation, origin: Side, record_id: str) -> list[Action]:
    """What cannot be carried is held once the record is made; its origin names the pair."""
    wave_id, pms_id = (record_id, None) if origin is Side.WAVE else (None, record_id)
    conversion = HoldReason.CONVERSION
    return [
        Action(kind=ActionKind.HOLD, wave_id=wave_id, pms_id=pms_id, group=group, hold=conversion, rule=why, detail=why)
        for group, why in made.held.items()
    ]


def _made_up(field: Field, origin: Side) -> bool:
    """Whether the mapping gives the PMS a value where Wave has none."""
    return origin is Side.WAVE and field.defaulted


def travels(field: Field, origin: Side) -> bool:
    """Whether a value of this side is carried to the other."""
    return field.direction in (Direction.BOTH, Direction.TO_PMS if origin is Side.WAVE else Direction.TO_WAVE)


def _fault(shape: Shape, group: str, fields: list[Field], origin: Side, cells: Mapping[str, Cell]) -> str:
    faults = [f"{f.name}: {cells[f.id].fault}" for f in fields if cells[f.id].fault is not None]
    if not faults and fields:
        together = shape.group_fault(group, cells)
        faults += [together] if together is not None else []
    if not faults:
        checked = [(f, shape.check(origin.other, f.id, cells[f.id].value)) for f in fields if not cells[f.id].empty]
        faults += [f"{f.name}: {why}" for f, why in checked if why is not None]
    return "; ".join(faults)


def _change(field: Field, origin: Side, cell: Cell) -> FieldChange:
    wave = origin is Side.WAVE
    return FieldChange(
        id=field.id,
        name=field.name,
        group=field.group,
        after=cell.value,
        wave=cell.raw if wave else None,
        pms=None if wave else cell.raw,
        rule="created",
    )
