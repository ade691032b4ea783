"""The checklist that runs: one pair of test customers is led through every row, and nobody else is touched."""

from __future__ import annotations

import json
import pickle
from contextlib import ExitStack, suppress
from functools import partial
from importlib import import_module

import docutils.core
import pytest
import requests
from attrs import evolve

from wave_pms_sync import (
    Guards,
    MappingRegistry,
    MemoryLinkStore,
    PmsProfile,
    Policy,
    Scope,
    SQLiteLinkStore,
    Unlimited,
)
from wave_pms_sync.errors import ConfigurationError, LeaseHeld, NotFound, StoreUnusable, Unreachable
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Intent, JournalEntry, Known, Quarantined, Tenant, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.rehearsal import Mark, Step
from wave_pms_sync.rehearsal.cast import Cast
from wave_pms_sync.rehearsal.whole import House
from wave_pms_sync.rehearsal.whole import rehearse as rehearse_in
from wave_pms_sync.testing import Fault, PmsSandbox, WaveSandbox, rehearse

NAME = "Rehearsal (wave_pms_sync)"
KINDS = (Tenant, Link, Agreement, Known, Intent, Unfinished, Quarantined, JournalEntry)
DOWN = Fault.SERVER_ERROR
NO_STAMPS = {"record": {"marker": False, "updated": "", "created": ""}, "create": {"headers": {}}}


def content(links):
    """Everything that a store remembers."""
    return {kind: list(links.scan(kind)) for kind in KINDS}


def people(world):
    """Everybody on both sides, as they stand."""
    return [{i: dict(row) for i, row in box.customers.items()} for box in (world.wave_box, world.pms_box)]


def bad_rows(found):
    """The rows that are not as the mapping says."""
    return {row.wave for row in found.rows if row.mark in (Mark.CROSS, Mark.OPEN)}


def trial(found, wave, step):
    """One row in one step."""
    (row,) = (row for row in found.rows if row.wave == wave)
    return next(trial for trial in row.trials if trial.step is step)


def marks(found, wave):
    """The marks of one row, in the order of the steps."""
    (row,) = (row for row in found.rows if row.wave == wave)
    return "".join(str(trial.mark) for trial in row.trials)


# --- as it should be ---------------------------------------------------------------------------------


def test_the_default_mapping_is_as_it_says(stored_world):
    """Every row of the default mapping is ticked, for some dozens of requests, and nothing stays anywhere."""
    stored_world.count()

    found = stored_world.sync.rehearse()

    assert found.ok, str(found)
    assert marks(found, "phone") == "✓✓✓✓✓✓"
    assert marks(found, "name") == "✓-✓✓✓-"
    assert marks(found, "id") == "✓-----"
    assert marks(found, "createdAt") == "------"
    assert [row.wave for row in found.rows][:3] == ["name", "id", "displayId"]
    assert (found.requests["wave"], found.requests["pms"]) == stored_world.requests
    assert sum(stored_world.requests) < 70
    assert people(stored_world) == [{}, {}]
    assert content(stored_world.links) == {kind: [] for kind in KINDS}


def test_nobody_else_is_touched(stored_world):
    """Edits, newcomers, a dispute and unfinished business of others stay as they are, on both sides and in memory."""
    world = stored_world
    ada, ada_pms = world.pair(phone="000")
    bob, bob_pms = world.pair(name="Bob", email="bob@example.com", phone="000")
    world.later(600)
    world.wave_box.edit(bob, {"phone": "111"})
    world.pms_box.edit(bob_pms, {"phone": "222"})
    world.run()
    (dispute,) = world.sync.disputes()
    world.sync.resolve(dispute, choose="wave")
    world.wave_box.edit(ada, {"phone": "333"})
    world.pms_box.edit(ada_pms, {"website": "ada.example"})
    world.wave_box.add({"name": "New in Wave", "email": "wave@example.com"})
    world.pms_box.add({"name": "New in the PMS", "email": "pms@example.com"})
    before, memory = people(world), content(world.links)
    assert memory[Unfinished]

    found = world.sync.rehearse()

    assert found.ok, str(found)
    assert people(world) == before
    assert content(world.links) == memory
    assert world.run().ok
    assert world.at_pms(ada)["phone"] == "333"
    assert world.at_pms(bob)["phone"] == "111"
    assert len(world.pms_box.customers) == 4


@pytest.mark.parametrize(
    "policy",
    [
        Policy(create_in=()),
        Policy(create_in=("wave",), deletions="recreate"),
        Policy(create_in=("pms", "wave"), deletions={"pms": "delete", "wave": "delete"}, archives="mirror"),
        Policy(match_on=("email",), first_meeting="pms", max_flips=1),
        Policy(first_meeting=lambda values, agreed, stamps: 1 / 0, full_scan_every_s=0),
        Policy(guards=Guards(max_retirements=0, max_retirements_pct=0, max_updates_pct=0, max_creates=0)),
    ],
)
def test_under_any_policy_it_ends_tidily(make_world, policy):
    """What concerns creates, matches, disappearances and guards does not hinder a rehearsal, nor what it leaves."""
    world = make_world(policy=policy)

    found = world.sync.rehearse()

    assert found.ok, str(found)
    assert people(world) == [{}, {}]
    assert bool(found.notes) is ("pms" not in policy.create_in)
    assert content(world.links) == {kind: [] for kind in KINDS}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("wave", "Wave won"),
        ("pms", "the PMS won"),
        ("hold", "held, then settled for"),
        ("newest", "held, then settled for"),
        (lambda values, agreed, stamps: "pms", "the PMS won"),
        ({"phone": "pms", "*": "wave"}, "the PMS won"),
    ],
)
def test_a_conflict_ends_as_the_policy_says(make_world, rule, told):
    """Two edits of one property end with the side that the policy prefers, or with a dispute that is then settled."""
    found = make_world(policy=Policy(conflicts=rule)).sync.rehearse()

    both = trial(found, "phone", Step.CONFLICT)

    assert found.ok, str(found)
    assert both.mark is Mark.TICK
    assert both.reason.startswith(told)


def test_a_conflict_against_the_policy_is_a_cross(make_world):
    """An engine that prefers another side than the policy is found out, row by row."""
    world = make_world(policy=Policy(conflicts={"phone": "wave", "*": "pms"}))

    def disobedient(wave, pms, links, policy):
        return world.make_sync(wave=wave, pms=pms, links=links, policy=evolve(policy, conflicts="pms"))

    with world.sync._leased() as tenure:
        house = House(
            clients={Side.WAVE: world.wave, Side.PMS: world.pms},
            rows=world.sync.mapping.maps,
            lens=world.sync.mapping.lens(),
            policy=world.sync.policy,
            links=world.links,
            tenure=tenure,
            tenant=Tenant(name="default", wave=world.wave.identity, pms=world.pms.identity),
            engine=disobedient,
        )
        found = rehearse_in(house, NAME, keep=False, values=None, deadline_s=None)

    assert bad_rows(found) == {"phone"}
    assert trial(found, "phone", Step.CONFLICT).reason == "the PMS won, against the policy"


def test_two_values_suffice(make_world):
    """With two values a row is led through all steps, however few changes back and forth the policy bears."""
    world = make_world(policy=Policy(conflicts="pms", max_flips=1))

    found = world.sync.rehearse(values={"displayId": ("0007", "0008")})

    assert found.ok, str(found)
    assert marks(found, "displayId") == "✓✓✓✓✓✓"


def test_one_way_rows_are_met_as_they_say(make_world, mapping):
    """One way: edits of the origin are carried; others are accepted where they are, or taken back."""
    mapping.map("customer", wave="phone", pms="phone", direction="to_pms")
    mapping.map("customer", wave="fax", pms="fax", direction="to_pms", on_foreign_edit="revert")
    mapping.map("customer", wave="mobile", pms="mobile", direction="to_wave")
    mapping.map("customer", wave="website", pms="website", direction="to_wave", on_foreign_edit="revert")
    mapping.enable("outstandingAmount")
    mapping.enable(("name", "firstName", "lastName"))

    found = make_world(mapping=mapping).sync.rehearse()

    assert found.ok, str(found)
    assert [marks(found, name) for name in ("phone", "fax")] == ["✓✓✓✓✓-"] * 2
    assert [marks(found, name) for name in ("mobile", "website")] == ["--✓✓✓✓"] * 2
    assert trial(found, "phone", Step.PMS_EDIT).reason == "one way: accepted, not carried"
    assert trial(found, "fax", Step.PMS_EDIT).reason == "one way: reverted"
    assert trial(found, "website", Step.WAVE_EDIT).reason == "one way: reverted"
    assert trial(found, "mobile", Step.CONFLICT).reason == "one way: the PMS won"
    assert marks(found, "outstandingAmount") == "✓-----"
    assert marks(found, "name, firstName, lastName") == "✓-----"


def test_a_pms_with_lists_and_without_stamps_or_marks(make_world, mapping):
    """Rows that reach into lists are tried like others, and a PMS that shows neither stamps nor marks, too."""
    mapping.map("customer", wave="mobile", pms="phones[type=mobile].number")
    mapping.map("customer", wave="phone", pms="phones[type=work].number")
    world = make_world(mapping=mapping, profile=PmsProfile.from_dict(NO_STAMPS), pms_options={"idempotency": False})

    found = world.sync.rehearse()

    assert found.ok, str(found)
    assert marks(found, "mobile") == "✓✓✓✓✓✓"
    assert trial(found, "id", Step.CREATED).reason == "the PMS keeps no mark"
    assert people(world) == [{}, {}]


def test_the_scope_does_not_count(make_world):
    """A rehearsal works though no customer at all takes part in runs."""
    world = make_world(scope=Scope(id="nobody", wave=lambda record: False, pms=lambda record: False))

    assert world.sync.rehearse().ok


# --- faults are found at their row -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "kind", "details", "wave", "wanted", "reason"),
    [
        ("pms", Fault.IGNORED_FIELD, {"field": "phone"}, "phone", "✗✓?---", "the PMS did not keep it"),
        ("pms", Fault.NORMALISED, {"field": "name", "how": "upper"}, "name", "✗-✗", "the PMS did not keep it"),
        (
            "pms",
            Fault.NORMALISED,
            {"field": "address.city", "how": "upper"},
            "address.city",
            "✗✓✗✓",
            "the PMS did not keep it",
        ),
        ("pms", Fault.REFUSED, {"field": "fax", "times": None}, "fax", "✗-✗✗✗-", "the PMS refuses it (fax invalid)"),
        ("wave", Fault.REFUSED, {"field": "fax", "times": None}, "fax", "✗-✗✗✗-", "Wave refuses it (fax INVALID)"),
        ("wave", Fault.IGNORED_FIELD, {"field": "fax"}, "fax", "✗-✗", "Wave did not keep the edit"),
        (
            "pms",
            Fault.REFUSED,
            {"field": "address.region_code", "times": None},
            "address.province.code",
            "✗-✗✗✗-",
            "the PMS refuses it (address.region_code invalid)",
        ),
        ("pms", Fault.IGNORED_FIELD, {"field": "external_id"}, "id", "✗-----", "the PMS does not show the Wave id"),
    ],
)
def test_a_fault_of_a_side_is_found_at_its_row(make_world, side, kind, details, wave, wanted, reason):
    """A property that a side refuses, drops or changes has a cross with the reason; all other rows are ticked."""
    world = make_world()
    {"wave": world.wave_box, "pms": world.pms_box}[side].faults.add(kind, **details)

    found = world.sync.rehearse()

    assert bad_rows(found) == {wave}
    assert marks(found, wave).startswith(wanted)
    assert trial(found, wave, Step.CREATED).reason == reason
    assert not found.ok
    assert not found.stopped
    assert people(world) == [{}, {}]


def test_the_rest_of_a_group_only_travels_with_the_row_at_fault(make_world):
    """Where one part of an address is refused, the other parts are not blamed."""
    world = make_world()
    world.pms_box.faults.add(Fault.REFUSED, field="address.region_code", times=None)

    found = world.sync.rehearse()

    assert trial(found, "address.city", Step.WAVE_EDIT).mark is Mark.DASH
    assert trial(found, "address.city", Step.WAVE_EDIT).reason == "travels with address.province.code"


@pytest.mark.parametrize("on", ["update", "write"])
def test_a_refusal_that_names_no_field_is_tracked_down(make_world, on):
    """Where the PMS refuses without naming a field, halves of halves are tried, and the row at fault has a cross."""
    world = make_world()
    refusal = {"status": 422, "body": '{"title": "no"}', "headers": {"Content-Type": "application/problem+json"}}
    world.pms_box.faults.add(Fault.ANSWER, on=on, field="toll_free_phone", times=None, **refusal)

    found = world.sync.rehearse()

    assert bad_rows(found) == {"tollFree"}
    assert marks(found, "tollFree") == ("✗-✗✗✗-" if on == "write" else "✓✗✗✗✗-")
    assert sum(found.requests.values()) < 350
    assert people(world) == [{}, {}]


class Reversed:
    """Reads something else than it writes."""

    version = "1"

    def read(self, wire):
        """As it is."""
        return wire

    def write(self, ours):
        """Turned round."""
        return ours[::-1]


class Unreadable(Reversed):
    """Cannot read."""

    def read(self, wire):
        """Not at all."""
        raise ZeroDivisionError


class Numbers(Reversed):
    """Takes digits only."""

    def write(self, ours):
        """As a number."""
        return str(int(ours))


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (Reversed, "converter odd reads another value than it wrote"),
        (Unreadable, "what the PMS shows cannot be read: converter odd raised ZeroDivisionError"),
    ],
)
def test_a_wrong_converter_is_found_at_its_row(make_world, mapping, pair, reason):
    """A converter that does not read what it writes has a cross at its row that names it."""
    mapping.converter("odd", version="1")(pair)
    mapping.map("customer", wave="website", pms="website", converter="odd")

    found = make_world(mapping=mapping).sync.rehearse()

    assert bad_rows(found) == {"website"}
    assert trial(found, "website", Step.CREATED).reason == reason


def test_a_property_that_vanishes_when_empty_is_found(make_world, mapping):
    """A PMS that leaves out what is empty needs `absent="empty"`; without, the row says so, with it, it is ticked."""
    mapping.map("customer", wave="phone", pms="tel.main")
    found = make_world(mapping=mapping).sync.rehearse()
    mapping.map("customer", wave="phone", pms="tel.main", absent="empty")
    better = make_world(mapping=mapping).sync.rehearse()

    assert bad_rows(found) == {"phone"}
    assert "absent='empty'" in trial(found, "phone", Step.PMS_CLEAR).reason
    assert better.ok, str(better)


def test_values_of_the_users_own(make_world, mapping):
    """A row whose converter takes none of our values is open, and asks for some; with those it is ticked."""
    mapping.converter("odd", version="1")(Numbers)
    mapping.map("customer", wave="website", pms="website", converter="odd")

    found = make_world(mapping=mapping).sync.rehearse()
    better = make_world(mapping=mapping).sync.rehearse(values={"website": ("7", "8"), "displayId": ("0007", "0008")})

    assert bad_rows(found) == {"website"}
    assert trial(found, "website", Step.CREATED).mark is Mark.OPEN
    assert "values={'website': (..., ...)}" in trial(found, "website", Step.CREATED).reason
    assert better.ok, str(better)


def test_an_empty_value_that_is_left_out(make_world, mapping):
    """A row that leaves empty values out is not cleared, and says why."""
    mapping.map("customer", wave="phone", pms="phone", empty="omit")

    found = make_world(mapping=mapping).sync.rehearse()

    assert found.ok, str(found)
    assert marks(found, "phone") == "✓-✓✓✓-"


def test_a_required_row_without_values_is_refused_at_once(make_world, mapping):
    """Where no name fits, nothing is written; a name that fits is taken."""
    mapping.map("customer", wave="name", pms="name", max_length=12)
    world = make_world(mapping=mapping)

    with pytest.raises(ConfigurationError, match=r"longer than 12.*give a shorter or other name="):
        world.sync.rehearse()

    assert world.wave_box.ledger.writes == 0
    assert world.sync.rehearse("Rehearsal").ok


def test_a_value_that_is_the_only_one_is_open(make_world, mapping):
    """A row of which all values to be tried are the same cannot be judged."""
    values = {"website": ("https://a.example", "https://a.example")}

    found = make_world(mapping=mapping).sync.rehearse(values=values)

    assert trial(found, "website", Step.CONFLICT).mark is Mark.OPEN


# --- what cannot go on -------------------------------------------------------------------------------


def test_an_answer_that_is_not_shown_yet_is_no_fault_of_a_row(make_world):
    """A PMS that shows its records late stops the rehearsal with that reason; no row has a cross, nothing stays."""
    world = make_world()
    world.pms_box.faults.add(Fault.READ_LAG, seconds=30)

    found = world.sync.rehearse()

    assert found.stopped == "the PMS does not show the test customer, at least not yet"
    assert not found.ok
    assert bad_rows(found) == set()
    assert trial(found, "phone", Step.CONFLICT).reason == "not tried: the rehearsal ended before"
    assert people(world) == [{}, {}]


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_a_lost_create_is_found_and_cleared_away(make_world, side):
    """A test customer of whom no answer told is looked for, and deleted."""
    world = make_world()
    {"wave": world.wave_box, "pms": world.pms_box}[side].faults.add(Fault.LOST_AFTER, on="create")

    found = world.sync.rehearse()

    assert found.stopped
    assert people(world) == [{}, {}]
    assert world.sync.rehearse().ok


@pytest.mark.parametrize(("count", "hinted"), [(4, False), (5, True)])
def test_a_property_that_nobody_shows_is_hinted_at(make_world, mapping, count, hinted):
    """A PMS that keeps whatever it is sent takes a wrong path, too; that no customer there shows it gives it away."""
    mapping.map("customer", wave="email", pms="e_mail")
    world = make_world(mapping=mapping)
    for number in range(count):
        world.pms_box.add({"name": f"Customer {number}", "email": f"{number}@example.com"})

    found = world.sync.rehearse()

    assert marks(found, "email").startswith("✓✓✓✓✓")
    assert [note for note in found.notes if "e_mail" in note] == [
        "none of the 5 customers in the PMS shows `e_mail`: is the mapping right?"
    ] * hinted


@pytest.mark.parametrize("unlisted", [False, True])
def test_an_answer_that_shows_a_real_customer(make_world, unlisted):
    """A create that is answered with somebody else's id stops the rehearsal; that one stays, and the new one goes."""
    world = make_world(profile=PmsProfile.from_dict({"create": {"read_back": True}}))
    ada = world.pms_box.add({"name": "Ada", "email": "ada@example.com", "phone": "000"})
    if unlisted:
        world.pms_box.faults.add(Fault.HIDDEN_ROW, record=ada)
    before = people(world)
    answer = json.dumps({"id": ada})
    world.pms_box.faults.add(Fault.ANSWER, on="create", status=201, body=answer, executed=True)

    found = world.sync.rehearse()

    assert f"the answer to its create shows another customer ({ada})" in found.stopped
    assert people(world) == before
    assert found.remains == ()
    assert "by hand" not in str(found)
    assert world.pms_box.ledger.updates == 0
    assert world.sync.rehearse().ok


def test_a_test_customer_that_is_nowhere_to_be_seen_is_told_of(make_world):
    """Where the answer to the create shows a real customer, and no listing the new one, somebody must look for it."""
    world = make_world()
    ada = world.pms_box.add({"name": "Ada"})
    world.pms_box.faults.add(Fault.ANSWER, on="create", status=201, body=json.dumps({"id": ada}), executed=True)
    world.pms_box.faults.add(Fault.CALL_AFTER, on="create", call=partial(_hide, world, ada))

    found = world.sync.rehearse()

    assert "a test customer was made in the PMS whose id is not known: delete it by hand" in found.notes
    assert [row["name"] for row in world.pms_box.customers.values()] == ["Ada", NAME]


def _hide(world, ada, _):
    for record_id in world.pms_box.customers.keys() - {ada}:
        world.pms_box.faults.add(Fault.HIDDEN_ROW, record=record_id)


def test_a_customer_that_shows_neither_name_nor_mark_is_ours_if_nobody_else_is_new(make_world):
    """Where the PMS keeps neither the name nor the mark, the listing tells who was made."""
    world = make_world()
    ada = world.pms_box.add({"name": "Ada"})
    world.pms_box.faults.add(Fault.NORMALISED, field="name", how=lambda name: name[::-1])
    world.pms_box.faults.add(Fault.IGNORED_FIELD, field="external_id")

    found = world.sync.rehearse()

    assert bad_rows(found) == {"name", "id"}, str(found)
    assert list(world.pms_box.customers) == [ada]


@pytest.mark.parametrize("skip", range(2, 25, 5))
def test_a_refused_credential_stops_it_tidily(make_world, skip):
    """A side that refuses the credentials in between stops the rehearsal with that reason, and the pair is put away."""
    world = make_world()
    world.pms_box.faults.add(Fault.UNAUTHORIZED, skip=skip)

    found = world.sync.rehearse()

    assert "credentials" in found.stopped
    assert people(world) == [{}, {}]


def test_a_record_that_moved_on_by_itself_is_edited_all_the_same(make_world):
    """A PMS whose automations touch records now and then does not hinder a rehearsal."""
    world = make_world()

    reads = []

    def touch(arrival):
        reads.append(arrival)
        for customer_id in world.pms_box.customers if len(reads) % 3 == 0 else ():
            world.pms_box.edit(customer_id, {"touched": len(reads)})

    world.pms_box.faults.add(Fault.CALL_AFTER, on="one", times=None, call=touch)

    assert world.sync.rehearse().ok


def test_a_required_value_that_is_refused_stops_it(make_world):
    """Without a counterpart there is nothing to rehearse; the refusal is told."""
    world = make_world()
    world.pms_box.faults.add(Fault.REFUSED, field="name", times=None)

    found = world.sync.rehearse()

    assert found.stopped == "the counterpart could not be created: refused: name invalid"
    assert people(world) == [{}, {}]


def test_a_side_that_cannot_be_listed_is_an_error(make_world):
    """Where not even the names can be looked up, nothing is written and the error is raised."""
    world = make_world()
    world.pms_box.stop()

    with pytest.raises(Unreachable):
        world.sync.rehearse()

    assert world.wave_box.ledger.writes == 0


def test_other_runs_are_refused_meanwhile(make_world):
    """A run of the same memory cannot meet the pair: it is refused while the rehearsal lasts."""
    world = make_world()
    refused = []

    def another_run(arrival):
        with pytest.raises(LeaseHeld):
            world.make_sync(wave=world.make_wave(), pms=world.make_pms()).run()
        refused.append(arrival)

    world.pms_box.faults.add(Fault.CALL_AFTER, on="create", call=another_run)

    assert world.sync.rehearse().ok
    assert refused


def test_a_side_that_goes_down_leaves_the_pair_to_the_next(make_world):
    """A PMS that goes down in the middle is told of, and so is who remains; the next rehearsal clears it away."""
    world = make_world()
    world.pms_box.faults.add(
        Fault.CALL_AFTER, on="update", call=lambda arrival: world.pms_box.faults.add(DOWN, times=None)
    )

    found = world.sync.rehearse()

    assert found.stopped
    assert any("the next rehearsal looks again" in note for note in found.notes)
    assert [side for side, _ in found.remains] == ["pms"]
    assert world.sync.quarantine() == []
    world.pms_box.faults.clear()
    assert world.run().counts.quarantined == 0
    assert world.sync.rehearse().ok
    assert people(world) == [{}, {}]


class FullStore:
    """A store that takes nothing more."""

    def __init__(self, links):
        self._links = links

    def __getattr__(self, name):
        return getattr(self._links, name)

    def commit(self, changes, lease):
        """Not possible."""
        raise StoreUnusable("the disk is full")


def test_a_store_that_takes_nothing_more_is_told_of(make_world):
    """Where the pair cannot be forgotten in the user's own memory, the rehearsal says so."""
    world = make_world()
    world.sync.rehearse(keep=True)

    found = world.make_sync(links=FullStore(world.links)).rehearse()

    assert found.notes == ("the link store could not be written (the disk is full)",)
    assert people(world) == [{}, {}]


def test_a_cast_reaches_nobody_else(make_world):
    """What a rehearsal works with shows and writes only who takes part."""
    world = make_world()
    ada, other = (world.wave_box.add({"name": name}) for name in ("Ada", "Other"))
    cast = Cast(side=Side.WAVE, client=world.wave, ids=[ada])

    (page,) = cast.pages()

    assert [record.id for record in page.records] == [ada]
    assert cast.customers_by_id([other, ada])[other] is None
    for write in (partial(cast.update_customer, values={"name": "X"}), cast.delete_customer, cast.archive_customer):
        with pytest.raises(NotFound):
            write(other)
    assert world.wave_box.customers[other]["name"] == "Other"


def test_who_turns_out_to_be_somebody_else_leaves_the_cast(make_world):
    """One who could not be read when the answer to the create told the id is looked at before the first write."""
    world = make_world()
    ada = world.wave_box.add({"name": "Ada"})
    cast = Cast(side=Side.WAVE, client=world.wave, ours=lambda record: record.payload["name"] == NAME)
    cast.ids.append(ada)

    with pytest.raises(NotFound):
        cast.delete_customer(ada)

    assert cast.ids == []
    assert world.wave_box.customers[ada]["name"] == "Ada"


def test_a_new_customer_that_cannot_be_read_stops_it_tidily(make_world):
    """Where nobody can see whether the answer to the create told the right id, that is the end, and the pair goes."""
    world = make_world()
    world.pms_box.faults.add(Fault.FORBIDDEN, on="one")

    found = world.sync.rehearse()

    assert "cannot be read" in found.stopped
    assert people(world) == [{}, {}]


def test_a_one_way_edit_that_arrives_is_a_cross(make_world, mapping):
    """A third party that carries what is one way is found out."""
    mapping.map("customer", wave="phone", pms="phone", direction="to_pms")
    world = make_world(mapping=mapping)

    def carry(arrival):
        for row in world.pms_box.customers.values():
            world.wave_box.edit(row["external_id"], {"phone": row["phone"]})

    world.pms_box.faults.add(Fault.CALL_AFTER, on="update", times=None, call=carry)

    found = world.sync.rehearse()

    assert trial(found, "phone", Step.PMS_EDIT).reason == "one way, but the edit arrived in Wave"


def test_a_mapping_without_a_name_is_known_by_its_mark(make_world, mapping):
    """Where no name is mapped, what is left behind is known in the PMS by the mark of origin."""
    mapping.unmap("name")
    mapping.constant(pms="name", value="Nobody")
    mapping.map("customer", wave="website", pms="website", required=True)
    world = make_world(mapping=mapping, policy=Policy(match_on=("email",)))
    kept = world.sync.rehearse(keep=True)

    found = world.sync.rehearse()

    assert len(kept.remains) == 2
    assert found.ok, str(found)
    assert people(world) == [{}, {}]


# --- who was there before, and who stays -------------------------------------------------------------


@pytest.mark.parametrize("side", ["wave", "pms"])
def test_several_of_the_name_are_for_a_person(make_world, side):
    """Several customers of the name are named, and nothing is written."""
    world = make_world()
    box = {"wave": world.wave_box, "pms": world.pms_box}[side]
    ids = [box.add({"name": NAME}), box.add({"name": f"{NAME.upper()} 2"})]

    with pytest.raises(ConfigurationError, match=f"2 customers .* {sorted(ids)[0]}, {sorted(ids)[1]}"):
        world.sync.rehearse()

    assert sorted(box.customers) == sorted(ids)


def test_only_a_name_that_says_so_may_be_deleted(make_world):
    """A name that a real customer might bear is refused, and so are values that no row takes."""
    world = make_world()
    ada = world.wave_box.add({"name": "Ada Lovelace"})

    with pytest.raises(ConfigurationError, match="does not say that it is a rehearsal"):
        world.sync.rehearse("Ada Lovelace")
    with pytest.raises(ConfigurationError, match="does not say"):
        world.sync.rehearse(None)
    with pytest.raises(ConfigurationError, match="values: must be a dict"):
        world.sync.rehearse(values=["0007"])
    mapping = MappingRegistry.default()
    mapping.map("customer", wave="fax", pms="fax", max_length=3)
    values = {"nickname": ("a", "b"), "name": ("A", "B"), "phone": "0007", "fax": ("12345", "1")}
    with pytest.raises(
        ConfigurationError, match=r"'nickname' is no row .* 'name' is no row .* several values .* longer than 3"
    ):
        world.make_sync(mapping=mapping).rehearse(values=values)

    assert list(world.wave_box.customers) == [ada]
    assert world.wave_box.ledger.writes == 0


def test_a_pair_that_is_kept_is_linked_and_cleared_away_by_the_next(stored_world):
    """`keep=True` leaves the pair linked and in step; the next rehearsal clears it away, link and all."""
    world = stored_world

    found = world.sync.rehearse(keep=True)
    assert [side for side, _ in found.remains] == ["wave", "pms"]
    assert dict([pair[::-1] for pair in [tuple(i for _, i in found.remains)]]) == {
        pms: wave for wave, pms in world.linked().items()
    }
    assert world.run().ok
    assert world.run().counts.disputed == 0
    again = world.sync.rehearse()

    assert again.ok, str(again)
    assert people(world) == [{}, {}]
    assert world.linked() == {}
    assert content(world.links)[Known] == []
    world.later(100_000)
    assert world.sync.plan(full=True).empty


def test_a_pair_that_is_linked_with_somebody_else_is_left_alone(make_world):
    """A customer who bears the name and is linked with one who does not is for a person."""
    world = make_world()
    wave_id = world.wave_box.add({"name": NAME})
    pms_id = world.pms_box.add({"name": "Ada Lovelace"})
    world.sync.link(wave_id, pms_id)

    with pytest.raises(ConfigurationError, match="are linked, and only one of them bears the name"):
        world.sync.rehearse()

    assert list(world.wave_box.customers) == [wave_id]


def test_a_pair_that_a_run_is_busy_with_is_left_alone(make_world):
    """A create of the pair that is not settled yet is settled by a run first."""
    world = make_world()
    world.wave_box.add({"name": NAME})
    world.pms_box.faults.add(Fault.LOST_BEFORE, on="create", times=None)
    world.run()

    with pytest.raises(ConfigurationError, match="is not settled yet; run once before"):
        world.sync.rehearse()


def test_who_was_deleted_by_hand_does_not_hinder(make_world):
    """A link whose other half was deleted by hand is forgotten with the half that is left."""
    world = make_world()
    _, pms_id = world.pair(name=NAME, email=None)
    world.pms_box.remove(pms_id)

    assert world.sync.rehearse().ok
    assert world.linked() == {}


def test_a_left_over_at_rest_is_forgotten_too(make_world):
    """The half of a pair that a run put into quarantine is deleted, and leaves it."""
    world = make_world()
    found = world.sync.rehearse(keep=True)
    world.wave_box.remove(dict(found.remains)["wave"])
    world.change(links=MemoryLinkStore())
    world.sync.run()
    assert [entry.id for entry in world.sync.quarantine()] == [dict(found.remains)["pms"]]

    again = world.sync.rehearse()

    assert again.ok, str(again)
    assert world.sync.quarantine() == []
    assert people(world) == [{}, {}]


def test_what_a_side_does_not_delete_is_archived(make_world):
    """A PMS that keeps its customers has the test customer archived; no run asks about it any more."""
    world = make_world(policy=Policy(create_in=("pms", "wave")))
    world.pms_box.faults.add(Fault.REFUSED, on="delete", times=None)

    found = world.sync.rehearse()
    again = world.sync.rehearse()

    assert found.ok
    assert again.ok
    assert "archived instead" in found.notes[0]
    assert found.remains == ()
    assert all(row["archived"] for row in world.pms_box.customers.values())
    world.run()
    assert (len(world.wave_box.customers), world.sync.quarantine()) == (0, [])


@pytest.mark.parametrize("archive", [True, False])
def test_what_a_side_neither_deletes_nor_archives_stays_apart(make_world, archive):
    """Who cannot be put away is told of, left apart by later runs, and taken up by the next rehearsal."""
    profile = PmsProfile.from_dict({} if archive else {"record": {"archived": ""}})
    world = make_world(policy=Policy(create_in=("pms", "wave")), profile=profile)
    for box in (world.wave_box, world.pms_box):
        box.faults.add(Fault.REFUSED, on="delete", times=None)
    world.pms_box.faults.add(Fault.REFUSED, on="archive", times=None, field="archived")

    found = world.sync.rehearse()
    report = world.run()
    again = world.sync.rehearse()

    assert found.ok, str(found)
    assert [side for side, _ in found.remains] == ["wave", "pms"]
    assert len(found.notes) == 2
    assert report.ok
    assert (report.counts.created_pms, report.counts.created_wave, report.counts.quarantined) == (0, 0, 0)
    assert again.ok, str(again)
    assert again.remains == found.remains
    world.wave_box.faults.clear()
    world.pms_box.faults.clear()
    assert world.sync.rehearse().ok
    assert people(world) == [{}, {}]


def test_a_pair_of_another_tenant_is_not_ours(make_world, tmp_path):
    """What another tenant of the same store has linked on the same PMS is not taken for a left-over."""
    path = tmp_path / "links.sqlite3"
    with SQLiteLinkStore(path, tenant="one") as one, SQLiteLinkStore(path, tenant="two") as two:
        world = make_world(one)
        first = world.sync.rehearse(keep=True)
        pms_id = dict(first.remains)["pms"]
        with ExitStack() as stack:
            other_box = stack.enter_context(WaveSandbox(clock=world.clock, seed=7))
            other = stack.enter_context(
                type(world.wave)(
                    token=other_box.token, business_id=other_box.business_id, url=other_box.url, pace=Unlimited()
                )
            )
            found = world.make_sync(wave=other, links=two).rehearse()

    assert found.ok, str(found)
    assert list(world.pms_box.customers) == [pms_id]


# --- cut in the middle -------------------------------------------------------------------------------


class Cut(BaseException):
    """The process dies here."""


class CutSession(requests.Session):
    """Requests that are cut, before they are sent or after they were carried out; after that nothing gets through."""

    def __init__(self, steps):
        super().__init__()
        self._steps = steps

    def request(self, *args, **kwargs):
        """Send, between two places to cut."""
        self._step()
        answer = super().request(*args, **kwargs)
        self._step()
        return answer

    def _step(self):
        self._steps[0] -= 1
        if self._steps[0] <= 0:
            raise Cut


def cut_rehearsal(world, at):
    """A rehearsal by a process that dies at this step, and cannot give its lease back."""
    steps = [at]
    wave, pms = (make(session=CutSession(steps)) for make in (world.make_wave, world.make_pms))
    sync = world.make_sync(wave=wave, pms=pms)
    with suppress(Cut):
        sync.rehearse()
    return at - steps[0]


@pytest.mark.parametrize("between", ["rehearsal", "run"])
def test_cut_anywhere_the_next_clears_it_away(make_world, between):
    """A rehearsal cut at a request leaves one clearly named record a side; the next one clears it away.

    So it does after a run that met the record meanwhile.
    """
    steps = cut_rehearsal(make_world(), 1_000_000)
    assert steps > 100

    for at in range(1 if between == "rehearsal" else 3, steps, 13):
        with ExitStack() as stack:
            world = type(make_world())(stack, MemoryLinkStore())
            ada, _ = world.pair()
            before = people(world)
            cut_rehearsal(world, at)
            for box, stood in zip((world.wave_box, world.pms_box), before, strict=True):
                others = [row for i, row in box.customers.items() if i not in stood]
                assert len(others) <= 1, at
                assert all(row["name"].startswith(NAME) for row in others), at
            world.settle()
            if between == "run":
                assert world.run(full=True).ok, at
            found = world.sync.rehearse()
            assert found.ok, (at, str(found))
            assert people(world) == before, at
            assert list(world.linked()) == [ada], at
            world.settle()
            plan = world.sync.plan(full=True)
            assert plan.empty, at
            assert not plan.waiting, at


# --- how it looks ------------------------------------------------------------------------------------


def test_how_it_is_printed(make_world, mapping):
    """It prints as the tables of the document, with marks and reasons, in each form; markup in names is escaped."""
    mapping.map("customer", wave="fax", pms="<b>fax*_|")
    mapping.map("customer", wave="phone", pms="phone", empty="omit")
    world = make_world(mapping=mapping)
    world.pms_box.faults.add(Fault.IGNORED_FIELD, field="website")

    found = world.sync.rehearse()
    tree = docutils.core.publish_doctree(found.to_rst(), settings_overrides={"report_level": 2, "halt_level": 2})
    tables = list(tree.findall(import_module("docutils.nodes").table))
    lines = [line for line in found.to_markdown().replace("\\|", "").splitlines() if line.startswith("|")]

    assert "Wave Customer (organisation data) to Custom PMS Customer" in found.to_rst()
    assert len(tables) == 3
    assert "<b>fax*_|" in tables[0].astext()
    assert {line.count("|") for line in lines} == {11}
    assert "&lt;b&gt;fax" in found._repr_html_()
    assert "<b>fax" not in found._repr_html_()
    assert "✗ created: the PMS did not keep it" in str(found)
    assert "settled for" not in str(found)
    assert str(found).startswith("Rehearsal: ")
    assert len(found.to_rows()) == len(found.rows) * len(Step)
    row = next(row for row in found.to_rows() if row["wave"] == "website")
    assert (row["step"], row["mark"], row["reason"]) == ("created", "cross", "the PMS did not keep it")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # our own


def test_it_shows_no_secret(make_world):
    """Neither token nor value is in what it says."""
    world = make_world()
    world.pms_box.faults.add(Fault.UNAUTHORIZED, skip=8)

    told = str(world.sync.rehearse())

    assert "Stopped: " in told
    assert world.wave_box.token not in told
    assert world.pms_box.token not in told


# --- between sandboxes -------------------------------------------------------------------------------


def test_a_mapping_is_rehearsed_between_sandboxes(mapping):
    """`testing.rehearse` needs no account; sandboxes of one's own show what a PMS with faults comes to."""
    mapping.map("customer", wave="phone", pms="tel", max_length=20, absent="empty")
    assert rehearse(mapping, policy=Policy(conflicts="wave"), values={"displayId": ("07", "08")}).ok

    with PmsSandbox() as pms_box:
        pms_box.faults.add(Fault.IGNORED_FIELD, field="tel")
        found = rehearse(mapping, pms_box=pms_box)

    assert bad_rows(found) == {"phone"}
