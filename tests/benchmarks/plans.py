"""A plan of very many actions: what it keeps in memory, and what it takes to make, write and read it.

Counted by `tracemalloc`, which no other work disturbs. All of it is measured against the JSON text of that plan.
"""

from __future__ import annotations

import json
import tempfile
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, overload

import wave_pms_sync.runs  # noqa: F401  # loaded by a first run; what is imported is no part of a plan
from tests.benchmarks.filling import PROFILE, clients, later
from tests.benchmarks.planning import Decoded
from tests.benchmarks.workload import pms_row, wave_node
from wave_pms_sync import MemoryLinkStore, Plan, Synchronizer
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.decode import record as pms_record
from wave_pms_sync.testing import ManualClock
from wave_pms_sync.wave.operations.decode import record as wave_record

T = TypeVar("T")


class Fresh(Sequence[Record]):
    """Records that are decoded anew whenever somebody asks for them, as those that come over a wire."""

    def __init__(self, count: int, decoded: Callable[[int], Record]) -> None:
        self._count, self._decoded = count, decoded

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> list[Record]: ...
    def __getitem__(self, at: int | slice) -> Record | list[Record]:
        found = range(self._count)[at]
        return self._decoded(found) if isinstance(found, int) else [self._decoded(i) for i in found]


def links(count: int) -> dict[str, float]:
    """Plan a first run that links so many customers; then save the plan to a file and read it again."""
    Plan.from_dict(planned(10).to_dict())  # what is made once is no part of it
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        plan, kept, making = _counted(lambda: planned(count))
        assert len(plan) == count, str(plan)
        _, _, writing = _counted(lambda: _write(plan, path))
        back, read, reading = _counted(lambda: _read(path))
        assert back.digest == plan.digest
        text = path.stat().st_size
    return {
        "text_bytes": text / count,
        "kept": kept / text,
        "making": making / text,
        "writing": writing / text,
        "reading": (reading - read) / text,
    }


def planned(count: int) -> Plan:
    """The plan of a first run over two sides with the same customers."""
    wave, pms = clients(1)
    sides = {
        Side.WAVE: Fresh(count, lambda i: wave_record(json.loads(json.dumps(wave_node(i))))),
        Side.PMS: Fresh(count, lambda i: pms_record(json.loads(json.dumps(pms_row(i))), PROFILE)),
    }
    return Synchronizer(
        wave=Decoded(identity=wave.identity, records=sides[Side.WAVE]),
        pms=Decoded(identity=pms.identity, records=sides[Side.PMS]),
        links=MemoryLinkStore(),
        clock=ManualClock(later()),
    ).plan()


def _write(plan: Plan, path: Path) -> None:
    with path.open("w", encoding="ascii") as file:
        plan.write_json(file)


def _read(path: Path) -> Plan:
    with path.open(encoding="ascii") as file:
        return Plan.read_json(file)


def _counted(act: Callable[[], T]) -> tuple[T, int, int]:
    """What came of it, the memory that is kept for that, and the most that was in use at a time."""
    tracemalloc.start()
    try:
        result = act()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return result, kept, peak
