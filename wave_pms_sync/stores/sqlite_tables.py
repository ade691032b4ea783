"""The tables of all kinds of entries, and what stands in their columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Final, TypeVar, cast

from wave_pms_sync.model.links import Agreement, Link, LinkStatus, Sight
from wave_pms_sync.model.memory import (
    Intent,
    JournalEntry,
    Known,
    Lease,
    Quarantined,
    QuarantineReason,
    Tenant,
    Unfinished,
)
from wave_pms_sync.model.side import Side
from wave_pms_sync.stores.codec import from_text, to_text
from wave_pms_sync.stores.kinds import check_kind
from wave_pms_sync.stores.sqlite_table import Row, Table, Value

E = TypeVar("E")


# Moments are microseconds since 1970: a link has up to eight, and as text they would cost more than all the rest.
# For the same reason they are turned where they stand: this is where a first run of a million links spends its time.
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND: Final = timedelta(microseconds=1)


def _moment(ticks: Value) -> datetime | None:
    return None if ticks is None else _EPOCH + timedelta(microseconds=int(ticks))


_SIGHT: Final = ("created_at", "stamp", "digest", "archived", "written_stamp", "written_at", "missed", "mark")


def _link_row(tenant: int, link: Link) -> Row:
    own = (
        tenant,
        link.wave_id,
        link.pms_id,
        link.status._value_,  # `value` is a Python function before 3.12, and costs as much as two moments
        link.reason,
        1 if link.open else 0,
        link.revision,
        link.rule,
        link.run_id,
    )
    return own + _sight_row(link.wave) + _sight_row(link.pms)


def _sight_row(sight: Sight) -> Row:
    created, stamp, written_stamp, written = sight.created_at, sight.stamp, sight.written_stamp, sight.written_at
    return (
        None if created is None else (created - _EPOCH) // _MICROSECOND,
        None if stamp is None else (stamp - _EPOCH) // _MICROSECOND,
        sight.digest,
        1 if sight.archived else 0,
        None if written_stamp is None else (written_stamp - _EPOCH) // _MICROSECOND,
        None if written is None else (written - _EPOCH) // _MICROSECOND,
        sight.missed,
        sight.mark,
    )


def _link(row: Row) -> Link:
    wave_id, pms_id, status, reason, is_open, revision, rule, run_id = cast(
        "tuple[str, str, str, str, int, int, str, str]", row[:8]
    )
    return Link(
        wave_id=wave_id,
        pms_id=pms_id,
        status=LinkStatus(status),
        reason=reason,
        open=bool(is_open),
        revision=revision,
        wave=_sight(row[8:16]),
        pms=_sight(row[16:]),
        rule=rule,
        run_id=run_id,
    )


def _sight(row: Row) -> Sight:
    created_at, stamp, digest, archived, written_stamp, written_at, missed, mark = row
    return Sight(
        created_at=_moment(created_at),
        stamp=_moment(stamp),
        digest=cast("str | None", digest),
        archived=bool(archived),
        written_stamp=_moment(written_stamp),
        written_at=_moment(written_at),
        missed=cast("int", missed),
        mark=cast("str | None", mark),
    )


def read_lease(row: Row | None) -> Lease | None:
    """A row of `LEASE`, or none, as the lease that stands."""
    token, owner, *until = cast("tuple[int, str | None, str, str]", row or (0, None, "", ""))
    if owner is None:
        return None
    renewed_at, expires_at = map(datetime.fromisoformat, until)
    return Lease(owner=owner, token=token, renewed_at=renewed_at, expires_at=expires_at)


def _known(row: Row) -> Known:
    side, id_, keys, reason = cast("tuple[str, str, str, str]", row)
    return Known(side=Side(side), id=id_, keys=tuple(json.loads(keys)), reason=reason)


def _unfinished(row: Row) -> Unfinished:
    side, id_, reason = cast("tuple[str, str, str]", row)
    return Unfinished(side=Side(side), id=id_, reason=reason)


def _quarantined_row(tenant: int, rests: Quarantined) -> Row:
    return (
        tenant,
        rests.side.value,
        rests.id,
        rests.reason.value,
        rests.detail,
        rests.digest,
        rests.mapping,
        json.dumps(rests.candidates),
        None if rests.since is None else (rests.since - _EPOCH) // _MICROSECOND,
    )


def _quarantined(row: Row) -> Quarantined:
    side, id_, reason, detail, digest, mapping, candidates = cast("tuple[str, str, str, str, str, str, str]", row[:7])
    return Quarantined(
        side=Side(side),
        id=id_,
        reason=QuarantineReason(reason),
        detail=detail,
        digest=digest,
        mapping=mapping,
        candidates=tuple(json.loads(candidates)),
        since=_moment(row[7]),
    )


_BY_SIDE: Final = {"wave_id": "side = 'wave' AND id", "pms_id": "side = 'pms' AND id"}

_TABLES: Final[Mapping[type[object], object]] = {
    Tenant: Table(
        kind=Tenant,
        name="account",
        identity=(),
        rest=("pms", "body"),
        row=lambda tenant, entry: (tenant, entry.pms, to_text(entry)),
        entry=lambda row: from_text(Tenant, row[1]),
        order=("tenant",),
    ),
    Link: Table(
        kind=Link,
        name="link",
        identity=("wave_id", "pms_id"),
        rest=(
            *("status", "reason", "open", "revision", "rule", "run_id"),
            *(f"{side}_{column}" for side in Side for column in _SIGHT),
        ),
        row=_link_row,
        entry=_link,
        keys={"wave_id": "wave_id", "pms_id": "pms_id", "open": "open = 1 AND 'yes'", "rule": "rule"},
        unique=("wave_id",),
        order=("wave_id",),
    ),
    Agreement: Table(
        kind=Agreement,
        name="agreement",
        identity=("wave_id",),
        rest=("body",),
        row=lambda tenant, entry: (tenant, entry.wave_id, to_text(entry)),
        entry=lambda row: from_text(Agreement, row[1], row[0]),
        keys={"wave_id": "wave_id"},
    ),
    Known: Table(
        kind=Known,
        name="known",
        identity=("side", "id"),
        rest=("keys", "reason"),
        row=lambda tenant, entry: (tenant, entry.side.value, entry.id, json.dumps(entry.keys), entry.reason),
        entry=_known,
        keys=_BY_SIDE,
    ),
    Intent: Table(
        kind=Intent,
        name="intent",
        identity=("key",),
        rest=("body",),
        row=lambda tenant, entry: (tenant, entry.key, to_text(entry)),
        entry=lambda row: from_text(Intent, row[1], row[0]),
    ),
    Unfinished: Table(
        kind=Unfinished,
        name="unfinished",
        identity=("side", "id"),
        rest=("reason",),
        row=lambda tenant, entry: (tenant, entry.side.value, entry.id, entry.reason),
        entry=_unfinished,
        keys=_BY_SIDE,
    ),
    Quarantined: Table(
        kind=Quarantined,
        name="quarantined",
        identity=("side", "id"),
        rest=("reason", "detail", "digest", "mapping", "candidates", "since"),
        row=_quarantined_row,
        entry=_quarantined,
        keys=_BY_SIDE,
    ),
    JournalEntry: Table(
        kind=JournalEntry,
        name="journal",
        identity=("run_id", "number"),
        rest=("wave_id", "pms_id", "body"),
        row=lambda tenant, entry: (
            *(tenant, entry.run_id, entry.number, entry.wave_id, entry.pms_id),
            to_text(entry),
        ),
        entry=lambda row: from_text(JournalEntry, row[4], row[0], row[1]),
        keys={"wave_id": "wave_id", "pms_id": "pms_id", "run_id": "run_id"},
        order=("place",),
    ),
}


def table(kind: type[E]) -> Table[E]:
    """The table that holds entries of this kind.

    Raises:
        ConfigurationError: No store keeps such entries.
    """
    check_kind(kind)
    return cast("Table[E]", _TABLES[kind])
