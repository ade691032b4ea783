"""From values to the bodies of requests; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.model.side import Side


def encode(values: object) -> bytes:
    """Write JSON in ASCII, so that any text arrives as it is, half a surrogate pair included.

    Raises:
        ConversionError: Something in it is no JSON (a set, NaN, a circle).
    """
    try:
        return json.dumps(values, allow_nan=False, separators=(",", ":")).encode("ascii")
    except (TypeError, ValueError, RecursionError):
        raise ConversionError("the values hold something that JSON cannot", side=Side.PMS.value) from None


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
