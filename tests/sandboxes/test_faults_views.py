"""Faults that change what listings and reads show, and what writes leave behind."""

from __future__ import annotations

import pytest

from wave_pms_sync.testing import Fault


def filled(talk, count: int) -> list[str]:
    """So many customers, a minute apart."""
    ids = []
    for n in range(count):
        ids.append(talk.box.add({"name": f"C{n}"}))
        talk.box.clock.advance(60)
    return ids


def pages(pms, **query) -> list[list[str]]:
    """All pages of the PMS, at most six."""
    found = []
    for _ in range(6):
        page = pms.page(**query)
        found.append([row["name"] for row in page["items"]])
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    return found


def test_a_deletion_shifts_wave_rows(wave):
    """When the first listed record is removed between two pages, a row is skipped and the total shrinks."""
    filled(wave, 4)
    wave.box.faults.add(Fault.ROW_SHIFT)

    first, second = wave.page(1, 2), wave.page(2, 2)

    assert [edge["node"]["name"] for edge in first["edges"] + second["edges"]] == ["C0", "C1", "C3"]
    assert (first["pageInfo"]["totalCount"], second["pageInfo"]["totalCount"]) == (4, 3)


def test_an_insertion_shifts_wave_rows(wave):
    """When a record is added before the first one between two pages, a row is shown twice."""
    filled(wave, 4)
    wave.box.faults.add(Fault.ROW_SHIFT, insert={"name": "Early"})

    assert [*wave.names(1, 2), *wave.names(2, 2), *wave.names(3, 2)] == ["C0", "C1", "C1", "C2", "C3"]


def test_a_shift_of_nothing(wave):
    """When there is nothing to remove, nothing is; an insertion is made all the same."""
    wave.box.faults.add(Fault.ROW_SHIFT)
    wave.box.faults.add(Fault.ROW_SHIFT, insert={"name": "First"})

    assert [wave.names(2, 2), wave.names(2, 2), wave.names(1, 2)] == [[], [], ["First"]]


def test_a_cursor_is_not_shifted(pms):
    """Behind a cursor neither removal nor insertion between two pages skips or repeats a row."""
    filled(pms, 4)
    pms.box.faults.add(Fault.ROW_SHIFT)
    assert pages(pms, limit=2) == [["C0", "C1"], ["C2", "C3"]]

    pms.box.faults.add(Fault.ROW_SHIFT, insert={"name": "Early"})
    assert pages(pms, limit=2) == [["C1", "C2"], ["C3"]]
    assert "Early" in pms.names()


def test_duplicate_row_on_two_pages(wave, pms):
    """The last row of a page is shown again on the next one, with other content if told so."""
    for talk in (wave, pms):
        filled(talk, 4)
        talk.box.faults.add(Fault.DUPLICATE_ROW, values={"phone": "9"})

    second = [edge["node"] for edge in wave.page(2, 2)["edges"]]
    assert [(row["name"], row["phone"]) for row in second] == [("C1", "9"), ("C2", None), ("C3", None)]
    first = pms.page(limit=2)
    second = pms.page(limit=2, cursor=first["next_cursor"])["items"]
    assert [(row["name"], row["phone"]) for row in second] == [("C1", "9"), ("C2", None), ("C3", None)]


def test_no_duplicate_without_a_page_before(wave):
    """Far beyond the end there is no row to repeat."""
    filled(wave, 1)
    wave.box.faults.add(Fault.DUPLICATE_ROW)

    assert wave.names(9, 2) == []


def test_changed_row(wave, pms):
    """Listings show a record with other content until the fault is cleared; reading it alone shows the truth."""
    for talk in (wave, pms):
        ada = talk.box.add({"name": "Ada"})
        talk.box.faults.add(Fault.CHANGED_ROW, record=ada, values={"name": "Eve", "address": {"city": "Bern"}})
        assert talk.names() == ["Eve"]
        assert talk.read(ada)["name"] == "Ada"
        talk.box.faults.clear()
        assert talk.names() == ["Ada"]


def test_stamps_can_be_odd(pms):
    """A changed row may have stamps that no server should send."""
    ada = pms.box.add({"name": "Ada"})
    pms.box.faults.add(Fault.CHANGED_ROW, record=ada, values={"updated_at": None, "created_at": "0001-01-01"})

    row = pms.page()["items"][0]

    assert (row["updated_at"], row["created_at"]) == (None, "0001-01-01")


def test_hidden_row(wave, pms):
    """A hidden record is missing from listings and totals, and can be read alone."""
    for talk in (wave, pms):
        ids = filled(talk, 2)
        talk.box.faults.add(Fault.HIDDEN_ROW, record=ids[0])
        assert talk.names() == ["C1"]
        assert talk.read(ids[0])["name"] == "C0"
    assert wave.page()["pageInfo"]["totalCount"] == 1


def test_empty_list(wave, pms):
    """A listing is empty once, with 200 and totals of 0, though the records are there."""
    for talk in (wave, pms):
        filled(talk, 2)
        talk.box.faults.add(Fault.EMPTY_LIST)

    assert wave.page() == {"pageInfo": {"currentPage": 1, "totalPages": 1, "totalCount": 0}, "edges": []}
    assert pms.page() == {"items": [], "next_cursor": None}
    assert (wave.names(), pms.names()) == (["C0", "C1"], ["C0", "C1"])


def test_page_capped(wave, pms):
    """Pages are shorter than asked for, and still lead to the end."""
    for talk in (wave, pms):
        filled(talk, 3)
        talk.box.faults.add(Fault.PAGE_CAPPED, rows=2)

    assert (wave.names(1), wave.names(2), wave.page(1)["pageInfo"]["totalPages"]) == (["C0", "C1"], ["C2"], 2)
    assert pages(pms) == [["C0", "C1"], ["C2"]]


def test_list_capped(wave, open_side):
    """The listing ends early, and only the total tells."""
    pms = open_side("pms", show_total=True)
    for talk in (wave, pms):
        filled(talk, 3)
        talk.box.faults.add(Fault.LIST_CAPPED, rows=2)

    info = wave.page(1, 2)["pageInfo"]
    assert (info["totalPages"], info["totalCount"]) == (1, 3)
    page = pms.page(limit=2)
    assert (page["next_cursor"], page["total"]) == (None, 3)


def test_last_page_repeated(wave, pms):
    """The listing goes on with its last page for ever."""
    for talk in (wave, pms):
        filled(talk, 3)
        talk.box.faults.add(Fault.LAST_PAGE_REPEATED)

    assert [wave.names(n, 2) for n in (1, 2, 3, 9)] == [["C0", "C1"], ["C2"], ["C2"], ["C2"]]
    assert [wave.page(n, 2)["pageInfo"]["totalPages"] for n in (1, 2, 3)] == [2, 3, 4]
    assert pages(pms, limit=2) == [["C0", "C1"], *[["C2"]] * 5]


def test_wrong_total(wave, open_side):
    """The total is wrong by a number, or a number of its own."""
    pms = open_side("pms", show_total=True)
    wave.box.add({"name": "Ada"})
    for details in ({"by": -1}, {"total": 7}):
        for talk in (wave, pms):
            talk.box.faults.add(Fault.WRONG_TOTAL, **details)

    assert [wave.page()["pageInfo"]["totalCount"] for _ in range(3)] == [0, 7, 1]
    assert [pms.page()["total"] for _ in range(3)] == [-1, 7, 0]


def test_read_lag(either):
    """Reads show everything as it was some seconds ago: old values, no newcomers, and what has been deleted."""
    ada, bo = (either.box.add({"name": name}) for name in ("Ada", "Bo"))
    either.box.clock.advance(60)
    either.box.faults.add(Fault.READ_LAG, seconds=10)
    either.send_update(ada, phone="1")
    either.send_delete(bo)
    either.send_create("Cy")

    either.box.clock.advance(9)
    assert either.read(ada)["phone"] is None
    assert sorted(either.names()) == ["Ada", "Bo"]
    assert either.read(bo)["name"] == "Bo"

    either.box.clock.advance(1)
    assert either.read(ada)["phone"] == "1"
    assert sorted(either.names()) == ["Ada", "Cy"]
    assert either.read(bo) is None


# --- what is stored is not what was sent


def test_ignored_field(wave, pms):
    """Writes to a field are dropped silently, on create and on update; other fields are stored."""
    for talk in (wave, pms):
        talk.box.faults.add(Fault.IGNORED_FIELD, field="phone")
        talk.box.faults.add(Fault.IGNORED_FIELD, field="address.city")
        ada = talk.box.add({"name": "Ada", "phone": "1", "address": {"city": "Bern"}})

        talk.send_update(ada, phone="2", fax="3", address={"city": "Basel"})
        talk.send_create("Bo", phone="2")

        row = talk.box.customers[ada]
        assert (row["phone"], row["fax"], row["address"]["city"]) == ("1", "3", "Bern")
        assert [row["phone"] for row in talk.box.customers.values()] == ["1", None]


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ("trim", "A  b"),
        ("collapse", "A b"),
        ("upper", " A  B "),
        (str.swapcase, " a  B "),
    ],
)
def test_normalised(either, how, kept):
    """Text is stored in the side's own spelling when it comes by the API, and as it is when a user enters it."""
    either.box.faults.add(Fault.NORMALISED, field="name", how=how)
    ada = either.box.add({"name": "Ada", "fax": " 1 "})

    either.send_update(ada, name=" A  b ", fax=" 1 ")

    assert (either.box.customers[ada]["name"], either.box.customers[ada]["fax"]) == (kept, " 1 ")
    either.box.edit(ada, {"name": " A  b "})
    assert either.box.customers[ada]["name"] == " A  b "


def test_normalised_phone(either):
    """Phone numbers are grouped in threes."""
    either.box.faults.add(Fault.NORMALISED, field="phone", how="phone")

    either.send_create("Ada", phone="+1 (416) 555-0100")

    assert [row["phone"] for row in either.box.customers.values()] == ["+141 655 501 00"]


def test_normalising_touches_only_what_is_written(either):
    """A field that a write does not name keeps its spelling."""
    ada = either.box.add({"name": " Ada ", "phone": "1"})
    either.box.faults.add(Fault.NORMALISED, how="trim")

    either.send_update(ada, phone=" 2 ")

    assert (either.box.customers[ada]["name"], either.box.customers[ada]["phone"]) == (" Ada ", "2")
