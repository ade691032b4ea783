"""How Wave writes a customer, how it shows one, and how the sandbox keeps one in between.

Output nests province and country, input has flat codes. Source: Wave developer portal, API Reference examples.
Kept are values in read names without anything empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from wave_pms_sync.testing.customers import Version
from wave_pms_sync.testing.wave_places import country_name, currency_exponent, province_name

__all__ = ["TEXTS", "moment_text", "pruned", "row", "shape_faults", "values_of_input"]

TEXTS = (
    "name",
    "firstName",
    "lastName",
    "displayId",
    "email",
    "phone",
    "mobile",
    "fax",
    "tollFree",
    "website",
    "internalNotes",
)
_LINES = ("addressLine1", "addressLine2", "city", "postalCode")
_PROVINCE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_INPUT_ONLY = ("id", "businessId")


def moment_text(moment: datetime) -> str:
    """A stamp as Wave prints it: UTC, milliseconds, Z. Source: seen in clients."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def values_of_input(given: Mapping[str, object]) -> dict[str, object]:
    """An input object in read names; None and blank text stay as they were sent."""
    result = {name: value for name, value in given.items() if name not in _INPUT_ONLY}
    if "currency" in result:
        result["currency"] = _coded(result["currency"])
    if isinstance(result.get("address"), Mapping):
        result["address"] = _address_of_input(result["address"])
    shipping = result.get("shippingDetails")
    if isinstance(shipping, Mapping):
        result["shippingDetails"] = dict(shipping)
        if isinstance(shipping.get("address"), Mapping):
            result["shippingDetails"] = {**shipping, "address": _address_of_input(shipping["address"])}
    return result


def _address_of_input(given: object) -> dict[str, object]:
    result = dict(given) if isinstance(given, Mapping) else {}
    for flat, nested in (("provinceCode", "province"), ("countryCode", "country")):
        if flat in result:
            result[nested] = _coded(result.pop(flat))
    return result


def _coded(code: object) -> object:
    return None if code is None or code == "" else {"code": code}


def pruned(values: Mapping[str, object]) -> dict[str, object]:
    """Values without anything empty: no None, no blank text, no mapping that has nothing in it."""
    result: dict[str, object] = {}
    for name, value in values.items():
        kept = pruned(value) if isinstance(value, Mapping) else value
        if kept is not None and kept not in ("", {}):
            result[name] = kept
    return result


def shape_faults(values: Mapping[str, object]) -> list[dict[str, object]]:
    """What Wave would refuse of these values whatever the record, as inputErrors.

    Source: the form of provinceCode (`CA-ON`), Wave developer portal; the code INVALID is assumed.
    """
    shipping = values.get("shippingDetails")
    places = {
        "address": values.get("address"),
        "shippingDetails.address": shipping.get("address") if isinstance(shipping, Mapping) else None,
    }
    faults = []
    for path, place in places.items():
        province = place.get("province") if isinstance(place, Mapping) else None
        code = province.get("code") if isinstance(province, Mapping) else None
        if code is not None and not _PROVINCE.fullmatch(str(code)):
            faults.append(input_error(f"{path}.provinceCode", "INVALID", "This is not the code of a province."))
    return faults


def input_error(path: str, code: str, message: str) -> dict[str, object]:
    """One inputErrors entry; the path is dotted, and in input names."""
    return {"path": ["input", *path.split(".")] if path else ["input"], "code": code, "message": message}


def row(version: Version, currency: str, blank: str | None) -> dict[str, object]:
    """A record as the API shows it, every property of the schema but `business`.

    Args:
        version: The record.
        currency: The business's currency.
        blank: How text without a value is shown.
    """
    values = version.values
    own = str(_inner(values, "currency").get("code") or currency)
    shipping = _inner(values, "shippingDetails")
    shipped: dict[str, object] = {name: shipping.get(name, blank) for name in ("name", "phone", "instructions")}
    return {
        "id": version.id,
        "internalId": str(version.number),
        **{name: values.get(name, blank) for name in TEXTS},
        "name": values.get("name", ""),
        "address": _address(values, blank),
        "currency": {"code": own},
        "shippingDetails": {**shipped, "address": _address(shipping, blank)} if shipping else None,
        "createdAt": moment_text(version.created_at),
        "modifiedAt": moment_text(version.modified_at),
        "isArchived": version.archived or version.removed,
        "outstandingAmount": _money(_inner(values, "outstandingAmount"), own),
        "overdueAmount": _money(_inner(values, "overdueAmount"), own),
    }


def _inner(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = values.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _address(values: Mapping[str, object], blank: str | None) -> dict[str, object] | None:
    place = _inner(values, "address")
    if not place:
        return None
    province, country = _inner(place, "province").get("code"), _inner(place, "country").get("code")
    return {
        **{name: place.get(name, blank) for name in _LINES},
        "province": province and {"code": province, "name": province_name(str(province))},
        "country": country and {"code": country, "name": country_name(str(country))},
    }


def _money(amount: Mapping[str, object], currency: str) -> dict[str, object]:
    digits = currency_exponent(currency)
    text = str(amount.get("value") or f"{0:.{digits}f}")
    raw = amount.get("raw")
    minor = round(float(text.replace(",", "")) * 10**digits) if raw is None else raw
    return {"raw": minor, "minorUnitValue": str(minor), "value": text, "currency": {"code": currency}}
