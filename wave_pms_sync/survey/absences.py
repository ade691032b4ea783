"""Find out what is gone: only a complete full listing, confirmed by a single read, proves it."""

from __future__ import annotations

from attrs import evolve

from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Known
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.world import Presence
from wave_pms_sync.survey.ground import Ground


def confirm_absences(ground: Ground) -> None:
    """Linked records that a complete full listing lacks are read by id; unlinked ones leave the index."""
    for side in Side:
        listing = ground.listings[side]
        if not (listing.full and listing.complete):
            continue
        listed = ground.sights.listed[side]
        missing = [
            link
            for link in ground.reader.scan(Link)
            if link.status is LinkStatus.ACTIVE and link.id_on(side) not in listed
        ]
        for link in missing:
            ground.sights.links[Side.WAVE, link.wave_id] = ground.sights.links[Side.PMS, link.pms_id] = link
        ground.read(side, [link.id_on(side) for link in missing])
        for link in missing:
            _unlisted(ground, side, link)
        _forget_unlisted(ground, side)


def _unlisted(ground: Ground, side: Side, link: Link) -> None:
    """Readable, unlisted and not archived: absent after two complete scans, unknown until then."""
    seen = ground.sights.shown[side].get(link.id_on(side))
    if seen is None or seen.presence is not Presence.SHOWN or seen.archived:
        return
    missed = link.sight(side).missed + 1
    presence = Presence.ABSENT if missed > 1 else Presence.UNKNOWN
    reason = f"{side.words} no longer lists it, though it is still readable"
    ground.sights.shown[side][seen.id] = evolve(seen, presence=presence, raws=None, missed=missed, reason=reason)


def _forget_unlisted(ground: Ground, side: Side) -> None:
    listed, shown = ground.sights.listed[side], ground.sights.shown[side]
    for entry in ground.reader.scan(Known):
        if entry.side is not side or entry.id in listed or entry.id in shown:
            continue
        if not ground.reader.find(Link, f"{side}_id", [entry.id]):
            ground.dropped.append(entry)
            ground.gone.add((side, entry.id))
