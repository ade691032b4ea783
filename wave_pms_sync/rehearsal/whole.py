"""A rehearsal from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, frozen

from wave_pms_sync.errors import ConfigurationError, SyncError
from wave_pms_sync.mapping.field_map import FieldMap
from wave_pms_sync.mapping.lens import Lens
from wave_pms_sync.model.memory import Tenant
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import CustomerClient, LinkStore
from wave_pms_sync.reconcile.policy import Guards, Policy
from wave_pms_sync.rehearsal.cast import Cast
from wave_pms_sync.rehearsal.clearing import clear_away, forget, hand_over
from wave_pms_sync.rehearsal.finding import Search
from wave_pms_sync.rehearsal.play import Play
from wave_pms_sync.rehearsal.result import Rehearsal
from wave_pms_sync.rehearsal.rows import rehearsed
from wave_pms_sync.rehearsal.script import Script, names
from wave_pms_sync.rehearsal.stage import Engine, Stage, told
from wave_pms_sync.stores.memory import MemoryLinkStore
from wave_pms_sync.tenure import Tenure, time_given

_MANY_FLIPS = 1000


@frozen(kw_only=True)
class House:
    """What a rehearsal is given.

    Attributes:
        clients: Both sides, whole.
        rows: The rows of the mapping, in order; those that are off, or newer than the lens, are left out.
        lens: The mapping.
        policy: The preferences.
        links: The user's own memory.
        tenure: The right to write there, for as long as the rehearsal takes.
        tenant: What binds a memory that was never written.
        engine: Makes a Synchronizer of two sides, a memory and a policy.
    """

    clients: Mapping[Side, CustomerClient]
    rows: Sequence[FieldMap]
    lens: Lens
    policy: Policy
    links: LinkStore
    tenure: Tenure
    tenant: Tenant
    engine: Callable[[CustomerClient, CustomerClient, LinkStore, Policy], Engine]


def rehearse(
    house: House,
    name: str,
    *,
    keep: bool,
    values: Mapping[str, Sequence[object]] | None,
    deadline_s: float | None,
) -> Rehearsal:
    """Lead a pair of test customers through every row of the mapping, and put it away.

    Args:
        house: What there is.
        name: What the test customer is called.
        keep: Leave the pair where it is, and link it.
        values: The user's own values, by Wave property.
        deadline_s: How long to look and to try, in seconds; to put the pair away in the end is not bound by it.

    Raises:
        ConfigurationError: Name or values cannot be used, or there are several test customers already.
        SyncError: A side could not be listed; nothing was written.
    """
    if values is not None and not isinstance(values, Mapping):
        raise ConfigurationError("rehearse", ["values: must be a dict by Wave property"])
    script = Script(lens=house.lens, names=names(name), given=dict(values or {}))
    before = {side: client.requests for side, client in house.clients.items()}
    search = Search(lens=house.lens, clients=house.clients, links=house.links, names=script.names)
    with time_given(house.tenure.clock, deadline_s):
        found = search.pair()
        casts = _casts(house, search, found)
        notes = _put_away(house, casts, found)
        stage = _stage(house, casts)
        play = Play(script=script, stage=stage, policy=house.policy)
        stopped = play.perform()
    if stopped:
        notes += _searched(search, casts)
    notes += [*_notes(house), *search.hints]
    if keep:
        hand_over(house.links, house.tenure, house.tenant, casts)
    else:
        notes += _put_away(house, casts, {side: tuple(casts[side].ids) for side in Side})
    return Rehearsal(
        rows=tuple(rehearsed(row, play.trials.get(row.id, {}), stage) for row in _in_use(house)),
        notes=tuple(dict.fromkeys(notes)),
        stopped=stopped,
        requests={side.value: client.requests - before[side] for side, client in house.clients.items()},
        remains=tuple((side.value, customer_id) for side in Side for customer_id in casts[side].ids),
    )


def _casts(house: House, search: Search, found: Mapping[Side, Sequence[str]]) -> dict[Side, Cast]:
    """Both sides, each with whom an earlier rehearsal left there."""
    casts: dict[Side, Cast] = {}
    for side in Side:
        casts[side] = Cast(
            side=side,
            client=house.clients[side],
            ids=list(found[side]),
            others=search.there[side].difference(found[side]),
            ours=lambda record: search.shown_by(record, casts[Side.WAVE].ids),
        )
    return casts


def _stage(house: House, casts: Mapping[Side, Cast]) -> Stage:
    memory = MemoryLinkStore(house.links.tenant)
    return Stage(
        lens=house.lens,
        casts=casts,
        engine=house.engine(casts[Side.WAVE], casts[Side.PMS], memory, alone(house.policy)),
        memory=memory,
        tenure=house.tenure,
    )


def alone(policy: Policy) -> Policy:
    """The policy for a pair that is alone: what concerns other customers and disappearances does not count."""
    return evolve(
        policy,
        create_in=("pms",),
        first_meeting="wave",
        deletions="keep",
        archives="keep",
        guards=Guards(max_retirements=None, max_retirements_pct=None, max_updates_pct=None, max_creates=None),
        max_flips=_MANY_FLIPS,
    )


def _searched(search: Search, casts: Mapping[Side, Cast]) -> list[str]:
    """After a rehearsal that broke off somebody may be there of whom no answer told."""
    try:
        found = search.found()
    except SyncError as error:
        return [f"who else was made could not be seen ({told(error)}); the next rehearsal looks again"]
    for side, cast in casts.items():
        cast.join(found[side])
    lost = [side for side, cast in casts.items() if cast.astray and not found[side]]
    return [f"a test customer was made in {side.words} whose id is not known: delete it by hand" for side in lost]


def _notes(house: House) -> list[str]:
    if house.policy.creates_in(Side.PMS):
        return []
    return ["The policy creates no customer in the PMS; the counterpart was made for the rehearsal alone."]


def _in_use(house: House) -> list[FieldMap]:
    return [row for row in house.rows if row.enabled and (not row.merged or row in house.lens.maps)]


def _put_away(house: House, casts: Mapping[Side, Cast], everybody: Mapping[Side, Sequence[str]]) -> list[str]:
    """Delete the cast, and forget everybody in the user's own memory."""
    notes, archived = clear_away(casts, house.tenure)
    staying = [(side, customer_id) for side in Side for customer_id in casts[side].ids]
    try:
        forget(house.links, house.tenure, house.tenant, everybody, [*archived, *staying])
    except SyncError as error:
        notes.append(f"the link store could not be written ({told(error)})")
    return notes
