"""What becomes of one field group of a linked pair whose records are both there."""

from __future__ import annotations

import unicodedata
from itertools import product

import pytest
from attrs import evolve

from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Baseline, ChangeStamp, HoldReason, Sight
from wave_pms_sync.model.memory import IntentState
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, ActionKind
from wave_pms_sync.reconcile.groups import EDITS
from wave_pms_sync.reconcile.laying_out import lay_out
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.world import Presence

WAVE_EDIT = {"email": "wave@example.com"}
PMS_EDIT = {"email": "pms@example.com"}


# --- edits since the last agreement ----------------------------------------------------------------


def test_edits_are_decided_for_both_sides():
    """Edited or not, on either side: every case of a group has a rule."""
    assert set(EDITS) == set(product((True, False), repeat=2))


def test_one_edit_is_carried(bench):
    """A group edited on one side only is carried to the other."""
    there = bench.judge(WAVE_EDIT)
    back = bench.judge({}, PMS_EDIT)

    assert bench.writes(there) == {("pms", "email"): "wave@example.com"}
    assert bench.writes(back) == {("wave", "email"): "pms@example.com"}


def test_edits_of_different_groups_pass_each_other(bench):
    """Both sides may be written in one run, each with what the other edited."""
    verdicts = bench.judge(WAVE_EDIT, {"phone": "030 1234"})

    assert bench.writes(verdicts) == {("wave", "phone"): "030 1234", ("pms", "email"): "wave@example.com"}


def test_clearing_is_an_edit(bench):
    """A cleared value is an edit like any other and clears the other side."""
    verdicts = bench.judge({"email": None})

    assert bench.writes(verdicts) == {("pms", "email"): None}


def test_blank_and_null_are_the_same_emptiness(bench):
    """A value that was cleared by blanks on one side and by null on the other is no conflict."""
    verdicts = bench.judge({"email": None}, {"email": "  "}, policy=Policy(conflicts="hold"))

    assert bench.kinds(verdicts) == ["agree"]


def test_agreeing_tells_what_a_side_did_not_keep(bench):
    """An agreement says which groups a side did not keep, and nothing where all was kept."""
    sent = {"email": ("ada@example.com", "new@example.com"), "phone": ("+44 20 7946 0100", "111")}
    late = bench.update_intent(Side.PMS, sent, state=IntentState.CONFIRMED, announced_at=bench.at(-9999))

    same = bench.only(bench.judge(WAVE_EDIT, WAVE_EDIT), ActionKind.AGREE)
    lost = bench.only(bench.judge({n: v for n, (_, v) in sent.items()}, {}, intents=[late]), ActionKind.AGREE)

    assert (same.detail, lost.detail) == ("", "not kept: email, phone")


def test_values_that_meet_have_no_time_of_their_own(bench):
    """When a value was first seen is remembered of groups that were agreed on before, and of no others."""
    met = bench.decide(bench.strangers({"email": "a@example.com"}, {"email": "b@example.com"}))
    edited = bench.judge(WAVE_EDIT, PMS_EDIT, policy=Policy(conflicts="hold"))

    assert [hold.group for hold in met.holds] == ["email"]
    assert (met.agreement.wave_changes, met.agreement.pms_changes) == ({}, {})
    assert set(edited.agreement.wave_changes) == set(edited.agreement.pms_changes) == {"email"}


def test_foreign_edit_that_cannot_be_read_is_accepted_like_any_other(make_bench):
    """A one-way field at its receiver is nobody's concern, readable or not, once both had agreed on it."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="currency.code", pms="currency_code", converter="currency", direction="to_pms")
    bench = make_bench(registry)

    verdicts = bench.judge({}, {"currency_code": "no currency"})

    assert bench.kinds(verdicts) == ["agree"]


def test_same_edit_on_both_sides_moves_the_baselines(bench):
    """Both sides edited a group alike: the baselines move to what each side itself shows, nothing is written."""
    verdicts = bench.judge({"email": "New@Example.com"}, {"email": "new@example.com"})

    agree = bench.only(verdicts, ActionKind.AGREE)
    baseline = agree.baselines[bench.id("email")]
    assert bench.kinds(verdicts) == ["agree"]
    assert (baseline.wave, baseline.pms) == ("New@Example.com", "new@example.com")


def test_edit_that_leads_to_what_the_other_side_shows_writes_nothing(bench):
    """Two values that were agreed on though they differ, and now correspond, need no write."""
    agreement = bench.agreement()
    bench.agreed_pms = {**bench.agreed(Side.PMS), "email": "other@example.com"}
    agreement = bench.agreement()

    verdicts = bench.judge({"email": "other@example.com"}, agreement=agreement)

    assert bench.kinds(verdicts) == ["agree"]


@pytest.mark.parametrize(
    ("wave", "pms"),
    [
        ({"name": "  Ada   Lovelace "}, {}),
        ({}, {"name": "Ada Lovelace\u00a0"}),
        ({"email": "ADA@example.com"}, {"email": "ada@EXAMPLE.com"}),
        ({"phone": "+442079460100"}, {"phone": "0044 (20) 7946-0100"}),
        ({"address.postalCode": "SW1Y 4JH"}, {"address.postal_code": " SW1Y 4JH "}),
    ],
)
def test_other_spelling_is_no_edit(bench, wave, pms):
    """A side that trims, collapses blanks or formats numbers anew causes no write."""
    verdicts = bench.judge(wave, pms)

    assert verdicts.actions == ()


def test_f27_unicode_form_is_no_edit(bench):
    """The same name in composed and in decomposed letters is the same name."""
    bench.agreed_wave["name"] = unicodedata.normalize("NFC", "Zoë Ångström")

    verdicts = bench.judge({}, {"name": unicodedata.normalize("NFD", "Zoë Ångström")})

    assert verdicts.actions == ()


def test_f29_richer_original_is_not_overwritten_by_its_normal_form(bench):
    """An edit elsewhere in the record does not write a value back that a side merely shows in another spelling."""
    verdicts = bench.judge(WAVE_EDIT, {"phone": "00442079460100"})

    assert bench.writes(verdicts) == {("pms", "email"): "wave@example.com"}


def test_f30_missing_field_is_neither_changed_nor_cleared(bench):
    """A property that an answer left out is as it was; it clears nothing and stays as it is on the other side."""
    verdicts = bench.judge({"email": MISSING}, {"phone": MISSING})

    assert verdicts.actions == ()


def test_missing_field_does_not_hide_the_other_sides_edit(bench):
    """An edit is carried to a side whose answer left the property out."""
    verdicts = bench.judge(WAVE_EDIT, {"email": MISSING})

    assert bench.writes(verdicts) == {("pms", "email"): "wave@example.com"}


def test_f25_moved_stamp_alone_changes_nothing(bench):
    """A stamp that moved without a changed value is remembered, and nothing is written."""
    verdicts = bench.judge(wave_facts={"stamp": bench.at(-5)})

    assert verdicts.actions == ()
    assert verdicts.link.wave.stamp == bench.at(-5)


def test_f24_changed_value_under_an_old_stamp_travels(bench):
    """Stamps choose where to look; a value that changed without them is an edit all the same."""
    verdicts = bench.judge(WAVE_EDIT, wave_facts={"stamp": bench.at(-86400)})

    assert bench.kinds(verdicts) == ["update pms"]


# --- groups travel whole ---------------------------------------------------------------------------


def test_address_travels_whole(bench):
    """An edited city takes the rest of its address along, so that no address is put together from two."""
    verdicts = bench.judge({"address.city": "Leeds"})

    fields = {name: value for (_, name), value in bench.writes(verdicts).items()}
    assert fields["address.city"] == "Leeds"
    assert fields["address.postalCode"] == "SW1Y 4JH"
    assert all(name.startswith("address.") for name in fields)


def test_addresses_are_never_mixed(bench):
    """Two sides that edited different lines of one address are in conflict; the winner's address is carried whole."""
    wave, pms = {"address.city": "Leeds"}, {"address.postal_code": "N1 9GU"}

    held = bench.judge(wave, pms, policy=Policy(conflicts="hold"))
    won = bench.judge(wave, pms, policy=Policy(conflicts="wave"))

    assert bench.kinds(held) == ["hold"]
    assert bench.writes(won)["pms", "address.city"] == "Leeds"
    assert bench.writes(won)["pms", "address.postalCode"] == "SW1Y 4JH"


def test_shipping_address_is_a_group_of_its_own(bench):
    """An edit of the delivery address leaves the customer's address alone."""
    verdicts = bench.judge({"shippingDetails.address.city": "Leeds", "shippingDetails.address.country.code": "GB"})

    assert {name.rpartition(".")[0].split(".")[0] for _, name in bench.writes(verdicts)} == {"shippingDetails"}


def test_one_group_held_lets_the_others_travel(bench):
    """A hold stops only its own group."""
    verdicts = bench.judge({**WAVE_EDIT, "phone": "1"}, PMS_EDIT, policy=Policy(conflicts="hold"))

    assert bench.kinds(verdicts) == ["hold", "update pms"]
    assert bench.writes(verdicts) == {("pms", "phone"): "1"}


# --- what cannot be written is held ----------------------------------------------------------------


def test_f33_province_outside_its_country_is_held(bench):
    """A new country with the old province is held, not written, and the rest of the record travels."""
    verdicts = bench.judge({"address.country.code": "DE", **WAVE_EDIT})

    hold = bench.only(verdicts, ActionKind.HOLD)
    assert (hold.group, hold.hold) == ("address", HoldReason.CONVERSION)
    assert "province" in hold.rule
    assert bench.writes(verdicts) == {("pms", "email"): "wave@example.com"}


def test_f32_cleared_required_value_is_held(bench):
    """A name that was cleared is held; neither the other side's name nor a filler is written."""
    verdicts = bench.judge({}, {"name": " "})

    hold = bench.only(verdicts, ActionKind.HOLD)
    assert (hold.group, hold.hold) == ("name", HoldReason.REQUIRED)
    assert bench.writes(verdicts) == {}


def test_f46_value_that_cannot_be_converted_holds_its_group_alone(bench):
    """A country code that nobody knows holds the address and nothing else, and says why without the value."""
    verdicts = bench.judge({}, {"address.country_code": "Atlantis", **{"email": "pms@example.com"}})

    hold = bench.only(verdicts, ActionKind.HOLD)
    assert (hold.group, hold.hold) == ("address", HoldReason.CONVERSION)
    assert "Atlantis" not in hold.rule
    assert bench.writes(verdicts) == {("wave", "email"): "pms@example.com"}


def test_f35_value_too_long_for_the_other_side_is_held(make_bench):
    """A text longer than the PMS takes is held before sending."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="website", pms="website", max_length=20)
    bench = make_bench(registry)

    verdicts = bench.judge({"website": "https://example.com/" + "x" * 30})

    assert bench.only(verdicts, ActionKind.HOLD).hold is HoldReason.CONVERSION


def test_fault_that_was_there_at_the_last_agreement_is_no_edit(bench):
    """A value that could not be converted and did not change since keeps quiet."""
    agreement = bench.agreement()
    name = bench.id("address.country.code")
    odd = {**agreement.baselines, name: Baseline(wave="GB", pms="Atlantis")}

    verdicts = bench.judge({}, {"address.country_code": "Atlantis"}, agreement=bench.agreement(baselines=odd))

    assert verdicts.actions == ()


# --- conflict policies -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wave_at", "pms_at", "winner"),
    [(-1000, -600, "pms"), (-600, -1000, "wave"), (-600, -721, "wave"), (-600, -720, None), (-600, -600, None)],
)
def test_newest_wins_beyond_the_tolerance(bench, wave_at, pms_at, winner):
    """The later change stamp wins if the two differ by more than the clock tolerance; otherwise it is a dispute."""
    verdicts = bench.judge(
        WAVE_EDIT, PMS_EDIT, wave_facts={"stamp": bench.at(wave_at)}, pms_facts={"stamp": bench.at(pms_at)}
    )

    written = {"wave": {("pms", "email"): "wave@example.com"}, "pms": {("wave", "email"): "pms@example.com"}}
    assert bench.writes(verdicts) == written.get(winner, {})
    assert bench.kinds(verdicts) == (["hold"] if winner is None else [f"update {Side(winner).other}"])


@pytest.mark.parametrize("side", Side)
def test_newest_disputes_without_a_stamp(bench, side):
    """A side that says no stamp never wins by being newest, and never loses."""
    facts = {"wave_facts": {"stamp": bench.at(-900)}, "pms_facts": {"stamp": bench.at(-100)}}
    facts[f"{side}_facts"] = {"stamp": None}

    verdicts = bench.judge(WAVE_EDIT, PMS_EDIT, **facts)

    assert bench.only(verdicts, ActionKind.HOLD).hold is HoldReason.DISPUTE


def test_newest_gives_no_credit_for_our_own_stamp(bench):
    """The stamp of our own write says nothing of when somebody edited, so the two are in dispute."""
    link = bench.link(pms=Sight(created_at=None, stamp=bench.at(-900), written_stamp=bench.at(-100)))

    verdicts = bench.judge(
        WAVE_EDIT,
        PMS_EDIT,
        link=link,
        wave_facts={"stamp": bench.at(-2000)},
        pms_facts={"stamp": bench.at(-100)},
    )

    assert bench.kinds(verdicts) == ["hold"]


def test_newest_gives_no_credit_for_a_stamp_seen_with_another_value(bench):
    """A stamp under which another value was seen before proves nothing of this one."""
    link = bench.link(pms=Sight(stamp=bench.at(-100)))

    verdicts = bench.judge(
        WAVE_EDIT,
        PMS_EDIT,
        link=link,
        wave_facts={"stamp": bench.at(-2000)},
        pms_facts={"stamp": bench.at(-100)},
    )

    assert bench.kinds(verdicts) == ["hold"]


def test_change_stamp_stays_that_of_the_edit(bench):
    """An unrelated edit moves the record's stamp, and the group keeps the stamp under which it was first seen."""
    held = Policy(conflicts="hold")
    first = bench.judge(WAVE_EDIT, PMS_EDIT, policy=held, wave_facts={"stamp": bench.at(-3000)})

    second = bench.judge(
        {**WAVE_EDIT, "phone": "1"},
        PMS_EDIT,
        policy=held,
        agreement=bench.after(first),
        wave_facts={"stamp": bench.at(-5)},
    )

    assert second.agreement.wave_changes["email"].stamp == bench.at(-3000)
    assert second.agreement.wave_changes["phone"].stamp == bench.at(-5)


def test_change_stamps_end_with_the_difference(bench):
    """Once a group is back at what was agreed on, its change stamps are forgotten."""
    stamps = {"email": ChangeStamp(digest="d", stamp=bench.at(-50))}

    verdicts = bench.judge(agreement=bench.agreement(wave_changes=stamps))

    assert verdicts.agreement.wave_changes == {}


@pytest.mark.parametrize(("policy", "to"), [("wave", "pms"), ("pms", "wave"), ("hold", None)])
def test_fixed_policies(bench, policy, to):
    """`wave` and `pms` let that side win whatever the stamps say, and `hold` asks a person."""
    verdicts = bench.judge(WAVE_EDIT, PMS_EDIT, policy=Policy(conflicts=policy))

    assert list(bench.writes(verdicts)) == ([(to, "email")] if to else [])


def test_loser_of_a_conflict_is_in_the_action(bench):
    """What loses a conflict stands beside what replaces it, for the journal."""
    verdicts = bench.judge(WAVE_EDIT, PMS_EDIT, policy=Policy(conflicts="wave"))

    change = bench.only(verdicts, ActionKind.UPDATE).fields[0]
    assert (change.before, change.after) == ("pms@example.com", "wave@example.com")
    assert "wave wins" in change.rule


def test_callable_policy_is_asked_with_everything(bench):
    """A callable gets both values, both baselines and both change stamps, and its answer is carried out."""
    asked = []

    def rule(values, baselines, stamps):
        asked.append((values, baselines, stamps))
        return "pms"

    verdicts = bench.judge(
        WAVE_EDIT,
        PMS_EDIT,
        policy=Policy(conflicts=rule),
        wave_facts={"stamp": bench.at(-50)},
        pms_facts={"stamp": bench.at(-40)},
    )

    [(values, baselines, stamps)] = asked
    assert (values.wave, values.pms) == ("wave@example.com", "pms@example.com")
    assert (baselines.wave, baselines.pms) == ("ada@example.com", "ada@example.com")
    assert (stamps.wave, stamps.pms) == (bench.at(-50), bench.at(-40))
    assert bench.writes(verdicts) == {("wave", "email"): "pms@example.com"}


def test_callable_policy_sees_a_group_by_wave_property(bench):
    """A callable is shown a group of several fields as a dict by Wave property."""
    asked = []

    def rule(values, baselines, stamps):
        asked.append(values)
        return "hold"

    bench.judge({"address.city": "Leeds"}, {"address.city": "York"}, policy=Policy(conflicts=rule))

    assert (asked[0].wave["address.city"], asked[0].pms["address.city"]) == ("Leeds", "York")


def test_callable_policy_without_a_clear_answer_holds(bench):
    """A callable that answers anything else than a side leaves the group to a person."""
    verdicts = bench.judge(WAVE_EDIT, PMS_EDIT, policy=Policy(conflicts=lambda *_: None))

    assert bench.kinds(verdicts) == ["hold"]


def test_policy_per_group(bench):
    """Each group may have a rule of its own; `"*"` is the rule of all others."""
    policy = Policy(conflicts={"address": "pms", "*": "wave"})

    verdicts = bench.judge({**WAVE_EDIT, "address.city": "Leeds"}, {**PMS_EDIT, "address.city": "York"}, policy=policy)

    written = bench.writes(verdicts)
    assert written["wave", "address.city"] == "York"
    assert written["pms", "email"] == "wave@example.com"


def test_group_without_a_rule_is_held(bench):
    """With rules per group and none for the others, the others are held."""
    verdicts = bench.judge(WAVE_EDIT, PMS_EDIT, policy=Policy(conflicts={"address": "pms"}))

    assert bench.kinds(verdicts) == ["hold"]


# --- one-way groups --------------------------------------------------------------------------------


def _one_way(make_bench, on_foreign_edit="accept", **facts):
    registry = MappingRegistry.default()
    registry.map(
        "customer",
        wave="displayId",
        pms="customer_number",
        direction="to_pms",
        on_foreign_edit=on_foreign_edit,
        **facts,
    )
    return make_bench(registry)


def test_one_way_edit_at_the_origin_is_carried(make_bench):
    """A one-way field travels from its origin."""
    bench = _one_way(make_bench)

    verdicts = bench.judge({"displayId": "0099"})

    assert bench.writes(verdicts) == {("pms", "displayId"): "0099"}


def test_foreign_edit_is_accepted_by_default(make_bench):
    """A foreign edit of a one-way field stays where it is: that baseline moves and nothing is written."""
    bench = _one_way(make_bench)

    verdicts = bench.judge({}, {"customer_number": "K-7"})

    baseline = bench.only(verdicts, ActionKind.AGREE).baselines[bench.id("displayId")]
    assert bench.kinds(verdicts) == ["agree"]
    assert (baseline.wave, baseline.pms) == ("0012", "K-7")


def test_foreign_edit_is_reverted_if_wanted(make_bench):
    """With `revert` a foreign edit of a one-way field is written back."""
    bench = _one_way(make_bench, "revert")

    verdicts = bench.judge({}, {"customer_number": "K-7"})

    assert bench.writes(verdicts) == {("pms", "displayId"): "0012"}


def test_reverted_edit_that_comes_back_is_held(make_bench):
    """A PMS that put its own number back after each revert was written to again in every run, for ever."""
    bench = _one_way(make_bench, "revert")
    first = bench.judge({}, {"customer_number": "K-7"})

    second = bench.judge({}, {"customer_number": "K-7"}, agreement=bench.after(first))

    hold = bench.only(second, ActionKind.HOLD)
    assert (hold.group, hold.hold) == ("displayId", HoldReason.REVERT)
    assert bench.writes(second) == {}


def test_another_foreign_edit_is_reverted_again(make_bench):
    """Each foreign edit of its own is written back once."""
    bench = _one_way(make_bench, "revert")
    first = bench.judge({}, {"customer_number": "K-7"})

    second = bench.judge({}, {"customer_number": "K-8"}, agreement=bench.after(first))

    assert bench.writes(second) == {("pms", "displayId"): "0012"}


def test_edit_at_the_origin_travels_over_a_reverted_one(make_bench):
    """A foreign edit that came back is no reason to keep the origin's own edit from travelling."""
    bench = _one_way(make_bench, "revert")
    first = bench.judge({}, {"customer_number": "K-7"})

    second = bench.judge({"displayId": "0099"}, {"customer_number": "K-7"}, agreement=bench.after(first))

    assert bench.writes(second) == {("pms", "displayId"): "0099"}


@pytest.mark.parametrize("policy", ["pms", "hold", "newest"])
def test_one_way_groups_never_meet_the_conflict_policy(make_bench, policy):
    """Both sides edited a one-way field: the origin's value is carried, whatever the policy; the other one is noted."""
    bench = _one_way(make_bench)

    verdicts = bench.judge({"displayId": "0099"}, {"customer_number": "K-7"}, policy=Policy(conflicts=policy))

    change = bench.only(verdicts, ActionKind.UPDATE).fields[0]
    assert (change.before, change.after) == ("K-7", "0099")


# --- first meeting ---------------------------------------------------------------------------------


def _meet(bench, wave, pms, policy=None, **facts):
    return bench.decide(bench.strangers({"name": "Ada", **wave}, {"name": "Ada", **pms}, **facts), policy)


def test_first_meeting_corresponding_values_become_baselines(bench):
    """Values that correspond at first meeting become baselines, each as its side shows it; nothing is written."""
    verdicts = _meet(bench, {"email": "ADA@example.com"}, {"email": "ada@example.com"})

    agreed = bench.only(verdicts, ActionKind.AGREE).baselines
    assert bench.kinds(verdicts) == ["agree"]
    assert agreed[bench.id("email")].wave == "ADA@example.com"
    assert set(agreed) == set(bench.lens.fields)


@pytest.mark.parametrize(
    ("wave", "pms", "written"),
    [
        ({"email": "ada@example.com"}, {}, ("pms", "email")),
        ({}, {"email": "ada@example.com"}, ("wave", "email")),
    ],
)
def test_first_meeting_value_beats_an_empty_one(bench, wave, pms, written):
    """At first meeting a value beats an empty one, from either side."""
    verdicts = _meet(bench, wave, pms)

    assert bench.writes(verdicts) == {written: "ada@example.com"}


def test_first_meeting_two_values_are_held(bench):
    """Two different values are held at first meeting, and neither is lost."""
    verdicts = _meet(bench, WAVE_EDIT, PMS_EDIT)

    hold = bench.only(verdicts, ActionKind.HOLD)
    assert (hold.group, hold.hold) == ("email", HoldReason.FIRST_MEETING)
    assert bench.writes(verdicts) == {}


def test_first_meeting_address_is_filled_where_its_parts_agree(bench):
    """An address is filled from the other side if its filled parts agree with it."""
    whole = {"address.city": "London", "address.country.code": "GB", "address.postalCode": "N1 9GU"}

    verdicts = _meet(bench, whole, {"address.city": "London"})

    written = bench.writes(verdicts)
    assert written["pms", "address.postalCode"] == "N1 9GU"
    assert {side for side, _ in written} == {"pms"}


def test_first_meeting_addresses_are_never_mixed(bench):
    """Two addresses that each have what the other lacks are held, not put together."""
    verdicts = _meet(bench, {"address.city": "London"}, {"address.postal_code": "N1 9GU"})

    assert bench.only(verdicts, ActionKind.HOLD).group == "address"
    assert bench.writes(verdicts) == {}


@pytest.mark.parametrize("policy", ["wave", "pms"])
def test_first_meeting_policy(bench, policy):
    """A side named by `first_meeting` wins where two values differ, and only there."""
    verdicts = _meet(bench, {**WAVE_EDIT, "phone": "1"}, PMS_EDIT, Policy(first_meeting=policy))

    winner, loser = (policy, str(Side(policy).other))
    assert bench.writes(verdicts) == {(loser, "email"): f"{winner}@example.com", ("pms", "phone"): "1"}
    assert verdicts.agreement.flips == {}


def test_first_meeting_newest_compares_the_records_stamps(bench):
    """At first meeting `newest` compares the stamps of the records as they stand."""
    verdicts = _meet(
        bench,
        WAVE_EDIT,
        PMS_EDIT,
        Policy(first_meeting="newest"),
        wave_at=bench.at(-5000),
        pms_at=bench.at(-100),
    )

    assert bench.writes(verdicts) == {("wave", "email"): "pms@example.com"}


def test_first_meeting_one_way(make_bench):
    """At first meeting a one-way field fills an empty receiver, leaves another value, and an empty origin is silent."""
    bench = _one_way(make_bench)

    filled = _meet(bench, {"displayId": "1"}, {})
    foreign = _meet(bench, {"displayId": "1"}, {"customer_number": "2"})
    empty = _meet(bench, {}, {"customer_number": "2"})

    assert bench.writes(filled) == {("pms", "displayId"): "1"}
    assert bench.kinds(foreign) == ["agree"]
    assert foreign.actions[0].baselines[bench.id("displayId")].pms == "2"
    assert bench.kinds(empty) == ["agree"]


def test_first_meeting_one_way_revert(make_bench):
    """With `revert` the origin's value is written over another one at first meeting; an empty origin writes nothing."""
    bench = _one_way(make_bench, "revert")

    foreign = _meet(bench, {"displayId": "1"}, {"customer_number": "2"})
    empty = _meet(bench, {}, {"customer_number": "2"})

    assert bench.writes(foreign) == {("pms", "displayId"): "1"}
    assert bench.writes(empty) == {}


def test_first_meeting_too_long_for_the_other_side_is_held(make_bench):
    """At first meeting, too, a value that the other side does not take is held before sending."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="website", pms="website", max_length=20)

    bench = make_bench(registry)

    verdicts = _meet(bench, {"website": "https://example.com/" + "x" * 30}, {})

    hold = bench.only(verdicts, ActionKind.HOLD)
    assert (hold.group, hold.hold) == ("website", HoldReason.CONVERSION)


def test_pair_that_meets_is_marked(bench):
    """Two records that were linked by hand and agreed on nothing so far are marked; others are not."""
    strangers = bench.strangers({"name": "Ada"}, {"name": "Ada", "external_id": None})
    met = bench.pair({}, {"external_id": None})

    assert [c.id for a in bench.decide(strangers).actions for c in a.fields] == [MARKER]
    assert bench.decide(met).actions == ()


def test_first_meeting_required_name_is_never_cleared(bench):
    """A record without a name gets the other side's; a name is never emptied."""
    pair = bench.strangers({"name": "Ada"}, {})

    verdicts = bench.decide(pair)

    assert bench.writes(verdicts) == {("pms", "name"): "Ada"}


def test_first_meeting_fault_holds_its_group(bench):
    """A value that cannot be converted holds its group at first meeting, and nothing is written over it."""
    verdicts = _meet(bench, {"address.country.code": "GB"}, {"address.country_code": "Atlantis"})

    hold = bench.only(verdicts, ActionKind.HOLD)
    assert (hold.group, hold.hold) == ("address", HoldReason.CONVERSION)


def test_first_meeting_alike_is_agreed_though_it_could_not_be_carried(bench):
    """Two alike addresses with a province outside the country were held, though there was nothing to carry."""
    odd = {"address.city": "Paris", "address.province.code": "GB-LND", "address.country.code": "FR"}

    verdicts = _meet(
        bench, odd, {"address.city": "Paris", "address.region_code": "GB-LND", "address.country_code": "FR"}
    )

    assert bench.kinds(verdicts) == ["agree"]


# --- a field that is new to the mapping ------------------------------------------------------------


def _with_notes(make_bench, **facts):
    """The mapping after `internalNotes` was added, and a pair that agreed before it was."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="internalNotes", pms="notes", **facts)
    bench = make_bench(registry)
    known = {n: b for n, b in bench.agreement().baselines.items() if n != bench.id("internalNotes")}
    return bench, bench.agreement(baselines=known)


@pytest.mark.parametrize("backfill", ["fill_empty", "wave", "pms", "hold"])
def test_f92_new_field_fills_the_empty_side(make_bench, backfill):
    """A field that is new to a linked pair fills the empty side; the empty side never wins."""
    bench, agreement = _with_notes(make_bench, backfill=backfill)

    verdicts = bench.judge({"internalNotes": "likes tea"}, agreement=agreement)

    assert bench.writes(verdicts) == {("pms", "internalNotes"): "likes tea"}


@pytest.mark.parametrize(
    ("backfill", "written"),
    [
        ("fill_empty", {}),
        ("hold", {}),
        ("wave", {("pms", "internalNotes"): "w"}),
        ("pms", {("wave", "internalNotes"): "p"}),
    ],
)
def test_f92_new_field_with_two_values(make_bench, backfill, written):
    """Two different values of a new field follow its own backfill rule, not the one of first meetings."""
    bench, agreement = _with_notes(make_bench, backfill=backfill)

    verdicts = bench.judge(
        {"internalNotes": "w"}, {"notes": "p"}, agreement=agreement, policy=Policy(first_meeting="wave")
    )

    assert bench.writes(verdicts) == written


@pytest.mark.parametrize("backfill", ["fill_empty", "hold"])
def test_f92_new_field_stays_held(make_bench, backfill):
    """A new field that its backfill rule held was overwritten in the next run by the rule of first meetings."""
    bench, agreement = _with_notes(make_bench, backfill=backfill)
    policy = Policy(first_meeting="wave")
    first = bench.judge({"internalNotes": "w"}, {"notes": "p"}, agreement=agreement, policy=policy)

    second = bench.judge({"internalNotes": "w"}, {"notes": "p"}, agreement=bench.after(first), policy=policy)

    assert second.actions == ()
    assert [h.group for h in second.holds] == ["internalNotes"]


def test_f94_dropped_field_is_left_alone(make_bench):
    """A field that is not mapped any more is not looked at, and no clears are sent."""
    registry = MappingRegistry.default()
    old = make_bench(registry)
    agreement = old.agreement()
    registry.unmap("email")
    bench = make_bench(registry, agreed_wave={k: v for k, v in old.agreed_wave.items() if k != "email"})

    verdicts = bench.judge(agreement=agreement)

    assert verdicts.actions == ()


def test_f93_changed_converter_writes_nothing_while_values_still_correspond(make_bench):
    """Baselines are kept as each side reported them, so another converter judges them anew and writes nothing."""
    old = make_bench()
    agreement = old.agreement()
    registry = MappingRegistry.default()
    registry.map("customer", wave="phone", pms="phone")
    bench = make_bench(registry)

    verdicts = bench.judge(agreement=agreement)

    assert verdicts.actions == ()


def test_group_that_was_not_read_is_not_judged(make_bench):
    """A field that is new and not shown by a side that was not read waits until it is."""
    bench, agreement = _with_notes(make_bench)

    verdicts = bench.judge({"internalNotes": "likes tea"}, Presence.AS_BEFORE, agreement=agreement)

    assert verdicts.actions == ()


# --- flips -----------------------------------------------------------------------------------------


def _agreed_on(bench, agreement, phone):
    """The agreement once this phone was carried."""
    moved = {**agreement.baselines, bench.id("phone"): Baseline(wave=phone, pms=phone)}
    return evolve(agreement, baselines=moved)


def _tug(bench, times):
    """Wave sets the phone to AAA, the PMS back to BBB, and so on; each is carried."""
    agreement, decided = _agreed_on(bench, bench.agreement(), "BBB"), []
    for n in range(times):
        new, old = ("AAA", "BBB") if n % 2 == 0 else ("BBB", "AAA")
        wave, pms = (new, old) if n % 2 == 0 else (old, new)
        decided.append(bench.judge({"phone": wave}, {"phone": pms}, agreement=agreement))
        agreement = _agreed_on(bench, bench.after(decided[-1]), new)
    return decided, agreement


@pytest.fixture
def by_letters(make_bench):
    """Phones compared as texts."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="phone", pms="phone", converter="text")
    return make_bench(registry)


def test_f103_tug_of_war_is_held(by_letters):
    """A value that goes back to what it was `max_flips` times in a row is held, with both values shown."""
    decided, _ = _tug(by_letters, 4)

    assert [by_letters.kinds(v) for v in decided[:3]] == [["update pms"], ["update wave"], ["update pms"]]
    hold = by_letters.only(decided[3], ActionKind.HOLD)
    assert hold.hold is HoldReason.FLIPS
    assert {hold.fields[0].before, hold.fields[0].after} == {"AAA", "BBB"}


def test_new_value_ends_a_row_of_flips(by_letters):
    """A value that was not there before is no flip, and the count begins anew."""
    _, agreement = _tug(by_letters, 3)

    verdicts = by_letters.judge({"phone": "CCC"}, {"phone": "AAA"}, agreement=agreement)

    assert by_letters.kinds(verdicts) == ["update pms"]
    assert verdicts.agreement.flips["phone"].count == 0


@pytest.mark.parametrize(
    ("wave", "linked", "pms", "told"),
    [
        (True, False, False, True),
        (False, False, False, False),
        (True, True, False, False),
        (True, False, True, False),
    ],
)
def test_archiving_travels_when_it_happens(bench, wave, linked, pms, told):
    """Archiving is mirrored once Wave's record is archived, unless it was before, or the PMS's is already."""
    link = bench.link()
    link = link.with_sight(Side.WAVE, evolve(link.wave, archived=linked))
    facts = {"link": link, "wave_facts": {"archived": wave}, "pms_facts": {"archived": pms}}

    mirrored = bench.judge({}, {}, policy=Policy(archives="mirror"), **facts)

    assert bench.kinds(mirrored) == (["archive pms"] if told else [])
    assert not told or mirrored.actions[0].requests == {"pms": 2}
    assert not told or mirrored.actions[0].rule == "archived in Wave: mirror"
    assert bench.judge({}, {}, **facts).actions == ()


# --- purity ----------------------------------------------------------------------------------------


def test_same_pair_gives_the_same_verdicts(bench):
    """Deciding twice gives the same, and changes nothing of what was put in."""
    pair = bench.pair({**WAVE_EDIT, "address.city": "Leeds"}, PMS_EDIT)

    assert bench.decide(pair) == bench.decide(pair)
    assert pair == bench.pair({**WAVE_EDIT, "address.city": "Leeds"}, PMS_EDIT)


def test_what_a_side_showed_is_laid_beside_what_it_showed_before(bench):
    """A pair laid on the table shows present values and baselines of both sides."""
    view = lay_out(bench.pair(WAVE_EDIT), bench.lens, 60, bench.now)

    name = bench.id("email")
    assert view.cells[Side.WAVE][name].value == "wave@example.com"
    assert view.base[Side.WAVE][name].value == "ada@example.com"
