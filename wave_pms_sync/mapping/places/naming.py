"""When two writings of a place's name are the same name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_INVERTED = re.compile(r"([^,(]+)[,(]\s*([^,()]+)\)?\s*")  # as ISO writes it: "Korea, Republic of"


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A name without regard to case, accents, punctuation, blanks, a leading "the", and "&" for "and".

    "St" at the beginning counts as "Saint". Voice marks of Japanese and vowels of other scripts are no accents.
    """
    text = unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS).replace("&", " and ")
    bare = "".join(letter for letter in text if not "\u0300" <= letter <= "\u036f")
    spaced = "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in bare)
    words = spaced.split()
    if len(words) > 1 and words[0] == "the":
        del words[0]
    if len(words) > 1 and words[0] == "st":
        words[0] = "saint"
    return "".join(words)


def writings(name: str) -> tuple[str, ...]:
    """The plain forms that a name may be found under: as it is, and with its parts in the order of speech."""
    inverted = _INVERTED.fullmatch(name)
    spoken = (plain(f"{inverted[2]} {inverted[1]}"),) if inverted else ()
    return tuple(dict.fromkeys((plain(name), *spoken)))
