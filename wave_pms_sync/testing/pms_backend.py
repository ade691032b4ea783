"""The PMS sandbox's API: routes, writes, and what it declines."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from wave_pms_sync.testing.customers import Customers, Version
from wave_pms_sync.testing.exchange import Done
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.ledger import Effects
from wave_pms_sync.testing.listing import shift_rows
from wave_pms_sync.testing.nesting import leaves, merged
from wave_pms_sync.testing.pms_answers import Problem, json_reply, problem_reply
from wave_pms_sync.testing.pms_listing import Listings, asked, page
from wave_pms_sync.testing.pms_routes import PREFIX, Wish, body_of, wish_of
from wave_pms_sync.testing.pms_shapes import READ_ONLY, moment_text, row, type_faults
from wave_pms_sync.testing.server import Call, Reply
from wave_pms_sync.testing.switchboard import Arrival, Details, Strikes
from wave_pms_sync.testing.writing import stored

__all__ = ["PmsBackend", "PmsOptions"]

_WORDS = {429: "Too many requests.", 401: "The token is not accepted.", 403: "This token may not do this."}


@frozen(kw_only=True)
class PmsOptions:
    """How this PMS behaves; see `PmsSandbox`."""

    require_name: bool = True
    unique_email: bool = False
    soft_delete: bool = False
    tombstones: bool = False
    show_total: bool = False
    idempotency: bool = True
    etags: bool = True
    require_if_match: bool = False
    default_limit: int = 100
    max_limit: int = 500
    stamp_digits: int = 6


class PmsBackend:
    """Answers requests out of a collection of customers.

    Args:
        customers: The records.
        options: How this PMS behaves.
        token: The Bearer token it accepts.
    """

    def __init__(self, customers: Customers, options: PmsOptions, token: str) -> None:
        self.token = token
        self._customers = customers
        self._options = options
        self._listings = Listings(customers)
        self._repeats: dict[str, tuple[str, Reply]] = {}

    # --- what the exchange asks ----------------------------------------------------------------------

    def arrival(self, call: Call) -> Arrival:
        """What the request wants."""
        wish = wish_of(call)
        written = wish.body if wish.operation in ("create", "update", "archive") else {}
        ids = (wish.id,) if wish.id else ()
        return Arrival(operation=wish.operation, ids=ids, written=written, next_page="cursor" in call.query)

    def execute(self, call: Call, strikes: Strikes) -> Done:
        """Carry a request out."""
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return Done(reply=self.failure(401))
        wish = wish_of(call)
        try:
            return self._carried_out(call, wish, strikes)
        except Problem as problem:
            return Done(reply=problem.reply)

    def failure(self, status: int) -> Reply:
        """A failure of this status as problem details."""
        return problem_reply(status, _WORDS.get(status, "Something went wrong."))

    def special(self, kind: Fault, told: Details) -> Reply | None:
        """This side has no answers of its own kind."""
        return None

    def show(self, version: Version) -> dict[str, object]:
        """A record as the API shows it."""
        return row(version, self._options.stamp_digits)

    # --- operations ----------------------------------------------------------------------------------

    def _carried_out(self, call: Call, wish: Wish, strikes: Strikes) -> Done:
        refusal = strikes.first(Fault.REFUSED)
        if refusal is not None:
            raise _refused(refusal)
        match wish.operation:
            case "list":
                return self._list(call, strikes)
            case "one":
                return self._one(wish.id, strikes)
            case "create":
                return self._create(call, strikes)
            case "update" | "archive":
                return self._update(call, wish.id, strikes)
            case "delete":
                return self._delete(call, wish.id)
        raise Problem(404 if wish.operation == "other" else 405, "There is nothing at this address.")

    def _list(self, call: Call, strikes: Strikes) -> Done:
        wish = asked(call.query, self._options.default_limit, self._options.max_limit)
        self._shift_rows(strikes)
        feed = self._options.tombstones and wish.since is not None
        ordered = self._listings.ordered(wish.since, self._lagging(strikes), with_removed=feed)
        answer = page(ordered, wish, self._listed_row, strikes, with_total=self._options.show_total)
        return Done(reply=json_reply(200, answer), effects=Effects(executed=True))

    def _lagging(self, strikes: Strikes) -> datetime | None:
        lag = strikes.first(Fault.READ_LAG)
        return None if lag is None else self._customers.ago(lag.seconds)

    def _listed_row(self, version: Version) -> dict[str, object]:
        if version.removed:
            moved = moment_text(version.modified_at, self._options.stamp_digits)
            return {"id": version.id, "deleted": True, "updated_at": moved}
        return self.show(version)

    def _shift_rows(self, strikes: Strikes) -> None:
        book = self._customers

        def first() -> Version | None:
            return next(iter(self._listings.ordered(None, None, with_removed=False)), None)

        def add(values: Mapping[str, object], created_at: datetime | None) -> object:
            return book.create(dict(values), created_at=created_at)

        def remove(customer_id: str) -> object:
            return book.change(customer_id, removed=True)

        shift_rows(first, strikes, add, remove)

    def _one(self, customer_id: str, strikes: Strikes) -> Done:
        version = self._customers.get(customer_id, at=self._lagging(strikes))
        if version is None or (version.removed and not self._options.soft_delete):
            raise _missing(customer_id)
        return self._shown(200, version, Effects(executed=True))

    def _create(self, call: Call, strikes: Strikes) -> Done:
        key = call.headers.get("idempotency-key") if self._options.idempotency else None
        digest = hashlib.sha256(call.body).hexdigest()
        if key is not None and key in self._repeats:
            known, reply = self._repeats[key]
            if known != digest:
                raise Problem(422, "This Idempotency-Key came with another body before.")
            return Done(reply=reply)
        body = body_of(call)
        version = self._customers.create(self._checked({}, body, strikes))
        if body.get("archived") is True:
            version = self._customers.change(version.id, archived=True)
        done = self._shown(201, version, Effects(executed=True, created=(version.id,)))
        if key is not None:
            self._repeats[key] = (digest, done.reply)
        return done

    def _update(self, call: Call, customer_id: str, strikes: Strikes) -> Done:
        version = self._current(customer_id)
        self._check_version(call, version)
        body = body_of(call)
        values = self._checked(version.values, body, strikes, but=customer_id)
        archived = body.get("archived")
        version = self._customers.change(
            customer_id, values=values, archived=archived if isinstance(archived, bool) else None
        )
        return self._shown(200, version, Effects(executed=True, updated=(customer_id,)))

    def _delete(self, call: Call, customer_id: str) -> Done:
        self._check_version(call, self._current(customer_id))
        self._customers.change(customer_id, removed=True)
        return Done(reply=Reply(status=204), effects=Effects(executed=True, deleted=(customer_id,)))

    # --- what they need ------------------------------------------------------------------------------

    def _current(self, customer_id: str) -> Version:
        version = self._customers.get(customer_id)
        if version is None or version.removed:
            raise _missing(customer_id)
        return version

    def _check_version(self, call: Call, version: Version) -> None:
        wanted = call.headers.get("if-match")
        if wanted is None:
            if self._options.require_if_match:
                raise Problem(428, "Say which version you mean, with If-Match.")
        elif self._options.etags and wanted not in ("*", _etag(version)):
            raise Problem(412, "The record is no longer the one that If-Match names.")

    def _checked(
        self, old: Mapping[str, object], body: Mapping[str, object], strikes: Strikes, but: str = ""
    ) -> dict[str, object]:
        """The values to store, or a refusal."""
        sent = {name: value for name, value in body.items() if name not in (*READ_ONLY, "archived")}
        values = stored(old, merged(old, sent), (path for path, _ in leaves(sent)), strikes)
        faults = type_faults(sent)
        if self._options.require_name and not str(values.get("name") or "").strip():
            faults.append({"field": "name", "code": "required", "detail": "name must not be empty"})
        if faults:
            raise Problem(422, "The customer is not valid.", faults)
        if self._options.unique_email and sent.get("email"):
            self._check_email(values.get("email"), but)
        return values

    def _check_email(self, email: object, but: str) -> None:
        for other in self._customers.existing():
            if other.id != but and str(other.values.get("email") or "").lower() == str(email).lower():
                fault = {"field": "email", "code": "taken", "detail": "another customer has this e-mail"}
                raise Problem(409, "The e-mail is taken.", [fault], conflicting_id=other.id)

    def _shown(self, status: int, version: Version, effects: Effects) -> Done:
        headers = {"ETag": _etag(version)} if self._options.etags else {}
        if status == 201:
            headers["Location"] = f"{PREFIX}customers/{version.id}"
        shown = self.show(version)
        if version.removed:
            shown["deleted"] = True
        return Done(reply=json_reply(status, shown, headers), effects=effects)


def _etag(version: Version) -> str:
    return f'"{version.id}-{version.revision}"'


def _missing(customer_id: str) -> Problem:
    return Problem(404, f"There is no customer {customer_id}.")


def _refused(told: Details) -> Problem:
    code, message = told.code or "invalid", told.message or "The value is not accepted."
    errors = [{"field": told.field, "code": code, "detail": message}] if told.field else []
    return Problem(told.status or 422, message, errors)
