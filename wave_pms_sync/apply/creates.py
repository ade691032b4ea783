"""Carry out creates: look for a late partner once per batch, announce, send, judge, link in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import define, evolve

from wave_pms_sync.apply.book import Memory
from wave_pms_sync.apply.desk import PARTED, Desk, Done
from wave_pms_sync.apply.judge import Kept, judge
from wave_pms_sync.apply.late_partners import LatePartners
from wave_pms_sync.apply.proving import Proving, Unproven
from wave_pms_sync.apply.strangers import hold_stranger, is_stranger
from wave_pms_sync.errors import Conflict, NotFound, Refused, SyncError, UnknownOutcome
from wave_pms_sync.mapping.paths import lay, take_out
from wave_pms_sync.mapping.steps import plain
from wave_pms_sync.model.digests import digest
from wave_pms_sync.model.links import Agreement, Baseline, Hold, HoldReason, Link, Sight
from wave_pms_sync.model.memory import (
    Change,
    Intent,
    IntentKind,
    IntentState,
    Known,
    Put,
    Quarantined,
    QuarantineReason,
    Remove,
)
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.lost_creates import met_anew
from wave_pms_sync.reconcile.verdicts import WHOLE
from wave_pms_sync.report import Result

_ROUNDED = timedelta(seconds=1)
"""Stamps may be shown rounded to a second."""


@define(kw_only=True)
class Creates:
    """Creates into one side, in batches.

    Attributes:
        desk: The working place.
        side: Where records are created.
        held: Groups that the plan holds, by record.
        proving: Whether the side shows what is created there.
        late: What appears there while records are created.
    """

    desk: Desk
    side: Side
    held: Mapping[str, set[str]]
    proving: Proving
    late: LatePartners

    def create(self, action: Action) -> Done:
        """Create one record and link it."""
        desk, book, origin_id = self.desk, self.desk.book, action.id_on(self.side.other)
        if origin_id is None:
            return Done(result=Result.FAILED, detail="the action names no origin")
        memory = book.pair(action)
        announced = book.intents.get(f"{IntentKind.CREATE}:{self.side.other}:{origin_id}")
        why = self._moved(action, memory[0] if memory else None, announced)
        if why:
            return desk.skip(action, why)
        origin = self._origin(action, origin_id)
        if origin is None:
            return desk.skip(action, f"the record in {self.side.other.words} moved since it was planned")
        if self.late.holds_a_key_of(origin_id):
            return desk.skip(action, "a possible counterpart appeared since it was planned")
        intent = announced if announced is not None else self._intent(action, origin_id)
        return self._send(action, intent, origin, memory[0] if memory else None)

    def _moved(self, action: Action, link: Link | None, announced: Intent | None) -> str:
        """Why nothing is to be created any more, as far as link, intent and the record that was gone can tell."""
        if (link is None) is (action.kind is ActionKind.RECREATE) or (link and self.desk.book.stale(action, link)):
            return "the link moved since it was planned"
        if announced is not None and not action.resends:
            return "a create is announced already; the next run settles it"
        if not (self.desk.same_run or action.resends) and self.desk.book.parted(action):
            return PARTED
        # A record that is only not listed could be read when a person asked for another one.
        if link and not link.sight(self.side).missed and self.desk.look(self.side, link.id_on(self.side)) is not None:
            return f"the record in {self.side.words} is there again"
        return ""

    def _origin(self, action: Action, origin_id: str) -> Sight | None:
        """What the origin showed when planned; read again unless the plan was made by this very run.

        What is sent again is what was announced, whatever the origin shows by now: the next run compares.
        """
        notes, ref = self.desk.book.plan.notes, (self.side.other, origin_id)
        if action.resends:
            return Sight()
        if self.desk.same_run and notes is not None and ref in notes.origins and not self.proving.doubts_origins:
            return notes.origins[ref]
        seen = self.desk.look(self.side.other, origin_id)
        self.proving.origin(origin_id, seen)
        if seen is None:
            return None
        shown = self.desk.shape.digest(self.desk.shape.raws(self.side.other, seen.payload))
        if shown != action.precondition:
            return None
        self.desk.reindexed(self.side.other, seen)
        return Sight(created_at=seen.created_at, stamp=seen.modified_at, digest=shown, archived=seen.archived)

    def _intent(self, action: Action, origin_id: str) -> Intent:
        desk, now = self.desk, self.desk.book.now()
        values = {c.id: c.after for c in action.fields}
        body = dict(desk.shape.creation(self.side, values))
        if self._marks():
            lay(body, str(desk.shape.marker), origin_id)
        return Intent(
            kind=IntentKind.CREATE,
            side=self.side,
            origin_id=origin_id,
            values=values,
            origin={
                **{name: baseline.on(self.side.other) for name, baseline in action.baselines.items()},
                **{c.id: c.raw(self.side.other) for c in action.fields},
            },
            body=body,
            repeat_key=digest([desk.book.tenant.lineage, origin_id, now.isoformat()]),
            newest=self._made_from(),
            announced_at=now,
            run_id=desk.book.run_id,
        )

    def _made_from(self) -> datetime | None:
        """The earliest creation stamp of what is made now; a clock that was set back stamps it before the newest."""
        newest, began = self.late.newest_created, self.proving.listed_at
        return newest if newest is None or began is None else min(newest, began - _ROUNDED)

    def _marks(self) -> bool:
        desk = self.desk
        return self.side is Side.PMS and desk.shape.marker is not None and desk.clients[Side.PMS].abilities.marker

    def _send(self, action: Action, intent: Intent, origin: Sight, old: Link | None) -> Done:
        if action.resends:
            now = self.desk.book.now()
            intent = evolve(intent, state=IntentState.PLANNED, announced_at=now, cycles=intent.cycles + 1)
            intent = evolve(intent, looks=0, looked_at=None)
        return self._ask(action, intent, origin, old, marked=self._marks())

    def _ask(self, action: Action, intent: Intent, origin: Sight, old: Link | None, *, marked: bool) -> Done:
        desk, book = self.desk, self.desk.book
        desk.announce(intent)
        desk.wrote = True
        try:
            answer = desk.clients[self.side].create_customer(intent.body, repeat_key=intent.repeat_key)
        except (Refused, Conflict, NotFound) as error:
            if marked and isinstance(error, Refused) and self._of_the_mark(error):
                return self._ask_unmarked(action, intent, origin, old)
            return self._refused(action, intent, error)
        except UnknownOutcome as error:
            book.doubt(evolve(intent, record_id=error.record_id if error.accepted else None), action)
            return Done(result=Result.UNKNOWN, detail="nobody can say whether it was carried out", error=error)
        except SyncError as error:
            book.withdraw(intent, *book.unfinished(action, "postponed"))
            raise desk.stop(error, self.side) from error
        return self._created(action, intent, origin, answer, old)

    def _of_the_mark(self, error: Refused) -> bool:
        """Whether nothing but our mark was refused."""
        return {fault.path for fault in error.faults} == {plain(str(self.desk.shape.marker))}

    def _ask_unmarked(self, action: Action, intent: Intent, origin: Sight, old: Link | None) -> Done:
        """The PMS refuses our mark: the create is repeated once without it, otherwise as announced, and reported."""
        body = take_out(intent.body, str(self.desk.shape.marker))
        unmarked = evolve(intent, body=body, repeat_key=f"{intent.repeat_key}-plain")
        done = self._ask(action, unmarked, origin, old, marked=False)
        return evolve(done, detail="the PMS refused the external id") if done.result is Result.DONE else done

    def _refused(self, action: Action, intent: Intent, error: SyncError) -> Done:
        """Nothing is made, and nothing is sent again by itself."""
        told = self.desk.told(error)
        self._give_up(action, intent, QuarantineReason.REFUSED, told)
        done = Done(result=Result.FAILED, detail=told, error=error)
        self.proving.refused(done)
        return done

    def _give_up(
        self, action: Action, intent: Intent, reason: QuarantineReason, why: str, candidates: tuple[str, ...] = ()
    ) -> None:
        """A newcomer rests; what is left of a pair waits for a person, as where an edit met a deletion."""
        memory = self.desk.book.pair(action)
        if memory is None:
            self._rest(action, intent, reason, why, candidates)
        else:
            self._hold(action, memory, intent, why)

    def _hold(self, action: Action, memory: Memory, intent: Intent, why: str) -> None:
        (link, agreement), book, survivor = memory, self.desk.book, self.side.other
        shown = {c.id: c.raw(survivor) for c in action.fields}
        values = {survivor: shown, self.side: dict.fromkeys(shown)}
        hold = Hold(
            group=WHOLE,
            reason=HoldReason.REFUSED,
            detail=f"gone from {self.side.words}, and not made again: {why}",
            wave=values[Side.WAVE],
            pms=values[Side.PMS],
            since=book.now(),
        )
        pair = book.put(link, evolve(agreement, holds={**agreement.holds, WHOLE: hold}))
        book.withdraw(intent, *pair, book.journal(action, "refused", why))

    def _rest(
        self, action: Action, intent: Intent, reason: QuarantineReason, why: str, candidates: tuple[str, ...]
    ) -> None:
        """Put the origin to rest, until it, a candidate or the mapping changes."""
        desk, side = self.desk, self.side.other
        notes = desk.book.plan.notes
        seen = notes.origins.get((side, intent.origin_id)) if notes is not None else None
        entry = Quarantined(
            side=side,
            id=intent.origin_id,
            reason=reason,
            detail=why,
            digest=(seen.digest if seen is not None else None) or action.precondition,
            mapping=desk.shape.fingerprint,
            candidates=candidates,
            since=desk.book.now(),
        )
        desk.book.withdraw(intent, Put(entry), desk.book.journal(action, "refused", why))

    def _created(self, action: Action, intent: Intent, origin: Sight, answer: Record, old: Link | None) -> Done:
        """Link what was created; both baselines are what each side itself reports."""
        desk, book = self.desk, self.desk.book
        cells = desk.shape.cells(self.side, desk.shape.raws(self.side, answer.payload))
        verdicts = judge(desk.shape, self.side, action.fields, cells)
        if Kept.HIDDEN in verdicts.values():
            answer = desk.reread(self.side, answer.id) or answer
            cells = desk.shape.cells(self.side, desk.shape.raws(self.side, answer.payload))
            verdicts = judge(desk.shape, self.side, action.fields, cells)
        if is_stranger(desk, self.side, intent, answer, resends=action.resends):
            return self._mistaken(action, intent, answer)
        not_kept = tuple(group for group, kept in verdicts.items() if kept is not Kept.KEPT)
        link, agreement = self._pair(action, intent, origin, answer, not_kept)
        changes = [*book.settled([*action.settles, intent.key]), *self._replaced(old), *book.free(link)]
        origin_known = book.known(self.side.other, intent.origin_id)
        known = [Put(k) for k in (origin_known, self._known(answer)) if k is not None]
        made = evolve(action, wave_id=link.wave_id, pms_id=link.pms_id)
        changes += book.unfinished(made, "its origin may have moved on since") if action.resends else []
        if self.side is Side.WAVE:
            changes += desk.mark_due(link, old.wave_id if old is not None else None)
        book.commit([*changes, *book.put(link, agreement), *known, book.journal(made, "created")])
        self.proving.newcomer(intent, answer, cells)
        if not_kept:
            return Done(result=Result.NOT_KEPT, detail=f"{self.side.words} did not keep " + ", ".join(not_kept))
        if self._marks() and not desk.shape.raws(Side.PMS, answer.payload)[-1]:
            return Done(result=Result.DONE, detail="the PMS did not keep the external id")
        return Done(result=Result.DONE)

    def _mistaken(self, action: Action, intent: Intent, answer: Record) -> Done:
        """Nothing is linked: the origin rests, for what was created, if anything was, is not what was answered."""
        settings = "wrong `create.id` or `create.record`, or does it write over who is like the newcomer?"
        why = f"the answer to its create shows another customer ({answer.id}): {settings}"
        self._give_up(action, intent, QuarantineReason.UNKNOWN, why, (answer.id,))
        hold_stranger(self.desk, self.side, answer)
        done = Done(result=Result.FAILED, detail=why)
        if self.proving.due:
            raise Unproven(f"{self.side.words} answers a create with another customer", done)
        return done

    def _pair(
        self, action: Action, intent: Intent, origin: Sight, answer: Record, not_kept: tuple[str, ...]
    ) -> tuple[Link, Agreement]:
        desk, side = self.desk, self.side
        raws = desk.shape.raws(side, answer.payload)
        sight = Sight(
            created_at=answer.created_at,
            stamp=answer.modified_at,
            digest=desk.shape.digest(raws),
            written_stamp=answer.modified_at,
            written_at=desk.book.now(),
            archived=answer.archived,
        )
        ids = {side: answer.id, side.other: intent.origin_id}
        link = Link(
            wave_id=ids[Side.WAVE],
            pms_id=ids[Side.PMS],
            revision=0,
            wave=sight if side is Side.WAVE else origin,
            pms=sight if side is Side.PMS else origin,
            rule=action.rule,
            run_id=desk.book.run_id,
        )
        baselines = self._baselines(action, dict(zip(desk.shape.fields, raws, strict=False)), intent)
        unkept = dict.fromkeys(not_kept, side)
        return link, Agreement(wave_id=link.wave_id, baselines=baselines, not_kept=not_kept, unkept_by=unkept)

    def _baselines(self, action: Action, shown: dict[str, object], intent: Intent) -> dict[str, Baseline]:
        """Fields that were sent, and fields that were empty at the origin; held groups, and new fields, have none."""
        held = {group for record_id in action.ids for group in self.held.get(record_id, ())}
        new = met_anew(intent, self.desk.shape) if action.resends else ()
        found = {}
        for name, rules in self.desk.shape.fields.items():
            if rules.group not in held and name not in new:
                raws = {self.side: shown[name], self.side.other: intent.origin.get(name)}
                found[name] = Baseline(wave=raws[Side.WAVE], pms=raws[Side.PMS])
        return found

    def _known(self, answer: Record) -> Known:
        return Known(side=self.side, id=answer.id, keys=self.desk.keys(self.side, answer))

    def _replaced(self, old: Link | None) -> list[Change]:
        """The link of a record that was created again gives way to the new one."""
        if old is None:
            return []
        gone = Known(side=self.side, id=old.id_on(self.side))
        return [Remove(old), Remove(Agreement(wave_id=old.wave_id)), Remove(gone)]
