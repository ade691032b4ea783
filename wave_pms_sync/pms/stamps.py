"""Points in time as the API writes them; pure."""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, datetime, timezone
from functools import lru_cache

from wave_pms_sync.moments.form import TimeForm
from wave_pms_sync.pms.conventions.shapes import Times

_ZEROS = re.compile(r"[0\s:.TZ/+-]*")


@lru_cache(maxsize=64)
def read_form(times: Times, form: str = "") -> TimeForm:
    """How the API writes times in its answers.

    Args:
        times: What it says of times.
        form: Of one property, if it is written in a form of its own.

    Raises:
        ConfigurationError: There is no such form or zone.
    """
    return TimeForm(form=form or times.form, zone=times.zone)


@lru_cache(maxsize=64)
def filter_form(times: Times) -> TimeForm:
    """How the API wants times in its filters.

    Raises:
        ConfigurationError: There is no such form or zone.
    """
    return TimeForm(form=times.filter_form or times.updated_form or times.form, zone=times.filter_zone or times.zone)


def moment(value: object, times: Times, form: str = "") -> datetime | None:
    """Read a point in time; `form` is that of one property, if it has its own.

    Returns:
        The moment in UTC; None if it is none, has no zone where one is due, or lies outside the calendar.
    """
    try:
        return read_form(times, form).read(value)
    except ValueError:
        return None


def stamp(value: object, times: Times, form: str = "", never: datetime | None = None) -> datetime | None:
    """Read when something happened; None also for the year 9999, which nobody saw.

    Args:
        value: What lies at a time's place.
        times: How times are written.
        form: That of this property, if it has its own.
        never: What is given for a value that says that the time has not come: null, nothing, zeros (`0`,
            `0000-00-00`), the year 1, and what the profile says.
    """
    if value is None or any(type(value) is type(each) and value == each for each in times.none):
        return never
    if (type(value) is str or type(value) is int) and _ZEROS.fullmatch(str(value)) is not None:
        return never
    found = moment(value, times, form)
    if found is None or found.year == MAXYEAR:
        return None
    return never if found.year == MINYEAR else found


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
