"""What the listings of a run showed: the quiet majority is only counted, the rest is kept for a closer look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import define, evolve, field

from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Claim, Known
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.origins import index_keys
from wave_pms_sync.ports import LinkReader
from wave_pms_sync.reconcile.policy import Scope
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Presence, Ref, Seen


def _by_side() -> dict[Side, dict[str, Seen]]:
    return {Side.WAVE: {}, Side.PMS: {}}


def _ids_by_side() -> dict[Side, set[str]]:
    return {Side.WAVE: set(), Side.PMS: set()}


@define(kw_only=True)
class Sightings:
    """Takes the records of both sides as they come, and sorts them.

    Attributes:
        shown: Records that need a look, by side and id.
        links: The links of shown records, by side and id.
        listed: Ids that a listing showed.
        deleted: Ids that a feed reported as deleted; a single read must not deny it.
        doubtful: Ids shown twice with other content under one stamp; a single read decides.
        quiet: Wave ids of links that showed what was last seen.
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
    doubtful: dict[Side, set[str]] = field(factory=_ids_by_side)
    quiet: set[str] = field(factory=set)
    moved: dict[str, Link] = field(factory=dict)
    index: dict[Ref, Known] = field(factory=dict)
    known: dict[Ref, Known] = field(factory=dict)

    def restart(self, side: Side) -> Callable[[], None]:
        """Forget what a side showed, for a second pass."""

        def forget() -> None:
            for kept in (self.known, self.index):
                for record_id in self.shown[side]:
                    kept.pop((side, record_id), None)
            self.shown[side].clear()
            self.listed[side].clear()
            self.deleted[side].clear()
            self.doubtful[side].clear()

        return forget

    def take(self, side: Side, records: Sequence[Record]) -> None:
        """Sort records of a listing."""
        mine = self._unclaimed(side, records)
        self._link(side, [r.id for r in mine])
        fresh: list[Record] = []
        for record in mine:
            again = record.id in self.listed[side]
            self.listed[side].add(record.id)
            if record.deleted:
                self.deleted[side].add(record.id)
            elif self._look(side, record, again):
                fresh.append(record)
        self._note_keys(side, fresh)

    def read(self, side: Side, found: Mapping[str, Record | None], absent: Callable[[str], Seen]) -> None:
        """Take records that were read by id; `absent` says what it means that one was not found."""
        present = self._unclaimed(side, [r for r in found.values() if r is not None and not r.deleted])
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

    def _unclaimed(self, side: Side, records: Sequence[Record]) -> list[Record]:
        """Leave out PMS records that another tenant of the store has linked."""
        if side is Side.WAVE or not records:
            return list(records)
        claims = self.reader.find(Claim, "pms_id", [r.id for r in records])
        claimed = {claim.pms_id for claim in claims if claim.pms == self.pms}
        return [r for r in records if r.id not in claimed]

    def _link(self, side: Side, ids: Sequence[str]) -> None:
        for link in self.reader.find(Link, f"{side}_id", ids):
            self.links[Side.WAVE, link.wave_id] = self.links[Side.PMS, link.pms_id] = link

    def _look(self, side: Side, record: Record, again: bool) -> bool:
        """Keep the record if it needs a look; say whether it was kept."""
        seen = evolve(self._seen(side, record), listed=True)
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
            known = self.moved.get(link.wave_id, link)
            self.moved[link.wave_id] = known.with_sight(side, evolve(sight, stamp=seen.stamp, missed=0))
        self.quiet.add(link.wave_id)
        return True

    def _seen(self, side: Side, record: Record) -> Seen:
        left_out = self.scope.leaves_out(record) if self.scope is not None else ""
        if left_out:
            return Seen(side=side, id=record.id, presence=Presence.UNKNOWN, excluded=True, reason=left_out)
        raws = self.shape.raws(side, record.payload)
        return Seen(
            side=side,
            id=record.id,
            raws=raws,
            digest=self.shape.digest(raws),
            stamp=record.modified_at,
            created_at=record.created_at,
            archived=record.archived,
        )

    def _note_keys(self, side: Side, records: Sequence[Record]) -> None:
        kept = [self.shown[side][r.id] for r in records if r.id in self.shown[side]]
        before = {k.id: k for k in self.reader.find(Known, f"{side}_id", [seen.id for seen in kept])}
        for seen in kept:
            if seen.raws is None:
                continue
            keys = index_keys(self.shape, side, seen, self.names, self.account)
            old = before.get(seen.id)
            entry = Known(side=side, id=seen.id, keys=keys, reason=old.reason if old is not None else "")
            self.known[side, seen.id] = entry
            if entry != old:
                self.index[side, seen.id] = entry
