"""Whether a side shows what is created there: contradictions are told apart from what is merely new, late or gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from attrs import evolve

from wave_pms_sync import MappingRegistry, Policy
from wave_pms_sync.apply.book import Book
from wave_pms_sync.apply.desk import Desk, Done, SideDown
from wave_pms_sync.apply.late_partners import LatePartners
from wave_pms_sync.apply.proving import Proving, Unproven
from wave_pms_sync.model.links import Link, LinkStatus, Sight
from wave_pms_sync.model.memory import Entry, Intent, IntentKind, Known, Tenant
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.newcomers import no_counterpart
from wave_pms_sync.reconcile.plan import Plan
from wave_pms_sync.report import Result
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.tenure import Tenure
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.entries import puts

Proofs = Callable[..., Proving]
ADA = {"name": "Ada", "email": "ada@example.com"}
SENT = {"name=name": "Ada", "email=email": "ada@example.com"}


@pytest.fixture
def proof(world) -> Proofs:
    """A side that is to be proven between two real ones, on a store with these entries."""

    def make(
        *stored: Entry, side: Side = Side.PMS, plan: Plan | None = None, same_run: bool = True, **facts
    ) -> Proving:
        links = MemoryLinkStore()
        tenure = Tenure.begin(links, world.clock, "run", 600)
        links.commit(puts(*stored), tenure.lease)
        tenant = Tenant(name="default", wave="w", pms="p")
        book = Book(links=links, tenure=tenure, tenant=tenant, plan=plan or Plan(), run_id="run", settle_s=300)
        clients = {Side.WAVE: world.wave, Side.PMS: world.pms}
        lens = MappingRegistry.default().lens()
        desk = Desk(clients=clients, shape=lens, policy=Policy(), book=book, same_run=same_run)
        now = world.clock.now()
        return Proving(desk=desk, side=side, **{"newest": now, "shown": True, "listed_at": now, "due": True, **facts})

    return make


def told(judge: Callable[[], None]) -> str:
    """What contradicts itself; nothing if nothing does."""
    try:
        judge()
    except Unproven as signal:
        return str(signal)
    return ""


def stranger(made: datetime | None = None, **facts) -> Record:
    """A PMS record that nobody knows."""
    return Record(side=Side.PMS, id="c9", payload={"name": "Bo"}, created_at=made, **facts)


def created(world, at: datetime | None, **facts) -> Link:
    """The link of a PMS record that an earlier run created, as it was shown then."""
    pms_id = world.pms_box.add({"name": "Made"})
    return Link(wave_id="W1", pms_id=pms_id, rule=no_counterpart(Side.PMS), pms=Sight(stamp=at), **facts)


# --- what is asked for -----------------------------------------------------------------------------


def test_what_is_listed_before_a_create(world, proof: Proofs) -> None:
    """What moved since the newest record, a second of rounding included, is listed; all, where none was ever seen."""
    ids = []
    for _ in range(3):
        ids.append(world.pms_box.add({"name": "Bo"}))
        world.later(1)
    newest = world.clock.now() - timedelta(seconds=1)

    assert {record.id for record in proof(newest=newest).listed()} == set(ids[1:])
    assert {record.id for record in proof(newest=None).listed()} == set(ids)


def test_what_was_made_before_is_listed_too(world, proof: Proofs) -> None:
    """While that is to be shown, the listing begins no later than the last record that an earlier run created."""
    link = created(world, world.clock.now())
    gone = Link(wave_id="W2", pms_id="P2", rule=no_counterpart(Side.PMS), pms=Sight())
    world.later()
    late = world.pms_box.add({"name": "Bo"})

    assert {record.id for record in proof(link, gone).listed()} == {link.pms_id, late}
    assert {record.id for record in proof(link, due=False).listed()} == {late}
    assert {record.id for record in proof(evolve(link, rule="matched")).listed()} == {late}
    assert {record.id for record in proof(evolve(link, status=LinkStatus.TOMBSTONE)).listed()} == {late}


def test_who_appeared_is_looked_up_once_in_a_hundred_creates(world, proof: Proofs) -> None:
    """What is new in a side is listed before the first of a hundred creates, and before the next hundred."""
    proving = proof(due=False)
    late = LatePartners(desk=proving.desk, side=Side.PMS, proving=proving, newest_created=None)
    world.count()

    looks = [(late.holds_a_key_of(f"W{n}"), world.requests[1]) for n in range(101)]

    assert looks == [*[(False, 1)] * 100, (False, 2)]


def test_a_side_that_cannot_be_listed_is_down(world, proof: Proofs) -> None:
    """A side that cannot be listed before a create is left for this run."""
    world.pms_box.faults.add(Fault.UNAVAILABLE, on="list", times=None)

    with pytest.raises(SideDown) as caught:
        list(proof().listed())

    assert (caught.value.side, caught.value.final) == (Side.PMS, False)


# --- before the first create -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "held"),
    [({}, True), ({"due": False}, False), ({"shown": False}, False), ({"same_run": False}, False)],
)
def test_a_filter_that_shows_not_even_the_newest(proof: Proofs, facts, held: bool) -> None:
    """A side that lists nobody since a stamp that this run saw there misreads the question; an older stamp may go."""
    assert ("shows nobody" in told(lambda: proof(**facts).look([]))) is held


@pytest.mark.parametrize("there", ["listed", "unlisted", "gone", "archived", "unreadable"])
def test_what_was_created_before_is_to_be_shown(world, proof: Proofs, there: str) -> None:
    """The last record that an earlier run created must be among what is listed, unless it is gone or archived."""
    link = created(world, world.clock.now())
    if there == "archived":
        world.pms_box.archive(link.pms_id)
    if there == "gone":
        world.pms_box.remove(link.pms_id)
    if there == "unreadable":
        world.pms_box.faults.add(Fault.ANSWER, on="one", times=None, body="[]")
    listed = [stranger(), *([evolve(stranger(), id=link.pms_id)] if there == "listed" else [])]

    said = told(lambda: proof(link).look(listed))

    assert ("does not show what was created there" in said) is (there == "unlisted")


@pytest.mark.parametrize(
    ("age_s", "facts", "held"),
    [
        (121, {}, True),
        (120, {}, False),
        (121, {"deleted": True}, False),
        (None, {}, False),
    ],
    ids=["old", "within the tolerance of clocks", "deleted", "of unknown age"],
)
def test_what_the_listing_left_out(world, proof: Proofs, age_s, facts, held: bool) -> None:
    """A record that nobody knows and that is older than this run's listing was left out by it."""
    made = None if age_s is None else world.clock.now() - timedelta(seconds=age_s)

    assert ("its listing left out" in told(lambda: proof().look([stranger(made, **facts)]))) is held
    assert told(lambda: proof(Known(side=Side.PMS, id="c9")).look([stranger(made, **facts)])) == ""
    assert told(lambda: proof(listed_at=None).look([stranger(made, **facts)])) == ""


@pytest.mark.parametrize(
    ("facts", "doubted"),
    [({}, True), ({"due": False}, False), ({"side": Side.PMS}, False), ({"same_run": False}, False)],
)
def test_an_origin_that_is_not_found_by_its_id(proof: Proofs, facts, doubted: bool) -> None:
    """A PMS record that was just listed, and is not found by its id, shows a wrong way to read one."""
    judged = proof(**{"side": Side.WAVE, **facts})

    assert ("does not find by its id" in told(lambda: judged.origin("c9", None))) is doubted


def test_an_origin_that_shows_more_by_itself(proof: Proofs) -> None:
    """A PMS record that by itself has keys which its listing did not show is listed in part only; a name is no key."""
    seen = evolve(stranger(), payload=ADA)
    whole = Known(side=Side.PMS, id="c9", keys=proof().desk.keys(Side.PMS, seen))
    named = evolve(whole, keys=tuple(key for key in whole.keys if key.startswith("name:")))

    assert "shows less of a customer in its listing" in told(lambda: proof(named, side=Side.WAVE).origin("c9", seen))
    nameless = evolve(whole, keys=tuple(key for key in whole.keys if not key.startswith("name:")))
    for known in (whole, nameless, evolve(named, id="c8")):
        assert told(lambda known=known: proof(known, side=Side.WAVE).origin("c9", seen)) == ""


# --- by the first newcomer -------------------------------------------------------------------------


def test_a_side_that_declines_whoever_is_sent(proof: Proofs) -> None:
    """The third refusal in a row, and none before, is taken for one of us, and has its own outcome."""
    due, proven = proof(), proof(due=False)
    done = Done(result=Result.FAILED, detail="refused")
    for _ in range(2):
        due.refused(done)

    with pytest.raises(Unproven, match="the PMS declines every create") as caught:
        due.refused(done)

    assert caught.value.done == done
    assert told(lambda: [proven.refused(done) for _ in range(4)]) == ""


def newcomer(proving: Proving, pms_id: str, payload, sent=SENT) -> str:
    """What the answer to the first create shows of its side."""
    intent = Intent(kind=IntentKind.CREATE, side=Side.PMS, origin_id="W1", values=sent, body=ADA)
    answer = Record(side=Side.PMS, id=pms_id, payload=payload)
    shape = proving.desk.shape
    cells = shape.cells(Side.PMS, shape.raws(Side.PMS, answer.payload))
    return told(lambda: proving.newcomer(intent, answer, cells))


@pytest.mark.parametrize(
    ("shown", "sent", "why"),
    [
        ({}, SENT, "shows nothing of it"),
        ({"email": "ada@example.com"}, SENT, "shows nothing of it"),
        ({"phone": "1", "name": "Ada"}, {"email=email": "ada@example.com"}, "shows nothing of it"),
        ({"name": "Ada"}, SENT, "does not keep by what customers are known (email)"),
        (ADA, SENT, ""),
    ],
    ids=["nothing", "no name", "nothing of it", "no key", "all"],
)
def test_what_the_first_newcomer_shows(world, proof: Proofs, shown, sent, why: str) -> None:
    """The first newcomer shows something of what was sent, its name, and what it is known by."""
    pms_id = world.pms_box.add(shown if "name" in shown else {**shown, "name": "Ada"})
    proving = proof(newest=None)

    said = newcomer(proving, pms_id, shown, sent)

    assert (why in said) if why else (said == "")
    assert not proving.due
    assert newcomer(proving, "c404", {}) == ""


def test_a_newcomer_that_stops_the_run_was_made_all_the_same(proof: Proofs) -> None:
    """What became of the create at hand is told beside the reason."""
    proving = proof(newest=None)
    intent = Intent(kind=IntentKind.CREATE, side=Side.PMS, origin_id="W1", values=SENT, body=ADA)
    cells = proving.desk.shape.cells(Side.PMS, proving.desk.shape.raws(Side.PMS, ADA))

    with pytest.raises(Unproven) as caught:
        proving.newcomer(intent, Record(side=Side.PMS, id="c404", payload=ADA), cells)

    why = "confirmed a create and does not list it: wrong token, account, paging or filter?"
    assert caught.value.done == Done(result=Result.DONE, detail=why)
    assert str(caught.value) == f"the PMS {why}"


@pytest.mark.parametrize("facts", [{}, {"rule": "matched"}, {"status": LinkStatus.TOMBSTONE}])
def test_a_listing_that_is_late(world, proof: Proofs, facts) -> None:
    """A listing that shows what an earlier run created, and not yet the newcomer, shows newcomers late."""
    link = evolve(created(world, world.clock.now()), **facts)

    assert newcomer(proof(link, newest=None), "c404", ADA) == (
        "the PMS confirmed a create and does not list it: wrong token, account, paging or filter?" if facts else ""
    )


def test_a_newcomer_that_is_listed_in_part(world, proof: Proofs) -> None:
    """A newcomer that answers with keys which its listing does not show is listed in part only."""
    pms_id = world.pms_box.add({"name": "Ada"})

    assert newcomer(proof(newest=None), pms_id, ADA) == (
        "the PMS shows less of a customer in its listing than by itself: list.partial, or other fields?"
    )
    assert newcomer(proof(newest=None), world.pms_box.add({**ADA, "name": "Bo"}), ADA) == ""


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("fault", [{"body": "[]"}, {"status": 404, "body": "{}"}], ids=["unreadable", "not found"])
def test_a_newcomer_that_cannot_be_read_by_its_id(world, proof: Proofs, both: bool, fault) -> None:
    """Where records are created on both sides, a newcomer must be found by its id, too, for others rest on that."""
    actions = (Action(kind=ActionKind.CREATE, side=Side.WAVE, pms_id="c8"),) if both else ()
    pms_id = world.pms_box.add(ADA)
    world.pms_box.faults.add(Fault.ANSWER, on="one", times=None, **fault)

    said = newcomer(proof(newest=None, plan=Plan(actions=actions)), pms_id, ADA)

    assert ("cannot show it by its id" in said) is both


def test_a_newcomer_that_is_read_by_its_id(world, proof: Proofs) -> None:
    """A newcomer that is listed and found by its id proves its side, where records are created on both."""
    plan = Plan(actions=(Action(kind=ActionKind.CREATE, side=Side.WAVE, pms_id="c8"),))

    assert newcomer(proof(newest=None, plan=plan), world.pms_box.add(ADA), ADA) == ""
