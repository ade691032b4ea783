"""A plan is a function of what is known: the same every time, on either side, in any order, and it changes nothing."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync import Guards, MappingRegistry, Policy, SQLiteLinkStore
from wave_pms_sync.model.links import Agreement, Baseline, Hold, Link
from wave_pms_sync.model.memory import Intent, Quarantined, Tenant
from wave_pms_sync.model.records import Abilities
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import ActionKind
from wave_pms_sync.reconcile.decide import decide
from wave_pms_sync.reconcile.world import Newcomer, Pair, Seen, World
from wave_pms_sync.testing.strategies import scripts, starts

TENANT = Tenant(name="default", wave="one account", pms="another")
FREE = Guards(max_retirements=None, max_retirements_pct=None, max_updates_pct=None)
POLICIES = (
    Policy(),
    Policy(create_in=("pms", "wave"), conflicts="wave", first_meeting="newest"),
    Policy(deletions={"pms": "archive", "wave": "delete"}, archives="mirror", guards=FREE),
    Policy(deletions="recreate"),
)


def _digest(world, town):
    return decide(world, town.lens, town.policy, TENANT, "").digest


def _half_way(town, start, script):
    """A town in which a run has met everybody, and other users have been at work since."""
    town.others.arrive(start)
    town.run()
    town.clock.advance(61)
    town.others.play(script)
    town.clock.advance(61)


# --- 6: pure -----------------------------------------------------------------------------------------


def test_same_world_gives_the_same_plan(open_town, some):
    """The same world, even after a way through a pickle, gives the same plan, and is not changed by being judged."""

    @some(20)
    @given(starts(), scripts(least=1), st.sampled_from(POLICIES))
    def law(start, script, policy):
        with open_town(policy=policy) as town:
            _half_way(town, start, script)
            world = town.world()
            elsewhere = pickle.loads(pickle.dumps(world))  # noqa: S301  # our own

            assert _digest(world, town) == _digest(world, town) == _digest(elsewhere, town)
            assert elsewhere == world

    law()


def test_equal_states_give_equal_plans(open_town, some):
    """Two synchronizers over equal memories plan the same, on the first day and later, now and a little later."""

    @some(15)
    @given(starts(), scripts(least=1), st.sampled_from(POLICIES))
    def law(start, script, policy):
        with open_town(policy=policy) as town:
            for step in (lambda: town.others.arrive(start), lambda: town.others.play(script)):
                step()
                twin = town.another_sync(copy.deepcopy(town.links))
                mine = town.sync.plan(full=True)
                town.clock.advance(2)

                assert twin.plan(full=True).digest == mine.digest
                town.run()

    law()


# --- 7: dry is dry -----------------------------------------------------------------------------------


def test_planning_changes_nothing(open_town, some, tmp_path_factory):
    """A plan leaves every byte of the store, every customer and every write counter as they were."""

    @some(12)
    @given(starts(), scripts(least=1), st.sampled_from(POLICIES), st.booleans())
    def law(start, script, policy, first_day):
        place = tmp_path_factory.mktemp("dry")
        with SQLiteLinkStore(place / "links.sqlite3") as links, open_town(links, policy=policy) as town:
            town.others.arrive(start)
            if not first_day:
                town.run()
                town.others.play(script)
            links.close()
            before = _everything(town, place)

            town.sync.plan()
            town.sync.plan(full=True)

            links.close()
            assert _everything(town, place) == before

    law()


def _everything(town, place):
    files = {path.name: path.read_bytes() for path in place.iterdir() if not path.name.endswith("-shm")}
    files = {name: content for name, content in files.items() if content}  # an empty log says nothing
    return files, dict(town.wave_box.customers), dict(town.pms_box.customers), town.ledger()[2:]


# --- 10: order of records and pages -------------------------------------------------------------------


def test_order_of_records_does_not_matter(open_town, some):
    """However the records of a world are shuffled, the plan is the same."""

    @some(20)
    @given(starts(6), scripts(8, least=3), st.sampled_from(POLICIES), st.randoms(use_true_random=False))
    def law(start, script, policy, chance):
        with open_town(policy=policy) as town:
            _half_way(town, start, script)
            world = town.world()
            pairs = list(world.pairs)
            chance.shuffle(pairs)

            shuffled = evolve(
                world,
                pairs=tuple(pairs),
                newcomers=_shuffled(world.newcomers, chance),
                holders=_shuffled(world.holders, chance),
                links=_shuffled(world.links, chance),
                intents=tuple(reversed(world.intents)),
            )

            assert _digest(shuffled, town) == _digest(world, town)

    law()


def _shuffled(found: Mapping, chance):
    keys = list(found)
    chance.shuffle(keys)
    return {key: found[key] for key in keys}


@pytest.mark.parametrize("ties", ["stable", "shuffled"])
def test_size_of_pages_does_not_matter(open_town, some, ties):
    """Listings by one, by two, by seven or all at once lead to the same plan."""

    @some(8)
    @given(starts(6), scripts(8, least=3), st.sampled_from(POLICIES))
    def law(start, script, policy):
        with open_town(policy=policy, wave_options={"ties": ties}) as town:
            _half_way(town, start, script)

            plans = [town.another_sync(town.links, size).plan(full=True) for size in (1, 2, 7, 100)]

            assert len({plan.digest for plan in plans if not plan.notes.incomplete}) == 1
            assert not plans[-1].notes.incomplete

    law()


# --- 9: fair ----------------------------------------------------------------------------------------

FAIR = (
    Policy(create_in=("pms", "wave"), conflicts="newest", first_meeting="newest"),
    Policy(create_in=("pms", "wave"), conflicts="hold"),
    Policy(create_in=(), conflicts="newest", deletions={"pms": "delete", "wave": "delete"}, guards=FREE),
    Policy(create_in=("pms", "wave"), deletions={"pms": "recreate", "wave": "recreate"}),
)
ALIKE = Abilities()


@pytest.fixture(scope="module")
def same_on_both_sides() -> MappingRegistry:
    """A mapping under which both sides call everything the same."""
    registry = MappingRegistry()
    for name in ("name", "email", "mobile", "fax"):
        registry.map("customer", wave=name, pms=name)
    for name in ("phone", "website"):
        registry.map("customer", wave=name, pms=name, group="reach")
    return registry


def test_fair(open_town, some, same_on_both_sides):
    """With a mapping and a policy that treat both sides alike, swapping the sides mirrors the plan."""

    @some(40)
    @given(starts(least=1), scripts(8, least=3), st.sampled_from(FAIR), st.booleans())
    def law(start, script, policy, full):
        policy = evolve(policy, match_on=("email", "name"))
        with open_town(policy=policy, mapping=same_on_both_sides) as town:
            _half_way(town, start, script)
            if full:
                town.clock.advance(policy.full_scan_every_s)
            world = evolve(town.world(), abilities=dict.fromkeys(Side, ALIKE))

            plan = decide(world, town.lens, policy, TENANT, "")
            mirrored = decide(_mirrored(world), town.lens, policy, TENANT, "")

            assert sorted(map(_told, plan)) == sorted(_told(action, swap=True) for action in mirrored)
            assert _resting(plan, swap=False) == _resting(mirrored, swap=True)
            assert len(plan.held) == len(mirrored.held)

    law()


def _told(action, swap=False):
    """An action in full but for words, as seen from the first side or from the other."""
    side = action.side.other if action.side and swap else action.side
    ids = (action.pms_id, action.wave_id) if swap else (action.wave_id, action.pms_id)
    fields = []
    for c in action.fields:
        shown, values = (c.wave, c.pms), (c.before, c.after)
        backwards = swap and action.kind is ActionKind.HOLD
        fields.append((c.id, c.group, shown[::-1] if swap else shown, values[::-1] if backwards else values))
    moved = {n: (b.pms, b.wave) if swap else (b.wave, b.pms) for n, b in sorted(action.baselines.items())}
    return repr((action.kind, side, ids, fields, action.group, action.hold, moved, action.retires))


def _resting(plan, *, swap):
    """Quarantine and skipped records, as seen from the first side or from the other."""

    def seen(side):
        return side.other if swap else side

    resting = [(seen(q.side), q.id, q.reason, q.candidates) for q in plan.waiting if isinstance(q, Quarantined)]
    return sorted(resting), sorted((seen(s.side), s.id) for s in plan.skipped)


def _mirrored(world: World) -> World:
    """The same world with the sides swapped."""
    return evolve(
        world,
        listings={side.other: listing for side, listing in world.listings.items()},
        readable=frozenset(side.other for side in world.readable),
        pairs=tuple(_pair(pair) for pair in world.pairs),
        newcomers={(side.other, i): _newcomer(n) for (side, i), n in world.newcomers.items()},
        holders={(side.other, key): ids for (side, key), ids in world.holders.items()},
        links={(side.other, i): _link(link) for (side, i), link in world.links.items()},
        known_count={side.other: count for side, count in world.known_count.items()},
        intents=tuple(_intent(i) for i in world.intents),
        standing=tuple((_link(link), _agreement(agreement, link)) for link, agreement in world.standing),
        resting=tuple(_quarantined(q) for q in world.resting),
    )


def _pair(pair: Pair) -> Pair:
    return evolve(
        pair,
        link=_link(pair.link),
        agreement=_agreement(pair.agreement, pair.link),
        wave=_seen(pair.pms),
        pms=_seen(pair.wave),
        intents=tuple(_intent(i) for i in pair.intents),
    )


def _link(link: Link) -> Link:
    return evolve(link, wave_id=link.pms_id, pms_id=link.wave_id, wave=link.pms, pms=link.wave)


def _agreement(agreement: Agreement, link: Link) -> Agreement:
    return evolve(
        agreement,
        wave_id=link.pms_id,
        baselines={n: Baseline(wave=b.pms, pms=b.wave) for n, b in agreement.baselines.items()},
        previous={n: Baseline(wave=b.pms, pms=b.wave) for n, b in agreement.previous.items()},
        holds={g: _hold(hold) for g, hold in agreement.holds.items()},
        wave_changes=agreement.pms_changes,
        pms_changes=agreement.wave_changes,
    )


def _hold(hold: Hold) -> Hold:
    return evolve(hold, wave=hold.pms, pms=hold.wave)


def _seen(seen: Seen) -> Seen:
    return evolve(seen, side=seen.side.other)


def _intent(intent: Intent) -> Intent:
    return evolve(intent, side=intent.side.other)


def _newcomer(newcomer: Newcomer) -> Newcomer:
    resting = newcomer.quarantined
    return evolve(newcomer, seen=_seen(newcomer.seen), quarantined=None if resting is None else _quarantined(resting))


def _quarantined(entry: Quarantined) -> Quarantined:
    return evolve(entry, side=entry.side.other)
