"""The mark of origin: the Wave id noted in the PMS record when the two are linked. It is never merged as a field."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.records import Abilities
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Seen


def unmarked(pms: Seen, shape: Shape, abilities: Abilities, former: Link | None = None) -> bool:
    """Whether a PMS record is to be marked: it bears no mark, or that of its former link."""
    if shape.marker is None or not abilities.marker or pms.raws is None:
        return False
    mark = pms.raws[-1]
    return mark is MISSING or not mark or (former is not None and mark == former.wave_id)


def marked(actions: Iterable[Action], link: Link) -> list[Action]:
    """Note the Wave id in the PMS record, with another update of it if there is one."""
    actions = list(actions)
    mark = FieldChange(id=MARKER, name="id", group=MARKER, after=link.wave_id, rule="mark of origin")
    updates = [a for a in actions if a.kind is ActionKind.UPDATE and a.side is Side.PMS]
    if updates:
        return [evolve(a, fields=(*a.fields, mark)) if a is updates[0] else a for a in actions]
    update = Action(
        kind=ActionKind.UPDATE,
        side=Side.PMS,
        wave_id=link.wave_id,
        pms_id=link.pms_id,
        fields=(mark,),
        rule=mark.rule,
        revision=link.revision,
        requests={"pms": 2},
    )
    return [*actions, update]
