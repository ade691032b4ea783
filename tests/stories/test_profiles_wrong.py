"""Runs with a profile that is wrong in one convention: nobody is doubled, nothing is lost, and the doctor tells.

Every sixth of them is tried, and all with `EVERY_PROFILE=1`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from life import Pair
from pairwise.axes import AXES, Choice
from pairwise.limits import fits
from pairwise.rows import played

from wave_pms_sync.errors import ConfigurationError, SyncError

STEP = 1 if os.environ.get("EVERY_PROFILE") else 6
BOTH = ("Ada", "Bo", "Cy", "Di", "Eve")
USUAL = {axis: next(iter(values)) for axis, values in AXES.items()} | {
    "pages": "cursor",
    "since": "plain",
    "total": "named",
    "credentials": "bearer",
}

UNSEEN: dict[tuple[str, str, str], str] = {}
"""What runs cannot tell enough of: the axis, what the PMS does, what the client is told."""


def whole(choice: Choice) -> bool:
    """Whether all values of a choice go together."""
    held = [*choice.items()]
    return all(fits(one, other) for place, one in enumerate(held) for other in held[:place])


def mended(choice: dict[str, str], kept: str) -> dict[str, str] | None:
    """A choice with as few other values as it takes to go together; None if it takes more than a few."""
    for axis in AXES:
        if whole(choice):
            return choice
        if axis != kept:
            better = ({**choice, axis: value} for value in AXES[axis])
            choice = next((other for other in better if whole(other)), choice)
    return choice if whole(choice) else None


def mistakes() -> Iterator[tuple[str, Choice, Choice]]:
    """The axis, what the PMS does, and what the client is told, which differ in that axis alone."""
    for axis, values in AXES.items():
        for value in values:
            other = mended({**USUAL, axis: value}, axis)
            usual = {**(other or {}), axis: USUAL[axis]}
            if value != USUAL[axis] and other is not None and whole(usual):
                yield axis, other, usual
                yield axis, usual, other


MISTAKES = [*mistakes()]


def named(mistake: tuple[str, Choice, Choice]) -> str:
    """What is wrong, in words."""
    axis, served, told = mistake
    return f"{axis}: {served[axis]}, told {told[axis]}"


def hard(mistake: tuple[str, Choice, Choice]) -> bool:
    """Whether this is one that runs cannot tell enough of."""
    axis, served, told = mistake
    return (axis, served[axis], told[axis]) in UNSEEN


@pytest.mark.parametrize("mistake", [m for place, m in enumerate(MISTAKES) if place % STEP == 0 or hard(m)], ids=named)
def test_a_profile_that_is_wrong_in_one_convention(mistake: tuple[str, Choice, Choice]) -> None:
    """Nobody is doubled, nothing is lost, one record at most is made before the run stops, and the doctor tells why."""
    _, served, told = mistake
    unseen = hard(mistake)

    with ExitStack() as stack:
        right, wrong = played(served), played(told)
        try:
            both = Pair(stack, right.profile, as_told=wrong.profile, traps=right.traps, **right.sandbox)
        except ConfigurationError:  # it asks for secrets that nobody has
            return
        filled(both)
        ran(both)
        done, made = everywhere(both), both.pms_box.ledger.creates
        healthy = (done and not unseen) or both.pms.check(write=True).ok
        both.clock.advance(450)
        ran(both)

    assert healthy is (done and not unseen)
    assert made <= 1 or done or unseen
    assert bool(harmed(both)) is unseen


def filled(both: Pair) -> None:
    """Five customers on both sides, known by their e-mail, with a property of their own on each; two on each alone."""
    for name in BOTH:
        both.add(name, phone="1")
        both.add_to_pms(name, mobile="2")
    for name in ("Wanda", "Xeno"):
        both.add(name)
    for name in ("Pat", "Quin"):
        both.add_to_pms(name)


def ran(both: Pair) -> None:
    """A run, which may well end with an error."""
    try:
        both.run(full=True)
    except SyncError:
        return


def everywhere(both: Pair) -> bool:
    """Whether everybody is on both sides, once: then what was told wrong did not matter."""
    everybody = sorted((*BOTH, "Pat", "Quin", "Wanda", "Xeno"))
    return both.names() == (everybody, everybody)


def harmed(both: Pair) -> list[str]:
    """What is doubled, lost or overwritten on either side, the doctor's own customer aside."""
    wave, pms = (Counter(names) for names in both.names())
    harm = [f"{name} is there {count} times" for side in (wave, pms) for name, count in side.items() if count > 1]
    harm += [f"{name} is gone from Wave" for name in (*BOTH, "Wanda", "Xeno") if name not in wave]
    harm += [f"{name} is gone from the PMS" for name in (*BOTH, "Pat", "Quin") if name not in pms]
    harm += [f"{row['name']}: phone" for row in both.wave_box.customers.values() if _lost(row, "phone", "1")]
    return harm + [f"{row['name']}: mobile" for row in both.pms_box.customers.values() if _lost(row, "mobile", "2")]


def _lost(row: dict[str, object], name: str, value: str) -> bool:
    return row["name"] in BOTH and row[name] != value
