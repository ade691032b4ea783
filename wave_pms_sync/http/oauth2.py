"""OAuth 2: an access token that is renewed when it ends, once for all who share the grant."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError, SyncError, Unauthorized
from wave_pms_sync.http.auth import Send, token_faults, with_bearer
from wave_pms_sync.http.messages import Request
from wave_pms_sync.http.token_request import Application, read_tokens, token_request
from wave_pms_sync.http.tokens import MemoryTokenStore, Tokens, TokenStore
from wave_pms_sync.http.urls import plain_url, url_faults

WAVE_TOKEN_URL = "https://api.waveapps.com/oauth2/token/"  # noqa: S105  # an address
_EARLY_S = 10.0  # a token that ends within a request is as good as ended


@frozen
class _Unsaved:
    """Tokens that could not be kept, and what they were bought with."""

    spent: Tokens
    bought: Tokens


class OAuth2:
    """An OAuth 2 grant that renews its access token: when there is none, when it is about to end, or when refused.

    All who share the token store renew once between them: inside its lock the tokens are read again, since
    another one may have renewed them; new ones are saved before they are first used. If the server declines and
    the store holds others by then, those are tried, once.

    Credentials go to `token_url` and nowhere else. A repr, an error or a log shows no secret.

    Args:
        client_id: Of your application.
        client_secret: Of your application.
        refresh_token: The one given last; used as long as the store holds none. None: at another server than
            Wave's the grant is *client credentials*, which has none; at Wave's the store must hold one.
        on_refresh: Called with the new `Tokens` before they are first used; save them there. If it raises,
            `Unauthorized` is raised, and they are kept, not used, and offered to it again at the next request. It
            must not use the client. It stands in place of a store.
        token_url: Where tokens are bought. Default: Wave's. Source: clients seen in the field.
        scope: What to ask for, separated by spaces; None asks for nothing in particular.
        store: Where the tokens are kept, and who else shares them: `FileTokenStore` for the processes of one
            machine, or any `TokenStore`. None: this object.
        access_token: One that may still be good, or None; used as long as the store holds none.
        expires_at: When that one ends; aware, or None if unknown.
        client_authentication: Where the secret stands in the request for a token: `"body"` (as Wave has it) or
            `"header"` (HTTP Basic).
        parameters: Further parameters of that request, such as `{"audience": "..."}`.
        now: Our clock, in seconds since 1970. It only says when to renew early; a token that is refused before
            is renewed, too, so a wrong clock costs requests and nothing else.

    Raises:
        ConfigurationError: An argument cannot be right; all of them are named.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        refresh_token: str | None = None,
        on_refresh: Callable[[Tokens], object] | None = None,
        token_url: str = WAVE_TOKEN_URL,
        scope: str | None = None,
        store: TokenStore | None = None,
        access_token: str | None = None,
        expires_at: datetime | None = None,
        client_authentication: Literal["body", "header"] = "body",
        parameters: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        at_wave = plain_url(token_url) == plain_url(WAVE_TOKEN_URL)
        faults = [] if client_id else ["client_id: must not be empty"]
        faults += [] if client_secret else ["client_secret: must not be empty"]
        if refresh_token == "" or (refresh_token is None and at_wave and store is None):
            faults.append("refresh_token: must not be empty")
        faults += [f"token_url: {fault}" for fault in url_faults(token_url)]
        faults += [] if access_token is None else token_faults(access_token, "access_token")
        if expires_at is not None and expires_at.tzinfo is None:
            faults.append("expires_at: must be aware (a time with its zone)")
        if on_refresh is not None and store is not None:
            faults.append("on_refresh: stands beside store (allowed: one of the two)")
        if client_authentication not in ("body", "header"):
            faults.append("client_authentication: unknown value (allowed: body, header)")
        if faults:
            raise ConfigurationError("OAuth2", faults)
        self.client_id = client_id
        self.token_url = token_url
        self._application = Application(
            client_id=client_id,
            client_secret=client_secret,
            token_url=token_url,
            grant="client_credentials" if refresh_token is None and not at_wave else "refresh_token",
            scope=scope,
            place=client_authentication,
            parameters=tuple((parameters or {}).items()),
        )
        self._first = Tokens(access_token=access_token or "", refresh_token=refresh_token or "", expires_at=expires_at)
        self._store = MemoryTokenStore(on_save=on_refresh) if store is None else store
        self._now = now
        self._held: Tokens | None = None
        self._unsaved: _Unsaved | None = None

    def sign(self, request: Request, send: Send) -> Request:
        """The request with an access token, renewed first if there is none or it is about to end.

        Raises:
            Unauthorized: There is no token to be had, or new ones could not be kept.
            SyncError: The token server failed otherwise.
        """
        held = self._held
        tokens = held if held is not None and self._good(held, "") else self._renewed("", request, send)
        return with_bearer(request, tokens.access_token)

    def renew(self, refused: Request, send: Send) -> bool:
        """Renew the token of the refused request, unless somebody has done so meanwhile."""
        self._renewed(refused.headers.get("Authorization", "").removeprefix("Bearer "), refused, send)
        return True

    def __repr__(self) -> str:
        return f"OAuth2(client_id={self.client_id!r}, token_url={self.token_url!r})"

    def _good(self, tokens: Tokens, refused: str) -> bool:
        """Whether the access token is worth a try: it is there, was not refused, and does not end at once."""
        ends = tokens.expires_at
        lasting = ends is None or ends.timestamp() - _EARLY_S > self._now()
        return lasting and tokens.access_token not in ("", refused)

    def _renewed(self, refused: str, cause: Request, send: Send) -> Tokens:
        with _store_named(), self._store.lock():
            self._held = None  # until new ones are kept
            kept = self._kept()
            if self._unsaved is not None and self._unsaved.spent == kept:
                tokens = self._keep(self._unsaved)
            elif self._good(kept, refused):
                tokens = kept
            else:
                tokens = self._bought(kept, refused, cause, send)
            self._held = tokens
            return tokens

    def _bought(self, kept: Tokens, refused: str, cause: Request, send: Send) -> Tokens:
        try:
            bought = self._ask(kept, cause, send)
        except Unauthorized:
            spent, kept = kept, self._kept()
            # Somebody may have renewed or authorised without taking the lock.
            if kept == spent:
                raise
            if self._good(kept, refused):
                return kept
            bought = self._ask(kept, cause, send)
        return self._keep(_Unsaved(kept, bought))

    def _ask(self, tokens: Tokens, cause: Request, send: Send) -> Tokens:
        if self._application.grant == "refresh_token" and not tokens.refresh_token:
            raise Unauthorized("the token store holds no refresh token: authorise, and save the tokens there")
        asked_at = self._now()
        response = send(token_request(self._application, tokens, cause.side))
        return read_tokens(self._application, tokens, response, asked_at)

    def _kept(self) -> Tokens:
        return self._store.load() or self._first

    def _keep(self, unsaved: _Unsaved) -> Tokens:
        self._unsaved = unsaved
        try:
            self._store.save(unsaved.bought)
        except Exception as error:  # the user's own code may raise anything, and unsaved tokens must not be used
            raise Unauthorized(
                f"new tokens came but could not be kept ({_kind(error)}), so they are not used; "
                "let them be saved: this object offers them again at the next request"
            ) from None  # its text may quote a token
        self._unsaved = None
        return unsaved.bought


@contextmanager
def _store_named() -> Iterator[None]:
    """Turn whatever a user's token store raises into an error of ours, without its text."""
    try:
        yield
    except SyncError:
        raise
    except Exception as error:  # the user's own code may raise anything, and its text may quote a token
        raise Unauthorized(f"the token store cannot be used ({_kind(error)})") from None


def _kind(error: Exception) -> str:
    """The kind of an error, with the system's words for it where there are any."""
    name = type(error).__name__
    return f"{name}: {os.strerror(error.errno)}" if isinstance(error, OSError) and error.errno else name
