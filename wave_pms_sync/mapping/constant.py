"""What a side is told though no property of the other side says it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from attrs import field, frozen

from wave_pms_sync.declared.schema import unknown
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.steps import steps_of
from wave_pms_sync.mapping.wave_properties import WAVE_PROPERTIES
from wave_pms_sync.model.side import Side

MOMENTS = ("create", "write")


@frozen(kw_only=True)
class Constant:
    """A fixed value of a property that is not mapped. It is never read back or compared.

    Attributes:
        side: Who is told.
        path: The property.
        value: The value, as that side takes it (Wave: in its read names).
        on: `create`: when a record is made, so that it may be changed there afterwards; `write`: with each write.
    """

    side: Side
    path: str
    value: object = field(repr=False)
    on: str = "create"


def constant_of(said: Mapping[str, object]) -> Constant:
    """Make a constant of what was said: `pms` or `wave`, `value`, `on`.

    Raises:
        ConfigurationError: With every fault.
    """
    pms, wave, value, on = said.get("pms"), said.get("wave"), said.get("value"), said.get("on", "create")
    if (pms is None) == (wave is None):
        raise ConfigurationError("mapping", ["constant: names no property, or two (allowed: pms=... or wave=...)"])
    side, path = (Side.PMS, pms) if wave is None else (Side.WAVE, wave)
    where = f"constant {path}"
    faults = _path_faults(where, side, path)
    if on not in MOMENTS:
        faults.append(unknown(f"{where}.on", on, MOMENTS))
    try:
        plain = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        plain = None
    if plain is None:
        faults.append(f"{where}.value: is null or no JSON value (allowed: text, number, true, false, list, table)")
    if faults:
        raise ConfigurationError("mapping", faults)
    return Constant(side=side, path=str(path), value=plain, on=str(on))


def _path_faults(where: str, side: Side, path: object) -> list[str]:
    if not isinstance(path, str):
        return [f"{where}: is no path (allowed: text)"]
    if side is Side.WAVE:
        writable = [name for name, known in WAVE_PROPERTIES.items() if known.writable]
        return [] if path in writable else [unknown(where, path, writable)]
    try:
        steps_of(path)
    except ValueError as error:
        return [f"{where}: {error} (allowed: such as a.b, a['b.c'], a[kind=main].b, a[0])"]
    return []
