"""Sending what was built, and reading what came, with a user's hooks between."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from attrs import evolve, frozen

from wave_pms_sync.http.caller import Caller
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.pms.hooks import Hooks

T = TypeVar("T")


@frozen
class Sender:
    """Carries the requests of one client.

    Attributes:
        caller: Signs, paces, sends and repeats.
        agent: The `User-Agent` of requests that name none.
        hooks: A user's own, or None.
    """

    caller: Caller
    agent: str
    hooks: Hooks | None = None

    def send(self, request: Request, read: Callable[[Request, Response], T]) -> T:
        """Send a request and return what is read from its answer; errors as of `Caller.call`."""
        sent, hooks = evolve(request, headers={"User-Agent": self.agent, **request.headers}), self.hooks
        if hooks is None:
            return self.caller.call(sent, partial(read, request))
        return self.caller.call(hooks.build(sent), lambda response: read(request, hooks.read(request, response)))
