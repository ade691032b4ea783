"""What a client would send, shown before anything is sent."""

from __future__ import annotations

import pytest

from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.presets import PRESETS
from wave_pms_sync.pms.profile import PmsProfile


def previewed(settings: dict[str, object], **options: object) -> dict[str, str]:
    """The commands by purpose."""
    profile = PmsProfile.from_dict(settings)
    return dict(CustomPmsClient("https://pms.example.com/api", profile=profile, **options).preview())


@pytest.mark.parametrize("preset", PRESETS)
def test_every_request_is_shown(preset: str) -> None:
    """Each request of a profile is shown by its purpose."""
    shown = previewed({"preset": preset})

    archives = [] if preset == "odata_v4" else ["archive"]
    expected = ["list", "list, the next page", "list what changed", "read", "create", "update", *archives, "delete"]
    assert list(shown) == expected


def test_a_command_can_be_typed() -> None:
    """A request is shown as the command that sends it, quoted for a shell."""
    shown = previewed({})

    assert shown["update"] == (
        "curl -X PATCH -H 'Accept: application/json' -H 'Content-Type: application/merge-patch+json'"
        " -H 'If-Match: VERSION' -H 'Authorization: Bearer {token}'"
        """ -d '{"name":"Ada King","email":null}' https://pms.example.com/api/customers/101"""
    )


def test_no_secret_is_shown() -> None:
    """Secrets are shown by their names."""
    auth = {"headers": {}, "basic": "{username}:{password}", "query": {"key": "{token}"}}
    secrets = {"username": "ada", "password": "s3cret", "token": "s3cret"}

    shown = previewed({"auth": auth, "read": {"query": {"a": "b"}}, "list": {"query": {}}}, secrets=secrets)

    assert "s3cret" not in str(shown)
    assert "-u '{username}:{password}'" in shown["read"]
    assert shown["read"].endswith("'https://pms.example.com/api/customers/101?a=b&key={token}'")
    assert shown["list"].endswith("'https://pms.example.com/api/customers?key={token}'")
    assert "list, the next page" not in shown


def test_a_preview_prints() -> None:
    """A preview prints one command below the other, in a notebook as well."""
    profile = PmsProfile.from_dict({"deletions": {"path": "/gone"}})
    preview = CustomPmsClient("https://x.org", profile=profile).preview()

    assert "# list what was deleted\ncurl " in str(preview)
    assert "since=2026-03-01T12%3A00%3A00.000Z" in dict(preview)["list what was deleted"]
    assert preview._repr_html_().startswith("<pre># list\ncurl -H &#x27;Accept")
