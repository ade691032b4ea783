"""The document of the dataflows: what is kept in step, printed from the mapping itself.

The same content is laid out as reStructuredText and as Markdown. A table always has a row, if need be a blank one:
reStructuredText allows no table without.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from attrs import frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.model.fields import Direction

MATCH_ON = ("external_id", "email", "name+postal_code")
CONFLICTS = (
    "the later edit counts if the two are clearly apart in time; otherwise both values stay as they are, and the"
    " property waits for a person"
)

_TITLE = "Customers of Wave and of the Custom PMS"
_INTRODUCTION = (
    "This document says which customers and which of their properties are kept in step between Wave and the Custom PMS."
    " It is printed from the mapping in use and can be worked through as a checklist, one row after the other."
)
# Two dataflows bear the same title: the record as such, and the record seen as a person.
_TITLES = {
    "customer": "Wave Customer to Custom PMS Customer",
    "person": "Wave Customer to Custom PMS Customer",
    "organisation": "Wave Customer (organisation data) to Custom PMS Customer",
}
_PMS_COLUMNS = ("Custom PMS Customer Property", "Custom PMS Data Type")
_WAVE_COLUMNS = {
    "customer": "Wave Customer Property",
    "person": "Wave Customer Property",
    "organisation": "Wave Customer (organisation data) Property",
}
_RST_MARKS = re.compile(r"[\\*`|<>@\[\]]|:(?=:|$)|_(?![^\W_])|(?<![^\W_])_|^\W|(?<=^\w)[.)](?=\s)")
_MARKDOWN_MARKS = re.compile(r"[\\*`|<>\[\]#~&!]|_(?![^\W_])|(?<![^\W_])_|^\W|(?<=^\w)[.)](?=\s)")

_Escape = Callable[[str], str]


@frozen(kw_only=True)
class _Flow:
    """One dataflow as it is printed; its texts are escaped already."""

    title: str
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    header: tuple[str, str, str]
    rows: tuple[tuple[str, str, str], ...]


def rst(
    maps: Sequence[FieldMap],
    generated_at: datetime | None,
    match_on: Sequence[str] = MATCH_ON,
    conflicts: str = CONFLICTS,
) -> str:
    """The document as reStructuredText.

    Args:
        maps: All field maps; those that are off are left out.
        generated_at: An aware moment to be printed, or None.
        match_on: The match keys, strongest first.
        conflicts: What happens where both sides changed a property, as the rest of a sentence.

    Raises:
        ConfigurationError: If the moment has no time zone.
    """
    bar = "=" * len(_TITLE)
    parts = [f"{bar}\n{_TITLE}\n{bar}", *_stamp(generated_at), _INTRODUCTION]
    for flow in _flows(maps, match_on, conflicts, _escape_rst):
        parts += [f"{flow.title}\n{'-' * len(flow.title)}", *flow.sentences]
        if flow.notes:
            parts.append("\n".join(f"- {note}" for note in flow.notes))
        lines = [".. list-table::", "   :header-rows: 1", ""]
        for row in (flow.header, *flow.rows):
            lines += [f"   {'* -' if at == 0 else '  -'} {cell}".rstrip() for at, cell in enumerate(row)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def markdown(
    maps: Sequence[FieldMap],
    generated_at: datetime | None,
    match_on: Sequence[str] = MATCH_ON,
    conflicts: str = CONFLICTS,
) -> str:
    """The document as Markdown, with the arguments and errors of `rst`."""
    parts = [f"# {_TITLE}", *_stamp(generated_at), _INTRODUCTION]
    for flow in _flows(maps, match_on, conflicts, _escape_markdown):
        parts += [f"## {flow.title}", *flow.sentences]
        if flow.notes:
            parts.append("\n".join(f"- {note}" for note in flow.notes))
        lines = [flow.header, ("---",) * 3, *flow.rows]
        parts.append("\n".join(f"| {' | '.join(cells)} |" for cells in lines))
    return "\n\n".join(parts) + "\n"


def _stamp(moment: datetime | None) -> list[str]:
    if moment is None:
        return []
    if moment.utcoffset() is None:
        raise ConfigurationError("document", ["generated_at: has no time zone (allowed: an aware datetime)"])
    return [f"Generated at {moment.isoformat(sep=' ', timespec='seconds')}."]


def _flows(maps: Sequence[FieldMap], match_on: Sequence[str], conflicts: str, escape: _Escape) -> list[_Flow]:
    sentences = _sentences(match_on, conflicts, escape)
    flows = []
    for facet, title in _TITLES.items():
        rows = [row for row in maps if row.enabled and row.facet == facet]
        cells = [(escape(", ".join(row.wave)), escape(", ".join(row.pms)), f'"{row.type}"') for row in rows]
        flows.append(
            _Flow(
                title=title,
                sentences=sentences,
                notes=_notes(rows, escape),
                header=(_WAVE_COLUMNS[facet], *_PMS_COLUMNS),
                rows=tuple(cells) or (("", "", ""),),
            )
        )
    return flows


def _sentences(match_on: Sequence[str], conflicts: str, escape: _Escape) -> tuple[str, ...]:
    keys = ", then ".join(escape(key.replace("+", " with ")) for key in match_on) or "nothing"
    return (
        "Every Wave customer is synchronised with a Custom PMS customer: one customer has one counterpart, however many"
        " dataflows its properties belong to, and a customer that has none gets one.",
        "Once the two are linked they stay in sync, regardless of where the edit is made. The link is by id, so it"
        " outlives a change of name or e-mail.",
        "At each run the properties below are carried that changed since both sides last agreed on them; an edit"
        " travels either way unless a note says otherwise. Where both sides changed the same property,"
        f" {escape(conflicts)}.",
        f"Two customers that nobody has linked are matched by {keys}. A match counts only if it is unique among all"
        " customers of both sides; whatever is ambiguous waits for a person.",
    )


def _notes(rows: Sequence[FieldMap], escape: _Escape) -> tuple[str, ...]:
    """What is out of the ordinary in a dataflow, one line for each kind."""
    merged = [row for row in rows if row.merged]
    groups: dict[str, list[FieldMap]] = {}
    for row in merged:
        groups.setdefault(row.group, []).append(row)
    kinds = [
        ("Written by the engine only, as proof of origin", [row for row in rows if row.marker]),
        ("Read only", [row for row in rows if row.direction is Direction.READ_ONLY and not row.marker]),
        ("One way, from Wave to the Custom PMS", [row for row in merged if row.direction is Direction.TO_PMS]),
        ("One way, from the Custom PMS to Wave", [row for row in merged if row.direction is Direction.TO_WAVE]),
        ("Required, never cleared", [row for row in merged if row.required]),
        *((f"Carried as a whole ({escape(group)})", found) for group, found in groups.items() if len(found) > 1),
    ]
    notes = [f"{kind}: {escape(', '.join(row.name for row in found))}." for kind, found in kinds if found]
    losses: dict[str, list[str]] = {}
    for row in merged:
        losses.setdefault(row.converter.loses, []).append(row.name)
    notes += [f"Lost on the way, {escape(lost)}: {escape(', '.join(found))}." for lost, found in losses.items() if lost]
    return tuple(notes)


def _escape_rst(text: str) -> str:
    return _RST_MARKS.sub(r"\\\g<0>", text)


def _escape_markdown(text: str) -> str:
    return _MARKDOWN_MARKS.sub(r"\\\g<0>", text)
