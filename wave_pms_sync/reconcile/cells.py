"""Cells that are made when somebody looks at them: of a changed record most fields are as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping

from wave_pms_sync.model.fields import Cell


class Cells(MutableMapping[str, Cell]):
    """Cells by field id.

    Args:
        names: The ids.
        make: Makes the cell of an id; called once for each, if at all.
    """

    def __init__(self, names: Iterable[str], make: Callable[[str], Cell]) -> None:
        self._cells: dict[str, Cell | None] = dict.fromkeys(names)
        self._make = make

    def copy(self) -> Cells:
        """The same cells; what is set in the one is not set in the other."""
        copied = Cells(self._cells, self._make)
        copied._cells.update(self._cells)
        return copied

    def __getitem__(self, name: str) -> Cell:
        cell = self._cells[name]
        if cell is None:
            cell = self._cells[name] = self._make(name)
        return cell

    def __setitem__(self, name: str, cell: Cell) -> None:
        self._cells[name] = cell

    def __delitem__(self, name: str) -> None:
        del self._cells[name]

    def __contains__(self, name: object) -> bool:
        return name in self._cells

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)
