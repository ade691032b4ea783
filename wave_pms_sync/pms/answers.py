"""What the answers of the API say; pure."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial

from attrs import evolve, field, frozen

from wave_pms_sync.declared.sections import plain
from wave_pms_sync.errors import Conflict, NotFound, Refused, SyncError
from wave_pms_sync.http.cut import Cut, cut
from wave_pms_sync.http.decoding import decoded
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.records import Page, Record, Unread
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.addresses import id_in_location
from wave_pms_sync.pms.conventions.fit import asks
from wave_pms_sync.pms.decode import OtherShape, identifier, is_customer, lacks, record, rows, total
from wave_pms_sync.pms.judge import Judge, other_shape
from wave_pms_sync.pms.lookup import at, named
from wave_pms_sync.pms.outline import outline
from wave_pms_sync.pms.paging import Pager, Shown, Spot, onward, page_count, pager_of
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.templates import place_of

_log = logging.getLogger("wave_pms_sync.pms")
_START = Spot()


@frozen(kw_only=True)
class Written:
    """What the answer to a write showed.

    Attributes:
        record_id: The record that was written; None if the answer to a create does not tell.
        record: The record as the answer shows it; None if it does not, so that it must be read.
        other_id: The id of what the answer shows instead, if it shows something else.
    """

    record_id: str | None
    record: Record | None = None
    other_id: str | None = None


@frozen
class Answers:
    """How the answers of one PMS are read.

    Attributes:
        base_url: Without a trailing slash.
        profile: The API's conventions.
        judge: What its errors mean.
    """

    base_url: str
    profile: PmsProfile
    judge: Judge = field(init=False, repr=False, eq=False)
    _cut_at: str | None = field(init=False, repr=False, eq=False)
    _reading: bytes = field(init=False, repr=False, eq=False)

    @_cut_at.default
    def _list_that_can_be_cut(self) -> str | None:
        """The name of the list whose rows are told apart by their text; None if all of each must be known at once."""
        profile, name = self.profile, self.profile.list.rows.rpartition(".")[2]
        told = (name, profile.paging.next, profile.paging.more, profile.paging.pages, profile.list.total)
        within = any("[" in place for place in told)  # `items[-1].id`
        whole = profile.list.keyed or profile.list.partial or profile.record.only or profile.paging.end == "repeat"
        return None if whole or within else name

    @_reading.default
    def _what_marks_depend_on(self) -> bytes:
        """Marks made by another reading of the same text are other ones."""
        return bytes.fromhex(
            digest([plain(part) for part in (self.profile.list, self.profile.record, self.profile.times)])
        )

    @judge.default
    def _by_the_profile(self) -> Judge:
        profile = self.profile
        wraps = (place_of(body, "values") for body in (profile.create.body, profile.update.body))
        ignored = tuple(dict.fromkeys(".".join(names) for names in wraps if names))
        return Judge(errors=profile.errors, pace=profile.pace, ignored=ignored)

    def page_in(self, request: Request, response: Response, spot: Spot = _START) -> tuple[Page, Spot | None]:
        """The page in a list answer, and where the listing goes on; None at its end, and where it breaks off."""
        if self._nobody_left(request, response, spot):
            return Page(records=(), last=True, server_time=response.server_time), None
        if self._cut_at is not None and 200 <= response.status < 300:
            taken = cut(response.body, self._cut_at)
            if taken is not None:
                unread = self._unread_page(request, response, spot, taken)
                if unread is not None:
                    return unread
        return self._whole_page(request, response, spot)

    def _unread_page(
        self, request: Request, response: Response, spot: Spot, taken: Cut
    ) -> tuple[Page, Spot | None] | None:
        """The page with its rows as text; None if it must be read as a whole."""
        body = self.judge.body_of(request, evolve(response, body=taken.rest))
        try:
            self._row(
                taken.whole(taken.rows[-1])
            )  # that the rows are customers is found out at once, as far as one row can tell
        except ValueError:
            return None
        if at(body, self.profile.list.rows) != []:
            return None
        records = Unread(
            rows=taken.rows,
            marks=partial(taken.marks, self._reading),
            read=lambda row: self._row(taken.whole(row)),
            whole=lambda: self._whole_page(request, response, spot)[0],
        )
        counted = total(body, response.headers, self.profile.list)
        shown = Shown(body=body, rows=len(taken.rows), total=counted, sized="limit" in asks(self.profile.list))
        try:
            return self._page(request, response, spot, shown, records)
        except OtherShape:
            return None

    def _row(self, row: bytes) -> Record:
        return record(at(decoded(row), self.profile.list.row), self.profile)

    def _whole_page(self, request: Request, response: Response, spot: Spot) -> tuple[Page, Spot | None]:
        listing = self.profile.list
        body = self._page_body(request, response, spot)
        try:
            counted = total(body, response.headers, listing)
            held = rows(body, listing, owed=counted is not None and counted > spot.seen)
            told = [(key, row, is_customer(row, self.profile)) for key, row in held]
            records = self._readable([(key, row) for key, row, mine in told if mine])
            others = frozenset(repr((key, row)) for key, row, mine in told if not mine)
            known = None if self.profile.record.only else counted
            shown = Shown(body=body, rows=len(held), total=known, sized="limit" in asks(listing), others=others)
            page, after = self._page(request, response, spot, shown, records)
            lost = sum(mine for _, _, mine in told) - len(records)
            if lost:
                _log.warning("left out side=pms rows=%d: no object, or without an id", lost)
            return evolve(page, lost=lost), after
        except OtherShape as problem:
            raise _odd(request, response, problem) from None

    def _readable(self, held: Sequence[tuple[str | None, object]]) -> tuple[Record, ...]:
        """The rows that are records. A single one that is none spoils nobody else; if none is, the profile is wrong.

        Raises:
            OtherShape: There are rows, and none of them is a record.
        """
        records, problem = [], None
        for key, row in held:
            try:
                records.append(record(row, self.profile, key=key))
            except OtherShape as other:
                problem = problem or other
        if problem is not None and not records:
            raise problem
        return tuple(records)

    def deleted_in(self, request: Request, response: Response, spot: Spot = _START) -> tuple[Page, Spot | None]:
        """The page in an answer that lists deleted customers, each as a record without properties."""
        if self._nobody_left(request, response, spot):
            return Page(records=(), last=True, server_time=response.server_time), None
        deletions = self.profile.deletions
        body = self._page_body(request, response, spot)
        held = at(body, deletions.rows)
        if self.profile.list.absent_is_empty and lacks(body, deletions.rows):
            held = []
        ids = [identifier(at(row, deletions.id)) for row in held] if isinstance(held, list) else [None]
        gone = tuple(Record(side=Side.PMS, id=i, payload={}, archived=True, deleted=True) for i in ids if i is not None)
        if len(gone) < len(ids):
            expected = f"a list of deleted ids in `{deletions.rows}`"
            raise _odd(request, response, OtherShape(expected, "deletions.rows or deletions.id", body))
        try:
            shown = Shown(body=body, rows=len(ids), total=None, sized="limit" in asks(deletions))
            return self._page(request, response, spot, shown, gone)
        except OtherShape as problem:
            raise _odd(request, response, problem) from None

    def record_in(self, request: Request, response: Response, *, ours: bool = False) -> Record | None:
        """The record in an answer to a single read; None if the API does not have it, or it is no customer.

        Args:
            request: What was asked.
            response: What came.
            ours: We wrote it just now, so it is there, whatever it looks like.
        """
        reading = self.profile.read
        if reading.empty_is_missing and 200 <= response.status < 300 and not response.body.strip():
            return None
        try:
            body = self.judge.body_of(request, response)
        except NotFound:
            return None
        held = at(body, reading.record)
        if held is None and reading.empty_is_missing:
            return None
        try:
            shown = record(held, self.profile, version=self._version_of(response))
        except OtherShape as problem:
            if not isinstance(held, Mapping):
                problem = OtherShape(str(problem), "read.record", body)
            raise _odd(request, response, problem) from None
        return shown if ours or is_customer(held, self.profile) else None

    def written_in(self, request: Request, response: Response, values: Mapping[str, object]) -> Written:
        """What an answer to a create or update shows.

        Args:
            request: The write.
            response: Its answer.
            values: What was written. An answer that shows nothing of it (`{"id": 7}`) is no record.

        Raises:
            SyncError: Among others `UnknownOutcome` for a create whose answer names no id.
        """
        creates = request.operation == "create_customer"
        call = self.profile.create if creates else self.profile.update
        body = self.judge.body_of(request, response)
        told = request.record_id or (self._told(request, response, body) if creates else None)
        try:
            shown = record(at(body, call.record), self.profile, version=self._version_of(response))
        except OtherShape as problem:
            return self._unshown(request, response, told, body, problem)
        shows = not values or bool(values.keys() & shown.payload.keys())
        if told is None and not shows and self._lies_elsewhere:
            return self._unshown(request, response, told, body, OtherShape("the id of the new customer"))
        if told is not None and told != shown.id:  # it shows something else
            return Written(record_id=told, other_id=shown.id)
        return Written(record_id=shown.id, record=shown if shows and not call.read_back else None)

    def _told(self, request: Request, response: Response, body: object) -> str | None:
        """The id of a new record at the places that the profile states for the id alone."""
        creating = self.profile.create
        told = identifier(named(body, creating.id))
        if told is None and creating.location:
            told = id_in_location(response.headers.get("location", ""), request.url, self.profile)
        return told

    @property
    def _lies_elsewhere(self) -> bool:
        """Whether the profile says where a new id lies, so that an answer with an `id` may be an envelope."""
        creating = self.profile.create
        return not creating.record and bool(creating.id or creating.location or creating.find_by)

    def _unshown(
        self, request: Request, response: Response, told: str | None, body: object, problem: OtherShape
    ) -> Written:
        record_id = told or id_in_location(response.headers.get("location", ""), request.url, self.profile)
        if record_id is None and not self.profile.create.find_by:
            came = f"no id, but {outline(body)}," if body is not None else "no id"
            key = "create.record, create.id, create.location or create.find_by"
            raise other_shape(request, response, came=came, expected=str(problem), key=key)
        return Written(record_id=record_id)

    def _nobody_left(self, request: Request, response: Response, spot: Spot) -> bool:
        """Whether this is how the API answers where there are no rows at all, or for a page behind the last.

        204 says that there is nothing; so does 304, but only to a request that asks what changed.
        """
        if spot.page and response.status in self.profile.paging.past_end:
            return True
        since = any(name.lower() == "if-modified-since" for name in request.headers)
        bare = response.status == 204 or (response.status == 304 and since)
        return self.profile.list.absent_is_empty and bare and not response.body.strip()

    def _page_body(self, request: Request, response: Response, spot: Spot) -> object:
        """The body of a page that is there.

        Raises:
            SyncError: As `Judge.body_of`; for a page after the first one it names the page that led there, and the
                setting that may be missing or wrong.
        """
        try:
            return self.judge.body_of(request, response)
        except (NotFound, Refused, Conflict) as error:
            if spot.page:
                error.args = (f"{error}; {self._led_from(spot)}",)
            raise

    def _led_from(self, spot: Spot) -> str:
        """What may be wrong where a page after the first one is declined."""
        pager = pager_of(self.profile)
        if pager in {Pager.PAGE, Pager.OFFSET}:
            return f"if page {spot.page} was the last, `paging.past_end` may say so"
        paging = self.profile.paging
        key = f"the header `{paging.next_header}`" if paging.next_header else f"`{paging.next}`"
        what = "cursor" if pager is Pager.CURSOR else "URL"
        return f"this was page {spot.page + 1}, by the {what} in {key} of page {spot.page}, which may have expired"

    def _page(
        self, request: Request, response: Response, spot: Spot, shown: Shown, records: Sequence[Record]
    ) -> tuple[Page, Spot | None]:
        last, after = onward(self.profile, spot, request, response, shown, self.base_url)
        numbered = pager_of(self.profile) is Pager.PAGE
        pages = page_count(self.profile, response, shown) if numbered else None
        server_time = response.server_time
        return Page(records=records, total=shown.total, pages=pages, last=last, server_time=server_time), after

    def _version_of(self, response: Response) -> str | None:
        name = self.profile.record.version_header
        return response.headers.get(name.lower()) if name else None


def _odd(request: Request, response: Response, problem: OtherShape) -> SyncError:
    came = f"JSON of another shape, {problem.holds},"
    return other_shape(request, response, came=came, expected=str(problem), key=problem.key)
