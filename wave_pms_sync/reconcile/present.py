"""How a plan looks: rows for a data frame, a text for a terminal, a table for a notebook, a story for one record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, Protocol

from wave_pms_sync.model.memory import Quarantined
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.waiting import Dispute, Skipped

MASK: Final = "***"
MOST_LINES: Final = 60
MOST_ROWS: Final = 200
COLUMNS: Final = ("kind", "side", "name", "wave_id", "pms_id", "field", "before", "after", "rule")

_VERBS: Final = {
    ActionKind.CREATE: "create in {}",
    ActionKind.RECREATE: "create again in {}",
    ActionKind.UPDATE: "update in {}",
    ActionKind.ARCHIVE: "archive in {}",
    ActionKind.DELETE: "delete in {}",
    ActionKind.LINK: "link",
    ActionKind.RELINK: "link again",
    ActionKind.AGREE: "agree",
    ActionKind.HOLD: "hold",
    ActionKind.RELEASE: "end a hold",
    ActionKind.TOMBSTONE: "note as gone",
    ActionKind.SUSPEND: "suspend",
}


class Presentable(Protocol):
    """What this room needs of a plan."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """What would be done."""
        ...

    @property
    def waiting(self) -> tuple[Dispute | Quarantined, ...]:
        """What waits."""
        ...

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What gets no counterpart."""
        ...

    @property
    def held(self) -> tuple[str, ...]:
        """Why guards hold it."""
        ...


def verb(action: Action) -> str:
    """What an action does, in words."""
    return _VERBS[action.kind].format(action.side.words if action.side is not None else "")


def rows(plan: Presentable, *, mask: bool = False) -> list[dict[str, object]]:
    """One plain dict for each field of each action; one for an action without fields."""
    return [row for action in plan.actions for row in _rows(action, mask)]


def _rows(action: Action, mask: bool) -> Iterable[dict[str, object]]:
    common: dict[str, object] = {
        "kind": str(action.kind),
        "side": str(action.side) if action.side else None,
        "name": MASK if mask and action.label else action.label,
        "wave_id": action.wave_id,
        "pms_id": action.pms_id,
    }
    if not action.fields:
        yield {**common, "field": action.group or None, "before": None, "after": None, "rule": action.rule}
    for change in action.fields:
        values = {"before": _masked(change.before, mask), "after": _masked(change.after, mask)}
        yield {**common, "field": change.name, **values, "rule": change.rule or action.rule}


def _masked(value: object, mask: bool) -> object:
    return MASK if mask and value is not None else value


def text(plan: Presentable, *, mask: bool = False) -> str:
    """A readable summary: what, how often, then line by line."""
    lines = [_headline(plan)]
    counts = Counter(verb(action) for action in plan.actions)
    lines += [f"  {count:>5}  {what}" for what, count in counts.items()]
    lines += [f"  held: {why}" for why in plan.held]
    shown = [a for a in plan.actions if a.kind not in (ActionKind.LINK, ActionKind.AGREE)] or list(plan.actions)
    if shown:
        lines += ["", *(_line(action, mask) for action in shown[:MOST_LINES])]
    if len(shown) > MOST_LINES:
        lines.append(f"  ... and {len(shown) - MOST_LINES} more")
    if plan.waiting:
        lines += ["", "Waiting for a person:", *(f"  {_waiting(w)}" for w in plan.waiting[:MOST_LINES])]
    if plan.skipped:
        why = Counter(s.reason for s in plan.skipped)
        lines += ["", "Skipped:", *(f"  {count:>5}  {reason}" for reason, count in why.most_common())]
    return "\n".join(lines)


def _headline(plan: Presentable) -> str:
    if not plan.actions:
        return "Plan: nothing to do" + (f", {len(plan.waiting)} waiting" if plan.waiting else "")
    remote = Counter(action.side for action in plan.actions if action.kind.remote)
    writes = f"{remote[Side.WAVE]} writes to Wave, {remote[Side.PMS]} to the PMS"
    local = sum(not action.kind.remote for action in plan.actions)
    return f"Plan: {writes}, {local} link changes, {len(plan.waiting)} waiting"


def _line(action: Action, mask: bool) -> str:
    who = (MASK if mask else action.label) or " / ".join(action.ids)
    changes = "; ".join(_change(c.name, c.before, c.after, mask) for c in action.fields if c.before != c.after)
    if action.kind in (ActionKind.CREATE, ActionKind.RECREATE):
        changes = ", ".join(c.name for c in action.fields)
    if action.kind is ActionKind.HOLD:
        changes = "; ".join(_held(c.name, c.before, c.after, mask) for c in action.fields if c.before != c.after)
    return f"  {verb(action):<18} {who}: {changes + ' - ' if changes else ''}{action.rule}"


def _change(name: str, before: object, after: object, mask: bool) -> str:
    return f"{name} {_quoted(before, mask)} -> {_quoted(after, mask)}"


def _held(name: str, wave: object, pms: object, mask: bool) -> str:
    return f"{name}: Wave {_quoted(wave, mask)}, PMS {_quoted(pms, mask)}"


def _quoted(value: object, mask: bool) -> str:
    return "(empty)" if value is None else MASK if mask else repr(value)


def _waiting(item: Dispute | Quarantined) -> str:
    if isinstance(item, Dispute):
        return f"dispute     {item}"
    near = f" (candidates: {', '.join(item.candidates)})" if item.candidates else ""
    return f"quarantine  {item.side} {item.id}: {item.detail}{near}"


def explain(plan: Presentable, record_id: str) -> str:
    """Tell in words what happens to a record, and why."""
    lines = [f"{verb(a)}: {a.rule}{_details(a)}" for a in plan.actions if record_id in a.ids]
    for item in plan.waiting:
        ids = (item.wave_id, item.pms_id) if isinstance(item, Dispute) else (item.id, *item.candidates)
        lines += [_waiting(item)] if record_id in ids else []
    lines += [f"skipped: {s.reason}" for s in plan.skipped if s.id == record_id]
    if not lines:
        return f"{record_id}: nothing is planned. It showed nothing new since it was last seen, or is not known."
    return "\n".join(f"{record_id}: {line}" for line in lines)


def _details(action: Action) -> str:
    names = ", ".join(dict.fromkeys(c.name for c in action.fields))
    return f" ({names})" if names else ""


def table(columns: Sequence[str], cells: Iterable[Sequence[object]], caption: str) -> str:
    """A small HTML table; every value is escaped and the number of rows is capped."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body: list[str] = []
    more = 0
    for row in cells:
        if len(body) < MOST_ROWS:
            body.append("<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row) + "</tr>")
        else:
            more += 1
    rest = f"<p>... and {more} more rows</p>" if more else ""
    style = "border-collapse:collapse;text-align:left"
    return (
        f'<div><p><b>{escape(caption)}</b></p><table style="{style}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>{rest}</div>"
    )


def _cell(value: object) -> str:
    return "" if value is None else escape(str(value))


def html(plan: Presentable, *, mask: bool = False) -> str:
    """A table for a notebook."""
    found = rows(plan, mask=mask)
    parts = [table(COLUMNS, ([row[column] for column in COLUMNS] for row in found), _headline(plan))]
    parts += [f"<p><b>held:</b> {escape(why)}</p>" for why in plan.held]
    if plan.waiting:
        items = "".join(f"<li>{escape(_waiting(item))}</li>" for item in plan.waiting[:MOST_ROWS])
        parts.append(f"<p>Waiting for a person:</p><ul>{items}</ul>")
    return "".join(parts)
