"""One wrong setting in a profile: the doctor names it, on APIs of very different makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from wave_pms_sync.findings import Findings, Verdict
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.pms_sandbox import PmsSandbox
from wave_pms_sync.testing.pms_traps import PmsTraps

TABLE = json.loads((Path(__file__).parent / "profiles.json").read_text("utf-8"))
ONCE = RetryPolicy(attempts=1)

# Each is a setting that is wrong, and the keys one of which the doctor must name in what it calls wrong.
DAMAGES: Mapping[str, tuple[Mapping[str, object], tuple[str, ...]]] = {
    "path": ({"path": "/wrong"}, ("path",)),
    "one_path": ({"one_path": "{path}/{id}x"}, ("one_path",)),
    "list.rows": ({"list": {"rows": "wrong"}}, ("list.rows",)),
    "record.id": ({"record": {"id": "wrong"}}, ("record.id",)),
    "record.id of another property": ({"record": {"id": "attributes.name"}}, ("record.id",)),
    "record.created": ({"record": {"created": "wrong"}}, ("record.created",)),
    "record.updated": ({"record": {"updated": "wrong"}}, ("record.updated",)),
    "times.form": ({"times": {"form": "epoch_s"}}, ("times.form",)),
    "times.filter_form": ({"times": {"filter_form": "epoch_s"}}, ("times.filter_form",)),
    "read.record": ({"read": {"record": "wrong"}}, ("read",)),
    "auth.headers": ({"auth": {"headers": {"X-Token": "{token}"}}}, ("auth",)),
    "errors.missing": ({"errors": {"missing": [418]}}, ("errors.missing",)),
    "create.path": ({"create": {"path": "{path}/wrong/wrong"}}, ("create",)),
    "create.method": ({"create": {"method": "MAKE"}}, ("create.method",)),
    "create.content_type": ({"create": {"content_type": "text/plain"}}, ("create.content_type",)),
    "update.method": ({"update": {"method": "POKE"}}, ("update.method",)),
    "update.path": ({"update": {"path": "{one_path}/wrong"}}, ("update",)),
    "delete.method": ({"delete": {"method": "ZAP"}}, ("delete",)),
    "delete.path": ({"delete": {"path": "{one_path}/wrong"}}, ("delete",)),
}
ROWS = ("json_rest", "json_api", "odata_v4", "limit_offset")
OF_ONE = {
    "json_api": {
        "paging.first": ({"paging": {"first": 0}}, ("list", "paging.first")),
        "record.updated": ({"record": {"updated": "attributes.wrong"}}, ("record.updated",)),
        "record.fields": ({"record": {"fields": ""}}, ("record.fields",)),
        "create.body": ({"create": {"body": {}}}, ("create",)),
    },
    "limit_offset": {
        "paging.more": ({"paging": {"more": "wrong"}}, ("paging.more",)),
        "list.query": ({"list": {"query": {"limit": "{limit}", "from": "{offset}"}}}, ("list.query",)),
    },
    "odata_v4": {},
    "page_number": {"paging.first": ({"paging": {"first": 0}}, ("list", "paging.first"))},
    "json_rest": {
        "list.query": ({"list": {"query": {"limit": "{limit}", "after": "{cursor}"}}}, ("list.query",)),
        "since": ({"list": {"query": {"limit": "{limit}", "cursor": "{cursor}", "newer": "{since}"}}}, ("list.query",)),
        "paging.next": ({"paging": {"next": "wrong.next"}}, ("paging", "list.query")),
    },
    "search": {"times.zone": ({"times": {"zone": "America/New_York"}}, ("times.zone", "times.filter_form"))},
    "framework": {"times.form": ({"times": {"form": "%d.%m.%Y"}}, ("times.form",))},
    "hypertext": {"paging.next_header": ({"paging": {"next": "", "next_header": "Link"}}, ("paging", "list"))},
}
CASES = [
    *((row, name, *case) for row in ROWS for name, case in DAMAGES.items() if name not in OF_ONE[row]),
    *((row, name, *case) for row, cases in OF_ONE.items() for name, case in cases.items()),
]


def checked(row: str, change: Mapping[str, object], *, wrong_token: bool = False, customers: int = 5) -> Findings:
    """What the doctor says of a damaged profile, on a sandbox that plays the sound one."""
    entry = TABLE[row]
    sound = PmsProfile.from_dict(entry["profile"])
    with PmsSandbox(profile=sound, traps=PmsTraps(**entry.get("traps", {})), **entry.get("sandbox", {})) as box:
        ids = [box.add({"name": f"C{n}", "email": f"c{n}@example.org"}) for n in range(customers)]
        for each in ids[:1]:
            box.edit(each, {"name": "C0b"})
        given = {**box.credentials, **({"token": "another"} if wrong_token else {})}
        with CustomPmsClient(box.url, profile=sound.evolve(**change), retry=ONCE, **given) as client:
            return client.check(write=True)


@pytest.mark.parametrize("row", sorted(TABLE))
def test_a_sound_profile_is_found_sound(row: str) -> None:
    """Where nothing is damaged, nothing is called wrong."""
    assert [str(finding) for finding in checked(row, {}) if finding.verdict is Verdict.WRONG] == []


@pytest.mark.parametrize(("row", "name", "change", "keys"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_a_wrong_setting_is_named(row: str, name: str, change: Mapping[str, object], keys: tuple[str, ...]) -> None:
    """A setting that is wrong is called wrong, and what is said of it names the key to change."""
    found = checked(row, change)

    said = [f"{finding.key} | {finding.text}" for finding in found if finding.verdict is Verdict.WRONG]
    assert said, f"{name} is silent:\n{found}"
    assert any(key in text for key in keys for text in said), f"{name}:\n{found}"


@pytest.mark.parametrize("row", ROWS)
def test_a_wrong_token_is_told_from_an_empty_account(row: str) -> None:
    """A token that is not accepted is called wrong; an account without customers only leaves that open."""
    refused, empty = checked(row, {}, wrong_token=True), checked(row, {}, customers=0)

    assert [finding.subject for finding in refused if finding.verdict is Verdict.WRONG] == ["credentials"]
    assert [finding.subject for finding in empty if finding.verdict is Verdict.WRONG] == []
    assert any(f.subject == "credentials" and f.verdict is Verdict.ASSUMED for f in empty)
