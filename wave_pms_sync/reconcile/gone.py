"""A linked pair of which one record, or both, are gone, or have come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve

from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.links import Hold, HoldReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.creation import Creation, creation, holds
from wave_pms_sync.reconcile.groups import differs
from wave_pms_sync.reconcile.landed import landed
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.rulings import moved, values_digest
from wave_pms_sync.reconcile.table import DECISIONS, Change, Decision
from wave_pms_sync.reconcile.verdicts import WHOLE, Verdicts, about, looked_at
from wave_pms_sync.reconcile.view import View
from wave_pms_sync.reconcile.world import Pair, Presence


def decide_gone(view: View, policy: Policy) -> Verdicts:
    """Settle a pair with an absent record by the decision table."""
    changes = [_change(view, side) for side in Side]
    return _BY_DECISION[DECISIONS[changes[0], changes[1]]](view, policy)


def _change(view: View, side: Side) -> Change:
    """Here only an edit that the deletion would lose counts: two-way fields, and groups still at first meeting."""
    if view.pair.seen(side).presence is Presence.ABSENT:
        return Change.ABSENT
    if view.pair.seen(side).archived:
        return Change.SAME
    two_way = {name: cell for name, cell in view.cells[side].items() if _two_way(view, name)}
    met_first = any(hold.reason is HoldReason.FIRST_MEETING for hold in view.pair.agreement.holds.values())
    return Change.CHANGED if met_first or differs(two_way, view.base[side]) else Change.SAME


def _two_way(view: View, name: str) -> bool:
    return view.shape.fields[name].direction is Direction.BOTH


def _both_gone(view: View, policy: Policy) -> Verdicts:
    return _settled(
        view, about(view.pair.link, Action(kind=ActionKind.TOMBSTONE, rule="gone on both sides", detail="both"))
    )


def _retire(survivor: Side) -> Callable[[View, Policy], Verdicts]:
    def decide(view: View, policy: Policy) -> Verdicts:
        held = view.pair.agreement.holds.get(WHOLE)
        if held is not None and held.reason is HoldReason.REFUSED:
            return _keep(survivor)(view, policy)
        return _settled(view, _retirement(view, survivor, policy))

    return decide


def _retirement(view: View, survivor: Side, policy: Policy, *, accepted: bool = False) -> Action:
    """What the policy says for a record whose counterpart is gone; a deletion that was accepted is not undone."""
    link, gone, archived = view.pair.link, survivor.other, view.pair.seen(survivor).archived
    again = policy.deletion(gone) == "recreate" and not accepted and not archived
    again = again and not _creation(view, survivor).lacking
    rule = "" if accepted else _kept(view, gone, again=again)
    kind = _RETIREMENTS.get(policy.deletion(survivor))
    if again and not rule:
        return _recreate(view, survivor, f"gone from {gone.words}: recreate")
    if rule or kind is None or archived:
        rule = rule or f"gone from {gone.words}: {'it is archived' if archived else 'keep'}"
        return about(link, Action(kind=ActionKind.TOMBSTONE, rule=rule, detail=gone.value))
    return about(
        link,
        Action(
            kind=kind,
            side=survivor,
            retires=True,
            rule=f"gone from {gone.words}: {kind}",
            detail=gone.value,
            precondition=_two_way_digest(view, survivor),
            requests={survivor.value: 2, gone.value: 1},
        ),
    )


def _kept(view: View, gone: Side, *, again: bool) -> str:
    """Why nothing follows elsewhere from a record that is gone, whatever the policy; empty if something may."""
    pair, known, words = view.pair, view.pair.link.sight(gone), gone.words
    unseen = (known.digest, known.stamp, known.created_at) == (None, None, None) and not pair.agreement.baselines
    reasons = (
        (pair.merged_into, f", where {pair.merged_into} shows all that it had shown (merged, or entered anew?)"),
        (unseen, ", where it was never seen"),
        (pair.seen(gone).uncounted, ", whose lists do not say how many they are, though still readable"),
        (again and pair.replaced, ", where another record shares a key"),
    )
    if again and pair.seen(gone).missed and not pair.replaced:
        return f"gone from the lists of {words}, though still readable: keep"
    return next((f"gone from {words}{why}: keep" for there, why in reasons if there), "")


_RETIREMENTS: Final = {"archive": ActionKind.ARCHIVE, "delete": ActionKind.DELETE}


def _two_way_digest(view: View, side: Side) -> str:
    return digest({name: cell.key for name, cell in view.cells[side].items() if _two_way(view, name)})


def _creation(view: View, survivor: Side) -> Creation:
    return creation(view.shape, survivor, view.cells[survivor])


def _recreate(view: View, survivor: Side, why: str) -> Action:
    made = _creation(view, survivor)
    return about(
        view.pair.link,
        Action(
            kind=ActionKind.RECREATE,
            side=survivor.other,
            fields=made.fields,
            rule=why,
            baselines=made.stays,
            precondition=view.pair.seen(survivor).digest,
            requests={survivor.other.value: 2},
        ),
    )


def _keep(survivor: Side) -> Callable[[View, Policy], Verdicts]:
    """The survivor stays until a person accepts the deletion or asks for a new record.

    It was edited, and an edit beats a deletion; or its server refused to make the gone record again.
    """

    def decide(view: View, policy: Policy) -> Verdicts:
        held = view.pair.agreement.holds.get(WHOLE)
        if held is None:
            return _dispute(view, survivor)
        still = not moved(view, held)
        choice = held.choice if still else None
        if choice is not None and choice.digest == values_digest(held):
            if choice.side is not survivor:
                return _settled(view, _retirement(view, survivor, policy, accepted=True))
            if not _creation(view, survivor).lacking:
                return _settled(view, _recreate(view, survivor, "resolved: recreate"))
            choice = None
        wave, pms = (held.wave, held.pms) if still and held.forgotten else _values(view, survivor)
        refreshed = evolve(held, wave=wave, pms=pms, choice=choice)
        holds = {**view.pair.agreement.holds, WHOLE: refreshed}
        agreement = evolve(view.pair.agreement, holds=holds)
        return _told(view, Verdicts(link=looked_at(view.pair), agreement=agreement, holds=tuple(holds.values())))

    return decide


def _dispute(view: View, survivor: Side) -> Verdicts:
    rule = f"edited in {survivor.words}, gone from {survivor.other.words}: edit beats deletion"
    fields = tuple(
        FieldChange(
            id=name,
            name=view.shape.fields[name].name,
            group=WHOLE,
            before=view.present(Side.WAVE, name).value if survivor is Side.WAVE else None,
            after=view.present(Side.PMS, name).value if survivor is Side.PMS else None,
            wave=view.present(Side.WAVE, name).raw if survivor is Side.WAVE else None,
            pms=view.present(Side.PMS, name).raw if survivor is Side.PMS else None,
            rule=rule,
        )
        for name in view.cells[survivor]
        if _two_way(view, name)
    )
    action = about(
        view.pair.link,
        Action(kind=ActionKind.HOLD, group=WHOLE, hold=HoldReason.DELETION, rule=rule, detail=rule, fields=fields),
    )
    wave, pms = _values(view, survivor)
    hold = Hold(group=WHOLE, reason=HoldReason.DELETION, detail=rule, wave=wave, pms=pms)
    verdicts = Verdicts(
        link=looked_at(view.pair),
        agreement=view.pair.agreement,
        actions=(action,),
        holds=(*view.pair.agreement.holds.values(), hold),
    )
    return _told(view, verdicts)


def _values(view: View, survivor: Side) -> tuple[Mapping[str, object], Mapping[str, object]]:
    raws: dict[str, object] = {
        name: view.present(survivor, name).raw for name in view.cells[survivor] if _two_way(view, name)
    }
    gone = dict.fromkeys(raws)  # as the hold was first stored: a person's choice is bound to both sides as shown
    return (raws, gone) if survivor is Side.WAVE else (gone, raws)


def _settled(view: View, action: Action) -> Verdicts:
    action = evolve(action, settles=tuple(view.closed))
    actions = (action, *_held_back(view, action))
    return _told(view, Verdicts(link=looked_at(view.pair), agreement=view.pair.agreement, actions=actions))


def _held_back(view: View, action: Action) -> list[Action]:
    """Of a record that is made again, what cannot be carried is held as after any create."""
    if action.kind is not ActionKind.RECREATE or action.side is None:
        return []
    survivor = action.side.other
    return holds(_creation(view, survivor), survivor, view.pair.seen(survivor).id)


def _told(view: View, verdicts: Verdicts) -> Verdicts:
    """With what became of the writes that were open: none is waited for where its record is gone."""
    agreement = evolve(verdicts.agreement, baselines={**verdicts.agreement.baselines, **view.settled})
    return evolve(verdicts, agreement=agreement, closed=tuple(view.closed), landed=landed(view))


_BY_DECISION: Final[Mapping[Decision, Callable[[View, Policy], Verdicts]]] = {
    Decision.TOMBSTONE: _both_gone,
    Decision.RETIRE_PMS: _retire(Side.PMS),
    Decision.RETIRE_WAVE: _retire(Side.WAVE),
    Decision.KEEP_PMS: _keep(Side.PMS),
    Decision.KEEP_WAVE: _keep(Side.WAVE),
}


def same_customer(pair: Pair, view: View) -> bool:
    """Whether the records of a link at rest, which both show again, are those that were linked."""
    for side in Side:
        known, seen = pair.link.sight(side).created_at, pair.seen(side).created_at
        if known is not None and seen is not None:
            if known != seen:
                return False
        elif differs(view.cells[side], view.base[side]) and _all_differ(view, side):
            return False
    return True


def _all_differ(view: View, side: Side) -> bool:
    """Without creation stamps: nothing by which a customer is known stayed."""
    names = [n for n, f in view.shape.fields.items() if f.name in ("name", "email") and n in view.base[side]]
    return bool(names) and all(not view.cells[side][n].same(view.base[side][n]) for n in names)
