"""Archive or delete one record because its counterpart is gone, or archive it because its counterpart was."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from wave_pms_sync.apply.book import Memory
from wave_pms_sync.apply.desk import IN_THE_WAY, VERSION_REFUSED, Desk, Done
from wave_pms_sync.errors import Conflict, NotFound, Refused, SyncError, UnknownOutcome
from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.links import Agreement, Link, LinkStatus
from wave_pms_sync.model.memory import Change, Intent, IntentKind, Known, Remove
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.report import Result


def retire(desk: Desk, action: Action, side: Side) -> Done:
    """Retire one record, if its counterpart is still gone and nobody touched it."""
    memory = desk.current(action)
    if memory is None:
        return desk.skip(action, "the link moved since it was planned")
    link, _ = memory
    seen = desk.look(side, link.id_on(side))
    if seen is None:
        return desk.skip(action, f"the record in {side.words} is gone, too")
    why = _moved(desk, action, link, side, seen)
    if why:
        return desk.skip(action, why)
    kind = IntentKind.DELETE if action.kind is ActionKind.DELETE else IntentKind.ARCHIVE
    intent = Intent(
        kind=kind,
        side=side,
        origin_id=link.id_on(side.other),
        record_id=link.id_on(side),
        announced_at=desk.book.now(),
        run_id=desk.book.run_id,
    )
    return _send(desk, action, memory, intent, seen)


def _send(desk: Desk, action: Action, memory: Memory, intent: Intent, seen: Record) -> Done:
    (link, agreement), side = memory, intent.side
    desk.announce(intent)
    client = desk.clients[side]
    call = client.delete_customer if intent.kind is IntentKind.DELETE else client.archive_customer
    desk.wrote = True
    try:
        call(link.id_on(side), seen=seen)
    except (Refused, NotFound, Conflict) as error:
        stands = desk.in_the_way(error, side, seen)
        if isinstance(error, Refused) or (stands and desk.declined_before(side, link.id_on(side))):
            return _refused(desk, action, link, agreement, intent, error)
        why = IN_THE_WAY if stands else "the record moved on while it was retired"
        if desk.refused_as_it_is(error, side, seen):
            deletes = intent.kind is IntentKind.DELETE
            why = VERSION_REFUSED.format("delete.headers" if deletes else "update.headers` or `archive.headers")
        desk.book.withdraw(intent, *desk.book.unfinished(action, why))
        return Done(result=Result.SKIPPED, detail=why, error=error)
    except UnknownOutcome as error:
        desk.book.doubt(intent, action)
        return Done(result=Result.UNKNOWN, detail="nobody can say whether it was carried out", error=error)
    except SyncError as error:
        desk.book.withdraw(intent, *desk.book.unfinished(action, "postponed"))
        raise desk.stop(error, side) from error
    return _retired(desk, action, link, agreement, intent)


def _moved(desk: Desk, action: Action, link: Link, side: Side, seen: Record) -> str:
    if not action.retires:
        return ""
    if _two_way_digest(desk, side, seen) != action.precondition:
        return f"the record in {side.words} was edited since it was planned"
    if seen.archived:
        return f"the record in {side.words} was archived since it was planned"
    back = desk.look(side.other, link.id_on(side.other))
    if back is not None and not link.sight(side.other).missed:
        return f"the record in {side.other.words} is there again"
    return ""


def _two_way_digest(desk: Desk, side: Side, seen: Record) -> str:
    cells = desk.shape.cells(side, desk.shape.raws(side, seen.payload))
    return digest({n: c.key for n, c in cells.items() if desk.shape.fields[n].direction is Direction.BOTH})


def _retired(desk: Desk, action: Action, link: Link, agreement: Agreement, intent: Intent) -> Done:
    side = intent.side
    if action.retires:
        link = buried(link, action.rule, (side.other,))
        agreement = evolve(agreement, holds={})
    else:
        link = _mirrored(link, side)
        link = link.with_sight(side, evolve(link.sight(side), archived=True))
    gone = [Remove(Known(side=side, id=link.id_on(side)))] if intent.kind is IntentKind.DELETE else []
    changes = [*_put(desk, action, link, agreement, intent), *gone]
    desk.book.commit([*changes, desk.book.journal(action, "done")])
    return Done(result=Result.DONE)


def _mirrored(link: Link, side: Side) -> Link:
    """The link after a record was to be archived because its counterpart is; that is tried once."""
    link = link.with_sight(side, evolve(link.sight(side), digest=None, mark=None))
    return link.with_sight(side.other, evolve(link.sight(side.other), archived=True, mark=None))


def buried(link: Link, reason: str, gone: Sequence[Side], status: LinkStatus = LinkStatus.TOMBSTONE) -> Link:
    """The link at rest. Whatever the gone side shows again will be looked at."""
    for side in gone:
        link = link.with_sight(side, evolve(link.sight(side), digest=None, mark=None))
    return evolve(link, status=status, reason=reason)


def _refused(desk: Desk, action: Action, link: Link, agreement: Agreement, intent: Intent, error: SyncError) -> Done:
    """A record that may not be retired stays, its link suspended with the reason; one that is there twice lives on."""
    told, side = desk.told(error), intent.side
    if action.retires:
        link = buried(link, f"{action.kind} in {side.words} {told}", (side.other,), LinkStatus.SUSPENDED)
        agreement = evolve(agreement, holds={})
    else:
        link = _mirrored(link, side)
    changes = _put(desk, action, link, agreement, intent)
    desk.book.commit([*changes, desk.book.journal(action, "refused", told)])
    return Done(result=Result.FAILED, detail=told, error=error)


def _put(desk: Desk, action: Action, link: Link, agreement: Agreement, intent: Intent) -> list[Change]:
    """The pair, without what is settled, and without the keys of whoever is gone."""
    gone = intent.side.other
    keyless = [Remove(Known(side=gone, id=link.id_on(gone)))] if action.retires else []
    return [*desk.book.settled([*action.settles, intent.key]), *desk.book.put(link, agreement), *keyless]
