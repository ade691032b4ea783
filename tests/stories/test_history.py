"""The story of a record, as the journal tells it."""

from __future__ import annotations

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.testing import Fault


def kinds(story):
    """What happened, by kind and outcome."""
    return [(entry.kind, entry.outcome) for entry in story]


def lived(world):
    """A pair that was created, edited, disputed, settled and parted, beside another one that is left alone."""
    wave_id, pms_id = world.pair(phone="000")
    other = world.wave_box.add({"name": "Bystander", "phone": "555 7777"})
    world.run()
    world.wave_box.edit(wave_id, {"phone": "111"})
    world.run()
    world.later()
    world.wave_box.edit(wave_id, {"phone": "222"})
    world.pms_box.edit(pms_id, {"phone": "333"})
    world.run()
    (dispute,) = world.sync.disputes()
    world.later()
    world.sync.resolve(dispute, choose="pms")
    world.run()
    world.later()
    world.sync.unlink(wave_id=wave_id)
    return wave_id, pms_id, other


def test_a_story_tells_everything_in_order(stored_world):
    """Creation, edits, holds, a person's decisions and the end of a link are told, oldest first, with values."""
    world = stored_world
    wave_id, pms_id, other = lived(world)

    story = world.sync.history(wave_id=wave_id)

    assert kinds(story) == [
        ("create", "created"),
        ("update", "done"),
        ("hold", "done"),
        ("resolve", "done"),
        ("update", "done"),
        ("unlink", "done"),
    ]
    assert [entry.at for entry in story] == sorted(entry.at for entry in story)
    edit, hold = story.entries[1], story.entries[2]
    assert [(f.name, f.before, f.after, f.lost) for f in edit.fields] == [("phone", "000", "111", "000")]
    assert edit.rule == "edited in Wave"
    assert [(f.name, f.before, f.after, f.lost) for f in hold.fields] == [("phone", "222", "333", None)]
    assert hold.group == "phone"
    assert kinds(world.sync.history(pms_id=pms_id)) == kinds(story)
    assert other not in str(story)
    assert "555 7777" not in str(story)


def test_a_story_is_read_as_text_table_and_rows(world):
    """Text, table and rows show values and escape them; with `mask=True` they show none, and `repr` never does."""
    wave_id, pms_id = world.pair(phone="<b>000</b>")
    world.wave_box.edit(wave_id, {"phone": "<b>555 0111</b>"})
    world.run()

    story = world.sync.history(wave_id=wave_id)

    assert "updated in the PMS: edited in Wave" in str(story)
    assert "'<b>000</b>' -> '<b>555 0111</b>'" in str(story)
    assert "&lt;b&gt;555 0111" in story._repr_html_()
    assert "<b>555" not in story._repr_html_()
    assert {"field": "phone", "before": "<b>000</b>", "after": "<b>555 0111</b>"}.items() <= story.to_rows()[-1].items()
    for shown in (story.to_text(mask=True), story.to_html(mask=True), str(story.to_rows(mask=True)), repr(story)):
        assert "555 0111" not in shown
        assert "Ada" not in shown
    assert pms_id in str(story.to_rows())


def test_refusals_and_quarantine_are_told(world):
    """A refused create is told with field and code; quarantine is told when it begins, once, and what ended it."""
    world.pms_box.faults.add(Fault.REFUSED, on="create", field="phone", message="no")
    refused = world.wave_box.add({"name": "Refused", "phone": "1"})
    twins = [world.wave_box.add({"name": f"Twin {n}", "email": "twin@example.com"}) for n in range(2)]
    world.pms_box.add({"name": "Twin", "email": "twin@example.com"})
    world.run()
    world.later()
    world.run(full=True)
    world.later()
    world.wave_box.edit(twins[0], {"email": "alone@example.com"})
    world.run()

    (entry,) = world.sync.history(wave_id=refused).entries[:1]
    assert (entry.kind, entry.outcome) == ("create", "refused")
    assert "phone" in entry.detail
    assert kinds(world.sync.history(wave_id=twins[0])) == [
        ("quarantine", "rests"),
        ("create", "created"),
    ]
    assert kinds(world.sync.history(wave_id=twins[1])).count(("quarantine", "rests")) == 1


def test_the_journal_knows_nothing_of_an_unknown_record(world):
    """An unknown id has an empty story; without an id, or with both, it is not known whose story is asked for."""
    assert len(world.sync.history(wave_id="nobody")) == 0
    for ids in ({}, {"wave_id": "1", "pms_id": "1"}):
        with pytest.raises(ConfigurationError, match="either wave_id= or pms_id="):
            world.sync.history(**ids)
