"""Several pairs may wait at once."""

from __future__ import annotations

from datetime import datetime, timezone

from wave_pms_sync import MemoryLinkStore
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Put

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


def test_many_links_may_be_open() -> None:
    """Two pairs with an open dispute are both kept; the store once took the second for a doubled link and refused."""
    links = MemoryLinkStore()
    lease = links.acquire("test", NOW, 60)

    links.commit([Put(Link(wave_id=f"w{n}", pms_id=f"p{n}", open=True)) for n in range(2)], lease)

    assert {link.wave_id for link in links.find(Link, "open", ["yes"])} == {"w0", "w1"}
