"""What was decided for one pair, and the small pieces that every decision is made of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from attrs import evolve, frozen

from wave_pms_sync.model.links import Agreement, Hold, Link
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action
from wave_pms_sync.reconcile.landed import Landed
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.view import recall
from wave_pms_sync.reconcile.world import Pair, Presence, Seen

WHOLE: Final = "*"
"""The group name of a hold on the whole record: an edit against a deletion."""


@frozen(kw_only=True)
class Verdicts:
    """What was decided for one pair.

    Attributes:
        link: The link as the look leaves it (stamps, digests), before any action.
        agreement: The same for its agreement (change stamps, refreshed holds, flips).
        actions: What is to be done, in order.
        holds: The holds that stand when all is done.
        unfinished: Why the pair must be read again whatever its stamps; empty if it need not.
        closed: Keys of intents that are settled.
        narrowed: Intents that are settled in part and stay open.
        landed: Writes that were announced, found done or written over, with the key of the intent, for the journal.
        odd: Fields that are not as they were, by Wave property, each with what it looks like, for the guards.
    """

    link: Link
    agreement: Agreement
    actions: tuple[Action, ...] = ()
    holds: tuple[Hold, ...] = ()
    unfinished: str = ""
    closed: tuple[str, ...] = ()
    narrowed: tuple[Intent, ...] = ()
    landed: tuple[Landed, ...] = ()
    odd: frozenset[tuple[str, str]] = frozenset()


def about(link: Link, action: Action) -> Action:
    """The action, on this link as it stands."""
    return evolve(action, wave_id=link.wave_id, pms_id=link.pms_id, revision=link.revision)


def told_unkept(groups: Collection[str]) -> str:
    """What was not kept, in words; empty if all was."""
    return "not kept: " + ", ".join(sorted(groups)) if groups else ""


def looked_at(pair: Pair) -> Link:
    """The link, remembering what both sides showed."""
    link = pair.link
    for side in Side:
        seen, sight = pair.seen(side), link.sight(side)
        if seen.presence is Presence.SHOWN:
            link = link.with_sight(
                side,
                evolve(
                    sight,
                    created_at=seen.created_at or sight.created_at,
                    stamp=seen.stamp,
                    digest=seen.digest,
                    mark=seen.mark,
                    archived=seen.archived,
                    missed=0 if seen.listed else sight.missed,
                ),
            )
    return link


def waiting(pair: Pair, reason: str) -> Verdicts:
    """Nothing can be said now; read the pair again. Open intents stay open, since what they lead to is not stored."""
    link = pair.link
    for side in Side:
        missed = pair.seen(side).missed
        link = link.with_sight(side, evolve(link.sight(side), missed=missed)) if missed else link
    return Verdicts(link=link, agreement=pair.agreement, holds=tuple(pair.agreement.holds.values()), unfinished=reason)


def reused(pair: Pair, shape: Shape) -> Side | None:
    """The side that gave a linked id to another customer.

    Another creation stamp alone is no proof: stamps change with a server's clock, or with how we are told to read
    them. The customer is another one if nothing by which they are known stayed either.
    """
    for side in Side:
        seen, known = pair.seen(side), pair.link.sight(side).created_at
        stamped = seen.presence is Presence.SHOWN and known and seen.created_at and known != seen.created_at
        if stamped and not _known_again(pair, side, shape):
            return side
    return None


def _known_again(pair: Pair, side: Side, shape: Shape) -> bool:
    """Whether a record bears our mark of this link, or the name or the e-mail that it had when both last agreed."""
    raws = pair.seen(side).raws
    if raws is None:
        return False
    if raws[-1] == pair.link.wave_id:  # the mark; Wave shows none
        return True
    cells, agreed = shape.cells(side, raws), pair.agreement.baselines
    names = [n for n, f in shape.fields.items() if f.name in ("name", "email") and n in agreed]
    before = {n: recall(shape, side, n, agreed[n].on(side), cells[n]) for n in names}
    return any(not before[n].empty and cells[n].same(before[n]) for n in names)


def shown_by(seen: Seen) -> bool:
    """Whether the record was read in this run and takes part."""
    return seen.presence is Presence.SHOWN and not seen.excluded
