"""How a listing goes on, and what ends it, over real HTTP."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from wave_pms_sync.errors import BadAnswer, Refused, Unauthorized
from wave_pms_sync.pms.addresses import linked_next, next_url
from wave_pms_sync.pms.decode import OtherShape
from wave_pms_sync.pms.paging import Pager, pager_of
from wave_pms_sync.pms.profile import PmsProfile

ROWS = [{"id": number} for number in range(1, 8)]


def shown(client) -> tuple[list[str], bool]:
    """The ids of a listing, and whether its end was stated."""
    pages = list(client.pages())
    return [record.id for page in pages for record in page.records], pages[-1].last


def numbered(size: int, first: int = 1, **more: object):
    """An answer that gives pages of so many rows by number."""

    def answer(call):
        start = (int(call.query["page"]) - first) * size
        return {"items": ROWS[start : start + size], **more}

    return answer


ALL = [str(row["id"]) for row in ROWS]
BY_PAGE = {"list": {"query": {"page": "{page}", "size": "{limit}"}}}
BY_OFFSET = {"list": {"query": {"skip": "{offset}", "take": "{limit}"}}}


@pytest.mark.parametrize(
    ("query", "pager"),
    [
        ({"c": "{cursor}"}, Pager.CURSOR),
        ({"p": "{page}"}, Pager.PAGE),
        ({"o": "{offset}"}, Pager.OFFSET),
        ({"n": "{limit}"}, Pager.URL),
        ({}, Pager.URL),
    ],
)
def test_the_request_says_what_chooses_pages(query: dict[str, object], pager: Pager) -> None:
    """Which placeholder a listing uses says how it goes on; with none, by URLs or not at all."""
    assert pager_of(PmsProfile.from_dict({"list": {"query": query}})) is pager


@pytest.mark.parametrize("first", [0, 1])
def test_numbered_pages_end_with_an_empty_one(api, first: int) -> None:
    """Numbered pages are read from the first number on to an empty page, whatever size the server makes them."""
    api.answers["GET /customers"] = numbered(3, first)

    found = shown(api.client({**BY_PAGE, "paging": {"first": first, "size": 50}}))

    assert found == (ALL, True)
    assert [call.query for call in api.calls] == [{"page": str(first + n), "size": "50"} for n in range(4)]


def test_a_short_page_ends_only_after_a_longer_one(api) -> None:
    """A page smaller than asked for is no end, since servers cut sizes; one smaller than another before is."""
    api.answers["GET /customers"] = numbered(3)

    found = shown(api.client({**BY_PAGE, "paging": {"end": "short", "size": 50}}))

    assert (found, len(api.calls)) == ((ALL, True), 3)


def test_a_total_reached_is_an_end(api) -> None:
    """Where the profile says so, the number of rows in all ends a listing without a further request."""
    api.answers["GET /customers"] = numbered(4, total=7)

    found = shown(api.client({**BY_PAGE, "paging": {"end": "total"}}))

    assert (found, len(api.calls)) == ((ALL, True), 2)


def test_a_total_alone_is_no_end(api) -> None:
    """Without that word, a total that is reached ends nothing: a further page is asked for."""
    api.answers["GET /customers"] = numbered(4, total=4)

    assert shown(api.client(BY_PAGE)) == (ALL, True)


def test_a_last_page_for_ever(api) -> None:
    """Where the server answers its last page for every number behind it, that ends the listing if declared, and
    otherwise leaves it incomplete; no row comes twice.
    """
    api.answers["GET /customers"] = lambda call: {"items": ROWS[4:] if int(call.query["page"]) > 1 else ROWS[:4]}

    assert shown(api.client({**BY_PAGE, "paging": {"end": "repeat"}})) == (ALL, True)
    assert shown(api.client(BY_PAGE)) == (ALL, False)


def test_a_page_that_shows_some_of_the_last_again_is_no_repetition(api, in_turn) -> None:
    """Only the same page again ends such a listing; some of its rows again may mean that rows moved."""
    api.answers["GET /customers"] = in_turn({"items": ROWS[:3]}, {"items": ROWS[1:3]})

    assert shown(api.client({**BY_PAGE, "paging": {"end": "repeat"}})) == (ALL[:3], False)


def test_a_status_behind_the_last_page(api) -> None:
    """A status declared for pages behind the last ends the listing; on the first page it is an error as ever."""
    api.answers["GET /customers"] = lambda call: {"items": ROWS} if call.query["page"] == "1" else (400, None)

    assert shown(api.client({**BY_PAGE, "paging": {"past_end": [400]}})) == (ALL, True)
    with pytest.raises(Refused):
        shown(api.client(BY_PAGE))
    api.answers["GET /customers"] = (400, None)
    with pytest.raises(Refused):
        shown(api.client({**BY_PAGE, "paging": {"past_end": [400]}}))


@pytest.mark.parametrize("where", ["body", "header"])
def test_the_number_of_pages_ends_a_listing(api, where: str) -> None:
    """The number of pages, in the body or a header, ends a listing with its last page."""
    answer = numbered(4, meta={"pages": 2})
    api.answers["GET /customers"] = lambda call: (200, answer(call), {"X-WP-TotalPages": "2", "X-WP-Total": "7"})
    said = {"pages": "meta.pages"} if where == "body" else {"pages_header": "X-WP-TotalPages"}

    client = api.client({"list": {**BY_PAGE["list"], "total_header": "X-WP-Total"}, "paging": said})

    assert (shown(client), len(api.calls)) == ((ALL, True), 2)
    assert next(client.pages()).total == 7


def test_no_pages_at_all(api) -> None:
    """Zero pages of an empty account are its end."""
    api.answers["GET /customers"] = {"items": [], "pages": 0}

    assert shown(api.client({**BY_PAGE, "paging": {"pages": "pages"}})) == ([], True)


def test_offsets_go_by_what_came(api) -> None:
    """An offset grows by the rows that came, not by those asked for, so a size cut silently skips nobody."""
    api.answers["GET /customers"] = lambda call: {"items": ROWS[int(call.query["skip"]) :][:2]}

    found = shown(api.client({**BY_OFFSET, "paging": {"size": 5}}))

    assert found == (ALL, True)
    assert [call.query["skip"] for call in api.calls] == ["0", "2", "4", "6", "7"]


def test_a_flag_says_whether_more_follows(api) -> None:
    """A flag or a link that is null ends the listing; where it is not found, nothing is believed."""
    api.answers["GET /customers"] = lambda call: {
        "items": ROWS[int(call.query["skip"]) :][:4],
        "links": {"next": "..." if call.query["skip"] == "0" else None},
    }

    assert shown(api.client({**BY_OFFSET, "paging": {"more": "links.next"}})) == (ALL, True)
    assert len(api.calls) == 2
    with pytest.raises(BadAnswer, match=r"whether more follows in `links\.more`"):
        shown(api.client({**BY_OFFSET, "paging": {"more": "links.more"}}))


def test_a_cursor_may_be_the_last_row(api) -> None:
    """The next page may begin behind the last row, and a flag says whether there is one."""

    def answer(call):
        start = int(call.query.get("after", 0))
        return {"items": ROWS[start : start + 3], "has_more": start + 3 < len(ROWS)}

    api.answers["GET /customers"] = answer
    settings = {"list": {"query": {"after": "{cursor}"}}, "paging": {"next": "items[-1].id", "more": "has_more"}}

    assert shown(api.client(settings)) == (ALL, True)


@pytest.mark.parametrize("no", [False, 0, None, "", "false", "False", "0", "no"])
def test_more_may_be_said_in_words(api, no: object) -> None:
    """A text that says no ends the listing as false does, and another one leads on, though each page has a cursor."""
    api.answers["GET /customers"] = lambda call: {
        "items": ROWS[4:] if "cursor" in call.query else ROWS[:4],
        "next_cursor": "n",
        "more": no if "cursor" in call.query else "true",
    }

    assert shown(api.client({"paging": {"more": "more"}})) == (ALL, True)


def test_more_without_a_cursor_is_no_end(api) -> None:
    """An answer that says that more follows, but not where, leaves the listing incomplete."""
    api.answers["GET /customers"] = {"items": ROWS, "more": True}

    assert shown(api.client({"paging": {"more": "more"}})) == (ALL, False)


def test_a_cursor_in_a_header(api, in_turn) -> None:
    """A cursor may come in a header of any name; none there is the end."""
    api.answers["GET /customers"] = in_turn(
        (200, {"items": ROWS[:4]}, {"X-Next-Cursor": "c 4"}), {"items": ROWS[4:], "next_cursor": "x"}
    )

    assert shown(api.client({"paging": {"next_header": "X-Next-Cursor"}})) == (ALL, True)
    assert api.calls[1].query["cursor"] == "c 4"


@pytest.mark.parametrize(
    "target",
    [
        "{origin}/api/customers?page=2",
        "/api/customers?page=2",
        "customers?page=2",
        "?page=2",
        "//{host}/api/customers?page=2",
    ],
)
@pytest.mark.parametrize("where", ["body", "Link", "X-Next-Page", "X-Links"])
def test_next_urls(api, where: str, target: str) -> None:
    """The URL of the next page is followed, whole or relative, from the body, web links or another header."""
    url = target.format(origin=api.origin, host=api.origin.removeprefix("http://"))
    header = f'</api/customers?page=1>; rel="first", <{url}>; title="a, b"; rel="last next"' if "Link" in where else url

    def answer(call):
        if call.query.get("page") == "2":
            return {"items": ROWS[4:], "next": None}
        return (
            200,
            {"items": ROWS[:4], "next": url if where == "body" else "x"},
            {} if where == "body" else {where: header},
        )

    api.answers["GET /customers"] = answer
    settings = {"list": {"query": {"limit": "{limit}"}}, "paging": {"next": "next"}}
    if where != "body":
        settings["paging"] = {"next_header": where}

    assert shown(api.client(settings)) == (ALL, True)
    assert api.calls[1].query == {"page": "2"}


def test_next_urls_relative_to_the_base(api) -> None:
    """Where the profile says so, a relative URL counts from the base URL."""
    api.answers["GET /customers"] = {"items": ROWS[:4], "next": "/customers/more?page=2"}
    api.answers["GET /customers/more"] = {"items": ROWS[4:], "next": None}
    settings = {"list": {"query": {}}, "paging": {"next": "next", "next_from": "base"}}

    assert shown(api.client(settings)) == (ALL, True)


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [
        ("request", "/v2/c?p=2", "https://x.org/v2/c?p=2"),
        ("request", "d?p=2", "https://x.org/api/v1/d?p=2"),
        ("request", "?p=2", "https://x.org/api/v1/c?p=2"),
        ("base", "/c?p=2", "https://x.org/api/c?p=2"),
        ("base", "c?p=2", "https://x.org/api/c?p=2"),
        ("base", "?p=2", "https://x.org/api?p=2"),
        ("origin", "/v2/c?p=2", "https://x.org/v2/c?p=2"),
        ("origin", "v2/c?p=2", "https://x.org/v2/c?p=2"),
        ("origin", "?p=2", "https://x.org?p=2"),
        *((start, "https://x.org/d?p=2", "https://x.org/d?p=2") for start in ("request", "base", "origin")),
        *((start, "//x.org/d?p=2", "https://x.org/d?p=2") for start in ("request", "base", "origin")),
    ],
)
def test_what_a_next_url_is_relative_to(start: str, text: str, expected: str) -> None:
    """A next URL without a host is read as a browser does, or continues the base URL, or the origin."""
    profile = PmsProfile.from_dict({"paging": {"next_from": start}})

    found = next_url(text, request_url="https://x.org/api/v1/c?p=1", base_url="https://x.org/api", profile=profile)

    assert found == expected


def test_the_next_page_among_the_links_of_an_answer(api) -> None:
    """The next page can be that link of a list of which something is true; if no link is, the listing ends there."""

    def answer(call):
        last = call.query.get("page") == "2"
        here = {"relation": "self", "url": "?page=9"}
        links = [here] if last else [here, {"relation": "next", "url": "?page=2"}]
        return {"items": ROWS[4:] if last else ROWS[:4], "link": links}

    api.answers["GET /customers"] = answer
    settings = {
        "list": {"query": {"size": "{limit}"}},
        "paging": {"size": 3, "next": "link[relation=next].url"},
    }

    assert shown(api.client(settings)) == (ALL, True)
    api.answers["GET /customers"] = {"items": ROWS[:3]}
    assert shown(api.client(settings)) == (ALL[:3], False)


def test_rows_that_are_left_out_where_there_are_none(api) -> None:
    """Where the profile says so, nothing or null in place of the rows is an empty listing, and otherwise an error."""
    for body in ({}, {"items": None}, {"items": None, "total": 0}):
        api.answers["GET /customers"] = body

        assert shown(api.client({"list": {"absent_is_empty": True}})) == ([], True)
        with pytest.raises(BadAnswer):
            shown(api.client({}))

    api.answers["GET /customers"] = b"null"
    assert shown(api.client({"list": {"rows": "", "absent_is_empty": True}})) == ([], True)


@pytest.mark.parametrize("body", [[], "text", None, 5, {"items": {}}, {"items": ""}, {"items": None, "total": 3}])
def test_what_is_no_empty_listing_even_then(api, body: object) -> None:
    """An answer that cannot hold rows, or that counts some, is never an empty listing."""
    api.answers["GET /customers"] = json.dumps(body).encode()

    with pytest.raises(BadAnswer):
        shown(api.client({"list": {"absent_is_empty": True}}))


def test_rows_that_are_left_out_behind_the_last(api) -> None:
    """A page behind the last, without rows, ends the listing; a total that was reached does not contradict."""
    api.answers["GET /customers"] = lambda call: (
        {"items": ROWS, "total": 7} if call.query["page"] == "1" else {"total": 7}
    )

    assert shown(api.client({"list": {**BY_PAGE["list"], "absent_is_empty": True}})) == (ALL, True)


def test_deletions_that_are_left_out_where_there_are_none(api) -> None:
    """A list of deletions without rows is an empty one where the profile says so."""
    api.answers["GET /deleted"] = {}
    api.answers["GET /customers"] = {}
    client = api.client({"list": {"absent_is_empty": True}, "deletions": {"path": "/deleted"}})

    assert [page.records for page in client.pages(datetime(2026, 3, 1, tzinfo=timezone.utc))] == [(), ()]


def test_f107_credentials_go_nowhere_else(api, elsewhere) -> None:
    """A next URL at another origin is refused, and nothing is sent there."""
    api.answers["GET /customers"] = {"items": ROWS[:4], "next": f"{elsewhere.origin}/api/customers?page=2"}

    with pytest.raises(BadAnswer, match="credentials go nowhere else") as caught:
        shown(api.client({"list": {"query": {}}, "paging": {"next": "next"}}))

    assert elsewhere.calls == []
    assert elsewhere.origin not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("?filter[name]=Zoë Å&x={1}", "https://pms.example.com/api/c?filter[name]=Zo%C3%AB%20%C3%85&x=%7B1%7D"),
        ("?cursor=a%2Bb%3D", "https://pms.example.com/api/c?cursor=a%2Bb%3D"),
        ("http://pms.example.com/api/c?page=2", "https://pms.example.com/api/c?page=2"),
        ("https://PMS.example.com:443/api/c?page=2", "https://PMS.example.com:443/api/c?page=2"),
    ],
)
def test_what_servers_write_as_a_url(text: str, expected: str) -> None:
    """Unescaped characters are escaped once, and http of our own host, as servers behind a proxy write it, is https."""
    found = next_url(
        text,
        request_url="https://pms.example.com/api/c",
        base_url="https://pms.example.com/api",
        profile=PmsProfile(),
    )

    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/api/c",
        "//evil.example/api/c",
        "https://pms.example.com:8443/api/c",
        "https://pms.example.com@evil.example/",
        "http://pms.example.com:8080/c",
        "ftp://pms.example.com/c",
        "https://[/",
        "https:\\\\evil.example",
    ],
)
def test_urls_that_lead_elsewhere(text: str) -> None:
    """Another host, port or scheme, or no URL at all, is refused."""
    base = "https://pms.example.com/api"

    try:
        found = next_url(text, request_url=f"{base}/c", base_url=base, profile=PmsProfile())
    except OtherShape:
        return
    assert found.startswith("https://pms.example.com/")


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://x/?page=2>; rel="next"', "https://x/?page=2"),
        ("</?a,b;c=1>; rel=next; title=x", "/?a,b;c=1"),
        ('<a>; rel="prev", <b>; rel="next"', "b"),
        ('<a>; title="rel=next"', None),
        ('<a>; rel="nextpage"', None),
        ("", None),
        ("garbage", None),
    ],
)
def test_web_links(header: str, target: str | None) -> None:
    """The next page is found among web links, whatever else they say."""
    assert linked_next(header) == target


def test_a_full_page_without_pages_leaves_open_whether_there_is_more(api) -> None:
    """An API that seems to have no pages, but gives as many rows as were asked for, was perhaps cut off."""
    api.answers["GET /customers"] = {"items": ROWS}
    settings = {"list": {"query": {"limit": "{limit}"}}}

    assert shown(api.client({**settings, "paging": {"size": 7}})) == (ALL, False)
    assert shown(api.client({**settings, "paging": {"size": 8}})) == (ALL, True)
    assert shown(api.client({"list": {"query": {}}, "paging": {"size": 7}})) == (ALL, True)


def test_a_full_last_page_without_a_link_ends_what_had_links(api, in_turn) -> None:
    """Where a page before had a link, or the total is reached, a full page without a link is the last one."""
    settings = {"list": {"query": {"limit": "{limit}"}, "total": "count"}, "paging": {"size": 3, "next": "next"}}

    api.answers["GET /customers"] = in_turn({"items": ROWS[:3], "next": "?p=2"}, {"items": ROWS[3:6]})
    assert shown(api.client(settings)) == (ALL[:6], True)

    api.answers["GET /customers"] = {"items": ROWS[:3], "count": 3}
    assert shown(api.client(settings)) == (ALL[:3], True)

    api.answers["GET /customers"] = {"items": ROWS[:3], "count": 4}
    assert shown(api.client(settings)) == (ALL[:3], False)


BY_LIMIT = {"list": {"query": {"limit": "{limit}"}, "rows": "items"}}
SILENT = [{"next": "next"}, {"next": "meta.next"}, {"next_header": "X-Next"}, {"next_header": "Link"}]


def of_size(count: int, place: str):
    """An answer that gives as many rows as were asked for, and leads on only where more follows."""

    def answer(call):
        size = int(call.query["limit"])
        start = int(call.query.get("from", 0))
        body = {"items": ROWS[start : min(start + size, count)]}
        onward = f"/api/customers?limit={size}&from={start + size}"
        if start + size >= count:
            return body
        if place in ("X-Next", "Link"):
            return 200, body, {place: f'<{onward}>; rel="next"' if place == "Link" else onward}
        return {**body, **({"meta": {"next": onward}} if place == "meta.next" else {place: onward})}

    return answer


@pytest.mark.parametrize("paging", SILENT)
def test_a_full_first_page_without_a_link_is_the_end_where_a_smaller_one_has_one(api, paging) -> None:
    """As many customers as a page holds were an incomplete listing for ever, where the last page is silent."""
    place = paging.get("next") or paging["next_header"]
    api.answers["GET /customers"] = of_size(3, place)

    assert shown(api.client({**BY_LIMIT, "paging": {"next": "", "size": 3, **paging}})) == (ALL[:3], True)
    assert [call.query["limit"] for call in api.calls] == ["3", "1"]


@pytest.mark.parametrize("paging", SILENT)
def test_a_full_first_page_stays_open_where_no_page_leads_on(api, paging) -> None:
    """Where the profile looks for the link at a wrong place, a listing that may be cut is never complete."""
    api.answers["GET /customers"] = of_size(7, "elsewhere")
    settings = {**BY_LIMIT, "paging": {"next": "", "size": 3, **paging}}

    assert shown(api.client(settings)) == (ALL[:3], False)
    assert shown(api.client({**settings, "list": {"query": {"limit": "{limit}", "at": "{cursor}"}}}))[1] is False


@pytest.mark.parametrize("query", [{"at": "{cursor}"}, {}])
def test_more_rows_than_were_asked_for_are_all(api, query: dict[str, object]) -> None:
    """An API that knows neither sizes nor pages gives everybody at once, whatever the profile says of a next page."""
    api.answers["GET /customers"] = {"items": ROWS}
    paging = {"size": 3, **({} if query else {"next_header": "Link"})}

    assert shown(api.client({"list": {"query": {"limit": "{limit}", **query}}, "paging": paging})) == (ALL, True)
    assert len(api.calls) == 1


def test_a_full_first_page_that_is_contradicted_stays_open(api) -> None:
    """A total that is not reached, or a word that more follows, goes before silence, whatever smaller pages do."""
    api.answers["GET /customers"] = lambda call: (
        {"items": ROWS[:1], "next": "?from=1"}
        if call.query["limit"] == "1"
        else {"items": ROWS[:3], "count": 7, "more": True}
    )
    counted = {"query": {"limit": "{limit}"}, "total": "count"}

    assert shown(api.client({"list": counted, "paging": {"size": 3, "next": "next"}})) == (ALL[:3], False)
    assert shown(api.client({**BY_LIMIT, "paging": {"size": 3, "next": "next", "more": "more"}})) == (ALL[:3], False)
    assert {call.query["limit"] for call in api.calls} == {"3"}


@pytest.mark.parametrize("declined", [400, 404])
def test_a_full_first_page_stays_open_where_small_pages_are_declined(api, declined: int) -> None:
    """An API that declines a page of one row leaves open what a full first page means; other failures are told."""
    api.answers["GET /customers"] = lambda call: (declined, {}) if call.query["limit"] == "1" else {"items": ROWS[:3]}
    client = api.client({**BY_LIMIT, "paging": {"size": 3, "next": "next"}})

    assert shown(client) == (ALL[:3], False)

    api.answers["GET /customers"] = lambda call: (401, {}) if call.query["limit"] == "1" else {"items": ROWS[:3]}
    with pytest.raises(Unauthorized):
        shown(client)


def test_full_pages_of_changes_and_deletions_end_in_silence_as_well(api) -> None:
    """A first page of what changed, or was deleted, is asked again with the same moment."""
    api.answers["GET /customers"] = of_size(3, "next")
    api.answers["GET /gone"] = of_size(3, "next")
    query = {"limit": "{limit}", "since": "{since}"}
    client = api.client(
        {
            "list": {"query": query, "rows": "items"},
            "paging": {"size": 3, "next": "next"},
            "deletions": {"path": "/gone", "query": query},
        }
    )

    pages = list(client.pages(datetime(2026, 3, 1, tzinfo=timezone.utc)))

    assert [page.last for page in pages] == [False, True]
    assert [(call.path[4:], call.query["limit"]) for call in api.calls] == [
        ("/gone", "3"),
        ("/gone", "1"),
        ("/customers", "3"),
        ("/customers", "1"),
    ]
    assert len({call.query["since"] for call in api.calls}) == 1


def test_a_list_of_deletions_that_comes_at_once_is_whole(api) -> None:
    """A list of deletions that is asked for without a size counted as cut off once it had as many rows as a page."""
    api.answers["GET /gone"] = {"items": ROWS}
    api.answers["GET /customers"] = {"items": []}
    paging = {"size": 7, "next": "next"}
    client = api.client({**BY_LIMIT, "paging": paging, "deletions": {"path": "/gone", "query": {"since": "{since}"}}})

    pages = list(client.pages(datetime(2026, 3, 1, tzinfo=timezone.utc)))

    assert [len(page.records) for page in pages] == [7, 0]
    assert len(api.calls) == 2


def test_a_list_by_post(api, in_turn) -> None:
    """A listing may be asked for by POST or SEARCH with a body; it is no write, so it is repeated after a failure."""
    api.answers["SEARCH /customers/search"] = in_turn((502, None), {"items": ROWS}, {"items": []})
    body = {"filter": {"updated": {"gte": "{since}"}}, "page": {"size": "{limit}", "number": "{page}"}}
    listing = {"method": "SEARCH", "path": "{path}/search", "query": {}, "body": body}

    found = shown(api.client({"list": listing, "paging": {"size": 9}}))

    assert found == (ALL, True)
    assert api.bodies()[1:] == [{"page": {"size": 9, "number": 1}}, {"page": {"size": 9, "number": 2}}]


def forever(*, total: int | None = None, more: bool | None = None):
    """An answer that gives a cursor for ever."""

    def answer(call):
        start = int(call.query.get("cursor", 0))
        return {"items": ROWS[start : start + 3], "next_cursor": str(start + 3), "total": total, "more": more}

    return answer


def test_a_cursor_for_ever_ends_with_an_empty_page(api) -> None:
    """An API that gives a cursor with every page ends its listing by an empty one."""
    api.answers["GET /customers"] = forever()

    assert shown(api.client({})) == (ALL, True)


@pytest.mark.parametrize(
    ("answer", "paging"),
    [(forever(total=20), {}), (forever(more=True), {"more": "more"}), (forever(), {"end": "repeat"})],
)
def test_an_empty_page_that_is_contradicted(api, answer: object, paging: dict[str, object]) -> None:
    """An empty page behind a cursor is no end where a total, a flag or the profile says otherwise."""
    api.answers["GET /customers"] = answer

    assert shown(api.client({"paging": paging})) == (ALL, False)
