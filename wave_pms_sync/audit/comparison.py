"""Whether a listed row needs a closer look: it does not where both sides show what they agreed on, value for value.

A row is laid beside what its side reported when both last agreed, and the two reports beside each other. Where all
of it corresponds nothing of the row is kept, so that memory grows only with what stands out.
"""

from __future__ import annotations

from datetime import datetime

from attrs import define, field

from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkReader
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Ref, Seen
from wave_pms_sync.survey.ground import Ground
from wave_pms_sync.survey.listings import asked_since


@define(kw_only=True)
class Comparison:
    """Compares the rows of linked records with their agreement.

    Attributes:
        reader: The store.
        shape: The mapping.
        marks: The PMS keeps our mark of origin.
        agreeing: Wave ids of links whose remembered values correspond; each is compared once.
    """

    reader: LinkReader
    shape: Shape
    marks: bool
    agreeing: set[str] = field(factory=set)

    def agrees(self, side: Side, seen: Seen, link: Link) -> bool:
        """Whether a row shows what was agreed on, and that corresponds on both sides."""
        found = self.reader.find(Agreement, "wave_id", [link.wave_id])
        if not found or not self._marked(side, seen, link):
            return False
        if found[0].forgotten:  # digests are compared in the closer look, where both sides are at hand
            return False
        return self._unchanged(side, seen, found[0]) and self._corresponding(found[0])

    def _marked(self, side: Side, seen: Seen, link: Link) -> bool:
        return side is Side.WAVE or not self.marks or (bool(seen.raws) and mark_of(seen) == link.wave_id)

    def _unchanged(self, side: Side, seen: Seen, agreement: Agreement) -> bool:
        for name, raw in zip(self.shape.fields, seen.raws or (), strict=False):
            baseline = agreement.baselines.get(name)
            if baseline is None:
                return False
            agreed = baseline.on(side)
            if raw is MISSING or (raw == agreed and type(raw) is type(agreed)):
                continue
            if not self.shape.cell(side, name, raw).same(self.shape.cell(side, name, agreed)):
                return False
        return True

    def _corresponding(self, agreement: Agreement) -> bool:
        if agreement.wave_id not in self.agreeing:
            for name in self.shape.fields:
                baseline = agreement.baselines[name]
                wave, pms = (self.shape.cell(side, name, baseline.on(side)) for side in Side)
                if not wave.same(pms):
                    return False
            self.agreeing.add(agreement.wave_id)
        return True


def mark_of(seen: Seen) -> str:
    """The Wave id noted in a PMS record; empty if there is none."""
    raw = seen.raws[-1] if seen.raws else None
    return "" if raw is MISSING or raw is None else str(raw).strip()


@define(kw_only=True)
class Foresight:
    """What the next ordinary run will look at by itself.

    Attributes:
        ground: The ground of the audit.
        since: Since when that run will ask, by side; None: for everything.
    """

    ground: Ground
    since: dict[Side, datetime | None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.since = {side: asked_since(self.ground, side, full=False) for side in Side}

    def sees(self, seen: Seen) -> bool:
        """Whether the next run looks at this record."""
        ref: Ref = (seen.side, seen.id)
        since = self.since[seen.side]
        if since is None or ref in self.ground.memory.left_over or ref in self.ground.memory.announced:
            return True
        return seen.stamp is not None and seen.stamp >= since
