"""Live things that belong to one process."""

from __future__ import annotations

import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

from wave_pms_sync.http.process import PerProcess


def test_all_threads_share_one_thing():
    """However many threads ask at once, they all get the same thing."""
    shared = PerProcess(threading.Lock)

    with ThreadPoolExecutor(8) as pool:
        things = list(pool.map(lambda _: shared(), range(64)))

    assert {id(thing) for thing in things} == {id(shared())}


def test_another_process_makes_its_own(monkeypatch):
    """A forked child gets a thing of its own, whatever state its parent's was in."""
    shared = PerProcess(threading.Lock)
    parents = shared()
    parents.acquire()
    pid = os.getpid()

    monkeypatch.setattr(os, "getpid", lambda: pid + 1)

    assert shared() is not parents
    assert not shared().locked()


def test_a_pickle_carries_how_to_make_it_and_nothing_live():
    """Out of a pickle the thing is made anew."""
    shared = PerProcess(threading.Lock)
    shared().acquire()

    copy = pickle.loads(pickle.dumps(shared))  # noqa: S301  # our own bytes

    assert not copy().locked()
    assert repr(copy) == "PerProcess(...)"
