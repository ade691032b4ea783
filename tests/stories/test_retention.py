"""How long the journal is kept, and what goes with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wave_pms_sync import Policy
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.journal import keeping
from wave_pms_sync.model.links import Agreement
from wave_pms_sync.model.memory import JournalEntry, Put

DAY = 86400


@pytest.fixture
def short(make_world, make_links):
    """A world whose journal is kept for thirty days."""
    return make_world(make_links(), policy=Policy(retention_days=30))


def told(world):
    """The journal, by kind."""
    return [entry.kind for entry in world.links.scan(JournalEntry)]


def test_entries_older_than_retention_days_are_removed(short):
    """The first run after the retention days removes an entry; a day before it is still there."""
    world = short
    wave_id, _ = world.pair(phone="000")
    world.later(20 * DAY)
    world.wave_box.edit(wave_id, {"phone": "111"})
    run_id = world.run().run_id

    world.later(9 * DAY)
    world.run()
    assert told(world) == ["create", "update"]
    world.later(2 * DAY)
    assert world.run().ok
    assert told(world) == ["update"]
    world.later(20 * DAY)
    world.run()

    assert told(world) == []
    assert len(world.sync.history(wave_id=wave_id)) == 0
    with pytest.raises(ConfigurationError, match="of the last 30 days"):
        world.sync.undo(run_id)
    world.wave_box.edit(wave_id, {"phone": "222"})
    world.run()
    assert world.at_pms(wave_id)["phone"] == "222"


def test_a_plan_removes_nothing(short):
    """Planning is dry here, too."""
    world = short
    world.pair()
    world.later(31 * DAY)

    world.sync.plan()

    assert told(world) == ["create"]


def test_replaced_values_go_with_their_entry(short):
    """What a write replaced is remembered beside the journal for rows that lag; it goes when its entry goes."""
    world = short
    wave_id, _ = world.pair(phone="replaced")
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.run()
    assert any(agreement.previous for agreement in world.links.scan(Agreement))

    world.later(31 * DAY)
    world.run()

    assert not any(agreement.previous for agreement in world.links.scan(Agreement))
    assert world.rest().ok


@pytest.mark.parametrize("undone", [False, True])
def test_the_newest_entry_about_an_open_hold_stays(short, undone):
    """A hold that is still open can be explained however old it is; once it ended, its entry goes."""
    world = short
    wave_id, pms_id = world.pair(phone="000")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111"})
    if undone:
        run_id = world.run().run_id
        world.later()
        world.sync.apply(world.sync.undo(run_id))
    else:
        world.pms_box.edit(pms_id, {"phone": "222"})
        world.run()

    for _ in range(2):
        world.later(31 * DAY)
        world.run()
        assert told(world) == ["update" if undone else "hold"]
    world.sync.resolve(world.sync.disputes()[0], choose="wave")
    world.later()
    world.run()
    world.later(31 * DAY)
    world.run()

    assert told(world) == []


def test_old_entries_go_in_bounded_batches(short, monkeypatch):
    """A run removes a bounded number of entries, in transactions of bounded size; the next runs go on."""
    world = short
    world.pair()
    old = world.clock.now() - timedelta(days=40)
    lease = world.links.acquire("filler", world.clock.now(), 60)
    first = list(world.links.scan(JournalEntry))
    filler = [JournalEntry(run_id="old", number=n, at=old, kind="update", wave_id="w") for n in range(25)]
    world.links.commit([Put(entry) for entry in filler], lease)
    world.links.release(lease)
    world.later(31 * DAY)
    monkeypatch.setattr(keeping, "MOST", 10)
    monkeypatch.setattr(keeping, "BATCH", 4)

    left = []
    for _ in range(4):
        assert world.run().ok
        left.append(world.links.count(JournalEntry))

    assert left == [len(first) + 15, len(first) + 5, 0, 0]


def test_a_clear_journal_asks_little(short):
    """With nothing to remove, a run commits no more than before."""
    world = short
    world.pair()
    world.rest()
    commits = []
    plain = world.links.commit

    class Counted:
        def __getattr__(self, name):
            return getattr(world.links, name)

        def commit(self, changes, lease):
            commits.append(len(changes))
            plain(changes, lease)

    world.later()
    world.make_sync(links=Counted()).run()

    assert len(commits) == 1
