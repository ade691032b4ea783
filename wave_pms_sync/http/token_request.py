"""The request for a token, and what its answer means; pure.

Source: RFC 6749, sections 2.3.1 (client password), 4.4 (client credentials), 5 (answers) and 6 (refreshing).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Literal
from urllib.parse import quote_plus, urlencode

from attrs import field, frozen

from wave_pms_sync.errors import BadAnswer, SyncError, Throttled, Unauthorized, Unreachable
from wave_pms_sync.http.auth import token_faults
from wave_pms_sync.http.decoding import Unreadable
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.http.tokens import Tokens

_ADVICE = {  # the codes of RFC 6749, 5.2; any other text of the server may quote something and is not repeated
    "invalid_grant": "authorise anew and hand in the new refresh token",
    "invalid_client": "check client_id and client_secret",
    "unauthorized_client": "the application may not use this grant",
    "unsupported_grant_type": "the server does not know this grant; check token_url",
    "invalid_scope": "check scope",
    "invalid_request": "the server misses something; check token_url, scope and parameters",
}


@frozen(kw_only=True)
class Application:
    """Your application, as the token server knows it, and how it asks.

    Attributes:
        client_id: Its name.
        client_secret: Its password.
        token_url: Where it asks.
        grant: `refresh_token` or `client_credentials`.
        scope: What it asks for, separated by spaces; None asks for nothing in particular.
        place: The secret stands in the `"body"` or in the `"header"` (HTTP Basic).
        parameters: Further parameters of the request, as pairs.
    """

    client_id: str
    client_secret: str = field(repr=False)
    token_url: str
    grant: Literal["refresh_token", "client_credentials"]
    scope: str | None = None
    place: Literal["body", "header"] = "body"
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def token_request(application: Application, tokens: Tokens, side: str) -> Request:
    """The request that buys the next tokens with the last ones, or with the application's own credentials."""
    form = {"grant_type": application.grant, **dict(application.parameters)}
    if application.grant == "refresh_token":
        form["refresh_token"] = tokens.refresh_token
    if application.scope is not None:
        form["scope"] = application.scope
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if application.place == "header":
        pair = f"{quote_plus(application.client_id)}:{quote_plus(application.client_secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"
    else:
        form |= {"client_id": application.client_id, "client_secret": application.client_secret}
    return Request(
        method="POST",
        url=application.token_url,
        side=side,
        operation="fetch_token",
        # A lost answer is asked for again: if the old token was spent, its successor is lost either way.
        writes=False,
        headers=headers,
        body=urlencode(form).encode(),
    )


def read_tokens(application: Application, spent: Tokens, response: Response, asked_at: float) -> Tokens:
    """The tokens in an answer.

    Args:
        application: Who asked.
        spent: What was paid with; a server that does not rotate lets its refresh token live on.
        response: The answer, of any status.
        asked_at: Our clock when the request was made, in seconds since 1970; the life of a token counts from then.

    Raises:
        Unauthorized: The server declines, with whatever status.
        Throttled: It asks to slow down.
        Unreachable: It fails for now.
        BadAnswer: It answers something else.
    """
    answer = _form(response)
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if not 200 <= response.status < 300 or not isinstance(access, str) or token_faults(access):
        raise _refusal(response, answer)
    if application.grant == "client_credentials":
        refresh = ""  # the credentials buy the next one; Source: RFC 6749, 4.4.3
    life_s = _seconds(answer.get("expires_in"))
    return Tokens(
        access_token=access,
        refresh_token=refresh if isinstance(refresh, str) and refresh else spent.refresh_token,
        expires_at=None if life_s is None else datetime.fromtimestamp(asked_at + life_s, tz=timezone.utc),
    )


def _form(response: Response) -> Mapping[str, object]:
    try:
        answer = response.json()
    except Unreadable:
        return {}
    return answer if isinstance(answer, dict) else {}


def _seconds(value: object) -> float | None:
    """A life in seconds; None if it makes no sense, or if it is 0, which some servers send for "not known"."""
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 < seconds < 10**9 else None


def _refusal(response: Response, answer: Mapping[str, object]) -> SyncError:
    if response.status == 429:
        return Throttled("the token server asks to slow down", retry_after_s=response.retry_after_s)
    if response.status >= 500 or response.status == 408:
        return Unreachable(f"the token server answered {response.status}", retry_after_s=response.retry_after_s)
    code = answer.get("error")
    # Some servers decline with 200 and an error in the body.
    if 400 <= response.status < 500 or isinstance(code, str):
        known = code if isinstance(code, str) and code in _ADVICE else ""
        advice = _ADVICE.get(known, "check token_url and the credentials, or authorise anew")
        return Unauthorized(f"the token server declined ({response.status}, {known or 'no known code'}): {advice}")
    return BadAnswer(f"the token server answered {response.status} without a usable access token; check token_url")
