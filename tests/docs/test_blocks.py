"""Everything printed is run."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))]
BLOCKS = re.compile(r"^```(\S*)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_python_block_runs(page: str, ready: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python blocks of a page run one after the other, with what the page says is ready."""
    module = ModuleType("a_page")
    monkeypatch.setitem(sys.modules, "a_page", module)
    document = Sybil(parsers=[PythonCodeBlockParser()], path=str(ROOT)).parse(ROOT / page)
    document.namespace = vars(module)
    if page != "README.md":
        document.namespace.update(ready)

    for example in document.examples():
        example.evaluate()


@pytest.mark.parametrize("page", PAGES)
def test_every_block_has_a_known_kind(page: str) -> None:
    """A block is Python, which runs; a command; a setting file; or text, which another test compares."""
    kinds = BLOCKS.findall((ROOT / page).read_text(encoding="utf-8"))[::2]

    assert set(kinds) <= {"python", "console", "toml", "text", "json", "{toctree}", "{eval-rst}", "mermaid"}


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_leads_somewhere(page: str) -> None:
    """A link to another page or file of ours leads to one that exists."""
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", (ROOT / page).read_text(encoding="utf-8"))

    missing = [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()]

    assert missing == []
