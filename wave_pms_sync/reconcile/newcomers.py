"""Records without a link: recover lost creates, join, create what nobody stands for, ask about the rest."""

from __future__ import annotations

from typing import Final

from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Quarantined, QuarantineReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.creation import creation, holds
from wave_pms_sync.reconcile.matching import LOST_BEFORE, Stand, candidates, match, may_have_a_double
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.recovering import recover
from wave_pms_sync.reconcile.room import Newcomers, Room
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Newcomer, Origin, Presence, World


def decide_newcomers(world: World, shape: Shape, policy: Policy) -> Newcomers:
    """Decide all records without a link. Pure."""
    room = Room(world=world, shape=shape, policy=policy)
    recover(room)
    for ref, newcomer in sorted(world.newcomers.items()):
        known = newcomer.quarantined
        if known is not None and ref not in room.done and _unanswered(room, newcomer, known):
            room.found.quarantined[ref] = known
            room.done.add(ref)
    for joined in match(world, policy.match_on):
        if joined.wave.ref not in room.done and joined.pms.ref not in room.done:
            seen = {Side.WAVE: joined.wave.seen, Side.PMS: joined.pms.seen}
            room.join(seen, _ruled(f"matched by {joined.key}", joined.wave, joined.pms), {})
    for ref in sorted(world.newcomers):
        if ref not in room.done:
            _stand_alone(room, world.newcomers[ref])
    return room.found


def _ruled(rule: str, *newcomers: Newcomer) -> str:
    """The rule of a new link; it tells that a create of the customer was lost, since that may still land."""
    resting = [n.quarantined.reason for n in newcomers if n.quarantined is not None]
    return f"{rule} ({LOST_BEFORE})" if QuarantineReason.UNKNOWN in resting else rule


_STANDS: Final = {
    Stand.AMBIGUOUS: (QuarantineReason.AMBIGUOUS, "may correspond to records that the key does not single out"),
    Stand.TWIN: (QuarantineReason.TWIN, "shares a key with records that are linked already"),
    Stand.RECREATED: (
        QuarantineReason.RECREATED,
        "shares a key with the survivor of a deletion; if they are one customer, `unlink` that one and `link` the two",
    ),
}
_LEFT_OUT: Final = "may correspond to records that the scope leaves out"
_RESTING: Final = frozenset({QuarantineReason.REFUSED, QuarantineReason.UNKNOWN})


def _stand_alone(room: Room, newcomer: Newcomer) -> None:
    """Create a counterpart, or say why not."""
    seen = newcomer.seen
    why = _skip(newcomer)
    if why:
        room.found.skipped[newcomer.ref] = why
        return
    if newcomer.origin is Origin.ORPHAN:
        room.quarantine(seen, QuarantineReason.ORPHAN, "its external id names a Wave customer that is not there")
        return
    if newcomer.origin is Origin.COPY:
        linked = (newcomer.origin_id or "",)
        room.quarantine(seen, QuarantineReason.COPY, "its external id is that of a linked customer", linked)
        return
    near = candidates(room.world, newcomer, room.policy.match_on, room.partners)
    if near.stand is not Stand.NONE and _asks(room.policy, seen.side, near.stand):
        reason, text = _STANDS[near.stand]
        others = [room.world.newcomers.get((seen.side.other, record_id)) for record_id in near.ids]
        text = _LEFT_OUT if all(n is not None and n.seen.excluded for n in others) else text
        room.quarantine(seen, reason, f"{text} (by {near.key})", near.ids)
    elif not room.policy.creates_in(seen.side.other):
        room.found.skipped[newcomer.ref] = f"create_in does not allow a create in {seen.side.other.words}"
    elif seen.archived:
        room.found.skipped[newcomer.ref] = "archived"
    elif seen.side.other not in room.world.readable:
        room.found.unfinished[newcomer.ref] = f"{seen.side.other.words} has not been completely read"
    elif newcomer.unread:
        unread = ", ".join(newcomer.unread)
        room.quarantine(seen, QuarantineReason.INVALID, f"{unread}: cannot be read, and no other key says who it is")
    elif not _rests(room, newcomer):
        _create(room, newcomer)


def _asks(policy: Policy, side: Side, stand: Stand) -> bool:
    """Whether a record that may correspond to others rests.

    Where records are created in one direction only, the one that would be copied stands for the question.
    """
    return stand is Stand.RECREATED or policy.creates_in(side.other) or not policy.creates_in(side)


def _skip(newcomer: Newcomer) -> str:
    if newcomer.apart:
        return "apart: unlinked by a person"
    if newcomer.seen.excluded:
        return newcomer.seen.reason or "out of scope"
    return newcomer.seen.reason if newcomer.seen.presence is not Presence.SHOWN else ""


def no_counterpart(side: Side) -> str:
    """The rule by which a record was created in a side; its link keeps it."""
    return f"no counterpart in {side.words}"


def made_in(link: Link, side: Side) -> bool:
    """Whether a run created the record of an active link in this side."""
    return link.status is LinkStatus.ACTIVE and link.rule == no_counterpart(side)


def _rests(room: Room, newcomer: Newcomer) -> bool:
    """A refused record is not tried again before it or the mapping changes.

    One whose create was lost, or that may be what became of it, rests as long as the other stands there alone; one that
    may be what became of a linked customer's create rests until a person decides.
    """
    known = newcomer.quarantined
    if known is None:
        return False
    if known.reason in _RESTING and _unmoved(room, newcomer):
        room.found.quarantined[newcomer.ref] = known
        return True
    if _undecided(room, known):
        room.quarantine(newcomer.seen, known.reason, known.detail, known.candidates)
        return True
    return False


def _unmoved(room: Room, newcomer: Newcomer) -> bool:
    """Whether a record shows what it showed when it came to rest, and is looked at with the same eyes."""
    known = newcomer.quarantined
    return known is not None and (known.digest, known.mapping) == (newcomer.seen.digest, room.shape.fingerprint)


def _unanswered(room: Room, newcomer: Newcomer, known: Quarantined) -> bool:
    """Whether a person was asked what became of a lost create, and none of those concerned has moved since.

    No key answers for that person, though it may join them once one of them has moved.
    """
    if known.reason is not QuarantineReason.UNKNOWN or not _undecided(room, known):
        return False
    others = [room.world.newcomers.get((known.side.other, record_id)) for record_id in known.candidates]
    asked = [n for n in (newcomer, *others) if n is not None and n.quarantined is not None]
    return all(_unmoved(room, n) for n in asked)


def _undecided(room: Room, known: Quarantined) -> bool:
    """Whether nobody has said yet if this record and what may have become of a lost create are one customer."""
    if known.reason not in (QuarantineReason.UNKNOWN, QuarantineReason.TWIN) or not known.digest:
        return False
    others = [(known.side.other, record_id) for record_id in known.candidates]
    if known.reason is QuarantineReason.TWIN:
        return any((link := room.world.links.get(ref)) is not None and may_have_a_double(link) for ref in others)
    return any(
        ref not in room.partners and ref in room.world.newcomers and not room.world.newcomers[ref].apart
        for ref in others
    )


def _create(room: Room, newcomer: Newcomer) -> None:
    seen, side = newcomer.seen, newcomer.seen.side.other
    made = creation(room.shape, seen.side, room.shape.cells(seen.side, seen.raws or ()))
    if made.lacking:
        room.quarantine(seen, QuarantineReason.INVALID, "; ".join(made.lacking))
        return
    wave_id = seen.id if seen.side is Side.WAVE else None
    pms_id = seen.id if seen.side is Side.PMS else None
    create = Action(
        kind=ActionKind.CREATE,
        side=side,
        wave_id=wave_id,
        pms_id=pms_id,
        fields=made.fields,
        rule=_ruled(no_counterpart(side), newcomer),
        baselines=made.stays,
        precondition=seen.digest,
        requests={side.value: 1},
    )
    room.found.actions += [create, *holds(made, seen.side, seen.id)]
