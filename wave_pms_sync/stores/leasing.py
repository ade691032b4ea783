"""Who may write: the one rule by which every store grants its lease."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import evolve

from wave_pms_sync.errors import LeaseHeld, LeaseLost
from wave_pms_sync.model.memory import Lease


def grant(held: Lease | None, last_token: int, *, owner: str, now: datetime, ttl_s: float) -> Lease:
    """Decide who holds the lease from now on.

    Args:
        held: The lease as it stands; None if it was never taken or was given back.
        last_token: The newest token ever given out, 0 if none.
        owner: Who asks.
        now: When, aware.
        ttl_s: How long the lease shall last.

    Returns:
        The lease: with the same token for an owner that renews, with the next one for a new owner. The facts of
        a dead owner are on it only if that owner let its lease expire.

    Raises:
        LeaseHeld: Another owner's lease has not expired.
    """
    expires_at = now + timedelta(seconds=ttl_s)
    if held is None:
        return Lease(owner=owner, token=last_token + 1, renewed_at=now, expires_at=expires_at)
    if held.owner == owner:
        return Lease(owner=owner, token=held.token, renewed_at=now, expires_at=expires_at)
    if now < held.expires_at:
        age_s = (now - held.renewed_at).total_seconds()
        raise LeaseHeld(
            f"Another run works on this tenant: {held.owner!r}, {_heard(age_s)}. Nothing was done; "
            f"try again when it is through, or after {held.expires_at.isoformat(timespec='seconds')}.",
            owner=held.owner,
            age_s=age_s,
            retry_after_s=(held.expires_at - now).total_seconds(),
        )
    return Lease(
        owner=owner,
        token=last_token + 1,
        renewed_at=now,
        expires_at=expires_at,
        dead_owner=held.owner,
        dead_renewed_at=held.renewed_at,
    )


def _heard(age_s: float) -> str:
    if age_s > -1:
        return f"last heard of {max(age_s, 0):.0f} s ago"
    ahead = f"last heard of at a time that lies {-age_s:.0f} s ahead of this clock"
    return f"{ahead} (one of the two clocks is wrong; if that run is dead, links.copy_to(a new store) leaves its lease)"


def standing(held: Lease | None) -> tuple[Lease, ...]:
    """The lease as anybody may see it; who held it before is for its owner alone."""
    return () if held is None else (evolve(held, dead_owner=None, dead_renewed_at=None),)


def is_current(held: Lease | None, lease: Lease) -> bool:
    """Whether this lease is still the one that stands. An expired one is, until somebody takes it over."""
    return held is not None and (held.owner, held.token) == (lease.owner, lease.token)


def lost(lease: Lease, tenant: str) -> LeaseLost:
    """The error for a write under a lease that no longer stands."""
    return LeaseLost(
        f"The lease of {lease.owner!r} (token {lease.token}) on tenant {tenant!r} is no longer valid: it was taken "
        "over or given back. Nothing was written; the next run goes on from there."
    )
