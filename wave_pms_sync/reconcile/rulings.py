"""The ruling on one group: standing holds and people's choices first, then the tables, then what can be written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.links import Flip, Hold, HoldReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.groups import REST, GroupLook, Ruling, Verdict, rule
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.view import View
from wave_pms_sync.reconcile.world import Presence

STANDING: Final = frozenset(
    {HoldReason.DISPUTE, HoldReason.REFUSED, HoldReason.FLIPS, HoldReason.REVERT, HoldReason.BRAKE}
)
"""Holds that only a new value, a person or agreement ends; the others are decided again at each look."""


def ruling(view: View, look: GroupLook, policy: Policy) -> Ruling:
    """Decide one group."""
    if look.group in view.waiting:
        return REST
    hold = view.pair.agreement.holds.get(look.group)
    if hold is not None and not moved(view, hold):
        chosen = _by_choice(view, hold)
        if chosen is not None:
            return _feasible(view, look, chosen, policy)
        if hold.reason in STANDING and not look.corresponding and _off_baseline(look):
            return Ruling(verdict=Verdict.HOLD, rule=hold.detail, reason=hold.reason)
    return _feasible(view, look, rule(look, policy), policy)


def moved(view: View, hold: Hold) -> bool:
    """Whether either side shows another value than when the group was held; one that is gone shows nothing."""
    return any(
        not view.present(side, name).same(view.shape.cell(side, name, raw))
        for side in Side
        if view.pair.seen(side).presence is not Presence.ABSENT
        for name, raw in hold.on(side).items()
        if name in view.cells[side]
    )


def values_digest(hold: Hold) -> str:
    """What a person's choice is bound to: both values as they were shown."""
    return digest([dict(hold.wave), dict(hold.pms)])


def flip(view: View, look: GroupLook, to: Side) -> Flip:
    """How often in a row this group went back to the value that our last carry replaced."""
    last = view.pair.agreement.flips.get(look.group, Flip())
    returned = last.digest == view.group_digest(to.other, look.group)
    return Flip(count=last.count + 1 if returned else 0, digest=view.group_digest(to, look.group))


def given(view: View, group: str) -> Mapping[str, object]:
    """The value that a person gave for a group, by field id."""
    choice = view.pair.agreement.holds[group].choice
    return (choice.values if choice else None) or {}


def _off_baseline(look: GroupLook) -> bool:
    return look.base_wave is None or look.changed(Side.WAVE) or look.changed(Side.PMS)


def _by_choice(view: View, hold: Hold) -> Ruling | None:
    if hold.choice is None or hold.choice.digest != values_digest(hold):
        return None
    if hold.choice.side is None:
        return Ruling(verdict=Verdict.CARRY, rule="resolved: a given value", resolved=True)
    return Ruling(verdict=Verdict.CARRY, to=hold.choice.side.other, rule=f"resolved: {hold.choice.side}", resolved=True)


def _feasible(view: View, look: GroupLook, decided: Ruling, policy: Policy) -> Ruling:
    """A carry that cannot be written becomes a hold that says why."""
    if decided.verdict is Verdict.REST or (decided.verdict is Verdict.AGREE and look.base_wave is not None):
        return decided
    sides = [decided.to.other] if decided.verdict is Verdict.CARRY and decided.to else list(Side)
    faults = [fault for side in sides for fault in _faults(view, look, side)]
    if faults:
        return Ruling(verdict=Verdict.HOLD, rule="; ".join(faults), reason=HoldReason.CONVERSION)
    if decided.verdict is not Verdict.CARRY or decided.to is None:
        return decided
    if any(f.required and look.cells(decided.to.other)[f.id].empty for f in look.fields):
        return Ruling(verdict=Verdict.HOLD, rule="a required value was cleared", reason=HoldReason.REQUIRED)
    if look.base_wave is not None and not decided.resolved and flip(view, look, decided.to).count >= policy.max_flips:
        text = f"went back to its former value {policy.max_flips} times in a row: does a third party write, too?"
        return Ruling(verdict=Verdict.HOLD, rule=text, reason=HoldReason.FLIPS)
    return decided


def _faults(view: View, look: GroupLook, origin: Side) -> list[str]:
    """Why what this side shows cannot be carried to the other."""
    cells = look.cells(origin)
    faults = [f"{f.name} in {origin.words}: {cells[f.id].fault}" for f in look.fields if cells[f.id].fault is not None]
    if faults:
        return faults
    together = view.shape.group_fault(look.group, cells)
    if together is not None:
        return [f"{look.group} in {origin.words}: {together}"]
    return [
        f"{f.name} in {origin.words}: {why}"
        for f in look.fields
        if not cells[f.id].empty and (why := view.shape.check(origin.other, f.id, cells[f.id].value)) is not None
    ]
