"""What the link store remembers of one linked pair."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Final, NamedTuple, NoReturn

from attrs import evolve, field, frozen

from wave_pms_sync.model.fields import Forgotten
from wave_pms_sync.model.side import Side

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND: Final = timedelta(microseconds=1)
_EMPTY: Final[Mapping[str, NoReturn]] = {}
"""One for all agreements: there are many, and most have nothing of most kinds."""

BY_A_PERSON: Final = "linked by a person"
"""The rule of a link that nobody but a person decided."""


class LinkStatus(str, Enum):
    """Whether a link carries edits."""

    ACTIVE = "active"
    TOMBSTONE = "tombstone"
    SUSPENDED = "suspended"

    def __str__(self) -> str:
        return self.value


@frozen(kw_only=True)
class Sight:
    """What one side last showed of a linked record. It says where to look, never what changed.

    Attributes:
        created_at: The side's creation stamp; a hint against ids that were given out twice.
        stamp: The record's modification stamp when last seen.
        digest: Of all mapped values when last seen; None forces a comparison at the next look.
        archived: Whether the record was archived when last seen.
        written_stamp: The stamp in the answer to our own last write.
        written_at: When, by our clock, we last wrote; bounds how long the side may show older rows.
        missed: Complete full scans in a row that did not list a record which is still readable.
        mark: Of the very text of the listed row in which the digest was last seen (see `Page.marks`), or None.
    """

    created_at: datetime | None = None
    stamp: datetime | None = None
    digest: str | None = None
    archived: bool = False
    written_stamp: datetime | None = None
    written_at: datetime | None = None
    missed: int = 0
    mark: str | None = None


class Trace(NamedTuple):
    """What an active link with nothing open last showed on one side: all that is needed to pass over its row.

    A store derives it from the link.

    Attributes:
        number: The store's own number of the link, from 0; the same on both sides as long as the link stands.
        id: Of the record on that side.
        digest: Of all mapped values.
        archived: Whether the record was archived.
        stamp: The record's modification stamp, in microseconds since 1970.
        created: The side's creation stamp, likewise.
    """

    number: int
    id: str
    digest: str
    archived: bool
    stamp: int | None
    created: int | None


class Marked(NamedTuple):
    """A trace that is found by its mark: as little as it takes to pass over a row. A full scan makes one of every link.

    Attributes:
        number: As `Trace.number`.
        mark: Of the listed row.
        stamp: As `Trace.stamp`.
        created: As `Trace.created`.
    """

    number: int
    mark: str
    stamp: int | None
    created: int | None


def trace(number: int, link: Link, side: Side) -> Trace | None:
    """The trace of a link on one side; None if its row must be looked at whatever it shows."""
    sight = link.sight(side)
    if link.status is not LinkStatus.ACTIVE or link.open or sight.missed or sight.digest is None:
        return None
    return Trace(
        number=number,
        id=link.id_on(side),
        digest=sight.digest,
        archived=sight.archived,
        stamp=None if sight.stamp is None else microseconds(sight.stamp),
        created=None if sight.created_at is None else microseconds(sight.created_at),
    )


def marked(number: int, link: Link, side: Side) -> Marked | None:
    """The same as it is found by the mark of its row; None also if it has no mark."""
    found, mark = trace(number, link, side), link.sight(side).mark
    return None if found is None or mark is None else Marked(number, mark, found.stamp, found.created)


def microseconds(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(count: int) -> datetime:
    """The moment, in UTC, so many microseconds after the beginning of 1970."""
    return _EPOCH + timedelta(microseconds=count)


@frozen(kw_only=True)
class Link:
    """This Wave id and this PMS id are one customer.

    Attributes:
        wave_id: Unique among links.
        pms_id: Unique among links.
        status: Only an active link carries edits.
        reason: Why it is a tombstone or suspended, for people.
        open: Whether the agreement has a hold or a change not yet settled; then both sides are read together.
        revision: Grows with each change of the link or its agreement; an action planned on another one is stale.
        wave: What Wave last showed.
        pms: What the PMS last showed.
        rule: Why the two were linked.
        run_id: In which run.
    """

    wave_id: str
    pms_id: str
    status: LinkStatus = LinkStatus.ACTIVE
    reason: str = ""
    open: bool = False
    revision: int = 1
    wave: Sight = Sight()
    pms: Sight = Sight()
    rule: str = ""
    run_id: str = ""

    def sight(self, side: Side) -> Sight:
        """What that side last showed."""
        return self.wave if side is Side.WAVE else self.pms

    def id_on(self, side: Side) -> str:
        """The customer's id on that side."""
        return self.wave_id if side is Side.WAVE else self.pms_id

    def with_sight(self, side: Side, sight: Sight) -> Link:
        """The link, having seen this on that side."""
        return evolve(self, wave=sight) if side is Side.WAVE else evolve(self, pms=sight)


@frozen(kw_only=True)
class Baseline:
    """The raw value that each side itself reported when both last agreed on a field."""

    wave: object = field(repr=False)
    pms: object = field(repr=False)

    def on(self, side: Side) -> object:
        """The raw value that this side reported."""
        return self.wave if side is Side.WAVE else self.pms


_NOTHING: Final = Baseline(wave=None, pms=None)


def baseline(wave: object, pms: object) -> Baseline:
    """A baseline that takes little memory where there are many: both sides mostly report the same text, or nothing."""
    if wave is None and pms is None:
        return _NOTHING
    same = type(wave) is str and type(pms) is str and wave == pms
    return Baseline(wave=wave, pms=wave if same else pms)


class HoldReason(str, Enum):
    """Why a field group waits."""

    DISPUTE = "dispute"
    FIRST_MEETING = "first_meeting"
    DELETION = "deletion"
    REQUIRED = "required"
    CONVERSION = "conversion"
    REFUSED = "refused"
    FLIPS = "flips"
    REVERT = "revert"
    BRAKE = "brake"
    UNDONE = "undone"

    def __str__(self) -> str:
        return self.value


@frozen(kw_only=True)
class Choice:
    """What a person decided about a hold, valid only while both values are still those shown to them.

    Attributes:
        side: The side whose value shall win, or None if a third value was given.
        values: The third value: our shape, by field id.
        digest: Of both values that were shown.
    """

    side: Side | None = None
    values: Mapping[str, object] | None = field(default=None, repr=False)
    digest: str = ""


@frozen(kw_only=True)
class Hold:
    """A field group that is not carried until settled.

    Attributes:
        group: The field group; `"*"` is the whole record (an edit against a deletion).
        reason: Why it waits.
        detail: The reason in words, without values.
        wave: Raw values that Wave showed, by field id.
        pms: Raw values that the PMS showed, by field id.
        since: When it was first held.
        choice: A person's decision, carried out by the next run.
    """

    group: str
    reason: HoldReason
    detail: str = ""
    wave: Mapping[str, object] = field(factory=dict, repr=False)
    pms: Mapping[str, object] = field(factory=dict, repr=False)
    since: datetime | None = None
    choice: Choice | None = None

    @property
    def forgotten(self) -> bool:
        """Whether its values were forgotten; they stay so until one of them changes."""
        return any(isinstance(raw, Forgotten) for raw in (*self.wave.values(), *self.pms.values()))

    def on(self, side: Side) -> Mapping[str, object]:
        """The raw values of that side."""
        return self.wave if side is Side.WAVE else self.pms


@frozen(kw_only=True)
class ChangeStamp:
    """When a side first showed the value that a group has now.

    Attributes:
        digest: Of the group's value.
        stamp: The record's stamp in the scan that first saw it; None if that stamp proves nothing.
    """

    digest: str
    stamp: datetime | None = None


@frozen(kw_only=True)
class Flip:
    """How often a group went back to the value it had before (a third party writes, too).

    Attributes:
        count: Times in a row.
        digest: Of the value that our last carry replaced.
    """

    count: int = 0
    digest: str = ""


@frozen(kw_only=True)
class Agreement:
    """What two linked records last agreed on, and what they do not agree on now.

    Attributes:
        wave_id: The link it belongs to.
        baselines: By field id. A field without one has never been agreed on.
        previous: Baselines that our last writes replaced, by field id; they unmask rows that lag behind.
        holds: By field group.
        wave_changes: Change stamps of groups off their baseline on Wave, by group.
        pms_changes: The same for the PMS.
        flips: By field group.
        not_kept: Groups where a side did not keep what was written; both baselines stand as they are.
        unkept_by: By group, the side that did not keep it.
    """

    wave_id: str
    baselines: Mapping[str, Baseline] = field(default=_EMPTY, repr=False)
    previous: Mapping[str, Baseline] = field(default=_EMPTY, repr=False)
    holds: Mapping[str, Hold] = _EMPTY
    wave_changes: Mapping[str, ChangeStamp] = _EMPTY
    pms_changes: Mapping[str, ChangeStamp] = _EMPTY
    flips: Mapping[str, Flip] = _EMPTY
    not_kept: tuple[str, ...] = ()
    unkept_by: Mapping[str, Side] = _EMPTY

    @property
    def forgotten(self) -> bool:
        """Whether some baselines are digests only; then both sides must be read to judge the pair."""
        return any(type(b.wave) is Forgotten or type(b.pms) is Forgotten for b in self.baselines.values())

    def changes(self, side: Side) -> Mapping[str, ChangeStamp]:
        """The change stamps of that side."""
        return self.wave_changes if side is Side.WAVE else self.pms_changes
