"""Rules for declared values: what a setting may be, said in words that can stand in an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from attrs import field, frozen

_WORDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a decimal number",
    str: "text",
    dict: "a table",
    list: "a list",
    type(None): "null",
}


@frozen
class Rule:
    """What one setting may be.

    Attributes:
        kind: The only type allowed; `True` is no whole number here.
        allowed: The rule in words.
        holds: Whether a value of that type obeys the rule.
    """

    kind: type
    allowed: str
    holds: Callable[[object], bool] = field(default=lambda _: True, repr=False)

    def fault(self, value: object) -> str | None:
        """What is wrong with this value, without the value itself; None if nothing is."""
        if type(value) is not self.kind:
            return f"is {_WORDS.get(type(value), type(value).__name__)} (allowed: {self.allowed})"
        return None if self.holds(value) else f"cannot be used (allowed: {self.allowed})"


def text(pattern: str, allowed: str) -> Rule:
    """Text that matches the whole of a regular expression."""
    form = re.compile(pattern)
    return Rule(str, allowed, lambda value: form.fullmatch(str(value)) is not None)


def one_of(*choices: str) -> Rule:
    """One of these words."""
    return Rule(str, " or ".join(f'"{choice}"' for choice in choices), lambda value: value in choices)


def whole_number(least: int, most: int) -> Rule:
    """A whole number between two others, which count as allowed."""
    return Rule(
        int, f"a whole number from {least} to {most}", lambda value: isinstance(value, int) and least <= value <= most
    )


FLAG = Rule(bool, "true or false")
