"""Plans as JSON-ready data. What comes back from elsewhere is checked, never trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import chain
from sys import intern
from typing import Final, TextIO, TypeVar

import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.digests import TextDigest
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.json_text import members, pieces
from wave_pms_sync.model.links import Baseline, baseline
from wave_pms_sync.model.memory import Quarantined
from wave_pms_sync.reconcile.actions import Action, FieldChange
from wave_pms_sync.reconcile.landed import Landed
from wave_pms_sync.reconcile.waiting import Dispute, Skipped

T = TypeVar("T")

FORMAT: Final = 1
"""The version of saved plans."""

LISTS: Final[Mapping[str, type]] = {
    "actions": Action,
    "disputes": Dispute,
    "quarantine": Quarantined,
    "skipped": Skipped,
    "landed": Landed,
}
"""What the lists of a saved plan hold."""


def write(value: object) -> object:
    """An action, a dispute, a quarantine or a skipped record as JSON-ready data, values included."""
    written: object = _converter().unstructure(value)
    return written


def read(value: object, path: str, kind: type[T]) -> T:
    """One part of a saved plan, or one item of a list in it.

    Args:
        value: What stands there.
        path: Where it stands.
        kind: What it must be.

    Raises:
        ConfigurationError: If it is not, with the path of each fault.
    """
    try:
        return _converter().structure(value, kind)
    except (cattrs.BaseValidationError, TypeError, ValueError, KeyError) as error:
        raise ConfigurationError("Plan", cattrs.transform_error(error, path)) from None


def seal(parts: Mapping[str, object]) -> str:
    """Recognises everything a saved plan says, also what its digest leaves out: names, guards, what waits."""
    found = TextDigest()
    for piece in chain(pieces(parts), "}"):
        found.add(piece)
    return str(found)


def sealed(parts: Mapping[str, object]) -> Iterator[str]:
    """The text of a saved plan in pieces: what it says, and last the seal, which is the digest of all before it."""
    found = TextDigest()
    for piece in pieces(parts):
        found.add(piece)
        yield piece
    found.add("}")
    yield f',"seal":"{found}"}}'


def content(file: TextIO) -> dict[str, object]:
    """What a saved plan says, its lists made of actions and so on already.

    Raises:
        ConfigurationError: If an item of a list is not what it must be, with the path of each fault.
        ValueError: If it is no JSON object.
    """

    def made(name: str, number: int, item: object) -> object:
        return read(item, f"{name}[{number}]", LISTS[name]) if name in LISTS else item

    return members(file, made)


@cache
def _converter() -> cattrs.Converter:
    """Raw values keep MISSING, null and tuples apart; unknown keys are refused."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    # First: the functions made below keep the hooks that stand when they are made.
    converter.register_unstructure_hook(datetime, lambda moment: moment.isoformat())
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    raw = override(unstruct_hook=_to_json, struct_hook=lambda value, _: _from_json(value))
    converter.register_unstructure_hook(
        FieldChange, make_dict_unstructure_fn(FieldChange, converter, before=raw, after=raw, wave=raw, pms=raw)
    )
    once = override(struct_hook=lambda value, _: intern(str(value)))  # the same in many actions, and kept once
    converter.register_structure_hook(
        FieldChange,
        make_dict_structure_fn(
            FieldChange,
            converter,
            before=raw,
            after=raw,
            wave=raw,
            pms=raw,
            id=once,
            name=once,
            group=once,
            rule=once,
        ),
    )
    converter.register_unstructure_hook(Baseline, make_dict_unstructure_fn(Baseline, converter, wave=raw, pms=raw))
    baseline_of = make_dict_structure_fn(Baseline, converter, wave=raw, pms=raw)
    converter.register_structure_hook(Baseline, lambda value, kind: _lean(baseline_of(value, kind)))
    told = override(unstruct_hook=_all_to_json, struct_hook=lambda values, _: _all_from_json(values))
    converter.register_unstructure_hook(
        Dispute, make_dict_unstructure_fn(Dispute, converter, wave=told, pms=told, agreed=told)
    )
    converter.register_structure_hook(
        Dispute, make_dict_structure_fn(Dispute, converter, wave=told, pms=told, agreed=told)
    )
    for kind in LISTS.values():
        converter.register_structure_hook(kind, _unless_made(converter.get_structure_hook(kind)))
    return converter


def _unless_made(make: Callable[[object, type[T]], T]) -> Callable[[object, type[T]], T]:
    """What was read item by item is made already."""
    return lambda value, kind: value if isinstance(value, kind) else make(value, kind)


def _lean(found: Baseline) -> Baseline:
    return baseline(found.wave, found.pms)


def _all_to_json(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _to_json(value) for name, value in values.items()}


def _all_from_json(values: object) -> dict[str, object]:
    if not isinstance(values, Mapping):
        raise ValueError("values must be an object")
    return {str(name): _from_json(value) for name, value in values.items()}


def _to_json(value: object) -> object:
    if value is MISSING:
        return {"missing": True}
    return {"parts": [_to_json(part) for part in value]} if isinstance(value, tuple) else {"value": value}


def _from_json(value: object) -> object:
    if not isinstance(value, Mapping) or len(value) != 1:
        raise ValueError("a raw value must be {value: ...}, {parts: [...]} or {missing: true}")
    if "missing" in value:
        return MISSING
    if "parts" in value:
        return tuple(_from_json(part) for part in value["parts"])
    return value["value"]
