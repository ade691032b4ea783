"""Taking all values out of a payload by a function that is written out for them, as a person would write it by hand.

Nearly every record shows each property, and each parent in it is an object or null. Nothing else needs to be asked of
such a record, and a full scan of decoded records would spend most of its time on asking. For two fields the function is

    def read(n0):
        n1 = n0['address']
        if n1 is None:
            n1 = NULL
        return (n0['name'], n1['city'], )

It fails with a `LookupError` or `TypeError` on any other record, which is then read step by step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias, cast

from wave_pms_sync.mapping.steps import Pick

Hook: TypeAlias = tuple[int, str, "Pick | None"]
"""Where something hangs: the number of its parent (0 is the payload), its key, and which item of a list is meant."""

Reading: TypeAlias = Callable[[Mapping[str, object]], tuple[object, ...]]

_NULL: Final[Mapping[str, None]] = defaultdict(type(None))
"""A parent that is null: each of its properties is null."""


def written_out(branches: Sequence[Hook], leaves: Sequence[Hook], widths: Iterable[int]) -> Reading:
    """The function that takes these values out of a record.

    Args:
        branches: Where each parent hangs, the first of them number 1.
        leaves: Where each value hangs.
        widths: How many values each field has, in order; those of a field with several come as a tuple, and one
            with none is null.
    """
    if any(pick is not None for _, _, pick in (*branches, *leaves)):
        return _fails
    values = iter([f"n{parent}[{key!a}]" for parent, key, _ in leaves])
    lines = ["def read(n0):"]
    for number, (parent, key, _) in enumerate(branches, 1):
        lines += [f"    n{number} = n{parent}[{key!a}]", f"    if n{number} is None:", f"        n{number} = NULL"]
    fields = [[next(values) for _ in range(width)] for width in widths]
    lines.append(f"    return {_tuple(map(_field, fields))}")
    names: dict[str, object] = {"NULL": _NULL}
    exec("\n".join(lines), names)  # noqa: S102  # nothing in it comes from outside but keys, each as a literal in ASCII
    return cast("Reading", names["read"])


def _field(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return _tuple(parts) if parts else "None"


def _tuple(parts: Iterable[str]) -> str:
    return f"({''.join(f'{part}, ' for part in parts)})"


def _fails(_payload: Mapping[str, object]) -> tuple[object, ...]:
    """For paths that pick an item of a list: no record is read straight."""
    raise LookupError
