"""What an API can do, by its profile; pure."""

from __future__ import annotations

from collections.abc import Mapping

from wave_pms_sync.pms.paths import paths_filled
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.templates import placeholders


def archives(profile: PmsProfile) -> bool:
    """Whether the profile says how a record is archived, and how an archived one is told."""
    archiving = profile.archive
    return archiving.possible and bool(profile.record.archived and (archiving.path or archive_values(profile)))


def archive_values(profile: PmsProfile) -> Mapping[str, object]:
    """What an update sets to archive a record; empty if that takes a request of its own."""
    archiving, shape = profile.archive, profile.record
    if archiving.path or archiving.values:
        return {} if archiving.path else archiving.values
    inside = f"{shape.fields}." if shape.fields else ""
    if not shape.archived.startswith(inside) or "[" in shape.archived:
        return {}  # not a property, so no update reaches it
    flag: object = shape.archived_values[0] if shape.archived_values else True
    for name in reversed(shape.archived.removeprefix(inside).split(".") if shape.archived else []):
        flag = {name: flag}
    return flag if isinstance(flag, Mapping) else {}


def create_uses(profile: PmsProfile) -> frozenset[str]:
    """The placeholders of the request that makes a record."""
    call = profile.create
    return placeholders((paths_filled(call.path, profile), call.query, call.headers, call.body, call.fixed))
