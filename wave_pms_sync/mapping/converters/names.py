"""Names of people: whole or in parts, and whether a record is a person at all.

Nobody can split every name right. Therefore a split that somebody made is kept as long as the whole name allows it,
and only a name without history is split by rule.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.converters.text import name_key, text_of
from wave_pms_sync.mapping.written import collapsed, folded


def join_name(parts: object) -> str:
    """The parts of a name as one, each trimmed; empty parts are left out.

    Raises:
        ConversionError: If they are not two texts or empty values.
    """
    if not isinstance(parts, (tuple, list)) or len(parts) != 2:
        raise ConversionError("is not a first and a last name")
    return " ".join(collapsed(text_of(part)) for part in parts if part is not None).strip()


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


@frozen
class FullName:
    """First and last name in Wave, one full name in the PMS; compared by the full name."""

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (2, 1)
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = "where the first name ends, and runs of blanks"

    def read(self, wire: object) -> object:
        """The parts, split by rule."""
        return split_name(text_of(wire))

    def write(self, ours: object, old: object = None) -> object:
        """The full name; the PMS's own writing if it says the same."""
        whole = join_name(ours)
        return old if isinstance(old, str) and name_key(old) == name_key(whole) else whole

    def key(self, ours: object) -> object:
        """The full name."""
        return name_key(join_name(ours)) or None

    def adapt(self, ours: object, old: object) -> object:
        """The parts, split as Wave's present ones are."""
        if isinstance(old, (tuple, list)) and self.key(old) == self.key(ours):
            return tuple(old)
        return split_like(join_name(ours), old)


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
