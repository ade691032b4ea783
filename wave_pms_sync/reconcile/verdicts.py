"""What was decided for one pair, and the small pieces that every decision is made of."""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from wave_pms_sync.model.links import Agreement, Hold, Link
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action
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
        odd: Fields that are not as they were, by Wave property, each with what it looks like, for the guards.
    """

    link: Link
    agreement: Agreement
    actions: tuple[Action, ...] = ()
    holds: tuple[Hold, ...] = ()
    unfinished: str = ""
    closed: tuple[str, ...] = ()
    narrowed: tuple[Intent, ...] = ()
    odd: frozenset[tuple[str, str]] = frozenset()


def about(link: Link, action: Action) -> Action:
    """The action, on this link as it stands."""
    return evolve(action, wave_id=link.wave_id, pms_id=link.pms_id, revision=link.revision)


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
                    created_at=sight.created_at or seen.created_at,
                    stamp=seen.stamp,
                    digest=seen.digest,
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


def reused(pair: Pair) -> Side | None:
    """The side that gave a linked id to another customer, judged by creation stamps."""
    for side in Side:
        seen, known = pair.seen(side), pair.link.sight(side).created_at
        if seen.presence is Presence.SHOWN and known and seen.created_at and known != seen.created_at:
            return side
    return None


def shown_by(seen: Seen) -> bool:
    """Whether the record was read in this run and takes part."""
    return seen.presence is Presence.SHOWN and not seen.excluded
