"""Whether a failed request is sent again, and when."""

from __future__ import annotations

import pytest

from wave_pms_sync.errors import (
    BadAnswer,
    Conflict,
    DeadlineExceeded,
    NotFound,
    Refused,
    Throttled,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from wave_pms_sync.http.retry import GiveUp, RetryPolicy, Wait, may_repeat


@pytest.mark.parametrize(
    ("error", "read_again", "write_again"),
    [
        (Unreachable("x"), True, True),
        (Throttled("x"), True, True),
        (BadAnswer("x"), False, False),
        (BadAnswer("x", retryable=True), True, False),
        (UnknownOutcome("x"), False, False),
        (Conflict("x"), True, False),
        (DeadlineExceeded("x"), False, False),
        (Refused("x"), False, False),
        (NotFound("x"), False, False),
        (Unauthorized("x"), False, False),
    ],
)
def test_only_what_was_never_carried_out_is_repeated(error, read_again, write_again):
    """A write is repeated only if it was certainly not carried out, a read whenever that may help."""
    assert (may_repeat(error, writes=False), may_repeat(error, writes=True)) == (read_again, write_again)


def _judge(error, policy=None, *, attempt=1, elapsed_s=0.0, jitter=1.0, writes=False):
    return (policy or RetryPolicy()).judge(error, writes=writes, attempt=attempt, elapsed_s=elapsed_s, jitter=jitter)


def test_waits_grow_up_to_a_limit():
    """Each wait is a multiple of the one before, up to the longest."""
    policy = RetryPolicy(attempts=9, first_wait_s=1, factor=3, max_wait_s=10, budget_s=99)

    waits = [_judge(Unreachable("x"), policy, attempt=attempt) for attempt in range(1, 6)]

    assert waits == [Wait(1.0), Wait(3.0), Wait(9.0), Wait(10.0), Wait(10.0)]


def test_jitter_spreads_a_wait_over_its_upper_half():
    """The same failure waits between half and the whole of the time."""
    assert _judge(Unreachable("x"), jitter=0.0) == Wait(0.5)
    assert _judge(Unreachable("x"), jitter=0.5) == Wait(0.75)


def test_attempts_are_limited():
    """After the last attempt the error itself is raised."""
    error = Unreachable("x")

    assert _judge(error, RetryPolicy(attempts=2), attempt=1) == Wait(1.0)
    assert _judge(error, RetryPolicy(attempts=2), attempt=2) == GiveUp(error)


def test_what_is_not_repeated_is_raised():
    """An error that sending again cannot mend is raised as it is."""
    error = UnknownOutcome("x")

    assert _judge(error, writes=True) == GiveUp(error)


def test_the_budget_is_for_the_whole_call():
    """A wait that would end after the budget is not begun; the error is raised."""
    error = Unreachable("x")

    assert _judge(error, RetryPolicy(budget_s=10), elapsed_s=9.5) == GiveUp(error)
    assert _judge(error, RetryPolicy(budget_s=10), elapsed_s=9.0) == Wait(1.0)


def test_retry_after_is_honoured():
    """A wait the side asks for replaces ours, also where it is longer than our longest; 0 means ours."""
    policy = RetryPolicy(max_wait_s=5, budget_s=60)

    assert _judge(Throttled("x", retry_after_s=45), policy) == Wait(45)
    assert _judge(Throttled("x", retry_after_s=0.2), policy) == Wait(0.2)
    assert _judge(Throttled("x", retry_after_s=0), policy) == Wait(1.0)


def test_a_wait_beyond_the_budget_is_raised_at_once():
    """A Retry-After longer than what is left of the budget raises Throttled with the wait in attribute and text."""
    error = Throttled("slow down", retry_after_s=3600, side="wave", operation="x", record_id="7", request_id="r")

    verdict = _judge(error, RetryPolicy(budget_s=120), elapsed_s=20)

    assert isinstance(verdict, GiveUp)
    assert isinstance(verdict.error, Throttled)
    assert str(verdict.error) == "slow down; it asks to wait 3600 s, but this call may wait only 100 s more"
    facts = ("retry_after_s", "side", "operation", "record_id", "request_id")
    assert [getattr(verdict.error, name) for name in facts] == [3600, "wave", "x", "7", "r"]


def test_a_failure_with_a_long_wait_stays_what_it_is():
    """A server error whose Retry-After is too long is raised as it is."""
    error = Unreachable("x", retry_after_s=3600)

    assert _judge(error) == GiveUp(error)


@pytest.mark.parametrize(
    "wrong", [{"attempts": 0}, {"first_wait_s": -1}, {"factor": 0.5}, {"max_wait_s": -1}, {"budget_s": -1}]
)
def test_a_policy_that_makes_no_sense_cannot_be_built(wrong):
    """Negative waits, no attempt, or shrinking waits are refused."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RetryPolicy(**wrong)
