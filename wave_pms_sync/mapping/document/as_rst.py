"""The document as reStructuredText, which docutils parses without a complaint."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from wave_pms_sync.mapping.document.content import Content, Flow, FlowRow

_MARKS: Final = re.compile(r"[\\*`|<>@\[\]]|:(?=:|$)|_(?![^\W_])|(?<![^\W_])_|^[^\w\s]")
# When a document is read back, a comma before a blank stands between two paths, and N/A for none.
_PATH_MARKS: Final = re.compile(rf"{_MARKS.pattern}|,(?=\s)|^(?=n/a$)", re.IGNORECASE)
# A word and a point or bracket at the start of a cell would begin a numbered list.
_NUMBER: Final = re.compile(r"^(\w+)([.)])(?=\s|$)")


def as_rst(content: Content) -> str:
    """Lay the document out.

    A table always has a row, if need be a blank one: reStructuredText allows no table without.
    """
    bar = "=" * len(content.title)
    parts = [f"{bar}\n{content.title}\n{bar}", *map(_escaped, content.paragraphs)]
    for flow in content.flows:
        parts += [f"{flow.title}\n{'-' * len(flow.title)}", *map(_escaped, flow.sentences)]
        if flow.notes:
            parts.append("\n".join(f"- {_escaped(note)}" for note in flow.notes))
        parts.append(_table(flow))
    return "\n\n".join(parts) + "\n"


def _table(flow: Flow) -> str:
    rows = [flow.header, *(_cells(row) for row in flow.rows)] if flow.rows else [flow.header, ("", "", "")]
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        lines += [f"   {'* -' if at == 0 else '  -'} {cell}".rstrip() for at, cell in enumerate(row)]
    return "\n".join(lines)


def _cells(row: FlowRow) -> tuple[str, str, str]:
    return _joined(row.wave), _joined(row.pms), f'"{_escaped(row.type)}"'


def _joined(paths: Iterable[str]) -> str:
    return ", ".join(_escaped(path, _PATH_MARKS) for path in paths)


def _escaped(text: str, marks: re.Pattern[str] = _MARKS) -> str:
    escaped = _NUMBER.sub(r"\1\\\2", marks.sub(r"\\\g<0>", text))
    return f"\\ {escaped}" if text and not text.strip("\\") else escaped  # a line of backslashes would be an overline
