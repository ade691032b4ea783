"""The mark of origin: the Wave id noted in the PMS record when the two are linked. It is never merged as a field.

A mark that is due is announced together with the link that it follows from, so that no cut in between loses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import evolve

from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import IntentKind
from wave_pms_sync.model.records import Abilities
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Pair, Seen

RULE: Final = "mark of origin"


def unmarked(pms: Seen, shape: Shape, abilities: Abilities, former: object = None) -> bool:
    """Whether a PMS record is to be marked: it bears no mark, or the former one that is to be replaced."""
    if shape.marker is None or not abilities.marker or pms.raws is None:
        return False
    mark = pms.raws[-1]
    return mark is MISSING or not mark or mark == former


def mark_of(link: Link, former: object = None) -> FieldChange:
    """The Wave id, to be noted in the PMS record, in place of a former one."""
    return FieldChange(id=MARKER, name="id", group=MARKER, before=former, after=link.wave_id, rule=RULE)


def due(pair: Pair, shape: Shape, abilities: Abilities) -> FieldChange | None:
    """The mark that was announced and is not there yet, or None."""
    for intent in pair.intents:
        update = intent.kind is IntentKind.UPDATE and intent.side is Side.PMS
        if update and shape.marker is not None and shape.raws(Side.PMS, intent.body)[-1] == pair.link.wave_id:
            former = intent.before.get(MARKER)
            return mark_of(pair.link, former) if unmarked(pair.pms, shape, abilities, former) else None
    return None


def marked(actions: Iterable[Action], link: Link, mark: FieldChange, settles: tuple[str, ...] = ()) -> list[Action]:
    """Note the Wave id in the PMS record, with another update of it if there is one."""
    actions = list(actions)
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
        settles=settles,
        requests={"pms": 2},
    )
    return [*actions, update]
