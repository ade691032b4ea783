"""The Synchronizer: plan, apply, run, and what a person may decide.

The rooms behind it are entered when they are first asked for: making a Synchronizer is to cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from wave_pms_sync.asked import digest_in, mapping_or_default, pairs_in, parts_in, policy_in, policy_or_default
from wave_pms_sync.clock import clock_or_default
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.policy import Policy, Scope

if TYPE_CHECKING:
    from wave_pms_sync.audit.result import Audit
    from wave_pms_sync.decisions.pen import Pen
    from wave_pms_sync.journal.story import History
    from wave_pms_sync.model.memory import Quarantined
    from wave_pms_sync.ports import Clock, CustomerClient, LinkStore
    from wave_pms_sync.reconcile.plan import Plan
    from wave_pms_sync.reconcile.waiting import Dispute
    from wave_pms_sync.rehearsal.result import Rehearsal
    from wave_pms_sync.report import Report
    from wave_pms_sync.runs import Runs
    from wave_pms_sync.tenure import Tenure


@define(kw_only=True)
class Synchronizer:
    """Keeps the customers of Wave and of a Custom PMS in step, both ways.

    Building one does nothing outside. It may be used from several threads; runs of one tenant exclude each
    other by the store's lease, across processes, too.

    Args:
        wave: Wave's side; a `WaveClient`, or anything that fulfils `CustomerClient`.
        pms: The PMS's side; a `CustomPmsClient`, or anything that fulfils `CustomerClient`.
        links: Where links, baselines and intents are remembered.
        mapping: Which properties correspond; None: the default mapping.
        policy: Preferences; None: the careful defaults.
        scope: Which records take part; all if None.
        clock: Our own time; None: the machine's.

    Raises:
        ConfigurationError: With all faults at once, if mapping, policy and sides do not fit each other.
    """

    wave: CustomerClient
    pms: CustomerClient
    links: LinkStore
    mapping: MappingRegistry = field(default=None, converter=mapping_or_default)
    policy: Policy = field(default=None, converter=policy_or_default)
    scope: Scope | None = None
    clock: Clock = field(default=None, converter=clock_or_default)
    _lens: Lens = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        parts_in({name: getattr(self, name) for name in ("wave", "pms", "links", "mapping", "policy", "scope")})
        self._lens = self.mapping.lens(omits_empty=self.pms.abilities.omits_empty)
        policy_in(self.policy, self._lens, self.pms.abilities)

    # --- planning and applying ---

    def plan(
        self,
        *,
        full: bool | None = None,
        only: Iterable[str | tuple[str, str]] | None = None,
        deadline_s: float | None = None,
    ) -> Plan:
        """Say what a run would do. Writes nothing, anywhere, and takes no lease.

        Args:
            full: True lists both sides completely; False does not do so merely because it is due; None decides.
            only: Look at these records alone: Wave ids, or `("pms", id)`. Watermarks and absences are untouched.
            deadline_s: Stop reading after so many seconds; what was not listed is left for the next run.

        Raises:
            WrongTenant: The store belongs to other accounts.
            DeadlineExceeded: The time was over before the records in question were read.
            SyncError: A side or the store could not be read.
        """
        from wave_pms_sync.tenure import time_given

        with time_given(self.clock, deadline_s) as overdue, self.links.snapshot() as view:
            return self._runs().plan(view, full=full, only=only, overdue=overdue)

    def apply(self, plan: Plan, *, accept: str | None = None, deadline_s: float | None = None) -> Report:
        """Carry out a plan, once. An action whose ground moved since planning is skipped and reported.

        Args:
            plan: Made by `plan`, or by `Plan.from_dict`.
            accept: The plan's digest; releases a plan that the guards hold, and no other.
            deadline_s: Stop between records after so many seconds, within the time of one request; no wait that a
                side asks for goes beyond. The next run goes on from there.

        Returns:
            A report, always, once something was written remotely.

        Raises:
            LeaseHeld: Another run is at work; nothing was done.
            WrongTenant: The store belongs to other accounts.
            SyncError: The store cannot be used, before anything was written.
        """
        from wave_pms_sync.reconcile.plan import Plan
        from wave_pms_sync.tenure import time_given

        if not isinstance(plan, Plan):
            raise ConfigurationError("apply", ["plan: must be a Plan (allowed: sync.plan(), Plan.from_dict(...))"])
        digest_in(accept)
        with time_given(self.clock, deadline_s) as overdue, self._leased() as tenure:
            runs = self._runs()
            return runs.apply(plan, tenure, accept=accept, overdue=overdue, same_run=False, before=runs.spent())

    def run(
        self,
        *,
        full: bool | None = None,
        only: Iterable[str | tuple[str, str]] | None = None,
        deadline_s: float | None = None,
    ) -> Report:
        """Plan and apply in one go, under one lease. Arguments and errors are those of `plan` and `apply`."""
        from wave_pms_sync.tenure import time_given

        runs = self._runs()
        before = runs.spent()
        with time_given(self.clock, deadline_s) as overdue, self._leased() as tenure:

            def alive() -> bool:
                tenure.renew()
                return overdue()

            plan = runs.plan(self.links, full=full, only=only, overdue=alive)
            return runs.apply(plan, tenure, accept=None, overdue=overdue, same_run=True, before=before)

    # --- what a person decides ---

    def link(self, wave_id: str, pms_id: str) -> None:
        """Link two records. Local; their values merge at the next run, as a first meeting.

        Whether there are such records is seen at the next run only.

        Raises:
            ConfigurationError: One of the two is linked with another record.
        """
        self.link_many([(wave_id, pms_id)])

    def link_many(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Link many pairs, all or none. Linking a pair again changes nothing."""
        from wave_pms_sync.decisions.by_hand import link

        wanted = pairs_in(pairs)
        with self._leased() as tenure:
            link(self._pen(tenure), wanted)

    def unlink(self, *, wave_id: str | None = None, pms_id: str | None = None) -> None:
        """End a link. Both records are left apart: not matched and not created again until `link`.

        Raises:
            ConfigurationError: There is no such link, or no id was given.
        """
        from wave_pms_sync.decisions.by_hand import unlink

        with self._leased() as tenure:
            unlink(self._pen(tenure), self._lens, wave_id, pms_id)

    def disputes(self) -> list[Dispute]:
        """The field groups that wait for a person. Reads the store only."""
        from wave_pms_sync.decisions.disputes import disputes

        return disputes(self.links, self._lens)

    def resolve(self, dispute: Dispute, *, choose: str | None = None, value: object = None) -> None:
        """Settle a dispute; the next run carries it out, unless a value has moved by then.

        Args:
            dispute: One of `disputes()`.
            choose: `"wave"` or `"pms"`: that side's value wins. For an edit against a deletion, the side where
                the record is gone accepts the deletion; the other one makes the record again.
            value: Instead of a choice, a value of its own (our shape; a dict by Wave property for a group).
                `{"phone": None}` clears the phone number on both sides. Not for what is mapped one way.

        Raises:
            ConfigurationError: The dispute is not open any more, or shows other values by now.
        """
        from wave_pms_sync.decisions.disputes import resolve

        with self._leased() as tenure:
            resolve(self._pen(tenure), self._lens, dispute, choose, value)

    def quarantine(self) -> list[Quarantined]:
        """The records that rest, with the reason. Reads the store only."""
        from wave_pms_sync.decisions.resting import quarantine

        return quarantine(self.links)

    def retry(self, entry: Quarantined) -> None:
        """Have the next run look at a resting record again."""
        from wave_pms_sync.decisions.resting import retry

        with self._leased() as tenure:
            retry(self._pen(tenure), entry)

    # --- the journal ---

    def history(self, *, wave_id: str | None = None, pms_id: str | None = None) -> History:
        """What happened to one record, oldest first; empty if the journal does not know it. Reads the store only.

        Args:
            wave_id: Its id in Wave; or
            pms_id: its id in the PMS.

        Raises:
            ConfigurationError: If not exactly one of the two was given.
        """
        from wave_pms_sync.journal.story import history

        return history(self.links, wave_id, pms_id)

    def undo(self, run_id: str, *, deadline_s: float | None = None) -> Plan:
        """A plan that gives back what a run replaced, where nobody went on from it. Reads both sides, writes nothing.

        It deletes and makes no record; what it cannot take back is `skipped`. Each group that it gives back is held:
        the two sides then differ until a person, or a new edit of that group, decides.

        Args:
            run_id: The run, from its report or from a history.
            deadline_s: Stop reading after so many seconds.

        Raises:
            ConfigurationError: The journal does not know the run.
            WrongTenant: The store belongs to other accounts.
            DeadlineExceeded: The time was over before all records in question were read.
            SyncError: A side or the store could not be read.
        """
        from wave_pms_sync.journal.undoing import Undoing, undo
        from wave_pms_sync.runs import stored_tenant
        from wave_pms_sync.survey.memory import check_tenant
        from wave_pms_sync.tenure import time_given

        runs = self._runs()
        with time_given(self.clock, deadline_s), self.links.snapshot() as view:
            known = stored_tenant(view)
            check_tenant(known, runs.clients)
            tenant, now = runs.tenant(known), self.clock.now()
            given = Undoing(view, runs.clients, self._lens, self.policy, tenant, runs.configuration, now, self.scope)
            return undo(given, run_id)

    def forget(self, *, wave_id: str | None = None, pms_id: str | None = None) -> None:
        """Erase a customer's values from the link store; neither side is asked or written. Twice is once.

        Journal, baselines, holds and announced updates keep no value; the link stays, as salted digests, and later
        edits travel as before. What is edited afterwards is remembered again.

        Raises:
            ConfigurationError: Nothing is remembered of such a record, or a create or an undo of it is not settled.
            LeaseHeld: A run is at work; nothing was done.
            StoreUnusable: The values could not be overwritten, for somebody reads the file; call it again.
        """
        from wave_pms_sync.journal.forgetting import Forgetting

        with self._leased() as tenure:
            given = Forgetting(links=self.links, shape=self._lens, lease=tenure.lease, now=self.clock.now())
            given.forget(wave_id, pms_id)

    # --- the audit and the checklist ---

    def verify(self, *, deadline_s: float | None = None) -> Audit:
        """Read both sides completely and say whether all linked pairs correspond. Writes nothing, takes no lease.

        Args:
            deadline_s: Stop reading after so many seconds; what was not read is said to be unknown, not gone.

        Raises:
            WrongTenant: The store belongs to other accounts.
            DeadlineExceeded: The time was over before records were read that a listing leaves in doubt.
            SyncError: A side or the store could not be read.
        """
        from wave_pms_sync.audit.whole import audit
        from wave_pms_sync.tenure import time_given

        with time_given(self.clock, deadline_s) as overdue:
            return audit(self.links, self._clients(), self._lens, self.policy, self.scope, self.clock.now(), overdue)

    def rehearse(
        self,
        name: str = "Rehearsal (wave_pms_sync)",
        *,
        keep: bool = False,
        values: Mapping[str, Sequence[object]] | None = None,
        deadline_s: float | None = None,
    ) -> Rehearsal:
        """Work through the document: lead a pair of test customers through every row of the mapping.

        One customer of this name is made on each side, edited and cleared on either side, and both are deleted; so
        is, first, what an earlier rehearsal left. No other customer is written, and other runs are refused meanwhile.

        Args:
            name: What the test customer is called; it must hold the word rehearsal, for whoever bears it is deleted.
            keep: Leave the pair in the end, and link it.
            values: Values to be tried, two or three by Wave property (several of one row joined by `+`), as Wave
                shows them; artificial ones for all other rows.
            deadline_s: Stop trying after so many seconds. The pair is put away all the same, which takes some more.

        Raises:
            ConfigurationError: Name or values cannot be used, or several customers bear the name.
            LeaseHeld: A run is at work; nothing was done.
            SyncError: A side could not be listed; nothing was written.
        """
        from wave_pms_sync.rehearsal.whole import House, rehearse
        from wave_pms_sync.runs import stored_tenant

        with self._leased() as tenure:
            house = House(
                clients=self._clients(),
                rows=self.mapping.maps,
                lens=self._lens,
                policy=self.policy,
                links=self.links,
                tenure=tenure,
                tenant=self._runs().unread(stored_tenant(self.links)),
                engine=self._alone,
            )
            return rehearse(house, name, keep=keep, values=values, deadline_s=deadline_s)

    def _alone(self, wave: CustomerClient, pms: CustomerClient, links: LinkStore, policy: Policy) -> Synchronizer:
        alone = evolve(self, wave=wave, pms=pms, links=links, policy=policy, scope=None)
        alone._lens = self._lens
        return alone

    # --- the rooms behind ---

    def _clients(self) -> dict[Side, CustomerClient]:
        return {Side.WAVE: self.wave, Side.PMS: self.pms}

    def _runs(self) -> Runs:
        from wave_pms_sync.runs import Runs

        return Runs(
            clients=self._clients(),
            lens=self._lens,
            policy=self.policy,
            scope=self.scope,
            links=self.links,
            clock=self.clock,
        )

    def _pen(self, tenure: Tenure) -> Pen:
        from wave_pms_sync.decisions.pen import Pen
        from wave_pms_sync.runs import new_run_id, stored_tenant

        tenant = self._runs().unread(stored_tenant(self.links))
        return Pen(self.links, tenure.lease, tenant, self.clock.now(), new_run_id())

    def _leased(self) -> AbstractContextManager[Tenure]:
        from wave_pms_sync.survey.memory import at_work

        return at_work(self.links, self._clients(), self.clock, self.policy)
