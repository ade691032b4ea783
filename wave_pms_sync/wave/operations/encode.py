"""Read names into Wave's input shape.

Wave answers `address { province { code } country { code } }` but takes `provinceCode` and `countryCode`,
and it replaces an `address` or `shippingDetails` as a whole when any part of it is sent.
Source: Wave developer portal, API Reference; the replacing is said by clients seen in the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError, FieldFault, Refused


@frozen
class _Text:
    """A property that is text."""


@frozen
class _Code:
    """An object that is written by its code alone; what else it shows is left out."""

    input_name: str
    enum: bool = True  # an enum takes null to be cleared, and never an empty text


@frozen
class _Whole:
    """An object that travels whole."""

    parts: Mapping[str, _Shape]


_Shape: TypeAlias = "_Text | _Code | _Whole"

_ADDRESS = _Whole(
    {
        "addressLine1": _Text(),
        "addressLine2": _Text(),
        "city": _Text(),
        "province": _Code("provinceCode", enum=False),
        "country": _Code("countryCode"),
        "postalCode": _Text(),
    }
)
_SHIPPING = _Whole({"name": _Text(), "phone": _Text(), "instructions": _Text(), "address": _ADDRESS})
_TEXTS = (
    *("name", "firstName", "lastName", "displayId", "email", "phone", "mobile", "fax", "tollFree", "website"),
    "internalNotes",
)
_CUSTOMER: Mapping[str, _Shape] = {
    **{name: _Text() for name in _TEXTS},
    "address": _ADDRESS,
    "currency": _Code("currency"),
    "shippingDetails": _SHIPPING,
}
_READ_NAMES = {"provinceCode": "province.code", "countryCode": "country.code", "currency": "currency.code"}

WHOLE = frozenset(name for name, shape in _CUSTOMER.items() if isinstance(shape, _Whole))
"""The properties that travel whole; changing a part of one needs the record as it is."""


Inputs: TypeAlias = "Mapping[str, Inputs]"
"""Names of an input object, each with the names inside it; empty for a plain value."""


def input_names(shapes: Mapping[str, _Shape] = _CUSTOMER) -> dict[str, Inputs]:
    """All that can be sent of a customer, in Wave's input names."""
    found: dict[str, Inputs] = {}
    for name, shape in shapes.items():
        written = shape.input_name if isinstance(shape, _Code) else name
        found[written] = input_names(shape.parts) if isinstance(shape, _Whole) else {}
    return found


def encode_create(values: Mapping[str, object]) -> dict[str, object]:
    """The input of a create, without its business; None leaves a property out.

    Raises:
        Refused: A property is unknown or of the wrong shape, or the name is missing. All of them are named.
    """
    _check(values)
    if not values.get("name"):
        raise refused_here([FieldFault(path="name", code="REQUIRED", message="a customer needs a name")])
    return _without_none(_encode(values, _CUSTOMER, None))


def encode_patch(
    values: Mapping[str, object], *, seen: Mapping[str, object] | None = None, clear_with: str | None = None
) -> dict[str, object]:
    """The input of a patch, without its id.

    Args:
        values: What to change, nested, in read names; None clears.
        seen: The customer as just read. `address` and `shippingDetails` are laid over it and sent whole.
        clear_with: What clears a text: None or `""`.

    Raises:
        Refused: A property is unknown or of the wrong shape, or a province would be paired with another
            country. All of them are named, and nothing was sent.
    """
    _check(values)
    laid, faults = _lay(seen or {}, values, _CUSTOMER, "")
    if faults:
        raise refused_here(faults)
    return _encode(laid, _CUSTOMER, clear_with)


def read_path(input_path: object) -> str:
    """The path of an input error in read names: `["input", "address", "provinceCode"]` is `address.province.code`."""
    steps = input_path.split(".") if isinstance(input_path, str) else input_path
    if not isinstance(steps, list):
        return ""
    names = [str(step) for step in steps if step is not None]
    return ".".join(_READ_NAMES.get(name, name) for name in (names[1:] if names[:1] == ["input"] else names))


def refused_here(faults: list[FieldFault]) -> Refused:
    """The refusal of values that were not even sent."""
    text = "; ".join(f"{fault.path}: {fault.message}" for fault in faults)
    return Refused(f"these values cannot be sent to Wave: {text}", faults=faults)


def _check(values: Mapping[str, object]) -> None:
    if not isinstance(values, Mapping):
        raise ConfigurationError("customer", [f"values: {type(values).__name__} is no table (allowed: properties)"])
    if faults := _faults(values, _CUSTOMER, ""):
        raise refused_here(faults)


def _faults(values: Mapping[str, object], shapes: Mapping[str, _Shape], above: str) -> list[FieldFault]:
    found: list[FieldFault] = []
    for name, value in values.items():
        path, shape = f"{above}{name}", shapes.get(name)
        if shape is None:
            allowed = ", ".join(shapes)
            found.append(
                FieldFault(path=path, code="UNKNOWN_PROPERTY", message=f"is not writable (allowed: {allowed})")
            )
        elif isinstance(shape, _Text):
            found += [] if value is None or isinstance(value, str) else [_shape_fault(path, "text or None")]
        elif value is not None and not isinstance(value, Mapping):
            found.append(_shape_fault(path, "an object or None"))
        elif isinstance(shape, _Code):
            code = value.get("code", ...) if value is not None else None
            found += [] if code is None or isinstance(code, str) else [_shape_fault(f"{path}.code", "text or None")]
        elif value is not None:
            found += _faults(value, shape.parts, f"{path}.")
    return found


def _shape_fault(path: str, allowed: str) -> FieldFault:
    return FieldFault(path=path, code="WRONG_SHAPE", message=f"must be {allowed}")


def _lay(
    seen: Mapping[str, object], values: Mapping[str, object], shapes: Mapping[str, _Shape], above: str
) -> tuple[dict[str, object], list[FieldFault]]:
    """Complete the objects in `values` that travel whole by what the record shows in them."""
    laid: dict[str, object] = {}
    faults: list[FieldFault] = []
    for name, value in values.items():
        shape, path = shapes[name], f"{above}{name}"
        if not isinstance(shape, _Whole):
            laid[name] = value
            continue
        kept = _kept(_object(seen.get(name)), shape)
        given = dict.fromkeys(shape.parts) if value is None else _object(value)
        changed, deeper = _lay(kept, given, shape.parts, f"{path}.")
        laid[name] = {**kept, **changed}
        faults += [*deeper, *_strayed_province(kept, given, path)]
    return laid, faults


def _kept(shown: Mapping[str, object], shape: _Whole) -> dict[str, object]:
    """What an object that travels whole shows and is not empty; what it does not show is not sent."""
    kept: dict[str, object] = {}
    for name, part in shape.parts.items():
        value = shown.get(name)
        if value is not None:
            kept[name] = _kept(_object(value), part) if isinstance(part, _Whole) else value
    return kept


def _strayed_province(kept: Mapping[str, object], given: Mapping[str, object], path: str) -> list[FieldFault]:
    """A province that would stay behind in another country than its own."""
    province, country = _code(kept.get("province")), _code(given.get("country"))
    if "country" not in given or "province" in given or not province or country == _code(kept.get("country")):
        return []
    if country and province.startswith(f"{country}-"):
        return []
    message = "is of another country than the new one; give it as well (None clears it)"
    return [FieldFault(path=f"{path}.province.code", code="OTHER_COUNTRY", message=message)]


def _encode(values: Mapping[str, object], shapes: Mapping[str, _Shape], clear_with: str | None) -> dict[str, object]:
    encoded: dict[str, object] = {}
    for name, value in values.items():
        shape = shapes[name]
        if isinstance(shape, _Code):
            code = _code(value)
            encoded[shape.input_name] = None if code is None and shape.enum else _or(code, clear_with)
        elif isinstance(shape, _Whole):
            encoded[name] = _encode(_object(value), shape.parts, clear_with)
        else:
            encoded[name] = _or(value, clear_with)
    return encoded


def _or(value: object, clear_with: str | None) -> object:
    return clear_with if value is None else value


def _without_none(values: Mapping[str, object]) -> dict[str, object]:
    kept = {name: _without_none(v) if isinstance(v, Mapping) else v for name, v in values.items()}
    return {name: value for name, value in kept.items() if value is not None and value != {}}


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _code(value: object) -> str | None:
    code = _object(value).get("code")
    return code if isinstance(code, str) else None
