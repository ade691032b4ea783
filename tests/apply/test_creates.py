"""Creating one record: who may have appeared meanwhile, what is announced and told, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import define, evolve

from wave_pms_sync import Plan, PmsProfile, Policy, SQLiteLinkStore
from wave_pms_sync.errors import Conflict, Refused, SyncError, Throttled, UnknownOutcome
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import (
    Intent,
    IntentKind,
    IntentState,
    JournalEntry,
    Known,
    Put,
    Quarantined,
    QuarantineReason,
    Tenant,
    Unfinished,
)
from wave_pms_sync.model.side import Side
from wave_pms_sync.report import Outcome
from wave_pms_sync.testing import Fault, PmsTraps

GRACE = {"name": "Grace", "email": "grace@example.com"}


@define
class Case:
    """A customer of one side that is to be created on the other."""

    world: object
    side: str
    origin_id: str

    def fails(self, kind: Fault, **details: object) -> None:
        """The side fails the create."""
        self.world.box(self.side).faults.add(kind, on="create", **details)

    def run(self) -> Outcome:
        """What became of the create."""
        [outcome] = self.world.run().outcomes
        return outcome

    def left(self) -> dict[str, str]:
        """The records that the next run reads again, with the reason."""
        return {unfinished.id: unfinished.reason for unfinished in self.world.links.scan(Unfinished)}

    def intents(self) -> list[Intent]:
        """What is announced."""
        return list(self.world.links.scan(Intent))

    def told(self) -> tuple[str, str]:
        """The last entry of the journal."""
        last = list(self.world.links.scan(JournalEntry))[-1]
        return last.outcome, last.detail


@pytest.fixture
def due(make_world) -> Callable[..., Case]:
    """A customer of one side that is to be created on the other, beside a linked pair."""

    def make(side: str = "pms", **options: object) -> Case:
        world = make_world(policy=Policy(create_in=("pms", "wave")), **options)
        world.pair()
        world.run()
        world.later()
        origin_id = world.box("wave" if side == "pms" else "pms").add(GRACE)
        world.count()
        return Case(world, side, origin_id)

    return make


# --- who may have appeared meanwhile ---------------------------------------------------------------


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_partner_that_appears_between_plan_and_create(due, side: str) -> None:
    """Somebody with the same e-mail who was entered since the plan was made is linked by the next run, not doubled."""
    case = due(side)
    plan = case.world.sync.plan()
    case.world.later()
    partner = case.world.box(side).add({**GRACE, "name": "Grace H."})
    case.world.count()

    [outcome] = case.world.sync.apply(plan).outcomes

    why = "a possible counterpart appeared since it was planned"
    assert (outcome.result, outcome.detail, case.left()) == ("skipped", why, {case.origin_id: why})
    assert (case.world.writes, case.intents()) == ((0, 0), [])
    case.world.run()
    pair = (partner, case.origin_id) if side == "wave" else (case.origin_id, partner)
    assert pair in case.world.linked().items()


@pytest.mark.parametrize("same", [True, False], ids=["the same PMS", "another PMS"])
def test_partner_that_another_tenant_has_linked(due, tmp_path, same: bool) -> None:
    """Who appears meanwhile stands in nobody's way if another tenant of the store has linked that record of this PMS.

    Another PMS may have a record of the same id: its link says nothing.
    """
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as links, SQLiteLinkStore(path, tenant="other") as other:
        case = due(links=links)
        plan = case.world.sync.plan()
        case.world.later()
        partner = case.world.pms_box.add(GRACE)
        pms = case.world.pms.identity if same else "another PMS"
        lease = other.acquire("another run", case.world.clock.now(), 60)
        theirs = [Tenant(name="other", wave="another Wave", pms=pms), Link(wave_id="W9", pms_id=partner)]
        other.commit([Put(entry) for entry in theirs], lease)

        [outcome] = case.world.sync.apply(plan).outcomes

    assert outcome.result == ("done" if same else "skipped")


def test_saved_create_is_remembered_as_the_two_stand(due) -> None:
    """What a saved plan creates is linked as the origin stands by now: the next full run sees nothing new."""
    case = due()
    case.world.sync.apply(Plan.from_dict(case.world.sync.plan().to_dict()))

    [link] = case.world.links.find(Link, "wave_id", [case.origin_id])
    known = case.world.links.find(Known, "wave_id", [case.origin_id])
    case.world.run(full=True)

    [seen] = case.world.links.find(Link, "wave_id", [case.origin_id])
    assert None not in (link.wave.created_at, link.wave.stamp, link.wave.digest)
    assert evolve(seen.wave, mark=None) == link.wave
    assert [bool(one.keys) for one in known] == [True]


def test_origin_is_not_read_again_by_the_run_that_planned_it(due) -> None:
    """A run that plans and creates at once asks Wave for no more than a run that finds nothing to do."""
    case = due()
    case.run()
    busy, _ = case.world.requests
    case.world.later()
    case.world.count()
    case.world.run()

    assert busy == case.world.requests[0]


@pytest.mark.parametrize("who", ["namesake", "deleted", "linked"])
def test_somebody_else_who_appears_meanwhile(due, who: str) -> None:
    """A namesake with another e-mail, somebody deleted, and somebody linked already stand in nobody's way."""
    case = due(pms_options={"soft_delete": True, "traps": PmsTraps(list_deleted=True)})
    world = case.world
    plan = world.sync.plan()
    world.later()
    if who == "linked":
        world.box("pms").edit(next(iter(world.linked().values())), {"email": GRACE["email"]})
    else:
        made = world.pms_box.add({"name": "Grace", "email": "other@example.com"} if who == "namesake" else GRACE)
        if who == "deleted":
            world.pms_box.remove(made)

    [outcome] = world.sync.apply(plan).outcomes

    assert outcome.result == "done"


# --- what is announced, and what became of it ------------------------------------------------------


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_create_is_announced_with_what_is_sent(due, side: str) -> None:
    """A create stands in the store before it is sent, with all that recovery needs; done, both records are known."""
    case, announced = due(side), []
    newest = max(row["created_at" if side == "pms" else "createdAt"] for row in case.world.box(side).customers.values())
    case.fails(Fault.CALL_BEFORE, call=lambda _: announced.extend(case.intents()))

    report = case.world.run()

    [intent] = announced
    sent = {k: v for k, v in intent.values.items() if v is not None}
    assert (intent.kind, intent.side, intent.origin_id) == (IntentKind.CREATE, Side(side), case.origin_id)
    assert (sent["name=name"], sent["email=email"]) == ("Grace", "grace@example.com")
    assert {name: intent.origin[name] for name in sent} == sent
    assert intent.body.items() >= GRACE.items()
    assert intent.body.get("external_id") == (case.origin_id if side == "pms" else None)
    assert (intent.announced_at, intent.run_id) == (case.world.clock.now(), report.run_id)
    assert (intent.state, intent.cycles, bool(intent.repeat_key)) == (IntentState.PLANNED, 0, True)
    assert intent.newest is not None
    assert intent.newest.isoformat()[:19] == str(newest)[:19]
    assert [(o.result, o.detail) for o in report.outcomes] == [("done", "")]
    assert (case.intents(), case.left()) == ([], {})
    [link] = [link for link in case.world.links.scan(Link) if case.origin_id in (link.wave_id, link.pms_id)]
    made = link.sight(Side(side))
    assert made.created_at == made.stamp == made.written_stamp == made.written_at == case.world.clock.now()
    origin = link.sight(Side(side).other)
    assert origin.created_at == case.world.clock.now() - timedelta(seconds=60)
    assert (origin.stamp is None, origin.archived, made.archived) == (False, False, False)
    assert link.revision == (1 if side == "pms" else 2)  # the mark in the PMS record is written, too
    assert (link.run_id, link.rule) == (report.run_id, f"no counterpart in {Side(side).words}")
    assert {known.id for known in case.world.links.scan(Known)} == {
        *case.world.wave_box.customers,
        *case.world.pms_box.customers,
    }


@pytest.mark.parametrize("oldest_first", [True, False])
def test_saved_create_is_announced_with_the_newest_that_is_there_by_now(due, oldest_first: bool) -> None:
    """What a saved plan creates is looked for, if it is lost, among those made since the newest one that is listed."""
    profile = PmsProfile.from_dict({"list": {"creation_order": oldest_first}})
    case, announced = due(profile=profile, pms_options={"profile": profile}), []
    world, plan = case.world, Plan.from_dict(case.world.sync.plan().to_dict())
    for n in range(3):
        world.later(1)
        world.pms_box.add({"name": f"Other {n}"})
    newest = world.clock.now()
    world.later(1)
    case.fails(Fault.CALL_BEFORE, call=lambda _: announced.extend(case.intents()))

    assert world.sync.apply(plan).counts.created_pms == 1

    assert [intent.newest for intent in announced] == [newest]


def test_create_is_announced_with_the_newest_though_an_older_one_was_edited_since(world) -> None:
    """The newest record of a side is the one that was made last, be it another one that was edited last."""
    announced: list[Intent] = []
    _, first = world.pair()
    world.pair(name="Grace", email="grace@example.com")
    newest = world.clock.now()
    world.later()
    world.pms_box.edit(first, {"phone": "111"})
    emmy = world.wave_box.add({"name": "Emmy", "email": "emmy@example.com"})
    world.pms_box.faults.add(Fault.CALL_BEFORE, on="create", call=lambda _: announced.extend(world.links.scan(Intent)))

    world.run(full=True)

    assert {intent.origin_id: intent.newest for intent in announced} == {emmy: newest}


@pytest.mark.parametrize(
    ("fault", "error"),
    [({"status": 422}, Refused), ({"status": 409}, Conflict)],
)
def test_refused_create_rests_with_the_reason(due, fault, error: type[SyncError]) -> None:
    """A create that is refused rests with the reason, what its origin showed and the mapping, and is told once."""
    case = due()
    case.fails(Fault.ANSWER, body='{"errors": [{"field": "vat", "code": "demanded"}]}', times=None, **fault)

    outcome = case.run()

    why = "refused: vat demanded"
    [entry] = case.world.links.scan(Quarantined)
    assert (outcome.result, outcome.detail, type(outcome.error)) == ("failed", why, error)
    assert (entry.side, entry.id, entry.reason, entry.detail) == (
        Side.WAVE,
        case.origin_id,
        QuarantineReason.REFUSED,
        why,
    )
    assert (entry.candidates, entry.since) == ((), case.world.clock.now())
    assert (case.intents(), case.told()) == ([], ("refused", why))
    case.world.count()
    case.world.run(full=True)
    assert case.world.writes == (0, 0)


@pytest.mark.parametrize("saved", [False, True])
def test_refused_create_of_a_saved_plan_rests_as_any_other(due, saved: bool) -> None:
    """A create that was refused is tried again once its origin is edited, and not before, saved plan or not."""
    case = due()
    plan = case.world.sync.plan()
    case.fails(Fault.ANSWER, status=422, body='{"errors": [{"field": "vat", "code": "demanded"}]}')

    [outcome] = case.world.sync.apply(Plan.from_dict(plan.to_dict()) if saved else plan).outcomes

    assert outcome.result == "failed"
    case.world.count()
    case.world.run(full=True)
    assert case.world.writes == (0, 0)
    case.world.wave_box.edit(case.origin_id, {"phone": "111"})
    assert case.run().result == "done"


def test_create_of_unknown_outcome_stays_announced(due) -> None:
    """A create whose answer is lost is said to be unknown, and stays announced as such until it is looked up."""
    case = due()
    case.fails(Fault.LOST_BEFORE)

    outcome = case.run()

    why = "nobody can say whether it was carried out"
    assert (outcome.result, outcome.detail, type(outcome.error)) == ("unknown", why, UnknownOutcome)
    assert [intent.state for intent in case.intents()] == [IntentState.UNKNOWN]
    assert case.left() == {case.origin_id: "the outcome of a write is unknown"}


def test_create_that_is_sent_again_is_the_same(due) -> None:
    """What is sent again after two looks is what was announced, under the same key, so that no side makes it twice."""
    case, again = due(), []
    case.fails(Fault.LOST_BEFORE)
    case.run()
    [first] = case.intents()
    case.fails(Fault.CALL_BEFORE, call=lambda _: again.extend(case.intents()))

    for _ in range(3):
        case.world.settle()
        case.world.run(full=True)

    [second] = again
    assert second.announced_at > first.announced_at
    assert second == evolve(first, state=IntentState.PLANNED, cycles=1, announced_at=second.announced_at)
    assert case.intents() == []


def test_saved_create_that_was_announced_since(due) -> None:
    """A saved plan does not send what a run has announced meanwhile, while nobody knows what became of that."""
    case = due()
    plan = case.world.sync.plan()
    case.fails(Fault.LOST_BEFORE)
    case.run()
    case.world.count()

    [outcome] = case.world.sync.apply(plan).outcomes

    why = "a create is announced already; the next run settles it"
    assert (outcome.result, outcome.detail, case.world.writes) == ("skipped", why, (0, 0))


@pytest.mark.parametrize("side", ["wave", "pms"])
@pytest.mark.parametrize("how", ["unlinked", "moved", "as planned"])
def test_saved_plan_makes_nobody_again_whose_link_moved(make_world, side: str, how: str) -> None:
    """Who is gone is made again in place of the gone record if the link is as it was planned on, and not otherwise."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), deletions={side: "recreate"}))
    wave_id, pms_id = world.pair()
    world.pair(name="Grace", email="grace@example.com")
    world.box(side).remove(wave_id if side == "wave" else pms_id)
    plan = world.sync.plan(full=True)
    [link] = world.links.find(Link, "wave_id", [wave_id])
    if how == "unlinked":
        world.sync.unlink(wave_id=wave_id)
    elif how == "moved":
        lease = world.links.acquire("another run", world.clock.now(), 60)
        world.links.commit([Put(evolve(link, revision=link.revision + 1))], lease)
        world.links.release(lease)

    world.count()

    [outcome] = world.sync.apply(plan).outcomes

    done = ("done", "") if how == "as planned" else ("skipped", "the link moved since it was planned")
    assert (outcome.result, outcome.detail) == done
    assert sum(world.writes) == 0 or how == "as planned"
    survivor = pms_id if side == "wave" else wave_id
    others = "pms_id" if side == "wave" else "wave_id"
    [now] = world.links.find(Link, others, [survivor]) or [None]
    assert (now is None) is (how == "unlinked")
    assert how != "as planned" or (now.wave_id, now.pms_id) != (wave_id, pms_id)


def test_create_that_is_throttled_is_done_by_the_next_run(due) -> None:
    """A side that asks for patience has the create withdrawn and postponed, and carried out by the next run."""
    case = due()
    case.fails(Fault.THROTTLED, retry_after=3600)

    outcome, left, intents = case.run(), case.left(), case.intents()

    assert (outcome.result, type(outcome.error)) == ("postponed", Throttled)
    assert (left, intents) == ({case.origin_id: "postponed"}, [])
    assert case.run().result == "done"


def test_saved_create_whose_origin_moved(due) -> None:
    """A saved plan leaves a create of which the origin was edited or deleted since, and says so."""
    case = due()
    plan = Plan.from_dict(case.world.sync.plan().to_dict())
    case.world.wave_box.edit(case.origin_id, {"phone": "111"})

    outcomes = [*case.world.sync.apply(plan).outcomes]
    case.world.wave_box.remove(case.origin_id)
    outcomes += case.world.sync.apply(plan).outcomes

    assert {(o.result, o.detail) for o in outcomes} == {("skipped", "the record in Wave moved since it was planned")}
    assert case.world.pms_box.ledger.creates == 0


@pytest.mark.parametrize(
    ("second", "result", "state"),
    [
        (None, "done", None),
        ({"kind": Fault.REFUSED}, "failed", None),
        ({"kind": Fault.LOST_BEFORE}, "unknown", IntentState.UNKNOWN),
        ({"kind": Fault.THROTTLED, "retry_after": 3600}, "postponed", None),
    ],
    ids=["done", "refused", "lost", "throttled"],
)
def test_create_without_the_mark_that_was_refused(due, second, result: str, state) -> None:
    """A PMS that refuses the mark is sent the customer without it, once, and that may come to any end by itself."""
    case, keys = due(), []
    body = '{"errors": [{"field": "external_id", "code": "readonly"}]}'
    case.fails(Fault.CALL_BEFORE, times=None, call=lambda _: keys.extend(i.repeat_key for i in case.intents()))
    case.fails(Fault.ANSWER, status=422, body=body)
    if second is not None:
        case.fails(second["kind"], **{k: v for k, v in second.items() if k != "kind"})

    outcome = case.run()

    assert outcome.result == result
    assert [intent.state for intent in case.intents()] == ([state] if state else [])
    assert len(keys) == len(set(keys)) == 2
    if result == "done":
        assert outcome.detail == "the PMS refused the external id"
        assert case.world.at_pms(case.origin_id).get("external_id") is None
    if result == "postponed":
        assert case.left() == {case.origin_id: "postponed"}
    case.world.settle()
    case.world.rest()
    assert case.world.pms_box.ledger.creates == (0 if result == "failed" else 1)


def test_create_that_drops_the_mark_or_a_value_is_told(due) -> None:
    """What a PMS does not keep of a newcomer is told: a value by its name, or else the mark."""
    case = due()
    dropped = case.world.pms_box.faults.add(Fault.IGNORED_FIELD, field="external_id")
    first = case.run()
    case.world.pms_box.faults.remove(dropped)
    case.world.pms_box.faults.add(Fault.IGNORED_FIELD, field="fax")
    case.world.wave_box.add({"name": "Bo", "fax": "1"})
    second = case.run()

    assert (first.result, first.detail) == ("done", "the PMS did not keep the external id")
    assert (second.result, second.detail) == ("not_kept", "the PMS did not keep fax")
