"""The conventions of one PMS's API, as data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeVar

from attrs import field, frozen

from wave_pms_sync.declared.rules import setting, text
from wave_pms_sync.declared.sections import broken_rules, merged, plain, section
from wave_pms_sync.declared.sound import Sound
from wave_pms_sync.declared.table import plain_data
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.pms.conventions.calls import (
    Archiving,
    Creating,
    DeletedList,
    Deleting,
    Listing,
    Reading,
    Updating,
)
from wave_pms_sync.pms.conventions.fit import misfits
from wave_pms_sync.pms.conventions.forms import path_rule
from wave_pms_sync.pms.conventions.manners import Credentials, Errors, Pace, Requests
from wave_pms_sync.pms.conventions.shapes import Paging, Row, Times

_WHAT = "PMS profile"
_P = TypeVar("_P", bound="PmsProfile")


@frozen(kw_only=True, repr=False)
class PmsProfile:
    """How a PMS speaks about customers. `PmsProfile()` is the default conventions, which follow standards.

    Build one with `from_dict`, `from_file` or `preset`, and another from that with `evolve`. Places in answers are
    names joined by dots, with `[0]` or `[-1]` for an item of a list, and `[type=mobile]` for the first of which this is
    true, as in the paths of a mapping; a name that itself holds dots is found as well.

    Attributes:
        path: The collection, below the base URL: `{path}` elsewhere.
        one_path: One record, with `{id}`: `{one_path}` elsewhere.
        tenant: A word of yours that tells this tenant from others at the same address, where nothing but a header or a
            parameter does. Links of one tenant are never used for another. No secret.
        list: The request that lists customers, and where its answer holds the rows.
        paging: How a listing goes on, and where it ends.
        record: What a record looks like.
        times: How points in time are written.
        read: The request that reads one customer.
        create: The request that makes one.
        update: The request that changes one.
        archive: How one is archived.
        delete: The request that deletes one.
        deletions: A list of its own of what was deleted.
        auth: Where credentials stand.
        errors: What errors mean.
        pace: How fast the API may be asked.
        requests: What every request carries.
    """

    path: str = setting("/customers", path_rule())
    one_path: str = setting("{path}/{id}", path_rule("path", "id"))
    tenant: str = setting("", text(r"[!-~]*", 'printable ASCII without spaces; "" if the address tells'))
    list: Listing = field(factory=Listing, metadata=section(Listing))
    paging: Paging = field(factory=Paging, metadata=section(Paging))
    record: Row = field(factory=Row, metadata=section(Row))
    times: Times = field(factory=Times, metadata=section(Times))
    read: Reading = field(factory=Reading, metadata=section(Reading))
    create: Creating = field(factory=Creating, metadata=section(Creating))
    update: Updating = field(factory=Updating, metadata=section(Updating))
    archive: Archiving = field(factory=Archiving, metadata=section(Archiving))
    delete: Deleting = field(factory=Deleting, metadata=section(Deleting))
    deletions: DeletedList = field(factory=DeletedList, metadata=section(DeletedList))
    auth: Credentials = field(factory=Credentials, metadata=section(Credentials))
    errors: Errors = field(factory=Errors, metadata=section(Errors))
    pace: Pace = field(factory=Pace, metadata=section(Pace))
    requests: Requests = field(factory=Requests, metadata=section(Requests))

    def __attrs_post_init__(self) -> None:
        broken = list(broken_rules(self))
        sound = Sound(self, {fault.partition(":")[0] for fault in broken}) if broken else self
        if faults := sorted([*broken, *misfits(sound)]):
            raise ConfigurationError(_WHAT, faults)

    @classmethod
    def from_dict(cls: type[_P], settings: Mapping[str, object]) -> _P:
        """Build a profile from plain data; settings left out keep their defaults.

        Args:
            settings: Nested as the profile is. The key `preset` names a preset that it is laid over; sections are
                merged, every other setting, parameters and bodies included, replaces the former as a whole.

        Raises:
            ConfigurationError: With every unknown setting, wrong type and broken rule, and with all that does not fit
                together, each by its path.
        """
        from wave_pms_sync.declared.structure import structure

        return structure(cls, _over_preset(settings), what=_WHAT, misfits=misfits)

    @classmethod
    def from_file(cls: type[_P], path: str | os.PathLike[str]) -> _P:
        """Read a profile from a `.toml` or `.json` file (UTF-8). The file is read once, now.

        Raises:
            ConfigurationError: With every fault of the file or its settings.
        """
        from wave_pms_sync.declared.files import load

        content = load(path, what=_WHAT)
        return cls.from_dict(content)  # type: ignore[arg-type]  # what is no table is a fault

    @classmethod
    def preset(cls: type[_P], name: str) -> _P:
        """The profile of a family of APIs, as a start: see `wave_pms_sync.pms.presets`.

        Raises:
            ConfigurationError: There is none of this name; those there are, are named.
        """
        return cls.from_dict({"preset": name})

    def evolve(self: _P, **changes: object) -> _P:
        """This profile with some settings changed, given as for `from_dict`: `evolve(list={"rows": "data"})`.

        Raises:
            ConfigurationError: As for `from_dict`.
        """
        return type(self).from_dict(merged(type(self), plain(self), changes))

    def to_dict(self, *, brief: bool = False) -> dict[str, object]:
        """The profile as plain data, fit for JSON, from which `from_dict` builds an equal one.

        Args:
            brief: Leave out what is as by default.
        """
        return plain(self, brief=brief)

    def __repr__(self) -> str:
        return f"PmsProfile.from_dict({self.to_dict(brief=True)!r})"


def _over_preset(settings: object) -> object:
    if not isinstance(settings, Mapping) or "preset" not in settings:
        return settings
    from wave_pms_sync.pms.presets import PRESETS

    name = settings["preset"]
    base = PRESETS.get(name) if isinstance(name, str) else None
    if not isinstance(base, Mapping):
        raise ConfigurationError(_WHAT, [f"preset: there is none of this name (allowed: {', '.join(PRESETS)})"])
    others = {name: value for name, value in settings.items() if name != "preset"}
    laid = plain_data(base)
    return merged(PmsProfile, laid if isinstance(laid, dict) else {}, others)
