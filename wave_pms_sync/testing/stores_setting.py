"""How the contract of a link store gets its stores, and how it looks at them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Change, Entry
from wave_pms_sync.ports import LinkReader, LinkStore
from wave_pms_sync.testing.entries import KINDS, NOON

__all__ = ["StoreSetting", "by_wave_id", "content"]


class StoreSetting:
    """One store for each test, made in `make_store` and closed at the end.

    Attributes:
        durable: Whether the store outlives its object. Then `reopen` must give another store on the same place.
        folder: An empty folder for one test, for stores that live in files.
    """

    durable: bool = False

    folder: Path
    store: LinkStore

    def make_store(self) -> LinkStore:
        """A store that was never written."""
        raise NotImplementedError("say in make_store how a store is made")

    def reopen(self) -> LinkStore:
        """Another store on the place of the one that `make_store` made, as a second process would have it."""
        raise NotImplementedError("say in reopen how a durable store is opened again, or leave durable False")

    def setup_method(self) -> None:
        """Make the store of one test."""
        self.folder = Path(tempfile.mkdtemp(prefix="links-"))
        self.store = self.make_store()

    def teardown_method(self) -> None:
        """Close the store of one test."""
        self.store.close()
        shutil.rmtree(self.folder)

    def commit(self, changes: Sequence[Change]) -> None:
        """Commit under a lease of our own."""
        self.store.commit(changes, self.store.acquire("contract", NOON, 600))


def content(reader: LinkReader) -> list[list[Entry]]:
    """All that a reader scans, by kind."""
    return [list(reader.scan(kind)) for kind in KINDS]


def by_wave_id(link: Link) -> str:
    """For sorting."""
    return link.wave_id
