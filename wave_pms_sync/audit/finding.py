"""One thing that an audit found, and whether something explains it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from wave_pms_sync.model.links import Link


class Standing(str, Enum):
    """Whether something explains a finding."""

    UNEXPLAINED = "unexplained"
    PENDING = "pending"
    EXPLAINED = "explained"

    def __str__(self) -> str:
        return self.value


class Kind(str, Enum):
    """What was found."""

    DRIFT = "drift"
    EDIT = "edit"
    HELD = "held"
    NOT_KEPT = "not_kept"
    ONE_WAY = "one_way"
    GONE = "gone"
    TOMBSTONE = "tombstone"
    SUSPENDED = "suspended"
    LEFT_OUT = "left_out"
    MARK = "mark"
    TWIN = "twin"
    COPY = "copy"
    ORPHAN = "orphan"
    FOREIGN = "foreign_mark"
    QUARANTINED = "quarantined"
    UNLINKED = "unlinked"
    APART = "apart"
    TWO_LINKS = "two_links"
    LEASE = "lease"
    OPEN_WRITE = "open_write"
    UNFINISHED = "unfinished"
    WATERMARK = "watermark"
    SETTINGS = "settings"
    INCOMPLETE = "incomplete"

    def __str__(self) -> str:
        return self.value


@frozen(kw_only=True)
class Finding:
    """One thing that an audit found.

    Attributes:
        kind: What it is.
        standing: `UNEXPLAINED`; `PENDING`: the next run deals with it; `EXPLAINED`: it waits for a person, or is so
            on purpose.
        words: What was found, in words without values.
        advice: What to do; empty if nothing is to be done.
        wave_id: The Wave record, or None.
        pms_id: The PMS record, or None.
        others: Ids of further records that it is about.
        fields: The Wave properties that differ.
        wave: What Wave shows of them, in our shape, by Wave property.
        pms: What the PMS shows of them.
        label: What people call the customer, as far as it was seen.
    """

    kind: Kind
    standing: Standing
    words: str
    advice: str = ""
    wave_id: str | None = None
    pms_id: str | None = None
    others: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    wave: Mapping[str, object] = field(factory=dict, repr=False)
    pms: Mapping[str, object] = field(factory=dict, repr=False)
    label: str = field(default="", repr=False)

    def __str__(self) -> str:
        ids = " / ".join(i for i in (self.wave_id, self.pms_id, *self.others) if i)
        about = ": ".join(part for part in (ids, ", ".join(self.fields), self.words) if part)
        return f"{self.kind}: {about}" + (f" -> {self.advice}" if self.advice else "")


def of_link(
    link: Link, kind: Kind, standing: Standing, words: str, advice: str = "", others: tuple[str, ...] = ()
) -> Finding:
    """A finding about a linked pair; the parameters are those of `Finding`."""
    return Finding(
        kind=kind,
        standing=standing,
        words=words,
        advice=advice,
        wave_id=link.wave_id,
        pms_id=link.pms_id,
        others=others,
    )
