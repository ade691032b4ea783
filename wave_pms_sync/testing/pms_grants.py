"""Tokens that the PMS sandbox sells: a token endpoint as RFC 6749 has it, with refresh tokens that are good once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import unquote_plus

from attrs import define, field

from wave_pms_sync.http.oauth2 import OAuth2
from wave_pms_sync.http.tokens import Tokens
from wave_pms_sync.testing.pms_answers import json_reply
from wave_pms_sync.testing.pms_forms import body_of
from wave_pms_sync.testing.pms_problems import Problem
from wave_pms_sync.testing.pms_requests import PREFIX
from wave_pms_sync.testing.server import Call, Reply

__all__ = ["GrantKind", "Grants"]

GrantKind = Literal["", "client_credentials", "refresh_token"]
"""How tokens are bought; empty: they are not."""

_PATH = "/oauth2/token"
_LIFE_S = 3600


@define
class Grants:
    """Sells access tokens; each makes the ones before worthless.

    Attributes:
        kind: What is accepted in exchange.
        seed: Secrets follow from it.
        sold: How many were sold.
    """

    kind: GrantKind
    seed: int
    sold: int = field(default=0, init=False)

    @property
    def token(self) -> str:
        """The access token that was sold last."""
        return f"pms-sandbox-access-{self.seed}-{self.sold}"

    def auth(self, base_url: str, on_refresh: Callable[[Tokens], object] | None) -> OAuth2:
        """What signs for a client, made of what is good now."""
        return OAuth2(
            client_id=self._application["client_id"],
            client_secret=self._application["client_secret"],
            refresh_token=self._refresh_token if self.kind == "refresh_token" else None,
            token_url=f"{base_url}{_PATH}",
            on_refresh=on_refresh,
        )

    def answer(self, call: Call) -> Reply | None:
        """The answer to a request for a token; None if the request is none."""
        if not self.kind or (call.method, call.path) != ("POST", f"{PREFIX}{_PATH}"):
            return None
        try:
            form = body_of(call)
        except Problem:
            form = {}
        if not self._knows({**form, **_basic(call)}):
            return json_reply(401, {"error": "invalid_client"})
        if form.get("grant_type") != self.kind:
            return json_reply(400, {"error": "unsupported_grant_type"})
        if self.kind == "refresh_token" and form.get("refresh_token") != self._refresh_token:
            return json_reply(400, {"error": "invalid_grant"})
        self.sold += 1
        answer = {"access_token": self.token, "token_type": "Bearer", "expires_in": _LIFE_S}
        again = {"refresh_token": self._refresh_token} if self.kind == "refresh_token" else {}
        return json_reply(200, {**answer, **again})

    @property
    def _application(self) -> Mapping[str, str]:
        return {"client_id": f"pms-sandbox-app-{self.seed}", "client_secret": f"pms-sandbox-client-{self.seed}"}

    @property
    def _refresh_token(self) -> str:
        """The one that is good; it is another after each sale."""
        return f"pms-sandbox-refresh-{self.seed}-{self.sold}"

    def _knows(self, shown: Mapping[str, object]) -> bool:
        return all(shown.get(name) == value for name, value in self._application.items())


def _basic(call: Call) -> Mapping[str, str]:
    """The application as HTTP Basic shows it."""
    word, _, pair = call.headers.get("authorization", "").partition(" ")
    if word != "Basic":
        return {}
    name, _, secret = base64.b64decode(pair).decode("utf-8", "replace").partition(":")
    return {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret)}
