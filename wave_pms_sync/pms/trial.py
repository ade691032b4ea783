"""The doctor's trial of writes: one test customer is made, changed, cleared and deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from itertools import islice

from wave_pms_sync.errors import Conflict, Refused, SyncError, UnknownOutcome
from wave_pms_sync.findings import Finding, Verdict, assumed, failed, tried, works, wrong
from wave_pms_sync.model.records import Record
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.templates import placeholders
from wave_pms_sync.pms.trial_others import Others, look_round, unlike, varied
from wave_pms_sync.pms.trial_rows import hides
from wave_pms_sync.pms.trial_stamps import PAGES_LOOKED_AT, try_age, try_changed, try_gone, try_new
from wave_pms_sync.ports import CustomerClient

TEST_CUSTOMER: Mapping[str, object] = {
    "name": "Test of wave-pms-sync, please delete",
    "external_id": "wave-pms-sync-test",
    "email": "wave-pms-sync-test@example.org",
}
"""What the test customer holds if nothing else is said, in the names of the default mapping, the mark included."""

_MARK = "external_id"

UNTRIED = assumed("writes", "not tried: create, update, clear, delete; what is wrong with reading comes first")
"""What there is to say where reading contradicts the profile already."""

_UNREADABLE = "create.id or one_path"
_MISTOLD = "create.id, create.location or create.record"


def try_writes(
    profile: PmsProfile, client: CustomerClient, values: Mapping[str, object], repeat_key: str
) -> list[Finding]:
    """Make a test customer, change it, and delete it again, whatever happens between.

    Args:
        profile: What the API is said to do.
        client: Carries the writes out.
        values: What the test customer holds, in the API's names: texts, of which the last can be cleared.
        repeat_key: Under which it is made.
    """
    made: list[Record] = []
    found: list[Finding] = []
    if values is TEST_CUSTOMER and not profile.record.marker:
        values = {name: value for name, value in values.items() if name != _MARK}
    if profile.record.marker and values is not TEST_CUSTOMER:
        text = "is it among `values`? Whether it is kept is tried only then, or by `Synchronizer.rehearse`"
        found.append(assumed("the Wave id", text, "record.marker"))
    try:
        others = look_round(client)
    except SyncError as error:
        return [*found, failed("create", error, "path or list")]
    try:
        found += tried("create", lambda: _create(others, client, values, repeat_key, made), "create")
        if made and not any(finding.key == _UNREADABLE for finding in found):
            found += _led_through(profile, client, made[0], values)
    finally:
        for record_id in dict.fromkeys(record.id for record in made):
            found += _removed(others, client, record_id, values, [record.id for record in made])
    if made and profile.deletions.path and found[-1].verdict is Verdict.WORKS:
        found += tried("list of deletions", lambda: try_gone(client, made[-1]), "deletions")
    return found


def _led_through(
    profile: PmsProfile, client: CustomerClient, made: Record, values: Mapping[str, object]
) -> list[Finding]:
    """The test customer is listed, changed and cleared, as long as it is there under its id."""
    shown = tried("new customer", lambda: _first_look(client, made.id))
    listed = tried("since-filter", lambda: try_new(client, made))
    found = [*shown, *listed, *tried("update", lambda: _update(profile, client, made.id, values), "update")]
    if _is_gone(client, made.id):
        return found
    at_once = any(finding.verdict is Verdict.WORKS for finding in listed)
    found += tried("since-filter", lambda: try_changed(client, _read(client, made.id), at_once=at_once))
    found += tried("clear", lambda: _clear(client, made.id, values), "update.clear")
    found += tried("version", lambda: _stale(profile, client, made.id, values), "update.headers")
    if not shown:
        found += tried("new customer", lambda: _second_look(client, made.id))
    return [*found, *tried("times", lambda: try_age(client, profile.record, made))]


def _create(
    others: Others, client: CustomerClient, values: Mapping[str, object], repeat_key: str, made: list[Record]
) -> Iterator[Finding]:
    try:
        answer = client.create_customer(values, repeat_key=repeat_key)
    except UnknownOutcome as error:
        yield failed("create", error, "create")
        yield _left_behind(others, values)
        return
    record_id, found = answer.id, None
    try:
        found = _read(client, record_id)
    except SyncError as error:
        yield failed("create", error, _UNREADABLE)
    if not others.lack(record_id, found, values):
        yield _astray(others, record_id, found)
        yield _left_behind(others, values)
        return
    made.append(answer)
    if found is None:
        text = f"{record_id!r} was made, but cannot be read by that id: delete the test customer by hand"
        yield wrong("create", text, _UNREADABLE)
    elif missed := unlike(found, values):
        text = f"{record_id!r} does not show what was written to {', '.join(missed)}"
        yield wrong("create", text, "create.body or record.marker")
    else:
        yield works("create", f"{record_id!r} was made and read again")
    if found is not None and found.archived:
        flag = "deleted" if found.deleted else "archived"
        yield wrong("create", f"{record_id!r} reads as {flag}", f"record.{flag} or record.{flag}_values")
    if client.abilities.repeat_key:
        yield from _repeat(others, client, values, repeat_key, made)


def _astray(others: Others, record_id: str, found: Record | None) -> Finding:
    """The answer to the create told an id under which the test customer is not, as far as anybody can tell."""
    if record_id in others.living:
        text = f"the answer leads to {record_id!r}, who was there before and is left alone"
        return wrong("create", text, _MISTOLD)
    if found is None:
        text = f"the answer leads to {record_id!r}, which cannot be read and is left alone"
        return wrong("create", text, _UNREADABLE)
    text = f"the answer leads to {record_id!r}, which shows nothing of what was written and is left alone"
    return wrong("create", text, _MISTOLD)


def _left_behind(others: Others, values: Mapping[str, object], besides: Collection[str] = ()) -> Finding:
    """Where the test customer may be whose id no answer told."""
    left = others.left(values, besides)
    if left:
        return wrong("create", f"{', '.join(map(repr, left))} holds what was sent: delete the test customer by hand")
    return wrong("create", "the test customer may be there, though it is not listed: delete it by hand")


def _repeat(
    others: Others, client: CustomerClient, values: Mapping[str, object], repeat_key: str, made: list[Record]
) -> Iterator[Finding]:
    try:
        again = client.create_customer(values, repeat_key=repeat_key)
    except (Conflict, Refused):
        yield wrong("repeat key", "a repetition is declined instead of being answered again", "create.headers")
        return
    first, found = made[0].id, None
    if again.id == first:
        yield works("repeat key", "the same create under the same key made one record")
        return
    yield wrong("repeat key", "the same create under the same key made a second record", "create.headers")
    with suppress(SyncError):
        found = _read(client, again.id)
    if others.lack(again.id, found, values, besides=[first]):
        made.append(again)
    else:
        yield _left_behind(others, values, besides=[first])


def _first_look(client: CustomerClient, record_id: str) -> Iterator[Finding]:
    if _listed(client, record_id):
        yield works("new customer", "the listing shows it")


def _second_look(client: CustomerClient, record_id: str) -> Iterator[Finding]:
    listed = _listed(client, record_id)
    if listed:
        yield assumed("new customer", "the listing shows it, but late")
    elif listed is None:
        yield assumed("new customer", f"the listing is too long to look for it behind {PAGES_LOOKED_AT} pages")
    else:
        yield wrong("new customer", f"{record_id!r} is read by its id, but never listed", "paging, list.query")


def _listed(client: CustomerClient, record_id: str) -> bool | None:
    """Whether the listing shows a record as living; None if it is too long to tell."""
    for number, page in enumerate(islice(client.pages(), PAGES_LOOKED_AT), start=1):
        if any(record.id == record_id and not record.deleted for record in page.records):
            return True
        if number == PAGES_LOOKED_AT and not page.last:
            return None
    return False


def _update(
    profile: PmsProfile, client: CustomerClient, record_id: str, values: Mapping[str, object]
) -> Iterator[Finding]:
    first, *others = values
    before, changed = _read(client, record_id), {first: varied(values[first], "changed")}
    client.update_customer(record_id, changed, seen=before)
    after = _read(client, record_id)
    if before is None or after is None:
        yield wrong("update", f"{record_id!r} cannot be read after an update", "one_path")
    elif unlike(after, changed):
        yield wrong("update", f"it was accepted, but `{first}` is as before", "update.body or update.method")
    elif lost := unlike(after, {name: before.payload.get(name) for name in others}):
        yield wrong("update", f"properties left out were lost: {', '.join(lost)}", "update.replaces")
    else:
        yield works("update", "it changed what was sent and nothing else")
        if profile.record.updated and hides(after, profile.record, profile.record.updated):
            yield wrong("update", f"no `{profile.record.updated}` tells when it was", "record.updated")
        elif before.modified_at is not None and after.modified_at == before.modified_at:
            yield assumed("update", "it did not move the stamp, unless that is too coarse to tell", "record.updated")


def _clear(client: CustomerClient, record_id: str, values: Mapping[str, object]) -> Iterator[Finding]:
    last = list(values)[-1]
    if len(values) < 2:
        yield assumed("clear", "the test customer has nothing that could be cleared")
        return
    client.update_customer(record_id, {last: None}, seen=_read(client, record_id))
    after = _read(client, record_id)
    if after is not None and _is_empty(after.payload.get(last)):
        yield works("clear", f"`{last}` was cleared")
    else:
        yield wrong("clear", f"`{last}` could not be cleared", "update.clear")


def _stale(
    profile: PmsProfile, client: CustomerClient, record_id: str, values: Mapping[str, object]
) -> Iterator[Finding]:
    update = profile.update
    seen = _read(client, record_id)
    guarded = "version" in placeholders((update.headers, update.query, update.fixed, update.body))
    if seen is None or seen.version is None or not guarded:
        yield assumed("version", "updates are not guarded by one")
        return
    first = next(iter(values))
    client.update_customer(record_id, {first: varied(values[first], "again")}, seen=seen)
    try:
        client.update_customer(record_id, {first: varied(values[first], "stale")}, seen=seen)
    except Conflict:
        yield works("version", "an update of an older version is declined")
    else:
        yield wrong("version", "an update of an older version is carried out: versions are ignored", "update.headers")


def _removed(
    others: Others, client: CustomerClient, record_id: str, values: Mapping[str, object], made: Collection[str]
) -> list[Finding]:
    if _is_gone(client, record_id) and (found := tried("update", lambda: _renamed(others, record_id, values, made))):
        return found
    found = tried("delete", lambda: _delete(client, record_id), "delete")
    if any(finding.verdict.value == "wrong" for finding in found):
        found.append(wrong("delete", f"the test customer {record_id!r} may still be there: delete it by hand"))
    return found


def _renamed(others: Others, record_id: str, values: Mapping[str, object], made: Collection[str]) -> Iterator[Finding]:
    """Under which id the test customer is whose own leads nowhere, unless the listing shows it as ever."""
    left = others.left(values)
    moved = [each for each in left if each not in made]
    if moved:
        text = f"{record_id!r} is {', '.join(map(repr, moved))} by now, so its id changed: delete it by hand"
        yield wrong("update", text, "record.id")
    elif record_id not in left:
        text = f"{record_id!r} is not there any more; under another id it may be, though it is not listed"
        yield wrong("update", f"{text}: delete it by hand", "record.id")


def _is_gone(client: CustomerClient, record_id: str) -> bool:
    """Whether the API says that there is no record of this id."""
    try:
        return _read(client, record_id) is None
    except SyncError:
        return False


def _delete(client: CustomerClient, record_id: str) -> Iterator[Finding]:
    client.delete_customer(record_id, seen=_read(client, record_id))
    after = _read(client, record_id)
    if after is not None and not after.archived:
        yield wrong("delete", "it was accepted, but the record reads as a living one", "delete or record.deleted")
        return
    client.delete_customer(record_id)
    yield works("delete", "it is gone, and deleting it again is no error")


def _read(client: CustomerClient, record_id: str) -> Record | None:
    return client.customers_by_id([record_id])[record_id]


def _is_empty(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_empty(each) for each in value.values())
    return value is None or value == ""
