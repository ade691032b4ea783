"""Where faults are switched on and off, and which of them strike a request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from email.utils import format_datetime

import attrs
from attrs import define, frozen
from attrs.validators import ge, in_, instance_of, is_callable, optional, or_

from wave_pms_sync.testing.faults import OPERATIONS, RULES, Fault
from wave_pms_sync.testing.nesting import leaves, within

__all__ = ["Arrival", "Details", "Faults", "Strikes", "SwitchedOn"]


@frozen(kw_only=True)
class Arrival:
    """What a request wants, before it is executed.

    Attributes:
        operation: `list`, `one`, `create`, `update`, `archive`, `delete`, `other` or `invalid`.
        ids: The records that it names.
        written: What it writes, in the side's read names, nested; None clears.
        next_page: It asks for a page of a listing beyond the first.
    """

    operation: str
    ids: tuple[str, ...] = ()
    written: Mapping[str, object] = attrs.field(factory=dict, repr=False)
    next_page: bool = False

    def writes(self, path: str, value: object = None) -> bool:
        """Whether it writes this property or a part of it (with this value, if one is given)."""
        return any(within(at, path) and (value is None or value == found) for at, found in leaves(self.written))


def _retry_after(value: object) -> object:
    if isinstance(value, datetime):
        return format_datetime(value.astimezone(timezone.utc), usegmt=True)
    return str(value) if isinstance(value, int | float) else value


_AS_EVER = -1
_text = optional(instance_of(str))
_mapping = optional(instance_of(Mapping))  # type: ignore[type-abstract]  # isinstance is all it does
_number = instance_of((int, float))


@frozen(kw_only=True)
class Details:
    """What a fault was told. Which details a kind takes is said in `Fault`."""

    record: str | None = attrs.field(default=None, validator=_text)
    field: str | None = attrs.field(default=None, validator=_text)
    value: object = None
    retry_after: str | None = attrs.field(default=None, converter=_retry_after, validator=_text)
    status: int | None = attrs.field(default=None, validator=optional(instance_of(int)))
    body: str | None = attrs.field(default=None, validator=_text)
    headers: Mapping[str, str] | None = attrs.field(default=None, validator=_mapping)
    location: str | None = attrs.field(default=None, validator=_text)
    code: str | None = attrs.field(default=None, validator=_text)
    message: str | None = attrs.field(default=None, validator=_text)
    executed: bool = attrs.field(default=False, validator=instance_of(bool))
    seconds: float = attrs.field(default=60.0, validator=[_number, ge(0)])
    requests: int | None = attrs.field(default=None, validator=optional(instance_of(int)))
    rows: int = attrs.field(default=1, validator=[instance_of(int), ge(0)])
    by: int = attrs.field(default=1, validator=instance_of(int))
    total: int | None = attrs.field(default=None, validator=optional(instance_of(int)))
    values: Mapping[str, object] | None = attrs.field(default=None, validator=_mapping)
    insert: Mapping[str, object] | None = attrs.field(default=None, validator=_mapping)
    how: str | Callable[[str], str] = attrs.field(
        default="trim", validator=or_(in_(("trim", "collapse", "upper", "phone")), is_callable())
    )
    call: Callable[[Arrival], object] = attrs.field(default=lambda _: None, validator=is_callable())


@define(eq=False, kw_only=True)
class SwitchedOn:
    """A fault that was switched on.

    Attributes:
        kind: What it does.
        on: Which operations it may strike.
        details: What it was told.
        times: How often it still strikes; None for ever.
        skip: How many matching requests still pass first.
        struck: How often it has struck.
    """

    kind: Fault
    on: str
    details: Details
    times: int | None
    skip: int
    struck: int = 0

    def matches(self, arrival: Arrival) -> bool:
        """Whether it concerns a request."""
        rule, told = RULES[self.kind], self.details
        wanted = OPERATIONS[self.on] & OPERATIONS[rule.within]
        if arrival.operation not in wanted or self.times == 0:
            return False
        if "next_page" in (self.on, rule.within) and not arrival.next_page:
            return False
        if rule.within != "list" and told.record is not None and told.record not in arrival.ids:
            return False
        return not rule.filtered or told.field is None or arrival.writes(told.field, told.value)

    def strike(self) -> bool:
        """Count a matching request; whether the fault strikes it."""
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.struck += 1
        return True


class Strikes:
    """The faults that strike one request."""

    def __init__(self, faults: tuple[SwitchedOn, ...] = ()) -> None:
        self._faults = faults

    @property
    def alone(self) -> SwitchedOn | None:
        """The one fault that decides the answer, or None."""
        return next((fault for fault in self._faults if RULES[fault.kind].alone), None)

    @property
    def names(self) -> str:
        """The names of all, joined by `+`."""
        return "+".join(str(fault.kind) for fault in self._faults)

    def of(self, *kinds: Fault) -> Iterator[Details]:
        """The details of all faults of these kinds."""
        return (fault.details for fault in self._faults if fault.kind in kinds)

    def first(self, kind: Fault) -> Details | None:
        """The details of the first fault of this kind, or None."""
        return next(self.of(kind), None)


class Faults:
    """Switches faults on and off.

    Args:
        side: `wave` or `pms`; some kinds exist on one side only.
    """

    def __init__(self, side: str) -> None:
        self._side = side
        self._lock = threading.Lock()
        self._active: list[SwitchedOn] = []
        self._past: list[SwitchedOn] = []

    @property
    def active(self) -> tuple[SwitchedOn, ...]:
        """Faults that can still strike, in the order added."""
        with self._lock:
            return tuple(self._active)

    def add(
        self, kind: Fault, *, times: int | None = _AS_EVER, skip: int = 0, on: str | None = None, **details: object
    ) -> SwitchedOn:
        """Switch a fault on.

        Args:
            kind: What goes wrong.
            times: How often; None until cleared. Left out: once, or until cleared for what is no event but a
                habit (page and list caps, changed and hidden rows, read lag, ignored and normalised fields, latency).
            skip: Let so many matching requests pass first.
            on: Which operations: any, read, write, list, next_page, one, other, create, update (with archive),
                archive, delete. Left out: all that this kind can concern.
            **details: What `Fault` says of this kind; and `record`, `field`, `value`.

        Returns:
            The fault; its `struck` tells how often it struck.

        Raises:
            ValueError: The kind does not exist on this side, or a detail is unknown, missing or impossible.
            TypeError: A detail has the wrong type.
        """
        rule = RULES[kind]
        if rule.side not in ("", self._side):
            raise ValueError(f"{kind}: the {self._side} sandbox has no such fault")
        unknown = set(details) - rule.details - {"record", "field", "value"}
        missing = rule.needs - set(details)
        if unknown or missing:
            raise ValueError(f"{kind}: unknown details {sorted(unknown)}, missing details {sorted(missing)}")
        on = rule.within if on is None else on
        if on not in OPERATIONS or not OPERATIONS[on] & OPERATIONS[rule.within]:
            raise ValueError(f"{kind}: cannot strike on {on!r} (it concerns {rule.within!r})")
        if times == _AS_EVER:
            times = None if rule.lasting else 1
        if skip < 0 or (times is not None and times < 0):
            raise ValueError(f"{kind}: times and skip count from 0")
        told = Details(**details)  # type: ignore[arg-type]  # each detail is validated by attrs
        fault = SwitchedOn(kind=kind, on=on, details=told, times=times, skip=skip)
        with self._lock:
            self._active.append(fault)
        return fault

    def remove(self, fault: SwitchedOn) -> None:
        """Switch one fault off; one that is off already is no error."""
        with self._lock:
            if fault in self._active:
                self._active.remove(fault)
                self._past.append(fault)

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._past += self._active
            self._active.clear()

    def struck(self, kind: Fault) -> int:
        """How often faults of this kind have struck so far."""
        with self._lock:
            return sum(fault.struck for fault in (*self._active, *self._past) if fault.kind is kind)

    def strike(self, arrival: Arrival) -> Strikes:
        """Choose the faults that strike a request, and count them; for the sandbox itself."""
        chosen: list[SwitchedOn] = []
        with self._lock:
            for fault in list(self._active):
                if _in_turn(fault, chosen) and fault.matches(arrival) and fault.strike():
                    chosen.append(fault)
                    if fault.times == 0:
                        self._active.remove(fault)
                        self._past.append(fault)
        return Strikes(tuple(chosen))


def _in_turn(fault: SwitchedOn, chosen: list[SwitchedOn]) -> bool:
    """Whether a fault may join those chosen: habits always, events one of a kind, and one that decides the answer."""
    rule = RULES[fault.kind]
    if rule.alone:
        return not any(RULES[other.kind].alone for other in chosen)
    return rule.lasting or all(other.kind is not fault.kind for other in chosen)
