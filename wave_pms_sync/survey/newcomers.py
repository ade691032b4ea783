"""Records without a link: who else holds their keys, and where they say that they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from sys import intern

from wave_pms_sync.mapping.matching_keys import EXTERNAL_ID
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import APART, IntentKind, Known
from wave_pms_sync.model.side import Side
from wave_pms_sync.origins import belongs, origins_of
from wave_pms_sync.reconcile.world import Newcomer, Origin, Presence, Ref, Seen
from wave_pms_sync.survey.ground import Ground


def meet_newcomers(ground: Ground) -> bool:
    """Look up who else holds the newcomers' keys, and read those that might be their counterparts.

    Returns:
        Whether some of those that were read have a link.
    """
    seen_keys: set[str] = set()
    linked = False
    while True:
        keys = {key for known in unlinked(ground) for key in known.keys} - seen_keys
        marked = _unknown_markers(ground)
        if not keys and not marked:
            return linked
        seen_keys |= keys
        ground.read(Side.WAVE, marked)
        for side in Side:
            hits = ground.reader.find(Known, f"{side}_key", sorted(k for k in keys if not k.startswith("name:")))
            taken = {link.id_on(side): link for link in ground.reader.find(Link, f"{side}_id", [k.id for k in hits])}
            ground.read(side, [k.id for k in hits if k.id not in taken])
            sharing = _sharing(ground, side, keys, [taken[k.id] for k in hits if k.id in taken])
            ground.read(side, sharing)
            linked = linked or bool(sharing)


def _sharing(ground: Ground, side: Side, keys: set[str], links: Sequence[Link]) -> list[str]:
    """Linked records whose partner holds the same key of a newcomer; only if both still do, it says nothing."""
    listed = ground.sights.was_listed(side, [link.id_on(side) for link in links])
    unsure = [link for link in links if link.id_on(side) not in listed]
    partners = ground.reader.find(Known, f"{side.other}_id", [link.id_on(side.other) for link in unsure])
    holding = {known.id for known in partners if keys.intersection(known.keys)}
    return [link.id_on(side) for link in unsure if link.id_on(side.other) in holding]


def unlinked(ground: Ground) -> list[Known]:
    """The key index entries of records without a link that were shown, and are not out of scope."""
    return [
        ground.sights.known[side, record_id]
        for side in Side
        for record_id, seen in ground.sights.shown[side].items()
        if (side, record_id) in ground.sights.known
        and ground.sights.link_of(side, record_id) is None
        and seen.raws
        and not seen.excluded
    ]


def _unknown_markers(ground: Ground) -> list[str]:
    """Wave ids in markers that look like ours and that nobody has seen yet; who is linked needs no other origin."""
    free = (seen for seen in ground.sights.shown[Side.PMS].values() if ground.sights.link_of(Side.PMS, seen.id) is None)
    markers = set(origins_of(ground.shape, free).values())
    known = {k.id for k in ground.reader.find(Known, "wave_id", markers)}
    known |= {link.wave_id for link in ground.reader.find(Link, "wave_id", markers)} | set(
        ground.sights.shown[Side.WAVE]
    )
    account = ground.clients[Side.WAVE].identity
    unseen = markers - known
    return sorted(m for m in unseen - ground.sights.was_listed(Side.WAVE, unseen) if belongs(m, account))


def newcomers_of(ground: Ground) -> dict[Ref, Newcomer]:
    """The records without a link that this run looks at; those found gone are noted."""
    creates = {(i.side.other, i.origin_id): i for i in ground.memory.intents if i.kind is IntentKind.CREATE}
    markers = origins_of(ground.shape, ground.sights.shown[Side.PMS].values())
    found = {}
    for side in Side:
        for record_id, seen in ground.sights.shown[side].items():
            ref = (side, record_id)
            if ground.sights.link_of(side, record_id) is not None:
                continue
            if seen.presence is Presence.ABSENT:
                ground.gone.add(ref)
                continue
            known = ground.sights.known.get(ref, Known(side=side, id=record_id))
            marker = markers.get(record_id) if side is Side.PMS else None
            origin = _origin(ground, marker)
            keys = {intern(name): value for name, _, value in (key.partition(":") for key in known.keys)}
            if origin in (Origin.FOREIGN, Origin.ORPHAN):
                keys.pop("external_id", None)
            found[ref] = Newcomer(
                seen=seen,
                keys=keys,
                origin=origin,
                origin_id=marker,
                intent=creates.get(ref),
                quarantined=ground.memory.quarantined.get(ref),
                apart=known.reason == APART,
                unread=_unread(ground, seen),
            )
    return found


def _unread(ground: Ground, seen: Seen) -> tuple[str, ...]:
    """The strong keys that cannot be read, of a record of which none can; the id of the other side aside."""
    names = [name for name in ground.policy.match_on if name != EXTERNAL_ID]
    if seen.raws is None or ground.shape.keys(seen.side, seen.id, seen.raws, names):
        return ()
    return ground.shape.unread_keys(seen.side, seen.raws, names)


def _origin(ground: Ground, marker: str | None) -> Origin:
    if marker is None:
        return Origin.NONE
    if ground.sights.link_of(Side.WAVE, marker) or ground.reader.find(Link, "wave_id", [marker]):
        return Origin.COPY
    seen = ground.sights.shown[Side.WAVE].get(marker)
    if seen is not None and (seen.presence is Presence.SHOWN or seen.excluded):
        return Origin.OURS
    if seen is None and ground.reader.find(Known, "wave_id", [marker]):
        return Origin.OURS
    return Origin.ORPHAN if belongs(marker, ground.clients[Side.WAVE].identity) else Origin.FOREIGN


def holders_of(ground: Ground, newcomers: Mapping[Ref, Newcomer]) -> dict[tuple[Side, str], frozenset[str]]:
    """Who holds the newcomers' keys: the index, corrected by what this run saw."""
    known = ground.sights.known
    held = {ref: _held(known[ref], newcomer) for ref, newcomer in newcomers.items() if ref in known}
    keys = set(chain.from_iterable(held.values()))
    found: dict[tuple[Side, str], set[str] | frozenset[str]] = {}
    left = {(k.side, k.id) for k in ground.dropped} | ground.gone
    for side in Side:
        left |= {(side, i) for i, seen in ground.sights.shown[side].items() if seen.not_there}
        for indexed in ground.reader.find(Known, f"{side}_key", sorted(keys)):
            if (side, indexed.id) not in known and (side, indexed.id) not in left:
                _note(found, side, indexed.id, keys.intersection(indexed.keys))
    for (side, record_id), entry in known.items():
        if (side, record_id) in newcomers:
            _note(found, side, record_id, held[side, record_id])
        elif ground.sights.shown[side][record_id].presence is not Presence.ABSENT:
            _note(found, side, record_id, keys.intersection(entry.keys))
    return {place: frozenset(ids) for place, ids in found.items()}


def _held(known: Known, newcomer: Newcomer) -> list[str]:
    """The keys that count of a newcomer, as the index spells them."""
    return [key for key in known.keys if key.partition(":")[0] in newcomer.keys]


def _note(
    found: dict[tuple[Side, str], set[str] | frozenset[str]], side: Side, record_id: str, keys: Iterable[str]
) -> None:
    """Most keys have one holder, so a record's keys share one set until another record holds one of them, too."""
    alone = frozenset((record_id,))
    for key in keys:
        others = found.get((side, key))
        if others is None:
            found[side, key] = alone
        elif isinstance(others, set):
            others.add(record_id)
        else:
            found[side, key] = {*others, record_id}
