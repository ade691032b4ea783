"""Every request of a profile says its verb, its path, its parameters, its headers and its body, over real HTTP."""

from __future__ import annotations

from datetime import datetime, timezone
from urllib.parse import parse_qsl

import pytest

from wave_pms_sync.errors import UnknownOutcome
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
FORM = "application/x-www-form-urlencoded"
GROUPS = [{"filters": [{"name": "moved", "operator": "GTE", "value": "{since}"}]}]


def test_a_filter_that_vanishes_with_its_moment(api) -> None:
    """A full listing sends no filter that lacks its value, and no empty list of filters."""
    api.answers["POST /customers"] = {"items": []}
    body = {"size": "{limit}", "after": "{cursor}", "groups": GROUPS}
    client = api.client({"list": {"method": "POST", "query": {}, "body": body, "whole": ["groups"]}})

    list(client.pages())
    list(client.pages(NOON))

    full, changed = api.bodies()
    assert full == {"size": 100}
    assert changed["groups"][0]["filters"][0]["value"] == "2026-03-01T12:00:00.000Z"


def test_a_filter_in_the_query_that_vanishes_with_its_moment(api) -> None:
    """Of a list of conditions in the query, that of the moment is left out, and the others stay."""
    api.answers["GET /customers"] = {"items": []}
    filters = [["disabled", "=", 0], ["modified", ">=", "{since}"]]
    client = api.client({"list": {"query": {"filters": filters}, "whole": ["filters[1]"]}})

    list(client.pages())
    list(client.pages(NOON))

    assert [call.query["filters"] for call in api.calls] == [
        '[["disabled","=",0]]',
        '[["disabled","=",0],["modified",">=","2026-03-01T12:00:00.000Z"]]',
    ]


def test_a_server_that_knows_nothing_but_forms(api) -> None:
    """Reading, deleting and archiving can be POSTs of a form, each with the id among its fields."""
    for name in ("get", "remove", "hide"):
        api.answers[f"POST /{name}.php"] = {"id": 7, "name": "Ada"}
    call = {"method": "POST", "headers": {}, "body": {"nr": "{id}"}, "content_type": FORM}
    client = api.client(
        {
            "read": {"path": "/get.php", **call},
            "delete": {"path": "/remove.php", **call},
            "archive": {"path": "/hide.php", **call},
        }
    )

    found = client.customer("7")
    client.archive_customer("7")
    client.delete_customer("7")

    assert found is not None
    assert found.payload["name"] == "Ada"
    assert api.asked() == ["POST /get.php", "POST /hide.php", "POST /remove.php"]
    assert [call.headers["content-type"] for call in api.calls] == [FORM] * 3
    assert [dict(parse_qsl(call.body.decode())) for call in api.calls] == [{"nr": "7"}] * 3


def test_a_list_of_deletions_by_post(api) -> None:
    """The list of what was deleted can be asked for by POST, with headers and a body."""
    api.answers["GET /customers"] = {"items": []}
    api.answers["POST /deleted"] = {"items": [{"id": 3}]}
    call = {
        "method": "POST",
        "query": {},
        "headers": {"X-From": "{since}"},
        "body": {"from": "{since}", "n": "{limit}"},
    }
    client = api.client({"list": {"query": {}}, "deletions": {"path": "/deleted", **call}})

    gone = next(client.pages(NOON))

    assert [record.id for record in gone.records] == ["3"]
    assert api.bodies() == [{"from": "2026-03-01T12:00:00.000Z", "n": 100}]
    assert api.calls[0].headers["x-from"] == "2026-03-01T12:00:00.000Z"


SEARCH = {
    "list": {"method": "POST", "path": "{path}/list", "query": {}, "body": {"size": "{limit}", "groups": GROUPS}},
    "create": {
        "headers": {},
        "find_by": "email",
        "find_method": "POST",
        "find_path": "{path}/search",
        "find_body": {"groups": [{"filters": [{"name": "email", "operator": "EQ", "value": "{value}"}]}]},
    },
}


def test_a_search_by_post_finds_what_was_created(api) -> None:
    """A create that showed nothing is looked up by POST: the listing's body with the search laid over it."""
    profile = PmsProfile.from_dict(SEARCH).evolve(list={"whole": ["groups"], "headers": {"X-Size": "{limit}"}})
    api.answers["POST /customers"] = (204, None)
    api.answers["POST /customers/search"] = {"items": [{"id": 7, "email": "a@x.org"}, {"id": 8, "email": "b@x.org"}]}
    api.answers["GET /customers/7"] = {"id": 7, "email": "a@x.org", "name": "Ada"}
    client = api.client(profile.to_dict())

    made = client.create_customer({"email": "a@x.org", "name": "Ada"}, repeat_key="k")

    assert made.id == "7"
    assert api.asked() == ["POST /customers", "POST /customers/search", "GET /customers/7"]
    assert api.calls[1].headers["x-size"] == "100"
    assert api.bodies()[1] == {
        "size": 100,
        "groups": [{"filters": [{"name": "email", "operator": "EQ", "value": "a@x.org"}]}],
    }


def test_a_search_that_finds_several(api) -> None:
    """A search that finds two with the same value tells nobody which one was created."""
    api.answers["POST /customers"] = (204, None)
    api.answers["POST /customers/search"] = {"items": [{"id": 7, "email": "a@x.org"}, {"id": 8, "email": "a@x.org"}]}

    with pytest.raises(UnknownOutcome):
        api.client(SEARCH).create_customer({"email": "a@x.org"}, repeat_key="k")


def test_a_preview_shows_the_search() -> None:
    """The preview shows how a created record would be looked up."""
    client = CustomPmsClient("https://x.org", profile=PmsProfile.from_dict(SEARCH))

    assert dict(client.preview())["look up what was created"].startswith("curl -X POST")
