"""First-meeting pairing: strong keys, one to one, never transitive.

A key joins two records without a link only if no other record of either side, linked or not, holds it,
and no stronger key contradicts it. Everything else is for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Final

from attrs import frozen

from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.world import Newcomer, Origin, Presence, Ref, World

SENT_AGAIN: Final = "a lost create is sent again"
"""In the rule of a link: its record was sent more than once, so that a second one of it may still land."""
LOST_BEFORE: Final = "a create was lost before"
"""In the rule of a link that was not made by a create of which nobody knows what became of it: it may still land."""


@frozen(kw_only=True)
class Match:
    """Two records that a key joins."""

    wave: Newcomer
    pms: Newcomer
    key: str


class Stand(Enum):
    """How the candidates of a record stand to it."""

    NONE = auto()
    AMBIGUOUS = auto()
    TWIN = auto()
    RECREATED = auto()


@frozen(kw_only=True)
class Candidates:
    """The records on the other side that a record may correspond to, and does not link with."""

    stand: Stand
    ids: tuple[str, ...] = ()
    key: str = ""


def match(world: World, names: Sequence[str]) -> tuple[Match, ...]:
    """Join what unique keys join, strongest key first."""
    free = {ref: n for ref, n in world.newcomers.items() if _joinable(n)}
    matches: list[Match] = []
    for place, name in enumerate(names):
        for ref, wave in sorted(free.items()):
            if ref[0] is not Side.WAVE or name not in wave.keys:
                continue
            pms = _only_holder(world, wave, name, free)
            if pms is not None and not _contradicted(wave, pms, names[:place]):
                matches.append(Match(wave=wave, pms=pms, key=name))
        for found in matches:
            free.pop(found.wave.ref, None)
            free.pop(found.pms.ref, None)
    return tuple(matches)


def _joinable(newcomer: Newcomer) -> bool:
    return (
        not newcomer.apart
        and newcomer.intent is None
        and newcomer.origin not in (Origin.COPY, Origin.ORPHAN)
        and newcomer.seen.presence is Presence.SHOWN
        and not newcomer.seen.excluded
    )


def _only_holder(world: World, wave: Newcomer, name: str, free: Mapping[Ref, Newcomer]) -> Newcomer | None:
    """The one record of the PMS that holds this key, if this record is the only one of Wave that does."""
    key = f"{name}:{wave.keys[name]}"
    here = world.holders.get((Side.WAVE, key), frozenset())
    there = world.holders.get((Side.PMS, key), frozenset())
    if here - {wave.seen.id} or len(there) != 1:
        return None
    return free.get((Side.PMS, next(iter(there))))


def _contradicted(wave: Newcomer, pms: Newcomer, stronger: Sequence[str]) -> bool:
    return any(name in wave.keys and name in pms.keys and wave.keys[name] != pms.keys[name] for name in stronger)


def candidates(world: World, newcomer: Newcomer, names: Sequence[str], partners: Mapping[Ref, str]) -> Candidates:
    """Who stands in the way of creating a counterpart for this record.

    Args:
        world: What is known.
        newcomer: A record that did not link.
        names: Strong keys, strongest first.
        partners: The id on the other side of records that have a partner, joined by this plan or before.
    """
    side, other = newcomer.seen.side, newcomer.seen.side.other
    loose: list[str] = []
    taken: list[str] = []
    by = ""
    for name in names:
        if name not in newcomer.keys:
            continue
        key = f"{name}:{newcomer.keys[name]}"
        there = world.holders.get((other, key), frozenset())
        free = sorted(i for i in there if (other, i) not in partners)
        here = world.holders.get((side, key), frozenset()) - {newcomer.seen.id}
        shared = any(partners.get((other, i)) in here for i in there) and not _landed_late(world, newcomer, here)
        loose += [i for i in free if i not in loose]
        taken += [] if free or shared else sorted(i for i in there if i not in taken)
        by = by or (name if free or (there and not shared) else "")
    if loose:
        return Candidates(stand=Stand.AMBIGUOUS, ids=tuple(loose), key=by)
    if taken:
        gone = any(_widowed(world, other, i) for i in taken)
        return Candidates(stand=Stand.RECREATED if gone else Stand.TWIN, ids=tuple(taken), key=by)
    return Candidates(stand=Stand.NONE)


def _landed_late(world: World, newcomer: Newcomer, here: frozenset[str]) -> bool:
    """Whether a pair with a record of this side, in which either has this name, was sent more than it shows."""
    side, name = newcomer.seen.side, f"name:{newcomer.keys.get('name')}"
    return any(
        any(link.id_on(at) in world.holders.get((at, name), frozenset()) for at in Side)
        for i in here
        if (link := world.links.get((side, i))) is not None and may_have_a_double(link)
    )


def may_have_a_double(link: Link) -> bool:
    """Whether more was sent for a pair than it shows, so that a second record of one customer may be there."""
    return SENT_AGAIN in link.rule or LOST_BEFORE in link.rule


def _widowed(world: World, side: Side, record_id: str) -> bool:
    """Whether the partner of a linked record is gone, be it that this very run finds it so."""
    link = world.links.get((side, record_id))
    if link is None:
        return False
    if link.status is not LinkStatus.ACTIVE:
        return True
    pair = next((pair for pair in world.pairs if pair.link.wave_id == link.wave_id), None)
    return pair is not None and pair.seen(side.other).presence is Presence.ABSENT
