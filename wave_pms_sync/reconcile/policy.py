"""What a user prefers where the rules leave a choice: conflicts, deletions, creates, guards, patience."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from attrs import asdict, evolve, field, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.model.side import Side

if TYPE_CHECKING:
    from wave_pms_sync.model.records import Record


class Sides(NamedTuple):
    """The same thing on both sides."""

    wave: object
    pms: object


Chooser: TypeAlias = Callable[[Sides, Sides, Sides], str]
"""Called with both values, both baselines and both change stamps (each `.wave` and `.pms`; values in our
shape, a dict by Wave property for a group); answers `"wave"`, `"pms"` or `"hold"`. It must be pure."""

Choice: TypeAlias = str | Chooser | Mapping[str, str | Chooser]

CHOICES = ("newest", "wave", "pms", "hold")
DELETIONS = ("keep", "archive", "delete", "recreate")
ARCHIVES = ("keep", "mirror")
SIDES = ("pms", "wave")


@frozen(kw_only=True)
class Guards:
    """Bounds on what one plan may do without being released by its digest. None switches a bound off.

    Attributes:
        max_retirements: Archived and deleted records per side.
        max_retirements_pct: The same, in per cent of linked pairs; speaks only above 5 retirements.
        max_updates_pct: Updated records per side, in per cent of linked pairs; speaks only above 20 updates.
        max_creates: Created records per side.
    """

    max_retirements: int | None = 10
    max_retirements_pct: float | None = 5
    max_updates_pct: float | None = 50
    max_creates: int | None = None

    def faults(self) -> list[str]:
        """What is wrong with these bounds."""
        return [
            f"guards.{name}: must be a number from 0 up, or None, not {value!r}"
            for name, value in asdict(self).items()
            if value is not None and not _number(value, 0)
        ]


RULE_RAISED: Final = "out of scope: its rule raised"
"""How the reason begins for which a record is left out that its rule cannot judge."""


@frozen(kw_only=True)
class Scope:
    """Which records take part. A record out of scope is unknown, never absent.

    Attributes:
        id: Names the scope; another id makes the next run a full scan.
        wave: Whether a Wave record takes part; None: all do.
        pms: Whether a PMS record takes part; None: all do.
    """

    id: str
    wave: Callable[[Record], bool] | None = None
    pms: Callable[[Record], bool] | None = None

    def __attrs_post_init__(self) -> None:
        given = asdict(self)
        name = given.pop("id")
        faults = [] if isinstance(name, str) and name else ["id: must be text that is not empty"]
        faults += [
            f"{side}: {rule!r} cannot be called (allowed: a function of a record, None)"
            for side, rule in given.items()
            if rule is not None and not callable(rule)
        ]
        if faults:
            raise ConfigurationError("Scope", faults)

    def includes(self, record: Record) -> bool:
        """Whether the record takes part."""
        return not self.leaves_out(record)

    def asks(self, side: Side) -> bool:
        """Whether there is a rule for the records of a side."""
        return self._rule(side) is not None

    def _rule(self, side: Side) -> Callable[[Record], bool] | None:
        return self.wave if side is Side.WAVE else self.pms

    def leaves_out(self, record: Record) -> str:
        """Why the record does not take part; empty if it does. One that its rule cannot judge does not."""
        rule = self._rule(record.side)
        try:
            return "" if rule is None or rule(record) else "out of scope"
        except Exception as error:  # the user's own code may raise anything for one record; its words may hold a value
            return f"{RULE_RAISED} {type(error).__name__}"


def _deletions(value: object) -> object:
    return {"pms": value, "wave": "keep"} if isinstance(value, str) else value


def _tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, (list, set, frozenset)) else value


@frozen(kw_only=True)
class Policy:
    """The preferences of a run; every default is the careful one. All faults are raised at once.

    Attributes:
        conflicts: When both sides edited a group: `"newest"` (the later change stamp, beyond the clock
            tolerance; otherwise a dispute), `"wave"`, `"pms"`, `"hold"`, a callable, or these per group with `"*"`
            for the rest (without `"*"` the rest is held).
        first_meeting: The same choices, for two different values when a pair is first linked.
        deletions: What a disappearance means, by the side acted on. A bare value is for the PMS.
        archives: Whether archiving travels: `"keep"` (no) or `"mirror"` (to a PMS that can).
        create_in: The sides in which records may be created.
        match_on: Strong keys, strongest first; parts joined by `+`.
        guards: Bounds on what one plan may do.
        clock_tolerance_s: Stamps of two servers closer than this have no order.
        overlap_s: How far listings reach back behind the watermark.
        lag_s: How long a side may show what was there before our write.
        settle_s: How long a write without an answer may still be carried out.
        lease_s: How long a lease lives without being renewed.
        full_scan_every_s: When everything is listed again, to find deletions.
        max_flips: How often in a row a group may return to its former value before it is held.
        retention_days: How long the journal is kept.
    """

    conflicts: Choice = "newest"
    first_meeting: Choice = "hold"
    deletions: str | Mapping[str, str] = field(default="keep", converter=_deletions)
    archives: str = "keep"
    create_in: tuple[str, ...] = field(default=("pms",), converter=_tuple)
    match_on: tuple[str, ...] = field(default=("external_id", "email", "name+postal_code"), converter=_tuple)
    guards: Guards = Guards()
    clock_tolerance_s: float = 120
    overlap_s: float = 300
    lag_s: float = 60
    settle_s: float = 300
    lease_s: float = 120
    full_scan_every_s: float = 86400
    max_flips: int = 3
    retention_days: float = 400

    def __attrs_post_init__(self) -> None:
        faults = [
            *_choice_faults("conflicts", self.conflicts),
            *_choice_faults("first_meeting", self.first_meeting),
            *_deletion_faults(self.deletions),
            *_allowed("archives", [self.archives], ARCHIVES),
            *_allowed("create_in", self.create_in, SIDES),
            *_match_faults(self.match_on),
            *_guard_faults(self.guards),
            *(fault for name in _PATIENCE for fault in _number_faults(name, getattr(self, name))),
        ]
        if faults:
            raise ConfigurationError("Policy", faults)

    def conflict(self, group: str) -> str | Chooser:
        """The rule for a conflict in this group."""
        return _for_group(self.conflicts, group)

    def meeting(self, group: str) -> str | Chooser:
        """The rule for two different values of this group at first meeting."""
        return _for_group(self.first_meeting, group)

    def without_times(self) -> Policy:
        """The same, where a side's stamps are no times: what the newest edit would settle is held."""
        return evolve(self, conflicts=_timeless(self.conflicts), first_meeting=_timeless(self.first_meeting))

    def deletion(self, side: Side) -> str:
        """What a disappearance means for the side acted on."""
        return self.deletions.get(side.value, "keep") if isinstance(self.deletions, Mapping) else self.deletions

    def creates_in(self, side: Side) -> bool:
        """Whether records may be created there."""
        return side.value in self.create_in

    def groups_named(self) -> tuple[str, ...]:
        """The groups that have a rule of their own."""
        named = [c for c in (self.conflicts, self.first_meeting) if isinstance(c, Mapping)]
        return tuple(sorted({group for c in named for group in c} - {"*"}))

    @property
    def fingerprint(self) -> str:
        """Recognises the same preferences; callables by their qualified name, or that of their class."""
        from wave_pms_sync.model.digests import digest

        return digest({name: _printable(value) for name, value in asdict(self).items()})


_PATIENCE = (
    "clock_tolerance_s",
    "overlap_s",
    "lag_s",
    "settle_s",
    "lease_s",
    "full_scan_every_s",
    "max_flips",
    "retention_days",
)


def _printable(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _printable(item) for key, item in value.items()}
    if not callable(value):
        return value
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _timeless(choice: Choice) -> Choice:
    if isinstance(choice, Mapping):
        return {group: "hold" if rule == "newest" else rule for group, rule in choice.items()}
    return "hold" if choice == "newest" else choice


def _for_group(choice: Choice, group: str) -> str | Chooser:
    return choice.get(group, choice.get("*", "hold")) if isinstance(choice, Mapping) else choice


def _allowed(path: str, values: object, allowed: tuple[str, ...]) -> list[str]:
    items = list(values) if isinstance(values, (tuple, list)) else [values]
    return [f"{path}: {item!r} is unknown (allowed: {', '.join(allowed)})" for item in items if item not in allowed]


def _choice_faults(path: str, choice: object) -> list[str]:
    if isinstance(choice, Mapping):
        return [fault for group, rule in choice.items() for fault in _rule_faults(f"{path}[{group!r}]", rule)]
    return _rule_faults(path, choice)


def _rule_faults(path: str, rule: object) -> list[str]:
    return [] if callable(rule) else _allowed(path, [rule], (*CHOICES, "a callable"))


def _deletion_faults(deletions: object) -> list[str]:
    if not isinstance(deletions, Mapping):
        return _allowed("deletions", [deletions], DELETIONS)
    faults = [f for side, rule in deletions.items() for f in _allowed(f"deletions[{side!r}]", [rule], DELETIONS)]
    faults += _allowed("deletions", list(deletions), SIDES)
    if deletions.get("wave") == "archive":
        faults.append("deletions['wave']: Wave cannot archive a customer (allowed: keep, delete, recreate)")
    for side in Side:
        if deletions.get(side.value) == "recreate" and deletions.get(side.other.value) in {"delete", "archive"}:
            faults.append(
                f"deletions: a customer gone from {side} cannot be both recreated there and retired elsewhere"
            )
    return faults


def _guard_faults(guards: object) -> list[str]:
    return guards.faults() if isinstance(guards, Guards) else [f"guards: must be Guards(...), not {guards!r}"]


def _match_faults(match_on: object) -> list[str]:
    if not isinstance(match_on, tuple) or not all(isinstance(name, str) and name for name in match_on):
        return ["match_on: must be names of keys, strongest first"]
    return ["match_on: a key is named twice"] if len(set(match_on)) < len(match_on) else []


def _number_faults(name: str, value: object) -> list[str]:
    low = 1 if name in {"max_flips", "lease_s"} else 0
    return [] if _number(value, low) else [f"{name}: must be a number from {low} up, not {value!r}"]


def _number(value: object, low: int) -> bool:
    """Whether it is a number of at least this; not-a-number and truth values are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= low
