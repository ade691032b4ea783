"""The document as Markdown, with tables between pipes."""

from __future__ import annotations

import re
from typing import Final

from wave_pms_sync.mapping.document.content import Content, Flow

_MARKS: Final = re.compile(r"[\\*`|<>\[\]#~&!]|_(?![^\W_])|(?<![^\W_])_|^[^\w\s]|(?<=^\w)[.)](?=\s)")


def as_markdown(content: Content) -> str:
    """Lay the document out; a table without rows has a blank one."""
    parts = [f"# {content.title}", *map(_escaped, content.paragraphs)]
    for flow in content.flows:
        parts += [f"## {flow.title}", *map(_escaped, flow.sentences)]
        if flow.notes:
            parts.append("\n".join(f"- {_escaped(note)}" for note in flow.notes))
        parts.append(_table(flow))
    return "\n\n".join(parts) + "\n"


def _table(flow: Flow) -> str:
    rows = [(", ".join(row.wave), ", ".join(row.pms), f'"{row.type}"') for row in flow.rows] or [("", "", "")]
    lines = [flow.header, ("---",) * 3, *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(text: str) -> str:
    # A quotation mark means nothing in Markdown, and types read better without a backslash.
    return f'"{_escaped(text[1:])}' if text.startswith('"') else _escaped(text)


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", text)
