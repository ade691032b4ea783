"""What every audit keeps, whatever both sides hold and whatever other users do meanwhile.

That a settled world is in order is part of the law of settling.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync import Guards, Policy
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.links import Agreement, Link, LinkStatus
from wave_pms_sync.model.memory import Intent, Known, Quarantined, Tenant, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing.strategies import scripts, starts

FREE = Guards(max_retirements=None, max_retirements_pct=None, max_updates_pct=None)
POLICIES = (
    Policy(),
    Policy(create_in=("pms", "wave"), first_meeting="newest"),
    Policy(conflicts="hold", deletions={"pms": "archive", "wave": "delete"}, archives="mirror", guards=FREE),
    Policy(deletions={"pms": "recreate", "wave": "recreate"}, create_in=("pms", "wave"), guards=FREE),
)


def test_an_audit_finds_exactly_what_differs(open_town, some):
    """Whatever happened since the last run, each active pair that differs in a two-way field is named, and no other."""

    @some(30)
    @given(starts(), scripts(least=1), scripts(least=1), st.sampled_from(POLICIES))
    def law(start, first, second, policy):
        with open_town(policy=policy) as town:
            town.others.arrive(start)
            town.run()
            town.others.play(first)
            town.settle()
            town.others.play(second)

            audit = town.sync.verify()

            named = {(f.wave_id, name) for f in audit for name in f.fields}
            two_way = {f.name for f in town.lens.fields.values() if f.direction is Direction.BOTH}
            assert {(w, name) for w, name in named if name in two_way} == _differing(town)

    law()


def _differing(town):
    """The two-way fields in which the records of an active pair differ, by looking at both."""
    held = {a.wave_id: a.holds for a in town.links.scan(Agreement)}
    found = set()
    for link in town.links.scan(Link):
        there = [link.id_on(side) in town.box(side).customers for side in Side]
        if link.status is not LinkStatus.ACTIVE or not all(there) or "*" in held[link.wave_id]:
            continue
        wave, pms = town.found(Side.WAVE, link.wave_id), town.found(Side.PMS, link.pms_id)
        found |= {
            (link.wave_id, rules.name)
            for i, rules in town.lens.fields.items()
            if rules.direction is Direction.BOTH and not wave.cells[i].same(pms.cells[i])
        }
    return found


def test_an_audit_changes_nothing(open_town, some):
    """An audit writes to neither side and leaves the store as it was, so that the next plan is the same."""

    @some(20)
    @given(starts(), scripts(least=1))
    def law(start, script):
        with open_town() as town:
            town.others.arrive(start)
            town.run()
            town.others.play(script)
            before, writes, plan = _memory(town), town.ledger()[2:], town.sync.plan(full=True).digest

            town.sync.verify()

            assert town.ledger()[2:] == writes
            assert _memory(town) == before
            assert town.sync.plan(full=True).digest == plan

    law()


def _memory(town):
    kinds = (Tenant, Link, Agreement, Known, Intent, Unfinished, Quarantined)
    return {kind: list(town.links.scan(kind)) for kind in kinds}
