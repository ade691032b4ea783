"""What a policy means for the customers, in sentences: links, conflicts, creations, disappearances, archiving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from attrs import field, frozen

from wave_pms_sync.model.side import Side


class Preferences(Protocol):
    """What the document prints of a policy; the names and words are those of `wave_pms_sync.Policy`."""

    @property
    def conflicts(self) -> object:
        """A word, a callable, or these by group, with `*` for the rest."""
        ...

    @property
    def first_meeting(self) -> object:
        """The same, for two different values when a pair is first linked."""
        ...

    @property
    def deletions(self) -> str | Mapping[str, str]:
        """A word, or one for each side acted on."""
        ...

    @property
    def archives(self) -> str:
        """Whether archiving travels."""
        ...

    @property
    def create_in(self) -> tuple[str, ...]:
        """The sides in which records may be created."""
        ...

    @property
    def match_on(self) -> tuple[str, ...]:
        """Strong keys, strongest first; parts joined by `+`."""
        ...


@frozen(kw_only=True)
class UsualPreferences:
    """The preferences of a run that is given none. A test compares them with those of `Policy`."""

    conflicts: object = "newest"
    first_meeting: object = "hold"
    deletions: str | Mapping[str, str] = field(factory=dict)
    archives: str = "keep"
    create_in: tuple[str, ...] = ("pms",)
    match_on: tuple[str, ...] = ("external_id", "email", "name+postal_code")


USUAL: Final[Preferences] = UsualPreferences()
"""What is printed where no policy is given."""

_HELD: Final = "both values stay as they are, and the property waits for a person"
_CHOICES: Final = {
    "newest": f"the later edit counts if the two are clearly apart in time; otherwise {_HELD}",
    "wave": "Wave's value counts",
    "pms": "the Custom PMS's value counts",
    "hold": _HELD,
}
_NAMES: Final = {Side.WAVE: "Wave", Side.PMS: "the Custom PMS"}
_RETIRED: Final = {"archive": "archived", "delete": "deleted"}


def one_line(text: str) -> str:
    """Free text of a user as a sentence can hold it: in one line, without letters that cannot be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def about_records(policy: Preferences) -> tuple[str, ...]:
    """What becomes of a customer that is gone or archived on one side."""
    mirrored = policy.archives == "mirror"
    archived = "is archived in the Custom PMS, too, if its API can" if mirrored else "stays active in the Custom PMS"
    return (
        *(f"A customer that is gone from {_NAMES[side]} {_after_going(side, policy.deletions)}." for side in Side),
        f"A customer that is newly archived in Wave {archived}.",
    )


def _after_going(side: Side, deletions: str | Mapping[str, str]) -> str:
    words = {"pms": deletions} if isinstance(deletions, str) else deletions
    other = _NAMES[side.other]
    if words.get(side.value) == "recreate":
        return f"is created there again from {other}"
    retired = _RETIRED.get(words.get(side.other.value, "keep"))
    return f"is {retired} in {other}, unless it was edited there" if retired else f"is kept in {other}"


def about_links(policy: Preferences) -> tuple[str, ...]:
    """Who gets a counterpart, how one is found, and what a link means."""
    keys = ", then ".join(one_line(key).replace("+", " with ") for key in policy.match_on)
    matched = (
        f"Two customers that nobody has linked are matched by {keys}. A match counts only if it is unique among all"
        " customers of both sides; whatever is ambiguous waits for a person."
        if keys
        else "Two customers are linked by a person only; none are matched."
    )
    return (
        "Every Wave customer is synchronised with a Custom PMS customer: one customer has one counterpart, however many"
        f" dataflows its properties belong to. {_creations(policy.create_in)}",
        "Once the two are linked they stay in sync, regardless of where the edit is made. The link is by id, so it"
        " outlives a change of name or e-mail.",
        matched,
    )


def _creations(create_in: tuple[str, ...]) -> str:
    if not create_in:
        return "One that has none waits for it: no customer is created on either side."
    if set(create_in) == {"pms", "wave"}:
        return "One that has none gets one, and so does a customer that only the Custom PMS has."
    if "pms" in create_in:
        return "One that has none gets one; a customer that only the Custom PMS has is not created in Wave."
    return "One that has none waits for it; a customer that only the Custom PMS has is created in Wave."


def about_edits(policy: Preferences) -> tuple[str, ...]:
    """What travels at each run, and what happens where both sides say something else."""
    return (
        "At each run the properties below are carried that changed since both sides last agreed on them; an edit"
        " travels either way unless a note says otherwise. Where both sides changed the same property,"
        f" {_choice(_rest(policy.conflicts))}.",
        "Where two customers are linked for the first time and both have a value for a property, but not the same,"
        f" {_choice(_rest(policy.first_meeting))}.",
    )


def about_groups(policy: Preferences, groups: Iterable[str]) -> tuple[str, ...]:
    """The rules that single groups have of their own."""
    notes = []
    for group in groups:
        for when, choices in (("changed it", policy.conflicts), ("differ at the first meeting", policy.first_meeting)):
            if isinstance(choices, Mapping) and group in choices and group != "*":
                notes.append(f"{one_line(group)}, where both sides {when}: {_choice(choices[group])}.")
    return tuple(notes)


def _rest(choices: object) -> object:
    return choices.get("*", "hold") if isinstance(choices, Mapping) else choices


def _choice(choice: object) -> str:
    if isinstance(choice, str):
        return _CHOICES[choice]
    named = choice if hasattr(choice, "__qualname__") else type(choice)
    return f"the rule {one_line(named.__qualname__)} decides"
