"""Link stores full of linked pairs, as a first run would have left them; made without one, since that takes long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from attrs import frozen

from tests.benchmarks.workload import BUSINESS_ID, NOW, PAGE_SIZE, pms_page, pms_row, wave_node, wave_page
from wave_pms_sync import CustomPmsClient, MappingRegistry, PmsProfile, Policy, SQLiteLinkStore, Unlimited, WaveClient
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.model.links import Agreement, Baseline, Link, Sight
from wave_pms_sync.model.memory import Known, Put, SideState, Tenant
from wave_pms_sync.model.records import Unread
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
    while some := list(islice(given, _CHUNK)):
        marked = zip(some, *_marks(some), strict=True)
        chunk = [_entries(pair, marks, accounts.wave) for pair, *marks in marked]
        by_kind = zip(*chunk, strict=True)  # entries of one kind after the other are written in bulk
        links.commit([Put(entry) for entries in by_kind for entry in entries], lease)
    links.release(lease)


def _marks(some: Sequence[Pair]) -> tuple[Sequence[str], Sequence[str]]:
    """The marks that the rows of pages with these pairs have, by side."""
    wave = Response(status=200, body=wave_page([pair[0] for pair in some], 1, 1, len(some)))
    pms = Response(status=200, body=pms_page([pair[1] for pair in some], 1, 1, len(some)))
    asked = Request(method="GET", url="http://127.0.0.1/pms", side="pms", operation="list_customers", writes=False)
    pages = (reads.page(wave, BUSINESS_ID), _ANSWERS.page_in(asked, pms)[0])
    shown = [page.records for page in pages]
    if not (isinstance(shown[0], Unread) and isinstance(shown[1], Unread)):
        raise TypeError("these pages cannot be read by their text")
    return shown[0].marks(), shown[1].marks()


def _entries(pair: Pair, marks: Sequence[str], account: str) -> tuple[Link, Agreement, Known, Known]:
    wave, pms = pair
    raws = {Side.WAVE: _LENS.raws(Side.WAVE, wave), Side.PMS: _LENS.raws(Side.PMS, pms)}
    ids = {Side.WAVE: str(wave["id"]), Side.PMS: str(pms["id"])}
    stamps = {Side.WAVE: (wave["createdAt"], wave["modifiedAt"]), Side.PMS: (pms["created_at"], pms["updated_at"])}
    sights = {
        side: Sight(
            created_at=moment(stamps[side][0], PROFILE.times),
            stamp=moment(stamps[side][1], PROFILE.times),
            digest=_LENS.digest(raws[side]),
            mark=mark,
        )
        for side, mark in zip(Side, marks, strict=True)
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
