"""JSON texts as values; pure.

Where the extra `[fast]` is installed, `orjson` decodes what it reads as the standard library does, in half the time.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_DEEPEST: Final = 100
"""Whatever reads an answer goes down by recursion, and Python ends that at about 1000 calls."""
_AS_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
_LONG: Final = b"0" * 19
"""So many digits may be more than 64 bits hold, and `orjson` reads those as floats."""


def _of_the_extra() -> Callable[[bytes], object] | None:
    try:
        import orjson
    except ImportError:
        return None
    return orjson.loads


_FAST: Final = _of_the_extra()


class _NoNumber(ValueError):
    """NaN or an infinity, which JSON has not, though Python's reader takes them."""


class Unreadable(ValueError):
    """A body that is not JSON; its text says what it looks like instead, and quotes nothing of it."""


def decoded(body: bytes) -> object:
    """A text as JSON; a byte order mark is ignored.

    Raises:
        Unreadable: It is empty, HTML, cut, not UTF-8, otherwise no JSON, or nested more than 100 levels deep.
    """
    text = body.strip()
    if not text:
        raise Unreadable("an empty body")
    try:
        value = _loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_kind(text, error)) from None
    if not _surely_shallow(value) and _too_deep(value):
        raise Unreadable(f"JSON of more than {_DEEPEST} levels")
    return value


def _kind(text: bytes, error: Exception) -> str:
    if text.startswith(b"<"):
        return "an HTML or XML page"
    if isinstance(error, _NoNumber):
        return "JSON with NaN or Infinity in it, which are no JSON,"
    if isinstance(error, UnicodeDecodeError) and error.end < len(text):  # one at the end is cut
        return "text that is not UTF-8"
    return "a body that is not whole JSON"


def _loads(text: bytes) -> object:
    if _FAST is not None and _LONG not in text.translate(_AS_ZEROS):
        with suppress(ValueError):  # it refuses some texts that are read below, and those that are no JSON
            return _FAST(text)
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> object:
    raise _NoNumber(name)


def _surely_shallow(value: object) -> bool:
    """Whether what was decoded is certainly not too deep, by what the garbage collector knows of it.

    Going down by hand takes as long as decoding, this a tenth of that. What the collector does not track holds neither
    list nor object, so nothing but the last level can be missed.
    """
    level = [value]
    for _ in range(_DEEPEST - 1):
        level = list(filter(gc.is_tracked, gc.get_referents(*level)))
        if not level:
            return True
    return False


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [each for held in inner for each in held if isinstance(each, dict | list)]
        if not level:
            return False
    return True
