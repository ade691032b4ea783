"""Tables inside settings: plain data made read-only, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Table(Mapping[str, object]):
    """A read-only table of plain data, nested. It compares like the dictionary it came from, and travels.

    Args:
        entries: Texts, numbers, flags, null, and lists and tables of those. It is copied.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, object] | None = None) -> None:
        self._entries = {str(name): frozen_data(value) for name, value in (entries or {}).items()}

    def __getitem__(self, name: str) -> object:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return hash(frozenset(self._entries.items()))

    def __repr__(self) -> str:
        return repr(plain_data(self))


def frozen_data(value: object) -> object:
    """Plain data with tables and lists made read-only; anything else stays as it is."""
    if isinstance(value, Mapping):
        return value if isinstance(value, Table) else Table(value)
    return tuple(map(frozen_data, value)) if isinstance(value, (list, tuple)) else value


def plain_data(value: object) -> object:
    """Read-only data as dictionaries and lists, fit for JSON."""
    if isinstance(value, Mapping):
        return {str(name): plain_data(inner) for name, inner in value.items()}
    return [plain_data(inner) for inner in value] if isinstance(value, (list, tuple)) else value
