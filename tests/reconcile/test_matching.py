"""First meetings of records: which keys join two of them, and what happens to those that no key joins."""

from __future__ import annotations

import pytest
from attrs import evolve

from wave_pms_sync.model.links import Baseline, HoldReason, LinkStatus
from wave_pms_sync.model.memory import Quarantined, QuarantineReason
from wave_pms_sync.model.records import Abilities
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, ActionKind
from wave_pms_sync.reconcile.matching import SENT_AGAIN
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.world import Origin, Presence

ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "address.postalCode": "SW1Y 4JH"}
ADA_THERE = {"name": "Ada Lovelace", "email": "ada@example.com", "address.postal_code": "SW1Y 4JH"}
MAIL = {"email": "info@example.com"}
BOTH = Policy(create_in=("pms", "wave"))


def _links(plan):
    return {(a.wave_id, a.pms_id): a.rule for a in plan if a.kind is ActionKind.LINK}


def _creates(plan):
    return {(str(a.side), *a.ids) for a in plan if a.kind is ActionKind.CREATE}


# --- keys that join --------------------------------------------------------------------------------


def test_external_id_joins(bench):
    """A PMS record that bears a Wave id is that customer, whatever else both show."""
    plan = bench.meet(bench.wave("W1", {"email": "a@example.com"}), bench.pms("P1", {"external_id": "W1"}))

    assert _links(plan) == {("W1", "P1"): "matched by external_id"}


def test_email_joins_without_regard_to_case(bench):
    """Two records that alone hold an e-mail address are one customer."""
    plan = bench.meet(bench.wave("W1", {"email": "Ada@Example.com"}), bench.pms("P1", {"email": "ada@example.com "}))

    assert _links(plan) == {("W1", "P1"): "matched by email"}


def test_name_and_postal_code_join(bench):
    """Name and postal code together join where no stronger key is there, whatever the blanks in either."""
    plan = bench.meet(
        bench.wave("W1", {"name": "Ada  Lovelace", "address.postalCode": "SW1Y 4JH"}),
        bench.pms("P1", {"name": "ADA LOVELACE", "address.postal_code": "sw1y4jh"}),
    )

    assert _links(plan) == {("W1", "P1"): "matched by name+postal_code"}


def test_key_with_an_empty_part_does_not_exist(bench):
    """A name without a postal code joins nothing, so both stand alone."""
    plan = bench.meet(bench.wave("W1", {"name": "Ada"}), bench.pms("P1", {"name": "Ada"}), policy=BOTH)

    assert _links(plan) == {}
    assert _creates(plan) == {("pms", "W1"), ("wave", "P1")}


def test_stronger_key_goes_first(bench):
    """A record joined by a strong key is no candidate of a weaker one."""
    plan = bench.meet(
        bench.wave("W1", {"email": "w1@example.com"}),
        bench.wave("W2", MAIL),
        bench.pms("P1", {"external_id": "W1", **MAIL}),
    )

    assert _links(plan) == {("W1", "P1"): "matched by external_id"}


@pytest.mark.parametrize("lacking", Side)
def test_stronger_key_that_one_of_them_lacks_contradicts_nothing(bench, lacking):
    """Two records of one name and postal code are joined where only one of them has an e-mail address."""
    wave, there = ({**shown, "email": None} for shown in (ADA, ADA_THERE))
    if lacking is Side.WAVE:
        there = ADA_THERE
    else:
        wave = ADA

    assert _links(bench.meet(bench.wave("W1", wave), bench.pms("P1", there))) == {
        ("W1", "P1"): "matched by name+postal_code"
    }


def test_stronger_key_contradicts(bench):
    """Two records of one name and postal code with different e-mail addresses are not joined, but shown to a person."""
    plan = bench.meet(
        bench.wave("W1", {**ADA, "email": "one@example.com"}),
        bench.pms("P1", {**ADA_THERE, "email": "two@example.com"}),
    )

    assert _links(plan) == {}
    assert bench.resting(plan) == {"W1": "ambiguous"}


def test_mark_of_another_customer_contradicts(bench):
    """A PMS record that bears the id of one Wave customer is not joined with another by e-mail."""
    plan = bench.meet(bench.wave("W1", MAIL), bench.wave("W2"), bench.pms("P1", {"external_id": "W2", **MAIL}))

    assert _links(plan) == {("W2", "P1"): "matched by external_id"}


# --- unique among all ------------------------------------------------------------------------------


@pytest.mark.parametrize("twin", [Side.WAVE, Side.PMS])
def test_f48_key_held_twice_on_one_side_joins_nothing(bench, twin):
    """A key that two records of a side hold singles out nobody: nothing is linked or created, candidates are listed."""
    others = [bench.wave("W2", MAIL)] if twin is Side.WAVE else [bench.pms("P2", MAIL)]

    plan = bench.meet(bench.wave("W1", MAIL), bench.pms("P1", MAIL), *others)

    assert _links(plan) == {}
    assert _creates(plan) == set()
    assert bench.resting(plan)["W1"] == "ambiguous"


def test_key_held_by_a_linked_record_too_joins_nothing(bench):
    """A key is unique among all records, linked ones included."""
    linked = (bench.wave("W9", MAIL), bench.pms("P9"))

    plan = bench.meet(bench.wave("W1", MAIL), bench.pms("P1", MAIL), linked=[linked])

    assert _links(plan) == {}
    assert bench.resting(plan) == {"W1": "ambiguous"}


def test_key_held_by_a_resting_record_too_joins_nothing(bench):
    """A key is unique among all records, quarantined and apart ones included."""
    resting = Quarantined(side=Side.WAVE, id="W9", reason=QuarantineReason.REFUSED, digest="d")

    quarantined = bench.meet(bench.wave("W1", MAIL), bench.wave("W9", MAIL, quarantined=resting), bench.pms("P1", MAIL))
    apart = bench.meet(bench.wave("W1", MAIL), bench.wave("W9", MAIL, apart=True), bench.pms("P1", MAIL))

    assert _links(quarantined) == _links(apart) == {}


def test_identical_twins_are_for_a_person(bench):
    """F-58: records identical in every mapped field are never paired off, nor doubled."""
    plan = bench.meet(*[bench.wave(f"W{n}", ADA) for n in (1, 2)], *[bench.pms(f"P{n}", ADA_THERE) for n in (1, 2)])

    assert _links(plan) == {}
    assert _creates(plan) == set()
    assert bench.resting(plan) == {"W1": "ambiguous", "W2": "ambiguous"}


def test_matching_is_one_to_one_and_not_transitive(bench):
    """A PMS record that one customer matches by e-mail and another by name is joined once, and the other rests."""
    plan = bench.meet(
        bench.wave("W1", {"name": "Other", **MAIL}),
        bench.wave("W2", {"name": "Ada", "address.postalCode": "1234"}),
        bench.pms("P1", {"name": "Ada", "address.postal_code": "1234", **MAIL}),
    )

    assert _links(plan) == {("W1", "P1"): "matched by email"}
    assert bench.resting(plan) == {"W2": "possible_twin"}


def test_f50_swapped_addresses_of_linked_customers_stay_linked(bench):
    """Links go by id: two linked customers that swapped their e-mail addresses are two edits, not two matches."""
    linked = [
        (bench.wave("W1", {"email": "b@example.com"}), bench.pms("P1", {"email": "a@example.com"})),
        (bench.wave("W2", {"email": "a@example.com"}), bench.pms("P2", {"email": "b@example.com"})),
    ]

    plan = bench.meet(linked=linked)

    assert plan.empty


def test_order_of_records_does_not_matter(bench):
    """Whatever order the sides list their records in, the plan is the same."""
    some = [
        bench.wave("W1", MAIL),
        bench.wave("W2", ADA),
        bench.pms("P1", ADA_THERE),
        bench.pms("P2", MAIL),
        bench.pms("P3"),
        bench.wave("W3"),
    ]

    plans = [bench.meet(*some), bench.meet(*reversed(some))]

    assert plans[0].digest == plans[1].digest
    assert plans[0].actions == plans[1].actions


# --- possible twins and shared keys ----------------------------------------------------------------


def test_key_of_a_linked_record_means_possible_twin(bench):
    """A key that the other side shows on linked records only means a possible twin: quarantine, never a create."""
    linked = (bench.wave("W9"), bench.pms("P9", MAIL))

    plan = bench.meet(bench.wave("W1", MAIL), linked=[linked])

    [rests] = plan.waiting
    assert _creates(plan) == set()
    assert (rests.reason, rests.candidates) == (QuarantineReason.TWIN, ("P9",))


def test_f42_shared_mailbox_says_nothing(bench):
    """A key that a linked customer holds on both sides is shared and says nothing, so a newcomer with it is created."""
    linked = (bench.wave("W9", MAIL), bench.pms("P9", MAIL))

    plan = bench.meet(bench.wave("W1", MAIL), linked=[linked])

    assert _creates(plan) == {("pms", "W1")}


def test_f42_several_newcomers_of_one_mailbox_are_created(bench):
    """Several customers of one mailbox, none of them known in the PMS, are each created."""
    plan = bench.meet(bench.wave("W1", MAIL), bench.wave("W2", MAIL), bench.wave("W3", MAIL))

    assert _creates(plan) == {("pms", "W1"), ("pms", "W2"), ("pms", "W3")}


def test_partner_found_in_this_run_counts_as_linked(bench):
    """A candidate that this very plan joins with another is a possible twin of the rest."""
    plan = bench.meet(
        bench.wave("W1", {"name": "Ada", "address.postalCode": "1"}),
        bench.wave("W2"),
        bench.pms("P1", {"external_id": "W2", "name": "Ada", "address.postal_code": "1"}),
    )

    assert _links(plan) == {("W2", "P1"): "matched by external_id"}
    assert bench.resting(plan) == {"W1": "possible_twin"}


def test_partner_found_in_this_run_counts_as_linked_in_wave_too(bench):
    """A Wave candidate that this very plan joins with another is a possible twin of the PMS record that is left."""
    plan = bench.meet(
        bench.wave("W1", {"name": "Ada", "address.postalCode": "1"}),
        bench.pms("P1", {"name": "Zoe", "external_id": "W1"}),
        bench.pms("P2", {"name": "Ada", "address.postal_code": "1"}),
        policy=BOTH,
    )

    assert _links(plan) == {("W1", "P1"): "matched by external_id"}
    assert bench.resting(plan) == {"P2": "possible_twin"}


def test_joined_pair_is_remembered_with_what_joined_it(bench):
    """A new link keeps the rule, the run that made it, and when both records were made."""
    wave, pms = bench.wave("W1", ADA, created_at=bench.at(-9)), bench.pms("P1", ADA_THERE, created_at=bench.at(-8))

    link, _ = bench.meet(wave, pms).notes.links["W1"]

    assert (link.rule, link.run_id, link.revision) == ("matched by email", "run-1", 0)
    assert (link.wave.created_at, link.pms.created_at) == (bench.at(-9), bench.at(-8))


@pytest.mark.parametrize("policy", [Policy(), BOTH, Policy(create_in=("wave",)), Policy(create_in=())])
def test_f53_deleted_and_made_anew_is_proposed_for_linking(bench, policy):
    """A newcomer that shares a key with the survivor of a deletion is shown to a person, and never links by itself."""
    survivor = (bench.wave("W9"), bench.pms("P9", MAIL))

    plan = bench.meet(bench.wave("W1", MAIL), linked=[survivor], status=LinkStatus.TOMBSTONE, policy=policy)

    [rests] = plan.waiting
    assert (rests.reason, rests.candidates) == (QuarantineReason.RECREATED, ("P9",))
    assert "`link`" in rests.detail
    assert rests.detail.endswith(" (by email)")


@pytest.mark.parametrize(("shown", "reason"), [(Presence.ABSENT, "recreated"), ({}, "possible_twin")])
def test_deleted_and_made_anew_before_a_run_saw_either(bench, shown, reason):
    """Who was deleted and made anew between two runs is shown to a person as that, not as a twin."""
    survivor = (bench.wave("W9"), bench.pms("P9", MAIL))
    pair = bench.numbered(bench.pair(shown, {}), 9)

    plan = bench.plan(bench.world((bench.wave("W1", MAIL),), linked=[survivor], pairs=(pair,)))

    assert bench.resting(plan) == {"W1": reason}


def test_one_survivor_among_those_of_a_key_is_enough(bench):
    """Where one of several linked holders of a key lost its counterpart, the newcomer may be that one made anew."""
    gone, alive = ((bench.wave(f"W{n}"), bench.pms(f"P{n}", MAIL)) for n in (8, 9))
    world = bench.world((bench.wave("W1", MAIL),), linked=[gone, alive])
    links = {
        ref: evolve(link, status=LinkStatus.TOMBSTONE) if link.wave_id == "W8" else link
        for ref, link in world.links.items()
    }

    assert bench.resting(bench.plan(evolve(world, links=links))) == {"W1": "recreated"}


# --- marks of origin -------------------------------------------------------------------------------


def test_key_shared_on_both_sides_of_pairs_says_nothing(bench):
    """A key that a linked pair shares says nothing; one that its counterpart does not have may mean a twin."""
    shared = {"email": "office@example.com"}
    pair = (bench.wave("W1", shared), bench.pms("P1", shared))
    half = (bench.wave("W2"), bench.pms("P2", shared))

    office = bench.plan(bench.world([bench.wave("W9", shared)], linked=[pair, half]))
    twin = bench.plan(bench.world([bench.wave("W9", shared)], linked=[half]))

    assert bench.kinds(office) == ["create pms"]
    assert bench.resting(twin) == {"W9": "possible_twin"}


def test_double_of_a_create_that_was_sent_again_rests(bench):
    """A namesake with the key of a record that was sent more than once may be its double; others are not."""
    mailbox = {"email": "office@example.com"}
    pair = (bench.wave("W1", {**mailbox, "name": "Ada"}), bench.pms("P1", {**mailbox, "name": "Ada"}))
    named = {"W7": "Ada", "W8": "Ada", "W9": "Grace"}
    newcomers = [bench.wave(n, {**mailbox, "name": name}) for n, name in named.items()]

    def met(rule):
        world = bench.world(newcomers, linked=[pair])
        return bench.plan(evolve(world, links={ref: evolve(link, rule=rule) for ref, link in world.links.items()}))

    twins = {"W7": "possible_twin", "W8": "possible_twin"}
    assert bench.resting(met(f"a lost create was found ({SENT_AGAIN})")) == twins
    assert bench.resting(met("matched by email")) == {}


def test_rest_names_the_key_in_question(bench):
    """A record that rests is told with the first key that another one holds, be that one linked or not."""
    mailbox, place = {"email": "office@example.com"}, {"address.postalCode": "N1"}
    pair = (bench.wave("W1", mailbox), bench.pms("P1", mailbox))
    free = bench.pms("P2", {"name": "Grace", "address.postal_code": "N1"})

    by_mail = bench.plan(bench.world([bench.wave("W9", mailbox), bench.pms("P3", mailbox)], linked=[pair]))
    other = bench.wave("W8", {"name": "Grace", **place, "email": "grace@example.com"})
    twins = [other, bench.wave("W7", {"name": "Grace", **place}), free]
    by_place = bench.plan(bench.world(twins))

    assert [(w.candidates, w.detail.rpartition(" (")[2]) for w in by_mail.waiting if w.id == "W9"] == [
        (("P3",), "by email)")
    ]
    assert [(w.candidates, w.detail.rpartition(" (")[2]) for w in by_place.waiting if w.id == "W8"] == [
        (("P2",), "by name+postal_code)")
    ]


def test_create_is_one_request(bench):
    """A create is counted as one request to the side where it is made."""
    create = bench.only(bench.meet(bench.wave("W1")), ActionKind.CREATE)

    assert create.requests == {"pms": 1}


def test_copy_of_a_linked_customer_rests(bench):
    """A PMS record that bears the id of a linked customer is a copy: quarantined, neither linked nor created."""
    copy = bench.pms("P2", {"external_id": "W9"}, origin=Origin.COPY)

    plan = bench.meet(copy, linked=[(bench.wave("W9"), bench.pms("P9"))], policy=BOTH)

    [rests] = plan.waiting
    assert (rests.reason, rests.candidates) == (QuarantineReason.COPY, ("W9",))
    assert plan.empty


def test_orphan_rests_and_is_never_created_in_wave(bench):
    """A PMS record whose Wave customer is not there is an orphan, and is never created in Wave."""
    orphan = bench.pms("P2", {"external_id": "W404", **MAIL}, origin=Origin.ORPHAN)

    plan = bench.meet(orphan, bench.wave("W1", MAIL), policy=BOTH)

    assert bench.resting(plan)["P2"] == "orphan"
    assert plan.empty


def test_foreign_mark_is_neither_key_nor_contradiction_nor_overwritten(bench):
    """A mark of another system does not hinder a match, and stays as it is."""
    foreign = bench.pms("P1", {"external_id": "SAP-17", **ADA_THERE}, origin=Origin.FOREIGN)

    plan = bench.meet(bench.wave("W1", ADA), foreign)

    assert _links(plan) == {("W1", "P1"): "matched by email"}
    assert MARKER not in {c.id for a in plan for c in a.fields}


def test_joined_record_is_marked(bench):
    """A PMS record that was matched without a mark gets the Wave id, in the same update as its other changes."""
    bare = bench.meet(bench.wave("W1", ADA), bench.pms("P1", ADA_THERE))
    filled = bench.meet(bench.wave("W1", {**ADA, "phone": "123"}), bench.pms("P1", ADA_THERE))

    assert [c.id for c in bench.only(bare, ActionKind.UPDATE).fields] == [MARKER]
    assert [c.name for c in bench.only(filled, ActionKind.UPDATE).fields] == ["phone", "id"]


def test_pms_that_keeps_no_marks_is_not_marked(bench):
    """Without a place for it no mark is written."""
    bench.abilities = Abilities(marker=False)

    plan = bench.meet(bench.wave("W1", ADA), bench.pms("P1", ADA_THERE))

    assert bench.kinds(plan) == ["link"]


# --- standing alone --------------------------------------------------------------------------------


def test_every_wave_customer_gets_a_counterpart(bench):
    """A Wave customer without a candidate is created in the PMS with all that travels, empty values left out."""
    plan = bench.meet(bench.wave("W1", {**ADA, "currency.code": "GBP", "phone": None}))

    create = bench.only(plan, ActionKind.CREATE)
    assert (create.side, create.wave_id, create.pms_id) == (Side.PMS, "W1", None)
    assert bench.names(create) == ["name", "email", "currency.code", "address.postalCode"]


def test_pms_customers_are_not_created_in_wave_by_default(bench):
    """By default customers that only the PMS has stay there, and are told of."""
    plan = bench.meet(bench.pms("P1"))

    assert plan.empty
    assert bench.skipped(plan) == {"P1": "create_in does not allow a create in Wave"}


def test_pms_customers_are_created_in_wave_on_request(bench):
    """With `create_in` for Wave a PMS customer is created there, without what only travels the other way."""
    plan = bench.meet(bench.pms("P1", {"currency_code": "GBP"}), policy=BOTH)

    assert bench.writes(plan) == {("wave", "name"): "Customer P1"}


def test_nothing_is_created_if_nothing_may_be(bench):
    """With an empty `create_in` a customer without a counterpart is told of and left alone."""
    plan = bench.meet(bench.wave("W1"), policy=Policy(create_in=()))

    assert plan.empty
    assert list(bench.skipped(plan)) == ["W1"]


def test_archived_newcomers_are_not_created(bench):
    """An archived record gets no counterpart."""
    plan = bench.meet(bench.wave("W1", archived=True), bench.pms("P1", archived=True), policy=BOTH)

    assert plan.empty
    assert bench.skipped(plan) == {"W1": "archived", "P1": "archived"}


def test_unlinked_by_a_person_means_apart(bench):
    """Records that a person unlinked are neither matched nor created again."""
    plan = bench.meet(bench.wave("W1", ADA, apart=True), bench.pms("P1", ADA_THERE, apart=True), policy=BOTH)

    assert plan.empty
    assert set(bench.skipped(plan)) == {"W1", "P1"}


def test_records_out_of_scope_stand_outside(bench):
    """A newcomer out of scope is listed and left alone."""
    away = bench.wave("W1", presence=Presence.UNKNOWN, excluded=True, reason="out of scope")

    plan = bench.meet(away)

    assert plan.empty
    assert bench.skipped(plan) == {"W1": "out of scope"}


def test_no_create_into_a_side_that_was_not_completely_read(bench):
    """Nothing is created into a side that was not completely read; the record is read again."""
    plan = bench.meet(bench.wave("W1"), readable=frozenset({Side.WAVE}))

    assert plan.empty
    assert (Side.WAVE, "W1") in plan.notes.unfinished


def test_f32_record_without_a_name_is_not_created(bench):
    """A record that lacks what is required is quarantined; no filler is made up."""
    plan = bench.meet(bench.wave("W1", {"name": "  "}))

    assert bench.resting(plan) == {"W1": "invalid"}
    assert plan.empty


def test_f46_faulty_group_is_held_and_the_rest_created(bench):
    """A value that cannot be converted holds its group, and the record is created without it."""
    plan = bench.meet(bench.pms("P1", {"address.country_code": "Atlantis", **MAIL}), policy=BOTH)

    hold = bench.only(plan, ActionKind.HOLD)
    assert bench.kinds(plan) == ["create wave", "hold"]
    assert (hold.group, hold.hold) == ("address", HoldReason.CONVERSION)
    assert bench.writes(plan)["wave", "email"] == "info@example.com"
    assert not any(name.startswith("address.") for _, name in bench.writes(plan))


# --- quarantine ------------------------------------------------------------------------------------


def _refused(bench, newcomer, **facts):
    facts = {"digest": newcomer.seen.digest, "mapping": bench.lens.fingerprint, "since": bench.at(-999), **facts}
    return evolve(newcomer, quarantined=Quarantined(side=Side.WAVE, id="W1", reason=QuarantineReason.REFUSED, **facts))


def test_f101_refused_create_rests(bench):
    """A refused create rests while neither the record nor the mapping changes."""
    plan = bench.meet(_refused(bench, bench.wave("W1")))

    assert plan.empty
    assert bench.resting(plan) == {"W1": "refused"}


@pytest.mark.parametrize("facts", [{"digest": "of other values"}, {"mapping": "another"}, {"digest": ""}])
def test_f110_refused_create_is_tried_again(bench, facts):
    """A refused create is tried again once the record or the mapping changed, or when a person asks for it."""
    plan = bench.meet(_refused(bench, bench.wave("W1"), **facts))

    assert bench.kinds(plan) == ["create pms"]
    assert [q.id for q in plan.notes.freed] == ["W1"]


@pytest.mark.parametrize("reason", [QuarantineReason.AMBIGUOUS, QuarantineReason.TWIN, QuarantineReason.INVALID])
def test_question_that_answered_itself_is_asked_no_more(bench, reason):
    """A record that rested for a question of its own is created, unchanged, once nothing speaks against it."""
    alone = bench.wave("W1", MAIL)
    known = Quarantined(
        side=Side.WAVE, id="W1", reason=reason, digest=alone.seen.digest, mapping=bench.lens.fingerprint
    )

    assert bench.kinds(bench.meet(evolve(alone, quarantined=known))) == ["create pms"]


@pytest.mark.parametrize(
    ("policy", "resting"),
    [
        (Policy(create_in=()), {"W1", "P1"}),
        (Policy(create_in=("pms",)), {"W1"}),
        (Policy(create_in=("wave",)), {"P1"}),
        (Policy(create_in=("wave", "pms")), {"W1", "P1"}),
    ],
    ids=["nowhere", "pms", "wave", "both"],
)
def test_who_stands_for_a_question(bench, policy, resting):
    """Where records are created in one direction only, the one that would be copied stands for it; else both do."""
    wave = bench.wave("W1", {**ADA, "email": "one@example.com"})
    pms = bench.pms("P1", {**ADA_THERE, "email": "two@example.com"})

    assert set(bench.resting(bench.meet(wave, pms, policy=policy))) == resting


def test_question_about_records_of_which_some_are_out_of_scope(bench):
    """That the scope leaves a counterpart out is said only where it leaves out all that may be meant."""
    told = []
    for inside in (False, True):
        others = [bench.pms("P1", MAIL, excluded=True), bench.pms("P2", MAIL, excluded=not inside)]
        [entry] = [w for w in bench.meet(bench.wave("W1", MAIL), *others).waiting if w.id == "W1"]
        told.append("that the scope leaves out" in entry.detail)

    assert told == [True, False]


def test_record_out_of_scope_for_no_reason_is_told_as_such(bench):
    """Who is out of scope is told with the reason, or in these words."""
    plan = bench.meet(bench.wave("W1", excluded=True), bench.wave("W2", excluded=True, reason="a supplier"))

    assert bench.skipped(plan) == {"W1": "out of scope", "W2": "a supplier"}


@pytest.mark.parametrize("origin", Side)
def test_what_a_create_leaves_behind(bench, origin):
    """A create says what the origin showed in fields that stay, and each group that is held names the origin."""
    flat = {"currency_code": "EUR", "address.country_code": "Atlantis"}
    shown = {"address.country.code": "Atlantis"} if origin is Side.WAVE else flat
    newcomer = (bench.wave if origin is Side.WAVE else bench.pms)("1", {"name": "Ada", **shown})

    plan = bench.meet(newcomer, policy=Policy(create_in=("wave", "pms")))

    create, hold = bench.only(plan, ActionKind.CREATE), bench.only(plan, ActionKind.HOLD)
    stays = {} if origin is Side.WAVE else {bench.id("currency.code"): Baseline(wave=None, pms="EUR")}
    assert create.baselines == stays
    assert (hold.id_on(origin), hold.id_on(origin.other), hold.group) == ("1", None, "address")
    assert hold.rule == hold.detail
    assert hold.rule.startswith("address.country.code: ")
    assert {c.rule for c in create.fields} == {"created"}


def test_resting_record_can_still_be_matched(bench):
    """A counterpart that turned up ends a quarantine."""
    plan = bench.meet(_refused(bench, bench.wave("W1", ADA)), bench.pms("P1", ADA_THERE))

    assert list(_links(plan)) == [("W1", "P1")]


def test_quarantine_remembers_since_when(bench):
    """A record that rests for another reason by now does so since it was first put there."""
    plan = bench.meet(_refused(bench, bench.wave("W1", MAIL)), bench.pms("P1", MAIL), bench.pms("P2", MAIL))

    [rests] = plan.waiting
    assert (rests.reason, rests.since) == (QuarantineReason.AMBIGUOUS, bench.at(-999))


# --- the first meeting of what was joined ----------------------------------------------------------


def test_joined_records_meet_as_a_first_meeting(bench):
    """What both show alike is agreed on with the link, values fill empties, and two values are held."""
    plan = bench.meet(
        bench.wave("W1", {**ADA, "phone": "111", "mobile": "333"}), bench.pms("P1", {**ADA_THERE, "phone": "222"})
    )

    link = bench.only(plan, ActionKind.LINK)
    assert bench.id("email") in link.baselines
    assert bench.id("phone") not in link.baselines
    assert bench.only(plan, ActionKind.HOLD).group == "phone"
    assert bench.writes(plan) == {("pms", "mobile"): "333", ("pms", "id"): "W1"}


def test_question_names_the_strongest_key(bench):
    """A record that shares several keys with others is asked about by the strongest of them."""
    ada = {"name": "Ada", "email": "ada@example.com", "address.postalCode": "SW1Y 4JH"}
    there = {"name": "Ada", "email": "ada@example.com", "address.postal_code": "SW1Y 4JH"}

    plan = bench.meet(bench.wave("W1", ada), bench.pms("P1", there), bench.pms("P2", there))

    [entry] = [w for w in plan.waiting if w.id == "W1"]
    assert entry.detail.endswith("(by email)")
    assert entry.candidates == ("P1", "P2")
