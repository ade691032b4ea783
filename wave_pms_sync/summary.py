"""Turn what became of a plan into a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from wave_pms_sync.apply.loop import Applied
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Quarantined, Tenant
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkReader
from wave_pms_sync.reconcile.actions import ActionKind
from wave_pms_sync.reconcile.plan import Notes, Plan
from wave_pms_sync.reconcile.policy import RULE_RAISED
from wave_pms_sync.reconcile.present import counted
from wave_pms_sync.report import Counts, Outcome, Report, Result

_GOOD = (Result.DONE, Result.NOT_KEPT)


def refused(plan: Plan, why: str) -> Report:
    """The report of a plan of another store or configuration; nothing was done."""
    return Report(status="refused", run_id=plan.run_id, reasons=(why,), digest=plan.digest)


def refusal(plan: Plan, mine: Tenant, configuration: str) -> str:
    """Why a plan is not one of ours, in words; empty if it is.

    Args:
        plan: The plan.
        mine: The tenant as this run has it.
        configuration: Fingerprint of mapping, policy and scope.
    """
    if plan.configuration != configuration:
        return "the plan was made with another mapping, policy or scope; make a new one"
    theirs = (plan.tenant.get("name"), plan.tenant.get("wave"), plan.tenant.get("pms"))
    if theirs != (mine.name, mine.wave, mine.pms):
        return "the plan was made for other accounts or another tenant of the store"
    lineage = plan.tenant.get("lineage", "")
    if lineage and lineage != mine.lineage:
        return "the plan was made on another link store; make a new one"
    return ""


def summarise(
    plan: Plan,
    applied: Applied,
    reader: LinkReader,
    requests: Mapping[str, int],
    held: Sequence[str] = (),
) -> Report:
    """The report of a plan that was applied, or held."""
    held = (*held, applied.held) if applied.held else tuple(held)
    reasons = (*held, *_reasons(plan, applied))
    status = "held" if held else "partial" if reasons else "complete"
    return Report(
        status=status,
        run_id=plan.run_id,
        counts=_counts(plan, applied.outcomes, reader),
        requests=requests,
        outcomes=tuple(applied.outcomes),
        waiting=plan.waiting,
        reasons=reasons,
        error=applied.error or next((e for e in applied.down.values() if not e.retryable), None),
        digest=plan.digest,
        listing_retry_after_s=_asked_to_wait(plan),
    )


def _asked_to_wait(plan: Plan) -> float | None:
    listings = plan.notes.listings.values() if plan.notes is not None else ()
    return max((s.retry_after_s for s in listings if s.retry_after_s is not None), default=None)


def _reasons(plan: Plan, applied: Applied) -> list[str]:
    notes = plan.notes or Notes()
    found = [f"stopped: {applied.error}"] if applied.error is not None else []
    told = applied.down.items() if applied.error is None else ()
    found += [f"writes to {side.words} ended: {error}" for side, error in told]
    found += [f"{side} was not completely listed: {why}" for side, why in notes.incomplete.items()]
    found += _down(applied)
    results = Counter(o.result for o in applied.outcomes if o.result not in _GOOD)
    found += [f"{counted(count, 'action')} {result}" for result, count in results.items()]
    unjudged = Counter(one.reason for one in plan.skipped if one.reason.startswith(RULE_RAISED))
    found += [f"{counted(count, 'record')} {why}" for why, count in unjudged.items()]
    waits = Counter(notes.unfinished.values())
    found += [f"{counted(count, 'record')} to be read again: {why}" for why, count in waits.items()]
    return found


def _down(applied: Applied) -> list[str]:
    """Why a side could not be used any more, once for each side."""
    postponed = (o for o in applied.outcomes if o.result is Result.POSTPONED and o.action.side is not None)
    why = {o.action.side: o.error for o in postponed if o.error is not None and o.error is not applied.error}
    return [f"{side.words} cannot be used now: {error}" for side, error in why.items() if side is not None]


def _counts(plan: Plan, outcomes: Sequence[Outcome], reader: LinkReader) -> Counts:
    notes = plan.notes or Notes()
    done = Counter((o.action.kind, o.action.side) for o in outcomes if o.result in _GOOD)
    results = Counter(o.result for o in outcomes)
    created = {s: done[ActionKind.CREATE, s] + done[ActionKind.RECREATE, s] for s in Side}
    return Counts(
        linked=done[ActionKind.LINK, None],
        created_wave=created[Side.WAVE],
        created_pms=created[Side.PMS],
        updated_wave=done[ActionKind.UPDATE, Side.WAVE],
        updated_pms=done[ActionKind.UPDATE, Side.PMS],
        unchanged=notes.unchanged,
        retired=sum(done[kind, side] for kind in (ActionKind.ARCHIVE, ActionKind.DELETE) for side in Side),
        suspended=done[ActionKind.SUSPEND, None],
        skipped=results[Result.SKIPPED] + len(plan.skipped),
        not_kept=results[Result.NOT_KEPT],
        unknown=results[Result.UNKNOWN] + notes.unknown,
        failed=results[Result.FAILED],
        disputed=_disputed(reader),
        quarantined=reader.count(Quarantined),
    )


def _disputed(reader: LinkReader) -> int:
    opened = [link.wave_id for link in reader.find(Link, "open", ["yes"])]
    return sum(len(agreement.holds) for agreement in reader.find(Agreement, "wave_id", opened))
