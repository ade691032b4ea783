"""Creates whose answer was lost: adopted, waited for, sent again, or shown to a person."""

from __future__ import annotations

import pytest
from attrs import evolve

from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.memory import IntentState, Quarantined, QuarantineReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import ActionKind
from wave_pms_sync.reconcile.lost_creates import MAX_CYCLES, wants_full_scan
from wave_pms_sync.reconcile.matching import SENT_AGAIN
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.world import Listing, Origin, Presence

ADA = {"name": "Ada", "email": "ada@example.com"}


def _lost(bench, flat=ADA, **facts):
    """A Wave record whose create in the PMS was lost."""
    origin = bench.wave("W1", flat)
    return evolve(origin, intent=bench.create_intent(origin, **facts))


def _shown(bench, flat=ADA, record_id="P1", **facts):
    """A PMS record that appeared since, untouched after it was made."""
    made = bench.at(-500)
    return bench.pms(record_id, flat, **{"created_at": made, "stamp": made, **facts})


def _looked(bench, **facts):
    return {"looks": 1, "looked_at": bench.at(-60), **facts}


# --- adopted ---------------------------------------------------------------------------------------


def test_f63_marked_newcomer_is_adopted(bench):
    """A newcomer that bears our mark is what became of the create, whatever it shows by now."""
    plan = bench.meet(_lost(bench), _shown(bench, {"name": "Ada B.", "external_id": "W1"}))

    link = bench.only(plan, ActionKind.LINK)
    assert (link.wave_id, link.pms_id) == ("W1", "P1")
    assert link.settles == ("create:wave:W1",)
    assert not any(a.kind is ActionKind.CREATE for a in plan)


def test_newcomer_with_our_content_is_adopted(bench):
    """Without a mark, the one newcomer that shows what was sent is adopted, and marked."""
    plan = bench.meet(_lost(bench), _shown(bench, {"name": "Ada ", "email": "ADA@example.com"}))

    assert bench.only(plan, ActionKind.LINK).pms_id == "P1"


def test_f64_edit_of_the_origin_travels_after_the_adoption(bench):
    """The origin was edited between the create and its recovery: the newcomer is adopted, then the edit travels."""
    origin = _lost(bench)
    edited = evolve(bench.wave("W1", {**ADA, "email": "new@example.com"}), intent=origin.intent)

    plan = bench.meet(edited, _shown(bench))

    assert bench.only(plan, ActionKind.LINK).pms_id == "P1"
    assert bench.writes(plan)["pms", "email"] == "new@example.com"
    assert not any(a.kind is ActionKind.HOLD for a in plan)


def test_edited_address_of_the_origin_travels_whole(bench):
    """An address that was edited while its create was lost was held as a first meeting, instead of carried."""
    sent = {**ADA, "address.city": "London", "address.country.code": "GB"}
    origin = _lost(bench, sent)
    edited = bench.wave("W1", {**sent, "address.city": "Leeds", "address.addressLine2": "Back door"})

    plan = bench.meet(
        evolve(edited, intent=origin.intent),
        _shown(bench, {**ADA, "address.city": "London", "address.country_code": "GB"}),
    )

    assert bench.writes(plan)["pms", "address.city"] == "Leeds"
    assert not any(a.kind is ActionKind.HOLD for a in plan)


def test_older_record_is_not_what_became_of_it(bench):
    """A record that was there before the create was sent is not adopted for its content."""
    plan = bench.meet(_lost(bench), _shown(bench, created_at=bench.at(-3601)))

    assert not any(a.settles for a in plan)


def test_two_equal_newcomers_are_for_a_person(bench):
    """Two newcomers that both show what was sent are shown to a person, and nothing is sent again."""
    plan = bench.meet(_lost(bench), _shown(bench), _shown(bench, record_id="P2"))

    [rests] = [w for w in plan.waiting if w.id == "W1"]
    assert (rests.reason, rests.candidates) == (QuarantineReason.UNKNOWN, ("P1", "P2"))
    assert plan.notes.closed == ("create:wave:W1",)


def test_newcomer_that_is_only_similar_is_for_a_person(bench):
    """A newcomer with the name or a key of what was sent, and other values, is shown to a person."""
    plan = bench.meet(_lost(bench), _shown(bench, {"name": "Ada", "email": "other@example.com"}))

    [rests] = plan.waiting
    assert (rests.id, rests.reason, rests.candidates) == ("W1", QuarantineReason.UNKNOWN, ("P1",))
    assert plan.empty


def test_similar_is_judged_by_what_was_sent(bench):
    """A newcomer was not recognised, and doubled, once its origin had been edited while the create was lost."""
    origin = _lost(bench)
    renamed = evolve(bench.wave("W1", {"name": "Grace", "email": "g@example.com"}), intent=origin.intent)

    plan = bench.meet(renamed, _shown(bench, {"name": "Ada", "email": "other@example.com"}))

    assert bench.resting(plan) == {"W1": "unknown_create"}
    assert plan.empty


def test_one_newcomer_is_adopted_once(bench):
    """Two lost creates of identical customers were both linked to the one newcomer that was found."""
    first, second = bench.wave("W1", ADA), bench.wave("W2", ADA)
    lost = [evolve(n, intent=bench.create_intent(n)) for n in (first, second)]

    plans = [bench.meet(*lost, _shown(bench)), bench.meet(*reversed(lost), _shown(bench))]

    assert [(a.wave_id, a.pms_id) for a in plans[0] if a.kind is ActionKind.LINK] == [("W1", "P1")]
    assert plans[0].notes.unknown == 1
    assert plans[0].digest == plans[1].digest


def test_adopted_newcomer_matches_nobody_else(bench):
    """A newcomer that a lost create became is not joined with another record that has its key by now."""
    origin = _lost(bench)
    moved = evolve(bench.wave("W1", {"name": "Grace", "email": "g@example.com"}), intent=origin.intent)

    plan = bench.meet(moved, bench.wave("W2", ADA), _shown(bench))

    assert [(a.wave_id, a.pms_id) for a in plan if a.kind is ActionKind.LINK] == [("W1", "P1")]


def test_record_set_apart_is_not_adopted(bench):
    """A record that a person unlinked is not what became of a create."""
    plan = bench.meet(_lost(bench), _shown(bench, apart=True))

    assert not any(a.kind is ActionKind.LINK for a in plan)


BOTH_WAYS = Policy(create_in=("wave", "pms"))


def test_what_may_have_become_of_it_is_not_copied_back(bench):
    """While nobody knows what became of a create, a record that shows what was sent gets no counterpart itself."""
    lost = _lost(bench, quiet_until=bench.at(1))
    similar = _shown(bench, {"name": "Ada", "email": "other@example.com"}, "P2")
    others = [_shown(bench, {"name": "Grace", "email": "g@example.com"}, "P3"), _shown(bench, record_id="P1")]

    waits = bench.meet(lost, similar, *others, policy=BOTH_WAYS)
    one_way = bench.meet(lost, similar, *others)

    assert [(a.kind, a.pms_id) for a in waits] == [(ActionKind.CREATE, "P3")]
    assert waits.notes.unfinished[Side.PMS, "P2"] == "may be what became of a lost create"
    assert (Side.PMS, "P1") in waits.notes.unfinished
    assert (Side.PMS, "P2") not in one_way.notes.unfinished


def test_what_may_have_become_of_it_rests_with_it(bench):
    """A person is asked about both: the record whose create was lost, and the one that it may have become."""
    plan = bench.meet(_lost(bench), _shown(bench, {"name": "Ada", "email": "o@example.com"}), policy=BOTH_WAYS)

    assert bench.resting(plan) == {"W1": "unknown_create", "P1": "unknown_create"}
    assert {w.id: w.candidates for w in plan.waiting} == {"W1": ("P1",), "P1": ("W1",)}


def test_both_rest_until_somebody_says_what_they_are(bench):
    """Two that may be one rest while both stand alone; once one is gone, or set apart, the other is created."""
    policy, changed = BOTH_WAYS, {"name": "Ada", "email": "new@example.com"}
    asked = bench.meet(_lost(bench), _shown(bench, {"name": "Ada", "email": "o@example.com"}), policy=policy)
    rest = {w.id: w for w in asked.waiting}
    wave = bench.wave("W1", changed, quarantined=rest["W1"])
    pms = _shown(bench, {"name": "Ada", "email": "o@example.com"}, quarantined=rest["P1"])

    both = bench.meet(wave, pms, policy=policy)
    assert bench.resting(both) == {"W1": "unknown_create", "P1": "unknown_create"}
    assert bench.kinds(both) == []
    assert bench.kinds(bench.meet(wave, policy=policy)) == ["create pms"]
    assert bench.kinds(bench.meet(wave, evolve(pms, apart=True), policy=policy)) == ["create pms"]


@pytest.mark.parametrize(
    ("facts", "created"),
    [
        ({}, False),
        ({"reason": QuarantineReason.REFUSED}, True),
        ({"digest": ""}, True),
        ({"candidates": ()}, True),
        ({"candidates": ("P1", "P9")}, False),
        ({"candidates": ("P9",)}, True),
    ],
    ids=["asked", "refused", "not known as what", "nobody", "one of two", "gone"],
)
def test_who_rests_for_another_after_it_changed(bench, facts, created):
    """A record that was edited rests on only where it waits for another that stands alone, to be told from it."""
    known = Quarantined(
        side=Side.WAVE, id="W1", **{"reason": QuarantineReason.UNKNOWN, "digest": "d", "candidates": ("P1",), **facts}
    )

    plan = bench.meet(bench.wave("W1", ADA, quarantined=known), bench.pms("P1", {"name": "Zoe"}))

    assert bench.kinds(plan) == (["create pms"] if created else [])
    assert ("W1" in bench.resting(plan)) is not created


def test_who_was_found_for_another_is_waited_for_no_more(bench):
    """A record rests no more once the one that it waited for is linked with somebody else in this very run."""
    known = Quarantined(side=Side.WAVE, id="W1", reason=QuarantineReason.UNKNOWN, digest="d", candidates=("P1",))
    there = {"name": "Zoe", "external_id": "W2"}

    plan = bench.meet(bench.wave("W1", ADA, quarantined=known), bench.wave("W2"), bench.pms("P1", there))

    assert [(a.kind, a.wave_id) for a in plan if a.kind is ActionKind.CREATE] == [(ActionKind.CREATE, "W1")]


def test_once_it_is_found_nobody_else_waits(bench):
    """A namesake of the newcomer that a lost create became is a customer like any other."""
    plan = bench.meet(
        _lost(bench),
        _shown(bench, {**ADA, "external_id": "W1"}),
        _shown(bench, {"name": "Ada"}, "P2"),
        policy=BOTH_WAYS,
    )

    assert [(a.kind, a.pms_id) for a in plan] == [(ActionKind.LINK, "P1"), (ActionKind.CREATE, "P2")]
    assert plan.notes.unfinished == {}


@pytest.mark.parametrize("side", Side)
def test_adopted_pair_is_not_joined_again(bench, side):
    """Neither the origin of a lost create nor what became of it is matched with a third record of the same key."""
    make, other = (bench.wave, bench.pms) if side is Side.WAVE else (bench.pms, bench.wave)
    origin = make("1", ADA)
    lost = evolve(origin, intent=bench.create_intent(origin))
    moved = evolve(lost, keys={**lost.keys, "email": "moved@example.com"})
    found = other("2", ADA, created_at=bench.at(-500), stamp=bench.at(-500))

    plan = bench.meet(moved, found, make("3", {**ADA, "name": "Another"}), policy=BOTH_WAYS)

    links = [(a.id_on(side), a.id_on(side.other)) for a in plan if a.kind is ActionKind.LINK]
    assert links == [("1", "2")]


def test_what_an_edited_newcomer_leaves_out_is_as_it_was_sent(bench):
    """A property that an edited newcomer does not show was not edited: it is agreed on as it was sent."""
    lost = _lost(bench, {**ADA, "phone": "1"})

    plan = bench.meet(lost, _shown(bench, {**ADA, "phone": MISSING, "external_id": "W1"}, stamp=bench.at(-400)))

    assert bench.id("phone") in bench.only(plan, ActionKind.LINK).baselines


def test_record_that_shares_nothing_is_not_asked_about(bench):
    """A newcomer with another name and other keys has nothing to do with a lost create."""
    plan = bench.meet(_lost(bench), _shown(bench, {"name": "Grace", "email": "g@example.com"}))

    assert plan.notes.unknown == 1
    assert bench.resting(plan) == {}


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        ({"phone": "111", "website": "acme.example"}, True),
        ({"phone": "111"}, True),
        ({"website": "acme.example", "fax": "9"}, False),
    ],
    ids=["all but the name", "half", "less than half"],
)
def test_newcomer_that_was_renamed_since_is_known_by_half_of_what_was_sent(bench, shown, asked):
    """Who has no key and was renamed at once was not recognised, and made a second time."""
    sent = {"name": "Ada", "phone": "111", "website": "acme.example", "fax": "1"}
    sent = {name: sent[name] for name in ("name", *shown, *(() if asked else ("phone", "website", "fax")))}
    lost = _lost(bench, sent, announced_at=bench.at(-1000), **_looked(bench))

    plan = bench.meet(lost, _shown(bench, {"name": "Grace", **shown}, stamp=bench.at(-400)))

    assert bench.resting(plan) == ({"W1": "unknown_create"} if asked else {})
    assert [a.kind for a in plan] == ([] if asked else [ActionKind.CREATE])


@pytest.mark.parametrize("shown", [{"name": "Ada"}, {"email": "ada@example.com"}], ids=["name", "e-mail"])
def test_newcomer_is_known_by_the_name_or_a_key_alone(bench, shown):
    """A newcomer is asked about if it has the name, or a key, of what was sent, though nothing else of it."""
    sent = {**ADA, "phone": "111", "website": "acme.example", "fax": "1"}

    plan = bench.meet(_lost(bench, sent), _shown(bench, {"name": "Grace", **shown}))

    assert bench.resting(plan) == {"W1": "unknown_create"}
    assert plan.empty


def test_newcomer_is_not_known_by_currency_and_country(bench):
    """Who has the currency and the country of what was sent, as many have, and nothing else of it, is another."""
    sent = {"name": "Ada", "phone": "111", "currency.code": "CAD", "address.country.code": "CA"}
    stranger = {"name": "Grace", "phone": "222", "currency_code": "CAD", "address.country_code": "CA"}

    plan = bench.meet(_lost(bench, sent, **_looked(bench)), _shown(bench, stranger))

    assert bench.resting(plan) == {}
    assert bench.only(plan, ActionKind.CREATE).resends


def test_own_rendering_of_an_untouched_newcomer_is_agreed_on(bench):
    """What the PMS made of the values is its own; once somebody edited the newcomer, the two meet as strangers."""
    marked = {"name": "ADA B.", "email": "ada@example.com", "phone": "1", "external_id": "W1"}

    untouched = bench.meet(_lost(bench), _shown(bench, marked))
    edited = bench.meet(_lost(bench), _shown(bench, marked, stamp=bench.at(-400)))

    link = bench.only(untouched, ActionKind.LINK)
    assert (link.baselines[bench.id("name")].wave, link.baselines[bench.id("name")].pms) == ("Ada", "ADA B.")
    assert link.baselines[bench.id("phone")].pms == "1"
    assert [a.kind for a in untouched] == [ActionKind.LINK]
    met = bench.only(edited, ActionKind.LINK)
    assert bench.id("name") not in met.baselines
    assert bench.id("email") in met.baselines
    assert bench.id("fax") in met.baselines
    assert bench.writes(edited)["wave", "phone"] == "1"
    assert [a.group for a in edited if a.kind is ActionKind.HOLD] == ["name"]


@pytest.mark.parametrize(("edited", "met"), [(False, set()), (True, {"name", "website"})])
def test_what_is_agreed_on_with_an_adopted_newcomer(bench, edited, met):
    """What was sent is agreed on, and what the side filled; not what the origin has since, nor what was edited there.

    Of a group that was sent the lines that were not are agreed on as empty, so that the group travels whole.
    """
    sent = {**ADA, "address.city": "London"}
    since = {"phone": "555", "address.addressLine2": "Back door"}
    origin = evolve(bench.wave("W1", {**sent, **since}), intent=_lost(bench, sent).intent)
    shown = {**sent, "name": "ADA B.", "website": "https://ada.example", "external_id": "W1"}

    plan = bench.meet(origin, _shown(bench, shown, stamp=bench.at(-400 if edited else -500)))

    agreed = {bench.lens.fields[name].name for name in bench.only(plan, ActionKind.LINK).baselines}
    looked_at = {"name", "website", "email", "address.city", "address.addressLine2", "fax", "phone"}
    assert looked_at - agreed == {"phone", *met}


@pytest.mark.parametrize("side", Side)
def test_create_that_is_sent_again_says_what_the_origin_showed(bench, side):
    """Each field is told with what the origin showed when it was announced, on the origin's side."""
    origin = bench.wave("W1", ADA) if side is Side.WAVE else bench.pms("P1", ADA)
    lost = evolve(origin, intent=bench.create_intent(origin, **_looked(bench)))

    create = bench.only(bench.meet(lost, policy=BOTH_WAYS), ActionKind.CREATE)

    assert {c.name: (c.raw(side), c.raw(side.other)) for c in create.fields} == {
        "name": ("Ada", None),
        "email": ("ada@example.com", None),
    }
    assert (create.wave_id, create.pms_id) == (("W1", None) if side is Side.WAVE else (None, "P1"))
    assert create.requests == {side.other.value: 1}
    assert {c.rule for c in create.fields} == {"created"}


def test_recreation_ends_with_its_origin(bench):
    """A lost re-creation is given up once the survivor is gone as well."""
    intent = bench.create_intent(bench.wave("W1", bench.agreed_wave))
    pair = bench.pair(Presence.ABSENT, Presence.ABSENT, intents=[intent])

    plan = bench.plan(bench.world(pairs=(pair,), intents=(intent,), link_count=1), Policy(deletions="recreate"))

    assert intent.key in plan.notes.closed
    assert plan.notes.unknown == 0


@pytest.mark.parametrize(
    ("made", "newest", "adopted"),
    [(-3600, -3600, True), (-3601, -3600, False), (-3599, -3600, True), (None, -3600, True), (-9999, None, True)],
)
def test_only_what_was_made_since_can_be_what_became_of_it(bench, made, newest, adopted):
    """A record that is older than the newest one before the create is another; where a time is unknown, nobody is."""
    made, newest = (None if seconds is None else bench.at(seconds) for seconds in (made, newest))

    plan = bench.meet(_lost(bench, newest=newest), _shown(bench, created_at=made))

    assert [a.settles for a in plan if a.kind is ActionKind.LINK] == ([("create:wave:W1",)] if adopted else [])


@pytest.mark.parametrize(
    "facts",
    [
        {"apart": True},
        {"presence": Presence.UNKNOWN},
        {"presence": Presence.ABSENT},
    ],
    ids=["set apart", "not read", "gone"],
)
def test_record_that_cannot_be_linked_is_not_what_became_of_it(bench, facts):
    """Nobody is adopted, nor asked about, who is set apart or not there."""
    plan = bench.meet(_lost(bench), _shown(bench, {**ADA, "external_id": "W1"}, **facts))

    assert bench.kinds(plan) == []
    assert bench.resting(plan) == {}
    assert plan.notes.unknown == 1


def test_who_is_set_apart_does_not_wait_for_it(bench):
    """A record that a person unlinked has nothing to do with a lost create, and is told as set apart."""
    plan = bench.meet(_lost(bench), _shown(bench, apart=True), policy=BOTH_WAYS)

    assert bench.skipped(plan) == {"P1": "apart: unlinked by a person"}
    assert set(plan.notes.unfinished) == {(Side.WAVE, "W1")}


def test_what_became_of_the_create_of_one_that_was_set_apart_rests(bench):
    """A record was set apart while its create was lost: what that became is asked about, not linked and not copied."""
    plan = bench.meet(evolve(_lost(bench), apart=True), _shown(bench), policy=BOTH_WAYS)

    assert bench.kinds(plan) == []
    assert bench.resting(plan) == {"P1": "unknown_create"}
    assert plan.notes.closed == ("create:wave:W1",)


def test_newcomer_that_waits_for_its_own_counterpart_is_not_adopted(bench):
    """Of two lost creates, one for each side, neither is taken for what became of the other."""
    pms = _shown(bench)

    plan = bench.meet(_lost(bench), evolve(pms, intent=bench.create_intent(pms)), policy=BOTH_WAYS)

    assert not any(a.kind is ActionKind.LINK for a in plan)
    assert plan.notes.unknown == 2


def test_create_of_which_nothing_is_mapped_any_more_resembles_nobody(bench):
    """What was sent in fields that are not mapped any more says nothing about who became of it."""
    stranger = _shown(bench, {"name": "Grace", "email": "g@example.com"})

    lost = _lost(bench)
    plan = bench.meet(evolve(lost, intent=evolve(lost.intent, values={"gone=gone": "x"}, body={})), stranger)

    assert not any(a.kind is ActionKind.LINK for a in plan)
    assert (plan.notes.unknown, bench.resting(plan)) == (1, {})


def test_field_that_is_not_mapped_any_more_hinders_no_adoption(bench):
    """A newcomer that shows all that was sent, as far as it is still mapped, is adopted."""
    lost = _lost(bench)
    values = {**lost.intent.values, "gone=gone": "x"}

    plan = bench.meet(evolve(lost, intent=evolve(lost.intent, values=values)), _shown(bench))

    assert bench.only(plan, ActionKind.LINK).settles == ("create:wave:W1",)


def test_nothing_is_adopted_for_an_origin_that_was_not_read(bench):
    """A newcomer that shows what was sent is linked once the origin can be read again, and not on its old word."""
    lost = _lost(bench)
    unread = evolve(lost, seen=evolve(lost.seen, presence=Presence.UNKNOWN, raws=None))

    plan = bench.meet(unread, _shown(bench))

    assert not any(a.kind is ActionKind.LINK for a in plan)
    assert plan.notes.unknown == 1


def test_older_record_of_the_same_name_is_a_customer_of_its_own(bench):
    """Who was there before the create, be it under the same name, gets a counterpart while the create is looked for."""
    plan = bench.meet(_lost(bench), _shown(bench, {"name": "Ada"}, created_at=bench.at(-9999)), policy=BOTH_WAYS)

    assert [(a.kind, a.side, a.pms_id) for a in plan] == [(ActionKind.CREATE, Side.WAVE, "P1")]
    assert (plan.notes.unknown, bench.resting(plan)) == (1, {})


@pytest.mark.parametrize("quiet", [None, 1], ids=["asked about", "waited for"])
def test_what_bears_our_mark_is_not_copied_back_whatever_it_is_matched_by(bench, quiet):
    """Where records are not matched by the mark, those that bear it were created in Wave again, as new customers."""
    policy = Policy(create_in=("wave", "pms"), match_on=("email",))
    lost = _lost(bench, quiet_until=None if quiet is None else bench.at(quiet))
    marked = [_shown(bench, {"name": f"A {n}", "email": f"{n}@x.com", "external_id": "W1"}, f"P{n}") for n in (1, 2)]

    plan = bench.meet(lost, *marked, policy=policy)

    assert bench.kinds(plan) == []
    assert {"P1", "P2"} <= {*bench.resting(plan), *(i for _, i in plan.notes.unfinished)}


def test_records_that_show_what_was_sent_wait_though_no_key_was_sent(bench):
    """Of a customer without a name or key, those that show all that was sent wait with its create."""
    lost = _lost(bench, {"phone": "1", "name": None})
    found = [_shown(bench, {"name": f"N {n}", "phone": "1"}, f"P{n}") for n in (1, 2)]
    found.append(_shown(bench, {"name": "N 3", "phone": "2"}, "P3"))

    plan = bench.meet(lost, *found, policy=BOTH_WAYS)

    assert set(bench.resting(plan)) == {"W1", "P1", "P2"}
    assert [(a.kind, a.pms_id) for a in plan] == [(ActionKind.CREATE, "P3")]


def test_marked_newcomers_are_asked_about_before_those_that_merely_resemble(bench):
    """Of two newcomers that bear our mark and one of the same name, a person is asked about the marked ones."""
    twins = [_shown(bench, {"name": f"Ada {n}", "external_id": "W1"}, f"P{n}") for n in (1, 2)]

    plan = bench.meet(_lost(bench), *twins, _shown(bench, {"name": "Ada"}, "P3"))

    [entry] = [w for w in plan.waiting if w.id == "W1"]
    assert entry.candidates == ("P1", "P2")
    assert entry.detail == "a create was lost, and these may be what became of it"


def test_newcomer_that_is_out_of_scope_at_once_is_adopted(bench):
    """A scope that leaves out what was created does not hide what became of a create."""
    made = _shown(bench)
    out = evolve(made, seen=evolve(made.seen, presence=Presence.UNKNOWN, excluded=True, reason="out of scope"))

    plan = bench.meet(_lost(bench), out)

    assert bench.only(plan, ActionKind.LINK).settles == ("create:wave:W1",)


@pytest.mark.parametrize("side", Side)
def test_when_an_adopted_record_was_made_is_known_though_it_is_out_of_scope(bench, side):
    """The link of a newcomer that the scope leaves out keeps when it was made, so that its id is known if reused."""
    origin = bench.pms("P1", ADA) if side is Side.WAVE else bench.wave("W1", ADA)
    make, made_at = (bench.wave if side is Side.WAVE else bench.pms), bench.at(-500)
    found = make(f"{side.value[0].upper()}1", ADA, created_at=made_at, stamp=made_at)
    out = evolve(found, seen=evolve(found.seen, presence=Presence.UNKNOWN, excluded=True, reason="out of scope"))

    plan = bench.meet(evolve(origin, intent=bench.create_intent(origin)), out, policy=BOTH_WAYS)

    link, _ = plan.notes.links["W1"]
    assert link.sight(side).created_at == made_at


@pytest.mark.parametrize(
    ("cycles", "rule"), [(0, "a lost create was found"), (1, f"a lost create was found ({SENT_AGAIN})")]
)
def test_adoption_says_if_the_create_was_sent_again(bench, cycles, rule):
    """Of a create that was sent more than once a double may still appear; the link says so."""
    assert bench.only(bench.meet(_lost(bench, cycles=cycles), _shown(bench)), ActionKind.LINK).rule == rule


def test_customers_of_the_side_that_was_read_are_no_suspects(bench):
    """Another customer of the origin's own side, of the same name and e-mail, waits for nothing."""
    namesake = bench.wave("W2", {"name": "Ada", "email": "other@example.com"}, created_at=bench.at(-1))

    plan = bench.meet(_lost(bench), namesake, policy=BOTH_WAYS)

    assert [(a.kind, a.wave_id) for a in plan] == [(ActionKind.CREATE, "W2")]
    assert set(plan.notes.unfinished) == {(Side.WAVE, "W1")}


# --- waited for ------------------------------------------------------------------------------------


@pytest.mark.parametrize("quiet", [0, -1])
def test_dead_owners_create_is_looked_for_once_it_cannot_land(bench, quiet):
    """When the dead run can no longer be writing, its create is looked for like any other."""
    plan = bench.meet(_lost(bench, quiet_until=bench.at(quiet)), _shown(bench))

    assert bench.only(plan, ActionKind.LINK).settles == ("create:wave:W1",)


@pytest.mark.parametrize(
    ("facts", "listing", "why"),
    [
        ({"quiet_until": 1}, {}, "a run that was cut short may still be writing"),
        ({}, {"complete": False}, "the PMS was not completely listed"),
        ({}, {}, "not shown yet"),
    ],
    ids=["a run may still write", "incomplete", "not shown"],
)
def test_why_a_lost_create_waits_is_told(bench, facts, listing, why):
    """Its origin is read again, with the reason."""
    lost = _lost(bench, **{name: bench.at(seconds) for name, seconds in facts.items()})
    seen = Listing(**{"full": True, "complete": True, "rows": 100, **listing})

    plan = bench.meet(lost, listings={Side.WAVE: Listing(complete=True, rows=1), Side.PMS: seen})

    assert plan.notes.unfinished == {(Side.WAVE, "W1"): f"a create is lost: {why}"}


@pytest.mark.parametrize(
    ("facts", "listing", "looks"),
    [
        ({}, {}, [1]),
        ({"looks": 1, "looked_at": -59}, {}, []),
        ({"looks": 1, "looked_at": -60, "announced_at": -299}, {}, [2]),
        ({"looks": 1, "looked_at": -60}, {"full": False}, [2]),
    ],
    ids=["first", "too soon", "second, too early to send", "second, not a full one"],
)
def test_only_looks_that_are_apart_count(bench, facts, listing, looks):
    """A look is counted with its time, unless it follows the one before too closely."""
    facts = {k: bench.at(v) if k.endswith("_at") else v for k, v in facts.items()}
    seen = Listing(**{"full": True, "complete": True, "rows": 100, **listing})

    plan = bench.meet(_lost(bench, **facts), listings={Side.WAVE: seen, Side.PMS: seen})

    assert [(i.looks, i.looked_at) for i in plan.notes.intents] == [(count, bench.now) for count in looks]


def test_create_without_a_time_is_sent_again_after_two_looks(bench):
    """A create of which nobody knows when it was announced waits for the looks alone."""
    assert bench.only(bench.meet(_lost(bench, **_looked(bench), announced_at=None)), ActionKind.CREATE).resends


def test_lost_create_is_never_planned_anew(bench):
    """A lost create is unknown: it is looked for, its origin is read again, and no second create is planned."""
    plan = bench.meet(_lost(bench))

    [intent] = plan.notes.intents
    assert plan.empty
    assert plan.notes.unknown == 1
    assert (Side.WAVE, "W1") in plan.notes.unfinished
    assert (intent.looks, intent.looked_at) == (1, bench.now)


@pytest.mark.parametrize(
    ("facts", "listing"),
    [
        ({"announced_at": -299}, {}),
        ({"looked_at": -59}, {}),
        ({"looks": 0, "looked_at": None}, {}),
        ({}, {"full": False}),
        ({}, {"complete": False}),
    ],
    ids=["settle time", "looks apart", "two looks", "full scan", "complete scan"],
)
def test_f62_nothing_is_sent_again_too_early(bench, facts, listing):
    """Sent again only after the settle time and two separated looks, the last of them in a complete full scan."""
    facts = {"announced_at": -300, "looks": 1, "looked_at": -60, **facts}
    times = {k: bench.at(v) if k.endswith("_at") and v is not None else v for k, v in facts.items()}
    seen = Listing(**{"full": True, "complete": True, "rows": 100, **listing})

    plan = bench.meet(_lost(bench, **times), listings={Side.WAVE: seen, Side.PMS: seen})

    assert plan.empty
    assert plan.notes.unknown == 1


def test_incomplete_listing_is_no_look(bench):
    """A look counts only if everything new was listed."""
    seen = Listing(complete=False)

    plan = bench.meet(_lost(bench), listings={Side.WAVE: seen, Side.PMS: seen})

    assert plan.notes.intents == ()


def test_last_look_asks_for_a_full_scan(bench):
    """Once a create was looked for in vain, its side is listed completely."""
    intent = bench.create_intent(bench.wave("W1"))

    assert not wants_full_scan([intent], Side.PMS)
    assert wants_full_scan([evolve(intent, looks=1)], Side.PMS)
    assert wants_full_scan([intent, evolve(intent, looks=1)], Side.PMS)
    assert not wants_full_scan([evolve(intent, looks=1)], Side.WAVE)


def test_dead_owners_create_is_left_alone_while_it_may_land(bench):
    """After a take-over nothing is adopted, sent or counted until the dead run can no longer be writing."""
    lost = _lost(bench, **_looked(bench), quiet_until=bench.at(1))

    plan = bench.meet(lost, _shown(bench))

    assert plan.empty
    assert plan.notes.intents == ()
    assert plan.notes.unknown == 1


# --- sent again ------------------------------------------------------------------------------------


def test_f62_identical_create_is_sent_again(bench):
    """After the settle time and two looks the very same create is sent again."""
    lost = _lost(bench, **_looked(bench), announced_at=bench.at(-300))

    plan = bench.meet(lost)

    create = bench.only(plan, ActionKind.CREATE)
    assert create.resends
    assert {c.id: c.after for c in create.fields} == dict(lost.intent.values)


def test_nothing_is_sent_again_for_an_origin_that_was_not_found(bench):
    """Whose origin may be gone is not made; the next complete listing tells."""
    lost = _lost(bench, **_looked(bench), announced_at=bench.at(-300))
    unfound = evolve(lost, seen=evolve(lost.seen, presence=Presence.UNKNOWN, raws=None))

    plan = bench.meet(unfound)

    assert plan.empty
    assert plan.notes.unknown == 1


def test_sent_again_as_announced_though_the_origin_moved(bench):
    """What is sent again is what was announced, not what the origin shows by now."""
    lost = _lost(bench, **_looked(bench))
    edited = evolve(bench.wave("W1", {"name": "Grace"}), intent=lost.intent)

    plan = bench.meet(edited)

    assert bench.writes(plan)["pms", "name"] == "Ada"


def test_create_sent_often_enough_is_for_a_person(bench):
    """After two cycles of sending again a person is asked."""
    lost = _lost(bench, **_looked(bench), cycles=MAX_CYCLES)

    plan = bench.meet(lost)

    [entry] = plan.waiting
    assert (entry.id, entry.reason) == ("W1", QuarantineReason.UNKNOWN)
    assert (entry.detail, entry.candidates) == ("sent 3 times, and never shown", ())
    assert plan.empty
    again = bench.meet(_lost(bench, **_looked(bench), cycles=MAX_CYCLES - 1))
    assert bench.only(again, ActionKind.CREATE).resends


def test_asked_create_rests(bench):
    """A create that a person must look at is not planned again by itself."""
    asked = bench.meet(_lost(bench, **_looked(bench), cycles=MAX_CYCLES))
    [entry] = asked.waiting

    plan = bench.meet(bench.wave("W1", ADA, quarantined=entry))

    assert plan.empty
    assert bench.resting(plan) == {"W1": "unknown_create"}


def test_gone_origin_ends_its_create(bench):
    """A create whose origin is gone is given up."""
    intent = bench.create_intent(bench.wave("W1", ADA))

    plan = bench.meet(intents=(intent,))

    assert plan.notes.closed == (intent.key,)


def test_other_way_round(bench):
    """A lost create in Wave is recovered as one in the PMS is, by content."""
    origin = bench.pms("P1", ADA)
    lost = evolve(origin, intent=bench.create_intent(origin))
    made = bench.at(-500)

    plan = bench.meet(
        lost, bench.wave("W1", ADA, created_at=made, stamp=made), policy=Policy(create_in=("wave", "pms"))
    )

    link = bench.only(plan, ActionKind.LINK)
    assert (link.wave_id, link.pms_id, link.settles) == ("W1", "P1", ("create:pms:P1",))


# --- a gone record that is being made again --------------------------------------------------------


@pytest.fixture
def remaking(bench):
    """A pair that is gone from the PMS, and whose re-creation was lost."""

    def world(*newcomers, **facts):
        intent = bench.create_intent(bench.wave("W1", bench.agreed_wave), state=IntentState.UNKNOWN, **facts)
        pair = bench.pair({}, Presence.ABSENT, intents=[intent])
        return bench.world(newcomers, pairs=(pair,), intents=(intent,), link_count=1)

    return world


RECREATE = Policy(deletions="recreate")


def test_lost_recreation_is_adopted_in_place_of_the_old_link(bench, remaking):
    """The newcomer takes the place of the gone record, and the old link ends with it."""
    plan = bench.plan(remaking(bench.pms("P2", {"external_id": "W1"}, origin=Origin.COPY)), RECREATE)

    link = bench.only(plan, ActionKind.LINK)
    assert (link.wave_id, link.pms_id, link.revision) == ("W1", "P2", 3)


def test_lost_recreation_is_sent_again(bench, remaking):
    """A lost re-creation was never sent again: the record stayed gone, against the policy."""
    early = bench.plan(remaking(), RECREATE)
    late = bench.plan(remaking(**_looked(bench)), RECREATE)

    action = bench.only(late, ActionKind.RECREATE)
    assert early.empty
    assert early.notes.unknown == 1
    assert action.resends
    assert (action.key, action.revision) == (("W1", "P1"), 3)


def test_lost_recreation_sent_often_enough_leaves_the_survivor(bench, remaking):
    """A re-creation that never shows ends as a tombstone, which is never made again by itself."""
    plan = bench.plan(remaking(**_looked(bench), cycles=MAX_CYCLES), RECREATE)

    tombstone = bench.only(plan, ActionKind.TOMBSTONE)
    assert len(plan) == 1
    assert tombstone.settles == ("create:wave:W1",)
    assert tombstone.detail == "pms"
    assert tombstone.rule == "gone from the PMS, and not made again: sent 3 times, and never shown"


def test_recreation_is_moot_once_the_record_is_back(bench):
    """A lost re-creation ends when the record it was to replace is there again."""
    intent = bench.create_intent(bench.wave("W1", bench.agreed_wave))
    pair = bench.pair({}, {}, intents=[intent])

    plan = bench.plan(bench.world(pairs=(pair,), intents=(intent,)), RECREATE)

    assert plan.empty
    assert plan.notes.closed == (intent.key,)
