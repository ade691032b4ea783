"""What is tried with which row, and with which values. Pure.

Values are artificial, in Wave's read shape. Those of one number belong together, as a province and its country do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.mapping.samples import SAMPLES, sample
from wave_pms_sync.mapping.wave_properties import WAVE_PROPERTIES
from wave_pms_sync.model.fields import Direction, Field
from wave_pms_sync.model.side import Side
from wave_pms_sync.rehearsal.result import Step

EDITED: Final[Mapping[Step, Mapping[Side, int | None]]] = {
    Step.CREATED: {Side.WAVE: 0},
    Step.WAVE_CLEAR: {Side.WAVE: None},
    Step.WAVE_EDIT: {Side.WAVE: 1},
    Step.PMS_EDIT: {Side.PMS: 2},
    Step.CONFLICT: {Side.PMS: 0, Side.WAVE: 1},
    Step.PMS_CLEAR: {Side.PMS: None},
}
"""By step: the sides on which values are changed, and to which number; None clears.

No step takes the PMS back to the value before last: one without stamps might be showing an old row.
"""

_ORIGIN: Final = {Direction.TO_PMS: Side.WAVE, Direction.TO_WAVE: Side.PMS}
_CLEARED: Final = {Step.WAVE_CLEAR: Side.WAVE, Step.PMS_CLEAR: Side.PMS}
_WORD: Final = "rehears"
_FEWEST: Final = 2


def names(name: object) -> tuple[str, ...]:
    """What the test customer is called in turn.

    Raises:
        ConfigurationError: If the name does not say that it is a rehearsal: whoever bears it may be deleted.
    """
    if not isinstance(name, str) or _WORD not in name.lower():
        problem = "name: does not say that it is a rehearsal, and whoever bears it may be deleted"
        raise ConfigurationError("rehearse", [f"{problem} (allowed: text that holds 'rehearsal')"])
    first = " ".join(name.split())
    return (first, *(f"{first} {number}" for number in range(2, SAMPLES + 1)))


@frozen(kw_only=True)
class Script:
    """The values for each row, and what does not apply to it.

    Attributes:
        lens: The mapping.
        names: What the test customer is called in turn.
        given: The user's own values, by Wave property; several properties of one row joined by `+`.
    """

    lens: Lens
    names: tuple[str, ...]
    given: Mapping[str, Sequence[object]] = field(factory=dict)
    _values: Mapping[str, tuple[object, ...]] = field(init=False, eq=False, repr=False)

    @_values.default
    def _usable(self) -> Mapping[str, tuple[object, ...]]:
        """The values of each field by its id; none if a side or a converter takes none of them."""
        found: dict[str, tuple[object, ...]] = {}
        for group in self.lens.groups.values():
            rows = [row for row in self.lens.maps if row.id in group and row.name not in self.given]
            fits = [n for n in range(SAMPLES) if all(self._fits(row, self._sample(row, n)) for row in rows)]
            for row in rows:
                mine = fits or [n for n in range(SAMPLES) if self._fits(row, self._sample(row, n))]
                found[row.id] = tuple(self._sample(row, n) for n in mine)
        return found | {row.id: tuple(self.given[row.name]) for row in self.lens.maps if row.name in self.given}

    def __attrs_post_init__(self) -> None:
        rows = {row.name: row for row in self.lens.maps}
        faults = [fault for name, values in self.given.items() for fault in self._given_faults(rows, name, values)]
        if not faults:
            lacking = [(row, self.lacks(row)) for row in self.lens.maps if row.required]
            faults = [f"{row.name}: {why}; it is required" for row, why in lacking if why]
        if faults:
            raise ConfigurationError("rehearse", faults)

    def _given_faults(self, rows: Mapping[str, FieldMap], name: str, values: object) -> list[str]:
        row = rows.get(name)
        if row is None or "name" in row.wave:
            allowed = ", ".join(name for name, row in rows.items() if "name" not in row.wave)
            return [f"values: {name!r} is no row that takes some (allowed: {allowed})"]
        if not isinstance(values, (tuple, list)) or len(values) < _FEWEST:
            return [f"values[{name!r}]: must be several values (allowed: a tuple of two or three)"]
        why = [reason for value in values for side in Side if (reason := self.lens.check(side, row.id, value))]
        return [f"values[{name!r}]: {reason}" for reason in dict.fromkeys(why)]

    def value(self, field_id: str, number: int) -> object:
        """The value of this number of a field that has any."""
        values = self._values[field_id]
        return values[number % len(values)]

    def key(self, field_id: str, value: object) -> object:
        """What decides whether a side shows this value."""
        return self.lens.cell(Side.WAVE, field_id, value).key

    def returns(self, row: FieldMap, value: object) -> bool:
        """Whether the converter reads back what it writes for the PMS, as far as can be said without the PMS."""
        if value is None or row.converter.derived or self.lens.check(Side.PMS, row.id, value) is not None:
            return True
        written = self.lens.body(Side.PMS, {row.id: value})
        cell = self.lens.cells(Side.PMS, self.lens.raws(Side.PMS, written))[row.id]
        return cell.missing or (cell.fault is None and cell.key == self.key(row.id, value))

    def rules(self, field_id: str) -> tuple[Field, ...]:
        """The rules of all fields that travel together with this one."""
        group = self.lens.fields[field_id].group
        return tuple(self.lens.fields[other] for other in self.lens.groups[group])

    def origin(self, field_id: str) -> Side | None:
        """The side from which a one-way field travels; None for one that travels both ways."""
        one_way = [rule.direction for rule in self.rules(field_id) if rule.direction is not Direction.BOTH]
        return _ORIGIN.get(one_way[0]) if one_way else None

    def reverts(self, field_id: str) -> bool:
        """Whether an edit on the receiving side of a one-way field is taken back."""
        return self.rules(field_id)[0].on_foreign_edit == "revert"

    def lacks(self, row: FieldMap) -> str:
        """Why a row cannot be tried at all; empty if it can."""
        if self._values[row.id] or computed(row):
            return ""
        why = next((w for side in Side if (w := self.lens.check(side, row.id, self._sample(row, 0)))), "")
        how = (
            "give a shorter or other name=" if "name" in row.wave else f"give some, values={{{row.name!r}: (..., ...)}}"
        )
        return f"no sample value ({why}): {how}"

    def dash(self, row: FieldMap, step: Step) -> str:
        """Why a step does not apply to a row; empty if it does."""
        origin = self.origin(row.id)
        if step is Step.CREATED:
            return "one way, from the PMS" if origin is Side.PMS else ""
        if computed(row):
            return "Wave computes it" if not row.converter.derived else "derived from other properties"
        side = _CLEARED.get(step)
        if side is None:
            return ""
        if origin not in (None, side):
            return "one way"
        if any(rule.required for rule in self.rules(row.id)):
            return "required, never cleared"
        left_out = row.empty == "omit" and not any("[" in path for path in row.pms)
        return "an empty value is left out (empty='omit')" if left_out else ""

    def edits(
        self, step: Step, side: Side, rows: Sequence[FieldMap], avoided: Mapping[str, Sequence[object]]
    ) -> dict[str, object]:
        """What a step changes on a side: values by field id; None clears.

        Args:
            step: The step.
            side: Where.
            rows: Those that are tried.
            avoided: What decides on values that are not to be taken, by field id, the most important first.
        """
        number = EDITED[step][side]
        if number is None:
            return dict.fromkeys((row.id for row in rows), None)
        return {row.id: self._other(row, self._turned(row, step, number), avoided[row.id]) for row in rows}

    def _turned(self, row: FieldMap, step: Step, number: int) -> list[object]:
        """The values of a field from this number on; where three are needed and there are two, none is the third."""
        values = self._values[row.id]
        turned = [values[(number + n) % len(values)] for n in range(len(values))]
        return [*turned, None] if step is Step.CONFLICT and not self.dash(row, Step.WAVE_CLEAR) else turned

    def _other(self, row: FieldMap, turned: Sequence[object], avoided: Sequence[object]) -> object:
        """The first value or, of a field that travels alone, the first that is not to be avoided."""
        for end in range(len(avoided) if len(self.rules(row.id)) == 1 else 0, 0, -1):
            free = [value for value in turned if self.key(row.id, value) not in avoided[:end]]
            if free:
                return free[0]
        return turned[0]

    def _sample(self, row: FieldMap, number: int) -> object:
        parts = tuple(self.names[number] if path == "name" else sample((path,), number) for path in row.wave)
        return parts[0] if len(parts) == 1 else parts

    def _fits(self, row: FieldMap, value: object) -> bool:
        return computed(row) or not any(self.lens.check(side, row.id, value) for side in Side)


def computed(row: FieldMap) -> bool:
    """Whether nobody can edit it in Wave."""
    return row.converter.derived or not all(WAVE_PROPERTIES[path].writable for path in row.wave)
