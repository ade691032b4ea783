"""Writing customers by a profile: read first where a write would lose something, and after where it shows nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import islice
from uuid import NAMESPACE_OID, uuid4, uuid5

from attrs import frozen

from wave_pms_sync.errors import Conflict, NotFound, Refused, SyncError, UnknownOutcome
from wave_pms_sync.http.messages import Request
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.pms.abilities import archive_values, create_uses
from wave_pms_sync.pms.answers import Answers, Written
from wave_pms_sync.pms.listing import walk
from wave_pms_sync.pms.lookup import at
from wave_pms_sync.pms.operations import Customers, moved_on
from wave_pms_sync.pms.paging import Spot
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.pms.reading import Reader
from wave_pms_sync.pms.sending import Sender

_PAGES_LOOKED_AT = 20


@frozen
class Writer:
    """Writes the customers of one PMS; what each method promises is said at `CustomPmsClient`.

    Attributes:
        sender: Carries requests.
        customers: Builds them.
        answers: Reads what comes.
        reader: Looks before and after.
    """

    sender: Sender
    customers: Customers
    answers: Answers
    reader: Reader

    def create(self, values: Mapping[str, object], repeat_key: str | None) -> Record:
        """Make a record and return it as the API shows it."""
        request = self.customers.create(values, repeat_key=repeat_key, record_id=self._own_id(repeat_key))
        return self._shown(request, self.sender.send(request, partial(self.answers.written_in, values=values)), values)

    def update(self, customer_id: str, values: Mapping[str, object], seen: Record | None) -> Record:
        """Change a record and return it as the API shows it."""
        basis = self._basis(customer_id, seen, values)
        sent = values if basis is None else self.customers.laid_in(basis, values)
        request = self.customers.update(customer_id, sent, version=_version(basis or seen), laid=basis is not None)
        return self._shown(request, self.sender.send(request, partial(self.answers.written_in, values=values)), values)

    def archive(self, customer_id: str, seen: Record | None) -> None:
        """Archive a record."""
        values = archive_values(self._profile)
        basis = self._basis(customer_id, seen, values, replaces=bool(values))
        sent = None if basis is None else self.customers.laid_in(basis, values)
        request = self.customers.archive(customer_id, version=_version(basis or seen), values=sent)
        self.sender.send(request, self.answers.judge.body_of)

    def delete(self, customer_id: str, seen: Record | None) -> None:
        """Delete a record; one that is already gone is success."""
        try:
            basis = self._basis(customer_id, seen, {}, replaces=False)
            request = self.customers.delete(customer_id, version=_version(basis or seen))
            self.sender.send(request, self.answers.judge.body_of)
        except NotFound:
            return
        except (Refused, Conflict):
            # Some APIs have one word for an id that is not there and for what they do not take, or not any more.
            if not self._is_gone(customer_id):
                raise

    @property
    def _profile(self) -> PmsProfile:
        return self.customers.profile

    def _is_gone(self, customer_id: str) -> bool:
        """Whether the API says that it does not have a record, or that it is deleted."""
        try:
            found = self.reader.one(customer_id, ours=True)
        except SyncError:
            return False
        return found is None or found.deleted

    def _own_id(self, repeat_key: str | None) -> str | None:
        """An id of our choice, where the API leaves it to the client; the same for the same key."""
        if "id" not in create_uses(self._profile):
            return None
        return str(uuid4() if repeat_key is None else uuid5(NAMESPACE_OID, repeat_key))

    def _basis(
        self, customer_id: str, seen: Record | None, values: Mapping[str, object], *, replaces: bool = True
    ) -> Record | None:
        """The record as it is now, where a write needs that: to lose nothing, or for a version that is demanded.

        Raises:
            NotFound: There is no such record.
            Conflict: It is not as seen any more.
        """
        unknown = self._profile.record.version_demanded and _version(seen) is None
        if not unknown and not (replaces and self.customers.replaces_unsent(values)):
            return None
        fresh = self.reader.one(customer_id)
        if fresh is None:
            raise NotFound(f"{customer_id!r} is not in the PMS", side=Side.PMS.value, record_id=customer_id)
        if seen is not None and moved_on(seen, fresh, values):
            text = f"{customer_id!r} moved on since it was read: look again"
            raise Conflict(text, side=Side.PMS.value, record_id=customer_id)
        return fresh

    def _shown(self, request: Request, written: Written, values: Mapping[str, object]) -> Record:
        """The record that a write's answer showed; otherwise it is read, since the write is done."""
        if written.record is not None:
            return written.record
        try:
            known = written.record_id
            found = self._look_up(values) if known is None else self.reader.one(known, ours=True)
        except SyncError as error:
            text = f"the answer did not show the record, and reading it failed: {error}"
            raise _unseen(text, request, written) from error
        if found is None and request.record_id is not None and request.operation != "create_customer":
            instead = "" if written.other_id is None else f"; the answer shows {written.other_id!r}: did the id change?"
            raise _told(NotFound, f"the PMS accepted it, but has no such record{instead}", request, written)
        if found is None:
            raise _unseen("the PMS accepted it, but does not show the record yet", request, written)
        return found

    def _look_up(self, values: Mapping[str, object]) -> Record | None:
        """The only record that has the key property of what was created; None if there is none, or several."""
        place = self._profile.create.find_by
        wanted = at(values, place)
        if wanted is None:
            return None

        def ask(spot: Spot) -> tuple[Page, Spot | None]:
            return self.sender.send(self.customers.found_by(wanted, spot), partial(self.answers.page_in, spot=spot))

        pages = list(islice(walk(ask, repeat_ends=self._profile.paging.end == "repeat"), _PAGES_LOOKED_AT))
        alike = {each.id for page in pages for each in page.records if at(each.payload, place) == wanted}
        # Only the whole list of those found can tell that there is no other.
        return self.reader.one(alike.pop()) if len(alike) == 1 and pages[-1].last else None


def _version(seen: Record | None) -> str | None:
    return None if seen is None else seen.version


def _unseen(text: str, request: Request, written: Written) -> SyncError:
    error = _told(UnknownOutcome, text, request, written)
    if isinstance(error, UnknownOutcome):
        error.accepted = written.record_id is not None
    return error


def _told(kind: type[SyncError], text: str, request: Request, written: Written) -> SyncError:
    about = request.operation if written.record_id is None else f"{request.operation} {written.record_id!r}"
    return kind(f"{about}: {text}", side=request.side, operation=request.operation, record_id=written.record_id)
