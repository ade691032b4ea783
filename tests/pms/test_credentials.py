"""Where credentials stand, how they are exchanged for a token, and what hooks may change."""

from __future__ import annotations

import base64
import hashlib
import hmac
import pickle
import threading
from urllib.parse import parse_qsl

import pytest
from attrs import evolve

from wave_pms_sync.errors import (
    BadAnswer,
    ConfigurationError,
    Refused,
    SyncError,
    Throttled,
    Unauthorized,
    Unreachable,
)
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.http.oauth2 import OAuth2
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.conventions.manners import Credentials, Login
from wave_pms_sync.pms.credentials import Signature
from wave_pms_sync.pms.hooks import Hooks
from wave_pms_sync.pms.profile import PmsProfile

ADA = {"id": 7, "name": "Ada"}
LOGIN = {"auth": {"login": {"url": "/login"}}}
USER = {"username": "ada", "password": "pä ss"}


def sent(api) -> dict[str, str]:
    """The headers of the last call."""
    return api.calls[-1].headers


@pytest.mark.parametrize(
    ("auth", "secrets", "header", "value"),
    [
        ({}, {"token": "t-1"}, "authorization", "Bearer t-1"),
        ({"headers": {"Authorization": "Token {token}"}}, {"token": "t-1"}, "authorization", "Token t-1"),
        ({"headers": {"Authorization": "{token}"}}, {"token": "t-1"}, "authorization", "t-1"),
        ({"headers": {"X-Key": "{key}", "X-Secret": "{secret}"}}, {"key": "k", "secret": "s"}, "x-secret", "s"),
        ({"headers": {}, "basic": "{token}:"}, {"token": "t-1"}, "authorization", "Basic dC0xOg=="),
        (
            {"headers": {}, "basic": "{username}:{password}"},
            USER,
            "authorization",
            f"Basic {base64.b64encode('ada:pä ss'.encode()).decode()}",
        ),
    ],
)
def test_credentials_in_headers(api, auth: dict[str, object], secrets: dict[str, str], header: str, value: str) -> None:
    """Secrets stand in the headers that the profile names, in its words."""
    api.answers["GET /customers/7"] = ADA

    api.client({"auth": auth}, token=None, secrets=secrets).customer("7")

    assert sent(api)[header] == value


def test_a_key_in_the_query_stands_there_once(api) -> None:
    """A key in the query is on each request, once, even where the server puts it into its next URL."""
    api.answers["GET /customers"] = lambda call: (
        {
            "items": [],
            "next": None if "page" in call.query else f"/api/customers?page=2&api%5Fkey=s3cret&x=1#{len(api.calls)}",
        }
        | ({} if "page" in call.query else {"items": [ADA]})
    )
    settings = {
        "list": {"query": {"a": "b"}},
        "paging": {"next": "next"},
        "auth": {"headers": {}, "query": {"api_key": "{token}"}},
    }

    list(api.client(settings).pages())

    assert [dict(call.query) for call in api.calls] == [
        {"a": "b", "api_key": "s3cret"},
        {"page": "2", "x": "1", "api_key": "s3cret"},
    ]


def test_without_credentials_none_are_sent(api) -> None:
    """A client without credentials sends none, whatever the profile says."""
    api.answers["GET /customers/7"] = ADA

    api.client({"auth": {"headers": {"X-Key": "{key}"}}}, token=None).customer("7")

    assert "x-key" not in sent(api)


@pytest.mark.parametrize(
    ("settings", "given", "fault"),
    [
        ({"auth": {"headers": {"X-Key": "{key}"}}}, {"token": "s3cret"}, "secrets.key: the profile asks for it"),
        ({"auth": {"headers": {"X-Key": "{key}"}}}, {"token": "s3cret"}, "token: the profile sends it nowhere"),
        ({}, {"token": "s3cret", "secrets": {"key": "s3cret"}}, "secrets.key: the profile sends it nowhere"),
        ({}, {"secrets": {"token": "s3cret\n"}}, "secrets.token: cannot stand in a header"),
        ({}, {"secrets": {"token": ""}}, "secrets.token: must be text"),
        ({}, {"secrets": {"token": 5}}, "secrets.token: must be text"),
        ({}, {"secrets": "s3cret"}, "secrets: are no table"),
        (LOGIN, {"token": "s3cret"}, "secrets.password: the profile asks for it"),
        (LOGIN, {"secrets": {**USER, "token": "s3cret"}}, "token: the profile sends it nowhere"),
        ({"auth": {"login": {"url": "http://login.example.com/"}}}, {"secrets": USER}, "profile.auth.login.url: "),
        ({}, {"hooks": object()}, "hooks: are none"),
        ({}, {"secrets": {"token": "t"}, "auth": object()}, "secrets: stands beside auth"),
    ],
)
def test_secrets_that_do_not_fit(settings: dict[str, object], given: dict[str, object], fault: str) -> None:
    """Secrets that the profile lacks or does not use are named at construction, and never quoted."""
    with pytest.raises(ConfigurationError) as caught:
        CustomPmsClient("https://x.org", profile=PmsProfile.from_dict(settings), **given)

    assert any(each.startswith(fault) for each in caught.value.faults)
    assert "s3cret" not in str(caught.value)


def test_secrets_travel_over_https_only() -> None:
    """Plain HTTP carries no secrets to another machine."""
    with pytest.raises(ConfigurationError, match="base_url"):
        CustomPmsClient("http://x.org", secrets={"token": "t"})


# --- logins


def locked(token: str):
    """An answer for who shows this token."""
    return lambda call: ADA if call.headers.get("authorization") == f"Bearer {token}" else (401, None)


def test_a_login_before_the_first_request(api) -> None:
    """Secrets are exchanged for a token once, which all further requests show."""
    api.answers["POST /login"] = {"token": "t-1", "expires_in": 3600}
    api.answers["GET /customers/7"] = locked("t-1")
    client = api.client({**LOGIN, "requests": {"headers": {"X-Tenant": "t"}}}, token=None, secrets=USER)

    assert client.customer("7").id == client.customer("7").id == "7"

    assert api.asked() == ["POST /login", "GET /customers/7", "GET /customers/7"]
    assert api.bodies() == [USER]
    assert api.calls[0].headers["x-tenant"] == "t"
    assert client.requests == 3


def test_a_login_again_when_the_token_ended(api, in_turn) -> None:
    """A token that is not accepted any more, or that is about to end, is exchanged for another."""
    api.answers["POST /login"] = in_turn(
        {"token": "t-1"}, {"token": "t-2", "expires_in": 5}, {"token": "t-2", "expires_in": 3600}
    )
    api.answers["GET /customers/7"] = locked("t-2")
    client = api.client(LOGIN, token=None, secrets=USER)

    for _ in range(3):
        assert client.customer("7").id == "7"

    logins = [position for position, call in enumerate(api.asked()) if call == "POST /login"]
    assert logins == [0, 2, 4]


def test_client_credentials(api) -> None:
    """OAuth 2 client credentials are a login by a form."""
    api.answers["POST /oauth/token"] = {"access_token": "t-1", "expires_in": 3600, "token_type": "bearer"}
    api.answers["GET /customers/7"] = locked("t-1")
    login = {
        "url": "/oauth/token",
        "form": "form",
        "body": {
            "grant_type": "client_credentials",
            "client_id": "{client_id}",
            "client_secret": "{client_secret}",
            "scope": "a b",
        },
        "token": "access_token",
    }
    client = api.client({"auth": {"login": login}}, token=None, secrets={"client_id": "me", "client_secret": "s&=ß"})

    assert client.customer("7").id == "7"

    assert dict(parse_qsl(api.calls[0].body.decode())) == {
        "grant_type": "client_credentials",
        "client_id": "me",
        "client_secret": "s&=ß",
        "scope": "a b",
    }


def test_a_login_elsewhere(api, elsewhere) -> None:
    """The login may be at another origin, which the profile names; the API's own headers do not go there."""
    elsewhere.answers["POST /login"] = {"data": {"jwt": "t-1"}}
    api.answers["GET /customers/7"] = locked("t-1")
    login = {"url": f"{elsewhere.origin}/api/login", "token": "data.jwt", "headers": {"X-Client": "{username}"}}
    settings = {"auth": {"login": login}, "requests": {"headers": {"X-Tenant": "t"}}}

    assert api.client(settings, token=None, secrets=USER).customer("7").id == "7"

    assert "x-tenant" not in elsewhere.calls[0].headers
    assert elsewhere.calls[0].headers["x-client"] == "ada"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((401, {"error": "pä ss"}), Unauthorized),
        ((400, None), Unauthorized),
        ((429, None, {"Retry-After": "3600"}), Throttled),
        ((503, None), Unreachable),
        ({"jwt": "t-1"}, BadAnswer),
        (b"<html>", BadAnswer),
        ({"token": "t 1"}, BadAnswer),
        ((302, None), BadAnswer),
    ],
)
def test_a_login_that_fails(api, answer: object, kind: type[SyncError]) -> None:
    """A login that fails says how, quotes nothing, and nothing else is sent."""
    api.answers["POST /login"] = answer

    with pytest.raises(kind) as caught:
        api.client(LOGIN, token=None, secrets=USER).create_customer({"name": "Ada"})

    assert type(caught.value) is kind
    assert "pä ss" not in f"{caught.value!r}"
    assert {call.method + call.path for call in api.calls} == {"POST/api/login"}


def test_a_parameter_replaces_its_like() -> None:
    """A secret in the query replaces a parameter of the same name, however that is escaped, and no other."""
    credentials = Credentials(headers={}, query={"api_key": "{token}"})
    signature = Signature(credentials, {"token": "n&w"}, base_url="https://x.org", headers={})
    request = Request(
        method="GET", url="https://x.org/c?a=1&api%5Fkey=old&api_key=old&b=2", side="pms", operation="o", writes=False
    )

    signed = signature.sign(request, lambda _: Response(status=500))

    assert signed.url == "https://x.org/c?a=1&b=2&api_key=n%26w"


def test_a_token_that_another_thread_renewed_is_kept() -> None:
    """A request refused with an older token does not throw away the newer one, wherever the token stands."""
    tokens = iter(["t-1", "t-2", "t-3"])
    request = Request(method="GET", url="https://x.org/c", side="pms", operation="o", writes=False)

    def send(_: Request) -> Response:
        return Response(status=200, body=f'{{"token": "{next(tokens)}"}}'.encode())

    for place in ({"headers": {"X-Key": "{token}"}}, {"headers": {}, "query": {"k": "{token}"}}):
        tokens = iter(["t-1", "t-2", "t-3"])
        credentials = Credentials(login=Login(url="/login"), **place)
        signature = Signature(credentials, USER, base_url="https://x.org", headers={})

        first, second = signature.sign(request, send), signature.sign(request, send)
        renewed = signature.renew(first, send), signature.renew(second, send)
        third = signature.sign(request, send)
        signature.renew(second, send)

        assert renewed == (True, True)
        assert "t-2" in f"{third.url} {dict(third.headers)}"
        assert signature.sign(request, send) == third


def test_threads_log_in_once(api) -> None:
    """Threads that share a client log in once between them, and once more when the token is refused."""
    api.answers["POST /login"] = {"token": "t-1"}
    api.answers["GET /customers/7"] = locked("t-1")
    client = api.client(LOGIN, token=None, secrets=USER)

    threads = [threading.Thread(target=client.customer, args=("7",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert api.asked().count("POST /login") == 1


def test_a_client_with_secrets_travels(api) -> None:
    """A pickled client has its secrets, and shows them nowhere."""
    api.answers["POST /login"] = {"token": "t-1"}
    api.answers["GET /customers/7"] = locked("t-1")
    client = api.client(LOGIN, token=None, secrets=USER)

    copy = pickle.loads(pickle.dumps(client))  # noqa: S301  # our own bytes

    assert copy.customer("7").id == "7"
    assert "pä ss" not in f"{client!r} {client._line().caller!r} {client._line().caller.auth!r}"
    copy.close()


def test_oauth2_with_a_profile(api) -> None:
    """A grant with refresh tokens signs instead of secrets."""
    api.answers["POST /token"] = {"access_token": "t-1", "refresh_token": "r-2", "expires_in": 3600}
    api.answers["GET /customers/7"] = locked("t-1")
    grant = OAuth2(client_id="me", client_secret="s", refresh_token="r-1", token_url=f"{api.origin}/api/token")

    assert api.client({}, token=None, auth=grant).customer("7").id == "7"


# --- hooks


class Signing(Hooks):
    """Signs body and path, wraps requests, unwraps answers."""

    def build(self, request: Request) -> Request:
        """With a further header."""
        return evolve(request, headers={**request.headers, "X-Operation": request.operation})

    def sign(self, request: Request) -> Request:
        """With a signature over all that is sent."""
        told = b"|".join([request.method.encode(), request.url.encode(), request.body or b""])
        digest = hmac.new(b"s3cret", told, hashlib.sha256).hexdigest()
        return evolve(request, headers={**request.headers, "X-Signature": digest})

    def read(self, request: Request, response: Response) -> Response:
        """Without a guard before the JSON."""
        return evolve(response, body=response.body.removeprefix(b")]}',\n"))


@pytest.mark.parametrize("token", ["t-1", None])
def test_hooks_change_what_no_profile_can(api, token: str | None) -> None:
    """Hooks build and sign each request, with or without credentials beside, and make answers readable."""
    api.answers["POST /customers"] = b')]}\',\n{"id": 7, "name": "Ada"}'
    client = pickle.loads(pickle.dumps(api.client({}, token=token, hooks=Signing())))  # noqa: S301  # our own bytes

    made = client.create_customer({"name": "Ada"})
    client.close()

    told = b"|".join([b"POST", f"{api.origin}/api/customers".encode(), api.calls[0].body])
    assert made.id == "7"
    assert sent(api)["x-signature"] == hmac.new(b"s3cret", told, hashlib.sha256).hexdigest()
    assert sent(api)["x-operation"] == "create_customer"
    assert sent(api).get("authorization") == (token and f"Bearer {token}")


def test_hooks_that_do_nothing(api) -> None:
    """Hooks change only what they override, and credentials are renewed beneath them."""

    class Nothing(Hooks):
        """Overrides nothing."""

    api.answers["POST /login"] = {"token": "t-1"}
    api.answers["GET /customers/7"] = locked("t-1")
    api.answers["GET /customers/8"] = (422, None)
    client = api.client(LOGIN, token=None, secrets=USER, hooks=Nothing())

    assert client.customer("7").id == "7"
    with pytest.raises(Refused):
        client.customer("8")


def test_hooks_without_credentials_renew_nothing(api) -> None:
    """Without credentials a refusal stays one, hooks or not."""
    api.answers["GET /customers/7"] = (401, None)

    with pytest.raises(Unauthorized):
        api.client({}, token=None, hooks=Signing()).customer("7")

    assert len(api.calls) == 1
