"""What tells the entries of one kind apart, and by which keys they are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from wave_pms_sync.errors import ConfigurationError, StoreUnusable
from wave_pms_sync.model.links import Agreement, Link, Marked, Trace
from wave_pms_sync.model.memory import (
    Claim,
    Entry,
    Intent,
    JournalEntry,
    Known,
    Quarantined,
    Tenant,
    Unfinished,
)

Identity: TypeAlias = tuple[str | int, ...]
"""Two entries of a kind with the same identity are the same entry; a put replaces, a removal forgets."""

KINDS: tuple[type[Entry], ...] = (Tenant, Link, Agreement, Known, Intent, Unfinished, Quarantined, JournalEntry)
"""Everything that a store keeps."""

_BY_ID = frozenset({"wave_id", "pms_id"})

FOUND_BY: Mapping[type[object], frozenset[str]] = {
    Link: _BY_ID | {"open", "rule"},
    Trace: _BY_ID,
    Marked: frozenset({"wave_mark", "pms_mark"}),
    Agreement: frozenset({"wave_id"}),
    Claim: frozenset({"pms_id"}),
    Known: _BY_ID | {"wave_key", "pms_key", "loose"},
    Unfinished: _BY_ID,
    Quarantined: _BY_ID,
    JournalEntry: _BY_ID | {"run_id"},
}
"""The keys of each kind; `Tenant` and `Intent` are few and only scanned."""


def identity(entry: Entry) -> Identity:
    """What tells this entry from the others of its kind and tenant."""
    match entry:
        case Link():
            return (entry.wave_id, entry.pms_id)
        case Agreement():
            return (entry.wave_id,)
        case Known() | Unfinished() | Quarantined():
            return (entry.side.value, entry.id)
        case Intent():
            return (entry.key,)
        case JournalEntry():
            return (entry.run_id, entry.number)
        case Tenant():
            return ()


def keys(entry: Entry) -> Iterator[tuple[str, str]]:
    """Each key under which this entry is found, as (by, value)."""
    match entry:
        case Link():
            yield "wave_id", entry.wave_id
            yield "pms_id", entry.pms_id
            yield "rule", entry.rule
            if entry.open:
                yield "open", "yes"
            if entry.wave.mark is not None:
                yield "wave_mark", entry.wave.mark
            if entry.pms.mark is not None:
                yield "pms_mark", entry.pms.mark
        case Agreement():
            yield "wave_id", entry.wave_id
        case Known() | Unfinished() | Quarantined():
            yield f"{entry.side}_id", entry.id
            if isinstance(entry, Known):
                yield from ((f"{entry.side}_key", key) for key in entry.keys)
        case JournalEntry():
            yield "run_id", entry.run_id
            if entry.wave_id is not None:
                yield "wave_id", entry.wave_id
            if entry.pms_id is not None:
                yield "pms_id", entry.pms_id
        case Tenant() | Intent():
            return


def named(kind: type[object], *parts: object) -> str:
    """An entry in words, by kind and identity: what errors may say of it."""
    return " ".join((kind.__name__, *(repr(part) for part in parts)))


def twice_linked(wanted: Identity, standing: Identity) -> StoreUnusable:
    """The error for a link that would join an id which another link holds."""
    return StoreUnusable(
        f"{named(Link, *wanted)} cannot be put, because {named(Link, *standing)} stands. An id is in one link at most; "
        "remove the other one first, in the same commit if need be. Nothing was written."
    )


def check_kind(kind: type[object]) -> None:
    """Make sure that a store keeps entries of this kind.

    Raises:
        ConfigurationError: It does not; a `Claim`, `Trace` or `Marked` can only be found, a `Lease` only scanned.
    """
    if kind not in KINDS:
        allowed = ", ".join(one.__name__ for one in KINDS)
        raise ConfigurationError("Reading a link store", [f"kind: no store keeps {kind.__name__} (allowed: {allowed})"])


def check_key(kind: type[object], by: str) -> None:
    """Make sure that entries of this kind are found by this key.

    Raises:
        ConfigurationError: They are not.
    """
    allowed = FOUND_BY.get(kind, frozenset())
    if by not in allowed:
        words = ", ".join(sorted(allowed)) or "none; scan it"
        raise ConfigurationError("Reading a link store", [f"by: {kind.__name__} has no key {by!r} (allowed: {words})"])
