"""Put the pair away, and see to it that nothing of it stays in the user's memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from wave_pms_sync.decisions.by_hand import link
from wave_pms_sync.decisions.pen import Pen
from wave_pms_sync.errors import LeaseLost, SyncError
from wave_pms_sync.model.links import Agreement, Link
from wave_pms_sync.model.memory import APART, Change, Known, Put, Quarantined, Remove, Tenant, Unfinished
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import LinkStore
from wave_pms_sync.rehearsal.cast import Cast
from wave_pms_sync.rehearsal.stage import told
from wave_pms_sync.scan import read_by_id
from wave_pms_sync.tenure import Tenure


def clear_away(casts: Mapping[Side, Cast], tenure: Tenure) -> tuple[list[str], list[tuple[Side, str]]]:
    """Delete the cast, Wave's part first; what a side keeps is archived where it can be.

    Returns:
        What is to be said of it, and who is archived by now. Who stays is still of the cast.
    """
    notes: list[str] = []
    archived: list[tuple[Side, str]] = []
    for side, cast in casts.items():
        for customer_id in tuple(cast.ids):
            with suppress(LeaseLost):  # the pair is nobody else's, so it is deleted all the same
                tenure.renew(cast.abilities.request_timeout_s)
            try:
                seen = read_by_id(cast, [customer_id])[customer_id]
                cast.delete_customer(customer_id, seen=seen)
            except SyncError as error:
                if _archived(cast, customer_id):
                    archived.append((side, customer_id))
                    notes.append(f"{side.words} does not delete {customer_id} ({told(error)}); it is archived instead")
                else:
                    notes.append(f"{side.words} does not delete {customer_id} ({told(error)}); it is still there")
    return notes, archived


def _archived(cast: Cast, customer_id: str) -> bool:
    if not cast.abilities.archive:
        return False
    try:
        cast.archive_customer(customer_id)
    except SyncError:
        return False
    cast.ids.remove(customer_id)
    return True


def forget(
    links: LinkStore,
    tenure: Tenure,
    tenant: Tenant,
    ids: Mapping[Side, Sequence[str]],
    staying: Sequence[tuple[Side, str]],
) -> None:
    """Forget the pair in the user's own memory.

    Args:
        links: The memory.
        tenure: The right to write there.
        tenant: What binds a memory that was never written.
        ids: Everybody who took part.
        staying: Those who are still there; they are left apart, neither matched nor given a counterpart.
    """
    changes = list(_forgotten(links, ids))
    changes += [Put(Known(side=side, id=customer_id, reason=APART)) for side, customer_id in staying]
    Pen(links, tenure.lease, tenant).commit(changes)


def _forgotten(links: LinkStore, ids: Mapping[Side, Sequence[str]]) -> Iterator[Change]:
    for side in Side:
        by = f"{side}_id"
        for found in links.find(Link, by, ids[side]):
            yield Remove(found)
            yield Remove(Agreement(wave_id=found.wave_id))
        yield from map(Remove, links.find(Known, by, ids[side]))
        yield from map(Remove, links.find(Unfinished, by, ids[side]))
        yield from map(Remove, links.find(Quarantined, by, ids[side]))


def hand_over(links: LinkStore, tenure: Tenure, tenant: Tenant, casts: Mapping[Side, Cast]) -> None:
    """Link the pair that is kept in the user's own memory, so that its runs go on with it."""
    if all(cast.ids for cast in casts.values()):
        link(Pen(links, tenure.lease, tenant), [(casts[Side.WAVE].ids[0], casts[Side.PMS].ids[0])])
