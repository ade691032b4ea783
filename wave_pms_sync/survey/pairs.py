"""The linked pairs of which a side showed something, with what the other side shows."""

from __future__ import annotations

from wave_pms_sync.model.links import Agreement, Link, LinkStatus
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.remapping import marker_moved, remapped
from wave_pms_sync.reconcile.world import Pair, Presence, Seen
from wave_pms_sync.survey.ground import Ground
from wave_pms_sync.survey.merged import merged_into, read_heirs
from wave_pms_sync.survey.newcomers import unlinked


def complete_pairs(ground: Ground) -> None:
    """Read the other record of a pair where what is known of it does not suffice."""
    _read_halves(ground)
    if read_heirs(ground, _involved(ground)):
        _read_halves(ground)


def _read_halves(ground: Ground) -> None:
    forgotten = _forgotten(ground)
    for side in Side:
        halves = [link for link in _involved(ground) if link.id_on(side) not in ground.sights.shown[side]]
        listed = ground.sights.was_listed(side, [link.id_on(side) for link in halves])
        found = [link for link in halves if _insufficient(ground, link, side, forgotten, listed)]
        ground.read(side, [link.id_on(side) for link in found])


def _forgotten(ground: Ground) -> set[str]:
    """The Wave ids of links whose baselines do not tell what a side showed that is not read."""
    return {wave_id for wave_id, a in ground.agreements(_involved(ground)).items() if a.forgotten}


def _insufficient(ground: Ground, link: Link, side: Side, forgotten: set[str], listed: set[str]) -> bool:
    """Whether it must be read what this side shows of a link of which only the other side was read."""
    other = ground.sights.shown[side.other][link.id_on(side.other)]
    listing = ground.listings[side]
    known = link.id_on(side) in listed or (listing.complete and not listing.full)
    dormant = link.status is not LinkStatus.ACTIVE or other.presence is Presence.ABSENT
    return (
        link.open
        or (ground.scope is not None and ground.scope.asks(side))  # whether it takes part only the record tells
        or link.wave_id in forgotten
        or dormant
        or not known
        or any(link.sight(s).digest is None for s in Side)
    )


def _involved(ground: Ground) -> list[Link]:
    found = {
        link.wave_id: link
        for side in Side
        for record_id in ground.sights.shown[side]
        if (link := ground.sights.link_of(side, record_id)) is not None
    }
    return [found[key] for key in sorted(found)]


def pairs_of(ground: Ground) -> tuple[Pair, ...]:
    """The links that need a look, each with its memory and what both sides show."""
    involved = _involved(ground)
    agreements = ground.agreements(involved)
    loose = {(known.side, key) for known in unlinked(ground) for key in known.keys}
    changed = remapped(ground.memory.tenant, ground.shape)
    remark = marker_moved(ground.memory.tenant, ground.shape)
    pairs = []
    for link in involved:
        agreement = agreements.get(link.wave_id) or Agreement(wave_id=link.wave_id)
        wave, pms = _seen(ground, Side.WAVE, link.wave_id), _seen(ground, Side.PMS, link.pms_id)
        gone = Presence.ABSENT in (wave.presence, pms.presence)
        pair = Pair(
            link=link,
            agreement=agreement,
            wave=wave,
            pms=pms,
            intents=tuple(i for i in ground.memory.intents if link.id_on(i.side.other) == i.origin_id),
            replaced=gone and _replaced(ground, link, loose),
            merged_into=merged_into(ground, link, agreement) if gone else "",
            remapped=changed,
            remark=remark,
        )
        pairs.append(pair)
    return tuple(pairs)


def _replaced(ground: Ground, link: Link, loose: set[tuple[Side, str]]) -> bool:
    """Whether a record without a link holds a key of this customer on the side where it is gone."""
    for side in Side:
        here, there = _seen(ground, side, link.id_on(side)), _seen(ground, side.other, link.id_on(side.other))
        survivor = ground.sights.known.get((side.other, there.id))
        if here.presence is Presence.ABSENT and there.presence is Presence.SHOWN and survivor is not None:
            return any((side, key) in loose for key in survivor.keys)
    return False


def _seen(ground: Ground, side: Side, record_id: str) -> Seen:
    return ground.sights.shown[side].get(record_id, Seen(side=side, id=record_id, presence=Presence.AS_BEFORE))
