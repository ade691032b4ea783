"""Rules about single properties of Wave: what may not change, what is private, what moves by itself."""

from __future__ import annotations

from collections.abc import Iterator

from wave_pms_sync.mapping.linting.findings import Finding, Severity
from wave_pms_sync.mapping.linting.ground import Ground, goes_to
from wave_pms_sync.model.side import Side


def currency_to_wave(ground: Ground) -> Iterator[Finding]:
    """Wave may refuse another currency. Source: assumed, for customers who have invoices."""
    for row in ground.carriers("currency.code"):
        if goes_to(row, Side.WAVE):
            yield Finding(
                path=row.name,
                problem="goes to Wave, which may refuse another currency once there are invoices; then it is held",
                advice="say direction='to_pms'",
                severity=Severity.WARNING,
            )


def private_notes(ground: Ground) -> Iterator[Finding]:
    """Internal notes were written for the ledger's own people."""
    for row in ground.carriers("internalNotes"):
        if goes_to(row, Side.PMS):
            yield Finding(
                path=row.name,
                problem="private text leaves the ledger, and whoever works in the PMS reads it",
                advice="disable the map, unless everybody there may read it",
                severity=Severity.WARNING,
            )


def balances(ground: Ground) -> Iterator[Finding]:
    """A balance is not an edit."""
    for path in ("outstandingAmount", "overdueAmount"):
        for row in ground.carriers(path):
            yield Finding(
                path=row.name,
                problem="a balance leaves the ledger, and each invoice and payment becomes an update of the PMS",
                advice="disable the map, unless people there need the balance",
                severity=Severity.HINT,
            )


def stamps_carried(ground: Ground) -> Iterator[Finding]:
    """A stamp moves with each write, ours included."""
    for row in ground.carriers("modifiedAt"):
        yield Finding(
            path=row.name,
            problem="is carried, so that each write to Wave, by us too, becomes a write to the PMS a run later",
            advice="say direction='read_only'",
            severity=Severity.WARNING,
        )


def archiving_carried(ground: Ground) -> Iterator[Finding]:
    """Archiving is not an edit: the policy says what it means."""
    for row in ground.carriers("isArchived"):
        yield Finding(
            path=row.name,
            problem="is carried as a value like any other, which archives nobody in the PMS",
            advice="disable the map, and say Policy(archives='mirror')",
            severity=Severity.HINT,
        )
