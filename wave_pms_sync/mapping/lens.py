"""The compiled mapping: records in, cells out; our values in, a body out."""

from __future__ import annotations

import json
import marshal
from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING

from attrs import field, frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.conversion import as_shown, body_of, cell_of
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.matching_keys import EXTERNAL_ID, canonical, marker_text, places
from wave_pms_sync.mapping.paths import PathReader, lay
from wave_pms_sync.model.fields import MISSING, Cell, Field
from wave_pms_sync.model.side import Side

if TYPE_CHECKING:
    from wave_pms_sync.mapping.constant import Constant


@frozen(kw_only=True)
class Lens:
    """A mapping ready for use: immutable, and picklable if its converters are.

    Attributes:
        maps: The field maps that are compared and carried, in order.
        marker: The PMS property that keeps the Wave id; None if there is none.
        constants: What a side is told beside the fields.
        fields: The rules of each field, by its id, in the order of the maps.
        groups: The ids of the fields that travel together, by group.
    """

    maps: tuple[FieldMap, ...]
    marker: str | None = None
    constants: tuple[Constant, ...] = ()
    fields: Mapping[str, Field] = field(init=False, eq=False, repr=False)
    groups: Mapping[str, tuple[str, ...]] = field(init=False, eq=False, repr=False)
    _rows: Mapping[str, FieldMap] = field(init=False, eq=False, repr=False)
    _wave: PathReader = field(init=False, eq=False, repr=False)
    _pms: PathReader = field(init=False, eq=False, repr=False)
    _regions: Mapping[str, tuple[tuple[str, str], ...]] = field(init=False, eq=False, repr=False)

    _places: Mapping[str, int] = field(init=False, eq=False, repr=False)

    @fields.default
    def _fields(self) -> Mapping[str, Field]:
        return MappingProxyType({row.id: row.field() for row in self.maps})

    @groups.default
    def _groups(self) -> Mapping[str, tuple[str, ...]]:
        groups: dict[str, tuple[str, ...]] = {}
        for row in self.maps:
            groups[row.group] = (*groups.get(row.group, ()), row.id)
        return MappingProxyType(groups)

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        """Of each field, by its id; a field whose fingerprint changed is judged anew."""
        return MappingProxyType({row.id: _fingerprint(_facts(row)) for row in self.maps})

    @cached_property
    def fingerprint(self) -> str:
        """Of the whole mapping."""
        told = [[str(one.side), one.path, one.value, one.on] for one in self.constants]
        defaults = [[row.id, row.default] for row in self.maps if row.default is not None]
        return _fingerprint(
            [list(self.fingerprints.items()), self.marker, *([told, defaults] if told or defaults else [])]
        )

    @_rows.default
    def _by_id(self) -> Mapping[str, FieldMap]:
        return {row.id: row for row in self.maps}

    @_wave.default
    def _wave_reader(self) -> PathReader:
        return PathReader((*(row.wave for row in self.maps), ()))

    @_pms.default
    def _pms_reader(self) -> PathReader:
        marker = () if self.marker is None else (self.marker,)
        blank = frozenset(at for at, row in enumerate(self.maps) if row.absent == "empty")
        return PathReader((*(row.pms for row in self.maps), marker), blank)

    @_regions.default
    def _province_fields(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        countries = {(row.group, row.name): row.id for row in self.maps}
        for row in self.maps:
            place = row.name.removesuffix("province.code")
            country = countries.get((row.group, f"{place}country.code"))
            if place != row.name and country is not None:
                found[row.group] = (*found.get(row.group, ()), (row.id, country))
        return found

    @_places.default
    def _key_places(self) -> Mapping[str, int]:
        return places(self.maps)

    def __reduce__(self) -> tuple[object, ...]:
        return _compiled, (self.maps, self.marker, self.constants)

    def raws(self, side: Side, payload: Mapping[str, object]) -> tuple[object, ...]:
        """The raw values that a record shows.

        Returns:
            One for each field in order: as on the wire, a tuple where the field has several paths, MISSING where the
            record does not show (all of) it. Last the marker: the PMS's raw value, MISSING where it is not shown,
            None for Wave and without a marker.
        """
        return (self._wave if side is Side.WAVE else self._pms).read(payload)

    def digest(self, raws: Sequence[object]) -> str:
        """A digest of raw values as `raws` gives them, the same on every machine; MISSING is not None."""
        try:
            written = marshal.dumps(list(raws), 2)  # version 2 knows no references: equal values give equal bytes
        except ValueError:
            written = _written([... if raw is MISSING else raw for raw in raws])
        return blake2b(written, digest_size=16).hexdigest()

    def cells(self, side: Side, raws: Sequence[object]) -> dict[str, Cell]:
        """The raw values as cells, by field id. What cannot be converted is a fault of its cell, never raised."""
        fields = zip(self._rows.items(), raws, strict=False)  # the marker, last of the raws, is no field
        return {field_id: cell_of(side, row, raw) for (field_id, row), raw in fields}

    def cell(self, side: Side, field_id: str, raw: object) -> Cell:
        """One raw value as a cell; lists stand for tuples, as after a way through JSON.

        Raises:
            ConversionError: If no such field is mapped (any more).
        """
        return cell_of(side, self._row(field_id), raw)

    def body(
        self, side: Side, values: Mapping[str, object], onto: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """The values as that side takes them.

        Args:
            side: Where they are to be written.
            values: In our shape, by field id; None clears.
            onto: What the side shows now, for converters that look at the value they replace.

        Returns:
            A nested dict in the side's read names that holds these fields and nothing else.

        Raises:
            ConversionError: If a value cannot be written, with the Wave property as its field; or if no such field
                is mapped (any more).
        """
        body: dict[str, object] = {}
        for field_id, value in values.items():
            if value is not MISSING:
                body_of(body, side, self._row(field_id), value, onto)
        return body

    def creation(self, side: Side, values: Mapping[str, object]) -> dict[str, object]:
        """A new record for that side: the values, and the constants and defaults beside them.

        Args:
            side: Where it is to be made.
            values: In our shape, by field id.

        Raises:
            ConversionError: As `body`.
        """
        body = self.body(side, values)
        for path, value in self._told(side, ("create", "write")):
            lay(body, path, value)
        for row in self.maps if side is Side.PMS else ():
            if row.default is not None and values.get(row.id) is None:
                lay(body, row.pms[0], row.default)
        return body

    def update(self, side: Side, values: Mapping[str, object], onto: Mapping[str, object]) -> dict[str, object]:
        """A patch for that side: the values, and the constants that go with each write.

        Args:
            side: Where it is to be written.
            values: In our shape, by field id; None clears.
            onto: What the side shows now.

        Raises:
            ConversionError: As `body`.
        """
        body = self.body(side, values, onto)
        for path, value in self._told(side, ("write",)):
            lay(body, path, value, onto)
        return body

    def check(self, side: Side, field_id: str, value: object, present: object = None) -> str | None:
        """Why this value of ours could not be written to that side, over its present raw value; None if it could."""
        try:
            self.body(side, {field_id: value}, as_shown(side, self._row(field_id), present))
        except ConversionError as fault:
            return fault.reason
        return None

    def group_fault(self, group: str, cells: Mapping[str, Cell]) -> str | None:
        """Why the values of a group contradict each other (a province outside its country); None if they do not."""
        for province_id, country_id in self._regions.get(group, ()):
            province, country = cells.get(province_id), cells.get(country_id)
            if province is None or country is None or country.missing:
                continue
            if province.empty or province.fault is not None or country.fault is not None:
                continue
            name = self.fields[province_id].name
            if country.empty:
                return f"{name}: a province without a country"
            if str(province.key).partition("-")[0] != country.key:
                return f"{name}: not a province of the country"
        return None

    def keys(self, side: Side, record_id: str, raws: Sequence[object], names: Sequence[str]) -> dict[str, str]:
        """The strong keys of a record, by which it can be matched.

        Args:
            side: Whose record.
            record_id: Its id there.
            raws: As `raws` gives them.
            names: `external_id`, or fields joined by `+`: by Wave property, by the last part of one in snake case, or
                by property of the PMS.

        Returns:
            Canonical text by name. A key with an empty, faulty or unknown part is left out.
        """
        found: dict[str, str] = {}
        parts: dict[str, str] = {}
        for name in names:
            if name == EXTERNAL_ID:
                key = self._marker_text(side, record_id, raws)
            else:
                key = self._key(side, raws, name, parts)
            if key:
                found[name] = key
        return found

    def unread_keys(self, side: Side, raws: Sequence[object], names: Sequence[str]) -> tuple[str, ...]:
        """Which of these keys have a part with a value that cannot be read, so that nobody can say who holds them."""
        return tuple(name for name in names if any(self._faulty(side, raws, part) for part in self._parts(name)))

    def unknown_keys(self, names: Sequence[str]) -> tuple[str, ...]:
        """Which of these key names have a part that no field carries."""
        return tuple(name for name in names if not self._knows(name))

    def _told(self, side: Side, moments: tuple[str, ...]) -> list[tuple[str, object]]:
        return [(one.path, one.value) for one in self.constants if one.side is side and one.on in moments]

    def _row(self, field_id: str) -> FieldMap:
        row = self._rows.get(field_id)
        if row is None:
            raise ConversionError("is not mapped", field=field_id)
        return row

    def _knows(self, name: str) -> bool:
        if name == EXTERNAL_ID:
            return self.marker is not None
        return all(part in self._places for part in self._parts(name))

    def _parts(self, name: str) -> list[str]:
        return [name] if name in self._places else name.split("+")

    def _key(self, side: Side, raws: Sequence[object], name: str, known: dict[str, str]) -> str | None:
        """A key of one or several parts; several keys may have a part in common, which is noted in `known`."""
        parts = self._parts(name)
        for part in parts:
            if part not in known:
                at = self._places.get(part)
                known[part] = "" if at is None else canonical(side, self.maps[at], raws[at])
            if not known[part]:
                return None
        return "\n".join(known[part] for part in parts)  # no part holds a line end: its blanks are collapsed

    def _faulty(self, side: Side, raws: Sequence[object], part: str) -> bool:
        at = self._places.get(part)
        return at is not None and cell_of(side, self.maps[at], raws[at]).fault is not None

    def _marker_text(self, side: Side, record_id: str, raws: Sequence[object]) -> str | None:
        if self.marker is None:
            return None
        return record_id if side is Side.WAVE else marker_text(raws[-1])


def _written(shown: list[object]) -> bytes:
    try:
        return marshal.dumps(shown, 2)
    except ValueError:  # a client of the user's own may show more than JSON values
        return json.dumps(shown, default=repr).encode()


def _compiled(maps: tuple[FieldMap, ...], marker: str | None, constants: tuple[Constant, ...]) -> Lens:
    return Lens(maps=maps, marker=marker, constants=constants)


def _facts(row: FieldMap) -> object:
    converter = row.converter
    pair = [converter.name, converter.version, dict(converter.params)]
    facts = [row.wave, row.pms, row.type, pair, row.direction.value, row.group, row.empty, row.max_length]
    return facts if row.absent == "unknown" else [*facts, row.absent]


def _fingerprint(facts: object) -> str:
    return blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=8).hexdigest()
