"""Conventions one by one, over real HTTP: what is asked, and what an answer is taken for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import pytest

from wave_pms_sync.errors import (
    BadAnswer,
    ConfigurationError,
    Conflict,
    NotFound,
    Refused,
    Unauthorized,
    UnknownOutcome,
)
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.operations import Customers
from wave_pms_sync.pms.paging import Spot
from wave_pms_sync.pms.profile import PmsProfile

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ADA = {"id": 7, "name": "Ada", "email": "ada@example.org", "updated_at": "2026-03-01T12:00:00Z"}


def asked(settings: dict[str, object], since: datetime | None = NOON) -> dict[str, list[str]]:
    """The query of a listing since noon."""
    request = Customers("https://x.org", PmsProfile.from_dict(settings)).list_page(since=since)
    return parse_qs(urlsplit(request.url).query, keep_blank_values=True)


# --- changed since


@pytest.mark.parametrize(
    ("query", "parameter", "value"),
    [
        ({"$filter": "ModifiedAt ge {since}"}, "$filter", "ModifiedAt ge 2026-03-01T12:00:00.000Z"),
        ({"filter": "(updated>='{since}')"}, "filter", "(updated>='2026-03-01T12:00:00.000Z')"),
        ({"filter[updated-at.gt]": "{since}"}, "filter[updated-at.gt]", "2026-03-01T12:00:00.000Z"),
        (
            {"where": '{"$or": [{"u": {"$gte": "{since}"}}, {"c": {"$gte": "{since}"}}]}'},
            "where",
            '{"$or": [{"u": {"$gte": "2026-03-01T12:00:00.000Z"}}, {"c": {"$gte": "2026-03-01T12:00:00.000Z"}}]}',
        ),
    ],
)
def test_since_filters_of_many_makes(query: dict[str, object], parameter: str, value: str) -> None:
    """A since-filter is whatever text the API wants around the moment; without a moment it is not sent at all."""
    settings = {"list": {"query": {"fixed": "1", **query}}}

    assert asked(settings) == {"fixed": ["1"], parameter: [value]}
    assert asked(settings, since=None) == {"fixed": ["1"]}


def test_a_filter_that_excludes_its_moment_is_asked_a_second_earlier() -> None:
    """Where "since" means "after", a second earlier is asked for, so that nothing is missed."""
    settings = {"list": {"query": {"after": "{since}"}, "since_includes": False}, "times": {"filter_form": "epoch_s"}}

    assert asked(settings) == {"after": ["1772366399"]}
    for zone in (timezone.utc, timezone(timedelta(hours=14)), timezone(timedelta(hours=-14))):
        assert asked({"list": settings["list"]}, since=datetime.min.replace(tzinfo=zone))["after"]


def test_a_moment_that_a_filter_cannot_say() -> None:
    """A moment that the filter's form has no words for is refused by an error of ours."""
    with pytest.raises(ConfigurationError, match=r"modified_after: .*times\.filter_form"):
        asked({"times": {"filter_form": "%d.%m.%y %H:%M"}}, since=datetime(1800, 1, 1, tzinfo=timezone.utc))


def test_a_list_of_its_own_for_deletions(api, in_turn) -> None:
    """What was deleted since is listed beside what changed; full listings do not ask for it, since absence tells."""
    api.answers["GET /customers/deleted"] = in_turn(
        {"gone": [{"customer": 3}, {"customer": 4}], "next_cursor": "n"}, {"gone": [{"customer": 5}]}
    )
    api.answers["GET /customers"] = {"items": [ADA]}
    settings = {
        "path": "{path}/deleted",
        "rows": "gone",
        "id": "customer",
        "query": {"from": "{since}", "cursor": "{cursor}"},
    }
    client = api.client({"deletions": settings})

    pages = list(client.pages(NOON))
    full = list(client.pages())

    assert [(r.id, r.deleted, r.archived) for p in pages for r in p.records if r.deleted] == [
        ("3", True, True),
        ("4", True, True),
        ("5", True, True),
    ]
    assert [page.last for page in pages] == [False, False, True]
    assert [len(page.records) for page in full] == [1]
    assert api.calls[0].query == {"from": "2026-03-01T12:00:00.000Z"}


@pytest.mark.parametrize(
    "body", [{}, {"gone": [{"id": None}]}, {"gone": ["x"]}, {"gone": [{"id": 1}], "next_cursor": {}}]
)
def test_a_list_of_deletions_of_another_shape(api, body: object) -> None:
    """A list of deletions that cannot be read is never an empty one."""
    api.answers["GET /deleted"] = body
    client = api.client({"deletions": {"path": "/deleted", "rows": "gone"}})

    with pytest.raises(BadAnswer):
        list(client.pages(NOON))


def test_a_list_of_deletions_ends_where_its_pages_do(api) -> None:
    """A status that answers for a page behind the last ends the list of deletions, as it ends the listing."""
    api.answers["GET /gone"] = lambda call: {"items": ["7"]} if call.query["at"] == "1" else (404, {})
    api.answers["GET /customers"] = lambda call: {"items": []}
    settings = {"list": {"query": {"at": "{page}"}}, "paging": {"past_end": [404]}}
    client = api.client({**settings, "deletions": {"path": "/gone", "query": {"at": "{page}"}, "id": ""}})

    records = [record for page in client.pages(NOON) for record in page.records]

    assert [(record.id, record.deleted) for record in records] == [("7", True)]


def test_a_list_of_deletions_that_breaks_off(api) -> None:
    """A list of deletions without a stated end never passes for a whole one."""
    api.answers["GET /deleted"] = {"items": [1], "next_cursor": "again"}
    client = api.client({"deletions": {"path": "/deleted", "id": ""}})

    with pytest.raises(BadAnswer, match="breaks off"):
        list(client.pages(NOON))


# --- rows and records


def test_rows_that_show_only_part(api) -> None:
    """Where rows are summaries, each record is read by its id; one that is not there then is listed as deleted."""
    api.answers["GET /customers"] = {"items": [{"id": 7, "name": "Ada"}, {"id": 8}, {"id": 9, "deleted": True}]}
    api.answers["GET /customers/7"] = ADA

    records = list(api.client({"list": {"partial": True}}).customers())

    assert [record.payload.get("email") for record in records] == ["ada@example.org", None, None]
    assert [(record.deleted, record.archived) for record in records] == [(False, False), (True, True), (True, True)]
    assert api.asked() == ["GET /customers", "GET /customers/7", "GET /customers/8"]


def test_rows_under_their_ids(api) -> None:
    """Rows may be an object by id instead of a list."""
    api.answers["GET /customers"] = {"result": {"a-1": {"name": "Ada"}, "a-2": {"name": "Grace"}}}

    records = list(api.client({"list": {"rows": "result", "keyed": True, "query": {}}}).customers())

    assert [(record.id, record.payload["name"]) for record in records] == [("a-1", "Ada"), ("a-2", "Grace")]


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        ({"empty_is_missing": True}, None),
        ({"empty_is_missing": True}, (204, None)),
        ({"empty_is_missing": True}, b"null"),
        ({"empty_is_missing": True, "record": "rows[0]"}, {"rows": []}),
        ({"empty_is_missing": True, "record": "customer"}, {"customer": None}),
    ],
)
def test_missing_without_saying_so(api, read: dict[str, object], answer: object) -> None:
    """A success that shows nothing means a missing record where the profile says so, and otherwise nothing good."""
    api.answers["GET /customers/7"] = answer

    assert api.client({"read": read}).customer("7") is None
    with pytest.raises(BadAnswer):
        api.client({"read": {**read, "empty_is_missing": False}}).customer("7")


def test_one_record_by_a_filter(api) -> None:
    """One record may be read by a filter of the list, its id in the query."""
    api.answers["GET /customers"] = {"rows": [ADA]}
    settings = {"read": {"path": "{path}", "query": {"id": "eq.{id}"}, "record": "rows[0]", "empty_is_missing": True}}

    found = api.client(settings).customer("7")

    assert found is not None
    assert (found.id, api.calls[0].query) == ("7", {"id": "eq.7"})


# --- creates


@pytest.mark.parametrize(
    ("settings", "location", "record_id"),
    [
        ({}, "/api/customers/7", "7"),
        ({}, "http://internal:8080/customers/7/", "7"),
        ({"one_path": "{path}({id})"}, "https://x/odata/customers(7)", "7"),
        ({"one_path": "{path}('{id}')"}, "customers('a%20b')", "a b"),
        ({"one_path": "{path}/{id}.json"}, "/api/customers/7.json", "7"),
        ({"one_path": "{path}/{id}/"}, "/api/customers/7/", "7"),
        ({"create": {"location": "?CustomerId={id}"}}, "/show.php?CustomerId=7&x=1", "7"),
    ],
)
def test_the_new_id_in_location(api, settings: dict[str, object], location: str, record_id: str) -> None:
    """The id of a new record is found in Location, in whatever form records are addressed, and the record is read."""
    api.answers["POST /customers"] = (201, None, {"Location": location})
    client = api.client(settings)
    for path in ("/customers/7", "/customers(7)", "/customers('a b')", "/customers/7.json", "/customers/7/"):
        api.answers[f"GET {path}"] = {**ADA, "id": record_id}

    assert client.create_customer({"name": "Ada"}).id == record_id


def test_the_new_id_alone(api) -> None:
    """A create may answer with the id alone, anywhere; the record is read."""
    api.answers["POST /customers"] = {"ok": True, "result": {"insertId": 7}}
    api.answers["GET /customers/7"] = ADA

    made = api.client({"create": {"id": "result.insertId"}}).create_customer({"name": "Ada"})

    assert (made.id, made.payload["email"]) == ("7", "ada@example.org")


def test_a_new_record_is_looked_up(api, in_turn) -> None:
    """Where no answer tells the new id, the record is looked up by a natural key that exactly one record has."""
    other = {**ADA, "id": 8, "email": "ada@example.org.uk"}
    api.answers["POST /customers"] = (200, None)
    api.answers["GET /customers"] = in_turn({"items": [other, ADA]}, {"items": [ADA, {**ADA, "id": 9}]}, {"items": []})
    api.answers["GET /customers/7"] = ADA
    client = api.client({"create": {"find_by": "email", "find_query": {"search": "{value}"}}})

    made = client.create_customer({"name": "Ada", "email": "ada@example.org"})

    assert made.id == "7"
    assert api.calls[1].query == {"limit": "100", "search": "ada@example.org"}
    for _ in ("two have it", "none has it"):
        with pytest.raises(UnknownOutcome) as caught:
            client.create_customer({"name": "Ada", "email": "ada@example.org"})
        assert "ada@" not in str(caught.value)
    with pytest.raises(UnknownOutcome):
        client.create_customer({"name": "Ada"})


def test_a_look_up_goes_through_all_pages(api) -> None:
    """A search that is ignored is gone through to its end, since only that tells that no other has the key."""
    rows = [ADA, {**ADA, "id": 8, "email": "x"}, {**ADA, "id": 9}]
    api.answers["POST /customers"] = (200, None)
    api.answers["GET /customers"] = lambda call: {"items": rows[int(call.query["page"]) - 1 :][:1]}
    api.answers["GET /customers/7"] = ADA
    settings = {
        "list": {"query": {"page": "{page}"}},
        "create": {"find_by": "email", "find_query": {"search": "{value}"}},
    }

    with pytest.raises(UnknownOutcome):
        api.client(settings).create_customer({"email": "ada@example.org"})
    rows.pop()

    assert api.client(settings).create_customer({"email": "ada@example.org"}).id == "7"


def test_what_a_create_sends(api) -> None:
    """A create is wrapped, completed with constants, and holds what is empty as the API wants it."""
    api.answers["POST /customers"] = ADA
    values = {"name": "Ada", "fax": None, "address": {"city": None}}
    wrapped = {"body": {"action": "save", "row": "{values}"}, "fixed": {"type": "customer"}}

    api.client({"create": wrapped}).create_customer(values)
    api.client({"create": {"empty": "null"}}).create_customer(values)
    api.client({"create": {"empty": "text"}}).create_customer(values)

    assert api.bodies() == [
        {"action": "save", "row": {"name": "Ada", "type": "customer"}},
        {"name": "Ada", "fax": None, "address": {"city": None}},
        {"name": "Ada", "fax": "", "address": {"city": ""}},
    ]


def test_an_id_of_our_choice(api) -> None:
    """Where the client chooses ids, each create has one of its own, and a repetition under the same key the same."""
    api.answers["POST /customers"] = lambda call: {**ADA, "id": call.query["key"]}
    client = api.client({"create": {"query": {"key": "{id}"}}})

    ids = [client.create_customer({"name": "Ada"}, repeat_key=key).id for key in (None, None, "k", "k", "l")]

    assert len(set(ids)) == 4
    assert ids[2] == ids[3]


# --- updates


def test_a_property_that_nobody_clears_goes_back_as_it_came(api) -> None:
    """Where empty text clears and the record is sent whole, null in it stays null; only what we clear is empty text."""
    api.answers["GET /customers/7"] = {**ADA, "credit": None, "address": {"floor": None, "city": "Ulm"}}
    api.answers["PUT /customers/7"] = ADA
    client = api.client({"update": {"method": "PUT", "replaces": "record", "clear": "text"}})

    client.update_customer("7", {"email": None, "address": {"city": None}})

    sent = api.bodies()[-1]
    assert (sent["email"], sent["address"]["city"]) == ("", "")
    assert (sent["credit"], sent["address"]["floor"]) == (None, None)


def test_a_record_that_is_replaced_whole(api) -> None:
    """Where an update replaces the record, it is read, the values are laid in, and what is read-only is left out."""
    held = {**ADA, "address": {"city": "Ulm", "zip": "1", "geo": [1]}, "tags": ["a"]}
    api.answers["GET /customers/7"] = held
    api.answers["PUT /customers/7"] = (204, None)
    settings = {
        "update": {"method": "PUT", "replaces": "record", "clear": "omit", "content_type": "application/json"},
        "record": {"read_only": ["id", "updated_at", "address.geo"]},
    }

    api.client(settings).update_customer("7", {"name": "Ada L.", "email": None, "address": {"city": "Graz"}})

    assert api.bodies() == [{"name": "Ada L.", "address": {"city": "Graz", "zip": "1"}, "tags": ["a"]}]
    assert api.asked() == ["GET /customers/7", "PUT /customers/7", "GET /customers/7"]


def test_objects_that_are_replaced_whole(api) -> None:
    """Where an update replaces objects, the record is read for them, and only for them."""
    api.answers["GET /customers/7"] = {**ADA, "address": {"city": "Ulm", "zip": "1"}}
    api.answers["PATCH /customers/7"] = {**ADA, "address": {}}
    client = api.client({"update": {"replaces": "objects"}})

    client.update_customer("7", {"name": "Ada L."})
    client.update_customer("7", {"address": {"city": None}})

    assert api.bodies() == [{"name": "Ada L."}, {"address": {"city": None, "zip": "1"}}]
    assert api.asked() == ["PATCH /customers/7", "GET /customers/7", "PATCH /customers/7"]


@pytest.mark.parametrize("change", [{"name": "Ada L."}, {"updated_at": "2026-03-01T12:00:01Z"}])
def test_a_record_that_moved_before_it_was_replaced(api, in_turn, change: dict[str, object]) -> None:
    """A record that is sent whole must still be as seen; otherwise nothing is sent."""
    api.answers["GET /customers/7"] = in_turn(ADA, {**ADA, **change})
    client = api.client({"update": {"replaces": "record"}, "archive": {"values": {"name": "x"}}})
    seen = client.customer("7")

    for write in (
        lambda: client.update_customer("7", {"name": "Lost"}, seen=seen),
        lambda: client.archive_customer("7", seen=seen),
    ):
        with pytest.raises(Conflict):
            write()

    assert all(call.method == "GET" for call in api.calls)


def test_a_missing_record_is_not_replaced(api) -> None:
    """A record that is gone cannot be sent whole."""
    with pytest.raises(NotFound):
        api.client({"update": {"replaces": "record"}}).update_customer("7", {"name": "Ada"})

    assert api.asked() == ["GET /customers/7"]


def test_a_version_in_the_row_goes_where_the_profile_says(api) -> None:
    """A version of the row is sent in header, query or body, a whole number as one."""
    api.answers["GET /customers/7"] = {**ADA, "version": 3}
    api.answers["PATCH /customers/7"] = {**ADA, "version": 4}
    api.answers["DELETE /customers/7"] = (204, None)
    client = api.client(
        {
            "record": {"version": "version", "version_type": "integer"},
            "update": {"headers": {"X-Version": "{version}"}, "fixed": {"version": "{version}"}},
            "delete": {"headers": {}, "query": {"v": "{version}"}, "body": {"why": "gone", "v": "{version}"}},
        }
    )
    seen = client.customer("7")

    client.update_customer("7", {"name": "Ada L."}, seen=seen)
    client.delete_customer("7", seen=seen)

    assert api.bodies() == [{"name": "Ada L.", "version": 3}, {"why": "gone", "v": 3}]
    assert api.calls[1].headers["x-version"] == api.calls[2].query["v"] == "3"


def test_a_version_that_is_demanded_is_read(api) -> None:
    """Where writes without a version are declined, an unknown one is read first; a record that is gone stays gone."""
    api.answers["GET /customers/7"] = (200, ADA, {"ETag": 'W/"5"'})
    api.answers["PATCH /customers/7"] = ADA
    api.answers["DELETE /customers/7"] = (204, None)
    client = api.client({"record": {"version_demanded": True}})

    client.update_customer("7", {"name": "Ada L."})
    client.archive_customer("7")
    client.delete_customer("7")
    client.delete_customer("8")

    sent = [call.headers.get("if-match") for call in api.calls if call.method != "GET"]
    assert sent == ['W/"5"'] * 3


def test_read_back_finds_out_what_was_ignored(api) -> None:
    """An API that echoes what it ignores is read again where the profile says so."""
    api.answers["PATCH /customers/7"] = {**ADA, "name": "Ada L."}
    api.answers["GET /customers/7"] = ADA

    after = api.client({"update": {"read_back": True}}).update_customer("7", {"name": "Ada L."})

    assert after.payload["name"] == "Ada"


def test_ids_as_numbers_in_bodies(api) -> None:
    """An id is text inside and a whole number in bodies where the API has it so; one that is no number stays text."""
    api.answers["POST /customers/save"] = ADA
    settings = {
        "update": {"method": "POST", "path": "{path}/save", "body": {"id": "{id}", "set": "{values}"}},
        "record": {"id_type": "integer"},
    }
    client = api.client(settings)

    client.update_customer("7", {})
    with pytest.raises(NotFound):
        client.update_customer("x", {})

    assert api.bodies() == [{"id": 7, "set": {}}, {"id": "x", "set": {}}]


# --- archiving and deleting


def test_archiving_by_a_request_of_its_own(api) -> None:
    """A record may be archived by a status, or by a request of its own."""
    api.answers["PATCH /customers/7"] = ADA
    api.answers["POST /customers/7/archive"] = {"ok": True}

    api.client({"archive": {"values": {"status": "inactive"}}}).archive_customer("7")
    own = api.client({"archive": {"path": "{one_path}/archive", "body": {"why": "sync"}}})
    own.archive_customer("7")
    api.client({"archive": {"path": "{one_path}/archive"}, "update": {"replaces": "record"}}).archive_customer("7")

    assert [call.method for call in api.calls] == ["PATCH", "POST", "POST"]
    assert api.bodies() == [{"status": "inactive"}, {"why": "sync"}]
    assert own.abilities.archive


def test_deleting_by_post(api) -> None:
    """A record may be deleted by a POST with its id in the body."""
    api.answers["POST /customers/delete"] = {"deleted": 1}

    api.client(
        {"delete": {"method": "POST", "path": "{path}/delete", "headers": {}, "body": {"ids": ["{id}"]}}}
    ).delete_customer("7")

    assert api.bodies() == [{"ids": ["7"]}]


# --- every request


def test_what_every_request_carries(api) -> None:
    """Demanded headers and parameters are on every request, beside its own, and may replace ours."""
    api.answers["GET /customers/7"] = ADA
    api.answers["DELETE /customers/7"] = (204, None)
    client = api.client(
        {
            "requests": {
                "accept": "application/vnd.x+json",
                "headers": {"X-Tenant": "t1", "User-Agent": "books/1"},
                "query": {"api-version": "2024-01"},
            },
            "read": {"query": {"include": "contact"}},
        }
    )

    client.customer("7")
    client.delete_customer("7")

    assert [call.query for call in api.calls] == [
        {"api-version": "2024-01", "include": "contact"},
        {"api-version": "2024-01"},
    ]
    for call in api.calls:
        assert (call.headers["x-tenant"], call.headers["accept"]) == ("t1", "application/vnd.x+json")
        assert call.headers["user-agent"] == "books/1"


@pytest.mark.parametrize(
    ("manners", "query"),
    [
        ({}, "filter%5Ba%5D=x%20%2B%20%C3%A9&%24top=5"),
        ({"unescaped": "[]$"}, "filter[a]=x%20%2B%20%C3%A9&$top=5"),
        ({"space": "+"}, "filter%5Ba%5D=x+%2B+%C3%A9&%24top=5"),
    ],
)
def test_how_queries_are_escaped(manners: dict[str, object], query: str) -> None:
    """Queries are escaped as the API wants them, and what would break them always is."""
    settings = {"list": {"query": {"filter[a]": "x + {cursor}", "$top": "{limit}"}}, "paging": {"size": 5}}

    request = Customers("https://x.org", PmsProfile.from_dict({**settings, "requests": manners})).list_page(
        Spot(cursor="é")
    )

    assert urlsplit(request.url).query == query


def test_a_flag_is_written_as_a_word() -> None:
    """True and false in a query are words, and a list repeats its parameter."""
    settings = {"list": {"query": {"archived": False, "top": 5}}}

    assert asked(settings) == {"archived": ["false"], "top": ["5"]}


def test_writes_follow_no_redirect(api, elsewhere) -> None:
    """A redirected write is not sent again, neither here nor elsewhere."""
    api.answers["POST /customers"] = (301, None, {"Location": f"{elsewhere.origin}/api/customers/"})

    with pytest.raises(ConfigurationError, match="base_url: POST /api/customers is redirected to another"):
        api.client({}).create_customer({"name": "Ada"})

    assert (api.asked(), elsewhere.calls) == (["POST /customers"], [])


# --- errors with a success status


def test_f15_an_error_with_a_success_status_is_no_empty_list(api) -> None:
    """A 200 that says that our credentials are not accepted is no empty account."""
    api.answers["GET /customers"] = {"success": False, "code": "AUTH", "items": []}

    with pytest.raises(Unauthorized):
        list(api.client({"errors": {"success": "success", "codes": {"AUTH": "unauthorized"}}}).pages())


def test_a_refusal_with_a_success_status(api) -> None:
    """A 200 that says no refuses a write; nothing is read again."""
    api.answers["POST /customers"] = {"ok": False, "errors": {"email": ["taken"]}}

    with pytest.raises(Refused) as caught:
        api.client({"errors": {"success": "ok"}}).create_customer({"name": "Ada"})

    assert [fault.path for fault in caught.value.faults] == ["email"]
    assert api.asked() == ["POST /customers"]


def test_abilities_follow_the_profile() -> None:
    """What the API can do follows from what the profile says, with nothing sent."""

    def abilities(settings: dict[str, object]):
        return CustomPmsClient("https://x.org", profile=PmsProfile.from_dict(settings)).abilities

    assert abilities({"list": {"query": {}, "body": {"since": "{since}"}}}).since
    assert not abilities({"list": {"query": {"limit": "{limit}"}}}).since
    assert not abilities({"archive": {"possible": False}}).archive
    assert abilities({"create": {"headers": {}, "body": {"key": "{repeat_key}", "x": "{values}"}}}).repeat_key
