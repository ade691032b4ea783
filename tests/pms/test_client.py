"""The client of a Custom PMS, over real HTTP."""

from __future__ import annotations

import json
import logging
import pickle
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from requests import Session

from wave_pms_sync.deadline import until
from wave_pms_sync.errors import (
    BadAnswer,
    ConfigurationError,
    Conflict,
    DeadlineExceeded,
    NotFound,
    Refused,
    SyncError,
    Throttled,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from wave_pms_sync.http.pace import Unlimited
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.pms_sandbox import PmsSandbox
from wave_pms_sync.testing.server import Call, LoopbackServer, Reply

AT_ONCE = RetryPolicy(attempts=3, first_wait_s=0)
HTML = "<!doctype html><title>Log in</title>"


@pytest.fixture
def box() -> Iterator[PmsSandbox]:
    """A PMS of the default conventions."""
    with PmsSandbox(token="s3cret-token") as sandbox:
        yield sandbox


@pytest.fixture
def pms(box: PmsSandbox) -> Iterator[CustomPmsClient]:
    """A client of it that reads two rows a page and repeats without waiting."""
    with CustomPmsClient(
        box.url, token=box.token, profile=PmsProfile.from_dict({"paging": {"size": 2}}), retry=AT_ONCE
    ) as client:
        yield client


def an_answer(body: object = None, **headers: str) -> dict[str, object]:
    """The details of a fault that answers with this JSON."""
    return {"body": json.dumps(body), "headers": {"Content-Type": "application/json", **headers}}


# --- construction


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"base_url": "pms.example.com"}, "base_url"),
        ({"base_url": None}, "base_url"),
        ({"base_url": "https://ada:s3cret@pms.example.com"}, "base_url"),
        ({"base_url": "https://pms.example.com/api?key=s3cret"}, "base_url"),
        ({"base_url": "https://pms.example.com/api#top"}, "base_url"),
        ({"base_url": "http://pms.example.com/api", "token": "s3cret"}, "base_url"),
        ({"base_url": "ftp://pms.example.com/api"}, "base_url"),
        ({"token": ""}, "token"),
        ({"token": "s3cret\n"}, "token"),
        ({"token": "s3cret", "auth": object()}, "auth"),
        ({"profile": {"page_size": 5}}, "profile"),
        ({"pace": 60}, "pace"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": float("inf")}, "timeout_s"),
        ({"timeout_s": float("nan")}, "timeout_s"),
        ({"timeout_s": True}, "timeout_s"),
        ({"timeout_s": "30"}, "timeout_s"),
        ({"max_concurrency": 0}, "max_concurrency"),
        ({"max_concurrency": 1.5}, "max_concurrency"),
        ({"user_agent": "s3cret\r\nX: y"}, "user_agent"),
        ({"user_agent": 5}, "user_agent"),
    ],
)
def test_an_argument_that_cannot_work(arguments: dict[str, object], fault: str) -> None:
    """An argument that cannot work is refused at construction, by its name and without its value."""
    with pytest.raises(ConfigurationError, match=fault) as caught:
        CustomPmsClient(**{"base_url": "https://pms.example.com/api", **arguments})

    assert "s3cret" not in f"{caught.value!r} {caught.value.faults}"


def test_all_faults_at_once() -> None:
    """Every argument that cannot work is named in one error."""
    with pytest.raises(ConfigurationError) as caught:
        CustomPmsClient("nowhere", token="", auth=object(), timeout_s=-1, max_concurrency=0)  # type: ignore[arg-type]

    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "base_url",
        "token",
        "token",
        "auth",
        "timeout_s",
        "max_concurrency",
    ]


@pytest.mark.parametrize("url", ["http://pms.example.com/api", "http://localhost/api", "http://[::1]:8000"])
def test_plain_http(url: str) -> None:
    """Plain HTTP reaches any place without credentials, and this machine with them."""
    assert CustomPmsClient(url).identity.startswith("http://")
    if "example" not in url:
        assert CustomPmsClient(url, token="t").identity.startswith("http://")


def test_nothing_is_sent_before_the_first_call(box: PmsSandbox) -> None:
    """Construction, questions, pickling and closing send nothing."""
    client = CustomPmsClient(box.url, token=box.token)

    pickle.loads(pickle.dumps(client)).close()  # noqa: S301  # our own bytes
    seen = (client.identity, client.abilities, client.profile, repr(client), client.customers(), client.pages())
    client.close()
    client.close()

    assert all(seen)
    assert (box.ledger.requests, client.requests) == (0, 0)


def test_two_spellings_are_one_account() -> None:
    """The identity is the normal form of the base URL and the resource, whatever the spelling and the token."""
    one = CustomPmsClient("https://PMS.example.com:443/api/", token="s3cret")
    two = CustomPmsClient("https://pms.example.com/api")

    assert one.identity == two.identity == "https://pms.example.com/api#/customers"


def test_a_repr_shows_the_base_url_only() -> None:
    """A repr shows where the client talks to, and no credentials."""
    assert repr(CustomPmsClient("https://x.org/api", token="s3cret")) == "CustomPmsClient('https://x.org/api')"


def test_a_profile_sets_the_pace(box: PmsSandbox) -> None:
    """Where the profile names a pace and the caller none, requests keep to the profile's."""
    profile = PmsProfile.from_dict({"pace": {"requests_per_minute": 60}})
    own = CustomPmsClient(box.url, token=box.token, profile=profile, pace=Unlimited())
    slow = CustomPmsClient(box.url, token=box.token, profile=profile)

    own.customers_by_id(["1", "2", "3"])
    slow.customer("1")
    with until(0.2), pytest.raises(DeadlineExceeded):
        slow.customer("2")

    assert (own.requests, slow.requests) == (3, 1)


def test_abilities_follow_the_profile() -> None:
    """What the profile says the API lacks, the client says it cannot."""
    bare = PmsProfile.from_dict(
        {
            "list": {"query": {"limit": "{limit}"}, "creation_order": False},
            "record": {"archived": "", "marker": False},
            "create": {"headers": {}},
        }
    )

    full, none = CustomPmsClient("https://x.org").abilities, CustomPmsClient("https://x.org", profile=bare).abilities

    assert (full.since, full.archive, full.repeat_key, full.marker, full.creation_order) == (True,) * 5
    assert (none.since, none.archive, none.repeat_key, none.marker, none.creation_order) == (False,) * 5
    assert full.bulk_read == 1
    assert full.request_timeout_s == 2 * 30


# --- listing


def test_pages_follow_the_cursor(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A listing is read page by page to the stated end, with the server's time."""
    ids = [box.add({"name": f"Customer {number}"}) for number in range(5)]

    pages = list(pms.pages())

    assert [[record.id for record in page.records] for page in pages] == [ids[:2], ids[2:4], ids[4:]]
    assert [page.last for page in pages] == [False, False, True]
    assert all(page.server_time is not None and page.total is None for page in pages)
    assert pms.requests == box.ledger.requests == 3


def test_customers_are_fetched_as_needed(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """Iterating over customers fetches a page when its first record is asked for."""
    for number in range(5):
        box.add({"name": f"Customer {number}"})

    customers = pms.customers()
    unsent = box.ledger.requests
    first = next(customers)

    assert (unsent, first.payload["name"], box.ledger.requests) == (0, "Customer 0", 1)


def test_only_what_changed(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A listing since a moment shows what changed at or after it, and nothing else."""
    old, new = box.add({"name": "Old"}), box.add({"name": "New"})
    box.clock.advance(60)
    box.edit(new, {"name": "Newer"})
    moment = pms.customer(new).modified_at

    listed = [record.id for record in pms.customers(modified_after=moment)]

    assert listed == [new]
    assert old not in listed


def test_a_customer_comes_once(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A record that slid to a second page is given once by iterating, and twice by the pages, which hide nothing."""
    ids = [box.add({"name": f"Customer {number}"}) for number in range(4)]
    box.faults.add(Fault.DUPLICATE_ROW, times=2)

    listed = [record.id for record in pms.customers()]
    shown = [record.id for page in pms.pages() for record in page.records]

    assert listed == ids
    assert sorted(shown) == sorted([*ids, ids[1]])


def test_what_changed_where_the_api_cannot_filter(box: PmsSandbox) -> None:
    """Without a since-filter everything is listed, and iterating gives what changed."""
    box.add({"name": "Old"})
    box.clock.advance(60)
    new = box.add({"name": "New"})
    with CustomPmsClient(box.url, token=box.token, profile=PmsProfile.from_dict({"list": {"query": {}}})) as client:
        moment = client.customer(new).modified_at

        listed = [record.id for record in client.customers(moment)]
        shown = [record.id for page in client.pages(moment) for record in page.records]

    assert listed == [new]
    assert len(shown) == 2


def test_f07_a_listing_in_a_circle(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A cursor that was there before ends the listing, even where the pages differ."""
    for number in range(6):
        cursor = ("a", "b")[number % 2]
        box.faults.add(Fault.ANSWER, on="list", **an_answer({"items": [{"id": number}], "next_cursor": cursor}))

    pages = list(pms.pages())

    assert ["".join(record.id for record in page.records) for page in pages] == ["0", "1", "2"]
    assert not any(page.last for page in pages)


def test_a_moment_without_a_zone_is_refused_at_once(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A naive moment raises when the listing is asked for, before anything is sent."""
    with pytest.raises(ConfigurationError, match="modified_after"):
        pms.customers(datetime(2026, 3, 1))  # noqa: DTZ001  # the point of the test

    assert box.ledger.requests == 0


def test_f07_a_page_that_comes_again_ends_the_listing(
    box: PmsSandbox, pms: CustomPmsClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the API gives its last page for ever, the listing ends incomplete, with a warning and no row twice."""
    ids = [box.add({"name": f"Customer {number}"}) for number in range(3)]
    box.faults.add(Fault.LAST_PAGE_REPEATED)

    with caplog.at_level(logging.WARNING, logger="wave_pms_sync.pms"):
        pages = list(pms.pages())

    assert [record.id for page in pages for record in page.records] == ids
    assert not any(page.last for page in pages)
    assert "incomplete" in caplog.text


def test_f07_an_only_page_that_comes_again(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A single page that refers to itself ends the listing incomplete."""
    box.add({"name": "Ada"})
    box.faults.add(Fault.LAST_PAGE_REPEATED)

    pages = list(pms.pages())

    assert [(len(page.records), page.last) for page in pages] == [(1, False)]


def test_an_empty_page_that_goes_on_is_no_end(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """An empty page with a cursor, where there is somebody, is neither the end nor a reason to go on for ever."""
    body = {"items": [], "next_cursor": "again", "total": 1}
    box.faults.add(Fault.ANSWER, on="list", times=None, **an_answer(body))

    pages = list(pms.pages())

    assert [(page.records, page.last) for page in pages] == [((), False)]


@pytest.mark.parametrize("body", ["{}", "[]", '{"items": null}', '{"data": []}', HTML, ""])
def test_f15_f69_a_listing_that_is_none(box: PmsSandbox, pms: CustomPmsClient, body: str) -> None:
    """A success that is no list raises and says where to look; it is never an empty account."""
    box.faults.add(Fault.ANSWER, on="list", times=None, body=body)

    with pytest.raises(BadAnswer, match="check the base URL"):
        list(pms.customers())


def test_a_listing_at_the_wrong_address(box: PmsSandbox) -> None:
    """A base URL without the collection raises NotFound and says what to check."""
    with CustomPmsClient(f"{box.url}/v2", token=box.token) as client, pytest.raises(NotFound, match="base URL"):
        next(client.customers())


def test_f70_f71_reads_are_repeated(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A read goes on after being throttled, failed or lost, and each attempt is counted."""
    box.add({"name": "Ada"})
    box.faults.add(Fault.THROTTLED, retry_after=0)
    box.faults.add(Fault.BAD_GATEWAY)

    found = [record.payload["name"] for record in pms.customers()]

    assert found == ["Ada"]
    assert pms.requests == box.ledger.requests == 3


def test_reads_give_up(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A read that keeps failing raises what it failed of, with its facts."""
    box.faults.add(Fault.ANSWER, on="list", times=None, status=503, headers={"X-Request-Id": "r-1"})

    with pytest.raises(Unreachable) as caught:
        list(pms.pages())

    assert (caught.value.side, caught.value.operation, caught.value.request_id) == ("pms", "list_customers", "r-1")
    assert box.ledger.requests == 3


def test_a_throttled_read_says_how_long_to_wait(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A wait longer than the call may last raises at once, with the seconds asked for."""
    box.faults.add(Fault.THROTTLED, times=None, retry_after=3600)

    with pytest.raises(Throttled) as caught:
        list(pms.pages())

    assert (caught.value.retry_after_s, box.ledger.requests) == (3600, 1)


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.FORBIDDEN])
def test_f74_credentials_that_are_not_accepted(box: PmsSandbox, pms: CustomPmsClient, fault: Fault) -> None:
    """Refused credentials are nobody's record's fault, in reads and writes alike."""
    box.faults.add(fault, times=None)

    for call in (lambda: list(pms.pages()), lambda: pms.customer("1"), lambda: pms.create_customer({"name": "Ada"})):
        with pytest.raises(Unauthorized) as caught:
            call()

        assert box.token not in f"{caught.value} {caught.value!r} {caught.value.__dict__}"


# --- one record


def test_a_record_has_the_version_of_its_etag(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A single read carries a version; a listed row carries none."""
    ada = box.add({"name": "Ada"})

    assert pms.customer(ada).version is not None
    assert next(pms.customers()).version is None


@pytest.mark.parametrize("record_id", ["0", "a/b", "ü ?#", "..", "../customers", "50%", "a+b&c=d"])
def test_ids_are_opaque(box: PmsSandbox, pms: CustomPmsClient, record_id: str) -> None:
    """Any id reaches the record of that id and no other; one that no path can hold finds nothing."""
    if record_id != "..":
        box.add({"name": "Ada"}, customer_id=record_id)
    box.add({"name": "Grace"})

    found = pms.customer(record_id)

    assert (found and found.id) == (None if record_id == ".." else record_id)


def test_f80_deleting_by_an_id_that_is_none_deletes_nothing(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """Deleting under an empty or dotted id is success without a request: there is no such record."""
    box.add({"name": "Ada"})

    for record_id in ("", ".", ".."):
        pms.delete_customer(record_id)

    assert (len(box.customers), box.ledger.requests) == (1, 0)


def test_several_by_id_cost_one_request_each(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """Reading by id sends one request for each different id."""
    ada = box.add({"name": "Ada"})

    found = pms.customers_by_id([ada, "nobody", ada])

    assert {record_id: record is not None for record_id, record in found.items()} == {ada: True, "nobody": False}
    assert box.ledger.requests == 2


def test_a_redirect_is_not_followed(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A redirected read says so instead of taking the token elsewhere."""
    box.faults.add(Fault.REDIRECT, times=None, location="https://elsewhere.example.org/")

    with pytest.raises(BadAnswer, match="redirect"):
        pms.customer("1")

    assert box.ledger.requests == 1


# --- writes


@pytest.mark.parametrize(
    "fault",
    [Fault.SERVER_ERROR, Fault.BAD_GATEWAY, Fault.REDIRECT, Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.CUT_JSON],
)
@pytest.mark.parametrize("operation", ["create", "update", "archive"])
def test_f61_f71_f84_a_write_without_a_clear_word(
    box: PmsSandbox, pms: CustomPmsClient, fault: Fault, operation: str
) -> None:
    """A write that may have been carried out raises UnknownOutcome and is sent once."""
    ada = box.add({"name": "Ada"})
    details = {"status": 303} if fault is Fault.REDIRECT else {}
    box.faults.add(fault, on=operation, times=None, **details)
    calls = {
        "create": lambda: pms.create_customer({"name": "Grace"}, repeat_key="k"),
        "update": lambda: pms.update_customer(ada, {"name": "Ada L."}),
        "archive": lambda: pms.archive_customer(ada),
    }

    with pytest.raises(UnknownOutcome) as caught:
        calls[operation]()

    assert caught.value.executed
    assert caught.value.operation == f"{operation}_customer"
    assert box.ledger.count(operation) == 1


def test_f72_a_server_that_is_not_there(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """Where no connection is made a write was certainly not carried out."""
    box.stop()

    with pytest.raises(Unreachable) as caught:
        pms.create_customer({"name": "Ada"})

    assert not caught.value.executed


def test_f70_a_throttled_write_is_repeated(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A write that was throttled is sent again, since it was not carried out."""
    box.faults.add(Fault.THROTTLED, on="create", retry_after=0)

    made = pms.create_customer({"name": "Ada"})

    assert list(box.customers) == [made.id]
    assert (box.ledger.count("create"), box.ledger.creates) == (2, 1)


def test_f82_a_duplicate_is_a_conflict(pms: CustomPmsClient) -> None:
    """A create that the API declines as a duplicate raises Conflict; nothing was made."""
    with PmsSandbox(unique_email=True) as box, CustomPmsClient(box.url, token=box.token) as client:
        client.create_customer({"name": "Ada", "email": "ada@example.org"})

        with pytest.raises(Conflict) as caught:
            client.create_customer({"name": "Ada", "email": "ADA@example.org"})

        assert not caught.value.executed
        assert len(box.customers) == 1


def test_f67_a_refused_write_names_its_fields(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A refusal raises Refused with the fields in the API's names; a second attempt is not made."""
    box.faults.add(Fault.REFUSED, on="create", times=None, field="email", code="odd", message="ada@x is odd")

    with pytest.raises(Refused) as caught:
        pms.create_customer({"name": "Ada", "email": "ada@x"})

    assert [(fault.path, fault.code, fault.message) for fault in caught.value.faults] == [
        ("email", "odd", "ada@x is odd")
    ]
    assert "ada@x" not in f"{caught.value} {caught.value!r} {caught.value.faults!r}"
    assert box.ledger.count("create") == 1


def test_a_create_that_answers_nothing_is_read_again(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A create without a record in its answer is read under the id that Location names, with its version."""
    box.faults.add(Fault.EMPTY_BODY, on="create")

    made = pms.create_customer({"name": "Ada"})

    assert (made.payload["name"], made.version is not None, box.ledger.requests) == ("Ada", True, 2)


def test_a_create_that_names_no_id_is_unknown(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A create answered with nothing at all leaves open as which record it was made."""
    box.faults.add(Fault.ANSWER, on="create", status=201, body="", executed=True)

    with pytest.raises(UnknownOutcome):
        pms.create_customer({"name": "Ada"})

    assert box.ledger.creates == 1


def test_an_id_alone_is_no_record(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A write answered with nothing but the id is read again."""
    ada = box.add({"name": "Ada"})
    box.faults.add(Fault.ANSWER, on="update", executed=True, **an_answer({"id": ada}))

    after = pms.update_customer(ada, {"name": "Ada L."})

    assert after.payload["name"] == "Ada L."


@pytest.mark.parametrize(("body", "status"), [("", 204), ("null", 200), ('{"ok": true}', 200), ('{"id": "x"}', 200)])
def test_an_update_that_shows_nothing_is_read_again(
    box: PmsSandbox, pms: CustomPmsClient, body: str, status: int
) -> None:
    """An update without the record in its answer is read again, with its version."""
    ada = box.add({"name": "Ada"})
    box.faults.add(Fault.ANSWER, on="update", executed=True, body=body, status=status)

    after = pms.update_customer(ada, {"name": "Ada L."})

    assert (after.id, after.payload["name"], after.version is not None) == (ada, "Ada L.", True)


def test_a_silent_update_of_nothing_is_not_found(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """An API that accepts the update of a missing record changed nothing, and that is said."""
    box.faults.add(Fault.ANSWER, on="update", status=204)

    with pytest.raises(NotFound) as caught:
        pms.update_customer("nobody", {"name": "Ada"})

    assert (caught.value.record_id, caught.value.operation) == ("nobody", "update_customer")


def test_f77_a_created_record_that_is_not_shown_yet_is_unknown(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A create whose record cannot be read yet is unknown, with the id that is known."""
    box.faults.add(Fault.EMPTY_BODY, on="create")
    box.faults.add(Fault.ANSWER, on="one", times=None, status=404)

    with pytest.raises(UnknownOutcome) as caught:
        pms.create_customer({"name": "Ada"})

    assert [caught.value.record_id] == list(box.customers)


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.UNAUTHORIZED, Fault.CUT_JSON, Fault.LOST_BEFORE])
def test_a_write_that_cannot_be_read_again_is_unknown(box: PmsSandbox, pms: CustomPmsClient, fault: Fault) -> None:
    """A write is done even where reading its result fails; the error never says otherwise."""
    ada = box.add({"name": "Ada"})
    box.faults.add(Fault.EMPTY_BODY, on="update")
    box.faults.add(fault, on="one", times=None)

    with pytest.raises(UnknownOutcome) as caught:
        pms.update_customer(ada, {"name": "Ada L."})

    assert isinstance(caught.value.__cause__, SyncError)
    assert box.customers[ada]["name"] == "Ada L."


def test_f78_what_moved_on_is_a_conflict(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """Whatever is written on the strength of an older version is declined, and nothing changes."""
    seen = pms.customer(box.add({"name": "Ada"}))
    box.edit(seen.id, {"name": "Ada L."})

    for write in (
        lambda: pms.update_customer(seen.id, {"name": "Lost"}, seen=seen),
        lambda: pms.archive_customer(seen.id, seen=seen),
        lambda: pms.delete_customer(seen.id, seen=seen),
    ):
        with pytest.raises(Conflict):
            write()

    assert (box.customers[seen.id]["name"], box.customers[seen.id]["archived"]) == ("Ada L.", False)


def test_a_version_that_is_demanded(box: PmsSandbox) -> None:
    """Where the API demands a version, an update with one succeeds, and one without says which setting sends it."""
    with PmsSandbox(require_if_match=True) as strict, CustomPmsClient(strict.url, token=strict.token) as client:
        seen = client.create_customer({"name": "Ada"})

        with pytest.raises(ConfigurationError, match=r"record\.version_demanded: the PMS demands"):
            client.update_customer(seen.id, {"name": "Lost"})
        after = client.update_customer(seen.id, {"name": "Ada L."}, seen=seen)

        assert after.version not in {None, seen.version}


def test_f80_a_deletion_of_what_is_gone(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """Deleting what is already gone is success, whether the API says 404 or 410."""
    box.faults.add(Fault.ANSWER, on="delete", status=410, times=1, record="gone")

    pms.delete_customer("gone")
    pms.delete_customer("never")

    assert box.ledger.count("delete") == 2


def test_a_deletion_of_what_is_gone_that_is_called_a_conflict(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """Where the API says 409 to a second deletion, the record is looked for: one that is gone is deleted."""
    ada = box.add({"name": "Ada"})
    box.faults.add(Fault.ANSWER, on="delete", status=409, times=None)

    pms.delete_customer("gone")

    with pytest.raises(Conflict):
        pms.delete_customer(ada)


def test_f81_a_deletion_that_is_refused(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A refused deletion raises, and is not taken for done."""
    ada = box.add({"name": "Ada"})
    box.faults.add(Fault.REFUSED, on="delete", code="has_invoices")

    with pytest.raises(Refused):
        pms.delete_customer(ada)

    assert ada in box.customers


def test_archiving_a_missing_record(pms: CustomPmsClient) -> None:
    """Archiving what is not there raises NotFound."""
    with pytest.raises(NotFound):
        pms.archive_customer("nobody")


# --- the client as a thing


def test_each_request_says_who_asks_and_shows_the_token() -> None:
    """Each request carries the names of library and application and the token; a session of yours is not changed."""
    calls: list[Call] = []
    session = Session()
    before = dict(session.headers)

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(status=404)

    server = LoopbackServer()
    server.start(answer)
    with CustomPmsClient(server.origin, token="s3cret", user_agent="books/2.0", session=session) as client:
        client.customer("1")
        client.delete_customer("1")
    server.stop()
    session.close()

    assert [call.headers["authorization"] for call in calls] == ["Bearer s3cret"] * 2
    assert all(call.headers["user-agent"].startswith("wave-pms-sync/") for call in calls)
    assert all(call.headers["user-agent"].endswith(" books/2.0") for call in calls)
    assert dict(session.headers) == before


def test_a_closed_client_opens_again(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """Closing lets go of connections; the next call opens new ones."""
    ada = box.add({"name": "Ada"})
    pms.customer(ada)

    pms.close()
    pms.close()

    assert pms.customer(ada) is not None


def test_no_more_than_allowed_at_once(box: PmsSandbox) -> None:
    """Threads that share a client never have more requests under way than it allows."""
    box.faults.add(Fault.LATENCY, seconds=0.02)
    with CustomPmsClient(box.url, token=box.token, max_concurrency=2, pace=Unlimited()) as client:
        threads = [threading.Thread(target=client.customer, args=(str(number),)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert (box.ledger.requests, client.requests, box.ledger.most_at_once) == (8, 8, 2)


def test_f107_no_secret_leaves_the_client(
    box: PmsSandbox, pms: CustomPmsClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither logs nor errors nor reprs show the token or a customer's values."""
    box.faults.add(Fault.THROTTLED, on="list", retry_after=0)
    box.faults.add(Fault.REFUSED, on="create", field="email", message="canary@example.org is taken")
    told: list[object] = [pms]

    with caplog.at_level(logging.DEBUG):
        told += list(pms.customers())
        with pytest.raises(Refused) as caught:
            pms.create_customer({"name": "Canary", "email": "canary@example.org"})
        told.append(pms.create_customer({"name": "Canary", "email": "canary@example.org"}))

    logged = [entry.getMessage() for entry in caplog.records if entry.name.startswith("wave_pms_sync")]
    shown = f"{told!r} {caught.value} {caught.value!r} {logged}"
    assert logged
    assert "s3cret-token" not in shown
    assert "anary" not in shown


def test_stamps_are_utc(box: PmsSandbox, pms: CustomPmsClient) -> None:
    """A record's stamps are aware and in UTC, as the API gave them."""
    moment = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=2)))

    found = pms.customer(box.add({"name": "Ada"}, created_at=moment))

    assert (found.created_at, found.modified_at) == (moment, moment)
    assert found.created_at.tzinfo is timezone.utc
