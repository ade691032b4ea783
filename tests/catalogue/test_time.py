"""F-20 to F-26: clocks and stamps."""

from __future__ import annotations

from datetime import datetime

import pytest

from wave_pms_sync import PmsProfile, Policy
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import Fault, ManualClock

NAIVE = {"form": "%Y-%m-%d %H:%M:%S", "zone": "Europe/Berlin"}


def fast(make_world, side, seconds, **options):
    """A world in which the clock of one side is ahead."""
    return make_world(**{f"{side}_options": {"clock_skew_s": seconds}}, **options)


def test_f20_a_fast_clock_does_not_win_over_an_edit(make_world, side, other):
    """The clock of one side is a day ahead, its record is touched, the other's is edited: the edit travels."""
    world = fast(make_world, side, 86_400)
    (wave_id,) = world.crowd(1)
    world.later(600)
    world.edit(other, wave_id, {"phone": "111"})
    world.edit(side, wave_id, {})

    assert world.run().ok

    assert world.at(side, wave_id)["phone"] == "111"
    assert world.sync.disputes() == []


def test_f20_stamps_within_the_tolerance_decide_nothing(make_world, side, other):
    """One clock is 100 s ahead, and its side was edited first: by the stamps it would win, so a person is asked."""
    world = fast(make_world, side, 100)
    (wave_id,) = world.crowd(1)
    world.later(600)
    world.edit(side, wave_id, {"phone": "111"})
    world.later(30)
    world.edit(other, wave_id, {"phone": "222"})
    world.count()

    world.run()

    assert [d.group for d in world.sync.disputes()] == ["phone"]
    assert world.writes == (0, 0)


@pytest.mark.parametrize(("conflicts", "left"), [("newest", None), ("hold", None), ("wave", "111"), ("pms", "222")])
def test_f21_equal_stamps_choose_no_winner(make_world, conflicts, left):
    """Both sides are edited in one instant: nobody is newest, not even without a tolerance; an authority decides."""
    world = make_world(policy=Policy(conflicts=conflicts, clock_tolerance_s=0))
    (wave_id,) = world.crowd(1)
    world.later(600)
    world.edit("wave", wave_id, {"phone": "111"})
    world.edit("pms", wave_id, {"phone": "222"})

    world.run()

    shown = (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"])
    assert shown == (("111", "222") if left is None else (left, left))
    assert len(world.sync.disputes()) == (left is None)


def test_f22_times_without_a_zone_decide_nothing(make_world):
    """A PMS writes times without a zone, and the profile declares none: they are no stamps, and `newest` asks."""
    naive = PmsProfile.from_dict({"times": NAIVE})
    world = make_world(pms_options={"profile": naive}, profile=PmsProfile())
    (wave_id,) = world.crowd(1)
    world.later(3600)
    world.edit("pms", wave_id, {"fax": "333"})
    world.run()
    assert world.at_wave(wave_id)["fax"] == "333"

    world.edit("wave", wave_id, {"phone": "111"})
    world.later(7200)
    world.edit("pms", wave_id, {"phone": "222"})
    world.run()

    assert [d.group for d in world.sync.disputes()] == ["phone"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("2026-10-25T00:50:00Z", "2026-10-25T01:10:00Z", id="an hour comes twice"),
        pytest.param("2026-03-29T00:50:00Z", "2026-03-29T01:10:00Z", id="an hour is left out"),
    ],
)
def test_f22_edits_around_the_change_of_the_clocks_are_heard(make_world, before, after):
    """Times in a declared zone, before and after its clocks change: both edits are heard, and nothing more happens."""
    local = PmsProfile.from_dict({"times": NAIVE})
    world = make_world(pms_options={"profile": local}, profile=local, policy=Policy(overlap_s=0))
    ids = world.crowd(2)
    moments = [datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (before, after)]
    world.clock.set(moments[0])
    world.edit("pms", ids[0], {"phone": "111"})
    world.run(full=True)
    world.clock.set(moments[1])
    world.edit("pms", ids[1], {"phone": "222"})
    world.run(full=False)

    assert [world.at_wave(i)["phone"] for i in ids] == ["111", "222"]
    assert world.sync.plan(full=False).empty


def test_f22_an_hour_that_comes_twice_is_read_as_the_earlier_one(make_world):
    """At 02:10 of the second time the record says 02:10: it is taken for the first, so that filters ask from there."""
    local = PmsProfile.from_dict({"times": NAIVE})
    world = make_world(pms_options={"profile": local}, profile=local)
    world.clock.set(datetime.fromisoformat("2026-10-25T01:10:00+00:00"))
    world.pms_box.add({"name": "Ada"})

    (ada,) = world.pms.customers()

    assert ada.modified_at == datetime.fromisoformat("2026-10-25T00:10:00+00:00")


@pytest.mark.parametrize("back_s", [3600, 400 * 86_400])
def test_f23_our_own_clock_may_jump_back(make_world, side, other, back_s):
    """Our clock falls back, those of the sides do not: edits travel, and a lost create is found, not repeated."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    (wave_id,) = world.crowd(1)
    world.box(side).add({"name": "Grace", "email": "grace@example.com"})
    world.box(other).faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    ours = ManualClock(world.clock.now())
    ours.advance(-back_s)
    world.change(clock=ours)
    world.edit(side, wave_id, {"phone": "111"})

    for _ in range(4):
        world.settle()
        ours.advance(450)
        world.run()

    assert world.at(other, wave_id)["phone"] == "111"
    assert len(world.linked()) == len(world.wave_box.customers) == len(world.pms_box.customers) == 2
    assert world.box(other).ledger.creates == (2 if other == "pms" else 1)


def test_f24_an_edit_that_moves_no_stamp_is_found_when_all_is_listed(world, side, other):
    """A change that leaves the stamp as it was is found by its content, by the daily listing at the latest."""
    ids = world.crowd(2)
    world.later(1000)
    world.edit(side, ids[1], {"fax": "1"})
    world.run()
    world.edit(side, ids[0], {"phone": "111"}, stamp=False)
    world.run()
    assert world.at(other, ids[0])["phone"] is None

    world.later(86_400)
    assert world.run().ok

    assert world.at(other, ids[0])["phone"] == "111"


def test_f25_a_stamp_that_moves_alone_is_noted_and_nothing_is_written(world, side):
    """An invoice touches the customer: nothing is written, nothing is read twice, and an older edit is not repeated."""
    (wave_id,) = world.crowd(1)
    world.later(1000)
    world.edit(side, wave_id, {})
    touched = world.clock.now()
    world.count()

    report = world.run()
    world.later(1000)
    world.run()

    assert (report.status, report.counts.unchanged) == ("complete", 1)
    assert (world.writes, world.requests) == ((0, 0), (2, 2))
    (link,) = world.links.scan(Link)
    assert link.sight(Side(side)).stamp == touched


ODD = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "yesterday", ""]


@pytest.mark.parametrize(
    ("side", "stamp"),
    [*(("wave", stamp) for stamp in ODD), *(("pms", stamp) for stamp in [*ODD, None])],  # Wave's schema promises one
)
def test_f26_stamps_that_cannot_be_neither_hide_edits_nor_stop_others(make_world, strict, side, other, stamp):
    """The stamp of a row is impossible, missing or no time: its content is compared, and all others go on."""
    world = make_world(policy=strict)
    ids = world.crowd(3)
    record = ids[0] if side == "wave" else world.linked()[ids[0]]
    name = {"wave": "modifiedAt", "pms": "updated_at"}[side]
    world.box(side).faults.add(Fault.CHANGED_ROW, record=record, values={name: stamp})
    world.later(600)
    world.edit(side, ids[0], {"phone": "111"})

    assert world.run(full=True).ok

    assert world.at(other, ids[0])["phone"] == "111"
    world.later(600)
    world.edit(side, ids[1], {"phone": "222"})
    world.count()
    assert world.run(full=False).ok
    assert world.box(side).ledger.count("list") == 1
    assert world.at(other, ids[1])["phone"] == "222"
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == 3
