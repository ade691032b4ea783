"""Where tokens are kept: in memory, and in a file."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
import threading
from datetime import datetime, timezone

import pytest

from wave_pms_sync.deadline import until
from wave_pms_sync.errors import ConfigurationError, DeadlineExceeded
from wave_pms_sync.http.token_file import FileTokenStore
from wave_pms_sync.http.tokens import MemoryTokenStore, Tokens

TOKENS = Tokens(
    access_token="canary-access",
    refresh_token="canary-refresh",
    expires_at=datetime(2026, 11, 5, 12, tzinfo=timezone.utc),
)

HOLD = """
import sys
from wave_pms_sync.http.token_file import FileTokenStore

with FileTokenStore(sys.argv[1]).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    """Where the file would be."""
    return tmp_path / "tokens.json"


@pytest.fixture
def holder(path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603  # our own code
        assert other.stdout.readline() == "held\n"
        yield other
        other.kill()


@pytest.mark.parametrize("tokens", [TOKENS, Tokens(), Tokens(refresh_token="ü\n")])
@pytest.mark.parametrize("kind", ["memory", "file"])
def test_what_is_saved_is_loaded(path, tokens, kind):
    """A new store holds nothing; later it holds the tokens saved last, each part of them."""
    store = MemoryTokenStore() if kind == "memory" else FileTokenStore(path)

    before = store.load()
    store.save(TOKENS)
    store.save(tokens)

    assert (before, store.load()) == (None, tokens)


def test_another_object_finds_them_in_the_file(path, monkeypatch):
    """The file is the same wherever the program stands later, and out of a pickle, which holds no token."""
    monkeypatch.chdir(path.parent)
    store = FileTokenStore(path.name, patience_s=3)
    store.save(TOKENS)
    monkeypatch.chdir("/")

    content = pickle.dumps(store)
    copy = pickle.loads(content)  # noqa: S301  # our own bytes

    assert (copy.load(), copy.patience_s) == (TOKENS, 3)
    assert b"canary" not in content


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX")
def test_only_the_owner_may_read_the_files(path):
    """The file and its lock are for their owner only, also where a readable file was before."""
    path.write_text("{}")
    path.chmod(0o644)
    store = FileTokenStore(path)

    with store.lock():
        store.save(TOKENS)

    rights = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert rights == {"tokens.json": 0o600, "tokens.json.lock": 0o600}


def test_a_save_that_fails_leaves_the_old_tokens(path, monkeypatch):
    """When the disk refuses the new file the old one stays whole, and no half of a new one lies about."""
    store = FileTokenStore(path)
    store.save(TOKENS)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.save(Tokens(refresh_token="new"))

    assert store.load() == TOKENS
    assert [each.name for each in path.parent.iterdir()] == ["tokens.json"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "canary-text",
        "[]",
        "{}",
        '{"format": 2, "access_token": "canary", "refresh_token": "r", "expires_at": null}',
        '{"format": 1, "access_token": 1, "refresh_token": "r", "expires_at": null}',
        '{"format": 1, "access_token": "a", "refresh_token": "canary", "expires_at": "canary"}',
        '{"format": 1, "access_token": "a canary", "refresh_token": "r", "expires_at": null}',
        '{"format": 1, "access_token": "a", "refresh_token": "r", "expires_at": "2026-01-01T00:00:00"}',
    ],
)
def test_a_file_of_something_else_is_named(path, content):
    """A file that holds no tokens is named with what to do, not overwritten, and nothing of it is quoted."""
    path.write_text(content)

    with pytest.raises(ConfigurationError, match=r"tokens\.json holds no tokens") as caught:
        FileTokenStore(path).load()

    assert "canary" not in str(caught.value)
    assert path.read_text() == content


def test_no_store_shows_its_tokens(path):
    """A repr of a store or of tokens shows no token."""
    store = FileTokenStore(path)
    store.save(TOKENS)

    assert "canary" not in repr([store, MemoryTokenStore(TOKENS), TOKENS])


def test_faults_of_a_file_store_are_named():
    """An empty path and a patience that is no number of seconds are named at once."""
    with pytest.raises(ConfigurationError) as caught:
        FileTokenStore("", patience_s=float("nan"))

    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["path", "patience_s"]


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_one_thread_at_a_time_is_inside_the_lock(path, kind):
    """Threads that share a store, or a file, are inside the lock one after the other."""
    shared = MemoryTokenStore()
    inside, most, never = [], [], threading.Event()

    def enter():
        store = shared if kind == "memory" else FileTokenStore(path)
        for _ in range(5):
            with store.lock():
                inside.append(None)
                most.append(len(inside))
                never.wait(0.001)  # lets the others run
                inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1] * 40


def test_another_process_keeps_us_out_for_as_long_as_we_are_patient(path, holder):
    """While another process holds the lock we wait; when our patience ends the error says where and how long."""
    with pytest.raises(DeadlineExceeded, match=r"tokens\.json\.lock stayed locked .* for 0\.1 s"):
        FileTokenStore(path, patience_s=0.1).lock().__enter__()

    holder.stdin.close()

    with FileTokenStore(path).lock():
        pass


def test_we_wait_no_longer_than_the_time_given(path, holder):
    """Within a deadline the lock is waited for until that is over, however patient the store is."""
    with until(0.1), pytest.raises(DeadlineExceeded, match=r"for 0\.[01]\d* s"):
        FileTokenStore(path).lock().__enter__()

    assert holder.poll() is None


def test_a_killed_process_lets_go_of_the_lock(path, holder):
    """A process that is killed inside the lock leaves it open for the next one."""
    holder.kill()

    with FileTokenStore(path, patience_s=10).lock():
        pass
