"""The Wave client, against Wave on loopback."""

from __future__ import annotations

import logging
import pickle
import threading
from datetime import datetime, timedelta, timezone

import pytest
import requests

from wave_pms_sync.deadline import until
from wave_pms_sync.errors import (
    BadAnswer,
    ConfigurationError,
    DeadlineExceeded,
    NotFound,
    Refused,
    SyncError,
    Throttled,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from wave_pms_sync.http.auth import Bearer
from wave_pms_sync.http.oauth2 import OAuth2
from wave_pms_sync.http.pace import TokenBucket
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.server import LoopbackServer, Reply
from wave_pms_sync.wave.client import WaveClient
from wave_pms_sync.wave.settings import WaveSettings

FULL = {
    "name": "Ada Ltd",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "displayId": "A-1",
    "email": "ada@example.com",
    "phone": "1",
    "mobile": "2",
    "fax": "3",
    "tollFree": "4",
    "website": "https://example.com",
    "internalNotes": "näh \U0001f600",
    "currency": {"code": "USD"},
    "address": {
        "addressLine1": "1 King St",
        "addressLine2": "Floor 2",
        "city": "Toronto",
        "province": {"code": "CA-ON"},
        "country": {"code": "CA"},
        "postalCode": "M5H",
    },
    "shippingDetails": {
        "name": "Desk",
        "phone": "5",
        "instructions": "ring",
        "address": {"city": "Ottawa", "country": {"code": "CA"}},
    },
}
TORONTO = {"name": "Ada", "address": FULL["address"]}
MISSING = "QnVzaW5lc3M6eDtDdXN0b21lcjo5OTk="


def _shows(shown, values):
    """Whether a payload shows these values, with whatever beside them."""
    return all(
        _shows(shown.get(name) or {}, value) if isinstance(value, dict) else shown.get(name) == value
        for name, value in values.items()
    )


def _add(box, how_many):
    """Customers created a second apart, since creation order says nothing about ties."""
    start = datetime(2026, 11, 5, 12, tzinfo=timezone.utc)
    return [box.add({"name": f"C{n}"}, created_at=start + timedelta(seconds=n)) for n in range(how_many)]


# --- Building --------------------------------------------------------------------------------------


def test_all_faults_are_named_at_once():
    """Everything that cannot work is named when the client is built, and the token is not quoted."""
    with pytest.raises(ConfigurationError) as caught:
        WaveClient(
            token="s3cret token",
            business_id=" ",
            url="http://wave.example.com",
            page_size=201,
            timeout_s=0,
            max_concurrency=0,
            user_agent="a\nb",
        )

    names = [fault.partition(":")[0] for fault in caught.value.faults]
    assert names == ["token", "url", "page_size", "timeout_s", "max_concurrency", "business_id", "user_agent"]
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("given", [{}, {"token": "t", "auth": Bearer("t")}, {"token": ""}, {"token": None}])
def test_exactly_one_kind_of_credentials_is_needed(given):
    """Neither a token nor auth, both, or an empty token is a fault."""
    with pytest.raises(ConfigurationError, match="token: "):
        WaveClient(business_id="B1", **given)


@pytest.mark.parametrize(
    "wrong", [{"page_size": "9"}, {"timeout_s": "9"}, {"max_concurrency": 1.5}, {"business_id": 7}]
)
def test_wrong_types_are_faults(wrong):
    """A value of the wrong type is named like any other fault."""
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        WaveClient(**{"token": "t", "business_id": "B1", **wrong})


def test_a_client_may_be_built_to_find_its_business(make_box):
    """Without a business id the businesses can be listed, and what needs one says how to find it."""
    box = make_box(more_businesses=["Second Ltd"])
    client = WaveClient(token=box.token, url=box.url)

    found = client.businesses()

    assert [each["id"] for each in found] == list(box.business_ids)
    assert [each["name"] for each in found] == ["Sandbox Ltd", "Second Ltd"]
    for use in (lambda: client.identity, client.pages, client.customers, lambda: client.customer("1")):
        with pytest.raises(ConfigurationError, match=r"business_id: .*businesses"):
            use()


def test_all_pages_of_businesses_are_read(make_box):
    """However many businesses there are, all are listed."""
    box = make_box(more_businesses=[f"B{n}" for n in range(120)])

    assert len(WaveClient(token=box.token, url=box.url).businesses()) == 121


def test_building_sends_nothing(box, client):
    """Building a client, asking what it is and what it can do, and closing it send nothing."""
    facts = (client.identity, client.abilities, client.requests, repr(client), client.pages(), client.customers())
    client.close()

    assert facts[0] == f"{box.url}#{box.business_id}"
    assert box.ledger.requests == 0


def test_two_spellings_of_an_endpoint_are_one_account():
    """The identity does not change with the spelling of the address, and holds no secret."""
    urls = ["https://GQL.waveapps.com:443/graphql/public/", "https://gql.waveapps.com/graphql/public?key=s3cret"]

    identities = {WaveClient(token="s3cret", business_id="B1", url=url).identity for url in urls}

    assert identities == {"https://gql.waveapps.com/graphql/public#B1"}


def test_abilities_follow_from_the_settings():
    """Wave can list since a moment, cannot archive, mark or repeat; order and bulk follow the settings."""
    default = WaveClient(token="t", business_id="B1", timeout_s=10).abilities
    other = WaveClient(token="t", business_id="B1", settings=WaveSettings(sort=["NAME_ASC"], bulk_read=3)).abilities

    assert (default.since, default.creation_order, default.bulk_read) == (True, True, 20)
    assert (default.archive, default.marker, default.repeat_key) == (False, False, False)
    assert default.request_timeout_s == 2 * 10
    assert (other.creation_order, other.bulk_read) == (False, 3)


def test_the_default_pace_is_the_suspected_limit():
    """Without a limiter a client keeps to about one request a second, after a short burst."""
    client = WaveClient(token="t", business_id="B1")
    box_of_two = WaveClient(token="t", business_id="B1", pace=TokenBucket(6000, 2))

    assert repr(client._calls().caller.pace) == "TokenBucket(per_minute=60, burst=5)"
    assert repr(box_of_two._calls().caller.pace) == "TokenBucket(per_minute=6000, burst=2)"


def test_every_request_says_who_asks(make_box, make_client):
    """Requests carry the token and a User-Agent with the application's name, over a session of the user's."""
    box, seen = make_box(), []
    session = requests.Session()
    session.hooks["response"].append(lambda answer, **_: seen.append(dict(answer.request.headers)))

    list(make_client(box, session=session, user_agent="hotel/3").customers())

    assert seen[0]["Authorization"] == f"Bearer {box.token}"
    assert seen[0]["User-Agent"].startswith("wave-pms-sync/")
    assert seen[0]["User-Agent"].endswith(" hotel/3")


# --- Listing ---------------------------------------------------------------------------------------


def test_customers_are_listed_over_all_pages(box, client):
    """All customers are shown in order of creation, and every page has Wave's total and time."""
    ids = _add(box, 5)

    pages = list(client.pages())

    assert [record.id for page in pages for record in page.records] == ids
    assert [(page.total, page.last) for page in pages] == [(5, False), (5, False), (5, True)]
    assert all(abs(page.server_time - box.now()) < timedelta(seconds=60) for page in pages)
    assert [record.id for record in client.customers()] == ids


def test_pages_are_fetched_as_they_are_needed(box, client):
    """Customers who are not looked at cost nothing."""
    _add(box, 5)

    next(client.customers())

    assert box.ledger.requests == 1


def test_an_empty_account_has_one_page(client):
    """An account without customers is one page that says that it is the last."""
    (page,) = client.pages()

    assert (page.records, page.total, page.last) == ((), 0, True)


@pytest.mark.parametrize("inclusive", [True, False])
def test_a_listing_since_a_moment_holds_that_moment(make_box, make_client, inclusive):
    """A customer stamped exactly then is listed, whatever Wave does with equality; earlier ones are not shown."""
    box = make_box(filter_inclusive=inclusive)
    client = make_client(box)
    moment = datetime(2026, 11, 5, 12, tzinfo=timezone(timedelta(hours=2)))
    ids = [box.add({"name": f"C{n}"}, created_at=moment + timedelta(seconds=n)) for n in (-9, 0, 9)]

    assert [record.id for record in client.customers(modified_after=moment)] == ids[1:]
    assert {record.id for page in client.pages(moment) for record in page.records} >= set(ids[1:])


def test_the_dawn_of_time_is_a_moment(box, client):
    """A listing since the first moment there is shows everybody."""
    ada = box.add({"name": "Ada"})

    shown = list(client.customers(modified_after=datetime.min.replace(tzinfo=timezone.utc)))

    assert [record.id for record in shown] == [ada]


def test_a_moment_needs_a_zone(client):
    """A naive moment is refused at once, before the listing is begun."""
    with pytest.raises(ConfigurationError, match="modified_after"):
        client.pages(datetime(2026, 1, 1))  # noqa: DTZ001  # on purpose


def test_a_listing_that_never_ends_is_left(box, client):
    """A server that shows its last page for ever is left after one repetition, and the end is not stated."""
    _add(box, 3)
    box.faults.add(Fault.LAST_PAGE_REPEATED, times=None)

    pages = list(client.pages())

    assert len(pages) <= 4
    assert {record.id for page in pages for record in page.records} == set(box.customers)


def test_a_smaller_page_than_asked_for_is_no_end(box, client):
    """Page info is followed, not the number of rows."""
    ids = _add(box, 5)
    box.faults.add(Fault.PAGE_CAPPED, rows=1)

    assert [record.id for record in client.customers()] == ids


# --- Reading by id ---------------------------------------------------------------------------------


def test_one_customer_is_read(box, client):
    """A customer is read whole, with aware stamps; one who is not there is None."""
    ada = box.add(FULL)

    record = client.customer(ada)

    assert _shows(record.payload, FULL)
    assert record.created_at.utcoffset() == timedelta(0)
    assert record.payload["outstandingAmount"]["currency"] == {"code": "USD"}
    assert client.customer(MISSING) is None


def test_many_are_read_with_few_requests(box, make_client):
    """Customers are read several at a time, each once, and those who are not there are None."""
    ids = _add(box, 5)
    client = make_client(box, settings=WaveSettings(bulk_read=3))

    found = client.customers_by_id([*ids, MISSING, *ids])

    assert {key: record and record.id for key, record in found.items()} == {**{i: i for i in ids}, MISSING: None}
    assert (client.requests, client.customers_by_id([])) == (2, {})


def test_a_deleted_customer_who_can_be_read_is_archived(make_box, make_client):
    """Where Wave still shows a deleted customer, it counts as archived."""
    box = make_box(delete="readable")
    client = make_client(box)
    ada = box.add({"name": "Ada"})

    client.delete_customer(ada)

    assert client.customer(ada).archived


def test_a_business_that_cannot_be_seen_is_an_error(box, make_client):
    """A wrong business is never an empty account nor a missing customer; the error names it."""
    client = make_client(box, business_id="QnVzaW5lc3M6eA==")
    ada = box.add({"name": "Ada"})

    for use in (lambda: list(client.pages()), lambda: client.customer(ada), lambda: client.customer(MISSING)):
        with pytest.raises(NotFound, match="no business QnVzaW5lc3M6eA=="):
            use()


@pytest.mark.parametrize("code", [None, "NOT_FOUND"])
def test_a_business_that_turns_null_is_an_error(box, client, code):
    """A business that Wave suddenly shows as null is an error, not a deletion of everybody."""
    ada = box.add({"name": "Ada"})
    box.faults.add(Fault.NULL_BUSINESS, times=None, **({"code": code} if code else {}))

    for use in (lambda: list(client.pages()), lambda: client.customer(ada)):
        with pytest.raises(NotFound, match="no business"):
            use()


def test_partial_data_is_never_a_shorter_listing(box, client):
    """A customer whom Wave could not show makes the page an error."""
    box.add({"name": "Ada"})
    box.add({"name": "Grace"})
    box.faults.add(Fault.PARTIAL_DATA, times=None, code="SOMETHING")

    with pytest.raises(BadAnswer):
        list(client.pages())


# --- Writing ---------------------------------------------------------------------------------------


def test_a_customer_is_made(box, client):
    """A create sends read names, and returns the customer as Wave keeps it."""
    made = client.create_customer(FULL)

    assert _shows(made.payload, FULL)
    assert _shows(box.customers[made.id], FULL)
    assert (box.ledger.creates, client.requests) == (1, 1)


def test_what_was_read_can_be_written_back(box, client):
    """The writable properties of a payload, sent back as read, change nothing."""
    ada = client.customer(box.add(FULL))
    values = {name: ada.payload[name] for name in FULL}

    again = client.update_customer(ada.id, values, seen=ada)

    assert {**again.payload, "modifiedAt": None} == {**ada.payload, "modifiedAt": None}


def test_an_update_changes_what_is_given(box, client):
    """An update changes the properties given, clears those set to None, and returns what Wave then shows."""
    ada = box.add(FULL)

    after = client.update_customer(ada, {"email": "a@b.example", "phone": None})

    assert _shows(after.payload, {**FULL, "email": "a@b.example", "phone": None})
    assert client.requests == 1


@pytest.mark.parametrize("nested", ["replaced", "merged"])
@pytest.mark.parametrize("look", [True, False])
def test_a_part_of_an_address_leaves_the_others(make_box, make_client, nested, look):
    """Whether Wave replaces or merges an address, a part given changes only that part."""
    box = make_box(patch_nested=nested)
    client = make_client(box)
    ada = box.add(FULL)
    seen = client.customer(ada) if look else None

    client.update_customer(ada, {"address": {"city": "Ottawa"}, "shippingDetails": {"phone": None}}, seen=seen)

    shown = box.customers[ada]
    assert _shows(shown["address"], {**FULL["address"], "city": "Ottawa"})
    assert _shows(shown["shippingDetails"], {**FULL["shippingDetails"], "phone": None})
    assert client.requests == 2


@pytest.mark.parametrize("nested", ["replaced", "merged"])
def test_an_address_can_be_cleared(make_box, make_client, nested):
    """None for an address takes all of it away, whether Wave replaces or merges."""
    box = make_box(patch_nested=nested)
    ada = box.add(FULL)

    after = make_client(box).update_customer(ada, {"address": None, "shippingDetails": None})

    assert not any((after.payload["address"] or {}).values())
    assert not any((after.payload["shippingDetails"] or {}).values())


def test_a_text_may_have_to_be_cleared_by_an_empty_one(make_box, make_client):
    """Where Wave ignores null, the setting sends an empty text."""
    box = make_box(patch_null="ignored")
    ada = box.add(FULL)

    kept = make_client(box).update_customer(ada, {"phone": None})
    cleared = make_client(box, settings=WaveSettings(clear_with="")).update_customer(ada, {"phone": None})

    assert (kept.payload["phone"], cleared.payload["phone"] or None) == ("1", None)


def test_a_province_is_not_taken_to_another_country(box, client):
    """An update that would leave the old province in a new country is refused before it is sent."""
    ada = box.add(TORONTO)

    with pytest.raises(Refused, match=r"address\.province\.code"):
        client.update_customer(ada, {"address": {"country": {"code": "US"}}}, seen=client.customer(ada))

    assert (box.ledger.updates, box.ledger.by_operation.get("update", 0)) == (0, 0)


def test_a_customer_is_deleted_once(box, client):
    """A deletion deletes; a second one finds nobody, and that is success."""
    ada = box.add({"name": "Ada"})

    client.delete_customer(ada)
    client.delete_customer(ada)

    assert (dict(box.customers), box.ledger.deletes) == ({}, 1)


@pytest.mark.parametrize("write_missing", ["input_error", "error"])
def test_who_is_not_there_cannot_be_changed(make_box, make_client, write_missing):
    """An update of a missing customer is NotFound, a deletion success, however Wave words it."""
    client = make_client(make_box(write_missing=write_missing))

    client.delete_customer(MISSING)
    for values in ({"email": "a@b"}, {"address": {"city": "Ulm"}}):
        with pytest.raises(NotFound):
            client.update_customer(MISSING, values)


def test_a_customer_with_invoices_stays(box, client):
    """Where Wave keeps a customer who has invoices, the deletion is refused."""
    ada = box.add({"name": "Ada"})
    box.invoices.add(ada)

    with pytest.raises(Refused) as caught:
        client.delete_customer(ada)

    assert caught.value.record_id == ada
    assert ada in box.customers


def test_a_refusal_names_fields_and_facts(box, client):
    """A refusal by Wave tells side, operation, record and the fields in read names."""
    ada = box.add(TORONTO)

    with pytest.raises(Refused) as caught:
        client.update_customer(ada, {"address": {"province": {"code": "Ontario"}}})

    assert [fault.path for fault in caught.value.faults] == ["address.province.code"]
    assert (caught.value.side, caught.value.operation, caught.value.record_id) == ("wave", "update_customer", ada)
    assert "Ontario" not in str(caught.value)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("code", ["BAD_USER_INPUT", "VARIABLE_VALUE"])
def test_a_code_that_wave_does_not_know_is_refused(make_box, make_client, status, code):
    """A country outside Wave's list is refused with its field, whatever status and code Wave uses."""
    box = make_box(invalid_status=status, variable_error_code=code)

    with pytest.raises(Refused) as caught:
        make_client(box).create_customer({"name": "Ada", "address": {"country": {"code": "XX"}}})

    assert [fault.path for fault in caught.value.faults] == ["address.country.code"]
    assert box.ledger.creates == 0


def test_wave_cannot_archive(client):
    """Archiving is no ability of Wave's, and asking for it says so."""
    assert not client.abilities.archive
    with pytest.raises(ConfigurationError, match="archive"):
        client.archive_customer("1")


# --- What goes wrong -------------------------------------------------------------------------------

DAMAGES = [
    (Fault.SERVER_ERROR, {"executed": True}),
    (Fault.BAD_GATEWAY, {"executed": True}),
    (Fault.UNAVAILABLE, {}),
    (Fault.GRAPHQL_ERRORS, {"code": "INTERNAL_SERVER_ERROR", "executed": True}),
    (Fault.LOST_BEFORE, {}),
    (Fault.LOST_AFTER, {}),
    (Fault.CUT_JSON, {}),
    (Fault.CUT_BODY, {}),
    (Fault.EMPTY_BODY, {}),
]


@pytest.mark.parametrize(("fault", "details"), DAMAGES, ids=lambda part: getattr(part, "value", ""))
def test_a_read_survives_a_bad_moment(box, client, fault, details):
    """A read that fails once is repeated, and gives what it should have given."""
    ada = box.add({"name": "Ada"})
    box.faults.add(fault, **details)

    assert [record.id for record in client.customers()] == [ada]
    assert client.requests == 2


@pytest.mark.parametrize(("fault", "details"), DAMAGES, ids=lambda part: getattr(part, "value", ""))
def test_a_write_that_may_be_done_is_sent_once(box, client, fault, details):
    """A create, an update and a deletion whose answer is lost or damaged are unknown, and not sent again."""
    ada = box.add({"name": "Ada"})
    writes = {
        "create": lambda: client.create_customer({"name": "Grace"}),
        "update": lambda: client.update_customer(ada, {"phone": "1"}),
        "delete": lambda: client.delete_customer(ada),
    }

    for operation, write in writes.items():
        box.faults.add(fault, on=operation, **details)
        with pytest.raises(UnknownOutcome) as caught:
            write()
        assert (caught.value.executed, box.ledger.by_operation[operation]) == (True, 1)


@pytest.mark.parametrize("fault", [Fault.BOM, Fault.CONTENT_TYPE])
def test_a_whole_answer_counts_whatever_it_is_called(box, client, fault):
    """A byte order mark and a wrong content type spoil no answer, not even to a write."""
    box.faults.add(fault, on="create")

    assert client.create_customer({"name": "Ada"}).id in box.customers


def test_a_throttled_write_is_repeated(box, client):
    """A write that Wave turned away for haste was not carried out, and is sent again."""
    box.faults.add(Fault.THROTTLED, on="create", times=2, retry_after="0")

    client.create_customer({"name": "Ada"})

    assert (box.ledger.creates, client.requests) == (1, 3)


def test_a_long_wait_is_raised_at_once(box, client):
    """If Wave asks for a longer wait than a call may last, the call fails at once and tells the wait."""
    box.faults.add(Fault.THROTTLED, retry_after="3600")

    with pytest.raises(Throttled, match="3600 s") as caught:
        client.create_customer({"name": "Ada"})

    assert (caught.value.retry_after_s, caught.value.executed, client.requests) == (3600.0, False, 1)


@pytest.mark.parametrize("status", [200, 401])
def test_a_wrong_token_stops_everything(make_box, make_client, status):
    """A token that Wave does not accept is no fault of any customer; nothing is repeated."""
    box = make_box(unauthorized_status=status)
    client = make_client(box, token="wr0ng-token")

    for use in (lambda: list(client.pages()), lambda: client.create_customer({"name": "Ada"})):
        with pytest.raises(Unauthorized) as caught:
            use()
        assert "wr0ng" not in str(caught.value) + repr(client)
    assert client.requests == 2


def test_a_server_that_is_away_was_never_told(box, client):
    """Where nobody listens, a write is certainly not carried out."""
    box.stop()

    with pytest.raises(Unreachable) as caught:
        client.create_customer({"name": "Ada"})

    assert not caught.value.executed
    assert client.requests == RetryPolicy().attempts


def test_a_redirect_is_not_followed(box, client):
    """An endpoint that has moved is an error of the read; a write is unknown."""
    box.faults.add(Fault.REDIRECT, times=None)

    with pytest.raises(BadAnswer, match="301"):
        client.customer(MISSING)
    with pytest.raises(UnknownOutcome, match="301"):
        client.create_customer({"name": "Ada"})
    assert client.requests == 2


def test_a_wrong_endpoint_fails_at_once(box, make_client):
    """Where there is no GraphQL endpoint, the error asks about the url, and nobody waits for it to appear."""
    box.faults.add(Fault.ANSWER, status=404, body="<html>", times=None)
    client = make_client(box)

    for use in (lambda: client.customer(MISSING), lambda: client.delete_customer(MISSING)):
        with pytest.raises(Unreachable, match="is the url right"):
            use()

    assert client.requests == 2


def test_a_dead_token_is_renewed(box, make_client):
    """With OAuth2 a token that Wave stops accepting is renewed once, saved, and the write goes on."""
    saved = []
    tokens = LoopbackServer()
    tokens.start(lambda _: Reply(status=200, body=b'{"access_token": "n3w", "refresh_token": "r2"}'))
    grant = OAuth2(
        client_id="app",
        client_secret="s",
        refresh_token="r1",
        access_token=box.token,
        on_refresh=saved.append,
        token_url=f"{tokens.origin}/oauth2/token/",
    )
    client = make_client(box, token=None, auth=grant)
    client.create_customer({"name": "Ada"})

    box.token = "n3w"
    client.create_customer({"name": "Grace"})
    tokens.stop()

    assert ([each.refresh_token for each in saved], box.ledger.creates) == (["r2"], 2)


def _answer(box, body, **details):
    box.faults.add(Fault.ANSWER, status=200, body=body, **details)


def test_a_create_that_shows_nobody_is_unknown(box, client):
    """Success without a customer leaves the new id unknown."""
    _answer(box, '{"data": {"customerCreate": {"didSucceed": true, "customer": null}}}', on="create", executed=True)

    with pytest.raises(UnknownOutcome, match="does not show it"):
        client.create_customer({"name": "Ada"})


def test_an_update_that_shows_nobody_is_read_again(box, client):
    """Success without a customer is followed by a read of it."""
    ada = box.add({"name": "Ada"})
    _answer(box, '{"data": {"customerPatch": {"didSucceed": true, "customer": null}}}', on="update", executed=True)

    after = client.update_customer(ada, {"phone": "1"})

    assert (after.id, after.payload["phone"], client.requests) == (ada, "1", 2)


def test_an_update_that_cannot_be_read_again_is_unknown(box, client):
    """If the read after a silent success fails, too, the update is not called undone."""
    ada = box.add({"name": "Ada"})
    _answer(box, '{"data": {"customerPatch": {"didSucceed": true, "customer": null}}}', on="update", executed=True)
    box.faults.add(Fault.FORBIDDEN, on="one")

    with pytest.raises(UnknownOutcome, match="unauthorized") as caught:
        client.update_customer(ada, {"phone": "1"})

    assert (caught.value.side, caught.value.record_id) == ("wave", ada)


# --- Raw GraphQL -----------------------------------------------------------------------------------


def test_any_document_can_be_run(box, client):
    """A document of the user's own runs with variables, and its data is returned."""
    document = "query ($id: ID!) { business(id: $id) { id name } }"

    data = client.execute(document, {"id": box.business_id})

    assert data == {"business": {"id": box.business_id, "name": "Sandbox Ltd"}}


def test_a_raw_mutation_is_a_write(box, client):
    """A mutation of the user's own is not repeated when its answer is lost; a query is."""
    document = "mutation ($input: CustomerCreateInput!) { customerCreate(input: $input) { didSucceed } }"
    box.faults.add(Fault.LOST_AFTER, on="create")
    box.faults.add(Fault.LOST_AFTER, on="read")

    with pytest.raises(UnknownOutcome):
        client.execute(document, {"input": {"businessId": box.business_id, "name": "Ada"}})
    client.execute("{ user { id } }")

    assert (box.ledger.creates, client.requests) == (1, 3)


def test_a_document_that_wave_does_not_understand_is_refused(client):
    """A document that does not fit the schema is refused and not repeated."""
    with pytest.raises(Refused):
        client.execute("{ nobody }")

    assert client.requests == 1


@pytest.mark.parametrize("value", [object(), float("nan"), b"x"])
def test_variables_must_be_json(client, value):
    """Variables that are no JSON are refused before anything is sent."""
    with pytest.raises(ConfigurationError, match="variables"):
        client.execute("{ user { id } }", {"a": value})

    assert client.requests == 0


# --- Life ------------------------------------------------------------------------------------------


def test_a_client_survives_a_pickle_and_a_close(box, client):
    """Out of a pickle, and after a close, a client works as before; closing twice is once."""
    ada = box.add({"name": "Ada"})
    list(client.customers())

    copy = pickle.loads(pickle.dumps(client))  # noqa: S301  # our own bytes
    with copy:
        first = [record.id for record in copy.customers()]
    copy.close()

    assert first == [record.id for record in copy.customers()] == [ada]


def test_threads_keep_to_the_limit(box, make_client):
    """Several threads share a client, and no more requests are under way at once than allowed."""
    ids = _add(box, 12)
    client = make_client(box, max_concurrency=2)
    box.faults.add(Fault.LATENCY, seconds=0.02, times=None)
    found = []
    threads = [threading.Thread(target=lambda i=i: found.append(client.customer(i).id)) for i in ids]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == sorted(ids)
    assert box.ledger.most_at_once == 2


def test_calls_keep_to_a_deadline(client):
    """Inside a deadline that is over, nothing is sent."""
    with until(0), pytest.raises(DeadlineExceeded):
        client.customer(MISSING)

    assert client.requests == 0


def test_nothing_secret_or_personal_is_told(box, make_client, caplog):
    """Neither logs nor errors nor reprs show the token, an e-mail address or a name, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    client = make_client(box, retry=RetryPolicy(attempts=1))
    values = {"name": "C4nary", "email": "c4nary@example.com", "address": {"country": {"code": "CA"}}}
    ada = client.create_customer(values).id
    told = [repr(client), repr(client.customer(ada))]

    for fault in (Fault.SERVER_ERROR, Fault.REFUSED, Fault.GRAPHQL_ERRORS, Fault.CUT_JSON, Fault.LOST_AFTER):
        for use in (lambda: client.update_customer(ada, values), lambda: list(client.pages())):
            box.faults.clear()
            box.faults.add(fault, **({"message": "no C4nary"} if fault is Fault.REFUSED else {}))
            try:
                use()
            except SyncError as error:
                told += [str(error), repr(error)]

    told += [record.getMessage() for record in caplog.records]
    assert len(told) > 20
    assert not [line for line in told if "4nary" in line or box.token in line]
