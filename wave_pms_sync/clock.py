"""Our own time. It decides when to scan, to look again or to take over, never which value wins."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from wave_pms_sync.ports import Clock


@define
class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present moment, aware."""
        return datetime.now(timezone.utc)  # noqa: TID251  # the one place that reads it


def clock_or_default(given: Clock | None) -> Clock:
    """The clock that was given, or the machine's."""
    return SystemClock() if given is None else given
