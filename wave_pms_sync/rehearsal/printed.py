"""How a rehearsal looks: the tables of the document, with a mark for each step and the reasons beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final, Protocol

TITLES: Final = {
    "customer": "Wave Customer to Custom PMS Customer",
    "person": "Wave Customer to Custom PMS Customer",
    "organisation": "Wave Customer (organisation data) to Custom PMS Customer",
}
_RST_MARKS: Final = re.compile(r"[\\*`|<>_\[\]]")
_MARKDOWN_MARKS: Final = re.compile(r"[\\*`|<>_\[\]#]")


class _Trial(Protocol):
    @property
    def step(self) -> object: ...
    @property
    def mark(self) -> object: ...


class _Row(Protocol):
    @property
    def facet(self) -> str: ...
    @property
    def wave(self) -> str: ...
    @property
    def pms(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def trials(self) -> Sequence[_Trial]: ...
    @property
    def mark(self) -> object: ...
    def reasons(self, *, ticks: bool = True) -> Sequence[str]: ...


class Printable(Protocol):
    """What this room needs of a rehearsal."""

    @property
    def rows(self) -> Sequence[_Row]:
        """The rows of the mapping."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What else is to be said."""
        ...

    @property
    def stopped(self) -> str:
        """Why it ended before its time."""
        ...

    @property
    def requests(self) -> Mapping[str, int]:
        """What it cost, by side."""
        ...


def text(found: Printable) -> str:
    """For a terminal: one table for each dataflow, the reasons below their row."""
    parts = [_headline(found), *_said(found)]
    for facet, rows in _flows(found):
        head, *cells = _table(rows)
        widths = [max(len(row[at]) for row in (head, *cells)) for at in range(len(head) - 1)]
        lines = [TITLES.get(facet, facet), _line(head, widths)]
        for cell, row in zip(cells, rows, strict=True):
            lines += [_line(cell, widths), *(f"      {reason}" for reason in row.reasons(ticks=False))]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def rst(found: Printable) -> str:
    """As reStructuredText."""
    title = "Rehearsal"
    parts = [f"{'=' * len(title)}\n{title}\n{'=' * len(title)}", *_marked(_all_said(found), _RST_MARKS)]
    for facet, rows in _flows(found):
        name = TITLES.get(facet, facet)
        lines = [".. list-table::", "   :header-rows: 1", ""]
        for row in _table(rows):
            cells = _marked(row, _RST_MARKS)
            cells = ["\\-" if cell == "-" else cell for cell in cells]
            lines += [f"   {'* -' if at == 0 else '  -'} {cell}".rstrip() for at, cell in enumerate(cells)]
        parts += [f"{name}\n{'-' * len(name)}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def markdown(found: Printable) -> str:
    """As Markdown."""
    parts = ["# Rehearsal", *_marked(_all_said(found), _MARKDOWN_MARKS)]
    for facet, rows in _flows(found):
        head, *cells = [_marked(row, _MARKDOWN_MARKS) for row in _table(rows)]
        lines = [head, ["---"] * len(head), *cells]
        parts += [f"## {TITLES.get(facet, facet)}", "\n".join(f"| {' | '.join(line)} |" for line in lines)]
    return "\n\n".join(parts) + "\n"


def html(found: Printable) -> str:
    """For a notebook."""
    parts = [f"<p><b>{escape(_headline(found))}</b></p>", *(f"<p>{escape(said)}</p>" for said in _said(found))]
    for facet, rows in _flows(found):
        head, *cells = _table(rows)
        table = _html_row("th", head, escape) + "".join(_html_row("td", row, escape) for row in cells)
        parts.append(
            f"<p>{escape(TITLES.get(facet, facet))}</p>"
            f'<table cellpadding="4" style="border-collapse:collapse;text-align:left">{table}</table>'
        )
    return f"<div>{''.join(parts)}</div>"


def _html_row(tag: str, row: Sequence[str], marked: Callable[[str], str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{marked(cell)}</{tag}>' for cell in row)}</tr>"


def _headline(found: Printable) -> str:
    marks = Counter(str(row.mark) for row in found.rows)
    told = ", ".join(f"{count} {mark}" for mark, count in marks.items())
    return f"Rehearsal: {told}; {found.requests['wave']} requests to Wave, {found.requests['pms']} to the PMS"


def _said(found: Printable) -> list[str]:
    return [*([f"Stopped: {found.stopped}"] if found.stopped else []), *found.notes]


def _all_said(found: Printable) -> list[str]:
    return [_headline(found), *_said(found)]


def _flows(found: Printable) -> list[tuple[str, list[_Row]]]:
    flows: dict[str, list[_Row]] = {facet: [] for facet in TITLES}
    for row in found.rows:
        flows.setdefault(row.facet, []).append(row)
    return [(facet, rows) for facet, rows in flows.items() if rows]


def _table(rows: Sequence[_Row]) -> list[list[str]]:
    """The header and a line for each row; the reasons come last."""
    head = ["Wave property", "Custom PMS property", "data type", *(str(trial.step) for trial in rows[0].trials)]
    return [
        [*head, "reason"],
        *(
            [row.wave, row.pms, f'"{row.type}"', *(str(t.mark) for t in row.trials), "; ".join(row.reasons())]
            for row in rows
        ),
    ]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=False)).rstrip()


def _marked(cells: Sequence[str], marks: re.Pattern[str]) -> list[str]:
    return [marks.sub(r"\\\g<0>", cell) for cell in cells]
