"""What the APIs of different companies differ in: each axis, and what each of its values says and does.

A value is a part of a profile, beside it `traps` and `sandbox`: what the sandbox must do. Where it depends on what
was chosen on other axes, it is a function of the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Choice = Mapping[str, str]
Part = Mapping[str, object]

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/query+json"

BASE: Part = {
    "paging": {"size": 3, "next": ""},
    "list": {"query": {}, "total": ""},
    "record": {"version_header": ""},
    "create": {"headers": {}, "content_type": "application/json"},
    "update": {"headers": {}, "content_type": "application/json"},
    "delete": {"headers": {}},
    "auth": {"headers": {}},
}
"""What a profile says before any axis does: as little as possible."""


def part(*, traps: Part | None = None, sandbox: Part | None = None, **profile: object) -> Part:
    """Settings of a profile, and what the sandbox must do."""
    return {"profile": profile, "traps": traps or {}, "sandbox": sandbox or {}}


# --- what depends on other axes


def _place(choice: Choice) -> str:
    """Where a listing is asked: in its `query`, its `headers` or its `body`."""
    return {"GET": "query", "GET, headers": "headers", "POST, body": "body"}.get(choice["asked by"], "query")


def _pager(choice: Choice) -> dict[str, object]:
    kind = choice["pages"].partition(" ")[0]
    chosen = {"page": "{page}", "offset": "{offset}", "cursor": "{cursor}"}.get(kind)
    return {} if kind == "all" else {"n": "{limit}", **({"at": chosen} if chosen else {})}


def _named_pager(choice: Choice) -> dict[str, object]:
    """The parameters that choose pages, as they are named where this API wants them."""
    prefix = "X-" if _place(choice) == "headers" else ""
    return {f"{prefix}{name}": value for name, value in _pager(choice).items()}


def _asked(choice: Choice) -> Part:
    return {"list": {_place(choice): _named_pager(choice)}}


def _pages(**paging: object) -> Callable[[Choice], Part]:
    return lambda choice: part(paging=paging, **_asked(choice))


def _by_last_row(choice: Choice) -> Part:
    rows = {"named": "items", "bare": "", "inside": "data.customers"}[choice["rows"]]
    row = "doc." if choice["around a row"] == "a name" else ""
    place = {"id": "id", "other": "_id", "inside": "meta.uid"}[choice["place of the id"]]
    return part(paging={"next": f"{rows}[-1].{row}{place}"}, **_asked(choice))


def _since(name: str, value: str) -> Callable[[Choice], Part]:
    def said(choice: Choice) -> Part:
        place = _place(choice)
        return part(list={place: {"X-Since" if place == "headers" else name: value}})

    return said


def _whole_filter(choice: Choice) -> Part:
    held = [{"field": "updated", "is": "at least", "value": "{since}"}]
    return part(list={_place(choice): {"filter": held}, "whole": ["filter"]})


def _looked_up(answer: str, name: str, value: str, **find: object) -> Callable[[Choice], Part]:
    """What a create answers that tells no id, and how the record is looked up then."""

    def said(choice: Choice) -> Part:
        by_body = _place(choice) == "body"
        how = {"find_method": "POST", "find_body": {name: value}} if by_body else {"find_query": {name: value}}
        return part(create={"find_by": "name", **how, **find}, traps={"after_create": answer})

    return said


def _inside(choice: Choice, name: str) -> str:
    return f"attributes.{name}" if choice["properties"] == "inside" else name


def _archived(name: str, *values: object, **archive: object) -> Callable[[Choice], Part]:
    return lambda choice: part(
        record={"archived": _inside(choice, name), "archived_values": values}, archive={"values": archive}
    )


def _versioned(choice: Choice) -> Part:
    """Where requests without values say which version they mean."""
    return {
        "header": {"headers": {"If-Match": "{version}"}},
        "query": {"query": {"version": "{version}"}},
        "body": {"body": {"version": "{version}"}},
        "among the values": {"query": {"version": "{version}"}},
    }.get(choice["version sent in"], {})


def _archive_request(choice: Choice) -> Part:
    own = {"path": "/archive/{id}", **_versioned(choice)}
    return part(record={"archived": _inside(choice, "archived")}, archive=own)


def _archive_list(choice: Choice) -> Part:
    own = _versioned(choice)
    body = {"id": "{id}", **own.get("body", {})}
    how = {"method": "PUT", "path": "/archived", "content_type": _FORM}
    return part(record={"archived": _inside(choice, "archived")}, archive={**how, **own, "body": body})


def _deleting(**call: object) -> Callable[[Choice], Part]:
    def said(choice: Choice) -> Part:
        own = _versioned(choice)
        body = {**own.get("body", {}), **call.get("body", {})}
        return part(delete={**own, **call, **({"body": body} if body else {})})

    return said


def _deleted_list(choice: Choice) -> Part:
    place, bare = _place(choice), choice["rows"] == "bare"
    asked = {"X-From" if place == "headers" else "from": "{since}"}
    how = {"method": "POST", "content_type": _QUERY} if place == "body" else {}
    where = {"path": "/gone", "rows": "" if bare else "gone.rows", "id": "key" if choice["ids"] == "text" else ""}
    return part(deletions={**how, "query": {}, **where, place: {**_named_pager(choice), **asked}})


def _wrapped(action: str, body: Part) -> Part:
    return part(**{action: {"body": body}})


def _fields_at(choice: Choice) -> Part:
    return part(record={"fields": "attributes"})


def _others(choice: Choice) -> Part:
    """Other things are listed at the same address; here all are customers, and they say so."""
    return part(record={"only": {_inside(choice, "type"): "customer"}})


def _row_version(kind: str) -> Callable[[Choice], Part]:
    return lambda choice: part(record={"version": "version", "version_type": kind})


def _links(**traps: object) -> Part:
    return part(traps=traps)


# --- the axes

AXES: Mapping[str, Mapping[str, Part | Callable[[Choice], Part]]] = {
    "address": {
        "plain": part(),
        "slash": part(path="/v1/customers/", one_path="{path}{id}/"),
        "suffix": part(path="/customers.json", one_path="/customers/{id}.json"),
        "brackets": part(path="/Customers", one_path="{path}('{id}')"),
    },
    # --- lists
    "asked by": {
        "GET": part(list={"query": {"sort": "created,id"}}),
        "GET, headers": part(list={"headers": {"X-Sort": "created"}}),
        "SEARCH": part(list={"method": "SEARCH", "path": "/find/customers"}),
        "POST, body": part(
            list={
                "method": "POST",
                "path": "/find/customers",
                "body": {"sort": ["created", "id"]},
                "content_type": _QUERY,
            }
        ),
    },
    "pages": {
        "all": _pages(),
        "page from 1": _pages(),
        "page from 0": _pages(first=0),
        "offset": _pages(),
        "cursor": _pages(next="meta.next"),
        "cursor in a header": _pages(next_header="X-Next"),
        "cursor behind the last row": _by_last_row,
        "url": _pages(next="_links.next.href"),
        "url among links": _pages(next="links[relation=next].url"),
        "url in Link": _pages(next_header="Link"),
        "url in a header": _pages(next_header="X-Next"),
    },
    "end": {
        "empty page": part(),
        "short page": part(paging={"end": "short"}),
        "total": part(paging={"end": "total"}),
        "last page again": part(paging={"end": "repeat"}),
        "number of pages": part(paging={"pages": "meta.pages"}),
        "number in a header": part(paging={"pages_header": "X-Pages"}),
        "404": part(paging={"past_end": [404]}),
        "a word": part(paging={"more": "meta.more"}),
    },
    "behind the last page": {"null": part(), "nothing": part(traps={"silent_end": True})},
    "links": {
        "whole": part(),
        "a path": _links(links="path"),
        "a query": _links(links="query"),
    },
    "links from": {
        "the request": part(),
        "the base": part(paging={"next_from": "base"}),
        "the origin": part(paging={"next_from": "origin"}),
    },
    "links escaped": {"yes": part(), "no": _links(unescaped_links=True)},
    "sizes": {"as asked": part(), "cut": part(sandbox={"max_limit": 2})},
    "rows": {
        "named": part(list={"rows": "items"}),
        "bare": part(list={"rows": ""}),
        "inside": part(list={"rows": "data.customers"}),
        "by id": part(list={"rows": "customers", "keyed": True}),
    },
    "no rows": {
        "an empty list": part(),
        "nothing": part(list={"absent_is_empty": True}),
        "204": part(list={"absent_is_empty": True}, traps={"empty_list": 204}),
    },
    "around a row": {"nothing": part(), "a name": part(list={"row": "doc"})},
    "rows show": {"all": part(), "a part": part(list={"partial": True})},
    "total": {
        "untold": part(sandbox={"show_total": False}),
        "named": part(list={"total": "count"}),
        "inside": part(list={"total": "meta.total"}),
        "header": part(list={"total_header": "X-Total"}),
        "range": part(list={"total_header": "Content-Range"}),
    },
    "order": {"of creation": part(), "newest first": part(list={"creation_order": False})},
    "since": {
        "none": part(),
        "plain": _since("since", "{since}"),
        "named in brackets": _since("filter[updated][gte]", "{since}"),
        "expression": _since("q", "updated >= '{since}'"),
        "two in one": _since("q", "(created>='{since}' or updated>='{since}')"),
        "JSON": _since("selector", '{"updated":{"$gte":"{since}"}}'),
        "a whole filter": _whole_filter,
    },
    "since means": {"at or after": part(), "after": part(list={"since_includes": False})},
    # --- records
    "properties": {"beside the id": part(), "inside": _fields_at},
    "place of the id": {
        "id": part(),
        "other": part(record={"id": "_id", "read_only": ["id"]}, traps={"misleading_id": True}),
        "inside": part(record={"id": "meta.uid", "read_only": ["meta"]}),
    },
    "ids": {"text": part(), "numbers": part(record={"id_type": "integer"})},
    "stamps": {
        "two": part(),
        "inside": part(
            record={"created": "times.created", "updated": "times.updated", "read_only": ["times"]},
        ),
        "no update": part(record={"updated": ""}),
        "no creation": part(record={"created": ""}),
        "none": part(record={"created": "", "updated": ""}),
        "null at first": part(traps={"stamp_when_created": False}),
    },
    "times": {
        "RFC 3339": part(),
        "RFC 3339, seconds": part(sandbox={"stamp_digits": 0}),
        "local": part(times={"form": "iso", "zone": "Europe/Oslo"}, sandbox={"stamp_digits": 3}),
        "pattern": part(times={"form": "%d.%m.%Y %H:%M:%S", "zone": "Europe/Berlin"}, sandbox={"stamp_digits": 0}),
        "epoch, seconds": part(times={"form": "epoch_s"}, sandbox={"stamp_digits": 0}),
        "a sequence": part(times={"form": "epoch_s", "sequence": True}, sandbox={"stamp_digits": 0}),
        "epoch, milliseconds": part(times={"form": "epoch_ms"}, sandbox={"stamp_digits": 3}),
    },
    "forms of stamps": {
        "one": part(),
        "creation apart": part(times={"created_form": "epoch_s"}),
        "update apart": part(times={"updated_form": "iso"}),
    },
    "a time that is none": {"null": part(), "a word": part(times={"none": ["never"]})},
    "times in filters": {
        "the same": part(),
        "RFC 3339": part(times={"filter_form": "rfc3339"}),
        "local elsewhere": part(times={"filter_form": "iso", "filter_zone": "America/Toronto"}),
    },
    "mark of origin": {"kept": part(), "none": part(record={"marker": False})},
    "empty in answers": {
        "null": part(),
        "left out": part(traps={"omit_empty": True}),
        "left out, and said so": part(record={"absent": "empty"}, traps={"omit_empty": True}),
        "false": part(record={"none": [False], "none_except": ["archived"]}),
    },
    "beside customers": {"nobody": part(), "others": _others},
    "told from other tenants by": {"the address": part(), "a word": part(tenant="north")},
    # --- reading one
    "read by": {
        "its address": part(),
        "a query": part(read={"path": "/one", "query": {"key": "{id}"}}),
        "POST": part(read={"method": "POST", "path": "/one/{id}", "headers": {"X-Id": "{id}"}}),
        "a body": part(read={"method": "POST", "path": "/one", "body": {"key": "{id}"}, "content_type": _QUERY}),
        "a form": part(read={"method": "POST", "path": "/one", "body": {"key": "{id}"}, "content_type": _FORM}),
    },
    "record read": {
        "bare": part(),
        "named": part(read={"record": "data"}),
        "item": part(read={"record": "[0]"}),
    },
    "not there": {
        "404": part(),
        "410": part(errors={"missing": [410]}),
        "403": part(errors={"missing": [403]}),
        "null": part(read={"empty_is_missing": True}),
        "204": part(read={"empty_is_missing": True}, traps={"missing_read": 204}),
    },
    # --- creating
    "created by": {
        "POST": part(),
        "POST elsewhere": part(create={"path": "/make", "query": {"notify": False}}),
        "our id, POST": part(create={"query": {"id": "{id}"}}),
        "our id, PUT": part(create={"method": "PUT", "path": "{one_path}"}),
    },
    "around a create": {
        "nothing": part(),
        "a name": _wrapped("create", {"customer": "{values}"}),
        "a name and more": _wrapped("create", {"data": "{values}", "kind": "customer"}),
        "two names": _wrapped("create", {"rows": {"customer": "{values}"}}),
        "a list": _wrapped("create", {"rows": ["{values}"]}),
    },
    "a create answers": {
        "record": part(traps={"after_create": "record"}),
        "id": part(create={"id": "result.key"}, traps={"after_create": "id"}),
        "address": part(traps={"after_create": "location"}),
        "other address": part(create={"location": "?CustomerId={id}"}, traps={"after_create": "location"}),
        "nothing": _looked_up("nothing", "name", "{value}"),
        "ok": _looked_up("ok", "named", "{value}", find_path="/find/names"),
        "null": _looked_up("null", "where", 'name = "{value}"'),
    },
    "record written": {
        "bare": part(),
        "named": part(create={"record": "data"}, update={"record": "data"}),
        "item": part(create={"record": "[0]"}, update={"record": "[0]"}),
    },
    "read back": {"no": part(), "yes": part(create={"read_back": True}, update={"read_back": True})},
    "empty in a create": {
        "left out": part(),
        "null": part(create={"empty": "null"}),
        "empty text": part(create={"empty": "text"}),
    },
    "repeat key": {
        "none": part(),
        "header": part(create={"headers": {"Idempotency-Key": "{repeat_key}"}}),
        "query": part(create={"query": {"request": "{repeat_key}"}}),
        "body": part(create={"body": {"request": "{repeat_key}"}}),
    },
    "demanded property": {
        "none": part(),
        "type": part(
            create={"fixed": {"type": "customer"}}, update={"fixed": {"type": "customer"}}, traps={"required": ["type"]}
        ),
    },
    # --- changing
    "updated by": {
        "PATCH": part(),
        "PATCH, objects": part(update={"replaces": "objects"}),
        "PUT": part(update={"method": "PUT"}),
        "PUT, objects": part(update={"method": "PUT", "replaces": "objects"}),
        "PUT, record": part(update={"method": "PUT", "replaces": "record"}),
        "POST": part(update={"method": "POST"}),
        "POST, objects": part(update={"method": "POST", "replaces": "objects"}),
    },
    "address of an update": {
        "that of the record": part(),
        "its own": part(update={"path": "/changes/{id}"}),
        "a query": part(update={"path": "/changes", "query": {"key": "{id}"}}),
    },
    "around an update": {
        "nothing": part(),
        "a name": _wrapped("update", {"customer": "{values}"}),
        "a name and more": _wrapped("update", {"data": "{values}", "kind": "customer"}),
        "two names": _wrapped("update", {"rows": {"customer": "{values}"}}),
        "a list": _wrapped("update", {"rows": ["{values}"]}),
    },
    "an update answers": {
        "record": part(),
        "nothing": part(traps={"after_update": "nothing"}),
        "ok": part(traps={"after_update": "ok"}),
        "null": part(traps={"after_update": "null"}),
    },
    "clears": {
        "null": part(),
        "empty text": part(update={"clear": "text"}),
        "left out": part(update={"clear": "omit"}),
    },
    "content": {
        "JSON": part(),
        "merge patch": part(update={"content_type": "application/merge-patch+json"}),
        "JSON:API": part(
            create={"content_type": "application/vnd.api+json"}, update={"content_type": "application/vnd.api+json"}
        ),
        "form": part(
            create={"content_type": _FORM},
            update={"content_type": _FORM},
        ),
    },
    "other properties": {
        "kept": part(),
        "refused": part(traps={"unknown_properties": "refused"}),
        "dropped": part(traps={"unknown_properties": "dropped"}),
    },
    # --- versions
    "place of the version": {
        "none": part(sandbox={"etags": False}),
        "ETag": part(record={"version_header": "ETag"}),
        "other header": part(record={"version_header": "X-Version"}),
        "row": _row_version("text"),
        "row, a number": _row_version("integer"),
    },
    "version sent in": {
        "nothing": part(),
        "header": part(update={"headers": {"If-Match": "{version}"}}),
        "query": part(update={"query": {"version": "{version}"}}),
        "body": part(update={"body": {"version": "{version}"}}),
        "among the values": part(update={"fixed": {"version": "{version}"}}),
    },
    "version": {"optional": part(), "demanded": part(record={"version_demanded": True})},
    "conflict": {"412": part(), "409": part(errors={"conflict": [409]})},
    # --- archives and deletions
    "archived": {
        "flag": _archived("archived"),
        "value": _archived("state", "inactive"),
        "number": _archived("active", 0),
        "other values": _archived("open", False, state="closed"),
        "request": _archive_request,
        "request with the id": _archive_list,
        "not by us": lambda choice: part(record={"archived": _inside(choice, "archived")}, archive={"possible": False}),
        "never": part(record={"archived": ""}),
    },
    "deleted by": {
        "DELETE": _deleting(),
        "POST": _deleting(method="POST", path="/remove/{id}"),
        "POST with the id": _deleting(method="POST", path="/removals", body={"id": "{id}"}),
        "form with the id": _deleting(method="POST", path="/removals", body={"id": "{id}"}, content_type=_FORM),
    },
    "mark of a deletion": {
        "none": part(record={"deleted": ""}),
        "flag": part(record={"deleted": "gone"}),
        "value": part(record={"deleted": "status", "deleted_values": ["deleted", "purged"]}),
    },
    "flags": {"true or false": part(), "times": part(traps={"flags_as_times": True})},
    "deletions are told by": {
        "nothing": part(),
        "rows": part(traps={"list_deleted": True}),
        "changes": part(sandbox={"tombstones": True}),
        "their own list": _deleted_list,
    },
    "a deleted record": {"is gone": part(), "can be read": part(sandbox={"soft_delete": True})},
    "a deletion": {"moves the stamp": part(), "does not": part(traps={"stamp_removals": False})},
    "deleting again": {
        "as not there": part(),
        "200": part(traps={"missing_delete": 200}),
        "204": part(traps={"missing_delete": 204}),
        "as refused": part(traps={"missing_delete": 422}),
    },
    "updating what is gone": {
        "as not there": part(),
        "200": part(traps={"missing_update": 200}),
        "204": part(traps={"missing_update": 204}),
    },
    # --- credentials
    "credentials": {
        "none": part(),
        "bearer": part(auth={"headers": {"Authorization": "Bearer {token}"}}),
        "bare": part(auth={"headers": {"Authorization": "{token}"}}),
        "another word": part(auth={"headers": {"Authorization": "Token {token}"}}),
        "two headers": part(auth={"headers": {"X-Key": "{key}", "X-Tenant": "{tenant}"}}),
        "query": part(auth={"query": {"api_key": "{token}"}}),
        "key as the user": part(auth={"basic": "{token}:"}),
        "user and password": part(auth={"basic": "{username}:{password}"}),
    },
    "login": {
        "none": part(),
        "JSON": part(auth={"login": {"url": "/login", "token": "session.token", "expires_in": "session.seconds"}}),
        "form": part(
            auth={
                "login": {
                    "url": "/oauth/token",
                    "form": "form",
                    "body": {"grant_type": "client_credentials", "client_id": "{id}", "client_secret": "{secret}"},
                    "token": "access_token",
                }
            }
        ),
        "PUT": part(auth={"login": {"url": "/session", "method": "PUT", "headers": {"X-App": "{app}"}}}),
    },
    "not accepted": {
        "401": part(),
        "403": part(errors={"unauthorized": [403]}),
        "400": part(errors={"unauthorized": [400, 401]}),
    },
    "demanded of requests": {
        "nothing": part(),
        "headers": part(requests={"headers": {"X-Tenant-Name": "seven"}}),
        "parameters": part(requests={"query": {"v": "2"}}),
    },
    "unknown parameters": {
        "ignored": part(),
        "refused": part(traps={"unknown_parameters": "refused"}),
        "filter": part(traps={"unknown_parameters": "filter"}),
    },
    "media type asked for": {"JSON": part(), "JSON:API": part(requests={"accept": "application/vnd.api+json"})},
    "queries": {"escaped": part(), "as they are": part(requests={"unescaped": "[](){}<>'\":$,"})},
    "spaces": {"%20": part(), "+": part(requests={"space": "+"})},
    "pace": {
        "none": part(),
        "seconds": part(pace={"requests_per_minute": 60_000, "retry_after_min_s": 1, "reset_header": "X-Reset"}),
        "milliseconds": part(
            pace={"reset_header": "X-Reset", "reset_form": "epoch_ms", "remaining_header": "X-Remaining"}
        ),
        "moment": part(pace={"retry_after_max_s": 1, "reset_header": "X-Reset", "reset_form": "epoch_s"}),
    },
    # --- errors
    "errors": {
        "problem details": part(),
        "in words": part(
            errors={"message": "error.text", "fields": "error.fields", "code": "error.code", "ignore": "input"}
        ),
        "an item": part(errors={"message": "messages[0]", "fields": "faults"}),
        "success flag": part(errors={"success": "ok", "message": "text", "fields": "faults"}),
        "only errors": part(errors={"failure": "error", "message": "error.text", "fields": "error.fields"}),
        "codes": part(
            errors={
                "failure": "error",
                "message": "error.text",
                "fields": "error.fields",
                "code": "error.code",
                "codes": {"E404": "missing", "E401": "unauthorized", "E409": "conflict", "E1": "refused"},
            }
        ),
    },
    "errors of fields": {
        "list": part(),
        "by field": part(traps={"fault_style": "object"}),
        "pointers": part(traps={"fault_style": "pointers"}),
        "loc": part(traps={"fault_style": "loc"}),
    },
    "refused with": {"422": part(), "500": part(errors={"refused": [500]}), "400": part(traps={"invalid_status": 400})},
    "throttled with": {"429": part(), "503": part(errors={"throttled": [429, 503]})},
}
"""Each axis, its values, and what they say."""
