"""How many planted faults the tests find: `python tests/mutation/run.py` (not part of CI; it takes its time).

One process reads all tests once. For each mutant it forks: the child changes the function in place, runs the tests
that reach the changed line, the quickest first, and stops at the first that fails. What stands outside of functions,
or in a function that cannot be changed in place, is judged by a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType

import covering
import pytest
from mutants import Mutant, mutants, mutated

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    *(f"reconcile/{room}" for room in (
        "decide", "table", "groups", "merging", "rulings", "gone", "matching", "newcomers", "lost_creates",
        "recovering", "guards", "verdicts", "view", "own_writes", "laying_out", "remapping", "creation", "room",
        "pairs",
    )),
    *(f"apply/{room}" for room in (
        "book", "creates", "desk", "judge", "late_partners", "link_changes", "loop", "proving", "retirements",
        "updates",
    )),
    "survey/proofs",
    *(f"stores/{room}" for room in (
        "sqlite", "sqlite_file", "sqlite_opening", "sqlite_reading", "sqlite_schema", "sqlite_table", "sqlite_tables",
        "sqlite_writing", "leasing", "kinds", "codec",
    )),
)  # fmt: skip
QUICK = ("tests/reconcile", "tests/survey", "tests/apply", "tests/stores", "tests/contracts/test_stores.py")
LONG = ("profiles", "profiles_pairwise", "rehearsal")
SLOW = ("tests/stories", "tests/catalogue", *(f"--ignore-glob=*/test_{part}.py" for part in LONG))
MOST_SLOW = 60
MOST_ABOUT_TABLES = 150
KILLED, SURVIVED, UNREACHED, UNFIT, HUNG = range(5)
WORDS = {SURVIVED: "survived", UNREACHED: "unreached", HUNG: "never ended"}

Made = dict[tuple[str, str, int], list[FunctionType]]


@dataclass(frozen=True)
class Coverage:
    """Which tests reach which lines.

    Attributes:
        seconds: How long each takes.
        lines: Tests by line by module.
        before: The lines that run before any test, as when a table is made, by module.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[str]]]
    before: dict[str, list[int]]

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests that reach a mutant, the quickest first."""
        lines = self.lines.get(str(mutant.path.relative_to(ROOT)), {})
        if mutant.function is not None:
            reached = {t for n in range(mutant.line, mutant.last_line + 1) for t in lines.get(str(n), ())}
            return sorted(reached, key=self.quick)
        return self.around(mutant)

    def made_before(self, mutant: Mutant) -> bool:
        """Whether a function with a mutant has done its work before a test begins, so that it is too late to change."""
        before = self.before.get(str(mutant.path.relative_to(ROOT)), ())
        return mutant.function is not None and any(mutant.line <= line <= mutant.last_line for line in before)

    def around(self, mutant: Mutant) -> list[str]:
        """Some tests that may read a table; which do is not to be seen from its lines.

        Those that run its module may, and its room's.
        """
        lines = self.lines.get(str(mutant.path.relative_to(ROOT)), {})
        room = f"tests/{mutant.path.parent.name}/"
        near = {t for tests in lines.values() for t in tests} | {t for t in self.seconds if t.startswith(room)}
        return sorted(spread(sorted(near, key=self.quick), MOST_ABOUT_TABLES), key=self.quick)

    def quick(self, test: str) -> tuple[float, str]:
        """Sorts tests, the quickest first."""
        return self.seconds[test], test


def coverage(folders: Sequence[str], kept: Path, *, again: bool) -> Coverage:
    """What the tests in these folders reach; kept, since it takes long to find."""
    if again or not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        covering.record(ROOT, folders, kept)
    found = json.loads(kept.read_text("utf-8"))
    names = list(found["seconds"])
    lines = {
        module: {line: [names[place] for place in places] for line, places in by_line.items()}
        for module, by_line in found["lines"].items()
    }
    return Coverage(seconds=found["seconds"], lines=lines, before=found.get("before", {}))


def spread(tests: Sequence[str], count: int) -> list[str]:
    """Some of the tests, the first case of each function in turn."""
    by_function: dict[str, list[str]] = {}
    for test in tests:
        by_function.setdefault(test.partition("[")[0], []).append(test)
    return [test for row in zip_longest(*by_function.values()) for test in row if test is not None][:count]


def telling(known: Coverage, mutant: Mutant) -> list[str]:
    """Some stories that reach a mutant: those that reach what few others do close to it, and the quickest."""
    quickest, worth = known.tests(mutant), Counter[str]()
    for line, tests in known.lines.get(str(mutant.path.relative_to(ROOT)), {}).items():
        for test in tests:
            worth[test] += 1 / len(tests) / (1 + abs(int(line) - mutant.line))
    rarest = sorted(quickest, key=lambda test: (-worth[test], test))
    return list(dict.fromkeys([*spread(rarest, MOST_SLOW // 2), *spread(quickest, MOST_SLOW)]))[:MOST_SLOW]


# --- inside of functions: a fork of a warm process -------------------------------------------------


class Warm:
    """A pytest plugin that judges mutants instead of running the tests it was given."""

    def __init__(self, known: Coverage, chosen: Sequence[tuple[Mutant, list[str]]], *, last: bool) -> None:
        self.known = known
        self.chosen = chosen
        self.last = last
        self.verdicts: dict[Mutant, int] = {}
        self.sound: dict[str, bool] = {}
        self.made: Made = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge all."""
        items = {item.nodeid: item for item in session.items}
        for path in {mutant.path for mutant, _ in self.chosen}:
            # Some modules are imported only when they are needed; here all must be there to be changed.
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        self.made = _made()
        gc.freeze()
        for mutant, tests in self.chosen:
            there = [items[test] for test in tests if test in items]
            self.verdicts[mutant] = self._verdict(session, mutant, there)
            if self.last:
                _tell(mutant, self.verdicts[mutant], len(there))
        return True

    def _verdict(self, session: pytest.Session, mutant: Mutant, items: Sequence[pytest.Item]) -> int:
        """What these tests say of a mutant; a test that fails without any fault says nothing."""
        while items:
            verdict, by = self._forked(session, mutant, items)
            if by is None or self._is_sound(session, by):
                return verdict
            items = [item for item in items if item is not by]
        return UNREACHED

    def _is_sound(self, session: pytest.Session, item: pytest.Item) -> bool:
        if item.nodeid not in self.sound:
            self.sound[item.nodeid] = self._forked(session, None, [item])[0] == SURVIVED
            if not self.sound[item.nodeid]:
                print(f"left out, for it fails without a fault: {item.nodeid}", flush=True)
        return self.sound[item.nodeid]

    def _forked(
        self, session: pytest.Session, mutant: Mutant | None, items: Sequence[pytest.Item]
    ) -> tuple[int, pytest.Item | None]:
        """Run tests in a fork, with a fault or without: what they say, and which one failed, if it could tell."""
        limit_s = 20 + round(5 * sum(self.known.seconds[item.nodeid] for item in items))
        there, here = os.pipe()
        child = os.fork()
        if child == 0:
            os.setsid()
            signal.alarm(limit_s)
            _silence()
            verdict = UNFIT
            try:
                if mutant is None or _plant(mutant, self.made):
                    verdict = KILLED  # whatever it raises, it was noticed
                    verdict = _judged(session, items, here)
            finally:
                os._exit(verdict)
        os.close(here)
        _, status = os.waitpid(child, 0)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what its tests began and could not end
        with os.fdopen(there) as told:
            place = told.read()
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
            return HUNG, None
        verdict = os.WEXITSTATUS(status) if os.WIFEXITED(status) else KILLED
        return verdict, items[int(place)] if place else None


def _judged(session: pytest.Session, items: Sequence[pytest.Item], tell: int) -> int:
    for place, item in enumerate(items):
        _run(item)
        if session.testsfailed:
            os.write(tell, str(place).encode())
            return KILLED
    return SURVIVED


def _run(item: pytest.Item) -> None:
    following = None
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _plant(mutant: Mutant, made: Made) -> bool:
    """Give every function object of that place, and those that it has made already, the code of the mutant.

    Returns False if one cannot take it, for it uses other variables of the function around it now.
    """
    outer = next(_codes(compile(mutated(mutant), str(mutant.path), "exec"), mutant.function), None)
    if outer is None:
        return False
    put = 0
    for code in (outer, *_codes(outer)):
        for function in made.get(_place(code), ()):
            if code.co_freevars != function.__code__.co_freevars:
                return False
            function.__code__ = code
            put += 1
    return put > 0


def _made() -> Made:
    """All function objects of the library, by place."""
    found: Made = {}
    gc.unfreeze()  # what was frozen before is not told
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and function.__code__.co_filename.startswith(f"{ROOT}/wave_pms_sync/"):
            found.setdefault(_place(function.__code__), []).append(function)
    return found


def _place(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_name, code.co_firstlineno


def _codes(code: CodeType, wanted: tuple[str, int] | None = None) -> Iterator[CodeType]:
    """The code objects within another, or only that of one function."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if wanted is None or (inner.co_name, inner.co_firstlineno) == wanted:
                yield inner
            yield from _codes(inner, wanted)


# --- what cannot be changed in place: a process of its own ------------------------------------------


def fresh(mutant: Mutant, tests: Sequence[str]) -> int:
    """Judge a mutant of a table, a constant or a default."""
    if not tests:
        return UNREACHED
    options = [*covering.OPTIONS, "-x", "-p", "planted"]
    told = {"MUTANT": f"{mutant.path}:{mutant.number}", "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"}
    command = [sys.executable, "-m", "pytest", *options, *tests]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **told}, capture_output=True, timeout=300, check=False
        )
    except subprocess.TimeoutExpired:
        return HUNG
    return KILLED if done.returncode else SURVIVED


# --- the run ---------------------------------------------------------------------------------------


def _sample(rooms: Sequence[str], count: int, seed: int) -> list[Mutant]:
    found = []
    for room in rooms:
        every = mutants(ROOT / "wave_pms_sync" / f"{room}.py")
        found += sorted(random.Random(f"{seed} {room}").sample(every, min(count, len(every))), key=lambda m: m.number)
    return found


def _tell(mutant: Mutant, verdict: int, tests: int) -> None:
    if verdict in WORDS:
        word = WORDS[verdict]
        place = f"{mutant.path.relative_to(ROOT)}:{mutant.line}"
        print(
            f"{word} [{tests} tests] #{mutant.number} {place}\n    - {mutant.before}\n    + {mutant.after}", flush=True
        )


def _judge(
    known: Coverage, chosen: Sequence[tuple[Mutant, list[str]]], folders: Sequence[str], *, last: bool
) -> dict[Mutant, int]:
    warm = Warm(known, [(m, tests) for m, tests in chosen if m.function is not None], last=last)
    pytest.main([*covering.OPTIONS, "--no-header", *folders], plugins=[warm])
    verdicts = warm.verdicts
    for mutant, tests in chosen:
        if verdicts.get(mutant, UNFIT) == UNFIT:
            verdicts[mutant] = fresh(mutant, tests)
            if last:
                _tell(mutant, verdicts[mutant], len(tests))
    return verdicts


def main() -> None:
    """Print what survives, and the figures of each room."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="*", default=ROOMS, help="such as reconcile/guards; all if none is named")
    parser.add_argument("--sample", type=int, default=30, help="mutants of each room")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=("inside", "outside", "both"), default="both", help="of functions")
    parser.add_argument("--again", action="store_true", help="find out anew which tests reach what")
    parser.add_argument("--quick", action="store_true", help="only the tests of the rooms, no stories")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what runs behind
    began = time.monotonic()
    kept = ROOT / "build" / "mutation"
    quick = coverage(QUICK, kept / "fast.json", again=options.again)
    chosen = _sample(options.rooms, options.sample, options.seed)
    chosen = [m for m in chosen if options.part in ("both", "outside" if m.function is None else "inside")]
    verdicts = _judge(quick, [(m, quick.tests(m)) for m in chosen], QUICK, last=options.quick)
    left = [m for m in chosen if verdicts.get(m) in (SURVIVED, UNREACHED)]
    verdicts |= {m: fresh(m, quick.around(m)) for m in left if quick.made_before(m)}
    left = [m for m in left if verdicts[m] in (SURVIVED, UNREACHED)]
    if left and not options.quick:
        slow = coverage(SLOW, kept / "slow.json", again=options.again)
        print("--- against the stories", flush=True)
        reached = {m: telling(slow, m) for m in left}
        verdicts |= {
            m: v for m, v in _judge(slow, list(reached.items()), SLOW, last=True).items() if v in (KILLED, HUNG)
        }
    _figures(options.rooms, verdicts, time.monotonic() - began)


def _figures(rooms: Sequence[str], verdicts: dict[Mutant, int], took_s: float) -> None:
    took = f"({took_s:.0f} s, {list(verdicts.values()).count(HUNG)} by never ending)"
    judged = {m: KILLED if v == HUNG else v for m, v in verdicts.items() if v != UNFIT}
    print(f"\n{'room':34}{'mutants':>8}{'judged':>8}{'killed':>8}{'%':>6}")
    for room in rooms:
        path = ROOT / "wave_pms_sync" / f"{room}.py"
        own = [v for m, v in judged.items() if m.path == path]
        killed = own.count(KILLED)
        print(f"{room:34}{len(mutants(path)):8}{len(own):8}{killed:8}{100 * killed / max(len(own), 1):6.0f}")
    killed = list(judged.values()).count(KILLED)
    print(f"{'all':42}{len(judged):8}{killed:8}{100 * killed / max(len(judged), 1):6.1f}   {took}")


if __name__ == "__main__":
    main()
