"""How fast requests may follow each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.process import PerProcess


class Limiter(Protocol):
    """Spreads requests over time. Several clients, threads or workers may share one."""

    def reserve(self) -> float:
        """Book one request.

        Returns:
            Seconds to wait before it may be sent, 0 if at once. A booking that is not used is lost.
        """
        ...


class Unlimited:
    """No limit: for sandboxes, and for servers of one's own."""

    def reserve(self) -> float:
        """Book one request; it may always be sent at once."""
        return 0.0

    def __repr__(self) -> str:
        return "Unlimited()"


class TokenBucket:
    """A steady rate with room for a short burst. Safe to share between threads; each process counts for itself.

    Args:
        per_minute: The sustained rate, requests per minute.
        burst: How many requests may be sent at once after a quiet time.
        now: A monotonic clock in seconds.
    """

    def __init__(self, per_minute: float, burst: int = 1, *, now: Callable[[], float] = time.monotonic) -> None:
        faults = [] if per_minute > 0 else ["per_minute: must be positive"]
        faults += [] if burst >= 1 else ["burst: must be at least 1"]
        if faults:
            raise ConfigurationError("TokenBucket", faults)
        self.per_minute = per_minute
        self.burst = burst
        self._now = now
        self._lock = PerProcess(threading.Lock)
        self._free = float(burst)
        self._seen_at = now()

    def reserve(self) -> float:
        """Book one request and say how many seconds to wait before it is sent."""
        per_second = self.per_minute / 60
        with self._lock():
            moment = self._now()
            self._free = min(self.burst, self._free + (moment - self._seen_at) * per_second) - 1
            self._seen_at = moment
            return max(0.0, -self._free / per_second)

    def __getstate__(self) -> tuple[float, int, Callable[[], float]]:
        return self.per_minute, self.burst, self._now

    def __setstate__(self, state: tuple[float, int, Callable[[], float]]) -> None:
        per_minute, burst, now = state
        self.__init__(per_minute, burst, now=now)  # type: ignore[misc]  # a monotonic clock means nothing elsewhere

    def __repr__(self) -> str:
        return f"TokenBucket(per_minute={self.per_minute:g}, burst={self.burst})"
