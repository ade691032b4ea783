"""Listing and reading customers in the Wave sandbox, as Wave is known, or suspected, to answer."""

from __future__ import annotations

import pytest

from wave_pms_sync.testing import Fault


def filled(wave, count: int) -> list[str]:
    """So many customers, a minute apart."""
    ids = []
    for n in range(count):
        ids.append(wave.box.add({"name": f"C{n}"}))
        wave.box.clock.advance(60)
    return ids


def test_pages_are_numbered(wave):
    """Pages count from 1, and every page states number, count of pages and total."""
    filled(wave, 5)

    pages = [wave.page(n, 2) for n in (1, 2, 3, 4)]

    assert [page["pageInfo"] for page in pages] == [
        {"currentPage": n, "totalPages": 3, "totalCount": 5} for n in (1, 2, 3, 4)
    ]
    assert [len(page["edges"]) for page in pages] == [2, 2, 1, 0]
    assert [wave.names(n, 2) for n in (1, 2, 3)] == [["C0", "C1"], ["C2", "C3"], ["C4"]]


def test_page_size_is_capped(open_side):
    """A pageSize above the maximum is cut silently, and totalPages counts real pages."""
    wave = open_side("wave", max_page_size=3)
    filled(wave, 5)

    page = wave.page(1, 1000)

    assert (len(page["edges"]), page["pageInfo"]["totalPages"]) == (3, 2)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("CREATED_AT_ASC", ["Bo", "Cy", "Ada"]),
        ("CREATED_AT_DESC", ["Ada", "Cy", "Bo"]),
        ("MODIFIED_AT_ASC", ["Cy", "Ada", "Bo"]),
        ("MODIFIED_AT_DESC", ["Bo", "Ada", "Cy"]),
        ("NAME_ASC", ["Ada", "Bo", "Cy"]),
        ("NAME_DESC", ["Cy", "Bo", "Ada"]),
    ],
)
def test_sorts(wave, sort, names):
    """Listings can be sorted in six ways."""
    ids = []
    for name in ("Bo", "Cy", "Ada"):
        ids.append(wave.box.add({"name": name}))
        wave.box.clock.advance(1)
    wave.box.edit(ids[0], {"phone": "1"})

    assert wave.names(sort=[sort]) == names


def test_sorts_in_turn(wave):
    """Of several sorts the first decides and the next settles its ties."""
    for name in ("Cy", "Ada", "Bo"):
        wave.box.add({"name": name})

    assert wave.names(sort=["CREATED_AT_DESC", "NAME_ASC"]) == ["Ada", "Bo", "Cy"]


def test_listings_follow_every_change(wave):
    """However many different listings are asked for, each shows what is there at that moment."""
    ada = wave.box.add({"name": "Ada"})
    emails = [f"{n}@x.org" for n in range(6)]

    for email in emails:
        wave.box.edit(ada, {"email": email})
        assert [wave.names(email=other) for other in emails] == [["Ada"] if o == email else [] for o in emails]


def test_ties_have_no_meaning(open_side):
    """Customers that sort alike come in one order without a meaning, or in a new one for every request."""
    stable, shuffled = open_side("wave"), open_side("wave", ties="shuffled")
    for talk in (stable, shuffled):
        for n in range(12):
            talk.box.add({"name": f"C{n}"})

    assert len({tuple(stable.names()) for _ in range(4)}) == 1
    assert len({tuple(shuffled.names()) for _ in range(4)}) > 1


def test_email_filter_is_exact(wave):
    """`email` finds the customers with exactly this e-mail."""
    wave.box.add({"name": "Ada", "email": "ada@x.org"})
    wave.box.add({"name": "Bo", "email": "bo@x.org"})

    assert wave.names(email="ada@x.org") == ["Ada"]
    assert wave.names(email="ada") == []


def test_modification_filters(open_side):
    """ModifiedAtAfter and modifiedAtBefore include their moment, or, as an option, do not; any offset is accepted."""
    for inclusive, wanted in ((True, ["C1", "C2"]), (False, ["C2"])):
        wave = open_side("wave", filter_inclusive=inclusive)
        filled(wave, 3)
        assert wave.names(after="2026-03-01T13:01:00.000+01:00") == wanted

    wave = open_side("wave")
    filled(wave, 3)
    assert wave.names(before="2026-03-01T12:01:00Z") == ["C0", "C1"]


def test_naive_moments_are_refused(wave):
    """A moment without an offset is BAD_USER_INPUT."""
    wave.box.add({"name": "Ada"})

    answer = wave.send_list(after="2026-03-01T12:00:00").json()
    nonsense = wave.send_list(before="yesterday").json()

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert nonsense["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_archived_customers_are_listed_or_not(open_side):
    """Archived customers are listed with their flag, or, as an option, not at all."""
    for listed in (True, False):
        wave = open_side("wave", archived_listed=listed)
        ada = wave.box.add({"name": "Ada"})
        wave.box.archive(ada)
        assert wave.names() == (["Ada"] if listed else [])
        assert wave.one(ada)["isArchived"] is True


def test_customer_is_shown_nested_with_stamps(wave):
    """A customer is shown with nested province and country, and stamps in UTC with milliseconds."""
    ada = wave.box.add(
        {"name": "Ada", "address": {"city": "Ottawa", "province": {"code": "CA-ON"}, "country": {"code": "CA"}}}
    )

    customer = wave.one(ada)

    assert customer["address"]["province"] == {"code": "CA-ON", "name": "Ontario"}
    assert customer["address"]["country"] == {"code": "CA", "name": "Canada"}
    assert customer["createdAt"] == customer["modifiedAt"] == "2026-03-01T12:00:00.000Z"
    assert (customer["currency"], customer["outstandingAmount"]) == ({"code": "CAD"}, {"value": "0.00", "raw": 0})
    assert (customer["shippingDetails"], customer["phone"], customer["isArchived"]) == (None, None, False)


def test_unset_text_can_be_empty_text(open_side):
    """Text without a value is shown as null, or, as an option, as empty text."""
    wave = open_side("wave", unset="empty")
    ada = wave.box.add({"name": "Ada", "address": {"city": "Bern"}})

    customer = wave.one(ada)

    assert (customer["phone"], customer["address"]["postalCode"], customer["address"]["country"]) == ("", "", None)


def test_missing_customer(wave):
    """A customer who does not exist is null, with NOT_FOUND at business.customer."""
    query = 'query ($b: ID!) { business(id: $b) { id customer(id: "QQ==") { id } } }'

    answer = wave.ask(query, b=wave.box.business_id).json()

    assert answer["data"]["business"] == {"id": wave.box.business_id, "customer": None}
    assert answer["errors"][0]["path"] == ["business", "customer"]
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_several_customers_in_one_request(wave):
    """Aliases read several customers at once, and the ledger names them all."""
    ids = filled(wave, 2)
    both = "a: customer(id: $x) { name } b: customer(id: $y) { name }"
    query = f"query ($b: ID!, $x: ID!, $y: ID!) {{ business(id: $b) {{ {both} }} }}"

    answer = wave.ask(query, b=wave.box.business_id, x=ids[0], y=ids[1]).json()["data"]["business"]

    assert answer == {"a": {"name": "C0"}, "b": {"name": "C1"}}
    assert (wave.box.ledger.entries[-1].operation, wave.box.ledger.entries[-1].ids) == ("one", tuple(ids))


def test_changes_as_of_a_moment_ago(open_side):
    """A lagging listing is filtered and sorted by what it shows."""
    wave = open_side("wave", ties="shuffled")
    ada = wave.box.add({"name": "Ada"})
    wave.box.clock.advance(60)
    wave.box.edit(ada, {"name": "Eve"})
    wave.box.faults.add(Fault.READ_LAG, seconds=30)

    assert wave.names() == ["Ada"]
    assert wave.names(after="2026-03-01T12:01:00Z") == []
