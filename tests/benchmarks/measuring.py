"""How things are measured: each case in a fresh process, all cases in turn, round after round, and the median of each.

The cases are taken in turn so that whatever else the machine does hits all of them alike. Figures are ratios of
medians; a case that cannot run here (a peer that is not installed) says why and has no figure.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType

from attrs import field, frozen

ROOT = Path(__file__).parents[2]
_MARK = "MEASURED "

Figures = Mapping[str, float]


class CannotRun(Exception):
    """A case that this machine cannot run, with the reason."""


@frozen
class Case:
    """Something to measure.

    Attributes:
        place: The module beside this one and the function in it, as `scans:run`.
        options: What the function is given.
        fast: With the extra `[fast]`, which a peer brings along; without it unless said.
    """

    place: str
    options: Mapping[str, object] = field(factory=dict)
    fast: bool = False


class Measured:
    """Measures a block: `with Measured() as measured: ...`, then `measured.figures`.

    They are `wall_s`, `cpu_s` (of this process, all its threads, system calls included) and `peak_mb` (the most
    memory that this process ever had, the interpreter and all imports included).
    """

    figures: dict[str, float]

    def __enter__(self) -> Measured:
        gc.collect()
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        self.figures = {"wall_s": wall, "cpu_s": cpu, "peak_mb": peak_mb()}


def peak_mb() -> float:
    """The most memory that this process had so far, in MB.

    Raises:
        CannotRun: The system does not say.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        raise CannotRun("peak memory is read from /proc, which this system does not have") from None
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def rounds(cases: Mapping[str, Case], repeat: int) -> dict[str, Figures]:
    """Measure cases in turn.

    Args:
        cases: By name.
        repeat: How many rounds.

    Returns:
        The median of each figure, by the name of the case.

    Raises:
        CannotRun: One of them cannot run here.
    """
    found: dict[str, list[Figures]] = {name: [] for name in cases}
    for number in range(repeat):
        for name, case in cases.items():
            figures = run_alone(case)
            found[name].append(figures)
            told = ", ".join(f"{what} {value:.3f}" for what, value in figures.items())
            print(f"  round {number + 1} {name}: {told}", file=sys.stderr, flush=True)
    return {name: median(all_figures) for name, all_figures in found.items()}


def median(figures: Sequence[Figures]) -> Figures:
    """The median of each figure."""
    return {name: statistics.median(each[name] for each in figures) for name in figures[0]}


def run_alone(case: Case) -> Figures:
    """Run a case in a fresh process.

    Raises:
        CannotRun: It cannot run here.
    """
    done = subprocess.run(child(case), capture_output=True, text=True, cwd=ROOT, check=False)
    told = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if not told:
        raise RuntimeError(f"{case.place} failed:\n{done.stderr[-3000:]}")
    answer = json.loads(told[-1].removeprefix(_MARK))
    if "cannot" in answer:
        raise CannotRun(answer["cannot"])
    return answer


def child(case: Case) -> list[str]:
    """The command that runs a case in a process of its own."""
    return [
        sys.executable,
        "-m",
        __name__,
        case.place,
        json.dumps(dict(case.options)),
        "fast" if case.fast else "plain",
    ]


def main(place: str, options: str, extras: str) -> None:
    """Run one case and print its figures for the process that started this one."""
    if extras == "plain":
        sys.modules["orjson"] = None  # type: ignore[assignment]
    module, _, function = place.partition(":")
    case = getattr(import_module(f"tests.benchmarks.{module}"), function)
    try:
        answer = case(**json.loads(options))
    except ImportError as error:
        answer = {"cannot": f"{error.name or error} is not installed (pip install --group benchmarks)"}
    except CannotRun as error:
        answer = {"cannot": str(error)}
    print(_MARK + json.dumps(answer), flush=True)


if __name__ == "__main__":
    # By its full name, for an error raised by a case must be of the class that is caught here.
    import_module("tests.benchmarks.measuring").main(*sys.argv[1:])
