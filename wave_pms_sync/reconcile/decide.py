"""The whole decision of a run: a world, a mapping and a policy in; a plan out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import evolve

from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Agreement, Link, Sight
from wave_pms_sync.model.memory import Quarantined, SideState, Tenant
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.guards import breaches
from wave_pms_sync.reconcile.newcomers import decide_newcomers
from wave_pms_sync.reconcile.pairs import decide_pair
from wave_pms_sync.reconcile.plan import Notes, Plan
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.room import Newcomers
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.verdicts import Verdicts
from wave_pms_sync.reconcile.waiting import Dispute, Skipped, dispute
from wave_pms_sync.reconcile.world import Listing, Ref, World

ORDER = {
    ActionKind.SUSPEND: 0,
    ActionKind.TOMBSTONE: 0,
    ActionKind.LINK: 1,
    ActionKind.RELINK: 1,
    ActionKind.AGREE: 2,
    ActionKind.RELEASE: 2,
    ActionKind.HOLD: 3,
    ActionKind.UPDATE: 4,
    ActionKind.CREATE: 5,
    ActionKind.RECREATE: 5,
    ActionKind.ARCHIVE: 7,
    ActionKind.DELETE: 8,
}
"""Link changes first, then updates, creates, retirements last. A hold on a record still to be created follows it."""


def decide(world: World, shape: Shape, policy: Policy, tenant: Tenant, configuration: str) -> Plan:
    """Decide everything.

    Args:
        world: What both sides and the store show.
        shape: The mapping.
        policy: The preferences.
        tenant: Name, accounts, mapping and scope as this run has them.
        configuration: Fingerprint of mapping, policy and scope.
    """
    if not all(abilities.timed for abilities in world.abilities.values()):
        policy = policy.without_times()
    labels = _labels(world, shape)
    newcomers = decide_newcomers(world, shape, policy)
    world = evolve(world, pairs=tuple(p for p in world.pairs if p.link.wave_id not in newcomers.replaced))
    verdicts = {
        p.link.wave_id: decide_pair(p, shape, policy, world.now, world.abilities[Side.PMS]) for p in world.pairs
    }
    paired = [a for v in verdicts.values() for a in v.actions]
    actions = [_labelled(a, labels) for a in sorted((*paired, *newcomers.actions), key=_order)]
    return Plan(
        actions=tuple(actions),
        waiting=(*_disputes(world, verdicts, shape), *world.resting, *_sorted(newcomers.quarantined)),
        skipped=_skipped(newcomers, verdicts, world),
        held=breaches(actions, world, policy.guards, [odd for v in verdicts.values() for odd in v.odd]),
        configuration=configuration,
        tenant={"name": tenant.name, "wave": tenant.wave, "pms": tenant.pms, "lineage": tenant.lineage},
        run_id=world.run_id,
        landed=tuple(found for v in verdicts.values() for found in v.landed),
        notes=_notes(world, verdicts, newcomers, tenant, policy),
    )


def _order(action: Action) -> tuple[int, str, str]:
    late = action.kind is ActionKind.HOLD and not (action.wave_id and action.pms_id)
    return 6 if late else ORDER[action.kind], action.wave_id or "", action.pms_id or ""


def _labels(world: World, shape: Shape) -> dict[Ref, str]:
    """What people call the customers of this world: by the name they show, or by the one last agreed on."""
    place, name = next(((at, i) for at, (i, f) in enumerate(shape.fields.items()) if f.name == "name"), (0, ""))
    if not name:
        return {}
    agreed = [(pair.link, b) for pair in world.pairs if (b := pair.agreement.baselines.get(name)) is not None]
    seen = [*(pair.seen(side) for pair in world.pairs for side in Side), *(n.seen for n in world.newcomers.values())]
    found = {(side, link.id_on(side)): baseline.on(side) for link, baseline in agreed for side in Side}
    found |= {(s.side, s.id): s.raws[place] for s in seen if s.raws is not None and s.raws[place] is not MISSING}
    return {ref: label for ref, label in found.items() if isinstance(label, str)}


def _labelled(action: Action, labels: Mapping[Ref, str]) -> Action:
    refs = [(side, action.id_on(side)) for side in Side]
    found = [labels[side, record_id] for side, record_id in refs if record_id and (side, record_id) in labels]
    return evolve(action, label=found[0]) if found else action


def _disputes(world: World, verdicts: Mapping[str, Verdicts], shape: Shape) -> list[Dispute]:
    seen = [(pair.link, pair.agreement, verdicts[pair.link.wave_id].holds) for pair in world.pairs]
    standing = [(link, agreement, tuple(agreement.holds.values())) for link, agreement in world.standing]
    return [
        dispute(link, agreement, hold, shape)
        for link, agreement, holds in (*seen, *standing)
        for hold in holds
        if hold.choice is None
    ]


def _sorted(quarantined: Mapping[Ref, Quarantined]) -> list[Quarantined]:
    return [quarantined[ref] for ref in sorted(quarantined)]


def _skipped(newcomers: Newcomers, verdicts: Mapping[str, Verdicts], world: World) -> tuple[Skipped, ...]:
    alone = [Skipped(side=side, id=i, reason=why) for (side, i), why in sorted(newcomers.skipped.items())]
    out = [
        Skipped(side=seen.side, id=seen.id, reason=seen.reason or "out of scope")
        for pair in world.pairs
        for seen in (pair.wave, pair.pms)
        if seen.excluded
    ]
    return (*alone, *out)


# --- what the look adds to memory ------------------------------------------------------------------


def _notes(
    world: World, verdicts: Mapping[str, Verdicts], newcomers: Newcomers, tenant: Tenant, policy: Policy
) -> Notes:
    unfinished = dict(newcomers.unfinished)
    for pair in world.pairs:
        why = verdicts[pair.link.wave_id].unfinished
        if why and not (pair.wave.excluded or pair.pms.excluded):
            unfinished |= {(Side.WAVE, pair.link.wave_id): why, (Side.PMS, pair.link.pms_id): why}
    before = {pair.link.wave_id: (pair.link, pair.agreement) for pair in world.pairs}
    after = {
        key: (_open_or_not(v.link, v.agreement), v.agreement) for key, v in {**verdicts, **newcomers.joined}.items()
    }
    linked = {(side, v.link.id_on(side)) for v in newcomers.joined.values() for side in Side}
    return Notes(
        links={key: memory for key, memory in after.items() if memory != before.get(key)},
        quarantined=tuple(newcomers.quarantined.values()),
        freed=tuple(
            n.quarantined
            for ref, n in world.newcomers.items()
            if n.quarantined is not None and ref not in newcomers.quarantined
        ),
        unfinished=unfinished,
        intents=(*newcomers.intents, *(intent for v in verdicts.values() for intent in v.narrowed)),
        closed=(*newcomers.closed, *(key for v in verdicts.values() for key in _closed(v))),
        origins={
            ref: Sight(created_at=n.seen.created_at, stamp=n.seen.stamp, digest=n.seen.digest, archived=n.seen.archived)
            for ref, n in world.newcomers.items()
            if ref not in linked
        },
        before=world.tenant,
        tenant=_advanced(world, tenant, policy),
        listings=dict(world.listings),
        unchanged=world.unchanged + sum(not (v.actions or v.holds or v.unfinished) for v in verdicts.values()),
        unknown=newcomers.unknown,
        incomplete={s.value: listing.problem for s, listing in world.listings.items() if listing.problem},
    )


def _open_or_not(link: Link, agreement: Agreement) -> Link:
    held = bool(agreement.holds)
    return link if link.open is held else evolve(link, open=held)


def _closed(verdicts: Verdicts) -> list[str]:
    """Intents that the look alone settles; an action that settles them may announce another under the same key."""
    return [key for key in verdicts.closed if not any(key in action.settles for action in verdicts.actions)]


def _advanced(world: World, tenant: Tenant, policy: Policy) -> Tenant:
    """The tenant with both watermarks moved as far as the listings allow.

    A new mapping or scope counts only once everything was seen under it.
    """
    states = {s: _state(tenant.state(s), world.listings[s], world.now, policy.overlap_s) for s in Side}
    states = {s: evolve(state, proven=state.proven or s in world.proven) for s, state in states.items()}
    tenant = evolve(tenant, wave_state=states[Side.WAVE], pms_state=states[Side.PMS])
    if world.tenant is None or all(listing.full and listing.complete for listing in world.listings.values()):
        return tenant
    return evolve(tenant, mapping=world.tenant.mapping, scope=world.tenant.scope)


def _state(state: SideState, listing: Listing, now: datetime, overlap_s: float) -> SideState:
    if not listing.asked or not listing.complete:
        return state
    began = listing.began_at or now
    reached = min(listing.newest, began) if listing.newest is not None else None
    if not listing.full and reached is not None and state.watermark is not None:
        reached = max(reached, state.watermark)
    if listing.full:
        state = evolve(state, full_scan_at=now, indexed=True)
    if reached != state.watermark:
        return evolve(state, watermark=reached, listed_at=began, confirmed=False)
    settled = state.listed_at is not None and began > state.listed_at + timedelta(seconds=overlap_s)
    return evolve(state, confirmed=state.confirmed or settled)


def configuration_digest(shape: Shape, policy: Policy, scope: str) -> str:
    """Recognises the same mapping, policy and scope."""
    rules = [[f.id, f.required, f.on_foreign_edit, f.backfill] for f in shape.fields.values()]
    return digest([shape.fingerprint, rules, policy.fingerprint, scope])
