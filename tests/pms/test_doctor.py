"""The doctor tries a profile against a live API."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import pytest

from wave_pms_sync.findings import Finding, Findings, Verdict
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.trial import _is_empty
from wave_pms_sync.pms.trial_others import shows
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.pms_sandbox import PmsSandbox
from wave_pms_sync.testing.pms_traps import PmsTraps
from wave_pms_sync.testing.server import Call

ONCE = RetryPolicy(attempts=1)


@pytest.fixture
def box() -> Iterator[PmsSandbox]:
    """A PMS of the default conventions."""
    with PmsSandbox() as sandbox:
        yield sandbox


def checked(box: PmsSandbox, *, write: bool = False, **settings: object) -> dict[str, Finding]:
    """What the doctor finds, by subject."""
    with CustomPmsClient(box.url, token=box.token, profile=PmsProfile.from_dict(settings), retry=ONCE) as client:
        return {finding.subject: finding for finding in client.check(write=write)}


def wrong(found: dict[str, Finding]) -> dict[str, str]:
    """The setting to look at, by what was called wrong."""
    return {subject: finding.key for subject, finding in found.items() if finding.verdict is Verdict.WRONG}


def test_a_healthy_api(box: PmsSandbox) -> None:
    """An API that does what the profile says is found to work in every respect."""
    for name in ("Ada", "Grace", "Mary"):
        box.add({"name": name})

    found = checked(box, paging={"size": 2})

    assert {finding.verdict for finding in found.values()} == {Verdict.WORKS}
    assert list(found) == [
        "reachable",
        "credentials",
        "listing",
        "pages",
        "times in `created_at`",
        "times in `updated_at`",
        "one record",
        "version",
        "missing record",
        "since-filter",
    ]


def test_it_only_reads(box: PmsSandbox) -> None:
    """The doctor writes nothing and needs few requests."""
    box.add({"name": "Ada"})

    checked(box)

    assert (box.ledger.writes, box.ledger.requests) == (0, 7)


def test_an_empty_account(box: PmsSandbox) -> None:
    """Without a customer, what needs one is assumed and not called wrong."""
    found = checked(box)

    assumed = {subject for subject, finding in found.items() if finding.verdict is Verdict.ASSUMED}
    times = {"times in `created_at`", "times in `updated_at`"}
    assert assumed == {"credentials", "pages", *times, "one record", "since-filter"}


def test_a_server_that_is_not_there(box: PmsSandbox) -> None:
    """Where nobody answers, that is all there is to say."""
    box.stop()

    found = checked(box)

    assert [(finding.subject, finding.verdict) for finding in found.values()] == [("reachable", Verdict.WRONG)]


@pytest.mark.parametrize(
    ("fault", "subject"),
    [
        ({"kind": Fault.UNAUTHORIZED}, "credentials"),
        ({"kind": Fault.FORBIDDEN}, "credentials"),
        ({"kind": Fault.ANSWER, "body": "<html>"}, "listing"),
        ({"kind": Fault.ANSWER, "body": "{}"}, "listing"),
        ({"kind": Fault.ANSWER, "status": 404}, "listing"),
        ({"kind": Fault.ANSWER, "status": 400}, "listing"),
    ],
)
def test_a_listing_that_fails(box: PmsSandbox, fault: dict[str, object], subject: str) -> None:
    """An API that answers, but with no list, is reachable; what is wrong is named."""
    box.faults.add(times=None, **fault)

    found = checked(box)

    assert {subject: finding.verdict for subject, finding in found.items()} == {
        "reachable": Verdict.WORKS,
        subject: Verdict.WRONG,
    }


@pytest.mark.parametrize(
    ("auth", "given", "words"),
    [
        ({}, {}, "; the client was given no token"),
        ({"headers": {"X-Key": "{key}"}}, {}, "; the client was given no secrets.key"),
        ({}, {"token": "wrong"}, ""),
    ],
)
def test_secrets_that_nobody_gave(box: PmsSandbox, auth: dict[str, object], given: dict[str, str], words: str) -> None:
    """Where credentials are refused and none were given, the secrets that the profile asks for are named."""
    with CustomPmsClient(box.url, profile=PmsProfile.from_dict({"auth": auth}), retry=ONCE, **given) as client:
        found = {finding.subject: finding for finding in client.check()}

    assert found["credentials"].verdict is Verdict.WRONG
    assert words in found["credentials"].text
    assert ("was given no" in found["credentials"].text) is bool(words)


@pytest.mark.parametrize(
    ("settings", "subject"),
    [
        ({"record": {"created": "made"}}, "times in `made`"),
        ({"list": {"query": {"changed_since": "{since}"}}}, "since-filter"),
    ],
)
def test_a_profile_that_is_wrong(box: PmsSandbox, settings: dict[str, object], subject: str) -> None:
    """A name in the profile that the API does not know is called wrong."""
    box.add({"name": "Ada"})

    assert checked(box, **settings)[subject].verdict is Verdict.WRONG


def test_an_api_without_a_since_filter(box: PmsSandbox) -> None:
    """Where the profile names no since-filter, none is tried."""
    assert checked(box, list={"query": {}})["since-filter"].verdict is Verdict.ASSUMED


def test_an_api_without_stamps(box: PmsSandbox) -> None:
    """Where the profile names no stamp, none is looked at."""
    box.add({"name": "Ada"})

    assert not [subject for subject in checked(box, record={"created": "", "updated": ""}) if "times" in subject]


def test_a_since_filter_that_hides_everything(box: PmsSandbox) -> None:
    """An unknown parameter that filters all rows away is called wrong."""
    box.add({"name": "Ada"})
    box.faults.add(Fault.EMPTY_LIST, on="list", skip=1, times=None)

    assert checked(box)["since-filter"].verdict is Verdict.WRONG


def test_a_list_of_deletions_is_no_list_of_changes() -> None:
    """Where deletions have a list of their own, an empty one does not make the since-filter wrong."""
    settings = {"deletions": {"path": "/gone"}}
    with PmsSandbox(profile=PmsProfile.from_dict(settings)) as box:
        box.add({"name": "Ada"})

        found = checked(box, **settings)
        other = checked(box, deletions={"path": "/deleted"})

    assert found["since-filter"].verdict is Verdict.WORKS
    assert found["list of deletions"].verdict is Verdict.WORKS
    assert "list of deletions" in wrong(other)


def test_the_key_of_a_row_is_its_id() -> None:
    """Rows that stand under their ids lack no id; where rows show a part and no record is there, the path is named."""
    settings = {"list": {"rows": "customers", "keyed": True, "query": {}}, "paging": {"next": ""}}
    with PmsSandbox(profile=PmsProfile.from_dict(settings)) as box:
        box.add({"name": "Ada"})

        found = checked(box, **settings)
        elsewhere = checked(
            box, **{**settings, "list": {**settings["list"], "partial": True}, "one_path": "/people/{id}"}
        )

    assert "rows" not in found
    assert wrong(elsewhere)["deleted customers"].endswith("or one_path")


def test_a_filter_that_misses_some() -> None:
    """A since-filter that shows only those who were ever updated was called honoured, and somebody new was doubled."""
    with PmsSandbox(traps=PmsTraps(stamp_when_created=False)) as box:
        box.edit(box.add({"name": "Ada"}), {"phone": "1"})
        box.add({"name": "Bo"})

        found = checked(box)["since-filter"]

    assert (found.verdict, found.key) == (Verdict.WRONG, "list.query")


@pytest.mark.parametrize("answer", [{"status": 404}, {"body": json.dumps({"id": "other"})}, {"body": "<html>"}])
def test_a_record_that_is_listed_but_not_read(box: PmsSandbox, answer: dict[str, object]) -> None:
    """A listed record that cannot be read by its id is called wrong."""
    box.add({"name": "Ada"})
    box.faults.add(Fault.ANSWER, on="one", **answer)

    assert checked(box)["one record"].verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"status": 400}, Verdict.ASSUMED),
        ({"status": 500}, Verdict.WRONG),
        ({"body": json.dumps({"id": "1"})}, Verdict.WRONG),
    ],
)
def test_a_missing_record(box: PmsSandbox, answer: dict[str, object], verdict: Verdict) -> None:
    """A missing record must be said to be missing; an id of a refused form proves nothing."""
    box.faults.add(Fault.ANSWER, on="one", times=None, **answer)

    assert checked(box)["missing record"].verdict is verdict


# --- what else a look at two pages, a record and its version tells


def row(number: int, **more: object) -> dict[str, object]:
    """A row of an API."""
    stamps = {"created_at": f"2026-03-0{number}T12:00:00Z", "updated_at": f"2026-03-0{number}T12:00:00Z"}
    return {"id": number, "name": "Ada", **stamps, **more}


@pytest.mark.parametrize(
    ("settings", "answer", "subject", "key"),
    [
        ({}, {"items": [row(1)], "total": 5}, "total", "list.total, paging or list.query"),
        ({"paging": {"size": 1}}, {"items": [row(1), row(2)]}, "page size", "list.query"),
        (
            {"list": {"query": {"page": "{page}"}}},
            lambda call: {"items": [row(1), row(2 if call.query["page"] == "1" else 3)]},
            "pages",
            "list.query",
        ),
        ({"list": {"query": {"limit": "{limit}"}}, "paging": {"size": 1}}, {"items": [row(1)]}, "pages", "paging"),
        ({}, {"items": [row(2), row(1)]}, "order", "list.creation_order"),
        (
            {"times": {"form": "iso", "zone": "America/New_York"}},
            (200, {"items": [row(1, updated_at="2026-03-02T09:00:00")]}, {"Date": "Mon, 02 Mar 2026 09:00:00 GMT"}),
            "times in `updated_at`",
            "times.zone",
        ),
        ({}, {"items": [row(1, updated_at="01.03.2026")]}, "times in `updated_at`", "record.updated or times.form"),
    ],
)
def test_what_the_listing_contradicts(api, settings: dict[str, object], answer: object, subject: str, key: str) -> None:
    """Totals, sizes, pages, order and times that contradict the profile are called wrong, with the setting."""
    api.answers["GET /customers"] = answer
    api.answers["GET /customers/1"] = api.answers["GET /customers/2"] = row(1)

    findings = api.client(settings).check()

    assert (subject, key) in {
        (finding.subject, finding.key) for finding in findings if finding.verdict is Verdict.WRONG
    }
    assert not findings.ok


def test_an_order_that_was_never_promised(api) -> None:
    """Rows in another order are no fault where the profile promises none."""
    api.answers["GET /customers"] = {"items": [row(2), row(1)]}
    api.answers["GET /customers/2"] = row(2)

    assert "order" not in {finding.subject for finding in api.client({"list": {"creation_order": False}}).check()}


def test_what_a_single_record_tells(api) -> None:
    """Rows that show less than single records are called wrong; versions seen or missed are pointed out."""
    api.answers["GET /customers"] = {"items": [row(9, deleted=True), row(1)]}
    api.answers["GET /customers/1"] = (200, row(1, email="ada@example.org"), {"ETag": '"1"'})

    seen = {finding.subject: finding for finding in api.client({"update": {"headers": {}}}).check()}
    api.answers["GET /customers/1"] = row(1)
    unseen = {finding.subject: finding for finding in api.client({}).check()}
    nothing = {finding.subject: finding for finding in api.client({"update": {"headers": {}}}).check()}

    assert seen["rows"].verdict is Verdict.WRONG
    assert "email" in seen["rows"].text
    assert (seen["version"].verdict, seen["version"].key) == (Verdict.ASSUMED, "update.headers")
    assert (unseen["version"].verdict, unseen["version"].key) == (Verdict.ASSUMED, "record.version")
    assert (nothing["version"].verdict, nothing["version"].key) == (Verdict.ASSUMED, "")
    assert "rows" not in unseen


@pytest.mark.parametrize(
    ("answer", "key"),
    [((403, None), "errors.missing"), ((204, None), "read.empty_is_missing"), (row(1), "read.path")],
)
def test_how_missing_records_are_answered(api, answer: object, key: str) -> None:
    """An API that says otherwise that a record is missing is found out, with the setting to change."""
    api.answers["GET /customers"] = {"items": [row(1)]}
    api.answers["GET /customers/1"] = row(1)
    api.answers["GET /customers/wave-pms-sync-no-such-customer"] = answer

    found = {finding.subject: finding for finding in api.client({}).check()}

    assert (found["missing record"].verdict, found["missing record"].key) == (Verdict.WRONG, key)


def test_everything_at_once_is_assumed(api) -> None:
    """An API without pages is believed to have none."""
    api.answers["GET /customers"] = {"items": [row(1)]}

    found = {finding.subject: finding for finding in api.client({"list": {"query": {}}}).check()}

    assert found["pages"].verdict is Verdict.ASSUMED


# --- writes


def test_a_trial_of_writes(box: PmsSandbox) -> None:
    """With leave to write, a test customer is made, changed, cleared and deleted, and nothing stays."""
    box.add({"name": "Ada"})

    found = checked(box, write=True)

    assert wrong(found) == {}
    assert {"create", "repeat key", "update", "clear", "version", "delete"} <= found.keys()
    assert {found[subject].verdict for subject in ("create", "repeat key", "update", "clear", "delete")} == {
        Verdict.WORKS
    }
    assert [customer["name"] for customer in box.customers.values()] == ["Ada"]
    assert box.ledger.creates == 1


def test_a_new_customer_that_is_listed_as_deleted(box: PmsSandbox) -> None:
    """In an empty account, flags the wrong way round show with the test customer: it is listed as a deleted one."""
    flags = {"deleted": "external_id", "deleted_values": ["wave-pms-sync-test"]}

    found = checked(box, write=True, record=flags)

    assert found["new customer"].verdict is Verdict.WRONG
    assert not box.customers


def test_a_new_customer_in_a_long_listing(api) -> None:
    """Where the listing is too long to look for the test customer, that is assumed."""
    Forgetful(api, "")
    api.answers["GET /customers/9"] = (200, ADA, {"ETag": '"1"'})

    def answer(call: Call) -> object:
        start = int(call.query.get("cursor", 9))
        ahead = call.query.get("updated_since", "") > "2900"
        return {"items": [] if ahead else [{**ADA, "id": start}], "next_cursor": str(start + 1)}

    api.answers["GET /customers"] = answer

    found = {finding.subject: finding for finding in api.client({}).check(write=True)}

    assert found["new customer"].verdict is Verdict.ASSUMED


def test_the_test_customer_is_the_users_choice(box: PmsSandbox) -> None:
    """The test customer holds what the user says."""
    with CustomPmsClient(box.url, token=box.token, retry=ONCE) as client:
        findings = client.check(write=True, values={"name": "Probe"})

    assert findings.ok
    assert [f.verdict for f in findings if f.subject == "clear"] == [Verdict.ASSUMED]


def test_nothing_is_written_while_reading_fails(box: PmsSandbox) -> None:
    """A profile that reading contradicts is not tried by writing, and that is said."""
    box.faults.add(Fault.ANSWER, on="list", times=None, body="{}")

    found = checked(box, write=True)

    assert box.ledger.writes == 0
    assert found["writes"].text.startswith("not tried: create")
    assert "writes" not in checked(box)


def test_no_mark_where_the_profile_knows_none(box: PmsSandbox) -> None:
    """A PMS without a text field for the Wave id is sent none by the test customer."""
    box.faults.add(Fault.REFUSED, on="create", field="external_id", times=None)

    assert wrong(checked(box, write=True, record={"marker": False})) == {}
    assert "create" in wrong(checked(box, write=True))


@pytest.mark.parametrize(("hidden", "verdict"), [(1, Verdict.ASSUMED), (2, Verdict.WRONG)])
def test_a_new_customer_that_is_not_listed(box: PmsSandbox, hidden: int, verdict: Verdict) -> None:
    """A test customer that is read by its id, but never listed, is called wrong; one that is listed late is not."""
    box.faults.add(Fault.EMPTY_LIST, on="list", skip=3, times=hidden)  # the doctor has listed thrice before

    assert checked(box, write=True, list={"query": {"cursor": "{cursor}"}})["new customer"].verdict is verdict


@pytest.mark.parametrize(
    ("fault", "subject", "key"),
    [
        ({"kind": Fault.REFUSED, "on": "create", "field": "name"}, "create", "create"),
        ({"kind": Fault.REFUSED, "on": "update", "field": "name"}, "update", "update"),
        ({"kind": Fault.REFUSED, "on": "delete"}, "delete", ""),
    ],
)
def test_a_write_that_is_refused(box: PmsSandbox, fault: dict[str, object], subject: str, key: str) -> None:
    """A refused write is called wrong with what the API said, and what was made is deleted or named."""
    box.faults.add(times=None, **fault)

    found = checked(box, write=True)

    assert wrong(found)[subject] == key
    if subject == "delete":
        assert "by hand" in found["delete"].text
    else:
        assert not box.customers


def test_versions_that_are_ignored() -> None:
    """An API that carries out the update of an older version is found out."""
    with PmsSandbox(etags=False) as box:
        assert checked(box, write=True)["version"].verdict is Verdict.ASSUMED


class Forgetful:
    """An API that does one thing wrong."""

    def __init__(self, api, fault: str) -> None:
        self.rows: dict[str, dict[str, object]] = {}
        self.fault = fault
        self.count = 0
        api.answers["GET /customers"] = self.list
        api.answers["POST /customers"] = self.create
        for number in range(1, 5):
            api.answers[f"GET /customers/{number}"] = self.read
            api.answers[f"PATCH /customers/{number}"] = self.update
            api.answers[f"DELETE /customers/{number}"] = self.delete

    def list(self, call: Call) -> object:
        """All rows, or none for a date far ahead."""
        ahead = call.query.get("updated_since", "") > "2900"
        return {"items": [] if ahead or (self.fault == "late" and self.count) else [ADA, *self.rows.values()]}

    def create(self, call: Call) -> object:
        """A new row for each request."""
        if self.count and self.fault == "declines":
            return 409, None
        self.count += 1
        values = {} if self.fault == "drops" else json.loads(call.body)
        self.rows[str(self.count)] = {**ADA, "email": None, **values, "id": self.count, "v": 1}
        return 201, {**self.rows[str(self.count)], "id": 4 if self.fault == "misnames" else self.count}

    def read(self, call: Call) -> object:
        """The row."""
        held = self.rows.get(call.path[-1])
        return (404, None) if held is None else (200, held, {"ETag": f'"{held["v"]}"'})

    def update(self, call: Call) -> object:
        """The row changed, or not."""
        held, values = self.rows[call.path[-1]], json.loads(call.body)
        if self.fault == "keeps" or (self.fault == "never clears" and None in values.values()):
            values = {}
        if self.fault == "loses":
            held["email"] = None
        if self.fault == "moves" and values:
            held["updated_at"] = "2026-03-02T12:00:00Z"
        held.update(values, v=int(str(held["v"])) + 1)
        return held

    def delete(self, call: Call) -> object:
        """The row gone, or not."""
        if self.fault != "undead":
            self.rows.pop(call.path[-1], None)
        return 204, None


ADA = {"id": 9, "name": "Ada", "created_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z"}


@pytest.mark.parametrize(
    ("fault", "subject", "verdict", "key"),
    [
        ("drops", "create", Verdict.WRONG, "create.body or record.marker"),
        ("misnames", "create", Verdict.WRONG, "create.id or one_path"),
        ("repeats", "repeat key", Verdict.WRONG, "create.headers"),
        ("declines", "repeat key", Verdict.WRONG, "create.headers"),
        ("late", "since-filter", Verdict.ASSUMED, "list.since_includes"),
        ("keeps", "update", Verdict.WRONG, "update.body or update.method"),
        ("loses", "update", Verdict.WRONG, "update.replaces"),
        ("stamps", "update", Verdict.ASSUMED, "record.updated"),
        ("never clears", "clear", Verdict.WRONG, "update.clear"),
        ("ignores versions", "version", Verdict.WRONG, "update.headers"),
        ("undead", "delete", Verdict.WRONG, "delete or record.deleted"),
    ],
)
def test_what_writes_contradict(api, fault: str, subject: str, verdict: Verdict, key: str) -> None:
    """Each thing that an API does otherwise than the profile says is found out, with the setting to change."""
    server = Forgetful(api, fault)
    api.answers["GET /customers/9"] = (200, ADA, {"ETag": '"1"'})

    findings = api.client({"list": {"total": ""}}).check(write=True)

    assert (subject, verdict, key) in {(f.subject, f.verdict, f.key) for f in findings}, str(findings)
    assert fault in {"undead", "misnames"} or not server.rows


def test_findings_print_as_lines() -> None:
    """Findings are a tuple that prints one line each, travels, and says whether all is well."""
    well = Findings([Finding("one record", Verdict.WORKS, "it is read")])
    ill = Findings([*well, Finding("listing", Verdict.WRONG, "no <rows>", "list.rows")])

    assert str(ill).splitlines() == ["works   one record: it is read", "wrong   listing: no <rows> -> list.rows"]
    assert "<td>wrong</td><td>listing</td><td>no &lt;rows&gt;</td><td>list.rows</td>" in ill._repr_html_()
    assert (well.ok, ill.ok, len(ill)) == (True, False, 2)
    assert pickle.loads(pickle.dumps(ill)) == ill  # noqa: S301  # our own bytes


def test_a_test_customer_of_nested_values(box: PmsSandbox) -> None:
    """Values may be objects: such a one is changed within, and one that keeps its names without values is cleared."""
    values = {"address": {"city": "Wien", "zip": "1010"}, "name": "Probe", "tags": {"raw": "x"}}
    with CustomPmsClient(box.url, token=box.token, profile=PmsProfile(), retry=ONCE) as client:
        found = {finding.subject: finding for finding in client.check(write=True, values=values)}

    assert wrong(found) == {}
    assert found["update"].verdict is found["clear"].verdict is Verdict.WORKS


@pytest.mark.parametrize(
    ("held", "written", "shown"),
    [
        ({"raw": "a", "rendered": "<p>a"}, {"raw": "a"}, True),
        ({"raw": "b", "rendered": "<p>a"}, {"raw": "a"}, False),
        ("a", {"raw": "a"}, False),
        (["a"], ["a"], True),
    ],
)
def test_what_shows_a_nested_value(held: object, written: object, shown: bool) -> None:
    """An object shows what was written if it holds that, whatever else it holds."""
    assert shows(held, written) is shown


@pytest.mark.parametrize(("value", "empty"), [(None, True), ({"raw": "", "at": None}, True), ({"raw": "a"}, False)])
def test_what_is_cleared(value: object, empty: bool) -> None:
    """A property is cleared that holds nothing, or an object of nothing."""
    assert _is_empty(value) is empty
