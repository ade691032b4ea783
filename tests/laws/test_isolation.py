"""One bad record, one bad listing, one more run: what goes wrong harms only what it is about."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync import Guards, MemoryLinkStore, Policy, SQLiteLinkStore
from wave_pms_sync.errors import LeaseHeld, SyncError
from wave_pms_sync.model.links import Agreement, Link, LinkStatus
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.strategies import scripts, starts

BOTH = Policy(create_in=("pms", "wave"))
STERN = Policy(
    deletions={"pms": "delete", "wave": "delete"},
    guards=Guards(max_retirements=None, max_retirements_pct=None, max_updates_pct=None),
)
MALLORY = {"name": "Mallory Unlike-Anybody", "fax": "999"}

UNREADABLE = (
    ({"phone": 5550100}, "phone"),
    ({"email": ["mallory@example.com"]}, "email"),
    ({"address": {"region_code": "Ontario", "country_code": "CA"}}, "address"),
    ({"address": {"region_code": "US-NY", "country_code": "CA"}}, "address"),
    ({"name": " "}, "name"),
    ({"name": 7}, "name"),
)


def _but(town, *ids):
    """What everybody but one customer shows, without the ids, which differ from town to town."""
    return sorted(
        str((ref[0].value, sorted((name, str(cell.key), cell.fault) for name, cell in found.cells.items())))
        for ref, found in town.everybody().items()
        if ref[1] not in ids
    )


def test_one_bad_group_harms_only_its_group(open_town, some):
    """A value that cannot be converted holds its group; the customer's other groups and all other customers go on."""

    @some(25)
    @given(starts(4), scripts(5, least=1), st.sampled_from(UNREADABLE))
    def law(start, script, odd):
        ends = []
        for values, _ in (odd, ({}, "")):
            with open_town(policy=BOTH) as town:
                wave_id = town.wave_box.add(MALLORY)
                town.run()
                pms_id = town.linked()[wave_id]
                town.others.spared |= {wave_id, pms_id}
                town.others.arrive(start)
                town.run()

                town.pms_box.edit(pms_id, {"website": "mallory.example", **values})
                town.others.play(script)
                town.settle()

                town.check_settled()
                holds = next(a.holds for a in town.links.scan(Agreement) if a.wave_id == wave_id)
                ends.append((_but(town, wave_id, pms_id), set(holds), town.wave_box.customers[wave_id]["website"]))

        assert ends[0] == (ends[1][0], {odd[1]}, ends[1][2])
        assert ends[1][2] == "mallory.example"

    law()


def test_one_record_that_cannot_be_created_harms_only_itself(open_town, some):
    """A create that the PMS refuses, or whose answer is lost, leaves all other customers as they would be without."""

    @some(25)
    @given(starts(4), scripts(5, least=1), st.sampled_from((Fault.REFUSED, Fault.LOST_AFTER, Fault.LOST_BEFORE)))
    def law(start, script, fault):
        ends = []
        for bad in (True, False):
            with open_town() as town:
                mallory = town.wave_box.add(MALLORY)
                town.others.spared.add(mallory)
                if bad:
                    town.pms_box.faults.add(fault, on="create", field="fax", value="999", times=None)
                town.others.arrive(start)
                town.run()
                town.others.spared |= _mallorys(town)
                town.others.play(script)
                town.settle(2)
                ends.append(_but(town, mallory, *_mallorys(town)))

        assert ends[0] == ends[1]

    law()


def _mallorys(town):
    return {i for i, c in town.pms_box.customers.items() if c["fax"] == "999"}


def test_update_that_is_refused_harms_only_its_record(open_town, some):
    """An update that a side refuses leaves all other customers as they would be without."""

    @some(20)
    @given(starts(4), scripts(5, least=1), st.sampled_from(Side))
    def law(start, script, side):
        ends = []
        for bad in (True, False):
            with open_town(policy=BOTH) as town:
                wave_id = town.wave_box.add(MALLORY)
                town.run()
                pms_id = town.linked()[wave_id]
                ids = {Side.WAVE: wave_id, Side.PMS: pms_id}
                town.others.spared |= {wave_id, pms_id}
                town.others.arrive(start)
                town.run()
                if bad:
                    town.box(side).faults.add(Fault.REFUSED, on="update", record=ids[side], times=None)
                town.box(side.other).edit(ids[side.other], {"website": "mallory.example"})
                town.others.play(script)
                town.settle()
                town.check_settled()
                ends.append((_but(town, wave_id, pms_id), town.box(side).customers[ids[side]]["website"]))

        assert ends[0] == (ends[1][0], None)
        assert ends[1][1] == "mallory.example"

    law()


VIEWS = (
    (Fault.ROW_SHIFT, {}),
    (Fault.ROW_SHIFT, {"insert": {"name": "Newcomer"}}),
    (Fault.DUPLICATE_ROW, {}),
    (Fault.EMPTY_LIST, {}),
    (Fault.PAGE_CAPPED, {"rows": 1}),
    (Fault.LIST_CAPPED, {"rows": 1}),
    (Fault.LAST_PAGE_REPEATED, {"times": 9}),
    (Fault.WRONG_TOTAL, {"by": -1}),
    (Fault.SERVER_ERROR, {"on": "next_page", "times": 9}),
    (Fault.BAD_GATEWAY, {"on": "list", "times": 9}),
    (Fault.CUT_JSON, {"on": "next_page", "times": 9}),
    (Fault.LOST_BEFORE, {"on": "list", "times": 9}),
    (Fault.NULL_BUSINESS, {"on": "list", "times": 9}),
)


LIES = (Fault.LIST_CAPPED, Fault.EMPTY_LIST)
"""What a side without totals can tell twice without being found out."""


@pytest.mark.parametrize(("fault", "details"), VIEWS, ids=lambda value: str(value))
def test_gone_only_on_evidence(open_town, some, fault, details):
    """Whatever a listing leaves out, repeats or fails to show, only what is really gone is retired."""

    @some(5)
    @given(starts(5, least=1), scripts(2), st.sampled_from(Side), st.sampled_from((1, 2, 100)), st.booleans())
    def law(start, script, side, page_size, totals):
        if fault is Fault.NULL_BUSINESS and side is Side.PMS:
            return
        with open_town(policy=STERN, page_size=page_size, pms_options={"show_total": totals}) as town:
            town.others.arrive(start)
            town.settle()
            town.others.play(script)

            told = totals or side is Side.WAVE or fault not in LIES
            for _ in range(2 if told else 1):
                town.clock.advance(600)
                struck = town.box(side).faults.add(fault, **{"times": 4, **details})
                with suppress(SyncError):
                    town.sync.run(full=True)
                town.box(side).faults.remove(struck)

            dead = {i for s in Side for e in town.box(s).ledger.entries for i in e.effects.deleted}
            for link in town.links.scan(Link):
                lost = [s for s in Side if link.id_on(s) not in town.box(s).customers and link.id_on(s) not in dead]
                if link.status is LinkStatus.TOMBSTONE or {link.wave_id, link.pms_id} & dead:
                    assert lost, f"{link.wave_id} / {link.pms_id} was retired without reason"

    law()


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("operation", ["list", "create", "update"])
def test_two_runs_at_once(open_town, tmp_path, side, operation):
    """While one run works, another one of the same store is refused at once and sends nothing."""
    refusals, spent = [], []
    place = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(place) as mine, SQLiteLinkStore(place) as theirs, open_town(mine, policy=BOTH) as town:
        ada = town.wave_box.add({"name": "Ada"})
        town.run()
        town.others.clock.advance(60)
        town.wave_box.edit(ada, {"phone": "1"})
        town.pms_box.edit(town.linked()[ada], {"website": "ada.example"})
        town.wave_box.add({"name": "Grace"})
        town.pms_box.add({"name": "Linus"})
        rival = town.another_sync(theirs)

        def intrude(_):
            for attempt in (rival.run, lambda: rival.apply(rival_plan), lambda: rival.unlink(wave_id=ada)):
                with pytest.raises(LeaseHeld) as refusal:
                    attempt()
                refusals.append(refusal.value.owner)
            spent.append(rival.wave.requests + rival.pms.requests)

        rival_plan = rival.plan()
        before = rival.wave.requests + rival.pms.requests
        town.box(side).faults.add(Fault.CALL_BEFORE, on=operation, call=intrude)
        report = town.run()

        assert report.ok
        assert len(refusals) == 3
        assert spent == [before]
        town.settle()
        town.check_settled()


def test_many_runs_at_once(open_town):
    """Of many runs that start at once some work, the others are refused, and nobody is created twice."""
    with open_town(MemoryLinkStore()) as town:
        for number in range(5):
            town.wave_box.add({"name": f"Customer {number}"})
        ends = []

        def run(sync):
            try:
                ends.append(sync.run().status)
            except LeaseHeld:
                ends.append("refused")

        threads = [threading.Thread(target=run, args=(town.another_sync(town.links),)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert "complete" in ends
        assert set(ends) <= {"complete", "refused"}
        assert len(town.pms_box.customers) == 5
