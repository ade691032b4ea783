"""Taking values out of a payload by their paths, and laying them into a body.

An absent key means that the side did not show the property (MISSING). A parent that is null, or an empty text, list
or object of the wrong kind (some servers write `[]` for an object without properties), has only empty properties. A
list that is shown is shown whole: an item that it lacks has only empty properties. Any other parent is a *misfit*: the
value lies where the path does not lead, and must not pass for empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from typing import Protocol

from attrs import field, frozen

from wave_pms_sync.mapping.steps import Pick, Step, steps_of
from wave_pms_sync.mapping.straight import Hook, Reading, written_out
from wave_pms_sync.model.fields import MISSING


class _Node(Protocol):
    def get(self, key: str, default: object, /) -> object: ...


class _Null:
    """A parent that is null: each of its properties is null."""

    def get(self, _key: str, _default: object, /) -> object:
        return None


_NULL = _Null()
_MISFIT = "(of another kind)"  # no property is called so


class _Misfit:
    """A parent of another kind than the path expects: each of its properties is that parent."""

    def __init__(self, value: object) -> None:
        self._value = {_MISFIT: value}

    def get(self, _key: str, _default: object, /) -> object:
        return self._value


_UNKNOWN: Mapping[str, object] = {}


def misfit(raw: object) -> bool:
    """Whether a raw value is a parent of another kind than the path expects."""
    return type(raw) is dict and _MISFIT in raw


def _node(value: object) -> _Node:
    if type(value) is dict or isinstance(value, Mapping):
        return _Misfit(value[_MISFIT]) if _MISFIT in value else value
    if value is MISSING:
        return _UNKNOWN
    return _NULL if value in (None, "", []) else _Misfit(value)


def _picked(pick: Pick, shown: object) -> object:
    """The item of a list that is meant; null if the list has none, MISSING if no list is shown."""
    if shown is MISSING or misfit(shown):
        return shown
    if shown in (None, "", {}):
        return None
    if not isinstance(shown, (list, tuple)):
        return {_MISFIT: shown}
    at = pick.place(shown)
    return None if at is None else shown[at]


def _take(node: _Node, step: Step) -> object:
    shown = node.get(step.key, MISSING)
    return shown if step.pick is None else _picked(step.pick, shown)


def get(payload: Mapping[str, object], path: str) -> object:
    """Take one value out of a payload.

    Args:
        payload: A record as its side showed it.
        path: For example `address.city` or `phones[type=mobile].number`.

    Returns:
        The value; None below a parent that is null; MISSING if the payload does not show it.
    """
    *parents, leaf = steps_of(path)
    node: _Node = payload
    for parent in parents:
        node = _node(_take(node, parent))
    return _take(node, leaf)


def lay(body: dict[str, object], path: str, value: object, onto: Mapping[str, object] | None = None) -> None:
    """Lay one value into a nested body, making the parents it needs.

    A list is laid whole, as `onto` shows it with one item changed: a patch replaces lists. An item is made for a value,
    never for None; an item that is left with nothing of its own is taken out.

    Args:
        body: Changed in place.
        path: Where; no other path laid into this body may be its parent.
        value: What to put there; None for null, MISSING to take the property out of an item.
        onto: What the side shows now.
    """
    parent, *rest = steps_of(path)
    _lay(body, parent, rest, value, onto or {})


def take_out(body: Mapping[str, object], path: str) -> dict[str, object]:
    """A copy of a body without one value, and without the parents that held nothing else."""
    copy = {key: _own(value) for key, value in body.items()}
    lay(copy, path, MISSING)
    _prune(copy, [step.key for step in steps_of(path)])
    return copy


def _prune(node: dict[str, object], keys: Sequence[str]) -> None:
    held = node.get(keys[0])
    if isinstance(held, dict) and keys[1:]:
        _prune(held, keys[1:])
    if held in ({}, []):
        del node[keys[0]]


def _lay(node: dict[str, object], step: Step, rest: Sequence[Step], value: object, onto: Mapping[str, object]) -> None:
    if step.pick is not None:
        items = _items(node, step, onto)
        _lay_item(items, step.pick, rest, value)
        if items or isinstance(onto.get(step.key), (list, tuple)):
            node[step.key] = items
    elif rest:
        child = node.setdefault(step.key, {})
        if not isinstance(child, dict):
            raise TypeError(f"{step.key}.{rest[0].key}: {step.key} is not an object")
        below = onto.get(step.key)
        _lay(child, rest[0], rest[1:], value, below if isinstance(below, Mapping) else {})
    elif value is MISSING:
        node.pop(step.key, None)
    else:
        node[step.key] = value


def _items(node: dict[str, object], step: Step, onto: Mapping[str, object]) -> list[object]:
    laid = node.get(step.key)
    if isinstance(laid, list):
        return laid
    shown = onto.get(step.key)
    return [_own(item) for item in shown] if isinstance(shown, (list, tuple)) else []


def _own(item: object) -> object:
    """A copy that may be changed, of objects and lists that may not."""
    if isinstance(item, Mapping):
        return {key: _own(value) for key, value in item.items()}
    return [_own(value) for value in item] if isinstance(item, (list, tuple)) else deepcopy(item)


def _lay_item(items: list[object], pick: Pick, rest: Sequence[Step], value: object) -> None:
    at, cleared = pick.place(items), value in (None, MISSING)
    if at is None:
        if cleared:
            return
        items += [None] * (pick.index - len(items)) if pick.index is not None else []
        at = len(items)
        items.append(dict(pick.conditions) if rest else None)
    if not rest:
        items[at] = None if cleared else value
    else:
        found = items[at]
        item: dict[str, object] = found if isinstance(found, dict) else dict(pick.conditions)
        items[at] = item
        _lay(item, rest[0], rest[1:], value, {})
        if cleared and pick.conditions and _bare(item, pick):
            del items[at]
    while pick.index is not None and items and items[-1] is None:
        items.pop()


def _bare(item: Mapping[str, object], pick: Pick) -> bool:
    """Whether nothing is left of an item but what says which it is."""
    names = {"id", *(name for name, _ in pick.conditions)}
    return all(value in (None, "") for key, value in item.items() if key not in names)


@frozen
class PathReader:
    """Takes the values of many fields out of a payload at once; each parent is looked up once.

    Attributes:
        fields: The paths of each field, in order.
        blank: The fields of which nothing shown means empty.
    """

    fields: tuple[tuple[str, ...], ...]
    blank: frozenset[int] = frozenset()
    _branches: tuple[Hook, ...] = field(init=False, eq=False, repr=False)
    _leaves: tuple[Hook, ...] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        branches, leaves = _compile(path for paths in self.fields for path in paths)
        object.__setattr__(self, "_branches", branches)
        object.__setattr__(self, "_leaves", leaves)

    @cached_property
    def _straight(self) -> Reading:
        return written_out(self._branches, self._leaves, [len(paths) for paths in self.fields])

    def read(self, payload: Mapping[str, object]) -> tuple[object, ...]:
        """The raw value of each field; None for one without a path.

        A field of several paths gives a tuple, or MISSING unless *all* of its parts are shown:
        a part that is not shown is not cleared, and half a value is none.
        """
        try:
            return self._straight(payload)
        except (LookupError, TypeError):  # something is not shown, or a parent is neither an object nor null
            return self._join(self._take(payload))

    def _take(self, payload: Mapping[str, object]) -> list[object]:
        nodes: list[_Node] = [payload]
        for parent, key, pick in self._branches:
            shown = nodes[parent].get(key, MISSING)
            nodes.append(_node(shown if pick is None else _picked(pick, shown)))
        return [
            nodes[parent].get(key, MISSING) if pick is None else _picked(pick, nodes[parent].get(key, MISSING))
            for parent, key, pick in self._leaves
        ]

    def _join(self, values: Sequence[object]) -> tuple[object, ...]:
        joined: list[object] = []
        start = 0
        for at, paths in enumerate(self.fields):
            end = start + len(paths)
            parts = tuple(values[start:end])
            if at in self.blank:
                parts = tuple(None if part is MISSING else part for part in parts)
            if len(parts) == 1:
                joined.append(parts[0])
            elif parts:
                joined.append(MISSING if MISSING in parts else parts)
            else:
                joined.append(None)
            start = end
        return tuple(joined)


def _compile(paths: Iterable[str]) -> tuple[tuple[Hook, ...], tuple[Hook, ...]]:
    """Number the parents (0 is the payload) and say for each parent and leaf where it hangs."""
    numbers: dict[Hook, int] = {}
    leaves: list[Hook] = []
    for path in paths:
        *parents, leaf = steps_of(path)
        at = 0
        for parent in parents:
            at = numbers.setdefault((at, parent.key, parent.pick), len(numbers) + 1)
        leaves.append((at, leaf.key, leaf.pick))
    return tuple(numbers), tuple(leaves)
