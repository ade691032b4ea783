"""A stage opens: both servers, others who edit there, time, and a program."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from machine.interruptions import Interruption, StepSession, StepStore
from machine.setting import LABELS, OwnClock, Setting, mapping_of, with_fixed_numbers
from machine.witness import Witness
from wave_pms_sync import MemoryLinkStore, Plan, SQLiteLinkStore, Synchronizer
from wave_pms_sync.model.memory import Intent, IntentKind
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.testing.strategies import Edit, Start


class Opened:
    """A town with a witness, its clocks and its other users."""

    def __init__(self, open_town: Callable[..., object], folder: object, setting: Setting) -> None:
        self.setting = setting
        self.folder = folder
        self.stores = 0
        self.mapping = mapping_of(marked=setting.marked)
        self.opened = open_town(
            self._empty_store(),
            policy=with_fixed_numbers(setting.policy),
            mapping=self.mapping,
            page_size=setting.page_size,
            wave_options=setting.wave_options,
            pms_options=setting.pms_options,
        )
        self.town = self.opened.__enter__()
        self.clock = OwnClock(self.town, setting.ahead_s)
        self.clocks = {side: OwnClock(self.town) for side in Side}
        for side, clock in self.clocks.items():
            self.town.box(side).clock = clock
        self.town.sync = self.fresh_sync()
        self.witness = Witness(self.town)
        self.numbers = 555_010_000
        self.dead = False
        self.leased = False
        self.left_lease = False
        self.cut = False
        self.died_at = self.clock.now()
        self.first = True
        self.met = False
        self.runs = 0
        self.plans: list[Plan] = []

    def close(self) -> None:
        """Leave."""
        self.town.links.close()
        self.opened.__exit__(None, None, None)

    def _empty_store(self) -> LinkStore:
        self.stores += 1
        if not self.setting.on_file:
            return MemoryLinkStore()
        return SQLiteLinkStore(self.folder / f"links{self.stores}.sqlite3")

    def fresh_sync(self, interruption: Interruption | None = None) -> Synchronizer:
        """A program that was just started."""
        if interruption is None:
            return self.town.another_sync(self.town.links, self.setting.page_size, clock=self.clock)
        return self.town.another_sync(
            StepStore(self.town.links, interruption),
            self.setting.page_size,
            session=StepSession(interruption),
            clock=self.clock,
        )

    # --- others

    def arrive(self, start: Start) -> None:
        """Those who are there before the first run."""
        wave = tuple({**values, "tollFree": self._number()} for values in start.wave)
        pms = tuple(({**values, "fax": self._number()}, mark) for values, mark in start.pms)
        self.town.others.arrive(evolve(start, wave=wave, pms=pms))
        self.witness.accept()

    def edit(self, *edits: Edit) -> None:
        """Others do something.

        Nobody edits in the very second in which a record came about whose making we know nothing of: what stamps cannot
        tell apart passes for what its maker left there.
        """
        self.witness.judge()
        if any(intent.kind is IntentKind.CREATE for intent in self.town.links.scan(Intent)):
            self.town.clock.advance(1)
        for one in edits:
            label = {LABELS[one.side]: self._number()} if one.what == "add" else {}
            self.town.others.do(evolve(one, values={**one.values, **label}))
        self.witness.accept()

    def _number(self) -> str:
        self.numbers += 1
        return str(self.numbers)

    # --- time

    def wait(self, seconds: float) -> None:
        """Time passes; what was late arrives."""
        self.advance(seconds)
        self.witness.judge()

    def advance(self, seconds: float) -> None:
        """All clocks go on."""
        self.town.clock.advance(seconds)
