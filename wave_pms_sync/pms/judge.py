"""What an HTTP answer means for the request it answers: a JSON body, or one leaf of the error tree; pure.

A write that was answered by anything but a clear word may have been carried out, and its outcome is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from wave_pms_sync.errors import (
    BadAnswer,
    Conflict,
    FieldFault,
    NotFound,
    Refused,
    SyncError,
    Throttled,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from wave_pms_sync.http.messages import Request, Response, Unreadable

_PLAIN: Mapping[int, tuple[type[SyncError], str]] = {
    401: (Unauthorized, "the PMS does not accept our credentials: check the token"),
    403: (Unauthorized, "our credentials may not do this: check what the token allows"),
    404: (NotFound, "the PMS does not have it: check the id, and the base URL"),
    410: (NotFound, "it is gone from the PMS"),
    409: (Conflict, "the PMS says that it conflicts with what is there: look again"),
    412: (Conflict, "the record moved on: look again"),
    428: (Conflict, "the PMS wants to know which version is meant: read the record, then write"),
    429: (Throttled, "the PMS asks us to slow down"),
}
_NOT_NOW = {408, 425}
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
# Servers put sentences where a name belongs, and a sentence may quote a customer.
_PROPERTY = re.compile(r"[\w-]{1,64}(\.[\w-]{1,64}){0,9}")
_CODE = re.compile(r"[\w.:/#-]{1,120}")


def body_of(request: Request, response: Response) -> object:
    """The JSON body of a success; None for a write that was answered with nothing.

    Raises:
        SyncError: The leaf that says what the answer means.
    """
    if not 200 <= response.status < 300:
        raise _failure(request, response)
    if request.writes and not response.body.strip():
        return None
    try:
        return response.json()
    except Unreadable as problem:
        raise other_shape(request, response, came=str(problem), expected="JSON") from None


def other_shape(request: Request, response: Response, *, came: str, expected: str) -> SyncError:
    """The error for an answer that this client cannot use.

    Args:
        request: What was asked.
        response: What came.
        came: What it looks like, without quoting it.
        expected: What the profile promises.
    """
    found = _MEDIA_TYPE.match(response.headers.get("content-type", ""))
    kind = found.group() if found else "no content type"
    text = f"the PMS answered with {came} ({kind}) where {expected} was expected: check the base URL and the profile"
    return _error(UnknownOutcome if request.writes else BadAnswer, text, request, response)


def unknown(request: Request, response: Response, text: str) -> SyncError:
    """The error for a write whose outcome nobody can say."""
    return _error(UnknownOutcome, text, request, response)


def _failure(request: Request, response: Response) -> SyncError:
    status = response.status
    if status in _PLAIN:
        kind, text = _PLAIN[status]
        return _error(kind, text, request, response)
    if 400 <= status < 500 and status not in _NOT_NOW:
        return _refusal(request, response)
    if request.writes:
        return unknown(request, response, "the PMS does not say whether it was carried out: look before anything else")
    if 300 <= status < 400:
        return other_shape(request, response, came="a redirect", expected="an answer")
    return _error(Unreachable, "the PMS could not answer", request, response)


def _refusal(request: Request, response: Response) -> SyncError:
    faults = tuple(_faults(response)) or (FieldFault(path="", code=str(response.status)),)
    named = ", ".join(dict.fromkeys(fault.path for fault in faults if fault.path))
    text = f"the PMS refused it, naming {named}" if named else "the PMS refused it, naming no field"
    return Refused(_said(text, request, response), faults=faults)


def _error(kind: type[SyncError], text: str, request: Request, response: Response) -> SyncError:
    # Side, operation, record, request id and Retry-After are noted on the error by the caller that sent it.
    return kind(_said(text, request, response))


def _said(text: str, request: Request, response: Response) -> str:
    about = request.operation if request.record_id is None else f"{request.operation} {request.record_id!r}"
    return f"{about}: {text} (HTTP {response.status})"


def _faults(response: Response) -> Iterator[FieldFault]:
    # RFC 9457 problem details; `errors` is its usual extension, as a list or by property.
    try:
        problem = response.json()
    except Unreadable:
        return
    if not isinstance(problem, Mapping):
        return
    errors = problem.get("errors")
    found = list(_listed(errors) if isinstance(errors, list) else _by_property(errors))
    yield from found or [FieldFault(path="", code=_code(problem, response), message=_message(problem))]


def _listed(errors: list[object]) -> Iterator[FieldFault]:
    for error in errors:
        if isinstance(error, Mapping):
            named = next((error[key] for key in ("pointer", "field", "path", "loc") if error.get(key)), "")
            yield FieldFault(path=_path(named), code=_code(error), message=_message(error))
        else:
            yield FieldFault(path="", message=str(error))


def _by_property(errors: object) -> Iterator[FieldFault]:
    for name, messages in errors.items() if isinstance(errors, Mapping) else ():
        for message in messages if isinstance(messages, list) else [messages]:
            if isinstance(message, Mapping):
                yield FieldFault(path=_path(name), code=_code(message), message=_message(message))
            else:
                yield FieldFault(path=_path(name), message=str(message))


def _path(named: object) -> str:
    if isinstance(named, list):
        dotted = ".".join(str(part) for part in named)
    elif isinstance(named, str) and named.startswith(("/", "#/")):
        pointer = unquote(named[1:]) if named.startswith("#") else named
        dotted = ".".join(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))
    else:
        dotted = str(named)
    return dotted if _PROPERTY.fullmatch(dotted) else ""


def _code(problem: Mapping[str, object], response: Response | None = None) -> str:
    for key in ("code", "type"):
        found = str(problem.get(key) or "")
        if _CODE.fullmatch(found) and found != "about:blank":
            return found
    return "" if response is None else str(response.status)


def _message(problem: Mapping[str, object]) -> str:
    found = (problem.get(key) for key in ("detail", "message", "msg", "title"))
    return next((text for text in found if isinstance(text, str) and text), "")
