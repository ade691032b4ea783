"""Planning from records that are decoded already: two sides in memory instead of over a wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

import wave_pms_sync.runs  # noqa: F401  # loaded by a first run; what is imported is no part of planning
from tests.benchmarks.filling import PROFILE, clients, later
from tests.benchmarks.measuring import Measured
from tests.benchmarks.peers import records
from tests.benchmarks.workload import PAGE_SIZE
from wave_pms_sync import SQLiteLinkStore, Synchronizer
from wave_pms_sync.model.records import Abilities, Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.decode import record as pms_record
from wave_pms_sync.testing import ManualClock
from wave_pms_sync.wave.operations.decode import record as wave_record


@frozen(kw_only=True)
class Decoded:
    """A side whose customers are at hand; it can only be listed."""

    identity: str
    records: Sequence[Record]
    abilities: Abilities = field(factory=lambda: Abilities(marker=True))
    requests: int = 0

    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        """All records, a page at a time."""
        total = len(self.records)
        for start in range(0, total, PAGE_SIZE):
            shown = tuple(self.records[start : start + PAGE_SIZE])
            yield Page(records=shown, total=total, last=start + PAGE_SIZE >= total, server_time=later())

    def customers_by_id(self, ids: Sequence[str]) -> Mapping[str, Record | None]:
        """Nobody needs to be read by id here."""
        raise NotImplementedError


def plan(path: str, count: int, percent: int) -> dict[str, float]:
    """Plan what follows from some changes on both sides."""
    with _opened(path) as links:
        sync = _sync(links, count, percent)
        with Measured() as measured:
            found = sync.plan(full=True)
    assert len(found) == 2 * count * percent // 100, str(found)
    return measured.figures


def run(path: str, count: int) -> dict[str, float]:
    """A whole run in which nothing changed, the store written."""
    with _opened(path) as links:
        sync = _sync(links, count, 0)
        with Measured() as measured:
            report = sync.run(full=True)
    assert report.ok and report.counts["unchanged"] == count, str(report)
    return measured.figures


def _opened(path: str) -> SQLiteLinkStore:
    links, (wave, pms) = SQLiteLinkStore(path), clients(1)
    links.rebind(wave=wave.identity, pms=pms.identity)
    return links


def _sync(links: SQLiteLinkStore, count: int, percent: int) -> Synchronizer:
    wave, pms = clients(1)
    nodes, rows = records(count, percent)
    sides = {
        Side.WAVE: Decoded(identity=wave.identity, records=[wave_record(node) for node in nodes]),
        Side.PMS: Decoded(identity=pms.identity, records=[pms_record(row, PROFILE) for row in rows]),
    }
    return Synchronizer(wave=sides[Side.WAVE], pms=sides[Side.PMS], links=links, clock=ManualClock(later()))
