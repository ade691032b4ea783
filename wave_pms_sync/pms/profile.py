"""The conventions of one PMS's API, as data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from attrs import field, frozen

from wave_pms_sync.declared.files import load
from wave_pms_sync.declared.rules import FLAG, one_of, text, whole_number
from wave_pms_sync.declared.structure import rules_of, structure
from wave_pms_sync.errors import ConfigurationError

_WHAT = "PMS profile"
_PATH = text(r"(/(?!\.\.?(/|$))[^\s?#/]+)+", 'a path from "/", without dots, query, fragment or final slash')
_NAME = text(r"[^\s&=#]+", "a name without spaces, & = #")
_OPTIONAL_NAME = text(r"[^\s&=#]*", 'a name without spaces, & = #; "" if the API has none')
_KEYS = text(r"[^\s.]+(\.[^\s.]+)*", "names joined by dots")
_OPTIONAL_KEYS = text(r"([^\s.]+(\.[^\s.]+)*)?", 'names joined by dots; "" if the API has none')
_HEADER = text(r"[A-Za-z0-9!#$%&'*+.^_`|~-]*", 'the name of a header; "" if the API has none')


@frozen(kw_only=True)
class PmsProfile:
    """How a PMS speaks about customers. `PmsProfile()` is the default conventions, which follow standards.

    A name that may be `""` says then that the API has no such thing.

    Attributes:
        customers_path: The collection, below the base URL; a record is one path segment below it.
        limit_param: Query parameter for the rows wanted per page.
        cursor_param: Query parameter that continues a listing.
        since_param: Query parameter for "changed at or after"; its value is UTC in RFC 3339.
        page_size: Rows asked for per page. The server may give fewer.
        creation_order: Listings come in ascending order of creation.
        items_path: Where a list answer holds its rows.
        next_cursor_path: Where a list answer holds the next cursor; null or absent means the end.
        total_path: Where a list answer may say how many rows there are in all.
        id_field: The record's id.
        created_field: When it was made.
        updated_field: When it was last changed; null there falls back to `created_field`.
        archived_field: A flag that hides a record and that we may set.
        deleted_field: A flag of rows whose record is gone.
        marker: The API keeps a text field of ours in which the Wave id is noted.
        if_match: Updates and deletions send the known `ETag` back as `If-Match`.
        idempotency_header: The header under which repeating a create is harmless.
        requests_per_minute: A pace that the API can bear; 0: no limit.
        clear_with: What clears a property: `"null"`, or `"empty"` for empty text.
    """

    customers_path: str = field(default="/customers", metadata={"rule": _PATH})
    limit_param: str = field(default="limit", metadata={"rule": _OPTIONAL_NAME})
    cursor_param: str = field(default="cursor", metadata={"rule": _NAME})
    since_param: str = field(default="updated_since", metadata={"rule": _OPTIONAL_NAME})
    page_size: int = field(default=100, metadata={"rule": whole_number(1, 10_000)})
    creation_order: bool = field(default=True, metadata={"rule": FLAG})
    items_path: str = field(default="items", metadata={"rule": _KEYS})
    next_cursor_path: str = field(default="next_cursor", metadata={"rule": _KEYS})
    total_path: str = field(default="total", metadata={"rule": _OPTIONAL_KEYS})
    id_field: str = field(default="id", metadata={"rule": _KEYS})
    created_field: str = field(default="created_at", metadata={"rule": _OPTIONAL_KEYS})
    updated_field: str = field(default="updated_at", metadata={"rule": _OPTIONAL_KEYS})
    archived_field: str = field(default="archived", metadata={"rule": _OPTIONAL_KEYS})
    deleted_field: str = field(default="deleted", metadata={"rule": _OPTIONAL_KEYS})
    marker: bool = field(default=True, metadata={"rule": FLAG})
    if_match: bool = field(default=True, metadata={"rule": FLAG})
    idempotency_header: str = field(default="Idempotency-Key", metadata={"rule": _HEADER})
    requests_per_minute: int = field(default=0, metadata={"rule": whole_number(0, 100_000)})
    clear_with: Literal["null", "empty"] = field(default="null", metadata={"rule": one_of("null", "empty")})

    def __attrs_post_init__(self) -> None:
        rules = rules_of(type(self))
        faults = ((name, rule.fault(getattr(self, name))) for name, rule in rules.items())
        found = sorted(f"{name}: {fault}" for name, fault in faults if fault)
        if found:
            raise ConfigurationError(_WHAT, found)

    @classmethod
    def from_dict(cls, settings: Mapping[str, object]) -> PmsProfile:
        """Build a profile from plain data; settings left out keep their defaults.

        Raises:
            ConfigurationError: With every unknown setting, wrong type and broken rule.
        """
        return structure(cls, settings, what=_WHAT)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> PmsProfile:
        """Read a profile from a `.toml` or `.json` file (UTF-8). The file is read once, now.

        Raises:
            ConfigurationError: With every fault of the file or its settings.
        """
        return structure(cls, load(Path(path), what=_WHAT), what=_WHAT)
