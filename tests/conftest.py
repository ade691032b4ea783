"""Two sandboxes over real HTTP, the clients of both, a memory, one clock for all, and whoever edits meanwhile."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

import pytest
import requests

from wave_pms_sync import (
    CustomPmsClient,
    MappingRegistry,
    MemoryLinkStore,
    PmsProfile,
    Policy,
    Report,
    SQLiteLinkStore,
    Synchronizer,
    Unlimited,
    WaveClient,
)
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.model.links import Link
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.testing import ManualClock, PmsSandbox, WaveSandbox

START = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
HASTY = RetryPolicy(first_wait_s=0, budget_s=5)
ADDRESS = {
    "addressLine1": "1 Main St",
    "city": "Toronto",
    "province": {"code": "CA-ON"},
    "country": {"code": "CA"},
    "postalCode": "M5V 1A1",
}


@pytest.fixture(scope="session", autouse=True)
def _interrupts_arrive() -> None:
    """A shell that starts something in the background has it ignore interrupts; some tests interrupt themselves."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class World:
    """Everything that a story needs.

    Time stands still until `later` or `settle` moves it.

    Attributes:
        wave_box: Wave, with its other users.
        pms_box: The PMS, with its other users.
        wave: The client of Wave.
        pms: The client of the PMS.
        links: The memory.
        sync: The synchronizer.
        clock: The time of all of them.
    """

    def __init__(
        self,
        stack: ExitStack,
        links: LinkStore | None = None,
        *,
        wave_options: Mapping[str, object] | None = None,
        pms_options: Mapping[str, object] | None = None,
        page_size: int = 100,
        profile: PmsProfile | None = None,
        **settings: object,
    ) -> None:
        self.stack = stack
        self.clock = ManualClock(START)
        self.wave_box = stack.enter_context(WaveSandbox(clock=self.clock, **(wave_options or {})))
        self.pms_box = stack.enter_context(PmsSandbox(clock=self.clock, **(pms_options or {})))
        self.page_size = page_size
        self.profile = profile or PmsProfile.from_dict({"paging": {"size": page_size}})
        self.links = MemoryLinkStore() if links is None else links
        self.settings = settings
        self.wave, self.pms = self.make_wave(), self.make_pms()
        self.sync = self.make_sync()

    # --- people and machines

    def make_wave(self, *, session: requests.Session | None = None, **changes: object) -> WaveClient:
        """Another client of Wave."""
        facts = {
            "token": self.wave_box.token,
            "business_id": self.wave_box.business_id,
            "url": self.wave_box.url,
            "page_size": self.page_size,
            "pace": Unlimited(),
            "retry": HASTY,
            "timeout_s": 5.0,
            "session": session,
        }
        return self.stack.enter_context(WaveClient(**{**facts, **changes}))

    def make_pms(self, *, session: requests.Session | None = None, **changes: object) -> CustomPmsClient:
        """Another client of the PMS."""
        facts = {
            "token": self.pms_box.token,
            "profile": self.profile,
            "pace": Unlimited(),
            "retry": HASTY,
            "timeout_s": 5.0,
            "session": session,
        }
        url = changes.pop("base_url", self.pms_box.url)
        return self.stack.enter_context(CustomPmsClient(url, **{**facts, **changes}))

    def make_sync(self, **changes: object) -> Synchronizer:
        """Another synchronizer, as after a restart of the program."""
        facts = {"wave": self.wave, "pms": self.pms, "links": self.links, "clock": self.clock}
        return Synchronizer(**{**facts, **self.settings, **changes})

    def change(self, **settings: object) -> None:
        """Go on with other settings."""
        self.settings.update(settings)
        self.sync = self.make_sync()

    # --- time

    def later(self, seconds: float = 60.0) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    def settle(self) -> None:
        """Let so much time pass that leases have expired, and nothing that was lost can still appear."""
        self.clock.advance(450)

    # --- what happened

    def run(self, **how: object) -> Report:
        """A run, a minute after whatever happened last."""
        self.later()
        return self.sync.run(**how)

    def rest(self) -> Report:
        """Run until nothing is to be done any more; at most three runs, a settle time apart."""
        report = self.run()
        for _ in range(3):
            self.settle()
            plan = self.sync.plan(full=True)
            if plan.empty and not self.pending(plan):
                return report
            report = self.sync.run(full=True)
        raise AssertionError(f"three runs did not settle it: {self.sync.plan(full=True)}\n{report}")

    @staticmethod
    def pending(plan) -> bool:
        """Whether a plan leaves something for the next run, though it does nothing itself."""
        return plan.notes is not None and bool(plan.notes.unfinished)

    def linked(self) -> dict[str, str]:
        """The PMS id of every linked Wave customer."""
        return {link.wave_id: link.pms_id for link in self.links.scan(Link)}

    def at_wave(self, wave_id: str) -> dict[str, object]:
        """A customer as Wave shows it."""
        return self.wave_box.customers[wave_id]

    def at_pms(self, wave_id: str) -> dict[str, object]:
        """The counterpart of a Wave customer as the PMS shows it."""
        return self.pms_box.customers[self.linked()[wave_id]]

    def pair(self, **values: object) -> tuple[str, str]:
        """A customer in Wave, and the counterpart that a run made for it."""
        wave_id = self.wave_box.add({"name": "Ada Lovelace", "email": "ada@example.com", **values})
        self.run()
        return wave_id, self.linked()[wave_id]

    # --- the same, on either side

    def box(self, side: str) -> WaveSandbox | PmsSandbox:
        """The sandbox of a side."""
        return {"wave": self.wave_box, "pms": self.pms_box}[side]

    def at(self, side: str, wave_id: str) -> dict[str, object]:
        """A customer, or its counterpart, as a side shows it."""
        return self.at_wave(wave_id) if side == "wave" else self.at_pms(wave_id)

    def edit(self, side: str, wave_id: str, values: Mapping[str, object], **how: bool) -> None:
        """Somebody edits a customer, or its counterpart, in the names of that side."""
        self.box(side).edit(wave_id if side == "wave" else self.linked()[wave_id], values, **how)

    def edit_origin(self, side: str, wave_id: str, values: Mapping[str, object]) -> None:
        """Somebody edits a customer on the other side, so that it is to be written on this one."""
        self.edit({"wave": "pms", "pms": "wave"}[side], wave_id, values)

    def crowd(self, count: int) -> list[str]:
        """So many linked customers, made one second after the other, and settled."""
        made = []
        for n in range(count):
            made.append(self.wave_box.add({"name": f"Customer {n}", "email": f"c{n}@example.com"}))
            self.later(1)
        self.run()
        return made

    # --- what is counted

    def count(self) -> None:
        """Begin to count requests and writes anew."""
        self.wave_box.ledger.reset()
        self.pms_box.ledger.reset()

    @property
    def requests(self) -> tuple[int, int]:
        """Requests that arrived since `count`, at Wave and at the PMS."""
        return self.wave_box.ledger.requests, self.pms_box.ledger.requests

    @property
    def writes(self) -> tuple[int, int]:
        """Writes that were executed since `count`, in Wave and in the PMS."""
        return self.wave_box.ledger.writes, self.pms_box.ledger.writes


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    """Makes worlds of the test's choice."""
    with ExitStack() as stack:
        yield lambda *args, **options: World(stack, *args, **options)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A world as it comes, with a memory that ends with the test."""
    return make_world()


@pytest.fixture(params=["memory", "sqlite"])
def make_links(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., LinkStore]]:
    """Makes stores of each kind, empty ones."""
    with ExitStack() as stack:
        count = 0

        def make(tenant: str = "default") -> LinkStore:
            nonlocal count
            count += 1
            if request.param == "memory":
                return MemoryLinkStore(tenant)
            return stack.enter_context(SQLiteLinkStore(tmp_path / f"links-{count}.sqlite3", tenant=tenant))

        yield make


@pytest.fixture
def stored_world(make_world: Callable[..., World], make_links: Callable[..., LinkStore]) -> World:
    """A world with each kind of memory."""
    return make_world(make_links())


@pytest.fixture
def both_ways(make_world: Callable[..., World]) -> World:
    """A world in which customers are created on both sides."""
    return make_world(policy=Policy(create_in=("pms", "wave")))


@pytest.fixture
def mapping() -> MappingRegistry:
    """A default mapping to be changed."""
    return MappingRegistry.default()
