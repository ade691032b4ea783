"""The run that makes a cut good is cut, too."""

from __future__ import annotations

import random

from struck import something_to_do

from wave_pms_sync import Policy
from wave_pms_sync.testing import Blade

PAIRS = 24


def small(world):
    """A customer is created on either side, and an edit travels."""
    world.change(policy=Policy(create_in=("pms", "wave")))
    something_to_do(world)
    yield {}


def test_a_recovery_cut_anywhere(sweep):
    """A run is cut, the next one is cut as well, a settle time later or sooner: the end is that of the uncut story."""
    uncut = sweep.as_told(small)

    def cut_again(at, *, soon):
        def after(world):
            world.later(130 if soon else 450)
            blade = Blade(at)
            sweep.struck(world, {"full": True}, blade)
            cut_at.append(blade.calls[-1] if blade.fallen else "nowhere")

        return after

    cut_at = []
    pairs = [(first, second) for first in uncut.fresh for second in range(1, 2 * len(uncut.calls), 2)]
    if not sweep.everywhere:
        pairs = random.Random("twice").sample(pairs, PAIRS)
    for first, second in pairs:
        where = f"{first}: {uncut.calls[first - 1]}, then {second}"
        soon = (first + second) % 2 == 0
        sweep.retell("twice", small, where, blade=lambda _, at=first: Blade(at), after=cut_again(second, soon=soon))

    assert not sweep.faults, "\n" + "\n".join(sweep.faults)
    assert len(set(cut_at)) > 2
