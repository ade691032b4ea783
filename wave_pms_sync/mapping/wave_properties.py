"""What Wave's schema offers of a customer: the properties that a field map may name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen


@frozen
class WaveProperty:
    """One readable property of a Wave customer.

    Attributes:
        converter: The stock converter that compares such values.
        writable: Whether Wave's inputs take it.
    """

    converter: str = "text"
    writable: bool = True

    @property
    def kind(self) -> str:
        """What kind of value it is: `text`, `amount`, `time` or `truth`."""
        return _KINDS.get(self.converter, "text")


_KINDS = {"amount": "amount", "date_time": "time", "boolean": "truth"}
_ONLY_READ = WaveProperty(writable=False)
_TIME = WaveProperty("date_time", writable=False)
_PHONE = WaveProperty("phone")
_AMOUNT = WaveProperty("amount", writable=False)

# Source: the customer types of Wave's published schema. Inputs take codes of province and country, never names.
_ADDRESS = {
    "addressLine1": WaveProperty(),
    "addressLine2": WaveProperty(),
    "city": WaveProperty(),
    "province.code": WaveProperty("region"),
    "province.name": _ONLY_READ,
    "country.code": WaveProperty("country"),
    "country.name": _ONLY_READ,
    "postalCode": WaveProperty(),
}

WAVE_PROPERTIES: Mapping[str, WaveProperty] = MappingProxyType(
    {
        "id": _ONLY_READ,
        "name": WaveProperty("name"),
        "firstName": WaveProperty("name"),
        "lastName": WaveProperty("name"),
        "displayId": WaveProperty(),
        "email": WaveProperty("email"),
        "phone": _PHONE,
        "mobile": _PHONE,
        "fax": _PHONE,
        "tollFree": _PHONE,
        "website": WaveProperty("website"),
        "internalNotes": WaveProperty(),
        "currency.code": WaveProperty("currency"),
        **{f"address.{path}": known for path, known in _ADDRESS.items()},
        "shippingDetails.name": WaveProperty("name"),
        "shippingDetails.phone": _PHONE,
        "shippingDetails.instructions": WaveProperty(),
        **{f"shippingDetails.address.{path}": known for path, known in _ADDRESS.items()},
        "outstandingAmount": _AMOUNT,
        "overdueAmount": _AMOUNT,
        "createdAt": _TIME,
        "modifiedAt": _TIME,
        "isArchived": WaveProperty("boolean", writable=False),
    }
)
"""Dotted path of each readable property, and how its values behave."""


def default_group(paths: tuple[str, ...]) -> str:
    """The group of a map that names none: an address travels whole, everything else alone."""
    if len(paths) > 1:
        groups = {default_group((path,)) for path in paths}
        if len(groups) == 1:
            return groups.pop()
        return "name" if "name" in paths and not {"firstName", "lastName"}.isdisjoint(paths) else "+".join(paths)
    path = paths[0]
    known = WAVE_PROPERTIES.get(path)
    if known is not None and known.writable:
        for group in ("shippingDetails.address", "address"):
            if path.startswith(f"{group}."):
                return group
    return path
