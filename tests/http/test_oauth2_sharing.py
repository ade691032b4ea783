"""One grant, many threads and processes, over real sockets, at a server that rotates and revokes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest

from wave_pms_sync import CustomPmsClient, OAuth2, Unlimited, WaveClient
from wave_pms_sync.errors import BadAnswer, Throttled, Unauthorized, Unreachable
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.http.token_file import FileTokenStore
from wave_pms_sync.http.tokens import MemoryTokenStore, Tokens
from wave_pms_sync.testing.server import LoopbackServer, Reply

PAST = datetime(2020, 1, 1, tzinfo=timezone.utc)
ONCE = RetryPolicy(attempts=1)

WORK = """
import sys, threading
from wave_pms_sync import CustomPmsClient, OAuth2
from wave_pms_sync.http.token_file import FileTokenStore

origin, path = sys.argv[1:]
auth = OAuth2(client_id="app", client_secret="s", refresh_token="refresh-0", token_url=f"{origin}/token",
              store=FileTokenStore(path))
client = CustomPmsClient(origin, auth=auth, max_concurrency=8)
found = []
threads = [threading.Thread(target=lambda: found.append(client.customer("1").id)) for _ in range(8)]
print("ready", flush=True)
sys.stdin.readline()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("".join(found))
"""

KILLED = """
import os, sys
from wave_pms_sync import CustomPmsClient, OAuth2
from wave_pms_sync.http.token_file import FileTokenStore

class Killed(FileTokenStore):
    def save(self, tokens):
        os.kill(os.getpid(), 9)

origin, path = sys.argv[1:]
auth = OAuth2(client_id="app", client_secret="s", refresh_token="refresh-0", token_url=f"{origin}/token",
              store=Killed(path))
CustomPmsClient(origin, auth=auth).customer("1")
"""


class Grant:
    """A token server and an API in one. Each refresh token works once; using a spent one revokes everything."""

    def __init__(self, *, rotates=True):
        self.number = 0
        self.tokens_given = 0
        self.good = "access-0"
        self.revoked = False
        self.rotates = rotates
        self.answers = []
        self.calls = []
        self._lock = threading.Lock()
        self._server = LoopbackServer()
        self._server.start(self._answer)
        self.origin = self._server.origin

    def end_access(self):
        """The access token ends before its time."""
        self.good = ""

    def stop(self):
        """Hang up, and tell of what went wrong inside."""
        self._server.stop()
        self._server.raise_accident()

    def _answer(self, call):
        with self._lock:
            self.calls.append(call)
        if call.path == "/token":
            self._server.pause(0.1)  # so that the others arrive meanwhile
            with self._lock:
                return self._token(call)
        if call.headers.get("authorization") != f"Bearer {self.good}" or self.revoked:
            return Reply(status=401)
        if call.path == "/graphql":
            return _json(200, {"data": {"business": None}})
        return _json(200, {"id": "1", "name": "Ada"})

    def _token(self, call):
        if self.answers:
            return self.answers.pop(0)
        form = {name: value for name, (value,) in parse_qs(call.body.decode()).items()}
        if form["grant_type"] == "refresh_token" and self.rotates:
            self.revoked |= form["refresh_token"] != f"refresh-{self.number}"
        if self.revoked:
            return _json(400, {"error": "invalid_grant"})
        self.number += 1
        self.tokens_given += 1
        self.good = f"access-{self.number}"
        return _json(200, {"access_token": f"access-{self.number}", "refresh_token": f"refresh-{self.number}"})


def _json(status, body):
    return Reply(status=status, body=json.dumps(body).encode(), headers=(("Content-Type", "application/json"),))


@pytest.fixture
def grant():
    """A running server."""
    server = Grant()
    yield server
    server.stop()


@pytest.fixture
def path(tmp_path):
    """Where the tokens are kept."""
    return tmp_path / "tokens.json"


def auth_at(grant, **changes):
    """A grant at this server."""
    facts = {
        "client_id": "app",
        "client_secret": "s",
        "refresh_token": "refresh-0",
        "token_url": f"{grant.origin}/token",
    }
    return OAuth2(**{**facts, **changes})


def pms_at(grant, auth, **changes):
    """A client of the API there."""
    return CustomPmsClient(grant.origin, auth=auth, **{"max_concurrency": 8, "retry": ONCE, **changes})


def in_threads(work, count=8):
    """What several threads got that did the same at once."""
    got, start = [], threading.Barrier(count)

    def begin():
        start.wait()
        got.append(work())

    threads = [threading.Thread(target=begin) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


ENDED = Tokens(access_token="access-0", refresh_token="refresh-0", expires_at=PAST)
REFUSED = Tokens(access_token="access-x", refresh_token="refresh-0")


@pytest.mark.parametrize("first", [ENDED, REFUSED], ids=["ended", "refused"])
@pytest.mark.parametrize("kind", ["memory", "file"])
def test_eight_threads_renew_once(grant, path, first, kind):
    """Eight threads that meet an ended or a refused token cost one renewal, and all get their answers."""
    store = MemoryTokenStore() if kind == "memory" else FileTokenStore(path)
    store.save(first)

    with pms_at(grant, auth_at(grant, store=store)) as client:
        found = in_threads(lambda: client.customer("1").id)

    assert (found, grant.tokens_given, grant.revoked) == (["1"] * 8, 1, False)


@pytest.mark.parametrize("first", [ENDED, REFUSED], ids=["ended", "refused"])
def test_four_processes_of_eight_threads_renew_once(grant, path, first):
    """Four processes with eight threads each, one token file, a server that revokes at misuse: one renewal."""
    FileTokenStore(path).save(first)
    command = [sys.executable, "-c", WORK, grant.origin, str(path)]
    with ExitStack() as running:
        started = [
            running.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own code
            )
            for _ in range(4)
        ]
        for process in started:
            assert process.stdout.readline() == "ready\n"
        for process in started:
            process.stdin.write("\n")
            process.stdin.flush()
        told = [process.communicate(timeout=60)[0].strip() for process in started]

    assert (told, grant.tokens_given, grant.revoked) == (["1" * 8] * 4, 1, False)
    assert FileTokenStore(path).load() == Tokens(access_token="access-1", refresh_token="refresh-1")


def test_renewals_by_turns_keep_the_grant(grant, path):
    """Two programs that renew by turns never send a spent refresh token, though the other's token has ended, too."""
    first, second = (pms_at(grant, auth_at(grant, store=FileTokenStore(path))) for _ in range(2))

    for client in (first, second, second, first, second, first, first):
        assert client.customer("1").id == "1"
        grant.end_access()

    assert (grant.revoked, grant.tokens_given) == (False, 7)


@pytest.mark.skipif(os.name != "posix", reason="the signal is POSIX")
@pytest.mark.parametrize("rotates", [True, False])
def test_a_process_killed_between_receiving_and_saving(path, rotates):
    """Then the new tokens are lost: the next process goes on if the old ones still work, else it says to authorise."""
    grant = Grant(rotates=rotates)
    FileTokenStore(path).save(ENDED)
    command = [sys.executable, "-c", KILLED, grant.origin, str(path)]

    done = subprocess.run(command, check=False, timeout=60)  # noqa: S603  # our own code

    assert (done.returncode, grant.tokens_given, FileTokenStore(path).load()) == (-9, 1, ENDED)
    with pms_at(grant, auth_at(grant, store=FileTokenStore(path))) as client:
        if rotates:
            with pytest.raises(Unauthorized, match=r"invalid_grant\): authorise anew"):
                client.customer("1")
            grant.revoked = False  # a person authorises anew
            FileTokenStore(path).save(Tokens(refresh_token=f"refresh-{grant.number}"))
        assert client.customer("1").id == "1"
    grant.stop()


FAILURES = [
    (_json(200, {"error": "invalid_grant"}), Unauthorized, "authorise anew"),
    (_json(400, {"error": "invalid_grant"}), Unauthorized, "authorise anew"),
    (_json(401, {"error": "invalid_client"}), Unauthorized, "check client_id"),
    (_json(429, {}), Throttled, "slow down"),
    (_json(503, {}), Unreachable, "503"),
    (Reply(status=0), Unreachable, "no whole answer to fetch_token"),
    (_json(200, {"ok": True}), BadAnswer, "without a usable access token"),
    (Reply(status=307, headers=(("Location", "/customers/1"),)), BadAnswer, "307"),
    (Reply(status=200, body=b"{}" * 50, slow_s=2), Unreachable, "no whole answer"),
]


@pytest.mark.parametrize(("reply", "error", "words"), FAILURES)
def test_a_renewal_that_fails_loses_nothing(grant, path, reply, error, words):
    """However a renewal fails, the error says so with side and operation, the file stays, and the next may succeed."""
    grant.answers.append(reply)
    store = FileTokenStore(path)
    store.save(ENDED)

    with pms_at(grant, auth_at(grant, store=store), timeout_s=0.5) as client:
        with pytest.raises(error, match=words) as caught:
            client.customer("1")
        kept = store.load()
        found = client.customer("1").id

    assert (caught.value.side, caught.value.operation) == ("pms", "read_customer")
    assert (kept, found) == (ENDED, "1")


def test_a_renewal_is_repeated_where_that_helps(grant):
    """A token server that asks to slow down, or fails for now, is asked again within the call."""
    grant.answers += [Reply(status=429, headers=(("Retry-After", "0"),)), Reply(status=502)]

    with pms_at(grant, auth_at(grant), retry=RetryPolicy(first_wait_s=0)) as client:
        assert client.customer("1").id == "1"

    assert [call.path for call in grant.calls] == ["/token"] * 3 + ["/customers/1"]


def test_tokens_that_cannot_be_kept_stop_the_call(grant):
    """A write whose token could not be saved is not sent; when saving works again the same token serves."""
    room = []

    def save(tokens):
        if not room:
            raise OSError(28, tokens.refresh_token)

    with pms_at(grant, auth_at(grant, on_refresh=save)) as client:
        with pytest.raises(Unauthorized, match="could not be kept") as caught:
            client.delete_customer("1")
        room.append(True)
        found = client.customer("1").id

    assert (found, grant.tokens_given, caught.value.executed) == ("1", 1, False)
    assert "refresh-1" not in str(caught.value)
    assert [call.method for call in grant.calls] == ["POST", "GET"]


def test_wave_and_client_credentials_renew_alike(grant):
    """The Wave client with a refresh token, and a PMS client with client credentials, both get and renew tokens."""
    wave = WaveClient(auth=auth_at(grant), business_id="b", url=f"{grant.origin}/graphql", pace=Unlimited(), retry=ONCE)
    pms = pms_at(grant, auth_at(grant, refresh_token=None, scope="customers"))

    with wave, pms:
        wave.execute("query { business { id } }", {})
        found = [pms.customer("1").id]
        grant.end_access()
        found.append(pms.customer("1").id)

    assert (found, grant.tokens_given) == (["1", "1"], 3)
    kinds = [parse_qs(call.body.decode())["grant_type"] for call in grant.calls if call.path == "/token"]
    assert kinds == [["refresh_token"], ["client_credentials"], ["client_credentials"]]


def test_secrets_go_to_the_token_server_and_tokens_to_the_api(grant):
    """The application's secrets reach the token server only, the access token the API only, and nothing a third one."""
    other = Grant()
    api = Grant()
    grant.answers.append(_json(200, {"access_token": "access-0", "refresh_token": "refresh-canary"}))
    auth = auth_at(grant, client_secret="secret-canary", token_url=f"{grant.origin}/token")

    with CustomPmsClient(api.origin, auth=auth, retry=ONCE) as client:
        assert client.customer("1").id == "1"

    assert [call.path for call in grant.calls] == ["/token"]
    assert all("authorization" not in call.headers for call in grant.calls)
    assert [call.headers["authorization"] for call in api.calls] == ["Bearer access-0"]
    assert all(b"canary" not in call.body and "canary" not in str(call.headers) for call in api.calls)
    grant.answers.append(Reply(status=307, headers=(("Location", f"{other.origin}/token"),)))
    with pytest.raises(BadAnswer, match="307"), pms_at(grant, auth_at(grant)) as client:
        client.customer("1")
    assert other.calls == []
    for server in (other, api):
        server.stop()


def test_a_token_that_ends_soon_is_renewed_before_a_call(grant):
    """A token that ends within seconds is renewed before the call, so that no call is refused for it."""
    soon = PAST + timedelta(seconds=5)
    store = MemoryTokenStore(Tokens(access_token="access-0", refresh_token="refresh-0", expires_at=soon))

    with pms_at(grant, auth_at(grant, store=store, now=PAST.timestamp)) as client:
        client.customer("1")

    assert [call.path for call in grant.calls] == ["/token", "/customers/1"]
