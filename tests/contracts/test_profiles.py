"""A spread of profiles, each played by the sandbox: the client keeps its contract on all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar

from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.testing.clients import CustomerClientContract
from wave_pms_sync.testing.pms_sandbox import PmsSandbox
from wave_pms_sync.testing.pms_traps import PmsTraps

TABLE: Mapping[str, Mapping[str, Mapping[str, object]]] = json.loads(
    (Path(__file__).parent / "profiles.json").read_text("utf-8")
)
AT_ONCE = RetryPolicy(first_wait_s=0)


@cache
def profile_of(name: str) -> PmsProfile:
    """A profile of the table, with small pages."""
    profile = PmsProfile.from_dict(TABLE[name]["profile"])
    return profile.evolve(paging={"size": 3})


class OnAProfile(CustomerClientContract):
    """The contract, on a sandbox that plays a row of the table."""

    row: ClassVar[str]

    def make_client(self) -> CustomerClient:
        """A client of a new sandbox, both by the same profile."""
        entry, profile = TABLE[self.row], profile_of(self.row)
        self.guards_writes = "{version}" in str(profile.to_dict()["update"]) and bool(
            entry.get("sandbox", {}).get("etags", True) and (profile.record.version or profile.record.version_header)
        )
        traps = PmsTraps(**entry.get("traps", {}))
        self.box = PmsSandbox(profile=profile, traps=traps, **entry.get("sandbox", {})).start()
        self.secrets = tuple(_texts(self.box.credentials))
        self.pms = CustomPmsClient(self.box.url, profile=profile, retry=AT_ONCE, **self.box.credentials)
        return self.pms

    def test_pages_are_fetched_as_they_are_asked_for(self) -> None:
        """The first page needs no later one; where rows show a part only, it needs each of its records."""
        if not profile_of(self.row).list.partial:
            super().test_pages_are_fetched_as_they_are_asked_for()
            return
        for number in range(7):
            self._create(f"Customer {number}")
        before = self.client.requests

        next(self.client.pages())

        assert self.client.requests - before == 1 + 3

    def clean_up(self) -> None:
        """Stop the sandbox."""
        self.pms.close()
        self.box.__exit__(None, None, None)


def _texts(credentials: Mapping[str, object]) -> list[str]:
    return [text for held in credentials.values() for text in (held.values() if isinstance(held, dict) else [held])]


for _name in TABLE:
    _title = f"Test{_name.title().replace('_', '')}"
    globals()[_title] = type(_title, (OnAProfile,), {"row": _name, "__doc__": TABLE[_name]["says"]})
