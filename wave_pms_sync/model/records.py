"""What a side answers: records, pages of them, and what the side is able to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import overload

from attrs import define, field, frozen

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
        records: In the order the side gave them; `Unread` if they are decoded only when they are asked for.
        total: How many records the side says the whole listing has, or None if it does not say.
        pages: How many pages the whole listing has, where pages are numbered and the side says so, or None.
        last: Whether the side stated that this is the end. Without such a word a listing is never complete.
        server_time: The side's own time when it answered (its `Date` header), or None.
        lost: How many rows are not among the records because nobody can tell whose they are (null, or without an id).
            A listing that shows such rows is not complete.
    """

    records: Sequence[Record]
    total: int | None = None
    pages: int | None = None
    last: bool = False
    server_time: datetime | None = None
    lost: int = 0

    @property
    def all_lost(self) -> int:
        """How many rows are lost, as far as the page is decoded."""
        return self.lost + (self.records.lost if isinstance(self.records, Unread) else 0)

    @property
    def faces(self) -> frozenset[object]:
        """Tells the rows of this page from those of another one: their text where it is at hand, else their ids."""
        if isinstance(self.records, Unread):
            return frozenset(self.records.rows)
        return frozenset(record.id for record in self.records)


def each_once(pages: Iterable[Page], modified_after: datetime | None) -> Iterator[Record]:
    """The records of these pages without repetitions, and without those certainly stamped before a moment."""
    shown: set[str] = set()
    for page in pages:
        for record in page.records:
            early = modified_after and record.modified_at and record.modified_at < modified_after
            if record.id not in shown and not early:
                shown.add(record.id)
                yield record
        del page


@define(eq=False)
class Unread(Sequence[Record]):
    """The records of a page that are decoded only when they are asked for: all of them at once, or `some`.

    Attributes:
        rows: What tells the rows apart: the text of each.
        marks: Makes a mark for each row.
        read: Decodes one row.
        whole: Decodes the page the ordinary way.
        lost: How many rows had to be left out when the page was decoded so.
    """

    rows: Sequence[bytes] = field(repr=False)
    marks: Callable[[], Sequence[str]] = field(repr=False)
    read: Callable[[bytes], Record] = field(repr=False)
    whole: Callable[[], Page] = field(repr=False)
    lost: int = field(default=0, init=False)
    _decoded: Sequence[Record] | None = field(default=None, init=False, repr=False)

    def some(self, places: Iterable[int]) -> list[Record] | None:
        """The records at these places; None if they cannot be decoded one by one, so that all must be."""
        try:
            return [self.read(self.rows[place]) for place in places]
        except ValueError:
            return None

    def _all(self) -> Sequence[Record]:
        if self._decoded is None:
            page = self.whole()
            self._decoded, self.lost = page.records, page.lost
        return self._decoded

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, place: int) -> Record: ...

    @overload
    def __getitem__(self, place: slice[int | None, int | None, int | None]) -> Sequence[Record]: ...

    def __getitem__(self, place: int | slice[int | None, int | None, int | None]) -> Record | Sequence[Record]:
        return self._all()[place]

    def __iter__(self) -> Iterator[Record]:
        return iter(self._all())


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
        pages_ahead: Pages of a listing that are asked for before they are needed; with some on both sides, both are
            listed at the same time.
        request_timeout_s: The longest that one request may take before we stop waiting for its answer.
        omits_empty: Records leave out the properties that are empty. Otherwise one that is not shown is unknown.
        timed: Modification stamps are times. Otherwise they only order the changes of this side.
    """

    since: bool = True
    creation_order: bool = True
    archive: bool = False
    marker: bool = False
    repeat_key: bool = False
    bulk_read: int = 1
    pages_ahead: int = 0
    request_timeout_s: float = 30.0
    omits_empty: bool = False
    timed: bool = True
