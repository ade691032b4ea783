"""A life of two systems: Wave on one side, on the other a PMS of some profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timezone

from wave_pms_sync import (
    CustomPmsClient,
    MappingRegistry,
    MemoryLinkStore,
    OAuth2,
    PmsProfile,
    Policy,
    Report,
    Synchronizer,
    Unlimited,
    WaveClient,
)
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.model.links import Link
from wave_pms_sync.pms.hooks import Hooks
from wave_pms_sync.testing import Fault, ManualClock, PmsSandbox, PmsTraps, WaveSandbox

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
        demanded: Properties without which the PMS keeps no customer.
    """

    def __init__(
        self,
        stack: ExitStack,
        profile: PmsProfile | None = None,
        *,
        as_told: PmsProfile | None = None,
        traps: PmsTraps | Mapping[str, object] | None = None,
        token: str | None = None,
        shown: Callable[[Mapping[str, object]], Mapping[str, object]] = dict,
        auth: Callable[[PmsSandbox], OAuth2] | None = None,
        hooks: Hooks | None = None,
        served_by: PmsSandbox | None = None,
        **options: object,
    ) -> None:
        self.clock = ManualClock(START)
        self.wave_box = stack.enter_context(WaveSandbox(clock=self.clock))
        profile = profile or PmsProfile()
        played = traps if isinstance(traps, PmsTraps) else PmsTraps(**(traps or {}))
        self.demanded = dict.fromkeys(played.required, "customer")
        box = PmsSandbox(clock=self.clock, profile=profile, traps=played, **options)
        self.pms_box = served_by or stack.enter_context(box)
        wave = WaveClient(
            token=self.wave_box.token,
            business_id=self.wave_box.business_id,
            url=self.wave_box.url,
            pace=Unlimited(),
            retry=HASTY,
        )
        told = {**shown(self.pms_box.credentials), **({} if token is None else {"token": token})}
        told = told if auth is None else {"auth": auth(self.pms_box)}
        profile, patience = as_told or profile, {"retry": HASTY, "pace": Unlimited()}
        pms = CustomPmsClient(self.pms_box.url, profile=profile, hooks=hooks, **patience, **told)
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
        """A customer in the PMS, with what it demands of each."""
        return self.pms_box.add({"name": name, "email": f"{name.lower()}@example.com", **self.demanded, **values})

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


def lived(both: Pair) -> None:
    """Matches, creates both ways, edits and clears on both sides, a quiet run, and a deletion on each side.

    Whatever the conventions of the PMS are, both sides hold the same afterwards, and nobody was made twice.
    """
    wave_box, pms_box = both.wave_box, both.pms_box
    ada = both.add("Ada", website="ada.example")
    bo, cy = both.add("Bo", phone="1", address=TORONTO), both.add("Cy", website="cy.example")
    ada_there, eve_there = both.add_to_pms("ADA"), both.add_to_pms("Eve", phone="2")
    for name in ("Flo", "Gus"):
        both.add_to_pms(name)

    first = both.run()

    assert first.ok, first
    assert (first.counts.linked, first.counts.created_pms, first.counts.created_wave) == (1, 2, 3)
    there = both.links_of()
    assert there[ada] == ada_there
    eve = next(wave_id for wave_id, pms_id in there.items() if pms_id == eve_there)
    assert wave_box.customers[eve]["phone"] == "2"
    assert pms_box.customers[there[bo]]["address"]["city"] == "Toronto"
    assert pms_box.customers[there[bo]]["external_id"] == (bo if both.pms.profile.record.marker else None)

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
    assert both.sync.plan(full=True).empty

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


def declined(both: Pair) -> None:
    """One customer whom the PMS declines is told by its property, made by nobody, and asked for no more."""
    before = both.pms_box.ledger.creates
    both.pms_box.faults.add(Fault.REFUSED, times=None, field="name", value="Nope", on="create")
    both.add("Nope", phone="7")
    both.add("Zoe")

    told = both.run(full=True)
    asked = both.pms_box.ledger.requests
    both.clock.advance(450)
    both.run(full=True)

    assert told.counts.quarantined == 1, told
    assert "name" in str(told.outcomes), told
    assert both.pms_box.ledger.creates == before + 1
    assert "Nope" not in both.names()[1]
    assert both.pms_box.ledger.requests - asked < 60
