"""Files: for their owner only, never through a link that somebody laid, and without secrets in them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import datetime, timezone

import pytest

from wave_pms_sync import OAuth2, SQLiteLinkStore
from wave_pms_sync.errors import StoreUnusable, SyncError
from wave_pms_sync.http.token_file import FileTokenStore
from wave_pms_sync.http.tokens import Tokens
from wave_pms_sync.model.links import Link
from wave_pms_sync.model.memory import Put
from wave_pms_sync.stores.sqlite_opening import open_for_writing
from wave_pms_sync.stores.sqlite_schema import STEPS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX")
NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)
PERSON = {
    "name": "Canary Person",
    "email": "canary@example.com",
    "phone": "+1 416 555 9999",
    "firstName": "Kanaria",
    "internalNotes": "canary owes",
    "address": {"addressLine1": "99 Canary Row", "city": "Canaryville", "country": {"code": "CA"}},
}
PERSONAL = (b"Canary", b"canary", b"5559999", b"555 9999", b"Kanaria", b"kanaria")


def write(path, tenant="default", ids=("w1", "p1")):
    """Write a link into a store."""
    with SQLiteLinkStore(path, tenant=tenant) as links:
        lease = links.acquire("me", NOW, 60)
        links.commit([Put(Link(wave_id=ids[0], pms_id=ids[1]))], lease)
        links.release(lease)


def modes(folder):
    """The rights of all files in a folder."""
    return {each.name: stat.S_IMODE(each.lstat().st_mode) for each in folder.iterdir()}


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_all_files_are_for_their_owner_only(tmp_path, umask):
    """Store, write-ahead log, shared memory, backup, tokens and lock are for their owner only, whatever the umask."""
    before = os.umask(umask)
    try:
        with SQLiteLinkStore(tmp_path / "links.sqlite3") as links:
            lease = links.acquire("me", NOW, 60)
            links.commit([Put(Link(wave_id="w", pms_id="p"))], lease)
            newer = {**STEPS, max(STEPS) + 1: ("CREATE TABLE more (a)",)}
            open_for_writing(links.path, 1, newer).close()
            store = FileTokenStore(tmp_path / "tokens.json")
            with store.lock():
                store.save(Tokens(access_token="a", refresh_token="b"))
            found = modes(tmp_path)
    finally:
        os.umask(before)

    assert {"links.sqlite3", "links.sqlite3-wal", "links.sqlite3-shm", "links.sqlite3.v1.bak"} <= found.keys()
    assert set(found.values()) == {0o600}


def test_a_backup_follows_no_link(tmp_path):
    """A link that somebody laid in the place of the backup was followed, and another file written; it is replaced."""
    write(tmp_path / "links.sqlite3")
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    backup = tmp_path / "links.sqlite3.v1.bak"
    backup.symlink_to(victim)

    open_for_writing(str(tmp_path / "links.sqlite3"), 1, {**STEPS, max(STEPS) + 1: ("CREATE TABLE more (a)",)}).close()

    assert victim.read_bytes() == b""
    assert not backup.is_symlink()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT wave_id FROM link").fetchall() == [("w1",)]
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


@pytest.mark.parametrize("content", [b"", None, b"no database"], ids=["nothing", "missing", "a text"])
def test_a_link_to_what_is_not_ours_is_never_filled(tmp_path, content):
    """A link to a missing file makes none there, and one to a file of another kind leaves it as it is."""
    victim = tmp_path / "elsewhere"
    if content:
        victim.write_bytes(content)
    (tmp_path / "links.sqlite3").symlink_to(victim)

    with pytest.raises(StoreUnusable):
        write(tmp_path / "links.sqlite3")

    assert victim.exists() == bool(content)
    assert not content or victim.read_bytes() == content


def test_the_write_ahead_log_follows_no_link(tmp_path):
    """A link in the place of the write-ahead log is not followed."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    write(tmp_path / "links.sqlite3")
    (tmp_path / "links.sqlite3-wal").symlink_to(victim)

    with pytest.raises(SyncError):
        write(tmp_path / "links.sqlite3", ids=("w2", "p2"))

    assert victim.read_bytes() == b""


def test_tokens_follow_no_link(tmp_path):
    """Tokens replace a link in their place, and a link in the place of their lock is an error."""
    victim = tmp_path / "victim"
    (tmp_path / "tokens.json").symlink_to(victim)
    store = FileTokenStore(tmp_path / "tokens.json")
    store.save(Tokens(access_token="a"))
    (tmp_path / "other.json.lock").symlink_to(victim)

    with pytest.raises(OSError), FileTokenStore(tmp_path / "other.json").lock():  # noqa: PT011  # the system's words
        pass

    assert not victim.exists()
    assert not (tmp_path / "tokens.json").is_symlink()


@pytest.mark.parametrize(
    "word",
    ["'; DROP TABLE link;--", '"; DROP TABLE link;--', "x' OR '1'='1", "%", "_", "../../x", "a\x00b", "?1", "{by}"],
)
def test_ids_and_tenants_are_never_part_of_a_statement(tmp_path, word):
    """Whatever an id or a tenant holds, it is a value: it is found under itself, and nothing else is touched."""
    path = tmp_path / "links.sqlite3"
    write(path)
    write(path, tenant=word, ids=(word, word))

    with SQLiteLinkStore(path) as mine, SQLiteLinkStore(path, tenant=word) as theirs:
        assert [link.wave_id for link in mine.scan(Link)] == ["w1"]
        assert [link.pms_id for link in theirs.find(Link, "wave_id", [word])] == [word]
        assert mine.find(Link, "wave_id", [word]) == []
    assert {each.name for each in tmp_path.iterdir()} <= {"links.sqlite3", "links.sqlite3-wal", "links.sqlite3-shm"}


def test_no_secret_is_in_any_file_and_nobody_after_forget(make_world, tmp_path):
    """No file beside the store holds a secret; after `forget` none holds a value of the person, the log included."""
    folder = tmp_path / "kept"
    folder.mkdir()
    with SQLiteLinkStore(folder / "links.sqlite3") as links:
        world = make_world(
            links, wave_options={"token": "canary-wave-token"}, pms_options={"token": "canary-pms-token"}
        )
        wave_id = world.wave_box.add(PERSON)
        world.run()
        world.edit("pms", wave_id, {"phone": "+1 416 555 9999 2"})
        world.run()
        copied = {each.name: each.read_bytes() for each in folder.iterdir()}

        world.sync.forget(wave_id=wave_id)

        left = {each.name: each.read_bytes() for each in folder.iterdir()}
    closed = {each.name: each.read_bytes() for each in folder.iterdir()}

    assert any(b"Canary" in held for held in copied.values())
    assert not [name for name, held in (copied | left | closed).items() if b"-token" in held]
    assert not [
        (name, word) for files in (left, closed) for name, held in files.items() for word in PERSONAL if word in held
    ]


def test_a_token_file_that_holds_something_else_is_not_quoted(tmp_path):
    """A damaged token file is named, and not quoted, with its whole chain."""
    path = tmp_path / "tokens.json"
    path.write_text('{"access_token": "canary-token", ')
    grant = OAuth2(client_id="a", client_secret="b", token_url="https://x.example", store=FileTokenStore(path))

    with pytest.raises(SyncError) as caught:
        grant.sign(None, None)

    assert "canary" not in repr(caught.value)
    assert caught.value.__cause__ is None or "canary" not in repr(caught.value.__cause__)


def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    """Where the folder of the store is gone, the error names it and nothing is made elsewhere."""
    write(tmp_path / "a.sqlite3")
    shutil.rmtree(tmp_path)

    with pytest.raises(StoreUnusable, match="folder"):
        write(tmp_path / "b.sqlite3")
