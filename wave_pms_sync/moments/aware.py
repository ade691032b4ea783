"""A moment that a caller hands in: only one that says its zone is the same everywhere."""

from __future__ import annotations

from datetime import datetime

from wave_pms_sync.errors import ConfigurationError


def aware(moment: object, name: str) -> None:
    """Refuse what is neither None nor an aware `datetime`.

    Raises:
        ConfigurationError: Naming the argument, and what was given in its place.
    """
    if moment is None or (isinstance(moment, datetime) and moment.utcoffset() is not None):
        return
    given = "a time without its zone" if isinstance(moment, datetime) else type(moment).__name__
    raise ConfigurationError("customers", [f"{name}: {given} cannot be used (allowed: an aware datetime, None)"])
