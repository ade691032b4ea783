"""Creates whose outcome nobody knew, carried to an end: what their fate means for origin, newcomer and link."""

from __future__ import annotations

from typing import Final, NamedTuple

from attrs import evolve

from wave_pms_sync.model.links import Baseline
from wave_pms_sync.model.memory import Intent, QuarantineReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.lost_creates import Fate, Found, fate, is_needless, met_anew, suspects
from wave_pms_sync.reconcile.matching import SENT_AGAIN
from wave_pms_sync.reconcile.room import Room
from wave_pms_sync.reconcile.verdicts import about
from wave_pms_sync.reconcile.world import Newcomer, Pair, Presence, Seen


def recover(room: Room) -> None:
    """Settle all open creates, always in the same order."""
    intents: dict[str, tuple[Intent, Seen | None]] = {i.key: (i, None) for i in room.world.intents}
    intents |= {n.intent.key: (n.intent, n.seen) for n in room.world.newcomers.values() if n.intent is not None}
    spared: list[_Spared] = []
    for _, (intent, origin) in sorted(intents.items()):
        linked = next((p for p in room.world.pairs if p.link.id_on(intent.side.other) == intent.origin_id), None)
        seen = origin or (linked.seen(intent.side.other) if linked is not None else None)
        if linked is not None and is_needless(intent, linked):
            room.found.closed.append(intent.key)
            spared.append(_Spared(intent, QuarantineReason.TWIN, _DOUBLE, (linked.link.id_on(intent.side.other),)))
        elif seen is None or seen.presence is Presence.ABSENT:
            room.found.closed.append(intent.key)
            spared.append(_Spared(intent, QuarantineReason.UNKNOWN, _ORPHANED, ()))
        else:
            spared += _recover(room, intent, seen, linked)
    for one in spared:
        _spare(room, one)


class _Spared(NamedTuple):
    """What rests if it may have become of a create; without a reason it waits until that is known."""

    intent: Intent
    reason: QuarantineReason | None = None
    detail: str = "may be what became of a lost create"
    candidates: tuple[str, ...] = ()


_DOUBLE: Final = "may be what became of a lost create, whose customer is linked with another record"
_ORPHANED: Final = "may be what became of a lost create, whose customer is gone"
_ASKED: Final = "may be what became of a lost create; `link` the two if it is"


def _spare(room: Room, one: _Spared) -> None:
    """What may have become of a lost create is no newcomer to be given a counterpart."""
    if not room.policy.creates_in(one.intent.side.other):
        return
    for newcomer in suspects(one.intent, room.world, room.shape, room.policy, room.done):
        if one.reason is None:
            room.found.unfinished.setdefault(newcomer.ref, one.detail)
        else:
            room.quarantine(newcomer.seen, one.reason, one.detail, one.candidates)
        room.done.add(newcomer.ref)


def _recover(room: Room, intent: Intent, origin: Seen, linked: Pair | None) -> list[_Spared]:
    """One open create. Its origin is a newcomer, or has a link whose other record is gone and being made again."""
    room.done.add((intent.side.other, intent.origin_id))
    result = fate(intent, room.world, room.shape, room.policy, room.done)
    newcomer = room.world.newcomers.get((intent.side.other, intent.origin_id))
    asked = _Spared(intent, QuarantineReason.UNKNOWN, _ASKED, (intent.origin_id,))
    if newcomer is not None and newcomer.apart and result.fate is not Fate.WAIT:
        room.found.closed.append(intent.key)  # a person has unlinked it: nothing is sent again or linked by itself
        return [asked]
    if result.newcomer is not None and origin.raws is not None:
        _adopt(room, intent, origin, result.newcomer, linked)
        return []
    if result.fate is Fate.RESEND and origin.presence is not Presence.UNKNOWN:
        room.found.actions.append(_resend(room, intent, linked))
    elif result.fate is Fate.ASK:
        _ask(room, intent, origin, result, linked)
        return [asked]
    else:
        _wait(room, intent, result)
    return [_Spared(intent)]


def _adopt(room: Room, intent: Intent, origin: Seen, newcomer: Newcomer, linked: Pair | None) -> None:
    """Link the newcomer; its baselines are what was read, and what the origin showed when it was sent.

    What differs from what was sent is the side's own rendering, unless the newcomer was edited since: then
    those groups meet for the first time.
    """
    shown = room.shape.cells(intent.side, newcomer.seen.raws or ())
    sent = {n: room.shape.cell(Side.WAVE, n, value) for n, value in intent.values.items() if n in shown}
    edited = newcomer.seen.stamp is None or newcomer.seen.stamp != newcomer.seen.created_at
    other = {n for n, cell in sent.items() if not shown[n].missing and not shown[n].same(cell)}
    there = room.shape.cells(intent.side.other, origin.raws or ())
    # As after any create: what was not sent because the origin had nothing belongs to the side that filled it.
    together = {room.shape.fields[n].group for n in sent}
    filled = {n for n, c in there.items() if n not in sent and (c.empty or room.shape.fields[n].group in together)}
    anew = met_anew(intent, room.shape)
    baselines = {
        n: Baseline(**{intent.side.value: shown[n].raw, intent.side.other.value: intent.origin.get(n)})
        for n in (*sent, *sorted(filled))
        if n not in anew and not (edited and (n in other or (n in filled and not shown[n].empty)))
    }
    said = room.shape.cells(intent.side, room.shape.raws(intent.side, intent.body))
    lost = [n for n in sent if n in baselines and not shown[n].same(said[n])]
    unkept = {room.shape.fields[n].group: intent.side for n in lost}
    seen = {intent.side: newcomer.seen, intent.side.other: origin}
    old = linked.link if linked is not None else None
    rule = "a lost create was found" + (f" ({SENT_AGAIN})" if intent.cycles else "")
    room.join(seen, rule, baselines, unkept=unkept, made=intent, old=old)


def _resend(room: Room, intent: Intent, linked: Pair | None) -> Action:
    """The identical create again, under the same key."""
    fields = tuple(
        FieldChange(
            id=name,
            name=room.shape.fields[name].name,
            group=room.shape.fields[name].group,
            after=value,
            wave=intent.origin.get(name) if intent.side is Side.PMS else None,
            pms=intent.origin.get(name) if intent.side is Side.WAVE else None,
            rule="created",
        )
        for name, value in intent.values.items()
        if name in room.shape.fields
    )
    create = Action(
        kind=ActionKind.CREATE if linked is None else ActionKind.RECREATE,
        side=intent.side,
        wave_id=intent.origin_id if intent.side is Side.PMS else None,
        pms_id=intent.origin_id if intent.side is Side.WAVE else None,
        fields=fields,
        rule=f"{SENT_AGAIN}: never shown after the settle time and two looks",
        resends=True,
        requests={intent.side.value: 1},
    )
    return create if linked is None else about(linked.link, create)


def _ask(room: Room, intent: Intent, origin: Seen, result: Found, linked: Pair | None) -> None:
    """A person must look. The survivor of a deletion is left as it is: it is never made again by itself."""
    if linked is None:
        room.quarantine(origin, QuarantineReason.UNKNOWN, result.detail, result.candidates)
        room.found.closed.append(intent.key)
        return
    rule = f"gone from {intent.side.words}, and not made again: {result.detail}"
    tombstone = Action(kind=ActionKind.TOMBSTONE, rule=rule, detail=intent.side.value, settles=(intent.key,))
    room.found.actions.append(about(linked.link, tombstone))


def _wait(room: Room, intent: Intent, result: Found) -> None:
    room.found.unknown += 1
    room.found.unfinished[intent.side.other, intent.origin_id] = f"a create is lost: {result.detail}"
    if result.looked:
        room.found.intents.append(evolve(intent, looks=intent.looks + 1, looked_at=room.world.now))
