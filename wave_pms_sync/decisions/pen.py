"""Writing down what a person decided: what it changes and the journal's word of it, in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import define, field

from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import (
    Change,
    JournalEntry,
    JournalField,
    Known,
    Lease,
    Put,
    Quarantined,
    Tenant,
    Unfinished,
)
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore


@define
class Pen:
    """Changes the store and nothing else.

    Attributes:
        links: The store.
        lease: Who holds it may write.
        tenant: Whose store it becomes with its first change.
        now: When the person decided; None leaves the journal as it is.
        run_id: Under which the journal tells it.
    """

    links: LinkStore
    lease: Lease
    tenant: Tenant
    now: datetime | None = None
    run_id: str = ""
    _number: int = field(default=0, init=False)

    def known(self, side: Side, record_id: str) -> Known:
        """What the key index says of a record."""
        found = self.links.find(Known, f"{side}_id", [record_id])
        return found[0] if found else Known(side=side, id=record_id)

    def note(
        self, kind: str, about: Link | Quarantined, rule: str, group: str = "", fields: Sequence[JournalField] = ()
    ) -> list[Change]:
        """The journal's word of what a person decided."""
        if self.now is None:
            return []
        ids = {side: _id_on(about, side) for side in Side}
        self._number += 1
        entry = JournalEntry(
            run_id=self.run_id,
            number=self._number,
            at=self.now,
            kind=kind,
            wave_id=ids[Side.WAVE],
            pms_id=ids[Side.PMS],
            rule=rule,
            group=group,
            fields=tuple(fields),
        )
        return [Put(entry)]

    def commit(self, changes: Sequence[Change]) -> None:
        """Store it all or nothing; the first commit ever binds the store to its accounts."""
        if not changes:
            return
        bound = any(True for _ in self.links.scan(Tenant))
        self.links.commit([*([] if bound else [Put(self.tenant)]), *changes], self.lease)


def attended(link: Link, reason: str) -> list[Change]:
    """Have both records of a pair read by the next run."""
    return [Put(Unfinished(side=side, id=link.id_on(side), reason=reason)) for side in Side]


def _id_on(about: Link | Quarantined, side: Side) -> str | None:
    if isinstance(about, Link):
        return about.id_on(side)
    return about.id if about.side is side else None
