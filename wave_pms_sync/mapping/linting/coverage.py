"""Rules about what is mapped at all: names, addresses, groups."""

from __future__ import annotations

from collections.abc import Iterator

from wave_pms_sync.mapping.clashes import clashes, constant_clashes, mixed_groups
from wave_pms_sync.mapping.linting.findings import Finding, Severity
from wave_pms_sync.mapping.linting.ground import Ground, goes_to
from wave_pms_sync.model.side import Side

_ADDRESSES = ("address", "shippingDetails.address")
_PARTS = ("addressLine1", "addressLine2", "city", "province.code", "postalCode")
_OFTEN_EMPTY = {"addressLine2", "province.code"}


def contradictions(ground: Ground) -> Iterator[Finding]:
    """What the `Synchronizer` would refuse: two maps of one target, or a group that goes two ways."""
    faults = [*clashes(ground.maps), *mixed_groups(ground.maps), *constant_clashes(ground.maps, ground.constants)]
    for fault in faults:
        path, _, rest = fault.partition(": ")
        problem, _, advice = rest.rpartition(" (allowed: ")
        yield Finding(path=path, problem=problem, advice=advice.removesuffix(")"), severity=Severity.ERROR)


def nothing_mapped(ground: Ground) -> Iterator[Finding]:
    """Without a map nothing is carried."""
    if not ground.merged:
        yield Finding(
            path="mapping",
            problem="carries nothing",
            advice="start from MappingRegistry.default(), or add maps",
            severity=Severity.ERROR,
        )


def name_not_carried(ground: Ground) -> Iterator[Finding]:
    """No customer is made without a name. Source: `name` is the one property that Wave's create input demands."""
    row = next(ground.carriers("name"), None)
    if row is None and ground.merged:
        yield Finding(
            path="name",
            problem="is not mapped, and no side should be given customers without a name",
            advice="map wave='name', and switch the map on",
            severity=Severity.ERROR,
        )
    for side in Side:
        if row is not None and side.value in ground.policy.create_in and not goes_to(row, side):
            yield Finding(
                path="name",
                problem=f"does not go to {side.words}, where customers are to be made",
                advice=f"say direction='both', or take {side.value!r} out of Policy(create_in=)",
                severity=Severity.ERROR,
            )


def half_name(ground: Ground) -> Iterator[Finding]:
    """First and last name make sense together."""
    names = {name: ground.carried(name) for name in ("firstName", "lastName")}
    for name, carried in names.items():
        if not carried and any(names.values()):
            yield Finding(
                path=name,
                problem="is not mapped, though the other half of the person's name is",
                advice="map both, each alone or together with the converter full_name, or none",
                severity=Severity.WARNING,
            )


def province_without_country(ground: Ground) -> Iterator[Finding]:
    """A province is one of a country. Source: Wave's province codes start with their country's."""
    for place in _ADDRESSES:
        if ground.carried(f"{place}.province.code") and not _country(ground, place):
            yield Finding(
                path=f"{place}.province.code",
                problem="is mapped without its country, so that Wave may be told the province of another one",
                advice=f"map {place}.country.code, too, or have Wave told by constant(wave=..., value=..., on='write')",
                severity=Severity.ERROR if _to_wave(ground, place) else Severity.WARNING,
            )


def address_without_country(ground: Ground) -> Iterator[Finding]:
    """An address without its country is read as one of the reader's own."""
    for place in _ADDRESSES:
        province = ground.carried(f"{place}.province.code")  # then another rule speaks
        if _lines(ground, place) and not province and not _country(ground, place):
            yield Finding(
                path=f"{place}.country.code",
                problem="is not mapped, though other parts of the address are",
                advice=f"map {place}.country.code, too; for one country only, constant(wave=..., value=...)",
                severity=Severity.WARNING,
            )


def address_in_part(ground: Ground) -> Iterator[Finding]:
    """What is not mapped stays as it was when the address changes."""
    for place in _ADDRESSES:
        missing = [part for part in _PARTS if part not in _lines(ground, place)]
        if not missing or (len(missing) == len(_PARTS) and not _country(ground, place)):
            continue
        rarely = _OFTEN_EMPTY.issuperset(missing) or not _to_wave(ground, place)
        yield Finding(
            path=place,
            problem=f"is mapped without {', '.join(missing)}; what is not mapped stays as it is when somebody moves",
            advice="map the whole address, or only direction='to_pms' if parts are enough for the PMS",
            severity=Severity.HINT if rarely else Severity.WARNING,
        )


def group_required_in_part(ground: Ground) -> Iterator[Finding]:
    """A group travels whole, or not at all."""
    groups: dict[str, dict[bool, list[str]]] = {}
    for row in ground.merged:
        groups.setdefault(row.group, {True: [], False: []})[row.required].append(row.name)
    for group, members in groups.items():
        if members[True] and members[False]:
            yield Finding(
                path=group,
                problem=f"is a group of which {', '.join(members[True])} may not be empty, so that clearing the group"
                " is held",
                advice="require none of it, or all of it",
                severity=Severity.HINT,
            )


def _lines(ground: Ground, place: str) -> list[str]:
    return [part for part in _PARTS if ground.carried(f"{place}.{part}", f"{place}.{part.replace('.code', '.name')}")]


def _country(ground: Ground, place: str) -> bool:
    return ground.carried(f"{place}.country.code", f"{place}.country.name")


def _to_wave(ground: Ground, place: str) -> bool:
    return any(
        goes_to(row, Side.WAVE) and any(path.startswith(f"{place}.") for path in row.wave) for row in ground.merged
    )
