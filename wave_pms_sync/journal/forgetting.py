"""Forget a customer: no value of theirs stays in the store; what must be recognised again is kept as salted digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias, TypeVar
from uuid import uuid4

from attrs import define, evolve

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.paths import lay
from wave_pms_sync.model.digests import cell_digest
from wave_pms_sync.model.fields import MISSING, Forgotten
from wave_pms_sync.model.links import Agreement, Baseline, Choice, Hold, Link
from wave_pms_sync.model.memory import (
    Change,
    Intent,
    IntentKind,
    JournalEntry,
    JournalField,
    Known,
    Lease,
    Put,
    Quarantined,
    Remove,
    Unfinished,
)
from wave_pms_sync.model.printable import one_line
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.reconcile.actions import MARKER
from wave_pms_sync.reconcile.rulings import values_digest
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.verdicts import WHOLE

_T = TypeVar("_T")
Ids: TypeAlias = Mapping[Side, "str | None"]


@define(kw_only=True)
class Forgetting:
    """Erases one customer from the store, under a lease.

    Attributes:
        links: The store.
        shape: The mapping; digests are of the comparison form of each value.
        lease: The right to write.
        now: When, by our clock.
    """

    links: LinkStore
    shape: Shape
    lease: Lease
    now: datetime

    def forget(self, wave_id: str | None, pms_id: str | None) -> None:
        """Erase the values of one customer, in one transaction, and have the store overwrite them. Twice is once.

        Raises:
            ConfigurationError: Nothing is remembered of such a record; or a write that needs the values is open.
        """
        link = self._link(wave_id, pms_id)
        ids: Ids = {
            Side.WAVE: link.wave_id if link is not None else wave_id,
            Side.PMS: link.pms_id if link is not None else pms_id,
        }
        told = list({(e.run_id, e.number): e for e in self._of(JournalEntry, ids)}.values())
        if link is None and not told and not self._of(Known, ids) and not self._of(Quarantined, ids):
            raise ConfigurationError(
                "forget", [f"{one_line(wave_id or pms_id or '')}: nothing is remembered of such a record"]
            )
        changes = [*self._intents(ids), *self._agreement(link), *self._quarantined(ids), *_journal(told)]
        if changes:
            self.links.commit([*changes, Put(self._noted(ids))], self.lease)
        self.links.purge()

    def _link(self, wave_id: str | None, pms_id: str | None) -> Link | None:
        if (wave_id is None) == (pms_id is None):
            raise ConfigurationError("forget", ["give either wave_id= or pms_id="])
        by, record_id = ("wave_id", wave_id) if wave_id is not None else ("pms_id", pms_id)
        return next(iter(self.links.find(Link, by, [record_id or ""])), None)

    def _of(self, kind: type[_T], ids: Ids) -> list[_T]:
        return [
            entry
            for side, record_id in ids.items()
            if record_id
            for entry in self.links.find(kind, f"{side}_id", [record_id])
        ]

    def _intents(self, ids: Ids) -> list[Change]:
        """An announced update is looked at anew without its values; a create, or an undo, could not be recovered.

        A mark of origin that is due stays so: it says nothing of the customer.
        """
        mine = [
            intent
            for intent in self.links.scan(Intent)
            if intent.origin_id == ids[intent.side.other] or (intent.record_id or "") == ids[intent.side]
        ]
        if any(intent.kind is IntentKind.CREATE or intent.undoes for intent in mine):
            why = "the outcome of a write is not known yet; let a run settle it, then forget"
            raise ConfigurationError("forget", [f"{one_line(ids[Side.WAVE] or ids[Side.PMS] or '')}: {why}"])
        updates = [intent for intent in mine if intent.kind is IntentKind.UPDATE and intent.values]
        again: list[Change] = [
            Put(Unfinished(side=side, id=record_id, reason="an announced write was forgotten"))
            for side, record_id in ids.items()
            if updates and record_id
        ]
        return [*(_mark_alone(self.shape, update) for update in updates), *again]

    def _agreement(self, link: Link | None) -> list[Change]:
        found = self.links.find(Agreement, "wave_id", [link.wave_id]) if link is not None else []
        bare = [(agreement, bared(agreement, self.shape, uuid4().hex)) for agreement in found]
        return [Put(after) for before, after in bare if after != before]

    def _quarantined(self, ids: Ids) -> list[Change]:
        return [Put(evolve(entry, detail="")) for entry in self._of(Quarantined, ids) if entry.detail]

    def _noted(self, ids: Ids) -> JournalEntry:
        return JournalEntry(
            run_id=uuid4().hex[:16],
            number=1,
            at=self.now,
            kind="forget",
            wave_id=ids[Side.WAVE],
            pms_id=ids[Side.PMS],
            rule="by a person",
        )


def _mark_alone(shape: Shape, update: Intent) -> Change:
    """What is left of an announced update: the mark of origin that went with it."""
    mark = shape.raws(Side.PMS, update.body)[-1] if update.side is Side.PMS and shape.marker is not None else None
    if mark in (None, MISSING):
        return Remove(update)
    body: dict[str, object] = {}
    lay(body, str(shape.marker), mark)
    before = {name: raw for name, raw in update.before.items() if name == MARKER}
    return Put(evolve(update, values={}, before=before, origin={}, body=body))


def _journal(told: Sequence[JournalEntry]) -> list[Change]:
    """Entries stay, with the names of fields, and without their values."""
    return [
        Put(evolve(e, forgotten=True, fields=tuple(JournalField(id=f.id, name=f.name) for f in e.fields)))
        for e in told
        if e.fields and not e.forgotten
    ]


def bared(agreement: Agreement, shape: Shape, salt: str) -> Agreement:
    """The agreement without values: baselines and holds as digests, salted for this customer alone.

    A value that a person chose for a dispute is forgotten with it; a choice of a side stands. What tells when a
    value was first seen, and how often one came back, goes too: such digests have no salt.
    """

    def bare(side: Side, name: str, raw: object) -> object:
        if isinstance(raw, Forgotten) or name not in shape.fields:
            return raw if isinstance(raw, Forgotten) else Forgotten(salt=salt, digest="")
        return Forgotten(salt=salt, digest=cell_digest(shape.cell(side, name, raw), salt))

    def bare_hold(hold: Hold) -> Hold:
        sides = {
            side: hold.on(side) if _is_gone(hold, side) else {n: bare(side, n, raw) for n, raw in hold.on(side).items()}
            for side in Side
        }
        after = evolve(hold, wave=sides[Side.WAVE], pms=sides[Side.PMS])
        return evolve(after, choice=_chosen(hold.choice, hold, after))

    return evolve(
        agreement,
        baselines={
            n: Baseline(wave=bare(Side.WAVE, n, b.wave), pms=bare(Side.PMS, n, b.pms))
            for n, b in agreement.baselines.items()
        },
        previous={},
        holds={group: bare_hold(hold) for group, hold in agreement.holds.items()},
        wave_changes={},
        pms_changes={},
        flips={},
    )


def _is_gone(hold: Hold, side: Side) -> bool:
    """Whether a hold says that the record of a side is gone, so that it has no values there."""
    return hold.group == WHOLE and all(raw is None for raw in hold.on(side).values())


def _chosen(choice: Choice | None, before: Hold, after: Hold) -> Choice | None:
    if choice is None or choice.side is None or choice.digest != values_digest(before):
        return None
    return evolve(choice, digest=values_digest(after))
