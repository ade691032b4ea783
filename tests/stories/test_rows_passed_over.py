"""Rows that are, character for character, what was last seen are passed over, and nothing is missed by that."""

from __future__ import annotations

import pytest

from wave_pms_sync import PmsProfile
from wave_pms_sync.model.links import Link
from wave_pms_sync.testing import Fault


def marks(world) -> list[str | None]:
    """What both sides' rows were last known by."""
    return [mark for link in world.links.scan(Link) for mark in (link.wave.mark, link.pms.mark)]


@pytest.fixture
def seen(world):
    """A linked customer whose rows a complete scan has seen."""
    wave_id, pms_id = world.pair(phone="1", internalNotes="old")
    world.settle()
    world.run(full=True)
    assert None not in marks(world)
    return wave_id, pms_id


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_an_edit_without_a_stamp_is_seen_all_the_same(world, seen, side):
    """A complete scan sees an edit that moved no stamp, since the row's text is another one."""
    wave_id, pms_id = seen
    world.box(side).edit({"wave": wave_id, "pms": pms_id}[side], {"phone": "2"}, stamp=False)

    report = world.run(full=True)

    assert report.ok
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("2", "2")


@pytest.mark.parametrize("stamp", [True, False])
def test_an_edit_of_what_is_not_mapped_is_noted_and_does_nothing(world, seen, stamp):
    """Another text that says the same of what is mapped changes nothing but what the row is known by next time."""
    before = marks(world)
    world.wave_box.edit(seen[0], {"internalNotes": "new"}, stamp=stamp)

    report = world.run(full=True)

    assert report.counts["unchanged"] == 1
    assert report.requests == {"wave": 1, "pms": 1}
    assert [old == new for old, new in zip(before, marks(world), strict=True)] == [False, True]


def test_what_was_written_over_is_seen_when_it_comes_back(world, seen):
    """After our own write the text from before it counts as an edit again, even one that was seen before."""
    wave_id, pms_id = seen
    world.wave_box.edit(wave_id, {"phone": "2"})
    assert world.run(full=True).counts["updated_pms"] == 1
    assert [link.pms.mark for link in world.links.scan(Link)] == [None]
    world.settle()
    world.pms_box.edit(pms_id, {"phone": "1"}, stamp=False)

    assert world.run(full=True).ok

    assert world.at_wave(wave_id)["phone"] == "1"


def test_a_profile_that_reads_rows_otherwise_looks_at_all_of_them_again(make_world):
    """The same text says something else under another profile, so it is read anew."""
    world = make_world(profile=PmsProfile.from_dict({"record": {"archived": ""}}))
    _, pms_id = world.pair()
    world.settle()
    world.pms_box.archive(pms_id)
    world.run(full=True)
    assert [link.pms.archived for link in world.links.scan(Link)] == [False]

    world.change(pms=world.make_pms(profile=PmsProfile()))
    world.run(full=True)

    assert [link.pms.archived for link in world.links.scan(Link)] == [True]


def test_rows_that_are_passed_over_are_counted(world, seen):
    """A scan in which every row is passed over is complete, and tells how many customers it left unchanged."""
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
    world.rest()
    world.run(full=True)

    plan = world.sync.plan(full=True)

    assert plan.notes is not None
    assert [(listing.complete, listing.rows) for listing in plan.notes.listings.values()] == [(True, 4), (True, 4)]
    assert plan.notes.unchanged == 4


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_later_row_that_was_passed_over_is_the_later_one(make_world, side):
    """A value in between, shown once more on a later page, is older than the agreed one that was shown before it."""
    profile = PmsProfile.preset("page_number").evolve(paging={"size": 2})
    world = make_world(page_size=2, profile=profile, pms_options={"profile": profile})
    wave_id = world.crowd(6)[1]
    world.edit(side, wave_id, {"phone": "000"})
    world.run()
    world.run()
    world.later(600)
    world.edit(side, wave_id, {"phone": "111"})
    name = "modifiedAt" if side == "wave" else "updated_at"
    between = {name: world.at(side, wave_id)[name], "phone": "111"}
    world.later(600)
    world.edit(side, wave_id, {"phone": "000"})
    world.box(side).faults.add(Fault.DUPLICATE_ROW, values=between)

    world.run(full=True)

    other = {"wave": "pms", "pms": "wave"}[side]
    assert world.at(other, wave_id)["phone"] == "000"
