"""A record of which a side makes no sense harms only itself."""

from __future__ import annotations

import pytest

from wave_pms_sync import Policy
from wave_pms_sync.errors import BadAnswer
from wave_pms_sync.testing import Fault

SPOILT = [
    {"status": 200, "body": "<html>"},
    {"status": 200, "body": "[[]]"},
    {"status": 500, "body": "{}"},
]


def spoil(world, record_id, answer):
    """Have the PMS answer so whenever it is asked for this record."""
    world.pms_box.faults.add(Fault.ANSWER, on="one", record=record_id, times=None, **answer)


def pairs(world, count=4):
    """Customers that are linked, and whose creates are long settled."""
    ids = [world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"}) for n in range(count)]
    world.run()
    world.run()
    return ids


@pytest.mark.parametrize("answer", SPOILT)
def test_an_update_of_a_record_that_cannot_be_read_is_put_off_alone(make_world, answer):
    """One PMS customer cannot be read by id: its update waits, all others are made, and it is made once it can."""
    world = make_world(page_size=2)
    ids = pairs(world)
    spoil(world, world.linked()[ids[0]], answer)
    for wave_id in ids:
        world.wave_box.edit(wave_id, {"phone": "111"})

    report = world.run()

    assert report.status == "partial"
    assert [world.at_pms(i)["phone"] for i in ids] == [None, "111", "111", "111"]
    world.pms_box.faults.clear()
    assert world.run().ok
    assert world.at_pms(ids[0])["phone"] == "111"


@pytest.mark.parametrize("answer", SPOILT)
def test_an_unlisted_record_that_cannot_be_read_is_not_gone(make_world, answer):
    """A listing lacks a customer, and asking for it brings nonsense: nothing follows from it, all others go on."""
    world = make_world(policy=Policy(deletions={"pms": "keep", "wave": "delete"}))
    ids = pairs(world)
    world.wave_box.edit(ids[1], {"phone": "222"})
    lost = world.linked()[ids[0]]
    world.pms_box.remove(lost)
    spoil(world, lost, answer)

    reports = [world.run(full=True) for _ in range(3)]

    assert {report.status for report in reports} <= {"complete", "partial"}
    assert len(world.wave_box.customers) == 4
    assert world.at_pms(ids[1])["phone"] == "222"


def test_a_key_of_a_record_that_cannot_be_read_is_not_free(make_world):
    """Whoever bears the e-mail of a customer that cannot be read gets no counterpart: it may be the same."""
    world = make_world()
    here = world.pms_box.add({"name": "Ada", "email": "ada@example.com"})
    world.run()
    world.later(3600)
    world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    spoil(world, here, SPOILT[0])

    world.run(full=False)

    assert len(world.pms_box.customers) == 1


def test_a_side_of_which_no_record_can_be_read_cannot_be_read(make_world):
    """Every single read fails: then it is the side, and the run says so."""
    world = make_world()
    pairs(world, count=14)
    for pms_id in list(world.linked().values()):
        world.pms_box.remove(pms_id)
    world.pms_box.faults.add(Fault.ANSWER, on="one", times=None, status=200, body="<html>")

    with pytest.raises(BadAnswer):
        world.run(full=True)


@pytest.mark.parametrize("show_total", [True, False])
@pytest.mark.parametrize("full", [True, None])
def test_a_row_without_an_id_spoils_only_itself(make_world, show_total, full):
    """Nobody can tell whose it is: the others' edits travel, nobody counts as gone, and nobody is created meanwhile."""
    world = make_world(
        policy=Policy(deletions={"pms": "keep", "wave": "delete"}), pms_options={"show_total": show_total}
    )
    ids = pairs(world)
    spoilt = world.linked()[ids[0]]
    world.later()
    world.pms_box.edit(spoilt, {"phone": "111"})
    world.pms_box.edit(world.linked()[ids[1]], {"phone": "222"})
    world.wave_box.edit(ids[2], {"phone": "333"})
    world.wave_box.add({"name": "Newcomer", "email": "new@example.com"})
    world.pms_box.faults.add(Fault.CHANGED_ROW, record=spoilt, values={"id": None}, times=None)

    reports = [world.run(full=full) for _ in range(3)]

    assert {report.status for report in reports} == {"partial"}
    assert any("1 row without an id" in reason or "counted" in reason for reason in reports[-1].reasons)
    assert (world.at_wave(ids[1])["phone"], world.at_pms(ids[2])["phone"]) == ("222", "333")
    assert (len(world.wave_box.customers), len(world.pms_box.customers)) == (5, 4)
    assert len([*world.pms.customers()]) == 3
    world.pms_box.faults.clear()
    assert world.rest().ok
    assert world.at_wave(ids[0])["phone"] == "111"
    assert len(world.pms_box.customers) == 5
