"""What the machine works with: a stage between two servers, and a witness who asks the servers and nobody else."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import pytest
import requests
from attrs import define, evolve, field, frozen
from hypothesis import Phase

from wave_pms_sync import MappingRegistry, MemoryLinkStore, Plan, Policy, Report, SQLiteLinkStore, Synchronizer
from wave_pms_sync.errors import ConfigurationError, LeaseHeld, StoreUnusable, SyncError
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Intent, JournalEntry
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.reconcile.verdicts import WHOLE
from wave_pms_sync.stores.kinds import KINDS
from wave_pms_sync.testing import Fault
from wave_pms_sync.testing.strategies import Edit, Start
from wave_pms_sync.testing.weather import Weather

Ref = tuple[Side, str]
LABELS = {Side.WAVE: "tollFree", Side.PMS: "fax"}
"""Where a record that others made bears a number of its own. Nobody edits it, and no rule replaces it."""
GIVEN = {"phone": "+1 212 555 0199", "email": "given@example.com", "website": "given.example"}
"""What a person gives instead of either value."""

BESIDE = ("tags", "external", "notes", "internalNotes")
"""Properties that no map of the machine names (but for the notes, at times)."""


@frozen
class MachineTime:
    """How long the machine is to run, and where it begins.

    Attributes:
        minutes: So long; a round that began is ended.
        seed: Of the first round; each further round counts on.
        shrink: Whether what is found is made small, which takes minutes.
    """

    minutes: float
    seed: int
    shrink: bool = True

    @property
    def phases(self) -> dict[str, object]:
        """Settings for that."""
        return {} if self.shrink else {"phases": [Phase.generate]}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the machine; they are known if its folder is named on the command line."""
    group = parser.getgroup("the machine of laws")
    group.addoption("--machine-minutes", type=float, default=None, help="let the machine run so long")
    group.addoption("--machine-seed", type=int, default=None, help="begin where a round that failed began")
    group.addoption("--machine-raw", action="store_true", help="show what is found as it is, not made small")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Who asks for hours shall have them."""
    if config.getoption("machine_minutes", default=None) is not None:
        for item in items:
            item.add_marker(pytest.mark.timeout(0), append=False)


@pytest.fixture
def machine_time(request: pytest.FixtureRequest) -> MachineTime | None:
    """How long the machine is to run; None: as long as usual."""
    asked = request.config.getoption
    minutes, number = asked("machine_minutes", default=None), asked("machine_seed", default=None)
    if minutes is None and number is None:
        return None
    number = secrets.randbelow(10**9) if number is None else number
    return MachineTime(minutes or 0, number, not asked("machine_raw", default=False))


class Cut(BaseException):
    """The process dies here."""


@define
class Interruption:
    """Something that happens at one step of a run: before or after a request or a commit.

    Attributes:
        at: At which step.
        what: What happens; None: the process dies, and nothing of it gets through any more.
        in_store: It happens before the first commit from that step on.
    """

    at: int
    what: Callable[[], None] | None = None
    in_store: bool = False
    steps: int = 0
    fallen: bool = False
    happened: bool = False

    def step(self, *, storing: bool = False) -> None:
        """One more step."""
        self.steps += 1
        due = self.steps >= self.at and not self.happened and (storing or not self.in_store)
        if self.fallen or (due and self.what is None):
            self.fallen = True
            raise Cut
        if due:
            self.happened = True
            self.what()


class StepStore:
    """A store whose commits are steps. Of a dead run it hears nothing more, not even goodbye."""

    def __init__(self, links: LinkStore, interruption: Interruption) -> None:
        self._links = links
        self._interruption = interruption

    def __getattr__(self, name: str) -> object:
        return getattr(self._links, name)

    def commit(self, changes: object, lease: object) -> None:
        """Commit, between two steps."""
        self._interruption.step(storing=True)
        self._links.commit(changes, lease)
        self._interruption.step()

    def release(self, lease: object) -> None:
        """Give the lease back, unless dead."""
        if not self._interruption.fallen:
            self._links.release(lease)


class StepSession(requests.Session):
    """Requests that are steps, before they are sent and after they were answered."""

    def __init__(self, interruption: Interruption) -> None:
        super().__init__()
        self._interruption = interruption

    def request(self, *args: object, **kwargs: object) -> requests.Response:
        """Send, between two steps."""
        self._interruption.step()
        answer = super().request(*args, **kwargs)
        self._interruption.step()
        return answer


@define
class OwnClock:
    """Our own time: that of the town, so many seconds ahead."""

    town: object
    ahead_s: float = 0.0

    def now(self) -> datetime:
        """The present moment."""
        return self.town.clock.now() + timedelta(seconds=self.ahead_s)


@frozen
class Shown:
    """A record as its server has it: the row without stamps, and what the mapping makes of it."""

    row: Mapping[str, object]
    cells: Mapping[str, object]

    @property
    def archived(self) -> bool:
        """Whether it is archived."""
        return bool(self.row.get("isArchived") or self.row.get("archived"))


@frozen
class Owed:
    """A value that we replaced, to be found in the journal."""

    ref: Ref
    name: str
    value: object
    field: str


STAMPS = ("createdAt", "modifiedAt", "created_at", "updated_at")


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
        self._remember(now)

    def lose_memory(self) -> None:
        """Nothing is owed by whoever knows nothing. A pair stays known by the Wave id that the PMS noted once."""
        self.owed.clear()
        self.settled.clear()
        marks = [shown.row.get("external_id") for (side, _), shown in self.shown.items() if side is Side.PMS]
        told = {(Side.WAVE, mark) for mark in marks if marks.count(mark) == 1} if self.town.lens.marker else set()
        sure = {number for ref in told for number in self.born.get(ref, ())}
        every = [number for numbers in self.born.values() for number in numbers]
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
                self._judge_birth(ref, shown)
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

    def _judge_birth(self, ref: Ref, shown: Shown) -> None:
        """We made it: that side allows it, and nobody there stands for the same record already."""
        side, policy = ref[0], self.town.policy
        self.born[ref] = self._numbers(shown)
        allowed = policy.creates_in(side) or policy.deletion(side) == "recreate" or self.released
        assert allowed, f"{ref} was made where nothing is to be made"
        if self.born[ref] & self.vague:
            return
        twins = [
            other
            for other, numbers in self.born.items()
            if other[0] is side and other != ref and other in self.shown and other not in self.back
            if numbers & self.born[ref]
        ]
        assert not twins, f"{ref} was made for whom {twins} stands already"

    def _judge_end(self, ref: Ref, now: Mapping[Ref, Shown]) -> None:
        """We deleted it: by the policy or a person, its partner is gone, and nobody had edited it since it was seen."""
        policy = self.town.policy
        assert policy.deletion(ref[0]) == "delete" or self.released, f"{ref} was deleted against the policy"
        if not self.calm:
            return
        partner = self.partners.get(ref)
        assert partner is not None, f"{ref} was deleted without ever having been linked"
        assert partner not in now, f"{ref} was deleted, and {partner} is there"
        before = self.settled.get(ref)
        if before is None or self.released:
            return
        edited = [
            name
            for name, cell in self.shown[ref].cells.items()
            if self.town.lens.fields[name].direction is Direction.BOTH and not cell.same(before.cells[name])
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
            if not before.empty and not before.same(after) and not kept:
                self.owed.append(Owed(ref, rules.name, before.told, name))

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

    def blur(self, *refs: Ref) -> None:
        """The numbers of these records prove nothing any more."""
        for ref in refs:
            self.vague |= self.born.get(ref, set())


@frozen(kw_only=True)
class Setting:
    """How both servers, our own clock and our memory are on this stage."""

    policy: Policy
    page_size: int = 100
    marked: bool = True
    on_file: bool = False
    ahead_s: float = 0.0
    wave_options: Mapping[str, object] = field(factory=dict)
    pms_options: Mapping[str, object] = field(factory=dict)


class Stage:
    """A town with a witness: every act leaves it judged."""

    def __init__(self, open_town: Callable[..., object], folder: object, setting: Setting) -> None:
        self.setting = setting
        self.folder = folder
        self.stores = 0
        self.mapping = _mapping(marked=setting.marked)
        self.opened = open_town(
            self._empty_store(),
            policy=_with_fixed_numbers(setting.policy),
            mapping=self.mapping,
            page_size=setting.page_size,
            wave_options=setting.wave_options,
            pms_options=setting.pms_options,
        )
        self.town = self.opened.__enter__()
        self.clock = OwnClock(self.town, setting.ahead_s)
        self.town.sync = self.fresh_sync()
        self.witness = Witness(self.town)
        self.numbers = 555_010_000
        self.dead = False
        self.leased = False
        self.left_lease = False
        self.cut = False
        self.died_at = self.clock.now()
        self.first = True
        self.plans: list[dict[str, object]] = []
        self.weather: list[Weather] = []

    def close(self) -> None:
        """Leave."""
        self.town.links.close()
        self.opened.__exit__(None, None, None)

    def _empty_store(self) -> LinkStore:
        self.stores += 1
        if not self.setting.on_file:
            return MemoryLinkStore()
        return SQLiteLinkStore(self.folder / f"links{self.stores}.sqlite3")

    def fresh_sync(self, interruption: Interruption | None = None) -> Synchronizer:
        """A program that was just started."""
        if interruption is None:
            return self.town.another_sync(self.town.links, self.setting.page_size, clock=self.clock)
        return self.town.another_sync(
            StepStore(self.town.links, interruption),
            self.setting.page_size,
            session=StepSession(interruption),
            clock=self.clock,
        )

    # --- others

    def arrive(self, start: Start) -> None:
        """Those who are there before the first run."""
        wave = tuple({**values, "tollFree": self._number()} for values in start.wave)
        pms = tuple(({**values, "fax": self._number()}, mark) for values, mark in start.pms)
        self.town.others.arrive(evolve(start, wave=wave, pms=pms))
        self.witness.accept()

    def edit(self, *edits: Edit) -> None:
        """Others do something."""
        self.witness.judge()
        for one in edits:
            label = {LABELS[one.side]: self._number()} if one.what == "add" else {}
            self.town.others.do(evolve(one, values={**one.values, **label}))
        self.witness.accept()

    def _number(self) -> str:
        self.numbers += 1
        return str(self.numbers)

    # --- time and weather

    def wait(self, seconds: float) -> None:
        """Time passes; what was late arrives."""
        self.town.clock.advance(seconds)
        self.witness.judge()

    def brew(self, weather: Weather) -> None:
        """Something will go wrong."""
        if weather.details.get("field") == "name" and weather.kind is Fault.IGNORED_FIELD and self.first:
            return
        self.weather.append(weather)
        weather.strike(self.town.box(weather.side))
        self.witness.rendered |= weather.kind is Fault.NORMALISED

    def clear_up(self) -> None:
        """All is well again."""
        self.weather.clear()
        for side in Side:
            self.town.box(side).faults.clear()

    # --- runs

    def run(self, full: bool | None = None, only: object = None, interruption: Interruption | None = None) -> None:
        """A run, in whatever weather; a person releases what the guards hold."""
        sync = self.town.sync if interruption is None else self.fresh_sync(interruption)
        report = self._carefully(lambda: self._run(sync, full, only), interruption)
        if report is not None and report.ok and only is None and interruption is None:
            self.cut = False

    def run_for_one(self, side: Side, place: int) -> None:
        """A run for one record, as a webhook asks for it."""
        there = list(self.town.box(side).customers)
        if there:
            chosen = there[place % len(there)]
            self.run(only=[chosen if side is Side.WAVE else ("pms", chosen)])

    def _run(self, sync: Synchronizer, full: bool | None, only: object) -> Report:
        with self._at_work():
            report = sync.run(full=full, only=only)
        if report.status != "held":
            return report
        plan = sync.plan(full=full, only=only)
        with self._at_work():
            return sync.apply(plan, accept=plan.digest)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """While a run holds the lease."""
        self.leased = True
        try:
            yield
        except Cut:
            self.left_lease = True
            raise
        finally:
            self.leased = False

    def _carefully(self, act: Callable[[], Report], interruption: Interruption | None = None) -> Report | None:
        """Act, judge it, and let the weather clear up. An error is one of ours, and only if something went wrong."""
        self._wait_for_the_dead()
        self.witness.judge()
        self.witness.calm = interruption is None or interruption.what is None
        disturbed = bool(self.weather) or interruption is not None
        deletes = self._deletes()
        report, self.cut = None, self.cut or disturbed
        try:
            report = act()
        except Cut:
            self.dead, self.died_at = True, self.clock.now()
        except SyncError:
            if not disturbed:
                raise
        self.clear_up()
        self.witness.judge()
        self.witness.calm = True
        if self.first:
            assert self._deletes() == deletes, "something was deleted by whoever knows nothing"
        self.first = False
        if not self.dead:
            self.witness.pay()
        if report is not None and not disturbed:
            self.witness.settled = dict(self.witness.shown)
        return report

    def _deletes(self) -> int:
        return sum(self.town.box(side).ledger.deletes for side in Side)

    def _wait_for_the_dead(self) -> None:
        """The lease of a run that died has to expire; until then everybody is refused."""
        if not self.dead:
            return
        if self.left_lease and self.clock.now() < self.died_at + timedelta(seconds=self.town.policy.lease_s / 2):
            with pytest.raises(LeaseHeld):
                self.town.sync.run()
        self.town.clock.advance(self.town.policy.lease_s * 2)
        self.dead = self.left_lease = False

    def rival(self, leap_s: float = 0.0) -> None:
        """Another program starts a run in the middle of ours: it is refused, unless ours sleeps past its lease."""
        self.town.clock.advance(leap_s)
        if leap_s > self.town.policy.lease_s * 2 or not self.leased:
            with suppress(SyncError):
                self.fresh_sync().run()
            return
        with pytest.raises(LeaseHeld):
            self.fresh_sync().run()

    def break_store(self) -> None:
        """The disk is full."""
        raise StoreUnusable("no space left")

    # --- plans

    def plan(self, full: bool | None, *, keep: bool) -> None:
        """Plan, twice: the same plan, and nothing is written anywhere."""
        self._wait_for_the_dead()
        self.witness.judge()
        before = self._memory(), self.town.ledger()[2:]
        if self.weather:
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
            self.plans.append(json.loads(json.dumps(plan.to_dict())))

    def _memory(self) -> object:
        if self.setting.on_file:
            self.town.links.close()
            files = {p.name: p.read_bytes() for p in self.folder.iterdir() if not p.name.endswith("-shm")}
            return {name: content for name, content in files.items() if content}
        return {kind: list(self.town.links.scan(kind)) for kind in KINDS}

    def apply(self, number: int) -> None:
        """A plan kept elsewhere is applied late, and at once a second time."""
        if not self.plans:
            return
        plan = Plan.from_dict(self.plans[number % len(self.plans)])
        disturbed = bool(self.weather)
        report = self._carefully(lambda: self.town.sync.apply(plan, accept=plan.digest))
        if report is None or disturbed:
            return
        before = self.town.ledger()[2:]
        self._carefully(lambda: self.town.sync.apply(plan, accept=plan.digest))
        assert report.status == "partial" or self.town.ledger()[2:] == before, "applied twice, written twice"

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
        mapping = _mapping(marked=self.setting.marked)
        if "off" in variant:
            mapping.unmap(variant["off"])
        elif "on" in variant:
            mapping.enable(variant["on"])
        elif variant:
            mapping.map("customer", **variant)
        self.town.mapping, self.town.lens = mapping, mapping.lens()
        self.town.sync = self.fresh_sync()
        self.witness.relearn()

    def lose_memory(self) -> None:
        """The link store is lost; what no key singles out may be doubled now, and nothing may be deleted."""
        self.witness.judge()
        self.town.links.close()
        self.town.links = self._empty_store()
        self.town.sync = self.fresh_sync()
        self.first, self.dead, self.left_lease = True, False, False
        self.witness.lose_memory()

    # --- the end

    def settle(self) -> None:
        """Edits and faults stop: after some runs all is settled, quiet, and everything is accounted for."""
        self.clear_up()
        self._wait_for_the_dead()
        for number in range(6):
            self.wait(self.town.policy.settle_s)
            self.run(full=True if number == 5 else None)
        self.town.check_settled()
        self.town.check_store()
        before = self.town.ledger()[2:]
        self.run(full=True)
        assert self.town.ledger()[2:] == before, "a quiet run wrote something"
        assert not self.witness.owed, "what was replaced is noted nowhere"


def _with_fixed_numbers(policy: Policy) -> Policy:
    """The same policy, under which no rule replaces the number that a record bears."""
    held = dict.fromkeys(LABELS.values(), "hold")

    def ruled(choice: object) -> dict[str, object]:
        return {"*": choice, **held} if isinstance(choice, str) else {**choice, **held}

    return evolve(policy, conflicts=ruled(policy.conflicts), first_meeting=ruled(policy.first_meeting))


def _mapping(*, marked: bool) -> MappingRegistry:
    registry = MappingRegistry.default()
    if not marked:
        registry.unmap("id")
    return registry


@pytest.fixture(scope="session")
def open_stage(
    open_town: Callable[..., object], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Setting], Stage]:
    """What opens a stage, for one example each."""
    return lambda setting: Stage(open_town, tmp_path_factory.mktemp("stage"), setting)


@pytest.fixture(scope="session")
def setting_type() -> type[Setting]:
    """What a stage is made of."""
    return Setting


@pytest.fixture(scope="session")
def interruption_type() -> type[Interruption]:
    """What may happen in the middle of a run."""
    return Interruption
