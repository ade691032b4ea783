"""Judging the answer to a write: what was kept, what became of the rest, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

import pytest
from attrs import define, evolve

from wave_pms_sync.apply.judge import After, Kept, judge, remember
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Agreement, Baseline, ChangeStamp, Choice, Hold, HoldReason, Link, Sight
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, FieldChange
from wave_pms_sync.reconcile.rulings import values_digest

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
SHOWN = {"name": "Ada", "email": "ada@example.com", "phone": "111", "external_id": "W1"}
EMAIL, PHONE = "email=email", "phone=phone"


@define
class Bench:
    """An update of a PMS record, and its answer."""

    lens: Lens

    def record(self, changes: Mapping[str, object] | None = None, **facts: object) -> Record:
        """The PMS record with these properties."""
        payload = {k: v for k, v in {**SHOWN, **(changes or {})}.items() if v is not MISSING}
        return Record(**{"side": Side.PMS, "id": "P1", "payload": payload, "modified_at": NOW, **facts})

    def change(self, name: str, after: object, **facts: object) -> FieldChange:
        """A change of a single field from what the PMS shows; Wave shows the new value."""
        rules = next(f for f in self.lens.fields.values() if f.name == name)
        facts = {"wave": after, "pms": SHOWN.get(rules.id.partition("=")[2]), **facts}
        return FieldChange(id=rules.id, name=name, group=rules.group, after=after, **facts)

    def judged(self, changes: list[FieldChange], answer: Record) -> dict[str, Kept]:
        """What the PMS made of the changes."""
        return judge(self.lens, Side.PMS, changes, self.lens.cells(Side.PMS, self.lens.raws(Side.PMS, answer.payload)))

    def agreement(self, **facts: object) -> Agreement:
        """Both agreed on what the PMS showed before."""
        known = {
            i: Baseline(wave=SHOWN[f.name], pms=SHOWN[f.name]) for i, f in self.lens.fields.items() if f.name in SHOWN
        }
        return Agreement(wave_id="W1", **{"baselines": known, **facts})

    def link(self, **sight: object) -> Link:
        """The link as this run saw it, the PMS record as it stands before the write."""
        digest = self.lens.digest(self.lens.raws(Side.PMS, self.record().payload))
        facts = {"stamp": NOW - timedelta(hours=1), "digest": digest, **sight}
        return Link(wave_id="W1", pms_id="P1", pms=Sight(**facts))

    def after(self, changes, answer, *, agreement=None, seen=None, lag_s=60.0, link=None, side=Side.PMS) -> After:
        """What is remembered."""
        link, agreement = link or self.link(), agreement or self.agreement()
        seen = seen or self.record()
        return remember(self.lens, link, agreement, side, changes, seen, answer, NOW, lag_s)


@pytest.fixture
def bench() -> Bench:
    """The default mapping."""
    return Bench(MappingRegistry.default().lens())


# --- what was kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("new@example.com", Kept.KEPT),
        ("NEW@Example.com", Kept.KEPT),
        ("n@example.com", Kept.OTHERWISE),
        (None, Kept.OTHERWISE),
        ("ada@example.com", Kept.BEFORE),
        (MISSING, Kept.HIDDEN),
    ],
    ids=["as sent", "other spelling", "another value", "cleared", "as before", "left out"],
)
def test_written_group_is_judged_by_the_answer(bench, answer, kept):
    """A group is kept if the answer corresponds, and otherwise shown as before, as something else, or not at all."""
    change = bench.change("email", "new@example.com")

    assert bench.judged([change], bench.record({"email": answer})) == {"email": kept}


def test_groups_are_judged_one_by_one(bench):
    """One group that was not kept does not speak for another."""
    changes = [bench.change("email", "new@example.com"), bench.change("phone", "222")]

    assert bench.judged(changes, bench.record({"email": "new@example.com"})) == {
        "email": Kept.KEPT,
        "phone": Kept.BEFORE,
    }


def test_group_of_several_fields_is_judged_whole(bench):
    """An address of which one line was not kept was not kept."""
    changes = [bench.change("address.city", "Leeds", pms=None), bench.change("address.postalCode", "LS1", pms=None)]

    assert bench.judged(changes, bench.record({"address": {"city": "Leeds", "postal_code": "LS"}})) == {
        "address": Kept.OTHERWISE
    }


def test_group_of_which_a_part_is_as_before_is_shown_otherwise(bench):
    """A write that arrived in part is no write that is still to come."""
    city, code = (
        bench.change(f"address.{name}", after, pms=None) for name, after in (("city", "A"), ("postalCode", "1"))
    )

    assert bench.judged([city, code], bench.record({"address": {"city": "B", "postal_code": None}})) == {
        "address": Kept.OTHERWISE
    }
    assert bench.judged([city, code], bench.record({"address": {"city": None, "postal_code": None}})) == {
        "address": Kept.BEFORE
    }


@pytest.mark.parametrize(
    ("city", "code", "kept"),
    [("A", MISSING, Kept.HIDDEN), (MISSING, "1", Kept.HIDDEN), ("B", MISSING, Kept.HIDDEN), ("A", "1", Kept.KEPT)],
)
def test_group_of_which_a_part_is_left_out_is_not_shown(bench, city, code, kept):
    """An address of which one line is left out of the answer is read once more, whatever the others say."""
    changes = [bench.change("address.city", "A", pms=None), bench.change("address.postalCode", "1", pms=None)]
    shown = {name: value for name, value in (("city", city), ("postal_code", code)) if value is not MISSING}

    assert bench.judged(changes, bench.record({"address": shown})) == {"address": kept}


def test_line_that_was_cleared_may_be_left_out(bench):
    """A line that was cleared, and that the answer leaves out with the others as sent, was kept."""
    changes = [bench.change("address.city", "A", pms=None), bench.change("address.postalCode", None, pms="1")]

    assert bench.judged(changes, bench.record({"address": {"city": "A"}})) == {"address": Kept.KEPT}


def test_clearing_is_kept_by_emptiness(bench):
    """A value that was cleared was kept if the side shows none, in whatever way."""
    assert bench.judged([bench.change("email", None)], bench.record({"email": " "})) == {"email": Kept.KEPT}


def test_mark_is_no_group(bench):
    """The mark of origin is never judged as a field."""
    mark = FieldChange(id=MARKER, name="id", group=MARKER, after="W1")

    assert bench.judged([mark], bench.record()) == {}


# --- what is remembered ----------------------------------------------------------------------------


def test_f28_baselines_are_what_each_side_reports(bench):
    """After a write the baselines are the answer's rendering on one side and the origin's on the other."""
    after = bench.after([bench.change("email", "New@example.com")], bench.record({"email": "new@example.com"}))

    assert after.agreement.baselines[EMAIL] == Baseline(wave="New@example.com", pms="new@example.com")
    assert after.agreement.previous[EMAIL] == Baseline(wave="ada@example.com", pms="ada@example.com")
    assert (after.not_kept, after.pending) == ((), ())


def test_f78_only_groups_written_move(bench):
    """What else differs in the answer is somebody's edit and is left for the next look."""
    answer = bench.record({"email": "new@example.com", "phone": "333"})

    after = bench.after([bench.change("email", "new@example.com")], answer)

    assert after.agreement.baselines[PHONE] == Baseline(wave="111", pms="111")
    assert after.link.pms.digest is None
    assert after.link.pms.stamp == bench.link().pms.stamp


def test_undisturbed_answer_is_what_was_last_seen(bench):
    """If nothing else differs, stamp and digest of the answer are what was last seen, and the next look is quiet."""
    answer = bench.record({"email": "new@example.com"})

    after = bench.after([bench.change("email", "new@example.com")], answer)

    assert after.link.pms.stamp == NOW
    assert after.link.pms.digest == bench.lens.digest(bench.lens.raws(Side.PMS, answer.payload))
    assert (after.link.pms.written_stamp, after.link.pms.written_at) == (NOW, NOW)


def test_record_that_moved_before_the_write_is_looked_at_again(bench):
    """Somebody edited the record between the look and the write: the next look must compare it."""
    edited = {"phone": "333"}

    after = bench.after(
        [bench.change("email", "new@example.com")],
        bench.record({**edited, "email": "new@example.com"}),
        seen=bench.record(edited),
    )

    assert after.link.pms.digest is None


def test_own_rendering_is_noted_and_not_sent_again(bench):
    """A side that shows something else keeps its rendering: both baselines at once, noted as not kept."""
    after = bench.after([bench.change("email", "new@example.com")], bench.record({"email": "n@example.com"}))

    assert after.agreement.baselines[EMAIL] == Baseline(wave="new@example.com", pms="n@example.com")
    assert after.not_kept == after.agreement.not_kept == ("email",)


def test_value_still_as_before_is_waited_for(bench):
    """A side that shows the former value has not settled the write: nothing of that group is remembered yet."""
    agreement = bench.agreement(wave_changes={"email": ChangeStamp(digest="d")})

    after = bench.after([bench.change("email", "new@example.com")], bench.record(), agreement=agreement)

    assert (after.pending, after.not_kept) == (("email",), ())
    assert after.agreement.baselines == agreement.baselines
    assert after.agreement.wave_changes == agreement.wave_changes
    assert after.link.pms.digest is None


def test_side_that_never_lags_did_not_keep_it(bench):
    """Where a side may not lag, a value still as before was not kept."""
    after = bench.after([bench.change("email", "new@example.com")], bench.record(), lag_s=0)

    assert (after.pending, after.not_kept) == ((), ("email",))
    assert after.agreement.baselines[EMAIL] == Baseline(wave="new@example.com", pms="ada@example.com")


def test_settled_group_forgets_hold_stamps_and_former_failure(bench):
    """A group that was carried has no hold, no change stamps, and is no longer noted as not kept."""
    agreement = bench.agreement(
        holds={g: Hold(group=g, reason=HoldReason.DISPUTE) for g in ("email", "phone")},
        wave_changes={g: ChangeStamp(digest="d") for g in ("email", "phone")},
        pms_changes={g: ChangeStamp(digest="d") for g in ("email", "phone")},
        not_kept=("email", "phone"),
        unkept_by={"email": Side.PMS, "phone": Side.PMS},
    )

    after = bench.after(
        [bench.change("email", "new@example.com")], bench.record({"email": "new@example.com"}), agreement=agreement
    )

    assert set(after.agreement.holds) == {"phone"}
    assert set(after.agreement.wave_changes) == set(after.agreement.pms_changes) == {"phone"}
    assert (after.agreement.not_kept, after.agreement.unkept_by) == (("phone",), {"phone": Side.PMS})


def test_mark_alone_moves_no_baseline(bench):
    """Noting the Wave id in a PMS record agrees on nothing."""
    mark = FieldChange(id=MARKER, name="id", group=MARKER, after="W1")

    after = bench.after([mark], bench.record())

    assert after.agreement == bench.agreement()


# --- a value that a person gave --------------------------------------------------------------------


def _given(bench, wave, pms):
    """A dispute that a person settled by a third value."""
    hold = Hold(group="email", reason=HoldReason.DISPUTE, wave={EMAIL: wave}, pms={EMAIL: pms})
    choice = Choice(values={EMAIL: "third@example.com"}, digest=values_digest(hold))
    return bench.agreement(holds={"email": evolve(hold, choice=choice)})


def _change(bench):
    return bench.change("email", "third@example.com", given=True)


def test_given_value_waits_for_both_sides(bench):
    """A given value settles the dispute once both sides show it; until then the choice stands, as of today's values."""
    agreement = _given(bench, "wave@example.com", "pms@example.com")

    after = bench.after([_change(bench)], bench.record({"email": "third@example.com"}), agreement=agreement)

    hold = after.agreement.holds["email"]
    assert hold.pms[EMAIL] == "third@example.com"
    assert hold.choice.digest == values_digest(hold)
    assert after.agreement.baselines[EMAIL] == agreement.baselines[EMAIL]


def test_given_value_settles_when_both_show_it(bench):
    """When the second side shows the given value both baselines move and the dispute is over."""
    agreement = _given(bench, "Third@example.com", "pms@example.com")

    after = bench.after([_change(bench)], bench.record({"email": "third@example.com"}), agreement=agreement)

    assert after.agreement.holds == {}
    assert after.agreement.baselines[EMAIL] == Baseline(wave="Third@example.com", pms="third@example.com")


def test_given_value_in_wave_is_noted_as_waves(bench):
    """A given value that was written to Wave first is noted as what Wave shows, until the PMS shows it, too."""
    agreement = _given(bench, "wave@example.com", "pms@example.com")
    answer = bench.record({"email": "third@example.com"}, side=Side.WAVE)

    after = bench.after([_change(bench)], answer, agreement=agreement, side=Side.WAVE)

    hold = after.agreement.holds["email"]
    assert (hold.wave[EMAIL], hold.pms[EMAIL]) == ("third@example.com", "pms@example.com")


def test_given_values_of_a_group_settle_together(bench):
    """A dispute about an address is over once the other side shows all that was given, and not a part of it."""
    city, code = "address.city=address.city", "address.postalCode=address.postal_code"
    hold = Hold(group="address", reason=HoldReason.DISPUTE, wave={city: "C", code: "W"}, pms={city: "P", code: "P"})
    choice = Choice(values={city: "C", code: "1"}, digest=values_digest(hold))
    agreement = bench.agreement(holds={"address": evolve(hold, choice=choice)})
    changes = [bench.change(i.partition("=")[0], after, given=True) for i, after in choice.values.items()]

    after = bench.after(changes, bench.record({"address": {"city": "C", "postal_code": "1"}}), agreement=agreement)

    assert after.agreement.holds["address"].pms == {city: "C", code: "1"}


def test_what_was_written_to_wave_is_agreed_on_as_waves(bench):
    """After a write to Wave the baseline has Wave's answer on Wave's side, and what the PMS showed on its own."""
    change = bench.change("email", "new@example.com", wave="ada@example.com", pms="New@example.com")
    answer = bench.record({"email": "new@example.com"}, side=Side.WAVE)

    after = bench.after([change], answer, side=Side.WAVE)

    assert after.agreement.baselines[EMAIL] == Baseline(wave="new@example.com", pms="New@example.com")


def test_text_of_a_row_is_not_known_after_a_write(bench):
    """What a listing's row looked like is forgotten with a write, so that the next row is read closely."""
    after = bench.after([bench.change("email", "n@b.c")], bench.record({"email": "n@b.c"}), link=bench.link(mark="m"))

    assert after.link.pms.mark is None


def test_given_value_that_a_side_renders_otherwise_settles(bench):
    """A given value that the PMS shortened was written again in every run, for ever."""
    agreement = _given(bench, "third@example.com", "pms@example.com")

    after = bench.after([_change(bench)], bench.record({"email": "t@example.com"}), agreement=agreement)

    assert after.agreement.holds == {}
    assert after.agreement.baselines[EMAIL] == Baseline(wave="third@example.com", pms="t@example.com")
    assert after.not_kept == ("email",)


def test_given_value_that_the_first_side_renders_otherwise_settles_with_the_second(bench):
    """A given value that Wave shows in its own way is over once the PMS has it, too."""
    agreement = _given(bench, "wave@example.com", "pms@example.com")
    agreement = evolve(agreement, not_kept=("email",))

    after = bench.after([_change(bench)], bench.record({"email": "third@example.com"}), agreement=agreement)

    assert after.agreement.holds == {}
    assert after.agreement.baselines[EMAIL] == Baseline(wave="wave@example.com", pms="third@example.com")


def test_given_value_still_as_before_leaves_the_dispute(bench):
    """A given value that the side does not show yet leaves everything as it was."""
    agreement = _given(bench, "third@example.com", "ada@example.com")

    after = bench.after([_change(bench)], bench.record(), agreement=agreement)

    assert after.pending == ("email",)
    assert after.agreement.holds == agreement.holds


def test_given_values_of_two_groups_are_kept_apart(bench):
    """Two disputes that are settled by given values in one write remember each its own value."""
    one = _given(bench, "w@example.com", "p@example.com")
    hold = Hold(group="phone", reason=HoldReason.DISPUTE, wave={PHONE: "1"}, pms={PHONE: "2"})
    choice = Choice(values={PHONE: "3"}, digest=values_digest(hold))
    agreement = evolve(one, holds={**one.holds, "phone": evolve(hold, choice=choice)})

    after = bench.after(
        [_change(bench), bench.change("phone", "3", given=True)],
        bench.record({"email": "third@example.com", "phone": "3"}),
        agreement=agreement,
    )

    held = after.agreement.holds
    assert (held["email"].pms, held["phone"].pms) == ({EMAIL: "third@example.com"}, {PHONE: "3"})
    assert (held["email"].wave, held["phone"].wave) == ({EMAIL: "w@example.com"}, {PHONE: "1"})


@pytest.mark.parametrize("choice", ["of a dispute that is over", "taken back"])
def test_given_value_that_nobody_chooses_any_more_agrees_on_nothing(bench, choice):
    """A given value whose dispute is over by now, or waits for a person again, moves no baseline and no dispute."""
    hold = Hold(group="email", reason=HoldReason.DISPUTE, wave={EMAIL: "w@example.com"}, pms={EMAIL: "p@example.com"})
    agreement = bench.agreement(holds={"email": hold} if choice == "taken back" else {})

    after = bench.after([_change(bench)], bench.record({"email": "third@example.com"}), agreement=agreement)

    assert after.agreement.baselines == agreement.baselines
    assert after.agreement.holds == agreement.holds


def test_cleared_value_that_is_left_out_is_empty(bench):
    """A property that was cleared, and that the answer leaves out, is remembered as empty."""
    after = bench.after([bench.change("email", None)], bench.record({"email": MISSING}))

    assert after.agreement.baselines[EMAIL] == Baseline(wave=None, pms=None)


# --- what an undo gave back ------------------------------------------------------------------------

UNDO = "run r1 was taken back"


def _undone(bench, change, answer, agreement=None, side=Side.PMS):
    agreed = agreement or bench.agreement()
    return remember(bench.lens, bench.link(), agreed, side, [change], bench.record(), answer, NOW, 60, undoes=UNDO)


def test_undone_group_is_held(bench):
    """What an undo gave back is held as both sides show it; what was agreed on stays, and was what went before."""
    change = bench.change("email", "old@example.com", wave="ada@example.com")

    after = _undone(bench, change, bench.record({"email": "old@example.com"})).agreement

    assert after.holds == {
        "email": Hold(
            group="email",
            reason=HoldReason.UNDONE,
            detail=UNDO,
            wave={EMAIL: "ada@example.com"},
            pms={EMAIL: "old@example.com"},
            since=NOW,
        )
    }
    assert after.baselines == bench.agreement().baselines
    assert after.previous[EMAIL] == bench.agreement().baselines[EMAIL]


def test_undone_group_that_was_never_agreed_on_is_held(bench):
    """What an undo gave back is held also where both never agreed on anything."""
    change = bench.change("email", "old@example.com", wave="ada@example.com")

    after = _undone(bench, change, bench.record({"email": "old@example.com"}), bench.agreement(baselines={})).agreement

    assert (set(after.holds), after.previous) == ({"email"}, {})


def test_undone_groups_are_held_each_with_its_own(bench):
    """Of an undo of several groups each is held with what both sides show of it, and of nothing else."""
    changes = [bench.change("email", "old@example.com", wave="a@b.c"), bench.change("phone", "000", wave="999")]
    answer = bench.record({"email": "old@example.com", "phone": "000"})

    after = remember(
        bench.lens, bench.link(), bench.agreement(), Side.PMS, changes, bench.record(), answer, NOW, 60, undoes=UNDO
    ).agreement

    assert {group: (dict(hold.wave), dict(hold.pms)) for group, hold in after.holds.items()} == {
        "email": ({EMAIL: "a@b.c"}, {EMAIL: "old@example.com"}),
        "phone": ({PHONE: "999"}, {PHONE: "000"}),
    }


@pytest.mark.parametrize(("lag_s", "pending"), [(0, ()), (0.5, ("email",))])
def test_any_allowance_lets_a_side_show_it_later(bench, lag_s, pending):
    """What an answer shows as before is waited for where a side may lag, however little; else it was not kept."""
    after = bench.after([bench.change("email", "new@example.com")], bench.record(), lag_s=lag_s)

    assert (after.pending, after.not_kept) == (pending, () if pending else ("email",))


def test_undone_group_that_corresponds_is_agreed_on(bench):
    """Where both sides show the same after an undo there is nothing to hold."""
    change = bench.change("email", "old@example.com", wave="old@example.com")

    after = _undone(bench, change, bench.record({"email": "old@example.com"})).agreement

    assert after.holds == {}
    assert after.baselines[EMAIL] == Baseline(wave="old@example.com", pms="old@example.com")


@pytest.mark.parametrize(("detail", "shown"), [(UNDO, "older@example.com"), ("another undo", "ada@example.com")])
def test_undo_of_both_sides_is_held_as_both_show_it(bench, detail, shown):
    """An undo that wrote to the other side before is remembered with what it wrote there; another one is not."""
    hold = Hold(group="email", reason=HoldReason.UNDONE, detail=detail, wave={EMAIL: "older@example.com"})
    change = bench.change("email", "old@example.com", wave="ada@example.com")

    after = _undone(bench, change, bench.record({"email": "old@example.com"}), bench.agreement(holds={"email": hold}))

    assert after.agreement.holds["email"].wave == {EMAIL: shown}
