"""Faults that spoil the answer, lose it, or answer instead of executing. Each does what it says, on both sides."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import requests

from wave_pms_sync.testing import Fault

LOST = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.mark.parametrize(
    ("wait", "header"),
    [
        (None, None),
        ("1", "1"),
        (2.5, "2.5"),
        (datetime(2026, 3, 1, 12, 0, 5, tzinfo=timezone.utc), "Sun, 01 Mar 2026 12:00:05 GMT"),
        ("86400000", "86400000"),
        ("soon", "soon"),
    ],
)
def test_throttled(either, wait, header):
    """A throttled request is a 429, with whatever Retry-After, and is not executed; the next one passes."""
    either.box.faults.add(Fault.THROTTLED, on="create", retry_after=wait)

    answer = either.send_create()

    assert (answer.status_code, answer.headers.get("Retry-After")) == (429, header)
    assert (len(either.box.customers), either.box.ledger.entries[-1].executed) == (0, False)
    assert either.send_create().ok
    assert len(either.box.customers) == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Fault.UNAUTHORIZED, 401),
        (Fault.FORBIDDEN, 403),
        (Fault.SERVER_ERROR, 500),
        (Fault.UNAVAILABLE, 503),
    ],
)
def test_failures_with_a_status(either, kind, status):
    """401, 403, 500 and 503 are JSON in the side's own shape, and nothing is executed."""
    either.box.faults.add(kind)

    answer = either.send_create()

    assert (answer.status_code, len(either.box.customers)) == (status, 0)
    assert answer.json()["errors" if either.side == "wave" else "detail"]
    assert (either.box.ledger.entries[-1].fault, either.box.ledger.entries[-1].status) == (str(kind), status)


def test_bad_gateway_is_html(either):
    """A bad gateway answers 502 with a page of HTML."""
    either.box.faults.add(Fault.BAD_GATEWAY)

    answer = either.send_list()

    assert (answer.status_code, answer.headers["Content-Type"], b"<html>" in answer.content) == (502, "text/html", True)


@pytest.mark.parametrize("kind", [Fault.SERVER_ERROR, Fault.BAD_GATEWAY, Fault.UNAVAILABLE, Fault.THROTTLED])
def test_failures_after_the_commit(either, kind):
    """A failure can be answered although the write was executed."""
    either.box.faults.add(kind, executed=True)

    answer = either.send_create()

    assert not answer.ok
    assert (len(either.box.customers), either.box.ledger.creates) == (1, 1)


def test_redirect(either):
    """A redirect answers 301 and executes nothing; status and location can be chosen."""
    either.box.faults.add(Fault.REDIRECT)
    either.box.faults.add(Fault.REDIRECT, status=307, location="http://elsewhere.example/")

    plain, other = either.send_create(), either.send_create()

    assert (plain.status_code, plain.headers["Location"][-1]) == (301, "/")
    assert (other.status_code, other.headers["Location"]) == (307, "http://elsewhere.example/")
    assert len(either.box.customers) == 0


def test_any_answer(either):
    """An answer of one's own replaces the real one."""
    either.box.faults.add(Fault.ANSWER, status=418, body="tea", headers={"X-Pot": "yes"})

    answer = either.send_list()

    assert (answer.status_code, answer.text, answer.headers["X-Pot"]) == (418, "tea", "yes")


def test_graphql_errors(wave):
    """GraphQL errors come with 200 and `data: null`; nothing is executed unless asked for."""
    wave.box.faults.add(Fault.GRAPHQL_ERRORS, code="THROTTLED", message="slow down")
    wave.box.faults.add(Fault.GRAPHQL_ERRORS, executed=True)

    first, second = wave.send_create(), wave.send_create()

    assert (first.status_code, first.json()["data"]) == (200, None)
    assert first.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert second.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert wave.box.ledger.creates == 1


def test_partial_data(wave):
    """Partial data has errors beside data in which one customer is null; a write was executed."""
    ada = wave.box.add({"name": "Ada"})
    wave.box.faults.add(Fault.PARTIAL_DATA, times=3)

    listed, one, created = wave.send_list().json(), wave.ask_one(ada).json(), wave.send_create().json()
    wave.box.faults.add(Fault.PARTIAL_DATA)
    nothing = wave.send_list(email="nobody@x.org").json()

    assert listed["data"]["business"]["customers"]["edges"] == [{"node": None}]
    assert listed["errors"][0]["path"] == ["business", "customers", "edges", 0, "node"]
    assert one["data"]["business"]["customer"] is None
    assert one["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert created["data"]["customerCreate"] == {"didSucceed": True, "inputErrors": [], "customer": None}
    assert created["errors"][0]["path"] == ["customerCreate", "customer"]
    assert wave.box.ledger.creates == 1
    assert "errors" not in nothing


def test_null_business(wave):
    """A business that is null comes without an error, or with one."""
    wave.box.faults.add(Fault.NULL_BUSINESS)
    wave.box.faults.add(Fault.NULL_BUSINESS, code="NOT_FOUND")

    silent, telling = wave.send_list().json(), wave.send_list().json()

    assert silent == {"data": {"business": None}}
    assert (telling["data"], telling["errors"][0]["extensions"]["code"]) == ({"business": None}, "NOT_FOUND")


# --- refusals


def test_wave_refuses(wave):
    """A refusal of Wave is 200, `didSucceed: false`, and names the input's path with code and message."""
    ada = wave.box.add({"name": "Ada"})
    wave.box.faults.add(Fault.REFUSED, field="address.country.code", code="BAD", message="No.")

    payload = wave.patch(ada, address={"countryCode": "CA"})

    assert (payload["didSucceed"], payload["customer"]) == (False, None)
    assert payload["inputErrors"] == [{"path": ["input", "address", "countryCode"], "code": "BAD", "message": "No."}]
    assert wave.box.ledger.writes == 0


def test_pms_refuses(pms):
    """A refusal of the PMS is a 422, or another status, with problem details that name the field."""
    pms.box.faults.add(Fault.REFUSED, field="phone", code="bad", message="No.")
    pms.box.faults.add(Fault.REFUSED, status=409)

    first, second = pms.send_create(phone="1"), pms.send_create()

    assert (first.status_code, first.json()["errors"]) == (422, [{"field": "phone", "code": "bad", "detail": "No."}])
    assert (second.status_code, "errors" in second.json()) == (409, False)
    assert len(pms.box.customers) == 0


def test_refusals_choose_field_value_and_record(either):
    """A refusal strikes only writes of the field, of the value, or of the record that it names."""
    ada, bo = (either.box.add({"name": name}) for name in ("Ada", "Bo"))
    either.box.faults.add(Fault.REFUSED, field="phone", record=ada, times=None)
    either.box.faults.add(Fault.REFUSED, field="name", value="Poison", times=None)

    for record, values in ((ada, {"fax": "1"}), (bo, {"phone": "1"}), (bo, {"name": "Bob"})):
        either.send_update(record, **values)
    assert either.box.ledger.updates == 3

    either.send_update(ada, phone="1")
    either.send_update(bo, name="Poison")
    either.send_create("Poison")
    assert (either.box.ledger.writes, either.box.faults.struck(Fault.REFUSED)) == (3, 3)


def test_refusals_judge_every_mutation_alone(wave):
    """Of several mutations in one request only those that a refusal names are refused."""
    document = """mutation ($a: CustomerCreateInput!, $b: CustomerCreateInput!) {
      x: customerCreate(input: $a) { didSucceed } y: customerCreate(input: $b) { didSucceed } }"""
    wave.box.faults.add(Fault.REFUSED, field="name", value="A")
    home = {"businessId": wave.box.business_id}

    answer = wave.ask(document, a={**home, "name": "A"}, b={**home, "name": "B"}).json()

    assert answer["data"] == {"x": {"didSucceed": False}, "y": {"didSucceed": True}}


# --- lost answers


def test_lost_before(either):
    """The connection closes without an answer, and nothing was executed."""
    either.box.faults.add(Fault.LOST_BEFORE)

    with pytest.raises(LOST):
        either.send_create()

    assert (len(either.box.customers), either.box.ledger.entries[-1].status) == (0, 0)


def test_lost_after(either):
    """The connection closes without an answer, and the write was executed."""
    either.box.faults.add(Fault.LOST_AFTER, on="create")

    with pytest.raises(LOST):
        either.send_create()

    assert (len(either.box.customers), either.box.ledger.creates) == (1, 1)
    assert either.box.ledger.entries[-1].executed


def test_late_commit_by_the_clock(either):
    """A late commit is executed only when the clock has moved far enough, and then with stamps of that moment."""
    either.box.faults.add(Fault.LATE_COMMIT, seconds=30)
    with pytest.raises(LOST):
        either.send_create()

    either.box.clock.advance(29)
    either.send_list()
    assert (len(either.box.customers), either.box.ledger.creates) == (0, 0)

    either.box.clock.advance(1)
    ((customer),) = either.box.customers.values()
    assert "12:00:30" in str(customer.get("createdAt") or customer.get("created_at"))
    assert (either.box.ledger.creates, either.box.ledger.entries[0].executed) == (1, True)


def test_late_commit_by_requests(either):
    """A late commit can wait for further requests."""
    ada = either.box.add({"name": "Ada"})
    either.box.faults.add(Fault.LATE_COMMIT, requests=2)
    with pytest.raises(LOST):
        either.send_update(ada, phone="1")

    seen = [either.read(ada)["phone"] for _ in range(3)]

    assert seen == [None, None, "1"]


# --- damaged answers


def test_cut_json(either):
    """The JSON ends in the middle, though the request was executed."""
    either.box.faults.add(Fault.CUT_JSON)

    answer = either.send_create()

    assert answer.ok
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert len(either.box.customers) == 1


def test_cut_body(either):
    """The connection ends in the middle of the body."""
    either.box.faults.add(Fault.CUT_BODY)

    with pytest.raises(LOST):
        either.send_list()


def test_empty_body(either):
    """The body is missing."""
    either.box.faults.add(Fault.EMPTY_BODY)

    assert either.send_list().content == b""


def test_bom(either):
    """The body begins with a byte order mark."""
    either.box.faults.add(Fault.BOM)

    assert either.send_list().content.startswith(b"\xef\xbb\xbf{")


def test_content_type(either):
    """The JSON is announced as something else."""
    either.box.faults.add(Fault.CONTENT_TYPE)
    either.box.faults.add(Fault.CONTENT_TYPE, body="text/plain")

    assert either.send_list().headers["Content-Type"] == "text/html; charset=utf-8"
    answer = either.send_list()
    assert (answer.headers["Content-Type"], bool(answer.json())) == ("text/plain", True)


def test_slow_body(either):
    """The body takes its time, and arrives whole."""
    either.box.faults.add(Fault.SLOW_BODY, seconds=0.05)

    answer = either.send_list()

    assert answer.json()
    assert answer.ok


def test_latency(either):
    """Every answer takes its time until the fault is cleared."""
    fault = either.box.faults.add(Fault.LATENCY, seconds=0.05)

    assert either.send_list().elapsed.total_seconds() >= 0.05
    either.box.faults.remove(fault)
    assert (either.box.faults.active, fault.struck) == ((), 1)


# --- hooks


def test_another_user_edits_just_before(either):
    """A hook runs between the arrival of a request and its execution, and is told what arrived."""
    ada = either.box.add({"name": "Ada"})
    either.box.faults.add(
        Fault.CALL_BEFORE, on="update", call=lambda arrival: either.box.edit(arrival.ids[0], {"fax": "9", "phone": "9"})
    )

    either.send_update(ada, phone="1")

    assert (either.box.customers[ada]["phone"], either.box.customers[ada]["fax"]) == ("1", "9")


def test_another_user_edits_just_after(either):
    """A hook runs between execution and answer, also when the answer is then lost."""
    ada = either.box.add({"name": "Ada"})
    either.box.faults.add(Fault.CALL_AFTER, on="update", call=lambda _: either.box.edit(ada, {"phone": "9"}))
    either.box.faults.add(Fault.LOST_AFTER, on="update")

    with pytest.raises(LOST):
        either.send_update(ada, phone="1")

    assert either.box.customers[ada]["phone"] == "9"
    assert either.box.ledger.entries[-1].fault == "call_after+lost_after"
