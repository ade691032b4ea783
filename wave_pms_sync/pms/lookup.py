"""Finding things in an answer by the places that a profile names; pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final


class Nothing(Enum):
    """The mark of a place where nothing lies, not even null."""

    ABSENT = "absent"


ABSENT: Final = Nothing.ABSENT


def found(body: object, place: str) -> object:
    """What lies at a place; `ABSENT` if nothing does.

    Args:
        body: Plain data.
        place: Names joined by dots, `[0]` or `[-1]` for an item of a list; empty: the whole. A name that itself
            holds dots (`@odata.count`) is found as it stands.
    """
    if not place:
        return body
    if isinstance(body, Mapping) and place in body:
        return body[place]
    step, _, rest = place.partition(".")
    name, *positions = step.replace("]", "").split("[")
    if name:
        body = body.get(name, ABSENT) if isinstance(body, Mapping) else ABSENT
    for position in positions:
        body = _item(body, int(position))
    return ABSENT if body is ABSENT else found(body, rest)


def at(body: object, place: str) -> object:
    """What lies at a place; None if nothing does."""
    value = found(body, place)
    return None if value is ABSENT else value


def named(body: object, place: str) -> object:
    """What lies at a place that may be empty, because the API has no such thing; None then, too."""
    return at(body, place) if place else None


def _item(body: object, position: int) -> object:
    try:
        return body[position] if isinstance(body, list) else ABSENT
    except IndexError:
        return ABSENT
