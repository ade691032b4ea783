"""The library `requests` at work: sessions, one exchange, and what its errors mean.

Whatever goes wrong is raised as an error of ours, and says the one thing that counts: was it never sent, or
may it have been carried out?
"""

from __future__ import annotations

import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, MutableMapping
from typing import TypedDict
from urllib.parse import urlsplit

import requests
import requests.auth
from urllib3.exceptions import HTTPError, LocationValueError, NewConnectionError

from wave_pms_sync.errors import BadAnswer, ConfigurationError, SyncError, UnknownOutcome, Unreachable
from wave_pms_sync.http.hushed import without_queries
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.http.urls import is_loopback, origin

_CONNECT_TIMEOUT_S = 10.0
_CHUNK_BYTES = 65536
_MOST_BYTES = 128 * 1024 * 1024  # unpacked; an answer without an end would otherwise fill all memory

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
    """One session per thread and origin; they can all be closed from any thread."""

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
            session = self.get(url)
            session.trust_env = True
            found = session.merge_environment_settings(url, {}, None, None, None)
            session.trust_env = False
            # Plain HTTP is let through to this machine only; a proxy would carry its token across the network.
            proxies = {} if is_loopback(urlsplit(place).hostname or "") else found["proxies"]
            self._surroundings[place] = {"proxies": proxies, "verify": found["verify"] or True}
        return self._surroundings[place]

    def get(self, url: str) -> requests.Session:
        """The session of this thread for the origin of a URL."""
        kept: dict[str, requests.Session] = self._local.__dict__
        place = origin(url)
        if place not in kept:
            kept[place] = requests.Session()
            kept[place].trust_env = False  # `surroundings` has looked already
            with self._lock:
                self._open.add(kept[place])
        return kept[place]

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
        BadAnswer, UnknownOutcome: The answer to a read, or to a write, is larger than any that can be used.
    """
    begun = time.monotonic()
    with without_queries(), _begun(session, request, timeout_s, surroundings) as answer:
        body = bytearray()
        for piece in _pieces(answer):
            body += piece
            if len(body) > _MOST_BYTES:
                raise _endless(request)
            # The socket's own timeout starts anew with each byte; a dripping server must not hold us.
            if time.monotonic() - begun > timeout_s:
                raise requests.exceptions.ReadTimeout
        return Response(status=answer.status_code, headers=dict(answer.headers), body=bytes(body))


def _begun(
    session: requests.Session, request: Request, timeout_s: float, surroundings: Surroundings
) -> requests.Response:
    timeouts = (min(timeout_s, _CONNECT_TIMEOUT_S), timeout_s)
    if not surroundings:
        return session.request(
            request.method,
            request.url,
            headers=dict(request.headers),
            data=request.body,
            auth=_signature(session, request),
            timeout=timeouts,
            allow_redirects=False,
            stream=True,
        )
    # Our own session has no settings to be merged, which would take a third of carrying the request.
    prepared = requests.PreparedRequest()
    prepared.prepare(
        method=request.method,
        url=request.url,
        headers={**session.headers, **request.headers},
        data=request.body,
        cookies=session.cookies,
        auth=_AsItIs(),
    )
    return session.send(prepared, timeout=timeouts, allow_redirects=False, stream=True, **surroundings)


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    """What has come of a body, unpacked, as soon as it comes.

    `iter_content` waits for whole chunks, which a dripping server fills in days. urllib3 before 2.1 has nothing else.
    """
    read: Callable[[int, bool], bytes] | None = getattr(answer.raw, "read1", None)
    if read is None:
        yield from answer.iter_content(_CHUNK_BYTES)
        return
    while piece := read(_CHUNK_BYTES, True):
        yield piece


def _endless(request: Request) -> SyncError:
    text = f"{origin(request.url)} answered {request.operation} with more than {_MOST_BYTES >> 20} MiB, and was cut off"
    return UnknownOutcome(text) if request.writes else BadAnswer(f"{text}; ask for smaller pages")


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
