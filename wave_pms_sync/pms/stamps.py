"""Points in time as the API writes them; pure."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse

from wave_pms_sync.pms.conventions.shapes import Times

_RFC_3339 = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d+))?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_UNITS = {"epoch_s": 1, "epoch_ms": 1000}


def moment(value: object, times: Times) -> datetime | None:
    """Read a point in time.

    Args:
        value: As `times.form` says; in RFC 3339 any offset and any number of fraction digits.
        times: How the API writes times.

    Returns:
        The moment in UTC, cut to microseconds; None if it is none, has no zone where one is due, or lies outside
        the calendar.
    """
    try:
        if times.form in _UNITS:
            return _since_1970(value, _UNITS[times.form])
        if not isinstance(value, str):
            return None
        text = value.strip()
        read = datetime.strptime(text, times.form) if "%" in times.form else _rfc_3339(text) or isoparse(text)  # noqa: DTZ007  # its zone follows
        if read.utcoffset() is None and times.form != "rfc3339":
            read = read.replace(tzinfo=ZoneInfo(times.zone))
        return None if read.utcoffset() is None else read.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def asked_since(value: datetime, times: Times) -> object:
    """Write a moment as a since-filter takes it, cut so that it never lies later: whole milliseconds in RFC 3339.

    Raises:
        ValueError: It has no time zone.
    """
    if value.utcoffset() is None:
        raise ValueError("a moment without a time zone")
    try:
        utc = value.astimezone(timezone.utc)
    except OverflowError:  # within a day of the calendar's ends, where no record is stamped
        utc = value.replace(tzinfo=timezone.utc)
    form = times.filter_form or times.form
    if form in _UNITS:
        return (utc - _EPOCH) // timedelta(seconds=1) * _UNITS[form]
    if "%" in form or form == "iso":
        local = utc.astimezone(ZoneInfo(times.filter_zone or times.zone))
        return local.strftime(form) if "%" in form else local.replace(tzinfo=None).isoformat(timespec="seconds")
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rfc_3339(value: str) -> datetime | None:
    # Python 3.10 reads neither a Z nor seven fraction digits, so the text is put into the one form that all read.
    parts = _RFC_3339.fullmatch(value)
    if parts is None:
        return None
    fraction = (parts["fraction"] or "").ljust(6, "0")[:6]
    zone = parts["zone"] or ""
    zone = "+00:00" if zone in {"Z", "z"} else f"{zone[:3]}:{zone[-2:]}" if zone else ""
    return datetime.fromisoformat(f"{parts['date']}T{parts['time']}.{fraction}{zone}")


def _since_1970(value: object, unit: int) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    seconds = float(value) / unit
    return _EPOCH + timedelta(seconds=seconds) if math.isfinite(seconds) else None
