"""The table of profiles is a spread: every value of every convention that a profile can say occurs in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from wave_pms_sync.pms.paging import pager_of
from wave_pms_sync.pms.presets import PRESETS
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.pms_traps import PmsTraps

TABLE = json.loads((Path(__file__).parent / "profiles.json").read_text("utf-8"))
Look = Callable[[PmsProfile, PmsTraps, Mapping[str, object]], object]


def address(p: PmsProfile) -> str:
    """What the address of one record looks like."""
    forms = {r"\{id\}$": "plain", r"\{id\}/$": "slash", r"\{id\}\.\w+$": "suffix", r"\('?\{id\}'?\)$": "brackets"}
    return next(said for form, said in forms.items() if re.search(form, p.one_path))


def wrapper(body: object) -> str:
    """What is around the values of a write."""
    if not isinstance(body, Mapping) or not body:
        return "none"
    deep = any(isinstance(inner, Mapping) and "{values}" in str(inner) for inner in body.values())
    listed = any(isinstance(inner, tuple) and "{values}" in inner for inner in body.values())
    return "list" if listed else "deep" if deep else "key" if len(body) == 1 else "key and more"


def place(text: str) -> str:
    """What kind of place this is."""
    return "" if not text else "item" if "[" in text else "inside" if "." in text and text[0] != "@" else "name"


def since(p: PmsProfile) -> str:
    """Where a listing asks for what changed."""
    where = {"query": p.list.query, "headers": p.list.headers, "body": p.list.body}
    held = next((name for name, table in where.items() if "{since}" in str(table)), "none")
    texts = [str(text) for text in p.list.query.values() if "{since}" in str(text)]
    if texts and texts[0] != "{since}":
        return "two in one" if texts[0].count("{since}") > 1 else "JSON" if texts[0].startswith("{") else "expression"
    return held


def version(p: PmsProfile) -> str:
    """Where a write says which version it means."""
    call = p.update
    where = {"header": call.headers, "query": call.query, "body": call.body, "among the values": call.fixed}
    return next((name for name, table in where.items() if "{version}" in str(table)), "nowhere")


def auth(p: PmsProfile) -> str:
    """How credentials are shown."""
    a = p.auth
    if a.basic:
        return "key as user" if a.basic.endswith(":") else "user and password"
    if a.query:
        return "query"
    if len(a.headers) > 1 or (a.headers and "Authorization" not in a.headers):
        return "headers of its own"
    text = str(a.headers.get("Authorization", "none"))
    return {"Bearer {token}": "bearer", "{token}": "bare", "none": "none"}.get(text, "another word")


def form(text: str) -> str:
    """The family of a form of times."""
    return "pattern" if "%" in text else text


def mark(where: str, values: tuple[object, ...], traps: PmsTraps) -> str:
    """What says that a record is deleted, or archived."""
    return "none" if not where else "value" if values else "time" if traps.flags_as_times else "flag"


def next_page(p: PmsProfile) -> str:
    """Where an answer says what follows."""
    paging, kind = p.paging, pager_of(p).value
    if kind in ("page", "offset"):
        return kind
    if paging.next_header:
        return f"{kind} in {'Link' if paging.next_header == 'Link' else 'a header'}"
    return f"{kind} behind the last row" if "[-1]" in paging.next else f"{kind} in the body" if paging.next else "all"


AXES: Mapping[str, tuple[Look, set[object]]] = {
    "address of one": (lambda p, t, s: address(p), {"plain", "slash", "suffix", "brackets"}),
    "address of the list": (lambda p, t, s: p.list.path == "{path}", {True, False}),
    "address of an update": (lambda p, t, s: p.update.path == "{one_path}", {True, False}),
    "verb of the list": (lambda p, t, s: p.list.method, {"GET", "POST", "SEARCH"}),
    "verb of a create": (lambda p, t, s: p.create.method, {"POST", "PUT"}),
    "verb of an update": (lambda p, t, s: p.update.method, {"PATCH", "PUT", "POST"}),
    "verb of a deletion": (lambda p, t, s: p.delete.method, {"DELETE", "POST"}),
    "replaced": (lambda p, t, s: p.update.replaces, {"values", "objects", "record"}),
    "replaced by a verb": (lambda p, t, s: (p.update.method, p.update.replaces), {
        ("PATCH", "values"), ("PATCH", "objects"), ("PUT", "values"), ("PUT", "objects"), ("PUT", "record"),
        ("POST", "values"), ("POST", "objects"),
    }),
    "around a create": (lambda p, t, s: wrapper(p.create.body), {"none", "key", "key and more", "deep", "list"}),
    "around an update": (lambda p, t, s: wrapper(p.update.body), {"none", "key", "key and more", "deep", "list"}),
    "fixed values": (lambda p, t, s: bool(p.create.fixed or p.update.fixed), {True, False}),
    "rows": (lambda p, t, s: place(p.list.rows), {"", "name", "inside"}),
    "no rows": (lambda p, t, s: "nothing" if p.list.absent_is_empty else "an empty list", {"nothing", "an empty list"}),
    "nobody's answer": (lambda p, t, s: t.empty_list, {0, 304}),
    "another null": (lambda p, t, s: bool(p.record.none), {True, False}),
    "whole filters": (lambda p, t, s: bool(p.list.whole), {True, False}),
    "rows by id": (lambda p, t, s: p.list.keyed, {True, False}),
    "around a row": (lambda p, t, s: place(p.list.row), {"", "name"}),
    "rows show a part": (lambda p, t, s: p.list.partial, {True, False}),
    "one record": (lambda p, t, s: place(p.read.record), {"", "name", "item"}),
    "properties": (lambda p, t, s: place(p.record.fields), {"", "name"}),
    "answer to a create": (lambda p, t, s: t.after_create or ("id" if p.create.id else "record"), {
        "record", "id", "location", "nothing", "ok", "null",
    }),
    "answer to an update": (lambda p, t, s: t.after_update, {"record", "nothing", "ok", "null"}),
    "location": (lambda p, t, s: bool(p.create.location), {True, False}),
    "looked up": (lambda p, t, s: bool(p.create.find_by), {True, False}),
    "looked up by": (lambda p, t, s: p.create.find_method, {"GET", "POST"}),
    "read by": (lambda p, t, s: p.read.content_type if p.read.body else "address", {
        "address", "application/json", "application/x-www-form-urlencoded",
    }),
    "deleted by": (lambda p, t, s: p.delete.content_type if p.delete.body else "address", {
        "address", "application/json", "application/x-www-form-urlencoded",
    }),
    "read back": (lambda p, t, s: p.create.read_back and p.update.read_back, {True, False}),
    "place of the id": (lambda p, t, s: "id" if p.record.id == "id" else place(p.record.id), {"id", "name", "inside"}),
    "misleading id": (lambda p, t, s: t.misleading_id, {True, False}),
    "ids": (lambda p, t, s: p.record.id_type, {"text", "integer"}),
    "id chosen by": (lambda p, t, s: "{id}" in p.create.path.replace("{one_path}", p.one_path), {True, False}),
    "empty in a create": (lambda p, t, s: p.create.empty, {"omit", "null", "text"}),
    "clears": (lambda p, t, s: p.update.clear, {"null", "text", "omit"}),
    "empty in answers": (lambda p, t, s: t.omit_empty, {True, False}),
    "not shown": (lambda p, t, s: p.record.absent, {"unknown", "empty"}),
    "other things": (lambda p, t, s: next((type(value) for value in p.record.only.values()), None), {None, str, tuple}),
    "times": (lambda p, t, s: form(p.times.form), {"rfc3339", "iso", "pattern", "epoch_s", "epoch_ms"}),
    "times in filters": (lambda p, t, s: bool(p.times.filter_form), {True, False}),
    "zone": (lambda p, t, s: p.times.zone == "UTC", {True, False}),
    "stamps": (lambda p, t, s: bool(p.record.updated), {True, False}),
    "fractions": (lambda p, t, s: s.get("stamp_digits", 6), {0, 3, 6}),
    "since": (lambda p, t, s: since(p), {"query", "headers", "body", "expression", "two in one", "JSON", "none"}),
    "since includes": (lambda p, t, s: p.list.since_includes, {True, False}),
    "deletions are told": (lambda p, t, s: (
        "list" if p.deletions.path else "rows" if t.list_deleted else "feed" if s.get("tombstones") else "not at all"
    ), {"list", "rows", "feed", "not at all"}),
    "deleted and readable": (lambda p, t, s: s.get("soft_delete", False), {True, False}),
    "mark of a deletion": (lambda p, t, s: mark(p.record.deleted, p.record.deleted_values, t), {
        "none", "value", "time", "flag",
    }),
    "mark of the archive": (lambda p, t, s: mark(p.record.archived, p.record.archived_values, t), {
        "none", "value", "time", "flag",
    }),
    "archived by": (lambda p, t, s: "request" if p.archive.path else "values" if p.archive.values else "flag", {
        "request", "values", "flag",
    }),
    "deleting twice": (lambda p, t, s: t.missing_delete, {0, 200, 204, 422}),
    "next page": (lambda p, t, s: next_page(p), {
        "all", "page", "offset", "cursor in the body", "cursor in a header", "cursor behind the last row",
        "url in the body", "url in Link", "url in a header",
    }),
    "next URL": (lambda p, t, s: t.links if next_page(p).startswith("url") else "", {"", "absolute", "path", "query"}),
    "next URL from": (lambda p, t, s: p.paging.next_from, {"request", "base", "origin"}),
    "next page by a condition": (lambda p, t, s: "=" in p.paging.next, {True, False}),
    "next URL escaped": (lambda p, t, s: not t.unescaped_links, {True, False}),
    "first page": (lambda p, t, s: p.paging.first, {0, 1}),
    "end": (lambda p, t, s: p.paging.end, {"empty", "short", "total", "repeat"}),
    "word for more": (lambda p, t, s: bool(p.paging.more), {True, False}),
    "number of pages": (lambda p, t, s: "body" if p.paging.pages else "header" if p.paging.pages_header else "none", {
        "body", "header", "none",
    }),
    "past the end": (lambda p, t, s: bool(p.paging.past_end), {True, False}),
    "sizes are cut": (lambda p, t, s: "max_limit" in s, {True, False}),
    "order of creation": (lambda p, t, s: p.list.creation_order, {True, False}),
    "total": (lambda p, t, s: "header" if p.list.total_header else place(p.list.total), {
        "", "name", "inside", "header",
    }),
    "auth": (lambda p, t, s: auth(p), {
        "none", "bearer", "bare", "another word", "headers of its own", "query", "key as user", "user and password",
    }),
    "login": (lambda p, t, s: p.auth.login.form if p.auth.login.url else "none", {"json", "form", "none"}),
    "demanded headers": (lambda p, t, s: bool(p.requests.headers), {True, False}),
    "demanded parameters": (lambda p, t, s: bool(p.requests.query), {True, False}),
    "not accepted": (lambda p, t, s: p.errors.unauthorized[0], {400, 401, 403}),
    "not there": (lambda p, t, s: "null" if p.read.empty_is_missing else p.errors.missing[0], {403, 404, 410, "null"}),
    "place of the version": (lambda p, t, s: "row" if p.record.version else p.record.version_header or "none", {
        "row", "ETag", "X-Version", "none",
    }),
    "versions": (lambda p, t, s: p.record.version_type, {"text", "integer"}),
    "version of a write": (lambda p, t, s: version(p), {"header", "query", "body", "among the values", "nowhere"}),
    "version demanded": (lambda p, t, s: p.record.version_demanded, {True, False}),
    "conflict": (lambda p, t, s: 412 in p.errors.conflict, {True, False}),
    "content of writes": (lambda p, t, s: p.update.content_type, {
        "application/fhir+json",
        "application/json", "application/merge-patch+json", "application/vnd.api+json",
        "application/x-www-form-urlencoded",
    }),
    "accept": (lambda p, t, s: p.requests.accept, {
        "application/json", "application/vnd.api+json", "application/fhir+json",
    }),
    "repeat key": (lambda p, t, s: next(
        (n for n, h in {"header": p.create.headers, "body": p.create.body}.items() if "{repeat_key}" in str(h)), "none"
    ), {"header", "body", "none"}),
    "errors of fields": (lambda p, t, s: t.fault_style, {"list", "object", "pointers", "loc"}),
    "place of the message": (lambda p, t, s: place(p.errors.message), {"", "name", "inside", "item"}),
    "errors as success": (lambda p, t, s: "flag" if p.errors.success else "mark" if p.errors.failure else "no", {
        "flag", "mark", "no",
    }),
    "codes": (lambda p, t, s: bool(p.errors.codes), {True, False}),
    "refused with": (lambda p, t, s: p.errors.refused[:1], {(), (500,)}),
    "unknown parameters": (lambda p, t, s: t.unknown_parameters, {"ignored", "refused"}),
    "read-only properties": (lambda p, t, s: bool(p.record.read_only), {True, False}),
    "mark of origin": (lambda p, t, s: p.record.marker, {True, False}),
    "queries": (lambda p, t, s: bool(p.requests.unescaped), {True, False}),
    "spaces": (lambda p, t, s: p.requests.space, {"%20", "+"}),
}  # fmt: skip
"""What each convention is in a row of the table, and the values that it may have; by the words of the profile."""


def looked_at(entry: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """What each convention is in a row of the table."""
    profile = PmsProfile.from_dict(entry["profile"])
    traps, settings = PmsTraps(**entry.get("traps", {})), entry.get("sandbox", {})
    return {axis: look(profile, traps, settings) for axis, (look, _) in AXES.items()}


ROWS = [looked_at(entry) for entry in TABLE.values()]


@pytest.mark.parametrize("axis", AXES)
def test_every_value_occurs(axis: str) -> None:
    """Every value of a convention occurs in the table, and none that this list does not know."""
    assert {row[axis] for row in ROWS} == AXES[axis][1]


def test_every_preset_occurs() -> None:
    """Every preset is a row of the table."""
    assert {entry["profile"].get("preset") for entry in TABLE.values()} >= {*PRESETS}


def test_choices_of_the_vocabulary_are_all_known() -> None:
    """A word that a profile may choose among few is among the values above."""
    spread = {str(value) for _, values in AXES.values() for value in values}

    words = {
        str(word)
        for part in get_type_hints(PmsProfile).values()
        if isinstance(part, type) and hasattr(part, "__attrs_attrs__")
        for hint in get_type_hints(part).values()
        for word in get_args(hint)
        if isinstance(word, str)
    }
    paces = {"seconds", "epoch_s"}  # how long to wait is no matter of what is asked and answered
    assert words - spread <= paces
