"""The document as HTML: one fragment without styles or scripts of elsewhere, for a notebook or a page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from wave_pms_sync.mapping.document.content import Content, Flow, FlowRow

_TABLE: Final = '<table cellpadding="4" style="border-collapse:collapse;text-align:left">'


def as_html(content: Content) -> str:
    """Lay the document out; everything in it is escaped."""
    parts = [f"<h2>{escape(content.title)}</h2>", *_each("p", content.paragraphs)]
    for flow in content.flows:
        parts += [f"<h3>{escape(flow.title)}</h3>", *_each("p", flow.sentences)]
        if flow.notes:
            parts.append(f"<ul>{''.join(_each('li', flow.notes))}</ul>")
        parts.append(_table(flow))
    return f"<div>{''.join(parts)}</div>"


def _table(flow: Flow) -> str:
    head = "".join(_each("th", flow.header))
    body = "".join(f"<tr>{''.join(_each('td', _cells(row)))}</tr>" for row in flow.rows)
    return f"{_TABLE}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: FlowRow) -> tuple[str, str, str]:
    return ", ".join(row.wave), ", ".join(row.pms), f'"{row.type}"'


def _each(tag: str, texts: Iterable[str]) -> list[str]:
    return [f"<{tag}>{escape(text)}</{tag}>" for text in texts]
