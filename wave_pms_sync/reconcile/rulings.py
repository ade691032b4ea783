"""The ruling on one group: standing holds and people's choices first, then the tables, then what can be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import evolve

from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.fields import Cell, Direction
from wave_pms_sync.model.links import Flip, Hold, HoldReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.groups import NEW_FIELD, REST, GroupLook, Ruling, Verdict, rule
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.remapping import outdated
from wave_pms_sync.reconcile.view import View, recall
from wave_pms_sync.reconcile.world import Presence

STANDING: Final = frozenset(
    {HoldReason.DISPUTE, HoldReason.REFUSED, HoldReason.FLIPS, HoldReason.REVERT, HoldReason.UNDONE}
)
"""Holds that only a new value, a person or agreement ends; the others are decided again at each look."""


def ruling(view: View, look: GroupLook, policy: Policy) -> Ruling:
    """Decide one group."""
    if look.group in view.waiting:
        return REST
    if look.group in view.undone and not look.corresponding:
        return _held(HoldReason.UNDONE, view.undone[look.group])
    hold = view.pair.agreement.holds.get(look.group)
    if hold is not None and not moved(view, hold):
        chosen = _by_choice(view, look, hold)
        if chosen is not None:
            return _feasible(view, look, chosen, policy)
        if hold.reason in STANDING and not look.corresponding and (hold.forgotten or _off_baseline(look)):
            return Ruling(verdict=Verdict.HOLD, rule=hold.detail, reason=hold.reason)
    return _feasible(view, look, rule(look, policy), policy)


def moved(view: View, hold: Hold) -> bool:
    """Whether either side shows another value than when the group was held, or is mapped otherwise by now.

    A side where the record is gone shows nothing.
    """
    if hold.group in view.shape.groups and outdated(hold, view.pair, view.shape):
        return True
    return any(
        not (shown := view.present(side, name)).same(recall(view.shape, side, name, raw, shown))
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
    """The value that a person gave for a group, by field id; it stays held until both sides show it."""
    hold = view.pair.agreement.holds.get(group)
    return (hold.choice.values if hold is not None and hold.choice is not None else None) or {}


def seen_since(hold: Hold, side: Side, shown: Mapping[str, object]) -> Hold:
    """A hold after a value that a person gave was written to one side: the choice is bound to what it shows now."""
    values = {**hold.on(side), **shown}
    seen = evolve(hold, wave=values) if side is Side.WAVE else evolve(hold, pms=values)
    if hold.choice is None or hold.choice.digest != values_digest(hold):
        return seen
    return evolve(seen, choice=evolve(hold.choice, digest=values_digest(seen)))


def _off_baseline(look: GroupLook) -> bool:
    return look.base_wave is None or look.changed(Side.WAVE) or look.changed(Side.PMS)


def _by_choice(view: View, look: GroupLook, hold: Hold) -> Ruling | None:
    if hold.choice is None or hold.choice.digest != values_digest(hold):
        return None
    if hold.choice.side is None:
        cells = _given_cells(view, look)
        there = all(cells[name].same(look.cells(side)[name]) for name in cells for side in Side)
        verdict = Verdict.AGREE if there else Verdict.CARRY
        return Ruling(verdict=verdict, rule="resolved: a given value", resolved=True)
    rule = f"resolved: {hold.choice.side}"
    if look.direction is Direction.BOTH or look.receiver is hold.choice.side.other:
        return Ruling(verdict=Verdict.CARRY, to=hold.choice.side.other, rule=rule, resolved=True)
    return Ruling(verdict=Verdict.AGREE, rule=f"{rule}, one-way: the other value is accepted", resolved=True)


def _feasible(view: View, look: GroupLook, decided: Ruling, policy: Policy) -> Ruling:
    """A carry that cannot be written becomes a hold that says why; so does a value that nobody can read."""
    if decided.verdict is Verdict.HOLD or (decided.verdict is Verdict.AGREE and look.base_wave is None):
        return _unreadable(look) or decided
    if decided.verdict is not Verdict.CARRY:
        return decided
    cells = look.cells(decided.to.other) if decided.to is not None else _given_cells(view, look)
    whence = f" in {decided.to.other.words}" if decided.to is not None else ""
    faults = [fault for side in _written(decided) for fault in _faults(view, look, side, cells, whence)]
    if faults:
        return _infeasible(look, HoldReason.CONVERSION, faults)
    if any(f.required and cells[f.id].empty for f in look.fields if f.id in cells):
        return _infeasible(look, HoldReason.REQUIRED, ["a required value was cleared"])
    if decided.to is None or decided.resolved or look.base_wave is None:
        return decided
    return _restored(view, look, decided.to.other) or _restless(view, look, decided.to, policy) or decided


def _held(reason: HoldReason, why: str) -> Ruling:
    return Ruling(verdict=Verdict.HOLD, rule=why, reason=reason)


def _written(decided: Ruling) -> list[Side]:
    return [decided.to] if decided.to is not None else list(Side)


def _given_cells(view: View, look: GroupLook) -> dict[str, Cell]:
    """The value that a person gave, laid over what Wave shows."""
    values = given(view, look.group)
    return {**look.wave, **{name: view.shape.cell(Side.WAVE, name, value) for name, value in values.items()}}


def _unreadable(look: GroupLook) -> Ruling | None:
    faults = [why for side in Side for why in _conversion(look, look.cells(side), f" in {side.words}")]
    return _infeasible(look, HoldReason.CONVERSION, faults) if faults else None


def _infeasible(look: GroupLook, reason: HoldReason, faults: Sequence[str]) -> Ruling:
    """Held for these faults; a field that is new to the pair is still new when they are gone."""
    why = "; ".join(dict.fromkeys(faults))
    return _held(reason, f"{NEW_FIELD}: {why}" if look.new_field else why)


def _restored(view: View, look: GroupLook, origin: Side) -> Ruling | None:
    """A record that shows its former value under an older stamp was not edited: nobody knows what to base it on."""
    former = view.pair.agreement.previous
    names = [f.id for f in look.fields if f.id in former]
    if not view.pair.went_back(origin) or not names or not look.changed(origin):
        return None
    cells = look.cells(origin)
    if any(not cells[n].same(recall(view.shape, origin, n, former[n].on(origin), cells[n])) for n in names):
        return None
    why = f"{origin.words} shows a former value under an older stamp: was a backup restored?"
    return _held(HoldReason.DISPUTE, why)


def _restless(view: View, look: GroupLook, to: Side, policy: Policy) -> Ruling | None:
    """A value that keeps coming back is not written over for ever."""
    last = view.pair.agreement.flips.get(look.group)
    reverts = look.direction is not Direction.BOTH and not look.changed(to.other)
    if reverts and last is not None and last.digest == view.group_digest(to, look.group):
        return _held(HoldReason.REVERT, f"one-way: the edit in {to.words} was reverted and came back")
    if flip(view, look, to).count >= policy.max_flips:
        text = f"went back to its former value {policy.max_flips} times in a row: does a third party write, too?"
        return _held(HoldReason.FLIPS, text)
    return None


def _conversion(look: GroupLook, cells: Mapping[str, Cell], whence: str) -> list[str]:
    return [f"{f.name}{whence}: {cells[f.id].fault}" for f in look.fields if cells[f.id].fault is not None]


def _faults(view: View, look: GroupLook, to: Side, cells: Mapping[str, Cell], whence: str) -> list[str]:
    """Why these cells cannot be written to a side."""
    faults = _conversion(look, cells, whence)
    if faults:
        return faults
    together = view.shape.group_fault(look.group, cells)
    if together is not None:
        return [f"{look.group}{whence}: {together}"]
    return [
        f"{f.name}{whence}: {why}"
        for f in look.fields
        if not cells[f.id].empty
        and (why := view.shape.check(to, f.id, cells[f.id].value, view.present(to, f.id).raw)) is not None
    ]
