"""The doctor's look at rows: whether they show customers that live, and what a single record shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wave_pms_sync.findings import Finding, assumed, wrong
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.pms.conventions.shapes import Row
from wave_pms_sync.pms.lookup import ABSENT, found

_TECHNICAL = frozenset({"type", "object", "kind", "href", "url", "uri", "self", "links", "meta", "etag", "version"})
_WRAPPERS = frozenset(
    {"attributes", "content", "customer", "data", "document", "fields", "item", "properties", "record", "resource"}
)
_NAMED = 3


def try_rows(shape: Row, page: Page, *, partial: bool = False) -> Iterator[Finding]:
    """Whether anybody listed lives, and whether the properties lie where the profile says.

    Args:
        shape: What a record is said to look like.
        page: The first page of the listing.
        partial: Each row was read by its id, and one that was not there reads as deleted.
    """
    if page.records and all(record.deleted for record in page.records):
        text = f"all {len(page.records)} of the first page read as deleted"
        key = "record.deleted, record.deleted_values"
        yield wrong("deleted customers", text, f"{key} or one_path" if partial else key.replace(",", " or"))
    if page.records and all(record.archived and not record.deleted for record in page.records):
        text = f"all {len(page.records)} of the first page read as archived: are they?"
        yield assumed("archived customers", text, "record.archived or record.archived_values")
    if page.records:
        yield from _deeper(shape, page.records[0].payload)
    chosen = shape.archived not in {"", Row().archived}  # by default, a record that does not say so is not archived
    if page.records and chosen and all(hides(record, shape, shape.archived) for record in page.records):
        text = f"no row shows `{shape.archived}`, so nobody reads as archived"
        yield assumed("archived customers", text, "record.archived")


def hides(record: Record, shape: Row, place: str) -> bool:
    """Whether a record certainly shows nothing at a place of its row, not even null."""
    inside = f"{shape.fields}." if shape.fields else ""
    return place.startswith(inside) and found(record.payload, place.removeprefix(inside)) is ABSENT


def compare(listed: Record, single: Record, *, at_the_key: str = "") -> Iterator[Finding]:
    """Whether the same record shows the same properties in the listing and alone; empty ones may be left out.

    Args:
        listed: The record as a row shows it.
        single: The record as it is read by its id.
        at_the_key: The property that rows need not show, since they stand under it.
    """
    if lacking := _filled(single.payload) - listed.payload.keys() - {at_the_key}:
        text = f"they lack {len(lacking)} properties that a single record shows: {_some(lacking)}"
        yield wrong("rows", text, "list.query, list.row, record.fields or list.partial")
    if lacking := _filled(listed.payload) - single.payload.keys():
        text = f"a single record lacks {len(lacking)} properties that rows show: {_some(lacking)}"
        yield wrong("rows", text, "read.record or read.query")


def _deeper(shape: Row, payload: Mapping[str, object]) -> Iterator[Finding]:
    places = {shape.id, shape.created, shape.updated, shape.archived, shape.deleted, shape.version}
    shown = _filled(payload) - places - _TECHNICAL
    objects = {name for name in shown if isinstance(payload[name], Mapping)}
    if shown - objects - {name for name in shown if isinstance(payload[name], list)}:
        return
    if wrappers := objects & _WRAPPERS:
        yield wrong("properties", f"they lie one level deeper, in `{_some(wrappers)}`", "record.fields or list.row")
    elif len(objects) == 1:
        yield assumed("properties", f"all lie in `{_some(objects)}`", "record.fields or list.row")


def _filled(payload: Mapping[str, object]) -> set[str]:
    """The names of properties that hold something; annotations such as `@odata.context` and `_links` are none."""
    return {name for name, value in payload.items() if value not in (None, "", [], {}) and name[:1] not in {"_", "@"}}


def _some(names: set[str]) -> str:
    more = ", ..." if len(names) > _NAMED else ""
    return ", ".join(sorted(names)[:_NAMED]) + more
