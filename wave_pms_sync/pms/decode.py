"""From what the API answered to records and totals; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from wave_pms_sync.mapping.steps import word
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.conventions.calls import Listing
from wave_pms_sync.pms.conventions.shapes import Row, Times
from wave_pms_sync.pms.lookup import ABSENT, at, found, named
from wave_pms_sync.pms.outline import outline
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.stamps import stamp

_YES = {"true", "1", "yes"}
_NO = {"", "false", "0", "no"}
_EARLIEST_EPOCH = 100_000_000  # in 1973, as seconds; lesser numbers are no times but codes
_DIGITS = re.compile(r"\s*\d{1,15}\s*", re.ASCII)
_LAST_NUMBER = re.compile(r"(\d{1,15})\s*\Z")


class OtherShape(ValueError):
    """An answer of another shape than the profile says. Its text names what was expected and quotes nothing.

    Attributes:
        key: The setting that says what was expected.
        holds: What came in its place, in words: names of properties, never a value.
    """

    def __init__(self, expected: str, key: str = "", came: object = None) -> None:
        super().__init__(expected)
        self.key = key
        self.holds = outline(came)


def identifier(value: object) -> str | None:
    """An id as text: whole numbers (0, too) and text that is not empty; None for anything else."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def record(row: object, profile: PmsProfile, *, version: str | None = None, key: str | None = None) -> Record:
    """Read one record.

    Args:
        row: The record as the API answered it.
        profile: The API's conventions.
        version: The version that came in a header with it.
        key: The name under which it stood, where rows stand under their ids.

    Raises:
        OtherShape: It is no object, or has no id.
    """
    shape = profile.record
    fields = at(row, shape.fields)
    if shape.none:
        fields = _with_nulls(fields, shape)
    if not isinstance(row, (dict, Mapping)) or not isinstance(fields, (dict, Mapping)):
        raise OtherShape(f"a customer as a JSON object{_within(shape.fields)}", "record.fields", row)
    record_id = identifier(at(row, shape.id)) or key
    if record_id is None:
        raise OtherShape(f"a customer with an id in `{shape.id}`", "record.id", row)
    created, updated = named(row, shape.created), named(row, shape.updated)
    times = profile.times
    made = stamp(created, times, times.created_form)
    deleted = says(named(row, shape.deleted), shape.deleted_values, profile.times)
    archived = says(named(row, shape.archived), shape.archived_values, profile.times)
    return Record(
        side=Side.PMS,
        id=record_id,
        payload=fields,
        created_at=made,
        modified_at=stamp(updated, times, times.updated_form, never=made) if shape.updated else None,
        archived=deleted or archived,
        deleted=deleted,
        version=identifier(named(row, shape.version)) or version,
    )


def _with_nulls(held: object, shape: Row, place: str = "") -> object:
    """Properties with null in place of what means the same; `place` is that of an object among them."""
    if isinstance(held, list):
        return [_with_nulls(item, shape, place) if isinstance(item, Mapping) else item for item in held]
    if isinstance(held, Mapping):
        below = f"{place}." if place else ""
        return {name: _with_nulls(inner, shape, f"{below}{name}") for name, inner in held.items()}
    return None if place not in shape.none_except and _among(held, shape.none) else held


def is_customer(row: object, profile: PmsProfile) -> bool:
    """Whether a row is about a customer, and not about another thing; one about a deletion need not say so."""
    shape = profile.record
    if not shape.only:
        return True
    shown = {place: found(row, place) for place in shape.only}
    for place, wanted in shape.only.items():
        fitting = {word(each) for each in (wanted if isinstance(wanted, tuple) else (wanted,))}
        if shown[place] is not ABSENT and word(shown[place]) not in fitting:
            return False
    gone = says(named(row, shape.deleted), shape.deleted_values, profile.times)
    return gone or ABSENT not in shown.values()


def rows(body: object, listing: Listing, *, owed: bool = False) -> Sequence[tuple[str | None, object]]:
    """The rows of a list answer, each with the name under which it stands, if it stands under one.

    Args:
        body: The answer.
        listing: Where they lie.
        owed: The answer itself says that there are rows.

    Raises:
        OtherShape: There is no list where the profile says. That is an empty list only where the profile says so.
    """
    held = at(body, listing.rows)
    if listing.absent_is_empty and lacks(body, listing.rows):
        if owed:
            raise OtherShape(f"rows{_within(listing.rows)}, since the total is greater,")
        return []
    if listing.keyed and isinstance(held, Mapping):
        return [(str(name), at(row, listing.row)) for name, row in held.items()]
    # An empty list stands for an empty object where the server is written in PHP.
    if not isinstance(held, list) or (listing.keyed and held):
        kind = "an object" if listing.keyed else "a list"
        raise OtherShape(f"{kind} of customers{_within(listing.rows)}", "list.rows", body)
    return [(None, at(row, listing.row)) for row in held]


def lacks(body: object, place: str) -> bool:
    """Whether an answer that can hold something at a place holds nothing there, or null."""
    return at(body, place) is None and (isinstance(body, Mapping) or not place)


def total(body: object, headers: Mapping[str, str], listing: Listing) -> int | None:
    """How many rows the whole listing has, if the answer says so. Less than none says nothing."""
    if listing.total_header:
        return last_number(headers.get(listing.total_header.lower(), ""))
    return count(named(body, listing.total))


def count(value: object) -> int | None:
    """A number of things, also as text of digits; None if it is none."""
    if isinstance(value, str):
        return int(value) if _DIGITS.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def last_number(text: str) -> int | None:
    """The number at the end of a header (`0-24/319`); None if there is none, or it is less than none."""
    held = _LAST_NUMBER.search(text)
    return int(held[1]) if held and text.strip()[:1] != "-" else None


def says_no(value: object) -> bool:
    """Whether what lies where anything may say yes says no: null, nothing, false, 0, and texts that say the same."""
    return value.strip().lower() in _NO if isinstance(value, str) else not value


def says(value: object, values: Sequence[object], times: Times) -> bool:
    """Whether what lies at a flag's place says yes.

    Args:
        value: What lies there.
        values: What says yes; none: true, 1, texts that say the same, and a time that came.
        times: How times are written.
    """
    if values:
        return _among(value, values)
    if isinstance(value, str):
        word = value.strip().lower()
        return word in _YES or (word != "0" and stamp(value, times) is not None)
    if isinstance(value, int) and value > _EARLIEST_EPOCH:
        return stamp(value, times) is not None
    return value is True or value == 1


def _among(value: object, values: Sequence[object]) -> bool:
    return any(type(value) is type(each) and value == each for each in values)


def _within(place: str) -> str:
    return f" in `{place}`" if place else ""
