"""Names of people: whole or in parts, and whether a record is a person at all.

Nobody can split every name right. Therefore a split that somebody made is kept as long as the whole name allows it,
and only a name without history is split by rule.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converters.text import name_key, text_of
from wave_pms_sync.mapping.written import collapsed, folded

_ORDERS = ("first_last", "last_first")


def join_name(parts: object) -> str:
    """The parts of a name as one, each trimmed; empty parts are left out.

    Raises:
        ConversionError: If they are not two texts or empty values.
    """
    return " ".join(_known(parts))


def _known(parts: object) -> list[str]:
    if not isinstance(parts, (tuple, list)) or len(parts) != 2:
        raise ConversionError("is not a first and a last name")
    return [text for part in parts if part is not None and (text := collapsed(text_of(part)))]


def split_name(whole: str) -> tuple[str | None, str | None]:
    """Split a name by rule: the last word is the surname, and so are words before it from the first in lower case on.

    A name of one word is a first name.
    """
    words = whole.split()
    if len(words) < 2:
        return (words[0] if words else None, None)
    particles = (at for at in range(1, len(words) - 1) if words[at][0].islower())
    cut = next(particles, len(words) - 1)
    return " ".join(words[:cut]), " ".join(words[cut:])


def split_like(whole: str, old: object) -> tuple[str | None, str | None]:
    """Split a name as the old one was split: an unchanged name keeps its parts, an unchanged part stays whole."""
    if not isinstance(old, (tuple, list)) or len(old) != 2:
        return split_name(whole)
    first, last = (collapsed(part) if isinstance(part, str) else "" for part in old)
    words = collapsed(whole)
    if first and words.startswith(f"{first} "):
        return first, words.removeprefix(f"{first} ")
    if last and words.endswith(f" {last}"):
        return words.removesuffix(f" {last}"), last
    if last and not first and " " not in words:
        return None, words
    return split_name(whole)


@frozen(kw_only=True)
class FullName:
    """First and last name in Wave, one full name in the PMS; compared by the full name.

    Attributes:
        order: `first_last` (`Ada Lovelace`) or `last_first` (`Lovelace, Ada`). With `last_first`, a name without a
            comma is read in the usual order.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (2, 1)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "where the first name ends, and runs of blanks"

    order: str = "first_last"

    def __attrs_post_init__(self) -> None:
        if self.order not in _ORDERS:
            fault = f"order: {self.order!r} is unknown (allowed: {', '.join(_ORDERS)})"
            raise ConfigurationError("mapping", [fault])

    def read(self, wire: object) -> object:
        """The parts, split at the comma or by rule."""
        return self._split(text_of(wire))

    def write(self, ours: object, old: object = None) -> object:
        """The full name; the PMS's own writing if it says the same."""
        whole = self._joined(ours)
        return old if isinstance(old, str) and self._key(old) == self._key(whole) else whole

    def key(self, ours: object) -> object:
        """The full name."""
        return self._key(self._joined(ours)) or None

    def adapt(self, ours: object, old: object) -> object:
        """The parts, split as Wave's present ones are; a comma that the PMS shows outweighs them."""
        if isinstance(old, (tuple, list)) and self.key(old) == self.key(ours):
            return tuple(old)
        return ours if self.order == "last_first" else split_like(join_name(ours), old)

    def _joined(self, parts: object) -> str:
        return join_name(parts) if self.order == "first_last" else ", ".join(reversed(_known(parts)))

    def _split(self, whole: str) -> tuple[str | None, str | None]:
        if self.order == "first_last":
            return split_name(whole)
        bare = collapsed(whole).strip(" ,")  # a comma at either end parts nothing
        last, comma, first = bare.partition(",")
        return (collapsed(first), collapsed(last)) if comma else split_name(bare)

    def _key(self, whole: str) -> str:
        """As the name is written once it was read: a name without a comma is the same with one."""
        return name_key(whole if self.order == "first_last" else self._joined(self._split(whole)))


@frozen
class NameParts:
    """One name in Wave, first and last name in the PMS; compared by the whole name."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 2)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "where the first name ends, and runs of blanks"

    def read(self, wire: object) -> object:
        """The whole name."""
        return join_name(wire)

    def write(self, ours: object, old: object = None) -> object:
        """The parts, split as the PMS's present ones are."""
        whole = text_of(ours)
        if isinstance(old, (tuple, list)) and len(old) == 2 and name_key(join_name(old)) == name_key(whole):
            return tuple(old)
        return split_like(whole, old)

    def key(self, ours: object) -> object:
        """The whole name."""
        return name_key(text_of(ours))


@frozen
class Kind:
    """`person` when Wave's name is made of its first and last name in either order, else `organisation`."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (3, 1)
    derived: ClassVar[bool] = True
    loses: ClassVar[str] = "the names"

    def read(self, wire: object) -> object:
        """What the PMS says, whatever it is: an edit there is foreign, not a fault."""
        return text_of(wire)

    def write(self, ours: object) -> object:
        """`person` or `organisation`."""
        return self.key(ours)

    def key(self, ours: object) -> object:
        """The kind."""
        if isinstance(ours, str):
            return folded(ours).strip()
        if not isinstance(ours, (tuple, list)) or len(ours) != 3:
            raise ConversionError("is not a name, a first and a last name")
        name, *parts = (folded(collapsed(text_of(part))) if part is not None else "" for part in ours)
        known = [part for part in parts if part]
        orders = {" ".join(known), " ".join(reversed(known)), ", ".join(reversed(known))}
        return "person" if name and name in orders else "organisation"
