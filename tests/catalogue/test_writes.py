"""The catalogue of failure modes: writes of which somebody else decides what becomes of them."""

from __future__ import annotations

import json
import signal
import threading
from datetime import timedelta
from importlib.resources import files
from urllib.parse import parse_qs

import pytest
import requests

from wave_pms_sync import OAuth2, PmsProfile, Policy
from wave_pms_sync.errors import BadAnswer, NotFound, SyncError, Unauthorized, Unreachable
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.server import LoopbackServer, Reply

BOTH = Policy(create_in=("pms", "wave"))
NO_KEYS = PmsProfile.from_dict({"record": {"marker": False}, "create": {"headers": {}}})
SDL = files("wave_pms_sync.testing").joinpath("wave.graphql").read_text(encoding="utf-8")


def enter(world, side, **values):
    """A customer entered on the other side, so that a counterpart is due on this one."""
    facts = {"name": "Grace", "email": "grace@example.com", **values}
    return world.pms_box.add(facts) if side == "wave" else world.wave_box.add(facts)


def interrupt(_):
    """Ctrl-C, as if somebody pressed it while a request is under way."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


# --- creates whose answer never came


def test_f62_if_both_copies_of_a_create_appear_one_is_linked_and_the_other_reported(make_world, side):
    """A create that lands after the settle time, both looks and its repetition: one is linked, the twin is told of."""
    world = make_world(policy=Policy(create_in=side), profile=NO_KEYS, pms_options={"idempotency": False})
    enter(world, side)
    late = world.box(side).faults.add(Fault.LATE_COMMIT, on="create", seconds=20_000)
    world.box(side).add({"name": "Bystander"})
    world.run()
    for _ in range(4):
        world.settle()
        world.sync.run(full=True)
    assert (late.struck, len(world.linked())) == (1, 1)

    world.later(20_000)
    world.sync.run(full=True)

    assert len(world.linked()) == 1
    assert len(world.box(side).customers) == 3
    assert [f.label for f in world.sync.verify() if str(f.kind) == "twin"] == ["Grace"]


def test_f62_a_late_copy_is_not_carried_back_to_where_it_came_from(make_world, side):
    """Where both sides create, the copy that lands late rests as a twin: it gets no counterpart of its own."""
    world = make_world(policy=BOTH, profile=NO_KEYS, pms_options={"idempotency": False})
    world.pair()
    enter(world, side)
    world.box(side).faults.add(Fault.LATE_COMMIT, on="create", seconds=20_000)
    world.run()
    for _ in range(4):
        world.settle()
        world.sync.run(full=True)

    world.later(20_000)
    world.sync.run(full=True)
    world.rest()

    assert len(world.box(side).customers) == 3
    assert len(world.linked()) == 2
    assert len(world.box("pms" if side == "wave" else "wave").customers) == 2
    (twin,) = world.sync.quarantine()
    assert (str(twin.side), twin.reason.value) == (side, "possible_twin")


def test_f63_a_crash_between_the_create_and_the_link_is_healed_at_the_next_start(make_world, make_links, side):
    """A program that ends between the server's create and its own note finds its intent again, and adopts."""
    world = make_world(make_links(), policy=BOTH)
    world.pair()
    origin = enter(world, side)
    world.box(side).faults.add(Fault.CALL_AFTER, on="create", call=interrupt)
    with pytest.raises(KeyboardInterrupt):
        world.run()
    assert [intent.origin_id for intent in world.links.scan(Intent)] == [origin]

    world.change()
    world.settle()
    world.sync.run()

    assert origin in {*world.linked(), *world.linked().values()}
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == 2
    assert not list(world.links.scan(Intent))


def test_f65_an_intent_of_last_year_is_still_settled(make_world, side):
    """A create that was lost a year ago is looked for like one of today, and adopted, not repeated."""
    world = make_world(policy=BOTH)
    world.pair()
    enter(world, side)
    world.box(side).faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    world.later(400 * 86400)

    world.sync.run()

    assert len(world.linked()) == len(world.box(side).customers) == 2
    assert not list(world.links.scan(Intent))


# --- answers that are none


def test_f66_a_mutation_answered_with_errors_beside_data_is_unknown(make_world):
    """200 with `errors` and partial data for a mutation is no success and no refusal: it is looked up afterwards."""
    world = make_world(policy=BOTH)
    world.pair()
    enter(world, "wave")
    world.wave_box.faults.add(Fault.GRAPHQL_ERRORS, on="create", code="INTERNAL_SERVER_ERROR", executed=True)

    report = world.run()
    assert (report.status, report.counts.unknown, report.counts.created_wave) == ("partial", 1, 0)

    world.settle()
    world.sync.run()
    assert len(world.wave_box.customers) == len(world.linked()) == 2


def test_f67_a_create_that_wave_refuses_is_quarantined_with_code_and_path(make_world):
    """200 without `errors` but with `didSucceed: false` is a definite refusal, kept with the property and the code."""
    world = make_world(policy=BOTH)
    world.pair()
    origin = enter(world, "wave")
    world.wave_box.faults.add(Fault.REFUSED, on="create", field="email", code="INVALID", times=None)

    report = world.run()
    again = world.run(full=True)

    assert (report.counts.failed, report.counts.unknown) == (1, 0)
    (entry,) = world.sync.quarantine()
    assert (entry.id, entry.reason.value) == (origin, "refused")
    assert "email INVALID" in entry.detail
    assert world.wave_box.ledger.count("create") == 1
    assert again.ok


@pytest.mark.parametrize(("details", "error"), [({}, NotFound), ({"code": "FORBIDDEN"}, Unauthorized)])
def test_f68_no_business_is_never_no_customers(make_world, details, error):
    """`business: null`, with or without an error, stops the run; nobody is retired though the policy would."""
    world = make_world(policy=Policy(deletions="delete"))
    world.pair()
    world.wave_box.faults.add(Fault.NULL_BUSINESS, times=None, **details)

    with pytest.raises(error) as caught:
        world.run(full=True)

    assert caught.value.side == "wave"
    assert len(world.pms_box.customers) == 1


BROKEN = {
    "an HTML page": (Fault.ANSWER, {"status": 200, "body": "<html>ada@example.com</html>", "executed": True}),
    "no body": (Fault.EMPTY_BODY, {}),
    "cut JSON": (Fault.CUT_JSON, {}),
    "a cut body": (Fault.CUT_BODY, {}),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_f69_an_unreadable_answer_is_an_error_for_a_read_and_unknown_for_a_write(make_world, side, other, broken):
    """HTML, nothing or half a JSON text: a read raises and quotes nothing; a write is unknown, then found done."""
    world = make_world()
    wave_id, _ = world.pair()
    kind, details = BROKEN[broken]
    reads = world.box(side).faults.add(kind, on="list", times=None, **details)
    with pytest.raises((BadAnswer, Unreachable)) as caught:
        world.run()
    assert caught.value.side == side
    assert "ada@example.com" not in str(caught.value)
    world.box(side).faults.remove(reads)

    world.edit(other, wave_id, {"phone": "111"})
    world.box(side).faults.add(kind, on="update", **details)
    report = world.run()
    world.settle()
    world.sync.run()

    assert report.counts.failed == 0
    assert world.at_wave(wave_id)["phone"] == world.at_pms(wave_id)["phone"] == "111"
    assert world.box(side).ledger.updates == 1


@pytest.mark.parametrize("form", ["now", "past", "-5", "soon", "0.0"])
def test_f70_every_form_of_retry_after_is_understood_or_passed_over(make_world, side, other, form):
    """A date, one in the past, a negative number or a word beside a 429: the request is repeated, nobody is blamed."""
    world = make_world()
    wave_id, _ = world.pair()
    world.later()
    world.edit(other, wave_id, {"phone": "111"})
    dates = {"now": world.clock.now(), "past": world.clock.now() - timedelta(days=1)}
    for on in ("list", "update"):
        world.box(side).faults.add(Fault.THROTTLED, on=on, retry_after=dates.get(form, form))
    world.count()

    report = world.run()

    assert report.ok
    assert world.at(side, wave_id)["phone"] == "111"
    assert world.box(side).ledger.count("update") == 2
    assert world.sync.quarantine() == world.sync.disputes() == []


def test_f71_a_server_error_is_unknown_for_a_write_and_repeated_for_a_read(make_world, side):
    """A 500 on a listing is repeated at once; a 500 on a create that was carried out leads to no second create."""
    world = make_world(policy=BOTH)
    world.pair()
    enter(world, side)
    box = world.box(side)
    box.faults.add(Fault.SERVER_ERROR, on="list")
    lost = box.faults.add(Fault.SERVER_ERROR, on="create", executed=True)
    before = box.ledger.count("create")

    report = world.run()

    assert (report.status, report.counts.unknown, lost.struck) == ("partial", 1, 1)
    world.settle()
    world.sync.run()
    assert box.ledger.count("create") - before == 1
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == len(world.linked()) == 2


class Vanishing(requests.Session):
    """A network on which the server goes away just before a customer would be written."""

    def __init__(self, box):
        super().__init__()
        self.box, self.armed = box, True

    def send(self, request, **how):
        """Hang up the server before a write; the request then finds nobody."""
        to_the_pms = request.method == "PATCH" or request.url.endswith("/api/customers")
        if self.armed and request.method != "GET" and (to_the_pms or b"mutation" in request.body):
            self.armed = False
            self.box.stop()
        return super().send(request, **how)


def test_f72_a_refused_connection_means_not_sent(make_world, side):
    """A server that is not there any more was certainly asked nothing: no intent stays, the next run creates once."""
    world = make_world(policy=BOTH)
    world.pair()
    enter(world, side)
    session = Vanishing(world.box(side))
    world.wave, world.pms = world.make_wave(session=session), world.make_pms(session=session)
    world.change()

    report = world.run()

    assert not session.armed
    assert (report.status, report.counts.unknown, report.counts.failed) == ("partial", 0, 0)
    assert {str(o.result) for o in report.outcomes} == {"postponed"}
    assert not list(world.links.scan(Intent))
    assert world.sync.quarantine() == []

    world.box(side).start()
    assert world.run().ok
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == len(world.linked()) == 2


def test_f72_an_update_that_was_not_sent_leaves_no_doubt(make_world, side, other):
    """The same for an update: nothing is waited for, and an edit that follows it is written once, as the last one."""
    world = make_world()
    wave_id, _ = world.pair()
    world.later()
    world.edit(other, wave_id, {"phone": "111"})
    session = Vanishing(world.box(side))
    world.wave, world.pms = world.make_wave(session=session), world.make_pms(session=session)
    world.change()

    report = world.run()

    assert not session.armed
    assert {str(o.result) for o in report.outcomes} == {"postponed"}
    assert not list(world.links.scan(Intent))

    world.box(side).start()
    world.edit(other, wave_id, {"phone": "222"})
    assert world.run().ok
    assert world.at(side, wave_id)["phone"] == "222"
    assert world.box(side).ledger.updates == 1


# --- credentials


class Grants:
    """A token server that gives a new token for each refresh token, once; the last one counts at the side."""

    def __init__(self, box):
        self.box, self.given, self.last, self.lose = box, 0, "refresh-0", 0
        self.server = LoopbackServer()
        self.server.start(self.answer)

    def answer(self, call):
        """A new pair of tokens for the last refresh token, and nothing for one that was used."""
        if parse_qs(call.body.decode())["refresh_token"] != [self.last]:
            return Reply(status=400, body=b'{"error": "invalid_grant"}')
        self.given += 1
        self.last, self.box.token = f"refresh-{self.given}", f"access-{self.given}"
        body = {"access_token": self.box.token, "refresh_token": self.last, "expires_in": 3600}
        self.lose -= 1
        return Reply(status=0 if self.lose >= 0 else 200, body=json.dumps(body).encode())


@pytest.fixture
def grants(world):
    """A grant of the PMS, and a world whose client uses it."""
    giver = Grants(world.pms_box)
    giver.saved = []
    facts = {"client_id": "app", "client_secret": "s3cret", "refresh_token": "refresh-0"}
    auth = OAuth2(**facts, token_url=f"{giver.server.origin}/token", on_refresh=giver.saved.append)
    world.pms = world.make_pms(token=None, auth=auth)
    world.change()
    yield giver
    giver.server.stop()
    giver.server.raise_accident()


def test_f73_a_token_that_ends_in_the_middle_is_renewed_once_and_kept_before_it_is_used(world, grants):
    """A token that ends in the middle of a run is renewed once, handed to the saver, and the run does not notice."""
    for n in range(4):
        world.wave_box.add({"name": f"Customer {n}"})
    world.pms_box.faults.add(
        Fault.CALL_BEFORE, on="create", skip=2, call=lambda _: setattr(world.pms_box, "token", "ended")
    )

    report = world.run()

    assert report.ok
    assert report.counts.created_pms == len(world.pms_box.customers) == 4
    assert grants.given == 2
    assert [tokens.refresh_token for tokens in grants.saved] == ["refresh-1", "refresh-2"]


def test_f73_a_refresh_that_is_refused_stops_the_run_and_blames_nobody(world, grants):
    """If the grant itself is gone the run ends cleanly: no record is quarantined, and the next run finishes."""
    for n in range(4):
        world.wave_box.add({"name": f"Customer {n}"})

    def revoke(_):
        world.pms_box.token, grants.last = "ended", "revoked"

    world.pms_box.faults.add(Fault.CALL_AFTER, on="create", skip=1, call=revoke)

    report = world.run()

    assert isinstance(report.error, Unauthorized)
    assert world.sync.quarantine() == []
    assert report.counts.failed == 0
    grants.last = grants.saved[-1].refresh_token
    world.rest()
    assert len(world.pms_box.customers) == world.pms_box.ledger.creates == 4


@pytest.mark.parametrize(("kind", "goes_on"), [(Fault.UNAUTHORIZED, False), (Fault.FORBIDDEN, True)])
def test_f74_401_and_403_in_the_middle_blame_no_record(make_world, side, other, kind, goes_on):
    """A 401 ends the run, a 403 the writes to its side; nobody is quarantined or held, and the next run goes on."""
    world = make_world()
    ids = [world.pair(name=f"Customer {n}", email=f"c{n}@example.com")[0] for n in range(3)]
    world.later()
    for wave_id in ids:
        world.edit(side, wave_id, {"phone": "111"})
        world.edit(other, wave_id, {"fax": "222"})
    refused = world.box(side).faults.add(kind, on="update", times=None)
    world.count()

    report = world.run()

    assert report.status == "partial"
    assert isinstance(report.error, Unauthorized)
    assert refused.struck == 1
    assert (world.box(other).ledger.updates == 3) is goes_on
    assert (report.counts.failed, world.sync.quarantine(), world.sync.disputes()) == (0, [], [])
    world.box(side).faults.clear()
    world.rest()
    assert {(world.at(s, i)["phone"], world.at(s, i)["fax"]) for s in ("wave", "pms") for i in ids} == {("111", "222")}


def test_f73_a_lost_refresh_costs_a_new_grant_and_nothing_else(world, grants):
    """The token server took the refresh token and its answer was lost: the run ends cleanly and asks for a grant."""
    world.wave_box.add({"name": "Ada"})
    world.run()
    world.wave_box.add({"name": "Grace"})
    world.pms_box.token = "ended"
    grants.lose = 1

    with pytest.raises(SyncError) as lost:
        world.run()
    with pytest.raises(Unauthorized) as spent:
        world.run()

    assert lost.value.side == spent.value.side == "pms"
    assert world.sync.quarantine() == []
    facts = {"client_id": "app", "client_secret": "s3cret", "refresh_token": grants.last}
    world.pms = world.make_pms(token=None, auth=OAuth2(**facts, token_url=f"{grants.server.origin}/token"))
    world.change()
    assert world.run().ok
    assert len(world.pms_box.customers) == world.pms_box.ledger.creates == 2


# --- refusals


def test_f75_a_create_is_refused_whole(world):
    """Where one property is refused on create, no half customer is made: the record rests, named with the property."""
    world.pair()
    wave_id = enter(world, "pms", website="bad one", phone="111")
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="website", code="format", times=None)

    world.run()
    world.run(full=True)

    assert len(world.pms_box.customers) == 1
    (entry,) = world.sync.quarantine()
    assert entry.id == wave_id
    assert "website" in entry.detail
    assert world.pms_box.ledger.count("create") == 2


def test_f78_an_edit_of_the_same_property_just_before_our_write_is_reported(make_world, side, other):
    """Somebody edits what we are about to write, after our look: the write is put off, and both values are shown."""
    world = make_world()
    wave_id, _ = world.pair(phone="000")
    world.later()
    world.edit(other, wave_id, {"phone": "111"})
    plan = world.sync.plan()
    world.edit(side, wave_id, {"phone": "222"})

    report = world.sync.apply(plan)
    world.run()

    assert report.counts.skipped == 1
    assert {world.at_wave(wave_id)["phone"], world.at_pms(wave_id)["phone"]} == {"111", "222"}
    (dispute,) = world.sync.disputes()
    assert {*dispute.wave.values(), *dispute.pms.values()} == {"111", "222"}


def test_f79_an_update_of_a_record_deleted_meanwhile_becomes_a_dispute(make_world, side, other):
    """A record deleted while it is written is not made again, its counterpart stays, and a person is asked."""
    world = make_world(policy=Policy(create_in=("pms", "wave"), deletions={"pms": "delete", "wave": "delete"}))
    wave_id, pms_id = world.pair()
    also, _ = world.pair(name="Grace", email="grace@example.com")
    world.later()
    for each in (wave_id, also):
        world.edit(other, each, {"phone": "111"})
    box, gone = (world.wave_box, wave_id) if side == "wave" else (world.pms_box, pms_id)
    box.faults.add(Fault.CALL_BEFORE, on="update", record=gone, call=lambda _: box.remove(gone))
    world.count()

    report = world.run()
    first = world.writes
    world.run(full=True)
    world.run(full=True)

    assert report.status == "partial"
    assert sum(first) == sum(world.writes) == 1
    assert world.at(side, also)["phone"] == "111"
    assert [d.reason.value for d in world.sync.disputes()] == ["deletion"]


@pytest.mark.parametrize("when", ["before we look again", "after we looked"])
def test_f80_deleting_what_is_gone_already_is_success(make_world, side, when):
    """A record that somebody deletes after planning, or a moment before we do, is no failure, on either side."""
    world = make_world(policy=Policy(deletions={"pms": "delete", "wave": "delete"}))
    wave_id, pms_id = world.pair()
    world.pair(name="Grace", email="grace@example.com")
    box, ours = (world.wave_box, wave_id) if side == "wave" else (world.pms_box, pms_id)
    gone, theirs = (world.pms_box, pms_id) if side == "wave" else (world.wave_box, wave_id)
    gone.remove(theirs)
    world.later()
    plan = world.sync.plan(full=True)
    if when == "after we looked":
        box.faults.add(Fault.CALL_BEFORE, on="delete", call=lambda _: box.remove(ours))
    else:
        box.remove(ours)

    report = world.sync.apply(plan)

    assert report.counts.failed == report.counts.unknown == 0
    assert world.rest().ok
    assert {link.status for link in world.links.scan(Link) if link.wave_id == wave_id} == {LinkStatus.TOMBSTONE}


def test_f81_a_pms_that_declines_to_delete_gets_its_way(make_world):
    """A PMS that keeps a customer with projects: the link is suspended with the reason, and it is not asked again."""
    world = make_world(policy=Policy(deletions="delete"))
    wave_id, pms_id = world.pair()
    world.pair(name="Grace", email="grace@example.com")
    world.wave_box.remove(wave_id)
    world.pms_box.faults.add(Fault.ANSWER, on="delete", status=409, body='{"title": "has projects"}', times=None)

    reports = [world.run(full=True) for _ in range(4)]

    assert pms_id in world.pms_box.customers
    (link,) = [link for link in world.links.scan(Link) if link.wave_id == wave_id]
    assert link.status is LinkStatus.SUSPENDED
    assert "delete" in link.reason
    assert world.pms_box.ledger.count("delete") <= 2
    assert reports[-1].ok


def test_f82_a_duplicate_that_is_ours_to_take_is_adopted(make_world):
    """A PMS that declines a second customer of one e-mail, because somebody just entered it: the two are linked."""
    world = make_world(pms_options={"unique_email": True})
    world.pair()
    wave_id = enter(world, "pms", phone="111")
    world.pms_box.faults.add(
        Fault.CALL_BEFORE,
        on="create",
        call=lambda _: world.pms_box.add({"name": "Grace", "email": "grace@example.com"}),
    )

    report = world.run()
    world.run()

    assert report.counts.created_pms == 0
    assert len(world.pms_box.customers) == 2
    assert world.at_pms(wave_id)["phone"] == "111"
    assert world.sync.quarantine() == []


def test_f83_each_of_several_records_read_in_one_request_is_judged_alone(make_world):
    """Wave's records are read many at a time; one that is gone does not touch the others. Writes go one by one."""
    world = make_world()
    pairs = [world.pair(name=f"Customer {n}", email=f"c{n}@example.com") for n in range(3)]
    world.later()
    for _, pms_id in pairs:
        world.pms_box.edit(pms_id, {"phone": "111"})
    plan = world.sync.plan()
    world.wave_box.remove(pairs[1][0])
    world.wave_box.faults.add(Fault.REFUSED, on="update", record=pairs[0][0])
    world.count()

    report = world.sync.apply(plan)

    assert [str(o.result) for o in report.outcomes] == ["failed", "skipped", "done"]
    assert world.at_wave(pairs[2][0])["phone"] == "111"
    assert world.wave_box.ledger.count("one") == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_f84_a_write_follows_no_redirect(make_world, side, status):
    """A write that is answered by a redirect is not sent elsewhere, nor turned into a read; it is done once later."""
    world = make_world(policy=BOTH)
    world.pair()
    enter(world, side)
    box = world.box(side)
    box.faults.add(Fault.REDIRECT, on="create", status=status, location=f"{box.url}/elsewhere")
    world.count()

    report = world.run()

    assert report.status == "partial"
    assert report.counts.failed == report.counts.quarantined == 0
    assert (box.ledger.count("create"), box.ledger.count("other"), box.ledger.count("invalid")) == (1, 0, 0)
    for _ in range(4):
        world.settle()
        world.sync.run()
    assert len(world.wave_box.customers) == len(world.pms_box.customers) == len(world.linked()) == 2


@pytest.mark.parametrize("place", ["type Customer {", "input CustomerCreateInput {", "input CustomerPatchInput {"])
def test_f85_a_property_that_wave_no_longer_has_stops_what_needs_it(make_world, place):
    """A property of ours that Wave dropped is named, what needs it is not sent on, and no record is blamed."""
    head, found, rest = SDL.partition(place)
    sdl = head + found + rest.replace("  mobile: String\n", "", 1)
    world = make_world(policy=BOTH, wave_options={"sdl": sdl})
    world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    for name in ("Ada", "Grace", "Edith"):
        world.pms_box.add({"name": name, "email": f"{name.lower()}@example.com", "mobile": "111"})

    assert "mobile" in str(world.wave.check())
    try:
        error = world.run().error
    except SyncError as raised:
        error = raised
        assert world.writes == (0, 0)

    assert error.side == "wave"
    assert "mobile" in str(error) or place.startswith("type")
    assert world.sync.disputes() == world.sync.quarantine() == []
    assert world.wave_box.ledger.count("create") <= 1


def test_f85_properties_that_wave_adds_are_ignored(make_world):
    """A newer schema with more properties, optional arguments and enum members changes nothing for us."""
    sdl = SDL.replace("type Customer {", "type Customer {\n  loyaltyTier: String\n", 1)
    sdl = sdl.replace("input CustomerPatchInput {", "input CustomerPatchInput {\n  loyaltyTier: String\n", 1)
    world = make_world(wave_options={"sdl": sdl})
    wave_id, pms_id = world.pair()
    world.later()
    world.pms_box.edit(pms_id, {"phone": "111"})

    assert world.run().ok
    assert world.at_wave(wave_id)["phone"] == "111"
