"""Creates whose outcome nobody knows: adopt the newcomer, wait, send again, or ask a person.

By the marker where the side keeps one; otherwise by what was sent, among records without a link that were
created since. Nothing is sent again before the settle time and two separated looks, the last one complete.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from enum import Enum, auto

from attrs import frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.model.fields import Cell
from wave_pms_sync.model.memory import Intent, IntentKind
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.creation import travels
from wave_pms_sync.reconcile.groups import differs
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Newcomer, Pair, Presence, Ref, World

MAX_CYCLES = 2
ACCEPTED_S = 86_400.0
"""A side that accepted a create, and said under which id, may take so long to show it."""


class Fate(Enum):
    """What follows for a lost create."""

    ADOPT = auto()
    RESEND = auto()
    WAIT = auto()
    ASK = auto()


@frozen(kw_only=True)
class Found:
    """A fate, with the newcomer adopted or those that a person must look at."""

    fate: Fate
    newcomer: Newcomer | None = None
    candidates: tuple[str, ...] = ()
    detail: str = ""
    looked: bool = False


def fate(intent: Intent, world: World, shape: Shape, policy: Policy, taken: Collection[Ref]) -> Found:
    """Decide one lost create.

    Args:
        intent: What was announced.
        world: What both sides show.
        shape: The mapping.
        policy: For match keys and the settle time.
        taken: Records that are decided; what another lost create became is not this one.
    """
    if intent.quiet_until is not None and intent.quiet_until > world.now:
        return Found(fate=Fate.WAIT, detail="a run that was cut short may still be writing")
    newcomers = [n for n in world.newcomers.values() if n.seen.side is intent.side and _eligible(n, taken)]
    marked = [n for n in newcomers if _marked(n, intent)]
    named = [n for n in newcomers if n.seen.id == intent.record_id]  # its side said so
    known = [n for n in named if _since(n, intent) and (_as_sent(n, intent, shape) or _like(n, intent, shape, policy))]
    if named and not (marked or known):
        told = f"{intent.side.words} accepted it as {intent.record_id}, and shows another customer under that id"
        return Found(fate=Fate.ASK, candidates=(named[0].seen.id,), detail=told)
    equal = marked or known or [n for n in newcomers if _since(n, intent) and _as_sent(n, intent, shape)]
    if len(equal) == 1:
        return Found(fate=Fate.ADOPT, newcomer=equal[0])
    similar = equal or [n for n in newcomers if _since(n, intent) and _like(n, intent, shape, policy)]
    if similar and _settled(intent, world, policy):  # until then it may still land
        ids = tuple(sorted(n.seen.id for n in similar))
        return Found(fate=Fate.ASK, candidates=ids, detail="a create was lost, and these may be what became of it")
    return _patience(intent, world, policy)


def is_needless(intent: Intent, linked: Pair) -> bool:
    """Whether a linked customer has another record in place of the one that a lost create was to make."""
    there = linked.seen(intent.side).presence in (Presence.SHOWN, Presence.AS_BEFORE)
    return intent.kind is IntentKind.CREATE and there


def suspects(intent: Intent, world: World, shape: Shape, policy: Policy, taken: Collection[Ref]) -> list[Newcomer]:
    """Records that may be what became of a lost create. None of them is given a counterpart before that is known."""

    def may_be(n: Newcomer) -> bool:
        like_it = _as_sent(n, intent, shape) or _like(n, intent, shape, policy)
        return _marked(n, intent) or n.seen.id == intent.record_id or (_since(n, intent) and like_it)

    found = [n for n in world.newcomers.values() if n.seen.side is intent.side and _eligible(n, taken)]
    return [n for n in found if may_be(n)]


def met_anew(intent: Intent, shape: Shape) -> frozenset[str]:
    """The fields of which a create said, or kept back, under a former mapping what it would not under this one.

    What its side shows of them is not what that filled in by itself, and what was sent is not what its origin says by
    this mapping: they are met as new fields are.
    """
    origin = intent.side.other
    sent = _sent(intent, shape)
    kept = {n: raw for n, raw in intent.origin.items() if n in shape.fields and travels(shape.fields[n], origin)}
    try:
        today = shape.creation(intent.side, {n: value for n, value in intent.values.items() if n in shape.fields})
    except ConversionError:
        today = {}
    said, would = (shape.cells(intent.side, shape.raws(intent.side, body)) for body in (intent.body, today))
    otherwise = {n for n, cell in said.items() if not cell.same(would[n])}
    otherwise |= {n for n, raw in kept.items() if not shape.cell(origin, n, raw).empty}
    anew = {n for n, cell in sent.items() if not said[n].missing and not said[n].same(cell)}
    anew |= {n for n, cell in sent.items() if _reads_otherwise(shape.cell(origin, n, intent.origin.get(n)), cell)}
    return frozenset((otherwise - intent.values.keys()) | anew)


def _reads_otherwise(origin: Cell, sent: Cell) -> bool:
    """Whether an origin says another thing than what was sent; where it was empty, a default was."""
    return not origin.empty and not origin.missing and not origin.same(sent)


def _eligible(newcomer: Newcomer, taken: Collection[Ref]) -> bool:
    """Whether a record may be what became of a create; what was created may be out of scope at once."""
    shown = newcomer.seen.presence is Presence.SHOWN or newcomer.seen.excluded
    there = shown and newcomer.ref not in taken
    return there and not newcomer.apart and newcomer.intent is None


def _marked(newcomer: Newcomer, intent: Intent) -> bool:
    """Whether a record bears the mark of the create's origin; only PMS records bear one."""
    return newcomer.origin_id == intent.origin_id


def _since(newcomer: Newcomer, intent: Intent) -> bool:
    made = newcomer.seen.created_at
    return made is None or intent.newest is None or made >= intent.newest


def _sent(intent: Intent, shape: Shape) -> dict[str, Cell]:
    return {name: shape.cell(Side.WAVE, name, value) for name, value in intent.values.items() if name in shape.fields}


def _as_sent(newcomer: Newcomer, intent: Intent, shape: Shape) -> bool:
    sent, shown = _sent(intent, shape), shape.cells(intent.side, newcomer.seen.raws or ())
    return bool(sent) and not differs({name: shown[name] for name in sent}, sent)


def _like(newcomer: Newcomer, intent: Intent, shape: Shape, policy: Policy) -> bool:
    """Whether a record has the name, a strong key or half of what was sent; the rest may have been edited since."""
    names = (*policy.match_on, "name")
    sent = shape.keys(intent.side, "", shape.raws(intent.side, intent.body), names)
    shown = shape.keys(intent.side, newcomer.seen.id, newcomer.seen.raws or (), names)
    return any(shown.get(name) == value for name, value in sent.items()) or _half_as_sent(newcomer, intent, shape)


def _half_as_sent(newcomer: Newcomer, intent: Intent, shape: Shape) -> bool:
    """Currencies and countries, which many customers have in common, do not count."""
    shown = shape.cells(intent.side, newcomer.seen.raws or ())
    told = {n: c for n, c in _sent(intent, shape).items() if not (c.empty or shape.fields[n].name.endswith(".code"))}
    return 0 < len(told) <= 2 * sum(shown[name].same(cell) for name, cell in told.items())


def _patience(intent: Intent, world: World, policy: Policy) -> Found:
    listing = world.listings[intent.side]
    if not listing.complete:
        return Found(fate=Fate.WAIT, detail=f"{intent.side.words} was not completely listed")
    separated = intent.looked_at is not None and world.now >= intent.looked_at + timedelta(seconds=policy.lag_s)
    if not (_settled(intent, world, policy) and separated and listing.full):
        return Found(fate=Fate.WAIT, detail="not shown yet", looked=intent.looked_at is None or separated)
    if intent.record_id is not None:
        overdue = intent.announced_at is None or world.now >= intent.announced_at + timedelta(seconds=ACCEPTED_S)
        return Found(
            fate=Fate.ASK if overdue else Fate.WAIT,
            detail=f"{intent.side.words} accepted it as {intent.record_id}, and does not show it",
        )
    if intent.cycles >= MAX_CYCLES:
        return Found(fate=Fate.ASK, detail=f"sent {MAX_CYCLES + 1} times, and never shown")
    return Found(fate=Fate.RESEND)


def _settled(intent: Intent, world: World, policy: Policy) -> bool:
    return intent.announced_at is None or world.now >= intent.announced_at + timedelta(seconds=policy.settle_s)


def wants_full_scan(intents: Sequence[Intent], side: Side) -> bool:
    """Whether a lost create on this side needs its last look to be at everything."""
    return any(i.side is side and i.looks >= 1 for i in intents)
