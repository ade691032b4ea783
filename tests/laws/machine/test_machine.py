"""A machine that does everything that people, programs and servers may do, in any order, and judges every step."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest
from attrs import evolve, frozen
from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from machine.disorder import LIES

from wave_pms_sync import Guards, Policy
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.strategies import clashes, edits, starts
from wave_pms_sync.testing.weather import weathers

FREE = Guards(max_retirements=None, max_retirements_pct=None, max_updates_pct=None)
CHOICES = st.sampled_from(("newest", "wave", "pms", "hold"))
DELETIONS = st.sampled_from(
    (
        "keep",
        "keep",
        "archive",
        "delete",
        "recreate",
        {"pms": "keep", "wave": "delete"},
        {"pms": "archive", "wave": "delete"},
        {"pms": "delete", "wave": "delete"},
        {"pms": "recreate", "wave": "recreate"},
    )
)
POLICIES = st.builds(
    Policy,
    conflicts=CHOICES,
    first_meeting=CHOICES,
    deletions=DELETIONS,
    archives=st.sampled_from(("keep", "mirror")),
    create_in=st.sampled_from((("pms",), ("pms", "wave"), ("pms", "wave"), ("wave",), ())),
    guards=st.sampled_from((Guards(), FREE)),
)
SKEWS = st.sampled_from((0.0, 0.0, 0.0, 90.0, -90.0, 7200.0))
WAVE_OPTIONS = st.fixed_dictionaries(
    {"clock_skew_s": SKEWS},
    optional={
        "ties": st.just("shuffled"),
        "delete": st.just("readable"),
        "archived_listed": st.just(False),
        "patch_nested": st.just("merged"),
        "unset": st.just("empty"),
        "filter_inclusive": st.just(False),
    },
)
PMS_OPTIONS = st.fixed_dictionaries(
    {"clock_skew_s": SKEWS},
    optional={
        "soft_delete": st.just(True),
        "show_total": st.just(True),
        "idempotency": st.just(False),
        "etags": st.just(False),
        "unique_email": st.just(True),
        "stamp_digits": st.sampled_from((0, 3)),
    },
)
WAITS = st.sampled_from((0.0, 1.0, 61.0, 301.0, 301.0, 90_000.0))
JUMPS = st.sampled_from((-90_000.0, -3600.0, -90.0, 90.0, 3600.0, 90_000.0))
MARKS = st.sampled_from((None, None, None, Fault.IGNORED_FIELD, Fault.REFUSED))
ENOUGH_RUNS = 3
WEATHERS = st.lists(weathers().map(lambda weather: evolve(weather, skip=weather.skip // 2)), min_size=1, max_size=2)
FULL = st.sampled_from((None, None, True))
PLACES = st.integers(0, 9)
STEPS = st.integers(1, 12) | st.integers(1, 40)
DEEDS = ("resolve", "resolve", "resolve", "link", "unlink", "retry", "undo", "forget", "verify")


@frozen
class AsItIs:
    """A user's converter; another version has everything judged anew."""

    version: str

    def read(self, wire: object) -> object:
        """As it stands."""
        return wire

    def write(self, ours: object) -> object:
        """As it stands."""
        return ours


VARIANTS = (
    {},
    {},
    {"off": "website"},
    {"on": "internalNotes"},
    {"wave": "phone", "pms": "phone", "converter": "text"},
    {"wave": "displayId", "pms": "number"},
    {"wave": "id", "pms": "ledger.ref"},
    {"wave": "website", "pms": "website", "direction": "to_pms"},
    {"wave": "website", "pms": "website", "direction": "to_wave", "on_foreign_edit": "revert"},
    {"wave": "mobile", "pms": "mobile", "converter": AsItIs("1")},
    {"wave": "mobile", "pms": "mobile", "converter": AsItIs("2")},
)
"""Mappings, beside the default one: dropped, added, converted otherwise, moved, one-way, another version."""


class Machine(RuleBasedStateMachine):
    """Two servers, two kinds of other users, programs that die or sleep, and a person who decides."""

    open_stage: Callable
    setting: Callable
    interruption: Callable

    def __init__(self) -> None:
        super().__init__()
        self.stage = None

    @initialize(
        start=starts(3),
        policy=POLICIES,
        page_size=st.sampled_from((1, 2, 100, 100)),
        marked=st.sampled_from((True, True, False)),
        marks=MARKS,
        on_file=st.sampled_from((False, False, False, True)),
        ahead_s=st.sampled_from((0.0, 0.0, 45.0, -45.0, 3600.0)),
        wave_options=WAVE_OPTIONS,
        pms_options=PMS_OPTIONS,
    )
    def begin(self, start, **setting):
        """Both servers open, with whoever is there."""
        if setting["page_size"] < 100:  # nobody reads a list completely that comes in another order with each page
            setting["wave_options"].pop("ties", None)
        self.stage = self.open_stage(self.setting(**setting))
        self.stage.arrive(start)

    # --- others

    @rule(edit=edits())
    def others_do_something(self, edit):
        """Others edit, add, delete, archive, restore or swap."""
        self.stage.edit(edit)

    @rule(clash=clashes())
    def others_edit_both_sides(self, clash):
        """Others edit the same on both sides."""
        self.stage.edit(*clash)

    @rule(seconds=WAITS)
    def time_passes(self, seconds):
        """Time passes; at times none does, and stamps tie."""
        self.stage.wait(seconds)

    @rule(edit=edits(), weather=WEATHERS, full=FULL)
    def run_in_bad_weather(self, edit, weather, full):
        """Something goes wrong in the run after an edit."""
        self.stage.edit(edit)
        for one in weather:
            self.stage.brew(one)
        self.stage.run(full)

    @rule(side=st.sampled_from(Side), kind=st.sampled_from(LIES), place=PLACES, full=FULL)
    def run_among_lies(self, side, kind, place, full):
        """The listings of a side lie to a run, and look well."""
        self.stage.tell_a_lie(side, kind, place)
        self.stage.run(full)

    @rule(whose=st.sampled_from((None, *Side)), seconds=JUMPS)
    def a_clock_jumps(self, whose, seconds):
        """A server's clock, or our own, is set forward or back."""
        self.stage.jump(whose, seconds)

    @rule(at=STEPS, seconds=JUMPS)
    def our_clock_jumps_in_the_middle_of_a_run(self, at, seconds):
        """Our own clock is set forward or back between two steps of a run."""
        self.stage.run(interruption=self.interruption(at, partial(self.stage.jump, None, seconds)))

    # --- programs

    @rule(full=FULL)
    def run(self, full):
        """A run, incremental or full."""
        self.stage.run(full)

    @rule(side=st.sampled_from(Side), place=PLACES)
    def run_for_one(self, side, place):
        """A run for one record."""
        self.stage.run_for_one(side, place)

    @rule(edit=st.none() | edits(), full=FULL, at=STEPS)
    def run_dies(self, edit, full, at):
        """A run whose process dies before or after a request or a commit, at times just after an edit."""
        if edit is not None:
            self.stage.edit(edit)
        self.stage.run(full, interruption=self.interruption(at))

    @rule(at=STEPS, edit=edits())
    def others_act_in_the_middle_of_a_run(self, at, edit):
        """Others do something between two steps of a run."""
        self.stage.run(interruption=self.interruption(at, partial(self.stage.edit, edit)))

    @rule(at=STEPS, leap_s=st.sampled_from((0.0, 300.0, 700.0)))
    def another_run_starts_in_the_middle(self, at, leap_s):
        """A second run starts within the first, which may sleep past its lease."""
        self.stage.run(interruption=self.interruption(at, partial(self.stage.rival, leap_s)))

    @rule(full=st.sampled_from((None, True)), keep=st.booleans())
    def plan(self, full, keep):
        """A plan; it may be kept for later."""
        self.stage.plan(full, keep=keep)

    @rule(number=st.integers(0, 7))
    def apply_a_kept_plan_twice(self, number):
        """A plan is applied late, and twice."""
        self.stage.apply(number)

    # --- a person

    @rule(what=st.sampled_from(DEEDS), number=PLACES, side=st.sampled_from(Side))
    def person_decides(self, what, number, side):
        """A person resolves, links, parts, retries, takes back, forgets or audits."""
        self.stage.decide(what, number, side)

    @rule(variant=st.sampled_from(VARIANTS))
    def mapping_changes(self, variant):
        """The next run has another mapping."""
        self.stage.remap(variant)

    @precondition(lambda self: self.stage is not None and self.stage.runs > ENOUGH_RUNS)
    @rule()
    def memory_is_lost(self):
        """The next run has an empty store; not again before it holds something."""
        self.stage.lose_memory()

    @rule(at=STEPS)
    def disk_is_full(self, at):
        """A commit of a run fails."""
        self.stage.run(interruption=self.interruption(at, self.stage.break_store, in_store=True))

    # --- checks

    @invariant()
    def the_witness_agrees(self):
        """Whatever happened is judged, and the store is sound."""
        if self.stage is not None:
            self.stage.witness.judge()
            self.stage.town.check_store(cut=self.stage.cut)

    def teardown(self):
        """In the end all is settled."""
        if self.stage is None:
            return
        try:
            self.stage.settle()
        finally:
            self.stage.close()


@pytest.fixture
def machine(open_stage, setting_type, interruption_type):
    """The machine with its stage."""
    return type(
        "AnyOrder",
        (Machine,),
        {
            "open_stage": staticmethod(open_stage),
            "setting": staticmethod(setting_type),
            "interruption": staticmethod(interruption_type),
        },
    )


@pytest.mark.timeout(900)
def test_any_order_of_events(machine, some, machine_time):
    """Whatever happens in whatever order: the laws hold at every step, and in the end all is settled and quiet."""
    if machine_time is None:
        run_state_machine_as_test(machine, settings=some(200, stateful_step_count=14))
        return
    until = time.monotonic() + 60 * machine_time.minutes
    number, rounds = machine_time.seed, 0
    while rounds == 0 or time.monotonic() < until:
        print(f"machine: round {rounds + 1}, --machine-seed={number}", flush=True)  # noqa: T201  # it takes hours
        run_state_machine_as_test(
            seed(number)(machine), settings=some(50, stateful_step_count=25, derandomize=False, **machine_time.phases)
        )
        number, rounds = number + 1, rounds + 1
