"""Profiles to start from: what each family of APIs does otherwise than the default conventions."""

from __future__ import annotations

from typing import Final

from wave_pms_sync.declared.table import Table

_JSON_API = "application/vnd.api+json"

PRESETS: Final = Table(
    {
        # The default conventions: JSON, Merge Patch, ETag, Idempotency-Key, problem details.
        "json_rest": {},
        # https://jsonapi.org/format/: the paging and filter parameters are the usual ones, it prescribes none.
        "json_api": {
            "list": {
                "query": {
                    "page[number]": "{page}",
                    "page[size]": "{limit}",
                    "filter[updated_at][gte]": "{since}",
                    "sort": "created_at,id",
                },
                "rows": "data",
                "total": "meta.total",
            },
            "read": {"record": "data"},
            "record": {
                "fields": "attributes",
                "created": "attributes.created_at",
                "updated": "attributes.updated_at",
                "archived": "attributes.archived",
                "deleted": "attributes.deleted",
            },
            "create": {
                "body": {"data": {"type": "customers", "attributes": "{values}"}},
                "headers": {},
                "content_type": _JSON_API,
                "record": "data",
            },
            "update": {
                "body": {"data": {"type": "customers", "id": "{id}", "attributes": "{values}"}},
                "replaces": "objects",
                "headers": {},
                "content_type": _JSON_API,
                "record": "data",
            },
            "delete": {"headers": {}},
            "errors": {"message": "errors[0].detail", "code": "errors[0].code"},
            "requests": {"accept": _JSON_API},
        },
        # OData 4.01 JSON Format and Protocol; ids that are text want one_path = "{path}('{id}')".
        "odata_v4": {
            "path": "/Customers",
            "one_path": "{path}({id})",
            "list": {
                "query": {
                    "$top": "{limit}",
                    "$skip": "{offset}",
                    "$filter": "ModifiedAt ge {since}",
                    "$orderby": "CreatedAt,Id",
                    "$count": "true",
                },
                "rows": "value",
                "total": "@odata.count",
            },
            "record": {
                "id": "Id",
                "id_type": "integer",
                "created": "CreatedAt",
                "updated": "ModifiedAt",
                "archived": "",
                "deleted": "",
                "version": "@odata.etag",
            },
            "create": {"headers": {"Prefer": "return=representation"}},
            "update": {
                "headers": {"If-Match": "{version}", "Prefer": "return=representation"},
                "content_type": "application/json",
            },
            "errors": {"code": "error.code", "message": "error.message", "fields": "error.details"},
            "requests": {"unescaped": "$"},
        },
        # Numbered pages that say how many there are, as web frameworks make them.
        "page_number": {
            "list": {
                "query": {"page": "{page}", "per_page": "{limit}", "updated_since": "{since}"},
                "rows": "data",
                "total": "meta.total",
            },
            "paging": {"pages": "meta.last_page"},
            "read": {"record": "data"},
            "create": {"record": "data", "headers": {}},
            "update": {
                "record": "data",
                "replaces": "objects",
                "headers": {},
                "content_type": "application/json",
            },
            "delete": {"headers": {}},
        },
        # Offset and limit with a count and the URL of the next page, as in Django REST framework.
        "limit_offset": {
            "path": "/customers/",
            "one_path": "{path}{id}/",
            "list": {
                "query": {"limit": "{limit}", "offset": "{offset}", "updated_since": "{since}"},
                "rows": "results",
                "total": "count",
            },
            "paging": {"more": "next"},
            "create": {"headers": {}},
            "update": {"replaces": "objects", "headers": {}, "content_type": "application/json"},
            "delete": {"headers": {}},
            "errors": {"fields": ""},
        },
        # The next page begins behind the last row, as in Stripe's API; a flag says whether there is one.
        "cursor": {
            "list": {
                "query": {"limit": "{limit}", "starting_after": "{cursor}", "updated_since": "{since}"},
                "rows": "data",
                "total": "",
            },
            "paging": {"next": "data[-1].id", "more": "has_more"},
            "update": {"replaces": "objects", "headers": {}, "content_type": "application/json"},
            "delete": {"headers": {}},
        },
        # Everything stands under its name, in both directions, as Rails, Redmine and Zendesk do it.
        "keyed_envelope": {
            "path": "/customers",
            "list": {
                "path": "{path}.json",
                "query": {"page": "{page}", "per_page": "{limit}", "updated_since": "{since}"},
                "rows": "customers",
                "total": "total_count",
            },
            "one_path": "{path}/{id}.json",
            "read": {"record": "customer"},
            "create": {
                "path": "{path}.json",
                "body": {"customer": "{values}"},
                "headers": {},
                "record": "customer",
            },
            "update": {
                "method": "PUT",
                "replaces": "objects",
                "body": {"customer": "{values}"},
                "headers": {},
                "content_type": "application/json",
                "record": "customer",
            },
            "delete": {"headers": {}},
        },
    }
)
"""The presets by name, as plain data laid over the defaults."""
