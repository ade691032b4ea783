"""Apply a plan: every action by itself, bad records harming only themselves, then what the look itself taught."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from attrs import define, evolve, field

from wave_pms_sync.apply.creates import Creates
from wave_pms_sync.apply.desk import IN_THE_WAY, Desk, Done, RecordDown, SideDown
from wave_pms_sync.apply.late_partners import LatePartners
from wave_pms_sync.apply.link_changes import change_link
from wave_pms_sync.apply.proving import Proving, Unproven
from wave_pms_sync.apply.retirements import retire
from wave_pms_sync.apply.updates import update as carry_update
from wave_pms_sync.errors import LeaseLost, StoreUnusable, SyncError
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import APART, Change, Known, Put, Quarantined, Remove, Tenant, Unfinished
from wave_pms_sync.model.printable import one_line
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind
from wave_pms_sync.reconcile.marking import mark_of
from wave_pms_sync.reconcile.plan import Notes, Plan
from wave_pms_sync.report import Outcome, Result

log = logging.getLogger("wave_pms_sync.apply")

MANY_POSTPONED = 100
_CARRIED = (Result.DONE, Result.NOT_KEPT)


@define(kw_only=True)
class Applied:
    """What became of a plan.

    Attributes:
        outcomes: One for each action.
        error: What stopped the run.
        down: What stopped the writes to a side; the other direction went on.
        held: Why a guard stopped it on the way.
    """

    outcomes: list[Outcome] = field(factory=list)
    error: SyncError | None = None
    down: dict[Side, SyncError] = field(factory=dict)
    held: str = ""


def apply_plan(desk: Desk, plan: Plan, overdue: Callable[[], bool]) -> Applied:
    """Carry out the actions in order, then store what the look itself taught.

    Whatever happens after the first remote write is told by the result; nothing is raised but what the store
    or the lease make impossible before it.
    """
    applied = Applied()
    try:
        _act(desk, plan, applied, overdue)
        _remember(desk, plan, applied)
    except (StoreUnusable, LeaseLost) as error:
        if not desk.wrote:
            raise
        applied.error = error
        cut = plan.actions[len(applied.outcomes) :]
        applied.outcomes += [Outcome(action=a, result=Result.POSTPONED, detail="the store failed") for a in cut]
    return applied


def _act(desk: Desk, plan: Plan, applied: Applied, overdue: Callable[[], bool]) -> None:
    creates = {side: _creates(desk, plan, side) for side in Side}
    for place, action in enumerate(plan.actions):
        if applied.held or applied.error is not None or overdue():
            done = Done(result=Result.POSTPONED, detail=applied.held or "the run ended before")
        elif action.side is not None and action.side in applied.down:
            why = applied.down[action.side]
            done = Done(result=Result.POSTPONED, detail=f"{action.side.words} cannot be written now", error=why)
        else:
            done = _one(desk, plan.actions, place, creates, applied)
        if done.result is Result.POSTPONED:
            desk.book.commit(desk.book.unfinished(action, "postponed"))
        desk.book.over(action)
        log.info("action %s kind=%s ids=%s", done.result, action.kind, one_line(" / ".join(action.ids)))
        applied.outcomes.append(Outcome(action=action, result=done.result, detail=done.detail, error=done.error))
    _make_way(desk, applied)
    _lose_patience(desk, applied)


def _make_way(desk: Desk, applied: Applied) -> None:
    """An update that another record stood in the way of is not given up while others move in the same group."""
    moved = {(o.action.side, c.group) for o in applied.outcomes if o.result in _CARRIED for c in o.action.fields}
    for outcome in applied.outcomes:
        side, fields = outcome.action.side, outcome.action.fields
        if outcome.detail == IN_THE_WAY and any((side, c.group) in moved for c in fields):
            desk.book.commit(desk.book.unfinished(outcome.action, "others moved out of its way"))


def _lose_patience(desk: Desk, applied: Applied) -> None:
    """An update that nobody answers, in a run in which its side carried out others, is at fault itself."""
    alive = {o.action.side for o in applied.outcomes if o.result in _CARRIED}
    for outcome in applied.outcomes:
        action = outcome.action
        if outcome.result is Result.UNKNOWN and action.kind is ActionKind.UPDATE and action.side in alive:
            desk.book.count(action)


def _one(
    desk: Desk,
    actions: Sequence[Action],
    place: int,
    creates: Mapping[Side, Creates],
    applied: Applied,
) -> Done:
    try:
        _read_ahead(desk, actions, place)
        return _carry_out(desk, actions[place], creates)
    except Unproven as signal:
        applied.held = str(signal)
        return signal.done
    except RecordDown as signal:
        return Done(result=Result.POSTPONED, detail=f"{signal.side.words} could not show it", error=signal.error)
    except SideDown as signal:
        applied.down[signal.side] = signal.error
        if signal.final:
            applied.error = signal.error
        return Done(result=Result.POSTPONED, detail=f"{signal.side.words} cannot be used now", error=signal.error)


def _carry_out(desk: Desk, action: Action, creates: Mapping[Side, Creates]) -> Done:
    if action.side is None:
        return change_link(desk, action)
    if action.kind is ActionKind.UPDATE:
        return carry_update(desk, action, action.side)
    if action.kind in (ActionKind.CREATE, ActionKind.RECREATE):
        return _marking(desk, action, creates[action.side].create(action))
    return retire(desk, action, action.side)


def _marking(desk: Desk, action: Action, done: Done) -> Done:
    """A customer created in Wave is noted in the PMS record that it comes from."""
    wanted = desk.shape.marker is not None and desk.clients[Side.PMS].abilities.marker
    memory = desk.book.pair(action) if action.side is Side.WAVE and wanted else None
    if memory is None or done.result not in _CARRIED:
        return done
    link = memory[0]
    mark = mark_of(link, action.wave_id)
    update = Action(
        kind=ActionKind.UPDATE,
        side=Side.PMS,
        wave_id=link.wave_id,
        pms_id=link.pms_id,
        fields=(mark,),
        rule=mark.rule,
        revision=link.revision,
    )
    marked = carry_update(desk, update, Side.PMS)
    return done if marked.result is Result.DONE else evolve(done, detail="the PMS record could not be marked")


def _read_ahead(desk: Desk, actions: Sequence[Action], place: int) -> None:
    """Read the records of the next actions of this kind in one request, where the side can."""
    action = actions[place]
    for side in _looked_at(desk, action):
        size, first = desk.clients[side].abilities.bulk_read, action.id_on(side)
        if size < 2 or first is None or desk.at_hand(side, first):
            continue
        near = [a for a in actions[place : place + size] if (a.kind, a.side) == (action.kind, action.side)]
        desk.prepare(side, [record_id for a in near if (record_id := a.id_on(side)) is not None])


def _looked_at(desk: Desk, action: Action) -> list[Side]:
    """The sides of which an action reads its record again: the written one, and the origin of an older plan."""
    if action.side is None or action.kind in (ActionKind.ARCHIVE, ActionKind.DELETE):
        return []
    written = [action.side] if action.kind is ActionKind.UPDATE else []
    return written if desk.same_run else [*written, action.side.other]


def _creates(desk: Desk, plan: Plan, side: Side) -> Creates:
    tenant = desk.book.tenant
    listing = plan.notes.listings.get(side) if plan.notes is not None else None
    newest = listing.newest if listing is not None else None
    judged = (plan.notes.tenant if plan.notes is not None else None) or tenant
    held: dict[str, set[str]] = {}
    for action in plan.actions:
        if action.kind is ActionKind.HOLD:
            for record_id in action.ids:
                held.setdefault(record_id, set()).add(action.group)
    proving = Proving(
        desk=desk,
        side=side,
        newest=newest or tenant.state(side).watermark,
        shown=newest is not None,
        listed_at=listing.began_at if listing is not None else None,
        due=plan.must_prove(side, judged.state(side)),
    )
    newest_created = listing.newest_created if listing is not None else None
    late = LatePartners(desk=desk, side=side, proving=proving, newest_created=newest_created)
    return Creates(desk=desk, side=side, held=held, proving=proving, late=late)


# --- what the look itself taught -------------------------------------------------------------------


def _remember(desk: Desk, plan: Plan, applied: Applied) -> None:
    """Store stamps, digests, key index, quarantine and watermarks, in one transaction with the last results."""
    notes = plan.notes
    if notes is None or applied.held or applied.error is not None:
        return
    touched = {(a.wave_id, a.pms_id) for a in plan.actions}
    moved_on = _moved_on(desk, notes)
    changes: list[Change] = _index(desk, notes)
    changes += [Remove(entry) for entry in notes.dropped]
    stored = {a.wave_id: a for a in desk.book.links.find(Agreement, "wave_id", sorted(notes.links))}
    for link, agreement in notes.links.values():
        if (link.wave_id, link.pms_id) in touched:
            changes += _forgotten(desk, link, agreement) if desk.book.untouched(link) else []
        elif link.wave_id not in moved_on:
            # Where something else is agreed on or held, what was planned before does not know of it.
            revision = link.revision + (agreement != stored.get(link.wave_id))
            changes += [Put(evolve(link, open=bool(agreement.holds), revision=revision)), Put(agreement)]
    still = [link for link in notes.moved if link.wave_id not in moved_on]
    changes += [Put(link) for link in still if (link.wave_id, link.pms_id) not in touched]
    changes += _resting(desk, notes)
    open_still = [intent for intent in notes.intents if intent.key in desk.book.intents]
    changes += [*map(Put, open_still), *desk.book.told_late([intent.key for intent in open_still])]
    changes += desk.book.settled(notes.closed)
    changes += _unfinished(desk, notes, applied)
    changes += _watermarks(desk, notes, applied)
    desk.book.commit(changes)


def _moved_on(desk: Desk, notes: Notes) -> set[str]:
    """Pairs that a person or another run has changed since an older plan looked at them, by Wave id."""
    looked_at = {link.wave_id: link for link in (*notes.moved, *(link for link, _ in notes.links.values()))}
    if desk.same_run:
        return set()
    found = {link.wave_id: link for link in desk.book.links.find(Link, "wave_id", sorted(looked_at))}
    stored = {i: (link.pms_id, link.revision) for i, link in found.items()}
    return {i for i, link in looked_at.items() if stored.get(i) != (link.pms_id, link.revision)}


def _index(desk: Desk, notes: Notes) -> list[Change]:
    """The key index as the look left it; whom a person parted since stays apart."""
    entries = [entry for ref, entry in notes.index.items() if ref not in desk.book.rekeyed]
    if desk.same_run:
        return [Put(entry) for entry in entries]
    asked = {side: [entry.id for entry in entries if entry.side is side] for side in Side}
    stored = [known for side in Side for known in desk.book.links.find(Known, f"{side}_id", asked[side])]
    apart = {(known.side, known.id) for known in stored if known.reason == APART}
    return [Put(evolve(e, reason=APART) if (e.side, e.id) in apart else e) for e in entries]


def _resting(desk: Desk, notes: Notes) -> list[Change]:
    """Quarantine that ended and that stands; the journal tells of what is new."""
    standing = {(q.side, q.id): q for q in desk.book.links.scan(Quarantined)}
    reasons = {ref: q.reason for ref, q in standing.items()}
    new = [q for q in notes.quarantined if reasons.get((q.side, q.id)) is not q.reason]
    # One that was tried again in this run, and refused again, rests anew: it stands as another entry by now.
    ended = [q for q in notes.freed if standing.get((q.side, q.id)) == q]
    changes: list[Change] = [*map(Remove, ended), *map(Put, notes.quarantined)]
    changes += [desk.book.note_rest(entry, "ended") for entry in ended]
    return [*changes, *(desk.book.note_rest(entry, "rests") for entry in new)]


def _forgotten(desk: Desk, link: Link, agreement: Agreement) -> list[Change]:
    """What a changed mapping made void is forgotten, even where the write that follows from it was put off."""
    if not any(known.pms_id == link.pms_id for known in desk.book.links.find(Link, "wave_id", [link.wave_id])):
        return []
    stored = desk.book.links.find(Agreement, "wave_id", [link.wave_id])
    kept = [evolve(a, baselines={n: b for n, b in a.baselines.items() if n in agreement.baselines}) for a in stored]
    return [Put(agreed) for agreed in kept if agreed not in stored]


def _unfinished(desk: Desk, notes: Notes, applied: Applied) -> list[Change]:
    """What was read again and needs it no more leaves the list; what is left over goes on."""
    left = {
        (side, record_id)
        for outcome in applied.outcomes
        if outcome.result not in _CARRIED
        for side in Side
        if (record_id := outcome.action.id_on(side)) is not None
    }
    finished: list[Change] = [
        Remove(u) for u in notes.finished if (u.side, u.id) not in left and (u.side, u.id) not in notes.unfinished
    ]
    again = [Put(Unfinished(side=s, id=i, reason=why)) for (s, i), why in sorted(notes.unfinished.items())]
    return [*finished, *again]


def _watermarks(desk: Desk, notes: Notes, applied: Applied) -> list[Change]:
    """Both watermarks move, if they stand where planning found them and not too much was postponed."""
    postponed = sum(o.result is Result.POSTPONED for o in applied.outcomes)
    stored = next(iter(desk.book.links.scan(Tenant)), None)
    stands = notes.before is None or (
        stored is not None
        and (stored.wave_state, stored.pms_state) == (notes.before.wave_state, notes.before.pms_state)
    )
    if notes.tenant is None or postponed > MANY_POSTPONED or not stands:
        return []
    lineage = stored.lineage if stored is not None else desk.book.tenant.lineage
    if notes.before is not None and notes.tenant.mapping == notes.before.mapping:
        return [Put(evolve(notes.tenant, lineage=lineage, mapping=desk.book.tenant.mapping))]
    return [Put(evolve(notes.tenant, lineage=lineage, mapping=_mapping(notes.tenant, notes.before, applied)))]


def _mapping(tenant: Tenant, before: Tenant | None, applied: Applied) -> Mapping[str, str]:
    """What this run judged by. The marker's place counts only once every mark of this run is written."""
    left = any(c.id == MARKER for o in applied.outcomes if o.result not in _CARRIED for c in o.action.fields)
    known = before.mapping.get(MARKER) if before is not None and left else None
    return tenant.mapping if known is None else {**tenant.mapping, MARKER: known}
