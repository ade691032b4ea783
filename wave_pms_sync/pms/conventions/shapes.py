"""What an API answers: how pages go on, what a record looks like, and how times are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from wave_pms_sync.declared.rules import FLAG, one_of, setting, text, whole_number
from wave_pms_sync.pms.conventions.forms import (
    CONDITIONS,
    HEADER,
    ID_TYPE,
    OPTIONAL_PLACE,
    PLACE,
    PLACES,
    SCALARS,
    STATUSES,
    Section,
)

_FORM = text(
    r"rfc3339|iso|epoch_s|epoch_ms|[^%\n]*(%.[^%\n]*)+",
    '"rfc3339", "iso", "epoch_s", "epoch_ms" or a pattern such as "%Y-%m-%d %H:%M:%S"',
)
_OPTIONAL_FORM = text(
    r"(rfc3339|iso|epoch_s|epoch_ms|[^%\n]*(%.[^%\n]*)+)?", 'a form as in `times.form`; "" for the same'
)


@frozen(kw_only=True)
class Paging(Section):
    """How a listing goes on, and where it ends.

    Attributes:
        size: Rows asked for per page. The server may give fewer.
        first: The number of the first page.
        next: Where the answer holds the next cursor (`list` uses `{cursor}`) or the URL of the next page.
        next_header: The header that holds it; `Link`, and any whose value looks like it, is read as web links
            (`<...>; rel="next"`).
        next_from: What a next URL without a host is relative to: the `"request"` before, as a browser reads it (`/x`
            begins at the host, `x` replaces the last name of the path, `?x` the query); or it continues the `"base"`
            URL, or the `"origin"` (scheme, host and port), with or without a slash.
        more: Where the answer says whether more follows: true, or anything that is not empty, but for texts that say
            no (`"false"`, `"0"`, `"no"`).
        pages: Where the answer holds the number of pages.
        pages_header: The header that holds it.
        end: What ends numbered pages and offsets when nothing above says so: an `"empty"` page; a `"short"` page,
            one smaller than another before; the `"total"` reached; `"repeat"`: the last page coming again. With
            `"empty"`, an empty page ends a listing by cursor, too.
        past_end: Statuses that answer for a page behind the last, for example 404.
    """

    size: int = setting(100, whole_number(1, 10_000))
    first: int = setting(1, whole_number(0, 1))
    next: str = setting("next_cursor", OPTIONAL_PLACE)
    next_header: str = setting("", HEADER)
    next_from: Literal["request", "base", "origin"] = setting("request", one_of("request", "base", "origin"))
    more: str = setting("", OPTIONAL_PLACE)
    pages: str = setting("", OPTIONAL_PLACE)
    pages_header: str = setting("", HEADER)
    end: Literal["empty", "short", "total", "repeat"] = setting("empty", one_of("empty", "short", "total", "repeat"))
    past_end: tuple[int, ...] = setting((), STATUSES)


@frozen(kw_only=True)
class Row(Section):
    """What a record looks like, the same in lists and alone. Places are looked up in the row as the API shows it.

    Attributes:
        id: The record's id.
        id_type: How ids are written in bodies: `"text"` or `"integer"`.
        fields: Where the properties lie, for example `attributes`; the mapping sees these.
        created: When it was made.
        updated: When it was last changed; null, nothing or zeros there fall back to `created`. Empty: no record says
            that; every run lists everything, and of two edits nobody knows which is newer.
        archived: What says that the record is hidden.
        archived_values: Which values there say so; empty: true, 1, and texts that say the same.
        deleted: What says that the record is gone.
        deleted_values: Which values there say so; empty: true, 1, texts that say the same, and any time.
        version: Its version, for example `_rev`; it goes before the header.
        version_type: How versions are written in bodies: `"text"` or `"integer"`.
        version_header: The header of a single record that holds its version.
        version_demanded: Writes without a version are declined, so an unknown one is read first.
        only: What tells customers from other things at the same address, for example `{type = "customer"}`: the value,
            or the values, at a place that rows show, too. Other rows are passed over, and totals, which may count
            them, are no evidence.
        absent: What it means that a record does not show a property: `"unknown"`, or `"empty"` if the API leaves out
            what is empty, from every answer. A map can say so for itself.
        none: What means that a property is empty, beside null and empty text, at any depth: `[false]` for an API that
            shows every empty text, date or object as false.
        none_except: Properties of which `none` is not said, by their places: those that are true or false.
        read_only: Properties never sent, at any depth by their place; matters where an update replaces the record.
        marker: The API keeps a text field of ours in which the Wave id is noted.
    """

    id: str = setting("id", PLACE)
    id_type: Literal["text", "integer"] = setting("text", ID_TYPE)
    fields: str = setting("", PLACE)
    created: str = setting("created_at", OPTIONAL_PLACE)
    updated: str = setting("updated_at", OPTIONAL_PLACE)
    archived: str = setting("archived", OPTIONAL_PLACE)
    archived_values: tuple[object, ...] = setting((), SCALARS)
    deleted: str = setting("deleted", OPTIONAL_PLACE)
    deleted_values: tuple[object, ...] = setting((), SCALARS)
    version: str = setting("", OPTIONAL_PLACE)
    version_type: Literal["text", "integer"] = setting("text", ID_TYPE)
    version_header: str = setting("ETag", HEADER)
    version_demanded: bool = setting(False, FLAG)
    only: Mapping[str, object] = setting({}, CONDITIONS)
    absent: Literal["unknown", "empty"] = setting("unknown", one_of("unknown", "empty"))
    none: tuple[object, ...] = setting((), SCALARS)
    none_except: tuple[str, ...] = setting((), PLACES)
    read_only: tuple[str, ...] = setting((), PLACES)
    marker: bool = setting(True, FLAG)


@frozen(kw_only=True, cache_hash=True)  # it is looked up by for each stamp that is read
class Times(Section):
    """How the API writes points in time.

    Attributes:
        form: `"rfc3339"`; `"iso"`: the same, perhaps without a zone or with a space for the T; `"epoch_s"`,
            `"epoch_ms"`: a number since 1970; or a pattern such as `"%d.%m.%Y %H:%M"`.
        created_form: How `record.created` is written; empty: as `form`.
        updated_form: How `record.updated` is written; empty: as `form`.
        sequence: `record.updated` is a number that grows with every change of any customer, and no time (a row
            version); then `updated_form` is `"epoch_s"`. Listings ask for what follows it, and of two edits nobody
            knows which is newer.
        zone: The zone of times that name none, for example `Europe/Berlin`.
        none: What means that there is no time, beside null, empty text, zeros (`0`, `0000-00-00`) and the year 1.
        filter_form: How `{since}` is written; empty: as `record.updated` is.
        filter_zone: The zone in which `{since}` is written where its form names none; empty: as `zone`.
    """

    form: str = setting("rfc3339", _FORM)
    created_form: str = setting("", _OPTIONAL_FORM)
    updated_form: str = setting("", _OPTIONAL_FORM)
    sequence: bool = setting(False, FLAG)
    zone: str = setting("UTC", text(r"[\w+/-]+", "the name of a time zone"))
    none: tuple[object, ...] = setting((), SCALARS)
    filter_form: str = setting("", _OPTIONAL_FORM)
    filter_zone: str = setting("", text(r"[\w+/-]*", 'the name of a time zone; "" for the same'))
