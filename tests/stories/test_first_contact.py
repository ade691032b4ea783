"""The first day: two systems meet, what belongs together is joined, and nothing is doubled."""

from __future__ import annotations

from wave_pms_sync import CustomPmsClient, SQLiteLinkStore, Synchronizer, Unlimited, WaveClient
from wave_pms_sync.testing import PmsSandbox, WaveSandbox

QUIET = (0, 0)


def test_first_contact_as_a_new_user_types_it(tmp_path):
    """Clients, a file and a synchronizer, built by their documented arguments, bring a customer over."""
    with WaveSandbox() as wave_box, PmsSandbox() as pms_box, SQLiteLinkStore(tmp_path / "links.sqlite3") as links:
        wave_box.add({"name": "Ada"})
        wave = WaveClient(token=wave_box.token, business_id=wave_box.business_id, url=wave_box.url, pace=Unlimited())
        pms = CustomPmsClient(pms_box.url, token=pms_box.token)

        sync = Synchronizer(wave=wave, pms=pms, links=links)
        plan = sync.plan()
        report = sync.apply(plan)

        assert "Ada" in str(plan)
        assert len(plan) == 1
        assert report.ok
        assert "created pms 1" in str(report)
        assert [c["name"] for c in pms_box.customers.values()] == ["Ada"]


def test_every_wave_customer_gets_exactly_one_pms_customer(stored_world):
    """Each Wave customer has one counterpart after the first run, and none gets another one by later runs."""
    world = stored_world
    ids = [world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"}) for n in range(5)]

    first = world.run()
    world.run()
    world.run(full=True)

    assert first.ok
    assert first.counts.created_pms == 5
    assert set(world.linked()) == set(ids)
    assert len(set(world.linked().values())) == len(world.pms_box.customers) == 5
    assert {world.at_pms(i)["external_id"] for i in ids} == set(ids)


def test_all_mapped_properties_arrive(world):
    """A customer arrives in the PMS with every mapped property, in the names of the PMS."""
    wave_id = world.wave_box.add(
        {
            "name": "Analytical Engines Ltd",
            "displayId": "00042",
            "firstName": "Ada",
            "lastName": "Lovelace",
            "email": "ada@example.com",
            "phone": "+1 416 555 0100",
            "mobile": "+1 416 555 0101",
            "fax": "+1 416 555 0102",
            "tollFree": "+1 800 555 0103",
            "website": "https://example.com/",
            "internalNotes": "private",
            "currency": {"code": "EUR"},
            "address": {
                "addressLine1": "1 Main St",
                "addressLine2": "Suite 5",
                "city": "Toronto",
                "province": {"code": "CA-ON"},
                "country": {"code": "CA"},
                "postalCode": "M5V 1A1",
            },
            "shippingDetails": {
                "name": "Dock",
                "phone": "555",
                "instructions": "ring twice",
                "address": {"addressLine1": "2 Side St", "city": "Berlin", "country": {"code": "DE"}},
            },
        }
    )

    world.run()

    here = world.at_pms(wave_id)
    assert here["name"] == "Analytical Engines Ltd"
    assert here["customer_number"] == "00042"
    assert here["contact"] == {"first_name": "Ada", "last_name": "Lovelace"}
    assert (here["phone"], here["mobile"]) == ("+1 416 555 0100", "+1 416 555 0101")
    assert (here["fax"], here["toll_free_phone"]) == ("+1 416 555 0102", "+1 800 555 0103")
    assert here["website"] == "https://example.com/"
    assert here["currency_code"] == "EUR"
    assert here["notes"] is None
    assert here["address"]["line2"] == "Suite 5"
    assert here["address"]["region_code"] == "CA-ON"
    assert here["delivery_address"]["name"] == "Dock"
    assert here["delivery_address"]["country_code"] == "DE"
    assert world.run().counts.updated_wave == 0


def test_matching_by_email(world):
    """Two records with the same e-mail, whatever its case, are linked and not doubled; the empty side is filled."""
    wave_id = world.wave_box.add({"name": "Ada Lovelace", "email": "Ada@Example.com"})
    pms_id = world.pms_box.add({"name": "Ada Lovelace", "email": "ada@example.com", "phone": "555 0100"})

    report = world.run()

    assert (report.counts.linked, report.counts.created_pms) == (1, 0)
    assert world.linked() == {wave_id: pms_id}
    assert world.at_wave(wave_id)["phone"] == "555 0100"
    assert world.at_pms(wave_id)["external_id"] == wave_id
    assert world.at_pms(wave_id)["email"] == "ada@example.com"


def test_matching_by_name_and_postal_code(world):
    """Without an e-mail, name and postal code together link two records."""
    wave_id = world.wave_box.add(
        {"name": "Ada  Lovelace", "address": {"postalCode": "M5V 1A1", "country": {"code": "CA"}}}
    )
    pms_id = world.pms_box.add({"name": "ada lovelace", "address": {"postal_code": "M5V 1A1", "country_code": "CA"}})

    world.run()

    assert world.linked() == {wave_id: pms_id}
    assert len(world.pms_box.customers) == 1


def test_a_name_alone_does_not_match(world):
    """The same name is no key: the Wave customer gets a counterpart of its own."""
    wave_id = world.wave_box.add({"name": "Ada Lovelace"})
    other = world.pms_box.add({"name": "Ada Lovelace"})

    report = world.run()

    assert report.counts.created_pms == 1
    assert world.linked()[wave_id] != other


def test_matching_by_external_id(world):
    """A Wave id noted in a PMS record links the two, though name and e-mail differ; what differs is held."""
    wave_id = world.wave_box.add({"name": "Ada Lovelace", "email": "ada@example.com"})
    pms_id = world.pms_box.add({"name": "A. Lovelace", "external_id": wave_id})

    report = world.run()

    assert world.linked() == {wave_id: pms_id}
    assert report.counts.disputed == 1
    assert [d.group for d in world.sync.disputes()] == ["name"]
    assert world.at_pms(wave_id)["email"] == "ada@example.com"
    assert world.at_pms(wave_id)["name"] == "A. Lovelace"
    assert world.at_wave(wave_id)["name"] == "Ada Lovelace"


def test_f42_a_shared_mailbox_links_nobody(world):
    """Two customers in Wave and two in the PMS share a mailbox: none is linked by it, all rest, none is created."""
    for name in ("Ada", "Grace"):
        world.wave_box.add({"name": name, "email": "info@example.com"})
        world.pms_box.add({"name": name, "email": "info@example.com"})

    report = world.run()

    assert report.ok
    assert (report.counts.linked, report.counts.created_pms) == (0, 0)
    assert {q.reason.value for q in world.sync.quarantine()} == {"ambiguous"}
    assert len(world.pms_box.customers) == 2


def test_a_mailbox_shared_in_wave_alone_is_no_obstacle(world):
    """Two Wave customers share a mailbox that nobody in the PMS has: each gets its own counterpart."""
    ids = [world.wave_box.add({"name": name, "email": "info@example.com"}) for name in ("Ada", "Grace")]

    world.run()
    report = world.run()

    assert set(world.linked()) == set(ids)
    assert len(world.pms_box.customers) == 2
    assert report.counts.quarantined == 0


def test_a_newcomer_that_shares_a_mailbox_later_gets_its_counterpart(world):
    """A third customer with the mailbox of two linked ones gets a counterpart: the key is shared and says nothing."""
    ids = [world.wave_box.add({"name": name, "email": "info@example.com"}) for name in ("Ada", "Grace")]
    world.run()
    ids.append(world.wave_box.add({"name": "Edith", "email": "info@example.com"}))

    world.run()

    assert set(world.linked()) == set(ids)


def test_f58_twins_are_not_linked_across(world):
    """Two customers alike in every mapped field on each side are for a person; nothing is created or linked."""
    twin = {"name": "Ada", "email": "ada@example.com"}
    for _ in range(2):
        world.wave_box.add(twin)
        world.pms_box.add(twin)

    report = world.run()

    assert world.linked() == {}
    assert report.counts.quarantined == 2
    assert len(world.pms_box.customers) == 2


def test_a_possible_twin_of_a_linked_customer_rests(world):
    """A new Wave customer with the e-mail that only a linked PMS customer has is asked about, not created."""
    wave_id, pms_id = world.pair()
    world.wave_box.edit(wave_id, {"email": "countess@example.com"})
    world.pms_box.edit(pms_id, {"email": "lovelace@example.com"})
    world.run()
    twin = world.wave_box.add({"name": "Ada L.", "email": "lovelace@example.com"})

    world.run()

    assert [(q.id, q.reason.value) for q in world.sync.quarantine()] == [(twin, "possible_twin")]
    assert len(world.pms_box.customers) == 1


def test_f49_second_candidate_of_one_record_is_asked_about(world):
    """Two Wave customers with the e-mail of one PMS customer: neither is linked, both rest with their candidate."""
    ids = {world.wave_box.add({"name": name, "email": "ada@example.com"}) for name in ("Ada", "Ada L.")}
    pms_id = world.pms_box.add({"name": "Ada", "email": "ada@example.com"})

    world.run()

    assert {q.id for q in world.sync.quarantine()} == ids
    assert {q.candidates for q in world.sync.quarantine()} == {(pms_id,)}


def test_f47_two_filled_systems_are_joined_not_doubled(stored_world):
    """`run` on two filled systems links what belongs together, creates what only Wave has, and leaves the rest."""
    world = stored_world
    for n in range(30):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
        world.pms_box.add({"name": f"Customer {n}", "email": f"C{n}@example.com", "phone": f"555 {n:04}"})
    alone = world.wave_box.add({"name": "Only Wave", "email": "wave@example.com"})
    world.pms_box.add({"name": "Only PMS", "email": "pms@example.com"})

    report = world.run()

    assert report.ok
    assert (report.counts.linked, report.counts.created_pms, report.counts.created_wave) == (30, 1, 0)
    assert len(world.pms_box.customers) == 32
    assert len(world.wave_box.customers) == 31
    assert alone in world.linked()
    assert report.counts.skipped == 1


def test_customers_that_only_the_pms_has_are_created_in_wave_on_request(both_ways):
    """With `create_in` for both sides, a PMS customer without a counterpart is created in Wave, and marked."""
    world = both_ways
    pms_id = world.pms_box.add({"name": "Grace", "email": "grace@example.com", "address": {"country_code": "US"}})

    report = world.run()

    assert report.counts.created_wave == 1
    (wave_id,) = world.wave_box.customers
    assert world.linked() == {wave_id: pms_id}
    assert world.at_wave(wave_id)["address"]["country"]["code"] == "US"


def test_archived_customers_are_not_created(world):
    """An archived Wave customer without a counterpart is listed as skipped, and gets one when it is restored."""
    wave_id = world.wave_box.add({"name": "Ada"})
    world.wave_box.archive(wave_id)

    report = world.run()

    assert report.counts.skipped == 1
    assert not world.pms_box.customers

    world.wave_box.restore(wave_id)
    world.run()
    assert set(world.linked()) == {wave_id}


def test_an_orphan_and_a_copy_rest(both_ways):
    """PMS records whose marker names a missing or an already linked Wave customer are never created in Wave."""
    world = both_ways
    wave_id, _ = world.pair()
    gone = world.wave_box.add({"name": "Gone"})
    world.wave_box.remove(gone)
    copy = world.pms_box.add({"name": "Copy", "external_id": wave_id})
    orphan = world.pms_box.add({"name": "Orphan", "external_id": gone})

    world.run()

    assert {q.id: q.reason.value for q in world.sync.quarantine()} == {copy: "copy", orphan: "orphan"}
    assert world.wave_box.ledger.creates == 0


def test_a_foreign_marker_is_neither_key_nor_overwritten(world):
    """A PMS record marked by another program is matched by its e-mail, and its mark stays."""
    wave_id = world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    pms_id = world.pms_box.add({"name": "Ada", "email": "ada@example.com", "external_id": "CRM-17"})

    world.run()

    assert world.linked() == {wave_id: pms_id}
    assert world.at_pms(wave_id)["external_id"] == "CRM-17"


def test_the_second_run_is_quiet(stored_world):
    """A run after a run finds nothing to do and writes nothing."""
    world = stored_world
    for n in range(3):
        world.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"})
    world.pms_box.add({"name": "Customer 1", "email": "c1@example.com", "phone": "555 0100"})
    world.run()
    world.count()
    world.later()

    plan = world.sync.plan()
    report = world.run()

    assert plan.empty
    assert report.ok
    assert world.writes == QUIET


# --- request budgets


def test_a_quiet_run_costs_one_request_on_each_side(world):
    """An incremental run in which nothing changed lists each side once."""
    world.wave_box.add({"name": "Ada"})
    world.run()
    world.run()
    world.count()

    report = world.run()

    assert world.requests == (1, 1)
    assert report.requests == {"wave": 1, "pms": 1}


def test_one_new_customer_costs_four_requests(world):
    """Two listings, one more look for a late partner, and the create: one new Wave customer costs four requests."""
    world.wave_box.add({"name": "Ada"})
    world.run()
    world.run()
    world.later()
    world.wave_box.add({"name": "Grace", "email": "grace@example.com"})
    world.count()

    report = world.run()

    assert report.counts.created_pms == 1
    assert world.requests == (1, 3)


def test_one_edit_costs_four_requests(world):
    """Two listings, a fresh read and the write: one edit costs four requests, in either direction."""
    wave_id, pms_id = world.pair()
    world.run()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "555 0100"})
    world.count()

    world.run()

    assert world.requests == (1, 3)

    world.settle()
    world.run()
    world.pms_box.edit(pms_id, {"phone": "555 0200"})
    world.count()

    world.run()

    assert world.requests == (3, 1)


def test_a_hundred_new_customers_cost_little_more_than_one_request_each(world):
    """Creates share looks and reads; the plan says at most what applying it then costs."""
    for n in range(100):
        world.wave_box.add({"name": f"Customer {n}"})
    plan = world.sync.plan()
    world.count()

    world.sync.apply(plan)

    assert world.pms_box.ledger.by_operation["create"] == 100
    assert world.requests[0] <= 5
    assert world.requests[1] <= plan.requests["pms"] <= 102
