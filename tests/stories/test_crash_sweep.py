"""Cut at every single step, run again: the same final state as without the cut, and nobody is created twice."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import pytest
import requests

from wave_pms_sync import MemoryLinkStore, PmsProfile, Policy, SQLiteLinkStore
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Intent, Quarantined

POLICY = Policy(create_in=("pms", "wave"), deletions={"pms": "delete", "wave": "keep"})


class Cut(BaseException):
    """The process dies here."""


class Blade:
    """Counts the steps of a run, and cuts at one of them; after that nothing more gets through."""

    def __init__(self, at):
        self.at = at
        self.steps = 0
        self.fallen = False

    def step(self):
        """One more step."""
        self.steps += 1
        if self.fallen or self.steps == self.at:
            self.fallen = True
            raise Cut


class CutStore:
    """A store whose commits may be cut, before or after; of a dead run it hears nothing more, not even goodbye."""

    def __init__(self, links, blade):
        self._links = links
        self._blade = blade

    def __getattr__(self, name):
        return getattr(self._links, name)

    def commit(self, changes, lease):
        """Commit, between two places to cut."""
        self._blade.step()
        self._links.commit(changes, lease)
        self._blade.step()

    def release(self, lease):
        """Give the lease back, unless dead."""
        if not self._blade.fallen:
            self._links.release(lease)


class CutSession(requests.Session):
    """Requests that may be cut, before they are sent or after they were carried out."""

    def __init__(self, blade):
        super().__init__()
        self._blade = blade

    def request(self, *args, **kwargs):
        """Send, between two places to cut."""
        self._blade.step()
        answer = super().request(*args, **kwargs)
        self._blade.step()
        return answer


def prepare(world):
    """A world in which the next run creates on both sides, updates both ways, links, disputes, retires and refuses."""
    world.wave_box.add({"name": "Bystander"})
    ada, ada_pms = world.pair(phone="000", fax="000")
    gone, _ = world.pair(name="Gone", email="gone@example.com")
    world.settle()
    world.run()
    world.later(600)
    world.wave_box.edit(ada, {"phone": "111", "website": "one.example"})
    world.pms_box.edit(ada_pms, {"fax": "222", "website": "two.example"})
    world.wave_box.remove(gone)
    world.wave_box.add({"name": "From Wave", "email": "wave@example.com", "phone": "333"})
    world.pms_box.add({"name": "From PMS", "email": "pms@example.com", "phone": "444"})
    world.wave_box.add({"name": "Met", "email": "met@example.com", "phone": "555"})
    world.pms_box.add({"name": "Met", "email": "met@example.com", "fax": "666"})
    for n in range(2):
        world.wave_box.add({"name": f"Twin {n}", "email": "twin@example.com"})
    world.pms_box.add({"name": "Twin", "email": "twin@example.com"})
    world.later()
    world.count()


def state(world):
    """What both sides and the memory hold in the end, without stamps and ids of chance."""
    named = {side: {i: row["name"] for i, row in box.customers.items()} for side, box in boxes(world).items()}
    links = sorted(
        (named["wave"].get(k.wave_id, "gone"), named["pms"].get(k.pms_id, "gone"), str(k.status))
        for k in world.links.scan(Link)
    )
    held = sorted((named["wave"].get(a.wave_id, "gone"), g) for a in world.links.scan(Agreement) for g in a.holds)
    resting = sorted((str(q.side), named[str(q.side)][q.id], str(q.reason)) for q in world.links.scan(Quarantined))
    noise = ("id", "internalId", "external_id", "createdAt", "modifiedAt", "created_at", "updated_at")
    rows = sorted(
        str(sorted((k, str(v)) for k, v in row.items() if k not in noise))
        for box in boxes(world).values()
        for row in box.customers.values()
    )
    return links, held, resting, rows, list(world.links.scan(Intent))


def boxes(world):
    """Both sandboxes."""
    return {"wave": world.wave_box, "pms": world.pms_box}


def made(world):
    """How many records each side really made."""
    return world.wave_box.ledger.creates, world.pms_box.ledger.creates


def cut_run(world, at):
    """A run that is cut at this step. Says how many steps it took."""
    blade = Blade(at)
    sync = world.make_sync(
        wave=world.make_wave(session=CutSession(blade)),
        pms=world.make_pms(session=CutSession(blade)),
        links=CutStore(world.links, blade),
    )
    try:
        sync.run(full=True)
    except Cut:
        assert blade.fallen
    return blade


def heal(world, runs):
    """Runs after the cut, by a new process each time, a settle time apart, until nothing is left to do."""
    for count in range(runs):
        world.settle()
        world.make_sync().run(full=True)
        world.settle()
        plan = world.make_sync().plan(full=True)
        if plan.empty and not world.pending(plan):
            return count + 1
    raise AssertionError(f"not healed after {runs} runs: {plan}")


KINDS = pytest.mark.parametrize("kind", ["marked", "plain"])


def a_world(make_world, kind, links):
    """A PMS with marks and idempotency keys, or one without either."""
    if kind == "marked":
        return make_world(links, policy=POLICY)
    profile = PmsProfile.from_dict(
        {
            "record": {"marker": False},
            "create": {"headers": {}},
            "update": {"headers": {}},
            "delete": {"headers": {}},
        }
    )
    return make_world(links, policy=POLICY, profile=profile, pms_options={"idempotency": False})


@KINDS
def test_cut_at_every_step_of_a_run(make_world, kind):
    """A run cut before or after any commit or request is healed by three runs (five with a lost create).

    The final state is that of the uncut run, and each side made each record once.
    """
    uncut = a_world(make_world, kind, MemoryLinkStore())
    prepare(uncut)
    steps = cut_run(uncut, 0).steps
    heal(uncut, 3)
    wanted, counted = state(uncut), made(uncut)
    assert steps > 40
    assert counted == (1, 1)

    for at in range(1, steps + 1, 1 if kind == "marked" else 2):
        with ExitStack() as stack:
            world = a_world(partial(type(uncut), stack), kind, MemoryLinkStore())
            prepare(world)
            assert cut_run(world, at).fallen
            heal(world, 5)
            assert (at, state(world)) == (at, wanted)
            assert (at, made(world)) == (at, counted)


def test_cut_at_every_step_with_a_file(make_world, tmp_path):
    """The same with a file, which is opened anew after each cut; every ninth step suffices here."""
    uncut = make_world(MemoryLinkStore(), policy=POLICY)
    prepare(uncut)
    steps = cut_run(uncut, 0).steps
    heal(uncut, 3)
    wanted, counted = state(uncut), made(uncut)

    for at in range(2, steps + 1, 9):
        path = tmp_path / f"links-{at}.sqlite3"
        with ExitStack() as stack, SQLiteLinkStore(path) as links:
            world = type(uncut)(stack, links, policy=POLICY)
            prepare(world)
            cut_run(world, at)
            links.close()
            heal(world, 5)
            assert (at, state(world)) == (at, wanted)
            assert (at, made(world)) == (at, counted)


def test_cut_again_and_again(make_world):
    """Runs that are cut one after the other, each a little later, still come to the same end."""
    uncut = make_world(policy=POLICY)
    prepare(uncut)
    steps = cut_run(uncut, 0).steps
    heal(uncut, 3)

    world = make_world(policy=POLICY)
    prepare(world)
    for at in range(3, steps, 7):
        cut_run(world, at)
        world.settle()
    heal(world, 5)

    assert state(world) == state(uncut)
    assert made(world) == made(uncut)
