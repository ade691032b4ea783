"""Bulk writing of links: through the store, and by a bare `executemany` into the same tables and indexes."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.benchmarks.measuring import peak_mb
from tests.benchmarks.workload import BEGINNING, NOW, pms_id, wave_id
from wave_pms_sync import SQLiteLinkStore
from wave_pms_sync.model.links import Link, Sight
from wave_pms_sync.model.memory import Put
from wave_pms_sync.stores.sqlite_tables import table

CHUNK = 5_000


def ours(count: int) -> dict[str, float]:
    """Put the links with `commit`, 5,000 at a time."""
    wall = cpu = 0.0
    with tempfile.TemporaryDirectory() as folder, SQLiteLinkStore(Path(folder) / "links.sqlite3") as links:
        lease = links.acquire("benchmarks", NOW, 86_400)
        for chunk in _chunks(count):
            changes = [Put(link) for link in chunk]
            began, used = time.perf_counter(), time.process_time()
            links.commit(changes, lease)
            wall, cpu = wall + time.perf_counter() - began, cpu + time.process_time() - used
    return {"wall_s": wall, "cpu_s": cpu, "peak_mb": peak_mb()}


def bare(count: int) -> dict[str, float]:
    """Put ready rows with `executemany`, 5,000 to a transaction, with the same settings of SQLite."""
    wall = cpu = 0.0
    stored = table(Link)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "links.sqlite3"
        with SQLiteLinkStore(path) as links:
            links.acquire("benchmarks", NOW, 86_400)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "cache_size = -32768"):
                connection.execute(f"PRAGMA {setting}")
            places = ", ".join("?" * stored.width)
            statement = f"INSERT INTO link (tenant, {stored.columns}) VALUES ({places})"  # noqa: S608
            for chunk in _chunks(count):
                rows = [stored.row(1, link) for link in chunk]
                began, used = time.perf_counter(), time.process_time()
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(statement, rows)
                connection.execute("COMMIT")
                wall, cpu = wall + time.perf_counter() - began, cpu + time.process_time() - used
    return {"wall_s": wall, "cpu_s": cpu, "peak_mb": peak_mb()}


def _chunks(count: int) -> Iterator[list[Link]]:
    for start in range(0, count, CHUNK):
        yield [_link(i) for i in range(start, min(start + CHUNK, count))]


def _link(i: int) -> Link:
    stamp = BEGINNING + timedelta(seconds=37 * i)
    wave, pms = (Sight(created_at=stamp, stamp=stamp, digest=f"{i * 7 + n:032x}") for n in (0, 1))
    return Link(wave_id=wave_id(i), pms_id=pms_id(i), wave=wave, pms=pms, rule="email", run_id="0" * 16)
