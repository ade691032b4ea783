"""Normal forms of text: which differences in writing are no difference."""

from __future__ import annotations

import re
import unicodedata

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def nfc(text: str) -> str:
    """The text with its accents composed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """The text without regard to case, with its accents composed."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def collapsed(text: str) -> str:
    """The text trimmed, each run of white space as one space."""
    return " ".join(text.split())


def snake_case(name: str) -> str:
    """`postalCode` as `postal_code`."""
    return _CAMEL.sub("_", name).lower()
