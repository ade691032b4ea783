"""One pair on the table: what is compared with what, which groups need a ruling, and when a value was first seen."""

from __future__ import annotations

import pytest
from attrs import evolve

from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.digests import cell_digest
from wave_pms_sync.model.fields import MISSING, Forgotten
from wave_pms_sync.model.links import Baseline, ChangeStamp, HoldReason, Sight
from wave_pms_sync.model.memory import IntentState
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.groups import NEW_FIELD
from wave_pms_sync.reconcile.laying_out import doubt, lay_out
from wave_pms_sync.reconcile.view import recall
from wave_pms_sync.reconcile.world import Presence

CITY = "address.city"


@pytest.fixture
def laid_out(bench):
    """A pair on the table, a minute of lag allowed."""

    def lay(*shown, lens=None, **facts):
        return lay_out(bench.pair(*shown, **facts), lens or bench.lens, 60, bench.now)

    return lay


# --- what a side shows -----------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_field_that_was_not_shown_is_as_it_was(bench, laid_out, side):
    """What a side left out has the value that was agreed on; one that was never agreed on is not known."""
    city = CITY if side is Side.WAVE else "address.city"
    shown = {side: {city: MISSING, "fax": MISSING}, side.other: {}}
    agreed = bench.agreement()
    never = evolve(agreed, baselines={n: b for n, b in agreed.baselines.items() if n != bench.id("fax")})

    view = laid_out(shown[Side.WAVE], shown[Side.PMS], agreement=never)

    assert view.present(side, bench.id(CITY)).value == "London"
    assert view.present(side, bench.id("fax")).missing
    assert laid_out({}, {}).present(side, bench.id(CITY)).value == "London"


def test_side_that_was_not_read_shows_what_was_agreed_on(bench, laid_out):
    """A record that was not read stands as it was."""
    view = laid_out({"email": "new@example.com"}, Presence.AS_BEFORE)

    assert view.present(Side.PMS, bench.id("email")).value == "ada@example.com"
    assert view.present(Side.WAVE, bench.id("email")).value == "new@example.com"


def test_values_are_recognised_as_far_as_comparison_goes(laid_out):
    """Two spellings of a value are one; other values, and what cannot be read, are each another one."""
    shown = [
        *("ada@example.com", "ADA@example.com ", "grace@example.com", None),
        *("no address", "another that is none"),
    ]

    mail = [laid_out({}, {"email": text}).group_digest(Side.PMS, "email") for text in shown]

    assert mail[0] == mail[1]
    assert len(set(mail)) == len(shown) - 1
    country = [laid_out({}, {"address.country_code": text}).group_digest(Side.PMS, "address") for text in ("X", "Y")]
    assert len({*country, laid_out({}, {}).group_digest(Side.PMS, "address")}) == 3


@pytest.mark.parametrize(
    ("shown", "mark"),
    [("ada@example.com", "4650b503297db807d757051f8811e6e6"), ("no address", "cc430bf9725c3d8909dabdb81aefbded")],
)
def test_what_an_older_file_remembers_of_a_value_is_recognised(laid_out, shown, mark):
    """How a value is recognised stays as it is: change stamps and flips of older files go by it."""
    assert laid_out({}, {"email": shown}).group_digest(Side.PMS, "email") == mark


def test_pair_that_can_be_judged_raises_no_doubt(laid_out, bench):
    """Where nothing stands against judging a pair there are no words about it."""
    assert doubt(laid_out({}, {}), 60, bench.now) == ""


def test_remembered_value_is_recalled(bench):
    """A remembered value is read anew, unless the side shows the very text; of a forgotten one only that is known."""
    name = bench.id("email")
    shown, other = (bench.lens.cell(Side.PMS, name, text) for text in ("a@example.com", "b@example.com"))
    forgotten = Forgotten(salt="s", digest=cell_digest(shown, "s"))

    assert recall(bench.lens, Side.PMS, name, "a@example.com", shown) is shown
    assert recall(bench.lens, Side.PMS, name, "a@example.com", other) == shown
    assert recall(bench.lens, Side.PMS, name, "a@example.com", None) == shown
    assert recall(bench.lens, Side.PMS, name, forgotten, shown) is shown
    unlike = recall(bench.lens, Side.PMS, name, forgotten, other)
    assert (unlike.missing, unlike.same(other), unlike.empty) == (True, False, False)
    for unseen in (None, bench.lens.cell(Side.PMS, name, MISSING)):
        unknown = recall(bench.lens, Side.PMS, name, forgotten, unseen)
        assert (unknown.missing, unknown.empty) == (True, True)


# --- which groups need a ruling --------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("before", "now", "awake"),
    [
        ("1", "1", False),
        (None, None, False),
        ("1", "2", True),
        ("1", None, True),
        (None, "1", True),
        ("1", MISSING, True),
        ("1", " 1", True),
    ],
)
def test_group_that_is_exactly_as_agreed_needs_no_ruling(bench, laid_out, side, before, now, awake):
    """A group is looked at unless both sides show the very text, or the very nothing, that they agreed on."""
    agreed = bench.agreement()
    met = Baseline(**{side.value: before, side.other.value: None})
    agreed = evolve(agreed, baselines={**agreed.baselines, bench.id("fax"): met})
    shown = {side: {"fax": now}, side.other: {"fax": None}}

    view = laid_out(shown[Side.WAVE], shown[Side.PMS], agreement=agreed)

    assert view.awake() == (["fax"] if awake else [])


@pytest.mark.parametrize("side", Side)
def test_side_that_was_not_read_wakes_nothing(laid_out, side):
    """A record that was not read is as it was."""
    shown = {side: Presence.AS_BEFORE, side.other: {}}

    assert laid_out(shown[Side.WAVE], shown[Side.PMS]).awake() == []


def test_group_of_which_more_is_known_needs_a_ruling(bench, laid_out):
    """A hold, and what was not kept, wake a group that is as agreed; so does one that was never agreed on."""
    agreed = bench.agreement()
    held = evolve(agreed, holds={"phone": bench.hold(HoldReason.DISPUTE, "phone", "1", "2")})
    never = evolve(agreed, baselines={n: b for n, b in agreed.baselines.items() if n != bench.id("fax")})

    assert laid_out({}, {}).awake() == []
    assert laid_out({}, {}, agreement=held).awake() == ["phone"]
    assert laid_out({}, {}, agreement=evolve(agreed, not_kept=("email",))).awake() == ["email"]
    assert laid_out({}, {}, agreement=never).awake() == ["fax"]


@pytest.mark.parametrize(
    "found",
    [
        {"not_kept": {"fax": Side.PMS}},
        {"undone": {"fax": "an undo"}},
        {"waiting": {"fax"}},
        {"void": {"fax=fax"}},
        {"settled": {"fax=fax": Baseline(wave="1", pms="1")}},
    ],
    ids=lambda found: next(iter(found)),
)
def test_what_became_of_our_own_writes_needs_a_ruling(laid_out, found):
    """A group in which one of our own writes was found, or whose fields are mapped otherwise, is looked at."""
    assert evolve(laid_out({}, {}), **found).awake() == ["fax"]


# --- a group as it is judged -----------------------------------------------------------------------


def test_group_is_judged_by_what_was_agreed_on(bench, laid_out):
    """A group that was agreed on whole is laid beside what each side showed then."""
    look = laid_out({"email": "w@example.com"}, {"email": "p@example.com"}).look("email")
    name = bench.id("email")

    assert [cells[name].value for cells in (look.wave, look.pms)] == ["w@example.com", "p@example.com"]
    assert [cells[name].value for cells in (look.base_wave, look.base_pms)] == ["ada@example.com"] * 2
    assert (look.fresh, look.new_field, look.edited, look.unkept) == ((), False, frozenset(), None)
    assert [field.id for field in look.fields] == [name]


def _without(bench, *names):
    agreed = bench.agreement()
    lost = {bench.id(name) for name in names}
    return evolve(agreed, baselines={n: b for n, b in agreed.baselines.items() if n not in lost})


def test_group_that_is_new_in_part(bench, laid_out):
    """A group with a new field is new, has no baselines, and tells which side edited the rest."""
    look = laid_out({CITY: "Leeds"}, {}, agreement=_without(bench, "address.addressLine2")).look("address")

    assert (look.base_wave, look.base_pms) == (None, None)
    assert (look.fresh, look.new_field) == ((bench.id("address.addressLine2"),), True)
    assert look.edited == {Side.WAVE}
    both = laid_out({CITY: "Leeds"}, {CITY: "York"}, agreement=_without(bench, "address.addressLine2"))
    assert both.look("address").edited == {Side.WAVE, Side.PMS}


@pytest.mark.parametrize("side", Side)
def test_group_that_was_neither_read_nor_agreed_on_is_not_judged(bench, laid_out, side):
    """Nothing is said of a group of which one side shows nothing that anybody ever saw."""
    shown = {side: Presence.AS_BEFORE, side.other: {}}

    view = laid_out(shown[Side.WAVE], shown[Side.PMS], agreement=_without(bench, "fax"))

    assert view.look("fax") is None
    assert view.look("email") is not None


@pytest.mark.parametrize(
    ("detail", "remapped", "new"),
    [(None, (), True), (NEW_FIELD, (), True), ("first meeting", (), False), ("first meeting", ("fax",), True)],
    ids=["not held", "held as a new field", "held at a first meeting", "mapped otherwise since"],
)
def test_what_is_a_new_field(bench, laid_out, detail, remapped, new):
    """A field is new to a pair that agreed on others before, unless it is held since the two met."""
    agreed = _without(bench, "fax")
    if detail is not None:
        hold = bench.hold(HoldReason.FIRST_MEETING, "fax", "1", "2", detail=detail)
        agreed = evolve(agreed, holds={"fax": hold})
    pair = evolve(bench.pair({"fax": "1"}, {"fax": "2"}, agreement=agreed), remapped=frozenset(map(bench.id, remapped)))

    assert lay_out(pair, bench.lens, 60, bench.now).look("fax").new_field is new


def test_pair_that_meets_has_no_new_fields(bench):
    """Where nothing was ever agreed on, no field is newer than the others."""
    pair = bench.strangers({"name": "Ada"}, {"name": "Ada"})

    assert not lay_out(pair, bench.lens, 60, bench.now).look("name").new_field


@pytest.mark.parametrize(("rules", "careful"), [(("pms", "pms"), "pms"), (("pms", "wave"), "hold")])
def test_new_fields_that_travel_together_do_what_all_of_them_say(make_bench, rules, careful):
    """Several new fields of one group whose rules differ are held."""
    registry = MappingRegistry.default()
    for line, rule in zip(("addressLine1", "addressLine2"), rules, strict=True):
        registry.unmap(f"address.{line}")
        pms = f"address.line{line[-1]}"
        registry.map("customer", wave=f"address.{line}", pms=pms, backfill=rule)
    bench = make_bench(registry)
    agreed = _without(bench, "address.addressLine1", "address.addressLine2")

    look = lay_out(bench.pair({}, {}, agreement=agreed), bench.lens, 60, bench.now).look("address")

    assert look.backfill == careful


@pytest.mark.parametrize(("void", "unkept"), [({"fax=fax"}, Side.PMS), ({"email=email"}, None), (set(), None)])
def test_who_did_not_keep_it_counts_when_it_is_mapped_otherwise(bench, laid_out, void, unkept):
    """The side that did not keep a group is remembered for it only once the group is mapped otherwise."""
    agreed = bench.agreement(not_kept=("fax",), unkept_by={"fax": Side.PMS})

    assert evolve(laid_out({}, {}, agreement=agreed), void=void).look("fax").unkept is unkept


def test_field_that_is_mapped_otherwise_meets_anew(bench):
    """A field of which both sides no longer correspond as it is mapped now was never agreed on in this form."""
    agreed = bench.agreement()
    agreed = evolve(agreed, baselines={**agreed.baselines, bench.id("fax"): Baseline(wave="1", pms="2")})
    pair = bench.pair({"fax": "1"}, {"fax": "2"}, agreement=agreed)

    as_before, otherwise = (
        lay_out(evolve(pair, remapped=fields), bench.lens, 60, bench.now).look("fax")
        for fields in (frozenset(), frozenset({bench.id("fax")}))
    )

    assert (as_before.fresh, as_before.base_wave is None) == ((), False)
    assert (otherwise.fresh, otherwise.base_wave) == ((bench.id("fax"),), None)


# --- when a value was first seen -------------------------------------------------------------------


def _stamps(look):
    return {Side.WAVE: look.wave_stamp, Side.PMS: look.pms_stamp}


@pytest.mark.parametrize("side", Side)
def test_edit_bears_the_stamp_under_which_it_was_first_seen(bench, laid_out, side):
    """A new value has the stamp of the record that shows it; one that was seen before keeps its own."""
    shown = {side: {"fax": "1"}, side.other: {}}
    facts = {f"{side}_facts": {"stamp": bench.at(-60)}}
    view = laid_out(shown[Side.WAVE], shown[Side.PMS], **facts)
    mark = view.group_digest(side, "fax")
    seen = ChangeStamp(digest=mark, stamp=bench.at(-3000))

    def again(digest):
        known = evolve(seen, digest=digest)
        agreed = bench.agreement(**{f"{side}_changes": {"fax": known}})
        return _stamps(laid_out(shown[Side.WAVE], shown[Side.PMS], agreement=agreed, **facts).look("fax"))[side]

    assert _stamps(view.look("fax"))[side] == ChangeStamp(digest=mark, stamp=bench.at(-60))
    assert again(mark) == seen
    assert again("another value") == ChangeStamp(digest=mark, stamp=bench.at(-60))


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("known", ["written_stamp", "stamp"])
def test_stamp_of_our_own_write_or_of_another_value_proves_nothing(bench, laid_out, side, known):
    """A stamp that was seen with another value, or that our own write gave, is not the time of an edit."""
    sight = evolve(bench.link().sight(side), **{known: bench.at(-60)})
    shown = {side: {"fax": "1"}, side.other: {}}

    view = laid_out(shown[Side.WAVE], shown[Side.PMS], link=bench.link(**{side.value: sight}))

    assert _stamps(view.look("fax"))[side].stamp is None
    assert _stamps(view.look("fax"))[side].digest == view.group_digest(side, "fax")


def test_value_that_was_written_over_ours_has_no_time(bench, laid_out):
    """Where somebody wrote over our write, the stamp may be that of our write."""
    intent = bench.update_intent(Side.PMS, {"fax": ("0", "1")}, state=IntentState.CONFIRMED)

    view = laid_out({"fax": "1"}, {"fax": "2"}, intents=[intent])

    assert view.look("fax").pms_stamp.stamp is None
    assert view.look("fax").wave_stamp.stamp == bench.at(-60)


def test_first_meeting_has_the_records_own_stamps(bench):
    """Of a group that was never agreed on, the stamp of the record is all that is known, whoever gave it."""
    pair = bench.strangers({"fax": "1"}, {"fax": "2"}, wave_at=bench.at(-60), pms_at=bench.at(-50))
    link = evolve(pair.link, wave=Sight(stamp=bench.at(-60)), pms=Sight(written_stamp=bench.at(-50)))

    view = lay_out(evolve(pair, link=link), bench.lens, 60, bench.now)

    assert {side: stamp.stamp for side, stamp in _stamps(view.look("fax")).items()} == {
        Side.WAVE: bench.at(-60),
        Side.PMS: bench.at(-50),
    }
