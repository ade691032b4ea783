"""A customer as Wave shows it, and the same with typed attributes for exploration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import asdict, field, frozen

from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side


@frozen(kw_only=True)
class Money:
    """An amount of money.

    Attributes:
        value: In major units (dollars), or None if Wave showed nothing that can be read as a number.
        raw: In minor units (cents), or None.
        currency: The currency's code, or None.
    """

    value: Decimal | None = None
    raw: int | None = None
    currency: str | None = None


@frozen(kw_only=True)
class WaveAddress:
    """A postal address.

    Attributes:
        province_code: ISO 3166-2 with its country, for example `CA-ON`.
        country_code: ISO 3166-1 alpha-2. An open set: take it as text.
    """

    address_line1: str | None = field(default=None, repr=False)
    address_line2: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    province_code: str | None = field(default=None, repr=False)
    province_name: str | None = field(default=None, repr=False)
    country_code: str | None = field(default=None, repr=False)
    country_name: str | None = field(default=None, repr=False)
    postal_code: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class WaveShippingDetails:
    """Where and how things are sent."""

    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    instructions: str | None = field(default=None, repr=False)
    address: WaveAddress | None = field(default=None, repr=False)


@frozen(kw_only=True)
class WaveCustomer:
    """A customer with typed attributes. A repr shows no personal data; `str` shows what is filled in.

    Attributes:
        display_id: The account number that the business chose.
        currency: ISO 4217, as text, since the set is open.
        created_at: Aware, or None if Wave's text could not be read as a moment.
        modified_at: As `created_at`.
    """

    id: str
    name: str = field(default="", repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    display_id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    fax: str | None = field(default=None, repr=False)
    toll_free: str | None = field(default=None, repr=False)
    website: str | None = field(default=None, repr=False)
    internal_notes: str | None = field(default=None, repr=False)
    address: WaveAddress | None = field(default=None, repr=False)
    currency: str | None = field(default=None, repr=False)
    shipping_details: WaveShippingDetails | None = field(default=None, repr=False)
    outstanding_amount: Money | None = field(default=None, repr=False)
    overdue_amount: Money | None = field(default=None, repr=False)
    created_at: datetime | None = None
    modified_at: datetime | None = None
    is_archived: bool = False

    def __str__(self) -> str:
        shown = asdict(self, recurse=False).items()
        return "\n".join(f"{name}: {value}" for name, value in shown if value is not None and value != "")


@frozen(kw_only=True)
class WaveRecord(Record):
    """One customer as Wave holds it; `payload` is what Wave answered, in the names of its schema."""

    side: Side = Side.WAVE

    def typed(self) -> WaveCustomer:
        """The same with typed attributes; a property that Wave did not show is None."""
        shown = self.payload
        return WaveCustomer(
            id=self.id,
            name=_text(shown, "name") or "",
            **{attribute: _text(shown, name) for attribute, name in _TEXTS.items()},
            address=_address(shown.get("address")),
            currency=_text(shown, "currency", "code"),
            shipping_details=_shipping(shown.get("shippingDetails")),
            outstanding_amount=_money(shown.get("outstandingAmount")),
            overdue_amount=_money(shown.get("overdueAmount")),
            created_at=self.created_at,
            modified_at=self.modified_at,
            is_archived=self.archived,
        )


_TEXTS = {
    "first_name": "firstName",
    "last_name": "lastName",
    "display_id": "displayId",
    "email": "email",
    "phone": "phone",
    "mobile": "mobile",
    "fax": "fax",
    "toll_free": "tollFree",
    "website": "website",
    "internal_notes": "internalNotes",
}


def number(text: str) -> Decimal | None:
    """A number out of a display text such as `1,234.50`, `1.234,50` or `1 234`; None if it is none.

    A comma with exactly three digits behind it separates thousands, unless a point stands before it.
    Source: a client's test shows thousands separators; which ones is assumed.
    """
    bare = re.sub(r"[\s'\u2019]", "", text)
    if re.search(r"\..*,|,(?!\d{3}$)\d*$", bare):  # a decimal comma
        bare = bare.replace(".", "").replace(",", ".")
    bare = bare.replace(",", "")
    return Decimal(bare) if re.fullmatch(r"-?\d+(\.\d+)?", bare, flags=re.ASCII) else None


def _address(value: object) -> WaveAddress | None:
    if not isinstance(value, Mapping):
        return None
    return WaveAddress(
        address_line1=_text(value, "addressLine1"),
        address_line2=_text(value, "addressLine2"),
        city=_text(value, "city"),
        province_code=_text(value, "province", "code"),
        province_name=_text(value, "province", "name"),
        country_code=_text(value, "country", "code"),
        country_name=_text(value, "country", "name"),
        postal_code=_text(value, "postalCode"),
    )


def _shipping(value: object) -> WaveShippingDetails | None:
    if not isinstance(value, Mapping):
        return None
    return WaveShippingDetails(
        name=_text(value, "name"),
        phone=_text(value, "phone"),
        instructions=_text(value, "instructions"),
        address=_address(value.get("address")),
    )


def _money(value: object) -> Money | None:
    if not isinstance(value, Mapping):
        return None
    raw = value.get("raw")
    return Money(
        value=number(_text(value, "value") or ""),
        raw=raw if isinstance(raw, int) else None,
        currency=_text(value, "currency", "code"),
    )


def _text(value: object, *steps: str) -> str | None:
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None
