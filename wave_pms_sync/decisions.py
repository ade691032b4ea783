"""What a person decides: links made and ended by hand, disputes settled, resting records looked at again. All local."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import define, evolve, field

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.model.fields import Direction, Forgotten
from wave_pms_sync.model.links import BY_A_PERSON, Agreement, Choice, Hold, Link
from wave_pms_sync.model.memory import (
    APART,
    Change,
    Claim,
    Intent,
    IntentKind,
    JournalEntry,
    JournalField,
    Known,
    Lease,
    Put,
    Quarantined,
    QuarantineReason,
    Remove,
    Tenant,
    Unfinished,
)
from wave_pms_sync.model.printable import one_line
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.reconcile.matching import LOST_BEFORE
from wave_pms_sync.reconcile.rulings import values_digest
from wave_pms_sync.reconcile.verdicts import WHOLE
from wave_pms_sync.reconcile.waiting import Dispute, dispute


@define
class Decisions:
    """Reads and changes the store alone; a lease is needed to change it, and time and an id for the journal."""

    links: LinkStore
    lens: Lens
    lease: Lease | None = None
    tenant: Tenant | None = None
    now: datetime | None = None
    run_id: str = ""
    _number: int = field(default=0, init=False)

    # --- links by hand ---

    def link(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Link pairs, all or none."""
        faults: list[str] = []
        changes: list[Change] = []
        for wave_id, pms_id in pairs:
            standing = {
                (x.wave_id, x.pms_id)
                for x in (*self.links.find(Link, "wave_id", [wave_id]), *self.links.find(Link, "pms_id", [pms_id]))
            }
            if standing == {(wave_id, pms_id)}:
                continue
            pair = f"{one_line(wave_id)} / {one_line(pms_id)}"
            others = [f"{one_line(w)} / {one_line(p)}" for w, p in sorted(standing)]
            faults += [f"{pair}: linked already as {other}; unlink first" for other in others]
            if any(claim.pms == self._pms for claim in self.links.find(Claim, "pms_id", [pms_id])):
                faults.append(f"{pair}: another tenant of this store has linked the record in the PMS")
            link = self._by_hand(wave_id, pms_id)
            changes += [Put(link), Put(Agreement(wave_id=wave_id)), *self._attend(link, link.rule)]
            changes += [*self._without_reason(link), *self._note("link", link, link.rule)]
        faults += _twice([w for w, _ in pairs], "wave") + _twice([p for _, p in pairs], "pms")
        if faults:
            raise ConfigurationError("link", faults)
        self._commit(changes)

    @property
    def _pms(self) -> str | None:
        return self.tenant.pms if self.tenant is not None else None

    def _by_hand(self, wave_id: str, pms_id: str) -> Link:
        """A new link; it remembers that a create of the customer was lost, since that may still land."""
        link = Link(wave_id=wave_id, pms_id=pms_id, rule=BY_A_PERSON, open=True)
        refs = {(side, link.id_on(side)) for side in Side}
        creates = [i for i in self.links.scan(Intent) if i.kind is IntentKind.CREATE]
        resting = [q for side, i in refs for q in self.links.find(Quarantined, f"{side}_id", [i])]
        lost = any((i.side.other, i.origin_id) in refs for i in creates)
        lost = lost or any(q.reason is QuarantineReason.UNKNOWN for q in resting)
        return evolve(link, rule=f"{BY_A_PERSON} ({LOST_BEFORE})") if lost else link

    def unlink(self, wave_id: str | None, pms_id: str | None) -> None:
        """End a link and leave both records apart."""
        wanted = [(by, i) for by, i in (("wave_id", wave_id), ("pms_id", pms_id)) if i is not None]
        if not all(isinstance(record_id, str) for _, record_id in wanted):
            raise ConfigurationError("unlink", ["an id is text (allowed: wave_id='...', pms_id='...')"])
        found = [link for by, record_id in wanted for link in self.links.find(Link, by, [record_id])]
        if not wanted:
            raise ConfigurationError("unlink", ["there is no such link; give wave_id=, pms_id= or both"])
        if len({link.wave_id for link in found}) != 1 or len(found) != len(wanted):
            ids = " / ".join(one_line(record_id) for _, record_id in wanted)
            raise ConfigurationError("unlink", [f"{ids}: there is no such link"])
        link = found[0]
        apart = [Put(evolve(self._known(side, link.id_on(side)), reason=APART)) for side in Side]
        open_writes = self._open_writes(link)
        sent = tuple(field for intent in open_writes for field in self._sent(intent))
        noted = self._note("unlink", link, "by a person; both records are left apart", fields=sent)
        gone = [Remove(link), Remove(Agreement(wave_id=link.wave_id)), *map(Remove, open_writes)]
        self._commit([*gone, *apart, *noted])

    def _open_writes(self, link: Link) -> list[Intent]:
        """Writes of the pair whose outcome nobody will ask for any more; a create finds its record without a link."""
        return [
            intent
            for intent in self.links.scan(Intent)
            if intent.kind is not IntentKind.CREATE
            and (intent.record_id, intent.origin_id) == (link.id_on(intent.side), link.id_on(intent.side.other))
        ]

    def _sent(self, intent: Intent) -> list[JournalField]:
        """What an open write may have replaced, and by what."""
        return [
            JournalField(
                id=name,
                name=self.lens.fields[name].name,
                before=self.lens.cell(intent.side, name, intent.before.get(name)).told,
                after=value,
            )
            for name, value in intent.values.items()
            if name in self.lens.fields
        ]

    def _known(self, side: Side, record_id: str) -> Known:
        found = self.links.find(Known, f"{side}_id", [record_id])
        return found[0] if found else Known(side=side, id=record_id)

    def _without_reason(self, link: Link) -> list[Change]:
        """A linked record is neither apart nor at rest."""
        known = [self._known(side, link.id_on(side)) for side in Side]
        resting = [q for side in Side for q in self.links.find(Quarantined, f"{side}_id", [link.id_on(side)])]
        return [*[Put(evolve(k, reason="")) for k in known if k.reason], *[Remove(q) for q in resting]]

    @staticmethod
    def _attend(link: Link, reason: str) -> list[Change]:
        return [Put(Unfinished(side=side, id=link.id_on(side), reason=reason)) for side in Side]

    # --- disputes ---

    def disputes(self) -> list[Dispute]:
        """All held groups, oldest pair first."""
        opened = {link.wave_id: link for link in self.links.find(Link, "open", ["yes"])}
        agreements = self.links.find(Agreement, "wave_id", sorted(opened))
        return [
            dispute(opened[a.wave_id], a, hold, self.lens)
            for a in sorted(agreements, key=lambda a: a.wave_id)
            for _, hold in sorted(a.holds.items())
        ]

    def resolve(self, item: Dispute, choose: str | None, value: object) -> None:
        """Store a choice, bound to both values as they were shown."""
        if not isinstance(item, Dispute):
            raise ConfigurationError("resolve", ["dispute: is none (allowed: one of sync.disputes())"])
        link, agreement, hold = self._open(item)
        choice = self._choice(item, hold, choose, value)
        held = evolve(hold, choice=evolve(choice, digest=values_digest(hold)))
        agreement = evolve(agreement, holds={**agreement.holds, item.group: held})
        noted = self._note("resolve", link, _resolved(choice), item.group, self._told(item, hold, choice))
        self._commit([Put(agreement), *self._attend(link, "a dispute was resolved"), *noted])

    def _open(self, item: Dispute) -> tuple[Link, Agreement, Hold]:
        links = self.links.find(Link, "wave_id", [item.wave_id])
        agreements = self.links.find(Agreement, "wave_id", [item.wave_id])
        hold = agreements[0].holds.get(item.group) if agreements else None
        if not links or hold is None:
            raise ConfigurationError("resolve", [f"{item.group} of {item.wave_id}: this dispute is not open any more"])
        shown = dispute(links[0], agreements[0], hold, self.lens)
        if (shown.wave, shown.pms) != (item.wave, item.pms):
            raise ConfigurationError("resolve", [f"{item.group} of {item.wave_id}: the values moved; look again"])
        return links[0], agreements[0], hold

    def _choice(self, item: Dispute, hold: Hold, choose: str | None, value: object) -> Choice:
        where = f"{item.group} of {item.wave_id}"
        if (choose is None) == (value is None):
            raise ConfigurationError("resolve", [f"{where}: give either choose= or value="])
        if choose is not None:
            if choose not in {side.value for side in Side}:
                raise ConfigurationError("resolve", [f"choose: {choose!r} is unknown (allowed: wave, pms)"])
            return Choice(side=Side(choose))
        if item.group == WHOLE:
            raise ConfigurationError("resolve", [f"{where}: a deletion is settled by choose=, not by a value"])
        if any(self.lens.fields[i].direction is not Direction.BOTH for i in hold.wave if i in self.lens.fields):
            told = "is mapped one way, and a value would be written to both sides (allowed: choose=)"
            raise ConfigurationError("resolve", [f"{where}: {told}"])
        return Choice(values=self._values(item, hold, value))

    def _values(self, item: Dispute, hold: Hold, value: object) -> dict[str, object]:
        ids = [i for i in hold.wave if i in self.lens.fields]
        names = {self.lens.fields[i].name: i for i in ids}
        if len(ids) == 1 and not isinstance(value, Mapping):
            values = {ids[0]: value}
        elif isinstance(value, Mapping) and set(value) <= set(names):
            values = {names[str(name)]: part for name, part in value.items()}
        else:
            raise ConfigurationError(
                "resolve", [f"value: must be a dict by Wave property (allowed: {', '.join(names)})"]
            )
        faults = [
            f"value: {self.lens.fields[i].name}: {why}"
            for i, part in values.items()
            for side in Side
            if part is not None and (why := self.lens.check(side, i, part))
        ]
        faults += self._left_open(hold, values)
        faults += self._misfit(item, hold, values)
        if faults:
            raise ConfigurationError("resolve", list(dict.fromkeys(faults)))
        return values

    def _left_open(self, hold: Hold, values: Mapping[str, object]) -> list[str]:
        """What a given value would leave unsettled: a part in which the sides differ, or a required one."""
        faults: list[str] = []
        for i in (i for i in hold.wave if i in self.lens.fields):
            name = self.lens.fields[i].name
            if i not in values and not self._agree(hold, i):
                faults.append(f"value: {name}: is missing, and the sides differ in it, too")
            elif i in values and self.lens.fields[i].required and self.lens.cell(Side.WAVE, i, values[i]).empty:
                faults.append(f"value: {name}: is required and cannot be cleared")
        return faults

    def _misfit(self, item: Dispute, hold: Hold, values: Mapping[str, object]) -> list[str]:
        """Why the parts of a given value do not fit each other, those included that it leaves as they are."""
        if any(isinstance(raw, Forgotten) for raw in hold.wave.values()):
            return []
        kept = {i: self.lens.cell(Side.WAVE, i, raw) for i, raw in hold.wave.items() if i in self.lens.fields}
        cells = {**kept, **{i: self.lens.cell(Side.WAVE, i, value) for i, value in values.items()}}
        fault = self.lens.group_fault(item.group, cells)
        return [f"value: {fault}"] if fault else []

    def _agree(self, hold: Hold, field_id: str) -> bool:
        shown = [(side, hold.on(side).get(field_id)) for side in Side]
        if any(isinstance(raw, Forgotten) for _, raw in shown):
            return False
        wave, pms = (self.lens.cell(side, field_id, raw) for side, raw in shown)
        return wave.same(pms)

    # --- quarantine ---

    def quarantine(self) -> list[Quarantined]:
        """All resting records."""
        return sorted(self.links.scan(Quarantined), key=lambda q: (q.side.value, q.id))

    def retry(self, entry: Quarantined) -> None:
        """Free a resting record: the next run reads it again and decides as if for the first time."""
        if not isinstance(entry, Quarantined):
            raise ConfigurationError("retry", ["entry: is none (allowed: one of sync.quarantine())"])
        found = [q for q in self.links.find(Quarantined, f"{entry.side}_id", [entry.id]) if q.side is entry.side]
        if not found:
            raise ConfigurationError("retry", [f"{entry.side} {entry.id}: is not in quarantine"])
        freed = evolve(found[0], digest="")
        again = Unfinished(side=entry.side, id=entry.id, reason="asked for again")
        self._commit([Put(freed), Put(again), *self._note("retry", entry, str(entry.reason))])

    # --- writing ---

    def _told(self, item: Dispute, hold: Hold, choice: Choice) -> tuple[JournalField, ...]:
        """What both sides showed to the person; for a given value, that value beside what was agreed on."""
        if choice.values is None:
            known = {name: (item.wave.get(name), item.pms.get(name)) for name in item.wave}
        else:
            given = {self.lens.fields[i].name: value for i, value in choice.values.items()}
            known = {name: (item.agreed.get(name), value) for name, value in given.items()}
        ids = {self.lens.fields[i].name: i for i in hold.wave if i in self.lens.fields}
        return tuple(
            JournalField(id=ids.get(name, ""), name=name, before=before, after=after)
            for name, (before, after) in known.items()
        )

    def _note(
        self, kind: str, about: Link | Quarantined, rule: str, group: str = "", fields: tuple[JournalField, ...] = ()
    ) -> list[Change]:
        """Tell the journal what a person decided."""
        if self.now is None:
            return []
        ids = {side: _id_on(about, side) for side in Side}
        self._number += 1
        return [
            Put(
                JournalEntry(
                    run_id=self.run_id,
                    number=self._number,
                    at=self.now,
                    kind=kind,
                    wave_id=ids[Side.WAVE],
                    pms_id=ids[Side.PMS],
                    rule=rule,
                    group=group,
                    fields=fields,
                )
            )
        ]

    def _commit(self, changes: Sequence[Change]) -> None:
        if not changes or self.lease is None:
            return
        bound = any(True for _ in self.links.scan(Tenant))
        first = [] if bound or self.tenant is None else [Put(self.tenant)]
        self.links.commit([*first, *changes], self.lease)


def _id_on(about: Link | Quarantined, side: Side) -> str | None:
    if isinstance(about, Link):
        return about.id_on(side)
    return about.id if about.side is side else None


def _resolved(choice: Choice) -> str:
    return "a given value" if choice.side is None else f"the value of {choice.side.words}"


def _twice(ids: Sequence[str], side: str) -> list[str]:
    return [f"{side} {i}: named twice" for i in dict.fromkeys(ids) if ids.count(i) > 1]
