"""What an audit says of records without a link: twins, copies, orphans, and those that a run would take up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import define

from wave_pms_sync.audit.comparison import Foresight
from wave_pms_sync.audit.finding import Finding, Kind, Standing
from wave_pms_sync.audit.pairs import FULL
from wave_pms_sync.model.memory import Quarantined, QuarantineReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import ActionKind
from wave_pms_sync.reconcile.newcomers import decide_newcomers
from wave_pms_sync.reconcile.room import Newcomers
from wave_pms_sync.reconcile.world import Newcomer, Origin, World
from wave_pms_sync.survey.ground import Ground

_KINDS: Final = {
    QuarantineReason.AMBIGUOUS: Kind.TWIN,
    QuarantineReason.TWIN: Kind.TWIN,
    QuarantineReason.RECREATED: Kind.TWIN,
    QuarantineReason.COPY: Kind.COPY,
    QuarantineReason.ORPHAN: Kind.ORPHAN,
}
_BY_HAND: Final = "link(...) if they are one customer, else remove or change one of them"
_OF_A_LINKED: Final = "if one customer: remove one, or unlink(...) the other and link(...) this one; else change one"
_ADVICE: Final = {
    QuarantineReason.TWIN: _OF_A_LINKED,
    QuarantineReason.COPY: _OF_A_LINKED,
    QuarantineReason.RECREATED: "unlink(...) the survivor and link(...) the two if they are one customer",
    QuarantineReason.ORPHAN: "link(...) it with the customer it belongs to, or clear its mark",
    QuarantineReason.INVALID: "correct the record",
    QuarantineReason.REFUSED: "correct the record, or retry(...) if the side takes it by now",
    QuarantineReason.UNKNOWN: "link(...) what became of it; if nothing did, retry(...)",
}
_SHARES: Final = "shares a key with records that are linked"
_MEANT: Final = {ActionKind.CREATE: "a run would create its counterpart", ActionKind.LINK: "a run would link it"}


@define(kw_only=True)
class Unlinked:
    """Says of each record without a link why it has none.

    Attributes:
        ground: The ground of the audit.
        world: What was seen.
        ahead: What the next run looks at by itself.
    """

    ground: Ground
    world: World
    ahead: Foresight

    def findings(self) -> Iterator[Finding]:
        """One finding for each record, and one more for each that bears a foreign mark."""
        found = decide_newcomers(self.world, self.ground.shape, self.ground.policy)
        meant = _meant(found)
        for ref, newcomer in sorted(self.world.newcomers.items()):
            resting = found.quarantined.get(ref)
            if resting is not None:
                yield self._resting(newcomer, resting)
            elif ref in found.skipped:
                yield self._skipped(newcomer, found.skipped[ref])
            else:
                yield self._due(newcomer, meant.get(ref), found.unfinished.get(ref, "a create is lost"))
            if newcomer.origin is Origin.FOREIGN:
                words = "its mark names no customer of this business; it is never overwritten"
                yield self._about(newcomer, Kind.FOREIGN, Standing.EXPLAINED, words)
        for entry in self.world.resting:
            yield _rests(entry)

    def _resting(self, newcomer: Newcomer, entry: Quarantined) -> Finding:
        kind = _KINDS.get(entry.reason, Kind.QUARANTINED)
        advice = _ADVICE.get(entry.reason, _BY_HAND)
        if newcomer.quarantined is None:
            return self._taken_up(newcomer, kind, entry.detail, advice, entry.candidates)
        return self._about(newcomer, kind, Standing.EXPLAINED, entry.detail, advice, entry.candidates)

    def _skipped(self, newcomer: Newcomer, why: str) -> Finding:
        """A record that is left out on purpose; still it may be the double of a linked one, and nobody was told."""
        if newcomer.apart:
            return self._about(newcomer, Kind.APART, Standing.EXPLAINED, why)
        if newcomer.seen.excluded:
            return self._about(newcomer, Kind.LEFT_OUT, Standing.EXPLAINED, why)
        name, ids = ("", ()) if newcomer.seen.archived else self._doubled(newcomer)
        if ids:
            words = f"{_SHARES} (by {name}); {why}"
            return self._about(newcomer, Kind.TWIN, Standing.UNEXPLAINED, words, _OF_A_LINKED, ids)
        return self._about(newcomer, Kind.UNLINKED, Standing.EXPLAINED, why)

    def _due(self, newcomer: Newcomer, meant: ActionKind | None, waits: str) -> Finding:
        """A record that a run takes up. One that shares a key with linked ones is shown before it has a partner."""
        if meant is None:
            return self._taken_up(newcomer, Kind.UNLINKED, waits)
        name, ids = self._doubled(newcomer)
        if ids:
            return self._taken_up(newcomer, Kind.TWIN, f"{_SHARES} (by {name}); {_MEANT[meant]}", _OF_A_LINKED, ids)
        return self._taken_up(newcomer, Kind.UNLINKED, _MEANT[meant])

    def _doubled(self, newcomer: Newcomer) -> tuple[str, tuple[str, ...]]:
        """The linked customers, by their ids on this side, of which a record holds a key of this one."""
        side = newcomer.seen.side
        for name in self.ground.policy.match_on:
            key = f"{name}:{newcomer.keys.get(name, '')}"
            holding = [(s, i) for s in Side for i in self.world.holders.get((s, key), ())]
            links = {ref: self.world.links[ref] for ref in holding if ref in self.world.links}
            if links:
                return name, tuple(sorted({link.id_on(side) for link in links.values()}))
        return "", ()

    def _taken_up(
        self, newcomer: Newcomer, kind: Kind, words: str, advice: str = "", others: tuple[str, ...] = ()
    ) -> Finding:
        """What the next run deals with, unless no ordinary run looks at the record."""
        if self.ahead.sees(newcomer.seen):
            return self._about(newcomer, kind, Standing.PENDING, words, advice or "run()", others)
        return self._about(newcomer, kind, Standing.UNEXPLAINED, f"{words}, yet none looked at it", FULL, others)

    def _about(
        self,
        newcomer: Newcomer,
        kind: Kind,
        standing: Standing,
        words: str,
        advice: str = "",
        others: tuple[str, ...] = (),
    ) -> Finding:
        wave = newcomer.seen.side is Side.WAVE
        return Finding(
            kind=kind,
            standing=standing,
            words=words,
            advice=advice,
            wave_id=newcomer.seen.id if wave else None,
            pms_id=None if wave else newcomer.seen.id,
            others=others,
            label=self._label(newcomer),
        )

    def _label(self, newcomer: Newcomer) -> str:
        shape, raws = self.ground.shape, newcomer.seen.raws or ()
        named = ((i, raw) for (i, f), raw in zip(shape.fields.items(), raws, strict=False) if f.name == "name")
        return next((str(shape.cell(newcomer.seen.side, i, raw).value or "") for i, raw in named), "")


def _meant(found: Newcomers) -> Mapping[tuple[Side, str], ActionKind]:
    """What a run would do with each record that it takes up."""
    return {
        (side, record_id): action.kind
        for action in found.actions
        if action.kind in _MEANT
        for side in Side
        if (record_id := action.id_on(side)) is not None
    }


def _rests(entry: Quarantined) -> Finding:
    """A record at rest of which this look says nothing else."""
    wave = entry.side is Side.WAVE
    return Finding(
        kind=Kind.QUARANTINED,
        standing=Standing.EXPLAINED,
        words=entry.detail,
        advice="see quarantine()",
        wave_id=entry.id if wave else None,
        pms_id=None if wave else entry.id,
        others=entry.candidates,
    )
