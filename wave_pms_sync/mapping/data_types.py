"""Data types of a PMS: what stands on the wire, and which converter goes without saying."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import field, frozen

from wave_pms_sync.declared.schema import unknown
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.choosing import chosen
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.wave_properties import WAVE_PROPERTIES

WIRES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {"string": (str,), "integer": (int,), "float": (float, int), "boolean": (bool,)}
)
"""What a data type can be on the wire, and the Python types that JSON gives for it."""


@frozen(kw_only=True)
class DataType:
    """One data type.

    Attributes:
        name: As field maps and documents call it.
        wire: What stands on the wire: `string`, `integer`, `float` or `boolean`.
        converters: The converter for each kind of Wave property that it can carry; `*` for any. An empty name stands
            for the property's own converter.
    """

    name: str
    wire: str
    converters: Mapping[str, str | Converter] = field(factory=dict)

    def converter(self, wave: tuple[str, ...]) -> str | Converter | None:
        """The converter for these Wave properties; None if none goes without saying."""
        if "*" in self.converters:
            return self.converters["*"]
        known = WAVE_PROPERTIES.get(wave[0]) if len(wave) == 1 else None
        if known is None or known.kind not in self.converters:
            return None
        return self.converters[known.kind] or known.converter


DATA_TYPES: Mapping[str, DataType] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            DataType(
                name="string",
                wire="string",
                converters={"text": "", "amount": "decimal", "time": "", "truth": "yes_no"},
            ),
            DataType(
                name="integer",
                wire="integer",
                converters={"text": "integer", "amount": "cents", "time": "epoch_s", "truth": "flag"},
            ),
            DataType(name="float", wire="float", converters={"text": "float", "amount": "amount", "time": "epoch_s"}),
            DataType(name="boolean", wire="boolean", converters={"text": "boolean", "truth": "boolean"}),
            DataType(name="date-time", wire="string", converters={"time": "date_time"}),
            DataType(name="date", wire="string", converters={"time": "date"}),
            DataType(name="decimal", wire="string", converters={"text": "decimal_text", "amount": "decimal"}),
            DataType(name="email", wire="string", converters={"text": "email"}),
            DataType(name="uri", wire="string", converters={"text": "website"}),
        )
    }
)
"""The data types that every registry knows: those of the document, and formats that JSON schemas name."""


def data_type_of(name: object, said: Mapping[str, object], known: Mapping[str, Converter]) -> DataType:
    """Make a data type of what was said: `converter`, `wire`.

    Raises:
        ConfigurationError: With every fault.
    """
    where, wire, found = f"type {name}", said.get("wire", "string"), None
    faults: list[str] = []
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        faults.append(f"{where}: is no name (allowed: printable text)")
    if wire not in WIRES:
        faults.append(unknown(f"{where}.wire", wire, tuple(WIRES)))
    try:
        found = chosen(f"{where}.converter", said.get("converter"), known)
    except ConfigurationError as error:
        faults += error.faults
    if faults or found is None:
        raise ConfigurationError("mapping", faults)
    return DataType(name=str(name), wire=str(wire), converters={"*": found})
