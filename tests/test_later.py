"""Things that are made when they are first asked for."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

from wave_pms_sync.later import Later


def test_nothing_is_made_before_it_is_asked_for():
    """The thing is made once, at the first question."""
    made = []
    later = Later(lambda: made.append("made") or made)

    assert (later.made, made) == (False, [])
    assert later() is later()
    assert (later.made, made) == (True, ["made"])


def test_all_threads_are_handed_the_same_thing():
    """Threads that ask at the same moment may make several, but are all handed one of them."""
    together = threading.Barrier(8, timeout=10)

    def make():
        together.wait()
        return object()

    later = Later(make)
    with ThreadPoolExecutor(8) as pool:
        things = list(pool.map(lambda _: later(), range(8)))

    assert {id(thing) for thing in things} == {id(later())}


def test_a_pickle_carries_what_was_made():
    """Out of a pickle comes the thing as it was, or what makes it."""
    later = Later(list)

    fresh = pickle.loads(pickle.dumps(later))  # noqa: S301  # our own bytes
    later().append(7)
    copy = pickle.loads(pickle.dumps(later))  # noqa: S301  # our own bytes

    assert (fresh.made, fresh()) == (False, [])
    assert (copy.made, copy()) == (True, [7])
    assert repr(copy) == "Later(...)"
