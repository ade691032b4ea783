"""The two sides, and ids that cannot be swapped."""

from __future__ import annotations

from enum import Enum
from typing import NewType

WaveId = NewType("WaveId", str)
PmsId = NewType("PmsId", str)


class Side(str, Enum):
    """Wave or the Custom PMS. Neither is the master of the other."""

    WAVE = "wave"
    PMS = "pms"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.PMS if self is Side.WAVE else Side.WAVE

    @property
    def words(self) -> str:
        """The side as a sentence calls it."""
        return "Wave" if self is Side.WAVE else "the PMS"

    def __str__(self) -> str:
        return self.value
