"""Traps of real servers, each of which somebody fell into: switches of the PMS sandbox, all off by default."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen
from attrs.validators import ge, in_, instance_of

__all__ = ["PmsTraps"]

_FLAG = instance_of(bool)


@frozen(kw_only=True)
class PmsTraps:
    """How a PMS is at odds with what one expects; for `PmsSandbox(traps=...)`.

    Attributes:
        wrong_token: A wrong token is `"declined"`, or sees an `"empty"` PMS: 200 and no rows.
        missing_update: The status that answers the update of a record that is not there; 0: as the profile says.
        missing_delete: The same for deletions.
        missing_read: The status that answers the reading of a record that is not there, with an empty body; 0: as the
            profile says.
        refuse_large_pages: A limit above `max_limit` is declined with 400 in place of being cut.
        after_create: What answers a create: `"record"`, `"id"`, `"location"`, `"nothing"`, `"ok"` (`{"ok": true}`) or
            `"null"`; empty: the record, unless the profile says where the id stands alone, or that it is looked up.
        after_update: The same for an update: `"record"`, `"nothing"`, `"ok"` or `"null"`.
        links: URLs of next pages are `"absolute"`, begin at the `"path"`, or are a `"query"` alone.
        silent_end: On the last page nothing, in place of null, lies where the next one would be told.
        unescaped_links: They hold characters that must be escaped.
        stamp_when_created: False: `updated` is null until the first update, and a since-filter misses such rows.
        stamp_removals: False: a deletion does not move the stamp.
        empty_list: The status that answers a list of nobody, with an empty body; 0: as the profile says. 304 answers
            only where the moment of `{since}` stands in a header, and 204 elsewhere.
        flags_as_times: What says archived or deleted is the time of it, or null.
        list_deleted: Listings show deleted customers, too, marked.
        ignore_versions: Versions are shown, but a write to an older one goes through.
        invalid_status: The status that answers values that cannot be stored; 0: as the profile says.
        unknown_parameters: Query parameters that nobody knows are `"ignored"`, `"refused"` (400), or `"filter"`
            everything away.
        unknown_properties: Properties beside those of the default conventions are `"kept"`, `"refused"` or
            `"dropped"` in silence.
        required: Properties without which no customer is kept, by their paths.
        ignore_updates: An update is answered as if it were done, and nothing is stored.
        misleading_id: Records also hold an `id` that is not theirs.
        omit_empty: Properties without a value are left out.
        fault_style: Errors of fields are a `"list"`, an `"object"` by field, JSON `"pointers"` or `"loc"` arrays.
    """

    wrong_token: Literal["declined", "empty"] = field(default="declined", validator=in_(("declined", "empty")))
    missing_update: int = field(default=0, validator=[instance_of(int), ge(0)])
    missing_delete: int = field(default=0, validator=[instance_of(int), ge(0)])
    missing_read: int = field(default=0, validator=[instance_of(int), ge(0)])
    refuse_large_pages: bool = field(default=False, validator=_FLAG)
    after_create: Literal["", "record", "id", "location", "nothing", "ok", "null"] = field(
        default="", validator=in_(("", "record", "id", "location", "nothing", "ok", "null"))
    )
    after_update: Literal["record", "nothing", "ok", "null"] = field(
        default="record", validator=in_(("record", "nothing", "ok", "null"))
    )
    links: Literal["absolute", "path", "query"] = field(
        default="absolute", validator=in_(("absolute", "path", "query"))
    )
    silent_end: bool = field(default=False, validator=_FLAG)
    unescaped_links: bool = field(default=False, validator=_FLAG)
    stamp_when_created: bool = field(default=True, validator=_FLAG)
    stamp_removals: bool = field(default=True, validator=_FLAG)
    empty_list: int = field(default=0, validator=[instance_of(int), ge(0)])
    flags_as_times: bool = field(default=False, validator=_FLAG)
    list_deleted: bool = field(default=False, validator=_FLAG)
    ignore_versions: bool = field(default=False, validator=_FLAG)
    invalid_status: int = field(default=0, validator=[instance_of(int), ge(0)])
    unknown_parameters: Literal["ignored", "refused", "filter"] = field(
        default="ignored", validator=in_(("ignored", "refused", "filter"))
    )
    unknown_properties: Literal["kept", "refused", "dropped"] = field(
        default="kept", validator=in_(("kept", "refused", "dropped"))
    )
    required: tuple[str, ...] = field(default=(), converter=tuple)
    ignore_updates: bool = field(default=False, validator=_FLAG)
    misleading_id: bool = field(default=False, validator=_FLAG)
    omit_empty: bool = field(default=False, validator=_FLAG)
    fault_style: Literal["list", "object", "pointers", "loc"] = field(
        default="list", validator=in_(("list", "object", "pointers", "loc"))
    )
