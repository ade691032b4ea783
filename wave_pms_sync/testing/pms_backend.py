"""The PMS sandbox at work: what a request means, is carried out, and answered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from attrs import frozen

from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.customers import Customers, Version
from wave_pms_sync.testing.exchange import Done
from wave_pms_sync.testing.faults import Fault
from wave_pms_sync.testing.ledger import Effects
from wave_pms_sync.testing.pms_answers import Answers
from wave_pms_sync.testing.pms_credentials import Gate
from wave_pms_sync.testing.pms_lists import Lists
from wave_pms_sync.testing.pms_pages import PageSizes
from wave_pms_sync.testing.pms_problems import Problem, missing
from wave_pms_sync.testing.pms_requests import Requests, Wish
from wave_pms_sync.testing.pms_rows import Rows
from wave_pms_sync.testing.pms_traps import PmsTraps
from wave_pms_sync.testing.pms_writes import Writes
from wave_pms_sync.testing.server import Call, Reply
from wave_pms_sync.testing.switchboard import Arrival, Details, Strikes

__all__ = ["PmsBackend", "PmsOptions"]

_WORDS = {429: "Too many requests.", 401: "The token is not accepted.", 403: "This token may not do this."}
_DONE = Effects(executed=True)
_LOOKS = {"find": "list", "deleted": "other", "moved": "other"}


@frozen(kw_only=True)
class PmsOptions:
    """How this PMS behaves; see `PmsSandbox`."""

    profile: PmsProfile
    strict: bool
    traps: PmsTraps
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
        gate: Whom it lets in.
    """

    def __init__(self, customers: Customers, options: PmsOptions, gate: Gate) -> None:
        profile, traps = options.profile, options.traps
        self._gate = gate
        self._customers = customers
        self._options = options
        self._profile = profile
        self._traps = traps
        self._requests = Requests(profile, strict=options.strict, exists=self._exists)
        self._rows = Rows(profile, options.stamp_digits, traps)
        self._answers = Answers(profile, traps)
        self._lists = Lists(
            customers,
            profile,
            traps,
            self._rows,
            self._answers,
            sizes=PageSizes(default=options.default_limit, most=options.max_limit),
            parameters=self._requests.parameters,
            tombstones=options.tombstones,
            show_total=options.show_total,
        )
        self._writes = Writes(profile=profile, traps=traps, require_name=options.require_name)
        self._repeats: dict[str, tuple[str, Reply]] = {}

    # --- what the exchange asks ----------------------------------------------------------------------

    def arrival(self, call: Call) -> Arrival:
        """What the request wants."""
        wish = self._requests.wish_of(call)
        operation = _LOOKS.get(wish.operation, wish.operation)
        ids = (wish.id,) if wish.id else ()
        return Arrival(
            operation=operation, ids=ids, written=wish.values, next_page=wish.next_page(self._profile.paging.first)
        )

    def execute(self, call: Call, strikes: Strikes) -> Done:
        """Carry a request out."""
        login = self._gate.login(call)
        if login is not None:
            return Done(reply=login)
        wish = self._requests.wish_of(call)
        try:
            if self._gate.admits(call):
                return self._carried_out(call, wish, strikes)
            if self._traps.wrong_token == "empty" and wish.operation == "list":  # noqa: S105  # the name of a trap
                return Done(reply=self._lists.nothing(call, wish, strikes))
            return Done(reply=self.failure(401))
        except Problem as problem:
            return Done(reply=self._answers.problem(problem))

    def failure(self, status: int) -> Reply:
        """A failure of this status."""
        return self._answers.problem(Problem(status, _WORDS.get(status, "Something went wrong.")))

    def special(self, kind: Fault, told: Details) -> Reply | None:
        """This side has no answers of its own kind."""
        return None

    # --- operations ----------------------------------------------------------------------------------

    def _carried_out(self, call: Call, wish: Wish, strikes: Strikes) -> Done:
        if wish.operation == "moved":
            return Done(reply=Reply(status=301, headers=(("Location", f"{call.path}/"),)))
        refusal = strikes.first(Fault.REFUSED)
        if refusal is not None:
            raise _refused(refusal)
        if wish.problem is not None:
            raise wish.problem
        match wish.operation:
            case "list" | "deleted" | "find":
                return Done(reply=self._lists.answer(call, wish, strikes), effects=_DONE)
            case "one":
                return self._one(wish.id, strikes)
            case "create":
                return self._create(call, wish, strikes)
            case "update" | "archive":
                return self._update(wish, strikes)
            case "delete":
                return self._delete(wish)
        raise Problem(404, "There is nothing at this address.", exactly=True)

    def _one(self, customer_id: str, strikes: Strikes) -> Done:
        lag = strikes.first(Fault.READ_LAG)
        version = self._customers.get(customer_id, at=None if lag is None else self._customers.ago(lag.seconds))
        if version is not None and (not version.removed or self._options.soft_delete):
            place = self._profile.read.record
            reply = self._answers.shown(200, self._rows.record(version), place, self._headers(version))
            return Done(reply=reply, effects=_DONE)
        if self._traps.missing_read:
            return Done(reply=Reply(status=self._traps.missing_read), effects=_DONE)
        if self._profile.read.empty_is_missing:
            return Done(reply=self._answers.shown(200, None, self._profile.read.record), effects=_DONE)
        raise missing(customer_id)

    def _create(self, call: Call, wish: Wish, strikes: Strikes) -> Done:
        key = wish.facts.get("repeat_key") if self._options.idempotency else None
        digest = hashlib.sha256(call.body).hexdigest()
        if key is not None and str(key) in self._repeats:
            known, reply = self._repeats[str(key)]
            if known != digest:
                raise Problem(422, "This Idempotency-Key came with another body before.")
            return Done(reply=reply)
        version = self._made(wish, strikes)
        record, shown_id = self._rows.record(version), self._rows.id(version.id)
        reply = self._answers.created(record, shown_id, self._address(version.id), self._headers(version))
        if key is not None:
            self._repeats[str(key)] = (digest, reply)
        return Done(reply=reply, effects=Effects(executed=True, created=(version.id,)))

    def _made(self, wish: Wish, strikes: Strikes) -> Version:
        if wish.id and self._exists(wish.id):
            raise Problem(409, f"There is a customer {wish.id}.")
        sent, archived = self._rows.own(wish.values)
        values = self._writes.checked(None, sent, strikes)
        self._check_email(sent, values)
        version = self._customers.create(values, customer_id=wish.id or None)
        return self._customers.change(version.id, archived=True) if archived else version

    def _update(self, wish: Wish, strikes: Strikes) -> Done:
        if self._traps.missing_update and not self._exists(wish.id):
            return self._denied(self._traps.missing_update, wish)
        version = self._current(wish)
        if wish.operation == "archive" and self._profile.archive.path:
            sent, archived = dict[str, object](), True
            values = dict(version.values)
        else:
            sent, archives = self._rows.own(wish.values)
            archived = version.archived if archives is None else archives
            values = self._writes.checked(version.values, sent, strikes)
        self._check_email(sent, values, but=wish.id)
        if not self._traps.ignore_updates:
            version = self._customers.change(wish.id, values=values, archived=archived)
        reply = self._answers.updated(self._rows.record(version), self._headers(version))
        return Done(reply=reply, effects=Effects(executed=True, updated=(wish.id,)))

    def _delete(self, wish: Wish) -> Done:
        if self._traps.missing_delete and not self._exists(wish.id):
            return self._denied(self._traps.missing_delete, wish)
        self._current(wish)
        self._customers.change(wish.id, removed=True, stamp=self._traps.stamp_removals)
        return Done(reply=Reply(status=204), effects=Effects(executed=True, deleted=(wish.id,)))

    # --- what they need ------------------------------------------------------------------------------

    def _denied(self, status: int, wish: Wish) -> Done:
        """The answer to a write to a record that is not there, where it is not that of the profile.

        Raises:
            Problem: The status is that of an error.
        """
        if status >= 400:
            raise Problem(status, f"The id {wish.id} is not valid.")
        return Done(reply=Reply(status=status), effects=_DONE)

    def _exists(self, customer_id: str) -> bool:
        version = self._customers.get(customer_id)
        return version is not None and not version.removed

    def _current(self, wish: Wish) -> Version:
        """The record that a write names, at the version that it names.

        Raises:
            Problem: There is none, or it is at another version.
        """
        version = self._customers.get(wish.id)
        if version is None or version.removed:
            raise missing(wish.id)
        wanted = wish.facts.get("version")
        if wanted is None and self._options.require_if_match:
            raise Problem(428, "Say which version you mean.")
        here = ("*", _etag(version), str(self._rows.version(version)))
        guards = self._options.etags and not self._traps.ignore_versions
        if wanted is not None and guards and str(wanted) not in here:
            raise Problem(412, "The record is no longer the one that was named.")
        return version

    def _check_email(self, sent: Mapping[str, object], values: Mapping[str, object], but: str = "") -> None:
        if not self._options.unique_email or not sent.get("email"):
            return
        for other in self._customers.existing():
            if other.id != but and str(other.values.get("email") or "").lower() == str(values.get("email")).lower():
                fault = {"field": "email", "code": "taken", "detail": "another customer has this e-mail"}
                raise Problem(409, "The e-mail is taken.", [fault], conflicting_id=other.id)

    def _headers(self, version: Version) -> dict[str, str]:
        name = self._profile.record.version_header
        return {name: _etag(version)} if self._options.etags and name else {}

    def _address(self, customer_id: str) -> str:
        return self._profile.one_path.replace("{path}", self._profile.path).replace("{id}", customer_id)


def _etag(version: Version) -> str:
    return f'"{version.id}-{version.revision}"'


def _refused(told: Details) -> Problem:
    code, message = told.code or "invalid", told.message or "The value is not accepted."
    errors = [{"field": told.field, "code": code, "detail": message}] if told.field else []
    return Problem(told.status or 422, message, errors)
