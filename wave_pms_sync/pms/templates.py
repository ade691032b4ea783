"""Templates: requests as a person would write them, with placeholders such as `{limit}` for what changes; pure.

A text that is nothing but a placeholder takes its value as it is, a number as a number; within other text the
value is written out, and `{{word}}` is written as `{word}`. What holds a placeholder without a value is left out:
a query parameter, a property, an item, and an object or a list that is empty for that reason. A branch that a
profile declares whole is left out wholly if anything in it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from typing import Final

from wave_pms_sync.declared.rules import Rule
from wave_pms_sync.declared.table import Table

# A JSON expression may hold other braces; `{{word}}` is a word in braces that is no placeholder.
PLACEHOLDER: Final = re.compile(r"\{\{(?P<word>[a-z_]+)\}\}|\{(?P<name>[a-z_]+)\}")
"""A placeholder by its `name`, or a `word` in braces."""


class Omitted(Enum):
    """The mark of what is left out."""

    OMIT = "omit"


OMIT: Final = Omitted.OMIT


def fill(template: object, facts: Mapping[str, object], whole: Collection[str] = (), *, place: str = "") -> object:
    """The template with its placeholders filled; `OMIT` if nothing is left of it.

    Args:
        template: Plain data.
        facts: The value of each placeholder; one that is absent or None has no value.
        whole: Places of branches that are left out wholly if a placeholder in them has no value.
        place: Where this template lies within a larger one.
    """
    if place in whole and any(facts.get(name) is None for name in placeholders(template)):
        return OMIT
    if isinstance(template, str):
        return _filled_text(template, facts)
    if isinstance(template, Mapping):
        filled = {name: fill(inner, facts, whole, place=_below(place, name)) for name, inner in template.items()}
        kept = {name: inner for name, inner in filled.items() if inner is not OMIT}
        return kept if kept or not template else OMIT
    if isinstance(template, (tuple, list)):
        items = [fill(item, facts, whole, place=f"{place}[{number}]") for number, item in enumerate(template)]
        left = [item for item in items if item is not OMIT]
        return left if left or not template else OMIT
    return template


def filled_table(
    template: Mapping[str, object], facts: Mapping[str, object], whole: Collection[str] = ()
) -> dict[str, object]:
    """A table with its placeholders filled, as `fill` does; empty if nothing is left of it."""
    filled = fill(template, facts, whole)
    return filled if isinstance(filled, dict) else {}


def placeholders(template: object) -> frozenset[str]:
    """The names of all placeholders in a template."""
    return frozenset(name for text in _texts(template) for name in _names(text))


def branches(template: object, place: str = "") -> Iterator[str]:
    """The places in a template below which there is a placeholder, as `filters`, `filters[1]` and `filters[1].value`.

    Args:
        template: Plain data.
        place: Where it lies within a larger one.
    """
    if place and placeholders(template):
        yield place
    if isinstance(template, Mapping):
        for name, inner in template.items():
            yield from branches(inner, _below(place, name))
    elif isinstance(template, (tuple, list)):
        for number, item in enumerate(template):
            yield from branches(item, f"{place}[{number}]")


def place_of(template: object, placeholder: str) -> tuple[str, ...] | None:
    """The names, and numbers of items, that lead to a placeholder in a nested template; None if it is not there."""
    if template == f"{{{placeholder}}}":
        return ()
    if isinstance(template, (tuple, list)):
        template = dict(enumerate(template))
    for name, inner in template.items() if isinstance(template, Mapping) else ():
        found = place_of(inner, placeholder)
        if found is not None:
            return (str(name), *found)
    return None


def pattern_of(template: str, placeholder: str, form: str) -> str:
    """A regular expression that finds the value of a placeholder where the template was written out.

    Args:
        template: Text with the placeholder.
        placeholder: Its name; it is the group of the same name.
        form: What a value looks like, as a regular expression.
    """
    before, _, after = template.partition(f"{{{placeholder}}}")
    return f"{re.escape(before)}(?P<{placeholder}>{form}){re.escape(after)}"


def text_template(*names: str, form: str = r"[ -~]*", said: str = "text") -> Rule:
    """The rule of a text with these placeholders, of printable ASCII."""

    def holds(value: object) -> bool:
        return re.fullmatch(form, str(value)) is not None and placeholders(value) <= {*names}

    return Rule(str, f"{said}{_may_hold(names)}", holds, hint=lambda value: _strange(value, names))


def table_template(*names: str, keys: str = r"[!-~]+", flat: bool = False, nested: bool = False) -> Rule:
    """The rule of a table with these placeholders in its texts.

    Args:
        *names: Of the placeholders.
        keys: What its names look like, as a regular expression.
        flat: Its values are texts, numbers or flags that stand in a line: no line ends or null.
        nested: Where flat, its values may be tables and lists nevertheless, which are written as JSON.
    """

    def fits(value: object) -> bool:
        return not flat or _in_line(value) or (nested and isinstance(value, Table | tuple))

    def wrong(value: object) -> Iterator[str]:
        for name, inner in value.items() if isinstance(value, Table) else ():
            if not re.fullmatch(keys, name):
                yield f"the name {name!r}"
            elif not fits(inner):
                yield repr(name)
            elif strange := _strange(inner, names):
                yield f"{name!r} {strange}"

    kinds = "texts, or of tables and lists for JSON" if nested else "texts" if flat else "plain data"
    allowed = f"a table of {kinds}{_may_hold(names)}"
    return Rule(Table, allowed, lambda value: not any(wrong(value)), hint=lambda value: ", ".join(wrong(value)))


def _below(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)


def _in_line(value: object) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and value.isprintable())


def _may_hold(names: tuple[str, ...]) -> str:
    return f"; placeholders: {', '.join(f'{{{name}}}' for name in names)}" if names else ""


def _strange(template: object, names: tuple[str, ...]) -> str:
    """The placeholders of a template that it may not hold, in words; empty if there are none."""
    strange = sorted(placeholders(template) - {*names})
    return f"holds {', '.join(f'{{{name}}}' for name in strange)}" if strange else ""


def _filled_text(template: str, facts: Mapping[str, object]) -> object:
    if any(facts.get(name) is None for name in _names(template)):
        return OMIT
    whole = PLACEHOLDER.fullmatch(template)
    if whole and whole["name"]:
        return facts[whole["name"]]
    return PLACEHOLDER.sub(
        lambda found: str(facts[found["name"]]) if found["name"] else f"{{{found['word']}}}", template
    )


def _names(text: str) -> Iterator[str]:
    return (found["name"] for found in PLACEHOLDER.finditer(text) if found["name"])


def _texts(template: object) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, Mapping):
        for inner in template.values():
            yield from _texts(inner)
    elif isinstance(template, (tuple, list)):
        for inner in template:
            yield from _texts(inner)
