"""The whole audit: look at both sides completely, compare, and say what stands out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from wave_pms_sync.audit.comparison import Comparison, Foresight
from wave_pms_sync.audit.doubles import double_findings
from wave_pms_sync.audit.finding import Kind
from wave_pms_sync.audit.pairs import pair_findings
from wave_pms_sync.audit.remembered import link_findings, memory_findings
from wave_pms_sync.audit.result import Audit
from wave_pms_sync.audit.unlinked import Unlinked
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import CustomerClient, LinkReader, LinkStore
from wave_pms_sync.reconcile.policy import Policy, Scope
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.survey.ground import Ground
from wave_pms_sync.survey.look import see
from wave_pms_sync.survey.memory import check_tenant, remember

log = logging.getLogger("wave_pms_sync.audit")
_NO_RUN: Final = "audit"


def audit(
    links: LinkStore,
    clients: Mapping[Side, CustomerClient],
    shape: Shape,
    policy: Policy,
    scope: Scope | None,
    now: datetime,
    overdue: Callable[[], bool],
) -> Audit:
    """Compare both sides with each other and with the memory. Writes nothing, anywhere, and takes no lease.

    Args:
        links: The memory; read in a view that does not move.
        clients: Both sides.
        shape: The mapping.
        policy: The preferences.
        scope: Which records take part.
        now: The present moment by our clock.
        overdue: Whether the time of the audit is over.

    Raises:
        WrongTenant: The store belongs to other accounts.
        SyncError: A side or the store could not be read.
    """
    before = {side: client.requests for side, client in clients.items()}
    with links.snapshot() as view:
        ground = _ground(view, clients, shape, policy, scope, now)
        world = see(ground, _NO_RUN, True, None, overdue).world
        ahead = Foresight(ground=ground)
        of_pairs = [finding for pair in world.pairs for finding in pair_findings(ground, pair, ahead)]
        findings = [
            *of_pairs,
            *Unlinked(ground=ground, world=world, ahead=ahead).findings(),
            *link_findings(ground, {f.wave_id for f in of_pairs if f.kind in (Kind.TOMBSTONE, Kind.SUSPENDED)}),
            *double_findings(view),
            *memory_findings(ground),
        ]
        pairs = _compared(ground)
    found = Audit(
        findings=findings,
        pairs=pairs,
        requests={side.value: client.requests - before[side] for side, client in clients.items()},
    )
    log.info("audit", extra={"ok": found.ok, "counts": found.counts})
    return found


def _ground(
    reader: LinkReader,
    clients: Mapping[Side, CustomerClient],
    shape: Shape,
    policy: Policy,
    scope: Scope | None,
    now: datetime,
) -> Ground:
    """The ground of a look at which only those rows pass unseen that show what was agreed on."""
    memory = remember(reader)
    check_tenant(memory.tenant, clients)
    ground = Ground(reader=reader, clients=clients, shape=shape, policy=policy, scope=scope, now=now, memory=memory)
    marks = shape.marker is not None and clients[Side.PMS].abilities.marker
    ground.sights.agrees = Comparison(reader=reader, shape=shape, marks=marks).agrees
    return ground


def _compared(ground: Ground) -> int:
    """How many active links both sides listed."""
    listed = ground.sights.listed
    return sum(
        link.status is LinkStatus.ACTIVE and all(link.id_on(side) in listed[side] for side in Side)
        for link in ground.reader.scan(Link)
    )
