"""Nested mappings with dotted paths, as customers travel on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

__all__ = ["copied", "leaves", "merged", "value_at", "with_value", "within"]


def merged(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    """Lay `new` over `old`, mapping by mapping; None clears (the property is left out)."""
    result = dict(old)
    for name, value in new.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            before = result.get(name)
            result[name] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            result[name] = value
    return result


def copied(value: object) -> object:
    """A copy that shares no mapping and no list with the original."""
    if isinstance(value, Mapping):
        return {str(name): copied(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [copied(inner) for inner in value]
    return value


def leaves(value: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every value that is not a mapping, with its dotted path."""
    for name, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from leaves(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner


def value_at(value: Mapping[str, object], path: str) -> object:
    """The value at a dotted path, or None."""
    here: object = value
    for name in path.split("."):
        if not isinstance(here, Mapping):
            return None
        here = here.get(name)
    return here


def with_value(value: Mapping[str, object], path: str, new: object) -> dict[str, object]:
    """A copy with another value at a dotted path; None leaves the property out."""
    name, _, rest = path.partition(".")
    result = dict(value)
    if rest:
        inner = result.get(name)
        result[name] = with_value(inner if isinstance(inner, Mapping) else {}, rest, new)
    elif new is None:
        result.pop(name, None)
    else:
        result[name] = new
    return result


def within(path: str, field: str | None) -> bool:
    """Whether a path is the field or lies in it; no field means every path."""
    return field is None or path == field or path.startswith(f"{field}.")
