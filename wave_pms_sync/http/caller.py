"""One call to a side: signed, paced, sent, judged and, where that is harmless, repeated."""

from __future__ import annotations

import logging
import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from attrs import Factory, define, field

from wave_pms_sync.deadline import ends_at
from wave_pms_sync.errors import DeadlineExceeded, SyncError, Throttled, Unauthorized
from wave_pms_sync.http.auth import Auth
from wave_pms_sync.http.echoed import judged
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.http.pace import Limiter, Unlimited
from wave_pms_sync.http.process import PerProcess
from wave_pms_sync.http.retry import GiveUp, RetryPolicy, Wait, too_long
from wave_pms_sync.http.transport import Transport

T = TypeVar("T")

_log = logging.getLogger("wave_pms_sync.http")
_RENEWALS = 2  # the first may only find what somebody else renewed, and that may have ended, too


def _dice() -> float:
    return random.random()  # noqa: S311  # it spreads waits and guards no secret


def _unsaid(response: Response) -> float:
    return 0.0


@define
class _Spent:
    """Until when no request is left, on a clock that means nothing in another process."""

    until: float = -math.inf


def _slots(caller: Caller) -> PerProcess[threading.BoundedSemaphore]:
    return PerProcess(partial(threading.BoundedSemaphore, caller.max_concurrency))


@define(kw_only=True, eq=False)
class Caller:
    """Carries requests of one side. Safe for threads, forks and pickles; nothing is opened before the first call.

    Attributes:
        side: `"wave"` or `"pms"`, for errors and logs.
        transport: What sends.
        auth: What signs each request just before it is sent, and may renew its credentials; None: nobody.
        pace: How fast requests may follow each other.
        retry: How patient a call is.
        quota: For how many seconds no request is left, by an answer; 0: some are, or it does not say.
        timeout_s: For one attempt, as `Transport.send` understands it.
        max_concurrency: Requests under way at the same time, in this process.
        now: A monotonic clock in seconds.
        sleep: Waits for so many seconds.
        jitter: A number from 0 to 1, another one each time.
    """

    side: str
    transport: Transport
    auth: Auth | None = field(default=None, repr=False)
    pace: Limiter = field(factory=Unlimited)
    retry: RetryPolicy = field(factory=RetryPolicy)
    quota: Callable[[Response], float] = field(default=_unsaid, repr=False)
    timeout_s: float = 30.0
    max_concurrency: int = 2
    now: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    jitter: Callable[[], float] = field(default=_dice, repr=False)
    _free: PerProcess[threading.BoundedSemaphore] = field(
        init=False, repr=False, default=Factory(_slots, takes_self=True)
    )
    _lock: PerProcess[threading.Lock] = field(init=False, repr=False, factory=partial(PerProcess, threading.Lock))
    _sent: int = field(init=False, default=0, repr=False)
    _spent: PerProcess[_Spent] = field(init=False, repr=False, factory=partial(PerProcess, _Spent))

    @property
    def requests(self) -> int:
        """Requests sent so far through this caller, repetitions and token requests included."""
        return self._sent

    def call(self, request: Request, judge: Callable[[Response], T]) -> T:
        """Send a request and return what the judge makes of its answer.

        Args:
            request: Unsigned.
            judge: Turns an answer into a result or raises a leaf of the error tree. It need not know the
                facts of the request: side, operation, record, request id and Retry-After are noted on its error.

        Raises:
            SyncError: The judge's, the transport's, or `DeadlineExceeded`.
        """
        begun, attempt = self.now(), 1
        while True:
            try:
                return self._renewing(request, judge)
            except SyncError as error:
                wait_s = self._wait_s(error, request, attempt, begun)
            self._rest(wait_s, request.operation)
            attempt += 1

    def close(self) -> None:
        """Let go of connections. Twice is once; calling again opens them again."""
        self.transport.close()

    def _renewing(self, request: Request, judge: Callable[[Response], T]) -> T:
        """One attempt; where the credentials are not accepted and can be renewed, further ones with new ones."""
        if self.auth is None:
            return self._once(request, request, judge)
        for _ in range(_RENEWALS):
            signed = self._signed(request, self.auth)
            try:
                return self._once(request, signed, judge)
            except Unauthorized:
                with _noted(request):
                    if not self.auth.renew(signed, self._send):
                        raise
        return self._once(request, self._signed(request, self.auth), judge)

    def _signed(self, request: Request, auth: Auth) -> Request:
        with _noted(request):
            return auth.sign(request, self._send)

    def _once(self, request: Request, signed: Request, judge: Callable[[Response], T]) -> T:
        response: Response | None = None
        try:
            with self._slot(signed.operation):
                self._rest(max(self.pace.reserve(), self._nothing_left_s(signed)), signed.operation)
                response = self._send(signed)
            self._heed(response)
            return judged(judge, response, request, signed)
        except SyncError as error:
            _note(error, signed, response)
            raise

    def _send(self, signed: Request) -> Response:
        left_s = self._left_s(signed.operation)
        # A write that is cut off leaves a doubt that costs more than the seconds it takes to end.
        timeout_s = self.timeout_s if signed.writes else min(self.timeout_s, left_s)
        with self._lock():
            self._sent += 1
        response = self.transport.send(signed, timeout_s)
        _log.debug("answered side=%s operation=%s status=%d", self.side, signed.operation, response.status)
        return response

    def _heed(self, response: Response) -> None:
        """Note what an answer says of the requests that are left."""
        wait_s = self.quota(response)
        if wait_s > 0:
            with self._lock():
                spent = self._spent()
                spent.until = max(spent.until, self.now() + wait_s)

    def _nothing_left_s(self, request: Request) -> float:
        """Seconds until the side takes requests again, by its own word.

        Raises:
            Throttled: They are more than a call may wait.
        """
        wait_s = max(0.0, self._spent().until - self.now())
        if wait_s > min(self.retry.budget_s, self._left_s(request.operation)):
            raise Throttled(f"{request.operation}: no request is left; it was not sent", retry_after_s=wait_s)
        return wait_s

    def _wait_s(self, error: SyncError, request: Request, attempt: int, begun: float) -> float:
        elapsed_s = self.now() - begun
        verdict = self.retry.judge(
            error, writes=request.writes, attempt=attempt, elapsed_s=elapsed_s, jitter=self.jitter()
        )
        names = self.side, request.operation, attempt, error.code
        left_s = self._left_s(request.operation)
        if isinstance(verdict, Wait) and isinstance(error, Throttled) and verdict.wait_s > left_s:
            verdict = GiveUp(too_long(error, left_s))
        if isinstance(verdict, GiveUp):
            _log.info("fails side=%s operation=%s attempt=%d code=%s", *names)
            raise verdict.error
        _log.info("repeats side=%s operation=%s attempt=%d code=%s wait_s=%.3f", *names, verdict.wait_s)
        return verdict.wait_s

    @contextmanager
    def _slot(self, operation: str) -> Iterator[None]:
        free, left_s = self._free(), self._left_s(operation)
        if not free.acquire(timeout=min(left_s, threading.TIMEOUT_MAX)):
            raise self._over(operation)
        try:
            yield
        finally:
            free.release()

    def _rest(self, wait_s: float, operation: str) -> None:
        if wait_s > self._left_s(operation):
            raise self._over(operation)
        if wait_s > 0:
            self.sleep(wait_s)

    def _left_s(self, operation: str) -> float:
        left_s = ends_at() - self.now()
        if left_s <= 0:
            raise self._over(operation)
        return left_s

    def _over(self, operation: str) -> DeadlineExceeded:
        return DeadlineExceeded(
            f"the time given is over; {operation} was not sent", side=self.side, operation=operation
        )


@contextmanager
def _noted(request: Request) -> Iterator[None]:
    """Add to an error of the credentials what it does not know of: the request that they were for."""
    try:
        yield
    except SyncError as error:
        _note(error, request, None)
        raise


def _note(error: SyncError, request: Request, response: Response | None) -> None:
    """Add to an error what the judge did not know of."""
    error.side = error.side or request.side
    error.operation = error.operation or request.operation
    error.record_id = error.record_id or request.record_id
    if response is not None:
        error.request_id = error.request_id or response.request_id
        if error.retry_after_s is None:
            error.retry_after_s = response.retry_after_s
