"""Reading in bad weather: throttled, unauthorised, cut, shifted, lagging, empty."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wave_pms_sync import PmsProfile, Policy
from wave_pms_sync.errors import BadAnswer, SyncError, Throttled, Unauthorized, Unreachable
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.testing import Fault, ManualClock

SIDES = pytest.mark.parametrize("side", ["wave", "pms"])


def box_of(world, side):
    """One of the sandboxes."""
    return world.wave_box if side == "wave" else world.pms_box


def crowd(world, count):
    """Linked customers."""
    for n in range(count):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
        world.later(1)
    world.run()
    return list(world.linked())


@SIDES
@pytest.mark.parametrize("on", ["list", "write"])
@pytest.mark.parametrize("retry_after", [None, 0])
def test_f70_throttling_is_waited_for(world, side, on, retry_after):
    """A 429, with or without Retry-After, is waited for and repeated; no record is blamed and nothing is doubled."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"fax": "222"})
    world.wave_box.add({"name": "Grace"})
    struck = box_of(world, side).faults.add(
        Fault.THROTTLED, on=on, **({} if retry_after is None else {"retry_after": retry_after})
    )

    report = world.run()

    assert struck.struck == 1
    assert report.ok
    assert world.at_pms(wave_id)["phone"] == "111"
    assert world.at_wave(wave_id)["fax"] == "222"
    assert world.pms_box.ledger.creates == 2


@SIDES
def test_f70_a_retry_after_beyond_all_patience_ends_the_call(world, side):
    """A side that asks to wait for an hour is not waited for: the run ends with a typed error that says so."""
    world.pair()
    box_of(world, side).faults.add(Fault.THROTTLED, on="list", retry_after=3600, times=None)

    with pytest.raises(Throttled, match="3600") as caught:
        world.run()

    assert caught.value.side == side
    assert caught.value.retry_after_s == 3600


@SIDES
def test_f70_throttled_writes_are_postponed_and_done_by_the_next_run(world, side):
    """A side that declines every write is left alone in this run; the next one does what was postponed."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"fax": "222"})
    fault = box_of(world, side).faults.add(Fault.THROTTLED, on="write", retry_after=3600, times=None)

    report = world.run()

    assert report.status == "partial"
    assert report.counts.failed == 0
    assert not list(world.links.scan(Intent))
    if side == "wave":
        assert world.at_pms(wave_id)["phone"] == "111"
    else:
        assert world.at_wave(wave_id)["fax"] == "222"

    box_of(world, side).faults.remove(fault)
    assert world.run().ok
    assert world.at_pms(wave_id)["phone"] == "111"
    assert world.at_wave(wave_id)["fax"] == "222"


@SIDES
def test_f74_credentials_refused_for_ever_raise_before_anything_is_written(stored_world, side):
    """A token that is not accepted ends the run with a typed error; nothing is written and nobody is quarantined."""
    world = stored_world
    world.wave_box.add({"name": "Ada"})
    world.pms_box.add({"name": "Grace"})
    box_of(world, side).token = "another-one"

    with pytest.raises(Unauthorized, match="token") as caught:
        world.run()

    assert caught.value.side == side
    assert world.wave_box.ledger.writes + world.pms_box.ledger.writes == 0
    assert world.sync.quarantine() == []


@SIDES
def test_f74_credentials_refused_in_the_middle_stop_the_run_and_blame_nobody(world, side):
    """A 401 in the middle of the writes ends the run cleanly; the next run goes on from there."""
    pairs = [world.pair(name=f"C{n}", email=f"c{n}@example.com") for n in range(3)]
    world.later()
    for wave_id, pms_id in pairs:
        world.wave_box.edit(wave_id, {"phone": "111"})
        world.pms_box.edit(pms_id, {"fax": "222"})
    box_of(world, side).faults.add(Fault.UNAUTHORIZED, on="update", skip=1)

    report = world.run()

    assert report.status == "partial"
    assert isinstance(report.error, Unauthorized)
    assert report.counts.failed == report.counts.quarantined == report.counts.disputed == 0
    with pytest.raises(SyncError, match="partial"):
        report.raise_for_status()

    assert world.run().ok
    for wave_id, _ in pairs:
        assert world.at_pms(wave_id)["phone"] == "111"
        assert world.at_wave(wave_id)["fax"] == "222"


def test_a_forbidden_write_is_no_fault_of_the_record(world):
    """A 403 of the PMS ends the run as a 401 does; no record is quarantined."""
    world.pair()
    grace = world.wave_box.add({"name": "Grace"})
    world.pms_box.faults.add(Fault.FORBIDDEN, on="create")

    report = world.run()

    assert isinstance(report.error, Unauthorized)
    assert world.sync.quarantine() == []

    assert world.run().ok
    assert grace in world.linked()


@SIDES
@pytest.mark.parametrize("kind", [Fault.BAD_GATEWAY, Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.LOST_BEFORE])
def test_a_read_that_fails_once_is_repeated(world, side, kind):
    """A failed read is repeated; the run does not notice."""
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    fault = box_of(world, side).faults.add(kind, on="list")

    assert world.run().ok
    assert fault.struck == 1
    assert world.at_pms(wave_id)["phone"] == "111"


@SIDES
@pytest.mark.parametrize("kind", [Fault.BAD_GATEWAY, Fault.CUT_JSON, Fault.EMPTY_BODY])
def test_a_side_that_cannot_be_read_raises_a_typed_error(world, side, kind):
    """A side whose listing cannot be read at all ends the run with a typed error, before anything is written."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"fax": "222"})
    box_of(world, side).faults.add(kind, on="list", times=None)
    world.count()

    with pytest.raises((Unreachable, BadAnswer)) as caught:
        world.run()

    assert caught.value.side == side
    assert world.writes == (0, 0)


@pytest.mark.parametrize("kind", [Fault.GRAPHQL_ERRORS, Fault.PARTIAL_DATA, Fault.NULL_BUSINESS])
def test_f66_f68_answers_with_errors_are_never_read_as_empty(world, kind):
    """200 with errors, with one customer null, or with no business: an error, and nobody is taken for gone."""
    world.change(policy=Policy(deletions="delete"))
    crowd(world, 3)
    world.wave_box.faults.add(kind, on="list", times=None)

    with pytest.raises(SyncError):
        world.run(full=True)

    assert len(world.pms_box.customers) == 3


@SIDES
def test_f69_a_bom_and_a_wrong_content_type_are_forgiven(world, side):
    """JSON behind a byte order mark, or announced as something else, is still read."""
    world.pair()
    box_of(world, side).faults.add(Fault.BOM, on="list")
    assert world.run().ok

    box_of(world, side).faults.add(Fault.CONTENT_TYPE, on="list")
    assert world.run().ok


@SIDES
def test_f15_an_empty_list_is_held(world, side):
    """A side that suddenly lists nobody holds the plan, says so, and nothing is deleted or forgotten."""
    world.change(policy=Policy(deletions={"pms": "delete", "wave": "delete"}))
    ids = crowd(world, 3)
    box_of(world, side).faults.add(Fault.EMPTY_LIST, times=None)
    world.count()

    report = world.run(full=True)

    assert report.status == "held"
    assert not report.ok
    assert "lists no customers" in str(report)
    assert world.writes == (0, 0)

    box_of(world, side).faults.clear()
    assert world.run(full=True).ok
    assert set(world.linked()) == set(ids)
    assert world.writes == (0, 0)


@SIDES
def test_an_empty_answer_to_a_quiet_question_means_nothing(world, side):
    """An incremental listing that shows nothing starts a full one; if that shows everybody, all is well."""
    crowd(world, 3)
    world.run()
    fault = box_of(world, side).faults.add(Fault.EMPTY_LIST)
    world.count()

    report = world.run()

    assert fault.struck == 1
    assert report.ok
    assert world.writes == (0, 0)


def paged(make_world, **settings):
    """A world of several pages, with six linked customers."""
    world = make_world(page_size=2, pms_options={"show_total": True}, **settings)
    return world, crowd(world, 6)


@SIDES
def test_f01_rows_that_shift_between_pages_lose_nobody(make_world, side):
    """A deletion during a listing shifts rows; the listing is read again, and nobody present is taken for gone."""
    world, ids = paged(make_world, policy=Policy(deletions={"pms": "delete", "wave": "delete"}))
    box_of(world, side).faults.add(Fault.ROW_SHIFT, times=1)

    world.run(full=True)
    world.run(full=True)

    gone = [i for i in ids if i not in world.wave_box.customers]
    assert len(gone) == 1
    assert len(world.pms_box.customers) == 5


@SIDES
def test_f02_rows_added_before_a_page_double_nobody(make_world, side):
    """A record inserted during a listing is met like any other, and nobody is doubled."""
    world, _ = paged(make_world)
    box_of(world, side).faults.add(Fault.ROW_SHIFT, insert={"name": "Newcomer", "email": "new@example.com"})

    assert world.rest().ok

    assert set(world.linked()) == set(world.wave_box.customers)
    assert world.pms_box.ledger.creates == len(world.wave_box.customers)
    assert len(world.pms_box.customers) == 7


@SIDES
def test_f03_a_row_shown_twice_is_one_record(make_world, side):
    """A row repeated on the next page is one record; with other content under one stamp a single read decides."""
    world, _ = paged(make_world)
    world.later()
    values = {"phone": "999"}
    box_of(world, side).faults.add(Fault.DUPLICATE_ROW, values=values, times=None)
    world.count()

    world.run(full=True)

    assert world.writes == (0, 0)


@SIDES
def test_f08_a_page_that_fails_stops_absence_and_creates_but_not_edits(make_world, side):
    """With one page missing, edits seen still travel, nobody is gone, and nobody is created; the report is partial."""
    world, ids = paged(make_world, policy=Policy(deletions={"pms": "delete", "wave": "delete"}))
    world.later()
    world.wave_box.edit(ids[0], {"phone": "111"})
    world.pms_box.remove(world.linked()[ids[5]]) if side == "pms" else world.wave_box.remove(ids[5])
    new = world.wave_box.add({"name": "Newcomer", "email": "new@example.com"})
    fault = box_of(world, side).faults.add(Fault.SERVER_ERROR, on="next_page", skip=1, times=None)
    before = (len(world.wave_box.customers), len(world.pms_box.customers))

    report = world.run(full=True)

    assert report.status == "partial"
    assert "not completely listed" in str(report)
    assert world.at_pms(ids[0])["phone"] == "111"
    assert (len(world.wave_box.customers), len(world.pms_box.customers)) == before
    assert new not in world.linked()

    box_of(world, side).faults.remove(fault)
    world.rest()
    assert new in world.linked()
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == 6


@pytest.mark.parametrize("full", [True, None])
def test_f08_who_may_stand_on_a_page_that_fails_is_not_made_a_second_time(make_world, full):
    """The key index knows only whom a listing showed: nobody is created while one breaks off, for days if need be."""
    world, ids = paged(make_world)
    fault = world.pms_box.faults.add(Fault.SERVER_ERROR, on="next_page", times=None)
    for _ in range(2):
        world.later()
        world.pms_box.edit(world.linked()[ids[0]], {"phone": "111"})
        world.pms_box.edit(world.linked()[ids[1]], {"phone": "111"})
        there = world.pms_box.add({"name": "Grace", "email": "grace@example.com"})
        world.clock.advance(90_000)
        world.run(full=full)
    new = world.wave_box.add({"name": "Grace H.", "email": "grace@example.com"})
    world.pms_box.remove(there)
    before = world.pms_box.ledger.creates
    told = str(world.sync.plan(full=full))

    report = world.run(full=full)

    assert "the PMS was not completely listed: page 2 could not be read" in told
    assert (report.status, report.counts.created_pms) == ("partial", 0)
    world.pms_box.faults.remove(fault)
    world.rest()
    assert new in world.linked()
    assert world.pms_box.ledger.creates == before


@pytest.mark.parametrize("kind", [Fault.LAST_PAGE_REPEATED, Fault.WRONG_TOTAL, Fault.LIST_CAPPED])
def test_f06_f07_a_listing_that_does_not_add_up_proves_no_absence(make_world, kind):
    """A repeated last page, a wrong total, a silent cap: nobody is taken for gone, and the report says partial."""
    world, _ = paged(make_world, policy=Policy(deletions={"pms": "delete"}))
    details = {"rows": 3} if kind is Fault.LIST_CAPPED else {}
    world.wave_box.faults.add(kind, times=None, **details)

    report = world.run(full=True)

    assert report.status == "partial"
    assert len(world.pms_box.customers) == 6
    assert world.pms_box.ledger.deletes == 0


@SIDES
def test_f05_short_pages_are_followed(make_world, side):
    """Pages shorter than asked for are followed to the stated end."""
    world, _ = paged(make_world)
    world.wave_box.add({"name": "Newcomer"})
    box_of(world, side).faults.add(Fault.PAGE_CAPPED, rows=1)

    assert world.run(full=True).ok
    assert len(world.linked()) == 7


def test_f04_ties_in_the_order_lose_nobody(make_world):
    """Many customers made in one instant, shown in another order each time: nobody is lost or doubled."""
    world = make_world(page_size=2, wave_options={"ties": "shuffled"})
    for n in range(7):
        world.wave_box.add({"name": f"Customer {n}"})

    for _ in range(6):
        world.run(full=True)

    assert len(world.pms_box.customers) == world.pms_box.ledger.creates
    assert len(set(world.linked().values())) == len(world.linked())


# --- reads that lag, answers that lie


@SIDES
def test_f76_a_lagging_side_does_not_look_like_a_revert(world, side):
    """A side that still shows what was there before our write is waited for; our write is not undone."""
    wave_id, pms_id = world.pair(phone="000")
    world.settle()
    world.run()
    if side == "pms":
        world.wave_box.edit(wave_id, {"phone": "111"})
    else:
        world.pms_box.edit(pms_id, {"phone": "111"})
    world.later(10)
    world.sync.run()
    lag = box_of(world, side).faults.add(Fault.READ_LAG, seconds=40)
    world.later(20)

    world.sync.run()
    world.sync.run(full=True)

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "111")

    box_of(world, side).faults.remove(lag)
    assert world.rest().ok
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "111")


def test_f76_without_a_modification_stamp_a_lagging_pms_does_not_look_like_a_revert(make_world):
    """A record that only says when it was made does not say when it was changed; what is old is told by its value."""
    profile = {"record": {"updated": ""}, "list": {"query": {"limit": "{limit}", "cursor": "{cursor}"}}}
    world = make_world(profile=PmsProfile.from_dict(profile))
    wave_id, _ = world.pair(phone="000")
    world.settle()
    world.run()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.later(10)
    world.sync.run()
    lag = world.pms_box.faults.add(Fault.READ_LAG, seconds=40)
    world.later(20)

    world.sync.run()

    assert world.at_wave(wave_id)["phone"] == "111"
    world.pms_box.faults.remove(lag)
    assert world.rest().ok
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("111", "111")


@SIDES
def test_f77_a_lagging_side_does_not_get_a_second_create(both_ways, side):
    """A record that was created and is not shown yet is not created again."""
    world = both_ways
    world.pair()
    world.settle()
    world.run()
    if side == "pms":
        world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    else:
        world.pms_box.add({"name": "Grace", "email": "grace@example.com"})
    box_of(world, side).faults.add(Fault.READ_LAG, seconds=40)
    world.later(5)
    world.sync.run()
    world.later(5)

    world.sync.run()
    world.sync.run(full=True)

    box_of(world, side).faults.clear()
    world.rest()
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == 2
    assert world.wave_box.ledger.creates + world.pms_box.ledger.creates == 2


@SIDES
@pytest.mark.parametrize("how", ["trim", "upper", "phone"])
def test_f28_a_side_that_rewrites_values_is_left_in_peace(world, side, how):
    """A side that trims, changes case or reformats causes one write and no echo; the other keeps its own spelling."""
    wave_id, pms_id = world.pair()
    world.later()
    box_of(world, side).faults.add(Fault.NORMALISED, how=how)
    if side == "pms":
        world.wave_box.edit(wave_id, {"phone": "+1 (416) 555-0100", "email": "Ada.L@example.com"})
    else:
        world.pms_box.edit(pms_id, {"phone": "+1 (416) 555-0100", "email": "Ada.L@example.com"})
    world.run()
    world.count()

    for _ in range(3):
        world.settle()
        world.run(full=True)

    assert world.writes == (0, 0)
    assert world.sync.disputes() == []
    origin = world.at_wave(wave_id) if side == "pms" else world.at_pms(wave_id)
    assert origin["phone"] == "+1 (416) 555-0100"
    assert origin["email"] == "Ada.L@example.com"


@SIDES
def test_an_edit_of_a_rewritten_value_travels(world, side):
    """Where a side rewrote our value, the next edit on either side still travels."""
    wave_id, pms_id = world.pair()
    world.later()
    box_of(world, side).faults.add(Fault.NORMALISED, how="upper", field="website")
    world.wave_box.edit(wave_id, {"website": "ada.example"}) if side == "pms" else world.pms_box.edit(
        pms_id, {"website": "ada.example"}
    )
    world.rest()
    world.later()
    world.wave_box.edit(wave_id, {"website": "lovelace.example"}) if side == "wave" else world.pms_box.edit(
        pms_id, {"website": "lovelace.example"}
    )

    world.rest()

    other = world.at_wave(wave_id) if side == "pms" else world.at_pms(wave_id)
    assert other["website"] == "lovelace.example"


@SIDES
def test_an_ignored_property_is_reported_as_not_kept_and_not_sent_again(world, side):
    """A side that drops a property silently is told once; it is counted as not kept, and not sent for ever."""
    wave_id, pms_id = world.pair()
    world.later()
    box_of(world, side).faults.add(Fault.IGNORED_FIELD, field="fax")
    if side == "pms":
        world.wave_box.edit(wave_id, {"fax": "111", "phone": "222"})
    else:
        world.pms_box.edit(pms_id, {"fax": "111", "phone": "222"})
    world.run()
    world.settle()

    reports = [world.run(full=True) for _ in range(2)]
    world.count()
    for _ in range(3):
        world.settle()
        world.run(full=True)

    assert sum(report.counts.not_kept for report in reports) == 1
    assert world.writes == (0, 0)
    there = world.at_pms(wave_id) if side == "pms" else world.at_wave(wave_id)
    assert (there["fax"], there["phone"]) == (None, "222")

    box_of(world, side).faults.clear()
    if side == "pms":
        world.wave_box.edit(wave_id, {"fax": "333"})
    else:
        world.pms_box.edit(pms_id, {"fax": "333"})
    world.run()
    there = world.at_pms(wave_id) if side == "pms" else world.at_wave(wave_id)
    assert there["fax"] == "333"


def test_a_property_ignored_on_create_is_not_kept(world):
    """A property that the PMS drops when the customer is made is reported, and Wave's value is not cleared for it."""
    world.pms_box.faults.add(Fault.IGNORED_FIELD, field="fax")
    wave_id = world.wave_box.add({"name": "Ada", "fax": "111"})

    report = world.run()
    world.rest()

    assert report.counts.not_kept == 1
    assert world.at_wave(wave_id)["fax"] == "111"


def test_f78_an_edit_between_our_read_and_our_write_is_not_lost(world):
    """With If-Match an edit that slips in between is not overwritten; the next run carries both."""
    wave_id, pms_id = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.faults.add(
        Fault.CALL_BEFORE, on="update", call=lambda _: world.pms_box.edit(pms_id, {"website": "ada.example"})
    )

    report = world.run()
    world.rest()

    assert report.counts.skipped == 1
    assert world.at_pms(wave_id)["phone"] == "111"
    assert world.at_pms(wave_id)["website"] == "ada.example"
    assert world.at_wave(wave_id)["website"] == "ada.example"


def test_f78_an_edit_in_wave_between_our_read_and_our_write_is_not_lost(world):
    """Wave has no versions: an edit of another property that slips in survives our patch, and travels next."""
    wave_id, pms_id = world.pair()
    world.later()
    world.pms_box.edit(pms_id, {"phone": "111"})
    world.wave_box.faults.add(
        Fault.CALL_BEFORE, on="update", call=lambda _: world.wave_box.edit(wave_id, {"website": "ada.example"})
    )

    world.run()
    world.rest()

    assert world.at_wave(wave_id)["phone"] == "111"
    assert world.at_pms(wave_id)["website"] == "ada.example"


@SIDES
def test_an_edit_just_after_our_write_is_not_lost(world, side):
    """An edit that follows our write before the next listing travels, even in the same second."""
    wave_id, pms_id = world.pair()
    world.later()
    if side == "pms":
        world.wave_box.edit(wave_id, {"phone": "111"})
        edit = lambda _: world.pms_box.edit(pms_id, {"phone": "222"})  # noqa: E731
    else:
        world.pms_box.edit(pms_id, {"phone": "111"})
        edit = lambda _: world.wave_box.edit(wave_id, {"phone": "222"})  # noqa: E731
    box_of(world, side).faults.add(Fault.CALL_AFTER, on="update", call=edit)

    world.run()
    world.rest()

    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == ("222", "222")


def test_an_edit_while_the_run_lists_is_found_by_the_next(world):
    """Somebody who edits a record just after it was listed is heard by the next run."""
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.faults.add(
        Fault.CALL_AFTER, on="list", call=lambda _: world.wave_box.edit(wave_id, {"phone": "111"})
    )
    world.run()
    world.run()

    assert world.at_pms(wave_id)["phone"] == "111"


def test_a_slow_side_is_waited_for(world):
    """An answer that takes its time is waited for, up to the timeout."""
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.faults.add(Fault.LATENCY, seconds=0.05)

    assert world.run().ok
    assert world.at_pms(wave_id)["phone"] == "111"


def test_f19_a_restored_backup_is_noticed(world):
    """A side whose newest stamp lies behind what was seen is listed completely, and edits made there are found."""
    wave_id, _ = world.pair()
    newest = world.wave_box.add({"name": "Newest"})
    world.later(3600)
    world.wave_box.edit(newest, {"fax": "1"})
    world.run()
    world.wave_box.remove(newest)
    world.wave_box.edit(wave_id, {"phone": "111"}, stamp=False)

    world.run()

    assert world.at_pms(wave_id)["phone"] == "111"


def test_a_clock_that_was_ahead_once_does_not_end_the_daily_listing(world):
    """Everything is listed again once our clock is right, though the last such run lies a year ahead."""
    wave_id, _, newest = world.crowd(3)
    world.later(1000)
    world.wave_box.edit(newest, {"fax": "1"})
    world.run()
    year_s = timedelta(days=365).total_seconds()
    ours = ManualClock(world.clock.now())
    world.change(clock=ours)
    ours.advance(year_s)
    world.sync.run()
    ours.advance(-year_s)
    world.wave_box.edit(wave_id, {"phone": "111"}, stamp=False)
    for clock in (world.clock, ours):
        clock.advance(86400)

    world.sync.run()

    assert world.at_pms(wave_id)["phone"] == "111"


def test_the_clock_of_this_machine_may_jump_back(world):
    """When our own clock and theirs are set back by a day, edits still travel and nothing is undone."""
    wave_id, _ = world.pair(phone="000")
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.run()
    world.clock.advance(-timedelta(hours=2).total_seconds())
    world.wave_box.edit(wave_id, {"fax": "222"})

    world.run()
    world.run(full=True)

    assert world.at_pms(wave_id)["fax"] == "222"
    assert world.at_pms(wave_id)["phone"] == "111"


@SIDES
@pytest.mark.parametrize("on", [None, "list"])
@pytest.mark.parametrize("gone", [False, True])
def test_f77_what_was_just_created_and_is_not_shown_yet_is_not_gone(make_world, side, on, gone):
    """Whoever a list lacks within the lag allowance of our write is looked at again, not taken for deleted."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), deletions={"wave": "delete", "pms": "delete"}))
    world.pair()
    world.settle()
    world.run()
    box, origins = box_of(world, side), world.wave_box if side == "pms" else world.pms_box
    origin = origins.add({"name": "Grace", "email": "grace@example.com"})
    world.later(5)
    world.sync.run()
    lag = box.faults.add(Fault.READ_LAG, seconds=40, on=on, times=None)
    world.later(20)

    for _ in range(3):
        assert world.sync.run(full=True).counts.retired == 0
    assert origin in origins.customers

    box.faults.remove(lag)
    if gone:
        box.remove(list(box.customers)[-1])
    world.later(61)
    world.run(full=True)
    assert (origin in origins.customers) is not gone
    assert world.rest().ok
