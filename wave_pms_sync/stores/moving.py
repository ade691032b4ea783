"""Moving a memory: into another store, or to accounts that now answer elsewhere. Written over the protocol only."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from itertools import islice

from attrs import evolve

from wave_pms_sync.errors import StoreUnusable
from wave_pms_sync.model.memory import Entry, Lease, Put, Tenant
from wave_pms_sync.ports import LinkReader, LinkStore
from wave_pms_sync.stores.arguments import check_target
from wave_pms_sync.stores.kinds import KINDS

_COPY_S = 3600.0
_REBIND_S = 60.0
_BATCH = 2000


def copy(links: LinkStore, other: LinkStore) -> None:
    """Copy everything that one store remembers of its tenant into another, empty store of any kind.

    It copies one moment of `links`; what is committed there meanwhile is not in the copy. The other store's
    tenant may have another name. Should copying be cut short, the other store is left unfinished: throw it away.

    Raises:
        ConfigurationError: The other one is no store.
        StoreUnusable: The other store is not empty, or does not hold as many entries as were copied.
        LeaseHeld: Somebody works on the other store.
    """
    check_target(other)
    with links.snapshot() as view, _leased(other, _COPY_S) as lease:
        occupied = [kind.__name__ for kind in KINDS if other.count(kind)]
        if occupied:
            raise StoreUnusable(
                f"Tenant {other.tenant!r} of the other store already holds entries ({', '.join(occupied)}); nothing "
                "was copied. Copy into a new store or under a new tenant name."
            )
        for kind in reversed(KINDS):  # the tenant comes last: a copy that was cut short belongs to nobody
            _copy_kind(view, other, kind, lease)


def _copy_kind(view: LinkReader, other: LinkStore, kind: type[Entry], lease: Lease) -> None:
    copied = 0
    for entries in _batches(view.scan(kind)):
        other.commit([Put(_renamed(entry, other.tenant)) for entry in entries], lease)
        copied += len(entries)
    arrived = other.count(kind)
    if arrived != copied:
        raise StoreUnusable(
            f"Of {copied} {kind.__name__} entries the other store holds {arrived} after copying; do not use it. "
            "The store that was copied is unchanged."
        )


def rebind(links: LinkStore, *, wave: str | None = None, pms: str | None = None) -> None:
    """Say that the tenant's accounts are the same as before but answer under another identity now.

    Args:
        links: The store.
        wave: The new identity of the Wave account (`WaveClient.identity`); None leaves it.
        pms: The new identity of the PMS (`CustomPmsClient.identity`); None leaves it.

    Raises:
        StoreUnusable: The store has not been bound to any accounts yet.
        LeaseHeld: A run is under way.
    """
    if not links.count(Tenant):
        raise StoreUnusable(
            f"Tenant {links.tenant!r} is not bound to any accounts yet, so there is nothing to rebind. "
            "The first apply binds it."
        )
    with _leased(links, _REBIND_S) as lease:
        (bound,) = links.scan(Tenant)
        links.commit([Put(evolve(bound, wave=wave or bound.wave, pms=pms or bound.pms))], lease)


def _renamed(entry: Entry, name: str) -> Entry:
    return evolve(entry, name=name) if isinstance(entry, Tenant) else entry


def _batches(entries: Iterator[Entry]) -> Iterator[Sequence[Entry]]:
    while batch := tuple(islice(entries, _BATCH)):
        yield batch


@contextmanager
def _leased(links: LinkStore, ttl_s: float) -> Iterator[Lease]:
    # The wall clock may decide when a lease ends; no value depends on it.
    now = datetime.fromtimestamp(time.time(), timezone.utc)
    lease = links.acquire(f"moving-{uuid.uuid4()}", now, ttl_s)
    try:
        yield lease
    finally:
        links.release(lease)
