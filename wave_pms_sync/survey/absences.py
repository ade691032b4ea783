"""Find out what is gone: only a complete full listing, confirmed by a single read, proves it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from attrs import evolve

from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Known
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.world import Presence
from wave_pms_sync.survey.ground import Ground

_AT_ONCE: Final = 500


def confirm_absences(ground: Ground) -> None:
    """Linked records that a complete full listing lacks are read by id; unlinked ones leave the index."""
    for side in Side:
        listing = ground.listings[side]
        if not (listing.full and listing.complete):
            continue
        missing = list(_missing(ground, side))
        for link in missing:
            ground.sights.links[Side.WAVE, link.wave_id] = ground.sights.links[Side.PMS, link.pms_id] = link
        ground.read(side, [link.id_on(side) for link in missing])
        for link in missing:
            _unlisted(ground, side, link)
        _forget_unlisted(ground, side)


def _missing(ground: Ground, side: Side) -> Iterator[Link]:
    """Active links of which a complete listing lacks the record."""
    if ground.sights.all_listed(side):
        return
    links = ground.reader.scan(Link)
    while some := list(islice(links, _AT_ONCE)):
        active = [link for link in some if link.status is LinkStatus.ACTIVE]
        listed = ground.sights.was_listed(side, [link.id_on(side) for link in active])
        yield from (link for link in active if link.id_on(side) not in listed)


def _unlisted(ground: Ground, side: Side, link: Link) -> None:
    """Readable, unlisted and not archived: absent after two complete scans, unknown until then.

    A scan does not count if lists may not show yet what we have just written.
    """
    seen = ground.sights.shown[side].get(link.id_on(side))
    if seen is None or seen.presence is not Presence.SHOWN or seen.archived:
        return
    missed = link.sight(side).missed + (not ground.just_written(side, link))
    presence = Presence.ABSENT if missed > 1 else Presence.UNKNOWN
    reason = f"{side.words} no longer lists it, though it is still readable"
    uncounted = not ground.listings[side].counted
    ground.sights.shown[side][seen.id] = evolve(
        seen, presence=presence, raws=None, missed=missed, uncounted=uncounted, reason=reason
    )


def _forget_unlisted(ground: Ground, side: Side) -> None:
    listed, shown = ground.sights.listed[side], ground.sights.shown[side]
    for entry in ground.reader.find(Known, "loose", [side.value]):
        if entry.id not in listed and entry.id not in shown:
            ground.dropped.append(entry)
            ground.gone.add((side, entry.id))
