"""Asking for pages before they are needed, several at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Ahead(Generic[K, T]):
    """Asks as it is told to, and for some of what follows besides; each answer is handed out when its turn comes.

    What an answer asked for ahead raises is raised when its turn comes. The time given (`deadline.until`) holds there,
    too.

    Args:
        ask: Gives what lies at a place; it is called in several threads at once.
        after: The places that certainly follow, by a place and what lay there.
        count: How many are asked for ahead.
        threads: How many threads ask. More of them than requests may be under way would only wait for each other.
    """

    def __init__(self, ask: Callable[[K], T], after: Callable[[K, T], Iterable[K]], count: int, threads: int) -> None:
        self._ask, self._after, self._count, self._threads = ask, after, count, threads
        self._pool: ThreadPoolExecutor | None = None
        self._asked: dict[K, Future[T]] = {}

    def __call__(self, place: K) -> T:
        """What lies at a place."""
        asked = self._asked.pop(place, None)
        found = self._ask(place) if asked is None else asked.result()
        for following in islice(self._after(place, found), self._count):
            if following not in self._asked:
                self._asked[following] = self._begin(following)
        return found

    def _begin(self, place: K) -> Future[T]:
        from concurrent.futures import ThreadPoolExecutor

        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="wave_pms_sync-ahead")
        return self._pool.submit(copy_context().run, self._ask, place)

    def close(self) -> None:
        """Ask for nothing more; what is under way is waited for."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


@contextmanager
def asking_ahead(
    ask: Callable[[K], T], after: Callable[[K, T], Iterable[K]], count: int, threads: int
) -> Iterator[Callable[[K], T]]:
    """Ask ahead as long as the block lasts; with a count of 0 each place is asked for when it is needed."""
    ahead = Ahead(ask, after, count, threads)
    try:
        yield ahead
    finally:
        ahead.close()


def ahead_faults(pages_ahead: object) -> list[str]:
    """What is wrong with a number of pages to be asked for ahead; empty if nothing."""
    if isinstance(pages_ahead, bool) or not isinstance(pages_ahead, int) or not 0 <= pages_ahead <= 100:
        return ["pages_ahead: must be a whole number from 0 to 100"]
    return []
