"""A wrong token or profile is told apart from an empty PMS before more than one record is written."""

from __future__ import annotations

import json

import pytest

from wave_pms_sync import MappingRegistry, PmsProfile, Policy
from wave_pms_sync.testing import Fault, PmsTraps

HALF_READ = {
    "profile": PmsProfile.from_dict({"paging": {"next": "next_page", "size": 6}}),
    "pms_options": {"max_limit": 5},
}
"""The API calls it `next_cursor`, and gives five rows whatever is asked for: the first page seems to be all."""


def filled(world, count=12):
    """The same customers on both sides, made at different times; the PMS knows of its origin."""
    for n in range(count):
        world.later(600)
        wave_id = world.wave_box.add({"name": f"Customer {n}"})
        world.pms_box.add({"name": f"Customer {n}", "external_id": wave_id, "currency_code": "CAD"})
    world.later(600)


def test_a_listing_that_ends_too_soon_doubles_nobody(make_world):
    """The first page of a PMS passes for all of it: before any create, what is new there shows that it is not."""
    world = make_world(**HALF_READ)
    filled(world)

    reports = [world.run() for _ in range(3)]

    assert {report.status for report in reports} == {"held"}
    assert world.pms_box.ledger.creates == 0
    assert "has customers that its listing left out" in str(reports[0])


def test_a_full_page_that_does_not_lead_on_is_no_whole_listing(make_world):
    """Where the first page is as large as asked for, a wrong name of the cursor leaves the listing incomplete."""
    world = make_world(profile=PmsProfile.from_dict({"paging": {"next": "next_page", "size": 5}}))
    filled(world)

    reports = [world.run() for _ in range(3)]

    assert {report.status for report in reports} == {"partial"}
    assert world.pms_box.ledger.creates == 0
    assert "the pages stopped before a stated end" in str(reports[0])


def test_a_listing_that_ends_too_soon_is_seen_by_the_first_newcomer(make_world):
    """All customers were made at one moment, so that no stamp tells: after one create, this run and all others stop."""
    world = make_world(**HALF_READ)
    for n in range(12):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
        world.pms_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})

    reports = [world.run() for _ in range(4)]

    assert {report.status for report in reports} == {"held"}
    assert world.pms_box.ledger.creates == 1
    assert "does not list it" in str(reports[0])
    assert "lists none of 1 created there before as it was sent" in str(reports[1])


def test_a_filter_that_misses_what_was_never_updated_is_seen_by_the_first_newcomer(make_world):
    """The PMS stamps a customer at its first update alone: all runs stop after one create, and double nobody."""
    world = make_world(pms_options={"traps": PmsTraps(stamp_when_created=False)})
    for n in range(4):
        world.wave_box.add({"name": f"Customer {n}"})
    somebody = world.pms_box.add({"name": "Somebody", "email": "some@example.com"})
    world.pms_box.edit(somebody, {"phone": "1"})

    reports = []
    for _ in range(3):
        reports.append(world.run())
        world.later(3600)
        world.pms_box.edit(somebody, {"phone": "2"})

    assert {report.status for report in reports} == {"held"}
    assert world.pms_box.ledger.creates == 1
    assert "does not list it" in str(reports[0])


def test_what_arrives_empty_stops_the_run_after_one(make_world):
    """The PMS keeps nothing of what the profile's names say: one empty record is made, not a hundred."""
    profile = PmsProfile.from_dict({"create": {"body": {"customer": "{values}"}}})
    world = make_world(profile=profile, pms_options={"require_name": False})
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})

    report = world.run()

    assert report.status == "held"
    assert world.pms_box.ledger.creates == 1
    assert "shows nothing of it" in str(report)


def test_a_listing_that_lags_is_no_wrong_profile(make_world):
    """Listings show newcomers late: the first run stops after one, the next one sees it and creates the others."""
    world = make_world()
    for n in range(4):
        world.wave_box.add({"name": f"Customer {n}"})
    world.pms_box.add({"name": "Somebody", "email": "some@example.com"})
    world.pms_box.faults.add(Fault.READ_LAG, times=None, seconds=30)

    first = world.run()
    world.settle()
    second = world.run()

    assert (first.status, second.status) == ("held", "complete")
    assert world.pms_box.ledger.creates == 4
    assert world.rest().ok


def test_a_proven_side_is_not_asked_again(make_world):
    """Once a listing has shown what was created, further creates cost no request beyond the look before the batch."""
    world = make_world()
    world.pair()
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
    world.run()
    world.run()
    for n in range(3, 6):
        world.wave_box.add({"name": f"Customer {n}"})
    world.count()

    report = world.run()

    assert report.counts.created_pms == 3
    assert world.requests[1] == 1 + 1 + 3


@pytest.mark.parametrize("count", [1, 3])
def test_the_proof_costs_one_request_once(make_world, count):
    """The first run with several creates lists the newcomer once; a single create is not looked at again."""
    world = make_world()
    world.pair()
    for n in range(count):
        world.wave_box.add({"name": f"Customer {n}"})

    plan = world.sync.plan()
    world.count()
    world.run()

    assert world.requests[1] == 1 + 1 + count + (count > 1)
    assert plan.requests["pms"] >= 1 + count + (count > 1)


def test_a_side_that_this_very_run_proves_is_not_asked_again(make_world):
    """A listing that shows what was created before is proof enough for the creates that follow it."""
    world = make_world()
    world.pair()
    world.run()
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
    world.count()

    report = world.run()

    assert report.counts.created_pms == 3
    assert world.requests[1] == 1 + 1 + 3


def test_customers_that_are_all_reported_deleted_are_an_emptied_side(make_world):
    """Every customer of the PMS comes back as deleted: the run is held, however few there are."""
    world = make_world()
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
    world.run()
    misread = world.make_pms(profile=PmsProfile.from_dict({"record": {"deleted": "created_at"}}))
    world.change(pms=misread, policy=Policy(deletions={"pms": "keep", "wave": "delete"}))

    report = world.run(full=True)

    assert report.status == "held"
    assert len(world.wave_box.customers) == 3
    assert "lists no customers" in str(report)


def test_a_side_of_nameless_customers_is_misread(make_world):
    """Rows are read where they have no names: nobody is created, for nobody would be recognised."""
    mapping = MappingRegistry.default()
    mapping.map("customer", wave="name", pms="full_name")
    world = make_world(mapping=mapping)
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
        world.pms_box.add({"name": f"Customer {n}"})

    report = world.run()

    assert report.status == "held"
    assert world.pms_box.ledger.creates == 0
    assert "none with a name" in str(report)


@pytest.mark.parametrize(("count", "held"), [(21, True), (20, False)])
def test_many_customers_without_any_key_are_misread(make_world, count, held):
    """The mapping names a property that nobody there has: a person looks before all of Wave are created beside them."""
    mapping = MappingRegistry.default()
    mapping.map("customer", wave="email", pms="e_mail")
    world = make_world(mapping=mapping)
    for n in range(count):
        world.wave_box.add({"name": f"Customer {n} Ltd", "email": f"c{n}@example.com"})
        world.pms_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})

    report = world.run()

    assert (report.status == "held") is held
    assert not held or "none with a key to match by" in str(report)
    assert len(world.pms_box.customers) == count * (1 if held else 2)


def test_many_customers_of_whom_one_has_a_key_are_read_as_they_are(world):
    """A PMS in which hardly anybody has an e-mail is no reason to ask."""
    for n in range(25):
        world.wave_box.add({"name": f"Customer {n} Ltd", "email": f"c{n}@example.com"})
        world.pms_box.add({"name": f"Customer {n}", "email": "one@example.com" if n == 3 else None})

    assert world.run().status != "held"


def test_a_side_with_some_nameless_customers_is_not_misread(make_world):
    """Some customers of the PMS have no name, and one has: it is read as it is, and newcomers are created."""
    world = make_world(pms_options={"require_name": False})
    world.wave_box.add({"name": "Ada"})
    for row in ({"email": "a@example.com"}, {"email": "b@example.com"}, {"name": "Bo"}):
        world.pms_box.add(row)

    report = world.run()

    assert report.status != "held"
    assert world.pms_box.ledger.creates == 1


def test_a_side_whose_emails_cannot_be_read_gets_nobody(world):
    """The PMS keeps e-mails in another form: nobody is recognised, so the plan is held until a person releases it."""
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
        world.pms_box.add({"name": f"{n}. Customer", "email": {"main": f"c{n}@example.com"}})

    report = world.run()

    assert report.status == "held"
    assert world.pms_box.ledger.creates == 0
    assert "email cannot be read of 3 customers in the PMS" in str(report)

    plan = world.sync.plan()
    assert world.sync.apply(plan, accept=plan.digest).counts.created_pms == 3


def test_one_unreadable_email_among_many_holds_nothing(world):
    """One customer of the PMS whose e-mail cannot be read is no wrong profile: newcomers are created."""
    world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    for n in range(5):
        world.pms_box.add({"name": f"Somebody {n}", "email": [n] if n == 0 else f"s{n}@example.com"})

    assert world.run().counts.created_pms == 1


@pytest.mark.parametrize("misread", [{"record": "data"}, {"path": "{path}/nowhere/{id}"}])
def test_a_wrong_way_to_read_one_customer_stops_the_run_after_one(make_world, misread):
    """The listing is right, and reading one customer is not: that is seen before, or by, the first newcomer."""
    world = make_world(profile=PmsProfile.from_dict({"read": misread}), policy=Policy(create_in=("pms", "wave")))
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
        world.pms_box.add({"name": f"Somebody {n}"})

    report = world.run()

    assert report.status == "held"
    assert world.wave_box.ledger.creates + world.pms_box.ledger.creates <= 1
    assert "by its id" in str(report)


@pytest.mark.parametrize("misread", [{"deleted": "created_at"}, {"deleted": "name", "deleted_values": ["Customer 0"]}])
def test_customers_that_read_as_deleted_are_not_made_again(make_world, misread):
    """The profile takes all, or the newcomer, for deleted: the run stops before a second one is created."""
    world = make_world(profile=PmsProfile.from_dict({"record": misread}))
    for n in range(6):
        world.wave_box.add({"name": f"Customer {n}"})
        world.pms_box.add({"name": f"Customer {n}" if "deleted_values" not in misread else f"Other {n}"})

    report = world.run()

    assert report.status == "held"
    assert world.pms_box.ledger.creates <= 1


def test_a_match_key_that_is_not_kept_stops_the_run_after_one(make_world):
    """E-mails are mapped to where the PMS drops them: nobody would be recognised, and the first newcomer says so."""
    mapping = MappingRegistry.default()
    mapping.map("customer", wave="email", pms="mail.address")
    world = make_world(mapping=mapping, pms_options={"traps": PmsTraps(unknown_properties="dropped")})
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
        world.pms_box.add({"name": f"Somebody {n}", "email": f"c{n}@example.com"})

    report = world.run()

    assert report.status == "held"
    assert world.pms_box.ledger.creates == 1
    assert "(email)" in str(report)


def test_a_filter_that_shows_nobody_stops_the_run_before_the_first_create(make_world):
    """Asked since its newest stamp the PMS shows nobody, not even who bears that stamp: the filter is wrong."""
    world = make_world(pms_options={"traps": PmsTraps(stamp_when_created=False)})
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}"})
        world.pms_box.add({"name": f"Somebody {n}"})

    reports = [world.run() for _ in range(3)]

    assert {report.status for report in reports} == {"held"}
    assert world.pms_box.ledger.creates == 0


@pytest.mark.parametrize("others", [0, 2])
def test_an_answer_that_shows_somebody_else_links_nobody(make_world, others):
    """The answer to a create is the record of another customer: that one stays as it is, and the origin rests."""
    world = make_world()
    there = world.pms_box.add({"name": "Somebody", "phone": "1"})
    world.run()
    for n in range(1 + others):
        world.wave_box.add({"name": f"Customer {n}"})
    wrong = json.dumps(world.pms_box.customers[there])
    world.pms_box.faults.add(Fault.ANSWER, on="create", status=201, body=wrong, executed=True)

    report = world.run()

    assert report.status == ("held" if others else "partial")
    assert world.linked() == {}
    assert world.pms_box.customers[there]["name"] == "Somebody"
    assert [there in entry.candidates for entry in world.sync.quarantine()] == [True]
    assert world.pms_box.ledger.creates == 1


def test_a_side_that_declines_every_create_stops_the_run(make_world):
    """The PMS declines whoever is sent: after three the run is held, for it is us that it declines."""
    world = make_world()
    for n in range(6):
        world.wave_box.add({"name": f"Customer {n}"})
    declined = world.pms_box.faults.add(Fault.REFUSED, on="create", times=None)

    report = world.run()

    assert (report.status, declined.struck) == ("held", 3)
    assert "declines every create" in str(report)
    left = [outcome.detail for outcome in report.outcomes if outcome.result == "postponed"]
    assert [detail.startswith("the PMS declines every create") for detail in left] == [True] * 3

    world.pms_box.faults.clear()
    for entry in world.sync.quarantine():
        world.sync.retry(entry)
    assert world.rest().ok
    assert world.pms_box.ledger.creates == 6
