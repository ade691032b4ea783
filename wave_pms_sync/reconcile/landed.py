"""Writes that were announced, of which nobody saw the answer: found done, written over, or mapped no more.

For the journal.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from wave_pms_sync.model.memory import Intent, IntentKind, IntentState
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.marking import mark_of
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.view import View

RULE: Final = "announced by a run that saw no answer, and found done"
OVER: Final = "announced by a run that saw no answer, and written over since"
UNMAPPED: Final = "announced by a run that saw no answer, and mapped no more"


@frozen
class Landed:
    """A write of which a look tells as much as will ever be known.

    Attributes:
        key: The key of its intent.
        run_id: The run that announced it.
        action: What it did, as far as it is shown; or else what it was to do.
        outcome: `"done"`; or `"unknown"`: somebody wrote over it, or in its place, or it is mapped no more.
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
        *(
            Landed(i.key, i.run_id, _action(view, i, names, UNMAPPED), "unknown")
            for i in view.pair.intents
            if (names := _mapped_no_more(view, i))
        ),
    )


def _mapped_no_more(view: View, intent: Intent) -> list[str]:
    """The fields of an update that cannot be judged any more; one that was sent again is told as that."""
    ended = intent.key in view.closed or any(intent.key == left.key for left in view.narrowed)
    unseen = intent.state in (IntentState.PLANNED, IntentState.UNKNOWN)
    if intent.kind is not IntentKind.UPDATE or not (ended and unseen):
        return []
    return [name for name in intent.values if name not in view.shape.fields]


def _action(view: View, intent: Intent, names: list[str], rule: str) -> Action:
    return Action(
        kind=ActionKind(intent.kind.value),
        side=intent.side,
        wave_id=view.pair.link.wave_id,
        pms_id=view.pair.link.pms_id,
        fields=tuple(
            mark_of(view.pair.link, intent.before[MARKER]) if name == MARKER else sent(view.shape, intent, name)
            for name in names
        ),
        rule=intent.undoes or rule,
    )


def sent(shape: Shape, intent: Intent, name: str) -> FieldChange:
    """What an announced write did to a field, or may have done; what it replaced is raw if it is mapped no more."""
    rules = shape.fields.get(name)
    if rules is None:
        was = name.partition("=")[0]
        return FieldChange(id=name, name=was, group=was, before=intent.before.get(name), after=intent.values[name])
    return FieldChange(
        id=name,
        name=rules.name,
        group=rules.group,
        before=shape.cell(intent.side, name, intent.before.get(name)).told,
        after=intent.values[name],
    )
