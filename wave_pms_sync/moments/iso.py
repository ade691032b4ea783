"""RFC 3339 and ISO 8601: dates and times, with and without an offset."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Final

NO_MOMENT: Final = "is no point in time of the calendar (years 1 to 9999)"

# Each release of Python, and of dateutil, takes other texts; two runs of one sync must not read a text differently.
_TEXT: Final = re.compile(
    r"(\d{4})(-?)(\d\d)\2(\d\d)"
    r"(?:[Tt ](\d\d)(:?)(\d\d)(?:\6(\d\d)(?:[.,](\d+))?)?"
    r" ?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?)?",
    re.ASCII,
)
_USUAL: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}(?:\d{3})?)?)(?:Z|([+-]\d\d:[0-5]\d))", re.ASCII)
_TIMESPECS: Final = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}


def from_iso(text: str, zone: tzinfo | None) -> datetime:
    """Read a date, or a date and time with any number of fraction digits.

    Args:
        text: `2024-05-01T12:00:00.5+02:00`, `2024-05-01 12:00`, `20240501T120000Z`, `2024-05-01`.
        zone: The zone of a text that says none; None if it must say one.

    Returns:
        The moment, aware.

    Raises:
        ValueError: It is no moment, or says no zone where it must; the reason does not quote it.
        OverflowError: It lies outside the years 1 to 9999 in UTC.
    """
    usual = _USUAL.fullmatch(text)
    if usual is not None:  # by far the quickest, and the same in each release
        try:
            return datetime.fromisoformat(usual[1] + (usual[2] or "+00:00"))
        except ValueError:  # 24:00, a leap second, or no moment
            pass
    parts = _TEXT.fullmatch(text)
    if parts is None:
        raise ValueError("is not a date and time in ISO 8601")
    year, _, month, day, hour, _, minute, second, fraction, zulu, sign, hours, minutes = parts.groups()
    try:
        date = datetime(int(year), int(month), int(day))  # noqa: DTZ001  # its zone comes below
        clock = _clock(int(hour or 0), int(minute or 0), int(second or 0), (fraction or "").ljust(6, "0")[:6])
        said = timezone.utc if zulu else zone if sign is None else _offset(sign, int(hours), int(minutes or 0))
    except ValueError:
        raise ValueError(NO_MOMENT) from None
    if said is None:
        raise ValueError("has no time zone")
    moment = (date + clock).replace(tzinfo=said).astimezone(timezone.utc)
    if second == "60" and (moment.hour, moment.minute, moment.second) != (
        0,
        0,
        0,
    ):  # they end a day
        raise ValueError(NO_MOMENT)
    return moment


def to_iso(moment: datetime, precision: str) -> str:
    """The date and time, without its zone, cut to `s`, `ms` or `us`."""
    return moment.replace(tzinfo=None).isoformat(timespec=_TIMESPECS[precision])


def _clock(hour: int, minute: int, second: int, fraction: str) -> timedelta:
    micros = int(fraction)
    if minute > 59 or second > 60 or (hour, minute, second, micros) > (24, 0, 0, 0):
        raise ValueError
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)


def _offset(sign: str, hours: int, minutes: int) -> timezone:
    if hours > 23 or minutes > 59:
        raise ValueError
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if sign == "-" else span)
