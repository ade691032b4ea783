"""Carry out one update: look again, announce, patch, judge by the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from wave_pms_sync.apply.book import Memory
from wave_pms_sync.apply.desk import IN_THE_WAY, VERSION_REFUSED, Desk, Done, faults_named
from wave_pms_sync.apply.judge import Kept, judge, remember
from wave_pms_sync.errors import (
    Conflict,
    ConversionError,
    NotFound,
    Refused,
    SyncError,
    UnknownOutcome,
)
from wave_pms_sync.mapping.paths import lay
from wave_pms_sync.mapping.steps import plain
from wave_pms_sync.model.fields import MISSING, Cell
from wave_pms_sync.model.links import Agreement, Hold, HoldReason, Link
from wave_pms_sync.model.memory import Intent, IntentKind, IntentState, Put
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, Action, FieldChange
from wave_pms_sync.report import Result

PATIENCE: Final = 3
"""How many runs that carried out other writes may leave the same update unanswered before it is held."""


def update(desk: Desk, action: Action, side: Side) -> Done:
    """Write the changed fields of one record."""
    memory = desk.current(action)
    if memory is None:
        return desk.skip(action, "the link moved since it was planned")
    link, agreement = memory
    seen = desk.look(side, link.id_on(side))
    shown = _shown(desk, side, seen) if seen is not None else {}
    if seen is None or not _as_planned(desk, action, side, shown):
        return desk.skip(action, f"the record in {side.words} moved since it was planned")
    why = "" if desk.same_run else _overtaken(desk, action, link, side)
    if why:
        return desk.skip(action, why)
    changes = _as_shown(action, side, shown)
    fields = tuple(c for c in changes if c.id != MARKER or not _of_another(desk, c, seen))
    if not fields:
        settled = desk.book.settled([*action.settles, _key(link, side)])
        desk.book.commit([*settled, *desk.book.put(link, agreement)])
        return Done(result=Result.DONE, detail="the PMS record bears a mark of somebody else's")
    action = evolve(action, fields=fields)
    try:
        body = _body(desk, action.fields, side, seen)
    except ConversionError as fault:
        return _hold(desk, action, link, agreement, {fault.field}, HoldReason.CONVERSION, fault)
    return _send(desk, action, memory, _intent(desk, action, link, side, body), seen)


def _key(link: Link, side: Side) -> str:
    """The key of the intent of an update on that side."""
    return f"{IntentKind.UPDATE}:{side.other}:{link.id_on(side.other)}"


def _overtaken(desk: Desk, action: Action, link: Link, side: Side) -> str:
    """Why what was planned before this run is not written: its origin moved, or a write before is not settled."""
    second = action.hold is HoldReason.UNDONE and not desk.book.untouched(link)  # an undo of both sides moves both
    if not second and not _origin_as_planned(desk, action, link, side):
        return f"the record in {side.other.words} moved since it was planned"
    former = desk.book.intents.get(_key(link, side))
    own = former is not None and (former.run_id == desk.book.run_id or former.undoes == action.rule)
    if former is not None and former.key not in action.settles and not own:
        return "a write to this record is not settled yet; the next run settles it"
    return ""


def _of_another(desk: Desk, mark: FieldChange, seen: Record) -> bool:
    """Whether a PMS record bears a mark that is neither ours nor the former one: that is never overwritten."""
    there = desk.shape.raws(Side.PMS, seen.payload)[-1]
    return there is not MISSING and bool(there) and there not in (mark.before, mark.after)


def _send(desk: Desk, action: Action, memory: Memory, intent: Intent, seen: Record) -> Done:
    (link, agreement), side, body = memory, intent.side, intent.body
    desk.announce(intent)
    if side is Side.PMS:
        desk.book.marks.pop(action.key, None)
    desk.wrote = True
    try:
        answer = desk.clients[side].update_customer(link.id_on(side), body, seen=seen)
    except (Refused, NotFound, Conflict) as error:
        stands = desk.in_the_way(error, side, seen)
        if isinstance(error, Refused) or (stands and desk.declined_before(side, seen.id)):
            return _refused(desk, action, link, agreement, intent, error)
        why = IN_THE_WAY if stands else "the record moved on while it was written"
        if desk.refused_as_it_is(error, side, seen):
            why = VERSION_REFUSED.format("update.headers")
        desk.book.withdraw(intent, *desk.book.unfinished(action, why), *desk.still_to_mark(action, link))
        return Done(result=Result.SKIPPED, detail=why, error=error)
    except UnknownOutcome as error:
        if intent.cycles >= PATIENCE:
            return _refused(desk, action, link, agreement, intent, error)
        desk.book.doubt(intent, action)
        return Done(result=Result.UNKNOWN, detail="nobody can say whether it was carried out", error=error)
    except SyncError as error:
        desk.book.withdraw(intent, *desk.book.unfinished(action, "postponed"), *desk.still_to_mark(action, link))
        raise desk.stop(error, side) from error
    return _confirmed(desk, action, memory, intent, seen, _whole(desk, side, action, answer))


def _shown(desk: Desk, side: Side, seen: Record) -> Mapping[str, Cell]:
    return desk.shape.cells(side, desk.shape.raws(side, seen.payload))


def _as_planned(desk: Desk, action: Action, side: Side, shown: Mapping[str, Cell]) -> bool:
    """Whether a side still shows what the plan was made on, in the groups that are written."""
    return all(
        shown[c.id].missing or shown[c.id].same(desk.shape.cell(side, c.id, c.raw(side)))
        for c in action.fields
        if c.id != MARKER
    )


def _as_shown(action: Action, side: Side, shown: Mapping[str, Cell]) -> tuple[FieldChange, ...]:
    """The changes, replacing what the record shows just now: a value may have another form than when it was planned."""
    return tuple(
        c if c.id == MARKER or shown[c.id].missing else _replacing(c, side, shown[c.id]) for c in action.fields
    )


def _replacing(change: FieldChange, side: Side, cell: Cell) -> FieldChange:
    wave, pms = (cell.raw, change.pms) if side is Side.WAVE else (change.wave, cell.raw)
    return evolve(change, before=cell.told, wave=wave, pms=pms)


def _origin_as_planned(desk: Desk, action: Action, link: Link, side: Side) -> bool:
    """A plan that was made earlier is carried out only if the values it carries still stand."""
    origin = desk.look(side.other, link.id_on(side.other))
    return origin is not None and _as_planned(desk, action, side.other, _shown(desk, side.other, origin))


def _body(desk: Desk, changes: tuple[FieldChange, ...], side: Side, seen: Record) -> dict[str, object]:
    values = {c.id: c.after for c in changes if c.id != MARKER}
    body = dict(desk.shape.update(side, values, onto=seen.payload))
    for change in changes:
        if change.id == MARKER and desk.shape.marker is not None:
            lay(body, desk.shape.marker, change.after, onto=seen.payload)
    return body


def _intent(desk: Desk, action: Action, link: Link, side: Side, body: dict[str, object]) -> Intent:
    written = [c for c in action.fields if c.id != MARKER]
    values = {c.id: c.after for c in written}
    former = desk.book.intents.get(f"{IntentKind.UPDATE}:{side.other}:{link.id_on(side.other)}")
    return Intent(
        kind=IntentKind.UPDATE,
        side=side,
        origin_id=link.id_on(side.other),
        record_id=link.id_on(side),
        values=values,
        before={**{c.id: c.raw(side) for c in written}, **{c.id: c.before for c in action.fields if c.id == MARKER}},
        origin={c.id: c.raw(side.other) for c in written},
        body=body,
        announced_at=desk.book.now(),
        run_id=desk.book.run_id,
        undoes=action.rule if action.hold is HoldReason.UNDONE else "",
        cycles=former.cycles if former is not None and former.values == values else 0,
    )


def _whole(desk: Desk, side: Side, action: Action, answer: Record) -> Record:
    """An answer that does not show what was written is read once more."""
    cells = desk.shape.cells(side, desk.shape.raws(side, answer.payload))
    if Kept.HIDDEN not in judge(desk.shape, side, action.fields, cells).values():
        return answer
    return desk.reread(side, answer.id) or answer


def _confirmed(desk: Desk, action: Action, memory: Memory, intent: Intent, seen: Record, answer: Record) -> Done:
    (link, agreement), now, lag_s = memory, desk.book.now(), desk.policy.lag_s
    after = remember(
        desk.shape, link, agreement, intent.side, action.fields, seen, answer, now, lag_s, undoes=intent.undoes
    )
    changes = desk.book.settled([*action.settles, intent.key])
    if after.pending:
        names = [c.id for c in action.fields if c.group in after.pending]
        open_still = evolve(
            intent,
            state=IntentState.CONFIRMED,
            values={n: intent.values[n] for n in names},
            before={n: intent.before[n] for n in names},
            origin={n: intent.origin[n] for n in names},
            answer_stamp=answer.modified_at if answer.modified_at != link.sight(intent.side).stamp else None,
        )
        desk.book.intents[open_still.key] = open_still
        changes += [Put(open_still), *desk.book.unfinished(action, "confirmed, and not shown yet")]
    outcome = "not_kept" if after.not_kept else "done"
    changes += desk.reindexed(intent.side, answer)
    changes += desk.mark_to_come(action, after.link) if intent.side is Side.WAVE else []
    desk.book.commit([*changes, *desk.book.put(after.link, after.agreement), desk.book.journal(action, outcome)])
    if after.pending:
        detail = f"{intent.side.words} confirmed, and still shows the former value of " + ", ".join(after.pending)
        return Done(result=Result.POSTPONED, detail=detail)
    if after.not_kept:
        return Done(result=Result.NOT_KEPT, detail=f"{intent.side.words} did not keep " + ", ".join(after.not_kept))
    if desk.shape.marker is not None and any(c.id == MARKER for c in action.fields) and not _marked(desk, answer):
        return Done(result=Result.DONE, detail="the PMS did not keep the external id")
    return Done(result=Result.DONE)


def _marked(desk: Desk, answer: Record) -> bool:
    return bool(desk.shape.raws(Side.PMS, answer.payload)[-1])


def _refused(desk: Desk, action: Action, link: Link, agreement: Agreement, intent: Intent, error: SyncError) -> Done:
    """A refusal of the marker never undoes the rest; one that names groups holds them, any other holds all."""
    missed = desk.book.overtaken(intent) if isinstance(error, UnknownOutcome) else []
    paths = {fault.path for fault in faults_named(error) if fault.path}
    marker, rest = desk.shape.marker, tuple(c for c in action.fields if c.id != MARKER)
    desk.book.withdraw(intent, *missed, *([] if rest else desk.book.put(link, agreement)))
    if not rest:
        return Done(result=Result.DONE, detail="the PMS refused the external id")
    if marker is not None and paths == {plain(marker)} and len(rest) < len(action.fields):
        return update(desk, evolve(action, fields=rest), intent.side)
    named = desk.groups_named(intent.side, paths)
    groups = {c.group for c in action.fields if c.id != MARKER}
    return _hold(desk, action, link, agreement, named & groups or groups, HoldReason.REFUSED, error)


def _hold(
    desk: Desk,
    action: Action,
    link: Link,
    agreement: Agreement,
    names: set[str],
    reason: HoldReason,
    error: SyncError,
) -> Done:
    """Hold groups that cannot be written; the rest goes in the next run."""
    held = [c for c in action.fields if c.group in names or c.name in names]
    holds = dict(agreement.holds)
    for group in dict.fromkeys(c.group for c in held):
        mine = [c for c in held if c.group == group]
        holds[group] = Hold(
            group=group,
            reason=reason,
            detail=desk.told(error),
            wave={c.id: c.wave for c in mine},
            pms={c.id: c.pms for c in mine},
            since=desk.book.now(),
        )
    agreement = evolve(agreement, holds=holds)
    rest = desk.book.unfinished(action, "the rest of a refused update") if len(held) < len(action.fields) else []
    changes = [*desk.book.settled(action.settles), *desk.book.put(link, agreement), *rest]
    changes += desk.still_to_mark(action, link)
    desk.book.commit([*changes, desk.book.journal(action, "refused", desk.told(error))])
    return Done(result=Result.FAILED, detail=desk.told(error), error=error)
