"""Programs that run on a stage, that die there, and that get in each other's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest

from machine.disorder import Disordered
from machine.interruptions import Cut, Interruption
from wave_pms_sync import Report, Synchronizer
from wave_pms_sync.errors import LeaseHeld, StoreUnusable, SyncError
from wave_pms_sync.model.side import Side


class Running(Disordered):
    """A stage on which programs run; each run is judged."""

    def run(self, full: bool | None = None, only: object = None, interruption: Interruption | None = None) -> None:
        """A run, in whatever weather; a person releases what the guards hold."""
        sync = self.town.sync if interruption is None else self.fresh_sync(interruption)
        honest = not self.weather and self.lie is None
        report = self._carefully(lambda: self._run(sync, full, only), interruption)
        if report is not None and report.ok and only is None and interruption is None:
            self.cut, self.met = False, True
            if full and honest:
                self.doubted.clear()

    def run_for_one(self, side: Side, place: int) -> None:
        """A run for one record, as a webhook asks for it."""
        there = list(self.town.box(side).customers)
        if there:
            chosen = there[place % len(there)]
            self.run(only=[chosen if side is Side.WAVE else ("pms", chosen)])

    def _run(self, sync: Synchronizer, full: bool | None, only: object) -> Report:
        with self._at_work():
            report = sync.run(full=full, only=only)
        if report.status != "held":
            return report
        plan = sync.plan(full=full, only=only)
        with self._at_work():
            return sync.apply(plan, accept=plan.digest)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """While a run holds the lease."""
        self.leased = True
        try:
            yield
        except Cut:
            self.left_lease = True
            raise
        finally:
            self.leased = False

    def _carefully(self, act: Callable[[], Report], interruption: Interruption | None = None) -> Report | None:
        """Act, judge it, and let the weather clear up. An error is one of ours, and only if something went wrong."""
        self._wait_for_the_dead()
        self.witness.judge()
        self.believe()
        self.witness.calm = interruption is None or interruption.what is None
        disturbed = bool(self.weather) or self.lie is not None or interruption is not None
        before = self._lengths()
        report, self.cut = None, self.cut or disturbed
        try:
            report = act()
        except Cut:
            self.dead, self.died_at = True, self.clock.now()
        except SyncError:
            if not disturbed:
                raise
        self.witness.judge()
        self.clear_up()
        self.witness.calm = True
        if self.first:
            assert not self._deleted_of_others(before), "something was deleted by whoever knows nothing"
        self.first, self.runs = False, self.runs + 1
        if not self.dead:
            self.witness.pay()
        if report is not None and not disturbed:
            self.witness.settled = dict(self.witness.shown)
        return report

    def _lengths(self) -> dict[Side, int]:
        return {side: len(self.town.box(side).ledger.entries) for side in Side}

    def _deleted_of_others(self, before: Mapping[Side, int]) -> set[tuple[Side, str]]:
        """What was deleted since, and not made since either: a newcomer goes if its origin went in the same run."""
        since = [(s, e.effects) for s in Side for e in self.town.box(s).ledger.entries[before[s] :]]
        made = {(s, i) for s, effects in since for i in effects.created}
        return {(s, i) for s, effects in since for i in effects.deleted} - made

    def _wait_for_the_dead(self) -> None:
        """The lease of a run that died has to expire; until then everybody is refused."""
        if not self.dead:
            return
        if self.left_lease and self.clock.now() < self.died_at + timedelta(seconds=self.town.policy.lease_s / 2):
            with pytest.raises(LeaseHeld):
                self.town.sync.run()
        behind_s = (self.died_at - self.clock.now()).total_seconds()
        self.advance(max(0.0, behind_s) + self.town.policy.lease_s * 2)
        self.dead = self.left_lease = False

    def rival(self, leap_s: float = 0.0) -> None:
        """Another program starts a run in the middle of ours: it is refused, unless ours sleeps past its lease."""
        self.advance(leap_s)
        if leap_s > self.town.policy.lease_s * 2 or not self.leased:
            with suppress(SyncError):
                self.fresh_sync().run()
            return
        with pytest.raises(LeaseHeld):
            self.fresh_sync().run()

    def break_store(self) -> None:
        """The disk is full."""
        raise StoreUnusable("no space left")
