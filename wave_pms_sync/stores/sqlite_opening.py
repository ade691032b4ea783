"""How an SQLite file is opened: never one that is not ours, and never with half a schema.

A file is looked at through SQLite alone. To read it with `open` would, on closing it again, drop the locks
that other connections of this process hold on it (a trap of POSIX, see SQLite's "How To Corrupt", 2.2).
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from wave_pms_sync.errors import StoreUnusable
from wave_pms_sync.stores.sqlite_schema import APPLICATION_ID, STEPS, VERSION

_CACHE_KIB = 32 * 1024

_DAMAGED = "it is damaged: restore a backup, or start with a new file (records with unique keys are linked again)"
_ADVICE = {
    "locked": "another process has been writing for too long; try again when it is through",
    "full": "make room on the disk, then run again",
    "readonly": "let this user write the file and its folder, then run again",
    "unable to open": "let this user read and write the file and its folder, then run again",
    "not a database": f"it is no SQLite file, or {_DAMAGED}",
    "malformed": _DAMAGED,
}


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn what SQLite and the file system say of this file into `StoreUnusable`.

    Raises:
        StoreUnusable: Naming the file, what happened and what to do; `retryable` if it was only locked.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as fault:
        # What SQLite says names tables and columns, never values.
        said = fault.strerror if isinstance(fault, OSError) else str(fault)
        advice = next(
            (words for sign, words in _ADVICE.items() if sign in str(fault)), "see to the file and its folder"
        )
        raise _unusable(path, f"{said}; {advice}", retryable="locked" in str(fault)) from fault
    except (UnicodeEncodeError, OverflowError) as fault:
        what = "text that is not Unicode" if isinstance(fault, UnicodeEncodeError) else "a number beyond 64 bits"
        raise _unusable(path, f"an id or another plain column would hold {what}") from None


def size_of(path: str) -> int:
    """The size of the file in bytes, 0 if there is none yet.

    Raises:
        StoreUnusable: There is no such folder, or the path is a folder itself.
    """
    if os.path.isdir(path):
        raise _unusable(path, "it is a folder; give the path of a file in it")
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        if os.path.isdir(os.path.dirname(path)):
            return 0
        raise _unusable(path, "its folder does not exist; create it first") from None


def open_for_reading(path: str, busy_timeout_s: float) -> sqlite3.Connection | None:
    """A connection that cannot write, or None if nothing was ever written.

    Raises:
        StoreUnusable: The file is not ours, or of another version.
    """
    if not size_of(path):
        return None
    with ExitStack() as on_failure:
        connection = on_failure.enter_context(closing(_connect(path, "ro", busy_timeout_s)))
        version = _version(connection, path)
        if version < VERSION:
            what = f"it has the older version {version}; the next apply brings it to {VERSION}, after a backup"
            raise _unusable(path, what)
        on_failure.pop_all()
    return connection


def open_for_writing(
    path: str, busy_timeout_s: float, steps: Mapping[int, Sequence[str]] = STEPS
) -> sqlite3.Connection:
    """A connection that can write; it creates the file, readable for its owner only, or brings it up to date.

    Raises:
        StoreUnusable: The file is not ours, or newer. It is left as it is.
    """
    if size_of(path):
        _refuse_others(path, busy_timeout_s)
    else:
        _create_empty(path)
    with ExitStack() as on_failure:
        connection = on_failure.enter_context(closing(_connect(path, "rw", busy_timeout_s)))
        connection.execute("PRAGMA synchronous = FULL")  # with WAL, NORMAL may lose the last commits at a power cut
        connection.execute("PRAGMA secure_delete = ON")  # what is removed is overwritten, not only unlisted
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        _bring_up_to_date(connection, path, steps)
        _write_ahead(connection)
        on_failure.pop_all()
    return connection


def _connect(path: str, mode: str, busy_timeout_s: float) -> sqlite3.Connection:
    uri = f"{Path(path).as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)


def _refuse_others(path: str, busy_timeout_s: float) -> None:
    # A connection that can write may change even a file that it only looks at: it completes a crashed writer's work.
    try:
        with closing(_connect(path, "ro", busy_timeout_s)) as connection:
            _version(connection, path)
    except sqlite3.OperationalError as fault:
        if "readonly" not in str(fault):  # a crashed writer's work must be completed before anybody can look
            raise


def _create_empty(path: str) -> None:
    with suppress(FileExistsError):  # whether it is still empty is found out within a transaction
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _bring_up_to_date(connection: sqlite3.Connection, path: str, steps: Mapping[int, Sequence[str]]) -> None:
    newest = max(steps)
    if size_of(path) and _version(connection, path, newest) == newest:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection, path, newest) if size_of(path) else 0
        if version:
            _back_up(path, f"{path}.v{version}.bak")
        for step in range(version + 1, newest + 1):
            for statement in steps[step]:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {newest}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _back_up(path: str, backup_path: str) -> None:
    # A new file, for its owner only, put in the place: what stands there might be a link to somewhere else.
    folder, name = os.path.split(backup_path)
    file, fresh = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    os.close(file)
    try:
        # Over connections of its own: SQLite backs up nothing through one that has begun to write.
        with closing(_connect(path, "ro", 0)) as before, closing(_connect(fresh, "rw", 0)) as backup:
            before.backup(backup)
        os.replace(fresh, backup_path)
    except BaseException:  # whatever stopped it, no half-made copy is left lying about
        with suppress(OSError):
            os.unlink(fresh)
        raise


def _write_ahead(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as fault:
        # Somebody looks at the file just now. Whoever opens it next switches it; both modes are safe.
        if "locked" not in str(fault):
            raise


def _version(connection: sqlite3.Connection, path: str, newest: int = VERSION) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise _unusable(
            path, f"it is the SQLite file of another program (application id {application:#x}); name another"
        )
    if version > newest:
        raise _unusable(path, f"it has version {version}, this library knows {newest}; update wave_pms_sync")
    return int(version)


def _unusable(path: str, what: str, *, retryable: bool = False) -> StoreUnusable:
    return StoreUnusable(f"Link store {path}: {what}. It was left as it is.", retryable=retryable, path=path)
