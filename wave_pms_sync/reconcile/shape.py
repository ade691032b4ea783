"""What the thinking rooms ask of the mapping; its compiled form fulfils this without either knowing the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from wave_pms_sync.model.fields import Cell, Field
from wave_pms_sync.model.side import Side


class Shape(Protocol):
    """A customer's mapped fields and how to look at them. Every method is pure."""

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields that take part, by id, in the order of raw tuples."""
        ...

    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the fields that travel together, by group."""
        ...

    @property
    def fingerprints(self) -> Mapping[str, str]:
        """What makes each field what it is, by field id."""
        ...

    @property
    def fingerprint(self) -> str:
        """What makes the whole mapping what it is."""
        ...

    @property
    def marker(self) -> str | None:
        """The PMS property that carries the Wave id, or None."""
        ...

    def raws(self, side: Side, payload: Mapping[str, object]) -> tuple[object, ...]:
        """The raw value of each field in order, and last the marker's."""
        ...

    def digest(self, raws: Sequence[object]) -> str:
        """Recognises the same raw values."""
        ...

    def cells(self, side: Side, raws: Sequence[object]) -> Mapping[str, Cell]:
        """The customer in our shape."""
        ...

    def cell(self, side: Side, field_id: str, raw: object) -> Cell:
        """One field in our shape."""
        ...

    def group_fault(self, group: str, cells: Mapping[str, Cell]) -> str | None:
        """Why the values of a group do not fit each other, or None."""
        ...

    def check(self, side: Side, field_id: str, value: object, present: object = None) -> str | None:
        """Why this value (our shape) could not be written to that side, over its present raw value, or None."""
        ...

    def keys(self, side: Side, record_id: str, raws: Sequence[object], names: Sequence[str]) -> Mapping[str, str]:
        """The strong keys that this record has, canonical, by name."""
        ...

    def unread_keys(self, side: Side, raws: Sequence[object], names: Sequence[str]) -> tuple[str, ...]:
        """Which of these keys have a part with a value that cannot be read."""
        ...

    def creation(self, side: Side, values: Mapping[str, object]) -> Mapping[str, object]:
        """A new record with these values (our shape, by field id) in that side's read names, and all it needs."""
        ...

    def update(self, side: Side, values: Mapping[str, object], onto: Mapping[str, object]) -> Mapping[str, object]:
        """A patch with these values, given what the side shows now."""
        ...
