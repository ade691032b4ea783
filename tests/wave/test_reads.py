"""Answers to reads: pages, and several customers at once."""

from __future__ import annotations

import json

import pytest

from wave_pms_sync.errors import BadAnswer, NotFound, Unreachable
from wave_pms_sync.http.messages import Response
from wave_pms_sync.wave.operations import reads

ADA, GRACE = {"id": "1", "name": "Ada"}, {"id": "2", "name": "Grace"}


def _answer(business, *errors):
    listed = [{"message": "", "path": path, "extensions": {"code": code}} for path, code in errors]
    return Response(status=200, body=json.dumps({"data": {"business": business}, "errors": listed}).encode())


def _customers(*answer):
    read = reads.customers(_answer(*answer), ["1", "2"], "B1")
    return {customer_id: record and record.payload["name"] for customer_id, record in read.items()}


def test_several_customers_are_judged_alone():
    """A customer that Wave does not have is None; the others are read all the same."""
    missing = (["business", "c1"], "NOT_FOUND")

    assert _customers({"id": "B1", "c0": ADA, "c1": GRACE}) == {"1": "Ada", "2": "Grace"}
    assert _customers({"id": "B1", "c0": ADA, "c1": None}, missing) == {"1": "Ada", "2": None}


def test_null_without_an_error_is_missing():
    """A customer that is null, with no error or with one that names no alias, is not there."""
    assert _customers({"c0": ADA, "c1": None}) == {"1": "Ada", "2": None}
    assert _customers({"c0": ADA, "c1": None}, (None, "NOT_FOUND")) == {"1": "Ada", "2": None}
    assert _customers({"c0": ADA, "c1": None}, (["business", "customer"], "NOT_FOUND")) == {"1": "Ada", "2": None}


def test_a_business_lost_over_one_customer_settles_only_that_one():
    """If a missing customer takes the whole business away, nothing is said about the others."""
    assert _customers(None, (["business", "c1"], "NOT_FOUND")) == {"2": None}


def test_one_customer_may_be_missing_by_its_field_name():
    """A single customer is missing even if Wave names it by its field and takes the business away."""
    answer = _answer(None, (["business", "customer"], "NOT_FOUND"))

    assert reads.customers(answer, ["1"], "B1") == {"1": None}


@pytest.mark.parametrize(
    "answer",
    [
        (None,),
        (None, (["business"], "NOT_FOUND")),
        (None, (None, "NOT_FOUND")),
        (None, (["business", "customer"], "NOT_FOUND")),
    ],
)
def test_a_business_that_cannot_be_seen_is_an_error(answer):
    """Without the business no customer is called missing."""
    with pytest.raises(NotFound, match="no business B1"):
        _customers(*answer)


@pytest.mark.parametrize(("code", "error"), [("INTERNAL_SERVER_ERROR", Unreachable), ("SOMETHING", BadAnswer)])
def test_another_error_fails_the_read(code, error):
    """A customer that failed otherwise is not called missing, whatever else is."""
    with pytest.raises(error):
        _customers({"c0": None, "c1": None}, (["business", "c0"], code), (["business", "c1"], "NOT_FOUND"))


def _page(number, pages, total=5):
    info = {"currentPage": number, "totalPages": pages, "totalCount": total}
    business = {"customers": {"edges": [{"node": ADA}], "pageInfo": info}}
    return reads.page(_answer(business), "B1")


def test_the_last_page_is_the_one_wave_calls_so():
    """The end is stated by the page numbers alone, never by the number of rows."""
    assert [_page(1, 2).last, _page(2, 2).last, _page(3, 2).last, _page(1, None).last] == [False, True, True, False]
    assert (_page(1, 2).total, [record.id for record in _page(1, 2).records]) == (5, ["1"])


@pytest.mark.parametrize("answer", [_answer(None), _answer(None, (["business"], "NOT_FOUND"))])
def test_a_page_of_a_business_that_cannot_be_seen_is_an_error(answer):
    """A business that is null is never an empty page."""
    with pytest.raises(NotFound, match="no business B1"):
        reads.page(answer, "B1")
