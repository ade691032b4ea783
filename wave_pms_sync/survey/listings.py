"""List both sides: what changed, or everything where that is due."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator
from contextlib import ExitStack
from datetime import datetime, timedelta

from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.lost_creates import wants_full_scan
from wave_pms_sync.reconcile.world import Listing
from wave_pms_sync.scan import read_listing
from wave_pms_sync.survey.ground import Ground

log = logging.getLogger("wave_pms_sync.survey")


def list_sides(ground: Ground, full: bool | None, overdue: Callable[[], bool]) -> None:
    """List both sides: one after the other, or a page of each in turn where both ask for pages ahead.

    All pages are looked at here, in one thread; only asking for them is done by several.

    Args:
        ground: Takes what is shown, and what the listings are worth.
        full: True lists everything, False does not do so merely because it is due, None decides.
        overdue: Whether the time of the run is over.

    Raises:
        SyncError: Of a side not even the first page could be read.
    """
    with ExitStack() as left_alone:
        waiting = deque((side, list_side(ground, side, full, overdue)) for side in Side)
        for _, reading in waiting:
            left_alone.callback(reading.close)
        together = all(client.abilities.pages_ahead for client in ground.clients.values())
        while waiting:
            side, reading = waiting[0]
            try:
                next(reading)
            except StopIteration as end:
                ground.listings[side] = end.value
                waiting.popleft()
            else:
                waiting.rotate(-1 if together else 0)


def list_side(
    ground: Ground, side: Side, full: bool | None, overdue: Callable[[], bool]
) -> Generator[None, None, Listing]:
    """List one side; it pauses after each page.

    Args:
        ground: Takes what is shown.
        side: Which side.
        full: True lists everything, False does not do so merely because it is due, None decides.
        overdue: Whether the time of the run is over.

    Raises:
        SyncError: Not even the first page could be read.
    """
    since = asked_since(ground, side, full=full)
    listing = yield from _read_side(ground, side, since, overdue)
    if listing.complete and since is not None and _behind(ground, side, listing):
        told = (
            "the newest record is older than what was seen before (deleted, or a restored backup?); listing everything"
        )
        log.warning(told, extra={"side": side.value})
        ground.sights.restart(side)
        listing = yield from _read_side(ground, side, None, overdue)
    return listing


def asked_since(ground: Ground, side: Side, *, full: bool | None) -> datetime | None:
    """Since when a side is asked for changes; None: for everything. `full` as for `list_side`."""
    return None if _wants_all(ground, side, full) else _since(ground, side)


def _read_side(
    ground: Ground, side: Side, since: datetime | None, overdue: Callable[[], bool]
) -> Generator[None, None, Listing]:
    scan = yield from read_listing(
        ground.clients[side],
        side,
        since,
        ground.sights,
        overdue,
    )
    return scan.listing(ground.now)


def _wants_all(ground: Ground, side: Side, full: bool | None) -> bool:
    state, tenant = ground.state(side), ground.memory.tenant
    scope = ground.scope.id if ground.scope is not None else ""
    if full or tenant is None or state.watermark is None or not state.indexed:
        return True
    if not ground.clients[side].abilities.since or wants_full_scan(ground.memory.intents, side):
        return True
    if ground.judged_otherwise or tenant.scope != scope:
        return True
    every, last = timedelta(seconds=ground.policy.full_scan_every_s), state.full_scan_at
    due = last is None or not last <= ground.now < last + every  # a clock that was ahead, and was set right
    return full is None and due


def _since(ground: Ground, side: Side) -> datetime | None:
    state = ground.state(side)
    if state.watermark is None:
        return None
    return state.watermark - timedelta(seconds=1 if state.confirmed else ground.policy.overlap_s)


def _behind(ground: Ground, side: Side, listing: Listing) -> bool:
    """The newest record is older than what was seen before: a restored backup, or the newest is gone."""
    watermark = ground.state(side).watermark
    return watermark is not None and (listing.newest is None or listing.newest < watermark)
