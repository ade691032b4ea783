"""Artificial customers, to try a mapping with: valid values that belong together, and that nobody can take for real.

Three customers: an organisation in Canada, a person in the United States, and one in Norway with a name of letters
that are not ASCII, a postal code with a leading zero and a province without letters. Each lives at another place than
the one it has things sent to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

SAMPLES = 3
"""How many different values of each property there are."""

_PLACES: Mapping[str, tuple[str, str, str]] = {
    "addressLine1": ("100 Rehearsal Street", "200 Rehearsal Road", "Prøveveien 3"),
    "addressLine2": ("Suite 10", "Floor 20", "Oppgang 30"),
    "city": ("Toronto", "Springfield", "Oslo"),
    "province.code": ("CA-ON", "US-IL", "NO-03"),
    "province.name": ("Ontario", "Illinois", "Oslo"),
    "country.code": ("CA", "US", "NO"),
    "country.name": ("Canada", "United States", "Norway"),
    "postalCode": ("M5H 2N2", "62701", "0150"),
}


def _money(*values: str) -> tuple[object, ...]:
    codes = ("CAD", "USD", "NOK")
    return tuple(
        {"raw": int(value.replace(",", "").replace(".", "")), "value": value, "currency": {"code": code}}
        for value, code in zip(values, codes, strict=True)
    )


def _elsewhere(values: tuple[str, str, str]) -> tuple[str, str, str]:
    first, second, third = values
    return second, third, first


_VALUES: Mapping[str, tuple[object, ...]] = MappingProxyType(
    {
        "id": ("UmVoZWFyc2FsOjE=", "UmVoZWFyc2FsOjI=", "UmVoZWFyc2FsOjM="),
        "name": ("Rehearsal Bakery Ltd", "Nora Rehearsal", "Rehearsal Børre Ærlig"),
        "firstName": ("Paul", "Nora", "Rehearsal Børre"),
        "lastName": ("Rehearsal-Baker", "Rehearsal", "Ærlig"),
        "displayId": ("90001", "90002", "0903"),
        "email": ("rehearsal@bakery.example", "nora@rehearsal.example", "borre+test@rehearsal.example"),
        # Source: numbers kept for fiction, 555-0100 to 555-0199, and 800-555-0199 among those that are toll-free.
        "phone": ("+1 416 555 0101", "+1 217 555 0102", "+1 212 555 0103"),
        "mobile": ("+1 416 555 0111", "+1 217 555 0112", "+1 212 555 0113"),
        "fax": ("+1 416 555 0121", "+1 217 555 0122", "+1 212 555 0123"),
        "tollFree": ("+1 800 555 0199", "+1 888 555 0199", "+1 877 555 0199"),
        "website": (
            "https://bakery.example",
            "https://rehearsal.example/nora",
            "https://www.rehearsal.example/en?page=3",
        ),
        "internalNotes": (
            "Rehearsal: not a customer",
            "Rehearsal: may be deleted",
            "Rehearsal: first line\nsecond line",
        ),
        "currency.code": ("CAD", "USD", "NOK"),
        **{f"address.{path}": values for path, values in _PLACES.items()},
        "shippingDetails.name": ("Rehearsal Warehouse", "Rehearsal Reception", "Rehearsal Lager"),
        "shippingDetails.phone": ("+1 416 555 0131", "+1 217 555 0132", "+1 212 555 0133"),
        "shippingDetails.instructions": ("Ring twice", "Leave at the desk", "Door 3"),
        **{f"shippingDetails.address.{path}": _elsewhere(values) for path, values in _PLACES.items()},
        "outstandingAmount": _money("1,234.50", "0.00", "20.00"),
        "overdueAmount": _money("34.50", "0.00", "10.00"),
        "createdAt": ("2024-01-31T08:30:00.000Z", "2024-02-29T12:00:00.000Z", "2025-12-31T23:59:59.000Z"),
        "modifiedAt": ("2024-03-01T08:30:00.000Z", "2024-04-01T12:00:00.000Z", "2026-01-01T00:00:00.000Z"),
        "isArchived": (False, True, False),
    }
)


def sample(wave: Sequence[str], number: int) -> object:
    """A value for a field map, in our shape; values of the same number belong to the same artificial customer.

    Args:
        wave: The paths of the map on the Wave side, each a property that Wave has.
        number: Which customer; those from 0 to `SAMPLES` - 1 differ, then they are the same again.

    Returns:
        As Wave shows it; a tuple of that, in the order of the paths, if there are several.
    """
    values = tuple(_VALUES[path][number % SAMPLES] for path in wave)
    return values[0] if len(values) == 1 else values
