"""What people from outside ran into: slips of the hand that went too far, and rules of their own that fail."""

from __future__ import annotations

import pytest

from wave_pms_sync import Plan, Policy, Scope, SyncError
from wave_pms_sync.errors import ConfigurationError


@pytest.mark.parametrize(
    "pair", [(1, 2), (None, None), ("", ""), ("w", 7), ("w", ""), ("w",), ("w", "p", "x"), 5, "wp"]
)
def test_a_link_with_what_is_no_id_is_refused_and_leaves_the_store_usable(stored_world, pair):
    """A link by a number, as a data frame gives it, was stored, and from then on no run came through."""
    world = stored_world
    world.pair()

    with pytest.raises(ConfigurationError, match="link"):
        world.sync.link_many([pair])

    assert world.run().ok


@pytest.mark.parametrize("pairs", ["wp", None, 5, [["wave"]]])
def test_what_holds_no_pairs_cannot_be_linked(world, pairs):
    """Something that is no list of pairs ended in an error of Python's own."""
    with pytest.raises(ConfigurationError, match="link"):
        world.sync.link_many(pairs)


@pytest.mark.parametrize(
    "only", [5, [5], [None], [("pms",)], [("pms", 0)], [""], [("pms", "")], [("x", "y")], "wave-id"]
)
def test_a_hint_that_names_no_record_is_refused(world, only):
    """A hint with a number for an id ended in an error of Python's own."""
    with pytest.raises(ConfigurationError, match="only"):
        world.sync.plan(only=only)


@pytest.mark.parametrize("deadline_s", ["10", -1, float("nan"), True])
def test_a_deadline_that_is_no_time_is_refused(world, deadline_s):
    """A deadline as text ended in an error of Python's own."""
    with pytest.raises(ConfigurationError, match="deadline_s"):
        world.sync.run(deadline_s=deadline_s)


@pytest.mark.parametrize("deadline_s", [float("inf"), 1e18, 10])
def test_a_deadline_may_be_far_away(world, deadline_s):
    """A deadline of infinity overflowed."""
    assert world.sync.run(deadline_s=deadline_s).ok


@pytest.mark.parametrize("plan", [None, {}, "plan"])
def test_what_is_no_plan_cannot_be_applied_or_loaded(world, plan):
    """A saved plan that was applied without loading it ended in an error of Python's own."""
    with pytest.raises(ConfigurationError, match="plan"):
        world.sync.apply(plan)
    with pytest.raises(ConfigurationError, match="plan"):
        Plan.from_dict(plan)


@pytest.mark.parametrize("record_id", [None, 0, 7])
def test_a_record_without_an_id_is_never_the_collection(world, record_id):
    """Deleting the customer `None` sent DELETE to the collection of all customers."""
    world.pms_box.add({"name": "Ada"})
    world.count()

    for call in (
        lambda: world.pms.delete_customer(record_id),
        lambda: world.pms.update_customer(record_id, {"name": "Bob"}),
        lambda: world.pms.customer(record_id),
    ):
        with pytest.raises(ConfigurationError, match="is no id"):
            call()

    assert world.requests == (0, 0)


def test_a_scope_that_fails_for_one_record_leaves_out_that_record_alone(make_world):
    """A scope that failed for one customer stopped the whole run; it is told of, and the others go on."""
    scope = Scope(id="numbered", wave=lambda record: int(record.payload["displayId"]) < 10)
    world = make_world(scope=scope)
    world.wave_box.add({"name": "Ada", "displayId": "7"})
    bad = world.wave_box.add({"name": "Bob", "displayId": "none"})

    plan = world.sync.plan()
    report = world.run()

    assert "ValueError" in plan.explain(bad)
    assert [customer["name"] for customer in world.pms_box.customers.values()] == ["Ada"]
    assert (report.status, report.reasons) == ("partial", ("1 record out of scope: its rule raised ValueError",))


def test_a_rule_that_fails_leaves_its_group_to_a_person(make_world):
    """A conflict rule that failed for one customer stopped the whole run with an error of its own kind."""

    def rule(values, baselines, stamps):
        raise KeyError(values.wave)

    world = make_world(policy=Policy(conflicts=rule))
    wave_id, pms_id = world.pair(phone="000", website="a.example")
    world.later()
    world.wave_box.edit(wave_id, {"phone": "111", "website": "b.example"})
    world.pms_box.edit(pms_id, {"phone": "222"})

    report = world.run()

    (dispute,) = world.sync.disputes()
    assert "KeyError" in dispute.detail
    assert "111" not in dispute.detail
    assert world.at_pms(wave_id)["website"] == "b.example"
    assert report.ok


@pytest.mark.parametrize(
    "facts", [{"id": ""}, {"id": 5}, {"id": "v1", "wave": 5}, {"id": "v1", "pms": "active"}], ids=str
)
def test_a_scope_that_cannot_work_is_told_at_once(facts):
    """A scope whose rule cannot be called was accepted, and told by the first run."""
    with pytest.raises(ConfigurationError, match="Scope"):
        Scope(**facts)


def test_what_is_no_scope_is_told_at_construction(world):
    """A function given as the scope was accepted, and failed in the first run."""
    with pytest.raises(SyncError, match="scope"):
        world.make_sync(scope=print)
