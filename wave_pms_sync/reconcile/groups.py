"""One field group of one pair: carry, agree, hold, or leave it.

A group is judged against two baselines: each side's present value against what that side itself reported
when both last agreed. "The same" always means: corresponding under the field's comparison form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Final

from attrs import frozen

from wave_pms_sync.model.fields import Cell, Direction, Field
from wave_pms_sync.model.links import ChangeStamp, HoldReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.policy import Chooser, Policy, Sides


class Verdict(str, Enum):
    """What becomes of a group."""

    REST = "rest"
    AGREE = "agree"
    CARRY = "carry"
    HOLD = "hold"


@frozen(kw_only=True)
class Ruling:
    """A verdict with its reason.

    Attributes:
        verdict: What becomes of the group.
        to: The side written, for a carry.
        rule: The rule that decided, in words.
        reason: Why it is held.
        resolved: A person decided.
    """

    verdict: Verdict
    rule: str = ""
    to: Side | None = None
    reason: HoldReason | None = None
    resolved: bool = False


REST = Ruling(verdict=Verdict.REST)

FIRST_MEETING: Final = "first meeting"
NEW_FIELD: Final = "new field"
FILL_EMPTY: Final = "a value beats an empty one"


@frozen(kw_only=True)
class GroupLook:
    """What both sides show of one group, and what they showed when they last agreed on it.

    Attributes:
        group: Its name.
        fields: Its fields.
        wave: Present cells.
        pms: Present cells.
        base_wave: Baseline cells; None if the group was never agreed on.
        base_pms: The same for the PMS.
        wave_stamp: When Wave first showed its present value; for a first meeting the record's stamp.
        pms_stamp: The same for the PMS.
        new_field: The pair is linked already and only this group, or a part of it, is new to it or mapped otherwise.
        backfill: What a new field does where both sides have another value.
        fresh: The fields that were never agreed on as they are mapped now.
        edited: For a group of which only a part is new: the sides that edited what was agreed on.
        unkept: The side that did not keep this group when it was mapped otherwise.
    """

    group: str
    fields: tuple[Field, ...]
    wave: Mapping[str, Cell]
    pms: Mapping[str, Cell]
    base_wave: Mapping[str, Cell] | None = None
    base_pms: Mapping[str, Cell] | None = None
    wave_stamp: ChangeStamp | None = None
    pms_stamp: ChangeStamp | None = None
    new_field: bool = False
    backfill: str = "fill_empty"
    fresh: tuple[str, ...] = ()
    edited: frozenset[Side] = frozenset()
    unkept: Side | None = None

    @property
    def direction(self) -> Direction:
        """Where edits of this group travel; one one-way field makes its group one-way."""
        one_way = [f.direction for f in self.fields if f.direction is not Direction.BOTH]
        return one_way[0] if one_way else Direction.BOTH

    @property
    def receiver(self) -> Side | None:
        """The side that a one-way group is written to."""
        return _RECEIVER.get(self.direction)

    def cells(self, side: Side) -> Mapping[str, Cell]:
        """Present cells of that side."""
        return self.wave if side is Side.WAVE else self.pms

    def base(self, side: Side) -> Mapping[str, Cell] | None:
        """Baseline cells of that side."""
        return self.base_wave if side is Side.WAVE else self.base_pms

    def changed(self, side: Side) -> bool:
        """Whether a field that the side shows differs from its baseline."""
        return differs(self.cells(side), self.base(side) or {})

    @property
    def corresponding(self) -> bool:
        """Whether both sides show the same."""
        return all(self.wave[f.id].same(self.pms[f.id]) for f in self.fields)

    def empty(self, side: Side) -> bool:
        """Whether that side has no value in any field."""
        return all(self.cells(side)[f.id].empty for f in self.fields)

    def within(self, side: Side) -> bool:
        """Whether every value of that side stands on the other as well."""
        here, there = self.cells(side), self.cells(side.other)
        return all(here[f.id].empty or here[f.id].same(there[f.id]) for f in self.fields)


def differs(cells: Mapping[str, Cell], others: Mapping[str, Cell]) -> bool:
    """Whether any shown cell is another one there; a field that was not shown is neither changed nor cleared."""
    return any(not cell.missing and not cell.same(others[name]) for name, cell in cells.items() if name in others)


# --- Groups that were agreed on before -------------------------------------------------------------


def _one_side(edited: Side) -> Callable[[GroupLook, Policy], Ruling]:
    def ruling(look: GroupLook, policy: Policy) -> Ruling:
        if look.corresponding:
            return Ruling(verdict=Verdict.AGREE, rule="the edit made both sides correspond")
        if look.direction is Direction.BOTH or look.receiver is edited.other:
            return Ruling(verdict=Verdict.CARRY, to=edited.other, rule=f"edited in {edited.words}")
        if look.fields[0].on_foreign_edit == "revert":
            return Ruling(verdict=Verdict.CARRY, to=edited, rule=f"one-way: edit in {edited.words} reverted")
        return Ruling(verdict=Verdict.AGREE, rule=f"one-way: edit in {edited.words} accepted")

    return ruling


def _both(look: GroupLook, policy: Policy) -> Ruling:
    if look.corresponding:
        return Ruling(verdict=Verdict.AGREE, rule="both sides made the same edit")
    if look.direction is not Direction.BOTH:
        return Ruling(
            verdict=Verdict.CARRY, to=_RECEIVER[look.direction], rule="one-way: the origin's value is carried"
        )
    return _chosen(look, policy.conflict(look.group), policy, HoldReason.DISPUTE, "conflict")


_RECEIVER: Final = {Direction.TO_PMS: Side.PMS, Direction.TO_WAVE: Side.WAVE}

EDITS: Final[Mapping[tuple[bool, bool], Callable[[GroupLook, Policy], Ruling]]] = {
    (False, False): lambda look, policy: REST,
    (True, False): _one_side(Side.WAVE),
    (False, True): _one_side(Side.PMS),
    (True, True): _both,
}
"""(edited on Wave, edited in the PMS) since the group was last agreed on."""


# --- First meeting ---------------------------------------------------------------------------------


def _first_meeting(look: GroupLook, policy: Policy) -> Ruling:
    what = NEW_FIELD if look.new_field else FIRST_MEETING
    if look.corresponding:
        return Ruling(verdict=Verdict.AGREE, rule=f"{what}: values correspond")
    if look.unkept is not None and not look.edited:
        return Ruling(
            verdict=Verdict.CARRY, to=look.unkept, rule=f"not kept by {look.unkept.words}, now mapped otherwise"
        )
    if look.direction is not Direction.BOTH:
        return _first_meeting_one_way(look, _RECEIVER[look.direction], what)
    if look.edited:
        return _edited_meanwhile(look, what)
    for side in Side:
        if look.within(side):
            return Ruling(verdict=Verdict.CARRY, to=side, rule=f"{what}: {FILL_EMPTY}")
    choice = look.backfill if look.new_field else policy.meeting(look.group)
    choice = "hold" if choice == "fill_empty" else choice
    return _chosen(look, choice, policy, HoldReason.FIRST_MEETING, what)


def _edited_meanwhile(look: GroupLook, what: str) -> Ruling:
    """A group that is new in part, and whose rest was edited: the edit travels if it takes no new value with it."""
    side = next(iter(look.edited))
    here, there = look.cells(side), look.cells(side.other)
    free = look.backfill == side.value or all(there[n].empty or there[n].same(here[n]) for n in look.fresh)
    if len(look.edited) == 1 and free:
        return Ruling(verdict=Verdict.CARRY, to=side.other, rule=f"edited in {side.words}")
    return Ruling(verdict=Verdict.HOLD, rule=f"{what}: edited meanwhile", reason=HoldReason.FIRST_MEETING)


def _first_meeting_one_way(look: GroupLook, receiver: Side, what: str) -> Ruling:
    origin = receiver.other
    if origin in look.edited:
        return Ruling(verdict=Verdict.CARRY, to=receiver, rule=f"edited in {origin.words}")
    if look.empty(origin):
        return Ruling(verdict=Verdict.AGREE, rule=f"{what}, one-way: an empty origin writes nothing")
    if look.empty(receiver):
        return Ruling(verdict=Verdict.CARRY, to=receiver, rule=f"{what}: {FILL_EMPTY}")
    choice = look.backfill if look.new_field else "fill_empty"
    if choice == "hold":
        return Ruling(verdict=Verdict.HOLD, rule=f"{what}: hold", reason=HoldReason.FIRST_MEETING)
    revert = choice == "fill_empty" and look.fields[0].on_foreign_edit == "revert"
    if revert or choice == origin.value:
        return Ruling(verdict=Verdict.CARRY, to=receiver, rule=f"{what}, one-way: the origin's value is written")
    return Ruling(verdict=Verdict.AGREE, rule=f"{what}, one-way: the other value is accepted")


# --- Choosing between two values -------------------------------------------------------------------


def _chosen(look: GroupLook, choice: str | Chooser, policy: Policy, reason: HoldReason, what: str) -> Ruling:
    winner, name = (choice, choice) if isinstance(choice, str) else _asked(look, choice)
    rule = f"{what}: {name}"
    if winner == "newest":
        winner = _newest(look, policy.clock_tolerance_s)
        rule = f"{what}: newest"
    if winner in ("wave", "pms"):
        return Ruling(verdict=Verdict.CARRY, to=Side(winner).other, rule=f"{rule} ({winner} wins)")
    return Ruling(verdict=Verdict.HOLD, rule=rule, reason=reason)


def _newest(look: GroupLook, tolerance_s: float) -> str:
    wave = look.wave_stamp.stamp if look.wave_stamp else None
    pms = look.pms_stamp.stamp if look.pms_stamp else None
    if wave is None or pms is None or abs((wave - pms).total_seconds()) <= tolerance_s:
        return "hold"
    return "wave" if wave > pms else "pms"


def _asked(look: GroupLook, chooser: Chooser) -> tuple[str, str]:
    values = Sides(shown(look, look.wave), shown(look, look.pms))
    baselines = Sides(shown(look, look.base_wave), shown(look, look.base_pms))
    stamps = Sides(_moment(look.wave_stamp), _moment(look.pms_stamp))
    try:
        answer = chooser(values, baselines, stamps)
    except Exception as error:  # the user's own code may raise anything for one group; its words may hold a value
        return "hold", f"the given rule raised {type(error).__name__}"
    return answer if answer in ("wave", "pms") else "hold", "the given rule"


def _moment(stamp: ChangeStamp | None) -> datetime | None:
    return stamp.stamp if stamp else None


def shown(look: GroupLook, cells: Mapping[str, Cell] | None) -> object:
    """A group's value for people and rules: a single value, or a dict by Wave property."""
    if cells is None:
        return None
    if len(look.fields) == 1:
        return cells[look.fields[0].id].value
    return {f.name: cells[f.id].value for f in look.fields}


def rule(look: GroupLook, policy: Policy) -> Ruling:
    """Decide one group by the tables of this room."""
    if look.base_wave is None or look.base_pms is None:
        return _first_meeting(look, policy)
    return EDITS[look.changed(Side.WAVE), look.changed(Side.PMS)](look, policy)
