"""What an HTTP answer means for the request it answers: a JSON body, or one leaf of the error tree; pure.

A write that was answered by anything but a clear word may have been carried out, and its outcome is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from wave_pms_sync.errors import (
    BadAnswer,
    Conflict,
    NotFound,
    Refused,
    SyncError,
    Throttled,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from wave_pms_sync.http.decoding import Unreadable
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.pms.conventions.manners import Errors, Pace
from wave_pms_sync.pms.faults import code_of, faults_of, problem_of
from wave_pms_sync.pms.lookup import ABSENT, found, named
from wave_pms_sync.pms.misfits import led_to, misfit, path_key
from wave_pms_sync.pms.quota import asked_to_wait_s

_KINDS: Final[Mapping[str, tuple[type[SyncError], str]]] = {
    "unauthorized": (Unauthorized, "the PMS does not accept our credentials, or they may not do this: check them"),
    "missing": (NotFound, "the PMS does not have it: check the id, and the base URL"),
    "conflict": (Conflict, "the PMS says that the record moved on or stands in the way of another: look again"),
    "throttled": (Throttled, "the PMS asks us to slow down"),
}
_SAID: Final[Mapping[int, str]] = {
    401: "the PMS does not accept our credentials: check the token",
    403: "our credentials may not do this: check what the token allows",
    410: "it is gone from the PMS",
    409: "the PMS says that it conflicts with what is there: look again",
    412: "the record moved on: look again",
}
_REFUSED: Final = "refused"
_NOT_NOW = {408, 425}
_FORBIDDEN: Final = 403
_NOT_MODIFIED: Final = 304
_NOTHING: Final[Mapping[str, str]] = {
    "list_customers": "list.absent_is_empty",
    "find_customer": "list.absent_is_empty",
    "list_deleted_customers": "list.absent_is_empty",
    "read_customer": "read.empty_is_missing",
}
_VERSIONS = {412, 428}
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")


@frozen(kw_only=True)
class Judge:
    """What the answers of one API mean.

    Attributes:
        errors: What its errors mean.
        pace: How it asks to wait.
        ignored: Names before a field that lead through the wrapping of a request, each dotted.
    """

    errors: Errors = field(factory=Errors)
    pace: Pace = field(factory=Pace)
    ignored: Sequence[str] = ()

    def body_of(self, request: Request, response: Response) -> object:
        """The JSON body of a success; None for a write that was answered with nothing.

        Raises:
            SyncError: The leaf that says what the answer means.
        """
        if not 200 <= response.status < 300:
            raise self._failure(request, response)
        if request.writes and not response.body.strip():
            return None
        try:
            body = response.json()
        except Unreadable as problem:
            key = "" if response.body.strip() else _NOTHING.get(request.operation, "")
            raise other_shape(request, response, came=str(problem), expected="JSON", key=key) from None
        coded = self._coded(response) if self.errors.code else None
        if coded is not None or self._denied(body):
            raise self._error(coded or self._coded(response) or _REFUSED, request, response)
        return body

    def _failure(self, request: Request, response: Response) -> SyncError:
        status = response.status
        kind = self._coded(response)
        if kind is None or (kind == _REFUSED and not request.writes):
            kind = self._listed(request, status) or kind
        if kind is None or (kind == "conflict" and status == 428):
            wrong_setting = misfit(request, response)
            if wrong_setting is not None:
                return wrong_setting
        if kind is None and 400 <= status < 500 and status not in _NOT_NOW:
            kind = _REFUSED
        if kind is not None:
            return self._error(kind, request, response)
        if request.writes:
            return unknown(request, response)
        if 300 <= status < 400:
            unchanged = status == _NOT_MODIFIED
            came = "no change since" if unchanged else f"a redirect to {led_to(request, response)}"
            key = _NOTHING.get(request.operation, "") if unchanged else path_key(request)
            return other_shape(request, response, came=came, expected="an answer", key=key)
        return self._waiting(_error(Unreachable, "the PMS could not answer", request, response), response)

    def _denied(self, body: object) -> bool:
        success, failure = self.errors.success, self.errors.failure
        if success and named(body, success) in (None, False, 0, "", "false", "0"):
            return True
        return bool(failure) and found(body, failure) not in (ABSENT, None, False, "")

    def _coded(self, response: Response) -> str | None:
        kind = self.errors.codes.get(code_of(problem_of(response), self.errors)) if self.errors.codes else None
        return kind if isinstance(kind, str) else None

    def _listed(self, request: Request, status: int) -> str | None:
        errors = self.errors
        order = (
            (_REFUSED, errors.refused if request.writes else ()),
            ("missing", errors.missing if request.record_id is not None else {*errors.missing} & {404, 410}),
            ("unauthorized", errors.unauthorized),
            ("conflict", errors.conflict),
            ("throttled", errors.throttled),
        )
        return next((kind for kind, statuses in order if status in statuses), None)

    def _error(self, kind: str, request: Request, response: Response) -> SyncError:
        if kind == _REFUSED:
            return self._refusal(request, response)
        leaf, text = _KINDS[kind]
        if leaf is NotFound and request.record_id is None:
            text = f"the PMS has nothing there: check the base URL and {path_key(request)}"
        error = self._waiting(_error(leaf, _SAID.get(response.status, text), request, response), response)
        if isinstance(error, Unauthorized):
            error.forbidden = response.status == _FORBIDDEN
        elif isinstance(error, Conflict) and response.status not in _VERSIONS:
            error.faults = faults_of(response, self.errors, self.ignored)
        return error

    def _refusal(self, request: Request, response: Response) -> SyncError:
        faults = faults_of(response, self.errors, self.ignored)
        about = ", ".join(dict.fromkeys(fault.path for fault in faults if fault.path))
        text = f"the PMS refused it, naming {about}" if about else self._unnamed(request, faults[0].code)
        return Refused(_said(text, request, response), faults=faults)

    def _unnamed(self, request: Request, code: str) -> str:
        told = f" with {code}" if code and not code.isdecimal() else ""
        where = "; `errors.fields` and `errors.message` say where its answer does" if request.writes else ""
        return f"the PMS refused it{told}, naming no field{where}"

    def _waiting(self, error: SyncError, response: Response) -> SyncError:
        """The error with the seconds to wait, within the bounds that the profile believes."""
        asked_s = asked_to_wait_s(response, self.pace)
        if asked_s is not None:
            error.retry_after_s = asked_s
        elif isinstance(error, Throttled) and self.pace.retry_after_min_s:
            error.retry_after_s = float(self.pace.retry_after_min_s)
        return error


def other_shape(request: Request, response: Response, *, came: str, expected: str, key: str = "") -> SyncError:
    """The error for an answer that this client cannot use.

    Args:
        request: What was asked.
        response: What came.
        came: What it looks like, without quoting it.
        expected: What the profile promises.
        key: The setting that says so.
    """
    told = _MEDIA_TYPE.match(response.headers.get("content-type", ""))
    kind = told.group() if told else "no content type"
    where = f"`{key}` in the profile" if key else "the profile"
    text = f"the PMS answered with {came} ({kind}) where {expected} was expected: check the base URL and {where}"
    return _error(UnknownOutcome if request.writes else BadAnswer, text, request, response)


def unknown(request: Request, response: Response) -> SyncError:
    """The error for a write whose outcome nobody can say."""
    led = f" and redirects to {led_to(request, response)}" if 300 <= response.status < 400 else ""
    text = f"the PMS does not say whether it was carried out{led}: look before anything else"
    return _error(UnknownOutcome, text, request, response)


def _error(kind: type[SyncError], text: str, request: Request, response: Response) -> SyncError:
    # Side, operation, record, request id and Retry-After are noted on the error by the caller that sent it.
    return kind(_said(text, request, response))


def _said(text: str, request: Request, response: Response) -> str:
    about = request.operation if request.record_id is None else f"{request.operation} {request.record_id!r}"
    return f"{about}: {text} (HTTP {response.status})"
