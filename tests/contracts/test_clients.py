"""Our own clients fulfil the contract of a client, against the sandboxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.testing.clients import CustomerClientContract
from wave_pms_sync.testing.pms_sandbox import PmsSandbox


class TestCustomPmsClient(CustomerClientContract):
    """The PMS client, on a PMS of the default conventions."""

    long = "notes"
    long_characters = 1_000_000
    guards_writes = True
    secrets = ("s3cret-token",)

    options: ClassVar[Mapping[str, object]] = {}
    profile = PmsProfile(page_size=2)

    def make_client(self) -> CustomerClient:
        """A client of a new sandbox."""
        self.box = PmsSandbox(token="s3cret-token", **self.options).start()
        self.pms = CustomPmsClient(
            self.box.url, token=self.box.token, profile=self.profile, retry=RetryPolicy(first_wait_s=0)
        )
        return self.pms

    def clean_up(self) -> None:
        """Stop the sandbox."""
        self.pms.close()
        self.box.stop()


class TestCustomPmsClientWithoutVersions(TestCustomPmsClient):
    """The same, where the PMS knows neither ETags nor repeat keys, deletes softly and counts."""

    guards_writes = False
    options: ClassVar[Mapping[str, object]] = {
        "etags": False,
        "idempotency": False,
        "soft_delete": True,
        "show_total": True,
        "stamp_digits": 0,
    }
    profile = PmsProfile(page_size=3, idempotency_header="", if_match=False)
