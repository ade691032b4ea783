"""The story of one record, as the journal tells it: what was done, when, by which rule, and what lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.memory import JournalEntry, JournalField
from wave_pms_sync.model.printable import one_line, quoted
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkReader
from wave_pms_sync.reconcile.present import COLUMNS, MASK, table

_WORDS: Final = {
    "create": "created in {}",
    "recreate": "created again in {}",
    "update": "updated in {}",
    "archive": "archived in {}",
    "delete": "deleted in {}",
    "link": "linked",
    "relink": "linked again",
    "unlink": "link ended",
    "agree": "agreed",
    "hold": "held",
    "release": "hold ended",
    "resolve": "hold settled by a person",
    "tombstone": "noted as gone",
    "suspend": "suspended",
    "quarantine": "quarantine",
    "retry": "asked for again by a person",
    "forget": "forgotten",
}
_TOLD: Final = frozenset({"done", "created", "linked"})
_FORGOTTEN: Final = "(forgotten)"


@frozen(kw_only=True, eq=False)
class History:
    """What happened to one record, oldest first. Iterating gives the journal's entries; `len` counts them.

    `str`, HTML and rows show values unless `mask=True`; `repr` shows none.

    Attributes:
        record_id: The record's id.
        entries: What was done to it. Nothing, if the journal does not know the record (any more).
    """

    record_id: str
    entries: tuple[JournalEntry, ...] = ()

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, *, mask: bool = False) -> str:
        """The story in lines: moment (UTC as stored), what was done, by which rule, in which run, and the values.

        Args:
            mask: Leave values out.
        """
        lines = [self._headline()]
        for entry in self.entries:
            lines.append(f"  {entry.at.isoformat(sep=' ', timespec='seconds')}  {told(entry)}  [run {entry.run_id}]")
            lines += [f"      {_line(entry, field, mask)}" for field in entry.fields if _differs(entry, field)]
        return "\n".join(map(one_line, lines))

    def to_rows(self, *, mask: bool = False) -> list[dict[str, object]]:
        """One plain dict for each field of each entry, or for an entry without fields; ready for a data frame.

        In the rows of a hold, `before` is what Wave showed and `after` what the PMS showed.

        Args:
            mask: Leave values out.
        """
        return [row for entry in self.entries for row in _rows(entry, mask)]

    def to_html(self, *, mask: bool = False) -> str:
        """A table for a notebook; everything is escaped and the number of rows is capped.

        Args:
            mask: Leave values out.
        """
        columns = ("at", "what", *(c for c in COLUMNS if c in ("field", "before", "after", "rule")), "run_id")
        cells = [[row[column] for column in columns] for row in self.to_rows(mask=mask)]
        return table(self._headline(), (), columns, cells, ())

    def _repr_html_(self) -> str:
        return self.to_html()

    def _headline(self) -> str:
        return f"History of {self.record_id}: {len(self)} in the journal"


def history(reader: LinkReader, wave_id: str | None, pms_id: str | None) -> History:
    """The story of one record.

    Args:
        reader: The store.
        wave_id: The record's id in Wave, or None.
        pms_id: Its id in the PMS, or None.

    Raises:
        ConfigurationError: If not exactly one of the two was given.
    """
    if (wave_id is None) == (pms_id is None):
        raise ConfigurationError("history", ["give either wave_id= or pms_id="])
    by, record_id = ("wave_id", wave_id) if wave_id is not None else ("pms_id", pms_id)
    found = reader.find(JournalEntry, by, [record_id or ""])
    runs = {run_id: place for place, run_id in enumerate(dict.fromkeys(entry.run_id for entry in found))}
    # Two runs of the same moment stand as the store has them.
    entries = sorted(found, key=lambda entry: (entry.at, runs[entry.run_id], entry.number))
    return History(record_id=record_id or "", entries=tuple(entries))


def told(entry: JournalEntry) -> str:
    """An entry in words, without values: what was done, what came of it, the rule, and where a hold is."""
    what = _WORDS.get(entry.kind, entry.kind).format(entry.side.words if entry.side is not None else "")
    outcome = "" if entry.outcome in _TOLD else f" ({entry.outcome.replace('_', ' ')})"
    group = f" {entry.group}" if entry.group else ""
    why = "; ".join(part for part in (entry.rule, entry.detail) if part)
    return f"{what}{group}{outcome}" + (f": {why}" if why else "")


def _differs(entry: JournalEntry, field: JournalField) -> bool:
    """What only travelled with its group is not told."""
    return entry.forgotten or field.before != field.after


def _line(entry: JournalEntry, field: JournalField, mask: bool) -> str:
    if entry.forgotten:
        return f"{field.name} {_FORGOTTEN}"
    before, after = _shown(field.before, mask), _shown(field.after, mask)
    if entry.side is None and entry.kind in ("hold", "resolve"):
        return f"{field.name}: {Side.WAVE.words} {before}, {Side.PMS.words} {after}"
    lost = "" if field.lost is None or mask or entry.kind != "update" else f" ({quoted(field.lost)} lost)"
    return f"{field.name} {before} -> {after}{lost}"


def _shown(value: object, mask: bool) -> str:
    return MASK if mask and value is not None else quoted(value)


def _rows(entry: JournalEntry, mask: bool) -> Iterator[dict[str, object]]:
    common: dict[str, object] = {
        "at": entry.at,
        "run_id": entry.run_id,
        "kind": entry.kind,
        "what": told(entry),
        "outcome": entry.outcome,
        "side": str(entry.side) if entry.side else None,
        "wave_id": entry.wave_id,
        "pms_id": entry.pms_id,
        "rule": entry.rule,
    }
    if not entry.fields:
        yield {**common, "field": entry.group or None, "before": None, "after": None, "lost": None}
    for field in entry.fields:
        values = {"before": field.before, "after": field.after, "lost": field.lost}
        if entry.forgotten:
            values = dict.fromkeys(values, _FORGOTTEN)
        elif mask:
            values = {name: None if value is None else MASK for name, value in values.items()}
        yield {**common, "field": field.name, **values}
