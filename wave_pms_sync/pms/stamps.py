"""Points in time as the API writes them; pure."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache

from wave_pms_sync.moments.form import TimeForm
from wave_pms_sync.pms.conventions.shapes import Times


@lru_cache(maxsize=64)
def read_form(times: Times) -> TimeForm:
    """How the API writes times in its answers.

    Raises:
        ConfigurationError: There is no such form or zone.
    """
    return TimeForm(form=times.form, zone=times.zone)


@lru_cache(maxsize=64)
def filter_form(times: Times) -> TimeForm:
    """How the API wants times in its filters.

    Raises:
        ConfigurationError: There is no such form or zone.
    """
    return TimeForm(form=times.filter_form or times.form, zone=times.filter_zone or times.zone)


def moment(value: object, times: Times) -> datetime | None:
    """Read a point in time.

    Returns:
        The moment in UTC; None if it is none, has no zone where one is due, or lies outside the calendar.
    """
    try:
        return read_form(times).read(value)
    except ValueError:
        return None


def asked_since(value: datetime, times: Times) -> object:
    """Write a moment as a since-filter takes it, cut so that it never lies later.

    Raises:
        ValueError: It has no time zone, or the filter's form cannot say it.
    """
    if value.utcoffset() is None:
        raise ValueError("is a moment without a time zone")
    try:
        value.astimezone(timezone.utc)
    except OverflowError:  # within a day of the calendar's ends, where no record is stamped
        value = value.replace(tzinfo=timezone.utc)
    return filter_form(times).write(value)
