"""Wave's data into records."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from wave_pms_sync.errors import BadAnswer, NotFound
from wave_pms_sync.model.side import Side
from wave_pms_sync.wave.operations.decode import business, listing, moment, record, stamp

NODE = {"id": "Q3VzdG9tZXI6MQ==", "name": "Ada", "createdAt": "2026-01-02T03:04:05.000Z", "modifiedAt": None}


def test_a_node_becomes_a_record():
    """Id, stamps and payload of a customer are taken as Wave shows them."""
    read = record({**NODE, "isArchived": True})

    assert (read.side, read.id, read.archived) == (Side.WAVE, "Q3VzdG9tZXI6MQ==", True)
    assert (read.created_at, read.modified_at) == (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc), None)
    assert read.payload["name"] == "Ada"
    assert not record({**NODE, "isArchived": None}).archived


@pytest.mark.parametrize("node", [None, [], {}, {"id": None}, {"id": ""}, {"id": 7}])
def test_a_customer_without_an_id_is_no_customer(node):
    """A customer that is null or has no id is a bad answer, never an empty record."""
    with pytest.raises(BadAnswer):
        record(node)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-02T03:04:05.000Z", "03:04:05"),
        ("2026-01-02T03:04:05Z", "03:04:05"),
        ("2026-01-02T03:04:05.5+00:00", "03:04:05.500000"),
        ("2026-01-02T03:04:05.123456789Z", "03:04:05.123456"),
        ("2026-01-02T05:04:05+0200", "03:04:05"),
        ("2026-01-01T21:34:05-05:30", "03:04:05"),
        ("20260102T030405Z", "03:04:05"),
    ],
)
def test_moments_are_read_with_any_offset_and_fraction(text, utc):
    """ISO 8601 is read with any offset and any number of fraction digits."""
    read = moment(text)

    assert read.astimezone(timezone.utc).time().isoformat() == utc


@pytest.mark.parametrize("text", [None, 7, "", "soon", "2026-01-02", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z"])
def test_a_moment_without_a_zone_is_none(text):
    """What is no moment, or has no zone, is not guessed at."""
    assert moment(text) is None


def test_a_moment_is_written_in_utc_and_never_later():
    """A moment is sent in UTC with milliseconds, cut and not rounded."""
    written = stamp(datetime(2026, 1, 2, 1, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=-2))))

    assert written == "2026-01-02T03:00:00.999Z"


def _connection(**changes):
    info = {"currentPage": 2, "totalPages": 3, "totalCount": 5}
    return {"edges": [{"node": NODE}], "pageInfo": info, **changes}


def test_a_page_says_where_it_stands():
    """A page has its rows, its number, how many pages there are and how many rows on all."""
    page = listing(_connection(), "customers")

    assert (page.nodes, page.number, page.pages, page.total) == ((NODE,), 2, 3, 5)


def test_totals_may_be_missing():
    """Totals that Wave does not state, or not as whole numbers, are not known."""
    page = listing(_connection(pageInfo={"currentPage": 1, "totalPages": None, "totalCount": True}), "customers")

    assert (page.pages, page.total) == (None, None)


@pytest.mark.parametrize(
    "connection",
    [
        None,
        {},
        _connection(edges=None),
        _connection(edges=[None]),
        _connection(edges=[{"node": None}]),
        _connection(pageInfo=None),
        _connection(pageInfo={"currentPage": None}),
    ],
)
def test_a_null_in_a_page_is_an_error(connection):
    """A listing with anything null where a row or the page number should be is a bad answer, never a shorter page."""
    with pytest.raises(BadAnswer):
        listing(connection, "customers")


def test_a_null_business_is_an_error():
    """A business that is null is not found, with its id and the way to the right one."""
    with pytest.raises(NotFound, match=r"no business B1; `wave\.businesses\(\)`"):
        business({"business": None}, "B1")
