"""Plans as JSON-ready data. What comes back from elsewhere is checked, never trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TypeVar

import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Baseline
from wave_pms_sync.reconcile.actions import FieldChange
from wave_pms_sync.reconcile.waiting import Dispute

T = TypeVar("T")


def write(value: object) -> object:
    """An action, a dispute, a quarantine or a skipped record as JSON-ready data, values included."""
    written: object = _converter().unstructure(value)
    return written


def read(data: Mapping[str, object], name: str, kind: type[T]) -> T:
    """One part of a saved plan.

    Args:
        data: The saved plan.
        name: The part.
        kind: What it must be.

    Raises:
        ConfigurationError: If it is not, with the path of each fault.
    """
    try:
        return _converter().structure(data.get(name), kind)
    except (cattrs.BaseValidationError, TypeError, ValueError, KeyError) as error:
        raise ConfigurationError("Plan", cattrs.transform_error(error, name)) from None


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
    converter.register_structure_hook(
        FieldChange, make_dict_structure_fn(FieldChange, converter, before=raw, after=raw, wave=raw, pms=raw)
    )
    converter.register_unstructure_hook(Baseline, make_dict_unstructure_fn(Baseline, converter, wave=raw, pms=raw))
    converter.register_structure_hook(Baseline, make_dict_structure_fn(Baseline, converter, wave=raw, pms=raw))
    told = override(unstruct_hook=_all_to_json, struct_hook=lambda values, _: _all_from_json(values))
    converter.register_unstructure_hook(
        Dispute, make_dict_unstructure_fn(Dispute, converter, wave=told, pms=told, agreed=told)
    )
    converter.register_structure_hook(
        Dispute, make_dict_structure_fn(Dispute, converter, wave=told, pms=told, agreed=told)
    )
    return converter


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
