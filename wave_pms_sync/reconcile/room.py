"""Where records without a link are decided: what is found, who is taken, and how two of them are joined."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, evolve, field

from wave_pms_sync.model.links import Agreement, Baseline, Link, Sight
from wave_pms_sync.model.memory import Intent, Quarantined, QuarantineReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.laying_out import lay_out
from wave_pms_sync.reconcile.marking import mark_of, marked, unmarked
from wave_pms_sync.reconcile.merging import decide_groups
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.remapping import forget, remapped, void
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.verdicts import Verdicts, told_unkept
from wave_pms_sync.reconcile.world import Pair, Ref, Seen, World


@define(kw_only=True)
class Newcomers:
    """What was decided for records without a link.

    Attributes:
        actions: Links, creates and what follows from links.
        joined: New links with their memory, by Wave id.
        replaced: Wave ids of links of which a new one takes the place; nothing else follows for those.
        quarantined: Records that rest, new or standing.
        skipped: Records that get no counterpart, with the reason.
        unfinished: Records to be read again, with the reason.
        intents: Lost creates as they are remembered after this look.
        closed: Lost creates that are given up.
        unknown: How many creates are still lost.
    """

    actions: list[Action] = field(factory=list)
    joined: dict[str, Verdicts] = field(factory=dict)
    replaced: set[str] = field(factory=set)
    quarantined: dict[Ref, Quarantined] = field(factory=dict)
    skipped: dict[Ref, str] = field(factory=dict)
    unfinished: dict[Ref, str] = field(factory=dict)
    intents: list[Intent] = field(factory=list)
    closed: list[str] = field(factory=list)
    unknown: int = 0


@define(kw_only=True)
class Room:
    """The working papers of one decision about records without a link.

    Attributes:
        world: What is known.
        shape: The mapping.
        policy: The preferences.
        found: What was decided so far.
        done: Records that are decided.
        partners: The id on the other side of records that have a partner, before this run or by it.
    """

    world: World
    shape: Shape
    policy: Policy
    found: Newcomers = field(factory=Newcomers)
    done: set[Ref] = field(factory=set)
    partners: dict[Ref, str] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for (side, record_id), link in self.world.links.items():
            self.partners[side, record_id] = link.id_on(side.other)

    def join(
        self,
        seen: Mapping[Side, Seen],
        rule: str,
        baselines: Mapping[str, Baseline],
        *,
        unkept: Mapping[str, Side] | None = None,
        made: Intent | None = None,
        old: Link | None = None,
    ) -> None:
        """Link two records and settle what they show.

        Args:
            seen: What both show.
            rule: Why they are linked.
            baselines: What is agreed on already; all else meets for the first time.
            unkept: Groups that a side did not keep as our create said, with that side.
            made: The create that one of the two came of; the link settles it.
            old: The link that it takes the place of.
        """
        wave, pms = seen[Side.WAVE], seen[Side.PMS]
        self.done |= {(side, record.id) for side, record in seen.items()}
        self.partners[Side.WAVE, wave.id] = pms.id
        self.partners[Side.PMS, pms.id] = wave.id
        pair = self._pair(seen, rule, baselines, unkept or {}, made, old)
        view = lay_out(pair, self.shape, self.policy.lag_s, self.world.now)
        left_out = any(record.excluded for record in seen.values())  # the two belong together; nothing is written
        nothing = Verdicts(link=pair.link, agreement=pair.agreement)
        verdicts = nothing if left_out else decide_groups(view, self.policy, self.world.now)
        agreement = forget(verdicts.agreement, self.shape, void(pair, self.shape))
        agreed = {n: b for a in verdicts.actions if a.kind is ActionKind.AGREE for n, b in a.baselines.items()}
        first = Action(
            kind=ActionKind.LINK,
            wave_id=wave.id,
            pms_id=pms.id,
            rule=rule,
            detail=told_unkept(agreement.unkept_by),
            baselines={**agreement.baselines, **agreed},
            unkept=agreement.unkept_by,
            revision=pair.link.revision,
            precondition=wave.digest + pms.digest,
            settles=(made.key,) if made is not None else (),
        )
        rest = [a for a in verdicts.actions if a.kind is not ActionKind.AGREE]
        former = old.wave_id if old is not None else None
        self.found.replaced |= {former} if former is not None else set()
        if not left_out and unmarked(pms, self.shape, self.world.abilities[Side.PMS], former):
            rest = marked(rest, pair.link, mark_of(pair.link, former))
        self.found.actions += [first, *rest]
        self.found.joined[wave.id] = evolve(verdicts, agreement=agreement)

    def _pair(
        self,
        seen: Mapping[Side, Seen],
        rule: str,
        baselines: Mapping[str, Baseline],
        unkept: Mapping[str, Side],
        made: Intent | None,
        old: Link | None,
    ) -> Pair:
        wave, pms = seen[Side.WAVE], seen[Side.PMS]
        written = {made.side: made.announced_at} if made is not None else {}
        link = Link(
            wave_id=wave.id,
            pms_id=pms.id,
            revision=old.revision if old is not None else 0,
            wave=Sight(created_at=wave.created_at, written_at=written.get(Side.WAVE)),
            pms=Sight(created_at=pms.created_at, written_at=written.get(Side.PMS)),
            rule=rule,
            run_id=self.world.run_id,
        )
        agreement = Agreement(wave_id=wave.id, baselines=baselines, not_kept=tuple(sorted(unkept)), unkept_by=unkept)
        return Pair(
            link=link, agreement=agreement, wave=wave, pms=pms, remapped=remapped(self.world.tenant, self.shape)
        )

    def quarantine(self, seen: Seen, reason: QuarantineReason, detail: str, ids: tuple[str, ...] = ()) -> None:
        """Let a record rest, with the reason; one that rested before does so since then."""
        newcomer = self.world.newcomers.get((seen.side, seen.id))
        known = newcomer.quarantined if newcomer is not None else None
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
