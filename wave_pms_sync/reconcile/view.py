"""One linked pair on the table: present cells beside baselines, and what is known of our own open writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import define, field

from wave_pms_sync.model.digests import cell_digest, digest
from wave_pms_sync.model.fields import MISSING, Cell, Forgotten
from wave_pms_sync.model.links import Baseline, ChangeStamp
from wave_pms_sync.model.memory import Intent
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.cells import Cells
from wave_pms_sync.reconcile.groups import NEW_FIELD, GroupLook, differs
from wave_pms_sync.reconcile.remapping import outdated
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.world import Pair


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
        unsure: The same of those that somebody wrote over since, or wrote in their place.
        waiting: Groups with a write that a side confirmed and does not show yet.
        not_kept: Groups where a side did not keep our write, with that side.
        overwritten: Groups, by side, where somebody wrote over our write: their stamps prove nothing.
        undone: Groups in which our own undo is shown, with what it took back, in words.
        void: Fields whose baselines no longer correspond, since they are mapped otherwise.
        settle_s: How long an undo of unknown outcome, or an overtaken update, may still arrive.
    """

    pair: Pair
    shape: Shape
    cells: dict[Side, Mapping[str, Cell]] = field(factory=dict)
    base: dict[Side, Cells] = field(factory=dict)
    settled: dict[str, Baseline] = field(factory=dict)
    closed: list[str] = field(factory=list)
    narrowed: list[Intent] = field(factory=list)
    landed: dict[str, tuple[Intent, list[str]]] = field(factory=dict)
    unsure: dict[str, tuple[Intent, list[str]]] = field(factory=dict)
    waiting: set[str] = field(factory=set)
    not_kept: dict[str, Side] = field(factory=dict)
    overwritten: dict[Side, set[str]] = field(factory=lambda: {Side.WAVE: set(), Side.PMS: set()})
    undone: dict[str, str] = field(factory=dict)
    void: set[str] = field(factory=set)
    settle_s: float = 0
    _digests: dict[tuple[Side, str], str] = field(factory=dict, init=False)

    def present(self, side: Side, name: str) -> Cell:
        """What a side shows of a field; one that it did not show is as it was: as held, or else as agreed on."""
        cell = self.cells[side][name]
        return self._as_it_was(side, name, cell) if cell.missing else cell

    def _as_it_was(self, side: Side, name: str, missing: Cell) -> Cell:
        hold = self.pair.agreement.holds.get(self.shape.fields[name].group)
        if hold is not None and name in hold.on(side):
            held = recall(self.shape, side, name, hold.on(side)[name], missing)
            if not held.missing:
                return held
        return self.base[side].get(name, missing)

    def group_digest(self, side: Side, group: str) -> str:
        """Recognises the value of a group on one side, as far as comparison goes."""
        known = self._digests.get((side, group))
        if known is None:
            cells = [self.present(side, name) for name in self.shape.groups[group]]
            known = digest([["fault", c.raw] if c.fault is not None else ["key", c.key] for c in cells])
            self._digests[side, group] = known
        return known

    def awake(self) -> list[str]:
        """The groups that were never agreed on, or are not exactly as then on both sides, or of which more is known.

        Nothing follows from the others; most groups of a changed record are like that.
        """
        known, fields = self.pair.agreement, self.shape.fields
        moved = {*self.void, *self.settled, *self._not_as_agreed()}
        found = {*known.holds, *known.not_kept, *self.not_kept, *self.undone, *self.waiting}
        found |= {fields[name].group for name in moved if name in fields}
        return [group for group in self.shape.groups if group in found]

    def _not_as_agreed(self) -> Iterator[str]:
        """The fields never agreed on, or of which a side that was read shows another text, or none, than agreed on."""
        fields, baselines = self.shape.fields, self.pair.agreement.baselines
        yield from (name for name in fields if name not in baselines)
        for side in Side:
            for name, now in zip(fields, self.pair.seen(side).raws or (), strict=False):
                if name in baselines and not _as_then(baselines[name].on(side), now):
                    yield name

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
            unkept=self._unkept_by(group) if self.void.intersection(names) else None,
        )

    def _unkept_by(self, group: str) -> Side | None:
        return self.not_kept.get(group) or self.pair.agreement.unkept_by.get(group)

    def _is_new(self, group: str) -> bool:
        """Whether the pair agreed on other groups before this one was mapped; a hold remembers how it began."""
        hold = self.pair.agreement.holds.get(group)
        began = hold is None or hold.detail.startswith(NEW_FIELD) or outdated(hold, self.pair, self.shape)
        return bool(self.pair.agreement.baselines) and began

    def _edited(self, names: Sequence[str]) -> frozenset[Side]:
        """The sides that changed what was agreed on of a group that is not agreed on whole (any more)."""
        agreed = {side: [name for name in names if name in self.base[side]] for side in Side}
        return frozenset(
            side for side in Side if differs({n: self.cells[side][n] for n in agreed[side]}, self.base[side])
        )

    def _change_stamp(self, side: Side, group: str, agreed: bool) -> ChangeStamp:
        """When this value was first seen. A stamp that was seen with another value, or is our own, proves nothing."""
        seen, sight = self.pair.seen(side), self.pair.link.sight(side)
        if not agreed:
            return ChangeStamp(digest="", stamp=seen.stamp)  # kept only of what was agreed on
        mark = self.group_digest(side, group)
        known = self.pair.agreement.changes(side).get(group)
        if known is not None and known.digest == mark:
            return known
        proves = seen.stamp not in (sight.written_stamp, sight.stamp) and group not in self.overwritten[side]
        return ChangeStamp(digest=mark, stamp=seen.stamp if proves else None)


def _as_then(before: object, now: object) -> bool:
    return (before is None and now is None) or (type(before) is str and type(now) is str and before == now)


def _careful(rules: Collection[str]) -> str:
    """The backfill rule of several new fields that travel together: what all of them say, or hold."""
    return next(iter(rules)) if len(rules) == 1 else "hold"


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
