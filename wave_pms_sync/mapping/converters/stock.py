"""The converters that every registry starts with, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.amounts import Amount
from wave_pms_sync.mapping.converters.names import FullName, Kind, NameParts
from wave_pms_sync.mapping.converters.numbers import Boolean, Integer
from wave_pms_sync.mapping.converters.phones import Phone
from wave_pms_sync.mapping.converters.text import AsWritten, Code, email_key, name_key, text_key, website_key

_PAIRS: Mapping[str, object] = {
    "text": AsWritten(text_key),
    "name": AsWritten(name_key),
    "email": AsWritten(email_key),
    "phone": Phone(),
    "website": AsWritten(website_key),
    "country": Code(r"[A-Z]{2}", "a country code of two letters (ISO 3166-1 alpha-2)"),
    "region": Code(r"[A-Z]{2}-[A-Z0-9]{1,3}", "a province code with its country (ISO 3166-2, such as XX-YYY)"),
    "currency": Code(r"[A-Z]{3}", "a currency code of three letters (ISO 4217)"),
    "amount": Amount(),
    "integer": Integer(),
    "boolean": Boolean(),
    "full_name": FullName(),
    "name_parts": NameParts(),
    "kind": Kind(),
    "date_time": AsWritten(text_key),
}

STOCK: Mapping[str, Converter] = MappingProxyType(
    {name: Converter.of(name, pair, spec=name) for name, pair in _PAIRS.items()}
)
"""The stock converters by name."""

CATALOGUE: Mapping[str, type] = MappingProxyType(
    {
        "phone": Phone,
    }
)
"""The pairs that take parameters, by name."""
