"""Walking through a listing page by page, and never for ever."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from wave_pms_sync.model.records import Page
from wave_pms_sync.pms.paging import Spot

_log = logging.getLogger("wave_pms_sync.pms")


def walk(ask: Callable[[Spot], tuple[Page, Spot | None]], *, repeat_ends: bool = False) -> Iterator[Page]:
    """Ask for page after page, up to the one that states the end.

    A listing that goes round in circles (a page that is not the last and shows nobody who was not on the page
    before, a spot that was there already) ends as well, with no page that says it is the last.

    Args:
        ask: Gives the page at a spot, and the spot that goes on; None at the end, or where the listing breaks off.
        repeat_ends: The API answers its last page again for every page behind it, so that is the end.
    """
    before: frozenset[object] = frozenset()
    asked: set[object] = set()
    spot: Spot | None = Spot()
    while spot is not None and spot.key not in asked:
        asked.add(spot.key)
        page, spot = ask(spot)
        shown = page.faces | (spot.others if spot is not None else frozenset())
        again = bool(before) and shown <= before
        if again and repeat_ends and shown == before:
            page = Page(records=(), total=page.total, last=True, server_time=page.server_time)
        if page.last:
            yield page
            return
        if not again:
            yield page
        del page  # gone before the next one comes: reading into memory that was just used is quicker
        if again or not shown:
            break
        before = shown
    _log.warning("listing breaks off side=pms pages=%d: no page stated the end, so it stays incomplete", len(asked))
