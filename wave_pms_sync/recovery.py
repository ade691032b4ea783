"""Taking over from a run that died: what it may still be writing is left alone until that can no longer be."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from wave_pms_sync.model.memory import Intent, IntentState, Lease, Put
from wave_pms_sync.ports import LinkStore


def take_over(links: LinkStore, lease: Lease, timeout_s: float, settle_s: float) -> None:
    """Mark the open intents of a dead owner.

    Until request timeout and settle time have passed since it last renewed its lease, the records they name are
    unknown and untouched. All others go on.

    Args:
        links: The store.
        lease: The lease as just acquired; nothing happens if it was taken over from nobody.
        timeout_s: The longest that one of its requests may have been under way.
        settle_s: How long a lost create may still appear.
    """
    if lease.dead_renewed_at is None:
        return
    until = lease.dead_renewed_at + timedelta(seconds=timeout_s + settle_s)
    at_risk = (IntentState.PLANNED, IntentState.UNKNOWN)
    marked = [Put(evolve(i, quiet_until=until)) for i in links.scan(Intent) if i.state in at_risk]
    if marked:
        links.commit(marked, lease)
