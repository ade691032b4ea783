"""The converters that every registry starts with, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.converters.addresses import AddressText
from wave_pms_sync.mapping.converters.amounts import Amount, Cents, DecimalAmount
from wave_pms_sync.mapping.converters.countries import CountryAlpha2, CountryAlpha3, CountryName, CountryNumeric
from wave_pms_sync.mapping.converters.labels import Flag, Labels
from wave_pms_sync.mapping.converters.lengths import Cut
from wave_pms_sync.mapping.converters.names import FullName, Kind, NameParts
from wave_pms_sync.mapping.converters.numbers import Boolean, DecimalText, Float, Integer
from wave_pms_sync.mapping.converters.phones import Phone, PhoneE164
from wave_pms_sync.mapping.converters.places import Place
from wave_pms_sync.mapping.converters.provinces import ProvinceCode, ProvinceName, ProvinceShort
from wave_pms_sync.mapping.converters.text import AsWritten, Code, email_key, name_key, text_key, website_key
from wave_pms_sync.mapping.converters.times import DateTime

_PAIRS: Mapping[str, object] = {
    "text": AsWritten(text_key),
    "name": AsWritten(name_key),
    "email": AsWritten(email_key),
    "phone": Phone(),
    "website": AsWritten(website_key),
    "country": CountryAlpha2(),
    "country_alpha3": CountryAlpha3(),
    "country_numeric": CountryNumeric(),
    "country_name": CountryName(),
    "region": ProvinceCode(),
    "place": Place(),
    "currency": Code(r"[A-Z]{3}", "a currency code of three letters (ISO 4217)"),
    "amount": Amount(),
    "decimal": DecimalAmount(),
    "cents": Cents(),
    "integer": Integer(),
    "float": Float(),
    "decimal_text": DecimalText(),
    "boolean": Boolean(),
    "flag": Flag(),
    "yes_no": Flag(true="yes", false="no"),
    "date_time": DateTime(),
    "date": DateTime(form="%Y-%m-%d"),
    "epoch_s": DateTime(form="epoch_s"),
    "epoch_ms": DateTime(form="epoch_ms"),
    "full_name": FullName(),
    "name_parts": NameParts(),
    "address_text": AddressText(),
    "kind": Kind(),
}

STOCK: Mapping[str, Converter] = MappingProxyType(
    {name: Converter.of(name, pair, spec=name) for name, pair in _PAIRS.items()}
)
"""The stock converters by name."""

CATALOGUE: Mapping[str, type] = MappingProxyType(
    {
        "address_text": AddressText,
        "cents": Cents,
        "country_name": CountryName,
        "country_numeric": CountryNumeric,
        "cut": Cut,
        "date_time": DateTime,
        "decimal": DecimalAmount,
        "flag": Flag,
        "full_name": FullName,
        "labels": Labels,
        "phone": Phone,
        "phone_e164": PhoneE164,
        "place": Place,
        "province_name": ProvinceName,
        "province_short": ProvinceShort,
    }
)
"""The pairs that take parameters, by name."""
