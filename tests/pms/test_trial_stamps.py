"""The doctor is not silent on stamps, marks and lists that a run would believe, nor on what it leaves behind."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from wave_pms_sync.findings import Finding, Verdict
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.clock import ManualClock
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.pms_sandbox import PmsSandbox
from wave_pms_sync.testing.pms_traps import PmsTraps
from wave_pms_sync.testing.server import Call

ONCE = RetryPolicy(attempts=1)
LOCAL = {"times": {"form": "%Y-%m-%d %H:%M:%S"}}
TIMES = "times in `updated_at`"


def checked(box: PmsSandbox, told: dict[str, object], **options: object) -> dict[str, Finding]:
    """What the doctor finds by these settings, writing included, by subject; what is wrong goes first."""
    profile = PmsProfile.from_dict(told)
    with CustomPmsClient(box.url, profile=profile, retry=ONCE, **box.credentials) as client:
        found = client.check(write=True, **options)
    return {each.subject: each for each in sorted(found, key=lambda each: each.verdict is Verdict.WRONG)}


def by_verdict(found: dict[str, Finding], verdict: Verdict) -> dict[str, str]:
    """The settings to look at, by what was called so."""
    return {subject: each.key for subject, each in found.items() if each.verdict is verdict}


# --- the zone of stamps


@pytest.mark.parametrize(("zone", "wrong"), [("UTC", False), ("Asia/Tokyo", True), ("Asia/Kolkata", True)])
def test_a_zone_that_makes_stamps_older(zone: str, wrong: bool) -> None:
    """A zone that makes everything older than it is would let the older edit win; the test customer gives it away."""
    clock = ManualClock(datetime(2026, 6, 1, 9, 31, 12, tzinfo=timezone.utc))
    with PmsSandbox(profile=PmsProfile.from_dict(LOCAL), stamp_digits=0, clock=clock) as box:
        found = checked(box, {"times": {**LOCAL["times"], "zone": zone}})

    assert (by_verdict(found, Verdict.WRONG).get(TIMES) == "times.zone or times.form") is wrong
    assert not wrong or "minutes before the server's own time" in found[TIMES].text


def test_a_date_alone_says_nothing_of_the_zone() -> None:
    """Stamps that are dates lie hours back, and are no sign of a wrong zone."""
    dates = {"times": {"form": "%Y-%m-%d", "zone": "Asia/Kolkata"}}
    with PmsSandbox(profile=PmsProfile.from_dict(dates), stamp_digits=0) as box:
        found = checked(box, dates)

    assert not by_verdict(found, Verdict.WRONG)


# --- what no stamp is


def test_tombstones_need_no_stamps(api) -> None:
    """What is deleted and shows nothing but its id says nothing of how times are read."""
    api.answers["GET /customers"] = {"items": [ByCreation.row(1, "01"), {"id": 9, "deleted": True}]}

    found = {each.subject: each for each in api.client({"list": {"total": ""}}).check()}

    assert found[TIMES].verdict is found["times in `created_at`"].verdict is Verdict.WORKS


@pytest.mark.parametrize("wrong", [True, False])
def test_times_that_are_read_as_long_ago(api, wrong: bool) -> None:
    """Days since 1899, as a spreadsheet counts them, are no seconds since 1970; numbers in a sequence are no times."""
    row = {**ByCreation.row(1, "01"), "updated_at": 46083}
    api.answers["GET /customers"] = {"items": [row]}
    api.answers["GET /customers/1"] = row

    found = {
        each.subject: each for each in api.client({"times": {"updated_form": "epoch_s", "sequence": not wrong}}).check()
    }

    assert (found[TIMES].verdict is Verdict.WRONG) is wrong
    assert not wrong or found[TIMES].text == "all are read as long ago, the latest as 1970-01-01"
    assert not wrong or found[TIMES].key == "record.updated or times.form"


def test_a_stamp_that_the_profile_does_not_name(api) -> None:
    """Nothing is said of stamps without a name, nor where nobody is there."""
    api.answers["GET /customers"] = {"items": []}

    found = api.client({"record": {"updated": ""}}).check()

    assert [each.subject for each in found if "times" in each.subject] == ["times in `created_at`"]


# --- a filter of creation


class ByCreation:
    """An API of three customers, of whom one was changed; it filters by one stamp or the other."""

    def __init__(self, api, by: str) -> None:
        self.by = by
        self.rows = [self.row(1, "01"), {**self.row(2, "02"), "updated_at": "2026-03-09T12:00:00Z"}, self.row(3, "03")]
        api.answers["GET /customers"] = self.list
        api.answers["POST /customers"] = self.create
        for number in range(1, 5):
            api.answers[f"GET /customers/{number}"] = self.read
            api.answers[f"PATCH /customers/{number}"] = self.update
            api.answers[f"DELETE /customers/{number}"] = self.delete

    @staticmethod
    def row(number: int, day: str) -> dict[str, object]:
        """A customer as it was made."""
        stamp = f"2026-03-{day}T12:00:00Z"
        return {"id": number, "name": "Ada", "email": None, "created_at": stamp, "updated_at": stamp}

    def list(self, call: Call) -> object:
        """Those whose stamp is not before the moment asked for."""
        since = call.query.get("updated_since", "")
        return {"items": [row for row in self.rows if str(row[self.by]) >= since], "next_cursor": None}

    def create(self, call: Call) -> object:
        """A fourth customer."""
        self.rows.append({**self.row(4, "10"), **json.loads(call.body)})
        return 201, self.rows[-1]

    def read(self, call: Call) -> object:
        """The customer."""
        return next(({**row} for row in self.rows if str(row["id"]) == call.path[-1]), (404, None))

    def update(self, call: Call) -> object:
        """The customer, changed a day later."""
        row = next(row for row in self.rows if str(row["id"]) == call.path[-1])
        row.update(json.loads(call.body), updated_at="2026-03-11T12:00:00Z")
        return row

    def delete(self, call: Call) -> object:
        """The customer is gone."""
        self.rows[:] = [row for row in self.rows if str(row["id"]) != call.path[-1]]
        return 204, None


@pytest.mark.parametrize(("by", "wrong"), [("updated_at", False), ("created_at", True)])
def test_a_filter_of_creation(api, by: str, wrong: bool) -> None:
    """A filter that goes by creation would never show an edit; whoever was edited before gives it away."""
    ByCreation(api, by)

    found = {each.subject: each for each in api.client({"list": {"total": ""}}).check()}

    assert (found["since-filter"].verdict is Verdict.WRONG) is wrong
    assert not wrong or "'2' is not listed as changed at its own stamp" in found["since-filter"].text


@pytest.mark.parametrize(("by", "wrong"), [("updated_at", False), ("created_at", True)])
def test_a_filter_of_creation_where_nobody_was_edited(api, by: str, wrong: bool) -> None:
    """Where no customer was changed yet, the changed test customer gives it away."""
    server = ByCreation(api, by)
    del server.rows[1]

    found = api.client({"list": {"total": ""}, "create": {"headers": {}}}).check(write=True)

    told = [each.text for each in found if each.subject == "since-filter" and each.verdict is Verdict.WRONG]
    assert ["the changed record is not listed" in text for text in told] == [True] * wrong


@pytest.mark.parametrize(("form", "wrong"), [("", True), ("%Y-%m-%d %H:%M:%SZ", False)])
def test_a_filter_that_compares_texts(api, form: str, wrong: bool) -> None:
    """A filter that compares texts hides the newest from a moment that is written otherwise than rows are."""
    stamps = {1: "2026-03-01 12:00:00Z", 2: "2026-03-09 12:00:00Z"}
    rows = [{"id": n, "name": "Ada", "created_at": stamp, "updated_at": stamp} for n, stamp in stamps.items()]
    api.answers["GET /customers"] = lambda call: {
        "items": [row for row in rows if row["updated_at"] >= call.query.get("updated_since", "")]
    }
    api.answers["GET /customers/1"] = rows[0]
    client = api.client({"list": {"total": ""}, "times": {"form": "iso", "filter_form": form}})

    found = {each.subject: each for each in client.check()}

    assert (found["since-filter"].verdict is Verdict.WRONG) is wrong
    assert not wrong or "times.filter_form" in found["since-filter"].key


# --- everybody archived


ARCHIVED = {"record": {"archived": "active", "archived_values": [False]}}
INVERTED = {"record": {"archived": "active", "archived_values": [True]}}


def test_everybody_archived() -> None:
    """Where all read as archived the doctor asks whether they are; a new customer that reads so is wrong."""
    with PmsSandbox(profile=PmsProfile.from_dict(ARCHIVED)) as box:
        box.add({"name": "Ada"})
        right, inverted = checked(box, ARCHIVED), checked(box, INVERTED)

    flags = "record.archived or record.archived_values"
    assert "archived customers" not in right
    assert by_verdict(right, Verdict.WRONG) == {}
    assert inverted["archived customers"].verdict is Verdict.ASSUMED
    assert inverted["archived customers"].key == flags
    assert by_verdict(inverted, Verdict.WRONG)["create"] == flags


# --- nobody at all


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"list": {"rows": "customers", "absent_is_empty": True}}, "list.rows"),
        ({"record": {"only": {"kind": "customer"}}}, "record.only"),
        ({"list": {"query": {"page": "{page}"}}, "paging": {"first": 1}}, "paging.first"),
    ],
)
def test_an_empty_listing_may_be_a_wrong_setting(api, settings: dict[str, object], key: str) -> None:
    """Where a setting could hide everybody, an empty listing is not said to work, and the setting is named."""
    rows = [{"id": 1, "name": "Ada"}]
    api.answers["GET /customers"] = lambda call: {"items": [] if call.query.get("page", "0") != "0" else rows}

    found = {each.subject: each for each in api.client(settings).check()}

    assert (found["listing"].verdict, found["listing"].key) == (Verdict.ASSUMED, key)


# --- a list of deletions


@pytest.mark.parametrize(
    ("deleted", "verdict"),
    [([], Verdict.WORKS), ([7, 8], Verdict.WORKS), ([1, 7], Verdict.ASSUMED), ([1, 2, 3], Verdict.WRONG)],
)
def test_a_list_of_deletions_that_shows_the_living(api, deleted: list[int], verdict: Verdict) -> None:
    """A list of deletions that shows the customers themselves would retire them all; one brought back would not."""
    ByCreation(api, "updated_at")
    api.answers["GET /gone"] = {"items": [{"id": number} for number in deleted]}

    found = {each.subject: each for each in api.client({"deletions": {"path": "/gone"}}).check()}

    assert found["list of deletions"].verdict is verdict
    assert verdict is not Verdict.WRONG or "deletions.path" in found["list of deletions"].key


@pytest.mark.parametrize(("rows", "verdict"), [("items", Verdict.WORKS), ("gone", Verdict.ASSUMED)])
def test_a_list_of_deletions_that_lacks_who_was_deleted(rows: str, verdict: Verdict) -> None:
    """The test customer that was deleted belongs into the list of deletions."""
    profile = PmsProfile.from_dict({"deletions": {"path": "/gone"}})
    with PmsSandbox(profile=profile) as box:
        found = checked(box, {"deletions": {"path": "/gone", "rows": rows}, "list": {"absent_is_empty": True}})

    assert found["list of deletions"].verdict is verdict
    assert by_verdict(found, Verdict.WRONG) == {}


# --- the mark of origin


def test_the_mark_of_origin_among_values_of_your_own() -> None:
    """The default mark is tried by itself; with values of your own the doctor says that it may not have been."""
    with PmsSandbox(profile=PmsProfile()) as box:
        usual, own = checked(box, {}), checked(box, {}, values={"name": "Test", "email": "a@example.org"})
        none = checked(box, {"record": {"marker": False}}, values={"name": "Test", "email": "a@example.org"})

    assert "the Wave id" not in usual
    assert (own["the Wave id"].verdict, own["the Wave id"].key) == (Verdict.ASSUMED, "record.marker")
    assert "the Wave id" not in none


def test_a_mark_that_is_not_kept() -> None:
    """A server that drops the mark without a word is found out."""
    profile = PmsProfile()
    with PmsSandbox(profile=profile, traps=PmsTraps(unknown_properties="dropped")) as box:
        found = checked(box, {}, values={"name": "Test", "wave_id": "w", "email": "a@example.org"})

    assert by_verdict(found, Verdict.WRONG)["create"] == "create.body or record.marker"
    assert "wave_id" in found["create"].text


# --- what is left behind


def test_a_test_customer_whose_id_no_answer_told() -> None:
    """A test customer that was made though no answer told its id is named, so that it can be deleted by hand."""
    with PmsSandbox(profile=PmsProfile(), traps=PmsTraps(after_create="nothing")) as box:
        found = checked(box, {})
        (left,) = box.customers

    assert found["create"].verdict is Verdict.WRONG
    assert found["create"].text == f"{left!r} holds what was sent: delete the test customer by hand"


def test_a_test_customer_that_is_nowhere_to_be_seen() -> None:
    """Where nobody can say whether the test customer was made, that is told."""
    with PmsSandbox(profile=PmsProfile()) as box:
        box.faults.add(Fault.ANSWER, on="create", status=500)
        found = checked(box, {})

    assert "may be there, though it is not listed" in found["create"].text


@pytest.mark.parametrize("status", [403, 405, 409, 500])
def test_a_test_customer_that_cannot_be_deleted(status: int) -> None:
    """Where deleting is not possible, the test customer that is left over is named."""
    with PmsSandbox(profile=PmsProfile()) as box:
        box.faults.add(Fault.ANSWER, on="delete", status=status, times=None)
        found = checked(box, {})
        (left,) = box.customers

    assert found["delete"].verdict is Verdict.WRONG
    assert f"the test customer {left!r} may still be there: delete it by hand" in found["delete"].text
