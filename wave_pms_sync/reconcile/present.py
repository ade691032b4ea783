"""How a plan looks: rows for a data frame, a text for a terminal, a table for a notebook, a story for one record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import islice
from typing import Final, Protocol

from wave_pms_sync.model.memory import Quarantined
from wave_pms_sync.model.printable import LONGEST_NAME, LONGEST_VALUE, one_line, quoted
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER, Action, ActionKind, FieldChange
from wave_pms_sync.reconcile.waiting import Dispute, Skipped

MASK: Final = "***"
MOST_LINES: Final = 40
FEWEST_LINES: Final = 5
MOST_WAITING: Final = 20
WIDEST_NAME: Final = 32
MOST_ROWS: Final = 200
LONGEST_ID: Final = 16
COLUMNS: Final = ("kind", "side", "name", "field", "before", "after", "rule", "wave_id", "pms_id")

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


_QUIET: Final = (ActionKind.LINK, ActionKind.AGREE)


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

    @property
    def incomplete(self) -> Mapping[str, str]:
        """Why a side was not completely listed, by side."""
        ...


def verb(action: Action) -> str:
    """What an action does, in words."""
    return _VERBS[action.kind].format(action.side.words if action.side is not None else "")


def rows(plan: Presentable, *, mask: bool = False) -> list[dict[str, object]]:
    """One plain dict for each field of each action; one for an action without fields."""
    return [row for action in plan.actions for row in _rows(action, mask)]


def _rows(action: Action, mask: bool) -> Iterator[dict[str, object]]:
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
    """A readable summary: what, why and how often, with some examples of each, and what waits."""
    lines = [_headline(plan), *(f"  held: {why}" for why in plan.held), *_partial(plan)]
    groups: dict[tuple[str, str], list[Action]] = {}
    for action in plan.actions:
        groups.setdefault((verb(action), action.rule), []).append(action)
    each = max(FEWEST_LINES, MOST_LINES // max(1, len(groups)))
    for (what, why), actions in groups.items():
        lines += ["", f"{len(actions):>5}  {what}" + (f" - {why}" if why else "")]
        lines += _examples(actions, each, mask) if _telling(plan, actions) else []
    if plan.waiting:
        told = [f"  {kind:<10}  {what}" for kind, what in (waits(w, mask) for w in plan.waiting[:MOST_WAITING])]
        lines += ["", "Waiting for a person:", *told, *_more(len(plan.waiting) - len(told), "  ")]
    if plan.skipped:
        why_skipped = Counter(s.reason for s in plan.skipped)
        lines += ["", "Skipped:", *(f"{count:>5}  {reason}" for reason, count in why_skipped.most_common())]
    return "\n".join(map(one_line, lines))


def _partial(plan: Presentable) -> list[str]:
    return [f"  {Side(side).words} was not completely listed: {why}" for side, why in plan.incomplete.items()]


def _telling(plan: Presentable, actions: Sequence[Action]) -> bool:
    """Links and agreements are many and change no value; alone they are worth showing."""
    return actions[0].kind not in _QUIET or all(action.kind in _QUIET for action in plan.actions)


def _examples(actions: Sequence[Action], each: int, mask: bool) -> list[str]:
    shown = actions[: each if len(actions) > each + 1 else len(actions)]
    names = [one_line(("" if mask else action.label) or " / ".join(action.ids), LONGEST_NAME) for action in shown]
    width = min(max(len(name) for name in names), WIDEST_NAME)
    lines = [
        f"       {name:<{width}}  {_changes(action, mask)}".rstrip() for name, action in zip(names, shown, strict=True)
    ]
    return [*lines, *_more(len(actions) - len(shown), "       ")]


def _more(count: int, indent: str) -> list[str]:
    return [f"{indent}... and {count} more"] if count > 0 else []


def _headline(plan: Presentable) -> str:
    if not plan.actions:
        return "Plan: nothing to do" + (f", {len(plan.waiting)} waiting" if plan.waiting else "")
    remote = Counter(action.side for action in plan.actions if action.kind.remote)
    writes = f"{counted(remote[Side.WAVE], 'write')} to Wave, {remote[Side.PMS]} to the PMS"
    local = counted(sum(not action.kind.remote for action in plan.actions), "link change")
    return f"Plan: {writes}, {local}, {len(plan.waiting)} waiting"


def counted(count: int, noun: str) -> str:
    """How many of something, in words."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _changes(action: Action, mask: bool) -> str:
    """What changes, in one line; that the Wave id is noted is said only where nothing else happens."""
    groups: dict[str, list[FieldChange]] = {}
    for change in action.fields:
        if change.id != MARKER:
            groups.setdefault(change.group, []).append(change)
    if action.kind in (ActionKind.CREATE, ActionKind.RECREATE):
        return ", ".join(_name(group, changes) for group, changes in groups.items())
    tell = _held if action.kind is ActionKind.HOLD else _change
    differing = [(group, [c for c in changes if c.before != c.after]) for group, changes in groups.items()]
    told = [
        tell(_name(group, found), _joined(c.before for c in found), _joined(c.after for c in found), mask)
        for group, found in differing
        if found
    ]
    return "; ".join(told) or ("notes the Wave id" if action.fields and not groups else "")


def _name(group: str, changes: Sequence[FieldChange]) -> str:
    return changes[0].name if len(changes) == 1 else group


def _joined(values: Iterable[object]) -> object:
    """One value as it is; several, as of an address, in one line."""
    found = list(values)
    filled = [str(value) for value in found if value is not None]
    return found[0] if len(found) == 1 else ", ".join(filled) or None


def _change(name: str, before: object, after: object, mask: bool) -> str:
    return f"{name} {_quoted(before, mask)} -> {_quoted(after, mask)}"


def _held(name: str, wave: object, pms: object, mask: bool) -> str:
    return f"{name}: Wave {_quoted(wave, mask)}, PMS {_quoted(pms, mask)}"


def _quoted(value: object, mask: bool) -> str:
    return MASK if mask and value is not None else quoted(value)


def waits(item: Dispute | Quarantined, mask: bool) -> tuple[str, str]:
    """What waits for a person: its kind, and what is known of it."""
    if isinstance(item, Dispute):
        names = [name for name in item.wave if item.wave.get(name) != item.pms.get(name)]
        values = [_held(name, item.wave.get(name), item.pms.get(name), mask) for name in names]
        called = f"{one_line(item.label, LONGEST_NAME)}, " if item.label and not mask else ""
        return "dispute", f"{called}{item}" + (f" ({'; '.join(values)})" if values else "")
    near = f" (candidates: {', '.join(item.candidates)})" if item.candidates else ""
    return "quarantine", f"{item.side.words} {item.id}: {item.detail}{near}"


def explain(plan: Presentable, record_id: str) -> str:
    """Tell in words what happens to a record, and why."""
    lines = [f"{verb(a)}: {a.rule}{_details(a)}" for a in plan.actions if record_id in a.ids]
    for item in plan.waiting:
        ids = (item.wave_id, item.pms_id) if isinstance(item, Dispute) else (item.id, *item.candidates)
        lines += [": ".join(waits(item, mask=True))] if record_id in ids else []
    lines += [f"skipped: {s.reason}" for s in plan.skipped if s.id == record_id]
    if not lines:
        return f"{record_id}: nothing is planned. It showed nothing new since it was last seen, or is not known."
    return "\n".join(one_line(f"{record_id}: {line}") for line in lines)


def _details(action: Action) -> str:
    names = ", ".join(dict.fromkeys(c.name for c in action.fields))
    return f" ({names})" if names else ""


def table(
    caption: str,
    notes: Iterable[str],
    columns: Sequence[str],
    cells: Iterable[Sequence[object]],
    waiting: Iterable[str],
) -> str:
    """A small HTML table between its caption and what waits; all is escaped, and rows and texts are capped."""
    rest = iter(cells)
    shown = list(islice(rest, MOST_ROWS))
    parts = [f"<p><b>{_told(caption)}</b></p>", *(f"<p>{_told(note)}</p>" for note in notes)]
    if shown:
        head = "".join(f"<th>{escape(column)}</th>" for column in columns)
        body = "".join(f"<tr>{''.join(map(_cell, columns, row))}</tr>" for row in shown)
        parts += [
            '<table cellpadding="4" style="border-collapse:collapse;text-align:left">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        ]
    more = sum(1 for _ in rest)
    if more:
        parts.append(f"<p>... and {more} more rows</p>")
    items = [f"<li>{_told(item)}</li>" for item in waiting]
    if items:
        further = "".join(f"<p>{line}</p>" for line in _more(len(items) - MOST_ROWS, ""))
        parts.append(f"<p>Waiting for a person:</p><ul>{''.join(items[:MOST_ROWS])}</ul>{further}")
    return f"<div>{''.join(parts)}</div>"


def _cell(column: str, value: object) -> str:
    """Long ids differ at their end; the whole one shows when pointed at."""
    shown = "" if value is None else str(value)
    if column.endswith("_id") and len(shown) > LONGEST_ID:
        return f'<td title="{_told(shown)}">...{_told(shown[-LONGEST_ID:])}</td>'
    return f"<td>{escape(one_line(shown, LONGEST_VALUE))}</td>"


def _told(text: str) -> str:
    return escape(one_line(text))


def html(plan: Presentable, *, mask: bool = False) -> str:
    """A table for a notebook: what differs, without the rest of a group that travels with it."""
    return table(
        _headline(plan),
        [*(f"held: {why}" for why in plan.held), *(line.strip() for line in _partial(plan))],
        COLUMNS,
        (cells for action in plan.actions for cells in _differing(action, mask)),
        [": ".join(waits(item, mask)) for item in plan.waiting],
    )


def _differing(action: Action, mask: bool) -> Iterator[list[object]]:
    for bare, row in zip(_rows(action, False), _rows(action, mask), strict=True):
        if bare["field"] and bare["before"] == bare["after"]:
            continue
        if row["after"] is not None and row["after"] == row["wave_id"]:
            row["after"] = "the Wave id"
        if row["kind"] == ActionKind.HOLD.value and (row["before"], row["after"]) != (None, None):
            row["before"], row["after"] = f"Wave: {_shown(row['before'])}", f"PMS: {_shown(row['after'])}"
        yield [row[column] for column in COLUMNS]


def _shown(value: object) -> object:
    return "(empty)" if value is None else value
