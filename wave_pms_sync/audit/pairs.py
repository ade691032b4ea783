"""What an audit says of linked pairs that do not simply correspond."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import evolve

from wave_pms_sync.audit.comparison import Foresight, mark_of
from wave_pms_sync.audit.finding import Finding, Kind, Standing, of_link
from wave_pms_sync.model.links import Hold, LinkStatus
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, ActionKind
from wave_pms_sync.reconcile.groups import GroupLook
from wave_pms_sync.reconcile.laying_out import lay_out
from wave_pms_sync.reconcile.pairs import decide_pair
from wave_pms_sync.reconcile.verdicts import WHOLE, Verdicts
from wave_pms_sync.reconcile.view import View
from wave_pms_sync.reconcile.world import Pair, Presence
from wave_pms_sync.survey.ground import Ground

FULL: Final = "run(full=True)"
_MEET_AGAIN: Final = "edit one side, or unlink and link the two, so that they meet anew"


def pair_findings(ground: Ground, pair: Pair, ahead: Foresight) -> Iterator[Finding]:
    """Everything there is to say of one pair."""
    verdicts = decide_pair(pair, ground.shape, ground.policy, ground.now, ground.clients[Side.PMS].abilities)
    told = _of_records(pair, verdicts)
    if told is not None:
        yield told
    elif pair.link.status is LinkStatus.ACTIVE:
        view = lay_out(pair, ground.shape, ground.policy.lag_s, ground.now, ground.policy.settle_s)
        for group in ground.shape.groups:
            look = view.look(group)
            found = _of_group(view, look, verdicts, ahead) if look is not None else None
            if found is not None:
                yield found
        yield from _of_mark(ground, pair, verdicts)


def _of_records(pair: Pair, verdicts: Verdicts) -> Finding | None:
    """What there is to say of the records themselves, which leaves nothing to be said of their values."""
    kinds = {action.kind: action for action in verdicts.actions}
    if pair.link.status is not LinkStatus.ACTIVE:
        back = kinds.get(ActionKind.RELINK)
        kind = Kind.SUSPENDED if pair.link.status is LinkStatus.SUSPENDED else Kind.TOMBSTONE
        return None if back is None else of_link(pair.link, kind, Standing.PENDING, back.rule, "run()")
    if ActionKind.SUSPEND in kinds:
        return of_link(pair.link, Kind.GONE, Standing.UNEXPLAINED, kinds[ActionKind.SUSPEND].rule, FULL)
    unknown = _of_unknown(pair)
    if unknown is not None:
        return unknown
    whole = pair.agreement.holds.get(WHOLE)
    return of_link(pair.link, Kind.HELD, *_of_hold(whole)) if whole is not None else _of_absent(pair, verdicts)


def _of_unknown(pair: Pair) -> Finding | None:
    excluded = [s for s in (pair.wave, pair.pms) if s.excluded]
    if excluded:
        return of_link(pair.link, Kind.LEFT_OUT, Standing.EXPLAINED, excluded[0].reason or "out of scope")
    why = "; ".join(s.reason for s in (pair.wave, pair.pms) if s.presence is Presence.UNKNOWN)
    return of_link(pair.link, Kind.INCOMPLETE, Standing.UNEXPLAINED, why, FULL) if why else None


def _of_absent(pair: Pair, verdicts: Verdicts) -> Finding | None:
    """A record that is gone; only a run decides what follows, and until then nothing explains it."""
    if Presence.ABSENT not in (pair.wave.presence, pair.pms.presence):
        return None
    rules = "; ".join(action.rule for action in verdicts.actions if action.rule)
    standing = Standing.UNEXPLAINED if rules else Standing.PENDING
    return of_link(pair.link, Kind.GONE, standing, rules or verdicts.unfinished, FULL)


def _of_hold(hold: Hold, held_again: Hold | None = None) -> tuple[Standing, str, str]:
    """What is said of a hold; `held_again` is what becomes of it in the next run, if that ends nothing."""
    if hold.choice is not None and held_again is not None:
        words = f"a person decided, and that cannot be carried out: {held_again.detail}"
        return Standing.EXPLAINED, words, "resolve(...), see disputes()"
    if hold.choice is not None:
        return Standing.PENDING, "a person decided; the next run carries it out", "run()"
    return Standing.EXPLAINED, hold.detail, "resolve(...), see disputes()"


def _of_group(view: View, look: GroupLook, verdicts: Verdicts, ahead: Foresight) -> Finding | None:
    """What there is to say of one group; None if it corresponds."""
    if look.corresponding:
        return None
    kind, standing, words, advice = _judged(view, look, verdicts, ahead)
    apart = [f for f in look.fields if not look.wave[f.id].same(look.pms[f.id])]
    return evolve(
        of_link(view.pair.link, kind, standing, words, advice),
        fields=tuple(f.name for f in apart),
        wave={f.name: look.wave[f.id].value for f in apart},
        pms={f.name: look.pms[f.id].value for f in apart},
        label=_label(view),
    )


def _judged(view: View, look: GroupLook, verdicts: Verdicts, ahead: Foresight) -> tuple[Kind, Standing, str, str]:
    """Why a group does not correspond: what stands in memory first, then edits, then drift."""
    hold = view.pair.agreement.holds.get(look.group)
    if hold is not None:
        held_again = next((h for h in verdicts.holds if h.group == look.group), None)
        return Kind.HELD, *_of_hold(hold, held_again)
    if look.group in view.waiting or verdicts.unfinished:
        why = verdicts.unfinished or "a side has not yet shown what it confirmed"
        return Kind.EDIT, Standing.PENDING, why, "run()"
    edited = [side for side in Side if look.base(side) is None or look.changed(side)]
    return _moved(view, look, edited, ahead) if edited else _unmoved(view, look)


def _moved(view: View, look: GroupLook, edited: list[Side], ahead: Foresight) -> tuple[Kind, Standing, str, str]:
    """An edit that the next run sees is pending; one that no ordinary run sees is drift."""
    where = " and ".join(side.words for side in edited if look.base(side) is not None)
    words = f"edited in {where}" if where else "never agreed on"
    if any(ahead.sees(view.pair.seen(side)) for side in edited):
        return Kind.EDIT, Standing.PENDING, f"{words}; the next run looks at it", "run()"
    return Kind.DRIFT, Standing.UNEXPLAINED, f"{words}, without a stamp that an ordinary run would see", FULL


def _unmoved(view: View, look: GroupLook) -> tuple[Kind, Standing, str, str]:
    """Both sides show what they showed when they last agreed."""
    if look.group in view.pair.agreement.not_kept:
        side = view.pair.agreement.unkept_by.get(look.group)
        by = side.words if side is not None else "a side"
        return Kind.NOT_KEPT, Standing.EXPLAINED, f"{by} did not keep what was written", ""
    if look.receiver is not None:
        words = f"one-way: the other value in {look.receiver.words} was accepted"
        return Kind.ONE_WAY, Standing.EXPLAINED, words, ""
    return Kind.DRIFT, Standing.UNEXPLAINED, "the two differ, and neither was edited", _MEET_AGAIN


def _of_mark(ground: Ground, pair: Pair, verdicts: Verdicts) -> Iterator[Finding]:
    """Whether the PMS record says where it comes from; without it a lost store cannot be made again so well."""
    if ground.shape.marker is None or not ground.clients[Side.PMS].abilities.marker or pair.pms.raws is None:
        return
    mark = mark_of(pair.pms)
    if mark == pair.link.wave_id:
        return
    if any(change.group == MARKER for action in verdicts.actions for change in action.fields):
        return
    if mark:
        words = "the mark in the PMS names another customer than the link"
        yield of_link(pair.link, Kind.MARK, Standing.UNEXPLAINED, words, "correct the mark there")
    else:
        words = "the PMS record bears no mark"
        yield of_link(pair.link, Kind.MARK, Standing.UNEXPLAINED, words, "note the Wave id there, or unlink and link")


def _label(view: View) -> str:
    named = (i for i, f in view.shape.fields.items() if f.name == "name" and i in view.cells[Side.WAVE])
    return next((str(value) for i in named if (value := view.present(Side.WAVE, i).value) is not None), "")
