"""What became of a rehearsal: for each row of the mapping a mark and a reason for each thing that was tried."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from wave_pms_sync.rehearsal import printed


class Step(str, Enum):
    """One thing that is tried with every row, in this order; the value heads its column."""

    CREATED = "created"
    WAVE_CLEAR = "cleared in Wave"
    WAVE_EDIT = "edited in Wave"
    PMS_EDIT = "edited in the PMS"
    CONFLICT = "edited on both sides"
    PMS_CLEAR = "cleared in the PMS"

    def __str__(self) -> str:
        return self.value


class Mark(str, Enum):
    """How a trial ended."""

    TICK = "\N{CHECK MARK}"
    """As the mapping says."""
    CROSS = "\N{BALLOT X}"
    """Otherwise; the reason says how."""
    OPEN = "?"
    """It could not be seen: there was no value to try, or a side did not show yet what it confirmed."""
    DASH = "-"
    """Not tried, since it does not apply."""

    def __str__(self) -> str:
        return self.value


@frozen(kw_only=True)
class Trial:
    """One row in one step.

    Attributes:
        step: What was tried.
        mark: How it ended.
        reason: In words, without values; empty only for a tick that goes without saying.
    """

    step: Step
    mark: Mark
    reason: str = ""


@frozen(kw_only=True)
class RehearsedRow:
    """One row of the mapping, rehearsed.

    Attributes:
        facet: Its dataflow.
        wave: The Wave property, several joined by a comma.
        pms: The property of the PMS, several joined by a comma.
        type: The PMS's data type.
        trials: One for each step, in their order.
    """

    facet: str
    wave: str
    pms: str
    type: str
    trials: tuple[Trial, ...]

    @property
    def mark(self) -> Mark:
        """The worst of its trials; a dash if nothing was tried."""
        marks = {trial.mark for trial in self.trials}
        return next((mark for mark in (Mark.CROSS, Mark.OPEN, Mark.TICK) if mark in marks), Mark.DASH)

    def reasons(self, *, ticks: bool = True) -> tuple[str, ...]:
        """What there is to be said, as `mark steps: reason`; what is the same for several steps is said once.

        Args:
            ticks: Also of what was as the mapping says.
        """
        said: dict[tuple[Mark, str], list[str]] = {}
        for trial in self.trials:
            if trial.reason and (ticks or trial.mark is not Mark.TICK):
                said.setdefault((trial.mark, trial.reason), []).append(str(trial.step))
        every = len(self.trials)
        return tuple(
            f"{mark} {why}" if len(steps) == every else f"{mark} {', '.join(steps)}: {why}"
            for (mark, why), steps in said.items()
        )


@frozen(kw_only=True)
class Rehearsal:
    """What became of a rehearsal. It holds no secret, and no value of a customer.

    Attributes:
        rows: One for each row of the mapping that is in use, in the order of the document.
        notes: What was otherwise than usual, and what remained on either side.
        stopped: Why it ended before its time; empty if it did not.
        requests: Requests sent, repetitions included, by side.
        remains: The test customers that are still there, each as side and id.
    """

    rows: tuple[RehearsedRow, ...]
    notes: tuple[str, ...] = ()
    stopped: str = ""
    requests: Mapping[str, int] = field(factory=lambda: {"wave": 0, "pms": 0})
    remains: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it came to its end, and every trial was as the mapping says or did not apply."""
        return not self.stopped and all(row.mark in (Mark.TICK, Mark.DASH) for row in self.rows)

    def __str__(self) -> str:
        return printed.text(self)

    def to_rst(self) -> str:
        """The tables of the document with a mark for each step and the reasons, as reStructuredText."""
        return printed.rst(self)

    def to_markdown(self) -> str:
        """The same as Markdown."""
        return printed.markdown(self)

    def to_html(self) -> str:
        """The same for a notebook; everything is escaped."""
        return printed.html(self)

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_rows(self) -> list[dict[str, object]]:
        """One plain dict for each row and step, ready for a data frame; `mark` is `tick`, `cross`, `open` or `dash`."""
        return [
            {
                "facet": row.facet,
                "wave": row.wave,
                "pms": row.pms,
                "type": row.type,
                "step": str(trial.step),
                "mark": trial.mark.name.lower(),
                "reason": trial.reason,
            }
            for row in self.rows
            for trial in row.trials
        ]
