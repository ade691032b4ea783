"""A link store that lives and ends with this process (or with its pickle). Its rooms are entered with the first use."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from attrs import define, field

from wave_pms_sync.stores.arguments import check_store

if TYPE_CHECKING:
    from wave_pms_sync.model.memory import Change, Lease
    from wave_pms_sync.ports import LinkReader, LinkStore
    from wave_pms_sync.stores.memory_content import Content, View

E = TypeVar("E")


@define(eq=False)
class MemoryLinkStore:
    """A link store without a file: for trying, for tests, and for those who pickle it away themselves.

    It fulfils `LinkStore` and may be used by several threads. Its content is its memory: a pickle or a deep copy
    carries everything along and is independent from then on.

    Args:
        tenant: The name of the one tenant it holds.
    """

    tenant: str = "default"
    _content: Content | None = field(default=None, init=False, repr=False)
    _lease: Lease | None = field(default=None, init=False, repr=False)
    _last_token: int = field(default=0, init=False, repr=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_store("MemoryLinkStore", tenant=self.tenant)

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        """The entries of a kind whose key is among these values; see `LinkReader.find`."""
        return self._view().find(kind, by, values)

    def scan(self, kind: type[E]) -> Iterator[E]:
        """All entries of a kind as they stand at the call, in the order in which they were first put."""
        return self._view().scan(kind)

    def count(self, kind: type[E]) -> int:
        """How many entries of a kind there are."""
        return self._view().count(kind)

    @contextmanager
    def snapshot(self) -> Iterator[LinkReader]:
        """A view that does not move while others commit; taking one copies nothing."""
        from wave_pms_sync.stores.memory_content import View

        with self._lock:
            seen, held = self._held(), self._lease
            seen.viewers += 1
        try:
            yield View(lambda: seen, lambda: held, self._lock)
        finally:
            with self._lock:
                seen.viewers -= 1

    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        """Carry out all changes in order, or none; see `LinkStore.commit`.

        Raises:
            LeaseLost: The lease was taken over or given back; nothing was written.
            StoreUnusable: A link would join an id that another link holds; nothing was written.
        """
        from wave_pms_sync.stores import leasing
        from wave_pms_sync.stores.memory_content import check_links

        with self._lock:
            if not leasing.is_current(self._lease, lease):
                raise leasing.lost(lease, self.tenant)
            content = self._held()
            check_links(content, changes)
            if content.viewers:
                content = self._content = content.copy()
            content.carry_out(changes)

    def acquire(self, owner: str, now: datetime, ttl_s: float) -> Lease:
        """Take the lease, or renew one that this owner holds.

        Raises:
            LeaseHeld: Another owner's lease has not expired.
        """
        from wave_pms_sync.stores import leasing

        with self._lock:
            lease = leasing.grant(self._lease, self._last_token, owner=owner, now=now, ttl_s=ttl_s)
            self._lease, self._last_token = lease, lease.token
            return lease

    def release(self, lease: Lease) -> None:
        """Give the lease back; a lease that is no longer ours is left alone."""
        from wave_pms_sync.stores import leasing

        with self._lock:
            if leasing.is_current(self._lease, lease):
                self._lease = None

    def purge(self) -> None:
        """Nothing to do: what is removed is gone."""

    def copy_to(self, other: LinkStore) -> None:
        """Copy everything into another, empty store of any kind; see `wave_pms_sync.stores.moving.copy`."""
        from wave_pms_sync.stores import moving

        moving.copy(self, other)

    def rebind(self, *, wave: str | None = None, pms: str | None = None) -> None:
        """Accept a moved URL: the same accounts under another identity; see `wave_pms_sync.stores.moving.rebind`."""
        from wave_pms_sync.stores import moving

        moving.rebind(self, wave=wave, pms=pms)

    def close(self) -> None:
        """Nothing to let go of; the content stays."""

    def __enter__(self) -> MemoryLinkStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> tuple[str, Content, Lease | None, int]:
        with self._lock:
            return self.tenant, self._held().copy(), self._lease, self._last_token

    def __setstate__(self, state: tuple[str, Content, Lease | None, int]) -> None:
        self.tenant, self._content, self._lease, self._last_token = state
        self._lock = threading.RLock()

    def _held(self) -> Content:
        """The content, made when it is first asked for; whoever asks holds the lock."""
        if self._content is None:
            from wave_pms_sync.stores.memory_content import Content

            self._content = Content()
        return self._content

    def _view(self) -> View:
        from wave_pms_sync.stores.memory_content import View

        return View(self._held, lambda: self._lease, self._lock)
