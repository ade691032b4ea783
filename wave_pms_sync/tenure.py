"""The lease of a run: kept alive while it works, and taken over with care from a run that died."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from attrs import define, evolve

from wave_pms_sync.asked import time_in
from wave_pms_sync.deadline import until
from wave_pms_sync.errors import LeaseHeld, LeaseLost
from wave_pms_sync.model.memory import Intent, IntentState, Lease, Put
from wave_pms_sync.ports import Clock, LinkStore


@contextmanager
def time_given(clock: Clock, deadline_s: float | None) -> Iterator[Callable[[], bool]]:
    """Give what is done inside the block so many seconds; no request of either side begins or waits beyond them.

    Args:
        clock: Our own time.
        deadline_s: The seconds; None: as many as it takes.

    Yields:
        Whether they are over.

    Raises:
        ConfigurationError: They are no number of seconds from 0 up.
    """
    if deadline_s is None:
        yield lambda: False
        return
    given = time_in(deadline_s)
    ends_at = clock.now() + given
    with until(given.total_seconds()):
        yield lambda: clock.now() >= ends_at


@define(kw_only=True)
class Tenure:
    """One run's right to write.

    Attributes:
        links: The store.
        clock: Our own time.
        owner: Who holds the lease; unique for each run.
        lease_s: How long the lease lives without being renewed.
        lease: The lease as it stands.
    """

    links: LinkStore
    clock: Clock
    owner: str
    lease_s: float
    lease: Lease

    @classmethod
    def begin(cls, links: LinkStore, clock: Clock, owner: str, lease_s: float) -> Tenure:
        """Take the lease.

        Raises:
            LeaseHeld: Another run is at work.
        """
        lease = links.acquire(owner, clock.now(), lease_s)
        return cls(links=links, clock=clock, owner=owner, lease_s=lease_s, lease=lease)

    def now(self) -> datetime:
        """Our own time."""
        return self.clock.now()

    def renew(self, needed_s: float = 0) -> None:
        """Make sure that the lease lives on, and longer than a request that is about to be sent.

        Raises:
            LeaseLost: Another run took over, and may be through by now.
        """
        now = self.now()
        if self.lease.expires_at - now > timedelta(seconds=max(needed_s, self.lease_s / 2)):
            return
        try:
            lease = self.links.acquire(self.owner, now, max(self.lease_s, needed_s * 1.25))
        except LeaseHeld as error:
            raise LeaseLost(f"the lease was taken over by {error.owner}") from error
        if lease.token != self.lease.token:  # what this run knows is from before the other's
            self.links.release(lease)
            raise LeaseLost("the lease was taken over by another run, which has given it back since")
        self.lease = lease

    def heed_the_dead(self, timeout_s: float, settle_s: float) -> None:
        """Mark what a dead owner may still be writing.

        Until request timeout and settle time have passed since it last renewed its lease, the records that its
        open intents name are unknown and untouched. All others go on.

        Args:
            timeout_s: The longest that one of its requests may have been under way.
            settle_s: How long a lost create may still appear.
        """
        if self.lease.dead_renewed_at is None:
            return
        until = self.lease.dead_renewed_at + timedelta(seconds=timeout_s + settle_s)
        at_risk = (IntentState.PLANNED, IntentState.UNKNOWN)
        marked = [Put(evolve(i, quiet_until=until)) for i in self.links.scan(Intent) if i.state in at_risk]
        if marked:
            self.links.commit(marked, self.lease)

    def end(self) -> None:
        """Give the lease back."""
        self.links.release(self.lease)
