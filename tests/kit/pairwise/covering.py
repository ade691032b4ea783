"""A few choices that hold every pair of values; greedy, and the same each time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

Value = tuple[str, str]
"""An axis and one of its values."""

Pair = frozenset[Value]
"""Two values of different axes."""

Axes = Mapping[str, Sequence[str]]
"""The values of each axis."""

Fits = Callable[[Value, Value], bool]
"""Whether two values of different axes can go together."""


def pairs_of(axes: Axes, fits: Fits) -> set[Pair]:
    """Every two values of different axes that can go together."""
    values = [(axis, value) for axis in axes for value in axes[axis]]
    return {
        frozenset({one, other}) for one, other in combinations(values, 2) if one[0] != other[0] and fits(one, other)
    }


def pairs_in(choice: Mapping[str, str]) -> Iterator[Pair]:
    """Every two values of a choice."""
    return map(frozenset, combinations(choice.items(), 2))


def covering(axes: Axes, fits: Fits) -> list[dict[str, str]]:
    """Choices of one value on each axis that together hold every pair which can be.

    Each choice begins with a pair that none before holds, and takes on each further axis the value that makes most new
    pairs. A pair that no choice can hold, since some axis has no value that goes with both, is left out.
    """
    return [*_Search(axes, fits).choices()]


class _Search:
    """Sets of values are numbers here, a bit for each, since there are tens of thousands of pairs."""

    def __init__(self, axes: Axes, fits: Fits) -> None:
        self._values = [(axis, value) for axis in axes for value in axes[axis]]
        self._chance = random.Random(0)
        numbers = range(len(self._values))
        pairs = pairs_of(axes, fits)
        self._waiting = [
            sum(1 << other for other in numbers if frozenset({self._values[one], self._values[other]}) in pairs)
            for one in numbers
        ]
        self._fitting = tuple(self._waiting)
        self._axes = [
            tuple(number for number in numbers if self._values[number][0] == axis)
            for axis in sorted(axes, key=lambda axis: -len(axes[axis]))
        ]
        self._places = [*axes]

    def choices(self) -> Iterator[dict[str, str]]:
        """Whole choices, until no pair waits."""
        for one, _ in enumerate(self._values):
            while self._waiting[one]:
                other = (self._waiting[one] & -self._waiting[one]).bit_length() - 1
                chosen = self._completed((one, other), self._fitting[one] & self._fitting[other])
                self._done(chosen or (one, other))
                if chosen:
                    yield dict(sorted((self._values[number] for number in chosen), key=self._place))

    def _completed(self, chosen: tuple[int, ...], allowed: int) -> tuple[int, ...] | None:
        """A whole choice with these values; None if there is none."""
        held = sum(1 << number for number in chosen)
        named = {self._values[number][0] for number in chosen}
        left = [
            [number for number in axis if allowed >> number & 1]
            for axis in self._axes
            if self._values[axis[0]][0] not in named
        ]
        if not left:
            return chosen

        def gain(number: int) -> tuple[int, float]:
            return (self._waiting[number] & held).bit_count(), self._chance.random()

        for number in sorted(min(left, key=lambda axis: len(axis) > 1), key=gain, reverse=True):
            whole = self._completed((*chosen, number), allowed & self._fitting[number])
            if whole is not None:
                return whole
        return None

    def _done(self, chosen: tuple[int, ...]) -> None:
        held = sum(1 << number for number in chosen)
        for number in chosen:
            self._waiting[number] &= ~held

    def _place(self, value: Value) -> int:
        return self._places.index(value[0])
