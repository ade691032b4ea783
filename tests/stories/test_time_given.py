"""A run that has so much time, and a side that asks to wait."""

from __future__ import annotations

import time

import pytest

from wave_pms_sync.audit import Kind, Standing
from wave_pms_sync.errors import ConfigurationError, DeadlineExceeded, Throttled
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.testing.faults import Fault

# A busy machine may take a while for a run; what is asked to wait for here takes far longer.
SOON_S = 20


@pytest.fixture
def patient(make_world):
    """A PMS with eight customers in step and as many changes to come, and a client as patient as by default."""
    world = make_world(page_size=3)
    world.change(pms=world.make_pms(retry=RetryPolicy(first_wait_s=0)))
    for n in range(8):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
    world.run().raise_for_status()
    for n in range(4):
        world.wave_box.edit(list(world.wave_box.customers)[n], {"phone": f"0170 12345{n}"})
        world.wave_box.add({"name": f"New {n}"})
    world.later()
    return world


@pytest.mark.parametrize(("wait_s", "deadline_s"), [(90, 3), (7200, 3), (7200, None)])
@pytest.mark.parametrize("on", ["one", "next_page", "create", "update"])
def test_no_wait_outlives_the_time_of_a_run(patient, on, wait_s, deadline_s):
    """A run of three seconds slept for as long as the PMS asked it to; it ends, says why, and the next one goes on."""
    patient.pms_box.faults.add(Fault.THROTTLED, on=on, retry_after=str(wait_s), times=None)
    begun = time.monotonic()

    report = patient.sync.run(full=True, deadline_s=deadline_s)

    assert time.monotonic() - begun < SOON_S
    assert (report.status, report.retry_after_s, report.counts.failed) == ("partial", wait_s, 0)
    assert report.to_dict()["retry_after_s"] == wait_s
    assert f"asks to wait {wait_s} s" in str(report)
    assert patient.sync.quarantine() == []
    patient.pms_box.faults.clear()
    assert patient.rest().ok
    assert len(patient.pms_box.customers) == patient.pms_box.ledger.creates == 12


@pytest.mark.parametrize("deadline_s", [3, None])
def test_a_quota_that_is_used_up_before_the_first_page(patient, deadline_s):
    """Where not even one page can be read for hours, the error says when to come back, and nothing was begun."""
    patient.pms_box.faults.add(Fault.THROTTLED, on="list", retry_after="7200", times=None)
    patient.count()

    with pytest.raises(Throttled) as caught:
        patient.sync.run(full=True, deadline_s=deadline_s)

    assert (caught.value.retry_after_s, caught.value.side, patient.writes) == (7200, "pms", (0, 0))
    patient.pms_box.faults.clear()
    assert patient.rest().ok


def test_a_wait_within_the_time_of_a_run_is_kept(patient):
    """A short wait is waited for, with a deadline and without."""
    patient.pms_box.faults.add(Fault.THROTTLED, on="list", retry_after="1")

    assert patient.sync.run(full=True, deadline_s=600).ok


def test_no_time_at_all(patient):
    """A run without any time reads nothing, writes nothing, and loses nothing."""
    patient.count()

    report = patient.sync.run(deadline_s=0)

    assert (report.status, patient.requests) == ("partial", (0, 0))
    assert "was not completely listed: the time for this run was over" in str(report)
    assert patient.rest().ok


def test_a_look_at_records_that_ends_in_between(patient):
    """Where the time is over before the records in question were read, that is raised, and nothing was written."""
    wave_id = next(iter(patient.wave_box.customers))
    patient.count()

    with pytest.raises(DeadlineExceeded, match="was not sent"):
        patient.sync.run(only=[wave_id], deadline_s=0)

    assert patient.requests == (0, 0)


def test_an_audit_without_time_proves_nothing(patient):
    """An audit whose time is over says that nothing was completely read, and calls nobody gone."""
    patient.count()

    audit = patient.sync.verify(deadline_s=0)

    assert patient.requests == (0, 0)
    assert not audit.ok
    assert {finding.kind for finding in audit.of(Standing.UNEXPLAINED)} == {Kind.INCOMPLETE}
    assert "the time for this run was over" in str(audit)
    assert patient.sync.verify(deadline_s=600).pairs == 8


def test_an_undo_without_time_plans_nothing(patient):
    """An undo whose time is over before the records were read is no plan of nothing: it raises, and asks nobody."""
    run_id = patient.run().run_id
    patient.count()

    with pytest.raises(DeadlineExceeded, match="was not sent"):
        patient.sync.undo(run_id, deadline_s=0)

    assert patient.requests == (0, 0)
    assert len(patient.sync.undo(run_id, deadline_s=600)) == 4


def test_a_rehearsal_without_time_makes_nobody(patient):
    """A rehearsal whose time is over before both sides were listed begins nothing."""
    patient.count()

    with pytest.raises(DeadlineExceeded, match="was not sent"):
        patient.sync.rehearse(deadline_s=0)

    assert patient.requests == (0, 0)


@pytest.mark.parametrize("keep", [False, True])
def test_a_rehearsal_that_runs_out_of_time_puts_its_pair_away(world, keep):
    """A rehearsal stops when its time is over, says so, and still deletes whom it made, or links whom it keeps."""
    world.pms_box.faults.add(Fault.CALL_AFTER, on="update", call=lambda arrival: time.sleep(3))

    found = world.sync.rehearse(keep=keep, deadline_s=3)

    assert "the time given is over" in found.stopped
    assert not found.ok
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == len(world.linked()) == keep
    assert world.sync.rehearse(deadline_s=600).ok


@pytest.mark.parametrize("ask", ["verify", "undo", "rehearse"])
def test_a_time_that_is_none_is_declined(world, ask):
    """A deadline that is no number of seconds is declined before anybody is asked."""
    given = ["run"] if ask == "undo" else []
    world.count()

    with pytest.raises(ConfigurationError, match="deadline_s"):
        getattr(world.sync, ask)(*given, deadline_s=-1)

    assert world.requests == (0, 0)
