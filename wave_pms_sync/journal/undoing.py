"""Undo a run: a plan that gives back what it replaced, on the side where it wrote, as far as nobody went on from it.

What is given back differs from the other side on purpose. Each such group is therefore held, so that the next run
carries it nowhere: a person decides, or a new edit of that group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from attrs import evolve, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.fields import Cells, Direction
from wave_pms_sync.model.links import Agreement, HoldReason, Link, LinkStatus
from wave_pms_sync.model.memory import Intent, JournalEntry, JournalField, Tenant
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import CustomerClient, LinkReader
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.guards import breaches
from wave_pms_sync.reconcile.plan import Plan
from wave_pms_sync.reconcile.policy import Policy, Scope
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.verdicts import about
from wave_pms_sync.reconcile.waiting import Skipped
from wave_pms_sync.reconcile.world import Listing, World
from wave_pms_sync.scan import read_by_id

_WRITTEN: Final = ("done", "not_kept")
_UNKNOWN: Final = "somebody wrote over it; whether it was carried out is unknown"

_STAYS: Final = {
    "create": "created by the run: an undo deletes no record",
    "recreate": "created again by the run: an undo deletes no record",
    "delete": "deleted by the run: an undo makes no record",
    "archive": "archived by the run: an undo does not bring it back",
    "link": "linked by the run: unlink ends a link",
    "relink": "linked again by the run: unlink ends a link",
    "tombstone": "noted as gone by the run",
    "suspend": "suspended by the run",
}
"""What a run did beside writing fields, and why that stays."""

_TO: Final = {Side.WAVE: Direction.TO_WAVE, Side.PMS: Direction.TO_PMS}


@frozen
class Undoing:
    """What an undo is made from.

    Attributes:
        reader: The store, or a view of it.
        clients: Both sides, to be read.
        shape: The mapping.
        policy: The preferences, for the guards.
        tenant: The tenant as this plan has it.
        configuration: Fingerprint of mapping, policy and scope.
        now: When, by our clock.
        scope: Which records take part; all if None.
    """

    reader: LinkReader
    clients: Mapping[Side, CustomerClient]
    shape: Shape
    policy: Policy
    tenant: Tenant
    configuration: str
    now: datetime
    scope: Scope | None = None


@frozen(kw_only=True)
class Written:
    """What a run wrote to one record: each field with what was there before and what was written last."""

    side: Side
    wave_id: str
    pms_id: str
    fields: Mapping[str, JournalField]
    forgotten: bool = False
    not_kept: bool = False

    @property
    def record_id(self) -> str:
        """The record written."""
        return self.wave_id if self.side is Side.WAVE else self.pms_id


def undo(given: Undoing, run_id: str) -> Plan:
    """The plan that takes a run back. It writes nothing; what it cannot take back is listed as skipped, in words.

    Args:
        given: What it is made from.
        run_id: The run.

    Raises:
        ConfigurationError: The journal does not know the run.
        SyncError: A side or the store could not be read.
    """
    entries = sorted(given.reader.find(JournalEntry, "run_id", [run_id]), key=lambda entry: entry.number)
    if not entries:
        allowed = f"the run_id of a report of the last {given.policy.retention_days:g} days"
        raise ConfigurationError("undo", [f"run_id: {run_id!r} is not in the journal (allowed: {allowed})"])
    written, own_id = _written(entries), uuid4().hex[:16]
    rule = f"undo of run {run_id}"
    actions, skipped = _actions(given, written, rule)
    world = World(
        now=given.now,
        run_id=own_id,
        tenant=given.tenant,
        abilities={},
        listings={side: Listing(full=False, asked=False) for side in Side},
        link_count=given.reader.count(Link),
    )
    tenant = given.tenant
    return Plan(
        actions=tuple(actions),
        skipped=(*skipped, *_staying(entries), *_unsettled(given.reader, run_id)),
        held=breaches(actions, world, given.policy.guards),
        configuration=given.configuration,
        tenant={"name": tenant.name, "wave": tenant.wave, "pms": tenant.pms, "lineage": tenant.lineage},
        run_id=own_id,
    )


# --- what the run did ------------------------------------------------------------------------------


def _written(entries: Iterable[JournalEntry]) -> list[Written]:
    """By record: of several writes of a field the first tells what was before, the last what is to be found."""
    found: dict[tuple[Side, str, str], Written] = {}
    for entry in entries:
        if entry.side is None or entry.wave_id is None or entry.pms_id is None or not _wrote_fields(entry):
            continue
        key = (entry.side, entry.wave_id, entry.pms_id)
        known = found.get(key, Written(side=key[0], wave_id=key[1], pms_id=key[2], fields={}))
        fields = dict(known.fields)
        for field in entry.fields:
            if field.id != MARKER:
                first = fields.get(field.id, field)
                fields[field.id] = evolve(field, before=first.before)
        found[key] = evolve(
            known,
            fields=fields,
            forgotten=known.forgotten or entry.forgotten,
            not_kept=known.not_kept or entry.outcome == "not_kept",
        )
    return list(found.values())


def _wrote_fields(entry: JournalEntry) -> bool:
    return (
        entry.kind == ActionKind.UPDATE.value
        and entry.outcome in _WRITTEN
        and any(field.id != MARKER for field in entry.fields)
    )


def _staying(entries: Sequence[JournalEntry]) -> Iterator[Skipped]:
    """What is not taken back, with the reason."""
    found_done = {(entry.side, entry.wave_id, entry.pms_id) for entry in entries if _wrote_fields(entry)}
    for entry in entries:
        if entry.outcome == "refused":
            continue
        side = entry.side or Side.WAVE
        record_id = (entry.wave_id if side is Side.WAVE else entry.pms_id) or entry.wave_id or entry.pms_id or ""
        if entry.outcome == "unknown":
            if (entry.side, entry.wave_id, entry.pms_id) not in found_done:
                yield Skipped(side=side, id=record_id, reason=_UNKNOWN)
        elif entry.kind in _STAYS:
            yield Skipped(side=side, id=record_id, reason=_STAYS[entry.kind])
        elif any(field.id == MARKER for field in entry.fields):
            yield Skipped(side=side, id=record_id, reason="the Wave id noted by the run stays")


def _unsettled(reader: LinkReader, run_id: str) -> list[Skipped]:
    """Writes of the run of which nobody knows yet what became of them."""
    reason = "a write of the run is not settled yet: run, then undo again"
    opened = [intent for intent in reader.scan(Intent) if intent.run_id == run_id]
    return [Skipped(side=i.side.other, id=i.origin_id, reason=reason) for i in opened]


# --- what is given back ----------------------------------------------------------------------------


def _actions(given: Undoing, written: Sequence[Written], rule: str) -> tuple[list[Action], list[Skipped]]:
    wave_ids = [one.wave_id for one in written]
    links = {link.wave_id: link for link in given.reader.find(Link, "wave_id", wave_ids)}
    agreements = {a.wave_id: a for a in given.reader.find(Agreement, "wave_id", wave_ids)}
    ids = {Side.WAVE: wave_ids, Side.PMS: [one.pms_id for one in written]}
    seen = {side: read_by_id(given.clients[side], ids[side]) for side in Side}
    actions: list[Action] = []
    skipped: list[Skipped] = []
    for one in written:
        link = links.get(one.wave_id)
        records = {Side.WAVE: seen[Side.WAVE].get(one.wave_id), Side.PMS: seen[Side.PMS].get(one.pms_id)}
        why = _hopeless(one, link, records) or _left_out(given.scope, records)
        if why or link is None:
            skipped.append(Skipped(side=one.side, id=one.record_id, reason=why))
            continue
        cells = {s: given.shape.cells(s, given.shape.raws(s, r.payload)) for s, r in records.items() if r is not None}
        agreement = agreements.get(one.wave_id, Agreement(wave_id=one.wave_id))
        changes, reasons = _changes(given.shape, one, cells, agreement, rule)
        skipped += [Skipped(side=one.side, id=one.record_id, reason=reason) for reason in reasons]
        if changes:
            actions.append(_update(given.shape, one.side, link, changes, cells, rule))
    return actions, skipped


def _hopeless(one: Written, link: Link | None, records: Mapping[Side, Record | None]) -> str:
    """Why nothing of a record can be given back; empty if something can."""
    if one.forgotten:
        return "its values were forgotten"
    if link is None or link.pms_id != one.pms_id or link.status is not LinkStatus.ACTIVE:
        return "not linked as it was then"
    gone = [side.words for side, record in records.items() if record is None or record.deleted]
    return f"gone from {' and '.join(gone)}" if gone else ""


def _left_out(scope: Scope | None, records: Mapping[Side, Record | None]) -> str:
    """Why a scope leaves one of the two alone; empty if both take part."""
    if scope is None:
        return ""
    return next((why for r in records.values() if r is not None and (why := scope.leaves_out(r))), "")


def _changes(
    shape: Shape, one: Written, cells: Mapping[Side, Cells], agreement: Agreement, rule: str
) -> tuple[list[FieldChange], list[str]]:
    """The fields that can be given back, and in words why others cannot; groups travel whole."""
    groups: dict[str, list[JournalField]] = {}
    reasons = []
    for field in one.fields.values():
        if field.id in shape.fields:
            groups.setdefault(shape.fields[field.id].group, []).append(field)
        else:
            reasons.append(f"{field.name}: not mapped any more")
    changes: list[FieldChange] = []
    for group, fields in groups.items():
        why = _obstacle(shape, one, fields, cells[one.side], agreement)
        if why:
            reasons.append(f"{group}: {why}")
        elif any(field.before != field.after for field in fields):
            changes += [_change(shape, field, one.side, cells, rule) for field in fields]
    return changes, reasons


def _obstacle(shape: Shape, one: Written, fields: Sequence[JournalField], shown: Cells, agreement: Agreement) -> str:
    """Why a group cannot be given back, without values; empty if it can."""
    for field in fields:
        if shape.fields[field.id].direction not in (Direction.BOTH, _TO[one.side]):
            return f"the mapping writes it to {one.side.words} no more"
        agreed = agreement.baselines.get(field.id) if one.not_kept else None
        ours = [shape.cell(Side.WAVE, field.id, field.after)]
        ours += [shape.cell(one.side, field.id, agreed.on(one.side))] if agreed is not None else []
        if not any(shown[field.id].same(cell) for cell in ours):
            return "moved since"
        if field.before is None and shape.fields[field.id].required:
            return "a required value would be cleared"
        why = None if field.before is None else shape.check(one.side, field.id, field.before, shown[field.id].raw)
        if why is not None:
            return why
    return ""


def _change(shape: Shape, field: JournalField, side: Side, cells: Mapping[Side, Cells], rule: str) -> FieldChange:
    return FieldChange(
        id=field.id,
        name=shape.fields[field.id].name,
        group=shape.fields[field.id].group,
        before=cells[side][field.id].told,
        after=field.before,
        wave=cells[Side.WAVE][field.id].raw,
        pms=cells[Side.PMS][field.id].raw,
        rule=rule,
    )


def _update(
    shape: Shape, side: Side, link: Link, changes: Sequence[FieldChange], cells: Mapping[Side, Cells], rule: str
) -> Action:
    name = next((cells[side][i].value for i, f in shape.fields.items() if f.name == "name"), None)
    return about(
        link,
        Action(
            kind=ActionKind.UPDATE,
            side=side,
            fields=tuple(changes),
            rule=rule,
            hold=HoldReason.UNDONE,
            precondition=digest([(c.wave, c.pms) for c in changes]),
            label=name if isinstance(name, str) else "",
            requests={side.value: 2},
        ),
    )
