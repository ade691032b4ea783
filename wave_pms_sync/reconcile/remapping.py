"""What a changed mapping means for what was remembered under the former one. Pure.

Baselines are kept as each side reported them, so another map of the same two properties judges them anew. Where
both still correspond nothing happened. Where they do not, nobody ever agreed on them in this form: they are void,
and the group meets again like a new one. What is not mapped any more is forgotten, so that nothing old counts as
agreed on when it is mapped again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeVar

from attrs import evolve

from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.fields import Cell, Forgotten
from wave_pms_sync.model.links import Agreement, Hold
from wave_pms_sync.model.memory import Tenant
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER
from wave_pms_sync.reconcile.policy import Policy
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Pair

_KEYS: Final = "match keys"
_REQUIRED: Final = "required"
_T = TypeVar("_T")


def judged_by(shape: Shape, policy: Policy) -> dict[str, str]:
    """What a run judges by, as the tenant remembers it: any difference makes the next run a full one.

    Beside the fingerprint of each field, by its id: the marker's place, the match keys, and what is required.
    """
    return {
        **shape.fingerprints,
        MARKER: shape.marker or "",
        _KEYS: digest(list(policy.match_on)),
        _REQUIRED: digest(sorted(f.id for f in shape.fields.values() if f.required)),
    }


def remapped(tenant: Tenant | None, shape: Shape) -> frozenset[str]:
    """The fields that are new to the mapping, or mapped otherwise, since the last run that saw everything.

    Before the first run there is nothing that could have been mapped otherwise.
    """
    before = _before(tenant)
    return frozenset(i for i, mark in shape.fingerprints.items() if before and before.get(i) != mark)


def overlaid(known: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """What the last complete run judged by, less what the present run judges otherwise.

    The present run may agree on values in another form, note other keys, or mark in another place, and never see
    everything: if the former mapping returns, all of that has to be looked at anew.
    """
    return {name: mark if now.get(name, mark) == mark else "" for name, mark in known.items()}


def marker_moved(tenant: Tenant | None, shape: Shape) -> bool:
    """Whether the Wave id is to be noted in another property of the PMS than in the last run."""
    return shape.marker is not None and _before(tenant).get(MARKER, shape.marker) != shape.marker


def _before(tenant: Tenant | None) -> Mapping[str, str]:
    return tenant.mapping if tenant is not None else {}


def void(pair: Pair, shape: Shape) -> frozenset[str]:
    """Fields that are mapped otherwise, and of which what both sides agreed on no longer corresponds."""
    found = []
    for name in pair.remapped:
        baseline = pair.agreement.baselines.get(name)
        if baseline is not None:
            wave, pms = (_cell(shape, side, name, baseline.on(side)) for side in Side)
            if wave.fault is not None or pms.fault is not None or not wave.same(pms):
                found.append(name)
    return frozenset(found)


def _cell(shape: Shape, side: Side, name: str, raw: object) -> Cell:
    """A forgotten value cannot be judged anew."""
    return Cell(raw=raw, fault="forgotten") if isinstance(raw, Forgotten) else shape.cell(side, name, raw)


def outdated(hold: Hold, pair: Pair, shape: Shape) -> bool:
    """Whether a group was held with other maps than it has now; what was said about it then was about other values."""
    now = set(shape.groups.get(hold.group, ()))
    return not pair.remapped.isdisjoint(now) or not now.issuperset((*hold.wave, *hold.pms))


def forget(agreement: Agreement, shape: Shape, lost: Collection[str]) -> Agreement:
    """The agreement without fields and groups that are not mapped any more, and without what is void."""
    fields = {*agreement.baselines, *agreement.previous}
    groups = {*agreement.wave_changes, *agreement.pms_changes, *agreement.flips, *agreement.not_kept}
    if not lost and fields <= shape.fields.keys() and groups | {*agreement.unkept_by} <= shape.groups.keys():
        return agreement
    return evolve(
        agreement,
        baselines={n: b for n, b in agreement.baselines.items() if n in shape.fields and n not in lost},
        previous=_still(agreement.previous, shape.fields),
        wave_changes=_still(agreement.wave_changes, shape.groups),
        pms_changes=_still(agreement.pms_changes, shape.groups),
        flips=_still(agreement.flips, shape.groups),
        not_kept=tuple(group for group in agreement.not_kept if group in shape.groups),
        unkept_by=_still(agreement.unkept_by, shape.groups),
    )


def _still(known: Mapping[str, _T], names: Collection[str]) -> Mapping[str, _T]:
    return {name: value for name, value in known.items() if name in names} if known else known
