"""An access token that is renewed when it ends."""

from __future__ import annotations

import json
import pickle
import threading
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest

from wave_pms_sync.errors import BadAnswer, ConfigurationError, Throttled, Unauthorized, Unreachable
from wave_pms_sync.http.caller import Caller
from wave_pms_sync.http.messages import Response
from wave_pms_sync.http.oauth2 import OAuth2, Tokens
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
    """If the saver fails its error is raised, and the same tokens are offered to it again before they are used."""
    offered, server = [], _TokenServer()

    def save(tokens):
        offered.append(tokens.access_token)
        if len(offered) == 1:
            raise OSError("disk full")

    auth = _grant(on_refresh=save)
    with pytest.raises(OSError, match="disk full"):
        auth.sign(make_request(), server)

    assert _token_of(auth.sign(make_request(), server)) == "Bearer access-1"
    assert (offered, len(server.forms)) == (["access-1", "access-1"], 1)


def test_the_old_refresh_token_is_kept_if_none_comes_back(make_request):
    """A server that does not rotate leaves the refresh token out; ours is used on."""
    server = _TokenServer(_answer(access_token="a", token_type="Bearer"))
    auth = _grant()

    auth.renew(auth.sign(make_request(), server), server)

    assert [form["refresh_token"] for form in server.forms] == ["refresh-0", "refresh-0"]


@pytest.mark.parametrize(
    ("expires_in", "life_s"), [(10, 10), ("10", 10), (1.5, 1.5), ("soon", None), (None, None), (-1, None), (1e12, None)]
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
