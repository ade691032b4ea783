"""The names that maps may use: converters, and the data types of the PMS."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import TypeVar, overload

from attrs import define, evolve, field

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.choosing import chosen
from wave_pms_sync.mapping.converter import Converter, Read, Write, plain_key
from wave_pms_sync.mapping.converters.stock import STOCK
from wave_pms_sync.mapping.data_types import DATA_TYPES, DataType, data_type_of

_C = TypeVar("_C", bound=type)


def _beside_stock(own: Mapping[str, Converter]) -> Mapping[str, Converter]:
    """Those of the user that are not as in the stock: by them two registries differ."""
    return {name: made for name, made in own.items() if STOCK.get(name) != made}


@define(repr=False)
class ConverterRegistry:
    """Converters and data types by name: the stock ones, and those of the user."""

    _own: dict[str, Converter] = field(factory=dict, eq=_beside_stock, kw_only=True)
    _types: dict[str, DataType] = field(factory=lambda: dict(DATA_TYPES), kw_only=True)

    @property
    def _known(self) -> Mapping[str, Converter]:
        """All that may be named: our own of a name, else the stock one."""
        return ChainMap(self._own, STOCK)  # type: ignore[arg-type]  # it is only read

    @property
    def converters(self) -> tuple[Converter, ...]:
        """All converters that may be named, in order of their names."""
        return tuple(self._known[name] for name in sorted(self._known))

    @overload
    def converter(self, name: str, *, version: str) -> Callable[[_C], _C]: ...

    @overload
    def converter(
        self,
        name: str,
        *,
        version: str,
        read: Read,
        write: Write,
        key: Callable[[object], object] = plain_key,
        loses: str = "",
    ) -> None: ...

    @overload
    def converter(self, name: str, *, use: object) -> None: ...

    def converter(
        self,
        name: str,
        *,
        version: str = "1",
        read: Read | None = None,
        write: Write | None = None,
        key: Callable[[object], object] = plain_key,
        loses: str = "",
        use: object = None,
    ) -> Callable[[_C], _C] | None:
        """Add a converter: as a decorator of a class with `read` and `write`, from two pure functions, or as a name.

        A converter of the same name is replaced, in the maps that use it, too (a notebook cell may run twice).

        Args:
            name: How maps call it.
            version: Changes whenever it would convert or compare any value differently.
            read: From the value of the PMS to our shape.
            write: From our shape to the value of the PMS.
            key: With functions: the comparison form.
            loses: With functions: what a value loses on its way to the PMS and back.
            use: What the name stands for, as `map` takes it: `{"name": "country_name", "language": "de"}`, a list.

        Raises:
            ConfigurationError: If it is not a pair.
        """
        if use is not None:
            self._add(evolve(chosen(f"converter {name}", use, self._known), name=name))
            return None
        if read is None and write is None:
            return lambda pair: self._adopt(name, version, pair)
        if read is None or write is None:
            raise ConfigurationError("mapping", [f"converter {name}: lacks one half (allowed: read and write)"])
        self._add(Converter(name=name, version=version, read=read, write=write, key=key, loses=loses))
        return None

    def data_type(self, name: str, *, converter: object, wire: str = "string") -> None:
        """Add a data type, to be named in `map`; one of the same name is replaced for the maps still to come.

        Args:
            name: How maps and the document call it.
            converter: What carries its values where a map names no converter, as in `map`.
            wire: What stands on the wire: `string`, `integer`, `float` or `boolean`.

        Raises:
            ConfigurationError: With every fault; the registry is as before.
        """
        self._know(name, {"converter": converter, "wire": wire})

    def _know(self, name: str, said: Mapping[str, object]) -> None:
        self._types[name] = data_type_of(name, said, self._known)

    @property
    def data_types(self) -> tuple[DataType, ...]:
        """All data types that may be named, in order of their names."""
        return tuple(self._types[name] for name in sorted(self._types))

    def _adopt(self, name: str, version: str, pair: _C) -> _C:
        try:
            self._add(Converter.of(name, pair(), version=version))
        except TypeError as error:
            raise ConfigurationError("mapping", [f"converter {name}: {error} (allowed: read and write)"]) from error
        return pair

    def _add(self, converter: Converter) -> None:
        self._own[converter.name] = converter
