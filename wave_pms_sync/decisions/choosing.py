"""What a person may choose for a dispute: a side, or a value of their own that settles it wholly; pure."""

from __future__ import annotations

from collections.abc import Mapping

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.model.fields import Direction, Forgotten
from wave_pms_sync.model.links import Choice, Hold
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.verdicts import WHOLE
from wave_pms_sync.reconcile.waiting import Dispute


def choice_of(lens: Lens, item: Dispute, hold: Hold, choose: str | None, value: object) -> Choice:
    """The choice that was made, not yet bound to what was shown.

    Raises:
        ConfigurationError: It is none, or would leave something unsettled; all faults of a value are named.
    """
    where = f"{item.group} of {item.wave_id}"
    if (choose is None) == (value is None):
        raise ConfigurationError("resolve", [f"{where}: give either choose= or value="])
    if choose is not None:
        if choose not in {side.value for side in Side}:
            raise ConfigurationError("resolve", [f"choose: {choose!r} is unknown (allowed: wave, pms)"])
        return Choice(side=Side(choose))
    if item.group == WHOLE:
        raise ConfigurationError("resolve", [f"{where}: a deletion is settled by choose=, not by a value"])
    if any(lens.fields[i].direction is not Direction.BOTH for i in hold.wave if i in lens.fields):
        told = "is mapped one way, and a value would be written to both sides (allowed: choose=)"
        raise ConfigurationError("resolve", [f"{where}: {told}"])
    return Choice(values=_values(lens, item, hold, value))


def _values(lens: Lens, item: Dispute, hold: Hold, value: object) -> dict[str, object]:
    ids = [i for i in hold.wave if i in lens.fields]
    names = {lens.fields[i].name: i for i in ids}
    if len(ids) == 1 and not isinstance(value, Mapping):
        values = {ids[0]: value}
    elif isinstance(value, Mapping) and set(value) <= set(names):
        values = {names[str(name)]: part for name, part in value.items()}
    else:
        raise ConfigurationError("resolve", [f"value: must be a dict by Wave property (allowed: {', '.join(names)})"])
    faults = [
        f"value: {lens.fields[i].name}: {why}"
        for i, part in values.items()
        for side in Side
        if part is not None and (why := lens.check(side, i, part))
    ]
    faults += _left_open(lens, hold, values)
    faults += _misfit(lens, item, hold, values)
    if faults:
        raise ConfigurationError("resolve", list(dict.fromkeys(faults)))
    return values


def _left_open(lens: Lens, hold: Hold, values: Mapping[str, object]) -> list[str]:
    """What a given value would leave unsettled: a part in which the sides differ, or a required one."""
    faults: list[str] = []
    for i in (i for i in hold.wave if i in lens.fields):
        name = lens.fields[i].name
        if i not in values and not _agree(lens, hold, i):
            faults.append(f"value: {name}: is missing, and the sides differ in it, too")
        elif i in values and lens.fields[i].required and lens.cell(Side.WAVE, i, values[i]).empty:
            faults.append(f"value: {name}: is required and cannot be cleared")
    return faults


def _agree(lens: Lens, hold: Hold, field_id: str) -> bool:
    shown = [(side, hold.on(side).get(field_id)) for side in Side]
    if any(isinstance(raw, Forgotten) for _, raw in shown):
        return False
    wave, pms = (lens.cell(side, field_id, raw) for side, raw in shown)
    return wave.same(pms)


def _misfit(lens: Lens, item: Dispute, hold: Hold, values: Mapping[str, object]) -> list[str]:
    """Why the parts of a given value do not fit each other, those included that it leaves as they are."""
    if any(isinstance(raw, Forgotten) for raw in hold.wave.values()):
        return []
    kept = {i: lens.cell(Side.WAVE, i, raw) for i, raw in hold.wave.items() if i in lens.fields}
    cells = {**kept, **{i: lens.cell(Side.WAVE, i, value) for i, value in values.items()}}
    fault = lens.group_fault(item.group, cells)
    return [f"value: {fault}"] if fault else []
