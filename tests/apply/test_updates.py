"""Updating one record: what is announced, told and remembered, whatever the side makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import define

from wave_pms_sync import Plan
from wave_pms_sync.apply.desk import IN_THE_WAY, VERSION_REFUSED
from wave_pms_sync.errors import Conflict, ConversionError, Refused, Throttled, UnknownOutcome
from wave_pms_sync.model.links import Agreement, Hold, HoldReason
from wave_pms_sync.model.memory import Intent, IntentKind, IntentState, JournalEntry, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.report import Outcome
from wave_pms_sync.testing import Fault

SIDES = pytest.mark.parametrize("side", ["wave", "pms"])
TAKEN = '{"errors": [{"field": "phone", "code": "taken"}]}'


@define
class Case:
    """A pair of which one side was edited, so that the other is due."""

    world: object
    wave_id: str
    pms_id: str
    side: str

    @property
    def other(self) -> str:
        """The side that was edited."""
        return "pms" if self.side == "wave" else "wave"

    def edit(self, side: str, **values: object) -> None:
        """Somebody edits the record of a side."""
        self.world.edit(side, self.wave_id, values)

    def fails(self, kind: Fault, **details: object) -> None:
        """The side fails the update."""
        self.world.box(self.side).faults.add(kind, on="update", **details)

    def run(self) -> Outcome:
        """What became of the update."""
        [outcome] = self.world.run().outcomes
        return outcome

    def left(self) -> dict[str, str]:
        """The records that the next run reads again, with the reason."""
        return {unfinished.id: unfinished.reason for unfinished in self.world.links.scan(Unfinished)}

    def all_left(self, reason: str) -> dict[str, str]:
        """Both records, left for one reason."""
        return {self.wave_id: reason, self.pms_id: reason}

    def holds(self) -> dict[str, Hold]:
        """What is held of the pair."""
        [agreement] = self.world.links.find(Agreement, "wave_id", [self.wave_id])
        return dict(agreement.holds)

    def intents(self) -> list[Intent]:
        """What is announced."""
        return list(self.world.links.scan(Intent))

    def told(self) -> tuple[str, str]:
        """The last entry of the journal."""
        last = list(self.world.links.scan(JournalEntry))[-1]
        return last.outcome, last.detail


@pytest.fixture
def due(world) -> Callable[..., Case]:
    """A pair with a telephone number of which one side was edited."""

    def make(side: str = "pms") -> Case:
        wave_id, pms_id = world.pair(phone="000")
        world.run()
        world.later()
        case = Case(world, wave_id, pms_id, side)
        case.edit(case.other, phone="111")
        world.count()
        return case

    return make


@SIDES
def test_update_is_announced_with_what_it_replaces(due, side: str) -> None:
    """An update stands in the store before it is sent, with all that recovery needs; done, nothing of it is left."""
    case, announced = due(side), []
    case.fails(Fault.CALL_BEFORE, call=lambda _: announced.extend(case.intents()))

    report = case.world.run()

    ids = {"wave": case.wave_id, "pms": case.pms_id}
    assert announced == [
        Intent(
            kind=IntentKind.UPDATE,
            side=Side(side),
            origin_id=ids[case.other],
            record_id=ids[side],
            values={"phone=phone": "111"},
            before={"phone=phone": "000"},
            origin={"phone=phone": "111"},
            body={"phone": "111"},
            announced_at=case.world.clock.now(),
            run_id=report.run_id,
        )
    ]
    assert [(o.result, o.detail) for o in report.outcomes] == [("done", "")]
    assert (case.intents(), case.left(), case.told()) == ([], {}, ("done", ""))
    assert case.world.requests == ((3, 1) if side == "wave" else (1, 3))  # list both; look again and write one


@SIDES
@pytest.mark.parametrize("when", ["before it was planned", "after"])
def test_what_was_replaced_is_told_in_the_form_that_it_had_last(world, side: str, when: str) -> None:
    """Somebody writes the same number in another form, which is no edit: the journal, and `undo`, know that form."""
    wave_id, _ = world.pair(phone="+1 416 555 0100")
    if when == "after":
        world.edit_origin(side, wave_id, {"phone": "999"})
        plan = world.sync.plan()
        world.edit(side, wave_id, {"phone": "14165550100"})
    else:
        world.edit(side, wave_id, {"phone": "14165550100"})
        assert world.run().counts.unchanged == 1
        world.edit_origin(side, wave_id, {"phone": "999"})
        world.later()
        plan = world.sync.plan()

    assert world.sync.apply(plan).ok

    last = list(world.links.scan(JournalEntry))[-1]
    assert [(f.before, f.after, f.lost) for f in last.fields] == [("14165550100", "999", "14165550100")]


# --- what moved since it was planned ---------------------------------------------------------------


@pytest.mark.parametrize(("moved", "words"), [("pms", "the PMS"), ("wave", "Wave")])
def test_saved_plan_whose_records_moved(due, moved: str, words: str) -> None:
    """A saved plan leaves a pair alone of which either record was edited since, and says which; both are read again."""
    case = due()
    plan = Plan.from_dict(case.world.sync.plan().to_dict())
    case.edit(moved, phone="222")

    [outcome] = case.world.sync.apply(plan).outcomes

    why = f"the record in {words} moved since it was planned"
    assert (outcome.result, outcome.detail) == ("skipped", why)
    assert case.left() == case.all_left(why)
    assert case.world.writes == (0, 0)


def test_saved_plan_judges_each_edit_of_a_pair(due) -> None:
    """Of two edits of one pair, carried in both directions, one that was edited again is left and the other is not."""
    case = due()
    case.edit("pms", website="ada.example")
    plan = Plan.from_dict(case.world.sync.plan().to_dict())
    first, last = plan
    again = {"wave": {"phone": "222"}, "pms": {"website": "eda.example"}}[str(last.side.other)]
    case.edit(str(last.side.other), **again)

    outcomes = case.world.sync.apply(plan).outcomes

    assert [o.result for o in outcomes] == ["done", "skipped"]
    assert case.world.writes == ((1, 0) if first.side is Side.WAVE else (0, 1))


def test_undo_that_was_planned_before_the_other_side_moved(due) -> None:
    """An undo is left where the other side was edited since it was planned."""
    case = due()
    plan = case.world.sync.undo(case.world.run().run_id)
    case.edit("wave", phone="222")

    [outcome] = case.world.sync.apply(plan).outcomes

    assert (outcome.result, outcome.detail) == ("skipped", "the record in Wave moved since it was planned")
    assert case.world.at_pms(case.wave_id)["phone"] == "111"


# --- what a side makes of it -----------------------------------------------------------------------


def test_refused_group_is_held_with_both_values(due) -> None:
    """What a refusal names is held with both values, the reason and the time; the rest is left for the next run."""
    case = due()
    case.edit("wave", website="new.example")
    case.fails(Fault.REFUSED, field="website", code="format")

    outcome = case.run()

    assert (outcome.result, outcome.detail, type(outcome.error)) == ("failed", "refused: website format", Refused)
    assert case.holds() == {
        "website": Hold(
            group="website",
            reason=HoldReason.REFUSED,
            detail="refused: website format",
            wave={"website=website": "new.example"},
            pms={"website=website": None},
            since=case.world.clock.now(),
        )
    }
    assert case.left() == case.all_left("the rest of a refused update")
    assert (case.intents(), case.told()) == ([], ("refused", "refused: website format"))


def test_refused_whole_leaves_nothing_for_the_next_run(due) -> None:
    """Where all that was sent is held, nothing is left to be read again."""
    case = due()
    case.fails(Fault.REFUSED)

    assert case.run().result == "failed"
    assert (set(case.holds()), case.left()) == ({"phone"}, {})


def test_something_in_the_way_is_tried_once_more(due) -> None:
    """What is declined though the record stands is left, and held when the next run finds it so again."""
    case = due()
    case.fails(Fault.ANSWER, status=409, body=TAKEN, times=None)

    first, left, intents = case.run(), case.left(), case.intents()
    second = case.run()

    assert (first.result, first.detail, type(first.error)) == ("skipped", IN_THE_WAY, Conflict)
    assert (left, intents) == (case.all_left(IN_THE_WAY), [])
    assert (second.result, second.detail, type(second.error)) == ("failed", "refused: phone taken", Conflict)
    assert {group: hold.reason for group, hold in case.holds().items()} == {"phone": HoldReason.REFUSED}


def test_record_that_moves_while_it_is_written(due) -> None:
    """A version that moved blames nobody, even where something was in the way before; the next run writes."""
    case = due()
    case.fails(Fault.ANSWER, status=409, body=TAKEN)
    case.run()
    case.fails(Fault.CALL_BEFORE, call=lambda _: case.edit("pms", email="moved@x.org"))

    outcome, left = case.run(), case.left()

    why = "the record moved on while it was written"
    assert (outcome.result, outcome.detail, type(outcome.error)) == ("skipped", why, Conflict)
    assert (left, case.intents(), case.holds()) == (case.all_left(why), [], {})
    assert "done" in {each.result for each in case.world.run().outcomes}


def test_version_that_is_refused_though_nothing_moved(due) -> None:
    """A side that never takes the version it shows is told with the setting that sends it, run by run."""
    case = due()
    for _ in range(2):
        case.fails(Fault.ANSWER, status=412, body="{}")
        outcome, left = case.run(), case.left()

        why = VERSION_REFUSED.format("update.headers")
        assert (outcome.result, outcome.detail, type(outcome.error)) == ("skipped", why, Conflict)
        assert (left, case.intents(), case.holds()) == (case.all_left(why), [], {})
    assert case.run().result == "done"


def test_update_of_unknown_outcome_stays_announced(due) -> None:
    """An update whose answer is lost is said to be unknown, and stays announced as such until it is looked up."""
    case = due()
    case.fails(Fault.LOST_BEFORE)

    outcome = case.run()

    why = "nobody can say whether it was carried out"
    assert (outcome.result, outcome.detail, type(outcome.error)) == ("unknown", why, UnknownOutcome)
    assert [intent.state for intent in case.intents()] == [IntentState.UNKNOWN]
    assert case.left() == case.all_left("the outcome of a write is unknown")


def test_update_that_is_throttled_is_done_by_the_next_run(due) -> None:
    """A side that asks for patience has the update withdrawn and postponed, and carried out by the next run."""
    case = due()
    case.fails(Fault.THROTTLED, retry_after=3600)

    outcome, left, intents = case.run(), case.left(), case.intents()

    assert (outcome.result, type(outcome.error)) == ("postponed", Throttled)
    assert (left, intents) == (case.all_left("postponed"), [])
    assert case.run().result == "done"


class Wary:
    """A pair that writes over plain digits only."""

    uses_old = True

    @staticmethod
    def key(ours: str) -> str:
        """Numbers are compared by their digits."""
        return ours.replace(" ", "")

    def read(self, wire: str) -> str:
        """As it is."""
        return wire

    def write(self, ours: str, old: str | None = None) -> str:
        """As it is, unless what is there is spelled in another way."""
        if old is not None and " " in old:
            raise ConversionError("cannot be laid over what is there")
        return ours


def test_value_that_cannot_be_laid_over_what_is_there_by_now(make_world, mapping) -> None:
    """A value that cannot replace what the record shows by now is held with the reason; the rest goes next time."""
    mapping.converter("wary")(Wary)
    mapping.map("customer", wave="phone", pms="phone", converter="wary")
    world = make_world(mapping=mapping)
    wave_id, pms_id = world.pair(phone="000")
    case = Case(world, wave_id, pms_id, "pms")
    world.later()
    case.edit("wave", phone="111", website="new.example")
    plan = world.sync.plan()
    case.edit("pms", phone="0 0 0")

    [outcome] = world.sync.apply(plan).outcomes

    assert (outcome.result, type(outcome.error)) == ("failed", ConversionError)
    assert {(hold.group, hold.reason) for hold in case.holds().values()} == {("phone", HoldReason.CONVERSION)}
    assert case.left() == case.all_left("the rest of a refused update")
    world.run()
    assert world.at_pms(wave_id)["website"] == "new.example"
