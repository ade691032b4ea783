"""Servers on loopback that answer as a test tells them, and requests to send there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from wave_pms_sync.http.messages import Request
from wave_pms_sync.testing.server import Call, LoopbackServer, Reply


class Place:
    """A running server: where it is, and what arrived there."""

    def __init__(self, answers: tuple[Reply | Callable[[Call], Reply], ...]) -> None:
        self.calls: list[Call] = []
        self._answers = list(answers)
        self.server = LoopbackServer()
        self.server.start(self._answer)

    @property
    def url(self) -> str:
        """The address of customers there."""
        return f"{self.server.origin}/customers"

    def _answer(self, call: Call) -> Reply:
        self.calls.append(call)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer if isinstance(answer, Reply) else answer(call)


@pytest.fixture
def serve() -> Iterator[Callable[..., Place]]:
    """Starts a server that gives these answers in order, the last one for ever."""
    places: list[Place] = []

    def start(*answers: Reply | Callable[[Call], Reply]) -> Place:
        places.append(Place(answers))
        return places[-1]

    yield start
    for place in places:
        place.server.stop()
        place.server.raise_accident()


@pytest.fixture
def make_request() -> Callable[..., Request]:
    """Builds a read of one customer, changed as told."""

    def make(url: str = "http://127.0.0.1/customers?email=ada@example.com", **changes: object) -> Request:
        facts = {"method": "GET", "url": url, "side": "pms", "operation": "read_customers", "writes": False}
        return Request(**{**facts, **changes})  # type: ignore[arg-type]  # a builder for tests

    return make
