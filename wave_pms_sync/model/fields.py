"""What the engine knows of a mapped field: its rules, and how one side shows it.

The engine never converts a value. The mapping room reads records into cells and writes cells back;
the thinking rooms compare cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from attrs import field, frozen


class Missing(Enum):
    """The value of a property that an answer did not contain; neither changed nor cleared."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


@frozen(kw_only=True)
class Forgotten:
    """Stands where a raw value was that is forgotten on request: it is recognised, and nothing more.

    Attributes:
        salt: Of one customer; makes the same value of two customers differ.
        digest: Of the value's comparison form.
    """

    salt: str
    digest: str


class Direction(str, Enum):
    """Where edits of a field travel."""

    BOTH = "both"
    TO_PMS = "to_pms"
    TO_WAVE = "to_wave"
    READ_ONLY = "read_only"

    def __str__(self) -> str:
        return self.value


@frozen(kw_only=True)
class Field:
    """The rules of one mapped field, without its converter.

    Attributes:
        id: Stable identity: both paths. A changed path is another field.
        name: The Wave property (`address.city`), several joined by `+`.
        group: Fields of one group travel together; a field without a group is its own.
        direction: Where edits travel.
        required: Never cleared by us, and needed to create a record.
        on_foreign_edit: For a one-way field, what an edit on the receiving side means: `accept` or `revert`.
        backfill: When the field is new to an existing link: `fill_empty`, `wave`, `pms` or `hold`.
        defaulted: The PMS is given a value at creation where Wave has none.
    """

    id: str
    name: str
    group: str
    direction: Direction = Direction.BOTH
    required: bool = False
    on_foreign_edit: str = "accept"
    backfill: str = "fill_empty"
    defaulted: bool = False


@frozen(kw_only=True)
class Cell:
    """One field as one side shows it.

    Attributes:
        raw: As on the wire: a JSON value, a tuple of them where the field has several paths, or MISSING.
        value: In our shape; None is empty.
        key: What decides whether two values correspond; None is empty. Plain JSON values, comparable with `==`.
        fault: Why the value cannot be converted, without quoting it; None if it can.
    """

    raw: object = field(repr=False)
    value: object = field(default=None, repr=False)
    key: object = field(default=None, repr=False)
    fault: str | None = None

    @property
    def missing(self) -> bool:
        """The side did not show the field at all."""
        return self.raw is MISSING

    @property
    def empty(self) -> bool:
        """There is no value: cleared, never set, or not shown."""
        return self.fault is None and self.key is None

    @property
    def told(self) -> object:
        """What a person is shown: the value in our shape, or as it stands where it cannot be converted."""
        return self.value if self.fault is None else self.raw

    def same(self, other: Cell) -> bool:
        """Whether two cells correspond. A cell that cannot be converted corresponds to the same raw value only."""
        if self.fault is not None or other.fault is not None:
            return self.raw == other.raw
        return self.key == other.key


Cells = Mapping[str, Cell]
"""A customer in our shape: cells by field id."""
