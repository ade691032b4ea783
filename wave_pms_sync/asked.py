"""What callers hand in, checked before anything is done: parts and policy, ids, pairs of ids, seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.policy import Policy

if TYPE_CHECKING:
    from wave_pms_sync.model.records import Abilities
    from wave_pms_sync.reconcile.world import Ref

__all__ = [
    "digest_in",
    "mapping_or_default",
    "pairs_in",
    "parts_in",
    "policy_in",
    "policy_or_default",
    "refs_in",
    "time_in",
]

LONGEST_S = 3_000_000_000.0
_PARTS = {
    "wave": ("customers_by_id", "a WaveClient or another CustomerClient"),
    "pms": ("customers_by_id", "a CustomPmsClient or another CustomerClient"),
    "links": ("commit", "a link store, for example SQLiteLinkStore(path)"),
    "mapping": ("lens", "a MappingRegistry"),
    "policy": ("match_on", "a Policy"),
    "scope": ("includes", "a Scope, None"),
}

_OTHERS: Final = {side.value: (side.other,) for side in Side}
"""Our own clients say whose side they are, so that two that were swapped are told."""


def mapping_or_default(given: MappingRegistry | None) -> MappingRegistry:
    """The mapping that was given, or the one of the specification."""
    return MappingRegistry.default() if given is None else given


def policy_or_default(given: Policy | None) -> Policy:
    """The policy that was given, or the careful one."""
    return Policy() if given is None else given


def parts_in(parts: Mapping[str, object]) -> None:
    """The parts of a Synchronizer, by name.

    Raises:
        ConfigurationError: With every part that is none.
    """
    faults = [
        f"{name}: {type(part).__name__} cannot be used (allowed: {_PARTS[name][1]})"
        for name, part in parts.items()
        if not (hasattr(part, _PARTS[name][0]) or (part is None and name == "scope"))
        or getattr(part, "side", None) in _OTHERS.get(name, ())
    ]
    if faults:
        raise ConfigurationError("Synchronizer", faults)


def policy_in(policy: Policy, lens: Lens, pms: Abilities) -> None:
    """A policy, by a mapping and by what the PMS can do.

    Raises:
        ConfigurationError: With everything in it that does not fit.
    """
    # The default keys were chosen by nobody: one that this mapping does not carry decides nothing. Nor does the
    # external id without a mapped id. Any other name must be carried by a field.
    usual = {"external_id", *(Policy().match_on if policy.match_on == Policy().match_on else ())}
    unknown = [name for name in lens.unknown_keys(policy.match_on) if name not in usual]
    faults = [f"policy.match_on: {name!r} names no mapped field" for name in unknown]
    faults += [
        f"policy: {group!r} is not a field group (allowed: {', '.join(lens.groups)}, *)"
        for group in policy.groups_named()
        if group not in lens.groups
    ]
    asked = (
        ("deletions", policy.deletion(Side.PMS) == "archive"),
        ("archives", policy.archives == "mirror"),
    )
    if not pms.archive:
        faults += [f"policy.{what}: the PMS cannot archive a customer" for what, wanted in asked if wanted]
    if faults:
        raise ConfigurationError("Synchronizer", faults)


def refs_in(only: object) -> tuple[Ref, ...]:
    """The records named by `only=`: Wave ids, or `(side, id)`.

    Raises:
        ConfigurationError: With every item that names no record.
    """
    if isinstance(only, str) or not isinstance(only, Iterable):
        raise ConfigurationError("only", ["must be a list of ids (allowed: only=[wave_id], only=[('pms', pms_id)])"])
    named, faults = _pairs([(Side.WAVE.value, item) if isinstance(item, str) else item for item in only])
    sides = [side.value for side in Side]
    faults += [f"{side!r} is no side (allowed: {', '.join(sides)})" for side, _ in named if side not in sides]
    faults += [why for _, record_id in named for why in _no_ids(record_id)]
    if faults:
        raise ConfigurationError("only", faults)
    return tuple((Side(side), str(record_id)) for side, record_id in named)


def pairs_in(pairs: object) -> list[tuple[str, str]]:
    """The pairs to be linked, each a Wave id and a PMS id.

    Raises:
        ConfigurationError: With every pair that is none.
    """
    named, faults = _pairs(pairs if isinstance(pairs, Iterable) and not isinstance(pairs, str) else [pairs])
    faults += [why for pair in named for why in _no_ids(*pair)]
    if faults:
        raise ConfigurationError("link", faults)
    return [(str(wave_id), str(pms_id)) for wave_id, pms_id in named]


def digest_in(accept: object) -> None:
    """What releases a held plan.

    Raises:
        ConfigurationError: If it can be no digest.
    """
    if accept is not None and not isinstance(accept, str):
        raise ConfigurationError("apply", ["accept: is no digest (allowed: plan.digest, None)"])


def time_in(deadline_s: object) -> timedelta:
    """The time given for a run.

    Raises:
        ConfigurationError: If it is no number of seconds from 0 up.
    """
    if isinstance(deadline_s, bool) or not isinstance(deadline_s, (int, float)) or not deadline_s >= 0:
        raise ConfigurationError("deadline_s", [f"{deadline_s!r} is no time (allowed: seconds from 0 up, None)"])
    return timedelta(seconds=min(deadline_s, LONGEST_S))


def _pairs(items: Iterable[object]) -> tuple[list[tuple[object, object]], list[str]]:
    """The items that are pairs, and what is wrong with the others."""
    named: list[tuple[object, object]] = []
    faults: list[str] = []
    for item in items:
        if isinstance(item, (tuple, list)) and len(item) == 2:
            named.append((item[0], item[1]))
        else:
            faults.append(f"{type(item).__name__}: is no pair (allowed: two ids, or side and id)")
    return named, faults


def _no_ids(*ids: object) -> list[str]:
    """What is wrong with these ids: on either side an id is text."""
    return [f"{i!r} is no id (allowed: text that is not empty)" for i in ids if not isinstance(i, str) or not i]
