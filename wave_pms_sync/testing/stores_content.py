"""What a link store keeps: half of its contract, to be run through `wave_pms_sync.testing.stores`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import islice

from attrs import evolve

from wave_pms_sync.errors import StoreUnusable
from wave_pms_sync.model.links import Agreement, Baseline, Link, LinkStatus, Marked, Sight, Trace, microseconds
from wave_pms_sync.model.memory import Change, Claim, JournalEntry, Known, Remove, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.testing.claims import raises, same
from wave_pms_sync.testing.entries import HARD_TEXTS, HARD_VALUES, KEYS, KINDS, NOON, link, links, one_of_each, puts
from wave_pms_sync.testing.stores_setting import StoreSetting, by_wave_id, content

__all__ = ["ContentContract"]

_TICKS = microseconds(NOON)


class ContentContract(StoreSetting):
    """Named tests of what is read after what was written."""

    # --- reading and writing -----------------------------------------------------------------------

    def test_a_store_never_written_is_empty(self) -> None:
        """A store that was never written reads as empty, of every kind and by every key."""
        scanned = [list(self.store.scan(kind)) for kind in KINDS]
        counted = [self.store.count(kind) for kind in KINDS]
        found = [self.store.find(kind, by, [key]) for kind, keys in KEYS.items() for by, key in keys.items()]

        same((scanned, counted), ([[]] * len(KINDS), [0] * len(KINDS)), "entries of each kind")
        same([entry for entries in found for entry in entries], [], "entries found")

    def test_entries_of_every_kind_are_kept(self) -> None:
        """An entry that was put is scanned and counted, equal in every attribute, beside those of other kinds."""
        entries = one_of_each()

        self.commit(puts(*entries))

        same(content(self.store), [[entry] for entry in entries], "entries of each kind")
        same([self.store.count(kind) for kind in KINDS], [1] * len(KINDS), "counts of each kind")

    def test_entries_are_found_by_each_key(self) -> None:
        """An entry is found by each of its keys, once, however often and by however many keys it is asked for."""
        entries = {type(entry): entry for entry in one_of_each()}
        self.commit(puts(*entries.values()))

        found = {
            (kind, by): self.store.find(kind, by, ["other", key, key])
            for kind, keys in KEYS.items()
            for by, key in keys.items()
        }
        by_two = self.store.find(Known, "wave_key", ["email:d1", "name:d2"])

        same(found, {place: [entries[place[0]]] for place in found}, "entries by key")
        same(by_two, [entries[Known]], "an entry asked for by two of its keys")

    def test_traces_tell_what_links_last_showed(self) -> None:
        """A link that rests has a trace on each side, by id and by mark; an open, missed or dormant one has none."""
        rests = evolve(link(2), wave=Sight(digest="d2", mark="m2", stamp=NOON), pms=Sight(digest="d3", archived=True))
        others = [
            evolve(rests, wave_id="w3", pms_id="p3", open=True),
            evolve(rests, wave_id="w4", pms_id="p4", status=LinkStatus.TOMBSTONE),
            evolve(rests, wave_id="w5", pms_id="p5", wave=Sight(digest="d2", missed=1), pms=Sight()),
        ]
        self.commit(puts(*(evolve(other, wave=evolve(other.wave, mark=None)) for other in others), rests))
        ids = ["1", "2", "3", "4", "5"]

        wave = self.store.find(Trace, "wave_id", [f"w{i}" for i in ids])
        pms = self.store.find(Trace, "pms_id", [f"p{i}" for i in ids])
        by_mark = self.store.find(Marked, "wave_mark", ["m2", "m3"])

        shown = [(t.id, t.digest, bool(t.archived), t.stamp, t.created) for t in (*wave, *pms)]
        same(shown, [("w2", "d2", False, _TICKS, None), ("p2", "d3", True, None, None)], "traces")
        same(by_mark, [(wave[0].number, "m2", _TICKS, None)], "a trace by its mark")
        same(len({t.number for t in (*wave, *pms)}), 1, "numbers of one link")
        same(self.store.find(Marked, "pms_mark", ["m2"]), [], "traces by a mark of the other side")

    def test_loose_entries_are_those_without_a_link(self) -> None:
        """The key index tells, by side, which records have no link."""
        known = [Known(side=side, id=f"{side.value[0]}{i}") for side in Side for i in (1, 2)]
        self.commit(puts(link(1), *known))

        found = [self.store.find(Known, "loose", [side.value]) for side in Side]

        same([[k.id for k in some] for some in found], [["w2"], ["p2"]], "loose entries by side")
        same(self.store.find(Known, "loose", ["w2", ""]), [], "loose entries of no side")

    def test_what_nobody_has_is_not_found(self) -> None:
        """Asking for nothing, or for a key that no entry has, finds nothing; an id counts on its own side only."""
        self.commit(puts(*one_of_each()))

        found = [
            *self.store.find(Link, "wave_id", []),
            *self.store.find(Link, "wave_id", ["p1", "", "W1", "w1 ", "%", "w_"]),
            *self.store.find(Known, "pms_id", ["w1"]),
            *self.store.find(Known, "pms_key", ["email:d1"]),
            *self.store.find(Unfinished, "wave_id", ["p1"]),
            *self.store.find(Claim, "pms_id", ["p1"]),
        ]

        same(found, [], "entries found")

    def test_a_second_put_replaces(self) -> None:
        """Putting an entry again replaces it: it is there once, as put last, and not under the keys it lost."""
        self.commit(puts(*one_of_each()))
        known = Known(side=Side.WAVE, id="w1", keys=("email:d9",))
        again = link(1, revision=8)

        self.commit(puts(known, again, evolve(again, revision=9)))

        same(list(self.store.scan(Known)), [known], "the key index")
        same(list(self.store.scan(Link)), [evolve(again, revision=9)], "the links")
        same((self.store.count(Known), self.store.count(Link)), (1, 1), "counts")
        same(self.store.find(Known, "wave_key", ["email:d1", "name:d2"]), [], "entries under keys that were lost")
        same(self.store.find(Known, "wave_key", ["email:d9"]), [known], "the entry under its new key")
        same(self.store.find(Link, "open", ["yes"]), [], "links that are open")

    def test_removal_forgets(self) -> None:
        """A removed entry is neither scanned, counted nor found, whatever attributes the removal shows of it."""
        self.commit(puts(*one_of_each()))
        bare = Known(side=Side.WAVE, id="w1")

        self.commit([Remove(bare if isinstance(entry, Known) else entry) for entry in one_of_each()])

        same(content(self.store), [[] for _ in KINDS], "entries of each kind")
        same([self.store.count(kind) for kind in KINDS], [0] * len(KINDS), "counts of each kind")
        found = [self.store.find(kind, by, [key]) for kind, keys in KEYS.items() for by, key in keys.items()]
        same([entry for entries in found for entry in entries], [], "entries found")

    def test_removing_what_is_not_there_is_no_error(self) -> None:
        """Forgetting an entry that is not there, or twice, changes nothing; nor does an empty commit."""
        self.commit(puts(link(1)))

        self.commit([Remove(entry) for entry in one_of_each() if not isinstance(entry, Link)])
        self.commit([Remove(link(2)), Remove(link(2)), Remove(Link(wave_id="w1", pms_id="p2"))])
        self.commit([])

        same((list(self.store.scan(Link)), self.store.count(Link)), ([link(1)], 1), "the link and the count")

    def test_changes_are_carried_out_in_order(self) -> None:
        """Within a commit a later change sees the earlier ones: what is put and removed is gone, and the reverse."""
        first, second = Unfinished(side=Side.WAVE, id="w1", reason="a"), Unfinished(side=Side.WAVE, id="w1", reason="b")
        gone = Unfinished(side=Side.PMS, id="p1")

        self.commit([*puts(gone, first), Remove(gone), Remove(first), *puts(second)])

        same((list(self.store.scan(Unfinished)), self.store.count(Unfinished)), ([second], 1), "what is unfinished")

    # --- links are unique --------------------------------------------------------------------------

    def test_an_id_is_in_one_link_at_most(self) -> None:
        """A link that would join an id which another link holds, on either side, is refused and not written."""
        self.commit(puts(link(1), link(2)))

        for clash in (link(1, pms_id="p9"), link(9, pms_id="p1"), link(1, pms_id="p2")):
            raises(StoreUnusable, partial(self.commit, puts(clash)), "joining an id twice")

        raises(StoreUnusable, lambda: self.commit(puts(link(8), link(9, pms_id="p8"))), "joining it in one commit")
        same(sorted(self.store.scan(Link), key=by_wave_id), [link(1), link(2)], "the links")

    def test_a_link_may_take_the_ids_of_one_removed_before(self) -> None:
        """An id may be joined anew by the commit that first removes the link that held it, in this order only."""
        self.commit(puts(link(1), link(2)))
        crossed = [link(1, pms_id="p2"), link(2, pms_id="p1")]
        removals: list[Change] = [Remove(link(1)), Remove(link(2))]

        raises(StoreUnusable, lambda: self.commit([*puts(*crossed), *removals]), "joining before removing")
        self.commit([*removals, *puts(*crossed)])

        same(sorted(self.store.scan(Link), key=by_wave_id), crossed, "the links")
        same(self.store.find(Link, "pms_id", ["p1"]), [crossed[1]], "the link by the id it took")

    def test_a_commit_is_whole_or_not_at_all(self) -> None:
        """When the last change of a commit fails, none is carried out, and the store works on."""
        self.commit(puts(*one_of_each()))
        before = content(self.store)
        removals: list[Change] = [Remove(entry) for entry in one_of_each()]
        clash = puts(link(5), link(6), link(7, pms_id="p5"))

        raises(StoreUnusable, lambda: self.commit([*removals, *clash]), "a commit that fails at its end")

        same(content(self.store), before, "entries of each kind")
        same([self.store.count(kind) for kind in KINDS], [1] * len(KINDS), "counts of each kind")
        self.commit(puts(link(5)))
        same(self.store.count(Link), 2, "links after the next commit")

    def test_purging_keeps_what_stands(self) -> None:
        """Overwriting what was removed or replaced changes nothing that stands; a store never written bears it, too."""
        self.store.purge()
        self.commit(puts(*one_of_each(), link(2)))
        self.commit([Remove(link(2))])

        self.store.purge()

        same(content(self.store), [[entry] for entry in one_of_each()], "entries of each kind")
        self.commit(puts(link(3)))
        same(self.store.count(Link), 2, "links after the next commit")

    # --- values ------------------------------------------------------------------------------------

    def test_hard_texts_are_kept(self) -> None:
        """Ids and texts with NUL, quotes, emoji, line ends or 100,000 characters are kept and found as they are."""
        hard = [Link(wave_id=text, pms_id=text, reason=text) for text in HARD_TEXTS]
        known = [Known(side=Side.PMS, id=text, keys=(text,), reason=text) for text in HARD_TEXTS]

        self.commit(puts(*hard, *known))

        same([self.store.find(Link, "pms_id", [text]) for text in HARD_TEXTS], [[one] for one in hard], "links")
        same([self.store.find(Known, "pms_key", [text]) for text in HARD_TEXTS], [[one] for one in known], "known")

    def test_values_stay_distinct(self) -> None:
        """MISSING, null, empty, lists, tuples, numbers and flags come back as what they were, at any depth."""
        shown = {f"field {number}": value for number, value in enumerate(HARD_VALUES)}
        baselines = {name: Baseline(wave=value, pms=[{"inner": value}]) for name, value in shown.items()}

        self.commit(puts(Agreement(wave_id="w1", baselines=baselines)))

        (agreement,) = self.store.find(Agreement, "wave_id", ["w1"])
        found = agreement.baselines
        same([repr(found[name].wave) for name in shown], [repr(value) for value in shown.values()], "values")
        same([repr(one.pms) for one in found.values()], [repr(one.pms) for one in baselines.values()], "inner values")

    def test_moments_are_exact(self) -> None:
        """A moment comes back as the same instant to the microsecond, with a time zone, whichever zone it was in."""
        moments = [
            NOON,
            NOON.replace(microsecond=0),
            datetime(1970, 1, 1, tzinfo=timezone.utc) - timedelta(microseconds=1),
            datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc),
            datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        ]
        entries = [
            JournalEntry(run_id="r", number=number, at=moment, kind="update") for number, moment in enumerate(moments)
        ]
        seen = [link(number, wave=evolve(link(0).wave, stamp=moment)) for number, moment in enumerate(moments)]

        self.commit(puts(*entries, *seen))

        same([entry.at for entry in self.store.scan(JournalEntry)], moments, "moments of the journal")
        same(sorted(self.store.scan(Link), key=by_wave_id), seen, "links with stamps")

    # --- views -------------------------------------------------------------------------------------

    def test_a_snapshot_does_not_move(self) -> None:
        """A snapshot shows what stood when it was taken, by every way of reading, while others commit."""
        self.commit(puts(*one_of_each()))

        with self.store.snapshot() as view:
            self.commit([*(Remove(entry) for entry in one_of_each()), *puts(link(2))])
            seen, counts = content(view), [view.count(kind) for kind in KINDS]
            found = view.find(Link, "wave_id", ["w1", "w2"]), view.find(Known, "wave_key", ["email:d1", "name:d2"])

        same((seen, counts), ([[entry] for entry in one_of_each()], [1] * len(KINDS)), "the snapshot")
        same([len(entries) for entries in found], [1, 1], "entries found in the snapshot")
        same(list(self.store.scan(Link)), [link(2)], "the store itself")

    def test_a_snapshot_of_an_empty_store_stays_empty(self) -> None:
        """A snapshot of a store that was never written stays empty; one taken later sees more."""
        with self.store.snapshot() as early:
            self.commit(puts(link(1)))
            with self.store.snapshot() as late:
                seen = list(early.scan(Link)), early.count(Link), list(late.scan(Link))

        same(seen, ([], 0, [link(1)]), "the early and the late snapshot")

    def test_a_scan_bears_commits(self) -> None:
        """While a scan is under way others may commit; an entry that stays is seen exactly once."""
        self.commit(puts(*links(2500)))

        scan = self.store.scan(Link)
        seen = [one.wave_id for one in islice(scan, 10)]
        self.commit(
            [Remove(link(7)), *puts(link(3, revision=2), link(9999), *(link(n, revision=3) for n in range(100, 200)))]
        )
        seen += [one.wave_id for one in scan]

        counted = {f"w{number}": seen.count(f"w{number}") for number in range(0, 2500, 97)}
        same(counted, dict.fromkeys(counted, 1), "how often links were seen")
        same(len(seen), len(set(seen)), "links seen, and different ones")

    def test_the_journal_keeps_its_order(self) -> None:
        """Journal entries are scanned in the order in which they were written, whatever runs are called."""
        written = [
            JournalEntry(run_id=run, number=number, at=NOON, kind="update")
            for run in ("r9", "r10", "a1")
            for number in (1, 2, 10)
        ]

        for entry in written:
            self.commit(puts(entry))

        same(list(self.store.scan(JournalEntry)), written, "the journal")

    def test_many_entries_at_once(self) -> None:
        """A commit of thousands and a search for as many come out complete."""
        many, known = links(6000), [Known(side=Side.PMS, id=f"p{n}", keys=(f"k{n}",)) for n in range(6000)]

        self.commit(puts(*many, *known))
        found = self.store.find(Link, "pms_id", (f"p{number}" for number in range(0, 9000, 2)))

        same((self.store.count(Link), self.store.count(Known)), (6000, 6000), "counts")
        same({one.pms_id for one in found}, {f"p{number}" for number in range(0, 6000, 2)}, "ids of those found")
        same(len(self.store.find(Known, "pms_key", [f"k{n}" for n in range(3000)])), 3000, "found by key")
        same(len({one.wave_id for one in self.store.scan(Link)}), 6000, "links scanned")
