"""Runs that ask for what changed, against sandboxes in another process than the run that is measured."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen

from attrs import define

from tests.benchmarks.filling import Accounts, fill, filled
from tests.benchmarks.measuring import ROOT, Figures, Measured
from tests.benchmarks.workload import NOW, pms_row, wave_node
from wave_pms_sync import (
    CustomPmsClient,
    MemoryLinkStore,
    PmsProfile,
    SQLiteLinkStore,
    Synchronizer,
    Unlimited,
    WaveClient,
)
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox

_WAVE = ("name", "firstName", "lastName", "displayId", "email", "phone", "mobile", "website")
_PMS = ("name", "contact", "customer_number", "email", "phone", "mobile", "website")


@define
class Sides:
    """Two sandboxes under one clock, and clients for them."""

    clock: ManualClock
    wave_box: WaveSandbox
    pms_box: PmsSandbox
    wave: WaveClient
    pms: CustomPmsClient
    ids: list[str]
    edits: int = 0

    def sync(self, links: LinkStore) -> Synchronizer:
        """A synchronizer of these two."""
        return Synchronizer(wave=self.wave, pms=self.pms, links=links, clock=self.clock)

    def edit(self, count: int) -> None:
        """An hour later another user gives so many customers of Wave another phone number."""
        self.clock.advance(3600)
        self.edits += 1
        for i, customer_id in enumerate(self.ids[:count]):
            self.wave_box.edit(customer_id, {"phone": f"+1 416 {self.edits:03d} {i:04d}"})

    def requests(self) -> int:
        """How many requests both sides have seen since the last time this was asked."""
        seen = self.wave_box.ledger.requests + self.pms_box.ledger.requests
        self.wave_box.ledger.reset()
        self.pms_box.ledger.reset()
        return seen


@contextmanager
def sides(count: int, missing_every: int = 0) -> Iterator[Sides]:
    """Sandboxes with so many customers in Wave; all but every so many are in the PMS as well."""
    with ExitStack() as stack:
        clock = ManualClock(NOW - timedelta(seconds=5 * count))
        wave_box = stack.enter_context(WaveSandbox(clock=clock))
        pms_box = stack.enter_context(PmsSandbox(clock=clock))
        ids = []
        for i in range(count):
            clock.advance(5)
            node, row = wave_node(i), pms_row(i)
            ids.append(wave_box.add({name: node[name] for name in _WAVE}))
            if missing_every and i % missing_every:
                pms_box.add({**{name: row[name] for name in _PMS}, "external_id": ids[-1], "currency_code": "CAD"})
        client = WaveClient(
            token=wave_box.token, business_id=wave_box.business_id, url=wave_box.url, page_size=200, pace=Unlimited()
        )
        wave = stack.enter_context(client)
        profile = PmsProfile.from_dict({"paging": {"size": 200}})
        pms = stack.enter_context(CustomPmsClient(pms_box.url, token=pms_box.token, profile=profile, pace=Unlimited()))
        yield Sides(clock, wave_box, pms_box, wave, pms, ids)


class Runner:
    """A process that runs again and again over one large store, and measures each run."""

    def __init__(self, stack: ExitStack, folder: Path, links: int, changed: int) -> None:
        self.changed, self.sides = changed, stack.enter_context(sides(changed))
        self.sides.sync(MemoryLinkStore()).run()
        path = folder / f"increments-{links}.sqlite3"
        shutil.copyfile(filled(folder, links), path)
        stack.callback(path.unlink)
        self._add_living(path)
        command = [sys.executable, "-m", __name__, self._facts(path)]
        self._process = stack.enter_context(Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=ROOT))
        stack.callback(self._process.terminate)

    def _add_living(self, path: Path) -> None:
        """Link the customers of both sandboxes, too."""
        given = self.sides
        shown = {record.payload["external_id"]: dict(record.payload) for record in given.pms.customers()}
        living = ((dict(record.payload), shown[record.id]) for record in given.wave.customers())
        accounts = Accounts(wave=given.wave.identity, pms=given.pms.identity, newest=given.clock.now())
        with SQLiteLinkStore(path) as store:
            store.rebind(wave=accounts.wave, pms=accounts.pms)
            fill(store, living, accounts)

    def _facts(self, path: Path) -> str:
        given = self.sides
        wave = {"token": given.wave_box.token, "business_id": given.wave_box.business_id, "url": given.wave_box.url}
        return json.dumps({"path": str(path), "wave": wave, "pms": given.pms_box.url, "token": given.pms_box.token})

    def measure(self) -> Figures:
        """Edit, run, and tell what the run took."""
        self.sides.edit(self.changed)
        self.sides.requests()
        print(self.sides.clock.now().isoformat(), file=self._process.stdin, flush=True)
        figures = json.loads(self._process.stdout.readline())
        return {**figures, "requests": self.sides.requests()}


def _run_when_told(path: str, wave: dict[str, str], pms: str, token: str) -> None:
    clock = ManualClock(NOW)
    with (
        SQLiteLinkStore(path) as links,
        WaveClient(**wave, page_size=200, pace=Unlimited()) as wave_client,
        CustomPmsClient(pms, token=token, pace=Unlimited()) as pms_client,
    ):
        sync = Synchronizer(wave=wave_client, pms=pms_client, links=links, clock=clock)
        for line in sys.stdin:
            clock.set(datetime.fromisoformat(line.strip()))
            with Measured() as measured:
                report = sync.run(full=False)
            assert report.ok and report.counts["updated_pms"], str(report)
            print(json.dumps(measured.figures), flush=True)


if __name__ == "__main__":
    _run_when_told(**json.loads(sys.argv[1]))
