"""Entries to try a link store with: one of each kind, and values that are hard to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import (
    Agreement,
    Baseline,
    ChangeStamp,
    Choice,
    Flip,
    Hold,
    HoldReason,
    Link,
    LinkStatus,
    Sight,
)
from wave_pms_sync.model.memory import (
    Change,
    Entry,
    Intent,
    IntentKind,
    IntentState,
    JournalEntry,
    JournalField,
    Known,
    Put,
    Quarantined,
    QuarantineReason,
    SideState,
    Tenant,
    Unfinished,
)
from wave_pms_sync.model.side import Side

__all__ = ["HARD_TEXTS", "HARD_VALUES", "KEYS", "KINDS", "NOON", "link", "links", "one_of_each", "puts"]

NOON: Final = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)

KINDS: Final[tuple[type[Entry], ...]] = (
    *(Tenant, Link, Agreement, Known, Intent, Unfinished, Quarantined, JournalEntry),
)

KEYS: Final[Mapping[type[Entry], Mapping[str, str]]] = {
    Link: {"wave_id": "w1", "pms_id": "p1", "rule": "email", "open": "yes"},
    Agreement: {"wave_id": "w1"},
    Known: {"wave_id": "w1", "wave_key": "email:d1"},
    Unfinished: {"pms_id": "p1"},
    Quarantined: {"wave_id": "w1"},
    JournalEntry: {"wave_id": "w1", "pms_id": "p1", "run_id": "r1"},
}
"""The keys of those entries of `one_of_each` that can be found by a key."""

HARD_TEXTS: Final = (
    "nul \x00 within",
    '\'; DROP TABLE link; -- "quoted" `ticks` \\ %s {} $missing ?1 :name',
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f \U0002070e",
    "Zoe\u0308 and Zo\u00eb, \u05e9\u05dc\u05d5\u05dd \u202e",
    "line\nbreak\r\ntab\t\u2028\u2029\x7f\x1f",
    " 00123 ",
    "null",
    "long " * 20_000,
)

HARD_VALUES: Final[tuple[object, ...]] = (
    *(MISSING, None, "", "null", [], (), {}, [[]], [()], ((),), ([],), [None], (None,), (MISSING, None, "")),
    *(0, 0.0, False, 1, 1.0, True, "1", -0.0, 10**30, 0.1, 1e300),
    *(
        {"$missing": True},
        {"$tuple": [1]},
        {"$map": {"$map": {}}},
        {"$": None, "other": (1, [2, (3,)])},
        {"": {"": MISSING}},
    ),
    *HARD_TEXTS,
)
"""As a wire may show them: JSON values, tuples of them, and MISSING; no two of them are the same."""


def link(number: int, **facts: object) -> Link:
    """The link of customer so-and-so; the facts replace its attributes."""
    return Link(**{"wave_id": f"w{number}", "pms_id": f"p{number}", **facts})  # type: ignore[arg-type]  # as the caller says


def links(count: int) -> list[Link]:
    """The links of so many customers."""
    return [link(number) for number in range(count)]


def puts(*entries: Entry) -> Sequence[Change]:
    """The changes that store these entries, in order."""
    return [Put(entry) for entry in entries]


def one_of_each() -> tuple[Entry, ...]:
    """One entry of each kind, with next to no attribute left at its default."""
    return (
        _TENANT,
        link(
            1,
            status=LinkStatus.TOMBSTONE,
            reason="gone in the PMS",
            open=True,
            revision=7,
            wave=_sight("wave", 0),
            pms=_sight("pms", 1),
            rule="email",
            run_id="r1",
        ),
        _AGREEMENT,
        Known(side=Side.WAVE, id="w1", keys=("email:d1", "name:d2"), reason="archived"),
        _INTENT,
        Unfinished(side=Side.PMS, id="p1", reason="postponed"),
        Quarantined(
            side=Side.WAVE,
            id="w1",
            reason=QuarantineReason.TWIN,
            detail="shares an e-mail",
            digest="d1",
            mapping="m1",
            candidates=("p1", "p2"),
            since=NOON,
        ),
        _JOURNAL_ENTRY,
    )


def _sight(digest: str, missed: int) -> Sight:
    moments = [NOON + timedelta(microseconds=number) for number in range(4)]
    return Sight(
        created_at=moments[0],
        stamp=moments[1],
        digest=digest,
        archived=True,
        written_stamp=moments[2],
        written_at=moments[3],
        missed=missed,
        mark=f"{digest} mark",
    )


_STATE: Final = SideState(watermark=NOON, listed_at=NOON, confirmed=True, full_scan_at=NOON, indexed=True)

_TENANT: Final = Tenant(
    name="default",
    wave="https://wave.example/graphql business",
    pms="https://pms.example/api customers",
    lineage="l1",
    mapping={"name->name": "f1"},
    scope="active-v1",
    wave_state=_STATE,
    pms_state=SideState(watermark=NOON),
)

_AGREEMENT: Final = Agreement(
    wave_id="w1",
    baselines={"name->name": Baseline(wave="Ada", pms=("Ada", MISSING))},
    previous={"name->name": Baseline(wave=None, pms=())},
    holds={
        "email": Hold(
            group="email",
            reason=HoldReason.DISPUTE,
            detail="both changed",
            wave={"email->email": "a@example.org"},
            pms={"email->email": MISSING},
            since=NOON,
            choice=Choice(side=Side.PMS, values={"email->email": None}, digest="d1"),
        )
    },
    wave_changes={"email": ChangeStamp(digest="d1", stamp=NOON)},
    pms_changes={"email": ChangeStamp(digest="d2", stamp=None)},
    flips={"email": Flip(count=2, digest="d3")},
    not_kept=("phone",),
    unkept_by={"phone": Side.PMS},
)

_INTENT: Final = Intent(
    kind=IntentKind.UPDATE,
    side=Side.PMS,
    origin_id="w1",
    record_id="p1",
    values={"name->name": "Ada"},
    before={"name->name": MISSING},
    origin={"name->name": ("Ada", None)},
    body={"name": "Ada", "tags": ["a", {"b": None}]},
    repeat_key="k1",
    newest=NOON,
    state=IntentState.UNKNOWN,
    announced_at=NOON,
    answer_stamp=NOON,
    quiet_until=NOON,
    looks=1,
    looked_at=NOON,
    cycles=1,
    run_id="r1",
)

_JOURNAL_ENTRY: Final = JournalEntry(
    run_id="r1",
    number=1,
    at=NOON,
    kind="update",
    outcome="done",
    side=Side.PMS,
    wave_id="w1",
    pms_id="p1",
    rule="newest",
    fields=(JournalField(name="name", before=None, after=("Ada",), lost=MISSING),),
)
