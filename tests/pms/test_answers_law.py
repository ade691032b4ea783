"""Whatever an API answers, the client knows what to make of it."""

from __future__ import annotations

import json
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync.errors import Refused, SyncError, UnknownOutcome
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.pms.answers import Answers
from wave_pms_sync.pms.conventions.shapes import Times
from wave_pms_sync.pms.operations import Customers
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.stamps import asked_since, moment

CUSTOMERS = Customers("https://pms.example.com", PmsProfile())
ANSWERS = Answers("https://pms.example.com", PmsProfile())
TIMES = Times()
CANARY = "canary@example.org"

texts = st.text(max_size=10) | st.just(CANARY)
names = st.sampled_from(["id", "items", "errors", "field", "code", "detail", "pointer", "next_cursor", "archived"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | texts, inner, max_size=4),
    max_leaves=12,
)
bodies = values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30)
answers = st.builds(
    Response,
    status=st.sampled_from([200, 201, 204, 301, 400, 401, 404, 409, 422, 429, 500]) | st.integers(100, 599),
    headers=st.dictionaries(st.sampled_from(["Content-Type", "Location", "ETag", "Retry-After", "Date"]), texts),
    body=bodies,
)
operations = st.sampled_from(
    [
        CUSTOMERS.list_page(),
        CUSTOMERS.one("7"),
        CUSTOMERS.create({"name": "Ada"}),
        CUSTOMERS.update("7", {"name": "Ada"}),
    ]
)


def understood(request: Request, answer: Response) -> object:
    """What the answer to this request says."""
    if request.operation == "list_customers":
        return ANSWERS.page_in(request, answer)
    if request.operation == "read_customer":
        return ANSWERS.record_in(request, answer)
    return ANSWERS.written_in(request, answer, {"name": "Ada"})


def error_of(request: Request, answer: Response) -> SyncError | None:
    """The error that this answer means, or None if it is understood."""
    try:
        understood(request, answer)
    except SyncError as error:
        return error
    return None


@given(request=operations, answer=answers)
def test_every_answer_is_a_result_or_an_error_of_ours(request: Request, answer: Response) -> None:
    """An answer is understood or raises a leaf of our tree, which quotes nothing and never forgets a write."""
    error = error_of(request, answer)

    if error is None:
        assert 200 <= answer.status < 300 or answer.status in {404, 410}
    else:
        assert CANARY not in f"{error} {error!r}"
        assert isinstance(error, UnknownOutcome) == error.executed
        assert request.writes or not error.executed
        assert error.executed or not request.writes or 400 <= answer.status < 500


@given(errors=values)
def test_every_refusal_names_a_fault(errors: object) -> None:
    """A refusal always carries a fault, whatever its errors look like."""
    answer = Response(status=422, body=json.dumps({"errors": errors}).encode())

    refusal = error_of(CUSTOMERS.create({"name": "Ada"}), answer)

    assert isinstance(refusal, Refused)
    assert refusal.faults
    assert CANARY not in repr(refusal.faults)


@given(value=values | st.datetimes().map(str))
def test_every_value_is_a_moment_or_none(value: object) -> None:
    """Reading a time never raises, and never gives one without a zone."""
    found = moment(value, TIMES)

    assert found is None or found.utcoffset() is not None


@given(asked=st.datetimes(timezones=st.timezones()))
def test_a_since_filter_is_at_most_a_millisecond_early(asked: datetime) -> None:
    """What a since-filter asks for is the moment given, or less than a millisecond before it."""
    found = moment(asked_since(asked, TIMES), TIMES)

    assert found is not None
    assert 0 <= (asked - found).total_seconds() < 0.001
