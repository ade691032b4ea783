"""The tables for one group, row by row: what is done, to which side, and in which words it is told."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.links import ChangeStamp, HoldReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.groups import REST, GroupLook, Verdict, rule
from wave_pms_sync.reconcile.policy import Policy

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
BOTH = frozenset(Side)
SENT_FROM = {Side.WAVE: Direction.TO_PMS, Side.PMS: Direction.TO_WAVE}
ADDRESS = {"addressLine1": "1 High St", "city": "Leeds"}


@pytest.fixture
def ruled(bench):
    """What becomes of the phone, or the address, of two records."""

    def judge(wave, pms, *, before=None, origin=None, revert=False, policy=None, group="phone", **facts):
        rules = tuple(f for f in bench.lens.fields.values() if f.group == group)
        if origin is not None:
            foreign = "revert" if revert else "accept"
            rules = tuple(evolve(f, direction=SENT_FROM[origin], on_foreign_edit=foreign) for f in rules)

        def cells(shown):
            flat = shown if isinstance(shown, dict) else {"phone": shown}
            return {f.id: bench.lens.cell(Side.WAVE, f.id, flat.get(f.name.rpartition(".")[2])) for f in rules}

        bases = {} if before is None else {"base_wave": cells(before[0]), "base_pms": cells(before[1])}
        look = GroupLook(group=group, fields=rules, wave=cells(wave), pms=cells(pms), **bases, **facts)
        return rule(look, policy or Policy())

    return judge


def _told(ruling):
    return str(ruling.verdict.value), ruling.to, ruling.rule


# --- agreed on before ------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_edit_of_one_side(ruled, side):
    """An edit of one side is carried to the other, unless the two correspond by it."""
    shown = {Side.WAVE: ("2", "1"), Side.PMS: ("1", "2")}[side]

    assert _told(ruled(*shown, before=("1", "1"))) == ("carry", side.other, f"edited in {side.words}")
    made_equal = ruled("3", "3", before=("3", "1") if side is Side.PMS else ("1", "3"))
    assert _told(made_equal) == ("agree", None, "the edit made both sides correspond")
    assert ruled("1", "1", before=("1", "1")) == REST


@pytest.mark.parametrize("origin", Side)
def test_edit_of_a_one_way_group(ruled, origin):
    """An edit at the origin is carried; one at the receiver is accepted, or reverted where that is wanted."""
    at_origin, foreign = (("2", "1"), ("1", "2")) if origin is Side.WAVE else (("1", "2"), ("2", "1"))
    receiver, agreed = origin.other, ("1", "1")

    assert _told(ruled(*at_origin, before=agreed, origin=origin)) == ("carry", receiver, f"edited in {origin.words}")
    accepted = f"one-way: edit in {receiver.words} accepted"
    assert _told(ruled(*foreign, before=agreed, origin=origin)) == ("agree", None, accepted)
    reverted = f"one-way: edit in {receiver.words} reverted"
    assert _told(ruled(*foreign, before=agreed, origin=origin, revert=True)) == ("carry", receiver, reverted)
    carried = "one-way: the origin's value is carried"
    assert _told(ruled("2", "3", before=agreed, origin=origin)) == ("carry", receiver, carried)


def test_edits_of_both_sides(ruled):
    """The same edit on both sides is agreed on; two different ones are for the conflict policy, which is named."""
    wins = ruled("2", "3", before=("1", "1"), policy=Policy(conflicts="wave"))
    held = ruled("2", "3", before=("1", "1"), policy=Policy(conflicts="hold"))

    assert _told(ruled("2", "2", before=("1", "1"))) == ("agree", None, "both sides made the same edit")
    assert _told(wins) == ("carry", Side.PMS, "conflict: wave (wave wins)")
    assert (*_told(held), held.reason) == ("hold", None, "conflict: hold", HoldReason.DISPUTE)


# --- never agreed on -------------------------------------------------------------------------------


@pytest.mark.parametrize(("new", "words"), [(False, "first meeting"), (True, "new field")])
def test_meeting(ruled, new, words):
    """Two values that never met are agreed on if they correspond, fill an empty side, or are held."""
    held = ruled("1", "2", new_field=new, policy=Policy(first_meeting="hold"), backfill="hold")

    assert _told(ruled("1", "1", new_field=new)) == ("agree", None, f"{words}: values correspond")
    assert _told(ruled("1", None, new_field=new)) == ("carry", Side.PMS, f"{words}: a value beats an empty one")
    assert _told(ruled(None, "1", new_field=new)) == ("carry", Side.WAVE, f"{words}: a value beats an empty one")
    assert (*_told(held), held.reason) == ("hold", None, f"{words}: hold", HoldReason.FIRST_MEETING)


@pytest.mark.parametrize("origin", Side)
@pytest.mark.parametrize("new", [False, True])
def test_meeting_of_a_one_way_group(ruled, origin, new):
    """An empty origin writes nothing, an empty receiver is filled, and another value there is left as it is."""
    words, receiver = "new field" if new else "first meeting", origin.other
    some, none = (("1", None), (None, "1")) if origin is Side.WAVE else ((None, "1"), ("1", None))
    facts = {"origin": origin, "new_field": new}

    silent = f"{words}, one-way: an empty origin writes nothing"
    accepted = f"{words}, one-way: the other value is accepted"
    written = f"{words}, one-way: the origin's value is written"
    assert _told(ruled(*none, **facts)) == ("agree", None, silent)
    assert _told(ruled(*some, **facts)) == ("carry", receiver, f"{words}: a value beats an empty one")
    assert _told(ruled("1", "2", **facts)) == ("agree", None, accepted)
    assert _told(ruled("1", "2", **facts, revert=True)) == ("carry", receiver, written)


@pytest.mark.parametrize("origin", Side)
def test_backfill_of_a_one_way_group(ruled, origin):
    """`hold` asks about two values of a new one-way field; the origin named carries, and the receiver named is left."""
    facts = {"origin": origin, "new_field": True}

    held = ruled("1", "2", **facts, backfill="hold")
    assert (*_told(held), held.reason) == ("hold", None, "new field: hold", HoldReason.FIRST_MEETING)
    assert ruled("1", "2", **facts, backfill=origin.value).to is origin.other
    assert ruled("1", "2", **facts, backfill=origin.other.value, revert=True).verdict is Verdict.AGREE
    assert ruled("1", "2", origin=origin, backfill="hold").verdict is Verdict.AGREE


@pytest.mark.parametrize("origin", Side)
def test_address_that_is_empty_in_part_is_not_empty(ruled, origin):
    """A one-way address with one line is no empty address: neither is it filled, nor does it keep silent."""
    whole, part = ADDRESS, {"city": "York"}

    left = ruled(*((whole, part) if origin is Side.WAVE else (part, whole)), origin=origin, group="address")
    sent = ruled(
        *((part, whole) if origin is Side.WAVE else (whole, part)), origin=origin, group="address", revert=True
    )

    assert _told(left)[2] == "first meeting, one-way: the other value is accepted"
    assert _told(sent)[1:] == (origin.other, "first meeting, one-way: the origin's value is written")


# --- new in part, or mapped otherwise --------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_group_that_was_not_kept_is_sent_again_as_it_is_mapped_now(ruled, side):
    """A side that did not keep a group gets it once more when it is mapped otherwise, unless somebody edited it."""
    sent = ruled("1", "2", unkept=side, new_field=True)
    edited = ruled("1", "2", unkept=side, new_field=True, edited=BOTH, backfill="hold")

    assert _told(sent) == ("carry", side, f"not kept by {side.words}, now mapped otherwise")
    assert edited.verdict is Verdict.HOLD


@pytest.mark.parametrize("side", Side)
def test_edit_of_a_group_that_is_new_in_part(ruled, bench, side):
    """An edit travels if it takes no new value with it over another one, or if its side wins; else it is held."""
    facts = {"new_field": True, "edited": frozenset({side}), "fresh": (bench.id("phone"),)}
    filled, empty = (("1", None), (None, "1")) if side is Side.WAVE else ((None, "1"), ("1", None))

    held = ruled("1", "2", **facts)
    assert (*_told(held), held.reason) == ("hold", None, "new field: edited meanwhile", HoldReason.FIRST_MEETING)
    assert _told(ruled(*filled, **facts)) == ("carry", side.other, f"edited in {side.words}")
    assert ruled(*empty, **facts).verdict is Verdict.HOLD
    assert ruled("1", "2", **facts, backfill=side.value).to is side.other
    assert ruled("1", "2", **facts, backfill=side.other.value).verdict is Verdict.HOLD
    assert ruled(*filled, **{**facts, "edited": BOTH}).verdict is Verdict.HOLD


@pytest.mark.parametrize("origin", Side)
def test_edit_at_the_origin_of_a_group_that_is_new_in_part(ruled, origin):
    """An edit at the origin of a one-way group travels, also where the receiver has another value."""
    ruling = ruled("1", "2", origin=origin, new_field=True, edited=frozenset({origin}))

    assert _told(ruling) == ("carry", origin.other, f"edited in {origin.words}")


@pytest.mark.parametrize("known", ["wave_stamp", "pms_stamp"])
def test_newest_of_values_without_a_time(ruled, known):
    """Where the time of a value is not known, nobody says which is newer."""
    facts = {known: ChangeStamp(digest="d", stamp=NOW)}

    ruling = ruled("2", "3", before=("1", "1"), policy=Policy(conflicts="newest"), **facts)

    assert _told(ruling) == ("hold", None, "conflict: newest")


def test_rule_of_ones_own_is_shown_each_side_as_it_is(ruled):
    """A rule of one's own gets values, baselines and times, each of Wave first and then of the PMS."""
    told = []
    stamps = {f"{side}_stamp": ChangeStamp(digest="d", stamp=NOW + timedelta(hours=h)) for h, side in enumerate(Side)}

    ruled("2", "3", before=("1", "0"), policy=Policy(conflicts=lambda *shown: told.append(shown) or "pms"), **stamps)

    assert [(each.wave, each.pms) for each in told[0]] == [("2", "3"), ("1", "0"), (NOW, NOW + timedelta(hours=1))]


def test_rule_of_ones_own_knows_two_answers(ruled):
    """A given rule names the side that wins; whatever else it says, be it the name of another rule, holds the group."""
    stamps = {f"{side}_stamp": ChangeStamp(digest="d", stamp=NOW.replace(hour=hour)) for hour, side in enumerate(Side)}
    facts = {"before": ("1", "1"), **stamps}

    answers = [ruled("2", "3", policy=Policy(conflicts=lambda *_, a=a: a), **facts) for a in ("newest", "pms", "")]

    assert [ruling.verdict for ruling in answers] == [Verdict.HOLD, Verdict.CARRY, Verdict.HOLD]
    assert ruled("2", "3", policy=Policy(conflicts="newest"), **facts).verdict is Verdict.CARRY
