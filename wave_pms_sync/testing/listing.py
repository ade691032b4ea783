"""What listings show when faults meddle with them; the same on both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from wave_pms_sync.testing.customers import Version
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.switchboard import Strikes

__all__ = ["Row", "capped_size", "listed", "reachable", "shift_rows", "shown_rows", "shown_total"]

Row = Mapping[str, object]


def listed(versions: Sequence[Version], strikes: Strikes) -> Sequence[Version]:
    """The records that a listing contains."""
    if strikes.first(Fault.EMPTY_LIST):
        return ()
    hidden = {told.record for told in strikes.of(Fault.HIDDEN_ROW)}
    return [version for version in versions if version.id not in hidden] if hidden else versions


def reachable(versions: Sequence[Version], strikes: Strikes) -> Sequence[Version]:
    """The records that its pages lead to."""
    caps = [told.rows for told in strikes.of(Fault.LIST_CAPPED)]
    return versions[: min(caps)] if caps else versions


def capped_size(asked: int, strikes: Strikes) -> int:
    """How many rows a page may hold."""
    return max(1, min([asked, *(told.rows for told in strikes.of(Fault.PAGE_CAPPED))]))


def shown_total(true: int, strikes: Strikes) -> int:
    """The total that a listing states."""
    for told in strikes.of(Fault.WRONG_TOTAL):
        return true + told.by if told.total is None else told.total
    return true


def shown_rows(
    page: Sequence[Version], before: Version | None, row: Callable[[Version], Row], strikes: Strikes
) -> list[Row]:
    """The rows of a page.

    Args:
        page: Its records.
        before: The last record of the page before it.
        row: Shows one record.
        strikes: What goes wrong.
    """
    changed = {str(told.record): told.values or {} for told in strikes.of(Fault.CHANGED_ROW)}
    rows = [
        _laid_over(row(version), changed[version.id]) if version.id in changed else row(version) for version in page
    ]
    for told in strikes.of(Fault.DUPLICATE_ROW):
        if before is not None:
            rows.insert(0, _laid_over(row(before), told.values or {}))
    return rows


def shift_rows(
    first: Callable[[], Version | None],
    strikes: Strikes,
    add: Callable[[Row, datetime | None], object],
    remove: Callable[[str], object],
) -> None:
    """Let the other user change the listing between two of its pages.

    Args:
        first: Finds the record that the listing shows first.
        strikes: What goes wrong.
        add: Adds a record with these values, created at this moment.
        remove: Removes a record.
    """
    for told in strikes.of(Fault.ROW_SHIFT):
        head = first()
        if told.insert is not None:
            add(told.insert, None if head is None else head.created_at - timedelta(seconds=1))
        elif head is not None:
            remove(head.id)


def _laid_over(row: Row, values: Row) -> Row:
    """The row with values laid over it; here None is shown as null."""
    result = dict(row)
    for name, value in values.items():
        inner = result.get(name)
        result[name] = _laid_over(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return result
