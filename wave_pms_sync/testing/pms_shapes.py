"""How the PMS sandbox shows a customer, and which values it takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wave_pms_sync.testing.customers import Version

__all__ = ["PROPERTIES", "moment_text", "properties", "row", "type_faults"]

_PLACE: Mapping[str, object] = {
    "line1": "text",
    "line2": "text",
    "city": "text",
    "region_code": "text",
    "postal_code": "text",
    "country_code": "text",
}

PROPERTIES: Mapping[str, object] = {
    "external_id": "text",
    "name": "text",
    "customer_number": "text",
    "email": "text",
    "phone": "text",
    "mobile": "text",
    "fax": "text",
    "toll_free_phone": "text",
    "website": "text",
    "notes": "text",
    "currency_code": "text",
    "outstanding_amount": "number",
    "overdue_amount": "number",
    "kind": "text",
    "contact": {"first_name": "text", "last_name": "text"},
    "address": _PLACE,
    "delivery_address": {"name": "text", "phone": "text", "instructions": "text", **_PLACE},
}
"""The properties of the default conventions, with their types. Others are kept as they are sent."""

_TYPES: Mapping[str, tuple[type, ...]] = {"text": (str,), "number": (int, float)}


def moment_text(moment: datetime, digits: int) -> str:
    """A moment in RFC 3339, UTC, with so many digits of a second: 0, 3 or 6."""
    timespec = {0: "seconds", 3: "milliseconds"}.get(digits, "microseconds")
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def properties(values: Mapping[str, object]) -> dict[str, object]:
    """Every known property, null where it has no value, and all others that there are."""
    return _filled(PROPERTIES, values)


def row(version: Version, digits: int) -> dict[str, object]:
    """A record as the default conventions show it."""
    return {
        "id": version.id,
        **properties(version.values),
        "archived": version.archived,
        "created_at": moment_text(version.created_at, digits),
        "updated_at": moment_text(version.modified_at, digits),
    }


def _filled(known: Mapping[str, object], values: Mapping[str, object]) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, kind in known.items():
        value = values.get(name)
        if isinstance(kind, Mapping) and (value is None or isinstance(value, Mapping)):
            result[name] = _filled(kind, value or {})
        else:
            result[name] = value
    return {**result, **{name: value for name, value in values.items() if name not in known}}


def type_faults(
    values: Mapping[str, object], known: Mapping[str, object] = PROPERTIES, prefix: str = ""
) -> list[dict[str, object]]:
    """The known properties of a body that have another type than theirs, as field errors."""
    faults: list[dict[str, object]] = []
    for name, value in values.items():
        kind, path = known.get(name), f"{prefix}{name}"
        if value is None or kind is None:
            continue
        if isinstance(kind, Mapping):
            if isinstance(value, Mapping):
                faults += type_faults(value, kind, f"{path}.")
            else:
                faults.append(_type_fault(path, "object"))
        elif isinstance(value, bool) or not isinstance(value, _TYPES[str(kind)]):
            faults.append(_type_fault(path, str(kind)))
    return faults


def _type_fault(path: str, wanted: str) -> dict[str, object]:
    return {"field": path, "code": "invalid_type", "detail": f"{path} must be {wanted} or null"}
