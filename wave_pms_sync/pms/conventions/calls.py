"""How an API is asked: one section for each request, written as one would with curl."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from wave_pms_sync.declared.rules import FLAG, one_of, setting, text
from wave_pms_sync.pms.conventions.forms import (
    MEDIA_TYPE,
    OPTIONAL_PLACE,
    PLACE,
    PLACES,
    VERB,
    Section,
    body_rule,
    headers_rule,
    path_rule,
    query_rule,
)

_JSON = "application/json"
_MERGE_PATCH = "application/merge-patch+json"  # RFC 7396
_LISTING = ("limit", "cursor", "page", "offset", "since")


@frozen(kw_only=True)
class Listing(Section):
    """The request that lists customers, and where its answer holds the rows.

    Placeholders of `query`, `headers` and `body`: `{limit}` rows wanted, `{since}` changed since, and one of
    `{cursor}`, `{page}`, `{offset}`, which says how pages go on; with none of them the next page is at a URL that
    the answer gives, or everything comes at once.

    Attributes:
        method: The verb: GET, or POST or SEARCH with a body.
        path: Below the base URL.
        query: Parameters, those that choose a sort order included. Sort by creation, with the id as tie-break. A table
            or a list is written as JSON; a list under a name that ends in `[]` repeats its parameter.
        headers: Beside those of `requests`.
        body: A body; empty: none.
        content_type: Of the body; `application/x-www-form-urlencoded` writes a form, anything else JSON.
        whole: Places in `query` and `body` that are left out wholly if a placeholder in them has no value, for example
            `["filters[1]"]`: a filter of which only the value were missing would be none.
        creation_order: Rows come in ascending order of creation.
        since_includes: `{since}` means "at or after"; false: "after", then a second earlier is asked for.
        rows: Where the answer holds the list of rows.
        absent_is_empty: Where there are no customers, nothing or null lies at `rows`, or the answer is 204, or 304 to
            `If-Modified-Since`, without a body. Otherwise that is an error.
        keyed: The rows are no list but an object, each row under its id.
        row: Where within a row the record lies.
        partial: Rows show only part of a record, so each record is read by its id.
        total: Where the answer may say how many rows there are in all.
        total_header: The header that may say so; of `0-24/319` the last number counts.
    """

    method: Literal["GET", "POST", "SEARCH"] = setting("GET", one_of("GET", "POST", "SEARCH"))
    path: str = setting("{path}", path_rule("path"))
    query: Mapping[str, object] = setting(
        {"limit": "{limit}", "cursor": "{cursor}", "updated_since": "{since}"}, query_rule(*_LISTING)
    )
    headers: Mapping[str, object] = setting({}, headers_rule(*_LISTING))
    body: Mapping[str, object] = setting({}, body_rule(*_LISTING))
    content_type: str = setting(_JSON, MEDIA_TYPE)
    whole: tuple[str, ...] = setting((), PLACES)
    creation_order: bool = setting(True, FLAG)
    since_includes: bool = setting(True, FLAG)
    rows: str = setting("items", PLACE)
    absent_is_empty: bool = setting(False, FLAG)
    keyed: bool = setting(False, FLAG)
    row: str = setting("", PLACE)
    partial: bool = setting(False, FLAG)
    total: str = setting("total", OPTIONAL_PLACE)
    total_header: str = setting("", text(r"[\w-]*", 'the name of a header; "" if the API has none'))


@frozen(kw_only=True)
class Reading(Section):
    """The request that reads one customer.

    Attributes:
        method: The verb.
        path: Below the base URL.
        query: Parameters, for example what to include.
        headers: Beside those of `requests`.
        body: A body, where the record is asked for by POST; empty: none.
        content_type: Of the body.
        record: Where the answer holds the record.
        empty_is_missing: Success with null, with nothing, or without anything at `record`, means that there is none.
    """

    method: str = setting("GET", VERB)
    path: str = setting("{one_path}", path_rule("path", "one_path", "id"))
    query: Mapping[str, object] = setting({}, query_rule("id"))
    headers: Mapping[str, object] = setting({}, headers_rule("id"))
    body: Mapping[str, object] = setting({}, body_rule("id"))
    content_type: str = setting(_JSON, MEDIA_TYPE)
    record: str = setting("", PLACE)
    empty_is_missing: bool = setting(False, FLAG)


@frozen(kw_only=True)
class Creating(Section):
    """The request that makes a customer, and what its answer shows.

    Placeholders: `{values}` what it shall hold, `{repeat_key}` a key under which repeating is harmless, `{id}` an id
    of our choice, for an API that leaves that to the client.

    Attributes:
        method: The verb.
        path: Below the base URL.
        query: Parameters.
        headers: Beside those of `requests`.
        body: What wraps `{values}`; empty: nothing does.
        fixed: Properties laid over the values, the same each time.
        content_type: `application/x-www-form-urlencoded` writes a form, anything else JSON.
        empty: How a property without a value is sent: `"omit"`, `"null"`, or `"text"` for empty text.
        record: Where the answer holds the record.
        id: Where the answer holds the id alone; it goes before a record that the answer shows.
        location: The part of the `Location` header that holds `{id}`; empty: as `one_path`.
        find_by: The property by which a record is looked up whose id no answer told; its value must be unique.
        find_query: Parameters, beside those of `list`, that find it by `{value}`.
        find_method: The verb of that request; with another one than GET it carries the body of `list`.
        find_path: Its path; empty: that of `list`.
        find_body: What is laid over the body of `list` to find it by `{value}`.
        read_back: Read the record afterwards even if the answer shows it.
    """

    method: str = setting("POST", VERB)
    path: str = setting("{path}", path_rule("path", "one_path", "id"))
    query: Mapping[str, object] = setting({}, query_rule("id", "repeat_key"))
    headers: Mapping[str, object] = setting({"Idempotency-Key": "{repeat_key}"}, headers_rule("id", "repeat_key"))
    body: Mapping[str, object] = setting({}, body_rule("values", "id", "repeat_key"))
    fixed: Mapping[str, object] = setting({}, body_rule("id", "repeat_key"))
    content_type: str = setting(_JSON, MEDIA_TYPE)
    empty: Literal["omit", "null", "text"] = setting("omit", one_of("omit", "null", "text"))
    record: str = setting("", PLACE)
    id: str = setting("", OPTIONAL_PLACE)
    location: str = setting("", text(r"([!-~]*\{id\}[!-~]*)?", 'text around {id}; "" for the path of a record'))
    find_by: str = setting("", OPTIONAL_PLACE)
    find_query: Mapping[str, object] = setting({}, query_rule("value"))
    find_method: str = setting("GET", VERB)
    find_path: str = setting("", path_rule("path"))
    find_body: Mapping[str, object] = setting({}, body_rule("value"))
    read_back: bool = setting(False, FLAG)


@frozen(kw_only=True)
class Updating(Section):
    """The request that changes a customer, and what its answer shows.

    Placeholders: `{values}` what to change, `{id}`, `{version}` the version that was seen.

    Attributes:
        method: The verb. It does not tell what happens to properties left out; `replaces` does.
        path: Below the base URL.
        query: Parameters.
        headers: Beside those of `requests`.
        body: What wraps `{values}`; empty: nothing does.
        fixed: Properties laid over the values, the same each time.
        content_type: `application/x-www-form-urlencoded` writes a form, anything else JSON.
        clear: What clears a property: `"null"`, `"text"` for empty text, or `"omit"`: being left out (if the record
            is replaced).
        replaces: What an update replaces: the `"values"` sent, at any depth; `"objects"`: an object inside the
            record, which is thus sent whole; or the `"record"`. Where needed the record is read first.
        record: Where the answer holds the record.
        read_back: Read the record afterwards even if the answer shows it; for APIs that accept and ignore.
    """

    method: str = setting("PATCH", VERB)
    path: str = setting("{one_path}", path_rule("path", "one_path", "id"))
    query: Mapping[str, object] = setting({}, query_rule("id", "version"))
    headers: Mapping[str, object] = setting({"If-Match": "{version}"}, headers_rule("id", "version"))
    body: Mapping[str, object] = setting({}, body_rule("values", "id", "version"))
    fixed: Mapping[str, object] = setting({}, body_rule("id", "version"))
    content_type: str = setting(_MERGE_PATCH, MEDIA_TYPE)
    clear: Literal["null", "text", "omit"] = setting("null", one_of("null", "text", "omit"))
    replaces: Literal["values", "objects", "record"] = setting("values", one_of("values", "objects", "record"))
    record: str = setting("", PLACE)
    read_back: bool = setting(False, FLAG)


@frozen(kw_only=True)
class Archiving(Section):
    """How a customer is archived: by an update of its flag or of other values, or by a request of its own.

    Attributes:
        possible: We can archive; false: the flag is only read.
        values: Properties that an update sets, for example `{status = "inactive"}`; empty: what lies at
            `record.archived` is set to the first of `archived_values`, or to true.
        method: The verb of a request of its own.
        path: Of a request of its own, below the base URL; it goes before `values`.
        query: Parameters of that request.
        headers: Of that request, beside those of `requests`.
        body: A body of that request; empty: none.
        content_type: Of that body.
    """

    possible: bool = setting(True, FLAG)
    values: Mapping[str, object] = setting({}, body_rule())
    method: str = setting("POST", VERB)
    path: str = setting("", path_rule("path", "one_path", "id"))
    query: Mapping[str, object] = setting({}, query_rule("id", "version"))
    headers: Mapping[str, object] = setting({}, headers_rule("id", "version"))
    body: Mapping[str, object] = setting({}, body_rule("id", "version"))
    content_type: str = setting(_JSON, MEDIA_TYPE)


@frozen(kw_only=True)
class Deleting(Section):
    """The request that deletes a customer.

    Attributes:
        method: The verb.
        path: Below the base URL.
        query: Parameters.
        headers: Beside those of `requests`.
        body: A body; empty: none.
        content_type: Of the body.
    """

    method: str = setting("DELETE", VERB)
    path: str = setting("{one_path}", path_rule("path", "one_path", "id"))
    query: Mapping[str, object] = setting({}, query_rule("id", "version"))
    headers: Mapping[str, object] = setting({"If-Match": "{version}"}, headers_rule("id", "version"))
    body: Mapping[str, object] = setting({}, body_rule("id", "version"))
    content_type: str = setting(_JSON, MEDIA_TYPE)


@frozen(kw_only=True)
class DeletedList(Section):
    """A list of its own of what was deleted, asked beside a listing of what changed.

    Attributes:
        method: The verb.
        path: Below the base URL; empty: the API has none.
        query: Parameters, with the placeholders of `list`; pages go on as those of `list` do.
        headers: Beside those of `requests`.
        body: A body; empty: none.
        content_type: Of the body.
        rows: Where the answer holds the list of rows; `list.absent_is_empty` holds here, too.
        id: The record's id within a row; empty: the row itself is the id.
    """

    method: str = setting("GET", VERB)
    path: str = setting("", path_rule("path"))
    query: Mapping[str, object] = setting({"since": "{since}"}, query_rule(*_LISTING))
    headers: Mapping[str, object] = setting({}, headers_rule(*_LISTING))
    body: Mapping[str, object] = setting({}, body_rule(*_LISTING))
    content_type: str = setting(_JSON, MEDIA_TYPE)
    rows: str = setting("items", PLACE)
    id: str = setting("id", PLACE)
