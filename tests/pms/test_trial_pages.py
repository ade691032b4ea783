"""The doctor is not fooled by listings that show only some of the customers."""

from __future__ import annotations

import pytest

from wave_pms_sync.findings import Finding, Verdict
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.pms_sandbox import PmsSandbox

DAY = "2026-03-0{}T12:00:00Z"
ROWS = [{"id": n, "name": "Ada", "created_at": DAY.format(n), "updated_at": DAY.format(n)} for n in range(1, 6)]
BY_PAGE = {"page": "{page}", "size": "{limit}"}
NAMED_WRONG = {"seite": "{page}", "size": "{limit}"}


def found_in(api, settings: dict[str, object]) -> dict[str, Finding]:
    """What the doctor finds, by subject."""
    api.answers |= {f"GET /customers/{row['id']}": row for row in ROWS}
    return {finding.subject: finding for finding in api.client(settings).check()}


def numbered(most: int, first: int = 1, **more: object):
    """A listing by page number, of at most so many rows a page."""

    def answer(call):
        size = min(most, int(call.query.get("size", 100)))
        start = (int(call.query.get("page", first)) - first) * size
        return (400, None) if start < 0 else {"items": ROWS[start : start + size], **more}

    return answer


def test_pages_counted_from_zero() -> None:
    """A profile that began with page 1 where the server begins with 0 never saw the first customers."""
    listing = {"query": {"page": "{page}", "size": "{limit}"}}
    true = PmsProfile.from_dict({"list": listing, "paging": {"first": 0, "size": 2}})
    with PmsSandbox(profile=true) as box:
        for name in ("Ada", "Grace", "Mary"):
            box.add({"name": name})
        broken = true.evolve(paging={"first": 1})
        with CustomPmsClient(box.url, profile=broken, retry=RetryPolicy(attempts=1), **box.credentials) as client:
            findings = client.check()
        with CustomPmsClient(box.url, profile=true, **box.credentials) as client:
            assert client.check().ok

    found = {finding.subject: finding for finding in findings}
    assert (found["first page"].verdict, found["first page"].key) == (Verdict.WRONG, "paging.first")


def test_everybody_on_the_page_before_the_first(api) -> None:
    """A listing that is empty because all stand on page 0 is told from an empty account."""
    api.answers["GET /customers"] = numbered(100, first=0)

    found = found_in(api, {"list": {"query": BY_PAGE}})

    assert found["first page"].key == "paging.first"
    assert found["credentials"].verdict is Verdict.ASSUMED


@pytest.mark.parametrize("before", [(400, None), {"items": []}, {"items": ROWS[:2]}, {"items": ROWS}])
def test_a_server_that_counts_from_one(api, before: object) -> None:
    """Page 0 may be refused, empty, page 1 once more or everything: that is no fault."""
    others = numbered(2)
    api.answers["GET /customers"] = lambda call: before if call.query["page"] == "0" else others(call)

    found = found_in(api, {"list": {"query": BY_PAGE}, "paging": {"size": 2}})

    assert "first page" not in found
    assert found["pages"].verdict is Verdict.WORKS


def test_page_0_of_a_long_listing(api) -> None:
    """Where the listing is too long to be walked, a page 0 that shows everybody is no fault; one of its own is."""
    rows = [{**ROWS[0], "id": number} for number in range(1, 13)]
    before = rows

    def answer(call):
        page = int(call.query["page"])
        return {"items": rows[page - 1 : page] if page else before}

    api.answers["GET /customers"] = answer
    settings = {"list": {"query": BY_PAGE}, "paging": {"size": 1}}

    everybody = found_in(api, settings)
    before = [{**ROWS[0], "id": 99}]
    others = found_in(api, settings)

    assert "first page" not in everybody
    assert others["first page"].verdict is Verdict.WRONG


@pytest.mark.parametrize("end", ["empty", "short", "total", "repeat"])
@pytest.mark.parametrize("size", [2, 100])
def test_a_parameter_of_another_name(api, size: int, end: str) -> None:
    """A server that does not know the page's parameter answers the first page for ever; that is never its end."""
    api.answers["GET /customers"] = numbered(3, total=5) if end == "total" else numbered(3)

    found = found_in(api, {"list": {"query": NAMED_WRONG}, "paging": {"end": end, "size": size}})

    assert found["pages"].verdict is Verdict.WRONG
    assert "list.query" in found["pages"].key
    assert "page 2 is page 1 again" in found["pages"].text or end == "total"


@pytest.mark.parametrize("end", ["empty", "short", "total", "repeat"])
def test_a_wrong_name_where_one_page_holds_everybody(api, end: str) -> None:
    """A wrong name of the page's parameter is found even where no second page is needed yet."""
    api.answers["GET /customers"] = numbered(100, total=5) if end == "total" else numbered(100)

    found = found_in(api, {"list": {"query": NAMED_WRONG}, "paging": {"end": end}})

    assert found["pages"].verdict is Verdict.WRONG
    assert "page 2 is page 1 again" in found["pages"].text


def test_a_listing_that_ends_by_repetition(api) -> None:
    """Where the last page comes again for ever and the profile says so, pages are tried by smaller ones."""

    def answer(call):
        size = int(call.query["size"])
        start = min((int(call.query["page"]) - 1) * size, (len(ROWS) - 1) // size * size)
        return {"items": ROWS[max(start, 0) : start + size]}

    api.answers["GET /customers"] = answer

    found = found_in(api, {"list": {"query": BY_PAGE}, "paging": {"end": "repeat"}})

    assert found["pages"].verdict is Verdict.WORKS


def test_no_pager_where_the_server_cuts(api) -> None:
    """A profile without a pager sees one page only; that it can be made smaller shows that there are others."""
    api.answers["GET /customers"] = numbered(100)

    found = found_in(api, {"list": {"query": {"size": "{limit}"}}})

    assert found["pages"].verdict is Verdict.WRONG
    assert found["pages"].key == "list.query or paging"


def test_an_order_that_the_size_changes(api) -> None:
    """Smaller pages must show the beginning of the large one, or rows are skipped between pages."""

    def answer(call):
        size, page = int(call.query["size"]), int(call.query["page"])
        rows = ROWS if size > 2 else ROWS[::-1]
        return {"items": rows[(page - 1) * size : page * size]}

    api.answers["GET /customers"] = answer

    found = found_in(api, {"list": {"query": BY_PAGE}})

    assert (found["pages"].verdict, found["pages"].key) == (Verdict.WRONG, "list.query")


@pytest.mark.parametrize("small", [(400, None), {"items": ROWS}])
def test_sizes_that_cannot_be_chosen(api, small: object) -> None:
    """Where smaller pages are refused or ignored, going on is assumed and no fault."""
    others = numbered(100)
    api.answers["GET /customers"] = lambda call: small if call.query["size"] == "2" else others(call)

    assert found_in(api, {"list": {"query": BY_PAGE}})["pages"].verdict is Verdict.ASSUMED


def test_a_second_page_that_fails(api) -> None:
    """Where a small page is shown, but the one behind it is refused, going on is called wrong."""
    others = numbered(100)
    api.answers["GET /customers"] = lambda call: (400, None) if call.query["page"] == "2" else others(call)

    found = found_in(api, {"list": {"query": BY_PAGE}, "paging": {"past_end": [400], "end": "repeat"}})
    refused = found_in(api, {"list": {"query": BY_PAGE}, "paging": {"end": "total"}})

    assert found["pages"].verdict is Verdict.WRONG
    assert refused["pages"].verdict is Verdict.WRONG


def test_a_cursor_for_ever_is_walked_to_its_end(api) -> None:
    """A small listing is walked to its end, even if every page of it gives a cursor."""

    def answer(call):
        start = int(call.query.get("cursor", 0))
        return {"items": ROWS[start : start + 2], "next_cursor": str(start + 2)}

    api.answers["GET /customers"] = answer

    assert found_in(api, {})["pages"].verdict is Verdict.WORKS


def test_an_endless_listing_is_not_walked_for_ever(api) -> None:
    """Of a long listing a few pages are enough."""

    def answer(call):
        start = int(call.query.get("cursor", 1))
        return {"items": [{**ROWS[0], "id": start}], "next_cursor": str(start + 1)}

    api.answers["GET /customers"] = answer

    assert found_in(api, {})["pages"].verdict is Verdict.WORKS
    assert len(api.calls) < 20


def test_a_later_page_that_never_ends(api) -> None:
    """A listing that breaks off behind its second page is called wrong."""
    api.answers["GET /customers"] = lambda call: {"items": ROWS[:3] if call.query["page"] == "1" else ROWS[3:]}

    found = found_in(api, {"list": {"query": BY_PAGE}})

    assert (found["pages"].verdict, found["pages"].key) == (Verdict.WRONG, "paging")


def test_a_partial_listing_is_walked_by_its_rows(api) -> None:
    """Pages are tried by their rows; the records of a partial listing are read once, not for every walk."""
    api.answers["GET /customers"] = numbered(100)

    found_in(api, {"list": {"query": BY_PAGE, "partial": True}})

    assert api.asked().count("GET /customers/5") == 1
