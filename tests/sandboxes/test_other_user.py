"""The other user: who edits behind everybody's back, and what the sandbox shows of it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from wave_pms_sync.testing import PmsSandbox, WaveSandbox

BOXES = pytest.mark.parametrize("kind", [WaveSandbox, PmsSandbox])


def stamps(row: dict) -> list:
    """Creation and modification stamp, whatever their names."""
    return [row.get("createdAt") or row.get("created_at"), row.get("modifiedAt") or row.get("updated_at")]


def test_edits_merge_and_clear(either):
    """An edit is laid over what is there, mapping by mapping; None clears."""
    ada = either.box.add({"name": "Ada", "phone": "1", "address": {"city": "Bern"}})

    either.box.edit(ada, {"phone": None, "fax": "2", "address": {"city": "Basel"}})

    row = either.box.customers[ada]
    assert (row["name"], row["phone"], row["fax"], row["address"]["city"]) == ("Ada", None, "2", "Basel")
    either.box.edit(ada, {"address": None})
    assert not (either.box.customers[ada]["address"] or {}).get("city")


def test_every_change_moves_the_stamp(either):
    """Edits, archiving and restoring move the modification stamp and never the creation stamp."""
    ada = either.box.add({"name": "Ada"})
    seen = [stamps(either.box.customers[ada])]
    for act in (
        lambda: either.box.edit(ada, {"phone": "1"}),
        lambda: either.box.edit(ada, {}),
        lambda: either.box.archive(ada),
        lambda: either.box.restore(ada),
    ):
        either.box.clock.advance(1)
        act()
        seen.append(stamps(either.box.customers[ada]))

    assert len({created for created, _ in seen}) == 1
    assert sorted({modified for _, modified in seen}) == [modified for _, modified in seen]


def test_an_edit_may_leave_the_stamp(either):
    """Some servers change content without moving the stamp."""
    ada = either.box.add({"name": "Ada"})
    before = stamps(either.box.customers[ada])
    either.box.clock.advance(1)

    either.box.edit(ada, {"phone": "1"}, stamp=False)

    assert (stamps(either.box.customers[ada]), either.box.customers[ada]["phone"]) == (before, "1")


def test_created_at_can_be_chosen(either):
    """A customer can be added with a creation stamp of the past; both stamps show it."""
    ada = either.box.add({"name": "Ada"}, created_at=datetime(2020, 1, 2, tzinfo=timezone.utc))

    assert [stamp[:10] for stamp in stamps(either.box.customers[ada])] == ["2020-01-02"] * 2


def test_removed_and_restored(either):
    """A removed customer is gone, and comes back with the same id and creation stamp."""
    ada = either.box.add({"name": "Ada"})
    before = stamps(either.box.customers[ada])[0]
    either.box.clock.advance(1)

    either.box.remove(ada)
    assert (ada in either.box.customers, either.read(ada)) == (False, None)
    either.box.restore(ada)

    assert stamps(either.box.customers[ada])[0] == before
    assert either.names() == ["Ada"]


def test_an_id_can_be_given_out_again(either):
    """The id of a removed customer can be used for another one; that of a present one cannot."""
    ada = either.box.add({"name": "Ada"})
    with pytest.raises(ValueError, match="exists"):
        either.box.add({"name": "Eve"}, customer_id=ada)
    either.box.remove(ada)
    either.box.clock.advance(1)

    assert either.box.add({"name": "Eve"}, customer_id=ada) == ada

    assert (either.read(ada)["name"], either.names()) == ("Eve", ["Eve"])


@BOXES
def test_unknown_customers_are_key_errors(kind):
    """Editing, removing, archiving or restoring whom there is not is a KeyError."""
    box = kind()

    for act in (lambda: box.edit("x", {}), lambda: box.remove("x"), lambda: box.archive("x"), lambda: box.restore("x")):
        with pytest.raises(KeyError):
            act()


@BOXES
def test_customers_cannot_be_changed_by_looking(kind):
    """What `customers` hands out are copies, and the mapping itself is live and read-only."""
    box = kind()
    ada = box.add({"name": "Ada", "address": {"city": "Bern"}})
    customers = box.customers

    customers[ada]["address"]["city"] = "Basel"

    assert customers[ada]["address"]["city"] == "Bern"
    assert not hasattr(customers, "__setitem__")
    box.add({"name": "Bo"})
    assert (len(customers), "x" in customers, "2 customers" in repr(customers)) == (2, False, True)


@BOXES
def test_what_was_added_is_not_the_callers_any_more(kind):
    """Changing the dictionary that was added changes nothing in the sandbox."""
    box, address = kind(), {"city": "Bern"}
    ada = box.add({"name": "Ada", "address": address})

    address["city"] = "Basel"

    assert box.customers[ada]["address"]["city"] == "Bern"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"colour": "red"}, "colour"),
        ({"address": {"street": "x"}}, "address.street"),
        ({"address": {"country": {"code": "XX"}}}, "address.country.code"),
        ({"address": {"provinceCode": "CA-ON"}}, "address.provinceCode"),
        ({"address": "Bern"}, "address"),
        ({"phone": 1}, "phone"),
        ({"phone": True}, "phone"),
        ({"id": "x"}, "id"),
        ({"name": " "}, "name"),
    ],
)
def test_wave_knows_its_schema(values, said):
    """What Wave's schema does not have is a ValueError that names it."""
    with pytest.raises(ValueError, match=said):
        WaveSandbox().add({"name": "Ada", **values})


def test_wave_may_hold_a_customer_without_a_name():
    """A customer with an empty name can be made on purpose."""
    box = WaveSandbox()

    ada = box.add({"email": "a@x.org"}, strict=False)

    assert box.customers[ada]["name"] == ""


def test_a_row_can_be_entered_again():
    """What a Wave sandbox shows of a customer can be added to another one, without what the server sets."""
    first, second = WaveSandbox(), WaveSandbox(seed=2)
    values = {
        "name": "Ada",
        "address": {"city": "Ottawa", "province": {"code": "CA-ON"}, "country": {"code": "CA"}},
        "shippingDetails": {"name": "Bo", "address": {"postalCode": "1"}},
        "outstandingAmount": {"value": "1,250.50"},
    }
    row = first.customers[first.add(values)]
    own = {"id", "internalId", "createdAt", "modifiedAt", "isArchived"}

    again = second.customers[second.add({name: value for name, value in row.items() if name not in own})]

    assert {**again, **dict.fromkeys(own)} == {**row, **dict.fromkeys(own)}
    assert row["outstandingAmount"]["raw"] == 125050


def test_the_pms_takes_any_property():
    """The PMS keeps properties that the conventions do not know."""
    box = PmsSandbox()

    ada = box.add({"name": "Ada", "tags": ["a", {"b": 1}], "address": {"floor": 3}})

    assert (box.customers[ada]["tags"], box.customers[ada]["address"]["floor"]) == (["a", {"b": 1}], 3)
