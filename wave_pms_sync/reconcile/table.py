"""The decision table for linked records. The documentation prints this very object."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Change(str, Enum):
    """What became of one side's record, judged against that side's baselines."""

    SAME = "same"
    CHANGED = "changed"
    ABSENT = "absent"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return self.value


class Decision(str, Enum):
    """What follows for a linked pair."""

    REST = "nothing"
    WAVE_TO_PMS = "carry Wave's changed groups to the PMS"
    PMS_TO_WAVE = "carry the PMS's changed groups to Wave"
    MERGE = "group by group: carry, agree, or ask the conflict policy"
    RETIRE_PMS = "tombstone; the deletion policy for the PMS"
    RETIRE_WAVE = "tombstone; the deletion policy for Wave"
    KEEP_PMS = "edit beats deletion: the PMS record stays, dispute"
    KEEP_WAVE = "edit beats deletion: the Wave record stays, dispute"
    TOMBSTONE = "tombstone"
    WAIT = "wait: nothing is retired or created; read again"

    def __str__(self) -> str:
        return self.value


SAME, CHANGED, ABSENT, UNKNOWN = Change

DECISIONS: Final = {
    (SAME, SAME): Decision.REST,
    (CHANGED, SAME): Decision.WAVE_TO_PMS,
    (SAME, CHANGED): Decision.PMS_TO_WAVE,
    (CHANGED, CHANGED): Decision.MERGE,
    (ABSENT, SAME): Decision.RETIRE_PMS,
    (SAME, ABSENT): Decision.RETIRE_WAVE,
    (ABSENT, CHANGED): Decision.KEEP_PMS,
    (CHANGED, ABSENT): Decision.KEEP_WAVE,
    (ABSENT, ABSENT): Decision.TOMBSTONE,
    (UNKNOWN, SAME): Decision.WAIT,
    (UNKNOWN, CHANGED): Decision.WAIT,
    (UNKNOWN, ABSENT): Decision.WAIT,
    (UNKNOWN, UNKNOWN): Decision.WAIT,
    (SAME, UNKNOWN): Decision.WAIT,
    (CHANGED, UNKNOWN): Decision.WAIT,
    (ABSENT, UNKNOWN): Decision.WAIT,
}
"""(what Wave's record did, what the PMS's did), each judged against its own baselines."""
