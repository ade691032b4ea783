"""The sections of a reStructuredText and the tables in them, read leniently and in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from attrs import evolve, field, frozen

_ADORNMENT: Final = re.compile(r"([!-/:-@\[-`{-~])\1{3,}")
_DIRECTIVE: Final = re.compile(r" *\.\. *list-table *::", re.IGNORECASE)
_OPTION: Final = re.compile(r" *:([a-z-]+):(?: +(.*))?$", re.IGNORECASE)
_BULLET: Final = re.compile(r" *[*+-](?= |$)")
_ROW: Final = re.compile(r" *[*+-] +[*+-](?= |$)")
_GRID: Final = re.compile(r" *\+[-=+]+\+$")
_OTHER: Final = re.compile(r" *(?:\.\. *csv-table *::|\|.*\|$)", re.IGNORECASE)
_RUN: Final = re.compile(r"=+")


@frozen(kw_only=True)
class TableRow:
    """One row: the number of its first line, from 1, and the text of its cells with all its markup."""

    line: int
    cells: tuple[str, ...]


@frozen(kw_only=True)
class Table:
    """One table.

    Attributes:
        line: The number of its first line, from 1.
        lead: The last line of text before it.
        heads: How many of its rows it declares as header; None if it declares nothing.
        rows: All its rows.
        strays: The numbers of lines in it that belong to no cell.
    """

    line: int
    heads: int | None = None
    rows: tuple[TableRow, ...] = ()
    strays: tuple[int, ...] = ()
    lead: str = ""


@frozen(kw_only=True)
class Section:
    """What stands under one title; before the first title, the title is empty."""

    title: str
    line: int
    tables: tuple[Table, ...]


@frozen
class _Rows:
    """The rows of a table while it is read; each cell is the list of its lines."""

    found: list[tuple[int, list[list[str]]]] = field(factory=list)
    strays: list[int] = field(factory=list)

    def table(self, line: int, heads: int | None) -> Table:
        rows = tuple(
            TableRow(line=at + 1, cells=tuple(" ".join(filter(None, map(str.strip, cell))) for cell in cells))
            for at, cells in self.found
        )
        return Table(line=line + 1, heads=heads, rows=rows, strays=tuple(at + 1 for at in self.strays))


def sections(text: str) -> tuple[Section, ...]:
    """Take a text apart at its titles, whatever ends its lines."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.expandtabs().rstrip() for line in plain.split("\n")]
    starts = [at for at in range(len(lines) - 1) if _is_title(lines, at)]
    ends = [*starts, len(lines)]
    found = [Section(title="", line=1, tables=tuple(_tables(lines, 0, ends[0])))]
    for start, end in zip(starts, ends[1:], strict=True):
        found.append(Section(title=lines[start].strip(), line=start + 1, tables=tuple(_tables(lines, start + 2, end))))
    return tuple(found)


def _is_title(lines: Sequence[str], at: int) -> bool:
    title, under = lines[at], lines[at + 1]
    if not title or not _ADORNMENT.fullmatch(under) or _ADORNMENT.fullmatch(title):
        return False
    return not title.startswith(" ") or (at > 0 and lines[at - 1] == under)


def _tables(lines: Sequence[str], at: int, end: int) -> Iterator[Table]:
    lead = ""
    while at < end:
        line = lines[at]
        if _DIRECTIVE.match(line) or _ROW.match(line):
            table, at = _list_table(lines, at, end)
        elif _GRID.match(line):
            table, at = _grid_table(lines, at, end)
        elif _is_rule(line):
            table, at = _simple_table(lines, at, end)
        elif _OTHER.match(line):
            table, at = _other_table(lines, at, end)
        else:
            lead, at = line or lead, at + 1
            continue
        yield evolve(table, lead=lead)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _list_table(lines: Sequence[str], start: int, end: int) -> tuple[Table, int]:
    declared = _DIRECTIVE.match(lines[start]) is not None
    outside = _indent(lines[start]) - (not declared)
    rows, heads, at = _Rows(), None, start + declared
    row_indent: int | None = None
    while at < end and (not lines[at] or _indent(lines[at]) > outside):
        line = lines[at]
        option = None if rows.found else _OPTION.match(line)
        if option:
            if option[1].lower() == "header-rows" and re.fullmatch(r"[0-9]{1,3}", option[2] or ""):
                heads = int(option[2])
        elif line:
            if _BULLET.match(line) and (row_indent is None or _indent(line) <= row_indent):
                row_indent = _indent(line)
                rows.found.append((at, []))
                line = _without_bullet(line)
            _take_cell(rows, at, line)
        at += 1
    return rows.table(start, heads), at


def _take_cell(rows: _Rows, at: int, line: str) -> None:
    if rows.found and _BULLET.match(line):
        rows.found[-1][1].append([_without_bullet(line)])
    elif rows.found and rows.found[-1][1]:
        rows.found[-1][1][-1].append(line)
    elif line.strip():
        rows.strays.append(at)


def _without_bullet(line: str) -> str:
    at = _indent(line)
    return f"{line[:at]} {line[at + 1 :]}"


def _grid_table(lines: Sequence[str], start: int, end: int) -> tuple[Table, int]:
    edges = [at for at, letter in enumerate(lines[start]) if letter == "+"]
    rows, heads, at, fresh = _Rows(), None, start + 1, True
    while at < end and lines[at].lstrip(" ").startswith(("+", "|")):
        line = lines[at]
        cells = [line[left + 1 : right] for left, right in pairwise(edges)]
        if _GRID.match(line):
            heads = len(rows.found) if "=" in line else heads
            fresh = True
        elif len(line) != edges[-1] + 1 or any(line[edge] != "|" for edge in edges):
            rows.strays.append(at)
        elif fresh:
            rows.found.append((at, [[cell] for cell in cells]))
            fresh = False
        else:
            for found, cell in zip(rows.found[-1][1], cells, strict=True):
                found.append(cell)
        at += 1
    return rows.table(start, heads), at


def _is_rule(line: str) -> bool:
    return set(line.strip()) == {"=", " "}


def _simple_table(lines: Sequence[str], start: int, end: int) -> tuple[Table, int]:
    starts = [run.start() for run in _RUN.finditer(lines[start])]
    rows, heads, at = _Rows(), None, start + 1
    while at < end:
        line = lines[at]
        if _is_rule(line):
            if at + 1 >= end or not lines[at + 1]:
                return rows.table(start, heads), at + 1
            heads = len(rows.found)
        elif line and not set(line) <= {"-", " "}:
            cells = [line[left:right] for left, right in zip(starts, [*starts[1:], None], strict=True)]
            if cells[0].strip() or not rows.found:
                rows.found.append((at, [[cell] for cell in cells]))
            else:
                for found, cell in zip(rows.found[-1][1], cells, strict=True):
                    found.append(cell)
        at += 1
    return rows.table(start, heads), at


def _other_table(lines: Sequence[str], start: int, end: int) -> tuple[Table, int]:
    """A table of another kind: each of its lines is a stray."""
    at = start + 1
    while at < end and lines[at] and (_indent(lines[at]) > _indent(lines[start]) or _OTHER.match(lines[at])):
        at += 1
    return Table(line=start + 1, strays=tuple(range(start + 1, at + 1))), at
