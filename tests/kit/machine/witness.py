"""Who looks at both servers after every step, and judges."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import define, field

from machine.shown import STAMPS, Owed, Ref, Shown
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Intent, JournalEntry
from wave_pms_sync.model.side import Side

BESIDE = ("tags", "external", "notes", "internalNotes")
"""Properties that no map of the machine names (but for the notes, at times)."""


@define
class Witness:
    """Looks at both servers after every step and judges what we did there, by what the servers counted.

    Whatever others do is done between two looks, so that all the rest is ours.

    Attributes:
        town: Both servers.
        shown: What both servers had at the last look.
        born: The numbers of every record when it was first seen.
        ever: All values that a record ever showed, by field.
        past: All rows that it ever showed, for another mapping to be laid over.
        given: Values that a person chose.
        owed: What we replaced, and is not yet found in the journal.
        settled: What was there after the last run that went well.
        vague: Records whose numbers prove nothing any more: a person linked or parted them, or what was known is lost.
        back: Records that others brought back.
        edited_at: When others last did something to a record.
        requests: How many requests a record's side had seen by then.
        hidden: Records of which a side that lags behind shows nobody what others did last.
    """

    town: object
    shown: dict[Ref, Shown] = field(factory=dict)
    born: dict[Ref, set[str]] = field(factory=dict)
    ever: dict[Ref, dict[str, list[object]]] = field(factory=dict)
    past: dict[Ref, list[Mapping[str, object]]] = field(factory=dict)
    given: list[object] = field(factory=list)
    owed: list[Owed] = field(factory=list)
    settled: dict[Ref, Shown] = field(factory=dict)
    vague: set[str] = field(factory=set)
    back: set[Ref] = field(factory=set)
    edited_at: dict[Ref, datetime] = field(factory=dict)
    requests: dict[Ref, int] = field(factory=dict)
    hidden: set[Ref] = field(factory=set)
    partners: dict[Ref, Ref] = field(factory=dict)
    released: bool = False
    rendered: bool = False
    calm: bool = True

    def look(self) -> dict[Ref, Shown]:
        """Everything as it stands now."""
        lens, found = self.town.lens, {}
        for side in Side:
            for record_id, row in self.town.box(side).customers.items():
                kept = {name: value for name, value in row.items() if name not in STAMPS}
                before = self.shown.get((side, record_id))
                if before is not None and before.row == kept and set(before.cells) == set(lens.fields):
                    found[side, record_id] = before
                else:
                    found[side, record_id] = Shown(kept, lens.cells(side, lens.raws(side, row)))
        return found

    def accept(self) -> None:
        """Take what is there for granted: others did it."""
        now = self.look()
        for ref, shown in now.items():
            if ref not in self.born:
                self.born[ref] = self._numbers(shown)
            elif ref not in self.shown:
                self.back.add(ref)
            if ref not in self.shown or shown is not self.shown[ref]:
                self.edited_at[ref] = self.town.clock.now()
                self.requests[ref] = len(self.town.box(ref[0]).ledger.entries)
        self._remember(now)

    def lose_memory(self) -> None:
        """Nothing is owed by whoever knows nothing. A pair stays known by the Wave id that the PMS noted once.

        A mark on a record that stands for somebody else (a copy) tells nothing, nor does one of a record that is gone.
        """
        self.owed.clear()
        self.settled.clear()
        lens = self.town.lens
        shown = {ref: self._numbers(shown) for ref, shown in self.shown.items()}
        marks = [(lens.raws(Side.PMS, self.shown[ref].row)[-1], ref) for ref in shown if ref[0] is Side.PMS]
        told = {(Side.WAVE, mark): ref for mark, ref in marks if sum(mark == other for other, _ in marks) == 1}
        told = told if lens.marker else {}
        known = [self.born[wave] & shown[pms] for wave, pms in told.items() if wave in self.born and wave in shown]
        sure = {number for numbers in known for number in numbers}
        every = [number for ref, born in self.born.items() for number in born | shown.get(ref, set())]
        self.vague |= {number for number in every if every.count(number) > 1} - sure

    def relearn(self) -> None:
        """The mapping changed: see the same rows with other eyes."""
        lens = self.town.lens
        self.shown.clear()
        self.settled.clear()
        self.ever.clear()
        for (side, record_id), rows in self.past.items():
            for row in rows:
                self._add((side, record_id), lens.cells(side, lens.raws(side, row)))
        self._remember(self.look())

    def judge(self) -> None:
        """Judge what changed since the last look."""
        now = self.look()
        self._learn_partners()
        made = {(s, i) for s in Side for e in self.town.box(s).ledger.entries for i in e.effects.created}
        gone = {(s, i) for s in Side for e in self.town.box(s).ledger.entries for i in e.effects.deleted}
        late = {(s, i) for s in Side for e in self.town.box(s).ledger.entries if "late" in e.fault for i in e.ids}
        for ref, shown in now.items():
            if ref not in self.shown and ref in made and ref not in self.born:
                self._judge_birth(ref, shown, set(now) | gone)
            elif ref not in self.shown:
                self.born.setdefault(ref, self._numbers(shown))
            elif shown.row != self.shown[ref].row and ref not in late:
                self._judge_change(ref, self.shown[ref], shown, now)
        for ref in (set(self.shown) - set(now)) & gone:
            self._judge_end(ref, now)
        self._remember(now)

    def _remember(self, now: dict[Ref, Shown]) -> None:
        self.shown = now
        for ref, shown in now.items():
            rows = self.past.setdefault(ref, [])
            if not rows or rows[-1] is not shown.row:
                rows.append(shown.row)
                self._add(ref, shown.cells)

    def _add(self, ref: Ref, cells: Mapping[str, object]) -> None:
        known = self.ever.setdefault(ref, {})
        for name, cell in cells.items():
            if not any(cell == other for other in known.setdefault(name, [])):
                known[name].append(cell)

    def _numbers(self, shown: Shown) -> set[str]:
        found = {str(shown.row.get("tollFree") or shown.row.get("toll_free_phone") or "")}
        found.add(str(shown.row.get("fax") or ""))
        return found - {""}

    def _learn_partners(self) -> None:
        for link in self.town.links.scan(Link):
            self.partners[Side.WAVE, link.wave_id] = (Side.PMS, link.pms_id)
            self.partners[Side.PMS, link.pms_id] = (Side.WAVE, link.wave_id)

    # --- the judgements

    def _judge_birth(self, ref: Ref, shown: Shown, there: set[Ref]) -> None:
        """We made it: that side allows it, and nobody there stands for the same record already.

        Whom others deleted while we ran stands for nobody; whom we deleted does.
        """
        side, policy = ref[0], self.town.policy
        self.born[ref] = self._numbers(shown)
        allowed = policy.creates_in(side) or policy.deletion(side) == "recreate" or self.released
        assert allowed, f"{ref} was made where nothing is to be made"
        if self.born[ref] & self.vague:
            return
        twins = [
            other
            for other, numbers in self.born.items()
            if other[0] is side and other != ref and other in self.shown and other in there
            if other not in self.back
            if numbers & self.born[ref]
        ]
        assert not twins, f"{ref} was made for whom {twins} stands already"

    def _judge_end(self, ref: Ref, now: Mapping[Ref, Shown]) -> None:
        """We deleted it: by the policy or a person, its partner is gone, and no edit of it was unseen.

        A side that lags shows a partner that others have just made as gone; no evidence tells the two apart.
        """
        policy = self.town.policy
        assert policy.deletion(ref[0]) == "delete" or self.released, f"{ref} was deleted against the policy"
        if not self.calm:
            return
        partner = self.partners.get(ref)
        assert partner is not None, f"{ref} was deleted without ever having been linked"
        assert partner not in now or partner in self.hidden, f"{ref} was deleted, and {partner} is there"
        before = self.settled.get(ref)
        if before is None or self.released or ref in self.hidden:
            return
        carried = self.ever.get(partner, {})
        edited = [
            name
            for name, cell in self.shown[ref].cells.items()
            if self.town.lens.fields[name].direction is Direction.BOTH and not cell.same(before.cells[name])
            if not any(cell.same(other) for other in carried.get(name, ()))
        ]
        assert not edited, f"{ref} was deleted with edits of {edited} that no run had seen"

    def _judge_change(self, ref: Ref, old: Shown, new: Shown, now: Mapping[Ref, Shown]) -> None:
        """We changed it: it is linked, what was written came from a side, and what it replaced is owed."""
        partner = self.partners.get(ref)
        assert partner is not None, f"{ref} was written without ever having been linked"
        self._judge_archiving(ref, old, new)
        for name in BESIDE:
            mapped = any(name in (rules.name, rules.id) or name in rules.id for rules in self.town.lens.fields.values())
            assert mapped or old.row.get(name) == new.row.get(name), f"{ref}: {name} is no business of ours"
        for name, rules in self.town.lens.fields.items():
            before, after = old.cells[name], new.cells[name]
            if before.raw == after.raw:
                continue
            self._judge_direction(ref, rules)
            self._judge_value(ref, partner, name, after, now)
            kept = partner in now and now[partner].cells[name].same(before)
            if not before.empty and not before.same(after) and not kept and self._seen(ref):
                self.owed.append(Owed(ref, rules.name, before.told, name))

    def _seen(self, ref: Ref) -> bool:
        """Whether we could see what others did last: their side does not lag, and we asked once more before we wrote.

        Between our last look and our write nobody can.
        """
        since = self.town.box(ref[0]).ledger.entries[self.requests.get(ref, 0) :]
        written = next((n for n, e in enumerate(since) if ref[1] in e.effects.updated), len(since))
        asked = any(e.operation == "list" or (e.operation == "one" and ref[1] in e.ids) for e in since[:written])
        return asked and ref not in self.hidden

    def _judge_archiving(self, ref: Ref, old: Shown, new: Shown) -> None:
        policy = self.town.policy
        allowed = policy.archives == "mirror" or policy.deletion(ref[0]) == "archive" or self.released
        assert old.archived == new.archived or allowed, f"{ref} was archived against the policy"

    def _judge_direction(self, ref: Ref, rules: object) -> None:
        back = {Side.WAVE: Direction.TO_PMS, Side.PMS: Direction.TO_WAVE}[ref[0]]
        against = rules.direction is Direction.READ_ONLY or (
            rules.direction is back and rules.on_foreign_edit == "accept"
        )
        assert not against, f"{ref}: {rules.name} was written against its direction"

    def _judge_value(self, ref: Ref, partner: Ref, name: str, after: object, now: Mapping[Ref, Shown]) -> None:
        unseen = partner not in self.ever and self.town.deleted_readable
        if after.empty or self.rendered or unseen:
            return
        known = [now[partner].cells[name]] if partner in now else []
        known += [cell for one in (ref, partner) for cell in self.ever.get(one, {}).get(name, ())]
        chosen = any(after.value == value for value in self.given)
        assert chosen or any(after.same(cell) for cell in known), f"{ref}: {name} came from nowhere"

    # --- after a run

    def pay(self) -> None:
        """Look in the journal for what we replaced; what an open intent may still tell is waited for."""
        if not self.owed:
            return
        waiting = {i for x in self.town.links.scan(Intent) for i in (x.record_id, x.origin_id)}
        told = list(self.town.links.scan(JournalEntry))
        left = []
        for owed in self.owed:
            if self._told(owed, told):
                continue
            ids = {owed.ref[1], self.partners.get(owed.ref, owed.ref)[1]}
            assert ids & waiting, f"{owed.ref}: {owed.name} was replaced, and nobody noted it"
            left.append(owed)
        self.owed = left

    def _told(self, owed: Owed, told: list[JournalEntry]) -> bool:
        partner = self.partners.get(owed.ref)
        again = [self.shown[r].cells.get(owed.field) for r in (owed.ref, partner) if r in self.shown]
        if any(cell is not None and cell.told == owed.value for cell in again):
            return True
        mine = [f for e in told if owed.ref[1] in (e.wave_id, e.pms_id) for f in e.fields]
        return any(f.name == owed.name and owed.value in (f.lost, f.before, f.after) for f in mine)

    def forget(self, *ids: str) -> None:
        """The journal need not hold what was theirs."""
        self.owed = [o for o in self.owed if not {o.ref[1], self.partners.get(o.ref, o.ref)[1]} & set(ids)]

    def hide(self, side: Side, seconds: float) -> None:
        """A side shows everything as it was so long ago."""
        since = self.town.clock.now() - timedelta(seconds=seconds)
        self.hidden |= {ref for ref, at in self.edited_at.items() if ref[0] is side and at > since}

    def blur(self, *refs: Ref) -> None:
        """The numbers of these records prove nothing any more."""
        for ref in refs:
            self.vague |= self.born.get(ref, set())
