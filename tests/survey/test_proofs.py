"""Whether a side lists what was created there: what counts as shown, and what as missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from attrs import evolve, frozen

from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.fields import Forgotten
from wave_pms_sync.model.links import Agreement, Baseline, Link, LinkStatus
from wave_pms_sync.model.memory import SideState, Tenant
from wave_pms_sync.model.records import Abilities
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.newcomers import no_counterpart
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.world import Listing, Seen
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.survey.ground import Ground
from wave_pms_sync.survey.memory import Memory
from wave_pms_sync.survey.proofs import proves, unshown
from wave_pms_sync.testing.entries import NOON, puts

NAMED, NAMELESS = Baseline(wave="Ada", pms="Ada"), Baseline(wave="Ada", pms=None)
MADE = Link(wave_id="W1", pms_id="P1", rule=no_counterpart(Side.PMS))
INTO_PMS = Policy(create_in=("pms",))
TENANT = Tenant(name="default", wave="w", pms="p")


@frozen
class Facts:
    """All that is asked of a client here."""

    identity: str
    abilities: Abilities


Grounds = Callable[..., Ground]


@pytest.fixture
def make_ground() -> Grounds:
    """The ground of a run of which the PMS was listed; an earlier run created P1 there, named as the baseline says."""

    def make(
        *links: Link,
        name: Baseline | tuple[Baseline, ...] | None = NAMED,
        listed: tuple[str, ...] = ("P1",),
        missed: Mapping[str, int] | None = None,
        policy: Policy = INTO_PMS,
        tenant: Tenant | None = TENANT,
        since: bool = True,
        mapping: MappingRegistry | None = None,
        **listing: object,
    ) -> Ground:
        shape = (mapping or MappingRegistry.default()).lens()
        store, links = MemoryLinkStore(), links or (MADE,)
        rest = {"phone=phone": Baseline(wave=None, pms=None)}
        names = name if isinstance(name, tuple) else (name,) * len(links)
        agreed = [
            Agreement(wave_id=link.wave_id, baselines=rest if one is None else {"name=name": one, **rest})
            for link, one in zip(links, names, strict=True)
        ]
        store.commit(puts(*links, *agreed), store.acquire("a run", NOON, 60))
        clients = {side: Facts(str(side), Abilities(since=since)) for side in Side}
        ground = Ground(
            reader=store,
            clients=clients,
            shape=shape,
            policy=policy,
            scope=None,
            now=NOON,
            memory=Memory(tenant=tenant),
        )
        for side in Side:
            ground.listings[side] = Listing(**{"full": False, "complete": True, "rows": 5, **listing})
        ground.sights.listed[Side.PMS] |= set(listed)
        for record_id, count in (missed or {}).items():
            ground.sights.shown[Side.PMS][record_id] = Seen(side=Side.PMS, id=record_id, missed=count)
        return ground

    return make


FORGOTTEN = Baseline(wave="Ada", pms=Forgotten(salt="s", digest="d"))
PROVEN = evolve(TENANT, pms_state=SideState(proven=True))


@pytest.mark.parametrize(
    ("facts", "proven"),
    [
        ({}, True),
        ({"policy": Policy(create_in=("wave",))}, False),
        ({"tenant": None}, False),
        ({"tenant": PROVEN}, False),
        ({"tenant": evolve(TENANT, wave_state=SideState(proven=True))}, True),
        ({"rows": 0}, False),
        ({"full": True}, False),
        ({"full": True, "since": False}, True),
        ({"since": False}, True),
        ({"listed": ("P2",)}, False),
        ({"listed": ()}, False),
        ({"name": NAMELESS}, False),
        ({"name": Baseline(wave=None, pms="Ada")}, True),
        ({"name": FORGOTTEN}, True),
        ({"name": None}, True),
    ],
)
def test_what_proves_a_side(make_ground: Grounds, facts: dict[str, object], proven: bool) -> None:
    """A listing proves a side by a record that was created there and shows a name, unless that is known or no matter.

    A side that can be asked for changes is proven by such a listing alone.
    """
    assert proves(make_ground(**facts), Side.PMS) is proven


def test_name_that_is_forgotten_is_not_read_again(make_ground: Grounds) -> None:
    """A forgotten name was one, whatever a converter makes of something that is no text."""
    mapping = MappingRegistry.default()
    mapping.converter("lenient", version="1", read=lambda wire: wire if isinstance(wire, str) else None, write=str)
    mapping.map("customer", wave="name", pms="name", converter="lenient", required=True)

    assert proves(make_ground(mapping=mapping, name=FORGOTTEN), Side.PMS)
    assert not proves(make_ground(mapping=mapping, name=NAMELESS), Side.PMS)


@pytest.mark.parametrize(
    "link",
    [
        evolve(MADE, rule="matched by email"),
        evolve(MADE, rule=no_counterpart(Side.WAVE)),
        evolve(MADE, status=LinkStatus.TOMBSTONE),
    ],
    ids=["matched", "created in Wave", "gone"],
)
def test_what_was_not_created_there_proves_nothing(make_ground: Grounds, link: Link) -> None:
    """Only an active link that began with a create in this side tells whether creates there are shown."""
    ground = make_ground(link, name=NAMELESS, full=True)

    assert not proves(make_ground(link), Side.PMS)
    assert unshown(ground, Side.PMS) == 0


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({}, 1),
        ({"full": False}, 0),
        ({"complete": False}, 0),
        ({"policy": Policy(create_in=("wave",))}, 0),
        ({"tenant": None}, 0),
        ({"tenant": PROVEN}, 0),
        ({"name": NAMED}, 0),
        ({"listed": ()}, 0),
        ({"listed": (), "missed": {"P1": 0}}, 0),
        ({"listed": (), "missed": {"P1": 1}}, 1),
        ({"listed": (), "missed": {"P9": 1}}, 0),
    ],
)
def test_what_was_created_and_is_not_shown(make_ground: Grounds, facts: dict[str, object], count: int) -> None:
    """A complete listing shows none of what was created if it leaves out the name of each, or the record that is there.

    Those that are gone do not count.
    """
    told = unshown(make_ground(**{"full": True, "name": NAMELESS, **facts}), Side.PMS)

    assert (told, type(told)) == (count, int)


def test_one_that_is_shown_speaks_for_all(make_ground: Grounds) -> None:
    """Of several, one that is listed with its name proves the side, and one that is not listed proves nothing."""
    other = evolve(MADE, wave_id="W2", pms_id="P2")

    assert proves(make_ground(MADE, other), Side.PMS)
    assert not proves(make_ground(MADE, other, listed=("P3",)), Side.PMS)
    assert not proves(make_ground(MADE, other, name=(NAMELESS, NAMED)), Side.PMS)
    assert unshown(make_ground(MADE, other, name=(NAMELESS, NAMED), full=True), Side.PMS) == 1
    assert unshown(make_ground(MADE, other, name=NAMELESS, full=True), Side.PMS) == 1
    assert unshown(make_ground(MADE, other, name=NAMELESS, full=True, missed={"P2": 2}), Side.PMS) == 2
    assert unshown(make_ground(MADE, other, full=True, missed={"P2": 2}), Side.PMS) == 0
    assert unshown(make_ground(MADE, other, full=True, listed=(), missed={"P2": 2}), Side.PMS) == 1
