"""Templates of a profile read backwards: what a request says, and where an answer puts things."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from wave_pms_sync.mapping.steps import Pick
from wave_pms_sync.pms.lookup import first_step
from wave_pms_sync.pms.templates import PLACEHOLDER, placeholders

__all__ = ["holds", "matched", "path_pattern", "placed"]


def matched(template: object, actual: object, *, more: bool = False) -> dict[str, object] | None:
    """What the placeholders of a template stand for in what was sent.

    Args:
        template: Plain data, as in a profile. What holds a placeholder may be missing.
        actual: What was sent. Numbers and flags may have come as text, and tables and lists as JSON, since a query
            knows nothing else.
        more: A table may hold names that the template does not know.

    Returns:
        The values of the placeholders; None if it was not made from this template.
    """
    if isinstance(template, str):
        return _in_text(template, actual)
    if isinstance(template, Mapping | list | tuple) and isinstance(actual, str):
        actual = _from_json(actual)
    if isinstance(template, Mapping):
        return _in_table(template, actual, more=more)
    if isinstance(template, list | tuple):
        return _in_list(template, actual)
    return {} if _written(actual) == _written(template) else None


def holds(template: object) -> bool:
    """Whether there is a placeholder in a template."""
    if isinstance(template, Mapping):
        return any(map(holds, template.values()))
    if isinstance(template, list | tuple):
        return any(map(holds, template))
    return isinstance(template, str) and bool(placeholders(template))


def path_pattern(path: str) -> re.Pattern[str]:
    """A pattern of the addresses that a path with `{id}` stands for."""
    before, mark, after = path.partition("{id}")
    middle = "(?P<id>.+)" if mark else ""  # an id may hold an escaped slash
    return re.compile(f"{re.escape(before)}{middle}{re.escape(after)}")


def placed(body: object, place: str, value: object) -> object:
    """A body with a value at a place, which is named as in a profile; empty: the value itself.

    An item that no condition fits is made. A name that begins with `@` stands as it is, dots included. The body's own
    tables are changed.
    """
    if not place:
        return value
    name, picks, rest = (place, (), "") if place.startswith("@") else first_step(place)
    if not name:
        return _in_items(body, picks, rest, value)
    table = body if isinstance(body, dict) else {}
    table[name] = _in_items(table.get(name), picks, rest, value)
    return table


def _in_items(held: object, picks: Sequence[Pick], rest: str, value: object) -> object:
    if not picks:
        return placed(held, rest, value)
    pick = picks[0]
    items = held if isinstance(held, list) else []
    at = pick.place(items) if pick.index is None else max(-len(items), min(pick.index, len(items) - 1))
    if at is None or not items:
        items.append(dict(pick.conditions) or None)
        at = -1
    items[at] = _in_items(items[at], picks[1:], rest, value)
    return items


def _from_json(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return None
    return value


def _in_text(template: str, actual: object) -> dict[str, object] | None:
    whole = PLACEHOLDER.fullmatch(template)
    if whole and whole["name"]:
        return {whole["name"]: actual}
    pattern, seen, end = "", set[str](), 0
    for found in PLACEHOLDER.finditer(template):
        name = found["name"]
        pattern += re.escape(template[end : found.start()])
        if name is None:
            pattern += re.escape(f"{{{found['word']}}}")
        else:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+)"
            seen.add(name)
        end = found.end()
    fit = re.fullmatch(pattern + re.escape(template[end:]), _written(actual), re.DOTALL)
    return None if fit is None else {**fit.groupdict()}


def _in_table(template: Mapping[str, object], actual: object, *, more: bool) -> dict[str, object] | None:
    if not isinstance(actual, Mapping) or not (more or actual.keys() <= template.keys()):
        return None
    facts: dict[str, object] = {}
    for name, inner in template.items():
        if name not in actual:
            if not holds(inner):
                return None
            continue
        found = matched(inner, actual[name])
        if found is None:
            return None
        facts |= found
    return facts


def _in_list(template: Sequence[object], actual: object) -> dict[str, object] | None:
    """Items in their order; one that holds a placeholder may be missing."""
    if not isinstance(actual, list):
        return None
    if not template:
        return None if actual else {}
    item, *others = template
    first = matched(item, actual[0]) if actual else None
    rest = None if first is None else _in_list(others, actual[1:])
    if first is not None and rest is not None:
        return first | rest
    return _in_list(others, actual) if holds(item) else None


def _written(value: object) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
