"""How the face is used, for the type checker: mypy reads this file, nobody runs it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TypedDict

from wave_pms_sync import (
    CustomPmsClient,
    Guards,
    MappingRegistry,
    MemoryLinkStore,
    OAuth2,
    Plan,
    PmsProfile,
    Policy,
    Report,
    Scope,
    SQLiteLinkStore,
    SyncError,
    Synchronizer,
    Unlimited,
    WaveClient,
)
from wave_pms_sync.http.token_file import FileTokenStore
from wave_pms_sync.http.tokens import MemoryTokenStore, TokenStore
from wave_pms_sync.ports import Clock, CustomerClient, LinkStore
from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox


class Settings(TypedDict):
    """Settings as an application may keep them."""

    token: str
    business_id: str


def first_contact(settings: Settings) -> int:
    """The first lines of the README, with real addresses."""
    wave = WaveClient(token=settings["token"], business_id=settings["business_id"])
    pms = CustomPmsClient("https://pms.example.com/api", token="...")

    with SQLiteLinkStore("links.sqlite3") as links:
        sync = Synchronizer(wave=wave, pms=pms, links=links)
        plan: Plan = sync.plan()
        print(plan)
        report: Report = sync.apply(plan, accept=plan.digest)
        again: Report = sync.run(full=True, only=["id", ("pms", "id")], deadline_s=60)
        report.raise_for_status()
    return report.counts.created_pms + again.counts["updated_wave"] + report.requests["wave"]


def both_clients_and_stores_fit(clock: Clock) -> tuple[CustomerClient, CustomerClient, LinkStore, LinkStore, Clock]:
    """What we ship fulfils the protocols that a user's own may fulfil."""
    grant = OAuth2(client_id="a", client_secret="b", refresh_token="c", on_refresh=print)
    stores: list[TokenStore] = [MemoryTokenStore(), FileTokenStore("tokens.json")]
    grants = [OAuth2(client_id="a", client_secret="b", scope="c", store=store) for store in stores]
    wave: CustomerClient = WaveClient(auth=grant, business_id="b", pace=Unlimited(), page_size=100, timeout_s=30.0)
    wave = WaveClient(auth=grants[0], business_id="b")
    pms: CustomerClient = CustomPmsClient("https://pms.example.com", profile=PmsProfile.from_dict({}), token="t")
    return wave, pms, MemoryLinkStore(), SQLiteLinkStore("links.sqlite3", tenant="main"), ManualClock()


def records(wave: WaveClient, pms: CustomPmsClient) -> list[str | None]:
    """Both clients by themselves."""
    moment = datetime(2026, 1, 1, tzinfo=timezone.utc)
    names: list[str | None] = [customer.typed().email for customer in wave.customers(modified_after=moment)]
    made = wave.create_customer({"name": "Ada"})
    changed = wave.update_customer(made.id, {"email": None})
    wave.delete_customer(changed.id)
    payloads: list[Mapping[str, object]] = [record.payload for record in pms.customers()]
    one = pms.customer("c1")
    return [*names, *(str(p["name"]) for p in payloads), None if one is None else one.id, str(pms.check())]


def configuration() -> Synchronizer:
    """Mapping, policy and scope."""
    registry = MappingRegistry.default()
    registry.map("customer", wave="phone", pms="tel.main", type="string", converter="phone")
    registry.map("person", wave=("firstName", "lastName"), pms="full_name", converter="full_name")
    registry.unmap("fax")
    registry.enable("internalNotes")

    @registry.converter("yes_no", version="1")
    class YesNo:
        def read(self, wire: object) -> object:
            return wire == "yes"

        def write(self, ours: object) -> object:
            return "yes" if ours else "no"

    policy = Policy(
        conflicts={"address": "pms", "*": "newest"},
        deletions={"pms": "archive", "wave": "keep"},
        create_in=("pms", "wave"),
        guards=Guards(max_retirements=10, max_creates=None),
    )
    scope = Scope(id="active", wave=lambda record: not record.archived)
    wave, pms, links, _, clock = both_clients_and_stores_fit(ManualClock())
    assert YesNo().read(registry.to_rst()) is False
    return Synchronizer(wave=wave, pms=pms, links=links, mapping=registry, policy=policy, scope=scope, clock=clock)


def people(sync: Synchronizer) -> None:
    """What a person decides."""
    for dispute in sync.disputes():
        print(dispute.wave, dispute.pms, dispute.agreed)
        sync.resolve(dispute, choose="wave")
        sync.resolve(dispute, value={"city": "Ulm"})
    for entry in sync.quarantine():
        sync.retry(entry)
    sync.link("w", "p")
    sync.link_many([("w", "p")])
    sync.unlink(wave_id="w")


def saved(sync: Synchronizer) -> tuple[bool, int, tuple[str, ...], str]:
    """A plan goes elsewhere and comes back."""
    plan = Plan.from_dict(sync.plan().to_dict())
    with open("plan.json", "w+", encoding="utf-8") as file:
        plan.write_json(file)
        plan = Plan.read_json(file)
        sync.apply(plan).write_json(file)
    rows: list[dict[str, object]] = plan.to_rows(mask=True)
    kinds = [str(action.kind) for action in plan]
    return plan.empty, len(plan) + len(rows) + len(kinds), plan.held, plan.explain("id")


def sandboxes() -> int:
    """Both sandboxes."""
    with WaveSandbox() as wave_box, PmsSandbox() as pms_box:
        ada = wave_box.add({"name": "Ada"})
        wave_box.edit(ada, {"name": "Ada L."})
        wave_box.archive(ada)
        wave_box.remove(ada)
        pms_box.clock.advance(60)
        return wave_box.ledger.requests + pms_box.ledger.writes


def failing(sync: Synchronizer) -> str | None:
    """All errors have one root, with facts."""
    try:
        sync.run()
    except SyncError as error:
        return f"{error.code} {error.side} {error.retryable} {error.retry_after_s}"
    return None
