"""Whatever an API answers, the client knows what to make of it."""

from __future__ import annotations

import json
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError, Refused, SyncError, UnknownOutcome
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.pms.answers import Answers
from wave_pms_sync.pms.conventions.shapes import Times
from wave_pms_sync.pms.operations import Customers
from wave_pms_sync.pms.presets import PRESETS
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.stamps import asked_since, moment

CANARY = "canary@example.org"
URL = "https://pms.example.com"
PROFILES = [
    *(PmsProfile.preset(name) for name in PRESETS),
    PmsProfile.from_dict(
        {
            "list": {"rows": "", "keyed": True, "query": {"p": "{page}"}, "total_header": "X-Total"},
            "paging": {"more": "next_cursor", "pages_header": "X-Pages", "end": "short"},
            "read": {"empty_is_missing": True, "record": "items[0]"},
            "create": {"find_by": "name", "find_query": {"q": "{value}"}, "record": "items"},
            "errors": {
                "success": "id",
                "failure": "errors",
                "codes": {"gone": "missing", "busy": "throttled"},
                "fields": "",
            },
            "pace": {"reset_header": "Retry-After", "reset_form": "epoch_s", "retry_after_max_s": 5},
            "times": {"form": "epoch_s"},
        }
    ),
]
TIMES = Times()

texts = st.text(max_size=10) | st.sampled_from([CANARY, "gone", "busy", "7", "/api/customers/7", "https://x.org/?a"])
NAMES = "id items data value results attributes source next errors field code detail pointer next_cursor archived"
names = st.sampled_from(NAMES.split())
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
apis = st.sampled_from([(Customers(URL, profile), Answers(URL, profile)) for profile in PROFILES])
wishes = st.sampled_from(["list", "read", "create", "update"])


def error_of(customers: Customers, answers: Answers, wish: str, answer: Response) -> tuple[Request, SyncError | None]:
    """The request for a wish, and the error that this answer to it means; None if it is understood."""
    values = {"name": "Ada"}
    request = {
        "list": customers.list_page,
        "read": lambda: customers.one("7"),
        "create": lambda: customers.create(values),
        "update": lambda: customers.update("7", values),
    }[wish]()
    try:
        if wish == "list":
            answers.page_in(request, answer)
        elif wish == "read":
            answers.record_in(request, answer)
        else:
            answers.written_in(request, answer, values)
    except SyncError as error:
        return request, error
    return request, None


@given(api=apis, wish=wishes, answer=answers)
def test_every_answer_is_a_result_or_an_error_of_ours(
    api: tuple[Customers, Answers], wish: str, answer: Response
) -> None:
    """An answer is understood or raises a leaf of our tree, which quotes nothing and never forgets a write."""
    request, error = error_of(*api, wish, answer)

    if error is None:
        assert 200 <= answer.status < 300 or wish == "read"
    else:
        assert CANARY not in f"{error} {error!r}"
        assert isinstance(error, UnknownOutcome) == error.executed
        assert request.writes or not error.executed
        told = 200 <= answer.status < 300 or 400 <= answer.status < 500 or isinstance(error, ConfigurationError)
        assert error.executed or not request.writes or told


@given(errors=values)
def test_every_refusal_names_a_fault(errors: object) -> None:
    """A refusal always carries a fault, whatever its errors look like."""
    answer = Response(status=422, body=json.dumps({"errors": errors}).encode())

    _, refusal = error_of(Customers(URL, PROFILES[0]), Answers(URL, PROFILES[0]), "create", answer)

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


SECTIONS = list(PmsProfile().to_dict())
SETTINGS = sorted({name for table in PmsProfile().to_dict().values() if isinstance(table, dict) for name in table})
PIECES = ["{since}", "{id}", "{values}", "{path}/x", "{page}", "/c", "a.b[0]", "GET", "%Y", "iso", "objects"]
pieces = st.sampled_from([*PIECES, "", 5, True, []])
tables = st.dictionaries(st.sampled_from(SETTINGS) | texts, pieces | values, max_size=4)
declared = st.dictionaries(st.sampled_from([*SECTIONS, "preset"]) | texts, tables | pieces | values, max_size=5)


def built(settings: dict[str, object]) -> tuple[PmsProfile, tuple[str, ...]]:
    """The profile that is declared, or the default one and what is wrong."""
    try:
        return PmsProfile.from_dict(settings), ()
    except ConfigurationError as error:
        return PmsProfile(), error.faults


@given(settings=declared)
def test_whatever_is_declared_is_a_profile_or_named_faults(settings: dict[str, object]) -> None:
    """Any plain data is a profile that can be written out and read back, or an error that names paths."""
    profile, faults = built(settings)

    assert all(": " in fault and "(allowed" in fault for fault in faults)
    assert PmsProfile.from_dict(profile.to_dict()) == profile
    assert PmsProfile.from_dict(profile.to_dict(brief=True)) == profile
