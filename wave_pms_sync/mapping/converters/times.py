"""Points in time: as Wave shows them, and as the PMS writes them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar, Final

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.moments.form import TimeForm

# Source: Wave shows createdAt and modifiedAt like 2024-05-01T12:00:00.000Z.
_WAVE: Final = TimeForm()
_FINER: Final = TimeForm(precision="us")


@frozen(kw_only=True)
class DateTime:
    """A point in time: RFC 3339 text in UTC in Wave, in a form of its own in the PMS; compared by what that form keeps.

    Attributes:
        form: `rfc3339`, `iso`, `epoch_s`, `epoch_ms`, or a pattern such as `%d.%m.%Y %H:%M`.
        zone: The IANA name of the zone in which the PMS means times without an offset.
        as_text: Whether epochs are written as text.
        precision: The finest that is written: `s`, `ms` or `us`; None: what goes without saying for the form.

    Raises:
        ConfigurationError: With every fault.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)

    form: str = "rfc3339"
    zone: str = "UTC"
    as_text: bool = False
    precision: str | None = None
    _wire: TimeForm = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        try:
            wire = TimeForm(form=self.form, zone=self.zone, as_text=self.as_text, precision=self.precision)
        except ConfigurationError as error:
            raise ConfigurationError("mapping", error.faults) from None
        object.__setattr__(self, "_wire", wire)

    @property
    def loses(self) -> str:
        """How the time is written, and what its form cannot say."""
        return " and ".join(filter(None, ("how the time is written", self._wire.loses)))

    def read(self, wire: object) -> object:
        """The moment as Wave would show it."""
        return self._kept(wire, self._wire)

    def write(self, ours: object) -> object:
        """The moment as the PMS writes it."""
        try:
            return self._wire.write(_FINER.read(ours))
        except ValueError as error:
            raise ConversionError(str(error)) from None

    def key(self, ours: object) -> object:
        """What the PMS's form keeps of the moment, as Wave would show it."""
        return self._kept(ours, _FINER)

    def _kept(self, value: object, form: TimeForm) -> object:
        try:
            return _shown(self._wire.read(self._wire.write(form.read(value))))
        except ValueError as error:
            raise ConversionError(str(error)) from None


def _shown(moment: datetime) -> object:
    return (_FINER if moment.microsecond % 1000 else _WAVE).write(moment)


DATE: Final = partial(DateTime, form="%Y-%m-%d")
EPOCH_S: Final = partial(DateTime, form="epoch_s")
EPOCH_MS: Final = partial(DateTime, form="epoch_ms")
