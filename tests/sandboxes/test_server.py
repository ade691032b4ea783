"""Real HTTP on loopback: quick, quiet, and clean."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

import wave_pms_sync.testing as room
from wave_pms_sync.testing import Fault, ManualClock, PmsSandbox, WaveSandbox


def test_connections_are_kept_alive(either):
    """One connection carries many requests."""
    opened = set()
    for _ in range(3):
        with either.session.get(f"{either.box.url}/nowhere", stream=True) as answer:
            opened.add(answer.raw.connection.sock.getsockname() if answer.raw.connection else None)
            answer.content  # noqa: B018  # read to the end, so that the connection is given back

    assert len(opened) == 1


def test_many_at_once(either):
    """Requests are answered in parallel, and every write counts once."""
    either.box.faults.add(Fault.LATENCY, seconds=0.02)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: either.send_create(f"C{n}").ok, range(24)))

    assert (all(answers), len(either.box.customers), either.box.ledger.creates) == (True, 24, 24)
    assert either.box.ledger.most_at_once > 1


def test_several_sandboxes_at_once():
    """Sandboxes run beside each other, each on its own port."""
    with WaveSandbox() as one, WaveSandbox(seed=2) as two, PmsSandbox() as three:
        assert len({one.url, two.url, three.url}) == 3
        assert one.business_id != two.business_id


def test_stopped_sandboxes_refuse_and_come_back(either):
    """After a stop connections are refused; a new start listens at the same address with the same customers."""
    either.box.add({"name": "Ada"})
    either.box.stop()
    either.box.stop()
    with pytest.raises(requests.ConnectionError):
        either.send_list()

    either.box.start()
    either.box.start()
    assert either.names() == ["Ada"]


def test_stopping_does_not_wait_for_slow_answers(either):
    """A sandbox stops at once, even while it is slow to answer, and what waited is not executed."""
    either.box.faults.add(Fault.LATENCY, seconds=60)

    def ask() -> None:
        with pytest.raises(requests.ConnectionError):
            either.send_create()

    client = threading.Thread(target=ask)
    client.start()
    while not either.box.ledger.requests:
        time.sleep(0.001)

    begun = time.monotonic()
    either.box.stop()
    client.join(5)

    assert time.monotonic() - begun < 2
    assert len(either.box.customers) == 0


def test_no_threads_are_left():
    """When a sandbox is left, its threads end."""
    with PmsSandbox() as box, requests.Session() as session:
        session.get(box.url)
    for _ in range(200):
        if not [thread for thread in threading.enumerate() if thread.name.startswith("sandbox-")]:
            break
        time.sleep(0.005)

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sandbox-")]


def test_the_url_is_known_once_started():
    """Before the first start there is no address; a port can be chosen."""
    with pytest.raises(RuntimeError, match="started"):
        _ = PmsSandbox().url
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with PmsSandbox(port=port) as box:
        assert box.url == f"http://127.0.0.1:{port}/api"


def test_a_failing_hook_is_not_hidden():
    """What a hook raises closes the connection, and is raised again when the sandbox is left."""

    def fail(_: object) -> None:
        raise ZeroDivisionError("in the hook")

    def misuse() -> None:
        with PmsSandbox() as box:
            box.faults.add(Fault.CALL_BEFORE, call=fail)
            with pytest.raises(requests.ConnectionError):
                requests.get(f"{box.url}/customers", timeout=5)

    with pytest.raises(RuntimeError, match="in the hook"):
        misuse()


def test_garbage_is_answered_and_survived(either):
    """What is no HTTP gets an error, and the sandbox lives on."""
    host, port = either.box.url.split("/")[2].split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(b"\x00\x01 nonsense\r\n\r\n")
        assert b"400" in raw.recv(1000)

    assert either.send_list().ok


def test_bodies_need_a_length(either):
    """A body in chunks, or with a length that is none, is a 411."""
    chunked = either.session.post(either.box.url, data=iter([b"{}"]))

    assert chunked.status_code == 411


def test_head_has_no_body(either):
    """HEAD is answered without a body, and the connection goes on."""
    assert either.session.head(either.box.url).content == b""
    assert either.send_list().ok


def test_half_a_surrogate_pair_survives(either):
    """Text that cannot be UTF-8 comes back as it was sent, escaped."""
    either.send_create("A\ud800")

    assert either.names() == ["A\ud800"]


def test_leaving_with_an_exception_tells_that_one(either):
    """A sandbox that is left by an exception does not put its own accidents in the way."""
    with pytest.raises(KeyError, match="mine"), type(either.box)():
        raise KeyError("mine")


def test_accidents_of_resolvers_are_not_hidden():
    """What goes wrong inside GraphQL execution is raised when the sandbox is left."""

    def misuse() -> None:
        with WaveSandbox() as box:
            box.faults.add(Fault.ROW_SHIFT, insert={"colour": "red"})
            query = "query ($b: ID!) { business(id: $b) { customers(page: 2) { edges { node { id } } } } }"
            body = {"query": query, "variables": {"b": box.business_id}}
            with pytest.raises(requests.ConnectionError):
                requests.post(box.url, json=body, headers={"Authorization": f"Bearer {box.token}"}, timeout=5)

    with pytest.raises(RuntimeError, match="colour"):
        misuse()


def test_a_token_can_be_changed(either):
    """A new token makes the old one worthless."""
    either.box.token = "another"
    refused = either.send_list()
    either.session.headers["Authorization"] = "Bearer another"

    assert (refused.status_code, either.box.token) == (200 if either.side == "wave" else 401, "another")
    assert either.names() == []


def test_a_token_can_be_set_before_the_start():
    """A token given or set before the start is the one that counts."""
    box = WaveSandbox(token="first")
    box.token = "second"

    with box, requests.Session() as session:
        session.headers["Authorization"] = "Bearer second"
        answer = session.post(box.url, json={"query": "{ business { id } }"}, timeout=5).json()

    assert answer["data"]["business"] == {"id": box.business_id}


def test_without_graphql_core_wave_names_the_extra(monkeypatch):
    """Where graphql-core is missing, starting the Wave sandbox names the extra that brings it."""
    monkeypatch.setitem(sys.modules, "graphql", None)

    with pytest.raises(ImportError, match=r"wave_pms_sync\[testing\]"):
        WaveSandbox().start()


def test_reprs_hold_no_secrets(either):
    """Neither sandbox shows its token or its customers."""
    either.box.add({"name": "Ada"})

    assert "1 customers" in repr(either.box)
    assert either.box.token not in repr(either.box)


def test_a_page_of_a_hundred_is_quick(wave):
    """A page of a hundred full customers costs some tens of milliseconds at most."""
    for n in range(300):
        wave.box.add({"name": f"C{n}", "address": {"city": "Bern", "country": {"code": "CH"}}})
    wave.page(1, 100)

    spent = []
    for page in (1, 2, 3):
        begun = time.perf_counter()
        assert len(wave.page(page, 100)["edges"]) == 100
        spent.append(time.perf_counter() - begun)

    assert min(spent) < 0.25


def test_names_are_imported_when_used():
    """The room exports what it says, and nothing else."""
    assert set(room.__all__) <= set(dir(room))
    assert room.ManualClock is ManualClock
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = room.nothing_like_this


def test_without_graphql_core_only_wave_fails():
    """Without graphql-core the room can be imported and the PMS used; starting Wave names the extra to install."""
    script = """
import sys
sys.modules["graphql"] = None
from wave_pms_sync.testing import PmsSandbox, WaveSandbox
with PmsSandbox() as box:
    box.add({"name": "Ada"})
for act in (lambda: WaveSandbox().start(), lambda: WaveSandbox().add({"name": "Ada"})):
    try:
        act()
    except ImportError as error:
        assert "wave_pms_sync[testing]" in str(error), error
    else:
        raise SystemExit("it started")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)  # noqa: S603

    assert (done.returncode, done.stderr) == (0, "")


def test_sandboxes_need_nothing_of_pytest():
    """Neither sandbox imports pytest or Hypothesis."""
    script = """
import sys
from wave_pms_sync.testing import PmsSandbox, WaveSandbox
with WaveSandbox(), PmsSandbox():
    assert not {"pytest", "hypothesis"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)  # noqa: S603

    assert (done.returncode, done.stderr) == (0, "")
