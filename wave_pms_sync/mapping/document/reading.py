"""Reading a document of dataflows, ours or another's: the rows that can be mapped, and what a person must settle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.document.cells import data_type, paths, plain, says_nothing
from wave_pms_sync.mapping.document.rst_tables import Section, Table, TableRow, sections
from wave_pms_sync.mapping.steps import steps_of
from wave_pms_sync.mapping.wave_names import candidates, nearest

# Nobody has that many properties; a text that claims so must not keep us busy.
MOST_ROWS: Final = 1000
MOST_PATHS: Final = 10
LONGEST_PATH: Final = 1000
_LONGEST_QUOTE: Final = 60
_ORGANISATION: Final = re.compile(r"organi[sz]ation")
_HEADER: Final = re.compile(r"\b(?:property|data type)\b", re.IGNORECASE)


@frozen(kw_only=True)
class Row:
    """One row that can be mapped.

    Attributes:
        facet: `customer`, `person` or `organisation`.
        wave: The Wave properties, as `WAVE_PROPERTIES` names them.
        pms: The paths in the PMS.
        type: The PMS's data type, as it is written; `string` where none is.
        line: The number of its line in the document, from 1.
    """

    facet: str
    wave: tuple[str, ...]
    pms: tuple[str, ...]
    type: str
    line: int


@frozen(kw_only=True)
class ReadDocument:
    """What a document of dataflows says.

    Attributes:
        rows: In the order of the document. Two may name the same property; then an open point says so.
        titles: Those of the dataflows, in order, also of those without rows.
        open_points: What could not be taken over as it is: `line 31: what; what to do`, in the order of the lines.
    """

    rows: tuple[Row, ...]
    titles: tuple[str, ...]
    open_points: tuple[str, ...]


@frozen
class _Desk:
    """What was found so far."""

    rows: list[Row] = field(factory=list)
    points: list[tuple[int, str]] = field(factory=list)

    def open(self, line: int, what: str) -> None:
        self.points.append((line, what))


def read_rst(text: str) -> ReadDocument:
    """Read a document of dataflows in reStructuredText.

    A dataflow is a section whose title joins a customer of Wave to something of another product by `to`. Nothing in its
    tables is passed over in silence: what is not a row is an open point.

    Args:
        text: The whole document, with any line ends.

    Raises:
        ConfigurationError: If it has no dataflow at all.
    """
    found = sections(text)
    titled = [section for section in found if _wave_end(plain(section.title))]
    flows = [section for section in titled if section.tables] or titled
    if not flows:
        allowed = "a title such as 'Wave Customer to Custom PMS Customer', underlined with = or -"
        raise ConfigurationError("document", [f"(whole): has no dataflow of Wave customers (allowed: {allowed})"])
    desk = _Desk()
    for section in found:
        if section not in flows:
            _open_aside(desk, section, titled=section in titled)
    _read_flows(desk, flows)
    _open_repetitions(desk)
    return ReadDocument(
        rows=tuple(desk.rows),
        titles=tuple(plain(section.title) for section in flows),
        open_points=tuple(f"line {line}: {what}" for line, what in sorted(desk.points)),
    )


def _wave_end(title: str) -> str:
    """The end of a title that is a customer of Wave; empty if it is no title of a dataflow of customers."""
    left, _, right = title.casefold().partition(" to ")
    ends = (left, right) if right else ()
    return next((end for end in ends if end.startswith("wave") and "customer" in end), "")


def _open_aside(desk: _Desk, section: Section, *, titled: bool) -> None:
    if titled:
        desk.open(section.line, f"{_quoted(section.title)} has no table; nothing was taken from it")
    for table in section.tables:
        desk.open(table.line, "this table is in no dataflow of Wave customers; move what you need of it into one")


def _read_flows(desk: _Desk, flows: Sequence[Section]) -> None:
    rest, plain_flows = MOST_ROWS, 0
    for section in flows:
        title = plain(section.title).casefold()
        wave_end = _wave_end(title)
        if _ORGANISATION.search(wave_end) or "organisation data" in title.replace("z", "s"):
            facet = "organisation"
        elif "person" in wave_end:
            facet = "person"
        else:
            facet = "person" if plain_flows == 1 else "customer"
            plain_flows += 1
            if plain_flows > 2:
                desk.open(
                    section.line, "a third dataflow of this kind; its rows count as 'customer', say if they do not"
                )
        towards_wave = not title.startswith("wave")
        if towards_wave:
            advice = "its types are Wave's, so check the PMS's; creating customers in Wave is Policy(create_in=...)"
            desk.open(section.line, f"this dataflow goes towards Wave; {advice}")
        for table in section.tables:
            rest -= _read_table(desk, table, facet, rest, towards_wave=towards_wave)


def _read_table(desk: _Desk, table: Table, facet: str, most: int, *, towards_wave: bool) -> int:
    """Read the rows of a table, at most so many; answers how many there were."""
    for line in table.strays:
        desk.open(line, "belongs to no cell of a table that can be read; write it as a row of a list-table")
    heads = table.heads
    if heads is None:
        heads = int(bool(table.rows) and all(map(_HEADER.search, table.rows[0].cells)))
    for row in table.rows[:heads]:
        if not any(map(_HEADER.search, row.cells)):
            desk.open(row.line, "counts as header, as the table says; if it is a row, put a header before it")
    rows = table.rows[heads:]
    if len(rows) > most:
        desk.open(rows[max(most, 0)].line, f"from here on no row was read; a document has {MOST_ROWS} at most")
    matches = "match" in table.lead.casefold() and all(len(row.cells) == 2 for row in table.rows)
    for row in rows[: max(most, 0)]:
        if matches:
            key = " = ".join(_quoted(plain(cell)) for cell in row.cells)
            desk.open(row.line, f"customers were matched by {key}; if they still are, say so in Policy(match_on=...)")
        else:
            _read_row(desk, row, facet, towards_wave=towards_wave)
    return len(rows)


def _read_row(desk: _Desk, row: TableRow, facet: str, *, towards_wave: bool) -> None:
    wave, pms, kind = (*row.cells, "", "", "")[:3]
    if towards_wave:
        wave, pms, kind = pms, wave, "string"
    if not all(map(says_nothing, row.cells[3:])):
        desk.open(row.line, "has more than three cells; only the first three were read")
    if says_nothing(wave) and says_nothing(pms):
        if not (says_nothing(kind) or towards_wave):
            desk.open(row.line, "names a type, but no property; name both properties, or take the row away")
    elif says_nothing(wave):
        desk.open(
            row.line, f"{_quoted(plain(pms))} has no property of Wave; say constant(pms=...), map another, or leave it"
        )
    elif says_nothing(pms):
        desk.open(row.line, f"{_quoted(plain(wave))} has no property of the PMS; map it to one, or leave it")
    else:
        _read_pair(desk, row.line, facet, paths(wave), paths(pms), data_type(kind))


def _read_pair(desk: _Desk, line: int, facet: str, wave: tuple[str, ...], pms: tuple[str, ...], kind: str) -> None:
    if len(wave) > MOST_PATHS or len(pms) > MOST_PATHS:
        desk.open(line, f"names more than {MOST_PATHS} properties in one cell; split the row")
        return
    meant = [candidates(name) for name in wave]
    faults = [_wave_fault(name, found) for name, found in zip(wave, meant, strict=True) if len(found) != 1]
    faults += filter(None, map(_pms_fault, pms))
    for fault in faults:
        desk.open(line, fault)
    if faults:
        return
    if not kind:
        desk.open(line, f"{_quoted(', '.join(pms))} has no data type; 'string' is assumed")
    names = tuple(found[0] for found in meant)
    desk.rows.append(Row(facet=facet, wave=names, pms=pms, type=kind or "string", line=line))


def _wave_fault(name: str, found: Sequence[str]) -> str:
    if found:
        return f"{_quoted(name)} can be more than one property of Wave; write one of {', '.join(found)}"
    near = nearest(name)
    hint = f" (nearest: {near})" if near else ""
    return f"{_quoted(name)} is no property of Wave{hint}; write its name as Wave's schema has it"


def _pms_fault(path: str) -> str | None:
    if len(path) > LONGEST_PATH:
        return f"{_quoted(path)} is too long for a path; write one of at most {LONGEST_PATH} letters"
    try:
        steps_of(path)
    except ValueError as error:
        return f"{_quoted(path)} {error}; write a path such as a.b, a['b.c'], a[kind=main].b, a[0]"
    return None


def _open_repetitions(desk: _Desk) -> None:
    first: dict[tuple[str, str], int] = {}
    for row in desk.rows:
        names = [name for name in _names(row) if name[0] != "Wave" or not derived(row.wave)]
        again = next((name for name in names if name in first), None)
        if again is not None:
            side, path = again
            desk.open(row.line, f"{_quoted(path)} of {side} is in line {first[again]}, too; keep one of the two rows")
        for name in names:
            first.setdefault(name, row.line)


def derived(wave: tuple[str, ...]) -> bool:
    """Whether a row tells the kind of a customer, which is computed from names that other rows carry."""
    return set(wave) == {"name", "firstName", "lastName"}


def _names(row: Row) -> list[tuple[str, str]]:
    return [*(("Wave", path) for path in row.wave), *(("the PMS", path) for path in row.pms)]


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}...")
