"""Tables printed in the documentation are those of the code."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_tables_are_those_of_the_code() -> None:
    """Each page reads as `python docs/tables.py` would write it."""
    tables = runpy.run_path(str(DOCS / "tables.py"))

    stale = [path.name for path, text in tables["pages"]() if path.read_text(encoding="utf-8") != text]

    assert stale == [], "run `python docs/tables.py`"


def test_every_table_is_printed_somewhere() -> None:
    """The decision table, the defaults, the assumptions about Wave and all other tables have a page."""
    tables = runpy.run_path(str(DOCS / "tables.py"))
    printed = "".join(path.read_text(encoding="utf-8") for path, _ in tables["pages"]())

    assert [name for name in tables["TABLES"] if f"<!-- table {name} -->" not in printed] == []
