"""A PMS that numbers its changes: customers bear the number of their last one, and it lists what follows a number."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from wave_pms_sync import CustomPmsClient, MemoryLinkStore, PmsProfile, Synchronizer, Unlimited, WaveClient
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.testing import ManualClock, WaveSandbox
from wave_pms_sync.testing.server import Call, LoopbackServer, Reply

PROFILE = {
    "list": {"query": {"after": "{since}"}, "since_includes": False, "rows": "rows", "total": ""},
    "paging": {"next": ""},
    "record": {"created": "", "updated": "change", "version_header": ""},
    "times": {"updated_form": "epoch_s", "sequence": True},
    "create": {"headers": {}},
    "update": {"headers": {}},
    "delete": {"headers": {}},
}


class Numbering:
    """The server; every change of any customer takes the next number."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, object]] = {}
        self.asked: list[str] = []
        self._change = 7000
        self._lock = threading.Lock()
        self.server = LoopbackServer()
        self.server.start(self.answer)

    def put(self, row_id: str, **values: object) -> None:
        """Change or make a customer."""
        self._change += 1
        self.rows[row_id] = {**self.rows.get(row_id, {"id": row_id}), **values, "change": self._change}

    def answer(self, call: Call) -> Reply:
        """Carry a request out."""
        with self._lock:
            row_id = call.path.removeprefix("/customers").strip("/")
            if call.method == "GET" and not row_id:
                self.asked.append(call.query.get("after", ""))
                after = int(call.query.get("after") or 0)
                return _said(200, {"rows": [row for row in self.rows.values() if int(str(row["change"])) > after]})
            if call.method == "POST":
                row_id = str(self._change)
            elif row_id not in self.rows:
                return _said(404, {})
            if call.method == "DELETE":
                return _said(200, self.rows.pop(row_id))
            if call.method in {"POST", "PATCH"}:
                self.put(row_id, **json.loads(call.body))
            return _said(200, self.rows[row_id])


def _said(status: int, body: object) -> Reply:
    return Reply(status=status, body=json.dumps(body).encode(), headers=(("Content-Type", "application/json"),))


@pytest.fixture
def numbering() -> Iterator[Numbering]:
    """The server, until the test ends."""
    made = Numbering()
    yield made
    made.server.stop()
    made.server.raise_accident()


def test_changes_are_asked_for_by_their_number(numbering):
    """Edits travel both ways, listings ask for what follows a number, and of two edits nobody wins by its number."""
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=timezone.utc))
    pms = CustomPmsClient(numbering.server.origin, token="t", profile=PmsProfile.from_dict(PROFILE))
    with WaveSandbox(clock=clock) as box:
        wave = WaveClient(token=box.token, business_id=box.business_id, url=box.url, pace=Unlimited())
        sync = Synchronizer(wave=wave, pms=pms, links=MemoryLinkStore(), clock=clock)
        ids = [box.add({"name": f"Customer {n}"}) for n in range(3)]

        for _ in range(3):
            assert sync.run().ok
            clock.advance(600)
        first, second, third = numbering.rows
        numbering.put(first, phone="111")
        box.edit(ids[1], {"phone": "222"})
        assert sync.run().ok
        assert box.customers[ids[0]]["phone"] == "111"
        assert numbering.rows[second]["phone"] == "222"
        assert numbering.asked[-1].startswith(("6", "7"))

        clock.advance(600)
        box.edit(ids[2], {"phone": "333"})
        numbering.put(third, phone="444")
        sync.run()
        (dispute,) = sync.disputes()
        assert dispute.group == "phone"
        assert sync.plan().empty
        assert len(numbering.rows) == 3


def test_a_sequence_is_a_number():
    """A sequence that is said to be written like a date is refused, with the setting to change."""
    with pytest.raises(ConfigurationError, match=r"times.sequence: .* updated_form"):
        PmsProfile.from_dict({"times": {"sequence": True}})


def test_the_doctor_agrees_with_a_sequence(numbering):
    """Numbers in place of times are nothing that the doctor finds wrong, nor what it writes."""
    for place in range(3):
        numbering.put(str(place + 1), name=f"Customer {place}")
    pms = CustomPmsClient(numbering.server.origin, token="t", profile=PmsProfile.from_dict(PROFILE))

    found = pms.check(write=True)

    assert found.ok, str(found)
