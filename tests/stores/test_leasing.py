"""Who may write: the rule of the lease, case by case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wave_pms_sync.errors import LeaseHeld
from wave_pms_sync.model.memory import Lease
from wave_pms_sync.stores.leasing import grant, is_current
from wave_pms_sync.testing.entries import NOON


def _after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


HELD = Lease(owner="one", token=4, renewed_at=NOON, expires_at=NOON + _after(60))


def test_a_free_lease_is_taken() -> None:
    """A lease that nobody holds is given out with the next token."""
    assert grant(None, 4, owner="one", now=NOON, ttl_s=60) == Lease(
        owner="one", token=5, renewed_at=NOON, expires_at=NOON + _after(60)
    )


def test_an_owner_renews() -> None:
    """The owner gets the same token for longer, even after the lease expired."""
    late = NOON + _after(90)

    assert grant(HELD, 4, owner="one", now=late, ttl_s=60) == Lease(
        owner="one", token=4, renewed_at=late, expires_at=late + _after(60)
    )


def test_a_held_lease_is_refused() -> None:
    """Somebody else is told who holds the lease, when that one was last heard of, and when to try again."""
    with pytest.raises(LeaseHeld, match="'one', last heard of 45 s ago") as caught:
        grant(HELD, 4, owner="two", now=NOON + _after(45), ttl_s=60)

    assert (caught.value.owner, caught.value.age_s, caught.value.retry_after_s) == ("one", 45, 15)
    assert "after 2026-03-01T12:01:00+00:00" in str(caught.value)


def test_a_lease_from_a_time_to_come_says_the_way_out() -> None:
    """A lease that was renewed by a clock far ahead is told as such, and so is how to go on if its owner is dead."""
    with pytest.raises(LeaseHeld, match=r"86400 s ahead of this clock .*copy_to") as caught:
        grant(HELD, 4, owner="two", now=NOON - _after(86400), ttl_s=60)

    assert "-86400 s" not in str(caught.value)


@pytest.mark.parametrize(
    ("age", "heard"),
    [
        (0, "last heard of 0 s ago"),
        (0.6, "last heard of 1 s ago"),
        (-0.9, "last heard of 0 s ago"),
        (-1, "1 s ahead of this clock"),
        (-1.6, "2 s ahead of this clock"),
    ],
)
def test_clocks_that_differ_by_less_than_a_second_are_no_matter(age: float, heard: str) -> None:
    """Who was heard of in the very second was heard of now, whichever clock is ahead."""
    with pytest.raises(LeaseHeld, match=heard):
        grant(HELD, 4, owner="two", now=NOON + _after(age), ttl_s=60)


def test_an_expired_lease_is_taken_over() -> None:
    """At the moment it expires a lease is taken over, and says whose it was and when that one was last heard of."""
    over = NOON + _after(60)

    assert grant(HELD, 4, owner="two", now=over, ttl_s=30) == Lease(
        owner="two",
        token=5,
        renewed_at=over,
        expires_at=over + _after(30),
        dead_owner="one",
        dead_renewed_at=NOON,
    )


@pytest.mark.parametrize(
    ("held", "current"),
    [(HELD, True), (None, False), (Lease(owner="one", token=5, renewed_at=NOON, expires_at=NOON), False)],
)
def test_a_lease_is_current_until_another_is_given_out(held: Lease | None, current: bool) -> None:
    """A lease stands as long as its owner and its token do."""
    assert is_current(held, HELD) is current
