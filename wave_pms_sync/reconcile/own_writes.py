"""What became of our own open writes: told before anything is judged, so that none of them passes for an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve

from wave_pms_sync.model.fields import Cell
from wave_pms_sync.model.links import Baseline
from wave_pms_sync.model.memory import Intent, IntentKind, IntentState
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER
from wave_pms_sync.reconcile.groups import differs
from wave_pms_sync.reconcile.rulings import given, seen_since
from wave_pms_sync.reconcile.view import View
from wave_pms_sync.reconcile.world import Presence, Seen


def settle_writes(view: View, lag_s: float, now: datetime) -> None:
    """Settle the open updates and retirements of a pair; overtaken updates last, for a newer one speaks first.

    Args:
        view: The pair; what its writes became is noted there.
        lag_s: How long a side may show what was there before a write that it confirmed.
        now: When, by our clock.
    """
    late = [intent for intent in view.pair.intents if intent.state is IntentState.OVERTAKEN]
    for intent in view.pair.intents:
        if intent in late:
            continue
        if intent.kind is IntentKind.UPDATE:
            _settle(view, intent, lag_s, now)
            _find_mark(view, intent)
        elif intent.kind is not IntentKind.CREATE and view.pair.seen(intent.side).presence in _TELLING:
            view.closed.append(intent.key)
            if _retired(view.pair.seen(intent.side), intent.kind):
                view.landed[intent.key] = (intent, [])
    for intent in late:
        _watch(view, intent, now)


def _retired(seen: Seen, kind: IntentKind) -> bool:
    return seen.presence is Presence.ABSENT if kind is IntentKind.DELETE else seen.archived


_TELLING: Final = (Presence.SHOWN, Presence.ABSENT)
"""A retirement whose outcome nobody knew is decided anew by what its side shows: repeating it is harmless."""


def _settle(view: View, intent: Intent, lag_s: float, now: datetime) -> None:
    """Tell, group by group, what became of our own write; what is still on its way keeps the intent open."""
    presence = view.pair.seen(intent.side).presence
    groups = _by_group(view, intent)
    if presence is Presence.SHOWN:
        open_still = [group for group, mine in groups.items() if _on_its_way(view, intent, group, mine, lag_s, now)]
    else:
        open_still = [] if presence is Presence.ABSENT else list(groups)
        if groups and presence is Presence.ABSENT and intent.state is not IntentState.CONFIRMED:
            view.unsure.setdefault(intent.key, (intent, []))[1].extend(n for names in groups.values() for n in names)
    waits = [name for group in open_still for name in groups[group]]
    view.waiting |= set(open_still)
    if not waits:
        view.closed.append(intent.key)
    elif len(waits) < sum(map(len, groups.values())):
        view.narrowed.append(_narrowed(intent, waits))


def _watch(view: View, intent: Intent, now: datetime) -> None:
    """Know an overtaken update again, if it is carried out after all: what it sent is shown, and was not before."""
    side, there, agreed = intent.side, view.pair.seen(intent.side).presence, view.base[intent.side]
    found: list[str] = []
    replaced: dict[str, object] = {}
    for group, names in _by_group(view, intent).items():
        shown = {name: view.cells[side][name] for name in names}
        sent = {name: view.shape.cell(Side.WAVE, name, intent.values[name]) for name in names}
        if not differs(shown, sent) and differs(shown, agreed):
            found += names
            replaced |= _written_over(view, intent, group, names)
            _own(view, intent, group, shown)
    if found:
        view.landed[intent.key] = (evolve(intent, before=replaced), found)
    if found or there is Presence.ABSENT or over(intent.announced_at, view.settle_s, now):
        view.closed.append(intent.key)


def _written_over(view: View, intent: Intent, group: str, names: Sequence[str]) -> dict[str, object]:
    """What a late update wrote over, as a run last saw it: a value that is held, or the one agreed on."""
    hold, agreed = view.pair.agreement.holds.get(group), view.base[intent.side]
    held = hold.on(intent.side) if hold is not None else {}
    known = {**intent.before, **{name: agreed[name].raw for name in names if name in agreed}, **held}
    return {name: known.get(name) for name in names}


def _by_group(view: View, intent: Intent) -> dict[str, list[str]]:
    """The fields of an announced write that are still mapped, by group."""
    groups: dict[str, list[str]] = {}
    for name in intent.values:
        if name in view.cells[intent.side]:
            groups.setdefault(view.shape.fields[name].group, []).append(name)
    return groups


def _find_mark(view: View, intent: Intent) -> None:
    """Tell if a mark of origin that was announced is there."""
    raws = view.pair.pms.raws
    if MARKER in intent.before and raws is not None and raws[-1] == view.pair.link.wave_id:
        view.landed.setdefault(intent.key, (intent, []))[1].append(MARKER)


def _on_its_way(view: View, intent: Intent, group: str, names: Sequence[str], lag_s: float, now: datetime) -> bool:
    """Whether a group was confirmed and is not shown yet; else tell if it came back, was not kept, or written over."""
    side = intent.side
    shown = {name: view.cells[side][name] for name in names}
    sent = {name: view.shape.cell(Side.WAVE, name, intent.values[name]) for name in names}
    before = {name: view.shape.cell(side, name, intent.before.get(name)) for name in names}
    confirmed = intent.state is IntentState.CONFIRMED
    hidden = any(shown[name].missing and not sent[name].empty for name in names)
    if not differs(shown, sent) and (confirmed or not hidden or differs(shown, before)):
        _came_back(view, intent, group, shown)
        if not confirmed:
            view.landed.setdefault(intent.key, (intent, []))[1].extend(names)
    elif not differs(shown, before):
        awaited_s = lag_s if confirmed else view.settle_s if intent.undoes else 0
        if awaited_s and not over(intent.announced_at, awaited_s, now):
            return True
        if confirmed:
            view.not_kept[group] = side
            _own(view, intent, group, shown)
    elif intent.answer_stamp is not None and intent.answer_stamp == view.pair.seen(side).stamp:
        view.not_kept[group] = side
        _came_back(view, intent, group, shown)
    else:
        view.overwritten[side].add(group)
        if not confirmed:
            view.unsure.setdefault(intent.key, (intent, []))[1].extend(names)
    return False


def _narrowed(intent: Intent, names: Sequence[str]) -> Intent:
    """The intent, as far as its outcome is still open."""
    return evolve(
        intent,
        values={name: intent.values[name] for name in names},
        before={name: intent.before.get(name) for name in names},
        origin={name: intent.origin.get(name) for name in names},
    )


def over(moment: datetime | None, lag_s: float, now: datetime) -> bool:
    """Whether so many seconds have passed since a moment; nobody waits for one that is not known."""
    return moment is None or now >= moment + timedelta(seconds=lag_s)


def _came_back(view: View, intent: Intent, group: str, shown: Mapping[str, Cell]) -> None:
    """Our own write is shown. What an undo gave back was not agreed on: its group is held instead."""
    if intent.undoes:
        view.undone[group] = intent.undoes
    else:
        _own(view, intent, group, shown)


def _own(view: View, intent: Intent, group: str, shown: Mapping[str, Cell]) -> None:
    """What a side shows is our own write: both baselines move to what was sent and what came of it.

    Half of a value that a person gave is not agreed on: its group stays held until the other side shows it, too.
    """
    if given(view, group):
        agreement = view.pair.agreement
        cleared = {name: None for name, cell in shown.items() if cell.missing and intent.values[name] is None}
        raw = cleared | {name: cell.raw for name, cell in shown.items() if not cell.missing}
        hold = seen_since(agreement.holds[group], intent.side, raw)
        view.pair = evolve(view.pair, agreement=evolve(agreement, holds={**agreement.holds, group: hold}))
        return
    for name, cell in shown.items():
        raws = {intent.side: cell.raw, intent.side.other: intent.origin.get(name)}
        for side in Side:
            view.base[side][name] = view.shape.cell(side, name, raws[side])
        if name in view.pair.remapped and not view.base[intent.side.other][name].same(cell):
            view.void.add(name)  # nobody ever agreed on the two in this form
        else:
            view.settled[name] = Baseline(wave=raws[Side.WAVE], pms=raws[Side.PMS])
