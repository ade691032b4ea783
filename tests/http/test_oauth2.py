"""An access token that is renewed when it ends."""

from __future__ import annotations

import base64
import json
import pickle
import threading
import traceback
from contextlib import nullcontext
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest

from wave_pms_sync.errors import BadAnswer, ConfigurationError, Throttled, Unauthorized, Unreachable
from wave_pms_sync.http.caller import Caller
from wave_pms_sync.http.messages import Response
from wave_pms_sync.http.oauth2 import OAuth2
from wave_pms_sync.http.tokens import MemoryTokenStore, Tokens
from wave_pms_sync.http.transport import RequestsTransport
from wave_pms_sync.testing.server import Reply

START = datetime(2026, 11, 5, 12, tzinfo=timezone.utc)


class _TokenServer:
    """Answers token requests, each time with the next pair unless told otherwise."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.forms = []
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        self.forms.append({name: value for name, (value,) in parse_qs(request.body.decode()).items()})
        if self.answers:
            return self.answers.pop(0)
        number = len(self.forms)
        return _answer(access_token=f"access-{number}", refresh_token=f"refresh-{number}", expires_in=7200)


def _answer(status=200, **body):
    return Response(status=status, body=json.dumps(body).encode())


def _grant(**changes):
    facts = {"client_id": "app", "client_secret": "s3cret", "refresh_token": "refresh-0", "now": START.timestamp}
    return OAuth2(**{**facts, **changes})


def _token_of(signed):
    return signed.headers["Authorization"]


def test_the_first_request_fetches_a_token(make_request):
    """Without an access token one is bought with the refresh token, form-encoded, and then kept."""
    server, auth = _TokenServer(), _grant()

    signed = [auth.sign(make_request(), server) for _ in range(2)]

    assert [_token_of(each) for each in signed] == ["Bearer access-1"] * 2
    assert server.forms == [
        {"client_id": "app", "client_secret": "s3cret", "grant_type": "refresh_token", "refresh_token": "refresh-0"}
    ]
    (request,) = server.requests
    assert (request.method, request.url) == ("POST", "https://api.waveapps.com/oauth2/token/")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert not request.writes


@pytest.mark.parametrize(("left_s", "token"), [(11, "old"), (9, "access-1"), (-5, "access-1"), (None, "old")])
def test_a_token_is_renewed_just_before_it_ends(make_request, left_s, token):
    """A token with time left is used, one about to end is renewed; one of unknown life is used until refused."""
    expires_at = None if left_s is None else START + timedelta(seconds=left_s)

    signed = _grant(access_token="old", expires_at=expires_at).sign(make_request(), _TokenServer())

    assert _token_of(signed) == f"Bearer {token}"


def test_a_refused_token_is_renewed(make_request):
    """After a refusal the next signature has a new token, bought with the newest refresh token."""
    server, auth = _TokenServer(), _grant()
    refused = auth.sign(make_request(), server)

    renewed = auth.renew(refused, server)

    assert renewed
    assert _token_of(auth.sign(make_request(), server)) == "Bearer access-2"
    assert [form["refresh_token"] for form in server.forms] == ["refresh-0", "refresh-1"]


def test_new_tokens_are_saved_before_they_are_used(make_request):
    """The saver is called with tokens and the end of their life before any request carries them."""
    saved = []
    auth = _grant(on_refresh=saved.append)

    auth.sign(make_request(), _TokenServer())

    assert saved == [
        Tokens(access_token="access-1", refresh_token="refresh-1", expires_at=START + timedelta(seconds=7200))
    ]
    assert "access-1" not in repr(saved)
    assert "refresh-1" not in repr(saved)


def test_tokens_that_could_not_be_saved_are_not_lost(make_request):
    """If the saver fails the call ends, and the same tokens are offered to it again before they are used."""
    offered, server = [], _TokenServer()

    def save(tokens):
        offered.append(tokens.access_token)
        if len(offered) == 1:
            raise OSError(28, f"no room for {tokens.refresh_token}")

    auth = _grant(on_refresh=save)
    with pytest.raises(Unauthorized, match=r"not be kept \(OSError: No space left on device\), so they are not used"):
        auth.sign(make_request(), server)

    assert _token_of(auth.sign(make_request(), server)) == "Bearer access-1"
    assert (offered, len(server.forms)) == (["access-1", "access-1"], 1)


def test_unsaved_tokens_give_way_to_newer_ones(make_request):
    """If somebody authorised anew while ours could not be saved, the store's tokens are used and ours forgotten."""
    server, store = _TokenServer(), _FullStore(Tokens(refresh_token="refresh-0"))
    auth = _grant(refresh_token=None, store=store)
    with pytest.raises(Unauthorized):
        auth.sign(make_request(), server)

    store.held = Tokens(access_token="by-hand", refresh_token="refresh-by-hand")

    assert _token_of(auth.sign(make_request(), server)) == "Bearer by-hand"
    assert store.held.refresh_token == "refresh-by-hand"


class _FullStore:
    """A user's own store, in which nothing can be saved."""

    def __init__(self, tokens):
        self.held = tokens

    def load(self):
        return self.held

    def save(self, tokens):
        raise MemoryError("canary-text")

    def lock(self):
        return nullcontext()


class _ElsewhereStore(_FullStore):
    """A store without a working lock: another machine renews while we do."""

    def __init__(self, *held):
        super().__init__(None)
        self.views = list(held)
        self.saved = []

    def load(self):
        return self.views.pop(0) if len(self.views) > 1 else self.views[0]

    def save(self, tokens):
        self.saved.append(tokens)


DECLINED = "invalid_grant"


def test_a_declined_token_is_looked_up_once_more(make_request):
    """After `invalid_grant` the store is read again; a good access token that came meanwhile is used."""
    store = _ElsewhereStore(Tokens(refresh_token="r-1"), Tokens(access_token="theirs", refresh_token="r-2"))
    server = _TokenServer(_answer(400, error=DECLINED))

    signed = _grant(store=store).sign(make_request(), server)

    assert (_token_of(signed), len(server.forms), store.saved) == ("Bearer theirs", 1, [])


def test_a_declined_token_is_replaced_once_by_another(make_request):
    """After `invalid_grant` another refresh token in the store is tried once; if that fails, that is the end."""
    store = _ElsewhereStore(*[Tokens(refresh_token=f"r-{n}") for n in (1, 2, 3, 4)])
    server = _TokenServer(*[_answer(400, error=DECLINED)] * 3)

    with pytest.raises(Unauthorized, match="authorise anew"):
        _grant(store=store).sign(make_request(), server)

    assert [form["refresh_token"] for form in server.forms] == ["r-1", "r-2"]


def test_a_declined_token_is_not_sent_twice(make_request):
    """After `invalid_grant` the same refresh token is not sent again."""
    server = _TokenServer(*[_answer(400, error=DECLINED)] * 2)

    with pytest.raises(Unauthorized, match="authorise anew"):
        _grant(store=MemoryTokenStore(Tokens(refresh_token="r-1"))).sign(make_request(), server)

    assert len(server.forms) == 1


def test_what_the_store_holds_counts(make_request):
    """Tokens given at construction are the first ones: once the store holds others, they are used no more."""
    server, store = _TokenServer(), MemoryTokenStore()

    first = _grant(store=store).sign(make_request(), server)
    second = _grant(store=store).sign(make_request(), server)

    assert (_token_of(first), _token_of(second), len(server.forms)) == ("Bearer access-1", "Bearer access-1", 1)


def test_a_store_without_a_refresh_token_says_so(make_request):
    """At Wave, where the store must hold a refresh token, an empty one is named, and nothing is sent."""
    server = _TokenServer()

    with pytest.raises(Unauthorized, match="holds no refresh token"):
        _grant(refresh_token=None, store=MemoryTokenStore()).sign(make_request(), server)

    assert server.forms == []


@pytest.mark.parametrize("broken", ["lock", "load"])
def test_a_store_that_fails_is_named_without_its_words(make_request, broken):
    """Whatever a user's store raises is an error of ours that tells its kind only."""
    store = MemoryTokenStore()

    def fail():
        raise LookupError("canary-text")

    setattr(store, broken, fail)
    with pytest.raises(Unauthorized, match=r"the token store cannot be used \(LookupError\)") as caught:
        _grant(store=store).sign(make_request(), _TokenServer())

    assert "canary-text" not in "".join(traceback.format_exception(caught.value))


def test_client_credentials_need_no_refresh_token(make_request):
    """At another server than Wave's, without a refresh token, the application's own credentials buy each token."""
    server = _TokenServer()
    auth = _grant(refresh_token=None, token_url="https://pms.example.com/token", scope="read write")

    auth.renew(auth.sign(make_request(), server), server)

    form = {"client_id": "app", "client_secret": "s3cret", "grant_type": "client_credentials", "scope": "read write"}
    assert server.forms == [form, form]
    assert _token_of(auth.sign(make_request(), server)) == "Bearer access-2"


def test_the_secret_may_stand_in_the_header(make_request):
    """Where the server wants HTTP Basic the credentials travel in the header, form-encoded first, not in the body."""
    server = _TokenServer()
    facts = {"client_id": "app/1", "client_secret": "s:ß", "client_authentication": "header"}

    _grant(**facts, parameters={"audience": "pms"}).sign(make_request(), server)

    assert server.forms == [{"grant_type": "refresh_token", "refresh_token": "refresh-0", "audience": "pms"}]
    scheme, _, pair = server.requests[0].headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(pair)) == ("Basic", b"app%2F1:s%3A%C3%9F")


@pytest.mark.parametrize("ahead_s", [-100_000, 100_000])
def test_a_wrong_clock_costs_a_request_at_most(make_request, ahead_s):
    """With a clock that is days off a token is renewed too early, or when it is refused; it is never given up."""
    server, store = _TokenServer(), MemoryTokenStore()
    _grant(store=store).sign(make_request(), server)
    off = _grant(store=store, now=lambda: START.timestamp() + ahead_s)

    first = off.sign(make_request(), server)
    off.renew(first, server)
    second = off.sign(make_request(), server)

    assert _token_of(second) != _token_of(first)
    assert _token_of(off.sign(make_request(), server)) == _token_of(second)
    assert len(server.forms) <= 3


def test_a_token_of_unknown_life_is_used_until_it_is_refused(make_request):
    """Without `expires_in` a token is kept however late it is, and renewed when the side refuses it."""
    hours = iter(range(100))
    server = _TokenServer(_answer(access_token="a"), _answer(access_token="b"))
    auth = _grant(now=lambda: START.timestamp() + 3600 * next(hours))

    signed = [auth.sign(make_request(), server) for _ in range(9)]
    auth.renew(signed[-1], server)

    assert {_token_of(each) for each in signed} == {"Bearer a"}
    assert _token_of(auth.sign(make_request(), server)) == "Bearer b"


def test_the_old_refresh_token_is_kept_if_none_comes_back(make_request):
    """A server that does not rotate leaves the refresh token out; ours is used on."""
    server = _TokenServer(_answer(access_token="a", token_type="Bearer"))
    auth = _grant()

    auth.renew(auth.sign(make_request(), server), server)

    assert [form["refresh_token"] for form in server.forms] == ["refresh-0", "refresh-0"]


@pytest.mark.parametrize(
    ("expires_in", "life_s"),
    [(10, 10), ("10", 10), (1.5, 1.5), ("soon", None), (None, None), (-1, None), (0, None), (1e12, None)],
)
def test_the_life_of_a_token_is_read(make_request, expires_in, life_s):
    """`expires_in` is read as a number or text; one that makes no sense counts as not said."""
    saved = []
    server = _TokenServer(_answer(access_token="a", expires_in=expires_in))

    _grant(on_refresh=saved.append).sign(make_request(), server)

    assert saved[0].expires_at == (None if life_s is None else START + timedelta(seconds=life_s))


@pytest.mark.parametrize(
    ("response", "error", "words"),
    [
        (_answer(400, error="invalid_grant", error_description="s3cret"), Unauthorized, "invalid_grant"),
        (_answer(401, error="something s3cret"), Unauthorized, "no known code"),
        (Response(status=403, body=b"<html>"), Unauthorized, "403"),
        (_answer(429), Throttled, "slow down"),
        (_answer(503), Unreachable, "503"),
        (_answer(408), Unreachable, "408"),
        (_answer(401, error="invalid_client"), Unauthorized, "check client_id and client_secret"),
        (_answer(200, error="invalid_grant"), Unauthorized, "authorise anew"),
        (_answer(200, error="bad_refresh_token s3cret", access_token=None), Unauthorized, "no known code"),
        (_answer(200, token="s3cret"), BadAnswer, "without a usable"),
        (_answer(200, access_token="s3cret\n"), BadAnswer, "without a usable"),
        (Response(status=200, body=b"[1]"), BadAnswer, "without a usable"),
        (Response(status=302), BadAnswer, "302"),
    ],
)
def test_a_token_server_that_does_not_give_is_named(make_request, response, error, words):
    """A refused grant is a matter of credentials, a failing server is unreachable; nothing is quoted."""
    with pytest.raises(error, match=words) as caught:
        _grant().sign(make_request(), _TokenServer(response))

    assert "s3cret" not in str(caught.value)


def test_threads_renew_once_between_them(make_request):
    """Many threads whose token was refused at once cost one renewal."""
    server, auth = _TokenServer(), _grant()
    refused = auth.sign(make_request(), server)
    threads = [threading.Thread(target=auth.renew, args=(refused, server)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(server.forms) == 2


def test_a_grant_survives_a_pickle_and_hides_its_secrets(make_request):
    """A grant out of a pickle goes on with its tokens; a repr shows none."""
    auth = OAuth2(client_id="app", client_secret="s3cret", refresh_token="r3fresh", access_token="4ccess")

    copy = pickle.loads(pickle.dumps(auth))  # noqa: S301  # our own bytes

    assert _token_of(copy.sign(make_request(), _TokenServer())) == "Bearer 4ccess"
    assert repr(copy) == "OAuth2(client_id='app', token_url='https://api.waveapps.com/oauth2/token/')"


def test_all_faults_of_a_grant_are_named():
    """Empty secrets, a token address in the clear and a naive time are all named at once, without values."""
    with pytest.raises(ConfigurationError) as caught:
        OAuth2(
            client_id="",
            client_secret="",
            refresh_token="",
            token_url="http://pms.example.com",
            access_token="a b",
            expires_at=datetime(2026, 1, 1),  # noqa: DTZ001  # on purpose
        )

    names = [fault.partition(":")[0] for fault in caught.value.faults]
    assert names == ["client_id", "client_secret", "refresh_token", "token_url", "access_token", "expires_at"]


def test_what_contradicts_itself_in_a_grant_is_named():
    """Two places to save to, an unknown place of the secret, and Wave without any refresh token are named."""
    with pytest.raises(ConfigurationError) as caught:
        OAuth2(client_id="a", client_secret="b", client_authentication="query")
    with pytest.raises(ConfigurationError) as also:
        _grant(on_refresh=print, store=MemoryTokenStore())

    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["refresh_token", "client_authentication"]
    assert [fault.partition(":")[0] for fault in also.value.faults] == ["on_refresh"]


def test_a_whole_call_with_a_refused_token(serve, make_request):
    """Over real sockets: a refused token is renewed at the token server, and the request sent again."""
    tokens = serve(Reply(status=200, body=b'{"access_token": "new", "expires_in": 60}'))
    place = serve(lambda call: Reply(status=200 if call.headers["authorization"] == "Bearer new" else 401))
    auth = OAuth2(client_id="app", client_secret="s", refresh_token="r", access_token="old", token_url=tokens.url)
    caller = Caller(side="pms", transport=RequestsTransport(), auth=auth)

    def judge(response):
        if response.status == 401:
            raise Unauthorized("no")
        return response.status

    assert caller.call(make_request(place.url, method="POST", writes=True), judge) == 200
    assert (len(tokens.calls), len(place.calls), caller.requests) == (1, 2, 3)
