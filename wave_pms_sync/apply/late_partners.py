"""Records that appear in a side while others are created there: one of them may be somebody's counterpart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import define, field

from wave_pms_sync.apply.desk import Desk
from wave_pms_sync.apply.proving import Proving, strong
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Claim
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side

BATCH: Final = 100
"""So many creates are sent between two looks."""


@define(kw_only=True)
class LatePartners:
    """What appeared in a side since this run listed it.

    Attributes:
        desk: The working place.
        side: Where records are created.
        proving: Judges what is listed.
        newest_created: The highest creation stamp that this run has seen there.
    """

    desk: Desk
    side: Side
    proving: Proving
    newest_created: datetime | None
    _keys: set[str] = field(factory=set, init=False)
    _asked: int = field(default=0, init=False)

    def holds_a_key_of(self, origin_id: str) -> bool:
        """Whether a record that appeared since holds a key of the origin; looked up once per batch."""
        if self._asked % BATCH == 0:
            self._look()
        self._asked += 1
        known = self.desk.book.known(self.side.other, origin_id)
        return known is not None and not strong(known.keys).isdisjoint(self._keys)

    def _look(self) -> None:
        """List what is new there since the newest record that this run has seen, and note its keys."""
        if not self.desk.clients[self.side].abilities.since:
            return
        listed = list(self.proving.listed())
        self.proving.look(listed)
        linked = taken(self.desk, self.side, [record.id for record in listed])
        for record in listed:
            self.newest_created = _later(self.newest_created, record.created_at)
            if record.id not in linked and not record.deleted:
                self._weigh(record)

    def _weigh(self, record: Record) -> None:
        """Note the keys of a record without a link, unless they were weighed when it was planned."""
        known = self.desk.book.known(self.side, record.id)
        before = known.keys if known is not None else ()
        self._keys.update(set(self.desk.keys(self.side, record)) - set(before))


def taken(desk: Desk, side: Side, ids: Sequence[str]) -> set[str]:
    """The records that are linked already, by this tenant or, in the PMS, by another."""
    links = desk.book.links
    found = {link.id_on(side) for link in links.find(Link, f"{side}_id", ids)}
    if side is Side.PMS:
        claims = links.find(Claim, "pms_id", ids)
        found |= {claim.pms_id for claim in claims if claim.pms == desk.book.tenant.pms}
    return found


def _later(known: datetime | None, other: datetime | None) -> datetime | None:
    return other if known is None or (other is not None and other > known) else known
