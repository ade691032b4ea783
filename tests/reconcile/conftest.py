"""Builders for the thinking rooms: one pair, or a whole world, as values. The mapping is the real default one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

import pytest
from attrs import define, evolve, field

from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.mapping.paths import lay
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Agreement, Baseline, Choice, Hold, HoldReason, Link, LinkStatus, Sight
from wave_pms_sync.model.memory import Intent, IntentKind, IntentState, Quarantined, Tenant
from wave_pms_sync.model.records import Abilities
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.decide import decide
from wave_pms_sync.reconcile.pairs import decide_pair
from wave_pms_sync.reconcile.plan import Plan
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.rulings import values_digest
from wave_pms_sync.reconcile.verdicts import Verdicts
from wave_pms_sync.reconcile.world import Listing, Newcomer, Origin, Pair, Presence, Seen, World

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
BORN = datetime(2026, 1, 1, 9, 0, tzinfo=timezone.utc)

ADA = {
    "name": "Ada Lovelace",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "displayId": "0012",
    "email": "ada@example.com",
    "phone": "+44 20 7946 0100",
    "currency.code": "GBP",
    "address.addressLine1": "12 St James's Square",
    "address.city": "London",
    "address.province.code": "GB-LND",
    "address.postalCode": "SW1Y 4JH",
    "address.country.code": "GB",
}
"""One customer, by Wave property."""


def at(seconds: float) -> datetime:
    """So many seconds after the run began."""
    return NOW + timedelta(seconds=seconds)


def payload(flat: Mapping[str, object]) -> dict[str, object]:
    """A payload from dotted paths; MISSING leaves a property out."""
    nested: dict[str, object] = {}
    for path, value in flat.items():
        if value is not MISSING:
            lay(nested, path, value)
    return nested


@define(kw_only=True)
class Bench:
    """Where pairs and worlds are put together and decided."""

    lens: Lens = field(factory=lambda: MappingRegistry.default().lens())
    policy: Policy = field(factory=Policy)
    now: datetime = NOW
    abilities: Abilities = field(factory=lambda: Abilities(marker=True, archive=True))
    agreed_wave: dict[str, object] = field(factory=lambda: dict(ADA))
    agreed_pms: dict[str, object] = field(factory=dict)

    at = staticmethod(at)

    # --- names ---

    def id(self, name: str) -> str:
        """The field of a Wave property."""
        return next(i for i, f in self.lens.fields.items() if f.name == name)

    def names(self, action: Action) -> list[str]:
        """The Wave properties that an action changes."""
        return [change.name for change in action.fields]

    def kinds(self, decided: Verdicts | Plan) -> list[str]:
        """What is done, in order."""
        return [str(a.kind) if a.side is None else f"{a.kind} {a.side}" for a in decided.actions]

    def writes(self, decided: Verdicts | Plan) -> dict[tuple[str, str], object]:
        """What is written, by side and Wave property."""
        return {(str(a.side), c.name): c.after for a in decided.actions if a.side is not None for c in a.fields}

    def only(self, decided: Verdicts | Plan, kind: ActionKind) -> Action:
        """The one action of this kind."""
        found = [a for a in decided.actions if a.kind is kind]
        assert len(found) == 1, self.kinds(decided)
        return found[0]

    # --- what sides show ---

    def raws(self, side: Side, flat: Mapping[str, object]) -> tuple[object, ...]:
        """Raw values of a record with these properties (dotted, in the side's names) and no others."""
        blank: dict[str, object] = {}
        for i in self.lens.fields:
            wave, _, pms = i.partition("=")
            for path in (wave if side is Side.WAVE else pms).split("+"):
                blank[path] = None
        return self.lens.raws(side, payload({**blank, **flat}))

    def agreed(self, side: Side) -> dict[str, object]:
        """What a side last showed when both agreed, in its own names."""
        if side is Side.WAVE:
            return dict(self.agreed_wave)
        if self.agreed_pms:
            return dict(self.agreed_pms)
        return {self.id(name).partition("=")[2]: value for name, value in self.agreed_wave.items()}

    def seen(self, side: Side, shown: object, **facts: object) -> Seen:
        """What a side shows: changes against the agreed record (a mapping), or a presence."""
        record_id = "W1" if side is Side.WAVE else "P1"
        if isinstance(shown, Presence):
            return Seen(side=side, id=record_id, presence=shown, **facts)
        changes = shown if isinstance(shown, Mapping) else {}
        raws = self.raws(side, {**self.agreed(side), **changes})
        default = {"created_at": BORN, "stamp": at(-60) if changes else at(-86400), "listed": True}
        return Seen(side=side, id=record_id, raws=raws, digest=self.lens.digest(raws), **{**default, **facts})

    # --- one pair ---

    def baselines(self, wave: Mapping[str, object], pms: Mapping[str, object]) -> dict[str, Baseline]:
        """Baselines of all fields, from what both sides showed."""
        both = zip(self.lens.fields, self.raws(Side.WAVE, wave), self.raws(Side.PMS, pms), strict=False)
        return {name: Baseline(wave=w, pms=p) for name, w, p in both}

    def agreement(self, **facts: object) -> Agreement:
        """Agreed on everything, unless told otherwise."""
        agreed = Agreement(wave_id="W1", baselines=self.baselines(self.agreed(Side.WAVE), self.agreed(Side.PMS)))
        return evolve(agreed, **facts)

    def link(self, **facts: object) -> Link:
        """A link that was last seen a day ago."""
        sights = {
            side.value: Sight(
                created_at=BORN,
                stamp=at(-86400),
                digest=self.lens.digest(self.raws(side, self.agreed(side))),
            )
            for side in Side
        }
        return Link(**{"wave_id": "W1", "pms_id": "P1", "revision": 3, **sights, **facts})

    def pair(
        self,
        wave: object = None,
        pms: object = None,
        *,
        agreement: Agreement | None = None,
        link: Link | None = None,
        intents: Sequence[Intent] = (),
        wave_facts: Mapping[str, object] | None = None,
        pms_facts: Mapping[str, object] | None = None,
    ) -> Pair:
        """A linked pair: each side with its changes against what was agreed, or with a presence."""
        return Pair(
            link=link or self.link(),
            agreement=agreement or self.agreement(),
            wave=self.seen(Side.WAVE, wave, **(wave_facts or {})),
            pms=self.seen(Side.PMS, pms, **(pms_facts or {})),
            intents=tuple(intents),
        )

    def numbered(self, pair: Pair, n: int) -> Pair:
        """The same pair under other ids."""
        return evolve(
            pair,
            link=evolve(pair.link, wave_id=f"W{n}", pms_id=f"P{n}"),
            agreement=evolve(pair.agreement, wave_id=f"W{n}"),
            wave=evolve(pair.wave, id=f"W{n}"),
            pms=evolve(pair.pms, id=f"P{n}"),
        )

    def judge(self, wave: object = None, pms: object = None, *, policy: Policy | None = None, **facts: object):
        """Decide one pair."""
        return self.decide(self.pair(wave, pms, **facts), policy)

    def decide(self, pair: Pair, policy: Policy | None = None) -> Verdicts:
        """Decide one pair."""
        return decide_pair(pair, self.lens, policy or self.policy, self.now, self.abilities)

    def strangers(self, wave: Mapping[str, object], pms: Mapping[str, object], **facts: object) -> Pair:
        """A pair that was just linked and marked, and never agreed on anything; only these properties have values."""
        shown = {}
        for side, flat in ((Side.WAVE, wave), (Side.PMS, {"external_id": "W1", **pms})):
            raws = self.raws(side, flat)
            shown[side.value] = Seen(
                side=side, id="W1" if side is Side.WAVE else "P1", raws=raws, stamp=facts.pop(f"{side}_at", None)
            )
        link = Link(wave_id="W1", pms_id="P1")
        return Pair(link=link, agreement=facts.pop("agreement", Agreement(wave_id="W1")), **shown, **facts)

    def after(self, verdicts: Verdicts) -> Agreement:
        """The agreement when all link changes of the verdicts are carried out."""
        moved = {n: b for a in verdicts.actions for n, b in a.baselines.items()}
        held = verdicts.agreement
        holds = {h.group: evolve(h, since=h.since or self.now) for h in verdicts.holds}
        return evolve(held, baselines={**held.baselines, **moved}, holds=holds)

    def choose(self, agreement: Agreement, group: str, side: Side | None, values: Mapping[str, object] | None = None):
        """A person's decision on a hold, as it is stored."""
        hold = agreement.holds[group]
        choice = Choice(side=side, values=values, digest=values_digest(hold))
        return evolve(agreement, holds={**agreement.holds, group: evolve(hold, choice=choice)})

    def hold(self, reason: HoldReason, name: str, wave: object, pms: object, **facts: object) -> Hold:
        """A standing hold of a single field."""
        rules = self.lens.fields[self.id(name)]
        facts = {"detail": "held before", "since": at(-9999), **facts}
        return Hold(group=rules.group, reason=reason, wave={rules.id: wave}, pms={rules.id: pms}, **facts)

    def update_intent(self, side: Side, changes: Mapping[str, tuple[object, object]], **facts: object) -> Intent:
        """An open update: by Wave property, the value before and the value sent."""
        return Intent(
            kind=IntentKind.UPDATE,
            side=side,
            origin_id="W1" if side is Side.PMS else "P1",
            record_id="P1" if side is Side.PMS else "W1",
            values={self.id(n): sent for n, (_, sent) in changes.items()},
            before={self.id(n): before for n, (before, _) in changes.items()},
            origin={self.id(n): sent for n, (_, sent) in changes.items()},
            **{"state": IntentState.UNKNOWN, "announced_at": at(-30), **facts},
        )

    # --- a world ---

    def newcomer(self, side: Side, record_id: str, flat: Mapping[str, object], **facts: object) -> Newcomer:
        """A record without a link; its keys are those of the mapping, undigested."""
        raws = self.raws(side, {("id" if side is Side.WAVE else "-"): record_id, **flat})
        names = (*self.policy.match_on, "name")
        keys = dict(self.lens.keys(side, record_id, raws, names))
        marker = keys.get("external_id") if side is Side.PMS else None
        told = ("presence", "archived", "created_at", "excluded", "reason", "stamp")
        seen_facts = {"stamp": at(-60), **{k: facts.pop(k) for k in told if k in facts}}
        seen = Seen(side=side, id=record_id, raws=raws, digest=self.lens.digest(raws), **seen_facts)
        if seen.presence is not Presence.SHOWN:
            seen = evolve(seen, raws=None)
        origin = facts.pop("origin", Origin.OURS if marker else Origin.NONE)
        if origin in (Origin.FOREIGN, Origin.ORPHAN):
            keys.pop("external_id", None)
        return Newcomer(seen=seen, keys=keys, origin=origin, origin_id=marker, **facts)

    def world(
        self,
        newcomers: Sequence[Newcomer] = (),
        *,
        linked: Sequence[tuple[Newcomer, Newcomer]] = (),
        status: LinkStatus = LinkStatus.ACTIVE,
        **facts: object,
    ) -> World:
        """Everything is read; linked records are known by their keys and need no look."""
        holders: dict[tuple[Side, str], frozenset[str]] = {}
        for n in (*newcomers, *(n for pair in linked for n in pair)):
            for name, value in n.keys.items():
                place = (n.seen.side, f"{name}:{value}")
                holders[place] = holders.get(place, frozenset()) | {n.seen.id}
        links = {}
        for wave, pms in linked:
            links[wave.ref] = links[pms.ref] = Link(wave_id=wave.seen.id, pms_id=pms.seen.id, status=status)
        whole = Listing(full=True, complete=True, began_at=self.now, rows=100)
        base = World(
            now=self.now,
            run_id="run-1",
            tenant=None,
            abilities=dict.fromkeys(Side, self.abilities),
            listings=dict.fromkeys(Side, whole),
            readable=frozenset(Side),
            newcomers={n.ref: n for n in newcomers},
            holders=holders,
            links=links,
            link_count=len(linked),
        )
        return evolve(base, **facts)

    def plan(self, world: World, policy: Policy | None = None) -> Plan:
        """Decide a world."""
        tenant = Tenant(name="default", wave="wave-account", pms="pms-account", lineage="L")
        return decide(world, self.lens, policy or self.policy, tenant, "configuration")

    def meet(self, *newcomers: Newcomer, policy: Policy | None = None, **facts: object) -> Plan:
        """Decide a world of these newcomers."""
        return self.plan(self.world(newcomers, **facts), policy)

    def wave(self, record_id: str, flat: Mapping[str, object] | None = None, **facts: object) -> Newcomer:
        """A Wave record without a link; it has a name unless told otherwise."""
        return self.newcomer(Side.WAVE, record_id, {"name": f"Customer {record_id}", **(flat or {})}, **facts)

    def pms(self, record_id: str, flat: Mapping[str, object] | None = None, **facts: object) -> Newcomer:
        """A PMS record without a link; it has a name unless told otherwise."""
        return self.newcomer(Side.PMS, record_id, {"name": f"Customer {record_id}", **(flat or {})}, **facts)

    def resting(self, plan: Plan) -> dict[str, str]:
        """The records in quarantine, with the class of the reason."""
        return {w.id: str(w.reason) for w in plan.waiting if isinstance(w, Quarantined)}

    def skipped(self, plan: Plan) -> dict[str, str]:
        """The records that get no counterpart, with the reason."""
        return {s.id: s.reason for s in plan.skipped}

    def create_intent(self, origin: Newcomer, **facts: object) -> Intent:
        """A lost create of this record's counterpart, exactly as it would have been sent."""
        side = origin.seen.side.other
        cells = self.lens.cells(origin.seen.side, origin.seen.raws or ())
        values = {name: cell.value for name, cell in cells.items() if not cell.empty}
        return Intent(
            kind=IntentKind.CREATE,
            side=side,
            origin_id=origin.seen.id,
            values=values,
            origin={name: cells[name].raw for name in values},
            body=self.lens.body(side, values),
            repeat_key="key",
            **{"state": IntentState.UNKNOWN, "announced_at": at(-600), "newest": at(-3600), **facts},
        )


@pytest.fixture
def bench() -> Bench:
    """Pairs and worlds under the default mapping and policy."""
    return Bench()


@pytest.fixture
def make_bench():
    """Pairs and worlds under a mapping of one's own."""

    def make(registry: MappingRegistry | None = None, **facts: object) -> Bench:
        return Bench(**facts) if registry is None else Bench(lens=registry.lens(), **facts)

    return make
