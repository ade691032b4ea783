"""The audit: what `verify` says of linked pairs, of records without a link and of the memory; it only reads."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from attrs import evolve

from wave_pms_sync import MappingRegistry, MemoryLinkStore, Policy, Scope, SQLiteLinkStore
from wave_pms_sync.audit import Kind, Standing
from wave_pms_sync.errors import WrongTenant
from wave_pms_sync.model.links import Agreement, Baseline, Link
from wave_pms_sync.model.memory import Intent, IntentKind, Put, Quarantined, QuarantineReason, Tenant, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing import Fault


def found(audit):
    """What stands out, in short."""
    return [(f.kind, f.standing) for f in audit]


def put(world, *entries):
    """Write into the memory past the synchronizer, as damage or a fault of ours would."""
    lease = world.links.acquire("a test", world.clock.now(), 60)
    world.links.commit([Put(entry) for entry in entries], lease)
    world.links.release(lease)


def box(world, side):
    """The sandbox of that side."""
    return world.wave_box if side == "wave" else world.pms_box


# --- linked pairs


def test_in_a_settled_world_nothing_stands_out(stored_world):
    """After a run has settled, an audit compares each pair, finds nothing, and costs one listing of each side."""
    world = stored_world
    world.pair()
    world.wave_box.add({"name": "Grace Hopper", "address": {"city": "Toronto", "country": {"code": "CA"}}})
    world.rest()
    world.count()

    audit = world.sync.verify()

    assert (audit.ok, len(audit), audit.pairs) == (True, 0, 2)
    assert audit.requests == {"wave": 1, "pms": 1}
    assert world.requests == (1, 1)
    assert "2 linked pairs compared, nothing stands out" in str(audit)


def test_an_empty_store_and_two_empty_sides_are_in_order(stored_world):
    """Before anything was done there is nothing to find."""
    audit = stored_world.sync.verify()

    assert (audit.ok, len(audit), audit.pairs) == (True, 0, 0)


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_an_edit_since_the_last_run_is_pending(stored_world, side):
    """An edit that the next run will see is named with its field and both values, and explained by that."""
    world = stored_world
    ids = dict(zip(("wave", "pms"), world.pair(phone="000"), strict=True))
    world.rest()
    world.later()
    box(world, side).edit(ids[side], {"phone": "111"})

    audit = world.sync.verify()

    (edit,) = audit
    assert audit.ok
    assert (edit.kind, edit.standing, edit.fields) == (Kind.EDIT, Standing.PENDING, ("phone",))
    assert (edit.wave_id, edit.pms_id) == (ids["wave"], ids["pms"])
    values = {"wave": edit.wave["phone"], "pms": edit.pms["phone"]}
    assert values[side] == "111"
    assert "000" in values.values()
    world.run()
    assert len(world.sync.verify()) == 0


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_an_edit_that_moved_no_stamp_is_drift(stored_world, side):
    """A value that changed without a newer stamp is seen by no ordinary run; a full one carries it."""
    world = stored_world
    ids = dict(zip(("wave", "pms"), world.pair(phone="000"), strict=True))
    world.later(1000)
    world.wave_box.add({"name": "Somebody Later"})
    world.rest()
    world.run()
    box(world, side).edit(ids[side], {"phone": "111"}, stamp=False)
    world.run()

    audit = world.sync.verify()

    (drift,) = audit
    assert not audit.ok
    assert (drift.kind, drift.standing, drift.fields) == (Kind.DRIFT, Standing.UNEXPLAINED, ("phone",))
    assert "run(full=True)" in drift.advice
    world.run(full=True)
    assert len(world.sync.verify()) == 0


def test_a_pair_that_differs_though_nothing_was_edited_is_drift(stored_world):
    """A store that calls two different values agreed on is found out: that a row is as last seen hides nothing."""
    world = stored_world
    _, pms_id = world.pair(phone="000")
    world.rest()
    world.pms_box.edit(pms_id, {"phone": "999"}, stamp=False)
    lens = world.sync.mapping.lens()
    (name,) = (i for i, f in lens.fields.items() if f.name == "phone")
    shown = lens.digest(lens.raws(Side.PMS, world.pms.customers_by_id([pms_id])[pms_id].payload))
    (agreement,), (link,) = world.links.scan(Agreement), world.links.scan(Link)
    wrong = {**agreement.baselines, name: Baseline(wave="000", pms="999")}
    put(world, evolve(agreement, baselines=wrong), evolve(link, pms=evolve(link.pms, digest=shown)))
    assert world.sync.plan(full=True).empty

    audit = world.sync.verify()

    assert not audit.ok
    assert [(f.kind, f.fields, f.words) for f in audit] == [
        (Kind.DRIFT, ("phone",), "the two differ, and neither was edited")
    ]


def test_a_write_that_is_not_shown_yet_is_pending(world):
    """What a side confirmed and does not show yet waits, and is neither drift nor an edit of somebody."""
    wave_id, _ = world.pair(phone="000")
    world.settle()
    world.run()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.later(10)
    world.sync.run()
    world.pms_box.faults.add(Fault.READ_LAG, seconds=40)
    world.later(10)

    audit = world.sync.verify()

    (waiting,) = audit.of(Kind.EDIT)
    assert (waiting.standing, waiting.fields) == (Standing.PENDING, ("phone",))
    assert "still shows what was there before our write" in waiting.words


def test_two_records_that_a_person_linked_wait_for_the_next_run(world):
    """What was linked by hand meets at the next run: until then nothing of it is drift, nor is a mark missed."""
    wave_id = world.wave_box.add({"name": "Ada", "phone": "111"})
    pms_id = world.pms_box.add({"name": "Countess", "phone": "222"})
    world.sync.link(wave_id, pms_id)

    audit = world.sync.verify()

    assert audit.ok
    assert {f.fields for f in audit.of(Kind.EDIT)} >= {("name",), ("phone",)}
    assert not audit.of(Kind.MARK)


def test_a_dispute_is_listed_as_held(stored_world):
    """Two values that wait for a person are explained; once a person has decided, they wait for the next run."""
    world = stored_world
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.rest()

    audit = world.sync.verify()
    assert found(audit) == [(Kind.HELD, Standing.EXPLAINED)]
    assert audit.findings[0].fields == ("phone",)
    assert audit.ok

    world.sync.resolve(world.sync.disputes()[0], choose="wave")
    assert (Kind.HELD, Standing.PENDING) in found(world.sync.verify())


def test_what_a_side_did_not_keep_is_listed(world):
    """A property that a side ignores is explained, with the side that did not keep it."""
    world.pms_box.faults.add(Fault.IGNORED_FIELD, field="phone")
    world.pair(phone="000")
    world.rest()

    audit = world.sync.verify()

    assert found(audit) == [(Kind.NOT_KEPT, Standing.EXPLAINED)]
    assert audit.findings[0].words.startswith("the PMS did not keep")


def test_a_one_way_value_that_was_accepted_is_listed(world):
    """A one-way property that left its origin's value, as the mapping allows, is explained."""
    _, pms_id = world.pair(currency={"code": "EUR"})
    world.later()
    world.pms_box.edit(pms_id, {"currency_code": "USD"})
    world.rest()

    audit = world.sync.verify()

    assert found(audit) == [(Kind.ONE_WAY, Standing.EXPLAINED)]
    assert audit.findings[0].fields == ("currency.code",)


def test_a_deletion_that_no_run_has_seen_is_unexplained_and_then_a_tombstone(both_ways):
    """A link to a record that is gone is not in order until a run decided; then the survivor is explained."""
    world = both_ways
    world.pair()
    wave_id, pms_id = world.pair(name="Grace Hopper", email="grace@example.com")
    world.rest()
    world.pms_box.remove(pms_id)

    audit = world.sync.verify()
    assert [(f.kind, f.standing, f.wave_id) for f in audit] == [(Kind.GONE, Standing.UNEXPLAINED, wave_id)]

    world.run(full=True)
    audit = world.sync.verify()
    assert [(f.kind, f.standing, f.wave_id) for f in audit] == [(Kind.TOMBSTONE, Standing.EXPLAINED, wave_id)]
    assert "Wave" in audit.findings[0].words


def test_an_edit_against_a_deletion_is_held(world):
    """A pair that waits for a person because one record is gone and the other was edited is explained."""
    world.pair()
    wave_id, pms_id = world.pair(name="Grace Hopper", email="grace@example.com")
    world.later()
    world.pms_box.remove(pms_id)
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.rest()

    assert found(world.sync.verify()) == [(Kind.HELD, Standing.EXPLAINED)]


def test_a_pair_out_of_scope_is_left_out(make_world):
    """A linked record that the scope leaves out is explained, and not compared."""
    world = make_world()
    wave_id, _ = world.pair(phone="000")
    world.rest()
    world.change(scope=Scope(id="none", wave=lambda record: False))
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.run()

    audit = world.sync.verify()

    assert (Kind.LEFT_OUT, Standing.EXPLAINED) in found(audit)
    assert not [f for f in audit if f.fields]


@pytest.mark.parametrize(
    ("mark", "words"), [(None, "no mark"), ("CRM-0007", "another customer")], ids=["missing", "another"]
)
def test_a_mark_that_is_not_the_links_is_found(world, mark, words):
    """A linked PMS record whose mark is missing or names another customer is unexplained."""
    _, pms_id = world.pair()
    world.rest()
    world.pms_box.edit(pms_id, {"external_id": mark})
    world.rest()

    audit = world.sync.verify()

    assert found(audit) == [(Kind.MARK, Standing.UNEXPLAINED)]
    assert words in audit.findings[0].words


def test_without_a_mapped_mark_none_is_asked_for(make_world, mapping):
    """Where the Wave id is not noted in the PMS, no mark is missed."""
    mapping.unmap("id")
    world = make_world(mapping=mapping)
    world.pair()
    world.rest()

    assert len(world.sync.verify()) == 0


def test_an_id_that_was_given_to_another_customer_is_found_and_then_suspended(world):
    """A linked record whose id was given out again is unexplained; once a run has seen it the link is suspended."""
    world.pair()
    wave_id, pms_id = world.pair(name="Grace Hopper", email="grace@example.com")
    world.rest()
    world.pms_box.remove(pms_id)
    world.later()
    world.pms_box.add({"name": "Somebody Else", "email": "else@example.com"}, customer_id=pms_id)

    before = [f for f in world.sync.verify() if f.wave_id == wave_id]
    world.run()
    after = [f for f in world.sync.verify() if f.wave_id == wave_id]

    assert [(f.kind, f.standing) for f in before] == [(Kind.GONE, Standing.UNEXPLAINED)]
    assert [(f.kind, f.standing) for f in after] == [(Kind.SUSPENDED, Standing.EXPLAINED)]


def test_both_records_of_a_tombstone_that_are_back_are_pending(world):
    """A tombstone whose records show again is taken up by the next run."""
    world.pair()
    wave_id, pms_id = world.pair(name="Grace Hopper", email="grace@example.com")
    world.rest()
    world.pms_box.remove(pms_id)
    world.run(full=True)
    world.pms_box.restore(pms_id)
    world.later()

    (finding,) = world.sync.verify()

    assert (finding.kind, finding.standing, finding.wave_id) == (Kind.TOMBSTONE, Standing.PENDING, wave_id)


# --- records without a link


def test_newcomers_wait_for_the_next_run(stored_world):
    """A customer that arrived since the last run is pending; one that the policy leaves alone is explained."""
    world = stored_world
    world.pair()
    world.rest()
    world.later()
    grace = world.wave_box.add({"name": "Grace Hopper"})
    alan = world.pms_box.add({"name": "Alan Turing"})

    audit = world.sync.verify()

    assert [(f.kind, f.standing, f.wave_id or f.pms_id) for f in audit] == [
        (Kind.UNLINKED, Standing.PENDING, grace),
        (Kind.UNLINKED, Standing.EXPLAINED, alan),
    ]


def test_a_newcomer_that_runs_overlook_is_unexplained(world):
    """A customer with an old stamp that no ordinary run was shown is found, and a full run takes it up."""
    world.pair()
    world.rest()
    world.later(1000)
    world.pair(name="Grace Hopper", email="grace@example.com")
    world.rest()
    world.wave_box.add({"name": "Brought In"}, created_at=world.clock.now() - timedelta(days=9))
    world.run()

    audit = world.sync.verify()

    assert found(audit) == [(Kind.UNLINKED, Standing.UNEXPLAINED)]
    world.run(full=True)
    assert world.sync.verify().ok


def test_the_double_of_a_linked_customer_is_found(world):
    """A PMS record that nobody is asked about, with the e-mail of a linked one, is a twin and named with it."""
    _, pms_id = world.pair()
    twin = world.pms_box.add({"name": "A. Lovelace", "email": "Ada@example.com"})
    world.rest()

    audit = world.sync.verify()

    (finding,) = audit
    assert (finding.kind, finding.standing) == (Kind.TWIN, Standing.UNEXPLAINED)
    assert (finding.pms_id, finding.others) == (twin, (pms_id,))


def test_an_archived_double_is_left_alone(world):
    """A double that somebody archived is dealt with already."""
    world.pair()
    twin = world.pms_box.add({"name": "A. Lovelace", "email": "ada@example.com"})
    world.pms_box.archive(twin)
    world.rest()

    assert [(f.kind, f.standing, f.pms_id) for f in world.sync.verify()] == [(Kind.UNLINKED, Standing.EXPLAINED, twin)]


def test_what_rests_in_quarantine_is_explained(world):
    """A customer whose key does not single out its counterpart is pending first, and explained once it rests."""
    world.pair()
    wave_id = world.wave_box.add({"name": "Farm shop", "email": "info@farm.example"})
    for name in ("Farm", "Farm office"):
        world.pms_box.add({"name": name, "email": "info@farm.example"})
    before = next(f for f in world.sync.verify() if f.wave_id == wave_id)
    world.rest()

    after = next(f for f in world.sync.verify() if f.wave_id == wave_id)

    assert (before.kind, before.standing) == (Kind.TWIN, Standing.PENDING)
    assert (after.kind, after.standing) == (Kind.TWIN, Standing.EXPLAINED)
    assert len(after.others) == 2
    assert world.sync.verify().ok


def test_a_newcomer_with_the_key_of_a_linked_customer_is_shown_before_it_is_doubled(world):
    """A second Wave customer with a shared mailbox would get a counterpart; the audit says so while there is none."""
    wave_id, _ = world.pair()
    world.later()
    twin = world.wave_box.add({"name": "A. Lovelace", "email": "ada@example.com"})

    (finding,) = world.sync.verify()

    assert (finding.kind, finding.standing, finding.wave_id) == (Kind.TWIN, Standing.PENDING, twin)
    assert finding.others == (wave_id,)


def test_copies_orphans_and_foreign_marks_are_told_apart(world):
    """PMS records by their marks: that of a linked customer, that of one that is gone, that of another system."""
    wave_id, _ = world.pair()
    gone = world.wave_box.add({"name": "Gone"})
    world.wave_box.remove(gone)
    copy = world.pms_box.add({"name": "Copy", "external_id": wave_id})
    orphan = world.pms_box.add({"name": "Orphan", "external_id": gone})
    foreign = world.pms_box.add({"name": "Foreign", "external_id": "CRM-0007"})
    world.rest()

    kinds = {f.pms_id: f.kind for f in world.sync.verify()}
    foreigners = [f.kind for f in world.sync.verify() if f.pms_id == foreign]

    assert (kinds[copy], kinds[orphan]) == (Kind.COPY, Kind.ORPHAN)
    assert Kind.FOREIGN in foreigners
    assert world.sync.verify().ok


def test_records_that_a_person_parted_are_apart(world):
    """After `unlink` both records are explained, though they share their keys."""
    wave_id, _ = world.pair()
    world.sync.unlink(wave_id=wave_id)
    world.rest()

    assert found(world.sync.verify()) == [(Kind.APART, Standing.EXPLAINED)] * 2


# --- the memory


def test_an_open_write_is_listed_with_its_age(world):
    """A write whose outcome nobody knows is pending, with its age, and so is the record that it is about."""
    world.pair()
    world.rest()
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="create")
    grace = world.wave_box.add({"name": "Grace Hopper"})
    world.run()
    world.later(3600)

    audit = world.sync.verify()

    (write,) = audit.of(Kind.OPEN_WRITE)
    assert (write.standing, write.wave_id) == (Standing.PENDING, grace)
    assert "announced 1:00:00 ago" in write.words
    assert audit.ok


def test_a_late_update_is_listed_while_it_may_come(world):
    """An update that was taken for lost is listed as long as it may still be carried out, and then no more."""
    wave_id, pms_id = world.pair(phone="000")
    world.rest()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="update")
    world.run()
    world.run()

    (write,) = world.sync.verify()

    assert (write.kind, write.standing, write.wave_id, write.pms_id) == (
        *(Kind.OPEN_WRITE, Standing.PENDING),
        *(wave_id, pms_id),
    )
    assert write.words == ("update in the PMS was taken for lost, and may still be carried out, announced 0:01:00 ago")
    world.settle()
    world.run()
    assert len(world.sync.verify()) == 0


def test_a_run_at_work_is_seen(stored_world):
    """While a run holds the lease the audit says so, for how long, and who, in short; that explains itself."""
    world = stored_world
    world.pair()
    world.rest()
    lease = world.links.acquire("machine.example.com:4711:0a1b2c3d", world.clock.now(), 120)
    world.later(20)

    (held,) = world.sync.verify()

    assert (held.kind, held.standing, held.advice) == (Kind.LEASE, Standing.EXPLAINED, "")
    assert held.words == (
        "a run is at work (machine.example.com:4711... (33 characters)); its lease expires in 0:01:40"
    )
    world.links.release(lease)
    assert len(world.sync.verify()) == 0


def test_the_lease_of_a_dead_run_is_seen(stored_world):
    """A lease that was never given back, and that expired, is pending: the next run takes it over."""
    world = stored_world
    world.pair()
    world.rest()
    world.links.acquire("dead", world.clock.now(), 120)
    world.later(120)

    (left,) = world.sync.verify()

    assert (left.kind, left.standing, left.advice) == (Kind.LEASE, Standing.PENDING, "run()")
    assert left.words == "a run did not give back its lease (dead), which expired 0:00:00 ago"
    world.run()
    assert len(world.sync.verify()) == 0


def test_a_changed_mapping_is_said(world, mapping):
    """If the mapping is not that of the last run the audit says so, and differences wait for the next run."""
    world.pair(fax="000")
    world.rest()
    mapping.unmap("fax")
    world.change(mapping=mapping)

    audit = world.sync.verify()

    assert found(audit) == [(Kind.SETTINGS, Standing.PENDING)]


def test_a_changed_scope_is_said(world):
    """If another scope is set than that of the last run the audit says so."""
    world.pair()
    world.rest()
    world.change(scope=Scope(id="all", wave=lambda record: True))

    assert found(world.sync.verify()) == [(Kind.SETTINGS, Standing.PENDING)]


def test_records_to_be_read_again_and_at_rest_are_listed(world):
    """What the memory keeps of linked records beside their links is listed with its reason."""
    wave_id, pms_id = world.pair()
    world.rest()
    put(
        world,
        Unfinished(side=Side.WAVE, id=wave_id, reason="asked for"),
        Quarantined(side=Side.PMS, id=pms_id, reason=QuarantineReason.REUSED, detail="given out twice"),
    )

    told = {f.kind: (f.standing, f.words) for f in world.sync.verify()}

    assert told == {
        Kind.UNFINISHED: (Standing.PENDING, "will be read again: asked for"),
        Kind.QUARANTINED: (Standing.EXPLAINED, "given out twice"),
    }


def test_a_watermark_far_behind_is_pending(world):
    """A side that no run has read for longer than a full scan may be due is said to be behind."""
    world.pair()
    world.rest()
    (tenant,) = world.links.scan(Tenant)
    put(world, evolve(tenant, wave_state=evolve(tenant.wave_state, watermark=world.clock.now() - timedelta(days=3))))

    audit = world.sync.verify()

    assert found(audit) == [(Kind.WATERMARK, Standing.PENDING)]
    assert "behind" in audit.findings[0].words


@pytest.mark.parametrize("side", Side)
def test_a_stamp_ahead_of_its_sides_time_leaves_no_watermark_behind(world, side):
    """After a server's clock was set back nobody is told to run again because of a stamp from before."""
    wave_id, _ = world.pair()
    world.rest()
    world.edit(str(side), wave_id, {"phone": "111"})
    world.clock.advance(-90_000)
    world.run(full=True)

    assert found(world.sync.verify()) == []


@pytest.mark.parametrize("side", Side)
def test_a_watermark_in_the_future_is_unexplained(world, side):
    """Edits before a watermark are not asked for again, so that one ahead of the side's time is said."""
    world.pair()
    world.rest()
    (tenant,) = world.links.scan(Tenant)
    ahead = evolve(tenant.state(side), watermark=world.clock.now() + timedelta(days=1))
    put(world, evolve(tenant, **{f"{side}_state": ahead}))

    audit = world.sync.verify()

    assert [(f.kind, f.standing) for f in audit] == [(Kind.WATERMARK, Standing.UNEXPLAINED)]
    assert side.words in audit.findings[0].words


def test_two_links_on_one_record_are_found(world):
    """A store that holds two links of one record, which none of ours allows, is found out."""
    wave_id, pms_id = world.pair()
    world.rest()

    class Damaged(MemoryLinkStore):
        def scan(self, kind):
            yield from super().scan(kind)
            if kind is Link:
                yield Link(wave_id="another", pms_id=pms_id)

        def snapshot(self):
            return Still(self)

    damaged = Damaged()
    lease = damaged.acquire("a test", world.clock.now(), 60)
    kinds = (Tenant, Link, Agreement)
    damaged.commit([Put(e) for kind in kinds for e in MemoryLinkStore.scan(world.links, kind)], lease)

    audit = world.make_sync(links=damaged).verify()

    assert (Kind.TWO_LINKS, Standing.UNEXPLAINED) in found(audit)
    assert audit.of(Kind.TWO_LINKS)[0].others == (wave_id,)


class Still:
    def __init__(self, store):
        self.store = store

    def __enter__(self):
        return self.store

    def __exit__(self, *exc):
        return None


def test_a_store_of_other_accounts_is_refused(world):
    """An audit on the memory of other accounts would compare strangers; it says whose memory it is instead."""
    world.pair()
    (tenant,) = world.links.scan(Tenant)
    put(world, evolve(tenant, wave="https://elsewhere#b"))

    with pytest.raises(WrongTenant):
        world.sync.verify()


def test_on_incomplete_evidence_no_absence_is_claimed(make_world):
    """A side that broke off in the middle of its listing proves nothing about what it did not show."""
    world = make_world(page_size=1)
    for name in ("Ada", "Grace", "Alan"):
        world.wave_box.add({"name": name})
    world.rest()
    world.wave_box.faults.add(Fault.LIST_CAPPED, rows=1)

    audit = world.sync.verify()

    assert not audit.ok
    assert {f.kind for f in audit} == {Kind.INCOMPLETE}
    assert not audit.of(Kind.GONE)
    assert "2 linked records were not shown by Wave" in str(audit)


def test_a_record_that_is_no_longer_listed_but_readable_is_not_called_gone(world):
    """A linked record that one listing lacks and a single read finds is unexplained, and nobody says it is gone."""
    world.pair()
    _, pms_id = world.pair(name="Grace Hopper", email="grace@example.com")
    world.rest()
    world.pms_box.faults.add(Fault.HIDDEN_ROW, record=pms_id)

    audit = world.sync.verify()

    assert [(f.kind, f.standing, f.pms_id) for f in audit] == [(Kind.INCOMPLETE, Standing.UNEXPLAINED, pms_id)]


# --- that it only reads, and what it prints


def test_an_audit_takes_no_lease_and_writes_nothing(stored_world):
    """Beside a run that stands an audit works, and neither side nor store is changed by it."""
    world = stored_world
    wave_id, _ = world.pair()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.wave_box.add({"name": "Grace Hopper"})
    world.links.acquire("a run", world.clock.now(), 120)
    kinds = (Tenant, Link, Agreement, Intent)
    before = {kind: list(world.links.scan(kind)) for kind in kinds}
    world.count()

    world.sync.verify()

    assert world.writes == (0, 0)
    assert {kind: list(world.links.scan(kind)) for kind in kinds} == before


def test_an_audit_leaves_the_file_of_the_store_as_it_is(make_world, tmp_path):
    """Not a byte of the store's file changes, and none is made where there is none."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as links:
        world = make_world(links)
        world.sync.verify()
        assert list(tmp_path.iterdir()) == []
        wave_id, _ = world.pair()
        world.wave_box.edit(wave_id, {"phone": "111"})
    before = path.read_bytes()

    with SQLiteLinkStore(path) as links:
        world.make_sync(links=links).verify()

    assert path.read_bytes() == before


def test_an_open_write_of_a_gone_run_does_not_hide_a_difference(world):
    """An announced update that was never sent leaves its difference pending."""
    wave_id, pms_id = world.pair(phone="000")
    world.rest()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    put(world, Intent(kind=IntentKind.UPDATE, side=Side.PMS, origin_id=wave_id, record_id=pms_id))

    kinds = {f.kind for f in world.sync.verify()}

    assert {Kind.EDIT, Kind.OPEN_WRITE} <= kinds


def test_values_show_in_text_table_and_rows_only(world, caplog):
    """Values and names are in what is printed unmasked, and never in a log, a `repr` or the saved form."""
    wave_id, _ = world.pair(name="Ada <Lovelace>", phone="000")
    world.rest()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "55501234"})

    with caplog.at_level(logging.DEBUG):
        audit = world.sync.verify()

    for text in (str(audit), audit._repr_html_(), repr(audit.to_rows())):
        assert "55501234" in text
        assert "phone" in text
    assert "&lt;Lovelace&gt;" in audit.to_html()
    logged = "".join(repr(vars(record)) for record in caplog.records if record.name.startswith("wave_pms_sync"))
    masked = (audit.to_text(mask=True), audit.to_html(mask=True), repr(audit.to_rows(mask=True)))
    for text in (repr(audit), repr(audit.findings), json.dumps(audit.to_dict()), logged, *masked):
        assert "55501234" not in text
        assert "Lovelace" not in text
    assert wave_id in json.dumps(audit.to_dict())


def test_long_lists_are_cut(world):
    """Of many findings a few are printed, with their number; the rows hold them all."""
    for number in range(30):
        world.pms_box.add({"name": f"Customer {number}"})
    world.run()

    audit = world.sync.verify()

    assert audit.counts["explained"] == len(audit.to_rows()) == 30
    assert "... and 10 more" in str(audit)
    assert len(str(audit).splitlines()) == 25


@pytest.mark.parametrize("policy", [Policy(), Policy(create_in=("pms", "wave"))], ids=["one way", "both ways"])
def test_a_mapping_of_few_fields_is_compared_as_well(make_world, policy):
    """An audit goes by the mapping it is given."""
    mapping = MappingRegistry.default()
    mapping.unmap("phone")
    world = make_world(mapping=mapping, policy=policy)
    _, pms_id = world.pair(phone="000")
    world.rest()
    world.pms_box.edit(pms_id, {"phone": "111"})

    assert len(world.sync.verify()) == 0


def doubled(world):
    """One customer that stands twice on both sides, each with its counterpart."""
    first = world.wave_box.add({"name": "Ada Lovelace"})
    second = world.wave_box.add({"name": "Ada Lovelace "})
    world.rest()
    for wave_id in (first, second):
        world.wave_box.edit(wave_id, {"email": "ada@example.com"})
    world.rest()
    return first, second


def test_two_linked_pairs_of_one_customer_are_told(world):
    """The same name and e-mail on both sides of two pairs: nobody decided that they are two."""
    doubled(world)

    (found,) = (f for f in world.sync.verify() if f.kind is Kind.TWIN)

    assert found.standing is Standing.UNEXPLAINED
    assert {found.wave_id, *found.others} == {*world.linked(), found.others[1]}


def test_a_shared_mailbox_is_no_double(world):
    """Customers of different names may share an e-mail."""
    _, second = doubled(world)
    world.wave_box.edit(second, {"name": "Augusta King"})
    world.rest()

    assert [f for f in world.sync.verify() if f.kind is Kind.TWIN] == []


@pytest.mark.parametrize("kept", ["the one linked", "the other"])
def test_a_copy_is_settled_as_the_audit_advises(world, kept):
    """Of two PMS records for one customer one is removed, or the other takes its place: then nothing stands out."""
    wave_id, pms_id = world.pair()
    world.pair(name="Bo", email="bo@example.com")
    world.later()
    copy = world.pms_box.add({"name": "Ada L.", "external_id": wave_id})
    world.run()
    (finding,) = [each for each in world.sync.verify() if each.pms_id == copy]
    assert (finding.kind, "unlink(...) the other and link(...) this one" in finding.advice) == (Kind.COPY, True)

    if kept == "the one linked":
        world.pms_box.remove(copy)
    else:
        world.sync.unlink(pms_id=pms_id)
        world.sync.link(wave_id, copy)
        world.pms_box.remove(pms_id)

    world.rest()
    assert world.linked()[wave_id] == (pms_id if kept == "the one linked" else copy)
    assert world.sync.verify().ok
    assert world.sync.quarantine() == []
