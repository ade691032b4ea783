"""What an answer of Wave means."""

from __future__ import annotations

import json

import pytest

from wave_pms_sync.errors import (
    BadAnswer,
    NotFound,
    Refused,
    Throttled,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from wave_pms_sync.http.messages import Response
from wave_pms_sync.wave.operations.judge import judge, payload

HTML = b"<html>502 s3cret</html>"


def _answer(*codes, status=200, data=None, message="s3cret words"):
    errors = [{"message": message, "extensions": {"id": "1", "code": code}} for code in codes]
    return Response(status=status, body=json.dumps({"errors": errors, "data": data}).encode())


def _raised(answer, *, writes):
    with pytest.raises((BadAnswer, NotFound, Refused, Throttled, Unauthorized, UnknownOutcome, Unreachable)) as caught:
        judge(answer, writes=writes)
    assert "s3cret" not in str(caught.value)
    return type(caught.value)


def test_data_without_errors_is_the_answer():
    """Whole data is returned whatever the status, the content type and unknown extras."""
    body = json.dumps({"data": {"a": 1}, "extensions": {}, "errors": []}).encode()

    for status in (200, 400, 500):
        assert judge(Response(status=status, body=body), writes=True) == {"a": 1}


@pytest.mark.parametrize(
    ("answer", "read", "write"),
    [
        (_answer("UNAUTHENTICATED"), Unauthorized, Unauthorized),
        (_answer("UNAUTHENTICATED", data={"business": None}), Unauthorized, Unauthorized),
        (_answer("FORBIDDEN", data={"x": None}), Unauthorized, Unauthorized),
        (_answer("", status=401), Unauthorized, Unauthorized),
        (_answer("X", status=403), Unauthorized, Unauthorized),
        (_answer("NOT_FOUND", data={"customerPatch": None}), NotFound, NotFound),
        (_answer("GRAPHQL_VALIDATION_FAILED", status=400), Refused, Refused),
        (_answer("GRAPHQL_VALIDATION_FAILED", message="field throttled"), Refused, Refused),
        (_answer("VARIABLE_VALUE"), Refused, Refused),
        (_answer("BAD_USER_INPUT", status=500), Refused, Refused),
        (_answer("SOMETHING", status=422), Refused, Refused),
        (_answer("SOMETHING", status=429), Throttled, Throttled),
        (_answer("", message="Request was Throttled."), Throttled, Throttled),
        (_answer("RATE_LIMITED"), Throttled, Throttled),
        (_answer("INTERNAL_SERVER_ERROR"), Unreachable, UnknownOutcome),
        (_answer("INTERNAL_SERVER_ERROR", status=400), Unreachable, UnknownOutcome),
        (_answer("SOMETHING", status=503), Unreachable, UnknownOutcome),
        (_answer("SOMETHING", status=409), Unreachable, UnknownOutcome),
        (_answer("SOMETHING"), BadAnswer, UnknownOutcome),
        (_answer("SOMETHING", data={"a": {"b": 1}}), BadAnswer, UnknownOutcome),
        (_answer("BAD_USER_INPUT", data={"a": {"b": 1}}), BadAnswer, UnknownOutcome),
        (_answer("NOT_FOUND", data={"a": {"b": 1}}), BadAnswer, UnknownOutcome),
        (_answer("UNAUTHENTICATED", data={"customerCreate": {"didSucceed": True}}), Unauthorized, UnknownOutcome),
    ],
)
def test_errors_beside_or_without_data(answer, read, write):
    """GraphQL errors are judged by their codes first; a write whose data is there after all is unknown."""
    assert (_raised(answer, writes=False), _raised(answer, writes=True)) == (read, write)


@pytest.mark.parametrize("body", [HTML, b"", b'{"data": {"a"', b'"text"', b'{"message": "s3cret"}', b'{"data": null}'])
@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (200, BadAnswer, UnknownOutcome),
        (302, BadAnswer, UnknownOutcome),
        (400, Refused, Refused),
        (401, Unauthorized, Unauthorized),
        (403, Unauthorized, Unauthorized),
        (404, Unreachable, Unreachable),
        (408, Unreachable, UnknownOutcome),
        (425, Unreachable, UnknownOutcome),
        (429, Throttled, Throttled),
        (500, Unreachable, UnknownOutcome),
        (502, Unreachable, UnknownOutcome),
    ],
)
def test_what_is_no_graphql_answer_is_judged_by_its_status(body, status, read, write):
    """HTML, nothing, cut JSON and strange JSON mean what the status says; without such a word a write is unknown."""
    answer = Response(status=status, body=body)

    assert (_raised(answer, writes=False), _raised(answer, writes=True)) == (read, write)


@pytest.mark.parametrize(("status", "again"), [(200, True), (302, False)])
def test_a_read_that_came_back_damaged_is_read_again(status, again):
    """A damaged answer to a read may be whole the next time; a redirect stays one."""
    with pytest.raises(BadAnswer) as caught:
        judge(Response(status=status, body=b"{"), writes=False)

    assert caught.value.retryable is again


def test_partial_data_is_kept_with_its_errors():
    """Data that came with errors, and the errors, are kept for whoever asked."""
    with pytest.raises(BadAnswer) as caught:
        judge(_answer("SOMETHING", data={"user": {"id": "7"}, "business": None}), writes=False)

    assert caught.value.data == {"user": {"id": "7"}, "business": None}
    assert [error["message"] for error in caught.value.errors] == ["s3cret words"]


def test_strange_errors_are_errors():
    """Errors of a shape that nobody promised still count."""
    for errors in ("s3cret", ["s3cret"], {"message": "s3cret"}, [{"extensions": "x", "path": "y"}]):
        answer = Response(status=200, body=json.dumps({"data": {"a": 1}, "errors": errors}).encode())
        assert _raised(answer, writes=True) is UnknownOutcome


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (
            'Variable "$input" got invalid value "s3cret" at "input.address.countryCode"',
            "address.country.code",
        ),
        ("Variable '$input' has invalid value at .currency: Value 's3cret' does not exist.", "currency.code"),
        ("s3cret is wrong", ""),
    ],
)
def test_a_wrong_variable_names_its_field(words, path):
    """The field of a wrong variable is told in read names; Wave's words stay out of the text."""
    with pytest.raises(Refused) as caught:
        judge(_answer("BAD_USER_INPUT", message=words), writes=True)

    (fault,) = caught.value.faults
    assert (fault.path, fault.code, fault.message) == (path, "BAD_USER_INPUT", words)
    assert "s3cret" not in repr(fault) + repr(caught.value)


# --- Mutations -------------------------------------------------------------------------------------


def _payload(**facts):
    return payload({"customerPatch": facts}, "customerPatch")


def test_success_is_what_wave_calls_success():
    """A payload with didSucceed true is the result."""
    assert _payload(didSucceed=True, inputErrors=None) == {"didSucceed": True, "inputErrors": None}


@pytest.mark.parametrize("shown", [None, "yes", {}, {"didSucceed": None}])
def test_a_payload_that_does_not_say_is_unknown(shown):
    """A mutation whose payload is null, or silent about success, may have been carried out."""
    with pytest.raises(UnknownOutcome):
        payload({"customerPatch": shown}, "customerPatch")


def test_a_refusal_names_its_fields():
    """DidSucceed false is a refusal, each field with its path in read names, code and Wave's words."""
    errors = [
        {"path": ["input", "address", "provinceCode"], "code": "INVALID", "message": "s3cret"},
        {"path": "input.email", "code": "s3cret is no e-mail", "message": None},
        {"path": None, "code": None, "message": "no"},
        "s3cret",
    ]

    with pytest.raises(Refused) as caught:
        _payload(didSucceed=False, inputErrors=errors)

    assert [(fault.path, fault.code, fault.message) for fault in caught.value.faults] == [
        ("address.province.code", "INVALID", "s3cret"),
        ("email", "s3cret is no e-mail", ""),
        ("", "", "no"),
    ]
    text = str(caught.value)
    assert text == (
        "Wave refused customerPatch: address.province.code (INVALID), email (no code), the customer (no code)"
    )


@pytest.mark.parametrize("errors", [None, [], "s3cret"])
def test_a_refusal_without_fields_is_of_the_whole_record(errors):
    """A refusal that names no field has one fault with an empty path."""
    with pytest.raises(Refused) as caught:
        _payload(didSucceed=False, inputErrors=errors)

    assert [fault.path for fault in caught.value.faults] == [""]


def test_a_missing_customer_is_not_found():
    """A refusal that says that there is no such id is NotFound."""
    with pytest.raises(NotFound):
        _payload(didSucceed=False, inputErrors=[{"path": ["input", "id"], "code": "NOT_FOUND", "message": ""}])
