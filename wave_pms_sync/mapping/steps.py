"""The grammar of paths: property names joined by points, with a choice among the items of a list in brackets.

    address.city                            a property of an object
    phones[type=mobile].number              of the item of a list whose `type` is `mobile`
    telecom[system=phone,use=work].value    of the item to which all of this applies
    emails[0]                               the first item itself
    fields[id=7].value, fields[id='7'].value    where an item is made, its id is the number 7, the text 7
    contact['e.mail'], ['Tel. Nr.']         a property whose name holds points

The first item that fits is meant; the others are never touched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from attrs import frozen

_QUOTED = r"\['(?P<quoted>[^']+)'\]"
_CHOICE = r"(?:\[(?!'[^']*'\])(?P<pick>(?:'[^']*'|[^'\]])*)\])?"
_STEP = re.compile(rf"(?:(?P<key>[^.\[\]]+)|{_QUOTED}){_CHOICE}(?:\.(?=[^\[])|(?=\['[^']+'\])|\Z)")
_PART = re.compile(
    r"\s*(?P<key>[^=,'\s()?@\"][^=,'()?@\"]*?)\s*=\s*(?:'(?P<quoted>[^']*)'|(?P<bare>[^,'\s=()\"][^,'=()\"]*?))\s*(?:,(?=.)|\Z)"
)
_INDEX = re.compile(r"0|[1-9][0-9]{0,3}", re.ASCII)
_LITERAL = re.compile(r"true|false|-?(0|[1-9][0-9]{0,17})", re.ASCII)


@frozen
class Pick:
    """Which item of a list is meant: the one at a place, or the first to which all conditions apply.

    Attributes:
        index: The place, from 0; None where conditions decide.
        conditions: Properties of the item and what they are.
    """

    index: int | None = None
    conditions: tuple[tuple[str, object], ...] = ()

    def place(self, items: list[object] | tuple[object, ...]) -> int | None:
        """Where the item stands; None if there is none."""
        if self.index is not None:
            return self.index if self.index < len(items) else None
        return next((at for at, item in enumerate(items) if self._fits(item)), None)

    def _fits(self, item: object) -> bool:
        return isinstance(item, Mapping) and all(
            word(item.get(name)) == word(wanted) for name, wanted in self.conditions
        )

    def excludes(self, other: Pick) -> bool:
        """Whether the two can never mean the same item."""
        if self.index is not None and other.index is not None:
            return self.index != other.index
        theirs = {name: word(wanted) for name, wanted in other.conditions}
        return any(name in theirs and theirs[name] != word(wanted) for name, wanted in self.conditions)


@frozen
class Step:
    """One step of a path: a property, and in a list also which item."""

    key: str
    pick: Pick | None = None


def word(value: object) -> str:
    """A property of an item as it is compared: the number 7 and the text 7 are the same."""
    return value if isinstance(value, str) else json.dumps(value, default=repr)


@lru_cache(maxsize=4096)
def steps_of(path: str) -> tuple[Step, ...]:
    """Take a path apart.

    Raises:
        ValueError: If it is no path, with the reason.
    """
    return tuple(_steps(path))


def _steps(path: str) -> Iterator[Step]:
    if not path.isprintable() or "+" in path:  # a plus joins paths
        raise ValueError("holds a letter that cannot be printed, or a plus")
    if path.startswith("$"):
        raise ValueError("is not made of property names: it begins with $, as other languages of paths do")
    at = 0
    while at < len(path) or at == 0:
        found = _STEP.match(path, at)
        if found is None or (found["key"] or "") != (found["key"] or "").strip():
            raise ValueError("is not made of property names joined by points, with items in brackets")
        pick = None if found["pick"] is None else pick_of(found["pick"])
        if pick is not None and pick.conditions and found.end() == len(path):
            raise ValueError("names an item, and no property of it")
        yield Step(found["key"] or found["quoted"], pick)
        at = found.end()


def pick_of(text: str) -> Pick:
    """Read what stands in brackets.

    Raises:
        ValueError: If it is neither a place nor conditions.
    """
    if _INDEX.fullmatch(text):
        return Pick(index=int(text))
    conditions: list[tuple[str, object]] = []
    at = 0
    while at < len(text) or not conditions:
        found = _PART.match(text, at)
        if found is None:
            raise ValueError("has brackets that hold neither a place nor property=value")
        conditions.append((found["key"], _value(found["quoted"], found["bare"])))
        at = found.end()
    return Pick(conditions=tuple(conditions))


def _value(quoted: str | None, bare: str | None) -> object:
    if quoted is not None or bare is None:
        return quoted or ""
    literal: object = json.loads(bare) if _LITERAL.fullmatch(bare) else bare
    return literal


def plain(path: str) -> str:
    """A path without its choices among items, as servers name properties in their faults."""
    return ".".join(step.key for step in steps_of(path))


def overlap(one: str, other: str) -> bool:
    """Whether two paths cannot both be written: the same, or one within the other."""
    for mine, theirs in zip(steps_of(one), steps_of(other), strict=False):
        if mine.key != theirs.key:
            return False
        if mine.pick is not None and theirs.pick is not None and mine.pick.excludes(theirs.pick):
            return False
    return True
