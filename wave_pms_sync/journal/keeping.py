"""How long the journal is kept: what is older is removed at the end of a run, a bounded number of entries at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from attrs import define, evolve, field

from wave_pms_sync.errors import LeaseLost, StoreUnusable, SyncError
from wave_pms_sync.model.links import Agreement, Hold, Link
from wave_pms_sync.model.memory import Change, JournalEntry, Put, Remove
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkReader
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.tenure import Tenure

BATCH: Final = 500
MOST: Final = 5000
"""So many entries a run removes at most, and in one transaction; the next run goes on."""


def expire(tenure: Tenure, policy: Policy) -> SyncError | None:
    """Remove entries older than `retention_days`, and what else remembers the values that their writes replaced.

    The newest entry about each hold that is still open stays, so that its story can be told.

    Args:
        tenure: The lease of the run, and its store.
        policy: How long the journal is kept, and how long a side may show former values.

    Returns:
        Why it could not be done, or None. The next run tries again.
    """
    now = tenure.now()
    expiry = _Expiry(reader=tenure.links, before=now - timedelta(days=policy.retention_days))
    settled = now - timedelta(seconds=policy.lag_s)
    old = list(islice(expiry.entries(), MOST))
    try:
        for start in range(0, len(old), BATCH):
            some = old[start : start + BATCH]
            tenure.renew()
            tenure.links.commit([*map(Remove, some), *_replaced(tenure.links, some, settled)], tenure.lease)
    except (StoreUnusable, LeaseLost) as error:
        return error
    return None


def _replaced(reader: LinkReader, entries: Sequence[JournalEntry], settled: datetime) -> list[Change]:
    """Former baselines unmask rows that lag behind a write; they go with the write's entry once nothing can lag."""
    wave_ids = sorted({entry.wave_id for entry in entries if entry.wave_id is not None})
    links = {link.wave_id: link for link in reader.find(Link, "wave_id", wave_ids)}
    return [
        Put(evolve(agreement, previous={}))
        for agreement in reader.find(Agreement, "wave_id", wave_ids)
        if agreement.previous and agreement.wave_id in links and _rested(links[agreement.wave_id], settled)
    ]


def _rested(link: Link, settled: datetime) -> bool:
    written = [moment for side in Side if (moment := link.sight(side).written_at) is not None]
    return all(moment <= settled for moment in written)


@define(kw_only=True)
class _Expiry:
    """Finds what is too old, from the oldest entry on; the journal is kept in the order written."""

    reader: LinkReader
    before: datetime
    kept: dict[str, set[tuple[str, int]]] = field(factory=dict)

    def entries(self) -> Iterator[JournalEntry]:
        """Entries to be removed."""
        for entry in self.reader.scan(JournalEntry):
            if entry.at >= self.before:
                return
            if entry.wave_id is None or (entry.run_id, entry.number) not in self._newest(entry.wave_id):
                yield entry

    def _newest(self, wave_id: str) -> set[tuple[str, int]]:
        """The newest entry about each open hold of a pair."""
        if wave_id not in self.kept:
            holds = [h for a in self.reader.find(Agreement, "wave_id", [wave_id]) for h in a.holds.values()]
            told = self.reader.find(JournalEntry, "wave_id", [wave_id]) if holds else []
            about = [[e for e in told if _about(e, hold)] for hold in holds]
            newest = [max(found, key=lambda e: (e.at, e.number)) for found in about if found]
            self.kept[wave_id] = {(entry.run_id, entry.number) for entry in newest}
        return self.kept[wave_id]


def _about(entry: JournalEntry, hold: Hold) -> bool:
    return entry.group == hold.group or any(f.id in hold.wave or f.id in hold.pms for f in entry.fields)
