"""How the PMS sandbox shows a customer in the shape of a profile, and reads what it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from wave_pms_sync.moments.form import TimeForm
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.stamps import filter_form
from wave_pms_sync.testing.customers import Version
from wave_pms_sync.testing.nesting import copied, leaves, value_at, with_value
from wave_pms_sync.testing.pms_problems import Problem
from wave_pms_sync.testing.pms_shapes import moment_text, properties
from wave_pms_sync.testing.pms_templates import placed
from wave_pms_sync.testing.pms_traps import PmsTraps

__all__ = ["Rows"]

_GRAINS = {0: "s", 3: "ms", 6: "us"}


class Rows:
    """Records and rows in the shape of a profile.

    Args:
        profile: The conventions.
        digits: Of a second in stamps: 0, 3 or 6.
        traps: What is odd here.
    """

    def __init__(self, profile: PmsProfile, digits: int, traps: PmsTraps) -> None:
        self._profile = profile
        self._shape = profile.record
        self._digits = digits
        self._traps = traps

    # --- shown ---------------------------------------------------------------------------------------

    def record(self, version: Version) -> dict[str, object]:
        """A record alone."""
        shape = self._shape
        held = properties(version.values)
        omits = self._traps.omit_empty or shape.absent == "empty"
        held = _without_empty(held) if omits else held
        if shape.none:
            held = {name: _with_word(value, shape.none[0], shape.none_except, name) for name, value in held.items()}
        shown = _table(placed({}, shape.fields, held))
        for place, wanted in shape.only.items():
            shown = self._put(shown, place, wanted[0] if isinstance(wanted, tuple) else wanted)
        if self._traps.misleading_id:
            shown["id"] = version.number * 7
        shown = self._put(shown, shape.id, self.id(version.id))
        shown = self._put(shown, shape.created, self.stamp(version.created_at, self._profile.times.created_form))
        shown = self._put(shown, shape.updated, self._updated(version))
        shown = self._put(shown, shape.archived, self._flag(version, shape.archived_values, said=version.archived))
        if version.removed:
            shown = self._put(shown, shape.deleted, self._flag(version, shape.deleted_values, said=True))
        return self._put(shown, shape.version, self.version(version))

    def row(self, version: Version, *, stub: bool) -> object:
        """A record within a listing, before rows are put under their ids.

        Args:
            version: The record.
            stub: A removed one is shown as its id, the stamp and the mark alone.
        """
        listing, shape = self._profile.list, self._shape
        shown = self.record(version)
        if version.removed and stub:
            shown = _table(placed({}, shape.fields, {}))
            shown = self._put(shown, shape.id, self.id(version.id))
            shown = self._put(shown, shape.updated, self._updated(version))
            shown = self._put(shown, shape.deleted, self._flag(version, shape.deleted_values, said=True))
        elif listing.partial:
            name = {"name": version.values.get("name")}
            kinds = {place: value_at(shown, place) for place in shape.only}
            shown = self._put(_table(placed({}, shape.fields, name)), shape.id, self.id(version.id))
            for place, kind in kinds.items():
                shown = self._put(shown, place, kind)
        return placed({}, listing.row, shown)

    def other(self) -> object:
        """A row about another thing than a customer; nothing where the profile knows no others."""
        shown: dict[str, object] = {}
        for place in self._shape.only:
            shown = self._put(shown, place, "(another thing)")
        return placed({}, self._profile.list.row, shown) if shown else None

    def id(self, text: str) -> object:
        """An id as bodies write it."""
        return int(text) if self._shape.id_type == "integer" and text.isdecimal() else text

    def version(self, version: Version) -> object:
        """The version of a record as rows show it."""
        if self._shape.version_type == "integer":
            return version.revision
        return f'W/"{version.revision}"' if self._shape.version.startswith("@") else f"{version.revision}-{version.id}"

    def stamp(self, moment: datetime, form: str = "") -> object:
        """A moment as the profile writes it; `form` is that of one property, if it has its own."""
        form, zone = form or self._profile.times.form, self._profile.times.zone
        if form == "rfc3339":
            return moment_text(moment, self._digits)
        grain = "s" if form == "epoch_s" else _GRAINS[self._digits]
        return TimeForm(form=form, zone=zone, precision=None if "%" in form else grain).write(moment)

    # --- read ----------------------------------------------------------------------------------------

    def own(self, sent: Mapping[str, object]) -> tuple[dict[str, object], bool | None]:
        """The properties among values that were sent, without what is the server's, and whether they archive.

        Raises:
            Problem: The archive flag is no boolean (422).
        """
        shape, archiving = self._shape, self._profile.archive.values
        values = dict(sent)
        archived = self._archived(sent)
        for place in (shape.id, shape.created, shape.updated, shape.archived, shape.deleted, shape.version):
            path = self._path(place)
            if path and _present(values, path):
                values = with_value(values, path, None)
        if archived is None and archiving and all(value_at(sent, path) == v for path, v in leaves(archiving)):
            archived = True
        return values, archived

    def since(self, value: object) -> datetime:
        """The moment that a since-filter asks for.

        Raises:
            ValueError: It is none.
        """
        times = self._profile.times
        return filter_form(times).read(value)

    def _archived(self, sent: Mapping[str, object]) -> bool | None:
        path = self._path(self._shape.archived)
        if not path or not _present(sent, path):
            return None
        value, values = value_at(sent, path), self._shape.archived_values
        if values:
            return any(json.dumps(value) == json.dumps(each) for each in values)
        if self._traps.flags_as_times:
            return value not in (None, "", *self._profile.times.none)
        if value is not None and not isinstance(value, bool):
            fault = {"field": path, "code": "invalid_type", "detail": f"{path} must be boolean or null"}
            raise Problem(422, "The customer is not valid.", [fault])
        return bool(value)

    def _path(self, place: str) -> str:
        """A place in a row as the path of a property; empty if it does not lie among them."""
        fields = self._shape.fields
        return place if not fields else place[len(fields) + 1 :] if place.startswith(f"{fields}.") else ""

    def _updated(self, version: Version) -> object:
        untouched = not self._traps.stamp_when_created and version.revision == 1
        form = self._profile.times.updated_form
        return self._never() if untouched else self.stamp(version.modified_at, form)

    def _flag(self, version: Version, values: tuple[object, ...], *, said: bool) -> object:
        if values:
            return values[0] if said else _other(values)
        if self._traps.flags_as_times:
            return self.stamp(version.modified_at) if said else self._never()
        return said

    def _never(self) -> object:
        """What stands where a time has not come."""
        return next(iter(self._profile.times.none), None)

    def _put(self, shown: dict[str, object], place: str, value: object) -> dict[str, object]:
        return _table(placed(shown, place, value)) if place else shown


def _other(values: tuple[object, ...]) -> object:
    """What says no where these values say yes."""
    first = values[0]
    if isinstance(first, bool):
        return not first
    return first + 1 if isinstance(first, int) else "active"


def _present(values: Mapping[str, object], path: str) -> bool:
    outer, _, name = path.rpartition(".")
    held = value_at(values, outer) if outer else values
    return isinstance(held, Mapping) and name in held


def _without_empty(values: Mapping[str, object]) -> dict[str, object]:
    kept = {n: _without_empty(v) if isinstance(v, Mapping) else v for n, v in values.items() if v not in (None, "")}
    return {name: value for name, value in kept.items() if value != {}}


def _with_word(held: object, word: object, but: tuple[str, ...], place: str) -> object:
    """A property with this word in place of nothing, at any depth."""
    if isinstance(held, Mapping):
        return {name: _with_word(inner, word, but, f"{place}.{name}") for name, inner in held.items()}
    return word if held in (None, "") and place not in but else held


def _table(body: object) -> dict[str, object]:
    """A copy that shares nothing with what is stored."""
    shown = copied(body)
    return shown if isinstance(shown, dict) else {}
