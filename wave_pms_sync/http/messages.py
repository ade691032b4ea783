"""What is sent and what comes back, as values; nothing here sends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from types import MappingProxyType

from attrs import field, frozen

from wave_pms_sync.http.decoding import decoded
from wave_pms_sync.http.urls import plain_url

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray")
_HIDDEN = "***"
_SECONDS = re.compile(r"-?\d{1,12}(\.\d{0,6})?")


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

    def without(self, words: Iterable[str]) -> Response:
        """The same answer, with asterisks in place of these words."""
        headers, body = dict(self.headers), self.body
        for word in words:
            headers = {name: value.replace(word, _HIDDEN) for name, value in headers.items()}
            body = body.replace(word.encode(), _HIDDEN.encode())
        return Response(status=self.status, headers=headers, body=body)

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


def _http_date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # it brings half of the network library along

    try:
        moment = parsedate_to_datetime(text)
        # A zone of -0000 is read as naive; dates of HTTP are UTC by definition (RFC 9110, 5.6.7).
        return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
