"""From what the API answered to records, pages and moments; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from dateutil.parser import isoparse

from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.profile import PmsProfile

_RFC_3339 = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d+))?(?P<zone>[Zz]|[+-]\d\d:?\d\d)"
)


class OtherShape(ValueError):
    """An answer of another shape than the profile says. Its text names what was expected and quotes nothing."""


def moment(value: object) -> datetime | None:
    """Read a point in time.

    Args:
        value: RFC 3339 text: any offset, any number of fraction digits; other ISO 8601 with an offset will do.

    Returns:
        The moment in UTC, cut to microseconds; None if it is none, has no zone or lies outside the calendar.
    """
    if not isinstance(value, str):
        return None
    try:
        found = _rfc_3339(value.strip()) or isoparse(value.strip())
        return None if found.utcoffset() is None else found.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def _rfc_3339(value: str) -> datetime | None:
    # Python 3.10 reads neither a Z nor seven fraction digits, so the text is put into the one form that all read.
    parts = _RFC_3339.fullmatch(value)
    if parts is None:
        return None
    fraction = (parts["fraction"] or "").ljust(6, "0")[:6]
    zone = "+00:00" if parts["zone"] in "Zz" else f"{parts['zone'][:3]}:{parts['zone'][-2:]}"
    return datetime.fromisoformat(f"{parts['date']}T{parts['time']}.{fraction}{zone}")


def asked_since(value: datetime) -> str:
    """Write a moment as a since-filter takes it: UTC, cut to whole milliseconds, so that it never lies later.

    Raises:
        ValueError: It has no time zone.
    """
    if value.utcoffset() is None:
        raise ValueError("a moment without a time zone")
    try:
        utc = value.astimezone(timezone.utc)
    except OverflowError:  # within a day of the calendar's ends, where no record is stamped
        utc = value.replace(tzinfo=timezone.utc)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def at(body: object, keys: str) -> object:
    """What lies at dotted keys; None if nothing does, or if there are no keys."""
    for key in keys.split("."):
        body = body.get(key) if isinstance(body, Mapping) else None
    return body


def identifier(value: object) -> str | None:
    """An id as text: whole numbers (0, too) and text that is not empty; None for anything else."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def record(row: object, profile: PmsProfile, *, version: str | None = None) -> Record:
    """Read one record.

    Args:
        row: The record as the API answered it.
        profile: The API's conventions.
        version: The `ETag` that came with it.

    Raises:
        OtherShape: It is no object, or has no id.
    """
    if not isinstance(row, Mapping):
        raise OtherShape("a customer as a JSON object")
    record_id = identifier(at(row, profile.id_field))
    if record_id is None:
        raise OtherShape(f"a customer with an id in `{profile.id_field}`")
    created = moment(at(row, profile.created_field))
    updated = at(row, profile.updated_field)
    deleted = _flag(at(row, profile.deleted_field))
    return Record(
        side=Side.PMS,
        id=record_id,
        payload=row,
        created_at=created,
        modified_at=created if updated is None else moment(updated),
        archived=deleted or _flag(at(row, profile.archived_field)),
        deleted=deleted,
        version=version,
    )


def rows(body: object, profile: PmsProfile) -> Sequence[object]:
    """The rows of a list answer.

    Raises:
        OtherShape: There is no list where the profile says. That is never an empty list.
    """
    found = at(body, profile.items_path)
    if not isinstance(found, list):
        raise OtherShape(f"a list of customers in `{profile.items_path}`")
    return found


def next_cursor(body: object, profile: PmsProfile) -> str | None:
    """The cursor of the next page, or None at the stated end.

    Raises:
        OtherShape: It is neither text, number nor null.
    """
    found = at(body, profile.next_cursor_path)
    if found is None or found == "":
        return None
    cursor = identifier(found)
    if cursor is None:
        raise OtherShape(f"text or null in `{profile.next_cursor_path}`")
    return cursor


def total(body: object, profile: PmsProfile) -> int | None:
    """How many rows the whole listing has, if the answer says so."""
    found = at(body, profile.total_path)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def _flag(value: object) -> bool:
    return value is True or (isinstance(value, int) and value == 1)
