"""Deletions: what the policy does with a survivor, and how a tombstone comes back to life."""

from __future__ import annotations

import pytest
from attrs import evolve

from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.fields import MISSING, Direction
from wave_pms_sync.model.links import LinkStatus
from wave_pms_sync.model.memory import IntentKind, IntentState
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, ActionKind
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.world import Presence

EDIT = {"email": "new@example.com"}
RESTING = [LinkStatus.TOMBSTONE, LinkStatus.SUSPENDED]
GONE = {Side.WAVE: (Presence.ABSENT, {}), Side.PMS: ({}, Presence.ABSENT)}


# --- the deletion policy ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deletions", "gone_from_wave", "gone_from_pms"),
    [
        ("keep", ["tombstone"], ["tombstone"]),
        ("archive", ["archive pms"], ["tombstone"]),
        ("delete", ["delete pms"], ["tombstone"]),
        ("recreate", ["tombstone"], ["recreate pms"]),
        ({"wave": "delete"}, ["tombstone"], ["delete wave"]),
        ({"wave": "recreate"}, ["recreate wave"], ["tombstone"]),
        ({"wave": "delete", "pms": "archive"}, ["archive pms"], ["delete wave"]),
    ],
)
def test_deletion_policy(bench, deletions, gone_from_wave, gone_from_pms):
    """A bare policy is for the PMS; Wave stays as it is unless its rule is written out, by the side acted on."""
    policy = Policy(deletions=deletions)

    assert bench.kinds(bench.judge(*GONE[Side.WAVE], policy=policy)) == gone_from_wave
    assert bench.kinds(bench.judge(*GONE[Side.PMS], policy=policy)) == gone_from_pms


def test_retirement_names_what_it_rests_on(bench):
    """A retirement says that its counterpart is gone, and is bound to the survivor as it was seen."""
    policy = Policy(deletions="delete")

    plain = bench.only(bench.judge(*GONE[Side.WAVE], policy=policy), ActionKind.DELETE)
    other_phone = bench.only(bench.judge(Presence.ABSENT, {"currency_code": "EUR"}, policy=policy), ActionKind.DELETE)

    assert plain.retires
    assert plain.rule == "gone from Wave: delete"
    assert plain.precondition == other_phone.precondition


def test_recreated_record_has_all_that_travels(bench):
    """A record made again has the survivor's values of all fields that travel that way."""
    verdicts = bench.judge(*GONE[Side.PMS], policy=Policy(deletions="recreate"))

    written = bench.writes(verdicts)
    assert written["pms", "name"] == "Ada Lovelace"
    assert written["pms", "currency.code"] == "GBP"
    assert written["pms", "address.city"] == "London"


def test_field_left_out_is_no_edit_against_a_deletion(bench):
    """A survivor whose answer leaves a property out was not edited."""
    verdicts = bench.judge({"email": MISSING}, Presence.ABSENT, policy=Policy(deletions={"wave": "delete"}))

    assert bench.kinds(verdicts) == ["delete wave"]


def test_retirement_rests_on_what_the_survivor_showed(bench):
    """A retirement of a record that leaves a property out was planned, and skipped as edited, in every run."""
    flat = {"email": MISSING}
    verdicts = bench.judge(flat, Presence.ABSENT, policy=Policy(deletions={"wave": "delete"}))

    shown = bench.lens.cells(Side.WAVE, bench.seen(Side.WAVE, flat).raws)
    two_way = {n: cell.key for n, cell in shown.items() if bench.lens.fields[n].direction is Direction.BOTH}
    assert bench.only(verdicts, ActionKind.DELETE).precondition == digest(two_way)


def test_unknown_counterpart_retires_nothing(bench):
    """Nothing is deleted on account of a record that merely could not be read."""
    verdicts = bench.judge(Presence.UNKNOWN, {}, policy=Policy(deletions="delete"))

    assert verdicts.actions == ()


def test_gone_record_that_is_being_made_again_waits_for_its_create(bench):
    """A lost re-creation was planned anew in every run, and skipped in every run, for ever."""
    made = bench.wave("W1")
    intent = bench.create_intent(made, state=IntentState.UNKNOWN)

    verdicts = bench.judge(*GONE[Side.PMS], policy=Policy(deletions="recreate"), intents=[intent])

    assert verdicts.actions == ()
    assert verdicts.unfinished
    assert intent.kind is IntentKind.CREATE


@pytest.mark.parametrize("gone", Side)
def test_tombstone_says_where_the_record_is_gone(bench, gone):
    """A tombstone names the side that the record is gone from, and why the survivor stays."""
    kept = bench.only(bench.judge(*GONE[gone], policy=Policy(deletions="keep")), ActionKind.TOMBSTONE)
    both = bench.only(bench.judge(Presence.ABSENT, Presence.ABSENT), ActionKind.TOMBSTONE)

    assert (kept.detail, kept.rule) == (gone.value, f"gone from {gone.words}: keep")
    assert (both.detail, both.rule) == ("both", "gone on both sides")


def test_archived_survivor_is_left_alone(bench):
    """A survivor that is archived is neither retired nor made again, and the tombstone says so."""
    archived = {"pms_facts": {"archived": True}}
    for policy in ("delete", {"wave": "recreate"}):
        verdicts = bench.judge(*GONE[Side.WAVE], policy=Policy(deletions=policy), **archived)

        assert bench.only(verdicts, ActionKind.TOMBSTONE).rule == "gone from Wave: it is archived"


@pytest.mark.parametrize("gone", Side)
def test_requests_of_a_retirement_are_counted(bench, gone):
    """A retirement costs a read and a write where it retires, and one look at the side the record is gone from."""
    policy = Policy(deletions={"wave": "delete", "pms": "delete"})

    action = bench.only(bench.judge(*GONE[gone], policy=policy), ActionKind.DELETE)

    assert action.requests == {gone.other.value: 2, gone.value: 1}
    assert action.detail == gone.value


def test_merged_record_is_kept(bench):
    """A survivor whose counterpart seems to have been merged is kept; a deletion that a person accepted is not."""
    pair = evolve(bench.pair({}, Presence.ABSENT), merged_into="P9")

    verdicts = bench.decide(pair, Policy(deletions={"wave": "delete", "pms": "keep"}))

    tombstone = bench.only(verdicts, ActionKind.TOMBSTONE)
    assert tombstone.detail == "pms"
    assert tombstone.rule.startswith("gone from the PMS, where P9 shows all that it had shown")


def test_record_with_a_double_is_not_made_again(bench):
    """A gone record is not made again where another one shares a key with it."""
    pair = evolve(bench.pair({}, Presence.ABSENT), replaced=True)

    tombstone = bench.only(bench.decide(pair, Policy(deletions="recreate")), ActionKind.TOMBSTONE)

    assert (tombstone.detail, tombstone.rule) == ("pms", "gone from the PMS, where another record shares a key: keep")


@pytest.mark.parametrize("policy", ["archive", "delete"])
def test_record_with_a_double_is_retired_as_any_other(bench, policy):
    """A double of the gone record speaks against making that again, not against what else follows from a deletion."""
    pair = evolve(bench.pair(Presence.ABSENT, {}), replaced=True)

    assert bench.kinds(bench.decide(pair, Policy(deletions=policy))) == [f"{policy} pms"]


# --- back from the dead ----------------------------------------------------------------------------


def _buried(bench, **facts):
    return bench.link(status=LinkStatus.TOMBSTONE, **facts)


@pytest.mark.parametrize("status", RESTING)
def test_f56_both_back_are_linked_again_on_their_baselines(bench, status):
    """When both records of a link at rest are there again they are linked again, and what changed meanwhile travels."""
    verdicts = bench.judge(EDIT, {"external_id": "W1"}, link=bench.link(status=status))

    assert bench.kinds(verdicts) == ["relink", "update pms"]
    assert bench.writes(verdicts) == {("pms", "email"): "new@example.com"}


def test_relinked_record_is_marked_again(bench):
    """A restored PMS record without the Wave id gets it back when the two are linked again."""
    verdicts = bench.judge({}, {"external_id": None}, link=_buried(bench))

    assert bench.kinds(verdicts) == ["relink", "update pms"]
    assert [c.id for c in verdicts.actions[1].fields] == [MARKER]


def test_foreign_mark_is_never_written_over(bench):
    """A mark of another origin in a PMS record stays."""
    verdicts = bench.judge({}, {"external_id": "SAP-17"}, link=_buried(bench))

    assert bench.kinds(verdicts) == ["relink"]


@pytest.mark.parametrize("status", RESTING)
@pytest.mark.parametrize("back", [Presence.ABSENT, Presence.UNKNOWN, Presence.AS_BEFORE])
def test_one_record_alone_stays_at_rest(bench, back, status):
    """A survivor stays a survivor: it is not made again and not retired later."""
    for deletions in ("keep", "delete", "recreate"):
        verdicts = bench.judge(EDIT, back, link=bench.link(status=status), policy=Policy(deletions=deletions))

        assert verdicts.actions == ()


@pytest.mark.parametrize("status", RESTING)
@pytest.mark.parametrize("side", Side)
def test_f54_other_creation_stamp_is_somebody_else(bench, side, status):
    """The same id with another creation stamp is another customer and is not linked again."""
    facts = {f"{side}_facts": {"created_at": bench.at(-5)}}

    verdicts = bench.judge(EDIT, {}, link=bench.link(status=status), **facts)

    assert verdicts.actions == ()


def test_without_creation_stamps_other_keys_are_somebody_else(bench):
    """Without creation stamps a record with another name and another e-mail is another customer."""
    unstamped = {"created_at": None}
    other = {"name": "Charles Babbage", "email": "cb@example.com"}
    facts = {"link": _buried(bench), "wave_facts": unstamped, "pms_facts": unstamped}

    stranger = bench.judge({}, {**other, "external_id": "W1"}, **facts)
    renamed = bench.judge({}, {"name": "Ada Byron", "external_id": "W1"}, **facts)

    assert stranger.actions == ()
    assert bench.kinds(renamed) == ["relink", "update wave"]


@pytest.mark.parametrize("side", Side)
def test_record_that_was_not_read_does_not_come_back(bench, side):
    """A tombstone lives on once both records are shown, not when one of them merely was not listed."""
    shown = {side: {}, side.other: Presence.AS_BEFORE}

    verdicts = bench.decide(bench.pair(shown[Side.WAVE], shown[Side.PMS], link=_buried(bench)))

    assert verdicts.actions == ()


def test_record_out_of_scope_does_not_come_back(bench):
    """A record out of scope is unknown, so its tombstone rests."""
    pair = bench.pair({}, Presence.UNKNOWN, link=_buried(bench), pms_facts={"excluded": True})

    assert bench.decide(pair).actions == ()
    assert bench.decide(evolve(pair, pms=bench.seen(Side.PMS, {"external_id": "W1"}))).actions
