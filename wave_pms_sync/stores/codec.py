"""Entries as JSON text, and back without loss.

Plain JSON would lose three things that the engine tells apart: a property that was not shown (`MISSING`) from one
that was null, a tuple of several paths from a list, and a date or a decimal number that a converter made from its
text. Where a value may be anything, those are written as an object with one key that begins with `$`.

What most links have in common takes no room: attributes at their defaults are left out, and a baseline on which both
sides reported the very same is written once. A default of an entry must never change, or old files say something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Final, TypeVar, cast

from cattrs import Converter

from wave_pms_sync.errors import StoreUnusable
from wave_pms_sync.model.fields import MISSING, Forgotten, Missing
from wave_pms_sync.model.links import Baseline
from wave_pms_sync.model.memory import Entry
from wave_pms_sync.stores.kinds import identity, named

T = TypeVar("T")


def moment_text(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC with microseconds, so that texts sort as moments do.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is not timezone.utc:
        if moment.utcoffset() is None:
            raise ValueError("a moment without a time zone")
        moment = moment.astimezone(timezone.utc)
    return moment.isoformat(timespec="microseconds")


def write_value(value: object) -> object:  # noqa: PLR0911  # one line for each type
    """Any value of a field as JSON-ready data.

    Raises:
        TypeError: It holds something that is neither JSON nor one of the types known here.
    """
    match value:
        case None | str() | bool() | int() | float():
            return value
        case Missing():
            return {"$missing": True}
        case list():
            return [write_value(one) for one in value]
        case tuple():
            return {"$tuple": [write_value(one) for one in value]}
        case Mapping():
            return _write_mapping(value)
        case datetime():
            return {"$moment": moment_text(value)}
        case date():
            return {"$date": value.isoformat()}
        case Forgotten():
            return {"$forgotten": [value.salt, value.digest]}
        case Decimal():
            return {"$decimal": str(value)}
    raise TypeError(f"a value of type {type(value).__name__}")


def _write_mapping(mapping: Mapping[object, object]) -> dict[str, object]:
    written: dict[str, object] = {}
    for key, value in mapping.items():
        if not isinstance(key, str):
            raise TypeError(f"a key of type {type(key).__name__}")
        written[key] = write_value(value)
    # A wire object may itself have a key like ours; wrapped, it cannot be taken for a tag.
    return {"$map": written} if any(key.startswith("$") for key in written) else written


def read_value(data: object) -> object:
    """What `write_value` wrote.

    Raises:
        KeyError: It was written by somebody else.
    """
    if isinstance(data, list):
        return [read_value(one) for one in data]
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        ((tag, body),) = data.items()
        if tag.startswith("$"):
            return _READ[tag](body)
    return _read_mapping(data)


def _read_mapping(data: Mapping[str, object]) -> dict[str, object]:
    return {key: read_value(value) for key, value in data.items()}


def _read_tuple(data: Iterable[object]) -> tuple[object, ...]:
    return tuple(read_value(one) for one in data)


def _read_forgotten(data: Sequence[str]) -> Forgotten:
    salt, digest = data
    return Forgotten(salt=salt, digest=digest)


# The keys are ours, and what stands under them is what `write_value` put there; a fault becomes `unreadable`.
_READ: Final = cast(
    "Mapping[str, Callable[[object], object]]",
    {
        "$missing": lambda _: MISSING,
        "$tuple": _read_tuple,
        "$map": _read_mapping,
        "$moment": datetime.fromisoformat,
        "$date": date.fromisoformat,
        "$decimal": Decimal,
        "$forgotten": _read_forgotten,
    },
)


_PLAIN: Final = frozenset({str, int, bool, type(None)})


def _write_baseline(baseline: Baseline) -> list[object]:
    wave, pms = write_value(baseline.wave), write_value(baseline.pms)
    same = type(wave) is type(pms) and type(wave) in _PLAIN and wave == pms
    return [wave] if same else [wave, pms]


def _read_baseline(data: object) -> Baseline:
    if not isinstance(data, list):
        raise TypeError
    if len(data) == 1:  # half of what is agreed on of a customer is nothing, and most of the rest one text
        (both,) = data
        if both is None:
            return _NOTHING
        if type(both) is str:
            return Baseline(wave=both, pms=both)
    wave, *others = map(read_value, data)
    (pms,) = others or (wave,)
    return Baseline(wave=wave, pms=pms)


_NOTHING: Final = Baseline(wave=None, pms=None)


def _read_baselines(data: Mapping[str, object], _: object) -> dict[str, Baseline]:
    return {name: _read_baseline(one) for name, one in data.items()}


def make_converter() -> Converter:
    """A converter for the entries of a store. Each call makes a new one; none is shared with anybody."""
    converter = Converter(detailed_validation=False, omit_if_default=True)
    converter.register_unstructure_hook(datetime, moment_text)
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_unstructure_hook(Baseline, _write_baseline)
    converter.register_structure_hook_func(_are_baselines, _read_baselines)
    converter.register_unstructure_hook_func(_is_anything, write_value)
    converter.register_structure_hook_func(_is_anything, lambda data, _: read_value(data))
    return converter


def _are_baselines(kind: object) -> bool:
    return kind == Mapping[str, Baseline]


def _is_anything(kind: object) -> bool:
    return kind is object


_CONVERTER: Final = make_converter()


def to_text(entry: Entry) -> str:
    """An entry as JSON text.

    Raises:
        StoreUnusable: It holds a value that cannot be written. The error names the entry, not the value.
    """
    try:
        return json.dumps(_CONVERTER.unstructure(entry), separators=(",", ":"))
    except (TypeError, ValueError, OverflowError, RecursionError) as fault:
        raise unwritable(entry, fault) from None


def from_text(kind: type[T], text: object, *parts: object) -> T:
    """The entry of this kind that `to_text` wrote.

    Args:
        kind: Its kind.
        text: The JSON text.
        parts: The identity of the entry, for the error.

    Raises:
        StoreUnusable: The text is not an entry of this kind. The error names the entry, not the text.
    """
    try:
        return _CONVERTER.structure(json.loads(cast("str", text)), kind)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError):
        raise unreadable(kind, *parts) from None


def unwritable(entry: Entry, fault: BaseException) -> StoreUnusable:
    """The error for an entry that cannot be written; of the fault it tells only what quotes no value."""
    what = str(fault) if type(fault) in {TypeError, ValueError} else type(fault).__name__
    return StoreUnusable(
        f"{named(type(entry), *identity(entry))} holds {what}, which a link store cannot keep. Nothing was written; "
        "let the field's converter give text, numbers, dates, lists or mappings."
    )


def unreadable(kind: type[object], *parts: object) -> StoreUnusable:
    """The error for an entry that stands in the store but cannot be read."""
    return StoreUnusable(
        f"{named(kind, *parts)} cannot be read: the store is damaged or was written by something else. It was left "
        "as it is; restore a backup, or start with a new store (records with unique keys are linked again)."
    )
