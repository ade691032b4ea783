"""The checklist that runs: one pair of test customers is led through every row of the mapping.

A rehearsal keeps a memory of its own and sees no customer but its own pair (`cast`), so that it cannot touch another
one. `finding` looks for what an earlier rehearsal left behind, `script` says what is tried, `stage` carries out edits
and runs, `judging` says what became of each row, `clearing` puts the pair away, `play` is the order of it all, and
`result` and `printed` are what one reads in the end.
"""

from __future__ import annotations

from wave_pms_sync.rehearsal.result import Mark, Rehearsal, RehearsedRow, Step, Trial

__all__ = ["Mark", "Rehearsal", "RehearsedRow", "Step", "Trial"]
