"""A customer is forgotten: no value of theirs stays in the store, and the next runs know them all the same."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from wave_pms_sync import MappingRegistry, SQLiteLinkStore
from wave_pms_sync.errors import ConfigurationError, LeaseHeld, StoreUnusable
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Intent, JournalEntry
from wave_pms_sync.testing import Fault

PERSON = {
    "name": "Canary Person",
    "email": "canary@example.com",
    "phone": "+1 416 555 9999",
    "firstName": "Kanaria",
    "address": {"addressLine1": "99 Canary Row", "city": "Canaryville", "country": {"code": "CA"}},
}


def remembered(world):
    """Every byte of the memory: the file with all that SQLite keeps beside it, or the pickle."""
    if isinstance(world.links, SQLiteLinkStore):
        place = Path(world.links.path)
        return b"".join(path.read_bytes() for path in place.parent.iterdir() if path.name.startswith(place.name))
    return pickle.dumps(world.links)


def traces(world):
    """What is found of the person."""
    found = remembered(world).lower()
    return [word for word in (b"canar", b"kanaria", b"555 9999", b"5559999") if word in found]


def known(world):
    """A person who was created, edited and quarrelled about. Returns both ids and the run of the edit."""
    wave_id, pms_id = world.pair(**PERSON)
    world.later()
    world.wave_box.edit(wave_id, {"address": {**PERSON["address"], "addressLine1": "100 Canary Row"}})
    run_id = world.run().run_id
    assert len(traces(world)) > 1
    return wave_id, pms_id, run_id


def quiet(world):
    """Runs of either kind find nothing to do."""
    world.count()
    for full in (True, False, True):
        world.settle()
        assert world.sync.plan(full=full).empty
        assert world.sync.run(full=full).ok
    assert world.writes == (0, 0)


def test_nothing_of_a_forgotten_customer_is_found(stored_world):
    """After `forget`, and the runs that follow, no byte of the store holds a value of the customer; the link stays."""
    world = stored_world
    wave_id, pms_id, _ = known(world)
    world.wave_box.add({"name": "Bystander", "phone": "bystander 1"})
    world.run()

    world.sync.forget(wave_id=wave_id)

    assert traces(world) == []
    assert world.linked()[wave_id] == pms_id
    quiet(world)
    assert world.sync.verify().ok
    assert traces(world) == []
    assert b"bystander 1" in remembered(world)


@pytest.mark.parametrize("full", [False, True])
def test_edits_after_it_travel_alone(stored_world, full):
    """A field edited afterwards, on either side, is recognised and carried; nothing else is written or held."""
    world = stored_world
    wave_id, pms_id, _ = known(world)
    world.sync.forget(wave_id=wave_id)
    world.settle()

    world.wave_box.edit(wave_id, {"phone": "111"})
    assert [[c.name for c in action.fields] for action in world.sync.plan(full=full)] == [["phone"]]
    world.run(full=full)
    world.later()
    world.pms_box.edit(pms_id, {"address": {**world.at_pms(wave_id)["address"], "city": "Ottawa"}})
    world.run(full=full)

    assert world.at_pms(wave_id)["phone"] == "111"
    assert world.at_wave(wave_id)["address"]["city"] == "Ottawa"
    assert world.sync.disputes() == []
    quiet(world)


def test_both_edited_after_it_is_a_conflict(world):
    """Edits of both sides conflict as ever; only what was agreed on before cannot be told any more."""
    wave_id, pms_id, _ = known(world)
    world.sync.forget(wave_id=wave_id)
    world.settle()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})

    world.run()

    (dispute,) = world.sync.disputes()
    assert (dispute.group, dispute.wave, dispute.pms, dispute.agreed) == (
        "phone",
        {"phone": "111"},
        {"phone": "222"},
        {},
    )


@pytest.mark.parametrize(("choose", "wanted"), [("wave", "canary 1"), ("pms", "canary 2")])
def test_a_hold_stands_without_its_values(stored_world, choose, wanted):
    """An open dispute is still open, shows no values, brings none back, and can be settled for a side."""
    world = stored_world
    wave_id, pms_id, _ = known(world)
    world.later()
    world.wave_box.edit(wave_id, {"phone": "canary 1"})
    world.pms_box.edit(pms_id, {"phone": "canary 2"})
    world.run()

    world.sync.forget(wave_id=wave_id)

    assert traces(world) == []
    quiet(world)
    assert traces(world) == []
    (dispute,) = world.sync.disputes()
    assert (dispute.wave, dispute.pms, dispute.label) == ({}, {}, "")
    world.sync.resolve(dispute, choose=choose)
    world.run()
    assert (world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]) == (wanted, wanted)
    assert world.rest().counts.disputed == 0


def test_a_stored_choice_of_a_side_survives(world):
    """A person's choice of a side is still carried out; a third value is forgotten and must be given again."""
    wave_id, pms_id, _ = known(world)
    for number, (value, wanted) in enumerate(((None, "carried"), ("canary 3", "open"))):
        world.later()
        world.wave_box.edit(wave_id, {"fax": f"{number}1"})
        world.pms_box.edit(pms_id, {"fax": f"{number}2"})
        world.run()
        (dispute,) = world.sync.disputes()
        world.sync.resolve(dispute, **({"choose": "wave"} if value is None else {"value": value}))

        world.sync.forget(wave_id=wave_id)
        assert traces(world) == []
        world.run()

        if wanted == "open":
            assert [d.chosen for d in world.sync.disputes()] == [False]
        else:
            assert world.at_pms(wave_id)["fax"] == "01"


def test_twice_is_once(stored_world):
    """Forgetting again changes nothing; the history tells that something was, and that it is forgotten."""
    world = stored_world
    wave_id, _, run_id = known(world)
    world.sync.forget(wave_id=wave_id)
    before = list(world.links.scan(JournalEntry)), list(world.links.scan(Agreement)), list(world.links.scan(Link))

    world.sync.forget(wave_id=wave_id)

    after = list(world.links.scan(JournalEntry)), list(world.links.scan(Agreement)), list(world.links.scan(Link))
    assert before == after
    story = world.sync.history(wave_id=wave_id)
    assert "phone (forgotten)" in str(story)
    assert {row["after"] for row in story.to_rows() if row["field"] == "phone"} == {"(forgotten)"}
    assert story.entries[-1].kind == "forget"
    plan = world.sync.undo(run_id)
    assert plan.empty
    assert [s.reason for s in plan.skipped] == ["its values were forgotten"]


def test_an_announced_update_is_forgotten_and_looked_at(world):
    """The values of a write whose outcome is unknown are forgotten; the next run reads both records and settles it."""
    wave_id, _, _ = known(world)
    world.later()
    world.wave_box.edit(wave_id, {"fax": "canary 7"})
    world.pms_box.faults.add(Fault.LOST_AFTER, on="update")
    assert world.run().counts.unknown == 1

    world.sync.forget(wave_id=wave_id)

    assert traces(world) == []
    assert list(world.links.scan(Intent)) == []
    world.settle()
    world.sync.run()
    assert world.at_pms(wave_id)["fax"] == "canary 7"
    assert world.rest().counts.disputed == 0


def test_a_lost_create_must_be_settled_first(world):
    """While nobody knows whether a customer was created, forgetting would double it, and is refused."""
    wave_id = world.wave_box.add(PERSON)
    world.pms_box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()

    with pytest.raises(ConfigurationError, match="let a run settle it"):
        world.sync.forget(wave_id=wave_id)

    world.rest()
    world.sync.forget(wave_id=wave_id)
    assert traces(world) == []
    assert len(world.pms_box.customers) == 1


def test_a_changed_mapping_meets_a_forgotten_customer_quietly(world, mapping):
    """Under a changed mapping, values that correspond are simply agreed on anew."""
    wave_id, _, _ = known(world)
    world.sync.forget(wave_id=wave_id)
    mapping.map("customer", wave="phone", pms="phone", type="string", converter="text")
    world.change(mapping=mapping)
    world.count()

    world.rest()

    assert world.writes == (0, 0)
    assert world.sync.disputes() == []


def test_who_can_be_forgotten(world):
    """Either id names a customer; one of whom nothing is remembered is told; a run at work is waited for."""
    wave_id, pms_id, _ = known(world)
    for ids in ({}, {"wave_id": wave_id, "pms_id": pms_id}):
        with pytest.raises(ConfigurationError, match="either wave_id= or pms_id="):
            world.sync.forget(**ids)
    with pytest.raises(ConfigurationError, match="nothing is remembered"):
        world.sync.forget(wave_id="nobody")
    lease = world.links.acquire("another", world.clock.now(), 60)
    with pytest.raises(LeaseHeld):
        world.sync.forget(pms_id=pms_id)
    world.links.release(lease)

    world.sync.forget(pms_id=pms_id)

    assert traces(world) == []


def test_whoever_rests_goes_on_resting_without_the_reason_in_words(stored_world):
    """Of a record that was refused the words are forgotten, which may quote it; it is not sent again for that."""
    world = stored_world
    world.pair()
    wave_id = world.wave_box.add({"name": "Grace"})
    refused = world.pms_box.faults.add(Fault.REFUSED, on="create", times=None)
    world.run()
    assert all(entry.detail for entry in world.sync.quarantine())

    world.sync.forget(wave_id=wave_id)

    assert [(entry.id, entry.detail) for entry in world.sync.quarantine()] == [(wave_id, "")]
    world.run(full=True)
    assert refused.struck == 1


def test_a_reader_in_the_way_is_told(make_world, tmp_path):
    """While another process reads the file, old values may be read there; it is told, and asking again helps."""
    with SQLiteLinkStore(tmp_path / "links.sqlite3", busy_timeout_s=0.1) as links:
        world = make_world(links)
        wave_id, _, _ = known(world)
        other = SQLiteLinkStore(links.path)
        with other, other.snapshot(), pytest.raises(StoreUnusable) as caught:
            world.sync.forget(wave_id=wave_id)
        assert caught.value.retryable

        world.sync.forget(wave_id=wave_id)

        assert traces(world) == []


@pytest.mark.parametrize(("name", "status"), [("Canary Person", "active"), ("Somebody Else", "suspended")])
def test_an_id_given_out_again_is_told_by_digests(world, name, status):
    """A record made anew under the same id is the forgotten customer only if it shows what they were known by."""
    wave_id, pms_id, _ = known(world)
    world.sync.forget(wave_id=wave_id)
    world.settle()
    world.pms_box.remove(pms_id)
    world.later()
    world.pms_box.add({"name": name, "email": "new@example.com"}, customer_id=pms_id)

    world.run(full=True)

    assert [str(link.status) for link in world.links.scan(Link)] == [status]


def test_a_deletion_in_dispute_is_forgotten_and_settled(world):
    """What was edited against a deletion does not come back by a look; a choice made afterwards is carried out next."""
    world.pair(name="Bo", email="bo@example.com")
    wave_id, pms_id, _ = known(world)
    world.settle()
    world.run()
    world.pms_box.remove(pms_id)
    world.wave_box.edit(wave_id, {"phone": "555-222"})
    world.later()
    world.sync.run(full=True)
    world.sync.forget(wave_id=wave_id)

    assert world.run(full=True).ok
    assert traces(world) == []
    (dispute,) = [dispute for dispute in world.sync.disputes() if dispute.reason.value == "deletion"]
    world.sync.resolve(dispute, choose="wave")
    report = world.run()

    assert report.counts.created_pms == 1
    assert world.rest().ok
    assert world.at_pms(wave_id)["phone"] == "555-222"


def test_what_was_undone_stands_though_it_is_forgotten_and_empty(make_world):
    """A PMS that leaves out what is empty shows nothing of what was undone: the hold stays, as it does with values."""
    mapping = MappingRegistry.default()
    mapping.map("customer", wave="website", pms="web2")
    world = make_world(mapping=mapping)
    wave_id, _ = world.pair()
    world.settle()
    world.wave_box.edit(wave_id, {"website": "https://a.example"})
    report = world.run()
    world.settle()
    world.sync.apply(world.sync.undo(report.run_id))
    world.sync.forget(wave_id=wave_id)

    for _ in range(2):
        world.settle()
        world.sync.run(full=True)

    assert [dispute.group for dispute in world.sync.disputes()] == ["website"]
    assert world.sync.verify().ok
