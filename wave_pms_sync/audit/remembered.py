"""What an audit says of the memory: links, open business, how far each side was read, and what was not read now."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final

from wave_pms_sync.audit.finding import Finding, Kind, Standing, of_link
from wave_pms_sync.audit.pairs import FULL
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Intent, IntentState, Lease
from wave_pms_sync.model.printable import one_line
from wave_pms_sync.model.side import Side
from wave_pms_sync.survey.ground import Ground

_OWNER_SHOWN: Final = 24


def memory_findings(ground: Ground) -> Iterator[Finding]:
    """Everything there is to say of the memory, beside the links."""
    yield from _lease(ground)
    yield from _open_business(ground)
    yield from _settings(ground)
    for side in Side:
        yield from _evidence(ground, side)
        yield from _watermark(ground, side)


def link_findings(ground: Ground, told: Collection[str | None]) -> Iterator[Finding]:
    """Links that carry no edits, links that share a record, and how many could not be compared.

    Args:
        ground: The ground of the audit.
        told: Wave ids of tombstones that were spoken of already.
    """
    joined: dict[Side, set[str]] = {side: set() for side in Side}
    unseen = dict.fromkeys(Side, 0)
    for link in ground.reader.scan(Link):
        for side in Side:
            if link.id_on(side) in joined[side]:
                yield _twice(ground, side, link)
            joined[side].add(link.id_on(side))
            unseen[side] += link.status is LinkStatus.ACTIVE and not _shown(ground, side, link)
        if link.status is not LinkStatus.ACTIVE and link.wave_id not in told:
            yield from _dormant(ground, link)
    for side, count in unseen.items():
        if count:
            words = f"{count} linked records were not shown by {side.words}; whether they are gone is not known"
            yield Finding(kind=Kind.INCOMPLETE, standing=Standing.UNEXPLAINED, words=words, advice="verify() again")


def _twice(ground: Ground, side: Side, link: Link) -> Finding:
    """None of our stores allows it; a damaged one, or somebody's own, may hold it."""
    found = ground.reader.find(Link, f"{side}_id", [link.id_on(side)])
    others = tuple(sorted({other.id_on(side.other) for other in found} - {link.id_on(side.other)}))
    words = f"more than one link joins this {side.words} record"
    return of_link(link, Kind.TWO_LINKS, Standing.UNEXPLAINED, words, "unlink one of them", others)


def _shown(ground: Ground, side: Side, link: Link) -> bool:
    return link.id_on(side) in ground.sights.listed[side] or link.id_on(side) in ground.sights.shown[side]


def _dormant(ground: Ground, link: Link) -> Iterator[Finding]:
    left = [side.words for side in Side if link.id_on(side) in ground.sights.listed[side]]
    why = f": {link.reason}" if link.reason else ""
    if link.status is LinkStatus.SUSPENDED:
        yield of_link(link, Kind.SUSPENDED, Standing.EXPLAINED, f"suspended{why}", "unlink, and link what is right")
    elif left:
        words = f"tombstone, with a record in {' and '.join(left)}{why}"
        yield of_link(link, Kind.TOMBSTONE, Standing.EXPLAINED, words)


def _lease(ground: Ground) -> Iterator[Finding]:
    """Who may write now; a lease that expired and was not given back is that of a run that died."""
    for lease in ground.reader.scan(Lease):
        owner = one_line(lease.owner, _OWNER_SHOWN)
        if lease.expires_at > ground.now:
            words = f"a run is at work ({owner}); its lease expires in {_span(ground.now, lease.expires_at)}"
            yield Finding(kind=Kind.LEASE, standing=Standing.EXPLAINED, words=words)
        else:
            words = (
                f"a run did not give back its lease ({owner}), which expired {_span(lease.expires_at, ground.now)} ago"
            )
            yield _pending(Kind.LEASE, words, {})


def _open_business(ground: Ground) -> Iterator[Finding]:
    for intent in ground.memory.intents:
        age = "" if intent.announced_at is None else f", announced {_span(intent.announced_at, ground.now)} ago"
        words = f"{intent.kind} in {intent.side.words} {_fate(intent)}{age}"
        ids = {intent.side.other: intent.origin_id, intent.side: intent.record_id}
        yield _pending(Kind.OPEN_WRITE, words, ids)
    for entry in ground.memory.unfinished:
        words = "will be read again" + (f": {entry.reason}" if entry.reason else "")
        yield _pending(Kind.UNFINISHED, words, {entry.side: entry.id})


def _fate(intent: Intent) -> str:
    late = intent.state is IntentState.OVERTAKEN
    return "was taken for lost, and may still be carried out" if late else f"is {intent.state}"


def _pending(kind: Kind, words: str, ids: dict[Side, str | None]) -> Finding:
    wave_id, pms_id = ids.get(Side.WAVE), ids.get(Side.PMS)
    return Finding(kind=kind, standing=Standing.PENDING, words=words, advice="run()", wave_id=wave_id, pms_id=pms_id)


def _settings(ground: Ground) -> Iterator[Finding]:
    tenant = ground.memory.tenant
    scope = ground.scope.id if ground.scope is not None else ""
    changed = ["the mapping or the match keys"] if ground.judged_otherwise else []
    changed += ["the scope"] if tenant is not None and tenant.scope != scope else []
    if changed:
        words = f"{' and '.join(changed)} changed since the last run; the next one looks at everything"
        yield _pending(Kind.SETTINGS, words, {})


def _evidence(ground: Ground, side: Side) -> Iterator[Finding]:
    listing = ground.listings[side]
    if not listing.complete:
        words = f"{side.words} was not completely read ({listing.problem}); what is missing there proves nothing"
        yield Finding(kind=Kind.INCOMPLETE, standing=Standing.UNEXPLAINED, words=words, advice="verify() again")


def _watermark(ground: Ground, side: Side) -> Iterator[Finding]:
    """Edits that are stamped before a watermark are looked for no more, so that it must not run ahead.

    One that is somewhat behind says no more than that something was edited since the last run.
    """
    listing, mark = ground.listings[side], ground.state(side).watermark
    if mark is None:
        return
    began = listing.began_at or ground.now
    reached = None if listing.newest is None else min(listing.newest, began)
    if mark > began + timedelta(seconds=ground.policy.clock_tolerance_s):
        words = f"the watermark of {side.words} lies {_span(began, mark)} ahead of its time; edits may be missed"
        yield Finding(kind=Kind.WATERMARK, standing=Standing.UNEXPLAINED, words=words, advice=FULL)
    elif reached is not None and reached > mark + timedelta(seconds=ground.policy.full_scan_every_s):
        words = f"the watermark of {side.words} is {_span(mark, reached)} behind its newest stamp"
        yield _pending(Kind.WATERMARK, words, {})


def _span(earlier: datetime, later: datetime) -> str:
    return str(timedelta(seconds=round((later - earlier).total_seconds())))
