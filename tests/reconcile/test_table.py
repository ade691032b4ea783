"""The decision table for linked records, as a whole, row by row and cell by cell."""

from __future__ import annotations

from itertools import product

import pytest

from wave_pms_sync.model.records import Abilities
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.table import DECISIONS, Change, Decision
from wave_pms_sync.reconcile.world import Presence

EMAIL = {"email": "new@example.com"}
PHONE = {"phone": "+44 20 7946 0999"}
SHOWS = {
    "same": ({}, {}),
    "changed": (EMAIL, PHONE),
    "absent": (Presence.ABSENT, Presence.ABSENT),
    "unknown": (Presence.UNKNOWN, Presence.UNKNOWN),
}

WALK = {
    ("same", "same"): [],
    ("changed", "same"): ["update pms"],
    ("same", "changed"): ["update wave"],
    ("changed", "changed"): ["update wave", "update pms"],
    ("absent", "same"): ["tombstone"],
    ("same", "absent"): ["tombstone"],
    ("absent", "changed"): ["hold"],
    ("changed", "absent"): ["hold"],
    ("absent", "absent"): ["tombstone"],
    ("unknown", "same"): [],
    ("unknown", "changed"): [],
    ("unknown", "absent"): [],
    ("unknown", "unknown"): [],
    ("same", "unknown"): [],
    ("changed", "unknown"): [],
    ("absent", "unknown"): [],
}


def test_table_is_total():
    """The table decides every pair of changes, and no other."""
    assert set(DECISIONS) == set(product(Change, Change))


def test_every_decision_is_reached():
    """No decision is in the vocabulary that the table never takes."""
    assert set(DECISIONS.values()) == set(Decision)


def test_table_favours_no_side():
    """Swapping the sides of a row gives the mirrored decision."""
    mirrored = {
        Decision.WAVE_TO_PMS: Decision.PMS_TO_WAVE,
        Decision.RETIRE_PMS: Decision.RETIRE_WAVE,
        Decision.KEEP_PMS: Decision.KEEP_WAVE,
    }
    mirrored |= {b: a for a, b in mirrored.items()}

    for (wave, pms), decision in DECISIONS.items():
        assert DECISIONS[pms, wave] is mirrored.get(decision, decision)


@pytest.mark.parametrize(("wave", "pms"), WALK)
def test_row(bench, wave, pms):
    """Each row of the table leads to its actions, by default without touching a survivor."""
    verdicts = bench.judge(SHOWS[wave][0], SHOWS[pms][1])

    assert bench.kinds(verdicts) == WALK[wave, pms]
    assert bool(verdicts.unfinished) is (DECISIONS[Change(wave), Change(pms)] is Decision.WAIT)


@pytest.mark.parametrize(("wave", "pms"), [row for row in WALK if "absent" not in row])
@pytest.mark.parametrize("side", ["wave", "pms"])
def test_archived_records_are_judged_as_ever(bench, wave, pms, side):
    """Archived stands beside same and changed: values are judged, and updates travel, as ever."""
    facts = {f"{side}_facts": {"archived": True}}

    verdicts = bench.judge(SHOWS[wave][0], SHOWS[pms][1], **facts)

    assert bench.kinds(verdicts) == WALK[wave, pms]


@pytest.mark.parametrize("change", ["same", "changed"])
@pytest.mark.parametrize("policy", ["keep", "archive", "delete", "recreate"])
def test_archived_survivor_of_a_deletion_is_left_alone(bench, change, policy):
    """An archived record whose counterpart is gone becomes a tombstone, edited or not, and nothing is written."""
    policy = Policy(deletions={"pms": policy, "wave": "keep"})

    gone_from_wave = bench.judge(Presence.ABSENT, SHOWS[change][1], pms_facts={"archived": True}, policy=policy)
    gone_from_pms = bench.judge(SHOWS[change][0], Presence.ABSENT, wave_facts={"archived": True}, policy=policy)

    assert bench.kinds(gone_from_wave) == bench.kinds(gone_from_pms) == ["tombstone"]


def test_other_side_not_listed_counts_as_the_same(bench):
    """A side that an incremental listing did not show is as it was, so the other side's edit travels."""
    verdicts = bench.judge(EMAIL, Presence.AS_BEFORE)

    assert bench.writes(verdicts) == {("pms", "email"): "new@example.com"}


def test_change_waits_while_the_other_side_is_unknown(bench):
    """An edit does not travel to a record that could not be read; the pair is read again."""
    waiting = bench.judge(EMAIL, Presence.UNKNOWN)
    read = bench.judge(EMAIL, {})

    assert waiting.actions == ()
    assert waiting.unfinished
    assert bench.kinds(read) == ["update pms"]


def test_records_out_of_scope_are_unknown(bench):
    """A record out of scope is unknown, never absent, and its counterpart's edits wait."""
    verdicts = bench.judge(EMAIL, Presence.UNKNOWN, pms_facts={"excluded": True, "reason": "out of scope"})

    assert verdicts.actions == ()
    assert "out of scope" in verdicts.unfinished


# --- archiving -------------------------------------------------------------------------------------


def test_archiving_stays_at_home_by_default(bench):
    """A customer archived in Wave stays as it is in the PMS."""
    verdicts = bench.judge(wave_facts={"archived": True})

    assert verdicts.actions == ()


def test_archiving_is_mirrored_to_a_pms_that_can(bench):
    """With `archives="mirror"` a customer newly archived in Wave is archived in the PMS."""
    verdicts = bench.judge(wave_facts={"archived": True}, policy=Policy(archives="mirror"))

    assert bench.kinds(verdicts) == ["archive pms"]


def test_archiving_is_not_mirrored_to_a_pms_that_cannot(bench):
    """A PMS that cannot archive is not asked to."""
    bench.abilities = Abilities(archive=False)

    verdicts = bench.judge(wave_facts={"archived": True}, policy=Policy(archives="mirror"))

    assert verdicts.actions == ()


def test_archiving_does_not_travel_to_wave(bench):
    """A customer archived in the PMS stays as it is in Wave, which cannot archive."""
    verdicts = bench.judge(pms_facts={"archived": True}, policy=Policy(archives="mirror"))

    assert verdicts.actions == ()


def test_archiving_that_could_not_be_carried_out_is_planned_again(bench):
    """A mirrored archiving was forgotten when another write of the pair went through and the PMS then failed."""
    policy = Policy(archives="mirror")
    first = bench.judge(EMAIL, wave_facts={"archived": True}, policy=policy)

    second = bench.judge(EMAIL, wave_facts={"archived": True}, policy=policy, link=first.link)

    assert "archive pms" in bench.kinds(first)
    assert "archive pms" in bench.kinds(second)


def test_archiving_that_was_carried_out_is_not_planned_again(bench):
    """Once both are archived there is nothing to mirror."""
    policy = Policy(archives="mirror")

    verdicts = bench.judge(wave_facts={"archived": True}, pms_facts={"archived": True}, policy=policy)

    assert verdicts.actions == ()
    assert verdicts.link.wave.archived


def test_words_of_the_table():
    """Changes and decisions are printed as the words that the documentation shows."""
    assert [str(change) for change in Change] == ["same", "changed", "absent", "unknown"]
    assert str(Decision.REST) == "nothing"
    assert all(str(decision) == decision.value for decision in Decision)
