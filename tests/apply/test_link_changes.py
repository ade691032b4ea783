"""Changes of links and agreements that write to no side: what stands in the store afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import define, evolve, frozen

from wave_pms_sync.apply.book import Book
from wave_pms_sync.apply.desk import IN_THE_WAY, PARTED, Desk, Done
from wave_pms_sync.apply.link_changes import change_link
from wave_pms_sync.errors import ConfigurationError, Conflict, FieldFault, NotFound, Refused, Unauthorized, Unreachable
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.links import Agreement, Baseline, ChangeStamp, Hold, HoldReason, Link, LinkStatus, Sight
from wave_pms_sync.model.memory import (
    APART,
    Entry,
    Intent,
    IntentKind,
    JournalEntry,
    Known,
    Quarantined,
    QuarantineReason,
    Tenant,
    Unfinished,
)
from wave_pms_sync.model.records import Abilities
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.plan import Notes, Plan
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.report import Outcome, Result
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.tenure import Tenure
from wave_pms_sync.testing import Fault, ManualClock
from wave_pms_sync.testing.entries import NOON, puts

SIGHT = Sight(stamp=NOON, digest="d", mark="m")
LINK = Link(wave_id="W1", pms_id="P1", revision=3, wave=SIGHT, pms=SIGHT)
STAMP = ChangeStamp(digest="d")
BOTH = ("email", "phone")
HELD = Agreement(
    wave_id="W1",
    baselines={"email=email": Baseline(wave="a", pms="a")},
    holds={g: Hold(group=g, reason=HoldReason.DISPUTE) for g in BOTH},
    wave_changes=dict.fromkeys(BOTH, STAMP),
    pms_changes=dict.fromkeys(BOTH, STAMP),
)
KNOWN = tuple(Known(side=side, id=record_id) for side, record_id in ((Side.WAVE, "W1"), (Side.PMS, "P1")))
INTENT = Intent(kind=IntentKind.UPDATE, side=Side.PMS, origin_id="W1", record_id="P1")


@define
class Room:
    """A store, and what a plan does to it."""

    desk: Desk
    links: LinkStore

    def do(self, kind: ActionKind, **facts: object) -> Done:
        """Carry out a link change."""
        told = {"wave_id": "W1", "pms_id": "P1", "revision": 3, "rule": "why", **facts}
        return change_link(self.desk, Action(kind=kind, **told))

    def pair(self) -> tuple[Link, Agreement]:
        """The pair as it is stored by now."""
        [link], [agreement] = self.links.scan(Link), self.links.scan(Agreement)
        return link, agreement

    def known(self) -> set[str]:
        """The ids in the key index."""
        return {known.id for known in self.links.scan(Known)}


Rooms = Callable[..., Room]


@pytest.fixture
def make_room() -> Rooms:
    """A room in which these entries are stored."""

    def make(*stored: Entry, store: LinkStore | None = None, **notes: object) -> Room:
        links = MemoryLinkStore() if store is None else store
        tenure = Tenure.begin(links, ManualClock(NOON), "run", 600)
        links.commit(puts(*stored), tenure.lease)
        tenant = Tenant(name="default", wave="w", pms="p")
        book = Book(
            links=links, tenure=tenure, tenant=tenant, plan=Plan(notes=Notes(**notes)), run_id="run", settle_s=300
        )
        lens = MappingRegistry.default().lens()
        return Room(Desk(clients={}, shape=lens, policy=Policy(), book=book, same_run=True), links)

    return make


@pytest.fixture
def room(make_room: Rooms) -> Room:
    """A linked pair with two disputes, a write that was announced, and the keys of both records."""
    return make_room(LINK, HELD, INTENT, *KNOWN)


# --- a pair that is linked -------------------------------------------------------------------------


def test_agreeing(room: Room) -> None:
    """Agreed groups have new baselines and nothing else that is open; other groups stay as they are."""
    moved = {"email=email": Baseline(wave="b", pms="b")}

    done = room.do(ActionKind.AGREE, baselines=moved, settles=(INTENT.key,))

    link, agreement = room.pair()
    assert done == Done(result=Result.DONE)
    assert (link.revision, link.open) == (4, True)
    assert agreement.baselines == moved
    assert set(agreement.holds) == set(agreement.wave_changes) == set(agreement.pms_changes) == {"phone"}
    assert list(room.links.scan(Intent)) == []
    assert [(e.kind, e.outcome) for e in room.links.scan(JournalEntry)] == [("agree", "done")]


def test_agreeing_on_what_was_not_kept(room: Room) -> None:
    """What a side did not keep is told, and remembered; the same words without a group mean nothing."""
    told = Done(result=Result.NOT_KEPT, detail="not kept: email")

    assert room.do(ActionKind.AGREE, detail="not kept: email", unkept={"email": Side.PMS}) == told
    (agreement,) = room.links.scan(Agreement)
    assert (agreement.not_kept, agreement.unkept_by) == (("email",), {"email": Side.PMS})
    assert room.do(ActionKind.SUSPEND, revision=4, detail="why") == Done(result=Result.DONE)


def test_agreeing_on_a_field_that_is_not_mapped_any_more(room: Room) -> None:
    """A plan that was saved under another mapping agrees on the rest."""
    moved = {"email=email": Baseline(wave="b", pms="b"), "gone=gone": Baseline(wave="1", pms="1")}

    done = room.do(ActionKind.AGREE, baselines=moved)

    assert done == Done(result=Result.DONE)
    assert set(room.pair()[1].holds) == {"phone"}


def test_holding_and_releasing(room: Room) -> None:
    """A hold has both values as they are shown, the reason and the time; released it is gone, and no other."""
    change = FieldChange(id="fax=fax", name="fax", group="fax", wave="1", pms="2", rule="x")

    room.do(ActionKind.HOLD, group="fax", hold=HoldReason.FLIPS, detail="why", fields=(change,))
    held = room.pair()[1].holds
    room.do(ActionKind.RELEASE, revision=4, group="fax")

    assert held["fax"] == Hold(
        group="fax", reason=HoldReason.FLIPS, detail="why", wave={"fax=fax": "1"}, pms={"fax=fax": "2"}, since=NOON
    )
    assert set(held) == {"fax", *BOTH}
    assert set(room.pair()[1].holds) == set(BOTH)
    room.do(ActionKind.HOLD, revision=5, group="fax")
    assert room.pair()[1].holds["fax"].reason is HoldReason.DISPUTE


@pytest.mark.parametrize(("detail", "left"), [("wave", {"P1"}), ("pms", {"W1"}), ("both", set())])
def test_tombstone(room: Room, detail: str, left: set[str]) -> None:
    """A tombstone holds nothing, forgets what the gone side showed and its keys, and keeps the other's."""
    room.do(ActionKind.TOMBSTONE, detail=detail)

    link, agreement = room.pair()
    assert (link.status, link.reason, agreement.holds) == (LinkStatus.TOMBSTONE, "why", {})
    assert room.known() == left
    assert {side for side in Side if link.sight(side).digest is not None} == {k.side for k in KNOWN if k.id in left}
    assert {side for side in Side if link.sight(side).mark is not None} == {k.side for k in KNOWN if k.id in left}


def test_suspending_and_linking_again(room: Room) -> None:
    """A suspended link says why and asks nothing more; linked again it is active."""
    room.do(ActionKind.SUSPEND)
    suspended, agreement = room.pair()
    room.do(ActionKind.RELINK, revision=4)
    again = room.pair()[0]

    assert (suspended.status, suspended.reason, agreement) == (LinkStatus.SUSPENDED, "why", evolve(HELD, holds={}))
    assert (again.status, again.reason) == (LinkStatus.ACTIVE, "")
    assert room.known() == {"W1", "P1"}


@pytest.mark.parametrize("facts", [{"revision": 2}, {"pms_id": "P2"}])
def test_link_that_moved_is_left_alone(room: Room, facts: dict[str, object]) -> None:
    """A link that moved since planning is left as it is, and its records are read again."""
    done = room.do(ActionKind.SUSPEND, **facts)

    assert done == Done(result=Result.SKIPPED, detail="the link moved since it was planned")
    assert room.pair() == (LINK, HELD)
    assert {u.id for u in room.links.scan(Unfinished)} == {"W1", facts.get("pms_id", "P1")}


# --- a new link ------------------------------------------------------------------------------------


def test_linking(make_room: Rooms) -> None:
    """Two records are linked as the look left them, and rest no more."""
    new = Link(wave_id="W1", pms_id="P1", wave=SIGHT, pms=SIGHT, rule="matched")
    resting = Quarantined(side=Side.PMS, id="P1", reason=QuarantineReason.TWIN)
    room = make_room(resting, links={"W1": (new, Agreement(wave_id="W1"))})
    met = {"email=email": Baseline(wave="a", pms="a")}

    done = room.do(ActionKind.LINK, revision=0, baselines=met)

    assert done == Done(result=Result.DONE)
    assert room.pair() == (evolve(new, revision=1), Agreement(wave_id="W1", baselines=met))
    assert list(room.links.scan(Quarantined)) == []
    assert [(e.kind, e.outcome) for e in room.links.scan(JournalEntry)] == [("link", "linked")]


def test_linking_in_place_of_an_old_link(make_room: Rooms) -> None:
    """A record that was made again takes the place of the gone one, whose link and keys go with it."""
    new = Link(wave_id="W1", pms_id="P2", revision=3)
    room = make_room(LINK, HELD, *KNOWN, links={"W1": (new, Agreement(wave_id="W1"))})

    done = room.do(ActionKind.LINK, pms_id="P2")

    assert done.result is Result.DONE
    assert room.pair() == (evolve(new, revision=1), Agreement(wave_id="W1"))
    assert room.known() == {"W1"}


@pytest.mark.parametrize(
    ("stored", "facts", "why"),
    [
        ((LINK,), {"revision": 2}, "one of the two was linked since it was planned"),
        ((LINK,), {"revision": 0, "wave_id": "W9"}, "one of the two was linked since it was planned"),
        ((), {"revision": 3}, "one of the two was linked since it was planned"),
    ],
    ids=["moved", "linked with another", "unlinked"],
)
def test_linking_what_was_linked_meanwhile(make_room: Rooms, stored, facts, why: str) -> None:
    """Nothing is linked if the links of the two are not as they were when it was planned."""
    room = make_room(*stored)

    assert room.do(ActionKind.LINK, **facts) == Done(result=Result.SKIPPED, detail=why)
    assert list(room.links.scan(Link)) == list(stored)


@pytest.mark.parametrize(
    ("same_run", "settles", "linked"),
    [(False, (), False), (True, (), True), (False, (INTENT.key,), True), (True, (INTENT.key,), True)],
)
@pytest.mark.parametrize("apart", KNOWN, ids=["wave", "pms"])
def test_linking_whom_a_person_parted(make_room: Rooms, apart: Known, same_run, settles, linked: bool) -> None:
    """A plan of before does not link again whom a person parted since; what a lost create became is linked."""
    new = Link(wave_id="W1", pms_id="P1", wave=SIGHT, pms=SIGHT, rule="matched")
    room = make_room(evolve(apart, reason=APART), INTENT, links={"W1": (new, Agreement(wave_id="W1"))})
    room.desk.same_run = same_run

    done = room.do(ActionKind.LINK, revision=0, settles=settles)

    assert done == (Done(result=Result.DONE) if linked else Done(result=Result.SKIPPED, detail=PARTED))
    assert len(list(room.links.scan(Link))) == linked


@frozen
class Facts:
    """All that is asked of a client here."""

    abilities: Abilities


@pytest.mark.parametrize("before", [None, "W0"])
def test_linking_announces_the_mark_in_the_same_transaction(make_room: Rooms, before: str | None) -> None:
    """A mark that the plan writes later stands in the store as soon as the link does, with what it replaces."""
    new = Link(wave_id="W1", pms_id="P1", wave=SIGHT, pms=SIGHT, rule="matched")
    room = make_room(links={"W1": (new, Agreement(wave_id="W1"))})
    room.desk.clients = {Side.PMS: Facts(Abilities(marker=True))}
    room.desk.book.marks["W1", "P1"] = FieldChange(id=MARKER, name="id", group=MARKER, before=before, after="W1")

    room.do(ActionKind.LINK, revision=0)

    [intent] = room.links.scan(Intent)
    assert (intent.before, intent.body, intent.record_id) == ({MARKER: before}, {"external_id": "W1"}, "P1")


@pytest.mark.parametrize("missing", ["wave_id", "pms_id"])
def test_linking_one_id(make_room: Rooms, missing: str) -> None:
    """A link needs two ids."""
    done = make_room().do(ActionKind.LINK, **{missing: None})

    assert done == Done(result=Result.FAILED, detail="the action names one id only")


# --- a new link of a saved plan --------------------------------------------------------------------


@define
class Meeting:
    """Two records of one customer, and the saved plan that links them."""

    world: object
    wave_id: str
    pms_id: str
    plan: Plan

    def apply(self) -> Outcome:
        """What became of the link."""
        outcomes = self.world.sync.apply(self.plan).outcomes
        return next(outcome for outcome in outcomes if outcome.action.kind is ActionKind.LINK)

    def link(self) -> Link:
        """The link as it is stored by now."""
        [link] = self.world.links.find(Link, "wave_id", [self.wave_id])
        return link


@pytest.fixture
def meeting(world) -> Callable[..., Meeting]:
    """Makes two records that bear one e-mail, and a mark unless told otherwise, and saves the plan for them."""

    def meet(*, marked: bool = True) -> Meeting:
        world.pair(name="Bystander", email="b@example.com")
        wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
        mark = {"external_id": wave_id} if marked else {}
        pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com", "currency_code": "CAD", **mark})
        world.wave_box.archive(wave_id)
        world.pms_box.archive(pms_id)
        world.later()
        return Meeting(world, wave_id, pms_id, Plan.from_dict(world.sync.plan().to_dict()))

    return meet


def test_saved_plan_links_what_it_was_made_on(meeting: Callable[..., Meeting]) -> None:
    """A link of a saved plan is remembered as the two stand: the next full run sees nothing that it did not know."""
    case = meeting()

    outcome = case.apply()

    linked = case.link()
    ran = {entry.run_id for entry in case.world.links.scan(JournalEntry) if entry.kind == "link"}
    keys = [known.keys for known in case.world.links.scan(Known) if known.id in (case.wave_id, case.pms_id)]
    assert (outcome.result, outcome.detail) == ("done", "")
    assert (len(keys), all(keys)) == (2, True)
    assert (linked.pms_id, linked.revision, linked.open) == (case.pms_id, 1, False)
    assert (linked.rule, {linked.run_id}) == ("matched by external_id", ran)
    assert case.world.run(full=True).ok
    seen = case.link()
    for side in Side:
        assert None not in (linked.sight(side).created_at, linked.sight(side).stamp)
        assert linked.sight(side).archived
        assert evolve(seen.sight(side), mark=None) == linked.sight(side)


@pytest.mark.parametrize("side", ["wave", "pms"])
@pytest.mark.parametrize("how", ["edited", "gone"])
def test_saved_plan_links_nobody_who_moved(meeting: Callable[..., Meeting], side: str, how: str) -> None:
    """Where one of the two was edited or deleted since the plan was made, it says so and links nothing."""
    case = meeting()
    box, record_id = case.world.box(side), {"wave": case.wave_id, "pms": case.pms_id}[side]
    if how == "gone":
        box.remove(record_id)
    else:
        box.edit(record_id, {"phone": "111"})

    outcome = case.apply()

    assert (outcome.result, outcome.detail) == ("skipped", "one of the two moved since it was planned")
    assert case.wave_id not in case.world.linked()


def test_saved_plan_announces_the_mark_with_the_link(meeting: Callable[..., Meeting]) -> None:
    """A mark that is due stands in the store with the link, so that no cut in between loses it."""
    case = meeting(marked=False)
    case.world.pms_box.faults.add(Fault.THROTTLED, on="update", retry_after=3600)
    case.world.wave_box.faults.add(Fault.THROTTLED, on="update", retry_after=3600)

    case.apply()

    [intent] = case.world.links.scan(Intent)
    assert (intent.origin_id, intent.record_id, intent.side) == (case.wave_id, case.pms_id, Side.PMS)
    assert intent.body == {"external_id": case.wave_id}
    assert intent.before == {MARKER: None}
    case.world.settle()
    case.world.run()
    assert case.world.pms_box.customers[case.pms_id]["external_id"] == case.wave_id


def test_nobody_links_what_another_tenant_has_linked(make_room: Rooms, tmp_path: Path) -> None:
    """A PMS record that another tenant of the same store and PMS has linked stays with it, and the plan says so."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path, tenant="other") as other, SQLiteLinkStore(path) as links:
        lease = other.acquire("another run", NOON, 600)
        other.commit(puts(Tenant(name="other", wave="another wave", pms="p"), LINK), lease)
        room = make_room(store=links)

        done = room.do(ActionKind.LINK, revision=0, wave_id="W2")

        why = "another tenant of this store has linked the record in the PMS"
        assert done == Done(result=Result.SKIPPED, detail=why)
        assert list(links.scan(Link)) == []


# --- what sides name -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "path", "groups"),
    [
        (Side.PMS, "email", {"email"}),
        (Side.PMS, "address", {"address"}),
        (Side.PMS, "address.city", {"address"}),
        (Side.PMS, "email.0", {"email"}),
        (Side.PMS, "mail", set()),
        (Side.PMS, "e", set()),
        (Side.WAVE, "currency", {"currency.code"}),
        (Side.WAVE, "customer_number", set()),
        (Side.PMS, "customer_number", {"displayId"}),
    ],
)
def test_groups_of_a_property(room: Room, side: Side, path: str, groups: set[str]) -> None:
    """A property that a side names belongs to the group that it is in, or that is in it."""
    assert room.desk.groups_named(side, [path]) == groups


def test_groups_of_a_property_that_is_one_of_several(room: Room) -> None:
    """A field that joins several properties is named by each of them."""
    mapping = MappingRegistry.default()
    mapping.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")
    room.desk.shape = mapping.lens()

    [group] = room.desk.groups_named(Side.PMS, ["full_name"])

    assert (
        room.desk.groups_named(Side.WAVE, ["lastName"]) == room.desk.groups_named(Side.WAVE, ["firstName"]) == {group}
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            Refused("no", faults=[FieldFault(path="email", code="taken", message="ada@example.com is taken")]),
            "refused: email taken",
        ),
        (
            Refused("no", faults=[FieldFault(path="email"), FieldFault(path="", code="odd")]),
            "refused: email, record odd",
        ),
        (Conflict("no", faults=[FieldFault(path="email", code="unique")]), "refused: email unique"),
        (Refused("no thanks", faults=[FieldFault(path="", code="odd")]), "no thanks"),
        (NotFound("it is gone"), "it is gone"),
    ],
)
def test_refusal_in_words(error, told: str) -> None:
    """A refusal is told by fields and codes, never by what the side said of a value; else in the words of the error."""
    assert Desk.told(error) == told


# --- how to stop -----------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("error", "final"),
    [
        (Unauthorized("not accepted"), True),
        (Unauthorized("may only read", forbidden=True), False),
        (ConfigurationError("profile", ["url: wrong"]), True),
        (Unreachable("down"), False),
    ],
)
def test_what_ends_a_run(room: Room, side: Side, error, final: bool) -> None:
    """Credentials that are not accepted and wrong settings end the run; other faults end what is written to a side."""
    stop = room.desk.stop(error, side)

    assert (stop.error, stop.side, stop.final) == (error, side, final)


def test_what_was_in_the_way_before(make_room: Rooms) -> None:
    """A record that was left because something was in its way is known in the next run; other reasons do not count."""
    room = make_room(
        Unfinished(side=Side.WAVE, id="W1", reason=IN_THE_WAY), Unfinished(side=Side.PMS, id="P1", reason="postponed")
    )

    assert room.desk.declined_before(Side.WAVE, "W1")
    assert not room.desk.declined_before(Side.PMS, "P1")
    assert not room.desk.declined_before(Side.WAVE, "W2")
