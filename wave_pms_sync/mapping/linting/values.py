"""Rules about values: what becomes of usual ones on their way to the PMS and back."""

from __future__ import annotations

from collections.abc import Iterator

from wave_pms_sync.mapping.data_types import WIRES
from wave_pms_sync.mapping.linting.findings import Finding, Severity
from wave_pms_sync.mapping.linting.ground import Ground, Trial, goes_to
from wave_pms_sync.model.side import Side

_LONGEST = 60
_WORDS = {str: "string", bool: "boolean", int: "integer", float: "float", list: "list", dict: "object"}


def refused_values(ground: Ground) -> Iterator[Finding]:
    """A converter that does not take what customers have."""
    for row, trials in ground.trials:
        refused = [trial for trial in trials if trial.refusal]
        if refused:
            every = len(refused) == len(trials)
            yield Finding(
                path=row.name,
                problem=f"{row.converter.name} takes {'no usual value' if every else 'not every usual value'},"
                f" such as {_shown(refused[0].ours)}: {refused[0].refusal}",
                advice="choose a converter and a type for such values"
                + ("" if every else ", or expect customers who have them to be held"),
                severity=Severity.ERROR if every else Severity.WARNING,
            )


def wrong_type(ground: Ground) -> Iterator[Finding]:
    """What a converter writes is not what the data type is on the wire."""
    for row, trials in ground.trials:
        wire = ground.types[row.type].wire
        written = [part for trial in trials for part in trial.wires if part is not None]
        wrong = next((_word(part) for part in written if not _fits(part, wire)), None)
        if wrong is not None:
            yield Finding(
                path=row.name,
                problem=f"is of type {row.type!r}, {wire} on the wire, but {row.converter.name} writes {wrong}",
                advice=f"say a type that is {wrong} on the wire, or choose a converter that writes {wire}",
                severity=Severity.ERROR,
            )


def wrong_default(ground: Ground) -> Iterator[Finding]:
    """What a default says is not what the data type is on the wire."""
    for row in ground.merged:
        wire = ground.types[row.type].wire
        if row.default is not None and not _fits(row.default, wire):
            yield Finding(
                path=row.name,
                problem=f"is of type {row.type!r}, {wire} on the wire, but its default= is {_word(row.default)}",
                advice=f"give default= as {wire}",
                severity=Severity.ERROR,
            )


def broken_round_trip(ground: Ground) -> Iterator[Finding]:
    """What was written must be read as the same, or what arrived looks as if it had not."""
    for row, trials in ground.trials:
        broken = next((trial for trial in trials if not trial.refusal and not trial.same), None)
        if broken is not None:
            yield Finding(
                path=row.name,
                problem=f"{row.converter.name} writes {_shown(broken.ours)} and reads it as {_found(broken)}",
                advice="mend the converter; wave_pms_sync.testing.converters.check_converter_laws looks for more",
                severity=Severity.ERROR,
            )


def loss_unsaid(ground: Ground) -> Iterator[Finding]:
    """What a converter loses is to be declared."""
    for row, trials in ground.trials:
        if row.converter.loses or row.converter.derived:
            continue
        lost = next((trial for trial in trials if trial.same and trial.back != trial.ours), None)
        if lost is not None:
            yield Finding(
                path=row.name,
                problem=f"{row.converter.name} brings {_shown(lost.ours)} back as {_shown(lost.back)}"
                " and does not say what it loses",
                advice="say it in the converter's `loses`",
                severity=Severity.WARNING,
            )


def short_length(ground: Ground) -> Iterator[Finding]:
    """A value that is too long holds its group."""
    for row, trials in ground.trials:
        length = row.max_length
        texts = [part for trial in trials for part in trial.wires if isinstance(part, str)]
        longest = max(texts, key=len, default="")
        if length is not None and len(longest) > length:
            yield Finding(
                path=row.name,
                problem=f"max_length={length} holds usual values, such as {_shown(longest)}",
                advice=f"say max_length={len(longest)} or more if the PMS takes it; or put the converter 'cut' last",
                severity=Severity.WARNING,
            )


def length_of_no_text(ground: Ground) -> Iterator[Finding]:
    """Only texts have a length."""
    for row in ground.merged:
        wire = ground.types[row.type].wire
        if row.max_length is not None and wire != "string" and goes_to(row, Side.PMS):
            yield Finding(
                path=row.name,
                problem=f"max_length counts letters, and the type {row.type!r} is {wire} on the wire",
                advice="leave max_length out, or say a type that is text",
                severity=Severity.HINT,
            )


def _fits(value: object, wire: str) -> bool:
    return isinstance(value, WIRES[wire]) and (wire == "boolean" or not isinstance(value, bool))


def _word(value: object) -> str:
    return _WORDS.get(type(value), type(value).__name__)


def _found(trial: Trial) -> str:
    return f"nothing it can read ({trial.unread})" if trial.unread else _shown(trial.back)


def _shown(value: object) -> str:
    """One of our own artificial values, cut to a line."""
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
