"""What is sent and what comes back, as values; nothing here sends."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from types import MappingProxyType

from attrs import field, frozen

from wave_pms_sync.http.urls import plain_url

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray")
_SECONDS = re.compile(r"-?\d{1,12}(\.\d{0,6})?")
_DEEPEST = 100  # whatever reads an answer goes down by recursion, and Python ends that at about 1000 calls


class Unreadable(ValueError):
    """A body that is not JSON; its text says what it looks like instead, and quotes nothing of it."""


def _read_only(headers: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(headers))


def _lower_case(headers: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({name.lower(): value for name, value in headers.items()})


@frozen(kw_only=True)
class Request:
    """One request, without credentials until its `Auth` signed it.

    Attributes:
        method: The HTTP verb.
        url: Absolute. A repr shows it without its query.
        side: `"wave"` or `"pms"`.
        operation: What it is for, for example `"update_customer"`; used in errors and logs.
        writes: Whether it may change something there. Then it is repeated only if it was certainly not
            carried out; a POST that only searches is not a write.
        record_id: The customer concerned, or None.
        headers: Names as they are sent.
        body: The exact bytes, or None.
    """

    method: str
    url: str = field(repr=plain_url)
    side: str
    operation: str
    writes: bool
    record_id: str | None = None
    headers: Mapping[str, str] = field(factory=dict, converter=_read_only, repr=False)
    body: bytes | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Response:
    """One answer.

    Attributes:
        status: The HTTP status.
        headers: With names in lower case.
        body: The decoded bytes, perhaps empty.
    """

    status: int
    headers: Mapping[str, str] = field(factory=dict, converter=_lower_case, repr=False)
    body: bytes = field(default=b"", repr=False)

    def json(self) -> object:
        """The body as JSON, whatever its content type says; a byte order mark is ignored.

        Raises:
            Unreadable: It is empty, HTML, cut, or otherwise no JSON.
        """
        return decoded(self.body)

    @property
    def server_time(self) -> datetime | None:
        """The server's clock when it answered (its `Date` header), in UTC; None if it does not say."""
        return _http_date(self.headers.get("date", ""))

    @property
    def retry_after_s(self) -> float | None:
        """Seconds the server asks us to wait, never negative; None if it does not say.

        Both forms of the header are read; a date counts from the server's own `Date`, and without one it
        says nothing, since our clock may differ.
        """
        text = self.headers.get("retry-after", "").strip()
        if _SECONDS.fullmatch(text):
            return max(0.0, float(text))
        until, now = _http_date(text), self.server_time
        return None if until is None or now is None else max(0.0, (until - now).total_seconds())

    @property
    def request_id(self) -> str | None:
        """The server's own name for this request, for its support; None if it gave none."""
        found = (self.headers.get(name, "").strip()[:200] for name in _REQUEST_ID_HEADERS)
        return next(filter(None, found), None)


def decoded(body: bytes) -> object:
    """A text as JSON; a byte order mark is ignored.

    Raises:
        Unreadable: It is empty, HTML, cut, otherwise no JSON, or nested more than 100 levels deep.
    """
    text = body.strip()
    if not text:
        raise Unreadable("an empty body")
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        kind = "an HTML or XML page" if text.startswith(b"<") else "a body that is not whole JSON"
        raise Unreadable(kind) from None
    if not _surely_shallow(value) and _too_deep(value):
        raise Unreadable(f"JSON of more than {_DEEPEST} levels")
    return value


def _surely_shallow(value: object) -> bool:
    """Whether what was decoded is certainly not too deep, by what the garbage collector knows of it.

    Going down by hand takes as long as decoding, this a tenth of that. What the collector does not track holds neither
    list nor object, so nothing but the last level can be missed.
    """
    level = [value]
    for _ in range(_DEEPEST - 1):
        level = list(filter(gc.is_tracked, gc.get_referents(*level)))
        if not level:
            return True
    return False


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [each for held in inner for each in held if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _http_date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # it brings half of the network library along

    try:
        moment = parsedate_to_datetime(text)
        # A zone of -0000 is read as naive; dates of HTTP are UTC by definition (RFC 9110, 5.6.7).
        return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
