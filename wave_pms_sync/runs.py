"""A run from its look at both sides to its report: what `Synchronizer.plan`, `apply` and `run` do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from uuid import uuid4

from attrs import evolve, frozen

from wave_pms_sync.apply.book import Book
from wave_pms_sync.apply.desk import Desk
from wave_pms_sync.apply.loop import Applied, apply_plan
from wave_pms_sync.asked import refs_in
from wave_pms_sync.journal.keeping import expire
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.model.memory import JournalEntry, Tenant
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import Clock, CustomerClient, LinkReader, LinkStore
from wave_pms_sync.reconcile.decide import configuration_digest, decide
from wave_pms_sync.reconcile.plan import Plan
from wave_pms_sync.reconcile.policy import Policy, Scope
from wave_pms_sync.reconcile.remapping import judged_by, overlaid
from wave_pms_sync.report import Report
from wave_pms_sync.summary import refusal, refused, summarise
from wave_pms_sync.survey.ground import Ground
from wave_pms_sync.survey.look import see, with_survey
from wave_pms_sync.survey.memory import check_tenant, remember
from wave_pms_sync.tenure import Tenure

log = logging.getLogger("wave_pms_sync.synchronizer")


@frozen(kw_only=True)
class Runs:
    """What the runs of one Synchronizer have in common.

    Attributes:
        clients: Both sides.
        lens: The mapping, as it was when the Synchronizer was made.
        policy: The preferences.
        scope: Which records take part; all if None.
        links: The store.
        clock: Our own time.
    """

    clients: Mapping[Side, CustomerClient]
    lens: Lens
    policy: Policy
    scope: Scope | None
    links: LinkStore
    clock: Clock

    def plan(
        self,
        reader: LinkReader,
        *,
        full: bool | None,
        only: Iterable[str | tuple[str, str]] | None,
        overdue: Callable[[], bool],
    ) -> Plan:
        """Look at both sides and decide; arguments and errors are those of `Synchronizer.plan`."""
        memory = remember(reader)
        check_tenant(memory.tenant, self.clients)
        ground = Ground(
            reader=reader,
            clients=self.clients,
            shape=self.lens,
            policy=self.policy,
            scope=self.scope,
            now=self.clock.now(),
            memory=memory,
        )
        surveyed = see(ground, new_run_id(), full, None if only is None else refs_in(only), overdue)
        plan = decide(surveyed.world, self.lens, self.policy, self.tenant(surveyed.world.tenant), self.configuration)
        return with_survey(plan, surveyed, told=reader.count(JournalEntry))

    def apply(
        self,
        plan: Plan,
        tenure: Tenure,
        *,
        accept: str | None,
        overdue: Callable[[], bool],
        same_run: bool,
        before: Mapping[Side, int],
    ) -> Report:
        """Carry out a plan under a lease.

        Args:
            plan: The plan.
            tenure: The right to write.
            accept: The digest of a held plan that a person released.
            overdue: Whether the time of the run is over.
            same_run: The plan was made under this very lease.
            before: How many requests each client had sent when the run began.
        """
        stored = stored_tenant(self.links)
        why = refusal(plan, self.tenant(stored), self.configuration)
        if why:
            return refused(plan, why)
        if plan.held and accept != plan.digest:
            return summarise(plan, Applied(), self.links, self._spent(before), held=plan.held)
        if not same_run and self._moved_on(plan, stored):
            plan = evolve(plan, notes=None)  # as if it had been saved: what the look taught is out of date
        book = Book(
            links=self.links,
            tenure=tenure,
            tenant=self.unread(stored),
            plan=plan,
            run_id=plan.run_id,
            settle_s=self.policy.settle_s,
        )
        desk = Desk(clients=self.clients, shape=self.lens, policy=self.policy, book=book, same_run=same_run)
        applied = apply_plan(desk, plan, overdue)
        if applied.error is None and not overdue():
            applied.error = expire(tenure, self.policy)
        report = summarise(plan, applied, self.links, self._spent(before))
        log.info("run %s", report.status, extra={"run_id": report.run_id, "counts": dict(report.counts)})
        return report

    def _moved_on(self, plan: Plan, stored: Tenant | None) -> bool:
        """Whether a run or a person has changed the store since it was looked at for this plan."""
        if plan.notes is None:
            return False
        found, now = ((t.wave_state, t.pms_state) if t is not None else None for t in (plan.notes.before, stored))
        return found != now or plan.notes.told != self.links.count(JournalEntry)

    def spent(self) -> dict[Side, int]:
        """How many requests each client has sent so far."""
        return {side: client.requests for side, client in self.clients.items()}

    def _spent(self, before: Mapping[Side, int]) -> dict[str, int]:
        return {side.value: count - before[side] for side, count in self.spent().items()}

    @property
    def configuration(self) -> str:
        """Recognises mapping, policy and scope."""
        return configuration_digest(self.lens, self.policy, self._scope_id)

    @property
    def _scope_id(self) -> str:
        return self.scope.id if self.scope is not None else ""

    def tenant(self, known: Tenant | None) -> Tenant:
        """The tenant as a run will leave it: today's mapping and scope."""
        return evolve(known or self._fresh(), mapping=judged_by(self.lens, self.policy), scope=self._scope_id)

    def unread(self, known: Tenant | None) -> Tenant:
        """The tenant as a run begins: bound, if the store is new; else noting the fields that are mapped otherwise."""
        if known is None:
            return evolve(self.tenant(None), lineage=uuid4().hex)
        return evolve(known, mapping=overlaid(known.mapping, judged_by(self.lens, self.policy)))

    def _fresh(self) -> Tenant:
        wave, pms = (self.clients[side].identity for side in (Side.WAVE, Side.PMS))
        return Tenant(name=self.links.tenant, wave=wave, pms=pms)


def stored_tenant(reader: LinkReader) -> Tenant | None:
    """To whom a store belongs; None before the first apply."""
    return next(iter(reader.scan(Tenant)), None)


def new_run_id() -> str:
    """Names a run, and whatever a person does between runs."""
    return uuid4().hex[:16]
