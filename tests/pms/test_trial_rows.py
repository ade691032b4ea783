"""The doctor is not fooled by rows that are read in the wrong place."""

from __future__ import annotations

import pytest

from wave_pms_sync.findings import Finding, Verdict

STAMPS = {"created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z"}
ADA = {"id": 1, "name": "Ada", "email": None, **STAMPS}
NAMES = {"name": "Ada", "email": "ada@example.org"}


def found_in(api, listed: object, single: object, settings: dict[str, object] | None = None) -> dict[str, Finding]:
    """What the doctor finds in an API of one customer, by subject."""
    api.answers["GET /customers"] = {"items": [listed]}
    api.answers["GET /customers/1"] = single
    return {finding.subject: finding for finding in api.client(settings or {}).check()}


def test_flags_the_wrong_way_round(api) -> None:
    """A profile whose deleted values are those of the living reads everybody as deleted; that is called wrong."""
    row = {**ADA, "status": "active"}

    inverted = found_in(api, row, row, {"record": {"deleted": "status", "deleted_values": ["active"]}})
    right = found_in(api, row, row, {"record": {"deleted": "status", "deleted_values": ["gone"]}})

    assert inverted["deleted customers"].verdict is Verdict.WRONG
    assert "record.deleted_values" in inverted["deleted customers"].key
    assert "deleted customers" not in right


@pytest.mark.parametrize(
    ("listed", "single", "key"),
    [
        ({"id": 1, **STAMPS}, ADA, "list.query, list.row, record.fields or list.partial"),
        (ADA, {"id": 1, **STAMPS}, "read.record or read.query"),
    ],
)
def test_rows_and_single_records_that_differ(api, listed: object, single: object, key: str) -> None:
    """Properties that only the rows, or only single records, show are called wrong, with their names."""
    found = found_in(api, listed, single)

    assert (found["rows"].verdict, found["rows"].key) == (Verdict.WRONG, key)
    assert "name" in found["rows"].text


@pytest.mark.parametrize(
    ("listed", "settings"),
    [
        ({"id": 1, "name": "Ada", **STAMPS}, {}),
        ({"id": 1, **STAMPS}, {"list": {"partial": True}}),
    ],
)
def test_rows_that_may_differ(api, listed: object, settings: dict[str, object]) -> None:
    """Empty properties left out, annotations, and rows that are said to be partial are no fault."""
    found = found_in(api, listed, {**ADA, "_links": {"self": "x"}, "@odata.context": "y"}, settings)

    assert "rows" not in found
    assert "properties" not in found


@pytest.mark.parametrize("others", [{"type": "customers"}, {"relationships": {"orders": {}}, "links": {"self": "x"}}])
def test_properties_one_level_deeper(api, others: dict[str, object]) -> None:
    """A profile that forgot where the properties lie is told the place."""
    row = {"id": 1, "attributes": NAMES, **STAMPS, **others}

    forgotten = found_in(api, row, row)
    said = found_in(api, row, row, {"record": {"fields": "attributes"}})

    assert forgotten["properties"].verdict is Verdict.WRONG
    assert "attributes" in forgotten["properties"].text
    assert "properties" not in said


def test_one_object_of_an_unknown_name(api) -> None:
    """Where one object holds everything, but its name is none of the usual wrappers, that is pointed out only."""
    row = {"id": 1, "contact": NAMES, **STAMPS}

    assert found_in(api, row, row)["properties"].verdict is Verdict.ASSUMED
    assert "properties" not in found_in(api, row | {"address": {"city": "Bonn"}}, row | {"address": {"city": "Bonn"}})


@pytest.mark.parametrize("odd", [None, {"name": "half imported", **STAMPS}])
def test_rows_without_an_id(api, odd: object) -> None:
    """A row that is no customer with an id is left out of every listing, which is called wrong where it is seen."""
    api.answers["GET /customers"] = {"items": [ADA, odd]}
    api.answers["GET /customers/1"] = ADA

    found = {finding.subject: finding for finding in api.client({}).check()}

    assert (found["rows"].verdict, found["rows"].key) == (Verdict.WRONG, "record.id or record.only")
    assert found["rows"].text.startswith("1 of 2 on the first page")
