"""Plans as JSON-ready data. What comes back from elsewhere is checked, never trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import cattrs
from attrs import evolve
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Baseline
from wave_pms_sync.model.memory import Quarantined
from wave_pms_sync.reconcile.actions import Action, FieldChange
from wave_pms_sync.reconcile.plan import Plan
from wave_pms_sync.reconcile.waiting import Dispute, Skipped

FORMAT = 1


def to_dict(plan: Plan) -> dict[str, object]:
    """The plan as JSON-ready data, values included."""
    write = _converter().unstructure
    return {
        "format": FORMAT,
        "digest": plan.digest,
        "configuration": plan.configuration,
        "tenant": dict(plan.tenant),
        "run_id": plan.run_id,
        "held": list(plan.held),
        "actions": [write(action) for action in plan.actions],
        "disputes": [write(item) for item in plan.waiting if isinstance(item, Dispute)],
        "quarantine": [write(item) for item in plan.waiting if isinstance(item, Quarantined)],
        "skipped": [write(item) for item in plan.skipped],
    }


def from_dict(data: Mapping[str, object]) -> Plan:
    """The plan that was saved.

    Raises:
        ConfigurationError: If the data is not a plan, or was altered since it was saved.
    """
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise ConfigurationError("Plan", [f"format: not a saved plan (allowed: {FORMAT})"])
    read = _converter().structure
    try:
        plan = Plan(
            actions=read(data.get("actions"), tuple[Action, ...]),
            waiting=(
                *read(data.get("disputes"), tuple[Dispute, ...]),
                *read(data.get("quarantine"), tuple[Quarantined, ...]),
            ),
            skipped=read(data.get("skipped"), tuple[Skipped, ...]),
            held=read(data.get("held"), tuple[str, ...]),
            configuration=read(data.get("configuration"), str),
            tenant=read(data.get("tenant"), dict[str, str]),
            run_id=read(data.get("run_id"), str),
        )
    except (cattrs.BaseValidationError, TypeError, ValueError, KeyError) as error:
        raise ConfigurationError("Plan", cattrs.transform_error(error, "plan")) from None
    if plan.digest != data.get("digest"):
        raise ConfigurationError("Plan", ["digest: the plan was altered since it was saved"])
    return evolve(plan, notes=None)


def _converter() -> cattrs.Converter:
    """Raw values keep MISSING, null and tuples apart; unknown keys are refused."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    raw = override(unstruct_hook=_to_json, struct_hook=lambda value, _: _from_json(value))
    for kind, names in ((FieldChange, ("before", "after", "wave", "pms")), (Baseline, ("wave", "pms"))):
        hooks = dict.fromkeys(names, raw)
        converter.register_unstructure_hook(kind, make_dict_unstructure_fn(kind, converter, **hooks))
        converter.register_structure_hook(kind, make_dict_structure_fn(kind, converter, **hooks))
    converter.register_unstructure_hook(datetime, lambda moment: moment.isoformat())
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    return converter


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
