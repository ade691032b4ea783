"""What an earlier rehearsal left behind, by the name that says so or by the mark that such a record bears."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.mapping.matching_keys import marker_text
from wave_pms_sync.mapping.written import collapsed, folded
from wave_pms_sync.model.fields import MISSING
from wave_pms_sync.model.links import Link, LinkStatus
from wave_pms_sync.model.memory import Claim, Intent
from wave_pms_sync.model.records import Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import CustomerClient, LinkReader

_HANDFUL = 5


@frozen(kw_only=True)
class Search:
    """Where to look, and for whom.

    Attributes:
        lens: The mapping.
        clients: Both sides, whole.
        links: The user's own memory.
        names: What a test customer may be called.
        there: Who was on each side when it was first listed, by id.
        whole: The sides that were listed to their stated end then.
        hints: What is to be said of what they showed then.
    """

    lens: Lens
    clients: Mapping[Side, CustomerClient]
    links: LinkReader
    names: tuple[str, ...]
    there: dict[Side, frozenset[str]] = field(factory=dict, init=False)
    whole: set[Side] = field(factory=set, init=False)
    hints: list[str] = field(factory=list, init=False)

    def found(self) -> dict[Side, list[str]]:
        """The test customers on each side, by id. Both sides are listed completely.

        Raises:
            SyncError: A side could not be listed.
        """
        wave = [record.id for record in self._listed(Side.WAVE) if self._called(record)]
        pms = [record.id for record in self._listed(Side.PMS) if self._called(record) or self._marked(record, wave)]
        identity = self.clients[Side.PMS].identity
        claimed = {claim.pms_id for claim in self.links.find(Claim, "pms_id", pms) if claim.pms == identity}
        return {Side.WAVE: wave, Side.PMS: [pms_id for pms_id in pms if pms_id not in claimed]}

    def pair(self) -> dict[Side, list[str]]:
        """The test customers on each side, at most one.

        Raises:
            ConfigurationError: There are several, or a run is still busy with them, or they are linked with others.
            SyncError: A side could not be listed.
        """
        found = self.found()
        many = {side: sorted(ids) for side, ids in found.items() if len(ids) > 1}
        what = "bear the name of a rehearsal; keep one at most"
        faults = [f"{len(ids)} customers in {side.words} {what}: {', '.join(ids)}" for side, ids in many.items()]
        faults = faults or [*self._busy(found), *self._linked_elsewhere(found)]
        if faults:
            raise ConfigurationError("rehearse", faults)
        return found

    def shown_by(self, record: Record, wave: Collection[str]) -> bool:
        """Whether a record shows that it was made just now: it bears the name or the mark, or nobody else is new.

        Args:
            record: The record as it is read.
            wave: The test customers in Wave.
        """
        if self._called(record) or (record.side is Side.PMS and self._marked(record, wave)):
            return True
        now, whole = self._everybody(record.side)
        return whole and record.side in self.whole and now.keys() - self.there[record.side] == {record.id}

    def _listed(self, side: Side) -> list[Record]:
        records, whole = self._everybody(side)
        if side not in self.there:
            self.there[side] = frozenset(records)
            self.whole.update({side} if whole else ())
            self.hints.extend(self._never_shown(side, [each for each in records.values() if not self._called(each)]))
        return [record for record in records.values() if not record.archived]

    def _never_shown(self, side: Side, records: Sequence[Record]) -> list[str]:
        """Which properties of the mapping nobody shows, not even empty; a few customers tell nothing."""
        hidden = set(range(len(self.lens.maps))) if len(records) >= _HANDFUL else set()
        for record in records:
            raws = self.lens.raws(side, record.payload) if hidden else ()
            hidden = {at for at in hidden if raws[at] is MISSING}
        paths = ", ".join(f"`{path}`" for at in sorted(hidden) for path in self.lens.maps[at].paths(side))
        who = f"none of the {len(records)} customers in {side.words} shows"
        return [f"{who} {paths}: is the mapping right?"] if paths else []

    def _everybody(self, side: Side) -> tuple[dict[str, Record], bool]:
        """Who is on a side and not deleted, and whether it was listed to its stated end."""
        records, whole = {}, False
        for page in self.clients[side].pages():
            records.update({record.id: record for record in page.records})
            whole = page.last
        return {record_id: record for record_id, record in records.items() if not record.deleted}, whole

    def _called(self, record: Record) -> bool:
        return _plain(self._name(record)) in {_plain(name) for name in self.names}

    def _name(self, record: Record) -> object:
        if record.side is Side.WAVE:
            return record.payload.get("name")
        row = next((row for row in self.lens.maps if "name" in row.wave and not row.converter.derived), None)
        if row is None:
            return None
        value = self.lens.cells(Side.PMS, self.lens.raws(Side.PMS, record.payload))[row.id].value
        return value[row.wave.index("name")] if isinstance(value, tuple) else value

    def _marked(self, record: Record, wave: Collection[str]) -> bool:
        return self.lens.marker is not None and marker_text(self.lens.raws(Side.PMS, record.payload)[-1]) in wave

    def _busy(self, found: Mapping[Side, list[str]]) -> list[str]:
        ids = {record_id for side in Side for record_id in found[side]}
        intents = [i for i in self.links.scan(Intent) if not ids.isdisjoint((i.origin_id, i.record_id))]
        return [f"a write to {i.side.words} for {i.origin_id} is not settled yet; run once before" for i in intents]

    def _linked_elsewhere(self, found: Mapping[Side, list[str]]) -> list[str]:
        links = [link for side in Side for link in self.links.find(Link, f"{side}_id", found[side])]
        faults = []
        for link in dict.fromkeys((k.wave_id, k.pms_id) for k in links if k.status is not LinkStatus.TOMBSTONE):
            for side, record_id in zip((Side.WAVE, Side.PMS), link, strict=True):
                if record_id not in found[side] and self.clients[side].customers_by_id([record_id])[record_id]:
                    faults.append(f"{' / '.join(link)} are linked, and only one of them bears the name of a rehearsal")
        return faults


def _plain(name: object) -> str:
    return collapsed(folded(name)) if isinstance(name, str) else ""
