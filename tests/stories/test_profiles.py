"""Two-way runs with a PMS of every profile of the table, and with the traps of real servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

import pytest

from wave_pms_sync import (
    CustomPmsClient,
    MappingRegistry,
    MemoryLinkStore,
    PmsProfile,
    Policy,
    Report,
    Synchronizer,
    Unlimited,
    WaveClient,
)
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.model.links import Link
from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox
from wave_pms_sync.testing.pms_traps import PmsTraps

TABLE = json.loads((Path(__file__).parents[1] / "contracts" / "profiles.json").read_text("utf-8"))
START = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
HASTY = RetryPolicy(first_wait_s=0, budget_s=5)
TORONTO = {"addressLine1": "1 Main St", "city": "Toronto", "country": {"code": "CA"}, "province": {"code": "CA-ON"}}


class Pair:
    """Wave on one side, a PMS of some profile on the other; time stands still between runs.

    Attributes:
        wave_box: Wave.
        pms_box: The PMS.
        pms: Its client.
        sync: Both ways.
    """

    def __init__(
        self,
        stack: ExitStack,
        profile: PmsProfile | None = None,
        *,
        as_told: PmsProfile | None = None,
        traps: Mapping[str, object] | None = None,
        token: str | None = None,
        **options: object,
    ) -> None:
        self.clock = ManualClock(START)
        self.wave_box = stack.enter_context(WaveSandbox(clock=self.clock))
        profile = profile or PmsProfile()
        box = PmsSandbox(clock=self.clock, profile=profile, traps=PmsTraps(**(traps or {})), **options)
        self.pms_box = stack.enter_context(box)
        wave = WaveClient(
            token=self.wave_box.token,
            business_id=self.wave_box.business_id,
            url=self.wave_box.url,
            pace=Unlimited(),
            retry=HASTY,
        )
        shown = {**self.pms_box.credentials, **({} if token is None else {"token": token})}
        pms = CustomPmsClient(self.pms_box.url, profile=as_told or profile, retry=HASTY, pace=Unlimited(), **shown)
        self.pms = stack.enter_context(pms)
        self.links = MemoryLinkStore()
        mapping = MappingRegistry.default()
        mapping.map("customer", wave="phone", pms="phone", converter="phone", absent="empty")
        retire = "archive" if self.pms.abilities.archive else "delete"
        self.sync = Synchronizer(
            wave=stack.enter_context(wave),
            pms=self.pms,
            links=self.links,
            clock=self.clock,
            mapping=mapping,
            policy=Policy(create_in=("pms", "wave"), deletions={"pms": retire}),
        )

    def run(self, **how: object) -> Report:
        """A run, a minute after whatever happened last."""
        self.clock.advance(60)
        return self.sync.run(**how)

    def add(self, name: str, **values: object) -> str:
        """A customer in Wave."""
        return self.wave_box.add({"name": name, "email": f"{name.lower()}@example.com", **values})

    def add_to_pms(self, name: str, **values: object) -> str:
        """A customer in the PMS."""
        return self.pms_box.add({"name": name, "email": f"{name.lower()}@example.com", **values})

    def links_of(self) -> dict[str, str]:
        """The PMS id of each linked Wave customer."""
        return {link.wave_id: link.pms_id for link in self.links.scan(Link)}

    def names(self) -> tuple[list[str], list[str]]:
        """Who is on either side, in alphabetical order."""
        boxes = (self.wave_box, self.pms_box)
        return tuple(sorted(str(row["name"]) for row in box.customers.values()) for box in boxes)

    @property
    def writes(self) -> tuple[int, int]:
        """Writes that were executed so far, in Wave and in the PMS."""
        return self.wave_box.ledger.writes, self.pms_box.ledger.writes


@pytest.fixture
def pair() -> Iterator[Callable[..., Pair]]:
    """Makes pairs of the test's choice."""
    with ExitStack() as stack:
        yield lambda *args, **options: Pair(stack, *args, **options)


@pytest.mark.parametrize("row", TABLE)
def test_a_life_with_every_profile(pair: Callable[..., Pair], row: str) -> None:
    """Matches, creates both ways, edits and clears on both sides, a deletion and a quiet run, whatever the API."""
    entry = TABLE[row]
    profile = PmsProfile.from_dict(entry["profile"]).evolve(paging={"size": 3})
    both = pair(profile, traps=entry.get("traps"), **entry.get("sandbox", {}))
    wave_box, pms_box = both.wave_box, both.pms_box
    required = {"type": "customer"} if row == "framework" else {}
    ada = both.add("Ada", website="ada.example")
    bo, cy = both.add("Bo", phone="1", address=TORONTO), both.add("Cy", website="cy.example")
    ada_there, eve_there = both.add_to_pms("ADA", **required), both.add_to_pms("Eve", phone="2", **required)
    for name in ("Flo", "Gus"):
        both.add_to_pms(name, **required)

    first = both.run()

    assert first.ok, first
    assert (first.counts.linked, first.counts.created_pms, first.counts.created_wave) == (1, 2, 3)
    there = both.links_of()
    assert there[ada] == ada_there
    eve = next(wave_id for wave_id, pms_id in there.items() if pms_id == eve_there)
    assert wave_box.customers[eve]["phone"] == "2"
    assert pms_box.customers[there[bo]]["address"]["city"] == "Toronto"
    assert pms_box.customers[there[bo]]["external_id"] == (bo if profile.record.marker else None)

    both.clock.advance(60)
    wave_box.edit(bo, {"phone": "11", "address": {**TORONTO, "city": "Guelph"}})
    wave_box.edit(cy, {"website": None})
    pms_box.edit(eve_there, {"mobile": "22", "phone": None})
    pms_box.edit(ada_there, {"contact": {"first_name": "Ada"}})
    second = both.run()

    assert second.ok, second
    assert pms_box.customers[there[bo]]["phone"] == "11"
    assert pms_box.customers[there[bo]]["address"]["city"] == "Guelph"
    assert pms_box.customers[there[bo]]["address"]["line1"] == "1 Main St"
    assert not pms_box.customers[there[cy]]["website"]
    assert (wave_box.customers[eve]["mobile"], wave_box.customers[eve]["phone"] or None) == ("22", None)
    assert wave_box.customers[ada]["firstName"] == "Ada"

    both.clock.advance(450)
    before = both.writes
    quiet = both.run(full=True)

    assert quiet.ok, quiet
    assert both.writes == before

    wave_box.remove(cy)
    pms_box.remove(eve_there)
    both.clock.advance(450)
    gone = both.run(full=True)
    both.clock.advance(450)
    both.run(full=True)

    assert gone.counts.retired == 1
    assert pms_box.customers.get(there[cy], {"archived": True})["archived"] is True
    assert (there[cy] in pms_box.customers) is both.pms.abilities.archive
    assert eve in wave_box.customers
    assert (wave_box.ledger.creates, pms_box.ledger.creates) == (3, 2)
