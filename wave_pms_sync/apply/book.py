"""The link store as a run writes it: under one lease, one whole transaction for each thing done, with its journal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import define, evolve, field

from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import (
    APART,
    Change,
    Claim,
    Intent,
    IntentKind,
    IntentState,
    JournalEntry,
    JournalField,
    Known,
    Put,
    Quarantined,
    Remove,
    Tenant,
    Unfinished,
)
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.reconcile.actions import MARKER, Action, FieldChange
from wave_pms_sync.reconcile.landed import Landed
from wave_pms_sync.reconcile.plan import Plan
from wave_pms_sync.reconcile.world import Ref
from wave_pms_sync.tenure import Tenure

Memory = tuple[Link, Agreement]


@define(kw_only=True)
class Book:
    """What a run reads from and writes to the store.

    Attributes:
        links: The store.
        tenure: The lease of this run.
        tenant: Put with the first commit of this run, which binds a new store to its accounts.
        plan: The plan being applied.
        run_id: Names the run in the journal.
        settle_s: How long an update that nobody saw done may still be carried out.
        intents: What is announced and not settled, by key.
        rekeyed: Entries of the key index that this run changed by a write, or by a read of its own.
        marks: The marks of origin that are still to be written, by pair.
    """

    links: LinkStore
    tenure: Tenure
    tenant: Tenant
    plan: Plan
    run_id: str
    settle_s: float
    intents: dict[str, Intent] = field(factory=dict)
    rekeyed: dict[Ref, Known] = field(factory=dict)
    marks: dict[tuple[str | None, str | None], FieldChange] = field(factory=dict)
    _own: dict[str, int] = field(factory=dict)
    _left: Counter[str] = field(factory=Counter)
    _landed: defaultdict[str, list[Landed]] = field(factory=lambda: defaultdict(list))
    _number: int = 0
    _bound: bool = False

    def __attrs_post_init__(self) -> None:
        self.intents = {intent.key: intent for intent in self.links.scan(Intent)}
        # A saved plan that is applied again goes on with the journal of its run.
        self._number = self._last_number(self.run_id)
        self._left = Counter(record_id for action in self.plan.actions for record_id in action.ids)
        self.marks = {a.key: c for a in self.plan.actions for c in a.fields if c.id == MARKER}
        for found in self.plan.landed:
            self._landed[found.key].append(found)

    def now(self) -> datetime:
        """Our own time."""
        return self.tenure.now()

    # --- reading ---

    def pair(self, action: Action) -> Memory | None:
        """The link that an action is about, as it stands now; None if there is none."""
        found = (self.pair_of(side, i) for side in Side if (i := action.id_on(side)) is not None)
        return next((memory for memory in found if memory is not None), None)

    def pair_of(self, side: Side, record_id: str) -> Memory | None:
        """The link of a record, as it stands now; None if it has none."""
        found = self.links.find(Link, f"{side}_id", [record_id])
        return self._remembered(found[0]) if found else None

    def _remembered(self, link: Link) -> Memory:
        """A pair nobody touched since planning is taken as the look left it."""
        noted = self.plan.notes.links.get(link.wave_id) if self.plan.notes is not None else None
        if noted is not None and noted[0].revision == link.revision and noted[0].pms_id == link.pms_id:
            return noted
        found = self.links.find(Agreement, "wave_id", [link.wave_id])
        return link, found[0] if found else Agreement(wave_id=link.wave_id)

    def stale(self, action: Action, link: Link) -> bool:
        """Whether the link moved since the action was planned, other than by this very run."""
        return link.revision != self._own.get(link.wave_id, action.revision) or (
            action.pms_id is not None and action.wave_id is not None and action.key != (link.wave_id, link.pms_id)
        )

    def untouched(self, link: Link) -> bool:
        """Whether this run has stored nothing of a pair."""
        return link.wave_id not in self._own

    def parted(self, action: Action) -> bool:
        """Whether a person has unlinked one of the records of an action, and left it apart."""
        found = [k for side in Side if (i := action.id_on(side)) for k in self.links.find(Known, f"{side}_id", [i])]
        return any(known.reason == APART for known in found)

    def claimed(self, pms_id: str) -> bool:
        """Whether another tenant has linked this PMS record."""
        return any(claim.pms == self.tenant.pms for claim in self.links.find(Claim, "pms_id", [pms_id]))

    # --- writing ---

    def over(self, action: Action) -> None:
        """An action is done with, whatever became of it."""
        self._left.subtract(action.ids)

    def commit(self, changes: Sequence[Change]) -> None:
        """Write, and bind the store to its accounts if it is not bound yet."""
        if not self._bound:
            known = next(iter(self.links.scan(Tenant)), None)
            tenant = self.tenant if known is None else evolve(known, mapping=self.tenant.mapping)
            changes = changes if tenant == known else (Put(tenant), *changes)
        self.links.commit(changes, self.tenure.lease)
        self._bound = True

    def announce(self, intent: Intent) -> None:
        """Write down what is about to be written on a side."""
        former = self.intents.get(intent.key)
        missed = self.overtaken(former) if former is not None else []
        self.commit([*missed, *self.told_late([intent.key]), Put(intent)])
        self.intents[intent.key] = intent

    def doubt(self, intent: Intent, action: Action) -> None:
        """Nobody can say whether the announced write was carried out; the next run looks it up."""
        unknown = evolve(intent, state=IntentState.UNKNOWN)
        self.commit([Put(unknown), *self.unfinished(action, "the outcome of a write is unknown")])
        self.intents[unknown.key] = unknown

    def count(self, action: Action) -> None:
        """Note that the update of an action was tried in vain once more."""
        origin_id = action.id_on(action.side.other) if action.side is not None else None
        for intent in list(self.intents.values()):
            mine = (intent.kind, intent.side, intent.origin_id) == (IntentKind.UPDATE, action.side, origin_id)
            if mine and intent.state is not IntentState.OVERTAKEN:
                self.intents[intent.key] = evolve(intent, cycles=intent.cycles + 1)
                self.commit([Put(self.intents[intent.key])])

    def withdraw(self, intent: Intent, *changes: Change) -> None:
        """The announced write was certainly not carried out."""
        self.commit([Remove(intent), *changes])
        self.intents.pop(intent.key, None)

    def settled(self, keys: Sequence[str]) -> list[Change]:
        """Forget the intents of these keys, and tell the journal of writes that are found done only now."""
        ended = [intent for key in keys if (intent := self.intents.pop(key, None)) is not None]
        missed = [change for intent in ended if intent.run_id != self.run_id for change in self.overtaken(intent)]
        return [*missed, *self.told_late(keys), *map(Remove, ended)]

    def overtaken(self, intent: Intent) -> list[Change]:
        """An update that nobody saw done is no longer waited for; for the settle time, it is known by its values."""
        done = [found.action for found in self._landed.get(intent.key, ()) if found.outcome == "done"]
        seen = {c.id for action in done for c in action.fields}
        open_still = intent.state in (IntentState.PLANNED, IntentState.UNKNOWN) and not seen.issuperset(intent.values)
        due = intent.announced_at is not None and self.now() < intent.announced_at + timedelta(seconds=self.settle_s)
        if intent.kind is not IntentKind.UPDATE or intent.undoes or not open_still or not due:
            return []
        before = {name: raw for name, raw in intent.before.items() if name in intent.values}
        late = evolve(intent, state=IntentState.OVERTAKEN, before=before, body={})
        self.intents[late.key] = late
        return [Put(late)]

    def told_late(self, keys: Sequence[str]) -> list[Change]:
        """What a run wrote without seeing the answer belongs to the story of that run, once as much as can be is known.

        Args:
            keys: Of the intents that are settled, or in part.
        """
        found = [one for key in keys for one in self._landed.pop(key, ())]
        told: list[Change] = []
        for one in found:
            number = self._last_number(one.run_id) + 1 + len(told)
            told.append(Put(self._entry(one.action, one.outcome, "", one.run_id, number)))
        return told

    def _last_number(self, run_id: str) -> int:
        return max((entry.number for entry in self.links.find(JournalEntry, "run_id", [run_id])), default=0)

    def put(self, link: Link, agreement: Agreement) -> list[Change]:
        """Store a pair; its revision grows, and what this run still does to it goes on from there.

        It stays open while the plan has more to do to it: a run that is cut in between must look again. What was
        seen of it is stored with its keys, for the next look passes over what is as it was seen.
        """
        more = max(self._left[link.wave_id], self._left[link.pms_id]) > 1
        link = evolve(link, revision=link.revision + 1, open=more or bool(agreement.holds))
        self._own[link.wave_id] = link.revision
        seen = [known for side in Side if (known := self._seen(side, link.id_on(side))) is not None]
        return [Put(link), Put(agreement), *map(Put, seen)]

    def unfinished(self, action: Action, reason: str) -> list[Change]:
        """Have the records of an action read again in the next run."""
        return [
            Put(Unfinished(side=side, id=record_id, reason=reason))
            for side in Side
            if (record_id := action.id_on(side)) is not None
        ]

    def known(self, side: Side, record_id: str) -> Known | None:
        """The key index entry of a record, as this run saw it or as the store has it; None for one nobody saw."""
        fresh = self._seen(side, record_id)
        found = [fresh] if fresh is not None else self.links.find(Known, f"{side}_id", [record_id])
        return found[0] if found else None

    def _seen(self, side: Side, record_id: str) -> Known | None:
        noted = self.plan.notes.index if self.plan.notes is not None else {}
        return self.rekeyed.get((side, record_id)) or noted.get((side, record_id))

    def reindex(self, known: Known) -> Put:
        """Store the keys that a record has by now; they stand over those that the look saw."""
        self.rekeyed[known.side, known.id] = known
        return Put(known)

    def journal(self, action: Action, outcome: str, detail: str = "") -> Put:
        """Note what was done; a link change replaces no value."""
        self._number += 1
        return Put(self._entry(action, outcome, detail, self.run_id, self._number))

    def _entry(self, action: Action, outcome: str, detail: str, run_id: str, number: int) -> JournalEntry:
        return JournalEntry(
            run_id=run_id,
            number=number,
            at=self.now(),
            kind=str(action.kind),
            outcome=outcome,
            side=action.side,
            wave_id=action.wave_id,
            pms_id=action.pms_id,
            rule=action.rule,
            fields=tuple(
                JournalField(
                    id=c.id, name=c.name, before=c.before, after=c.after, lost=c.before if action.side else None
                )
                for c in action.fields
            ),
            group=action.group,
            detail=detail,
        )

    def note_rest(self, entry: Quarantined, outcome: str) -> Put:
        """Note that a record begins to rest, or rests no more."""
        self._number += 1
        return Put(
            JournalEntry(
                run_id=self.run_id,
                number=self._number,
                at=self.now(),
                kind="quarantine",
                outcome=outcome,
                wave_id=entry.id if entry.side is Side.WAVE else None,
                pms_id=entry.id if entry.side is Side.PMS else None,
                rule=str(entry.reason),
                detail=entry.detail,
            )
        )

    def free(self, link: Link) -> list[Change]:
        """A linked record rests no more."""
        found = [entry for side in Side for entry in self.links.find(Quarantined, f"{side}_id", [link.id_on(side)])]
        return [Remove(entry) for entry in found]
