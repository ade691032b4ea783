"""The ledger counts what arrived."""

from __future__ import annotations

import pytest
import requests

from wave_pms_sync.testing import Fault


def test_counts_by_operation(either):
    """Requests, reads and executed writes are counted, in all and by operation."""
    ada = either.box.add({"name": "Ada"})

    either.send_list()
    either.read(ada)
    either.send_create("Bo")
    either.send_update(ada, phone="1")
    either.send_delete(ada)
    ledger = either.box.ledger

    assert (ledger.requests, ledger.reads, ledger.writes) == (5, 2, 3)
    assert (ledger.creates, ledger.updates, ledger.deletes) == (1, 1, 1)
    assert ledger.by_operation == {"list": 1, "one": 1, "create": 1, "update": 1, "delete": 1}
    assert ledger.count("create") == 1


def test_entries(either):
    """Every request has an entry with number, operation, ids, outcome, status and fault."""
    ada = either.box.add({"name": "Ada"})
    either.box.faults.add(Fault.UNAVAILABLE, on="update")

    either.send_update(ada, phone="1")
    either.send_create("Bo")

    first, second = either.box.ledger.entries
    assert (first.number, first.operation, first.ids, first.executed) == (1, "update", (ada,), False)
    assert (first.status, first.fault) == (503, "unavailable")
    assert second.executed
    assert second.ids == second.effects.created
    with pytest.raises(AttributeError):
        first.number = 5


def test_refused_writes_are_not_executed(either):
    """A refused write counts as a request and not as a write."""
    either.send_create("")

    assert (either.box.ledger.requests, either.box.ledger.writes) == (1, 0)
    assert not either.box.ledger.entries[0].executed


def test_reset(either):
    """After a reset everything counts from nothing, and numbers go on."""
    either.send_list()
    either.box.ledger.reset()
    assert (either.box.ledger.requests, either.box.ledger.entries) == (0, ())

    either.send_list()
    assert (either.box.ledger.requests, either.box.ledger.entries[0].number) == (1, 2)


def test_the_other_user_sends_no_requests(either):
    """What the other user does is not in the ledger."""
    either.box.edit(either.box.add({"name": "Ada"}), {"phone": "1"})

    assert (either.box.ledger.requests, either.box.ledger.writes) == (0, 0)


def test_what_was_under_way_at_a_reset_is_forgotten(either):
    """A request that arrived before a reset is not counted after it, not even when it commits late."""
    either.box.faults.add(Fault.CALL_BEFORE, call=lambda _: either.box.ledger.reset())
    either.box.faults.add(Fault.LATE_COMMIT, seconds=1)
    with pytest.raises(requests.ConnectionError):
        either.send_create()
    either.box.clock.advance(1)

    assert len(either.box.customers) == 1
    assert (either.box.ledger.requests, either.box.ledger.entries) == (0, ())
