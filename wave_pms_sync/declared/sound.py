"""Settings of which some are wrong by themselves, so that the rest can be judged without them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress

from attrs import frozen, has


class Unsound(Exception):
    """A setting was looked at that is wrong by itself."""


@frozen
class Sound:
    """Shows the settings of a value, and raises `Unsound` for those that are wrong by themselves.

    Attributes:
        value: What holds the settings, or a section of it.
        wrong: The paths of those that are wrong.
        above: Where this section lies, with a dot at the end.
    """

    value: object
    wrong: Collection[str]
    above: str = ""

    def __getattr__(self, name: str) -> object:
        path = f"{self.above}{name}"
        if path in self.wrong:
            raise Unsound(path)
        found = getattr(self.value, name)
        return Sound(found, self.wrong, f"{path}.") if has(type(found)) else found


def as_far_as_sound(faults: Iterable[str]) -> Iterator[str]:
    """What a check finds until it looks at a setting that is wrong by itself."""
    with suppress(Unsound):
        yield from faults
