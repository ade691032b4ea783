"""Rows of a listing that show what was last seen of a link: told by their text or by a digest, and passed over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import repeat
from typing import Final, NamedTuple, TypeAlias

from attrs import define, evolve, field

from wave_pms_sync.model.links import Link, Marked, Trace, microseconds, moment_of
from wave_pms_sync.model.records import Page, Record, Unread
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkReader
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Ref
from wave_pms_sync.roll import Roll
from wave_pms_sync.scan import Tally

_MARKED: Final = 100_000
"""So many links get a new mark in one run; more wait for the next scan, since all of them are held until the end."""


Told: TypeAlias = tuple[Record, str | None]
"""What a row says, and the mark of its text, if the side lets rows be told apart by it."""


class Row(NamedTuple):
    """A row that was not passed over.

    Attributes:
        record: What it says.
        mark: Of its text, or None.
        passed: Another row of this listing showed this record as it was last seen, and was passed over.
    """

    record: Record
    mark: str | None
    passed: bool = False


_Passed: TypeAlias = tuple[int, str | None, int | None, int | None]
"""A row that was passed over, in the order of a `Marked`: number, mark, stamp, created."""


@define
class Passing:
    """Passes over what is as it was last seen: such rows are counted and noted, and nothing of them is kept.

    Attributes:
        reader: The store.
        shape: The mapping.
        busy: Records that must be looked at whatever they show.
        roll: Links of which a listing showed what was last seen.
        moved: Those of which only the stamp moved, or how the row is written, by Wave id.
    """

    reader: LinkReader
    shape: Shape
    busy: frozenset[Ref]
    roll: Roll = field(init=False)
    moved: dict[str, Link] = field(factory=dict)
    _awake: dict[Side, set[int]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.roll = Roll(self.reader)
        self._awake = {side: self._busy_numbers(side) for side in Side}

    def restart(self, side: Side) -> None:
        """Forget what a side showed, for a second pass."""
        self.roll.forget(side)
        self._awake[side] = self._busy_numbers(side)

    def unread(self, side: Side, page: Page, tally: Tally) -> Iterable[Told]:
        """Pass over rows by their text, and decode the others."""
        if not isinstance(page.records, Unread):
            return unmarked(page)
        marks = page.records.marks()
        awake = self._awake[side]
        quiet = {m.mark: m for m in self.reader.find(Marked, f"{side}_mark", marks) if m.number not in awake}
        left = [at for at, mark in enumerate(marks) if mark not in quiet]
        records = page.records.some(left)
        if records is None:
            return unmarked(page)
        self._pass_over(side, len(marks) - len(left), quiet.values(), tally)
        return zip(records, (marks[at] for at in left), strict=True)

    def looked_at(self, side: Side, waiting: Sequence[Told], tally: Tally) -> list[Row]:
        """The rows that must be looked at; the others are noted on the roll."""
        traces = {t.id: t for t in self.reader.find(Trace, f"{side}_id", [record.id for record, _ in waiting])}
        rows: list[Row] = []
        moved: dict[str, tuple[datetime | None, str | None]] = {}
        passed_over: list[_Passed] = []
        passed: set[int] = set()
        for record, mark in waiting:
            known = traces.get(record.id)
            stamp = None if record.modified_at is None else microseconds(record.modified_at)
            if known is None:
                rows.append(Row(record, mark))
            elif not self._as_known(side, record, stamp, known):
                rows.append(Row(record, mark, known.number in passed or self.roll.holds(side, known.number)))
                self._awake[side].add(known.number)
            else:
                passed.add(known.number)
                passed_over.append((known.number, mark, stamp, known.created))
                if known.stamp != stamp or (mark is not None and len(self.moved) < _MARKED):
                    moved[record.id] = (record.modified_at, mark)
        self._pass_over(side, len(passed_over), passed_over, tally)
        for link in self.reader.find(Link, f"{side}_id", moved):
            self.move(side, link, *moved[link.id_on(side)])
        return rows

    def move(self, side: Side, link: Link, stamp: datetime | None, mark: str | None) -> None:
        """Remember of a link that shows what was last seen how it is stamped and written now."""
        known = self.moved.get(link.wave_id, link)
        sight = known.sight(side)
        moved = evolve(sight, stamp=stamp, mark=mark or sight.mark, missed=0)
        self.moved[link.wave_id] = known.with_sight(side, moved)

    def _as_known(self, side: Side, record: Record, stamp: int | None, known: Trace) -> bool:
        """Whether a row shows what was last seen; under the same stamp nobody need ask when it was made."""
        return (
            known.digest == self.shape.digest(self.shape.raws(side, record.payload))
            and known.archived == record.archived
            and not record.deleted
            and known.number not in self._awake[side]
            and ((stamp is not None and known.stamp == stamp) or _same_creation(record, known))
        )

    def _pass_over(self, side: Side, rows: int, links: Collection[_Passed], tally: Tally) -> None:
        """Note rows of these links on the roll; one may have been shown by several."""
        numbers, _, stamps, created = zip(*links, strict=True) if links else ((), (), (), ())
        tally.count(rows, self.roll.note(side, numbers), _newest(stamps), _newest(created))

    def _busy_numbers(self, side: Side) -> set[int]:
        ids = [record_id for held, record_id in self.busy if held is side]
        return {trace.number for trace in self.reader.find(Trace, f"{side}_id", ids)}


def _same_creation(record: Record, known: Trace) -> bool:
    """Whether an id was not given to another customer since, as far as both creation stamps are known."""
    created = record.created_at
    return created is None or known.created is None or known.created == microseconds(created)


def unmarked(page: Page) -> Iterable[Told]:
    """The rows of a page, decoded, without their marks."""
    return zip(page.records, repeat(None))


def _newest(ticks: Iterable[int | None]) -> datetime | None:
    newest = max((count for count in ticks if count is not None), default=None)
    return None if newest is None else moment_of(newest)
