"""The order of a rehearsal: step by step, all rows together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

from attrs import define, evolve, field

from wave_pms_sync.errors import Refused, SyncError
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.model.fields import Cell
from wave_pms_sync.model.links import HoldReason
from wave_pms_sync.model.memory import Quarantined
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.rehearsal.judging import Cells, Judge
from wave_pms_sync.rehearsal.result import Mark, Step, Trial
from wave_pms_sync.rehearsal.script import EDITED, Script, computed
from wave_pms_sync.rehearsal.stage import Stage, Stopped, told
from wave_pms_sync.report import Outcome


@define(kw_only=True)
class Play:
    """Leads the pair through all steps.

    Attributes:
        script: What is tried.
        stage: Where.
        policy: What is to happen with conflicts.
        trials: How each row ended in each step, by field id.
        waiting: Groups that are not tried any more, and why.
    """

    script: Script
    stage: Stage
    policy: Policy
    trials: dict[str, dict[Step, Trial]] = field(factory=dict)
    waiting: dict[str, str] = field(factory=dict)

    def perform(self) -> str:
        """All steps.

        Returns:
            Why it ended before its time; empty if it did not.
        """
        try:
            self._begin()
            for step in Step:
                self._step(step)
        except Stopped as signal:
            return str(signal)
        except SyncError as error:
            return told(error)
        return ""

    def _begin(self) -> None:
        """Bring the test customer to Wave, with what it cannot be without; the rest is edited."""
        cast = self.stage.casts[Side.WAVE]
        if not cast.ids:
            required = [row.id for row in self.stage.lens.maps if row.required and not computed(row)]
            values = {field_id: self.script.value(field_id, 0) for field_id in required}
            body = {"name": self.script.names[0], **self.stage.lens.creation(Side.WAVE, values)}
            self.stage.keep(Side.WAVE)
            self.stage.shown[Side.WAVE] = cast.create_customer(body)
        else:
            self.stage.shown[Side.WAVE] = self._taken_up(Side.WAVE)
        if self.stage.casts[Side.PMS].ids:
            self.stage.shown[Side.PMS] = self._taken_up(Side.PMS)
            self.stage.edit(Side.PMS, {row.id: None for row in self.stage.lens.maps if not row.required})
            self.stage.engine.link(cast.ids[0], self.stage.casts[Side.PMS].ids[0])

    def _taken_up(self, side: Side) -> Record:
        record = next(iter(self.stage.casts[side].customers_by_id(self.stage.casts[side].ids).values()))
        if record is None:
            raise Stopped(f"{side.words} does not show the test customer any more")
        return record

    def _step(self, step: Step) -> None:
        rows = self._tried(step)
        self.stage.blamed.clear()
        before: Cells = {side: self.stage.cells(side) for side in self.stage.shown}
        given: dict[Side, dict[str, object]] = {side: {} for side in Side}
        refused: dict[str, Trial] = {}
        for side in EDITED[step]:
            editable = [row for row in rows if not computed(row) and row.id not in refused]
            edits = self.script.edits(step, side, editable, self._avoided(step, side, editable, given[side.other]))
            refused |= self._edit(step, side, edits)
            shown = self.stage.cells(side)
            given[side] = {i: None if v is None else shown[i].value for i, v in edits.items()}
        outcomes = self.stage.run()
        if step is Step.CREATED:
            refused |= self._meet(outcomes, given[Side.WAVE])
        elif step is not Step.CONFLICT and len(self._nameless()) > 1:
            (side,) = EDITED[step]
            was = {i: before[side][i].value for i in given[side]}
            self.stage.edit(side, was)
            self.stage.run()
            self._carry_in_parts(side, given[side], was)
        self.stage.look()
        judge = Judge(
            script=self.script,
            stage=self.stage,
            policy=self.policy,
            step=step,
            before=before,
            given=given,
            refused=refused,
        )
        if step is Step.CONFLICT:
            judge = self._settle(judge, rows)
        for row in rows:
            self._note(row, judge.trial(row))
        self._level(before)

    def _tried(self, step: Step) -> list[FieldMap]:
        """The rows to be tried; what is said of the others is noted."""
        tried = []
        for row in self.stage.lens.maps:
            lacks, dash = self.script.lacks(row), self.script.dash(row, step)
            if dash:
                self._note(row, Trial(step=step, mark=Mark.DASH, reason=dash))
            elif lacks:
                self._note(row, Trial(step=step, mark=Mark.OPEN, reason=lacks))
            elif row.group in self.waiting:
                why = f"not tried, for the row still waits ({self.waiting[row.group]})"
                self._note(row, Trial(step=step, mark=Mark.DASH, reason=why))
            else:
                tried.append(row)
        return tried

    def _edit(self, step: Step, side: Side, edits: Mapping[str, object]) -> dict[str, Trial]:
        """Edit a side. Says how it ends for fields that could not be edited, or that the side did not keep."""
        clears, before = EDITED[step][side] is None, self.stage.cells(side)
        # That a side takes no empty value is no fault of the mapping: nobody can clear it there.
        mark = Mark.DASH if clears else Mark.CROSS
        same = [i for i, value in edits.items() if step is not Step.CREATED and self._shows(before[i], i, value)]
        wanted = {i: value for i, value in edits.items() if i not in same}
        refused = self.stage.edit(side, wanted)
        after = self.stage.cells(side)
        lost = [i for i in wanted.keys() - refused.keys() if not self._kept(before[i], after[i], i, wanted[i])]
        what = "no value to be cleared" if clears else "the only value there is to try; give others by values="
        ended = dict.fromkeys(same, (Mark.DASH if clears else Mark.OPEN, f"{side.words} shows {what}"))
        ended |= {i: (mark, why) for i, why in refused.items()}
        ended |= dict.fromkeys(lost, (mark, f"{side.words} did not keep the edit"))
        return {i: Trial(step=step, mark=mark, reason=why) for i, (mark, why) in ended.items()}

    def _avoided(
        self, step: Step, side: Side, rows: Sequence[FieldMap], taken: Mapping[str, object]
    ) -> dict[str, list[object]]:
        """What decides on values that would be no edit, or might be taken for an old row of a side without stamps."""
        found: dict[str, list[object]] = {row.id: [] for row in rows}
        shown, previous = self.stage.cells(side), self.stage.agreement.previous
        for row in rows if step is not Step.CREATED else ():
            found[row.id] = [shown[row.id].key, *([self.script.key(row.id, taken[row.id])] if row.id in taken else [])]
            if row.id in previous and self.stage.shown[side].modified_at is None:
                found[row.id].append(self.stage.lens.cell(side, row.id, previous[row.id].on(side)).key)
        return found

    def _shows(self, cell: Cell, field_id: str, value: object) -> bool:
        return cell.key == self.script.key(field_id, value)

    def _kept(self, before: Cell, after: Cell, field_id: str, value: object) -> bool:
        """Whether a side took an edit, though it may show it in its own way."""
        return self._shows(after, field_id, value) or (value is not None and not after.empty and not after.same(before))

    def _meet(self, outcomes: Sequence[Outcome], given: Mapping[str, object]) -> dict[str, Trial]:
        """See to it that there is a counterpart; a create that is refused for some fields is tried without them."""
        out: dict[str, str] = {}
        cast, lens, stage = self.stage.casts[Side.PMS], self.stage.lens, self.stage
        optional = {i: value for i, value in given.items() if not any(rule.required for rule in self.script.rules(i))}
        while not cast.ids:
            groups = {lens.fields[i].group for i in stage.blamed if i not in out}
            ids = [i for group in groups for i in lens.groups[group] if i in optional]
            refused = any(isinstance(outcome.error, Refused) for outcome in outcomes)
            if not groups and refused and optional.keys() - out.keys():
                rest = {i: value for i, value in optional.items() if i not in out}
                self._create_bare(rest)
                break
            if not ids:
                self._stop_unmet(outcomes)
            out |= {i: stage.blamed.get(i, "the PMS refuses its group") for i in ids}
            stage.edit(Side.WAVE, dict.fromkeys(ids))
            outcomes = stage.run()
        return {i: Trial(step=Step.CREATED, mark=Mark.CROSS, reason=why) for i, why in out.items()}

    def _create_bare(self, rest: Mapping[str, object]) -> None:
        """Where a refusal names nothing: create what is required, and carry the rest in parts."""
        bare = dict.fromkeys(rest)
        self.stage.edit(Side.WAVE, bare)
        outcomes = self.stage.run()
        if not self.stage.casts[Side.PMS].ids:
            self._stop_unmet(outcomes)
        self._carry_in_parts(Side.WAVE, rest, bare)

    def _stop_unmet(self, outcomes: Sequence[Outcome]) -> NoReturn:
        details = [entry.detail for entry in self.stage.memory.scan(Quarantined)]
        details += [outcome.detail for outcome in outcomes if outcome.detail]
        raise Stopped("the counterpart could not be created" + "".join(f": {why}" for why in details[:1]))

    def _nameless(self) -> list[str]:
        """The groups that are held for a refusal that named none of them."""
        held = [group for group, hold in self.stage.holds.items() if hold.reason is HoldReason.REFUSED]
        named = {self.stage.lens.fields[i].group for i in self.stage.blamed}
        return [group for group in held if group not in named]

    def _carry_in_parts(self, side: Side, values: Mapping[str, object], was: Mapping[str, object]) -> None:
        """Carry edits in halves of halves, so that a refusal that names nothing is found at its group.

        Args:
            side: Where the edits are made.
            values: The edits, by field id.
            was: What the side shows without them.
        """
        groups = [mine for ids in self.stage.lens.groups.values() if (mine := [i for i in ids if i in values])]
        middle = (len(groups) + 1) // 2
        for half in (groups[:middle], groups[middle:]):
            part = {i: values[i] for ids in half for i in ids}
            self.stage.edit(side, part)
            self.stage.run()
            if len(half) > 1 and {self.stage.lens.fields[i].group for i in part}.intersection(self._nameless()):
                self.stage.edit(side, {i: was[i] for i in part})
                self.stage.run()
                self._carry_in_parts(side, part, was)

    def _settle(self, judge: Judge, rows: Sequence[FieldMap]) -> Judge:
        """Decide what waits for a person, once for Wave and once for the PMS in turn."""
        groups = {row.group for row in rows}
        disputes = [d for d in self.stage.engine.disputes() if d.group in groups and judge.disputed(d.group)]
        settled = {d.group: tuple(Side)[at % 2] for at, d in enumerate(disputes)}
        for dispute in disputes:
            self.stage.engine.resolve(dispute, choose=settled[dispute.group].value)
        if disputes:
            self.stage.run()
            self.stage.look()
        return evolve(judge, settled=settled)

    def _level(self, before: Cells) -> None:
        """Put back what waits, so that one step does not spoil the next; what still waits is left alone from now on."""
        held = [i for group in self.stage.holds for i in self.stage.lens.groups.get(group, ())]
        moved = False
        for side, cells in before.items():
            now = self.stage.cells(side)
            back = {i: cells[i].value for i in held if cells[i].fault is None and not now[i].same(cells[i])}
            moved = moved or bool(back)
            self.stage.edit(side, back)
        if moved:
            self.stage.run()
            self.stage.look()
        self.waiting |= {group: hold.detail for group, hold in self.stage.holds.items()}
        late = dict.fromkeys(self.stage.unsettled, "the last edit was confirmed and is not shown yet")
        self.waiting |= late

    def _note(self, row: FieldMap, trial: Trial) -> None:
        self.trials.setdefault(row.id, {})[trial.step] = trial
