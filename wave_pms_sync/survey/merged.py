"""Customers that are gone because somebody merged them into another one of the same side."""

from __future__ import annotations

from collections.abc import Iterator

from wave_pms_sync.model.fields import Direction, Forgotten
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Known
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.world import Presence, Seen
from wave_pms_sync.survey.ground import Ground


def read_heirs(ground: Ground, links: list[Link]) -> bool:
    """Read the records that share a key with one that is gone; only their content tells whether they took it over.

    Returns:
        Whether there are any; some may have a link of their own.
    """
    heirs = [(side, _heirs(ground, side, link)) for link in links for side in _gone_sides(ground, link)]
    for side, ids in heirs:
        ground.read(side, ids)
    return any(ids for _, ids in heirs)


def merged_into(ground: Ground, link: Link, agreement: Agreement) -> str:
    """The id of a record that shows everything that the gone record of this link had shown; empty if there is none."""
    for side in _gone_sides(ground, link):
        for heir in _heirs(ground, side, link):
            seen = ground.sights.shown[side].get(heir)
            if seen is not None and _took_over(ground, seen, agreement):
                return heir
    return ""


def _gone_sides(ground: Ground, link: Link) -> Iterator[Side]:
    for side in Side:
        seen = ground.sights.shown[side].get(link.id_on(side))
        if seen is not None and seen.presence is Presence.ABSENT:
            yield side


def _heirs(ground: Ground, side: Side, link: Link) -> list[str]:
    """The other records of that side that hold one of its keys; a name alone is none."""
    gone = ground.reader.find(Known, f"{side}_id", [link.id_on(side)])
    keys = {key for known in gone for key in known.keys if not key.startswith("name:")}
    before = {known.id for known in ground.reader.find(Known, f"{side}_key", sorted(keys))}
    now = {i for (at, i), known in ground.sights.known.items() if at is side and keys.intersection(known.keys)}
    return sorted((before | now) - {link.id_on(side)})


def _took_over(ground: Ground, heir: Seen, agreement: Agreement) -> bool:
    """Whether a record shows every value that was agreed on.

    Its name may be another, if it was edited since the last look or shows more than the key alone.
    """
    if heir.presence is not Presence.SHOWN or heir.raws is None or not agreement.baselines:
        return False
    shape, shown = ground.shape, ground.shape.cells(heir.side, heir.raws)
    link = ground.sights.link_of(heir.side, heir.id)
    named, alike, edited = True, 0, link is None or link.sight(heir.side).digest != heir.digest
    for name, baseline in agreement.baselines.items():
        raw, field = baseline.on(heir.side), shape.fields.get(name)
        if isinstance(raw, Forgotten):
            return False
        cell = shape.cell(heir.side, name, raw) if field is not None else None
        if field is None or cell is None or cell.empty:
            continue
        same = cell.same(shown[name])
        if field.group == "name":
            named = named and same
        elif not same:
            return False
        alike += field.group != "name" and field.direction is Direction.BOTH
    return named or edited or alike > 1
