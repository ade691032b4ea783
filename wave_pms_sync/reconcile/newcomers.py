"""Records without a link: recover lost creates, join, create what nobody stands for, ask about the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import define, evolve, field

from wave_pms_sync.model.links import Agreement, Baseline, HoldReason, Link, Sight
from wave_pms_sync.model.memory import Intent, Quarantined, QuarantineReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.creation import creation
from wave_pms_sync.reconcile.lost_creates import Fate, Found, fate
from wave_pms_sync.reconcile.marking import marked, unmarked
from wave_pms_sync.reconcile.matching import Match, Stand, candidates, match
from wave_pms_sync.reconcile.merging import decide_groups
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.verdicts import Verdicts
from wave_pms_sync.reconcile.view import lay_out
from wave_pms_sync.reconcile.world import Newcomer, Origin, Pair, Presence, Ref, Seen, World


@define(kw_only=True)
class Newcomers:
    """What was decided for records without a link.

    Attributes:
        actions: Links, creates and what follows from links.
        joined: New links with their memory, by Wave id.
        quarantined: Records that rest, new or standing.
        skipped: Records that get no counterpart, with the reason.
        unfinished: Records to be read again, with the reason.
        intents: Lost creates as they are remembered after this look.
        closed: Lost creates that are given up.
        unknown: How many creates are still lost.
    """

    actions: list[Action] = field(factory=list)
    joined: dict[str, Verdicts] = field(factory=dict)
    quarantined: dict[Ref, Quarantined] = field(factory=dict)
    skipped: dict[Ref, str] = field(factory=dict)
    unfinished: dict[Ref, str] = field(factory=dict)
    intents: list[Intent] = field(factory=list)
    closed: list[str] = field(factory=list)
    unknown: int = 0


def decide_newcomers(world: World, shape: Shape, policy: Policy) -> Newcomers:
    """Decide all records without a link. Pure."""
    room = _Room(world=world, shape=shape, policy=policy, found=Newcomers())
    room.recover()
    for joined in match(world, policy.match_on):
        if joined.wave.ref not in room.done and joined.pms.ref not in room.done:
            room.join(joined)
    for ref in sorted(world.newcomers):
        if ref not in room.done:
            room.stand_alone(world.newcomers[ref])
    return room.found


_STANDS: Final = {
    Stand.AMBIGUOUS: (QuarantineReason.AMBIGUOUS, "may correspond to records that the key does not single out"),
    Stand.TWIN: (QuarantineReason.TWIN, "shares a key with records that are linked already"),
    Stand.RECREATED: (
        QuarantineReason.RECREATED,
        "shares a key with the survivor of a deletion; `link` the two if they are one customer",
    ),
}
_RESTING: Final = frozenset({QuarantineReason.REFUSED, QuarantineReason.UNKNOWN})


@define(kw_only=True)
class _Room:
    world: World
    shape: Shape
    policy: Policy
    found: Newcomers
    done: set[Ref] = field(factory=set)
    partners: dict[Ref, str] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for (side, record_id), link in self.world.links.items():
            self.partners[side, record_id] = link.id_on(side.other)

    # --- lost creates ---

    def recover(self) -> None:
        origins = {n.intent.key: n for n in self.world.newcomers.values() if n.intent is not None}
        for intent in (*[n.intent for n in origins.values() if n.intent is not None], *self.world.intents):
            self._recover(intent, origins.get(intent.key))

    def _recover(self, intent: Intent, origin: Newcomer | None) -> None:
        linked = next((p for p in self.world.pairs if p.link.id_on(intent.side.other) == intent.origin_id), None)
        seen = origin.seen if origin is not None else linked.seen(intent.side.other) if linked else None
        served = linked is not None and linked.seen(intent.side).presence in (Presence.SHOWN, Presence.AS_BEFORE)
        if seen is None or seen.presence is Presence.ABSENT or served:
            self.found.closed.append(intent.key)
            return
        self.done.add((intent.side.other, intent.origin_id))
        result = fate(intent, self.world, self.shape, self.policy, origin)
        if result.fate is Fate.ADOPT and result.newcomer is not None and seen.raws is not None:
            self._adopt(intent, seen, result.newcomer, linked)
        elif result.fate is Fate.RESEND and origin is not None:
            self.found.actions.append(self._resend(intent))
        elif result.fate is Fate.ASK:
            self._ask(intent, seen, result)
        else:
            self._wait(intent, result)

    def _adopt(self, intent: Intent, origin: Seen, newcomer: Newcomer, linked: Pair | None) -> None:
        """Link the newcomer; its baselines are what was read, and what the origin showed when it was sent.

        What differs from what was sent is the side's own rendering, unless the newcomer was edited since: then
        those groups meet for the first time.
        """
        self.done.add(newcomer.ref)
        shown = self.shape.cells(intent.side, newcomer.seen.raws or ())
        sent = {n: self.shape.cell(Side.WAVE, n, value) for n, value in intent.values.items() if n in shown}
        edited = newcomer.seen.stamp != newcomer.seen.created_at
        other = {n for n, cell in sent.items() if not shown[n].missing and not shown[n].same(cell)}
        there = self.shape.cells(intent.side.other, origin.raws or ())
        # As after any create: what was not sent because the origin had nothing belongs to the side that filled it.
        filled = {n for n, cell in there.items() if cell.empty and cell.fault is None and n not in sent}
        baselines = {
            n: Baseline(**{intent.side.value: shown[n].raw, intent.side.other.value: intent.origin.get(n)})
            for n in (*sent, *sorted(filled))
            if not (edited and (n in other or (n in filled and not shown[n].empty)))
        }
        seen = {intent.side: newcomer.seen, intent.side.other: origin}
        old = linked.link if linked is not None else None
        self._link(seen, "a lost create was found", baselines, settles=(intent.key,), old=old)

    def _resend(self, intent: Intent) -> Action:
        ids = {f"{intent.side.other}_id": intent.origin_id}
        fields = tuple(
            FieldChange(
                id=name,
                name=self.shape.fields[name].name,
                group=self.shape.fields[name].group,
                after=value,
                wave=intent.origin.get(name) if intent.side is Side.PMS else None,
                pms=intent.origin.get(name) if intent.side is Side.WAVE else None,
                rule="created",
            )
            for name, value in intent.values.items()
            if name in self.shape.fields
        )
        rule = "a lost create is sent again: never shown after the settle time and two looks"
        return Action(
            kind=ActionKind.CREATE,
            side=intent.side,
            wave_id=ids.get("wave_id"),
            pms_id=ids.get("pms_id"),
            fields=fields,
            rule=rule,
            resends=True,
            requests={intent.side.value: 1},
        )

    def _ask(self, intent: Intent, origin: Seen, result: Found) -> None:
        self._quarantine(origin, QuarantineReason.UNKNOWN, result.detail, result.candidates)
        self.found.closed.append(intent.key)

    def _wait(self, intent: Intent, result: Found) -> None:
        self.found.unknown += 1
        self.found.unfinished[intent.side.other, intent.origin_id] = f"a create is lost: {result.detail}"
        if result.looked:
            self.found.intents.append(evolve(intent, looks=intent.looks + 1, looked_at=self.world.now))

    # --- joining ---

    def join(self, joined: Match) -> None:
        """Link two records and settle what they show, as a first meeting."""
        self.done |= {joined.wave.ref, joined.pms.ref}
        seen = {Side.WAVE: joined.wave.seen, Side.PMS: joined.pms.seen}
        self._link(seen, f"matched by {joined.key}", {})

    def _link(
        self,
        seen: Mapping[Side, Seen],
        rule: str,
        baselines: Mapping[str, Baseline],
        *,
        settles: tuple[str, ...] = (),
        old: Link | None = None,
    ) -> None:
        wave, pms = seen[Side.WAVE], seen[Side.PMS]
        self.partners[Side.WAVE, wave.id] = pms.id
        self.partners[Side.PMS, pms.id] = wave.id
        link = Link(
            wave_id=wave.id,
            pms_id=pms.id,
            revision=old.revision if old is not None else 0,
            wave=Sight(created_at=wave.created_at),
            pms=Sight(created_at=pms.created_at),
            rule=rule,
            run_id=self.world.run_id,
        )
        pair = Pair(link=link, agreement=Agreement(wave_id=wave.id, baselines=baselines), wave=wave, pms=pms)
        view = lay_out(pair, self.shape, self.policy.lag_s, self.world.now)
        verdicts = decide_groups(view, self.policy, self.world.now)
        agreed = {n: b for a in verdicts.actions if a.kind is ActionKind.AGREE for n, b in a.baselines.items()}
        first = Action(
            kind=ActionKind.LINK,
            wave_id=wave.id,
            pms_id=pms.id,
            rule=rule,
            baselines={**baselines, **agreed},
            revision=link.revision,
            precondition=wave.digest + pms.digest,
            settles=settles,
        )
        rest = [a for a in verdicts.actions if a.kind is not ActionKind.AGREE]
        if unmarked(pms, self.shape, self.world.abilities[Side.PMS], old):
            rest = marked(rest, link)
        self.found.actions += [first, *rest]
        self.found.joined[wave.id] = evolve(verdicts, actions=(first, *rest))

    # --- standing alone ---

    def stand_alone(self, newcomer: Newcomer) -> None:
        """Create a counterpart, or say why not."""
        seen = newcomer.seen
        why = self._skip(newcomer)
        if why:
            self.found.skipped[newcomer.ref] = why
            return
        if newcomer.origin is Origin.ORPHAN:
            self._quarantine(seen, QuarantineReason.ORPHAN, "its external id names a Wave customer that is not there")
            return
        if newcomer.origin is Origin.COPY:
            linked = (newcomer.origin_id or "",)
            self._quarantine(seen, QuarantineReason.COPY, "its external id is that of a linked customer", linked)
            return
        near = candidates(self.world, newcomer, self.policy.match_on, self.partners)
        if near.stand is not Stand.NONE and (seen.side is Side.WAVE or self.policy.creates_in(Side.WAVE)):
            reason, text = _STANDS[near.stand]
            self._quarantine(seen, reason, f"{text} (by {near.key})", near.ids)
        elif not self.policy.creates_in(seen.side.other):
            self.found.skipped[newcomer.ref] = f"create_in does not allow a create in {seen.side.other.words}"
        elif seen.archived:
            self.found.skipped[newcomer.ref] = "archived"
        elif seen.side.other not in self.world.readable:
            self.found.unfinished[newcomer.ref] = f"{seen.side.other.words} has not been completely read"
        elif not self._rests(newcomer):
            self._create(newcomer)

    @staticmethod
    def _skip(newcomer: Newcomer) -> str:
        if newcomer.apart:
            return "apart: unlinked by a person"
        if newcomer.seen.excluded:
            return "out of scope"
        return newcomer.seen.reason if newcomer.seen.presence is not Presence.SHOWN else ""

    def _rests(self, newcomer: Newcomer) -> bool:
        """A refused record is not tried again before it or the mapping changes."""
        known = newcomer.quarantined
        if known is None or known.reason not in _RESTING:
            return False
        same = known.digest == newcomer.seen.digest and known.mapping == self.shape.fingerprint
        if same:
            self.found.quarantined[newcomer.ref] = known
        return same

    def _create(self, newcomer: Newcomer) -> None:
        seen, side = newcomer.seen, newcomer.seen.side.other
        made = creation(self.shape, seen.side, self.shape.cells(seen.side, seen.raws or ()))
        if made.lacking:
            self._quarantine(seen, QuarantineReason.INVALID, "; ".join(made.lacking))
            return
        wave_id = seen.id if seen.side is Side.WAVE else None
        pms_id = seen.id if seen.side is Side.PMS else None
        create = Action(
            kind=ActionKind.CREATE,
            side=side,
            wave_id=wave_id,
            pms_id=pms_id,
            fields=made.fields,
            rule=f"no counterpart in {side.words}",
            precondition=seen.digest,
            requests={side.value: 1},
        )
        holds = [
            Action(
                kind=ActionKind.HOLD,
                wave_id=wave_id,
                pms_id=pms_id,
                group=group,
                hold=HoldReason.CONVERSION,
                rule=why,
                detail=why,
            )
            for group, why in made.held.items()
        ]
        self.found.actions += [create, *holds]

    def _quarantine(self, seen: Seen, reason: QuarantineReason, detail: str, ids: tuple[str, ...] = ()) -> None:
        known = (
            self.world.newcomers[seen.side, seen.id].quarantined
            if (seen.side, seen.id) in self.world.newcomers
            else None
        )
        self.found.quarantined[seen.side, seen.id] = Quarantined(
            side=seen.side,
            id=seen.id,
            reason=reason,
            detail=detail,
            digest=seen.digest,
            mapping=self.shape.fingerprint,
            candidates=ids,
            since=known.since if known is not None else self.world.now,
        )
