"""What an HTTP answer means for the request it answers."""

from __future__ import annotations

import json

import pytest
from attrs import evolve

from wave_pms_sync.errors import (
    BadAnswer,
    ConfigurationError,
    Conflict,
    FieldFault,
    NotFound,
    Refused,
    SyncError,
    Throttled,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.pms.conventions.manners import Errors, Pace
from wave_pms_sync.pms.judge import Judge

READ = Request(method="GET", url="https://x/c/7", side="pms", operation="read_customer", writes=False, record_id="7")
JUDGE = Judge()
WRITE = evolve(READ, method="PATCH", operation="update_customer", writes=True)


def answer(status: int, body: object = None, kind: str = "application/json") -> Response:
    """An answer with this body: JSON of a value, or bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status=status, headers={"Content-Type": kind}, body=content)


def refusal_of(body: object) -> Refused:
    """What a 422 with this body means for a write."""
    with pytest.raises(Refused) as caught:
        JUDGE.body_of(WRITE, answer(422, body))
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 203, 299])
def test_any_2xx_is_a_success(status: int) -> None:
    """Every status from 200 to 299 is a success, and its JSON is the answer."""
    assert JUDGE.body_of(WRITE, answer(status, {"id": 7})) == {"id": 7}


def test_f69_json_is_read_whatever_it_is_called() -> None:
    """JSON is read under a wrong content type and behind a byte order mark."""
    assert JUDGE.body_of(READ, answer(200, b'\xef\xbb\xbf{"id": 7}', kind="text/html")) == {"id": 7}


@pytest.mark.parametrize("status", [200, 204])
def test_a_write_may_be_answered_with_nothing(status: int) -> None:
    """A success without a body is a success of a write."""
    assert JUDGE.body_of(WRITE, answer(status, b" ")) is None


@pytest.mark.parametrize("request_", [READ, WRITE])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unauthorized),
        (403, Unauthorized),
        (404, NotFound),
        (410, NotFound),
        (409, Conflict),
        (412, Conflict),
        (428, ConfigurationError),
        (429, Throttled),
        (400, Refused),
        (405, ConfigurationError),
        (406, ConfigurationError),
        (415, ConfigurationError),
        (422, Refused),
        (451, Refused),
    ],
)
def test_a_clear_word_means_the_same_for_reads_and_writes(
    request_: Request, status: int, kind: type[SyncError]
) -> None:
    """Statuses that say clearly what happened are judged alike for all requests, whatever their body."""
    for body in ({"detail": "no"}, b"<html>no</html>", b""):
        with pytest.raises(SyncError) as caught:
            JUDGE.body_of(request_, answer(status, body))

        assert type(caught.value) is kind
        assert not caught.value.executed


@pytest.mark.parametrize("status", [100, 301, 302, 304, 307, 308, 408, 425, 500, 501, 502, 503, 504, 599])
def test_f71_f84_everything_else_leaves_a_write_unknown(status: int) -> None:
    """Redirects, timeouts and failures of the server leave open whether a write was carried out."""
    with pytest.raises(UnknownOutcome):
        JUDGE.body_of(WRITE, answer(status, {"id": 7}))


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_a_read_that_fails_now_may_work_later(status: int) -> None:
    """A read that the server could not answer may be repeated."""
    with pytest.raises(Unreachable) as caught:
        JUDGE.body_of(READ, answer(status, b"<html>"))

    assert caught.value.retryable


@pytest.mark.parametrize(
    ("response", "came"),
    [
        (answer(200, b"<!doctype html><title>Log in</title>", kind="text/html; charset=utf-8"), "HTML"),
        (answer(200, b'{"id": 7, "na'), "not whole JSON"),
        (answer(200, b""), "empty"),
        (answer(200, b"OK", kind="text/plain"), "not whole JSON"),
        (answer(302, b"", kind="text/html"), "redirect"),
    ],
)
def test_f69_a_read_that_is_not_json(response: Response, came: str) -> None:
    """A read that is answered by anything but JSON says what came, as what, and where to look."""
    with pytest.raises(BadAnswer) as caught:
        JUDGE.body_of(READ, response)

    text = str(caught.value)
    assert came in text
    assert response.headers["content-type"].partition(";")[0] in text
    assert f"HTTP {response.status}" in text
    assert "check the base URL" in text


@pytest.mark.parametrize("body", [b"<html>Log in</html>", b'{"id": 7, "na', b"OK"])
def test_f69_a_write_that_is_not_json_is_unknown(body: bytes) -> None:
    """A success of a write that cannot be read leaves its outcome unknown."""
    with pytest.raises(UnknownOutcome):
        JUDGE.body_of(WRITE, answer(200, body))


@pytest.mark.parametrize(
    ("errors", "faults"),
    [
        ([{"field": "email", "code": "taken", "detail": "Used."}], [FieldFault(path="email", code="taken")]),
        ([{"pointer": "/address/city", "detail": "x"}], [FieldFault(path="address.city")]),
        ([{"pointer": "#/a~1b/c%20d", "detail": "x"}], [FieldFault(path="")]),
        ([{"path": "address.city", "type": "missing"}], [FieldFault(path="address.city", code="missing")]),
        ([{"loc": ["address", "city"], "msg": "x"}], [FieldFault(path="address.city")]),
        (["Name is required"], [FieldFault(path="")]),
        ({"name": ["Too long.", "Too odd."]}, [FieldFault(path="name"), FieldFault(path="name")]),
        ({"name": "Too long."}, [FieldFault(path="name")]),
        ({"name": {"code": "long", "message": "x"}}, [FieldFault(path="name", code="long")]),
        ([{"field": "name", "code": "Ada Lovelace is too long"}], [FieldFault(path="name")]),
        ([{"field": "the name Ada", "code": 5}], [FieldFault(path="", code="5")]),
    ],
)
def test_f67_a_refusal_names_fields(errors: object, faults: list[FieldFault]) -> None:
    """The fields of a refusal are found as list or by property, by name, pointer or path, with code."""
    found = refusal_of({"title": "Invalid", "errors": errors}).faults

    assert [(fault.path, fault.code) for fault in found] == [(fault.path, fault.code) for fault in faults]


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ([{"field": "email", "detail": "Used."}], "Used."),
        ([{"field": "email", "message": "Used."}], "Used."),
        ([{"field": "email", "msg": "Used."}], "Used."),
        (["Used."], "Used."),
        ({"email": ["Used."]}, "Used."),
        ({"email": {"detail": "Used."}}, "Used."),
    ],
)
def test_what_the_server_said_is_kept(errors: object, message: str) -> None:
    """The server's words are kept with their field."""
    assert refusal_of({"errors": errors}).faults[0].message == message


@pytest.mark.parametrize("errors", [None, [], {}, "bad", 5])
def test_a_refusal_without_fields(errors: object) -> None:
    """A refusal that names no field carries the problem's own code and words."""
    found = refusal_of({"type": "https://x.org/problems/full", "detail": "No room.", "errors": errors}).faults

    assert found == (FieldFault(path="", code="https://x.org/problems/full", message="No room."),)


@pytest.mark.parametrize("body", [b"<html>", b"", [1], {"type": "about:blank"}])
def test_a_refusal_without_words(body: object) -> None:
    """A refusal that says nothing carries the status as its code."""
    assert refusal_of(body).faults == (FieldFault(path="", code="422"),)


def test_f107_no_word_of_the_server_is_in_an_error() -> None:
    """Neither text nor repr of an error quotes what the server said, for it may quote a customer."""
    canary = "ada@example.org"
    body = {
        "title": canary,
        "detail": canary,
        "code": canary,
        "errors": [{"field": canary, "code": canary, "detail": canary}, {"field": "email", "detail": canary}, canary],
    }

    error = refusal_of(body)

    assert canary not in f"{error} {error!r} {error.faults!r}"
    assert "naming email" in str(error)
    assert [fault.message for fault in error.faults] == [canary] * 3


# --- other conventions


def meaning(judge: Judge, request_: Request, response: Response) -> object:
    """The body of an answer, or the kind of error that it means."""
    try:
        return judge.body_of(request_, response)
    except SyncError as error:
        return type(error)


@pytest.mark.parametrize(
    ("errors", "status", "read", "write"),
    [
        (Errors(missing=(404, 403)), 403, NotFound, NotFound),
        (Errors(unauthorized=(401, 403, 400)), 400, Unauthorized, Unauthorized),
        (Errors(refused=(500,)), 500, Unreachable, Refused),
        (Errors(refused=(409,)), 409, Conflict, Refused),
        (Errors(throttled=(429, 503)), 503, Throttled, Throttled),
        (Errors(conflict=(412, 422)), 422, Conflict, Conflict),
    ],
)
def test_statuses_mean_what_the_profile_says(errors: Errors, status: int, read: object, write: object) -> None:
    """A profile may give any status another meaning, for writes alone where they are refused."""
    judge = Judge(errors=errors)

    assert meaning(judge, READ, answer(status)) is read
    assert meaning(judge, WRITE, answer(status)) is write


def test_a_status_for_missing_records_says_nothing_about_lists() -> None:
    """Where 403 says that a record is missing, a list that answers 403 still does not accept our credentials."""
    listing = evolve(READ, operation="list_customers", record_id=None)

    assert meaning(Judge(errors=Errors(missing=(403, 404))), listing, answer(403)) is Unauthorized


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"success": True, "id": 7}, {"success": True, "id": 7}),
        ({"success": False, "message": "no"}, Refused),
        ({"id": 7}, Refused),
        ({"success": False, "error": {"code": "NO_AUTH"}}, Unauthorized),
        ({"success": False, "error": {"code": "GONE"}}, NotFound),
        ({"success": True, "error": {"code": "ODD"}}, Refused),
        ({"success": True, "error": None}, {"success": True, "error": None}),
    ],
)
def test_a_success_may_be_an_error(body: object, kind: object) -> None:
    """A 2xx answer whose flag says no, or that holds an error, is one; its code says which."""
    errors = Errors(
        success="success", failure="error", code="error.code", codes={"NO_AUTH": "unauthorized", "GONE": "missing"}
    )

    assert meaning(Judge(errors=errors), WRITE, answer(200, body)) == kind


def test_a_code_goes_before_the_status() -> None:
    """What a code means holds whatever the status."""
    judge = Judge(errors=Errors(codes={"rate_limited": "throttled"}))

    assert meaning(judge, WRITE, answer(403, {"code": "rate_limited"})) is Throttled
    assert meaning(judge, WRITE, answer(400, {"code": "rate_limited"})) is Throttled
    assert meaning(judge, WRITE, answer(400, {"code": "other"})) is Refused


def test_a_listed_code_makes_an_error_of_a_2xx_answer() -> None:
    """A listed code at a stated `errors.code` holds for 2xx answers, too; a property that happens to be `code` not."""
    stated = Judge(errors=Errors(code="data[0].code", codes={"INVALID_DATA": "refused", "LIMIT": "throttled"}))
    unstated = Judge(errors=Errors(codes={"INVALID_DATA": "refused"}))

    assert meaning(stated, WRITE, answer(200, {"data": [{"code": "INVALID_DATA"}]})) is Refused
    assert meaning(stated, WRITE, answer(202, {"data": [{"code": "LIMIT"}]})) is Throttled
    assert meaning(stated, READ, answer(200, {"data": [{"code": "LIMIT"}]})) is Throttled
    for fine in ({"data": [{"code": "SUCCESS"}]}, {"data": []}, [7]):
        assert meaning(stated, WRITE, answer(200, fine)) == fine
    assert meaning(unstated, WRITE, answer(200, {"code": "INVALID_DATA"})) == {"code": "INVALID_DATA"}


@pytest.mark.parametrize(
    ("errors", "ignored", "body", "found"),
    [
        (Errors(), (), {"errors": [{"loc": ["body", "email"], "msg": "x", "type": "missing"}]}, ("email", "missing")),
        (Errors(fields="detail"), (), {"detail": [{"loc": ["body", "a", "b"], "msg": "x"}]}, ("a.b", "")),
        (Errors(fields=""), (), {"email": ["Used."], "detail": "No."}, ("email", "")),
        (Errors(fields=""), (), {"address": {"city": ["Unknown."]}}, ("address.city", "")),
        (Errors(), ("k",), {"errors": {"k[mail]": "Used."}}, ("mail", "")),
        (Errors(), (), {"errors": {"k[address][city]": ["Unknown."]}}, ("k.address.city", "")),
        (Errors(), (), {"errors": [{"field": "phones[]", "message": "x"}]}, ("phones", "")),
        (
            Errors(code="errors[0].code"),
            ("data.attributes",),
            {"errors": [{"code": "taken", "source": {"pointer": "/data/attributes/email"}}]},
            ("email", "taken"),
        ),
        (
            Errors(fields="error.details", code="error.code"),
            (),
            {"error": {"code": "Bad", "details": [{"code": "Nul", "target": "Email", "message": "x"}]}},
            ("Email", "Nul"),
        ),
        (Errors(code="error.code", message="error.message"), (), {"error": {"code": "E5", "message": "x"}}, ("", "E5")),
        (Errors(fields="status.body"), (), {"status": {"body": [{"property": "email"}]}}, ("email", "")),
        (Errors(fields="d.api_name", code="c"), (), {"c": "NONE", "d": {"api_name": "Email"}}, ("Email", "NONE")),
        (Errors(), (), {"errors": "That is no address.", "code": "E7"}, ("", "E7")),
    ],
)
def test_field_errors_of_many_makes(
    errors: Errors, ignored: tuple[str, ...], body: object, found: tuple[str, str]
) -> None:
    """Field errors are found by name, list, pointer or place, where the profile says, in the record's own names."""
    with pytest.raises(Refused) as caught:
        Judge(errors=errors, ignored=ignored).body_of(WRITE, answer(422, body))

    assert (caught.value.faults[0].path, caught.value.faults[0].code) == found


def test_the_message_is_where_the_profile_says() -> None:
    """What the server said about the whole is kept from the place that the profile names."""
    with pytest.raises(Refused) as caught:
        Judge(errors=Errors(message="error.text")).body_of(WRITE, answer(400, {"error": {"text": "No."}}))

    assert caught.value.faults[0].message == "No."


@pytest.mark.parametrize(
    ("pace", "headers", "wait_s"),
    [
        (Pace(retry_after_min_s=2), {"Retry-After": "0"}, 2),
        (Pace(retry_after_min_s=2), {}, 2),
        (Pace(retry_after_max_s=30), {"Retry-After": "3600"}, 30),
        (Pace(), {"Retry-After": "-5"}, 0),
        (Pace(reset_header="X-RateLimit-Reset"), {"X-RateLimit-Reset": "17"}, 17),
        (Pace(reset_header="X-RateLimit-Reset"), {"X-RateLimit-Reset": "17", "Retry-After": "3"}, 3),
        (
            Pace(reset_header="X-RateLimit-Reset", reset_form="epoch_s"),
            {"X-RateLimit-Reset": "1772366410", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"},
            10,
        ),
        (Pace(reset_header="X-RateLimit-Reset", reset_form="epoch_s"), {"X-RateLimit-Reset": "1772366410"}, None),
        (Pace(reset_header="X-RateLimit-Reset"), {"X-RateLimit-Reset": "soon"}, None),
    ],
)
def test_how_long_to_wait(pace: Pace, headers: dict[str, str], wait_s: float | None) -> None:
    """A throttled request waits as the server asks, in whatever header, within the bounds that the profile believes."""
    with pytest.raises(Throttled) as caught:
        Judge(pace=pace).body_of(READ, Response(status=429, headers=headers))

    assert caught.value.retry_after_s == wait_s
