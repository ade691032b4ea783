"""A server that answers as a test scripts it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.server import Call, LoopbackServer, Reply


class Script:
    """Answers out of a table, and keeps what arrived.

    Attributes:
        answers: By verb and path below the base URL: a body, `(status, body)`, `(status, body, headers)`, or a function
            of the call that gives one of these, or what `in_turn` makes of several.
        calls: What arrived, in order.
    """

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.calls: list[Call] = []
        self._server = LoopbackServer()
        self._clients: list[CustomPmsClient] = []

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return self._server.origin

    def client(self, settings: dict[str, object], **options: object) -> CustomPmsClient:
        """A client of this API by these settings of a profile."""
        profile = PmsProfile.from_dict(settings)
        options = {"token": "s3cret", "retry": RetryPolicy(attempts=2, first_wait_s=0), **options}
        client = CustomPmsClient(f"{self.origin}/api", profile=profile, **options)
        self._clients.append(client)
        return client

    def asked(self) -> list[str]:
        """The verb and path of each call."""
        return [f"{call.method} {call.path.removeprefix('/api')}" for call in self.calls]

    def bodies(self) -> list[object]:
        """The JSON bodies of the calls that had one."""
        return [json.loads(call.body) for call in self.calls if call.body]

    def start(self) -> None:
        """Listen."""
        self._server.start(self._answer)

    def stop(self) -> None:
        """Hang up; an accident fails the test."""
        for client in self._clients:
            client.close()
        self._server.stop()
        self._server.raise_accident()

    def _answer(self, call: Call) -> Reply:
        self.calls.append(call)
        answer = self.answers.get(f"{call.method} {call.path.removeprefix('/api')}", (404, {"detail": "nothing here"}))
        if isinstance(answer, Answers):
            answer = answer.next()
        if callable(answer):
            answer = answer(call)
        status, body, headers = (*answer, {})[:3] if isinstance(answer, tuple) else (200, answer, {})
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return Reply(status=status, body=content, headers=(("Content-Type", "application/json"), *headers.items()))


class Answers:
    """One answer after the other; the last one for ever."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)

    def next(self) -> object:
        """The next one."""
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
def api() -> Iterator[Script]:
    """An API that answers as scripted."""
    script = Script()
    script.start()
    yield script
    script.stop()


@pytest.fixture
def elsewhere() -> Iterator[Script]:
    """Another API at another origin."""
    script = Script()
    script.start()
    yield script
    script.stop()


@pytest.fixture
def in_turn() -> Callable[..., Answers]:
    """Makes an answer that is another one each time; the last one for ever."""
    return Answers
