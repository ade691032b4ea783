"""Walking through a listing page by page, and never for ever."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from wave_pms_sync.model.records import Page, Record

_log = logging.getLogger("wave_pms_sync.pms")


def walk(ask: Callable[[str | None], tuple[Page, str | None]]) -> Iterator[Page]:
    """Ask for page after page, up to the one that states the end.

    A listing that goes round in circles (a page that is not the last and shows nobody who was not on the page
    before, a cursor that was there already) ends as well, with no page that says it is the last.

    Args:
        ask: Gives the page at a cursor (None: the first), and the cursor that goes on (None: the end).
    """
    before: frozenset[str] = frozenset()
    asked: set[str | None] = set()
    cursor: str | None = None
    while cursor not in asked:
        asked.add(cursor)
        page, cursor = ask(cursor)
        shown = frozenset(record.id for record in page.records)
        again = bool(before) and shown <= before
        if page.last or not again:
            yield page
        if page.last:
            return
        if again or not shown:
            break
        before = shown
    _log.warning("listing breaks off side=pms pages=%d: it goes round in circles and stays incomplete", len(asked))


def each_once(pages: Iterable[Page], modified_after: datetime | None) -> Iterator[Record]:
    """The records of these pages without repetitions, and without those certainly stamped before a moment."""
    shown: set[str] = set()
    for record in (record for page in pages for record in page.records):
        early = modified_after and record.modified_at and record.modified_at < modified_after
        if record.id not in shown and not early:
            shown.add(record.id)
            yield record
