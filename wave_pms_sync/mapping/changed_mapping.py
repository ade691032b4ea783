"""Change a mapping: rows, constants and converters, one by one or all that a file says, with all its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from attrs import define, evolve

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.clashes import clashes, constant_clashes, mixed_groups, replaces
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.drafting import Draft, field_map
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.rows import place_of, with_row
from wave_pms_sync.mapping.standing_in import stand_in_converter, stand_in_map, stand_in_type
from wave_pms_sync.mapping.told_mapping import ToldMapping

if TYPE_CHECKING:
    from wave_pms_sync.mapping.filing import Filed


@define(repr=False)
class ChangedMapping(ToldMapping):
    """Field maps and constants that may be changed; what cannot work is refused, and changes nothing."""

    def unmap(self, name: str | Sequence[str]) -> None:
        """Take a map away. No clears are sent: the property is simply not looked at any more.

        Args:
            name: The Wave property (several for a map of several), or the property of the PMS.

        Raises:
            ConfigurationError: If there is no such map.
        """
        del self._maps[place_of(self._maps, name)]

    def enable(self, name: str | Sequence[str]) -> None:
        """Switch a map on that is off, such as `internalNotes`; on again changes nothing.

        Args:
            name: The Wave property (several for a map of several), or the property of the PMS.

        Raises:
            ConfigurationError: If there is no such map, or if another one writes the same property of the PMS.
        """
        self._switch(name, enabled=True)

    def disable(self, name: str | Sequence[str]) -> None:
        """Switch a map off and keep it for `enable`; off again changes nothing.

        Args:
            name: The Wave property (several for a map of several), or the property of the PMS.

        Raises:
            ConfigurationError: If there is no such map.
        """
        self._switch(name, enabled=False)

    def _tell(self, said: Mapping[str, object]) -> None:
        from wave_pms_sync.mapping.constant import constant_of

        told = constant_of(said)
        rest = [one for one in self._constants if (one.side, one.path) != (told.side, told.path)]
        faults = constant_clashes(self._maps, [*rest, told])
        if faults:
            raise ConfigurationError("mapping", faults)
        self._constants = [*rest, told]

    def _map(self, draft: Draft) -> None:
        self._replace(with_row(self._maps, field_map(draft, self._known, self._types)))

    def _switch(self, name: str | Sequence[str], *, enabled: bool) -> None:
        at = place_of(self._maps, name)
        maps = list(self._maps)
        maps[at] = evolve(maps[at], enabled=enabled)
        self._replace(maps)

    def _replace(self, maps: list[FieldMap]) -> None:
        faults = [*clashes(maps), *constant_clashes(maps, self._constants)]
        if faults:
            raise ConfigurationError("mapping", faults)
        self._maps = maps

    def _add(self, converter: Converter) -> None:
        super()._add(converter)
        self._maps = [
            evolve(row, converter=converter) if row.converter.name == converter.name else row for row in self._maps
        ]

    # --- a file

    def _fill(self, told: Filed) -> None:
        """Carry out what a file says, in the order of its schema, and name all that cannot be."""
        mine: dict[str, str] = {}
        steps: list[tuple[str, Callable[[], object]]] = []
        steps += [(f"unmap[{at}]", partial(self.unmap, name)) for at, name in enumerate(told.unmap) if name]
        steps += [("converters", partial(self._file_converter, name, use)) for name, use in told.converters.items()]
        steps += [("types", partial(self._file_type, name, kind)) for name, kind in told.types.items()]
        steps += [
            (f"maps[{at}]", partial(self._file, f"maps[{at}]", Draft(**row), mine))
            for at, row in enumerate(told.maps)
            if row
        ]
        steps += [(f"enable[{at}]", partial(self.enable, name)) for at, name in enumerate(told.enable) if name]
        steps += [(f"disable[{at}]", partial(self.disable, name)) for at, name in enumerate(told.disable) if name]
        steps += [(f"constants[{at}]", partial(self._tell, one)) for at, one in enumerate(told.constants) if one]
        faults = list(told.faults)
        for where, step in steps:
            try:
                step()
            except ConfigurationError as error:
                faults += [f"{where} {fault}" for fault in error.faults if not told.names(where, fault)]
        faults += mixed_groups(self._maps)
        if faults:
            raise ConfigurationError("mapping", faults)

    def _file_converter(self, name: str, use: object) -> None:
        """Take a converter of a file; None, of which the form was faulty, and what cannot be taken have a stand-in."""
        try:
            self._add(stand_in_converter(name)) if use is None else self.converter(name, use=use)
        except ConfigurationError:
            self._add(stand_in_converter(name))
            raise

    def _file_type(self, name: str, kind: Mapping[str, object] | None) -> None:
        """Take a data type of a file, in the same way."""
        self._types[name] = stand_in_type(name)
        if kind is not None:
            self._know(name, kind)

    def _file(self, place: str, draft: Draft, mine: dict[str, str]) -> None:
        """Take a map of a file, which must not replace one before it without a word."""
        try:
            row = field_map(draft, self._known, self._types)
        except ConfigurationError:
            self._file_stand_in(place, draft, mine)
            raise
        lost = [mine[old.id] for old in self._maps if old.id in mine and replaces(row, old)]
        if lost:
            raise ConfigurationError(
                "mapping",
                [f"{row.name}.wave: is mapped by {lost[0]}, too (allowed: one map, or more with also = true)"],
            )
        self._replace(with_row(self._maps, row))
        mine[row.id] = place

    def _file_stand_in(self, place: str, draft: Draft, mine: dict[str, str]) -> None:
        with suppress(ConfigurationError):
            row = stand_in_map(draft, place, self._known)
            self._replace(with_row(self._maps, row))
            mine[row.id] = place
