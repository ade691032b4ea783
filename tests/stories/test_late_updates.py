"""An update is carried out late, when it was long taken for lost: it is ours still, and nobody's edit."""

from __future__ import annotations

import pytest

from wave_pms_sync import PmsProfile, Policy
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.testing import Blade, CutSession, Fault

SIDES = pytest.mark.parametrize("side", ["wave", "pms"])
NO_VERSIONS = PmsProfile.from_dict({"update": {"headers": {}}})
LATE_S = 200


@pytest.fixture
def lose(make_world, make_links):
    """Makes a pair of which an edit was sent to a side that carries it out so many seconds after its answer failed."""

    def lose(side, *, seconds=LATE_S, **policy):
        world, wave_id = settled(make_world, make_links(), policy=Policy(**policy))
        world.edit_origin(side, wave_id, {"phone": "111"})
        world.box(side).faults.add(Fault.LATE_COMMIT, on="update", seconds=seconds)
        assert world.run().counts.unknown == 1
        return world, wave_id

    return lose


def settled(make_world, *args, **settings):
    """A pair in step, in a PMS that does not ask which version is written over."""
    world = make_world(*args, profile=NO_VERSIONS, **settings)
    wave_id, _ = world.pair(phone="000")
    world.settle()
    world.rest()
    return world, wave_id


def phones(world, wave_id):
    """What both sides show."""
    return {world.at(side, wave_id)["phone"] for side in ("wave", "pms")}


@SIDES
@pytest.mark.parametrize("newer", ["222", "000", None])
def test_f111_a_late_update_does_not_revert_what_its_origin_shows_by_now(lose, side, newer):
    """The origin was edited again, or back, before a lost update was carried out: the newer value stands in the end."""
    world, wave_id = lose(side)
    world.edit_origin(side, wave_id, {"phone": newer})
    world.run()
    assert phones(world, wave_id) == {newer}

    world.later(LATE_S)
    assert world.at(side, wave_id)["phone"] == "111"
    world.run()

    assert phones(world, wave_id) == {newer}
    assert world.sync.disputes() == []
    assert world.rest().ok
    assert list(world.links.scan(Intent)) == []


@SIDES
def test_a_late_update_that_was_sent_again_meanwhile_reverts_nothing(lose, side):
    """A lost update is sent again, its origin moves on, and only then the first one is carried out."""
    world, wave_id = lose(side)
    world.run()
    assert phones(world, wave_id) == {"111"}
    world.edit_origin(side, wave_id, {"phone": "222"})
    world.run()
    world.later(LATE_S)
    assert world.at(side, wave_id)["phone"] == "111"

    world.run()

    assert phones(world, wave_id) == {"222"}
    assert world.rest().ok


@SIDES
def test_f111_of_two_late_updates_neither_reverts_anything(lose, side):
    """Two updates are lost one after the other, and both are carried out after a third one that was not."""
    world, wave_id = lose(side)
    world.edit_origin(side, wave_id, {"phone": "222"})
    world.box(side).faults.add(Fault.LATE_COMMIT, on="update", seconds=LATE_S)
    world.run()
    world.edit_origin(side, wave_id, {"phone": "333"})
    world.run()
    assert phones(world, wave_id) == {"333"}

    for _ in range(5):
        world.run()

    assert phones(world, wave_id) == {"333"}
    assert world.box(side).ledger.count("update") >= 4
    assert world.rest().ok


@SIDES
def test_a_late_update_overrules_nobody_who_won_meanwhile(lose, side):
    """Somebody wrote over a lost update, and won; carried out late, it does not win after all."""
    world, wave_id = lose(side, conflicts=side)
    world.edit(side, wave_id, {"phone": "999"})
    world.run()
    assert phones(world, wave_id) == {"999"}
    world.later(LATE_S)
    assert world.at(side, wave_id)["phone"] == "111"

    world.run()

    assert phones(world, wave_id) == {"999"}
    assert world.sync.disputes() == []


@SIDES
def test_a_late_update_is_told_under_the_run_that_sent_it(lose, side):
    """What a late update replaced, and what then replaced it, is in the journal, each under the run that wrote it."""
    world, wave_id = lose(side)
    [lost] = world.links.scan(Intent)
    world.edit_origin(side, wave_id, {"phone": "222"})
    second = world.run().run_id
    world.later(LATE_S)
    third = world.run().run_id

    told = [
        (entry.run_id, field.before, field.after)
        for entry in world.sync.history(wave_id=wave_id)
        for field in entry.fields
        if entry.kind == "update" and field.name == "phone"
    ]

    assert sorted(told) == sorted([(second, "000", "222"), (lost.run_id, "222", "111"), (third, "111", "222")])


@SIDES
def test_a_late_update_tells_of_the_disputed_value_that_it_overwrote(lose, side):
    """Somebody's edit was disputed when a lost update was carried out over it: the history of that update names it."""
    world, wave_id = lose(side, conflicts="hold")
    world.edit(side, wave_id, {"phone": "999"})
    world.run()
    assert [dispute.group for dispute in world.sync.disputes()] == ["phone"]
    world.later(LATE_S)
    assert world.at(side, wave_id)["phone"] == "111"

    world.run()

    assert phones(world, wave_id) == {"111"}
    assert world.sync.disputes() == []
    mine = [e for e in world.sync.history(wave_id=wave_id) if e.kind == "update"]
    told = [(e.outcome, f.before, f.after) for e in mine for f in e.fields]
    assert told == [("unknown", "000", "111"), ("done", "999", "111")]
    assert not any("unknown" in skipped.reason for skipped in world.sync.undo(mine[0].run_id).skipped)


@SIDES
def test_another_value_is_an_edit_all_the_same(lose, side):
    """While a lost update may still come, whatever else is entered on that side is an edit as ever."""
    world, wave_id = lose(side, seconds=10_000)
    world.edit_origin(side, wave_id, {"phone": "222"})
    world.run()
    world.edit(side, wave_id, {"phone": "333"})

    world.run()

    assert phones(world, wave_id) == {"333"}


@SIDES
def test_after_the_settle_time_the_value_is_an_edit(lose, side):
    """Once the settle time is over, nobody can tell a late update from a person who enters the same."""
    world, wave_id = lose(side, seconds=10_000)
    world.edit_origin(side, wave_id, {"phone": "222"})
    world.run()
    world.settle()
    world.run()
    assert list(world.links.scan(Intent)) == []
    world.edit(side, wave_id, {"phone": "111"})

    world.run()

    assert phones(world, wave_id) == {"111"}


@SIDES
def test_an_update_that_is_held_after_many_tries_may_come_late_too(make_world, side):
    """An update that was given up for a person, since nobody ever answered, is carried out late: it is no edit."""
    world, wave_id = settled(make_world)
    other, _ = world.pair(name="Grace", email="grace@example.com", phone="0")
    pms_id = world.linked()[wave_id]
    world.settle()
    world.rest()
    world.edit_origin(side, wave_id, {"phone": "111"})
    record = {"record": wave_id if side == "wave" else pms_id}
    world.box(side).faults.add(Fault.LOST_BEFORE, on="update", times=3, **record)
    for n in range(4):
        world.edit_origin(side, other, {"phone": str(n + 1)})
        if n == 3:
            world.box(side).faults.add(Fault.LATE_COMMIT, on="update", seconds=LATE_S, **record)
        world.settle()
        world.run()
    assert [d.reason.value for d in world.sync.disputes()] == ["refused"]
    world.edit_origin(side, wave_id, {"phone": "222"})
    world.run()
    assert phones(world, wave_id) == {"222"}

    world.later(LATE_S)
    assert world.at(side, wave_id)["phone"] == "111"
    world.run()

    assert phones(world, wave_id) == {"222"}


@SIDES
def test_an_update_of_a_run_that_was_stopped_may_come_late_too(make_world, side):
    """A person stops a run while it waits for an answer, edits again, and runs again: the newer edit stands."""
    world, wave_id = settled(make_world)
    world.edit_origin(side, wave_id, {"phone": "111"})
    world.box(side).faults.add(Fault.LATE_COMMIT, on="update", seconds=LATE_S)

    class Stopped(CutSession):
        def request(self, method, url, *args, **kwargs):
            try:
                return super().request(method, url, *args, **kwargs)
            except Exception:
                raise KeyboardInterrupt from None

    make = {"wave": world.make_wave, "pms": world.make_pms}[side]

    with pytest.raises(KeyboardInterrupt):
        world.make_sync(**{side: make(session=Stopped(Blade()))}).run()
    world.edit_origin(side, wave_id, {"phone": "222"})
    world.run()
    assert phones(world, wave_id) == {"222"}
    world.later(LATE_S)

    world.run()

    assert phones(world, wave_id) == {"222"}
