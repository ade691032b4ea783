"""The doctor: tries a profile against a live API, by reading only, and says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone

from wave_pms_sync.errors import BadAnswer, ConfigurationError, Refused, SyncError, Unauthorized
from wave_pms_sync.findings import Finding, Findings, assumed, failed, tried, works, wrong
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.pms.conventions.fit import asks
from wave_pms_sync.pms.paging import Pager, pager_of
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.reading import Reader
from wave_pms_sync.pms.templates import placeholders
from wave_pms_sync.pms.trial_pages import try_pages
from wave_pms_sync.pms.trial_rows import compare, hides, try_rows
from wave_pms_sync.pms.trial_stamps import CLOCKS_APART, is_edited, shows

_LONG_AGO = datetime(1990, 1, 1, tzinfo=timezone.utc)
_FIRST_NUMBER = datetime(1970, 1, 1, 0, 0, 2, tzinfo=timezone.utc)
_FAR_AHEAD = datetime(2990, 1, 1, tzinfo=timezone.utc)
_NOBODY = {"text": "wave-pms-sync-no-such-customer", "integer": "999999999"}
_FILTER = "list.query or times.filter_form"
Pages = Callable[[datetime | None], Iterator[Page]]
One = Callable[[str], Record | None]


def examine(reader: Reader, lacking: Sequence[str] = ()) -> Findings:
    """Try the listing, its pages and order, times, one record, a missing record and the since-filter.

    Args:
        reader: Reads by the profile that is tried.
        lacking: The names of the secrets that the profile asks for, where nothing signs the requests.
    """
    profile, pages, one = reader.customers.profile, reader.pages, reader.one
    changes = reader.asking(deletions={"path": ""}).pages
    try:
        first = next(pages(None))
    except SyncError as error:
        return Findings(_unlisted(error, lacking))
    found = [
        works("reachable", "it answers"),
        _accepted(first),
        _listed(profile, first),
        *_left_out(first),
    ]
    found += tried("pages", lambda: try_pages(reader))
    found += try_rows(profile.record, first, partial=profile.list.partial)
    found += _times(profile, first)
    found += tried("one record", lambda: _one(profile, first, one), "one_path or read")
    found += tried("missing record", lambda: _missing(profile, one), "errors.missing")
    found += tried("since-filter", lambda: _since(profile, first, changes), _FILTER)
    if profile.deletions.path:
        found += tried("list of deletions", lambda: _deletions(first, pages), "deletions")
    return Findings(found)


def _unlisted(error: SyncError, lacking: Sequence[str]) -> Iterator[Finding]:
    answered = isinstance(error, Unauthorized | BadAnswer | Refused | LookupError | ConfigurationError)
    yield works("reachable", "it answers") if answered else wrong("reachable", str(error))
    if isinstance(error, Unauthorized):
        given = [name if name == "token" else f"secrets.{name}" for name in lacking]
        text = f"{error}; the client was given no {', '.join(given)}" if given else str(error)
        yield wrong("credentials", text, "auth")
    elif answered:
        yield failed("listing", error, "path or list")


def _accepted(page: Page) -> Finding:
    if page.records:
        return works("credentials", "they are accepted for reading")
    return assumed("credentials", "the listing is empty; to a wrong token some APIs answer the same", "auth")


def _listed(profile: PmsProfile, page: Page) -> Finding:
    doubts = {
        "list.rows": profile.list.absent_is_empty,
        "record.only": bool(profile.record.only),
        "paging.first": pager_of(profile) is Pager.PAGE,
    }
    keys = [key for key, doubtful in doubts.items() if doubtful]
    if keys and not page.records:
        return assumed("listing", "nobody is listed: is nobody there? A wrong setting looks the same", ", ".join(keys))
    total = "no total is given" if page.total is None else f"{page.total} in all"
    more = "which is the last" if page.last else "more follow"
    return works("listing", f"{len(page.records)} customers on the first page, {more}; {total}")


def _left_out(page: Page) -> Iterator[Finding]:
    shown = len(page.records)  # what is left out is known once they are decoded
    if page.all_lost:
        text = f"{page.all_lost} of {shown + page.all_lost} on the first page have no id, or are no objects"
        yield wrong("rows", f"{text}: they are left out, and nobody is created in the PMS", "record.id or record.only")


def _times(profile: PmsProfile, page: Page) -> Iterator[Finding]:
    shape, living = profile.record, [record for record in page.records if not record.deleted]
    for place, read in ((shape.created, "created_at"), (shape.updated, "modified_at")):
        key = f"record.{'created' if read == 'created_at' else 'updated'} or times.form"
        if not place:
            continue
        if not living:
            yield assumed(f"times in `{place}`", "there is no customer to look at")
        elif place == shape.updated != shape.created and all(hides(record, shape, place) for record in living):
            yield assumed(f"times in `{place}`", "no row shows one, so those of creation are taken", "record.updated")
        else:
            stamps = [getattr(record, read) for record in living]
            numbers = profile.times.sequence and read == "modified_at"
            yield _stamps(place, stamps, page.server_time, key, numbers=numbers)


def _stamps(
    place: str, stamps: list[datetime | None], now: datetime | None, key: str, *, numbers: bool = False
) -> Finding:
    subject, known = f"times in `{place}`", [stamp for stamp in stamps if stamp is not None]
    if len(known) < len(stamps):
        return wrong(subject, f"{len(stamps) - len(known)} of {len(stamps)} could not be read", key)
    if now is not None and any(stamp > now + CLOCKS_APART for stamp in known):
        return wrong(subject, "some lie ahead of the server's own time", "times.zone")
    if not numbers and max(known) < _LONG_AGO:
        return wrong(subject, f"all are read as long ago, the latest as {max(known):%Y-%m-%d}", key)
    return works(subject, "all are read")


def _one(profile: PmsProfile, page: Page, one: One) -> Iterator[Finding]:
    living = [record for record in page.records if not record.deleted]
    if not living:
        yield assumed("one record", "there is no customer to read")
        return
    listed = living[0]
    found = one(listed.id)
    if found is None or found.id != listed.id:
        other = "nothing" if found is None else "another"
        yield wrong(
            "one record", f"{listed.id!r} is listed, but reading it by that id finds {other}", "one_path or record.id"
        )
        return
    yield works("one record", f"{listed.id!r} is read by its id")
    yield from compare(listed, found, at_the_key=profile.record.id if profile.list.keyed else "")
    yield _version(profile, found)


def _version(profile: PmsProfile, found: Record) -> Finding:
    guarded = "version" in placeholders((profile.update.headers, profile.update.query, profile.update.fixed))
    if found.version is None:
        text = "none is seen" if not guarded else "none is seen, so no write is guarded by one"
        return assumed("version", text, "record.version" if guarded else "")
    if not guarded:
        return assumed("version", "one is seen; if updates honour it, send it with them", "update.headers")
    return works("version", "one is seen, and sent with updates")


def _missing(profile: PmsProfile, one: One) -> Iterator[Finding]:
    try:
        found = one(_NOBODY[profile.record.id_type])
    except Refused as error:
        if any(f"(HTTP {status})" in str(error) for status in (404, 410)):
            yield wrong("missing record", "it is missing, which the profile calls a refusal", "errors.missing")
            return
        text = "ids of this form are refused, so it could not be tried, unless that is how missing ones are told"
        yield assumed("missing record", text, "errors.missing")
    except Unauthorized:
        yield wrong("missing record", "it is answered like refused credentials", "errors.missing")
    except BadAnswer as error:
        yield wrong("missing record", str(error), "read.empty_is_missing")
    else:
        missing = found is None
        yield (
            works("missing record", "it is said to be missing")
            if missing
            else wrong("missing record", "any id finds a customer", "read.path")
        )


def _deletions(page: Page, pages: Pages) -> Iterator[Finding]:
    told = {record.id for record in next(pages(_LONG_AGO)).records}  # what was deleted comes first
    living = told & {record.id for record in page.records if not record.deleted}
    text = f"{len(living)} of {len(told)} that it shows are listed as customers"
    if 2 * len(living) > len(told):
        yield wrong("list of deletions", text, "deletions.path, deletions.rows or deletions.id")
    elif living:
        yield assumed("list of deletions", f"{text}: were they brought back?", "deletions.id")
    else:
        yield works("list of deletions", "it answers")


def _newest(profile: PmsProfile, page: Page) -> Record | None:
    """Who was changed last, if possible of those who were changed after they were made; a sequence cannot tell."""
    stamped = [record for record in page.records if record.modified_at is not None and not record.deleted]
    edited = [record for record in stamped if is_edited(record)]
    return None if profile.times.sequence else max(edited or stamped, key=_changed_at, default=None)


def _changed_at(record: Record) -> datetime:
    return record.modified_at or _LONG_AGO


def _since(profile: PmsProfile, page: Page, pages: Pages) -> Iterator[Finding]:
    if "since" not in asks(profile.list):
        yield assumed("since-filter", "the profile names none: every scan is a full one")
    elif not page.records:
        yield assumed("since-filter", "there is no customer to filter")
    elif not (old := next(pages(_FIRST_NUMBER if profile.times.sequence else _LONG_AGO))).records:
        yield wrong("since-filter", "a date long ago gives no customer", _FILTER)
    elif old.last and (missed := {record.id for record in page.records} - {record.id for record in old.records}):
        # Somebody new whom no list of changes shows would be made a second time.
        text = f"a date long ago leaves out {len(missed)} of the first page (those never updated?): do without it"
        yield wrong("since-filter", text, "list.query")
    elif (known := _newest(profile, page)) is not None and not shows(pages(known.modified_at), known.id):
        asked = "is the filter one of creation" if is_edited(known) else "is the moment written as the filter wants it"
        text = f"{known.id!r} is not listed as changed at its own stamp: {asked}?"
        yield wrong("since-filter", text, "list.query, list.since_includes, times.filter_form or times.filter_zone")
    elif next(pages(_FAR_AHEAD)).records:
        yield wrong("since-filter", "a date far ahead still gives customers: it is ignored", "list.query")
    else:
        yield works("since-filter", "it is honoured")
