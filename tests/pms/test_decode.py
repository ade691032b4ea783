"""From what the API answered to records, pages and moments."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from wave_pms_sync.pms.decode import OtherShape, asked_since, identifier, moment, next_cursor, record, rows, total
from wave_pms_sync.pms.profile import PmsProfile

DEFAULT = PmsProfile()
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01t12:00:00z", NOON),
        ("2026-03-01 13:00:00+01:00", NOON),
        ("2026-03-01T17:30:00+0530", NOON),
        ("2026-03-01T12:00:00.5Z", NOON.replace(microsecond=500_000)),
        ("2026-03-01T12:00:00.1234567+00:00", NOON.replace(microsecond=123_456)),
        ("2026-03-01T12:00:00.123456789Z", NOON.replace(microsecond=123_456)),
        ("2026-03-01T12:00Z", NOON),
        ("20260301T120000Z", NOON),
    ],
)
def test_moments_with_a_zone(text: str, expected: datetime) -> None:
    """A moment with a zone is read in UTC, whatever its offset and number of fraction digits."""
    assert moment(text) == expected
    assert moment(text).tzinfo is timezone.utc


@pytest.mark.parametrize(
    "value",
    ["2026-03-01T12:00:00", "2026-03-01", "12", "soon", "", None, 0, 1_772_366_400, True, "2026-13-01T12:00:00Z"],
)
def test_no_moment(value: object) -> None:
    """A time without a zone, a number or garbage is no moment and never becomes one by guessing."""
    assert moment(value) is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00Z"])
def test_f26_moments_outside_the_calendar(text: str) -> None:
    """A stamp that UTC cannot hold is no stamp; it breaks nothing."""
    assert moment(text) is None


def test_a_since_filter_never_asks_too_late() -> None:
    """The moment in a since-filter is UTC and cut, never rounded up."""
    asked = NOON.replace(microsecond=999_999).astimezone(timezone(timedelta(hours=-5)))

    assert asked_since(asked) == "2026-03-01T12:00:00.999Z"


@pytest.mark.parametrize("hours", [-14, 14])
def test_a_since_filter_at_the_ends_of_the_calendar(hours: int) -> None:
    """The first and last moments can be asked for in any zone."""
    zone = timezone(timedelta(hours=hours))

    assert asked_since(datetime.min.replace(tzinfo=zone)).startswith("0001-01-01")
    assert asked_since(datetime.max.replace(tzinfo=zone)).startswith("9999-12-31")


def test_a_since_filter_needs_a_zone() -> None:
    """A moment without a zone is never sent."""
    with pytest.raises(ValueError, match="time zone"):
        asked_since(datetime(2026, 3, 1))  # noqa: DTZ001  # the point of the test


@pytest.mark.parametrize(("value", "expected"), [(0, "0"), (7, "7"), ("0012", "0012"), (2**70, str(2**70))])
def test_f40_ids_become_text(value: object, expected: str) -> None:
    """An id is text inside, the number 0 and leading zeros included."""
    assert identifier(value) == expected


@pytest.mark.parametrize("value", [None, "", True, False, 1.5, [], {}])
def test_no_id(value: object) -> None:
    """Null, empty text, booleans, fractions and structures are no id."""
    assert identifier(value) is None


def test_a_row_becomes_a_record() -> None:
    """A row's id, times, flags and version are read; the payload stays as the API answered it."""
    row = {
        "id": 0,
        "name": "Ada",
        "created_at": "2026-03-01T12:00:00Z",
        "updated_at": "2026-03-01T13:00:00Z",
        "archived": True,
    }

    found = record(row, DEFAULT, version='W/"1"')

    assert (found.id, found.version, found.archived, found.deleted) == ("0", 'W/"1"', True, False)
    assert (found.created_at, found.modified_at) == (NOON, NOON + timedelta(hours=1))
    assert found.payload == row


def test_never_updated_means_changed_when_created() -> None:
    """A null `updated_at` falls back to the moment of creation; one that is garbage does not."""
    made = {"id": "a", "created_at": "2026-03-01T12:00:00Z"}

    assert record({**made, "updated_at": None}, DEFAULT).modified_at == NOON
    assert record({**made, "updated_at": "yesterday"}, DEFAULT).modified_at is None


def test_a_deletion_row() -> None:
    """A row flagged as deleted says so, and counts as archived."""
    gone = record({"id": "a", "deleted": True}, DEFAULT)

    assert (gone.deleted, gone.archived) == (True, True)


@pytest.mark.parametrize(("flag", "archived"), [(True, True), (1, True), (False, False), (0, False), (None, False)])
def test_flags(flag: object, archived: bool) -> None:
    """A flag is a boolean, or the number 1 for one."""
    assert record({"id": "a", "archived": flag}, DEFAULT).archived is archived


@pytest.mark.parametrize("row", [None, [], "a", 5, {}, {"id": None}, {"id": {}}])
def test_what_is_no_record(row: object) -> None:
    """A row without an id is another shape, never a record without a name."""
    with pytest.raises(OtherShape):
        record(row, DEFAULT)


@pytest.mark.parametrize("body", [None, [], {}, {"items": None}, {"items": {}}, {"data": []}, "items"])
def test_what_is_no_list(body: object) -> None:
    """An answer without the list where the profile says is another shape, never an empty list."""
    with pytest.raises(OtherShape, match="items"):
        rows(body, DEFAULT)


def test_paths_into_the_answer() -> None:
    """Rows, cursor and total are found at dotted paths."""
    profile = PmsProfile(items_path="data.rows", next_cursor_path="meta.next", total_path="meta.count")
    body = {"data": {"rows": [1]}, "meta": {"next": 5, "count": 9}}

    assert (rows(body, profile), next_cursor(body, profile), total(body, profile)) == ([1], "5", 9)


@pytest.mark.parametrize("body", [{}, {"next_cursor": None}, {"next_cursor": ""}])
def test_the_stated_end(body: object) -> None:
    """A missing, null or empty cursor is the end of the listing."""
    assert next_cursor(body, DEFAULT) is None


def test_a_cursor_of_another_shape() -> None:
    """A cursor that is neither text nor number is another shape, never the end."""
    with pytest.raises(OtherShape, match="next_cursor"):
        next_cursor({"next_cursor": {"page": 2}}, DEFAULT)


@pytest.mark.parametrize("value", [None, -1, "5", True, 2.0])
def test_no_total(value: object) -> None:
    """A total that is no count is not believed."""
    assert total({"total": value}, DEFAULT) is None
