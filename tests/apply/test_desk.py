"""What is at hand while a plan is applied: records read just before they are written, marks that are due, and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import define, evolve

from wave_pms_sync import MappingRegistry
from wave_pms_sync.apply.book import Book
from wave_pms_sync.apply.desk import Desk, RecordDown, SideDown
from wave_pms_sync.errors import BadAnswer, Conflict, FieldFault, NotFound, Refused, SyncError, Throttled
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Intent, IntentKind, Known, Tenant
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.plan import Plan
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.tenure import Tenure
from wave_pms_sync.testing import Fault

LINK = Link(wave_id="W1", pms_id="P1", revision=3)
TAKEN = [FieldFault(path="email", code="taken")]


@define
class Place:
    """The working place of a run in a world, and a record of either side."""

    world: object
    desk: Desk
    ids: dict[Side, str]


@pytest.fixture
def at_work(make_world: Callable[..., object]) -> Callable[..., Place]:
    """A run at work in a world with one linked pair."""

    def make(mapping: MappingRegistry | None = None, **options: object) -> Place:
        world = make_world(**options)
        wave_id, pms_id = world.pair()
        world.later()
        tenure = Tenure.begin(world.links, world.clock, "run", 600)
        tenant = Tenant(name="default", wave="w", pms="p")
        book = Book(links=world.links, tenure=tenure, tenant=tenant, plan=Plan(), run_id="run", settle_s=300)
        shape = (mapping or MappingRegistry.default()).lens()
        clients = {Side.WAVE: world.wave, Side.PMS: world.pms}
        desk = Desk(clients=clients, shape=shape, policy=Policy(), book=book, same_run=True)
        world.count()
        return Place(world, desk, {Side.WAVE: wave_id, Side.PMS: pms_id})

    return make


# --- records just before they are written ----------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_record_that_was_read_ahead_is_used_once(at_work, side: Side) -> None:
    """A record that was read ahead is not read again when it is written, and is read anew for the next write."""
    place = at_work()
    desk, record_id = place.desk, place.ids[side]

    assert not desk.at_hand(side, record_id)
    desk.prepare(side, [record_id])
    assert desk.at_hand(side, record_id)
    assert not desk.at_hand(side.other, record_id)
    first = desk.look(side, record_id)
    assert (sum(place.world.requests), desk.at_hand(side, record_id)) == (1, False)
    assert desk.look(side, record_id) == first
    assert (sum(place.world.requests), first.id) == (2, record_id)


@pytest.mark.parametrize(("seconds", "requests"), [(10, 1), (11, 2)])
def test_record_that_was_read_long_before_is_read_again(at_work, seconds: int, requests: int) -> None:
    """A slow side gives others time to edit: what was read more than ten seconds ago is read again."""
    place = at_work()
    place.desk.prepare(Side.PMS, [place.ids[Side.PMS]])
    place.world.later(seconds)

    assert place.desk.look(Side.PMS, place.ids[Side.PMS]) is not None
    assert sum(place.world.requests) == requests


@pytest.mark.parametrize("side", Side)
def test_record_that_is_gone(at_work, side: Side) -> None:
    """A record that its side does not find is None, read ahead or not, and cannot be read after a write either."""
    place = at_work()
    place.world.box(str(side)).remove(place.ids[side])

    assert place.desk.look(side, place.ids[side]) is None
    place.desk.prepare(side, [place.ids[side]])
    assert place.desk.look(side, place.ids[side]) is None
    assert place.desk.reread(side, place.ids[side]) is None


def test_record_that_is_shown_as_deleted_is_gone(at_work) -> None:
    """A PMS may go on showing what was deleted, and say so: nothing is written to such a record."""
    place = at_work(pms_options={"soft_delete": True, "tombstones": True})
    place.world.pms_box.remove(place.ids[Side.PMS])

    assert place.desk.look(Side.PMS, place.ids[Side.PMS]) is None


def test_record_of_which_no_sense_can_be_made_is_asked_for_once(at_work) -> None:
    """A record that cannot be read is told with its side and the error, and not asked for again in the run."""
    place = at_work()
    record_id = place.ids[Side.PMS]
    place.world.pms_box.faults.add(Fault.ANSWER, on="one", record=record_id, times=None, status=200, body="<html>")

    told = []
    for _ in range(2):
        with pytest.raises(RecordDown) as down:
            place.desk.look(Side.PMS, record_id)
        told.append((type(down.value.error), down.value.side, str(down.value)))

    assert told[0] == told[1]
    assert told[0][:2] == (BadAnswer, Side.PMS)
    assert told[0][2] == str(down.value.error) != ""
    assert place.world.requests == (0, 1)
    assert place.desk.reread(Side.PMS, record_id) is None


def test_side_that_cannot_be_read_is_down(at_work) -> None:
    """A side that asks for patience ends what concerns it in this run."""
    place = at_work()
    place.world.pms_box.faults.add(Fault.THROTTLED, on="one", retry_after=3600)

    with pytest.raises(SideDown) as down:
        place.desk.look(Side.PMS, place.ids[Side.PMS])

    assert (type(down.value.error), down.value.side, down.value.final) == (Throttled, Side.PMS, False)
    assert str(down.value) == str(down.value.error) != ""


@pytest.mark.parametrize("side", Side)
def test_the_lease_outlives_the_next_request(at_work, side: Side) -> None:
    """Before each request the lease is renewed, if it would end before the answer."""
    for step in ("prepare", "look", "announce"):
        place = at_work()
        desk, lease = place.desk, place.desk.book.tenure.lease
        place.world.later(599)
        if step == "prepare":
            desk.prepare(side, [place.ids[side]])
        elif step == "look":
            desk.look(side, place.ids[side])
        else:
            desk.announce(Intent(kind=IntentKind.UPDATE, side=side, origin_id="W1", record_id="P1"))

        assert desk.book.tenure.lease.expires_at > lease.expires_at, step


# --- what stands in the way ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "in_the_way"),
    [
        (NotFound("gone"), True),
        (Conflict("taken", faults=TAKEN), True),
        (Conflict("moved"), False),
        (Refused("no", faults=TAKEN), False),
    ],
    ids=["not found", "taken", "moved", "refused"],
)
def test_what_is_in_the_way_of_a_record_that_stands(at_work, error: SyncError, in_the_way: bool) -> None:
    """A write is in another's way if it was declined for more than its version, and its record did not move."""
    place = at_work()
    desk, record_id = place.desk, place.ids[Side.PMS]
    seen = desk.look(Side.PMS, record_id)

    assert desk.in_the_way(error, Side.PMS, seen) is in_the_way
    place.world.pms_box.edit(record_id, {"phone": "111"}, stamp=False)
    assert not desk.in_the_way(error, Side.PMS, seen)
    seen = desk.look(Side.PMS, record_id)
    place.world.pms_box.edit(record_id, {})
    assert not desk.in_the_way(error, Side.PMS, seen)
    place.world.pms_box.remove(record_id)
    assert not desk.in_the_way(error, Side.PMS, seen)


# --- marks that are due ----------------------------------------------------------------------------


@pytest.mark.parametrize("former", [None, "W0"])
def test_mark_that_is_due_is_announced(at_work, former: str | None) -> None:
    """A mark is announced as an update of the PMS record, with what it replaces."""
    place = at_work()

    [change] = place.desk.mark_due(LINK, former)

    assert change.entry == Intent(
        kind=IntentKind.UPDATE,
        side=Side.PMS,
        origin_id="W1",
        record_id="P1",
        before={MARKER: former},
        body={"external_id": "W1"},
        announced_at=place.world.clock.now(),
        run_id="run",
    )
    assert place.desk.book.intents == {change.entry.key: change.entry}


def test_no_mark_is_due_where_none_is_kept(at_work) -> None:
    """Where the mapping has no place for the mark, or the other side keeps none, nothing is announced."""
    registry = MappingRegistry.default()
    registry.unmap("id")
    unmapped, unable = at_work(registry).desk, at_work().desk
    unable.clients = {**unable.clients, Side.PMS: unable.clients[Side.WAVE]}

    assert unmapped.mark_due(LINK) == unable.mark_due(LINK) == []
    assert unmapped.book.intents == unable.book.intents == {}


def test_mark_of_an_update_that_was_not_carried_out_stays_due(at_work) -> None:
    """Of an action that was to write a mark along with values, the mark stays due with what it replaces."""
    desk = at_work().desk
    email = FieldChange(id="email=email", name="email", group="email", before="a", after="b")
    mark = FieldChange(id=MARKER, name="id", group=MARKER, before="W0", after="W1")
    update = Action(kind=ActionKind.UPDATE, side=Side.PMS, wave_id="W1", pms_id="P1", fields=(email, mark))

    [change] = desk.still_to_mark(update, LINK)

    assert (change.entry.before, change.entry.body) == ({MARKER: "W0"}, {"external_id": "W1"})
    assert desk.still_to_mark(evolve(update, fields=(email,)), LINK) == []


def test_mark_that_another_action_will_write_is_announced_once(at_work) -> None:
    """A mark to come is announced with what is done before it, unless a write of that very record is announced."""
    desk = at_work().desk
    agree = Action(kind=ActionKind.AGREE, wave_id="W1", pms_id="P1")
    other = Intent(kind=IntentKind.UPDATE, side=Side.PMS, origin_id="W2", record_id="P2")
    desk.book.intents[other.key] = other

    assert desk.mark_to_come(agree, LINK) == []
    desk.book.marks["W1", "P1"] = FieldChange(id=MARKER, name="id", group=MARKER, before="W0", after="W1")
    [change] = desk.mark_to_come(agree, LINK)

    assert (change.entry.before, change.entry.body) == ({MARKER: "W0"}, {"external_id": "W1"})
    assert desk.mark_to_come(agree, LINK) == []


# --- keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_keys_that_a_record_has_by_now_are_noted(at_work, side: Side) -> None:
    """The key index follows what a record shows; nothing is written while that is known."""
    place = at_work()
    desk, record_id = place.desk, place.ids[side]
    before = desk.book.known(side, record_id)

    assert desk.reindexed(side, desk.look(side, record_id)) == []
    place.world.box(str(side)).edit(record_id, {"email": "new@example.com"})
    record = desk.look(side, record_id)
    [change] = desk.reindexed(side, record)

    assert change.entry == evolve(before, keys=desk.keys(side, record))
    assert change.entry.keys != before.keys
    assert desk.book.known(side, record_id) == change.entry
    other = evolve(record, id="another")
    assert desk.reindexed(side, other)[0].entry == Known(side=side, id="another", keys=desk.keys(side, other))
