"""Whether a failed request is sent again, and after how long: a pure question.

Repeated are requests that were certainly never carried out, and reads. A write whose outcome is unknown is
never repeated here, not even one that would be harmless: who sent it looks first.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen, validators

from wave_pms_sync.errors import DeadlineExceeded, SyncError, Throttled, UnknownOutcome, Unreachable


@frozen
class Wait:
    """Send again after this many seconds."""

    wait_s: float


@frozen
class GiveUp:
    """Raise this error."""

    error: SyncError


Verdict: TypeAlias = Wait | GiveUp


@frozen(kw_only=True)
class RetryPolicy:
    """How patient one call is.

    Attributes:
        attempts: How often a request is sent at most.
        first_wait_s: Wait after the first failure.
        factor: Each further wait is this many times longer.
        max_wait_s: The longest wait of our own choice.
        budget_s: The longest that a call may last until its last attempt begins; a wait that the side asks
            for is honoured up to what is left of it.
    """

    attempts: int = field(default=5, validator=validators.ge(1))
    first_wait_s: float = field(default=1.0, validator=validators.ge(0))
    factor: float = field(default=2.0, validator=validators.ge(1))
    max_wait_s: float = field(default=30.0, validator=validators.ge(0))
    budget_s: float = field(default=120.0, validator=validators.ge(0))

    def judge(self, error: SyncError, *, writes: bool, attempt: int, elapsed_s: float, jitter: float) -> Verdict:
        """Say what to do after a failed attempt.

        Args:
            error: What the attempt raised.
            writes: Whether the request may change something there.
            attempt: Its number, from 1.
            elapsed_s: Seconds since the call began.
            jitter: A number from 0 to 1 that spreads our own waits over their upper half.
        """
        if attempt >= self.attempts or not may_repeat(error, writes=writes):
            return GiveUp(error)
        left_s = max(0.0, self.budget_s - elapsed_s)
        wait_s = self._own_wait_s(attempt, jitter)
        if error.retry_after_s is not None:
            wait_s = max(error.retry_after_s, wait_s if error.retry_after_s == 0 else 0.0)
        return Wait(wait_s) if wait_s <= left_s else GiveUp(too_long(error, left_s))

    def _own_wait_s(self, attempt: int, jitter: float) -> float:
        longest_s = min(self.max_wait_s, self.first_wait_s * self.factor ** min(attempt - 1, 60))
        return longest_s * (0.5 + 0.5 * jitter)


def may_repeat(error: SyncError, *, writes: bool) -> bool:
    """Whether sending the same request again is both harmless and of any use."""
    if isinstance(error, (UnknownOutcome, DeadlineExceeded)) or not error.retryable:
        return False
    return isinstance(error, (Throttled, Unreachable)) if writes else not error.executed


def too_long(error: SyncError, left_s: float) -> SyncError:
    """The error to raise where the side asks for a longer wait than there is time for; it says when to come back."""
    asked_s = error.retry_after_s
    if not isinstance(error, Throttled) or asked_s is None:
        return error
    return Throttled(
        f"{error}; it asks to wait {asked_s:g} s, but this call may wait only {left_s:.3g} s more",
        side=error.side,
        operation=error.operation,
        record_id=error.record_id,
        retry_after_s=asked_s,
        request_id=error.request_id,
    )
