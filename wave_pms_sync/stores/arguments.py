"""What somebody hands to a link store, checked when it is made."""

from __future__ import annotations

import os

from wave_pms_sync.errors import ConfigurationError


def check_store(name: str, *, tenant: object, path: object = "/") -> None:
    """Make sure that a store can be made of this.

    Args:
        name: Of the class.
        tenant: Must be text, and not empty.
        path: Must be that of a file.

    Raises:
        ConfigurationError: With all faults.
    """
    faults = []
    if path == ":memory:":
        faults.append("path: ':memory:' is no file; use MemoryLinkStore for that")
    elif not path or not isinstance(path, (str, os.PathLike)):
        faults.append(f"path: {path!r} is none (allowed: text or a pathlib.Path)")
    if not tenant or not isinstance(tenant, str):
        faults.append(f"tenant: {tenant!r} is no name (allowed: text, not empty)")
    if faults:
        raise ConfigurationError(name, faults)


def check_target(other: object) -> None:
    """Make sure that a store can be copied to this.

    Raises:
        ConfigurationError: It is no store.
    """
    if not hasattr(other, "commit"):
        raise ConfigurationError("copy_to", ["other: is no link store (allowed: for example SQLiteLinkStore(path))"])
