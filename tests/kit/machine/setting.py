"""How everything is on a stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import define, evolve, field, frozen

from wave_pms_sync import MappingRegistry, Policy
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import Fault

LABELS = {Side.WAVE: "tollFree", Side.PMS: "fax"}
"""Where a record that others made bears a number of its own. Nobody edits it, and no rule replaces it."""


@frozen(kw_only=True)
class Setting:
    """How both servers, our own clock and our memory are on this stage.

    Attributes:
        marks: What the PMS does to marks of origin: it drops them, refuses them, or (None) keeps them.
    """

    policy: Policy
    page_size: int = 100
    marked: bool = True
    marks: Fault | None = None
    on_file: bool = False
    ahead_s: float = 0.0
    wave_options: Mapping[str, object] = field(factory=dict)
    pms_options: Mapping[str, object] = field(factory=dict)


@define
class OwnClock:
    """A clock of one's own: that of the town, so many seconds ahead."""

    town: object
    ahead_s: float = 0.0

    def now(self) -> datetime:
        """The present moment."""
        return self.town.clock.now() + timedelta(seconds=self.ahead_s)


def with_fixed_numbers(policy: Policy) -> Policy:
    """The same policy, under which no rule replaces the number that a record bears."""
    held = dict.fromkeys(LABELS.values(), "hold")

    def ruled(choice: object) -> dict[str, object]:
        return {"*": choice, **held} if isinstance(choice, str) else {**choice, **held}

    return evolve(policy, conflicts=ruled(policy.conflicts), first_meeting=ruled(policy.first_meeting))


def mapping_of(*, marked: bool) -> MappingRegistry:
    """The default mapping, with or without a mark of origin."""
    registry = MappingRegistry.default()
    if not marked:
        registry.unmap("id")
    return registry
