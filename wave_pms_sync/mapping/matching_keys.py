"""Strong keys: the canonical texts by which two records that nobody linked can be found to be one customer."""

from __future__ import annotations

from collections.abc import Sequence

from wave_pms_sync.mapping.conversion import cell_of
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.written import collapsed, folded, snake_case
from wave_pms_sync.model.side import Side

EXTERNAL_ID = "external_id"
"""The name of the key that is the Wave id itself."""


def places(maps: Sequence[FieldMap]) -> dict[str, int]:
    """By which names the parts of a key may call each field, and where it stands.

    A field is called by its Wave property, by its property of the PMS, or by the last part of either, that of Wave in
    snake case. The first of these ways that fits decides, then the order of the maps. The last part alone never means
    the delivery address.
    """
    own = [(at, row) for at, row in enumerate(maps) if not row.name.startswith("shippingDetails.")]
    found: dict[str, int] = {}
    for names in (
        [(row.name, at) for at, row in enumerate(maps)],
        [("+".join(row.pms), at) for at, row in enumerate(maps)],
        [(snake_case(_last(row.name)), at) for at, row in own],
        [(_last(row.pms[0]), at) for at, row in own if len(row.pms) == 1],
    ):
        for name, at in names:
            found.setdefault(name, at)
    return found


def canonical(side: Side, row: FieldMap, raw: object) -> str:
    """One part of a key: without regard to case and blanks; empty if there is no value, or none that can be read."""
    key = cell_of(side, row, raw).key
    values = key if isinstance(key, list) else [key]
    text = collapsed(folded(" ".join(str(value) for value in values if value is not None)))
    return text.replace(" ", "") if row.name.endswith("postalCode") else text


def marker_text(raw: object) -> str | None:
    """The marker of a PMS record as text, case and all; None if it has none that could be an id."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    return raw.strip() or None if isinstance(raw, str) else None


def _last(path: str) -> str:
    return path.rpartition(".")[2]
