"""The operations of the API: which request each is, and what its answer says."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

import pytest

from wave_pms_sync.errors import BadAnswer, ConfigurationError, ConversionError, NotFound, UnknownOutcome
from wave_pms_sync.http.messages import Response
from wave_pms_sync.pms.abilities import archives
from wave_pms_sync.pms.answers import Answers, Written
from wave_pms_sync.pms.operations import Customers
from wave_pms_sync.pms.paging import Spot
from wave_pms_sync.pms.profile import PmsProfile

CUSTOMERS = Customers("https://pms.example.com/api", PmsProfile())
ANSWERS = Answers(CUSTOMERS.base_url, PmsProfile())
URL = f"{CUSTOMERS.base_url}/customers"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def profiled(**settings: object) -> Customers:
    """The same API with some other conventions."""
    return Customers(CUSTOMERS.base_url, PmsProfile.from_dict(settings))


NO_GUARD = profiled(update={"headers": {}}, delete={"headers": {}})


def answer(body: object, status: int = 200, **headers: str) -> Response:
    """An answer with a JSON body."""
    return Response(status=status, headers=headers, body=json.dumps(body).encode())


# --- requests


def test_a_first_page() -> None:
    """The first page of a full listing asks for the profile's number of rows and nothing else."""
    request = CUSTOMERS.list_page()

    assert (request.method, request.url, request.writes) == (
        "GET",
        "https://pms.example.com/api/customers?limit=100",
        False,
    )
    assert request.headers["Accept"] == "application/json"


def test_a_further_page_of_what_changed() -> None:
    """A cursor and a moment travel escaped, so that the API reads them as they were."""
    request = CUSTOMERS.list_page(Spot(cursor="a+b/c=&d é"), since=NOON)

    query = parse_qs(urlsplit(request.url).query, strict_parsing=True)
    assert query == {"limit": ["100"], "updated_since": ["2026-03-01T12:00:00.000Z"], "cursor": ["a+b/c=&d é"]}


def test_an_api_without_filter_or_limit() -> None:
    """Where the API has no such parameter, none is sent."""
    assert profiled(list={"query": {}}).list_page(since=NOON).url == URL


@pytest.mark.parametrize(
    ("record_id", "segment"),
    [
        ("0", "0"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("50%", "50%25"),
        ("..a", "..a"),
        ("é 𠜎", "%C3%A9%20%F0%A0%9C%8E"),
        ("../admin", "..%2Fadmin"),
    ],
)
def test_ids_are_one_path_segment(record_id: str, segment: str) -> None:
    """Whatever an id holds, it is one segment below the collection and leads nowhere else."""
    assert CUSTOMERS.one(record_id).url == f"{URL}/{segment}"


@pytest.mark.parametrize("record_id", ["", ".", ".."])
def test_ids_that_would_address_the_collection(record_id: str) -> None:
    """An empty or dotted id addresses no customer; nothing is sent that could concern all of them."""
    for make in (CUSTOMERS.one, CUSTOMERS.delete, CUSTOMERS.archive):
        with pytest.raises(NotFound):
            make(record_id)


def test_a_create_leaves_blanks_out() -> None:
    """A create holds what is given, without None at any depth, and its repeat key."""
    values = MappingProxyType(
        {"name": "Ada", "email": None, "address": MappingProxyType({"city": None}), "contact": {"a": 1, "b": None}}
    )

    request = CUSTOMERS.create(values, repeat_key="k-1")

    assert json.loads(request.body or b"") == {"name": "Ada", "contact": {"a": 1}}
    assert (request.method, request.writes) == ("POST", True)
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == "k-1"


def test_a_create_keeps_an_object_given_empty() -> None:
    """An object that is empty on purpose is sent as it is."""
    assert CUSTOMERS.create({"tags": {}, "list": [None]}).body == b'{"tags":{},"list":[null]}'


def test_a_repeat_key_is_only_sent_where_it_means_something() -> None:
    """Without a header for it, or without a key, no idempotency header is sent."""
    without = profiled(create={"headers": {}}).create({"name": "Ada"}, repeat_key="k-1")

    assert set(without.headers) == set(CUSTOMERS.create({"name": "Ada"}).headers) == {"Accept", "Content-Type"}


@pytest.mark.parametrize("key", ["", " ", "a\r\nX: y", "é"])
def test_a_repeat_key_that_cannot_be_sent(key: str) -> None:
    """A repeat key that cannot stand in a header is refused before anything is sent."""
    with pytest.raises(ConfigurationError, match="repeat_key"):
        CUSTOMERS.create({"name": "Ada"}, repeat_key=key)


def test_f31_an_update_clears_with_null() -> None:
    """An update is a merge patch in which None is null, at any depth."""
    request = CUSTOMERS.update("7", {"email": None, "address": {"city": None, "line1": ""}}, version='W/"3"')

    assert json.loads(request.body or b"") == {"email": None, "address": {"city": None, "line1": ""}}
    assert (request.method, request.record_id) == ("PATCH", "7")
    assert request.headers["Content-Type"] == "application/merge-patch+json"
    assert request.headers["If-Match"] == 'W/"3"'


def test_an_update_can_clear_with_empty_text() -> None:
    """Where the API clears with empty text, None becomes that."""
    assert (
        profiled(update={"clear": "text"}).update("7", {"a": None, "b": {"c": None}}).body == b'{"a":"","b":{"c":""}}'
    )


@pytest.mark.parametrize("customers", [CUSTOMERS, NO_GUARD])
def test_no_guard_without_a_version_or_where_it_means_nothing(customers: Customers) -> None:
    """If-Match is sent only with a known version, and only where the API honours it."""
    version = "1" if customers is NO_GUARD else None

    for request in (customers.update("7", {}, version=version), customers.delete("7", version=version)):
        assert "If-Match" not in request.headers


def test_archiving_sets_the_flag() -> None:
    """Archiving is a merge patch of the flag that the profile names."""
    request = profiled(record={"archived": "state.hidden"}).archive("7", version="1")

    assert (request.method, request.body, request.headers["If-Match"]) == ("PATCH", b'{"state":{"hidden":true}}', "1")


@pytest.mark.parametrize(
    ("settings", "body"),
    [
        ({"record": {"archived": "status", "archived_values": ["off", "closed"]}}, {"status": "off"}),
        ({"record": {"archived": "active", "archived_values": [False]}}, {"active": False}),
        ({"record": {"archived": "attributes.hidden", "fields": "attributes"}}, {"hidden": True}),
        ({"record": {"archived": "archived_at"}, "archive": {"values": {"state": 3}}}, {"state": 3}),
    ],
)
def test_what_archives_follows_from_what_is_read(settings: dict[str, object], body: object) -> None:
    """The flag that says that a record is archived is set, unless the profile names other values."""
    request = profiled(**settings).archive("7")

    assert json.loads(request.body or b"") == body


@pytest.mark.parametrize(
    "settings",
    [
        {"archive": {"possible": False}},
        {"record": {"archived": "meta.hidden", "fields": "attributes"}},
        {"record": {"archived": "flags[0]"}},
    ],
)
def test_a_flag_that_is_only_read(settings: dict[str, object]) -> None:
    """A flag that no update reaches, or that the profile says is not ours to set, is never written."""
    assert not archives(profiled(**settings).profile)
    with pytest.raises(ConfigurationError, match="archive"):
        profiled(**settings).archive("7")


def test_archiving_where_there_is_no_flag() -> None:
    """Without a flag archiving is a fault of the configuration."""
    with pytest.raises(ConfigurationError, match="archive"):
        profiled(record={"archived": ""}).archive("7")


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), float("inf"), object()])
def test_f39_what_json_cannot_hold_is_refused_before_sending(value: object) -> None:
    """A value that is no JSON raises an error of ours, without the value."""
    with pytest.raises(ConversionError) as caught:
        CUSTOMERS.update("7", {"name": value})

    assert repr(value) not in str(caught.value)


def test_f39_half_a_surrogate_pair_travels() -> None:
    """Text that UTF-8 cannot hold is sent as an escape and so comes back as it went."""
    body = CUSTOMERS.create({"name": "\ud83d"}).body

    assert json.loads(body or b"") == {"name": "\ud83d"}


def test_a_request_shows_no_values() -> None:
    """The repr of a request holds neither body nor query."""
    assert "Ada" not in repr(CUSTOMERS.create({"name": "Ada"}))
    assert "secret" not in repr(CUSTOMERS.list_page(Spot(cursor="secret")))


# --- answers


def test_a_page() -> None:
    """A list answer gives its records, the total, the server's time and the cursor that goes on."""
    body = {"items": [{"id": 1}, {"id": 2}], "next_cursor": "n", "total": 9}

    page, spot = ANSWERS.page_in(CUSTOMERS.list_page(), answer(body, date="Sun, 01 Mar 2026 12:00:00 GMT"))

    assert [record.id for record in page.records] == ["1", "2"]
    assert (page.total, page.last, page.server_time, spot) == (
        9,
        False,
        NOON,
        Spot(cursor="n", page=1, seen=2, largest=2),
    )


@pytest.mark.parametrize("body", [{}, [], None, {"items": {}}, {"items": [{"name": "Ada"}]}, {"items": ["Ada"]}])
def test_f15_a_list_of_another_shape_is_never_empty(body: object) -> None:
    """A list answer without rows, or with rows without ids, is a bad answer, and quotes nothing."""
    with pytest.raises(BadAnswer, match="check the base URL") as caught:
        ANSWERS.page_in(CUSTOMERS.list_page(), answer(body))

    assert "Ada" not in str(caught.value)


def test_one_record_with_its_version() -> None:
    """A single read gives the record, with the ETag as its version."""
    found = ANSWERS.record_in(CUSTOMERS.one("7"), answer({"id": 7}, etag='"v1"'))

    assert found is not None
    assert (found.id, found.version) == ("7", '"v1"')


@pytest.mark.parametrize("status", [404, 410])
def test_one_record_that_is_missing(status: int) -> None:
    """A record that the API does not have, or no more, is None."""
    assert ANSWERS.record_in(CUSTOMERS.one("7"), answer({}, status)) is None


@pytest.mark.parametrize("body", [None, {}, [], {"data": {"id": 7}}])
def test_one_record_of_another_shape(body: object) -> None:
    """A single read that shows no record is a bad answer, never a missing record."""
    with pytest.raises(BadAnswer):
        ANSWERS.record_in(CUSTOMERS.one("7"), answer(body))


@pytest.mark.parametrize("body", [{"ok": True}, None, [], {"id": 7}, {"id": 7, "rev": 2}])
def test_an_update_that_shows_no_record(body: object) -> None:
    """An answer without the record, or with nothing of what was written, must be read again."""
    request = CUSTOMERS.update("7", {"name": "Ada"})

    assert ANSWERS.written_in(request, answer(body), {"name": "Ada"}) == Written(record_id="7")


def test_an_update_that_shows_another_record() -> None:
    """So must an answer with another record, whose id is told."""
    written = ANSWERS.written_in(
        CUSTOMERS.update("7", {"name": "Ada"}), answer({"id": 8, "name": "Ada"}), {"name": "x"}
    )

    assert written == Written(record_id="7", other_id="8")


def test_an_update_of_nothing_shows_any_record() -> None:
    """The answer to an update without values is the record, whatever it shows."""
    written = ANSWERS.written_in(CUSTOMERS.update("7", {}), answer({"id": 7}), {})

    assert written.record is not None


@pytest.mark.parametrize(
    ("location", "record_id"),
    [
        ("/api/customers/7", "7"),
        ("https://pms.example.com/api/customers/7/", "7"),
        ("http://internal:8080/customers/a%2Fb?x=1", "a/b"),
        ("/api/customers", None),
        ("/api/customers/", None),
        ("/login", None),
        ("", None),
    ],
)
def test_the_id_of_a_created_record_may_be_in_its_location(location: str, record_id: str | None) -> None:
    """Where a create is answered with nothing, the id is taken from Location; without one nobody knows it."""
    request = CUSTOMERS.create({"name": "Ada"})
    response = Response(status=201, headers={"Location": location} if location else {})

    if record_id is None:
        with pytest.raises(UnknownOutcome):
            ANSWERS.written_in(request, response, {"name": "Ada"})
    else:
        assert ANSWERS.written_in(request, response, {"name": "Ada"}) == Written(record_id=record_id)


@pytest.mark.parametrize("body", [None, {"ok": True}])
def test_the_address_of_a_create_is_no_id(body: object) -> None:
    """Without a Location the last name of a create's own address was taken for the id of the new record."""
    profile = PmsProfile.from_dict(
        {"create": {"path": "{path}/new", "find_by": "name", "find_query": {"q": "{value}"}}}
    )
    request = Customers("https://pms.example.com/api", profile).create({"name": "Ada"})

    written = Answers("https://pms.example.com/api", profile).written_in(request, answer(body), {"name": "Ada"})

    assert written == Written(record_id=None)


# --- where the id of a new customer is


@pytest.mark.parametrize(
    ("creating", "body", "headers", "told"),
    [
        ({"id": "result"}, {"jsonrpc": "2.0", "id": 1, "result": 111}, {}, "111"),
        ({"id": "key"}, {"id": 1, "key": 7, "name": "Ada"}, {}, "7"),
        ({"id": "key", "record": "item"}, {"key": 7, "item": {"id": 1, "name": "Ada"}}, {}, "7"),
        ({"id": "key", "location": "/c/{id}"}, {"id": 1, "key": 7}, {"location": "/c/8"}, "7"),
        ({"location": "/c/{id}"}, {"id": 1, "ok": True}, {"location": "/c/8"}, "8"),
        ({"id": "key"}, {"id": 7, "name": "Ada"}, {}, "7"),
        ({"id": "key", "record": "item"}, {"item": {"id": 7}}, {}, "7"),
        ({"find_by": "name", "find_query": {"q": "{value}"}}, {"id": 1, "ok": True}, {}, None),
        ({}, {"id": 7}, {}, "7"),
    ],
)
def test_a_stated_place_of_the_new_id_goes_first(
    creating: dict[str, object], body: object, headers: dict[str, str], told: str | None
) -> None:
    """The id lies where the profile says; only then in a record, and in one at no stated place if it shows values."""
    api = profiled(create=creating)
    values = {"name": "Ada"}

    found = Answers(api.base_url, api.profile).written_in(api.create(values), answer(body, 201, **headers), values)

    assert found.record_id == told


def test_an_envelope_is_no_record_where_the_id_lies_elsewhere() -> None:
    """An answer that lacks the id where the profile says it lies leaves the outcome open; no other number is taken."""
    api = profiled(create={"id": "result"})
    values = {"name": "Ada"}

    with pytest.raises(UnknownOutcome, match=r"create\.id"):
        Answers(api.base_url, api.profile).written_in(api.create(values), answer({"id": 1, "result": None}), values)
