"""How fast requests may follow each other."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.pace import TokenBucket, Unlimited


class _Hand:
    """A clock that is moved by hand."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


def test_a_burst_goes_at_once_and_the_rest_waits():
    """After a quiet time a burst may be sent at once; what follows is spread at the sustained rate."""
    bucket = TokenBucket(per_minute=60, burst=2, now=_Hand())

    assert [bucket.reserve() for _ in range(5)] == [0.0, 0.0, 1.0, 2.0, 3.0]


def test_time_frees_places():
    """As time goes by places become free, but never more than the burst."""
    clock = _Hand()
    bucket = TokenBucket(per_minute=60, burst=2, now=clock)
    first = [bucket.reserve() for _ in range(3)]

    clock.seconds += 2
    second = [bucket.reserve() for _ in range(2)]
    clock.seconds += 3600
    third = [bucket.reserve() for _ in range(3)]

    assert (first, second, third) == ([0, 0, 1], [0, 1], [0, 0, 1])


def test_threads_book_different_places():
    """Bookings of several threads never share a place."""
    bucket = TokenBucket(per_minute=60, burst=1, now=_Hand())

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: bucket.reserve(), range(200)))

    assert sorted(waits) == [float(n) for n in range(200)]


def test_a_limiter_survives_a_pickle():
    """A limiter out of a pickle has the same rate and a full burst."""
    bucket = TokenBucket(per_minute=120, burst=3)
    bucket.reserve()

    copy = pickle.loads(pickle.dumps(bucket))  # noqa: S301  # our own bytes

    assert repr(copy) == "TokenBucket(per_minute=120, burst=3)"
    assert [copy.reserve() for _ in range(3)] == [0.0, 0.0, 0.0]


def test_a_rate_that_makes_no_sense_is_refused_whole():
    """All faults of a limiter are named at once."""
    with pytest.raises(ConfigurationError) as caught:
        TokenBucket(per_minute=0, burst=0)

    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["per_minute", "burst"]


def test_unlimited_never_waits():
    """Without a limit every request may be sent at once."""
    assert {Unlimited().reserve() for _ in range(100)} == {0.0}
    assert repr(Unlimited()) == "Unlimited()"
