"""Walking through a listing whose rows may move while one walks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from wave_pms_sync.http.ahead import asking_ahead
from wave_pms_sync.model.records import Page

_log = logging.getLogger("wave_pms_sync.wave")


def walk_ahead(ask: Callable[[int], Page], count: int, threads: int) -> Iterator[Page]:
    """As `walk`, with so many pages asked for before they are needed, by so many threads."""
    with asking_ahead(ask, _following, count, threads) as asked:
        yield from walk(asked)


def _following(number: int, page: Page) -> range:
    return range(number + 1, (page.pages or 0) + 1)


def walk(ask: Callable[[int], Page]) -> Iterator[Page]:
    """Ask for page after page, from 1, to the one that says it is the last.

    A page that is not the last and shows nobody who was not on the page before ends the walk too, since a
    server that shows its last page for ever would never end it.
    """
    before: frozenset[object] = frozenset()
    number, more = 1, True
    while more:
        page = ask(number)
        shown, last = page.faces, page.last
        yield page
        del page  # gone before the next one comes: reading into memory that was just used is a third quicker
        fresh = bool(shown - before)
        if not last and not fresh:
            _log.warning("broken off operation=list_customers page=%d: it shows nobody new", number)
        more = fresh and not last
        before, number = shown, number + 1
