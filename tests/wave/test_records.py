"""Customers with typed attributes."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest

from wave_pms_sync.wave.operations.decode import record
from wave_pms_sync.wave.records import Money, WaveAddress, WaveCustomer, WaveShippingDetails, number

NODE = {
    "id": "1",
    "name": "Ada Ltd",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "displayId": "A-1",
    "email": "ada@example.com",
    "phone": "",
    "mobile": None,
    "tollFree": "0800",
    "internalNotes": "s3cret",
    "address": {"city": "Toronto", "province": {"code": "CA-ON", "name": "Ontario"}, "country": None},
    "currency": {"code": "CAD"},
    "shippingDetails": {"phone": "1", "address": {"city": "Ottawa"}},
    "createdAt": "2026-01-02T03:04:05.000Z",
    "modifiedAt": "2026-01-02T03:04:05.000Z",
    "isArchived": False,
    "outstandingAmount": {"raw": 123450, "value": "1,234.50", "currency": {"code": "CAD"}},
    "overdueAmount": {"raw": None, "value": None, "currency": None},
    "somethingNew": 1,
}


def test_a_record_can_be_typed():
    """Every property has an attribute; what Wave did not show is None."""
    read = record(NODE)

    assert read.typed() == WaveCustomer(
        id="1",
        name="Ada Ltd",
        first_name="Ada",
        last_name="Lovelace",
        display_id="A-1",
        email="ada@example.com",
        phone="",
        toll_free="0800",
        internal_notes="s3cret",
        address=WaveAddress(city="Toronto", province_code="CA-ON", province_name="Ontario"),
        currency="CAD",
        shipping_details=WaveShippingDetails(phone="1", address=WaveAddress(city="Ottawa")),
        created_at=read.created_at,
        modified_at=read.modified_at,
        outstanding_amount=Money(value=Decimal("1234.50"), raw=123450, currency="CAD"),
        overdue_amount=Money(),
    )


def test_a_bare_record_can_be_typed():
    """A record with an id alone is typed, too."""
    assert record({"id": "1"}).typed() == WaveCustomer(id="1")


def test_a_repr_shows_nobody():
    """A repr of a record or a typed customer shows id and stamps; str shows what is filled in."""
    read = record(NODE)

    shown = repr(read) + repr(read.typed()) + repr(read.typed().address) + repr(read.typed().shipping_details)

    assert not [hidden for hidden in ("Ada", "Lovelace", "s3cret", "Toronto", "1234") if hidden in shown]
    assert "email: ada@example.com" in str(read.typed())
    assert "mobile" not in str(read.typed())


def test_records_survive_a_pickle():
    """A record out of a pickle is the same, and still typed."""
    read = record(NODE)

    copy = pickle.loads(pickle.dumps(read))  # noqa: S301  # our own bytes

    assert copy == read
    assert copy.typed() == read.typed()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.00", "0.00"),
        ("1,234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("1,234", "1234"),
        ("1.234", "1.234"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234.5", "1234.5"),
        ("1'234.50", "1234.50"),
        ("-12,5", "-12.5"),
        ("1.234.567", None),
        ("NaN", None),
        ("1e5", None),
        ("$5", None),
        ("", None),
        ("٣", None),
    ],
)
def test_amounts_are_read_with_any_separator(text, value):
    """The text of an amount is read whatever separates its thousands; what is no number is None."""
    assert number(text) == (None if value is None else Decimal(value))
