"""The catalogue of failure modes: who is who, on two sides that know nothing of each other."""

from __future__ import annotations

import pytest

from wave_pms_sync import Policy
from wave_pms_sync.errors import ConfigurationError, WrongTenant
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.testing import Fault


def status_of(world, wave_id):
    """What the link of a Wave customer is worth."""
    return next(link.status for link in world.links.scan(Link) if link.wave_id == wave_id)


def test_f47_two_filled_systems_are_matched_before_anything_is_created(world):
    """The first run joins what belongs together and creates only what Wave alone has, without being asked twice."""
    for n in range(4):
        world.wave_box.add({"name": f"Both {n}", "email": f"both{n}@example.com"})
        world.pms_box.add({"name": f"Both {n}", "email": f"BOTH{n}@example.com"})
    world.wave_box.add({"name": "Wave only"})
    world.pms_box.add({"name": "PMS only"})

    report = world.run()

    assert report.ok
    assert (report.counts.linked, report.counts.created_pms, report.counts.created_wave) == (4, 1, 0)
    assert (len(world.wave_box.customers), len(world.pms_box.customers)) == (5, 6)


def test_f47_a_first_day_that_would_double_many_is_held_by_the_guards(world):
    """Where most creates bear the name of a record that is there already, the first run writes nothing and says why."""
    for n in range(25):
        world.wave_box.add({"name": f"Customer {n}", "email": f"w{n}@example.com"})
        world.pms_box.add({"name": f"Customer {n}", "email": f"p{n}@example.org"})

    report = world.run()

    assert report.status == "held"
    assert "bear the name" in report.reasons[0]
    assert len(world.pms_box.customers) == 25


@pytest.mark.parametrize("double", ["wave", "pms"])
def test_f48_an_ambiguous_match_is_quarantined_with_its_candidates_and_its_key(both_ways, double):
    """One record on one side, two of the same key on the other: all rest, with candidates and key; none is created."""
    world = both_ways
    person = {"name": "Ada", "email": "ada@example.com"}
    one = world.box("pms" if double == "wave" else "wave").add(person)
    two = [world.box(double).add({**person, "name": name}) for name in ("Ada L.", "A. Lovelace")]

    report = world.run()

    assert report.ok
    entries = {q.id: q for q in world.sync.quarantine()}
    assert set(entries) == {one, *two}
    assert set(entries[one].candidates) == set(two)
    assert all(entries[i].candidates == (one,) for i in two)
    assert all("by email" in q.detail for q in entries.values())
    assert world.linked() == {}
    assert len(world.wave_box.customers) + len(world.pms_box.customers) == 3


def test_f49_a_second_record_that_points_at_a_linked_one_is_quarantined(world):
    """A PMS record with the mark of a customer that is linked already rests, and nobody can link it to that one."""
    wave_id, pms_id = world.pair()
    copy = world.pms_box.add({"name": "Ada Lovelace (copy)", "external_id": wave_id})

    report = world.run()

    assert world.linked() == {wave_id: pms_id}
    (entry,) = world.sync.quarantine()
    assert (entry.id, entry.reason.value, entry.candidates) == (copy, "copy", (wave_id,))
    assert report.counts.quarantined == 1
    with pytest.raises(ConfigurationError, match=pms_id):
        world.sync.link(wave_id, copy)
    assert world.linked() == {wave_id: pms_id}


def test_f49_a_link_by_hand_is_unique_on_both_sides(world):
    """A linked record cannot be linked a second time from either side, and the store stays as it was."""
    first = world.pair()
    second = world.pair(name="Grace", email="grace@example.com")

    for pair in [(first[0], second[1]), (second[0], first[1])]:
        with pytest.raises(ConfigurationError):
            world.sync.link(*pair)

    assert world.linked() == dict([first, second])


def test_f50_swapped_emails_where_the_target_wants_them_unique_are_reported_and_not_lost(make_world):
    """A PMS that allows each e-mail once declines the swap: it is told of, and no link and no value is lost."""
    world = make_world(pms_options={"unique_email": True})
    ada, ada_pms = world.pair()
    grace, grace_pms = world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.wave_box.edit(ada, {"email": "grace@example.com"})
    world.wave_box.edit(grace, {"email": "ada@example.com"})

    report = world.run()
    for _ in range(4):
        world.settle()
        last = world.sync.run()

    assert report.status == "partial"
    assert world.linked() == {ada: ada_pms, grace: grace_pms}
    assert (world.at_wave(ada)["email"], world.at_wave(grace)["email"]) == ("grace@example.com", "ada@example.com")
    emails = (world.at_pms(ada)["email"], world.at_pms(grace)["email"])
    assert emails == ("ada@example.com", "grace@example.com")
    assert {d.group for d in world.sync.disputes()} == {"email"}
    assert last.ok


def test_f50_a_chain_of_emails_passed_on_settles_by_itself(make_world):
    """Each of three customers takes the e-mail that the next one gave up: nobody is asked, it takes a run more."""
    world = make_world(pms_options={"unique_email": True})
    ids = [world.pair(name=f"Customer {n}", email=f"c{n}@example.com")[0] for n in range(3)]
    world.later()
    for n, wave_id in enumerate(ids):
        world.wave_box.edit(wave_id, {"email": f"c{n + 1}@example.com"})

    for _ in range(3):
        world.settle()
        report = world.sync.run()

    assert report.ok
    assert [world.at_pms(i)["email"] for i in ids] == ["c1@example.com", "c2@example.com", "c3@example.com"]
    assert world.sync.disputes() == []


@pytest.mark.parametrize("choice", ["keep", "delete", "recreate"])
def test_f52_a_customer_merged_into_another_is_reported_and_its_counterpart_stays(make_world, side, other, choice):
    """The loser of a merge is gone, the winner shows its values: that is told; nothing is deleted or made again."""
    world = make_world(policy=Policy(deletions={side if choice == "recreate" else other: choice}))
    winner, winner_pms = world.pair(name="Ada Lovelace", email="ada@example.com")
    loser, loser_pms = world.pair(name="Countess Lovelace", email="ada@example.com", phone="555 0100")
    world.later()
    world.edit(side, winner, {"phone": "555 0100", "mobile": "555 0101"})
    world.box(side).remove(loser if side == "wave" else loser_pms)

    report = world.run(full=True)
    world.rest()

    assert report.ok
    assert (len(world.box(side).customers), len(world.box(other).customers)) == (1, 2)
    (told,) = [row["rule"] for row in report.to_rows() if row["wave_id"] == loser]
    assert f"{winner if side == 'wave' else winner_pms} shows all that it had shown (merged" in told
    assert "merged" in str(world.sync.history(wave_id=loser))


def test_f52_a_merge_in_two_steps_is_recognised(make_world):
    """The winner was edited days ago, and only now the loser is deleted: it shows more than a shared mailbox."""
    world = make_world(policy=Policy(deletions="delete"))
    winner, _ = world.pair(name="Ada Lovelace", email="ada@example.com")
    loser, loser_pms = world.pair(name="Countess Lovelace", email="ada@example.com", phone="555 0100")
    world.later()
    world.wave_box.edit(winner, {"phone": "555 0100"})
    world.run()
    world.later(86400)
    world.wave_box.remove(loser)

    report = world.run(full=True)

    assert report.counts.retired == 0
    assert loser_pms in world.pms_box.customers


def test_f52_somebody_with_the_same_mailbox_alone_was_not_merged(make_world):
    """Of two who share a mailbox and nothing else, the one that is deleted is retired like anybody."""
    world = make_world(policy=Policy(deletions="delete"))
    world.pair(name="Ada", email="info@example.com")
    gone, gone_pms = world.pair(name="Grace", email="info@example.com")
    world.later()
    world.wave_box.remove(gone)

    world.run(full=True)

    assert gone_pms not in world.pms_box.customers


def test_f52_one_of_a_shared_mailbox_that_is_deleted_was_not_merged(make_world):
    """Somebody whose mailbox others share, and whose values nobody took over, is gone like anybody else."""
    world = make_world(policy=Policy(deletions="delete"))
    world.pair(name="Ada", email="info@example.com")
    gone, gone_pms = world.pair(name="Grace", email="info@example.com", phone="555 0100")
    world.wave_box.remove(gone)

    report = world.run(full=True)

    assert report.counts.retired == 1
    assert gone_pms not in world.pms_box.customers


def test_f55_archived_deleted_and_hidden_are_three_things(make_world):
    """Of three customers that Wave does not list any more only the deleted one is retired, not the archived one."""
    world = make_world(policy=Policy(deletions="archive"), wave_options={"archived_listed": False})
    archived, archived_pms = world.pair()
    deleted, deleted_pms = world.pair(name="Grace", email="grace@example.com")
    hidden, hidden_pms = world.pair(name="Edith", email="edith@example.com")
    world.pair(name="Bystander", email="by@example.com")
    world.wave_box.archive(archived)
    world.wave_box.remove(deleted)
    world.wave_box.faults.add(Fault.HIDDEN_ROW, record=hidden)

    first = world.run(full=True)
    world.wave_box.faults.clear()
    world.run(full=True)
    world.run(full=True)

    assert (first.counts.retired, first.counts.skipped) == (1, 0)
    shown = {i: row["archived"] for i, row in world.pms_box.customers.items()}
    assert (shown[archived_pms], shown[deleted_pms], shown[hidden_pms]) == (False, True, False)
    assert status_of(world, archived) is status_of(world, hidden) is LinkStatus.ACTIVE
    assert status_of(world, deleted) is LinkStatus.TOMBSTONE


def test_f55_archiving_cannot_be_pushed_to_wave(world):
    """Wave has no way to archive a customer: a policy that asks for it is refused when it is made."""
    with pytest.raises(ConfigurationError, match="wave"):
        world.make_sync(policy=Policy(deletions={"wave": "archive"}))

    wave_id, pms_id = world.pair()
    world.change(policy=Policy(archives="mirror"))
    world.later()
    world.pms_box.archive(pms_id)
    world.count()

    assert world.run().ok
    assert world.writes == (0, 0)
    assert world.at_wave(wave_id)["isArchived"] is False


def test_f58_twins_are_reported_and_paired_only_by_explicit_choice(world):
    """Customers alike in every mapped field are never paired by their order; a person who pairs them is obeyed."""
    twin = {"name": "Ada", "email": "ada@example.com", "phone": "555 0100"}
    wave_ids, pms_ids = [world.wave_box.add(twin) for _ in range(2)], [world.pms_box.add(twin) for _ in range(2)]

    world.run()
    world.run(full=True)

    assert world.linked() == {}
    entries = {q.id: set(q.candidates) for q in world.sync.quarantine()}
    assert entries == {i: set(pms_ids) for i in wave_ids}

    world.sync.link_many(zip(wave_ids, pms_ids, strict=True))
    report = world.run()

    assert report.ok
    assert world.linked() == dict(zip(wave_ids, pms_ids, strict=True))
    assert world.sync.quarantine() == []


def test_f60_the_state_of_a_sandbox_is_refused_for_production(make_world, make_links):
    """A store that was filled against one environment is refused with clients of another before a record is read."""
    links = make_links()
    trial = make_world(links)
    trial.pair()
    production = make_world(links, wave_options={"seed": 7}, pms_options={"seed": 7})
    production.wave_box.add({"name": "Real customer"})
    production.count()

    for call in (production.sync.plan, production.sync.run, production.sync.verify):
        with pytest.raises(WrongTenant) as refused:
            call()
        assert trial.wave.identity in str(refused.value) or trial.pms.identity in str(refused.value)

    assert production.requests == (0, 0)
    assert len(production.pms_box.customers) == 0
