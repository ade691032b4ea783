"""The error tree: one root, and a leaf for each party who must act.

    SyncError
    ├── the caller        ConfigurationError · ConversionError
    ├── the other side    Unauthorized · NotFound · Refused · Conflict · Throttled
    │                     Unreachable · UnknownOutcome · BadAnswer · DeadlineExceeded
    ├── our memory        LeaseHeld · LeaseLost · WrongTenant · StoreUnusable
    └── the run           RunIncomplete

Messages and reprs carry ids, field names and codes, never a value of a customer and never a secret.
What a server said in words may quote a customer, so it is kept in attributes and stays out of the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

__all__ = [
    "BadAnswer",
    "ConfigurationError",
    "Conflict",
    "ConversionError",
    "DeadlineExceeded",
    "FieldFault",
    "LeaseHeld",
    "LeaseLost",
    "NotFound",
    "Refused",
    "RunIncomplete",
    "StoreUnusable",
    "SyncError",
    "Throttled",
    "Unauthorized",
    "UnknownOutcome",
    "Unreachable",
    "WrongTenant",
]


@frozen(kw_only=True)
class FieldFault:
    """One field that a side refused.

    Attributes:
        path: The property in the side's read names, dotted (`address.province.code`); empty for the whole record.
        code: The side's own code, as text; empty if it gave none.
        message: What the side said. It may quote a value, therefore it is not part of any repr.
    """

    path: str
    code: str = ""
    message: str = field(default="", repr=False)


class SyncError(Exception):
    """The root of all errors of this library.

    Attributes:
        code: Stable, for programs.
        retryable: Whether the same call may succeed later without anybody changing anything.
        executed: False if the request was certainly not carried out; True if unknown or carried out.
        side: `"wave"`, `"pms"` or None.
        operation: What was being done, for example `"update_customer"`.
        record_id: The customer concerned, in the side's own id.
        retry_after_s: Seconds the side asked us to wait, or None.
        request_id: The side's own name for the failed request, for its support.
    """

    code: str = "sync_error"
    retryable: bool = False
    executed: bool = False

    def __init__(
        self,
        message: str,
        *,
        side: str | None = None,
        operation: str | None = None,
        record_id: str | None = None,
        retry_after_s: float | None = None,
        request_id: str | None = None,
        **facts: object,
    ) -> None:
        super().__init__(message)
        self.side = side
        self.operation = operation
        self.record_id = record_id
        self.retry_after_s = retry_after_s
        self.request_id = request_id
        for name, value in facts.items():
            setattr(self, name, value)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args, dict(self.__dict__))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r}, code={self.code!r})"


def _rebuild(kind: type[SyncError], args: tuple[object, ...], facts: dict[str, object]) -> SyncError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(facts)
    return error


# --- The caller must act ---------------------------------------------------------------------------


class ConfigurationError(SyncError, ValueError):
    """Configuration that cannot work; raised at construction with all its faults at once.

    Attributes:
        faults: One line for each fault, `path: problem (allowed: ...)`.
    """

    code = "configuration"

    def __init__(self, what: str, faults: Sequence[str], **facts: object) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{what}: " + "; ".join(self.faults), **facts)  # type: ignore[arg-type]  # facts are the root's keywords


class ConversionError(SyncError, ValueError):
    """A value that a converter cannot carry; it holds one field group of one record.

    Attributes:
        field: The Wave property of the field map.
        reason: What is wrong, without the value.
    """

    code = "conversion"

    def __init__(self, reason: str, *, field: str = "", **facts: object) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}" if field else reason, **facts)  # type: ignore[arg-type]  # facts are the root's keywords


# --- The other side answered, or did not -----------------------------------------------------------


class Unauthorized(SyncError):
    """The side does not accept our credentials, or they may not do this. No record is blamed.

    Attributes:
        forbidden: They are accepted, and may not do this: then only the writes to this side end, not the run.
    """

    code = "unauthorized"

    def __init__(self, message: str, *, forbidden: bool = False, **facts: object) -> None:
        self.forbidden = forbidden
        super().__init__(message, **facts)  # type: ignore[arg-type]  # facts are the root's keywords


class NotFound(SyncError, LookupError):
    """The side does not know the thing addressed."""

    code = "not_found"


class Refused(SyncError):
    """The side understood and declined. Sending the same again would be declined again.

    Attributes:
        faults: The fields it named, in its read names; one with an empty path if it named none.
    """

    code = "refused"

    def __init__(self, message: str, *, faults: Sequence[FieldFault] = (), **facts: object) -> None:
        self.faults = tuple(faults)
        super().__init__(message, **facts)  # type: ignore[arg-type]  # facts are the root's keywords


class Conflict(SyncError):
    """The record moved on, or another stands in its way (409, 412). Look again before anything else.

    Attributes:
        faults: What the side named, where it did not speak of versions; otherwise empty.
    """

    code = "conflict"
    retryable = True

    def __init__(self, message: str, *, faults: Sequence[FieldFault] = (), **facts: object) -> None:
        self.faults = tuple(faults)
        super().__init__(message, **facts)  # type: ignore[arg-type]  # facts are the root's keywords


class Throttled(SyncError):
    """The side asked us to slow down. Nothing was executed."""

    code = "throttled"
    retryable = True


class Unreachable(SyncError, ConnectionError):
    """The side could not be reached, or a *read* kept failing. Nothing was written."""

    code = "unreachable"
    retryable = True


class UnknownOutcome(SyncError):
    """A write was sent and nobody can say whether it was carried out. It must be looked up, never repeated blindly.

    Attributes:
        accepted: The side said that it took a create, and under which id (`record_id`), but does not show it yet.
    """

    code = "unknown_outcome"
    retryable = True
    executed = True
    accepted: bool = False


class BadAnswer(SyncError):
    """The side answers in a way that this client cannot use (HTML, cut JSON, another shape), or its schema changed.

    Nothing was written.

    Attributes:
        data: GraphQL data that came with errors, or None.
        errors: GraphQL errors, or an empty tuple.
    """

    code = "bad_answer"

    def __init__(
        self,
        message: str,
        *,
        data: Mapping[str, object] | None = None,
        errors: Sequence[Mapping[str, object]] = (),
        **facts: object,
    ) -> None:
        self.data = data
        self.errors = tuple(errors)
        super().__init__(message, **facts)  # type: ignore[arg-type]  # facts are the root's keywords


class DeadlineExceeded(SyncError, TimeoutError):
    """The time given for the call or the run is over. What was done is recorded; the next run goes on from there."""

    code = "deadline_exceeded"
    retryable = True


# --- Our own memory --------------------------------------------------------------------------------


class LeaseHeld(SyncError):
    """Another run works on this tenant; nothing was done.

    Attributes:
        owner: Who holds the lease.
        age_s: Seconds since its owner last renewed it.
    """

    code = "lease_held"
    retryable = True

    def __init__(self, message: str, *, owner: str, age_s: float, **facts: object) -> None:
        self.owner = owner
        self.age_s = age_s
        super().__init__(message, **facts)  # type: ignore[arg-type]  # facts are the root's keywords


class LeaseLost(SyncError):
    """The lease was taken over while we worked; the store refused our write and the run stopped."""

    code = "lease_lost"
    retryable = True


class WrongTenant(SyncError):
    """The link store belongs to another pair of accounts; both are named. Use its tenant name, or `links.rebind`."""

    code = "wrong_tenant"


class StoreUnusable(SyncError):
    """The link store is not ours, of a newer version, damaged, or cannot be written. It was left as it is."""

    code = "store_unusable"


# --- The run ---------------------------------------------------------------------------------------


class RunIncomplete(SyncError):
    """Raised by `Report.raise_for_status()` when a run was not complete.

    Attributes:
        status: The report's status: `"partial"`, `"held"` or `"refused"`.
    """

    code = "run_incomplete"

    def __init__(self, message: str, *, status: str, **facts: object) -> None:
        self.status = status
        super().__init__(message, **facts)  # type: ignore[arg-type]  # facts are the root's keywords
