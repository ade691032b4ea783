"""Applying a plan: one action after the other, what stops which of them, and what is remembered in the end."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from attrs import define, evolve

from wave_pms_sync import MappingRegistry, MemoryLinkStore, Plan, Policy, Report
from wave_pms_sync.apply.book import Book
from wave_pms_sync.apply.desk import Desk
from wave_pms_sync.apply.loop import apply_plan
from wave_pms_sync.errors import StoreUnusable, Throttled, Unauthorized
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Intent, SideState, Tenant, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.plan import Notes
from wave_pms_sync.tenure import Tenure
from wave_pms_sync.testing import Fault, ManualClock
from wave_pms_sync.testing.entries import NOON, puts


class Full:
    """A store that takes nothing more once a side was written."""

    def __init__(self, world) -> None:
        self._world = world

    def __getattr__(self, name: str) -> object:
        return getattr(self._world.links, name)

    def commit(self, changes: object, lease: object) -> None:
        """Fail after the first write."""
        if any(self._world.writes):
            raise StoreUnusable("disk full")
        self._world.links.commit(changes, lease)


@define
class Crowd:
    """Pairs of which several were edited, so that several updates are due."""

    world: object
    ids: list[str]

    def edit(self, side: str, *numbers: int, **values: object) -> None:
        """Edit some of them."""
        for n in numbers:
            self.world.edit(side, self.ids[n], values or {"phone": f"111{n}"})

    def left(self) -> dict[str, str]:
        """The Wave records that the next run reads again, with the reason."""
        return {u.id: u.reason for u in self.world.links.scan(Unfinished) if u.id in self.ids}


def told(report: Report) -> list[tuple[str, str]]:
    """Result and detail of each action."""
    return [(str(outcome.result), outcome.detail) for outcome in report.outcomes]


@pytest.fixture
def crowd(make_world) -> Callable[..., Crowd]:
    """Three linked pairs."""

    def make(**options: object) -> Crowd:
        world = make_world(**options)
        ids = world.crowd(3)
        world.run()
        world.later()
        world.count()
        return Crowd(world, ids)

    return make


# --- what stops a run ------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["update", "create", "delete", "archive"])
def test_store_that_fails_after_a_write_is_told_and_not_raised(crowd, what: str) -> None:
    """Once something was written, a store that fails ends the run, and what was not done is told action by action."""
    group = crowd(policy=Policy(deletions=what if what in ("delete", "archive") else "keep"))
    world = group.world
    for n in (0, 1):
        if what == "update":
            group.edit("wave", n)
        elif what == "create":
            world.wave_box.add({"name": f"New {n}"})
        else:
            world.wave_box.remove(group.ids[n])
    sync = world.make_sync(links=Full(world))

    report = sync.run(full=True)

    assert isinstance(report.error, StoreUnusable)
    assert told(report) == [("postponed", "the store failed")] * 2
    assert sum(world.writes) == 1


def test_time_that_ends_between_two_writes(crowd) -> None:
    """What a run has no time left for is postponed, is read again by the next one, and is done then."""
    group = crowd()
    group.edit("wave", 0, 1, 2)
    group.world.pms_box.faults.add(Fault.CALL_AFTER, on="update", call=lambda _: group.world.later(100))

    report = group.world.run(deadline_s=50)

    assert told(report) == [("done", ""), *[("postponed", "the run ended before")] * 2]
    assert sorted(group.left().values()) == ["postponed", "postponed"]
    assert group.world.run().counts.updated_pms == 2
    assert group.left() == {}


def test_each_action_is_logged_by_ids(crowd, caplog) -> None:
    """The log has a line for each action, with what became of it, its kind and both ids."""
    group = crowd()
    group.edit("wave", 0)

    with caplog.at_level(logging.INFO, "wave_pms_sync.apply"):
        group.world.run()

    wave_id, pms_id = group.ids[0], group.world.linked()[group.ids[0]]
    assert f"action done kind=update ids={wave_id} / {pms_id}" in caplog.messages


def test_side_that_asks_for_patience_stops_its_own_writes(crowd) -> None:
    """Once a side asks for patience, nothing more is written to it in this run; the other direction goes on."""
    group = crowd()
    group.edit("wave", 0, 1)
    group.edit("pms", 2)
    group.world.pms_box.faults.add(Fault.THROTTLED, on="update", retry_after=3600)

    report = group.world.run()

    assert sorted(told(report)) == [
        ("done", ""),
        ("postponed", "the PMS cannot be used now"),
        ("postponed", "the PMS cannot be written now"),
    ]
    assert {type(o.error) for o in report.outcomes if o.result == "postponed"} == {Throttled}
    assert (report.status, report.counts.updated_wave) == ("partial", 1)
    assert group.world.run().counts.updated_pms == 2


def test_credentials_that_are_refused_end_the_run(crowd) -> None:
    """Once a side does not accept the credentials, nothing more is written anywhere, and the report has the error."""
    group = crowd()
    group.edit("wave", 0, 1)
    group.world.pms_box.faults.add(Fault.UNAUTHORIZED, on="update", times=None)

    report = group.world.run()

    assert told(report) == [("postponed", "the PMS cannot be used now"), ("postponed", "the run ended before")]
    assert isinstance(report.error, Unauthorized)


def test_run_that_was_stopped_keeps_what_the_look_taught_for_the_next(crowd) -> None:
    """A run that is stopped moves no watermark; one that goes through moves both."""
    group = crowd()
    [before] = group.world.links.scan(Tenant)
    group.edit("wave", 0)
    fault = group.world.pms_box.faults.add(Fault.UNAUTHORIZED, on="update", times=None)

    group.world.run()
    [stopped] = group.world.links.scan(Tenant)
    group.world.pms_box.faults.remove(fault)
    group.world.run()
    [through] = group.world.links.scan(Tenant)

    assert (stopped.wave_state, stopped.pms_state) == (before.wave_state, before.pms_state)
    assert through.wave_state != before.wave_state
    assert through.pms_state != before.pms_state


def test_record_that_cannot_be_read_postpones_its_own_update(crowd) -> None:
    """A record that its side cannot show is put off by itself; the others are written."""
    group = crowd()
    group.edit("wave", 0, 1)
    bad = group.world.linked()[group.ids[0]]
    group.world.pms_box.faults.add(Fault.ANSWER, on="one", record=bad, body="[]", times=None)

    report = group.world.run()

    assert sorted(told(report)) == [("done", ""), ("postponed", "the PMS could not show it")]
    assert group.left() == {group.ids[0]: "postponed"}


# --- patience --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("others", "counted"), [(0, 0), (1, 1)])
def test_update_in_vain_counts_only_where_others_are_carried_out(crowd, others: int, counted: int) -> None:
    """An update that nobody answers counts as tried in vain only if its side carried out others in the same run."""
    group = crowd()
    group.edit("wave", 0, *range(1, 1 + others))
    group.edit("pms", 2)  # the other side is alive, and says nothing of this one
    poison = group.world.linked()[group.ids[0]]
    group.world.pms_box.faults.add(Fault.SERVER_ERROR, on="update", record=poison, times=None)

    report = group.world.run()

    assert sorted(result for result, _ in told(report)) == [*["done"] * (1 + others), "unknown"]
    assert [intent.cycles for intent in group.world.links.scan(Intent)] == [counted]


@pytest.mark.parametrize("moved", [{"email": "x@example.com"}, {"phone": "222"}])
def test_update_that_others_make_way_for_is_not_given_up(crowd, moved) -> None:
    """What another record stood in the way of is tried anew, if a record moved in the same group in this run."""
    group = crowd()
    group.edit("wave", 0, email="c1@example.com")
    group.edit("wave", 1, **moved)
    first = group.world.linked()[group.ids[0]]
    taken = '{"errors": [{"field": "email", "code": "taken"}]}'
    group.world.pms_box.faults.add(Fault.ANSWER, on="update", record=first, status=409, body=taken)

    group.world.run()

    assert group.left()[group.ids[0]] == (
        "others moved out of its way"
        if "email" in moved
        else "the side declined, though the record did not move: something else there is in its way"
    )


# --- reading ahead ---------------------------------------------------------------------------------


def test_records_are_read_ahead_where_a_side_can(crowd) -> None:
    """Wave shows all records that are to be updated in one request, and each is written by one."""
    group = crowd()
    group.edit("pms", 0, 1, 2)

    assert group.world.run().counts.updated_wave == 3
    assert group.world.requests == (1 + 1 + 3, 1)


def test_origins_of_a_saved_plan_are_read_ahead_where_a_side_can(crowd) -> None:
    """Applying a saved plan reads all origins again, those in Wave by one request; the PMS is asked one by one."""
    group = crowd()
    group.edit("wave", 0, 1, 2)
    plan = Plan.from_dict(group.world.sync.plan().to_dict())
    group.world.count()

    assert group.world.sync.apply(plan).counts.updated_pms == 3
    assert group.world.requests == (1, 3 * 2)


# --- marks -----------------------------------------------------------------------------------------


def test_create_in_wave_whose_mark_is_not_written(make_world) -> None:
    """A customer created in Wave whose PMS record could not be marked is linked all the same, and it is told."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    world.pair(name="Bystander", email="b@example.com")
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com"})
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="update")

    report = world.run()

    assert told(report) == [("done", "the PMS record could not be marked")]
    assert pms_id in world.linked().values()
    world.settle()
    assert world.rest().ok
    assert world.pms_box.customers[pms_id]["external_id"] in world.linked()


# --- what the look itself taught -------------------------------------------------------------------


def test_what_is_left_over_is_read_again_until_it_is_done(crowd) -> None:
    """A record that was left over leaves the list once it is done, and not before, though others are done meanwhile."""
    group = crowd()
    group.edit("wave", 0, 1)
    poison = group.world.linked()[group.ids[0]]
    group.world.pms_box.faults.add(Fault.ANSWER, on="update", record=poison, status=412, body="{}", times=2)

    group.world.run()
    first = set(group.left())
    group.world.run()
    second = set(group.left())
    group.world.run()

    assert (first, second, group.left()) == ({group.ids[0]}, {group.ids[0]}, {})


@pytest.mark.parametrize("bound", [True, False], ids=["as it was", "emptied since"])
def test_watermarks_move_where_they_stand_as_the_look_found_them(bound: bool) -> None:
    """Watermarks move on from those that the look began with; a store that has none by now begins anew."""
    links, before = MemoryLinkStore(), Tenant(name="default", wave="w", pms="p")
    tenure = Tenure.begin(links, ManualClock(NOON), "run", 600)
    links.commit(puts(before) if bound else (), tenure.lease)
    plan = Plan(notes=Notes(before=before, tenant=evolve(before, wave_state=SideState(watermark=NOON))))
    book = Book(links=links, tenure=tenure, tenant=before, plan=plan, run_id="run", settle_s=300)
    desk = Desk(clients={}, shape=MappingRegistry.default().lens(), policy=Policy(), book=book, same_run=True)

    apply_plan(desk, plan, lambda: False)

    assert [tenant.wave_state.watermark for tenant in links.scan(Tenant)] == [NOON if bound else None]


def test_rest_begins_and_ends_once_in_the_journal(world) -> None:
    """The journal tells when a record begins to rest and when it rests no more, once each, however often it is seen."""
    world.pair()
    nameless = world.wave_box.add({"name": " ", "email": "n@example.com"}, strict=False)
    for _ in range(3):
        world.run(full=True)
    resting = [entry.id for entry in world.sync.quarantine()]
    world.wave_box.remove(nameless)
    world.run(full=True)

    story = [(entry.kind, entry.outcome) for entry in world.sync.history(wave_id=nameless).entries]

    assert (resting, world.sync.quarantine()) == ([nameless], [])
    assert story == [("quarantine", "rests"), ("quarantine", "ended")]


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_stamp_that_moved_alone_is_remembered(crowd, side: str) -> None:
    """A record that was saved without a change needs nothing but its new stamp remembered, to be quiet again."""
    group = crowd()
    wave_id = group.ids[0]
    [before] = group.world.links.find(Link, "wave_id", [wave_id])
    group.world.box(side).edit(before.id_on(Side(side)), {})

    report = group.world.run()

    [after] = group.world.links.find(Link, "wave_id", [wave_id])
    assert (list(report.outcomes), group.world.writes) == ([], (0, 0))
    assert after.sight(Side(side)).stamp > before.sight(Side(side)).stamp
    assert after.sight(Side(side).other) == before.sight(Side(side).other)
