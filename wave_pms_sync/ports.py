"""The seams: what the engine asks of a client, a link store and a clock.

Anything that fulfils these protocols fits; nothing needs to inherit from us.
The contract of each is a test kit in `wave_pms_sync.testing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from wave_pms_sync.model.memory import Change, Lease
    from wave_pms_sync.model.records import Abilities, Page, Record

E = TypeVar("E")


class CustomerClient(Protocol):
    """One side, as the engine sees it. Values travel in the side's read names, nested.

    Every method raises a leaf of `wave_pms_sync.errors` and nothing else. Reads are repeated by the client
    as it sees fit; a write that may have been executed raises `UnknownOutcome` and is not repeated.
    """

    @property
    def identity(self) -> str:
        """Which account this is (endpoint and business or resource), without secrets; stable over restarts."""
        ...

    @property
    def abilities(self) -> Abilities:
        """What this side can do. Asking sends nothing."""
        ...

    @property
    def requests(self) -> int:
        """Requests sent so far by this client, repetitions included."""
        ...

    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        """List customers in order of creation, page by page, as they are asked for.

        Args:
            modified_after: Aware. Records stamped at or after it are shown; earlier ones may be. None: all.
        """
        ...

    def customers_by_id(self, ids: Sequence[str]) -> Mapping[str, Record | None]:
        """Read these records; None for one that the side says it does not have."""
        ...

    def create_customer(self, values: Mapping[str, object], *, repeat_key: str | None = None) -> Record:
        """Make a record and return what the side answered (read again if it answered nothing)."""
        ...

    def update_customer(self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None) -> Record:
        """Change these properties; None clears one. Others stay.

        Args:
            customer_id: The record.
            values: What to change, nested.
            seen: The record as just read. Its version guards the write where the side honours that,
                and objects that must be sent whole are laid over it; without it the client reads it.

        Returns:
            The record as the side showed it after the write.
        """
        ...

    def archive_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Archive a record; archiving an archived one is success. Only with `abilities.archive`."""
        ...

    def delete_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Delete a record; one that is already gone is success."""
        ...


class LinkReader(Protocol):
    """Reading a tenant's memory. A store that was never written reads as empty."""

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        """The entries of a kind whose key is among these values, in no particular order.

        Kinds and their keys: `Link`, `Known`, `Quarantined`, `Unfinished` and `JournalEntry` by `wave_id` or
        `pms_id`; `Agreement` by `wave_id`; `Claim` by `pms_id`; `Known` by `wave_key` or `pms_key` (any one of
        its keys), or by `loose`, the value a side: those of that side whose record has no link; `JournalEntry` by
        `run_id`; `Link` by `rule`, or by `open`, the value `"yes"`; `Trace` by `wave_id` for what Wave showed of a
        link, by `pms_id` for the PMS; `Marked` likewise by `wave_mark` and `pms_mark`. An entry of one side (`Known`,
        `Quarantined`, `Unfinished`) is found by the id of that side only.
        """
        ...

    def scan(self, kind: type[E]) -> Iterator[E]:
        """All entries of a kind, streamed, in a stable order (journal entries in the order written).

        `Lease` is derived and can only be scanned: the one that stands, expired or not, without the facts of a dead
        owner; none if it was never taken, or was given back.
        """
        ...

    def count(self, kind: type[E]) -> int:
        """How many entries of a kind there are."""
        ...


class LinkStore(LinkReader, Protocol):
    """The memory of one tenant. Every commit is whole or not at all, and survives the process once it returned.

    Raises `StoreUnusable` if the place is not ours, newer, damaged or not writable; never anything else
    but `LeaseHeld` and `LeaseLost`.
    """

    @property
    def tenant(self) -> str:
        """The tenant's name."""
        ...

    def snapshot(self) -> AbstractContextManager[LinkReader]:
        """A view that does not move while others commit. It writes nothing."""
        ...

    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        """Carry out all changes, or none.

        Raises:
            LeaseLost: The lease was taken over; nothing was written.
            StoreUnusable: The place failed, or a link would join an id that another link holds; nothing was written.
        """
        ...

    def acquire(self, owner: str, now: datetime, ttl_s: float) -> Lease:
        """Take the lease, or renew one that this owner holds (the token stays).

        Raises:
            LeaseHeld: Another owner's lease has not expired.
        """
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that is no longer ours is left alone."""
        ...

    def purge(self) -> None:
        """Make sure that nothing which was removed or replaced can be read from the place any more.

        What stands stays as it is. A store of which nothing is left behind anyhow does nothing here.

        Raises:
            StoreUnusable: It could not be done now; `retryable` if only somebody else was reading or writing.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections. Twice is once; using the store again opens it again."""
        ...


class Clock(Protocol):
    """Our own time. It decides when to scan, look or take over, never which value wins."""

    def now(self) -> datetime:
        """The present moment, aware."""
        ...
