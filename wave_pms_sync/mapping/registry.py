"""The mapping registry: what a user says about their PMS, checked as it is said."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from attrs import define, evolve

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.changed_mapping import ChangedMapping
from wave_pms_sync.mapping.choosing import chosen
from wave_pms_sync.mapping.clashes import clashes, constant_clashes, mixed_groups
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.defaults import DEFAULT_ROWS
from wave_pms_sync.mapping.drafting import Draft, field_map
from wave_pms_sync.mapping.lens import Lens


@define(repr=False)
class MappingRegistry(ChangedMapping):
    """The field maps between Wave and one PMS, and the converters they may use.

    It may be changed until it is handed to a `Synchronizer`, which works on a snapshot (`lens`).
    A call that cannot work raises `ConfigurationError` with all its faults, and changes nothing.
    """

    def __repr__(self) -> str:
        on = sum(row.enabled for row in self._maps)
        return f"<MappingRegistry maps={len(self._maps)} on={on} converters={len(self._known)}>"

    @classmethod
    def default(cls, *, calling_code: str | None = None) -> MappingRegistry:
        """The default mapping.

        Args:
            calling_code: The calling code of phone numbers written without one, digits only (`"49"`).
        """
        registry = cls()
        if calling_code is not None:
            registry.converter("phone", use={"name": "phone", "calling_code": calling_code})
        drafts = (
            Draft(
                facet=row.facet,
                wave=row.wave,
                pms=row.pms,
                type=row.type,
                converter=row.converter,
                direction=row.direction,
                enabled=row.enabled,
            )
            for row in DEFAULT_ROWS
        )
        registry._replace([field_map(draft, registry._known, registry._types) for draft in drafts])
        return registry

    @classmethod
    def from_dict(
        cls, content: Mapping[str, object], *, converters: Mapping[str, object] | Iterable[Converter] = ()
    ) -> MappingRegistry:
        """The mapping that plain data says, as `to_dict` writes it and `docs/reference/mapping.schema.json` describes.

        Args:
            content: `extends` (`default` or `nothing`), `maps`, `converters`, `types`, `constants` and so on.
            converters: Converters in Python that the data names: pairs by name, or those of another registry.

        Raises:
            ConfigurationError: With all faults, each as `path: problem (allowed: ...)`.
        """
        from wave_pms_sync.mapping.filing import filed

        told = filed(content)
        registry = cls.default(calling_code=told.calling_code) if told.extends == "default" else cls()
        coded = converters.items() if isinstance(converters, Mapping) else [(one.name, one) for one in converters]
        for name, pair in coded:
            registry._add(evolve(chosen(f"converter {name}", pair, registry._known), name=name))
        registry._fill(told)
        return registry

    @classmethod
    def from_file(
        cls, path: str | os.PathLike[str], *, converters: Mapping[str, object] | Iterable[Converter] = ()
    ) -> MappingRegistry:
        """The mapping in a `.toml`, `.json` or (extra `[yaml]`) `.yaml` file, with the arguments of `from_dict`.

        Raises:
            ConfigurationError: With every fault of the file.
        """
        from wave_pms_sync.declared.files import load

        content = load(path, what="mapping")
        return cls.from_dict(content, converters=converters)  # type: ignore[arg-type]  # what is no table is a fault

    @classmethod
    def from_rst(cls, text: str) -> MappingRegistry:
        """A mapping to begin with, from a document of dataflows: one printed by `to_rst`, or the predecessor's.

        Such a document says neither converters nor directions, so both are those that go without saying. What could
        not be taken over is in `open_points`.

        Args:
            text: The document, in reStructuredText, with any line ends.

        Raises:
            ConfigurationError: If it has no dataflow of Wave customers.
        """
        from wave_pms_sync.mapping.document.skeleton import sketch

        registry = cls()
        registry._open_points = sketch(text, registry._map)
        return registry

    def to_dict(self) -> dict[str, object]:
        """This mapping in plain data, from which `from_dict` makes an equal one.

        Raises:
            ConfigurationError: If a map has a converter in Python that has no name; give it one by `converter`.
        """
        from wave_pms_sync.mapping.filing import plain

        return plain(self._maps, self._known, self._types, self._constants)

    def to_file(self, path: str | os.PathLike[str]) -> None:
        """Write the mapping to a `.toml`, `.json` or (extra `[yaml]`) `.yaml` file, in place of one that is there.

        Raises:
            ConfigurationError: As `to_dict`, or if the file cannot be written.
        """
        from wave_pms_sync.declared.files import save

        save(path, self.to_dict(), what="mapping")

    def copy(self) -> MappingRegistry:
        """A registry of its own with the same content."""
        return evolve(
            self,
            maps=list(self._maps),
            constants=list(self._constants),
            own=dict(self._own),
            types=dict(self._types),
        )

    def map(
        self,
        facet: str,
        *,
        wave: str | Sequence[str],
        pms: str | Sequence[str],
        type: str = "string",  # noqa: A002  # the word of the document
        converter: object = None,
        direction: str = "both",
        group: str | None = None,
        required: bool = False,
        on_foreign_edit: str = "accept",
        backfill: str = "fill_empty",
        max_length: int | None = None,
        empty: str = "null",
        absent: str = "unknown",
        default: object = None,
        also: bool = False,
    ) -> None:
        """Say which Wave property is which property of the PMS, in place of any map of the same, or of a part of it.

        Args:
            facet: `customer`, `person` or `organisation`; a label.
            wave: Dotted path of the Wave property, in its read shape (`address.country.code`), or several.
            pms: Dotted path in the PMS, or several; in lists `phones[type=mobile].number`, with points `ext['e.mail']`.
            type: The PMS's data type: `string`, `integer`, `float`, `boolean`, `date-time`, ... (see `data_types`).
            converter: A name, `name` with parameters, a list of these (Wave's end first), or a pair. None: by the type.
            direction: `both`, `to_pms`, `to_wave` or `read_only`.
            group: Fields of one group travel together; None: an address is one group, everything else alone.
            required: Never cleared by us, and needed to create a record. Wave's `name` always is.
            on_foreign_edit: For a one-way field, what an edit on the receiving side means: `accept` or `revert`.
            backfill: When the field is new to an existing link: `fill_empty`, `wave`, `pms` or `hold`.
            max_length: The longest text that is carried, in characters; a longer one holds its group (or see `cut`).
            empty: How the PMS is told that there is no value: `null`, `blank` (an empty text) or `omit` (left out).
            absent: What it means that the PMS does not show the property: `unknown` or `empty`.
            default: What the PMS is given at creation where Wave has no value, as the PMS takes it.
            also: Stand beside the map of the same Wave property that is there; with `direction="to_pms"` only.

        Raises:
            ConfigurationError: With every fault of this map; the registry is as before.
        """
        self._map(
            Draft(
                facet=facet,
                wave=wave,
                pms=pms,
                type=type,
                converter=converter,
                direction=direction,
                group=group,
                required=required,
                on_foreign_edit=on_foreign_edit,
                backfill=backfill,
                max_length=max_length,
                empty=empty,
                absent=absent,
                default=default,
                also=also,
            )
        )

    def constant(self, *, value: object, pms: str | None = None, wave: str | None = None, on: str = "create") -> None:
        """Say what a side is told beside the mapped properties, in place of what was said of the same property.

        Args:
            value: A JSON value, as that side takes it.
            pms: The property of the PMS; or
            wave: the property of Wave, in its read names.
            on: `create`: when a record is made; `write`: with each write.

        Raises:
            ConfigurationError: With every fault; the registry is as before.
        """
        self._tell({"pms": pms, "wave": wave, "value": value, "on": on})

    def lens(self, *, omits_empty: bool = False) -> Lens:
        """The mapping ready for use; later changes of the registry do not touch it.

        Args:
            omits_empty: The PMS leaves out what is empty, so each map is read as one with `absent="empty"`.

        Raises:
            ConfigurationError: With every fault of the whole mapping.
        """
        faults = [*clashes(self._maps), *mixed_groups(self._maps), *constant_clashes(self._maps, self._constants)]
        if faults:
            raise ConfigurationError("mapping", faults)
        marker = next((row.pms[0] for row in self._maps if row.enabled and row.marker), None)
        maps = tuple(row for row in self._maps if row.merged)
        if omits_empty:
            maps = tuple(evolve(row, absent="empty") for row in maps)
        return Lens(maps=maps, marker=marker, constants=tuple(self._constants))
