"""The doctor: tries a profile against a live API, by reading only, and says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from enum import Enum

from attrs import frozen

from wave_pms_sync.errors import BadAnswer, Refused, SyncError, Unauthorized
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.pms.conventions.fit import asks
from wave_pms_sync.pms.profile import PmsProfile

_LONG_AGO = datetime(1990, 1, 1, tzinfo=timezone.utc)
_FAR_AHEAD = datetime(2990, 1, 1, tzinfo=timezone.utc)
_NOBODY = "wave-pms-sync-no-such-customer"

Pages = Callable[[datetime | None], Iterator[Page]]
One = Callable[[str], Record | None]


class Verdict(str, Enum):
    """How one thing stands."""

    WORKS = "works"
    ASSUMED = "assumed"
    WRONG = "wrong"

    def __str__(self) -> str:
        return self.value


@frozen
class Finding:
    """One thing that was tried.

    Attributes:
        subject: What was tried.
        verdict: `WORKS`; `ASSUMED`: it could not be tried, the profile is believed; `WRONG`: it contradicts it.
        text: What was seen, without a customer's values.
    """

    subject: str
    verdict: Verdict
    text: str

    def __str__(self) -> str:
        return f"{self.verdict!s:<8}{self.subject}: {self.text}"


class Findings(tuple[Finding, ...]):
    """What the doctor found, in the order it was tried; printed line by line."""

    __slots__ = ()

    @property
    def ok(self) -> bool:
        """Whether nothing contradicts the profile."""
        return all(finding.verdict is not Verdict.WRONG for finding in self)

    def __str__(self) -> str:
        return "\n".join(map(str, self))


def examine(profile: PmsProfile, *, pages: Pages, one: One) -> Findings:
    """Try the listing, one record, a missing record and the since-filter.

    Args:
        profile: What the API is said to do.
        pages: Lists customers, from a moment on or all.
        one: Reads one customer.
    """
    try:
        first = next(pages(None))
    except SyncError as error:
        return Findings(_unlisted(error))
    found = [
        Finding("reachable", Verdict.WORKS, "it answers"),
        Finding("credentials", Verdict.WORKS, "they are accepted for reading"),
        Finding("listing", Verdict.WORKS, _listed(first)),
    ]
    found += _stamps(profile, first)
    found += _tried("one record", lambda: _one(first, one))
    found += _tried("missing record", lambda: _missing(one))
    found += _tried("since-filter", lambda: _since(profile, first, pages))
    return Findings(found)


def _tried(subject: str, trial: Callable[[], tuple[Verdict, str]]) -> list[Finding]:
    try:
        return [Finding(subject, *trial())]
    except SyncError as error:
        return [Finding(subject, Verdict.WRONG, str(error))]


def _unlisted(error: SyncError) -> Iterator[Finding]:
    answered = isinstance(error, Unauthorized | BadAnswer | Refused | LookupError)
    yield Finding("reachable", Verdict.WORKS if answered else Verdict.WRONG, "it answers" if answered else str(error))
    if answered:
        refused = isinstance(error, Unauthorized)
        yield Finding("credentials" if refused else "listing", Verdict.WRONG, str(error))


def _listed(page: Page) -> str:
    total = "no total is given" if page.total is None else f"{page.total} in all"
    more = "which is the last" if page.last else "more follow"
    return f"{len(page.records)} customers on the first page, {more}; {total}"


def _stamps(profile: PmsProfile, page: Page) -> Iterator[Finding]:
    for name, read in ((profile.record.created, "created_at"), (profile.record.updated, "modified_at")):
        subject = f"times in `{name}`"
        if not page.records:
            yield Finding(subject, Verdict.ASSUMED, "there is no customer to look at")
        elif name:
            unread = sum(getattr(record, read) is None for record in page.records)
            text = f"{unread} of {len(page.records)} could not be read; RFC 3339 with a zone is expected"
            yield Finding(subject, Verdict.WRONG, text) if unread else Finding(subject, Verdict.WORKS, "all are read")


def _one(page: Page, one: One) -> tuple[Verdict, str]:
    if not page.records:
        return Verdict.ASSUMED, "there is no customer to read"
    listed = page.records[0]
    found = one(listed.id)
    if found is None or found.id != listed.id:
        other = "nothing" if found is None else "another"
        return (
            Verdict.WRONG,
            f"{listed.id!r} is listed, but reading it by that id finds {other}",
        )
    return Verdict.WORKS, f"{listed.id!r} is read by its id, {'with' if found.version else 'without'} an ETag"


def _missing(one: One) -> tuple[Verdict, str]:
    try:
        found = one(_NOBODY)
    except Refused:
        return Verdict.ASSUMED, "ids of this form are refused, so it could not be tried"
    return (Verdict.WORKS, "it is said to be missing") if found is None else (Verdict.WRONG, "any id finds a customer")


def _since(profile: PmsProfile, page: Page, pages: Pages) -> tuple[Verdict, str]:
    if "since" not in asks(profile.list):
        return Verdict.ASSUMED, "the profile names none: every scan is a full one"
    if not page.records:
        return Verdict.ASSUMED, "there is no customer to filter"
    if not next(pages(_LONG_AGO)).records:
        return Verdict.WRONG, "with a date long ago it gives no customer"
    if next(pages(_FAR_AHEAD)).records:
        return Verdict.WRONG, "with a date far ahead it still gives customers: it is ignored"
    return Verdict.WORKS, "it is honoured"
