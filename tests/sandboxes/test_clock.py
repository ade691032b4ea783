"""The clock that tests can move."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest

from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox

START = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


def test_a_clock_with_a_start_stands():
    """With a start the clock stands still until it is told to move, forward or back."""
    clock = ManualClock(START)

    assert clock.now() == clock.now() == START
    clock.advance(1.5)
    clock.advance(-0.5)
    assert clock.now() == START + timedelta(seconds=1)
    clock.set(datetime(2030, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))))
    assert clock.now() == datetime(2030, 1, 1, tzinfo=timezone.utc)


def test_a_clock_without_a_start_runs():
    """Without a start it runs with the system's time, and goes on running from where it is shifted or set."""
    clock = ManualClock()
    first = clock.now()
    clock.advance(3600)

    assert timedelta(hours=1) <= clock.now() - first < timedelta(hours=1, minutes=1)
    clock.set(START)
    assert START <= clock.now() < START + timedelta(minutes=1)
    assert clock.now().tzinfo is timezone.utc


def test_freeze_and_release():
    """A frozen clock stands, and runs on from there when it is released."""
    clock = ManualClock()
    clock.freeze()
    clock.freeze()
    moment = clock.now()

    assert clock.now() == moment
    clock.release()
    clock.release()
    assert moment <= clock.now() < moment + timedelta(minutes=1)
    assert "ManualClock" in repr(clock)


def test_naive_moments_are_refused():
    """A moment without a time zone is a ValueError."""
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        PmsSandbox().add({"name": "Ada"}, created_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_both_sandboxes_can_share_a_clock_with_skew():
    """Sandboxes share a clock, each with its own skew."""
    clock = ManualClock(START)
    wave, pms = WaveSandbox(clock=clock, clock_skew_s=-30), PmsSandbox(clock=clock, clock_skew_s=2)
    clock.advance(60)

    assert wave.customers[wave.add({"name": "Ada"})]["createdAt"] == "2026-03-01T12:00:30.000Z"
    assert pms.customers[pms.add({"name": "Ada"})]["created_at"] == "2026-03-01T12:01:02.000000Z"


def test_date_header_tells_the_sandboxs_time(either):
    """Every answer has a Date header, by the sandbox's time."""
    either.box.clock.advance(61)

    assert parsedate_to_datetime(either.send_list().headers["Date"]) == START + timedelta(seconds=61)


def test_stamps_can_tie(either):
    """Two customers added while the clock stands have the same stamps."""
    rows = [either.box.customers[either.box.add({"name": name})] for name in ("Ada", "Bo")]

    assert len({str(row.get("createdAt") or row.get("created_at")) for row in rows}) == 1
