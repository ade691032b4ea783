"""What became of a row: what both sides show, against what the mapping and the policy say. Pure but for the memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import field, frozen

from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.model.fields import Cell
from wave_pms_sync.model.links import HoldReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.rehearsal.result import Mark, Step, Trial
from wave_pms_sync.rehearsal.script import Script, computed
from wave_pms_sync.rehearsal.stage import Stage

DISPUTED: Final = "disputed"
_ALLOWED: Final = {"wave": ("wave",), "pms": ("pms",), "hold": (DISPUTED,)}
_ANY: Final = ("wave", "pms", DISPUTED)
Cells = Mapping[Side, Mapping[str, Cell]]


@frozen(kw_only=True)
class Judge:
    """Judges the rows of one step, once the engine has run.

    Attributes:
        script: What was tried.
        stage: What is shown now, and what the engine remembers.
        policy: What was to happen with conflicts.
        step: The step.
        before: What both sides showed before the step.
        given: What each side was given in this step, by field id.
        refused: How it ends for fields that could not be edited, by field id.
        settled: By group, the side for which a dispute was settled.
    """

    script: Script
    stage: Stage
    policy: Policy
    step: Step
    before: Cells
    given: Mapping[Side, Mapping[str, object]]
    refused: Mapping[str, Trial]
    settled: Mapping[str, Side] = field(factory=dict)

    def trial(self, row: FieldMap) -> Trial:
        """One row of the step."""
        found = self.refused[row.id] if row.id in self.refused else _JUDGED[self.step](self, row)
        if found.mark is not Mark.CROSS or not (row.id in self.refused or row.group in self.stage.holds):
            return found
        others = [self.stage.lens.fields[i].name for i in self.stage.lens.groups[row.group] if self._faulty(i)]
        if not others or self._faulty(row.id):
            return found
        return self._trial(Mark.DASH, f"travels with {', '.join(others)}")

    def _faulty(self, field_id: str) -> bool:
        """Whether it is this field of its group that a side refused or that cannot be converted."""
        cells = [self.stage.cells(side)[field_id] for side in Side]
        lens = self.stage.lens
        return field_id in self.stage.blamed or any(
            cell.fault is not None or lens.check(side.other, field_id, cell.value) is not None
            for side, cell in zip(Side, cells, strict=True)
        )

    def created(self, row: FieldMap) -> Trial:
        """The counterpart shows what Wave shows."""
        wave = self._cell(Side.WAVE, row)
        if computed(row) and wave.empty and self._cell(Side.PMS, row).empty:
            return self._trial(Mark.DASH, "Wave shows no value")
        return self._carried(row, Side.WAVE)

    def edited(self, row: FieldMap, side: Side) -> Trial:
        """The edit of one side is on the other, or is met as a one-way row says."""
        if self.script.origin(row.id) in (None, side):
            return self._carried(row, side)
        mine, other = self._cell(side, row), self._cell(side.other, row)
        if not other.same(self.before[side.other][row.id]):
            return self._trial(Mark.CROSS, f"one way, but the edit arrived in {side.other.words}")
        if self.script.reverts(row.id):
            good = mine.same(other)
            return self._trial(Mark.TICK, "one way: reverted") if good else self._failed(row, side)
        if mine.same(other):
            return self._trial(Mark.CROSS, "one way: the edit was to be accepted, and was taken back")
        return self._trial(Mark.TICK, "one way: accepted, not carried")

    def conflict(self, row: FieldMap) -> Trial:
        """Two edits end as the policy says."""
        wave, pms = self._cell(Side.WAVE, row), self._cell(Side.PMS, row)
        origin, group = self.script.origin(row.id), row.group
        if self.wanted(row, Side.WAVE) == self.wanted(row, Side.PMS):
            return self._trial(Mark.OPEN, "there are no two other values to try; give three, values=")
        won = {s.value for s in Side if wave.same(pms) and self._cell(s, row).key == self.wanted(row, s)}
        if group in self.settled:
            good = self.settled[group].value in won
            told = f"held, then settled for {self.settled[group].words}"
            return self._trial(Mark.TICK, told) if good else self._failed(row, self.settled[group])
        if origin is not None:
            good = origin.value in won
            return self._trial(Mark.TICK, f"one way: {origin.words} won") if good else self._failed(row, origin)
        allowed = self.allowed(group)
        if not won:
            return self._failed(row, Side.PMS if allowed == ("pms",) else Side.WAVE)
        winner = Side(min(won))
        if winner.value in allowed:
            return self._trial(Mark.TICK, f"{winner.words} won")
        return self._trial(Mark.CROSS, f"{winner.words} won, against the policy")

    def allowed(self, group: str) -> tuple[str, ...]:
        """How a conflict of this group may end; what `newest` or a function of the user's comes to is theirs."""
        rule = self.policy.conflict(group)
        return _ALLOWED.get(rule, _ANY) if isinstance(rule, str) else _ANY

    def disputed(self, group: str) -> bool:
        """Whether the group waits for a person, as the policy allows."""
        hold = self.stage.holds.get(group)
        return hold is not None and hold.reason is HoldReason.DISPUTE and DISPUTED in self.allowed(group)

    def wanted(self, row: FieldMap, side: Side) -> object:
        """What decides whether a side shows what this step gave it."""
        return self.script.key(row.id, self.given[side].get(row.id))

    def _carried(self, row: FieldMap, side: Side) -> Trial:
        mine, other = self._cell(side, row), self._cell(side.other, row)
        wanted = mine.key if computed(row) else self.wanted(row, side)
        good = mine.same(other) and mine.fault is other.fault is None and mine.key == wanted
        return self._trial(Mark.TICK) if good else self._failed(row, side)

    def _failed(self, row: FieldMap, side: Side) -> Trial:
        """Why the value of a side is not on the other."""
        there = self._cell(side.other, row)
        here, value = self._cell(side, row), self._cell(side, row).value
        why = self.stage.lens.check(side.other, row.id, value) if value is not None else None
        hold = self.stage.holds.get(row.group)
        other = side.other.words
        if row.group in self.stage.unsettled:
            told = f"{other} confirmed the edit and still shows the former value: not kept, or shown late"
            return self._trial(Mark.OPEN, told)
        empty = f"{side.words} does not show the property once it is empty"
        reasons = (
            (here.missing, f"{empty}; absent='empty' says that this means empty" if side is Side.PMS else empty),
            (there.fault is not None, f"what {other} shows cannot be read: {there.fault}"),
            (why is not None, f"cannot be written to {other}: {why}"),
            (not self.script.returns(row, value), f"converter {row.converter.name} reads another value than it wrote"),
            (hold is not None, f"held: {hold.detail if hold is not None else ''}"),
            (there.missing, f"{other} does not show the property"),
            (row.group in self.stage.agreement.not_kept, f"{other} did not keep it"),
        )
        told = next((told for holds, told in reasons if holds), f"{other} shows another value")
        return self._trial(Mark.CROSS, told)

    def _cell(self, side: Side, row: FieldMap) -> Cell:
        return self.stage.cells(side)[row.id]

    def _trial(self, mark: Mark, reason: str = "") -> Trial:
        return Trial(step=self.step, mark=mark, reason=reason)


_JUDGED: Final[Mapping[Step, Callable[[Judge, FieldMap], Trial]]] = {
    Step.CREATED: Judge.created,
    Step.WAVE_EDIT: lambda judge, row: judge.edited(row, Side.WAVE),
    Step.PMS_EDIT: lambda judge, row: judge.edited(row, Side.PMS),
    Step.WAVE_CLEAR: lambda judge, row: judge.edited(row, Side.WAVE),
    Step.CONFLICT: Judge.conflict,
    Step.PMS_CLEAR: lambda judge, row: judge.edited(row, Side.PMS),
}
