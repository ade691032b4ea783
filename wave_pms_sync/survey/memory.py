"""What the store remembers when a run begins, and the lease under which it works."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

from attrs import field, frozen

from wave_pms_sync.errors import WrongTenant
from wave_pms_sync.model.memory import Intent, Quarantined, Tenant, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import Clock, CustomerClient, LinkReader, LinkStore
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.world import Ref
from wave_pms_sync.tenure import Tenure

log = logging.getLogger("wave_pms_sync.survey")


@frozen(kw_only=True)
class Memory:
    """The small part of a store that every run reads whole.

    Attributes:
        tenant: Whose memory it is; None before the first apply.
        intents: Writes that were announced and are not settled.
        unfinished: Records to be read again whatever their stamps.
        quarantined: Records that rest, by side and id.
    """

    tenant: Tenant | None = None
    intents: tuple[Intent, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    quarantined: Mapping[Ref, Quarantined] = field(factory=dict)

    @property
    def announced(self) -> frozenset[Ref]:
        """The records that open intents name."""
        written = {(i.side, i.record_id) for i in self.intents if i.record_id is not None}
        return frozenset(written | {(i.side.other, i.origin_id) for i in self.intents})

    @property
    def left_over(self) -> frozenset[Ref]:
        """The records on the unfinished list."""
        return frozenset((u.side, u.id) for u in self.unfinished)


def remember(reader: LinkReader) -> Memory:
    """Read what the store remembers."""
    return Memory(
        tenant=next(iter(reader.scan(Tenant)), None),
        intents=tuple(reader.scan(Intent)),
        unfinished=tuple(reader.scan(Unfinished)),
        quarantined={(q.side, q.id): q for q in reader.scan(Quarantined)},
    )


def check_tenant(tenant: Tenant | None, clients: Mapping[Side, CustomerClient]) -> None:
    """Refuse a store that belongs to other accounts, before anything is read from a side.

    Raises:
        WrongTenant: Both accounts are named.
    """
    for side in Side:
        theirs, ours = getattr(tenant, side.value, None), clients[side].identity
        if tenant is not None and theirs != ours:
            raise WrongTenant(
                f"the link store's tenant {tenant.name!r} belongs to {side} account {theirs}, not {ours}; "
                "use another tenant name, or links.rebind(...) if the same account moved",
                side=side.value,
            )


@contextmanager
def at_work(links: LinkStore, clients: Mapping[Side, CustomerClient], clock: Clock, policy: Policy) -> Iterator[Tenure]:
    """Work under the lease, on a store that is ours; what a dead owner may still be writing is marked first.

    Raises:
        LeaseHeld: Another run is at work.
        WrongTenant: The store belongs to other accounts.
    """
    check_tenant(next(iter(links.scan(Tenant)), None), clients)
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    tenure = Tenure.begin(links, clock, owner, policy.lease_s)
    if tenure.lease.dead_owner is not None:
        log.warning("lease taken over from %s, which never gave it back", tenure.lease.dead_owner)
    try:
        timeout_s = max(client.abilities.request_timeout_s for client in clients.values())
        tenure.heed_the_dead(timeout_s, policy.settle_s)
        yield tenure
    finally:
        tenure.end()
