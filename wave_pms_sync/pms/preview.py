"""What a client would send, as one would type it with curl; nothing is sent."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from html import escape

from wave_pms_sync.http.messages import Request
from wave_pms_sync.pms.abilities import archives
from wave_pms_sync.pms.operations import Customers
from wave_pms_sync.pms.paging import Pager, Spot, pager_of
from wave_pms_sync.pms.profile import PmsProfile

_ID = "101"
_VERSION = "VERSION"
_SINCE = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
_MADE: Mapping[str, object] = {"name": "Ada Lovelace", "email": "ada@example.org"}
_CHANGED: Mapping[str, object] = {"name": "Ada King", "email": None}


class Preview(tuple[tuple[str, str], ...]):
    """Pairs of what a request is for and how it looks as a command; printed one below the other."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n\n".join(f"# {purpose}\n{command}" for purpose, command in self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def preview(customers: Customers) -> Preview:
    """Each request that a profile makes, with invented values and the secrets as placeholders."""
    return Preview((purpose, _command(request, customers.profile)) for purpose, request in _requests(customers))


def _requests(customers: Customers) -> Iterator[tuple[str, Request]]:
    yield "list", customers.list_page()
    pager = pager_of(customers.profile)
    if pager is not Pager.URL:
        # Only the spot that this API uses shows; the others are ignored.
        yield (
            "list, the next page",
            customers.list_page(Spot(cursor="CURSOR", page=1, seen=customers.profile.paging.size)),
        )
    yield "list what changed", customers.list_page(since=_SINCE)
    if customers.profile.deletions.path:
        yield "list what was deleted", customers.deleted_page(since=_SINCE)
    yield "read", customers.one(_ID)
    yield "create", customers.create(_MADE, repeat_key="KEY", record_id=_ID)
    if customers.profile.create.find_by:
        yield "look up what was created", customers.found_by("VALUE")
    yield "update", customers.update(_ID, _CHANGED, version=_VERSION)
    if archives(customers.profile):
        yield "archive", customers.archive(_ID, version=_VERSION)
    yield "delete", customers.delete(_ID, version=_VERSION)


def _command(request: Request, profile: PmsProfile) -> str:
    auth = profile.auth
    parts = ["curl", "-X", request.method] if request.method != "GET" else ["curl"]
    shown = {**request.headers, **{name: str(value) for name, value in auth.headers.items()}}
    for name, value in shown.items():
        parts += ["-H", f"{name}: {value}"]
    if auth.basic:
        parts += ["-u", auth.basic]
    if request.body is not None:
        parts += ["-d", request.body.decode("ascii")]
    query = "&".join(f"{name}={value}" for name, value in auth.query.items())
    mark = "" if not query else "&" if "?" in request.url else "?"
    return shlex.join([*parts, f"{request.url}{mark}{query}"])
