"""A side on which only the rehearsal's own customers exist, whatever else is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import define, field

from wave_pms_sync.errors import BadAnswer, NotFound, SyncError
from wave_pms_sync.model.records import Abilities, Page, Record
from wave_pms_sync.model.side import Side
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.scan import read_by_id


@define(kw_only=True)
class Cast:
    """Fulfils `CustomerClient` over another one. A customer that is not of the cast is neither shown nor written.

    Attributes:
        side: Which side.
        client: The client of the whole side.
        ids: The customers of the cast; a customer that is created here joins it.
        others: Who was there before; never of the cast, whatever the answer to a create tells.
        ours: Whether a record shows that it is a test customer.
        sure: Those of the cast who showed it.
        astray: A create was answered with another customer, so that one of the cast is where nobody knows.
    """

    side: Side
    client: CustomerClient
    ids: list[str] = field(factory=list)
    others: Collection[str] = ()
    ours: Callable[[Record], bool] = field(default=lambda _: True)
    sure: set[str] = field(init=False)
    astray: bool = field(default=False, init=False)

    @sure.default
    def _who_is_given(self) -> set[str]:
        return set(self.ids)

    def join(self, ids: Sequence[str]) -> None:
        """Take test customers into the cast who showed that they are such."""
        self.ids += [customer_id for customer_id in ids if customer_id not in self.ids]
        self.sure.update(ids)

    @property
    def identity(self) -> str:
        """That of the whole side."""
        return self.client.identity

    @property
    def abilities(self) -> Abilities:
        """Those of the whole side."""
        return self.client.abilities

    @property
    def requests(self) -> int:
        """Those of the whole side."""
        return self.client.requests

    def pages(self, modified_after: datetime | None = None) -> Iterator[Page]:
        """The cast as one complete page, read by id."""
        found = read_by_id(self.client, self.ids) if self.ids else {}
        records = tuple(record for record in found.values() if record is not None)
        yield Page(records=records, total=len(records), last=True)

    def customers_by_id(self, ids: Sequence[str]) -> Mapping[str, Record | None]:
        """Read those of the cast; there is no other."""
        mine = [customer_id for customer_id in ids if customer_id in self.ids]
        found = read_by_id(self.client, mine) if mine else {}
        return {customer_id: found.get(customer_id) for customer_id in ids}

    def create_customer(self, values: Mapping[str, object], *, repeat_key: str | None = None) -> Record:
        """Make a customer, who joins the cast once it shows that it is the one that was made.

        Raises:
            BadAnswer: The answer shows another customer, who is left alone, or one that cannot be read.
        """
        record = self.client.create_customer(values, repeat_key=repeat_key)
        if record.id in self.others:
            raise self._mistaken(record.id)
        self.ids.append(record.id)
        try:
            another = self._is_another(record.id)
        except SyncError as error:
            raise self._bad(record.id, f"the customer made just now ({record.id}) cannot be read: {error}") from error
        if another:
            raise self._mistaken(record.id)
        return record

    def update_customer(self, customer_id: str, values: Mapping[str, object], *, seen: Record | None = None) -> Record:
        """Change a customer of the cast."""
        return self.client.update_customer(self._mine(customer_id), values, seen=seen)

    def archive_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Archive a customer of the cast."""
        self.client.archive_customer(self._mine(customer_id), seen=seen)

    def delete_customer(self, customer_id: str, *, seen: Record | None = None) -> None:
        """Delete a customer of the cast, who leaves it."""
        self.client.delete_customer(self._mine(customer_id), seen=seen)
        self.ids.remove(customer_id)

    def _mine(self, customer_id: str) -> str:
        if customer_id not in self.ids or self._is_another(customer_id):
            raise NotFound("not a customer of this rehearsal", side=self.side.value, record_id=customer_id)
        return customer_id

    def _is_another(self, customer_id: str) -> bool:
        """Whether who joined turns out to be somebody else, and leaves; one who is not shown yet is looked at again."""
        found = None if customer_id in self.sure else read_by_id(self.client, [customer_id])[customer_id]
        if found is None:
            return False
        if self.ours(found):
            self.sure.add(customer_id)
            return False
        self.ids.remove(customer_id)
        return True

    def _mistaken(self, customer_id: str) -> BadAnswer:
        self.astray = True
        text = f"the answer to its create shows another customer ({customer_id}): wrong `create.id` or `create.record`?"
        return self._bad(customer_id, text)

    def _bad(self, customer_id: str, text: str) -> BadAnswer:
        return BadAnswer(text, side=self.side.value, operation="create_customer", record_id=customer_id)
