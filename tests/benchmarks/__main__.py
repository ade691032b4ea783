"""Measure how fast and how frugal this library is, and print the table of the documentation.

    python -m tests.benchmarks [--rows 1,3,9] [--rounds 5] [--small] [--keep FOLDER]

All of it takes about an hour; `--small` tries everything at a tenth of the size or less, which shows no verdict that
counts. Nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measuring import CannotRun
from tests.benchmarks.rows import ROWS, Settings
from tests.benchmarks.verdicts import HEAD, line


def main() -> None:
    """Measure the rows asked for, one after the other."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    asked.add_argument("--rows", default="", help="numbers of rows, such as 1,3; all if left out")
    asked.add_argument("--rounds", type=int, default=5, help="how often each case is measured")
    asked.add_argument("--small", action="store_true", help="a tenth of the size or less, to try the benchmarks")
    asked.add_argument("--keep", default="", help="a folder that keeps the filled link stores for the next time")
    given = asked.parse_args()
    wanted = [int(number) for number in given.rows.split(",") if number] or list(ROWS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(given.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(folder=folder, repeat=given.rounds, small=given.small)
        python = f"Python {platform.python_version()}, {platform.machine()}, medians of {given.rounds} rounds"
        lines = [f"{python}{', small' if given.small else ''}", "", *HEAD]
        for number in wanted:
            try:
                lines += [line(number, figure) for figure in ROWS[number](settings)]
            except CannotRun as reason:
                lines.append(f"| {number} | not measured: {reason} | | | | |")
            print("\n".join(lines[-4:]), file=sys.stderr, flush=True)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
