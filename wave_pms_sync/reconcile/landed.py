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
from wave_pms_sync.reconcile.world import Pair

RULE: Final = "announced by a run that saw no answer, and found done"
OVER: Final = "announced by a run that saw no answer, and written over since"
UNMAPPED: Final = "announced by a run that saw no answer, and mapped no more"
AT_REST: Final = "announced by a run that saw no answer, and the link carries nothing any more"


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
        *(_landed(view.pair, view.shape, i, names, RULE, "done") for i, names in view.landed.values()),
        *(_landed(view.pair, view.shape, i, names, OVER, "unknown") for i, names in view.unsure.values()),
        *(
            _landed(view.pair, view.shape, i, names, UNMAPPED, "unknown")
            for i in view.pair.intents
            if (names := _mapped_no_more(view, i))
        ),
    )


def given_up(pair: Pair, shape: Shape) -> tuple[Landed, ...]:
    """The open updates of a link at rest: nobody will ask any more what became of them."""
    updates = [i for i in pair.intents if i.kind is IntentKind.UPDATE and i.state in _UNSEEN]
    return tuple(_landed(pair, shape, i, list(i.values), AT_REST, "unknown") for i in updates if i.values)


_UNSEEN: Final = (IntentState.PLANNED, IntentState.UNKNOWN)


def _mapped_no_more(view: View, intent: Intent) -> list[str]:
    """The fields of an update that cannot be judged any more; one that was sent again is told as that."""
    ended = intent.key in view.closed or any(intent.key == left.key for left in view.narrowed)
    if intent.kind is not IntentKind.UPDATE or not (ended and intent.state in _UNSEEN):
        return []
    return [name for name in intent.values if name not in view.shape.fields]


def _landed(pair: Pair, shape: Shape, intent: Intent, names: list[str], rule: str, outcome: str) -> Landed:
    action = Action(
        kind=ActionKind(intent.kind.value),
        side=intent.side,
        wave_id=pair.link.wave_id,
        pms_id=pair.link.pms_id,
        fields=tuple(
            mark_of(pair.link, intent.before[MARKER]) if name == MARKER else sent(shape, intent, name) for name in names
        ),
        rule=intent.undoes or rule,
    )
    return Landed(key=intent.key, run_id=intent.run_id, action=action, outcome=outcome)


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
