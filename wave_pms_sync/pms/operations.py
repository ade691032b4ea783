"""The operations of the API: which request each of them is; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.messages import Request
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.moments.aware import aware
from wave_pms_sync.pms.abilities import archive_values, archives
from wave_pms_sync.pms.addresses import address, check_id
from wave_pms_sync.pms.conventions.calls import Archiving, DeletedList, Deleting, Listing, Reading, Updating
from wave_pms_sync.pms.conventions.fit import asks
from wave_pms_sync.pms.encode import cleared, emptied, encode, laid_over, query_text, without
from wave_pms_sync.pms.paging import Spot, wanted
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.stamps import asked_since
from wave_pms_sync.pms.templates import filled_table

_START = Spot()
_JUST_BEFORE = timedelta(seconds=1)
_JSON = "application/json"


@frozen
class Customers:
    """The customers of one PMS, as its API addresses them.

    Attributes:
        base_url: Without a trailing slash.
        profile: The API's conventions.
    """

    base_url: str
    profile: PmsProfile

    def list_page(self, spot: Spot = _START, *, since: datetime | None = None) -> Request:
        """Ask for one page of the listing.

        Args:
            spot: Where the page before said to go on.
            since: Aware; only records changed at or after it. Left out where the API has no such filter.

        Raises:
            ConfigurationError: `since` has no time zone.
        """
        return self._page("list_customers", self.profile.list, spot, since, self.profile.list.whole)

    def deleted_page(self, spot: Spot = _START, *, since: datetime | None = None) -> Request:
        """Ask for one page of the list of deleted customers; see `list_page`."""
        return self._page("list_deleted_customers", self.profile.deletions, spot, since)

    def found_by(self, value: object, spot: Spot = _START) -> Request:
        """Ask for one page of the records whose property `create.find_by` has this value."""
        listing, creating = self.profile.list, self.profile.create
        facts, sought = wanted(self.profile, spot), {"value": value}
        body = None
        if creating.find_method != "GET":
            body = laid_over(filled_table(listing.body, facts, listing.whole), filled_table(creating.find_body, sought))
        return self._request(
            creating.find_method,
            "find_customer",
            creating.find_path or listing.path,
            query={**filled_table(listing.query, facts, listing.whole), **filled_table(creating.find_query, sought)},
            headers=filled_table(listing.headers, facts),
            body=encode(body, listing.content_type) if body else None,
            content_type=listing.content_type,
            url=spot.url,
        )

    def one(self, record_id: str) -> Request:
        """Ask for one record."""
        return self._about(record_id, "read_customer", self.profile.read)

    def create(
        self, values: Mapping[str, object], *, repeat_key: str | None = None, record_id: str | None = None
    ) -> Request:
        """Make a record.

        Args:
            values: What it shall hold, nested. Properties that are None are sent as the profile says.
            repeat_key: Under this key the API carries the request out once, however often it is sent.
            record_id: Of our choice, where the API leaves it to the client.
        """
        creating = self.profile.create
        if repeat_key is not None and not (repeat_key.isascii() and repeat_key.isprintable() and repeat_key.strip()):
            raise ConfigurationError("create_customer", ["repeat_key: cannot be sent (allowed: printable ASCII)"])
        facts = {"id": self._typed_id(record_id), "repeat_key": repeat_key}
        body = self._wrapped(emptied(values, creating.empty), creating.fixed, creating.body, facts)
        return self._request(
            creating.method,
            "create_customer",
            creating.path,
            record_id,
            query=filled_table(creating.query, facts),
            headers=filled_table(creating.headers, facts),
            body=encode(body, creating.content_type),
            content_type=creating.content_type,
            writes=True,
        )

    def update(
        self, record_id: str, values: Mapping[str, object], *, version: str | None = None, laid: bool = False
    ) -> Request:
        """Change a record.

        Args:
            record_id: The record.
            values: What to change, nested; the whole record where the API replaces it. None clears a property.
            version: The version the change is meant for, if known.
            laid: These values come from `laid_in`; their None is what the record held.
        """
        return self._update("update_customer", record_id, values, version, laid=laid)

    def archive(
        self, record_id: str, *, version: str | None = None, values: Mapping[str, object] | None = None
    ) -> Request:
        """Archive a record.

        Args:
            record_id: The record.
            version: The version that is meant, if known.
            values: The values of the archive as `laid_in` a record; None: as they are.

        Raises:
            ConfigurationError: The profile does not know how.
        """
        if not archives(self.profile):
            fault = "archive: the profile does not say how (allowed: with record.archived, and archive.values or path)"
            raise ConfigurationError("archive_customer", [fault])
        if archive_values(self.profile):
            return self._update(
                "archive_customer", record_id, values or archive_values(self.profile), version, laid=bool(values)
            )
        return self._about(record_id, "archive_customer", self.profile.archive, version=version)

    def delete(self, record_id: str, *, version: str | None = None) -> Request:
        """Delete a record."""
        return self._about(record_id, "delete_customer", self.profile.delete, version=version)

    def replaces_unsent(self, values: Mapping[str, object]) -> bool:
        """Whether an update with these values alone would lose others, so that the record must be known."""
        replaces = self.profile.update.replaces
        return replaces == "record" or (replaces == "objects" and any(isinstance(v, Mapping) for v in values.values()))

    def laid_in(self, record: Record, values: Mapping[str, object]) -> Mapping[str, object]:
        """These values as an update sends them: within the objects, or the record, that it replaces.

        What we clear is empty text where that clears; what the record held as null stays null.
        """
        laid = laid_over(record.payload, cleared(values, "" if self.profile.update.clear == "text" else None))
        if self.profile.update.replaces == "record":
            laid = without(laid, self.profile.record.read_only)
        elif isinstance(laid, Mapping):
            laid = {name: laid[name] for name in values}
        return laid if isinstance(laid, Mapping) else {}

    # --- what they need --------------------------------------------------------------------------------

    def _update(
        self, operation: str, record_id: str, values: Mapping[str, object], version: str | None, *, laid: bool
    ) -> Request:
        call = self.profile.update
        empty = "null" if laid and call.clear == "text" else call.clear
        return self._about(record_id, operation, call, values=emptied(values, empty), fixed=call.fixed, version=version)

    def _page(
        self,
        operation: str,
        call: Listing | DeletedList,
        spot: Spot,
        since: datetime | None,
        whole: Collection[str] = (),
    ) -> Request:
        """A request for a page of a list."""
        facts = {**wanted(self.profile, spot), "since": self._since(since)}
        return self._request(
            call.method,
            operation,
            call.path,
            query=filled_table(call.query, facts, whole),
            headers=filled_table(call.headers, facts),
            body=encode(filled_table(call.body, facts, whole), call.content_type) if call.body else None,
            content_type=call.content_type,
            url=spot.url,
        )

    def _about(
        self,
        record_id: str,
        operation: str,
        call: Reading | Updating | Archiving | Deleting,
        *,
        values: object = None,
        fixed: Mapping[str, object] | None = None,
        version: str | None = None,
    ) -> Request:
        """A request about one record."""
        check_id(record_id, operation)
        facts = {"id": self._typed_id(record_id), "version": self._typed_version(version)}
        content = None
        if values is not None or call.body:
            content = encode(self._wrapped(values, fixed or {}, call.body, facts), call.content_type)
        return self._request(
            call.method,
            operation,
            call.path,
            record_id,
            query=filled_table(call.query, facts),
            headers=filled_table(call.headers, facts),
            body=content,
            content_type=call.content_type,
            writes=operation != "read_customer",
        )

    def _wrapped(
        self, values: object, fixed: Mapping[str, object], body: Mapping[str, object], facts: Mapping[str, object]
    ) -> object:
        inner = laid_over(values, filled_table(fixed, facts)) if fixed else values
        return filled_table(body, {**facts, "values": inner}) if body else inner

    def _request(
        self,
        method: str,
        operation: str,
        path: str,
        record_id: str | None = None,
        *,
        query: Mapping[str, object],
        headers: Mapping[str, object] | None = None,
        body: bytes | None = None,
        content_type: str = _JSON,
        writes: bool = False,
        url: str | None = None,
    ) -> Request:
        manners = self.profile.requests
        asked = query_text({**manners.query, **query}, manners)
        place = self.base_url + address(path, self.profile, record_id, operation)
        kind = {"Content-Type": content_type} if body is not None else {}
        sent = {"Accept": manners.accept, **kind, **manners.headers, **(headers or {})}
        return Request(
            method=method,
            url=url or (f"{place}?{asked}" if asked else place),
            side=Side.PMS.value,
            operation=operation,
            writes=writes,
            record_id=record_id,
            headers={name: str(value) for name, value in sent.items()},
            body=body,
        )

    def _since(self, moment: datetime | None) -> object:
        if moment is None:
            return None
        listing = self.profile.list
        aware(moment, "modified_after")
        if "since" not in asks(listing) | asks(self.profile.deletions):
            return None
        early = moment.min.replace(tzinfo=moment.tzinfo) + _JUST_BEFORE
        asked = moment if listing.since_includes or moment < early else moment - _JUST_BEFORE
        try:
            return asked_since(asked, self.profile.times)
        except ValueError as problem:
            fault = f"modified_after: {problem} (allowed: what times.filter_form can say)"
            raise ConfigurationError("list_customers", [fault]) from None

    def _typed_id(self, record_id: str | None) -> object:
        return _typed(record_id, self.profile.record.id_type)

    def _typed_version(self, version: str | None) -> object:
        return _typed(version, self.profile.record.version_type)


def moved_on(seen: Record, fresh: Record, values: Mapping[str, object]) -> bool:
    """Whether a record changed between two looks: by its version, else by its stamp or what is to be written."""
    if seen.version is not None and fresh.version is not None:
        return seen.version != fresh.version
    if seen.modified_at != fresh.modified_at:
        return True
    return any(seen.payload.get(name) != fresh.payload.get(name) for name in values if name in seen.payload)


def _typed(text: str | None, kind: str) -> object:
    """An id or version as bodies write it; text that is no number stays text, and the API will say so."""
    return int(text) if text is not None and kind == "integer" and text.isdecimal() else text
