"""The whole stage: plans, a person who decides, and how it all ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from machine.disorder import LATEST_S
from machine.runs import Running
from machine.setting import LABELS, mapping_of
from wave_pms_sync import Plan
from wave_pms_sync.errors import ConfigurationError, SyncError
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import JournalEntry
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.verdicts import WHOLE
from wave_pms_sync.stores.kinds import KINDS

GIVEN = {"phone": "+1 212 555 0199", "email": "given@example.com", "website": "given.example"}
"""What a person gives instead of either value."""


MISTYPES = 9
"""The place among the free records at which a person links, and writes an id with a figure too many."""


class Stage(Running):
    """A town with a witness: every act leaves it judged."""

    # --- plans

    def plan(self, full: bool | None, *, keep: bool) -> None:
        """Plan, twice: the same plan, and nothing is written anywhere."""
        self._wait_for_the_dead()
        self.let_arrive()
        self.witness.judge()
        before = self._memory(), self.town.ledger()[2:]
        if self.weather or self.lie is not None:
            with suppress(SyncError):
                self.town.sync.plan(full=full)
            assert (self._memory(), self.town.ledger()[2:]) == before, "planning wrote something"
            self.clear_up()
        plan = self.town.sync.plan(full=full)
        again = self.fresh_sync().plan(full=full)
        assert plan.digest == again.digest, "the same state and reads gave another plan"
        assert (self._memory(), self.town.ledger()[2:]) == before, "planning wrote something"
        self.witness.judge()
        if keep:
            self.plans.append(plan)

    def _memory(self) -> object:
        if self.setting.on_file:
            self.town.links.close()
            files = {p.name: p.read_bytes() for p in self.folder.iterdir() if not p.name.endswith("-shm")}
            return {name: content for name, content in files.items() if content}
        return {kind: list(self.town.links.scan(kind)) for kind in KINDS}

    def apply(self, number: int) -> None:
        """A plan is applied late, and at once a second time: one kept in a file, or, with an odd number, as it is."""
        if not self.plans:
            return
        kept = self.plans[number // 2 % len(self.plans)]
        plan = kept if number % 2 else Plan.from_dict(json.loads(json.dumps(kept.to_dict())))
        disturbed = bool(self.weather) or self.lie is not None
        report = self._carefully(lambda: self.town.sync.apply(plan, accept=plan.digest))
        if report is None or disturbed:
            return
        before = self.town.ledger()[2:]
        self._carefully(lambda: self.town.sync.apply(plan, accept=plan.digest))
        assert report.status != "complete" or self.town.ledger()[2:] == before, "applied twice, written twice"

    # --- a person

    def decide(self, what: str, number: int, side: Side) -> None:
        """A person does something in fine weather; what cannot be done is refused, and changes nothing."""
        self.clear_up()
        self._wait_for_the_dead()
        self.witness.judge()
        with suppress(ConfigurationError):
            getattr(self, f"_{what}")(number, side)
        self.witness.judge()

    def _resolve(self, number: int, side: Side) -> None:
        found = [d for d in self.town.sync.disputes() if d.group not in LABELS.values()]
        if not found:
            return
        chosen = found[number % len(found)]
        self.witness.released |= chosen.group == WHOLE
        if chosen.group in GIVEN and number % 2:
            self.witness.given.append(GIVEN[chosen.group])
            self.town.sync.resolve(chosen, value=GIVEN[chosen.group])
        else:
            self.town.sync.resolve(chosen, choose=side.value)

    def _link(self, number: int, side: Side) -> None:
        linked = {link.id_on(s) for link in self.town.links.scan(Link) for s in Side}
        free = {s: [i for i in self.town.box(s).customers if i not in linked] for s in Side}
        if all(free.values()):
            pair = {s: ids[(number if s is side else 0) % len(ids)] for s, ids in free.items()}
            self.witness.blur(*pair.items())
            if number == MISTYPES:
                pair[side] += "0"
            self.town.sync.link(pair[Side.WAVE], pair[Side.PMS])

    def _unlink(self, number: int, side: Side) -> None:
        link = self._some_link(number)
        if link is not None:
            self.witness.blur(*((s, link.id_on(s)) for s in Side))
            self.town.sync.unlink(**{f"{side.value}_id": link.id_on(side)})

    def _retry(self, number: int, side: Side) -> None:
        found = self.town.sync.quarantine()
        if found:
            entry = found[number % len(found)]
            self.witness.blur((entry.side, entry.id), *((entry.side.other, i) for i in entry.candidates))
            self.town.sync.retry(entry)

    def _undo(self, number: int, side: Side) -> None:
        runs = list(dict.fromkeys(e.run_id for e in self.town.links.scan(JournalEntry)))
        if runs:
            plan = self.town.sync.undo(runs[-1 - number % len(runs)])
            self._carefully(lambda: self.town.sync.apply(plan, accept=plan.digest))

    def _forget(self, number: int, side: Side) -> None:
        link = self._some_link(number)
        if link is not None:
            self.town.sync.forget(wave_id=link.wave_id)
            self.witness.forget(link.wave_id, link.pms_id)

    def _verify(self, number: int, side: Side) -> None:
        before = self._memory(), self.town.ledger()[2:]
        self.town.sync.verify()
        assert (self._memory(), self.town.ledger()[2:]) == before, "an audit wrote something"

    def _some_link(self, number: int) -> Link | None:
        found = list(self.town.links.scan(Link))
        return found[number % len(found)] if found else None

    def remap(self, variant: Mapping[str, object]) -> None:
        """Go on with another mapping; no variant touches the numbers."""
        self._wait_for_the_dead()
        self.witness.judge()
        mapping = mapping_of(marked=self.setting.marked)
        if "off" in variant:
            mapping.unmap(variant["off"])
        elif "on" in variant:
            mapping.enable(variant["on"])
        elif variant:
            mapping.map("customer", **variant)
        self.town.mapping, self.town.lens = mapping, mapping.lens()
        self.town.sync = self.fresh_sync()
        self.witness.relearn()
        if not (self.met and any(True for _ in self.town.links.scan(Link))):
            self.witness.lose_memory()  # nobody remembers the marks in their former place

    def lose_memory(self) -> None:
        """The link store is lost; what no key singles out may be doubled now, and nothing may be deleted.

        What is on its way arrives before: nobody can know of a write that lands after all memory of it.
        """
        self.let_arrive()
        self.wait(LATEST_S)
        self.witness.judge()
        self.town.links.close()
        self.town.links = self._empty_store()
        self.town.sync = self.fresh_sync()
        self.first, self.met, self.dead, self.left_lease, self.runs = True, False, False, False, 0
        self.witness.lose_memory()

    # --- the end

    def settle(self) -> None:
        """Edits and faults stop: after some runs all is settled, quiet, and everything is accounted for."""
        self.clear_up()
        self._wait_for_the_dead()
        self.wait(max(0.0, (self.latest - self.clock.now()).total_seconds()))
        for number in range(6):
            self.wait(self.town.policy.settle_s)
            self.run(full=True if number in (3, 5) or (number == 0 and self.unseen) else None)
        self.town.check_settled()
        self.town.check_store()
        before = self.town.ledger()[2:]
        self.run(full=True)
        assert self.town.ledger()[2:] == before, "a quiet run wrote something"
        assert not self.witness.owed, "what was replaced is noted nowhere"
