"""One request on its way through a sandbox: counted, struck by faults, executed, answered, noted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Protocol

from attrs import evolve, frozen

from wave_pms_sync.testing.damage import damaged
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.ledger import NOTHING, Effects, Entry, Ledger
from wave_pms_sync.testing.server import Call, Reply
from wave_pms_sync.testing.switchboard import Arrival, Details, Faults, Strikes

__all__ = ["Backend", "Done", "Exchange"]

_DROPPED = Reply(status=0)
_STATUS = {
    Fault.THROTTLED: 429,
    Fault.UNAUTHORIZED: 401,
    Fault.FORBIDDEN: 403,
    Fault.SERVER_ERROR: 500,
    Fault.UNAVAILABLE: 503,
}
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@frozen(kw_only=True)
class Done:
    """What executing a request gave."""

    reply: Reply
    effects: Effects = NOTHING


class Backend(Protocol):
    """What one side makes of a request."""

    def arrival(self, call: Call) -> Arrival:
        """What the request wants. Nothing is executed."""
        ...

    def execute(self, call: Call, strikes: Strikes) -> Done:
        """Carry the request out; called under the sandbox's lock."""
        ...

    def failure(self, status: int) -> Reply:
        """How this side words a failure of this status."""
        ...

    def special(self, kind: Fault, told: Details) -> Reply | None:
        """The answer to a kind of fault that only this side knows, or None if it is none that answers."""
        ...


@frozen
class _Late:
    number: int
    due_at: datetime | None
    due_requests: int | None
    run: Callable[[], Done]


class Exchange:
    """Answers the requests of one sandbox.

    Args:
        backend: The side.
        ledger: Where requests are counted.
        faults: What goes wrong.
        lock: The sandbox's lock; held while a request is executed, never while a hook or a pause runs.
        now: The sandbox's time.
        pause: Sleeps in real time.
    """

    def __init__(
        self,
        *,
        backend: Backend,
        ledger: Ledger,
        faults: Faults,
        lock: threading.RLock,
        now: Callable[[], datetime],
        pause: Callable[[float], None],
    ) -> None:
        self._backend = backend
        self._ledger = ledger
        self._faults = faults
        self._lock = lock
        self._now = now
        self._pause = pause
        self._late: list[_Late] = []
        self._arrived = 0

    def answer(self, call: Call) -> Reply:
        """Take a request and say what to send back."""
        self.settle()
        number = self._ledger.arrive()
        self._arrived = number
        try:
            arrival = self._backend.arrival(call)
            strikes = self._faults.strike(arrival)
            done = self._struck(call, arrival, strikes, number)
            self._note(number, arrival, strikes, done)
        finally:
            self._ledger.leave()
        date = ("Date", format_datetime(self._now(), usegmt=True))
        return evolve(done.reply, headers=(date, *done.reply.headers))

    def settle(self) -> None:
        """Execute what is due of the writes whose commit was put off."""
        if not self._late:
            return
        with self._lock:
            due = [late for late in self._late if self._due(late)]
            self._late = [late for late in self._late if late not in due]
            for late in due:
                self._ledger.note_late(late.number, late.run().effects)

    def _due(self, late: _Late) -> bool:
        if late.due_requests is not None:
            return self._arrived >= late.due_requests
        return late.due_at is not None and self._now() >= late.due_at

    def _struck(self, call: Call, arrival: Arrival, strikes: Strikes, number: int) -> Done:
        for told in strikes.of(Fault.LATENCY):
            self._pause(told.seconds)
        for told in strikes.of(Fault.CALL_BEFORE):
            told.call(arrival)
        alone = strikes.alone
        if alone is None:
            done = self._execute(call, strikes)
        elif alone.kind is Fault.LATE_COMMIT:
            done = self._put_off(call, strikes, alone.details, number)
        else:
            done = self._alone(call, strikes, alone.kind, alone.details)
        if done.effects.executed:
            for told in strikes.of(Fault.CALL_AFTER):
                told.call(arrival)
        return done

    def _alone(self, call: Call, strikes: Strikes, kind: Fault, told: Details) -> Done:
        """Carry out the one fault that decides the answer."""
        instead = self._instead(call, kind, told)
        if instead is not None:
            effects = self._execute(call, strikes).effects if told.executed else NOTHING
            return Done(reply=instead, effects=effects)
        if kind is Fault.LOST_BEFORE:
            return Done(reply=_DROPPED)
        done = self._execute(call, strikes)
        if kind is Fault.LOST_AFTER:
            return evolve(done, reply=_DROPPED)
        return evolve(done, reply=damaged(done.reply, kind, told))

    def _instead(self, call: Call, kind: Fault, told: Details) -> Reply | None:
        waiting = () if told.retry_after is None else (("Retry-After", told.retry_after),)
        if kind in _STATUS:
            reply = self._backend.failure(_STATUS[kind])
            return evolve(reply, headers=(*reply.headers, *waiting))
        if kind is Fault.BAD_GATEWAY:
            return Reply(status=502, body=_HTML, headers=(("Content-Type", "text/html"), *waiting))
        if kind is Fault.REDIRECT:
            return Reply(status=told.status or 301, headers=(("Location", told.location or f"{call.path}/"),))
        if kind is Fault.ANSWER:
            body = (told.body or "").encode()
            return Reply(status=told.status or 200, body=body, headers=tuple((told.headers or {}).items()))
        return self._backend.special(kind, told)

    def _execute(self, call: Call, strikes: Strikes) -> Done:
        with self._lock:
            return self._backend.execute(call, strikes)

    def _put_off(self, call: Call, strikes: Strikes, told: Details, number: int) -> Done:
        due_at = self._now() + timedelta(seconds=told.seconds) if told.requests is None else None
        due_requests = None if told.requests is None else number + told.requests
        run = _Run(self._backend, call, strikes)
        with self._lock:
            self._late.append(_Late(number, due_at, due_requests, run))
        return Done(reply=_DROPPED)

    def _note(self, number: int, arrival: Arrival, strikes: Strikes, done: Done) -> None:
        entry = Entry(
            number=number,
            at=self._now(),
            operation=arrival.operation,
            ids=tuple(dict.fromkeys(arrival.ids + done.effects.created)),
            executed=done.effects.executed,
            status=done.reply.status,
            fault=strikes.names,
            effects=done.effects,
        )
        self._ledger.note(entry)


@frozen
class _Run:
    """A write whose commit was put off."""

    backend: Backend
    call: Call
    strikes: Strikes

    def __call__(self) -> Done:
        return self.backend.execute(self.call, self.strikes)
