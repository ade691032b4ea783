"""Phone numbers: compared by their digits, or as the networks know them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.converters.text import text_key, text_of

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_CALLING_CODE = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
_NO_DIGIT = re.compile(r"\D+")


def _digits(text: str) -> str:
    """The decimal digits of a text, of any script, as ASCII."""
    digits = _NO_DIGIT.sub("", text)
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def _abroad(text: str, digits: str) -> bool:
    """Whether a number is written with its calling code, after `+` or `00`."""
    return text.lstrip(" \t(").startswith("+") or digits.startswith("00")


@frozen(kw_only=True)
class Phone:
    """A phone number: carried as written, compared by its digits.

    A leading `+` or `00` does not count. A number without any digit is compared as text.

    Attributes:
        calling_code: The country's calling code, digits only (`"49"`). If given, a number without `+` or `00` is
            taken for a national one: the code stands in place of one leading trunk `0`.
    """

    version: ClassVar[str] = "1"
    takes: ClassVar[tuple[int, int]] = (1, 1)

    calling_code: str | None = None

    def __attrs_post_init__(self) -> None:
        code: object = self.calling_code
        if code is not None and not (isinstance(code, str) and _CALLING_CODE.fullmatch(code)):
            raise ConfigurationError(
                "mapping",
                [f"calling_code: {code!r} is no calling code (allowed: one to three digits only, such as '47')"],
            )

    def read(self, wire: object) -> object:
        """The number, as written."""
        return text_of(wire)

    def write(self, ours: object) -> object:
        """The number, as written."""
        return text_of(ours)

    def key(self, ours: object) -> object:
        """The digits; with a calling code in the international form with `+`."""
        text = text_of(ours)
        digits = _digits(text)
        if not digits:
            return text_key(text)
        if _abroad(text, digits):
            digits = digits.lstrip("0") or digits
        elif self.calling_code is not None:
            digits = self.calling_code + digits.removeprefix("0")
        return digits if self.calling_code is None else f"+{digits}"


@frozen(kw_only=True)
class PhoneE164:
    """A phone number: carried as written, compared in E.164 with its extension. Takes the extra `[phone]`.

    A number that is no possible one is compared by its digits, with a leading `+` or `00` as `+`.

    Attributes:
        region: The country of numbers without a calling code, in two letters (ISO 3166-1); None if there is none.
        writes: `as_written`, or `e164` to give the PMS the form `+49301234567`. A number that its plan does not know,
            or that has an extension, for which that form has no place, is given as written even so.

    Raises:
        ConfigurationError: With every fault; also if the extra is not installed.
    """

    takes: ClassVar[tuple[int, int]] = (1, 1)

    region: str | None = None
    writes: str = "as_written"

    def __attrs_post_init__(self) -> None:
        try:
            from phonenumbers import SUPPORTED_REGIONS
        except ImportError:
            fault = "phonenumbers: is not installed (allowed: pip install 'wave_pms_sync[phone]')"
            raise ConfigurationError("mapping", [fault]) from None
        faults = []
        if self.region is not None and self.region not in tuple(SUPPORTED_REGIONS):
            faults.append(f"region: {self.region!r} is unknown (allowed: two letters of ISO 3166-1, such as DE; None)")
        if self.writes not in ("as_written", "e164"):
            faults.append(f"writes: {self.writes!r} is unknown (allowed: as_written, e164)")
        if faults:
            raise ConfigurationError("mapping", faults)

    @property
    def version(self) -> str:
        """Changes with the numbering plans, which come with the package."""
        from phonenumbers import __version__

        return f"1+phonenumbers-{__version__}"

    @property
    def loses(self) -> str:
        """How a number is written, if it is written anew."""
        return "how the number is written" if self.writes == "e164" else ""

    def read(self, wire: object) -> object:
        """The number, as written."""
        return text_of(wire)

    def write(self, ours: object) -> object:
        """The number, as written or in E.164."""
        text = text_of(ours)
        return _written(text, self.region) if self.writes == "e164" else text

    def key(self, ours: object) -> object:
        """The number in E.164, with its extension if it has one."""
        text = text_of(ours)
        found = _number(text, self.region)
        if found is not None:
            return _e164(found) + (f";ext={found.extension}" if found.extension else "")
        digits = _digits(text)
        return (_with_plus(digits) if _abroad(text, digits) else digits) if digits else text_key(text)


def _number(text: str, region: str | None) -> PhoneNumber | None:
    """The number that is meant; None if it is no possible one."""
    from phonenumbers import NumberParseException, ValidationResult, is_possible_number_with_reason, parse

    for writing in _writings(text):
        try:
            found = parse(writing, region)
            settled = parse(_e164(found))
        except NumberParseException:
            continue
        whole = is_possible_number_with_reason(found) == ValidationResult.IS_POSSIBLE
        if whole and _e164(settled) == _e164(found):  # not so where zeros abound
            return found
    return None


def _written(text: str, region: str | None) -> str:
    from phonenumbers import is_valid_number

    found = _number(text, region)
    return text if found is None or found.extension or not is_valid_number(found) else _e164(found)


def _writings(text: str) -> Iterator[str]:
    """The text, then its digits alone, which are tried where words stand around them."""
    yield text
    digits = _digits(text)
    if digits:
        yield _with_plus(digits) if _abroad(text, digits) else digits


def _with_plus(digits: str) -> str:
    return f"+{digits.lstrip('0') or digits}"


def _e164(number: PhoneNumber) -> str:
    from phonenumbers import PhoneNumberFormat, format_number

    return format_number(number, PhoneNumberFormat.E164)
