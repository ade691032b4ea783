"""Reading customers by a profile: one, or page by page, with what the API lists apart or only in part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain

from attrs import evolve, frozen

from wave_pms_sync.errors import BadAnswer, NotFound, Refused
from wave_pms_sync.http.ahead import asking_ahead
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.answers import Answers
from wave_pms_sync.pms.listing import walk
from wave_pms_sync.pms.operations import Customers
from wave_pms_sync.pms.paging import Spot
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.sending import Sender

_Ask = Callable[[Spot], "tuple[Page, Spot | None]"]


@frozen
class Reader:
    """Reads the customers of one PMS.

    Attributes:
        sender: Carries requests.
        customers: Builds them.
        answers: Reads what comes.
        pages_ahead: Numbered pages that are asked for before they are needed.
    """

    sender: Sender
    customers: Customers
    answers: Answers
    pages_ahead: int = 0

    def one(self, record_id: str, *, ours: bool = False) -> Record | None:
        """Read one record; None if the API says that it has none of this id; as `Answers.record_in`."""
        try:
            request = self.customers.one(record_id)
        except NotFound:
            return None
        return self.sender.send(request, partial(self.answers.record_in, ours=ours))

    def asking(self, **changes: object) -> Reader:
        """A reader that asks and understands by this profile with some settings changed, as `PmsProfile.evolve`."""
        profile = self._profile.evolve(**changes)
        customers = evolve(self.customers, profile=profile)
        return evolve(self, customers=customers, answers=Answers(customers.base_url, profile))

    def page(self, spot: Spot) -> tuple[Page, Spot | None]:
        """One page of the whole listing as it comes, and where the listing goes on; None if it does not."""
        return self.sender.send(self.customers.list_page(spot), partial(self.answers.page_in, spot=spot))

    def pages(self, modified_after: datetime | None) -> Iterator[Page]:
        """Iterate over the listing as `CustomPmsClient.pages` says; a moment without a zone is refused at once."""
        first = self.customers.list_page(since=modified_after)

        def ask(spot: Spot) -> tuple[Page, Spot | None]:
            request = self.customers.list_page(spot, since=modified_after) if spot.page else first
            return self.sender.send(request, partial(self.answers.page_in, spot=spot))

        def ask_little() -> tuple[Page, Spot | None]:
            little = self._of_one_row
            return self.sender.send(little.customers.list_page(since=modified_after), little.answers.page_in)

        listed = self._walked(self._to_the_end(ask, ask_little))
        whole = map(self._whole_page, listed) if self._profile.list.partial else listed
        if modified_after is None or not self._profile.deletions.path:
            return iter(whole)
        return chain(self._deleted_pages(modified_after), whole)

    def _walked(self, ask: Callable[[Spot], tuple[Page, Spot | None]]) -> Iterator[Page]:
        with asking_ahead(ask, _following, self.pages_ahead, self.sender.caller.max_concurrency) as asked:
            yield from walk(asked, repeat_ends=self._profile.paging.end == "repeat")

    def _deleted_pages(self, since: datetime) -> Iterator[Page]:
        def ask(spot: Spot) -> tuple[Page, Spot | None]:
            request = self.customers.deleted_page(spot, since=since)
            return self.sender.send(request, partial(self.answers.deleted_in, spot=spot))

        def ask_little() -> tuple[Page, Spot | None]:
            little = self._of_one_row
            return self.sender.send(little.customers.deleted_page(since=since), little.answers.deleted_in)

        ended = False
        for page in walk(self._to_the_end(ask, ask_little), repeat_ends=self._profile.paging.end == "repeat"):
            ended = page.last
            yield evolve(page, last=False, total=None)
        if not ended:
            raise BadAnswer("the list of deleted customers breaks off without a stated end", side=Side.PMS.value)

    def _to_the_end(self, ask: _Ask, ask_little: Callable[[], tuple[Page, Spot | None]]) -> _Ask:
        """Asks as it is told to, and finds out whether a full first page that does not lead on is the last one.

        If a page of one row leads on, the API does lead on where more follows, and its silence states the end.
        """

        def asked(spot: Spot) -> tuple[Page, Spot | None]:
            page, after = ask(spot)
            silent = not spot.page and not page.last and after is None
            # A total that is not reached, or a word that more follows, speaks against an end.
            if silent and page.total is None and not self._profile.paging.more and self._leads_on(ask_little):
                return evolve(page, last=True), None
            return page, after

        return asked

    def _leads_on(self, ask_little: Callable[[], tuple[Page, Spot | None]]) -> bool:
        paging = self._profile.paging
        if not paging.next and not paging.next_header:
            return False
        try:
            return ask_little()[1] is not None
        except (BadAnswer, NotFound, Refused):  # some APIs decline so small a page
            return False

    @property
    def _of_one_row(self) -> Reader:
        return self.asking(paging={"size": 1})

    def _whole_page(self, page: Page) -> Page:
        """A page whose rows showed only part of each record, with the records read by their ids."""
        living = [record.id for record in page.records if not record.deleted]
        read = {record_id: self.one(record_id) for record_id in living}
        return evolve(page, records=tuple(_as_read(each, read) for each in page.records))

    @property
    def _profile(self) -> PmsProfile:
        return self.customers.profile


def _following(spot: Spot, found: tuple[Page, Spot | None]) -> Iterator[Spot]:
    """The spots of all further pages, as they are if each has as many rows as this one."""
    page, after = found
    if after is not None and page.pages is not None:
        rows = after.seen - spot.seen
        for further in range(page.pages - after.page):
            yield evolve(after, page=after.page + further, seen=after.seen + further * rows)


def _as_read(listed: Record, read: Mapping[str, Record | None]) -> Record:
    """A row of which only a part was shown, as it was read; one that is not there is a row of what is deleted."""
    if listed.id not in read:
        return listed
    return read[listed.id] or evolve(listed, archived=True, deleted=True)
