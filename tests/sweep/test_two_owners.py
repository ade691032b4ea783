"""Two processes on one file: the one that was stopped for longer than its lease may do nothing more when it goes on."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from datetime import datetime, timezone

import pytest
from struck import awaited, something_to_do

from wave_pms_sync import Policy, SQLiteLinkStore
from wave_pms_sync.errors import LeaseLost
from wave_pms_sync.stores.kinds import KINDS
from wave_pms_sync.testing import Fault

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

AWAKE_AGAIN = {"list": (0, "lost"), "one": (0, "lost"), "update": (1, "partial"), "create": (1, "partial")}
"""Where it is stopped: how many of its writes arrive, for one was under way, and what becomes of its run."""


class SharedClock:
    """A clock that two processes read: the time stands in a file."""

    def __init__(self, path, moment):
        self.path = path
        self.set(moment)

    def set(self, moment):
        """Set both."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(repr(moment.timestamp()))
        fresh.replace(self.path)

    def now(self):
        """The present moment."""
        return datetime.fromtimestamp(float(self.path.read_text()), tz=timezone.utc)


def in_a_process(work):
    """Do something in a process of its own. Returns its id and a pipe with what came of it."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the threads of the sandboxes stay with the parent
        child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.write(writing, work().encode())
    finally:
        os._exit(0)


def outcome(sync):
    """What becomes of a run."""
    try:
        return sync.run().status
    except LeaseLost:
        return "lost"


@pytest.mark.parametrize("on", list(AWAKE_AGAIN))
def test_a_process_that_was_stopped_is_fenced_off(make_world, tmp_path, on):
    """A process stopped by a signal at a list, a read, an update or a create; another one takes over meanwhile.

    When it goes on, the store refuses all that it writes, and no request that writes is sent any more.
    """
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as links:
        world = make_world(links, policy=Policy(create_in=("pms", "wave")))
        ada = something_to_do(world)
        clock = SharedClock(tmp_path / "clock", world.clock.now())
        stopped, children = threading.Event(), []

        def stop(_arrival):
            while not children:
                time.sleep(0.001)
            os.kill(children[0], signal.SIGSTOP)
            stopped.set()

        world.pms_box.faults.add(Fault.CALL_BEFORE, on=on, call=stop)
        world.count()
        child, pipe = in_a_process(
            lambda: outcome(
                world.make_sync(wave=world.make_wave(), pms=world.make_pms(), links=SQLiteLinkStore(path), clock=clock)
            )
        )
        children.append(child)
        assert stopped.wait(60)
        world.later(130)
        clock.set(world.clock.now())
        writes = sum(world.writes)
        assert world.make_sync().run().status in ("complete", "partial")
        mine = sum(world.writes) - writes
        stored = {kind: list(links.scan(kind)) for kind in KINDS}

        os.kill(child, signal.SIGCONT)
        awaited(child)

        arrived, status = AWAKE_AGAIN[on]
        with os.fdopen(pipe) as told:
            assert told.read() == status
        assert {kind: list(links.scan(kind)) for kind in KINDS} == stored
        assert sum(world.writes) - mine <= writes + arrived

        world.settle()
        world.sync.run(full=True)
        world.rest()
        assert (world.wave_box.ledger.creates, world.pms_box.ledger.creates) == (1, 1)
        assert world.at_pms(ada)["phone"] == "111"
        assert len(world.linked()) == 3
