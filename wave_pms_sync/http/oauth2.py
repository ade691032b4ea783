"""OAuth 2: an access token that is renewed when it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from urllib.parse import urlencode

from attrs import field, frozen

from wave_pms_sync.errors import BadAnswer, ConfigurationError, SyncError, Throttled, Unauthorized, Unreachable
from wave_pms_sync.http.auth import Send, token_faults, with_bearer
from wave_pms_sync.http.messages import Request, Response, Unreadable
from wave_pms_sync.http.process import PerProcess
from wave_pms_sync.http.urls import url_faults

WAVE_TOKEN_URL = "https://api.waveapps.com/oauth2/token/"  # noqa: S105  # an address
_EARLY_S = 10.0  # a token that ends within a request is as good as ended
_CODES = ("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type")


@frozen(kw_only=True)
class Tokens:
    """What a token server gave. All of it is secret; a repr shows only the end of its life.

    Attributes:
        access_token: Sent with each request.
        refresh_token: Buys the next access token; often good for one use only.
        expires_at: When the access token ends, in UTC; None if the server did not say.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime | None = None


class OAuth2:
    """An OAuth 2 grant that renews its access token: when there is none, when it is about to end, or when refused.

    Threads that share one object renew once between them. Processes do not know of each other: give each its
    own grant, since a server that rotates refresh tokens accepts the old one once.

    Args:
        client_id: Of your application.
        client_secret: Of your application.
        refresh_token: The one given last.
        on_refresh: Called with the new `Tokens` before they are first used; save them there. If it raises,
            they are kept, not used, and offered to it again at the next request. It must not use the client.
        token_url: Where tokens are renewed. Default: Wave's. Source: clients seen in the field.
        access_token: One that may still be good, or None.
        expires_at: When that one ends; aware, or None if unknown.
        now: Our clock, in seconds since 1970. It only says when to renew early.

    Raises:
        ConfigurationError: An argument cannot be right; all of them are named.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        refresh_token: str,
        on_refresh: Callable[[Tokens], object] | None = None,
        token_url: str = WAVE_TOKEN_URL,
        access_token: str | None = None,
        expires_at: datetime | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        faults = [f"client_id: {fault}" for fault in ([] if client_id else ["must not be empty"])]
        faults += [f"client_secret: {fault}" for fault in ([] if client_secret else ["must not be empty"])]
        faults += [f"refresh_token: {fault}" for fault in ([] if refresh_token else ["must not be empty"])]
        faults += [f"token_url: {fault}" for fault in url_faults(token_url)]
        faults += [] if access_token is None else token_faults(access_token, "access_token")
        if expires_at is not None and expires_at.tzinfo is None:
            faults.append("expires_at: must be aware (a time with its zone)")
        if faults:
            raise ConfigurationError("OAuth2", faults)
        self.client_id = client_id
        self.token_url = token_url
        self._client_secret = client_secret
        self._on_refresh = on_refresh
        self._now = now
        self._tokens = Tokens(access_token=access_token or "", refresh_token=refresh_token, expires_at=expires_at)
        self._unsaved: Tokens | None = None
        self._lock = PerProcess(threading.Lock)

    def sign(self, request: Request, send: Send) -> Request:
        """The request with an access token, renewed first if there is none or it is about to end."""
        with self._lock():
            if self._unsaved is not None:
                self._save(self._unsaved)
            elif not self._tokens.access_token or self._ends_soon():
                self._refresh(request, send)
            return with_bearer(request, self._tokens.access_token)

    def renew(self, refused: Request, send: Send) -> bool:
        """Renew the token of the refused request, unless another thread has done so meanwhile."""
        with self._lock():
            if refused.headers.get("Authorization") == f"Bearer {self._tokens.access_token}":
                self._refresh(refused, send)
            return True

    def __repr__(self) -> str:
        return f"OAuth2(client_id={self.client_id!r}, token_url={self.token_url!r})"

    def _ends_soon(self) -> bool:
        expires_at = self._tokens.expires_at
        return expires_at is not None and expires_at.timestamp() - _EARLY_S <= self._now()

    def _refresh(self, cause: Request, send: Send) -> None:
        form = {
            "client_id": self.client_id,
            "client_secret": self._client_secret,
            "grant_type": "refresh_token",
            "refresh_token": self._tokens.refresh_token,
        }
        request = Request(
            method="POST",
            url=self.token_url,
            side=cause.side,
            operation="refresh_token",
            writes=False,  # a lost answer is asked for again: then the old token is either still good or refused
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            body=urlencode(form).encode(),
        )
        self._save(self._read(send(request), self._now()))

    def _save(self, tokens: Tokens) -> None:
        self._unsaved = tokens
        if self._on_refresh is not None:
            self._on_refresh(tokens)
        self._tokens, self._unsaved = tokens, None

    def _read(self, response: Response, asked_at: float) -> Tokens:
        answer = _form(response)
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not 200 <= response.status < 300 or not isinstance(access, str) or token_faults(access):
            raise _refusal(response, answer)
        life_s = _seconds(answer.get("expires_in"))
        return Tokens(
            access_token=access,
            refresh_token=refresh if isinstance(refresh, str) and refresh else self._tokens.refresh_token,
            expires_at=None if life_s is None else datetime.fromtimestamp(asked_at + life_s, tz=timezone.utc),
        )


def _form(response: Response) -> Mapping[str, object]:
    try:
        answer = response.json()
    except Unreadable:
        return {}
    return answer if isinstance(answer, dict) else {}


def _seconds(value: object) -> float | None:
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < 10**9 else None


def _refusal(response: Response, answer: Mapping[str, object]) -> SyncError:
    if response.status == 429:
        return Throttled("the token server asks to slow down", retry_after_s=response.retry_after_s)
    if response.status >= 500 or response.status == 408:
        return Unreachable(f"the token server answered {response.status}", retry_after_s=response.retry_after_s)
    if 400 <= response.status < 500:
        code = next((c for c in _CODES if c == answer.get("error")), "no known code")
        return Unauthorized(f"the refresh token was not accepted ({response.status}, {code}); authorise anew")
    return BadAnswer(f"the token server answered {response.status} without a usable access token")
