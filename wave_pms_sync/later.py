"""Things that are made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """Makes a thing when it is first asked for; all threads get the same, and a pickle carries it along.

    Args:
        make: Makes the thing. It must be picklable if its owner is to be.
    """

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: dict[None, T] = {}

    @property
    def made(self) -> bool:
        """Whether it was asked for before."""
        return bool(self._made)

    def __call__(self) -> T:
        """The thing."""
        # Two threads may both make one, but setdefault is atomic: only the first is ever handed out.
        return self._made[None] if self._made else self._made.setdefault(None, self._make())

    def __repr__(self) -> str:
        return "Later(...)"
