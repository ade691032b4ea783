"""Credentials stay with the origin they were given for, and no server can fill our memory or our logs."""

from __future__ import annotations

import gzip
import io
import logging
import time
import tracemalloc
import warnings
from contextlib import suppress

import pytest
import requests

from wave_pms_sync import CustomPmsClient, OAuth2, WaveClient
from wave_pms_sync.errors import BadAnswer, ConfigurationError, SyncError, UnknownOutcome, Unreachable
from wave_pms_sync.http.transport import RequestsTransport

MIB = 1024 * 1024
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LIST = b'{"items": [], "next_cursor": null}'


# --- Credentials and their origin ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "body", "header"),
    [
        ({"paging": {"next": "next"}, "list": {"query": {}}}, b'{"items": [{"id": 1}], "next": "%s/2"}', ""),
        (
            {"paging": {"next_header": "Link"}, "list": {"query": {}}},
            b'{"items": [{"id": 1}]}',
            'Link: <%s/2>; rel="next"',
        ),
    ],
    ids=["in the body", "in a Link"],
)
def test_a_next_page_elsewhere_gets_nothing(villain, answering, client, settings, body, header):
    """A next page at another origin is an error, and that origin is sent nothing at all."""
    thief = villain(lambda peer: peer.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}"))
    told = [header % thief.url] if header else []
    api = answering(body % thief.url.encode() if b"%s" in body else body, *told)
    pms = client(api.url, {**settings, "auth": {"query": {"key": "{token}"}, "headers": {"X-Key": "{token}"}}})

    with pytest.raises(BadAnswer) as caught:
        list(pms.customers())

    assert thief.heard == []
    assert "canary-token" not in repr(caught.value)


@pytest.mark.parametrize(
    "spelling", ["http://{api}@{thief}/", "//{thief}/", "http://{thief}\\@{api}/", "http:{thief}/", "http:\\\\{thief}/"]
)
def test_no_spelling_of_a_next_page_leads_elsewhere(villain, answering, client, spelling):
    """However the address of a next page is written, nothing is sent to another origin."""
    thief = villain(lambda peer: peer.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}"))
    places = {"thief": thief.url.removeprefix("http://"), "api": "127.0.0.1"}
    body = b'{"items": [{"id": 1}], "next": "%s"}' % spelling.format(**places).replace("\\", "\\\\").encode()
    pms = client(answering(body).url, {"paging": {"next": "next"}, "list": {"query": {}}})

    with suppress(SyncError):
        list(pms.customers())

    assert thief.heard == []


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("verb", ["read", "write"])
def test_no_redirect_is_followed(villain, answering, client, status, verb):
    """A redirect is followed by no read and no write, wherever it leads."""
    thief = villain(lambda peer: peer.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}"))
    api = answering(b"", f"Location: {thief.url}/", status=status)
    pms = client(api.url, session=requests.Session())

    with pytest.raises(SyncError):
        pms.customer("1") if verb == "read" else pms.update_customer("1", {"name": "Ada"})

    assert (len(api.heard), thief.heard) == (1, [])


def test_a_login_elsewhere_that_redirects_is_not_followed(villain, answering, client):
    """Neither the secrets of a login nor those of OAuth follow a redirect of the token server."""
    thief = villain(lambda peer: peer.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}"))
    gate = answering(b"", f"Location: {thief.url}/", status="307 Temporary")
    grant = OAuth2(client_id="a", client_secret="canary-secret", refresh_token="canary-refresh", token_url=gate.url)
    login = {"auth": {"login": {"url": gate.url, "body": {"pw": "{pw}"}, "token": "t"}, "headers": {"X": "{token}"}}}

    for pms in (
        client("http://127.0.0.1:9", token=None, auth=grant),
        client("http://127.0.0.1:9", login, token=None, secrets={"pw": "canary-pw"}),
    ):
        with pytest.raises(SyncError) as caught:
            pms.customer("1")
        assert "canary" not in repr(caught.value)

    assert (len(gate.heard), thief.heard) == (2, [])


def test_cookies_stay_with_their_origin(answering, ask):
    """A cookie of one origin is not shown to another, not even to another port of the same host."""
    one, other = answering(b"{}", "Set-Cookie: session=canary; Path=/"), answering(b"{}")
    ours = RequestsTransport()

    for place in (one, one, other):
        ours.send(ask(place.url), 5)

    assert ["session=canary" in head for head in one.heard] == [False, True]
    assert "canary" not in other.heard[0]


def test_a_token_in_plain_http_never_leaves_this_machine(answering, ask, monkeypatch):
    """A proxy of the environment was sent, in the clear, the token of a server on this very machine."""
    proxy, here = answering(b"{}"), answering(b"{}")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

    RequestsTransport().send(ask(here.url, headers={"Authorization": "Bearer canary"}), 5)

    assert (len(here.heard), proxy.heard) == (1, [])


def test_the_password_of_a_proxy_is_in_no_error(ask, monkeypatch):
    """A proxy that cannot be reached is not quoted, since its address may hold a password."""
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://ada:canary-pw@127.0.0.1:9")

    with pytest.raises(Unreachable) as caught:
        RequestsTransport().send(ask("https://pms.example.com/"), 5)

    assert "canary" not in repr(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("session", [None, requests.Session()], ids=["ours", "a user's"])
def test_a_certificate_that_nobody_vouches_for_is_refused(villain, client, session):
    """A server that signed its own certificate is sent no request, with a session of the user's, too."""
    server = villain(lambda peer: peer.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}"), tls=True)

    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        client(server.url, session=session).customer("1")

    assert server.heard == []


@pytest.mark.parametrize(
    ("place", "secret"),
    [
        ("auth", ("ada", "canary")),
        ("headers", {"Authorization": "Bearer canary"}),
        ("params", {"key": "canary"}),
        ("cookies", {"sid": "canary"}),
        ("cert", "canary.pem"),
    ],
)
def test_plain_http_is_refused_wherever_a_secret_would_travel(place, secret):
    """Tokens, secrets, grants and the credentials of a session go over HTTPS, or nowhere beyond this machine."""
    CustomPmsClient("http://pms.example.com", session=requests.Session()).close()
    session = requests.Session()
    setattr(session, place, secret)
    grant = {"client_id": "a", "client_secret": "s", "refresh_token": "r"}

    for build in (
        lambda: WaveClient(token="t", url="http://wave.example.com"),
        lambda: CustomPmsClient("http://pms.example.com", token="t"),
        lambda: CustomPmsClient("http://pms.example.com", session=session),
        lambda: OAuth2(**grant, token_url="http://login.example.com"),
        lambda: CustomPmsClient("http://127.0.0.1.example.com", token="t"),
        lambda: CustomPmsClient("http://user:pw@127.0.0.1", token="t"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            build()
        assert "canary" not in repr(caught.value)


# --- Ids, versions and keys in addresses and headers -----------------------------------------------


@pytest.mark.parametrize(
    "record_id",
    [
        "../admin",
        "a/b",
        "?all=1",
        "#x",
        "%2e%2e",
        "..%2f",
        "a\r\nX-Evil: 1",
        "a b",
        "\x00",
        "ü/ü",
        ";a",
        "{path}",
        "{id}",
    ],
)
@pytest.mark.parametrize("verb", ["read", "delete"])
def test_an_id_is_one_segment_of_the_address(answering, client, record_id, verb):
    """Whatever an id holds, the request goes to one record below the resource, and has no header of its making."""
    api = answering(b'{"id": "1"}')
    pms = client(api.url)

    with suppress(SyncError):
        pms.customer(record_id) if verb == "read" else pms.delete_customer(record_id)

    (line, *lines) = api.heard[0].split("\r\n")
    segment = line.split(" ")[1].removeprefix("/customers/")
    assert line.split(" ")[1].startswith("/customers/")
    assert len(line.split(" ")) == 3
    assert not set(segment) & set("/?#\\")
    assert ".." not in segment.replace("%2E", ".") or segment not in ("..", ".")
    assert not [each for each in lines if each.lower().startswith("x-evil")]


@pytest.mark.parametrize("record_id", ["", ".", ".."])
def test_an_id_that_would_address_the_collection_is_none(answering, client, record_id):
    """An id that a server would resolve to the collection or its parent is sent to nobody."""
    api = answering(b"{}")

    with pytest.raises(SyncError):
        client(api.url).update_customer(record_id, {"name": "Ada"})

    assert api.heard == []


@pytest.mark.parametrize("version", ['"1"\r\nX-Evil: 1', "1\nX-Evil: 1", "1\r\n X-Evil: 1"])
def test_a_version_makes_no_header(answering, client, version):
    """A version with line ends in it adds no header: the write is not sent, with a typed error."""
    from wave_pms_sync.model.records import Record
    from wave_pms_sync.model.side import Side

    api = answering(b'{"id": "1", "name": "Ada"}')
    pms = client(api.url, {"record": {"version": "v"}, "update": {"headers": {"If-Match": "{version}"}}})
    seen = Record(side=Side.PMS, id="1", payload={"id": "1", "name": "Bo"}, version=version)

    with pytest.raises(SyncError) as caught:
        pms.update_customer("1", {"name": "Ada"}, seen=seen)

    assert not caught.value.executed
    assert not [head for head in api.heard if "x-evil" in head.lower()]


@pytest.mark.parametrize("key", ["a\r\nX-Evil: 1", "\n", "ü", "\x7f"])
def test_a_repeat_key_makes_no_header(answering, client, key):
    """A repeat key that cannot stand in a header is refused before anything is sent."""
    api = answering(b'{"id": "1"}')
    pms = client(api.url, {"create": {"headers": {"Idempotency-Key": "{repeat_key}"}}})

    with pytest.raises(ConfigurationError):
        pms.create_customer({"name": "Ada"}, repeat_key=key)

    assert api.heard == []


# --- Servers that mean harm ------------------------------------------------------------------------


def endless(peer):
    """A body that never ends."""
    peer.sendall(HEAD + b"\r\n")
    while True:
        peer.sendall(b"[" * MIB)


def bomb(peer):
    """A gigabyte of blanks, in a megabyte."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        for _ in range(1024):
            file.write(b" " * MIB)
    body = packed.getvalue()
    peer.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.mark.parametrize("harm", [endless, bomb])
@pytest.mark.parametrize(("writes", "error"), [(False, BadAnswer), (True, UnknownOutcome)])
def test_an_answer_without_an_end_is_cut_off(villain, ask, harm, writes, error):
    """An endless body and a packed one that unpacks to a gigabyte are cut off at 128 MiB, and the error says so."""
    tracemalloc.start()
    try:
        with pytest.raises(error, match="more than 128 MiB"):
            RequestsTransport().send(ask(villain(harm).url, writes=writes), 30)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 400 * MIB


@pytest.mark.parametrize(
    "harm",
    [
        lambda peer: peer.sendall(
            b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(10000)) + b"\r\n{}"
        ),
        lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1000000 + b"\r\n\r\n{}"),
        lambda peer: peer.sendall(b"a" * 1000000),
    ],
    ids=["many headers", "a long header", "no head"],
)
def test_a_flood_of_headers_is_no_answer(villain, ask, harm):
    """Headers without number or end are no answer."""
    with pytest.raises(Unreachable, match="no whole answer"):
        RequestsTransport().send(ask(villain(harm).url), 5)


def test_a_slow_drip_is_left_in_time(villain, client):
    """A body that comes byte by byte is waited for no longer than the timeout."""

    def drip(peer):
        peer.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        for _ in range(100):
            peer.sendall(b" ")
            time.sleep(0.05)

    begun = time.monotonic()
    with pytest.raises(Unreachable):
        client(villain(drip).url, timeout_s=0.3).customer("1")

    assert time.monotonic() - begun < 3


def test_queries_are_in_no_log(villain, ask, caplog):
    """What urllib3 logs of our requests names no query, and quotes nothing that a server sent; others' stay whole."""
    caplog.set_level(logging.DEBUG)
    broken = villain(
        lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\nno header of canary\r\nContent-Length: 2\r\n\r\n{}")
    )

    for session in (None, requests.Session()):
        RequestsTransport(session).send(ask(f"{broken.url}/customers?key=canary-key&email=canary@example.com"), 5)

    told = [f"{record.getMessage()} {record.exc_text} {record.exc_info}" for record in caplog.records]
    assert [line for line in told if "/customers" in line]
    assert not [line for line in told if "canary" in line]
    with warnings.catch_warnings():
        requests.get(f"{broken.url}/other?q=theirs", timeout=5)
    assert "q=theirs" in caplog.text
