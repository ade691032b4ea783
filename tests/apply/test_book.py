"""The store as a run writes it: what is stored with what, and what is told of it in the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import define, evolve, field

from wave_pms_sync.apply.book import Book
from wave_pms_sync.model.links import Agreement, Hold, HoldReason, Link
from wave_pms_sync.model.memory import (
    Change,
    Intent,
    IntentKind,
    IntentState,
    JournalEntry,
    JournalField,
    Known,
    Lease,
    Put,
    Quarantined,
    QuarantineReason,
    Remove,
    Tenant,
    Unfinished,
)
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.landed import Landed
from wave_pms_sync.reconcile.plan import Notes, Plan
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.tenure import Tenure
from wave_pms_sync.testing import ManualClock
from wave_pms_sync.testing.entries import NOON, puts

LINK = Link(wave_id="W1", pms_id="P1", revision=3)
AGREEMENT = Agreement(wave_id="W1", not_kept=("email",))
EMAIL = FieldChange(id="email=email", name="email", group="email", before="a", after="b", rule="x")
UPDATE = Action(kind=ActionKind.UPDATE, side=Side.PMS, wave_id="W1", pms_id="P1", revision=3, fields=(EMAIL,), rule="r")
INTENT = Intent(kind=IntentKind.UPDATE, side=Side.PMS, origin_id="W1", record_id="P1")
KNOWN = Known(side=Side.WAVE, id="W1", keys=("email:1",))

Books = Callable[..., Book]


@pytest.fixture
def opened() -> Books:
    """Opens the book of a run for a plan of these actions, on a store with these entries."""

    def make(*actions: Action, stored=(LINK, AGREEMENT), landed=(), **notes) -> Book:
        links = MemoryLinkStore()
        tenure = Tenure.begin(links, ManualClock(NOON), "run", 600)
        links.commit(puts(*stored), tenure.lease)
        plan = Plan(actions=actions, landed=landed, notes=Notes(**notes))
        tenant = Tenant(name="default", wave="wave account", pms="pms account")
        return Book(links=links, tenure=tenure, tenant=tenant, plan=plan, run_id="run", settle_s=300)

    return make


# --- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ids", [{}, {"wave_id": None}, {"pms_id": None}])
def test_pair_is_found_by_either_id(opened: Books, ids) -> None:
    """The link of an action is found by the Wave id or by the PMS id, with what was agreed on."""
    assert opened().pair(evolve(UPDATE, **ids)) == (LINK, AGREEMENT)


def test_pair_that_is_not_linked(opened: Books) -> None:
    """A pair without a link is none; a link without an agreement agreed on nothing."""
    assert opened(stored=()).pair(UPDATE) is None
    assert opened(stored=(LINK,)).pair(UPDATE) == (LINK, Agreement(wave_id="W1"))


@pytest.mark.parametrize(
    ("noted", "taken"),
    [({}, True), ({"revision": 4}, False), ({"pms_id": "P2"}, False)],
    ids=["as planned", "moved since", "linked anew"],
)
def test_pair_is_as_the_look_left_it(opened: Books, noted, taken) -> None:
    """What the look noted of a pair stands as long as nobody touched the pair since."""
    look = (evolve(LINK, **noted), Agreement(wave_id="W1"))

    assert opened(links={"W1": look}).pair(UPDATE) == (look if taken else (LINK, AGREEMENT))


@pytest.mark.parametrize(
    ("action", "stale"),
    [
        (UPDATE, False),
        (evolve(UPDATE, revision=2), True),
        (evolve(UPDATE, pms_id="P2"), True),
        (evolve(UPDATE, wave_id="W2"), True),
        (evolve(UPDATE, pms_id=None), False),
        (evolve(UPDATE, wave_id=None), False),
    ],
)
def test_link_that_moved_is_stale(opened: Books, action: Action, stale: bool) -> None:
    """An action is for the link of its ids, at the revision for which it was planned."""
    assert opened().stale(action, LINK) is stale


def test_own_changes_are_no_move(opened: Books) -> None:
    """What this run itself stored of a pair makes none of its later actions stale."""
    book = opened()
    untouched = book.untouched(LINK)

    changes = book.put(LINK, AGREEMENT)

    assert (untouched, book.untouched(LINK)) == (True, False)
    assert not book.stale(UPDATE, changes[0].entry)
    assert book.stale(UPDATE, evolve(LINK, revision=5))


def test_known_as_this_run_saw_it(opened: Books) -> None:
    """Keys are those that this run wrote, or else those that its look saw, or else those that are stored."""
    stored, seen, fresh = (evolve(KNOWN, keys=(key,)) for key in ("stored", "seen", "fresh"))

    assert opened(stored=()).known(Side.WAVE, "W1") is None
    assert opened(stored=(stored,)).known(Side.WAVE, "W1") == stored
    assert opened(stored=(stored,)).known(Side.PMS, "W1") is None
    book = opened(stored=(stored,), index={(Side.WAVE, "W1"): seen})
    assert book.known(Side.WAVE, "W1") == seen
    assert book.reindex(fresh).entry == fresh
    assert book.known(Side.WAVE, "W1") == fresh


def test_marks_of_the_plan(opened: Books) -> None:
    """The marks that a plan writes are at hand by pair."""
    mark = FieldChange(id=MARKER, name="id", group=MARKER, after="W1", rule="mark")

    assert opened(evolve(UPDATE, fields=(EMAIL, mark)), evolve(UPDATE, wave_id="W2")).marks == {("W1", "P1"): mark}


# --- writing ---------------------------------------------------------------------------------------


def test_first_commit_binds_the_store(opened: Books) -> None:
    """The first commit binds a new store to its accounts; a store that is bound stays as it is."""
    new, bound = opened(), opened(stored=(Tenant(name="default", wave="other", pms="other"),))

    new.commit(())
    bound.commit(())

    assert [tenant.wave for tenant in new.links.scan(Tenant)] == ["wave account"]
    assert [tenant.wave for tenant in bound.links.scan(Tenant)] == ["other"]


@define
class Noting:
    """A store that notes which kinds of entries each commit writes."""

    links: MemoryLinkStore
    commits: list[list[str]] = field(factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.links, name)

    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        """Note them, and write them."""
        self.commits.append([type(change.entry).__name__ for change in changes])
        self.links.commit(changes, lease)


def test_store_is_bound_once(opened: Books) -> None:
    """The tenant is written with the first commit of a run that changes it, and with no other."""
    new, moved, bound = opened(), opened(), opened()
    for book, mapping in ((moved, {"a": "1"}), (bound, {})):
        book.links.commit(puts(evolve(book.tenant, mapping=mapping)), book.tenure.lease)
    for book in (new, moved, bound):
        book.links = Noting(book.links)
        book.commit([Put(INTENT)])
        book.commit([Put(INTENT)])

    assert new.links.commits == moved.links.commits == [["Tenant", "Intent"], ["Intent"]]
    assert bound.links.commits == [["Intent"], ["Intent"]]


def test_put_grows_the_revision_and_keeps_what_was_seen(opened: Books) -> None:
    """A stored pair has the next revision, and its keys go with it; it is open only while it holds something."""
    held = evolve(AGREEMENT, holds={"email": Hold(group="email", reason=HoldReason.DISPUTE)})
    book = opened(UPDATE, index={(Side.WAVE, "W1"): KNOWN})

    entries = [change.entry for change in book.put(LINK, AGREEMENT)]

    assert entries == [evolve(LINK, revision=4, open=False), AGREEMENT, KNOWN]
    assert book.put(LINK, held)[0].entry.open


def test_pair_with_more_to_do_stays_open(opened: Books) -> None:
    """A pair with more actions to come stays open, so that a run which is cut in between looks again."""
    book = opened(UPDATE, evolve(UPDATE, side=Side.WAVE))

    first = book.put(LINK, AGREEMENT)[0].entry
    book.over(UPDATE)
    last = book.put(LINK, AGREEMENT)[0].entry

    assert (first.open, last.open) == (True, False)


@pytest.mark.parametrize("origin", [{"pms_id": None}, {"wave_id": None}], ids=["Wave", "PMS"])
def test_new_pair_of_which_something_is_still_to_be_held_stays_open(opened: Books, origin) -> None:
    """What is held of a newcomer was planned when it had one id: its pair stays open until that is done, too."""
    book = opened(evolve(UPDATE, **origin), Action(kind=ActionKind.HOLD, **{"wave_id": "W1", "pms_id": "P1", **origin}))

    assert book.put(LINK, AGREEMENT)[0].entry.open


def test_announced_withdrawn_and_settled(opened: Books) -> None:
    """What is announced is stored and at hand, until it is withdrawn or settled."""
    book = opened()

    book.announce(INTENT)
    announced = list(book.links.scan(Intent))
    book.withdraw(INTENT, *puts(Unfinished(side=Side.PMS, id="P1", reason="postponed")))

    assert announced == [INTENT]
    assert (list(book.links.scan(Intent)), book.intents) == ([], {})
    assert book.links.find(Unfinished, "pms_id", ["P1"])
    book.announce(INTENT)
    assert book.settled([INTENT.key, "another"]) == [Remove(INTENT)]
    assert book.intents == {}


SENT = evolve(
    INTENT,
    values={"email=email": "b"},
    before={"email=email": "a", MARKER: None},
    body={"email": "b"},
    announced_at=NOON - timedelta(seconds=299),
    run_id="earlier",
    state=IntentState.UNKNOWN,
)
LATE = evolve(SENT, state=IntentState.OVERTAKEN, before={"email=email": "a"}, body={})


@pytest.mark.parametrize("state", [IntentState.UNKNOWN, IntentState.PLANNED])
@pytest.mark.parametrize("way", ["settled", "announced"])
def test_update_that_nobody_saw_done_is_remembered(opened: Books, way: str, state: IntentState) -> None:
    """An update that is given up, or sent again, is remembered by its values, beside the one that is sent now."""
    book, again = opened(stored=(evolve(SENT, state=state),)), evolve(INTENT, run_id="run")

    if way == "settled":
        book.commit(book.settled([SENT.key]))
    else:
        book.announce(again)

    assert sorted(book.links.scan(Intent), key=str) == sorted([LATE, *[again] * (way == "announced")], key=str)
    assert LATE.key != SENT.key
    assert book.intents == {intent.key: intent for intent in book.links.scan(Intent)}
    book.commit(book.settled([LATE.key]))
    assert LATE not in book.links.scan(Intent)


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": IntentKind.DELETE},
        {"state": IntentState.CONFIRMED},
        {"values": {}},
        {"undoes": "undo of run x"},
        {"announced_at": NOON - timedelta(seconds=300)},
        {"announced_at": None},
        {"run_id": "run"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_write_of_which_nothing_more_can_come_is_forgotten(opened: Books, facts) -> None:
    """What was seen done, is decided anew, is this run's own, or was sent a settle time ago is remembered no more."""
    sent = evolve(SENT, **facts)
    book = opened(stored=(sent,))

    assert book.settled([sent.key]) == [Remove(sent)]


@pytest.mark.parametrize("seen", ["all", "a part"])
def test_update_that_is_found_done_is_not_awaited(opened: Books, seen: str) -> None:
    """An update of which a side shows all is done; one that it shows in part may still be on its way."""
    sent = evolve(SENT, values={**SENT.values, **({"phone=phone": "1"} if seen == "a part" else {})})
    book = opened(stored=(sent,), landed=(Landed(sent.key, "earlier", UPDATE),))

    book.commit(book.settled([sent.key]))

    assert [intent.state for intent in book.links.scan(Intent)] == [IntentState.OVERTAKEN] * (seen == "a part")


def test_doubt_is_remembered(opened: Books) -> None:
    """A write of unknown outcome stays announced as such, and both records are read again."""
    book = opened()

    book.doubt(INTENT, UPDATE)

    assert [intent.state for intent in book.links.scan(Intent)] == [IntentState.UNKNOWN]
    assert book.intents[INTENT.key].state is IntentState.UNKNOWN
    left = [*book.links.find(Unfinished, "wave_id", ["W1"]), *book.links.find(Unfinished, "pms_id", ["P1"])]
    assert {(u.side, u.id): u.reason for u in left} == {
        (Side.WAVE, "W1"): "the outcome of a write is unknown",
        (Side.PMS, "P1"): "the outcome of a write is unknown",
    }


def test_vain_tries_are_counted_for_their_write_alone(opened: Books) -> None:
    """A try in vain counts for the update of that record on that side, and for no other."""
    others = (
        evolve(INTENT, side=Side.WAVE, origin_id="P1", record_id="W1"),
        evolve(INTENT, origin_id="W2", record_id="P2"),
        Intent(kind=IntentKind.CREATE, side=Side.PMS, origin_id="W1"),
        evolve(INTENT, state=IntentState.OVERTAKEN),
    )
    book = opened(stored=(INTENT, *others))

    book.count(UPDATE)

    assert {intent.key for intent in book.links.scan(Intent) if intent.cycles} == {INTENT.key}
    assert book.intents[INTENT.key].cycles == 1


def test_record_that_is_linked_rests_no_more(opened: Books) -> None:
    """Linking ends the quarantine of both records, and of no other."""
    resting = [
        Quarantined(side=side, id=record_id, reason=QuarantineReason.TWIN)
        for side, record_id in ((Side.WAVE, "W1"), (Side.PMS, "P1"), (Side.WAVE, "W2"), (Side.PMS, "W1"))
    ]
    book = opened(stored=resting)

    assert book.free(LINK) == [Remove(resting[0]), Remove(resting[1])]


def test_record_of_another_tenant_is_claimed(tmp_path: Path) -> None:
    """A PMS record is claimed if another tenant with the same PMS has linked it."""
    path, clock = tmp_path / "links.sqlite3", ManualClock(NOON)
    with SQLiteLinkStore(path, tenant="other") as other, SQLiteLinkStore(path) as links:
        lease = other.acquire("another run", NOON, 600)
        other.commit(puts(Tenant(name="other", wave="another wave", pms="pms account"), LINK), lease)
        tenure = Tenure.begin(links, clock, "run", 600)
        facts = {"links": links, "tenure": tenure, "plan": Plan(), "run_id": "run", "settle_s": 300}
        same = Book(tenant=Tenant(name="default", wave="w", pms="pms account"), **facts)
        elsewhere = Book(tenant=Tenant(name="default", wave="w", pms="another"), **facts)

        assert same.claimed("P1")
        assert not same.claimed("P2")
        assert not elsewhere.claimed("P1")


# --- the journal -----------------------------------------------------------------------------------


def test_journal_tells_a_write(opened: Books) -> None:
    """An entry has the run, its number, the time, the action and each field, with what it replaced."""
    book = opened()

    first, second = book.journal(UPDATE, "done").entry, book.journal(UPDATE, "refused", "why").entry

    assert first == JournalEntry(
        run_id="run",
        number=1,
        at=NOON,
        kind="update",
        outcome="done",
        side=Side.PMS,
        wave_id="W1",
        pms_id="P1",
        rule="r",
        fields=(JournalField(id="email=email", name="email", before="a", after="b", lost="a"),),
    )
    assert (second.number, second.outcome, second.detail) == (2, "refused", "why")


def test_link_change_replaces_no_value(opened: Books) -> None:
    """A change of memory alone is told with its values, and nothing is lost by it."""
    [told] = opened().journal(evolve(UPDATE, side=None, group="email"), "done").entry.fields

    assert (told.before, told.after, told.lost) == ("a", "b", None)


@pytest.mark.parametrize("side", Side)
def test_journal_tells_who_rests(opened: Books, side: Side) -> None:
    """A record that begins to rest is told with side, reason and detail, in the numbers of the run."""
    book = opened()
    entry = Quarantined(side=side, id="X1", reason=QuarantineReason.TWIN, detail="shares an e-mail")
    book.journal(UPDATE, "done")

    told = book.note_rest(entry, "rests").entry

    assert (told.wave_id, told.pms_id) == (("X1", None) if side is Side.WAVE else (None, "X1"))
    assert (told.run_id, told.number, told.at) == ("run", 2, NOON)
    assert (told.kind, told.outcome, told.rule) == ("quarantine", "rests", "possible_twin")
    assert told.detail == "shares an e-mail"


@pytest.mark.parametrize(("before", "numbers"), [([7], [7, 8, 9]), ([], [1, 2])], ids=["after others", "first"])
@pytest.mark.parametrize("way", ["settled", "announced"])
def test_write_that_is_found_done_is_told_in_the_story_of_its_run(opened: Books, way: str, before, numbers) -> None:
    """Writes that an earlier run made without seeing the answer follow the entries of that run, once, in order."""
    facts = {"run_id": "earlier", "at": NOON - timedelta(hours=1), "kind": "update", "outcome": "done"}
    other = evolve(INTENT, origin_id="W2", record_id="P2")
    landed = tuple(Landed(intent.key, "earlier", UPDATE) for intent in (INTENT, other))
    book = opened(stored=(*(JournalEntry(number=n, **facts) for n in before), INTENT, other), landed=landed)

    if way == "settled":
        book.commit(book.settled([INTENT.key, other.key]))
    else:
        book.announce(INTENT)
        book.announce(other)

    told = sorted(book.links.find(JournalEntry, "run_id", ["earlier"]), key=lambda entry: entry.number)
    assert [entry.number for entry in told] == numbers
    assert {entry.outcome for entry in told} == {"done"}
    assert book.settled([INTENT.key]) in ([], [Remove(INTENT)])
