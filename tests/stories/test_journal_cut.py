"""An undo, and what is forgotten, cut at every step and asked for again: the same end as without the cut."""

from __future__ import annotations

import pickle
from contextlib import ExitStack
from functools import partial

import requests

from wave_pms_sync import MemoryLinkStore
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Intent


class Cut(BaseException):
    """The process dies here."""


class Blade:
    """Counts steps and cuts at one of them; nothing gets through afterwards."""

    def __init__(self, at):
        self.at = at
        self.steps = 0
        self.fallen = False

    def around(self, act):
        """Do something between two places to cut."""
        self.step()
        result = act()
        self.step()
        return result

    def step(self):
        """One more step."""
        self.steps += 1
        if self.fallen or self.steps == self.at:
            self.fallen = True
            raise Cut


class CutStore:
    """A store whose commits may be cut; of a dead process it hears nothing more."""

    def __init__(self, links, blade):
        self._links = links
        self._blade = blade

    def __getattr__(self, name):
        return getattr(self._links, name)

    def commit(self, changes, lease):
        """Commit, between two places to cut."""
        self._blade.around(partial(self._links.commit, changes, lease))

    def purge(self):
        """Overwrite, between two places to cut."""
        self._blade.around(self._links.purge)

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
        return self._blade.around(partial(super().request, *args, **kwargs))


def attempt(world, at, act):
    """A process that does something and is cut at this step. Returns its steps."""
    blade = Blade(at)
    sync = world.make_sync(
        wave=world.make_wave(session=CutSession(blade)),
        pms=world.make_pms(session=CutSession(blade)),
        links=CutStore(world.links, blade),
    )
    try:
        act(sync)
    except Cut:
        assert blade.fallen
    return blade.steps


def edited_both_ways(world):
    """Two pairs, edited in either direction by one run. Returns that run."""
    ada, _ = world.pair(phone="000")
    _, bea_pms = world.pair(name="Bea", email="bea@example.com", fax="000")
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    world.pms_box.edit(bea_pms, {"fax": "222"})
    return world.run().run_id


def state(world):
    """What both sides show, what is held and why, and what is announced."""
    rows = [
        sorted((row["name"], row["phone"] or "", row["fax"] or "") for row in box.customers.values())
        for box in (world.wave_box, world.pms_box)
    ]
    held = sorted((g, str(h.reason), h.detail) for a in world.links.scan(Agreement) for g, h in a.holds.items())
    return rows, [(g, reason) for g, reason, _ in held], list(world.links.scan(Intent)), world.links.count(Link)


def test_an_undo_cut_at_every_step_and_asked_for_again(make_world):
    """Wherever an undo is cut, a run and the same undo again lead to what the uncut undo led to."""
    uncut = make_world()
    run_id = edited_both_ways(uncut)
    uncut.later()
    steps = attempt(uncut, 0, lambda sync: sync.apply(sync.undo(run_id)))
    wanted = state(uncut)
    assert wanted[1] == [("fax", "undone"), ("phone", "undone")]
    assert steps > 10

    for at in range(1, steps + 1):
        with ExitStack() as stack:
            world = type(uncut)(stack, MemoryLinkStore())
            run_id = edited_both_ways(world)
            world.later()
            attempt(world, at, lambda sync, run_id=run_id: sync.apply(sync.undo(run_id)))
            world.settle()
            world.sync.run(full=True)
            world.later()
            world.sync.apply(world.sync.undo(run_id))
            assert (at, state(world)) == (at, wanted)
            world.settle()
            assert (at, world.sync.plan(full=True).empty) == (at, True)


def disputed(world):
    """A pair that was edited, and then on both sides."""
    ada, ada_pms = world.pair(phone="canary 000")
    world.later()
    world.wave_box.edit(ada, {"phone": "canary 111"})
    world.run()
    world.later()
    world.wave_box.edit(ada, {"phone": "canary 222"})
    world.pms_box.edit(ada_pms, {"phone": "canary 333"})
    world.run()
    world.later()
    return ada


def test_forgetting_cut_at_every_step_and_asked_for_again(make_world):
    """Wherever forgetting is cut, asking again leaves no value, and the runs after it write nothing."""
    uncut = make_world()
    ada = disputed(uncut)
    steps = attempt(uncut, 0, lambda sync: sync.forget(wave_id=ada))
    assert steps == 4

    for at in range(1, steps + 1):
        with ExitStack() as stack:
            world = type(uncut)(stack, MemoryLinkStore())
            ada = disputed(world)
            attempt(world, at, lambda sync, ada=ada: sync.forget(wave_id=ada))
            world.settle()
            world.sync.forget(wave_id=ada)
            assert b"canary" not in pickle.dumps(world.links)
            world.count()
            assert world.sync.run(full=True).ok
            assert world.writes == (0, 0)
            assert [d.group for d in world.sync.disputes()] == ["phone"]
            assert b"canary" not in pickle.dumps(world.links)
