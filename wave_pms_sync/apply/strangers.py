"""Answers to a create that show somebody else: a wrong place for the id, or a side that writes over who is like it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from wave_pms_sync.apply.desk import Desk
from wave_pms_sync.apply.late_partners import taken
from wave_pms_sync.apply.proving import sent_keys
from wave_pms_sync.mapping.matching_keys import EXTERNAL_ID
from wave_pms_sync.model.fields import Cell, Forgotten
from wave_pms_sync.model.links import Agreement, Hold, HoldReason
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side


def is_stranger(desk: Desk, side: Side, intent: Intent, answer: Record, *, resends: bool) -> bool:
    """Whether the answer to a create shows somebody else: one who was there before, or shares no key."""
    if taken(desk, side, [answer.id]):
        return True
    if not resends and desk.book.known(side, answer.id) is not None:
        return True
    sent, shown = sent_keys(desk, intent, answer), set(desk.keys(side, answer))
    return bool(sent) and any(not key.startswith(EXTERNAL_ID) for key in shown) and not sent & shown


def hold_stranger(desk: Desk, side: Side, answer: Record) -> None:
    """Hold what a linked customer shows other than agreed on, for the create may have been written over them."""
    memory = desk.book.pair_of(side, answer.id)
    if memory is None:
        return
    link, agreement = memory
    shown = desk.shape.cells(side, desk.shape.raws(side, answer.payload))
    why = f"{side.words} answered another customer's create with this one, and may have written over it"
    holds = {
        group: _hold(desk, side, group, why, shown, agreement)
        for group in desk.shape.groups
        if group not in agreement.holds and _differs(desk, side, group, shown, agreement)
    }
    if holds:
        desk.book.commit(desk.book.put(link, evolve(agreement, holds={**agreement.holds, **holds})))


def _differs(desk: Desk, side: Side, group: str, shown: Mapping[str, Cell], agreement: Agreement) -> bool:
    """Whether something of a group is shown otherwise than it was agreed on."""
    agreed = {n: agreement.baselines[n].on(side) for n in desk.shape.groups[group] if n in agreement.baselines}
    return any(
        not shown[n].missing and not isinstance(raw, Forgotten) and not shown[n].same(desk.shape.cell(side, n, raw))
        for n, raw in agreed.items()
    )


def _hold(desk: Desk, side: Side, group: str, why: str, shown: Mapping[str, Cell], agreement: Agreement) -> Hold:
    names = [name for name in desk.shape.groups[group] if name in agreement.baselines]
    values = {
        side: {name: shown[name].raw for name in names},
        side.other: {name: agreement.baselines[name].on(side.other) for name in names},
    }
    return Hold(
        group=group,
        reason=HoldReason.DISPUTE,
        detail=why,
        wave=values[Side.WAVE],
        pms=values[Side.PMS],
        since=desk.book.now(),
    )
