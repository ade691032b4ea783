"""Which linked records a side listed and were passed over: one byte for each link, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from attrs import define, field

from wave_pms_sync.model.links import Link, Trace
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkReader

_BIT: Final = {Side.WAVE: 1, Side.PMS: 2}
_WITHOUT: Final = {side: bytes(held & ~bit for held in range(256)) for side, bit in _BIT.items()}


def _none() -> dict[Side, int]:
    return dict.fromkeys(Side, 0)


@define
class Roll:
    """Notes links by the store's own number of each (see `Trace.number`).

    Attributes:
        reader: The store.
        counts: How many links are noted, by side.
    """

    reader: LinkReader
    counts: dict[Side, int] = field(factory=_none)
    _held: bytearray = field(factory=bytearray, repr=False)

    def note(self, side: Side, numbers: Sequence[int]) -> int:
        """Note links as listed on a side; how many were not yet."""
        held, bit, new = self._held, _BIT[side], 0
        held.extend(bytes(max(0, max(numbers, default=0) + 1 - len(held))))
        for number in numbers:
            if not held[number] & bit:
                held[number] |= bit
                new += 1
        self.counts[side] += new
        return new

    def holds(self, side: Side, number: int) -> bool:
        """Whether a link was noted on a side."""
        return number < len(self._held) and bool(self._held[number] & _BIT[side])

    def forget(self, side: Side) -> None:
        """Begin anew with a side."""
        self._held = bytearray(self._held.translate(_WITHOUT[side]))
        self.counts[side] = 0

    def among(self, side: Side, ids: Iterable[str]) -> set[str]:
        """Which of these records were noted on a side."""
        return {t.id for t in self.reader.find(Trace, f"{side}_id", ids) if self.holds(side, t.number)}

    def links(self, left_out: Collection[Link], besides: Collection[Link]) -> int:
        """How many links were noted on any side, without some of them, and with others that count in any case."""
        noted = len(self._held) - self._held.count(0)
        return noted - self._noted(left_out) + len(besides) - self._noted(besides)

    def _noted(self, links: Collection[Link]) -> int:
        numbers: set[int] = set()
        for side in Side:
            traces = {t.id: t.number for t in self.reader.find(Trace, f"{side}_id", [k.id_on(side) for k in links])}
            numbers.update(traces.values())
            links = [link for link in links if link.id_on(side) not in traces]  # the number is the same on both sides
        return sum(any(self.holds(side, number) for side in Side) for number in numbers)
