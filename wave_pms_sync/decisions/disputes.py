"""Disputes that a person settles. A choice is bound to both values as they were shown; the next run carries it out."""

from __future__ import annotations

from attrs import evolve

from wave_pms_sync.decisions.choosing import choice_of
from wave_pms_sync.decisions.pen import Pen, attended
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.model.links import Agreement, Choice, Hold, Link
from wave_pms_sync.model.memory import JournalField, Put
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.reconcile.rulings import values_digest
from wave_pms_sync.reconcile.waiting import Dispute, dispute


def disputes(links: LinkStore, lens: Lens) -> list[Dispute]:
    """All held groups, oldest pair first."""
    opened = {link.wave_id: link for link in links.find(Link, "open", ["yes"])}
    agreements = links.find(Agreement, "wave_id", sorted(opened))
    return [
        dispute(opened[a.wave_id], a, hold, lens)
        for a in sorted(agreements, key=lambda a: a.wave_id)
        for _, hold in sorted(a.holds.items())
    ]


def resolve(pen: Pen, lens: Lens, item: Dispute, choose: str | None, value: object) -> None:
    """Store a choice.

    Raises:
        ConfigurationError: The dispute is not open any more, shows other values by now, or cannot be settled so.
    """
    if not isinstance(item, Dispute):
        raise ConfigurationError("resolve", ["dispute: is none (allowed: one of sync.disputes())"])
    link, agreement, hold = _open(pen.links, lens, item)
    choice = choice_of(lens, item, hold, choose, value)
    held = evolve(hold, choice=evolve(choice, digest=values_digest(hold)))
    agreement = evolve(agreement, holds={**agreement.holds, item.group: held})
    noted = pen.note("resolve", link, _resolved(choice), item.group, _told(lens, item, hold, choice))
    moved = evolve(link, revision=link.revision + 1)  # what was planned before does not know of the choice
    pen.commit([Put(moved), Put(agreement), *attended(link, "a dispute was resolved"), *noted])


def _open(links: LinkStore, lens: Lens, item: Dispute) -> tuple[Link, Agreement, Hold]:
    found = links.find(Link, "wave_id", [item.wave_id])
    agreements = links.find(Agreement, "wave_id", [item.wave_id])
    hold = agreements[0].holds.get(item.group) if agreements else None
    if not found or hold is None:
        raise ConfigurationError("resolve", [f"{item.group} of {item.wave_id}: this dispute is not open any more"])
    shown = dispute(found[0], agreements[0], hold, lens)
    if (shown.wave, shown.pms) != (item.wave, item.pms):
        raise ConfigurationError("resolve", [f"{item.group} of {item.wave_id}: the values moved; look again"])
    return found[0], agreements[0], hold


def _resolved(choice: Choice) -> str:
    return "a given value" if choice.side is None else f"the value of {choice.side.words}"


def _told(lens: Lens, item: Dispute, hold: Hold, choice: Choice) -> list[JournalField]:
    """What both sides showed to the person; for a given value, that value beside what was agreed on."""
    if choice.values is None:
        known = {name: (item.wave.get(name), item.pms.get(name)) for name in item.wave}
    else:
        given = {lens.fields[i].name: value for i, value in choice.values.items()}
        known = {name: (item.agreed.get(name), value) for name, value in given.items()}
    ids = {lens.fields[i].name: i for i in hold.wave if i in lens.fields}
    return [
        JournalField(id=ids.get(name, ""), name=name, before=before, after=after)
        for name, (before, after) in known.items()
    ]
