"""What waits beside a plan: disputes for a person, and records that get no counterpart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from wave_pms_sync.model.fields import Forgotten
from wave_pms_sync.model.links import Agreement, Hold, HoldReason, Link
from wave_pms_sync.model.printable import one_line
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.shape import Shape


@frozen(kw_only=True)
class Dispute:
    """A held field group, for a person to settle with `Synchronizer.resolve`.

    Attributes:
        wave_id: The pair's Wave record.
        pms_id: The pair's PMS record.
        group: The field group; `"*"` is the whole record (an edit against a deletion).
        reason: Why it is held.
        detail: The reason in words, without values.
        wave: What Wave showed, by Wave property: in our shape, or as it stands where it cannot be converted.
        pms: What the PMS showed.
        agreed: What both last agreed on, as Wave shows it; empty at first meeting.
        since: When it was first held.
        chosen: Whether a decision is stored and waits for the next run.
        label: What people call the customer, as far as it is remembered.
    """

    wave_id: str
    pms_id: str
    group: str
    reason: HoldReason
    detail: str = ""
    wave: Mapping[str, object] = field(factory=dict, repr=False)
    pms: Mapping[str, object] = field(factory=dict, repr=False)
    agreed: Mapping[str, object] = field(factory=dict, repr=False)
    since: datetime | None = None
    chosen: bool = False
    label: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.group} of {one_line(self.wave_id)} / {one_line(self.pms_id)}: {self.detail}"


@frozen(kw_only=True)
class Skipped:
    """A record that gets no counterpart in this run, on purpose."""

    side: Side
    id: str
    reason: str


def dispute(link: Link, agreement: Agreement, hold: Hold, shape: Shape) -> Dispute:
    """A hold as a person sees it."""
    return Dispute(
        wave_id=link.wave_id,
        pms_id=link.pms_id,
        group=hold.group,
        reason=hold.reason,
        detail=hold.detail,
        wave=_values(shape, Side.WAVE, hold.wave),
        pms=_values(shape, Side.PMS, hold.pms),
        agreed=_values(shape, Side.WAVE, {n: b.wave for n, b in agreement.baselines.items() if n in hold.wave}),
        since=hold.since,
        chosen=hold.choice is not None,
        label=_label(agreement, hold, shape),
    )


def _label(agreement: Agreement, hold: Hold, shape: Shape) -> str:
    raws = {**{name: baseline.wave for name, baseline in agreement.baselines.items()}, **hold.wave}
    return str(_values(shape, Side.WAVE, raws).get("name") or "")


def _values(shape: Shape, side: Side, raws: Mapping[str, object]) -> dict[str, object]:
    """By Wave property; values that are forgotten are left out."""
    known = {n: raw for n, raw in raws.items() if n in shape.fields and not isinstance(raw, Forgotten)}
    return {shape.fields[n].name: shape.cell(side, n, raw).told for n, raw in known.items()}
