"""A first sync that is killed again and again: what of its work is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

from attrs import frozen

from tests.benchmarks.increments import Sides, sides
from wave_pms_sync import CustomPmsClient, PmsProfile, SQLiteLinkStore, Synchronizer, Unlimited
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.testing import Blade, Cut, CutSession, CutStore

AWAY_S = 400
"""Nobody looks for so long after a kill: the lease has ended, and nothing can come late any more."""


@frozen(kw_only=True)
class Survived:
    """What a first sync took.

    Attributes:
        requests: How many, of all its runs.
        created: Records that the PMS made.
    """

    requests: int
    created: int


def first_sync(count: int, kills: int) -> Survived:
    """Sync so many customers into an empty PMS, killed so often, after even shares of the creates."""
    with (
        sides(count) as given,
        tempfile.TemporaryDirectory() as folder,
        SQLiteLinkStore(Path(folder) / "links.sqlite3") as links,
    ):
        for _ in range(kills):
            _killed(given, links, creates=count // (kills + 1))
            given.clock.advance(AWAY_S)
        assert given.sync(links).run().ok
        ledgers = given.wave_box.ledger, given.pms_box.ledger
        return Survived(requests=sum(each.requests for each in ledgers), created=ledgers[1].creates)


def _killed(given: Sides, links: LinkStore, creates: int) -> None:
    """A run that dies between a create and its answer."""
    blade = _AfterCreates(given, creates)
    profile = PmsProfile.from_dict({"paging": {"size": 200}})
    client = CustomPmsClient(
        given.pms_box.url, token=given.pms_box.token, profile=profile, pace=Unlimited(), session=CutSession(blade)
    )
    try:
        Synchronizer(wave=given.wave, pms=client, links=CutStore(links, blade), clock=given.clock).run()
    except Cut:
        return
    raise AssertionError("the run ended before it was killed")


class _AfterCreates(Blade):
    """Cuts when the PMS has made so many records more."""

    def __init__(self, given: Sides, creates: int) -> None:
        super().__init__()
        self._ledger = given.pms_box.ledger
        self._last = self._ledger.creates + creates

    def place(self, where: str) -> None:
        super().place(where)
        if where == "after request POST" and self._ledger.creates >= self._last:
            self.blow()
