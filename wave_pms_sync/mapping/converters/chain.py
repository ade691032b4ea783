"""Converters in a row: what one writes, the next one writes further."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from attrs import frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.converter import Converter
from wave_pms_sync.mapping.emptiness import emptied, emptied_parts


@frozen
class Chain:
    """Several converters as one, in order from Wave to the PMS.

    Values are compared as the first converter compares them, after what the others lose is lost.

    Attributes:
        parts: The converters.
    """

    parts: tuple[Converter, ...]

    def read(self, wire: object) -> object:
        """From the PMS to our shape, through all of them."""
        value = wire
        for part in reversed(self.parts):
            if value is not None:
                value = _after(part.read(value))
        return value

    def write(self, ours: object, old: object = None) -> object:
        """From our shape to the PMS, through all of them, each given what the PMS holds in its own shape.

        What the PMS holds stays as it is written there if it says the same.
        """
        olds = self._olds(old)
        if olds[0] is not None and self.key(olds[0]) == self.key(ours):
            return old
        value = ours
        for part, shown in zip(self.parts, olds[1:], strict=True):
            if value is not None:
                value = _after(part.write_over(value, shown))
        return value

    def key(self, ours: object) -> object:
        """The comparison form."""
        first, *rest = self.parts
        if not any(part.loses for part in rest):
            return first.key(ours)
        kept = self.read(self.write(ours))
        return None if kept is None else first.key(kept)

    def adapt(self, ours: object, old: object) -> object:
        """Our value as the first converter lays it over the one that Wave holds."""
        return self.parts[0].adapt(ours, old)

    def _olds(self, wire: object) -> list[object]:
        """What the PMS holds: in our shape, then as each converter writes it; None where that cannot be said."""
        olds = [wire]
        for part in reversed(self.parts):
            try:
                olds.append(None if olds[-1] is None else _after(part.read(olds[-1])))
            except ConversionError:  # an old value that cannot be read is no guide for the new one
                olds.append(None)
        return olds[::-1]


def chained(parts: Sequence[Converter]) -> Converter:
    """Make one converter of several.

    Args:
        parts: In order from Wave to the PMS; one alone stays what it is.

    Raises:
        ValueError: If two neighbours do not fit, with the reason.
    """
    if len(parts) == 1:
        return parts[0]
    for one, other in pairwise(parts):
        if one.takes is not None and other.takes is not None and one.takes[1] != other.takes[0]:
            raise ValueError(f"{one.name!r} writes {one.takes[1]} properties and {other.name!r} takes {other.takes[0]}")
    chain, ends = Chain(tuple(parts)), (parts[0].takes, parts[-1].takes)
    return Converter(
        name=" > ".join(part.name for part in parts),
        version="+".join(part.version for part in parts),
        read=chain.read,
        write=chain.write,
        key=chain.key,
        adapt=chain.adapt,
        loses="; ".join(dict.fromkeys(part.loses for part in parts if part.loses)),
        uses_old=True,
        derived=any(part.derived for part in parts),
        takes=None if ends[0] is None or ends[1] is None else (ends[0][0], ends[1][1]),
        params={str(at): dict(part.params) for at, part in enumerate(parts) if part.params},
        spec=None if any(part.spec is None for part in parts) else [part.spec for part in parts],
        examples_wire=parts[-1].examples_wire,
        examples_ours=parts[0].examples_ours,
    )


def _after(value: object) -> object:
    return emptied_parts(tuple(value)) if isinstance(value, (tuple, list)) else emptied(value)
