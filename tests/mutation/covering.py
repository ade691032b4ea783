"""Which tests run which lines, and how long they take; found once, and kept in a file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

OPTIONS = ("-q", "-s", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", "-W", "ignore", "-o", "timeout=0")
"""One process, always the same order, and no alarm but the driver's own."""


class Recorder:
    """A pytest plugin that notes the lines of each test that passes."""

    def __init__(self, root: Path) -> None:
        # Only this needs coverage; whoever has the file does not.
        from coverage import Coverage

        self.coverage = Coverage(data_file=None, include=[f"{root}/wave_pms_sync/*"])
        self.coverage.start()  # before anything of the library is read
        self.seconds: dict[str, float] = {}
        self.began = 0.0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Each test is a context of its own, with what it sets up."""
        self.coverage.switch_context(item.nodeid)
        self.began = time.monotonic()
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Only what passes can fail for a mutant."""
        if report.when == "call" and report.passed:
            self.seconds[report.nodeid] = time.monotonic() - self.began

    def found(self, root: Path) -> dict[str, object]:
        """Seconds by test; by module, tests by line (by their place among those), and the lines run before any test."""
        self.coverage.stop()
        data = self.coverage.get_data()
        places = {test: place for place, test in enumerate(self.seconds)}
        lines, before = {}, {}
        for name in data.measured_files():
            by_line, module = data.contexts_by_lineno(name), str(Path(name).relative_to(root))
            lines[module] = {n: [places[c] for c in contexts if c in places] for n, contexts in by_line.items()}
            before[module] = [n for n, contexts in by_line.items() if "" in contexts]
        return {"seconds": self.seconds, "lines": lines, "before": before}


def record(root: Path, folders: Sequence[str], kept: Path) -> None:
    """Run the tests of some folders once and keep what they cover, in a process of its own."""
    command = [sys.executable, __file__, str(root), str(kept), *folders]
    subprocess.run(command, check=True, cwd=root)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what runs behind
    at, target = Path(sys.argv[1]), Path(sys.argv[2])
    recorder = Recorder(at)
    pytest.main([*OPTIONS, *sys.argv[3:]], plugins=[recorder])
    target.write_text(json.dumps(recorder.found(at)), "utf-8")
