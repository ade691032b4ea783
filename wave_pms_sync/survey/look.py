"""One look at both sides, from the first listing to the world.

Nothing is decided here and nothing is written; what was seen is handed on with the evidence it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve, frozen

from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import IntentKind, Known, Quarantined, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.plan import Notes, Plan
from wave_pms_sync.reconcile.world import Listing, Newcomer, Ref, World
from wave_pms_sync.survey.absences import confirm_absences
from wave_pms_sync.survey.ground import Ground
from wave_pms_sync.survey.listings import list_sides
from wave_pms_sync.survey.newcomers import holders_of, meet_newcomers, newcomers_of
from wave_pms_sync.survey.pairs import complete_pairs, pairs_of
from wave_pms_sync.survey.proofs import proves, unshown


@frozen(kw_only=True)
class Surveyed:
    """A world, and what the look itself adds to memory.

    Attributes:
        world: What the plan is a function of.
        index: Entries of the key index that are new or changed.
        dropped: Entries of the key index whose record is gone.
        moved: Links of which only a stamp moved.
        gone: Records that are gone and were never linked.
        read_again: Unfinished records that were read in this run.
    """

    world: World
    index: Mapping[Ref, Known]
    dropped: tuple[Known, ...] = ()
    moved: tuple[Link, ...] = ()
    gone: frozenset[Ref] = frozenset()
    read_again: tuple[Unfinished, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()


def see(
    ground: Ground, run_id: str, full: bool | None, only: tuple[Ref, ...] | None, overdue: Callable[[], bool]
) -> Surveyed:
    """Look at both sides.

    Args:
        ground: What there is to go by.
        run_id: Names the run.
        full: True lists everything, False does not do so merely because it is due, None decides.
        only: Look at these records alone.
        overdue: Whether the time of the run is over.

    Raises:
        SyncError: A side could not be read at all.
    """
    if only is None:
        list_sides(ground, full, overdue)
    else:
        unasked = Listing(full=False, complete=False, asked=False, began_at=ground.now)
        ground.listings.update(dict.fromkeys(Side, unasked))
    _read_what_must_be_read(ground, only or ())
    confirm_absences(ground)
    complete_pairs(ground)
    if meet_newcomers(ground):
        complete_pairs(ground)
    return _surveyed(ground, run_id)


def _read_what_must_be_read(ground: Ground, only: tuple[Ref, ...]) -> None:
    """Unfinished business, named records, doubtful rows, deletion rows, and quarantine that was freed."""
    sights = ground.sights
    wanted = {*only, *ground.memory.left_over, *ground.memory.announced}
    wanted |= {(side, i) for side in Side for i in (*sights.doubtful[side], *sights.deleted[side])}
    while freed := _freed(ground, wanted) - wanted:
        wanted |= freed
    ground.read_refs(wanted)
    links = ((side, sights.link_of(side, record_id)) for side, record_id in wanted)
    ground.read_refs({(side.other, link.id_on(side.other)) for side, link in links if link is not None})


def _freed(ground: Ground, wanted: set[Ref]) -> set[Ref]:
    """Quarantined records that were asked for again, or that moved, or of which a candidate or the mapping did.

    Each comes with its candidates: whether it goes on resting depends on them.
    """
    freed: set[Ref] = set()
    for ref, entry in ground.memory.quarantined.items():
        candidates = {(entry.side.other, record_id) for record_id in entry.candidates}
        looked_at = any(i in ground.sights.shown[side] or (side, i) in wanted for side, i in (ref, *candidates))
        if not entry.digest or looked_at or entry.mapping != ground.shape.fingerprint:
            freed |= {ref, *candidates}
    return freed


def _standing(ground: Ground, seen: set[str]) -> tuple[tuple[Link, Agreement], ...]:
    """Held links that this run does not look at."""
    links = {k.wave_id: k for k in ground.reader.find(Link, "open", ["yes"]) if k.wave_id not in seen}
    found = ground.reader.find(Agreement, "wave_id", sorted(links))
    return tuple((links[a.wave_id], a) for a in sorted(found, key=lambda a: a.wave_id))


def _known_there(ground: Ground, side: Side) -> int:
    """How many records of a side the index holds; only asked where the side showed none alive."""
    listing = ground.listings[side]
    if listing.living or not (listing.asked and listing.full):
        return 0
    return sum(known.side is side for known in ground.reader.scan(Known))


def _known_whole(ground: Ground, side: Side) -> bool:
    """Whether everybody on a side is known: by this listing, or by one before, if this one left nothing of it out."""
    listing = ground.listings[side]
    if not listing.asked:
        return ground.state(side).indexed
    return listing.complete and (listing.full or ground.state(side).indexed)


def _surveyed(ground: Ground, run_id: str) -> Surveyed:
    newcomers = newcomers_of(ground)
    holders = holders_of(ground, newcomers)
    held = {(side, i) for (side, _), ids in holders.items() for i in ids} | _candidates(newcomers)
    for side in Side:
        for link in ground.reader.find(Link, f"{side}_id", sorted(i for s, i in held if s is side)):
            ground.sights.links[Side.WAVE, link.wave_id] = ground.sights.links[Side.PMS, link.pms_id] = link
    pairs = pairs_of(ground)
    links = ground.reader.count(Link)
    busy = {pair.link.wave_id for pair in pairs}
    readable = frozenset(side for side in Side if _known_whole(ground, side))
    creating = {(i.side.other, i.origin_id) for i in ground.memory.intents if i.kind is IntentKind.CREATE}
    world = World(
        now=ground.now,
        run_id=run_id,
        tenant=ground.memory.tenant,
        abilities={side: ground.clients[side].abilities for side in Side},
        listings=dict(ground.listings),
        readable=readable,
        pairs=pairs,
        newcomers=newcomers,
        holders=holders,
        links={ref: ground.sights.links[ref] for ref in held if ref in ground.sights.links},
        link_count=links,
        known_count={side: _known_there(ground, side) for side in Side},
        proven=frozenset(side for side in Side if proves(ground, side)),
        unshown={side: unshown(ground, side) for side in Side},
        intents=tuple(
            i
            for i in ground.memory.intents
            if i.kind is IntentKind.CREATE and (i.side.other, i.origin_id) in creating - set(newcomers)
        ),
        standing=_standing(ground, busy),
        resting=tuple(
            q for ref, q in ground.memory.quarantined.items() if ref not in newcomers and ref not in ground.gone
        ),
        unchanged=ground.sights.unchanged([pair.link for pair in pairs]),
    )
    return Surveyed(
        world=world,
        index=ground.sights.index,
        dropped=tuple(ground.dropped),
        moved=tuple(link for key, link in sorted(ground.sights.passing.moved.items()) if key not in busy),
        gone=frozenset(ground.gone),
        read_again=tuple(u for u in ground.memory.unfinished if u.id in ground.sights.shown[u.side]),
        quarantined=tuple(ground.memory.quarantined.values()),
    )


def _candidates(newcomers: Mapping[Ref, Newcomer]) -> set[Ref]:
    """Those that resting newcomers may stand for, though they may share no key by now."""
    resting = [n.quarantined for n in newcomers.values() if n.quarantined is not None]
    return {(entry.side.other, record_id) for entry in resting for record_id in entry.candidates}


def with_survey(plan: Plan, surveyed: Surveyed, *, told: int) -> Plan:
    """Add what the survey itself learned to what the decision did, and how much the journal told by then."""
    notes = plan.notes or Notes()
    gone = {(q.side, q.id): q for q in surveyed.quarantined if (q.side, q.id) in surveyed.gone}
    return evolve(
        plan,
        notes=evolve(
            notes,
            index=surveyed.index,
            dropped=surveyed.dropped,
            moved=surveyed.moved,
            freed=(*notes.freed, *gone.values()),
            finished=surveyed.read_again,
            told=told,
        ),
    )
