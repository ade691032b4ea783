"""Customers for benchmarks: the same every time, as Wave and a PMS of the default conventions would show them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

FIRST: Final = ("Ana", "Bo", "Chidi", "Dmitri", "Elif", "Fatou", "Gus", "Hana", "Ines", "Jörg", "Kofi", "Lena", "Mei")
LAST: Final = ("Adams", "Brown", "Çelik", "Díaz", "Evans", "Fischer", "Gómez", "Haddad", "Ito", "Jensen", "Kim")
PLACES: Final = (
    ("Toronto", "CA-ON", "Ontario", "CA", "Canada", "CAD"),
    ("Montréal", "CA-QC", "Quebec", "CA", "Canada", "CAD"),
    ("Austin", "US-TX", "Texas", "US", "United States", "USD"),
    ("Leeds", "GB-ENG", "England", "GB", "United Kingdom", "GBP"),
)
BUSINESS: Final = "Business:0f6c1b6e-1de2-4a55-9d3b-2f4e8c1f0a11"
BUSINESS_ID: Final = base64.b64encode(BUSINESS.encode()).decode()
BEGINNING: Final = datetime(2021, 1, 1, tzinfo=timezone.utc)
NOW: Final = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
PAGE_SIZE: Final = 200

Json = dict[str, object]


def wave_id(i: int) -> str:
    """The id of a customer in Wave."""
    return base64.b64encode(f"{BUSINESS};Customer:{i:09d}".encode()).decode()


def pms_id(i: int) -> str:
    """The id of a customer in the PMS."""
    return f"c-{5_000_000 + i}"


def stamp(i: int, edits: int = 0) -> str:
    """When a customer was made, or was changed for the last time."""
    moment = BEGINNING + timedelta(seconds=37 * i, days=400 * edits)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{i * 7919 % 1000:03d}Z"


def wave_node(i: int, edits: int = 0) -> Json:
    """A customer as Wave answers the listing of this library; an edit gives it another phone number."""
    first, last = FIRST[i % 13], LAST[i % 11]
    city, region, region_name, country, country_name, currency = PLACES[i % 4]
    address: Json = {
        "addressLine1": f"{i % 900 + 1} Main Street",
        "addressLine2": f"Unit {i % 50}",
        "city": city,
        "province": {"code": region, "name": region_name},
        "country": {"code": country, "name": country_name},
        "postalCode": f"M{i % 10}V {i % 7}K{i % 9}",
    }
    money = {"raw": i % 9000, "value": f"{i % 90}.00", "currency": {"code": currency}}
    return {
        "id": wave_id(i),
        "name": f"{first} {last} {i}",
        "firstName": first,
        "lastName": last,
        "displayId": f"C-{i:07d}",
        "email": f"{first}.{last}.{i}@example.com".lower(),
        "phone": f"+1 416 {(i * 3 + edits) % 10_000_000:07d}",
        "mobile": f"+1 555 {i % 10_000_000:07d}",
        "fax": None,
        "tollFree": None,
        "website": f"https://c{i}.example.com/",
        "internalNotes": f"Prefers room {i % 400}, floor {i % 9}.",
        "address": address,
        "currency": {"code": currency},
        "shippingDetails": {"name": f"{first} {last}", "phone": None, "instructions": None, "address": address}
        if i % 2
        else None,
        "createdAt": stamp(i),
        "modifiedAt": stamp(i, edits),
        "isArchived": False,
        "outstandingAmount": money,
        "overdueAmount": money,
    }


def pms_row(i: int, edits: int = 0) -> Json:
    """The same customer as a PMS of the default conventions shows it."""
    node = wave_node(i, edits)
    shipping = node["shippingDetails"]
    return {
        "id": pms_id(i),
        "external_id": node["id"],
        "name": node["name"],
        "customer_number": node["displayId"],
        "email": node["email"],
        "phone": node["phone"],
        "mobile": node["mobile"],
        "fax": None,
        "toll_free_phone": None,
        "website": node["website"],
        "currency_code": node["currency"]["code"],
        "contact": {"first_name": node["firstName"], "last_name": node["lastName"]},
        "address": _address(node["address"]),
        "delivery_address": None
        if shipping is None
        else {
            "name": shipping["name"],
            "phone": None,
            "instructions": None,
            **_address(shipping["address"]),
        },
        "created_at": node["createdAt"],
        "updated_at": node["modifiedAt"],
        "archived": False,
    }


def wave_edits(i: int, percent: int) -> int:
    """How often a customer was edited in Wave since the last run, where so many per cent of all were."""
    return 1 if percent and i % 100 < percent else 0


def pms_edits(i: int, percent: int) -> int:
    """The same in the PMS; nobody was edited on both sides."""
    return 1 if percent and (i + 50) % 100 < percent else 0


def wave_page(rows: Sequence[Json], number: int, pages: int, total: int) -> bytes:
    """An answer to the listing of Wave."""
    info = {"currentPage": number, "totalPages": pages, "totalCount": total}
    edges = [{"node": row} for row in rows]
    customers = {"pageInfo": info, "edges": edges}
    return written({"data": {"business": {"id": BUSINESS_ID, "customers": customers}}})


def pms_page(rows: Sequence[Json], number: int, pages: int, total: int) -> bytes:
    """An answer to the listing of the PMS."""
    return written({"items": rows, "page": number, "pages": pages, "total": total})


def written(data: object) -> bytes:
    """Data as both servers write it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _address(shown: Json) -> Json:
    return {
        "line1": shown["addressLine1"],
        "line2": shown["addressLine2"],
        "city": shown["city"],
        "region_code": shown["province"]["code"],
        "postal_code": shown["postalCode"],
        "country_code": shown["country"]["code"],
    }
