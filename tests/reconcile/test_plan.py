"""The plan as data: recognised, shown, explained, saved, and refused when it was altered."""

from __future__ import annotations

import json
import pickle
from html.parser import HTMLParser

import pytest
from attrs import evolve

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Baseline, HoldReason
from wave_pms_sync.model.memory import SideState, Tenant
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.decide import ORDER, decide
from wave_pms_sync.reconcile.plan import Plan
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.present import COLUMNS, MOST_ROWS
from wave_pms_sync.reconcile.saved_plan import write
from wave_pms_sync.reconcile.waiting import Dispute
from wave_pms_sync.reconcile.world import Listing, Presence

EVIL = "<script>alert('Ada')</script>"
SECRET = "geheim@example.com"


@pytest.fixture
def rich(bench):
    """A plan with something of everything."""
    pairs = (
        bench.pair({"email": SECRET, "address.city": "Leeds"}, {"address.city": "York", "phone": MISSING}),
        bench.numbered(bench.pair(Presence.ABSENT, {}), 2),
        bench.numbered(bench.pair({"name": EVIL}, {}), 3),
    )
    newcomers = (
        bench.wave("W4", {"name": "Grace", "email": "g@example.com"}),
        bench.wave("W5", {"email": "m@example.com"}),
        bench.pms("P5", {"email": "m@example.com"}),
        bench.pms("P6"),
        bench.wave("W7", {"email": "t@example.com"}),
        bench.pms("P7", {"email": "t@example.com"}),
        bench.pms("P8", {"email": "t@example.com"}),
    )
    policy = Policy(conflicts="hold", deletions="archive")
    return bench.plan(bench.world(newcomers, pairs=pairs, link_count=3), policy)


# --- recognised ------------------------------------------------------------------------------------


def test_plan_is_a_pure_function(bench, rich):
    """The same world gives the same plan, however often it is decided."""
    world = bench.world([bench.wave("W1")], pairs=(bench.pair({"email": SECRET}),))

    assert bench.plan(world).actions == bench.plan(world).actions
    assert bench.plan(world).notes == bench.plan(world).notes


def test_digest_knows_no_times_and_no_runs(bench):
    """Planned later and by another run, the same actions have the same digest."""
    pair = bench.pair({"email": SECRET, "phone": "1"}, {"phone": "2"}, wave_facts={"stamp": bench.at(-1)})
    later = evolve(pair, wave=evolve(pair.wave, stamp=bench.at(-10)))
    newcomer = bench.wave("W4")

    plan = bench.plan(bench.world([newcomer], pairs=(pair,)))
    again = bench.plan(bench.world([newcomer], pairs=(later,), now=bench.at(999), run_id="run-2"))

    assert plan.run_id != again.run_id
    assert plan.digest == again.digest


def test_digest_covers_actions_and_configuration(bench):
    """Another value, another rule or another configuration make another plan."""
    plan = bench.plan(bench.world(pairs=(bench.pair({"email": SECRET}),)))
    [action] = plan.actions
    [change] = action.fields

    others = [
        evolve(plan, configuration="another"),
        evolve(plan, actions=()),
        evolve(plan, actions=(evolve(action, fields=(evolve(change, after="other"),)),)),
        evolve(plan, actions=(evolve(action, fields=(evolve(change, wave="other"),)),)),
        evolve(plan, actions=(evolve(action, rule="other"),)),
        evolve(plan, actions=(evolve(action, pms_id="P9"),)),
    ]

    assert len({plan.digest, *(other.digest for other in others)}) == 7


def test_every_kind_of_action_has_its_turn():
    """Each kind of action has a place in the order in which plans are applied."""
    assert set(ORDER) == set(ActionKind)


def test_updates_then_creates_then_retirements(rich):
    """Link changes come first, then updates, then creates, and retirements last."""
    remote = [action.kind for action in rich if action.kind.remote]

    assert remote == sorted(remote, key=ORDER.__getitem__)
    assert remote[-1] is ActionKind.ARCHIVE


def test_updates_come_before_creates_whatever_the_ids(bench):
    """Who is linked is served first, also where an id says otherwise."""
    plan = bench.plan(bench.world((bench.wave("W0"),), pairs=(bench.pair({"phone": "1"}),)))

    assert bench.kinds(plan) == ["update pms", "create pms"]


def test_hold_of_a_record_still_to_be_created_follows_its_create(bench):
    """A group that cannot travel is held once its record is there."""
    plan = bench.meet(bench.pms("P1", {"address.country_code": "Atlantis"}), policy=Policy(create_in=("wave",)))

    assert bench.kinds(plan) == ["create wave", "hold"]


def test_holds_follow_all_creates_and_come_before_retirements(bench):
    """All creates are made before the groups of their records that cannot travel are held; retirements come last."""
    odd = {"address.country_code": "Atlantis"}
    gone = bench.numbered(bench.pair({}, Presence.ABSENT), 7)
    policy = Policy(create_in=("wave",), deletions={"wave": "delete"})

    plan = bench.meet(bench.pms("P1", odd), bench.pms("P2", odd), pairs=(gone,), policy=policy)

    assert bench.kinds(plan) == ["create wave", "create wave", "hold", "hold", "delete wave"]


def test_label_is_the_name_that_is_shown(bench):
    """An action is told by the name that a side shows, or else by the one agreed on; without both it has no label."""
    shown = bench.numbered(bench.pair({"name": "New Name"}, {}), 1)
    gone = bench.numbered(bench.pair(Presence.ABSENT, Presence.ABSENT), 2)
    nameless = bench.numbered(bench.strangers({"email": "a@example.com"}, {}), 3)

    plan = bench.plan(bench.world(pairs=(shown, gone, nameless), link_count=3))

    assert {a.wave_id: a.label for a in plan} == {"W1": "New Name", "W2": "Ada Lovelace", "W3": ""}


def test_mapping_without_a_name_labels_nobody(bench, make_bench):
    """Without a name in the mapping nothing else is taken for one."""
    registry = MappingRegistry.default()
    registry.unmap("name")
    nameless = make_bench(registry, agreed_wave={n: v for n, v in bench.agreed_wave.items() if n != "name"})

    plan = nameless.plan(nameless.world(pairs=(nameless.pair({"email": "new@example.com"}),)))

    assert [a.label for a in plan] == [""]


def test_full_scan_is_remembered(bench):
    """After a complete scan both sides count as indexed, and the time of the scan is kept."""
    tenant = bench.plan(bench.world()).notes.tenant

    assert tenant.wave_state.indexed
    assert tenant.pms_state.full_scan_at == bench.now


# --- shown -----------------------------------------------------------------------------------------


def test_f107_repr_shows_no_values(rich):
    """The repr of a plan and of its parts carries ids and field names, and no values."""
    shown = repr(rich) + "".join(repr(a) + str(a) for a in rich) + repr(rich.waiting) + repr(rich.notes)

    for value in (SECRET, "Leeds", "York", "Grace", "script"):
        assert value not in shown


def test_text_tells_what_and_why(rich):
    """The text of a plan says what is done, to whom and by which rule, what waits, and what is skipped."""
    shown = str(rich)

    assert SECRET in shown
    assert "edited in Wave" in shown
    assert "Grace" in shown
    assert "Waiting for a person:" in shown
    assert "create_in does not allow a create in Wave" in shown


def test_f107_masked_text_shows_ids_instead_of_values(rich):
    """Masked, a plan is told by ids and field names alone."""
    for shown in (rich.to_text(mask=True), rich.to_html(mask=True), json.dumps(rich.to_rows(mask=True))):
        for value in (SECRET, "Leeds", "York", "Grace", "script>alert"):
            assert value not in shown
        assert "W1" in shown


def test_empty_plan_says_so(bench):
    """A plan with nothing to do is empty, and says so."""
    plan = bench.meet()

    assert (len(plan), plan.empty, list(plan)) == (0, True, [])
    assert str(plan) == "Plan: nothing to do"


def test_waiting_does_not_make_a_plan(bench):
    """Standing disputes and quarantine are no actions."""
    plan = bench.meet(bench.wave("W1", {"name": ""}))

    assert plan.empty
    assert str(plan).startswith("Plan: nothing to do, 1 waiting")


def test_rows_are_ready_for_a_data_frame(rich):
    """Each field of each action is one plain dict with the same columns."""
    rows = rich.to_rows()

    assert len({tuple(row) for row in rows}) == 1
    assert set(COLUMNS) == set(rows[0])
    [row] = [r for r in rows if r["wave_id"] == "W1" and r["field"] == "email"]
    assert (row["kind"], row["side"], row["name"]) == ("update", "pms", "Ada Lovelace")
    assert (row["before"], row["after"]) == ("ada@example.com", SECRET)


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_names_are_no_html(rich):
    """A customer's name is shown in a notebook, never run."""
    page = _Tags()
    page.feed(rich._repr_html_())

    assert "script" not in page.tags
    assert EVIL in page.texts


def test_notebook_table_is_capped(bench):
    """A notebook is not flooded: beyond some rows the table says how many more there are."""
    plan = bench.meet(*(bench.wave(f"W{n}") for n in range(MOST_ROWS + 7)))

    assert "and 7 more rows" in plan.to_html()


def test_explain_tells_the_story_of_one_record(rich):
    """`explain` says in words what happens to a record, by either id, whether it is done, held, resting or skipped."""
    assert "update in the PMS: edited in Wave (email)" in rich.explain("W1")
    assert "address" in rich.explain("P1")
    assert "archive in the PMS: gone from Wave: archive" in rich.explain("P2")
    assert "single out" in rich.explain("W7")
    assert "skipped: create_in" in rich.explain("P6")
    assert "nothing is planned" in rich.explain("W404")


def test_label_of_a_record_without_a_name(bench):
    """A record whose answer left the name out was called MISSING; it is called by what it was agreed to be."""
    plan = bench.plan(bench.world(pairs=(bench.pair({"name": MISSING, "email": SECRET}, {"name": MISSING}),)))

    assert plan.actions[0].label == "Ada Lovelace"


def test_requests_are_an_upper_bound(bench):
    """A plan says what applying it will cost, by side."""
    plan = bench.plan(bench.world(pairs=(bench.pair({"email": SECRET}),)))

    assert plan.requests["pms"] == 2
    assert plan.requests["wave"] == 1
    assert bench.meet().requests == {"wave": 0, "pms": 0}


# --- saved -----------------------------------------------------------------------------------------


def _travelled(plan):
    """The plan after a way through a file."""
    return Plan.from_dict(json.loads(json.dumps(plan.to_dict())))


def test_saved_plan_comes_back_the_same(rich):
    """A plan that was saved and read again has the same actions, digest and waiting list, and moves no watermark."""
    back = _travelled(rich)

    assert back.actions == rich.actions
    assert back.waiting == rich.waiting
    assert (back.skipped, back.held, back.tenant) == (rich.skipped, rich.held, rich.tenant)
    assert (back.digest, back.configuration, back.run_id) == (rich.digest, rich.configuration, rich.run_id)
    assert back.notes is None


@pytest.mark.parametrize(
    "raw", [MISSING, None, "", "0012", 0, 1.5, True, ("Ada", None), (MISSING, "x"), ["a"], {"a": 1}]
)
def test_saved_values_stay_what_they_are(raw):
    """Missing, null, tuples, lists and numbers are told apart after a way through JSON."""
    action = Action(kind=ActionKind.AGREE, wave_id="W1", pms_id="P1", baselines={"f": Baseline(wave=raw, pms=raw)})
    dispute = Dispute(wave_id="W1", pms_id="P1", group="g", reason=HoldReason.DISPUTE, wave={"f": raw}, pms={"f": raw})
    plan = Plan(actions=(action,), waiting=(dispute,))

    back = _travelled(plan)

    assert back.actions[0].baselines["f"].wave == raw
    assert type(back.actions[0].baselines["f"].wave) is type(raw)
    assert back.waiting == plan.waiting


def test_saved_values_of_several_parts(make_bench):
    """A value made of several parts is still one after a way through JSON, and so the digest is the same."""
    registry = MappingRegistry.default()
    registry.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")
    bench = make_bench(registry, agreed_pms={"full_name": "Ada Lovelace"})
    pair = bench.pair({"firstName": "Augusta"}, {}, agreement=bench.agreement())
    plan = bench.plan(bench.world(pairs=(pair,)), Policy(conflicts="wave"))

    assert plan.actions
    assert _travelled(plan).actions == plan.actions


def _altered(data, path, value):
    data = json.loads(json.dumps(data))
    part = data
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("actions", 0, "rule"), "other"),
        (("actions", 0, "pms_id"), "P9"),
        (("actions", -1, "retires"), False),
        (("actions", 0, "label"), "Somebody else"),
        (("actions",), []),
        (("held",), ["because"]),
        (("skipped",), []),
        (("configuration",), "other"),
        (("tenant", "wave"), "another account"),
    ],
    ids=str,
)
def test_altered_plan_is_refused(rich, path, value):
    """A saved plan that was altered in any part is refused."""
    data = rich.to_dict()

    with pytest.raises(ConfigurationError, match="altered"):
        Plan.from_dict(_altered(data, path, value))


@pytest.mark.parametrize(
    "data",
    [{}, {"format": 2}, {"format": 1}, {"format": 1, "actions": 5}, {"format": 1, "actions": [{"kind": "explode"}]}],
    ids=str,
)
def test_data_that_is_no_plan_is_refused(data):
    """Data that is not a saved plan is refused as such, with the path of what is wrong."""
    with pytest.raises(ConfigurationError, match="Plan: "):
        Plan.from_dict(data)


def test_unknown_parts_of_an_action_are_refused(rich):
    """An action with a property that nobody knows is refused, not half understood."""
    data = _altered(rich.to_dict(), ("actions", 0, "surprise"), 1)

    with pytest.raises(ConfigurationError):
        Plan.from_dict(data)


def test_plan_is_picklable(rich):
    """A plan can be sent to another process."""
    back = pickle.loads(pickle.dumps(rich))  # noqa: S301  # our own bytes

    assert back.digest == rich.digest
    assert back.actions == rich.actions


def test_saved_action_is_plain(rich):
    """What is saved of a plan is made of JSON values only."""
    for action in rich:
        assert json.loads(json.dumps(write(action))) == write(action)


# --- watermarks and what a look remembers ----------------------------------------------------------


def _noted(bench, listing, state=None, policy=None, **facts):
    tenant = Tenant(name="default", wave="w", pms="p", wave_state=state or SideState())
    listings = {Side.WAVE: listing, Side.PMS: Listing(asked=False)}
    plan = decide(bench.world(listings=listings, **facts), bench.lens, policy or Policy(), tenant, "c")
    return plan.notes.tenant.wave_state


def test_watermark_is_the_newest_stamp_but_never_after_the_scan_began(bench):
    """The watermark is the newest stamp listed, and at most the server's time when the scan began."""
    past = _noted(bench, Listing(complete=True, began_at=bench.now, newest=bench.at(-50)))
    ahead = _noted(bench, Listing(complete=True, began_at=bench.now, newest=bench.at(50)))

    assert past.watermark == bench.at(-50)
    assert ahead.watermark == bench.now


def test_incomplete_scan_moves_no_watermark(bench):
    """After an incomplete scan the watermark stays where it was."""
    state = SideState(watermark=bench.at(-900))

    assert _noted(bench, Listing(complete=False, newest=bench.at(-50)), state) == state
    assert _noted(bench, Listing(complete=False, asked=False), state) == state


def test_watermark_goes_back_only_by_a_full_scan(bench):
    """A newest stamp behind the watermark is believed only if everything was listed."""
    state = SideState(watermark=bench.at(-100))
    behind = {"complete": True, "began_at": bench.now, "newest": bench.at(-500)}

    assert _noted(bench, Listing(full=False, **behind), state).watermark == bench.at(-100)
    assert _noted(bench, Listing(full=True, **behind), state).watermark == bench.at(-500)


@pytest.mark.parametrize(("began", "confirmed"), [(300, False), (301, True)])
def test_overlap_is_asked_for_until_it_is_confirmed(bench, began, confirmed):
    """A watermark is confirmed by a listing that began more than the overlap after its stamp was first listed."""
    state = SideState(watermark=bench.at(-50), listed_at=bench.now)
    listing = Listing(full=False, complete=True, began_at=bench.at(began), newest=bench.at(-50))

    assert _noted(bench, listing, state).confirmed is confirmed


@pytest.mark.parametrize(("before", "now"), [(True, False), (False, True), (False, False)])
def test_side_that_is_proven_stays_proven(bench, before, now):
    """A side is proven once a listing showed what was created there, in this run or before; later ones need not."""
    listing = Listing(full=False, complete=True, began_at=bench.now)

    state = _noted(bench, listing, SideState(proven=before), proven=frozenset({Side.WAVE} if now else ()))

    assert state.proven is (before or now)


def test_quiet_pair_is_remembered_and_counted(bench):
    """A pair that needs nothing has its stamps remembered and is counted as unchanged."""
    plan = bench.plan(bench.world(pairs=(bench.pair(wave_facts={"stamp": bench.at(-5)}),), unchanged=3))

    link, _ = plan.notes.links["W1"]
    assert link.wave.stamp == bench.at(-5)
    assert plan.notes.unchanged == 4
    assert plan.empty


@pytest.mark.parametrize(
    ("wave", "pms"),
    [({"phone": "111"}, {}), ({"phone": "111"}, {"phone": "222"}), ({}, Presence.UNKNOWN)],
    ids=["written", "held", "waits"],
)
def test_pair_that_needs_something_is_not_counted_as_unchanged(bench, wave, pms):
    """A pair is unchanged if nothing is done to it, nothing of it is held, and it need not be read again."""
    plan = bench.plan(bench.world(pairs=(bench.pair(wave, pms),), link_count=1), Policy(conflicts="hold"))

    assert plan.notes.unchanged == 0


def test_new_mapping_counts_only_once_everything_was_seen(bench):
    """A changed mapping is remembered after a complete full scan of both sides, and not before."""
    before = Tenant(name="default", wave="w", pms="p", mapping={"old": "1"}, scope="all")
    today = evolve(before, mapping={"new": "2"}, scope="few")
    whole = dict.fromkeys(Side, Listing(complete=True, rows=1))
    partial = {**whole, Side.PMS: Listing(full=False, complete=True)}

    seen_all = decide(bench.world(tenant=before, listings=whole), bench.lens, Policy(), today, "c")
    seen_some = decide(bench.world(tenant=before, listings=partial), bench.lens, Policy(), today, "c")

    assert seen_all.notes.before == before
    assert (seen_all.notes.tenant.mapping, seen_all.notes.tenant.scope) == ({"new": "2"}, "few")
    assert (seen_some.notes.tenant.mapping, seen_some.notes.tenant.scope) == ({"old": "1"}, "all")


def test_pair_out_of_scope_is_not_read_again(bench):
    """A pair that waits is read again by the next run, unless one of the two is out of scope."""
    waits = bench.pair({}, Presence.UNKNOWN, pms_facts={"reason": "not listed"})
    facts = {"excluded": True, "reason": "out of scope"}
    out = bench.pair({}, Presence.UNKNOWN, pms_facts=facts), bench.pair(Presence.UNKNOWN, {}, wave_facts=facts)

    def unfinished(pair):
        return dict(bench.plan(bench.world(pairs=(pair,), link_count=1)).notes.unfinished)

    assert unfinished(waits) == {(Side.WAVE, "W1"): "not listed", (Side.PMS, "P1"): "not listed"}
    assert [unfinished(pair) for pair in out] == [{}, {}]
