"""Records in quarantine, and having one looked at again."""

from __future__ import annotations

from attrs import evolve

from wave_pms_sync.decisions.pen import Pen
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.memory import Put, Quarantined, Unfinished
from wave_pms_sync.ports import LinkStore


def quarantine(links: LinkStore) -> list[Quarantined]:
    """All resting records."""
    return sorted(links.scan(Quarantined), key=lambda q: (q.side.value, q.id))


def retry(pen: Pen, entry: Quarantined) -> None:
    """Free a resting record: the next run reads it again and decides as if for the first time.

    Raises:
        ConfigurationError: It does not rest.
    """
    if not isinstance(entry, Quarantined):
        raise ConfigurationError("retry", ["entry: is none (allowed: one of sync.quarantine())"])
    found = [q for q in pen.links.find(Quarantined, f"{entry.side}_id", [entry.id]) if q.side is entry.side]
    if not found:
        raise ConfigurationError("retry", [f"{entry.side} {entry.id}: is not in quarantine"])
    freed = evolve(found[0], digest="")
    again = Unfinished(side=entry.side, id=entry.id, reason="asked for again")
    pen.commit([Put(freed), Put(again), *pen.note("retry", entry, str(entry.reason))])
