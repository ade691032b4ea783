"""The rows as they are told in the end, those included that the engine does not compare."""

from __future__ import annotations

from collections.abc import Mapping

from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.matching_keys import marker_text
from wave_pms_sync.model.fields import Direction
from wave_pms_sync.model.side import Side
from wave_pms_sync.rehearsal.result import Mark, RehearsedRow, Step, Trial
from wave_pms_sync.rehearsal.stage import Stage


def rehearsed(row: FieldMap, trials: Mapping[Step, Trial], stage: Stage) -> RehearsedRow:
    """A row of the mapping with all its trials.

    Args:
        row: The row.
        trials: Those there were.
        stage: As it was left.
    """
    if row.marker:
        trials = {**_all("written by the engine only"), **_marked(stage)}
    elif row.direction is Direction.READ_ONLY:
        trials = _all("read only, not carried")
    told = {**_all("not tried: the rehearsal ended before"), **trials}
    return RehearsedRow(
        facet=row.facet,
        wave=", ".join(row.wave),
        pms=", ".join(row.pms),
        type=row.type,
        trials=tuple(told[step] for step in Step),
    )


def _all(reason: str) -> dict[Step, Trial]:
    return {step: Trial(step=step, mark=Mark.DASH, reason=reason) for step in Step}


def _marked(stage: Stage) -> dict[Step, Trial]:
    """Whether the counterpart shows the Wave id."""
    step, shown = Step.CREATED, stage.shown.get(Side.PMS)
    if not stage.casts[Side.PMS].abilities.marker:
        return {step: Trial(step=step, mark=Mark.DASH, reason="the PMS keeps no mark")}
    if shown is None:
        return {step: Trial(step=step, mark=Mark.DASH, reason="not tried: the rehearsal ended before")}
    if marker_text(stage.lens.raws(Side.PMS, shown.payload)[-1]) == stage.shown[Side.WAVE].id:
        return {step: Trial(step=step, mark=Mark.TICK)}
    return {step: Trial(step=step, mark=Mark.CROSS, reason="the PMS does not show the Wave id")}
