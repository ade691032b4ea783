"""The converters that every registry starts with. Each is made when it is first asked for: mappings use few of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Final, Generic, TypeVar

from wave_pms_sync.mapping.converter import Converter

S = TypeVar("S")
T = TypeVar("T")

_PAIRS: Final = {
    "text": "text.TEXT",
    "name": "text.NAME",
    "email": "text.EMAIL",
    "phone": "phones.Phone",
    "website": "text.WEBSITE",
    "country": "countries.CountryAlpha2",
    "country_alpha3": "countries.CountryAlpha3",
    "country_numeric": "countries.CountryNumeric",
    "country_name": "countries.CountryName",
    "region": "provinces.ProvinceCode",
    "place": "places.Place",
    "currency": "text.CURRENCY",
    "amount": "amounts.Amount",
    "decimal": "amounts.DecimalAmount",
    "cents": "amounts.Cents",
    "integer": "numbers.Integer",
    "float": "numbers.Float",
    "decimal_text": "numbers.DecimalText",
    "boolean": "numbers.Boolean",
    "flag": "labels.Flag",
    "yes_no": "labels.YES_NO",
    "date_time": "times.DateTime",
    "date": "times.DATE",
    "epoch_s": "times.EPOCH_S",
    "epoch_ms": "times.EPOCH_MS",
    "full_name": "names.FullName",
    "name_parts": "names.NameParts",
    "address_text": "addresses.AddressText",
    "kind": "names.Kind",
}
"""Where what makes each pair is, in the rooms beside this one."""

_KINDS: Final = {
    "address_text": "addresses.AddressText",
    "cents": "amounts.Cents",
    "country_name": "countries.CountryName",
    "country_numeric": "countries.CountryNumeric",
    "cut": "lengths.Cut",
    "date_time": "times.DateTime",
    "decimal": "amounts.DecimalAmount",
    "flag": "labels.Flag",
    "full_name": "names.FullName",
    "labels": "labels.Labels",
    "phone": "phones.Phone",
    "phone_e164": "phones.PhoneE164",
    "place": "places.Place",
    "province_name": "provinces.ProvinceName",
    "province_short": "provinces.ProvinceShort",
}


class Shelf(Mapping[str, T], Generic[S, T]):
    """Things by name, each of which is made when it is first asked for.

    Args:
        places: Where each is, as `room.name`.
        make: Makes it, of its name and of what is at that place.
    """

    def __init__(self, places: Mapping[str, str], make: Callable[[str, S], T]) -> None:
        self._places, self._make = places, make
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._made:
            room, _, word = self._places[name].partition(".")
            found: S = getattr(import_module(f"wave_pms_sync.mapping.converters.{room}"), word)
            self._made[name] = self._make(name, found)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _converter(name: str, make: Callable[[], object]) -> Converter:
    return Converter.of(name, make(), spec=name)


def _kind(_name: str, kind: type) -> type:
    return kind


STOCK: Final = Shelf(_PAIRS, _converter)
"""The stock converters by name."""

CATALOGUE: Final = Shelf(_KINDS, _kind)
"""The pairs that take parameters, by name."""
