"""Text that is cut to a length, between what a reader sees as characters."""

from __future__ import annotations

import unicodedata
from typing import ClassVar, Final

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converters.text import text_key, text_of

_MARKS: Final = frozenset({"Mn", "Mc", "Me"})
_JOINER: Final = "\u200d"
_VIRAMA: Final = 9  # its canonical combining class; it joins two consonants into one sign
_HANGUL: Final = (("\u1100", "\u11ff"), ("\ua960", "\ua97c"), ("\uac00", "\ud7a3"), ("\ud7b0", "\ud7fb"))
# Source: Unicode Standard Annex 29: what extends a character or stands before it, and is no mark.
_EXTENDING: Final = frozenset("\u200c\u200d\u0e33\u0eb3\uff9e\uff9f")
_PREPENDED: Final = frozenset("\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3")


def cut(text: str, length: int) -> str:
    """The text, or its beginning without trailing blanks if it is longer.

    What a reader sees as one character is never parted: a letter and its accents, an emoji of several, a flag, a
    syllable. In rare scripts a little more than needed is taken away.

    Args:
        text: Any text.
        length: The most code points that remain.

    Returns:
        An empty text if nothing can be shown in that length.
    """
    if len(text) <= length:
        return text
    at = length
    while at > 0 and _joined(text, at):
        at -= 1
    return text[:at].rstrip()


def _joined(text: str, at: int) -> bool:
    """Whether the code points before and at this place belong together."""
    before, after = text[at - 1], text[at]
    if before < "\u0300" and after < "\u0300":
        return before == "\r" and after == "\n"
    return (
        _extends(after)
        or before == _JOINER
        or before in _PREPENDED
        or "\u0600" <= before <= "\u0605"
        or (_hangul(before) and _hangul(after))
        or (_regional(before) and _regional(after) and _regional_run(text, at) % 2 == 1)
        or (unicodedata.category(after) == "Lo" and _after_virama(text, at))
    )


def _extends(letter: str) -> bool:
    skin_or_tag = "\U0001f3fb" <= letter <= "\U0001f3ff" or "\U000e0020" <= letter <= "\U000e007f"
    return unicodedata.category(letter) in _MARKS or letter in _EXTENDING or skin_or_tag


def _hangul(letter: str) -> bool:
    return any(first <= letter <= last for first, last in _HANGUL)


def _regional(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _regional_run(text: str, at: int) -> int:
    """How many letters of flags stand before this place; two of them make a flag."""
    start = at
    while start > 0 and _regional(text[start - 1]):
        start -= 1
    return at - start


def _after_virama(text: str, at: int) -> bool:
    while at > 0 and _extends(text[at - 1]):
        at -= 1
        if unicodedata.combining(text[at]) == _VIRAMA:
            return True
    return False


@frozen(kw_only=True)
class Cut:
    """Text that the PMS keeps up to a length only; a long one is cut on the way, and corresponds to what is left of it.

    Attributes:
        length: The most code points that the PMS keeps, from 1.

    Raises:
        ConfigurationError: If it is no length.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)

    length: int

    def __attrs_post_init__(self) -> None:
        length: object = self.length
        if not isinstance(length, int) or isinstance(length, bool) or length < 1:
            raise ConfigurationError("mapping", [f"length: {length!r} is no length (allowed: a whole number from 1)"])

    @property
    def loses(self) -> str:
        """What is too long."""
        return f"what is longer than {self.length} characters"

    def read(self, wire: object) -> object:
        """The text, as written."""
        return text_of(wire)

    def write(self, ours: object) -> object:
        """The text as written if it is short enough, else its beginning."""
        text = text_of(ours)
        return text if len(text) <= self.length else self.key(text)

    def key(self, ours: object) -> object:
        """The beginning, trimmed."""
        text = text_key(text_of(ours))
        beginning = cut(text, self.length)
        if text and not beginning:
            raise ConversionError(f"begins with a character of more than {self.length} code points")
        return beginning
