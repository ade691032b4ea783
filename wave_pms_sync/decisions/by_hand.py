"""Links that a person makes and ends."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from wave_pms_sync.decisions.pen import Pen, attended
from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.model.links import BY_A_PERSON, Agreement, Link
from wave_pms_sync.model.memory import (
    APART,
    Change,
    Claim,
    Intent,
    IntentKind,
    JournalField,
    Put,
    Quarantined,
    QuarantineReason,
    Remove,
)
from wave_pms_sync.model.printable import one_line
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.reconcile.landed import sent
from wave_pms_sync.reconcile.matching import LOST_BEFORE


def link(pen: Pen, pairs: Sequence[tuple[str, str]]) -> None:
    """Link pairs, all or none.

    Raises:
        ConfigurationError: One of the records has another link, or is named twice.
    """
    faults: list[str] = []
    changes: list[Change] = []
    for wave_id, pms_id in pairs:
        standing = _standing(pen.links, wave_id, pms_id)
        if standing == {(wave_id, pms_id)}:
            continue
        faults += _in_the_way(pen, wave_id, pms_id, standing)
        made = _by_hand(pen.links, wave_id, pms_id)
        changes += [Put(made), Put(Agreement(wave_id=wave_id)), *attended(made, made.rule)]
        changes += [*_without_reason(pen, made), *pen.note("link", made, made.rule)]
    faults += _twice([w for w, _ in pairs], "wave") + _twice([p for _, p in pairs], "pms")
    if faults:
        raise ConfigurationError("link", faults)
    pen.commit(changes)


def _standing(links: LinkStore, wave_id: str, pms_id: str) -> set[tuple[str, str]]:
    found = (*links.find(Link, "wave_id", [wave_id]), *links.find(Link, "pms_id", [pms_id]))
    return {(each.wave_id, each.pms_id) for each in found}


def _in_the_way(pen: Pen, wave_id: str, pms_id: str, standing: set[tuple[str, str]]) -> list[str]:
    pair = f"{one_line(wave_id)} / {one_line(pms_id)}"
    others = [f"{one_line(w)} / {one_line(p)}" for w, p in sorted(standing)]
    faults = [f"{pair}: linked already as {other}; unlink first" for other in others]
    if any(claim.pms == pen.tenant.pms for claim in pen.links.find(Claim, "pms_id", [pms_id])):
        faults.append(f"{pair}: another tenant of this store has linked the record in the PMS")
    return faults


def _by_hand(links: LinkStore, wave_id: str, pms_id: str) -> Link:
    """A new link; it remembers that a create of the customer was lost, since that may still land."""
    made = Link(wave_id=wave_id, pms_id=pms_id, rule=BY_A_PERSON, open=True)
    refs = {(side, made.id_on(side)) for side in Side}
    creates = [i for i in links.scan(Intent) if i.kind is IntentKind.CREATE]
    resting = [q for side, i in refs for q in links.find(Quarantined, f"{side}_id", [i])]
    lost = any((i.side.other, i.origin_id) in refs for i in creates)
    lost = lost or any(q.reason is QuarantineReason.UNKNOWN for q in resting)
    return evolve(made, rule=f"{BY_A_PERSON} ({LOST_BEFORE})") if lost else made


def _without_reason(pen: Pen, made: Link) -> list[Change]:
    """A linked record is neither apart nor at rest."""
    known = [pen.known(side, made.id_on(side)) for side in Side]
    resting = [q for side in Side for q in pen.links.find(Quarantined, f"{side}_id", [made.id_on(side)])]
    return [*[Put(evolve(k, reason="")) for k in known if k.reason], *[Remove(q) for q in resting]]


def _twice(ids: Sequence[str], side: str) -> list[str]:
    return [f"{side} {i}: named twice" for i in dict.fromkeys(ids) if ids.count(i) > 1]


def unlink(pen: Pen, lens: Lens, wave_id: str | None, pms_id: str | None) -> None:
    """End a link and leave both records apart.

    Raises:
        ConfigurationError: There is no such link, or no id was given.
    """
    ended = _named(pen.links, wave_id, pms_id)
    apart = [Put(evolve(pen.known(side, ended.id_on(side)), reason=APART)) for side in Side]
    open_writes = _open_writes(pen.links, ended)
    changes = [sent(lens, intent, name) for intent in open_writes for name in intent.values]
    may_be = [JournalField(id=c.id, name=c.name, before=c.before, after=c.after) for c in changes]
    noted = pen.note("unlink", ended, "by a person; both records are left apart", fields=may_be)
    gone = [Remove(ended), Remove(Agreement(wave_id=ended.wave_id)), *map(Remove, open_writes)]
    pen.commit([*gone, *apart, *noted])


def _named(links: LinkStore, wave_id: str | None, pms_id: str | None) -> Link:
    wanted = [(by, i) for by, i in (("wave_id", wave_id), ("pms_id", pms_id)) if i is not None]
    if not all(isinstance(record_id, str) for _, record_id in wanted):
        raise ConfigurationError("unlink", ["an id is text (allowed: wave_id='...', pms_id='...')"])
    found = [each for by, record_id in wanted for each in links.find(Link, by, [record_id])]
    if not wanted:
        raise ConfigurationError("unlink", ["there is no such link; give wave_id=, pms_id= or both"])
    if len({each.wave_id for each in found}) != 1 or len(found) != len(wanted):
        ids = " / ".join(one_line(record_id) for _, record_id in wanted)
        raise ConfigurationError("unlink", [f"{ids}: there is no such link"])
    return found[0]


def _open_writes(links: LinkStore, ended: Link) -> list[Intent]:
    """Writes of the pair whose outcome nobody will ask for any more; a create finds its record without a link."""
    return [
        intent
        for intent in links.scan(Intent)
        if intent.kind is not IntentKind.CREATE
        and (intent.record_id, intent.origin_id) == (ended.id_on(intent.side), ended.id_on(intent.side.other))
    ]
