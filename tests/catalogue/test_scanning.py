"""F-01 to F-19: listings and pages."""

from __future__ import annotations

import logging
import signal
import threading
from datetime import timedelta

import pytest

from wave_pms_sync import PmsProfile, Policy, Scope
from wave_pms_sync.errors import SyncError, Unauthorized
from wave_pms_sync.model.memory import Tenant
from wave_pms_sync.testing import Fault

PAGES = 3  # six customers, two to a page


def stamp_of(row):
    """The name and the text of a row's modification stamp."""
    return next((name, row[name]) for name in ("modifiedAt", "updated_at") if name in row)


def sizes(world):
    """How many customers each side has."""
    return len(world.wave_box.customers), len(world.pms_box.customers)


def watermarks(world):
    """How far each side was listed, as the store has it."""
    (tenant,) = world.links.scan(Tenant)
    return tenant.wave_state.watermark, tenant.pms_state.watermark


def test_f01_a_record_deleted_mid_scan_hides_nobody(paged, side):
    """A deletion moves later rows up, and one is not shown: the listing is read again, only the deleted one is gone."""
    world = paged()
    ids = world.crowd(6)
    shift = world.box(side).faults.add(Fault.ROW_SHIFT)
    world.count()

    report = world.run(full=True)

    assert (shift.struck, report.status) == (1, "complete")
    assert world.box(side).ledger.count("list") == 2 * PAGES
    assert sizes(world) == (5, 5)
    assert {i for i in ids if i in world.wave_box.customers} == set(ids[1:])


def test_f01_a_listing_that_never_adds_up_proves_nobody_absent(paged, side, other):
    """If somebody deletes during every pass, the run is partial, and it deletes nobody; the next one does."""
    world = paged()
    world.crowd(6)
    shift = world.box(side).faults.add(Fault.ROW_SHIFT, times=None)

    report = world.run(full=True)

    assert report.status == "partial"
    assert "not completely listed" in str(report)
    assert len(world.box(other).customers) == 6

    world.box(side).faults.remove(shift)
    world.run(full=True)
    assert len(world.box(other).customers) == len(world.box(side).customers) < 6


def test_f01_a_record_added_behind_the_reader_shows_in_the_total_at_the_end(paged, side):
    """Somebody enters a record before rows that were read: as many are shown as were counted first, and yet not all."""
    world = paged(policy=Policy(create_in=("pms", "wave")))
    world.crowd(6)
    early = {"created_at": world.clock.now() - timedelta(days=1)}
    enter = lambda _: world.box(side).add({"name": "Grace"}, **early)  # noqa: E731
    world.box(side).faults.add(Fault.CALL_BEFORE, on="next_page", skip=PAGES - 2, call=enter)

    assert world.run(full=True).ok

    assert sizes(world) == (7, 7)
    assert len(world.linked()) == 7


def test_f02_an_edit_mid_scan_moves_no_row(paged, side):
    """Somebody edits the first and the last record between two pages: one pass suffices, and both edits travel."""
    world = paged()
    ids = world.crowd(6)

    def edit(_):
        world.edit(side, ids[0], {"phone": "111"})
        world.edit(side, ids[5], {"phone": "222"})

    world.box(side).faults.add(Fault.CALL_BEFORE, on="next_page", call=edit)
    world.count()

    assert world.run(full=True).ok
    assert world.box(side).ledger.count("list") == PAGES

    assert world.run().ok
    for found in ("wave", "pms"):
        assert (world.at(found, ids[0])["phone"], world.at(found, ids[5])["phone"]) == ("111", "222")


@pytest.mark.parametrize("first", ["newer", "older"])
@pytest.mark.parametrize("known", ["neither", "former", "latter"])
def test_f03_of_a_record_shown_twice_the_later_stamp_counts(paged, side, other, first, known):
    """A record on two pages, as it was and as it is: the later stamp counts, whichever comes first or is known."""
    world = paged()
    ids = world.crowd(6)
    world.edit(side, ids[1], {"phone": "000"})
    name, stamp = stamp_of(world.at(side, ids[1]))
    if known == "former":
        world.run()
    world.later(600)
    world.edit(side, ids[1], {"phone": "111"})
    if known == "latter":
        world.run()
    former, faults = {name: stamp, "phone": "000"}, world.box(side).faults
    record = ids[1] if side == "wave" else world.linked()[ids[1]]
    if first == "newer":
        faults.add(Fault.DUPLICATE_ROW, values=former)
    else:
        faults.add(Fault.CHANGED_ROW, record=record, values=former)
        faults.add(Fault.DUPLICATE_ROW)

    report = world.run(full=True)

    assert report.ok
    assert world.at(other, ids[1])["phone"] == "111"
    assert world.at(side, ids[1])["phone"] == "111"


def test_f03_rows_that_contradict_under_one_stamp_are_settled_by_a_single_read(paged, side):
    """Under one stamp, two contents: the record is read alone, and what that shows counts."""
    world = paged()
    ids = world.crowd(6)
    record = ids[1] if side == "wave" else world.linked()[ids[1]]
    world.box(side).faults.add(Fault.DUPLICATE_ROW, values={"phone": "999"})
    world.count()

    report = world.run(full=True)

    read = [i for entry in world.box(side).ledger.entries if entry.operation == "one" for i in entry.ids]
    assert report.ok
    assert read == [record]
    assert world.writes == (0, 0)


def test_f04_ties_in_another_order_each_time_harm_nobody(paged):
    """Seven customers of one instant, for every page in another order: nobody is doubled, deleted or taken for gone."""
    world = paged(wave_options={"ties": "shuffled"})
    for n in range(7):
        world.wave_box.add({"name": f"Customer {n}"})

    reports = [world.run(full=True) for _ in range(8)]

    assert {report.status for report in reports} <= {"complete", "partial"}
    assert sum(report.counts.retired for report in reports) == 0
    assert len(world.linked()) == world.pms_box.ledger.creates == len(world.pms_box.customers)


def test_f05_pages_shorter_than_asked_for_are_followed(paged, side, other):
    """Pages come back with one row in place of two: the listing is followed to its stated end."""
    world = paged()
    ids = world.crowd(6)
    world.edit(side, ids[5], {"phone": "111"})
    world.box(side).faults.add(Fault.PAGE_CAPPED, rows=1)
    world.count()

    assert world.run(full=True).ok

    assert world.box(side).ledger.count("list") == 6
    assert sizes(world) == (6, 6)
    assert world.at(other, ids[5])["phone"] == "111"


def test_f06_a_silent_cap_is_no_success(paged, side):
    """A listing that ends after four of six, as if that were all: partial, with both numbers, and nobody is deleted."""
    world = paged()
    world.crowd(6)
    world.box(side).faults.add(Fault.LIST_CAPPED, rows=4, times=None)

    for _ in range(3):  # twice unlisted is how one that can still be read is found gone
        report = world.run(full=True)

        assert report.status == "partial"
        assert "counted 6 at the start, 6 at the end, and showed 4" in str(report)
        assert sizes(world) == (6, 6)


def test_f07_a_last_page_that_comes_for_ever_ends_with_a_warning(make_world, strict, side, other, caplog):
    """A server that shows its last page again and again: the listing is broken off, says so, and proves no absence."""
    world = make_world(page_size=2, policy=strict)
    ids = world.crowd(7)
    world.box(side).remove(ids[0] if side == "wave" else world.linked()[ids[0]])
    world.box(side).faults.add(Fault.LAST_PAGE_REPEATED, times=None)

    for _ in range(3):
        world.count()
        with caplog.at_level(logging.WARNING, "wave_pms_sync"):
            report = world.run(full=True)

        assert report.status == "partial"
        assert world.box(side).ledger.count("list") <= 2 * (PAGES + 1)
        assert {"wave": "it shows nobody new", "pms": "no page stated the end"}[side] in caplog.text
        assert len(world.box(other).customers) == 7


def test_f08_a_page_that_fails_leaves_edits_seen_and_moves_no_watermark(paged, side, other):
    """Two pages of three are read: their edits travel, nobody is gone, and the next run hears what the third hides."""
    world = paged()
    ids = world.crowd(6)
    world.later(1000)
    world.edit(side, ids[5], {"phone": "111"})
    world.later(1000)
    world.edit(side, ids[0], {"phone": "222"})
    fault = world.box(side).faults.add(Fault.SERVER_ERROR, on="next_page", skip=1, times=None)

    for _ in range(3):
        report = world.run(full=True)

        assert report.status == "partial"
        assert (world.at(other, ids[0])["phone"], world.at(other, ids[5])["phone"]) == ("222", None)
        assert sizes(world) == (6, 6)

    world.box(side).faults.remove(fault)
    assert world.run(full=False).ok
    assert world.at(other, ids[5])["phone"] == "111"


def test_f09_a_filter_that_leaves_out_the_moment_itself_loses_no_edit(make_world, side, other):
    """Two edits in one instant, a listing between them, and a server that filters by `>`: both are heard."""
    after = PmsProfile.from_dict({"list": {"since_includes": False}})
    world = make_world(
        wave_options={"filter_inclusive": False},
        profile=after,
        pms_options={"profile": after},
        policy=Policy(overlap_s=0),
    )
    ids = world.crowd(3)
    world.later()
    world.edit(side, ids[0], {"phone": "111"})
    world.sync.run()
    world.edit(side, ids[1], {"phone": "222"})
    world.later(1)
    world.edit(side, ids[2], {"phone": "333"})
    world.count()

    world.sync.run()

    assert [world.at(other, i)["phone"] for i in ids] == ["111", "222", "333"]
    assert world.box(other).ledger.updates == 2


def test_f10_a_bulk_import_of_one_instant_is_paged_through(paged, side):
    """Nine records of one instant, two to a page: an incremental listing gets through the tie, and then rests."""
    world = paged(policy=Policy(create_in=("pms", "wave")))
    world.crowd(1)
    for n in range(9):
        world.box(side).add({"name": f"Imported {n}"})

    assert world.run(full=False).ok
    assert sizes(world) == (10, 10)

    world.count()
    assert world.run(full=False).ok
    assert world.writes == (0, 0)
    assert world.box(side).ledger.count("list") <= 5 + 1


def test_f11_an_edit_during_the_run_is_heard_by_the_next_though_our_clock_is_ahead(make_world, side, other):
    """Our clock is two hours ahead of theirs, and somebody edits while we write: the next run hears it."""
    world = make_world(wave_options={"clock_skew_s": -7200}, pms_options={"clock_skew_s": -7200})
    ids = world.crowd(3)
    world.later(1000)
    world.edit(side, ids[0], {"phone": "111"})
    edit = lambda _: world.edit(side, ids[1], {"phone": "222"})  # noqa: E731
    world.box(other).faults.add(Fault.CALL_BEFORE, on="update", call=edit)

    world.run()
    world.later(3 * 3600)
    world.edit(side, ids[2], {"phone": "333"})
    world.run(full=False)

    assert [world.at(other, i)["phone"] for i in ids] == ["111", "222", "333"]


@pytest.mark.parametrize("on", ["list", "update"])
def test_f12_a_failed_run_moves_no_watermark(stored_world, side, other, on):
    """A run that cannot read or write the other side leaves its edits to the next one, however late that comes."""
    world = stored_world
    ids = world.crowd(2)
    world.later(1000)
    world.edit(side, ids[0], {"phone": "111"})
    world.later(1000)
    world.edit(side, ids[1], {"phone": "222"})
    before = watermarks(world)
    world.box(other).faults.add(Fault.UNAUTHORIZED, on=on)
    try:
        assert isinstance(world.run().error, Unauthorized)
    except Unauthorized:
        assert on == "list"
    assert watermarks(world) == before
    world.later(3600)

    assert world.run(full=False).ok
    assert [world.at(other, i)["phone"] for i in ids] == ["111", "222"]
    assert watermarks(world) != before


def test_f13_an_interrupted_run_keeps_the_former_memory(stored_world, side):
    """A run that fails leaves links and watermarks as they were: the next one asks for changes only, and knows all."""
    world = stored_world
    ids = world.crowd(3)
    before = world.linked()
    world.box(side).faults.add(Fault.BAD_GATEWAY, on="list", times=None)
    with pytest.raises(SyncError):
        world.run(full=True)
    world.box(side).faults.clear()
    world.count()

    report = world.run()

    assert report.ok
    assert world.linked() == before
    assert set(before) == set(ids)
    assert (world.requests, world.writes) == ((1, 1), (0, 0))


def test_f13_a_first_run_that_is_interrupted_keeps_its_links_and_no_watermark(stored_world):
    """Interrupted between two creates, a run has stored whom it linked, and nothing that claims to be whole."""
    world = stored_world
    for n in range(4):
        world.wave_box.add({"name": f"Customer {n}"})
    stop = lambda _: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # noqa: E731
    world.pms_box.faults.add(Fault.CALL_BEFORE, on="create", skip=2, call=stop)

    with pytest.raises(KeyboardInterrupt):
        world.run()

    assert len(world.linked()) == 2
    assert watermarks(world) == (None, None)
    world.rest()
    assert len(world.linked()) == world.pms_box.ledger.creates == 4
    assert None not in watermarks(world)


@pytest.mark.parametrize(("late_s", "until_s"), [(200, 60), (3000, 86_400)])
def test_f14_a_record_that_arrives_late_is_found(make_world, side, late_s, until_s):
    """A record appears with a stamp behind the newest one seen: found at once within the overlap, else within a day."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    world.later(4000)
    (ada,) = world.crowd(1)
    world.box(side).add({"name": "Late"}, created_at=world.clock.now() - timedelta(seconds=late_s))

    world.later(until_s)
    world.sync.run()

    assert sizes(world) == (2, 2)
    assert ada in world.linked()


def test_f16_a_listing_cut_short_is_begun_anew(paged, side, other):
    """A run whose time is over in the middle of a listing: the next one lists from the start, and nobody is gone."""
    world = paged()
    ids = world.crowd(6)
    world.edit(side, ids[5], {"phone": "111"})
    slow = world.box(side).faults.add(Fault.CALL_BEFORE, on="next_page", times=None, call=lambda _: world.later(100))

    for _ in range(3):
        assert world.sync.plan(full=True, deadline_s=60).empty
        report = world.run(full=True, deadline_s=60)

        assert report.status == "partial"
        assert "not completely listed: the time for this run was over" in str(report)
        assert sizes(world) == (6, 6)

    world.box(side).faults.remove(slow)
    world.count()
    assert world.run(full=True).ok
    assert world.box(side).ledger.count("list") == PAGES
    assert sizes(world) == (6, 6)
    assert world.at(other, ids[5])["phone"] == "111"


def test_f17_a_narrower_scope_makes_nobody_look_deleted(make_world, strict, side):
    """Whoever is left out by a new scope is unknown, not gone: nobody is deleted, then or later."""
    world = make_world(policy=strict)
    ids = world.crowd(4)
    kept = {ids[0], world.linked()[ids[0]]}
    world.change(scope=Scope(id="first-v1", **{side: lambda record: record.id in kept}))
    world.edit(side, ids[3], {"phone": "111"})
    world.count()

    for _ in range(3):
        world.run(full=True)

    assert world.writes == (0, 0)
    assert set(world.linked()) == set(ids)

    world.later(3600)
    world.edit(side, ids[0], {"fax": "1"})
    assert world.run().ok
    world.change(scope=None)
    assert world.run().ok
    assert world.at_wave(ids[3])["phone"] == world.at_pms(ids[3])["phone"] == "111"


@pytest.mark.parametrize("quiet_s", [0, 900])
def test_f18_stamps_of_whole_seconds_lose_no_edit(make_world, quiet_s):
    """Two edits within one second, between them a run, by a server that cuts fractions: both travel, once."""
    world = make_world(pms_options={"stamp_digits": 0})
    ids = world.crowd(3)
    world.later(60.2)
    world.edit("pms", ids[0], {"phone": "111"})
    world.later(0.2)
    world.sync.run()
    world.edit("pms", ids[1], {"phone": "222"})
    world.later(1 + quiet_s)
    world.edit("pms", ids[2], {"phone": "333"})
    world.count()

    world.sync.run()

    assert [world.at_wave(i)["phone"] for i in ids] == ["111", "222", "333"]
    assert world.writes == (2, 0)


def test_f19_a_restored_backup_is_listed_whole_and_said(world, side, other, caplog):
    """The newest stamp lies behind what was seen: everything is listed, edits are found, and a warning says so."""
    ids = world.crowd(3)
    world.later(3600)
    world.edit(side, ids[1], {"fax": "1"})  # so near to the newest that a listing of changes shows it, too
    world.later(10)
    world.edit(side, ids[2], {"fax": "1"})
    world.run()
    world.box(side).remove(ids[2] if side == "wave" else world.linked()[ids[2]])
    world.edit(side, ids[0], {"phone": "111"}, stamp=False)
    world.count()

    with caplog.at_level(logging.WARNING, "wave_pms_sync"):
        assert world.run().ok

    assert world.at(other, ids[0])["phone"] == "111"
    assert world.box(side).ledger.count("list") == 2
    assert "older than what was seen before" in caplog.text
