"""What a side answers: records, pages of them, and what the side is able to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from attrs import field, frozen

from wave_pms_sync.model.side import Side


def _read_only(payload: Mapping[str, object]) -> Mapping[str, object]:
    return payload if isinstance(payload, MappingProxyType) else MappingProxyType(dict(payload))


@frozen(kw_only=True)
class Record:
    """One customer as one side holds it.

    Attributes:
        side: Whose record it is.
        id: The side's own id, as text and verbatim.
        payload: A read-only mapping in the side's read names, as the side answered.
        created_at: When the side says it was made; aware, or None if it does not say.
        modified_at: When the side says it was last changed; aware, or None if it does not say.
        archived: Hidden but not gone. A deleted record that is still readable counts as archived.
        deleted: The side itself says in this answer that the record is gone (a deletion row in a feed).
        version: An opaque version of the record (an ETag for example) for conditional writes, or None.
    """

    side: Side
    id: str
    payload: Mapping[str, object] = field(converter=_read_only, repr=False)
    created_at: datetime | None = None
    modified_at: datetime | None = None
    archived: bool = False
    deleted: bool = False
    version: str | None = field(default=None, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        facts = {name: getattr(self, name) for name in self.__attrs_names__()}
        return _record, (type(self), {**facts, "payload": dict(self.payload)})

    @classmethod
    def __attrs_names__(cls) -> tuple[str, ...]:
        return tuple(a.name for a in cls.__attrs_attrs__)


def _record(kind: type[Record], facts: dict[str, object]) -> Record:
    return kind(**facts)  # type: ignore[arg-type]  # the facts came out of a Record


@frozen(kw_only=True)
class Page:
    """One page of a listing.

    Attributes:
        records: In the order the side gave them.
        total: How many records the side says the whole listing has, or None if it does not say.
        last: Whether the side stated that this is the end. Without such a word a listing is never complete.
        server_time: The side's own time when it answered (its `Date` header), or None.
    """

    records: tuple[Record, ...]
    total: int | None = None
    last: bool = False
    server_time: datetime | None = None


@frozen(kw_only=True)
class Abilities:
    """What a side can do; the engine chooses its strategy by these, never by the kind of client.

    Attributes:
        since: Listings can be limited to records modified since a moment.
        creation_order: Listings come in ascending order of creation.
        archive: Records can be archived by us.
        marker: The side can keep our mark of origin (the Wave id) in a field of its own.
        repeat_key: A create carries a key under which repeating it is harmless.
        bulk_read: How many records one request can read by id (1 if only one).
        request_timeout_s: The longest that one request may take before we stop waiting for its answer.
        omits_empty: Records leave out the properties that are empty. Otherwise one that is not shown is unknown.
    """

    since: bool = True
    creation_order: bool = True
    archive: bool = False
    marker: bool = False
    repeat_key: bool = False
    bulk_read: int = 1
    request_timeout_s: float = 30.0
    omits_empty: bool = False
