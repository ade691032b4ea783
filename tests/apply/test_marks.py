"""The Wave id is noted in the PMS record, in place of nothing or of a former one of ours, never of somebody else's."""

from __future__ import annotations

import pytest

from wave_pms_sync.model.memory import Intent


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


def test_a_record_without_a_mark_gets_ours(both_ways):
    """A PMS record without a mark is marked when its counterpart is made in Wave."""
    world = both_ways
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com"})

    world.run()

    assert world.linked()[world.pms_box.customers[pms_id]["external_id"]] == pms_id
