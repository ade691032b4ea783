"""Pages are asked for ahead, and nothing else changes by that."""

from __future__ import annotations

import threading

import pytest

from wave_pms_sync.deadline import ends_at, until
from wave_pms_sync.errors import Unreachable
from wave_pms_sync.http.ahead import asking_ahead


def following(number: int, _: object) -> range:
    """There are ten pages."""
    return range(number + 1, 11)


def test_each_place_is_asked_for_once_and_handed_out_in_order():
    """Whatever comes first over the wire, each place gets its own answer, and is asked for once."""
    asked: list[int] = []

    def ask(number: int) -> str:
        asked.append(number)
        return f"page {number}"

    with asking_ahead(ask, following, 3, 5) as ahead:
        found = [ahead(number) for number in range(1, 11)]

    assert found == [f"page {number}" for number in range(1, 11)]
    assert sorted(asked) == list(range(1, 11))


def test_several_are_under_way_at_once():
    """While one page is looked at, as many as wanted are under way."""
    together = threading.Barrier(3, timeout=20)

    def ask(number: int) -> int:
        if number > 1:
            together.wait()
        return number

    with asking_ahead(ask, lambda number, _: range(number + 1, 5), 3, 5) as ahead:
        assert [ahead(number) for number in range(1, 5)] == [1, 2, 3, 4]


def test_without_a_count_nothing_is_asked_for_ahead():
    """With a count of 0 a place is asked for when it is needed, in the thread that needs it."""
    asked: list[tuple[int, str]] = []

    def ask(number: int) -> None:
        asked.append((number, threading.current_thread().name))

    with asking_ahead(ask, following, 0, 5) as ahead:
        ahead(1)

    assert asked == [(1, threading.current_thread().name)]


def test_an_error_is_raised_when_its_turn_comes():
    """A page that cannot be read spoils none of those before it."""

    def ask(number: int) -> int:
        if number == 3:
            raise Unreachable("gone")
        return number

    with asking_ahead(ask, following, 5, 5) as ahead:
        assert [ahead(1), ahead(2)] == [1, 2]
        with pytest.raises(Unreachable):
            ahead(3)


def test_the_time_given_holds_for_what_is_asked_for_ahead():
    """A deadline of the thread that reads is one of the threads that ask for it."""
    seen: list[float] = []

    def ask(number: int) -> int:
        seen.append(ends_at())
        return number

    with until(60, now=lambda: 0.0), asking_ahead(ask, following, 2, 5) as ahead:
        ahead(1)
        ahead(2)

    assert set(seen) == {60.0}


def test_ending_early_ends_what_was_asked_for():
    """Whoever stops in between waits for what is under way; nothing more is begun."""
    begun: list[int] = []
    go_on = threading.Event()

    def ask(number: int) -> int:
        begun.append(number)
        if number > 1:
            go_on.wait(20)
        return number

    with asking_ahead(ask, following, 2, 5) as ahead:
        ahead(1)
        go_on.set()

    assert set(begun) <= {1, 2, 3}
    assert [t.name for t in threading.enumerate() if t.name.startswith("wave_pms_sync-ahead")] == []


def test_no_more_threads_ask_than_are_given():
    """As many places as wished are asked for ahead, by no more threads than may have a request under way."""
    here, gate = set(threading.enumerate()), threading.Event()

    def ask(number: int) -> int:
        if number > 1:
            assert gate.wait(20)
        return number

    with asking_ahead(ask, following, 8, 2) as ahead:
        ahead(1)
        asking = set(threading.enumerate()) - here
        gate.set()
        assert [ahead(number) for number in range(2, 11)] == list(range(2, 11))

    assert len(asking) == 2
