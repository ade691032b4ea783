"""One linked pair laid on the table: present cells beside baselines, with our own open writes settled first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import define, evolve, field

from wave_pms_sync.model.digests import cell_digest, digest
from wave_pms_sync.model.fields import MISSING, Cell, Forgotten
from wave_pms_sync.model.links import Baseline, ChangeStamp, HoldReason
from wave_pms_sync.model.memory import Intent, IntentKind, IntentState
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import MARKER
from wave_pms_sync.reconcile.cells import Cells
from wave_pms_sync.reconcile.groups import NEW_FIELD, GroupLook, differs
from wave_pms_sync.reconcile.remapping import outdated, void
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Pair, Presence, Seen


@define(kw_only=True)
class View:
    """The working papers of one pair; built by `lay_out` and only read afterwards.

    Attributes:
        cells: What each side shows now; baselines for a side that was not read.
        base: What each side showed when both last agreed.
        settled: New baselines that open intents lead to, by field id.
        closed: Keys of intents that are settled.
        narrowed: Intents of which only some groups are settled, as they stay open.
        landed: Announced writes of unknown outcome that are found done, with the fields found, by key.
        waiting: Groups with a write that a side confirmed and does not show yet.
        not_kept: Groups where a side did not keep our write, with that side.
        overwritten: Groups, by side, where somebody wrote over our write: their stamps prove nothing.
        undone: Groups in which our own undo is shown, with what it took back, in words.
        places: Where each field stands in raw tuples.
        void: Fields whose baselines no longer correspond, since they are mapped otherwise.
        settle_s: How long an undo of unknown outcome may still arrive.
    """

    pair: Pair
    shape: Shape
    cells: dict[Side, Mapping[str, Cell]] = field(factory=dict)
    base: dict[Side, MutableMapping[str, Cell]] = field(factory=dict)
    settled: dict[str, Baseline] = field(factory=dict)
    closed: list[str] = field(factory=list)
    narrowed: list[Intent] = field(factory=list)
    landed: dict[str, tuple[Intent, list[str]]] = field(factory=dict)
    waiting: set[str] = field(factory=set)
    not_kept: dict[str, Side] = field(factory=dict)
    overwritten: dict[Side, set[str]] = field(factory=lambda: {Side.WAVE: set(), Side.PMS: set()})
    undone: dict[str, str] = field(factory=dict)
    places: Mapping[str, int] = field(factory=dict)
    void: set[str] = field(factory=set)
    settle_s: float = 0

    def present(self, side: Side, name: str) -> Cell:
        """What a side shows of a field; one that it did not show is as it was."""
        cell = self.cells[side][name]
        return self.base[side].get(name, cell) if cell.missing else cell

    def group_digest(self, side: Side, group: str) -> str:
        """Recognises the value of a group on one side, as far as comparison goes."""
        cells = [self.present(side, name) for name in self.shape.groups[group]]
        return digest([["fault", c.raw] if c.fault is not None else ["key", c.key] for c in cells])

    def rests(self, group: str) -> bool:
        """Whether a group was agreed on, is exactly as then on both sides, and nothing else is known of it.

        Nothing follows from such a group; most groups of a changed record are like that.
        """
        known = self.pair.agreement
        if group in known.holds or group in known.not_kept or group in self.not_kept or group in self.undone:
            return False
        return group not in self.waiting and all(
            name not in self.void and name not in self.settled and all(self._as_agreed(side, name) for side in Side)
            for name in self.shape.groups[group]
        )

    def _as_agreed(self, side: Side, name: str) -> bool:
        """Whether a side shows the very text, or the very nothing, that was agreed on, or was not read."""
        agreed, raws = self.pair.agreement.baselines.get(name), self.pair.seen(side).raws
        if agreed is None or raws is None:
            return agreed is not None
        before, now = agreed.on(side), raws[self.places[name]]
        return (before is None and now is None) or (type(before) is str and type(now) is str and before == now)

    def look(self, group: str) -> GroupLook | None:
        """What both sides show of a group; None if what was read does not suffice to judge it."""
        names = self.shape.groups[group]
        fresh = tuple(name for name in names if name not in self.base[Side.WAVE] or name in self.void)
        agreed = not fresh
        if not all(name in self.cells[side] for name in names for side in Side):
            return None
        met = {side: {name: self.base[side][name] for name in names} if agreed else None for side in Side}
        return GroupLook(
            group=group,
            fields=tuple(self.shape.fields[name] for name in names),
            wave={name: self.present(Side.WAVE, name) for name in names},
            pms={name: self.present(Side.PMS, name) for name in names},
            base_wave=met[Side.WAVE],
            base_pms=met[Side.PMS],
            wave_stamp=self._change_stamp(Side.WAVE, group, agreed),
            pms_stamp=self._change_stamp(Side.PMS, group, agreed),
            new_field=not agreed and self._is_new(group),
            backfill=_careful({self.shape.fields[name].backfill for name in fresh}),
            fresh=fresh,
            edited=frozenset() if agreed else self._edited(names),
            unkept=self.pair.agreement.unkept_by.get(group) if self.void.intersection(names) else None,
        )

    def _is_new(self, group: str) -> bool:
        """Whether the pair agreed on other groups before this one was mapped; a hold remembers how it began."""
        hold = self.pair.agreement.holds.get(group)
        began = hold is None or hold.detail.startswith(NEW_FIELD) or outdated(hold, self.pair, self.shape)
        return bool(self.pair.agreement.baselines) and began

    def _edited(self, names: Sequence[str]) -> frozenset[Side]:
        """The sides that changed what was agreed on of a group that is not agreed on whole (any more)."""
        return frozenset(side for side in Side if differs({n: self.cells[side][n] for n in names}, self.base[side]))

    def _change_stamp(self, side: Side, group: str, agreed: bool) -> ChangeStamp:
        """When this value was first seen. A stamp that was seen with another value, or is our own, proves nothing."""
        seen, sight = self.pair.seen(side), self.pair.link.sight(side)
        mark = self.group_digest(side, group)
        if not agreed:
            return ChangeStamp(digest=mark, stamp=seen.stamp)
        known = self.pair.agreement.changes(side).get(group)
        if known is not None and known.digest == mark:
            return known
        proves = seen.stamp not in (sight.written_stamp, sight.stamp) and group not in self.overwritten[side]
        return ChangeStamp(digest=mark, stamp=seen.stamp if proves else None)


def _careful(rules: Collection[str]) -> str:
    """The backfill rule of several new fields that travel together: what all of them say, or hold."""
    return next(iter(rules)) if len(rules) == 1 else "hold"


def lay_out(pair: Pair, shape: Shape, lag_s: float, now: datetime, settle_s: float = 0) -> View:
    """Read both sides into cells, then settle the pair's open update intents.

    Args:
        pair: The link, its memory, and what both sides show.
        shape: The mapping.
        lag_s: How long a side may show what was there before a write that it confirmed.
        now: When, by our clock.
        settle_s: How long an undo of unknown outcome may still arrive: nothing would send it again meanwhile.
    """
    places = {name: at for at, name in enumerate(shape.fields)}
    view = View(pair=pair, shape=shape, settle_s=settle_s, void=set(void(pair, shape)), places=places)
    for side in Side:
        view.base[side], view.cells[side] = _both_cells(pair, shape, side)
    late = [intent for intent in pair.intents if intent.state is IntentState.OVERTAKEN]
    for intent in pair.intents:
        if intent in late:
            continue
        if intent.kind is IntentKind.UPDATE:
            _settle(view, intent, lag_s, now)
            _find_mark(view, intent)
        elif intent.kind is not IntentKind.CREATE and pair.seen(intent.side).presence in _TELLING:
            view.closed.append(intent.key)
            if _retired(pair.seen(intent.side), intent.kind):
                view.landed[intent.key] = (intent, [])
    for intent in late:
        _watch(view, intent, now)
    return view


def _both_cells(pair: Pair, shape: Shape, side: Side) -> tuple[Cells, Cells]:
    """What a side showed when both last agreed, and what it shows now."""
    kept = {name: b.on(side) for name, b in pair.agreement.baselines.items() if name in shape.fields}
    raws = pair.seen(side).raws
    if raws is None:
        base = Cells(kept, lambda name: recall(shape, side, name, kept[name], None))
        return base, base.copy()
    values = dict(zip(shape.fields, raws, strict=False))  # the marker, last of the raws, is no field
    shown = Cells(values, lambda name: shape.cell(side, name, values[name]))
    return Cells(kept, lambda name: recall(shape, side, name, kept[name], shown.get(name))), shown


def recall(shape: Shape, side: Side, name: str, raw: object, shown: Cell | None) -> Cell:
    """A remembered raw value as a cell; of one that is forgotten only whether the side shows it still is known."""
    if not isinstance(raw, Forgotten):
        if shown is not None and type(raw) is str and type(shown.raw) is str and shown.raw == raw:
            return shown  # the same text converts alike
        return shape.cell(side, name, raw)
    if shown is None or shown.missing:
        return Cell(raw=MISSING)
    same = cell_digest(shown, raw.salt) == raw.digest
    return shown if same else Cell(raw=MISSING, key={"forgotten": raw.digest})


def _retired(seen: Seen, kind: IntentKind) -> bool:
    return seen.presence is Presence.ABSENT if kind is IntentKind.DELETE else seen.archived


_TELLING: Final = (Presence.SHOWN, Presence.ABSENT)
"""A retirement whose outcome nobody knew is decided anew by what its side shows: repeating it is harmless."""


def _settle(view: View, intent: Intent, lag_s: float, now: datetime) -> None:
    """Tell, group by group, what became of our own write; what is still on its way keeps the intent open."""
    presence = view.pair.seen(intent.side).presence
    groups = _by_group(view, intent)
    if presence is Presence.SHOWN:
        open_still = [group for group, mine in groups.items() if _on_its_way(view, intent, group, mine, lag_s, now)]
    else:
        open_still = [] if presence is Presence.ABSENT else list(groups)
    waits = [name for group in open_still for name in groups[group]]
    view.waiting |= set(open_still)
    if not waits:
        view.closed.append(intent.key)
    elif len(waits) < sum(map(len, groups.values())):
        view.narrowed.append(_narrowed(intent, waits))


def _watch(view: View, intent: Intent, now: datetime) -> None:
    """Know an overtaken update again, if it is carried out after all: what it sent is shown, and was not before."""
    side, there, agreed = intent.side, view.pair.seen(intent.side).presence, view.base[intent.side]
    found: list[str] = []
    replaced = dict(intent.before)
    for names in _by_group(view, intent).values() if there is Presence.SHOWN else ():
        shown = {name: view.cells[side][name] for name in names}
        sent = {name: view.shape.cell(Side.WAVE, name, intent.values[name]) for name in names}
        if not differs(shown, sent) and differs(shown, agreed):
            found += names
            replaced |= {name: agreed[name].raw for name in names}
            _own(view, intent, shown)
    if found:
        view.landed[intent.key] = (evolve(intent, before=replaced), found)
    if found or there is Presence.ABSENT or _over(intent.announced_at, view.settle_s, now):
        view.closed.append(intent.key)


def _by_group(view: View, intent: Intent) -> dict[str, list[str]]:
    """The fields of an announced write that are still mapped, by group."""
    groups: dict[str, list[str]] = {}
    for name in intent.values:
        if name in view.cells[intent.side]:
            groups.setdefault(view.shape.fields[name].group, []).append(name)
    return groups


def _find_mark(view: View, intent: Intent) -> None:
    """Tell if a mark of origin that was announced is there."""
    raws = view.pair.pms.raws
    if MARKER in intent.before and raws is not None and raws[-1] == view.pair.link.wave_id:
        view.landed.setdefault(intent.key, (intent, []))[1].append(MARKER)


def _on_its_way(view: View, intent: Intent, group: str, names: Sequence[str], lag_s: float, now: datetime) -> bool:
    """Whether a group was confirmed and is not shown yet; else tell if it came back, was not kept, or written over."""
    side = intent.side
    shown = {name: view.cells[side][name] for name in names}
    sent = {name: view.shape.cell(Side.WAVE, name, intent.values[name]) for name in names}
    before = {name: view.shape.cell(side, name, intent.before.get(name)) for name in names}
    confirmed = intent.state is IntentState.CONFIRMED
    if not differs(shown, sent):
        _came_back(view, intent, group, shown)
        if not confirmed:
            view.landed.setdefault(intent.key, (intent, []))[1].extend(names)
    elif not differs(shown, before):
        awaited_s = lag_s if confirmed else view.settle_s if intent.undoes else 0
        if awaited_s and not _over(intent.announced_at, awaited_s, now):
            return True
        if confirmed:
            view.not_kept[group] = side
            _own(view, intent, shown)
    elif intent.answer_stamp is not None and intent.answer_stamp == view.pair.seen(side).stamp:
        _came_back(view, intent, group, shown)
    else:
        view.overwritten[side].add(group)
    return False


def _narrowed(intent: Intent, names: Sequence[str]) -> Intent:
    """The intent, as far as its outcome is still open."""
    return evolve(
        intent,
        values={name: intent.values[name] for name in names},
        before={name: intent.before.get(name) for name in names},
        origin={name: intent.origin.get(name) for name in names},
    )


def _over(moment: datetime | None, lag_s: float, now: datetime) -> bool:
    return moment is None or now >= moment + timedelta(seconds=lag_s)


def _came_back(view: View, intent: Intent, group: str, shown: Mapping[str, Cell]) -> None:
    """Our own write is shown. What an undo gave back was not agreed on: its group is held instead."""
    if intent.undoes:
        view.undone[group] = intent.undoes
    else:
        _own(view, intent, shown)


def _own(view: View, intent: Intent, shown: Mapping[str, Cell]) -> None:
    """What a side shows is our own write: both baselines move to what was sent and what came of it."""
    for name, cell in shown.items():
        raws = {intent.side: cell.raw, intent.side.other: intent.origin.get(name)}
        view.settled[name] = Baseline(wave=raws[Side.WAVE], pms=raws[Side.PMS])
        for side in Side:
            view.base[side][name] = view.shape.cell(side, name, raws[side])


def doubt(view: View, lag_s: float, now: datetime) -> str:
    """Why this pair cannot be judged now, in words; empty if it can."""
    for side in Side:
        seen = view.pair.seen(side)
        if seen.excluded:
            return f"out of scope in {side.words}"
        if seen.presence is Presence.UNKNOWN:
            return seen.reason or f"{side.words} could not be read"
        if seen.presence is Presence.SHOWN and _stale(view, side, lag_s, now):
            return f"{side.words} still shows what was there before our write"
    if any(i.quiet_until is not None and i.quiet_until > now for i in view.pair.intents):
        return "a run that was cut short may still be writing"
    return ""


def _stale(view: View, side: Side, lag_s: float, now: datetime) -> bool:
    """Within the lag allowance, a row older than our own write, or one that shows what our write replaced."""
    sight, seen = view.pair.link.sight(side), view.pair.seen(side)
    if sight.written_at is None or _over(sight.written_at, lag_s, now):
        return False
    if seen.stamp is not None and sight.written_stamp is not None:
        return seen.stamp < sight.written_stamp
    replaced = view.pair.agreement.previous
    return any(
        name in replaced
        and not cell.missing
        and not cell.same(_expected(view, side, name))
        and cell.same(view.shape.cell(side, name, replaced[name].on(side)))
        for name, cell in view.cells[side].items()
        if name in view.base[side]
    )


def _expected(view: View, side: Side, name: str) -> Cell:
    """What a side shows if nothing happened: what was agreed on, or what our undo gave back."""
    hold = view.pair.agreement.holds.get(view.shape.fields[name].group)
    if hold is not None and hold.reason is HoldReason.UNDONE and name in hold.on(side):
        return recall(view.shape, side, name, hold.on(side)[name], view.cells[side].get(name))
    return view.base[side][name]
