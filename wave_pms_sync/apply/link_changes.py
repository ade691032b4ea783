"""Changes of links and agreements that write to no side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve

from wave_pms_sync.apply.book import Memory
from wave_pms_sync.apply.desk import PARTED, Desk, Done
from wave_pms_sync.apply.retirements import buried
from wave_pms_sync.model.links import Agreement, Hold, HoldReason, Link, LinkStatus, Sight
from wave_pms_sync.model.memory import Change, Known, Remove
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.report import Result


def change_link(desk: Desk, action: Action) -> Done:
    """Carry out one link change in one transaction."""
    if action.kind is ActionKind.LINK:
        return _link(desk, action)
    memory = desk.current(action)
    if memory is None:
        return desk.skip(action, "the link moved since it was planned")
    back = [] if desk.same_run else _back(desk, action, memory[0])
    if back:
        return desk.skip(action, f"the record in {back[0].words} is there again")
    link, agreement = _unkept(action, *_CHANGES[action.kind](desk, action, *memory))
    changes = [*desk.book.settled(action.settles), *desk.book.put(link, agreement), *_gone(action, link)]
    desk.book.commit([*changes, *desk.mark_to_come(action, link), desk.book.journal(action, "done")])
    return _told(action)


def _back(desk: Desk, action: Action, link: Link) -> list[Side]:
    """The sides of which a plan that is applied late says that their record is gone, and that show it."""
    sides = [] if action.kind is not ActionKind.TOMBSTONE else _gone_sides(action)
    return [side for side in sides if not link.sight(side).missed and desk.look(side, link.id_on(side)) is not None]


def _told(action: Action) -> Done:
    return Done(result=Result.NOT_KEPT, detail=action.detail) if action.unkept else Done(result=Result.DONE)


def _unkept(action: Action, link: Link, agreement: Agreement) -> Memory:
    """What a side did not keep of our write is no edit of it."""
    if not action.unkept:
        return link, agreement
    groups = tuple(sorted({*agreement.not_kept, *action.unkept}))
    return link, evolve(agreement, not_kept=groups, unkept_by={**agreement.unkept_by, **action.unkept})


def _gone(action: Action, link: Link) -> list[Change]:
    """A record that is gone leaves the key index, so that its keys speak for nobody."""
    if action.kind is not ActionKind.TOMBSTONE:
        return []
    return [Remove(Known(side=side, id=link.id_on(side))) for side in _gone_sides(action)]


def _gone_sides(action: Action) -> list[Side]:
    return [side for side in Side if action.detail in (side.value, "both")]


def _agree(desk: Desk, action: Action, link: Link, agreement: Agreement) -> Memory:
    groups = {desk.shape.fields[name].group for name in action.baselines if name in desk.shape.fields}
    return link, evolve(
        agreement,
        baselines={**agreement.baselines, **action.baselines},
        holds={g: hold for g, hold in agreement.holds.items() if g not in groups},
        wave_changes={g: stamp for g, stamp in agreement.wave_changes.items() if g not in groups},
        pms_changes={g: stamp for g, stamp in agreement.pms_changes.items() if g not in groups},
    )


def _hold(desk: Desk, action: Action, link: Link, agreement: Agreement) -> Memory:
    hold = Hold(
        group=action.group,
        reason=action.hold or HoldReason.DISPUTE,
        detail=action.detail,
        wave={c.id: c.wave for c in action.fields},
        pms={c.id: c.pms for c in action.fields},
        since=desk.book.now(),
    )
    return link, evolve(agreement, holds={**agreement.holds, action.group: hold})


def _release(desk: Desk, action: Action, link: Link, agreement: Agreement) -> Memory:
    return link, evolve(agreement, holds={g: h for g, h in agreement.holds.items() if g != action.group})


def _tombstone(desk: Desk, action: Action, link: Link, agreement: Agreement) -> Memory:
    return buried(link, action.rule, _gone_sides(action)), evolve(agreement, holds={})


def _suspend(desk: Desk, action: Action, link: Link, agreement: Agreement) -> Memory:
    return evolve(link, status=LinkStatus.SUSPENDED, reason=action.rule), evolve(agreement, holds={})


def _relink(desk: Desk, action: Action, link: Link, agreement: Agreement) -> Memory:
    return evolve(link, status=LinkStatus.ACTIVE, reason=""), agreement


_CHANGES: Final[Mapping[ActionKind, Callable[[Desk, Action, Link, Agreement], Memory]]] = {
    ActionKind.AGREE: _agree,
    ActionKind.HOLD: _hold,
    ActionKind.RELEASE: _release,
    ActionKind.TOMBSTONE: _tombstone,
    ActionKind.SUSPEND: _suspend,
    ActionKind.RELINK: _relink,
}


# --- a new link ------------------------------------------------------------------------------------


def _link(desk: Desk, action: Action) -> Done:
    wave_id, pms_id = action.wave_id, action.pms_id
    if wave_id is None or pms_id is None:
        return Done(result=Result.FAILED, detail="the action names one id only")
    store = desk.book.links
    standing = (*store.find(Link, "wave_id", [wave_id]), *store.find(Link, "pms_id", [pms_id]))
    old = list({(link.wave_id, link.pms_id): link for link in standing}.values())
    if any(link.revision != action.revision for link in old) or (action.revision and not old):
        return desk.skip(action, "one of the two was linked since it was planned")
    if not (desk.same_run or action.settles) and desk.book.parted(action):
        return desk.skip(action, PARTED)
    if desk.book.claimed(pms_id):
        return desk.skip(action, "another tenant of this store has linked the record in the PMS")
    memory = _as_planned(desk, action, wave_id, pms_id)
    if memory is None:
        return desk.skip(action, "one of the two moved since it was planned")
    link, agreement = _unkept(action, *memory)
    agreement = evolve(agreement, baselines={**agreement.baselines, **action.baselines})
    replaced: list[Change] = [c for o in old for c in (Remove(o), Remove(Agreement(wave_id=o.wave_id)))]
    replaced += [Remove(Known(side=s, id=o.id_on(s))) for o in old for s in Side if o.id_on(s) != action.id_on(s)]
    changes = [*desk.book.settled(action.settles), *replaced, *desk.book.free(link), *_mark(desk, link)]
    desk.book.commit([*changes, *desk.book.put(link, agreement), desk.book.journal(action, "linked")])
    return _told(action)


def _mark(desk: Desk, link: Link) -> list[Change]:
    mark = desk.book.marks.get((link.wave_id, link.pms_id))
    return [] if mark is None else desk.mark_due(link, mark.before)


def _as_planned(desk: Desk, action: Action, wave_id: str, pms_id: str) -> Memory | None:
    """The new pair as the look left it; a saved plan looks again, and only what it was made on will do."""
    notes = desk.book.plan.notes
    noted = notes.links.get(wave_id) if notes is not None else None
    if noted is not None and noted[0].pms_id == pms_id:
        return evolve(noted[0], revision=0), noted[1]
    sights, digests = {}, ""
    for side, record_id in ((Side.WAVE, wave_id), (Side.PMS, pms_id)):
        seen = desk.look(side, record_id)
        if seen is None:
            return None
        shown = desk.shape.digest(desk.shape.raws(side, seen.payload))
        sights[side] = Sight(created_at=seen.created_at, stamp=seen.modified_at, digest=shown, archived=seen.archived)
        desk.reindexed(side, seen)
        digests += shown
    if digests != action.precondition:
        return None
    link = Link(
        wave_id=wave_id,
        pms_id=pms_id,
        revision=0,
        wave=sights[Side.WAVE],
        pms=sights[Side.PMS],
        rule=action.rule,
        run_id=desk.book.run_id,
    )
    return link, Agreement(wave_id=wave_id)
