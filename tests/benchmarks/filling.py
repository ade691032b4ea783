"""Link stores full of linked pairs, as a first run would have left them; made without one, since that takes long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from attrs import frozen

from tests.benchmarks.workload import BUSINESS_ID, NOW, PAGE_SIZE, pms_row, wave_node, written
from wave_pms_sync import CustomPmsClient, MappingRegistry, PmsProfile, Policy, SQLiteLinkStore, Unlimited, WaveClient
from wave_pms_sync.model.links import Agreement, Baseline, Link, Sight
from wave_pms_sync.model.memory import Known, Put, SideState, Tenant
from wave_pms_sync.model.side import Side
from wave_pms_sync.origins import index_keys
from wave_pms_sync.pms.answers import Answers
from wave_pms_sync.pms.stamps import moment
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.reconcile.remapping import judged_by
from wave_pms_sync.reconcile.world import Seen
from wave_pms_sync.wave.operations import reads

PROFILE = PmsProfile.from_dict(
    {
        "list": {"query": {"limit": "{limit}", "page": "{page}", "updated_since": "{since}"}},
        "paging": {"size": PAGE_SIZE, "pages": "pages"},
    }
)
_LENS = MappingRegistry.default().lens()
_ANSWERS = Answers("http://127.0.0.1/pms", PROFILE)
_CHUNK = 5_000

Pair = tuple[Mapping[str, object], Mapping[str, object]]


@frozen(kw_only=True)
class Accounts:
    """To which accounts a store belongs, and how far they have been read."""

    wave: str
    pms: str
    newest: datetime


def clients(port: int, max_concurrency: int = 1) -> tuple[WaveClient, CustomPmsClient]:
    """Clients of both sides for the server of ready pages."""
    ahead = 4 if max_concurrency > 1 else 0
    wave = WaveClient(
        token="benchmarks",
        business_id=BUSINESS_ID,
        url=f"http://127.0.0.1:{port}/graphql",
        page_size=PAGE_SIZE,
        pace=Unlimited(),
        max_concurrency=max_concurrency,
        pages_ahead=ahead,
    )
    pms = CustomPmsClient(
        f"http://127.0.0.1:{port}/pms",
        token="benchmarks",
        profile=PROFILE,
        max_concurrency=max_concurrency,
        pages_ahead=ahead,
    )
    return wave, pms


def pairs(count: int) -> Iterator[Pair]:
    """Linked pairs of the workload."""
    return ((wave_node(i), pms_row(i)) for i in range(count))


def filled(folder: Path, count: int) -> Path:
    """A file with so many linked pairs of the workload; made once in each folder."""
    path = folder / f"links-{count}.sqlite3"
    if not path.exists():
        wave, pms = clients(1)
        with SQLiteLinkStore(path) as links:
            fill(links, pairs(count), Accounts(wave=wave.identity, pms=pms.identity, newest=NOW))
    return path


def fill(links: LinkStore, given: Iterable[Pair], accounts: Accounts) -> None:
    """Link these pairs, as after a complete run that found nothing to write."""
    lease = links.acquire("benchmarks", NOW, 86_400)
    state = SideState(
        watermark=accounts.newest, listed_at=accounts.newest, confirmed=True, full_scan_at=NOW, indexed=True
    )
    tenant = Tenant(
        name=links.tenant,
        wave=accounts.wave,
        pms=accounts.pms,
        lineage="benchmarks",
        mapping=judged_by(_LENS, Policy()),
        wave_state=state,
        pms_state=state,
    )
    links.commit([Put(tenant)], lease)
    given = iter(given)
    while chunk := [_entries(*pair, accounts.wave) for pair in islice(given, _CHUNK)]:
        by_kind = zip(*chunk, strict=True)  # entries of one kind after the other are written in bulk
        links.commit([Put(entry) for entries in by_kind for entry in entries], lease)
    links.release(lease)


def _entries(
    wave: Mapping[str, object], pms: Mapping[str, object], account: str
) -> tuple[Link, Agreement, Known, Known]:
    marks = {Side.WAVE: reads.mark(written({"node": wave})), Side.PMS: _ANSWERS.mark(written(pms))}
    raws = {Side.WAVE: _LENS.raws(Side.WAVE, wave), Side.PMS: _LENS.raws(Side.PMS, pms)}
    ids = {Side.WAVE: str(wave["id"]), Side.PMS: str(pms["id"])}
    stamps = {Side.WAVE: (wave["createdAt"], wave["modifiedAt"]), Side.PMS: (pms["created_at"], pms["updated_at"])}
    sights = {
        side: Sight(
            created_at=moment(stamps[side][0], PROFILE.times),
            stamp=moment(stamps[side][1], PROFILE.times),
            digest=_LENS.digest(raws[side]),
            mark=marks[side],
        )
        for side in Side
    }
    baselines = {
        name: Baseline(wave=raws[Side.WAVE][at], pms=raws[Side.PMS][at]) for at, name in enumerate(_LENS.fields)
    }
    known = [
        Known(
            side=side,
            id=ids[side],
            keys=index_keys(_LENS, side, Seen(side=side, id=ids[side], raws=raws[side]), Policy().match_on, account),
        )
        for side in Side
    ]
    link = Link(
        wave_id=ids[Side.WAVE],
        pms_id=ids[Side.PMS],
        wave=sights[Side.WAVE],
        pms=sights[Side.PMS],
        rule="email",
        run_id="0" * 16,
    )
    return link, Agreement(wave_id=link.wave_id, baselines=baselines), known[0], known[1]


def later(days: float = 1) -> datetime:
    """The time of a run after the one that filled the store."""
    return NOW + timedelta(days=days)
