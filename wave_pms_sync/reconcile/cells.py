"""Cells that are made when somebody looks at them: of a changed record most fields are as they were."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from wave_pms_sync.model.fields import Cell


class Cells(Mapping[str, Cell]):
    """Cells by field id; one may be put in place of another, or beside the others.

    Args:
        names: The ids; not copied.
        make: Makes the cell of an id; called once for each, if at all.
    """

    def __init__(self, names: Collection[str], make: Callable[[str], Cell]) -> None:
        self._names = names
        self._make = make
        self._cells: dict[str, Cell] = {}

    def __getitem__(self, name: str) -> Cell:
        cell = self._cells.get(name)
        if cell is None:
            if name not in self._names:
                raise KeyError(name)
            cell = self._cells[name] = self._make(name)
        return cell

    def __setitem__(self, name: str, cell: Cell) -> None:
        self._cells[name] = cell

    def __contains__(self, name: object) -> bool:
        return name in self._names or name in self._cells

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._names, *self._cells)))

    def __len__(self) -> int:
        return len({*self._names, *self._cells})
