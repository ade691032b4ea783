"""What the link store remembers beside the links: the key index, intents, unfinished business, watermarks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final, TypeAlias

from attrs import field, frozen

from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.side import Side


@frozen(kw_only=True)
class SideState:
    """How far one side has been read.

    Attributes:
        watermark: Everything stamped up to here has been seen; None before the first listing with a stamp.
        listed_at: The side's own time (ours, if it does not say) when the newest stamp was first listed.
        confirmed: A later listing showed nothing newer, so the overlap need not be asked for again.
        full_scan_at: When the last complete full scan began, by our clock.
        indexed: The key index holds every record of this side.
        proven: A listing showed a record that this library had created there, so that the profile reads what it writes.
    """

    watermark: datetime | None = None
    listed_at: datetime | None = None
    confirmed: bool = False
    full_scan_at: datetime | None = None
    indexed: bool = False
    proven: bool = False


@frozen(kw_only=True)
class Tenant:
    """To which pair of accounts a store's content belongs, and how far each side has been read.

    Attributes:
        name: The tenant's name within the store.
        wave: Identity of the Wave account (endpoint and business).
        pms: Identity of the PMS (base URL and resource).
        lineage: Made at the first apply; tells a copy of this memory from another one.
        mapping: What the last run judged by: the fingerprint of each field, by its id, the marker, the match keys.
        scope: Id of the scope of the last run.
        wave_state: How far Wave has been read.
        pms_state: How far the PMS has been read.
    """

    name: str
    wave: str
    pms: str
    lineage: str = ""
    mapping: Mapping[str, str] = field(factory=dict)
    scope: str = ""
    wave_state: SideState = SideState()
    pms_state: SideState = SideState()

    def state(self, side: Side) -> SideState:
        """How far that side has been read."""
        return self.wave_state if side is Side.WAVE else self.pms_state


APART: Final = "apart"
"""The reason of records in the key index that a person unlinked."""


@frozen(kw_only=True)
class Known:
    """The key index: one record of a side, linked or not, by digests of its strong keys.

    Attributes:
        side: Whose record.
        id: Its id there.
        keys: `"email:DIGEST"` and so on; never a value.
        reason: Why a record without a partner has none (`"apart"`, `"archived"`, ...); empty for others.
    """

    side: Side
    id: str
    keys: tuple[str, ...] = ()
    reason: str = ""


@frozen(kw_only=True)
class Claim:
    """A PMS id that another tenant of the same store has linked. Derived, never put.

    Attributes:
        pms_id: The id.
        tenant: The other tenant's name.
        pms: Identity of the PMS that the other tenant is bound to; only a claim on the same PMS counts.
    """

    pms_id: str
    tenant: str
    pms: str


class IntentKind(str, Enum):
    """What was about to be written."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    DELETE = "delete"

    def __str__(self) -> str:
        return self.value


class IntentState(str, Enum):
    """How far a write got. What a dead run had planned counts as sent.

    `CONFIRMED` stays open only while a side has not yet shown what it confirmed. `OVERTAKEN` is an update that nobody
    saw done and nobody waits for; should it be carried out late, it is known again by its values.
    """

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    OVERTAKEN = "overtaken"

    def __str__(self) -> str:
        return self.value


@frozen(kw_only=True)
class Intent:
    """A remote write announced before it is sent. One open intent per origin record and kind; it never expires.

    Overtaken updates stand beside it, one of each run, until the settle time is over.

    Attributes:
        kind: What is written.
        side: Where it is written.
        origin_id: The record on the other side that the write comes from.
        record_id: The record written; of a create, the id under which its side accepted it without showing it, or None.
        values: What is written, in our shape, by field id.
        before: What the written side showed before, raw, by field id.
        origin: What the origin side showed, raw, by field id; the origin's baseline if the write is kept.
        body: The exact values handed to the client, in the side's read names.
        repeat_key: The idempotency key sent with it.
        newest: The highest creation stamp known on that side before sending, or the side's time then, if earlier.
        state: How far it got.
        announced_at: When, by our clock.
        answer_stamp: The record's stamp in the answer to our write.
        quiet_until: Set at a take-over: until then the records named here are left alone.
        looks: Separated looks that did not find the newcomer.
        looked_at: When the last of them was.
        cycles: How often a create was sent again; in how many runs that did other things an update was in vain.
        run_id: The run that announced it.
        undoes: What it takes back, in words, if it is an undo: then the group is held once it is shown.
    """

    kind: IntentKind
    side: Side
    origin_id: str
    record_id: str | None = None
    values: Mapping[str, object] = field(factory=dict, repr=False)
    before: Mapping[str, object] = field(factory=dict, repr=False)
    origin: Mapping[str, object] = field(factory=dict, repr=False)
    body: Mapping[str, object] = field(factory=dict, repr=False)
    repeat_key: str = ""
    newest: datetime | None = None
    state: IntentState = IntentState.PLANNED
    announced_at: datetime | None = None
    answer_stamp: datetime | None = None
    quiet_until: datetime | None = None
    looks: int = 0
    looked_at: datetime | None = None
    cycles: int = 0
    run_id: str = ""
    undoes: str = ""

    @property
    def key(self) -> str:
        """One open intent per origin record and kind, and one overtaken update of each run."""
        key = f"{self.kind}:{self.side.other}:{self.origin_id}"
        return f"{self.run_id}:{key}" if self.state is IntentState.OVERTAKEN else key


@frozen(kw_only=True)
class Unfinished:
    """A record to be read again whatever its stamp.

    Attributes:
        side: Whose record.
        id: Its id there.
        reason: Why, for people and reports.
    """

    side: Side
    id: str
    reason: str = ""


class QuarantineReason(str, Enum):
    """Why a record cannot be handled now."""

    AMBIGUOUS = "ambiguous"
    TWIN = "possible_twin"
    COPY = "copy"
    ORPHAN = "orphan"
    REFUSED = "refused"
    INVALID = "invalid"
    REUSED = "reused_id"
    RECREATED = "recreated"
    UNKNOWN = "unknown_create"

    def __str__(self) -> str:
        return self.value


@frozen(kw_only=True)
class Quarantined:
    """A record that rests until it, a candidate or the mapping changes, or until `retry`.

    Attributes:
        side: Whose record.
        id: Its id there.
        reason: The class of the reason.
        detail: The reason in words: ids, fields and codes, no values.
        digest: Of the record's mapped values when it was put here.
        mapping: Fingerprint of the mapping then.
        candidates: Ids on the other side that it may correspond to.
        since: When it was first put here.
    """

    side: Side
    id: str
    reason: QuarantineReason
    detail: str = ""
    digest: str = ""
    mapping: str = ""
    candidates: tuple[str, ...] = ()
    since: datetime | None = None


@frozen(kw_only=True)
class JournalField:
    """One field of a journal entry: in our shape, before and after, and what lost.

    Attributes:
        name: The Wave property.
        before: What the written side showed; for a hold: Wave's value.
        after: What was written; for a hold: the PMS's value.
        lost: What a rule replaced.
        id: The field's id.
    """

    name: str
    before: object = field(default=None, repr=False)
    after: object = field(default=None, repr=False)
    lost: object = field(default=None, repr=False)
    id: str = ""


@frozen(kw_only=True)
class JournalEntry:
    """One thing that was done. Append-only, but for values that are forgotten on request.

    Attributes:
        run_id: The run that did it.
        number: Its place in that run, from 1.
        at: When, by our clock.
        kind: The action's kind.
        outcome: What became of it.
        side: Where it was done, or None for a link change.
        wave_id: The Wave record, or None.
        pms_id: The PMS record, or None.
        rule: The rule that decided.
        fields: What it changed.
        group: The field group of a hold.
        detail: More in words: ids, fields and codes, no values.
        forgotten: Its values were erased; the names of the fields stay.
    """

    run_id: str
    number: int
    at: datetime
    kind: str
    outcome: str = "done"
    side: Side | None = None
    wave_id: str | None = None
    pms_id: str | None = None
    rule: str = ""
    fields: tuple[JournalField, ...] = ()
    group: str = ""
    detail: str = ""
    forgotten: bool = False


@frozen(kw_only=True)
class Lease:
    """The right to write for one tenant.

    Attributes:
        owner: Who holds it.
        token: Grows with each change of owner; the store refuses writes under an older one.
        renewed_at: When it was last renewed.
        expires_at: When anybody may take it over.
        dead_owner: The owner it was taken over from in this acquisition, or None.
        dead_renewed_at: When that owner last renewed it.
    """

    owner: str
    token: int
    renewed_at: datetime
    expires_at: datetime
    dead_owner: str | None = None
    dead_renewed_at: datetime | None = None


Entry: TypeAlias = Tenant | Link | Agreement | Known | Intent | Unfinished | Quarantined | JournalEntry
"""Everything a store keeps by `commit`."""


@frozen
class Put:
    """Store this entry, in place of the one with the same identity."""

    entry: Entry


@frozen
class Remove:
    """Forget the entry of this identity; forgetting what is not there is no error."""

    entry: Entry


Change: TypeAlias = Put | Remove
