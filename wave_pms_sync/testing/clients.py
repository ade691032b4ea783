"""The contract of a client: everything the engine relies on, as tests that anyone can run against their own.

```python
from wave_pms_sync.testing.clients import CustomerClientContract

class TestMyClient(CustomerClientContract):
    def make_client(self):
        return MyClient(...)     # of an account that holds no customers
```
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from wave_pms_sync.errors import Conflict, NotFound
from wave_pms_sync.model.records import Page, Record
from wave_pms_sync.ports import CustomerClient
from wave_pms_sync.testing.claims import holds, raises, same
from wave_pms_sync.testing.nesting import merged, value_at

__all__ = ["CustomerClientContract"]

_HARD_TEXTS = (
    "He said \"no\" \\ 'maybe'; -- <b>&amp;</b> {{x}} %s",
    "Zoë Ångström-Þór, naïve café (é as e\u0301)",
    "שלום עולם \u202b مرحبا \u202c",
    "👩‍👩‍👧‍👦 🏳️‍🌈 𠜎",
    "one\u2028two\u2029three",
    "00123",
    "null",
)


class CustomerClientContract:
    """Named tests of the obligations in `wave_pms_sync.ports.CustomerClient`.

    Subclass it in a test module, name the subclass `Test...` and say how a client is made; pytest does the rest.
    Each test gets a client of its own, of an account without customers. A page size of 2 or 3 lets the listing
    span several pages.

    Attributes:
        name: The property that every customer must have; text.
        other: Another text property, which can be cleared.
        inside: Two text properties of one object, by their dotted paths; empty if records hold no objects.
        long: A property for long text; empty if there is none.
        long_characters: How much text it must hold.
        guards_writes: Whether an update based on an older version must raise `Conflict`.
        secrets: What may not show in an identity or a repr.
    """

    name: str = "name"
    other: str = "email"
    inside: tuple[str, str] | tuple[()] = ("address.city", "address.line1")
    long: str = ""
    long_characters: int = 10_000
    guards_writes: bool = False
    secrets: tuple[str, ...] = ()

    client: CustomerClient

    # --- what a subclass says ----------------------------------------------------------------------

    def make_client(self) -> CustomerClient:
        """A client of an account that holds no customers."""
        raise NotImplementedError("say in make_client how a client of an empty account is made")

    def clean_up(self) -> None:
        """Called after each test: close the client, stop a server, empty the account."""

    def missing_id(self, known_id: str) -> str:
        """An id that the account does not have, in the form of one that it has."""
        return f"{known_id}0"

    def setup_method(self) -> None:
        """Make the client of one test."""
        self.client = self.make_client()

    def teardown_method(self) -> None:
        """Clean up after one test."""
        self.clean_up()

    # --- listing -----------------------------------------------------------------------------------

    def test_an_empty_account_states_its_end(self) -> None:
        """An account without customers lists no record, and the side states that this is the end."""
        pages = list(self.client.pages())

        holds(pages[-1:] and pages[-1].last, "the last page of an empty account must be stated as the last")
        same(_ids(pages), [], "an empty account has no records")

    def test_the_listing_is_whole_and_in_order_of_creation(self) -> None:
        """Every record is listed once, over all pages, in order of creation where the client says so.

        Those of one moment may come in any order.
        """
        made = [self._create(f"Customer {number}").id for number in range(7)]

        pages = list(self.client.pages())

        listed = _ids(pages)
        stamps = [record.created_at for page in pages for record in page.records if record.created_at is not None]
        in_order = stamps == sorted(stamps) if len(stamps) == len(made) else listed == made
        same(sorted(listed), sorted(made), "each record is listed exactly once")
        holds(not self.client.abilities.creation_order or in_order, "the order is not that of creation")

    def test_only_the_last_page_is_the_last(self) -> None:
        """No page but the final one is stated as the last, and a total, if given, is the number of records."""
        for number in range(7):
            self._create(f"Customer {number}")

        pages = list(self.client.pages())

        same([page.last for page in pages], [False] * (len(pages) - 1) + [True], "only the final page is the last")
        holds({page.total for page in pages} <= {None, 7}, "a total is the number of records, or None")

    def test_pages_are_fetched_as_they_are_asked_for(self) -> None:
        """Making the iterator sends nothing; the first page needs no later one."""
        for number in range(7):
            self._create(f"Customer {number}")
        before = self.client.requests

        pages = self.client.pages()
        unasked = self.client.requests - before
        next(pages)

        same((unasked, self.client.requests - before), (0, 1), "requests before and after the first page")

    def test_a_moment_includes_itself(self) -> None:
        """A listing since a record's own stamp shows that record."""
        made = self._create("Ada")
        if made.modified_at is None or not self.client.abilities.since:
            return

        listed = _ids(list(self.client.pages(made.modified_at)))

        same(listed, [made.id], "a record stamped at the moment asked for is shown")

    # --- reading -----------------------------------------------------------------------------------

    def test_what_was_created_can_be_read(self) -> None:
        """A created record is answered and read with an id that is text, and with the values given."""
        values = {self.name: "Ada", self.other: "ada@example.org"}

        made = self.client.create_customer(values)
        found = self._read(made.id)

        holds(type(made.id) is str and made.id, "an id is text that is not empty")
        same(found.id, made.id, "a record is read by the id it was created with")
        same([_shown(made, values), _shown(found, values)], [values, values], "the values given are kept")

    def test_several_are_read_by_id(self) -> None:
        """Reading by id answers each id asked for, as it was asked for, in whatever order and number."""
        ids = [self._create(name).id for name in ("Ada", "Grace", "Mary")]

        found = self.client.customers_by_id([ids[2], ids[0], ids[2]])

        same({asked: record and record.id for asked, record in found.items()}, {i: i for i in (ids[2], ids[0])}, "ids")
        same(dict(self.client.customers_by_id([])), {}, "nothing asked, nothing answered")

    def test_a_missing_record_is_none(self) -> None:
        """A record that the side does not have is answered as None, never as an error."""
        missing = self.missing_id(self._create("Ada").id)

        found = self.client.customers_by_id([missing])

        same(dict(found), {missing: None}, "a missing record")

    def test_stamps_are_moments(self) -> None:
        """Stamps are aware, or None; an update never takes the stamp back."""
        made = self._create("Ada")

        after = self.client.update_customer(made.id, {self.name: "Ada L."})

        stamps = [made.created_at, made.modified_at, after.created_at, after.modified_at]
        holds(all(stamp is None or stamp.utcoffset() is not None for stamp in stamps), "a stamp has no time zone")
        holds(None in stamps or made.modified_at <= after.modified_at, "the stamp went back")  # type: ignore[operator]  # None was ruled out

    def test_hard_texts_come_back_as_they_went(self) -> None:
        """Quotes, emoji, right-to-left text, separators and leading zeros survive a create and a read."""
        found = [self._read(self._create(text).id).payload[self.name] for text in _HARD_TEXTS]

        same(found, list(_HARD_TEXTS), "hard texts")

    def test_long_text_comes_back_whole(self) -> None:
        """A long text is neither cut nor refused."""
        if not self.long:
            return
        text = "0123456789" * (self.long_characters // 10)

        made = self.client.create_customer({self.name: "Ada", self.long: text})

        holds(self._read(made.id).payload[self.long] == text, "the long text came back changed")

    # --- writing -----------------------------------------------------------------------------------

    def test_an_update_leaves_the_rest(self) -> None:
        """An update changes the properties given and no other, and answers what a read then shows."""
        made = self.client.create_customer({self.name: "Ada", self.other: "ada@example.org"})

        after = self.client.update_customer(made.id, {self.name: "Ada L."})

        expected = {self.name: "Ada L.", self.other: "ada@example.org"}
        same(_shown(after, expected), expected, "the answer to an update")
        same(dict(self._read(made.id).payload), dict(after.payload), "the record read after an update")

    def test_none_clears(self) -> None:
        """A property updated to None is empty afterwards; others stay."""
        made = self.client.create_customer({self.name: "Ada", self.other: "ada@example.org"})

        self.client.update_customer(made.id, {self.other: None})

        found = self._read(made.id).payload
        same((found.get(self.other) or None, found[self.name]), (None, "Ada"), "the cleared and the other property")

    def test_an_update_inside_an_object_leaves_its_neighbours(self) -> None:
        """One property of an object can be changed or cleared; the object's others stay, seen or not."""
        if not self.inside:
            return
        changed, beside = self.inside
        made = self.client.create_customer({self.name: "Ada", **merged(_nested(changed, "Ulm"), _nested(beside, "1"))})

        self.client.update_customer(made.id, _nested(changed, "Graz"))
        seen = self._read(made.id)
        after = self.client.update_customer(made.id, _nested(changed, None), seen=seen)

        same((value_at(seen.payload, changed), value_at(seen.payload, beside)), ("Graz", "1"), "after the change")
        same((value_at(after.payload, changed) or None, value_at(after.payload, beside)), (None, "1"), "after clearing")

    def test_updating_a_missing_record_raises(self) -> None:
        """An update of a record that the side does not have raises NotFound and makes none."""
        missing = self.missing_id(self._create("Ada").id)

        raises(
            NotFound,
            lambda: self.client.update_customer(missing, {self.name: "Grace"}),
            "an update of a missing record",
        )

        same(len(_ids(list(self.client.pages()))), 1, "records after updating a missing one")

    def test_an_older_version_is_not_overwritten(self) -> None:
        """Where the side guards writes, an update that saw an older version raises Conflict and changes nothing."""
        if not self.guards_writes:
            return
        seen = self._create("Ada")
        self.client.update_customer(seen.id, {self.name: "Ada L."}, seen=seen)

        stale = {self.name: "Lost"}
        raises(
            Conflict, lambda: self.client.update_customer(seen.id, stale, seen=seen), "an update of an older version"
        )

        same(self._read(seen.id).payload[self.name], "Ada L.", "the newer value")

    def test_deleting_twice_is_success(self) -> None:
        """A deleted record is missing, or readable as archived and not listed as living; deleting again is success."""
        made, kept = self._create("Ada"), self._create("Grace")

        self.client.delete_customer(made.id)
        self.client.delete_customer(made.id)

        found = self.client.customers_by_id([made.id])[made.id]
        holds(found is None or found.archived, "a deleted record reads as a living one")
        living = [r.id for page in self.client.pages() for r in page.records if not r.archived]
        same(living, [kept.id], "records after the deletion")

    def test_archiving_twice_is_success(self) -> None:
        """Where records can be archived, an archived one says so, keeps its values, and can be archived again."""
        if not self.client.abilities.archive:
            return
        made = self._create("Ada")

        self.client.archive_customer(made.id, seen=made)
        self.client.archive_customer(made.id)

        found = self._read(made.id)
        same((found.archived, found.payload[self.name]), (True, "Ada"), "the archived record")

    def test_a_repeat_key_makes_one_record(self) -> None:
        """Where creates carry a repeat key, the same create under the same key makes one record."""
        if not self.client.abilities.repeat_key:
            return

        first = self.client.create_customer({self.name: "Ada"}, repeat_key="contract-1")
        again = self.client.create_customer({self.name: "Ada"}, repeat_key="contract-1")

        same(_ids(list(self.client.pages())), [first.id], "records after repeating a create")
        same(again.id, first.id, "the id answered to the repetition")

    # --- the client itself -------------------------------------------------------------------------

    def test_requests_are_counted(self) -> None:
        """Asking who and how sends nothing; each read counts at least one request."""
        before = self.client.requests
        asked = (self.client.identity, self.client.abilities, repr(self.client))
        unsent = self.client.requests

        list(self.client.pages())

        same((bool(asked), unsent), (True, before), "requests after asking for identity, abilities and repr")
        holds(self.client.requests > unsent, "a listing was not counted")

    def test_the_identity_keeps_secrets(self) -> None:
        """The identity is text, the same each time, and neither it nor the repr shows a secret."""
        identity, again = self.client.identity, self.client.identity

        holds(type(identity) is str and identity, "an identity is text that is not empty")
        same(again, identity, "the identity asked for twice")
        told = [secret for secret in self.secrets if secret in f"{identity} {self.client!r}"]
        holds(not told, "a secret is shown")

    def test_a_client_travels(self) -> None:
        """A pickled client is the same account elsewhere, and works there."""
        made = self._create("Ada")

        copy: CustomerClient = pickle.loads(pickle.dumps(self.client))  # noqa: S301  # our own bytes
        found = copy.customers_by_id([made.id])

        same((copy.identity, list(found)), (self.client.identity, [made.id]), "the copy's account and record")
        same(self._read(made.id).id, made.id, "the original still works")

    def test_threads_share_a_client(self) -> None:
        """Several threads may use one client at once; every call is answered with its own record."""
        names = [f"Customer {number}" for number in range(12)]

        with ThreadPoolExecutor(4) as threads:
            shown = list(threads.map(lambda name: self._read(self._create(name).id).payload[self.name], names))

        same(shown, names, "what each thread read back")
        same(len(set(_ids(list(self.client.pages())))), len(names), "records made by all threads")

    # --- shorthand ---------------------------------------------------------------------------------

    def _create(self, name: str) -> Record:
        return self.client.create_customer({self.name: name})

    def _read(self, record_id: str) -> Record:
        found = self.client.customers_by_id([record_id]).get(record_id)
        if found is None:
            raise AssertionError(f"{record_id!r} exists and must be readable by its id")
        return found


def _ids(pages: list[Page]) -> list[str]:
    return [record.id for page in pages for record in page.records]


def _shown(record: Record, values: Mapping[str, object]) -> dict[str, object]:
    return {name: record.payload.get(name) for name in values}


def _nested(path: str, value: object) -> dict[str, object]:
    for key in reversed(path.split(".")):
        value = {key: value}
    return value if isinstance(value, dict) else {}
