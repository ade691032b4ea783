"""What goes wrong on a stage beside programs that die: bad weather, lying listings, clocks that jump."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import requests

from machine.opening import Opened
from machine.setting import Setting
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Lease
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.strategies import Edit
from wave_pms_sync.testing.weather import Weather

LIES = (Fault.EMPTY_LIST, Fault.LIST_CAPPED, Fault.HIDDEN_ROW, Fault.CHANGED_ROW)
"""Listings that say what is not so, as if all were well; reading a record alone shows the truth."""

FALSE_PHONE = "+1 305 555 0177"
LATEST_S = 100.0
"""A write that comes late comes within so many seconds, however few the requests are: the settle time is longer."""


class Disordered(Opened):
    """A stage with its weather, its lies and its clocks; everything but the clocks is well again after one run."""

    def __init__(self, open_town: Callable[..., object], folder: object, setting: Setting) -> None:
        super().__init__(open_town, folder, setting)
        self.weather: list[Weather] = []
        self.late = False
        self.late_s = 0.0
        self.lie: tuple[Side, Fault] | None = None
        self.doubted: set[Side] = set()
        self.latest: datetime = self.clock.now()
        self.unseen = False
        self._refuse_marks()

    def brew(self, weather: Weather) -> None:
        """Something will go wrong."""
        if weather.details.get("field") == "name" and weather.kind is Fault.IGNORED_FIELD and self.first:
            return
        if weather.kind is Fault.READ_LAG and self.unseen:
            return  # by a clock that went back it would lag for hours
        self.weather.append(weather)
        weather.strike(self.town.box(weather.side))
        if weather.kind is Fault.READ_LAG:
            self.witness.hide(weather.side, weather.details["seconds"])
        if weather.kind is Fault.LATE_COMMIT:
            self.late, self.late_s = True, 0.0
        self.witness.rendered |= weather.kind is Fault.NORMALISED

    def tell_a_lie(self, side: Side, kind: Fault, place: int) -> None:
        """The listings of a side lie to the next run; not again before a run has seen the truth."""
        there = list(self.town.box(side).customers)
        if not there or self.lie is not None or side in self.doubted:
            return
        details = {
            Fault.EMPTY_LIST: {},
            Fault.LIST_CAPPED: {"rows": place},
            Fault.HIDDEN_ROW: {"record": there[place % len(there)]},
            Fault.CHANGED_ROW: {"record": there[place % len(there)], "values": {"phone": FALSE_PHONE}},
        }[kind]
        self.lie = side, kind
        self.town.box(side).faults.add(kind, times=None, **details)

    def believe(self) -> None:
        """Whoever is lied to may make a second one of somebody without a link, and carry what was never there."""
        if self.lie is None:
            return
        self.unseen = True
        self.doubted.add(self.lie[0])
        self.witness.given.append(FALSE_PHONE)
        linked = {(s, link.id_on(s)) for link in self.town.links.scan(Link) for s in Side}
        self.witness.blur(*(ref for ref in self.witness.born if ref not in linked))

    def clear_up(self) -> None:
        """All is well again."""
        self.weather.clear()
        self.lie = None
        self.witness.hidden.clear()
        for side in Side:
            self.town.box(side).faults.clear()
        self._refuse_marks()

    def jump(self, whose: Side | None, seconds: float) -> None:
        """A clock is set to another time: that of a server, or our own, by which an old lease may stand again."""
        self.latest = max(self.latest, self.clock.now())
        if whose is None:
            self._grow_late(seconds)
            self.clock.ahead_s += seconds
            for lease in self.town.links.scan(Lease):
                if lease.expires_at > self.clock.now() and not self.leased:
                    self.dead, self.left_lease, self.died_at = True, True, lease.renewed_at
            return
        self.wait(LATEST_S)
        self.let_arrive()
        self.clocks[whose].ahead_s += seconds
        self.unseen = self.unseen or seconds < 0

    def edit(self, *edits: Edit) -> None:
        """Others do something, in their time."""
        self._grow_late(sum(one.wait_s for one in edits))
        super().edit(*edits)

    def advance(self, seconds: float) -> None:
        """All clocks go on."""
        self._grow_late(seconds)
        super().advance(seconds)

    def _grow_late(self, seconds: float) -> None:
        self.late_s += max(0.0, seconds)
        if self.late_s > LATEST_S:
            self.let_arrive()

    def let_arrive(self) -> None:
        """A write that waits for two more requests is carried out before the one after these."""
        for side in Side if self.late else ():
            for _ in range(3):
                requests.get(self.town.box(side).url, timeout=10)
        self.late = False

    def _refuse_marks(self) -> None:
        """Some systems drop the mark of origin, or refuse it."""
        if self.setting.marks is not None:
            self.town.box(Side.PMS).faults.add(self.setting.marks, field="external_id", times=None)
