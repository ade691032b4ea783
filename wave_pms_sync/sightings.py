"""What the listings of a run showed: the quiet majority is only counted, the rest is kept for a closer look."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from attrs import define, evolve, field

from wave_pms_sync.model.links import Link, LinkStatus, Marked, Trace, microseconds, moment_of
from wave_pms_sync.model.memory import Claim, Known
from wave_pms_sync.model.records import Page, Record, Unread
from wave_pms_sync.model.side import Side
from wave_pms_sync.origins import index_keys
from wave_pms_sync.ports import LinkReader
from wave_pms_sync.reconcile.policy import Scope
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Presence, Ref, Seen
from wave_pms_sync.roll import Roll
from wave_pms_sync.scan import Tally


def _by_side() -> dict[Side, dict[str, Seen]]:
    return {Side.WAVE: {}, Side.PMS: {}}


def _ids_by_side() -> dict[Side, set[str]]:
    return {Side.WAVE: set(), Side.PMS: set()}


_MARKED: Final = 100_000
"""So many links get a new mark in one run; more wait for the next scan, since all of them are held until the end."""


class _Row(NamedTuple):
    """A row that could not be passed over.

    Attributes:
        record: What it says.
        mark: Of its text, if the side lets rows be told apart by it.
        passed: Another row of this listing showed this record as it was last seen, and was passed over.
    """

    record: Record
    mark: str | None
    passed: bool


_Passed: TypeAlias = tuple[int, str | None, int | None, int | None]
"""A row that was passed over, in the order of a `Marked`: number, mark, stamp, created."""


def _newest(ticks: Iterable[int | None]) -> datetime | None:
    newest = max((count for count in ticks if count is not None), default=None)
    return None if newest is None else moment_of(newest)


@define(kw_only=True)
class Sightings:
    """Takes the records of both sides as they come, and sorts them.

    Most rows show what was last seen of a link. Those are told first, by their text or else by a digest of what is
    mapped, and passed over without another word: a full scan costs little more than reading it.

    Attributes:
        shown: Records that need a look, by side and id.
        links: The links of shown records, by side and id.
        listed: Ids that a listing showed, but for those on the roll.
        roll: Links of which a listing showed what was last seen; they were passed over.
        deleted: Ids that a feed reported as deleted; a single read must not deny it.
        claimed: Ids of listed PMS records that another tenant of the store has linked.
        doubtful: Ids shown twice with other content under one stamp; a single read decides.
        quiet: Wave ids of further links that showed what was last seen.
        moved: Quiet links of which only the stamp moved, by Wave id.
        index: Entries of the key index that are new or changed.
        known: Entries of the key index of shown records, as they are now.
        busy: Records that must be looked at whatever they show.
        quiet_counts: Whether a link that shows what was last seen needs no look; not under a changed mapping.
        agrees: Asked besides whether such an active link needs no look; an audit compares values.
    """

    reader: LinkReader
    shape: Shape
    names: Sequence[str]
    account: str
    pms: str
    scope: Scope | None = None
    busy: frozenset[Ref] = frozenset()
    quiet_counts: bool = True
    agrees: Callable[[Side, Seen, Link], bool] | None = None
    shown: dict[Side, dict[str, Seen]] = field(factory=_by_side)
    links: dict[Ref, Link] = field(factory=dict)
    listed: dict[Side, set[str]] = field(factory=_ids_by_side)
    deleted: dict[Side, set[str]] = field(factory=_ids_by_side)
    claimed: dict[Side, set[str]] = field(factory=_ids_by_side)
    doubtful: dict[Side, set[str]] = field(factory=_ids_by_side)
    quiet: set[str] = field(factory=set)
    moved: dict[str, Link] = field(factory=dict)
    index: dict[Ref, Known] = field(factory=dict)
    known: dict[Ref, Known] = field(factory=dict)
    roll: Roll = field(init=False)
    _awake: dict[Side, set[int]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.roll = Roll(self.reader)
        self._awake = {side: self._busy_numbers(side) for side in Side}

    def restart(self, side: Side) -> Callable[[], None]:
        """Forget what a side showed, for a second pass."""

        def forget() -> None:
            for kept in (self.known, self.index):
                for record_id in self.shown[side]:
                    kept.pop((side, record_id), None)
            self.roll.forget(side)
            self.shown[side].clear()
            self.listed[side].clear()
            self.deleted[side].clear()
            self.doubtful[side].clear()
            self.claimed[side].clear()
            self._awake[side] = self._busy_numbers(side)

        return forget

    def take(self, side: Side, page: Page, tally: Tally) -> None:
        """Sort the records of a page, and count them."""
        rows = self._rows(side, page, tally)
        claimed = self._claimed(side, [row.record.id for row in rows])
        self._link(side, [row.record.id for row in rows if row.record.id not in claimed])
        fresh: list[Record] = []
        for row in rows:
            record = row.record
            taken = self.claimed[side] if record.id in claimed else self.listed[side]
            again = row.passed or record.id in taken
            tally.count(1, not again, record.modified_at, record.created_at)
            if not row.passed:
                taken.add(record.id)
            if record.id in claimed:
                continue
            if record.deleted:
                self.deleted[side].add(record.id)
            elif self._look(side, row, again):
                fresh.append(record)
        tally.deleted = len(self.deleted[side])
        self._note_keys(side, fresh)

    def read(self, side: Side, found: Mapping[str, Record | None], absent: Callable[[str], Seen]) -> None:
        """Take records that were read by id; `absent` says what it means that one was not found."""
        present = [r for r in found.values() if r is not None and not r.deleted]
        claimed = self._claimed(side, [r.id for r in present])
        present = [r for r in present if r.id not in claimed]
        self._link(side, list(found))
        for record in present:
            self.shown[side][record.id] = self._seen(side, record)
        for record_id, answer in found.items():
            if answer is None or answer.deleted:
                self.shown[side][record_id] = absent(record_id)
        self._note_keys(side, present)

    def link_of(self, side: Side, record_id: str) -> Link | None:
        """The link of a record, as far as it was looked up."""
        return self.links.get((side, record_id))

    def was_listed(self, side: Side, ids: Iterable[str]) -> set[str]:
        """Which of these records a listing showed."""
        asked = set(ids)
        listed = asked & self.listed[side]
        return listed | self.roll.among(side, asked - listed)

    def all_listed(self, side: Side) -> bool:
        """Whether a listing showed the record of every link: it showed as many linked ones as there are."""
        linked = sum((side, record_id) in self.links for record_id in self.listed[side])
        return self.roll.counts[side] + linked == self.reader.count(Link)

    def unchanged(self, busy: Sequence[Link]) -> int:
        """How many links showed what was last seen, without those that were looked at for another reason."""
        looked_at = {link.wave_id for link in busy}
        besides = [self.links[Side.WAVE, wave_id] for wave_id in self.quiet - looked_at]
        return self.roll.links(busy, besides)

    def _rows(self, side: Side, page: Page, tally: Tally) -> list[_Row]:
        """The rows that must be looked at; the others are noted on the roll."""
        if not self.quiet_counts or self.agrees is not None or self.scope is not None:
            return [_Row(record, None, passed=False) for record in page.records]
        records, marks = self._unread(side, page, tally)
        traces = {t.id: t for t in self.reader.find(Trace, f"{side}_id", [record.id for record in records])}
        rows: list[_Row] = []
        moved: dict[str, tuple[datetime | None, str | None]] = {}
        passed_over: list[_Passed] = []
        for record, mark in zip(records, marks, strict=True):
            known = traces.get(record.id)
            if known is None or not self._as_known(side, record, known):
                passed = known is not None and self.roll.holds(side, known.number)
                rows.append(_Row(record, mark, passed))
                if known is not None:
                    self._awake[side].add(known.number)
                continue
            stamp = None if record.modified_at is None else microseconds(record.modified_at)
            passed_over.append((known.number, mark, stamp, known.created))
            marked = mark is not None and known.mark != mark and len(self.moved) < _MARKED
            if known.stamp != stamp or marked:
                moved[record.id] = (record.modified_at, mark or known.mark)
        self._pass_over(side, len(passed_over), passed_over, tally)
        for link in self.reader.find(Link, f"{side}_id", moved):
            self._move(side, link, *moved[link.id_on(side)])
        return rows

    def _unread(self, side: Side, page: Page, tally: Tally) -> tuple[Sequence[Record], Sequence[str | None]]:
        """Pass over rows by their text, and decode the others."""
        if not isinstance(page.records, Unread):
            return page.records, [None] * len(page.records)
        marks = page.records.marks()
        awake = self._awake[side]
        quiet = {m.mark: m for m in self.reader.find(Marked, f"{side}_mark", marks) if m.number not in awake}
        left = [at for at, mark in enumerate(marks) if mark not in quiet]
        records = page.records.some(left)
        if records is None:
            return page.records, [None] * len(page.records)
        self._pass_over(side, len(marks) - len(left), quiet.values(), tally)
        return records, [marks[at] for at in left]

    def _as_known(self, side: Side, record: Record, known: Trace) -> bool:
        created = record.created_at
        return (
            known.digest == self.shape.digest(self.shape.raws(side, record.payload))
            and known.archived == record.archived
            and not record.deleted
            and (created is None or known.created is None or known.created == microseconds(created))
            and known.number not in self._awake[side]
        )

    def _pass_over(self, side: Side, rows: int, links: Collection[_Passed], tally: Tally) -> None:
        """Note rows of these links on the roll; one may have been shown by several."""
        numbers, _, stamps, created = zip(*links, strict=True) if links else ((), (), (), ())
        tally.count(rows, self.roll.note(side, numbers), _newest(stamps), _newest(created))

    def _busy_numbers(self, side: Side) -> set[int]:
        ids = [record_id for held, record_id in self.busy if held is side]
        return {trace.number for trace in self.reader.find(Trace, f"{side}_id", ids)}

    def _claimed(self, side: Side, ids: Sequence[str]) -> set[str]:
        """PMS records that another tenant of the store has linked."""
        if side is Side.WAVE or not ids:
            return set()
        return {claim.pms_id for claim in self.reader.find(Claim, "pms_id", ids) if claim.pms == self.pms}

    def _link(self, side: Side, ids: Sequence[str]) -> None:
        for link in self.reader.find(Link, f"{side}_id", ids):
            self.links[Side.WAVE, link.wave_id] = self.links[Side.PMS, link.pms_id] = link

    def _move(self, side: Side, link: Link, stamp: datetime | None, mark: str | None) -> None:
        """Remember of a link that shows what was last seen how it is stamped and written now."""
        known = self.moved.get(link.wave_id, link)
        self.moved[link.wave_id] = known.with_sight(side, evolve(known.sight(side), stamp=stamp, mark=mark, missed=0))

    def _look(self, side: Side, row: _Row, again: bool) -> bool:
        """Keep the record if it needs a look; say whether it was kept."""
        record = row.record
        seen = self._seen(side, record, listed=True, mark=row.mark)
        link = self.links.get((side, record.id))
        if link is not None and self._is_quiet(side, seen, link):
            return self._again(side, seen) if again and record.id in self.shown[side] else False
        if again and self._superseded(side, seen, link):
            return False
        self.shown[side][record.id] = seen
        return True

    def _again(self, side: Side, seen: Seen) -> bool:
        """The record was shown with other content before, and now with what was last seen."""
        if not self._superseded(side, seen, None):
            self.shown[side][seen.id] = seen
        return False

    def _superseded(self, side: Side, seen: Seen, link: Link | None) -> bool:
        """Whether another row of the same listing showed this record later; rows that contradict are doubtful."""
        other = self.shown[side].get(seen.id)
        link = self.moved.get(link.wave_id, link) if link is not None else None
        stamp = other.stamp if other is not None else link.sight(side).stamp if link is not None else None
        shown = other.digest if other is not None else link.sight(side).digest if link is not None else None
        if shown == seen.digest:
            return False
        if stamp is None or seen.stamp is None or stamp == seen.stamp:
            self.doubtful[side].add(seen.id)
            return False
        return stamp > seen.stamp

    def _is_quiet(self, side: Side, seen: Seen, link: Link) -> bool:
        sight = link.sight(side)
        same = (
            sight.digest == seen.digest
            and sight.archived == seen.archived
            and not seen.excluded
            and (sight.created_at is None or seen.created_at is None or sight.created_at == seen.created_at)
        )
        if (
            not (same and self.quiet_counts)
            or link.open
            or {(Side.WAVE, link.wave_id), (Side.PMS, link.pms_id)} & self.busy
        ):
            return False
        if link.status is LinkStatus.TOMBSTONE:
            return sight.stamp == seen.stamp
        if self.agrees is not None and not self.agrees(side, seen, link):
            return False
        if sight.stamp != seen.stamp or sight.missed:
            self._move(side, link, seen.stamp, seen.mark or sight.mark)
        self.quiet.add(link.wave_id)
        return True

    def _seen(self, side: Side, record: Record, *, listed: bool = False, mark: str | None = None) -> Seen:
        left_out = self.scope.leaves_out(record) if self.scope is not None else ""
        if left_out and (side, record.id) in self.links:
            unknown = Presence.UNKNOWN
            return Seen(
                side=side, id=record.id, presence=unknown, excluded=True, reason=left_out, listed=listed, mark=mark
            )
        raws = self.shape.raws(side, record.payload)
        return Seen(
            side=side,
            id=record.id,
            presence=Presence.UNKNOWN if left_out else Presence.SHOWN,
            raws=raws,
            digest=self.shape.digest(raws),
            stamp=record.modified_at,
            created_at=record.created_at,
            archived=record.archived,
            excluded=bool(left_out),
            listed=listed,
            mark=mark,
            reason=left_out,
        )

    def _note_keys(self, side: Side, records: Sequence[Record]) -> None:
        """Keep the key index current; a record out of scope holds its keys, too, and stands in the way of a double."""
        kept = {r.id: r for r in records if r.id in self.shown[side]}
        before = {k.id: k for k in self.reader.find(Known, f"{side}_id", sorted(kept))}
        for record_id, record in kept.items():
            seen = self.shown[side][record_id]
            if seen.excluded and seen.raws is None:
                seen = evolve(seen, raws=self.shape.raws(side, record.payload))
            if seen.raws is None:
                continue
            keys = index_keys(self.shape, side, seen, self.names, self.account)
            old = before.get(record_id)
            entry = Known(side=side, id=record_id, keys=keys, reason=old.reason if old is not None else "")
            ref = (side, record_id)
            self.known[ref] = entry
            if entry != old:
                self.index[ref] = entry
