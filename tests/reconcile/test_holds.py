"""Holds: what stops one group, what keeps it stopped, and what ends it."""

from __future__ import annotations

import pytest
from attrs import evolve

from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Baseline, Choice, Flip, HoldReason
from wave_pms_sync.model.memory import IntentState
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import ActionKind
from wave_pms_sync.reconcile.laying_out import lay_out
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.verdicts import WHOLE
from wave_pms_sync.reconcile.world import Presence

WAVE_EDIT = {"email": "wave@example.com"}
PMS_EDIT = {"email": "pms@example.com"}
HOLD = Policy(conflicts="hold")


@pytest.fixture
def disputed(bench):
    """The agreement of a pair whose e-mail is in dispute."""
    return bench.after(bench.judge(WAVE_EDIT, PMS_EDIT, policy=HOLD))


def test_standing_hold_is_refreshed_never_doubled(bench, disputed):
    """A dispute that stands is no new action, and is shown since when it began."""
    began, bench.now = bench.now, bench.at(3600)

    again = bench.judge(WAVE_EDIT, PMS_EDIT, policy=HOLD, agreement=disputed)

    assert again.actions == ()
    assert [h.group for h in again.holds] == ["email"]
    assert again.agreement.holds["email"].since == disputed.holds["email"].since == began


def test_new_values_refresh_a_hold(bench, disputed):
    """A hold shows what both sides show now, and began when it began."""
    again = bench.judge(WAVE_EDIT, {"email": "newer@example.com"}, policy=HOLD, agreement=disputed)

    hold = again.agreement.holds["email"]
    assert list(hold.pms.values()) == ["newer@example.com"]
    assert hold.since == disputed.holds["email"].since
    assert again.actions == ()


def test_hold_whose_reason_is_another_by_now_is_told_anew(bench):
    """A group that was held, and is held for another reason since a side moved, is a new action with that reason."""
    held = bench.hold(HoldReason.DISPUTE, "name", "Ada Lovelace", "Ada B.")

    verdicts = bench.judge({}, {"name": None}, agreement=bench.agreement(holds={"name": held}))

    assert bench.only(verdicts, ActionKind.HOLD).hold is HoldReason.REQUIRED
    assert [h.reason for h in verdicts.holds] == [HoldReason.REQUIRED]


def test_hold_ends_when_the_sides_correspond(bench, disputed):
    """A dispute ends as soon as both sides show the same, by whatever hand."""
    ended = bench.judge(WAVE_EDIT, {"email": "WAVE@example.com"}, policy=HOLD, agreement=disputed)

    assert bench.kinds(ended) == ["agree"]
    assert ended.holds == ()


def test_hold_ends_when_what_is_shown_counts_as_the_same_by_now(bench, disputed):
    """A dispute ends though neither side moved, where the two values are compared otherwise than when it began."""
    held = bench.hold(HoldReason.DISPUTE, "email", "wave@example.com", "WAVE@example.com")

    ended = bench.judge(
        WAVE_EDIT, {"email": "WAVE@example.com"}, policy=HOLD, agreement=evolve(disputed, holds={"email": held})
    )

    assert bench.kinds(ended) == ["agree"]
    assert ended.holds == ()


@pytest.mark.parametrize(
    ("reason", "written"),
    [
        *((reason, {}) for reason in (HoldReason.DISPUTE, HoldReason.REFUSED, HoldReason.FLIPS, HoldReason.REVERT)),
        (HoldReason.UNDONE, {}),
        *((reason, {("pms", "email"): "wave@example.com"}) for reason in (HoldReason.REQUIRED, HoldReason.CONVERSION)),
    ],
)
def test_hold_whose_reason_is_gone_ends_by_itself(bench, reason, written):
    """What could not be written is tried at each look; a dispute, a refusal or an undo waits for more than a look."""
    held = bench.hold(reason, "email", "wave@example.com", "ada@example.com")

    verdicts = bench.judge(WAVE_EDIT, {}, agreement=bench.agreement(holds={"email": held}))

    assert bench.writes(verdicts) == written
    assert [h.reason for h in verdicts.holds] == ([] if written else [reason])


@pytest.mark.parametrize(
    ("wave", "pms", "written"),
    [(WAVE_EDIT, {}, ("pms", "email")), ({}, PMS_EDIT, ("wave", "email"))],
)
def test_hold_ends_when_one_side_goes_back(bench, disputed, wave, pms, written):
    """When one side is back at its baseline, the other side's edit is carried."""
    ended = bench.judge(wave, pms, policy=HOLD, agreement=disputed)

    assert list(bench.writes(ended)) == [written]
    assert ended.holds == ()


def test_hold_ends_when_both_sides_go_back(bench, disputed):
    """When both sides are back at their baselines the hold is released, and nothing is written."""
    ended = bench.judge(agreement=disputed, policy=HOLD)

    assert bench.kinds(ended) == ["release"]
    assert ended.holds == ()


def test_hold_ends_when_what_is_shown_was_agreed_on(bench, disputed):
    """A dispute about values that both sides agreed on by now, as after a write that was not kept, is released."""
    agreed = {**disputed.baselines, bench.id("email"): Baseline(wave="wave@example.com", pms="pms@example.com")}

    ended = bench.judge(WAVE_EDIT, PMS_EDIT, policy=HOLD, agreement=evolve(disputed, baselines=agreed))

    assert bench.kinds(ended) == ["release"]


def test_unrelated_edit_settles_nothing(bench, disputed):
    """An edit of another group moves the stamp, and the dispute stands, whatever the policy says by now."""
    later = bench.judge(
        {**WAVE_EDIT, "phone": "1"},
        PMS_EDIT,
        agreement=disputed,
        policy=Policy(conflicts="wave"),
        wave_facts={"stamp": bench.at(-1)},
    )

    assert bench.writes(later) == {("pms", "phone"): "1"}
    assert [h.group for h in later.holds] == ["email"]


def test_new_edit_of_the_group_asks_the_policy_again(bench, disputed):
    """A new edit of the held group is a new conflict, and the policy decides it."""
    later = bench.judge({"email": "third@example.com"}, PMS_EDIT, agreement=disputed, policy=Policy(conflicts="wave"))

    assert bench.writes(later) == {("pms", "email"): "third@example.com"}


def test_new_edit_replaces_only_its_own_sides_stamp(bench):
    """A new edit brings its own stamp; the other side's edit keeps the stamp under which it was first seen."""
    first = bench.judge(WAVE_EDIT, PMS_EDIT, wave_facts={"stamp": bench.at(-100)}, pms_facts={"stamp": bench.at(-90)})

    second = bench.judge(
        WAVE_EDIT,
        {"email": "third@example.com"},
        agreement=bench.after(first),
        wave_facts={"stamp": bench.at(-1)},
        pms_facts={"stamp": bench.at(200)},
    )

    assert bench.kinds(first) == ["hold"]
    assert bench.writes(second) == {("wave", "email"): "third@example.com"}


def test_first_meeting_hold_is_decided_again_at_each_look(bench):
    """A group held at first meeting ends by equal values, and is filled once one side is cleared."""
    meeting = bench.decide(bench.strangers({"name": "Ada", **WAVE_EDIT}, {"name": "Ada", **PMS_EDIT}))
    agreement = bench.after(meeting)

    same = bench.decide(
        bench.strangers({"name": "Ada", **WAVE_EDIT}, {"name": "Ada", **WAVE_EDIT}, agreement=agreement)
    )
    cleared = bench.decide(bench.strangers({"name": "Ada", **WAVE_EDIT}, {"name": "Ada"}, agreement=agreement))
    still = bench.decide(
        bench.strangers({"name": "Ada", **WAVE_EDIT}, {"name": "Ada", **PMS_EDIT}, agreement=agreement)
    )

    assert bench.kinds(same) == ["agree"]
    assert bench.writes(cleared) == {("pms", "email"): "wave@example.com"}
    assert still.actions == ()
    assert [h.reason for h in still.holds] == [HoldReason.FIRST_MEETING]


def test_hold_of_an_unmapped_field_is_released(make_bench, bench, disputed):
    """A dispute about a field that is not mapped any more ends."""
    registry = MappingRegistry.default()
    registry.unmap("email")
    other = make_bench(registry, agreed_wave={k: v for k, v in bench.agreed_wave.items() if k != "email"})

    verdicts = other.judge(agreement=disputed)

    release = other.only(verdicts, ActionKind.RELEASE)
    assert release.group == "email"


def test_repaired_value_ends_a_conversion_hold(bench):
    """A value that can be converted again travels."""
    held = bench.after(bench.judge({}, {"address.country_code": "Atlantis"}))

    repaired = bench.judge({}, {"address.city": "Leeds"}, agreement=held)

    assert bench.writes(repaired)["wave", "address.city"] == "Leeds"
    assert repaired.holds == ()


def test_refused_group_rests_until_it_moves(bench):
    """A group that a side refused is not sent again as it was, and is sent once it was edited."""
    refused = bench.hold(HoldReason.REFUSED, "email", "wave@example.com", "ada@example.com")
    agreement = bench.agreement(holds={"email": refused})

    same = bench.judge(WAVE_EDIT, agreement=agreement)
    edited = bench.judge({"email": "third@example.com"}, agreement=agreement)

    assert same.actions == ()
    assert bench.writes(edited) == {("pms", "email"): "third@example.com"}


# --- a person decides ------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_resolved_by_side(bench, disputed, side):
    """`resolve` with a side carries that side's value, whatever the policy."""
    chosen = bench.choose(disputed, "email", side)

    verdicts = bench.judge(WAVE_EDIT, PMS_EDIT, policy=HOLD, agreement=chosen)

    assert bench.writes(verdicts) == {(str(side.other), "email"): f"{side}@example.com"}
    assert verdicts.actions[0].rule == f"resolved: {side}"
    assert verdicts.holds == ()


def test_choice_that_was_made_for_other_values_is_not_carried_out(bench, disputed):
    """A decision is bound to the two values that a person saw; for any others the dispute stands."""
    chosen = bench.choose(disputed, "email", Side.WAVE)
    hold = chosen.holds["email"]
    stale = evolve(chosen, holds={"email": evolve(hold, choice=evolve(hold.choice, digest="other"))})

    verdicts = bench.judge(WAVE_EDIT, PMS_EDIT, policy=HOLD, agreement=stale)

    assert verdicts.actions == ()
    assert [h.reason for h in verdicts.holds] == [HoldReason.DISPUTE]


def test_refusal_of_what_was_never_agreed_on_stands(bench):
    """A value that a side refused when the two met is not sent again by itself."""
    held = bench.hold(HoldReason.REFUSED, "email", "wave@example.com", None)
    left = {name: one for name, one in bench.agreement().baselines.items() if name != bench.id("email")}

    verdicts = bench.judge(WAVE_EDIT, {"email": None}, agreement=bench.agreement(baselines=left, holds={"email": held}))

    assert bench.writes(verdicts) == {}
    assert [h.reason for h in verdicts.holds] == [HoldReason.REFUSED]


@pytest.mark.parametrize("side", Side)
def test_hold_of_what_cannot_be_carried_says_where_it_stands(bench, side):
    """A value that cannot be converted is told with its field and the side that shows it."""
    shown = {str(side): {"address.country.code" if side is Side.WAVE else "address.country_code": "Atlantis"}}

    [hold] = bench.judge(**shown).holds

    assert hold.reason is HoldReason.CONVERSION
    assert hold.detail.startswith(f"address.country.code in {side.words}: ")


def test_required_line_of_an_address_is_never_cleared(make_bench):
    """An address of which a required line was cleared is held, whatever its other lines are."""
    registry = MappingRegistry.default()
    registry.map("organisation", wave="address.city", pms="address.city", required=True)
    bench = make_bench(registry)

    verdicts = bench.judge({"address.city": None, "address.postalCode": "LS1"})

    assert [(h.group, h.reason) for h in verdicts.holds] == [("address", HoldReason.REQUIRED)]


def test_resolved_by_a_third_value(bench, disputed):
    """`resolve` with a value writes it to both sides."""
    chosen = bench.choose(disputed, "email", None, {bench.id("email"): "third@example.com"})

    verdicts = bench.judge(WAVE_EDIT, PMS_EDIT, policy=HOLD, agreement=chosen)

    assert bench.writes(verdicts) == {
        ("wave", "email"): "third@example.com",
        ("pms", "email"): "third@example.com",
    }
    assert all(c.given for a in verdicts.actions for c in a.fields)


def test_third_value_that_a_side_shows_is_not_written_there(bench, disputed):
    """A given value goes only to the sides that do not show it."""
    chosen = bench.choose(disputed, "email", None, {bench.id("email"): "PMS@example.com"})

    verdicts = bench.judge(WAVE_EDIT, PMS_EDIT, policy=HOLD, agreement=chosen)

    assert bench.writes(verdicts) == {("wave", "email"): "PMS@example.com"}


@pytest.mark.parametrize("moves", [Side.WAVE, Side.PMS])
def test_choice_reopens_if_a_value_moved(bench, disputed, moves):
    """A choice is bound to the two values that were shown; if one of them moved, the dispute is open again."""
    chosen = bench.choose(disputed, "email", Side.WAVE)
    shown = {Side.WAVE: WAVE_EDIT, Side.PMS: PMS_EDIT, moves: {"email": "moved@example.com"}}

    verdicts = bench.judge(shown[Side.WAVE], shown[Side.PMS], policy=HOLD, agreement=chosen)

    assert bench.writes(verdicts) == {}
    assert verdicts.agreement.holds["email"].choice is None


def test_choice_stands_where_only_the_spelling_moved(bench, disputed):
    """A choice is carried out though a side spells the value otherwise by now."""
    chosen = bench.choose(disputed, "email", Side.WAVE)

    verdicts = bench.judge(WAVE_EDIT, {"email": "PMS@Example.com"}, policy=HOLD, agreement=chosen)

    assert bench.writes(verdicts) == {("pms", "email"): "wave@example.com"}


def test_chosen_dispute_waits_for_no_person(bench, disputed):
    """A dispute that a person decided is not listed as waiting any more."""
    chosen = bench.choose(disputed, "email", Side.WAVE)
    pair = bench.pair(WAVE_EDIT, PMS_EDIT, agreement=chosen)

    plan = bench.plan(bench.world(pairs=(pair,)), HOLD)

    assert plan.waiting == ()
    assert bench.kinds(plan) == ["update pms"]


@pytest.mark.parametrize("stale", [False, True], ids=["for these values", "for others"])
def test_choice_is_bound_to_what_our_write_made_of_its_own_values_alone(bench, disputed, stale):
    """Half of a given value is found written: the other half follows, unless the choice was made for other values."""
    chosen = bench.choose(disputed, "email", None, {bench.id("email"): "third@example.com"})
    hold = chosen.holds["email"]
    if stale:
        chosen = evolve(chosen, holds={"email": evolve(hold, choice=evolve(hold.choice, digest="other"))})
    intent = bench.update_intent(Side.PMS, {"email": ("pms@example.com", "third@example.com")})

    verdicts = bench.judge(WAVE_EDIT, {"email": "third@example.com"}, agreement=chosen, intents=[intent], policy=HOLD)

    assert bench.writes(verdicts) == ({} if stale else {("wave", "email"): "third@example.com"})
    assert list(verdicts.agreement.holds["email"].pms.values()) == ["third@example.com"]


def test_line_of_a_given_value_that_is_left_out_is_as_it_was_held(bench):
    """A side shows our write of a given address in part: the line that it leaves out takes no choice back."""
    city, code = bench.id("address.city"), bench.id("address.postalCode")
    shown = {"address.city": "Leeds"}, {"address.city": "York"}
    chosen = bench.choose(bench.after(bench.judge(*shown, policy=HOLD)), "address", None, {city: "Hull", code: "HU1"})
    sent = {"address.city": ("York", "Hull"), "address.postalCode": ("SW1Y 4JH", "HU1")}
    intent = bench.update_intent(Side.PMS, sent, state=IntentState.CONFIRMED, announced_at=bench.at(-1))
    in_part = {"address.city": "Hull", "address.postal_code": MISSING}

    verdicts = bench.judge(shown[0], in_part, agreement=chosen, intents=[intent], policy=HOLD)

    assert bench.writes(verdicts)["wave", "address.postalCode"] == "HU1"
    held = verdicts.agreement.holds["address"].pms
    assert (held[city], held[code]) == ("Hull", "SW1Y 4JH")


@pytest.mark.parametrize("left_out", [None, MISSING], ids=["null", "left out"])
def test_line_that_a_given_value_clears_may_be_left_out_of_what_shows_it(bench, left_out):
    """Our write of a given address is shown, the line that it cleared as null or not at all: nothing is sent again."""
    city, code = bench.id("address.city"), bench.id("address.postalCode")
    shown = {"address.city": "Leeds"}, {"address.city": "York"}
    chosen = bench.choose(bench.after(bench.judge(*shown, policy=HOLD)), "address", None, {city: "Hull", code: None})
    sent = {"address.city": ("York", "Hull"), "address.postalCode": ("SW1Y 4JH", None)}
    intent = bench.update_intent(Side.PMS, sent, state=IntentState.UNKNOWN, announced_at=bench.at(-1))

    now = {"address.city": "Hull", "address.postal_code": left_out}
    verdicts = bench.judge(shown[0], now, agreement=chosen, intents=[intent], policy=HOLD)

    assert {side for side, _ in bench.writes(verdicts)} == {"wave"}


def test_given_value_settles_a_value_that_cannot_be_converted(bench):
    """A person's own value was refused for ever, because a side still showed the value that it was to replace."""
    held = bench.after(bench.judge({}, {"address.country_code": "Atlantis"}))
    values = {bench.id(name): value for name, value in bench.agreed_wave.items() if name.startswith("address.")}
    chosen = bench.choose(held, "address", None, {**values, bench.id("address.city"): "Leeds"})

    verdicts = bench.judge({}, {"address.country_code": "Atlantis"}, agreement=chosen)

    assert bench.writes(verdicts)["pms", "address.country.code"] == "GB"
    assert bench.writes(verdicts)["wave", "address.city"] == "Leeds"


def test_given_value_that_contradicts_itself_is_held(bench):
    """A given address with a province outside its country is held, not written."""
    agreement = bench.after(bench.judge({"address.city": "Leeds"}, {"address.city": "York"}, policy=HOLD))
    chosen = bench.choose(agreement, "address", None, {bench.id("address.country.code"): "DE"})

    verdicts = bench.judge({"address.city": "Leeds"}, {"address.city": "York"}, policy=HOLD, agreement=chosen)

    assert bench.writes(verdicts) == {}
    assert [h.reason for h in verdicts.holds] == [HoldReason.CONVERSION]


def test_given_emptiness_never_clears_a_name(bench):
    """A person's own value cannot clear what is required."""
    agreement = bench.after(bench.judge({"name": "Ada L."}, {"name": "Ada B."}, policy=HOLD))
    chosen = bench.choose(agreement, "name", None, {bench.id("name"): None})

    verdicts = bench.judge({"name": "Ada L."}, {"name": "Ada B."}, policy=HOLD, agreement=chosen)

    assert bench.writes(verdicts) == {}
    assert [h.reason for h in verdicts.holds] == [HoldReason.REQUIRED]


@pytest.mark.parametrize("reason", [HoldReason.FLIPS, HoldReason.REFUSED])
def test_choice_ends_any_hold(bench, reason):
    """A person's choice is carried out whatever the group was held for."""
    held = bench.hold(reason, "email", "wave@example.com", "ada@example.com")
    chosen = bench.choose(bench.agreement(holds={"email": held}), "email", Side.WAVE)

    verdicts = bench.judge(WAVE_EDIT, agreement=chosen)

    assert bench.writes(verdicts) == {("pms", "email"): "wave@example.com"}


def test_choice_ends_a_tug_of_war(bench):
    """A person's choice carries a value that was held for coming back too often."""
    agreement = bench.agreement(
        flips={
            "email": Flip(
                count=5,
                digest=lay_out(bench.pair(WAVE_EDIT), bench.lens, 60, bench.now).group_digest(Side.WAVE, "email"),
            )
        }
    )
    held = bench.after(bench.judge(WAVE_EDIT, agreement=agreement))

    verdicts = bench.judge(WAVE_EDIT, agreement=bench.choose(held, "email", Side.WAVE))

    assert held.holds["email"].reason is HoldReason.FLIPS
    assert bench.writes(verdicts) == {("pms", "email"): "wave@example.com"}
    assert verdicts.agreement.flips["email"].count == 0


def test_choice_that_changes_nothing_ends_the_hold(bench):
    """Choosing the side that nobody edited gives the edited one its former value back."""
    held = bench.hold(HoldReason.REFUSED, "email", "wave@example.com", "ada@example.com")
    chosen = bench.choose(bench.agreement(holds={"email": held}), "email", Side.PMS)

    verdicts = bench.judge(WAVE_EDIT, agreement=chosen)

    assert bench.writes(verdicts) == {("wave", "email"): "ada@example.com"}


# --- an edit against a deletion --------------------------------------------------------------------


@pytest.fixture
def beaten(bench):
    """The agreement of a pair that was edited in Wave and is gone from the PMS."""
    return bench.after(bench.judge(WAVE_EDIT, Presence.ABSENT))


@pytest.mark.parametrize("policy", ["keep", "delete", "recreate"])
@pytest.mark.parametrize("survivor", Side)
def test_edit_beats_deletion(bench, survivor, policy):
    """An edited survivor stays whatever the policy, and a dispute tells a person of both."""
    rules = Policy(deletions={"pms": policy, "wave": policy} if policy != "recreate" else {str(survivor.other): policy})
    shown = (WAVE_EDIT, Presence.ABSENT) if survivor is Side.WAVE else (Presence.ABSENT, PMS_EDIT)

    verdicts = bench.judge(*shown, policy=rules)

    hold = bench.only(verdicts, ActionKind.HOLD)
    assert bench.kinds(verdicts) == ["hold"]
    assert (hold.group, hold.hold) == (WHOLE, HoldReason.DELETION)


def test_deletion_dispute_is_refreshed_never_doubled(bench, beaten):
    """A dispute about a deletion stands quietly, and shows the survivor's values of today."""
    again = bench.judge({"email": "third@example.com"}, Presence.ABSENT, agreement=beaten)

    assert again.actions == ()
    assert again.agreement.holds[WHOLE].wave[bench.id("email")] == "third@example.com"


@pytest.mark.parametrize("survivor", Side)
def test_deletion_dispute_shows_the_survivor(bench, survivor):
    """A dispute about a deletion tells in its own words, and has the survivor's two-way values on its side alone."""
    shown = (WAVE_EDIT, Presence.ABSENT) if survivor is Side.WAVE else (Presence.ABSENT, PMS_EDIT)
    email, address = bench.id("email"), f"{survivor}@example.com"

    verdicts = bench.judge(*shown)

    hold = bench.only(verdicts, ActionKind.HOLD)
    [stored] = verdicts.holds
    rule = f"edited in {survivor.words}, gone from {survivor.other.words}: edit beats deletion"
    assert (hold.rule, hold.detail, stored.detail, stored.group) == (rule, rule, rule, WHOLE)
    assert (stored.on(survivor)[email], stored.on(survivor.other)[email]) == (address, None)
    change = next(c for c in hold.fields if c.id == email)
    assert (change.raw(survivor), change.raw(survivor.other)) == (address, None)
    assert (change.before, change.after) == ((address, None) if survivor is Side.WAVE else (None, address))
    assert bench.id("currency.code") not in stored.on(survivor)


def test_deletion_dispute_outlives_a_field_that_is_not_mapped_any_more(bench, beaten):
    """A field that left the mapping since a dispute about a deletion began plays no part in it any more."""
    held = beaten.holds[WHOLE]
    more = evolve(held, wave={**held.wave, "gone=gone": "x"}, pms={**held.pms, "gone=gone": None})

    again = bench.judge(WAVE_EDIT, Presence.ABSENT, agreement=evolve(beaten, holds={WHOLE: more}))

    assert again.actions == ()
    assert again.agreement.holds[WHOLE].wave == held.wave


def test_choice_against_a_deletion_needs_all_that_it_was_made_for(bench, beaten):
    """A choice that was made for other values than those that stand is not carried out."""
    stale = bench.choose(beaten, WHOLE, Side.PMS)
    stale = evolve(stale, holds={WHOLE: evolve(stale.holds[WHOLE], choice=Choice(side=Side.PMS, digest="other"))})

    verdicts = bench.judge(WAVE_EDIT, Presence.ABSENT, agreement=stale)

    assert verdicts.actions == ()
    assert [h.group for h in verdicts.holds] == [WHOLE]


@pytest.mark.parametrize("survivor", Side)
def test_refreshed_dispute_shows_one_side(bench, survivor):
    """A refreshed dispute about a deletion has the survivor's values of today, and none of the gone record."""
    shown, third = (
        (WAVE_EDIT, {"email": "third@example.com"}) if survivor is Side.WAVE else (PMS_EDIT, {"email": "t@x"})
    )
    sides = (lambda one: (one, Presence.ABSENT)) if survivor is Side.WAVE else (lambda one: (Presence.ABSENT, one))
    beaten = bench.after(bench.judge(*sides(shown)))

    hold = bench.judge(*sides(third), agreement=beaten).agreement.holds[WHOLE]

    assert hold.on(survivor)[bench.id("email")] == third["email"]
    assert set(hold.on(survivor.other).values()) == {None}


def test_accepted_deletion_leaves_the_survivor_by_default(bench, beaten):
    """Choosing the side where the record is gone accepts the deletion; by default the survivor stays as it is."""
    chosen = bench.choose(beaten, WHOLE, Side.PMS)

    verdicts = bench.judge(WAVE_EDIT, Presence.ABSENT, agreement=chosen)

    assert bench.kinds(verdicts) == ["tombstone"]


def test_accepted_deletion_follows_the_policy(bench, beaten):
    """An accepted deletion is carried out as the policy says for the survivor's side."""
    chosen = bench.choose(beaten, WHOLE, Side.PMS)

    verdicts = bench.judge(WAVE_EDIT, Presence.ABSENT, agreement=chosen, policy=Policy(deletions={"wave": "delete"}))

    assert bench.kinds(verdicts) == ["delete wave"]


def test_accepted_deletion_is_not_undone_by_recreating(bench, beaten):
    """A person accepted a deletion, and the policy made the record again all the same."""
    chosen = bench.choose(beaten, WHOLE, Side.PMS)

    verdicts = bench.judge(WAVE_EDIT, Presence.ABSENT, agreement=chosen, policy=Policy(deletions={"pms": "recreate"}))

    assert bench.kinds(verdicts) == ["tombstone"]


def test_survivor_chosen_is_made_again(bench, beaten):
    """Choosing the survivor makes the record again where it is gone, with today's values."""
    chosen = bench.choose(beaten, WHOLE, Side.WAVE)

    verdicts = bench.judge(WAVE_EDIT, Presence.ABSENT, agreement=chosen)

    assert bench.kinds(verdicts) == ["recreate pms"]
    assert bench.writes(verdicts)["pms", "email"] == "wave@example.com"


def test_deletion_choice_reopens_if_the_survivor_moved(bench, beaten):
    """A choice about a deletion holds only for the values that were shown."""
    chosen = bench.choose(beaten, WHOLE, Side.PMS)

    verdicts = bench.judge({"email": "third@example.com"}, Presence.ABSENT, agreement=chosen)

    assert verdicts.actions == ()
    assert verdicts.agreement.holds[WHOLE].choice is None


def test_deletion_dispute_ends_when_the_record_is_back(bench, beaten):
    """When the gone record is back the dispute ends, and the edit travels."""
    verdicts = bench.judge(WAVE_EDIT, {}, agreement=beaten)

    assert bench.only(verdicts, ActionKind.RELEASE).group == WHOLE
    assert bench.writes(verdicts) == {("pms", "email"): "wave@example.com"}


def test_deletion_dispute_ends_when_the_edit_is_taken_back(bench, beaten):
    """When the survivor is back at its baseline nothing speaks against the deletion any more."""
    verdicts = bench.judge({}, Presence.ABSENT, agreement=beaten)

    assert bench.kinds(verdicts) == ["tombstone"]


def test_first_meeting_hold_counts_as_an_edit_against_deletion(bench):
    """A group that the two never agreed on counts as an edit, so the survivor stays and a person is asked."""
    held = bench.hold(HoldReason.FIRST_MEETING, "email", "wave@example.com", "pms@example.com")
    name = bench.id("email")
    known = {n: b for n, b in bench.agreement().baselines.items() if n != name}

    verdicts = bench.judge(
        WAVE_EDIT,
        Presence.ABSENT,
        agreement=bench.agreement(baselines=known, holds={"email": held}),
        policy=Policy(deletions={"wave": "delete"}),
    )

    assert bench.only(verdicts, ActionKind.HOLD).hold is HoldReason.DELETION


def test_one_way_edits_do_not_beat_a_deletion(bench):
    """A change of a one-way field is no edit against a deletion."""
    verdicts = bench.judge({"currency.code": "EUR"}, Presence.ABSENT)

    assert bench.kinds(verdicts) == ["tombstone"]


def test_record_without_a_name_cannot_be_made_again(bench):
    """A survivor without what a record needs stays in dispute; no nameless record is made."""
    unnamed = bench.after(bench.judge({"name": " "}, Presence.ABSENT))
    chosen = bench.choose(unnamed, WHOLE, Side.WAVE)

    verdicts = bench.judge({"name": " "}, Presence.ABSENT, agreement=chosen)

    assert bench.writes(verdicts) == {}
    assert [h.group for h in verdicts.holds] == [WHOLE]


def test_hold_is_told_without_values(bench, disputed):
    """The text of a hold carries no values, and its repr shows none."""
    shown = repr(evolve(disputed.holds["email"])) + disputed.holds["email"].detail

    assert "example.com" not in shown
