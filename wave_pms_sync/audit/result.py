"""The result of an audit: what was found, in the order of how much it matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from wave_pms_sync.audit.finding import Finding, Kind, Standing
from wave_pms_sync.model.printable import LONGEST_NAME, one_line, quoted
from wave_pms_sync.reconcile.present import MASK, counted, table

MOST_LINES: Final = 20
COLUMNS: Final = ("standing", "kind", "name", "field", "wave", "pms", "words", "advice", "wave_id", "pms_id")


def _in_order(found: Sequence[Finding]) -> tuple[Finding, ...]:
    standings, kinds = list(Standing), list(Kind)
    return tuple(sorted(found, key=lambda f: (standings.index(f.standing), kinds.index(f.kind))))


@frozen(kw_only=True, eq=False)
class Audit:
    """What an audit found. Iterating gives the findings, the unexplained ones first.

    Its `repr` carries no values; its text, its table and its rows do, unless they are asked not to.

    Attributes:
        findings: Everything that stands out.
        pairs: How many linked pairs were compared, value by value.
        requests: Requests sent, repetitions included, by side.
    """

    findings: tuple[Finding, ...] = field(default=(), converter=_in_order)
    pairs: int = 0
    requests: Mapping[str, int] = field(factory=lambda: {"wave": 0, "pms": 0})

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        told = " ".join(f"{name}={count}" for name, count in self.counts.items() if count)
        return f"<Audit {'ok' if self.ok else 'not ok'} {told}>"

    def __str__(self) -> str:
        return self.to_text()

    @property
    def ok(self) -> bool:
        """Whether nothing is unexplained. What waits for a person or for the next run does not spoil it."""
        return not self.of(Standing.UNEXPLAINED)

    @property
    def counts(self) -> dict[str, int]:
        """How many pairs were compared, how many findings there are of each standing, and of each kind found."""
        standings = Counter(f.standing for f in self.findings)
        kinds = Counter(str(f.kind) for f in self.findings)
        return {"pairs": self.pairs, **{str(s): standings[s] for s in Standing}, **dict(sorted(kinds.items()))}

    def of(self, what: Standing | Kind) -> tuple[Finding, ...]:
        """The findings of a standing or of a kind."""
        return tuple(f for f in self.findings if what in (f.standing, f.kind))

    def to_rows(self, *, mask: bool = False) -> list[dict[str, object]]:
        """One plain dict for each field of each finding, ready for a data frame; one for a finding without fields.

        Args:
            mask: Leave values and names out.
        """
        return [row for finding in self.findings for row in _rows(finding, mask)]

    def to_text(self, *, mask: bool = False) -> str:
        """A readable summary; long lists are cut.

        Args:
            mask: Leave values and names out.
        """
        lines = [self._headline, f"  requests: {self.requests['wave']} to Wave, {self.requests['pms']} to the PMS"]
        for standing in Standing:
            found = self.of(standing)
            lines += ["", f"{str(standing).capitalize()}: {len(found)}"] if found else []
            lines += [f"  {_line(f, mask)}" for f in found[:MOST_LINES]]
            lines += [f"  ... and {len(found) - MOST_LINES} more"] if len(found) > MOST_LINES else []
        return "\n".join(map(one_line, lines))

    def to_html(self, *, mask: bool = False) -> str:
        """A table for a notebook; everything is escaped and the number of rows is capped.

        Args:
            mask: Leave values and names out.
        """
        rows = self.to_rows(mask=mask)
        return table(self._headline, [], COLUMNS, [[row[column] for column in COLUMNS] for row in rows], [])

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_dict(self) -> dict[str, object]:
        """The audit as JSON-ready data: ids, names of fields and words, no values; fit for a log."""
        return {
            "ok": self.ok,
            "counts": self.counts,
            "requests": dict(self.requests),
            "findings": [
                {
                    "kind": str(f.kind),
                    "standing": str(f.standing),
                    "wave_id": f.wave_id,
                    "pms_id": f.pms_id,
                    "others": list(f.others),
                    "fields": list(f.fields),
                    "words": f.words,
                    "advice": f.advice,
                }
                for f in self.findings
            ],
        }

    @property
    def _headline(self) -> str:
        counts = self.counts
        told = ", ".join(f"{counts[s]} {s}" for s in map(str, Standing) if counts[s]) or "nothing stands out"
        return f"Audit {'ok' if self.ok else 'NOT ok'}: {counted(self.pairs, 'linked pair')} compared, {told}"


def _rows(finding: Finding, mask: bool) -> Iterator[dict[str, object]]:
    for name in finding.fields or (None,):
        yield {
            "standing": str(finding.standing),
            "kind": str(finding.kind),
            "name": MASK if mask and finding.label else finding.label,
            "field": name,
            "wave": None if name is None else _masked(finding.wave.get(name), mask),
            "pms": None if name is None else _masked(finding.pms.get(name), mask),
            "words": finding.words,
            "advice": finding.advice,
            "wave_id": finding.wave_id,
            "pms_id": finding.pms_id,
            "others": list(finding.others),
        }


def _masked(value: object, mask: bool) -> object:
    return MASK if mask and value is not None else value


def _line(finding: Finding, mask: bool) -> str:
    called = f"{one_line(finding.label, LONGEST_NAME)}, " if finding.label and not mask else ""
    kind, told = str(finding).split(": ", 1)
    values = [f"{n}: Wave {_quoted(finding.wave[n], mask)}, PMS {_quoted(finding.pms[n], mask)}" for n in finding.wave]
    return f"{kind}: {called}{told}" + (f" ({'; '.join(values)})" if values else "")


def _quoted(value: object, mask: bool) -> str:
    return MASK if mask and value is not None else quoted(value)
