"""Finding things in an answer by the places that a profile names; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Final

from wave_pms_sync.mapping.steps import Pick, pick_of

_IN_BRACKETS = r"\[((?:'[^']*'|[^'\[\]])+)\]"
_STEP = re.compile(rf"(?P<name>[^.\[\]]*)(?P<picks>(?:{_IN_BRACKETS})*)(?:\.(?=[^.\[\]])|\Z)")
_PICK = re.compile(_IN_BRACKETS)
_NUMBER = re.compile(r"-?\d{1,4}", re.ASCII)

_OBJECT: Final = (dict, Mapping)  # the first is what nearly all are, and asking for it is ten times as quick


class Nothing(Enum):
    """The mark of a place where nothing lies, not even null."""

    ABSENT = "absent"


ABSENT: Final = Nothing.ABSENT


def found(body: object, place: str) -> object:
    """What lies at a place; `ABSENT` if nothing does.

    Args:
        body: Plain data.
        place: Names joined by dots, `[0]` or `[-1]` for an item of a list, `[type=mobile]` for the first item of which
            this is true, which is null if the list has none; empty: the whole. A name that itself holds dots
            (`@odata.count`) is found as it stands.
    """
    if not place:
        return body
    if isinstance(body, _OBJECT) and place in body:
        return body[place]
    name, picks, rest = first_step(place)
    if name:
        body = body.get(name, ABSENT) if isinstance(body, _OBJECT) else ABSENT
    for pick in picks:
        body = _item(body, pick)
        if body is None and pick.conditions:
            return None
    return ABSENT if body is ABSENT else found(body, rest)


def at(body: object, place: str) -> object:
    """What lies at a place; None if nothing does."""
    value = found(body, place)
    return None if value is ABSENT else value


def named(body: object, place: str) -> object:
    """What lies at a place that may be empty, because the API has no such thing; None then, too."""
    return at(body, place) if place else None


@lru_cache(maxsize=4096)
def first_step(place: str) -> tuple[str, tuple[Pick, ...], str]:
    """Take a place apart: its first name, which may be empty, which items are meant there, and the rest.

    Raises:
        ValueError: If it is no place.
    """
    step = _STEP.match(place)
    if step is None or not (step["name"] or step["picks"]):
        raise ValueError("is no place")
    return step["name"], tuple(_picked(each[1]) for each in _PICK.finditer(step["picks"])), place[step.end() :]


def is_place(text: str) -> bool:
    """Whether a text names a place; the empty one is the whole."""
    rest, first = text, True
    try:
        while rest:
            name, _, rest = first_step(rest)
            if name != name.strip() or not name.isprintable() or not (name or first):
                return False
            first = False
    except ValueError:
        return False
    return True


def _picked(text: str) -> Pick:
    return Pick(index=int(text)) if _NUMBER.fullmatch(text) else pick_of(text)


def _item(body: object, pick: Pick) -> object:
    if not isinstance(body, list):
        return ABSENT
    if pick.index is None:
        position = pick.place(body)
        return None if position is None else body[position]
    try:
        return body[pick.index]
    except IndexError:
        return ABSENT
