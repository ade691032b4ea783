"""What the listings of a run showed: the quiet majority is only counted, the rest is kept for a closer look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field

from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Claim, Known
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.origins import index_keys
from wave_pms_sync.passing import Passing, Row, Told, unmarked
from wave_pms_sync.ports import LinkReader
from wave_pms_sync.reconcile.policy import Scope
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Presence, Ref, Seen
from wave_pms_sync.scan import Tally


def _by_side() -> dict[Side, dict[str, Seen]]:
    return {Side.WAVE: {}, Side.PMS: {}}


def _ids_by_side() -> dict[Side, set[str]]:
    return {Side.WAVE: set(), Side.PMS: set()}


_TOGETHER: Final = 100
"""So many rows that may have moved are looked up at once: of a page often only one or two are."""


@define(kw_only=True)
class Sightings:
    """Takes the records of both sides as they come, and sorts them.

    Most rows show what was last seen of a link. Those are told first, by their text or else by a digest of what is
    mapped, and passed over without another word: a full scan costs little more than reading it.

    Attributes:
        shown: Records that need a look, by side and id.
        links: The links of shown records, by side and id.
        listed: Ids that a listing showed, but for those on the roll.
        passing: Links of which a listing showed what was last seen; they were passed over.
        deleted: Ids that a feed reported as deleted; a single read must not deny it.
        claimed: Ids of listed PMS records that another tenant of the store has linked.
        doubtful: Ids shown twice with other content under one stamp; a single read decides.
        quiet: Wave ids of further links that showed what was last seen.
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
    index: dict[Ref, Known] = field(factory=dict)
    known: dict[Ref, Known] = field(factory=dict)
    passing: Passing = field(init=False)
    _waiting: dict[Side, list[Told]] = field(factory=lambda: {Side.WAVE: [], Side.PMS: []}, init=False)

    def __attrs_post_init__(self) -> None:
        self.passing = Passing(self.reader, self.shape, self.busy)

    def restart(self, side: Side) -> None:
        """Forget what a side showed, for a second pass."""
        for kept in (self.known, self.index):
            for record_id in self.shown[side]:
                kept.pop((side, record_id), None)
        self.passing.restart(side)
        self._waiting[side].clear()
        self.shown[side].clear()
        self.listed[side].clear()
        self.deleted[side].clear()
        self.doubtful[side].clear()
        self.claimed[side].clear()

    def take(self, side: Side, page: Page, tally: Tally) -> None:
        """Pass over the quiet rows of a page; the others wait until there are enough to be looked at together."""
        self._waiting[side] += self.passing.unread(side, page, tally) if self._passes else unmarked(page)
        if len(self._waiting[side]) >= _TOGETHER:
            self.end(side, tally)

    def end(self, side: Side, tally: Tally) -> None:
        """Sort the rows that wait, and count them."""
        waiting, self._waiting[side] = self._waiting[side], []
        rows = self.passing.looked_at(side, waiting, tally) if self._passes else [Row(*told) for told in waiting]
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
        return listed | self.passing.roll.among(side, asked - listed)

    def all_listed(self, side: Side) -> bool:
        """Whether a listing showed the record of every link: it showed as many linked ones as there are."""
        linked = sum((side, record_id) in self.links for record_id in self.listed[side])
        return self.passing.roll.counts[side] + linked == self.reader.count(Link)

    def unchanged(self, busy: Sequence[Link]) -> int:
        """How many links showed what was last seen, without those that were looked at for another reason."""
        looked_at = {link.wave_id for link in busy}
        besides = [self.links[Side.WAVE, wave_id] for wave_id in self.quiet - looked_at]
        return self.passing.roll.links(busy, besides)

    @property
    def _passes(self) -> bool:
        """Whether a row may be passed over for showing what was last seen."""
        return self.quiet_counts and self.agrees is None and self.scope is None

    def _claimed(self, side: Side, ids: Sequence[str]) -> set[str]:
        """PMS records that another tenant of the store has linked."""
        if side is Side.WAVE or not ids:
            return set()
        return {claim.pms_id for claim in self.reader.find(Claim, "pms_id", ids) if claim.pms == self.pms}

    def _link(self, side: Side, ids: Sequence[str]) -> None:
        for link in self.reader.find(Link, f"{side}_id", ids):
            self.links[Side.WAVE, link.wave_id] = self.links[Side.PMS, link.pms_id] = link

    def _look(self, side: Side, row: Row, again: bool) -> bool:
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
        link = self.passing.moved.get(link.wave_id, link) if link is not None else None
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
        if link.status is not LinkStatus.ACTIVE:
            return sight.stamp == seen.stamp
        if self.agrees is not None and not self.agrees(side, seen, link):
            return False
        if sight.stamp != seen.stamp or sight.missed:
            self.passing.move(side, link, seen.stamp, seen.mark)
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
