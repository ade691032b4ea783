"""What it takes to begin: imports in a fresh interpreter, and making a Synchronizer."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.benchmarks.measuring import ROOT

_IMPORT = "import time; t = time.perf_counter(), time.process_time(); import {what}; {then}; " + (
    "print(time.perf_counter() - t[0], time.process_time() - t[1])"
)
_MAKE = (
    "wave_pms_sync.Synchronizer(wave=wave_pms_sync.WaveClient(token='t', business_id='b'), "
    "pms=wave_pms_sync.CustomPmsClient('http://127.0.0.1'), links=wave_pms_sync.MemoryLinkStore())"
)


def imported(what: str) -> dict[str, float]:
    """Import a package."""
    return _timed(_IMPORT.format(what=what, then="pass"))


def constructed() -> dict[str, float]:
    """Import this library and make a Synchronizer with both clients."""
    return _timed(_IMPORT.format(what="wave_pms_sync", then=_MAKE))


def _timed(code: str) -> dict[str, float]:
    """The second of two runs: the first leaves byte code behind, which an installer makes for its user."""
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=surroundings
        )
    wall, cpu = map(float, done.stdout.split())
    return {"wall_s": wall, "cpu_s": cpu}
