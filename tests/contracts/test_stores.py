"""Our own link stores fulfil the contract of a link store."""

from __future__ import annotations

from wave_pms_sync.model.memory import Tenant
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.stores.sqlite import SQLiteLinkStore
from wave_pms_sync.testing.entries import NOON, one_of_each, puts
from wave_pms_sync.testing.stores import LinkStoreContract


class TestMemoryLinkStore(LinkStoreContract):
    """The store without a file."""

    def make_store(self) -> LinkStore:
        """A store of its own."""
        return MemoryLinkStore()


class TestSQLiteLinkStore(LinkStoreContract):
    """The store in a file."""

    durable = True

    def make_store(self) -> LinkStore:
        """A store on a file that is not there yet."""
        return SQLiteLinkStore(self.folder / "links.sqlite3")

    def reopen(self) -> LinkStore:
        """Another store on that file."""
        return SQLiteLinkStore(self.folder / "links.sqlite3")


class TestSQLiteLinkStoreBesideAnotherTenant(TestSQLiteLinkStore):
    """The same, in a file that another tenant has filled with the same ids and keys."""

    def make_store(self) -> LinkStore:
        """A store on a file that holds another tenant."""
        with SQLiteLinkStore(self.folder / "links.sqlite3", tenant="other") as other:
            lease = other.acquire("other", NOON, 600)
            other.commit(puts(*(entry for entry in one_of_each() if not isinstance(entry, Tenant))), lease)
        return super().make_store()
