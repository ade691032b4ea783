"""The operations of the API: which request each is, and what its answer says; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError, NotFound
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.decode import OtherShape, asked_since, next_cursor, record, rows, total
from wave_pms_sync.pms.encode import cleared, encode, without_none
from wave_pms_sync.pms.judge import body_of, other_shape
from wave_pms_sync.pms.profile import PmsProfile

_JSON = "application/json"
_MERGE_PATCH = "application/merge-patch+json"  # RFC 7396


@frozen(kw_only=True)
class Written:
    """What the answer to a write showed.

    Attributes:
        record_id: The record that was written.
        record: The record as the answer shows it; None if it does not, so that it must be read.
    """

    record_id: str
    record: Record | None = None


@frozen
class Customers:
    """The customers of one PMS, as its API addresses them.

    Attributes:
        base_url: Without a trailing slash.
        profile: The API's conventions.
    """

    base_url: str
    profile: PmsProfile

    @property
    def url(self) -> str:
        """The address of the collection."""
        return self.base_url + self.profile.customers_path

    def list_page(self, *, cursor: str | None = None, since: datetime | None = None) -> Request:
        """Ask for one page of the listing.

        Args:
            cursor: Where the page before said to go on; None for the first page.
            since: Aware; only records changed at or after it. Left out where the API has no such filter.
        """
        profile = self.profile
        query = {}
        if profile.limit_param:
            query[profile.limit_param] = str(profile.page_size)
        if since is not None and profile.since_param:
            query[profile.since_param] = _since(since)
        if cursor is not None:
            query[profile.cursor_param] = cursor
        return self._request("GET", "list_customers", query=query)

    def one(self, record_id: str) -> Request:
        """Ask for one record."""
        return self._request("GET", "read_customer", record_id)

    def create(self, values: Mapping[str, object], *, repeat_key: str | None = None) -> Request:
        """Make a record. Properties that are None are left out.

        Args:
            values: What it shall hold, nested.
            repeat_key: Under this key the API carries the request out once, however often it is sent.
        """
        headers = {"Content-Type": _JSON}
        if repeat_key is not None and self.profile.idempotency_header:
            if not (repeat_key.isascii() and repeat_key.isprintable() and repeat_key.strip()):
                raise ConfigurationError("create_customer", ["repeat_key: cannot be sent (allowed: printable ASCII)"])
            headers[self.profile.idempotency_header] = repeat_key
        return self._request("POST", "create_customer", headers=headers, body=encode(without_none(values)))

    def update(self, record_id: str, values: Mapping[str, object], *, version: str | None = None) -> Request:
        """Change some properties by a merge patch; None clears one.

        Args:
            record_id: The record.
            values: What to change, nested.
            version: The version the change is meant for, if known.
        """
        body = encode(cleared(values, None if self.profile.clear_with == "null" else ""))
        headers = self._guarded(version, patch=True)
        return self._request("PATCH", "update_customer", record_id, headers=headers, body=body)

    def archive(self, record_id: str, *, version: str | None = None) -> Request:
        """Set the archive flag of a record.

        Raises:
            ConfigurationError: The profile knows no archive flag.
        """
        if not self.profile.archived_field:
            raise ConfigurationError("archive_customer", ["archived_field: the profile names none"])
        flag: object = True
        for key in reversed(self.profile.archived_field.split(".")):
            flag = {key: flag}
        headers = self._guarded(version, patch=True)
        return self._request("PATCH", "archive_customer", record_id, headers=headers, body=encode(flag))

    def delete(self, record_id: str, *, version: str | None = None) -> Request:
        """Delete a record."""
        return self._request("DELETE", "delete_customer", record_id, headers=self._guarded(version))

    def page_in(self, request: Request, response: Response) -> tuple[Page, str | None]:
        """The page in a list answer, and the cursor that goes on; None at the stated end."""
        body = body_of(request, response)
        try:
            records = tuple(record(row, self.profile) for row in rows(body, self.profile))
            cursor = next_cursor(body, self.profile)
        except OtherShape as problem:
            raise other_shape(request, response, came="JSON of another shape", expected=str(problem)) from None
        page = Page(
            records=records, total=total(body, self.profile), last=cursor is None, server_time=response.server_time
        )
        return page, cursor

    def record_in(self, request: Request, response: Response) -> Record | None:
        """The record in an answer to a single read; None if the API does not have it."""
        try:
            body = body_of(request, response)
        except NotFound:
            return None
        try:
            return record(body, self.profile, version=response.headers.get("etag"))
        except OtherShape as problem:
            raise other_shape(request, response, came="JSON of another shape", expected=str(problem)) from None

    def written_in(self, request: Request, response: Response, values: Mapping[str, object]) -> Written:
        """What an answer to a create or update shows.

        Args:
            request: The write.
            response: Its answer.
            values: What was written. An answer that shows nothing of it (`{"id": 7}`) is no record.

        Raises:
            SyncError: Among others `UnknownOutcome` for a create whose answer names no id.
        """
        body = body_of(request, response)
        try:
            found = record(body, self.profile, version=response.headers.get("etag"))
        except OtherShape as problem:
            record_id = request.record_id or self._id_in_location(request, response)
            if record_id is None:
                raise other_shape(request, response, came="no id", expected=str(problem)) from None
            return Written(record_id=record_id)
        if request.record_id is not None and request.record_id != found.id:  # it shows something else
            return Written(record_id=request.record_id)
        shows = not values or bool(values.keys() & found.payload.keys())
        return Written(record_id=found.id, record=found if shows else None)

    def _id_in_location(self, request: Request, response: Response) -> str | None:
        path = urlsplit(urljoin(request.url, response.headers.get("location", ""))).path
        head, _, tail = path.rstrip("/").rpartition("/")
        # Only the id is taken: a proxy may leave another host or prefix in the header, and we keep to our own.
        return unquote(tail) or None if head.endswith(self.profile.customers_path) else None

    def _guarded(self, version: str | None, *, patch: bool = False) -> dict[str, str]:
        headers = {"Content-Type": _MERGE_PATCH} if patch else {}
        if version is not None and self.profile.if_match:
            headers["If-Match"] = version
        return headers

    def _request(
        self,
        method: str,
        operation: str,
        record_id: str | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Request:
        one = operation not in ("list_customers", "create_customer")
        path = f"{self.url}/{_segment(record_id, operation)}" if one else self.url
        return Request(
            method=method,
            url=f"{path}?{urlencode(query, quote_via=quote)}" if query else path,
            side=Side.PMS.value,
            operation=operation,
            writes=method != "GET",
            record_id=record_id,
            headers={"Accept": _JSON, **(headers or {})},
            body=body,
        )


def _segment(record_id: object, operation: str) -> str:
    if not isinstance(record_id, str):
        # None would address the collection, too.
        raise ConfigurationError(operation, [f"{record_id!r} is no id (allowed: text)"])
    if record_id in {"", ".", ".."}:
        # As a path segment it would address the collection or its parent: a deletion of everything.
        raise NotFound(
            f"{operation}: no customer can have the id {record_id!r}",
            side=Side.PMS.value,
            operation=operation,
            record_id=record_id,
        )
    return quote(record_id, safe="", errors="surrogatepass")


def _since(moment: datetime) -> str:
    try:
        return asked_since(moment)
    except ValueError:
        raise ConfigurationError("list_customers", ["modified_after: has no time zone (allowed: aware)"]) from None
