"""Sending one request over real sockets, and naming what goes wrong."""

from __future__ import annotations

import gzip
import os
import pickle
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
import traceback

import pytest
import requests
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
)

from wave_pms_sync.errors import ConfigurationError, SyncError, UnknownOutcome, Unreachable
from wave_pms_sync.http.transport import RequestsTransport, user_agent
from wave_pms_sync.testing.server import Reply
from wave_pms_sync.version import __version__


def _closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class _Failing(requests.Session):
    """A user's session in which something goes wrong."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def send(self, request, **kwargs):
        raise self.error


# --- Sending ---------------------------------------------------------------------------------------


def test_a_request_arrives_as_it_was_built(serve, make_request):
    """Verb, address with its query, headers and bytes arrive unchanged."""
    place = serve(Reply(status=201, body=b"made", headers=(("X-Request-Id", "r1"),)))
    request = make_request(
        place.url + "?a=%2F&b", method="POST", headers={"Content-Type": "x/y", "If-Match": '"7"'}, body=b"\x00\xff"
    )

    answer = RequestsTransport().send(request, 5)

    (call,) = place.calls
    assert (call.method, call.path, dict(call.query)) == ("POST", "/customers", {"a": "/", "b": ""})
    assert (call.headers["content-type"], call.headers["if-match"], call.body) == ("x/y", '"7"', b"\x00\xff")
    assert (answer.status, answer.body, answer.headers["x-request-id"]) == (201, b"made", "r1")


@pytest.mark.parametrize("status", [204, 301, 307, 401, 404, 429, 503])
def test_any_status_is_an_answer(serve, make_request, status):
    """Whatever status comes back is returned; a redirect is not followed."""
    place = serve(Reply(status=status, headers=(("Location", "/elsewhere"), ("WWW-Authenticate", "Basic"))))

    answer = RequestsTransport().send(make_request(place.url), 5)

    assert answer.status == status
    assert len(place.calls) == 1


def test_a_compressed_answer_is_unpacked(serve, make_request):
    """A body that the server compressed is returned as it was."""
    place = serve(Reply(status=200, body=gzip.compress(b"{}"), headers=(("Content-Encoding", "gzip"),)))

    assert RequestsTransport().send(make_request(place.url), 5).body == b"{}"


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer ours"}, {}])
def test_a_netrc_is_never_consulted(serve, make_request, monkeypatch, tmp_path, headers):
    """Credentials in a ~/.netrc neither replace ours nor are added."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    place = serve(Reply(status=200))

    RequestsTransport().send(make_request(place.url, headers=headers), 5)

    assert place.calls[0].headers.get("authorization") == headers.get("Authorization")


# --- Sessions --------------------------------------------------------------------------------------


def test_a_users_session_is_used_and_left_as_it_was(serve, make_request):
    """A session handed in adds its headers, is not changed by our requests, and is not closed with the transport."""
    place = serve(Reply(status=200))
    closed = []
    session = requests.Session()
    session.close = lambda: closed.append(1)
    session.headers["X-Tenant"] = "7"
    before = (dict(session.headers), session.auth, session.verify, dict(session.adapters), dict(session.params))

    with_ours = RequestsTransport(session)
    with_ours.send(make_request(place.url, headers={"Authorization": "Bearer ours"}), 5)
    with_ours.close()

    assert (place.calls[0].headers["x-tenant"], place.calls[0].headers["authorization"]) == ("7", "Bearer ours")
    after = (dict(session.headers), session.auth, session.verify, dict(session.adapters), dict(session.params))
    assert (after, closed) == (before, [])


def test_a_users_session_may_sign_where_we_do_not(serve, make_request):
    """The session's own credentials count only for a request without ours."""
    place = serve(Reply(status=200))
    session = requests.Session()
    session.auth = ("ada", "pw")
    ours = RequestsTransport(session)

    ours.send(make_request(place.url), 5)
    ours.send(make_request(place.url, headers={"authorization": "Bearer ours"}), 5)

    assert [call.headers["authorization"] for call in place.calls] == ["Basic YWRhOnB3", "Bearer ours"]


def test_each_thread_has_its_own_session(serve, make_request, monkeypatch):
    """Without a session of the user's, two threads never share one, and a thread keeps its own."""
    place, made = serve(Reply(status=200)), []

    class Counted(requests.Session):
        def __init__(self):
            super().__init__()
            made.append(threading.get_ident())

    monkeypatch.setattr(requests, "Session", Counted)
    ours = RequestsTransport()
    unused = len(made)

    def twice():
        ours.send(make_request(place.url), 5)
        ours.send(make_request(place.url), 5)

    twice()
    other = threading.Thread(target=twice)
    other.start()
    other.join()

    assert (unused, len(made), len(set(made))) == (0, 2, 2)


def test_closing_twice_is_once_and_sending_opens_again(serve, make_request):
    """After a close the transport works as before."""
    place = serve(Reply(status=200))
    ours = RequestsTransport()
    ours.close()

    ours.send(make_request(place.url), 5)
    ours.close()
    ours.close()

    assert ours.send(make_request(place.url), 5).status == 200


def test_a_transport_survives_a_pickle(serve, make_request):
    """A transport that was used can be pickled, and works on the other side."""
    place = serve(Reply(status=200))
    ours = RequestsTransport()
    ours.send(make_request(place.url), 5)

    copy = pickle.loads(pickle.dumps(ours))  # noqa: S301  # our own bytes

    assert copy.send(make_request(place.url), 5).status == 200
    assert repr(copy) == "RequestsTransport()"
    assert "yours" in repr(RequestsTransport(requests.Session()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process.*fork:DeprecationWarning")
def test_a_forked_child_shares_no_connection(serve, make_request):
    """A child uses a connection of its own; its parent's stays in order."""
    place = serve(lambda call: Reply(status=200, body=call.headers["x-who"].encode()))
    ours = RequestsTransport()

    def who(name):
        return ours.send(make_request(place.url, headers={"X-Who": name}), 5).body

    first = who("parent")
    child = os.fork()
    if child == 0:
        os._exit(0 if who("child") == b"child" and who("child") == b"child" else 1)
    answers = [who("parent") for _ in range(5)]

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert {first, *answers} == {b"parent"}


# --- What goes wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize("writes", [False, True])
def test_a_refused_connection_was_never_sent(make_request, writes):
    """Where nobody listens, a read and a write are both certainly not carried out."""
    url = f"http://127.0.0.1:{_closed_port()}/customers?email=ada@example.com"

    with pytest.raises(Unreachable) as caught:
        RequestsTransport().send(make_request(url, writes=writes), 5)

    assert not caught.value.executed
    assert "nothing was sent" in str(caught.value)


def test_a_failed_handshake_was_never_sent(serve, make_request):
    """A server that does not speak TLS never saw the request."""
    place = serve(Reply(status=200))

    with pytest.raises(Unreachable, match="nothing was sent"):
        RequestsTransport().send(make_request(place.url.replace("http:", "https:"), writes=True), 5)

    assert place.calls == []


def test_a_proxy_that_is_not_there_was_never_sent(make_request):
    """Where the proxy refuses the connection, the request is certainly not carried out."""
    session = requests.Session()
    session.trust_env = False
    session.proxies = {"http": f"http://127.0.0.1:{_closed_port()}"}

    with pytest.raises(Unreachable, match="nothing was sent"):
        RequestsTransport(session).send(make_request("http://pms.example.com/", writes=True), 5)


def test_a_proxy_that_opens_no_tunnel_was_never_sent(serve, make_request):
    """Where the proxy refuses the tunnel, the request is certainly not carried out."""
    place = serve(Reply(status=407))
    session = requests.Session()
    session.trust_env = False
    session.proxies = {"https": place.server.origin}

    with pytest.raises(Unreachable, match="nothing was sent"):
        RequestsTransport(session).send(make_request("https://pms.example.com/", writes=True), 5)


@pytest.mark.parametrize(
    "reply",
    [Reply(status=0), Reply(status=200, body=b"0123456789", held_back=5), Reply(status=200, body=b"01234", slow_s=3)],
    ids=["no answer", "half an answer", "an answer that drips"],
)
@pytest.mark.parametrize(("writes", "error"), [(False, Unreachable), (True, UnknownOutcome)])
def test_no_whole_answer_leaves_a_write_unknown(serve, make_request, reply, writes, error):
    """Once sent, a write without a whole answer is unknown; a read is merely not answered."""
    place = serve(reply)

    with pytest.raises(SyncError) as caught:
        RequestsTransport().send(make_request(place.url, method="POST", writes=writes), 1)

    assert type(caught.value) is error
    assert caught.value.executed is writes
    assert "no whole answer" in str(caught.value)


def test_a_dripping_body_is_waited_for_no_longer_than_said(serve, make_request):
    """The time given is for the whole body, even if each byte comes in time."""
    place = serve(Reply(status=200, body=b"0123456789", slow_s=10))
    begun = time.monotonic()

    with pytest.raises(Unreachable):
        RequestsTransport().send(make_request(place.url), 1.0)

    assert time.monotonic() - begun < 5


def _exceptions_of_requests() -> list[type[BaseException]]:
    kinds = [kind for kind in vars(requests.exceptions).values() if isinstance(kind, type)]
    return [kind for kind in kinds if issubclass(kind, (requests.RequestException, HTTPError))]


def _made(kind):
    return kind("x", "y", 0) if issubclass(kind, requests.exceptions.JSONDecodeError) else kind("s3cret")


MISBUILT = {"InvalidURL", "MissingSchema", "InvalidSchema", "InvalidHeader", "InvalidProxyURL", "URLRequired"}


@pytest.mark.parametrize("kind", _exceptions_of_requests(), ids=lambda kind: kind.__name__)
def test_nothing_of_requests_escapes(make_request, kind):
    """Every exception of `requests` becomes one of ours; a write is never called unsent without proof."""
    unsent = Unreachable if kind is requests.exceptions.ConnectTimeout else None

    for writes in (False, True):
        with pytest.raises(SyncError) as caught:
            RequestsTransport(_Failing(_made(kind))).send(make_request(writes=writes), 5)
        expected = unsent or (UnknownOutcome if writes else Unreachable)
        assert type(caught.value) is (ConfigurationError if kind.__name__ in MISBUILT else expected)


def _connection_error(reason):
    return requests.ConnectionError(MaxRetryError(None, "/customers?email=ada@example.com", reason))


def _tls_error(reason):
    return requests.exceptions.SSLError(MaxRetryError(None, "/", SSLError(reason)))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (_connection_error(NameResolutionError("host", None, socket.gaierror(-2, "unknown"))), Unreachable),
        (_connection_error(NewConnectionError(None, "refused")), Unreachable),
        (_connection_error(ProtocolError("aborted", ConnectionResetError())), UnknownOutcome),
        (_connection_error(ProxyError("broken", ConnectionResetError())), UnknownOutcome),
        (_tls_error(ssl.SSLCertVerificationError(1, "self-signed")), Unreachable),
        (_tls_error(ssl.SSLError(1, "decryption failed")), UnknownOutcome),
        (ConnectionResetError(104, "reset"), UnknownOutcome),
        (ProtocolError("aborted"), UnknownOutcome),
        (LocationParseError("ho st"), ConfigurationError),
        (OSError("Could not find a suitable TLS CA certificate bundle"), ConfigurationError),
        (UnicodeEncodeError("latin-1", "x", 0, 1, "no"), ConfigurationError),
    ],
)
def test_the_cause_decides_whether_a_write_was_sent(make_request, error, expected):
    """A write is called unsent, impossible or unknown by the innermost cause of the failure."""
    with pytest.raises(SyncError) as caught:
        RequestsTransport(_Failing(error)).send(make_request(writes=True), 5)

    assert type(caught.value) is expected


def test_an_error_quotes_no_query(make_request):
    """Neither the error nor its traceback shows the query of the address, which may hold a person or a key."""
    error = _connection_error(NewConnectionError(None, "refused"))

    with pytest.raises(Unreachable) as caught:
        RequestsTransport(_Failing(error)).send(make_request(), 5)

    assert "ada@example.com" not in "".join(traceback.format_exception(caught.value))


def test_an_interruption_passes_through(make_request):
    """Ctrl-C is not an error of the connection."""
    with pytest.raises(KeyboardInterrupt):
        RequestsTransport(_Failing(KeyboardInterrupt())).send(make_request(), 5)


def test_the_user_agent_names_library_and_application():
    """The User-Agent names this library and Python, and then the application."""
    assert user_agent().startswith(f"wave-pms-sync/{__version__} python/3.")
    assert user_agent("hotel/3").endswith(" hotel/3")


def test_requests_is_loaded_by_the_first_request():
    """Making clients does not load the library that sends; nothing is sent by then."""
    script = """
        import sys
        from wave_pms_sync import CustomPmsClient, MemoryLinkStore, Synchronizer, WaveClient

        wave = WaveClient(token="t", business_id="b")
        Synchronizer(wave=wave, pms=CustomPmsClient("https://pms.example.com"), links=MemoryLinkStore())
        print("requests" in sys.modules)
    """
    told = subprocess.run(  # noqa: S603  # our own lines
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )

    assert told.stdout == "False\n"
