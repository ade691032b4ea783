"""How one side writes points in time, said once for reading and writing.

Inside this library a point in time is an aware `datetime` in UTC. Where a side leaves the zone unsaid the form says
it, and the clocks of that zone go forward and back:

- A local time that occurs twice means the earlier of the two moments.
- A local time that is skipped is read with the offset that held before it (02:30 becomes 03:30 summer time).

What is written is cut, never rounded up, so that it never lies later than the moment it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone, tzinfo
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.moments.epoch import MICROSECONDS, from_epoch, to_epoch
from wave_pms_sync.moments.iso import NO_MOMENT, from_iso, to_iso
from wave_pms_sync.moments.pattern import from_pattern, grain_of, to_pattern

_FORMS: Final = ("rfc3339", "iso", *MICROSECONDS)
_PRECISIONS: Mapping[str, str] = MappingProxyType({"s": "second", "ms": "millisecond", "us": "microsecond"})
_GRAINS: Final = ("day", "hour", "minute", "second", "millisecond", "microsecond")


@frozen(kw_only=True)
class TimeForm:
    """How one side writes a point in time. Picklable; a wrong one cannot be built.

    Attributes:
        form: `rfc3339` (read with an offset, which must be there; written in UTC with `Z`), `iso` (read like RFC 3339
            or without a zone, or as a date alone; written without a zone), `epoch_s` or `epoch_ms` (seconds or
            milliseconds since 1970, read as numbers, whole or broken, or as text), or a pattern of `strptime` such as
            `%d.%m.%Y %H:%M`.
        zone: IANA name of the zone in which times without one are read and written, such as `Europe/Oslo`.
        as_text: Whether epochs are written as text.
        precision: The finest that is written: `s`, `ms` or `us`. None: seconds for `epoch_s`, all that it can say for a
            pattern, else milliseconds.

    Raises:
        ConfigurationError: With every fault.
    """

    form: str = "rfc3339"
    zone: str = "UTC"
    as_text: bool = False
    precision: str | None = None
    _tz: tzinfo = field(init=False, eq=False, repr=False)
    _step: str = field(init=False, eq=False, repr=False)
    _grain: str = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        faults = [*_form_faults(self.form), *_zone_faults(self.zone), *_faults(self.as_text, self.form, self.precision)]
        if faults:
            raise ConfigurationError("time form", faults)
        natural = "s" if self.form == "epoch_s" else "us" if "%" in self.form else "ms"
        object.__setattr__(self, "_tz", _zone(self.zone))
        object.__setattr__(self, "_step", self.precision or natural)
        object.__setattr__(self, "_grain", grain_of(self.form) if "%" in self.form else "microsecond")

    @property
    def loses(self) -> str:
        """What a moment loses when it is written and read back, in words; empty if nothing."""
        grain = min(self._grain, _PRECISIONS[self._step], key=_GRAINS.index)
        finer = "" if grain == "microsecond" else f"what is finer than a {grain}"
        fixed = self._tz is timezone.utc or self.form in ("rfc3339", *MICROSECONDS) or "%z" in self.form
        twice = "" if fixed else "which of two equal hours is meant when clocks go back"
        return " and ".join(filter(None, (finer, twice)))

    def read(self, wire: object) -> datetime:
        """Read a value as the side writes it; what is finer than a microsecond is cut.

        `24:00` is the end of its day. A leap second (`23:59:60` in UTC) is the second after it, as epochs count.

        Returns:
            The moment in UTC.

        Raises:
            ValueError: It is none; the reason does not quote it.
        """
        try:
            return self._read(wire).astimezone(timezone.utc)
        except OverflowError:
            raise ValueError(NO_MOMENT) from None

    def write(self, moment: datetime) -> str | int | float:
        """Write a moment as the side takes it, cut to the precision.

        Raises:
            ValueError: It has no time zone, or cannot be said in this form; the reason does not quote it.
        """
        if moment.utcoffset() is None:
            raise ValueError("is a moment without a time zone")
        try:
            return self._write(moment.astimezone(timezone.utc))
        except OverflowError:
            raise ValueError(NO_MOMENT) from None

    def _read(self, wire: object) -> datetime:
        if self.form in MICROSECONDS:
            return from_epoch(wire, self.form)
        if not isinstance(wire, str):
            raise ValueError("is not text")
        if "%" in self.form:
            return from_pattern(wire.strip(), self.form, self._tz)
        return from_iso(wire.strip(), None if self.form == "rfc3339" else self._tz)

    def _write(self, moment: datetime) -> str | int | float:
        if self.form in MICROSECONDS:
            return to_epoch(moment, self.form, self._step, as_text=self.as_text)
        if self.form == "rfc3339":
            return to_iso(moment, self._step) + "Z"
        local = moment.astimezone(self._tz)
        return to_pattern(local, self.form, self._grain, self._step) if "%" in self.form else to_iso(local, self._step)


def _zone(name: str) -> tzinfo:
    if name == "UTC":  # needs no database
        return timezone.utc
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _form_faults(form: object) -> Iterator[str]:
    allowed = f"(allowed: {', '.join(_FORMS)}, a pattern such as %Y-%m-%d %H:%M:%S)"
    if not isinstance(form, str) or (form not in _FORMS and "%" not in form):
        yield f"form: {form!r} is unknown {allowed}"
    elif "%" in form and grain_of(form) is None:
        yield f"form: {form!r} does not give back the year, month, day and time that it writes {allowed}"


def _zone_faults(zone: object) -> Iterator[str]:
    try:
        if isinstance(zone, str) and zone:
            _zone(zone)
            return
    except (KeyError, ValueError, OSError):  # unknown; no name at all; a folder of the database
        from zoneinfo import available_timezones

        if not available_timezones():
            yield f"zone: {zone!r} takes the time zone database, which this machine lacks (allowed: pip install tzdata)"
            return
    yield f"zone: {zone!r} is unknown (allowed: IANA names such as UTC, Europe/Oslo, Etc/GMT-2)"


def _faults(as_text: object, form: object, precision: object) -> Iterator[str]:
    if not isinstance(as_text, bool):
        yield f"as_text: {as_text!r} is no truth value (allowed: True, False)"
    elif as_text and form not in tuple(MICROSECONDS):
        yield f"as_text: is for epochs only (allowed: {', '.join(MICROSECONDS)})"
    if precision is not None and precision not in tuple(_PRECISIONS):
        yield f"precision: {precision!r} is unknown (allowed: {', '.join(_PRECISIONS)}, None)"
