"""A machine that edits both sides, runs, plans, loses answers and lets time pass, in any order, and checks it all."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from wave_pms_sync import Policy
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.strategies import edits, starts

LOST = (Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.SERVER_ERROR, Fault.CUT_JSON, Fault.EMPTY_BODY)
POLICIES = (Policy(create_in=("pms", "wave")), Policy(), Policy(conflicts="pms", first_meeting="newest"))


def _made(town, side):
    """The records that we made on that side, lost answers included."""
    return {i for entry in town.box(side).ledger.entries for i in entry.effects.created}


def test_any_order_of_events(open_town, some):
    """Whatever happens in whatever order: no customer is doubled or removed by us, and in the end all is settled."""

    class Machine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.opened = None
            self.entered = set()

        @rule(start=starts(3), policy=st.sampled_from(POLICIES), page_size=st.sampled_from((1, 3, 100)))
        @precondition(lambda self: self.opened is None)
        def begin(self, start, policy, page_size):
            self.opened = open_town(policy=policy, page_size=page_size)
            self.town = self.opened.__enter__()
            self.town.others.arrive(start)

        @rule(edit=edits())
        @precondition(lambda self: self.opened is not None)
        def other_user(self, edit):
            self.town.others.do(edit)

        @rule(full=st.sampled_from((None, True)))
        @precondition(lambda self: self.opened is not None)
        def run(self, full):
            with self.town.nothing_lost():
                self.town.run(full=full)

        @rule()
        @precondition(lambda self: self.opened is not None)
        def plan(self):
            before = self.town.ledger()[2:]
            self.town.sync.plan()
            assert self.town.ledger()[2:] == before

        @rule(
            side=st.sampled_from(Side),
            kind=st.sampled_from(LOST),
            on=st.sampled_from(("create", "update")),
            skip=st.integers(0, 2),
            executed=st.booleans(),
        )
        @precondition(lambda self: self.opened is not None)
        def answer_is_lost(self, side, kind, on, skip, executed):
            details = {"executed": executed} if kind is Fault.SERVER_ERROR else {}
            box = self.town.box(side)
            before = self.town.everybody()
            fault = box.faults.add(kind, on=on, skip=skip, **details)
            self.town.run()
            box.faults.remove(fault)
            assert set(before) <= set(self.town.everybody())

        @rule(seconds=st.sampled_from((1.0, 61.0, 301.0, 90_000.0)))
        @precondition(lambda self: self.opened is not None)
        def time_passes(self, seconds):
            self.town.clock.advance(seconds)

        @invariant()
        def nobody_is_doubled(self):
            if self.opened is None:
                return
            town = self.town
            town.check_store()
            for side in Side:
                assert town.box(side).ledger.deletes == 0
            made = _made(town, Side.PMS)
            self.entered |= set(town.pms_box.customers) - made
            assert len(_made(town, Side.WAVE)) <= len(self.entered), "more was made in Wave than others entered"
            origins = [town.pms_box.customers[i]["external_id"] for i in made if i in town.pms_box.customers]
            assert len(set(origins)) == len(origins), "two PMS customers were made for one Wave customer"

        def teardown(self):
            if self.opened is None:
                return
            try:
                self.town.settle(6)
                self.town.check_settled()
                self.town.check_store()
            finally:
                self.opened.__exit__(None, None, None)

    run_state_machine_as_test(Machine, settings=some(40, stateful_step_count=15))
