"""The guards: what a plan may do without a person releasing it."""

from __future__ import annotations

import pytest
from attrs import evolve

from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.groups import FILL_EMPTY
from wave_pms_sync.reconcile.guards import breaches
from wave_pms_sync.reconcile.policy import Guards, Policy
from wave_pms_sync.reconcile.world import Listing, Presence

FREE = Guards(max_retirements=None, max_retirements_pct=None, max_updates_pct=None)


def _update(n=1, side=Side.PMS, **facts):
    facts = {"id": "email=email", "name": "email", "group": "email", "before": "a", "after": "b", "rule": "x", **facts}
    return Action(
        kind=ActionKind.UPDATE, side=side, wave_id=f"W{n}", pms_id=f"P{n}", fields=(FieldChange(**facts),), revision=1
    )


def _some(count, kind, side=Side.PMS):
    return [Action(kind=kind, side=side, wave_id=f"W{n}", pms_id=f"P{n}", revision=1) for n in range(count)]


@pytest.fixture
def judged(bench):
    """The reasons for which a plan of these actions is held."""

    def judge(actions, guards=None, *, linked=1000, **facts):
        return breaches(actions, bench.world(link_count=linked, **facts), guards or Guards())

    return judge


# --- retirements -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ActionKind.ARCHIVE, ActionKind.DELETE])
@pytest.mark.parametrize("side", Side)
def test_too_many_retirements(judged, kind, side):
    """More retirements in one side than `max_retirements` hold the plan."""
    assert judged(_some(10, kind, side)) == ()
    assert judged(_some(11, kind, side)) == (f"11 retirements in {side.words} (max_retirements is 10)",)


def test_too_large_a_part_retired(judged):
    """More than `max_retirements_pct` of the linked pairs hold the plan, but never five or fewer."""
    assert judged(_some(5, ActionKind.DELETE), linked=10) == ()
    assert judged(_some(6, ActionKind.DELETE), linked=120) == ()
    assert "of 119 linked pairs" in judged(_some(6, ActionKind.DELETE), linked=119)[0]


def test_sides_are_counted_apart(judged):
    """Ten retirements in each side are not twenty in one."""
    assert judged([*_some(10, ActionKind.DELETE, Side.WAVE), *_some(10, ActionKind.ARCHIVE)]) == ()


def test_f96_local_changes_are_not_retirements(judged):
    """Tombstones, links and other changes of memory are no remote effects, however many."""
    local = [evolve(a, side=None) for a in _some(500, ActionKind.TOMBSTONE)]

    assert judged(local, linked=500) == ()


def test_suspicion_is_told_from_five_on(judged):
    """More than five links, and `max_retirements_pct` of all, that look like other customers hold the plan."""
    suspended = [evolve(a, side=None) for a in _some(6, ActionKind.SUSPEND)]

    assert judged(suspended[:5], linked=10) == ()
    assert judged(suspended, linked=120) == ()
    assert judged(suspended, linked=119)[0].startswith("6 of 119 linked pairs look like other customers")
    assert judged(suspended, FREE, linked=119) == ()


# --- updates ---------------------------------------------------------------------------------------


def test_too_large_a_part_updated(judged):
    """More than `max_updates_pct` of the linked pairs hold the plan, but never twenty or fewer."""
    assert judged([_update(n) for n in range(20)], linked=20) == ()
    assert judged([_update(n) for n in range(21)], linked=42) == ()
    assert "21 updates in the PMS of 41 linked pairs" in judged([_update(n) for n in range(21)], linked=41)[0]


@pytest.mark.parametrize("more", [{"id": MARKER, "name": "id", "group": MARKER}, {"rule": FILL_EMPTY}])
def test_update_that_changes_one_value_counts(judged, more):
    """An update that changes a value counts, whatever else it marks or fills; one that does no more does not."""
    mixed = [evolve(_update(n), fields=(*_update(n).fields, *_update(n, **more).fields)) for n in range(21)]
    fills = [_update(n, **more) for n in range(21)]

    assert len(judged(mixed, Guards(max_updates_pct=20), linked=100)) == 1
    assert judged(fills, Guards(max_updates_pct=20), linked=100) == ()


def test_first_day_is_not_held(judged):
    """Marks of origin and empties filled at first meeting change nothing that was there, and do not count."""
    fills = [_update(n, rule=FILL_EMPTY) for n in range(30)]
    marks = [_update(n, id=MARKER) for n in range(30)]

    assert judged([*fills, *marks], linked=0) == ()


def test_fills_of_a_first_meeting_do_not_count(bench):
    """Thirty matched pairs whose empties are filled and which are marked make a plan that nobody must release."""
    met = [bench.wave(f"W{n}", {"email": f"{n}@example.com", "phone": "1"}) for n in range(30)]
    met += [bench.pms(f"P{n}", {"name": f"Customer W{n}", "email": f"{n}@example.com"}) for n in range(30)]

    plan = bench.meet(*met)

    assert sum(a.kind is ActionKind.UPDATE for a in plan) == 30
    assert plan.held == ()


def test_pairs_linked_by_the_plan_count_as_linked(judged):
    """The share is taken of all linked pairs, those that this plan links included."""
    links = [Action(kind=ActionKind.LINK, wave_id=f"V{n}", pms_id=f"Q{n}") for n in range(22)]

    assert judged([*links, *(_update(n) for n in range(21))], linked=20) == ()


# --- creates ---------------------------------------------------------------------------------------


def test_creates_are_free_by_default(judged):
    """There is no bound on creates unless one is set; then it is absolute, and counts what is made again."""
    creates = [*_some(30, ActionKind.CREATE), *_some(30, ActionKind.RECREATE)]

    assert judged(creates, linked=0) == ()
    assert judged(creates, Guards(max_creates=60)) == ()
    assert judged(creates, Guards(max_creates=59)) == ("60 creates in the PMS (max_creates is 59)",)


def test_only_creates_count_as_creates(judged):
    """Updates and retirements in a side, and creates in the other one, do not count against `max_creates`."""
    others = [_update(), *_some(3, ActionKind.DELETE), *_some(3, ActionKind.CREATE, Side.WAVE)]

    assert judged([*_some(3, ActionKind.CREATE), *others], Guards(max_creates=3)) == ()


def test_creates_where_none_of_ours_is_shown(judged):
    """Creates in a side that lists none of what was created there before hold the plan; nothing else there does."""
    unshown = {Side.PMS: 4}

    held = judged(_some(1, ActionKind.CREATE), unshown=unshown)

    assert len(held) == 1
    assert held[0].startswith("the PMS lists none of 4 created there before")
    assert judged([_update(), *_some(1, ActionKind.CREATE, Side.WAVE)], unshown=unshown) == ()
    assert judged([], unshown=unshown) == ()


def _crowd(bench, doubled, fresh):
    """Creates of which so many bear the name of a PMS record that nobody is linked with."""
    waves = [bench.wave(f"W{n}", {"name": f"Name {n}"}) for n in range(doubled + fresh)]
    return [*waves, *(bench.pms(f"P{n}", {"name": f"NAME  {n}"}) for n in range(doubled))]


@pytest.mark.parametrize(("doubled", "fresh", "held"), [(5, 16, True), (4, 17, False), (20, 0, False), (21, 0, True)])
def test_f47_first_day_that_doubles_everything_is_held(bench, doubled, fresh, held):
    """More than 20 creates, of which more than a fifth bear the name of an unlinked record there, hold the plan."""
    plan = bench.meet(*_crowd(bench, doubled, fresh))

    assert sum(a.kind is ActionKind.CREATE for a in plan) == doubled + fresh
    assert bool(plan.held) is held


@pytest.mark.parametrize(("linked", "held"), [(0, True), (1, False)])
def test_customers_without_names_hold_the_first_day_alone(bench, linked, held):
    """Once somebody is linked, new customers without a name are no sign of wrong field names."""
    nameless = [bench.pms(f"P{n}", {"name": None, "email": f"{n}@example.com"}) for n in range(2)]
    world = bench.world(nameless, link_count=linked)

    assert bool(breaches(_some(1, ActionKind.UPDATE), world, FREE)) is held


@pytest.mark.parametrize(("count", "held"), [(20, False), (21, True)])
def test_few_odd_fields_stop_nothing(bench, count, held):
    """A field that looks changed in up to twenty links stops nothing, however few links there are."""
    odd = [("email", "looks changed")] * count

    assert bool(breaches([], bench.world(link_count=50), FREE, odd)) is held


@pytest.mark.parametrize("kind", [ActionKind.UPDATE, ActionKind.RECREATE])
def test_only_creates_are_weighed_against_doubles(bench, kind):
    """Whatever else is written to a side makes doubles of its creates neither fewer nor more."""
    world = bench.world(_crowd(bench, 5, 16), link_count=9999)
    creates = [Action(kind=ActionKind.CREATE, side=Side.PMS, wave_id=f"W{n}") for n in range(21)]

    assert breaches(creates[:20], world, FREE) == ()
    assert len(breaches(creates, world, FREE)) == 1
    assert len(breaches([*creates, *_some(90, kind)], world, FREE)) == 1
    assert breaches([*creates[:20], *_some(90, kind)], world, FREE) == ()


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("listing", "held"),
    [
        ({"rows": 2, "deleted": 2}, True),
        ({"rows": 1, "deleted": 1}, False),
        ({"rows": 3, "deleted": 2}, False),
        ({"rows": 2, "deleted": 2, "full": False}, False),
    ],
    ids=["all", "one alone", "one lives", "some were asked for"],
)
def test_side_of_which_everybody_is_deleted_is_not_written(judged, side, listing, held):
    """Where everybody reads as deleted nothing is written; what is written to the other side goes on."""
    whole = Listing(full=True, complete=True, rows=9)
    listings = {side: Listing(**{"full": True, "complete": True, **listing}), side.other: whole}
    said = (f"{side.words} lists 2 customers, and all of them as deleted (wrong `deleted`?)",)

    assert judged([_update(side=side)], listings=listings) == (said if held else ())
    assert judged([_update(side=side.other)], listings=listings) == ()


@pytest.mark.parametrize(
    ("unread", "fine", "linked", "held"),
    [(2, 0, 0, True), (1, 0, 0, False), (2, 8, 0, False), (2, 7, 0, True), (2, 0, 1, False)],
    ids=["two", "one", "a fifth", "more than a fifth", "not the first day"],
)
@pytest.mark.parametrize("kind", [ActionKind.CREATE, ActionKind.UPDATE])
def test_keys_that_cannot_be_read_hold_the_first_day(bench, judged, unread, fine, linked, held, kind):
    """Where the keys of more than a fifth cannot be read, nobody is created beside them while nobody is linked."""
    known = [bench.pms(f"P{n}", unread=("email",) if n < unread else ()) for n in range(unread + fine)]
    known += [bench.wave("W1", unread=("email",)), bench.pms("P90", presence=Presence.UNKNOWN, unread=("email",))]
    facts = {"newcomers": known, "linked": linked}
    told = (f"email cannot be read of {unread} customers in the PMS (wrong property or converter?)",)

    assert judged(_some(1, kind), **facts) == (told if held and kind is ActionKind.CREATE else ())
    assert judged(_some(1, kind, Side.WAVE), **facts) == ()


def test_records_that_the_plan_links_are_read_well_enough(bench, judged):
    """Records that another key links do not count among those that nobody recognises."""
    known = [bench.pms(f"P{n}", unread=("email",)) for n in range(2)]
    facts = {"newcomers": known, "linked": 0}

    assert judged([*_some(1, ActionKind.LINK, None), *_some(1, ActionKind.CREATE)], **facts) == ()


def test_names_of_linked_records_are_no_doubles(bench):
    """A name that a linked record bears, before or by this plan, says nothing."""
    joined = [bench.wave("V1", {"name": "Meyer", "email": "m@x"}), bench.pms("Q1", {"name": "Meyer", "email": "m@x"})]
    linked = (bench.wave("V2", {"name": "Meyer"}), bench.pms("Q2", {"name": "Meyer"}))

    plan = bench.meet(*(bench.wave(f"W{n}", {"name": "Meyer"}) for n in range(30)), *joined, linked=[linked])

    assert sum(a.kind is ActionKind.CREATE for a in plan) == 30
    assert plan.held == ()


# --- suspicious looks ------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_f15_emptied_side_holds(bench, side):
    """A side that lists nobody, though records are known there, holds the plan and is named."""
    nobody = {side: Listing(complete=True), side.other: Listing(complete=True, rows=5)}

    plan = bench.meet(listings=nobody, known_count={side: 5})

    assert len(plan.held) == 1
    assert plan.held[0].startswith(f"{side.words} lists no customers")


@pytest.mark.parametrize(("listing", "known"), [({}, 0), ({"full": False}, 5), ({"asked": False}, 5), ({"rows": 1}, 5)])
def test_emptiness_that_says_nothing(bench, listing, known):
    """A side that was always empty, was not asked for everything or was not asked at all holds nothing."""
    empty = {side: Listing(**{"complete": True, **listing}) for side in Side}

    plan = bench.meet(listings=empty, known_count=dict.fromkeys(Side, known))

    assert plan.held == ()


def _edited(bench, count, side):
    pair = bench.pair({"phone": "1"}, {}) if side is Side.WAVE else bench.pair({}, {"phone": "1"})
    return tuple(bench.numbered(pair, n) for n in range(count))


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(("edits", "linked", "held"), [(20, 50, False), (21, 105, False), (21, 104, True)])
def test_brake_on_one_field_that_changed_everywhere(bench, side, edits, linked, held):
    """One field that looks edited on one side in more than 20 links and a fifth of all holds the plan."""
    policy = Policy(guards=FREE)

    plan = bench.plan(bench.world(pairs=_edited(bench, edits, side), link_count=linked), policy)

    assert bool(plan.held) is held
    assert not held or plan.held[0].startswith(f"phone looks edited in {side.words}")


def test_brake_counts_what_differs(bench):
    """Fields that merely travel along with their group do not look edited."""
    pair = bench.pair({"address.city": "Leeds"})
    pairs = tuple(bench.numbered(pair, n) for n in range(30))

    plan = bench.plan(bench.world(pairs=pairs, link_count=30), Policy(guards=FREE))

    assert len(plan.held) == 1
    assert plan.held[0].startswith("address.city ")


# --- held and released -----------------------------------------------------------------------------


def test_guards_can_be_switched_off(judged):
    """None switches a bound off."""
    actions = [*_some(500, ActionKind.DELETE), *(_update(n) for n in range(500))]

    assert judged(actions, FREE, linked=500) == ()


def test_every_breach_is_told(judged):
    """A plan that breaks several bounds says all of them."""
    actions = [*_some(40, ActionKind.DELETE), *(_update(n, side=Side.WAVE) for n in range(40))]

    assert len(judged(actions, linked=50)) == 3


def test_being_held_is_no_part_of_what_a_plan_does(bench):
    """The digest that releases a plan is that of its actions, held or not."""
    pairs = tuple(bench.numbered(bench.pair(Presence.ABSENT, {}), n) for n in range(11))
    world = bench.world(pairs=pairs, link_count=1000)

    held = bench.plan(world, Policy(deletions="delete"))
    free = bench.plan(world, Policy(deletions="delete", guards=FREE))

    assert held.held
    assert not free.held
    assert held.digest == free.digest
