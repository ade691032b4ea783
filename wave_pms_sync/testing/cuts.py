"""Cut a run at any of its calls, as a crash would: to prove that your own store, or your own client, survives it.

```python
from wave_pms_sync.testing import Blade, Cut, CutSession, CutStore

blade = Blade(at=7)                                 # 0 counts only; blade.calls names each place
sync = Synchronizer(wave=wave, pms=CustomPmsClient(url, token=token, session=CutSession(blade)),
                    links=CutStore(links, blade))
try:
    sync.run()
except Cut:
    ...                                             # run again with fresh clients, and compare
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import requests

from wave_pms_sync.model.memory import Change, Lease
from wave_pms_sync.ports import LinkReader, LinkStore

__all__ = ["Blade", "Cut", "CutSession", "CutStore"]

E = TypeVar("E")
T = TypeVar("T")


class Cut(BaseException):
    """The process dies here. No handler of errors sees it, as none would see a SIGKILL."""


class Blade:
    """Counts the places just before and just after each call, and cuts at one of them.

    After the cut nothing gets through any more, not even a goodbye: a dead process gives no lease back.

    Args:
        at: The place, counted from 1; 0 cuts nowhere.

    Attributes:
        calls: Each place that was passed, in words.
        fallen: The cut was made.
    """

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.calls: list[str] = []
        self.fallen = False

    def around(self, call: str, act: Callable[[], T]) -> T:
        """Do something between two places to cut. One that fails ends at a place, too."""
        self.place(f"before {call}")
        try:
            return act()
        finally:
            self.place(f"after {call}")

    def place(self, where: str) -> None:
        """One more place.

        Raises:
            Cut: Here, or before.
        """
        if self.fallen:
            raise Cut(where)
        self.calls.append(where)
        if len(self.calls) == self.at:
            self.blow()

    def blow(self) -> None:
        """What happens there. Replace it to do something else than die.

        Raises:
            Cut: Always.
        """
        self.fallen = True
        raise Cut(self.calls[-1])


class CutStore:
    """A link store whose calls can be cut. It fulfils `LinkStore`.

    Args:
        links: The store.
        blade: Where to cut.
    """

    def __init__(self, links: LinkStore, blade: Blade) -> None:
        self._links = links
        self._blade = blade

    @property
    def tenant(self) -> str:
        """The tenant's name."""
        return self._links.tenant

    def find(self, kind: type[E], by: str, values: Iterable[str]) -> list[E]:
        """See `LinkReader.find`."""
        return self._blade.around("find", lambda: self._links.find(kind, by, values))

    def scan(self, kind: type[E]) -> Iterator[E]:
        """See `LinkReader.scan`."""
        return self._blade.around("scan", lambda: self._links.scan(kind))

    def count(self, kind: type[E]) -> int:
        """See `LinkReader.count`."""
        return self._blade.around("count", lambda: self._links.count(kind))

    @contextmanager
    def snapshot(self) -> Iterator[LinkReader]:
        """See `LinkStore.snapshot`; what is read from it is no place to cut."""
        self._blade.place("before snapshot")
        with self._links.snapshot() as view:
            yield view

    def commit(self, changes: Sequence[Change], lease: Lease) -> None:
        """See `LinkStore.commit`."""
        self._blade.around("commit", lambda: self._links.commit(changes, lease))

    def acquire(self, owner: str, now: datetime, ttl_s: float) -> Lease:
        """See `LinkStore.acquire`."""
        return self._blade.around("acquire", lambda: self._links.acquire(owner, now, ttl_s))

    def release(self, lease: Lease) -> None:
        """See `LinkStore.release`."""
        self._blade.around("release", lambda: self._links.release(lease))

    def purge(self) -> None:
        """See `LinkStore.purge`."""
        self._blade.around("purge", self._links.purge)

    def close(self) -> None:
        """See `LinkStore.close`."""
        self._links.close()


class CutSession(requests.Session):
    """A session whose requests can be cut, before they are sent or after they were answered.

    Args:
        blade: Where to cut.
    """

    def __init__(self, blade: Blade) -> None:
        super().__init__()
        self._blade = blade

    def request(self, method: str | bytes, url: str | bytes, *args: object, **kwargs: object) -> requests.Response:
        """Send, between two places to cut."""
        send = super().request
        return self._blade.around(f"request {method!s}", lambda: send(method, url, *args, **kwargs))  # type: ignore[arg-type]
