"""See both sides: list what changed, read what must be read again, and lay it all out as one world.

Nothing is decided here and nothing is written; what was seen is handed on with the evidence it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import define, evolve, field, frozen

from wave_pms_sync.errors import WrongTenant
from wave_pms_sync.model.links import Agreement, Link, LinkStatus
from wave_pms_sync.model.memory import Intent, IntentKind, Known, Quarantined, SideState, Tenant, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.origins import belongs, origins_of
from wave_pms_sync.ports import CustomerClient, LinkReader
from wave_pms_sync.reconcile.lost_creates import wants_full_scan
from wave_pms_sync.reconcile.policy import Policy, Scope
from wave_pms_sync.reconcile.shape import Shape
from wave_pms_sync.reconcile.verdicts import WHOLE
from wave_pms_sync.reconcile.world import Listing, Newcomer, Origin, Pair, Presence, Ref, Seen, World
from wave_pms_sync.scan import read_by_id, read_listing
from wave_pms_sync.sightings import Sightings

APART = "apart"


@frozen(kw_only=True)
class Surveyed:
    """A world, and what the look itself adds to memory.

    Attributes:
        world: What the plan is a function of.
        index: Entries of the key index that are new or changed.
        dropped: Entries of the key index whose record is gone.
        moved: Links of which only a stamp moved.
        gone: Records that are gone and were never linked.
        read_again: Unfinished records that were read in this run.
    """

    world: World
    index: tuple[Known, ...] = ()
    dropped: tuple[Known, ...] = ()
    moved: tuple[Link, ...] = ()
    gone: frozenset[Ref] = frozenset()
    read_again: tuple[Unfinished, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()


@define(kw_only=True)
class Survey:
    """One look at both sides.

    Attributes:
        full: Force (True) a complete listing of both sides; None: when it is due.
        only: Look at these records alone.
        overdue: Whether the time of the run is over.
    """

    reader: LinkReader
    clients: Mapping[Side, CustomerClient]
    shape: Shape
    policy: Policy
    scope: Scope | None
    now: datetime
    run_id: str
    full: bool | None = None
    only: tuple[Ref, ...] | None = None
    overdue: Callable[[], bool] = lambda: False
    tenant: Tenant | None = None
    intents: list[Intent] = field(factory=list)
    unfinished: list[Unfinished] = field(factory=list)
    quarantined: dict[Ref, Quarantined] = field(factory=dict)
    listings: dict[Side, Listing] = field(factory=dict)
    dropped: list[Known] = field(factory=list)
    gone: set[Ref] = field(factory=set)
    sights: Sightings = field(init=False)

    def see(self) -> Surveyed:
        """Look.

        Raises:
            WrongTenant: The store's memory is of other accounts.
            SyncError: A side could not be read at all.
        """
        self._remember()
        for side in Side:
            self._list(side)
        self._read_what_must_be_read()
        self._confirm_absences()
        self._complete_pairs()
        self._meet_newcomers()
        return self._surveyed()

    # --- what the store remembers ---

    @staticmethod
    def check_tenant(tenant: Tenant | None, clients: Mapping[Side, CustomerClient]) -> None:
        """Refuse a store that belongs to other accounts, before anything is read from a side.

        Raises:
            WrongTenant: Both accounts are named.
        """
        for side in Side:
            theirs, ours = getattr(tenant, side.value, None), clients[side].identity
            if tenant is not None and theirs != ours:
                raise WrongTenant(
                    f"the link store's tenant {tenant.name!r} belongs to {side} account {theirs}, not {ours}; "
                    "use another tenant name, or links.rebind(...) if the same account moved",
                    side=side.value,
                )

    def _remember(self) -> None:
        self.tenant = next(iter(self.reader.scan(Tenant)), None)
        self.check_tenant(self.tenant, self.clients)
        self.intents = list(self.reader.scan(Intent))
        self.unfinished = list(self.reader.scan(Unfinished))
        self.quarantined = {(q.side, q.id): q for q in self.reader.scan(Quarantined)}
        busy: set[Ref] = {(u.side, u.id) for u in self.unfinished}
        for intent in self.intents:
            busy.add((intent.side.other, intent.origin_id))
            busy |= {(intent.side, intent.record_id)} if intent.record_id is not None else set()
        self.sights = Sightings(
            reader=self.reader,
            shape=self.shape,
            names=self.policy.match_on,
            account=self.clients[Side.WAVE].identity,
            scope=self.scope,
            busy=frozenset(busy),
        )

    # --- listings ---

    def _state(self, side: Side) -> SideState:
        return self.tenant.state(side) if self.tenant is not None else SideState()

    def _list(self, side: Side) -> None:
        if self.only is not None:
            self.listings[side] = Listing(full=False, complete=False, asked=False, began_at=self.now)
            return
        since = None if self._wants_all(side) else self._since(side)
        listing = self._read_side(side, since)
        behind = listing.complete and since is not None and self._behind(side, listing)
        if behind:
            self.sights.restart(side)()
            listing = self._read_side(side, None)
        self.listings[side] = listing

    def _read_side(self, side: Side, since: datetime | None) -> Listing:
        scan = read_listing(
            self.clients[side],
            side,
            since,
            lambda records: self.sights.take(side, records),
            self.sights.restart(side),
            self.overdue,
        )
        return scan.listing(self.now)

    def _wants_all(self, side: Side) -> bool:
        state, tenant = self._state(side), self.tenant
        if self.full or tenant is None or state.watermark is None or not state.indexed:
            return True
        if not self.clients[side].abilities.since or wants_full_scan(self.intents, side):
            return True
        if dict(tenant.mapping) != dict(self.shape.fingerprints) or tenant.scope != _scope_id(self.scope):
            return True
        every = timedelta(seconds=self.policy.full_scan_every_s)
        due = state.full_scan_at is None or self.now >= state.full_scan_at + every
        return self.full is None and due

    def _since(self, side: Side) -> datetime | None:
        state = self._state(side)
        if state.watermark is None:
            return None
        return state.watermark - timedelta(seconds=1 if state.confirmed else self.policy.overlap_s)

    def _behind(self, side: Side, listing: Listing) -> bool:
        """The newest record is older than what was seen before: a restored backup, or the newest is gone."""
        watermark = self._state(side).watermark
        return watermark is not None and (listing.newest is None or listing.newest < watermark)

    # --- single reads ---

    def _read(self, side: Side, ids: Iterable[str]) -> None:
        wanted = [i for i in dict.fromkeys(ids) if i not in self.sights.shown[side] or i in self.sights.doubtful[side]]
        if wanted:
            found = read_by_id(self.clients[side], wanted)
            self.sights.read(side, found, lambda record_id: self._not_found(side, record_id))

    def _not_found(self, side: Side, record_id: str) -> Seen:
        """A record is absent only if a complete full listing lacks or lacked it, too, or a feed reported it deleted."""
        listing = self.listings[side]
        unlisted = listing.full and listing.complete and record_id not in self.sights.listed[side]
        if unlisted or record_id in self.sights.deleted[side] or self._was_gone(side, record_id):
            return Seen(side=side, id=record_id, presence=Presence.ABSENT)
        reason = f"{side.words} did not find it; a complete listing must confirm that it is gone"
        return Seen(side=side, id=record_id, presence=Presence.UNKNOWN, reason=reason)

    def _was_gone(self, side: Side, record_id: str) -> bool:
        """Whether an earlier run found this record gone, and its counterpart is held for it."""
        link = self.sights.link_of(side, record_id)
        if link is None or not link.open:
            return False
        found = self.reader.find(Agreement, "wave_id", [link.wave_id])
        shown = [a.holds[WHOLE].on(side) for a in found if WHOLE in a.holds]
        return any(all(value is None for value in values.values()) for values in shown)

    def _read_what_must_be_read(self) -> None:
        """Unfinished business, named records, doubtful rows, deletion rows, and quarantine that was freed."""
        wanted: set[Ref] = set(self.only or ())
        wanted |= {(u.side, u.id) for u in self.unfinished} | self._freed()
        wanted |= {(side, i) for side in Side for i in (*self.sights.doubtful[side], *self.sights.deleted[side])}
        for intent in self.intents:
            wanted.add((intent.side.other, intent.origin_id))
            wanted |= {(intent.side, intent.record_id)} if intent.record_id is not None else set()
        self._read_refs(wanted)
        partners = {
            (side.other, link.id_on(side.other))
            for side, record_id in wanted
            if (link := self.sights.link_of(side, record_id)) is not None
        }
        self._read_refs(partners)

    def _read_refs(self, refs: Iterable[Ref]) -> None:
        sorted_refs = sorted(refs)
        for side in Side:
            self._read(side, [record_id for s, record_id in sorted_refs if s is side])

    def _freed(self) -> set[Ref]:
        """Quarantined records that were asked for again, or of which a candidate or the mapping moved."""
        freed: set[Ref] = set()
        for ref, entry in self.quarantined.items():
            moved = any(i in self.sights.shown[entry.side.other] for i in entry.candidates)
            if not entry.digest or moved or entry.mapping != self.shape.fingerprint:
                freed.add(ref)
                freed |= {(entry.side.other, i) for i in entry.candidates}
        return freed

    # --- absences ---

    def _confirm_absences(self) -> None:
        """Linked records that a complete full listing lacks are read by id; unlinked ones leave the index."""
        for side in Side:
            listing = self.listings[side]
            if not (listing.full and listing.complete):
                continue
            listed = self.sights.listed[side]
            missing = [
                link
                for link in self.reader.scan(Link)
                if link.status is LinkStatus.ACTIVE and link.id_on(side) not in listed
            ]
            for link in missing:
                self.sights.links[Side.WAVE, link.wave_id] = self.sights.links[Side.PMS, link.pms_id] = link
            self._read(side, [link.id_on(side) for link in missing])
            for link in missing:
                self._unlisted(side, link)
            self._forget_unlisted(side)

    def _unlisted(self, side: Side, link: Link) -> None:
        """Readable, unlisted and not archived: absent after two complete scans, unknown until then."""
        seen = self.sights.shown[side].get(link.id_on(side))
        if seen is None or seen.presence is not Presence.SHOWN or seen.archived:
            return
        missed = link.sight(side).missed + 1
        presence = Presence.ABSENT if missed > 1 else Presence.UNKNOWN
        reason = f"{side.words} no longer lists it, though it is still readable"
        self.sights.shown[side][seen.id] = evolve(seen, presence=presence, raws=None, missed=missed, reason=reason)

    def _forget_unlisted(self, side: Side) -> None:
        listed, shown = self.sights.listed[side], self.sights.shown[side]
        for entry in self.reader.scan(Known):
            if entry.side is not side or entry.id in listed or entry.id in shown:
                continue
            if not self.reader.find(Link, f"{side}_id", [entry.id]):
                self.dropped.append(entry)
                self.gone.add((side, entry.id))

    # --- pairs ---

    def _complete_pairs(self) -> None:
        """Read the other record of a pair where what is known of it does not suffice."""
        for side in Side:
            self._read(side, [link.id_on(side) for link in self._involved() if self._insufficient(link, side)])

    def _insufficient(self, link: Link, side: Side) -> bool:
        """Whether it must be read what this side shows of a link of which the other side was read."""
        other = self.sights.shown[side.other].get(link.id_on(side.other))
        if other is None or link.id_on(side) in self.sights.shown[side]:
            return False
        listing = self.listings[side]
        known = link.id_on(side) in self.sights.listed[side] or (listing.complete and not listing.full)
        dormant = link.status is LinkStatus.TOMBSTONE or other.presence is Presence.ABSENT
        return link.open or dormant or not known or any(link.sight(s).digest is None for s in Side)

    def _involved(self) -> list[Link]:
        found = {
            link.wave_id: link
            for side in Side
            for record_id in self.sights.shown[side]
            if (link := self.sights.link_of(side, record_id)) is not None
        }
        return [found[key] for key in sorted(found)]

    def _pairs(self) -> tuple[Pair, ...]:
        involved = self._involved()
        agreements = {a.wave_id: a for a in self.reader.find(Agreement, "wave_id", [link.wave_id for link in involved])}
        loose = {(known.side, key) for known in self._unlinked() for key in known.keys}
        return tuple(
            Pair(
                link=link,
                agreement=agreements.get(link.wave_id, Agreement(wave_id=link.wave_id)),
                wave=self._seen(Side.WAVE, link.wave_id),
                pms=self._seen(Side.PMS, link.pms_id),
                intents=tuple(i for i in self.intents if link.id_on(i.side.other) == i.origin_id),
                replaced=self._replaced(link, loose),
            )
            for link in involved
        )

    def _replaced(self, link: Link, loose: set[tuple[Side, str]]) -> bool:
        """Whether a record without a link holds a key of this customer on the side where it is gone."""
        for side in Side:
            here, there = self._seen(side, link.id_on(side)), self._seen(side.other, link.id_on(side.other))
            survivor = self.sights.known.get((side.other, there.id))
            if here.presence is Presence.ABSENT and there.presence is Presence.SHOWN and survivor is not None:
                return any((side, key) in loose for key in survivor.keys)
        return False

    def _seen(self, side: Side, record_id: str) -> Seen:
        return self.sights.shown[side].get(record_id, Seen(side=side, id=record_id, presence=Presence.AS_BEFORE))

    # --- newcomers ---

    def _meet_newcomers(self) -> None:
        """Look up who else holds the newcomers' keys, and read those that might be their counterparts."""
        seen_keys: set[str] = set()
        while True:
            keys = {key for known in self._unlinked() for key in known.keys} - seen_keys
            marked = self._unknown_markers()
            if not keys and not marked:
                return
            seen_keys |= keys
            self._read(Side.WAVE, marked)
            for side in Side:
                hits = self.reader.find(Known, f"{side}_key", sorted(k for k in keys if not k.startswith("name:")))
                taken = {link.id_on(side): link for link in self.reader.find(Link, f"{side}_id", [k.id for k in hits])}
                self._read(side, [k.id for k in hits if k.id not in taken])
                self._read(side, self._sharing(side, keys, [taken[k.id] for k in hits if k.id in taken]))

    def _sharing(self, side: Side, keys: set[str], links: Sequence[Link]) -> list[str]:
        """Linked records whose partner holds the same key of a newcomer; only if both still do, it says nothing."""
        unsure = [link for link in links if link.id_on(side) not in self.sights.listed[side]]
        partners = self.reader.find(Known, f"{side.other}_id", [link.id_on(side.other) for link in unsure])
        holding = {known.id for known in partners if keys.intersection(known.keys)}
        return [link.id_on(side) for link in unsure if link.id_on(side.other) in holding]

    def _unlinked(self) -> list[Known]:
        return [
            self.sights.known[side, record_id]
            for side in Side
            for record_id, seen in self.sights.shown[side].items()
            if (side, record_id) in self.sights.known and self.sights.link_of(side, record_id) is None and seen.raws
        ]

    def _unknown_markers(self) -> list[str]:
        """Wave ids in markers that look like ours and that nobody has seen yet."""
        markers = set(origins_of(self.shape, self.sights.shown[Side.PMS].values()).values())
        known = {k.id for k in self.reader.find(Known, "wave_id", markers)}
        known |= {link.wave_id for link in self.reader.find(Link, "wave_id", markers)} | set(
            self.sights.shown[Side.WAVE]
        )
        account = self.clients[Side.WAVE].identity
        return sorted(m for m in markers - known - self.sights.listed[Side.WAVE] if belongs(m, account))

    def _newcomers(self) -> dict[Ref, Newcomer]:
        creates = {(i.side.other, i.origin_id): i for i in self.intents if i.kind is IntentKind.CREATE}
        markers = origins_of(self.shape, self.sights.shown[Side.PMS].values())
        found = {}
        for side in Side:
            for record_id, seen in self.sights.shown[side].items():
                ref = (side, record_id)
                if self.sights.link_of(side, record_id) is not None:
                    continue
                if seen.presence is Presence.ABSENT:
                    self.gone.add(ref)
                    continue
                known = self.sights.known.get(ref, Known(side=side, id=record_id))
                marker = markers.get(record_id) if side is Side.PMS else None
                origin = self._origin(marker)
                keys = dict(key.split(":", 1) for key in known.keys)
                if origin in (Origin.FOREIGN, Origin.ORPHAN):
                    keys.pop("external_id", None)
                found[ref] = Newcomer(
                    seen=seen,
                    keys=keys,
                    origin=origin,
                    origin_id=marker,
                    intent=creates.get(ref),
                    quarantined=self.quarantined.get(ref),
                    apart=known.reason == APART,
                )
        return found

    def _origin(self, marker: str | None) -> Origin:
        if marker is None:
            return Origin.NONE
        if self.sights.link_of(Side.WAVE, marker) or self.reader.find(Link, "wave_id", [marker]):
            return Origin.COPY
        seen = self.sights.shown[Side.WAVE].get(marker)
        if seen is not None and (seen.presence is Presence.SHOWN or seen.excluded):
            return Origin.OURS
        if seen is None and self.reader.find(Known, "wave_id", [marker]):
            return Origin.OURS
        return Origin.ORPHAN if belongs(marker, self.clients[Side.WAVE].identity) else Origin.FOREIGN

    # --- the world ---

    def _holders(self, newcomers: Mapping[Ref, Newcomer]) -> dict[tuple[Side, str], frozenset[str]]:
        """Who holds the newcomers' keys: the index, corrected by what this run saw."""
        keys = {f"{name}:{value}" for n in newcomers.values() for name, value in n.keys.items()}
        found: dict[tuple[Side, str], set[str]] = {}
        left = {(k.side, k.id) for k in self.dropped} | self.gone
        for side in Side:
            left |= {(side, i) for i, seen in self.sights.shown[side].items() if seen.not_there}
            for known in self.reader.find(Known, f"{side}_key", sorted(keys)):
                if (side, known.id) not in self.sights.known and (side, known.id) not in left:
                    for key in keys.intersection(known.keys):
                        found.setdefault((side, key), set()).add(known.id)
        for (side, record_id), known in self.sights.known.items():
            newcomer = newcomers.get((side, record_id))
            if newcomer is not None or self.sights.shown[side][record_id].presence is not Presence.ABSENT:
                held = {f"{n}:{v}" for n, v in newcomer.keys.items()} if newcomer is not None else set(known.keys)
                for key in keys & held:
                    found.setdefault((side, key), set()).add(record_id)
        return {place: frozenset(ids) for place, ids in found.items()}

    def _standing(self, seen: set[str]) -> tuple[tuple[Link, Agreement], ...]:
        """Held links that this run does not look at."""
        links = {k.wave_id: k for k in self.reader.find(Link, "open", ["yes"]) if k.wave_id not in seen}
        found = self.reader.find(Agreement, "wave_id", sorted(links))
        return tuple((links[a.wave_id], a) for a in sorted(found, key=lambda a: a.wave_id))

    def _known_there(self, side: Side) -> int:
        """How many records of a side the index holds; only asked where the side showed none."""
        listing = self.listings[side]
        if listing.rows or not (listing.asked and listing.full):
            return 0
        return sum(known.side is side for known in self.reader.scan(Known))

    def _surveyed(self) -> Surveyed:
        newcomers = self._newcomers()
        holders = self._holders(newcomers)
        for side in Side:
            ids = {record_id for (s, _), found in holders.items() if s is side for record_id in found}
            for link in self.reader.find(Link, f"{side}_id", sorted(ids)):
                self.sights.links[Side.WAVE, link.wave_id] = self.sights.links[Side.PMS, link.pms_id] = link
        pairs = self._pairs()
        links = self.reader.count(Link)
        busy = {pair.link.wave_id for pair in pairs}
        held = {(side, i) for (side, _), ids in holders.items() for i in ids}
        readable = frozenset(
            s for s in Side if self._state(s).indexed or (self.listings[s].full and self.listings[s].complete)
        )
        creating = {(i.side.other, i.origin_id) for i in self.intents if i.kind is IntentKind.CREATE}
        world = World(
            now=self.now,
            run_id=self.run_id,
            tenant=self.tenant,
            abilities={side: self.clients[side].abilities for side in Side},
            listings=dict(self.listings),
            readable=readable,
            pairs=pairs,
            newcomers=newcomers,
            holders=holders,
            links={ref: self.sights.links[ref] for ref in held if ref in self.sights.links},
            link_count=links,
            known_count={side: self._known_there(side) for side in Side},
            intents=tuple(
                i
                for i in self.intents
                if i.kind is IntentKind.CREATE and (i.side.other, i.origin_id) in creating - set(newcomers)
            ),
            standing=self._standing(busy),
            resting=tuple(q for ref, q in self.quarantined.items() if ref not in newcomers and ref not in self.gone),
            unchanged=len(self.sights.quiet - busy),
        )
        return Surveyed(
            world=world,
            index=tuple(self.sights.index.values()),
            dropped=tuple(self.dropped),
            moved=tuple(link for key, link in sorted(self.sights.moved.items()) if key not in busy),
            gone=frozenset(self.gone),
            read_again=tuple(u for u in self.unfinished if u.id in self.sights.shown[u.side]),
            quarantined=tuple(self.quarantined.values()),
        )


def _scope_id(scope: Scope | None) -> str:
    return scope.id if scope is not None else ""
