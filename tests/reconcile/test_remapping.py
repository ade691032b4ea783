"""What a changed mapping means for what was remembered."""

from __future__ import annotations

import pytest
from attrs import evolve

from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.links import HoldReason
from wave_pms_sync.model.memory import Tenant
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.remapping import judged_by, outdated, remapped


def _tenant(mapping):
    return Tenant(name="default", wave="w", pms="p", mapping=mapping)


def test_fields_mapped_otherwise_are_named(bench, make_bench):
    """A new field and one with another converter are named, and no other."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="fax", pms="fax", converter="text")
    registry.map("customer", wave="internalNotes", pms="notes")
    now = make_bench(registry)
    before = _tenant(judged_by(bench.lens, Policy()))

    assert remapped(before, now.lens) == {now.id("fax"), now.id("internalNotes")}
    assert remapped(before, bench.lens) == frozenset()


@pytest.mark.parametrize("tenant", [None, _tenant({})])
def test_a_memory_that_knows_of_no_mapping_was_made_under_this_one(bench, tenant):
    """After a first run that was cut short nothing is taken for mapped otherwise."""
    assert remapped(tenant, bench.lens) == frozenset()


def test_a_hold_whose_converter_changed_is_outdated(bench):
    """A hold stands only if no field of its group is mapped otherwise by now."""
    hold = bench.hold(HoldReason.DISPUTE, "phone", "1", "2")
    pair = bench.pair()

    assert not outdated(hold, pair, bench.lens)
    assert not outdated(hold, evolve(pair, remapped=frozenset({bench.id("fax")})), bench.lens)
    assert outdated(hold, evolve(pair, remapped=frozenset({bench.id("phone")})), bench.lens)


def test_a_hold_of_a_group_that_lost_a_member_is_outdated(bench, make_bench):
    """A hold that names a field which its group does not have any more does not stand."""
    registry = MappingRegistry.default()
    registry.unmap("address.addressLine2")
    hold = bench.hold(HoldReason.DISPUTE, "address.addressLine2", "1", "2")

    assert outdated(hold, bench.pair(), make_bench(registry).lens)
