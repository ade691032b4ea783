"""Live things (locks, sessions) that belong to one process."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Makes a live thing when it is first asked for, anew in every process.

    A forked child must neither inherit a lock that some thread of its parent held nor share a socket,
    and a pickle can carry neither; so whoever holds a `PerProcess` survives both.

    Args:
        make: Makes the thing. It must be picklable if its owner is to be.
    """

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: dict[int, T] = {}

    def __call__(self) -> T:
        """The thing of this process; all threads get the same."""
        pid = os.getpid()
        # Two threads may both make one, but setdefault is atomic: only the first is ever handed out.
        return self._made[pid] if pid in self._made else self._made.setdefault(pid, self._make())

    def __getstate__(self) -> Callable[[], T]:
        return self._make

    def __setstate__(self, make: Callable[[], T]) -> None:
        self.__init__(make)  # type: ignore[misc]  # a pickle begins the life of this object again

    def __repr__(self) -> str:
        return "PerProcess(...)"
