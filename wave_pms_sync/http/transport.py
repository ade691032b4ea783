"""Sending one request. The library `requests` is loaded with the first one, for that takes longer than all of ours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from wave_pms_sync.http.process import PerProcess
from wave_pms_sync.version import __version__

if TYPE_CHECKING:
    import requests

    from wave_pms_sync.http.messages import Request, Response
    from wave_pms_sync.http.wire import OwnSessions


class Transport(Protocol):
    """What carries a request to a side and brings back the answer. Safe to use from several threads."""

    def send(self, request: Request, timeout_s: float) -> Response:
        """Send once, follow no redirect, and return whatever was answered, of any status.

        Raises:
            Unreachable: It was certainly not carried out; or it was a read, and no whole answer came.
            UnknownOutcome: It was a write that may have been carried out, and no whole answer came.
            BadAnswer: It was a read, and the answer is larger than any that can be used.
            ConfigurationError: It cannot be sent at all.
        """
        ...

    def close(self) -> None:
        """Let go of connections. Twice is once; sending again opens them again."""
        ...


class RequestsTransport:
    """Sends over the library `requests`.

    Without a session of yours each thread of each process keeps one of its own for each origin, made when it is first
    needed; so no cookie goes from one origin to another. Yours (with proxies, certificates, adapters) is used as it
    is, in all threads; its settings are never changed, and it is never closed. Our own verify TLS, and reach this
    very machine through no proxy. A `~/.netrc` is never consulted. An answer may have 128 MiB, unpacked.

    Args:
        session: A `requests.Session`, or None.
    """

    def __init__(self, session: requests.Session | None = None) -> None:
        self._session = session
        self._own: PerProcess[OwnSessions] = PerProcess(_own_sessions)

    def send(self, request: Request, timeout_s: float) -> Response:
        """Send once, as the protocol says.

        Args:
            request: What to send.
            timeout_s: For reaching the server (10 s at most), then for each silence, then for the whole body.
        """
        from wave_pms_sync.http.wire import FAULTS, exchange, translated

        try:
            if self._session is not None:
                return exchange(self._session, request, timeout_s, {})
            own = self._own()
            return exchange(own.get(request.url), request, timeout_s, own.surroundings(request.url))
        except FAULTS as error:
            raise translated(error, request) from None  # its text may quote a URL with a query

    def close(self) -> None:
        """Close our own sessions in this process; one of yours stays open."""
        self._own().close()

    def __repr__(self) -> str:
        return f"RequestsTransport({'a session of yours' if self._session else ''})"


def longest_request_s(timeout_s: float) -> float:
    """The longest that one request may be under way: its connection and its answer each have the timeout."""
    return 2 * timeout_s


def user_agent(application: str | None = None) -> str:
    """The `User-Agent` of this library, with an application's own name behind it."""
    agent = f"wave-pms-sync/{__version__} python/{sys.version_info.major}.{sys.version_info.minor}"
    return f"{agent} {application}" if application else agent


def _own_sessions() -> OwnSessions:
    from wave_pms_sync.http.wire import OwnSessions

    return OwnSessions()
