"""How long the calls of a thread or task may take together."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deadline: ContextVar[float] = ContextVar("wave_pms_sync.deadline", default=math.inf)


@contextmanager
def until(seconds: float, *, now: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Give all calls of this thread or task inside the block so many seconds together.

    After that no request is begun and no read is waited for: `DeadlineExceeded` is raised. No wait goes beyond it
    either. A write that is under way has the time that any request has, since its outcome would be unknown otherwise.
    Of nested blocks the one that ends first counts.
    """
    token = _deadline.set(min(now() + seconds, _deadline.get()))
    try:
        yield
    finally:
        _deadline.reset(token)


def ends_at() -> float:
    """When the time of this thread or task is over, on the clock that `until` was given; infinity if never."""
    return _deadline.get()
