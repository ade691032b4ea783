"""From what the API answered to records, pages and moments."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from wave_pms_sync.pms.decode import OtherShape, identifier, record, rows, total
from wave_pms_sync.pms.profile import PmsProfile

DEFAULT = PmsProfile()
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


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
    """A null or zero `updated_at` falls back to the moment of creation; one that is garbage does not."""
    made = {"id": "a", "created_at": "2026-03-01T12:00:00Z"}

    assert record({**made, "updated_at": None}, DEFAULT).modified_at == NOON
    for never in ("", 0, "0", "0000-00-00 00:00:00", "0000-00-00T00:00:00.000Z"):
        assert record({**made, "updated_at": never}, DEFAULT).modified_at == NOON
    for garbage in ("yesterday", False, [], "Z1", "0000-00-01"):
        assert record({**made, "updated_at": garbage}, DEFAULT).modified_at is None


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


@pytest.mark.parametrize(
    ("settings", "row", "flags"),
    [
        ({"archived": "status", "archived_values": ["inactive", "closed"]}, {"status": "closed"}, (True, False)),
        ({"archived": "status", "archived_values": ["inactive"]}, {"status": "active"}, (False, False)),
        ({"archived": "is_active", "archived_values": [False, 0]}, {"is_active": False}, (True, False)),
        ({"archived": "is_active", "archived_values": [False]}, {"is_active": 0}, (False, False)),
        ({"archived": "hidden"}, {"hidden": "Yes"}, (True, False)),
        ({"archived": "hidden"}, {"hidden": "no"}, (False, False)),
        ({"archived": "archived_at"}, {"archived_at": "2026-03-01T12:00:00Z"}, (True, False)),
        ({"deleted": "deleted_at"}, {"deleted_at": "2026-03-01T12:00:00Z"}, (True, True)),
        ({"deleted": "deleted_at"}, {"deleted_at": None}, (False, False)),
        ({"deleted": "state", "deleted_values": [9]}, {"state": 9}, (True, True)),
        ({"archived": "kind"}, {"kind": 2}, (False, False)),
        ({"archived": "kind"}, {"kind": "0"}, (False, False)),
        ({"archived": "kind"}, {"kind": "active"}, (False, False)),
        ({"archived": "kind"}, {"kind": ["x"]}, (False, False)),
    ],
)
def test_flags_of_other_kinds(settings: dict[str, object], row: dict[str, object], flags: tuple[bool, bool]) -> None:
    """A status, an inverse flag, a word or a time may say that a record is hidden or gone, as the profile says."""
    found = record({"id": 1, **row}, PmsProfile.from_dict({"record": settings}))

    assert (found.archived, found.deleted) == flags


@pytest.mark.parametrize(
    ("value", "deleted"), [(0, False), (1, True), (2, False), (1_772_366_400, True), (10**30, False)]
)
def test_flags_that_are_epochs(value: object, deleted: bool) -> None:
    """Where times are numbers, a flag may be one; a small number is a code, of which only 1 says yes."""
    profile = PmsProfile.from_dict({"times": {"form": "epoch_s"}})

    assert record({"id": 1, "deleted": value}, profile).deleted is deleted


def test_fields_beside_the_id() -> None:
    """Where the properties lie inside, they are the payload, and everything else is found in the row as shown."""
    profile = PmsProfile.from_dict(
        {"record": {"id": "_id", "fields": "attributes", "updated": "meta.changed", "version": "_rev"}}
    )
    row = {"_id": 7, "_rev": 3, "attributes": {"name": "Ada", "id": "x"}, "meta": {"changed": "2026-03-01T12:00:00Z"}}

    found = record(row, profile)

    assert (found.id, found.version, found.modified_at, dict(found.payload)) == ("7", "3", NOON, row["attributes"])


def test_a_version_in_the_row_goes_before_the_header() -> None:
    """Where the profile names a version in the row, the header's is only used when the row has none."""
    profile = PmsProfile.from_dict({"record": {"version": "_rev"}})

    assert record({"id": 1, "_rev": "2-a"}, profile, version='"e"').version == "2-a"
    assert record({"id": 1}, profile, version='"e"').version == '"e"'


@pytest.mark.parametrize("body", [None, [], {}, {"items": None}, {"items": {}}, {"data": []}, "items"])
def test_what_is_no_list(body: object) -> None:
    """An answer without the list where the profile says is another shape, never an empty list."""
    with pytest.raises(OtherShape, match="items"):
        rows(body, DEFAULT.list)


@pytest.mark.parametrize(
    ("settings", "body", "expected"),
    [
        ({"rows": "data.rows"}, {"data": {"rows": [1]}}, [(None, 1)]),
        ({"rows": ""}, [1, 2], [(None, 1), (None, 2)]),
        ({"rows": "[0].hits"}, [{"hits": [1]}], [(None, 1)]),
        ({"rows": "rows", "row": "doc"}, {"rows": [{"id": "a", "doc": {"x": 1}}]}, [(None, {"x": 1})]),
        ({"rows": "", "keyed": True}, {"a": {"x": 1}}, [("a", {"x": 1})]),
        ({"rows": "c", "keyed": True}, {"c": []}, []),
    ],
)
def test_rows_are_found_where_the_profile_says(
    settings: dict[str, object], body: object, expected: list[object]
) -> None:
    """Rows lie anywhere in an answer, as a list or as an object by id, and the record perhaps deeper in each."""
    assert rows(body, PmsProfile.from_dict({"list": settings}).list) == expected


def test_a_list_where_an_object_is_due() -> None:
    """Rows that should stand under their ids but are a list are another shape, unless there are none."""
    listing = PmsProfile.from_dict({"list": {"keyed": True}}).list

    with pytest.raises(OtherShape, match="an object"):
        rows({"items": [{"id": 1}]}, listing)
    assert rows({"items": []}, listing) == []


def test_rows_under_their_ids() -> None:
    """A row that stands under its id need not repeat it."""
    assert record({"name": "Ada"}, DEFAULT, key="a-1").id == "a-1"


@pytest.mark.parametrize("value", [None, -1, "-1", "", "five", "5 of 9", True, 2.0])
def test_no_total(value: object) -> None:
    """A total that is no count is not believed."""
    assert total({"total": value}, {}, DEFAULT.list) is None


@pytest.mark.parametrize(("value", "number"), [("5", 5), (" 120 ", 120), ("0", 0)])
def test_a_total_as_text(value: str, number: int) -> None:
    """A total written as text of digits counts: some servers write every number as text."""
    assert total({"total": value}, {}, DEFAULT.list) == number


@pytest.mark.parametrize(
    ("text", "number"), [("319", 319), ("0-24/319", 319), ("items */0", 0), ("", None), ("-1", None), ("0-24/*", None)]
)
def test_totals_in_headers(text: str, number: int | None) -> None:
    """A total in a header is its last number, if it has one."""
    listing = PmsProfile.from_dict({"list": {"total_header": "X-Total-Count"}}).list

    assert total({"total": 5}, {"x-total-count": text}, listing) == number
