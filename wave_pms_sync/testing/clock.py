"""A clock that tests can move; sandboxes stamp by it, and a Synchronizer may share it."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta, timezone

__all__ = ["ManualClock"]


def _system_time() -> datetime:
    return datetime.fromtimestamp(time.time(), tz=timezone.utc)


class ManualClock:
    """Tells an aware UTC time that can be shifted, set and stopped.

    Without a start it follows the system's time, plus every shift. With a start it stands still at that
    moment, and only moves when told to: two stamps taken in between are equal.
    It fulfils the library's `Clock`, and may be shared by both sandboxes and a Synchronizer.

    Args:
        start: An aware moment at which the clock stands; None follows the system's time.

    Raises:
        ValueError: The start has no time zone.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._shift = timedelta(0)
        self._standing = None if start is None else _aware(start)

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        with self._lock:
            return self._now()

    def advance(self, seconds: float) -> None:
        """Move by so many seconds; a negative number moves back, as a corrected system clock does."""
        with self._lock:
            step = timedelta(seconds=seconds)
            if self._standing is None:
                self._shift += step
            else:
                self._standing += step

    def set(self, moment: datetime) -> None:
        """Move to a moment. A standing clock stands there, a running one runs on from there.

        Raises:
            ValueError: The moment has no time zone.
        """
        moment = _aware(moment)
        with self._lock:
            if self._standing is None:
                self._shift = moment - _system_time()
            else:
                self._standing = moment

    def freeze(self) -> None:
        """Stand still at the present moment. Twice is once."""
        with self._lock:
            self._standing = self._now()

    def release(self) -> None:
        """Run again, from the moment at which the clock stood. Twice is once."""
        with self._lock:
            if self._standing is not None:
                self._shift = self._standing - _system_time()
                self._standing = None

    def _now(self) -> datetime:
        return _system_time() + self._shift if self._standing is None else self._standing

    def __repr__(self) -> str:
        return f"<ManualClock {self.now().isoformat()}>"


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the moment has no time zone; give an aware datetime")
    return moment.astimezone(timezone.utc)
