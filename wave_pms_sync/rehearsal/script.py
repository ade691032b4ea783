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
from wave_pms_sync.model.fields import Cell, Direction, Field
from wave_pms_sync.model.side import Side
from wave_pms_sync.rehearsal.result import Step

EDITED: Final[Mapping[Step, Mapping[Side, int | None]]] = {
    Step.CREATED: {Side.WAVE: 0},
    Step.WAVE_EDIT: {Side.WAVE: 1},
    Step.PMS_EDIT: {Side.PMS: 2},
    Step.WAVE_CLEAR: {Side.WAVE: None},
    # Not 1 in the PMS: a PMS without stamps that shows its value before last may be showing an old row.
    Step.CONFLICT: {Side.WAVE: 1, Side.PMS: 0},
    Step.PMS_CLEAR: {Side.PMS: None},
}
"""By step: the sides on which values are changed, and to which number; None clears."""

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
        faults = []
        for name, values in self.given.items():
            if name not in rows:
                faults.append(f"values: {name!r} is no row that is carried (allowed: {', '.join(rows)})")
            elif not isinstance(values, (tuple, list)) or len(values) < _FEWEST:
                faults.append(f"values[{name!r}]: must be several values (allowed: a tuple of two or three)")
            else:
                why = [w for v in values for s in Side if (w := self.lens.check(s, rows[name].id, v))]
                faults += [f"values[{name!r}]: {reason}" for reason in dict.fromkeys(why)]
        if faults:
            raise ConfigurationError("rehearse", faults)

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
        return f"no sample value ({why}): give some, values={{{row.name!r}: (..., ...)}}"

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
        self, step: Step, side: Side, rows: Sequence[FieldMap], shown: Mapping[str, Cell], taken: Mapping[str, object]
    ) -> dict[str, object]:
        """What a step changes on a side: values by field id; None clears.

        Args:
            step: The step.
            side: Where.
            rows: Those that are tried.
            shown: What the side shows now; another value is looked for.
            taken: What the other side was given in this step, by field id; so is another than this.
        """
        number = EDITED[step][side]
        found: dict[str, object] = {}
        for row in rows:
            keys = [shown[row.id].key] if step is not Step.CREATED else []
            keys += [self.key(row.id, taken[row.id])] if row.id in taken else []
            found[row.id] = None if number is None else self._other(row, number, keys)
        return found

    def _other(self, row: FieldMap, number: int, keys: Sequence[object]) -> object:
        """The value of this number or, of a field that travels alone, the next one that differs."""
        values = self._values[row.id]
        turned = [values[(number + n) % len(values)] for n in range(len(values))]
        single = len(self.rules(row.id)) == 1
        return next((v for v in turned if self.key(row.id, v) not in keys), turned[0]) if single else turned[0]

    def _sample(self, row: FieldMap, number: int) -> object:
        parts = tuple(self.names[number] if path == "name" else sample((path,), number) for path in row.wave)
        return parts[0] if len(parts) == 1 else parts

    def _fits(self, row: FieldMap, value: object) -> bool:
        return computed(row) or not any(self.lens.check(side, row.id, value) for side in Side)


def computed(row: FieldMap) -> bool:
    """Whether nobody can edit it in Wave."""
    return row.converter.derived or not all(WAVE_PROPERTIES[path].writable for path in row.wave)
