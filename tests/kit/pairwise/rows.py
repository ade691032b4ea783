"""The spread: choices that hold every pair, each as a profile and the sandbox that plays it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from attrs import frozen

from pairwise.axes import AXES, BASE, Choice, Part
from pairwise.covering import covering
from pairwise.limits import fits
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.pms_traps import PmsTraps

VALUES: Mapping[str, tuple[str, ...]] = {axis: tuple(values) for axis, values in AXES.items()}
"""The values of each axis, by their words."""


@frozen(kw_only=True)
class Played:
    """One choice of the spread.

    Attributes:
        choice: The value on each axis.
        profile: What it says.
        traps: What the sandbox does beside.
        sandbox: Settings of the sandbox.
    """

    choice: Choice
    profile: PmsProfile
    traps: PmsTraps
    sandbox: Part

    @property
    def guards_writes(self) -> bool:
        """Whether a write to an older version is declined."""
        return self.choice["version sent in"] != "nothing"


@cache
def spread() -> tuple[dict[str, str], ...]:
    """Choices that together hold every pair of values."""
    return tuple(covering(VALUES, fits))


def settings_of(choice: Choice) -> dict[str, Part]:
    """What a choice says in all.

    Raises:
        ValueError: Two axes say different things of the same setting.
    """
    said: dict[str, Part] = {"profile": BASE, "traps": {}, "sandbox": {}}
    for axis, value in choice.items():
        part = AXES[axis][value]
        told = part(choice) if callable(part) else part
        said = {name: _joined(said[name], told[name], f"{axis}: {name}", over=BASE) for name in said}
    return said


def played(choice: Choice) -> Played:
    """A choice as a profile and the sandbox that plays it."""
    said = settings_of(choice)
    profile = PmsProfile.from_dict(said["profile"])
    return Played(choice=choice, profile=profile, traps=PmsTraps(**said["traps"]), sandbox=said["sandbox"])


def _joined(old: Part, new: Part, where: str, *, over: object) -> dict[str, object]:
    """Two parts as one: tables are joined, and lists; what the base says may be replaced."""
    result = dict(old)
    for name, value in new.items():
        before, place = result.get(name), f"{where}.{name}"
        base = over.get(name) if isinstance(over, Mapping) else None
        if isinstance(value, Mapping):
            result[name] = _joined(before if isinstance(before, Mapping) else {}, value, place, over=base)
        elif isinstance(value, list) and isinstance(before, list):
            result[name] = [*before, *value]
        elif name in result and before not in (value, base):
            raise ValueError(f"{place}: {before!r} or {value!r}")
        else:
            result[name] = value
    return result
