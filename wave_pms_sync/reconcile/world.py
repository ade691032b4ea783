"""What a run knows when it decides: the store's memory and both sides' answers, as values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from attrs import field, frozen

from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Intent, Quarantined, Tenant
from wave_pms_sync.model.records import Abilities
from wave_pms_sync.model.side import Side


class Presence(str, Enum):
    """Whether and how a side shows a record in this run."""

    SHOWN = "shown"
    AS_BEFORE = "as before"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Seen:
    """What one side shows of one record in this run.

    Attributes:
        side: Whose record.
        id: Its id there.
        presence: `AS_BEFORE`: not listed by an incremental listing, or listed with what was last seen.
        raws: The raw values in the mapping's order; None unless shown, or out of scope and without a link.
        digest: Of the raw values.
        mark: Of the text of the listed row that showed it, or None.
        stamp: Modification stamp.
        created_at: Creation stamp.
        archived: Hidden but not gone.
        excluded: Out of scope; then the record is unknown.
        listed: A listing showed it in this run; a single read does not prove that it is listed.
        missed: Complete full scans in a row that did not list it, this one included.
        uncounted: The last of them did not say how many records there are.
        unread: It was asked for by id, and no sense could be made of what came back; it may well be there.
        reason: Why it is unknown, for people.
    """

    side: Side
    id: str
    presence: Presence = Presence.SHOWN
    raws: tuple[object, ...] | None = field(default=None, repr=False)
    digest: str = ""
    mark: str | None = None
    stamp: datetime | None = None
    created_at: datetime | None = None
    archived: bool = False
    excluded: bool = False
    listed: bool = False
    missed: int = 0
    uncounted: bool = False
    unread: bool = False
    reason: str = ""

    @property
    def not_there(self) -> bool:
        """Whether it was asked for and not found, be that evidence enough or not."""
        unfound = self.presence is Presence.UNKNOWN and not (self.excluded or self.missed or self.unread)
        return unfound or self.presence is Presence.ABSENT


@frozen(kw_only=True)
class Pair:
    """A link with its memory and what both sides show now.

    Attributes:
        link: The link.
        agreement: Its agreement.
        wave: What Wave shows.
        pms: What the PMS shows.
        intents: Open writes announced for it.
        replaced: Where the one record is gone, that side shows a record without a link that may stand for it.
        merged_into: Where the one record is gone: another one of that side that shows everything it had shown.
        remapped: Fields that are new to the mapping, or mapped otherwise, since the last run that saw everything.
        remark: The Wave id is to be noted in another property since then.
    """

    link: Link
    agreement: Agreement
    wave: Seen
    pms: Seen
    intents: tuple[Intent, ...] = ()
    replaced: bool = False
    merged_into: str = ""
    remapped: frozenset[str] = frozenset()
    remark: bool = False

    def seen(self, side: Side) -> Seen:
        """What that side shows."""
        return self.wave if side is Side.WAVE else self.pms

    def went_back(self, side: Side) -> bool:
        """Whether a side shows the record under an older stamp than before; stamps may be shown rounded to a second."""
        shown, known = self.seen(side).stamp, self.link.sight(side).stamp
        return shown is not None and known is not None and known - shown > timedelta(seconds=1)


@frozen(kw_only=True)
class Listing:
    """What the listing of one side is worth as evidence.

    Attributes:
        full: Everything was asked for.
        complete: The counts agree, so what is not shown is not listed.
        counted: The side said how many records there are.
        began_at: The side's time when the first page was answered (ours if it does not say).
        newest: The highest modification stamp shown.
        newest_created: The highest creation stamp shown.
        rows: How many distinct records were shown.
        deleted: How many of them were reported as deleted.
        problem: Why it is not complete, in words.
        asked: Whether the side was listed at all in this run.
        retry_after_s: How long the side asked us to wait when it was not listed any further, or None.
    """

    full: bool = True
    complete: bool = False
    counted: bool = False
    began_at: datetime | None = None
    newest: datetime | None = None
    newest_created: datetime | None = None
    rows: int = 0
    deleted: int = 0
    problem: str = ""
    asked: bool = True
    retry_after_s: float | None = None

    @property
    def living(self) -> int:
        """How many records were shown that are not reported as deleted."""
        return self.rows - self.deleted


class Origin(str, Enum):
    """What the marker in a PMS record says about where it comes from."""

    NONE = "none"
    OURS = "ours"
    COPY = "copy"
    ORPHAN = "orphan"
    FOREIGN = "foreign"


@frozen(kw_only=True)
class Newcomer:
    """A record without a link that this run looks at.

    Attributes:
        seen: What the side shows.
        keys: Digests of its strong keys, by key name.
        origin: What a PMS record's marker says; `NONE` on Wave.
        origin_id: The Wave id in the marker, or None.
        intent: The open create that was announced for it, or None.
        quarantined: Its present quarantine, or None.
        apart: A person said that it belongs to nobody.
        unread: Strong keys with a value that cannot be read, if it has none that can: nobody knows whose it is.
    """

    seen: Seen
    keys: Mapping[str, str]
    origin: Origin = Origin.NONE
    origin_id: str | None = None
    intent: Intent | None = None
    quarantined: Quarantined | None = None
    apart: bool = False
    unread: tuple[str, ...] = ()

    @property
    def ref(self) -> tuple[Side, str]:
        """Side and id."""
        return self.seen.side, self.seen.id


Ref = tuple[Side, str]


@frozen(kw_only=True)
class World:
    """Everything that a plan is a function of, beside mapping and policy.

    Attributes:
        now: When the run began, by our clock.
        run_id: Names the run.
        tenant: The store's tenant; None before the first apply.
        abilities: What each side can do.
        listings: What was listed, by side.
        readable: Sides that were completely read, this run or behind the key index.
        pairs: Links that need a look.
        newcomers: Records without a link, by side and id.
        holders: Records known to hold a key, linked or not, by side and `"name:digest"`.
        links: The links of holders, and of those that resting newcomers may stand for, by side and id.
        link_count: Linked pairs before this run.
        known_count: Records in the key index before this run, by side; counted where a side showed none alive.
        proven: Sides that listed, in this run, a record which an earlier run had created there.
        unshown: Records that earlier runs created and a complete listing shows none of, by side.
        intents: Open creates whose origin is not shown in this run.
        standing: Held links that this run does not look at.
        resting: Quarantine that this run does not look at.
        unchanged: Linked pairs looked at that need nothing.
    """

    now: datetime
    run_id: str
    tenant: Tenant | None
    abilities: Mapping[Side, Abilities]
    listings: Mapping[Side, Listing]
    readable: frozenset[Side] = frozenset()
    pairs: tuple[Pair, ...] = ()
    newcomers: Mapping[Ref, Newcomer] = field(factory=dict)
    holders: Mapping[tuple[Side, str], frozenset[str]] = field(factory=dict)
    links: Mapping[Ref, Link] = field(factory=dict)
    link_count: int = 0
    known_count: Mapping[Side, int] = field(factory=dict)
    proven: frozenset[Side] = frozenset()
    unshown: Mapping[Side, int] = field(factory=dict)
    intents: tuple[Intent, ...] = ()
    standing: tuple[tuple[Link, Agreement], ...] = ()
    resting: tuple[Quarantined, ...] = ()
    unchanged: int = 0
