"""What is struck in more than one way: a small story, and processes that end or are made to."""

from __future__ import annotations

import os
import signal
import time

_LONGEST_S = 60.0


def something_to_do(world) -> str:
    """Two that are in step, an edit of one of them, and a newcomer on either side. Returns the edited Wave id."""
    ada, _ = world.pair(phone="000")
    world.settle()
    world.sync.run(full=True)
    world.later(600)
    world.wave_box.edit(ada, {"phone": "111"})
    world.wave_box.add({"name": "Bea", "email": "bea@example.com"})
    world.pms_box.add({"name": "Cleo", "email": "cleo@example.com"})
    return ada


def awaited(child: int) -> int:
    """How a process ended, by its id; one that hangs is killed."""
    ends = time.monotonic() + _LONGEST_S
    while time.monotonic() < ends:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("the child hung")
