"""Two linked pairs that seem to be one customer: on both sides they bear the same name and the same strong key.

A create that a side carried out much too late ends so, if both copies then got a counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator

from wave_pms_sync.audit.finding import Finding, Kind, Standing
from wave_pms_sync.mapping.matching_keys import EXTERNAL_ID
from wave_pms_sync.model.links import BY_A_PERSON, Link, LinkStatus
from wave_pms_sync.model.memory import Known
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkReader

_ADVICE = "if they are one customer: keep one on each side, and unlink the other pair"


def double_findings(reader: LinkReader) -> Iterator[Finding]:
    """One finding for each pair that doubles an earlier one; pairs that a person linked are taken as meant."""
    first: dict[int, str] = {}
    for known in reader.scan(Known):
        if known.side is not Side.PMS:
            continue
        for bearing in _bearings(known):
            other = first.setdefault(hash(bearing), known.id)
            if other != known.id and (found := _doubled(reader, other, known.id)) is not None:
                yield found
                break


def _bearings(known: Known) -> list[tuple[str, str]]:
    """The name with each strong key; a name alone is borne by many."""
    name = next((key for key in known.keys if key.startswith("name:")), None)
    strong = [key for key in known.keys if not key.startswith(("name:", f"{EXTERNAL_ID}:"))]
    return [] if name is None else [(name, key) for key in strong]


def _doubled(reader: LinkReader, *pms_ids: str) -> Finding | None:
    links = {link.pms_id: link for link in reader.find(Link, "pms_id", pms_ids)}
    pair = [links[i] for i in pms_ids if i in links and links[i].status is LinkStatus.ACTIVE]
    if len(pair) < 2 or any(link.rule.startswith(BY_A_PERSON) for link in pair):
        return None
    held = [{b for k in reader.find(Known, "wave_id", [link.wave_id]) for b in _bearings(k)} for link in pair]
    if not held[0] & held[1]:
        return None
    return Finding(
        kind=Kind.TWIN,
        standing=Standing.UNEXPLAINED,
        words="another linked pair bears the same name and the same key on both sides",
        advice=_ADVICE,
        wave_id=pair[1].wave_id,
        pms_id=pair[1].pms_id,
        others=(pair[0].wave_id, pair[0].pms_id),
    )
