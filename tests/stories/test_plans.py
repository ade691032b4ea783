"""Plans: shown first, approved elsewhere, applied once, held by guards."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from wave_pms_sync import Guards, MappingRegistry, Plan, Policy, SQLiteLinkStore
from wave_pms_sync.errors import ConfigurationError, RunIncomplete
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import JournalEntry, Tenant
from wave_pms_sync.testing import Fault


def busy(world):
    """A world in which a run would do a bit of everything."""
    ada, ada_pms = world.pair(phone="000")
    grace, grace_pms = world.pair(name="Grace", email="grace@example.com", phone="000")
    gone, _ = world.pair(name="Gone", email="gone@example.com")
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    world.pms_box.edit(ada_pms, {"website": "ada.example"})
    world.wave_box.edit(grace, {"phone": "222"})
    world.pms_box.edit(grace_pms, {"phone": "333"})
    world.wave_box.remove(gone)
    world.wave_box.add({"name": "New", "email": "new@example.com"})
    world.wave_box.add({"name": "Met", "email": "met@example.com"})
    world.pms_box.add({"name": "Met", "email": "met@example.com", "phone": "444"})
    world.later()


def content(path: Path) -> dict[str, str]:
    """What every file in a folder holds; SQLite's empty companions of a file that is being read hold nothing."""
    held = {p.name: p.read_bytes() for p in sorted(path.parent.iterdir()) if p.suffix != ".sqlite3-shm"}
    return {name: hashlib.sha256(found).hexdigest() for name, found in held.items() if found}


def test_f98_a_plan_writes_nothing_anywhere(make_world, tmp_path):
    """Planning changes neither the bytes of the store nor either side, and takes no lease."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as links:
        world = make_world(links, policy=Policy(deletions="delete"))
        busy(world)
    before = content(path)
    world.count()

    for full in (None, True):
        plan = world.sync.plan(full=full)
        assert len(plan) > 3
        str(plan), repr(plan), plan.to_dict(), plan.to_rows(), plan._repr_html_(), plan.requests
        world.sync.disputes(), world.sync.quarantine()

    world.links.close()
    assert content(path) == before
    assert world.writes == (0, 0)


def test_f98_a_plan_on_a_new_path_makes_no_file(make_world, tmp_path):
    """Planning the first run creates no file; applying does."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path) as links:
        world = make_world(links)
        world.wave_box.add({"name": "Ada"})

        plan = world.sync.plan()
        assert list(tmp_path.iterdir()) == []

        world.sync.apply(plan)
        assert path.exists()


def test_a_plan_tells_what_run_then_does(stored_world):
    """What is planned is what is done: the same creates, updates, links, and disputes."""
    world = stored_world
    busy(world)

    plan = world.sync.plan(full=True)
    kinds = sorted(str(a.kind) for a in plan)
    report = world.sync.apply(plan)

    assert kinds == ["create", "hold", "link", "tombstone", "update", "update", "update", "update"]
    assert report.ok
    assert (report.counts.linked, report.counts.created_pms, report.counts.updated_wave) == (1, 1, 2)
    assert report.counts.disputed == 1
    assert world.rest().ok


def test_a_plan_that_was_seen_elsewhere_meanwhile_is_the_same(world):
    """Planning twice gives the same plan, by digest; it depends on nothing but what is there."""
    busy(world)

    assert world.sync.plan(full=True).digest == world.sync.plan(full=True).digest
    world.later(5)
    assert world.sync.plan(full=True).digest == world.sync.plan(full=True).digest


def test_a_plan_explains_each_record(world):
    """`explain` says for each record, by either id, what happens to it and why."""
    busy(world)
    plan = world.sync.plan(full=True)

    for action in plan:
        for record_id in action.ids:
            assert action.rule in plan.explain(record_id)
    assert "nothing is planned" in plan.explain("no-such-id")


def test_a_plan_applied_twice_does_nothing_the_second_time(stored_world):
    """A plan is carried out once; applied again it writes nothing, and says that its actions were skipped."""
    world = stored_world
    busy(world)
    plan = world.sync.plan(full=True)
    world.sync.apply(plan)
    world.count()

    again = world.sync.apply(plan)

    assert world.writes == (0, 0)
    assert again.counts.created_pms == again.counts.updated_wave == again.counts.linked == 0
    assert world.rest().ok
    assert len(world.pms_box.customers) == 5


def test_a_saved_plan_is_applied_elsewhere(stored_world):
    """A plan goes through JSON to another process, is applied there, and does what it said."""
    world = stored_world
    busy(world)
    text = json.dumps(world.sync.plan(full=True).to_dict())

    plan = Plan.from_dict(json.loads(text))
    report = world.make_sync().apply(plan)

    assert report.ok
    assert (report.counts.linked, report.counts.created_pms, report.counts.updated_wave) == (1, 1, 2)
    assert report.counts.disputed == 1
    assert world.rest().ok

    world.count()
    world.make_sync().apply(Plan.from_dict(json.loads(text)))
    assert world.writes == (0, 0)


def test_a_saved_plan_moves_no_watermark(world):
    """What changed beside a saved plan is found by the next run, since the plan moves no watermark."""
    ada, _ = world.pair()
    world.pair(name="Grace", email="grace@example.com")
    world.later()
    plan = Plan.from_dict(world.sync.plan().to_dict())
    before = next(world.links.scan(Tenant))
    world.wave_box.edit(ada, {"phone": "111"})
    world.later(3600)

    world.sync.apply(plan)

    assert next(world.links.scan(Tenant)) == before
    world.run()
    assert world.at_pms(ada)["phone"] == "111"


def test_a_saved_plan_that_was_altered_is_refused(world):
    """A saved plan of which a value was changed is refused when it is read."""
    busy(world)
    data = world.sync.plan().to_dict()
    update = next(a for a in data["actions"] if a["kind"] == "update")
    update["fields"][0]["after"] = {"value": "999"}

    with pytest.raises(ConfigurationError, match="altered"):
        Plan.from_dict(data)
    for part, instead in (("held", ["a reason"]), ("run_id", "another")):
        with pytest.raises(ConfigurationError, match="altered"):
            Plan.from_dict({**world.sync.plan().to_dict(), part: instead})
    renamed = world.sync.plan().to_dict()
    renamed["actions"][0]["label"] = "Somebody else"
    with pytest.raises(ConfigurationError, match="altered"):
        Plan.from_dict(renamed)
    with pytest.raises(ConfigurationError, match="format"):
        Plan.from_dict({})
    with pytest.raises(ConfigurationError):
        Plan.from_dict({"format": 1, "actions": "nonsense"})


@pytest.mark.parametrize("saved", [False, True])
def test_f99_an_action_whose_ground_moved_is_skipped(world, saved):
    """Records edited since planning are skipped and reported; nothing of theirs is lost; the next run does it."""
    wave_id, pms_id = world.pair(phone="000")
    new = world.wave_box.add({"name": "New"})
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    plan = world.sync.plan()
    plan = Plan.from_dict(plan.to_dict()) if saved else plan
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.wave_box.edit(new, {"name": "Newer"})

    report = world.sync.apply(plan)

    assert report.status == "partial"
    assert report.counts.skipped == 2
    assert world.at_pms(wave_id)["phone"] == "222"
    assert len(world.pms_box.customers) == 1

    world.run()
    assert [d.group for d in world.sync.disputes()] == ["phone"]
    assert world.at_pms(new)["name"] == "Newer"


@pytest.mark.parametrize("saved", [False, True])
def test_an_old_plan_does_not_link_again_whom_a_person_parted(world, saved):
    """Whoever was unlinked after a plan was made stays apart: it is neither linked by that plan nor afterwards."""
    world.pair(name="Grace", email="grace@example.com")
    world.later()
    wave_id = world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    pms_id = world.pms_box.add({"name": "Ada", "email": "ada@example.com"})
    plan = world.sync.plan()
    plan = Plan.from_dict(plan.to_dict()) if saved else plan
    world.sync.link(wave_id, pms_id)
    world.sync.unlink(wave_id=wave_id)

    report = world.sync.apply(plan)

    assert report.counts.linked == 0
    assert any("a person parted" in outcome.detail for outcome in report.outcomes)
    world.run()
    assert wave_id not in world.linked()
    assert len(world.pms_box.customers) == 2


def test_an_old_plan_does_not_create_for_whom_a_person_parted(world):
    """A customer who was linked and unlinked after a plan was made is apart, and gets no counterpart by it."""
    world.pair(name="Grace", email="grace@example.com")
    world.later()
    wave_id = world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    plan = world.sync.plan()
    world.sync.link(wave_id, world.pms_box.add({"name": "Somebody"}))
    world.sync.unlink(wave_id=wave_id)

    world.sync.apply(plan)
    world.run()

    assert len(world.pms_box.customers) == 2
    assert wave_id not in world.linked()


def test_an_old_plan_does_not_bring_back_a_link_that_it_only_looked_at(world):
    """A pair was looked at and needed nothing; it was unlinked, and what the plan had noted of it linked it again."""
    wave_id, pms_id = world.pair()
    other, _ = world.pair(name="Grace", email="grace@example.com")
    world.later()
    world.pms_box.edit(pms_id, {"their_own": "news"})
    world.wave_box.edit(other, {"phone": "111"})
    plan = world.sync.plan(full=True)
    assert {action.wave_id for action in plan} == {other}
    world.sync.unlink(wave_id=wave_id)

    assert world.sync.apply(plan).ok

    assert set(world.linked()) == {other}
    assert world.run().ok
    assert set(world.linked()) == {other}


@pytest.mark.parametrize(("values", "resolved"), [(("5", "5"), False), (("1", "1"), False), (("5", "5"), True)])
def test_an_old_plan_does_not_end_a_dispute_about_other_values(make_world, values, resolved):
    """The two were alike again when it was made, and differ by now: what is held since, or was resolved, stays so."""
    world = make_world(policy=Policy(conflicts="hold"))
    wave_id, pms_id = world.pair(phone="1")
    world.settle()
    world.run()

    def both(wave, pms):
        world.later(600)
        world.wave_box.edit(wave_id, {"phone": wave})
        world.later(5)
        world.pms_box.edit(pms_id, {"phone": pms})

    both("2", "3")
    world.run()
    both(*values)
    world.later()
    old = json.dumps(world.sync.plan().to_dict())
    both("8", "9")
    world.run()
    if resolved:
        world.sync.resolve(world.sync.disputes()[0], choose="wave")

    report = world.sync.apply(Plan.from_dict(json.loads(old)))

    assert [(o.result, o.detail) for o in report.outcomes] == [("skipped", "the link moved since it was planned")]
    assert len(world.sync.disputes()) == 1
    world.rest()
    assert [(d.wave["phone"], d.pms["phone"]) for d in world.sync.disputes()] == ([] if resolved else [("8", "9")])
    assert world.at_pms(wave_id)["phone"] == ("8" if resolved else "9")


def test_a_saved_plan_that_is_applied_again_goes_on_with_its_journal(stored_world):
    """The first time one of two updates was put off; the second time that one is done, and what was done stays told."""
    world = stored_world
    ada, ada_pms = world.pair(name="Ada", email="a@example.com")
    bo, _ = world.pair(name="Bo", email="b@example.com")
    world.settle()
    world.run()
    world.wave_box.edit(bo, {"email": "b2@example.com"})
    world.pms_box.edit(ada_pms, {"email": "a2@example.com"})
    world.later()
    saved = json.dumps(world.sync.plan().to_dict())
    world.pms_box.faults.add(Fault.EMPTY_BODY, on="one")
    for _ in range(2):
        world.sync.apply(Plan.from_dict(json.loads(saved)))
        world.pms_box.faults.clear()
        world.later()

    told = [(f.before, f.after) for e in world.links.scan(JournalEntry) for f in e.fields if f.name == "email"]
    assert {("b@example.com", "b2@example.com"), ("a@example.com", "a2@example.com")} <= set(told)
    assert (world.at_pms(bo)["email"], world.at_wave(ada)["email"]) == ("b2@example.com", "a2@example.com")


def test_an_old_plan_does_not_bury_who_is_there_again(world):
    """A deletion is noted on evidence of today: a record that was restored since the plan was made is not gone."""
    _, pms_id = world.pair()
    world.pair(name="Bo", email="bo@example.com")
    world.pms_box.remove(pms_id)
    world.later()
    old = json.dumps(world.sync.plan(full=True).to_dict())
    world.pms_box.restore(pms_id)
    world.run()

    report = world.sync.apply(Plan.from_dict(json.loads(old)))

    assert [(o.result, o.detail) for o in report.outcomes] == [("skipped", "the record in the PMS is there again")]
    assert {link.status for link in world.links.scan(Link)} == {LinkStatus.ACTIVE}


def test_a_plan_whose_link_was_ended_meanwhile_is_skipped(world):
    """An action on a pair that a person parted since is skipped."""
    wave_id, _ = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    plan = world.sync.plan()
    world.sync.unlink(wave_id=wave_id)
    world.count()

    report = world.sync.apply(plan)

    assert report.counts.skipped == 1
    assert world.writes == (0, 0)


def test_a_plan_whose_record_was_created_by_another_run_is_skipped(world):
    """Two plans made at the same moment create one record."""
    world.wave_box.add({"name": "Ada"})
    first, second = world.sync.plan(), world.make_sync().plan()

    world.sync.apply(first)
    world.sync.apply(second)

    assert world.pms_box.ledger.creates == 1
    assert world.rest().ok


def test_a_plan_of_another_mapping_or_policy_is_refused(world):
    """A plan made under another mapping or policy is refused as a whole, and nothing is done."""
    busy(world)
    plan = world.sync.plan()
    world.count()
    mapping = MappingRegistry.default()
    mapping.unmap("fax")

    for other in ({"mapping": mapping}, {"policy": Policy(conflicts="wave")}):
        report = world.make_sync(**other).apply(plan)
        assert report.status == "refused"
        assert "another mapping, policy or scope" in str(report)
        with pytest.raises(RunIncomplete, match="refused"):
            report.raise_for_status()
    assert world.requests == (0, 0)


def test_a_plan_of_another_store_is_refused(make_world, make_links):
    """A plan made on one link store is refused on another."""
    world = make_world(make_links())
    busy(world)
    plan = world.sync.plan()
    other = make_links()
    world.make_sync(links=other).run()

    report = world.make_sync(links=other).apply(plan)

    assert report.status == "refused"
    assert "another link store" in str(report)


# --- guards


def retired(make_world, count, total, **guards):
    """A world in which so many of all customers are gone from Wave."""
    world = make_world(policy=Policy(deletions="delete", guards=Guards(**guards)))
    for n in range(total):
        world.wave_box.add({"name": f"Customer {n}"})
    world.run()
    for wave_id in list(world.wave_box.customers)[:count]:
        world.wave_box.remove(wave_id)
    world.later()
    return world


def test_f95_too_many_retirements_are_held_and_released_by_their_digest(make_world):
    """A plan beyond the bounds does nothing, tells why, and is released by its own digest and by no other."""
    world = retired(make_world, 4, 10, max_retirements=3)
    plan = world.sync.plan(full=True)

    assert plan.held
    assert "max_retirements is 3" in plan.held[0]
    for accept in (None, "", "x" * 32):
        report = world.sync.apply(plan, accept=accept)
        assert report.status == "held"
        assert "max_retirements" in str(report)
    assert len(world.pms_box.customers) == 10
    assert report.digest == plan.digest

    report = world.sync.apply(plan, accept=plan.digest)
    assert report.ok
    assert report.counts.retired == 4
    assert len(world.pms_box.customers) == 6


def test_f97_a_release_is_for_one_plan_only(make_world):
    """The digest that released one plan does not release the next one."""
    world = retired(make_world, 4, 12, max_retirements=3)
    plan = world.sync.plan(full=True)
    world.sync.apply(plan, accept=plan.digest)
    for wave_id in list(world.wave_box.customers)[:4]:
        world.wave_box.remove(wave_id)
    world.later()

    report = world.sync.apply(world.sync.plan(full=True), accept=plan.digest)

    assert report.status == "held"
    assert len(world.pms_box.customers) == 8


def test_a_held_run_does_nothing_and_repeats_its_reason(make_world):
    """`run` on a plan beyond the bounds is held, again and again, until a person looks."""
    world = retired(make_world, 6, 20)

    for _ in range(2):
        report = world.run(full=True)
        assert report.status == "held"
        assert "max_retirements_pct is 5" in str(report)
    assert len(world.pms_box.customers) == 20


def test_too_many_creates_are_held_on_request(make_world):
    """A bound for creates, which there is none by default, holds a plan with more of them."""
    world = make_world(policy=Policy(guards=Guards(max_creates=2)))
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})

    report = world.run()

    assert report.status == "held"
    assert not world.pms_box.customers


def test_f93_a_format_that_changed_everywhere_is_held(make_world):
    """One field that looks edited in very many customers at once is held: a format changed, not the customers."""
    world = make_world(policy=Policy(guards=Guards(max_updates_pct=None)))
    for n in range(30):
        world.wave_box.add({"name": f"Customer {n}", "displayId": f"K{n}"})
    world.run()
    world.later()
    for pms_id, row in world.pms_box.customers.items():
        world.pms_box.edit(pms_id, {"customer_number": f"{row['customer_number']}.0"})

    report = world.run()

    assert report.status == "held"
    assert "displayId looks edited in the PMS for 30 of 30" in str(report)
    assert world.wave_box.ledger.writes == 0


def test_many_likely_doubles_are_held(make_world):
    """More than twenty creates that bear the names of records there are held: the match keys do not fit."""
    world = make_world()
    for n in range(21):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
        world.pms_box.add({"name": f"Customer {n}"})

    report = world.run()

    assert report.status == "held"
    assert "bear the name" in str(report)
    assert len(world.pms_box.customers) == 21


def test_filling_empties_on_the_first_day_is_not_held(make_world):
    """Values that fill empty ones at first meeting are no mass edit."""
    world = make_world()
    for n in range(30):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com", "phone": f"{n:04}"})
        world.pms_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com", "fax": f"{n:04}"})

    report = world.run()

    assert report.ok
    assert (report.counts.linked, report.counts.updated_wave, report.counts.updated_pms) == (30, 30, 30)


# --- deadlines


class Ticking:
    """A clock that moves a little with each look at it."""

    def __init__(self, clock, seconds):
        self.clock = clock
        self.seconds = seconds

    def now(self):
        """The moment, a little later each time."""
        self.clock.advance(self.seconds)
        return self.clock.now()


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.3, 1])
def test_a_deadline_stops_between_records_and_the_next_run_goes_on(make_world, make_links, seconds):
    """A run that has no more time stops, reports partial, and later runs finish; nothing is done twice."""
    world = make_world(make_links(), page_size=3)
    for n in range(12):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
        world.later(1)
    hurried = world.make_sync(clock=Ticking(world.clock, seconds))

    report = hurried.run(deadline_s=2)

    assert report.status == "partial"
    assert report.counts.failed == 0
    assert len(world.pms_box.customers) < 12

    assert world.rest().ok
    assert len(world.pms_box.customers) == world.pms_box.ledger.creates == 12


def test_a_plan_with_a_deadline_tells_what_it_did_not_read(make_world):
    """A plan that had no time to read everything creates nothing blindly, and a later one finishes."""
    world = make_world(page_size=2)
    for n in range(6):
        world.wave_box.add({"name": f"Customer {n}"})
    hurried = world.make_sync(clock=Ticking(world.clock, 1))

    plan = hurried.plan(deadline_s=0)
    report = world.sync.apply(plan)

    assert report.status == "partial"
    assert world.rest().ok
    assert len(world.pms_box.customers) == 6


def test_a_report_can_be_read_in_every_form(world):
    """A report reads as text, as rows, as a dict and as a table, and its counts as a mapping."""
    wave_id = world.wave_box.add({"name": "Ada & <Co>", "email": "ada@example.com"})

    report = world.run()

    assert dict(report.counts)["created_pms"] == report.counts["created_pms"] == 1
    assert json.loads(json.dumps(report.to_dict()))["counts"]["created_pms"] == 1
    assert [row["wave_id"] for row in report.to_rows()] == [wave_id]
    assert "&lt;Co&gt;" in report._repr_html_()
    assert "Ada" not in str(report.to_rows(mask=True))


def test_a_held_report_says_how_it_is_released(make_world):
    """What guards held reads as not done, and names the call that releases it, in text and in a table."""
    world = make_world(policy=Policy(guards=Guards(max_creates=0)))
    world.wave_box.add({"name": "Ada"})

    report = world.run()

    for told in (str(report), report.to_html()):
        assert "nothing was done" in told
        assert "max_creates is 0" in told
        assert report.digest in told


def test_what_waits_is_called_by_its_name(world):
    """A dispute is shown with the customer's name, but for a masked plan, and a table shows no empty head."""
    wave_id, pms_id = world.pair(name="Grace Hopper", phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.pms_box.edit(pms_id, {"phone": "222"})
    world.later()
    world.run()

    plan = world.sync.plan()

    assert plan.empty
    assert "Grace Hopper, phone of" in plan.to_text()
    assert "Grace" not in plan.to_text(mask=True) + repr(plan.waiting) + str(plan.waiting[0])
    assert "<table" not in plan.to_html()


def test_only_takes_ids_and_no_text(world):
    """A text instead of a list of ids, and a side that there is not, are named as what they are."""
    with pytest.raises(ConfigurationError, match="list of ids"):
        world.sync.plan(only="QnVzaW5lc3M6")
    with pytest.raises(ConfigurationError, match="allowed: wave, pms"):
        world.sync.run(only=[("PMS", "c1")])
