"""Writes that were announced, of which nobody saw the answer, and that are found done: for the journal."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from wave_pms_sync.model.memory import Intent
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.marking import mark_of
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.view import View

RULE: Final = "announced by a run that saw no answer, and found done"


@frozen
class Landed:
    """A write that was found done.

    Attributes:
        key: The key of its intent.
        run_id: The run that announced it.
        action: What it did, as far as it is shown.
    """

    key: str
    run_id: str
    action: Action


def landed(view: View) -> tuple[Landed, ...]:
    """What the open intents of a pair turned out to have done."""
    return tuple(
        Landed(key, intent.run_id, _action(view, intent, names)) for key, (intent, names) in view.landed.items()
    )


def _action(view: View, intent: Intent, names: list[str]) -> Action:
    return Action(
        kind=ActionKind(intent.kind.value),
        side=intent.side,
        wave_id=view.pair.link.wave_id,
        pms_id=view.pair.link.pms_id,
        fields=tuple(
            mark_of(view.pair.link, intent.before[MARKER]) if name == MARKER else _change(view.shape, intent, name)
            for name in names
        ),
        rule=intent.undoes or RULE,
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
