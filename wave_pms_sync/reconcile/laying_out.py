"""Lay a linked pair on the table: read both sides into cells, settle our own open writes, say what cannot be judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from wave_pms_sync.model.fields import Cell
from wave_pms_sync.model.links import Baseline, HoldReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.cells import Cells
from wave_pms_sync.reconcile.own_writes import over, settle_writes
from wave_pms_sync.reconcile.remapping import void
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.view import View, recall
from wave_pms_sync.reconcile.world import Pair, Presence, Seen


def lay_out(pair: Pair, shape: Shape, lag_s: float, now: datetime, settle_s: float = 0) -> View:
    """Read both sides into cells, then settle the pair's open writes.

    Args:
        pair: The link, its memory, and what both sides show.
        shape: The mapping.
        lag_s: How long a side may show what was there before a write that it confirmed.
        now: When, by our clock.
        settle_s: How long an undo of unknown outcome, or an overtaken update, may still arrive.
    """
    view = View(pair=pair, shape=shape, settle_s=settle_s, void=set(void(pair, shape)))
    agreed = {name: baseline for name, baseline in pair.agreement.baselines.items() if name in shape.fields}
    for side in Side:
        view.base[side], view.cells[side] = _both_cells(shape, pair.seen(side), agreed)
    settle_writes(view, lag_s, now)
    return view


def _both_cells(shape: Shape, seen: Seen, agreed: Mapping[str, Baseline]) -> tuple[Cells, Cells]:
    """What a side showed when both last agreed, and what it shows now."""
    side, raws = seen.side, seen.raws
    if raws is None:
        make = cache(lambda name: recall(shape, side, name, agreed[name].on(side), None))
        return Cells(agreed, make), Cells(agreed, make)
    values = dict(zip(shape.fields, raws, strict=False))  # the marker, last of the raws, is no field
    shown = Cells(values, lambda name: shape.cell(side, name, values[name]))
    return Cells(agreed, lambda name: recall(shape, side, name, agreed[name].on(side), shown.get(name))), shown


def doubt(view: View, lag_s: float, now: datetime) -> str:
    """Why this pair cannot be judged now, in words; empty if it can."""
    for side in Side:
        seen = view.pair.seen(side)
        if seen.excluded:
            return f"out of scope in {side.words}"
        if seen.presence is Presence.UNKNOWN:
            return seen.reason or f"{side.words} could not be read"
        if seen.presence is Presence.SHOWN and _stale(view, side, lag_s, now):
            return f"{side.words} still shows what was there before our write"
    if any(i.quiet_until is not None and i.quiet_until > now for i in view.pair.intents):
        return "a run that was cut short may still be writing"
    return ""


def _stale(view: View, side: Side, lag_s: float, now: datetime) -> bool:
    """Within the lag allowance, a row older than our own write, or one that shows what our write replaced."""
    sight, seen = view.pair.link.sight(side), view.pair.seen(side)
    if over(sight.written_at, lag_s, now):
        return False
    if seen.stamp is not None and sight.written_stamp is not None:
        return seen.stamp < sight.written_stamp
    replaced = view.pair.agreement.previous
    return any(
        name in replaced
        and not cell.missing
        and not cell.same(_expected(view, side, name))
        and cell.same(view.shape.cell(side, name, replaced[name].on(side)))
        for name, cell in view.cells[side].items()
        if name in view.base[side]
    )


def _expected(view: View, side: Side, name: str) -> Cell:
    """What a side shows if nothing happened: what was agreed on, or what our undo gave back."""
    hold = view.pair.agreement.holds.get(view.shape.fields[name].group)
    if hold is not None and hold.reason is HoldReason.UNDONE and name in hold.on(side):
        return recall(view.shape, side, name, hold.on(side)[name], view.cells[side].get(name))
    return view.base[side][name]
