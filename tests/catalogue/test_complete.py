"""The catalogue of failure modes is whole: each has a row on its page, and a test or the reason why it cannot occur."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "failure-modes.md"
IDS = [f"F-{number:02}" for number in range(1, 113)]

ROWS = re.findall(r"^\| (F-\d+) \| .* \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
REFERENCE = re.compile(r"\[`(\w+)`\]\(([^)]+)\)")
NAMED = {
    (path, name): [f"F-{number}" for number in re.findall(r"_f(\d+)(?=_)", name)]
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test(?:_f\d+)+_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def _references(cell: str) -> list[tuple[Path, str]]:
    return [(PAGE.parent.joinpath(target).resolve(), name) for name, target in REFERENCE.findall(cell)]


def test_each_failure_mode_has_one_row() -> None:
    """The page tells of each number once, in order."""
    assert [row for row, _ in ROWS] == IDS


def test_each_row_names_tests_or_says_why_it_cannot_occur() -> None:
    """The last column of a row names tests, or begins with "cannot occur"."""
    silent = [row for row, cell in ROWS if not (_references(cell) or re.match(r"cannot occur: \w+", cell))]

    assert silent == []


def test_each_test_that_the_page_names_is_there() -> None:
    """A test named by a row stands in the file that the row links to, and bears the row's number."""
    wrong = [
        (row, name) for row, cell in ROWS for path, name in _references(cell) if row not in NAMED.get((path, name), [])
    ]

    assert wrong == []


def test_each_test_of_the_catalogue_is_on_the_page() -> None:
    """A test of the catalogue is named in the row of each of its numbers."""
    told = {(row, *reference) for row, cell in ROWS for reference in _references(cell)}
    catalogue = {
        (one, *place) for place, ids in NAMED.items() if place[0].parent == Path(__file__).parent for one in ids
    }

    assert catalogue - told == set()


def test_a_number_in_the_name_of_a_test_is_that_of_a_failure_mode() -> None:
    """No test bears a number that the catalogue does not have."""
    assert {one for ids in NAMED.values() for one in ids} <= set(IDS)
