"""Any mapping is printed well, and read back as it was."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import docutils.core
import docutils.nodes
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wave_pms_sync import Policy
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.document.reading import read_rst
from wave_pms_sync.mapping.document.rst_tables import sections
from wave_pms_sync.mapping.field_map import FACETS
from wave_pms_sync.mapping.registry import MappingRegistry
from wave_pms_sync.mapping.steps import steps_of

HARD = "ab1 _*`|:<>@\\,-)('\"&;=/#~!?%$^{}äß中"
FEW = settings(max_examples=60, deadline=None)
WAVE = (
    "name",
    "email",
    "phone",
    "displayId",
    "address.city",
    "shippingDetails.name",
    "website",
    "fax",
    "internalNotes",
)
ENDS = ("\n", "\r\n", "\r")


def _is_path(text: str) -> bool:
    try:
        return bool(steps_of(text))
    except ValueError:
        return False


KEYS = st.text(HARD, min_size=1, max_size=8).filter(_is_path) | st.sampled_from(["N/A", "n/a", "--", "a, b", "``x``"])
PICKS = st.sampled_from(["", "[0]", "[kind=main].x", "[a=b, c='d, e'].x", "[k='[_'].`"])
PATHS = st.builds(str.__add__, KEYS, PICKS).filter(_is_path) | st.builds("{}.{}".format, KEYS, KEYS).filter(_is_path)
TYPES = st.sampled_from(["string", "date-time"]) | st.text(HARD, min_size=1, max_size=6).filter(str.strip)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


@st.composite
def registries(draw: st.DrawFn) -> MappingRegistry:
    """A mapping of odd names, with maps of several properties and groups of any text."""
    registry = MappingRegistry()
    registry.converter("any", version="1", read=str, write=str, loses=draw(TEXTS))
    for wave in draw(st.lists(st.sampled_from(WAVE), unique=True)):
        kind = draw(TYPES)
        registry.data_type(kind, converter="any")
        waves = (wave, "mobile") if wave == "fax" else (wave,)
        pms = draw(st.lists(PATHS, min_size=1, max_size=3))
        try:
            registry.map(
                draw(st.sampled_from(FACETS)),
                wave=waves,
                pms=pms,
                type=kind,
                converter="any",
                group=draw(TEXTS) or None,
            )
        except ConfigurationError as error:
            assume("overlap" in str(error))
    return registry


POLICIES = st.builds(
    Policy,
    conflicts=st.sampled_from(["newest", "hold", {"name": "wave", "*": "pms"}, {"fax+mobile": max}, max]),
    first_meeting=st.sampled_from(["hold", {"email": "pms"}]),
    deletions=st.sampled_from(["keep", "archive", {"wave": "delete"}, {"pms": "recreate"}]),
    archives=st.sampled_from(["keep", "mirror"]),
    create_in=st.lists(st.sampled_from(["pms", "wave"]), unique=True).map(tuple),
    match_on=st.lists(st.text(HARD, min_size=1).filter(str.strip), unique=True, max_size=3).map(tuple),
)


@FEW
@given(registry=registries(), policy=POLICIES, end=st.sampled_from(ENDS))
def test_what_is_printed_is_read_back(registry: MappingRegistry, policy: Policy, end: str) -> None:
    """The document of any mapping says the same facets, paths and types when it is read, whatever ends its lines."""
    found = read_rst(registry.to_rst(policy=policy).replace("\n", end))

    rows = [(row.facet, row.wave, row.pms, row.type) for row in found.rows]
    assert rows == [
        (row.facet, row.wave, row.pms, row.type) for facet in FACETS for row in registry.maps if row.facet == facet
    ]
    assert found.open_points == ()


@FEW
@given(registry=registries(), policy=POLICIES)
def test_docutils_parses_any_document(registry: MappingRegistry, policy: Policy) -> None:
    """Docutils parses the document of any mapping without a complaint, and shows its paths and types as they are."""
    text = registry.to_rst(policy=policy)
    tree = docutils.core.publish_doctree(text, settings_overrides={"report_level": 5, "halt_level": 2})

    complaints = [message.astext() for message in tree.parse_messages]
    assert all("Duplicate implicit target name" in complaint for complaint in complaints), complaints
    shown = [
        tuple(cell.astext() for cell in row.findall(docutils.nodes.entry)) for row in tree.findall(docutils.nodes.row)
    ]
    for row in registry.maps:
        assert (", ".join(row.wave), ", ".join(row.pms), f'"{row.type}"') in shown


@FEW
@given(registry=registries(), policy=POLICIES)
def test_markdown_rows_have_three_cells(registry: MappingRegistry, policy: Policy) -> None:
    """Each line of a table in Markdown has four bars that are not escaped: three cells."""
    lines = registry.to_markdown(policy=policy).split("\n")

    bars = [sum(bar == "|" for bar in re.findall(r"\\.|(\|)", line)) for line in lines if line.startswith("|")]
    assert len(bars) == 6 + sum(max(1, rows) for rows in _rows_by_facet(registry))
    assert set(bars) == {4}


def _rows_by_facet(registry: MappingRegistry) -> list[int]:
    return [sum(row.facet == facet for row in registry.maps) for facet in FACETS]


class _Page(HTMLParser):
    """A page that is balanced: each tag that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open:
            self.cells[-1] += data


@FEW
@given(registry=registries(), policy=POLICIES)
def test_html_is_balanced_and_escaped(registry: MappingRegistry, policy: Policy) -> None:
    """The HTML fragment is balanced, has no tags but its own, and its cells say the paths and types as they are."""
    page = _Page()

    page.feed(registry.to_html(policy=policy))
    page.close()

    assert page.open == []
    assert page.tags <= {"div", "h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    cells = [
        cell
        for facet in FACETS
        for row in registry.maps
        if row.facet == facet
        for cell in (", ".join(row.wave), ", ".join(row.pms), f'"{row.type}"')
    ]
    assert page.cells == cells


LINES = st.sampled_from(
    [
        "Wave Customer to Custom PMS Customer",
        "====================================",
        "------------------------------------",
        ".. list-table::",
        "   :header-rows: 1",
        "   * - email",
        "\t* -\tname",
        "     - mail, `x",
        "     - ",
        "",
        "+-----+----+",
        "| a   | b  |",
        "+=====+====+",
        "=====  ====",
        "email  mail  x",
        ".. csv-table::",
        "* - name",
        "  text",
    ]
)


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(LINES | TEXTS, max_size=30), end=st.sampled_from(ENDS))
def test_garbage_is_read_or_refused(lines: list[str], end: str) -> None:
    """Whatever stands in a text, it is read, or refused because it has no dataflow; each line is said but once."""
    text = end.join(lines)

    try:
        found = read_rst(text)
    except ConfigurationError as error:
        assert "has no dataflow" in str(error)  # noqa: PT017  # both ends are right
        return

    count = max(text.count(mark) for mark in ("\n", "\r")) + 1
    assert all(1 <= row.line <= count for row in found.rows)
    assert found.titles


LONG = (
    "=" * 300_000,
    "= " * 150_000,
    "   * - " + "a" * 300_000,
    "   * - " + "\\" * 300_000,
    "+-" * 150_000 + "+",
    "   * - a[" + " " * 300_000,
    "   * - " + "a, " * 100_000,
    "``" * 150_000,
    ":a" * 150_000,
    " " * 300_000 + "x",
)


@pytest.mark.parametrize("line", LONG, ids=range(len(LONG)))
@pytest.mark.timeout(20)
def test_long_lines_take_no_long_time(line: str) -> None:
    """A line of any length is read in time that grows with its length, not with its square."""
    title = "Wave Customer to Custom PMS Customer"

    found = read_rst(f"{title}\n{'-' * 40}\n\n.. list-table::\n\n   * - email\n     - {line}\n{line}\n{line}\n{line}\n")

    assert found.titles == (title,)


@pytest.mark.timeout(20)
def test_many_rows_are_cut_off() -> None:
    """A text of very many rows is read up to a bound, and says where the reading ended."""
    title = "Wave Customer to Custom PMS Customer"
    rows = "".join(f"   * - unknown{at}\n     - mail{at}\n" for at in range(20_000))

    found = read_rst(f"{title}\n{'-' * 40}\n\n.. list-table::\n\n{rows}")

    assert len(found.open_points) == 1001
    assert "from here on no row was read" in found.open_points[-1]
    assert len(sections("x\n" * 100_000)) == 1
