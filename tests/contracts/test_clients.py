"""Our own clients fulfil the contract of a client against the sandboxes, and a client that does not is found out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from attrs import evolve

from wave_pms_sync.errors import NotFound, Refused
from wave_pms_sync.http.pace import Unlimited
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.testing.clients import CustomerClientContract
from wave_pms_sync.testing.pms_sandbox import PmsSandbox
from wave_pms_sync.testing.wave_sandbox import WaveSandbox
from wave_pms_sync.wave.client import WaveClient

TOKEN = "s3cret-token"
AT_ONCE = RetryPolicy(first_wait_s=0)


class OnPmsSandbox:
    """Makes PMS clients of a new sandbox each."""

    kind: ClassVar[type[CustomPmsClient]] = CustomPmsClient
    options: ClassVar[Mapping[str, object]] = {}
    profile = PmsProfile.from_dict({"paging": {"size": 2}})

    def make_client(self) -> CustomerClient:
        """A client of a new sandbox."""
        self.box = PmsSandbox(token=TOKEN, **self.options).start()
        self.pms = self.kind(self.box.url, token=TOKEN, profile=self.profile, retry=AT_ONCE)
        return self.pms

    def clean_up(self) -> None:
        """Stop the sandbox."""
        self.pms.close()
        self.box.stop()


class TestCustomPmsClient(OnPmsSandbox, CustomerClientContract):
    """The PMS client, on a PMS of the default conventions."""

    long = "notes"
    long_characters = 1_000_000
    guards_writes = True
    secrets = (TOKEN,)


class TestCustomPmsClientOnAPlainPms(TestCustomPmsClient):
    """The same, where the PMS has no ETags, repeat keys, since-filter or archive, deletes softly and counts."""

    long = ""
    guards_writes = False
    profile = PmsProfile.from_dict(
        {
            "list": {"query": {"limit": "{limit}", "cursor": "{cursor}"}},
            "paging": {"size": 3},
            "record": {"archived": ""},
            "create": {"headers": {}},
            "update": {"headers": {}},
            "delete": {"headers": {}},
        }
    )
    options: ClassVar[Mapping[str, object]] = {
        "etags": False,
        "idempotency": False,
        "soft_delete": True,
        "show_total": True,
        "stamp_digits": 0,
    }


class TestWaveClient(CustomerClientContract):
    """The Wave client, on Wave as it is documented."""

    inside = ("address.city", "address.addressLine1")
    long = "internalNotes"
    secrets = (TOKEN,)

    options: ClassVar[Mapping[str, object]] = {}

    def make_client(self) -> CustomerClient:
        """A client of a new sandbox."""
        self.box = WaveSandbox(token=TOKEN, **self.options).start()
        self.wave = WaveClient(
            token=TOKEN,
            business_id=self.box.business_id,
            url=self.box.url,
            page_size=2,
            pace=Unlimited(),
            retry=AT_ONCE,
        )
        return self.wave

    def clean_up(self) -> None:
        """Stop the sandbox."""
        self.wave.close()
        self.box.stop()


class TestWaveClientOnAnotherWave(TestWaveClient):
    """The same, where Wave does the opposite of what is documented, as some clients report."""

    options: ClassVar[Mapping[str, object]] = {
        "delete": "readable",
        "unset": "empty",
        "write_missing": "error",
        "patch_nested": "merged",
    }


# --- Clients that break one obligation each, and the test of the kit that must say so


class _Endless(CustomPmsClient):
    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        return (evolve(page, last=False) for page in super().pages(modified_after))


class _EndsEarly(CustomPmsClient):
    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        return (evolve(page, last=True) for page in super().pages(modified_after))


class _Backwards(CustomPmsClient):
    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        return (evolve(page, records=page.records[::-1]) for page in super().pages(modified_after))


class _Stutters(CustomPmsClient):
    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        return (evolve(page, records=(*page.records, *page.records)) for page in super().pages(modified_after))


class _Miscounts(CustomPmsClient):
    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        return (evolve(page, total=len(page.records)) for page in super().pages(modified_after))


class _Eager(CustomPmsClient):
    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        return iter(list(super().pages(modified_after)))


class _Strictly(CustomPmsClient):
    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        return super().pages(modified_after and modified_after + timedelta(seconds=1))


class _Raises(CustomPmsClient):
    def customer(self, customer_id: str) -> Record | None:
        found = super().customer(customer_id)
        if found is None:
            raise NotFound("none")
        return found


class _Renames(CustomPmsClient):
    def customers_by_id(self, ids: Sequence[str]) -> Mapping[str, Record | None]:
        return {f"{asked}!": record for asked, record in super().customers_by_id(ids).items()}


class _Naive(CustomPmsClient):
    def update_customer(self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None) -> Record:
        after = super().update_customer(customer_id, values, seen=seen)
        return evolve(after, modified_at=after.modified_at and after.modified_at.replace(tzinfo=None))


class _Trims(CustomPmsClient):
    def create_customer(self, values: Mapping[str, object], *, repeat_key: str | None = None) -> Record:
        short = {name: value[:100].strip("0") if isinstance(value, str) else value for name, value in values.items()}
        return super().create_customer(short)


class _Forgets(CustomPmsClient):
    def update_customer(self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None) -> Record:
        return super().update_customer(customer_id, {"email": None, **values})


class _Replaces(CustomPmsClient):
    def update_customer(self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None) -> Record:
        whole = {name: {"line1": None, **value} if isinstance(value, dict) else value for name, value in values.items()}
        return super().update_customer(customer_id, whole, seen=seen)


class _Drops(CustomPmsClient):
    def update_customer(self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None) -> Record:
        kept = {name: value for name, value in values.items() if value is not None}
        return super().update_customer(customer_id, kept, seen=seen)


class _Upserts(CustomPmsClient):
    def update_customer(self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None) -> Record:
        try:
            return super().update_customer(customer_id, values, seen=None)
        except NotFound:
            return self.create_customer(values)


class _Once(CustomPmsClient):
    def delete_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        if self.customer(customer_id) is None:
            raise NotFound("none")
        super().delete_customer(customer_id)

    def archive_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        found = self.customer(customer_id)
        if found and found.archived:
            raise Refused("it is archived")
        super().archive_customer(customer_id)


class _Uncounted(CustomPmsClient):
    @property
    def requests(self) -> int:
        return 0


class _Talks(CustomPmsClient):
    @property
    def identity(self) -> str:
        return f"{super().identity}?token={TOKEN}"


class _Stays(CustomPmsClient):
    def __reduce__(self) -> tuple[object, ...]:
        return str, ()


class _Shares(CustomPmsClient):
    def create_customer(self, values: Mapping[str, object], *, repeat_key: str | None = None) -> Record:
        made = super().create_customer(values)
        listed = list(self.customers())
        return listed[-1] if len(listed) > 1 else made


FOUND_OUT = [
    (_Endless, "test_an_empty_account_states_its_end"),
    (_EndsEarly, "test_only_the_last_page_is_the_last"),
    (_Backwards, "test_the_listing_is_whole_and_in_order_of_creation"),
    (_Stutters, "test_the_listing_is_whole_and_in_order_of_creation"),
    (_Miscounts, "test_only_the_last_page_is_the_last"),
    (_Eager, "test_pages_are_fetched_as_they_are_asked_for"),
    (_Strictly, "test_a_moment_includes_itself"),
    (_Raises, "test_a_missing_record_is_none"),
    (_Renames, "test_several_are_read_by_id"),
    (_Renames, "test_what_was_created_can_be_read"),
    (_Naive, "test_stamps_are_moments"),
    (_Trims, "test_hard_texts_come_back_as_they_went"),
    (_Trims, "test_long_text_comes_back_whole"),
    (_Trims, "test_a_repeat_key_makes_one_record"),
    (_Forgets, "test_an_update_leaves_the_rest"),
    (_Replaces, "test_an_update_inside_an_object_leaves_its_neighbours"),
    (_Drops, "test_none_clears"),
    (_Upserts, "test_updating_a_missing_record_raises"),
    (_Upserts, "test_an_older_version_is_not_overwritten"),
    (_Once, "test_deleting_twice_is_success"),
    (_Once, "test_archiving_twice_is_success"),
    (_Uncounted, "test_requests_are_counted"),
    (_Talks, "test_the_identity_keeps_secrets"),
    (_Stays, "test_a_client_travels"),
    (_Shares, "test_threads_share_a_client"),
]


class _Kit(OnPmsSandbox, CustomerClientContract):
    long = "notes"
    guards_writes = True
    secrets = (TOKEN,)


@pytest.mark.parametrize(("kind", "test"), FOUND_OUT)
def test_a_client_that_breaks_the_contract_is_found_out(kind: type[CustomPmsClient], test: str) -> None:
    """A client that breaks an obligation fails the test that is named after it."""
    kit = type("_KitOfALiar", (_Kit,), {"kind": kind})()
    kit.setup_method()

    try:
        with pytest.raises((AssertionError, AttributeError, NotFound, Refused)):
            getattr(kit, test)()
    finally:
        kit.teardown_method()


def test_every_test_of_the_kit_can_fail() -> None:
    """Each test of the kit is failed by at least one of the clients above."""
    tests = {name for name in dir(CustomerClientContract) if name.startswith("test_")}

    assert tests == {test for _, test in FOUND_OUT}


def test_a_kit_without_a_client_says_what_is_missing() -> None:
    """A subclass that does not say how a client is made is told so."""
    with pytest.raises(NotImplementedError, match="make_client"):
        CustomerClientContract().setup_method()
