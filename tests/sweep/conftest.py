"""Stories told once as they are, and then again and again, each time struck at another call.

A story is a generator over a world. What it does itself happens as told; what it yields is a deed that may be
struck: a dict is a run with these arguments, a function is what a person asks of a synchronizer.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from attrs import define, field, frozen
from struck import awaited

from wave_pms_sync import MemoryLinkStore, SQLiteLinkStore
from wave_pms_sync.errors import LeaseLost
from wave_pms_sync.model.fields import Forgotten
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Intent, JournalEntry, Known, Quarantined, Unfinished
from wave_pms_sync.stores.kinds import KINDS
from wave_pms_sync.testing import Blade, Cut, CutSession, CutStore, Fault, ManualClock

# WAVE_PMS_SYNC_CUTS=all strikes everywhere (an hour or two); otherwise so many places of each story and manner.
EVERYWHERE = os.environ.get("WAVE_PMS_SYNC_CUTS") == "all"
PLACES = {"cut": 6, "file": 1, "kill": 2, "amid": 2, "interrupt": 1, "lost": 3, "pause": 2}
STORE_WRITES = ("commit", "acquire", "release", "purge")
STORE_READS = ("find", "scan", "count", "snapshot")
LEASE_OVER_S = 130
RUNS = 5

told = Counter()


class Lookout(Blade):
    """Cuts nowhere and notes at which places something had just been written, in the store or on a side."""

    def __init__(self, world):
        super().__init__()
        self.world = world
        self.fresh = []
        self.writes = []
        self._seen = None

    def place(self, where):
        """One more place."""
        super().place(where)
        stored = sum(name == f"after {w}" for w in STORE_WRITES for name in self.calls)
        seen = (stored, sent(self.world))
        if seen != self._seen:
            self.fresh.append(len(self.calls))
        if self._seen is not None and seen[1] != self._seen[1]:
            self.writes.append(len(self.calls) - 1)
        self._seen = seen


class Strike(Blade):
    """Does something at one place and lets everything go on, unless what it does ends it."""

    def __init__(self, at, act):
        super().__init__(at)
        self.act = act
        self.struck = False

    def blow(self):
        """Strike."""
        self.struck = True
        self.act()


def boxes(world):
    """Both sandboxes."""
    return {"wave": world.wave_box, "pms": world.pms_box}


# --- what is compared ------------------------------------------------------------------------------

ONE_WAY = "currency.code=currency_code"  # created in Wave it has the value of Wave alone, found there that of both
NOISE = ("id", "internalId", "external_id", "createdAt", "modifiedAt", "created_at", "updated_at")


def state(world):
    """What both sides and the memory hold in the end, without stamps and ids of chance."""
    named = {side: {i: row["name"] for i, row in box.customers.items()} for side, box in boxes(world).items()}

    def name(side, record_id):
        return named[str(side)].get(record_id, "gone")

    links = {k.wave_id: (name("wave", k.wave_id), name("pms", k.pms_id), str(k.status)) for k in world.links.scan(Link)}
    agreed = {a.wave_id: a for a in world.links.scan(Agreement)}
    plain = {i: i for i in (*named["wave"], *named["pms"])}
    assert set(agreed) == set(links)
    return {
        "rows": {
            side: sorted(
                str(sorted((k, str(v)) for k, v in row.items() if k not in NOISE)) for row in box.customers.values()
            )
            for side, box in boxes(world).items()
        },
        "links": sorted(links.values()),
        "marks": sorted(
            (name("pms", i), name("wave", str(row["external_id"])), str(row["external_id"]) in plain)
            for i, row in world.pms_box.customers.items()
        ),
        "holds": sorted(
            (links[w], group, str(hold.reason), shown(hold.wave), shown(hold.pms), hold.choice is not None)
            for w, a in agreed.items()
            for group, hold in a.holds.items()
        ),
        "baselines": sorted(
            (links[w], n, shown({"wave": b.wave, "pms": b.pms}))
            for w, a in agreed.items()
            for n, b in a.baselines.items()
            if n != ONE_WAY
        ),
        "not kept": sorted((links[w], a.not_kept) for w, a in agreed.items() if a.not_kept),
        "resting": sorted((str(q.side), name(q.side, q.id), str(q.reason)) for q in world.links.scan(Quarantined)),
        "index": sorted(
            (str(k.side), name(k.side, k.id), k.reason, len(k.keys), [key for key in k.keys if key[:8] != "external"])
            for k in world.links.scan(Known)
        ),
        "open": [i.key for i in world.links.scan(Intent)],
        "unfinished": sorted((str(u.side), name(u.side, u.id)) for u in world.links.scan(Unfinished)),
    }


def shown(values):
    """Values as text, without the salts of those that are forgotten."""
    return str({name: "forgotten" if isinstance(value, Forgotten) else str(value) for name, value in values.items()})


def made(world):
    """How many records each side really made and deleted."""
    return {side: (box.ledger.creates, box.ledger.deletes) for side, box in boxes(world).items()}


class Witness(CutSession):
    """Sees what each write really changed."""

    def __init__(self, world, side, blade=None):
        super().__init__(blade or Blade())
        self.world, self.side = world, side

    def request(self, method, url, *args, **kwargs):
        """Send, and note what is otherwise afterwards."""
        before = leaves(boxes(self.world)[self.side])
        try:
            return super().request(method, url, *args, **kwargs)
        finally:
            after = leaves(boxes(self.world)[self.side])
            self.world.seen += [
                (self.side, place[0], old, new)
                for place in {**before, **after}
                if (old := before.get(place)) != (new := after.get(place)) and place[0] in before_ids(before)
            ]


def before_ids(rows):
    """The records that there were."""
    return {record_id for record_id, _ in rows}


def leaves(box):
    """Every value of a side by record and path."""

    def walk(value, path):
        if isinstance(value, Mapping):
            for key, inner in value.items():
                yield from walk(inner, f"{path}.{key}")
        else:
            yield path, value

    return {
        (record_id, path): value
        for record_id, row in box.customers.items()
        for path, value in walk({k: v for k, v in row.items() if k not in NOISE}, "")
    }


def untold(world):
    """What was written on a side and is not in the journal."""
    entries = list(world.links.scan(JournalEntry))
    missing = []
    for side, box in boxes(world).items():
        about = {}
        for entry in entries:
            about.setdefault(entry.wave_id if side == "wave" else entry.pms_id, []).append(entry)
        for done in box.ledger.entries:
            effects = done.effects
            kinds = {"create", "recreate", "link"} if effects.created else {done.operation}
            ids = (*effects.created, *effects.updated, *effects.deleted)
            missing += [(done.operation, side, i) for i in ids if not {e.kind for e in about.get(i, ())} & kinds]
        for where, record_id, old, new in world.seen:
            written = where == side and record_id in box.customers and old is not False
            if written and not told_of(about.get(record_id, ()), old, new):
                missing.append(("value", side, record_id, old, new))
    return missing


def told_of(entries, old, new):
    """Whether the journal tells of a value that replaced another."""
    pairs = {(str(v), str(f.after)) for e in entries for f in e.fields for v in (f.before, f.lost)}
    return (str(old), str(new)) in pairs or any(e.forgotten for e in entries)


# --- telling ---------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Uncut:
    """A story as it goes without a strike."""

    state: Mapping[str, object]
    made: Mapping[str, object]
    calls: list[str]
    fresh: list[int]
    writes: list[int]


@define
class Sweep:
    """Tells stories in worlds of their own."""

    world: type
    folder: object
    number: Iterator[int] = field(factory=count)
    uncut: dict[str, Uncut] = field(factory=dict)
    faults: list[str] = field(factory=list)
    everywhere: bool = EVERYWHERE

    def tell(self, story, *, file=False, blade=None, child=None, after=None):
        """A story from its beginning to its end; the blade is in hand during each deed.

        Args:
            story: The story.
            file: The memory is a file.
            blade: What strikes, or watches; a function makes it for the world.
            child: Deeds are done by a process of its own, until one was struck.
            after: What comes between a strike and the first run after it.
        """
        with ExitStack() as stack:

            def memory():
                if not file:
                    return MemoryLinkStore()
                path = self.folder / f"links-{next(self.number)}.sqlite3"
                return stack.enter_context(SQLiteLinkStore(path))

            world = self.world(stack, memory(), **getattr(story, "options", {}))
            world.memory, world.seen = memory, []
            world.wave, world.pms = (
                world.make_wave(session=Witness(world, "wave")),
                world.make_pms(session=Witness(world, "pms")),
            )
            world.sync = world.make_sync()
            blade = blade(world) if blade is not None else None
            begun, over = False, blade is None
            for deed in story(world):
                if not begun:
                    world.count()
                    world.seen.clear()
                begun = True
                if over:
                    perform(world.make_sync(), deed)
                elif child is not None:
                    over = child(world, deed, blade)
                else:
                    over = self.struck(world, deed, blade)
                if over and blade is not None:
                    if after is not None:
                        after(world)
                    heal(world)
                    if not isinstance(deed, dict):
                        perform(world.make_sync(), deed)
                    blade = None
            heal(world)
            rest(world)
            if not getattr(story, "silent", False):
                assert untold(world) == []
            return state(world), made(world), blade

    @staticmethod
    def struck(world, deed, blade):
        """Do a deed with a blade in hand; whether it was struck."""
        try:
            perform(armed(world, blade), deed)
        except (Cut, KeyboardInterrupt):
            return True
        except LeaseLost:
            assert isinstance(blade, Sleeper)
        if isinstance(blade, Sleeper):
            blade.fenced()
        return getattr(blade, "struck", False)

    def as_told(self, story):
        """The story without a strike, told once."""
        name = story.__name__
        if name not in self.uncut:
            told_state, told_made, blade = self.tell(story, blade=Lookout)
            self.uncut[name] = Uncut(
                state=told_state, made=told_made, calls=blade.calls, fresh=blade.fresh, writes=blade.writes
            )
        return self.uncut[name]

    def places(self, story, manner, found):
        """Where to strike: everywhere, or at some places, always the same."""
        some = PLACES[manner]
        if EVERYWHERE or len(found) <= some:
            return list(found)
        return sorted(random.Random(f"{story.__name__} {manner}").sample(list(found), some))

    def retell(self, manner, story, where, **how):
        """Tell a story with a strike; its end must be that of the story as it was told."""
        told[manner] += 1
        uncut = self.as_told(story)
        try:
            found, counted, _ = self.tell(story, **how)
        except AssertionError as error:
            self.faults.append(f"{where}: {error}")
            return
        parts = [(name, wanted, found[name]) for name, wanted in (uncut.state.items())]
        for name, wanted, shown in [*parts, ("made", uncut.made, counted)]:
            if shown != wanted:
                self.faults.append(f"{where}: {name}: {difference(wanted, shown)}")


def difference(wanted, shown):
    """What is not as it was told."""
    if isinstance(wanted, dict):
        wanted, shown = list(wanted.items()), list(shown.items())
    return {
        "missing": [one for one in wanted if one not in shown],
        "too much": [one for one in shown if one not in wanted],
    }


def armed(world, blade, **changes):
    """A synchronizer of a new process, with a blade at each of its calls."""
    facts = {
        "wave": world.make_wave(session=Witness(world, "wave", blade)),
        "pms": world.make_pms(session=Witness(world, "pms", blade)),
        "links": CutStore(world.links, blade),
    }
    return world.make_sync(**{**facts, **changes})


def perform(sync, deed):
    """Do a deed."""
    return sync.run(**deed) if isinstance(deed, dict) else deed(sync)


def heal(world, runs=RUNS):
    """Runs of new processes, a settle time apart, until nothing is left to do but what a person must approve."""
    for _ in range(runs + 1):
        world.settle()
        plan = world.make_sync().plan(full=True)
        if plan.held or (plan.empty and not world.pending(plan)):
            return
        world.make_sync().run(full=True)
    raise AssertionError(f"not healed after {runs} runs: {plan} {plan.notes.unfinished}")


def rest(world):
    """One more run, which writes nothing on either side, tidies up."""
    world.settle()
    before = [box.ledger.writes for box in boxes(world).values()]
    assert world.make_sync().run(full=True).ok
    assert [box.ledger.writes for box in boxes(world).values()] == before


# --- the manners -----------------------------------------------------------------------------------


def cut(sweep, story, *, file=False):
    """The process dies: nothing of it gets through any more."""
    uncut = sweep.as_told(story)
    found = uncut.fresh
    if EVERYWHERE and not file:
        found = [n + 1 for n, call in enumerate(uncut.calls) if call.rpartition(" ")[2] not in STORE_READS]
    for at in sweep.places(story, "file" if file else "cut", found):
        early = at % 2 == 0
        after = (lambda world: early_run(world, LEASE_OVER_S)) if early else None
        sweep.retell(
            "file" if file else "cut",
            story,
            f"{at}: {uncut.calls[at - 1]}{', early' if early else ''}",
            file=file,
            blade=lambda _, at=at: Blade(at),
            after=after,
        )


def early_run(world, seconds):
    """A run before the settle time is over."""
    world.later(seconds)
    world.make_sync().run()


def interrupt(sweep, story):
    """A person stops the cell: the exception passes through, and the lease is given back."""

    def stop():
        raise KeyboardInterrupt

    after_writes(sweep, story, "interrupt", lambda _, at: Strike(at, stop), after=lambda w: early_run(w, LEASE_OVER_S))


def kill(sweep, story):
    """A real process is killed by SIGKILL."""
    after_writes(sweep, story, "kill", lambda _, at: Strike(at, die), file=True, child=in_a_child)


def after_writes(sweep, story, manner, blade, **how):
    """Strike at places at which something had just been written; the blade is made for a world and a place."""
    uncut = sweep.as_told(story)
    for at in sweep.places(story, manner, uncut.fresh):
        sweep.retell(manner, story, f"{at}: {uncut.calls[at - 1]}", blade=partial(blade, at=at), **how)


def amid(sweep, story):
    """A real process is killed by SIGKILL within a transaction of the store."""
    counting = []
    sweep.tell(story, file=True, blade=lambda _: Strike(0, die), child=partial(in_a_child, tracing=counting.append))
    for at in sweep.places(story, "amid", range(1, sum(counting) + 1)):
        strike = lambda _, at=at: Strike(at, die)  # noqa: E731
        sweep.retell(
            "amid",
            story,
            f"statement {at} of {counting}",
            file=True,
            blade=strike,
            child=partial(in_a_child, tracing=lambda _: None),
        )


def die():
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def in_a_child(world, deed, blade, tracing=None):
    """Do a deed in a process of its own. Says whether it was killed; if not, how many places it passed is known."""
    passed, telling = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the threads of the sandboxes stay with the parent
        child = os.fork()
    if child == 0:
        try:
            _in_the_child(world, deed, blade, tracing is not None)
            os.write(telling, str(len(blade.calls)).encode())
            os._exit(0)
        finally:
            os._exit(3)
    os.close(telling)
    status = awaited(child)
    with os.fdopen(passed) as pipe:
        calls = int(pipe.read() or 0)
    if os.WIFSIGNALED(status):
        return True
    assert status == 0
    if tracing is not None:
        tracing(calls - len(blade.calls))
    blade.calls += ["in a child"] * (calls - len(blade.calls))
    return False


def _in_the_child(world, deed, blade, tracing):
    world.clock = ManualClock(world.clock.now())
    if not tracing:
        perform(armed(world, blade, clock=world.clock), deed)
        return
    world.links.close()
    connect = sqlite3.connect

    def traced(*args, **kwargs):
        connection = connect(*args, **kwargs)
        connection.set_trace_callback(lambda statement: connection.in_transaction and blade.place(statement))
        return connection

    sqlite3.connect = traced
    perform(armed(world, Blade(), clock=world.clock), deed)


def lost(sweep, story):
    """A write is lost on its way, or its answer is, or it is carried out late; its process lives on, or dies, too."""
    uncut = sweep.as_told(story)
    ways = [(kind, dies) for kind in (Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.LATE_COMMIT) for dies in (False, True)]
    for place in sweep.places(story, "lost", range(len(uncut.writes) * len(ways))):
        at, (kind, dies) = uncut.writes[place // len(ways)], ways[place % len(ways)]
        sweep.retell(
            "lost",
            story,
            f"{at}: {kind}, {'dies' if dies else 'lives'}",
            blade=lambda w, a=at, k=kind, d=dies: Losing(w, a, k, dies=d),
            after=looking(kind, dies),
        )


def looking(kind, dies):
    """What comes first after a loss: for a late commit, a look before it lands."""
    if kind is Fault.LATE_COMMIT:
        return lambda world: early_run(world, LEASE_OVER_S if dies else 60)
    return None


class Losing(Strike):
    """Loses a write, and the process with it."""

    def __init__(self, world, at, kind, *, dies):
        super().__init__(at, partial(self.lose, world, kind))
        self.dies = dies

    def lose(self, world, kind):
        """The next request is lost."""
        told_how = {"seconds": 250} if kind is Fault.LATE_COMMIT else {}
        self.faults = [(box, box.faults.add(kind, on="write", **told_how)) for box in boxes(world).values()]

    def place(self, where):
        """Die right after the request, or not; no other request is lost."""
        super().place(where)
        if self.struck and len(self.calls) == self.at + 1:
            assert sum(fault.struck for _, fault in self.faults) == 1
            for box, fault in self.faults:
                box.faults.remove(fault)
            if self.dies:
                self.fallen = True
                raise Cut(where)


def pause(sweep, story):
    """The owner sleeps for longer than its lease, another one takes over, and the first wakes up again."""
    writes = sweep.as_told(story).writes
    after_writes(sweep, story, "pause", lambda world, at: Sleeper(world, at, writes=writes))


class Sleeper(Strike):
    """Sleeps amid its work, through the run of another owner, and may do nothing more when it wakes up."""

    def __init__(self, world, at, *, writes):
        super().__init__(at, self.sleep)
        self.world = world
        self.may_send = 1 if at in writes else 0
        self.left = None

    def sleep(self):
        """Sleep through the run of another owner."""
        early_run(self.world, LEASE_OVER_S)
        if self.calls.count("after acquire") > self.calls.count("before release"):
            self.left = remembered(self.world), sent(self.world)

    def fenced(self):
        """The store refused all that came afterwards; at most the request that was under way arrived.

        A deed of several steps takes a lease for each; those after the sleep are its own again.
        """
        if self.left is not None and self.calls[self.at :].count("before release") == 1:
            stored, writes = self.left
            assert remembered(self.world) == stored
            assert sent(self.world) <= writes + self.may_send


def remembered(world):
    """Everything that the store holds."""
    return {kind: list(world.links.scan(kind)) for kind in KINDS}


def sent(world):
    """How many writes arrived on both sides."""
    return sum(box.ledger.writes for box in boxes(world).values())


MANNERS = {
    "cut": cut,
    "file": partial(cut, file=True),
    "interrupt": interrupt,
    "kill": kill,
    "amid": amid,
    "lost": lost,
    "pause": pause,
}


@pytest.fixture(params=list(MANNERS))
def strike(request: pytest.FixtureRequest, sweep: Sweep) -> Callable[[Callable[..., object]], None]:
    """Tells a story struck in one manner at many places, and compares each end with that of the story as told."""

    def strike(story):
        MANNERS[request.param](sweep, story)
        assert not sweep.faults, "\n" + "\n".join(sweep.faults)

    return strike


@pytest.fixture(scope="module")
def _uncut() -> dict[str, Uncut]:
    return {}


@pytest.fixture
def sweep(make_world, tmp_path, _uncut) -> Sweep:
    """Tells stories."""
    with ExitStack():
        return Sweep(world=type(make_world()), folder=tmp_path, uncut=_uncut)


def pytest_collection_modifyitems(items):
    """To strike everywhere takes as long as it takes."""
    for item in items:
        if EVERYWHERE and item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(0))


def pytest_terminal_summary(terminalreporter):
    """Say how often something was struck."""
    if told:
        terminalreporter.write_line(f"struck: {dict(told)}, {sum(told.values())} in all")
