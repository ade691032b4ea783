"""Paths of a profile that stand in for each other; pure."""

from __future__ import annotations

from wave_pms_sync.pms.profile import PmsProfile


def paths_filled(template: str, profile: PmsProfile) -> str:
    """A path of the profile with the other paths of the profile filled in."""
    return template.replace("{one_path}", profile.one_path).replace("{path}", profile.path)
