"""What the PMS sandbox stores of what it is sent, and what it declines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.nesting import leaves, merged, value_at
from wave_pms_sync.testing.pms_problems import Problem
from wave_pms_sync.testing.pms_shapes import PROPERTIES, type_faults
from wave_pms_sync.testing.pms_traps import PmsTraps
from wave_pms_sync.testing.switchboard import Strikes
from wave_pms_sync.testing.writing import stored

__all__ = ["Writes"]


@frozen(kw_only=True)
class Writes:
    """Turns values that were sent into values to be stored.

    Attributes:
        profile: The conventions.
        traps: What is odd here.
        require_name: Decline a customer without a name.
    """

    profile: PmsProfile
    traps: PmsTraps
    require_name: bool

    def checked(
        self, old: Mapping[str, object] | None, sent: Mapping[str, object], strikes: Strikes
    ) -> dict[str, object]:
        """The values to store.

        Args:
            old: The values before; None for a new record.
            sent: The properties that were sent, without what is the server's.
            strikes: What goes wrong.

        Raises:
            Problem: They cannot be stored; each property concerned is named (422).
        """
        known = self.traps.unknown_properties
        if known == "dropped":
            sent = {name: value for name, value in sent.items() if self._knows(name)}
        paths = [path for path, _ in leaves(sent)]
        values = stored(old or {}, self._laid(old, sent), paths, strikes)
        faults = type_faults(sent)
        if self.require_name and not str(values.get("name") or "").strip():
            faults.append(_fault("name", "required", "must not be empty"))
        faults += (_fault(p, "required", "is required") for p in self.traps.required if value_at(values, p) is None)
        faults += (_fault(p, "read_only", "is read only") for p in self.profile.record.read_only if _names(paths, p))
        if known == "refused":
            faults += (_fault(name, "unknown", "is not known") for name in sent if not self._knows(name))
        if faults:
            raise Problem(422, "The customer is not valid.", faults)
        return values

    def _knows(self, name: str) -> bool:
        return name in PROPERTIES or name in {path.partition(".")[0] for path in self.traps.required}

    def _laid(self, old: Mapping[str, object] | None, sent: Mapping[str, object]) -> dict[str, object]:
        """What an update makes of the values before, by what it replaces."""
        replaces = self.profile.update.replaces
        if old is None or replaces == "values":
            return merged(old or {}, sent)
        whole = merged({}, sent)
        if replaces == "record":
            kept = dict[str, object](_kept(old, self.profile.record.read_only))
            return merged(kept, whole)
        return {name: value for name, value in {**old, **whole}.items() if sent.get(name, "") is not None}


def _kept(old: Mapping[str, object], places: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    """Properties that nobody may write survive the replacement of a record."""
    for place in places:
        name = place.partition(".")[0]
        if name in old:
            yield name, old[name]


def _names(paths: list[str], place: str) -> bool:
    return any(path == place or path.startswith(f"{place}.") for path in paths)


def _fault(path: str, code: str, said: str) -> dict[str, object]:
    return {"field": path, "code": code, "detail": f"{path} {said}"}
