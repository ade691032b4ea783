"""The library `requests` at work: sessions, one exchange, and what its errors mean.

Whatever goes wrong is raised as an error of ours, and says the one thing that counts: was it never sent, or
may it have been carried out?
"""

from __future__ import annotations

import ssl
import threading
import time
import weakref
from collections.abc import Iterator, MutableMapping
from typing import TypedDict

import requests
import requests.auth
from urllib3.exceptions import HTTPError, LocationValueError, NewConnectionError

from wave_pms_sync.errors import ConfigurationError, SyncError, UnknownOutcome, Unreachable
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.http.urls import origin

_CONNECT_TIMEOUT_S = 10.0
_CHUNK_BYTES = 65536

# A request that `requests` or the interpreter could not even put together.
_MISBUILT = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.URLRequired,
    LocationValueError,
    UnicodeError,
)
# These end a TLS handshake; others may also come while an answer is read.
_HANDSHAKE_REASONS = frozenset(
    {
        "CERTIFICATE_VERIFY_FAILED",
        "HTTP_REQUEST",
        "NO_PROTOCOLS_AVAILABLE",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "TLSV1_UNRECOGNIZED_NAME",
        "UNSUPPORTED_PROTOCOL",
        "WRONG_VERSION_NUMBER",
    }
)


class Surroundings(TypedDict, total=False):
    """What the environment says of the way to a server."""

    proxies: MutableMapping[str, str]
    verify: bool | str


FAULTS = (OSError, HTTPError, UnicodeError)
"""What an exchange may raise; all of requests derives from OSError."""


class OwnSessions:
    """One session per thread; they can all be closed from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        self._local = threading.local()
        self._surroundings: dict[str, Surroundings] = {}

    def surroundings(self, url: str) -> Surroundings:
        """What the environment says of the way to a server: proxies and certificates.

        It is asked once for each server, since `requests` would search the whole environment for each request, which
        costs a fifth of reading a page.
        """
        place = origin(url)
        if place not in self._surroundings:
            session = self.get()
            session.trust_env = True
            found = session.merge_environment_settings(url, {}, None, None, None)
            session.trust_env = False
            self._surroundings[place] = {"proxies": found["proxies"], "verify": found["verify"] or True}
        return self._surroundings[place]

    def get(self) -> requests.Session:
        """The session of this thread."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False  # `surroundings` has looked already
            with self._lock:
                self._open.add(session)
        return session

    def close(self) -> None:
        """Close them all; used again, they open new connections."""
        with self._lock:
            for session in self._open:  # a closed session opens new connections when it is used again
                session.close()


def exchange(session: requests.Session, request: Request, timeout_s: float, surroundings: Surroundings) -> Response:
    """Send once; the whole body within the time.

    Args:
        session: What sends.
        request: What is sent.
        timeout_s: For reaching the server (10 s at most), then for each silence, then for the whole body.
        surroundings: Proxies and certificates, unless the session knows them.

    Raises:
        OSError, HTTPError, UnicodeError: See `translated`.
    """
    begun = time.monotonic()
    with session.request(
        request.method,
        request.url,
        headers=dict(request.headers),
        data=request.body,
        auth=_signature(session, request),
        timeout=(min(timeout_s, _CONNECT_TIMEOUT_S), timeout_s),
        allow_redirects=False,
        stream=True,
        **surroundings,
    ) as answer:
        body = bytearray()
        for chunk in answer.iter_content(_CHUNK_BYTES):
            body += chunk
            # The socket's own timeout starts anew with each byte; a dripping server must not hold us.
            if time.monotonic() - begun > timeout_s:
                raise requests.exceptions.ReadTimeout
        return Response(status=answer.status_code, headers=dict(answer.headers), body=bytes(body))


class _AsItIs(requests.auth.AuthBase):
    """Keeps `requests` from replacing our credentials, or from inventing some out of ~/.netrc."""

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        return prepared


def _signature(session: requests.Session, request: Request) -> _AsItIs | None:
    """None leaves signing to the user's own session, if that can and the request has no credentials of ours."""
    signed = any(name.lower() == "authorization" for name in request.headers)
    return None if session.auth and not signed else _AsItIs()


def translated(error: Exception, request: Request) -> SyncError:
    """What a fault says of a request."""
    place, cause = origin(request.url), _cause(error)
    # A plain OSError without a number: a CA bundle or client certificate that is not there.
    if isinstance(error, _MISBUILT) or (type(error) is OSError and error.errno is None):
        return ConfigurationError(f"{request.operation} cannot be sent", [f"request: {cause}"])
    if any(_never_sent(each) for each in _chain(error)):
        return Unreachable(f"{place} could not be reached ({cause}); nothing was sent")
    if request.writes:
        return UnknownOutcome(f"{request.operation} was sent to {place}, but no whole answer came ({cause})")
    return Unreachable(f"{place} gave no whole answer to {request.operation} ({cause})")


def _never_sent(error: BaseException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout | NewConnectionError):
        return True
    # A ProxyError alone does not prove it: urllib3 1 also raises that when a connection breaks later.
    return _is_handshake(error) or str(error).startswith("Tunnel connection failed")


def _is_handshake(error: BaseException) -> bool:
    if isinstance(error, ssl.SSLCertVerificationError):
        return True
    return isinstance(error, ssl.SSLError) and getattr(error, "reason", None) in _HANDSHAKE_REASONS


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error with all that it was raised from, wherever requests and urllib3 put that."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        nested = [*each.args, getattr(each, "reason", None)]
        waiting += [each.__cause__, each.__context__, *(n for n in nested if isinstance(n, BaseException))]


def _cause(error: Exception) -> str:
    """The names of the kinds of error, outermost and innermost, since their texts may quote anything."""
    names = [type(each).__name__ for each in _chain(error)]
    return names[0] if names[0] == names[-1] else f"{names[0]}: {names[-1]}"
