"""Writes that were announced, of which nobody saw the answer: found done, or written over. For the journal."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from wave_pms_sync.model.memory import Intent
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.marking import mark_of
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.view import View

RULE: Final = "announced by a run that saw no answer, and found done"
OVER: Final = "announced by a run that saw no answer, and written over since"


@frozen
class Landed:
    """A write of which a look tells as much as will ever be known.

    Attributes:
        key: The key of its intent.
        run_id: The run that announced it.
        action: What it did, as far as it is shown; or else what it was to do.
        outcome: `"done"`; or `"unknown"`: somebody wrote over it, or in its place.
    """

    key: str
    run_id: str
    action: Action
    outcome: str = "done"


def landed(view: View) -> tuple[Landed, ...]:
    """What the open intents of a pair turned out to have done, or may have done."""
    return (
        *(Landed(key, i.run_id, _action(view, i, names, RULE)) for key, (i, names) in view.landed.items()),
        *(Landed(key, i.run_id, _action(view, i, names, OVER), "unknown") for key, (i, names) in view.unsure.items()),
    )


def _action(view: View, intent: Intent, names: list[str], rule: str) -> Action:
    return Action(
        kind=ActionKind(intent.kind.value),
        side=intent.side,
        wave_id=view.pair.link.wave_id,
        pms_id=view.pair.link.pms_id,
        fields=tuple(
            mark_of(view.pair.link, intent.before[MARKER]) if name == MARKER else _change(view.shape, intent, name)
            for name in names
        ),
        rule=intent.undoes or rule,
    )


def _change(shape: Shape, intent: Intent, name: str) -> FieldChange:
    rules = shape.fields[name]
    return FieldChange(
        id=name,
        name=rules.name,
        group=rules.group,
        before=shape.cell(intent.side, name, intent.before.get(name)).told,
        after=intent.values[name],
    )
