"""Linked customers are edited and deleted, on one side or on both, and the run is struck at any of its calls."""

from __future__ import annotations

import pytest

from wave_pms_sync import MappingRegistry, Policy

ADDRESS = {"addressLine1": "1 Main St", "city": "Toronto", "province": {"code": "CA-ON"}, "country": {"code": "CA"}}


def pairs(world, *names, **values):
    """Linked customers."""
    wave_ids = [
        world.wave_box.add({"name": name, "email": f"{name.lower()}@example.com", **values})
        for name in (*names, "Bystander")
    ]
    world.run()
    world.settle()
    world.sync.run(full=True)
    world.later(600)
    return [(i, world.linked()[i]) for i in wave_ids[:-1]]


def edits_both_ways(world):
    """One customer is edited on both sides in different fields, another on one; a name and an e-mail change, too."""
    (ada, ada_pms), (bea, _) = pairs(world, "Ada", "Bea", phone="000", fax="000", address=ADDRESS)
    world.wave_box.edit(ada, {"phone": "111", "website": "one.example", "email": "new@example.com"})
    world.pms_box.edit(ada_pms, {"fax": "222", "mobile": "333"})
    world.wave_box.edit(bea, {"name": "Bea Moved"})
    yield {}


def groups_and_clears(world):
    """An address travels whole, and values are cleared on either side."""
    (ada, ada_pms), (_, bea_pms) = pairs(world, "Ada", "Bea", phone="000", fax="000", address=ADDRESS)
    world.wave_box.edit(ada, {"phone": None, "address": {**ADDRESS, "addressLine1": "2 Side St"}})
    world.pms_box.edit(ada_pms, {"fax": None})
    world.pms_box.edit(bea_pms, {"address": {"line1": "3 Back St", "city": "Ottawa"}})
    yield {}


def conflicts(world):
    """Both sides edit the same fields: one group is won by the later edit, one is held, and a person settles it."""
    world.change(policy=Policy(conflicts={"phone": "newest", "fax": "pms", "*": "hold"}))
    ((ada, ada_pms),) = pairs(world, "Ada", phone="000", fax="000", website="zero.example")
    world.wave_box.edit(ada, {"phone": "111", "fax": "111", "website": "one.example"})
    world.later(600)
    world.pms_box.edit(ada_pms, {"phone": "222", "fax": "222", "website": "two.example"})
    yield {}
    yield lambda sync: [sync.resolve(d, choose="wave") for d in sync.disputes()]
    yield {}


def deleted_in_wave(world):
    """A customer is deleted in Wave; the counterpart is to be deleted, another one was edited and stays."""
    world.change(policy=Policy(deletions={"pms": "delete", "wave": "delete"}))
    (ada, _), (bea, bea_pms), (_, cleo_pms) = pairs(world, "Ada", "Bea", "Cleo")
    world.wave_box.remove(ada)
    world.wave_box.remove(bea)
    world.pms_box.edit(bea_pms, {"fax": "222"})
    world.pms_box.remove(cleo_pms)
    yield {"full": True}


def archived_in_the_pms(world):
    """A customer is deleted in Wave, another archived there: both are archived in the PMS."""
    world.change(policy=Policy(deletions="archive", archives="mirror"))
    (ada, _), (bea, _) = pairs(world, "Ada", "Bea")
    world.wave_box.remove(ada)
    world.wave_box.archive(bea)
    yield {"full": True}


def made_again(world):
    """A customer is deleted on either side and made again from the survivor."""
    world.change(policy=Policy(deletions={"pms": "recreate", "wave": "recreate"}))
    (ada, _), (_, bea_pms) = pairs(world, "Ada", "Bea", phone="000")
    world.wave_box.remove(ada)
    world.pms_box.remove(bea_pms)
    yield {"full": True}


def kept(world):
    """A customer is deleted on one side, others on both sides; one comes back."""
    (ada, _), (bea, bea_pms), (_, cleo_pms) = pairs(world, "Ada", "Bea", "Cleo")
    world.wave_box.remove(ada)
    world.wave_box.remove(bea)
    world.pms_box.remove(bea_pms)
    world.pms_box.remove(cleo_pms)
    yield {"full": True}
    world.wave_box.restore(ada)
    world.wave_box.edit(ada, {"phone": "111"})
    yield {"full": True}


def the_mapping_changes(world):
    """Between two runs a field is mapped, another one dropped, and a third one goes elsewhere."""
    ((ada, _),) = pairs(world, "Ada", phone="000", fax="111", internalNotes="private")
    registry = MappingRegistry.default()
    registry.enable("internalNotes")
    registry.unmap("fax")
    registry.unmap("mobile")
    registry.map("customer", wave="phone", pms="mobile", type="string", converter="phone")
    world.change(mapping=registry)
    world.wave_box.edit(ada, {"website": "one.example"})
    yield {}


def the_mark_moves(world):
    """The Wave id is to be noted in another property."""
    pairs(world, "Ada", "Bea")
    registry = MappingRegistry.default()
    registry.unmap("id")
    registry.map("customer", wave="id", pms="wave_reference", type="string", direction="to_pms")
    world.change(mapping=registry)
    yield {}


STORIES = [
    edits_both_ways,
    groups_and_clears,
    conflicts,
    deleted_in_wave,
    archived_in_the_pms,
    made_again,
    kept,
    the_mapping_changes,
    the_mark_moves,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_edits_and_deletions_struck_anywhere(strike, story):
    """Every edit arrives and every deletion follows its policy as if nothing had happened; the journal tells of all."""
    strike(story)
