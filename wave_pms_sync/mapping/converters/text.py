"""Text that is carried exactly as written, and the forms in which it is compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final

from attrs import frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.written import collapsed, folded, nfc

_WEB_SCHEME = re.compile(r"(?:https?://\s*)+", re.IGNORECASE)
_HOST_END = re.compile(r"[/?#]|$")


def text_of(value: object) -> str:
    """The value, if it is text. A number is no text: `0012` would already be `12`.

    Raises:
        ConversionError: If it is anything else.
    """
    if not isinstance(value, str):
        raise ConversionError("is not text")
    return value


def text_key(text: str) -> str:
    """Trimmed, accents composed, line ends alike."""
    return nfc(text.replace("\r\n", "\n")).strip()


def name_key(text: str) -> str:
    """Trimmed, each run of white space as one space; case counts."""
    return collapsed(nfc(text))


def email_key(text: str) -> str:
    """Trimmed, without regard to case; nothing after a plus is dropped, and two addresses are not one."""
    return folded(text).strip()


def website_key(text: str) -> str:
    """Without `http://`, `https://` and trailing slash; the host without regard to case."""
    address = nfc(text).strip()
    bare = _WEB_SCHEME.sub("", address, count=1) if _WEB_SCHEME.match(address) else address
    bare = re.sub(r"[/\s]+$", "", bare)
    if not bare:
        return address.lower()
    found = _HOST_END.search(bare)
    end = found.start() if found else len(bare)
    return nfc(bare[:end].lower()) + bare[end:]


@frozen
class AsWritten:
    """Text that is carried as written and compared in a form of its own.

    Attributes:
        compare: The comparison form.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)

    compare: Callable[[str], str] = text_key

    def read(self, wire: object) -> object:
        """The text, as written."""
        return text_of(wire)

    def write(self, ours: object) -> object:
        """The text, as written."""
        return text_of(ours)

    def key(self, ours: object) -> object:
        """The comparison form."""
        return self.compare(text_of(ours))


@frozen
class Code:
    """A code of letters and digits, such as `CA` or `CA-ON`; always in upper case in our shape.

    Attributes:
        form: A regular expression for the whole code in upper case.
        meaning: What the code is, for reasons.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)
    loses: ClassVar[str] = "lower case and surrounding blanks"

    form: str
    meaning: str

    def read(self, wire: object) -> object:
        """The code in upper case."""
        return self._code(wire)

    def write(self, ours: object) -> object:
        """The code in upper case."""
        return self._code(ours)

    def key(self, ours: object) -> object:
        """The code in upper case."""
        return self._code(ours)

    def _code(self, value: object) -> str:
        text = text_of(value).strip()
        code = text.upper()
        if not text.isascii() or not re.fullmatch(self.form, code):  # the upper case of some other letters is ASCII
            raise ConversionError(f"is not {self.meaning}")
        return code


TEXT: Final = partial(AsWritten, text_key)
NAME: Final = partial(AsWritten, name_key)
EMAIL: Final = partial(AsWritten, email_key)
WEBSITE: Final = partial(AsWritten, website_key)
CURRENCY: Final = partial(Code, r"[A-Z]{3}", "a currency code of three letters (ISO 4217)")
