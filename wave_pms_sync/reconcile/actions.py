"""What a plan consists of: one remote write or one link change each, with the rule that decided."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from attrs import field, frozen

from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.links import Baseline, HoldReason
from wave_pms_sync.model.side import Side


class ActionKind(str, Enum):
    """What an action does. The first group writes to a side, the second to the link store only."""

    CREATE = "create"
    RECREATE = "recreate"
    UPDATE = "update"
    ARCHIVE = "archive"
    DELETE = "delete"

    LINK = "link"
    RELINK = "relink"
    AGREE = "agree"
    HOLD = "hold"
    RELEASE = "release"
    TOMBSTONE = "tombstone"
    SUSPEND = "suspend"

    @property
    def remote(self) -> bool:
        """Whether it writes to a side."""
        return self in REMOTE

    def __str__(self) -> str:
        return self.value


REMOTE: Final = frozenset(
    {ActionKind.CREATE, ActionKind.RECREATE, ActionKind.UPDATE, ActionKind.ARCHIVE, ActionKind.DELETE}
)

MARKER: Final = "external id"
"""The name of the pseudo-field by which the engine notes the Wave id in a PMS record."""


@frozen(kw_only=True)
class FieldChange:
    """One field of an action.

    Attributes:
        id: The field's id.
        name: The Wave property.
        group: Its field group.
        before: What the written side shows, in our shape; for a hold: Wave's value.
        after: What is written, in our shape; for a hold: the PMS's value.
        wave: Wave's raw value when planned.
        pms: The PMS's raw value when planned.
        rule: The rule that decided.
        given: A person gave this value; it goes to both sides.
    """

    id: str
    name: str
    group: str
    before: object = field(default=None, repr=False)
    after: object = field(default=None, repr=False)
    wave: object = field(default=None, repr=False)
    pms: object = field(default=None, repr=False)
    rule: str = ""
    given: bool = False

    def raw(self, side: Side) -> object:
        """The raw value on that side when planned."""
        return self.wave if side is Side.WAVE else self.pms


@frozen(kw_only=True)
class Action:
    """One thing to do.

    Attributes:
        kind: What it does.
        side: The side written; None for a link change.
        wave_id: The Wave record; None if it is still to be created.
        pms_id: The PMS record; None if it is still to be created.
        fields: What changes, with before and after.
        rule: The rule that decided.
        detail: More about why, without values.
        group: The group of a hold or release.
        hold: Why a group is held.
        baselines: What both sides agree on from now, by field id.
        revision: The link's revision when planned; 0 for a link that does not exist yet.
        precondition: Digest of what both sides showed when planned.
        unkept: Groups that a side did not keep as written, with that side.
        settles: Keys of open intents that this action settles.
        resends: The create was announced before; this sends the identical one again.
        retires: The record is retired because its counterpart is gone.
        label: What people call the customer.
        requests: What it will cost, by side.
    """

    kind: ActionKind
    side: Side | None = None
    wave_id: str | None = None
    pms_id: str | None = None
    fields: tuple[FieldChange, ...] = ()
    rule: str = ""
    detail: str = ""
    group: str = ""
    hold: HoldReason | None = None
    baselines: Mapping[str, Baseline] = field(factory=dict, repr=False)
    revision: int = 0
    precondition: str = ""
    unkept: Mapping[str, Side] = field(factory=dict)
    settles: tuple[str, ...] = ()
    resends: bool = False
    retires: bool = False
    label: str = field(default="", repr=False)
    requests: Mapping[str, int] = field(factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids concerned."""
        return tuple(i for i in (self.wave_id, self.pms_id) if i is not None)

    @property
    def key(self) -> tuple[str | None, str | None]:
        """Both ids."""
        return self.wave_id, self.pms_id

    def id_on(self, side: Side) -> str | None:
        """The record's id on that side."""
        return self.wave_id if side is Side.WAVE else self.pms_id

    @property
    def fingerprint(self) -> str:
        """Recognises the same action: what, where, to which values, on which evidence. No times, no run ids."""
        changes = [(c.id, c.after, c.wave, c.pms, c.rule) for c in self.fields]
        moved = {name: (b.wave, b.pms) for name, b in self.baselines.items()}
        return digest([self.kind, self.side, self.key, self.rule, self.group, changes, moved, self.precondition])

    def __str__(self) -> str:
        where = f" in {self.side}" if self.side else ""
        names = ", ".join(c.name for c in self.fields)
        ids = " / ".join(self.ids)
        return f"{self.kind}{where} {ids}" + (f" ({names})" if names else "") + f": {self.rule}"
