"""The stage: the pair as both sides show it, edits on either side, and runs of the engine between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from attrs import define, field

from wave_pms_sync.errors import Conflict, ConversionError, Refused, SyncError
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.mapping.steps import plain
from wave_pms_sync.model.fields import Cell
from wave_pms_sync.model.links import Agreement, Hold
from wave_pms_sync.model.memory import Intent, IntentState
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.reconcile.waiting import Dispute
from wave_pms_sync.rehearsal.cast import Cast
from wave_pms_sync.report import Outcome, Report, Result
from wave_pms_sync.scan import read_by_id
from wave_pms_sync.tenure import Tenure

_SPARE_RUNS: Final = 3


class Engine(Protocol):
    """What a rehearsal needs of a Synchronizer between two casts."""

    def run(self, *, full: bool | None = None) -> Report:
        """Plan and apply."""
        ...

    def link(self, wave_id: str, pms_id: str) -> None:
        """Link two records."""
        ...

    def disputes(self) -> list[Dispute]:
        """What waits for a person."""
        ...

    def resolve(self, dispute: Dispute, *, choose: str | None = None) -> None:
        """Settle what waits."""
        ...


class Stopped(Exception):  # a signal within this room, never seen outside
    """The rehearsal cannot go on; its text says why, without values."""


@define(kw_only=True)
class Stage:
    """Where the pair is edited, synchronised and looked at.

    Attributes:
        lens: The mapping.
        casts: Both sides, with nobody but the cast.
        engine: A Synchronizer between the casts.
        memory: Its memory, which ends with the rehearsal.
        tenure: The right to work on the user's own link store, so that no other run meets the pair meanwhile.
        shown: The pair as it was last read.
        blamed: The fields that a side named when it refused, with the reason; emptied before each step.
    """

    lens: Lens
    casts: Mapping[Side, Cast]
    engine: Engine
    memory: LinkStore
    tenure: Tenure
    shown: dict[Side, Record] = field(factory=dict)
    blamed: dict[str, str] = field(factory=dict)

    def cells(self, side: Side) -> Mapping[str, Cell]:
        """What a side showed when it was last read, by field id."""
        return self.lens.cells(side, self.lens.raws(side, self.shown[side].payload))

    def look(self) -> None:
        """Read the record of each side that has one.

        Raises:
            Stopped: A side does not show its record.
        """
        for side, cast in self.casts.items():
            if not cast.ids:
                continue
            self.keep(side)
            found = read_by_id(cast, cast.ids)
            records = [record for record in found.values() if record is not None and not record.deleted]
            if not records:
                raise Stopped(f"{side.words} does not show the test customer, at least not yet")
            self.shown[side] = records[0]

    def edit(self, side: Side, values: Mapping[str, object]) -> dict[str, str]:
        """Change fields of the record on a side, as a person there would.

        Args:
            side: Which side.
            values: In our shape, by field id; None clears.

        Returns:
            Why it could not be done, by field id; what one group is refused for does not keep back the others.

        Raises:
            SyncError: The side could not be written, or nobody can say whether it was.
        """
        body, refused = self._body(side, values)
        if not body:
            return refused
        try:
            self._send(side, body)
        except Conflict:  # the side's own automations may have touched the record since
            self.look()
            self._send(side, body)
        except Refused as error:
            return refused | self._refused(side, {i: v for i, v in values.items() if i not in refused}, error)
        return refused

    def _send(self, side: Side, body: Mapping[str, object]) -> None:
        record = self.shown[side]
        self.keep(side)
        self.shown[side] = self.casts[side].update_customer(record.id, body, seen=record)

    def _body(self, side: Side, values: Mapping[str, object]) -> tuple[dict[str, object], dict[str, str]]:
        """What is sent, and why the rest cannot be."""
        payload, refused = self.shown[side].payload, {}
        for field_id, value in values.items():
            try:
                self.lens.body(side, {field_id: value}, onto=payload)
            except ConversionError as fault:
                refused[field_id] = f"cannot be written to {side.words}: {fault.reason}"
        return self.lens.body(side, {i: v for i, v in values.items() if i not in refused}, onto=payload), refused

    def _refused(self, side: Side, values: Mapping[str, object], error: Refused) -> dict[str, str]:
        """Go on without the groups that are named; one by one where none is."""
        groups = [[i for i in ids if i in values] for ids in self.lens.groups.values()]
        groups = [ids for ids in groups if ids]
        blamed = named(self.lens, side, error)
        self.blamed |= blamed
        out = [ids for ids in groups if not blamed.keys().isdisjoint(ids)]
        if out or len(groups) == 1:
            gone = [i for ids in out or groups for i in ids]
            rest = {i: value for i, value in values.items() if i not in gone}
            return {i: f"{side.words} refuses it ({told(error)})" for i in gone} | self.edit(side, rest)
        refused: dict[str, str] = {}
        for ids in groups:
            refused |= self.edit(side, {i: values[i] for i in ids})
        return refused

    def run(self) -> list[Outcome]:
        """Let the engine carry what was edited; what a refusal or somebody's touch kept back goes in the next run.

        Raises:
            Stopped: It could not.
        """
        outcomes: list[Outcome] = []
        for _ in range(len(self.lens.groups) + _SPARE_RUNS):
            held = len(self.holds)
            for side in Side:
                self.keep(side)
            report = self.engine.run(full=True)
            outcomes += report.outcomes
            self._blame(report.outcomes)
            if report.error is not None:
                raise Stopped(str(report.error))
            results = {outcome.result for outcome in report.outcomes}
            if Result.SKIPPED not in results and (Result.FAILED not in results or len(self.holds) == held):
                break
        return outcomes

    def _blame(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.action.side is not None and isinstance(outcome.error, Refused):
                self.blamed |= named(self.lens, outcome.action.side, outcome.error)

    def keep(self, side: Side) -> None:
        """Make sure that the right to work outlives the next request."""
        self.tenure.renew(self.casts[side].abilities.request_timeout_s)

    @property
    def agreement(self) -> Agreement:
        """What the engine remembers of the pair."""
        return next(iter(self.memory.scan(Agreement)), Agreement(wave_id=""))

    @property
    def holds(self) -> Mapping[str, Hold]:
        """The groups that wait, and why."""
        return self.agreement.holds

    @property
    def unsettled(self) -> frozenset[str]:
        """The groups of which a side confirmed a write that it does not show."""
        opened = [i for i in self.memory.scan(Intent) if i.state is not IntentState.OVERTAKEN]
        ids = {field_id for intent in opened for field_id in intent.values}
        return frozenset(self.lens.fields[i].group for i in ids if i in self.lens.fields)


def told(error: SyncError) -> str:
    """An error in words without values."""
    named = [f"{fault.path} {fault.code}".strip() for fault in error.faults] if isinstance(error, Refused) else []
    return ", ".join(name for name in named if name) or str(error)


def named(lens: Lens, side: Side, error: Refused) -> dict[str, str]:
    """The fields that a refusal names, with the reason."""
    return {
        row.id: f"{side.words} refuses it ({fault.path} {fault.code})".replace(" )", ")")
        for fault in error.faults
        for row in lens.maps
        if fault.path and any(_within(fault.path, plain(path)) for path in row.paths(side))
    }


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}.") or place.startswith(f"{path}.")
