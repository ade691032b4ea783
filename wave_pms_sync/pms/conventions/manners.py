"""How an API wants to be treated: what every request carries, credentials, errors, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from wave_pms_sync.declared.rules import one_of, setting, table_of, text, whole_number
from wave_pms_sync.declared.sections import section
from wave_pms_sync.pms.conventions.forms import (
    HEADER,
    MEDIA_TYPE,
    OPTIONAL_PLACE,
    PLACE,
    STATUSES,
    VERB,
    WORDS,
    Section,
    query_rule,
)

_ANYTHING = text(r"[ -~]*", "printable ASCII, with secrets as {name}")
_SIGNED_HEADERS = table_of(_ANYTHING, text(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "names of headers"))
_SIGNED_QUERY = table_of(_ANYTHING, text(r"[^\s&=#]+", "names of parameters"))


@frozen(kw_only=True)
class Requests(Section):
    """What every request carries.

    Attributes:
        accept: The media type asked for. Answers are read as JSON whatever they call themselves.
        headers: Headers that the API demands, for example a version or a tenant; no secrets.
        query: Parameters that the API demands.
        unescaped: Characters that stay as they are in queries, for example `[]$`.
        space: A space in a query: `"%20"` or `"+"`.
    """

    accept: str = setting("application/json", MEDIA_TYPE)
    headers: Mapping[str, object] = setting({}, WORDS)
    query: Mapping[str, object] = setting({}, query_rule())
    unescaped: str = setting("", text(r"[!$'()*,/:;?@\[\]{}\"|<>^`~-]*", "punctuation other than & = + # %"))
    space: Literal["%20", "+"] = setting("%20", one_of("%20", "+"))


@frozen(kw_only=True)
class Login(Section):
    """A request that exchanges secrets for a token: a login, or OAuth 2 client credentials.

    The token is `{token}` in `auth`. It is asked for before the first request, before it ends, and when refused.

    Attributes:
        url: Below the base URL, or a whole URL (https); empty: there is no such exchange.
        method: The verb.
        form: How the body is written: `"json"` or `"form"`.
        body: What it holds, with secrets as `{name}`.
        headers: Of this request.
        token: Where the answer holds the token.
        expires_in: Where the answer says how many seconds the token lives.
    """

    url: str = setting("", text(r"(https?://[!-~]+|/[!-~]*)?", 'a path from "/" or a whole URL; "" if there is none'))
    method: str = setting("POST", VERB)
    form: Literal["json", "form"] = setting("json", one_of("json", "form"))
    body: Mapping[str, object] = setting({"username": "{username}", "password": "{password}"}, table_of(_ANYTHING))
    headers: Mapping[str, object] = setting({}, _SIGNED_HEADERS)
    token: str = setting("token", PLACE)
    expires_in: str = setting("expires_in", OPTIONAL_PLACE)


@frozen(kw_only=True)
class Credentials(Section):
    """Where credentials stand. The secrets themselves are never in a profile: the client is given them by name.

    Attributes:
        headers: Headers with secrets as `{name}`; `{token}` is the client's `token`. Empty: none.
        query: Parameters with secrets, which replace those of the same name.
        basic: User and password of HTTP Basic, `{username}:{password}`, or `{token}:` for a key as the user.
        login: An exchange of secrets for a token.
    """

    headers: Mapping[str, object] = setting({"Authorization": "Bearer {token}"}, _SIGNED_HEADERS)
    query: Mapping[str, object] = setting({}, _SIGNED_QUERY)
    basic: str = setting("", text(r"([ -~]*:[ -~]*)?", 'user and password as {name}:{name}; "" if not used'))
    login: Login = field(factory=Login, metadata=section(Login))


@frozen(kw_only=True)
class Errors(Section):
    """What the API's errors mean.

    A status is looked up in the order of these lists; other 4xx are refusals, and others leave a write unknown.

    Attributes:
        refused: Statuses that decline a write for what it holds, beside the other 4xx; 500 or 409 for some APIs.
        missing: Statuses that say that a record is not there. Others than 404 and 410 count for a single record only.
        unauthorized: Statuses that do not accept our credentials.
        conflict: Statuses that say that the record moved on, or stands in the way of another.
        throttled: Statuses that ask to slow down, and mean that nothing was carried out.
        success: Where a 2xx answer says whether it is one; false or absent there is an error.
        failure: What only an error has, though its status is 2xx.
        code: Where an error's code is; empty: `code` or `type`.
        codes: What codes mean: `unauthorized`, `missing`, `conflict`, `throttled` or `refused`; whatever the status,
            and in 2xx answers where `code` is stated.
        message: Where an error's message is; empty: `detail`, `message`, `msg` or `title`.
        fields: Where the errors of single fields are: an object by field, a list, or at another place than
            `errors` the name of one.
        ignore: Names before a field that lead to the body and not into the record, as `body` or `data.attributes`.
    """

    refused: tuple[int, ...] = setting((), STATUSES)
    missing: tuple[int, ...] = setting((404, 410), STATUSES)
    unauthorized: tuple[int, ...] = setting((401, 403), STATUSES)
    conflict: tuple[int, ...] = setting((409, 412, 428), STATUSES)
    throttled: tuple[int, ...] = setting((429,), STATUSES)
    success: str = setting("", OPTIONAL_PLACE)
    failure: str = setting("", OPTIONAL_PLACE)
    code: str = setting("", OPTIONAL_PLACE)
    codes: Mapping[str, object] = setting(
        {}, table_of(one_of("unauthorized", "missing", "conflict", "throttled", "refused"))
    )
    message: str = setting("", OPTIONAL_PLACE)
    fields: str = setting("errors", PLACE)
    ignore: str = setting("body", OPTIONAL_PLACE)


@frozen(kw_only=True)
class Pace(Section):
    """How fast the API may be asked.

    Attributes:
        requests_per_minute: A pace that it can bear; 0: no limit.
        retry_after_min_s: The shortest wait that we believe when it asks us to slow down, in seconds.
        retry_after_max_s: The longest; 0: as long as it says.
        reset_header: A header that says when to go on, where `Retry-After` does not; `X-RateLimit-Reset`.
        reset_form: What that holds: `"seconds"` to wait, or the `"epoch_s"` or `"epoch_ms"` at which to go on.
        remaining_header: A header that says how many requests are left; at 0 nothing is sent until `reset_header` says
            so. `X-RateLimit-Remaining`, or `RateLimit`, which holds both. Empty: sent until the API declines.
    """

    requests_per_minute: int = setting(0, whole_number(0, 100_000))
    retry_after_min_s: int = setting(0, whole_number(0, 3600))
    retry_after_max_s: int = setting(0, whole_number(0, 86400))
    reset_header: str = setting("", HEADER)
    reset_form: Literal["seconds", "epoch_s", "epoch_ms"] = setting("seconds", one_of("seconds", "epoch_s", "epoch_ms"))
    remaining_header: str = setting("", HEADER)
