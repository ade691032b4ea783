"""The Wave id is noted in the PMS record, in place of nothing or of a former one of ours, never of somebody else's."""

from __future__ import annotations

import pytest

from wave_pms_sync import Policy
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.reconcile.actions import MARKER
from wave_pms_sync.testing import Fault


@pytest.mark.parametrize("foreign", ["CRM-77", 77])
def test_a_mark_of_somebody_else_is_never_overwritten(both_ways, foreign):
    """A PMS record that bears another system's id keeps it when its counterpart is made in Wave; nothing is retried."""
    world = both_ways
    world.pair(name="Bystander", email="b@example.com")
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com", "external_id": foreign})

    report = world.run()

    assert report.counts.created_wave == 1
    assert world.pms_box.customers[pms_id]["external_id"] == foreign
    assert list(world.links.scan(Intent)) == []
    world.count()
    assert world.rest().ok
    assert world.writes == (0, 0)


@pytest.mark.parametrize("blank", [None, ""])
def test_a_record_without_a_mark_gets_ours(both_ways, blank):
    """A PMS record without a mark is marked when its counterpart is made in Wave."""
    world = both_ways
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com", "external_id": blank})

    world.run()

    assert world.linked()[world.pms_box.customers[pms_id]["external_id"]] == pms_id


def met(world, **values):
    """Two records that a run will link by their e-mail and mark, and fill with these values of Wave's."""
    world.pair(name="Bystander", email="b@example.com")
    wave_id = world.wave_box.add({"name": "Grace", "email": "grace@example.com", **values})
    return wave_id, world.pms_box.add({"name": "Grace", "email": "grace@example.com", "currency_code": "CAD"})


@pytest.mark.parametrize("values", [{}, {"phone": "111"}])
def test_a_mark_that_somebody_else_sets_meanwhile_stays_and_the_rest_is_written(world, values):
    """Another system marks the record between plan and write: its mark stays, and what was due besides is written."""
    wave_id, pms_id = met(world, **values)
    plan = world.sync.plan()
    world.pms_box.edit(pms_id, {"external_id": "CRM-77"})

    report = world.sync.apply(plan)

    there = world.pms_box.customers[pms_id]
    assert (report.ok, there["phone"], there["external_id"]) == (True, values.get("phone"), "CRM-77")
    assert report.outcomes[-1].detail == ("" if values else "the PMS record bears a mark of somebody else's")
    assert (world.linked()[wave_id], list(world.links.scan(Intent))) == (pms_id, [])


@pytest.mark.parametrize("values", [{}, {"phone": "111"}])
def test_a_mark_that_the_pms_refuses_is_given_up_and_the_rest_is_written(world, values):
    """A refused mark is told, holds nothing and is not tried again; what was due besides is written at once."""
    wave_id, pms_id = met(world, **values)
    refused = world.pms_box.faults.add(Fault.REFUSED, on="update", field="external_id", times=None)

    report = world.run()
    [link] = world.links.find(Link, "wave_id", [wave_id])
    world.run(full=True)

    assert not link.open
    assert world.pms_box.customers[pms_id]["phone"] == values.get("phone")
    assert (report.counts.failed, world.sync.disputes(), refused.struck) == (0, [], 1)
    assert list(world.links.scan(Intent)) == []
    assert [o.detail for o in report.outcomes][-1] == ("" if values else "the PMS refused the external id")
    assert world.linked()[wave_id] == pms_id


def test_a_mark_is_announced_apart_from_the_values(world):
    """What is announced of an update tells the values that are sent from the mark, whose former value it keeps."""
    _, pms_id = met(world, phone="111")
    announced = []
    world.pms_box.faults.add(Fault.CALL_BEFORE, on="update", call=lambda _: announced.extend(world.links.scan(Intent)))

    world.run()

    [intent] = [intent for intent in announced if intent.record_id == pms_id]
    assert (set(intent.values), set(intent.origin)) == ({"phone=phone"}, {"phone=phone"})
    assert intent.before == {"phone=phone": None, MARKER: None}
    assert intent.body == {"phone": "111", "external_id": intent.origin_id}


def test_a_mark_that_the_pms_drops_is_told(world):
    """A PMS that does not keep the external id keeps the rest, and the run says so."""
    wave_id, pms_id = met(world)
    world.pms_box.faults.add(Fault.IGNORED_FIELD, field="external_id")

    outcome = world.run().outcomes[-1]

    assert (outcome.result, outcome.detail) == ("done", "the PMS did not keep the external id")
    assert world.pms_box.customers[pms_id].get("external_id") is None
    assert world.linked()[wave_id] == pms_id


@pytest.mark.parametrize(
    ("kind", "details"),
    [(Fault.THROTTLED, {"retry_after": 3600}), (Fault.ANSWER, {"status": 412, "body": "{}"}), (Fault.REFUSED, {})],
    ids=["throttled", "moved", "refused"],
)
def test_a_mark_whose_update_failed_is_written_by_the_next_run(world, kind, details):
    """A mark that was to be written along with values that could not be written stays due."""
    wave_id, pms_id = met(world, phone="111")
    world.pms_box.faults.add(kind, on="update", **details)
    world.run()
    assert world.pms_box.customers[pms_id].get("external_id") is None

    world.run()

    assert world.pms_box.customers[pms_id]["external_id"] == wave_id


def test_a_mark_that_a_run_had_no_time_for_is_written_by_the_next_one(make_world, mapping):
    """Two whom a person linked agree on all once Wave is written: a run that ends there leaves the mark to the next."""
    for name in [rules.name for rules in mapping.lens().fields.values() if rules.name != "name"]:
        mapping.unmap(name)
    world = make_world(mapping=mapping, policy=Policy(first_meeting="pms", create_in=()))
    wave_id, pms_id = world.wave_box.add({"name": "Grace"}), world.pms_box.add({"name": "Grace Hopper"})
    world.run()
    world.sync.link(wave_id, pms_id)
    world.wave_box.faults.add(Fault.CALL_AFTER, on="update", call=lambda _: world.later(100))
    world.run(deadline_s=50)
    assert world.at_wave(wave_id)["name"] == "Grace Hopper"
    assert world.pms_box.customers[pms_id].get("external_id") is None

    world.run()

    assert world.pms_box.customers[pms_id]["external_id"] == wave_id
