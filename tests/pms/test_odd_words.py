"""APIs with words of their own: lists around one record, one code for two things, false and 204 for nothing."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from wave_pms_sync.errors import BadAnswer, ConfigurationError, Conflict, NotFound, Refused
from wave_pms_sync.pms.decode import record
from wave_pms_sync.pms.profile import PmsProfile

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ADA = {"id": 7, "name": "Ada", "email": "ada@example.org", "updated_at": "2026-03-01T12:00:00Z"}
FORM = "application/x-www-form-urlencoded"


# --- a record inside a list


def test_values_inside_a_list(api) -> None:
    """A create and an update may want a list of one record, alone or beside the list of its id."""
    api.answers["POST /customers"] = (201, {"data": [ADA]})
    api.answers["PATCH /customers/7"] = {"data": [ADA]}
    client = api.client(
        {
            "create": {"body": {"data": ["{values}"]}, "record": "data[0]"},
            "update": {"body": {"args": [["{id}"], "{values}"]}, "record": "data[0]"},
            "record": {"id_type": "integer"},
        }
    )

    made = client.create_customer({"name": "Ada", "email": None})
    client.update_customer(made.id, {"name": "Ada", "email": None})

    assert api.bodies() == [{"data": [{"name": "Ada"}]}, {"args": [[7], {"name": "Ada", "email": None}]}]


def test_values_inside_a_list_of_a_form(api) -> None:
    """In a form, the properties of a record in a list share its number, so that no server can tear them apart."""
    api.answers["POST /customers"] = (201, ADA)
    client = api.client({"create": {"body": {"rows": ["{values}"]}, "content_type": FORM}})

    client.create_customer({"name": "Ada", "tags": ["a", "b"], "phones": [{"kind": "home", "number": "1"}]})

    assert api.calls[0].body == (
        b"rows[0][name]=Ada&rows[0][tags][]=a&rows[0][tags][]=b"
        b"&rows[0][phones][0][kind]=home&rows[0][phones][0][number]=1"
    )


@pytest.mark.parametrize("field", ["data.0.email", "/data/0/email"])
def test_an_error_about_an_item_names_the_field(api, field: str) -> None:
    """The list around a record is no part of the field that an error names."""
    api.answers["POST /customers"] = (422, {"errors": [{"field": field, "code": "taken"}]})
    client = api.client({"create": {"body": {"data": ["{values}"]}}})

    with pytest.raises(Refused) as caught:
        client.create_customer({"name": "Ada", "email": "ada@example.org"})

    assert [fault.path for fault in caught.value.faults] == ["email"]


@pytest.mark.parametrize("body", [{"data": []}, {"data": ["{id}"]}, {"data": ["x {values}"]}])
def test_a_body_without_a_place_for_the_values(body: dict[str, object]) -> None:
    """A body that has no place for the values is refused, and where they may stand is told."""
    with pytest.raises(ConfigurationError, match=r"update\.body: .* as an item of a list"):
        PmsProfile.from_dict({"update": {"body": body}})


# --- one code for "not there" and "not accepted"


ONE_CODE = {"errors": {"code": "data[0].code", "codes": {"INVALID_DATA": "refused"}}}
INVALID = (202, {"data": [{"code": "INVALID_DATA", "message": "the id given seems to be invalid"}]})


def test_a_refused_deletion_of_what_is_gone(api) -> None:
    """A deletion was called refused where the API has one code for wrong values and for ids that are gone."""
    api.answers["DELETE /customers/7"] = INVALID
    client = api.client(ONE_CODE)

    client.delete_customer("7")

    assert api.asked() == ["DELETE /customers/7", "GET /customers/7"]


def test_a_refused_deletion_of_what_reads_as_deleted(api) -> None:
    """A record that stays readable, marked as deleted, is gone as well."""
    api.answers["DELETE /customers/7"] = INVALID
    api.answers["GET /customers/7"] = {**ADA, "deleted": True}

    api.client(ONE_CODE).delete_customer("7")


@pytest.mark.parametrize("reading", [ADA, {**ADA, "kind": "supplier"}, (500, {}), (403, {}), (200, {"rows": []})])
def test_a_refused_deletion_of_what_may_be_there(api, reading: object) -> None:
    """A refused deletion stays refused if the record is there, whatever it is now, or if nobody can say."""
    api.answers["DELETE /customers/7"] = INVALID
    api.answers["GET /customers/7"] = reading
    client = api.client({**ONE_CODE, "record": {"only": {"kind": "customer"}}})

    with pytest.raises(Refused):
        client.delete_customer("7")


def test_a_code_for_writes_does_not_hide_a_missing_record(api) -> None:
    """A code that declines a write says nothing of a read: there the status goes before it."""
    api.answers["GET /customers/7"] = (404, {"data": [{"code": "INVALID_DATA"}]})
    api.answers["GET /customers/8"] = (400, {"data": [{"code": "INVALID_DATA"}]})
    client = api.client(ONE_CODE)

    assert client.customer("7") is None
    with pytest.raises(Refused):
        client.customer("8")


# --- false for nothing


def test_false_for_every_empty_property() -> None:
    """Where false stands for every empty text, date or object, it reads as null, but for what is true or false."""
    profile = PmsProfile.from_dict(
        {"record": {"none": [False, "n/a"], "none_except": ["vip", "contact.main"], "updated": "moved"}}
    )
    row = {
        "id": 7,
        "archived": False,
        "email": False,
        "fax": "n/a",
        "rank": 0,
        "vip": False,
        "contact": {"main": False, "phone": False},
        "address": False,
        "phones": [{"number": False}, False],
        "moved": False,
    }

    found = record(row, profile)

    assert found.payload == {
        "id": 7,
        "archived": None,
        "email": None,
        "fax": None,
        "rank": 0,
        "vip": False,
        "contact": {"main": False, "phone": None},
        "address": None,
        "phones": [{"number": None}, False],
        "moved": None,
    }
    assert found.archived is False


# --- an answer without a body, where there is nobody


HEADER = {"list": {"query": {}, "headers": {"If-Modified-Since": "{since}"}, "absent_is_empty": True}}


@pytest.mark.parametrize(("status", "since"), [(204, None), (204, NOON), (304, NOON)])
def test_nothing_says_that_there_is_nobody(api, status: int, since: datetime | None) -> None:
    """204, and 304 to the question what changed, are an empty listing where the profile says so."""
    api.answers["GET /customers"] = (status, None)
    client = api.client(HEADER)

    pages = list(client.pages(since))

    assert [(page.records, page.last) for page in pages] == [((), True)]


@pytest.mark.parametrize(
    ("settings", "status", "since"),
    [({}, 204, None), ({}, 304, NOON), (HEADER, 304, None), (HEADER, 200, None)],
)
def test_nothing_is_no_empty_listing_otherwise(api, settings: object, status: int, since: datetime | None) -> None:
    """An answer without a body is an error that names the setting, unless the profile says what it means."""
    api.answers["GET /customers"] = (status, None)
    client = api.client(settings)

    with pytest.raises(BadAnswer, match=r"`list\.absent_is_empty`"):
        list(client.pages(since))


def test_a_list_of_deletions_without_a_body(api) -> None:
    """The list of what was deleted may be answered without a body as well, page by page."""
    api.answers["GET /gone"] = (304, None)
    api.answers["GET /customers"] = {"items": [ADA]}
    gone = {"path": "/gone", "query": {}, "headers": {"if-modified-since": "{since}"}}
    client = api.client({"list": {"absent_is_empty": True}, "deletions": gone})

    assert [record.id for page in client.pages(NOON) for record in page.records] == ["7"]


def test_a_single_record_answered_without_a_body(api) -> None:
    """A read that is answered with nothing names the setting that says that this means missing."""
    api.answers["GET /customers/7"] = (204, None)

    with pytest.raises(BadAnswer, match=r"`read\.empty_is_missing`"):
        api.client({}).customer("7")
    assert api.client({"read": {"empty_is_missing": True}}).customer("7") is None


# --- behind the last page


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (400, Refused)])
def test_an_error_behind_the_last_page_names_the_setting(api, status: int, kind: type[Exception]) -> None:
    """Where pages are numbered, a page that is declined may be behind the last one, and `paging.past_end` says so."""
    api.answers["GET /customers"] = lambda call: {"items": [ADA]} if call.query["page"] == "1" else (status, {})
    numbered = {"list": {"query": {"page": "{page}"}}}

    with pytest.raises(kind, match=r"page 1 was the last, `paging\.past_end`"):
        list(api.client(numbered).pages())
    assert [page.last for page in api.client({**numbered, "paging": {"past_end": [status]}}).pages()] == [False, True]


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (400, Refused), (409, Conflict)])
def test_a_declined_cursor_names_the_page_that_gave_it(api, status: int, kind: type[Exception]) -> None:
    """Where a listing breaks off at a cursor or URL, the error says at which page, and asks nobody to check an id."""
    at_cursor = {"items": [ADA], "next_cursor": "n", "links": {"next": "/customers?cursor=n"}}
    api.answers["GET /customers"] = lambda call: (status, {}) if "cursor" in call.query else at_cursor

    with pytest.raises(kind, match=r"this was page 2, by the cursor in `next_cursor` of page 1") as by_cursor:
        list(api.client({}).pages())
    with pytest.raises(kind, match=r"this was page 2, by the URL in `links\.next` of page 1"):
        list(api.client({"list": {"query": {}}, "paging": {"next": "links.next"}}).pages())

    assert "check the id" not in str(by_cursor.value)


def test_an_error_elsewhere_does_not_speak_of_pages(api) -> None:
    """A first page that is declined, and a cursor that is, have nothing to do with the end of a listing."""
    api.answers["GET /customers"] = lambda call: (
        (400, {}) if "cursor" in call.query or "page" in call.query else {"items": [ADA], "next_cursor": "n"}
    )

    with pytest.raises(Refused) as by_cursor:
        list(api.client({}).pages())
    with pytest.raises(Refused) as first:
        list(api.client({"list": {"query": {"page": "{page}"}}}).pages())

    assert "past_end" not in f"{by_cursor.value} {first.value}"
