"""The guards: what a plan may do without a person releasing it. They count remote effects, per side and kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind
from wave_pms_sync.reconcile.groups import FILL_EMPTY
from wave_pms_sync.reconcile.policy import Guards
from wave_pms_sync.reconcile.world import Newcomer, World

FEW_UPDATES = 20
FEW_RETIREMENTS = 5
BRAKE_LINKS = 20
BRAKE_PCT = 20
DOUBLES = 20
DOUBLES_PCT = 20


def breaches(
    actions: Sequence[Action], world: World, guards: Guards, odd: Iterable[tuple[str, str]] = ()
) -> tuple[str, ...]:
    """Every bound that this plan breaks, in words; empty if none.

    Args:
        actions: What it would do.
        world: For the number of linked pairs, and what is known of each side.
        guards: The bounds.
        odd: For each linked pair and each field of it that is not as it was: the field, and what it looks like.
    """
    linked = world.link_count + sum(a.kind is ActionKind.LINK for a in actions)
    found: list[str] = []
    for side in Side:
        found += _emptied(side, world)
        found += _retirements(side, actions, guards, linked)
        found += _restored(side, actions, world)
        found += _updates(side, actions, guards, linked)
        found += _creates(side, actions, guards)
        found += _doubles(side, actions, world)
        found += _unshown(side, actions, world)
        found += _nameless(side, actions, world)
        found += _keyless(side, actions, world)
        found += _unread(side, actions, world)
        found += _all_deleted(side, actions, world)
    return (*found, *_suspensions(actions, guards, linked), *_brake(odd, linked))


def _emptied(side: Side, world: World) -> Iterable[str]:
    listing = world.listings[side]
    known = world.known_count.get(side, 0)
    if listing.asked and listing.full and not listing.living and known:
        yield f"{side.words} lists no customers, though {known} are known there (wrong token, account or filter?)"


def _retirements(side: Side, actions: Sequence[Action], guards: Guards, linked: int) -> Iterable[str]:
    count = sum(a.side is side and a.kind in (ActionKind.ARCHIVE, ActionKind.DELETE) for a in actions)
    if guards.max_retirements is not None and count > guards.max_retirements:
        yield f"{count} retirements in {side.words} (max_retirements is {guards.max_retirements})"
    pct = guards.max_retirements_pct
    if pct is not None and count > FEW_RETIREMENTS and count * 100 > pct * linked:
        yield f"{count} retirements in {side.words} of {linked} linked pairs (max_retirements_pct is {pct})"


def _restored(side: Side, actions: Sequence[Action], world: World) -> Iterable[str]:
    """Records that went back in time say that a backup was restored; what is gone may only be younger than that."""
    count = sum(a.retires and a.side is side.other for a in actions)
    back = sum(pair.went_back(side) for pair in world.pairs) if count else 0
    if back:
        why = f"{back} records in {side.words} show older stamps than before"
        yield f"{why}: was a backup restored? {count} gone there would be retired in {side.other.words}"


def _suspensions(actions: Sequence[Action], guards: Guards, linked: int) -> Iterable[str]:
    """A suspended link carries nothing any more, so that many at once are held like retirements."""
    count = sum(a.kind is ActionKind.SUSPEND for a in actions)
    pct = guards.max_retirements_pct
    if pct is not None and count > FEW_RETIREMENTS and count * 100 > pct * linked:
        yield f"{count} of {linked} linked pairs look like other customers: did ids or creation times change?"


def _updates(side: Side, actions: Sequence[Action], guards: Guards, linked: int) -> Iterable[str]:
    count = sum(a.side is side and a.kind is ActionKind.UPDATE and _counts(a) for a in actions)
    pct = guards.max_updates_pct
    if pct is not None and count > FEW_UPDATES and count * 100 > pct * linked:
        yield f"{count} updates in {side.words} of {linked} linked pairs (max_updates_pct is {pct})"


def _counts(action: Action) -> bool:
    """Marks of origin and values that fill empty ones change nothing that was there."""
    return any(change.id != MARKER and not change.rule.endswith(FILL_EMPTY) for change in action.fields)


def _creates(side: Side, actions: Sequence[Action], guards: Guards) -> Iterable[str]:
    count = sum(a.side is side and a.kind in (ActionKind.CREATE, ActionKind.RECREATE) for a in actions)
    if guards.max_creates is not None and count > guards.max_creates:
        yield f"{count} creates in {side.words} (max_creates is {guards.max_creates})"


def _doubles(side: Side, actions: Sequence[Action], world: World) -> Iterable[str]:
    """Creates that bear the name of a record there which nobody is linked with."""
    creates = [a for a in actions if a.side is side and a.kind is ActionKind.CREATE]
    taken = {a.id_on(side) for a in actions if a.kind is ActionKind.LINK}
    doubled = sum(_bears_a_free_name(a, side, world, taken) for a in creates)
    if len(creates) > DOUBLES and doubled * 100 > DOUBLES_PCT * len(creates):
        yield f"{doubled} of {len(creates)} creates in {side.words} bear the name of a record there that is not linked"


def _bears_a_free_name(action: Action, side: Side, world: World, taken: Collection[str | None]) -> bool:
    newcomer = world.newcomers.get((side.other, action.id_on(side.other) or ""))
    name = newcomer.keys.get("name") if newcomer is not None else None
    holders = world.holders.get((side, f"name:{name}"), frozenset()) if name else frozenset()
    return any((side, record_id) not in world.links and record_id not in taken for record_id in holders)


def _unshown(side: Side, actions: Sequence[Action], world: World) -> Iterable[str]:
    """What this library created is not listed: then nobody knows what else is not, and creates would double it."""
    count = world.unshown.get(side, 0)
    if count and any(a.side is side and a.kind is ActionKind.CREATE for a in actions):
        told = "wrong paging, filter, account or field names?"
        yield f"{side.words} lists none of {count} created there before as it was sent ({told})"


def _all_deleted(side: Side, actions: Sequence[Action], world: World) -> Iterable[str]:
    """A side in which everybody reads as deleted is misread; whoever is created there may be there already."""
    listing = world.listings[side]
    if listing.full and listing.rows > 1 and not listing.living and any(a.side is side for a in actions):
        yield f"{side.words} lists {listing.rows} customers, and all of them as deleted (wrong `deleted`?)"


def _nameless(side: Side, actions: Sequence[Action], world: World) -> Iterable[str]:
    """Customers of whom not one has a name: then nobody is recognised, and creates would double them."""
    names = ["name" in n.keys for (s, _), n in world.newcomers.items() if s is side and n.seen.raws is not None]
    if len(names) > 1 and not any(names) and not world.link_count and any(a.side is side for a in actions):
        yield f"{side.words} shows {len(names)} customers, and none with a name (wrong field names or wrapper?)"


def _keyless(side: Side, actions: Sequence[Action], world: World) -> Iterable[str]:
    """Many of whom not one has a key, though those who are to be created beside them have: nobody is recognised."""
    there = [_has_a_key(n) for (s, _), n in world.newcomers.items() if s is side and n.seen.raws is not None]
    origins = (a.id_on(side.other) for a in actions if a.side is side and a.kind is ActionKind.CREATE)
    creates = [n for i in origins if (n := world.newcomers.get((side.other, i or ""))) is not None]
    if len(there) > DOUBLES and not any(there) and not world.link_count and sum(map(_has_a_key, creates)) > DOUBLES:
        why = "and none with a key to match by, as those who would be created have (wrong property?)"
        yield f"{side.words} shows {len(there)} customers, {why}"


def _has_a_key(newcomer: Newcomer) -> bool:
    return not newcomer.keys.keys() <= {"name", "external_id"}


def _unread(side: Side, actions: Sequence[Action], world: World) -> Iterable[str]:
    """Customers whose keys cannot be read are not recognised: whoever is created there may be there already."""
    taken = {a.id_on(side) for a in actions if a.kind is ActionKind.LINK}
    left = [n for (s, i), n in world.newcomers.items() if s is side and n.seen.raws is not None and i not in taken]
    count = sum(bool(n.unread) for n in left)
    creates = any(a.side is side and a.kind is ActionKind.CREATE for a in actions)
    if creates and count > 1 and count * 100 > DOUBLES_PCT * len(left) and not world.link_count:
        names = ", ".join(sorted({name for n in left for name in n.unread}))
        yield f"{names} cannot be read of {count} customers in {side.words} (wrong property or converter?)"


def _brake(odd: Iterable[tuple[str, str]], linked: int) -> Iterable[str]:
    """One field that looks changed in very many links at once: a converter or a format changed."""
    for (name, looks), count in sorted(Counter(odd).items()):
        if count > BRAKE_LINKS and count * 100 > BRAKE_PCT * linked:
            yield f"{name} {looks} for {count} of {linked} linked pairs: did a converter or a format change?"
