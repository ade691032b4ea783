"""The plan: everything that a run would do, as data that can be read, saved, approved and refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TextIO, TypeVar

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.digests import TextDigest, canonical
from wave_pms_sync.model.links import Agreement, Link, Sight
from wave_pms_sync.model.memory import Intent, Known, Quarantined, SideState, Tenant, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.reconcile.actions import Action, ActionKind
from wave_pms_sync.reconcile.landed import Landed
from wave_pms_sync.reconcile.present import explain, html, rows, text
from wave_pms_sync.reconcile.saved_plan import FORMAT, content, read, seal, sealed, write
from wave_pms_sync.reconcile.waiting import Dispute, Skipped
from wave_pms_sync.reconcile.world import Listing, Ref

T = TypeVar("T")

_CREATING: Final = frozenset({ActionKind.CREATE, ActionKind.RECREATE})
_CARRYING: Final = _CREATING | {ActionKind.UPDATE}


@frozen(kw_only=True)
class Notes:
    """What a look adds to memory beside the actions; lives with a plan in memory, never in a saved one.

    Attributes:
        links: Links and agreements as the look leaves them, by Wave id.
        moved: Links of which only a stamp moved.
        index: Entries of the key index that are new or changed.
        dropped: Entries of the key index whose record is gone.
        quarantined: Records that rest.
        freed: Quarantine that ended.
        unfinished: Records to be read again.
        finished: Records that need not be read again.
        intents: Lost creates as they are remembered after this look.
        closed: Keys of intents that are settled without an action.
        origins: What the origins of creates showed, by side and id.
        before: The tenant as planning found it.
        told: How many entries the journal had then.
        tenant: The tenant after this run.
        listings: What was listed, by side.
        unchanged: Linked pairs looked at that need nothing.
        unknown: Creates that are still lost.
        incomplete: Sides whose listing was not complete, with the reason.
    """

    links: Mapping[str, tuple[Link, Agreement]] = field(factory=dict)
    moved: tuple[Link, ...] = ()
    index: Mapping[Ref, Known] = field(factory=dict)
    dropped: tuple[Known, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    freed: tuple[Quarantined, ...] = ()
    unfinished: Mapping[Ref, str] = field(factory=dict)
    finished: tuple[Unfinished, ...] = ()
    intents: tuple[Intent, ...] = ()
    closed: tuple[str, ...] = ()
    origins: Mapping[Ref, Sight] = field(factory=dict)
    before: Tenant | None = None
    told: int = 0
    tenant: Tenant | None = None
    listings: Mapping[Side, Listing] = field(factory=dict)
    unchanged: int = 0
    unknown: int = 0
    incomplete: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True, eq=False)
class Plan:
    """All remote writes and link changes of a run, and what waits beside them.

    Iterating gives the actions; `len` counts them; a plan without actions is `empty`. A plan can be saved with
    `to_dict`, approved elsewhere and applied once; applied again it does nothing.

    Attributes:
        actions: In the order in which they are applied.
        waiting: Standing disputes and quarantine.
        skipped: Records that get no counterpart, with the reason.
        held: Why the guards hold the plan; empty if they do not.
        configuration: Fingerprint of mapping, policy and scope.
        tenant: Name, accounts and lineage of the store it was planned on.
        run_id: The run that planned it.
        landed: Writes of former runs of unknown outcome, found done or written over, for the journal.
        notes: What the look adds to memory; None in a plan that was saved.
    """

    actions: tuple[Action, ...] = ()
    waiting: tuple[Dispute | Quarantined, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    held: tuple[str, ...] = ()
    configuration: str = ""
    tenant: Mapping[str, str] = field(factory=dict)
    run_id: str = ""
    landed: tuple[Landed, ...] = ()
    notes: Notes | None = field(default=None, repr=False)

    def __iter__(self) -> Iterator[Action]:
        return iter(self.actions)

    def __len__(self) -> int:
        return len(self.actions)

    def __repr__(self) -> str:
        kinds = Counter(str(action.kind) for action in self.actions)
        counts = ", ".join(f"{kind}={count}" for kind, count in sorted(kinds.items()))
        rest = f"waiting={len(self.waiting)} held={len(self.held)}"
        return f"<Plan {self.digest[:12]} actions={len(self)} ({counts}) {rest}>"

    def __str__(self) -> str:
        return self.to_text()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do. Standing disputes and quarantine do not count."""
        return not self.actions

    @property
    def incomplete(self) -> Mapping[str, str]:
        """Why a side was not completely listed, by side; not known of a plan that was saved."""
        return self.notes.incomplete if self.notes is not None else {}

    @property
    def digest(self) -> str:
        """Recognises the same actions under the same configuration; no times and no run ids are part of it."""
        found = TextDigest()  # of the canonical text of [configuration, [fingerprint, ...]]
        found.add(f"[{canonical(self.configuration)},[")
        for number, action in enumerate(self.actions):
            found.add(f'{"," if number else ""}"{action.fingerprint}"')
        found.add("]]")
        return str(found)

    @property
    def requests(self) -> dict[str, int]:
        """What applying the plan will cost, by side: an upper bound, since reads are batched where a side can.

        `run` costs less: it plans and applies at once, and need not read origins again.
        """
        total = {side.value: 0 for side in Side}
        for action in self.actions:
            for side, count in action.requests.items():
                total[side] += count
            if action.side is not None and action.kind in _CARRYING:
                total[action.side.other.value] += 1
        for side in Side:
            if any(a.side is side and a.kind is ActionKind.CREATE for a in self.actions):
                listing = self.notes.listings.get(side) if self.notes is not None else None
                proof = self.must_prove(side, self._state(side)) or listing is None
                total[side.value] += 1 + proof * (2 if self.creates(side.other) else 1)
        return total

    def must_prove(self, side: Side, state: SideState) -> bool:
        """Whether a listing must show the first record that this plan creates in a side, before others follow.

        It must where the side showed nobody, and where more than one is created and no listing ever showed one.

        Args:
            side: Where records are created.
            state: What is known of that side.
        """
        listing = self.notes.listings.get(side) if self.notes is not None else None
        empty = listing is not None and listing.asked and listing.full and not listing.living
        return empty or (self.creates(side) > 1 and not state.proven)

    def creates(self, side: Side) -> int:
        """How many records it makes in a side."""
        return sum(a.side is side and a.kind in _CREATING for a in self.actions)

    def _state(self, side: Side) -> SideState:
        tenant = self.notes.tenant if self.notes is not None else None
        return tenant.state(side) if tenant is not None else SideState()

    def explain(self, record_id: str) -> str:
        """Tell in words what happens to a record, and why.

        Args:
            record_id: Its Wave id or its PMS id.
        """
        return explain(self, record_id)

    def to_rows(self, *, mask: bool = False) -> list[dict[str, object]]:
        """One plain dict for each field of each action, ready for a data frame.

        In the rows of a hold, `before` is what Wave shows and `after` what the PMS shows.

        Args:
            mask: Leave values out.
        """
        return rows(self, mask=mask)

    def to_text(self, *, mask: bool = False) -> str:
        """A readable summary.

        Args:
            mask: Leave values out.
        """
        return text(self, mask=mask)

    def to_html(self, *, mask: bool = False) -> str:
        """A table for a notebook; everything is escaped and the number of rows is capped.

        Args:
            mask: Leave values out.
        """
        return html(self, mask=mask)

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_dict(self) -> dict[str, object]:
        """The plan as JSON-ready data, values included, to be approved elsewhere. `write_json` needs less memory."""
        data = {name: list(part) if isinstance(part, Iterator) else part for name, part in self._parts().items()}
        return {**data, "seal": seal(data)}

    def write_json(self, file: TextIO) -> None:
        """Write what `to_dict` gives as JSON, an action a line; never all of it is in memory a second time.

        Args:
            file: Open for writing text, in whatever encoding: only ASCII is written.
        """
        for piece in sealed(self._parts()):
            file.write(f"{piece}\n")

    def _parts(self) -> dict[str, object]:
        """What is saved, each list as an iterator."""
        return {
            "format": FORMAT,
            "digest": self.digest,
            "configuration": self.configuration,
            "tenant": dict(self.tenant),
            "run_id": self.run_id,
            "held": list(self.held),
            "actions": map(write, self.actions),
            "disputes": (write(item) for item in self.waiting if isinstance(item, Dispute)),
            "quarantine": (write(item) for item in self.waiting if isinstance(item, Quarantined)),
            "skipped": map(write, self.skipped),
            "landed": map(write, self.landed),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Plan:
        """A saved plan, ready to be applied. It moves no watermark.

        Raises:
            ConfigurationError: If the data is not a plan, or was altered since it was saved.
        """
        if not hasattr(data, "get") or data.get("format") != FORMAT:
            raise ConfigurationError("Plan", [f"format: not a saved plan (allowed: {FORMAT})"])
        with _readable():
            return cls._checked(data)

    @classmethod
    def read_json(cls, file: TextIO) -> Plan:
        """The same of a file that `write_json` wrote, or into which what `to_dict` gives was put as JSON.

        It is read an action at a time, so that never all of it is in memory a second time.

        Args:
            file: Open for reading text.

        Raises:
            ConfigurationError: If the file holds no plan, or was altered since it was saved.
        """
        with _readable():
            data = content(file)
        return cls.from_dict(data)

    @classmethod
    def _checked(cls, data: Mapping[str, object]) -> Plan:
        def part(name: str, kind: type[T]) -> T:
            return read(data.get(name), name, kind)

        plan = cls(
            actions=part("actions", tuple[Action, ...]),
            waiting=(*part("disputes", tuple[Dispute, ...]), *part("quarantine", tuple[Quarantined, ...])),
            skipped=part("skipped", tuple[Skipped, ...]),
            held=part("held", tuple[str, ...]),
            configuration=part("configuration", str),
            tenant=part("tenant", dict[str, str]),
            run_id=part("run_id", str),
            landed=part("landed", tuple[Landed, ...]),
        )
        if plan.digest != data.get("digest") or data.get("seal") != seal(plan._parts()):
            raise ConfigurationError("Plan", ["digest: the plan was altered since it was saved"])
        return plan


@contextmanager
def _readable() -> Iterator[None]:
    """What goes wrong in reading foreign data is a fault of it."""
    try:
        yield
    except ConfigurationError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise ConfigurationError("Plan", ["data: is no JSON that can be read, or nested too deeply"]) from None
