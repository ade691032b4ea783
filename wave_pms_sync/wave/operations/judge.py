"""What an answer of Wave means: data, or which error.

The body counts, whatever the status; the status speaks only where the body is no GraphQL answer.
For a write everything that is neither done nor certainly not carried out is unknown.
Source: Wave developer portal, Errors; clients seen in the field disagree about statuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from attrs import frozen

from wave_pms_sync.errors import (
    BadAnswer,
    FieldFault,
    NotFound,
    Refused,
    SyncError,
    Throttled,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from wave_pms_sync.http.decoding import Unreadable
from wave_pms_sync.http.messages import Response
from wave_pms_sync.wave.operations.encode import read_path

_UNAUTHORIZED = frozenset({"UNAUTHENTICATED", "AUTHENTICATION_ERROR", "UNAUTHORIZED", "FORBIDDEN"})
_REFUSED = frozenset({"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "VARIABLE_VALUE", "BAD_USER_INPUT"})
_MAYBE_CARRIED_OUT = frozenset({408, 409, 425})
_THROTTLED = re.compile(r"throttl|rate.?limit|too many requests", re.IGNORECASE)
_VARIABLE_PATH = re.compile(r"""(?:at ["']input|has invalid value at )\.([A-Za-z0-9.]+)""")
_UNDEFINED = re.compile(
    r"""[Ff]ield ["'](\w{1,64})["'] is not defined by type ["']?\w+Input\b"""
    r"""|type ["']\w+Input["'] not to include unknown field ["'](\w{1,64})["']"""
)
_PLAIN_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@frozen(kw_only=True)
class Answer:
    """A GraphQL answer as it came.

    Attributes:
        data: Possibly partial; empty if there was none.
        errors: Empty if all is well.
        status: The HTTP status.
    """

    data: Mapping[str, object]
    errors: tuple[Mapping[str, object], ...]
    status: int

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all errors."""
        return frozenset(error_code(error) for error in self.errors)

    @property
    def empty(self) -> bool:
        """Whether no root field of the data holds anything."""
        return all(value is None for value in self.data.values())


def answer(response: Response, *, writes: bool) -> Answer:
    """Read a GraphQL answer, with its errors.

    Raises:
        SyncError: It is no GraphQL answer; its status says which error that is.
    """
    try:
        body = response.json()
    except Unreadable as problem:
        raise _by_status(response.status, str(problem), writes=writes) from None
    data, errors = (body.get("data"), body.get("errors")) if isinstance(body, dict) else (None, None)
    if not isinstance(data, Mapping) and not errors:
        raise _by_status(response.status, "JSON that is no GraphQL answer", writes=writes)
    listed = errors if isinstance(errors, list) else [errors] if errors else []
    return Answer(
        data=data if isinstance(data, Mapping) else {},
        errors=tuple(error if isinstance(error, Mapping) else {"message": str(error)} for error in listed),
        status=response.status,
    )


def judge(response: Response, *, writes: bool) -> Mapping[str, object]:
    """The data of an answer without errors.

    Raises:
        SyncError: It holds errors, or is no GraphQL answer.
    """
    read = answer(response, writes=writes)
    if read.errors:
        raise failure(read, writes=writes)
    return read.data


def failure(read: Answer, *, writes: bool) -> SyncError:
    """The error that an answer with GraphQL errors amounts to."""
    shown = _shown(read.codes)
    if writes and not read.empty:
        return UnknownOutcome(f"Wave answered a write with errors beside data ({shown})")
    certain = _not_carried_out(read, shown)
    if certain is not None:
        return certain
    if writes:
        return UnknownOutcome(f"Wave failed while it wrote ({shown})")
    if _is_passing(read):
        return Unreachable(f"Wave failed ({shown})")
    return BadAnswer(f"Wave answered with errors ({shown})", data=read.data or None, errors=read.errors)


def _not_carried_out(read: Answer, shown: str) -> SyncError | None:
    if read.codes & _UNAUTHORIZED or read.status in {401, 403}:
        forbidden = "FORBIDDEN" in read.codes or read.status == 403
        few = "; its scopes may be too few" if forbidden else ""
        return Unauthorized(f"Wave does not accept the token for this ({shown}){few}", forbidden=forbidden)
    if read.empty and "NOT_FOUND" in read.codes:
        return NotFound(f"Wave does not know what was addressed ({shown})")
    wrong = read.empty and bool(read.codes & _REFUSED)
    undefined = _undefined(read.errors)
    if wrong and undefined:
        return BadAnswer(
            f"Wave's schema takes no {', '.join(undefined)} any more: `check()` tells what changed", errors=read.errors
        )
    if not wrong and (read.status == 429 or any(_THROTTLED.search(_words(error)) for error in read.errors)):
        return Throttled(f"Wave asks to slow down ({shown})")
    if wrong or (read.empty and 400 <= read.status < 500 and not _is_passing(read)):
        return Refused(f"Wave refused the request ({shown})", faults=_variable_faults(read.errors))
    return None


def _is_passing(read: Answer) -> bool:
    return "INTERNAL_SERVER_ERROR" in read.codes or read.status >= 500 or read.status in _MAYBE_CARRIED_OUT


def payload(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The payload of a mutation that succeeded.

    Raises:
        Refused: `didSucceed` is false; the faults name the fields.
        NotFound: The same, since the customer is not there.
        UnknownOutcome: The payload is null or does not say whether it succeeded.
    """
    shown = data.get(name)
    if not isinstance(shown, Mapping) or not isinstance(shown.get("didSucceed"), bool):
        raise UnknownOutcome(f"Wave's answer does not say whether {name} succeeded")
    if shown["didSucceed"]:
        return shown
    faults = _input_faults(shown.get("inputErrors"))
    named = ", ".join(_named(fault) for fault in faults)
    if any(fault.path == "id" and fault.code == "NOT_FOUND" for fault in faults):
        raise NotFound("Wave does not know this customer (id: NOT_FOUND)")
    raise Refused(f"Wave refused {name}: {named}", faults=faults)


def error_code(error: Mapping[str, object]) -> str:
    """The code of a GraphQL error; empty if it has none."""
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    return code if isinstance(code, str) else ""


def error_path(error: Mapping[str, object]) -> tuple[object, ...]:
    """The path of a GraphQL error; empty if it has none."""
    path = error.get("path")
    return tuple(path) if isinstance(path, list) else ()


def _by_status(status: int, what: str, *, writes: bool) -> SyncError:
    text = f"Wave answered {status} with {what}"
    if status in {401, 403}:
        return Unauthorized(text)
    if status == 429:
        return Throttled(text)
    if status in {404, 410}:  # of the endpoint, not of a customer: nothing was carried out
        return Unreachable(f"{text}; is the url right?", retryable=False)
    if status >= 500 or status in _MAYBE_CARRIED_OUT:
        return _lost(text, writes=writes)
    if 400 <= status < 500:
        return Refused(text, faults=[FieldFault(path="")])
    return UnknownOutcome(text) if writes else BadAnswer(text, retryable=status < 300)


def _lost(text: str, *, writes: bool) -> SyncError:
    return UnknownOutcome(text) if writes else Unreachable(text)


def _input_faults(errors: object) -> list[FieldFault]:
    listed = [error for error in errors if isinstance(error, Mapping)] if isinstance(errors, list) else []
    faults = [
        FieldFault(path=read_path(error.get("path")), code=_text(error, "code"), message=_text(error, "message"))
        for error in listed
    ]
    return faults or [FieldFault(path="")]


def _variable_faults(errors: Sequence[Mapping[str, object]]) -> list[FieldFault]:
    """Wave's own words name the field of a wrong variable, here in both wordings of the GraphQL reference library.

    `got invalid value "XX" at "input.address.countryCode"`, or `has invalid value at .address.countryCode`.
    Source: assumed; which library Wave runs is not known, and without a name the whole record is refused.
    """
    faults = []
    for error in errors:
        message = _text(error, "message")
        found = _VARIABLE_PATH.search(message)
        faults.append(FieldFault(path=read_path(found[1] if found else None), code=error_code(error), message=message))
    return faults


def _undefined(errors: Sequence[Mapping[str, object]]) -> list[str]:
    """Properties that an input of Wave's schema no longer has, in both wordings of the GraphQL reference library.

    That is a fault of no customer: no write that needs them will be taken.
    Source: assumed; which library Wave runs is not known, and without a name the record is refused.
    """
    found = [match for error in errors if (match := _UNDEFINED.search(_text(error, "message")))]
    return sorted({match[1] or match[2] for match in found})


def _named(fault: FieldFault) -> str:
    path = fault.path if _PLAIN_CODE.fullmatch(fault.path) else "the customer"
    return f"{path} ({_shown([fault.code])})"


def _shown(codes: frozenset[str] | list[str]) -> str:
    """Codes for a message; a code that looks like words might quote a customer and is left out."""
    return ", ".join(sorted(code for code in codes if _PLAIN_CODE.fullmatch(code))) or "no code"


def _words(error: Mapping[str, object]) -> str:
    return f"{error_code(error)} {_text(error, 'message')}"


def _text(error: Mapping[str, object], name: str) -> str:
    return str(error.get(name) or "")
