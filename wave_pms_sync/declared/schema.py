"""A JSON Schema that is also what checks: the published text and the rule are one and the same object.

Only the words used here are understood: type, enum, properties, required, additionalProperties, items, minItems,
minimum, minLength. Anything else is a mistake of the program.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

Schema = Mapping[str, object]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (Mapping,),
    "null": (type(None),),
}
_NAMES = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}
_NAMES |= {"array": "a list", "object": "a table", "null": "null"}


def unknown(path: str, word: object, allowed: Collection[str]) -> str:
    """The fault of a word that is none of those allowed, with the nearest of them."""
    from difflib import get_close_matches

    near = get_close_matches(word, allowed, n=1, cutoff=0.5) if isinstance(word, str) else []
    hint = f", nearest: {near[0]}" if near else ""
    return f"{path}: {word!r} is unknown{hint} (allowed: {', '.join(allowed)})"


def faults_in(value: object, schema: Schema, path: str = "") -> Iterator[str]:
    """What is wrong with a value, each as `path: problem (allowed: ...)`; texts are not quoted but where words are."""
    types = _types(schema)
    if types and not any(_is(value, name) for name in types):
        allowed = ", ".join(_NAMES[name] for name in types)
        yield f"{path or '(whole)'}: is of another kind (allowed: {allowed})"
        return
    enum = schema.get("enum")
    if isinstance(enum, (list, tuple)) and value not in enum:
        yield unknown(path, value, [str(word) for word in enum])
    elif isinstance(value, Mapping):
        yield from _object_faults(value, schema, path)
    elif isinstance(value, (list, tuple)):
        yield from _array_faults(value, schema, path)
    else:
        yield from _bound_faults(value, schema, path)


def _object_faults(value: Mapping[str, object], schema: Schema, path: str) -> Iterator[str]:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    required = schema.get("required", ())
    assert isinstance(properties, Mapping)  # noqa: S101  # our own table
    assert isinstance(required, (list, tuple))  # noqa: S101  # our own table
    dot = f"{path}." if path else ""
    for key, part in value.items():
        if key in properties:
            yield from faults_in(part, properties[key], f"{dot}{key}")
        elif isinstance(more, Mapping):
            yield from faults_in(part, more, f"{dot}{key}")
        elif not more:
            yield unknown(f"{dot}{key}", key, list(properties))
    yield from (f"{dot}{key}: is not given (allowed: a value)" for key in required if key not in value)


def _array_faults(value: Sequence[object], schema: Schema, path: str) -> Iterator[str]:
    items, least = schema.get("items"), schema.get("minItems", 0)
    if isinstance(least, int) and len(value) < least:
        yield f"{path}: has too few entries (allowed: {least} or more)"
    if isinstance(items, Mapping):
        for at, part in enumerate(value):
            yield from faults_in(part, items, f"{path}[{at}]")


def _bound_faults(value: object, schema: Schema, path: str) -> Iterator[str]:
    minimum, letters = schema.get("minimum"), schema.get("minLength")
    if isinstance(minimum, int) and isinstance(value, int) and value < minimum:
        yield f"{path}: is too small (allowed: {minimum} or more)"
    if isinstance(letters, int) and isinstance(value, str) and len(value) < letters:
        yield f"{path}: is empty (allowed: text)"


def _types(schema: Schema) -> tuple[str, ...]:
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named) if isinstance(named, (list, tuple)) else ()


def _is(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])
