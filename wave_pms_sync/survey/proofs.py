"""Whether a side lists what this library created there: only then is what it does not list not there, either."""

from __future__ import annotations

from collections.abc import Sequence

from wave_pms_sync.model.fields import Forgotten
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.newcomers import made_in, no_counterpart
from wave_pms_sync.survey.ground import Ground


def proves(ground: Ground, side: Side) -> bool:
    """Whether this run's listing showed a record that an earlier run had created.

    A side that can be asked for changes is proven by such a listing alone: some filters miss what was never updated.
    """
    listing = ground.listings[side]
    if not _open(ground, side) or not listing.rows or (listing.full and ground.clients[side].abilities.since):
        return False
    made = _made(ground, side)
    listed = ground.sights.was_listed(side, [link.id_on(side) for link in made])
    return _any_filled(ground, side, [link for link in made if link.id_on(side) in listed])


def unshown(ground: Ground, side: Side) -> int:
    """How many records an earlier run created of which a complete listing shows none with the name it was given.

    Those that are gone by now do not count.
    """
    listing = ground.listings[side]
    if not _open(ground, side) or not (listing.full and listing.complete):
        return 0
    made = _made(ground, side)
    ids, shown = {link.id_on(side) for link in made}, ground.sights.shown[side]
    listed = ground.sights.was_listed(side, ids)
    if _any_filled(ground, side, [link for link in made if link.id_on(side) in listed]):
        return 0
    return len(listed) + sum(shown[i].missed > 0 for i in ids - listed if i in shown)


def _open(ground: Ground, side: Side) -> bool:
    """Whether there is anything to prove."""
    return ground.policy.creates_in(side) and ground.memory.tenant is not None and not ground.state(side).proven


def _made(ground: Ground, side: Side) -> list[Link]:
    """The active links whose record in this side an earlier run created."""
    return [link for link in ground.reader.find(Link, "rule", [no_counterpart(side)]) if made_in(link, side)]


def _any_filled(ground: Ground, side: Side, links: Sequence[Link]) -> bool:
    """Whether one of them showed what a customer must have, when it was created or since."""
    agreements = ground.reader.find(Agreement, "wave_id", [link.wave_id for link in links])
    return any(_filled(ground, side, agreement) for agreement in agreements)


def _filled(ground: Ground, side: Side, agreement: Agreement) -> bool:
    """What its origin had no value for either was not required when it was created."""
    required = [name for name, rules in ground.shape.fields.items() if rules.required and name in agreement.baselines]
    return all(
        _empty(ground, side.other, name, agreement) or not _empty(ground, side, name, agreement) for name in required
    )


def _empty(ground: Ground, side: Side, name: str, agreement: Agreement) -> bool:
    raw = agreement.baselines[name].on(side)
    return not isinstance(raw, Forgotten) and ground.shape.cell(side, name, raw).empty
