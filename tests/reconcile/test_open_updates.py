"""Updates whose outcome nobody knew: settled before anything else is decided about their groups."""

from __future__ import annotations

import pytest
from attrs import evolve

from wave_pms_sync.model.digests import cell_digest
from wave_pms_sync.model.fields import MISSING, Cell, Forgotten
from wave_pms_sync.model.links import Baseline, Hold, HoldReason, LinkStatus, Sight
from wave_pms_sync.model.memory import Intent, IntentKind, IntentState
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, ActionKind
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.view import recall
from wave_pms_sync.reconcile.world import Presence

SENT = {"email": ("ada@example.com", "new@example.com")}
EDIT = {"email": "new@example.com"}
CONFIRMED = {"state": IntentState.CONFIRMED}


def test_echo_is_no_edit(bench):
    """A written side that shows what we sent shows our own echo: both baselines move, nothing is written."""
    intent = bench.update_intent(Side.PMS, SENT)

    verdicts = bench.judge(EDIT, {"email": "NEW@example.com"}, intents=[intent])

    agree = bench.only(verdicts, ActionKind.AGREE)
    assert bench.kinds(verdicts) == ["agree"]
    assert agree.baselines[bench.id("email")] == Baseline(wave="new@example.com", pms="NEW@example.com")
    assert verdicts.closed == (intent.key,)


def test_agreement_says_what_it_rests_on(bench):
    """What both sides came to show is told as that, and as an echo of ours only where we wrote it."""
    intent = bench.update_intent(Side.PMS, SENT)

    own = bench.only(bench.judge(EDIT, EDIT, intents=[intent]), ActionKind.AGREE)
    both = bench.only(bench.judge(EDIT, EDIT), ActionKind.AGREE)

    assert "our own write came back" in own.rule
    assert both.rule != ""
    assert "our own write" not in both.rule


@pytest.mark.parametrize(("state", "told"), [(IntentState.UNKNOWN, 1), (IntentState.CONFIRMED, 0)])
def test_write_that_nobody_saw_done_is_told_when_it_is_found(bench, state, told):
    """A write of unknown outcome that came back is told as done; one that was confirmed was told by its own run."""
    verdicts = bench.judge(EDIT, EDIT, intents=[bench.update_intent(Side.PMS, SENT, state=state)])

    assert len(verdicts.landed) == told


@pytest.mark.parametrize(("other", "held"), [(EDIT, False), ({}, True)])
def test_undo_holds_nothing_where_both_sides_show_it(bench, other, held):
    """What an undo gave back is held while the other side shows something else, and agreed on where it does not."""
    undo = bench.update_intent(Side.PMS, SENT, undoes="undo of run x")

    verdicts = bench.judge(other, EDIT, intents=[undo])

    assert [(h.group, h.reason) for h in verdicts.holds] == ([("email", HoldReason.UNDONE)] if held else [])


def test_echo_leaves_a_later_edit_of_the_origin_to_travel(bench):
    """The origin was edited again after our write: the echo is settled first, and the edit is an ordinary one."""
    intent = bench.update_intent(Side.PMS, SENT)

    verdicts = bench.judge({"email": "third@example.com"}, EDIT, intents=[intent], policy=Policy(conflicts="hold"))

    assert bench.writes(verdicts) == {("pms", "email"): "third@example.com"}
    echo = Baseline(wave="new@example.com", pms="new@example.com")
    assert bench.only(verdicts, ActionKind.AGREE).baselines == {bench.id("email"): echo}


def test_row_with_our_stamp_is_our_echo(bench):
    """A row with the stamp of our write's answer is our echo, however the side spells the value: not kept as sent."""
    intent = bench.update_intent(Side.PMS, SENT, answer_stamp=bench.at(-20))

    verdicts = bench.judge(EDIT, {"email": "n@example.com"}, intents=[intent], pms_facts={"stamp": bench.at(-20)})

    agree = bench.only(verdicts, ActionKind.AGREE)
    assert bench.writes(verdicts) == {}
    assert agree.baselines[bench.id("email")] == Baseline(wave="new@example.com", pms="n@example.com")
    assert (agree.unkept, agree.detail) == ({"email": Side.PMS}, "not kept: email")
    assert verdicts.agreement.unkept_by == {"email": Side.PMS}


def test_unknown_write_that_did_not_arrive_is_sent_again(bench):
    """A write whose answer was lost, and that the side does not show, is sent again."""
    intent = bench.update_intent(Side.PMS, SENT)

    verdicts = bench.judge(EDIT, {}, intents=[intent])

    update = bench.only(verdicts, ActionKind.UPDATE)
    assert bench.writes(verdicts) == {("pms", "email"): "new@example.com"}
    assert update.settles == (intent.key,)


def test_confirmed_write_may_lag(bench):
    """A write that was confirmed and is not shown yet is waited for within the side's lag allowance."""
    intent = bench.update_intent(Side.PMS, SENT, **CONFIRMED)

    verdicts = bench.judge(EDIT, {}, intents=[intent])

    assert verdicts.actions == ()
    assert verdicts.unfinished
    assert verdicts.closed == ()


def test_confirmed_write_that_never_shows_was_not_kept(bench):
    """After the lag allowance a confirmed write that is not shown was not kept; it is noted and not sent again."""
    intent = bench.update_intent(Side.PMS, SENT, **CONFIRMED, announced_at=bench.at(-61))

    verdicts = bench.judge(EDIT, {}, intents=[intent])
    later = bench.judge(EDIT, {}, agreement=bench.after(verdicts))

    assert bench.kinds(verdicts) == ["agree"]
    assert verdicts.actions[0].baselines[bench.id("email")] == Baseline(wave="new@example.com", pms="ada@example.com")
    assert verdicts.agreement.not_kept == ("email",)
    assert verdicts.actions[0].detail == "not kept: email"
    assert later.actions == ()


def test_not_kept_is_sent_again_once_the_origin_moves(bench):
    """A group that was not kept is sent again when its origin is edited."""
    intent = bench.update_intent(Side.PMS, SENT, **CONFIRMED, announced_at=bench.at(-61))
    agreement = bench.after(bench.judge(EDIT, {}, intents=[intent]))

    verdicts = bench.judge({"email": "third@example.com"}, {}, agreement=agreement)

    assert bench.writes(verdicts) == {("pms", "email"): "third@example.com"}


def test_not_kept_ends_when_the_sides_correspond(bench):
    """A group stayed on the list of what was not kept, though both sides had long come to show the same."""
    agreement = bench.agreement(not_kept=("email", "phone"))

    verdicts = bench.judge(EDIT, EDIT, agreement=agreement)

    assert verdicts.agreement.not_kept == ()


def test_who_did_not_keep_a_group_is_known_as_long_as_it_is_off(bench):
    """Which side did not keep a group is remembered while it is so, whatever else moves, and no longer."""
    agreement = bench.agreement(not_kept=("email",), unkept_by={"email": Side.PMS, "phone": Side.WAVE})

    off = bench.judge({**EDIT, "fax": "1"}, {}, agreement=agreement)
    on = bench.judge(EDIT, EDIT, agreement=agreement)

    assert (off.agreement.not_kept, off.agreement.unkept_by) == (("email",), {"email": Side.PMS})
    assert (on.agreement.not_kept, on.agreement.unkept_by) == ((), {})


def test_write_over_ours_is_a_conflict_without_a_stamp(bench):
    """Somebody wrote over our write: that is an edit, decided by the policy, and by `newest` never on its stamp."""
    intent = bench.update_intent(Side.PMS, SENT)
    facts = {"wave_facts": {"stamp": bench.at(-9000)}, "pms_facts": {"stamp": bench.at(-10)}}

    newest = bench.judge(EDIT, {"email": "theirs@example.com"}, intents=[intent], **facts)
    pms = bench.judge(EDIT, {"email": "theirs@example.com"}, intents=[intent], policy=Policy(conflicts="pms"), **facts)

    assert bench.kinds(newest) == ["hold"]
    assert newest.agreement.pms_changes["email"].stamp is None
    assert bench.writes(pms) == {("wave", "email"): "theirs@example.com"}


def test_groups_of_one_write_are_settled_one_by_one(bench):
    """One overwritten group made a conflict of another that had come back as sent, and was edited again since."""
    intent = bench.update_intent(Side.PMS, {**SENT, "phone": ("+44 20 7946 0100", "111")})

    verdicts = bench.judge(
        {"email": "third@example.com", "phone": "111"},
        {"email": "new@example.com", "phone": "222"},
        intents=[intent],
        policy=Policy(conflicts="hold"),
    )

    assert bench.writes(verdicts) == {("pms", "email"): "third@example.com"}
    assert [h.group for h in verdicts.holds] == ["phone"]


def test_write_that_is_shown_in_part_stays_open_for_the_rest(bench):
    """Of a confirmed write that is shown in part, the rest is waited for, and no longer than the lag allowance."""
    intent = bench.update_intent(Side.PMS, {**SENT, "phone": ("+44 20 7946 0100", "111")}, **CONFIRMED)
    edit = {**EDIT, "phone": "111"}

    early = bench.judge(edit, EDIT, intents=[intent])
    [rest] = early.narrowed
    late = bench.judge(edit, EDIT, agreement=bench.after(early), intents=[evolve(rest, announced_at=bench.at(-61))])

    assert bench.kinds(early) == ["agree"]
    assert early.closed == ()
    assert set(rest.values) == {bench.id("phone")}
    assert late.agreement.not_kept == ("phone",)
    assert bench.writes(late) == {}


def test_missing_field_does_not_speak_against_our_write(bench):
    """A written side that leaves a part of the group out does not contradict what we sent."""
    sent = {"address.city": ("London", "Leeds"), "address.postalCode": ("SW1Y 4JH", "LS1")}
    edit = {"address.city": "Leeds", "address.postalCode": "LS1"}
    intent = bench.update_intent(Side.PMS, sent)

    verdicts = bench.judge(edit, {"address.city": "Leeds", "address.postal_code": MISSING}, intents=[intent])

    assert bench.writes(verdicts) == {}
    assert verdicts.closed == (intent.key,)
    assert len(verdicts.landed) == 1


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (("ada@example.com", None), None),
        (("ada@example.com", None), MISSING),
        (("new@example.com", "new@example.com"), "new@example.com"),
    ],
    ids=["cleared", "cleared and left out", "there before"],
)
def test_write_that_is_as_it_was_sent_is_done(bench, sent, shown):
    """A write of unknown outcome is told as done where the side shows what was sent; nothing may be left out."""
    intent = bench.update_intent(Side.PMS, {"email": sent})

    verdicts = bench.judge({"email": sent[1]}, {"email": shown}, intents=[intent])

    assert bench.writes(verdicts) == {}
    assert [one.key for one in verdicts.landed] == [intent.key]


def test_confirmed_write_may_be_left_out(bench):
    """A write that the side confirmed is waited for no more where the side does not show the property at all."""
    intent = bench.update_intent(Side.PMS, {"email": (None, "new@example.com")}, **CONFIRMED)

    verdicts = bench.judge(EDIT, {"email": MISSING}, intents=[intent])

    assert (verdicts.closed, verdicts.unfinished) == ((intent.key,), "")


@pytest.mark.parametrize("announced", [-30, 0, 5])
def test_write_of_unknown_outcome_is_waited_for_by_nobody(bench, announced):
    """A write that nobody confirmed and nobody sees is sent again at once, whatever the clock said when it was sent."""
    intent = bench.update_intent(Side.PMS, SENT, announced_at=bench.at(announced))

    verdicts = bench.judge(EDIT, {}, intents=[intent])

    assert bench.writes(verdicts) == {("pms", "email"): "new@example.com"}


@pytest.mark.parametrize(("announced", "waits"), [(-299, True), (-300, False), (None, False)])
def test_undo_of_unknown_outcome_is_waited_for(bench, announced, waits):
    """An undo that nobody confirmed may still be carried out until the settle time is over."""
    undo = bench.update_intent(
        Side.PMS, SENT, undoes="undo of run x", announced_at=None if announced is None else bench.at(announced)
    )

    verdicts = bench.judge({}, {}, intents=[undo], policy=Policy(settle_s=300))

    assert (verdicts.closed == (), bool(verdicts.unfinished)) == (waits, waits)
    assert verdicts.narrowed == ()


def test_row_without_a_stamp_is_not_taken_for_our_echo(bench):
    """Where neither our answer nor the row has a stamp, another value than ours is somebody else's."""
    intent = bench.update_intent(Side.PMS, SENT)

    verdicts = bench.judge(
        EDIT,
        {"email": "third@example.com"},
        intents=[intent],
        pms_facts={"stamp": None},
        policy=Policy(conflicts="hold"),
    )

    assert [h.reason for h in verdicts.holds] == [HoldReason.DISPUTE]


def test_confirmed_write_without_a_time_is_waited_for_no_more(bench):
    """A write of which nobody knows when it was announced was not kept if it is not shown."""
    intent = bench.update_intent(Side.PMS, SENT, **CONFIRMED, announced_at=None)

    assert bench.judge(EDIT, {}, intents=[intent]).agreement.not_kept == ("email",)


@pytest.mark.parametrize(
    ("sent", "edit", "shown"),
    [
        ({"email": (None, "new@example.com")}, EDIT, {"email": MISSING}),
        (
            {"address.city": ("London", "London"), "address.postalCode": ("SW1Y 4JH", "LS1")},
            {"address.postalCode": "LS1"},
            {"address.city": "London", "address.postal_code": MISSING},
        ),
    ],
)
def test_missing_field_is_no_proof_of_our_write(bench, sent, edit, shown):
    """A write that nobody confirmed, and of which a side shows nothing, has not arrived: it is sent again."""
    intent = bench.update_intent(Side.PMS, sent)

    verdicts = bench.judge(edit, shown, intents=[intent])

    assert bench.only(verdicts, ActionKind.UPDATE).settles == (intent.key,)


def test_open_write_stays_open_while_a_side_is_unknown(bench):
    """A lost write was forgotten when the other side could not be read, and its echo then passed for an edit."""
    intent = bench.update_intent(Side.PMS, SENT)

    verdicts = bench.judge(Presence.UNKNOWN, EDIT, intents=[intent])

    assert verdicts.closed == ()
    assert verdicts.unfinished


@pytest.mark.parametrize("kind", [IntentKind.ARCHIVE, IntentKind.DELETE])
def test_open_retirement_is_decided_anew_and_closed(bench, kind):
    """A deletion whose answer was lost stayed open for ever once both records were gone."""
    intent = Intent(kind=kind, side=Side.PMS, origin_id="W1", record_id="P1", state=IntentState.UNKNOWN)

    both_gone = bench.judge(Presence.ABSENT, Presence.ABSENT, intents=[intent])
    still_there = bench.judge(Presence.ABSENT, {}, intents=[intent], policy=Policy(deletions="delete"))

    assert both_gone.closed == (intent.key,)
    assert bench.only(both_gone, ActionKind.TOMBSTONE).settles == (intent.key,)
    assert bench.only(still_there, ActionKind.DELETE).settles == (intent.key,)


@pytest.mark.parametrize("kind", [IntentKind.ARCHIVE, IntentKind.DELETE])
def test_open_retirement_waits_while_its_record_is_not_read(bench, kind):
    """A retirement of unknown outcome stays open while nobody has read the record that it was for."""
    intent = Intent(kind=kind, side=Side.PMS, origin_id="W1", record_id="P1", state=IntentState.UNKNOWN)

    for unread in (Presence.UNKNOWN, Presence.AS_BEFORE):
        assert bench.judge({}, unread, intents=[intent]).closed == ()


def test_part_that_stays_open_keeps_all_that_was_announced(bench):
    """What is still on its way stays announced with its value, the one before, and the one at the origin."""
    intent = bench.update_intent(
        Side.PMS, {**SENT, "phone": ("+44 20 7946 0100", "111")}, state=IntentState.CONFIRMED, announced_at=bench.at(-1)
    )

    verdicts = bench.judge({"email": "new@example.com", "phone": "111"}, {"email": "new@example.com"}, intents=[intent])

    [left] = verdicts.narrowed
    phone = bench.id("phone")
    assert left.values == {phone: "111"}
    assert left.before == {phone: "+44 20 7946 0100"}
    assert left.origin == {phone: "111"}
    assert verdicts.unfinished


def test_open_write_into_a_record_that_was_not_read_stays_open(bench):
    """A write stays announced while its record is merely as it was, or unknown; nothing is known of it then."""
    intent = bench.update_intent(Side.PMS, SENT)

    verdicts = bench.judge(EDIT, Presence.AS_BEFORE, intents=[intent])

    assert verdicts.closed == ()
    assert verdicts.actions == ()
    assert verdicts.unfinished


def test_open_write_into_a_gone_record_is_closed(bench):
    """What was sent to a record that is gone cannot come back, so its intent ends with the link."""
    intent = bench.update_intent(Side.PMS, SENT)

    verdicts = bench.judge({}, Presence.ABSENT, intents=[intent])

    assert bench.only(verdicts, ActionKind.TOMBSTONE).settles == (intent.key,)


def test_intent_settled_by_an_action_is_not_closed_by_the_look(bench):
    """A write that was lost twice in a row lost its second intent, too, and its echo then passed for an edit."""
    intent = bench.update_intent(Side.PMS, SENT)
    again = bench.pair(EDIT, {}, intents=[intent])

    plan = bench.plan(bench.world(pairs=(again,)))

    assert plan.actions[0].settles == (intent.key,)
    assert plan.notes.closed == ()


# --- updates that the pair went on without -----------------------------------------------------------

OVERTAKEN = {"state": IntentState.OVERTAKEN, "run_id": "earlier"}
THIRD = {"email": "third@example.com"}


def _went_on(bench, **facts):
    """Both sides agreed on a third value after an update of another one had been taken for lost."""
    agreed = {bench.id("email"): Baseline(wave="third@example.com", pms="third@example.com")}
    agreement = bench.agreement()
    return evolve(agreement, baselines={**agreement.baselines, **agreed}, **facts)


@pytest.mark.parametrize("side", Side)
def test_f111_overtaken_update_that_arrives_is_our_own(bench, side):
    """A side shows what an overtaken update had sent: nobody edited, and the other side's value of today is carried."""
    intent = bench.update_intent(side, SENT, **OVERTAKEN)
    shown = (EDIT, THIRD) if side is Side.WAVE else (THIRD, EDIT)

    verdicts = bench.judge(*shown, intents=[intent], agreement=_went_on(bench), policy=Policy(conflicts="hold"))

    assert bench.writes(verdicts) == {(str(side), "email"): "third@example.com"}
    assert bench.only(verdicts, ActionKind.UPDATE).settles == (intent.key,)
    [told] = verdicts.landed
    [change] = told.action.fields
    assert (told.run_id, change.before, change.after) == ("earlier", "third@example.com", "new@example.com")


def test_overtaken_update_of_a_group_that_is_new_in_part(bench):
    """A group of which one property was never agreed on is known again like any other."""
    changes = {"address.city": ("London", "Leeds"), "address.postalCode": ("SW1Y 4JH", "LS1")}
    intent = bench.update_intent(Side.PMS, changes, **OVERTAKEN)
    agreement = bench.agreement()
    new = bench.id("address.postalCode")
    agreement = evolve(agreement, baselines={n: b for n, b in agreement.baselines.items() if n != new})
    late = {"address.city": "Leeds", "address.postal_code": "LS1"}

    [told] = bench.judge({}, late, intents=[intent], agreement=agreement).landed

    assert [change.before for change in told.action.fields] == ["London", "SW1Y 4JH"]


def test_overtaken_update_is_watched_for_the_settle_time(bench):
    """It is watched until the settle time is over, and then no more; while it is, nothing waits for it."""
    intent = bench.update_intent(Side.PMS, SENT, **OVERTAKEN)
    old = evolve(intent, announced_at=bench.at(-300))

    early = bench.judge(THIRD, THIRD, intents=[intent], agreement=_went_on(bench))
    late = bench.judge(THIRD, THIRD, intents=[old], agreement=_went_on(bench))

    assert (early.actions, early.closed, early.unfinished, early.landed) == ((), (), "", ())
    assert (late.actions, late.closed) == ((), (old.key,))


def test_overtaken_update_that_is_seen_only_now_still_counts(bench):
    """It was carried out within the settle time and is first seen after it: it is ours all the same."""
    intent = bench.update_intent(Side.PMS, SENT, **OVERTAKEN)
    intent = evolve(intent, announced_at=bench.at(-9999))

    verdicts = bench.judge(THIRD, EDIT, intents=[intent], agreement=_went_on(bench))

    assert bench.writes(verdicts) == {("pms", "email"): "third@example.com"}


@pytest.mark.parametrize("agreed", ["new@example.com", "third@example.com"])
def test_another_value_than_an_overtaken_one_is_an_edit(bench, agreed):
    """What was neither agreed on nor sent by us is an edit, also while an overtaken update may still come."""
    intent = bench.update_intent(Side.PMS, SENT, **OVERTAKEN)
    name = bench.id("email")
    agreement = bench.agreement()
    agreement = evolve(agreement, baselines={**agreement.baselines, name: Baseline(wave=agreed, pms=agreed)})

    edited = bench.judge({"email": agreed}, {"email": "x@example.com"}, intents=[intent], agreement=agreement)
    quiet = bench.judge({"email": agreed}, {"email": agreed}, intents=[intent], agreement=agreement)

    assert bench.writes(edited) == {("wave", "email"): "x@example.com"}
    assert (edited.closed, edited.landed) == ((), ())
    assert (quiet.actions, quiet.closed) == ((), ())


def test_overtaken_update_is_known_group_by_group(bench):
    """Of a late update, a group that was edited since is an edit; the others are ours."""
    intent = bench.update_intent(Side.PMS, {**SENT, "phone": ("+44 20 7946 0100", "111")}, **OVERTAKEN)
    agreement = _went_on(bench)

    verdicts = bench.judge(THIRD, {**EDIT, "phone": "222"}, intents=[intent], agreement=agreement)

    assert bench.writes(verdicts) == {("pms", "email"): "third@example.com", ("wave", "phone"): "222"}
    assert [change.name for change in verdicts.landed[0].action.fields] == ["email"]


def test_overtaken_update_beside_an_open_one(bench):
    """Two updates were lost, and the first one is carried out: the second is sent again, not disputed."""
    first = bench.update_intent(Side.PMS, SENT, **OVERTAKEN)
    second = bench.update_intent(Side.PMS, {"email": ("ada@example.com", "third@example.com")})

    for intents in ([first, second], [second, first]):
        verdicts = bench.judge(THIRD, EDIT, intents=intents)

        assert bench.writes(verdicts) == {("pms", "email"): "third@example.com"}
        assert set(verdicts.closed) == {first.key, second.key}


@pytest.mark.parametrize("presence", [Presence.UNKNOWN, Presence.AS_BEFORE])
def test_overtaken_update_of_a_record_that_was_not_read_is_watched_on(bench, presence):
    """A record that is merely not shown says nothing of a late update."""
    intent = bench.update_intent(Side.PMS, SENT, **OVERTAKEN)

    assert bench.judge(THIRD, presence, intents=[intent], agreement=_went_on(bench)).closed == ()


def test_overtaken_update_of_a_gone_record_is_watched_no_more(bench):
    """What was sent to a record that is gone cannot come back."""
    intent = bench.update_intent(Side.PMS, SENT, **OVERTAKEN)

    verdicts = bench.judge({}, Presence.ABSENT, intents=[intent])

    assert bench.only(verdicts, ActionKind.TOMBSTONE).settles == (intent.key,)


@pytest.mark.parametrize("status", [LinkStatus.SUSPENDED, LinkStatus.TOMBSTONE])
def test_update_of_a_link_that_rests_is_waited_for_no_more(bench, status):
    """A link that carries nothing any more kept its announced update, and both records were read in every run."""
    updates = [bench.update_intent(Side.PMS, SENT, **facts) for facts in ({}, OVERTAKEN)]
    delete = Intent(kind=IntentKind.DELETE, side=Side.PMS, origin_id="W1", record_id="P1", state=IntentState.UNKNOWN)

    verdicts = bench.judge({}, Presence.ABSENT, link=bench.link(status=status), intents=[*updates, delete])

    assert verdicts.closed == tuple(intent.key for intent in updates)


# --- rows that lag behind our own writes -----------------------------------------------------------


def _written(bench, **sight):
    return bench.link(pms=Sight(created_at=None, stamp=bench.at(-30), written_at=bench.at(-30), **sight))


def test_f76_row_older_than_our_write_is_stale(bench):
    """Until the lag allowance is over, a row older than our own write is unknown, not an edit."""
    link = _written(bench, written_stamp=bench.at(-30))

    stale = bench.judge({}, {"email": "old@example.com"}, link=link, pms_facts={"stamp": bench.at(-31)})
    fresh = bench.judge({}, {"email": "old@example.com"}, link=link, pms_facts={"stamp": bench.at(-30)})

    assert stale.actions == ()
    assert "before our write" in stale.unfinished
    assert bench.kinds(fresh) == ["update wave"]


@pytest.mark.parametrize("side", Side)
def test_row_that_tells_of_a_deletion_is_not_stale(bench, side):
    """A record that is gone is gone, however old the row is that says so."""
    link = bench.link()
    link = link.with_sight(side, evolve(link.sight(side), written_at=bench.at(-10), written_stamp=bench.at(-10)))
    facts = {f"{side}_facts": {"stamp": bench.at(-60)}}

    verdicts = bench.judge(**{str(side): Presence.ABSENT}, **facts, link=link, policy=Policy(lag_s=60))

    assert bench.kinds(verdicts) == ["tombstone"]


def test_f76_after_the_lag_allowance_the_row_stands(bench):
    """After the lag allowance a row stands as it is read, even with an older stamp."""
    link = bench.link(pms=Sight(stamp=bench.at(-61), written_at=bench.at(-61), written_stamp=bench.at(-61)))

    verdicts = bench.judge({}, {"email": "old@example.com"}, link=link, pms_facts={"stamp": bench.at(-70)})

    assert bench.kinds(verdicts) == ["update wave"]


def test_f76_without_stamps_the_previous_baseline_is_stale(bench):
    """Without stamps a row that shows what our write replaced is stale; any other value is an edit."""
    name = bench.id("email")
    agreement = bench.agreement(previous={name: Baseline(wave="old@example.com", pms="old@example.com")})
    facts = {"agreement": agreement, "link": _written(bench), "pms_facts": {"stamp": None}}

    stale = bench.judge({}, {"email": "old@example.com"}, **facts)
    edited = bench.judge({}, {"email": "other@example.com"}, **facts)

    assert stale.actions == ()
    assert stale.unfinished
    assert bench.kinds(edited) == ["update wave"]


@pytest.mark.parametrize(("stamp", "written"), [(None, -30), (-60, None), (None, None)])
def test_without_one_of_the_stamps_the_values_tell(bench, stamp, written):
    """Where the row or our write has no stamp, only a row that shows what our write replaced is stale."""
    stamp, written = (None if seconds is None else bench.at(seconds) for seconds in (stamp, written))
    replaced = Baseline(wave="old@example.com", pms="old@example.com")
    facts = {
        "agreement": bench.agreement(previous={bench.id("email"): replaced}),
        "link": _written(bench, written_stamp=written),
        "pms_facts": {"stamp": stamp},
    }

    stale = bench.judge({}, {"email": "old@example.com"}, **facts)
    edited = bench.judge({}, {"email": "other@example.com"}, **facts)
    left_out = bench.judge({}, {"email": MISSING}, **facts)

    assert (stale.actions, stale.unfinished) == ((), "the PMS still shows what was there before our write")
    assert bench.kinds(edited) == ["update wave"]
    assert bench.kinds(left_out) == []
    assert left_out.unfinished == ""


def test_value_that_was_cleared_by_us_and_is_left_out_is_not_stale(bench):
    """A row that leaves a property out shows nothing of before, also where our write replaced nothing."""
    email = bench.id("email")
    agreement = bench.agreement(previous={email: Baseline(wave=None, pms=None)})

    verdicts = bench.judge({}, {"email": MISSING}, agreement=agreement, link=_written(bench), pms_facts={"stamp": None})

    assert (verdicts.actions, verdicts.unfinished) == ((), "")


def test_what_is_not_agreed_on_any_more_is_not_stale(bench):
    """A field whose agreement was lost, as when its mapping changed, says nothing about the age of a row."""
    phone, agreed = bench.id("phone"), bench.agreement()
    left = {name: baseline for name, baseline in agreed.baselines.items() if name != phone}
    agreement = evolve(agreed, baselines=left, previous={phone: Baseline(wave="1", pms="1")})

    verdicts = bench.judge({}, {"phone": "1"}, agreement=agreement, link=_written(bench), pms_facts={"stamp": None})

    assert verdicts.unfinished == ""


@pytest.mark.parametrize(
    ("reason", "held", "stale"),
    [
        (HoldReason.UNDONE, "old@example.com", False),
        (HoldReason.UNDONE, "other@example.com", True),
        (HoldReason.DISPUTE, "old@example.com", True),
        (None, None, True),
    ],
)
def test_what_an_undo_gave_back_is_not_stale(bench, reason, held, stale):
    """A row that shows what our write replaced is no old row where an undo of ours has given just that back."""
    holds = {"email": bench.hold(reason, "email", "ada@example.com", held)} if reason else {}
    replaced = Baseline(wave="old@example.com", pms="old@example.com")
    agreement = bench.agreement(previous={bench.id("email"): replaced}, holds=holds)
    row = {"email": "old@example.com"}

    verdicts = bench.judge({}, row, agreement=agreement, link=_written(bench), pms_facts={"stamp": None})

    assert bool(verdicts.unfinished) is stale


def test_hold_of_an_undo_speaks_of_its_own_fields(bench):
    """A field of an undone group that the undo did not give back is told from an old row as any other."""
    city, code = bench.id("address.city"), bench.id("address.postalCode")
    held = Hold(group="address", reason=HoldReason.UNDONE, wave={city: "London"}, pms={city: "London"})
    replaced = {code: Baseline(wave="old", pms="old")}
    agreement = bench.agreement(previous=replaced, holds={"address": held})
    row = {"address.postal_code": "old"}

    verdicts = bench.judge({}, row, agreement=agreement, link=_written(bench), pms_facts={"stamp": None})

    assert verdicts.unfinished == "the PMS still shows what was there before our write"


def test_f76_value_that_is_also_agreed_on_is_not_stale(bench):
    """A row that shows what both agree on is taken for what it is, even if our write replaced the same value before."""
    agreement = bench.agreement(previous={bench.id("email"): Baseline(wave="ada@example.com", pms="ada@example.com")})
    facts = {"agreement": agreement, "link": _written(bench), "pms_facts": {"stamp": None}}

    verdicts = bench.judge({}, {"phone": "1"}, **facts)

    assert bench.kinds(verdicts) == ["update wave"]


def test_dead_owners_writes_are_left_alone_while_they_may_land(bench):
    """Records named in an open intent of a dead run are unknown until it can no longer be writing."""
    intent = bench.update_intent(Side.PMS, SENT, quiet_until=bench.at(10))

    quiet = bench.judge(EDIT, {}, intents=[intent])
    over = bench.judge(EDIT, {}, intents=[evolve(intent, quiet_until=bench.at(0))])

    assert quiet.actions == ()
    assert quiet.unfinished
    assert bench.kinds(over) == ["update pms"]


# --- ids and absences ------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_f54_reused_id_suspends_the_link(bench, side):
    """A linked id with another creation stamp, under which nothing is as it was, belongs to somebody else."""
    facts = {f"{side}_facts": {"created_at": bench.at(-5)}}
    other = {"name": "Somebody Else", "email": "else@example.com"}

    verdicts = bench.judge(*((other, {}) if side is Side.WAVE else ({}, other)), **facts)

    assert bench.kinds(verdicts) == ["suspend"]
    assert verdicts.actions[0].detail.startswith(side.words)


@pytest.mark.parametrize(("known", "shown"), [(None, -5), (-5, None)], ids=["none was known", "none is shown"])
@pytest.mark.parametrize("side", Side)
def test_record_without_a_creation_stamp_is_not_called_another(bench, side, known, shown):
    """Where one of the two stamps is missing, another name and e-mail are edits."""
    known, shown = (None if seconds is None else bench.at(seconds) for seconds in (known, shown))
    link = bench.link()
    link = link.with_sight(side, evolve(link.sight(side), created_at=known))
    other = {"name": "Somebody Else", "email": "else@example.com"}

    verdicts = bench.judge(**{str(side): other, f"{side}_facts": {"created_at": shown}}, link=link)

    assert bench.kinds(verdicts) == [f"update {side.other}"]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("agreed", "shown", "another"),
    [
        ({}, {"name": "Somebody Else"}, False),
        ({}, {"email": "else@example.com"}, False),
        ({"email": None}, {"name": "Somebody Else"}, True),
        ({"email": "", "name": "Somebody Else"}, {"name": "Ada", "email": ""}, True),
    ],
    ids=["same e-mail", "same name", "both without e-mail", "both with an empty one"],
)
def test_by_what_a_record_is_known_again(bench, side, agreed, shown, another):
    """Under another creation stamp a record is known by its name or its e-mail alone, but not by having none."""
    bench.agreed_wave |= agreed

    verdicts = bench.judge(**{str(side): shown, f"{side}_facts": {"created_at": bench.at(-5)}})

    assert ("suspend" in bench.kinds(verdicts)) is another


def test_pair_that_never_agreed_on_a_name_is_not_known_by_it(bench):
    """Under another creation stamp, who is known by nothing is another customer."""
    verdicts = bench.judge(agreement=bench.agreement(baselines={}), pms_facts={"created_at": bench.at(-5)})

    assert bench.kinds(verdicts) == ["suspend"]


@pytest.mark.parametrize("side", Side)
def test_another_creation_stamp_alone_is_no_proof(bench, side):
    """A stamp that is read otherwise today (a zone that was set right, a server that moved) parts no pair."""
    facts = {f"{side}_facts": {"created_at": bench.at(-5)}}

    verdicts = bench.judge(EDIT, {}, **facts)

    assert "suspend" not in bench.kinds(verdicts)
    assert verdicts.link.sight(side).created_at == bench.at(-5)


@pytest.mark.parametrize("side", Side)
def test_record_that_was_not_read_is_not_called_another(bench, side):
    """Of a record that could not be read nobody says that it is another customer, whatever its stamps were."""
    unread = {str(side): Presence.UNKNOWN, f"{side}_facts": {"created_at": bench.at(-5)}}

    verdicts = bench.judge(**unread)

    assert bench.kinds(verdicts) == []
    assert verdicts.unfinished == f"{side.words} could not be read"


@pytest.mark.parametrize("side", Side)
def test_creation_stamp_that_is_not_shown_any_more_is_still_known(bench, side):
    """A row without its creation stamp leaves the one that was shown before."""
    verdicts = bench.judge(**{f"{side}_facts": {"created_at": None}})

    assert verdicts.link.sight(side).created_at == bench.link().sight(side).created_at is not None


def test_what_is_held_stands_while_a_side_cannot_be_read(bench):
    """A hold is told on, though nothing can be said about the pair now."""
    held = bench.hold(HoldReason.DISPUTE, "email", "a@example.com", "b@example.com")

    verdicts = bench.judge(pms=Presence.UNKNOWN, agreement=bench.agreement(holds={"email": held}))

    assert verdicts.holds == (held,)
    assert verdicts.agreement.holds == {"email": held}


@pytest.mark.parametrize("side", Side)
def test_same_creation_stamp_is_the_same_record(bench, side):
    """A record with another name and e-mail is the same customer still, as long as its creation stamp stands."""
    other = {"name": "Somebody Else", "email": "else@example.com"}

    verdicts = bench.judge(*((other, {}) if side is Side.WAVE else ({}, other)))

    assert bench.kinds(verdicts) == [f"update {side.other}"]


def test_our_mark_speaks_for_the_record(bench):
    """A PMS record that bears our mark is the linked one, whatever else it shows."""
    other = {"name": "Somebody Else", "email": "else@example.com", "external_id": "W1"}

    verdicts = bench.judge({}, other, pms_facts={"created_at": bench.at(-5)})

    assert bench.kinds(verdicts) == ["update wave"]


def test_unread_side_keeps_its_count_of_missed_scans(bench):
    """A side that was merely not listed in this run does not start its count of missed scans anew."""
    link = bench.link(pms=Sight(missed=1))

    verdicts = bench.judge(Presence.UNKNOWN, Presence.AS_BEFORE, link=link)

    assert verdicts.link.pms.missed == 1


@pytest.mark.parametrize(("listed", "missed"), [(True, 0), (False, 1)])
def test_record_that_was_read_singly_keeps_its_count_of_missed_scans(bench, listed, missed):
    """Only a listing that shows a record again ends the count of those that missed it."""
    link = bench.link(pms=Sight(missed=1))

    verdicts = bench.judge({}, {}, link=link, pms_facts={"listed": listed})

    assert verdicts.link.pms.missed == missed


def test_look_is_remembered_with_the_text_of_the_row(bench):
    """What both sides showed is remembered, so that the next look passes over rows that say the same."""
    pair = bench.pair({"fax": "1"}, {"fax": "1"}, wave_facts={"mark": "a"}, pms_facts={"mark": "b"})

    link = bench.decide(pair).link

    assert (link.wave.digest, link.pms.digest) == (pair.wave.digest, pair.pms.digest)
    assert (link.wave.mark, link.pms.mark) == ("a", "b")
    assert bench.link().wave.digest != link.wave.digest


@pytest.mark.parametrize(("mark", "found"), [("W1", [MARKER]), ("W2", None), (None, None)])
def test_mark_that_was_announced_is_found(bench, mark, found):
    """A mark of unknown outcome is told as done if it is the one that the record bears."""
    intent = evolve(bench.update_intent(Side.PMS, {}), before={MARKER: None}, body={"external_id": "W1"})

    verdicts = bench.judge({}, {"external_id": mark}, intents=[intent])

    assert [[c.id for c in one.action.fields] for one in verdicts.landed] == ([found] if found else [])


@pytest.mark.parametrize("presence", [Presence.UNKNOWN, Presence.AS_BEFORE, Presence.ABSENT])
def test_mark_is_not_found_where_nothing_was_read(bench, presence):
    """Of a mark that was announced nothing is told while nobody reads the record."""
    intent = evolve(bench.update_intent(Side.PMS, {}), before={MARKER: None}, body={"external_id": "W1"})

    assert bench.judge({}, presence, intents=[intent]).landed == ()


def test_missed_scan_is_counted(bench):
    """A record that a complete scan did not list, and that is still readable, is counted and waited for."""
    verdicts = bench.judge({}, Presence.UNKNOWN, pms_facts={"missed": 1, "reason": "no longer listed"})

    assert verdicts.link.pms.missed == 1
    assert verdicts.unfinished == "no longer listed"


def test_write_over_ours_is_told_by_its_stamp(bench):
    """Another value under another stamp than that of our answer is somebody's edit; under ours it is a rendering."""
    intent = bench.update_intent(Side.PMS, SENT, **CONFIRMED, answer_stamp=bench.at(-30))
    shown, hold = {"email": "other@example.com"}, Policy(conflicts="hold")

    over = bench.judge(EDIT, shown, intents=[intent], policy=hold, pms_facts={"stamp": bench.at(-5)})
    ours = bench.judge(EDIT, shown, intents=[intent], policy=hold, pms_facts={"stamp": bench.at(-30)})

    assert bench.kinds(over) == ["hold"]
    assert bench.kinds(ours) == ["agree"]


@pytest.mark.parametrize("kind", [IntentKind.DELETE, IntentKind.ARCHIVE])
def test_retirement_that_is_found_done_is_told(bench, kind):
    """A retirement of unknown outcome is told as done if its record is gone, or archived, and not otherwise."""
    intent = Intent(kind=kind, side=Side.PMS, origin_id="W1", record_id="P1", run_id="earlier")
    shown = Presence.ABSENT if kind is IntentKind.DELETE else {}

    done = bench.judge(Presence.ABSENT, shown, intents=[intent], pms_facts={"archived": kind is IntentKind.ARCHIVE})
    not_done = bench.judge(Presence.ABSENT, {}, intents=[intent])

    assert [(found.key, found.run_id) for found in done.landed] == [(intent.key, "earlier")]
    assert not_done.landed == ()


def test_forgotten_value_is_only_recognised(bench):
    """Of a forgotten value it is known whether a side shows it still; one that is not shown is as it was."""
    name = bench.id("email")
    shown = bench.lens.cell(Side.WAVE, name, "ADA@example.com")
    same = Forgotten(salt="s", digest=cell_digest(bench.lens.cell(Side.WAVE, name, "ada@example.com"), "s"))
    other = Forgotten(salt="s", digest="another")

    def recalled(raw, cell):
        return recall(bench.lens, Side.WAVE, name, raw, cell)

    assert recalled(same, shown) is shown
    assert not recalled(other, shown).same(shown)
    assert recalled(same, None).missing
    assert recalled(same, Cell(raw=MISSING)) == Cell(raw=MISSING)
