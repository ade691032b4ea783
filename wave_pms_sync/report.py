"""What became of a run: one outcome for each action, counts, and a status that tells complete from partial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import chain, islice
from typing import TextIO

from attrs import field, frozen

from wave_pms_sync.errors import RunIncomplete, SyncError
from wave_pms_sync.model.json_text import pieces
from wave_pms_sync.model.memory import Quarantined
from wave_pms_sync.model.printable import one_line
from wave_pms_sync.reconcile.actions import Action
from wave_pms_sync.reconcile.present import MASK, MOST_ROWS, table, verb, waits
from wave_pms_sync.reconcile.waiting import Dispute


class Result(str, Enum):
    """What became of one action."""

    DONE = "done"
    NOT_KEPT = "not_kept"
    SKIPPED = "skipped"
    POSTPONED = "postponed"
    UNKNOWN = "unknown"
    FAILED = "failed"

    def __str__(self) -> str:
        return self.value


@frozen(kw_only=True)
class Outcome:
    """One action and what became of it.

    Attributes:
        action: What was to be done.
        result: What became of it.
        detail: Why, in words: ids, fields and codes, no values.
        error: The error behind it, if there was one.
    """

    action: Action
    result: Result
    detail: str = ""
    error: SyncError | None = None


@frozen(kw_only=True, eq=False)
class Counts(Mapping[str, int]):
    """How often what happened in a run; a mapping whose entries are attributes, too. The last two are standing."""

    linked: int = 0
    created_wave: int = 0
    created_pms: int = 0
    updated_wave: int = 0
    updated_pms: int = 0
    unchanged: int = 0
    retired: int = 0
    suspended: int = 0
    skipped: int = 0
    not_kept: int = 0
    unknown: int = 0
    failed: int = 0
    disputed: int = 0
    quarantined: int = 0

    def __getitem__(self, name: str) -> int:
        if name not in _COUNTS:
            raise KeyError(name)
        value: int = getattr(self, name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(_COUNTS)

    def __len__(self) -> int:
        return len(_COUNTS)


_COUNTS = tuple(a.name for a in Counts.__attrs_attrs__)


@frozen(kw_only=True, eq=False)
class Report:
    """What became of a run.

    Attributes:
        status: `"complete"` (both sides read as intended, all actions done), `"partial"` (something failed, is
            unknown, was postponed, or a listing stayed incomplete), `"held"` (by guards) or `"refused"` (a plan of
            another store or configuration).
        run_id: Names the run in the journal.
        counts: How often what happened.
        requests: Requests sent in this run, repetitions included, by side.
        outcomes: What became of each action.
        waiting: Standing disputes and quarantine.
        reasons: Why the status is not complete, in words without values.
        error: What stopped the run, or the writes to one side; or None.
        digest: The plan's digest; `apply(plan, accept=digest)` releases a held plan.
        listing_retry_after_s: The longest that a side which stopped in the middle of a listing asked us to wait.
    """

    status: str
    run_id: str = ""
    counts: Counts = Counts()
    requests: Mapping[str, int] = field(factory=lambda: {"wave": 0, "pms": 0})
    outcomes: tuple[Outcome, ...] = field(default=(), repr=False)
    waiting: tuple[Dispute | Quarantined, ...] = field(default=(), repr=False)
    reasons: tuple[str, ...] = ()
    error: SyncError | None = None
    digest: str = ""
    listing_retry_after_s: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the run was complete. Standing disputes do not spoil it."""
        return self.status == "complete"

    @property
    def retry_after_s(self) -> float | None:
        """The longest that a side asked us to wait for, in seconds from when it answered; None if none did.

        A run before that is of little use, and does no harm: what was postponed is still to be done.
        """
        errors = chain([self.error], (outcome.error for outcome in self.outcomes))
        told = chain([self.listing_retry_after_s], (error.retry_after_s for error in errors if error is not None))
        return max((wait_s for wait_s in told if wait_s is not None), default=None)

    def __str__(self) -> str:
        lines = [self._headline()]
        lines.append(f"  requests: {self.requests['wave']} to Wave, {self.requests['pms']} to the PMS")
        lines += [f"  {reason}" for reason in self._explained()]
        odd = (outcome for outcome in self.outcomes if outcome.result is not Result.DONE)
        lines += [f"  {_told(outcome)}" for outcome in islice(odd, MOST_ROWS)]
        more = sum(1 for _ in odd)
        lines += [f"  ... and {more} more"] if more else []
        return "\n".join(map(one_line, lines))

    def _headline(self) -> str:
        counted = [f"{name.replace('_', ' ')} {count}" for name, count in self.counts.items() if count]
        if self._untouched:
            counted = ["nothing was done", *counted]
        return f"Run {self.status}: " + (", ".join(counted) or "nothing to do")

    @property
    def _untouched(self) -> bool:
        return self.status in ("held", "refused") and not self.outcomes

    def _explained(self) -> Iterator[str]:
        yield from self.reasons
        if self.status == "held" and self._untouched:
            yield f"a person releases exactly this plan with apply(plan, accept={self.digest!r})"

    def raise_for_status(self) -> None:
        """Raise if the run was not complete.

        Raises:
            RunIncomplete: With the status and the reasons; the error that stopped the run is its cause.
        """
        if not self.ok:
            why = "; ".join(self.reasons) or "see the outcomes"
            raise RunIncomplete(f"the run was {self.status}: {why}", status=self.status) from self.error

    def to_rows(self, *, mask: bool = False) -> list[dict[str, object]]:
        """One plain dict for each outcome.

        Args:
            mask: Leave the customers' names out.
        """
        return [_row(outcome, mask) for outcome in self.outcomes]

    def to_dict(self) -> dict[str, object]:
        """The report as JSON-ready data."""
        return {**self._parts(), "outcomes": self.to_rows()}

    def write_json(self, file: TextIO) -> None:
        """Write what `to_dict` gives as JSON, an outcome a line; never all of it is in memory a second time.

        Args:
            file: Open for writing text, in whatever encoding: only ASCII is written.
        """
        outcomes = (_row(outcome, mask=False) for outcome in self.outcomes)
        for piece in chain(pieces({**self._parts(), "outcomes": outcomes}), "}"):
            file.write(f"{piece}\n")

    def _parts(self) -> dict[str, object]:
        return {
            "status": self.status,
            "ok": self.ok,
            "run_id": self.run_id,
            "digest": self.digest,
            "counts": dict(self.counts),
            "requests": dict(self.requests),
            "reasons": list(self.reasons),
            "error": None if self.error is None else {"code": self.error.code, "message": str(self.error)},
            "retry_after_s": self.retry_after_s,
        }

    def to_html(self, *, mask: bool = False) -> str:
        """A table for a notebook; everything is escaped and the number of rows is capped.

        Args:
            mask: Leave the customers' names and values out.
        """
        found = (_row(outcome, mask) for outcome in self.outcomes)
        columns = ("result", "kind", "side", "name", "rule", "detail", "wave_id", "pms_id")
        cells = ([row[column] for column in columns] for row in found)
        waiting = [": ".join(waits(item, mask)) for item in self.waiting]
        return table(self._headline(), self._explained(), columns, cells, waiting)

    def _repr_html_(self) -> str:
        return self.to_html()


def _told(outcome: Outcome) -> str:
    who = " / ".join(outcome.action.ids)
    return f"{outcome.result}: {verb(outcome.action)} {who}" + (f": {outcome.detail}" if outcome.detail else "")


def _row(outcome: Outcome, mask: bool) -> dict[str, object]:
    action = outcome.action
    return {
        "result": str(outcome.result),
        "kind": str(action.kind),
        "side": str(action.side) if action.side else None,
        "name": MASK if mask and action.label else action.label,
        "wave_id": action.wave_id,
        "pms_id": action.pms_id,
        "fields": [change.name for change in action.fields],
        "rule": action.rule,
        "detail": outcome.detail,
        "code": outcome.error.code if outcome.error is not None else None,
    }
