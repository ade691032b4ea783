"""Signing requests as a profile says, with secrets that are not in it."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote_plus, urlsplit

from attrs import evolve

from wave_pms_sync.errors import BadAnswer, SyncError, Throttled, Unauthorized, Unreachable
from wave_pms_sync.http.auth import Auth, Send, token_faults
from wave_pms_sync.http.decoding import Unreadable
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.http.process import PerProcess
from wave_pms_sync.pms.conventions.manners import Credentials
from wave_pms_sync.pms.encode import FORM, encode
from wave_pms_sync.pms.hooks import Hooks
from wave_pms_sync.pms.lookup import at, named
from wave_pms_sync.pms.templates import fill, filled_table

_EARLY_S = 10.0  # a token that ends within a request is as good as ended


class Signature:
    """Puts secrets where the profile says, and exchanges them for a token where it says so.

    Threads that share one object log in once between them.

    Args:
        credentials: Where they stand.
        secrets: By name.
        base_url: Of the API.
        headers: What every request of the API carries, the login included.
        now: Our clock, in seconds since 1970. It only says when to log in early.
    """

    def __init__(
        self,
        credentials: Credentials,
        secrets: Mapping[str, str],
        *,
        base_url: str,
        headers: Mapping[str, object],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.credentials = credentials
        self._secrets = dict(secrets)
        self._base_url = base_url
        self._headers = {name: str(value) for name, value in headers.items()}
        self._now = now
        self._token: str | None = None
        self._ends_at: float | None = None
        self._lock = PerProcess(threading.Lock)

    def sign(self, request: Request, send: Send) -> Request:
        """The request with credentials, after a login if one is due."""
        return self._signed(request, self._facts(request, send))

    def renew(self, refused: Request, send: Send) -> bool:
        """Log in anew, unless another thread has done so meanwhile; fixed secrets cannot be renewed."""
        if not self.credentials.login.url:
            return False
        with self._lock():
            if self._token is not None and self._carries(refused, self._token):
                self._token = None
        return True

    def __repr__(self) -> str:
        return f"Signature({', '.join(sorted(self._secrets))}: ***)"

    def _facts(self, request: Request, send: Send) -> Mapping[str, object]:
        if not self.credentials.login.url:
            return self._secrets
        with self._lock():
            if self._token is None or (self._ends_at is not None and self._ends_at - _EARLY_S <= self._now()):
                self._log_in(request, send)
            return {**self._secrets, "token": self._token}

    def _signed(self, request: Request, facts: Mapping[str, object]) -> Request:
        headers = {name: str(value) for name, value in filled_table(self.credentials.headers, facts).items()}
        if self.credentials.basic:
            pair = str(fill(self.credentials.basic, facts)).encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
        url = request.url
        for name, value in filled_table(self.credentials.query, facts).items():
            url = _with_parameter(url, name, str(value))
        return evolve(request, url=url, headers={**request.headers, **headers})

    def _carries(self, request: Request, token: str) -> bool:
        return any(token in value for value in request.headers.values()) or quote(token, safe="") in request.url

    def _log_in(self, cause: Request, send: Send) -> None:
        login, begun = self.credentials.login, self._now()
        kind = FORM if login.form == "form" else "application/json"
        headers = filled_table(login.headers, self._secrets)
        request = Request(
            method=login.method,
            url=login.url if "://" in login.url else self._base_url + login.url,
            side=cause.side,
            operation="log_in",
            writes=False,  # a lost answer is asked for again
            headers={
                "Accept": "application/json",
                "Content-Type": kind,
                **({} if "://" in login.url else self._headers),
                **{name: str(value) for name, value in headers.items()},
            },
            body=encode(filled_table(login.body, self._secrets), kind),
        )
        response = send(request)
        answer = _json(response)
        token = at(answer, login.token)
        if not 200 <= response.status < 300 or not isinstance(token, str) or token_faults(token):
            raise _refusal(response)
        life_s = named(answer, login.expires_in)
        self._ends_at = begun + life_s if isinstance(life_s, (int, float)) and not isinstance(life_s, bool) else None
        self._token = token


class HookedAuth:
    """Credentials with a user's signature over them."""

    def __init__(self, auth: Auth | None, hooks: Hooks) -> None:
        self._auth = auth
        self._hooks = hooks

    def sign(self, request: Request, send: Send) -> Request:
        """The request with credentials, if there are any, and then as the hook signs it."""
        return self._hooks.sign(request if self._auth is None else self._auth.sign(request, send))

    def renew(self, refused: Request, send: Send) -> bool:
        """Renew the credentials beneath."""
        return self._auth is not None and self._auth.renew(refused, send)


def _with_parameter(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    others = [pair for pair in parts.query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != name]
    return parts._replace(query="&".join([*others, f"{quote(name, safe='')}={quote(value, safe='')}"])).geturl()


def _json(response: Response) -> object:
    try:
        return response.json()
    except Unreadable:
        return None


def _refusal(response: Response) -> SyncError:
    if response.status == 429:
        return Throttled("the login asks to slow down", retry_after_s=response.retry_after_s)
    if response.status >= 500 or response.status == 408:
        return Unreachable(f"the login answered {response.status}", retry_after_s=response.retry_after_s)
    if 400 <= response.status < 500:
        return Unauthorized(f"the login was not accepted ({response.status}): check the secrets")
    return BadAnswer(f"the login answered {response.status} without a usable token: check auth.login.token")
