"""The doctor tries a profile against a live API."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import pytest

from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.doctor import Finding, Findings, Verdict
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.pms_sandbox import PmsSandbox

ONCE = RetryPolicy(attempts=1)


@pytest.fixture
def box() -> Iterator[PmsSandbox]:
    """A PMS of the default conventions."""
    with PmsSandbox() as sandbox:
        yield sandbox


def checked(box: PmsSandbox, **settings: object) -> dict[str, Finding]:
    """What the doctor finds, by subject."""
    with CustomPmsClient(box.url, token=box.token, profile=PmsProfile.from_dict(settings), retry=ONCE) as client:
        return {finding.subject: finding for finding in client.check()}


def test_a_healthy_api(box: PmsSandbox) -> None:
    """An API that does what the profile says is found to work in every respect."""
    box.add({"name": "Ada"})

    found = checked(box)

    assert {finding.verdict for finding in found.values()} == {Verdict.WORKS}
    assert list(found) == [
        "reachable",
        "credentials",
        "listing",
        "times in `created_at`",
        "times in `updated_at`",
        "one record",
        "missing record",
        "since-filter",
    ]


def test_it_only_reads(box: PmsSandbox) -> None:
    """The doctor writes nothing and needs few requests."""
    box.add({"name": "Ada"})

    checked(box)

    assert (box.ledger.writes, box.ledger.requests) == (0, 5)


def test_an_empty_account(box: PmsSandbox) -> None:
    """Without a customer, what needs one is assumed and not called wrong."""
    found = checked(box)

    assumed = {subject for subject, finding in found.items() if finding.verdict is Verdict.ASSUMED}
    assert assumed == {"times in `created_at`", "times in `updated_at`", "one record", "since-filter"}


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


def test_findings_print_as_lines() -> None:
    """Findings are a tuple that prints one line each, travels, and says whether all is well."""
    well = Findings([Finding("one record", Verdict.WORKS, "it is read")])
    ill = Findings([*well, Finding("listing", Verdict.WRONG, "no rows")])

    assert str(ill).splitlines() == ["works   one record: it is read", "wrong   listing: no rows"]
    assert (well.ok, ill.ok, len(ill)) == (True, False, 2)
    assert pickle.loads(pickle.dumps(ill)) == ill  # noqa: S301  # our own bytes
