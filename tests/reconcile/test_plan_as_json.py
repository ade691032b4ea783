"""Plans and reports as JSON in a file, written and read an item at a time; what is shown of a large plan is short."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Baseline, HoldReason
from wave_pms_sync.model.memory import Quarantined, QuarantineReason
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.landed import Landed
from wave_pms_sync.reconcile.plan import Plan
from wave_pms_sync.reconcile.present import MOST_ROWS
from wave_pms_sync.reconcile.waiting import Dispute, Skipped
from wave_pms_sync.report import Counts, Outcome, Report, Result

MANY = 100_000


def _written(saved):
    file = io.StringIO()
    saved.write_json(file)
    return file.getvalue()


class Trickle(io.StringIO):
    """A file that gives a few characters at a time, as a pipe may."""

    def __init__(self, text, most):
        super().__init__(text)
        self.most = most

    def read(self, size=-1):
        """Fewer than were asked for."""
        return super().read(min(size, self.most) if size >= 0 else self.most)


def _link(number):
    """A link with what is agreed on, as a first run makes many of."""
    fields = {f"property{n}~property{n}": Baseline(wave=f"{number} {n}", pms=f"{number}  {n}") for n in range(20)}
    return Action(
        kind=ActionKind.LINK, wave_id=f"W{number}", pms_id=f"P{number}", rule="matched by email", baselines=fields
    )


def _peak(act):
    """The most memory that was needed at a time beside what was there, and what is left of it."""
    tracemalloc.start()
    try:
        result = act()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return result, kept, peak


# --- the law ---------------------------------------------------------------------------------------

TEXTS = st.text(max_size=5) | st.sampled_from(["\ud800", '"', "\\u", "]}", "\n", "9"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
RAWS = JSON | st.just(MISSING) | st.tuples(JSON, JSON)
CHANGES = st.builds(
    FieldChange, id=TEXTS, name=TEXTS, group=TEXTS, before=RAWS, after=RAWS, wave=RAWS, pms=RAWS, rule=TEXTS
)
BASELINES = st.dictionaries(TEXTS, st.builds(Baseline, wave=RAWS, pms=RAWS), max_size=2)
SIDES = st.sampled_from(Side)
ACTIONS = st.builds(
    Action,
    kind=st.sampled_from(ActionKind),
    side=st.none() | SIDES,
    wave_id=st.none() | TEXTS,
    fields=st.lists(CHANGES, max_size=2).map(tuple),
    baselines=BASELINES,
    revision=st.integers(0, 10**9),
    label=TEXTS,
)
WAITING = st.builds(
    Dispute,
    wave_id=TEXTS,
    pms_id=TEXTS,
    group=TEXTS,
    reason=st.sampled_from(HoldReason),
    wave=st.dictionaries(TEXTS, RAWS, max_size=1),
) | st.builds(Quarantined, side=SIDES, id=TEXTS, reason=st.sampled_from(QuarantineReason))
PLANS = st.builds(
    Plan,
    actions=st.lists(ACTIONS, max_size=3).map(tuple),
    waiting=st.lists(WAITING, max_size=2).map(tuple),
    skipped=st.lists(st.builds(Skipped, side=SIDES, id=TEXTS, reason=TEXTS), max_size=2).map(tuple),
    held=st.lists(TEXTS, max_size=2).map(tuple),
    tenant=st.dictionaries(TEXTS, TEXTS, max_size=2),
    landed=st.lists(st.builds(Landed, TEXTS, TEXTS, ACTIONS), max_size=1).map(tuple),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # of a busy machine
@given(plan=PLANS, most=st.integers(1, 200), indent=st.none() | st.integers(0, 2))
def test_the_text_of_a_plan_says_what_its_dict_says(plan, most, indent):
    """Any plan written to a file is the JSON of its dict, and both are read as that plan, in however small pieces."""
    text = _written(plan)

    assert text.isascii()
    assert json.loads(text) == json.loads(json.dumps(plan.to_dict()))
    for each in (text, json.dumps(plan.to_dict(), indent=indent)):
        back = Plan.read_json(Trickle(each, most))
        assert back.to_dict() == plan.to_dict() == Plan.from_dict(json.loads(each)).to_dict()
        assert back.digest == plan.digest


# --- a file ----------------------------------------------------------------------------------------


def test_a_plan_travels_through_a_file(bench, tmp_path):
    """A plan is written to a real file, an action a line, and comes back with its digest, ready to be applied."""
    plan = bench.meet(
        bench.wave("W1", {"email": "a@example.com", "name": "Zoë"}),
        bench.pms("P1", {"email": "a@example.com"}),
    )

    with open(tmp_path / "plan.json", "w", encoding="ascii") as file:
        plan.write_json(file)
    with open(tmp_path / "plan.json", encoding="utf-8") as file:
        back = Plan.read_json(file)

    assert (back.actions, back.waiting, back.digest) == (plan.actions, plan.waiting, plan.digest)
    assert back.notes is None
    lines = (tmp_path / "plan.json").read_text().splitlines()
    assert sum('"kind":' in line for line in lines) == len(plan) > 1


def test_what_stands_beside_a_plan_does_no_harm():
    """Who approved a plan may be noted in its file, as an object, a list or a text."""
    plan = Plan(actions=(_link(1),))
    noted = {"approved": ["Ada", {"at": 1}], **plan.to_dict(), "ticket": {"number": 12}}

    assert Plan.read_json(io.StringIO(json.dumps(noted))).actions == plan.actions


@pytest.mark.parametrize(
    ("part", "value"),
    [("rule", '"other"'), ("pms_id", '"P9"'), ("label", '"Somebody else"'), ("retires", "true")],
)
def test_an_altered_file_is_refused(part, value):
    """A file of which any part of an action was altered is refused, as altered data is."""
    text = _written(Plan(actions=(evolve(_link(1), label="Ada"),)))
    kept = json.dumps(json.loads(text)["actions"][0][part])
    assert f'"{part}":{kept}' in text

    with pytest.raises(ConfigurationError, match="altered"):
        Plan.read_json(io.StringIO(text.replace(f'"{part}":{kept}', f'"{part}":{value}')))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: "[]",
        lambda text: "12",
        lambda text: "null",
        lambda text: "{}",
        lambda text: text[:-2],
        lambda text: text[: len(text) // 2],
        lambda text: text + "{}",
        lambda text: text.replace("[", "[,", 1),
        lambda text: text.replace("]", ",]", 1),
        lambda text: text.replace("{", "{,", 1),
        lambda text: text.rstrip("}\n") + ",}",
        lambda text: text.rstrip("}\n") + ', 5: "five"}',
        lambda text: text.replace(":", " ", 1),
        lambda text: text.replace('"format":1', '"format":2'),
        lambda text: text.replace('"skipped":[\n]', '"skipped":5'),
        lambda text: text.replace("{", '{"noted": ' + "[" * 100_000 + ",", 1),
        lambda text: text.replace("{", '{"noted": 1' + "0" * 10_000 + ",", 1),
    ],
)
def test_what_is_no_plan_is_refused(change):
    """A file that holds something else, is cut off or is no JSON is refused with a ConfigurationError."""
    text = _written(Plan(actions=(_link(1),)))
    altered = change(text)
    assert altered != text

    with pytest.raises(ConfigurationError, match="Plan: "):
        Plan.read_json(io.StringIO(altered))


def test_a_fault_is_named_by_its_path():
    """An item of a list that is not what it must be is named by its place, as in data that is at hand."""
    plan = Plan(actions=(_link(1), _link(2)))
    data = plan.to_dict()
    data["actions"][1]["kind"] = "explode"

    with pytest.raises(ConfigurationError) as at_hand:
        Plan.from_dict(data)
    with pytest.raises(ConfigurationError) as in_file:
        Plan.read_json(io.StringIO(json.dumps(data)))

    assert "actions[1].kind" in str(in_file.value)
    assert str(in_file.value) == str(at_hand.value)


# --- memory ----------------------------------------------------------------------------------------


def test_writing_a_plan_needs_next_to_no_memory():
    """While a plan is written, less than a twentieth of its text is in memory at a time; its dict is far more."""
    plan = Plan(actions=tuple(map(_link, range(500))))
    plan.write_json(Sink())  # what is made once is no part of it

    sink = Sink()
    _, _, peak = _peak(lambda: plan.write_json(sink))

    assert peak < sink.written / 20


def test_reading_a_plan_needs_little_more_than_the_plan(tmp_path):
    """While a plan is read, little more than itself is in memory: neither its text nor its dict."""
    plan = Plan(actions=tuple(map(_link, range(500))))
    path = tmp_path / "plan.json"
    with path.open("w") as file:
        plan.write_json(file)

    def read():
        with path.open() as file:
            return Plan.read_json(file)

    read()
    back, kept, peak = _peak(read)

    assert back.digest == plan.digest
    assert peak - kept < path.stat().st_size / 2


class Sink:
    """A file that only counts."""

    written = 0

    def write(self, text):
        """Count, and forget."""
        self.written += len(text)


def test_nothing_on_both_sides_is_one_object_in_a_plan_that_was_read():
    """Of fields that are empty on both sides there are many; all of them are the same object."""
    actions = [evolve(_link(n), baselines={"fax~fax": Baseline(wave=None, pms=None)}) for n in range(2)]

    first, second = Plan.read_json(io.StringIO(_written(Plan(actions=tuple(actions)))))

    assert first.baselines["fax~fax"] is second.baselines["fax~fax"]


def test_a_plan_of_links_keeps_nothing_twice(bench):
    """Of two links, what is empty on both sides is one object, equal texts of both sides are, and so is no flip."""
    names = ("Ada Lovelace", "Grace Hopper")
    sides = [(bench.wave, "W"), (bench.pms, "P")]
    newcomers = [
        side(f"{letter}{n}", {"name": "".join(name), "email": f"{n}@example.com"})
        for side, letter in sides
        for n, name in enumerate(names)
    ]

    plan = bench.meet(*newcomers)

    first, second = (action for action in plan if action.kind is ActionKind.LINK)
    fax = bench.id("fax")
    assert first.baselines[fax] is second.baselines[fax]
    assert all(b.wave is b.pms for b in first.baselines.values() if b.wave == b.pms)
    agreements = [agreement for _, agreement in plan.notes.links.values()]
    assert len({id(agreement.flips) for agreement in agreements}) == 1


def test_only_what_may_be_created_from_is_kept_as_an_origin(bench):
    """What origins showed is kept for creates; two records that were joined are no origin."""
    plan = bench.meet(bench.wave("W1", {"email": "a@x.yz"}), bench.pms("P1", {"email": "a@x.yz"}), bench.wave("W2"))

    assert set(plan.notes.origins) == {(Side.WAVE, "W2")}


# --- reports ---------------------------------------------------------------------------------------


def _report(count):
    outcomes = tuple(Outcome(action=_link(n), result=Result.SKIPPED, detail="moved") for n in range(count))
    return Report(status="partial", run_id="r", counts=Counts(skipped=count), outcomes=outcomes, reasons=("moved",))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_report_is_written_as_its_dict(count):
    """What is written of a report is the JSON of its dict, also without outcomes."""
    report = _report(count)

    assert json.loads(_written(report)) == json.loads(json.dumps(report.to_dict()))


def test_writing_a_report_needs_next_to_no_memory():
    """While a report is written, less than a twentieth of its text is in memory at a time."""
    report, sink = _report(2_000), Sink()
    report.write_json(Sink())  # what is made once is no part of it

    _, _, peak = _peak(lambda: report.write_json(sink))

    assert peak < sink.written / 20


# --- shown -----------------------------------------------------------------------------------------


def _many():
    change = FieldChange(id="phone~phone", name="phone", group="phone", before="1", after="2")
    update = Action(kind=ActionKind.UPDATE, side=Side.PMS, wave_id="W1", pms_id="P1", fields=(change,), label="Ada")
    return (update,) * MANY


def test_a_plan_of_very_many_actions_is_shown_in_short():
    """Text and table of a plan of 100,000 actions show some of them and say how many more there are."""
    plan = Plan(actions=_many())

    (text, html), _, peak = _peak(lambda: (str(plan), plan._repr_html_()))

    assert sum(1 for _ in plan) == len(plan) == MANY
    assert f"{MANY:>5}  update in the PMS" in text
    assert len(text.splitlines()) < 60
    assert html.count("<tr>") == MOST_ROWS + 1
    assert f"... and {MANY - MOST_ROWS} more rows" in html
    assert peak < 5_000_000


def test_a_report_of_very_many_outcomes_is_shown_in_short():
    """Text and table of a report of 100,000 outcomes show some of them and say how many more there are."""
    outcomes = tuple(Outcome(action=action, result=Result.FAILED, detail="refused") for action in _many())
    report = Report(status="partial", outcomes=outcomes)

    (text, html), _, peak = _peak(lambda: (str(report), report._repr_html_()))

    assert len(text.splitlines()) < MOST_ROWS + 10
    assert f"... and {MANY - MOST_ROWS} more" in text
    assert html.count("<tr>") == MOST_ROWS + 1
    assert peak < 5_000_000
