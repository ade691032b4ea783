"""What a client's doctor found: lines that print, in a notebook as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from html import escape

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError, Refused, SyncError

_WORDS = 300


class Verdict(str, Enum):
    """How one thing stands."""

    WORKS = "works"
    ASSUMED = "assumed"
    WRONG = "wrong"

    def __str__(self) -> str:
        return self.value


@frozen
class Finding:
    """One thing that was tried.

    Attributes:
        subject: What was tried.
        verdict: `WORKS`; `ASSUMED`: it could not be tried, the settings are believed; `WRONG`: it contradicts them.
        text: What was seen, without a customer's values.
        key: The setting to look at, if one would help.
    """

    subject: str
    verdict: Verdict
    text: str
    key: str = ""

    def __str__(self) -> str:
        hint = f" -> {self.key}" if self.key else ""
        return f"{self.verdict!s:<8}{self.subject}: {self.text}{hint}"


class Findings(tuple[Finding, ...]):
    """What the doctor found, in the order it was tried; printed line by line."""

    __slots__ = ()

    @property
    def ok(self) -> bool:
        """Whether nothing contradicts the settings."""
        return all(finding.verdict is not Verdict.WRONG for finding in self)

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def _repr_html_(self) -> str:
        head = "<tr><th>verdict</th><th>tried</th><th>seen</th><th>setting</th></tr>"
        rows = "".join(
            "<tr>"
            + "".join(f"<td>{escape(str(cell))}</td>" for cell in (f.verdict, f.subject, f.text, f.key))
            + "</tr>"
            for f in self
        )
        return f"<table>{head}{rows}</table>"


def works(subject: str, text: str) -> Finding:
    """It does what the settings say."""
    return Finding(subject, Verdict.WORKS, text)


def assumed(subject: str, text: str, key: str = "") -> Finding:
    """It could not be tried; the settings are believed."""
    return Finding(subject, Verdict.ASSUMED, text, key)


def wrong(subject: str, text: str, key: str = "") -> Finding:
    """It contradicts the settings."""
    return Finding(subject, Verdict.WRONG, text, key)


def tried(subject: str, trial: Callable[[], Iterable[Finding]], key: str = "") -> list[Finding]:
    """What a trial found; an error that it raised is a finding, too, about the setting `key`."""
    found: list[Finding] = []
    try:
        found.extend(trial())
    except SyncError as error:
        found.append(failed(subject, error, key))
    return found


def failed(subject: str, error: SyncError, key: str = "") -> Finding:
    """An error in place of an answer, with the server's own words: a trial concerns no customer but a test customer."""
    faults = error.faults if isinstance(error, ConfigurationError) else ()
    keys = ", ".join(fault.partition(":")[0] for fault in faults)
    refusals = error.faults if isinstance(error, Refused) else ()
    words = "; ".join(dict.fromkeys(" ".join(each.message.split()) for each in refusals if each.message.strip()))
    plain = "".join(letter for letter in words[:_WORDS] if letter.isprintable())  # a terminal obeys some of the others
    said = f"; it says: {plain}" if plain else ""
    return wrong(subject, f"{error}{said}", keys or key)
