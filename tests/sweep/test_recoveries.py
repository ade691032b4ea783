"""What went wrong before is being made good, by runs and by people, and that is struck at any call, too."""

from __future__ import annotations

import pytest

from wave_pms_sync import Guards, Plan, PmsProfile, Policy
from wave_pms_sync.model.memory import QuarantineReason
from wave_pms_sync.testing import Blade, Cut, CutSession, CutStore, Fault

DAY = 86400
FULL = {"full": True}
PLAIN = PmsProfile.from_dict(
    {"record": {"marker": False}, "create": {"headers": {}}, "update": {"headers": {}}, "delete": {"headers": {}}}
)


def bystander(world, **settings):
    """Somebody is linked already; nobody else is."""
    if settings:
        world.change(policy=Policy(**settings))
    world.pair(name="Bystander", email="bystander@example.com")
    world.settle()
    world.sync.run(full=True)
    world.later(600)


# --- lost creates


def found_again(world):
    """The answer to a create was lost; the newcomer is found by its mark."""
    bystander(world)
    world.wave_box.add({"name": "Ada", "email": "ada@example.com", "phone": "111"})
    world.pms_box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    world.settle()
    yield FULL


def found_by_content(world):
    """The same where no mark is kept."""
    yield from found_again(world)


found_by_content.options = {"profile": PLAIN, "pms_options": {"idempotency": False}}


def found_in_wave(world):
    """The answer to a create in Wave was lost; its origin was edited since."""
    bystander(world, create_in=("pms", "wave"))
    ada = world.pms_box.add({"name": "Ada", "email": "ada@example.com", "phone": "111"})
    world.wave_box.faults.add(Fault.LOST_AFTER, on="create")
    world.run()
    world.pms_box.edit(ada, {"phone": "222"})
    world.settle()
    yield {}


def sent_again(world):
    """A create into Wave never arrived; after two looks it is sent again."""
    bystander(world, create_in=("pms", "wave"))
    world.pms_box.add({"name": "Ada", "email": "ada@example.com", "phone": "111"})
    world.wave_box.faults.add(Fault.LOST_BEFORE, on="create")
    world.run()
    world.settle()
    world.sync.run(full=True)
    world.settle()
    yield FULL


def late(world):
    """A create is carried out late, after the first look."""
    bystander(world, create_in=("pms", "wave"))
    world.pms_box.add({"name": "Ada", "email": "ada@example.com", "phone": "111"})
    world.wave_box.faults.add(Fault.LATE_COMMIT, on="create", seconds=250)
    world.run()
    world.later()
    yield {}
    yield FULL


def made_again_and_lost(world):
    """A record that is made again after a deletion is lost on its way back."""
    bystander(world, deletions={"wave": "recreate"})
    ada, _ = world.pair(phone="111")
    world.settle()
    world.wave_box.remove(ada)
    world.wave_box.faults.add(Fault.LOST_AFTER, on="create")
    world.sync.run(full=True)
    world.settle()
    yield FULL


def after_a_death(world):
    """An owner died right after it had written; its lease is taken over."""
    bystander(world, create_in=("pms", "wave"))
    ada, _ = world.pair(phone="000")
    world.pms_box.add({"name": "Bea", "email": "bea@example.com"})
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    world.count()

    class AfterTwoWrites(Blade):
        def place(self, where):
            super().place(where)
            if sum(world.writes) == 2:
                self.blow()

    blade = AfterTwoWrites()
    dead = world.make_sync(
        wave=world.make_wave(session=CutSession(blade)),
        pms=world.make_pms(session=CutSession(blade)),
        links=CutStore(world.links, blade),
    )
    with pytest.raises(Cut):
        dead.run()
    world.later(130)
    yield {}
    yield FULL


def overtaken(world):
    """An update that was taken for lost is carried out after a newer one."""
    bystander(world)
    ada, _ = world.pair(phone="000")
    world.settle()
    world.wave_box.edit(ada, {"phone": "111"})
    world.pms_box.faults.add(Fault.LATE_COMMIT, on="update", seconds=200)
    world.run()
    world.wave_box.edit(ada, {"phone": "222"})
    world.run()
    world.later(200)
    yield {}


overtaken.options = {"profile": PmsProfile.from_dict({"update": {"headers": {}}})}


# --- what rested, and what people decide


def freed(world):
    """A refused record is tried again by a person."""
    bystander(world)
    world.wave_box.add({"name": "Ada", "email": "ada@example.com"})
    world.pms_box.faults.add(Fault.REFUSED, on="create")
    world.run()
    yield lambda sync: [sync.retry(q) for q in sync.quarantine() if q.reason is QuarantineReason.REFUSED]
    yield {}


def resolved(world):
    """One dispute is settled by a value of its own, another by a side; a deletion is accepted."""
    bystander(world, conflicts="hold", deletions={"pms": "delete"})
    ada, ada_pms = world.pair(phone="000", fax="000")
    bea, bea_pms = world.pair(name="Bea", email="bea@example.com")
    world.later()
    world.wave_box.edit(ada, {"phone": "111", "fax": "111"})
    world.pms_box.edit(ada_pms, {"phone": "222", "fax": "222"})
    world.wave_box.remove(bea)
    world.pms_box.edit(bea_pms, {"fax": "222"})
    world.run(full=True)

    def decide(sync):
        for dispute in sync.disputes():
            how = {"value": "999"} if dispute.group == "phone" else {"choose": "wave"}
            sync.resolve(dispute, **how)

    yield decide
    yield {}


def linked_and_parted(world):
    """A person links two records that no key joins, and parts them again."""
    bystander(world)
    world.change(policy=Policy(create_in=()))
    ada = world.wave_box.add({"name": "Ada", "phone": "111"})
    ada_pms = world.pms_box.add({"name": "A. Lovelace", "fax": "222"})
    world.run()
    yield lambda sync: sync.link(ada, ada_pms)
    yield {}
    yield lambda sync: sync.unlink(wave_id=ada) if ada in world.linked() else None
    yield {}


def undone(world):
    """A run is taken back."""
    bystander(world)
    ada, _ = world.pair(phone="000")
    _, bea_pms = world.pair(name="Bea", email="bea@example.com", fax="000")
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    world.pms_box.edit(bea_pms, {"fax": "222"})
    run_id = world.run().run_id
    world.later()
    yield lambda sync: sync.apply(sync.undo(run_id))


def forgotten(world):
    """A customer with a dispute is forgotten."""
    bystander(world, conflicts="hold")
    ada, ada_pms = world.pair(phone="000")
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    world.pms_box.edit(ada_pms, {"phone": "222"})
    world.run()
    yield lambda sync: sync.forget(wave_id=ada)


def approved(world):
    """A plan that the guards hold is saved, approved elsewhere, and applied."""
    bystander(world, guards=Guards(max_creates=1))
    ada, _ = world.pair(phone="000")
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    for name in ("Bea", "Cleo"):
        world.wave_box.add({"name": name, "email": f"{name.lower()}@example.com"})

    def approve(sync):
        plan = Plan.from_dict(sync.plan().to_dict())
        sync.apply(plan, accept=plan.digest)

    yield approve


# --- memories of another day


def expired(world):
    """Entries of the journal are older than they are kept."""
    bystander(world, retention_days=30)
    ada, _ = world.pair(phone="000")
    world.later(20 * DAY)
    world.wave_box.edit(ada, {"phone": "111"})
    world.run()
    world.later(15 * DAY)
    world.wave_box.edit(ada, {"fax": "222"})
    yield {}


def restored_pms(world):
    """The PMS was restored from a backup: what was newest is gone, and an edit with it."""
    bystander(world, create_in=("pms", "wave"))
    ada, ada_pms = world.pair(phone="000")
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    _, bea_pms = world.pair(name="Bea", email="bea@example.com")
    world.settle()
    world.pms_box.edit(ada_pms, {"phone": "000"}, stamp=False)
    world.pms_box.remove(bea_pms)
    yield {}


def restored_store(world):
    """The link store was restored from a copy that knows nothing of the last run."""
    bystander(world, create_in=("pms", "wave"))
    ada, _ = world.pair(phone="000")
    copy = world.memory()
    world.links.copy_to(copy)
    world.later()
    world.wave_box.edit(ada, {"phone": "111"})
    world.pair(name="Bea", email="bea@example.com")
    world.pms_box.add({"name": "Cleo", "email": "cleo@example.com"})
    world.run()
    world.later()
    world.links = copy
    world.change()
    yield {}


STORIES = [
    found_again,
    found_by_content,
    found_in_wave,
    sent_again,
    late,
    made_again_and_lost,
    after_a_death,
    overtaken,
    freed,
    resolved,
    linked_and_parted,
    undone,
    forgotten,
    approved,
    expired,
    restored_pms,
    restored_store,
]
forgotten.silent = expired.silent = True  # the journal keeps no values of the forgotten, and no old ones


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_recoveries_struck_anywhere(strike, story):
    """A recovery that is cut short is taken up again, and comes to the same end."""
    strike(story)
