"""One row of the mapping."""

from __future__ import annotations

from attrs import frozen

from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.model.fields import Direction, Field
from wave_pms_sync.model.side import Side

FACETS = ("customer", "person", "organisation")
FOREIGN_EDITS = ("accept", "revert")
BACKFILLS = ("fill_empty", "wave", "pms", "hold")
EMPTIES = ("null", "blank", "omit")
ABSENTS = ("unknown", "empty")


@frozen(kw_only=True)
class FieldMap:
    """Which Wave property is which property of the PMS, and by which rules.

    Attributes:
        facet: The dataflow it belongs to, a label: `customer`, `person` or `organisation`.
        wave: Dotted path of the Wave property; several if one value of the PMS is made of them.
        pms: Dotted path of the property of the PMS; several if one value of Wave is spread over them.
        type: The PMS's data type: `string`, `integer`, `float`, `boolean`, or another that the registry knows.
        converter: The pair that carries the values.
        group: Fields of one group travel together.
        direction: Where edits travel.
        required: Never cleared by us, and needed to create a record.
        on_foreign_edit: For a one-way field, what an edit on the receiving side means: `accept` or `revert`.
        backfill: When the field is new to an existing link: `fill_empty`, `wave`, `pms` or `hold`.
        max_length: The longest text that is carried, in characters; a longer one holds its group. None: no limit.
        empty: How the PMS is told that there is no value: `null`, `blank` (an empty text) or `omit` (left out).
        absent: What it means that the PMS does not show the property: `unknown` or `empty`.
        default: What the PMS is given at creation where Wave has no value; None: nothing.
        also: Stands beside another map of the same Wave property, towards the PMS only.
        enabled: Whether it is in use; a row that is off is kept for `MappingRegistry.enable`.
    """

    facet: str
    wave: tuple[str, ...]
    pms: tuple[str, ...]
    type: str
    converter: Converter
    group: str
    direction: Direction = Direction.BOTH
    required: bool = False
    on_foreign_edit: str = "accept"
    backfill: str = "fill_empty"
    max_length: int | None = None
    empty: str = "null"
    absent: str = "unknown"
    default: object = None
    also: bool = False
    enabled: bool = True

    @property
    def name(self) -> str:
        """The Wave property, several joined by `+`."""
        return "+".join(self.wave)

    @property
    def id(self) -> str:
        """Stable identity: both paths."""
        return f"{self.name}={'+'.join(self.pms)}"

    @property
    def marker(self) -> bool:
        """Whether it carries the Wave id, the proof of origin, which only the engine writes."""
        return self.wave == ("id",)

    @property
    def beside(self) -> bool:
        """Whether other maps may carry the same Wave properties."""
        return self.also or self.converter.derived

    @property
    def merged(self) -> bool:
        """Whether the engine compares and carries it."""
        return self.enabled and not self.marker and self.direction is not Direction.READ_ONLY

    def paths(self, side: Side) -> tuple[str, ...]:
        """Its paths on that side."""
        return self.wave if side is Side.WAVE else self.pms

    def field(self) -> Field:
        """Its rules, as the engine knows them."""
        return Field(
            id=self.id,
            name=self.name,
            group=self.group,
            direction=self.direction,
            required=self.required,
            on_foreign_edit=self.on_foreign_edit,
            backfill=self.backfill,
            defaulted=self.default is not None,
        )
