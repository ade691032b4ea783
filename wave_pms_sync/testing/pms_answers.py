"""The answers of the PMS sandbox in the shapes of a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.pms_problems import Problem
from wave_pms_sync.testing.pms_requests import PREFIX
from wave_pms_sync.testing.pms_templates import placed
from wave_pms_sync.testing.pms_traps import PmsTraps
from wave_pms_sync.testing.server import Reply, json_body

__all__ = ["Answers", "json_reply"]

_KINDS = {401: "unauthorized", 403: "unauthorized", 404: "missing", 409: "conflict", 410: "missing"}
_KINDS |= {412: "conflict", 428: "conflict", 429: "throttled"}
_JSON = "application/json"


def json_reply(status: int, value: object, headers: Mapping[str, str] | None = None, kind: str = _JSON) -> Reply:
    """A JSON answer."""
    return Reply(status=status, body=json_body(value), headers=(("Content-Type", kind), *(headers or {}).items()))


class Answers:
    """Writes answers.

    Args:
        profile: The conventions.
        traps: What is odd here.
    """

    def __init__(self, profile: PmsProfile, traps: PmsTraps) -> None:
        self._profile = profile
        self._errors = profile.errors
        self._traps = traps
        accept = profile.requests.accept
        self._kind = accept if accept.endswith("json") else _JSON

    # --- successes -----------------------------------------------------------------------------------

    def listed(
        self, rows: Sequence[object], ids: Sequence[str], *, place: str | None = None, total: int | None = None
    ) -> tuple[object, dict[str, str]]:
        """The body and headers of a listing, before they say how it goes on.

        Args:
            rows: As they are shown.
            ids: Of these rows, for a listing that is an object by id.
            place: Where they stand, if not where the profile has those of a listing.
            total: How many there are in all, if that is said.
        """
        listing, headers = self._profile.list, dict[str, str]()
        held: object = list(rows)
        if listing.keyed and place is None and rows:
            held = {name: _without(row, self._profile.record.id) for name, row in zip(ids, rows, strict=False)}
        where = listing.rows if place is None else place
        body: object = {} if where else None
        if rows or not listing.absent_is_empty:
            body = placed({}, where, held)
        if total is not None and listing.total_header:
            span = listing.total_header.lower() == "content-range"
            headers[listing.total_header] = f"customers 0-{max(0, len(rows) - 1)}/{total}" if span else str(total)
        elif total is not None and listing.total and isinstance(body, dict):
            body = placed(body, listing.total, total)
        return body, headers

    def shown(self, status: int, record: object, place: str, headers: Mapping[str, str] | None = None) -> Reply:
        """A record at its place."""
        return self.success(status, placed({}, place, record), headers)

    def success(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> Reply:
        """A success, which says so where the profile has a word for it."""
        if self._errors.success and isinstance(body, dict):
            body = placed(body, self._errors.success, True)
        return json_reply(status, body, headers, self._kind)

    def created(self, record: object, shown_id: object, address: str, headers: Mapping[str, str]) -> Reply:
        """The answer to a create."""
        creating = self._profile.create
        how = self._traps.after_create or ("nothing" if creating.find_by else "id" if creating.id else "record")
        if how != "nothing":
            place = creating.location.replace("{id}", str(shown_id)) if creating.location else f"{PREFIX}{address}"
            headers = {**headers, "Location": place}
        if how == "record":
            return self.shown(201, record, creating.record, headers)
        if how == "id":
            return self.success(201, placed({}, creating.id or "id", shown_id), headers)
        if how == "location":
            return Reply(status=201, headers=tuple(headers.items()))
        return self._curt(how, {})

    def updated(self, record: object, headers: Mapping[str, str]) -> Reply:
        """The answer to an update."""
        how = self._traps.after_update
        return self.shown(200, record, self._profile.update.record, headers) if how == "record" else self._curt(how, {})

    def _curt(self, how: str, headers: Mapping[str, str]) -> Reply:
        """An answer that shows nothing of the record."""
        if how == "nothing":
            return Reply(status=204, headers=tuple(headers.items()))
        return self.success(200, {"ok": True} if how == "ok" else None, headers)

    # --- failures ------------------------------------------------------------------------------------

    def problem(self, problem: Problem) -> Reply:
        """A failure, in problem details (RFC 9457) unless the profile says otherwise."""
        errors = self._errors
        kind = _KINDS.get(problem.status, "refused")
        status = problem.status if problem.exactly else self._status(kind, problem)
        code = next((code for code, meant in errors.codes.items() if meant == kind), None)
        plain = not (errors.message or errors.code)
        body: object = {"title": _phrase(status), "status": status} if plain else {}
        for name, value in (("type", "about:blank"), *problem.more.items()) if plain else ():
            body = placed(body, name, value)
        body = placed(body, errors.message or "detail", problem.detail)
        if errors.code or code:
            body = placed(body, errors.code or "code", code or f"E{problem.status}")
        if problem.errors:
            body = placed(body, errors.fields or "errors", self._faults(problem.errors))
        told = kind == "refused" or code is not None
        if (errors.success or errors.failure) and told and not problem.exactly:
            status = 200
            body = placed(body, errors.success, False) if errors.success else body
            body = body if self._fails(body) else placed(body, errors.failure, True)
        headers = {"WWW-Authenticate": 'Bearer realm="pms"'} if status == 401 else {}
        headers |= {"Allow": problem.allow} if problem.allow else {}
        return json_reply(status, body, headers, "application/problem+json" if plain else self._kind)

    def _fails(self, body: object) -> bool:
        """Whether an error is told from a success without more."""
        mark = self._errors.failure.partition(".")[0]
        return not mark or (isinstance(body, dict) and mark in body)

    def _status(self, kind: str, problem: Problem) -> int:
        if kind == "refused":
            if self._traps.invalid_status and problem.status == 422:
                return self._traps.invalid_status
            return self._errors.refused[0] if self._errors.refused and problem.status == 422 else problem.status
        statuses: tuple[int, ...] = getattr(self._errors, kind)
        return problem.status if problem.status in statuses or not statuses else statuses[0]

    def _faults(self, errors: Sequence[Mapping[str, object]]) -> object:
        """The errors of single fields in the style of this server."""
        style = self._traps.fault_style
        if style == "object":
            return {str(error["field"]): [error["detail"]] for error in errors}
        if style == "pointers":
            return [
                {
                    "code": error["code"],
                    "detail": error["detail"],
                    "source": {"pointer": f"/{str(error['field']).replace('.', '/')}"},
                }
                for error in errors
            ]
        if style == "loc":
            return [
                {"loc": ["body", *str(error["field"]).split(".")], "msg": error["detail"], "type": error["code"]}
                for error in errors
            ]
        return list(errors)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"


def _without(row: object, name: str) -> object:
    return {n: value for n, value in row.items() if n != name} if isinstance(row, Mapping) else row
