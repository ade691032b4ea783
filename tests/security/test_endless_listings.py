"""A listing without an end holds nobody up for ever."""

from __future__ import annotations

import json
import time

import pytest

from wave_pms_sync import CustomPmsClient, MemoryLinkStore, Synchronizer, Unlimited
from wave_pms_sync.testing.server import LoopbackServer, Reply


@pytest.fixture
def served():
    """Starts a PMS of which each page is made by a function of its cursor; it counts its pages."""
    servers = []

    def start(page):
        server = LoopbackServer()
        server.pages = 0

        def answer(call):
            server.pages += 1
            items, after = page(int(call.query.get("cursor") or 0))
            return Reply(status=200, body=json.dumps({"items": items, "next_cursor": after}).encode())

        server.start(answer)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


def client(server):
    """A client of it."""
    return CustomPmsClient(server.origin, token="t", pace=Unlimited())


@pytest.mark.parametrize("round_of", [1, 2, 7])
def test_cursors_that_go_in_circles_end(served, round_of):
    """A listing whose cursors come back is left after one round, and does not pass for complete."""
    server = served(lambda at: ([{"id": f"c{at}", "name": "Ada"}], str((at + 1) % round_of + 1)))

    with client(server) as pms:
        pages = list(pms.pages())

    assert server.pages <= round_of + 2
    assert not any(page.last for page in pages)


def test_empty_pages_without_end_are_left(served):
    """Empty pages that always name another one are left at the first: an empty page is the end of a listing."""
    server = served(lambda at: ([], str(at + 1)))

    with client(server) as pms:
        assert list(pms.customers()) == []

    assert server.pages <= 3


def test_customers_without_end_are_left_at_the_deadline(world, served):
    """A server that invents ever new customers is left when the time given is over; the run is not complete."""
    server = served(lambda at: ([{"id": f"c{at}", "name": f"Ada {at}"}], str(at + 1)))
    begun = time.monotonic()

    with client(server) as pms:
        sync = Synchronizer(wave=world.wave, pms=pms, links=MemoryLinkStore())
        report = sync.run(deadline_s=1.0)

    assert time.monotonic() - begun < 20
    assert not report.ok
    assert server.pages > 2
    assert world.wave_box.customers == {}
