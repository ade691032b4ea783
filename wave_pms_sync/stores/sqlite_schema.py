"""The SQL of the SQLite store: how a file becomes ours, its tables, and the lease.

One file may hold several tenants; each row carries the number of its own. Every index begins with it, so a tenant
reads its own rows only. What the engine asks for by value has columns; what it only reads whole is JSON (`body`).
Moments in columns are microseconds since 1970 in UTC, but for those of the lease, which people read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

APPLICATION_ID: Final = 0x77706D73
"""Marks an SQLite file as ours ("wpms"), in its header."""

VERSION: Final = 1
"""The version of the tables below, in the header as `user_version`."""

_SIGHT: Final = """
    {side}_created_at INTEGER, {side}_stamp INTEGER, {side}_digest TEXT, {side}_archived INTEGER NOT NULL,
    {side}_written_stamp INTEGER, {side}_written_at INTEGER, {side}_missed INTEGER NOT NULL, {side}_mark TEXT"""

_RESTS: Final = "open = 0 AND status = 'active' AND {side}_missed = 0 AND {side}_digest IS NOT NULL"
"""A link whose record may be passed over while it shows what was last seen."""

STEPS: Final[Mapping[int, tuple[str, ...]]] = {
    1: (
        """CREATE TABLE tenant (
            number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, serial INTEGER NOT NULL DEFAULT 0,
            token INTEGER NOT NULL DEFAULT 0, owner TEXT, renewed_at TEXT, expires_at TEXT)""",
        """CREATE TABLE counted (
            tenant INTEGER NOT NULL, kind TEXT NOT NULL, entries INTEGER NOT NULL,
            PRIMARY KEY (tenant, kind)) WITHOUT ROWID""",
        "CREATE TABLE account (tenant INTEGER PRIMARY KEY, pms TEXT NOT NULL, body TEXT NOT NULL)",
        f"""CREATE TABLE link (
            tenant INTEGER NOT NULL, wave_id TEXT NOT NULL, pms_id TEXT NOT NULL, status TEXT NOT NULL,
            reason TEXT NOT NULL, open INTEGER NOT NULL, revision INTEGER NOT NULL, rule TEXT NOT NULL,
            run_id TEXT NOT NULL, {_SIGHT.format(side="wave")}, {_SIGHT.format(side="pms")})""",
        "CREATE UNIQUE INDEX link_by_wave_id ON link (tenant, wave_id)",
        "CREATE UNIQUE INDEX link_by_pms_id ON link (tenant, pms_id)",
        "CREATE INDEX link_open ON link (tenant) WHERE open = 1",
        "CREATE INDEX link_by_rule ON link (tenant, rule)",
        *(
            f"""CREATE INDEX link_by_{side}_mark ON link (tenant, {side}_mark, {side}_stamp, {side}_created_at)
                WHERE {side}_mark IS NOT NULL AND {_RESTS.format(side=side)}"""
            for side in ("wave", "pms")
        ),
        "CREATE TABLE agreement (tenant INTEGER NOT NULL, wave_id TEXT NOT NULL, body TEXT NOT NULL)",
        "CREATE UNIQUE INDEX agreement_by_wave_id ON agreement (tenant, wave_id)",
        """CREATE TABLE known (
            tenant INTEGER NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL, keys TEXT NOT NULL, reason TEXT NOT NULL)""",
        "CREATE UNIQUE INDEX known_by_id ON known (tenant, side, id)",
        """CREATE TABLE known_key (
            tenant INTEGER NOT NULL, side TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY (tenant, side, key, id)) WITHOUT ROWID""",
        "CREATE TABLE intent (tenant INTEGER NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL)",
        "CREATE UNIQUE INDEX intent_by_key ON intent (tenant, key)",
        "CREATE TABLE unfinished (tenant INTEGER NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL, reason TEXT NOT NULL)",
        "CREATE UNIQUE INDEX unfinished_by_id ON unfinished (tenant, side, id)",
        """CREATE TABLE quarantined (
            tenant INTEGER NOT NULL, side TEXT NOT NULL, id TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
            digest TEXT NOT NULL, mapping TEXT NOT NULL, candidates TEXT NOT NULL, since INTEGER)""",
        "CREATE UNIQUE INDEX quarantined_by_id ON quarantined (tenant, side, id)",
        """CREATE TABLE journal (
            place INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, run_id TEXT NOT NULL, number INTEGER NOT NULL,
            wave_id TEXT, pms_id TEXT, body TEXT NOT NULL)""",
        "CREATE UNIQUE INDEX journal_by_run_id ON journal (tenant, run_id, number)",
        "CREATE INDEX journal_by_wave_id ON journal (tenant, wave_id)",
        "CREATE INDEX journal_by_pms_id ON journal (tenant, pms_id)",
        "CREATE INDEX journal_by_place ON journal (tenant)",
    ),
}
"""For each version, the statements that lead to it from the one before; 0 is an empty file."""

TENANT: Final = "(SELECT number FROM tenant WHERE name = ?)"
"""A tenant's number within a statement. A name that is not in the file has none, and no row has that."""

LEASE: Final = "SELECT token, owner, renewed_at, expires_at FROM tenant WHERE name = ?"

GRANT: Final = """
    INSERT INTO tenant (name, token, owner, renewed_at, expires_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET token = excluded.token, owner = excluded.owner,
        renewed_at = excluded.renewed_at, expires_at = excluded.expires_at"""

RELEASE: Final = "UPDATE tenant SET owner = NULL WHERE name = ? AND owner = ? AND token = ?"

NEXT_SERIAL: Final = "UPDATE tenant SET serial = serial + 1 WHERE name = ? AND owner = ? AND token = ?"
"""Also the fence: it changes no row for a lease that no longer stands."""

NUMBER: Final = "SELECT number FROM tenant WHERE name = ?"

COUNT: Final = f"SELECT entries FROM counted WHERE tenant = {TENANT} AND kind = ?"  # noqa: S608  # our own constant

ADD_TO_COUNT: Final = """
    INSERT INTO counted (tenant, kind, entries) VALUES (?, ?, ?)
    ON CONFLICT (tenant, kind) DO UPDATE SET entries = entries + excluded.entries"""

PUT_KEY: Final = "INSERT INTO known_key (tenant, side, key, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"

REMOVE_KEY: Final = "DELETE FROM known_key WHERE tenant = ? AND side = ? AND key = ? AND id = ?"

IDS_BY_KEY: Final = f"SELECT id FROM known_key WHERE tenant = {TENANT} AND side = ? AND key IN ({{}})"  # noqa: S608  # our own constant

TRACES: Final = f"""
    SELECT rowid, {{side}}_id, {{side}}_digest, {{side}}_archived, {{side}}_stamp, {{side}}_created_at
    FROM link WHERE tenant = {TENANT} AND {{side}}_id IN ({{{{}}}}) AND {_RESTS}"""  # noqa: S608  # our own constant

MARKED: Final = f"""
    SELECT rowid, {{side}}_mark, {{side}}_stamp, {{side}}_created_at
    FROM link WHERE tenant = {TENANT} AND {{side}}_mark IN ({{{{}}}}) AND {_RESTS}"""  # noqa: S608  # our own constant
"""All of it stands in the index by mark."""

LOOSE: Final = f"""
    SELECT side, id, keys, reason FROM known
    WHERE tenant = {TENANT} AND side = '{{side}}' AND id IN (
        SELECT id FROM known WHERE tenant = {TENANT} AND side = '{{side}}'
        EXCEPT SELECT {{side}}_id FROM link WHERE tenant = {TENANT}
        ORDER BY 1)"""  # noqa: S608  # our own constants
"""In this order two indexes are read side by side, which takes less than half of looking each id up."""

CLAIMS: Final = f"""
    SELECT link.pms_id, tenant.name, theirs.pms
    FROM account AS theirs
    CROSS JOIN link ON link.tenant = theirs.tenant
    CROSS JOIN tenant ON tenant.number = theirs.tenant
    WHERE theirs.tenant IS NOT {TENANT} AND link.pms_id IN ({{}})"""  # noqa: S608  # our own constant

CLASH: Final = """
    SELECT wave_id, pms_id FROM link
    WHERE tenant = ? AND (wave_id = ? OR pms_id = ?) AND NOT (wave_id = ? AND pms_id = ?)"""
