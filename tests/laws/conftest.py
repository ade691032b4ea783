"""A town: two sandboxes over real HTTP, other users, one clock, one memory, and questions about how it all stands."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone

import pytest
import requests
from attrs import frozen
from hypothesis import HealthCheck, Phase, settings

from wave_pms_sync import (
    CustomPmsClient,
    MappingRegistry,
    MemoryLinkStore,
    Plan,
    PmsProfile,
    Policy,
    Report,
    Synchronizer,
    Unlimited,
    WaveClient,
)
from wave_pms_sync.audit import Kind, Standing
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.model.fields import Cell, Direction
from wave_pms_sync.model.links import Agreement, Link, LinkStatus
from wave_pms_sync.model.memory import Intent, JournalEntry, Quarantined, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import Clock, LinkStore
from wave_pms_sync.reconcile.verdicts import WHOLE
from wave_pms_sync.reconcile.world import World
from wave_pms_sync.survey.ground import Ground
from wave_pms_sync.survey.look import see
from wave_pms_sync.survey.memory import remember
from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox
from wave_pms_sync.testing.strategies import OtherUsers

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
HASTY = RetryPolicy(attempts=2, first_wait_s=0, budget_s=5)

# WAVE_PMS_SYNC_LAWS=100 looks a hundred times as long (hours), each time elsewhere.
FACTOR = int(os.environ.get("WAVE_PMS_SYNC_LAWS", "1"))

settings.register_profile(
    "laws",
    deadline=None,
    database=None,
    derandomize=FACTOR == 1,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@frozen
class Found:
    """All mapped values of one record, in our shape."""

    side: Side
    id: str
    cells: Mapping[str, Cell]


class Town:
    """Everything that a law is about. Time stands still until it is moved."""

    def __init__(
        self,
        stack: ExitStack,
        links: LinkStore | None = None,
        *,
        policy: Policy | None = None,
        mapping: MappingRegistry | None = None,
        page_size: int = 100,
        wave_options: Mapping[str, object] | None = None,
        pms_options: Mapping[str, object] | None = None,
        pms_profile: Mapping[str, object] | None = None,
    ) -> None:
        self.stack = stack
        self.clock = ManualClock(BEGIN)
        self.wave_box = stack.enter_context(WaveSandbox(clock=self.clock, **(wave_options or {})))
        self.pms_box = stack.enter_context(PmsSandbox(clock=self.clock, **(pms_options or {})))
        self.archived_listed = (wave_options or {}).get("archived_listed", True)
        self.deleted_readable = (wave_options or {}).get("delete") == "readable"
        self.others = OtherUsers(self.wave_box, self.pms_box, self.clock)
        self.links = MemoryLinkStore() if links is None else links
        self.policy = policy or Policy()
        self.mapping = mapping or MappingRegistry.default()
        self.pms_profile = pms_profile or {}
        self.lens = self.mapping.lens()
        self.sync = self.another_sync(self.links, page_size)

    def another_sync(
        self,
        links: LinkStore,
        page_size: int = 100,
        *,
        session: requests.Session | None = None,
        clock: Clock | None = None,
    ) -> Synchronizer:
        """A second synchronizer with clients of its own, as another program would have."""
        wave, pms = self.wave_box, self.pms_box
        return Synchronizer(
            wave=self.stack.enter_context(
                WaveClient(
                    token=wave.token,
                    business_id=wave.business_id,
                    url=wave.url,
                    page_size=page_size,
                    pace=Unlimited(),
                    retry=HASTY,
                    session=session,
                )
            ),
            pms=self.stack.enter_context(
                CustomPmsClient(
                    pms.url,
                    token=pms.token,
                    profile=PmsProfile.from_dict({"paging": {"size": page_size}, **self.pms_profile}),
                    pace=Unlimited(),
                    retry=HASTY,
                    session=session,
                )
            ),
            links=links,
            clock=clock or self.clock,
            mapping=self.mapping,
            policy=self.policy,
        )

    # --- time and runs

    def run(self, *, full: bool | None = None) -> Report:
        """A run, a second after what was before; a person releases what the guards hold."""
        self.clock.advance(1)
        report = self.sync.run(full=full)
        if report.status != "held":
            return report
        plan = self.sync.plan(full=full)
        return self.sync.apply(plan, accept=plan.digest)

    def settle(self, runs: int = 3) -> list[Report]:
        """So many runs, a settle time apart, the last one looking at everything."""
        reports = []
        for number in range(1, runs + 1):
            self.clock.advance(self.policy.settle_s)
            reports.append(self.run(full=True if number == runs else None))
        return reports

    # --- how it stands

    def box(self, side: Side) -> WaveSandbox | PmsSandbox:
        """The sandbox of that side."""
        return self.wave_box if side is Side.WAVE else self.pms_box

    def found(self, side: Side, record_id: str) -> Found:
        """A record as it stands."""
        raws = self.lens.raws(side, self.box(side).customers[record_id])
        return Found(side, record_id, self.lens.cells(side, raws))

    def everybody(self) -> dict[tuple[Side, str], Found]:
        """All records of both sides."""
        return {(side, i): self.found(side, i) for side in Side for i in self.box(side).customers}

    def linked(self) -> dict[str, str]:
        """The PMS id of each linked Wave customer."""
        return {link.wave_id: link.pms_id for link in self.links.scan(Link)}

    def world(self, sync: Synchronizer | None = None) -> World:
        """What a run would know when it decides."""
        sync = sync or self.sync
        with sync.links.snapshot() as view:
            ground = Ground(
                reader=view,
                clients={Side.WAVE: sync.wave, Side.PMS: sync.pms},
                shape=self.lens,
                policy=self.policy,
                scope=None,
                now=self.clock.now(),
                memory=remember(view),
            )
            return see(ground, "a run", None, None, lambda: False).world

    def ledger(self) -> tuple[int, int, int, int]:
        """Requests and writes that arrived, at Wave and at the PMS."""
        wave, pms = self.wave_box.ledger, self.pms_box.ledger
        return wave.requests, pms.requests, wave.writes, pms.writes

    # --- what must hold

    def check_store(self, *, cut: bool = False) -> None:
        """No id has two partners, every link has its agreement, and what is held is known to be open.

        What a run that was cut short had still to do to a pair leaves it open; the next run lists it again.
        """
        found = list(self.links.scan(Link))
        agreements = {a.wave_id: a for a in self.links.scan(Agreement)}
        assert len({link.wave_id for link in found}) == len({link.pms_id for link in found}) == len(found)
        assert set(agreements) == {link.wave_id for link in found}
        for link in found:
            holds = agreements[link.wave_id].holds
            if holds:
                assert link.open, f"{link.wave_id} has holds {list(holds)} and is not open"
            if link.open and not holds and not cut:
                busy = {u.id for u in self.links.scan(Unfinished)}
                busy |= {x for i in self.links.scan(Intent) for x in (i.record_id, i.origin_id)}
                assert {link.wave_id, link.pms_id} & busy, f"{link.wave_id} is open for nothing"

    def check_settled(self) -> None:
        """Law 2: linked pairs correspond, everything else is accounted for, and there is nothing left to do."""
        plan = self.sync.plan(full=True)
        assert plan.empty, f"still to do: {[str(a) for a in plan]}"
        lately = self.sync.plan()
        assert lately.empty, f"still to do at what changed lately: {[str(a) for a in lately]}"
        assert not list(self.links.scan(Intent))
        self._check_pairs()
        self._check_others(plan)
        self._check_audit()

    def _check_audit(self) -> None:
        """An audit agrees; doubles that the policy leaves alone, and removed marks, no run speaks of."""
        audit = self.sync.verify()
        apart = [str(f) for f in audit.of(Standing.UNEXPLAINED) if f.kind not in (Kind.TWIN, Kind.MARK)]
        assert not apart, f"unexplained: {apart}"
        due = [str(f) for f in audit.of(Standing.PENDING)]
        assert not due, f"pending: {due}"

    def _check_pairs(self) -> None:
        agreements = {a.wave_id: a for a in self.links.scan(Agreement)}
        for link in self.links.scan(Link):
            agreement = agreements[link.wave_id]
            there = [link.id_on(side) in self.box(side).customers for side in Side]
            if link.status is not LinkStatus.ACTIVE or WHOLE in agreement.holds:
                assert not all(there) or link.status is LinkStatus.SUSPENDED, f"{link.wave_id}: both records are there"
                continue
            if self.deleted_readable and there == [False, True]:
                continue  # nobody can tell a deletion from an archiving there
            assert all(there), f"{link.wave_id} / {link.pms_id} is active, and a record is gone"
            wave, pms = self.found(Side.WAVE, link.wave_id), self.found(Side.PMS, link.pms_id)
            apart = [
                name
                for name, rules in self.lens.fields.items()
                if rules.direction is Direction.BOTH
                and rules.group not in {*agreement.holds, *agreement.not_kept}
                and not wave.cells[name].same(pms.cells[name])
            ]
            assert not apart, f"{link.wave_id} / {link.pms_id} differ in {apart}"

    def _check_others(self, plan: Plan) -> None:
        linked = {(side, link.id_on(side)) for link in self.links.scan(Link) for side in Side}
        resting = {(q.side, q.id) for q in self.links.scan(Quarantined)}
        skipped = {(s.side, s.id) for s in plan.skipped}
        unlisted = (
            set()
            if self.archived_listed
            else {(Side.WAVE, i) for i, c in self.wave_box.customers.items() if c["isArchived"]}
        )
        missed = set(self.everybody()) - linked - resting - skipped - unlisted
        assert not missed, f"nobody speaks of {missed}"
        assert not linked & resting, f"linked and at rest: {linked & resting}"
        gone = resting - set(self.everybody())
        if self.deleted_readable:
            gone = {ref for ref in gone if ref[0] is Side.PMS}  # nobody can tell a deletion from an archiving there
        assert not gone, f"records that are gone are at rest: {gone}"

    @contextmanager
    def nothing_lost(self) -> Iterator[None]:
        """Law 3: what our writes replaced is still on the other side, or in the journal; what they wrote was there."""
        before, said = self.everybody(), self.links.count(JournalEntry)
        yield
        after, partners = self.everybody(), self._partners()
        told = list(self.links.scan(JournalEntry))[said:]
        assert set(before) <= set(after), "a run removed a record"
        for ref, old in before.items():
            partner = after.get(partners.get(ref, ref))
            mine = [field for entry in told if ref[1] in (entry.wave_id, entry.pms_id) for field in entry.fields]
            for name, cell in old.cells.items():
                if cell.empty or cell.same(after[ref].cells[name]):
                    continue
                kept = partner is not None and partner.cells[name].same(cell)
                noted = [f for f in mine if f.name == self.lens.fields[name].name and cell.value in (f.lost, f.before)]
                assert kept or noted, f"{ref}: {name} is nowhere any more"
        self._nothing_invented(before, after, partners)

    def _nothing_invented(
        self, before: Mapping[tuple[Side, str], Found], after: Mapping[tuple[Side, str], Found], partners: Mapping
    ) -> None:
        for ref, new in after.items():
            origins = [before[r] for r in (ref, partners.get(ref)) if r in before]
            for name, cell in new.cells.items():
                if not cell.empty and self.lens.fields[name].direction is Direction.BOTH:
                    assert any(cell.same(o.cells[name]) for o in origins), f"{ref}: {name} came from nowhere"

    def _partners(self) -> dict[tuple[Side, str], tuple[Side, str]]:
        found = {}
        for link in self.links.scan(Link):
            found[Side.WAVE, link.wave_id] = (Side.PMS, link.pms_id)
            found[Side.PMS, link.pms_id] = (Side.WAVE, link.wave_id)
        return found


@pytest.fixture(scope="session")
def open_town() -> Callable[..., ExitStack]:
    """What opens a town, for one example of a law each."""

    @contextmanager
    def opened(*args: object, **options: object) -> Iterator[Town]:
        with ExitStack() as stack:
            yield Town(stack, *args, **options)

    return opened


@pytest.fixture(scope="session")
def some() -> Callable[..., settings]:
    """How many examples a law tries: `@some(30)`."""
    settings.load_profile("laws")
    base = settings.get_profile("laws")
    return lambda count, **more: settings(base, max_examples=count * FACTOR, **more)
