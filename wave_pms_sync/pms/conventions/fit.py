"""Whether the settings of a profile fit together; each is checked by itself elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, Protocol, cast

from wave_pms_sync.declared.sound import as_far_as_sound
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.moments.form import TimeForm
from wave_pms_sync.pms.conventions.calls import Archiving, Creating, DeletedList, Deleting, Listing, Reading, Updating
from wave_pms_sync.pms.conventions.shapes import Paging, Row, Times
from wave_pms_sync.pms.templates import PLACEHOLDER, branches, place_of, placeholders

PAGERS = ("cursor", "page", "offset")
"""The placeholders that say how pages go on; a listing uses one of them, or none."""

_IN_BRACES: Final = re.compile(r"\{[^{}]*\}")


def asks(listing: Listing | DeletedList) -> frozenset[str]:
    """The placeholders that the request for a listing, or for a list of deletions, uses."""
    return placeholders((listing.query, listing.headers, listing.body))


class _Profile(Protocol):
    one_path: str
    list: Listing
    paging: Paging
    record: Row
    times: Times
    create: Creating
    update: Updating


def misfits(profile: object) -> Iterator[str]:
    """What does not fit together, `path: problem (allowed: ...)` each.

    Args:
        profile: A `PmsProfile`, or a `Sound` of one: then the checks that need what is wrong are left out.
    """
    for check in _CHECKS:
        yield from as_far_as_sound(check(cast("_Profile", profile)))


def _pager_misfits(profile: _Profile) -> Iterator[str]:
    pagers = [name for name in PAGERS if name in asks(profile.list)]
    if len(pagers) > 1:
        said = " and ".join(f"{{{name}}}" for name in pagers)
        yield f"list: uses {said} (allowed: one of {{cursor}}, {{page}}, {{offset}})"
    if pagers == ["cursor"] and not profile.paging.next and not profile.paging.next_header:
        yield "paging.next: is empty, but list uses {cursor} (allowed: where an answer holds the next cursor)"


def _total_misfits(profile: _Profile) -> Iterator[str]:
    if profile.paging.end != "total":
        return
    if not profile.list.total and not profile.list.total_header:
        yield 'paging.end: is "total", but list names none (allowed: with list.total or list.total_header)'
    if profile.record.only:
        yield 'paging.end: is "total", but a total may count what record.only passes over (allowed: another end)'


def _sequence_misfits(profile: _Profile) -> Iterator[str]:
    times = profile.times
    if times.sequence and (times.updated_form or times.form) != "epoch_s":
        yield 'times.sequence: is a number, read like a time of another form (allowed: with updated_form = "epoch_s")'


def _whole_misfits(profile: _Profile) -> Iterator[str]:
    listing = profile.list
    for place in sorted({*listing.whole} - {*branches(listing.query), *branches(listing.body)}):
        yield f"list.whole: nothing with a placeholder lies at {place!r} (allowed: places in list.query or list.body)"


def _version_misfits(profile: _Profile) -> Iterator[str]:
    record = profile.record
    if record.version_demanded and not record.version and not record.version_header:
        yield "record.version_demanded: the profile names no version (allowed: with record.version or version_header)"


def _body_misfits(which: str, profile: _Profile) -> Iterator[str]:
    body = profile.create.body if which == "create" else profile.update.body
    if body and place_of(body, "values") is None:
        allowed = "{values} as the value of a name, or as an item of a list"
        yield f"{which}.body: does not say where the values go (allowed: {allowed})"


def _clearing_misfits(profile: _Profile) -> Iterator[str]:
    if profile.update.clear == "omit" and profile.update.replaces != "record":
        yield 'update.clear: leaving a property out does not clear it (allowed if update.replaces is "record")'


def _find_by_misfits(profile: _Profile) -> Iterator[str]:
    creating = profile.create
    if bool(creating.find_by) != ("value" in placeholders((creating.find_query, creating.find_body))):
        both = "both, with {value} in the query or in find_body, or neither"
        yield f"create.find_query: does not fit create.find_by (allowed: {both})"


def _find_body_misfits(profile: _Profile) -> Iterator[str]:
    if profile.create.find_body and profile.create.find_method == "GET":
        yield "create.find_body: a GET carries none (allowed: with another create.find_method)"


def _form_misfits(prefix: str, profile: _Profile) -> Iterator[str]:
    form = getattr(profile.times, f"{prefix}form")
    yield from _time_misfits(prefix, form=form) if form else ()


def _zone_misfits(prefix: str, profile: _Profile) -> Iterator[str]:
    zone = getattr(profile.times, f"{prefix}zone")
    yield from _time_misfits(prefix, zone=zone) if zone else ()


def _time_misfits(prefix: str, *, form: str = "rfc3339", zone: str = "UTC") -> Iterator[str]:
    try:
        TimeForm(form=form, zone=zone)
    except ConfigurationError as error:
        yield from (f"times.{prefix}{fault}" for fault in error.faults)


def _one_path_misfits(profile: _Profile) -> Iterator[str]:
    words = _words_for_the_id(profile.one_path)
    if words:
        yield f"one_path: {' and '.join(words)} is no placeholder, so it names no record (allowed: {{id}})"


def _naming_misfits(which: str, profile: _Profile) -> Iterator[str]:
    """Without the id a request would concern the whole collection."""
    call: Reading | Updating | Archiving | Deleting = getattr(profile, which)
    if not call.path:
        return
    by_one_path = "{one_path}" in call.path
    path = call.path.replace("{one_path}", profile.one_path) if by_one_path else call.path
    named = "id" in placeholders((path, call.query, call.body, getattr(call, "fixed", {})))
    if not named and not (by_one_path and _words_for_the_id(path)):
        where = "one_path, query or body" if by_one_path else "path, query or body"
        yield f"{which}: names no record (allowed: {{id}} in {where})"


def _words_for_the_id(path: str) -> Sequence[str]:
    """Words in braces that stand where `{id}` should; none if that is there."""
    return () if "id" in placeholders(path) else _IN_BRACES.findall(PLACEHOLDER.sub("", path))


_CHECKS: Final[tuple[Callable[[_Profile], Iterator[str]], ...]] = (
    _pager_misfits,
    _total_misfits,
    _sequence_misfits,
    _whole_misfits,
    _version_misfits,
    _clearing_misfits,
    _find_by_misfits,
    _find_body_misfits,
    _one_path_misfits,
    *(partial(_naming_misfits, which) for which in ("read", "update", "archive", "delete")),
    *(partial(_body_misfits, which) for which in ("create", "update")),
    *(partial(_form_misfits, prefix) for prefix in ("", "created_", "updated_", "filter_")),
    *(partial(_zone_misfits, prefix) for prefix in ("", "filter_")),
)
