"""One linked pair: from what both sides show to what follows.

The order: what was given to another customer is suspended; what is unknown waits; what is gone follows the
decision table; the rest is ruled on group by group.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from attrs import evolve

from wave_pms_sync.model.links import LinkStatus
from wave_pms_sync.model.memory import IntentKind
from wave_pms_sync.model.records import Abilities
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.gone import decide_gone, same_customer
from wave_pms_sync.reconcile.landed import given_up
from wave_pms_sync.reconcile.laying_out import doubt, lay_out
from wave_pms_sync.reconcile.lost_creates import is_needless
from wave_pms_sync.reconcile.marking import due, mark_of, marked, unmarked
from wave_pms_sync.reconcile.matching import LOST_BEFORE, may_have_a_double
from wave_pms_sync.reconcile.merging import decide_groups
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.remapping import forget, void
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.verdicts import Verdicts, about, reused, shown_by, waiting
from wave_pms_sync.reconcile.view import View
from wave_pms_sync.reconcile.world import Pair, Presence

_NO_ABILITIES: Final = Abilities()


def decide_pair(pair: Pair, shape: Shape, policy: Policy, now: datetime, pms: Abilities = _NO_ABILITIES) -> Verdicts:
    """Decide one pair. Pure; the same pair gives the same verdicts."""
    verdicts = _decided(_maybe_doubled(pair), shape, policy, now, pms)
    agreement = forget(verdicts.agreement, shape, void(pair, shape))
    return verdicts if agreement is verdicts.agreement else evolve(verdicts, agreement=agreement)


def _maybe_doubled(pair: Pair) -> Pair:
    """A link tells that a create of its customer was lost, though a record is there: that may still land."""
    link, lost = pair.link, any(is_needless(intent, pair) for intent in pair.intents)
    if not lost or may_have_a_double(link):
        return pair
    return evolve(pair, link=evolve(link, rule=f"{link.rule} ({LOST_BEFORE})"))


def _decided(pair: Pair, shape: Shape, policy: Policy, now: datetime, pms: Abilities) -> Verdicts:
    if pair.link.status is not LinkStatus.ACTIVE:
        return _dormant(pair, shape, policy, now, pms)
    side = reused(pair, shape)
    if side is not None:
        rule = f"{side.words} gave this id to another customer"
        return _only(pair, about(pair.link, Action(kind=ActionKind.SUSPEND, rule=rule, detail=rule)))
    view = lay_out(pair, shape, policy.lag_s, now, policy.settle_s)
    why = doubt(view, policy.lag_s, now) or _being_made(pair)
    if why:
        return waiting(pair, why)
    if Presence.ABSENT in (pair.wave.presence, pair.pms.presence):
        return decide_gone(view, policy)
    return _archiving(_merged(view, policy, now, pms), pair, policy, pms)


def _being_made(pair: Pair) -> str:
    """A gone record that is being made again is settled as a lost create."""
    lost = [i for i in pair.intents if i.kind is IntentKind.CREATE and pair.seen(i.side).presence is Presence.ABSENT]
    return "a create is lost" if lost else ""


def _only(pair: Pair, action: Action) -> Verdicts:
    return Verdicts(link=pair.link, agreement=pair.agreement, actions=(action,))


def _dormant(pair: Pair, shape: Shape, policy: Policy, now: datetime, pms: Abilities) -> Verdicts:
    """A link of which both records are there again, the same as once, lives on; any other rests, with its updates."""
    closed = tuple(intent.key for intent in pair.intents if intent.kind is IntentKind.UPDATE)
    resting = Verdicts(link=pair.link, agreement=pair.agreement, closed=closed, landed=given_up(pair, shape))
    if not (shown_by(pair.wave) and shown_by(pair.pms)):
        return resting
    view = lay_out(pair, shape, policy.lag_s, now, policy.settle_s)
    if not same_customer(pair, view):
        return resting
    verdicts = _merged(view, policy, now, pms)
    relink = about(pair.link, Action(kind=ActionKind.RELINK, rule="both records are back"))
    return evolve(verdicts, actions=(relink, *verdicts.actions))


def _merged(view: View, policy: Policy, now: datetime, pms: Abilities) -> Verdicts:
    """Group by group; a pair that meets, by hand or again, is marked, and so is each when the mark's place moved.

    A mark that was announced and is not there is written, too.
    """
    verdicts, pair = decide_groups(view, policy, now), view.pair
    meets = not pair.agreement.baselines or pair.link.status is not LinkStatus.ACTIVE or pair.remark
    mark = due(pair, view.shape, pms)
    if mark is None and meets and unmarked(pair.pms, view.shape, pms):
        mark = mark_of(pair.link)
    if mark is None:
        return verdicts
    return evolve(verdicts, actions=tuple(marked(verdicts.actions, pair.link, mark, verdicts.closed)))


def _archiving(verdicts: Verdicts, pair: Pair, policy: Policy, pms: Abilities) -> Verdicts:
    """Archiving travels only if asked for, only when it happens, and only to a PMS that can.

    Wave's record counts as newly archived until both are.
    """
    met_before = pair.link.wave.digest is not None or bool(pair.agreement.baselines)
    newly = pair.wave.archived and not pair.link.wave.archived and met_before
    there = pair.pms.archived if pair.pms.presence is Presence.SHOWN else pair.link.pms.archived
    if policy.archives != "mirror" or not pms.archive or not newly or there:
        return verdicts
    rule = "archived in Wave: mirror"
    archive = about(pair.link, Action(kind=ActionKind.ARCHIVE, side=Side.PMS, rule=rule, requests={"pms": 2}))
    link = verdicts.link.with_sight(Side.WAVE, evolve(verdicts.link.wave, archived=False))
    return evolve(verdicts, link=link, actions=(*verdicts.actions, archive))
