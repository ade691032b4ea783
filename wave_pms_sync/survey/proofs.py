"""Whether a side lists what this library created there: only then is what it does not list not there, either."""

from __future__ import annotations

from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.newcomers import no_counterpart
from wave_pms_sync.survey.ground import Ground


def proves(ground: Ground, side: Side) -> bool:
    """Whether this run's listing showed a record that an earlier run had created.

    A side that can be asked for changes is proven by such a listing alone: some filters miss what was never updated.
    """
    listing = ground.listings[side]
    if not _open(ground, side) or (listing.full and ground.clients[side].abilities.since):
        return False
    return any(_made_here(link, side) for link in ground.sights.listed_links(side))


def unshown(ground: Ground, side: Side) -> int:
    """How many records an earlier run created that are readable, while a complete listing shows none of them."""
    listing = ground.listings[side]
    if not _open(ground, side) or not (listing.full and listing.complete) or ground.sights.all_listed(side):
        return 0
    made = [link.id_on(side) for link in ground.reader.scan(Link) if _made_here(link, side)]
    if ground.sights.was_listed(side, made):
        return 0
    shown = ground.sights.shown[side]
    return sum(i in shown and shown[i].missed > 0 for i in made)


def _open(ground: Ground, side: Side) -> bool:
    """Whether there is anything to prove."""
    return ground.policy.creates_in(side) and ground.memory.tenant is not None and not ground.state(side).proven


def _made_here(link: Link, side: Side) -> bool:
    return link.status is LinkStatus.ACTIVE and link.rule == no_counterpart(side)
