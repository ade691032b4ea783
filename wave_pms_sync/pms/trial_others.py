"""The doctor's regard for others: who was there before its test customer, what it made itself, and what it leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice

from attrs import frozen

from wave_pms_sync.model.records import Record
from wave_pms_sync.pms.trial_stamps import PAGES_LOOKED_AT
from wave_pms_sync.ports import CustomerClient


@frozen
class Others:
    """Who was listed before the test customer was made.

    Attributes:
        client: Lists.
        living: Those on the first pages, by id.
        whole: These pages were the whole listing.
    """

    client: CustomerClient
    living: Mapping[str, Record]
    whole: bool

    def lack(
        self, record_id: str, found: Record | None, values: Mapping[str, object], besides: Collection[str] = ()
    ) -> bool:
        """Whether a record is none of them for certain, so that the doctor made it and may change and delete it.

        It shows something of what was written that nobody showed before, or it is the only one that was added since.

        Args:
            record_id: What the answer to the create told.
            found: The record as it is read by that id, if it can be.
            values: What was written.
            besides: What the doctor made before.
        """
        if record_id in self.living:
            return False
        if found is not None and self._tells(found, values):
            return True
        now = look_round(self.client)
        row = now.living.get(record_id)
        if row is not None and self._tells(row, values):
            return True
        return self.whole and now.whole and now.living.keys() - self.living.keys() - set(besides) == {record_id}

    def left(self, values: Mapping[str, object], besides: Collection[str] = ()) -> list[str]:
        """Who is listed by now and shows what was written, by id; also those whom an earlier trial left."""
        now = look_round(self.client).living.values()
        alike = [each for each in now if not unlike(each, values) or self._newly_tells(each, values)]
        return [each.id for each in alike if each.id not in besides]

    def _newly_tells(self, record: Record, values: Mapping[str, object]) -> bool:
        return record.id not in self.living and self._tells(record, values)

    def _tells(self, record: Record, values: Mapping[str, object]) -> bool:
        """Whether a record shows all that was written, or anything that none of the others showed."""
        shown = {name: value for name, value in values.items() if value and _bears(record, name, value)}
        others = self.living.values()
        alone = any(not any(_bears(each, name, value) for each in others) for name, value in shown.items())
        return alone or (bool(shown) and shown.keys() == values.keys())


def look_round(client: CustomerClient) -> Others:
    """Who is listed now.

    Raises:
        SyncError: The listing could not be read.
    """
    pages = list(islice(client.pages(), PAGES_LOOKED_AT))
    living = {record.id: record for page in pages for record in page.records if not record.deleted}
    return Others(client, living, bool(pages) and pages[-1].last)


def unlike(record: Record, values: Mapping[str, object]) -> list[str]:
    """The names of the properties that a record does not show as these values."""
    return [name for name, value in values.items() if not shows(record.payload.get(name), value)]


def shows(held: object, value: object) -> bool:
    """Whether a value is shown; an object may hold more than was written (`{"raw": ..., "rendered": ...}`)."""
    if isinstance(held, Mapping) and isinstance(value, Mapping):
        return all(shows(held.get(name), each) for name, each in value.items())
    return held == value


def varied(value: object, word: str) -> object:
    """A value as an update changes it."""
    if isinstance(value, Mapping):
        return {name: varied(each, word) for name, each in value.items()}
    return f"{value} ({word})"


def _bears(record: Record, name: str, value: object) -> bool:
    """Whether a record shows a value, as it was written or as an update changed it."""
    held = record.payload.get(name)
    return shows(held, value) or (isinstance(held, str) and held.startswith(f"{value} ("))
