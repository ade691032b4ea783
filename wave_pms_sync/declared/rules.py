"""Rules for declared values: what a setting may be, said in words that can stand in an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar, cast

from attrs import Converter, field, frozen

from wave_pms_sync.declared.table import Table, frozen_data

T = TypeVar("T")

_READ_ONLY: Final = Converter(frozen_data)  # made once, for making one looks at the function's signature
_WORDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a decimal number",
    str: "text",
    dict: "a table",
    list: "a list",
    Table: "a table",
    tuple: "a list",
    type(None): "null",
}


@frozen
class Rule:
    """What one setting may be.

    Attributes:
        kind: The only type allowed; `True` is no whole number here. Lists are tuples, tables are `Table`s.
        allowed: The rule in words.
        holds: Whether a value of that type obeys the rule.
        choices: All values allowed, if they can be told; empty if not.
        hint: Where in a value that breaks the rule the fault lies, in words without values; empty if that is nowhere.
    """

    kind: type
    allowed: str
    holds: Callable[[object], bool] = field(default=lambda _: True, repr=False)
    choices: tuple[str, ...] = ()
    hint: Callable[[object], str] = field(default=lambda _: "", repr=False)

    def fault(self, value: object) -> str | None:
        """What is wrong with this value, without the value itself; None if nothing is."""
        if type(value) is not self.kind:
            return f"is {said(value)} (allowed: {self.allowed})"
        if self.holds(value):
            return None
        hint = self.hint(value)
        return f"cannot be used{hint and f': {hint}'} (allowed: {self.allowed})"


def said(value: object) -> str:
    """The kind of a value in words, without the value."""
    return _WORDS.get(type(value), type(value).__name__)


def setting(default: T, rule: Rule) -> T:
    """A field of an attrs class with a default and a rule; lists and tables handed in are made read-only."""
    return cast("T", field(default=frozen_data(default), converter=_READ_ONLY, metadata={"rule": rule}))


def text(pattern: str, allowed: str) -> Rule:
    """Text that matches the whole of a regular expression."""
    form = re.compile(pattern)
    return Rule(str, allowed, lambda value: form.fullmatch(str(value)) is not None)


def one_of(*choices: str) -> Rule:
    """One of these words."""
    return Rule(str, " or ".join(f'"{choice}"' for choice in choices), lambda value: value in choices, choices)


def whole_number(least: int, most: int) -> Rule:
    """A whole number between two others, which count as allowed."""
    return Rule(
        int, f"a whole number from {least} to {most}", lambda value: isinstance(value, int) and least <= value <= most
    )


def list_of(rule: Rule) -> Rule:
    """A list whose items all obey a rule."""
    return Rule(
        tuple, f"a list, each {rule.allowed}", lambda value: not any(map(rule.fault, cast("tuple[object, ...]", value)))
    )


def table_of(rule: Rule, names: Rule | None = None) -> Rule:
    """A table whose values all obey a rule, and whose names obey another, if there is one."""

    def holds(value: object) -> bool:
        entries = cast("Table", value)
        return not any(map(rule.fault, entries.values())) and not (names and any(map(names.fault, entries)))

    said_names = f" whose names are {names.allowed}" if names else ""
    return Rule(Table, f"a table{said_names}, each value {rule.allowed}", holds)


FLAG = Rule(bool, "true or false")
