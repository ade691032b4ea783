"""JSON as text that is never whole in memory: an object of long lists, written and read an item at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from sys import intern
from typing import Final, TextIO

from wave_pms_sync.model.digests import canonical

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_PIECE: Final = 65_536


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The same names come in every item; each is kept once."""
    return {intern(name): value for name, value in pairs}


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object)


def pieces(parts: Mapping[str, object]) -> Iterator[str]:
    """The canonical text of an object, without the brace that closes it.

    Args:
        parts: By name. A list or an iterator is written item by item.
    """
    lead = "{"
    for name in sorted(parts):
        part = parts[name]
        if isinstance(part, (list, Iterator)):
            yield f"{lead}{canonical(name)}:["
            for number, item in enumerate(part):
                yield f",{canonical(item)}" if number else canonical(item)
            yield "]"
        else:
            yield f"{lead}{canonical(name)}:{canonical(part)}"
        lead = ","


def members(file: TextIO, made: Callable[[str, int, object], object]) -> dict[str, object]:
    """Read an object.

    Args:
        file: Its text.
        made: Called with the name of a list, the place of an item in it, and the item; what it returns is kept.

    Returns:
        What stands in the object by name, each list as a tuple of what was made of its items.

    Raises:
        ValueError: If the text is not that of one JSON object.
    """
    found: dict[str, object] = {}
    text = _Text(file)
    for _ in text.items("{", "}"):
        name = text.value()
        if not isinstance(name, str):
            raise ValueError("the name of a member must be a text")
        text.take(":")
        if text.peek() == "[":
            found[name] = tuple(made(name, number, text.value()) for number, _ in enumerate(text.items("[", "]")))
        else:
            found[name] = text.value()
    if text.peek():
        raise ValueError("more follows the object")
    return found


class _Text:
    """A text that is read a piece at a time."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._held, self._at = file, "", 0

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            self._at = _SPACE.match(self._held, self._at).end()  # type: ignore[union-attr]  # it matches nothing, too
            if self._at < len(self._held) or not self._more():
                return self._held[self._at : self._at + 1]

    def take(self, character: str) -> None:
        """Go on behind this character."""
        if self.peek() != character:
            raise ValueError(f"{character} is missing")
        self._at += 1

    def items(self, opening: str, closing: str) -> Iterator[None]:
        """Stop before each item between two brackets."""
        self.take(opening)
        if self.peek() != closing:
            yield
        while self.peek() != closing:
            self.take(",")
            yield
        self.take(closing)

    def value(self) -> object:
        """The next value, whole; what may go on in the next piece, such as a number, is read with it."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
            except json.JSONDecodeError:
                if not self._more():
                    raise
                continue
            if end < len(self._held) or not self._more():
                self._at = end
                return value

    def _more(self) -> bool:
        rest = self._held[self._at :]
        piece = self._file.read(max(_PIECE, len(rest)))  # twice as much of a long value each time
        self._held, self._at = rest + piece, 0
        return bool(piece)
