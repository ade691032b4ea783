"""Whether a side shows what is created there, looked at closely before a second record follows the first.

A wrong token, path, place or filter can make a full side look empty, or its customers look unknown. Nothing of that is
an error on the wire; but the side then contradicts itself, and the first newcomer shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from attrs import define, evolve

from wave_pms_sync.apply.desk import Desk, Done, RecordDown
from wave_pms_sync.errors import SyncError
from wave_pms_sync.mapping.matching_keys import EXTERNAL_ID
from wave_pms_sync.model.fields import Cell
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.newcomers import made_in, no_counterpart
from wave_pms_sync.report import Result

ROUNDING: Final = timedelta(seconds=1)
"""Some sides show their stamps rounded up."""
REFUSALS: Final = 3
"""So many creates in a row, and none before, are declined because of the side and not of the records."""


class Unproven(Exception):  # a signal within this room, never seen outside
    """A side contradicts itself: the token or the profile is wrong, and nothing more is created there.

    Attributes:
        done: What became of the create at hand.
    """

    def __init__(self, reason: str, done: Done | None = None) -> None:
        super().__init__(reason)
        self.done = done or Done(result=Result.POSTPONED, detail=reason)


@define(kw_only=True)
class Proving:
    """The proof of one side, in one run.

    Attributes:
        desk: The working place.
        side: The side.
        newest: The highest modification stamp that this run, or an earlier one, has seen there.
        shown: This run's own listing showed it.
        listed_at: When this run began to list that side, by its own time.
        due: Nobody knows yet whether this side lists what is created there, and it matters: it showed no record, or
            more than one is to be created.
    """

    desk: Desk
    side: Side
    newest: datetime | None
    shown: bool
    listed_at: datetime | None
    due: bool
    _refused: int = 0

    @cached_property
    def made(self) -> Link | None:
        """The last record that an earlier run created here, while nobody knows whether listings show such."""
        links = self.desk.book.links.find(Link, "rule", [no_counterpart(self.side)]) if self.due else ()
        stamps = {stamp: link for link in links if made_in(link, self.side) and (stamp := link.sight(self.side).stamp)}
        return stamps[max(stamps)] if stamps else None

    @property
    def doubts_origins(self) -> bool:
        """Whether a PMS record is read by itself before it is taken for what its listing showed."""
        return self.due and self.side is Side.WAVE

    def listed(self) -> Iterator[Record]:
        """What the side lists since the newest record, or since the last one made there while that is to be shown."""
        client, since = self.desk.clients[self.side], None
        if self.newest is not None and client.abilities.since:
            made = self.made.sight(self.side).stamp if self.made is not None else None
            since = min(self.newest, made or self.newest) - ROUNDING
        try:
            for page in client.pages(modified_after=since):
                yield from page.records
        except SyncError as error:
            raise self.desk.stop(error, self.side) from error

    def origin(self, record_id: str, seen: Record | None) -> None:
        """Judge an origin that was read by itself in the run that listed it."""
        if not self.doubts_origins or not self.desk.same_run:
            return
        if seen is None:
            words = self.side.other.words
            raise Unproven(f"{words} does not find by its id what it just listed: wrong address or id?")
        known = self.desk.book.known(self.side.other, record_id)
        if known is not None and strong(self.desk.keys(self.side.other, seen)) - strong(known.keys):
            raise Unproven(_partial(self.side.other))

    def look(self, listed: Iterable[Record]) -> None:
        """Judge what was listed just before the first create.

        The newest record must be there, the last one that an earlier run created unless it is gone or archived, and
        none may have been left out.
        """
        if not self.due:
            return
        records = list(listed)
        if self.shown and self.desk.same_run and not records:
            words = self.side.words
            raise Unproven(f"{words}, asked since its newest stamp, shows nobody: wrong `since` or form of times?")
        made = self.made.id_on(self.side) if self.made is not None else None
        if made is not None and made not in {record.id for record in records} and self._lives(made):
            words = self.side.words
            raise Unproven(f"{words}, asked for changes, does not show what was created there: wrong `since`?")
        if any(self.desk.book.known(self.side, r.id) is None and self._was_there(r) for r in records if not r.deleted):
            raise Unproven(f"{self.side.words} has customers that its listing left out: wrong paging or filter?")

    def _was_there(self, record: Record) -> bool:
        """Whether a record is older than this run's listing, which then ought to have shown it."""
        tolerance = timedelta(seconds=self.desk.policy.clock_tolerance_s)
        made, listed = record.created_at, self.listed_at
        return made is not None and listed is not None and made < listed - tolerance

    def refused(self, done: Done) -> None:
        """Judge a refusal: a side that declines whatever is created there declines us, not the records."""
        self._refused += 1
        if self.due and self._refused == REFUSALS:
            raise Unproven(f"{self.side.words} declines every create: wrong token, rights or required fields?", done)

    def newcomer(self, intent: Intent, answer: Record, cells: Mapping[str, Cell]) -> None:
        """Judge the first newcomer: filled, listed as what it is, and found by its id where others rest on that."""
        if not self.due:
            return
        self.due = False
        problem = self._unfilled(intent, answer, cells) or self._unlisted(answer)
        if problem:
            raise Unproven(f"{self.side.words} {problem}", Done(result=Result.DONE, detail=problem))

    def _unfilled(self, intent: Intent, answer: Record, cells: Mapping[str, Cell]) -> str:
        required = [name for name, rules in self.desk.shape.fields.items() if rules.required and name in cells]
        if all(cells[name].empty for name in intent.values) or any(cells[name].empty for name in required):
            return "confirmed a create and shows nothing of it: wrong wrapper or field names?"
        lost = sorted(_names(sent_keys(self.desk, intent, answer)) - _names(self.desk.keys(self.side, answer)))
        if lost:
            return f"does not keep by what customers are known ({', '.join(lost)}): wrong field names?"
        return ""

    def _unlisted(self, answer: Record) -> str:
        shown = {record.id: record for record in self.listed()}
        row = shown.get(answer.id)
        if row is None:
            late = self._made_here(shown)
            return "" if late else "confirmed a create and does not list it: wrong token, account, paging or filter?"
        if row.deleted:
            return "lists as deleted what it just created: wrong `deleted`?"
        if strong(self.desk.keys(self.side, answer)) - strong(self.desk.keys(self.side, row)):
            return _partial(self.side).removeprefix(f"{self.side.words} ")
        if self.desk.book.plan.creates(self.side.other) and not self._found(answer.id):
            return "lists a create and cannot show it by its id: wrong address or wrapper?"
        return ""

    def _found(self, record_id: str) -> bool:
        return self._by_id(record_id) is not None

    def _lives(self, record_id: str) -> bool:
        """Whether a listing ought to show it; some hide what is archived."""
        record = self._by_id(record_id)
        return record is not None and not record.archived

    def _by_id(self, record_id: str) -> Record | None:
        try:
            return self.desk.look(self.side, record_id)
        except RecordDown:
            return None

    def _made_here(self, ids: Iterable[str]) -> bool:
        """Whether an earlier run created one of these; a listing that shows it late shows the others late, too."""
        links = self.desk.book.links.find(Link, f"{self.side}_id", sorted(ids))
        return any(made_in(link, self.side) for link in links)


def sent_keys(desk: Desk, intent: Intent, answer: Record) -> set[str]:
    """The match keys that a newcomer would have if all was kept that was sent; our own mark does not count."""
    kept = desk.keys(intent.side, evolve(answer, payload=intent.body))
    return {key for key in kept if not key.startswith(f"{EXTERNAL_ID}:")}


def strong(keys: Iterable[str]) -> set[str]:
    """Keys that may link by themselves; a name alone never does."""
    return {key for key in keys if not key.startswith("name:")}


def _names(keys: Iterable[str]) -> set[str]:
    return {key.split(":", 1)[0] for key in keys}


def _partial(side: Side) -> str:
    return f"{side.words} shows less of a customer in its listing than by itself: list.partial, or other fields?"
