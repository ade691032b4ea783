"""What the lint found: values that print line by line, or as a table in a notebook."""

from __future__ import annotations

from enum import Enum
from html import escape

from attrs import frozen


class Severity(str, Enum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"

    def __str__(self) -> str:
        return self.value


@frozen(kw_only=True)
class Finding:
    """One thing to be said against a mapping.

    Attributes:
        path: Where: a Wave property, a group, a match key, a property of the PMS, or `mapping` for the whole.
        problem: What, and what would come of it. Values quoted are artificial ones of ours, never a customer's.
        advice: What to do about it.
        severity: `ERROR`: it cannot work for most customers, or not at all; `WARNING`: some values will not arrive,
            will be lost, or will be seen by others; `HINT`: it works, and is worth a thought.
        rule: Which rule says so, for those who leave one out: `[one for one in findings if one.rule != "balances"]`.
    """

    path: str
    problem: str
    advice: str
    severity: Severity
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.severity!s:<8}{self.path}: {self.problem}. Advice: {self.advice}."


class Findings(tuple[Finding, ...]):
    """What the lint found, the worst first; empty, and then false, if there is nothing to be said."""

    __slots__ = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings and hints there may be."""
        return all(finding.severity is not Severity.ERROR for finding in self)

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "Nothing found."

    def _repr_html_(self) -> str:
        if not self:
            return "<p>Nothing found.</p>"
        head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, self))}</tbody></table>"


_COLUMNS = ("severity", "path", "problem", "advice")


def _row(finding: Finding) -> str:
    cells = "".join(f"<td>{escape(str(getattr(finding, name)))}</td>" for name in _COLUMNS)
    return f"<tr>{cells}</tr>"
