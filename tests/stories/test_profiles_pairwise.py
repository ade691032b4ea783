"""Two-way runs with a PMS of every generated profile: whatever two conventions meet, both sides end equal."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from life import Pair, declined, lived
from pairwise.rows import played, spread


@pytest.mark.parametrize("number", range(len(spread())))
def test_a_life_whatever_two_conventions_meet(number: int) -> None:
    """Matches, creates both ways, edits, clears, a quiet run, deletions, and a customer whom the PMS declines."""
    choice = played(spread()[number])

    with ExitStack() as stack:
        both = Pair(stack, choice.profile, traps=choice.traps, **choice.sandbox)
        lived(both)
        declined(both)
