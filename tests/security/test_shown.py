"""What people are shown: hostile names are bounded and escaped, wherever they are printed."""

from __future__ import annotations

import json
import re

import pytest

from wave_pms_sync.errors import ConfigurationError, Refused
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.printable import one_line, quoted
from wave_pms_sync.testing import Fault

MARKUP = "<script>alert('x')</script><img src=x onerror=alert(1)>"
EVIL = f"\x1b[2J\x1b]0;owned\x07{MARKUP}\r\n    9  delete in Wave\u202e\u2028**b** `c`"
COMMANDS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture
def shown(world):
    """All that a person can be shown of customers with such names: plans, report, audit, history, disputes."""
    name = EVIL + "A" * 1_000_000
    wave_id = world.wave_box.add({"name": name, "email": "z@example.com"})
    world.pms_box.add({"name": "Zed" + "B" * 1_000_000, "email": "z@example.com", "phone": "\x1b[31m1"})
    world.wave_box.add({"name": name, "email": "a@example.com"})
    for _ in range(2):
        world.pms_box.add({"name": "A", "email": "x@example.com"})
    world.wave_box.add({"name": name, "email": "x@example.com"})
    world.later()
    plan = world.sync.plan()
    report = world.sync.apply(plan)
    assert world.linked()[wave_id]
    return [plan, report, world.sync.plan(), world.sync.verify(), world.sync.history(wave_id=wave_id)]


def test_no_name_fills_a_screen_or_commands_a_terminal(shown):
    """A million characters, escape sequences, line ends and turned writing are cut and shown as escapes in texts."""
    for thing in shown:
        text = str(thing)
        assert len(text) < 20_000
        assert not COMMANDS.search(text)
        assert "\n    9  delete in Wave" not in text


def test_no_name_runs_in_a_notebook(shown):
    """In tables for a notebook, markup is escaped, and a name of a million characters is cut."""
    for thing in shown:
        html = thing.to_html() if hasattr(thing, "to_html") else thing._repr_html_()
        assert len(html) < 40_000
        assert not COMMANDS.search(html)
        assert "<script" not in html
        assert "<img" not in html
        assert not re.search(r"<(?!/?(div|p|b|table|thead|tbody|tr|th|td|ul|li)\b)", html)


def test_rows_hold_values_whole(shown):
    """Rows for a data frame are data: nothing is cut or escaped there."""
    assert any(row["name"] == EVIL + "A" * 1_000_000 for row in shown[0].to_rows())


def test_one_story_of_a_record_is_bounded(world):
    """Why something happens to a record is told on one line for each thing."""
    wave_id = world.wave_box.add({"name": EVIL, "email": "z@example.com"})

    told = world.sync.plan().explain(wave_id)

    assert not COMMANDS.search(told)


@pytest.mark.parametrize("writing", ["Ada Lovelace", "日本語", "نیم‌فاصله", "👩‍👩‍👧", "Zoë", "a\u00a0b"])
def test_writing_stays_as_it_is(writing):
    """Writing of any people, joined signs included, is not taken for a command."""
    assert one_line(writing) == writing


def test_what_is_cut_is_told():
    """A text that is too long says how long it is."""
    assert one_line("a" * 11, 10) == "aaaaaaaaaa... (11 characters)"
    assert quoted("a" * 501) == "'" + "a" * 500 + "'... (501 characters)"
    assert (quoted(None), quoted("a\n"), quoted(5)) == ("(empty)", "'a\\n'", "5")


def test_the_doctor_repeats_no_commands(world):
    """What a server says to the doctor commands no terminal and runs in no notebook."""
    world.pms_box.faults.add(Fault.REFUSED, on="create", message=EVIL, times=None)

    found = world.pms.check(write=True)

    assert "owned" in str(found)
    assert not COMMANDS.search(str(found))
    assert "<script" not in found._repr_html_()


def test_logs_have_one_line_for_each_thing(world, caplog):
    """An id with line ends forges no line of a log."""
    caplog.set_level("DEBUG")
    row = {"id": "1\r\nERROR forged\x1b[2J", "name": "Ada", "email": "a@example.com"}
    body = json.dumps({"items": [row], "next_cursor": None})
    world.pms_box.faults.add(Fault.ANSWER, body=body, on="list", times=None)
    world.wave_box.add({"name": "Ada", "email": "a@example.com"})

    world.run()

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("wave_pms_sync")]
    assert list(world.links.scan(Link))
    assert not [line for line in ours if COMMANDS.search(line) or "\n" in line]


def test_errors_have_one_line(world):
    """An error about a record quotes its id, so that line ends in it forge nothing."""
    world.pms_box.faults.add(Fault.REFUSED, on="update", message=EVIL)

    with pytest.raises(Refused) as caught:
        world.pms.update_customer(world.pms_box.add({"name": "Ada"}), {"name": "Bo"})

    assert not COMMANDS.search(str(caught.value))
    assert MARKUP not in repr(caught.value)


def test_no_id_commands_a_terminal(world):
    """Ids of a server are as hostile as its names, in a dispute and in what is said of a wrong one."""
    body = json.dumps({"items": [{"id": EVIL, "name": "Other", "email": "a@example.com"}], "next_cursor": None})
    world.wave_box.add({"name": "Ada", "email": "a@example.com"})
    world.pms_box.faults.add(Fault.ANSWER, on="list", body=body, times=None)
    world.sync.run()

    (dispute,) = world.sync.disputes()
    told = [str(dispute)]
    for act in (
        lambda: world.sync.unlink(pms_id=EVIL + "?"),
        lambda: world.sync.forget(pms_id=EVIL + "?"),
        lambda: world.sync.link("another", EVIL),
    ):
        with pytest.raises(ConfigurationError) as caught:
            act()
        told.append(str(caught.value))

    assert not [text for text in told if COMMANDS.search(text.replace("\n", "")) or "\n    9  delete" in text]
