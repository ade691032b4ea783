"""From values to the bodies and queries of requests; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.conventions.manners import Requests

FORM = "application/x-www-form-urlencoded"


def encode(values: object, content_type: str = "application/json") -> bytes:
    """Write a body: a form if the content type says so, otherwise JSON.

    JSON is written in ASCII, so that any text arrives as it is, half a surrogate pair included.

    Raises:
        ConversionError: Something in it cannot be written (a set, NaN, a circle).
    """
    try:
        if content_type.partition(";")[0] == FORM:
            return "&".join(_pairs(values)).encode("ascii")
        return _json(values).encode("ascii")
    except (TypeError, ValueError, RecursionError):
        raise ConversionError("the values hold something that cannot be written", side=Side.PMS.value) from None


def without_none(value: object) -> object:
    """A nested mapping without the properties that are None, nor objects that held nothing else."""
    if not isinstance(value, Mapping):
        return value
    kept = {name: without_none(inner) for name, inner in value.items() if inner is not None}
    return {name: inner for name, inner in kept.items() if inner != {} or not value[name]}


def cleared(value: object, blank: str | None) -> object:
    """A nested mapping as plain dictionaries, with what clears a property in place of None."""
    if value is None:
        return blank
    return {name: cleared(inner, blank) for name, inner in value.items()} if isinstance(value, Mapping) else value


def emptied(values: Mapping[str, object], how: str) -> object:
    """Values with their None as the API wants it: `"omit"`, `"null"` or `"text"`."""
    return without_none(values) if how == "omit" else cleared(values, None if how == "null" else "")


def laid_over(old: object, new: object) -> object:
    """New values laid over a record, object by object; what the new ones do not name stays."""
    if not isinstance(new, Mapping):
        return new
    base = old if isinstance(old, Mapping) else {}
    return {**base, **{name: laid_over(base.get(name), inner) for name, inner in new.items()}}


def without(values: object, places: Iterable[str]) -> object:
    """A record without the properties at these places."""
    for place in places:
        values = _lacking(values, place.split("."))
    return values


def query_text(query: Mapping[str, object], manners: Requests) -> str:
    """Parameters as a query, escaped as the API wants them.

    Tables and lists are written as JSON, but a list under a name that ends in `[]` gives its parameter several times.
    """
    safe = manners.unescaped
    pairs = ((name, each) for name, held in query.items() for each in _given(name, held))
    written = "&".join(f"{_escaped(name, safe)}={_escaped(_parameter(value), safe)}" for name, value in pairs)
    return written if manners.space == "%20" else written.replace("%20", "+")


def _json(values: object) -> str:
    return json.dumps(values, allow_nan=False, separators=(",", ":"), default=_plain)


def _pairs(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner, held in value.items():
            yield from _pairs(held, f"{name}[{inner}]" if name else str(inner))
    elif isinstance(value, (list, tuple)):
        for number, held in enumerate(value):
            # Behind `[]` the properties of one object would be told from those of the next by guessing.
            alone = not isinstance(held, (Mapping, list, tuple))
            yield from _pairs(held, f"{name}[]" if alone else f"{name}[{number}]")
    else:
        yield f"{quote(name, safe='[]')}={quote(_text(value), safe='')}"


def _given(name: str, held: object) -> Sequence[object]:
    return held if name.endswith("[]") and isinstance(held, list | tuple) else (held,)


def _parameter(value: object) -> str:
    return _json(value) if isinstance(value, Mapping | list | tuple) else _text(value)


def _escaped(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="surrogatepass")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, (str, int, float)):
        return str(value)
    raise TypeError("no text, number or flag")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):  # a read-only table of a profile, or of a record
        return dict(value)
    raise TypeError("no JSON")


def _lacking(values: object, names: list[str]) -> object:
    if not isinstance(values, Mapping) or names[0] not in values:
        return values
    if len(names) == 1:
        return {name: inner for name, inner in values.items() if name != names[0]}
    return {**values, names[0]: _lacking(values[names[0]], names[1:])}
