"""A side on which only the rehearsal's own customers exist, whatever else is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from attrs import define, field

from wave_pms_sync.errors import NotFound
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
    """

    side: Side
    client: CustomerClient
    ids: list[str] = field(factory=list)

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
        """Make a customer, who joins the cast."""
        record = self.client.create_customer(values, repeat_key=repeat_key)
        self.ids.append(record.id)
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
        if customer_id not in self.ids:
            raise NotFound("not a customer of this rehearsal", side=self.side.value, record_id=customer_id)
        return customer_id
