"""Dotted paths: taking values out of a payload, and laying them into a body.

An absent key means that the side did not show the property (MISSING). A parent that is null has only empty
properties. A parent that is anything but an object shows none of its properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from attrs import field, frozen

from wave_pms_sync.model.fields import MISSING


class _Node(Protocol):
    def get(self, key: str, default: object, /) -> object: ...


class _Null:
    """A parent that is null: each of its properties is null."""

    def get(self, _key: str, _default: object, /) -> object:
        return None


_NULL = _Null()
_ABSENT: Mapping[str, object] = {}


def _node(value: object) -> _Node:
    if type(value) is dict or isinstance(value, Mapping):
        return value
    return _NULL if value is None else _ABSENT


def get(payload: Mapping[str, object], path: str) -> object:
    """Take one value out of a payload.

    Args:
        payload: A record as its side showed it.
        path: Dotted, for example `address.city`.

    Returns:
        The value; None below a parent that is null; MISSING if the payload does not show it.
    """
    *parents, leaf = path.split(".")
    node: _Node = payload
    for parent in parents:
        node = _node(node.get(parent, MISSING))
    return node.get(leaf, MISSING)


def lay(body: dict[str, object], path: str, value: object) -> None:
    """Lay one value into a nested body, making the parents it needs.

    Args:
        body: Changed in place.
        path: Dotted; no other path laid into this body may be its prefix.
        value: What to put there.
    """
    *parents, leaf = path.split(".")
    for parent in parents:
        child = body.setdefault(parent, {})
        if not isinstance(child, dict):
            raise TypeError(f"{path}: {parent} is not an object")
        body = child
    body[leaf] = value


@frozen
class PathReader:
    """Takes the values of many fields out of a payload at once; each parent is looked up once.

    Attributes:
        fields: The paths of each field, in order.
    """

    fields: tuple[tuple[str, ...], ...]
    _branches: tuple[tuple[int, str], ...] = field(init=False, eq=False, repr=False)
    _leaves: tuple[tuple[int, str], ...] = field(init=False, eq=False, repr=False)
    _joined: bool = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        branches, leaves = _compile(path for paths in self.fields for path in paths)
        object.__setattr__(self, "_branches", branches)
        object.__setattr__(self, "_leaves", leaves)
        object.__setattr__(self, "_joined", any(len(paths) != 1 for paths in self.fields))

    def read(self, payload: Mapping[str, object]) -> list[object]:
        """The raw value of each field.

        A field of several paths gives a tuple, or MISSING unless *all* of its parts are shown:
        a part that is not shown is not cleared, and half a value is none.
        """
        nodes: list[_Node] = [payload]
        for parent, key in self._branches:
            nodes.append(_node(nodes[parent].get(key, MISSING)))
        values = [nodes[parent].get(key, MISSING) for parent, key in self._leaves]
        return self._join(values) if self._joined else values

    def _join(self, values: Sequence[object]) -> list[object]:
        joined: list[object] = []
        start = 0
        for paths in self.fields:
            end = start + len(paths)
            parts = tuple(values[start:end])
            if len(parts) == 1:
                joined.append(parts[0])
            else:
                joined.append(MISSING if MISSING in parts else parts)
            start = end
        return joined


def _compile(paths: Iterable[str]) -> tuple[tuple[tuple[int, str], ...], tuple[tuple[int, str], ...]]:
    """Number the parents (0 is the payload) and say for each parent and leaf where it hangs."""
    numbers: dict[tuple[int, str], int] = {}
    leaves: list[tuple[int, str]] = []
    for path in paths:
        *parents, leaf = path.split(".")
        at = 0
        for parent in parents:
            at = numbers.setdefault((at, parent), len(numbers) + 1)
        leaves.append((at, leaf))
    return tuple(numbers), tuple(leaves)
