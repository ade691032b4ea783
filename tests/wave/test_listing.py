"""Walking through a listing."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone

from wave_pms_sync.model.records import Page, each_once
from wave_pms_sync.wave.listing import walk
from wave_pms_sync.wave.records import WaveRecord

NOON = datetime(2026, 11, 5, 12, tzinfo=timezone.utc)


def _record(record_id, at=None):
    return WaveRecord(id=record_id, payload={}, modified_at=at)


def _book(*pages, last=True):
    asked = []

    def ask(number):
        asked.append(number)
        ids = pages[min(number, len(pages)) - 1]
        return Page(records=tuple(map(_record, ids)), last=last and number >= len(pages))

    return ask, asked


def test_pages_are_asked_for_one_by_one():
    """A page is asked for when it is needed, and none after the last."""
    ask, asked = _book("ab", "c", "d")
    pages = walk(ask)

    first = next(pages)
    before = list(asked)
    rest = list(pages)

    assert (before, asked) == ([1], [1, 2, 3])
    assert [len(page.records) for page in [first, *rest]] == [2, 1, 1]


def test_a_listing_that_repeats_itself_is_broken_off(caplog):
    """A server that shows its last page for ever is left, and the end is not called the end."""
    caplog.set_level(logging.WARNING, "wave_pms_sync.wave")
    ask, asked = _book("ab", "cd", last=False)

    pages = list(walk(ask))

    assert asked == [1, 2, 3]
    assert not any(page.last for page in pages)
    assert [record.getMessage() for record in caplog.records] == [
        "broken off operation=list_customers page=3: it shows nobody new"
    ]


def test_an_empty_listing_without_an_end_is_left():
    """A page without rows that is not the last is not followed."""
    ask, asked = _book("", last=False)

    assert [page.last for page in walk(ask)] == [False]
    assert asked == [1]


def test_an_overlap_is_no_repetition():
    """A page that shows somebody again and somebody new is followed."""
    ask, _ = _book("ab", "bc", "d")

    assert len(list(walk(ask))) == 3


def test_everybody_is_shown_once():
    """A customer on two pages is shown once."""
    ask, _ = _book("ab", "bc", "d")

    assert [record.id for record in each_once(walk(ask), None)] == ["a", "b", "c", "d"]


def test_only_those_modified_since_are_shown():
    """Those stamped before the moment are left out; those at it, after it or without a stamp are shown."""
    second = timedelta(seconds=1)
    records = (_record("a", NOON - second), _record("b", NOON), _record("c", NOON + second), _record("d"))

    assert [record.id for record in each_once([Page(records=records)], NOON)] == ["b", "c", "d"]
