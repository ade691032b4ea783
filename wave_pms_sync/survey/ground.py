"""The ground of one look: both sides, the store, and what was seen so far. It grows as the look goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import define, field

from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import Known, SideState
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import CustomerClient, LinkReader
from wave_pms_sync.reconcile.own_writes import over
from wave_pms_sync.reconcile.policy import Policy, Scope
from wave_pms_sync.reconcile.remapping import judged_by
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.verdicts import WHOLE
from wave_pms_sync.reconcile.world import Listing, Presence, Ref, Seen
from wave_pms_sync.scan import Spoilt, read_sound
from wave_pms_sync.sightings import Sightings
from wave_pms_sync.survey.memory import Memory


@define(kw_only=True)
class Ground:
    """What a look has to go by.

    Attributes:
        reader: The store, read only.
        clients: Both sides.
        shape: The mapping.
        policy: The preferences.
        scope: Which records take part.
        now: When the run began, by our clock.
        memory: What the store remembers.
        listings: What was listed, by side.
        dropped: Entries of the key index whose record is gone.
        gone: Records that are gone and were never linked.
        spoilt: Records that alone could not be read, by side.
        sights: What both sides showed.
    """

    reader: LinkReader
    clients: Mapping[Side, CustomerClient]
    shape: Shape
    policy: Policy
    scope: Scope | None
    now: datetime
    memory: Memory
    listings: dict[Side, Listing] = field(factory=dict)
    dropped: list[Known] = field(factory=list)
    gone: set[Ref] = field(factory=set)
    spoilt: Mapping[Side, Spoilt] = field(factory=lambda: {side: Spoilt() for side in Side})
    sights: Sightings = field(init=False)
    _agreements: dict[str, Agreement] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.sights = Sightings(
            reader=self.reader,
            shape=self.shape,
            names=self.policy.match_on,
            account=self.clients[Side.WAVE].identity,
            pms=self.clients[Side.PMS].identity,
            scope=self.scope,
            busy=self._with_partners(self.memory.left_over | self.memory.announced),
            quiet_counts=not self.judged_otherwise,
        )

    def _with_partners(self, refs: frozenset[Ref]) -> frozenset[Ref]:
        """Records, and what they are linked with."""
        ids = {side: [record_id for s, record_id in refs if s is side] for side in Side}
        links = [link for side in Side for link in self.reader.find(Link, f"{side}_id", ids[side])]
        return refs | {(side, link.id_on(side)) for link in links for side in Side}

    @property
    def judged_otherwise(self) -> bool:
        """Whether mapping or match keys are not those of the last run; then every record is looked at."""
        tenant = self.memory.tenant
        return tenant is not None and dict(tenant.mapping) != judged_by(self.shape, self.policy)

    def state(self, side: Side) -> SideState:
        """How far a side had been read before this run."""
        return self.memory.tenant.state(side) if self.memory.tenant is not None else SideState()

    def agreements(self, links: Iterable[Link]) -> dict[str, Agreement]:
        """What was agreed on of these links, by Wave id; each is fetched once."""
        wave_ids = [link.wave_id for link in links]
        missing = [wave_id for wave_id in wave_ids if wave_id not in self._agreements]
        self._agreements |= {a.wave_id: a for a in self.reader.find(Agreement, "wave_id", missing)}
        return {wave_id: self._agreements[wave_id] for wave_id in wave_ids if wave_id in self._agreements}

    def read(self, side: Side, ids: Iterable[str]) -> None:
        """Read single records, unless they were seen already without doubt."""
        wanted = [i for i in dict.fromkeys(ids) if i not in self.sights.shown[side] or i in self.sights.doubtful[side]]
        if wanted:
            spoilt = self.spoilt[side]
            found = read_sound(self.clients[side], wanted, spoilt)
            unread = {record_id: None for record_id in wanted if record_id in spoilt.errors}
            self.sights.read(side, {**found, **unread}, lambda record_id: self._not_found(side, record_id))

    def read_refs(self, refs: Iterable[Ref]) -> None:
        """Read single records of both sides."""
        sorted_refs = sorted(refs)
        for side in Side:
            self.read(side, [record_id for s, record_id in sorted_refs if s is side])

    def _not_found(self, side: Side, record_id: str) -> Seen:
        """A record is absent only if a complete full listing lacks or lacked it, too, or a feed reported it deleted.

        What we have just written there may be missing from a side that shows what was before.
        """
        error = self.spoilt[side].errors.get(record_id)
        if error is not None:
            reason = f"{side.words} could not show it ({error.code})"
            return Seen(side=side, id=record_id, presence=Presence.UNKNOWN, unread=True, reason=reason)
        listing = self.listings[side]
        unlisted = listing.full and listing.complete and not self.sights.was_listed(side, [record_id])
        reason = f"{side.words} did not find it; a complete listing must confirm that it is gone"
        link = self.sights.link_of(side, record_id)
        if unlisted and link is not None and self.just_written(side, link):
            reason = f"{side.words} does not show yet what was written there"
        elif unlisted or record_id in self.sights.deleted[side] or self._was_gone(side, record_id):
            return Seen(side=side, id=record_id, presence=Presence.ABSENT)
        return Seen(side=side, id=record_id, presence=Presence.UNKNOWN, reason=reason)

    def just_written(self, side: Side, link: Link) -> bool:
        """Whether we wrote to a record so lately that its side may show what was before."""
        return not over(link.sight(side).written_at, self.policy.lag_s, self.now)

    def _was_gone(self, side: Side, record_id: str) -> bool:
        """Whether an earlier run found this record gone, and its counterpart is held for it."""
        link = self.sights.link_of(side, record_id)
        if link is None or not link.open:
            return False
        found = self.reader.find(Agreement, "wave_id", [link.wave_id])
        shown = [a.holds[WHOLE].on(side) for a in found if WHOLE in a.holds]
        return any(all(value is None for value in values.values()) for values in shown)
