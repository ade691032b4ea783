"""What every kind of action needs at hand: clients, mapping, the book, fresh reads, and how to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import define, evolve, field, frozen

from wave_pms_sync.apply.book import Book, Memory
from wave_pms_sync.errors import ConfigurationError, Conflict, FieldFault, NotFound, Refused, SyncError, Unauthorized
from wave_pms_sync.mapping.paths import lay
from wave_pms_sync.mapping.steps import plain
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Change, Intent, IntentKind, Known, Put, Unfinished
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.origins import index_keys
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.reconcile.actions import MARKER, Action
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Seen
from wave_pms_sync.report import Result
from wave_pms_sync.scan import Spoilt, read_by_id, read_sound

IN_THE_WAY: Final = "the side declined, though the record did not move: something else there is in its way"
VERSION_REFUSED: Final = "the version was refused though nothing moved: look at `{}` in the profile, which sends it"

PARTED: Final = "a person parted the two since it was planned"

FRESH: Final = timedelta(seconds=10)
"""A record that was read ahead longer ago is read again before it is written: the side may be slow, and others edit."""


@frozen(kw_only=True)
class Done:
    """What became of one action."""

    result: Result
    detail: str = ""
    error: SyncError | None = None


class RecordDown(Exception):  # a signal within this room, never seen outside
    """A record could not be read just before it was to be written; what concerns it is postponed."""

    def __init__(self, error: SyncError, side: Side) -> None:
        super().__init__(str(error))
        self.error = error
        self.side = side


class SideDown(Exception):  # a signal within this room, never seen outside
    """A side cannot be written any more in this run; what concerns it is postponed."""

    def __init__(self, error: SyncError, side: Side, *, final: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.side = side
        self.final = final


@define(kw_only=True)
class Desk:
    """The working place of one application of a plan.

    Attributes:
        clients: Both sides.
        shape: The mapping.
        policy: The preferences.
        book: The store.
        wrote: Something was sent to a side that may have changed it.
        same_run: The plan was made by this very run, so its origins need not be read again.
        ahead: Records that were read ahead of their action, until they are used; None: gone.
        read_at: When, by our clock, records were last read ahead, by side.
    """

    clients: Mapping[Side, CustomerClient]
    shape: Shape
    policy: Policy
    book: Book
    same_run: bool
    wrote: bool = False
    ahead: dict[tuple[Side, str], Record | None] = field(factory=dict)
    read_at: dict[Side, datetime] = field(factory=dict)
    spoilt: Mapping[Side, Spoilt] = field(factory=lambda: {side: Spoilt() for side in Side})

    def current(self, action: Action) -> Memory | None:
        """The pair of an action, if it is as planned."""
        memory = self.book.pair(action)
        return None if memory is None or self.book.stale(action, memory[0]) else memory

    def skip(self, action: Action, detail: str) -> Done:
        """Leave an action whose ground moved; its records are read again in the next run."""
        self.book.commit(self.book.unfinished(action, detail))
        return Done(result=Result.SKIPPED, detail=detail)

    def prepare(self, side: Side, ids: Iterable[str]) -> None:
        """Read records just before they are written, many in one request where the side can."""
        self.keep(side)
        self.read_at[side] = self.book.now()
        for record_id, record in self._read(side, ids).items():
            self.ahead[side, record_id] = record

    def at_hand(self, side: Side, record_id: str) -> bool:
        """Whether a record was read ahead a short while ago."""
        return (side, record_id) in self.ahead and self.book.now() - self.read_at[side] <= FRESH

    def keep(self, side: Side) -> None:
        """Make sure that the lease outlives the next request to a side."""
        self.book.tenure.renew(self.clients[side].abilities.request_timeout_s)

    def announce(self, intent: Intent) -> None:
        """Write down what is about to be sent. Then, last of all, make sure that the lease is still ours."""
        self.book.announce(intent)
        self.keep(intent.side)

    def look(self, side: Side, record_id: str) -> Record | None:
        """The record as it stands now; None if it is gone. A record read ahead is used once."""
        self.keep(side)
        if self.at_hand(side, record_id):
            return self.ahead.pop((side, record_id))
        spoilt = self.spoilt[side].errors
        found = self._read(side, [record_id]) if record_id not in spoilt else {}  # once in a run is enough
        if record_id not in found:
            raise RecordDown(spoilt[record_id], side)
        return found[record_id]

    def reread(self, side: Side, record_id: str) -> Record | None:
        """The record again, after a write; None if it cannot be read now."""
        try:
            return read_by_id(self.clients[side], [record_id])[record_id]
        except SyncError:
            return None

    def _read(self, side: Side, ids: Iterable[str]) -> dict[str, Record | None]:
        """Records by id, as far as they can be read; one that the side shows and calls deleted is gone."""
        try:
            found = read_sound(self.clients[side], ids, self.spoilt[side])
        except SyncError as error:
            raise self.stop(error, side) from error
        return {record_id: None if record is None or record.deleted else record for record_id, record in found.items()}

    def in_the_way(self, error: SyncError, side: Side, seen: Record) -> bool:
        """Whether a write was declined though its record stands as it was.

        Then another one is in its way, or it is deleted and can be read still.
        """
        if not (isinstance(error, NotFound) or (isinstance(error, Conflict) and faults_named(error))):
            return False
        now = self.reread(side, seen.id)
        return (
            now is not None
            and now.modified_at == seen.modified_at
            and self.shape.raws(side, now.payload) == self.shape.raws(side, seen.payload)
        )

    def refused_as_it_is(self, error: SyncError, side: Side, seen: Record) -> bool:
        """Whether a write was declined for its version though the side still shows that very version."""
        if not isinstance(error, Conflict) or faults_named(error) or seen.version is None:
            return False
        now = self.reread(side, seen.id)
        return now is not None and now.version == seen.version

    def declined_before(self, side: Side, record_id: str) -> bool:
        """Whether the run before left this record for the same reason, and nothing moved out of its way since."""
        left = self.book.links.find(Unfinished, f"{side}_id", [record_id])
        return any(unfinished.reason == IN_THE_WAY for unfinished in left)

    def mark_due(self, link: Link, former: object = None) -> list[Change]:
        """Announce that a PMS record is to be marked, in the transaction of the link that it follows from."""
        body: dict[str, object] = {}
        if self.shape.marker is None or not self.clients[Side.PMS].abilities.marker:
            return []
        lay(body, self.shape.marker, link.wave_id)
        intent = Intent(
            kind=IntentKind.UPDATE,
            side=Side.PMS,
            origin_id=link.wave_id,
            record_id=link.pms_id,
            before={MARKER: former},
            body=body,
            announced_at=self.book.now(),
            run_id=self.book.run_id,
        )
        self.book.intents[intent.key] = intent
        return [Put(intent)]

    def mark_to_come(self, action: Action, link: Link) -> list[Change]:
        """Announce the mark that another action of this pair will write, before more is agreed on than that it met."""
        mark = self.book.marks.get(action.key)
        if mark is None or any(intent.record_id == link.pms_id for intent in self.book.intents.values()):
            return []
        return self.mark_due(link, mark.before)

    def still_to_mark(self, action: Action, link: Link) -> list[Change]:
        """A mark that was to be written with an update that was not carried out stays due."""
        return next((self.mark_due(link, c.before) for c in action.fields if c.id == MARKER), [])

    def reindexed(self, side: Side, record: Record) -> list[Change]:
        """The key index as it is with what a record shows by now; nothing if that is known."""
        known = self.book.known(side, record.id) or Known(side=side, id=record.id)
        keys = self.keys(side, record)
        return [self.book.reindex(evolve(known, keys=keys))] if keys != known.keys else []

    def keys(self, side: Side, record: Record) -> tuple[str, ...]:
        """The strong keys of a record, as the key index keeps them."""
        seen = Seen(side=side, id=record.id, raws=self.shape.raws(side, record.payload))
        return index_keys(self.shape, side, seen, self.policy.match_on, self.clients[Side.WAVE].identity)

    def stop(self, error: SyncError, side: Side) -> SideDown:
        """A side that cannot be used any more in this run; unaccepted credentials and wrong settings end the run.

        Credentials that may only read end what is written to their side; the other direction goes on.
        """
        refused = isinstance(error, Unauthorized) and not error.forbidden
        return SideDown(error, side, final=refused or isinstance(error, ConfigurationError))

    def groups_named(self, side: Side, paths: Iterable[str]) -> set[str]:
        """The field groups that a side's property paths belong to."""
        named: set[str] = set()
        for path in paths:
            for row in self.shape.fields.values():
                places = [plain(place) for place in self.paths(row.id, side)]
                if any(path == p or path.startswith(f"{p}.") or p.startswith(f"{path}.") for p in places):
                    named.add(row.group)
        return named

    @staticmethod
    def paths(field_id: str, side: Side) -> list[str]:
        """The properties of a field on one side."""
        wave, _, pms = field_id.partition("=")
        return (wave if side is Side.WAVE else pms).split("+")

    @staticmethod
    def told(error: SyncError) -> str:
        """An error in words without values: fields and codes."""
        faults = faults_named(error)
        named = ", ".join(f"{fault.path or 'record'} {fault.code}".strip() for fault in faults)
        return f"refused: {named}" if any(fault.path for fault in faults) else str(error)


def faults_named(error: SyncError) -> tuple[FieldFault, ...]:
    """What a side named when it declined a write; empty if it spoke of the version, or of nothing."""
    return error.faults if isinstance(error, (Refused, Conflict)) else ()


Step = Callable[[Desk, Action, Side], Done]
