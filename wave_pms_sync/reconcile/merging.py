"""The groups of one pair whose records are both there: rulings become actions, and what is remembered of the look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve

from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.links import Agreement, ChangeStamp, Flip, Hold, HoldReason, baseline
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.groups import GroupLook, Ruling, Verdict, differs
from wave_pms_sync.reconcile.landed import landed
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.rulings import flip, given, moved, ruling
from wave_pms_sync.reconcile.verdicts import WHOLE, Verdicts, about, looked_at, told_unkept
from wave_pms_sync.reconcile.view import View

Ruled = Sequence[tuple[GroupLook, Ruling]]


def decide_groups(view: View, policy: Policy, now: datetime) -> Verdicts:
    """Rule on each group of a pair whose records are both there."""
    looks = [look for group in view.awake() if (look := view.look(group)) is not None]
    ruled = [(look, ruling(view, look, policy)) for look in looks]
    holds = {look.group: _hold(view, look, r, now) for look, r in ruled if r.verdict is Verdict.HOLD}
    agreement = _remembered(view, ruled, holds)
    writes = _writes(view, ruled)
    actions = [
        *_agreeing(view, ruled, agreement),
        *_holding(view, ruled, holds),
        *_releasing(view, ruled),
        *[_update(view, side, changes) for side, changes in writes.items() if changes],
    ]
    return Verdicts(
        link=looked_at(view.pair),
        agreement=agreement,
        actions=tuple(actions),
        holds=tuple(holds.values()),
        unfinished="a side has not yet shown what it confirmed" if view.waiting else "",
        closed=tuple(view.closed),
        narrowed=tuple(view.narrowed),
        landed=landed(view),
        odd=frozenset(odd for look, r in ruled if _surprises(view, look, r) for odd in _odd(view, look)),
    )


def _surprises(view: View, look: GroupLook, r: Ruling) -> bool:
    """Whether something follows from a look at a group that was agreed on and that nobody knows to be off."""
    return r.verdict is not Verdict.REST and not look.corresponding and look.group not in view.pair.agreement.holds


def _odd(view: View, look: GroupLook) -> list[tuple[str, str]]:
    """The fields of a group that are not as they were, with what they look like."""
    found = [(f.name, "no longer corresponds") for f in look.fields if f.id in view.void]
    for side in Side:
        base = look.base(side) or {}
        edited = [f for f in look.fields if differs({f.id: look.cells(side)[f.id]}, base)]
        found += [(f.name, f"looks edited in {side.words}") for f in edited]
    return found


def _writes(view: View, ruled: Ruled) -> dict[Side, list[FieldChange]]:
    writes: dict[Side, list[FieldChange]] = {Side.WAVE: [], Side.PMS: []}
    for look, r in ruled:
        if r.verdict is Verdict.CARRY and r.to is not None:
            writes[r.to] += _carried(view, look, r, r.to)
        elif r.verdict is Verdict.CARRY:
            for side in Side:
                writes[side] += _given(view, look, side, r.rule)
    return writes


def _carried(view: View, look: GroupLook, r: Ruling, to: Side) -> list[FieldChange]:
    origin = look.cells(to.other)
    names = [f.id for f in look.fields if not origin[f.id].missing]
    whole = r.resolved or view.pair.agreement.unkept_by.get(look.group) is to
    sent = {name: origin[name].value if whole else _sent(look, name, to) for name in names}
    return [_field(look, name, to, value, r.rule) for name, value in sent.items()]


def _sent(look: GroupLook, name: str, to: Side) -> object:
    """The origin's value; what nobody edited goes along in the form that the receiving side has."""
    there = look.cells(to)[name]
    bases = [(look.cells(side)[name], look.base(side) or {}) for side in Side]
    edited = any(name not in base or differs({name: cell}, base) for cell, base in bases)
    return look.cells(to.other)[name].value if edited or there.missing or there.fault is not None else there.value


def _given(view: View, look: GroupLook, to: Side, rule: str) -> list[FieldChange]:
    """A third value goes to each side that does not show it yet."""
    values = given(view, look.group)
    cells = {name: view.shape.cell(Side.WAVE, name, value) for name, value in values.items()}
    if all(view.present(to, name).same(cell) for name, cell in cells.items()):
        return []
    return [evolve(_field(look, name, to, value, rule), given=True) for name, value in values.items()]


def _field(look: GroupLook, name: str, to: Side, after: object, rule: str) -> FieldChange:
    return FieldChange(
        id=name,
        name=next(f.name for f in look.fields if f.id == name),
        group=look.group,
        before=look.cells(to)[name].told,
        after=after,
        wave=look.wave[name].raw,
        pms=look.pms[name].raw,
        rule=rule,
    )


def _update(view: View, side: Side, changes: list[FieldChange]) -> Action:
    link = view.pair.link
    return Action(
        kind=ActionKind.UPDATE,
        side=side,
        wave_id=link.wave_id,
        pms_id=link.pms_id,
        fields=tuple(changes),
        rule="; ".join(dict.fromkeys(c.rule for c in changes)),
        revision=link.revision,
        precondition=digest([(c.wave, c.pms) for c in changes]),
        settles=tuple(view.closed),
        requests={side.value: 2},
    )


def _agreeing(view: View, ruled: Ruled, agreement: Agreement) -> list[Action]:
    moves = dict(view.settled)  # also of what is written once more: should that write be lost, too, this one stands
    rules = dict.fromkeys(["our own write came back"] if moves else [])
    for look, r in ruled:
        if r.verdict is Verdict.AGREE:
            moves.update({f.id: baseline(look.wave[f.id].raw, look.pms[f.id].raw) for f in look.fields})
            rules[r.rule] = None
    if not moves:
        return []
    unkept = {group: side for group, side in view.not_kept.items() if group in agreement.unkept_by}
    return [
        about(
            view.pair.link,
            Action(
                kind=ActionKind.AGREE,
                rule="; ".join(rules),
                detail=told_unkept(unkept),
                baselines=moves,
                unkept=unkept,
                settles=tuple(view.closed),
            ),
        )
    ]


def _holding(view: View, ruled: Ruled, holds: Mapping[str, Hold]) -> list[Action]:
    """Holds that are new; one that stands already is only refreshed."""
    before = view.pair.agreement.holds
    return [
        about(
            view.pair.link,
            Action(
                kind=ActionKind.HOLD,
                group=look.group,
                hold=r.reason,
                rule=r.rule,
                detail=r.rule,
                fields=tuple(_shown(look, f.id, r.rule) for f in look.fields),
            ),
        )
        for look, r in ruled
        if look.group in holds and (look.group not in before or before[look.group].reason is not r.reason)
    ]


def _shown(look: GroupLook, name: str, rule: str) -> FieldChange:
    return evolve(
        _field(look, name, Side.PMS, look.pms[name].told, rule),
        before=look.wave[name].told,
    )


def _releasing(view: View, ruled: Ruled) -> list[Action]:
    """Holds that ended without a write."""
    before = view.pair.agreement.holds
    back = [look.group for look, r in ruled if look.group in before and r.verdict is Verdict.REST]
    ended = [(group, "both sides are back at what they agreed on") for group in back if group not in view.waiting]
    ended += [(WHOLE, "the gone record is back")] if WHOLE in before else []
    ended += [(g, "the field is not mapped any more") for g in before if g != WHOLE and g not in view.shape.groups]
    return [about(view.pair.link, Action(kind=ActionKind.RELEASE, group=group, rule=rule)) for group, rule in ended]


def _hold(view: View, look: GroupLook, r: Ruling, now: datetime) -> Hold:
    known = view.pair.agreement.holds.get(look.group)
    if known is not None and known.forgotten and known.reason is r.reason and not moved(view, known):
        return known
    return Hold(
        group=look.group,
        reason=r.reason or HoldReason.DISPUTE,
        detail=r.rule,
        wave={f.id: look.wave[f.id].raw for f in look.fields},
        pms={f.id: look.pms[f.id].raw for f in look.fields},
        since=known.since if known is not None else now,
        choice=known.choice if known is not None and not moved(view, known) else None,
    )


def _remembered(view: View, ruled: Ruled, holds: Mapping[str, Hold]) -> Agreement:
    """The agreement as the look leaves it: refreshed holds, change stamps of groups off their baseline, flips."""
    agreement = view.pair.agreement
    standing = {g: holds[g] if g in holds and holds[g].reason is h.reason else h for g, h in agreement.holds.items()}
    off = [look for look, r in ruled if r.verdict in (Verdict.CARRY, Verdict.HOLD) and look.base_wave is not None]
    carried = {
        look.group: Flip() if r.resolved else flip(view, look, r.to)
        for look, r in ruled
        if r.verdict is Verdict.CARRY and r.to is not None and look.base_wave is not None
    }
    not_kept = {*agreement.not_kept, *view.not_kept}
    if not_kept:
        not_kept -= {look.group for look, _ in ruled if look.corresponding or look.group in holds}
    unkept_by = {**agreement.unkept_by, **view.not_kept}
    if not (off or standing or unkept_by or agreement.wave_changes or agreement.pms_changes or agreement.not_kept):
        return agreement
    return evolve(
        agreement,
        holds=standing,
        wave_changes=_stamps({look.group: look.wave_stamp for look in off}),
        pms_changes=_stamps({look.group: look.pms_stamp for look in off}),
        flips={**agreement.flips, **carried},
        not_kept=tuple(sorted(not_kept)),
        unkept_by={group: side for group, side in unkept_by.items() if group in not_kept},
    )


def _stamps(found: Mapping[str, ChangeStamp | None]) -> dict[str, ChangeStamp]:
    return {group: stamp for group, stamp in found.items() if stamp is not None}
