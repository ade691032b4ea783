"""Retiring the counterpart of a customer that is gone: what is announced, told and remembered, whatever comes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import define

from wave_pms_sync import Policy
from wave_pms_sync.apply.desk import IN_THE_WAY
from wave_pms_sync.errors import Conflict, Refused, Throttled, UnknownOutcome
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Intent, IntentKind, IntentState, JournalEntry, Known, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.report import Outcome
from wave_pms_sync.testing import Fault

HOW = pytest.mark.parametrize("how", ["delete", "archive"])
PROBLEM = '{"errors": [{"field": "invoices", "code": "open"}]}'


@define
class Case:
    """A pair of which the Wave customer is gone, and whose counterpart is to be retired."""

    world: object
    wave_id: str
    pms_id: str
    how: str

    def fails(self, kind: Fault, **details: object) -> None:
        """The PMS fails the retirement."""
        self.world.pms_box.faults.add(kind, on=self.how, **details)

    def run(self) -> Outcome:
        """What became of the retirement."""
        [outcome] = self.world.run(full=True).outcomes
        return outcome

    def link(self) -> Link:
        """The link as it is stored."""
        [link] = self.world.links.find(Link, "wave_id", [self.wave_id])
        return link

    def left(self) -> dict[str, str]:
        """The records that the next run reads again, with the reason."""
        return {unfinished.id: unfinished.reason for unfinished in self.world.links.scan(Unfinished)}

    def told(self) -> tuple[str, str]:
        """The last entry of the journal."""
        last = list(self.world.links.scan(JournalEntry))[-1]
        return last.outcome, last.detail


@pytest.fixture
def due(make_world) -> Callable[..., Case]:
    """A pair of which the Wave customer is gone, beside one that keeps Wave from being empty."""

    def make(how: str = "delete") -> Case:
        world = make_world(policy=Policy(deletions=how))
        world.pair(name="Bystander", email="b@example.com")
        wave_id, pms_id = world.pair()
        world.wave_box.remove(wave_id)
        return Case(world, wave_id, pms_id, how)

    return make


@HOW
def test_retirement_is_announced_told_and_forgotten(due, how: str) -> None:
    """A retirement stands in the store before it is sent; done, it leaves a tombstone and no keys of what is gone."""
    case, announced = due(how), []
    links = case.world.links
    case.fails(Fault.CALL_BEFORE, call=lambda _: announced.extend(links.scan(Intent)))
    sent = case.world.clock.now()

    report = case.world.run(full=True)

    kind = IntentKind.DELETE if how == "delete" else IntentKind.ARCHIVE
    [intent] = announced
    assert intent == Intent(
        kind=kind,
        side=Side.PMS,
        origin_id=case.wave_id,
        record_id=case.pms_id,
        announced_at=intent.announced_at,
        run_id=report.run_id,
    )
    assert sent < intent.announced_at <= case.world.clock.now()
    assert (case.link().status, case.told()) == (LinkStatus.TOMBSTONE, ("done", ""))
    assert case.wave_id not in {known.id for known in links.scan(Known)}
    assert (case.pms_id in {known.id for known in links.scan(Known)}) is (how == "archive")
    assert list(links.scan(Intent)) == []
    assert report.counts.retired == 1


def test_link_that_was_ended_meanwhile_saves_the_record(due) -> None:
    """A pair that a person parted since it was planned is left alone, and both are read again."""
    case = due()
    plan = case.world.sync.plan(full=True)
    case.world.sync.unlink(wave_id=case.wave_id)

    [outcome] = case.world.sync.apply(plan).outcomes

    assert (outcome.result, outcome.detail) == ("skipped", "the link moved since it was planned")
    assert case.pms_id in case.world.pms_box.customers
    assert set(case.left()) == {case.wave_id, case.pms_id}


def test_record_that_is_gone_meanwhile_is_not_asked_for(due) -> None:
    """A record that was deleted since it was planned is said to be gone, too; nothing is sent."""
    case = due()
    plan = case.world.sync.plan(full=True)
    case.world.pms_box.remove(case.pms_id)
    case.world.count()

    [outcome] = case.world.sync.apply(plan).outcomes

    assert (outcome.result, outcome.detail) == ("skipped", "the record in the PMS is gone, too")
    assert case.world.writes == (0, 0)


@HOW
def test_record_that_was_archived_meanwhile_is_kept(due, how: str) -> None:
    """Whoever is archived already is not retired; a plan that was made before does not delete them either."""
    case = due(how)
    plan = case.world.sync.plan(full=True)
    case.world.pms_box.archive(case.pms_id)
    case.world.count()

    [outcome] = case.world.sync.apply(plan).outcomes

    assert (outcome.result, outcome.detail) == ("skipped", "the record in the PMS was archived since it was planned")
    assert case.world.writes == (0, 0)
    assert case.world.run(full=True).counts.retired == 0
    assert case.link().status is LinkStatus.TOMBSTONE


@HOW
def test_retirement_that_something_stands_in_the_way_of(due, how: str) -> None:
    """What is declined though the record stands is tried once more; then its link is suspended with the reason."""
    case = due(how)
    case.fails(Fault.ANSWER, status=409, body=PROBLEM, times=None)

    first, left = case.run(), case.left()
    second = case.run()

    assert (first.result, first.detail, type(first.error)) == ("skipped", IN_THE_WAY, Conflict)
    assert left == {case.wave_id: IN_THE_WAY, case.pms_id: IN_THE_WAY}
    assert (second.result, second.detail, type(second.error)) == ("failed", "refused: invoices open", Conflict)
    assert (case.link().status, case.told()) == (LinkStatus.SUSPENDED, ("refused", second.detail))
    assert case.link().reason == f"{how} in the PMS {second.detail}"
    assert list(case.world.links.scan(Intent)) == []


@pytest.mark.parametrize("times", [1, 2])
def test_record_that_moved_while_it_was_retired(due, times: int) -> None:
    """A version that moved between our look and our write blames nobody, however often; the record is read again."""
    case = due()
    box = case.world.pms_box
    for at in range(times):
        case.fails(Fault.CALL_BEFORE, call=lambda _, at=at: box.edit(case.pms_id, {"note": at}))
        outcome, left = case.run(), case.left()

    assert (outcome.result, type(outcome.error)) == ("skipped", Conflict)
    assert outcome.detail == "the record moved on while it was retired"
    assert set(left.values()) == {outcome.detail}
    assert case.link().status is LinkStatus.ACTIVE
    assert case.run().result == "done"


@pytest.mark.parametrize(
    ("how", "setting"), [("delete", "delete.headers"), ("archive", "update.headers` or `archive.")]
)
def test_retirement_of_which_the_version_is_refused_though_nothing_moved(due, how: str, setting: str) -> None:
    """A side that does not take the version it shows is told with the setting that sends it, and tried again."""
    case = due(how)
    case.fails(Fault.ANSWER, status=412, body="{}")

    outcome = case.run()

    assert (outcome.result, type(outcome.error)) == ("skipped", Conflict)
    assert f"the version was refused though nothing moved: look at `{setting}" in outcome.detail
    assert case.run().result == "done"


def test_refused_retirement_is_told_whole(due) -> None:
    """A refusal suspends the link at once, and is told by field and code in report, link and journal."""
    case = due()
    case.fails(Fault.ANSWER, status=422, body=PROBLEM)

    outcome = case.run()

    assert (outcome.result, outcome.detail, type(outcome.error)) == ("failed", "refused: invoices open", Refused)
    assert (case.link().status, case.told()) == (LinkStatus.SUSPENDED, ("refused", outcome.detail))
    assert case.link().reason == "delete in the PMS refused: invoices open"


@HOW
def test_retirement_of_unknown_outcome_stays_announced(due, how: str) -> None:
    """A retirement whose answer is lost is said to be unknown, and stays announced as such until it is looked up."""
    case = due(how)
    case.fails(Fault.LOST_BEFORE)

    outcome = case.run()

    assert (outcome.result, type(outcome.error)) == ("unknown", UnknownOutcome)
    assert outcome.detail == "nobody can say whether it was carried out"
    assert [intent.state for intent in case.world.links.scan(Intent)] == [IntentState.UNKNOWN]
    assert set(case.left()) == {case.wave_id, case.pms_id}


@HOW
def test_retirement_that_is_throttled_is_done_by_the_next_run(due, how: str) -> None:
    """A side that asks for patience has its retirement withdrawn and postponed, and carried out by the next run."""
    case = due(how)
    case.fails(Fault.THROTTLED, retry_after=3600)

    outcome, left = case.run(), case.left()

    assert (outcome.result, type(outcome.error)) == ("postponed", Throttled)
    assert left == {case.wave_id: "postponed", case.pms_id: "postponed"}
    assert list(case.world.links.scan(Intent)) == []
    assert case.run().result == "done"


def test_archiving_is_mirrored_and_looked_at_afterwards(make_world) -> None:
    """A mirrored archiving leaves the link and both keys; what each side shows from then on is looked at anew."""
    world = make_world(policy=Policy(archives="mirror"))
    wave_id, pms_id = world.pair()
    world.run()
    world.wave_box.archive(wave_id)

    [outcome] = world.run().outcomes

    [link] = world.links.scan(Link)
    assert (outcome.result, link.status) == ("done", LinkStatus.ACTIVE)
    assert (link.wave.archived, link.pms.archived) == (True, True)
    assert (link.wave.mark, link.pms.mark, link.pms.digest) == (None, None, None)
    assert {known.id for known in world.links.scan(Known)} == {wave_id, pms_id}


def test_version_of_the_record_goes_with_its_retirement(due) -> None:
    """A record edited just as it is retired stays, where the PMS compares versions."""
    case = due()
    case.fails(Fault.CALL_BEFORE, call=lambda _: case.world.pms_box.edit(case.pms_id, {"phone": "111"}))

    outcome = case.run()

    assert outcome.result == "skipped"
    assert case.pms_id in case.world.pms_box.customers
