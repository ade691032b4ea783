"""The lists of the PMS sandbox: of customers, of deleted ones, and of those that a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.customers import Customers, Version
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.listing import shift_rows
from wave_pms_sync.testing.nesting import value_at
from wave_pms_sync.testing.pms_answers import Answers
from wave_pms_sync.testing.pms_listing import Choice, Listings, unreadable
from wave_pms_sync.testing.pms_pages import Pages, PageSizes, Window
from wave_pms_sync.testing.pms_requests import Wish
from wave_pms_sync.testing.pms_rows import Rows
from wave_pms_sync.testing.pms_traps import PmsTraps
from wave_pms_sync.testing.server import Call, Reply
from wave_pms_sync.testing.switchboard import Strikes

__all__ = ["Lists"]


class Lists:
    """Answers requests for lists.

    Args:
        customers: The records.
        profile: The conventions.
        traps: What is odd here.
        rows: How records are shown.
        answers: How answers are written.
        sizes: How large pages are.
        parameters: The query parameters that some request knows.
        tombstones: Lists of what changed show what is gone, too.
        show_total: Totals are told.
    """

    def __init__(
        self,
        customers: Customers,
        profile: PmsProfile,
        traps: PmsTraps,
        rows: Rows,
        answers: Answers,
        *,
        sizes: PageSizes,
        parameters: frozenset[str],
        tombstones: bool,
        show_total: bool,
    ) -> None:
        self._customers = customers
        self._profile = profile
        self._traps = traps
        self._rows = rows
        self._answers = answers
        self._parameters = parameters
        self._tombstones = tombstones
        self._show_total = show_total
        self._listings = Listings(customers)
        self._pages = Pages(profile, sizes, traps, customers.get)

    def answer(self, call: Call, wish: Wish, strikes: Strikes) -> Reply:
        """A page of a list.

        Raises:
            Problem: A parameter cannot be read, or is not known where that is an error.
        """
        unknown = call.query.keys() - self._parameters
        if unknown and self._traps.unknown_parameters == "refused":
            raise unreadable(min(unknown), "a parameter that this API knows")
        self._shift_rows(strikes)
        lag = strikes.first(Fault.READ_LAG)
        at = None if lag is None else self._customers.ago(lag.seconds)
        ordered = self._listings.ordered(self._choice(wish), at)
        if unknown and self._traps.unknown_parameters == "filter":
            ordered = []
        if wish.operation == "deleted":
            gone = [version for version in ordered if version.removed]
            window = self._pages.window(gone, wish, self._gone, strikes)
            return self._deleted(call, window) if window.rows or not self._traps.empty_list else self._bare(wish)
        if wish.operation == "find":
            place, wanted = self._profile.create.find_by, str(wish.facts["value"])
            ordered = [version for version in ordered if str(value_at(version.values, place)) == wanted]
        window = self._pages.window(ordered, wish, self._row, strikes)
        return self._listed(call, window) if window.rows or not self._traps.empty_list else self._bare(wish)

    def nothing(self, call: Call, wish: Wish, strikes: Strikes) -> Reply:
        """A list of nobody, for those who may see nobody."""
        return self._listed(call, self._pages.window((), wish, self._row, strikes))

    def _listed(self, call: Call, window: Window) -> Reply:
        total = window.total if self._show_total else None
        rows, ids = list[object](window.rows), list(window.ids)
        other = self._rows.other()
        if rows and other is not None and not self._pages.counts_rows:
            rows, ids = [other, *rows], ["other", *ids]
        body, headers = self._answers.listed(rows, ids, total=total)
        body, more = self._pages.said(body, window, call)
        return self._answers.success(200, body, {**headers, **more})

    def _deleted(self, call: Call, window: Window) -> Reply:
        place, deletions = self._profile.deletions.id, self._profile.deletions
        shown = [{place: row["id"]} if place else row["id"] for row in window.rows]
        body, headers = self._answers.listed(shown, window.ids, place=deletions.rows)
        body, more = self._pages.said(body, window, call)
        return self._answers.success(200, body, {**headers, **more})

    def _bare(self, wish: Wish) -> Reply:
        """The answer where there is nobody, without a body."""
        call = self._profile.deletions if wish.operation == "deleted" else self._profile.list
        asked = wish.facts.get("since") is not None and "{since}" in call.headers.values()
        return Reply(status=self._traps.empty_list if asked or self._traps.empty_list != 304 else 204)

    def _gone(self, version: Version) -> Mapping[str, object]:
        return {"id": self._rows.id(version.id)}

    def _row(self, version: Version) -> Mapping[str, object]:
        shown = self._rows.row(version, stub=not self._traps.list_deleted)
        return shown if isinstance(shown, Mapping) else {}

    def _choice(self, wish: Wish) -> Choice:
        listing, since = self._profile.list, wish.facts.get("since")
        moment, gone = None, wish.operation == "deleted"
        if since not in (None, ""):
            try:
                moment = self._rows.since(since)
            except ValueError:
                raise unreadable("since", "a time as this API writes it, with its offset if that has one") from None
        return Choice(
            since=moment,
            after=not listing.since_includes,
            stamped=not self._traps.stamp_when_created and wish.operation == "list",
            removed=gone or self._traps.list_deleted or (self._tombstones and moment is not None),
            newest_first=not listing.creation_order,
        )

    def _shift_rows(self, strikes: Strikes) -> None:
        book = self._customers

        def first() -> Version | None:
            return next(iter(self._listings.ordered(Choice())), None)

        def add(values: Mapping[str, object], created_at: datetime | None) -> object:
            return book.create(dict(values), created_at=created_at)

        def remove(customer_id: str) -> object:
            return book.change(customer_id, removed=True)

        shift_rows(first, strikes, add, remove)
