"""One call: signed, paced, sent, judged and repeated."""

from __future__ import annotations

import logging
import pickle
import threading
from collections.abc import Callable

import pytest
from attrs import evolve

from wave_pms_sync.deadline import until
from wave_pms_sync.errors import (
    BadAnswer,
    DeadlineExceeded,
    Refused,
    Throttled,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from wave_pms_sync.http.auth import Bearer
from wave_pms_sync.http.caller import Caller
from wave_pms_sync.http.messages import Response
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.http.transport import RequestsTransport
from wave_pms_sync.testing.server import Reply

OK = Response(status=200, body=b'"fine"')


class _Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.seconds = 1000.0
        self.slept = []

    def now(self):
        return self.seconds

    def sleep(self, wait_s):
        self.slept.append(wait_s)
        self.seconds += wait_s


class _Script:
    """A transport that follows a script: answers, errors, or functions of the request."""

    def __init__(self, *steps):
        self.steps = list(steps)
        self.sent = []
        self.timeouts = []
        self.closed = 0

    def send(self, request, timeout_s):
        self.sent.append(request)
        self.timeouts.append(timeout_s)
        step = self.steps.pop(0) if self.steps else OK
        if isinstance(step, BaseException):
            raise step
        return step(request) if isinstance(step, Callable) else step

    def close(self):
        self.closed += 1


@pytest.fixture
def clock():
    """Time that a test moves."""
    return _Clock()


@pytest.fixture
def make_caller(clock):
    """Builds a caller over a script, in hand-made time."""

    def make(*steps, **changes):
        parts = {"side": "pms", "now": clock.now, "sleep": clock.sleep, "jitter": lambda: 1.0}
        return Caller(**{**parts, "transport": _Script(*steps), **changes})

    return make


def _body(answer):
    return answer.json()


def test_a_call_returns_what_the_judge_makes_of_the_answer(make_caller, make_request):
    """The judge's result is the call's."""
    caller = make_caller(OK)

    assert caller.call(make_request(), _body) == "fine"
    assert caller.requests == 1


# --- Repeating -------------------------------------------------------------------------------------


def test_a_read_is_repeated_until_it_succeeds(make_caller, make_request, clock):
    """A read that fails is sent again after growing waits; every sending counts."""
    caller = make_caller(Unreachable("x"), Unreachable("x"), OK)

    assert caller.call(make_request(), _body) == "fine"
    assert (caller.requests, clock.slept) == (3, [1.0, 2.0])


def test_a_write_that_was_never_sent_is_repeated(make_caller, make_request):
    """A write that certainly was not carried out is sent again, unchanged."""
    caller = make_caller(Unreachable("x"), Throttled("x"), OK)
    request = make_request(writes=True, method="POST", body=b"1")

    assert caller.call(request, _body) == "fine"
    assert caller.transport.sent == [request] * 3


def test_a_write_of_unknown_outcome_is_not_repeated(make_caller, make_request):
    """A write that may have been carried out is sent once, even if a repetition would be harmless."""
    caller = make_caller(UnknownOutcome("x"), OK)

    with pytest.raises(UnknownOutcome):
        caller.call(make_request(method="PATCH", writes=True), _body)

    assert caller.requests == 1


def test_the_side_decides_how_long_to_wait(make_caller, make_request, clock):
    """A Retry-After in the answer is honoured, though the judge did not look at it."""
    busy = Response(status=429, headers={"Retry-After": "7"})
    caller = make_caller(busy, OK)

    def judge(answer):
        if answer.status == 429:
            raise Throttled("busy")
        return answer.json()

    assert caller.call(make_request(), judge) == "fine"
    assert clock.slept == [7.0]


def test_an_error_carries_the_facts_of_its_request(make_caller, make_request):
    """Side, operation, record, request id and Retry-After are noted on an error unless it has its own."""
    answer = Response(status=422, headers={"X-Request-Id": "r1", "Retry-After": "3"})
    request = make_request(operation="update_customer", record_id="7")

    def raising(error):
        def judge(_):
            raise error

        return judge

    facts = {"side": "wave", "operation": "x", "record_id": "9", "request_id": "r9", "retry_after_s": 1.0}
    with pytest.raises(Refused) as noted:
        make_caller(answer).call(request, raising(Refused("no")))
    with pytest.raises(Refused) as own:
        make_caller(answer).call(request, raising(Refused("no", **facts)))
    with pytest.raises(UnknownOutcome) as unanswered:
        make_caller(UnknownOutcome("x")).call(request, _body)

    names = ("side", "operation", "record_id", "request_id", "retry_after_s")
    assert [getattr(noted.value, name) for name in names] == ["pms", "update_customer", "7", "r1", 3.0]
    assert [getattr(own.value, name) for name in names] == ["wave", "x", "9", "r9", 1.0]
    assert [getattr(unanswered.value, name) for name in names] == ["pms", "update_customer", "7", None, None]


def test_patience_ends(make_caller, make_request):
    """After the policy's attempts the last error is raised."""
    caller = make_caller(*[Unreachable(str(n)) for n in range(9)], retry=RetryPolicy(attempts=3))

    with pytest.raises(Unreachable, match="2"):
        caller.call(make_request(), _body)

    assert caller.requests == 3


# --- Pace and concurrency --------------------------------------------------------------------------


def test_each_sending_is_booked_with_the_limiter(make_caller, make_request, clock):
    """Repetitions keep to the pace as well."""

    class Slow:
        def reserve(self):
            return 0.25

    caller = make_caller(Unreachable("x"), OK, pace=Slow())

    caller.call(make_request(), _body)

    assert clock.slept == [0.25, 1.0, 0.25]


def test_no_more_requests_are_under_way_than_allowed(make_caller, make_request):
    """However many threads call, only so many requests are under way at once."""
    lock, most, under_way, reached = threading.Lock(), [0], [0], threading.Barrier(2, timeout=10)

    def busy(_):
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        reached.wait()
        with lock:
            under_way[0] -= 1
        return OK

    caller = make_caller(*[busy] * 8, max_concurrency=2)
    threads = [threading.Thread(target=caller.call, args=(make_request(), _body)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most[0], caller.requests) == (2, 8)


def test_an_interruption_frees_its_place(make_caller, make_request):
    """Ctrl-C passes through, and the next call finds its place free."""
    caller = make_caller(KeyboardInterrupt(), OK, max_concurrency=1)

    with pytest.raises(KeyboardInterrupt):
        caller.call(make_request(), _body)

    assert caller.call(make_request(), _body) == "fine"


# --- Deadlines -------------------------------------------------------------------------------------


def test_nothing_is_begun_after_the_deadline(make_caller, make_request, clock):
    """Once the time is over no request is sent, and the error names what was not."""
    caller = make_caller()

    with until(5, now=clock.now):
        caller.call(make_request(), _body)
        clock.seconds += 5
        with pytest.raises(DeadlineExceeded, match="read_customers was not sent") as caught:
            caller.call(make_request(), _body)

    assert (caught.value.side, caught.value.executed, caller.requests) == ("pms", False, 1)
    assert caller.call(make_request(), _body) == "fine"


def test_nobody_waits_past_the_deadline(make_caller, make_request, clock):
    """A wait that would end after the deadline is not begun."""
    caller = make_caller(Unreachable("x"))

    with until(0.5, now=clock.now), pytest.raises(DeadlineExceeded):
        caller.call(make_request(), _body)

    assert clock.slept == []


def test_an_answer_is_waited_for_until_the_deadline(make_caller, make_request, clock):
    """The timeout of a request shrinks to the time that is left; the nearest of nested deadlines counts."""
    caller = make_caller()

    caller.call(make_request(), _body)
    with until(9, now=clock.now), until(60, now=clock.now):
        caller.call(make_request(), _body)
        with until(4, now=clock.now):
            caller.call(make_request(), _body)

    assert caller.transport.timeouts == [30.0, 9.0, 4.0]


def test_a_write_under_way_is_waited_for(make_caller, make_request, clock):
    """A write that began in time may take as long as any: cut off, nobody could say whether it was carried out."""
    caller = make_caller()

    with until(4, now=clock.now):
        caller.call(make_request(writes=True), _body)

    assert caller.transport.timeouts == [30.0]


def test_a_wait_that_is_asked_for_beyond_the_deadline_says_when_to_come_back(make_caller, make_request, clock):
    """A wait that a side asks for, longer than the time that is left, ended without a word of when to come back."""
    caller = make_caller(Throttled("x", retry_after_s=60))

    with (
        until(5, now=clock.now),
        pytest.raises(Throttled, match="only 5 s more") as caught,
    ):
        caller.call(make_request(), _body)

    assert (caught.value.retry_after_s, clock.slept) == (60, [])


def test_a_place_is_waited_for_until_the_deadline(make_request):
    """A call that finds no free place in time is not sent."""
    begun, done = threading.Event(), threading.Event()

    def busy(_):
        begun.set()
        done.wait(10)
        return OK

    caller = Caller(side="pms", transport=_Script(busy), max_concurrency=1)
    other = threading.Thread(target=caller.call, args=(make_request(), _body))
    other.start()
    begun.wait(10)
    with until(0.05), pytest.raises(DeadlineExceeded):
        caller.call(make_request(), _body)
    done.set()
    other.join()

    assert caller.requests == 1


# --- Quotas ----------------------------------------------------------------------------------------


def _left(wait_s):
    """Answers that say for how long no request is left."""
    return lambda response: wait_s if response.headers.get("left") == "0" else 0.0


def test_nothing_is_sent_while_no_request_is_left(make_caller, make_request, clock):
    """After an answer that says that it was the last for 20 s, the next request waits for 20 s, and then goes."""
    last = Response(status=200, body=b'"last"', headers={"Left": "0"})
    caller = make_caller(last, quota=_left(20))

    said = [caller.call(make_request(), _body) for _ in range(3)]

    assert (said, clock.slept) == (["last", "fine", "fine"], [20])


@pytest.mark.parametrize("given_s", [None, 10])
def test_a_quota_for_a_day_ends_the_call_at_once(make_caller, make_request, clock, given_s):
    """Where no request is left for longer than a call or the run may wait, nothing is sent, and it says when."""
    caller = make_caller(Response(status=200, body=b'"last"', headers={"Left": "0"}), quota=_left(3600))
    caller.call(make_request(), _body)

    with until(given_s or 1e6, now=clock.now), pytest.raises(Throttled, match="no request is left") as caught:
        caller.call(make_request(writes=True), _body)

    assert (caught.value.retry_after_s, caught.value.executed, caught.value.side) == (3600, False, "pms")
    assert (caller.requests, clock.slept) == (1, [])


def test_a_quota_is_nothing_to_another_process(make_request):
    """A caller out of a pickle knows of no quota: its clock is another one."""
    caller = Caller(side="pms", transport=RequestsTransport())
    caller._spent().until = 1e12

    assert pickle.loads(pickle.dumps(caller))._spent().until < 0  # noqa: S301  # our own bytes


# --- Credentials -----------------------------------------------------------------------------------


class _Renewable:
    """Credentials that are good after the first renewal."""

    def __init__(self, *, can=True):
        self.version, self.can = 1, can

    def sign(self, request, send):
        return evolve(request, headers={"Authorization": f"v{self.version}"})

    def renew(self, refused, send):
        self.version += 1
        return self.can


def _unauthorized(answer):
    if answer.status == 401:
        raise Unauthorized("no")
    return answer.json()


def test_credentials_are_renewed_twice_at_most(make_caller, make_request, clock):
    """What is not accepted is signed anew and sent again at once; a third refusal is raised."""
    no = Response(status=401)
    caller = make_caller(no, OK, auth=_Renewable())
    hopeless = make_caller(no, no, no, OK, auth=_Renewable())

    assert caller.call(make_request(writes=True), _unauthorized) == "fine"
    with pytest.raises(Unauthorized):
        hopeless.call(make_request(), _unauthorized)

    assert [sent.headers["Authorization"] for sent in caller.transport.sent] == ["v1", "v2"]
    assert (hopeless.requests, clock.slept) == (3, [])


def test_credentials_that_cannot_be_renewed_are_refused(make_caller, make_request):
    """Without a way to renew, the refusal is raised as it is."""
    caller = make_caller(Response(status=401), auth=_Renewable(can=False))

    with pytest.raises(Unauthorized):
        caller.call(make_request(), _unauthorized)

    assert caller.requests == 1


def test_a_lost_token_request_is_repeated(make_caller, make_request):
    """If the credentials could not be fetched, nothing was sent, and even a write tries again."""

    class Flaky(_Renewable):
        def sign(self, request, send):
            if self.version == 1:
                self.version = 2
                raise Unreachable("the token server is away")
            return super().sign(request, send)

    caller = make_caller(OK, auth=Flaky())

    assert caller.call(make_request(writes=True), _body) == "fine"


# --- What is told, and what travels ----------------------------------------------------------------


def test_logs_name_operations_and_nothing_else(make_caller, make_request, caplog):
    """Logs hold operation, status, code and wait; never a query, a header, a body or a person."""
    caplog.set_level(logging.DEBUG, "wave_pms_sync")
    secret = "s3cret"
    answers = [Response(status=500, body=b"s3cret", headers={"a": secret}), OK]
    caller = make_caller(*answers, auth=Bearer(secret))
    request = make_request(f"https://h/x?key={secret}", headers={"a": secret}, body=b"s3cret")

    def judge(answer):
        if answer.status == 500:
            raise Unreachable(secret, retryable=True)
        return answer.json()

    caller.call(request, judge)
    with pytest.raises(BadAnswer):
        make_caller(BadAnswer(secret)).call(request, _body)

    assert [record.getMessage() for record in caplog.records] == [
        "answered side=pms operation=read_customers status=500",
        "repeats side=pms operation=read_customers attempt=1 code=unreachable wait_s=1.000",
        "answered side=pms operation=read_customers status=200",
        "fails side=pms operation=read_customers attempt=1 code=bad_answer",
    ]
    assert secret not in f"{caller!r} {request!r}"


def test_a_caller_survives_a_pickle(serve, make_request):
    """A caller that was used can be pickled; out of the pickle it works, and counts from its own past."""
    place = serve(Reply(status=200, body=b'"fine"'))
    caller = Caller(side="pms", transport=RequestsTransport(), auth=Bearer("s3cret"))
    caller.call(make_request(place.url), _body)

    copy = pickle.loads(pickle.dumps(caller))  # noqa: S301  # our own bytes

    assert copy.call(make_request(place.url), _body) == "fine"
    assert place.calls[1].headers["authorization"] == "Bearer s3cret"
    assert (caller.requests, copy.requests) == (1, 2)


def test_closing_closes_the_transport(make_caller):
    """Closing a caller lets go of its connections."""
    caller = make_caller()

    caller.close()

    assert caller.transport.closed == 1


def test_our_own_waits_are_spread(make_request):
    """Without a say of the user's, jitter is a number from 0 to 1, another one each time."""
    caller = Caller(side="pms", transport=_Script())

    numbers = {caller.jitter() for _ in range(50)}

    assert len(numbers) > 40
    assert all(0 <= number <= 1 for number in numbers)
