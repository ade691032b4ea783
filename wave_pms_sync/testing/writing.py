"""What a side stores of what it was sent: silently ignored properties, and text in its own spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.nesting import value_at, with_value, within
from wave_pms_sync.testing.switchboard import Strikes

__all__ = ["SPELLINGS", "stored"]


def _phone(text: str) -> str:
    """Digits in threes, with the plus they came with."""
    digits = re.sub(r"\D", "", text)
    plus = "+" if text.strip().startswith("+") else ""
    return plus + " ".join(digits[i : i + 3] for i in range(0, len(digits), 3))


def _collapse(text: str) -> str:
    return " ".join(text.split())


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "trim": str.strip,
    "collapse": _collapse,
    "upper": str.upper,
    "phone": _phone,
}
"""The named ways in which a side may respell text."""


def stored(
    old: Mapping[str, object], new: Mapping[str, object], written: Iterable[str], strikes: Strikes
) -> dict[str, object]:
    """What is stored when `new` was to replace `old`.

    Args:
        old: The values before; empty for a new record.
        new: The values as the write would have them.
        written: Dotted paths that the request wrote.
        strikes: What goes wrong.
    """
    result = dict(new)
    paths = list(written)
    for told in strikes.of(Fault.NORMALISED):
        spell = SPELLINGS[told.how] if isinstance(told.how, str) else told.how
        for path in paths:
            value = value_at(result, path)
            if within(path, told.field) and isinstance(value, str):
                result = with_value(result, path, spell(value))
    for told in strikes.of(Fault.IGNORED_FIELD):
        result = with_value(result, str(told.field), value_at(old, str(told.field)))
    return result
