"""Whole APIs of seven makes, each behind real HTTP as strict as the real ones: the client keeps its contract on all."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import ClassVar
from urllib.parse import parse_qsl

import pytest

from wave_pms_sync import MemoryLinkStore, Synchronizer, Unlimited, WaveClient
from wave_pms_sync.http.retry import RetryPolicy
from wave_pms_sync.pms.client import CustomPmsClient
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.testing import ManualClock, WaveSandbox
from wave_pms_sync.testing.clients import CustomerClientContract
from wave_pms_sync.testing.server import Call, LoopbackServer, Reply

TOKEN = "s3cret-token"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)
AT_ONCE = RetryPolicy(first_wait_s=0)
Row = dict[str, object]


class Declined(Exception):
    """A request that the API declines."""

    def __init__(self, status: int, body: object = None) -> None:
        self.reply = reply(status, body)


def reply(status: int, body: object = None, kind: str = "application/json", **headers: str) -> Reply:
    """An answer; None is an empty body."""
    content = b"" if body is None else json.dumps(body).encode()
    return Reply(status=status, body=content, headers=(("Content-Type", kind), *headers.items()))


class Api:
    """A PMS in memory. Each family says what a request means and how the answer looks.

    Attributes:
        rows: The customers by id, in order of creation; `_made`, `_moved` and `_rev` are the server's own.
        calls: What arrived.
    """

    profile: ClassVar[PmsProfile]

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.calls: list[Call] = []
        self._ticks = 0
        self._lock = threading.RLock()
        self.server = LoopbackServer()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{self.server.origin}/api"

    def start(self) -> Api:
        """Listen."""
        self.server.start(self._answer)
        return self

    def client(self, **options: object) -> CustomPmsClient:
        """A client of this API, by the profile of its family."""
        return CustomPmsClient(self.url, **{"token": TOKEN, "profile": self.profile, "retry": AT_ONCE, **options})

    def stop(self) -> None:
        """Hang up; an accident of the server fails the test."""
        self.server.stop()
        self.server.raise_accident()

    def _answer(self, call: Call) -> Reply:
        with self._lock:
            self.calls.append(call)
            try:
                self.admit(call)
                return self.serve(call, call.path.removeprefix("/api"))
            except Declined as declined:
                return declined.reply

    def admit(self, call: Call) -> None:
        """Decline whoever shows no token."""
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Declined(401)

    def serve(self, call: Call, path: str) -> Reply:
        """Carry a request out."""
        raise NotImplementedError

    def now(self) -> datetime:
        """The next second."""
        self._ticks += 1
        return MONDAY + timedelta(seconds=self._ticks)

    def add(self, values: Mapping[str, object], record_id: str | None = None) -> Row:
        """A new row."""
        made = self.now()
        record_id = record_id or str(len(self.rows) + 101)
        self.rows[record_id] = {**values, "_id": record_id, "_made": made, "_moved": made, "_rev": 1}
        return self.rows[record_id]

    def there(self, record_id: str) -> Row:
        """The row of this id."""
        if record_id not in self.rows:
            raise Declined(404, {"detail": "Not found."})
        return self.rows[record_id]

    def change(self, record_id: str, values: Mapping[str, object], *, whole: bool = False) -> Row:
        """Replace properties, objects as a whole; or, with `whole`, all of them."""
        old = self.there(record_id)
        kept = {name: old[name] for name in ("_id", "_made", "_rev")} if whole else old
        self.rows[record_id] = {**kept, **values, "_moved": self.now(), "_rev": int(str(old["_rev"])) + 1}
        return self.rows[record_id]

    def since(self, text: str | None) -> list[Row]:
        """The rows moved at or after a moment, or all."""
        if text is None:
            return list(self.rows.values())
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return [row for row in self.rows.values() if row["_moved"] >= moment]  # type: ignore[operator]  # a moment


def own(row: Row) -> Row:
    """What was written of a row."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


def stamp(moment: object) -> str:
    """A moment in RFC 3339."""
    assert isinstance(moment, datetime)
    return moment.isoformat().replace("+00:00", "Z")


def body_of(call: Call) -> Row:
    """The JSON object of a request."""
    body = json.loads(call.body)
    assert isinstance(body, dict)
    return body


def only(call: Call, *names: str) -> None:
    """Decline parameters that are not known."""
    if unknown := call.query.keys() - {*names}:
        raise Declined(400, {"errors": [{"source": {"parameter": name}} for name in sorted(unknown)]})


class JsonApi(Api):
    """JSON:API: typed documents in a media type of their own, unknown parameters refused, pages cut to three rows."""

    KIND = "application/vnd.api+json"
    profile = PmsProfile.preset("json_api")

    def serve(self, call: Call, path: str) -> Reply:
        """Carry a request out."""
        if call.headers["accept"] != self.KIND:
            raise Declined(406)
        _, _, record_id = path.removeprefix("/customers").partition("/")
        if call.body and call.headers["content-type"] != self.KIND:
            raise Declined(415)
        if call.method == "GET" and not record_id:
            return self._page(call)
        only(call)
        if call.method == "POST":
            return self._shown(201, self.add(self._values(call)))
        if call.method == "PATCH":
            return self._shown(200, self.change(record_id, self._values(call, record_id)))
        if call.method == "DELETE":
            self.there(record_id)
            del self.rows[record_id]
            return reply(204)
        return self._shown(200, self.there(record_id))

    def _values(self, call: Call, record_id: str | None = None) -> Row:
        data = body_of(call)["data"]
        assert isinstance(data, dict)
        if data.get("type") != "customers" or data.get("id") != record_id:
            raise Declined(409, {"errors": [{"title": "type or id"}]})
        if "@" not in (data["attributes"].get("email") or "@"):
            fault = {"code": "format", "source": {"pointer": "/data/attributes/email"}, "detail": "no e-mail"}
            raise Declined(422, {"errors": [fault]})
        return dict(data["attributes"])

    def _page(self, call: Call) -> Reply:
        only(call, "page[number]", "page[size]", "filter[updated_at][gte]", "sort")
        rows = self.since(call.query.get("filter[updated_at][gte]"))
        size = min(3, int(call.query["page[size]"]))
        start = (int(call.query["page[number]"]) - 1) * size
        shown = [self._resource(row) for row in rows[start : start + size]]
        return reply(200, {"data": shown, "meta": {"total": len(rows)}}, self.KIND)

    def _shown(self, status: int, row: Row) -> Reply:
        return reply(status, {"data": self._resource(row)}, self.KIND)

    def _resource(self, row: Row) -> Row:
        attributes = {**own(row), "created_at": stamp(row["_made"]), "updated_at": stamp(row["_moved"])}
        return {"type": "customers", "id": row["_id"], "attributes": attributes}


class ODataV4(Api):
    """OData v4: whole-number ids in brackets, a version in each row, writes without it declined, times in a filter."""

    profile = PmsProfile.preset("odata_v4").evolve(record={"version_demanded": True})

    def serve(self, call: Call, path: str) -> Reply:
        """Carry a request out."""
        record_id = path.removeprefix("/Customers").strip("()")
        if call.method == "GET" and not record_id:
            return self._page(call)
        if call.method == "POST":
            row = self.add({**body_of(call)})
            return self._shown(201, row, location=f"{self.url}/Customers({row['_id']})")
        row = self.there(record_id)
        if call.method in {"PATCH", "DELETE"}:
            if "if-match" not in call.headers:
                raise Declined(428, {"error": {"code": "VersionRequired", "message": "say which version"}})
            if call.headers["if-match"] != self._version(row):
                raise Declined(412, {"error": {"code": "Moved", "message": "it moved"}})
        if call.method == "DELETE":
            del self.rows[record_id]
            return reply(204)
        if call.method == "PATCH":
            changes = {
                name: {**row.get(name, {}), **value} if isinstance(value, dict) else value  # type: ignore[dict-item]
                for name, value in body_of(call).items()
            }
            return self._shown(200, self.change(record_id, changes))
        return self._shown(200, row)

    def _page(self, call: Call) -> Reply:
        only(call, "$top", "$skip", "$filter", "$orderby", "$count")
        text = call.query.get("$filter")
        rows = self.since(text and text.removeprefix("ModifiedAt ge "))
        start, size = int(call.query["$skip"]), min(2, int(call.query["$top"]))
        return reply(200, {"@odata.count": len(rows), "value": list(map(self._row, rows[start : start + size]))})

    def _shown(self, status: int, row: Row, **headers: str) -> Reply:
        return reply(status, {"@odata.context": "$metadata#Customers/$entity", **self._row(row)}, **headers)

    def _row(self, row: Row) -> Row:
        facts = {"@odata.etag": self._version(row), "Id": int(str(row["_id"]))}
        return {**facts, **own(row), "CreatedAt": stamp(row["_made"]), "ModifiedAt": stamp(row["_moved"])}

    def _version(self, row: Row) -> str:
        return f'W/"{row["_rev"]}"'


class Laravel(Api):
    """A web framework's resource: numbered pages, everything in `data`, 204 for an update, times without a zone."""

    profile = PmsProfile.preset("page_number").evolve(
        times={"form": "%Y-%m-%d %H:%M:%S", "zone": "Europe/Berlin"},
        update={"method": "PUT"},
        errors={"unauthorized": [401, 403]},
        auth={"headers": {}, "query": {"api_token": "{token}"}},
    )

    def admit(self, call: Call) -> None:
        """Decline whoever shows no token."""
        if call.query.get("api_token") != TOKEN:
            raise Declined(403, {"message": "Unauthenticated."})

    def serve(self, call: Call, path: str) -> Reply:
        """Carry a request out."""
        _, _, record_id = path.removeprefix("/customers").partition("/")
        if call.method == "GET" and not record_id:
            return self._page(call)
        if call.method == "POST":
            body = body_of(call)
            if not body.get("name"):
                raise Declined(422, {"message": "Invalid.", "errors": {"name": ["The name is required."]}})
            return reply(201, {"data": self._row(self.add(body))})
        row = self.there(record_id)
        if call.method == "PUT":
            self.change(record_id, body_of(call))
            return reply(204)
        if call.method == "DELETE":
            del self.rows[record_id]
            return reply(200, {"ok": True})
        return reply(200, {"data": self._row(row)})

    def _page(self, call: Call) -> Reply:
        text = call.query.get("updated_since")
        rows = [row for row in self.rows.values() if text is None or self._local(row["_moved"]) >= text]
        size, page = min(3, int(call.query["per_page"])), int(call.query["page"])
        shown = [self._row(row) for row in rows[(page - 1) * size : page * size]]
        return reply(200, {"data": shown, "meta": {"total": len(rows), "last_page": max(1, -(-len(rows) // size))}})

    def _row(self, row: Row) -> Row:
        stamps = {"created_at": self._local(row["_made"]), "updated_at": self._local(row["_moved"])}
        return {"id": int(str(row["_id"])), **own(row), **stamps}

    def _local(self, moment: object) -> str:
        assert isinstance(moment, datetime)
        return moment.astimezone(timezone(timedelta(hours=1))).strftime("%Y-%m-%d %H:%M:%S")


class Django(Api):
    """Django REST framework: trailing slashes demanded, limit and offset, `next` a URL, errors by field at the top."""

    profile = PmsProfile.preset("limit_offset").evolve(auth={"headers": {"Authorization": "Token {token}"}})

    def admit(self, call: Call) -> None:
        """Decline whoever shows no token."""
        if call.headers.get("authorization") != f"Token {TOKEN}":
            raise Declined(401, {"detail": "Authentication credentials were not provided."})

    def serve(self, call: Call, path: str) -> Reply:
        """Carry a request out."""
        if not path.endswith("/"):
            return reply(301, None, location=f"{call.path}/")
        record_id = path.removeprefix("/customers/").rstrip("/")
        if call.method == "GET" and not record_id:
            return self._page(call)
        if call.method == "POST":
            body = body_of(call)
            if not body.get("name"):
                raise Declined(400, {"name": ["This field may not be blank."]})
            return reply(201, self._row(self.add(body)))
        row = self.there(record_id)
        if call.method == "PATCH":
            row = self.change(record_id, body_of(call))
        if call.method == "DELETE":
            del self.rows[record_id]
            return reply(204)
        return reply(200, self._row(row))

    def _page(self, call: Call) -> Reply:
        rows = self.since(call.query.get("updated_since"))
        start, size = int(call.query["offset"]), min(3, int(call.query["limit"]))
        more = start + size < len(rows)
        following = f"http://testserver/customers/?limit={size}&offset={start + size}" if more else None
        shown = [self._row(row) for row in rows[start : start + size]]
        return reply(200, {"count": len(rows), "next": following, "previous": None, "results": shown})

    def _row(self, row: Row) -> Row:
        moved = None if row["_rev"] == 1 else stamp(row["_moved"])  # null until the first update
        return {"id": row["_id"], **own(row), "created_at": stamp(row["_made"]), "updated_at": moved}


class Couch(Api):
    """A document store: ids chosen by the client, revisions in the row and the query, documents replaced whole."""

    profile = PmsProfile.from_dict(
        {
            "path": "/db",
            "list": {
                "path": "{path}/_all_docs",
                "query": {"include_docs": "true", "limit": "{limit}", "skip": "{offset}"},
                "rows": "rows",
                "row": "doc",
                "total": "total_rows",
                "creation_order": False,
            },
            "paging": {"size": 3},
            "record": {
                "id": "_id",
                "version": "_rev",
                "version_demanded": True,
                "created": "",
                "updated": "",
                "archived": "",
            },
            "create": {"method": "PUT", "path": "{one_path}", "headers": {}, "id": "id"},
            "update": {
                "method": "PUT",
                "headers": {},
                "content_type": "application/json",
                "replaces": "record",
                "clear": "omit",
                "fixed": {"_rev": "{version}"},
            },
            "delete": {"headers": {}, "query": {"rev": "{version}"}},
            "auth": {"headers": {}, "basic": "{username}:{password}"},
        }
    )

    def client(self, **options: object) -> CustomPmsClient:
        """A client with a user and a password."""
        return super().client(**{"token": None, "secrets": {"username": "ada", "password": "pä ss:1"}, **options})

    def admit(self, call: Call) -> None:
        """Decline whoever shows no token."""
        pair = base64.b64encode("ada:pä ss:1".encode()).decode()
        if call.headers.get("authorization") != f"Basic {pair}":
            raise Declined(401, {"error": "unauthorized", "reason": "Name or password is incorrect."})

    def serve(self, call: Call, path: str) -> Reply:
        """Carry a request out."""
        record_id = path.removeprefix("/db/")
        if record_id == "_all_docs":
            rows = sorted(self.rows.values(), key=lambda row: str(row["_id"]))
            start = int(call.query["skip"])
            held = [{"id": row["_id"], "doc": self._doc(row)} for row in rows[start : start + int(call.query["limit"])]]
            return reply(200, {"total_rows": len(rows), "offset": start, "rows": held})
        if call.method == "GET":
            return reply(200, self._doc(self.there(record_id)))
        if call.method == "DELETE":
            self._check(self.there(record_id), call.query.get("rev"))
            del self.rows[record_id]
            return reply(200, {"ok": True})
        body = body_of(call)
        if record_id in self.rows:
            self._check(self.rows[record_id], body.pop("_rev", None))
            body.pop("_id", None)
            row = self.change(record_id, body, whole=True)
        elif "_rev" in body:
            raise Declined(409, {"error": "conflict"})
        else:
            row = self.add(body, record_id)
        return reply(201, {"ok": True, "id": record_id, "rev": self._doc(row)["_rev"]})

    def _check(self, row: Row, rev: object) -> None:
        if rev != f"{row['_rev']}-abc":
            raise Declined(409, {"error": "conflict", "reason": "Document update conflict."})

    def _doc(self, row: Row) -> Row:
        return {"_id": row["_id"], "_rev": f"{row['_rev']}-abc", **own(row)}


class Rails(Api):
    """Everything under its name, `.json` paths, an update answers with nothing, ids are whole numbers."""

    profile = PmsProfile.preset("keyed_envelope")

    def serve(self, call: Call, path: str) -> Reply:
        """Carry a request out."""
        assert path.endswith(".json")
        _, _, record_id = path.removesuffix(".json").removeprefix("/customers").partition("/")
        if call.method == "GET" and not record_id:
            rows = self.since(call.query.get("updated_since"))
            size, page = min(3, int(call.query["per_page"])), int(call.query["page"])
            shown = [self._row(row) for row in rows[(page - 1) * size : page * size]]
            return reply(200, {"customers": shown, "total_count": len(rows), "offset": 0})
        if call.method == "POST":
            return reply(201, {"customer": self._row(self.add(self._values(call)))})
        row = self.there(record_id)
        if call.method == "PUT":
            self.change(record_id, self._values(call))
            return reply(200)
        if call.method == "DELETE":
            del self.rows[record_id]
            return reply(204)
        return reply(200, {"customer": self._row(row)})

    def _values(self, call: Call) -> Row:
        held = body_of(call)
        assert list(held) == ["customer"]
        values = held["customer"]
        assert isinstance(values, dict)
        return values

    def _row(self, row: Row) -> Row:
        stamps = {"created_at": stamp(row["_made"]), "updated_at": stamp(row["_moved"])}
        return {"id": int(str(row["_id"])), **own(row), **stamps}


class Forms(Api):
    """Written by forms, listed behind the last row with a flag, updated by POST, times in epoch seconds."""

    profile = PmsProfile.preset("cursor").evolve(
        times={"form": "epoch_s"},
        record={"created": "created", "updated": "updated"},
        list={"query": {"limit": "{limit}", "starting_after": "{cursor}", "updated[gte]": "{since}"}},
        create={"content_type": "application/x-www-form-urlencoded"},
        update={"method": "POST", "content_type": "application/x-www-form-urlencoded", "clear": "text"},
        auth={"headers": {}, "basic": "{token}:"},
    )

    def __init__(self) -> None:
        super().__init__()
        self._made_by: dict[str, str] = {}

    def admit(self, call: Call) -> None:
        """Decline whoever shows no token."""
        if call.headers.get("authorization") != f"Basic {base64.b64encode(f'{TOKEN}:'.encode()).decode()}":
            raise Declined(401, {"error": {"message": "No such API key"}})

    def serve(self, call: Call, path: str) -> Reply:
        """Carry a request out."""
        _, _, record_id = path.removeprefix("/customers").partition("/")
        if call.method == "GET" and not record_id:
            return self._page(call)
        if call.method == "POST" and not record_id:
            key = call.headers.get("idempotency-key", "")
            if key not in self._made_by:
                row = self.add(self._values(call))
                self._made_by[key or str(row["_id"])] = str(row["_id"])
                return reply(200, self._row(row))
            return reply(200, self._row(self.rows[self._made_by[key]]))
        row = self.there(record_id)
        if call.method == "POST":
            row = self.change(record_id, self._values(call))
        if call.method == "DELETE":
            del self.rows[record_id]
            return reply(200, {"id": record_id, "deleted": True})
        return reply(200, self._row(row))

    def _values(self, call: Call) -> Row:
        values: Row = {}
        for name, value in parse_qsl(call.body.decode(), keep_blank_values=True, strict_parsing=True):
            outer, _, inner = name.rstrip("]").partition("[")
            if inner:
                held = values.setdefault(outer, {})
                assert isinstance(held, dict)
                held[inner] = value or None
            else:
                values[outer] = value or None
        return values

    def _page(self, call: Call) -> Reply:
        least = float(call.query.get("updated[gte]", 0))
        rows = [row for row in self.rows.values() if self._epoch(row["_moved"]) >= least]
        after = call.query.get("starting_after")
        start = 0 if after is None else [row["_id"] for row in rows].index(after) + 1
        size = min(3, int(call.query["limit"]))
        shown = [self._row(row) for row in rows[start : start + size]]
        return reply(200, {"object": "list", "data": shown, "has_more": start + size < len(rows)})

    def _row(self, row: Row) -> Row:
        stamps = {"created": self._epoch(row["_made"]), "updated": self._epoch(row["_moved"])}
        return {"id": row["_id"], "object": "customer", **own(row), **stamps}

    def _epoch(self, moment: object) -> int:
        assert isinstance(moment, datetime)
        return int(moment.timestamp())


# --- the contract, on each of them


class OnAnApi(CustomerClientContract):
    """Runs the contract of a client on an API of one family."""

    family: ClassVar[type[Api]]
    secrets = (TOKEN,)

    def make_client(self) -> CustomerClient:
        """A client of a new API."""
        self.api = self.family().start()
        self.pms = self.api.client()
        return self.pms

    def clean_up(self) -> None:
        """Stop the API."""
        self.pms.close()
        self.api.stop()


class TestJsonApi(OnAnApi):
    """JSON:API."""

    family = JsonApi


class TestODataV4(OnAnApi):
    """OData v4."""

    family = ODataV4
    guards_writes = True


class TestLaravel(OnAnApi):
    """Numbered pages."""

    family = Laravel


class TestDjango(OnAnApi):
    """Limit and offset."""

    family = Django


class TestCouch(OnAnApi):
    """A document store."""

    family = Couch
    guards_writes = True
    secrets = ("pä ss:1",)


class TestRails(OnAnApi):
    """Everything under its name."""

    family = Rails


class TestForms(OnAnApi):
    """Forms and cursors."""

    family = Forms


del OnAnApi, CustomerClientContract


# --- a life with each of them

WAVE_CUSTOMERS = [
    {
        "name": f"Customer {number}",
        "email": f"c{number}@example.org",
        "phone": "+49 89 1234",
        "address": {"addressLine1": f"{number} High St", "city": "Ulm", "country": {"code": "DE"}},
    }
    for number in range(5)
]


@pytest.mark.parametrize("family", [JsonApi, ODataV4, Laravel, Django, Couch, Rails, Forms])
def test_a_life_with_such_an_api(family: type[Api]) -> None:
    """Customers are created there, kept in step in both directions, cleared and left alone, whatever the API's make."""
    clock = ManualClock(MONDAY)
    api = family().start()
    with WaveSandbox(clock=clock) as box, api.client() as pms:
        ids = [box.add(values) for values in WAVE_CUSTOMERS]
        wave = WaveClient(token=box.token, business_id=box.business_id, url=box.url, pace=Unlimited(), retry=AT_ONCE)
        sync = Synchronizer(wave=wave, pms=pms, links=MemoryLinkStore(), clock=clock)

        first = sync.run()
        clock.advance(600)
        quiet = sync.run()
        clock.advance(600)
        by_wave_id = {row["external_id"]: str(row["_id"]) for row in api.rows.values()}
        box.edit(ids[0], {"phone": "+49 89 5678", "email": None})
        api.change(by_wave_id[ids[1]], {"website": "https://there.example.org"})
        address = api.rows[by_wave_id[ids[2]]]["address"]
        api.change(by_wave_id[ids[2]], {"address": {**address, "city": "Graz", "country_code": "AT"}})  # type: ignore[dict-item]  # an object
        second = sync.run(full=True)
        clock.advance(600)
        after = sync.run(full=True)

        assert (first.status, first.counts["created_pms"]) == ("complete", 5), str(first)
        assert (quiet.counts["updated_pms"], quiet.counts["updated_wave"]) == (0, 0), str(quiet)
        assert (second.status, second.counts["updated_pms"], second.counts["updated_wave"]) == ("complete", 1, 2)
        assert (after.counts["updated_pms"], after.counts["updated_wave"]) == (0, 0), str(after)
        changed = own(api.rows[by_wave_id[ids[0]]])
        assert (changed["phone"], changed.get("email")) == ("+49 89 5678", None)
        assert changed["address"]["city"] == "Ulm"  # type: ignore[index,call-overload]  # an object
        assert box.customers[ids[1]]["website"] == "https://there.example.org"
        assert (box.customers[ids[2]]["address"]["city"], box.customers[ids[2]]["address"]["country"]["code"]) == (  # type: ignore[index,call-overload]  # an object
            "Graz",
            "AT",
        )
    api.stop()
