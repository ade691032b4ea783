"""Complete scans of both sides: ours with its link store, and the bare reading of the same pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import requests

import wave_pms_sync.runs  # noqa: F401  # loaded by a first run; what is imported is no part of reading
from tests.benchmarks.filling import clients, later
from tests.benchmarks.measuring import Measured
from tests.benchmarks.workload import BUSINESS_ID, PAGE_SIZE
from wave_pms_sync import SQLiteLinkStore, Synchronizer
from wave_pms_sync.testing import ManualClock
from wave_pms_sync.wave.operations.documents import list_customers


def bare(port: int, count: int) -> dict[str, float]:
    """Fetch the same pages with `requests`, and `json.loads` them."""
    pages, rows = -(-count // PAGE_SIZE), 0
    document = list_customers(amounts=True)
    wave, pms = f"http://127.0.0.1:{port}/graphql", f"http://127.0.0.1:{port}/pms/customers"
    with requests.Session() as session, Measured() as measured:
        session.trust_env = False
        for page in range(1, pages + 1):
            variables = {"businessId": BUSINESS_ID, "page": page, "pageSize": PAGE_SIZE, "sort": ["CREATED_AT_ASC"]}
            answer = session.post(wave, json={"query": document, "variables": variables})
            rows += len(json.loads(answer.content)["data"]["business"]["customers"]["edges"])
        for page in range(1, pages + 1):
            answer = session.get(pms, params={"limit": PAGE_SIZE, "page": page})
            rows += len(json.loads(answer.content)["items"])
    assert rows == 2 * count
    return measured.figures


def run(port: int, count: int, path: str, max_concurrency: int = 1) -> dict[str, float]:
    """A whole run of a store in which nothing changed."""
    with opened(port, path, max_concurrency) as sync, Measured() as measured:
        report = sync.run(full=True)
    assert report.ok and report.counts["unchanged"] == count, str(report)
    return measured.figures


def plan(port: int, count: int, path: str, changed: int) -> dict[str, float]:
    """Plan what follows from some changes on both sides."""
    with opened(port, path) as sync, Measured() as measured:
        found = sync.plan(full=True)
    assert len(found) == changed and found.notes.unchanged == count - changed, str(found)
    return measured.figures


@contextmanager
def opened(port: int, path: str, max_concurrency: int = 1) -> Iterator[Synchronizer]:
    """A synchronizer of a filled store and the server of ready pages."""
    wave, pms = clients(port, max_concurrency)
    with SQLiteLinkStore(path) as links, wave, pms:
        next(wave.pages())  # what is imported for a first call is no part of reading
        next(pms.pages())
        links.rebind(wave=wave.identity, pms=pms.identity)
        yield Synchronizer(wave=wave, pms=pms, links=links, clock=ManualClock(later()))
