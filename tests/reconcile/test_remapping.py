"""What a changed mapping means for what was remembered."""

from __future__ import annotations

import pytest
from attrs import evolve

from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.fields import Forgotten
from wave_pms_sync.model.links import Agreement, Baseline, ChangeStamp, Flip, HoldReason
from wave_pms_sync.model.memory import Tenant
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.remapping import forget, judged_by, marker_moved, outdated, overlaid, remapped, void


def _tenant(mapping):
    return Tenant(name="default", wave="w", pms="p", mapping=mapping)


def test_fields_mapped_otherwise_are_named(bench, make_bench):
    """A new field and one with another converter are named, and no other."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="fax", pms="fax", converter="text")
    registry.map("customer", wave="internalNotes", pms="notes")
    now = make_bench(registry)
    before = _tenant(judged_by(bench.lens, Policy()))

    assert remapped(before, now.lens) == {now.id("fax"), now.id("internalNotes")}
    assert remapped(before, bench.lens) == frozenset()


def test_the_marks_place_is_remembered(bench, make_bench):
    """What a run judges by tells where the Wave id is noted, or that it is noted nowhere."""
    registry = MappingRegistry.default()
    registry.unmap("id")

    assert judged_by(bench.lens, Policy())[MARKER] == "external_id"
    assert judged_by(make_bench(registry).lens, Policy())[MARKER] == ""


def test_what_is_required_is_remembered(bench, make_bench):
    """A run judges otherwise once another field is required, and by nothing else then."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="fax", pms="fax", required=True)
    before, now = judged_by(bench.lens, Policy()), judged_by(make_bench(registry).lens, Policy())

    assert [name for name in now if now[name] != before.get(name)] == ["required"]


@pytest.mark.parametrize("tenant", [None, _tenant({})])
def test_a_memory_that_knows_of_no_mapping_was_made_under_this_one(bench, tenant):
    """Before the first run nothing is taken for mapped otherwise."""
    assert remapped(tenant, bench.lens) == frozenset()


def test_a_hold_whose_converter_changed_is_outdated(bench):
    """A hold stands only if no field of its group is mapped otherwise by now."""
    hold = bench.hold(HoldReason.DISPUTE, "phone", "1", "2")
    pair = bench.pair()

    assert not outdated(hold, pair, bench.lens)
    assert not outdated(hold, evolve(pair, remapped=frozenset({bench.id("fax")})), bench.lens)
    assert outdated(hold, evolve(pair, remapped=frozenset({bench.id("phone")})), bench.lens)


def test_a_hold_of_a_group_that_lost_a_member_is_outdated(bench, make_bench):
    """A hold that names a field which its group does not have any more does not stand."""
    registry = MappingRegistry.default()
    registry.unmap("address.addressLine2")
    hold = bench.hold(HoldReason.DISPUTE, "address.addressLine2", "1", "2")

    assert outdated(hold, bench.pair(), make_bench(registry).lens)


def test_the_marks_place_moved(bench, make_bench):
    """The mark moved if the last run noted it elsewhere; a first run, and a mapping without a mark, move nothing."""
    registry = MappingRegistry.default()
    registry.unmap("id")
    unmarked = make_bench(registry).lens

    assert marker_moved(_tenant({MARKER: "foreign_id"}), bench.lens)
    assert not marker_moved(_tenant({MARKER: "external_id"}), bench.lens)
    assert not marker_moved(_tenant({}), bench.lens)
    assert not marker_moved(None, bench.lens)
    assert not marker_moved(_tenant({MARKER: "foreign_id"}), unmarked)


FORGOTTEN = Forgotten(salt="s", digest="d")


@pytest.mark.parametrize(
    ("wave", "pms", "lost"),
    [
        ("GB", "GB", False),
        ("GB", "DE", True),
        ("Atlantis", "GB", True),
        ("GB", "Atlantis", True),
        (FORGOTTEN, "GB", True),
        ("GB", FORGOTTEN, True),
        (FORGOTTEN, FORGOTTEN, True),
    ],
)
def test_what_was_agreed_on_is_void_once_it_no_longer_corresponds(bench, wave, pms, lost):
    """A field mapped otherwise keeps its baselines if they correspond still; what is forgotten cannot be judged."""
    name = bench.id("address.country.code")
    pair = bench.pair(agreement=bench.agreement(baselines={name: Baseline(wave=wave, pms=pms)}))

    assert void(evolve(pair, remapped=frozenset({name})), bench.lens) == ({name} if lost else frozenset())
    assert void(pair, bench.lens) == frozenset()


def test_what_the_present_run_judges_otherwise_is_known_no_more(bench):
    """Of what the last complete run judged by, that stays known which the present run judges alike or not at all."""
    before, now = {"a": "1", "b": "2", "dropped": "3"}, {"a": "1", "b": "changed", "new": "4"}

    assert overlaid(before, now) == {"a": "1", "b": "", "dropped": "3"}


def test_a_new_field_has_nothing_to_be_void(bench):
    """A field that was never agreed on is new, not void."""
    pair = bench.pair(agreement=bench.agreement(baselines={}))

    assert void(evolve(pair, remapped=frozenset({bench.id("fax")})), bench.lens) == frozenset()


def test_what_is_forgotten_cannot_be_judged_in_any_field(bench):
    """Of whatever kind a field is, what is forgotten on both sides is agreed on no more once it is mapped otherwise."""
    names = frozenset(bench.lens.fields)
    forgotten = Baseline(wave=FORGOTTEN, pms=FORGOTTEN)
    pair = bench.pair(agreement=bench.agreement(baselines=dict.fromkeys(names, forgotten)))

    assert void(evolve(pair, remapped=names), bench.lens) == names


def test_what_is_forgotten_cannot_be_judged_by_any_converter(make_bench):
    """A converter that takes anything is not asked about what is forgotten."""
    anything = Converter(name="anything", version="1", read=lambda _: "x", write=lambda ours: ours, key=lambda _: "x")
    registry = MappingRegistry.default()
    registry.map("customer", wave="fax", pms="fax", converter=anything)
    bench = make_bench(registry)
    fax = bench.id("fax")
    pair = bench.pair(agreement=bench.agreement(baselines={fax: Baseline(wave="1", pms=FORGOTTEN)}))

    assert void(evolve(pair, remapped=frozenset({fax})), bench.lens) == {fax}


@pytest.mark.parametrize("where", ["baselines", "previous"])
def test_each_field_that_is_not_mapped_any_more_is_forgotten(bench, where):
    """A field that the mapping dropped is forgotten wherever it is noted, be it there alone."""
    agreement = bench.agreement()
    more = evolve(agreement, **{where: {**getattr(agreement, where), "gone=gone": Baseline(wave="1", pms="1")}})

    assert forget(more, bench.lens, ()) == agreement


@pytest.mark.parametrize("where", ["wave_changes", "pms_changes", "flips", "not_kept", "unkept_by"])
def test_each_group_that_is_not_mapped_any_more_is_forgotten(bench, where):
    """A group that the mapping dropped is forgotten wherever it is noted, be it there alone."""
    noted = {"flips": Flip(count=1, digest="d"), "unkept_by": Side.PMS}.get(where, ChangeStamp(digest="d"))
    agreement = bench.agreement()
    more = evolve(agreement, **{where: ("dropped",) if where == "not_kept" else {"dropped": noted}})

    assert forget(more, bench.lens, ()) == agreement


def test_void_alone_is_forgotten(bench):
    """A baseline that is void is agreed on no more, also where the mapping dropped nothing."""
    phone = bench.id("phone")

    assert set(bench.agreement().baselines) - set(forget(bench.agreement(), bench.lens, {phone}).baselines) == {phone}


def test_agreement_of_which_nothing_is_forgotten_is_the_same(bench):
    """Nothing is made anew for a pair of which all is mapped still: most pairs are like that."""
    agreement = bench.agreement(unkept_by=dict.fromkeys(bench.lens.groups, Side.PMS))

    assert forget(agreement, bench.lens, ()) is agreement


def test_what_is_not_mapped_any_more_is_forgotten(bench):
    """Fields and groups that the mapping dropped leave no trace in an agreement; what is void is agreed on no more."""
    email, phone, stamp = bench.id("email"), bench.id("phone"), ChangeStamp(digest="d")
    baseline = Baseline(wave="a", pms="a")
    groups = ("email", "dropped")
    agreement = Agreement(
        wave_id="W1",
        baselines={email: baseline, phone: baseline, "dropped=dropped": baseline},
        previous={email: baseline, "dropped=dropped": baseline},
        wave_changes=dict.fromkeys(groups, stamp),
        pms_changes=dict.fromkeys(groups, stamp),
        flips=dict.fromkeys(groups, Flip(count=1, digest="d")),
        not_kept=groups,
        unkept_by=dict.fromkeys(groups, Side.PMS),
    )

    kept = forget(agreement, bench.lens, {phone})

    assert kept == Agreement(
        wave_id="W1",
        baselines={email: baseline},
        previous={email: baseline},
        wave_changes={"email": stamp},
        pms_changes={"email": stamp},
        flips={"email": Flip(count=1, digest="d")},
        not_kept=("email",),
        unkept_by={"email": Side.PMS},
    )
