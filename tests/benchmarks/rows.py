"""The rows of the table: what is measured, against what, and what is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from attrs import frozen

from tests.benchmarks.filling import filled
from tests.benchmarks.increments import Runner, sides
from tests.benchmarks.interruptions import first_sync
from tests.benchmarks.measuring import Case, Figures, median, rounds, run_alone
from tests.benchmarks.server import serving
from tests.benchmarks.verdicts import Figure
from tests.benchmarks.workload import PAGE_SIZE
from wave_pms_sync import MemoryLinkStore


@frozen(kw_only=True)
class Settings:
    """How the benchmarks are to be run.

    Attributes:
        folder: Where filled link stores lie.
        repeat: How many rounds.
        small: Only try them.
    """

    folder: Path
    repeat: int
    small: bool

    def size(self, full: int, small: int) -> int:
        """How large a case is to be."""
        return small if self.small else full


def steady_scan(settings: Settings) -> Iterator[Figure]:
    """Row 1."""
    count = settings.size(100_000, 10_000)
    path = str(filled(settings.folder, count))
    with serving(count) as port:
        given = {"port": port, "count": count}
        found = rounds(
            {"bare": Case("scans:bare", given), "ours": Case("scans:run", {**given, "path": path})}, settings.repeat
        )
    yield Figure(
        work=f"steady full scan of {count:,} linked pairs, store included: CPU against fetching and `json.loads`",
        value=_ratio(found, "ours", "bare"),
        must=1.5,
        aim=1.2,
        told=_per_record(found, 2 * count),
    )


def changed_scan(settings: Settings) -> Iterator[Figure]:
    """Row 2."""
    count = settings.size(100_000, 10_000)
    path = str(filled(settings.folder, count))
    with serving(count, 1) as port:
        given = {"port": port, "count": count}
        ours = Case("scans:plan", {**given, "path": path, "changed": 2 * count // 100})
        found = rounds({"bare": Case("scans:bare", given), "ours": ours}, settings.repeat)
    yield Figure(
        work=f"the same with 1 % changed on each side, planned: CPU against the same ({count:,})",
        value=_ratio(found, "ours", "bare"),
        must=1.6,
        aim=1.25,
        told=_per_record(found, 2 * count),
    )


def decoded(settings: Settings) -> Iterator[Figure]:
    """Row 3."""
    count = settings.size(100_000, 10_000)
    path = str(filled(settings.folder, count))
    for peer, percent, ours, must, aim in (
        ("diffsync", 1, Case("planning:plan", {"path": path, "count": count, "percent": 1}), 8, 15),
        ("vdirsyncer", 0, Case("planning:run", {"path": path, "count": count}), 4, 8),
    ):
        other = Case(f"peers:{peer}", {"count": count, "percent": percent})
        found = rounds({peer: other, "ours": ours}, settings.repeat)
        yield Figure(
            work=f"{count:,} decoded pairs, {percent} % changed on each side: CPU of {peer} against ours",
            value=_ratio(found, peer, "ours"),
            must=must,
            aim=aim,
            least=True,
            unit="x",
            told=_seconds(found),
        )


def incremental(settings: Settings) -> Iterator[Figure]:
    """Row 4."""
    sizes = (settings.size(10_000, 1_000), settings.size(1_000_000, 10_000))
    changed = settings.size(100, 20)
    with ExitStack() as stack:
        runners = {count: Runner(stack, settings.folder, count, changed) for count in sizes}
        measured: dict[int, list[Figures]] = {count: [] for count in sizes}
        for number in range(settings.repeat + 1):
            for count, runner in runners.items():
                figures = runner.measure()
                print(f"  round {number} {count:,}: {figures}", file=sys.stderr, flush=True)
                if number:  # the first warms both up
                    measured[count].append(figures)
    few, many = (median(measured[count]) for count in sizes)
    if few["requests"] != many["requests"]:
        raise AssertionError(f"{few['requests']} requests became {many['requests']}")
    yield Figure(
        work=f"incremental run, {changed} changed: CPU at {sizes[1]:,} links against {sizes[0]:,}",
        value=many["cpu_s"] / few["cpu_s"],
        must=1.75,
        aim=1.4,
        told=f"{many['requests']:.0f} requests in both, {many['cpu_s'] * 1000:.0f} ms and {few['cpu_s'] * 1000:.0f} ms",
    )


def memory(settings: Settings) -> Iterator[Figure]:
    """Row 5."""
    for count, must, aim in ((settings.size(100_000, 10_000), 100, 64), (settings.size(1_000_000, 20_000), 350, 128)):
        path = str(filled(settings.folder, count))
        with serving(count) as port:
            figures = run_alone(Case("scans:run", {"port": port, "count": count, "path": path}))
        yield Figure(
            work=f"peak memory of a process that scans {count:,} linked pairs, interpreter and imports included",
            value=figures["peak_mb"],
            must=must,
            aim=aim,
            unit=" MB",
        )


def concurrency(settings: Settings) -> Iterator[Figure]:
    """Rows 6 and 7."""
    count = settings.size(50, 10) * PAGE_SIZE
    path = str(filled(settings.folder, count))
    for latency_ms in (80, 0):
        with serving(count, 0, latency_ms) as port:
            given = {"port": port, "count": count, "path": path}
            cases = {
                "one at a time": Case("scans:run", given),
                "ahead": Case("scans:run", {**given, "max_concurrency": 2}),
            }
            found = rounds(cases, settings.repeat)
        walls = {name: figures["wall_s"] for name, figures in found.items()}
        told = ", ".join(f"{name} {wall:.2f} s" for name, wall in walls.items())
        if latency_ms:
            yield Figure(
                work=f"{latency_ms} ms latency, {count // PAGE_SIZE} pages a side, 2 requests in flight on each: times",
                value=walls["one at a time"] / walls["ahead"],
                must=3.4,
                aim=3.75,
                least=True,
                unit="x",
                told=told,
            )
        else:
            yield Figure(
                work="the same without latency: wall time of the concurrent run against one request at a time",
                value=walls["ahead"] / walls["one at a time"],
                must=1.15,
                aim=1.0,
                told=told,
            )


def latency(settings: Settings) -> Iterator[Figure]:
    """Row 6."""
    return (figure for figure in concurrency(settings) if figure.least)


def no_latency(settings: Settings) -> Iterator[Figure]:
    """Row 7."""
    return (figure for figure in concurrency(settings) if not figure.least)


def storing(settings: Settings) -> Iterator[Figure]:
    """Row 8."""
    count = settings.size(1_000_000, 50_000)
    cases = {"bare": Case("storing:bare", {"count": count}), "ours": Case("storing:ours", {"count": count})}
    found = rounds(cases, settings.repeat)
    yield Figure(
        work=f"bulk put of {count:,} links: rows per CPU second against `executemany` of ready rows, same indexes",
        value=_ratio(found, "bare", "ours"),
        must=0.85,
        aim=0.95,
        least=True,
        told=f"{count / found['ours']['wall_s']:,.0f} and {count / found['bare']['wall_s']:,.0f} rows/s of wall time",
    )


def requests(settings: Settings) -> Iterator[Figure]:
    """Row 9."""
    count = settings.size(1_000, 200)
    with sides(count, missing_every=10) as given:
        sync = given.sync(MemoryLinkStore())
        given.requests()
        assert sync.run().ok
        first = given.requests()
        pages = -(-count // 200) + -(-(count - count // 10) // 200)
        yield Figure(
            work=f"requests of a first sync of {count:,} customers of which the PMS lacks a tenth",
            value=first,
            must=pages + count // 10 + 2,
            aim=pages + count // 10,
            told=f"{pages} pages, {count // 10} creates, the rest looks for doubles",
        )
        given.clock.advance(3600)
        assert sync.run().ok
        given.clock.advance(3600)
        given.requests()
        assert sync.run().ok
        yield Figure(
            work="requests of a quiet incremental run once the overlap has passed",
            value=given.requests(),
            must=2,
            aim=2,
        )
        changed = count // 100
        given.edit(changed)
        given.requests()
        assert sync.run().counts["updated_pms"] == changed
        yield Figure(
            work=f"requests of a run that carries {changed} changes (1 %) to the PMS",
            value=given.requests(),
            must=2 + 2 * changed,
            aim=2 + 2 * changed,
            told="2 listings; each record is read again before it is written",
        )


def interrupted(settings: Settings) -> Iterator[Figure]:
    """Row 12."""
    count, kills = settings.size(2_000, 220), 10
    once, often = first_sync(count, 0), first_sync(count, kills)
    if once.created != count or often.created != count:
        raise AssertionError(f"{count} customers became {once.created} and, killed {kills} times, {often.created}")
    pages = 2 * -(-count // 200)
    yield Figure(
        work=f"requests of a first sync of {count:,} customers killed {kills} times, beyond an undisturbed one's",
        value=often.requests - once.requests,
        must=kills * (pages + 10),
        aim=kills * (pages + 5),
        told=f"{often.requests:,} and {once.requests:,}; each record was made once; a run lists both sides anew",
    )


def plans(settings: Settings) -> Iterator[Figure]:
    """Row 13."""
    count = settings.size(10_000, 2_000)
    found = run_alone(Case("plans:links", {"count": count}))
    for name, words, must, aim in (
        ("kept", f"memory that a plan of {count:,} links keeps, what it notes for the store included", 3, 2),
        ("making", "the most memory that is in use while that plan is made, records included", 6, 4),
        ("writing", "memory beside that plan while it is written to a file", 0.05, 0.01),
        ("reading", "memory beside the plan that is read while it is read", 0.05, 0.01),
    ):
        told = f"{found['text_bytes']:,.0f} bytes of JSON an action" if name == "kept" else ""
        yield Figure(work=f"{words}: against its JSON text", value=found[name], must=must, aim=aim, told=told)


def starting(settings: Settings) -> Iterator[Figure]:
    """Row 10."""
    cases = {
        "requests": Case("starting:imported", {"what": "requests"}),
        "import": Case("starting:imported", {"what": "wave_pms_sync"}),
        "construct": Case("starting:constructed"),
    }
    found = rounds(cases, settings.repeat)
    for name, words in (("import", "`import wave_pms_sync`"), ("construct", "the same and making a Synchronizer")):
        yield Figure(
            work=f"{words}: CPU against `import requests`",
            value=_ratio(found, name, "requests"),
            must=1.5,
            aim=1.2,
            told=f"{found[name]['wall_s'] * 1000:.0f} ms and {found['requests']['wall_s'] * 1000:.0f} ms of wall time",
        )


def reading(settings: Settings) -> Iterator[Figure]:
    """Row 11."""
    count = settings.size(20_000, 4_000)
    with serving(count) as port:
        given = {"port": port, "count": count}
        for peer, must, aim in (("gql", 1.5, 2.3), ("dlt", 1.8, 2.7)):
            cases = {
                peer: Case(f"reading:{peer}", given, fast=True),
                "ours": Case("reading:ours", given),
                "ours with [fast]": Case("reading:ours", given, fast=True),
            }
            found = rounds(cases, settings.repeat)
            for ours, work in (("ours", "ours"), ("ours with [fast]", "ours with the extra `[fast]`")):
                yield Figure(
                    work=f"reading {count:,} customers through `wave.customers()`: CPU of {peer} against {work}",
                    value=_ratio(found, peer, ours),
                    must=must,
                    aim=aim,
                    least=True,
                    unit="x",
                    told=_seconds({name: found[name] for name in (peer, ours)}),
                )


def _ratio(found: Mapping[str, Figures], of: str, against: str) -> float:
    return found[of]["cpu_s"] / found[against]["cpu_s"]


def _per_record(found: Mapping[str, Figures], records: int) -> str:
    return ", ".join(f"{name} {figures['cpu_s'] / records * 1e6:.1f} µs a record" for name, figures in found.items())


def _seconds(found: Mapping[str, Figures]) -> str:
    return ", ".join(f"{name} {figures['cpu_s']:.2f} s" for name, figures in found.items())


ROWS: Mapping[int, Callable[[Settings], Iterator[Figure]]] = {
    1: steady_scan,
    2: changed_scan,
    3: decoded,
    4: incremental,
    5: memory,
    6: latency,
    7: no_latency,
    8: storing,
    9: requests,
    10: starting,
    11: reading,
    12: interrupted,
    13: plans,
}
