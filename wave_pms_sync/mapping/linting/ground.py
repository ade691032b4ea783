"""What the rules of the lint look at: a mapping, what is known of its use, and what becomes of usual values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.constant import Constant
from wave_pms_sync.mapping.conversion import body_of, cell_of
from wave_pms_sync.mapping.data_types import DataType
from wave_pms_sync.mapping.document.rules import USUAL, Preferences
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.paths import get
from wave_pms_sync.mapping.samples import SAMPLES, sample
from wave_pms_sync.model.fields import MISSING, Direction
from wave_pms_sync.model.side import Side


@frozen(kw_only=True)
class Trial:
    """One usual value, written by the engine's own steps and read again.

    Attributes:
        ours: The value, in our shape.
        refusal: Why it cannot be written; empty if it can.
        wires: What the PMS is given, for each path; None for nothing.
        unread: Why what was written cannot be read; empty if it can.
        back: What is read, in our shape.
        same: Whether that compares as the value it was.
    """

    ours: object
    refusal: str = ""
    wires: tuple[object, ...] = ()
    unread: str = ""
    back: object = None
    same: bool = False


@frozen(kw_only=True)
class Ground:
    """What the rules look at.

    Attributes:
        maps: All field maps in order, those that are off included.
        constants: What a side is told beside them.
        types: The data types by name.
        policy: How the mapping will be used.
        profile: How the API speaks about customers, if that is known: a `PmsProfile`.
        open_points: What was left to be settled when the mapping was read from a document.
        merged: The maps that are compared and carried.
        marker: The map of the Wave id, if it is in use.
        trials: What becomes of usual values in each map that goes to the PMS. What the PMS itself shows nobody knows.
    """

    maps: tuple[FieldMap, ...]
    constants: tuple[Constant, ...] = ()
    types: Mapping[str, DataType] = field(factory=dict)
    policy: Preferences = USUAL
    profile: object = None
    open_points: tuple[str, ...] = ()
    merged: tuple[FieldMap, ...] = field(init=False)
    marker: FieldMap | None = field(init=False)
    trials: tuple[tuple[FieldMap, tuple[Trial, ...]], ...] = field(init=False, repr=False)

    @merged.default
    def _merged(self) -> tuple[FieldMap, ...]:
        return tuple(row for row in self.maps if row.merged)

    @marker.default
    def _marker(self) -> FieldMap | None:
        return next((row for row in self.maps if row.enabled and row.marker), None)

    @trials.default
    def _trials(self) -> tuple[tuple[FieldMap, tuple[Trial, ...]], ...]:
        rows = [row for row in self.merged if goes_to(row, Side.PMS)]
        return tuple((row, tuple(tried(row, sample(row.wave, at)) for at in range(SAMPLES))) for row in rows)

    def carriers(self, path: str) -> Iterator[FieldMap]:
        """The maps that carry a Wave property."""
        return (row for row in self.merged if path in row.wave and not row.converter.derived)

    def carried(self, *paths: str) -> bool:
        """Whether one of these Wave properties is carried, or told by a constant."""
        told = any(one.side is Side.WAVE and one.path in paths for one in self.constants)
        return told or any(True for path in paths for _ in self.carriers(path))

    def profiled(self, section: str, name: str) -> object:
        """What the profile says; None if there is none, or if it has no such setting."""
        return getattr(getattr(self.profile, section, None), name, None)


def goes_to(row: FieldMap, side: Side) -> bool:
    """Whether values of a map are written to that side."""
    one_way = Direction.TO_PMS if side is Side.PMS else Direction.TO_WAVE
    return row.merged and row.direction in (Direction.BOTH, one_way)


def tried(row: FieldMap, ours: object) -> Trial:
    """Carry a value to the PMS and back, whatever its length."""
    shown, body = cell_of(Side.WAVE, row, ours), dict[str, object]()
    try:
        body_of(body, Side.PMS, evolve(row, max_length=None, empty="null"), ours, None)
    except ConversionError as fault:
        return Trial(ours=ours, refusal=fault.reason)
    if shown.fault is not None:
        return Trial(ours=ours, refusal=shown.fault)
    found = [get(body, path) for path in row.pms]
    wires = tuple(None if wire is MISSING else wire for wire in found)  # a list gets no item for nothing
    back = cell_of(Side.PMS, row, wires if len(wires) > 1 else wires[0])
    same = back.fault is None and back.same(shown)
    return Trial(ours=ours, wires=wires, unread=back.fault or "", back=back.value, same=same)
