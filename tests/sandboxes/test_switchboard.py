"""How faults are switched on, counted and switched off."""

from __future__ import annotations

import pytest

from wave_pms_sync.testing import Fault, PmsSandbox


def statuses(talk, count: int) -> list[int]:
    """The statuses of so many listings."""
    return [talk.send_list().status_code for _ in range(count)]


def test_times_and_skip(either):
    """A fault lets some requests pass, strikes so often, and then is over."""
    fault = either.box.faults.add(Fault.UNAVAILABLE, times=2, skip=1)

    assert statuses(either, 5) == [200, 503, 503, 200, 200]
    assert (fault.struck, either.box.faults.struck(Fault.UNAVAILABLE), either.box.faults.active) == (2, 2, ())


def test_once_is_the_default_for_events(either):
    """An event strikes once unless told otherwise; for ever means until cleared."""
    either.box.faults.add(Fault.UNAVAILABLE)
    assert statuses(either, 2) == [503, 200]

    either.box.faults.add(Fault.UNAVAILABLE, times=None)
    assert statuses(either, 3) == [503] * 3
    either.box.faults.clear()
    assert statuses(either, 1) == [200]


def test_faults_of_one_kind_take_turns(either):
    """Of two faults that would decide the same answer the first added strikes, and the other waits for its turn."""
    either.box.faults.add(Fault.THROTTLED)
    either.box.faults.add(Fault.SERVER_ERROR)

    assert statuses(either, 3) == [429, 500, 200]


@pytest.mark.parametrize(
    ("on", "struck"),
    [
        ("any", {"create", "update", "delete", "list", "one"}),
        ("read", {"list", "one"}),
        ("write", {"create", "update", "delete"}),
        ("list", {"list"}),
        ("one", {"one"}),
        ("create", {"create"}),
        ("update", {"update"}),
        ("delete", {"delete"}),
        ("archive", set()),
    ],
)
def test_on(either, on, struck):
    """A fault strikes only the operations it is on."""
    ada = either.box.add({"name": "Ada"})
    either.box.faults.add(Fault.ANSWER, on=on, times=None, body="{}")

    for send in (
        lambda: either.send_list(),
        lambda: (
            either.session.get(f"{either.box.url}/customers/{ada}") if either.side == "pms" else either.ask_one(ada)
        ),
        lambda: either.send_create(),
        lambda: either.send_update(ada, phone="1"),
        lambda: either.send_delete(ada),
    ):
        send()

    assert {entry.operation for entry in either.box.ledger.entries if entry.fault} == struck


def test_next_page(either):
    """A fault on the next page leaves first pages alone."""
    for n in range(3):
        either.box.add({"name": f"C{n}"})
    either.box.faults.add(Fault.ANSWER, on="next_page", times=None, status=503)

    if either.side == "wave":
        assert len(either.names(1, 2)) == 2
        query = "query ($b: ID!) { business(id: $b) { customers(page: 2) { edges { node { id } } } } }"
        assert either.ask(query, b=either.box.business_id).status_code == 503
    else:
        cursor = either.page(limit=2)["next_cursor"]
        assert either.send("GET", params={"cursor": cursor}).status_code == 503


def test_archiving_is_an_update(pms):
    """A fault on updates also strikes archiving, one on archiving strikes nothing else."""
    ada = pms.box.add({"name": "Ada"})
    pms.box.faults.add(Fault.UNAVAILABLE, on="archive", times=None)

    assert [pms.send_update(ada, phone="1").status_code, pms.send_update(ada, archived=True).status_code] == [200, 503]
    pms.box.faults.clear()
    pms.box.faults.add(Fault.UNAVAILABLE, on="update")
    assert pms.send_update(ada, archived=True).status_code == 503


@pytest.mark.parametrize(
    ("kind", "details", "said"),
    [
        (Fault.THROTTLED, {"colour": "red"}, "colour"),
        (Fault.READ_LAG, {}, "seconds"),
        (Fault.READ_LAG, {"seconds": -1}, "seconds"),
        (Fault.ROW_SHIFT, {"on": "create"}, "create"),
        (Fault.THROTTLED, {"on": "tuesday"}, "tuesday"),
        (Fault.GRAPHQL_ERRORS, {}, "pms"),
        (Fault.NORMALISED, {"how": "polish"}, "polish"),
        (Fault.THROTTLED, {"skip": -1}, "skip"),
        (Fault.THROTTLED, {"times": -2}, "times"),
    ],
)
def test_impossible_faults_are_refused(kind, details, said):
    """A fault that cannot be, or a detail it does not know, is a ValueError that says which."""
    with pytest.raises(ValueError, match=said):
        PmsSandbox().faults.add(kind, **details)


def test_switching_off_twice_is_once():
    """A fault can be switched off again and again."""
    faults = PmsSandbox().faults
    fault = faults.add(Fault.THROTTLED)

    faults.remove(fault)
    faults.remove(fault)

    assert faults.active == ()


def test_habits_of_some_records_only(pms):
    """Ignored and normalised fields can be limited to a record."""
    ada, bo = (pms.box.add({"name": name}) for name in ("Ada", "Bo"))
    pms.box.faults.add(Fault.IGNORED_FIELD, field="phone", record=ada)

    for customer_id in (ada, bo):
        pms.send_update(customer_id, phone="1")

    assert [row["phone"] for row in pms.box.customers.values()] == [None, "1"]
