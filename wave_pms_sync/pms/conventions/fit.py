"""Whether the settings of a profile fit together; each section has been checked by itself before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.moments.form import TimeForm
from wave_pms_sync.pms.conventions.calls import Archiving, Creating, DeletedList, Deleting, Listing, Reading, Updating
from wave_pms_sync.pms.conventions.shapes import Paging, Row, Times
from wave_pms_sync.pms.templates import branches, place_of, placeholders

PAGERS = ("cursor", "page", "offset")
"""The placeholders that say how pages go on; a listing uses one of them, or none."""


def asks(listing: Listing | DeletedList) -> frozenset[str]:
    """The placeholders that the request for a listing, or for a list of deletions, uses."""
    return placeholders((listing.query, listing.headers, listing.body))


def misfits(
    *,
    one_path: str,
    listing: Listing,
    paging: Paging,
    record: Row,
    reading: Reading,
    creating: Creating,
    updating: Updating,
    archiving: Archiving,
    deleting: Deleting,
    times: Times,
) -> Iterator[str]:
    """What does not fit together, `path: problem (allowed: ...)` each."""
    yield from _paging_misfits(listing, paging)
    if times.sequence and (times.updated_form or times.form) != "epoch_s":
        yield 'times.sequence: is a number, read like a time of another form (allowed: with updated_form = "epoch_s")'
    if record.only and paging.end == "total":
        yield 'paging.end: is "total", but a total may count what record.only passes over (allowed: another end)'
    calls: dict[str, Reading | Updating | Archiving | Deleting] = {
        "read": reading,
        "update": updating,
        "archive": archiving,
        "delete": deleting,
    }
    for name, call in calls.items():
        if call.path and not _names_one(call, one_path):
            # Without the id a request would concern the whole collection.
            yield f"{name}: names no record (allowed: {{id}} in path, query or body)"
    yield from _body_misfits(creating, updating)
    yield from _finding_misfits(creating)
    for place in sorted({*listing.whole} - {*branches(listing.query), *branches(listing.body)}):
        yield f"list.whole: nothing with a placeholder lies at {place!r} (allowed: places in list.query or list.body)"
    if record.version_demanded and not record.version and not record.version_header:
        yield "record.version_demanded: the profile names no version (allowed: with record.version or version_header)"
    yield from _time_misfits(times.form, times.zone, "")
    for name, form in (("created_", times.created_form), ("updated_", times.updated_form)):
        yield from _time_misfits(form, times.zone, name) if form else ()
    if times.filter_form or times.filter_zone:
        yield from _time_misfits(
            times.filter_form or times.updated_form or times.form, times.filter_zone or times.zone, "filter_"
        )


def _paging_misfits(listing: Listing, paging: Paging) -> Iterator[str]:
    pagers = [name for name in PAGERS if name in asks(listing)]
    if len(pagers) > 1:
        said = " and ".join(f"{{{name}}}" for name in pagers)
        yield f"list: uses {said} (allowed: one of {{cursor}}, {{page}}, {{offset}})"
    if pagers == ["cursor"] and not paging.next and not paging.next_header:
        yield "paging.next: is empty, but list uses {cursor} (allowed: where an answer holds the next cursor)"
    if paging.end == "total" and not listing.total and not listing.total_header:
        yield 'paging.end: is "total", but list names none (allowed: with list.total or list.total_header)'


def _body_misfits(creating: Creating, updating: Updating) -> Iterator[str]:
    bodies: Mapping[str, Mapping[str, object]] = {"create.body": creating.body, "update.body": updating.body}
    for name, body in bodies.items():
        if body and place_of(body, "values") is None:
            allowed = "{values} as the value of a name, or as an item of a list"
            yield f"{name}: does not say where the values go (allowed: {allowed})"
    if updating.clear == "omit" and updating.replaces != "record":
        yield 'update.clear: leaving a property out does not clear it (allowed if update.replaces is "record")'


def _finding_misfits(creating: Creating) -> Iterator[str]:
    if bool(creating.find_by) != ("value" in placeholders((creating.find_query, creating.find_body))):
        both = "both, with {value} in the query or in find_body, or neither"
        yield f"create.find_query: does not fit create.find_by (allowed: {both})"
    if creating.find_body and creating.find_method == "GET":
        yield "create.find_body: a GET carries none (allowed: with another create.find_method)"


def _time_misfits(form: str, zone: str, prefix: str) -> Iterator[str]:
    try:
        TimeForm(form=form, zone=zone)
    except ConfigurationError as error:
        yield from (f"times.{prefix}{fault}" for fault in error.faults)


def _names_one(call: Reading | Updating | Archiving | Deleting, one_path: str) -> bool:
    path = call.path.replace("{one_path}", one_path)
    return "id" in placeholders((path, call.query, call.body, getattr(call, "fixed", {})))
