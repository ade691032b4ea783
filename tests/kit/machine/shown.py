"""Records as their servers have them."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from wave_pms_sync.model.side import Side

Ref = tuple[Side, str]

STAMPS = ("createdAt", "modifiedAt", "created_at", "updated_at")
"""What a row is compared without."""


@frozen
class Shown:
    """A record as its server has it: the row without stamps, and what the mapping makes of it."""

    row: Mapping[str, object]
    cells: Mapping[str, object]

    @property
    def archived(self) -> bool:
        """Whether it is archived."""
        return bool(self.row.get("isArchived") or self.row.get("archived"))


@frozen
class Owed:
    """A value that we replaced, to be found in the journal."""

    ref: Ref
    name: str
    value: object
    field: str
