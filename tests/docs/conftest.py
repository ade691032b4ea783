"""What the blocks of the documentation find ready: two sandboxes with some customers, and clients for them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from wave_pms_sync import CustomPmsClient, MemoryLinkStore, Synchronizer, Unlimited, WaveClient
from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox

ROOT = Path(__file__).parents[2]
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The names that a how-to may use, as `docs/how-to/sandboxes.md` says; the working directory is empty."""
    monkeypatch.chdir(tmp_path)
    clock = ManualClock(MONDAY)
    with WaveSandbox(clock=clock) as wave_box, PmsSandbox(clock=clock) as pms_box:
        ada = wave_box.add({"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+44 20 7946 0001"})
        wave_box.add({"name": "Zoë Ångström", "email": "zoe@example.org"})
        pms_box.add({"name": "Ada Lovelace", "email": "Ada@example.org"})
        wave = WaveClient(token=wave_box.token, business_id=wave_box.business_id, url=wave_box.url, pace=Unlimited())
        pms = CustomPmsClient(pms_box.url, token=pms_box.token)
        yield {
            "clock": clock,
            "wave_box": wave_box,
            "pms_box": pms_box,
            "wave": wave,
            "pms": pms,
            "ada": ada,
            "sync": Synchronizer(wave=wave, pms=pms, links=MemoryLinkStore(), clock=clock),
        }


@pytest.fixture(scope="session")
def run_quickstart() -> Callable[..., CompletedProcess[str]]:
    """Runs the quickstart in a process of its own, with these accounts in the environment and no others."""

    def run(**accounts: str) -> CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("WAVE_", "PMS_"))}
        return subprocess.run(  # noqa: S603  # our own file
            [sys.executable, str(ROOT / "examples" / "quickstart.py")],
            env={**env, "PYTHONIOENCODING": "utf-8", **accounts},
            capture_output=True,
            encoding="utf-8",
            check=False,
            cwd=ROOT / "docs",
        )

    return run


@pytest.fixture(scope="session")
def quickstart(run_quickstart: Callable[..., CompletedProcess[str]]) -> CompletedProcess[str]:
    """The quickstart as a newcomer runs it."""
    return run_quickstart()
