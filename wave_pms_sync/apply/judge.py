"""Judge the answer to a write: what was kept, what came back as something else, what is not shown yet. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum, auto

from attrs import evolve, frozen

from wave_pms_sync.model.fields import Cell
from wave_pms_sync.model.links import Agreement, Baseline, Hold, HoldReason, Link
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, FieldChange
from wave_pms_sync.reconcile.rulings import seen_since
from wave_pms_sync.reconcile.shape import Shape


class Kept(Enum):
    """What a side made of a written group."""

    KEPT = auto()
    OTHERWISE = auto()
    BEFORE = auto()
    HIDDEN = auto()


def judge(shape: Shape, side: Side, changes: Sequence[FieldChange], cells: Mapping[str, Cell]) -> dict[str, Kept]:
    """Judge each written group by the record that the side showed after the write."""
    groups: dict[str, list[FieldChange]] = {}
    for change in changes:
        if change.id != MARKER:
            groups.setdefault(change.group, []).append(change)
    return {group: _judge(shape, side, found, cells) for group, found in groups.items()}


def _judge(shape: Shape, side: Side, changes: Sequence[FieldChange], cells: Mapping[str, Cell]) -> Kept:
    if any(cells[c.id].missing and c.after is not None for c in changes):
        return Kept.HIDDEN
    off = [c for c in changes if not cells[c.id].same(shape.cell(Side.WAVE, c.id, c.after))]
    if not off:
        return Kept.KEPT
    before = all(cells[c.id].same(shape.cell(side, c.id, c.raw(side))) for c in off)
    return Kept.BEFORE if before else Kept.OTHERWISE


@frozen(kw_only=True)
class After:
    """What is remembered after an update.

    Attributes:
        link: The link.
        agreement: Its agreement.
        not_kept: Groups that the side did not keep as written.
        pending: Groups that the side has not shown yet.
    """

    link: Link
    agreement: Agreement
    not_kept: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()


def remember(
    shape: Shape,
    link: Link,
    agreement: Agreement,
    side: Side,
    changes: Sequence[FieldChange],
    seen: Record,
    answer: Record,
    now: datetime,
    lag_s: float,
    *,
    undoes: str = "",
) -> After:
    """Move the baselines of the groups written to what the side answered; leave all others for the next look.

    What an undo gave back was not agreed on: unless both sides correspond now, its group is held.
    """
    raws = shape.raws(side, answer.payload)
    cells = shape.cells(side, raws)
    verdicts = judge(shape, side, changes, cells)
    pending = tuple(g for g, kept in verdicts.items() if kept is Kept.BEFORE and lag_s > 0)
    done = [c for c in changes if c.id != MARKER and c.group not in pending]
    not_kept = tuple(g for g, kept in verdicts.items() if kept is not Kept.KEPT and g not in pending)
    for group in dict.fromkeys(c.group for c in done if c.given):
        raws_given = {c.id: _shown(cells[c.id]) for c in done if c.group == group}
        agreement = _given(shape, agreement, side, group, raws_given)
    parted = _parted(shape, side, done, cells) if undoes else set()
    for group in sorted(parted):
        agreement = _held_undone(agreement, side, [c for c in done if c.group == group], cells, undoes, now)
    moved = [c for c in done if not c.given and c.group not in parted]
    carried = {c.id: _baseline(side, _shown(cells[c.id]), c.raw(side.other)) for c in moved}
    groups = {c.group for c in moved}
    agreement = evolve(
        agreement,
        baselines={**agreement.baselines, **carried},
        previous={**agreement.previous, **{n: agreement.baselines[n] for n in carried if n in agreement.baselines}},
        holds={g: hold for g, hold in agreement.holds.items() if g not in groups},
        wave_changes={g: s for g, s in agreement.wave_changes.items() if g not in groups},
        pms_changes={g: s for g, s in agreement.pms_changes.items() if g not in groups},
        not_kept=tuple(sorted({*[g for g in agreement.not_kept if g not in groups], *not_kept})),
        unkept_by={
            **{g: s for g, s in agreement.unkept_by.items() if g not in groups},
            **dict.fromkeys(not_kept, side),
        },
    )
    sight = evolve(link.sight(side), written_stamp=answer.modified_at, written_at=now, digest=None, mark=None)
    if not pending and _undisturbed(shape, link, side, {c.id for c in changes}, seen, answer):
        sight = evolve(sight, stamp=answer.modified_at, digest=shape.digest(raws))
    link = link.with_sight(side, sight)
    return After(link=link, agreement=agreement, not_kept=not_kept, pending=pending)


def _shown(cell: Cell) -> object:
    """What an answer shows of a written field; one that was cleared may be left out, and is empty then."""
    return None if cell.missing else cell.raw


def _baseline(side: Side, written: object, origin: object) -> Baseline:
    return Baseline(wave=written, pms=origin) if side is Side.WAVE else Baseline(wave=origin, pms=written)


def _given(shape: Shape, agreement: Agreement, side: Side, group: str, shown: Mapping[str, object]) -> Agreement:
    """A value from a person stands once both sides show it, or their own rendering; until then the hold stays."""
    hold = agreement.holds.get(group)
    if hold is None or hold.choice is None:
        return agreement
    values, hold = hold.choice.values or {}, seen_since(hold, side, shown)
    if group in agreement.not_kept or all(_shows(shape, hold, side.other, n, value) for n, value in values.items()):
        moved = {name: Baseline(wave=hold.wave.get(name), pms=hold.pms.get(name)) for name in values}
        holds = {g: h for g, h in agreement.holds.items() if g != group}
        return evolve(agreement, baselines={**agreement.baselines, **moved}, holds=holds)
    return evolve(agreement, holds={**agreement.holds, group: hold})


def _parted(shape: Shape, side: Side, done: Sequence[FieldChange], cells: Mapping[str, Cell]) -> set[str]:
    """The groups in which both sides differ after this write."""
    return {
        c.group
        for c in done
        if not shape.cell(side.other, c.id, c.raw(side.other)).same(_filled(shape, side, c, cells))
    }


def _filled(shape: Shape, side: Side, change: FieldChange, cells: Mapping[str, Cell]) -> Cell:
    return shape.cell(side, change.id, _shown(cells[change.id]))


def _held_undone(
    agreement: Agreement,
    side: Side,
    changes: Sequence[FieldChange],
    cells: Mapping[str, Cell],
    undoes: str,
    now: datetime,
) -> Agreement:
    """A group that was given back is held as both sides show it; what was agreed on stays, so that it reads as off."""
    group = changes[0].group
    known = agreement.holds.get(group)
    also = known.on(side.other) if known is not None and known.detail == undoes else {}
    shown = {
        side: {c.id: _shown(cells[c.id]) for c in changes},
        side.other: {c.id: also.get(c.id, c.raw(side.other)) for c in changes},
    }
    hold = Hold(
        group=group, reason=HoldReason.UNDONE, detail=undoes, wave=shown[Side.WAVE], pms=shown[Side.PMS], since=now
    )
    replaced = {c.id: agreement.baselines[c.id] for c in changes if c.id in agreement.baselines}
    return evolve(agreement, holds={**agreement.holds, group: hold}, previous={**agreement.previous, **replaced})


def _shows(shape: Shape, hold: Hold, side: Side, name: str, value: object) -> bool:
    return shape.cell(side, name, hold.on(side).get(name)).same(shape.cell(Side.WAVE, name, value))


def _undisturbed(shape: Shape, link: Link, side: Side, written: set[str], seen: Record, answer: Record) -> bool:
    """Whether nobody touched the record since this run's look: only then does the answer show nothing unseen."""
    before, after = shape.raws(side, seen.payload), shape.raws(side, answer.payload)
    if shape.digest(before) != link.sight(side).digest:
        return False
    old, new = shape.cells(side, before), shape.cells(side, after)
    return all(name in written or new[name].same(old[name]) for name in new)
